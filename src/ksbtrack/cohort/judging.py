"""Verdicts on many learners, computed on any executor: in order, in bounded memory, one failure harming one learner.

    with opened_cohort(Path("tables"), CohortQuestion(on=day)) as cohort:
        for outcome in judged(cohort):
            ...                          # LearnerVerdict or Fault, in the order of the learners

A chunk of learners travels as a few words (`Chunk`); whoever works on it reads its rows or folders themselves. Other
work on the same learners (reports, samples) goes the same way: a function at the top of a module that takes a chunk,
goes through `cases_in(chunk)`, and is given to `in_order` with `cohort.chunks()`.
"""

from __future__ import annotations

import gc
import os
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from multiprocessing import parent_process
from pathlib import Path
from typing import TypeVar

from ksbtrack.analysis import analyse
from ksbtrack.cohort.cases import case_reader
from ksbtrack.cohort.executors import Workers
from ksbtrack.cohort.folders import folder_cases, learner_folders
from ksbtrack.cohort.headings import FROM_RETURN
from ksbtrack.cohort.return_tables import ReturnBeside
from ksbtrack.cohort.rule_book import rule_book
from ksbtrack.cohort.spool import Outcome
from ksbtrack.cohort.store import mark_of
from ksbtrack.cohort.table_cases import forget_tables, table_cases
from ksbtrack.cohort.table_files import has_tables
from ksbtrack.cohort.tables import SortedTables, sort_tables
from ksbtrack.cohort.verdicts import verdict_of
from ksbtrack.models.cohort import Chunk, CohortQuestion, Fault, LearnerCase, LearnerVerdict
from ksbtrack.planning.assumption_forms import Assumed
from ksbtrack.planning.assumption_meanings import in_one_order, meaning_of
from ksbtrack.planning.assumptions import assuming_what_fits, read_assumptions
from ksbtrack.problems import KsbtrackError, Problem, Source

