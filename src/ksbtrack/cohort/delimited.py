"""Tables as text (CSV, TSV) of any size: looked through once, so that a fast reader can be trusted with what is plain.

What is not plain (rows that are too long or too short, cells of several lines, blank lines) is rewritten row by row
into a plain file; a row that cannot be read is told, and the rest goes on.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from ksbtrack.cohort.headings import MatchedHeader, header_of
from ksbtrack.cohort.table_columns import TableName
from ksbtrack.files.opening import open_named_file
from ksbtrack.files.writing import cannot_write
from ksbtrack.formats.delimited_text import DELIMITERS
from ksbtrack.formats.sheet_headers import MAX_ROWS_BEFORE_HEADER
from ksbtrack.problems import KsbtrackError, Problem, Source, several
from ksbtrack.yamlfile import empty_file

BLOCK = 1_048_576
"""Bytes read at a time."""
HEAD = 262_144
"""Bytes in which the header must be: 25 rows of 10,000 characters."""
MAX_CELL = 131_072
"""Characters of a cell that is read: more than a list of all ids that a learner may have."""
MAX_ROW = 524_288
"""Characters of all cells of a row that are read: what a row of the sorted tables can hold, whatever the letters."""
MAX_UNREAD = 4_000_000
"""Characters of a cell in a column that is not read: a longer one is a quote that is never closed."""
_SHOWN = 200
"""Characters of a cell that are kept of a row which cannot be read: as many as a name may have."""

_SEPARATOR_LINE = re.compile(r"sep=([,;|\t])\r?\n?", re.I)
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class TextTable:
    """A table as text, as far as its first look showed.

    Attributes:
        path: the file, or a copy of it in UTF-8.
        shown: its path for messages.
        delimiter: the sign between cells.
        header: which cell holds which column; its number is the line on which the header ends.
        lines: how many lines there are, the header and all before it among them.
        is_plain: every line can be a row: no single carriage return, and no NUL.
        note: what was not taken as it stood, as a sentence; empty if nothing.
    """

    path: Path
    shown: str
    delimiter: str
    header: MatchedHeader
    lines: int
    is_plain: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class TextRow:
    """A row: the line on which it begins, its cells, and what is wrong with it as a whole."""

    number: int
    cells: list[str]
    problem: Problem | None = None


def look_through(
    path: Path, shown: str, table: TableName, work: Path, filled: frozenset[str] = frozenset()
) -> TextTable:
    """Give what a text is, after reading it once from end to end.

    Args:
        path: the file.
        shown: its path for messages.
        table: what it should hold.
        work: a folder for a copy in UTF-8, where the text is in another encoding.
        filled: columns of learners that something else fills, so that they need not be there.

    Raises:
        KsbtrackError: `empty-file`, `not-a-table`, `not-utf-8`, `missing-column`, `ambiguous-column`, `cannot-write`.
    """
    encoding = _encoding(path, shown)
    note = ""
    if encoding != "utf-8":
        path = _copied(path, shown, encoding, work / f"{table.value}.utf8")
        if encoding == "cp1252":
            note = f"{shown} is not UTF-8: read in the code of western Windows; look at dashes, quotes and accents."
    with open_named_file(path, shown) as file:
        head = file.read(HEAD).decode("utf-8-sig", errors="ignore").removeprefix("\ufeff")
        file.seek(0)
        lines, is_plain = _lines(file, shown)
    if not head.strip():
        raise KsbtrackError(empty_file(Source(shown, 1)))
    delimiter, header = _header(head, table, shown, filled)
    return TextTable(path, shown, delimiter, header, lines, is_plain, note)


def _encoding(path: Path, shown: str) -> str:
    """Give the encoding of a text: UTF-16 if its mark says so, UTF-8 if it is, else that of western Windows."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with open_named_file(path, shown) as file:
        if file.read(2) in _UTF_16:
            return "utf-16"
        file.seek(0)
        try:
            while block := file.read(BLOCK):
                # An ASCII block after whole letters needs no decoding; most blocks of most tables are.
                if not (block.isascii() and decoder.getstate() == (b"", 0)):
                    decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8"


def _copied(path: Path, shown: str, encoding: str, copy: Path) -> Path:
    """Give the path of a copy in UTF-8."""
    decoder = codecs.getincrementaldecoder(encoding)()
    with open_named_file(path, shown) as file:
        try:
            with copy.open("wb") as target:
                while block := file.read(BLOCK):
                    target.write(decoder.decode(block).encode())
                target.write(decoder.decode(b"", final=True).encode())
        except UnicodeError as error:
            raise KsbtrackError(_not_decodable(shown)) from error
        except OSError as error:
            raise cannot_write(copy.parent, error) from error
    return copy


def _not_decodable(shown: str) -> Problem:
    return Problem(
        "not-utf-8",
        Source(shown),
        "bytes that are not text in UTF-8 or the code of western Windows",
        "the file must be text in UTF-8",
        "Save it again with the encoding UTF-8; a spreadsheet calls that 'CSV UTF-8'.",
    )


def _lines(file: BinaryIO, shown: str) -> tuple[int, bool]:
    """Give how many lines a text has, and whether each of them can be a row."""
    lines = returns = pairs = 0
    last = b""
    while block := file.read(BLOCK):
        if b"\0" in block:
            raise KsbtrackError(_nul(shown, lines + block.count(b"\n", 0, block.index(b"\0")) + 1))
        lines += block.count(b"\n")
        returns += block.count(b"\r")
        pairs += block.count(b"\r\n") + (last == b"\r" and block.startswith(b"\n"))
        last = block[-1:]
    # A reader may take the ends of lines for one kind throughout: mixed ones go the slow way.
    return lines + (last not in (b"", b"\n")), returns == pairs and pairs in (0, lines)


