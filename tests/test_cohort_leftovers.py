"""What a run leaves behind: its results, none of an earlier run that would pass for them, and no temporary file."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ksbtrack.cli import main
from ksbtrack.cli.cohort import _asked
from ksbtrack.cli.options import Question, RuleBook

EXAMPLES = Path(__file__).resolve().parent.parent / "docs" / "examples"
DAY = "2026-03-13"


def started(temporary: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """Give a command of its own process, whose temporary files go into a folder."""
    temporary.mkdir(exist_ok=True)
    return subprocess.Popen(
        [sys.executable, "-m", "ksbtrack", *arguments, "--on", DAY],
        env=os.environ | {"TMPDIR": str(temporary)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def test_a_report_leaves_no_temporary_file(tmp_path: Path) -> None:
    arguments = ("report", str(EXAMPLES / "ready"), "-o", str(tmp_path / "out.pdf"))
    assert started(tmp_path / "tmp", *arguments).wait() == 0
    assert (tmp_path / "out.pdf").is_file()
    assert list((tmp_path / "tmp").iterdir()) == []


def test_reports_of_a_cohort_leave_no_temporary_file(tmp_path: Path) -> None:
    cohort = tmp_path / "cohort"
    shutil.copytree(EXAMPLES / "ready", cohort / "ready")
    arguments = ("cohort", str(cohort), "-o", str(tmp_path / "out"), "--pdf", "--jobs", "2")
    assert started(tmp_path / "tmp", *arguments).wait() == 0
    assert len(list((tmp_path / "out/reports").iterdir())) == 1
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_run_that_is_told_to_end_leaves_nothing_about_people(tmp_path: Path) -> None:
    for _ in range(3):
        process = started(
            tmp_path / "tmp",
            "cohort",
            str(EXAMPLES / "cohort" / "tables"),
            *("-o", str(tmp_path / "out"), "--pdf", "--jobs", "1"),
            *("--standards", str(EXAMPLES / "cohort" / "standards")),
        )
        while process.poll() is None and not list((tmp_path / "tmp").rglob("outcomes.jsonl")):
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        if process.wait() == 143:
            break
    assert process.returncode == 143
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_report_of_an_earlier_day_goes_where_there_is_no_verdict_now(tmp_path: Path) -> None:
    cohort = tmp_path / "cohort"
    for name in ("ready", "typical"):
        shutil.copytree(EXAMPLES / name, cohort / name)
    run = ["cohort", str(cohort), "-o", str(tmp_path / "out"), "--pdf", "--jobs", "1", "--on"]
    assert main([*run, DAY]) == 0
    before = {path.name for path in (tmp_path / "out/reports").iterdir()}
    assert len(before) == 2
    portfolio = cohort / "typical" / "portfolio.yaml"
    portfolio.write_text(portfolio.read_text("utf-8").replace("start: 20", "start: 30", 1), "utf-8")
    assert main([*run, "2026-03-20"]) == 0
    after = {path.name for path in (tmp_path / "out/reports").iterdir()}
    assert [name.startswith("ready") for name in after] == [True]


@pytest.mark.parametrize("written", ["{}", "{}/", "file://{}"])
def test_results_never_go_into_the_cohort_itself(
    tmp_path: Path, written: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(EXAMPLES / "ready", tmp_path / "ready")
    assert main(["cohort", str(tmp_path), "-o", written.format(tmp_path), "--on", DAY]) == 64
    assert "is the cohort itself" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["ready"]


def test_results_never_replace_what_they_are_made_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book = tmp_path / "cohort.xlsx"
    assert main(["cohort", "template", "-o", str(book)]) == 0
    before = book.read_bytes()
    tables = tmp_path / "tables"
    assert main(["cohort", "template", "-o", str(tables)]) == 0
    out = str(tmp_path / "out")
    for arguments in (
        [str(book), "-o", str(tmp_path)],
        [str(book), "-o", out, "--junit", str(book)],
        [str(tables), "-o", out, "--sarif", str(tables / "learners.csv")],
        [str(EXAMPLES), "-o", str(EXAMPLES / "ready")],
        [str(tables), "-o", ""],
        [str(tables), "-o", out, "--since", " "],
    ):
        assert main(["cohort", *arguments, "--on", DAY]) == 64, arguments
    assert book.read_bytes() == before
    assert not (tmp_path / "out").exists()
    assert not (EXAMPLES / "ready" / "cohort.json").exists()
    capsys.readouterr()


@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_told_to_end_twice_ends(tmp_path: Path, second: signal.Signals) -> None:
    process = started(
        tmp_path / "tmp",
        *("cohort", str(EXAMPLES / "cohort" / "tables"), "-o", str(tmp_path / "out"), "--jobs", "2", "--pdf"),
        *("--standards", str(EXAMPLES / "cohort" / "standards")),
    )
    while process.poll() is None and not list((tmp_path / "tmp").rglob("outcomes.jsonl")):
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    time.sleep(0.02)
    process.send_signal(second)
    assert process.wait(timeout=60) == 143
    assert list((tmp_path / "tmp").iterdir()) == []


def test_other_machines_are_told_whole_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rules = RuleBook(standards=(Path("own"),), overlay=(Path("more.yaml"),), policy=Path("policy.yaml"))
    here, there = (_asked(Question(), rules, (), is_elsewhere=each) for each in (False, True))
    assert (here.folders, here.overlays, here.policy) == (("own",), ("more.yaml",), "policy.yaml")
    assert there.folders == (str(tmp_path / "own"),)
    assert there.overlays == (str(tmp_path / "more.yaml"),)
    assert there.policy == str(tmp_path / "policy.yaml")
