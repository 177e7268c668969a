"""The command `ksbtrack sample`: from portfolios to a file that can be drawn again."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from ksbtrack.cli import main
from ksbtrack.cohort.candidates import candidates_in
from ksbtrack.cohort.judging import opened_cohort
from ksbtrack.cohort.sampling import MANY_A_DAY, MANY_CLAIMS, NEW_ASSESSOR_DAYS, WEIGHTS
from ksbtrack.formats.sample_json import sample_schema
from ksbtrack.formats.sample_table import HEADINGS
from ksbtrack.models.cohort import CohortQuestion
from ksbtrack.models.sampling import Aspect, Candidate

ROOT = Path(__file__).resolve().parent.parent
DAY = "2026-11-22"

TABLES = {
    "learners.csv": "learner,name,standard,start\n"
    "EX0001,Robin Example,ST0148@1.0,2023-09-04\n"
    "EX0002,=Kim Example,ST0148@1.0,2023-09-04\n"
    "EX0003,Jo Example,ST0148@1.0,31/31/2023\n",
    "evidence.csv": "learner,id,title,kind,date,state,accepted_by,accepted_on\n"
    "EX0001,E01,Plan,work product,2023-10-02,accepted,Sam Example,2023-10-09\n"
    "EX0001,E02,Talk,recording,2023-11-06,referred,Alex Example,2023-11-13\n"
    "EX0001,E03,Notes,work product,2023-11-07,submitted,,\n"
    "EX0002,E01,Visit,presentation,2023-10-02,accepted,Sam Example,2023-10-09\n"
    "EX0002,E02,Form,work product,2023-10-03,accepted,Sam Example,2023-10-09\n",
    "claims.csv": "learner,evidence,code\nEX0001,E01,K1\nEX0001,E02,K2\nEX0001,E03,K3\n"
    "EX0002,E01,K1\nEX0002,E01,S1\nEX0002,E02,K1\n",
}


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    for name, text in TABLES.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def run(tables: Path, *arguments: str) -> int:
    return main(["sample", str(tables), "--seed", "7", "--on", DAY, *arguments])


def candidates(tables: Path) -> dict[tuple[str, str], Candidate]:
    from datetime import date

    with opened_cohort(tables, CohortQuestion(on=date.fromisoformat(DAY))) as cohort:
        found = [each for chunk in cohort.chunks() for each in candidates_in(chunk)]
    return {(each.learner, each.piece): each for each in found if isinstance(each, Candidate)}


def test_candidates_are_the_pieces_that_somebody_decided_on(tables: Path) -> None:
    found = candidates(tables)
    assert sorted(found) == [("EX0001", "E01"), ("EX0001", "E02"), ("EX0002", "E01"), ("EX0002", "E02")]
    assert (found["EX0001", "E02"].decision, found["EX0001", "E02"].assessor) == ("referred", "Alex Example")
    assert dict(found["EX0002", "E01"].statements)["S1"]
    assert found["EX0002", "E01"].alone_for == ("S1",)
    assert found["EX0002", "E02"].alone_for == ()
    assert found["EX0001", "E01"].alone_for == ("K1",)


def test_the_json_file_has_everything_frozen_and_follows_its_schema(
    tables: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "sample.json"
    assert run(tables, "--size", "4", "-o", str(file)) == 0
    said = json.loads(file.read_bytes())
    Draft202012Validator(sample_schema()).validate(said)
    assert said["as_of"] == DAY
    assert said["population"]["pieces"] == 4
    assert said["left_out"] == ["EX0003"]
    assert [(pick["learner"], pick["piece"]) for pick in said["picks"]] == sorted(candidates(tables))
    assert said["picks"][0]["statements"] == {"K1": "met"}
    out, err = capsys.readouterr()
    assert out == f"{file.as_posix()}: 4 of 4 decisions on pieces, seed 7.\n"
    assert "bad-date" in err
    assert err.endswith("1 learner could not be read, and was not drawn from.\n")


def test_the_same_command_writes_the_same_bytes_and_a_later_edit_changes_only_the_mark_and_what_it_says(
    tables: Path, tmp_path: Path
) -> None:
    one, two, three = (tmp_path / f"{name}.json" for name in "abc")
    for file in (one, two):
        run(tables, "--size", "2", "-o", str(file))
    assert one.read_bytes() == two.read_bytes()
    (tables / "evidence.csv").write_text(TABLES["evidence.csv"].replace("accepted,Sam", "referred,Sam"))
    run(tables, "--size", "2", "-o", str(three))
    assert json.loads(three.read_bytes())["population"]["mark"] != json.loads(one.read_bytes())["population"]["mark"]


def test_the_table_has_a_row_for_each_piece_and_no_formula(tables: Path, tmp_path: Path) -> None:
    file = tmp_path / "sample.csv"
    assert run(tables, "--size", "4", "-o", str(file)) == 0
    rows = list(csv.DictReader(io.StringIO(file.read_text("utf-8-sig"))))
    assert list(rows[0]) == list(HEADINGS)
    assert len(rows) == 4
    assert {row["As of"] for row in rows} == {DAY}
    assert rows[2]["Name"] == "'=Kim Example"
    assert rows[2]["Statements"] == "K1: Met, S1: Met"
    assert all(row["Reason"] for row in rows)


def test_what_is_printed_names_each_piece_and_what_is_not_covered(
    tables: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tables, "--size", "1") == 1
    out, _ = capsys.readouterr()
    assert out.startswith("Sample of 1 of 4 decisions on pieces  22 November 2026, seed 7\n")
    assert max(map(len, out.splitlines())) <= 80
    assert "\nNot covered  1 piece is not enough; 3 are needed at least\n" in out
    assert run(tables, "--size", "4", "--json") == 0
    assert json.loads(capsys.readouterr().out)["not_covered"] == []


def test_strict_ends_with_2_where_anything_could_not_be_read(tables: Path, tmp_path: Path) -> None:
    assert run(tables, "--size", "4", "--strict") == 2
    (tables / "learners.csv").write_text(TABLES["learners.csv"].replace("31/31/2023", "2023-09-04"))
    assert run(tables, "--size", "4", "--strict") == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--size", "0"], "--size"),
        (["--size", "4", "-o", "sample.txt"], "'sample.txt' does not end in .csv or .json."),
        ([], "--size"),
    ],
)
def test_wrong_usage(tables: Path, arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tables, *arguments) == 64
    assert words in capsys.readouterr().err


def test_processes_draw_what_one_draws(tables: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ksbtrack.cohort.judging.CHUNK", 1)
    one, two = tmp_path / "one.json", tmp_path / "two.json"
    assert run(tables, "--size", "3", "--jobs", "1", "-o", str(one)) == 0
    assert run(tables, "--size", "3", "--jobs", "2", "-o", str(two)) == 0
    assert one.read_bytes() == two.read_bytes()


def test_portfolios_of_the_examples_can_be_sampled(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["sample", str(ROOT / "docs/examples"), "--size", "30", "--seed", "1", "--on", DAY, "--json"])
    said = json.loads(capsys.readouterr().out)
    assert code == 0
    assert {"dorset", "ready", "typical"} == {pick["learner"] for pick in said["picks"]}
    assert {part["aspect"] for part in said["covered"]} >= {"assessor", "single_source", "kind"}


def test_the_page_has_the_numbers_of_the_code() -> None:
    page = (ROOT / "docs/sample.md").read_text("utf-8")
    assert f"**new** for {NEW_ASSESSOR_DAYS} days" in page
    assert f"| it claims {MANY_CLAIMS} statements or more | {WEIGHTS['many_claims']} |" in page
    assert f"| its assessor made {MANY_A_DAY} decisions or more on that day | {WEIGHTS['many_a_day']} |" in page
    assert f"| the assessor is new | {WEIGHTS['new_assessor']} |" in page
    assert f"| the learner is found ready | {WEIGHTS['ready']} |" in page
    assert f"| it changed after it was accepted | {WEIGHTS['check_again']} |" in page
    assert f"| no other piece of this learner shows some statement | {WEIGHTS['alone']} |" in page
    for aspect in Aspect:
        assert f"| {aspect.words[0].lower()}{aspect.words[1:]} |" in page
