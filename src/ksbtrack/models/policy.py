"""The dated rules that decide gateway readiness, and the settings for how much evidence is enough."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Generic, TypeVar

from ksbtrack.models.levels import QualificationLevel
from ksbtrack.models.standard import Sufficiency
from ksbtrack.models.values import (
    Count,
    Day,
    DaysOfWork,
    Flag,
    Hours,
    Line,
    List,
    Model,
    Prose,
    Some,
    SomeHours,
    UnknownProse,
    choice,
)

T_co = TypeVar("T_co", covariant=True)


class DecidedBy(StrEnum):
    """Which of a learner's dates decides the value that holds for them."""

    START = "start"
    GATEWAY = "gateway"
    DAY = "day"


class DatedValue(Model, Generic[T_co]):
    """A value with the days from which and until which it holds, both included; None: no limit known there."""

    since: Day | None
    until: Day | None
    value: T_co
    source: Prose
    trust: Count
    note: Prose | None = None


class Dated(Model, Generic[T_co]):
    """A rule's value through time, with what it means and which date decides."""

    title: Line
    unit: Line
    decided_by: Annotated[DecidedBy, choice(DecidedBy)]
    applies_to: Line
    values: Annotated[tuple[DatedValue[T_co], ...], List]

    def on(self, day: date) -> DatedValue[T_co] | None:
        """Give the value in force on a day; None means that it is not known for that day.

        Args:
            day: the date that `decided_by` names; for starts the original one.
        """
        for dated in self.values:
            if (dated.since is None or dated.since <= day) and (dated.until is None or day <= dated.until):
                return dated
        return None


class PolicyFact(Model):
    """A dated fact of the rule books that no rule computes with, kept so that nothing known is lost.

    Attributes:
        trust: as in `DatedValue`; None where the fact carries no mark.
        source: None where no page is on record.
    """

    title: Line
    text: Prose
    since: Day | None
    until: Day | None
    source: UnknownProse
    trust: Count | None = None


class EffortOfPlan(Model):
    """How much work an effort is, and the days of learning until it is done."""

    hours: Hours
    days: DaysOfWork


class Planning(Model):
    """What a plan takes for granted and no rule does: a layer of settings, None where the layer below speaks.

    Attributes:
        minutes: how much work a remedy of this effort is; so are `hours`, `days` and `weeks`.
        statements_per_piece: for how many statements one new piece is planned at most.
        hours_a_week: off-the-job hours that are planned for a week where the learner's own pace is not known.
    """

    minutes: EffortOfPlan | None = None
    hours: EffortOfPlan | None = None
    days: EffortOfPlan | None = None
    weeks: EffortOfPlan | None = None
    statements_per_piece: Some | None = None
    hours_a_week: SomeHours | None = None
    source: Line | None = None


class Policy(Model):
    """Every dated value that the rules use, by name, and the settings for sufficiency and for plans.

    The values and their sources stand in standards/policy.yaml; the names below are the whole list.
    """

    title: Line
    version: Line
    minimum_duration_days: Dated[Count]
    minimum_duration_months: Dated[Count]
    part_time_below_weekly_hours: Dated[Hours]
    part_time_early_end: Dated[Flag]
    off_the_job_percent: Dated[Hours]
    off_the_job_percent_part_time: Dated[Hours]
    off_the_job_weekly_hours: Dated[Hours]
    off_the_job_full_time_from_weekly_hours: Dated[Hours]
    off_the_job_published_hours: Dated[Flag]
    off_the_job_floor_hours: Dated[Hours]
    active_learning_weeks: Dated[Count]
    english_and_maths_level: Dated[QualificationLevel]
    english_and_maths_level_at_level_2: Dated[QualificationLevel]
    english_and_maths_optional_from_age: Dated[Count]
    english_and_maths_adjusted_level: Dated[QualificationLevel]
    sufficiency: Sufficiency
    planning: Planning
    facts: Annotated[tuple[PolicyFact, ...], List] = ()


HOURS_PER_DAY = Decimal(24)
"""The most hours that one day's log can hold."""
