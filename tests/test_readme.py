"""The README and the page of the portfolio's files say what is true."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from ksbtrack.models.portfolio import Dates, Evidence, Learner, Portfolio, Records
from ksbtrack.models.standard import EvidenceKind

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def test_the_two_commands_come_first() -> None:
    assert README.index("make demo") < README.index("make test") < README.index("\n\n", 60)


def test_the_example_in_python_runs_as_it_stands(tmp_path: Path) -> None:
    code = re.findall(r"```python\n(.*?)```", README, re.DOTALL)[0]
    assert len([line for line in code.splitlines() if line.strip()]) <= 11
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False, env={**os.environ}
    )
    assert done.stderr == ""
    assert re.match(r"Not ready - \d+ of 27\n", done.stdout)
    assert (tmp_path / "readiness.pdf").read_bytes().startswith(b"%PDF-")


def test_the_commands_for_mentors_run_as_they_stand(tmp_path: Path) -> None:
    section = README.split("## For apprentices and mentors")[1].split("\n## ")[0]
    commands = [shlex.split(line) for line in section.splitlines() if line.startswith("    ksbtrack ")]
    example = next((ROOT / "docs/examples/ready/evidence").glob("*.pdf"))
    (tmp_path / "plan.pdf").write_bytes(example.read_bytes())
    # What is checked is one piece: the portfolio is not ready, and the employer has not signed.
    expected = {"new": 0, "add": 0, "accept": 0, "check": 1, "report": 0}
    expected |= {"showcase": 0, "preflight": 1, "pack": 0, "verify": 0}
    assert [command[1] for command in commands] == list(expected)
    for command in commands:
        done = subprocess.run(
            [sys.executable, "-m", *command], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert (command[1], done.returncode, done.stderr) == (command[1], expected[command[1]], "")
    assert all((tmp_path / name).exists() for name in ("readiness.pdf", "showcase.pdf", "pack.zip"))


@pytest.mark.parametrize("target", re.findall(r"\]\((?!https?:)([^)#]+)", README))
def test_every_link_leads_somewhere(target: str) -> None:
    assert (ROOT / target).exists()


@pytest.mark.parametrize(
    ("model", "prefix"),
    [(Learner, "learner."), (Dates, "dates."), (Records, "records."), (Portfolio, ""), (Evidence, "")],
)
def test_the_page_of_the_files_names_every_key(model: type[Portfolio], prefix: str) -> None:
    page = (ROOT / "docs/portfolio.md").read_text()
    for name in model.model_fields.keys() - model.filled_on_loading:
        assert f"`{prefix}{name}" in page, f"{prefix}{name} is not on the page"


def test_the_page_of_the_files_names_every_kind_of_evidence() -> None:
    page = (ROOT / "docs/portfolio.md").read_text()
    assert all(kind.value in page for kind in EvidenceKind)
