"""One learner's folder: who, since when, on which standard, with what evidence and which records."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field

from ksbtrack.models.job import Job, OwnDuty
from ksbtrack.models.levels import QualificationLevel
from ksbtrack.models.places import NOWHERE, Place, read_place
from ksbtrack.models.standard import EvidenceKind
from ksbtrack.models.values import (
    SYNONYMS,
    Count,
    Day,
    Flag,
    Hours,
    Id,
    Line,
    List,
    Model,
    Prose,
    Subject,
    VersionNamed,
    choice,
)
from ksbtrack.problems import Problem, Source


class ClaimState(StrEnum):
    """Who stands behind a mapping: the apprentice, or an assessor as well."""

    CLAIMED = "claimed"
    CONFIRMED = "confirmed"


class AcceptanceState(StrEnum):
    """Where a piece is in its life."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    REFERRED = "referred"


class Party(StrEnum):
    """Who can sign: the three who take the gateway decision, and those who vouch for a piece."""

    EMPLOYER = "employer"
    PROVIDER = "provider"
    APPRENTICE = "apprentice"
    ASSESSOR = "assessor"
    WITNESS = "witness"


class FileKind(StrEnum):
    """What a piece's file really is, by its content."""

    PDF = "pdf"
    IMAGE = "image"
    TEXT = "text"
    OTHER = "other"


class AttachedFile(Model):
    """One file of a piece, as it was found when the portfolio was loaded.

    Attributes:
        name: path inside the portfolio folder, forward slashes.
        is_missing: no such file was there; then nothing else is known of it.
        size: bytes.
        sha256: 64 hexadecimal digits.
        pages: of a PDF (or frames of an image); None where pages mean nothing or cannot be counted.
        is_restricted: the PDF opens without a password, but its owner restricted what may be done with it.
        problem: why it cannot be opened, where loading was asked to keep such files; no dump has it.
    """

    name: str
    is_missing: bool = False
    size: int = 0
    sha256: str = ""
    kind: FileKind = FileKind.OTHER
    pages: int | None = None
    is_restricted: bool = False
    problem: Problem | None = Field(default=None, exclude=True)


class Claim(Model):
    """The statement that a piece shows a competency.

    Attributes:
        code: the statement's code as written, without a standard's reference.
        standard: the standard it belongs to, `reference@version`; filled on loading.
        where: exact place in the files: pages such as `p. 2-3`, or a time such as `0:03:10`.
        why: one sentence for the assessor.
        state: claimed by the apprentice, or confirmed by an assessor.
        made_against: the version of the standard that the mapping was made with, if it was recorded.
        fingerprint: the mark of the statement's wording at that time, if it was recorded.
        orphaned_in: the version in which no statement took the place of this one's; such a claim is kept for people to
            read, and counts for nothing.
    """

    filled_on_loading: ClassVar[frozenset[str]] = frozenset({"standard"})

    code: Line
    standard: Line = ""
    where: Line | None = None
    why: Line | None = None
    state: Annotated[ClaimState, choice(ClaimState)] = ClaimState.CLAIMED
    made_against: VersionNamed | None = None
    fingerprint: Line | None = None
    orphaned_in: VersionNamed | None = None

    @cached_property
    def place(self) -> Place:
        """Give the pages or times that `where` names."""
        return read_place(self.where) if self.where else NOWHERE


class Signature(Model):
    """Who signed a piece, and when."""

    by: Annotated[Party, choice(Party)]
    name: Line | None = None
    on: Day | None = None


class Witness(Model):
    """Who saw the work: what a testimony must say of its author."""

    name: Line | None = None
    role: Line | None = None
    relationship: Line | None = None
    signed: Day | None = None


class Acceptance(Model):
    """The assessor's decision on a piece; one without `on` is a state of today."""

    state: Annotated[AcceptanceState, choice(AcceptanceState)] = AcceptanceState.DRAFT
    by: Line | None = None
    role: Line | None = None
    on: Day | None = None
    comment: Prose | None = None
    fingerprint: Line | None = None


class Privacy(Model):
    """Whether a piece holds personal data of others, and what was done about it."""

    contains_personal_data: Flag = False
    redacted: Flag = False
    consent: Flag = False

    @property
    def is_open(self) -> bool:
        """Say whether others' data are in the piece without redaction."""
        return self.contains_personal_data and not self.redacted


def _claim_from_code(value: Any) -> Any:
    return {"code": value} if isinstance(value, str) else value


class Evidence(Model):
    """One piece of evidence: its front matter, its written account, and what its files are.

    `orphaned_claims` are those of its file that name a statement which is gone: no rule counts them. `account_line` is
    the line of its file on which the account begins; 0 where it has no file of its own.
    """

    filled_on_loading: ClassVar[frozenset[str]] = frozenset(
        {"account", "account_line", "attached", "fingerprint", "source", "orphaned_claims"}
    )

    id: Id
    title: Line
    kind: Annotated[EvidenceKind, choice(EvidenceKind)]
    date: Day
    made_by: Line | None = None
    files: Annotated[tuple[Line, ...], List] = ()
    claims: Annotated[tuple[Annotated[Claim, BeforeValidator(_claim_from_code)], ...], List] = ()
    witness: Witness | None = None
    signatures: Annotated[tuple[Signature, ...], List] = ()
    acceptance: Acceptance = Acceptance()
    privacy: Privacy = Privacy()
    orphaned_claims: tuple[Claim, ...] = ()
    account: str = ""
    account_line: int = Field(default=0, exclude=True)
    attached: tuple[AttachedFile, ...] = ()
    fingerprint: str = ""
    source: Annotated[Source, Field(default=Source(""), exclude=True)]


