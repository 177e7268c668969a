"""The qualifications that a role profile asks for in each grade, by the requirement's logic."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ksbtrack.models.analysis import Action, Effort, Finding, Remedy, Status
from ksbtrack.models.case import Case
from ksbtrack.models.portfolio import Qualification
from ksbtrack.models.standard import Condition, Requirement
from ksbtrack.models.values import in_words, listed
from ksbtrack.rules.qualifications import (
    Standing,
    best_record,
    recorded,
    standing,
    subject_words,
    titled,
    unproven,
)
from ksbtrack.rules.words import YOU, ended, sentence


@dataclass(frozen=True, slots=True)
class Weighed:
    """How far a condition is fulfilled.

    Attributes:
        status: met, unknown or not met.
        reason: a sentence, or one for each part that is not met where all are needed.
        missing: conditions to fulfil, each with one qualification that would fulfil it.
        unproven: records that would fulfil it if their day and certificate were there, each with its name.
    """

    status: Status
    reason: str
    missing: tuple[tuple[Condition, Condition], ...] = ()
    unproven: tuple[tuple[Qualification, str], ...] = ()


_ORDER = (Status.MET, Status.UNKNOWN, Status.NOT_MET)


def progression(case: Case, requirement: Requirement) -> Iterator[Finding]:
    """Say whether the qualifications for a grade are held, by the requirement's logic.

    Where working towards one is enough, a record with that state is.

    Yields:
        Exactly one finding; none where the requirement has no condition.

    Source: the profile's progression requirements.
    """
    if requirement.condition is None:
        return
    weighed = _weigh(case, requirement.condition)
    prove = _prove(requirement.id, weighed.unproven) if weighed.unproven else None
    remedy = _achieve(requirement.id, weighed.missing, prove) if weighed.missing else prove
    subjects = set(subjects_of(requirement.condition))
    records = [held for held in case.portfolio.records.qualifications if held.subject in subjects]
    yield Finding(
        "progression",
        requirement.id,
        weighed.status,
        weighed.reason,
        {"wanted": _words(requirement.condition), "recorded": recorded(records)},
        remedy,
        requirement.source,
    )


def subjects_of(condition: Condition) -> Iterator[str]:
    """Yield the subject of every qualification that a condition names."""
    if condition.subject is not None:
        yield condition.subject
    for part in condition.all_of + condition.any_of:
        yield from subjects_of(part)


def _achieve(about: str, missing: tuple[tuple[Condition, Condition], ...], prove: Remedy | None) -> Remedy:
    """Give the remedy of achieving what is missing, and of recording what is unproven besides."""
    begins = [
        f"{'begin or achieve' if leaf.working_towards_is_enough else 'achieve'} {_words(part)}"
        for part, leaf in missing
    ]
    wanted = " ".join(f"{leaf.subject}:{leaf.level.value if leaf.level else ''}" for _, leaf in missing)
    return Remedy(
        Action.ACHIEVE_QUALIFICATION,
        about,
        f"{sentence(listed(begins))}; record the day and the certificate.{f' {prove.text}' if prove else ''}",
        YOU,
        Effort.WEEKS,
        {"wanted": wanted, **(prove.details if prove else {})},
    )


def _prove(about: str, records: tuple[tuple[Qualification, str], ...]) -> Remedy:
    first, *others = (unproven(about, held, name)[1] for held, name in records)
    if not others:
        return first
    together = (first, *others)
    details = {
        "fact": "awarded",
        "subject": " ".join(remedy.details["subject"] for remedy in together),
        "certificate": ", ".join(filter(None, (remedy.details["certificate"] for remedy in together))),
    }
    return replace(first, action=Action.RECORD_FACT, text=" ".join(remedy.text for remedy in together), details=details)


def _weigh(case: Case, condition: Condition) -> Weighed:
    """Give how far a condition is fulfilled: all_of is as good as its worst part, any_of as its best."""
    if condition.subject is not None:
        return _weigh_one(case, condition)
    parts = [_weigh(case, part) for part in condition.all_of or condition.any_of]
    if condition.any_of:
        best = min(parts, key=lambda part: _ORDER.index(part.status))
        if best.status is not Status.NOT_MET:
            return best
        leaf = parts[0].missing[0][1]
        none_is = "none is held or being worked towards" if leaf.working_towards_is_enough else "none is held"
        reason = f"One of these is needed, and {none_is}: {ended(_words(condition))}"
        return Weighed(Status.NOT_MET, reason, ((condition, leaf),))
    worst = max(parts, key=lambda part: _ORDER.index(part.status))
    telling = [part.reason for part in parts if part.status is not Status.MET] or [worst.reason]
    return Weighed(
        worst.status,
        " ".join(telling),
        tuple(missing for part in parts for missing in part.missing),
        tuple(found for part in parts for found in part.unproven),
    )


def _weigh_one(case: Case, condition: Condition) -> Weighed:
    name = _words(condition)
    last = case.last_day
    records = [held for held in case.portfolio.records.qualifications if held.subject == condition.subject]
    if condition.working_towards_is_enough:
        begun = [held for held in records if standing(held, condition.level, last) is Standing.UNDER_WAY]
        records = (
            [held for held in records if standing(held, condition.level, last) is Standing.HELD] or begun or records
        )
    best = best_record(records, condition.level, last)
    if best is None or best[1] is Standing.TOO_LOW:
        return Weighed(Status.NOT_MET, f"{sentence(name)} is not recorded.", ((condition, condition),))
    held, found = best
    title = sentence(titled(held.title, held.level) if held.title else name)
    if found is Standing.HELD and held.awarded:
        return Weighed(Status.MET, f"{title} was awarded on {in_words(held.awarded)}.")
    if found is Standing.UNDER_WAY:
        if condition.working_towards_is_enough:
            return Weighed(Status.MET, f"{title} is being worked towards, which is enough.")
        return Weighed(Status.NOT_MET, f"{title} is being worked towards, but not achieved.", ((condition, condition),))
    if found is Standing.TOO_LATE and held.awarded:
        reason = f"{title} is dated {in_words(held.awarded)}, after {in_words(last)}."
        return Weighed(Status.NOT_MET, reason, ((condition, condition),))
    return Weighed(Status.UNKNOWN, unproven("", held, title)[0], unproven=((held, title),))


def _words(condition: Condition) -> str:
    """Give a condition as a sentence says it; a title that begins with an article has it in small letters."""
    if condition.subject is not None:
        name = titled(condition.title or subject_words(condition.subject), condition.level)
        return name[:1].lower() + name[1:] if name.startswith(("A ", "An ")) else name
    joint = " and " if condition.all_of else " or "
    return joint.join(map(_words, condition.all_of or condition.any_of))
