"""The commands about many learners at once."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from ksbtrack.cli.options import QUESTION, RULE_BOOK, Json, Question, RuleBook
from ksbtrack.cli.printing import print_json, print_line, print_part

if TYPE_CHECKING:
    from ksbtrack.cohort.changes import Judged
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
    scheduler: Annotated[
        str | None, Parameter(metavar="ADDRESS", help="Dask scheduler that gives out the work: tcp://host:port.")
    ] = None,
    ilr: Annotated[
        Path | None,
        Parameter(metavar="FILE", help="Learner record return (ILR) that fills what tables leave empty."),
    ] = None,
    since: Annotated[
        Path | None, Parameter(metavar="EARLIER", help="Results of an earlier run, to say what changed and why.")
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
    earlier = _earlier(since) if since else None
    with tempfile.TemporaryDirectory(prefix="ksbtrack-") as place:
        spool = Path(place) / "outcomes.jsonl"
        run = _run(source, asked, spool, jobs=jobs, scheduler=scheduler, ilr=ilr)
        run = _compared(run, asked, spool, earlier)
        written = write_outputs(output, run, spool)
    if json:
        from ksbtrack.formats.cohort_json import run_as_dict

        print_json(run_as_dict(run))
    else:
        from ksbtrack.terminal.cohort import cohort_view

        print_part(cohort_view(run, written))
        if run.changes:
            from ksbtrack.terminal.changes import changes_view

            print_part(changes_view(run.changes))
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


def _run(
    source: Path, question: CohortQuestion, spool: Path, *, jobs: int | None, scheduler: str | None, ilr: Path | None
) -> CohortRun:
    """Judge everyone into a spool."""
    from ksbtrack.cohort.executors import opened_workers
    from ksbtrack.cohort.judging import judged, make_ready, opened_cohort
    from ksbtrack.cohort.spool import write_spool

    with opened_workers(scheduler, jobs) as workers:
        make_ready(workers, question)
        with opened_cohort(source, question, returned=ilr) as opened:
            return write_spool(spool, judged(opened, workers), opened.source, question.on, opened.notes)


def _earlier(since: Path) -> Judged:
    """Read an earlier run before anything is written: its place may be that of this one."""
    from ksbtrack.cohort.changes import Judged
    from ksbtrack.formats.cohort_reading import read_run

    earlier = read_run(since)
    return Judged(earlier.on, earlier.verdicts, earlier.marks)


def _compared(run: CohortRun, question: CohortQuestion, spool: Path, earlier: Judged | None) -> CohortRun:
    """Give the run with the rules by which it judged, and with what changed since an earlier one."""
    from ksbtrack.cohort.changes import Judged, cohort_changes
    from ksbtrack.cohort.rule_book import rule_book, rule_marks
    from ksbtrack.cohort.spool import faults, verdicts

    marks = rule_marks(question, run.standards)
    if earlier is None:
        return replace(run, rules=marks)
    without = {fault.learner for fault in faults(spool) if fault.learner}
    later = Judged(run.on, verdicts(spool), marks, without)
    return replace(run, rules=marks, changes=cohort_changes(earlier, later, rule_book(question).policy))


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
