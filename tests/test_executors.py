"""Work on this machine and on a cluster: all of it, in order, each once, whatever happens to a worker."""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

import cluster_work
from ksbtrack.cohort.executors import opened_workers, own_version
from ksbtrack.cohort.judging import in_order, judge, opened_cohort
from ksbtrack.cohort.store import mark_of, open_store
from ksbtrack.models.cohort import CohortQuestion, LearnerVerdict
from ksbtrack.problems import KsbtrackError
from local_cluster import LocalCluster, local_cluster

Task = tuple[str, str, int, float]


@pytest.fixture
def tasks(tmp_path: Path) -> list[Task]:
    return [(str(tmp_path / "store"), str(tmp_path / "made.log"), number, 0.1) for number in range(40)]


def made(tasks: list[Task]) -> Counter[int]:
    """Give how often each number was made."""
    log = Path(tasks[0][1])
    return Counter(map(int, log.read_text().split())) if log.exists() else Counter()


def assert_all_there_once(tasks: list[Task]) -> None:
    store = open_store(tasks[0][0])
    assert store.marks() == sorted(mark_of("work", str(number)) for _, _, number, _ in tasks)
    assert len(store.contents()) == len(tasks)
    for _, _, number, _ in tasks:
        kept = store.find(mark_of("work", str(number)))
        assert kept is not None
        assert store.read(kept) == f"result {number}\n".encode() * 1_000


# This machine


@pytest.mark.parametrize("jobs", [1, 2])
def test_processes_make_everything_once_and_in_order(tasks: list[Task], jobs: int) -> None:
    with opened_workers(jobs=jobs) as workers:
        assert workers.count == jobs
        done = list(in_order(workers.executor, cluster_work.make, tasks, workers.count))
    assert done == [(number, True) for number in range(40)]
    assert_all_there_once(tasks)
    assert set(made(tasks).values()) == {1}


def test_a_second_run_makes_nothing_and_one_that_was_stopped_goes_on(tasks: list[Task]) -> None:
    with opened_workers(jobs=2) as workers:
        assert len(list(in_order(workers.executor, cluster_work.make, tasks[:15], workers.count))) == 15
        done = list(in_order(workers.executor, cluster_work.make, tasks, workers.count))
        again = list(in_order(workers.executor, cluster_work.make, tasks, workers.count))
    assert [is_new for _, is_new in done] == [False] * 15 + [True] * 25
    assert not any(is_new for _, is_new in again)
    assert made(tasks) == Counter(range(40))


def test_what_fails_in_a_process_fails_here_with_the_same_words() -> None:
    with opened_workers(jobs=2) as workers, pytest.raises(ValueError, match="number three"):
        list(in_order(workers.executor, cluster_work.fail, range(6), workers.count))


def test_a_process_that_dies_is_a_problem_with_its_cure() -> None:
    with pytest.raises(KsbtrackError) as raised, opened_workers(jobs=2) as workers:
        list(in_order(workers.executor, cluster_work.die, range(6), workers.count))
    assert str(raised.value) == (
        "the run: worker-lost: found a process that ended in the middle of its work; work that loses one worker goes "
        "on with another.\n  Start again: what was made is not made again. If it happens again, give each worker more "
        "memory."
    )


# A cluster


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[LocalCluster]:
    with local_cluster(tmp_path, workers=2) as running:
        yield running


def test_a_cluster_that_loses_a_worker_half_way_loses_nothing_and_makes_nothing_twice(
    tasks: list[Task], cluster: LocalCluster
) -> None:
    store = open_store(tasks[0][0])
    killed_at: list[int] = []

    def kill_half_way() -> None:
        while len(made(tasks)) < 20:
            time.sleep(0.02)
        killed_at.append(len(store.marks()))
        cluster.kill_one()

    killer = threading.Thread(target=kill_half_way)
    with opened_workers(cluster.address) as workers:
        assert workers.where.endswith(f"of {cluster.address}")
        wait_for_both(workers.executor)
        killer.start()
        done = list(in_order(workers.executor, cluster_work.make, tasks, workers.count))
        killer.join()

    assert 20 <= killed_at[0] < 40, "the worker was killed while there was work left"
    assert [number for number, _ in done] == list(range(40))
    assert_all_there_once(tasks)
    # A worker that ends between keeping a result and saying so leaves it to the next one, which finds it there.
    assert max(made(tasks).values()) == 1
    assert len(made(tasks)) >= 39


def wait_for_both(executor: object) -> None:
    executor._client.wait_for_workers(2, timeout=60)  # type: ignore[attr-defined]


