"""The plan: for each gap the best next step, where in the job it can arise, and what else it would help."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from ksbtrack.models.analysis import Action, Analysis, CompetencyVerdict, Remedy, Status
from ksbtrack.models.portfolio import AcceptanceState
from ksbtrack.models.standard import Competency, CompetencyKind, Standard
from ksbtrack.models.values import in_words
from ksbtrack.report.markdown import safe_html
from ksbtrack.report.words import EFFORTS, Vocabulary, advised, shortened

COMMENT_LENGTH = 1200
"""Characters of an assessor's comment that the report quotes; the piece itself holds the whole."""
PLACE_LENGTH = 150
"""Characters of a duty or statement that says where in the job a gap can be closed."""

_DONE_IN_WORK = frozenset({CompetencyKind.SKILL, CompetencyKind.DUTY})


@dataclass(frozen=True, slots=True)
class GapRow:
    """One statement that is not yet shown, and what to do about it."""

    code: str
    status: Status
    next: str
    owner: str
    effort: str
    place: str
    also_helps: str


@dataclass(frozen=True, slots=True)
class Comment:
    """What an assessor wrote when a piece was referred back."""

    piece: str
    title: str
    by: str
    html: Markup


def gap_rows(analysis: Analysis, words: Vocabulary) -> tuple[GapRow, ...]:
    """Give each statement that decides and is not met, in the standard's order, with its best next step."""
    is_open = [verdict for verdict in analysis.competencies if not verdict.status.holds and not verdict.is_desirable]
    return tuple(_gap(analysis, verdict, is_open, words) for verdict in is_open)


def _gap(analysis: Analysis, verdict: CompetencyVerdict, is_open: list[CompetencyVerdict], words: Vocabulary) -> GapRow:
    standard = analysis.case.standard
    best = verdict.remedies[0] if verdict.remedies else None
    return GapRow(
        code=verdict.code,
        status=verdict.status,
        next=advised(best.text, words) if best else "Nothing can be done about this from here.",
        owner=advised(best.owner, words).rstrip(".") if best else "",
        effort=EFFORTS[best.effort] if best else "",
        place=_place(standard, standard.by_code[verdict.code]),
        also_helps=", ".join(_also_helped(analysis, verdict, best, is_open)),
    )


def _place(standard: Standard, statement: Competency) -> str:
    """Say where in the job a statement can be shown, as far as the standard itself says so."""
    for duty in standard.duties:
        if statement.code in duty.competencies:
            return f"{duty.code}: {shortened(duty.text, PLACE_LENGTH)}"
    pair = standard.by_code.get(statement.pairs_with or "")
    for found in (statement, pair):
        if found and found.kind in _DONE_IN_WORK:
            name = "This work itself" if found is statement else f"With its pair {found.code}"
            return f"{name}: {shortened(found.text, PLACE_LENGTH)}"
    return "The standard ties it to no single task."


def _also_helped(
    analysis: Analysis, verdict: CompetencyVerdict, best: Remedy | None, is_open: list[CompetencyVerdict]
) -> list[str]:
    """Give the other open statements that the same step would help.

    A step on a piece that is there helps whatever else waits for that piece; a new piece can be planned to show the
    statement's pair as well.
    """
    if best is None:
        return []
    pieces = {subject.partition(":")[0] for subject in best.subject.split()}
    pair = analysis.case.standard.by_code[verdict.code].pairs_with
    helped = []
    for other in is_open:
        waits = pieces.intersection((*other.on_the_way, *other.to_check))
        is_pair = best.action is Action.ADD_PIECE and other.code == pair
        if other.code != verdict.code and (waits or is_pair):
            helped.append(other.code)
    return helped


def assessor_comments(analysis: Analysis) -> tuple[Comment, ...]:
    """Give what assessors wrote about the pieces that they had referred back by the day, in the portfolio's order."""
    return tuple(
        Comment(
            piece.id,
            piece.title,
            _signed(piece.acceptance.by, piece.acceptance.role)
            + (f", {in_words(piece.acceptance.on)}" if piece.acceptance.on else ""),
            safe_html(shortened(piece.acceptance.comment, COMMENT_LENGTH)),
        )
        for piece in analysis.case.portfolio.evidence
        if piece.acceptance.state is AcceptanceState.REFERRED
        and piece.acceptance.comment
        and (piece.acceptance.on is None or piece.acceptance.on <= analysis.case.on)
    )


def _signed(name: str | None, role: str | None) -> str:
    return ", ".join(filter(None, (name, role))) or "An assessor"
