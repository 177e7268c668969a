"""Which pieces to show: the fewest that show every statement, or the proof that no choice does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ksbtrack.models.analysis import Analysis, PieceVerdict
from ksbtrack.models.case import Case
from ksbtrack.models.portfolio import AcceptanceState
from ksbtrack.models.profile import SubmissionProfile
from ksbtrack.models.standard import EvidenceKind
from ksbtrack.models.values import listed, natural_key
from ksbtrack.problems import KsbtrackError, Problem, Source, several
from ksbtrack.rules.acceptance import state_on
from ksbtrack.submission.covering import smallest_cover, unmeetable_rows

MAX_REASONS = 5
"""Pieces of which a message says why they cannot be shown: more are for `ksbtrack select`, which lists all."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The pieces to show, and why these; or why no choice of pieces will do.

    Attributes:
        pieces: ids of the chosen pieces, as people count; empty where no choice will do.
        codes: the statements that have to be shown, in the standard's order.
        reason: what was chosen and why, or why nothing could be, in sentences.
        smallest: how many pieces are needed at least to show all that can be shown.
        is_proved: it is proved that no smaller choice shows as much, and that no statement of `stopping` is needless.
        is_first: of the choices of that size, it is proved to be the first in the order of ids.
        added: pieces that are chosen only since a number of pieces is asked for, in the order of choice.
        not_shown: statements that no piece which can be shown carries.
        stopping: where more pieces are needed than are allowed, statements that already need as many.
        redundant: chosen pieces that can be left out, one at a time: each of their statements is shown by another.
        not_needed: pieces that could be shown but are not chosen.
        only_carriers: the statements that one piece alone carries, of all that can be shown, with that piece.
        kept_out: pieces that cannot be shown, with the reason.
    """

    pieces: tuple[str, ...]
    codes: tuple[str, ...]
    reason: str
    smallest: int
    is_proved: bool
    is_first: bool
    added: tuple[str, ...]
    not_shown: tuple[str, ...]
    stopping: tuple[str, ...]
    redundant: tuple[str, ...]
    not_needed: tuple[str, ...]
    only_carriers: Mapping[str, str]
    kept_out: Mapping[str, str]

    @property
    def fits(self) -> bool:
        """Say whether a choice was found that shows every statement within the numbers asked for."""
        return bool(self.pieces)


def choose_pieces(
    analysis: Analysis,
    *,
    minimum: int | None = None,
    maximum: int | None = None,
    barred_kinds: Collection[EvidenceKind] = (),
    codes: Collection[str] | None = None,
    allow_private: bool = False,
) -> Selection:
    """Give the smallest set of pieces that can be shown and together show every statement.

    Of several smallest sets it is the first as people count ids: it has E1 if one of them has, and so on. Where more
    pieces are asked for, they are added one by one: that which gives a second piece to the most statements; among
    equals the one that shows the most, then the first.

    Args:
        analysis: of the whole portfolio.
        minimum: pieces that are asked for at least.
        maximum: pieces that are taken at most.
        barred_kinds: kinds of evidence that are not taken.
        codes: the statements to be shown; all that are not desirable if left out.
        allow_private: whether pieces with others' personal data may be chosen too.
    """
    standard = analysis.case.standard
    wanted = [
        statement.code
        for statement in standard.competencies
        if (not statement.desirable if codes is None else statement.code in codes)
    ]
    kept_out = dict(_kept_out(analysis, wanted, barred_kinds, allow_private))
    shows = {
        verdict.id: frozenset(verdict.counts_for) & frozenset(wanted)
        for verdict in sorted(analysis.pieces, key=lambda verdict: natural_key(verdict.id))
        if verdict.id not in kept_out
    }
    return _chosen(wanted, shows, kept_out, minimum or 0, maximum)


def choose_for(analysis: Analysis, profile: SubmissionProfile | None, *, allow_private: bool = False) -> Selection:
    """Give the smallest set of pieces that fits a profile's numbers and kinds; without a profile any number fits."""
    if profile is None:
        return choose_pieces(analysis, allow_private=allow_private)
    return choose_pieces(
        analysis,
        minimum=profile.fewest_pieces,
        maximum=profile.most_pieces,
        barred_kinds=profile.barred_kinds,
        codes=_codes_asked(analysis, profile),
        allow_private=allow_private,
    )


