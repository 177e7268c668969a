"""Whether a learner's pace keeps up with the hours that are asked for, since a later gateway can ask for more."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import ROUND_UP, Decimal
from math import ceil

from ksbtrack.models.analysis import Action
from ksbtrack.models.case import Case
from ksbtrack.models.values import in_words
from ksbtrack.planning.forecasts import WEEKS, week_ends
from ksbtrack.planning.layout import Draft, Layout
from ksbtrack.planning.safe_days import gateway_day
from ksbtrack.planning.work import weekly_pace
from ksbtrack.rules.durations import hours_needed
from ksbtrack.rules.period import DAYS_IN_WEEK, days_between, eligible_hours
from ksbtrack.rules.words import plain

_TENTH = Decimal("0.1")


def hours_note(layout: Layout, draft: Draft) -> str:
    """Give what a step that logs hours does not say by itself: that the pace is too slow for them, and how fast it is.

    Args:
        layout: the plan's day and settings.
        draft: the step.

    Returns:
        One sentence; empty for another step, and where the pace is enough.
    """
    if not draft.is_sure or not any(remedy.action is Action.LOG_HOURS for remedy in draft.remedies):
        return ""
    case = _with_open_gateway(layout)
    pace = weekly_pace(layout.asked, layout.settings)
    ends = week_ends(case)
    enough = _enough_after(case, pace, ends)
    target = _target(layout)
    promised = min(ceil(draft.work.days / DAYS_IN_WEEK), WEEKS)
    if enough is not None and (ends[enough] <= target if target else enough <= promised):
        return ""
    more = ", since a later gateway asks for more" if enough is None or enough > promised else ""
    when = f"enough on {in_words(ends[enough])} only" if enough is not None else "never enough"
    note = f"At {plain(pace.quantize(_TENTH))} hours a week they are {when}{more}"
    return f"{note}{_faster(case, target)}." if target else f"{note}."


def _with_open_gateway(layout: Layout) -> Case:
    """Give the case on the day on which it was asked; a gateway that is still to be agreed is on no day yet."""
    case = layout.asked
    if not layout.day.agreed:
        return case
    dates = case.portfolio.dates.model_copy(update={"gateway": None})
    return replace(case, portfolio=case.portfolio.model_copy(update={"dates": dates}))


def _target(layout: Layout) -> date | None:
    """Give the day by which the hours should be there; None where no day is on record."""
    if layout.by is not None:
        return layout.by
    asked, planned = layout.asked.on, layout.case.on
    day = None if layout.day.agreed else gateway_day(layout.asked)
    days = [found for found in (day, planned) if found is not None and found > asked]
    return max(days, default=None)


def _logged(case: Case) -> Decimal:
    return sum((row.hours for row in eligible_hours(case)), Decimal(0))


def _needed(case: Case, day: date) -> Decimal | None:
    return hours_needed(replace(case, on=day)).needed


def _enough_after(case: Case, pace: Decimal, ends: list[date]) -> int | None:
    """Give the first week at the end of which there are enough hours; None where it is later than can be told."""
    logged = _logged(case)
    for week, end in enumerate(ends):
        if end == date.max:
            break
        needed = _needed(case, end)
        if week and needed is not None and logged + pace * week >= needed:
            return week
    return None


def _faster(case: Case, target: date) -> str:
    """Say how many hours a week would be enough by a day."""
    days, needed = days_between(case.on, target, case.breaks), _needed(case, target)
    if not days or needed is None:
        return ""
    weekly = ((needed - _logged(case)) * DAYS_IN_WEEK / days).quantize(_TENTH, rounding=ROUND_UP)
    hours = case.portfolio.learner.weekly_hours
    more = f", more than the {plain(hours)} of a working week" if hours and weekly > hours else ""
    return f"; by {in_words(target)} it takes {plain(weekly)} hours a week{more}"
