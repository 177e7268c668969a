"""Gateway requirements about qualifications: those that the standard mandates, and English and maths."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from enum import IntEnum

from ksbtrack.models.analysis import Action, Effort, Finding, Remedy, Status
from ksbtrack.models.case import Case
from ksbtrack.models.portfolio import Qualification, QualificationState
from ksbtrack.models.standard import Level, Requirement
from ksbtrack.models.values import in_words
from ksbtrack.rules.period import dated_source
from ksbtrack.rules.words import PROVIDER, YOU, sentence

_SUBJECT_WORDS = {"english": "English", "ict": "ICT", "british_sign_language": "British Sign Language"}
WORKED_TOWARDS_AT_LEVEL_2 = Level.L2
"""What apprentices at level 2 work towards besides the level that they achieve: level 2 (a fact of the same rule)."""


class Standing(IntEnum):
    """How far a record answers what is wanted on a day, the best first."""

    HELD = 0
    NO_CERTIFICATE = 1
    NO_DAY = 2
    TOO_LATE = 3
    UNDER_WAY = 4
    TOO_LOW = 5


def standing(held: Qualification, level: Level | None, last: date) -> Standing:
    """Give how far a record answers a level on a day.

    Args:
        held: the record; one without a level reaches none.
        level: what is wanted; None for a programme that has no level.
        last: the day by which it must be held.
    """
    if level is not None and (held.level is None or not held.level.reaches(level)):
        return Standing.TOO_LOW
    if held.state is QualificationState.WORKING_TOWARDS:
        return Standing.UNDER_WAY
    if held.awarded is None:
        return Standing.NO_DAY
    if held.awarded > last:
        return Standing.TOO_LATE
    return Standing.NO_CERTIFICATE if held.file and held.file.is_missing else Standing.HELD


def best_record(
    records: Iterable[Qualification], level: Level | None, last: date
) -> tuple[Qualification, Standing] | None:
    """Give the record that answers best, with how far it does; None where there is no record."""
    ranked = [(standing(held, level, last), held) for held in records]
    found = min(ranked, key=lambda pair: pair[0], default=None)
    return (found[1], found[0]) if found else None


def subject_words(subject: str) -> str:
    """Give a subject as a sentence says it."""
    return _SUBJECT_WORDS.get(subject, subject.replace("_", " "))


def titled(title: str, level: Level | None) -> str:
    """Give a title with its level, unless the title says the level itself or there is none."""
    says_it = level is None or level.words in " ".join(title.casefold().split())
    return title if says_it or level is None else f"{title} ({level.words})"


def record_words(held: Qualification) -> str:
    """Give what is recorded of a qualification, such as "GCSE English (level 2), achieved on 22 August 2019"."""
    if held.state is QualificationState.WORKING_TOWARDS:
        state = "being worked towards"
    else:
        state = f"achieved on {in_words(held.awarded)}" if held.awarded else "achieved, day not recorded"
    return f"{_name(held)}, {state}"


def _name(held: Qualification) -> str:
    return titled(held.title or sentence(subject_words(held.subject)), held.level)


def recorded(records: Iterable[Qualification]) -> str:
    """Give records for the inputs of a finding."""
    return "; ".join(map(record_words, records)) or "none"


def qualification(case: Case, requirement: Requirement) -> Iterator[Finding]:
    """Say whether a qualification is held, or waived by a dispensation on the gateway date.

    A dispensation of which the first day is not known is taken to hold for every gateway up to its last day.

    Yields:
        Exactly one finding.

    Source: the standard's gateway requirements, with the dispensation's dates.
    """
    finding = _judged(case, requirement, [requirement.subject or ""], requirement.level, requirement.source)
    waiver = requirement.dispensation
    is_waived = waiver and (waiver.since is None or waiver.since <= case.gateway) and case.gateway <= waiver.until
    if finding.status is Status.MET or waiver is None or not is_waived:
        yield finding
        return
    began = f"from {in_words(waiver.since)} " if waiver.since else ""
    doubt = "" if waiver.since else " The day it began is not known to us."
    yield Finding(
        "qualification",
        requirement.id,
        Status.NOT_NEEDED,
        f"Not needed for a gateway {began}up to {in_words(waiver.until)}: a dispensation waives it.{doubt}",
        {**finding.inputs, "gateway": case.gateway.isoformat(), "dispensation_until": waiver.until.isoformat()},
        None,
        f"{waiver.source.rstrip('.')} (for a gateway {began}to {in_words(waiver.until)})",
    )


def _judged(case: Case, requirement: Requirement, subjects: list[str], level: Level | None, source: str) -> Finding:
    """Give the finding on whether a qualification in one of the subjects is held at a level by the gateway day."""
    last = case.last_day
    records = [held for held in case.portfolio.records.qualifications if held.subject in subjects]
    name = subject_words(requirement.subject or "")
    wanted = f"{name} at {level.words}" if level else name
    best = best_record(records, level, last)
    status, reason, remedy = _answer(requirement, best, wanted, level, last)
    inputs = {"wanted": wanted, "needed_by": last.isoformat(), "recorded": recorded(records)}
    return Finding(requirement.rule.value, requirement.id, status, sentence(reason), inputs, remedy, source)


def _answer(
    requirement: Requirement, best: tuple[Qualification, Standing] | None, wanted: str, level: Level | None, last: date
) -> tuple[Status, str, Remedy | None]:
    """Give status, reason and remedy for the record that answers best."""
    about = requirement.id
    subject = requirement.subject or ""
    achieve = Remedy(
        Action.ACHIEVE_QUALIFICATION,
        about,
        f"Achieve {wanted}, and record the day and the certificate.",
        YOU,
        Effort.WEEKS,
        {"subject": subject, "level": level.value if level else "", "by": last.isoformat()},
    )
    if best is None:
        return Status.NOT_MET, f"{wanted} is needed; no record of it was found.", achieve
    held, found = best
    if found is Standing.UNDER_WAY:
        return Status.NOT_MET, f"{wanted} is needed; {_name(held)} is being worked towards, but not achieved.", achieve
    if found is Standing.TOO_LOW:
        return Status.NOT_MET, f"{wanted} is needed; recorded is {record_words(held)}.", achieve
    if found is Standing.TOO_LATE and held.awarded:
        reason = f"{_name(held)} is dated {in_words(held.awarded)}, after {in_words(last)}."
        return Status.NOT_MET, reason, _wait_for(about, held.awarded)
    if found is Standing.HELD and held.awarded:
        return Status.MET, f"{_name(held)} was awarded on {in_words(held.awarded)}.", None
    return Status.UNKNOWN, *unproven(about, held, _name(held))


def unproven(about: str, held: Qualification, name: str) -> tuple[str, Remedy]:
    """Give reason and remedy for a qualification on record whose day or certificate is missing.

    Args:
        about: the requirement's id.
        held: the record.
        name: what it is called.
    """
    certificate = held.certificate or "" if held.file and held.file.is_missing else ""
    attach = f"put the certificate {certificate} back into the folder, or correct its name in portfolio.yaml"
    details = {"subject": held.subject, "certificate": certificate}
    if held.awarded is not None:
        return (
            f"{name} is recorded, but its certificate {certificate} is not in the folder.",
            Remedy(Action.ATTACH_CERTIFICATE, about, f"{sentence(attach)}.", YOU, Effort.MINUTES, details),
        )
    record = f"Record the day on which {name} was awarded (records.qualifications, awarded)"
    return (
        f"{name} is recorded, but not the day on which it was awarded.",
        Remedy(
            Action.RECORD_FACT,
            about,
            f"{record}, and {attach}." if certificate else f"{record}.",
            PROVIDER,
            Effort.MINUTES,
            {"fact": "awarded", **details},
        ),
    )


def _wait_for(about: str, awarded: date) -> Remedy:
    return Remedy(
        Action.WAIT_UNTIL,
        about,
        f"Go through gateway on {in_words(awarded)} or later; correct the day if it is a slip.",
        PROVIDER,
        Effort.WAIT,
        {"on": awarded.isoformat()},
    )


def english_and_maths(case: Case, requirement: Requirement) -> Iterator[Finding]:
    """Say whether English or maths is held at the level asked for, or is not needed.

    The level goes by the standard's level; whether it is needed at all goes by the gateway date and the age on the
    original start date, unless employer and apprentice opted in or the standard itself mandates it.

    Yields:
        One finding; in an apprenticeship at level 2 another on what is worked towards besides.

    Source: the values `english_and_maths_...` in standards/policy.yaml.
    """
    found = list(_as_if_needed(case, requirement))
    exemption = None if requirement.mandated_by_standard else _exemption(case, requirement.subject or "")
    if all(finding.status is Status.MET for finding in found):
        yield from found
        return
    if exemption is None:
        # The age decides that it is needed, where a rule could exempt the learner.
        ages = _age_inputs(case) if case.policy.english_and_maths_optional_from_age.on(case.gateway) else {}
        yield from (replace(finding, inputs={**finding.inputs, **ages}) for finding in found)
        return
    status, reason, remedy, rule = exemption
    inputs = {**found[0].inputs, **_age_inputs(case)}
    yield Finding("english_and_maths", requirement.id, status, reason, inputs, remedy, rule)


def _as_if_needed(case: Case, requirement: Requirement) -> Iterator[Finding]:
    """Yield the findings by level alone, as if the subject were needed."""
    subject = requirement.subject or ""
    adjusted = case.policy.english_and_maths_adjusted_level.on(case.portfolio.dates.first)
    if adjusted and not requirement.mandated_by_standard and _is_adjusted(case, subject):
        subjects = [subject, "british_sign_language"] if subject == "english" else [subject]
        yield _judged(case, requirement, subjects, adjusted.value, dated_source(adjusted, "start"))
        return
    level, source = _level_wanted(case, requirement)
    if level is None:
        yield _no_level(case, requirement)
        return
    yield _judged(case, requirement, [subject], level, source)
    if case.standard.level is Level.L2 and not requirement.mandated_by_standard:
        yield _worked_towards(case, requirement, source)


def _is_adjusted(case: Case, subject: str) -> bool:
    """Say whether a difficulty or disability with evidence is on record for a subject by the day that counts."""
    last = case.last_day
    return any(
        record.subject == subject and (record.on is None or record.on <= last)
        for record in case.portfolio.records.adjustments
    )


def _level_wanted(case: Case, requirement: Requirement) -> tuple[Level | None, str]:
    """Give the level that the rules ask for, and the rule; no level where it is not known."""
    if requirement.mandated_by_standard:
        return requirement.level, requirement.source
    if case.standard.level is None:
        return None, ""
    is_higher = case.standard.level.reaches(Level.L3)
    rule = case.policy.english_and_maths_level if is_higher else case.policy.english_and_maths_level_at_level_2
    dated = rule.on(case.portfolio.dates.first)
    return (dated.value, dated_source(dated, "start")) if dated else (None, "")


def _no_level(case: Case, requirement: Requirement) -> Finding:
    subject = subject_words(requirement.subject or "")
    return Finding(
        "english_and_maths",
        requirement.id,
        Status.UNKNOWN,
        f"The level of {subject} that is needed is not known for this standard and a start on "
        f"{in_words(case.portfolio.dates.first)}.",
        {"standard_level": case.standard.level.value if case.standard.level else "unknown"},
        None,
        "standards/policy.yaml, english_and_maths_level, english_and_maths_level_at_level_2: no value for this start",
    )


def _worked_towards(case: Case, requirement: Requirement, source: str) -> Finding:
    """Give the finding on what an apprentice at level 2 works towards besides the level that is achieved."""
    subject = requirement.subject or ""
    level = WORKED_TOWARDS_AT_LEVEL_2
    wanted = f"{subject_words(subject)} at {level.words}"
    records = [held for held in case.portfolio.records.qualifications if held.subject == subject]
    begun = [held for held in records if standing(held, level, case.last_day) is not Standing.TOO_LOW]
    inputs = {"wanted": f"{wanted}, worked towards", "recorded": recorded(records)}
    if begun:
        reason = f"{sentence(wanted)} is worked towards or held: {record_words(begun[0])}."
        return Finding("english_and_maths", requirement.id, Status.MET, reason, inputs, None, source)
    return Finding(
        "english_and_maths",
        requirement.id,
        Status.NOT_MET,
        f"{sentence(wanted)} is to be worked towards as well; no record of that was found.",
        inputs,
        Remedy(
            Action.ACHIEVE_QUALIFICATION,
            requirement.id,
            f"Begin {wanted}, and record it (state: working_towards).",
            YOU,
            Effort.HOURS,
            {"subject": subject, "level": level.value, "state": "working_towards"},
        ),
        source,
    )


def _exemption(case: Case, subject: str) -> tuple[Status, str, Remedy | None, str] | None:
    """Give status, reason, remedy and rule where the subject may not be needed; None where it is needed."""
    rule = case.policy.english_and_maths_optional_from_age.on(case.gateway)
    if rule is None or _is_opted_in(case, subject):
        return None
    source = dated_source(rule, "gateway")
    age = age_at_start(case)
    if age is None:
        remedy = Remedy(
            Action.RECORD_FACT,
            "learner.born",
            "Record the date of birth or the age at the start (learner.born or learner.age_at_start).",
            PROVIDER,
            Effort.MINUTES,
            {"fact": "learner.age_at_start"},
        )
        reason = f"Whether {subject_words(subject)} is needed depends on the age at the start, which is not recorded."
        return Status.UNKNOWN, reason, remedy, source
    if age < rule.value:
        return None
    since = f"gateway is on or after {in_words(rule.since)}, " if rule.since else ""
    reason = f"Not needed: {since}the learner was {age} at the start, and nobody opted in."
    return Status.NOT_NEEDED, reason, None, source


def _is_opted_in(case: Case, subject: str) -> bool:
    """Say whether an optional subject is taken after all; an agreement of which the day is not recorded counts."""
    return any(
        record.subject == subject and (record.on is None or record.on <= case.gateway)
        for record in case.portfolio.records.opt_ins
    )


def age_at_start(case: Case) -> int | None:
    """Give the age in full years on the original start date; None where it is not recorded.

    Someone born on 29 February has the birthday on 1 March in other years.
    """
    learner, first = case.portfolio.learner, case.portfolio.dates.first
    if learner.born is None:
        return learner.age_at_start
    return first.year - learner.born.year - ((first.month, first.day) < (learner.born.month, learner.born.day))


def _age_inputs(case: Case) -> dict[str, str]:
    age = age_at_start(case)
    return {"age_at_start": "unknown" if age is None else str(age), "gateway": case.gateway.isoformat()}
