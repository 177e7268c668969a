"""The evidence matrix out and back in: what it says, what it adds, and that nothing else is ever touched."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksbtrack import analyse, import_matrix, load_case, load_portfolio, load_standard, write_matrix
from ksbtrack.cli import main
from ksbtrack.files.locking import only_writer
from ksbtrack.formats.matrix_reading import ABOUT, read_matrix
from ksbtrack.formats.matrix_words import Names, normal, same_place
from ksbtrack.formats.sheet_writing import Table, TableColumn, csv_bytes, xlsx_bytes
from ksbtrack.formats.sheets import sheets_of
from ksbtrack.models.analysis import Analysis, Status
from ksbtrack.models.evidence_matrix import MatrixImport, MatrixReading, ProposalKind
from ksbtrack.models.portfolio import Claim
from ksbtrack.models.standard import StandardKind
from ksbtrack.problems import KsbtrackError
from ksbtrack.report.evidence_matrix import LONGEST_LIST, MatrixBy, matrix_bytes, matrix_tables

SOUND = Path(__file__).resolve().parent / "broken" / "sound"
EXAMPLES = Path(__file__).resolve().parent.parent / "docs" / "examples"
DAY = date(2026, 2, 27)
TEXTS = {statement.code: statement.text for statement in load_standard("ST0148").competencies}
PIECE = """\
---
id: {id}
title: "Session {id}"   # as in the diary
kind: work_product
date: 2023-10-02
claims: {claims}
acceptance: {{state: submitted, on: 2023-10-05}}  # sent by e-mail
---
We met in room {id}.
"""


@pytest.fixture
def learner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a portfolio with E01, which claims K1 and S1, and E02 to E05, which claim S2 alone."""
    shutil.copytree(SOUND / "learner", tmp_path / "learner")
    for number in range(2, 6):
        add_piece(tmp_path / "learner", f"E0{number}")
    monkeypatch.chdir(tmp_path)
    return Path("learner")


def add_piece(folder: Path, name: str, claims: str = "[S2]") -> None:
    (folder / f"evidence/{name}.md").write_text(PIECE.format(id=name, claims=claims), "utf-8")


