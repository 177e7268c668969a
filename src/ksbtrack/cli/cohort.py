"""The commands about many learners at once."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from ksbtrack.cli.options import QUESTION, RULE_BOOK, Json, Question, RuleBook
from ksbtrack.cli.printing import print_json, print_line, print_part

if TYPE_CHECKING:
    from ksbtrack.models.cohort import CohortQuestion, CohortRun

FINE = 0
PROBLEMS = 2


def cohort(
    source: Annotated[
        Path, Parameter(metavar="SOURCE", help="Folder of portfolio folders, folder of tables, or workbook.")
    ],
    /,
    *,
    output: Annotated[
        Path, Parameter(name=["-o", "--output"], metavar="FOLDER", help="Folder that takes the results.")
    ],
    question: Question = QUESTION,
    jobs: Annotated[
        int | None,
        Parameter(metavar="N", validator=Number(gte=1, lte=256), help="Processes; one a core if left out."),
    ] = None,
    strict: Annotated[
        bool, Parameter(negative="", show_default=False, help="End with 2 if anything could not be read.")
    ] = False,
    json: Json = False,
    rule_book: RuleBook = RULE_BOOK,
) -> int:
    """Say of every learner of a cohort what check says of one, and write the results into a folder.

    What cannot be read about one learner never stops the rest: it is counted, and failures.csv names its place. Ends
    with 0 when the results are written, whatever they are.
    """
    from ksbtrack.cohort.outputs import write_outputs

    asked = _asked(question, rule_book)
    with tempfile.TemporaryDirectory(prefix="ksbtrack-") as place:
        spool = Path(place) / "outcomes.jsonl"
        run = _run(source, asked, spool, jobs)
        written = write_outputs(output, run, spool)
    if json:
        from ksbtrack.formats.cohort_json import run_as_dict

        print_json(run_as_dict(run))
    else:
        from ksbtrack.terminal.cohort import cohort_view

        print_part(cohort_view(run, written))
    sys.stdout.flush()
    return PROBLEMS if strict and run.faults else FINE


def _asked(question: Question, rule_book: RuleBook) -> CohortQuestion:
    from ksbtrack.models.cohort import CohortQuestion

    return CohortQuestion(
        on=question.on or date.today(),  # noqa: DTZ011 - the day on the calendar of whoever asks
        standard=question.standard,
        folders=tuple(map(str, rule_book.standards)),
        overlays=tuple(map(str, rule_book.overlay)),
        policy=None if rule_book.policy is None else str(rule_book.policy),
    )


def _run(source: Path, question: CohortQuestion, spool: Path, jobs: int | None) -> CohortRun:
    from ksbtrack.cohort.executors import opened_workers
    from ksbtrack.cohort.judging import judged, make_ready, opened_cohort
    from ksbtrack.cohort.spool import write_spool

    with opened_workers(jobs=jobs) as workers:
        make_ready(workers, question)
        with opened_cohort(source, question) as opened:
            return write_spool(spool, judged(opened, workers), opened.source, question.on, opened.notes)


def template(
    *,
    output: Annotated[
        Path,
        Parameter(
            name=["-o", "--output"],
            metavar="FOLDER|FILE.xlsx",
            help="Folder that takes a CSV file for each table, or a workbook.",
        ),
    ],
) -> int:
    """Write the tables of a cohort to begin with: every column, and the rows of an invented learner."""
    from ksbtrack.cohort.template import write_template

    for path in write_template(output):
        print_line(path.as_posix())
    return FINE


COHORT_COMMANDS: tuple[tuple[str, Callable[..., int], str], ...] = (
    ("template", template, "ksbtrack cohort template -o tables"),
)
"""Commands that stand after `ksbtrack cohort`."""
COHORT_EXAMPLE = "ksbtrack cohort tables -o results --on 2026-11-22"
