"""What is about to be sent, and what the checks before sending say of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from ksbtrack.models.analysis import Analysis, Finding, Status
from ksbtrack.models.case import Case, MadeClaim
from ksbtrack.models.portfolio import AttachedFile, Evidence
from ksbtrack.models.profile import SubmissionProfile
from ksbtrack.models.standard import EvidenceKind


class FileFacts(NamedTuple):
    """What a look into a file found that loading the portfolio did not; None where it could not be told.

    Attributes:
        is_recording: it is meant to be heard or watched.
        seconds: length of a recording.
        needs_password: it does not open without one.
        content: what it is, in words.
        is_as_named: its name promises what it is.
        is_usual: every usual computer opens it without special software.
        beyond_showing: why a showcase could not show it, as a clause; empty where it can, or nobody can tell.
    """

    is_recording: bool = False
    seconds: Decimal | None = None
    needs_password: bool | None = False
    content: str | None = None
    is_as_named: bool | None = True
    is_usual: bool = True
    beyond_showing: str = ""


@dataclass(frozen=True)
class Submission:
    """The pieces that are chosen, with what their files are, and the profile that they are checked against.

    Attributes:
        analysis: what the analysis says of the whole portfolio on the day.
        profile: what is asked for.
        pieces: those chosen, in the order of the choice, each once.
        files: what was found in their files, by path inside the portfolio folder.
    """

    analysis: Analysis
    profile: SubmissionProfile
    pieces: tuple[Evidence, ...]
    files: Mapping[str, FileFacts]

    @cached_property
    def case(self) -> Case:
        """Give the question about the chosen pieces alone, so that rules look at these and at no other."""
        case = self.analysis.case
        chosen = tuple(piece.id for piece in self.pieces)
        portfolio = case.portfolio.model_copy(update={"evidence": self.pieces, "showcase": chosen})
        return Case(case.standard, portfolio, case.policy, case.on, case.assumptions)

    @cached_property
    def attached(self) -> tuple[tuple[Evidence, AttachedFile], ...]:
        """Give each file that is there with its piece, in order."""
        return tuple((piece, file) for piece in self.pieces for file in piece.attached if not file.is_missing)

    def claims_of(self, piece: Evidence) -> list[MadeClaim]:
        """Give the claims of a piece on the case's standard."""
        return self.case.claims_of.get(piece.id, [])

    def facts_of(self, file: AttachedFile) -> FileFacts:
        """Give what was found in a file."""
        return self.files.get(file.name, FileFacts())

    def recordings_of(self, piece: Evidence) -> list[AttachedFile]:
        """Give the recordings among a piece's files."""
        return [file for file in piece.attached if not file.is_missing and self.facts_of(file).is_recording]

    def is_recorded(self, piece: Evidence) -> bool:
        """Say whether a piece is a recording, by its kind or by one of its files."""
        return piece.kind is EvidenceKind.RECORDING or bool(self.recordings_of(piece))


class Verdict(StrEnum):
    """The answer of the checks before sending."""

    CLEAR = "clear"
    FAULTS = "faults"
    CANNOT_TELL = "cannot_tell"

    @property
    def words(self) -> str:
        """Give the verdict as people read it."""
        return {"clear": "Nothing found", "faults": "Faults found", "cannot_tell": "Cannot tell yet"}[self.value]


@dataclass(frozen=True, slots=True)
class Preflight:
    """What the checks before sending found; every output is a view of it.

    It is to a submission what `Analysis` is to a case. It is a noun of its own since its answer is about a package and
    a profile, not about the learner: a ready learner's package can bounce.

    Attributes:
        submission: what was looked at.
        verdict: clear, faults, or cannot tell.
        reason: the verdict as one sentence.
        findings: at least one for each check that the profile asks for, in the order of the checks.
        not_asked: the checks that the profile does not ask for.
    """

    submission: Submission
    verdict: Verdict
    reason: str
    findings: tuple[Finding, ...]
    not_asked: tuple[str, ...]

    @property
    def faults(self) -> tuple[Finding, ...]:
        """Give what would make the submission bounce."""
        return tuple(finding for finding in self.findings if finding.decides and finding.status.fails)

    @property
    def unknown(self) -> tuple[Finding, ...]:
        """Give what could not be told, or must be looked at again, whether it decides or not."""
        return tuple(finding for finding in self.findings if finding.status in (Status.UNKNOWN, Status.CHECK_AGAIN))

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """Give what deserves a look and never decides."""
        return tuple(finding for finding in self.findings if finding.status.holds and not finding.decides)

    @property
    def fine(self) -> tuple[Finding, ...]:
        """Give what was looked at and found in order, or not needed here."""
        return tuple(finding for finding in self.findings if finding.status.holds and finding.decides)
