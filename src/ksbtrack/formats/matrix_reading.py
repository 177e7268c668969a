"""An evidence matrix in: claims with the cells that make them, and every cell that could not be taken."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import NamedTuple

from ksbtrack.formats.matrix_layout import Layout, find_layout
from ksbtrack.formats.matrix_words import MARKS, NOTHING, Hit, Hits, Names, folded, names_a_place, same_place
from ksbtrack.models.evidence_matrix import MatrixClaim, MatrixReading
from ksbtrack.models.importing import ImportNote, NoteKind
from ksbtrack.models.sheets import Row, Sheet, Sheets
from ksbtrack.models.values import MAX_NAME
from ksbtrack.problems import KsbtrackError, Problem, Source, did_you_mean, quoted

MAX_PAIRS = 200_000
"""Pairs of piece and statement that one matrix may name: 2,000 pieces with a hundred claims each."""
SAME_WORDS = 60
"""Percent of its words' letters that a statement in a matrix must share with ours, so that its code is believed."""

ABOUT = "About this matrix"
"""The first words of the sheet that says what a matrix of ours is, and is none itself."""

_IN_BRACKETS = re.compile(r"[(\[]([^()\[\]]{2,200})[)\]]")
_SUGGESTED = 20


class _Named(NamedTuple):
    """A piece or code that a row names, with the place behind it and the cell."""

    name: str
    where: str
    at: str


def read_matrix(sheets: Sheets, names: Names) -> MatrixReading:
    """Give the claims in an evidence matrix, either way round, and a note on every cell that was not taken.

    Args:
        sheets: its tables.
        names: what its cells can name.

    Raises:
        KsbtrackError: `not-a-matrix` where no table has columns for both statements and pieces, `table-too-large`.
    """
    reading = _Reading(names, sheets)
    read = [sheet for sheet in sheets.sheets if reading.sheet(sheet)]
    if not read:
        raise KsbtrackError(_not_a_matrix(sheets))
    claims = {(claim.piece, claim.code, same_place(claim.where)): claim for claim in reversed(reading.claims)}
    placed = {(claim.piece, claim.code) for claim in claims.values() if claim.where}
    kept = [claim for claim in reversed(claims.values()) if claim.where or (claim.piece, claim.code) not in placed]
    order = {id(claim): place for place, claim in enumerate(reading.claims)}
    return MatrixReading(
        tuple(sorted(kept, key=lambda claim: order[id(claim)])), (*sheets.notes, *dict.fromkeys(reading.notes))
    )


