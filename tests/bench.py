"""The benchmark: `make bench` prints each figure beside its limit. It is no test, since machines differ.

Absolute times depend on the machine. The ratios do not, or little: each compares two measurements of the same run.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import gc
import itertools
import json
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import timeit
from collections.abc import Callable
from pathlib import Path

import pikepdf
import yaml

from bench_reports import few_reports
from feed_records import long_record
from ksbtrack import analyse
from ksbtrack.linting.accounts import account_advice
from ksbtrack.load import load_case
from ksbtrack.models.case import Case
from ksbtrack.report.html import render_paper_html
from ksbtrack.report.outputs import pdf_report
from ksbtrack.submission.covering import smallest_cover
from made_up_plans import planning
from made_up_tables import write_tables
from synthetic import GATEWAY, write_portfolio

RUNS = 7
READY = Path(__file__).parents[1] / "docs/examples/ready"
EXAMPLES = [READY.with_name(name) for name in ("ready", "typical", "dorset")]
FEED_OF_2020 = Path(__file__).resolve().parents[2] / "shared/data/standards/ifate-2020-with-ksbs.json"
FEED_BYTES = 79_000_000
"""The size of the official feed in October 2026."""


def median_seconds(work: Callable[[], object], runs: int = RUNS) -> float:
    """Give the median time of some runs after one that is not counted."""
    work()
    times = []
    for _ in range(runs):
        gc.collect()
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def loop_seconds(work: Callable[[], object], turns: int = 100) -> float:
    """Give the median time of one turn of a loop, as `timeit` measures what takes a millisecond: warm, without pauses.

    Each turn gets a case of its own, so that nothing an earlier turn worked out is there to be found.
    """
    return statistics.median(timeit.repeat(work, number=turns, repeat=RUNS)) / turns


def process_seconds(*arguments: str) -> float:
    """Give the median time of a whole process of this Python."""
    return median_seconds(lambda: subprocess.run([sys.executable, *arguments], capture_output=True, check=False), 5)


def show(name: str, value: float, unit: str, limit: float | None = None) -> None:
    """Print one row: figure, unit, and whether it is within its limit."""
    verdict = "" if limit is None else f"limit {limit:g} {unit}  {'ok' if value <= limit else 'OVER'}"
    print(f"{name:<52} {value:>9.2f} {unit:<4} {verdict}")


def main() -> None:
    """Measure everything and print it."""
    with tempfile.TemporaryDirectory() as place:
        small = write_portfolio(Path(place) / "small", 60)
        case = load_case(small, GATEWAY)
        analysing = loop_seconds(lambda: analyse(dataclasses.replace(case)))
        loading = median_seconds(lambda: analyse(load_case(small, GATEWAY)))
        texts = [path.read_text() for path in sorted((small / "evidence").glob("*.md"))]
        parsing = median_seconds(lambda: [yaml.load(text.split("---")[1], yaml.CSafeLoader) for text in texts])
        show("analyse, 60 pieces, 180 claims, 27 statements", analysing * 1e3, "ms", 1)
        show("load + analyse in process", loading * 1e3, "ms", 60)
        show("  ratio to libyaml's own loader on the same pieces", loading / parsing, "x")
        show("import ksbtrack, whole process", process_seconds("-c", "import ksbtrack"), "s", 0.25)
        show("  bare Python, whole process", process_seconds("-c", "pass"), "s")
        check = ("-m", "ksbtrack", "check", str(small), "--on", GATEWAY.isoformat())
        show("ksbtrack check, whole process", process_seconds(*check), "s", 0.5)
        large = write_portfolio(Path(place) / "large", 600)
        big_case = load_case(large, GATEWAY)
        big = median_seconds(lambda: analyse(load_case(large, GATEWAY)), 5)
        big_analysing = loop_seconds(lambda: analyse(dataclasses.replace(big_case)), 10)
        show("600 pieces: load + analyse, ratio to 60", big / loading, "x", 12)
        show("600 pieces: analyse alone, ratio to 60", big_analysing / analysing, "x", 12)
        show("600 pieces: memory, ratio to 60 (whole process)", peak(large) / peak(small), "x", 5)
        showcases(Path(place))
        selecting()
        advising(case)
        importing(Path(place))
        cohorts(Path(place))
        planning(Path(place), show)
        few_reports(Path(place), show, weasyprint_alone)
        # Last, since WeasyPrint's objects in the same process would slow down what comes after.
        pages(small, place)


def showcases(place: Path) -> None:
    """Measure the showcase of 50 and of 500 pieces, each with a file of four pages, as a whole process."""
    measured = []
    for pieces in (50, 500):
        folder = write_portfolio(place / f"showcase{pieces}", pieces, pages=4)
        listed = ",".join(f"E{number:03}" for number in range(1, pieces + 1))
        arguments = [str(folder), "-o", str(place / "showcase.pdf"), "--on", GATEWAY.isoformat(), "--select", listed]
        measured.append(measured_process("showcase", *arguments))
    (seconds, megabytes), (more_seconds, more_megabytes) = measured
    show("showcase of 50 pieces, 50 files of 4 pages", seconds, "s", 12)
    show("  its peak memory", megabytes, "MB", 500)
    show("showcase of 500 pieces, time, ratio to 50", more_seconds / seconds, "x", 12)
    show("  memory, ratio to 50", more_megabytes / megabytes, "x", 12)


def measured_process(*arguments: str) -> tuple[float, float]:
    """Give the seconds and the megabytes of a whole command, its children among them; an exit of 2 or more fails."""
    code = (
        "import resource, subprocess, sys, time; begin = time.perf_counter(); "
        "done = subprocess.run([sys.executable, '-m', 'ksbtrack', *sys.argv[1:]], capture_output=True); "
        "assert done.returncode < 2, done.stderr; "
        "print(time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)"
    )
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, check=True, text=True)
    seconds, megabytes = (float(word) for word in done.stdout.split())
    return seconds, megabytes


def advising(case: Case) -> None:
    """Measure the advice on 60 accounts of 1,500 words: those of the examples, one after the other."""
    told = [piece.account for name in EXAMPLES for piece in load_case(name, GATEWAY).portfolio.evidence]
    words = itertools.cycle(" ".join(told).split(" "))
    accounts = [" ".join(itertools.islice(words, 1_500)) for _ in case.portfolio.evidence]
    assert len(accounts) == 60
    pieces = zip(case.portfolio.evidence, accounts, strict=True)
    evidence = tuple(piece.model_copy(update={"account": account}) for piece, account in pieces)
    portfolio = case.portfolio.model_copy(update={"evidence": evidence})
    seconds = median_seconds(lambda: account_advice(portfolio, [case.standard]), 5)
    show("advice on 60 accounts of 1,500 words", seconds, "s", 0.5)


def importing(place: Path) -> None:
    """Measure the import of a feed of 79 MB, and a look at all that it gave.

    The records are those of 2020 over and over where they are, else invented ones.
    """
    records = json.loads(FEED_OF_2020.read_text("utf-8")) if FEED_OF_2020.exists() else [long_record()]
    feed = place / "feed.json"
    with feed.open("w", encoding="utf-8") as file:
        file.write("[")
        for number in itertools.count():
            named = {"referenceNumber": f"ST{number:04}", "version": "1.0", "larsCode": number + 1}
            file.write(("," if number else "") + json.dumps(records[number % len(records)] | named))
            if file.tell() >= FEED_BYTES:
                break
        file.write("]")
    seconds, megabytes = measured_process("standards", "import", str(feed), "-o", str(place / "imported"))
    show("import of a feed of 79 MB", seconds, "s", 25)
    show("  its peak memory", megabytes, "MB", 300)
    seconds, megabytes = measured_process("standards", "lint", str(place / "imported"), "-o", str(place / "lint.txt"))
    show("looking at all its standards", seconds, "s", 30)
    show("  its peak memory", megabytes, "MB", 300)


def cohorts(place: Path, learners: int = 10_000) -> None:
    """Measure a cohort from tables to verdicts on two processes: 60 pieces and 180 claims a learner.

    Args:
        place: takes the tables.
        learners: how many; `python tests/bench.py cohorts 100000` asks for more.
    """
    for suffix, limit in ((".parquet", 12), (".csv", 20)):
        tables = write_tables(place / f"cohort{suffix}", learners, suffix=suffix)
        seconds, megabytes = cohort_run(tables, place / "verdicts")
        shutil.rmtree(tables)
        is_usual = learners == 10_000
        show(f"{learners:,} learners from {suffix[1:]} to verdicts", seconds, "s", limit if is_usual else None)
        show("  a thousand of them", seconds / learners * 1000, "s", limit / 10)
        show("  memory, all processes together", megabytes, "MB", 1024)


def cohort_run(tables: Path, spool: Path) -> tuple[float, float]:
    """Give the seconds of a run over a cohort in a process of its own, and the megabytes of it and its workers."""
    code = (
        "import datetime, pathlib, sys\n"
        "from ksbtrack.cohort.executors import opened_workers\n"
        "from ksbtrack.cohort.judging import judged, make_ready, opened_cohort\n"
        "from ksbtrack.cohort.spool import write_spool\n"
        "from ksbtrack.models.cohort import CohortQuestion\n"
        "if __name__ == '__main__':\n"
        "    asked = CohortQuestion(on=datetime.date(2024, 9, 20))\n"
        "    with opened_workers(jobs=2) as workers:\n"
        "        make_ready(workers, asked)\n"
        "        with opened_cohort(pathlib.Path(sys.argv[1]), asked) as cohort:\n"
        "            run = write_spool(pathlib.Path(sys.argv[2]), judged(cohort, workers), 'tables', asked.on)\n"
        "    assert run.judged == run.learners > 0, run\n"
    )
    begin = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-c", code, str(tables), str(spool)])
    most = 0.0
    while process.poll() is None:
        most = max(most, tree_megabytes(process.pid))
        time.sleep(0.2)
    assert process.returncode == 0
    return time.perf_counter() - begin, most


def tree_megabytes(root: int) -> float:
    """Give the memory of a process and all that it started, without counting twice what they share (Linux)."""
    parents: dict[int, int] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = path.read_text().rpartition(")")[2].split()
            parents[int(path.parent.name)] = int(fields[1])
    family = {root}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    kilobytes = 0
    for member in family:
        with contextlib.suppress(OSError):
            rollup = Path(f"/proc/{member}/smaps_rollup").read_text()
            kilobytes += int(next(line for line in rollup.splitlines() if line.startswith("Pss:")).split()[1])
    return kilobytes / 1024


def selecting() -> None:
    """Measure the smallest selection of 60 pieces for 150 statements that each piece shows at random."""
    for share in (0.05, 0.1, 0.2, 0.3):
        drawn = random.Random(1)
        rows = [
            frozenset(piece for piece in range(60) if drawn.random() < share) or frozenset({drawn.randrange(60)})
            for _ in range(150)
        ]
        seconds = median_seconds(functools.partial(smallest_cover, rows), 3)
        show(f"selection, 60 x 150, a piece shows {share:.0%} at random", seconds, "s", 1)


def peak(folder: Path) -> float:
    """Give the peak memory of `ksbtrack check` as a whole process. Unit: megabytes."""
    code = (
        "import resource, subprocess, sys; "
        "command = [sys.executable, '-m', 'ksbtrack', 'check', sys.argv[1], '--on', '2024-09-20']; "
        "subprocess.run(command, capture_output=True); "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, check=True, text=True)
    return int(done.stdout) / 1024


def pages(folder: Path, place: str) -> None:
    """Measure the readiness report: against WeasyPrint alone on the same HTML, and as a whole process."""
    analysis = analyse(load_case(folder, GATEWAY))
    html = render_paper_html(analysis)
    ours = median_seconds(lambda: pdf_report(analysis), 5)
    alone = median_seconds(lambda: weasyprint_alone(html), 5)
    show("readiness report, ratio to WeasyPrint alone", ours / alone, "x", 1.10)
    middling = write_portfolio(Path(place) / "middling", 20)
    for name, source in (("60 pieces", folder), ("20 pieces", middling), ("docs/examples/ready", READY)):
        output = Path(place) / "report.pdf"
        arguments = [str(source), "-o", str(output), "--on", GATEWAY.isoformat()]
        seconds = process_seconds("-m", "ksbtrack", "report", *arguments)
        with pikepdf.open(output) as pdf:
            count = len(pdf.pages)
        limit = 1.6 if count <= 10 else None
        show(f"readiness report of {name}, {count} pages", seconds, "s", limit)


def weasyprint_alone(html: str) -> bytes:
    """Give the PDF that WeasyPrint makes of the same HTML with the same fonts, and nothing of ours around it."""
    # Imported here: its objects in memory would slow down what is measured before.
    import weasyprint

    from ksbtrack.report.pdf import _shipped_only, font_css

    fonts = weasyprint.text.fonts.FontConfiguration()
    fetcher = _shipped_only(weasyprint)
    faces = weasyprint.CSS(string=font_css(), base_url="ksb:", url_fetcher=fetcher, font_config=fonts)
    document = weasyprint.HTML(string=html, base_url="ksb:", url_fetcher=fetcher)
    content: bytes = document.write_pdf(pdf_variant="pdf/a-3a", font_config=fonts, stylesheets=[faces])
    return content


if __name__ == "__main__":
    print(f"Python {sys.version.split()[0]}, {resource.getpagesize()} bytes a memory page")
    if sys.argv[1:2] == ["cohorts"]:
        with tempfile.TemporaryDirectory() as tables:
            cohorts(Path(tables), int(sys.argv[2]))
    else:
        main()
