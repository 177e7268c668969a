"""What to do next: the steps of a plan, the gaps that they close, and how much work each is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ksbtrack.models.analysis import Analysis, Decision, Effort, Remedy, Status
from ksbtrack.models.job import DutyLink, JobDuty


@dataclass(frozen=True, slots=True)
class Work:
    """How much work something is, and how long it takes.

    Attributes:
        hours: of whoever does it.
        days: of learning from its first day until it is done and accepted; breaks in learning do not count.
    """

    hours: Decimal
    days: int


@dataclass(frozen=True, slots=True)
class PlanSettings:
    """What a plan takes for granted; docs/plan.md states the shipped values and why.

    Attributes:
        work: how much work each effort is.
        most_codes: statements that one new piece is planned for at most.
        hours_a_week: off-the-job hours that are planned for a week where the learner's own pace is not known.
    """

    work: Mapping[Effort, Work]
    most_codes: int
    hours_a_week: Decimal


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One thing to do.

    Attributes:
        name: what it is done to: a piece, `new` with a duty or statement, or a requirement; each step has its own.
        remedies: what is done, in order, as the analysis advises it.
        text: the same as sentences.
        owner: who can do it.
        effort: the largest of its remedies.
        work: how much work it is, and how long it takes.
        is_piece: a piece of evidence is made or mended.
        is_sure: doing it closes its gaps; False where it only finds out whether they are closed.
        helps: the gaps of the plan that need it.
        closes: the gaps that are closed once it and the steps before it are done.
        decision: what the decision is then.
        duty: code of the duty that a new piece is written up from; empty for all else.
        start_by: the last day on which it can begin and be done, with what comes after it, by the day asked for, or by
            gateway, or by the first day on which gateway is possible where that is later; None where no such day is
            known.
        note: what a reader should know of it, as a sentence; empty as a rule.
    """

    name: str
    remedies: tuple[Remedy, ...]
    text: str
    owner: str
    effort: Effort
    work: Work
    is_piece: bool
    is_sure: bool
    helps: tuple[str, ...]
    closes: tuple[str, ...]
    decision: Decision
    duty: str
    start_by: date | None
    note: str


@dataclass(frozen=True, slots=True)
class PlannedGap:
    """A statement or requirement that decides and does not hold.

    Attributes:
        subject: code of the statement or id of the requirement.
        title: of a requirement; empty for a statement.
        status: on the day for which the plan is made; of what waiting alone closes, before.
        is_statement: it is one of the statements.
        is_closed: the plan closes it.
        open_because: why it is not closed, as a sentence; empty if it is.
        duties: the duties of the learner's job in which evidence can arise, each with its link, in the job's order.
        unreached: why no duty reaches it; empty if one does, or if no job is known.
    """

    subject: str
    title: str
    status: Status
    is_statement: bool
    is_closed: bool
    open_because: str
    duties: tuple[tuple[JobDuty, DutyLink], ...]
    unreached: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do next, so that most gaps are closed with the fewest steps.

    Attributes:
        analysis: of the day for which the plan is made.
        asked: the day on which it was asked for.
        by: the day by which all is to be done; None if no day was named.
        most_pieces: how many pieces may be made or mended; None for as many as it takes.
        steps: in the order in which to begin them.
        gaps: every gap, requirements after statements, in the standard's order.
        decision: once all steps are done.
        redundant: pieces of which each could go without any statement losing its verdict, in the portfolio's order.
        single_source: statements that rest on one piece alone, in the standard's order.
        notes: what a reader should know, as sentences.
        is_proved: no plan is better by its own measure; False only where the search was stopped.
    """

    analysis: Analysis
    asked: date
    by: date | None
    most_pieces: int | None
    steps: tuple[PlanStep, ...]
    gaps: tuple[PlannedGap, ...]
    decision: Decision
    redundant: tuple[str, ...]
    single_source: tuple[str, ...]
    notes: tuple[str, ...]
    is_proved: bool

    @property
    def closed(self) -> tuple[PlannedGap, ...]:
        """Give the gaps that the plan closes."""
        return tuple(gap for gap in self.gaps if gap.is_closed)

    @property
    def left(self) -> tuple[PlannedGap, ...]:
        """Give the gaps that it leaves open."""
        return tuple(gap for gap in self.gaps if not gap.is_closed)
