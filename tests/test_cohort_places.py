"""Results of a run at an address: the files of a folder, whole, and there for the next run."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import fsspec
import pytest

from ksbtrack.cli import main
from ksbtrack.cohort.executors import Workers
from ksbtrack.cohort.judging import opened_cohort
from ksbtrack.cohort.places import earlier_results, opened_place
from ksbtrack.cohort.reports import made_reports
from ksbtrack.models.cohort import CohortQuestion
from ksbtrack.problems import KsbtrackError

EXAMPLES = Path(__file__).resolve().parent.parent / "docs/examples"
DAY = "2026-03-13"
MEMORY = fsspec.filesystem("memory")


@pytest.fixture
def address() -> Iterator[str]:
    """Give an empty store in memory."""
    place = f"memory://cohort-{secrets.token_hex(4)}"
    yield place
    if MEMORY.exists(place):
        MEMORY.rm(place, recursive=True)


def run(output: str, *arguments: str) -> int:
    return main(["cohort", str(EXAMPLES), "-o", output, "--on", DAY, "--jobs", "1", *arguments])


def test_an_address_takes_the_files_that_a_folder_would(
    address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(str(tmp_path / "out")) == 0
    capsys.readouterr()
    assert run(f"{address}/autumn") == 0
    assert f"\n{address}/autumn/cohort.html\n" in capsys.readouterr().out
    here = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    there = {path.rpartition("/")[2]: MEMORY.cat_file(path) for path in MEMORY.find(f"{address}/autumn")}
    assert there == here


def test_an_address_of_this_machine_is_a_folder(tmp_path: Path) -> None:
    assert run(f"file://{tmp_path}/out") == 0
    assert run(str(tmp_path / "again"), "--since", f"file://{tmp_path}/out") == 0
    assert (tmp_path / "out/cohort.json").is_file()


def test_a_later_run_compares_with_what_lies_at_an_address(address: str, tmp_path: Path) -> None:
    run(address)
    for place in (address, f"{address}/", f"{address}/cohort.json"):
        assert run(str(tmp_path / "out"), "--since", place) == 0
        changes = json.loads((tmp_path / "out/cohort.json").read_bytes())["changes"]
        assert changes["totals"]["same"] == 3, place


def test_nothing_at_an_address_is_no_earlier_run(
    address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(str(tmp_path / "out"), "--since", address) == 2
    assert f"{address}/cohort.json: missing-file" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    with pytest.raises(KsbtrackError, match="missing-file"), earlier_results(address):
        pytest.fail("there was an earlier run")


def test_an_address_of_no_kind_is_refused_before_anyone_is_judged(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("nowhere-at-all://key:secret@bucket/x") == 2
    told = capsys.readouterr().err
    assert "unknown-store" in told
    assert "secret" not in told


def test_a_store_that_is_closed_shows_before_anyone_is_judged(
    address: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    def judged(*_: object, **__: object) -> None:
        pytest.fail("somebody was judged")

    monkeypatch.setattr(type(MEMORY), "pipe_file", refuse)
    monkeypatch.setattr("ksbtrack.cohort.judging.judge", judged)
    assert run(address) == 2
    assert "cannot-write: found a store that refuses (EACCES)" in capsys.readouterr().err


def test_reports_lie_at_the_address_and_are_not_made_again(address: str) -> None:
    with (
        opened_place(address) as place,
        opened_cohort(EXAMPLES, CohortQuestion(on=date.fromisoformat(DAY))) as cohort,
    ):
        alone = Workers(None, 1, "this process")
        first = list(made_reports(cohort, place.address, alone))
        again = list(made_reports(cohort, place.address, alone))
    assert [report.is_new for report in first] == [True] * 3  # type: ignore[union-attr]
    assert [report.is_new for report in again] == [False] * 3  # type: ignore[union-attr]
    names = [name.rpartition("/")[2] for name in MEMORY.find(f"{address}/reports")]
    assert sorted(names) == sorted(report.name for report in first)  # type: ignore[union-attr]
    assert all(MEMORY.cat_file(name).startswith(b"%PDF") for name in MEMORY.find(f"{address}/reports"))


def test_a_store_that_takes_nothing_more_ends_the_run(
    address: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(MEMORY), "put_file", full)
    assert run(address) == 2
    assert "cannot-write" in capsys.readouterr().err
    assert not MEMORY.find(address)
