"""Processes for work that can bring one down: the piece of work is lost then, and everything else goes on."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from concurrent.futures import TimeoutError as TooLong
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from ksbtrack.cohort.executors import Workers, opened_workers
from ksbtrack.problems import several
from ksbtrack.showcase.workers import FreshProcesses

if TYPE_CHECKING:
    from pebble import ProcessPool

RECYCLED_AFTER = 25
"""Pieces of work after which a process makes room for a new one: a hundred reports. WeasyPrint does not give back all
of what Pango takes for text with font features, half a megabyte a report; a new process costs a second or two."""

_Result = TypeVar("_Result")


class LastingProcesses(Executor):
    """Processes of this machine; one that dies or takes too long is replaced, and only its own work fails."""

    def __init__(self, count: int, seconds: float, begin: Callable[[], None]) -> None:
        """Start the processes.

        Args:
            count: how many.
            seconds: of the clock that a piece of work may take.
            begin: what each process begins with, of a function at the top of a module.
        """
        from pebble import ProcessPool

        self._seconds = seconds
        self._pool: ProcessPool = ProcessPool(count, RECYCLED_AFTER, begin, context=FreshProcesses())

    def submit(self, fn: Callable[..., _Result], /, *args: Any, **kwargs: Any) -> Future[_Result]:
        """Give the future of a piece of work; `was_lost` knows what it raises if the work was lost."""
        return self._pool.schedule(fn, args, kwargs, timeout=self._seconds)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes: once their work is done, or at once if it is cancelled."""
        if cancel_futures:
            self._pool.stop()  # type: ignore[no-untyped-call]
        else:
            self._pool.close()  # type: ignore[no-untyped-call]
        if wait:
            self._pool.join()


def why_lost(error: BaseException) -> str | None:
    """Say why a piece of work was lost, as a clause; None if the error is one of another kind.

    Args:
        error: what its future raised.
    """
    from pebble import ProcessExpired

    if isinstance(error, TooLong):
        return "takes too long"
    if isinstance(error, ProcessExpired):
        return "brought down the process that made it"
    return None


@contextmanager
def lasting_workers(
    scheduler: str | None, jobs: int | None, *, seconds: float, begin: Callable[[], None]
) -> Iterator[Workers]:
    """Give workers for work that can bring a process down.

    Args:
        scheduler: of a Dask cluster, which replaces its workers itself; None for processes of this machine.
        jobs: processes; as many as the machine has cores if left out.
        seconds: of the clock that a piece of work may take.
        begin: what each process begins with, of a function at the top of a module.

    Raises:
        KsbtrackError: as `opened_workers`.
    """
    if scheduler is not None:
        with opened_workers(scheduler) as workers:
            yield workers
        return
    count = jobs or os.cpu_count() or 1
    with tempfile.TemporaryDirectory(prefix="ksbtrack-") as place:
        processes = LastingProcesses(count, seconds, partial(_begin_in, place, begin))
        try:
            yield Workers(processes, count, several(count, "process", "processes"))
        except BaseException:
            processes.shutdown(cancel_futures=True)
            raise
        processes.shutdown()


def _begin_in(place: str, begin: Callable[[], None]) -> None:
    """Begin with temporary files where the first process deletes them: whoever is ended deletes nothing."""
    tempfile.tempdir = place
    begin()
