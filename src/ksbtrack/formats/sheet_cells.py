"""The limits that hold for every table, and the text of its cells."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence

from ksbtrack.models.importing import ImportNote, NoteKind
from ksbtrack.models.sheets import Row, Sheet
from ksbtrack.problems import KsbtrackError, Problem, quoted, several
from ksbtrack.yamlfile import without_forbidden

MAX_ROWS = 50_000
"""Rows of all tables of a file that are not blank: five times the 10,000 statements of the largest list known."""
MAX_COLUMNS = 2_100
"""Columns of a table: one for each of the 2,000 pieces that a portfolio may have, and room."""
MAX_CELLS = 1_500_000
"""Cells of all tables of a file, counted to the last filled one of each row: 750 statements by 2,000 pieces."""
MAX_CHARACTERS = 40_000_000
"""Characters of all cells of a file: a cell can refer to a text that stands in the file once, so that few bytes can be
many characters. 10,000 statements have 3 million."""
MAX_CELL = 32_767
"""Characters of a cell: what a cell of a spreadsheet can hold."""
MAX_NOTES_OF_A_KIND = 50
"""Places of one kind that are named; how many more there are is said."""

UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\u200b\ufeff\u202a-\u202e\u2066-\u2069\ufffe\uffff]"
)
"""What nobody can see, and what would turn the direction of text around. Tab and line feed are white space."""


def cleaned(text: str) -> str:
    """Give a cell's text without white space around it, composed (NFC), with plain spaces and line feeds."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ").strip()
    return plain if plain.isascii() else unicodedata.normalize("NFC", plain)


class Tally:
    """Rows of one file as they are made, counted against the limits.

    A class, since rows come one by one and what was counted must outlive each of them.
    """

    def __init__(self, sheet: Sheet, notes: list[ImportNote], most_rows: int = MAX_ROWS) -> None:
        """Begin with nothing counted; `most_rows` is for those who know of larger tables."""
        self.most_rows = most_rows
        self.sheet = sheet
        self.notes = notes
        self.rows = 0
        self.cells = 0
        self.characters = 0
        self._unseen: list[str] = []

    def row(self, number: int, cells: Sequence[str], dates: Collection[int] = ()) -> Row | None:
        """Give a row of cleaned cells; None where all of them are blank.

        Raises:
            KsbtrackError: `table-too-large`.
        """
        self.characters += sum(map(len, cells))
        if self.characters > MAX_CHARACTERS:
            raise KsbtrackError(too_large(self.sheet, number, f"more than {MAX_CHARACTERS:,} characters"))
        made = [self._cell(cell, number, index) if cell else "" for index, cell in enumerate(cells)]
        while made and not made[-1]:
            made.pop()
        if not made:
            return None
        self.rows += 1
        self.cells += len(made)
        for count, most, noun in (
            (len(made), MAX_COLUMNS, "column"),
            (self.rows, self.most_rows, "row"),
            (self.cells, MAX_CELLS, "cell"),
        ):
            if count > most:
                raise KsbtrackError(too_large(self.sheet, number, f"more than {several(most, noun)}"))
        return Row(number, tuple(made), frozenset(index for index in dates if index < len(made)))

    def _cell(self, cell: str, number: int, index: int) -> str:
        if len(cell) > MAX_CELL:
            found = f"{quoted(cell)} in column {index + 1}, which has {len(cell):,} characters"
            raise KsbtrackError(too_large(self.sheet, number, found))
        if not (cell.isascii() and cell.isprintable()):
            plain = cell.replace("\r\n", "\n").replace("\r", "\n")
            cell = UNSEEN.sub("", without_forbidden(plain))
            if cell != plain:
                self._unseen.append(self.sheet.where(number, index))
        return cleaned(cell)

    def finish(self) -> None:
        """Note what was done with all the rows together."""
        self.notes += named_notes(self._unseen, "Characters that cannot be seen, or heaps of accents, were left out.")
        self._unseen.clear()


def named_notes(places: Sequence[str], words: str, kind: NoteKind = NoteKind.REPAIRED) -> Iterator[ImportNote]:
    """Yield a note for each of the first places, and one for all of the others together."""
    yield from (ImportNote(kind, place, words) for place in places[:MAX_NOTES_OF_A_KIND])
    more = len(places) - MAX_NOTES_OF_A_KIND
    if more > 0:
        yield ImportNote(kind, f"after {places[MAX_NOTES_OF_A_KIND - 1]}", words, more)


def too_large(sheet: Sheet, number: int, found: str) -> Problem:
    """Give the problem of a table that is larger than any real one."""
    return Problem(
        "table-too-large",
        sheet.source(number),
        found,
        f"a file may have at most {MAX_ROWS:,} rows, {MAX_COLUMNS:,} columns and {MAX_CELLS:,} cells, a cell "
        f"{MAX_CELL:,} characters",
        "Keep the statements of one standard, or the matrix of one learner, in a file of its own.",
    )
