"""The command that draws a sample for internal quality assurance."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import CycloptsError, Parameter
from cyclopts.validators import Number

from ksbtrack.cli.options import RULE_BOOK, Json, RuleBook, _several, read_day
from ksbtrack.cli.printing import print_json, print_line, print_message, print_part
from ksbtrack.problems import quoted, several

if TYPE_CHECKING:
    from ksbtrack.models.cohort import CohortQuestion, Fault
    from ksbtrack.models.sampling import Candidate, Sample

FINE = 0
NOT_ALL_COVERED = 1
PROBLEMS = 2
ENDINGS = (".csv", ".json")
MAX_SIZE = 100_000
"""Pieces of one sample: nobody looks at more."""


def sample(
    source: Annotated[
        Path, Parameter(metavar="SOURCE", help="Folder of portfolio folders, folder of tables, or workbook.")
    ],
    /,
    *,
    size: Annotated[int, Parameter(metavar="N", validator=Number(gte=1, lte=MAX_SIZE), help="Pieces to look at.")],
    seed: Annotated[int, Parameter(metavar="S", help="Any whole number; the same one draws the same sample.")],
    output: Annotated[
        Path | None,
        Parameter(name=["-o", "--output"], metavar="FILE", help="File to write; its name ends in .csv or .json."),
    ] = None,
    on: Annotated[
        date | None, Parameter(converter=read_day, metavar="DATE", help="Day asked about; today if left out.")
    ] = None,
    new_assessor: Annotated[tuple[str, ...], _several("NAME", "An assessor who counts as new")] = (),
    ilr: Annotated[Path | None, Parameter(metavar="FILE", help="Learner record return (ILR) to read too.")] = None,
    jobs: Annotated[
        int | None,
        Parameter(metavar="N", validator=Number(gte=1, lte=256), help="Processes; one a core if left out."),
    ] = None,
    scheduler: Annotated[
        str | None, Parameter(metavar="ADDRESS", help="Dask scheduler that gives out the work: tcp://host:port.")
    ] = None,
    strict: Annotated[
        bool, Parameter(negative="", show_default=False, help="End with 2 if anything could not be read.")
    ] = False,
    json: Json = False,
    rule_book: RuleBook = RULE_BOOK,
) -> int:
    """Draw a sample of assessors' decisions for internal quality assurance.

    It covers every assessor, every kind of evidence of a new one, every statement that one piece alone shows, every
    method and every kind; the rest is drawn by risk. Each piece has its reason. Ends with 0, or with 1 if N pieces are
    too few for all that.
    """
    from ksbtrack.cohort.sampling import draw_sample
    from ksbtrack.models.cohort import CohortQuestion

    if output is not None and output.suffix.casefold() not in ENDINGS:
        raise CycloptsError(
            msg=f"{quoted(output.name)} does not end in {' or '.join(ENDINGS)}.", command_chain=("sample",)
        )
    day = on or date.today()  # noqa: DTZ011 - the day on the calendar of whoever asks
    question = CohortQuestion(
        on=day,
        folders=tuple(map(str, rule_book.standards)),
        overlays=tuple(map(str, rule_book.overlay)),
        policy=None if rule_book.policy is None else str(rule_book.policy),
    )
    candidates, faults = _candidates(source, question, ilr, scheduler, jobs)
    drawn = draw_sample(candidates, size, seed, day, new_assessor)
    left_out = tuple(dict.fromkeys(fault.learner for fault in faults if fault.learner))
    _tell(drawn, left_out, output, json)
    if faults:
        _tell_faults(faults, left_out)
    if faults and strict:
        return PROBLEMS
    return NOT_ALL_COVERED if drawn.not_covered else FINE


def _candidates(
    source: Path, question: CohortQuestion, ilr: Path | None, scheduler: str | None, jobs: int | None
) -> tuple[list[Candidate], list[Fault]]:
    """Give the decided pieces of a cohort, and everything that could not be read."""
    from ksbtrack.cohort.candidates import candidates_in
    from ksbtrack.cohort.executors import opened_workers
    from ksbtrack.cohort.judging import CHUNK, in_order, opened_cohort
    from ksbtrack.models.cohort import Fault

    candidates: list[Candidate] = []
    faults: list[Fault] = []
    with opened_cohort(source, question, returned=ilr) as cohort:
        # A process takes longer to begin than a chunk takes here.
        few = scheduler is None and cohort.learners <= CHUNK
        with opened_workers(scheduler, 1 if few else jobs) as workers:
            for found in in_order(workers.executor, candidates_in, cohort.chunks(), workers.count):
                faults += (each for each in found if isinstance(each, Fault))
                candidates += (each for each in found if not isinstance(each, Fault))
        faults += cohort.faults()
    return candidates, faults


def _tell(drawn: Sample, left_out: tuple[str, ...], output: Path | None, as_json: bool) -> None:
    """Write the sample to its file, and print it or where it is."""
    from ksbtrack.files.writing import replace_file
    from ksbtrack.formats.analysis_json import as_json_text
    from ksbtrack.formats.sample_json import sample_as_dict

    if output is not None and output.suffix.casefold() == ".json":
        replace_file(output, as_json_text(sample_as_dict(drawn, left_out)).encode())
    elif output is not None:
        from ksbtrack.formats.sample_table import sample_table
        from ksbtrack.formats.sheet_writing import csv_bytes

        replace_file(output, csv_bytes(sample_table(drawn)))
    if as_json:
        print_json(sample_as_dict(drawn, left_out))
    elif output is None:
        from ksbtrack.terminal.sample import sample_view

        print_part(sample_view(drawn))
    else:
        missing = f" {several(len(drawn.not_covered), 'part')} not covered." if drawn.not_covered else ""
        print_line(
            f"{output.as_posix()}: {len(drawn.picks)} of {several(drawn.population, 'decision')} on pieces, "
            f"seed {drawn.seed}.{missing}"
        )
    sys.stdout.flush()


TOLD = 10
"""Faults that are printed one by one; of more it is said how many."""


def _tell_faults(faults: list[Fault], left_out: tuple[str, ...]) -> None:
    lines = [str(fault.problem) for fault in faults[:TOLD]]
    if len(faults) > TOLD:
        lines.append(f"{len(faults) - TOLD:,} more; ksbtrack cohort lists them all.")
    were = "was" if len(left_out) == 1 else "were"
    lines.append(f"{several(len(left_out), 'learner')} could not be read, and {were} not drawn from.")
    print_message("\n".join(lines) + "\n")


SAMPLING_COMMANDS: tuple[tuple[str, Callable[..., int], str], ...] = (
    ("sample", sample, "ksbtrack sample cohort-tables --size 24 --seed 2026 -o sample.json"),
)
"""The command with its name and an example for its help."""
