"""Tables in and out: what people's spreadsheets hold, and what must cost nobody anything."""

from __future__ import annotations

import io
import subprocess
import sys
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from datetime import time as clock
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksbtrack.formats.delimited_text import PROTECTED
from ksbtrack.formats.sheet_cells import MAX_CELL, cleaned
from ksbtrack.formats.sheet_headers import SYNONYMS
from ksbtrack.formats.sheet_writing import STARTS_A_FORMULA, Table, TableColumn, csv_bytes, sheet_name, xlsx_bytes
from ksbtrack.formats.sheets import find_headings, match_headers, read_sheets, sheets_of
from ksbtrack.models.importing import NoteKind
from ksbtrack.models.sheets import Column, Row, SheetFormat, column_letters
from ksbtrack.problems import KsbtrackError
from raw_workbooks import RELATIONS, SHEET, text_cell, text_rows, workbook, worksheet

SECONDS = 2.0
"""What a hostile file of a few thousand bytes may take at most."""


def rows_of(content: bytes, sheet: int = 0) -> list[tuple[str, ...]]:
    return [row.cells for row in sheets_of(content, "x").sheets[sheet].rows]


def notes_of(content: bytes) -> list[str]:
    return [f"{note.where}: {note.what}" for note in sheets_of(content, "x").notes]


def code_of(content: bytes) -> str:
    with pytest.raises(KsbtrackError) as raised:
        sheets_of(content, "x")
    (problem,) = raised.value.problems
    return problem.code


def a_table(*rows: tuple[str, ...], name: str = "KSBs") -> Table:
    columns = tuple(TableColumn(heading, 20) for heading in rows[0])
    return Table(name, columns, rows[1:])


# CSV and TSV


@pytest.mark.parametrize(
    ("text", "format_"),
    [
        ("Code,Description\nK1,How people learn\n", SheetFormat.CSV),
        ("Code\tDescription\nK1\tHow people learn\n", SheetFormat.TSV),
        ("Code;Description\r\nK1;How people learn\r\n", SheetFormat.CSV),
        ("Code|Description\rK1|How people learn\r", SheetFormat.CSV),
        ("sep=;\nCode;Description\nK1;How people learn\n", SheetFormat.CSV),
        ("\n\n,,,\nCode,Description,,\nK1,How people learn,,\n", SheetFormat.CSV),
        ('"Code","Description"\n"K1","How people learn"', SheetFormat.CSV),
    ],
)
def test_the_sign_between_cells_is_found_by_content(text: str, format_: SheetFormat) -> None:
    read = sheets_of(text.encode(), "ksbs.csv")

    assert [row.cells for row in read.sheets[0].rows] == [("Code", "Description"), ("K1", "How people learn")]
    assert read.format is format_


def test_commas_in_the_words_do_not_outvote_the_tabs_between_the_cells() -> None:
    text = "Code\tDescription\nK1\tone, two, three, four, five\nK2\tsix, seven, eight\n"

    assert rows_of(text.encode())[1] == ("K1", "one, two, three, four, five")


def test_unquoted_commas_in_the_last_column_stay_in_it_and_are_noted() -> None:
    text = "Code,Description\nK1,plan, do, review\nK2,fine\n"

    assert rows_of(text.encode()) == [("Code", "Description"), ("K1", "plan, do, review"), ("K2", "fine")]
    assert notes_of(text.encode()) == [
        "line 2, column 2: More cells than columns: the last column got what was too many, as parts of its text."
    ]


def test_a_row_keeps_the_line_on_which_it_begins() -> None:
    read = sheets_of(b'Code,Description\nK1,"two\nlines"\n\nK2,one\n', "ksbs.csv")
    sheet = read.sheets[0]

    assert [row.number for row in sheet.rows] == [1, 2, 5]
    assert str(sheet.source(sheet.rows[2])) == "ksbs.csv:5"
    assert sheet.where(sheet.rows[2], 1) == "line 5, column 2"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_every_usual_encoding_gives_the_same_text(encoding: str) -> None:
    text = "Code,Description\nK1,“Naïve” – café £5\n"
    read = sheets_of(text.encode(encoding), "x")

    assert read.sheets[0].rows[1].cells == ("K1", "“Naïve” – café £5")
    assert bool(read.notes) is (encoding == "cp1252")


