"""What a matrix would change, or changed, as a view for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ksbtrack.models.evidence_matrix import MatrixImport, MissingClaim, Proposal, ProposalKind
from ksbtrack.models.importing import ImportNote, NoteKind
from ksbtrack.models.values import listed
from ksbtrack.problems import several
from ksbtrack.terminal.marks import grid, heading, indented, plain

MAX_LINES = 200
"""Lines of one list; the rest is counted, and --json has it all."""


def import_view(result: MatrixImport, command: str) -> RenderableType:
    """Give what a matrix adds, what could not be taken, and what it lacks.

    Args:
        result: shown or written.
        command: what writes the change.
    """
    return Group(*_parts(result, command))


def _parts(result: MatrixImport, command: str) -> Iterator[RenderableType]:
    yield plain(_summary(result), "bold")
    added = [one for one in result.proposals if one.kind is ProposalKind.ADD]
    placed = [one for one in result.proposals if one.kind is ProposalKind.ADD_PLACE]
    is_written = bool(result.written)
    if added:
        yield heading("Claims added" if is_written else "Claims to add", several(len(added), "claim"))
        yield _proposals(added)
    if placed:
        title = "Places filled in" if is_written else "Places to fill in"
        yield heading(title, f"{several(len(placed), 'claim')} that had none")
        yield _proposals(placed)
    yield from _again(result, is_written=is_written)
    taken = [note for note in result.notes if note.kind not in (NoteKind.UNUSABLE, NoteKind.UNREAD)]
    for notes, title in ((result.not_taken, "Not taken"), (taken, "Taken in another way than it stands")):
        if notes:
            yield heading(title, several(sum(note.count for note in notes), "place"))
            yield _notes(notes)
    if result.missing:
        yield heading(
            "In the portfolio, not in the matrix", f"{several(len(result.missing), 'claim')}; none is removed"
        )
        yield _missing(result.missing)
    yield Text()
    yield plain(_next_step(result, command))


def _summary(result: MatrixImport) -> str:
    count = len(result.proposals)
    read = several(count + result.known, "claim")
    if not count:
        new = f"nothing new in {read}"
    elif result.written:
        new = f"{count:,} of {read} {'was' if count == 1 else 'were'} new and written"
    else:
        new = f"{count:,} of {read} would change the portfolio"
    return f"{result.file}: {new} on {result.standard}."


def _proposals(proposals: Sequence[Proposal]) -> RenderableType:
    table = grid(None, None, 2, 3)
    for proposal in proposals[:MAX_LINES]:
        claim = proposal.claim
        place = claim.where or "no place"
        if proposal.beside:
            place += f" (beside {listed(proposal.beside)})"
        table.add_row(plain(claim.piece), plain(claim.code), plain(place), plain(claim.at, "dim"))
    return _cut(table, len(proposals))


def _notes(notes: Sequence[ImportNote]) -> RenderableType:
    table = grid(2, 5)
    for note in notes[:MAX_LINES]:
        often = f" ({note.count:,} times)" if note.count > 1 else ""
        table.add_row(plain(note.where, "dim"), plain(note.what + often))
    return _cut(table, len(notes))


def _missing(missing: Sequence[MissingClaim]) -> RenderableType:
    by_piece: dict[str, list[str]] = {}
    for claim in missing:
        place = f" ({claim.where})" if claim.where else ""
        by_piece.setdefault(claim.piece, []).append(f"{claim.code}{place}")
    table = grid(None, 1)
    for piece, codes in list(by_piece.items())[:MAX_LINES]:
        table.add_row(plain(piece), plain(", ".join(codes)))
    return _cut(table, len(by_piece))


def _cut(table: Table, count: int) -> RenderableType:
    if count <= MAX_LINES:
        return indented(table)
    return indented(Group(table, plain(f"and {count - MAX_LINES:,} more: --json has them all")))


def _again(result: MatrixImport, *, is_written: bool) -> Iterator[RenderableType]:
    """Yield what the change means for what was signed: it was signed without these claims."""
    if result.accept_again or result.confirm_again:
        yield heading("To be checked again" if is_written else "Would have to be checked again")
        if result.accept_again:
            words = f"{listed(result.accept_again)}: accepted without these claims; an assessor accepts again."
            yield indented(plain(words))
        for who in result.confirm_again:
            yield indented(plain(f"The confirmation of {who}: it covers pieces that change."))


def _next_step(result: MatrixImport, command: str) -> str:
    if result.written:
        return f"{several(len(result.written), 'file')} written: {listed(result.written)}."
    if result.proposals:
        return f"Nothing was written. To write it: {command}"
    return "Nothing to write."
