r"""CSV as PHP writes it and as everybody else does, whole cells of any length.

PHP leaves a quote after a backslash as it is, where others write it twice: `"say \"yes\""`.
"""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

from ksbtrack.models.importing import ImportNote, NoteKind
from ksbtrack.problems import KsbtrackError, Problem, Source

DELIMITERS = (",", ";", "\t")
"""The signs that Moodle can put between cells; the one that stands most often in the first line counts."""

_MARKS = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class CsvRow(NamedTuple):
    """A row that is not blank: the line on which it begins, counted from 1, and its cells without space around."""

    line: int
    cells: list[str]


def decoded_csv(raw: bytes, shown: str, notes: list[ImportNote]) -> str:
    """Give the text of a file: UTF-8, UTF-16 with its mark, or the code of western Windows.

    Args:
        raw: the file's bytes.
        shown: the path for messages.
        notes: takes that it is not UTF-8.

    Raises:
        KsbtrackError: `not-utf-8`.
    """
    encoding = next((name for mark, name in _MARKS if raw.startswith(mark)), "utf-8-sig")
    for name in dict.fromkeys((encoding, "cp1252")):
        try:
            text = raw.decode(name)
        except UnicodeDecodeError:
            continue
        if name == "cp1252":
            what = "Not UTF-8: read in the code of western Windows (cp1252); look at dashes, quotes and accents."
            notes.append(ImportNote(NoteKind.REPAIRED, "file", what))
        return text.replace("\r\n", "\n").replace("\r", "\n")
    raise KsbtrackError(
        Problem(
            "not-utf-8",
            Source(shown),
            "text that is neither UTF-8 nor the code of western Windows",
            "the file must be text in UTF-8",
            "Save it again with the encoding UTF-8; a spreadsheet calls that 'CSV UTF-8'.",
        )
    )


def csv_rows(text: str, shown: str) -> list[CsvRow]:
    """Give the rows of a text that are not blank.

    Args:
        text: with line feeds only.
        shown: the path for messages.

    Raises:
        KsbtrackError: `bad-csv`.
    """
    first = text.lstrip("\n").partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    cell = _pattern(delimiter)
    rows, cells, line, start, place = [], [], 1, 1, 0
    while place <= len(text):
        match = cell.match(text, place)
        if match is None:
            raise KsbtrackError(_unreadable(text, place, shown, line))
        plain, quoted, escaped = match.group("plain", "quoted", "escaped")
        value = plain if plain is not None else (escaped if quoted is None else quoted).replace('""', '"')
        cells.append(value.strip())
        line += match.group().count("\n")
        place = match.end() + 1
        if match.end() == len(text) or text[match.end()] == "\n":
            if any(cells):
                rows.append(CsvRow(start, cells))
            line += 1
            cells, start = [], line
    return rows


def _pattern(delimiter: str) -> re.Pattern[str]:
    end = rf"(?={re.escape(delimiter)}|\n|\Z)"
    quoted = rf' *"(?P<quoted>[^"]*(?:""[^"]*)*)" *{end}'
    as_php = rf' *"(?P<escaped>[^"\\]*(?:(?:""|\\.)[^"\\]*)*)" *{end}'
    plain = rf'(?P<plain>(?! *")[^{re.escape(delimiter)}\n]*)'
    return re.compile(f"{quoted}|{as_php}|{plain}", re.DOTALL)


def _unreadable(text: str, place: int, shown: str, line: int) -> Problem:
    is_open = text.count('"', place) % 2 == 1
    return Problem(
        "bad-csv",
        Source(shown, line),
        "a quote that is never closed" if is_open else "a closing quote with text after it",
        "quotes stand around a whole cell, and twice where one is meant inside it",
        "Close the quote that is opened on this line." if is_open else "Correct the quotes on this line.",
    )
