"""Gateway requirements about what is on file: every statement shown, the showcase, the confirmations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from ksbtrack.models.analysis import Action, Effort, Finding, Remedy, Status
from ksbtrack.models.case import Case
from ksbtrack.models.portfolio import Confirmation, Confirmed, Party
from ksbtrack.models.standard import Requirement
from ksbtrack.models.values import in_words, listed
from ksbtrack.rules.confirmed import confirmation_fingerprint, covered_pieces, is_changed_since
from ksbtrack.rules.words import YOU, counted

CHANGED_SINCE = "Whoever confirms vouches for what they saw: a piece edited afterwards is another one"


def every_statement(case: Case, requirement: Requirement, statuses: Mapping[str, Status]) -> Iterator[Finding]:
    """Say whether every statement is met; desirable ones are left out.

    Args:
        case: the question.
        requirement: what the standard asks for.
        statuses: the status of each statement, by code.

    Yields:
        Exactly one finding, without a remedy: each statement has its own.

    Source: the standard's gateway requirements.
    """
    deciding = [statement.code for statement in case.standard.competencies if not statement.desirable]
    met, failing, open_ones = list[str](), list[str](), list[str]()
    for code in deciding:
        status = statuses[code]
        (met if status.holds else failing if status.fails else open_ones).append(code)
    status = Status.NOT_MET if failing else Status.UNKNOWN if open_ones else Status.MET
    reason = f"{len(met)} of {counted(len(deciding), 'statement')} {'is' if len(met) == 1 else 'are'} met."
    if failing:
        reason += f" Not met, or only in part: {listed(failing)}."
    if open_ones:
        reason += f" Not known, or to be checked again: {listed(open_ones)}."
    yield Finding(
        "every_statement",
        requirement.id,
        status,
        reason,
        {
            "met": str(len(met)),
            "of": str(len(deciding)),
            "not_met": ", ".join(failing) or "none",
            "unknown": ", ".join(open_ones) or "none",
        },
        None,
        requirement.source,
    )


def showcase(case: Case, requirement: Requirement, worth: Mapping[str, Status]) -> Iterator[Finding]:
    """Say whether a showcase is chosen, and whether the pieces in it count.

    A piece that claims nothing of this standard does no harm in it, but is not enough.

    Args:
        case: the question.
        requirement: what the standard asks for.
        worth: what each piece is worth, by id.

    Yields:
        Exactly one finding.

    Source: the standard's gateway requirements.
    """
    chosen = case.portfolio.showcase
    good = [piece for piece in chosen if worth[piece] is Status.MET]
    failing = [piece for piece in chosen if worth[piece].fails]
    to_check = [piece for piece in chosen if worth[piece] in (Status.CHECK_AGAIN, Status.UNKNOWN)]
    status, reason, advice = _showcase_words(chosen, good, failing, to_check)
    remedy = None
    if status is not Status.MET:
        counting = good or [piece.id for piece in case.portfolio.evidence if worth[piece.id] is Status.MET]
        details = {"pieces": " ".join(counting)}
        remedy = Remedy(Action.CHOOSE_SHOWCASE, requirement.id, advice, YOU, Effort.HOURS, details)
    inputs = {"chosen": ", ".join(chosen) or "none", "not_counting": ", ".join(failing + to_check) or "none"}
    yield Finding("showcase", requirement.id, status, reason, inputs, remedy, requirement.source)


def _showcase_words(
    chosen: tuple[str, ...], good: list[str], failing: list[str], to_check: list[str]
) -> tuple[Status, str, str]:
    """Give the status of the showcase, the reason and the advice."""
    if failing:
        it, does = ("it", "does") if len(failing) == 1 else ("them", "do")
        return (
            Status.NOT_MET,
            f"The showcase holds {listed(failing)}, which {does} not count.",
            f"Take {listed(failing)} out of the showcase, or mend what keeps {it} from counting.",
        )
    if to_check:
        it = "it" if len(to_check) == 1 else "them"
        return (
            Status.CHECK_AGAIN,
            f"The showcase holds {listed(to_check)}, which must be checked again.",
            f"Have {listed(to_check)} checked again, or take {it} out of the showcase.",
        )
    if good:
        counts = "is chosen and counts" if len(good) == 1 else "are chosen and count"
        return Status.MET, f"{counted(len(good), 'piece')} {counts}: {listed(good)}.", ""
    show = "shows" if len(chosen) == 1 else "show"
    held = f"The showcase holds {listed(chosen)}, which {show} no statement of this standard." if chosen else ""
    return (
        Status.NOT_MET,
        held or "No pieces are chosen for the showcase.",
        "Choose pieces that count for the showcase (showcase in portfolio.yaml).",
    )


def confirmations(case: Case, requirement: Requirement) -> Iterator[Finding]:
    """Say of each party whether it confirmed, with name, role and a day not before the evidence it covers.

    A confirmation covers the pieces it names, or the showcase, as far as they were made by the day asked about. The
    apprentice may confirm with the declaration that the work is their own; the employer's verification of behaviours is
    another record.

    Where it was recorded with the fingerprint of what was seen, and that is different now, it is to be given again
    (`changed_since_confirmation`).

    Yields:
        One finding a party, in the order in which the standard names them.

    Source: the standard's gateway requirements.
    """
    for party in requirement.by:
        given = [
            record for record in case.portfolio.records.confirmations if record.by.value == party and _confirms(record)
        ]
        faults = [_confirmation_fault(case, record) for record in given]
        sound = [record for record, fault in zip(given, faults, strict=True) if not fault]
        unchanged = [record for record in sound if not is_changed_since(case.portfolio, record)]
        if unchanged:
            yield _confirmed(requirement, party, unchanged[0])
        elif sound:
            yield _changed_since_confirmation(case, requirement, party, sound[-1])
        else:
            yield _not_confirmed(case, requirement, party, given, faults)


def _confirmed(requirement: Requirement, party: str, good: Confirmation) -> Finding:
    day = in_words(good.on) if good.on else ""
    reason = f"The {party}'s confirmation by {good.name} ({good.role}) is dated {day}."
    inputs = {"by": party, "on": good.on.isoformat() if good.on else ""}
    return Finding("confirmations", requirement.id, Status.MET, reason, inputs, None, requirement.source)


def _changed_since_confirmation(case: Case, requirement: Requirement, party: str, record: Confirmation) -> Finding:
    """Give the finding of a confirmation of which every record is of other pieces than there are now."""
    now = confirmation_fingerprint(covered_pieces(case.portfolio, record.covers))
    return Finding(
        "changed_since_confirmation",
        requirement.id,
        Status.CHECK_AGAIN,
        f"What {the_confirmation(party, record)} covers was changed since: a piece was edited, added or taken out.",
        {"by": party, "confirmed": record.fingerprint or "none", "now": now},
        _have_confirmed(case, party, ask_again(party), record.covers),
        CHANGED_SINCE,
    )


def _not_confirmed(
    case: Case, requirement: Requirement, party: str, given: Sequence[Confirmation], faults: Sequence[str]
) -> Finding:
    covers = given[0].covers if given else ()
    latest = _latest_covered(case, covers)
    return Finding(
        "confirmations",
        requirement.id,
        Status.NOT_MET,
        f"The {party}'s confirmation {faults[0]}." if faults else f"The {party} has not confirmed yet.",
        {"by": party, "recorded": str(len(given)), "latest_evidence": latest.isoformat() if latest else "none"},
        _have_confirmed(case, party, _ask(party, latest), covers),
        requirement.source,
    )


def _have_confirmed(case: Case, party: str, words: str, covers: tuple[str, ...]) -> Remedy:
    latest = _latest_covered(case, covers)
    return Remedy(
        Action.GET_CONFIRMATION,
        party,
        words,
        YOU if party == "apprentice" else f"your {party}",
        Effort.MINUTES,
        {"by": party, "of": "competence", "since": latest.isoformat() if latest else ""},
    )


def ask_again(party: str) -> str:
    """Give what makes a confirmation one of the pieces as they are now."""
    if party == "apprentice":
        return "Look at these pieces as they are now, and confirm again (ksbtrack confirm)."
    return f"Ask your {party} to look at these pieces as they are now, and to confirm again (ksbtrack confirm)."


def the_confirmation(party: str, record: Confirmation) -> str:
    """Give a signed confirmation as a sentence names it."""
    day = f" of {in_words(record.on)}" if record.on else ""
    return f"the {party}'s confirmation{day} by {record.name}"


def _ask(party: str, latest: date | None) -> str:
    dated = f", dated {in_words(latest)} or later" if latest else ""
    if party == "apprentice":
        return f"Sign your own confirmation{dated}, and record name, role and day."
    return f"Ask your {party} to confirm your competence{dated}, and record name, role and day."


def _confirms(record: Confirmation) -> bool:
    """Say whether a record is what its party signs at gateway."""
    is_own = record.of is Confirmed.OWN_WORK and record.by is Party.APPRENTICE
    return record.of is Confirmed.COMPETENCE or is_own


def is_of_behaviours(record: Confirmation) -> bool:
    """Say whether a confirmation is the employer's verification of behaviours (newer assessment plans)."""
    return record.of is Confirmed.BEHAVIOURS


def signature_fault(case: Case, record: Confirmation) -> str:
    """Give what a signed confirmation lacks on the day, as a clause; nothing if it lacks nothing."""
    facts = {"name": record.name, "role": record.role, "day": record.on}
    missing = [words for words, value in facts.items() if not value]
    if missing:
        return f"lacks its {listed(missing)}"
    if record.on and record.on > case.last_day:
        return f"is dated {in_words(record.on)}, after {in_words(case.last_day)}"
    return ""


def _confirmation_fault(case: Case, record: Confirmation) -> str:
    latest = _latest_covered(case, record.covers)
    fault = signature_fault(case, record)
    if not fault and latest and record.on and record.on < latest:
        return f"is dated {in_words(record.on)}, before evidence that it covers, made on {in_words(latest)}"
    return fault


def _latest_covered(case: Case, covers: tuple[str, ...]) -> date | None:
    """Give the day on which the newest piece was made in the showcase, or among those that are named besides.

    What is dated after the day asked about does not exist yet, so that nobody can have confirmed it.
    """
    days = (case.portfolio.by_id[piece].date for piece in (*case.portfolio.showcase, *covers))
    return max((day for day in days if day <= case.last_day), default=None)
