"""A readiness report for each learner: the same as the command's, made once, and one that fails harms no other."""

from __future__ import annotations

import io
import os
import re
import shutil
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Executor, Future
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pebble import ProcessExpired

from ksbtrack.cli import main
from ksbtrack.cohort.executors import Workers
from ksbtrack.cohort.judging import MISTAKES, cases_in, opened_cohort
from ksbtrack.cohort.lasting import LastingProcesses, lasting_workers, why_lost
from ksbtrack.cohort.reports import (
    CHUNK_SECONDS,
    REPORTS_OF_A_CHUNK,
    MadeReport,
    Report,
    ReportTask,
    begin_reports,
    made_reports,
)
from ksbtrack.models.cohort import CohortQuestion, Fault, LearnerCase
from ksbtrack.problems import KsbtrackError, Problem, Source
from ksbtrack.report.report_names import MAX_WORDS, report_name
from ksbtrack.terminal.progress import progress_bar

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "docs/examples"
ON = date(2026, 3, 13)
QUESTION = CohortQuestion(on=ON)
HERE = Workers(None, 1, "this process")

Draw = Callable[[Any], bytes]


@pytest.fixture
def cohort(tmp_path: Path) -> Path:
    """Give a folder of three learners."""
    for name in ("ready", "typical", "dorset"):
        shutil.copytree(EXAMPLES / name, tmp_path / "cohort" / name)
    return tmp_path / "cohort"


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let a report be drawn as a few bytes, at once; give the names of the learners whose report is."""
    names: list[str] = []

    def draw(analysis: Any) -> bytes:
        names.append(analysis.case.portfolio.learner.name)
        return f"{names[-1]} {analysis.case.on}".encode()

    monkeypatch.setattr("ksbtrack.report.outputs.pdf_report", draw)
    return names


def reports(cohort: Path, place: Path, workers: Workers = HERE, question: CohortQuestion = QUESTION) -> list[Report]:
    with opened_cohort(cohort, question) as opened:
        return list(made_reports(opened, str(place), workers))


@given(st.lists(st.text(max_size=80), min_size=2, max_size=8, unique=True))
def test_no_two_keys_have_one_name_even_where_capitals_do_not_matter(keys: list[str]) -> None:
    names = [report_name(key).casefold() for key in keys]
    assert len(set(names)) == len(keys)


@given(st.text(max_size=200))
def test_a_name_is_safe_on_every_disk(key: str) -> None:
    name = report_name(key)
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]*\.pdf", name)
    assert len(name) <= MAX_WORDS + 26
    assert not re.fullmatch(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])\.pdf", name)


@pytest.mark.parametrize("key", ["L0042", "AB-17", "9000000008", "robin-example", "year-2", "2024"])
def test_a_plain_key_is_its_own_name(key: str) -> None:
    assert report_name(key) == f"{key}.pdf"


@pytest.mark.parametrize(
    ("key", "begins"),
    [
        ("l0042", "l0042--"),
        ("ROBIN-EXAMPLE", "ROBIN-EXAMPLE--"),
        ("autumn/robin", "autumn-robin--"),
        ("../../etc/passwd", "etc-passwd--"),
        ("CON", "CON--"),
        ("Zoë", "Zoe--"),
        ("שם", "learner--"),
        ("robin--0123456789abcdef0123", "robin-0123456789abcdef0123--"),
        ("a" * 300, "a" * MAX_WORDS + "--"),
    ],
)
def test_any_other_key_has_its_mark_in_the_name(key: str, begins: str) -> None:
    assert re.fullmatch(re.escape(begins) + r"[0-9a-f]{20}\.pdf", report_name(key))


def test_a_report_in_processes_is_that_of_the_command(cohort: Path, tmp_path: Path) -> None:
    shutil.rmtree(cohort / "ready")
    place = tmp_path / "out"
    with lasting_workers(None, 2, seconds=CHUNK_SECONDS, begin=_begin) as workers:
        made = reports(cohort, place, workers)
    assert made == [MadeReport("dorset", "dorset.pdf", True), MadeReport("typical", "typical.pdf", True)]
    for name in ("dorset", "typical"):
        one = tmp_path / f"{name}.pdf"
        assert main(["report", str(cohort / name), "-o", str(one), "--on", ON.isoformat()]) == 0
        assert (place / "reports" / f"{name}.pdf").read_bytes() == one.read_bytes()


def _begin() -> None:
    begin_reports(QUESTION)


def test_what_did_not_change_is_not_drawn_again(cohort: Path, tmp_path: Path, drawn: list[str]) -> None:
    place = tmp_path / "out"
    assert [made.is_new for made in reports(cohort, place) if isinstance(made, MadeReport)] == [True] * 3
    assert len(drawn) == 3
    assert not any(made.is_new for made in reports(cohort, place) if isinstance(made, MadeReport))
    assert len(drawn) == 3
    piece = next((cohort / "ready/evidence").glob("E01*.md"))
    piece.write_text(piece.read_text(encoding="utf-8").replace("title: ", "title: New ", 1), encoding="utf-8")
    assert [made.key for made in reports(cohort, place) if isinstance(made, MadeReport) and made.is_new] == ["ready"]


@pytest.mark.parametrize("what", ["day", "templates"])
def test_another_day_or_template_gives_new_reports(
    cohort: Path, tmp_path: Path, drawn: list[str], monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    reports(cohort, tmp_path / "out")
    if what == "templates":
        monkeypatch.setattr("ksbtrack.cohort.reports.program_files_mark", lambda: "other")
    question = CohortQuestion(on=date(2026, 3, 14)) if what == "day" else QUESTION
    reports(cohort, tmp_path / "out", question=question)
    assert len(drawn) == 6


def test_estimates_for_plans_give_new_reports_though_no_verdict_hangs_on_them(
    cohort: Path, tmp_path: Path, drawn: list[str]
) -> None:
    """A report shows a plan."""
    policy = tmp_path / "policy.yaml"
    policy.write_text("title: Ours\nplanning: {statements_per_piece: 3, source: Our handbook}\n")
    planned = CohortQuestion(on=ON, policy=str(policy))
    marks = []
    for question in (QUESTION, planned):
        reports(cohort, tmp_path / "out", question=question)
        with opened_cohort(cohort, question) as opened:
            found = [found for chunk in opened.chunks(3) for found in cases_in(chunk)]
            marks.append([learner.fingerprint for learner in found if isinstance(learner, LearnerCase)])
    assert len(drawn) == 6
    assert marks[0] == marks[1]


def test_a_run_that_was_stopped_goes_on_where_it_was(cohort: Path, tmp_path: Path, drawn: list[str]) -> None:
    with opened_cohort(cohort, QUESTION) as opened:
        begun = made_reports(opened, str(tmp_path / "out"), HERE)
        next(begun)
        assert isinstance(begun, Generator)
        begun.close()
    done = len(drawn)
    assert done >= 1
    content = next((tmp_path / "out/content").rglob("*.pdf"))
    content.write_bytes(content.read_bytes()[:3])
    assert len(reports(cohort, tmp_path / "out")) == 3
    assert len(drawn) == 4  # the three, and the one that was cut off


@pytest.mark.parametrize("mistake", MISTAKES)
def test_what_costs_one_verdict_costs_one_report(
    mistake: type[Exception], cohort: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def draw(analysis: Any) -> bytes:
        if analysis.case.standard.reference.startswith("XS"):
            raise mistake
        return b"a report"

    monkeypatch.setattr("ksbtrack.report.outputs.pdf_report", draw)
    fault, *others = reports(cohort, tmp_path / "out")
    assert isinstance(fault, Fault)
    assert fault.problem.found == f"{mistake.__name__} on the way to the pages"
    assert len(others) == 2


def test_a_report_that_fails_is_a_fault_and_the_others_are_made(
    cohort: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def draw(analysis: Any) -> bytes:
        if analysis.case.standard.reference.startswith("XS"):
            raise KeyError("a mistake of ours")
        return b"a report"

    monkeypatch.setattr("ksbtrack.report.outputs.pdf_report", draw)
    fault, *others = reports(cohort, tmp_path / "out")
    assert isinstance(fault, Fault)
    assert fault.learner == "dorset"
    assert str(fault.problem) == (
        f"{cohort.as_posix()}/dorset: render-failed: found KeyError on the way to the pages; every learner's report "
        "can be laid out; all others were made.\n"
        "  Run it again; if it fails again, send the rows or the folder of this learner, names taken out, with a bug "
        "report."
    )
    assert [type(made) for made in others] == [MadeReport, MadeReport]


def test_what_everybody_lacks_stops_the_run(cohort: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def draw(_: Any) -> bytes:
        raise KsbtrackError(Problem("missing-library", Source("this machine"), "x", "y", "z"))

    monkeypatch.setattr("ksbtrack.report.outputs.pdf_report", draw)
    with pytest.raises(KsbtrackError, match="missing-library"):
        reports(cohort, tmp_path / "out")


def test_a_place_that_takes_nothing_stops_the_run(cohort: Path, tmp_path: Path, drawn: list[str]) -> None:
    (tmp_path / "out").write_text("a file, no folder")
    with pytest.raises(KsbtrackError) as caught:
        reports(cohort, tmp_path / "out")
    assert {problem.code for problem in caught.value.problems} == {"cannot-write"}
    assert len(drawn) <= 1


class _Fragile(Executor):
    """Work in this process, of which some brings the process down."""

    def __init__(self, deadly: str) -> None:
        self.deadly = deadly
        self.asked: list[int] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **_: Any) -> Future[Any]:
        (task,) = args
        assert isinstance(task, ReportTask)
        future: Future[Any] = Future()
        self.asked.append(task.chunk.last - task.chunk.first)
        keys = {found.key for found in cases_in(task.chunk) if isinstance(found, LearnerCase)}
        if self.deadly in keys:
            future.set_exception(ProcessExpired("gone", code=-11))  # type: ignore[no-untyped-call]
        else:
            future.set_result(fn(task))
        return future


def test_a_learner_who_brings_a_process_down_costs_one_report(cohort: Path, tmp_path: Path, drawn: list[str]) -> None:
    executor = _Fragile("ready")
    found = reports(cohort, tmp_path / "out", Workers(executor, 2, "here"))
    assert [each.learner if isinstance(each, Fault) else each.key for each in found] == ["dorset", "ready", "typical"]
    assert isinstance(found[1], Fault)
    assert "found a report that brought down the process that made it" in str(found[1].problem)
    assert executor.asked == [min(3, REPORTS_OF_A_CHUNK), 1, 1, 1]
    assert len(drawn) == 2


@pytest.fixture(scope="module")
def processes() -> Iterator[LastingProcesses]:
    opened = LastingProcesses(1, 3, _nothing)
    yield opened
    opened.shutdown(cancel_futures=True)


def _nothing() -> None:
    pass


def test_a_process_that_dies_is_replaced(processes: LastingProcesses) -> None:
    dying, living = processes.submit(os._exit, 3), processes.submit(abs, -3)
    error = dying.exception()
    assert error is not None
    assert why_lost(error) == "brought down the process that made it"
    assert living.result() == 3


def test_work_that_takes_too_long_is_ended(processes: LastingProcesses) -> None:
    from time import sleep

    slow, living = processes.submit(sleep, 60), processes.submit(abs, -4)
    error = slow.exception()
    assert error is not None
    assert why_lost(error) == "takes too long"
    assert living.result() == 4


def test_an_error_of_the_work_itself_is_not_lost_work(processes: LastingProcesses) -> None:
    error = processes.submit(int, "x").exception()
    assert isinstance(error, ValueError)
    assert why_lost(error) is None


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_bar_is_drawn_on_a_terminal_only() -> None:
    for stream, is_drawn in ((io.StringIO(), False), (_Terminal(), True)):
        with progress_bar("Readiness reports", 2, stream) as advance:
            advance()
            advance()
        assert ("Readiness reports" in stream.getvalue()) is is_drawn
        assert ("2/2" in stream.getvalue()) is is_drawn


def run(cohort: Path, out: Path, *more: str) -> int:
    return main(["cohort", str(cohort), "-o", str(out), "--on", ON.isoformat(), "--jobs", "1", *more])


def test_the_command_links_reports_and_names_what_failed(
    cohort: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def some(*_: Any) -> Iterator[Report]:
        yield MadeReport("dorset", "dorset.pdf", True)
        yield Fault(Problem("render-failed", Source("cohort/ready"), "pages", "none", "Mend it."), "ready")
        yield MadeReport("typical", "typical.pdf", False)

    monkeypatch.setattr("ksbtrack.cohort.reports.made_reports", some)
    out = tmp_path / "out"
    assert run(cohort, out, "--pdf", "--strict", "--junit", str(tmp_path / "junit.xml")) == 2
    page = (out / "cohort.html").read_text(encoding="utf-8")
    assert '"dorset.pdf"' in page
    assert '"ready.pdf"' not in page
    assert "ready,cohort/ready,,,,render-failed,pages,none,Mend it." in (out / "failures.csv").read_text("utf-8-sig")
    suites = ElementTree.parse(tmp_path / "junit.xml").getroot()
    assert (suites.get("tests"), suites.get("errors")) == ("4", "1")
    assert (out / "cohort.pdf").read_bytes().startswith(b"%PDF-")
    assert "1 fault" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("names", "more", "code"),
    [
        (("ready",), ("--fail-on", "not_ready"), 0),
        (("ready", "dorset"), ("--fail-on", "not_ready"), 1),
        (("ready", "dorset"), (), 0),
        (("ready", "dorset"), ("--fail-on", "overdue"), 0),
        (("typical",), ("--fail-on", "overdue", "--on", "2026-10-01"), 1),
        (("typical",), ("--fail-on", "tomorrow"), 64),
    ],
)
def test_a_pipeline_can_fail_on_what_it_names(
    cohort: Path, tmp_path: Path, names: tuple[str, ...], more: tuple[str, ...], code: int
) -> None:
    for folder in cohort.iterdir():
        if folder.name not in names:
            shutil.rmtree(folder)
    on = () if "--on" in more else ("--on", "2024-09-20" if names == ("ready",) else ON.isoformat())
    words = ["cohort", str(cohort), "-o", str(tmp_path / "out"), "--jobs", "1", *on, *more]
    assert main(words) == code


def test_all_files_of_a_run_are_the_same_bytes_again(cohort: Path, tmp_path: Path) -> None:
    written = []
    for name in ("one", "two"):
        assert run(cohort, tmp_path / name) == 0
        written.append({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()})
    assert written[0] == written[1]
    assert set(written[0]) == {
        "cohort.html",
        "cohort.pdf",
        "cohort.xlsx",
        "cohort.parquet",
        "cohort.json",
        "failures.csv",
    }
