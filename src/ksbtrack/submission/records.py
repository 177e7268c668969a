"""What goes with the pieces: statements, certificates, declarations, and whether others' data are safe."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ksbtrack.models.analysis import Action, Effort, Finding, Remedy, RequirementVerdict, Status
from ksbtrack.models.portfolio import Confirmation, Confirmed, Evidence, Party
from ksbtrack.models.submission import Submission
from ksbtrack.models.values import in_words, listed
from ksbtrack.rules import warnings
from ksbtrack.rules.confirmed import is_changed_since
from ksbtrack.rules.records import ask_again, signature_fault, the_confirmation
from ksbtrack.rules.words import YOU
from ksbtrack.submission.choice import WHOLE
from ksbtrack.submission.findings import as_rule_finds, found, to_do

EMPLOYER = "your employer"
NAME_PARTS = 2
"""Words of a name of which one is the surname and one the forename; with more of them it is a guess where one ends."""


def employer_statement_missing(submission: Submission) -> Iterator[Finding]:
    """Find that no signed statement of the employer says of all chosen pieces that they are the apprentice's own.

    It is the employer's confirmation of `own_work`, with name, role and a day not before the newest piece. It covers
    the pieces that it names besides the portfolio's showcase.

    Yields:
        Exactly one finding.
    """
    records = submission.analysis.case.portfolio.records.confirmations
    given = [record for record in records if record.by is Party.EMPLOYER and record.of is Confirmed.OWN_WORK]
    faults = [_statement_fault(submission, record) for record in given]
    if given and not all(faults):
        good = given[faults.index("")]
        day = in_words(good.on) if good.on else ""
        reason = f"{good.name} ({good.role}) confirmed on {day} that the pieces are the apprentice's own."
        yield found("employer_statement_missing", "employer", Status.MET, reason, {"recorded": str(len(given))}, None)
        return
    yield found(
        "employer_statement_missing",
        "employer",
        Status.NOT_MET,
        f"The employer's statement {faults[0]}."
        if faults
        else "No statement of the employer is recorded that the evidence is valid and attributable.",
        {"recorded": str(len(given))},
        to_do(
            Action.GET_CONFIRMATION,
            "employer",
            "Ask your employer to sign that the chosen pieces are valid and your own, and record it with name, role "
            "and day (confirmations, by employer, of own_work).",
            EMPLOYER,
            by="employer",
            of="own_work",
        ),
    )


def _statement_fault(submission: Submission, record: Confirmation) -> str:
    case = submission.analysis.case
    fault = signature_fault(case, record)
    if fault:
        return fault
    covered = {*case.portfolio.showcase, *record.covers}
    others = [piece.id for piece in submission.pieces if piece.id not in covered]
    if others:
        return f"does not cover {listed(others)}"
    if is_changed_since(case.portfolio, record):
        return "covers pieces that were changed since"
    newest = max((piece.date for piece in submission.pieces), default=None)
    if newest and record.on and record.on < newest:
        return f"is dated {in_words(record.on)}, before evidence that it covers, made on {in_words(newest)}"
    return ""


def changed_since_confirmation(submission: Submission) -> Iterator[Finding]:
    """Find what a party confirmed of other pieces than there are now, where nothing newer is on record.

    It covers the portfolio's showcase and the pieces that it names, whatever is chosen here. One without a fingerprint
    says nothing.

    Yields:
        At most one finding for each party and thing, in the order of the records.
    """
    portfolio = submission.analysis.case.portfolio
    given: dict[tuple[Party, Confirmed], list[Confirmation]] = {}
    for record in portfolio.records.confirmations:
        given.setdefault((record.by, record.of), []).append(record)
    for (party, of), records in given.items():
        changed = [record for record in records if is_changed_since(portfolio, record)]
        sound = [
            record
            for record in records
            if record not in changed and not signature_fault(submission.analysis.case, record)
        ]
        if changed and not sound:
            newest = max(changed, key=lambda record: record.on or date.min)
            yield found(
                "changed_since_confirmation",
                party.value,
                Status.CHECK_AGAIN,
                f"What {the_confirmation(party.value, newest)} covers was changed since ({of.words}): a piece was "
                "edited, added or taken out.",
                {"by": party.value, "of": of.value, "confirmed": newest.fingerprint or "none"},
                to_do(
                    Action.GET_CONFIRMATION,
                    party.value,
                    ask_again(party.value),
                    YOU if party is Party.APPRENTICE else f"your {party.value}",
                    by=party.value,
                    of=of.value,
                ),
            )


def certificate_not_attached(submission: Submission) -> Iterator[Finding]:
    """Find each qualification that the standard asks for without its certificate, or whose file is not there.

    Yields:
        At most one finding a subject for what is not named; then those that are not there, in the record's order.
    """
    yield from as_rule_finds(submission, warnings.certificate_not_attached, Status.NOT_MET)
    for held in submission.case.portfolio.records.qualifications:
        if held.file and held.file.is_missing:
            yield found(
                "certificate_not_attached",
                held.subject,
                Status.NOT_MET,
                f"The certificate {held.file.name} is not in the folder.",
                {"missing": held.file.name},
                to_do(
                    Action.ATTACH_CERTIFICATE, held.subject, f"Put {held.file.name} into the folder.", of=held.subject
                ),
            )


def requirement_open(submission: Submission) -> Iterator[Finding]:
    """Find each gateway requirement that does not hold, since one that is rejected rejects them all.

    Yields:
        At most one finding a requirement, in the standard's order; desirable ones are passed over.
    """
    for verdict in submission.analysis.requirements:
        if not verdict.is_desirable and not verdict.status.holds:
            yield _open(verdict)


def _open(verdict: RequirementVerdict) -> Finding:
    remedy = verdict.remedies[0] if verdict.remedies else None
    status = Status.NOT_MET if verdict.status.fails else verdict.status
    return found("requirement_open", verdict.id, status, f"{verdict.title}: {verdict.reason}", verdict.inputs, remedy)


def ai_use_not_declared(submission: Submission) -> Iterator[Finding]:
    """Say that no declaration of the use of AI is recorded; one that lacks name, role or day is a fault.

    It is the apprentice's confirmation of `ai_use`.

    Yields:
        Exactly one finding.
    """
    case = submission.analysis.case
    records = case.portfolio.records.confirmations
    given = [record for record in records if record.by is Party.APPRENTICE and record.of is Confirmed.AI_USE]
    faults = [signature_fault(case, record) for record in given]
    if given and not all(faults):
        reason, status = "A declaration of whether and how AI was used is recorded.", Status.MET
    elif faults:
        reason, status = f"The declaration of the use of AI {faults[0]}.", Status.NOT_MET
    else:
        reason, status = "No declaration of the use of AI is recorded.", Status.UNKNOWN
    yield found(
        "ai_use_not_declared",
        "apprentice",
        status,
        reason,
        {"recorded": str(len(given))},
        None
        if status is Status.MET
        else to_do(
            Action.GET_CONFIRMATION,
            "apprentice",
            "Declare whether and how AI was used, and record it with name, role and day (confirmations, by apprentice, "
            "of ai_use).",
            by="apprentice",
            of="ai_use",
        ),
    )


def personal_data_open(submission: Submission) -> Iterator[Finding]:
    """Find each chosen piece with personal data of others that is not redacted, or that does not say.

    Yields:
        What is open, then what is not known, each in the order of the choice.
    """
    yield from as_rule_finds(submission, warnings.personal_data_open, Status.NOT_MET)
    for piece in submission.pieces:
        if not says_of_privacy(piece):
            yield found(
                "personal_data_open",
                piece.id,
                Status.UNKNOWN,
                f"Whether {piece.id} holds personal data of others is not recorded.",
                {"contains_personal_data": "not recorded"},
                to_do(
                    Action.RECORD_FACT,
                    piece.id,
                    f"Look through {piece.id}, and record whether it does (privacy, contains_personal_data).",
                    fact="privacy.contains_personal_data",
                ),
            )


def says_of_privacy(piece: Evidence) -> bool:
    """Say whether it is recorded, one way or the other, that a piece holds personal data of others."""
    said = piece.privacy.model_fields_set
    return "contains_personal_data" in said or "redacted" in said


def pack_name_incomplete(submission: Submission) -> Iterator[Finding]:
    """Find that the names of the pack's folders and files need what is not recorded.

    Yields:
        One finding for each fact that is missing; one if the profile has no pattern.
    """
    wanted = submission.profile.names.placeholders
    learner = submission.case.portfolio.learner
    words = learner.name.split()
    if not wanted:
        reason = "What folders and files are called is not known."
        remedy = _ask_for(
            "names", "Ask what folders and files are to be called, and write it into a profile of your own."
        )
        yield found("pack_name_incomplete", WHOLE, Status.UNKNOWN, reason, {"pattern": "unknown"}, remedy)
    if "uln" in wanted and not learner.uln:
        reason = "The folder is named after the unique learner number, which is not recorded."
        remedy = _ask_for("uln", "Record the ten digits (learner, uln).")
        yield found("pack_name_incomplete", "learner", Status.NOT_MET, reason, {"uln": "none"}, remedy)
    if wanted & {"surname", "forename"} and len(words) != NAME_PARTS:
        is_short = len(words) < NAME_PARTS
        reason = (
            "The folder is named after surname and forename, and the record has one name only."
            if is_short
            else f"Where in {learner.name} the surname begins is not known."
        )
        remedy = _ask_for(
            "name", "Name the folder by hand, or record the name as forename and surname (learner, name)."
        )
        status = Status.NOT_MET if is_short else Status.UNKNOWN
        yield found("pack_name_incomplete", "learner", status, reason, {"words": str(len(words))}, remedy)


def _ask_for(fact: str, text: str) -> Remedy:
    return to_do(Action.RECORD_FACT, "learner", text, YOU, Effort.MINUTES, fact=fact)


def pack_folder(submission: Submission) -> str | None:
    """Give the name of the pack's folder; None where the profile has no pattern, or a fact that it needs is missing.

    Args:
        submission: with the pattern in its profile and the learner whose facts stand in the name.
    """
    names = submission.profile.names
    portfolio = submission.case.portfolio
    words = portfolio.learner.name.split()
    facts = {
        "name": portfolio.learner.name,
        "forename": " ".join(words[:-1]),
        "surname": words[-1],
        "uln": portfolio.learner.uln or "",
        "standard": submission.case.standard.reference,
    }
    if names.folder is None or not all(facts.get(name) for name in names.placeholders):
        return None
    name = names.folder
    for placeholder, value in facts.items():
        name = name.replace(f"{{{placeholder}}}", value.replace("/", "-"))
    return name
