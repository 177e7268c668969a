"""The tables of a cohort: formats, headings, days, rows that are wrong, and what must never be shown."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
from jsonschema import Draft202012Validator

from drawn_learners import write_rows
from ksbtrack.cli import main
from ksbtrack.cohort import outputs
from ksbtrack.cohort.delimited import MAX_CELL, MAX_ROW, MAX_UNREAD, look_through, text_rows
from ksbtrack.cohort.judging import judged, opened_cohort
from ksbtrack.cohort.outputs import FAILURE_COLUMNS
from ksbtrack.cohort.table_columns import COLUMNS, TableName, columns_schema, folded, shipped_columns_schema
from ksbtrack.cohort.tables import without_room
from ksbtrack.cohort.template import ROWS, write_template
from ksbtrack.formats.cohort_json import cohort_schema
from ksbtrack.models.cohort import CohortQuestion, CohortRun, Fault, LearnerVerdict
from ksbtrack.models.values import MAX_LIST, MAX_TEXT
from ksbtrack.problems import KsbtrackError
from made_up_tables import write_tables

ON = date(2024, 6, 1)
QUESTION = CohortQuestion(on=ON)
HEADER = "learner,uln,name,standard,start,planned_gateway,born,ethnicity\n"
SOUND = "L1,,Example Learner,ST0148,2023-09-04,,,\n"
ROOT = Path(__file__).resolve().parent.parent


def outcomes(source: Path) -> tuple[list[LearnerVerdict], list[Fault], tuple[str, ...]]:
    """Give the verdicts, the faults and the notes of a cohort."""
    with opened_cohort(source, QUESTION) as cohort:
        found = list(judged(cohort))
        notes = cohort.notes
    return (
        [outcome for outcome in found if isinstance(outcome, LearnerVerdict)],
        [outcome for outcome in found if isinstance(outcome, Fault)],
        notes,
    )


@pytest.fixture
def cohort(tmp_path: Path) -> Callable[..., Path]:
    """Give a function that writes tables, each a text or the bytes of a file, by name or file name."""

    def write(**tables: str | bytes) -> Path:
        folder = tmp_path / f"cohort{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        for name, content in tables.items():
            path = folder / f"{name.replace('_dot_', '.') if '_dot_' in name else name + '.csv'}"
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return folder

    return write


def parquet(folder: Path, table: str, statement: str) -> None:
    """Write a table as Parquet."""
    with duckdb.connect() as connection:
        connection.execute(f"copy ({statement}) to '{folder / table}.parquet' (format parquet)")


def said(fault: Fault) -> tuple[str, str, int, str]:
    return fault.learner, fault.problem.code, fault.problem.source.line, fault.column


# What a table can be


def test_csv_workbook_and_parquet_say_the_same(tmp_path: Path) -> None:
    write_template(tmp_path / "csv")
    write_template(tmp_path / "book.xlsx")
    write_template(tmp_path / "parquet")
    for path in sorted((tmp_path / "parquet").glob("*.csv")):
        parquet(path.parent, path.stem, f"select * from read_csv('{path}', all_varchar = true, header = true)")
        path.unlink()
    found = [outcomes(tmp_path / name) for name in ("csv", "book.xlsx", "parquet")]
    assert all(len(verdicts) == 1 and not faults for verdicts, faults, _ in found)
    keys = {(verdict.statements["K1"], verdict.fingerprint, verdict.pace) for (verdict,), _, _ in found}
    assert len(keys) == 1
    assert {verdict.source.file.rpartition("/")[2] for (verdict,), _, _ in found} == {
        "learners.csv",
        "learners",
        "learners.parquet",
    }


def test_rows_in_any_order_columns_in_any_order_headings_in_other_words(cohort: Callable[..., Path]) -> None:
    one = cohort(learners="learner,uln,name,standard,standard_version,start\nA7,,N,ST0148,1.0,2023-09-04\n")
    two = cohort(
        learners="Our list of learners;;;;;\n;;;;;\n"
        "Start Date;Programme;Version;FULL NAME;Learner Reference Number;Postcode\n2023-09-04;ST0148;1.0;N;A7;X1\n"
    )
    (first,), _, _ = outcomes(one)
    (second,), faults, _ = outcomes(two)
    assert first.key == second.key == "A7"
    assert first.fingerprint == second.fingerprint
    assert not faults


def test_rows_can_name_the_learner_by_reference_or_uln(cohort: Callable[..., Path]) -> None:
    source = cohort(
        learners="learner,uln,name,standard,start\nA7,9000000008,N,ST0148,2023-09-04\n",
        evidence="ULN,Learner ref,id,title,kind,date\n9000000008,,E1,T,project,2023-10-10\n"
        ",A7,E2,T,project,2023-10-10\n",
    )
    (verdict,), faults, _ = outcomes(source)
    assert verdict.pieces == 2
    assert not faults


def test_a_learner_without_evidence_has_a_verdict(cohort: Callable[..., Path]) -> None:
    (verdict,), faults, notes = outcomes(cohort(learners=HEADER + SOUND))
    assert (verdict.pieces, faults) == (0, [])
    assert len(notes) == 4


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_encodings(cohort: Callable[..., Path], encoding: str) -> None:
    source = cohort(learners=(HEADER + SOUND.replace("Learner", "Zoë – Learner")).encode(encoding))
    (verdict,), _, notes = outcomes(source)
    assert verdict.name == "Example Zoë – Learner"
    assert any("western Windows" in note for note in notes) is (encoding == "cp1252")


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_lines_are_counted_whatever_ends_them(cohort: Callable[..., Path], ending: str) -> None:
    rows = HEADER + SOUND + "L2,,Two,ST0148,soon,,,\n"
    _, (fault,), _ = outcomes(cohort(learners=rows.replace("\n", ending).encode()))
    assert said(fault) == ("L2", "bad-date", 3, "start")


def test_a_cell_of_several_lines_moves_the_rows_below_it(cohort: Callable[..., Path]) -> None:
    rows = HEADER + 'L1,,"Example\nLearner",ST0148,2023-09-04,,,\n\n\nL2,,Two,ST0148,soon,,,\n'
    (verdict,), (fault,), _ = outcomes(cohort(learners=rows))
    assert verdict.name == "Example Learner"
    assert said(fault) == ("L2", "bad-date", 6, "start")


def test_a_hundred_thousand_rows_are_read_the_same_way_fast_and_row_by_row(tmp_path: Path) -> None:
    fast = write_tables(tmp_path / "fast", 40, pieces=9, suffix=".csv")
    slow = tmp_path / "slow"
    shutil.copytree(fast, slow)
    with (slow / "claims.csv").open("a", encoding="utf-8") as file:
        file.write("\n\n")
    one, two = (outcomes(folder) for folder in (fast, slow))
    assert [(verdict.key, verdict.statements) for verdict in one[0]] == [
        (verdict.key, verdict.statements) for verdict in two[0]
    ]
    text = look_through(slow / "claims.csv", "claims.csv", TableName.CLAIMS, tmp_path)
    assert text.lines - text.header.number == sum(1 for _ in text_rows(text)) + 2


def test_names_of_files_mean_nothing_to_the_reader(tmp_path: Path) -> None:
    folder = tmp_path / "a'b[1]*?{x}"
    folder.mkdir()
    (folder / "learners.csv").write_text(HEADER + SOUND)
    parquet(
        tmp_path,
        "evidence",
        "select 'L1' as learner, 'E1' as id, 'T' as title, 'project' as kind, '2023-10-10' as date",
    )
    shutil.move(tmp_path / "evidence.parquet", folder / "evidence.parquet")
    (verdict,), _, _ = outcomes(folder)
    assert verdict.pieces == 1


def test_a_parquet_file_of_other_types(tmp_path: Path) -> None:
    parquet(
        tmp_path,
        "learners",
        "select 7::bigint as learner, 9000000008::double as uln, 'N' as name, 'ST0148' as standard, "
        "date '2023-09-04' as start, timestamp '2024-12-20 10:00:00' as planned_gateway, 37.50::decimal(10, 2) as "
        "weekly_hours, ['E01', 'E02'] as showcase, true as invented, {'street': 'Example Road'} as address",
    )
    parquet(
        tmp_path,
        "evidence",
        "select 7 as learner, 'E0' || i as id, 'T' as title, 'project' as kind, date '2023-10-10' as date "
        "from range(1, 3) t(i)",
    )
    (verdict,), faults, _ = outcomes(tmp_path)
    assert (verdict.key, verdict.uln, verdict.pieces) == ("7", "9000000008", 2)
    assert verdict.planned_gateway == date(2024, 12, 20)
    assert not faults


# Days


def starts(cohort: Callable[..., Path], *days: str) -> dict[str, str | date]:
    """Give the start that each day in one column was read as, or the code of its problem."""
    rows = "".join(f"L{number},,N,ST0148,{day},,,\n" for number, day in enumerate(days))
    found, faults, _ = outcomes(cohort(learners=HEADER + rows))
    read: dict[str, str | date] = {verdict.key: verdict.start for verdict in found}
    read |= {fault.learner: fault.problem.code for fault in faults}
    return {day: read[f"L{number}"] for number, day in enumerate(days)}


def test_days_of_certain_forms_are_read(cohort: Callable[..., Path]) -> None:
    read = starts(
        cohort,
        "2023-09-04",
        "2023-09-04T00:00:00",
        "2023-09-04 10:15",
        "2023/9/4",
        "2023-9-4",
        "13/09/2023",
        "14.09.2023",
        "5-5-2023",
        "15/09/2023\xa0",
    )
    third = date(2023, 9, 4)
    others = [date(2023, 9, 13), date(2023, 9, 14), date(2023, 5, 5), date(2023, 9, 15)]
    assert list(read.values()) == [third] * 5 + others


def test_a_moment_that_is_none_gives_no_day(cohort: Callable[..., Path]) -> None:
    wrong = ("2023-09-04T25:61", "2023-09-04T24:00", "2023-09-04 10:60", "2023-09-04T10:15:60", "2023-09-04T1:15")
    right = ("2023-09-04T23:59:59.999", "2023-09-04 00:00", "2023-09-04T19:05:00")
    assert starts(cohort, *wrong, *right) == dict.fromkeys(wrong, "bad-date") | dict.fromkeys(right, date(2023, 9, 4))


@pytest.mark.parametrize(
    "day",
    [
        *("4 Sep 2023", "4-Sep-23", "04-SEP-2023", "4 September 2023", "04 sept. 2023", "4/Sep/23", " 4  Sep,  2023 "),
        "\xa04\xa0Sep\xa02023\xa0",
    ],
)
def test_a_day_whose_month_is_a_word_is_certain(cohort: Callable[..., Path], day: str) -> None:
    assert starts(cohort, f'"{day}"', "07/08/2023") == {f'"{day}"': date(2023, 9, 4), "07/08/2023": "ambiguous-date"}


def test_every_month_has_its_word(cohort: Callable[..., Path]) -> None:
    for form in ("%d %b %Y", "%d-%B-%y"):
        days = [date(2023, month, 5) for month in range(1, 13)]
        assert list(starts(cohort, *(day.strftime(form) for day in days)).values()) == days


def test_two_digits_of_a_year_are_read_where_the_century_is_certain(cohort: Callable[..., Path]) -> None:
    read = starts(cohort, "4-Sep-00", "4-Sep-29", "4-Sep-70", "4-Sep-99", "4-Sep-30", "4-Sep-69")
    certain = [date(2000, 9, 4), date(2029, 9, 4), date(1970, 9, 4), date(1999, 9, 4)]
    assert list(read.values()) == [*certain, "ambiguous-date", "ambiguous-date"]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("00/00/0000", "no day here is before 1901; spreadsheets make such days of empty cells"),
        ("03/04/1899", "no day here is before 1901; spreadsheets make such days of empty cells"),
        ("1899-12-30", "no day here is before 1901; spreadsheets make such days of empty cells"),
        ("1900-01-00", "no day here is before 1901; spreadsheets make such days of empty cells"),
        ("00/05/2023", "no such day is in the calendar"),
        ("31/02/2023", "no such day is in the calendar"),
        ("30 Feb 2023", "no such day is in the calendar"),
        ("09/13/2023", "the month seems to stand first, as nobody in Britain writes it"),
        ("4-Sep-45", "two digits of a year can be of two centuries"),
    ],
)
def test_a_day_that_is_none_is_told_once_and_why(cohort: Callable[..., Path], day: str, expected: str) -> None:
    _, (fault,), _ = outcomes(cohort(learners=HEADER + SOUND.replace("2023-09-04", day)))
    assert (fault.column, fault.problem.expected) == ("start", expected)


def test_one_certain_day_decides_for_its_column(cohort: Callable[..., Path]) -> None:
    assert starts(cohort, "04/09/2023", "13/09/2023")["04/09/2023"] == date(2023, 9, 4)
    read = starts(cohort, "04/09/2023", "13/09/2023", "01/99/2023", "00/13/2023")
    assert list(read.values()) == [date(2023, 9, 4), date(2023, 9, 13), "bad-date", "bad-date"]


@pytest.mark.parametrize(
    "days",
    [
        ("04/09/2023",),
        ("04/09/2023", "09/13/2023"),
        ("04/09/2023", "13/09/2023", "09/13/2023"),
        # What is no day shows nothing about the order of the others.
        ("04/09/2023", "99/01/2023"),
        ("04/09/2023", "31/02/2023", "30/00/2023"),
    ],
)
def test_days_that_can_be_read_in_two_ways_are_refused(cohort: Callable[..., Path], days: tuple[str, ...]) -> None:
    assert starts(cohort, *days)["04/09/2023"] == "ambiguous-date"


@pytest.mark.parametrize(
    "day",
    [
        *("09/13/2023", "45173", "1899-12-30", "1900-01-01", "04/09/23", "31/02/2023", "2023-02-30", "30 Feb 2023"),
        *("00/00/0000", "00/05/2023", "03/04/1899", "30/12/1899", "99/99/2023", "4 Sop 2023", "Sep 2023", "4-Sep-023"),
        *("04-09-23", "23-9-4", "20230904", "TBC"),
    ],
)
def test_days_that_are_none_are_refused(cohort: Callable[..., Path], day: str) -> None:
    assert starts(cohort, day) == {day: "bad-date"}


# Rows that are wrong, and who they harm


def test_one_bad_row_of_each_table_harms_its_learner_alone(cohort: Callable[..., Path]) -> None:
    learners = HEADER + "".join(SOUND.replace("L1", f"L{number}") for number in range(1, 7))
    source = cohort(
        learners=learners + "L7,,Seven,ST9999,2023-09-04,,,\n",
        evidence="learner,id,title,kind,date\nL1,E1,T,projekt,2023-10-10\nL6,E1,T,project,2023-10-10\n",
        claims="learner,evidence,code\nL2,E1,K1\nL6,E1,K99\n",
        records="learner,record,start,end\nL3,break,2024-02-01,2024-01-01\n",
        hours="learner,date,hours,activity\nL4,2023-10-02,25,Taught\n",
    )
    verdicts, faults, _ = outcomes(source)
    assert [verdict.key for verdict in verdicts] == ["L5"]
    assert sorted(map(said, faults)) == [
        ("L1", "bad-choice", 2, "kind"),
        ("L2", "unknown-id", 2, "evidence"),
        ("L3", "contradiction", 2, "start"),
        ("L4", "bad-number", 2, "hours"),
        ("L6", "unknown-code", 3, "code"),
        ("L7", "unknown-standard", 8, "standard"),
    ]


def test_a_row_that_is_none_is_told_and_its_learner_not_judged(cohort: Callable[..., Path]) -> None:
    source = cohort(
        learners=HEADER + SOUND + SOUND.replace("L1", "L2"),
        records='learner,record,subject\nL1,"qualific"ation,english\nL2,qualification,english,2,more\n',
    )
    verdicts, faults, _ = outcomes(source)
    assert not verdicts
    assert [said(fault) for fault in faults] == [("L1", "bad-csv", 2, ""), ("L2", "bad-csv", 3, "")]


def test_a_quote_that_is_never_closed_stops_the_run(cohort: Callable[..., Path]) -> None:
    """All rows below would be one cell: whoever stands there would silently be gone."""
    with pytest.raises(KsbtrackError) as stopped:
        outcomes(cohort(learners=HEADER + 'L0,,"Open,ST0148,2023-09-04,,,\n' + SOUND))
    assert [(problem.code, problem.source.line) for problem in stopped.value.problems] == [("bad-csv", 2)]


def test_a_long_cell_in_a_column_that_is_not_read_harms_nobody(cohort: Callable[..., Path]) -> None:
    rows = f'learner,name,standard,start,notes\nL1,One,ST0148,2023-09-04,"a\n{"b" * 140_000}"\n'
    verdicts, faults, _ = outcomes(cohort(learners=rows + "L2,Two,ST0148,2023-09-04,\n"))
    assert ([verdict.key for verdict in verdicts], faults) == (["L1", "L2"], [])
    assert csv.field_size_limit() == 131_072


@pytest.mark.parametrize("name", ["b" * 140_000, "b" * 3_000_000, "\U0001f600" * 131_073])
def test_a_cell_that_is_too_long_harms_its_learner_alone(cohort: Callable[..., Path], name: str) -> None:
    rows = f'learner,name,standard,start\nL1,"a\n{name}",ST0148,2023-09-04\nL2,Two,ST0148,2023-09-04\n'
    (verdict,), (fault,), _ = outcomes(cohort(learners=rows))
    assert verdict.key == "L2"
    assert said(fault) == ("L1", "bad-csv", 2, "")
    assert fault.problem.found == f"a cell of {len(name) + 2:,} characters"


def test_in_rows_of_one_line_each_the_limits_of_texts_and_lists_hold(cohort: Callable[..., Path]) -> None:
    rows = "learner,name,standard,start,role,showcase\n"
    long = f"L1,{'b' * 140_000},ST0148,2023-09-04,,\nL2,Two,ST0148,2023-09-04,{'b' * (MAX_TEXT + 1)},\n"
    many = f"L3,Three,ST0148,2023-09-04,,{'E01 ' * (MAX_LIST + 1)}\nL4,Four,ST0148,2023-09-04,,\n"
    (verdict,), faults, _ = outcomes(cohort(learners=rows + long + many))
    assert verdict.key == "L4"
    assert [(fault.learner, fault.problem.code, fault.column) for fault in faults] == [
        ("L1", "text-too-long", "name"),
        ("L2", "text-too-long", "role"),
        ("L3", "too-many", "showcase"),
        ("L3", "unknown-id", "showcase"),
    ]
    (told,) = re.findall(
        r"\*\*Long cells\.\*\*(.*?)\n- ", (ROOT / "docs/cohort-tables.md").read_text("utf-8"), re.DOTALL
    )
    limits = [MAX_TEXT, MAX_LIST, MAX_CELL, MAX_ROW, MAX_UNREAD]
    assert [int(number.replace(",", "")) for number in re.findall("[0-9,]*[0-9]{3}", told)] == limits


def test_a_row_of_many_long_cells_harms_its_learner_alone(cohort: Callable[..., Path]) -> None:
    cells = ",".join(["\U0001f600" * 131_000] * 6)
    rows = "learner,name,standard,start,employer,provider,role,assessor,group,showcase\n"
    source = cohort(learners=f'{rows}L1,"a\nb",ST0148,2023-09-04,{cells}\nL2,Two,ST0148,2023-09-04\n')
    (verdict,), (fault,), _ = outcomes(source)
    assert (verdict.key, fault.learner, fault.problem.code) == ("L2", "L1", "bad-csv")
    assert fault.problem.found == "a row of 786,021 characters"


def test_a_cell_without_end_stops_the_run_before_it_fills_the_memory(cohort: Callable[..., Path]) -> None:
    with pytest.raises(KsbtrackError) as stopped:
        outcomes(cohort(learners=HEADER + 'L0,,"' + "b,\n" * 1_400_000 + SOUND))
    assert [problem.found for problem in stopped.value.problems] == ["a cell of more than 4,000,000 characters"]


def test_rows_below_a_quote_that_is_closed_in_another_row_do_not_vanish(cohort: Callable[..., Path]) -> None:
    rows = 'L0,,"Open,ST0148,2023-09-04,,,\n' + SOUND + 'L2,,"Two, Example",ST0148,2023-09-04,,,\n'
    verdicts, faults, _ = outcomes(cohort(learners=HEADER + rows + SOUND.replace("L1", "L3")))
    assert [verdict.key for verdict in verdicts] == ["L1", "L2", "L3"]
    assert [said(fault) for fault in faults] == [("L0", "bad-csv", 2, "")]


def test_rows_of_nobody_are_told_and_harm_nobody(cohort: Callable[..., Path]) -> None:
    source = cohort(
        learners=HEADER + SOUND,
        evidence="learner,id,title,kind,date\nL9,E1,T,project,2023-10-10\n,E2,T,project,2023-10-10\n",
    )
    verdicts, faults, _ = outcomes(source)
    assert [verdict.key for verdict in verdicts] == ["L1"]
    assert [said(fault) for fault in faults] == [
        ("", "unknown-learner", 2, "learner"),
        ("", "missing-cell", 3, "learner"),
    ]


def test_learners_with_the_number_that_is_not_known_yet_are_no_twins(cohort: Callable[..., Path]) -> None:
    rows = "L1,9999999999,One,ST0148,2023-09-04,,,\nL2,9999999999,Two,ST0148,2023-09-04,,,\n"
    verdicts, faults, _ = outcomes(cohort(learners=HEADER + rows + ",9999999999,Three,ST0148,2023-09-04,,,\n"))
    assert [verdict.key for verdict in verdicts] == ["L1", "L2"]
    assert [fault.problem.code for fault in faults] == ["missing-cell"]


def test_one_persons_reference_that_is_anothers_uln_makes_them_twins(cohort: Callable[..., Path]) -> None:
    """Evidence that names 9000000008 could be of either, so neither is judged without it."""
    rows = "9000000008,,One,ST0148,2023-09-04,,,\nL2,9000000008,Two,ST0148,2023-09-04,,,\n"
    own = "9000000016,9000000016,Three,ST0148,2023-09-04,,,\n"
    verdicts, faults, _ = outcomes(cohort(learners=HEADER + rows + own + ",9000000024,Four,ST0148,2023-09-04,,,\n"))
    assert [verdict.key for verdict in verdicts] == ["9000000016", "9000000024"]
    assert [said(fault) for fault in faults] == [
        ("9000000008", "duplicate-learner", 2, "learner"),
        ("L2", "duplicate-learner", 3, "uln"),
    ]
    assert "row 3 has the same" in faults[0].problem.expected
    assert "row 2 has the same" in faults[1].problem.expected


def test_signs_that_part_cells_and_rows_are_refused_in_cells(cohort: Callable[..., Path]) -> None:
    source = cohort(
        learners=HEADER + SOUND,
        evidence="learner,id,title,kind,date\nL1,E1,A\x1eE9\x1fB,project,2023-10-10\n",
    )
    verdicts, faults, _ = outcomes(source)
    assert not verdicts
    assert [said(fault) for fault in faults] == [("L1", "bad-character", 2, "title")]


def test_a_cell_marked_as_no_formula_loses_its_mark(cohort: Callable[..., Path]) -> None:
    (verdict,), _, _ = outcomes(cohort(learners=HEADER + SOUND.replace("Example Learner", "'=Example")))
    assert verdict.name == "=Example"


# What must never be shown


SECRETS = ("Example Road 7", "AB123456C", "2003-13-45", "Robin Hidden", "secret activity")


def test_nothing_personal_that_is_not_documented_reaches_a_message_or_an_output(
    cohort: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = cohort(
        learners="learner,name,standard,start,born,address,national insurance number\n"
        'L1,Robin Known,ST0148,2023-09-04,2003-13-45,Example Road 7,AB123456C\nL2,Kim Known,ST0148,"2023"-x,,'
        "Example Road 7,AB123456C\nL3,Sam Known,ST0148,2023-09-04,,Example Road 7,AB123456C\n",
        evidence="learner,id,title,kind,date,accepted_by,state,accepted_on\n"
        "L1,E1,T,project,2023-10-10,Robin Hidden\x07,accepted,2023-10-11\nL9,E1,T,project,2023-10-10,Robin Hidden,,\n",
        hours=f"learner,date,hours,activity\nL3,2023-10-02,6,{'secret activity ' * 20}\n",
    )
    assert main(["cohort", str(source), "-o", str(tmp_path / "out"), "--on", ON.isoformat(), "--jobs", "1"]) == 0
    out, err = capsys.readouterr()
    written = (
        out
        + err
        + "".join(
            path.read_text("utf-8-sig")
            for path in (tmp_path / "out").iterdir()
            if path.suffix in (".json", ".csv", ".html")
        )
    )
    assert "L1" in written
    assert "born" in written
    for secret in SECRETS:
        assert secret not in written, secret


def test_a_name_that_slipped_into_another_column_does_not_reach_a_pipeline(
    cohort: Callable[..., Path], tmp_path: Path
) -> None:
    """A name with a comma, unquoted, in a row that has as many cells as the header all the same."""
    source = cohort(learners="learner,name,standard,start,notes\nL1,Known, Robin,ST0148,2023-09-04\n" + SOUND)
    written = ["--junit", str(tmp_path / "junit.xml"), "--sarif", str(tmp_path / "run.sarif")]
    assert run(str(source), "-o", str(tmp_path / "out"), *written) == 0
    assert "Robin" in (tmp_path / "out/failures.csv").read_text("utf-8-sig")
    for name in ("junit.xml", "run.sarif"):
        told = (tmp_path / name).read_text("utf-8")
        assert "unknown-standard in the column standard" in told
        assert "Robin" not in told


# Workbooks


def test_hidden_sheets_merged_cells_and_formulas_are_read_and_noted(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    learners: Any = book.active
    learners.title = "Learners"
    learners.append(["learner", "name", "standard", "start", "planned_gateway"])
    learners.append(["L1", "Example Learner", "ST0148", date(2023, 9, 4), "=TODAY()"])
    evidence = book.create_sheet("evidence")
    evidence.append(["learner", "id", "title", "kind", "date"])
    evidence.append(["L1", "E1", "One", "project", date(2023, 10, 10)])
    evidence.append([None, "E2", "Two", "project", date(2023, 10, 11)])
    evidence.merge_cells("A2:A3")
    evidence.sheet_state = "hidden"
    book.create_sheet("Notes").append(["anything"])
    book.save(tmp_path / "cohort.xlsx")
    (verdict,), faults, notes = outcomes(tmp_path / "cohort.xlsx")
    assert (verdict.pieces, verdict.start, verdict.planned_gateway, faults) == (2, date(2023, 9, 4), None, [])
    told = "\n".join(notes)
    for words in ("sheet evidence: The sheet is hidden", "Merged cells", "Formulas without a stored value"):
        assert words in told


def test_a_fault_in_a_workbook_names_the_sheet_and_the_row(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.title = "learners"
    sheet.append(["learner", "name", "standard", "start"])
    sheet.append(["L1", "Example Learner", "ST0148", 45173])
    book.save(tmp_path / "cohort.xlsx")
    _, (fault,), _ = outcomes(tmp_path / "cohort.xlsx")
    assert (fault.sheet, fault.column, fault.problem.source.line) == ("learners", "start", 2)
    assert "number by which a spreadsheet counts days" in str(fault.problem)


# The command


def run(*arguments: str) -> int:
    return main(["cohort", *arguments, "--on", ON.isoformat(), "--jobs", "1"])


def test_the_command_writes_results_that_follow_the_schema(
    cohort: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = cohort(learners=HEADER + SOUND + "L2,,=cmd(),ST9999,2023-09-04,,,\n")
    assert run(str(source), "-o", str(tmp_path / "out"), "--json") == 0
    printed = json.loads(capsys.readouterr().out)
    whole = json.loads((tmp_path / "out/cohort.json").read_text("utf-8"))
    validator = Draft202012Validator(cohort_schema())
    validator.validate(whole)
    validator.evolve(schema={"$ref": "#/$defs/run", "$defs": cohort_schema()["$defs"]}).validate(printed)
    assert printed == {key: whole[key] for key in printed}
    assert (whole["totals"]["learners"], whole["totals"]["not_judged"], whole["totals"]["faults"]) == (2, 1, 1)
    assert whole["standards"]["ST0148@1.0"]["requirements"][0]["id"] in whole["learners"][0]["requirements"]
    with (tmp_path / "out/failures.csv").open(encoding="utf-8-sig", newline="") as file:
        (failure,) = csv.DictReader(file)
    assert tuple(failure) == FAILURE_COLUMNS
    assert (failure["learner"], failure["row"], failure["column"]) == ("L2", "3", "standard")


def test_the_same_input_gives_the_same_bytes(cohort: Callable[..., Path], tmp_path: Path) -> None:
    source = cohort(learners=HEADER + SOUND + "L2,,Two,ST9999,2023-09-04,,,\n")
    for name in ("one", "two"):
        assert run(str(source), "-o", str(tmp_path / name)) == 0
    for name in ("cohort.json", "failures.csv"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_strict_ends_with_2_where_anything_could_not_be_read(cohort: Callable[..., Path], tmp_path: Path) -> None:
    bad = cohort(learners=HEADER + SOUND, evidence="learner,id,title,kind,date\nL9,E1,T,project,2023-10-10\n")
    assert run(str(bad), "-o", str(tmp_path / "out"), "--strict") == 2
    assert (tmp_path / "out/cohort.json").exists()
    good = cohort(learners=HEADER + SOUND)
    assert run(str(good), "-o", str(tmp_path / "out"), "--strict") == 0


def test_the_template_is_a_cohort_and_replaces_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("tables", "book.xlsx"):
        assert main(["cohort", "template", "-o", str(tmp_path / name)]) == 0
        assert run(str(tmp_path / name), "-o", str(tmp_path / "out"), "--strict") == 0
        capsys.readouterr()
        assert main(["cohort", "template", "-o", str(tmp_path / name)]) == 2
        assert "a template never replaces a table" in capsys.readouterr().err


def test_a_full_disk_in_the_middle_leaves_the_old_results(
    cohort: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = cohort(learners=HEADER + SOUND)
    assert run(str(source), "-o", str(tmp_path / "out")) == 0
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}

    def full(file: object, run: CohortRun, spool: Path) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(outputs, "OUTPUTS", (*outputs.OUTPUTS, ("more.txt", full)))
    monkeypatch.setattr("ksbtrack.cohort.outputs.write_outputs.__defaults__", (outputs.OUTPUTS,))
    assert run(str(source), "-o", str(tmp_path / "out")) == 2
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


@pytest.mark.parametrize("kilobytes", [40, 600])
def test_a_limit_on_the_size_of_files_is_told_as_such(tmp_path: Path, kilobytes: int) -> None:
    """A small cohort meets it when the sorted tables are closed, a larger one while they are sorted."""
    source = write_tables(tmp_path / "tables", 400 if kilobytes == 600 else 2, suffix=".csv")
    limited = (
        "import resource, sys\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({kilobytes * 1024}, resource.RLIM_INFINITY))\n"
        "from ksbtrack.cli import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    asked = ["cohort", str(source), "-o", str(tmp_path / "out"), "--on", ON.isoformat(), "--jobs", "1"]
    ended = subprocess.run(
        [sys.executable, "-c", limited, *asked],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2
    message, fix, _ = ended.stderr.splitlines()
    assert message.endswith(
        ": cannot-write: found a limit on the size of files; the output is a file, in a folder that takes it; "
        "nothing was changed."
    )
    assert fix == (
        "  Sorting needs room for the tables once more, in one file: free some space, lift the limit, or give another "
        "folder for temporary files (TMPDIR)."
    )
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ('Could not write file "x": No space left on device', "a full disk"),
        ("failed to offload data block (1.0 MiB/2 MiB used). limit by 'max_temp_directory_size'", "a full disk"),
        ('Could not write file "x": Disk quota exceeded', "your share of the disk used up"),
        ('Could not write file "x": Input/output error', "the system's error EIO"),
    ],
)
def test_what_the_disk_refused_while_sorting_is_told(words: str, found: str) -> None:
    error = without_room(duckdb.IOException(words), Path("work"))
    assert error is not None
    assert [(problem.code, problem.found) for problem in error.problems] == [("cannot-write", found)]
    assert without_room(duckdb.IOException('Cannot open file "x": Permission denied'), Path("work")) is None


# Folders


def test_folders_of_learners_in_groups_and_one_that_is_broken(tmp_path: Path) -> None:
    source = tmp_path / "cohort"
    shutil.copytree(ROOT / "docs/examples/ready", source / "autumn" / "ready")
    shutil.copytree(ROOT / "docs/examples/ready", source / "spring" / "broken")
    (source / "spring/broken/portfolio.yaml").write_text("learner: [\n")
    (source / "empty").mkdir()
    (source / ".hidden").mkdir()
    verdicts, faults, _ = outcomes(source)
    assert [(verdict.key, verdict.group) for verdict in verdicts] == [("autumn/ready", "autumn")]
    assert [(fault.learner, fault.problem.code) for fault in faults] == [
        ("empty", "missing-file"),
        ("spring/broken", "bad-yaml"),
    ]


# The list of columns


def test_the_shipped_schema_is_that_of_the_columns_and_holds_for_the_template() -> None:
    assert shipped_columns_schema() == columns_schema()
    Draft202012Validator.check_schema(columns_schema())
    Draft202012Validator(columns_schema()).validate({table.value: list(rows) for table, rows in ROWS.items()})


@pytest.mark.parametrize("table", TableName)
def test_no_heading_means_two_columns(table: TableName) -> None:
    meanings: dict[str, str] = {}
    for column in COLUMNS[table]:
        for heading in (column.name, *column.synonyms):
            assert meanings.setdefault(folded(heading), column.name) == column.name, heading


def test_the_page_lists_every_column_with_its_other_headings() -> None:
    page = (ROOT / "docs/cohort-tables.md").read_text("utf-8")
    for table, columns in COLUMNS.items():
        part = page.split(f"## `{table.value}`")[1].split("\n## ")[0]
        for column in columns:
            (line,) = (line for line in part.splitlines() if line.startswith(f"| `{column.name}`"))
            assert column.words in line
            for heading in column.synonyms:
                assert heading in line


def test_rows_are_written_for_the_template_in_documented_columns() -> None:
    known: Mapping[TableName, set[str]] = {
        table: {column.name for column in columns} for table, columns in COLUMNS.items()
    }
    for table, rows in ROWS.items():
        for row in rows:
            assert row.keys() <= known[table]


def test_many_faults_are_told_in_bounded_memory(tmp_path: Path) -> None:
    """Rows of nobody are yielded one by one, not gathered."""
    (tmp_path / "learners.csv").write_text(HEADER + SOUND)
    names = ["learner", "evidence", "code"]
    write_rows(
        tmp_path / "claims.csv", names, ({"learner": f"X{i}", "evidence": "E1", "code": "K1"} for i in range(9000))
    )
    with opened_cohort(tmp_path, QUESTION) as cohort:
        faults = cohort.faults()
        assert next(faults).problem.source.line == 2
        assert sum(1 for _ in faults) == 8999


def test_the_example_of_the_page_runs_as_it_stands(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    (example,) = (ROOT / "docs/cohort.md").read_text("utf-8").split("```python\n")[1].split("```")[:1]
    exec(example, {})
    assert "ready Ready\n" in capsys.readouterr().out
