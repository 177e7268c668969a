"""The page of one piece: its header card, its account in the fixed shape, and who stands behind it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from ksbtrack.models.analysis import Analysis, PieceVerdict, Status
from ksbtrack.models.case import Case, MadeClaim
from ksbtrack.models.portfolio import AcceptanceState, ClaimState, Evidence
from ksbtrack.models.values import in_words
from ksbtrack.report.words import code_ranges, counted, sentence, shortened, vocabulary
from ksbtrack.rules.acceptance import state_on
from ksbtrack.showcase.accounts import Account, read_account
from ksbtrack.showcase.parts import PreparedFile
from ksbtrack.showcase.targets import Target, place_targets

RUNNING_LENGTH = 60
"""Characters of a piece's title in the running head."""
NOBODY = "Nobody is on record as confirming this piece."


@dataclass(frozen=True, slots=True)
class ClaimLine:
    """One claim on a piece's card: the statement, where it is shown, and why."""

    code: str
    targets: tuple[Target, ...]
    why: str


@dataclass(frozen=True, slots=True)
class FileLine:
    """One file on a piece's card; `place` is the name of its first page, empty where the showcase has none."""

    name: str
    form: str
    place: str


@dataclass(frozen=True, slots=True)
class PieceView:
    """What the page of a piece prints."""

    id: str
    title: str
    running: str
    kind: str
    made: str
    made_by: str
    accepted: str
    status: Status
    worth: str
    claims: tuple[ClaimLine, ...]
    files: tuple[FileLine, ...]
    account: Account
    confirms: tuple[str, ...]


def piece_view(analysis: Analysis, piece: Evidence, files: Sequence[PreparedFile]) -> PieceView:
    """Give the words of one piece's page.

    Args:
        analysis: what `analyse` returned; only claims on its standard are shown.
        piece: one of its portfolio's.
        files: the piece's prepared files, in order.
    """
    case = analysis.case
    claims = case.claims_of.get(piece.id, [])
    verdict = next(found for found in analysis.pieces if found.id == piece.id)
    return PieceView(
        id=piece.id,
        title=piece.title,
        running=shortened(f"{piece.id} {piece.title}", RUNNING_LENGTH),
        kind=capital(piece.kind.words),
        made=in_words(piece.date),
        made_by=piece.made_by or "",
        accepted=_acceptance(piece, case.last_day),
        status=verdict.status,
        worth=_worth(verdict, case),
        claims=tuple(
            ClaimLine(made.competency.code, tuple(place_targets(made.claim, piece, files)), made.claim.why or "")
            for made in claims
        ),
        files=tuple(_files(piece, files)),
        account=read_account(piece.account),
        confirms=tuple(_confirms(piece, claims, case)) or (NOBODY,),
    )


def capital(words: str) -> str:
    """Give words with a capital at the beginning."""
    return words[:1].upper() + words[1:]


def accepted_words(piece: Evidence, day: date) -> str:
    """Give by whom and when a piece was accepted; where it was not, how far it was on the day.

    Args:
        piece: the piece.
        day: the last day that counts.
    """
    given = piece.acceptance
    state = state_on(given, day)
    if state is not AcceptanceState.ACCEPTED:
        return {
            AcceptanceState.DRAFT: "Not accepted: a draft",
            AcceptanceState.SUBMITTED: "Not accepted yet: submitted",
            AcceptanceState.REFERRED: "Not accepted: referred back",
        }[state]
    who = ", ".join(filter(None, (given.by, given.role))) or "name not on record"
    return f"{who}, {in_words(given.on) if given.on else 'day not on record'}"


def confirmed_codes(claims: Sequence[MadeClaim]) -> list[str]:
    """Give the codes of the claims that an assessor confirmed."""
    return [made.competency.code for made in claims if made.claim.state is ClaimState.CONFIRMED]


def _acceptance(piece: Evidence, day: date) -> str:
    words = accepted_words(piece, day)
    return f"Accepted by {words}" if state_on(piece.acceptance, day) is AcceptanceState.ACCEPTED else words


def _worth(verdict: PieceVerdict, case: Case) -> str:
    order = [statement.code for statement in case.standard.competencies]
    if verdict.status is Status.MET:
        return f"Counts for {code_ranges(verdict.counts_for, order)}."
    return sentence(verdict.reasons[0]) if verdict.reasons else ""


def _files(piece: Evidence, files: Sequence[PreparedFile]) -> Iterator[FileLine]:
    prepared = {file.name: file for file in files}
    for attached in piece.attached:
        file = prepared.get(attached.name)
        name = attached.name.removeprefix("evidence/")
        if file:
            count = f"{counted(file.pages, 'page')} here" if file.form.value == "pages" else file.form.words
            yield FileLine(name, count, f"file-{file.piece}-{file.number}")
        else:
            yield FileLine(name, "missing" if attached.is_missing else "left out of this document", "")


def _confirms(piece: Evidence, claims: Sequence[MadeClaim], case: Case) -> Iterator[str]:
    """Yield who stands behind a piece, as far as it was on record on the last day that counts."""
    if piece.witness:
        seen = piece.witness
        who = ", ".join(filter(None, (seen.name, seen.role))) or "name not on record"
        relationship = f" Relationship: {sentence(seen.relationship)}" if seen.relationship else ""
        signed = f" Signed on {in_words(seen.signed)}." if seen.signed else " The day of signing is not on record."
        yield f"Witness: {sentence(who)}{relationship}{signed}"
    for signature in piece.signatures:
        on = f"on {in_words(signature.on)}" if signature.on else "(day not on record)"
        yield f"Signed by the {signature.by.value}, {signature.name or 'name not on record'}, {on}."
    if state_on(piece.acceptance, case.last_day) is AcceptanceState.ACCEPTED:
        yield f"{_acceptance(piece, case.last_day)}."
    if confirmed := confirmed_codes(claims):
        order = [statement.code for statement in case.standard.competencies]
        yield f"The {vocabulary(case.standard).assessor} confirmed the mapping to {code_ranges(confirmed, order)}."