@pytest.fixture
def typical(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(EXAMPLES / "typical", tmp_path / "typical")
    monkeypatch.chdir(tmp_path)
    return Path("typical")


def imported(folder: Path, *rows: Sequence[str], write: bool = False) -> MatrixImport:
    """Give what a matrix of these rows adds."""
    width = max(map(len, rows))
    cells = tuple((*row, *[""] * (width - len(row))) for row in rows)
    table = Table("KSBs", tuple(TableColumn(heading, 10) for heading in cells[0]), cells[1:])
    Path("matrix.csv").write_bytes(csv_bytes(table))
    return import_matrix(folder, "matrix.csv", write=write)


def added(result: MatrixImport) -> list[tuple[str, str, str]]:
    return [(one.claim.piece, one.claim.code, one.claim.where) for one in result.proposals]


def said(result: MatrixImport) -> list[str]:
    return [f"{note.where}: {note.what}" for note in result.notes]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def analysis_of(folder: Path) -> Analysis:
    return analyse(load_case(folder, DAY))


# Out


def test_a_row_a_statement_says_where_it_is_shown_and_what_counts(typical: Path) -> None:
    analysis = analysis_of(typical)
    table = matrix_tables(analysis)[0]
    row = dict(zip([column.heading for column in table.columns], table.rows[0], strict=True))
    verdict = next(one for one in analysis.competencies if one.code == "K1")

    assert [one[0] for one in table.rows] == [one.code for one in analysis.competencies]
    assert row["Statement"] == TEXTS["K1"]
    assert row["Evidence"].split("\n")[:2] == ["E01", "E05: p. 2"]
    assert row["Status"] == verdict.status.words
    assert row["Counts now"] == ", ".join(verdict.pieces)
    assert {one[4] for one in table.rows} <= {status.words for status in Status}


def test_a_row_a_piece_says_what_it_shows(typical: Path) -> None:
    table = matrix_tables(analysis_of(typical), MatrixBy.PIECE)[0]
    row = dict(zip([column.heading for column in table.columns], table.rows[1], strict=True))

    assert (row["Evidence"], row["KSBs"], row["Kind"]) == ("E02", "K9: p. 1\nS9: p. 2", "CPD record")
    assert row["Accepted"] == "Accepted by Nat Example on 11 April 2025"
    assert len(table.rows) == len(load_portfolio(typical).evidence)


def test_the_cross_table_has_each_claim_once_both_ways_round(typical: Path) -> None:
    analysis = analysis_of(typical)
    for by in MatrixBy:
        cross = matrix_tables(analysis, by)[1]
        marks = [cell for row in cross.rows for cell in row[2:] if cell]
        assert sum(len(mark.split("\n")) for mark in marks) == len(analysis.case.claims)


@pytest.mark.parametrize(("kind", "word"), [(StandardKind.APPRENTICESHIP, "not known"), (StandardKind.PROFILE, "none")])
def test_methods_that_nobody_looked_up_are_not_said_to_be_none(learner: Path, kind: StandardKind, word: str) -> None:
    """An apprenticeship standard of the official feed has no methods; a role profile has none ever."""
    analysis = analyse(load_case(learner, DAY))
    standard = analysis.case.standard.model_copy(update={"methods": (), "kind": kind})
    changed = replace(analysis, case=replace(analysis.case, standard=standard))
    table = matrix_tables(changed)[0]
    assert {row[2] for row in table.rows} == {word}


def test_a_method_leaves_what_it_assesses(typical: Path) -> None:
    analysis = analysis_of(typical)
    some = analysis.case.standard.methods[0].model_copy(update={"assesses": ("K1", "K2")})
    tables = matrix_tables(analysis, MatrixBy.KSB, some)

    assert [row[0] for row in tables[0].rows] == ["K1", "K2"]
    claiming = {made.piece.id for made in analysis.case.claims if made.competency.code in ("K1", "K2")}
    assert {row[0] for row in tables[2].rows} == claiming
    assert ("Assessment method", some.title) in tables[3].rows


def test_a_list_too_long_for_a_cell_goes_on_in_another_row(typical: Path) -> None:
    analysis = analysis_of(typical)
    piece = analysis.case.portfolio.evidence[0]
    claims = tuple(Claim(code="K1", standard="ST0148@1.0", where=f"p. {n}" + "x" * 150) for n in range(400))
    portfolio = analysis.case.portfolio.model_copy(
        update={"evidence": (piece.model_copy(update={"claims": claims}), *analysis.case.portfolio.evidence[1:])}
    )
    table = matrix_tables(replace(analysis, case=replace(analysis.case, portfolio=portfolio)))[0]
    rows = [row for row in table.rows if row[0] == "K1"]

    assert len(rows) == 3
    assert all(len(row[3]) <= LONGEST_LIST for row in rows)
    assert sum(len(row[3].split("\n")) for row in rows) >= 400


def test_the_same_portfolio_gives_the_same_bytes(typical: Path) -> None:
    analysis = analysis_of(typical)
    for ending in (".xlsx", ".csv"):
        assert matrix_bytes(analysis, ending) == matrix_bytes(analysis_of(typical), ending)


def test_a_hostile_portfolio_makes_no_formula(learner: Path) -> None:
    path = learner / "evidence/E02.md"
    text = path.read_text("utf-8").replace('"Session E02"', '"=cmd|calc!A1"')
    path.write_text(text.replace("[S2]", '[{code: S2, where: "@SUM(1)"}]'), "utf-8")
    book = openpyxl.load_workbook(io.BytesIO(matrix_bytes(analysis_of(learner), ".xlsx")))

    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert "=cmd|calc!A1" in {cell.value for cell in cells}
    assert "\n=" not in matrix_bytes(analysis_of(learner), ".csv", "piece").decode().replace(",", "\n")
    assert import_is_empty(learner, ".xlsx", MatrixBy.KSB)


# Round trip


def import_is_empty(folder: Path, ending: str, by: MatrixBy, standard: str | None = None) -> bool:
    path = Path(f"back{ending}")
    write_matrix(analyse(load_case(folder, DAY, standard=standard)), path, by)
    result = import_matrix(folder, path, standard=standard)
    return (result.proposals, result.missing, result.notes) == ((), (), ())


@pytest.mark.parametrize("by", MatrixBy)
@pytest.mark.parametrize("ending", [".xlsx", ".csv"])
@pytest.mark.parametrize("name", ["typical", "ready", "dorset"])
def test_a_matrix_that_was_written_proposes_nothing(
    name: str, ending: str, by: MatrixBy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert import_is_empty(EXAMPLES / name, ending, by)


def test_a_matrix_about_another_standard_of_the_portfolio_comes_back(tmp_path: Path) -> None:
    portfolio = load_portfolio(EXAMPLES / "dorset")
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(tmp_path)
        for standard in (portfolio.standard, *portfolio.also):
            assert import_is_empty(EXAMPLES / "dorset", ".csv", MatrixBy.KSB, standard)


PLACES = st.one_of(
    st.sampled_from(
        ["p. 2-3", "p. 2; p. 5", "0:03:10", "slide 4, see E02 too", "x", "no", "=1", "K2", "E03: p. 1", "-"]
    ),
    st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), min_size=1, max_size=12),
)
CLAIMS = st.dictionaries(
    st.sampled_from(["E01", "E1b", "MAR-2", "plan", "E02"]),
    st.lists(st.tuples(st.sampled_from(["K1", "K2", "S1", "B1"]), st.none() | PLACES), max_size=4, unique=True),
    min_size=1,
)


