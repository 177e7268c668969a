"""Doing what a remedy asks: the case as it is afterwards. One function an action; the tests prove remedies with it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from dateutil.relativedelta import relativedelta

from case_text import ACCOUNT, FINGERPRINT
from ksbtrack.models.analysis import Action, Finding, Remedy
from ksbtrack.models.case import Case
from ksbtrack.models.portfolio import (
    Acceptance,
    AcceptanceState,
    AttachedFile,
    Break,
    Claim,
    ClaimState,
    Confirmation,
    Confirmed,
    Evidence,
    LoggedHours,
    Party,
    Qualification,
    QualificationState,
    Signature,
    Witness,
)
from ksbtrack.models.standard import EvidenceKind, Level, RequirementRule, Standard
from ksbtrack.models.values import Known, natural_key
from ksbtrack.problems import Source
from ksbtrack.rules.period import is_eligible, is_in_break

SIGNED_KINDS = (EvidenceKind.WITNESS_TESTIMONY, EvidenceKind.OBSERVATION_RECORD)
UNSIGNED_KINDS = [kind for kind in EvidenceKind if kind not in SIGNED_KINDS]
AMPLE_HOURS = Decimal(20)


def do(case: Case, remedy: Remedy, finding: Finding) -> Case:
    """Give the case after a remedy was done, and nothing else.

    An analysis says what counts by its last day: where gateway is past, what was to be done by then.

    Args:
        case: the question in which the finding was made.
        remedy: what to do.
        finding: what it was advised for.
    """
    assert finding.remedy is remedy
    made = done(dataclasses.replace(case, on=case.last_day), remedy)
    return dataclasses.replace(made, on=max(made.on, case.on))


def done(case: Case, remedy: Remedy) -> Case:
    """Give the case after a remedy of a plan was done, on the day of the case, be gateway past or not."""
    return _DOING[remedy.action](case, remedy)


def _with(case: Case, **changes: Any) -> Case:
    return dataclasses.replace(case, portfolio=case.portfolio.model_copy(update=changes))


def _with_piece(case: Case, name: str, **changes: Any) -> Case:
    assert name in case.portfolio.by_id
    evidence = tuple(
        piece.model_copy(update=changes) if piece.id == name else piece for piece in case.portfolio.evidence
    )
    return _with(case, evidence=evidence)


def _with_records(case: Case, **changes: Any) -> Case:
    return _with(case, records=case.portfolio.records.model_copy(update=changes))


def _with_claim(case: Case, name: str, code: str, **changes: Any) -> Case:
    claims = tuple(
        claim.model_copy(update=changes) if claim.code == code else claim for claim in case.portfolio.by_id[name].claims
    )
    return _with_piece(case, name, claims=claims)


def _accepted(case: Case, piece: Evidence) -> Acceptance:
    return Acceptance(
        state=AcceptanceState.ACCEPTED, by="Example Assessor", on=case.on, fingerprint=piece.fingerprint or None
    )


def _accept(case: Case, names: list[str]) -> Case:
    for name in names:
        case = _with_piece(case, name, acceptance=_accepted(case, case.portfolio.by_id[name]))
    return case


def _accept_piece(case: Case, remedy: Remedy) -> Case:
    return _confirm(_accept(case, remedy.subject.split()), remedy.details.get("confirm", "").split())


def _confirm_claim(case: Case, remedy: Remedy) -> Case:
    return _confirm(case, remedy.subject.split())


def _confirm(case: Case, subjects: list[str]) -> Case:
    for subject in subjects:
        name, code, *_ = subject.split(":")
        case = _with_claim(case, name, code, state=ClaimState.CONFIRMED)
    return case


def _rework_piece(case: Case, remedy: Remedy) -> Case:
    if remedy.details.get("add") == "account":
        case = _with_piece(case, remedy.subject, account=ACCOUNT)
    return _accept(case, [remedy.subject])


def _add_piece(case: Case, remedy: Remedy) -> Case:
    if "codes" in remedy.details:
        return _write_up(case, remedy)
    code = remedy.subject
    waiting = remedy.details.get("waiting", "").split()
    case = _confirm(_accept(case, waiting), [f"{name}:{code}" for name in waiting])
    settings = case.settings[code]
    spoken_for = {*remedy.details.get("not_kinds", "").split(), *(settings.barred_kinds or ())}
    kinds = [kind for kind in UNSIGNED_KINDS if kind not in spoken_for]
    taken = set(remedy.details.get("not_days", "").split())
    oldest = case.gateway - relativedelta(months=settings.max_age_months or 1200)
    if oldest > case.on:
        case = dataclasses.replace(case, on=oldest)
    count = int(remedy.details["count"])
    days = [day for day in _days(case, oldest) if day.isoformat() not in taken][:count]
    assert len(days) == count, "no day is left for a new piece"
    for number, day in enumerate(days):
        case = with_new_piece(case, code, kinds[number % len(kinds)], day)
    return case


def _write_up(case: Case, remedy: Remedy) -> Case:
    """Give the case with one new piece for several statements, from a day that no other piece for them has."""
    codes, kind = remedy.details["codes"].split(), EvidenceKind(remedy.details["kind"])
    assert not any(kind in (case.settings[code].barred_kinds or ()) for code in codes)
    taken = {piece.date for piece in case.portfolio.evidence for claim in piece.claims if claim.code in codes}
    months = min([case.settings[code].max_age_months or 1200 for code in codes])
    day = next(day for day in _days(case, case.gateway - relativedelta(months=months)) if day not in taken)
    first, *others = codes
    case = with_new_piece(case, first, kind, day)
    claims = tuple(
        Claim(code=code, standard=case.standard.by_code[code].origin, state=ClaimState.CONFIRMED) for code in others
    )
    made = case.portfolio.evidence[-1]
    case = _with_piece(case, made.id, claims=made.claims + claims)
    return _signed(case, made.id) if kind in SIGNED_KINDS else case


def _signed(case: Case, name: str) -> Case:
    """Give the case in which a testimony or observation record bears the signatures that it must carry."""
    everyone = tuple(Signature(by=party, on=case.on) for party in (Party.WITNESS, Party.ASSESSOR, Party.APPRENTICE))
    witness = Witness(name="Example Witness", role="teacher", relationship="colleague", signed=case.on)
    return _with_piece(case, name, signatures=everyone, witness=witness)


def _days(case: Case, since: date = date.min) -> list[date]:
    """Give the days on which evidence can be made, the last first."""
    first = max(case.portfolio.dates.first, since)
    return [case.on - timedelta(days=back) for back in range((case.on - first).days + 1)]


def with_new_piece(case: Case, code: str, kind: EvidenceKind, day: date) -> Case:
    statement = case.standard.by_code[code]
    claim = Claim(code=code, standard=statement.origin, state=ClaimState.CONFIRMED)
    name = f"N{len(case.portfolio.evidence)}"
    piece = Evidence(
        id=name,
        title="A new piece",
        kind=kind,
        date=day,
        claims=(claim,),
        account=ACCOUNT,
        fingerprint=FINGERPRINT,
        source=Source(""),
    )
    piece = piece.model_copy(update={"acceptance": _accepted(case, piece)})
    return _with(case, evidence=(*case.portfolio.evidence, piece))


def _correct_date(case: Case, remedy: Remedy) -> Case:
    if remedy.subject == "off_the_job":
        rows = case.portfolio.off_the_job or ()
        return _with(case, off_the_job=tuple(row for row in rows if is_eligible(case, row)))
    return _with_piece(case, remedy.subject, date=date.fromisoformat(remedy.details["until"]))


def _replace_piece(case: Case, remedy: Remedy) -> Case:
    piece, details = case.portfolio.by_id[remedy.subject], remedy.details
    since = date.fromisoformat(details.get("since", "1900-01-01"))
    until = date.fromisoformat(details.get("until", "2199-12-31"))
    if since > case.on:
        case = dataclasses.replace(case, on=since)
    changes: dict[str, Any] = {"date": min(max(piece.date, since), until), "acceptance": _accepted(case, piece)}
    if "kind" in details:
        changes["kind"] = EvidenceKind(details["kind"])
    return _with_piece(case, piece.id, **changes)


def _complete_witness(case: Case, remedy: Remedy) -> Case:
    piece = case.portfolio.by_id[remedy.subject]
    signed = piece.witness.signed if piece.witness else None
    witness = Witness(name="Example Witness", role="teacher", relationship="colleague", signed=signed)
    return _with_piece(case, piece.id, witness=witness)


def _sign_piece(case: Case, remedy: Remedy) -> Case:
    piece = case.portfolio.by_id[remedy.subject]
    added = tuple(Signature(by=Party(party), on=case.on) for party in remedy.details["by"].split())
    return _with_piece(case, piece.id, signatures=piece.signatures + added)


def _replace_file(case: Case, remedy: Remedy) -> Case:
    if "sha256" in remedy.details:
        return _without_copies(case, remedy.details["sha256"])
    piece = case.portfolio.by_id[remedy.subject]
    if "redacted" in remedy.details:
        return _with_piece(case, piece.id, privacy=piece.privacy.model_copy(update={"redacted": True}))
    files = tuple(
        file.model_copy(
            update={
                "is_missing": False,
                "is_restricted": False,
                "problem": None,
                "sha256": f"new {piece.id} {file.name}",
            }
        )
        for file in piece.attached
    )
    return _with_piece(case, piece.id, attached=files)


def _without_copies(case: Case, sha256: str) -> Case:
    """Give the case in which all but the first file of a content are other files."""
    holders = sorted(
        (natural_key(piece.id), natural_key(file.name), piece.id, file.name)
        for piece in case.portfolio.evidence
        for file in piece.attached
        if file.sha256 == sha256
    )
    copies = {(name, file) for _, _, name, file in holders[1:]}
    for piece in case.portfolio.evidence:
        files = tuple(
            file.model_copy(update={"sha256": f"own {piece.id} {file.name}"})
            if (piece.id, file.name) in copies
            else file
            for file in piece.attached
        )
        case = _with_piece(case, piece.id, attached=files)
    return case


def _review_claim(case: Case, remedy: Remedy) -> Case:
    details = remedy.details
    if "keep" in details:
        piece = case.portfolio.by_id[remedy.subject]
        kept = list(dict.fromkeys(claim.code for claim in piece.claims))[: int(details["keep"])]
        return _with_piece(case, piece.id, claims=tuple(claim for claim in piece.claims if claim.code in kept))
    if "made_against" not in details:
        # Claims that were kept although their statements are gone: deleted.
        return _with_piece(case, remedy.subject, orphaned_claims=())
    for subject in remedy.subject.split():
        name, code, *_ = subject.split(":")
        case = _with_claim(case, name, code, made_against=details["made_against"], fingerprint=details["fingerprint"])
    for pair in details.get("accepted", "").split():
        name, fingerprint = pair.split("=")
        acceptance = case.portfolio.by_id[name].acceptance.model_copy(update={"fingerprint": fingerprint})
        case = _with_piece(case, name, acceptance=acceptance)
    return case


def _correct_place(case: Case, remedy: Remedy) -> Case:
    name, colon, code = remedy.subject.partition(":")
    code = code.partition(":")[0]
    if colon:
        return _with_claim(case, name, code, where=f"p. {remedy.details['last_page']}")
    claims = tuple(
        claim if claim.where else claim.model_copy(update={"where": "0:01:00"})
        for claim in case.portfolio.by_id[name].claims
    )
    return _with_piece(case, name, claims=claims)


def _wait_until(case: Case, remedy: Remedy) -> Case:
    day = date.fromisoformat(remedy.details["on"])
    dates = case.portfolio.dates
    if dates.gateway:
        case = _with(case, dates=dates.model_copy(update={"gateway": max(day, dates.gateway)}))
    return dataclasses.replace(case, on=max(day, case.on))


def _with_rows(case: Case, rows: list[tuple[date, Decimal]]) -> Case:
    added = [LoggedHours(date=day, hours=hours, activity="Training") for day, hours in rows]
    log = sorted([*(case.portfolio.off_the_job or ()), *added], key=lambda row: row.date)
    return _with(case, off_the_job=tuple(log))


def _log_hours(case: Case, remedy: Remedy) -> Case:
    short = Decimal(remedy.details["hours"])
    days = [day for day in _days(case) if not is_in_break(case, day)]
    return _with_rows(case, [(days[0], short)])


def _log_learning(case: Case, remedy: Remedy) -> Case:
    rows = []
    for gap in remedy.details["gaps"].split():
        start, end = map(date.fromisoformat, gap.split("/"))
        for back in range((end - start).days + 1):
            day = start + timedelta(days=back)
            if not is_in_break(case, day):
                rows.append((day, Decimal(1)))
    return _with_rows(case, rows)


def _achieve_qualification(case: Case, remedy: Remedy) -> Case:
    details = remedy.details
    wanted = details.get("wanted") or f"{details['subject']}:{details['level']}"
    state = QualificationState(details.get("state", "achieved"))
    added = tuple(
        Qualification(
            subject=subject,
            level=Level(level) if level else None,
            state=state,
            awarded=case.on if state is QualificationState.ACHIEVED else None,
        )
        for subject, _, level in (pair.partition(":") for pair in wanted.split())
    )
    if "wanted" in details and "subject" in details:
        case = _record_awarded(case, remedy) if "fact" in details else _attach_certificate(case, remedy)
    return _with_records(case, qualifications=case.portfolio.records.qualifications + added)


def _attach_certificate(case: Case, remedy: Remedy) -> Case:
    subject = remedy.details.get("of") or remedy.details["subject"]
    return _with_qualifications(case, subject.split(), certificate=f"records/{subject}.pdf")


def _with_qualifications(case: Case, subjects: list[str], **changes: Any) -> Case:
    """Give the case in which the records of some subjects have their certificates, and what else is told."""
    changes = {"file": AttachedFile(name="records/new.pdf"), **changes}
    held = tuple(
        record.model_copy(update=changes) if record.subject in subjects else record
        for record in case.portfolio.records.qualifications
    )
    return _with_records(case, qualifications=held)


def _record_fact(case: Case, remedy: Remedy) -> Case:
    for fact in remedy.details["fact"].split():
        case = _RECORDING[fact](case, remedy)
    return case


def _record_breaks(case: Case, _: Remedy) -> Case:
    """Give the case in which each break has an end and leads up to the restart, as short as that can be."""
    dates = case.portfolio.dates
    breaks = [pause if pause.end else Break(start=pause.start, end=pause.start) for pause in dates.breaks]
    if dates.first != dates.start:
        day = dates.start - timedelta(days=1)
        breaks.append(Break(start=day, end=day))
    return _with(case, dates=dates.model_copy(update={"breaks": tuple(breaks)}))


def _record_log(case: Case, _: Remedy) -> Case:
    days = [day for day in reversed(_days(case)) if not is_in_break(case, day)]
    return _with_rows(case, [(day, AMPLE_HOURS) for day in days])


def _record_awarded(case: Case, remedy: Remedy) -> Case:
    return _with_qualifications(case, remedy.details["subject"].split(), awarded=case.last_day)


def _record_learner(case: Case, **changes: Any) -> Case:
    return _with(case, learner=case.portfolio.learner.model_copy(update=changes))


def _with_standard(case: Case, **changes: Any) -> Case:
    standard: Standard = case.standard.model_copy(update=changes)
    return dataclasses.replace(case, standard=standard)


def _record_trust(case: Case, _: Remedy) -> Case:
    groups = tuple(
        group.model_copy(
            update={
                "statements": tuple(
                    statement.model_copy(update={"trust": Known.OFFICIAL}) for statement in group.statements
                )
            }
        )
        for group in case.standard.groups
    )
    return _with_standard(case, groups=groups)


def _record_mapping(case: Case, remedy: Remedy) -> Case:
    codes = tuple(case.standard.by_code)
    methods = tuple(
        method.model_copy(update={"assesses": codes}) if method.id == remedy.subject else method
        for method in case.standard.methods
    )
    return _with_standard(case, methods=methods)


def _record_number(case: Case, _: Remedy) -> Case:
    enough = case.policy.sufficiency.model_copy(update={"pieces_per_competency": 1})
    return dataclasses.replace(case, policy=case.policy.model_copy(update={"sufficiency": enough}))


def _record_fingerprints(case: Case, remedy: Remedy) -> Case:
    for name in remedy.details["pieces"].split():
        piece = case.portfolio.by_id[name]
        acceptance = piece.acceptance.model_copy(update={"fingerprint": piece.fingerprint})
        case = _with_piece(case, name, acceptance=acceptance)
    return case


def _record_plan(case: Case, _: Remedy) -> Case:
    """Give the case in which an overlay says that the plan asks for nothing more."""
    known = (item for item in case.standard.requirements if item.rule is not RequirementRule.ASSESSMENT_PLAN)
    return _with_standard(case, requirements=tuple(known))


_RECORDING: dict[str, Callable[[Case, Remedy], Case]] = {
    "learner.weekly_hours": lambda case, _: _record_learner(case, weekly_hours=Decimal(37)),
    "learner.age_at_start": lambda case, _: _record_learner(case, age_at_start=19),
    "dates.breaks": _record_breaks,
    "off-the-job.csv": _record_log,
    "awarded": _record_awarded,
    "minimum_hours": lambda case, _: _with_standard(case, minimum_hours=Decimal(187)),
    "trust": _record_trust,
    "assesses": _record_mapping,
    "standard": lambda case, _: _with_standard(case, earliest_start=None, latest_start=None),
    "pieces_per_competency": _record_number,
    "acceptance.fingerprint": _record_fingerprints,
    "requirements": _record_plan,
}


def _choose_showcase(case: Case, remedy: Remedy) -> Case:
    chosen = tuple(remedy.details["pieces"].split())
    if not chosen:
        code = case.standard.competencies[0].code
        barred = case.settings[code].barred_kinds or ()
        kind = next(kind for kind in (*UNSIGNED_KINDS, *SIGNED_KINDS) if kind not in barred)
        case = with_new_piece(case, code, kind, _days(case)[0])
        chosen = (case.portfolio.evidence[-1].id,)
        case = _signed(case, chosen[0]) if kind in SIGNED_KINDS else case
    return _with(case, showcase=chosen)


def _get_confirmation(case: Case, remedy: Remedy) -> Case:
    details = remedy.details
    signed = Confirmation(
        by=Party(details["by"]), name="Example Name", role="role", of=Confirmed(details["of"]), on=case.on
    )
    return _with_records(case, confirmations=(*case.portfolio.records.confirmations, signed))


_DOING: dict[Action, Callable[[Case, Remedy], Case]] = {
    Action.ACCEPT_PIECE: _accept_piece,
    Action.REWORK_PIECE: _rework_piece,
    Action.ADD_PIECE: _add_piece,
    Action.CORRECT_DATE: _correct_date,
    Action.REPLACE_PIECE: _replace_piece,
    Action.COMPLETE_WITNESS: _complete_witness,
    Action.SIGN_PIECE: _sign_piece,
    Action.REPLACE_FILE: _replace_file,
    Action.CONFIRM_CLAIM: _confirm_claim,
    Action.REVIEW_CLAIM: _review_claim,
    Action.CORRECT_PLACE: _correct_place,
    Action.WAIT_UNTIL: _wait_until,
    Action.LOG_HOURS: _log_hours,
    Action.LOG_LEARNING: _log_learning,
    Action.ACHIEVE_QUALIFICATION: _achieve_qualification,
    Action.ATTACH_CERTIFICATE: _attach_certificate,
    Action.RECORD_FACT: _record_fact,
    Action.CHOOSE_SHOWCASE: _choose_showcase,
    Action.GET_CONFIRMATION: _get_confirmation,
}
assert _DOING.keys() == set(Action)
