"""The files of a run for people, and Parquet: each written from the spool, a learner at a time."""

from __future__ import annotations

from collections.abc import Callable, Container
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from ksbtrack.cohort.outputs import OUTPUTS
from ksbtrack.cohort.pace import PACE_MEANINGS
from ksbtrack.cohort.spool import verdicts
from ksbtrack.formats.cohort_parquet import write_cohort_parquet
from ksbtrack.formats.cohort_xlsx import write_cohort_xlsx
from ksbtrack.models.cohort import CohortRun

if TYPE_CHECKING:
    from ksbtrack.report.cohort_view import CohortView

Write = Callable[[BinaryIO, CohortRun, Path], None]
"""Writes one file: the file, the counts of the run, and the spool with the verdicts and faults."""
PAGE = "cohort.html"
"""The name of the page, which is written once more when there are reports to which it leads."""


RESULT_NAMES = (PAGE, "cohort.pdf", "cohort.xlsx", "cohort.parquet", *(name for name, _ in OUTPUTS))
"""What a run writes into its folder, besides the reports."""


def files_for_people(spool: Path) -> tuple[tuple[str, Write], ...]:
    """Give the names of the files with what writes each; the learners are counted once for all of them.

    Args:
        spool: as `write_spool` wrote it.
    """
    from ksbtrack.report.cohort_view import cohort_view

    view = cohort_view(verdicts(spool))
    return (
        (PAGE, partial(_write_page, view, None)),
        ("cohort.pdf", partial(_write_paper, view)),
        ("cohort.xlsx", partial(_write_xlsx, view)),
        ("cohort.parquet", _write_parquet),
    )


def page_with_reports(spool: Path, without: Container[str]) -> tuple[tuple[str, Write], ...]:
    """Give the page that leads to the readiness reports beside it.

    Args:
        spool: as `write_spool` wrote it.
        without: keys of learners who have no report.
    """
    from ksbtrack.report.cohort_view import cohort_view

    return ((PAGE, partial(_write_page, cohort_view(verdicts(spool)), without)),)


def _write_page(view: CohortView, without: Container[str] | None, file: BinaryIO, run: CohortRun, spool: Path) -> None:
    from ksbtrack.report.cohort_page import cohort_page

    for part in cohort_page(run, view, verdicts(spool), PACE_MEANINGS, without_report=without):
        file.write(part)


def _write_paper(view: CohortView, file: BinaryIO, run: CohortRun, _: Path) -> None:
    from ksbtrack.report.cohort_page import cohort_paper_html
    from ksbtrack.report.pdf import html_to_pdf

    file.write(html_to_pdf(cohort_paper_html(run, view, PACE_MEANINGS)))


def _write_xlsx(view: CohortView, file: BinaryIO, run: CohortRun, spool: Path) -> None:
    write_cohort_xlsx(
        file,
        run,
        verdicts(spool),
        requirements=view.requirements,
        obstacles=view.obstacles,
        fixes=view.fixes,
        meanings=PACE_MEANINGS,
    )


def _write_parquet(file: BinaryIO, run: CohortRun, spool: Path) -> None:
    write_cohort_parquet(file, run.on, verdicts(spool), run.assumed)
