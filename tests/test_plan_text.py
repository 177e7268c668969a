"""What `ksbtrack plan` says in words: every step says what it is for, also one that closes nothing yet by itself."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from rich.console import Console

from case_text import Plain, case_from
from drawn_cases import told_cases
from ksbtrack.analysis import analyse
from ksbtrack.cli import main
from ksbtrack.load import load_case
from ksbtrack.models.case import Case
from ksbtrack.planning.forecasts import forecast
from ksbtrack.planning.plans import make_plan
from ksbtrack.terminal.marks import marks_for
from ksbtrack.terminal.plan import plan_view

EXAMPLES = Path(__file__).resolve().parent.parent / "docs" / "examples"


def text_of(case: Case) -> str:
    """Give what the command prints about a case, on a line as wide as it takes."""
    console = Console(width=400, color_system=None)
    with console.capture() as captured:
        console.print(plan_view(make_plan(case), forecast(analyse(case)), marks_for("utf-8")))
    return captured.get()


def says_what_each_step_is_for(case: Case) -> None:
    plan = make_plan(case)
    said = text_of(case)
    count = sum(said.count(f"· {does}") for does in ("closes ", "helps ", "finds out about "))
    assert count == len(plan.steps)


def test_a_new_learner_is_told_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "new"
    asked = ["new", str(folder), "--standard", "ST0148", "--learner", "Example Learner", "--start", "2025-03-03"]
    assert main(asked) == 0
    capsys.readouterr()
    assert main(["plan", str(folder), "--on", "2025-09-01"]) == 1
    said = capsys.readouterr().out
    assert "The portfolio holds no evidence yet." in said
    assert "finds out about" in said
    assert "closes K1" in said
    says_what_each_step_is_for(load_case(folder, date(2025, 9, 1)))


def test_a_step_that_closes_nothing_by_itself_says_what_it_helps() -> None:
    case = load_case(EXAMPLES / "typical", date(2025, 9, 1))
    assert any(step.is_sure and not step.closes for step in make_plan(case).steps)
    says_what_each_step_is_for(case)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(told_cases())
def test_every_step_of_every_drawn_case_says_what_it_is_for(plain: Plain) -> None:
    says_what_each_step_is_for(case_from(plain))
