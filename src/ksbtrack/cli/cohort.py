"""The commands about many learners at once."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import CycloptsError, Parameter
from cyclopts.validators import Number

from ksbtrack.cli.options import QUESTION, RULE_BOOK, Assume, Json, Question, RuleBook
from ksbtrack.cli.printing import print_json, print_line, print_part
from ksbtrack.problems import quoted

if TYPE_CHECKING:
    from ksbtrack.cohort.changes import Judged
    from ksbtrack.cohort.judging import Cohort
    from ksbtrack.cohort.places import ResultPlace
    from ksbtrack.models.cohort import CohortQuestion, CohortRun

FINE = 0
HOLDS = 1
PROBLEMS = 2


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """What a pipeline wants of a run: an exit code that says something, and results in its own form."""

    fail_on: Annotated[
        Literal["overdue", "not_ready"] | None,
        Parameter(help="End with 1 if any learner is overdue and not found ready, or is not found ready."),
    ] = None
    junit: Annotated[Path | None, Parameter(metavar="FILE", help="JUnit XML to write: a test case a learner.")] = None
    sarif: Annotated[Path | None, Parameter(metavar="FILE", help="SARIF 2.1.0 to write, for code hosts.")] = None


PIPELINE = Pipeline()


def cohort(
    source: Annotated[
        Path, Parameter(metavar="SOURCE", help="Folder of portfolio folders, folder of tables, or workbook.")
    ],
    /,
    *,
    output: Annotated[
        str,
        Parameter(
            name=["-o", "--output"],
            metavar="FOLDER|ADDRESS",
            help="What takes the results: a folder, or a store such as s3://bucket/folder.",
        ),
    ],
    question: Question = QUESTION,
    pdf: Annotated[
        bool,
        Parameter(
            negative="", show_default=False, help="Write a readiness report of each learner into FOLDER/reports."
        ),
    ] = False,
    pipeline: Pipeline = PIPELINE,
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
        str | None, Parameter(metavar="EARLIER", help="Results of an earlier run, to say what changed and why.")
    ] = None,
    strict: Annotated[
        bool, Parameter(negative="", show_default=False, help="End with 2 if anything could not be read.")
    ] = False,
    assume: Assume = (),
    json: Json = False,
    rule_book: RuleBook = RULE_BOOK,
) -> int:
    """Say of every learner of a cohort what check says of one, and write the results into a folder.

    What cannot be read about one learner never stops the rest: it is counted, and failures.csv names its place. Ends
    with 0 when the results are written, whatever they are; --fail-on and --strict make 1 and 2 of what they name.
    """
    from ksbtrack.cohort.outputs import OUTPUTS, write_outputs
    from ksbtrack.cohort.places import opened_place
    from ksbtrack.cohort.result_files import files_for_people
    from ksbtrack.models.cohort import Condition

    _refuse_harm(source, output, since, pipeline)
    asked = _asked(question, rule_book, assume, is_elsewhere=scheduler is not None)
    earlier = None if since is None else _earlier(since)
    where = {"scheduler": scheduler, "jobs": jobs}
    with ExitStack() as stack:
        place = stack.enter_context(opened_place(output))
        spool = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ksbtrack-"))) / "outcomes.jsonl"
        run, opened = _run(stack, source, asked, spool, ilr=ilr, **where)
        run = _compared(run, asked, spool, earlier)
        written = place.send(write_outputs(place.folder, run, spool, (*files_for_people(spool), *OUTPUTS)))
        if pdf:
            run = _with_reports(run, opened, spool, place, **where)
            written += (place.named("reports"),)
        written += _write_for_pipelines(pipeline, run, spool)
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
    if strict and run.faults:
        return PROBLEMS
    return HOLDS if pipeline.fail_on and Condition(pipeline.fail_on).fails(run) else FINE


def _refuse_harm(source: Path, output: str, since: str | None, pipeline: Pipeline) -> None:
    """Refuse places where results would replace what they are made of, or be read as learners the next time."""
    from ksbtrack.cohort.result_files import RESULT_NAMES
    from ksbtrack.cohort.store_files import folder_at

    def refuse(place: object, why: str) -> None:
        raise CycloptsError(msg=f"{quoted(str(place))} {why}.", command_chain=("cohort",))

    if not output.strip() or (since is not None and not since.strip()):
        refuse("", "names no place, after -o or --since")
    cohort, folder = source.resolve(), folder_at(output)
    if folder is not None:
        folder = folder.resolve()
        if folder == cohort:
            refuse(output, "is the cohort itself: its results would be read as learners the next time")
        if (folder / "portfolio.yaml").exists():
            refuse(output, "is the folder of a learner")
        if cohort in [folder / name for name in RESULT_NAMES]:
            refuse(output, f"would have its {source.name} replaced by the results, and that is the cohort")
    for path in (pipeline.junit, pipeline.sarif):
        if path and cohort in (path.resolve(), path.resolve().parent):
            refuse(path, "is the cohort, or a file in its folder")


def _asked(question: Question, rule_book: RuleBook, assume: Sequence[str], *, is_elsewhere: bool) -> CohortQuestion:
    """Give what is asked; paths as they were named, or whole where other machines are to find them."""
    from ksbtrack.models.cohort import CohortQuestion
    from ksbtrack.planning.assumptions import read_assumptions

    def named(path: Path) -> str:
        return str(path.resolve() if is_elsewhere else path)

    return CohortQuestion(
        on=question.on or date.today(),  # noqa: DTZ011 - the day on the calendar of whoever asks
        standard=question.standard,
        folders=tuple(map(named, rule_book.standards)),
        overlays=tuple(map(named, rule_book.overlay)),
        policy=None if rule_book.policy is None else named(rule_book.policy),
        assume=tuple(assumed.words for assumed in read_assumptions(assume)),
    )


def _run(
    stack: ExitStack,
    source: Path,
    question: CohortQuestion,
    spool: Path,
    *,
    ilr: Path | None,
    **where: Any,
) -> tuple[CohortRun, Cohort]:
    """Judge everyone into a spool, and give the cohort too, which stays open as long as the stack."""
    from ksbtrack.cohort.executors import opened_workers
    from ksbtrack.cohort.judging import judged, make_ready, opened_cohort
    from ksbtrack.cohort.spool import write_spool

    with opened_workers(**where) as workers:
        make_ready(workers, question)
        opened = stack.enter_context(opened_cohort(source, question, returned=ilr))
        outcomes = judged(opened, workers)
        run = write_spool(spool, outcomes, opened.source, question.on, opened.notes, assumed=question.assume)
        return run, opened


def _with_reports(run: CohortRun, opened: Cohort, spool: Path, place: ResultPlace, **where: Any) -> CohortRun:
    """Write the readiness reports, and the page once more with its links; give the run with what failed."""
    from ksbtrack.cohort.lasting import lasting_workers
    from ksbtrack.cohort.outputs import OUTPUTS, write_outputs
    from ksbtrack.cohort.reports import CHUNK_SECONDS, begin_reports, made_reports, withdraw_reports
    from ksbtrack.cohort.result_files import page_with_reports
    from ksbtrack.cohort.spool import add_faults, faults
    from ksbtrack.models.cohort import Fault
    from ksbtrack.terminal.progress import progress_bar

    failed: list[Fault] = []
    question = opened.question
    with (
        lasting_workers(seconds=CHUNK_SECONDS, begin=partial(begin_reports, question), **where) as workers,
        progress_bar("Readiness reports", run.judged, sys.stderr) as advance,
    ):
        for report in made_reports(opened, place.address, workers):
            if isinstance(report, Fault):
                failed.append(report)
            advance()
    add_faults(spool, failed)
    withdraw_reports(place.address, {fault.learner for fault in faults(spool) if fault.learner})
    run = replace(run, faults=run.faults + len(failed))
    without = frozenset(fault.learner for fault in failed)
    place.send(
        write_outputs(place.folder, run, spool, (*page_with_reports(spool, without), *(OUTPUTS if failed else ())))
    )
    return run


def _write_for_pipelines(pipeline: Pipeline, run: CohortRun, spool: Path) -> tuple[str, ...]:
    """Write what pipelines read, and give the paths."""
    from ksbtrack.cohort.spool import faults, verdicts
    from ksbtrack.files.writing import replacing
    from ksbtrack.formats.cohort_sarif import cohort_sarif
    from ksbtrack.formats.junit import junit_xml
    from ksbtrack.models.cohort import Condition

    condition = Condition(pipeline.fail_on or Condition.NOT_READY)
    if pipeline.junit:
        with replacing(pipeline.junit) as file:
            file.writelines(junit_xml(run, verdicts(spool), faults(spool), condition))
    if pipeline.sarif:
        with replacing(pipeline.sarif) as file:
            file.writelines(cohort_sarif(run, verdicts(spool), faults(spool), Path.cwd(), condition))
    return tuple(path.as_posix() for path in (pipeline.junit, pipeline.sarif) if path)


def _earlier(since: str) -> Judged:
    """Read an earlier run before anything is written: its place may be that of this one."""
    from ksbtrack.cohort.changes import Judged
    from ksbtrack.cohort.places import earlier_results
    from ksbtrack.formats.cohort_reading import read_run

    with earlier_results(since) as path:
        earlier = read_run(path)
    return Judged(earlier.on, earlier.verdicts, earlier.marks, earlier.without)


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
