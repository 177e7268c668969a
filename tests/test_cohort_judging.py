"""A verdict on one learner of a cohort is the verdict that `ksbtrack check` gives on their folder."""

from __future__ import annotations

import pickle
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drawn_learners import ON, Plain, cohorts, rows_of, write_cohort, write_folders
from ksbtrack.analysis import analyse
from ksbtrack.cohort import judging
from ksbtrack.cohort.executors import Workers, opened_workers
from ksbtrack.cohort.judging import cases_in, in_order, judge, judged, opened_cohort
from ksbtrack.cohort.spool import faults, read_spool, verdicts, write_spool
from ksbtrack.load import load_case
from ksbtrack.models.analysis import Analysis, Decision
from ksbtrack.models.cohort import CohortQuestion, Fault, LearnerCase, LearnerVerdict
from ksbtrack.models.levels import Level
from ksbtrack.models.portfolio import Qualification
from ksbtrack.problems import KsbtrackError
from made_up_tables import write_tables

QUESTION = CohortQuestion(on=ON)
Said = tuple[object, ...]


def said(outcome: Analysis | LearnerVerdict) -> Said:
    """Give what must be the same of a learner whichever way they were read."""
    if isinstance(outcome, Analysis):
        return (
            outcome.decision,
            outcome.reason,
            {verdict.code: verdict.status for verdict in outcome.competencies},
            [(verdict.id, verdict.status) for verdict in outcome.requirements],
            outcome.totals.pieces_counting,
            [(step.remedy.action, step.remedy.subject) for step in outcome.next_steps],
        )
    return (
        outcome.decision,
        outcome.reason,
        outcome.statements,
        [(held.id, held.status) for held in outcome.requirements],
        outcome.pieces_counting,
        [(step.action, step.subject) for step in outcome.next_steps],
    )


def outcomes_of(source: Path) -> dict[str, Said | None]:
    """Give what a run says of each learner by key; None of one without a verdict."""
    with opened_cohort(source, QUESTION) as cohort:
        found = list(judged(cohort))
    assert all(outcome.learner for outcome in found if isinstance(outcome, Fault))
    refused: dict[str, Said | None] = {outcome.learner: None for outcome in found if isinstance(outcome, Fault)}
    given = {outcome.key: said(outcome) for outcome in found if isinstance(outcome, LearnerVerdict)}
    assert not refused.keys() & given.keys()
    return refused | given


def checked_folders(folder: Path) -> dict[str, Said | None]:
    """Give what the analysis says of each portfolio folder by its name; None of one that cannot be loaded."""
    found: dict[str, Said | None] = {}
    for own in sorted(folder.iterdir()):
        try:
            found[own.name] = said(analyse(load_case(own, ON)))
        except KsbtrackError:
            found[own.name] = None
    return found


@settings(max_examples=40, deadline=None)
@given(cohorts, st.sampled_from([".csv", ".parquet"]))
def test_a_verdict_is_the_same_from_a_folder_and_from_tables(learners: Sequence[Plain], suffix: str) -> None:
    with tempfile.TemporaryDirectory() as place:
        folders = write_folders(Path(place) / "folders", learners)
        tables = write_cohort(Path(place) / "tables", rows_of(learners), suffix)
        expected = checked_folders(folders)
        assert outcomes_of(folders) == expected
        assert outcomes_of(tables) == expected


def test_the_drawn_learners_are_of_every_sort() -> None:
    """The property above would hold of nothing, or of refused learners alone; this run has verdicts and refusals."""
    seen: Counter[object] = Counter()
    counting: Counter[bool] = Counter()

    @settings(max_examples=60, deadline=None, database=None, derandomize=True)
    @given(cohorts)
    def draw(learners: Sequence[Plain]) -> None:
        with tempfile.TemporaryDirectory() as place:
            for told in checked_folders(write_folders(Path(place) / "folders", learners)).values():
                seen[told if told is None else told[0]] += 1
                counting[bool(told and told[4])] += 1

    draw()
    assert seen[None] > 5
    assert seen[Decision.NOT_READY] > 30
    assert counting[True] > 10


def test_work_on_processes_gives_what_this_process_gives_in_the_same_order(tmp_path: Path) -> None:
    source = write_tables(tmp_path / "cohort", 230, pieces=4, suffix=".csv")
    with opened_cohort(source, QUESTION) as cohort, opened_workers(jobs=2) as workers:
        here = list(judged(cohort))
        assert list(judged(cohort, workers)) == here
    assert [outcome.key for outcome in here if isinstance(outcome, LearnerVerdict)] == [f"L{i}" for i in range(230)]


def test_the_order_of_rows_in_the_tables_never_matters(tmp_path: Path) -> None:
    learners = [
        {
            "head": {
                "learner": {"name": f"Example Learner {i}"},
                "standard": "ST0148@1.0",
                "dates": {"start": "2023-09-04"},
            },
            "pieces": [
                {"id": f"E{n}", "title": "A", "kind": "project", "date": "2023-10-10", "claims": [{"code": "K1"}]}
                for n in (1, 2, 10)
            ],
            "log": [],
        }
        for i in range(3)
    ]
    tables = rows_of(learners)
    as_written = outcomes_of(write_cohort(tmp_path / "one", tables))
    shuffled = {table: rows[::-1] for table, rows in tables.items()}
    assert outcomes_of(write_cohort(tmp_path / "two", shuffled)) == as_written


