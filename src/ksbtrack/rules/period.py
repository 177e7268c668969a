"""The practical period: how long it must be, how long it was, and which logged hours lie in it.

Where a break in learning has no end yet, or the time away before a restart is not recorded, there are two readings:
the breaks were as short as they can have been, or as long. What holds by both is known; the rest is not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Any

from dateutil.relativedelta import relativedelta

from ksbtrack.models.case import Case
from ksbtrack.models.policy import DatedValue
from ksbtrack.models.portfolio import LoggedHours
from ksbtrack.models.values import MAX_MONTHS, in_words
from ksbtrack.rules.words import plain

DAYS_IN_WEEK = 7
ONE_DAY = timedelta(days=1)
Stretch = tuple[date, date]
"""First and last day, both included."""


@dataclass(frozen=True, slots=True)
class Earliest:
    """The first day on which the minimum duration is complete, as far as the records tell.

    Attributes:
        at_least: no gateway before this day is possible; None where no rule is known for the start.
        at_most: from this day on gateway is possible whatever is not recorded; None where that cannot be said.
        days: days of learning that the duration holds at least; 0 where no rule is known.
        doubt: what is not recorded, as clauses; empty if nothing is missing.
        facts: the records that would end the doubt, as keys of portfolio.yaml.
        length: the duration asked for, in words.
        source: the dated rule.
        early: the same for the end that a part-time apprentice may reach early; None where there is no such end.
    """

    at_least: date | None
    at_most: date | None
    days: int
    doubt: str
    facts: tuple[str, ...]
    length: str
    source: str
    early: Earliest | None = None


def dated_source(dated: DatedValue[Any], decided_by: str) -> str:
    """Give a dated value's source with the days between which it holds."""
    since = f" from {in_words(dated.since)}" if dated.since else ""
    until = f" to {in_words(dated.until)}" if dated.until else ""
    return f"{dated.source.rstrip('.')} (for a {decided_by}{f'{since}{until}' or ' on any day'})"


def weekly_hours(case: Case) -> Decimal | None:
    """Give the hours worked a week at the start; None where they are not recorded, as with a 0."""
    return case.portfolio.learner.weekly_hours or None


def earliest_gateway(case: Case) -> Earliest:
    """Give the earliest gateway day by the minimum duration.

    The original start decides which rule holds. Months are calendar months; a part of a month is rounded up to whole
    days. Breaks in learning are added. Whether a part-time apprentice may use the early end is for
    `rules.durations.minimum_duration` to say, since it depends on the off-the-job hours.

    Source: `minimum_duration_days`, `minimum_duration_months`, `part_time_below_weekly_hours` and `part_time_early_end`
    in standards/policy.yaml.
    """
    first, policy = case.portfolio.dates.first, case.policy
    days = policy.minimum_duration_days.on(first)
    months = policy.minimum_duration_months.on(first)
    if days is None and months is None:
        doubt = f"no rule is known to us for a start on {in_words(first)}"
        return Earliest(None, None, 0, doubt, (), "not known", "standards/policy.yaml, minimum_duration_days: no value")
    if days is None:
        assert months is not None
        length, number = f"{months.value} calendar months", months.value
        return _counted(case, lambda start: start + relativedelta(months=number), length, dated_source(months, "start"))
    full_days = timedelta(days=days.value)
    full = _counted(case, lambda start: start + full_days, f"{days.value} days", dated_source(days, "start"))
    part_time = policy.part_time_below_weekly_hours.on(first)
    weekly = weekly_hours(case)
    if part_time is None or months is None or (weekly is not None and weekly >= part_time.value):
        return full
    if weekly is None:
        limit = plain(part_time.value)
        doubt = f"the weekly hours at the start are not recorded, and under {limit} the duration is longer"
        doubts = "; ".join(filter(None, (full.doubt, doubt)))
        return replace(full, at_most=None, doubt=doubts, facts=(*full.facts, "learner.weekly_hours"))
    needed = Fraction(months.value) * Fraction(part_time.value) / Fraction(weekly)
    early = policy.part_time_early_end.on(first)
    return _counted(
        case,
        lambda start: max(_after_months(start, needed), start + full_days),
        f"{_rounded(needed)} months ({months.value} x {plain(part_time.value)} / {plain(weekly)} weekly hours)",
        dated_source(part_time, "start"),
        replace(full, source=dated_source(early, "start")) if early and early.value else None,
    )


def _rounded(months: Fraction) -> str:
    return f"{float(months):.2f}".rstrip("0").rstrip(".")


def _after_months(start: date, months: Fraction) -> date:
    """Give the day a number of calendar months later; a part of a month is that part of the next one, rounded up."""
    whole = min(int(months), MAX_MONTHS)
    day = start + relativedelta(months=whole)
    following = start + relativedelta(months=whole + 1)
    return day + timedelta(days=ceil((months - int(months)) * (following - day).days))


