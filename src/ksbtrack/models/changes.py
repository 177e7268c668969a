"""What differs for a learner between two reports, or two runs over a cohort, and where it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from ksbtrack.models.statuses import Decision, Status


class Cause(StrEnum):
    """Where a difference comes from."""

    STANDARD = "standard"
    """The learner is on another standard or another version."""
    RULE_BOOK = "rule_book"
    """What the standard, the policy or this program says changed."""
    ASSUMPTION = "assumption"
    """Something else is assumed."""
    RECORDS = "records"
    """What is on record about the learner changed."""
    RULE_DATE = "rule_date"
    """A day passed from which on another value of a rule holds."""
    TIME = "time"
    """Nothing changed but the day asked about."""

    @property
    def words(self) -> str:
        """Give it as a heading says it."""
        return {
            "standard": "Another standard",
            "rule_book": "Rule book changed",
            "assumption": "Something else assumed",
            "records": "Records changed",
            "rule_date": "A rule's date passed",
            "time": "Only time passed",
        }[self.value]


class ChangeKind(StrEnum):
    """What became of a learner's verdict."""

    FLIPPED = "flipped"
    """Another decision."""
    MOVED = "moved"
    """The same decision; some requirement stands otherwise."""
    LATE = "late"
    """The same decision and requirements; past the planned gateway now, and not found ready."""
    PACE = "pace"
    """The same decision and requirements; another pace."""
    FOUND = "found"
    """A verdict now; before there was none, since something about the learner could not be read."""
    APPEARED = "appeared"
    """A verdict now; before the cohort did not name the learner."""
    LOST = "lost"
    """A verdict before; now there is none, since something about the learner cannot be read."""
    LEFT = "left"
    """A verdict before; the cohort does not name the learner any more."""

    @property
    def words(self) -> str:
        """Give it as a heading says it."""
        return {
            "flipped": "Another decision",
            "moved": "Same decision, other requirements",
            "late": "Overdue now",
            "pace": "Another pace",
            "found": "A verdict again",
            "appeared": "New in the cohort",
            "lost": "No verdict any more",
            "left": "Not in the cohort any more",
        }[self.value]


@dataclass(frozen=True, slots=True)
class RuleMarks:
    """By what rules a run judged.

    Attributes:
        program: version of this program.
        policy: mark of the policy.
        standards: mark of each standard by `reference@version`.
    """

    program: str
    policy: str
    standards: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ShortVerdict:
    """What a comparison needs of a verdict: a tenth of its size, since all of an earlier run are kept at once.

    Attributes:
        requirements: ids; `required` has the status of each, `titles` its title, or nothing where that is not known.
        codes: of the statements; `shown` has the status of each.
        counted: how many of the pieces count; `counting` has their ids.
        assumed: what the verdict takes for true although the records do not say it.
        is_late: past the planned gateway, without a gateway day, and not found ready.
        pace: a `PaceStatus`, as its value.
    """

    key: str
    name: str
    standard: str
    decision: Decision
    start: date
    planned_gateway: date | None
    gateway: date | None
    requirements: tuple[str, ...]
    titles: tuple[str, ...]
    required: tuple[Status, ...]
    codes: tuple[str, ...]
    shown: tuple[Status, ...]
    pieces: int
    counted: int
    counting: tuple[str, ...]
    fingerprint: str
    assumed: tuple[str, ...] = ()
    is_late: bool = False
    pace: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """A requirement or statement that stands otherwise; None where it was not asked for then, or is not now.

    Attributes:
        name: id of a requirement, or code of a statement.
        title: of a requirement; empty for a statement.
    """

    name: str
    before: Status | None
    after: Status | None
    title: str = ""

    @property
    def words(self) -> str:
        """Give it as a sentence's part, such as `K1: Not met, now Met`."""
        was, now = (status.words if status else "Not asked for" for status in (self.before, self.after))
        return f"{self.title or self.name}: {was}, now {now}"


@dataclass(frozen=True, slots=True)
class LearnerChange:
    """What differs for one learner.

    Attributes:
        key: as in both runs.
        name: the learner's, as of now where there is a now.
        before: the decision then; None where there was none.
        after: the decision now; None where there is none.
        causes: the deciding one first; nothing where a verdict is missing on one side.
        details: a sentence or two for each cause, then what differs against the time, then what became of the pieces.
        requirements: those that stand otherwise.
        statements: those that stand otherwise.
    """

    kind: ChangeKind
    key: str
    name: str
    before: Decision | None
    after: Decision | None
    causes: tuple[Cause, ...] = ()
    details: tuple[str, ...] = ()
    requirements: tuple[Difference, ...] = ()
    statements: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class CohortChanges:
    """Everything that differs between two runs.

    Attributes:
        before: the day that the earlier run asked about.
        after: the day that this run asked about.
        changes: flips first, by key as people count.
        same: learners for whom neither decision nor any requirement differs.
    """

    before: date
    after: date
    changes: tuple[LearnerChange, ...]
    same: int

    @property
    def totals(self) -> dict[ChangeKind, int]:
        """Give how many changes of each kind there are; all kinds are there."""
        return {kind: sum(change.kind is kind for change in self.changes) for kind in ChangeKind}


@dataclass(frozen=True, slots=True)
class Traced:
    """Where a difference comes from, as far as the two sides tell.

    Attributes:
        cause: the kind of cause.
        subject: the piece, rule, standard or record that it lies in; empty where it is only the day.
        text: the same as a sentence.
    """

    cause: Cause
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class TracedDifference:
    """A requirement or statement that stands otherwise, with what made it so, the deciding cause first."""

    difference: Difference
    causes: tuple[Traced, ...]


@dataclass(frozen=True, slots=True)
class PieceDifference:
    """A piece that is worth something else; None where the portfolio did not have it, or has it no more.

    Attributes:
        gained: codes that it counts for now, and did not.
        lost: codes that it counted for, and does not.
        cause: where that comes from.
    """

    id: str
    title: str
    before: Status | None
    after: Status | None
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    cause: Traced


@dataclass(frozen=True, slots=True)
class AnalysisChanges:
    """Everything that differs for one learner between an earlier report and a later one.

    Attributes:
        before: the day that the earlier report asked about.
        after: the day that the later one asked about.
        learner: the name.
        standard_before: of the earlier report, such as `ST0148@1.0`.
        standard_after: of the later one.
        decision_before: of the earlier report.
        decision_after: of the later one.
        causes: of everything below, each once, the deciding ones first; where nothing below differs, of nothing.
        requirements: those that stand otherwise, in the standard's order.
        statements: those that stand otherwise, in the standard's order.
        pieces: those that are worth something else, in the portfolio's order.
        assumed_before: what the earlier report assumed, though it was not on record.
        assumed_after: what the later one assumes.
        is_assumed_alike: whether both assume the same, however each writes it.
    """

    before: date
    after: date
    learner: str
    standard_before: str
    standard_after: str
    decision_before: Decision
    decision_after: Decision
    causes: tuple[Traced, ...] = ()
    requirements: tuple[TracedDifference, ...] = ()
    statements: tuple[TracedDifference, ...] = ()
    pieces: tuple[PieceDifference, ...] = ()
    assumed_before: tuple[str, ...] = ()
    assumed_after: tuple[str, ...] = ()
    is_assumed_alike: bool = False

    @property
    def is_flip(self) -> bool:
        """Say whether the decision is another one."""
        return self.decision_before is not self.decision_after

    @property
    def is_same(self) -> bool:
        """Say whether no decision, requirement, statement or piece stands otherwise."""
        return not (self.is_flip or self.requirements or self.statements or self.pieces)