def test_the_code_of_old_windows_is_said() -> None:
    assert notes_of("Code,Description\nK1,café\n".encode("cp1252")) == [
        "file: Not UTF-8: read in the code of western Windows (cp1252); look at dashes, quotes and accents."
    ]


def test_stray_quotes_between_tabs_are_letters() -> None:
    text = 'Code\tDescription\nK1\t"Safeguarding" policy\n'

    assert rows_of(text.encode())[1] == ("K1", '"Safeguarding" policy')
    assert notes_of(text.encode()) == ["file: Quotes do not come in pairs, so that they were taken as letters."]


def test_what_cannot_be_seen_is_left_out_and_noted() -> None:
    content = "Code,Description\nK1,one\u200btwo \u202ethree\x07\n".encode()

    assert rows_of(content)[1] == ("K1", "onetwo three")
    assert notes_of(content) == [
        "line 2, column 2: Characters that cannot be seen, or heaps of accents, were left out."
    ]


# Headings


@pytest.mark.parametrize(
    ("column", "heading"), [(column, name) for column, names in SYNONYMS.items() for name in names]
)
def test_each_synonym_is_found_whatever_its_capitals_and_spaces(column: Column, heading: str) -> None:
    for written in (heading, heading.upper(), f"  {heading.replace(' ', '  ')} ", f"{heading}:"):
        assert match_headers([written]).index(column) == 0


def test_the_synonyms_of_the_formats_page_are_all_there() -> None:
    wanted = {
        Column.CODE: "Code, ID, KSB, KSB ref, Ref, Criteria, Reference",
        Column.TEXT: "Description, Detail, Statement",
        Column.METHOD: "Assessment Method, AM, Method",
        Column.EVIDENCE: "Evidence, Evidence ref, Where evidenced, Activity",
        Column.GRADING: "Grading Criteria",
        Column.PASS: "Pass",
        Column.DISTINCTION: "Distinction Criteria",
    }
    for column, names in wanted.items():
        assert set(names.split(", ")) <= set(SYNONYMS[column])


def test_no_heading_means_two_columns() -> None:
    seen = [name.casefold().replace(" ", "") for names in SYNONYMS.values() for name in names]
    assert len(seen) == len(set(seen))


def test_headings_are_found_below_a_title_and_numbered_ones_belong_together() -> None:
    text = "KSB tracker,,,\nExample College,,,\nRef,Detail,Evidence 1,Evidence 2,Colour\nK1,a,E01,E02,red\n"
    found = find_headings(sheets_of(text.encode(), "x").sheets[0])

    assert found is not None
    header, headings = found
    assert header.number == 3
    assert dict(headings.columns) == {Column.CODE: (0,), Column.TEXT: (1,), Column.EVIDENCE: (2, 3)}
    assert headings.others == (4,)


def test_a_table_without_headings_has_none() -> None:
    assert find_headings(sheets_of(b"1,2\n3,4\n", "x").sheets[0]) is None


