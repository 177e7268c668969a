"""The forecast: weeks of the learner's own are drawn again and again until all is there (a bootstrap, by numpy).

docs/plan.md states the method and what it takes for granted. The draws are those of a generator whose stream numpy
guarantees, from a fixed seed: the same case gives the same forecast everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from ksbtrack.models.analysis import Analysis
from ksbtrack.models.case import Case
from ksbtrack.models.forecast import Ahead, Forecast, Progress
from ksbtrack.models.values import in_words
from ksbtrack.planning.history import Growth, asks_for_hours, hours_logged, running, statements_met
from ksbtrack.rules.durations import hours_needed
from ksbtrack.rules.period import DAYS_IN_WEEK, days_between

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FUTURES = 1_000
"""Futures that are drawn: the day that nine of ten reach differs by a week at most with more of them."""
WEEKS = 156
"""Weeks of learning that each future has, three years; what takes longer is told as "later than can be told"."""
FEWEST_POINTS = 3
"""Days on which something grew, below which nobody has a pace."""
SEED = 20_080_601
EARLY, MIDDLE, LATE = 0.1, 0.5, 0.9
"""Shares of the futures; between the first and the last lie eight of ten."""
_TENTH = Decimal("0.1")


def forecast(analysis: Analysis) -> Forecast:
    """Give when all statements and all hours may be there, if the learner goes on as so far.

    Args:
        analysis: on the day asked about.
    """
    case = analysis.case
    dates = case.portfolio.dates
    target = (dates.gateway or dates.planned_gateway) if case.standard.is_apprenticeship else None
    return Forecast(
        case=case,
        target=target,
        statements=_statements(analysis, target),
        hours=_hours(case, target) if case.standard.is_apprenticeship and asks_for_hours(case) else None,
    )


def _statements(analysis: Analysis, target: date | None) -> Progress:
    case, totals = analysis.case, analysis.totals
    growth = statements_met(analysis)
    wanted = Decimal(totals.competencies)
    made = _progress("statements", case, growth, wanted, target)
    days = "days on which a statement became met"
    return _with_dates(made, case, growth, [wanted] * (WEEKS + 1), _why_not(case, growth, days))


def _hours(case: Case, target: date | None) -> Progress:
    growth = hours_logged(case)
    day = max(target or case.on, case.on)
    needed = _hours_by(case, day)
    made = _progress("hours", case, growth, needed, target)
    if case.portfolio.off_the_job is None:
        return replace(made, why_not="There is no off-the-job log, so the hours are not known.")
    if needed is None:
        return replace(made, why_not="How many hours are needed is not known.")
    assumed = [found.hours_a_week for found in case.assumptions if found.hours_a_week is not None]
    # What is assumed takes the place of the own pace, so nothing is left to tell from the past.
    why_not = _no_weeks_to_come(case) if assumed else _why_not(case, growth, "days on which hours are logged")
    if why_not or made.is_enough:
        return replace(made, why_not=why_not)
    ends = week_ends(case)
    wanted = [needed if end <= day else _hours_by(case, end) or needed for end in ends]
    return _with_dates(made, case, growth, wanted, "", weekly=assumed[0] if assumed else None)


def _hours_by(case: Case, gateway: date) -> Decimal | None:
    """Give the hours that are needed for gateway on a day; one on record stays what it is."""
    return hours_needed(replace(case, on=gateway)).needed


def _progress(unit: str, case: Case, growth: Growth, wanted: Decimal | None, target: date | None) -> Progress:
    totals = running(growth)
    actual = totals[-1][1] if totals else Decimal(0)
    first = case.portfolio.dates.first
    learnt = days_between(first, case.last_day, case.breaks)
    expected = None
    if target is not None and wanted is not None:
        planned = days_between(first, target, case.breaks)
        by_now = days_between(first, min(case.on, target), case.breaks)
        expected = (wanted * by_now / planned).quantize(_TENTH) if planned else None
    pace = (actual * DAYS_IN_WEEK / learnt).quantize(_TENTH) if learnt >= DAYS_IN_WEEK else None
    return Progress(unit, totals, actual, wanted, expected, pace, None, None, None, (), "")


def _why_not(case: Case, growth: Growth, points: str) -> str:
    """Give why no dates can be told from the learner's own pace, as a sentence; empty if they can."""
    why_not = _no_weeks_to_come(case)
    if not why_not and (len(growth) < FEWEST_POINTS or len(_weekly(case, growth)) < FEWEST_POINTS):
        return f"There are fewer than three {points}: too little to tell a pace."
    return why_not


