"""How much work each effort is, by the settings of the policy; docs/plan.md has the shipped ones with their reasons."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from math import ceil, gcd

from ksbtrack.models.analysis import Action, Effort, Remedy
from ksbtrack.models.case import Case
from ksbtrack.models.planning import PlanSettings, Work
from ksbtrack.models.policy import Policy
from ksbtrack.rules.period import DAYS_IN_WEEK, days_between, eligible_hours

_HUNDREDTHS = 100
LEAST_PACE = Decimal(1)
"""Hours a week below which a learner's own pace says nothing about hours to come."""


_NOTHING = Work(Decimal(0), 0)
"""What it is to wait."""


def settings_of(policy: Policy) -> PlanSettings:
    """Give what plans take for granted by a policy.

    Args:
        policy: the shipped one, or one with a provider's settings over it.
    """
    said = policy.planning
    efforts = {effort: getattr(said, effort.value, None) for effort in Effort}
    return PlanSettings(
        work={effort: Work(work.hours, work.days) if work else _NOTHING for effort, work in efforts.items()},
        most_codes=said.statements_per_piece or 1,
        hours_a_week=said.hours_a_week or LEAST_PACE,
    )


def unit_of(settings: PlanSettings) -> Decimal:
    """Give the hours in which the solver counts effort, which takes whole numbers and is quicker with small ones.

    All efforts are as many of them, to a hundredth of an hour: with the shipped settings a quarter of an hour.

    Args:
        settings: how much work each effort is.
    """
    hundredths = (ceil(work.hours * _HUNDREDTHS) for work in settings.work.values())
    return Decimal(gcd(*hundredths) or _HUNDREDTHS) / _HUNDREDTHS


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
    """Give the off-the-job hours of a week: those that are assumed for each week to come, or the learner's own pace.

    That is what was logged in a week of learning so far, on average; where it says nothing, what the settings say.

    Args:
        case: the learner.
        settings: what is planned where the pace says nothing.
    """
    assumed = [made.hours_a_week for made in case.assumptions if made.hours_a_week is not None]
    if assumed:
        return assumed[0]
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
