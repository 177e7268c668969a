"""Many learners at once: what is asked, what is known of each afterwards, and what could not be read.

Verdicts are plain values, so that they travel between processes and lie on disk in little space. Whoever needs the
whole analysis of a learner (for a report, say) makes it from their `LearnerCase` again, which costs a millisecond.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from ksbtrack.models.analysis import Decision, Status
from ksbtrack.models.case import Case
from ksbtrack.models.changes import CohortChanges, RuleMarks
from ksbtrack.problems import Problem, Source


@dataclass(frozen=True, slots=True)
class CohortQuestion:
    """What is asked of every learner, and by which rule book.

    Paths are text, so that a question travels to other processes and machines as it is.

    Attributes:
        on: the day asked about.
        standard: another standard than the learners' own, with or without its version.
        folders: folders of standards to search before the shipped one.
        overlays: overlay files for the standards.
        policy: a provider's policy file.
        assume: what is taken for true of every learner whom it fits, as `read_assumptions` takes it.
    """

    on: date
    standard: str | None = None
    folders: tuple[str, ...] = ()
    overlays: tuple[str, ...] = ()
    policy: str | None = None
    assume: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some learners of a cohort, next to each other, and the question: one piece of work for one process.

    Attributes:
        question: what is asked of each.
        place: the file of sorted tables, or the folder of portfolio folders.
        shown: the source as the user named it, for messages.
        first: the number of the first learner, from 0.
        last: the number after that of the last learner.
        folders: the names of the portfolio folders; nothing where learners come from tables.
        files: the tables by name, each as messages name it, such as `cohort/evidence.csv`.
        only: keys to which the chunk is restricted; None for all of its learners.
    """

    question: CohortQuestion
    place: str
    shown: str
    first: int
    last: int
    folders: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    only: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class LearnerCase:
    """One learner of a cohort with the question about them, as `analyse` takes it.

    Attributes:
        key: what names the learner in this cohort: their reference, their ULN, or the name of their folder.
        case: the question.
        source: the row or folder that declares them.
        assessor: who assesses them; empty if it is not on record.
        group: the group that the provider put them in; empty if there is none.
        fingerprint: the mark of everything that the verdict depends on but the day: 32 hexadecimal digits. The same
            mark on the same day means the same verdict.
    """

    key: str
    case: Case
    source: Source
    assessor: str
    group: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that could not be read, and whose verdict it prevents.

    Attributes:
        problem: what, with file and row; its `found` names the column.
        learner: the key of the learner who has no verdict because of it; empty where it belongs to no learner.
        sheet: the sheet of a workbook; empty for other files. The problem's file names it too.
        column: the column as it is documented; empty where it is about a row as a whole, or a folder.
    """

    problem: Problem
    learner: str = ""
    sheet: str = ""
    column: str = ""


class PaceStatus(StrEnum):
    """Where a learner stands against the time that has passed; docs/cohort.md defines each."""

    ON_TRACK = "on_track"
    BEHIND = "behind"
    AT_RISK = "at_risk"
    CANNOT_TELL = "cannot_tell"

    @property
    def words(self) -> str:
        """Give the status as people read it."""
        return _PACE_WORDS[self]

    @property
    def colour(self) -> str:
        """Give the colour that providers call it by; never shown without the words."""
        return _PACE_COLOURS[self]


_PACE_WORDS = {
    PaceStatus.ON_TRACK: "On track",
    PaceStatus.BEHIND: "Behind",
    PaceStatus.AT_RISK: "At risk",
    PaceStatus.CANNOT_TELL: "Cannot tell",
}
_PACE_COLOURS = {
    PaceStatus.ON_TRACK: "green",
    PaceStatus.BEHIND: "amber",
    PaceStatus.AT_RISK: "red",
    PaceStatus.CANNOT_TELL: "grey",
}


@dataclass(frozen=True, slots=True)
class Pace:
    """How many statements are shown, against how many an even pace would have shown by the day.

    Attributes:
        status: on track, behind, at risk, or cannot tell.
        reason: one sentence that says why.
        shown: statements that are met; desirable ones are left out here and in `of`.
        of: all statements.
        expected: statements that an even pace would have shown by the day; None where that cannot be said.
        days_learnt: days of learning up to the day, without breaks; None where that cannot be said.
        days_planned: days of learning from the start to the planned gateway, without breaks; None where unknown.
        latest_safe: the last day on which all evidence must be in, so that it can be assessed before the planned
            gateway; None where unknown.
    """

    status: PaceStatus
    reason: str
    shown: int
    of: int
    expected: int | None = None
    days_learnt: int | None = None
    days_planned: int | None = None
    latest_safe: date | None = None


@dataclass(frozen=True, slots=True)
class RequirementStatus:
    """What is known of one gateway requirement of a learner; `is_desirable` ones never decide."""

    id: str
    title: str
    status: Status
    is_desirable: bool = False


@dataclass(frozen=True, slots=True)
class NextStep:
    """One thing to do next: for people `text`, for counting alike ones `action` and `subject`.

    Attributes:
        helps: codes of statements and ids of requirements.
    """

    text: str
    action: str
    subject: str
    owner: str
    effort: str
    helps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LearnerVerdict:
    """What every output says of one learner: the same as `ksbtrack check` says of their portfolio.

    Attributes:
        key: names the learner in this cohort, once.
        name: the learner's.
        uln: ten digits; None if it is not on record.
        source: file and row, or the folder.
        standard: `reference@version`.
        standard_title: its title.
        assessor: as in `LearnerCase`; empty if unknown, like `group`, `employer` and `provider`.
        start: first day of learning, the original one.
        planned_gateway: as agreed.
        gateway: agreed for certain, or past.
        is_overdue: the planned gateway lies before the day asked about, and no gateway day up to that day is on record.
        decision: ready, not ready, or cannot tell yet.
        reason: one sentence.
        requirements: each in the standard's order.
        statements: the status of each statement by code, in the standard's order.
        desirable: codes of the statements that never decide.
        blocking: ids of the deciding requirements that do not hold.
        faults: names of the rules that found what keeps statements and requirements from being met, each once, sorted.
        statements_met: deciding statements that are met; with `statements_not_met` and `statements_unknown` they add up
            to `statements_of`.
        pieces: pieces of evidence.
        pieces_counting: those that count.
        next_steps: at most three things to do, the best first.
        steps_left: how many things there are to do in all until nothing stands in the way.
        pace: against the time that has passed.
        fingerprint: as in `LearnerCase`.
        counting: ids of the pieces that count.
        assumed: what the verdict takes for true although the records do not say it.
    """

    key: str
    name: str
    uln: str | None
    source: Source
    standard: str
    standard_title: str
    assessor: str
    group: str
    employer: str
    provider: str
    start: date
    planned_gateway: date | None
    gateway: date | None
    is_overdue: bool
    decision: Decision
    reason: str
    requirements: tuple[RequirementStatus, ...]
    statements: Mapping[str, Status]
    desirable: tuple[str, ...]
    blocking: tuple[str, ...]
    faults: tuple[str, ...]
    statements_met: int
    statements_not_met: int
    statements_unknown: int
    statements_of: int
    pieces: int
    pieces_counting: int
    next_steps: tuple[NextStep, ...]
    steps_left: int
    pace: Pace
    fingerprint: str
    counting: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CohortRun:
    """What a run over a cohort came to, in numbers.

    Attributes:
        source: as the user named it.
        on: the day asked about.
        learners: those named, by rows of their table or by folders.
        judged: those with a verdict; `learners` minus those without is this.
        decisions: how many of each decision; all three are there.
        paces: how many of each pace; all four are there.
        overdue: how many are past their planned gateway without one on record.
        overdue_not_ready: those of them that are not found ready.
        not_judged: learners without a verdict, since something about them could not be read.
        faults: everything that could not be read.
        notes: what was not taken as it stood, as sentences.
        standards: `reference@version` of those in the verdicts, sorted.
        rules: by what rules it judged; None where nobody noted it.
        changes: since an earlier run; None where none was named.
        assumed: what was taken for true, each with how many learners it fits; nothing where the records alone count.
    """

    source: str
    on: date
    learners: int = 0
    judged: int = 0
    decisions: Mapping[Decision, int] = field(default_factory=dict)
    paces: Mapping[PaceStatus, int] = field(default_factory=dict)
    overdue: int = 0
    overdue_not_ready: int = 0
    not_judged: int = 0
    faults: int = 0
    notes: tuple[str, ...] = ()
    standards: tuple[str, ...] = ()
    rules: RuleMarks | None = None
    changes: CohortChanges | None = None
    assumed: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A requirement that stands in the way of learners.

    Attributes:
        title: of the requirement.
        learners: of how many it is not met, or not known to be.
        alone: for how many it is the only requirement in the way; mending it may take several steps.
    """

    title: str
    learners: int
    alone: int


@dataclass(frozen=True, slots=True)
class Fix:
    """One thing that somebody can do, and for how many learners it is all that is known to be left.

    Attributes:
        text: what is done, as a sentence.
        learners: for how many.
    """

    text: str
    learners: int


class Condition(StrEnum):
    """What a pipeline can be told to fail on."""

    OVERDUE = "overdue"
    NOT_READY = "not_ready"

    def holds(self, verdict: LearnerVerdict) -> bool:
        """Say whether it holds for a learner; who is not found ready is not ready here: what is unknown never counts.

        Args:
            verdict: on the learner.
        """
        is_open = verdict.decision is not Decision.READY
        return is_open and (self is Condition.NOT_READY or verdict.is_overdue)

    def fails(self, run: CohortRun) -> bool:
        """Say whether a run fails on it: who has no verdict is not found ready, and where nobody has one, all are.

        Args:
            run: the counts.
        """
        unknown = run.not_judged if self is Condition.NOT_READY or not run.judged else 0
        return self.learners(run) + unknown > 0

    def learners(self, run: CohortRun) -> int:
        """Give for how many of the learners judged it holds."""
        return run.overdue_not_ready if self is Condition.OVERDUE else run.judged - run.decisions[Decision.READY]