def _no_weeks_to_come(case: Case) -> str:
    """Give why no weeks of learning can be foreseen, whatever the pace; empty if they can."""
    away = [start for start, last in case.breaks if start <= case.on <= last == date.max]
    if away:
        return f"The break in learning since {in_words(away[0])} has no end yet."
    if case.gateway < case.on:
        return f"Gateway on {in_words(case.gateway)} is past."
    return ""


def _weekly(case: Case, growth: Growth) -> list[Decimal]:
    """Give what came in each full week of learning, the latest last; weeks are counted back from the day asked about.

    Breaks in learning do not count. Days before the first full week are left out.
    """
    first, last = case.portfolio.dates.first, case.on + timedelta(days=1)
    weeks = [Decimal(0)] * (days_between(first, last, case.breaks) // DAYS_IN_WEEK)
    for day, much in growth:
        back = max(days_between(day, last, case.breaks) - 1, 0) // DAYS_IN_WEEK
        if back < len(weeks):
            weeks[-1 - back] += much
    return weeks


def week_ends(case: Case) -> list[date]:
    """Give the day asked about and the last day of each week of learning to come; breaks do not count.

    Args:
        case: the question.
    """
    return [_day_after(case, week * DAYS_IN_WEEK) for week in range(WEEKS + 1)]


def _day_after(case: Case, days: int) -> date:
    """Give the day so many days of learning after the day asked about."""
    day = case.on + timedelta(days=days)
    for first, last in case.breaks:
        if last <= case.on:
            continue
        begin = max(first, case.on + timedelta(days=1))
        if begin > day:
            break
        if last == date.max:
            return date.max
        day += last - begin + timedelta(days=1)
    return day


def _with_dates(
    made: Progress,
    case: Case,
    growth: Growth,
    wanted: Sequence[Decimal],
    why_not: str,
    *,
    weekly: Decimal | None = None,
) -> Progress:
    """Give a progress with the range of its dates, unless there is a reason to give none.

    Args:
        made: where it stands.
        case: the question.
        growth: what came on which day.
        wanted: the total that is enough at the end of each week to come, from the day asked about on.
        why_not: why no dates can be given.
        weekly: what comes in each week, where that is assumed.
    """
    if why_not or made.is_enough or not made.wanted:
        return replace(made, why_not=why_not)
    import numpy as np

    weeks = [weekly] if weekly is not None else _weekly(case, growth)
    totals = float(made.actual) + np.cumsum(_drawn([float(week) for week in weeks]), axis=1)
    enough = totals >= np.array([float(number) for number in wanted[1:]])
    weeks_needed = np.sort(np.where(enough.any(axis=1), enough.argmax(axis=1) + 1, WEEKS + 1))
    ends = week_ends(case)
    early, middle, late = (_end(ends, int(weeks_needed[int(share * FUTURES) - 1])) for share in (EARLY, MIDDLE, LATE))
    return replace(made, early=early, middle=middle, late=late, ahead=_ahead(made, totals, wanted, ends, late))


def _drawn(weeks: Sequence[float]) -> NDArray[np.float64]:
    """Give what comes in each week of each future: weeks of the past, drawn with equal chance."""
    import numpy as np

    # The raw stream of a generator is what numpy promises never to change.
    raw = np.random.PCG64(SEED).random_raw(FUTURES * WEEKS).reshape(FUTURES, WEEKS)
    return np.array(weeks)[(raw % np.uint64(len(weeks))).astype(np.intp)]


def _end(ends: Sequence[date], week: int) -> date | None:
    return ends[week] if week < len(ends) and ends[week] < date.max else None


def _ahead(
    made: Progress, totals: NDArray[np.float64], wanted: Sequence[Decimal], ends: Sequence[date], late: date | None
) -> tuple[Ahead, ...]:
    """Give the range of the total at the end of each week, until nine of ten futures have all."""
    import numpy as np

    last = ends.index(late) if late is not None else WEEKS
    rows = [int(share * FUTURES) - 1 for share in (EARLY, MIDDLE, LATE)]
    ordered = np.partition(totals[:, :last], rows, axis=0)
    points = [Ahead(ends[0], made.actual, made.actual, made.actual, wanted[0])]
    for week in range(last):
        if ends[week + 1] == date.max:
            break
        low, middle, high = (min(_rounded(ordered[row, week]), wanted[week + 1]) for row in rows)
        points.append(Ahead(ends[week + 1], low, middle, high, wanted[week + 1]))
    return tuple(points)


def _rounded(number: float) -> Decimal:
    return Decimal(f"{number:.1f}")
