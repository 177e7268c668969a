"""Processes of their own in which evidence is opened: what a file costs is limited, and what kills one harms none."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import TimeoutError as TooLong
from dataclasses import dataclass
from multiprocessing.context import SpawnContext, SpawnProcess
from types import ModuleType
from typing import Any, TypeVar

WORKERS = 2
"""Processes at once: each may need `MAX_MEMORY_BYTES`, and the machines that this was made for have two cores."""
TASK_SECONDS = 90
"""Seconds of the clock for one file: an office document takes 3, the largest photograph 4, both many times slower on a
busy machine."""
TASK_CPU_SECONDS = 60
"""Seconds of computing for one file, after which the system ends the process even if the clock was not looked at."""
MAX_MEMORY_BYTES = 2 * 1024**3
"""Bytes of address space of one process: the libraries take 0.6 GiB of it, the largest image allowed 0.6 GiB."""

_Task = TypeVar("_Task")
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Costly:
    """A task that took too long, too much memory, or its process with it, or failed as nobody foresaw.

    Attributes:
        words: a clause that says which.
        is_failure: it failed, and cost no more than others.
    """

    words: str
    is_failure: bool = False


def in_workers(function: Callable[[_Task], _Result], tasks: Sequence[_Task]) -> Iterator[_Result | Costly]:
    """Yield what a function gives for each task, in their order, computed in processes of their own.

    Args:
        function: at the top of a module, so that another process finds it.
        tasks: what it is called with, one at a time.

    Yields:
        A result, or why there is none.
    """
    if not tasks:
        return
    from pebble import ProcessPool

    with ProcessPool(max_workers=min(WORKERS, len(tasks)), initializer=_limit_memory, context=FreshProcesses()) as pool:
        futures = [pool.schedule(_limited, args=(function, task), timeout=TASK_SECONDS) for task in tasks]
        try:
            for future in futures:
                yield _outcome(future)
        except BaseException:
            for future in futures:
                future.cancel()  # type: ignore[no-untyped-call]
            raise


def _outcome(future: Any) -> Any:
    from pebble import ProcessExpired

    try:
        return future.result()
    except TooLong:
        return Costly(f"which takes more than {TASK_SECONDS} seconds to open")
    except MemoryError:
        return Costly(f"which takes more than {MAX_MEMORY_BYTES // 1024**2:,} MiB of memory to open")
    except ProcessExpired:
        return Costly("which brought down the process that opened it, or took too long there")


def _limited(function: Callable[[_Task], _Result], task: _Task) -> _Result | Costly:
    _limit_computing()
    try:
        return function(task)
    except MemoryError:
        raise
    except BaseException as error:
        # The one place for this: here ends the process that a hostile file may do harm in. No list of families is
        # whole, since libraries have their own; and an error that cannot be packed, or unpacked again on the other
        # side, would stop all other files. Its name is all that is safe to send.
        return Costly(f"which could not be opened: {type(error).__name__}", is_failure=True)


def _limit_memory() -> None:
    """Limit the address space of this process, where the system knows such limits."""
    with contextlib.suppress(ImportError):
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_AS)
        limit = MAX_MEMORY_BYTES if most == resource.RLIM_INFINITY else min(MAX_MEMORY_BYTES, most)
        resource.setrlimit(resource.RLIMIT_AS, (limit, most))


def _limit_computing() -> None:
    """Let this process compute for one task's time from now on, where the system knows such limits."""
    with contextlib.suppress(ImportError):
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        _, most = resource.getrlimit(resource.RLIMIT_CPU)
        limit = int(used.ru_utime + used.ru_stime) + TASK_CPU_SECONDS
        resource.setrlimit(resource.RLIMIT_CPU, (limit if most == resource.RLIM_INFINITY else min(limit, most), most))


class _Process(SpawnProcess):
    """A process that begins without the program that asked for it.

    A new process usually runs the main script again, which takes its time, and goes wrong where that script does not
    guard its first line against it. Ours needs nothing of it.
    """

    @staticmethod
    def _Popen(process_obj: Any) -> Any:  # noqa: N802 - the name that Python gave it
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            return SpawnProcess._Popen(process_obj)
        finally:
            sys.modules["__main__"] = main


class FreshProcesses(SpawnContext):
    """Processes that begin afresh: a copy of this one would have its threads' locks and its memory."""

    Process = _Process