@given(CLAIMS, st.sampled_from(MatrixBy), st.sampled_from([".csv", ".xlsx"]))
def test_any_claims_come_back_from_a_matrix(
    claims: dict[str, list[tuple[str, str | None]]], by: MatrixBy, ending: str
) -> None:
    """Whatever ids and places are: what a matrix says of a portfolio adds nothing to it."""
    case = load_case(EXAMPLES / "typical", DAY)
    template = case.portfolio.evidence[0]
    pieces = tuple(
        template.model_copy(
            update={
                "id": name,
                "title": f"Piece {name}",
                "attached": (),
                "claims": tuple(
                    Claim(code=code, standard="ST0148@1.0", where=" ".join((where or "").split()) or None)
                    for code, where in made
                ),
            }
        )
        for name, made in claims.items()
    )
    portfolio = case.portfolio.model_copy(update={"evidence": pieces, "showcase": ()})
    content = matrix_bytes(analyse(replace(case, portfolio=portfolio)), ending, by)
    reading = read_matrix(sheets_of(content, "x"), Names(case.standard, portfolio))

    ours = {(piece.id, one.code, same_place(one.where or "")) for piece in pieces for one in piece.claims}
    theirs = {(one.piece, one.code, same_place(one.where)) for one in reading.claims}
    assert theirs <= ours
    assert {(piece, code) for piece, code, _ in ours} == {(piece, code) for piece, code, _ in theirs}
    assert {one for one in ours if one[2]} == {one for one in theirs if one[2]}


# In


@pytest.mark.parametrize(
    ("code", "codes"),
    [
        ("K1", "K1"),
        ("k 1", "K1"),
        ("K01", "K1"),
        (" S-2 ", "S2"),
        ("K1, K2 & S3", "K1 K2 S3"),
        ("(K8 S4)", "K8 S4"),
        ("K1/K2", "K1 K2"),
        ("K1-K4", "K1 K2 K3 K4"),
        ("K1 to 3, B1", "K1 K2 K3 B1"),
        ("S9–S10", "S9 S10"),
        ("Knowledge K5.", "K5"),
    ],
)
def test_codes_are_read_as_people_write_them(learner: Path, code: str, codes: str) -> None:
    result = imported(learner, ("KSB ref", "Evidence ref"), (code, "E03"))

    assert added(result) == [("E03", one, "") for one in codes.split() if one != "S2"]


