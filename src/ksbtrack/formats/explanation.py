"""Everything the analysis says about one statement, requirement, piece, method or claim, and the same as JSON."""

from __future__ import annotations

from collections.abc import Iterator

from ksbtrack.formats.analysis_json import (
    SCHEMA_VERSION,
    JsonObject,
    competency_as_dict,
    findings_as_list,
    piece_as_dict,
    requirement_as_dict,
    standard_as_dict,
)
from ksbtrack.models.analysis import Analysis, CompetencyVerdict, Finding, PieceVerdict, RequirementVerdict, Status
from ksbtrack.models.case import MadeClaim
from ksbtrack.models.standard import Method

Verdict = CompetencyVerdict | RequirementVerdict | PieceVerdict | Method | MadeClaim
"""What can be asked about. A method is as the standard has it, since nothing is judged there."""


def verdict_on(analysis: Analysis, word: str) -> Verdict | None:
    """Give what the analysis says about the subject that a person named; None if there is no such subject.

    A statement goes before a requirement, that before a piece, a method and a claim of the same name; `piece:K1` names
    the piece. Where nothing has that name, the title of a requirement or method is taken.

    Args:
        analysis: what `analyse` returned.
        word: a code, another name of a statement, an id, `E13:S3` for a claim, or a title; capitals do not matter.
    """
    kind, colon, rest = (part.strip().casefold() for part in word.partition(":"))
    chosen = kind if colon and kind in _KINDS else ""
    name = " ".join((rest if chosen else word).casefold().split())
    alias = analysis.case.standard.code_of_alias
    first, colon, last = name.partition(":")
    name = f"{first.strip()}:{alias.get(last.strip(), last.strip()).casefold()}" if colon else name
    name = alias.get(name, name).casefold()
    subjects = [(found, verdict) for found, verdict in _subjects(analysis) if chosen in ("", found)]
    return next((verdict for _, verdict in subjects if name_of(verdict).casefold() == name), None) or next(
        (verdict for _, verdict in subjects if name and _title(verdict).casefold() == name), None
    )


_KINDS = ("statement", "requirement", "piece", "method", "claim")


def _subjects(analysis: Analysis) -> Iterator[tuple[str, Verdict]]:
    """Yield everything that can be asked about, with its kind."""
    yield from (("statement", verdict) for verdict in analysis.competencies)
    yield from (("requirement", verdict) for verdict in analysis.requirements)
    yield from (("piece", verdict) for verdict in analysis.pieces)
    yield from (("method", method) for method in analysis.case.standard.methods)
    yield from (("claim", made) for made in analysis.case.claims)


def _title(verdict: Verdict) -> str:
    return verdict.title if isinstance(verdict, RequirementVerdict | Method) else ""


def names_of(analysis: Analysis) -> list[str]:
    """Give every code and id that `verdict_on` knows, in its order, but for the claims of pieces."""
    return [name_of(verdict) for kind, verdict in _subjects(analysis) if kind != "claim"]


def name_of(verdict: Verdict) -> str:
    """Give the code or id that a verdict is about; for a claim, those of piece and statement."""
    if isinstance(verdict, CompetencyVerdict):
        return verdict.code
    return verdict.subject if isinstance(verdict, MadeClaim) else verdict.id


def findings_about(analysis: Analysis, verdict: Verdict) -> tuple[Finding, ...]:
    """Give the findings about a subject or about one of its claims, those that decide first.

    A claim is worth no more than its piece, so those about the piece are among its own.
    """
    names = {name_of(verdict)}
    if isinstance(verdict, MadeClaim):
        names.add(verdict.piece.id)
    part = {CompetencyVerdict: 1, PieceVerdict: 0}.get(type(verdict))
    found = [
        finding
        for finding in analysis.findings
        if finding.subject in names
        or (part is not None and ":" in finding.subject and finding.subject.split(":")[part] in names)
    ]
    return tuple(sorted(found, key=lambda finding: not finding.decides))


def claims_about(analysis: Analysis, verdict: Verdict) -> tuple[MadeClaim, ...]:
    """Give the claims on a statement or of a piece, in the portfolio's order; a requirement or method has none."""
    if isinstance(verdict, MadeClaim):
        return (verdict,)
    name = name_of(verdict)
    if isinstance(verdict, CompetencyVerdict):
        return tuple(made for made in analysis.case.claims if made.competency.code == name)
    if isinstance(verdict, PieceVerdict):
        return tuple(made for made in analysis.case.claims if made.piece.id == name)
    return ()


def claim_counts(analysis: Analysis, made: MadeClaim) -> bool:
    """Say whether the analysis counts a piece for a statement that it claims."""
    worth = next((verdict for verdict in analysis.pieces if verdict.id == made.piece.id), None)
    return worth is not None and made.competency.code in worth.counts_for


def claim_status(analysis: Analysis, made: MadeClaim) -> Status:
    """Give what a claim is worth: met if it counts, else the worst that the rules found about it or its piece."""
    if claim_counts(analysis, made):
        return Status.MET
    found = {finding.status for finding in _against(analysis, made)}
    return next((status for status in _WORST_FIRST if status in found), Status.NOT_MET)


_WORST_FIRST = (Status.NOT_MET, Status.UNKNOWN, Status.CHECK_AGAIN, Status.PARTLY_MET)


def _against(analysis: Analysis, made: MadeClaim) -> list[Finding]:
    about = (made.piece.id, made.subject)
    return [finding for finding in analysis.findings if finding.decides and finding.subject in about]


def reasons_against(analysis: Analysis, made: MadeClaim) -> tuple[str, ...]:
    """Give why a claim does not count: what the rules found about its piece or about the claim itself."""
    if claim_counts(analysis, made):
        return ()
    return tuple(dict.fromkeys(finding.reason for finding in _against(analysis, made)))


def explanation_as_dict(analysis: Analysis, verdict: Verdict) -> JsonObject:
    """Give everything about one subject as plain dicts and lists, by `explanation` in analysis.schema.json.

    Args:
        analysis: what `analyse` returned.
        verdict: what `verdict_on` returned.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "as_of": analysis.case.on.isoformat(),
        "standard": standard_as_dict(analysis.case.standard),
        "subject": name_of(verdict),
        "verdict": _verdict(analysis, verdict),
        "claims": [_claim(analysis, made) for made in claims_about(analysis, verdict)],
        "findings": findings_as_list(findings_about(analysis, verdict)),
    }


def _verdict(analysis: Analysis, verdict: Verdict) -> JsonObject:
    if isinstance(verdict, CompetencyVerdict):
        return competency_as_dict(verdict, analysis.case.standard.by_code[verdict.code])
    if isinstance(verdict, RequirementVerdict):
        return requirement_as_dict(verdict)
    if isinstance(verdict, PieceVerdict):
        return piece_as_dict(verdict, analysis.case)
    if isinstance(verdict, MadeClaim):
        return _claim(analysis, verdict)
    return verdict.model_dump(mode="json", exclude={"sufficiency"})


def _claim(analysis: Analysis, made: MadeClaim) -> JsonObject:
    return {
        "piece": made.piece.id,
        "title": made.piece.title,
        "code": made.competency.code,
        "status": claim_status(analysis, made).value,
        "where": made.claim.where,
        "why": made.claim.why,
        "state": made.claim.state.value,
        "reasons": list(reasons_against(analysis, made)),
    }
