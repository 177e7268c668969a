"""Annexes A and B: which pieces show each statement and where, and the same the other way round."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from ksbtrack.models.analysis import Analysis, CompetencyVerdict, Finding, Status
from ksbtrack.models.case import MadeClaim
from ksbtrack.models.portfolio import Evidence
from ksbtrack.models.standard import Competency, Standard
from ksbtrack.models.values import in_words, listed
from ksbtrack.report.words import code_ranges
from ksbtrack.showcase.parts import PreparedFile
from ksbtrack.showcase.piece_pages import ClaimLine, PieceView, accepted_words, confirmed_codes
from ksbtrack.showcase.targets import Target, place_targets

UNKNOWN = "not known"


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """One claim of one piece in Annex A."""

    piece: str
    title: str
    targets: tuple[Target, ...]
    why: str
    kind: str
    made: str
    accepted: str
    status: Status


@dataclass(frozen=True, slots=True)
class StatementRows:
    """One statement in Annex A with the claims on it.

    Where none of the selected pieces claims it, `rows` is empty, and `elsewhere` names what the portfolio has for it.
    """

    code: str
    text: str
    method: str
    must_assess: str
    status: Status
    elsewhere: str
    rows: tuple[EvidenceRow, ...]

    @property
    def is_met_elsewhere(self) -> bool:
        """Say whether the portfolio has enough for it, of which nothing is in this showcase."""
        return not self.rows and self.status is Status.MET


@dataclass(frozen=True, slots=True)
class GroupRows:
    """The statements under one heading of the standard."""

    title: str
    statements: tuple[StatementRows, ...]


def matrix(
    analysis: Analysis, pieces: Sequence[Evidence], files: dict[str, list[PreparedFile]]
) -> tuple[GroupRows, ...]:
    """Give Annex A: every statement of the standard, with the selected pieces that claim it.

    Args:
        analysis: what `analyse` returned.
        pieces: the selected ones, in the order of the showcase.
        files: the prepared files of each piece, by its id.
    """
    verdicts = {verdict.code: verdict for verdict in analysis.competencies}
    day, faults = analysis.case.last_day, _faults(analysis)
    by_code: dict[str, list[MadeClaim]] = {}
    for piece in pieces:
        for made in analysis.case.claims_of.get(piece.id, ()):
            by_code.setdefault(made.competency.code, []).append(made)

    def statement_rows(statement: Competency) -> StatementRows:
        verdict = verdicts[statement.code]
        claims = by_code.get(statement.code, [])
        return StatementRows(
            code=statement.code,
            text=statement.text,
            method=_method(analysis.case.standard, statement.code),
            must_assess=_must_assess(analysis.case.standard, statement.code),
            status=verdict.status,
            elsewhere="" if claims or not verdict.pieces else listed(verdict.pieces),
            rows=tuple(_row(made, day, files.get(made.piece.id, []), _worth(made, verdict, faults)) for made in claims),
        )

    return tuple(
        GroupRows(group.title, tuple(statement_rows(statement) for statement in group.statements))
        for group in analysis.case.standard.groups
        if group.statements
    )


Faults = dict[str, list[Finding]]


def _faults(analysis: Analysis) -> Faults:
    """Give what decides against a claim, by the claim's subject."""
    by_subject: Faults = {}
    for found in analysis.findings:
        if found.decides:
            by_subject.setdefault(found.subject, []).append(found)
    return by_subject


def _row(made: MadeClaim, day: date, files: Sequence[PreparedFile], status: Status) -> EvidenceRow:
    piece = made.piece
    return EvidenceRow(
        piece=piece.id,
        title=piece.title,
        targets=tuple(place_targets(made.claim, piece, files)),
        why=made.claim.why or "",
        kind=piece.kind.words,
        made=in_words(piece.date),
        accepted=accepted_words(piece, day),
        status=status,
    )


def _worth(made: MadeClaim, verdict: CompetencyVerdict, faults: Faults) -> Status:
    """Say what one claim is worth: whether its piece counts for the statement, and if not, how far it is."""
    name = made.piece.id
    if name in verdict.to_check:
        return Status.CHECK_AGAIN
    if name in verdict.on_the_way:
        return Status.PARTLY_MET
    if name in verdict.pieces:
        # The piece counts by another place if this one has a fault.
        return next((found.status for found in faults.get(made.subject, ()) if not found.status.holds), Status.MET)
    return Status.NOT_NEEDED if verdict.status is Status.NOT_NEEDED else Status.NOT_MET


def _method(standard: Standard, code: str) -> str:
    if not standard.methods:
        return "none: the standard names no assessment method"
    known = ", ".join(method.title for method in standard.methods_of(code))
    if any(method.assesses is None for method in standard.methods):
        return f"{known}; others {UNKNOWN}" if known else UNKNOWN
    return known or "none"


def _must_assess(standard: Standard, code: str) -> str:
    """Say whether a method must assess a statement; a method whose statements are not all told leaves it open."""
    if not standard.methods:
        return "no"
    if any(code in method.must_assess for method in standard.methods):
        return "yes"
    is_told = all(method.assesses is not None and method.must_assess for method in standard.methods)
    return "no" if is_told else UNKNOWN


@dataclass(frozen=True, slots=True)
class PieceRows:
    """One piece in Annex B: what it shows and where, and which of that an assessor confirmed."""

    view: PieceView
    statements: tuple[ClaimLine, ...]
    confirmed: str


def by_piece(analysis: Analysis, views: Sequence[PieceView]) -> Iterator[PieceRows]:
    """Yield Annex B: each piece in the showcase's order, with what it claims in the standard's.

    Args:
        analysis: what `analyse` returned.
        views: the pages of the pieces.
    """
    order = [statement.code for statement in analysis.case.standard.competencies]
    for view in views:
        confirmed = confirmed_codes(analysis.case.claims_of.get(view.id, []))
        shown = sorted(view.claims, key=lambda claim: order.index(claim.code))
        yield PieceRows(view, tuple(shown), code_ranges(confirmed, order))
