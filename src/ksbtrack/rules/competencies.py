"""Whether a statement is shown: each rule finds one reason why the pieces that count are not enough."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ksbtrack.models.analysis import Action, Effort, Finding, Remedy, Status
from ksbtrack.models.case import Case
from ksbtrack.models.portfolio import Evidence, Party
from ksbtrack.models.standard import Competency, CompetencyKind, Regime
from ksbtrack.models.values import in_words, listed
from ksbtrack.rules.pieces import ASSESSOR, YOU, setting

Pieces = tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """The pieces behind each statement, by code, after the rules about pieces were applied.

    Attributes:
        counting: pieces that count.
        on_the_way: pieces that would count if they were accepted or confirmed.
        to_check: pieces that would count if a change since the agreement were looked at.
    """

    counting: Mapping[str, Pieces]
    on_the_way: Mapping[str, Pieces]
    to_check: Mapping[str, Pieces]


def tally(case: Case, findings: Iterable[Finding]) -> Tally:
    """Give the pieces that count, are on the way, or must be checked, for each statement.

    Args:
        case: the question.
        findings: what the rules about pieces found.
    """
    worst: dict[str, int] = {}
    for finding in findings:
        if finding.decides:
            worst[finding.subject] = max(worst.get(finding.subject, 0), _WEIGHT[finding.status])
    piles: tuple[dict[str, list[Evidence]], ...] = ({}, {}, {}, {})
    for made in case.claims:
        weight = max(worst.get(made.piece.id, 0), worst.get(made.subject, 0))
        pile = piles[weight].setdefault(made.competency.code, [])
        if made.piece not in pile[-1:]:
            pile.append(made.piece)
    counting, on_the_way, to_check = ({code: tuple(pieces) for code, pieces in pile.items()} for pile in piles[:3])
    return Tally(counting, on_the_way, to_check)


_WEIGHT = {
    Status.MET: 0,
    Status.NOT_NEEDED: 0,
    Status.PARTLY_MET: 1,
    Status.CHECK_AGAIN: 2,
    Status.UNKNOWN: 2,
    Status.NOT_MET: 3,
}


def too_few_pieces(case: Case, tally: Tally) -> Iterator[Finding]:
    """Find each statement with fewer counting pieces than the settings ask for.

    Yields:
        At most one finding a statement, in the standard's order: not met where nothing counts, partly met where
        something does, check again where the pieces to check would be enough, unknown where no number is set.

    Unit: pieces. Source: the setting `pieces_per_competency`.
    """
    for statement in _shown_by_evidence(case):
        code = statement.code
        settings = case.settings[code]
        needed = settings.pieces_per_competency
        counting = tally.counting.get(code, ())
        if needed is None:
            yield _number_not_set(statement, counting)
            continue
        missing = needed - len(counting)
        if missing <= 0:
            continue
        to_check = tally.to_check.get(code, ())
        on_the_way = tally.on_the_way.get(code, ())
        status = Status.PARTLY_MET if counting else Status.NOT_MET
        if len(to_check) >= missing:
            status = Status.CHECK_AGAIN
            remedy = _check_again(case, code, to_check[:missing])
        elif len(on_the_way) >= missing:
            remedy = _accept(code, on_the_way[:missing])
        else:
            remedy = _add(code, missing, "")
        yield Finding(
            "only_on_the_way" if on_the_way and not counting and not to_check else "too_few_pieces",
            code,
            status,
            _count_sentence(len(counting), needed, on_the_way, to_check),
            {
                "needed": str(needed),
                "counting": _ids(counting),
                "on_the_way": _ids(on_the_way),
                "to_check": _ids(to_check),
            },
            remedy,
            setting("pieces_per_competency", settings),
        )


def _shown_by_evidence(case: Case) -> Iterator[Competency]:
    """Yield the statements that pieces must show: all but behaviours that the employer verifies."""
    for statement in case.standard.competencies:
        if not _is_verified_by_employer(case, statement):
            yield statement


def _is_verified_by_employer(case: Case, statement: Competency) -> bool:
    return statement.kind is CompetencyKind.BEHAVIOUR and case.standard.regime is Regime.APPRENTICESHIP_ASSESSMENT


def _number_not_set(statement: Competency, counting: Pieces) -> Finding:
    return Finding(
        "too_few_pieces",
        statement.code,
        Status.UNKNOWN,
        "How many pieces are needed is not known.",
        {"needed": "unknown", "counting": _ids(counting)},
        Remedy(
            Action.RECORD_FACT,
            statement.code,
            "Set pieces_per_competency in a policy file.",
            "your provider",
            Effort.MINUTES,
        ),
        "Setting pieces_per_competency (not set)",
    )


def _count_sentence(counting: int, needed: int, on_the_way: Pieces, to_check: Pieces) -> str:
    start = f"{counting} of {needed} {'piece' if needed == 1 else 'pieces'} counts" if counting == 1 else ""
    start = start or (f"{counting} of {needed} pieces count" if counting else "No piece counts yet")
    rest = []
    if on_the_way:
        rest.append(f"{listed(_names(on_the_way))} {_verb(on_the_way)} waiting to be accepted")
    if to_check:
        rest.append(f"{listed(_names(to_check))} must be checked again")
    if not rest and not counting:
        return "No piece counts yet."
    return "; ".join([start, *rest]) + "."


def _verb(pieces: Pieces) -> str:
    return "is" if len(pieces) == 1 else "are"


def _names(pieces: Iterable[Evidence]) -> list[str]:
    return [piece.id for piece in pieces]


def _ids(pieces: Iterable[Evidence]) -> str:
    return ", ".join(_names(pieces)) or "none"


def _add(code: str, count: int, difference: str, **details: str) -> Remedy:
    what = "a piece" if count == 1 else f"{count} pieces"
    return Remedy(
        Action.ADD_PIECE,
        code,
        f"Add {what} that {'shows' if count == 1 else 'show'} {code}{difference}, and have "
        f"{'it' if count == 1 else 'them'} accepted.",
        f"{YOU}, then {ASSESSOR}",
        Effort.DAYS,
        {"count": str(count), **details},
    )


def _accept(code: str, pieces: Pieces) -> Remedy:
    names = listed(_names(pieces))
    return Remedy(
        Action.ACCEPT_PIECE,
        " ".join(_names(pieces)),
        f"Have {names} accepted.",
        ASSESSOR,
        Effort.HOURS,
        {"code": code},
    )


def _check_again(case: Case, code: str, pieces: Pieces) -> Remedy:
    statement = case.standard.by_code[code]
    return Remedy(
        Action.REVIEW_CLAIM,
        " ".join(f"{piece.id}:{code}" for piece in pieces),
        f"Have {listed(_names(pieces))} checked again: does it still show {code}?",
        f"{YOU}, then {ASSESSOR}",
        Effort.MINUTES,
        {"made_against": statement.origin, "fingerprint": statement.fingerprint},
    )


def too_few_kinds(case: Case, tally: Tally) -> Iterator[Finding]:
    """Find each statement whose counting pieces are of fewer kinds than the settings ask for.

    Yields:
        At most one finding a statement, in the standard's order; none where nothing counts at all.

    Unit: kinds. Source: the setting `kinds_per_competency`.
    """
    for statement in _shown_by_evidence(case):
        settings = case.settings[statement.code]
        counting = tally.counting.get(statement.code, ())
        kinds = sorted({piece.kind for piece in counting})
        needed = settings.kinds_per_competency or 0
        if kinds and len(kinds) < needed:
            shown = listed(kind.words for kind in kinds)
            yield Finding(
                "too_few_kinds",
                statement.code,
                Status.PARTLY_MET,
                f"The pieces that count are of {len(kinds)} of {needed} kinds: {shown}.",
                {"needed": str(needed), "kinds": ", ".join(kinds), "counting": _ids(counting)},
                _add(
                    statement.code,
                    needed - len(kinds),
                    f" and is no {shown}",
                    not_kinds=" ".join(kinds),
                ),
                setting("kinds_per_competency", settings),
            )


def too_few_days(case: Case, tally: Tally) -> Iterator[Finding]:
    """Find each statement whose counting pieces were made on fewer different days than the settings ask for.

    Yields:
        At most one finding a statement, in the standard's order; none where nothing counts at all.

    Unit: days. Source: the setting `days_per_competency`.
    """
    for statement in _shown_by_evidence(case):
        settings = case.settings[statement.code]
        counting = tally.counting.get(statement.code, ())
        days = sorted({piece.date for piece in counting})
        needed = settings.days_per_competency or 0
        if days and len(days) < needed:
            yield Finding(
                "too_few_days",
                statement.code,
                Status.PARTLY_MET,
                f"The pieces that count are from {len(days)} of {needed} different days: "
                f"{listed(in_words(day) for day in days)}.",
                {"needed": str(needed), "days": ", ".join(day.isoformat() for day in days)},
                _add(
                    statement.code,
                    needed - len(days),
                    " made on another day",
                    not_days=" ".join(day.isoformat() for day in days),
                ),
                setting("days_per_competency", settings),
            )


def behaviour_not_verified(case: Case, tally: Tally) -> Iterator[Finding]:
    """Find each behaviour that the employer has not verified, under plans of the newer assessment regime.

    Yields:
        In the standard's order.

    Source: gov.uk, "Changes to apprenticeship assessment, 2025 to 2026".
    """
    verified = any(
        confirmation.by is Party.EMPLOYER
        and confirmation.of.casefold() == "behaviours"
        and confirmation.on is not None
        and confirmation.on <= case.on
        for confirmation in case.portfolio.records.confirmations
    )
    for statement in case.standard.competencies:
        if not verified and _is_verified_by_employer(case, statement):
            yield Finding(
                "behaviour_not_verified",
                statement.code,
                Status.NOT_MET,
                "The employer has not verified the behaviours yet.",
                {"confirmation": "none by the employer of behaviours"},
                Remedy(
                    Action.GET_CONFIRMATION,
                    "behaviours",
                    "Ask your employer to verify the behaviours, and record name, role and day.",
                    "your employer",
                    Effort.MINUTES,
                    {"by": "employer", "of": "behaviours"},
                ),
                'gov.uk, "Changes to apprenticeship assessment, 2025 to 2026"',
            )


def single_source(case: Case, tally: Tally) -> Iterator[Finding]:
    """Warn of each statement that rests on one piece: if that piece falls, so does the statement.

    Yields:
        In the standard's order.

    Source: evidence is to be reliable and sufficient; no number is official.
    """
    for statement in _shown_by_evidence(case):
        counting = tally.counting.get(statement.code, ())
        if len(counting) == 1:
            yield Finding(
                "single_source",
                statement.code,
                Status.MET,
                f"{statement.code} rests on {counting[0].id} alone.",
                {"counting": counting[0].id},
                _add(statement.code, 1, ""),
                "Advice of ours: a second piece keeps the statement shown if the first one is questioned",
                decides=False,
            )


def all_from_one_day(case: Case, tally: Tally) -> Iterator[Finding]:
    """Warn of each statement whose several pieces were all made on one day: reliable means consistent over time.

    Yields:
        In the standard's order.

    Source: evidence is to be reliable; no number is official.
    """
    for statement in _shown_by_evidence(case):
        counting = tally.counting.get(statement.code, ())
        days = {piece.date for piece in counting}
        if len(counting) > 1 and len(days) == 1:
            day = days.pop()
            yield Finding(
                "all_from_one_day",
                statement.code,
                Status.MET,
                f"All pieces for {statement.code} were made on {in_words(day)}.",
                {"counting": _ids(counting), "day": day.isoformat()},
                _add(statement.code, 1, " made on another day", not_days=day.isoformat()),
                "Reliable evidence is consistent over time (one of the five tests of assessors)",
                decides=False,
            )
