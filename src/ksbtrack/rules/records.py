"""Gateway requirements about records: statements, English and maths, qualifications, showcase, confirmations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from ksbtrack.models.analysis import Action, Effort, Finding, Remedy, Status
from ksbtrack.models.case import Case
from ksbtrack.models.portfolio import Confirmation, Party, Qualification, QualificationState
from ksbtrack.models.standard import Condition, Level, Requirement
from ksbtrack.models.values import in_words, listed
from ksbtrack.rules.period import dated_source
from ksbtrack.rules.pieces import YOU

_SUBJECT_WORDS = {"english": "English", "ict": "ICT"}


def subject_words(subject: str) -> str:
    """Give a subject as a sentence says it."""
    return _SUBJECT_WORDS.get(subject, subject.replace("_", " "))


def every_statement(case: Case, requirement: Requirement, statuses: Mapping[str, Status]) -> Iterator[Finding]:
    """Say whether every statement is met; desirable ones are left out.

    Yields:
        Exactly one finding, without a remedy: each statement has its own.

    Source: the standard's gateway requirements.
    """
    deciding = [statement.code for statement in case.standard.competencies if not statement.desirable]
    met = [code for code in deciding if statuses[code].holds]
    failing = [code for code in deciding if statuses[code].fails]
    open_ones = [code for code in deciding if not statuses[code].holds and not statuses[code].fails]
    status = Status.NOT_MET if failing else Status.UNKNOWN if open_ones else Status.MET
    reason = f"{len(met)} of {len(deciding)} statements are met."
    if failing:
        reason += f" Not met: {', '.join(failing)}."
    if open_ones:
        reason += f" Not known or to be checked again: {', '.join(open_ones)}."
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


def english_and_maths(case: Case, requirement: Requirement) -> Iterator[Finding]:
    """Say whether English or maths is held at the level asked for, or is not needed.

    The level goes by the standard's level; whether it is needed at all goes by the gateway date and the age on the
    original start date, unless employer and apprentice opted in or the standard itself mandates it.

    Yields:
        Exactly one finding.

    Source: the values `english_and_maths_...` in standards/policy.yaml.
    """
    subject = requirement.subject or ""
    level, source = _level_wanted(case, requirement)
    subjects = {subject}
    adjusted = any(record.subject == subject for record in case.portfolio.records.adjustments)
    lower = case.policy.english_and_maths_adjusted_level.on(case.portfolio.dates.first)
    if adjusted and lower is not None and not requirement.mandated_by_standard:
        level, source = lower.value, dated_source(lower, "start")
        if subject == "english":
            subjects.add("british_sign_language")
    exemption = None if requirement.mandated_by_standard else _exemption(case, subject)
    if level is None:
        yield _no_level(case, requirement)
        return
    finding = _held(case, requirement, subjects, level, source)
    if finding.status is Status.MET or exemption is None:
        yield finding
        return
    status, reason, remedy, rule = exemption
    yield Finding(
        "english_and_maths",
        requirement.id,
        status,
        reason,
        {**finding.inputs, **_age_inputs(case)},
        remedy,
        rule,
    )


def _no_level(case: Case, requirement: Requirement) -> Finding:
    return Finding(
        "english_and_maths",
        requirement.id,
        Status.UNKNOWN,
        f"The level of {subject_words(requirement.subject or '')} asked for is not known for this standard and start.",
        {"standard_level": case.standard.level.value if case.standard.level else "unknown"},
        None,
        "standards/policy.yaml, english_and_maths_level",
    )


def _level_wanted(case: Case, requirement: Requirement) -> tuple[Level | None, str]:
    """Give the level that the rules ask for, and the rule."""
    if requirement.mandated_by_standard:
        return requirement.level, requirement.source
    if case.standard.level is None:
        return None, ""
    is_higher = case.standard.level.reaches(Level.L3)
    rule = case.policy.english_and_maths_level if is_higher else case.policy.english_and_maths_level_at_level_2
    dated = rule.on(case.portfolio.dates.first)
    return (dated.value, dated_source(dated, "start")) if dated else (None, "")


def _exemption(case: Case, subject: str) -> tuple[Status, str, Remedy | None, str] | None:
    """Give status, reason, remedy and rule where the subject may not be needed; None where it is needed."""
    rule = case.policy.english_and_maths_optional_from_age.on(case.gateway)
    if rule is None:
        return None
    source = dated_source(rule, "gateway")
    words = subject_words(subject)
    if any(record.subject == subject for record in case.portfolio.records.opt_ins):
        return None
    age = age_at_start(case)
    if age is None:
        remedy = Remedy(
            Action.RECORD_FACT,
            "learner.born",
            "Record the date of birth or the age at the start (learner.born or learner.age_at_start).",
            "your provider",
            Effort.MINUTES,
            {"fact": "learner.age_at_start"},
        )
        reason = f"Whether {words} is needed depends on the age at the start, which is not recorded."
        return Status.UNKNOWN, reason, remedy, source
    if age >= rule.value:
        reason = (
            f"Not needed: gateway is on or after {in_words(rule.since or case.gateway)}, the learner was {age} at the "
            f"start, and nobody opted in."
        )
        return Status.NOT_NEEDED, reason, None, source
    return None


def age_at_start(case: Case) -> int | None:
    """Give the age in full years on the original start date; None where it is not recorded."""
    learner, first = case.portfolio.learner, case.portfolio.dates.first
    if learner.born is None:
        return learner.age_at_start
    return first.year - learner.born.year - ((first.month, first.day) < (learner.born.month, learner.born.day))


def _age_inputs(case: Case) -> dict[str, str]:
    age = age_at_start(case)
    return {"age_at_start": "unknown" if age is None else str(age), "gateway": case.gateway.isoformat()}


def qualification(case: Case, requirement: Requirement) -> Iterator[Finding]:
    """Say whether a qualification is held, or waived by a dispensation on the gateway date.

    Yields:
        Exactly one finding.

    Source: the standard's gateway requirements, with the dispensation's dates.
    """
    assert requirement.level is not None
    finding = _held(case, requirement, {requirement.subject or ""}, requirement.level, requirement.source)
    waiver = requirement.dispensation
    if finding.status is not Status.MET and waiver and case.gateway <= waiver.until:
        in_force = waiver.since is None or waiver.since <= case.gateway
        if in_force:
            began = "" if waiver.since else " The day it began is not known to us."
            yield Finding(
                "qualification",
                requirement.id,
                Status.NOT_NEEDED,
                f"Not needed for a gateway up to {in_words(waiver.until)}: a dispensation waives it.{began}",
                {
                    **finding.inputs,
                    "gateway": case.gateway.isoformat(),
                    "dispensation_until": waiver.until.isoformat(),
                },
                None,
                waiver.source,
            )
            return
    yield finding


def _held(case: Case, requirement: Requirement, subjects: set[str], level: Level, source: str) -> Finding:
    """Give the finding on whether a qualification in one of the subjects is held at a level by the gateway day."""
    last = min(case.gateway, case.on) if case.portfolio.dates.gateway else case.on
    records = [held for held in case.portfolio.records.qualifications if held.subject in subjects]
    good = [held for held in records if _counts(held, level, last)]
    shown = [held for held in good if held.file is None or not held.file.is_missing]
    words = subject_words(requirement.subject or "")
    wanted = f"{words} at {level.words}"
    inputs = {"wanted": wanted, "recorded": "; ".join(map(_record_words, records)) or "none"}
    rule = requirement.rule.value
    if shown:
        held = shown[0]
        assert held.awarded is not None
        reason = f"{held.title or words} at {held.level.words}, awarded {in_words(held.awarded)}."
        return Finding(rule, requirement.id, Status.MET, reason, inputs, None, source)
    if good:
        name = good[0].certificate or ""
        remedy = Remedy(
            Action.ATTACH_CERTIFICATE,
            requirement.id,
            f"Put the certificate {name} back into the folder, or correct its name in portfolio.yaml.",
            YOU,
            Effort.MINUTES,
            {"subject": good[0].subject},
        )
        reason = f"{wanted} is recorded, but its certificate {name} is not in the folder."
        return Finding(rule, requirement.id, Status.UNKNOWN, reason, inputs, remedy, source)
    undated = [held for held in records if _is_achieved(held, level) and held.awarded is None]
    if undated:
        remedy = Remedy(
            Action.RECORD_FACT,
            requirement.id,
            f"Record the day on which {wanted} was awarded (records.qualifications, awarded).",
            "your provider",
            Effort.MINUTES,
            {"fact": "awarded", "subject": undated[0].subject},
        )
        reason = f"{wanted} is recorded, but not the day on which it was awarded."
        return Finding(rule, requirement.id, Status.UNKNOWN, reason, inputs, remedy, source)
    return Finding(
        rule, requirement.id, Status.NOT_MET, _lacking(records, wanted, level, last), inputs,
        Remedy(
            Action.ACHIEVE_QUALIFICATION,
            requirement.id,
            f"Achieve {wanted}, and record the day and the certificate.",
            YOU,
            Effort.WEEKS,
            {"subject": requirement.subject or "", "level": level.value},
        ),
        source,
    )  # fmt: skip


def _lacking(records: list[Qualification], wanted: str, level: Level, last: date) -> str:
    late = [held for held in records if _is_achieved(held, level) and held.awarded and held.awarded > last]
    if late and late[0].awarded:
        return f"{wanted} is dated {in_words(late[0].awarded)}, after {in_words(last)}."
    if any(held.state is QualificationState.WORKING_TOWARDS for held in records):
        return f"{wanted} is being worked towards, but not achieved."
    if records:
        return f"{wanted} is needed; recorded is {_record_words(records[0])}."
    return f"{wanted} is needed; no record of it was found."


def _record_words(held: Qualification) -> str:
    state = "working towards" if held.state is QualificationState.WORKING_TOWARDS else "achieved"
    awarded = f" {in_words(held.awarded)}" if held.awarded else ""
    return f"{held.title or subject_words(held.subject)}, {held.level.words}, {state}{awarded}"


def _is_achieved(held: Qualification, level: Level) -> bool:
    return held.state is QualificationState.ACHIEVED and held.level.reaches(level)


def _counts(held: Qualification, level: Level, last: date) -> bool:
    return _is_achieved(held, level) and held.awarded is not None and held.awarded <= last


def showcase(case: Case, requirement: Requirement, worth: Mapping[str, Status]) -> Iterator[Finding]:
    """Say whether a showcase is chosen and every piece in it counts.

    Args:
        case: the question.
        requirement: what the standard asks for.
        worth: what each piece is worth, by id.

    Yields:
        Exactly one finding.

    Source: the standard's gateway requirements.
    """
    chosen = case.portfolio.showcase
    bad = [piece for piece in chosen if worth[piece] is not Status.MET]
    inputs = {"chosen": ", ".join(chosen) or "none", "not_counting": ", ".join(bad) or "none"}
    good = [piece.id for piece in case.portfolio.evidence if worth[piece.id] is Status.MET]
    remedy = None
    if not chosen:
        status, reason = Status.NOT_MET, "No pieces are chosen for the showcase."
        remedy = _choose(requirement, "Choose the pieces for the showcase (showcase in portfolio.yaml).", good)
    elif any(worth[piece] in (Status.NOT_MET, Status.PARTLY_MET) for piece in bad):
        status = Status.NOT_MET
        reason = f"The showcase holds {listed(bad)}, which {'does' if len(bad) == 1 else 'do'} not count."
        remedy = _choose(requirement, f"Take {listed(bad)} out of the showcase, or mend what keeps it from counting.",
                         [piece for piece in chosen if piece not in bad] or good)  # fmt: skip
    elif bad:
        status = Status.CHECK_AGAIN
        reason = f"The showcase holds {listed(bad)}, which must be checked again."
        remedy = _choose(requirement, f"Have {listed(bad)} checked again, or take it out of the showcase.",
                         [piece for piece in chosen if piece not in bad] or good)  # fmt: skip
    else:
        pieces = "piece" if len(chosen) == 1 else "pieces"
        status, reason = (
            Status.MET,
            f"{len(chosen)} {pieces} chosen, and every one counts: {', '.join(chosen)}.",
        )
    yield Finding("showcase", requirement.id, status, reason, inputs, remedy, requirement.source)


def _choose(requirement: Requirement, text: str, pieces: list[str]) -> Remedy:
    return Remedy(Action.CHOOSE_SHOWCASE, requirement.id, text, YOU, Effort.HOURS, {"pieces": " ".join(pieces)})


def confirmations(case: Case, requirement: Requirement) -> Iterator[Finding]:
    """Say of each party whether it confirmed, with name, role and a day not before the evidence it covers.

    A confirmation covers the pieces it names, or the showcase.

    Yields:
        One finding a party, in the order in which the standard names them.

    Source: the standard's gateway requirements.
    """
    for name in requirement.by:
        given = [
            record
            for record in case.portfolio.records.confirmations
            if record.by is Party(name) and record.of.casefold() != "behaviours"
        ]
        faults = [fault for record in given if (fault := _confirmation_fault(case, record))]
        if given and len(faults) < len(given):
            good = next(record for record in given if not _confirmation_fault(case, record))
            assert good.on is not None
            reason = f"The {name}'s confirmation by {good.name} ({good.role}) is dated {in_words(good.on)}."
            yield Finding(
                "confirmations", requirement.id, Status.MET, reason,
                {"by": name, "on": good.on.isoformat()}, None, requirement.source,
            )  # fmt: skip
            continue
        reason = f"The {name}'s confirmation {faults[0]}." if faults else f"The {name} has not confirmed yet."
        latest = _latest_covered(case, given[0].covers if given else ())
        yield Finding(
            "confirmations",
            requirement.id,
            Status.NOT_MET,
            reason,
            {
                "by": name,
                "recorded": str(len(given)),
                "latest_evidence": latest.isoformat() if latest else "none",
            },
            Remedy(
                Action.GET_CONFIRMATION,
                name,
                _ask(name, latest),
                YOU if name == "apprentice" else f"your {name}",
                Effort.MINUTES,
                {"by": name, "of": "competence", "since": latest.isoformat() if latest else ""},
            ),
            requirement.source,
        )


def _ask(name: str, latest: date | None) -> str:
    dated = f", dated {in_words(latest)} or later" if latest else ""
    if name == "apprentice":
        return f"Sign your own confirmation{dated}, and record name, role and day."
    return f"Ask your {name} to confirm your competence{dated}, and record name, role and day."


def _confirmation_fault(case: Case, record: Confirmation) -> str:
    """Give what is wrong with a confirmation, as a clause; nothing if it stands."""
    missing = [
        words for words, value in (("name", record.name), ("role", record.role), ("day", record.on)) if not value
    ]
    if missing:
        return f"lacks its {listed(missing)}"
    assert record.on is not None
    if record.on > case.on:
        return f"is dated {in_words(record.on)}, after {in_words(case.on)}"
    latest = _latest_covered(case, record.covers)
    if latest and record.on < latest:
        return f"is dated {in_words(record.on)}, before evidence it covers, made on {in_words(latest)}"
    return ""


def _latest_covered(case: Case, covers: tuple[str, ...]) -> date | None:
    """Give the day on which the newest piece was made among those named, or in the showcase."""
    named = covers or case.portfolio.showcase
    return max((case.portfolio.by_id[piece].date for piece in named), default=None)


def progression(case: Case, requirement: Requirement) -> Iterator[Finding]:
    """Say whether the qualifications for a grade are held, by the requirement's logic.

    Yields:
        Exactly one finding.

    Source: the profile's progression requirements.
    """
    assert requirement.condition is not None
    status, reason = _weigh(case, requirement.condition)
    leaf = _first_leaf(case, requirement.condition)
    remedy = None
    if status is not Status.MET:
        verb = "Begin or achieve" if leaf.working_towards_is_enough else "Achieve"
        remedy = Remedy(
            Action.ACHIEVE_QUALIFICATION,
            requirement.id,
            f"{verb} {_condition_words(requirement.condition)}; record the day and the certificate.",
            YOU,
            Effort.WEEKS,
            {"subject": leaf.subject or "", "level": leaf.level.value if leaf.level else ""},
        )
    yield Finding(
        "progression",
        requirement.id,
        status,
        reason,
        {
            "wanted": _condition_words(requirement.condition),
            "recorded": "; ".join(map(_record_words, case.portfolio.records.qualifications)) or "none",
        },
        remedy,
        requirement.source,
        decides=not requirement.desirable,
    )


def _weigh(case: Case, condition: Condition) -> tuple[Status, str]:
    """Give status and reason of a condition: all_of is as good as its worst part, any_of as its best."""
    if condition.subject is not None:
        return _weigh_one(case, condition)
    parts = [_weigh(case, part) for part in condition.all_of or condition.any_of]
    order = [Status.MET, Status.UNKNOWN, Status.NOT_MET]
    ranked = sorted(parts, key=lambda part: order.index(part[0]))
    if condition.any_of and ranked[0][0] is Status.NOT_MET:
        return Status.NOT_MET, f"Needed is one of: {_condition_words(condition)}; none is recorded."
    return ranked[-1] if condition.all_of else ranked[0]


def _weigh_one(case: Case, condition: Condition) -> tuple[Status, str]:
    level = condition.level or Level.E1  # a programme without a level: any that is recorded will do
    name = condition.title or subject_words(condition.subject or "")
    undated = False
    for held in case.portfolio.records.qualifications:
        if held.subject != condition.subject or not held.level.reaches(level):
            continue
        if _counts(held, level, case.on) and held.awarded:
            return Status.MET, f"{held.title or name} is held, awarded {in_words(held.awarded)}."
        if condition.working_towards_is_enough and held.state is QualificationState.WORKING_TOWARDS:
            return Status.MET, f"{held.title or name} is being worked towards, which is enough."
        undated = undated or (_is_achieved(held, level) and held.awarded is None)
    if undated:
        return Status.UNKNOWN, f"{name} is recorded, but not the day on which it was awarded."
    return Status.NOT_MET, f"{name} is not recorded."


def _first_leaf(case: Case, condition: Condition) -> Condition:
    """Give the qualification that a remedy names: the first one of the first part that is not met."""
    if condition.subject is not None:
        return condition
    parts = condition.all_of or condition.any_of
    return _first_leaf(case, next((part for part in parts if _weigh(case, part)[0] is not Status.MET), parts[0]))


def _condition_words(condition: Condition) -> str:
    if condition.subject is not None:
        level = f" ({condition.level.words})" if condition.level else ""
        return (condition.title or subject_words(condition.subject)) + level
    joint = " and " if condition.all_of else " or "
    return joint.join(map(_condition_words, condition.all_of or condition.any_of))
