"""What the analysis says: findings, verdicts and the decision, with the case they come from.

Frozen dataclasses, since hundreds are made for one learner and they come from our own code, which mypy checks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ksbtrack.models.case import Case
from ksbtrack.models.changes import AnalysisChanges
from ksbtrack.models.statuses import Decision, Status

__all__ = [
    "Action",
    "Analysis",
    "Case",
    "CompetencyVerdict",
    "Decision",
    "Effort",
    "Finding",
    "PieceVerdict",
    "Remedy",
    "RequirementVerdict",
    "Status",
    "Step",
    "Totals",
]


class Effort(StrEnum):
    """How much work a remedy is, for whoever does it: an estimate of ours, defined in docs/rules.md."""

    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    WEEKS = "weeks"
    WAIT = "wait"


class Action(StrEnum):
    """What a remedy asks for; a program can do each one to a portfolio, which is how the tests prove remedies."""

    ACCEPT_PIECE = "accept_piece"
    REWORK_PIECE = "rework_piece"
    ADD_PIECE = "add_piece"
    CORRECT_DATE = "correct_date"
    REPLACE_PIECE = "replace_piece"
    COMPLETE_WITNESS = "complete_witness"
    SIGN_PIECE = "sign_piece"
    REPLACE_FILE = "replace_file"
    CONFIRM_CLAIM = "confirm_claim"
    REVIEW_CLAIM = "review_claim"
    CORRECT_PLACE = "correct_place"
    WAIT_UNTIL = "wait_until"
    LOG_HOURS = "log_hours"
    LOG_LEARNING = "log_learning"
    ACHIEVE_QUALIFICATION = "achieve_qualification"
    ATTACH_CERTIFICATE = "attach_certificate"
    RECORD_FACT = "record_fact"
    CHOOSE_SHOWCASE = "choose_showcase"
    GET_CONFIRMATION = "get_confirmation"


@dataclass(frozen=True, slots=True)
class Remedy:
    """One thing to do which, once done, makes the finding go away.

    Attributes:
        action: what is asked, for programs.
        subject: piece, statement, requirement or record it is done to.
        text: the same as a sentence in the second person.
        owner: who can do it.
        effort: how much work it is.
        details: what a program needs to do it, such as `on` or `hours`, as text.
    """

    action: Action
    subject: str
    text: str
    owner: str
    effort: Effort
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing the analysis says about the learner.

    Attributes:
        rule: the name of the rule, which is the fault it finds; docs/rules.md has a heading for each.
        subject: piece id, `piece:code` for one claim, statement code, or requirement id.
        status: what it does to its subject.
        reason: one sentence.
        inputs: what was looked at, as text, in the order of importance.
        remedy: what makes it go away; None where nothing needs doing or nothing can be done.
        source: the rule book's words for where the rule comes from, with its dates.
        decides: False where it never changes the decision: a warning, or something about what is only desirable.
    """

    rule: str
    subject: str
    status: Status
    reason: str
    inputs: Mapping[str, str]
    remedy: Remedy | None
    source: str
    decides: bool = True


@dataclass(frozen=True, slots=True)
class PieceVerdict:
    """What one piece is worth on the day.

    Attributes:
        id: the piece.
        status: met if it counts; partly_met if it is on its way (submitted); check_again; not_met; not_needed if it
            claims nothing of this standard.
        counts_for: codes of this standard that it counts for.
        reasons: why it does not count, or counts only in part; empty if it counts in full.
    """

    id: str
    status: Status
    counts_for: tuple[str, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CompetencyVerdict:
    """What is shown of one statement.

    Attributes:
        code: the statement's code.
        status: its status.
        is_desirable: it never decides.
        pieces: ids of the pieces that count, in the portfolio's order.
        on_the_way: ids of submitted pieces that would count once accepted.
        to_check: ids of pieces whose mapping or content changed since it was agreed.
        reasons: sentences, the deciding ones first.
        remedies: what to do, the best first.
    """

    code: str
    status: Status
    is_desirable: bool
    pieces: tuple[str, ...]
    on_the_way: tuple[str, ...]
    to_check: tuple[str, ...]
    reasons: tuple[str, ...]
    remedies: tuple[Remedy, ...]


@dataclass(frozen=True, slots=True)
class RequirementVerdict:
    """What is known of one gateway requirement."""

    id: str
    title: str
    status: Status
    is_desirable: bool
    reason: str
    inputs: Mapping[str, str]
    remedies: tuple[Remedy, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts that add up: each statement and each requirement is in exactly one of its three numbers.

    Desirable ones are left out, since they never decide.
    """

    competencies: int
    competencies_met: int
    competencies_not_met: int
    competencies_unknown: int
    requirements: int
    requirements_met: int
    requirements_not_met: int
    requirements_unknown: int
    pieces: int
    pieces_counting: int


@dataclass(frozen=True, slots=True)
class Step:
    """One of the things to do next: a remedy and what it would help."""

    remedy: Remedy
    helps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Analysis:
    """The whole result; every output is a view of it.

    Attributes:
        others: the same question for other standards that the portfolio names, where whoever asked wanted these too.
        changes: what differs from an earlier report, where whoever asked gave one.
    """

    case: Case
    decision: Decision
    reason: str
    competencies: tuple[CompetencyVerdict, ...]
    requirements: tuple[RequirementVerdict, ...]
    pieces: tuple[PieceVerdict, ...]
    findings: tuple[Finding, ...]
    totals: Totals
    next_steps: tuple[Step, ...]
    others: tuple[Analysis, ...] = ()
    changes: AnalysisChanges | None = None

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """Give the findings that never decide."""
        return tuple(finding for finding in self.findings if not finding.decides)
