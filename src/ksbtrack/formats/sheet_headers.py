"""What the headings of tables mean: one list of synonyms for everybody who reads a spreadsheet."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from ksbtrack.models.sheets import Column, Headings, Row, Sheet

MAX_ROWS_BEFORE_HEADER = 25
"""Rows that are looked at for one that names the columns: titles, logos and instructions stand above it."""

LONGEST_HEADING = 200
"""Characters of a heading: three times the longest synonym and its spaces. What is longer is a text, not a heading."""

SYNONYMS: dict[Column, tuple[str, ...]] = {
    Column.CODE: (
        *("Code", "ID", "KSB", "KSB ref", "Ref", "Criteria", "Reference"),
        *("KSB code", "KSB ID", "KSB no", "KSB number", "KSB reference", "Criteria ref", "Criterion", "K/S/B"),
    ),
    Column.CODES: ("KSBs", "Codes", "KSB codes", "KSBs covered", "KSBs met", "KSBs claimed", "Criteria met"),
    Column.TEXT: (
        "Description",
        "Detail",
        "Statement",
        "Details",
        "Text",
        "Wording",
        "KSB description",
        "KSB statement",
    ),
    Column.KIND: ("Kind", "Type", "KSB type", "Category", "Group"),
    Column.METHOD: ("Assessment Method", "AM", "Method", "Assessment methods", "Methods", "Method(s)"),
    Column.EVIDENCE: (
        *("Evidence", "Evidence ref", "Where evidenced", "Activity"),
        *("Evidence reference", "Evidence ID", "Evidence no", "Evidence number", "Evidence code", "Piece", "Pieces"),
        *("Piece of evidence", "Pieces of evidence"),
    ),
    Column.TITLE: ("Title", "Evidence title", "Name", "Piece title"),
    Column.PLACE: (
        "Place",
        "Page",
        "Pages",
        "Page ref",
        "Page number",
        "Page no",
        "Page(s)",
        "Page or time stamp",
        "Time stamp",
        "Location",
    ),
    Column.WHY: ("Why", "Why it counts", "Justification", "Rationale"),
    Column.STATUS: ("Status",),
    Column.GRADING: ("Grading Criteria", "Grading"),
    Column.PASS: ("Pass", "Pass criteria", "Pass descriptor"),
    Column.DISTINCTION: ("Distinction Criteria", "Distinction", "Distinction descriptor"),
    Column.DUTIES: ("Duties", "Duty"),
    Column.GUID: ("GUID", "UUID", "Identifier"),
}
"""The headings that mean each column; capitals, spaces, punctuation and a number behind them do not matter."""


def _folded(heading: str) -> str:
    """Give a heading without what does not matter in it."""
    if len(heading) > LONGEST_HEADING:
        return ""
    letters = "".join(c for c in unicodedata.normalize("NFKC", heading).casefold() if c.isalnum())
    return re.sub(r"(?<=[^\W\d])[0-9]{1,3}\Z", "", letters)


_MEANING = {_folded(heading): column for column, headings in SYNONYMS.items() for heading in headings}


def match_headers(cells: Sequence[str]) -> Headings:
    """Give what the columns under a row of headings are.

    Args:
        cells: the row's texts. `Evidence 1` and `Evidence 2` both mean evidence.

    Returns:
        With no columns where the row names none that we know.
    """
    columns: dict[Column, list[int]] = {}
    others: list[int] = []
    for index, heading in enumerate(cells):
        folded = _folded(heading)
        meaning = _MEANING.get(folded)
        if meaning is not None:
            columns.setdefault(meaning, []).append(index)
        elif heading.strip():
            others.append(index)
    return Headings({column: tuple(indexes) for column, indexes in columns.items()}, tuple(others))


def find_headings(sheet: Sheet, needed: int = 2) -> tuple[Row, Headings] | None:
    """Give the row that names the columns of a table, and what they are; None if no row does.

    It is the one of the first `MAX_ROWS_BEFORE_HEADER` rows that names most columns, the first of several.

    Args:
        sheet: the table.
        needed: the fewest columns with a meaning that such a row has.
    """
    found = [(row, match_headers(row.cells)) for row in sheet.rows[:MAX_ROWS_BEFORE_HEADER]]
    best = max(found, key=lambda pair: len(pair[1].columns), default=None)
    return best if best is not None and len(best[1].columns) >= needed else None
