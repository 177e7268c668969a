"""Where in the job evidence can arise: from a named profile, or from duties that the portfolio lists."""

from __future__ import annotations

import json
import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from html_pages import read_page
from ksbtrack.analysis import analyse
from ksbtrack.cli import main
from ksbtrack.formats.portfolio_folder import save_portfolio
from ksbtrack.load import load_case, load_portfolio
from ksbtrack.load.crosswalks import load_crosswalk
from ksbtrack.load.jobs import ELSEWHERE
from ksbtrack.models.analysis import Action
from ksbtrack.models.crosswalk import Confidence
from ksbtrack.models.job import Job
from ksbtrack.planning.plans import make_plan
from ksbtrack.report.html import render_html
from ksbtrack.report.plan import MAX_DUTIES

TYPICAL = Path(__file__).resolve().parent.parent / "docs" / "examples" / "typical"
ON = date(2026, 3, 13)
NAMED = re.compile(r"^job: XS10a .*$", re.MULTILINE)


def copied(folder: Path, job: str, *, without: tuple[str, ...] = ()) -> Path:
    """Give a copy of the typical example with another job, and without some of its pieces."""
    shutil.copytree(TYPICAL, folder)
    head = folder / "portfolio.yaml"
    text = head.read_text("utf-8")
    assert NAMED.search(text)
    head.write_text(NAMED.sub(job, text), "utf-8")
    for name in without:
        next((folder / "evidence").glob(f"{name}-*.md")).unlink()
    return folder


def job_of(folder: Path) -> Job:
    work = load_portfolio(folder).work
    assert work is not None
    return work


def test_a_named_job_has_every_link_of_its_crosswalk_and_a_reason_for_all_else() -> None:
    job = job_of(TYPICAL)
    crosswalk = load_crosswalk("XS10a", "ST0148")
    duties, codes = crosswalk.one.by_code, crosswalk.other.by_code
    linked = {(link.one, link.other) for link in crosswalk.links if link.one in duties and link.other in codes}
    assert {(duty.code, link.code) for duty in job.duties for link in duty.links} == linked
    assert {code for code in codes if job.reaching(code)} == codes.keys() - job.unreached.keys()
    assert all("needs a project, shadowing or a visit" in reason for reason in job.unreached.values())
    assert "nobody's official mapping" in job.judged_by


def test_the_view_of_a_higher_grade_contains_that_of_a_lower(tmp_path: Path) -> None:
    seven = job_of(copied(tmp_path / "learner", "job: XS10b"))
    duties = {duty.code: duty for duty in seven.duties}
    assert all(duties[duty.code] == duty for duty in job_of(TYPICAL).duties)
    assert len(seven.duties) > len(job_of(TYPICAL).duties)


def test_each_gap_shows_its_duties_with_relation_confidence_and_reason() -> None:
    gaps = {gap.subject: gap for gap in make_plan(load_case(TYPICAL, ON)).gaps}
    shown = [(duty.code, link.relation.value, link.confidence.value) for duty, link in gaps["K7"].duties]
    assert shown == [("D16", "intersects", "medium"), ("D20", "intersects", "medium")]
    assert gaps["K7"].duties[0][1].why.startswith("Keeping records as agreed with staff")
    assert gaps["K11"].duties == ()
    assert gaps["K11"].unreached == "No duty speaks of quality assurance; needs a project, shadowing or a visit."
    section = read_page(render_html(analyse(load_case(TYPICAL, ON)))).by_id("plan").text
    assert "D16: Maintain records" in section
    assert "intersects, medium confidence: Keeping records as agreed" in section
    assert "No duty speaks of quality assurance" in section
    assert "makes no claim count" in section


def test_the_page_on_the_report_says_what_a_gap_shows_with_a_job_and_without() -> None:
    page = (
        (TYPICAL.parent.parent / "report.md").read_text("utf-8").partition("## Where in the job a gap can be closed")[2]
    )
    with_job, _, without = " ".join(page.partition("\n## ")[0].split()).partition("Without a job ")
    assert f"up to {MAX_DUTIES} duties" in with_job
    assert ELSEWHERE.removeprefix("needs ") in with_job
    assert "names only what the standard itself says" in without


