"""Texts and tables of pieces, laid out as pages: plain text, Markdown, CSV, and the like."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Sequence
from itertools import takewhile
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ksbtrack.models.portfolio import AttachedFile, Evidence
from ksbtrack.problems import several
from ksbtrack.report.markdown import safe_html
from ksbtrack.report.printable import printable
from ksbtrack.showcase.cards import draw
from ksbtrack.showcase.parts import Form, PreparedFile

if TYPE_CHECKING:
    from markupsafe import Markup

MAX_TEXT_CHARACTERS = 200_000
"""Characters of a text that are shown, about 60 pages: laying out more takes more seconds than anyone reads pages."""
MAX_TABLE_ROWS = 500
"""Rows of a table that are shown, about 15 pages; a longer one is there to be opened, not to be read."""
MAX_TABLE_CHARACTERS = 60_000
"""Characters of a table that are shown: narrow columns take four times as long to lay out as a text."""
MAX_TABLE_COLUMNS = 16
"""Columns that are shown: on a sheet across, each is then 16 mm wide."""
MAX_CELL_CHARACTERS = 400
"""Characters of one cell that are shown; a row must fit on a page."""
MAX_ACCENTS = 30
"""Accents on one letter that are shown: no language has so many, and each costs as much as a letter."""
LONGEST_LINE = 1_000
"""Characters of a line after which it is broken: laying out a line takes the square of its length."""
LONGEST_PARAGRAPH = 8_000
"""Characters of a paragraph up to which Markdown is shown as it is meant; three pages without a break are no prose."""

PORTRAIT_COLUMNS = 6
"""Columns of a table that fit on an upright sheet; one with more is laid across."""

_PARAGRAPHS_END = re.compile(r"\n[ \t]*\n")
_TAB = 4
_WIDEST_CELL = 24
# In characters: the space between two columns, and that heads are set in bold.
_BETWEEN = 3


def prepare_text(content: bytes, file: AttachedFile, piece: Evidence, number: int) -> PreparedFile:
    """Give the pages of a text: a table for CSV and TSV, Markdown as it is meant, anything else as it is typed.

    Args:
        content: the whole file.
        file: what loading found about it.
        piece: the piece that it belongs to.
        number: its place among the piece's files, from 1.

    Raises:
        KsbtrackError: `missing-library`, `render-failed`.
    """
    ending = PurePosixPath(file.name).suffix.casefold()
    text = _few_accents(decoded(content).replace("\r\n", "\n").replace("\r", "\n"))
    notes: list[str] = []
    table: Sequence[Sequence[str]] = ()
    body: Markup | str = ""
    if ending in (".csv", ".tsv"):
        table, notes = read_table(text, "\t" if ending == ".tsv" else "")
    if not table:
        body, notes = _body(text, is_markdown=ending in (".md", ".markdown"))
    pdf = draw(
        "file_text.html.j2",
        piece=piece,
        number=number,
        file=file,
        notes=notes,
        table=table,
        widths=_widths(table),
        body=body,
        is_wide=bool(table) and len(table[0]) > PORTRAIT_COLUMNS,
    )
    return PreparedFile(
        piece=piece.id,
        number=number,
        name=file.name,
        sha256=file.sha256,
        size=file.size,
        form=Form.PAGES,
        pdf=pdf,
        pages=page_count(pdf),
        notes=tuple(notes),
    )


def page_count(pdf: bytes) -> int:
    """Give the number of pages of a PDF that we made."""
    import pikepdf

    with pikepdf.open(io.BytesIO(pdf)) as made:
        return len(made.pages)


_LINES_LOOKED_AT = 20
"""Lines of a table by which to tell what stands between its cells: the sign that most of them have."""


def decoded(content: bytes) -> str:
    """Give the text of bytes that are UTF-8, UTF-16 with its mark, or else the code of western Windows."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def read_table(text: str, delimiter: str = "") -> tuple[list[list[str]], list[str]]:
    """Give the rows of a table in text, all of one length, and notes on what was left out.

    Args:
        text: the whole table.
        delimiter: between the cells; empty to find out whether it is a comma, a semicolon or a tab.
    """
    lines = text.splitlines(keepends=True)
    remarks = list(takewhile(lambda line: line.startswith("#"), lines))
    first = lines[len(remarks) : len(remarks) + _LINES_LOOKED_AT]
    delimiter = delimiter or max(",;\t", key=lambda sign: sum(sign in line for line in first))
    reader = csv.reader(io.StringIO("".join(lines[len(remarks) :])), delimiter=delimiter)
    try:
        rows, more = _first_rows(reader)
    except csv.Error:
        return [], []
    columns = max(map(len, rows), default=0)
    notes = [f"The file begins with the remark: {_cut(line.lstrip('#'))}" for line in remarks]
    if more:
        notes.append(f"Only the first {several(len(rows) - 1, 'row')} are shown; the file has more.")
    if columns > MAX_TABLE_COLUMNS:
        notes.append(f"Only the first {MAX_TABLE_COLUMNS} of {several(columns, 'column')} are shown.")
    if any(len(cell) > MAX_CELL_CHARACTERS for row in rows for cell in row[:MAX_TABLE_COLUMNS]):
        notes.append(f"Cells are cut after {MAX_CELL_CHARACTERS} characters.")
    width = min(columns, MAX_TABLE_COLUMNS)
    return [[_cut(cell) for cell in (row + [""] * width)[:width]] for row in rows], notes


