"""How much work each effort is: estimates of ours, stated with their reasons in docs/plan.md."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from math import ceil

from ksbtrack.models.analysis import Action, Effort, Remedy
from ksbtrack.models.case import Case
from ksbtrack.models.planning import PlanSettings, Work
from ksbtrack.rules.period import DAYS_IN_WEEK, days_between, eligible_hours

SETTINGS = PlanSettings(
    work={
        # A line or a signature; a week until whoever has to give it is reached.
        Effort.MINUTES: Work(Decimal("0.25"), 7),
        # An assessor reads a piece; two weeks until they do.
        Effort.HOURS: Work(Decimal(3), 14),
        # Two weeks to make a piece beside the job, two until an assessor has accepted it.
        Effort.DAYS: Work(Decimal(12), 28),
        # A course of lessons and an exam, with its result: a school's half term and a fortnight.
        Effort.WEEKS: Work(Decimal(40), 56),
        Effort.WAIT: Work(Decimal(0), 0),
    },
    # An assessor looks for depth; more statements in one piece are rarely all shown well.
    most_codes=4,
    # What the rules ask for a full-time apprentice since August 2022.
    hours_a_week=Decimal(6),
)
QUARTERS = 4
"""The solver counts effort in quarters of an hour."""
LEAST_PACE = Decimal(1)
"""Hours a week below which a learner's own pace says nothing about hours to come."""


def work_of(case: Case, remedies: Iterable[Remedy], settings: PlanSettings) -> Work:
    """Give how much work remedies are that are done one after the other.

    Hours of training take as long as the learner's own pace makes them.

    Args:
        case: the learner.
        remedies: what is done.
        settings: how much work each effort is.
    """
    hours, days = Decimal(0), 0
    for remedy in remedies:
        if remedy.action is Action.LOG_HOURS:
            more = Decimal(remedy.details["hours"])
            hours += more
            days += ceil(more * DAYS_IN_WEEK / weekly_pace(case, settings))
        else:
            hours += settings.work[remedy.effort].hours
            days += settings.work[remedy.effort].days
    return Work(hours, days)


def weekly_pace(case: Case, settings: PlanSettings) -> Decimal:
    """Give the off-the-job hours that the learner logged in a week of learning so far, on average."""
    days = days_between(case.portfolio.dates.first, case.last_day, case.breaks)
    logged = sum((row.hours for row in eligible_hours(case)), Decimal(0))
    if days < DAYS_IN_WEEK:
        return settings.hours_a_week
    pace = logged * DAYS_IN_WEEK / days
    return pace if pace >= LEAST_PACE else settings.hours_a_week


def largest(remedies: Iterable[Remedy]) -> Effort:
    """Give the largest effort of some remedies."""
    efforts = list(Effort)
    return max((remedy.effort for remedy in remedies), key=efforts.index)
