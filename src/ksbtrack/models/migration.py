"""What moving a portfolio to another version of its standard does to each claim, sign-off and logged hour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from ksbtrack.models.comparison import Change, Comparison
from ksbtrack.models.portfolio import Claim, Portfolio


class Outcome(StrEnum):
    """What becomes of a claim."""

    CARRIED = "carried"
    """It holds as before, for the same words."""
    CHECK_AGAIN = "check_again"
    """It moves, and counts once somebody looked whether the piece shows the new words."""
    ORPHANED = "orphaned"
    """It is kept in its file, and counts for nothing."""

    @property
    def words(self) -> str:
        """Give it as a sentence says it."""
        return self.value.replace("_", " ")


@dataclass(frozen=True)
class ClaimMove:
    """What becomes of one claim.

    Attributes:
        piece: the id of its piece.
        place: among the claims of the piece, as loading gives them, from 0.
        claim: as it is before.
        outcome: what becomes of it.
        targets: the claims in its place; the first one takes it, others stand at the end. None where it is orphaned.
        kept: the claim as it is kept, where it is orphaned.
        change: what became of the statement; None where the claim's own marks name what it is about.
        reason: a sentence.
    """

    piece: str
    place: int
    claim: Claim
    outcome: Outcome
    targets: tuple[Claim, ...]
    kept: Claim | None
    change: Change | None
    reason: str


@dataclass(frozen=True)
class LogMove:
    """What becomes of a code in the log of off-the-job training; one without new codes moves into the row's words."""

    code: str
    new: tuple[str, ...]
    rows: int


@dataclass(frozen=True)
class SignOffMove:
    """Whether a sign-off still holds for what was seen.

    Attributes:
        what: the piece that was judged, or whose confirmation it is.
        holds: only version and codes changed of what was seen, so that the record gets the new mark.
        reason: a sentence.
    """

    what: str
    holds: bool
    reason: str


@dataclass(frozen=True)
class MigrationPlan:
    """Everything that moving a portfolio changes; nothing is written by it.

    Attributes:
        comparison: of the two versions.
        before: the portfolio as it is.
        after: the portfolio as it will load.
        moves: of every claim on the older version, in the portfolio's order.
        log: of every code of the older version in the log that changes.
        sign_offs: of every acceptance and confirmation with a mark that held until now.
        marks: the mark of each piece and confirmation that is the same but for its codes: before, and after.
        notes: what a person has to look at besides, as sentences.
    """

    comparison: Comparison
    before: Portfolio
    after: Portfolio
    moves: tuple[ClaimMove, ...]
    log: tuple[LogMove, ...]
    sign_offs: tuple[SignOffMove, ...]
    marks: Mapping[str, str]
    notes: tuple[str, ...]

    @cached_property
    def counts(self) -> dict[Outcome, int]:
        """Give the number of claims of each outcome; together they are all claims on the older version."""
        return {outcome: sum(move.outcome is outcome for move in self.moves) for outcome in Outcome}

    def of_outcome(self, outcome: Outcome) -> tuple[ClaimMove, ...]:
        """Give the moves with an outcome."""
        return tuple(move for move in self.moves if move.outcome is outcome)