def test_columns_have_the_letters_of_a_spreadsheet() -> None:
    assert [column_letters(index) for index in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


def test_a_row_has_nothing_behind_its_end() -> None:
    row = Row(1, ("K1",))
    assert (row.cell(0), row.cell(7), row.cell(None)) == ("K1", "", "")


# Workbooks


MOMENT = datetime(2026, 3, 2, 14, 30)  # noqa: DTZ001 - a cell has no zone


def made_by_openpyxl(fill: Callable[[openpyxl.Workbook], None]) -> bytes:
    book = openpyxl.Workbook()
    fill(book)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def test_values_of_a_workbook_are_text() -> None:
    def fill(book: openpyxl.Workbook) -> None:
        sheet: Any = book.active
        sheet.append(["K1", 12, 1.5, 0.1 + 0.2, True, None, "  spaces  ", "two\nlines", "=not"])
        sheet["I1"].data_type = "s"

    assert rows_of(made_by_openpyxl(fill)) == [
        ("K1", "12", "1.5", "0.3", "TRUE", "", "spaces", "two\nlines", "=not"),
    ]


def test_dates_and_times_are_as_people_write_them() -> None:
    def fill(book: openpyxl.Workbook) -> None:
        sheet: Any = book.active
        sheet.append([date(2026, 3, 2), MOMENT, clock(0, 3, 10), timedelta(hours=30), 46083])
        sheet["F1"], sheet["F1"].number_format = 46083, "dd/mm/yyyy;@"
        sheet["G1"], sheet["G1"].number_format = 46083, '"days: "0'
        sheet["H1"], sheet["H1"].number_format = 59, "d mmm yyyy"
        sheet["I1"], sheet["I1"].number_format = 61, "d mmm yyyy"

    row = sheets_of(made_by_openpyxl(fill), "x").sheets[0].rows[0]
    assert row.cells == (
        *("2026-03-02", "2026-03-02 14:30", "0:03:10", "30:00:00", "46083"),
        *("2026-03-02", "46083", "1900-02-28", "1900-03-01"),
    )
    assert row.dates == {0, 1, 2, 3, 5, 7, 8}


def test_a_workbook_that_counts_from_1904_has_the_same_days() -> None:
    styles = b'<styleSheet><cellXfs><xf numFmtId="14"/></cellXfs></styleSheet>'
    sheet = worksheet('<row><c s="0"><v>44621</v></c></row>')

    old = workbook(sheet, {"xl/styles.xml": styles}, settings=b'<workbookPr date1904="1"/>')
    assert rows_of(old) == [("2026-03-02",)]
    assert rows_of(workbook(sheet, {"xl/styles.xml": styles})) == [("2022-03-01",)]


def test_formulas_give_what_was_stored_with_them_and_are_noted() -> None:
    rows = (
        '<row r="1"><c r="A1" t="str"><f>CONCAT("E","01")</f><v>E01</v></c><c r="B1"><f>1+1</f></c>'
        '<c r="C1" t="e"><v>#REF!</v></c></row>'
    )
    content = workbook(worksheet(rows))

    assert rows_of(content) == [("E01",)]
    assert notes_of(content) == [
        "sheet KSBs: Formulas: the values stored with them were read (A1).",
        "sheet KSBs: Formulas without a stored value: nothing was read (B1).",
        "sheet KSBs: Errors of the spreadsheet: nothing was read (C1 (#REF!)).",
    ]


def test_merged_cells_give_their_text_to_each_row() -> None:
    rows = '<row r="1">{}{}</row><row r="2"><c r="B2" t="inlineStr"><is><t>E02</t></is></c></row>'.format(
        text_cell("K1"), text_cell("E01")
    )
    content = workbook(worksheet(rows, '<mergeCells><mergeCell ref="A1:A3"/></mergeCells>'))

    assert rows_of(content) == [("K1", "E01"), ("K1", "E02")]
    assert notes_of(content) == ["sheet KSBs: Merged cells: each row has the text (rows 1 to 3)."]


def test_what_is_hidden_is_read_and_said() -> None:
    rows = f'<row r="1">{text_cell("K1")}</row><row r="2" hidden="1">{text_cell("K2")}</row>'
    sheet = worksheet(rows).replace(b"<sheetData>", b'<cols><col min="3" max="3" hidden="1"/></cols><sheetData>')
    read = sheets_of(workbook(sheet, sheets=SHEET.replace(b"sheetId", b'state="hidden" sheetId')), "x")

    assert [row.cells for row in read.sheets[0].rows] == [("K1",), ("K2",)]
    assert read.sheets[0].is_hidden
    assert [note.what for note in read.notes] == [
        "The sheet is hidden; it was read like the others.",
        "Hidden columns: read like the others (C).",
        "Hidden rows: read like the others (2).",
    ]


def test_texts_stand_once_for_all_cells_without_their_pronunciation() -> None:
    strings = b"<sst><si><r><t>K</t></r><r><t>1</t></r></si><si><t>a</t><rPh><t>x</t></rPh></si></sst>"
    sheet = worksheet('<row><c t="s"><v>0</v></c><c t="s"><v>1</v></c></row>')

    assert rows_of(workbook(sheet, {"xl/sharedStrings.xml": strings})) == [("K1", "a")]


def test_places_are_named_by_sheet_row_and_column() -> None:
    content = workbook(worksheet(f'<row r="7"><c r="AB7" t="str"><v>{"E01"}</v></c></row>'))
    sheet = sheets_of(content, "book.xlsx").sheets[0]

    assert sheet.where(sheet.rows[0], 27) == "sheet KSBs, row 7, column AB"
    assert str(sheet.source(sheet.rows[0])) == "book.xlsx/KSBs:7"


def test_codes_for_characters_are_undone() -> None:
    assert rows_of(workbook(worksheet(text_rows(("one_x000D_two_x005F_x0041_",))))) == [("one\ntwo_x0041_",)]


def test_links_to_other_files_are_never_followed() -> None:
    outside = RELATIONS % (
        b'<Relationship Id="rId1" Type="http://x/worksheet" TargetMode="External" Target="http://127.0.0.1:9/s.xml"/>'
    )
    assert code_of(workbook(worksheet(""), {"xl/_rels/workbook.xml.rels": outside})) == "bad-workbook"
    above = RELATIONS % b'<Relationship Id="rId1" Type="http://x/worksheet" Target="../../../../etc/passwd"/>'
    assert code_of(workbook(worksheet(""), {"xl/_rels/workbook.xml.rels": above})) == "bad-workbook"


def test_a_workbook_in_utf_16_and_with_other_prefixes_is_read() -> None:
    plain = worksheet(text_rows(("K1", "Naïve")))
    prefixed = plain.decode().replace("<", "<x:").replace("<x:/", "</x:").replace("xmlns=", "xmlns:x=")

    assert rows_of(workbook(prefixed.encode())) == [("K1", "Naïve")]
    assert rows_of(workbook(f'<?xml version="1.0" encoding="UTF-16"?>{plain.decode()}'.encode("utf-16"))) == [
        ("K1", "Naïve")
    ]


@pytest.mark.parametrize(
    "sheet",
    [
        b"<worksheet><sheetData><row>",
        b"<worksheet/>" * 2,
        b"",
        b"\xff\xfe\x00",
        b'<worksheet xmlns:a="x" a:b="1" a:b="2"/>',
        b'<?xml version="1.0" encoding="no-such"?><worksheet/>',
        worksheet('<row><c t="s"><v>-1</v></c></row>'),
        worksheet('<row><c t="s"><v>words</v></c></row>'),
        b'<!DOCTYPE worksheet SYSTEM "file:///etc/passwd"><worksheet/>',
        b'<!DOCTYPE worksheet [<!ENTITY % a SYSTEM "http://127.0.0.1:9/">%a;]><worksheet/>',
    ],
)
def test_a_damaged_or_hostile_sheet_is_refused(sheet: bytes) -> None:
    assert code_of(workbook(sheet)) == "bad-workbook"


def test_billions_of_laughs_are_refused_before_the_first() -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    for part in ("xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml", "_rels/.rels", "xl/worksheets/sheet1.xml"):
        xml = f'<!DOCTYPE x [<!ENTITY e0 "ha">{entities}]><x>&e9;</x>'.encode()
        assert code_of(workbook(worksheet(""), {part: xml})) == "bad-workbook"


def test_odd_references_and_numbers_do_no_harm() -> None:
    rows = (
        '<row r="99999999"><c r="A0"><v>1</v></c></row><row r="x"><c r="ZZZZ1"><v>1e999</v></c></row>'
        '<row><c t="?"><v>odd</v></c><c s="99"><v>-5</v></c><c t="b"><v>7</v></c><c><v>0x1F</v></c></row>'
    )
    assert rows_of(workbook(worksheet(rows))) == [("1",), ("inf",), ("odd", "-5", "7", "0x1F")]


def repeated(mark: str, count: int) -> bytes:
    return workbook(worksheet(mark * count))


HOSTILE: dict[str, Callable[[], bytes]] = {
    "blank cells without end": lambda: workbook(worksheet(f"<row>{'<c/>' * 400_000}</row>")),
    "rows without end": lambda: repeated("<row><c><v>1</v></c></row>", 70_000),
    "a far column in each row": lambda: repeated('<row><c r="CBT1"><v>1</v></c></row>', 40_000),
    "the last column": lambda: repeated('<row><c r="XFD1"><v>1</v></c></row>', 40_000),
    "hidden rows": lambda: repeated('<row hidden="1"/>', 100_000),
    "one long text in many cells": lambda: workbook(
        worksheet('<row><c t="s"><v>0</v></c></row>' * 40_000),
        {"xl/sharedStrings.xml": f"<sst><si><t>{'é' * MAX_CELL}</t></si></sst>".encode()},
    ),
    "one sheet a hundred times": lambda: workbook(worksheet("<row><c><v>1</v></c></row>" * 2_000), sheets=SHEET * 100),
    "a thousand sheets": lambda: workbook(worksheet("<row/>"), sheets=SHEET * 1_000),
    "merged areas over each other": lambda: workbook(
        worksheet(
            text_rows(("a",)) + "<row><c><v>1</v></c></row>" * 10_000,
            "<mergeCells>" + '<mergeCell ref="A1:A1048576"/>' * 19_000 + "</mergeCells>",
        )
    ),
    "white space without end": lambda: workbook(worksheet(" " * 10_000_000)),
    "a long attribute": lambda: workbook(worksheet(f'<row r="{"1" * 1_000_000}"/>')),
    "deep nesting": lambda: workbook(worksheet("<a>" * 200_000 + "</a>" * 200_000)),
    "many commas": lambda: b"Code,Statement\n" + b"," * 100_000,
    "many lines": lambda: b"Code,Statement\n" * 60_000,
    "a quote without end": lambda: b'Code,Statement\n"' + b"a,\n" * 50_000,
    "accents without end": lambda: "Code,Statement\nK1,{}".format("a" + "\u0301\u0327" * 15_000).encode(),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_small_hostile_file_costs_little(name: str) -> None:
    """Few bytes, at most two seconds and 500 MB: read or refused with a reason."""
    content = HOSTILE[name]()
    begun = time.process_time()
    try:
        read = sheets_of(content, "x")
        assert sum(len(sheet.rows) for sheet in read.sheets) < 60_000
    except KsbtrackError as error:
        assert {problem.code for problem in error.problems} <= {
            *("table-too-large", "archive-too-large", "bad-workbook", "bad-csv"),
        }
    assert time.process_time() - begun < SECONDS


@pytest.mark.parametrize(
    "name", ["blank cells without end", "one long text in many cells", "one sheet a hundred times"]
)
def test_a_small_hostile_file_takes_little_memory(name: str) -> None:
    content = HOSTILE[name]()
    tracemalloc.start()
    try:
        sheets_of(content, "x")
    except KsbtrackError as error:
        assert error.problems
    finally:
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert most < 100_000_000


def test_ten_thousand_statements_are_fine_and_a_million_rows_refused() -> None:
    rows = [(f"K{n}", f"Statement number {n}, in as many words as statements have") for n in range(10_000)]
    table = a_table(("Code", "Statement"), *rows)

    assert len(rows_of(csv_bytes(table))) == 10_001
    assert len(rows_of(xlsx_bytes([table], "x"))) == 10_001
    assert code_of(b"Code,Statement\n" + b"K1,x\n" * 1_000_000) == "table-too-large"


@given(st.binary(max_size=300))
def test_any_bytes_are_a_table_or_a_problem(content: bytes) -> None:
    for whole in (
        content,
        b"PK\x03\x04" + content,
        workbook(content),
        workbook(worksheet(""), {"xl/styles.xml": content}),
    ):
        try:
            assert sheets_of(whole, "x").file == "x"
        except KsbtrackError as error:
            assert error.problems


@given(st.data())
def test_a_workbook_with_any_byte_changed_is_a_table_or_a_problem(data: st.DataObject) -> None:
    whole = bytearray(xlsx_bytes([a_table(("Code", "Text"), ("K1", "How"))], "x"))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        assert sheets_of(bytes(whole), "x").format is SheetFormat.XLSX
    except KsbtrackError as error:
        assert error.problems


# Writing

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "'=1", "''=1", " =1", "＝1", '=HYPERLINK("x")', "-"]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_cell_like_a_formula_stays_text_and_reads_back_as_it_was(text: str) -> None:
    table = a_table(("Code", "Statement"), ("K1", text))
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx_bytes([table], "x"))).active

    assert sheet is not None
    assert (sheet["B2"].data_type, sheet["B2"].quotePrefix) == ("s", True)
    assert rows_of(xlsx_bytes([table], "x"))[1] == ("K1", cleaned(text))
    assert rows_of(csv_bytes(table))[1] == ("K1", cleaned(text))
    raw = csv_bytes(table).decode("utf-8-sig").split("\r\n", 1)[1].removeprefix("K1,").lstrip('"')
    assert raw.startswith("'")