@pytest.mark.parametrize(
    ("cell", "pieces"),
    [
        ("E03", [("E03", "")]),
        ("e3, E 4", [("E03", ""), ("E04", "")]),
        ("E03 p. 2-3; E04", [("E03", "p. 2-3"), ("E04", "")]),
        ("E03 (p. 2) and E04 (0:03:10)", [("E03", "p. 2"), ("E04", "0:03:10")]),
        ("E03: the whole recording", [("E03", "the whole recording")]),
        ("E03: p. 2, E04: p. 3", [("E03", "p. 2"), ("E04", "p. 3")]),
        ("Session E03", [("E03", "")]),
        ("E03\nE04: see slide 4", [("E03", ""), ("E04", "see slide 4")]),
        ("E04 see slide 4", [("E04", "slide 4")]),
        ("n/a", []),
        ("-", []),
    ],
)
def test_pieces_are_read_as_people_write_them(learner: Path, cell: str, pieces: list[tuple[str, str]]) -> None:
    result = imported(learner, ("Code", "Where evidenced"), ("K3", cell))

    assert added(result) == [(piece, "K3", where) for piece, where in pieces]
    assert [note for note in said(result) if "neither" not in note] == []


@pytest.mark.parametrize(
    "rows",
    [
        (("Code", "Statement", "Evidence"), ("K3", TEXTS["K3"], "E03, E04"), ("S3", TEXTS["S3"], "E03")),
        (("Evidence", "Title", "KSBs"), ("E03", "Session E03", "K3, S3"), ("E04", "Session E04", "K3")),
        (
            ("Code", "Statement", "E03", "E04", "E05"),
            ("K3", TEXTS["K3"], "x", "✓", ""),
            ("S3", TEXTS["S3"], "Yes", "-", "no"),
        ),
        (("", "E03", "E04 Session"), ("K3", "x", "X"), ("S3", "1", "0")),
        (("Evidence", "K3", "S3", "B1"), ("E03", "x", "x", ""), ("E04", "TRUE", "FALSE", "")),
        (("Evidence title", "K3", "S3"), ("Session E03", "x", "x"), ("Session E04", "x", "")),
        (("Description", "Evidence"), (TEXTS["K3"].upper(), "E03 E04"), (TEXTS["S3"], "E03")),
        (("Pass criteria", "Detail", "Activity"), ("", "Applies both (K3, S3)", "E03"), ("", "Knows it (K3)", "E04")),
        (("Ref", "Detail", "Evidence 1", "Evidence 2"), ("K3", "", "E03", "E04"), ("S3", "", "", "E03")),
    ],
)
def test_every_way_round_says_the_same(learner: Path, rows: tuple[tuple[str, ...], ...]) -> None:
    assert set(added(imported(learner, *rows))) == {("E03", "K3", ""), ("E04", "K3", ""), ("E03", "S3", "")}


def test_places_stand_in_a_column_of_their_own_too(learner: Path) -> None:
    result = imported(
        learner,
        ("Code", "Evidence", "Page no"),
        ("K3", "E03", "2-3"),
        ("K4", "E03, E04", "p. 1\np. 2"),
        ("K5", "E03, E04", "7"),
    )

    assert added(result) == [
        *(("E03", "K3", "p. 2-3"), ("E03", "K4", "p. 1"), ("E04", "K4", "p. 2")),
        *(("E03", "K5", ""), ("E04", "K5", "")),
    ]
    assert said(result) == ["line 5, column 3: '7': not clear which piece has which place."]


