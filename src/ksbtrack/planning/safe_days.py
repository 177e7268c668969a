"""The last days on which something can begin and still be done by gateway; breaks in learning do not count."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from ksbtrack.models.case import Case

Breaks = Sequence[tuple[date, date]]
"""First and last day of each break in learning, in order, none overlapping."""


def days_before(target: date, days: int, breaks: Breaks) -> date:
    """Give the last day from which so many days of learning are left before another one.

    A day in a break would not be one on which anybody works: then it is the day before the break.

    Args:
        target: the day by which all is done.
        days: days of learning.
        breaks: breaks in learning, in order.
    """
    day, left = target, days
    for begin, end in reversed(breaks):
        if begin >= day:
            continue
        after = max((day - end).days - 1, 0) if end < day else 0
        if after >= left:
            break
        left -= after
        day = begin
    return day - timedelta(days=left)


def gateway_day(case: Case) -> date | None:
    """Give the gateway day, agreed or planned; None where none is on record, or the standard has no gateway.

    Args:
        case: the learner.
    """
    dates = case.portfolio.dates
    return (dates.gateway or dates.planned_gateway) if case.standard.is_apprenticeship else None
