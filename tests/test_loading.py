"""What is fine: the ways in which honest files differ, and what reading leaves as it was written."""

from __future__ import annotations

import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from broken_cases import SOUND
from ksbtrack.load import find_standards, load_case, load_portfolio, load_standard
from ksbtrack.models.portfolio import Portfolio
from ksbtrack.models.standard import RequirementRule
from ksbtrack.problems import KsbtrackError

LOG = "learner/off-the-job.csv"


@pytest.fixture(autouse=True)
def sound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each test begin beside the sound portfolio and its standard, overlay and policy."""
    shutil.copytree(SOUND, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)


def change(name: str, old: str, new: str) -> None:
    path = Path(name)
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")


def loaded() -> Portfolio:
    return load_portfolio("learner", folders=["standards"], overlays=["overlay.yaml"])


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_line_ends_and_the_mark_of_utf_8_change_nothing(line_end: str, mark: bytes) -> None:
    before = loaded()
    for name in ("learner/portfolio.yaml", "learner/evidence/E01.md", LOG, "overlay.yaml"):
        raw = Path(name).read_text("utf-8").replace("\n", line_end).encode()
        Path(name).write_bytes(mark + raw)
    assert loaded() == before


def test_a_standard_of_an_editor_that_writes_the_mark_of_utf_8_is_found() -> None:
    path = Path("standards/EX0001-1.0.yaml")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert load_standard("ex0001", folders=["standards"]).identity == "EX0001@1.0"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_cells_of_the_log_may_be_parted_in_three_ways(delimiter: str) -> None:
    rows = [["Date", "HOURS", " activity ", "codes"], ["2023-09-18", "7.5", "'Workshop'", "K1 S1"]]
    Path(LOG).write_text("\n".join(delimiter.join(row) for row in rows) + "\n\n" + delimiter * 3 + "\n")
    log = loaded().off_the_job
    assert log is not None
    assert [(row.date, row.hours, row.activity, len(row.codes)) for row in log] == [
        (date(2023, 9, 18), Decimal("7.5"), "'Workshop'", 2)
    ]


def test_a_formula_in_a_cell_is_the_text_it_is() -> None:
    Path(LOG).write_text('date,hours,activity\n2023-09-18,1,"=HYPERLINK(""http://127.0.0.1"")"\n')
    log = loaded().off_the_job
    assert log is not None
    assert log[0].activity == '=HYPERLINK("http://127.0.0.1")'


def test_a_portfolio_may_have_no_evidence_and_no_log() -> None:
    shutil.rmtree("learner/evidence")
    Path(LOG).unlink()
    change("learner/portfolio.yaml", ", covers: [E01]", "")
    change("learner/portfolio.yaml", "showcase: [E01]", "showcase:")
    portfolio = loaded()
    assert (portfolio.evidence, portfolio.off_the_job, portfolio.showcase) == ((), None, ())


@pytest.mark.parametrize(
    "text", ["no", "NULL", "1.10", "010", "1_000", "12:30:45", ".inf", "0x1F", "2023-10-02", "=1+1", "'{{7*7}}'", "…"]
)
def test_a_text_stays_what_was_written(text: str) -> None:
    change("learner/portfolio.yaml", "Example Learner", text)
    assert loaded().learner.name == text.strip("'")


def test_a_name_is_composed_and_its_spaces_are_folded() -> None:
    change("learner/portfolio.yaml", "name: Example Learner", 'name: "  Zoe\\u0308 \\n Example\\u00a0Learner "')
    assert loaded().learner.name == "Zoë Example Learner"


def test_an_overlay_for_another_standard_adds_nothing() -> None:
    with_overlay = loaded()
    assert with_overlay == load_portfolio("learner")
    assert load_standard("ST0148", folders=["standards"], overlays=["overlay.yaml"]) == load_standard("ST0148")


def test_an_overlay_adds_what_was_unknown_and_its_settings_lie_over_those_below() -> None:
    change("standards/EX0001-1.0.yaml", "        pairs_with: S1", "        sufficiency: {max_age_months: 6}")
    standard = load_standard("EX0001", folders=["standards"], overlays=["overlay.yaml"])
    settings = standard.by_code["K2"].sufficiency
    assert settings is not None
    assert (settings.pieces_per_competency, settings.max_age_months) == (2, 6)
    assert standard.methods[0].assesses == ("K1", "S1")
    assert standard.sources[-1] == "Overlay: The provider's copy of the plan."


PLAN = "  - {id: plan, title: The plan, rule: assessment_plan, source: The plan}"
REVIEW = "  - {id: review, title: Review, rule: showcase, source: This file}"


@pytest.mark.parametrize(
    ("told", "ids"),
    [
        ("", ["statements", "plan", "review"]),
        ("requirements: []\n", ["statements", "review"]),
        (
            "requirements:\n"
            "  - {id: ict, title: ICT, rule: qualification, subject: ict, level: 2, source: Page 4}\n"
            "  - {id: plan, title: The showcase, rule: showcase, source: Page 5}\n",
            ["statements", "ict", "plan", "review"],
        ),
    ],
)
def test_an_overlay_says_wholly_what_the_plan_asks_for(told: str, ids: list[str]) -> None:
    standard, overlay = Path("standards/EX0001-1.0.yaml"), Path("overlay.yaml")
    standard.write_text(f"{standard.read_text('utf-8')}{PLAN}\n{REVIEW}\n", "utf-8")
    overlay.write_text(overlay.read_text("utf-8") + told, "utf-8")
    found = load_standard("EX0001", folders=["standards"], overlays=["overlay.yaml"])
    assert [requirement.id for requirement in found.requirements] == ids
    assert all(item.rule is not RequirementRule.ASSESSMENT_PLAN for item in found.requirements) is bool(told)


def test_what_the_plan_asks_for_is_said_once() -> None:
    standard = Path("standards/EX0001-1.0.yaml")
    standard.write_text(f"{standard.read_text('utf-8')}{PLAN}\n", "utf-8")
    for name in ("one.yaml", "two.yaml"):
        Path(name).write_text("overlay: EX0001@1.0\nsource: The plan\nrequirements: []\n")
    with pytest.raises(KsbtrackError) as raised:
        load_standard("EX0001", folders=["standards"], overlays=["one.yaml", "two.yaml"])
    assert [(problem.code, str(problem.source)) for problem in raised.value.problems] == [
        ("overlay-contradicts", "two.yaml:3")
    ]


def test_a_broken_standard_is_a_problem_only_for_whoever_asks_for_it() -> None:
    Path("standards/EX0002.yaml").write_text("reference: EX0002\nversion: 1.0\ngroups: [\n")
    assert "EX0002@1.0" in find_standards(["standards"])
    assert load_standard("EX0001", folders=["standards"]).identity == "EX0001@1.0"
    assert loaded().standard == "ST0148@1.0"
    with pytest.raises(KsbtrackError) as raised:
        load_standard("EX0002", folders=["standards"])
    assert [(problem.code, str(problem.source)) for problem in raised.value.problems] == [
        ("bad-yaml", "standards/EX0002.yaml:3")
    ]


def test_hidden_files_and_other_files_in_a_folder_of_standards_are_passed_over() -> None:
    Path("standards/.git").mkdir()
    shutil.copy("standards/EX0001-1.0.yaml", "standards/.git/EX0001.yaml")
    shutil.copy("standards/EX0001-1.0.yaml", "standards/EX0001.txt")
    assert load_standard("EX0001", folders=["standards"]).title == "Example mentor"


def test_a_folder_named_first_hides_a_standard_of_the_next() -> None:
    shutil.copytree("standards", "newer")
    change("newer/EX0001-1.0.yaml", "title: Example mentor", "title: Newer mentor")
    assert load_standard("EX0001", folders=["newer", "standards"]).title == "Newer mentor"
    assert load_standard("EX0001", folders=["standards", "newer"]).title == "Example mentor"


def test_another_standard_can_be_asked_about_than_the_portfolios_own() -> None:
    case = load_case("learner", date(2024, 9, 20), standard="EX0001", folders=["standards"])
    assert (case.standard.identity, case.portfolio.standard) == ("EX0001@1.0", "ST0148@1.0")


def test_a_claim_names_a_duty_of_a_grade_by_that_grade_or_by_one_that_inherits_it() -> None:
    change("learner/portfolio.yaml", "also: []", "also: [XS10b, XS10a]")
    codes = [statement.code for statement in load_standard("XS10a").competencies]
    change("learner/evidence/E01.md", "[K1, S1]", f"[K1, 'XS10a:{codes[0]}', 'XS10b@2008-06:{codes[1]}', 'xs10b:G7.2']")
    claims = [(claim.standard, claim.code) for claim in loaded().evidence[0].claims]
    assert claims == [
        ("ST0148@1.0", "K1"),
        ("XS10a@2008-06", codes[0]),
        ("XS10a@2008-06", codes[1]),
        ("XS10b@2008-06", "G7.2"),
    ]
