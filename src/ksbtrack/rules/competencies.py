"""Whether a statement is shown: each rule finds one reason why the pieces that count are not enough."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import TypeVar

from ksbtrack.models.analysis import Action, Effort, Finding, Remedy, Status
from ksbtrack.models.case import Case
from ksbtrack.models.portfolio import Evidence, Party
from ksbtrack.models.standard import Competency, EvidenceKind
from ksbtrack.models.values import in_words, listed
from ksbtrack.rules.advice import add, advice, check_again, ids, names
from ksbtrack.rules.confirmed import is_changed_since
from ksbtrack.rules.records import is_of_behaviours, signature_fault
from ksbtrack.rules.settings import setting_source
from ksbtrack.rules.tally import Tally
from ksbtrack.rules.words import PROVIDER, counted


def too_few_pieces(case: Case, tally: Tally) -> Iterator[Finding]:
    """Find each statement with fewer counting pieces than the settings ask for.

    A statement for which only submitted pieces speak is left to `only_on_the_way`.

    Yields:
        At most one finding a statement, in the standard's order: not met where nothing counts, partly met where
        something does, check again where the pieces to check would be enough, unknown where no number is set.

    Unit: pieces. Source: the setting `pieces_per_competency`.
    """
    for statement in case.standard.shown_by_evidence:
        code = statement.code
        needed = case.settings[code].pieces_per_competency
        if needed is None:
            yield _number_not_set(statement, ids(tally.counting.get(code, ())))
        elif len(tally.counting.get(code, ())) < needed and not _is_only_on_the_way(tally, code):
            yield _too_few(case, tally, code, needed, "too_few_pieces")


def only_on_the_way(case: Case, tally: Tally) -> Iterator[Finding]:
    """Find each statement for which no piece counts and only pieces speak that wait for an assessor.

    Yields:
        At most one finding a statement, in the standard's order.

    Unit: pieces. Source: the setting `pieces_per_competency`.
    """
    for statement in case.standard.shown_by_evidence:
        needed = case.settings[statement.code].pieces_per_competency
        if needed and _is_only_on_the_way(tally, statement.code):
            yield _too_few(case, tally, statement.code, needed, "only_on_the_way")


def _is_only_on_the_way(tally: Tally, code: str) -> bool:
    return code in tally.on_the_way and code not in tally.counting and code not in tally.to_check


def _too_few(case: Case, tally: Tally, code: str, needed: int, rule: str) -> Finding:
    counting, to_check = tally.counting.get(code, ()), tally.to_check.get(code, ())
    status = Status.PARTLY_MET if counting else Status.NOT_MET
    if len(counting) + len(to_check) >= needed:
        status = Status.CHECK_AGAIN
    return Finding(
        rule,
        code,
        status,
        _count_sentence(tally, code, needed),
        {
            "needed": str(needed),
            "counting": ids(counting),
            "on_the_way": ids(tally.on_the_way.get(code, ())),
            "to_check": ids(to_check),
            "not_counting": ids(tally.not_counting.get(code, ())),
        },
        advice(case, tally, code, needed - len(counting)),
        setting_source(case, "pieces_per_competency", code),
    )


def _number_not_set(statement: Competency, counting: str) -> Finding:
    return Finding(
        "too_few_pieces",
        statement.code,
        Status.UNKNOWN,
        "How many pieces are needed is not known.",
        {"needed": "unknown", "counting": counting},
        Remedy(
            Action.RECORD_FACT,
            statement.code,
            "Set pieces_per_competency in a policy file.",
            PROVIDER,
            Effort.MINUTES,
            {"fact": "pieces_per_competency"},
        ),
        "Setting pieces_per_competency: no layer sets it",
    )


def _count_sentence(tally: Tally, code: str, needed: int) -> str:
    counting = tally.counting.get(code, ())
    verb = "counts" if len(counting) == 1 else "count"
    start = f"{len(counting)} of {counted(needed, 'piece')} {verb}" if counting else "No piece counts yet"
    rest = []
    if on_the_way := tally.on_the_way.get(code, ()):
        rest.append(f"{names(on_the_way)} {'waits' if len(on_the_way) == 1 else 'wait'} {_for_what(tally, code)}")
    if to_check := tally.to_check.get(code, ()):
        rest.append(f"{names(to_check)} must be checked again")
    if others := tally.not_counting.get(code, ()):
        rest.append(f"{names(others)} {'claims it, but does' if len(others) == 1 else 'claim it, but do'} not count")
    return "; ".join([start, *rest]) + "."


def _for_what(tally: Tally, code: str) -> str:
    rules = {
        finding.rule
        for piece in tally.on_the_way[code]
        for finding in tally.faults_of(piece, code)
        if finding.status is Status.PARTLY_MET
    }
    verbs = {"not_yet_accepted": "to be accepted", "claim_not_confirmed": "to be confirmed"}
    return verbs[rules.pop()] if len(rules) == 1 else "for an assessor"


def too_few_kinds(case: Case, tally: Tally) -> Iterator[Finding]:
    """Find each statement whose counting pieces are of fewer kinds than the settings ask for.

    Yields:
        At most one finding a statement, in the standard's order; none where no piece counts or may count. Check again
        where the pieces to check would make up the kinds.

    Unit: kinds. Source: the setting `kinds_per_competency`.
    """
    for statement, needed, kinds, status in _short_of(case, tally, "kinds_per_competency", lambda piece: piece.kind):
        shown = listed(kind.words for kind in kinds) if kinds else "none"
        verb = "is" if needed - len(kinds) == 1 else "are"
        yield Finding(
            "too_few_kinds",
            statement.code,
            status,
            f"The pieces that count are of {len(kinds)} of {needed} kinds: {shown}."
            if kinds
            else f"No piece counts yet; {needed} kinds are needed, and those to check are of too few.",
            {"needed": str(needed), "kinds": ", ".join(kinds) or "none"},
            check_again(case, tally, statement.code)
            if status is Status.CHECK_AGAIN
            else add(
                statement.code,
                needed - len(kinds),
                f" and {verb} of another kind than {shown}" if kinds else "",
                not_kinds=" ".join(kinds),
            ),
            setting_source(case, "kinds_per_competency", statement.code),
        )


def too_few_days(case: Case, tally: Tally) -> Iterator[Finding]:
    """Find each statement whose counting pieces were made on fewer different days than the settings ask for.

    Yields:
        At most one finding a statement, in the standard's order; none where no piece counts or may count. Check again
        where the pieces to check would make up the days.

    Unit: days. Source: the setting `days_per_competency`.
    """
    for statement, needed, days, status in _short_of(case, tally, "days_per_competency", lambda piece: piece.date):
        shown = listed(in_words(day) for day in days) if days else "none"
        more = needed - len(days)
        yield Finding(
            "too_few_days",
            statement.code,
            status,
            f"The pieces that count are from {len(days)} of {needed} different days: {shown}."
            if days
            else f"No piece counts yet; {needed} different days are needed, and those to check are from too few.",
            {"needed": str(needed), "days": ", ".join(day.isoformat() for day in days) or "none"},
            check_again(case, tally, statement.code)
            if status is Status.CHECK_AGAIN
            else add(
                statement.code,
                more,
                ", made on another day" if more == 1 else ", made on other days",
                not_days=" ".join(day.isoformat() for day in days),
            ),
            setting_source(case, "days_per_competency", statement.code),
        )


T = TypeVar("T", EvidenceKind, date)


def _short_of(
    case: Case, tally: Tally, setting: str, value_of: Callable[[Evidence], T]
) -> Iterator[tuple[Competency, int, list[T], Status]]:
    """Yield each statement whose pieces have too few different values, the number needed, the values, the status.

    One value is never too few: with a piece that counts it is there, and `too_few_pieces` asks for the piece.
    """
    for statement in case.standard.shown_by_evidence:
        needed = getattr(case.settings[statement.code], setting) or 0
        if needed < 2:  # noqa: PLR2004
            continue
        counting = tally.counting.get(statement.code, ())
        to_check = tally.to_check.get(statement.code, ())
        if not (counting or to_check):
            continue
        values = {value_of(piece) for piece in counting}
        if len(values) >= needed:
            continue
        status = Status.PARTLY_MET if counting else Status.NOT_MET
        if len(values.union(value_of(piece) for piece in to_check)) >= needed:
            status = Status.CHECK_AGAIN
        yield statement, needed, sorted(values), status


def behaviour_not_verified(case: Case, tally: Tally) -> Iterator[Finding]:
    """Find each behaviour that the employer has not verified, under plans of the newer assessment regime.

    Yields:
        In the standard's order.

    Source: gov.uk, "Changes to apprenticeship assessment, 2025 to 2026".
    """
    behaviours = case.standard.verified_by_employer
    if not behaviours:
        return
    given = [
        record
        for record in case.portfolio.records.confirmations
        if record.by is Party.EMPLOYER and is_of_behaviours(record)
    ]
    faults = [signature_fault(case, record) for record in given]
    sound = [record for record, fault in zip(given, faults, strict=True) if not fault]
    if any(not is_changed_since(case.portfolio, record) for record in sound):
        return
    reason = f"The employer's verification of the behaviours {faults[0]}." if faults else ""
    if sound:
        reason = "What the employer saw when they verified the behaviours was changed since."
    for statement in behaviours:
        yield Finding(
            "behaviour_not_verified",
            statement.code,
            Status.CHECK_AGAIN if sound else Status.NOT_MET,
            reason or "The employer has not verified the behaviours yet.",
            {"recorded": str(len(given)), "as_of": case.on.isoformat()},
            Remedy(
                Action.GET_CONFIRMATION,
                "behaviours",
                "Ask your employer to verify the behaviours, and record name, role and day.",
                "your employer",
                Effort.MINUTES,
                {"by": "employer", "of": "behaviours"},
            ),
            'gov.uk, "Changes to apprenticeship assessment, 2025 to 2026" (30 October 2025, 30 March 2026)',
        )


def single_source(case: Case, tally: Tally) -> Iterator[Finding]:
    """Warn of each statement that rests on one piece: if that piece falls, so does the statement.

    Yields:
        In the standard's order.

    Source: evidence is to be reliable and sufficient; no number is official.
    """
    for statement in case.standard.shown_by_evidence:
        counting = tally.counting.get(statement.code, ())
        if len(counting) == 1:
            yield Finding(
                "single_source",
                statement.code,
                Status.MET,
                f"{statement.code} rests on {counting[0].id} alone.",
                {"counting": counting[0].id},
                add(statement.code, 1, ""),
                "Advice of ours: a second piece keeps the statement shown if the first one is questioned",
                decides=False,
            )


def all_from_one_day(case: Case, tally: Tally) -> Iterator[Finding]:
    """Warn of each statement whose several pieces were all made on one day: reliable means consistent over time.

    Yields:
        In the standard's order.

    Source: evidence is to be reliable; no number is official.
    """
    for statement in case.standard.shown_by_evidence:
        counting = tally.counting.get(statement.code, ())
        if len(counting) > 1 and len({piece.date for piece in counting}) == 1:
            day = counting[0].date
            yield Finding(
                "all_from_one_day",
                statement.code,
                Status.MET,
                f"All pieces for {statement.code} were made on {in_words(day)}.",
                {"counting": ids(counting), "day": day.isoformat()},
                add(statement.code, 1, ", made on another day", not_days=day.isoformat()),
                "Reliable evidence is consistent over time (one of the five tests of assessors)",
                decides=False,
            )
