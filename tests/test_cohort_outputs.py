"""The workbook, Parquet, JUnit XML and SARIF of a cohort: real types, nothing taken for a formula, the same bytes."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import duckdb
import pytest
from jsonschema import Draft202012Validator
from openpyxl import load_workbook

from ksbtrack.formats.cohort_parquet import PARQUET_COLUMNS, write_cohort_parquet
from ksbtrack.formats.cohort_sarif import cohort_sarif
from ksbtrack.formats.cohort_xlsx import NOT_ASKED, write_cohort_xlsx
from ksbtrack.formats.junit import junit_xml
from ksbtrack.formats.record_sheets import RecordColumn, RecordSheet, write_workbook
from ksbtrack.models.analysis import Decision
from ksbtrack.models.cohort import Condition, Fault, LearnerVerdict
from ksbtrack.problems import KsbtrackError, Problem, Source
from ksbtrack.report.cohort_view import cohort_view
from made_up_verdicts import DAY, HOSTILE, MEANINGS, hostile_cohort, made_up_cohort, run_of

COHORT = [*made_up_cohort(60)(), *hostile_cohort()]
FAULTS = (
    Fault(
        Problem("bad-date", Source("cohort/claims.csv", 7), "'x' in the column date", "a day is wanted", "Mend it."),
        "L9",
        column="date",
    ),
    Fault(Problem("missing-cell", Source("cohort/hours.csv", 3), "no learner", "each row names one", "Delete it.")),
)
SARIF_PARTS = json.loads((Path(__file__).parent / "linting" / "sarif-parts.schema.json").read_text("utf-8"))


def xlsx(verdicts: Sequence[LearnerVerdict]) -> bytes:
    file = io.BytesIO()
    view = cohort_view(verdicts)
    write_cohort_xlsx(
        file,
        run_of(verdicts),
        iter(verdicts),
        requirements=view.requirements,
        obstacles=view.obstacles,
        fixes=view.fixes,
        meanings=MEANINGS,
    )
    return file.getvalue()


def sheet_rows(content: bytes, name: str) -> tuple[list[Any], list[list[Any]]]:
    sheet = load_workbook(io.BytesIO(content))[name]
    head, *rows = [list(row) for row in sheet.iter_rows()]
    return [cell.value for cell in head], rows


def parquet(verdicts: Sequence[LearnerVerdict], tmp_path: Path) -> str:
    path = tmp_path / "cohort.parquet"
    with path.open("wb") as file:
        write_cohort_parquet(file, DAY, iter(verdicts))
    return path.as_posix()


def query(words: str) -> list[Any]:
    with duckdb.connect() as connection:
        rows: list[Any] = connection.execute(words).fetchall()
        return rows


def junit(verdicts: Sequence[LearnerVerdict], condition: Condition = Condition.NOT_READY) -> ElementTree.Element:
    run = replace(run_of(verdicts), faults=len(FAULTS))
    return ElementTree.fromstring(b"".join(junit_xml(run, verdicts, FAULTS, condition)))


def sarif(verdicts: Sequence[LearnerVerdict], condition: Condition = Condition.NOT_READY) -> dict[str, Any]:
    made = b"".join(cohort_sarif(run_of(verdicts), verdicts, FAULTS, Path.cwd(), condition))
    read: dict[str, Any] = json.loads(made)
    return read


def test_the_workbook_has_its_sheets_with_headings_in_sight_and_filters() -> None:
    book = load_workbook(io.BytesIO(xlsx(COHORT)))
    assert book.sheetnames == ["Learners", "Requirements", "Obstacles", "One thing left", "About"]
    learners, grid = book["Learners"], book["Requirements"]
    assert (learners.freeze_panes, grid.freeze_panes) == ("C2", "C2")
    assert learners.auto_filter.ref == f"A1:AB{len(COHORT) + 1}"
    assert grid.auto_filter.ref == f"A1:J{len(COHORT) + 1}"
    assert book["About"].auto_filter.ref is None


def test_days_are_days_and_numbers_numbers() -> None:
    head, rows = sheet_rows(xlsx(COHORT), "Learners")
    for verdict, row in zip(COHORT, rows, strict=True):
        cells = dict(zip(head, row, strict=True))
        planned = verdict.planned_gateway
        assert cells["Start"].value == datetime.combine(verdict.start, datetime.min.time())
        assert cells["Start"].is_date
        assert cells["Planned gateway"].value == (planned and datetime.combine(planned, datetime.min.time()))
        assert cells["Statements met"].value == verdict.statements_met
        assert cells["Expected by now"].value == verdict.pace.expected
        assert cells["Days overdue"].value == ((DAY - planned).days if planned and verdict.is_overdue else None)
        assert cells["ULN"].value == verdict.uln
        assert cells["Decision"].value == verdict.decision.words


def test_no_cell_of_any_sheet_is_a_formula() -> None:
    book = load_workbook(io.BytesIO(xlsx(COHORT)))
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert kinds == {"s", "n", "d"}
    _, rows = sheet_rows(xlsx(hostile_cohort()), "Learners")
    assert [row[1].value for row in rows][1] == HOSTILE[1]
    assert rows[1][1].quotePrefix
    assert rows[2][1].value.startswith("<U+202E>")


def test_the_grid_has_every_requirement_and_says_where_one_is_not_asked_for() -> None:
    head, rows = sheet_rows(xlsx(COHORT), "Requirements")
    for verdict, row in zip(COHORT, rows, strict=True):
        held = {requirement.title: requirement.status.words for requirement in verdict.requirements}
        assert {title: cell.value for title, cell in zip(head[4:], row[4:], strict=True)} == {
            title: held.get(title, NOT_ASKED) for title in head[4:]
        }


def test_obstacles_are_counted_as_on_the_page() -> None:
    _, rows = sheet_rows(xlsx(COHORT), "Obstacles")
    assert [[cell.value for cell in row[:3]] for row in rows] == [
        [each.title, each.learners, each.alone] for each in cohort_view(COHORT).obstacles
    ]


@pytest.mark.parametrize("verdicts", [COHORT, []])
def test_the_same_learners_give_the_same_workbook(
    verdicts: list[LearnerVerdict], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = xlsx(verdicts)
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    assert xlsx(verdicts) == first


def test_a_sheet_takes_no_more_rows_than_a_spreadsheet_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ksbtrack.formats.record_sheets.MAX_SHEET_ROWS", 3)
    sheet = RecordSheet("Learners", (RecordColumn("Learner", 9),))
    with pytest.raises(KsbtrackError) as caught:
        write_workbook(io.BytesIO(), [((sheet,), ((("x",),) for _ in range(3)))], "Cohort")
    assert str(caught.value) == (
        "sheet Learners: table-too-large: found more than 2 rows; no spreadsheet can hold so many.\n"
        "  Use the Parquet or JSON file, which hold any number."
    )


def test_a_workbook_that_fails_leaves_no_file_behind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def verdicts() -> Any:
        yield COHORT[0]
        raise KsbtrackError(FAULTS[0].problem)

    with pytest.raises(KsbtrackError):
        parts: dict[str, Any] = dict.fromkeys(("requirements", "obstacles", "fixes", "meanings"), ())
        write_cohort_xlsx(io.BytesIO(), run_of(COHORT), verdicts(), **parts)
    assert list(tmp_path.iterdir()) == []


def test_parquet_has_a_typed_column_for_everything(tmp_path: Path) -> None:
    place = parquet(COHORT, tmp_path)
    kinds = {name: kind for name, kind, *_ in query(f"describe from '{place}'")}
    assert list(kinds) == list(PARQUET_COLUMNS)
    assert (kinds["start"], kinds["is_overdue"], kinds["expected"]) == ("DATE", "BOOLEAN", "INTEGER")
    assert (kinds["requirements"], kinds["blocking"]) == ("MAP(VARCHAR, VARCHAR)", "VARCHAR[]")
    rows = query(f"select key, name, planned_gateway, blocking, statements['K1'], latest_safe from '{place}'")
    assert rows == [
        (
            each.key,
            each.name,
            each.planned_gateway,
            list(each.blocking),
            each.statements["K1"].value,
            each.pace.latest_safe,
        )
        for each in COHORT
    ]


def test_the_same_learners_give_the_same_parquet(tmp_path: Path) -> None:
    large = list(made_up_cohort(12_000)())
    first = Path(parquet(large, tmp_path)).read_bytes()
    assert Path(parquet(large, tmp_path)).read_bytes() == first
    assert query(f"select count(*) from '{parquet([], tmp_path)}'") == [(0,)]


@pytest.mark.parametrize("condition", Condition)
def test_junit_fails_for_whom_the_condition_holds(condition: Condition) -> None:
    suites = junit(COHORT, condition)
    cases = {case.get("name"): case for case in suites.iter("testcase") if case.get("classname") != "not read"}
    failed = {name for name, case in cases.items() if case.find("failure") is not None}
    late = condition is Condition.OVERDUE
    assert failed == {
        each.key for each in COHORT if each.decision is not Decision.READY and (each.is_overdue or not late)
    }
    assert 0 < len(failed) < len(COHORT)
    (suite,) = suites
    for element in (suites, suite):
        assert (element.get("tests"), element.get("failures"), element.get("errors")) == (
            str(len(COHORT) + 2),
            str(len(failed)),
            "2",
        )


def test_junit_has_an_error_for_everything_that_could_not_be_read() -> None:
    found = [case for case in junit(COHORT).iter("testcase") if case.find("error") is not None]
    assert [case.get("name") for case in found] == ["L9: cohort/claims.csv:7", "cohort/hours.csv:3"]
    assert [error.get("type") for case in found for error in case] == ["bad-date", "missing-cell"]
    assert [(error.get("message"), error.text) for case in found for error in case] == [
        ("bad-date in the column date: it is a day, written year-month-day.", "Write it like 2026-11-22."),
        ("missing-cell: it is needed in this row.", "Fill in the empty cell, or delete the row."),
    ]


def test_pipelines_learn_keys_and_no_names() -> None:
    verdicts = [replace(each, name="Secret Name", employer="Secret Employer") for each in COHORT[:20]]
    for text in (ElementTree.tostring(junit(verdicts), "unicode"), json.dumps(sarif(verdicts))):
        assert "Secret" not in text
        assert verdicts[3].key in text


def test_junit_can_hold_whatever_a_key_is() -> None:
    verdicts = [replace(COHORT[0], key="a\x00b\x1b<&\"'>\ufffe", reason="]]>\x07")]
    (case, *_) = junit(verdicts).iter("testcase")
    assert case.get("name") == "a<U+0000>b<U+001B><&\"'><U+FFFE>"


def test_sarif_tells_every_fault_apart_and_names_the_workbook_of_a_sheet() -> None:
    def bad(line: int, column: str, code: str = "unknown-code", file: str = "book.xlsx/claims") -> Fault:
        return Fault(Problem(code, Source(file, line), "'x'", "no such", "Mend it."), "L9", "claims", column)

    faults = [
        *(bad(7, "code"), bad(7, "code"), bad(7, "evidence"), bad(7, "code", "bad-character"), bad(8, "code")),
        *(bad(7, "code", file="book.xlsx/hours"), bad(7, "code", file="other.xlsx/claims"), bad(7, "", file="a/b.csv")),
    ]
    one, again = (json.loads(b"".join(cohort_sarif(run_of([]), [], faults, Path.cwd()))) for _ in range(2))
    assert one == again
    Draft202012Validator(SARIF_PARTS).validate(one)
    results = one["runs"][0]["results"]
    assert len({each["partialFingerprints"]["learner/v1"] for each in results}) == len(faults)
    places = [each["locations"][0] for each in results]
    assert [place["physicalLocation"]["artifactLocation"]["uri"] for place in places] == [
        *["book.xlsx"] * 6,
        "other.xlsx",
        "a/b.csv",
    ]
    assert [place.get("logicalLocations") for place in places[-3:]] == [
        [{"name": "hours"}],
        [{"name": "claims"}],
        None,
    ]
    assert results[0]["message"]["text"] == (
        "Sheet 'claims': unknown-code in the column code: the standard has no such code. "
        "Correct the code, or delete what names it."
    )


@pytest.mark.parametrize("condition", Condition)
def test_sarif_is_valid_and_points_at_the_rows(condition: Condition) -> None:
    made = sarif(COHORT, condition)
    Draft202012Validator(SARIF_PARTS).validate(made)
    (found,) = made["runs"]
    rules = [rule["id"] for rule in found["tool"]["driver"]["rules"]]
    results = found["results"]
    assert all(rules[each["ruleIndex"]] == each["ruleId"] for each in results)
    wanted = [each for each in COHORT if condition.holds(each)]
    places = [each["locations"][0]["physicalLocation"] for each in results]
    assert [place["region"]["startLine"] for place in places] == [*(each.source.line for each in wanted), 7, 3]
    marks = [each["partialFingerprints"]["learner/v1"] for each in results]
    assert len(set(marks)) == len(marks)
