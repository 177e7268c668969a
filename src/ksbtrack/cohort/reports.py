"""The readiness report of every learner of a cohort, made by workers that make many; what is made is not made again.

A report lies in a store under the mark of everything that decides its bytes, and has its name for people beside that.
So a run that was stopped goes on where it was, and of an unchanged learner the report of an earlier run is taken.
"""

from __future__ import annotations

import gc
import hashlib
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future
from concurrent.futures import TimeoutError as TooLong
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

from ksbtrack.analysis import analyse
from ksbtrack.cohort.executors import Workers
from ksbtrack.cohort.judging import AHEAD, MISTAKES, Cohort, cases_in
from ksbtrack.cohort.lasting import why_lost
from ksbtrack.cohort.rule_book import RuleBook, rule_book
from ksbtrack.cohort.store import Store, mark_of, open_store
from ksbtrack.models.cohort import Chunk, CohortQuestion, Fault, LearnerCase
from ksbtrack.models.standard import Standard
from ksbtrack.paths import shipped_folder
from ksbtrack.problems import KsbtrackError, Problem, Source
from ksbtrack.report.report_names import report_name

FOLDER = "reports"
"""The folder of the reports inside the results."""
REPORTS_OF_A_CHUNK = 4
"""Learners of a piece of work: some seconds, after which a stopped run begins again."""
REPORT_SECONDS = 600
"""Seconds of the clock for one report: one with 2,000 pieces takes a minute, on a busy machine some."""
CHUNK_SECONDS = REPORT_SECONDS * REPORTS_OF_A_CHUNK

_SHEETS = ("report", "fonts", "colour")
"""Folders of templates that decide a report's bytes."""
_EVERYBODYS = ("missing-library", "cannot-write")
"""Problems that the next report would have too."""


@dataclass(frozen=True, slots=True)
class ReportTask:
    """Some learners whose reports are wanted, and the address of the store that takes them."""

    chunk: Chunk
    store: str


@dataclass(frozen=True, slots=True)
class MadeReport:
    """A report that lies in the store under its name.

    Attributes:
        key: of the learner.
        name: inside the folder of the reports.
        is_new: it was made just now; False where it was there already.
    """

    key: str
    name: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """What stops the whole run, as a value: the store takes nothing more, say."""

    problems: tuple[Problem, ...]


Report = MadeReport | Fault


def begin_reports(question: CohortQuestion) -> None:
    """Make a process ready: libraries, fonts and rule book are there, and the garbage collector passes over them."""
    from ksbtrack.report.pdf import make_ready

    make_ready()
    rule_book(question)
    gc.collect()
    gc.freeze()


def make_reports(task: ReportTask) -> list[Report] | Refused:
    """Give what became of the reports of some learners; each lies in the store, or has a fault that says why not.

    A learner whose rows or folder could not be read has no report, and no fault here: judging told it.
    """
    store = open_store(task.store)
    book = rule_book(task.chunk.question)
    try:
        learners = [found for found in cases_in(task.chunk) if isinstance(found, LearnerCase)]
        return [_report(learner, book, store) for learner in learners]
    except KsbtrackError as error:
        return Refused(error.problems)


def _report(learner: LearnerCase, book: RuleBook, store: Store) -> Report:
    """Give a learner's report, from the store or made now; what the store refuses is raised."""
    name = report_name(learner.key)
    others = _other_standards(learner, book)
    mark = report_mark(learner, others, book)
    kept = store.find(mark)
    if kept is None:
        content = _drawn(learner, others)
        if isinstance(content, Fault):
            return content
        kept = store.keep(mark, content, ".pdf")
    store.publish(kept, f"{FOLDER}/{name}")
    return MadeReport(learner.key, name, kept.is_new)


def _drawn(learner: LearnerCase, others: Sequence[Standard]) -> bytes | Fault:
    """Give the bytes of a learner's report, the same as `ksbtrack report` writes, or why there are none."""
    from ksbtrack.report.outputs import pdf_report

    case = learner.case
    try:
        analysis = replace(analyse(case), others=tuple(analyse(replace(case, standard=other)) for other in others))
        return pdf_report(analysis)
    except KsbtrackError as error:
        if error.problems[0].code in _EVERYBODYS:
            raise
        return Fault(replace(error.problems[0], source=learner.source), learner.key)
    except MISTAKES as error:
        return Fault(_not_made(learner.source, f"{type(error).__name__} on the way to the pages"), learner.key)
    finally:
        # What a layout leaves are circles, 150,000 objects of them. Collected now, memory stays as it is, and it takes
        # less time than the collector takes when it comes by itself.
        gc.collect()