SAYABLE = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Co", "Zl", "Zp"]), max_size=40)


@given(st.lists(st.tuples(SAYABLE, SAYABLE), min_size=1, max_size=5))
def test_what_is_written_reads_back(rows: list[tuple[str, str]]) -> None:
    """But for white space at the ends, letters that can be composed, and what cannot be seen."""
    table = a_table(("Code", "Statement"), *rows)
    expected = [tuple(cleaned(unseen(cell)) for cell in row) for row in rows]
    expected = [(one, other) if other else (one,) for one, other in expected if one or other]

    assert rows_of(csv_bytes(table))[1:] == expected
    assert rows_of(xlsx_bytes([table], "x"))[1:] == expected


def unseen(text: str) -> str:
    from ksbtrack.formats.sheet_cells import UNSEEN

    return UNSEEN.sub(lambda found: f"<U+{ord(found[0]):04X}>", text)


def test_each_cell_that_is_protected_is_found_again() -> None:
    assert all(PROTECTED.match(f"'{text}") for text in FORMULAS if STARTS_A_FORMULA.match(text))


def test_texts_that_workbooks_take_for_something_else_stay_text() -> None:
    texts = ("#REF!", "TRUE", "1", "2026-03-02", "_x0041_", "<b>&amp;", "https://127.0.0.1/")
    table = a_table(tuple("abcdefg"), texts)

    assert rows_of(xlsx_bytes([table], "x"))[1] == texts
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx_bytes([table], "x"))).active
    assert sheet is not None
    assert {cell.data_type for cell in sheet[2]} == {"s"}