def _counted(
    case: Case, end_of: Callable[[date], date], length: str, source: str, early: Earliest | None = None
) -> Earliest:
    """Give the earliest gateway counted from the original start, or bounds where the time off is not recorded."""
    dates = case.portfolio.dates
    end = end_of(dates.first)
    at_least = _moved(dates.first, end, shortest_breaks(case))
    at_most: date | None = at_least
    doubts = []
    if not _gap_is_recorded(case):
        away = f"between {in_words(dates.first)} and {in_words(dates.start)}"
        doubts.append(f"the time away {away} is not recorded as a break")
        at_most = _moved(dates.start, end_of(dates.start), shortest_breaks(case))
    goes_on = [start for start, last in case.breaks if last == date.max and start < max(at_least, at_most or at_least)]
    if goes_on:
        doubts.append(f"the break in learning since {in_words(goes_on[0])} has no end yet")
        at_most = None
    facts = ("dates.breaks",) if doubts else ()
    return Earliest(at_least, at_most, (end - dates.first).days, "; ".join(doubts), facts, length, source, early)


def _moved(start: date, end: date, breaks: tuple[Stretch, ...]) -> date:
    """Give `end` moved by every break that begins before it."""
    for first, last in breaks:
        if first >= end:
            break
        if last >= start:
            end += last - max(first, start) + ONE_DAY
    return end


def _gap_is_recorded(case: Case) -> bool:
    """Say whether a break leads up to the restart, so that the days before it are known to be days of learning."""
    dates = case.portfolio.dates
    return dates.first == dates.start or any(
        first <= dates.start and dates.start - ONE_DAY <= last < date.max for first, last in case.breaks
    )


def shortest_breaks(case: Case) -> tuple[Stretch, ...]:
    """Give the breaks in learning as short as they can have been.

    One that has no end yet is a day long, and so is the time away before a restart where no break is recorded for it.
    """
    if _gap_is_recorded(case) and not any(last == date.max for _, last in case.breaks):
        return case.breaks
    breaks = {(first, first if last == date.max else last) for first, last in case.breaks}
    if not _gap_is_recorded(case):
        breaks.add((case.portfolio.dates.start - ONE_DAY, case.portfolio.dates.start - ONE_DAY))
    return tuple(sorted(breaks))


def longest_breaks(case: Case) -> tuple[Stretch, ...]:
    """Give the breaks in learning as long as they can have been.

    One that has no end yet goes on, and where no break is recorded before a restart, nothing before it was learning.
    """
    if _gap_is_recorded(case):
        return case.breaks
    dates = case.portfolio.dates
    away = [(first, last) for first, last in case.breaks if last >= dates.start]
    return ((dates.first, dates.start - ONE_DAY), *((max(first, dates.start), last) for first, last in away))


def open_breaks(case: Case) -> tuple[str, ...]:
    """Give the record that would end the doubt about breaks, as a key of portfolio.yaml; none if there is no doubt."""
    return () if shortest_breaks(case) == longest_breaks(case) else ("dates.breaks",)


def days_between(start: date, until: date, breaks: tuple[Stretch, ...]) -> int:
    """Give the days from one day to another, less breaks.

    Unit: days; the last day itself is not counted.
    """
    total = (until - start).days
    for first, last in breaks:
        total -= max(0, (min(last, until - ONE_DAY) - max(first, start)).days + 1)
    return max(0, total)


def days_of_learning(case: Case, until: date) -> int:
    """Give the days from the original start to a day, less recorded breaks in learning.

    Unit: days; the last day itself is not counted.
    """
    return days_between(case.portfolio.dates.first, until, case.breaks)


def practical_days(case: Case, earliest: Earliest) -> tuple[int, int]:
    """Give how many days of learning the practical period has, at least and at most.

    It runs to gateway, and is at least as long as the minimum duration: who asks before gateway asks about the whole.

    Args:
        case: the question.
        earliest: what `earliest_gateway` gives.

    Unit: days.
    """
    first, shortest = case.portfolio.dates.first, shortest_breaks(case)
    end = max(case.gateway, earliest.at_least or case.gateway)
    at_most = max(earliest.days, days_between(first, end, shortest))
    at_least = max(earliest.days, days_between(first, case.gateway, longest_breaks(case)))
    return min(at_least, at_most), at_most


def is_in_break(case: Case, day: date) -> bool:
    """Say whether a day lies in a break in learning."""
    return any(first <= day <= last for first, last in case.breaks)


def is_eligible(case: Case, row: LoggedHours) -> bool:
    """Say whether logged hours count: in the practical period, not in a break, not after the day asked about.

    Source: off-the-job hours fall after the start and before gateway (rules since 2022/23).
    """
    return case.portfolio.dates.first <= row.date <= case.last_day and not is_in_break(case, row.date)


def eligible_hours(case: Case) -> list[LoggedHours]:
    """Give the logged rows that count, by date."""
    first, last = case.portfolio.dates.first, case.last_day
    rows = [row for row in case.portfolio.off_the_job or () if first <= row.date <= last]
    return [row for row in rows if not is_in_break(case, row.date)] if case.breaks else rows