def test_a_cluster_and_this_machine_give_the_same(tasks: list[Task], cluster: LocalCluster, tmp_path: Path) -> None:
    here = [(str(tmp_path / "here"), str(tmp_path / "here.log"), number, 0.0) for number in range(40)]
    with opened_workers(cluster.address) as workers:
        on_cluster = list(in_order(workers.executor, cluster_work.make, tasks, workers.count))
        with pytest.raises(ValueError, match="number three"):
            list(in_order(workers.executor, cluster_work.fail, range(6), workers.count))
    with opened_workers(jobs=1) as workers:
        assert list(in_order(workers.executor, cluster_work.make, here, workers.count)) == on_cluster
    one, other = (open_store(each[0][0]) for each in (tasks, here))
    assert (one.marks(), one.contents()) == (other.marks(), other.contents())


def test_verdicts_of_a_cluster_that_loses_a_worker_are_those_of_one_process(
    cluster: LocalCluster, tmp_path: Path
) -> None:
    """The same function on the same chunks, as a cohort's run hands them out."""
    source = tables_of(300, tmp_path)
    with opened_cohort(source, CohortQuestion(on=date(2026, 11, 22))) as cohort:
        chunks = list(cohort.chunks(size=5))
        here = [outcome for outcomes in in_order(None, judge, chunks) for outcome in outcomes]
        with opened_workers(cluster.address) as workers:
            wait_for_both(workers.executor)
            there = []
            for number, outcomes in enumerate(in_order(workers.executor, judge, chunks, workers.count)):
                there += outcomes
                if number == len(chunks) // 2:
                    cluster.kill_one()
    assert there == here
    keys = [outcome.key for outcome in there if isinstance(outcome, LearnerVerdict)]
    assert keys == [f"L{number}" for number in range(300)]


def tables_of(learners: int, tmp_path: Path) -> Path:
    """Give tables of invented learners, each with ten pieces."""
    folder = tmp_path / "tables"
    folder.mkdir()
    names = [f"L{number}" for number in range(learners)]
    rows = {
        "learners.csv": ["learner,name,standard,start", *(f"{name},Example,ST0148@1.0,2024-09-02" for name in names)],
        "evidence.csv": [
            "learner,id,title,kind,date,state,accepted_by,accepted_on",
            *(
                f"{name},E{piece},Plan,work product,2025-01-06,accepted,Sam Example,2025-02-03"
                for name in names
                for piece in range(10)
            ),
        ],
        "claims.csv": [
            "learner,evidence,code",
            *(f"{name},E{piece},K{piece + 1}" for name in names for piece in range(10)),
        ],
    }
    for name, lines in rows.items():
        (folder / name).write_text("\n".join(lines) + "\n")
    return folder


def test_work_that_takes_one_worker_after_the_other_with_it_is_given_up(tmp_path: Path) -> None:
    """The scheduler gives such work to three more workers at most, which are there here."""
    with (
        local_cluster(tmp_path, workers=4) as cluster,
        pytest.raises(KsbtrackError, match="worker-lost: found a piece of work that took one worker after the other"),
        opened_workers(cluster.address) as workers,
    ):
        workers.executor._client.wait_for_workers(4, timeout=60)  # type: ignore[union-attr]
        list(in_order(workers.executor, cluster_work.die, [3], workers.count))


# What stands in the way


def test_the_extra_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(KsbtrackError) as raised, opened_workers("tcp://127.0.0.1:8786"):
        pass
    assert str(raised.value) == (
        "this machine: missing-library: found Dask not installed; a cluster needs the extra dask.\n"
        "  Install it: pip install 'ksbtrack[dask]'"
    )


FIX = "Start it with `dask scheduler` and its workers with `dask worker`, then name it again."
EXPECTED = f"a Dask scheduler is named like tcp://host:8786, and has workers with ksbtrack {own_version()}"


@pytest.mark.parametrize("address", ["127.0.0.1:8786", "http://host:1", "tcp://host", "tcp://me:secret@host:1", ""])
def test_an_address_that_is_none(address: str) -> None:
    with pytest.raises(KsbtrackError) as raised, opened_workers(address):
        pass
    shown = address.rpartition("@")[2]
    assert str(raised.value) == f"{shown}: no-scheduler: found an address that is none; {EXPECTED}.\n  {FIX}"


def test_a_scheduler_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ksbtrack.cohort.executors.CONNECT_SECONDS", 1)
    with pytest.raises(KsbtrackError) as raised, opened_workers("tcp://127.0.0.1:9"):
        pass
    assert str(raised.value) == (
        f"tcp://127.0.0.1:9: no-scheduler: found no answer within 1 second; {EXPECTED}.\n  {FIX}"
    )


def test_a_scheduler_without_workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ksbtrack.cohort.executors.CONNECT_SECONDS", 3)
    with (
        local_cluster(tmp_path, workers=0) as cluster,
        pytest.raises(KsbtrackError, match="no-scheduler: found no worker within 3 seconds"),
        opened_workers(cluster.address),
    ):
        pass


def test_a_worker_of_another_version(cluster: LocalCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ksbtrack.cohort.executors.version", lambda name: "99.0")
    with (
        pytest.raises(KsbtrackError, match=r"no-scheduler: found a worker with ksbtrack '0\.1\.0'"),
        opened_workers(cluster.address),
    ):
        pass