def test_everything_that_was_not_taken_is_listed_with_its_place(learner: Path) -> None:
    result = imported(
        learner,
        ("Code", "Evidence", "E99", "Mood", "E04"),
        ("K99", "E03", "", "", ""),
        ("K3", "E77, my diary", "x", "good", "perhaps"),
        ("", "E03", "", "", ""),
        ("Knowledge", "E03", "", "", ""),
        ("K4", "E03 2-3", "", "", ""),
        ("K5, 6", "E03", "", "", ""),
        ("", "", "", "", ""),
        ("Section", "", "", "", ""),
    )

    assert added(result) == [("E03", "K4", ""), ("E03", "K5", "")]
    assert said(result) == [
        "line 1, column 3: No piece 'E99' in the portfolio.",
        "line 1, column 4: The column 'Mood' was not read.",
        "line 2, column 1: ST0148@1.0 has no 'K99'. Did you mean K9?",
        "line 3, column 2: No piece 'E77' in the portfolio.",
        "line 3, column 2: Behind E77: 'my diary' was not taken.",
        "line 3, column 5: Not understood: 'perhaps', for E04 and K3. Write x, or a place such as p. 2.",
        "line 4, column 1: No code, but E03: the row was not taken. Write the code, also where it is that of the row "
        "above.",
        "line 5, column 1: 'Knowledge' is no code.",
        "line 6, column 2: Behind E03: '2-3' was not taken.",
        "line 7, column 1: Behind K5: '6' was not taken.",
        "line 9: Rows that name neither a code nor a piece: not read (9).",
    ]


def test_a_code_beside_the_words_of_another_one_is_not_taken(learner: Path) -> None:
    """A matrix about another version would map the evidence to something else."""
    result = imported(
        learner,
        ("Code", "Statement", "Evidence"),
        ("K3", TEXTS["K4"], "E03"),
        ("K5", "Bake bread and sell it at the market", "E03"),
        ("K6", TEXTS["K6"][:-20], "E03"),
        ("K7", "Also " + TEXTS["K7"], "E03"),
    )

    assert [code for _, code, _ in added(result)] == ["K6", "K7"]
    assert [note.split(": ")[0] for note in said(result)] == [f"line {n}, column 2" for n in (2, 3, 5)]
    assert "K3 stands beside the words of K4 in ST0148@1.0: not taken." in said(result)[0]
    assert "K5 has other words in ST0148@1.0" in said(result)[1]


def test_dates_that_a_spreadsheet_made_are_never_guessed(learner: Path) -> None:
    add_piece(learner, "SEP-2")
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["Code", "Evidence", "Page", date(2026, 9, 2)])
    sheet.append(["K3", date(2026, 9, 2), "", "x"])
    sheet.append(["K4", "E03", date(2026, 3, 2), ""])
    sheet.append(["K5", "SEP-2", "", ""])
    book.save("matrix.xlsx")
    result = import_matrix(learner, "matrix.xlsx")

    assert added(result) == [("E03", "K4", ""), ("SEP-2", "K5", "")]
    dated = "'2026-09-02' is a date. Did you mean SEP-2? A spreadsheet makes dates of ids such as SEP-2."
    assert said(result) == [
        f"sheet Sheet, row 1, column D: {dated}",
        f"sheet Sheet, row 2, column B: {dated}",
        "sheet Sheet, row 3, column C: '2026-03-02': a spreadsheet makes dates of numbers such as 2-3. "
        "Taken without a place.",
    ]


def test_what_the_portfolio_claims_and_the_matrix_lacks_is_said(learner: Path) -> None:
    result = imported(learner, ("Code", "Evidence"), ("K1", "E01"), ("S2", "E02 E03"))

    assert (result.known, result.proposals) == (3, ())
    assert [(one.piece, one.code) for one in result.missing] == [("E01", "S1"), ("E04", "S2"), ("E05", "S2")]


def test_a_place_is_filled_in_where_a_claim_has_none_and_stands_beside_one_that_has(learner: Path) -> None:
    add_piece(learner, "E06", "[K3, {code: K4, where: p. 1}]")
    result = imported(learner, ("Code", "Evidence"), ("K3", "E06 p. 2"), ("K4", "E06 p. 2"), ("S1", "E06"))

    assert [(one.kind, one.claim.code, one.beside) for one in result.proposals] == [
        (ProposalKind.ADD_PLACE, "K3", ()),
        (ProposalKind.ADD, "K4", ("p. 1",)),
        (ProposalKind.ADD, "S1", ()),
    ]


