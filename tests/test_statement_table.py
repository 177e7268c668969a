"""Tables of statements, however people keep them, become the standard that they list."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from openpyxl import Workbook

from ksbtrack import load_standard
from ksbtrack.cli import main
from ksbtrack.formats.catalogue_json import read_catalogue
from ksbtrack.formats.skills_england import read_skills_england
from ksbtrack.formats.source_record import TOO_HIGH, WORDS_NOT_TAKEN
from ksbtrack.formats.standards_exchange import format_of
from ksbtrack.formats.standards_import import import_standards
from ksbtrack.formats.stated import A_PROFILE
from ksbtrack.formats.statement_rows import UNNAMED_COLUMN
from ksbtrack.formats.statement_table import is_statement_table, linked_codes, read_statement_table
from ksbtrack.formats.statement_table_writing import write_csv, write_xlsx
from ksbtrack.models.importing import Exported, Given, Imported, NoteKind
from ksbtrack.models.standard import Standard
from ksbtrack.problems import KsbtrackError
from source_files import CODES, DUTIES, STATEMENTS

DATA = Path(__file__).resolve().parents[2] / "shared/data/standards"
GIVEN = Given("ST9001", "1.2", "Example maker")
ROWS = [("Code", "Statement"), *STATEMENTS.items()]


def table(rows: Sequence[Sequence[str]], delimiter: str = ",") -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def read(
    content: bytes | Sequence[Sequence[str]], folder: Path, given: Given = GIVEN, name: str = "ksbs.csv"
) -> Imported:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else table(content))
    (found,) = read_statement_table(path, given)
    return found


def standard_of(found: Imported) -> Standard:
    assert found.standard is not None, found.notes
    return found.standard


def said(found: Imported, kind: NoteKind) -> list[str]:
    return [f"{note.where}: {note.what}" for note in found.notes if note.kind is kind]


def texts(found: Imported) -> dict[str, str]:
    return {item.code: item.text for item in standard_of(found).competencies}


def methods(found: Imported) -> dict[str, tuple[str, ...] | None]:
    return {method.title: method.assesses for method in standard_of(found).methods}


def duties(found: Imported) -> dict[str, tuple[str, tuple[str, ...]]]:
    return {duty.code: (duty.text, duty.competencies) for duty in standard_of(found).duties}


def test_a_table_is_the_standard_it_lists(tmp_path: Path) -> None:
    found = read(ROWS, tmp_path)
    standard = standard_of(found)

    assert standard.identity == "ST9001@1.2"
    assert texts(found) == STATEMENTS
    assert {group.trust for group in standard.groups} == {"not_stated"}, "somebody's table is no official wording"
    assert standard.sources == ("A table of statements, ksbs.csv",)
    assert said(found, NoteKind.REPAIRED) + said(found, NoteKind.UNUSABLE) + said(found, NoteKind.UNREAD) == []


def test_what_is_written_loads_back_the_same(tmp_path: Path) -> None:
    path = tmp_path / "ksbs.csv"
    path.write_bytes(table([(*row, method) for row, method in zip(ROWS, ["Method", *["AM1, AM2"] * 6], strict=True)]))

    assert format_of(path) == "table"
    import_standards(path, tmp_path / "standards", given=GIVEN)
    (found,) = read_statement_table(path, GIVEN)
    assert load_standard("ST9001@1.2", folders=[tmp_path / "standards"]) == found.standard


def test_the_command_reads_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "ksbs.csv"
    path.write_bytes(table(ROWS))
    more = ["--reference", "ST9001", "--standard-version", "1.2", "--title", "Example maker"]
    assert main(["standards", "import", str(path), "-o", str(tmp_path / "standards"), *more]) == 0
    assert "ksbs.csv: 1 record read as table, 1 standard in" in capsys.readouterr().out


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
@pytest.mark.parametrize(
    "heading",
    [
        ("Code", "Description"),
        ("KSB", "Detail"),
        (" ksb  REF ", "STATEMENT"),
        ("Reference", "Wording"),
        ("Criteria", "Text"),
        ("KSB code", "KSB description"),
    ],
)
def test_headings_as_people_write_them(tmp_path: Path, delimiter: str, heading: tuple[str, str]) -> None:
    assert texts(read(table([heading, *STATEMENTS.items()], delimiter), tmp_path)) == STATEMENTS


@pytest.mark.parametrize(
    "write",
    [
        "K1",
        "k1",
        "K 1",
        " k  1 ",
        "K1.",
        "K1:",
        "(K1)",
        "K.1",
    ],
)
def test_codes_as_people_write_them(tmp_path: Path, write: str) -> None:
    rows = [
        ("Code", "Statement"),
        *((write.replace("K", c[0]).replace("k", c[0].lower()).replace("1", c[1:]), t) for c, t in STATEMENTS.items()),
    ]
    assert texts(read(rows, tmp_path)) == STATEMENTS


@pytest.mark.parametrize("between", [": ", " - ", " – ", " ", ". ", ") ", ":", "\n"])
def test_code_and_words_in_one_cell(tmp_path: Path, between: str) -> None:
    for rows in (
        [("KSB",), *((f"{code}{between}{text}",) for code, text in STATEMENTS.items())],
        [("Statement", "Status"), *((f"{code}{between}{text}", "done") for code, text in STATEMENTS.items())],
    ):
        assert texts(read(rows, tmp_path)) == STATEMENTS


def test_without_headings(tmp_path: Path) -> None:
    for rows in (
        list(STATEMENTS.items()),
        [(str(number), code, text, "x") for number, (code, text) in enumerate(STATEMENTS.items(), 1)],
        [(f"{code}: {text}",) for code, text in STATEMENTS.items()],
    ):
        found = read(rows, tmp_path)
        assert texts(found) == STATEMENTS
        assert said(found, NoteKind.REPAIRED) == [
            "line 1: No row names the columns; what they are was told by what is in them."
        ]


def test_sections_with_numbers_in_them(tmp_path: Path) -> None:
    rows = [("Knowledge",), ("1", "How it is made"), ("2", "Where it is kept"), ("Skills",), ("1", "Make an example")]
    assert texts(read(rows, tmp_path)) == {
        "K1": "How it is made",
        "K2": "Where it is kept",
        "S1": "Make an example",
    }


def test_a_column_of_kinds_with_numbers(tmp_path: Path) -> None:
    rows = [
        ("ID", "Type", "Description"),
        ("2", "Skill", "Keep"),
        ("1", "Skill", "Make"),
        ("1", "Behaviour", "Be exact"),
    ]
    assert texts(read(rows, tmp_path)) == {"S1": "Make", "S2": "Keep", "B1": "Be exact"}


def test_numbers_that_run_through_all_kinds_are_no_codes(tmp_path: Path) -> None:
    rows = [("ID", "Type", "Description"), ("1", "Knowledge", "How"), ("2", "Skill", "Make"), ("3", "Skill", "Keep")]
    found = read(rows, tmp_path)

    assert texts(found) == {"K1": "How", "S1": "Make", "S2": "Keep"}
    assert "line 2: The numbers run through all kinds, so they are no codes; codes go by position." in said(
        found, NoteKind.REPAIRED
    )


def test_without_codes_they_go_by_position(tmp_path: Path) -> None:
    rows = [("Type", "Description"), ("Skill", "Make"), ("Knowledge", "How"), ("Skill", "Keep")]
    found = read(rows, tmp_path)

    assert texts(found) == {"K1": "How", "S1": "Make", "S2": "Keep"}
    assert "by position" in " ".join(said(found, NoteKind.REPAIRED))


def test_rows_sorted_by_letters_are_sorted_as_people_count(tmp_path: Path) -> None:
    codes = ["K1", "K10", "K11", "K2", "S1"]
    found = read([("Code", "Statement"), *((code, f"Text of {code}") for code in codes)], tmp_path)

    assert list(texts(found)) == ["K1", "K2", "K10", "K11", "S1"]
    assert said(found, NoteKind.REPAIRED) == [
        "table: Codes stood in another order, such as K11 before K2; they are sorted as people count."
    ]
    assert said(found, NoteKind.UNKNOWN) == [
        "table: There is no K3, K4, K5, K6, K7, K8 and K9. That can be right: an option leaves numbers out. Compare it "
        "with the standard."
    ]


def test_commas_without_quotes_in_the_last_column(tmp_path: Path) -> None:
    content = b"Code,Statement\nK1,How it is made, kept, and why\nS1,Make it\n"
    found = read(content, tmp_path)

    assert texts(found)["K1"] == "How it is made, kept, and why"
    assert "More cells than columns" in said(found, NoteKind.REPAIRED)[0]


def test_one_code_twice(tmp_path: Path) -> None:
    rows = [
        ("Code", "Statement", "Method"),
        ("K1", "How", "Observation"),
        ("K1", "How ", "Interview"),
        ("K1", "Why", "Interview"),
    ]
    found = read(rows, tmp_path)

    assert texts(found) == {"K1": "How"}
    assert methods(found) == {"Observation": ("K1",), "Interview": ("K1",)}
    assert said(found, NoteKind.REPAIRED) == ["line 3: K1 again with the same words; once is enough."]
    assert said(found, NoteKind.UNUSABLE) == ["line 4: K1 again with other words: 'Why'. Those of line 2 were taken."]


def test_methods_and_what_they_assess(tmp_path: Path) -> None:
    names = [
        "Observation",
        "observation; Professional discussion, underpinned by a portfolio",
        "AM1, AM2",
        "AM2 / AM1",
        "Observation, Interview",
        "Interview",
    ]
    rows = [
        ("Code", "Statement", "Assessment method"),
        *((*row, name) for row, name in zip(STATEMENTS.items(), names, strict=True)),
    ]
    found = read(rows, tmp_path)

    assert methods(found) == {
        "Observation": ("K1", "K2", "S2"),
        "Professional discussion, underpinned by a portfolio": ("K2",),
        "AM1": ("K10", "S1"),
        "AM2": ("K10", "S1"),
        "Interview": ("S2", "B1"),
    }
    assert [method.id for method in standard_of(found).methods] == [
        "observation",
        "professional_discussion_underpinned_by_a",
        "am1",
        "am2",
        "interview",
    ]
    assert {method.form for method in standard_of(found).methods} == {
        "The table names the method and does not say what happens in it."
    }


def test_grading_criteria_are_kept_as_facts(tmp_path: Path) -> None:
    rows = [
        ("Code", "Statement", "Pass", "Distinction criteria"),
        ("K1", "How", "Says how.", "Says why."),
        ("K2", "Where", "Says how.", ""),
    ]
    assert {entry.name: entry.value for entry in standard_of(read(rows, tmp_path)).overview} == {
        "Pass criteria of K1 and K2": "Says how.",
        "Distinction criteria of K1": "Says why.",
    }


def test_columns_without_a_place_are_named(tmp_path: Path) -> None:
    rows = [("Code", "Statement", "Evidence", "Line manager"), ("K1", "How", "E01", "Somebody")]
    assert said(read(rows, tmp_path), NoteKind.UNREAD) == [
        "line 1, column 3: A standard has no place for the column 'Evidence'.",
        "line 1, column 4: A standard has no place for the column 'Line manager'.",
    ]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Make (K11, S11, S12)", ["K11", "S11", "S12"]),
        ("Make (K8 S14)", ["K8", "S14"]),
        ("Make (K1; S2 and B3) it [k 4]", ["K1", "S2", "B3", "K4"]),
        ("Make (KSBs: K1, S1)", ["K1", "S1"]),
        ("Make K1 (see page 3)", []),
        ("Make (see K1)", []),
        ("Make (A4 paper)", []),
        ("Make (A4)", []),
        ("Make ()", []),
        ("Make (K1", []),
    ],
)
def test_codes_in_brackets(text: str, codes: list[str]) -> None:
    assert linked_codes(text) == codes


def test_brackets_link_duties_and_stay_in_the_text_of_statements(tmp_path: Path) -> None:
    rows = [
        ("Code", "Statement"),
        ("Duty 1", "Make examples (K1, S1)"),
        ("D2", "Keep examples (B1 S2) (see page 3)"),
        *((code, f"{text} (K10)") for code, text in STATEMENTS.items()),
    ]
    found = read(rows, tmp_path)

    assert texts(found) == {code: f"{text} (K10)" for code, text in STATEMENTS.items()}
    assert duties(found) == {
        "D1": ("Make examples (K1, S1)", ("K1", "S1")),
        "D2": ("Keep examples (B1 S2) (see page 3)", ("B1", "S2")),
    }


def test_a_sheet_of_duties_beside_one_of_statements(tmp_path: Path) -> None:
    book = Workbook()
    first = book.active
    assert first is not None
    first.title = "Duties"
    for row in [
        ("Duty", "KSBs"),
        *((f"Duty {name[1:]} {text}", " ".join(codes)) for name, (text, codes) in DUTIES.items()),
    ]:
        first.append(row)
    second = book.create_sheet("KSBs")
    for row in ROWS:
        second.append(row)
    book.save(tmp_path / "ksbs.xlsx")
    (found,) = read_statement_table(tmp_path / "ksbs.xlsx", GIVEN)

    assert texts(found) == STATEMENTS
    assert duties(found) == DUTIES


def test_duties_that_the_rows_of_statements_name(tmp_path: Path) -> None:
    rows = [("Code", "Statement", "Duties"), ("K1", "How", "D1, D2"), ("S1", "Make", "Duty 1")]
    found = read(rows, tmp_path)

    assert duties(found) == {"D1": ("D1", ("K1", "S1")), "D2": ("D2", ("K1",))}
    assert "table: The table names duties without their words; their codes stand in for these." in said(
        found, NoteKind.UNKNOWN
    )


def test_a_sheet_for_each_kind_and_one_of_something_else(tmp_path: Path) -> None:
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, prefix in (("Knowledge", "K"), ("Skills", "S"), ("Behaviours", "B")):
        sheet = book.create_sheet(name)
        sheet.append(("No", "Statement"))
        for code, text in STATEMENTS.items():
            if code.startswith(prefix):
                sheet.append((int(code[1:]), text))
    notes = book.create_sheet("Prices")
    notes.append(("Apples", 2))
    notes.append(("Pears", 3))
    book.save(tmp_path / "ksbs.xlsx")
    (found,) = read_statement_table(tmp_path / "ksbs.xlsx", GIVEN)

    assert texts(found) == STATEMENTS
    assert "The sheet 'Prices' has no statements." in " ".join(said(found, NoteKind.UNREAD))


def test_a_sheet_for_each_version_is_a_standard_each(tmp_path: Path) -> None:
    book = Workbook()
    book.remove(book.worksheets[0])
    for number in (1, 2):
        sheet = book.create_sheet(f"ST9001 v1.{number}")
        for row in [*ROWS, ("S3", f"Only in {number}")]:
            sheet.append(row)
    book.save(tmp_path / "both.xlsx")
    found = list(read_statement_table(tmp_path / "both.xlsx", Given(title="Example maker")))

    assert [one.name for one in found] == ["ST9001@1.1", "ST9001@1.2"]
    assert [texts(one)["S3"] for one in found] == ["Only in 1", "Only in 2"]


@pytest.mark.parametrize(
    ("above", "name", "given", "identity"),
    [
        ([("Standard:", "ST9001"), ("Version", "1.3"), ("Level", "4")], "a.csv", Given(), "ST9001@1.3"),
        ([("ST9001 Example maker v1.3",)], "a.csv", Given(), "ST9001@1.3"),
        ([("Reference: EX1",), ("Version: 2008-06",)], "a.csv", Given(), "EX1@2008-06"),
        ([], "ST9001-1.3.csv", Given(), "ST9001@1.3"),
        ([], "KSBs st9001 V1.3 final.csv", Given(), "ST9001@1.3"),
        ([], "ST9001 2024.csv", Given(), "ST9001@unknown"),
        ([], "ST9001-1.3.csv", Given("ST9002", "1.0"), "ST9002@1.0"),
        ([("Standard", "ST9001")], "ST9002.csv", Given("ST9003"), "ST9001@unknown"),
    ],
)
def test_which_standard_a_table_is_of(
    tmp_path: Path, above: list[tuple[str, ...]], name: str, given: Given, identity: str
) -> None:
    assert standard_of(read([*above, (), *ROWS], tmp_path, given, name)).identity == identity


def test_the_name_of_the_file_is_said_to_be_the_source(tmp_path: Path) -> None:
    found = read(ROWS, tmp_path, Given(title="Example maker"), "ST9001-1.3.csv")
    assert said(found, NoteKind.REPAIRED) == [
        "reference: The table does not say its reference; ST9001 is from the name of the file.",
        "version: The table does not say its version; 1.3 is from the name of the file.",
    ]


def test_without_a_reference_nothing_is_guessed(tmp_path: Path) -> None:
    found = read(ROWS, tmp_path, Given())
    assert found.standard is None
    assert "reference: Nothing says which standard it is: give it with --reference." in said(found, NoteKind.UNUSABLE)


def test_rows_that_say_nothing_of_a_statement(tmp_path: Path) -> None:
    rows = [
        *ROWS,
        ("X1", "Odd"),
        ("see above", "Odd"),
        ("K1, K2", "Odd"),
        ("K3", ""),
        ("Code", "Statement"),
        ("", "Words without a code"),
    ]
    found = read(rows, tmp_path)

    assert texts(found) == STATEMENTS | {"K3": WORDS_NOT_TAKEN}
    assert said(found, NoteKind.UNUSABLE) == [
        "line 9: 'see above' is no code of a statement, so the row was not taken.",
        "line 10: 'K1, K2' is no code of a statement, so the row was not taken.",
        "line 8: X1 is of no kind that we know; codes begin with K, TK, S, TS, B and ESB.",
        "line 13: It has no code, and nothing says what kind it is; codes are like K1, and begin with K, TK, S, TS, B "
        "and ESB.",
        "line 11: K3 has no words.",
    ]


def test_formulas_html_and_control_characters_are_words(tmp_path: Path) -> None:
    rows = [
        ("Code", "Statement"),
        ("K1", "=HYPERLINK(1)"),
        ("K2", "<script>x()</script><b>How</b> &amp; why"),
        ("S1", "Make\x07 it\u202e\u00a0well"),
    ]
    assert texts(read(rows, tmp_path)) == {"K1": "=HYPERLINK(1)", "K2": "How & why", "S1": "Make it well"}


def test_a_text_that_no_cell_holds_is_located(tmp_path: Path) -> None:
    with pytest.raises(KsbtrackError, match=r"ksbs\.csv:2: table-too-large: found 'xxx.*100,000 characters"):
        read([("Code", "Statement"), ("K1", "x" * 100_000)], tmp_path)


@pytest.mark.parametrize("content", [b"Item,Price\nApples,2\n", b"Code,Statement\n", b"Knowledge\nSkills\n", b"a\nb\n"])
def test_a_table_of_something_else_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(KsbtrackError, match="not-a-standard: found a table without statements"):
        read(content, tmp_path)


@pytest.mark.parametrize(
    ("content", "is_table"),
    [
        (table(ROWS), True),
        (table(ROWS, "\t"), True),
        (table(list(STATEMENTS.items())), True),
        (b"\xef\xbb\xbf" + table(ROWS), True),
        (table(ROWS).decode().encode("utf-16"), True),
        (b"milk\neggs\n", False),
        (b"Item,Price\nApples,2\n", False),
        (b"", False),
        (b"\x00\x01\x02", False),
        (b"%PDF-1.7\n", False),
        (b'"never closed', False),
    ],
)
def test_how_a_table_is_known(content: bytes, is_table: bool) -> None:
    assert is_statement_table(content) is is_table


def held(standard: Standard) -> object:
    """Give what a table can hold; a second space between words is no difference, as in fingerprints."""
    return (
        [
            (
                group.prefix,
                group.kind,
                group.title,
                [(i.code, " ".join(i.text.split()), i.guid) for i in group.statements],
            )
            for group in standard.groups
        ],
        [(duty.code, duty.competencies) for duty in standard.duties if duty.competencies],
        [(method.title, method.assesses) for method in standard.methods if method.assesses],
    )


def comes_back(standard: Standard, folder: Path) -> None:
    for write, name in ((write_csv, "back.csv"), (write_xlsx, "back.xlsx")):
        exported: Exported = write(standard)
        given = Given(standard.reference, standard.version, standard.title)
        assert held(standard_of(read(exported.content, folder, given, name))) == held(standard), name


@pytest.mark.parametrize("reference", ["ST0148@1.0", "XS10a@2008-06", "XS10b@2008-06", "XS10c@2008-06"])
def test_our_own_tables_come_back(tmp_path: Path, reference: str) -> None:
    comes_back(load_standard(reference), tmp_path)


@pytest.mark.skipif(not DATA.exists(), reason="the real records are not here")
def test_tables_of_real_standards_come_back(tmp_path: Path) -> None:
    standards = [one.standard for one in read_skills_england(DATA / "ifate-2020-with-ksbs.json", Given())]
    catalogue = DATA / "ST0499-ksb-catalog-v1.1-v1.2-v1.3.json"
    standards += [one.standard for one in read_catalogue(catalogue, Given())]
    assert len(standards) == 58
    for standard in standards:
        assert standard is not None
        comes_back(standard, tmp_path)


@pytest.mark.skipif(not DATA.exists(), reason="the real records are not here")
def test_a_real_list_as_people_paste_it(tmp_path: Path) -> None:
    """The rows of a real list, sorted by letters, with tabs under .csv and code and words in one cell."""
    raw = json.loads((DATA / "ST0499-ksb-catalog-v1.1-v1.2-v1.3.json").read_bytes())["versions"][1]["ksbs"]
    rows = [f"{entry['code'].lower()} - {entry['statement']}\t{entry['kind']}" for entry in raw]
    found = read("\n".join(["KSB\tType", *rows]).encode("cp1252"), tmp_path)

    assert texts(found) == {entry["code"]: entry["statement"] for entry in raw}
    assert len(texts(found)) == 65
    assert CODES[0] in texts(found)


# What is not a table of statements, or more than one column of them


def test_a_list_of_codes_is_no_statement(tmp_path: Path) -> None:
    """A table of grading criteria has codes and no words of statements."""
    rows = [("KSB", "Pass"), ("K1 S1", "Explains it"), ("K2, S2 and S3", "Does it"), ("K1-K3", "Both")]
    with pytest.raises(KsbtrackError) as raised:
        read(rows, tmp_path)
    assert [problem.code for problem in raised.value.problems] == ["not-a-standard"]


def test_columns_of_statements_side_by_side_are_not_lost_silently(tmp_path: Path) -> None:
    rows = [("K1 Know the one", "S1 Do the one", "Remark"), ("K2 Know the other", "S2 Do the other", "")]
    found = read(rows, tmp_path)
    assert list(texts(found)) == ["K1", "K2"]
    assert said(found, NoteKind.UNUSABLE) == [f"line 1, column 2: {UNNAMED_COLUMN}"]
    assert said(found, NoteKind.UNREAD) == [f"line 1, column 3: {UNNAMED_COLUMN}"]


def test_ten_thousand_statements_are_refused_in_few_words(tmp_path: Path) -> None:
    found = read([("Code", "Statement"), *((f"K{n}", f"Know {n}") for n in range(1, 10_001))], tmp_path)
    assert found.standard is None
    assert [(note.kind, note.what, note.count) for note in found.notes] == [
        (NoteKind.UNUSABLE, TOO_HIGH, 9_001),
        (NoteKind.UNUSABLE, "It has more statements than there are codes for, so none was taken.", 1),
    ]


def test_one_code_that_is_too_high_is_told_and_the_others_are_taken(tmp_path: Path) -> None:
    found = read([*ROWS, ("K1000", "Know too much")], tmp_path)
    assert texts(found) == STATEMENTS
    assert [note.what for note in found.notes if note.kind is NoteKind.UNUSABLE] == [TOO_HIGH]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "a.csv",
            b'Code,Statement\nK1,"never closed\nS1,x\n',
            r"a\.csv:2: bad-csv: found a quote that is never closed",
        ),
        ("b.csv", b"Code,Statement\nK1," + b"x" * 100_000 + b"\n", r"b\.csv:2: table-too-large: "),
        ("c.csv", b"Name,Email\nJo,jo@example.org\n", r"c\.csv: not-a-standard: "),
        (
            "d.xls",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100),
            r"d\.xls: not-a-table: found an Office file of the old kind",
        ),
        ("e.txt", b"Name,Email\nJo,jo@example.org\n", r"e\.txt: unknown-format: "),
        ("f.csv", b"", r"f\.csv: unknown-format: found a file that is empty"),
    ],
)
def test_what_is_a_table_by_its_name_says_what_is_wrong_with_it(
    name: str, content: bytes, message: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(KsbtrackError, match=message):
        import_standards(tmp_path / name, tmp_path / "standards", given=GIVEN)
    assert not (tmp_path / "standards").exists()


# A reference decides whether there is a gateway


@pytest.mark.parametrize("reference", ["ST9001", "st9001", " ST9001 ", "st 9001", "FA9001", "LARS489"])
def test_however_a_reference_is_spelt_an_apprenticeship_keeps_its_gateway(reference: str, tmp_path: Path) -> None:
    found = read(ROWS, tmp_path, Given(reference, "1.2", "Example maker"))
    standard = standard_of(found)
    assert standard.reference == "".join(reference.split()).upper()
    assert standard.is_apprenticeship
    assert "assessment_plan" in [requirement.id for requirement in standard.requirements]
    assert A_PROFILE not in [note.what for note in found.notes]


def test_that_a_reference_makes_a_role_profile_is_told(tmp_path: Path) -> None:
    found = read(ROWS, tmp_path, Given("XX01", "1.2", "Example maker"))
    assert not standard_of(found).is_apprenticeship
    assert f"kind: {A_PROFILE}" in said(found, NoteKind.UNKNOWN)
