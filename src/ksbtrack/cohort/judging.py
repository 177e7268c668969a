"""Verdicts on many learners, computed on any executor: in order, in bounded memory, one failure harming one learner.

    with opened_cohort(Path("tables"), CohortQuestion(on=day)) as cohort:
        for outcome in judged(cohort):
            ...                          # LearnerVerdict or Fault, in the order of the learners

A chunk of learners travels as a few words (`Chunk`); whoever works on it reads its rows or folders themselves. Other
work on the same learners (reports, samples) goes the same way: a function at the top of a module that takes a chunk,
goes through `cases_in(chunk)`, and is given to `in_order`.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from typing import TypeVar

from ksbtrack.models.cohort import Chunk

AHEAD = 2
"""Chunks in flight for each worker: one that it works on, and one that is ready when it is done."""

_Task = TypeVar("_Task")
_Result = TypeVar("_Result")


def in_order(
    executor: Executor | None, function: Callable[[_Task], _Result], tasks: Iterable[_Task], workers: int = 0
) -> Iterator[_Result]:
    """Yield what a function gives for each task, in their order, with few of them in flight.

    Args:
        executor: any; None computes here, one task after the other.
        function: at the top of a module, so that another process finds it.
        tasks: taken one by one as there is room.
        workers: how many the executor has; as many as the machine has cores if left out.
    """
    if executor is None:
        yield from map(function, tasks)
        return
    most = AHEAD * (workers or os.cpu_count() or 1)
    waiting: deque[Future[_Result]] = deque()
    try:
        for task in tasks:
            waiting.append(executor.submit(function, task))
            if len(waiting) >= most:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()


__all__ = ["AHEAD", "Chunk", "in_order"]