def _first_rows(reader: Iterable[list[str]]) -> tuple[list[list[str]], bool]:
    """Give the rows that are shown, the first of them for the heads of columns, and whether there are more."""
    rows: list[list[str]] = []
    characters = 0
    for row in reader:
        if not any(cell.strip() for cell in row):
            continue
        characters += sum(min(len(cell), MAX_CELL_CHARACTERS) for cell in row[:MAX_TABLE_COLUMNS])
        if len(rows) > MAX_TABLE_ROWS or (rows and characters > MAX_TABLE_CHARACTERS):
            return rows, True
        rows.append(row)
    return rows, False


def _widths(table: Sequence[Sequence[str]]) -> list[int]:
    """Give each column its part of the width in hundredths: by its longest cell, and none so little or so much."""
    longest = [min(max(6, *map(len, column)), _WIDEST_CELL) + _BETWEEN for column in zip(*table, strict=True)]
    return [100 * characters // sum(longest) for characters in longest]


def _cut(cell: str) -> str:
    cell = " ".join(cell.split())
    return cell if len(cell) <= MAX_CELL_CHARACTERS else cell[: MAX_CELL_CHARACTERS - 1] + "…"


def _body(text: str, *, is_markdown: bool) -> tuple[Markup, list[str]]:
    from markupsafe import Markup

    notes = []
    if len(text) > MAX_TEXT_CHARACTERS:
        notes.append(f"Only the first {MAX_TEXT_CHARACTERS:,} of {len(text):,} characters are shown.")
        text = text[:MAX_TEXT_CHARACTERS]
    if is_markdown and all(len(paragraph) <= LONGEST_PARAGRAPH for paragraph in _PARAGRAPHS_END.split(text)):
        return safe_html(text), notes
    lines = "\n".join(_broken(line) for line in text.expandtabs(_TAB).split("\n"))
    return Markup("<pre>{}</pre>").format(printable(lines)), notes


def _broken(line: str) -> str:
    """Give a line with breaks in it where it is too long to be laid out as one, at a space if there is one near."""
    pieces = []
    while len(line) > LONGEST_LINE:
        end = line.rfind(" ", LONGEST_LINE // 2, LONGEST_LINE) + 1 or LONGEST_LINE
        pieces.append(line[:end])
        line = line[end:]
    return "\n".join([*pieces, line])


def _few_accents(text: str) -> str:
    """Give a text without the accents that stand above `MAX_ACCENTS` on one letter."""
    import unicodedata

    if text.isascii():
        return text
    kept, accents = [], 0
    for character in text:
        accents = accents + 1 if unicodedata.combining(character) else 0
        if accents <= MAX_ACCENTS:
            kept.append(character)
    return "".join(kept)