def fitting_selection(
    analysis: Analysis, profile: SubmissionProfile | None, *, allow_private: bool = False
) -> Selection:
    """Give what `choose_for` gives, where there is a choice that will do.

    Raises:
        KsbtrackError: `no-selection`.
    """
    selection = choose_for(analysis, profile, allow_private=allow_private)
    if not selection.fits:
        raise KsbtrackError(_no_selection(analysis, selection))
    return selection


def redundant_pieces(names: Sequence[str], shows: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    """Give the pieces of a choice of which every statement is shown by another piece of it.

    Each can be left out, but not all at once: two that show the same are both named.

    Args:
        names: ids of the chosen pieces.
        shows: the statements that each piece shows.
    """
    carriers = Counter(code for name in names for code in shows[name])
    return tuple(name for name in names if all(carriers[code] > 1 for code in shows[name]))


def _chosen(
    wanted: Sequence[str],
    shows: Mapping[str, frozenset[str]],
    kept_out: Mapping[str, str],
    minimum: int,
    maximum: int | None,
) -> Selection:
    names = list(shows)
    carriers = {code: [name for name in names if code in shows[name]] for code in wanted}
    can_be_shown = [code for code in wanted if carriers[code]]
    place = {name: index for index, name in enumerate(names)}
    rows = [frozenset(place[name] for name in carriers[code]) for code in can_be_shown]
    cover = smallest_cover(rows)
    smallest = [names[index] for index in cover.chosen]
    not_shown = tuple(code for code in wanted if not carriers[code])
    stopping: tuple[str, ...] = ()
    is_proved = cover.is_smallest
    if maximum is not None and cover.at_least > maximum:
        stopped, is_minimal = unmeetable_rows(rows, maximum)
        stopping = tuple(can_be_shown[row] for row in stopped)
        is_proved = is_proved and is_minimal
    added = _more_pieces(smallest, shows, minimum)
    pieces = sorted([*smallest, *added], key=natural_key)
    fits = not not_shown and minimum <= len(pieces) and (maximum is None or len(pieces) <= maximum)
    found = _Found(len(wanted), not_shown, cover.at_least, len(smallest), stopping, tuple(added))
    return Selection(
        pieces=tuple(pieces) if fits else (),
        codes=tuple(wanted),
        reason=_why(found, minimum, maximum),
        smallest=cover.at_least,
        is_proved=is_proved,
        is_first=cover.is_first,
        added=tuple(added) if fits else (),
        not_shown=not_shown,
        stopping=stopping,
        redundant=redundant_pieces(pieces, shows) if fits else (),
        not_needed=tuple(name for name in names if name not in pieces) if fits else (),
        only_carriers={code: carriers[code][0] for code in wanted if len(carriers[code]) == 1},
        kept_out=kept_out,
    )


def _more_pieces(chosen: Sequence[str], shows: Mapping[str, frozenset[str]], minimum: int) -> list[str]:
    """Give the pieces that are added to reach a number, in the order of choice."""
    carriers = Counter(code for name in chosen for code in shows[name])
    left = [name for name in shows if name not in chosen]
    added: list[str] = []
    while left and len(chosen) + len(added) < minimum:
        # `min` gives the first of equals, and `shows` is in the order of ids.
        best = min(left, key=lambda name: (-sum(carriers[code] == 1 for code in shows[name]), -len(shows[name])))
        left.remove(best)
        added.append(best)
        carriers.update(shows[best])
    return added


class _Found(NamedTuple):
    """What the search came to, for the words about it."""

    statements: int
    not_shown: tuple[str, ...]
    at_least: int
    smallest: int
    stopping: tuple[str, ...]
    added: tuple[str, ...]


def _why(found: _Found, minimum: int, maximum: int | None) -> str:
    """Give the reason of a selection, in sentences."""
    number = found.smallest + len(found.added)
    if not found.statements:
        return "There is no statement that has to be shown."
    if found.not_shown:
        return f"No piece that can be shown carries {listed(found.not_shown)}."
    if maximum is not None and found.smallest > maximum:
        return _too_many(found, maximum)
    if maximum is not None and minimum > maximum:
        return f"At least {several(minimum, 'piece')} and at most {maximum} are asked for, which cannot both be."
    if number < minimum:
        return f"{several(minimum, 'piece')} are asked for, and only {number} can be shown."
    shows = "1 piece shows" if found.smallest == 1 else f"{found.smallest} pieces together show"
    sentence = f"{shows} {'the statement' if found.statements == 1 else f'all {found.statements} statements'}"
    if found.at_least >= found.smallest:
        sentence += ", and no fewer do."
    else:
        sentence += f"; whether {found.at_least} could was not found out."
    if found.added:
        rest = f"{listed(found.added)} {'is' if len(found.added) == 1 else 'are'} added"
        sentence += f" {several(minimum, 'piece')} are asked for, so {rest}."
    return sentence


def _too_many(found: _Found, maximum: int) -> str:
    allowed = f"At most {several(maximum, 'piece')} {'is' if maximum == 1 else 'are'} allowed"
    if not found.stopping:
        return (
            f"{allowed}. The smallest choice found has {found.smallest}; whether one of {found.at_least} exists was "
            "not found out."
        )
    number = "no piece shows" if maximum == 1 else f"no {maximum} pieces together show"
    return f"{allowed}, and {found.at_least} are needed at least: {number} {listed(found.stopping)}."


def _kept_out(
    analysis: Analysis, wanted: Collection[str], barred_kinds: Collection[EvidenceKind], allow_private: bool
) -> Iterator[tuple[str, str]]:
    """Yield each piece that cannot be shown with the reason, as people count."""
    # A showcase shows all claims of a piece, and refuses one whose place is not there.
    misplaced = {
        finding.subject.partition(":")[0]: finding.reason
        for finding in reversed(analysis.findings)
        if finding.rule == "place_beyond_last_page"
    }
    for verdict in sorted(analysis.pieces, key=lambda verdict: natural_key(verdict.id)):
        reason = _why_not(analysis.case, verdict, barred_kinds, allow_private, misplaced)
        if reason is None and not set(verdict.counts_for) & set(wanted):
            reason = f"{verdict.id} shows none of the statements asked for."
        if reason:
            yield verdict.id, reason


def _why_not(
    case: Case,
    verdict: PieceVerdict,
    barred_kinds: Collection[EvidenceKind],
    allow_private: bool,
    misplaced: Mapping[str, str],
) -> str | None:
    """Give why a piece cannot be shown; None where it can."""
    piece = case.portfolio.by_id[verdict.id]
    if not verdict.counts_for:
        return " ".join(verdict.reasons) or f"{piece.id} does not count."
    if state_on(piece.acceptance, case.last_day) is not AcceptanceState.ACCEPTED:
        return f"{piece.id} is not accepted yet."
    if piece.kind in barred_kinds:
        return f"{piece.id} is of a kind that is not taken: {piece.kind.words}."
    if piece.privacy.is_open and not allow_private:
        return f"{piece.id} holds personal data of others that are not redacted."
    return misplaced.get(piece.id)


def _codes_asked(analysis: Analysis, profile: SubmissionProfile) -> frozenset[str] | None:
    """Give the statements of the methods that a profile names; None where it names none, or one is not known."""
    asked = profile.checks.statement_not_shown
    if asked is None or not asked.methods:
        return None
    methods = {method.id: method.assesses for method in analysis.case.standard.methods}
    found = [methods.get(name) for name in asked.methods]
    known = [codes for codes in found if codes is not None]
    if len(known) < len(found):
        return None
    desirable = {statement.code for statement in analysis.case.standard.competencies if statement.desirable}
    return frozenset(code for codes in known for code in codes) - desirable


def _no_selection(analysis: Analysis, selection: Selection) -> Problem:
    """Give the problem of a portfolio of which no choice of pieces will do."""
    folder = analysis.case.portfolio.folder
    lacking = listed(selection.not_shown) if selection.not_shown else ""
    # Why a piece is kept out matters only where it claims something of what lacks.
    claims = analysis.case.claims_of
    carriers = [
        reason
        for name, reason in selection.kept_out.items()
        if {made.competency.code for made in claims.get(name, ())} & set(selection.not_shown)
    ]
    if not lacking:
        fix = "Name"
    elif carriers:
        fix = f"Kept out: {' '.join(carriers[:MAX_REASONS])} Mend that, or name"
    else:
        fix = f"Have pieces for {lacking} accepted, or name"
    return Problem(
        "no-selection",
        Source(f"{folder}/portfolio.yaml" if folder else "portfolio.yaml"),
        f"no choice of pieces that will do: {selection.reason[:1].lower()}{selection.reason[1:].rstrip('.')}",
        "the chosen pieces show every statement, in the number asked for",
        f"{fix} the pieces to show yourself: --select E01,E04.",
    )
