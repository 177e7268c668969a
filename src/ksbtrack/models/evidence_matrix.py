"""What an evidence matrix says, and what it would change in a portfolio."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ksbtrack.models.importing import ImportNote, NoteKind


@dataclass(frozen=True, slots=True)
class MatrixClaim:
    """A claim as a matrix has it.

    Attributes:
        piece: the id, as the portfolio writes it.
        code: the statement's code, as the standard writes it.
        where: the place in the piece; empty where none is given.
        at: sheet, row and column, or line and column.
    """

    piece: str
    code: str
    where: str
    at: str


@dataclass(frozen=True, slots=True)
class MatrixReading:
    """What was read from a matrix: claims in its order, and what could not be taken as it stood."""

    claims: tuple[MatrixClaim, ...]
    notes: tuple[ImportNote, ...]


class ProposalKind(StrEnum):
    """What a proposal does."""

    ADD = "add"
    """A claim that the piece does not make yet."""
    ADD_PLACE = "add_place"
    """A place for a claim that the piece makes without one."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """One change that a matrix proposes.

    Attributes:
        claim: what the matrix says.
        kind: a new claim, or a place for one.
        index: of the claim that gets a place, among those of its piece.
        beside: the places at which the piece claims the statement already.
    """

    claim: MatrixClaim
    kind: ProposalKind
    index: int | None = None
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MissingClaim:
    """A claim of the portfolio that the matrix does not have; it stays."""

    piece: str
    code: str
    where: str


@dataclass(frozen=True, slots=True)
class MatrixImport:
    """What importing a matrix would change, or changed.

    Attributes:
        file: the matrix, as messages name it.
        standard: identity of the standard that its codes belong to.
        proposals: what it adds, in its order.
        known: how many of its claims the portfolio makes already.
        missing: claims of the portfolio that it does not have, in the portfolio's order.
        notes: what could not be taken, and what was taken in another way than it stood.
        accept_again: ids of accepted pieces that an assessor has to look at once more after the change.
        confirm_again: who has to confirm once more after the change, since what they confirmed changes.
        written: the files that were changed; empty as long as the change is only shown.
    """

    file: str
    standard: str
    proposals: tuple[Proposal, ...]
    known: int
    missing: tuple[MissingClaim, ...]
    notes: tuple[ImportNote, ...]
    accept_again: tuple[str, ...] = ()
    confirm_again: tuple[str, ...] = ()
    written: tuple[str, ...] = ()

    @property
    def not_taken(self) -> tuple[ImportNote, ...]:
        """Give the notes on what was not taken."""
        return tuple(note for note in self.notes if note.kind in (NoteKind.UNUSABLE, NoteKind.UNREAD))

    @property
    def is_settled(self) -> bool:
        """Say whether nothing is left to do: no change to write, and no cell that seems to claim something else."""
        is_open = bool(self.proposals) and not self.written
        return not is_open and not any(note.kind is NoteKind.UNUSABLE for note in self.notes)
