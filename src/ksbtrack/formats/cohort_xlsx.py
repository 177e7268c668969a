"""A cohort as a workbook: learners, their requirements as a grid, what stands in the way, what the words mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from importlib.metadata import version
from typing import BinaryIO

from ksbtrack.formats.record_sheets import Cell, CellForm, RecordColumn, RecordSheet, Row, write_workbook
from ksbtrack.models.analysis import Decision, Status
from ksbtrack.models.cohort import CohortRun, Fix, LearnerVerdict, Obstacle, PaceStatus
from ksbtrack.models.values import in_words
from ksbtrack.problems import several

NOT_ASKED = "–"
"""Stands where a learner's standard has no such requirement."""

_GREEN, _AMBER, _RED, _GREY = (
    ("E7F3EB", "1B7340"),
    ("FCF1DF", "8A4B00"),
    ("FBEBE9", "B3261E"),
    ("EEF1F3", "4D5862"),
)
"""Background and letters; each pair has a contrast of at least 4.5 to 1, and every cell says its word."""
_DECISIONS = {
    Decision.READY.words: _GREEN,
    Decision.NOT_READY.words: _RED,
    Decision.CANNOT_TELL.words: _GREY,
}
_PACES = {
    PaceStatus.ON_TRACK.words: _GREEN,
    PaceStatus.BEHIND.words: _AMBER,
    PaceStatus.AT_RISK.words: _RED,
    PaceStatus.CANNOT_TELL.words: _GREY,
}
_STATUSES = {
    Status.MET.words: _GREEN,
    Status.PARTLY_MET.words: _AMBER,
    Status.NOT_MET.words: _RED,
    Status.UNKNOWN.words: _GREY,
    Status.CHECK_AGAIN.words: _AMBER,
}
_STEPS = 3
"""Next steps that a learner's row has."""


def write_cohort_xlsx(
    file: BinaryIO,
    run: CohortRun,
    verdicts: Iterable[LearnerVerdict],
    *,
    requirements: Sequence[tuple[str, str]],
    obstacles: Sequence[Obstacle],
    fixes: Sequence[Fix],
    meanings: Sequence[tuple[PaceStatus, str]],
) -> None:
    """Write a cohort as a workbook.

    Args:
        file: takes it.
        run: the counts.
        verdicts: of all learners; gone through once.
        requirements: id and title of every requirement of any standard: the columns of the grid.
        obstacles: what stands in the way most often first.
        fixes: what would free somebody by itself, what frees most first.
        meanings: of the paces.

    Raises:
        KsbtrackError: `table-too-large`.
    """
    learners = RecordSheet(_sheet("Learners", run), _LEARNERS, fixed=2)
    columns = _grid_columns(title for _, title in requirements)
    grid = RecordSheet(_sheet("Requirements", run), columns, fixed=2, is_steep=True)
    write_workbook(
        file,
        (
            ((learners, grid), ((_learner(verdict, run.on), _grid_row(verdict, requirements)) for verdict in verdicts)),
            (
                (RecordSheet(_sheet("Obstacles", run), _OBSTACLES, has_filter=bool(obstacles)),),
                _alone(_obstacle_rows(obstacles, run)),
            ),
            (
                (RecordSheet(_sheet("One thing left", run), _FIXES, has_filter=bool(fixes)),),
                _alone((fix.text, fix.learners) for fix in fixes),
            ),
            ((RecordSheet(_sheet("About", run), _ABOUT, has_filter=False),), _alone(_about(run, meanings))),
        ),
        _sheet(f"Cohort on {in_words(run.on)}", run),
        "Who is ready for gateway, who is late, and why",
    )


def _sheet(name: str, run: CohortRun) -> str:
    """Give the name of a sheet, which says where the records are not all that counts."""
    return f"What if - {name}" if run.assumed else name


def _alone(rows: Iterable[Row]) -> Iterator[tuple[Row]]:
    return ((row,) for row in rows)


def _column(
    heading: str, width: int, form: CellForm = CellForm.TEXT, colours: dict[str, tuple[str, str]] | None = None
) -> RecordColumn:
    return RecordColumn(heading, width, form, colours=colours or {})