def _not_made(source: Source, found: str) -> Problem:
    return Problem(
        "render-failed",
        source,
        found,
        "every learner's report can be laid out; all others were made",
        "Run it again; if it fails again, send the rows or the folder of this learner, names taken out, with a bug "
        "report.",
    )


def _other_standards(learner: LearnerCase, book: RuleBook) -> tuple[Standard, ...]:
    """Give the other standards of a learner, with which a report shows the same question."""
    portfolio, asked = learner.case.portfolio, learner.case.standard.identity
    at = learner.source
    own = [] if portfolio.standard == asked else [book.standard(portfolio.standard, portfolio.option, at, at)]
    return (*own, *(book.further(name, at) for name in portfolio.also if name != asked))


def report_mark(learner: LearnerCase, others: Iterable[Standard], book: RuleBook) -> str:
    """Give the mark of everything that decides the bytes of a learner's report.

    Args:
        learner: who.
        others: the standards that it shows besides the one asked about.
        book: knows the marks of standards and of all that the policy says.
    """
    marks = [book.mark(standard) for standard in others]
    day = learner.case.on.isoformat()
    drawn_by = book.shown_policy_mark, program_files_mark()
    # The fingerprint has what they mean, and a report shows how they were spelled.
    assumed = (taken.words for taken in learner.case.assumptions)
    return mark_of("readiness report", learner.fingerprint, day, *drawn_by, *marks, *assumed)


@lru_cache(maxsize=1)
def program_files_mark() -> str:
    """Give the mark of this version, of the templates and of what draws."""
    files = sorted(path for name in _SHEETS for path in (shipped_folder("templates") / name).iterdir())
    seen = [hashlib.sha256(path.read_bytes()).hexdigest() for path in files if path.is_file()]
    return mark_of(version("ksbtrack"), version("weasyprint"), version("pikepdf"), *seen)


def made_reports(cohort: Cohort, place: str, workers: Workers) -> Iterator[Report]:
    """Yield what became of each learner's report, in the order of the learners.

    Args:
        cohort: as `opened_cohort` gave it.
        place: the folder or address of the store that takes the reports.
        workers: where the work runs, as `lasting_workers` gives them.

    Raises:
        KsbtrackError: whatever the store refuses, and what keeps every report from being made.
    """
    address = place if "://" in place else str(Path(place).resolve())
    tasks = (ReportTask(chunk, address) for chunk in cohort.chunks(REPORTS_OF_A_CHUNK))
    waiting: deque[tuple[ReportTask, Future[list[Report] | Refused]]] = deque()
    executor = workers.executor
    if executor is None:
        for task in tasks:
            yield from _told(make_reports(task))
        return
    try:
        for task in tasks:
            waiting.append((task, executor.submit(make_reports, task)))
            if len(waiting) > AHEAD * workers.count:
                yield from _settled(executor, *waiting.popleft())
        while waiting:
            yield from _settled(executor, *waiting.popleft())
    finally:
        for _, future in waiting:
            future.cancel()


def withdraw_reports(place: str, keys: Iterable[str]) -> None:
    """Take away the reports of learners who have none in this run: one of an earlier day would pass for today's.

    Args:
        place: as for `made_reports`.
        keys: of the learners.

    Raises:
        KsbtrackError: whatever the store refuses.
    """
    store = open_store(place)
    for key in keys:
        store.withdraw(f"{FOLDER}/{report_name(key)}")


def _settled(executor: Executor, task: ReportTask, future: Future[list[Report] | Refused]) -> Iterator[Report]:
    """Yield what a piece of work gave; where it was lost, ask for each of its learners alone."""
    try:
        yield from _told(future.result())
        return
    except (OSError, TooLong) as error:
        lost = why_lost(error)
        if lost is None:
            raise
    chunk = task.chunk
    if chunk.last - chunk.first > 1:
        for place in range(chunk.first, chunk.last):
            folders = chunk.folders[place - chunk.first :][:1]
            alone = replace(task, chunk=replace(chunk, first=place, last=place + 1, folders=folders))
            yield from _settled(executor, alone, executor.submit(make_reports, alone))
        return
    # Read here once more, for the name of the learner: judging read it here too, and it did no harm.
    for found in cases_in(chunk):
        if isinstance(found, LearnerCase):
            yield Fault(_not_made(found.source, f"a report that {lost}"), found.key)


def _told(done: list[Report] | Refused) -> list[Report]:
    if isinstance(done, Refused):
        raise KsbtrackError(*done.problems)
    return done
