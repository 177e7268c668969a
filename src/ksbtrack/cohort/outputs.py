"""What a run over a cohort writes: files for people and programs, all of them or none."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from ksbtrack.cohort.spool import faults, verdicts
from ksbtrack.files.writing import cannot_write, replacing
from ksbtrack.formats.cohort_json import cohort_json
from ksbtrack.formats.sheet_writing import STARTS_A_FORMULA
from ksbtrack.models.cohort import CohortRun
from ksbtrack.problems import visible

Write = Callable[[BinaryIO, CohortRun, Path], None]
"""Writes one file: the file, the counts of the run, and the spool with the verdicts and faults."""
Output = tuple[str, Write]
"""The name of a file in the folder of the results, and what writes it."""

FAILURE_COLUMNS = ("learner", "file", "sheet", "row", "column", "code", "found", "expected", "fix")
"""The columns of failures.csv; docs/cohort.md says what each holds."""


def write_json(file: BinaryIO, run: CohortRun, spool: Path) -> None:
    """Write cohort.json."""
    for part in cohort_json(run, verdicts(spool), faults(spool)):
        file.write(part)


def write_failures(file: BinaryIO, _: CohortRun, spool: Path) -> None:
    """Write failures.csv: a line for everything that could not be read, the header alone where there is nothing.

    UTF-8 with its mark, as spreadsheets want it; no cell can be taken for a formula.
    """
    file.write("\ufeff".encode())
    for row in _failure_rows(spool):
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\r\n").writerow([_protected(visible(cell)) for cell in row])
        file.write(text.getvalue().encode())


def _protected(cell: str) -> str:
    return f"'{cell}" if STARTS_A_FORMULA.match(cell) else cell


def _failure_rows(spool: Path) -> Iterator[Sequence[str]]:
    yield FAILURE_COLUMNS
    for fault in faults(spool):
        problem = fault.problem
        row = str(problem.source.line or "")
        place = (fault.learner, problem.source.file, fault.sheet, row, fault.column)
        yield (*place, problem.code, problem.found, problem.expected, problem.fix)


OUTPUTS: tuple[Output, ...] = (("cohort.json", write_json), ("failures.csv", write_failures))
"""The files of every run."""


def write_outputs(folder: Path, run: CohortRun, spool: Path, outputs: Sequence[Output] = OUTPUTS) -> tuple[Path, ...]:
    """Write files of a run, and give their paths: they take their names once all of them are written.

    Args:
        folder: takes them; made if it is not there.
        run: the counts.
        spool: as `write_spool` wrote it.
        outputs: which files.

    Raises:
        KsbtrackError: `cannot-write`.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(folder, error) from error
    paths = tuple(folder / name for name, _ in outputs)
    with ExitStack() as stack:
        for path, (_, write) in zip(paths, outputs, strict=True):
            write(stack.enter_context(replacing(path)), run, spool)
    return paths