def test_the_bytes_do_not_depend_on_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    table = a_table(("Code", "Statement"), ("K1", "How"))
    before = xlsx_bytes([table], "x")
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    monkeypatch.setattr("time.localtime", lambda *_: time.gmtime(2_000_000_000))
    time.sleep(1.1)

    assert xlsx_bytes([table], "x") == before
    with zipfile.ZipFile(io.BytesIO(before)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        core = archive.read("docProps/core.xml").decode()
    assert core.count("1980-01-01T00:00:00Z") == 2


def test_a_written_workbook_is_ready_to_be_used() -> None:
    book = openpyxl.load_workbook(
        io.BytesIO(xlsx_bytes([a_table(("Code", "Statement"), ("K1", "How")), a_table(("A",), ("b",))], "Title"))
    )
    sheet = book["KSBs"]

    assert book.sheetnames == ["KSBs", "KSBs 2"]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("B2", "A1:B2")
    assert sheet.column_dimensions["B"].width == 20
    assert sheet["B2"].alignment.wrap_text
    assert sheet["A1"].font.b
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.print_title_rows == "$1:$1"


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("K/S:B [x]*?", "K S B x"),
        ("", "Sheet"),
        ("'quoted'", "quoted"),
        ("a" * 40, "a" * 31),
        ("taken", "taken 2"),
        ("\x00🙂", "Sheet"),
    ],
)
def test_a_sheet_has_a_name_that_it_can_have(wanted: str, name: str) -> None:
    assert sheet_name(wanted, ["Taken"]) == name