class _Reading:
    """The claims and notes of one matrix as they are found, sheet by sheet."""

    def __init__(self, names: Names, sheets: Sheets) -> None:
        self.names = names
        self.file = sheets.file
        self.claims: list[MatrixClaim] = []
        self.notes: list[ImportNote] = []
        self._pairs = 0
        self._suggested = 0
        self._own = {
            (piece.id, claim.code, " ".join((claim.where or "").split()))
            for piece in names.portfolio.evidence
            for claim in piece.claims
        }
        # As the portfolio has it, whatever names a place holds itself.
        self._own_lines = {(name, place) for piece, code, place in self._own for name in (piece, code)}

    def sheet(self, sheet: Sheet) -> bool:
        """Take a table; say whether it was one of statements and pieces."""
        layout = find_layout(sheet, self.names)
        if layout is None:
            if sheet.rows[0].cell(0) != ABOUT:
                where = sheet.where(0).partition(", row")[0] if sheet.name else "file"
                self._note(NoteKind.UNREAD, where, "No row names columns for statements and for pieces: not read.")
            return False
        for index, heading in layout.unread.items():
            self._unread_column(sheet, layout, index, heading)
        empty = [row for row in sheet.rows if row.number > layout.header.number and not self._row(sheet, row, layout)]
        if empty:
            numbers = ", ".join(str(row.number) for row in empty[:5]) + (", ..." if len(empty) > 5 else "")  # noqa: PLR2004
            words = f"Rows that name neither a code nor a piece: not read ({numbers})."
            self.notes.append(ImportNote(NoteKind.UNREAD, sheet.where(empty[0]), words, len(empty)))
        return True

    def _unread_column(self, sheet: Sheet, layout: Layout, index: int, heading: str) -> None:
        """Note a column that is not read, if anything stands in it; it may be a piece that is not there."""
        filled = [row for row in sheet.rows if row.number > layout.header.number and row.cell(index)]
        if not filled:
            return
        at = sheet.where(layout.header, index)
        if layout.codes and (index in layout.header.dates or self._is_like_a_name(heading)):
            self._unknown_piece(heading, at, is_date=index in layout.header.dates, cells=len(filled))
        elif layout.pieces and self.names.codes_in(heading).hits:
            self._unknown_code(heading, at)
        else:
            words = f"The column {quoted(heading)} was not read."
            self.notes.append(ImportNote(NoteKind.UNREAD, at, words, len(filled)))

    def _is_like_a_name(self, heading: str) -> bool:
        return any(not hit.name for hit in self.names.pieces_in(heading).hits)

    def _row(self, sheet: Sheet, row: Row, layout: Layout) -> bool:
        """Take a row; say whether it names anything."""
        if row.cells == layout.header.cells:
            return True
        before = len(self.notes)
        codes = list(self._codes(sheet, row, layout))
        is_code_noted = len(self.notes) > before
        pieces = list(self._pieces(sheet, row, layout))
        marks = [index for index in (*layout.of_piece, *layout.of_code) if row.cell(index).casefold() not in NOTHING]
        if codes and len({code.name for code in codes}) == 1 and layout.text is not None and layout.codes:
            codes = self._with_same_words(codes, sheet, row, layout.text)
            is_code_noted = is_code_noted or not codes
        if not codes and (pieces or any(index in layout.of_piece for index in marks)) and not layout.of_code:
            if not is_code_noted:
                self._no_code(sheet, row, layout, pieces)
            return True
        if not pieces and any(index in layout.of_code for index in marks):
            at = sheet.where(row, (layout.pieces or (0,))[0])
            self._note(NoteKind.UNUSABLE, at, "No piece, but claims: the row was not taken.")
            return True
        self._take(sheet, row, layout, codes, pieces)
        return bool(codes or pieces or marks or len(self.notes) > before)

    def _take(self, sheet: Sheet, row: Row, layout: Layout, codes: list[_Named], pieces: list[_Named]) -> None:
        for code in codes:
            for piece in pieces:
                self._claim(piece.name, code.name, piece.where or code.where, piece.at)
            for index, name in layout.of_piece.items():
                self._crossing(sheet, row, index, name, code.name)
        for piece in pieces:
            for index, name in layout.of_code.items():
                self._crossing(sheet, row, index, piece.name, name)

    def _claim(self, piece: str, code: str, where: str, at: str) -> None:
        self._pairs += 1
        if self._pairs > MAX_PAIRS:
            raise KsbtrackError(_too_many(self.file))
        place = " ".join(where.split())
        if len(place) > MAX_NAME:
            words = f"The place of {piece} for {code} has more than {MAX_NAME} characters: taken without it."
            self._note(NoteKind.UNUSABLE, at, words)
            place = ""
        self.claims.append(MatrixClaim(piece, code, place, at))

    def _crossing(self, sheet: Sheet, row: Row, index: int, piece: str, code: str) -> None:
        """Take the cell in which a piece and a statement cross: a mark, or a place on each line."""
        at = sheet.where(row, index)
        for line in _lines(row.cell(index)):
            plain = line.casefold()
            if (piece, code, line) in self._own or (names_a_place(line) and index not in row.dates):
                self._claim(piece, code, line, at)
            elif plain in MARKS:
                self._claim(piece, code, "", at)
            elif plain not in NOTHING:
                words = f"Not understood: {quoted(line)}, for {piece} and {code}. Write x, or a place such as p. 2."
                self._note(NoteKind.UNUSABLE, at, words)

    def _codes(self, sheet: Sheet, row: Row, layout: Layout) -> Iterator[_Named]:
        """Yield the codes of a row; where no cell is for them, by the statement's words or in brackets behind them."""
        is_given = False
        for index in layout.codes:
            at = sheet.where(row, index)
            for line in _lines(row.cell(index)):
                is_given = True
                found = self._own_line(line, self.names.code) or self.names.codes_in(line)
                yield from self._named(found, at, is_code=True)
                for words in found.ranges:
                    self._note(NoteKind.REPAIRED, at, f"{words}: taken as a range, with all codes between.")
                if not found.hits and layout.pieces and self._has_pieces(row, layout):
                    self._note(NoteKind.UNUSABLE, at, f"{quoted(line)} is no code.")
        if not is_given and layout.text is not None and not layout.of_code:
            yield from self._codes_by_words(sheet, row, layout.text)

    def _has_pieces(self, row: Row, layout: Layout) -> bool:
        return any(row.cell(index).casefold() not in NOTHING for index in (*layout.pieces, *layout.of_piece))

    def _codes_by_words(self, sheet: Sheet, row: Row, index: int) -> Iterator[_Named]:
        text = row.cell(index)
        at = sheet.where(row, index)
        code = self.names.wordings.get(folded(text)) if text else None
        if code is not None:
            self._note(NoteKind.REPAIRED, at, f"No code: taken as {code} by the statement's words.")
            yield _Named(code, "", at)
            return
        for inside in _IN_BRACKETS.findall(text):
            found = self.names.codes_in(inside)
            if found.hits and not found.before and not any(hit.behind for hit in found.hits):
                yield from self._named(found, at, is_code=True)

    def _with_same_words(self, codes: list[_Named], sheet: Sheet, row: Row, index: int) -> list[_Named]:
        """Give a row's code if the words beside it are those of our statement; another version may mean another one."""
        text, code = row.cell(index), codes[0].name
        words, ours = folded(text), folded(self.names.standard.by_code[code].text)
        if not words or text.startswith("(continued") or ours.startswith(words) or words.startswith(ours):
            return codes
        at = sheet.where(row, index)
        meant = self.names.wordings.get(words)
        if meant is not None:
            said = f"{code} stands beside the words of {meant} in {self.names.standard.identity}: not taken."
            self._note(NoteKind.UNUSABLE, at, f"{said} Is the matrix about another version?")
            return []
        from rapidfuzz.fuzz import ratio

        if ratio(words[:2000], ours[:2000]) < SAME_WORDS:
            said = f"{code} has other words in {self.names.standard.identity} than {quoted(text)}: not taken."
            self._note(NoteKind.UNUSABLE, at, f"{said} Is the matrix about another standard or version?")
            return []
        self._note(NoteKind.REPAIRED, at, f"{code} has slightly other words here: taken all the same.")
        return codes

    def _pieces(self, sheet: Sheet, row: Row, layout: Layout) -> Iterator[_Named]:
        """Yield the pieces of a row with their places; by the title where no cell names them otherwise."""
        given: list[_Named] = []
        is_given = False
        for index in layout.pieces:
            at = sheet.where(row, index)
            for line in _lines(row.cell(index)):
                is_given = True
                if index in row.dates:
                    self._unknown_piece(line, at, is_date=True)
                else:
                    found = self._own_line(line, self.names.piece_id) or self.names.pieces_in(line)
                    given += self._named(found, at, is_code=False)
        title = row.cell(layout.titles)
        if not is_given and title and self.names.piece(title):
            given.append(_Named(self.names.piece(title), "", sheet.where(row, layout.titles)))
        yield from self._with_places(given, sheet, row, layout.places)

    def _own_line(self, line: str, named: Callable[[str], str]) -> Hits | None:
        """Give the name in a line and all behind its colon as a place, where the portfolio has just that."""
        first, colon, rest = line.partition(":")
        name, place = named(first), " ".join(rest.split())
        return Hits((Hit(name, first, place, True),), "") if colon and (name, place) in self._own_lines else None

    def _with_places(self, pieces: list[_Named], sheet: Sheet, row: Row, index: int | None) -> list[_Named]:
        """Give the pieces with what a column for places says of them: one for one, or one for all that have none."""
        lines = _lines(row.cell(index))
        if index is None or not lines or not pieces:
            return pieces
        at = sheet.where(row, index)
        if index in row.dates:
            words = f"{quoted(lines[0])}: a spreadsheet makes dates of numbers such as 2-3. Taken without a place."
            self._note(NoteKind.UNUSABLE, at, words)
            return pieces
        places = [f"p. {line}" if re.fullmatch(r"[0-9][0-9 ,;–-]*", line) else line for line in lines]
        if len(places) == len(pieces):
            return [one._replace(where=one.where or place) for one, place in zip(pieces, places, strict=True)]
        self._note(NoteKind.UNUSABLE, at, f"{quoted(row.cell(index))}: not clear which piece has which place.")
        return pieces

    def _named(self, found: Hits, at: str, *, is_code: bool) -> Iterator[_Named]:
        """Yield what a line names, and note what was not taken of it."""
        for hit in found.hits:
            if not hit.name:
                self._unknown_code(hit.written, at) if is_code else self._unknown_piece(hit.written, at)
                if hit.behind and not names_a_place(hit.behind):
                    self._note(NoteKind.UNUSABLE, at, f"Behind {hit.written}: {quoted(hit.behind)} was not taken.")
                continue
            where = "" if self._is_of(hit, is_code=is_code) else hit.behind
            if where and not (hit.is_declared or names_a_place(where)):
                self._note(NoteKind.UNUSABLE, at, f"Behind {hit.written}: {quoted(where)} was not taken.")
                where = ""
            yield _Named(hit.name, where, at)
        if found.before and found.before.casefold() not in NOTHING:
            if not found.hits and not is_code:
                self._unknown_piece(found.before, at)
            elif found.hits and folded(found.before) not in ("ksb", "ksbs", "evidence", "see", "piece"):
                self._note(NoteKind.UNUSABLE, at, f"{quoted(found.before)} was not taken.")

    def _is_of(self, hit: Hit, *, is_code: bool) -> bool:
        """Say whether the words behind a name only say it again: a piece's title or file, or a statement's words."""
        if is_code:
            return folded(hit.behind) == folded(self.names.standard.by_code[hit.name].text)
        return self.names.titles.get(folded(hit.behind)) == hit.name

    def _unknown_code(self, written: str, at: str) -> None:
        meant = self._meant(written, self.names.order)
        self._note(NoteKind.UNUSABLE, at, f"{self.names.standard.identity} has no {quoted(written)}. {meant}".rstrip())

    def _unknown_piece(self, written: str, at: str, *, is_date: bool = False, cells: int = 1) -> None:
        if is_date:
            try:
                piece = self.names.meant_by(date.fromisoformat(written[:10]))
            except ValueError:
                piece = ""
            meant = f"Did you mean {piece}? " if piece else ""
            words = f"{quoted(written)} is a date. {meant}A spreadsheet makes dates of ids such as SEP-2."
        else:
            words = f"No piece {quoted(written)} in the portfolio. {self._meant(written, self.names.by_id)}".rstrip()
        self.notes.append(ImportNote(NoteKind.UNUSABLE, at, words, cells))

    def _meant(self, written: str, choices: Iterable[str]) -> str:
        """Give what was perhaps meant, for the first unknown names only: comparing takes time."""
        self._suggested += 1
        return did_you_mean(written, choices) if self._suggested <= _SUGGESTED else ""

    def _no_code(self, sheet: Sheet, row: Row, layout: Layout, pieces: list[_Named]) -> None:
        index = layout.codes[0] if layout.codes else layout.text
        named = ", ".join(dict.fromkeys(piece.name for piece in pieces)) or "marks"
        words = f"No code, but {named}: the row was not taken. Write the code, also where it is that of the row above."
        self._note(NoteKind.UNUSABLE, sheet.where(row, index), words)

    def _note(self, kind: NoteKind, at: str, words: str) -> None:
        self.notes.append(ImportNote(kind, at, words))


def _lines(cell: str) -> list[str]:
    """Give the lines of a cell that say something."""
    lines = (" ".join(line.split()) for line in cell.split("\n"))
    return [line for line in lines if line.casefold() not in NOTHING]


def _not_a_matrix(sheets: Sheets) -> Problem:
    first = next((row.cells for sheet in sheets.sheets for row in sheet.rows), ())
    return Problem(
        "not-a-matrix",
        Source(sheets.file),
        f"a table that begins with {quoted(', '.join(cell for cell in first if cell))}",
        "a row names a column for codes (Code, KSB, Ref) and one for pieces (Evidence), or codes and pieces cross",
        "Give the columns these headings; ksbtrack matrix writes a matrix to begin with.",
    )


def _too_many(file: str) -> Problem:
    return Problem(
        "table-too-large",
        Source(file),
        f"more than {MAX_PAIRS:,} claims",
        "no portfolio has so many",
        "Keep the statements of one standard, or the matrix of one learner, in a file of its own.",
    )
