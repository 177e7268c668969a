"""What if: each assumption becomes a change of the case. Nothing is ever written; every output says what is assumed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain

from ksbtrack.models.analysis import Finding
from ksbtrack.models.case import AssumedPart, Assumption, Case
from ksbtrack.models.portfolio import Evidence
from ksbtrack.planning.assumption_forms import ASKED, Assumed, may_say_the_same, understood
from ksbtrack.problems import KsbtrackError, Problem, quoted
from ksbtrack.rules import PIECE_RULES, Tally, tally
from ksbtrack.rules.words import ended

MOST_ASSUMPTIONS = 50
"""More than anybody keeps in mind; each is printed wherever the result is."""
_TURNS = {
    AssumedPart.GATEWAY: 0,
    AssumedPart.BREAK: 0,
    AssumedPart.PIECE: 1,
    AssumedPart.QUALIFICATION: 1,
    AssumedPart.HOURS: 2,
}
"""The order in which assumptions are taken: a decision and a qualification are of the last day that can count, which
hangs on gateway; hours are logged up to that day and not in a break."""


def assuming(case: Case, words: Sequence[str]) -> Case:
    """Give the case in which some things are taken for true that the records do not say.

    The order in which they are named decides nothing: gateway and breaks come first, then pieces and qualifications,
    hours last. An assumption that is named twice is made once.

    Args:
        case: the question.
        words: such as `accept E12`; docs/what-if.md has all.

    Raises:
        KsbtrackError: `bad-assumption`, `contradiction`, `unknown-id`, `bad-date`, `bad-number`, `dates-reversed`,
            `too-many`; all of them at once.
    """
    problems: list[Problem] = []
    for found in _read(words, problems, may_hang_on_case=True):
        try:
            case = _taken(case, found)
        except KsbtrackError as error:
            problems += error.problems
    if problems:
        raise KsbtrackError(*problems)
    return _with_what_stays_wrong(case)


def read_assumptions(words: Sequence[str]) -> tuple[Assumed, ...]:
    """Give what some words mean before it is known whom they are about, in the order in which it is to be taken.

    Args:
        words: as for `assuming`.

    Raises:
        KsbtrackError: as `assuming`, but for what depends on a case. A qualification with a level and one without
            contradict each other here.
    """
    problems: list[Problem] = []
    found = _read(words, problems)
    if problems:
        raise KsbtrackError(*problems)
    return found


def assuming_what_fits(case: Case, assumed: Iterable[Assumed]) -> Case:
    """Give the case with those assumptions that fit it; `Case.assumptions` says which these are.

    One that names a piece that the learner does not have, say, is left out: what is assumed of a whole cohort need not
    concern everyone.

    Args:
        case: the question.
        assumed: as `read_assumptions` gives them.
    """
    for found in assumed:
        with contextlib.suppress(KsbtrackError):
            case = _taken(case, found)
    return _with_what_stays_wrong(case)


def _taken(case: Case, found: Assumed) -> Case:
    changed, means = found.change(case)
    for kept in case.assumptions:
        if kept.part is AssumedPart.QUALIFICATION and (kept.part, kept.subject) == (found.part, found.subject):
            if kept.means != means:
                raise KsbtrackError(_contradiction(kept.words, found.words))
            return case
    made = Assumption(found.words, means, found.part, found.subject, found.hours_a_week)
    return replace(changed, assumptions=(*case.assumptions, made), recorded=case.on_record)


def _with_what_stays_wrong(case: Case) -> Case:
    """Give the case whose assumptions say of each piece that counts for nothing all the same why that is."""
    named = {found.subject.casefold() for found in case.assumptions if found.part is AssumedPart.PIECE}
    if not named:
        return case
    evidence = tuple(piece for piece in case.portfolio.evidence if piece.id.casefold() in named)
    # Rules about pieces look at each by itself, so only these are judged; the whole answer nobody has asked for yet.
    alone = replace(case, portfolio=case.portfolio.model_copy(update={"evidence": evidence}))
    piles = tally(alone, [finding for rule in PIECE_RULES for finding in rule(alone)])
    counting = {piece.id for pile in piles.counting.values() for piece in pile}
    wrong = {
        piece.id.casefold(): f" It counts for nothing all the same: {ended(fault.reason)}"
        for piece in evidence
        if piece.id not in counting and (fault := _fault_of(alone, piles, piece))
    }
    told = tuple(replace(made, means=made.means + wrong.get(made.subject.casefold(), "")) for made in case.assumptions)
    return replace(case, assumptions=told)


def _fault_of(case: Case, piles: Tally, piece: Evidence) -> Finding | None:
    """Give what keeps a piece from counting: what is wrong with the piece before what is wrong with its claims."""
    claims = (fault for made in case.claims_of.get(piece.id, ()) for fault in piles.faults.get(made.subject, ()))
    return next(chain(piles.faults.get(piece.id, ()), claims), None)


def _read(words: Sequence[str], problems: list[Problem], *, may_hang_on_case: bool = False) -> tuple[Assumed, ...]:
    """Give what was understood in the order in which it is to be taken, and add what was not to the problems.

    Args:
        words: as for `assuming`.
        problems: grows.
        may_hang_on_case: whether two that say the same in some cases are both kept, the one without a level first.
    """
    if len(words) > MOST_ASSUMPTIONS:
        most = f"at most {MOST_ASSUMPTIONS} can be made at once"
        problems.append(Problem("too-many", ASKED, f"{len(words)} assumptions", most, "Leave some of them out."))
        return ()
    by_subject: dict[str, list[Assumed]] = {}
    for said in dict.fromkeys(" ".join(text.split()) for text in words):
        try:
            found = understood(said)
        except KsbtrackError as error:
            problems += error.problems
            continue
        earlier = by_subject.setdefault(found.about, [])
        if any(one.says == found.says for one in earlier):
            continue
        against = [one for one in earlier if not (may_hang_on_case and may_say_the_same(one, found))]
        if against:
            problems.append(_contradiction(against[0].words, said))
        elif isinstance(found.says, tuple) and None in found.says:
            earlier.insert(0, found)
        else:
            earlier.append(found)
    kept = (found for about in by_subject.values() for found in about)
    return tuple(sorted(kept, key=lambda found: _TURNS[found.part]))


def _contradiction(one: str, two: str) -> Problem:
    return Problem(
        "contradiction",
        ASKED,
        f"{quoted(one)} and {quoted(two)}",
        "two assumptions about the same cannot both hold",
        "Leave one of them out.",
    )
