"""Who made each chosen piece, who signed it, and whether it is tied to criteria."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ksbtrack.models.analysis import Action, Effort, Finding, Status
from ksbtrack.models.portfolio import Evidence, Party
from ksbtrack.models.standard import EvidenceKind
from ksbtrack.models.submission import Submission
from ksbtrack.models.values import listed
from ksbtrack.problems import quoted
from ksbtrack.rules.words import ASSESSOR, YOU, with_article
from ksbtrack.submission.choice import SEEN_BY_OTHERS
from ksbtrack.submission.findings import found, to_do

OWN_KINDS = (
    EvidenceKind.WORK_PRODUCT,
    EvidenceKind.PROJECT,
    EvidenceKind.PRESENTATION,
    EvidenceKind.CASE_STUDY,
    EvidenceKind.ASSIGNMENT,
    EvidenceKind.CPD_RECORD,
    EvidenceKind.REFLECTIVE_ACCOUNT,
    EvidenceKind.SELF_ASSESSMENT,
)
"""The kinds that the apprentice makes; the others are records that somebody else makes, or takes part in."""
_FAMILY = (
    "mother|father|mum|dad|parent|stepmother|stepfather|brother|sister|sibling|son|daughter|aunt|uncle|cousin|niece|"
    "nephew|grandmother|grandfather|grandparent|husband|wife|spouse|relative|relation|family|in-law"
)
_FAMILY_WORD = re.compile(rf"\b(?:{_FAMILY})s?\b", re.I)
_FAMILY_ALONE = re.compile(
    rf"(?:(?:my|his|her|their|your|a|an|the|apprentice's|learner's)\s+)*(?:{_FAMILY})s?\.?", re.I
)
_NO_RELATIVE = re.compile(r"\b(?:not?|neither)\s+(?:an?\s+)?(?:relative|relation|related|family)", re.I)


def maker_not_recorded(submission: Submission) -> Iterator[Finding]:
    """Say of each chosen piece that does not record who made it that this is not known.

    Yields:
        In the order of the choice.
    """
    for piece in submission.pieces:
        if not piece.made_by:
            yield found(
                "maker_not_recorded",
                piece.id,
                Status.UNKNOWN,
                f"Who made {piece.id} is not recorded.",
                {"made_by": "none"},
                to_do(Action.RECORD_FACT, piece.id, f"Record who made {piece.id} (made_by).", fact="made_by"),
            )


def not_made_by_apprentice(submission: Submission) -> Iterator[Finding]:
    """Find each chosen piece of work that somebody else made.

    Records such as an observation or a testimony are by others, and are passed over.

    Yields:
        In the order of the choice.
    """
    learner = submission.case.portfolio.learner.name
    is_asked_elsewhere = submission.profile.checks.maker_not_recorded is not None
    for piece in submission.pieces:
        if piece.kind not in OWN_KINDS or (not piece.made_by and is_asked_elsewhere):
            continue
        if piece.made_by and names(piece.made_by, learner):
            continue
        yield found(
            "not_made_by_apprentice",
            piece.id,
            Status.NOT_MET if piece.made_by else Status.UNKNOWN,
            f"{piece.id} is {with_article(piece.kind.words)} and was made by {quoted(piece.made_by)}, not by {learner}."
            if piece.made_by
            else f"Whether {learner} made {piece.id} is not recorded.",
            {"made_by": piece.made_by or "none", "apprentice": learner},
            to_do(
                Action.REPLACE_PIECE,
                piece.id,
                f"Replace {piece.id} by work of your own; correct who made it if the record is wrong (made_by).",
                effort=Effort.DAYS,
            ),
        )


def names(text: str, person: str) -> bool:
    """Say whether a text names a person; capitals and spaces do not matter."""
    return " ".join(person.casefold().split()) in " ".join(text.casefold().split())


def _of_kind(submission: Submission, kind: EvidenceKind) -> Iterator[Evidence]:
    return (piece for piece in submission.pieces if piece.kind is kind)


def witness_is_relative(submission: Submission) -> Iterator[Finding]:
    """Find each witness who is a relative, as far as the relationship that is recorded says so.

    Yields:
        In the order of the choice.
    """
    for piece in _of_kind(submission, EvidenceKind.WITNESS_TESTIMONY):
        relationship = (piece.witness and piece.witness.relationship) or ""
        if relationship and (not _FAMILY_WORD.search(relationship) or _NO_RELATIVE.search(relationship)):
            continue
        is_relative = bool(_FAMILY_ALONE.fullmatch(relationship.strip()))
        yield found(
            "witness_is_relative",
            piece.id,
            Status.NOT_MET if is_relative else Status.UNKNOWN,
            f"The witness of {piece.id} is a relative of the apprentice: {quoted(relationship)}."
            if is_relative
            else f"Whether the witness of {piece.id} is a relative is not known; the record says "
            f"{quoted(relationship) if relationship else 'nothing'}.",
            {"relationship": relationship or "none"},
            to_do(
                Action.REPLACE_PIECE, piece.id, f"Ask another witness than the one of {piece.id}.", effort=Effort.DAYS
            )
            if is_relative
            else to_do(
                Action.COMPLETE_WITNESS,
                piece.id,
                f"Record what the witness of {piece.id} is to you, and that it is no relative (witness, relationship).",
            ),
        )


def not_written_by_witness(submission: Submission) -> Iterator[Finding]:
    """Find each testimony that the apprentice wrote for signing, as far as its record says who wrote it.

    Yields:
        In the order of the choice.
    """
    learner = submission.case.portfolio.learner.name
    for piece in _of_kind(submission, EvidenceKind.WITNESS_TESTIMONY):
        witness = (piece.witness and piece.witness.name) or ""
        made_by = piece.made_by or ""
        is_own = bool(made_by) and names(made_by, learner)
        if witness and names(made_by, witness) and not is_own:
            continue
        yield found(
            "not_written_by_witness",
            piece.id,
            Status.NOT_MET if is_own else Status.UNKNOWN,
            f"{piece.id} is a witness testimony, but was made by {quoted(made_by)}."
            if is_own
            else f"Whether the witness wrote {piece.id} is not known; it was made by "
            f"{quoted(made_by) if made_by else 'somebody who is not recorded'}.",
            {"made_by": made_by or "none", "witness": witness or "none"},
            to_do(
                Action.REPLACE_PIECE,
                piece.id,
                f"Have the witness write {piece.id} in their own words, and record that (made_by).",
                "the witness",
                Effort.HOURS,
            )
            if is_own
            else to_do(Action.RECORD_FACT, piece.id, f"Record who wrote {piece.id} (made_by).", fact="made_by"),
        )


def observation_not_by_assessor(submission: Submission) -> Iterator[Finding]:
    """Find each observation record that the apprentice wrote alone, as far as its record says who did.

    Yields:
        In the order of the choice.
    """
    learner = submission.case.portfolio.learner.name
    for piece in _of_kind(submission, EvidenceKind.OBSERVATION_RECORD):
        made_by = piece.made_by or ""
        assessors = [seen.name for seen in piece.signatures if seen.by is Party.ASSESSOR and seen.name]
        if any(names(made_by, name) for name in assessors) or "assessor" in made_by.casefold():
            continue
        is_own = bool(made_by) and names(made_by, learner)
        yield found(
            "observation_not_by_assessor",
            piece.id,
            Status.NOT_MET if is_own else Status.UNKNOWN,
            f"{piece.id} is an observation record, but was made by {quoted(made_by)}."
            if is_own
            else f"Whether an assessor made {piece.id} is not known; it was made by "
            f"{quoted(made_by) if made_by else 'somebody who is not recorded'}.",
            {"made_by": made_by or "none", "assessors": listed(assessors) if assessors else "none"},
            to_do(
                Action.REPLACE_PIECE,
                piece.id,
                f"Have an assessor observe you and write the record in place of {piece.id}.",
                ASSESSOR,
                Effort.DAYS,
            )
            if is_own
            else to_do(
                Action.RECORD_FACT, piece.id, f"Record who made {piece.id}, and as what (made_by).", fact="made_by"
            ),
        )


def observation_without_criteria(submission: Submission) -> Iterator[Finding]:
    """Find each observation record that is linked to no statement of the standard.

    Yields:
        In the order of the choice.
    """
    for piece in _of_kind(submission, EvidenceKind.OBSERVATION_RECORD):
        if not submission.claims_of(piece):
            yield found(
                "observation_without_criteria",
                piece.id,
                Status.NOT_MET,
                f"{piece.id} is an observation record that is linked to no statement.",
                {"claims": "none"},
                to_do(
                    Action.REVIEW_CLAIM,
                    piece.id,
                    f"Record what {piece.id} shows (claims), with the assessor.",
                    f"{YOU}, then {ASSESSOR}",
                    Effort.HOURS,
                ),
            )


def signature_undated(submission: Submission) -> Iterator[Finding]:
    """Find each signature under a chosen piece, and each confirmation, that has no day.

    Testimonies and observation records are left to the check `unsigned`, where that is asked for as well.

    Yields:
        Pieces in the order of the choice, then confirmations in that of the record.
    """
    is_asked_elsewhere = submission.profile.checks.unsigned is not None
    for piece in submission.pieces:
        if piece.kind in SEEN_BY_OTHERS and is_asked_elsewhere:
            continue
        undated = [signed.name or f"the {signed.by.value}" for signed in piece.signatures if not signed.on]
        if undated:
            yield _undated(piece.id, f"{piece.id} is signed by {listed(undated)} without a day.", undated)
    for record in submission.case.portfolio.records.confirmations:
        if not record.on:
            party = record.by.value
            reason = f"The {party}'s confirmation of {record.of.words} has no day."
            yield _undated(party, reason, [record.name or party])


def _undated(subject: str, reason: str, signers: list[str]) -> Finding:
    return found(
        "signature_undated",
        subject,
        Status.NOT_MET,
        reason,
        {"without_day": ", ".join(signers)},
        to_do(Action.SIGN_PIECE, subject, "Have the signature dated, and record the day (on).", listed(signers)),
    )