def test_a_text_too_long_for_a_cell_is_refused() -> None:
    with pytest.raises(KsbtrackError) as raised:
        xlsx_bytes([a_table(("Code",), ("a" * (MAX_CELL + 1),))], "x")
    assert str(raised.value) == (
        "sheet KSBs: table-too-large: found a text of 32,768 characters; a cell of a spreadsheet can hold 32,767.\n"
        "  Write the table as CSV, or shorten the text."
    )


# Files


def test_a_file_is_named_as_it_was_given(tmp_path: Path) -> None:
    path = tmp_path / "ksbs.txt"
    path.write_bytes(b"Code,Statement\nK1,x\n")

    assert read_sheets(path, "shown.csv").file == "shown.csv"
    with pytest.raises(KsbtrackError) as raised:
        read_sheets(tmp_path / "none.csv")
    assert [problem.code for problem in raised.value.problems] == ["missing-file"]


def test_notes_are_said_one_by_one_up_to_a_number() -> None:
    content = b"Code,Statement\n" + "K1,a\u200b\n".encode() * 60
    notes = sheets_of(content, "x").notes

    assert (len(notes), notes[-1].count, notes[-1].where) == (51, 10, "after line 51, column 2")
    assert {note.kind for note in notes} == {NoteKind.REPAIRED}


def test_reading_csv_loads_nothing_heavy() -> None:
    program = "import sys; from ksbtrack.formats.sheets import sheets_of; sheets_of(b'Code', 'x'); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not {"openpyxl", "lxml", "rich", "weasyprint"} & set(done.stdout.split())