def test_a_page_is_no_other_page() -> None:
    assert same_place("P. 2–3") == same_place("p.2-3") != same_place("p. 23")
    assert normal("K 01") == normal("k1") != normal("K10")


def test_two_pieces_that_read_alike_are_only_known_by_their_whole_ids(learner: Path) -> None:
    add_piece(learner, "E6")
    add_piece(learner, "E06")
    result = imported(learner, ("Code", "Evidence"), ("K3", "E6"), ("K4", "E06"), ("K5", "E006"))

    assert added(result) == [("E6", "K3", ""), ("E06", "K4", "")]
    assert said(result)[0].startswith("line 4, column 2: No piece 'E006' in the portfolio.")


# Writing it


def test_nothing_is_written_until_it_is_asked_for(learner: Path) -> None:
    before = contents(learner)
    result = imported(learner, ("Code", "Evidence"), ("K3", "E02, E03 p. 2"))

    assert added(result) == [("E02", "K3", ""), ("E03", "K3", "p. 2")]
    assert (result.written, contents(learner)) == ((), before)


@pytest.mark.parametrize(
    ("claims", "after"),
    [
        ("[S2]", "[{code: S2, where: p. 1}, K3, {code: K4, where: p. 2}]"),
        ("[]", "[{code: S2, where: p. 1}, K3, {code: K4, where: p. 2}]"),
        ("\n  - S2  # mine", "\n  - {code: S2, where: p. 1}  # mine\n  - K3\n  - {code: K4, where: p. 2}"),
        (
            "\n- code: S2  # mine\n  why: It shows it",
            "\n- code: S2  # mine\n  why: It shows it\n  where: p. 1\n- K3\n- code: K4\n  where: p. 2",
        ),
        (
            "\n  # first\n  - {code: S2, why: Yes}\n  # last",
            "\n  # first\n  - {code: S2, why: Yes, where: p. 1}\n  - K3\n  - {code: K4, where: p. 2}\n  # last",
        ),
    ],
)
def test_only_the_claims_change_in_the_manner_of_the_file(learner: Path, claims: str, after: str) -> None:
    add_piece(learner, "E06", claims)
    path = learner / "evidence/E06.md"
    text = path.read_text("utf-8")
    result = imported(learner, ("Code", "Evidence"), ("S2", "E06 p. 1"), ("K3", "E06"), ("K4", "E06 p. 2"), write=True)

    assert result.written == ("learner/evidence/E06.md",)
    changed = path.read_text("utf-8")
    if claims != "[]":
        assert changed == text.replace(f"claims: {claims}", f"claims: {after}")
    made = [(claim.code, claim.where) for claim in load_portfolio(learner).by_id["E06"].claims]
    assert made == [("S2", "p. 1"), ("K3", None), ("K4", "p. 2")]
    again = import_matrix(learner, "matrix.csv")
    assert (again.proposals, again.known) == ((), 3)


def test_line_ends_and_the_mark_of_windows_stay(learner: Path) -> None:
    path = learner / "evidence/E02.md"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    before = path.read_bytes()
    imported(learner, ("Code", "Evidence"), ("K3", "E02"), write=True)

    assert path.read_bytes() == before.replace(b"[S2]", b"[S2, K3]")


def test_what_was_accepted_and_confirmed_is_said_to_be_checked_again(learner: Path) -> None:
    assert (
        main(["accept", "learner", "E01", "--by", "Example Assessor", "--role", "assessor", "--on", "2023-10-10"]) == 0
    )
    signed = ["--by", "Example Manager", "--role", "employer", "--job-role", "Manager", "--on", "2024-09-11"]
    assert main(["confirm", "learner", *signed]) == 0
    result = imported(learner, ("Code", "Evidence"), ("K3", "E01, E02"))

    assert result.accept_again == ("E01",)
    assert result.confirm_again == ("Example Manager (employer, competence)",)
    written = imported(learner, ("Code", "Evidence"), ("K3", "E01, E02"), write=True)
    assert written.accept_again == ("E01",)
    case = load_case(learner, date(2024, 9, 12))
    assert [one.status for one in analyse(case).pieces if one.id == "E01"] == [Status.CHECK_AGAIN]


