"""Made-up portfolios with much left to do, for the benchmark of plans; the same arguments give the same bytes."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from ksbtrack.analysis import analyse
from ksbtrack.load import load_case
from ksbtrack.planning.forecasts import forecast
from ksbtrack.planning.plans import make_plan

START = date(2023, 9, 4)
ON = date(2025, 1, 1)
HEAD = """reference: EX0009
version: 1.0
title: Example of many statements
kind: apprenticeship
attribution: Written for a benchmark; free to use.
sufficiency: {pieces_per_competency: PIECES, source: This file.}
groups:
  - prefix: K
    kind: knowledge
    title: Knowledge
    statements:
"""
TAIL = """requirements:
  - {id: statements, title: Every statement, rule: every_statement, source: This file.}
  - {id: hours, title: Off-the-job training, rule: off_the_job, source: This file.}
"""


def write_open_portfolio(
    folder: Path, *, needed: int, pieces: int = 60, statements: int = 150, duties: int = 60
) -> Path:
    """Give the folder after writing a portfolio of which most pieces wait for something.

    Args:
        folder: made if it is not there.
        needed: pieces for each statement.
        pieces: how many pieces; each claims six statements.
        statements: of its standard, which is written into `standards` beside it.
        duties: of the job; each shows four statements.
    """
    chance = random.Random(needed)
    codes = [f"K{number}" for number in range(1, statements + 1)]
    for name in ("evidence", "standards"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    rows = "".join(f"      - {{code: {code}, text: Know {code}.}}\n" for code in codes)
    (folder / "standards" / "EX0009-1.0.yaml").write_text(HEAD.replace("PIECES", str(needed)) + rows + TAIL, "utf-8")
    shown = [
        f"  - {{code: M{n}, text: Task {n}, shows: [{', '.join(chance.sample(codes, 4))}]}}" for n in range(duties)
    ]
    head = [
        "learner: {name: Example Learner, weekly_hours: 37}",
        "standard: EX0009@1.0",
        "invented: yes",
        f"dates: {{start: {START}, planned_gateway: 2025-06-20}}",
        "duties:",
        *shown,
    ]
    (folder / "portfolio.yaml").write_text("\n".join([*head, ""]), "utf-8")
    log = [f"{START + timedelta(days=7 * week)},{chance.randint(2, 9)},Training," for week in range(60)]
    (folder / "off-the-job.csv").write_text("\n".join(["date,hours,activity,codes", *log, ""]), "utf-8")
    for number in range(1, pieces + 1):
        state = chance.choice(["accepted", "submitted", "submitted", "referred"])
        made = START + timedelta(days=7 + number * 5 % 350)
        facts = [
            "---",
            f"id: E{number:03}",
            f"title: Session {number}",
            "kind: work_product",
            f"date: {made}",
            f"claims: [{', '.join(chance.sample(codes, 6))}]",
            f"acceptance: {{state: {state}, by: Example Assessor, on: {made + timedelta(days=chance.randint(5, 90))}}}",
            "---",
            "We met.",
            "",
        ]
        (folder / "evidence" / f"E{number:03}.md").write_text("\n".join(facts), "utf-8")
    return folder


def planning(place: Path, show: Callable[..., None]) -> None:
    """Measure plans and forecasts for 60 pieces and 150 statements; the first of each is not counted."""
    for needed in (1, 2):
        folder = write_open_portfolio(place / f"open{needed}", needed=needed)
        case = load_case(folder, ON, folders=[folder / "standards"])
        for most in (None, 5, 10, 20):
            name = f"plan, {needed} of each wanted, {'all' if most is None else f'at most {most}'} pieces"
            show(name, _seconds(partial(make_plan, case, most_pieces=most)), "s", 1 if needed == 1 else None)
        show("  its forecast", _seconds(partial(forecast, analyse(case))) * 1e3, "ms", 50)


def _seconds(work: Callable[[], object]) -> float:
    work()
    times = []
    for _ in range(5):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return statistics.median(times)