def test_the_fingerprint_changes_with_every_cell_and_with_nothing_else(tmp_path: Path) -> None:
    def fingerprint(name: str, **cells: str) -> str:
        row = {"learner": "L1", "name": "Example Learner", "standard": "ST0148", "start": "2023-09-04", **cells}
        folder = tmp_path / name
        folder.mkdir()
        heading = "unread," + ",".join(row)
        (folder / "learners.csv").write_text(f"{heading}\nanything {name}," + ",".join(row.values()) + "\n")
        with opened_cohort(folder, QUESTION) as cohort:
            (outcome,) = judged(cohort)
        assert isinstance(outcome, LearnerVerdict)
        return outcome.fingerprint

    first = fingerprint("one")
    assert fingerprint("again") == first
    assert fingerprint("other", group="Autumn") != first


def test_the_spool_gives_back_what_was_written_and_the_counts_add_up(tmp_path: Path) -> None:
    source = write_tables(tmp_path / "cohort", 12, pieces=3, suffix=".csv")
    with (source / "learners.csv").open("a") as file:
        file.write("L12,Example Learner 12,ST9999,2023-09-04,,,,,,,\nL12,Example Twin,ST0148,2023-09-04,,,,,,,\n")
    with opened_cohort(source, QUESTION) as cohort:
        outcomes = list(judged(cohort))
        run = write_spool(tmp_path / "spool", outcomes, cohort.source, ON, cohort.notes)
    assert list(read_spool(tmp_path / "spool")) == outcomes
    assert [*verdicts(tmp_path / "spool"), *faults(tmp_path / "spool")] == outcomes
    assert (run.learners, run.judged, run.not_judged, run.faults) == (13, 12, 1, 3)
    assert sum(run.decisions.values()) == run.judged == sum(run.paces.values())
    assert run.notes == (f"{source.as_posix()} has no table hours: nothing of that kind is known of anyone.",)


@pytest.mark.parametrize("mistake", judging.MISTAKES)
def test_a_mistake_of_the_program_costs_one_learner_their_verdict(
    mistake: type[Exception], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_tables(tmp_path / "cohort", 3, pieces=2, suffix=".csv")

    def wrong(case: object, *, warnings: bool) -> object:
        if case.portfolio.learner.name == "Example Learner 1":  # type: ignore[attr-defined]
            raise mistake
        return analyse(case, warnings=warnings)  # type: ignore[arg-type]

    monkeypatch.setattr(judging, "analyse", wrong)
    with opened_cohort(source, QUESTION) as cohort:
        first, second, third = judged(cohort)
    assert isinstance(first, LearnerVerdict)
    assert isinstance(third, LearnerVerdict)
    assert isinstance(second, Fault)
    assert (second.learner, second.problem.code) == ("L1", "not-judged")


def test_few_chunks_are_in_flight() -> None:
    taken: list[int] = []

    def tasks() -> Iterator[int]:
        for number in range(50):
            taken.append(number)
            yield number

    with ThreadPoolExecutor(2) as pool:
        results = in_order(pool, abs, tasks(), 2)
        assert next(results) == 0
        assert len(taken) <= 2 * judging.AHEAD + 1
        assert list(results) == list(range(1, 50))


def test_only_the_learners_that_are_wanted_are_judged(tmp_path: Path) -> None:
    source = write_tables(tmp_path / "cohort", 5, pieces=2, suffix=".csv")
    with opened_cohort(source, QUESTION) as cohort:
        (chunk,) = cohort.chunks(only=frozenset({"L3", "L1"}))
        assert [outcome.key for outcome in judge(chunk) if isinstance(outcome, LearnerVerdict)] == ["L1", "L3"]


def test_workers_without_an_executor_compute_here(tmp_path: Path) -> None:
    source = write_tables(tmp_path / "cohort", 2, pieces=2, suffix=".csv")
    with opened_cohort(source, QUESTION) as cohort:
        assert list(judged(cohort, Workers(None, 1, "here"))) == list(judged(cohort))


def test_another_standard_can_be_asked_about_for_everyone(tmp_path: Path) -> None:
    source = write_tables(tmp_path / "cohort", 1, pieces=2, suffix=".csv")
    with opened_cohort(source, CohortQuestion(on=ON, standard="XS10a")) as cohort:
        (outcome,) = judged(cohort)
    assert isinstance(outcome, LearnerVerdict)
    assert outcome.standard == "XS10a@2008-06"


def test_an_error_of_a_worker_comes_back_with_all_its_problems(tmp_path: Path) -> None:
    source = write_tables(tmp_path / "cohort", 150, pieces=1, suffix=".csv")
    with opened_cohort(source, QUESTION) as cohort, opened_workers(jobs=2) as workers:
        moved = replace(cohort, place=str(tmp_path / "elsewhere"))
        with pytest.raises(KsbtrackError) as told:
            list(judged(moved, workers))
    assert [problem.code for problem in told.value.problems] == ["unreadable-file"]
    assert pickle.loads(pickle.dumps(told.value)).problems == told.value.problems


def test_nobody_is_warned_of_files_that_tables_cannot_name(tmp_path: Path) -> None:
    about_files = {"nothing_to_see", "certificate_not_attached", "fingerprint_not_recorded"}
    with opened_cohort(write_tables(tmp_path, 2, pieces=6, suffix=".csv"), QUESTION) as cohort:
        learners = [found for chunk in cohort.chunks() for found in cases_in(chunk) if isinstance(found, LearnerCase)]
    assert len(learners) == 2
    for learner in learners:
        held = Qualification(subject="english", level=Level.L2, state="achieved", awarded=date(2020, 1, 1))
        records = learner.case.portfolio.records.model_copy(update={"qualifications": (held,)})
        rows = replace(learner.case, portfolio=learner.case.portfolio.model_copy(update={"records": records}))
        folder = replace(rows, portfolio=rows.portfolio.model_copy(update={"has_only_rows": False}))
        assert about_files <= {finding.rule for finding in analyse(folder).findings}
        assert not about_files & {finding.rule for finding in analyse(rows).findings}