def test_claims_on_another_standard_are_written_with_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(SOUND / "learner", tmp_path / "learner")
    monkeypatch.chdir(tmp_path)
    head = Path("learner/portfolio.yaml")
    head.write_text(re.sub("also: .*", "also: [XS10b]", head.read_text("utf-8")), "utf-8")
    Path("matrix.csv").write_text("Code,Evidence\nD2,E01\n", "utf-8")
    result = import_matrix("learner", "matrix.csv", write=True, standard="XS10b")

    assert len(result.written) == 1
    assert "XS10b:D2" in Path("learner/evidence/E01.md").read_text("utf-8")
    assert import_matrix("learner", "matrix.csv", standard="XS10b").proposals == ()


def test_a_failure_writes_nothing_at_all(learner: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = contents(learner)
    real = os.replace
    calls: list[str] = []

    def fail_at_the_second(source: str, target: str, **more: object) -> None:
        calls.append(str(target))
        if len(calls) == 2:
            raise OSError(28, "no space left")
        real(source, target)

    monkeypatch.setattr("os.replace", fail_at_the_second)
    with pytest.raises(KsbtrackError, match="cannot-write"):
        imported(learner, ("Code", "Evidence"), ("K3", "E02, E03, E04"), write=True)
    assert len(calls) >= 2
    assert contents(learner) == before


def test_only_one_writes_at_a_time(learner: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ksbtrack.files.locking.LONGEST_WAIT", 0.1)
    with only_writer(learner):
        assert added(imported(learner, ("Code", "Evidence"), ("K3", "E02"))) == [("E02", "K3", "")]
        with pytest.raises(KsbtrackError, match="portfolio-in-use"):
            imported(learner, ("Code", "Evidence"), ("K3", "E02"), write=True)


def test_a_portfolio_with_problems_is_not_touched(learner: Path) -> None:
    (learner / "evidence/E02.md").write_text("---\nid: E02\n---\nx\n", "utf-8")
    before = contents(learner)
    with pytest.raises(KsbtrackError, match="missing-key"):
        imported(learner, ("Code", "Evidence"), ("K3", "E03"), write=True)
    assert contents(learner) == before


# Hostile


def reading_of(learner: Path, content: bytes) -> MatrixReading:
    return read_matrix(sheets_of(content, "x"), Names(load_standard("ST0148"), load_portfolio(learner)))


@given(
    st.lists(
        st.lists(st.sampled_from(["K1", "E01", "Code", "Evidence", "x", "p. 2", "K1-K9", ":", "=1", ""]), max_size=5)
    )
)
def test_any_table_is_read_or_refused(rows: list[list[str]]) -> None:
    content = "\n".join(",".join(row) for row in rows).encode()
    names = Names(load_standard("ST0148"), load_portfolio(EXAMPLES / "typical"))
    try:
        reading = read_matrix(sheets_of(content, "x"), names)
    except KsbtrackError as error:
        assert {problem.code for problem in error.problems} <= {"not-a-matrix", "empty-file"}
    else:
        assert all(one.piece in names.by_id and one.code in names.order for one in reading.claims)


def test_cells_full_of_names_cost_little(learner: Path) -> None:
    cell = " ".join(["E02"] * 8_000)
    codes = " ".join(["K1-K9"] * 5_000)
    table = Table("KSBs", (TableColumn("Code", 9), TableColumn("Evidence", 9)), ((codes, cell),) * 3)
    with pytest.raises(KsbtrackError, match="more than 200,000 claims"):
        reading_of(learner, xlsx_bytes([table], "x"))


def test_terminal_and_files_never_see_control_characters(learner: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("matrix.csv").write_bytes("Code,Evidence\nK3,E02: \x1b[31mred\u202e p. 2\nK\x1b99,E03\n".encode())
    main(["import-matrix", "learner", "matrix.csv", "--write"])
    out = capsys.readouterr().out

    assert "\x1b" not in out
    assert "\u202e" not in out + Path("learner/evidence/E02.md").read_text("utf-8")


# The commands


def run(*words: str) -> int:
    return main(list(words))


def test_the_commands_write_show_and_write_back(typical: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("matrix", "typical", "-o", "matrix.xlsx", "--on", "2026-02-27") == 0
    assert capsys.readouterr().out == "matrix.xlsx: 27 pieces with 68 claims on ST0148@1.0.\n"
    assert run("import-matrix", "typical", "matrix.xlsx") == 0

    book = openpyxl.load_workbook("matrix.xlsx")
    book["By statement"]["D2"] = f"{book['By statement']['D2'].value}\nE03: p. 1"
    book.save("changed.xlsx")
    capsys.readouterr()
    assert run("import-matrix", "typical", "changed.xlsx") == 1
    out = capsys.readouterr().out
    assert "E03  K1  p. 1" in out
    assert "Nothing was written. To write it: ksbtrack import-matrix typical changed.xlsx" in " ".join(out.split())
    assert run("import-matrix", "typical", "changed.xlsx", "--write") == 0
    assert run("import-matrix", "typical", "changed.xlsx") == 0


def test_the_view_of_an_import_is_as_it_was(typical: Path, golden: object, capsys: pytest.CaptureFixture[str]) -> None:
    rows = "Code,Evidence,Page\nK1,E03,2\nk 2,E3-support; E99,\nK3-K4,E05 p. 2,\n,E06,\nS1,E05,p. 9\nB9,E05,\n"
    Path("matrix.csv").write_text(rows, "utf-8")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("COLUMNS", "80")
        assert run("import-matrix", "typical", "matrix.csv") == 1
    assert callable(golden)
    golden("import-matrix.txt", capsys.readouterr().out)


def test_json_says_the_same(learner: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = imported(learner, ("Code", "Evidence"), ("K3", "E02 p. 2; E99"), ("S2", "E02"))
    assert run("import-matrix", "learner", "matrix.csv", "--json") == 1
    said_as_json = json.loads(capsys.readouterr().out)

    assert said_as_json == {
        "schema_version": "1.0",
        "file": "matrix.csv",
        "standard": "ST0148@1.0",
        "proposals": [
            {
                "kind": "add",
                "piece": "E02",
                "code": "K3",
                "where": "p. 2",
                "beside": [],
                "at": "line 2, column 2",
            }
        ],
        "known": 1,
        "missing": [{"piece": one.piece, "code": one.code, "where": None} for one in result.missing],
        "notes": [
            {
                "kind": "unusable",
                "at": "line 2, column 2",
                "what": "No piece 'E99' in the portfolio.",
                "count": 1,
            }
        ],
        "accept_again": [],
        "confirm_again": [],
        "written": [],
    }


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("-o", "matrix.pdf"), "'matrix.pdf' does not end in .xlsx or .csv."),
        (("-o", "typical/off-the-job.csv"), "'off-the-job.csv' is a file of the portfolio itself"),
        (("-o", "m.csv", "--method", "exam"), "ST0148@1.0 has no assessment method 'exam'."),
        (("-o", "m.csv", "--method", "observation"), "No source of ST0148@1.0 says which statements"),
    ],
)
def test_wrong_usage_of_matrix_is_said(
    typical: Path, words: Iterable[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = contents(typical)
    assert run("matrix", "typical", *words) == 64
    assert message in capsys.readouterr().err
    assert contents(typical) == before


def test_the_sheet_that_is_no_matrix_says_what_the_words_mean(typical: Path) -> None:
    about = matrix_tables(analysis_of(typical))[3]

    assert about.rows[0] == (ABOUT, "")
    assert ("Learner", "Jamie Example (invented for an example)") in about.rows
    assert {status.words for status in Status} <= {row[0] for row in about.rows}
