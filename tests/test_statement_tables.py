"""Statements as CSV and as a workbook: every cell is text, and what is in it is what the standard says."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings

from exchanged import HOSTILE, standards
from ksbtrack import load_standard
from ksbtrack.formats.sheets import Column, find_headings, sheets_of
from ksbtrack.formats.standards_exchange import READERS, WRITERS, format_of
from ksbtrack.models.importing import Given
from ksbtrack.models.standard import Standard
from made_up import lantern_standard

CODE, TEXT, METHOD, DUTIES = 0, 3, 4, 5


def rows_of(standard: Standard, name: str) -> list[tuple[str, ...]]:
    """Give the rows below the headings of an export, as our own reader of tables reads them."""
    (sheet,) = sheets_of(WRITERS[name](standard).content, f"table.{name}").sheets
    found = find_headings(sheet)
    assert found
    header, headings = found
    assert headings.index(Column.CODE) == CODE
    assert headings.index(Column.TEXT) == TEXT
    return [tuple(row.cell(index) for index in range(7)) for row in sheet.rows if row.number > header.number]


@pytest.mark.parametrize("name", ["csv", "xlsx"])
@pytest.mark.parametrize("reference", ["ST0148", "XS10c"])
def test_each_statement_has_its_row(reference: str, name: str) -> None:
    standard = load_standard(reference)
    rows = rows_of(standard, name)
    assert [(row[CODE], row[TEXT]) for row in rows] == [(one.code, one.text) for one in standard.competencies]


@pytest.mark.parametrize("name", ["csv", "xlsx"])
def test_methods_and_duties_stand_beside_the_statements(name: str) -> None:
    rows = {row[CODE]: row for row in rows_of(lantern_standard(), name)}
    assert (rows["S1"][METHOD], rows["S1"][DUTIES]) == ("Observation", "D1")
    assert (rows["K2"][METHOD], rows["K2"][DUTIES]) == ("", "")


@pytest.mark.parametrize("name", ["csv", "xlsx"])
def test_hostile_words_stay_words(name: str) -> None:
    statements = [{"code": f"K{number}", "text": words} for number, words in enumerate(HOSTILE, 1)]
    group = {"prefix": "K", "kind": "knowledge", "title": "=1+1", "statements": statements}
    standard = lantern_standard(groups=[group], duties=[], methods=[])
    texts = [row[TEXT] for row in rows_of(standard, name)]
    assert texts == [one.text.replace("\u00a0", " ") for one in standard.competencies]


@settings(max_examples=30, deadline=None)
@given(standards())
def test_drawn_statements_come_back_from_a_workbook(standard: Standard) -> None:
    rows = rows_of(standard, "xlsx")
    assert [row[CODE] for row in rows] == [one.code for one in standard.competencies]


@pytest.mark.parametrize("name", ["csv", "xlsx"])
@pytest.mark.parametrize("reference", ["ST0148", "XS10a", "XS10b", "XS10c"])
def test_statements_come_back_by_an_import(reference: str, name: str, tmp_path: Path) -> None:
    standard = load_standard(reference)
    file = tmp_path / f"table.{name}"
    file.write_bytes(WRITERS[name](standard).content)
    assert format_of(file) == "table"
    (imported,) = READERS["table"](file, Given(standard.reference, standard.version, standard.title))
    assert imported.standard
    found = {one.code: (" ".join(one.text.split()), one.kind) for one in imported.standard.competencies}
    assert found == {one.code: (" ".join(one.text.split()), one.kind) for one in standard.competencies}
    assert imported.standard.identity == standard.identity