class Break(Model):
    """A break in learning, both days included; one without an end is still going on."""

    start: Day
    end: Day | None = None


class Dates(Model):
    """The learner's dates.

    Attributes:
        start: first day of learning on this programme (of the restart, where there was one).
        original_start: first day before a break or change of provider, where it is earlier.
        planned_gateway: as agreed.
        gateway: as agreed with employer and provider for certain, or past.
        breaks: breaks in learning.
    """

    start: Day
    original_start: Day | None = None
    planned_gateway: Day | None = None
    gateway: Day | None = None
    breaks: Annotated[tuple[Break, ...], List] = ()

    @property
    def first(self) -> date:
        """Give the original start: the day that decides which rules hold."""
        return self.original_start or self.start


class Learner(Model):
    """The person; only the name is needed."""

    name: Line
    uln: Line | None = None
    born: Day | None = None
    age_at_start: Count | None = None
    employer: Line | None = None
    provider: Line | None = None
    role: Line | None = None
    weekly_hours: Hours | None = None


class QualificationState(StrEnum):
    """How far a qualification is."""

    ACHIEVED = "achieved"
    WORKING_TOWARDS = "working_towards"


class Qualification(Model):
    """A qualification held or worked towards; a programme that has no level leaves `level` out."""

    filled_on_loading: ClassVar[frozenset[str]] = frozenset({"file"})

    subject: Subject
    level: QualificationLevel | None = None
    title: Line | None = None
    state: Annotated[QualificationState, choice(QualificationState)] = QualificationState.ACHIEVED
    awarded: Day | None = None
    certificate: Line | None = None
    file: AttachedFile | None = None


class CoreSubject(StrEnum):
    """The subjects that can be adjusted or opted in to."""

    ENGLISH = "english"
    MATHS = "maths"


class Adjustment(Model):
    """A learning difficulty or disability with its evidence, which lowers the level of English or maths asked for."""

    subject: Annotated[CoreSubject, choice(CoreSubject), SYNONYMS]
    evidence: Line
    on: Day | None = None


class OptIn(Model):
    """The agreement of employer and apprentice that an optional subject is taken after all."""

    subject: Annotated[CoreSubject, choice(CoreSubject), SYNONYMS]
    on: Day | None = None


class Confirmed(StrEnum):
    """What a confirmation is of."""

    COMPETENCE = "competence"
    OWN_WORK = "own_work"
    BEHAVIOURS = "behaviours"
    AI_USE = "ai_use"

    @property
    def words(self) -> str:
        """Give it as a sentence says it."""
        return self.value.replace("_", " ").replace("ai ", "AI ")


class Confirmation(Model):
    """A signed confirmation: by whom, of what, when, of which pieces, and the mark of what was seen.

    Attributes:
        covers: pieces that it covers besides those of the showcase.
        fingerprint: one mark over all pieces that it covers, as they were when it was given.
    """

    by: Annotated[Party, choice(Party)]
    name: Line | None = None
    role: Line | None = None
    of: Annotated[Confirmed, choice(Confirmed)] = Confirmed.COMPETENCE
    on: Day | None = None
    covers: Annotated[tuple[Id, ...], List] = ()
    fingerprint: Line | None = None


class Records(Model):
    """What is on file about the learner besides the evidence."""

    qualifications: Annotated[tuple[Qualification, ...], List] = ()
    adjustments: Annotated[tuple[Adjustment, ...], List] = ()
    opt_ins: Annotated[tuple[OptIn, ...], List] = ()
    prior_learning_hours: Hours | None = None
    confirmations: Annotated[tuple[Confirmation, ...], List] = ()


class LoggedHours(Model):
    """One row of off-the-job.csv."""

    date: Day
    hours: Hours
    activity: Line
    codes: tuple[str, ...] = ()


class Portfolio(Model):
    """One learner with their dates, evidence and records.

    Attributes:
        option: the id of one of the options of its own standard, where that has any.
        job: the profile of the learner's job, `reference` or `reference@version`; or else `duties` lists its duties.
        work: the job with the statements that its duties can show; filled on loading.
        folder: the path as the user gave it.
        off_the_job: the logged hours by date; None where there is no log at all.
        invented: the learner is made up, for an example; outputs say so.
        has_only_rows: its pieces are rows of tables, which hold neither accounts nor files; filled on loading.
    """

    filled_on_loading: ClassVar[frozenset[str]] = frozenset(
        {"evidence", "off_the_job", "folder", "work", "has_only_rows"}
    )

    learner: Learner
    standard: Line
    option: Line | None = None
    also: Annotated[tuple[Line, ...], List] = ()
    job: Line | None = None
    duties: Annotated[tuple[OwnDuty, ...], List] = ()
    dates: Dates
    records: Records = Records()
    showcase: Annotated[tuple[Id, ...], List] = ()
    invented: Flag = False
    evidence: tuple[Evidence, ...] = ()
    off_the_job: tuple[LoggedHours, ...] | None = None
    folder: Annotated[str, Field(default="", exclude=True)]
    work: Annotated[Job | None, Field(default=None, exclude=True)]
    has_only_rows: Annotated[bool, Field(default=False, exclude=True)]

    @cached_property
    def by_id(self) -> dict[str, Evidence]:
        """Give the pieces by id."""
        return {piece.id: piece for piece in self.evidence}

    @property
    def logged_hours(self) -> Decimal:
        """Give the sum of all logged hours, eligible or not."""
        return sum((row.hours for row in self.off_the_job or ()), Decimal(0))
