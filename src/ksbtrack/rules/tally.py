"""The pieces behind each statement, sorted by what they are worth, after the rules about pieces were applied."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ksbtrack.models.analysis import Finding, Status
from ksbtrack.models.case import Case
from ksbtrack.models.portfolio import Evidence

Pieces = tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """The pieces behind each statement, by code, in the portfolio's order; each piece is in one pile.

    Attributes:
        counting: pieces that count.
        to_check: pieces that would count if nothing came of a second look.
        on_the_way: pieces that would count, at least after a second look, if an assessor accepted or confirmed them.
        not_counting: the other pieces that claim the statement.
        faults: what the rules about pieces found, by subject: a piece, or a claim of it.
        subjects: the subjects of the claims that have a fault, by piece and code.
    """

    counting: Mapping[str, Pieces]
    to_check: Mapping[str, Pieces]
    on_the_way: Mapping[str, Pieces]
    not_counting: Mapping[str, Pieces]
    faults: Mapping[str, tuple[Finding, ...]]
    subjects: Mapping[tuple[str, str], list[str]]

    def faults_of(self, piece: Evidence, code: str) -> Iterator[Finding]:
        """Yield what keeps a piece from counting for a statement."""
        yield from self.faults.get(piece.id, ())
        for subject in self.subjects.get((piece.id, code), ()):
            yield from self.faults.get(subject, ())


_PILE = {
    Status.MET: 0,
    Status.NOT_NEEDED: 0,
    Status.CHECK_AGAIN: 1,
    Status.UNKNOWN: 1,
    Status.PARTLY_MET: 2,
    Status.NOT_MET: 3,
}


def tally(case: Case, findings: Iterable[Finding]) -> Tally:
    """Give the pieces behind each statement.

    Args:
        case: the question.
        findings: what the rules about pieces found.
    """
    faults: dict[str, list[Finding]] = {}
    worst: dict[str, int] = {}
    for finding in findings:
        faults.setdefault(finding.subject, []).append(finding)
        worst[finding.subject] = max(worst.get(finding.subject, 0), _PILE[finding.status])
    piles: tuple[dict[str, list[Evidence]], ...] = ({}, {}, {}, {})
    subjects: dict[tuple[str, str], list[str]] = {}
    for piece_id, claims in case.claims_of.items():
        of_piece = worst.get(piece_id, 0)
        best: dict[str, int] = {}
        for _, _, competency, subject in claims:
            code, pile = competency.code, of_piece
            of_claim = worst.get(subject)
            if of_claim is not None:
                pile = max(pile, of_claim)
                subjects.setdefault((piece_id, code), []).append(subject)
            # One sound place is enough, whatever is wrong with another place that shows the same.
            if code not in best or pile < best[code]:
                best[code] = pile
        for code, pile in best.items():
            piles[pile].setdefault(code, []).append(claims[0].piece)
    counting, to_check, on_the_way, not_counting = (
        {code: tuple(pieces) for code, pieces in pile.items()} for pile in piles
    )
    by_subject = {subject: tuple(found) for subject, found in faults.items()}
    return Tally(counting, to_check, on_the_way, not_counting, by_subject, subjects)
