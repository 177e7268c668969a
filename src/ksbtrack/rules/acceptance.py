"""The life of a piece: draft, submitted, accepted or referred back, and what changed afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ksbtrack.models.analysis import Action, Effort, Finding, Remedy, Status
from ksbtrack.models.case import Case
from ksbtrack.models.portfolio import Acceptance, AcceptanceState, Evidence
from ksbtrack.models.values import in_words, listed
from ksbtrack.rules.settings import setting_source, struck
from ksbtrack.rules.words import ASSESSOR, YOU, ended, shortened

COMMENT_LENGTH = 200
"""Characters of an assessor's comment that a reason quotes; the piece itself holds all of it."""
ACCEPTED_ONLY = "Life of a piece: only what an assessor accepted counts, and a piece edited afterwards is another one"


def state_on(acceptance: Acceptance, day: date) -> AcceptanceState:
    """Give where a piece was on a day: a step dated later was not taken yet.

    Before the day of its submission a piece is a draft; before the assessor's decision it is a submitted one, and one
    that is marked as accepted without a day stays that.
    """
    state, on = acceptance.state, acceptance.on
    if state is AcceptanceState.ACCEPTED:
        return state if on and on <= day else AcceptanceState.SUBMITTED
    if state is AcceptanceState.SUBMITTED:
        return AcceptanceState.DRAFT if on and on > day else state
    if state is AcceptanceState.REFERRED:
        return AcceptanceState.SUBMITTED if on and on > day else state
    return state


def not_yet_accepted(case: Case) -> Iterator[Finding]:
    """Find each piece that was a draft on the day or at gateway, and each submitted one where acceptance is asked for.

    A submitted piece is on its way; a draft is not. A decision dated after the day asked about is not yet taken.

    Yields:
        In the portfolio's order.

    Source: the setting `acceptance_needed`.
    """
    for piece in case.portfolio.evidence:
        state = state_on(piece.acceptance, case.last_day)
        if state is AcceptanceState.ACCEPTED:
            continue
        subjects: list[tuple[str, str | None]] = []
        if state is AcceptanceState.DRAFT:
            subjects = [(piece.id, None)]
        elif state is AcceptanceState.SUBMITTED:
            subjects = struck(case, piece, lambda settings: bool(settings.acceptance_needed))
        is_draft = state is AcceptanceState.DRAFT
        on = piece.acceptance.on
        for subject, code in subjects:
            yield Finding(
                "not_yet_accepted",
                subject,
                Status.NOT_MET if is_draft else Status.PARTLY_MET,
                f"{piece.id} {_standing(piece.acceptance, case.last_day)}.",
                {"acceptance": piece.acceptance.state.value, "date": on.isoformat() if on else "none"},
                _have_accepted(piece, is_draft),
                setting_source(case, "acceptance_needed", code),
            )


def _standing(acceptance: Acceptance, day: date) -> str:
    state, on = acceptance.state, acceptance.on
    if on and on > day and state is not AcceptanceState.DRAFT:
        step = "submitted" if state is AcceptanceState.SUBMITTED else "judged"
        return f"was {step} on {in_words(on)}, after {in_words(day)}"
    if state is AcceptanceState.ACCEPTED:
        return "is marked as accepted, but the day is not recorded"
    return "is a draft" if state is AcceptanceState.DRAFT else "is submitted, but not accepted yet"


def _have_accepted(piece: Evidence, is_draft: bool) -> Remedy:
    words = f"Submit {piece.id} and have it accepted" if is_draft else f"Have {piece.id} accepted"
    return Remedy(
        Action.ACCEPT_PIECE,
        piece.id,
        f"{words}: {ended(piece.title)}",
        f"{YOU}, then {ASSESSOR}" if is_draft else ASSESSOR,
        Effort.HOURS,
    )


def referred_back(case: Case) -> Iterator[Finding]:
    """Find each piece that an assessor had referred back by the day.

    Yields:
        In the portfolio's order.

    Source: the life of a piece; whatever the settings, one that was referred back does not count.
    """
    for piece in case.portfolio.evidence:
        acceptance = piece.acceptance
        if (
            acceptance.state is not AcceptanceState.REFERRED
            or state_on(acceptance, case.last_day) is not acceptance.state
        ):
            continue
        day = f" on {in_words(acceptance.on)}" if acceptance.on else ""
        said = shortened(acceptance.comment or "", COMMENT_LENGTH).rstrip(".")
        comment = f' with the comment "{said}"' if said else ""
        yield Finding(
            "referred_back",
            piece.id,
            Status.NOT_MET,
            f"{piece.id} was referred back{day}{comment}.",
            {
                "acceptance": "referred",
                "date": acceptance.on.isoformat() if acceptance.on else "not recorded",
                "by": acceptance.by or "not recorded",
            },
            Remedy(
                Action.REWORK_PIECE,
                piece.id,
                f"Rework {piece.id} as the assessor asks, submit it again and have it accepted.",
                f"{YOU}, then {ASSESSOR}",
                Effort.DAYS,
            ),
            ACCEPTED_ONLY,
        )


def changed_since_acceptance(case: Case) -> Iterator[Finding]:
    """Find each accepted piece whose fingerprint is not the one that was recorded when it was accepted.

    Yields:
        In the portfolio's order.

    Source: a piece edited after acceptance is no longer the accepted one.
    """
    for piece in case.portfolio.evidence:
        seen = piece.acceptance.fingerprint
        if piece.acceptance.state is AcceptanceState.ACCEPTED and seen and seen != piece.fingerprint:
            yield Finding(
                "changed_since_acceptance",
                piece.id,
                Status.CHECK_AGAIN,
                f"{piece.id} was changed after it was accepted.",
                {"accepted": seen, "now": piece.fingerprint},
                Remedy(
                    Action.ACCEPT_PIECE,
                    piece.id,
                    f"Have {piece.id} looked at again, and accepted again (ksbtrack accept) if it still is.",
                    ASSESSOR,
                    Effort.HOURS,
                    {"fingerprint": piece.fingerprint},
                ),
                ACCEPTED_ONLY,
            )


def fingerprint_not_recorded(case: Case) -> Iterator[Finding]:
    """Warn once of the accepted pieces with which no fingerprint is recorded: a later change of them would not show.

    Yields:
        At most one finding, about the whole portfolio, in the portfolio's order.

    Source: a piece edited after acceptance is no longer the accepted one.
    """
    if case.portfolio.has_only_rows:
        # Of rows of tables there is nothing to take a fingerprint of.
        return
    names = [
        piece.id
        for piece in case.portfolio.evidence
        if not piece.acceptance.fingerprint and state_on(piece.acceptance, case.last_day) is AcceptanceState.ACCEPTED
    ]
    if not names:
        return
    one = len(names) == 1
    yield Finding(
        "fingerprint_not_recorded",
        "portfolio",
        Status.MET,
        f"No fingerprint is recorded with the acceptance of {listed(names)}, so nobody can tell whether "
        f"{'it was' if one else 'they were'} changed since.",
        {"pieces": ", ".join(names)},
        Remedy(
            Action.RECORD_FACT,
            "portfolio",
            f"Look whether {names[0] if one else 'each of these pieces'} is still what was accepted. If so, record "
            f'that with "ksbtrack accept PORTFOLIO {names[0] if one else "PIECE"}", which writes the fingerprint.',
            ASSESSOR,
            Effort.MINUTES,
            {"fact": "acceptance.fingerprint", "pieces": " ".join(names)},
        ),
        ACCEPTED_ONLY,
        decides=False,
    )