def _nul(shown: str, line: int) -> Problem:
    return Problem(
        "not-a-table",
        Source(shown, line),
        "a NUL character",
        "a table as text has none; a file in UTF-16 begins with a mark that says so",
        "Save it again as .xlsx, or with the encoding UTF-8; a spreadsheet calls that 'CSV UTF-8'.",
    )


def _header(head: str, table: TableName, shown: str, filled: frozenset[str]) -> tuple[str, MatchedHeader]:
    """Give the sign between cells and the header: of the first rows, read with each sign, the one that knows most."""
    said = _SEPARATOR_LINE.match(head)
    above = 1 if said else 0
    text = head[said.end() if said else 0 :]
    found: dict[str, list[tuple[int, list[str]]]] = {}
    for delimiter in (said.group(1),) if said else DELIMITERS:
        rows: list[tuple[int, list[str]]] = []
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        try:
            for cells in islice(reader, MAX_ROWS_BEFORE_HEADER):
                rows.append((reader.line_num + above, cells))
        except csv.Error:
            pass  # Whatever this is comes up again where the rows are read, with its line.
        found[delimiter] = rows
    return header_of(found, table, shown, filled)


def text_rows(table: TextTable) -> Iterator[TextRow]:
    """Yield the rows below the header, blank ones left out, each with the line on which it begins.

    A row with wrong quotes ends where its line ends, whatever the quotes say: those on the lines below it are somebody
    else's rows.

    Raises:
        KsbtrackError: `bad-csv` for a quote that is never closed: nothing after it can be trusted.
    """
    width = len(table.header.headings)
    places = sorted({place for places in table.header.columns.values() for place in places})
    number = table.header.number
    kept: list[str] = []
    again: deque[str] = deque()
    with table.path.open(encoding="utf-8-sig", newline="") as file, _long_cells():
        for _ in range(number):
            next(file, None)
        reader = csv.reader(_remembered(file, kept, again), delimiter=table.delimiter, strict=True)
        while True:
            number += len(kept)
            kept.clear()
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                at = Source(table.shown, number + 1)
                if "end of data" in str(error) or "field limit" in str(error):
                    raise KsbtrackError(_never_closed(at, "field limit" in str(error))) from error
                again.extendleft(reversed(kept[1:]))
                del kept[1:]
                yield _bad_row(next(csv.reader(kept, delimiter=table.delimiter), []), _bad_quotes(at))
                continue
            if any(cell.strip() for cell in cells[width:]):
                yield _bad_row(cells, _too_many_cells(Source(table.shown, number + 1), len(cells), width))
            elif (len(kept) > 1 or len(kept[0]) > MAX_CELL) and (words := _too_long(cells, places)):
                yield _bad_row(cells, Problem("bad-csv", Source(table.shown, number + 1), *words))
            elif any(cell.strip() for cell in cells):
                yield TextRow(number + 1, cells)


@contextmanager
def _long_cells() -> Iterator[None]:
    """Have cells as long as those in a column that is not read may be; the limit is one for the whole process."""
    limit = csv.field_size_limit(MAX_UNREAD)
    try:
        yield
    finally:
        csv.field_size_limit(limit)


def _remembered(lines: Iterator[str], kept: list[str], again: deque[str]) -> Iterator[str]:
    """Yield lines, those that are to be read again first."""
    for line in lines:
        kept.append(line)
        yield line
        while again:
            kept.append(again.popleft())
            yield kept[-1]


def _bad_row(cells: list[str], problem: Problem) -> TextRow:
    return TextRow(problem.source.line, [cell[:_SHOWN] for cell in cells], problem)


def _never_closed(source: Source, is_long: bool) -> Problem:
    return Problem(
        "bad-csv",
        source,
        f"a cell of more than {MAX_UNREAD:,} characters" if is_long else "a quote that is never closed",
        "quotes stand around a whole cell, and twice where one is meant inside it",
        "Close the quote that is opened on this line.",
    )


def _too_long(cells: list[str], places: Sequence[int]) -> tuple[str, str, str] | None:
    """Give the words of a row with more than can be read; what stands in other columns does not matter."""
    read = [len(cells[place]) for place in places if place < len(cells)]
    longest, whole = max(read, default=0), sum(read)
    if longest <= MAX_CELL and whole <= MAX_ROW:
        return None
    what, length, limit = ("a cell", longest, MAX_CELL) if longest > MAX_CELL else ("a row", whole, MAX_ROW)
    fix = "Shorten it, or look for a quote that is closed too late."
    return f"{what} of {length:,} characters", f"{what} that is read has at most {limit:,}", fix


def _bad_quotes(source: Source) -> Problem:
    return Problem(
        "bad-csv",
        source,
        "a closing quote with text after it",
        "quotes stand around a whole cell, and twice where one is meant inside it",
        "Correct the quotes on this line.",
    )


def _too_many_cells(source: Source, cells: int, width: int) -> Problem:
    return Problem(
        "bad-csv",
        source,
        several(cells, "cell"),
        f"the header has {several(width, 'column')}",
        "Put a text that holds the sign between cells in double quotes.",
    )
