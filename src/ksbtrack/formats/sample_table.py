"""A sample for internal quality assurance as a table: a row for each piece, with all statuses of the day."""

from __future__ import annotations

from ksbtrack.formats.sheet_writing import Table, TableColumn
from ksbtrack.models.sampling import Pick, Sample

HEADINGS = (
    "No",
    "Learner",
    "Name",
    "Standard",
    "Piece",
    "Title",
    "Kind",
    "Assessor",
    "Decision",
    "Decided on",
    "Piece is",
    "Statements",
    "Learner is",
    "Reason",
    "As of",
    "Seed",
    "Drawn from",
    "Mark",
)


def sample_table(sample: Sample) -> Table:
    """Give the rows of a sample; day, seed and mark stand in each, so that no row loses them.

    Args:
        sample: what `draw_sample` returned.
    """
    rows = tuple(_row(number, pick, sample) for number, pick in enumerate(sample.picks, 1))
    return Table("Sample", tuple(TableColumn(heading, 16) for heading in HEADINGS), rows)


def _row(number: int, pick: Pick, sample: Sample) -> tuple[str, ...]:
    piece = pick.candidate
    return (
        str(number),
        piece.learner,
        piece.name,
        piece.standard,
        piece.piece,
        piece.title,
        piece.kind,
        piece.assessor,
        piece.decision,
        piece.decided_on.isoformat() if piece.decided_on else "",
        piece.status.words,
        ", ".join(f"{code}: {status.words}" for code, status in piece.statements.items()),
        piece.readiness.words,
        pick.reason,
        sample.on.isoformat(),
        str(sample.seed),
        str(sample.population),
        sample.mark,
    )
