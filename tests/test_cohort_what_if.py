"""What is assumed of a whole cohort: the same as of each learner whom it fits, said in every output, never written."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import duckdb
import pytest
from jsonschema import Draft202012Validator
from openpyxl import load_workbook
from pypdf import PdfReader

from ksbtrack import analyse, assuming, load_case
from ksbtrack.cli import main
from ksbtrack.cohort.judging import judged, opened_cohort
from ksbtrack.formats.cohort_json import cohort_schema
from ksbtrack.models.cohort import CohortQuestion, LearnerVerdict
from ksbtrack.problems import KsbtrackError

EXAMPLES = Path(__file__).resolve().parent.parent / "docs/examples"
DAY = date(2026, 3, 13)
WORDS = ("accept E21", "maths achieved 2026-03-10", "hours +6/week")


def verdicts(assume: tuple[str, ...] = ()) -> dict[str, LearnerVerdict]:
    with opened_cohort(EXAMPLES, CohortQuestion(on=DAY, assume=assume)) as cohort:
        return {outcome.key: outcome for outcome in judged(cohort) if isinstance(outcome, LearnerVerdict)}


def run(out: Path, *arguments: str) -> int:
    return main(["cohort", str(EXAMPLES), "-o", str(out), "--on", DAY.isoformat(), "--jobs", "1", *arguments])


def assume(*words: str) -> list[str]:
    return [part for each in words for part in ("--assume", each)]


def said(out: Path) -> dict[str, Any]:
    written: dict[str, Any] = json.loads((out / "cohort.json").read_bytes())
    Draft202012Validator(cohort_schema()).validate(written)
    return written


def test_what_is_assumed_of_everyone_is_assumed_of_each_whom_it_fits() -> None:
    found = verdicts(WORDS)
    case = load_case(EXAMPLES / "typical", DAY)
    alone = analyse(assuming(case, WORDS))
    typical = found["typical"]
    assert typical.decision is alone.decision
    assert typical.statements == {verdict.code: verdict.status for verdict in alone.competencies}
    assert {held.id: held.status for held in typical.requirements} == {
        held.id: held.status for held in alone.requirements
    }
    assert typical.assumed == WORDS
    assert typical.statements != verdicts()["typical"].statements
    # A role profile asks for no hours and has no such piece: its verdict is the one of the records.
    assert found["dorset"] == verdicts()["dorset"]
    assert found["dorset"].assumed == ()


def test_another_fingerprint_where_something_is_assumed_and_only_there() -> None:
    plain, assumed, other = verdicts(), verdicts(("accept E21",)), verdicts(("accept E22",))
    marks = {each["typical"].fingerprint for each in (plain, assumed, other)}
    assert len(marks) == 3
    assert {len(mark) for mark in marks} == {32}
    assert plain["dorset"].fingerprint == assumed["dorset"].fingerprint


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["fly"], "bad-assumption"),
        (["gateway 2026-05-01", "gateway 2026-06-01"], "contradiction"),
        (["gateway 2026-02-30"], "bad-date"),
        (["hours +0/week"], "bad-number"),
        (["break 2026-05-01 to 2026-04-01"], "dates-reversed"),
        ([f"accept E{number}" for number in range(51)], "too-many"),
    ],
)
def test_what_nobody_can_assume_is_refused_before_anyone_is_judged(
    words: list[str], code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path / "out", *assume(*words)) == 2
    assert code in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    with pytest.raises(KsbtrackError, match=code), opened_cohort(EXAMPLES, CohortQuestion(DAY, assume=tuple(words))):
        pytest.fail("the cohort was opened")


def test_every_output_says_what_is_assumed_and_of_how_many(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = _bytes_of(EXAMPLES)
    out = tmp_path / "out"
    files = ["--junit", str(tmp_path / "junit.xml"), "--sarif", str(tmp_path / "sarif.json")]
    assert run(out, *assume(*WORDS, "accept E99"), *files) == 0
    assert _bytes_of(EXAMPLES) == before
    printed = capsys.readouterr().out
    assert "WHAT IF: this is not what the records say." in printed
    assert "accept E99: fits 0 learners" in printed

    written = said(out)
    counts = {each["assumption"]: each["learners"] for each in written["assumptions"]}
    assert counts == {"accept E21": 1, "maths achieved 2026-03-10": 2, "accept E99": 0, "hours +6/week": 2}
    by_key = {each["key"]: each["assumed"] for each in written["learners"]}
    assert by_key["dorset"] == []
    assert by_key["typical"] == list(WORDS)

    page = (out / "cohort.html").read_text("utf-8")
    assert "<title>What if: Cohort" in page
    assert "What if, not the records" in page
    assert "accept E99" in page
    pages = [sheet.extract_text() for sheet in PdfReader(out / "cohort.pdf").pages]
    assert len(pages) > 1
    assert all("What if, not the records" in text for text in pages)
    assert all(name.startswith("What if - ") for name in load_workbook(out / "cohort.xlsx").sheetnames)
    rows = duckdb.read_parquet(str(out / "cohort.parquet")).project("key, assumed").fetchall()
    assert dict(rows) == {key: list(words) for key, words in by_key.items()}

    suite = ElementTree.parse(tmp_path / "junit.xml").getroot()
    assert suite.get("name") == "ksbtrack cohort, what if"
    assert [each.get("value") for each in suite.iterfind(".//property[@name='assumed']")] == list(counts)
    failures = {case.get("name"): case.find("failure") for case in suite.iterfind(".//testcase")}
    typical, dorset = failures["typical"], failures["dorset"]
    assert typical is not None
    assert "What if 'accept E21'" in str(typical.get("message"))
    assert dorset is not None
    assert "What if" not in str(dorset.get("message"))
    assert json.loads((tmp_path / "sarif.json").read_bytes())["runs"][0]["properties"]["assumptions"] == list(counts)


def test_parquet_says_what_is_assumed_even_if_it_fits_nobody(tmp_path: Path) -> None:
    def metadata(name: str, *words: str) -> tuple[dict[bytes, bytes], bytes]:
        assert run(tmp_path / name, *assume(*words)) == 0
        place = tmp_path / name / "cohort.parquet"
        with duckdb.connect() as connection:
            rows = connection.execute(f"select key, value from parquet_kv_metadata('{place}')").fetchall()
        return dict(rows), place.read_bytes()

    found, content = metadata("one", "accept E99", "accept E'98")
    assert {key: json.loads(value) for key, value in found.items()} == {b"assumptions": ["accept E99", "accept E'98"]}
    assert metadata("again", "accept E99", "accept E'98") == (found, content)
    assert b"assumptions" not in metadata("records")[0]


def test_no_output_speaks_of_assumptions_where_there_are_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path / "out", "--junit", str(tmp_path / "junit.xml")) == 0
    assert "what if" not in capsys.readouterr().out.casefold()
    assert said(tmp_path / "out")["assumptions"] == []
    assert "what if" not in (tmp_path / "out/cohort.html").read_text("utf-8").casefold()
    assert b"what if" not in (tmp_path / "junit.xml").read_bytes().lower()


def test_a_difference_that_was_only_assumed_is_told_as_that(tmp_path: Path) -> None:
    run(tmp_path / "before")
    assert run(tmp_path / "after", *assume(*WORDS), "--since", str(tmp_path / "before")) == 0
    changes = {change["learner"]: change for change in said(tmp_path / "after")["changes"]["changes"]}
    assert "dorset" not in changes
    assert changes["typical"]["causes"] == ["assumption"]
    told = "Assumed now: 'accept E21', 'maths achieved 2026-03-10' and 'hours +6/week'; before: nothing."
    assert changes["typical"]["details"][0].startswith(told)


def test_another_order_or_spelling_of_the_same_is_no_change(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run(out, "--pdf", *assume("accept E21", "maths achieved 2026-03-10", "hours +6/week")) == 0
    made = {path.name: path.read_bytes() for path in (out / "made").rglob("*") if path.is_file()}
    assert run(out, "--pdf", *assume("hours +6/week", "maths achieved 2026-03-10", "accept E21")) == 0
    assert {path.name: path.read_bytes() for path in (out / "made").rglob("*") if path.is_file()} == made

    spelled = assume("hours + 6.0 a week", "Maths achieved on 2026-03-10", "accept  e21")
    later = ["cohort", str(EXAMPLES), "--jobs", "1", "--on", "2027-02-12", "--since", str(out)]
    assert main([*later, "-o", str(tmp_path / "later"), *spelled]) == 0
    written = said(tmp_path / "later")
    changes = {change["learner"]: change for change in written["changes"]["changes"]}
    assert "typical" in changes
    assert {cause for change in changes.values() for cause in change["causes"]} <= {"time", "rule_date"}
    marks = [{each["key"]: each["fingerprint"] for each in found["learners"]} for found in (said(out), written)]
    assert marks[0] == marks[1]


def test_a_report_shows_what_is_assumed_as_this_run_spells_it(tmp_path: Path) -> None:
    for words in ("accept E21", "accept e21"):
        assert run(tmp_path / "out", "--pdf", *assume(words)) == 0
        (report,) = (path for path in (tmp_path / "out/reports").iterdir() if path.stem == "typical")
        assert words in " ".join(sheet.extract_text() for sheet in PdfReader(report).pages)


def test_a_report_of_a_learner_says_what_is_assumed_of_them(tmp_path: Path) -> None:
    assert run(tmp_path / "out", "--pdf", *assume("accept E21")) == 0
    reports = {path.stem: PdfReader(path) for path in (tmp_path / "out/reports").iterdir()}
    for name, report in reports.items():
        speaks = ["What if, not the records" in sheet.extract_text() for sheet in report.pages]
        assert all(speaks) if name == "typical" else not any(speaks), name
    assert len(reports) == 3


def _bytes_of(folder: Path) -> dict[str, str]:
    return {
        path.as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
