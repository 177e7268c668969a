"""A learner record return beside a cohort's tables: what it fills, and what it only contradicts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest

from ksbtrack.cohort.judging import cases_in, judged, opened_cohort
from ksbtrack.cohort.return_tables import LarsCodes
from ksbtrack.cohort.returned import Filled, filled, index_of
from ksbtrack.formats.ilr import read_return
from ksbtrack.models.cohort import Chunk, CohortQuestion, Fault, LearnerCase
from ksbtrack.models.ilr import ReturnedLearner
from ksbtrack.models.portfolio import Break
from ksbtrack.problems import KsbtrackError, Problem, Source
from returned_learners import PERSONAL, aim, hours, learner, whole_return

ON = date(2026, 11, 22)
AT = Source("learners.csv", 2)
RESTART = (
    aim("CompStatus=6", "LearnActEndDate=2024-01-31", start="2023-09-04"),
    aim("CompStatus=1", hours(4, "20.50"), start="2024-05-01"),
)


@pytest.fixture
def back(tmp_path: Path) -> Path:
    return tmp_path / "return.xml"


def record(back: Path, *aims: str) -> ReturnedLearner:
    back.write_text(whole_return([learner(*aims)]), "utf-8")
    (found,) = read_return(back)
    assert isinstance(found, ReturnedLearner)
    return found


def fill(cells: dict[str, str], returned: ReturnedLearner, breaks: tuple[Break, ...] = ()) -> Filled:
    codes = {"ST0148": 403, "ST0148@1.0": 403, "ST0001@1.0": 1}
    return filled(
        cells,
        breaks,
        returned,
        AT,
        lars_code=codes.get,
        standard_of=lambda code, start: {403: "ST0148@1.0"}.get(code),
    )


def said(found: Filled) -> list[str]:
    return [problem.found for problem in found.differences]


# What is filled


def test_an_empty_row_gets_standard_dates_hours_and_breaks(back: Path) -> None:
    found = fill({"name": "Robin Example"}, record(back, *RESTART))
    assert found.cells == {
        "standard": "ST0148@1.0",
        "start": "2024-05-01",
        "original_start": "2023-09-04",
        "prior_learning_hours": "20.5",
    }
    assert found.breaks == (Break(start=date(2024, 2, 1), end=date(2024, 4, 30)),)
    assert found.differences == ()


def test_what_the_table_says_stands_and_is_not_contradicted_where_it_is_the_same(back: Path) -> None:
    cells = {
        "standard": "ST0148",
        "standard_version": "1.0",
        "start": "2024-05-01",
        "original_start": "2023-09-04",
        "prior_learning_hours": "20.5",
    }
    held = Break(start=date(2024, 2, 1), end=date(2024, 4, 30))
    assert fill(cells, record(back, *RESTART), (held,)) == Filled({}, (), ())


def test_a_table_may_have_the_first_start_as_its_start(back: Path) -> None:
    found = fill({"standard": "ST0148@1.0", "start": "2023-09-04"}, record(back, *RESTART))
    assert "original_start" not in found.cells
    assert found.differences == ()


def test_only_the_aims_on_the_standard_of_the_table_count(back: Path) -> None:
    both = record(back, aim(start="2021-09-06", code="1"), aim(start="2024-09-02"))
    assert fill({"standard": "ST0001@1.0"}, both).cells["start"] == "2021-09-06"
    assert fill({"standard": "ST0148"}, both).cells == {"start": "2024-09-02"}


def test_an_earlier_aim_from_which_the_learner_withdrew_is_no_original_start(back: Path) -> None:
    both = record(back, aim("CompStatus=3", "LearnActEndDate=2023-12-01", start="2023-09-04"), aim())
    assert fill({}, both).cells == {"standard": "ST0148@1.0", "start": "2024-09-02"}


# What is contradicted


@pytest.mark.parametrize(
    ("cells", "aims", "message"),
    [
        ({"start": "2024-09-09"}, [aim()], "start '2024-09-09', and LearnStartDate 2024-09-02"),
        (
            {"start": "2024-09-02", "original_start": "2022-09-05"},
            [aim("OrigLearnStartDate=2023-09-04")],
            "original_start '2022-09-05', and a first start on 2023-09-04",
        ),
        (
            {"start": "2024-09-02", "planned_gateway": "2026-03-02"},
            [aim("LearnPlanEndDate=2026-02-27")],
            "planned_gateway '2026-03-02', and LearnPlanEndDate 2026-02-27 before it",
        ),
        (
            {"prior_learning_hours": "7"},
            [aim(hours(4, "20"))],
            "prior_learning_hours '7', and HRSAmount 20 of HRSCode 4",
        ),
        ({"standard": "ST0001@1.0"}, [aim()], "standard 'ST0001@1.0' with LARS code 1, and StdCode 403"),
        ({}, [aim("CompStatus=3")], "a learner, and CompStatus 3 (withdrawn)"),
    ],
)
def test_a_contradiction_is_told_with_both_places_and_the_table_stands(
    back: Path, cells: dict[str, str], aims: Sequence[str], message: str
) -> None:
    returned = record(back, *aims)
    found = fill({"standard": "ST0148@1.0", **cells}, returned)
    (problem,) = found.differences
    place = f"{back.as_posix()}:{returned.aims[-1].line}"
    assert str(problem) == (
        f"learners.csv:2: return-differs: found {message} in {place}; table and return should say the same; "
        "what the table says was taken.\n  Correct the one that is wrong."
    )
    assert not cells.keys() & found.cells.keys()


def test_a_table_that_knows_an_earlier_start_than_a_return_that_names_none_is_not_contradicted(back: Path) -> None:
    cells = {"standard": "ST0148@1.0", "start": "2024-09-02", "original_start": "2023-09-04"}
    assert fill(cells, record(back, aim())).differences == ()


def test_a_break_that_the_table_does_not_have_is_told_where_it_has_others(back: Path) -> None:
    other = Break(start=date(2024, 8, 1), end=date(2024, 8, 31))
    found = fill({"standard": "ST0148@1.0", "start": "2024-05-01"}, record(back, *RESTART), (other,))
    assert found.breaks == ()
    assert said(found)[0].startswith("other breaks, and a break from 2024-02-01 to 2024-04-30 in ")


def test_a_code_of_no_standard_here_leaves_the_standard_empty(back: Path) -> None:
    found = fill({}, record(back, aim(code="777")))
    assert "standard" not in found.cells
    assert said(found)[0].startswith(
        "no standard, and StdCode 777, which is that of no one standard here for a start on 2024-09-02 in "
    )


# Whose record it is


def indexed(back: Path, *learners: str) -> tuple[object, list[ReturnedLearner]]:
    back.write_text(whole_return(learners), "utf-8")
    records = [each for each in read_return(back) if isinstance(each, ReturnedLearner)]
    return index_of(records), records


def test_a_learner_is_found_by_uln_or_reference(back: Path) -> None:
    back.write_text(whole_return([learner(aim()), learner(aim(), uln="", reference="EX0002")]), "utf-8")
    index = index_of(read_return(back))
    one, two = index.of("9000000008", None, AT), index.of(None, "EX0002", AT)
    assert isinstance(one, ReturnedLearner)
    assert isinstance(two, ReturnedLearner)
    assert (one.reference, two.reference) == ("EX0001", "EX0002")
    assert index.of("9000000024", "EX0009", AT) is None
    assert (index.count, len(index.found)) == (2, 2)


@pytest.mark.parametrize(("uln", "reference"), [("9000000008", "EX0002"), ("9000000008", "EX0003"), (None, "EX0003")])
def test_nothing_is_taken_where_two_records_could_be_meant(back: Path, uln: str | None, reference: str) -> None:
    back.write_text(
        whole_return(
            [
                learner(aim()),
                learner(aim(), uln="", reference="EX0002"),
                learner(aim(), uln="", reference="EX0003"),
                learner(aim(), uln="", reference="EX0003"),
            ]
        ),
        "utf-8",
    )
    found = index_of(read_return(back)).of(uln, reference, AT)
    assert isinstance(found, Problem)
    assert str(found) == (
        "learners.csv:2: return-differs: found several records of the return for one learner; a learner has one "
        "record; nothing was taken from any of them.\n  Correct ULN and reference in the return or in the table."
    )


# In the tables themselves


def cases(source: Path, back: Path) -> tuple[list[LearnerCase | Fault], list[Problem]]:
    with opened_cohort(source, CohortQuestion(on=ON), returned=back) as cohort:
        found = [found for chunk in cohort.chunks() for found in cases_in(chunk)]
        assert all(not fault.learner for fault in cohort.faults()), "a contradiction prevents no verdict"
        return found, [fault.problem for fault in cohort.faults()]


@pytest.fixture
def tables(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "tables"
    folder.mkdir()
    yield folder


def test_learners_of_tables_are_completed_before_they_are_read(tables: Path, back: Path) -> None:
    (tables / "learners.csv").write_text(
        "learner,uln,name,standard,start\n"
        "EX0001,9000000008,Robin Example,,\n"
        "EX0002,,Kim Example,ST0148@1.0,2023-09-04\n"
        "EX0003,,Jo Example,ST0148@1.0,2023-09-04\n"
    )
    back.write_text(
        whole_return([learner(*RESTART), learner(aim(start="2023-09-11"), uln="", reference="EX0002")]), "utf-8"
    )
    (one, two, three), told = cases(tables, back)
    assert isinstance(one, LearnerCase)
    portfolio = one.case.portfolio
    assert (portfolio.standard, portfolio.dates.start, portfolio.dates.first) == (
        "ST0148@1.0",
        date(2024, 5, 1),
        date(2023, 9, 4),
    )
    assert portfolio.dates.breaks == (Break(start=date(2024, 2, 1), end=date(2024, 4, 30)),)
    assert str(portfolio.records.prior_learning_hours) == "20.5"
    for found in (two, three):
        assert isinstance(found, LearnerCase)
        assert found.case.portfolio.dates.start == date(2023, 9, 4)
    (difference,) = told
    assert difference.source == Source(f"{tables.as_posix()}/learners.csv", 3)


def test_columns_that_a_return_fills_need_not_be_there(tables: Path, back: Path, tmp_path: Path) -> None:
    back.write_text(whole_return([learner(*RESTART)]), "utf-8")
    rows = "select * from (values ('EX0001', 'Robin Example'), ('EX0002', 'Kim Example')) t(learner, name)"
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.title = "learners"
    with duckdb.connect() as connection:
        for row in [("learner", "name"), *connection.execute(rows).fetchall()]:
            sheet.append(row)
        connection.execute(f"copy ({rows}) to '{tables}/learners.csv' (format csv, header)")
        (tmp_path / "parquet").mkdir()
        connection.execute(f"copy ({rows}) to '{tmp_path}/parquet/learners.parquet' (format parquet)")
    book.save(tmp_path / "book.xlsx")
    for source in (tables, tmp_path / "parquet", tmp_path / "book.xlsx"):
        found, _ = cases(source, back)
        one, *others = found
        assert isinstance(one, LearnerCase)
        portfolio = one.case.portfolio
        assert (portfolio.standard, portfolio.dates.start) == ("ST0148@1.0", date(2024, 5, 1))
        faults = [(each.learner, each.problem.code, each.column) for each in others if isinstance(each, Fault)]
        assert sorted(faults) == [("EX0002", "missing-cell", "standard"), ("EX0002", "missing-cell", "start")]
        with pytest.raises(KsbtrackError) as stopped, opened_cohort(source, CohortQuestion(on=ON)):
            pass
        assert [problem.code for problem in stopped.value.problems] == ["missing-column", "missing-column"]


def test_breaks_on_record_stay_and_are_not_doubled(tables: Path, back: Path) -> None:
    (tables / "learners.csv").write_text("learner,name,standard,start\nEX0001,Robin Example,ST0148@1.0,2024-05-01\n")
    (tables / "records.csv").write_text("learner,record,start,end\nEX0001,Break,2024-02-01,2024-04-30\n")
    back.write_text(whole_return([learner(*RESTART)]), "utf-8")
    (one,), told = cases(tables, back)
    assert isinstance(one, LearnerCase)
    assert len(one.case.portfolio.dates.breaks) == 1
    assert told == []


def test_a_thousand_learners_are_filled_at_once(tables: Path, back: Path) -> None:
    rows = [f"L{number},Example,ST0148@1.0," for number in range(1_200)]
    (tables / "learners.csv").write_text("\n".join(["learner,name,standard,start", *rows]) + "\n")
    back.write_text(whole_return([learner(aim(), uln="", reference=f"L{number}") for number in range(1_200)]), "utf-8")
    found, told = cases(tables, back)
    assert told == []
    assert {each.case.portfolio.dates.start for each in found if isinstance(each, LearnerCase)} == {date(2024, 9, 2)}
    assert len(found) == 1_200


def test_no_personal_value_reaches_the_sorted_tables(tables: Path, back: Path) -> None:
    (tables / "learners.csv").write_text("learner,name,standard,start\nEX0001,Robin Example,ST0148@1.0,\n")
    back.write_text(whole_return([learner(*RESTART)]), "utf-8")
    with opened_cohort(tables, CohortQuestion(on=ON), returned=back) as cohort:
        written = b"".join(path.read_bytes() for path in Path(cohort.place).parent.rglob("*") if path.is_file())
    assert not [value for value in PERSONAL if value.encode() in written]


def test_the_standard_for_a_code_is_the_version_for_the_start() -> None:
    codes = LarsCodes(())
    assert codes.code_of("ST0148@1.0") == codes.code_of("ST0148") == 403
    assert codes.code_of("ST9999") is None
    assert codes.standard_of(403, date(2023, 9, 4)) == "ST0148@1.0"
    assert codes.standard_of(777, date(2023, 9, 4)) is None


def test_a_chunk_of_work_stays_small() -> None:
    """The return is read once, here: what travels to other processes does not grow with it."""
    import pickle

    assert len(pickle.dumps(Chunk(CohortQuestion(on=ON), "place", "shown", 0, 100))) < 1_000


def test_learners_with_folders_are_compared_and_keep_what_they_say(tmp_path: Path, back: Path) -> None:
    for name, start in (("one", "2024-09-02"), ("two", "2024-09-09")):
        (tmp_path / "cohort" / name).mkdir(parents=True)
        uln = {"one": "9000000008", "two": "9000000024"}[name]
        (tmp_path / "cohort" / name / "portfolio.yaml").write_text(
            f'learner: {{name: Robin Example, uln: "{uln}"}}\nstandard: ST0148@1.0\ndates: {{start: {start}}}\n'
        )
    back.write_text(
        whole_return([learner(aim(), reference=f"EX{n}", uln=uln) for n, uln in enumerate(("9000000008", "9000000024"))]
                     + [learner(aim(), uln="", reference="EX9")]), "utf-8"
    )  # fmt: skip
    with opened_cohort(tmp_path / "cohort", CohortQuestion(on=ON), returned=back) as cohort:
        outcomes = list(judged(cohort))
        notes = cohort.notes
    one, two, difference = outcomes
    assert [getattr(each, "key", "") for each in (one, two)] == ["one", "two"]
    assert isinstance(difference, Fault)
    assert difference.problem.source.file.endswith("cohort/two")
    assert difference.problem.found.startswith("start '2024-09-09', and LearnStartDate 2024-09-02 in ")
    assert notes == (f"{back.as_posix()} has 1 apprentice who is not in the cohort.",)
