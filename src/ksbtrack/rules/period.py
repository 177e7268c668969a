"""The practical period: how long it must be, how long it was, and which logged hours lie in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from math import ceil
from typing import Any

from dateutil.relativedelta import relativedelta

from ksbtrack.models.case import Case
from ksbtrack.models.policy import DatedValue
from ksbtrack.models.portfolio import LoggedHours
from ksbtrack.models.values import in_words

DAYS_IN_WEEK = 7


@dataclass(frozen=True, slots=True)
class Earliest:
    """The first day on which the minimum duration is complete, as far as the records tell.

    Attributes:
        at_least: no gateway before this day is possible; None where no rule is known for the start.
        at_most: from this day on gateway is possible whatever is not recorded; None where that cannot be said.
        without_early_end: `at_most` if an early end of a part-time apprenticeship is left out of account.
        doubt: what is not recorded, as a clause; empty if nothing is missing.
        fact: the record that would end the doubt, as a key of portfolio.yaml.
        length: the duration asked for, in words.
        source: the dated rule.
    """

    at_least: date | None
    at_most: date | None
    without_early_end: date | None
    doubt: str
    fact: str
    length: str
    source: str


def dated_source(dated: DatedValue[Any], decided_by: str) -> str:
    """Give a dated value's source with the days between which it holds."""
    since = f"from {in_words(dated.since)}" if dated.since else ""
    until = f"to {in_words(dated.until)}" if dated.until else ""
    days = " ".join(filter(None, (since, until)))
    return f"{dated.source} (for a {decided_by} {days})" if days else dated.source


def earliest_gateway(case: Case) -> Earliest:
    """Give the earliest gateway day by the minimum duration.

    The original start decides which rule holds. Months are calendar months; a part of a month is rounded up to whole
    days. Breaks in learning are added. An early end of a part-time apprenticeship is left out; see
    `rules.requirements.minimum_duration`.

    Source: `minimum_duration_days`, `minimum_duration_months` and `part_time_below_weekly_hours` in
    standards/policy.yaml.
    """
    dates, policy = case.portfolio.dates, case.policy
    days = policy.minimum_duration_days.on(dates.first)
    months = policy.minimum_duration_months.on(dates.first)
    part_time = policy.part_time_below_weekly_hours.on(dates.first)
    rule = days or months
    if rule is None:
        doubt = f"no rule is known to us for a start on {in_words(dates.first)}"
        return Earliest(None, None, None, doubt, "", "not known", "standards/policy.yaml, minimum_duration_days")
    source = dated_source(rule, "start")
    if days is None:
        assert months is not None
        length = f"{months.value} calendar months"
        return _with_start(case, lambda start: start + relativedelta(months=months.value), length, source)
    full = _with_start(case, lambda start: start + timedelta(days=days.value), f"{days.value} days", source)
    weekly = case.portfolio.learner.weekly_hours
    if part_time is None or months is None or (weekly is not None and weekly >= part_time.value):
        return full
    if weekly is None:
        doubt = (
            "the weekly hours at the start are not recorded, and under " + f"{part_time.value} the duration is longer"
        )
        return Earliest(
            full.at_least,
            None,
            None,
            full.doubt or doubt,
            full.fact or "learner.weekly_hours",
            full.length,
            source,
        )
    needed = Decimal(months.value) * part_time.value / weekly
    length = f"{needed.normalize():f} months ({months.value} x {part_time.value} / {weekly} weekly hours)"
    if needed != round(needed, 2):
        length = f"{round(needed, 2)} months ({months.value} x {part_time.value} / {weekly} weekly hours)"
    return _with_start(
        case,
        lambda start: max(_after_months(start, needed), start + timedelta(days=days.value)),
        length,
        dated_source(part_time, "start"),
    )


def _after_months(start: date, months: Decimal) -> date:
    """Give the day a number of calendar months later; a part of a month counts as that part of the next month, rounded up."""
    whole = start + relativedelta(months=int(months))
    following = start + relativedelta(months=int(months) + 1)
    return whole + timedelta(days=ceil((months - int(months)) * (following - whole).days))


def _with_start(case: Case, end_of: Callable[[date], date], length: str, source: str) -> Earliest:
    """Give the earliest gateway counted from the original start, or bounds where the time off is not recorded."""
    dates = case.portfolio.dates
    from_first = _after_breaks(case, dates.first, end_of(dates.first))
    if dates.first == dates.start or _gap_is_recorded(case):
        doubt = "" if from_first else "a break in learning has no end yet"
        fact = "" if from_first else "dates.breaks"
        return Earliest(from_first or end_of(dates.first), from_first, from_first, doubt, fact, length, source)
    from_start = _after_breaks(case, dates.start, end_of(dates.start))
    return Earliest(
        from_first or end_of(dates.first),
        from_start,
        from_start,
        f"the time away between {in_words(dates.first)} and {in_words(dates.start)} is not recorded as a break",
        "dates.breaks",
        length,
        source,
    )


def _gap_is_recorded(case: Case) -> bool:
    """Say whether a break leads up to the restart, so that the days before it are known to be days of learning."""
    start = case.portfolio.dates.start
    return any(
        pause.end is not None and pause.start <= start and pause.end >= start - timedelta(days=1)
        for pause in case.portfolio.dates.breaks
    )


def _after_breaks(case: Case, start: date, end: date) -> date | None:
    """Give `end` moved by every break that begins before it; None if one of those has no end."""
    for pause in sorted(case.portfolio.dates.breaks, key=lambda pause: pause.start):
        if pause.start >= end:
            break
        if pause.end is None:
            return None
        if pause.end >= start:
            end += pause.end - max(pause.start, start) + timedelta(days=1)
    return end


def days_of_learning(case: Case, until: date) -> int:
    """Give the days from the original start to a day, less breaks in learning.

    Unit: days; the last day itself is not counted.
    """
    first = case.portfolio.dates.first
    total = (until - first).days
    for pause in case.portfolio.dates.breaks:
        end = min(pause.end or until, until)
        total -= max(0, (end - max(pause.start, first)).days + 1)
    return max(0, total)


def weeks_of_learning(case: Case, until: date) -> Decimal:
    """Give the weeks from the original start to a day, less breaks in learning. Unit: weeks of seven days."""
    return Decimal(days_of_learning(case, until)) / DAYS_IN_WEEK


def is_in_break(case: Case, day: date) -> bool:
    """Say whether a day lies in a break in learning."""
    return any(pause.start <= day <= (pause.end or date.max) for pause in case.portfolio.dates.breaks)


def is_eligible(case: Case, row: LoggedHours) -> bool:
    """Say whether logged hours count: in the practical period, not in a break, not after the day asked about.

    Source: off-the-job hours fall after the start and before gateway (rules since 2022/23).
    """
    last = min(case.gateway, case.on)
    return case.portfolio.dates.first <= row.date <= last and not is_in_break(case, row.date)


def eligible_hours(case: Case) -> Iterator[LoggedHours]:
    """Yield the logged rows that count, by date."""
    return (row for row in case.portfolio.off_the_job or () if is_eligible(case, row))
