"""Whether a learner's pace keeps up with the hours that are asked for, since a later gateway can ask for more."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import ROUND_UP, Decimal
from math import ceil

from ksbtrack.models.case import Case
from ksbtrack.models.values import in_words
from ksbtrack.planning.forecasts import WEEKS, week_ends
from ksbtrack.planning.layout import Draft, Layout
from ksbtrack.planning.work import weekly_pace
from ksbtrack.rules.durations import hours_needed
from ksbtrack.rules.period import DAYS_IN_WEEK, ONE_DAY, days_between, eligible_hours
from ksbtrack.rules.words import plain

_TENTH = Decimal("0.1")
_WEEKS_IN_YEAR = 52


def hours_note(layout: Layout, draft: Draft) -> str:
    """Give what a step that logs hours does not say by itself: that the pace is too slow for them, and how fast it is.

    Args:
        layout: the plan's day and settings.
        draft: the step.

    Returns:
        One sentence; empty for another step, and where the pace is enough.
    """
    if not draft.is_sure or not draft.logs_hours:
        return ""
    case = _with_open_gateway(layout)
    pace = weekly_pace(layout.asked, layout.settings)
    ends = week_ends(case)
    enough = _enough_after(case, pace, ends)
    target = _target(layout)
    promised = min(ceil(draft.work.days / DAYS_IN_WEEK), WEEKS)
    if target is None and enough is not None and enough <= promised:
        return ""
    if target is not None and _is_enough_by(case, pace, target):
        return ""
    is_lost = enough is not None and target is not None and ends[enough] <= target
    is_outrun = (enough is None or is_lost or enough > promised) and _asks_for_more(case, ends)
    more = ", since a later gateway asks for more" if is_outrun else ""
    if enough is None:
        when = _not_enough(case, pace, ends)
    elif target is not None and ends[enough] <= target:
        when = f"enough on {in_words(ends[enough])} and no longer on {in_words(target)}"
    else:
        when = f"enough on {in_words(ends[enough])} only"
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
    """Give the day by which the hours should be there; None where no day to come is on record."""
    day = layout.target or layout.case.on
    return day if day > layout.asked.on else None


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


def _is_enough_by(case: Case, pace: Decimal, target: date) -> bool:
    """Say whether there are enough hours on a day: more can be asked for then than on one on which there were."""
    needed = _needed(case, target)
    return needed is not None and _logged(case) + pace * _weeks_until(case, target) >= needed


def _weeks_until(case: Case, target: date) -> Decimal:
    """Give the weeks of learning to come; of assumed hours, those from the log's last entry on that are full."""
    if not any(made.hours_a_week is not None for made in case.assumptions):
        return Decimal(days_between(case.on, target, case.breaks)) / DAYS_IN_WEEK
    logged = (row.date for row in case.portfolio.off_the_job or () if row.date <= case.on)
    begin = max(logged, default=case.portfolio.dates.first - ONE_DAY)
    return Decimal(days_between(begin + ONE_DAY, target + ONE_DAY, case.breaks) // DAYS_IN_WEEK)


def _asks_for_more(case: Case, ends: list[date]) -> bool:
    """Say whether more hours are asked for the later gateway is."""
    first, last = _needed(case, case.on), _needed(case, max(end for end in ends if end < date.max))
    return first is not None and last is not None and last > first


def _not_enough(case: Case, pace: Decimal, ends: list[date]) -> str:
    """Say how far it can be told that hours are not enough at a pace."""
    if ends[-1] == date.max:
        away = next(start for start, last in case.breaks if last == date.max)
        return f"not enough before the break in learning from {in_words(away)} on, which has no end yet"
    before, after = _needed(case, ends[-1 - _WEEKS_IN_YEAR]), _needed(case, ends[-1])
    if before is not None and after is not None and after - before >= pace * _WEEKS_IN_YEAR:
        return "never enough"
    return "not enough within three years of learning"


def _faster(case: Case, target: date) -> str:
    """Say how many hours a week would be enough by a day."""
    weeks, needed = _weeks_until(case, target), _needed(case, target)
    if not weeks or needed is None:
        return ""
    weekly = ((needed - _logged(case)) / weeks).quantize(_TENTH, rounding=ROUND_UP)
    hours = case.portfolio.learner.weekly_hours
    more = f", more than the {plain(hours)} of a working week" if hours and weekly > hours else ""
    return f"; by {in_words(target)} it takes {plain(weekly)} hours a week{more}"
