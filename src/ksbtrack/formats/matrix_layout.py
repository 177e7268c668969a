"""How a matrix is laid out: which columns hold codes, which pieces, and which are a code or a piece themselves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ksbtrack.formats.matrix_words import Names
from ksbtrack.formats.sheet_headers import MAX_ROWS_BEFORE_HEADER, match_headers
from ksbtrack.models.sheets import Column, Row, Sheet

UNREAD_SILENTLY = frozenset(
    {"date", "accepted", "counts now", "reason", "assessor's use", "comments", "comment", "notes", "note"}
)
"""Headings, in lower case, of columns that say nothing about which piece shows what."""


class Layout(NamedTuple):
    """The columns of a matrix, by index.

    Attributes:
        header: the row that names them.
        codes: columns whose cells are codes.
        pieces: columns whose cells name pieces.
        text: the column with the statements' words.
        titles: the column with the pieces' titles.
        places: the column with places.
        of_piece: columns that stand for a piece each, in a cross table.
        of_code: columns that stand for a code each, in a cross table the other way round.
        unread: columns that are not read, with their headings.
    """

    header: Row
    codes: tuple[int, ...]
    pieces: tuple[int, ...]
    text: int | None
    titles: int | None
    places: int | None
    of_piece: dict[int, str]
    of_code: dict[int, str]
    unread: dict[int, str]

    @property
    def columns_known(self) -> int:
        """Give how many columns the header gives a meaning."""
        named = [self.text, self.titles, self.places]
        single = len(named) - named.count(None)
        return len(self.codes) + len(self.pieces) + single + len(self.of_piece) + len(self.of_code)

    @property
    def is_matrix(self) -> bool:
        """Say whether there are statements and pieces."""
        has_codes = bool(self.codes or self.of_code) or (self.text is not None and bool(self.pieces or self.of_piece))
        return has_codes and bool(self.pieces or self.of_piece or (self.titles is not None and self.of_code))


def find_layout(sheet: Sheet, names: Names) -> Layout | None:
    """Give how a table is laid out, by the best of its first rows; None where none makes it a matrix."""
    found = [_layout(row, names) for row in sheet.rows[:MAX_ROWS_BEFORE_HEADER]]
    return max((one for one in found if one.is_matrix), key=lambda one: one.columns_known, default=None)


def _layout(row: Row, names: Names) -> Layout:
    headings = match_headers(row.cells)
    codes = (*headings.columns.get(Column.CODE, ()), *headings.columns.get(Column.CODES, ()))
    pieces = headings.columns.get(Column.EVIDENCE, ())
    of_piece, of_code = _crossing(row, headings.others, names)
    if of_piece and of_code:
        # One kind stands in the rows: that which has a column of its own does not stand in the headings too.
        of_piece, of_code = (of_piece, {}) if codes or not pieces else ({}, of_code)
    corner = _corner(row) if (of_piece and not codes) or (of_code and not pieces) else None
    if corner is not None:
        codes, pieces = ((corner,), pieces) if of_piece else (codes, (corner,))
    unread = {
        index: row.cell(index)
        for index in sorted((*headings.others, *headings.columns.get(Column.WHY, ())))
        if index not in of_piece and index not in of_code and row.cell(index).casefold() not in UNREAD_SILENTLY
    }
    first = headings.index
    text, titles, places = first(Column.TEXT), first(Column.TITLE), first(Column.PLACE)
    return Layout(row, codes, pieces, text, titles, places, of_piece, of_code, unread)


def _crossing(row: Row, others: Iterable[int], names: Names) -> tuple[dict[int, str], dict[int, str]]:
    """Give the columns whose heading is a piece, and those whose heading is a code."""
    of_piece: dict[int, str] = {}
    of_code: dict[int, str] = {}
    for index in others:
        heading = row.cell(index).replace("\n", " ")
        piece = names.piece(heading) or _only(hit.name for hit in names.pieces_in(heading).hits)
        code = names.code(heading) or _only(hit.name for hit in names.codes_in(heading).hits)
        if piece:
            of_piece[index] = piece
        if code:
            of_code[index] = code
    return of_piece, of_code


def _only(found: Iterable[str]) -> str:
    """Give the one name that there is; nothing if there are none or several."""
    each = list(found)
    return each[0] if len(each) == 1 else ""


def _corner(row: Row) -> int | None:
    """Give the first column without a heading, if it is the first of all."""
    return 0 if row.cells and not row.cells[0] else None
