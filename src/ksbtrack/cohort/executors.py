"""Where a cohort's work runs: here, in processes of this machine, or on a Dask cluster; the work is the same.

Each is a `concurrent.futures.Executor`, so any other one can take its place. Work is a function at the top of a module
with plain arguments, and gives back little: what is large goes into a store (`ksbtrack.cohort.store`), which every
worker reaches by its address.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Executor, ProcessPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from ksbtrack.problems import KsbtrackError, Problem, Source, quoted, several
from ksbtrack.showcase.workers import FreshProcesses

if TYPE_CHECKING:
    from types import ModuleType

CONNECT_SECONDS = 30
"""Seconds in which a scheduler must answer and have a worker: a cluster that starts in a queue needs longer, and is
waited for by whoever starts it."""
_ADDRESS = re.compile(r"(tcp|tls)://[^\s/@?]+:[0-9]{1,5}")


@dataclass(frozen=True, slots=True)
class Workers:
    """Where work runs.

    Attributes:
        executor: None computes in this process.
        count: pieces of work that run at once.
        where: in words, for people.
    """

    executor: Executor | None
    count: int
    where: str


@contextlib.contextmanager
def opened_workers(scheduler: str | None = None, jobs: int | None = None) -> Iterator[Workers]:
    """Give the workers for a run, and let them go afterwards; what they had not begun is cancelled.

    Args:
        scheduler: address of a Dask scheduler, `tcp://host:port` or `tls://host:port`; None for this machine.
        jobs: processes of this machine; as many as it has cores if left out. One means this process itself.

    Raises:
        KsbtrackError: `missing-library`, `no-scheduler`; `worker-lost` if work takes its processes with it.
    """
    if scheduler is not None:
        with _cluster(scheduler) as workers:
            yield workers
        return
    count = jobs or os.cpu_count() or 1
    if count == 1:
        yield Workers(None, 1, "this process")
        return
    pool = ProcessPoolExecutor(count, mp_context=FreshProcesses())
    try:
        yield Workers(pool, count, several(count, "process", "processes"))
    except BrokenExecutor as error:
        raise _lost("a process that ended in the middle of its work") from error
    finally:
        pool.shutdown(cancel_futures=True)


@contextlib.contextmanager
def _cluster(address: str) -> Iterator[Workers]:
    if not _ADDRESS.fullmatch(address):
        raise _no_scheduler(address, "an address that is none")
    distributed = _library()
    client = _connected(distributed, address)
    try:
        count = _counted_workers(client, address)
        executor = client.get_executor(pure=False)
        try:
            yield Workers(executor, count, f"{several(count, 'worker')} of {address}")
        except distributed.scheduler.KilledWorker as error:
            raise _lost("a piece of work that took one worker after the other with it") from error
        except (distributed.CancelledError, distributed.comm.CommClosedError) as error:
            raise _lost(f"the scheduler {quoted(address)} gone") from error
        finally:
            executor.shutdown(wait=False)
    finally:
        client.close()


def _library() -> ModuleType:
    try:
        import distributed
    except ImportError as error:
        raise KsbtrackError(
            Problem(
                "missing-library",
                Source("this machine"),
                "Dask not installed",
                "a cluster needs the extra dask",
                "Install it: pip install 'ksbtrack[dask]'",
            )
        ) from error
    loaded: ModuleType = distributed
    return loaded


def _connected(distributed: ModuleType, address: str) -> Any:
    try:
        return distributed.Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise _no_scheduler(address, f"no answer within {several(CONNECT_SECONDS, 'second')}") from error


def _counted_workers(client: Any, address: str) -> int:
    """Give how many pieces of work the workers can do at once; each must have this very version."""
    try:
        client.wait_for_workers(1, timeout=CONNECT_SECONDS)
    except TimeoutError as error:
        raise _no_scheduler(address, f"no worker within {several(CONNECT_SECONDS, 'second')}") from error
    try:
        versions = client.run(own_version)
    except ModuleNotFoundError as error:
        raise _no_scheduler(address, "a worker without ksbtrack") from error
    others = {each for each in versions.values() if each != own_version()}
    if others:
        raise _no_scheduler(address, f"a worker with ksbtrack {quoted(min(others))}")
    return sum(client.nthreads().values()) or 1


def own_version() -> str:
    """Give the version of ksbtrack in whichever process this runs."""
    return version("ksbtrack")


def _no_scheduler(address: str, found: str) -> KsbtrackError:
    return KsbtrackError(
        Problem(
            "no-scheduler",
            Source(address.rpartition("@")[2]),
            found,
            f"a Dask scheduler is named like tcp://host:8786, and has workers with ksbtrack {own_version()}",
            "Start it with `dask scheduler` and its workers with `dask worker`, then name it again.",
        )
    )


def _lost(found: str) -> KsbtrackError:
    return KsbtrackError(
        Problem(
            "worker-lost",
            Source("the run"),
            found,
            "work that loses one worker goes on with another",
            "Start again: what was made is not made again. If it happens again, give each worker more memory.",
        )
    )
