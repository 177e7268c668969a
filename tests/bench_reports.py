"""What the readiness reports of a cohort cost: each against WeasyPrint alone, N processes against one, memory over 500.

`make bench` calls `few_reports`. The long measurement, a quarter of an hour, is a command of its own:

    python tests/bench_reports.py 500
"""

from __future__ import annotations

import gc
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from ksbtrack.analysis import analyse
from ksbtrack.cohort.judging import Cohort, cases_in, opened_cohort
from ksbtrack.cohort.lasting import lasting_workers
from ksbtrack.cohort.reports import CHUNK_SECONDS, ReportTask, begin_reports, made_reports, make_reports
from ksbtrack.models.cohort import CohortQuestion, LearnerCase
from ksbtrack.report.html import render_paper_html
from made_up_tables import write_tables
from synthetic import GATEWAY

PROCESSES = 2
PIECES = 60
QUESTION = CohortQuestion(on=GATEWAY)
_PAGE = 4096


def few_reports(place: Path, show: Callable[..., None], alone: Callable[[str], bytes], learners: int = 24) -> None:
    """Measure some reports in this process against WeasyPrint alone, and one process against two.

    Args:
        place: an empty folder.
        show: prints a row.
        alone: gives the PDF that WeasyPrint makes of the same HTML, with the same fonts.
        learners: reports of each measurement with processes.
    """
    tables = write_tables(place / "tables", learners, PIECES)
    with opened_cohort(tables, QUESTION) as cohort:
        ours, theirs = in_turn(cohort, place, alone)
        show("a learner's report in a worker, CPU, ratio to WeasyPrint alone", ours / theirs, "x", 1.10)
    one = reports_a_second(tables, place / "one", 1)
    two = reports_a_second(tables, place / "two", PROCESSES)
    show(f"reports of {PIECES} pieces, one process", one * 60, "/min")
    show(f"  {PROCESSES} processes, ratio to one, of {PROCESSES}: at least 0.85", two / one / PROCESSES, "x")
    again = reports_a_second(tables, place / "two", PROCESSES)
    show("  the same once more, nothing changed", again * 60, "/min")


def in_turn(cohort: Cohort, place: Path, alone: Callable[[str], bytes], runs: int = 7) -> tuple[float, float]:
    """Give the median CPU seconds of a report as a worker makes it, and of WeasyPrint alone on the same pages.

    The two take turns, so that both meet the same machine; WeasyPrint's own garbage is its own, as in a loop of its
    users: the collector runs as Python sets it.
    """
    begin_reports(QUESTION)
    ours, theirs = [], []
    for number, chunk in enumerate(cohort.chunks(1)):
        (learner,) = cases_in(chunk)
        assert isinstance(learner, LearnerCase)
        html = render_paper_html(analyse(learner.case))
        gc.collect()  # so that neither pays for what the other left
        begin = time.process_time()
        alone(html)
        middle = time.process_time()
        gc.collect()
        again = time.process_time()
        made = make_reports(ReportTask(chunk, str(place / "turns")))
        end = time.process_time()
        assert isinstance(made, list) and len(made) == 1, made
        if number:  # the first of each is not warm
            theirs.append(middle - begin)
            ours.append(end - again)
        if number == runs:
            break
    return statistics.median(ours), statistics.median(theirs)


def reports_a_second(tables: Path, output: Path, processes: int) -> float:
    """Give how many reports processes make in a second once they have begun."""
    with (
        lasting_workers(None, processes, seconds=CHUNK_SECONDS, begin=partial(begin_reports, QUESTION)) as workers,
        opened_cohort(tables, QUESTION) as cohort,
    ):
        assert workers.executor is not None
        # Each takes one process, so when all are done, all processes have begun.
        for slept in [workers.executor.submit(time.sleep, 1) for _ in range(processes)]:
            slept.result()
        begin = time.perf_counter()
        count = sum(1 for _ in made_reports(cohort, str(output), workers))
        return count / (time.perf_counter() - begin)


def long_run(learners: int) -> None:
    """Make many reports in processes, and print how much memory each process takes meanwhile."""
    with tempfile.TemporaryDirectory() as place:
        tables = write_tables(Path(place) / "tables", learners, PIECES)
        begin = time.perf_counter()
        with (
            lasting_workers(None, PROCESSES, seconds=CHUNK_SECONDS, begin=partial(begin_reports, QUESTION)) as workers,
            opened_cohort(tables, QUESTION) as cohort,
            watched_memory() as seen,
        ):
            for number, _ in enumerate(made_reports(cohort, place + "/out", workers), 1):
                if number % 50 == 0 or number == learners:
                    rate = number / (time.perf_counter() - begin) * 60
                    now = ", ".join(f"{megabytes:.0f}" for megabytes in sorted(seen[-1].values()))
                    most = max(max(each.values(), default=0) for each in seen)
                    sys.stdout.write(
                        f"{number:>5} reports, {rate:.0f} a minute; MB of each process: {now}; most: {most:.0f}\n"
                    )
                    sys.stdout.flush()


@contextmanager
def watched_memory(every: float = 1.0) -> Iterator[list[dict[int, float]]]:
    """Give a list that grows by the megabytes of each child process, by its number, every second."""
    seen: list[dict[int, float]] = [{}]
    done = threading.Event()

    def watch() -> None:
        while not done.wait(every):
            seen.append(dict(_children()))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        done.set()
        thread.join()


def _children() -> Iterator[tuple[int, float]]:
    """Yield the number and megabytes of each process that this one started."""
    mine = Path(f"/proc/self/task/{threading.main_thread().native_id}/children")
    for task in mine.parent.parent.glob("*/children"):
        for number in task.read_text().split():
            try:
                pages = int(Path(f"/proc/{number}/statm").read_text().split()[1])
            except FileNotFoundError:
                continue
            if pages:
                yield int(number), pages * _PAGE / 1024**2


if __name__ == "__main__":
    gc.set_threshold(1_000_000, 50, 50)
    long_run(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