def test_duties_that_are_listed_lead_to_a_step_that_writes_one_up(tmp_path: Path) -> None:
    duties = "duties:\n  - {code: M1, text: Check the quality of sessions, shows: [K11, S11, K4]}"
    case = load_case(copied(tmp_path / "learner", duties, without=("E14",)), ON)
    plan = make_plan(case)
    (written,) = [step for step in plan.steps if step.duty]
    assert written.duty == "M1"
    assert written.closes == ("K4", "K11", "S11")
    assert written.remedies[0].action is Action.ADD_PIECE
    assert written.text == (
        'Write up M1 as a work product for K4, K11 and S11, and have it accepted: "Check the quality of sessions"'
    )


def test_a_link_of_low_confidence_shows_where_to_look_and_is_no_plan() -> None:
    """S10 is reached by D23 with low confidence alone."""
    case = load_case(TYPICAL, ON)
    gap = next(gap for gap in make_plan(case).gaps if gap.subject == "S10")
    assert [link.confidence for _, link in gap.duties] == [Confidence.LOW]
    assert not [step for step in make_plan(case).steps if step.duty == "D23"]


def test_no_verdict_is_taken_from_a_job(tmp_path: Path) -> None:
    named, alone = load_case(TYPICAL, ON), load_case(copied(tmp_path / "learner", ""), ON)
    assert alone.portfolio.work is None
    assert analyse(named).findings == analyse(alone).findings


def test_a_portfolio_with_a_job_is_saved_and_loaded_the_same(tmp_path: Path) -> None:
    for number, job in enumerate(("job: XS10a", "duties:\n  - {code: M1, text: 'Plan, and meet', shows: [K1, S1]}")):
        before = load_portfolio(copied(tmp_path / f"learner{number}", job))
        save_portfolio(before, tmp_path / f"saved{number}")
        after = load_portfolio(tmp_path / f"saved{number}")
        assert (after.job, after.duties, after.work) == (before.job, before.duties, before.work)


def test_another_standard_without_a_crosswalk_has_no_job() -> None:
    assert load_case(TYPICAL, ON, standard="XS10c").portfolio.work is None
    assert make_plan(load_case(TYPICAL, ON, standard="XS10c")).gaps


def test_the_command_shows_the_plan_and_ends_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", str(TYPICAL), "--on", ON.isoformat()]) == 1
    text = capsys.readouterr().out
    assert "9 steps, 10 of 10 gaps closed" in text
    assert "Where it can arise" in text
    assert "Forecast" in text
    assert max(map(len, text.splitlines())) <= 80


def test_the_command_gives_json_with_every_part(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", str(TYPICAL), "--on", ON.isoformat(), "--pieces", "1", "--by", "2026-06-26", "--json"]) == 1
    plain = json.loads(capsys.readouterr().out)
    page = (TYPICAL.parents[1] / "plan.md").read_text("utf-8")
    rows = page[page.index("## As JSON") :]
    assert [key for key in plain if f"`{key}`" not in rows] == []
    assert [key for key in plain["steps"][0] if f"`{key}`" not in rows] == []
    assert [key for key in plain["gaps"][0] if f"`{key}`" not in rows] == []
    assert [key for key in plain["forecast"]["hours"] if f"`{key}`" not in rows] == []
    assert sum(step["is_piece"] for step in plain["steps"]) == 1
    assert plain["planned_for"] == plain["by"] == "2026-06-26"


def test_a_ready_portfolio_has_nothing_to_plan(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", str(TYPICAL.parent / "ready"), "--on", "2024-09-20", "--json"]) == 0
    plain = json.loads(capsys.readouterr().out)
    assert (plain["steps"], plain["gaps"], plain["decision_after"]) == ([], [], "ready")


def test_a_portfolio_without_evidence_has_a_plan_too(tmp_path: Path) -> None:
    folder = copied(tmp_path / "learner", "job: XS10a")
    head = (folder / "portfolio.yaml").read_text("utf-8")
    (folder / "portfolio.yaml").write_text(head.replace("showcase: [E06, E08, E10, E11, E18, E19]", "showcase: []"))
    shutil.rmtree(folder / "evidence")
    (folder / "evidence").mkdir()
    plan = make_plan(load_case(folder, ON))
    assert "The portfolio holds no evidence yet." in plan.notes
    assert not plan.left
    assert {step.duty for step in plan.steps if step.duty} >= {"D15", "D20"}
    assert all(len(step.helps) <= 5 for step in plan.steps)