AHEAD = 2
"""Chunks in flight for each worker: one that it works on, and one that is ready when it is done."""
CHUNK = 100
"""Learners of a chunk: a fifth of a second of work, a megabyte of verdicts on their way."""
MISTAKES = (ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What a mistake of this program shows itself as: it must cost one learner's verdict or report, not everybody's."""

_Task = TypeVar("_Task")
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Cohort:
    """An opened cohort.

    Attributes:
        question: what is asked of each learner.
        source: as the user named it, for messages.
        learners: how many there are; they are numbered from 0.
        place: the file of sorted tables, or the folder of portfolio folders.
        folders: names of the portfolio folders; nothing where learners come from tables.
        tables: the sorted tables; None where learners have folders.
        beside: a learner record return that was read too; None if there is none.
    """

    question: CohortQuestion
    source: str
    learners: int
    place: str
    folders: tuple[str, ...] = ()
    tables: SortedTables | None = None
    beside: ReturnBeside | None = None

    @property
    def notes(self) -> tuple[str, ...]:
        """Give what was not taken as it stood, as sentences."""
        return (*(self.tables.notes if self.tables else ()), *(self.beside.notes() if self.beside else ()))

    def chunks(self, size: int = CHUNK, only: frozenset[str] | None = None) -> Iterator[Chunk]:
        """Yield the cohort in pieces of work, in the order of the learners.

        Args:
            size: learners of a chunk.
            only: keys of the learners that are wanted; None for all.
        """
        files = dict(self.tables.files) if self.tables else {}
        for first in range(0, self.learners, size):
            last = min(first + size, self.learners)
            yield Chunk(
                question=self.question,
                place=self.place,
                shown=self.source,
                first=first,
                last=last,
                folders=self.folders[first:last],
                files=files,
                only=only,
            )

    def faults(self) -> Iterator[Fault]:
        """Yield what belongs to no single learner's rows: rows that are none, rows of nobody in the cohort."""
        if self.tables:
            yield from self.tables.faults()
        if self.beside:
            yield from self.beside.faults()


@contextmanager
def opened_cohort(
    source: Path, question: CohortQuestion, work: Path | None = None, returned: Path | None = None
) -> Iterator[Cohort]:
    """Give a cohort, read as far as it takes to go through its learners one by one.

    Args:
        source: a folder of portfolio folders, a folder of tables, or a workbook.
        question: what is asked of each learner.
        work: an empty folder for sorted tables, which every worker can reach; a temporary one if left out.
        returned: a learner record return (ILR), which fills what tables leave empty; None if there is none.

    Yields:
        The cohort; its sorted tables are gone afterwards.

    Raises:
        KsbtrackError: `no-learners`, any fault of the rule book or of what is assumed, and those of `sort_tables` and
            `read_return`.
    """
    rule_book(question)
    read_assumptions(question.assume)
    shown = source.as_posix()
    beside = ReturnBeside(returned, question.folders) if returned else None
    if not has_tables(source):
        folders = tuple(learner_folders(source))
        yield Cohort(question, shown, len(folders), str(source.resolve()), folders, beside=beside)
        return
    with tempfile.TemporaryDirectory(prefix="ksbtrack-", dir=work) as place:
        tables = sort_tables(source, Path(place), filled=FROM_RETURN if beside else frozenset())
        if not tables.learners and not any(tables.faults()):
            raise KsbtrackError(_no_rows(shown))
        if beside:
            beside.fill(tables)
        try:
            yield Cohort(question, shown, tables.learners, str(tables.place), tables=tables, beside=beside)
        finally:
            forget_tables(str(tables.place))


def _no_rows(shown: str) -> Problem:
    return Problem(
        "no-learners",
        Source(shown),
        "a table of learners without a row",
        "a cohort has at least one learner; an export that failed has none",
        "Export the learners again.",
    )


def cases_in(chunk: Chunk) -> Iterator[LearnerCase | Fault]:
    """Yield the case of each learner of a chunk in their order, or everything that keeps it from being one.

    With what the question assumes, for whom it fits.
    """
    found = folder_cases(chunk) if chunk.folders else table_cases(chunk)
    assumed = read_assumptions(in_one_order(chunk.question.assume))
    return (_assuming(each, assumed) for each in found) if assumed else found


def _assuming(learner: LearnerCase | Fault, assumed: Sequence[Assumed]) -> LearnerCase | Fault:
    if isinstance(learner, Fault):
        return learner
    case = assuming_what_fits(learner.case, assumed)
    if not case.assumptions:
        return learner
    mark = mark_of(learner.fingerprint, *(meaning_of(taken.words) for taken in case.assumptions))
    return replace(learner, case=case, fingerprint=mark[: len(learner.fingerprint)])


def judge(chunk: Chunk) -> list[Outcome]:
    """Give the verdicts and faults of a chunk's learners, in their order: the same as `ksbtrack check` gives."""
    if parent_process() is not None:
        _search_less()
    outcomes: list[Outcome] = []
    for found in cases_in(chunk):
        if isinstance(found, Fault):
            outcomes.append(found)
            continue
        try:
            outcomes.append(verdict_of(found, analyse(found.case, warnings=False)))
        except MISTAKES as error:
            outcomes.append(Fault(_not_judged(found, error), found.key))
    return outcomes


@lru_cache(maxsize=1)
def _search_less() -> None:
    """Have a process of ours give memory back in larger steps: what a learner takes is free without being searched."""
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def _not_judged(learner: LearnerCase, error: Exception) -> Problem:
    return Problem(
        "not-judged",
        learner.source,
        f"a learner on whom the rules fail ({type(error).__name__})",
        "this is a mistake of the program, and nothing was decided",
        "Please report it with the rows or the folder of this learner, names taken out.",
    )


def judged(cohort: Cohort, workers: Workers | None = None) -> Iterator[Outcome]:
    """Yield a verdict on each learner, or everything that keeps it from being one; then what belongs to no learner.

    Args:
        cohort: as `opened_cohort` gave it.
        workers: where the work runs, as `opened_workers` gives them; this process if left out.
    """
    executor, count = (workers.executor, workers.count) if workers else (None, 1)
    if cohort.learners <= CHUNK:
        executor = None
    for outcomes in in_order(executor, judge, cohort.chunks(), count):
        yield from outcomes
        if cohort.beside and not cohort.tables:
            cohort.beside.compare(outcome for outcome in outcomes if isinstance(outcome, LearnerVerdict))
    yield from cohort.faults()


def begin_work(question: CohortQuestion) -> None:
    """Make a process ready for work on a question: libraries and rule book are there when the first chunk comes."""
    case_reader(question)


def make_ready(workers: Workers, question: CohortQuestion) -> None:
    """Have the workers begin while this process reads tables; nothing waits for them."""
    if workers.executor is not None:
        for _ in range(workers.count):
            workers.executor.submit(begin_work, question)


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
