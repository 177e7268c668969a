"""Whether a learner is on track: statements shown, against those that an even pace would have shown by the day.

docs/cohort.md defines the four words for people; the settings below are ours, each with its reason.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from ksbtrack.models.analysis import Analysis
from ksbtrack.models.case import Case
from ksbtrack.models.cohort import Pace, PaceStatus
from ksbtrack.models.values import in_words
from ksbtrack.planning.safe_days import Breaks, days_before
from ksbtrack.rules.period import days_between

BEHIND_PERCENT = 10
"""Percentage points of all statements below an even pace from which a learner is behind: one month of a year's course.
Pieces come in batches, so less than that says little."""
AT_RISK_PERCENT = 25
"""Percentage points of all statements below an even pace from which a learner is at risk: a quarter of the course,
which only work at well above an even pace for all the rest of it can make up."""
ASSESSING_DAYS = 28
"""Days between the last evidence and gateway: two weeks until an assessor has decided on it, two to mend what is
referred back and to sign the confirmations."""

PACE_MEANINGS = (
    (
        PaceStatus.ON_TRACK,
        f"Fewer than {BEHIND_PERCENT} % of all statements are missing against an even pace, or all are met.",
    ),
    (
        PaceStatus.BEHIND,
        f"Between {BEHIND_PERCENT} % and {AT_RISK_PERCENT} % of all statements are missing against an even pace.",
    ),
    (
        PaceStatus.AT_RISK,
        f"{AT_RISK_PERCENT} % of all statements or more are missing against an even pace; or some are, and the latest "
        f"safe day is past: {ASSESSING_DAYS} days of learning before the gateway, on which all evidence must be in so "
        "that it can be assessed.",
    ),
    (
        PaceStatus.CANNOT_TELL,
        "No planned gateway is on record, the learner has not begun, or the standard is a role profile, which has no "
        "gateway.",
    ),
)
"""What each word means, for people; the settings above are in it."""
_ALL = 100


def pace_of(analysis: Analysis) -> Pace:
    """Give where a learner stands against the time that has passed; breaks in learning do not count as time.

    Args:
        analysis: of the learner, on the day asked about.
    """
    case, totals = analysis.case, analysis.totals
    shown, of = totals.competencies_met, totals.competencies
    dates = case.portfolio.dates
    target = dates.gateway or dates.planned_gateway
    unknown = _why_unknown(case, target, of)
    if unknown or target is None:
        return Pace(PaceStatus.CANNOT_TELL, unknown, shown, of)
    planned = days_between(dates.first, target, case.breaks)
    if planned == 0:
        return Pace(PaceStatus.CANNOT_TELL, "All time until the gateway is a break in learning.", shown, of)
    learnt = days_between(dates.first, min(case.on, target), case.breaks)
    expected = of * learnt // planned
    safe = latest_safe_day(target, dates.first, case.breaks)
    even = Pace(PaceStatus.ON_TRACK, "", shown, of, expected, learnt, planned, safe)
    status, reason = _judged(even, case.on, safe, target)
    return replace(even, status=status, reason=reason)


def _why_unknown(case: Case, target: date | None, statements: int) -> str:
    if not case.standard.is_apprenticeship:
        return "A role profile has no gateway to be in time for."
    if not statements:
        return "The standard has no statement that decides."
    if target is None:
        return "No planned gateway is on record."
    first = case.portfolio.dates.first
    if case.on < first:
        return f"The learner starts on {in_words(first)} only."
    return ""


def _judged(even: Pace, on: date, safe: date, target: date) -> tuple[PaceStatus, str]:
    """Give the status and the sentence that says why."""
    shown, of, expected = even.shown, even.of, even.expected or 0
    figures = f"{shown} of {of} statements are met; an even pace would have {expected} by now"
    if shown >= of:
        return PaceStatus.ON_TRACK, f"All {of} statements are met."
    if on > target:
        return PaceStatus.AT_RISK, f"The gateway day {in_words(target)} is past, with {shown} of {of} statements met."
    if on > safe:
        return PaceStatus.AT_RISK, f"{figures}, and the latest safe day for evidence, {in_words(safe)}, is past."
    missing = (expected - shown) * _ALL
    if missing >= AT_RISK_PERCENT * of:
        return PaceStatus.AT_RISK, f"{figures}: {AT_RISK_PERCENT} % of all or more are missing."
    if missing >= BEHIND_PERCENT * of:
        return PaceStatus.BEHIND, f"{figures}: {BEHIND_PERCENT} % of all or more are missing."
    return PaceStatus.ON_TRACK, f"{figures}."


def latest_safe_day(target: date, first: date, breaks: Breaks) -> date:
    """Give the last day on which all evidence must be in, `ASSESSING_DAYS` of learning before gateway.

    It is in no break, and never before the first day of learning.

    Args:
        target: the gateway, planned or agreed.
        first: the first day of learning.
        breaks: breaks in learning, in order.
    """
    return max(days_before(target, ASSESSING_DAYS, breaks), first)
