"""docs/examples/cohort: 200 invented learners, made by a program, on standards of three kinds."""

from __future__ import annotations

import csv
import json
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from ksbtrack.cli import main
from ksbtrack.cohort.judging import judged, opened_cohort
from ksbtrack.models.analysis import Decision
from ksbtrack.models.cohort import CohortQuestion, LearnerVerdict, PaceStatus
from made_up_example import DAY, FOLDER, LEARNERS, RECORD, STORIES, example_files

README = (FOLDER / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def verdicts() -> list[LearnerVerdict]:
    question = CohortQuestion(on=DAY, folders=(str(FOLDER / "standards"),))
    with opened_cohort(FOLDER / "tables", question) as cohort:
        found = list(judged(cohort))
    assert all(isinstance(each, LearnerVerdict) for each in found)
    return [each for each in found if isinstance(each, LearnerVerdict)]


def test_the_files_are_as_the_program_makes_them() -> None:
    made = example_files()
    assert {name: (FOLDER / name).read_bytes() for name in made} == made


def test_the_standard_is_as_the_import_makes_it(tmp_path: Path) -> None:
    assert main(["standards", "import", str(FOLDER / RECORD), "-o", str(tmp_path)]) == 0
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert made == {path.name: path.read_bytes() for path in (FOLDER / "standards").iterdir()}


def test_everybody_is_marked_as_invented_and_has_no_number_or_day_of_birth() -> None:
    with (FOLDER / "tables/learners.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == LEARNERS
    assert {row["invented"] for row in rows} == {"yes"}
    assert all(row["name"].startswith("Example Learner") for row in rows)
    assert not {"uln", "born"} & set(rows[0])


def test_all_three_kinds_of_standards_and_all_words_occur(verdicts: list[LearnerVerdict]) -> None:
    assert set(Counter(each.standard for each in verdicts)) == {
        "ST0148@1.0",
        "ST9901@1.0",
        "XS10a@2008-06",
        "XS10b@2008-06",
        "XS10c@2008-06",
    }
    assert {each.decision for each in verdicts} == set(Decision)
    assert {each.pace.status for each in verdicts} == set(PaceStatus)
    assert any(each.is_overdue and each.decision is not Decision.READY for each in verdicts)
    assert sum(story.share for story in STORIES) <= LEARNERS


def test_the_page_about_it_says_how_many_of_each(verdicts: list[LearnerVerdict]) -> None:
    count = Counter(each.decision for each in verdicts)
    said = f"{count[Decision.READY]} ready, {count[Decision.NOT_READY]} not ready, {count[Decision.CANNOT_TELL]} where"
    assert said in " ".join(README.split())
    assert date(2026, 1, 30) == DAY and DAY.isoformat() in README


def test_the_command_of_the_page_works(tmp_path: Path) -> None:
    command = next(line for line in README.splitlines() if line.strip().startswith("ksbtrack cohort"))
    words = command.split()[1:]
    root = FOLDER.parent.parent.parent
    words = [str(root / word) if word.startswith("docs/") else word for word in words]
    words[words.index("-o") + 1] = str(tmp_path / "results")
    assert main(words) == 0
    head = json.loads((tmp_path / "results/cohort.json").read_text(encoding="utf-8"))
    assert head["totals"]["judged"] == LEARNERS
    assert head["totals"]["faults"] == 0