_LEARNERS = (
    _column("Reference", 14),
    RecordColumn("Learner", 26, is_bold=True),
    _column("ULN", 12),
    _column("Standard", 14),
    _column("Decision", 15, colours=_DECISIONS),
    _column("Reason", 48, CellForm.WRAPPED),
    _column("Pace", 12, colours=_PACES),
    _column("Statements met", 11, CellForm.NUMBER),
    _column("Statements not met", 11, CellForm.NUMBER),
    _column("Statements unknown", 11, CellForm.NUMBER),
    _column("Statements in all", 11, CellForm.NUMBER),
    _column("Expected by now", 11, CellForm.NUMBER),
    _column("Start", 13, CellForm.DAY),
    _column("Planned gateway", 13, CellForm.DAY),
    _column("Gateway", 13, CellForm.DAY),
    _column("Latest safe day", 13, CellForm.DAY),
    _column("Overdue", 9, CellForm.CENTRED),
    _column("Days overdue", 9, CellForm.NUMBER),
    _column("Pieces", 8, CellForm.NUMBER),
    _column("Pieces that count", 9, CellForm.NUMBER),
    _column("Steps left", 8, CellForm.NUMBER),
    *(_column(f"Next step {number}", 44, CellForm.WRAPPED) for number in range(1, _STEPS + 1)),
    _column("Assessor", 20),
    _column("Group", 16),
    _column("Employer", 22),
    _column("Provider", 22),
)
_OBSTACLES = (
    RecordColumn("Requirement", 50, is_bold=True),
    _column("In the way of", 14, CellForm.NUMBER),
    _column("The only one open for", 14, CellForm.NUMBER),
    _column("Learners judged", 14, CellForm.NUMBER),
)
_FIXES = (RecordColumn("The one thing", 60, is_bold=True), _column("All that is left for", 14, CellForm.NUMBER))
_ABOUT = (RecordColumn("What", 34, is_bold=True), _column("Value", 100, CellForm.WRAPPED))


def _learner(verdict: LearnerVerdict, on: date) -> Row:
    steps: list[Cell] = [step.text for step in verdict.next_steps[:_STEPS]]
    return (
        verdict.key,
        verdict.name,
        verdict.uln,
        verdict.standard,
        verdict.decision.words,
        verdict.reason,
        verdict.pace.status.words,
        verdict.statements_met,
        verdict.statements_not_met,
        verdict.statements_unknown,
        verdict.statements_of,
        verdict.pace.expected,
        verdict.start,
        verdict.planned_gateway,
        verdict.gateway,
        verdict.pace.latest_safe,
        "yes" if verdict.is_overdue else "no",
        (on - verdict.planned_gateway).days if verdict.is_overdue and verdict.planned_gateway else None,
        verdict.pieces,
        verdict.pieces_counting,
        verdict.steps_left,
        *(steps + [None] * (_STEPS - len(steps))),
        verdict.assessor,
        verdict.group,
        verdict.employer,
        verdict.provider,
    )


def _grid_columns(titles: Iterable[str]) -> tuple[RecordColumn, ...]:
    return (
        _column("Reference", 14),
        RecordColumn("Learner", 26, is_bold=True),
        _column("Standard", 14),
        _column("Decision", 15, colours=_DECISIONS),
        *(_column(title, 13, CellForm.CENTRED, _STATUSES) for title in titles),
    )


def _grid_row(verdict: LearnerVerdict, requirements: Iterable[tuple[str, str]]) -> Row:
    held = {(each.id, each.title): each.status.words for each in verdict.requirements}
    return (
        verdict.key,
        verdict.name,
        verdict.standard,
        verdict.decision.words,
        *(held.get(named, NOT_ASKED) for named in requirements),
    )


def _obstacle_rows(obstacles: Iterable[Obstacle], run: CohortRun) -> Iterator[Row]:
    for obstacle in obstacles:
        yield obstacle.title, obstacle.learners, obstacle.alone, run.judged


def _about(run: CohortRun, meanings: Sequence[tuple[PaceStatus, str]]) -> Iterator[Row]:
    yield "Source", run.source
    yield "Day asked about", in_words(run.on)
    for words, count in run.assumed.items():
        yield "What if, not the records", f"{words}: fits {several(count, 'learner')}"
    yield "Learners", run.learners
    yield "Learners with a decision", run.judged
    yield "Without one; failures.csv says why", run.not_judged
    yield from ((decision.words, count) for decision, count in run.decisions.items())
    yield "Overdue", run.overdue
    yield "Overdue and not found ready", run.overdue_not_ready
    yield from ((f"Pace: {pace.words} ({pace.colour})", count) for pace, count in run.paces.items())
    yield from ((f"{pace.words} means", meaning) for pace, meaning in meanings)
    yield from (("Note", note) for note in run.notes)
    yield NOT_ASKED, "In the grid: the learner's standard has no such requirement."
    yield (
        "Note",
        "This workbook shows what the records say against the rules. It predicts no grade and does not replace "
        "the employer's decision.",
    )
    yield "Made by", f"ksbtrack {version('ksbtrack')}"
