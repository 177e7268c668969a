"""The answer: one pure function from the case to the whole result."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ksbtrack.models.analysis import (
    Action,
    Analysis,
    CompetencyVerdict,
    Decision,
    Effort,
    Finding,
    PieceVerdict,
    Remedy,
    RequirementVerdict,
    Status,
    Step,
    Totals,
)
from ksbtrack.models.case import Case
from ksbtrack.models.portfolio import Evidence
from ksbtrack.models.standard import Requirement
from ksbtrack.models.values import in_words, listed, natural_key
from ksbtrack.rules import (
    COMPETENCY_RULES,
    PIECE_RULES,
    WARNING_RULES,
    Tally,
    requirement_findings,
    tally,
)

NEXT_STEPS = 3
"""Things to do next: as many as fit into a head."""

_ORDER = (
    Status.NOT_MET,
    Status.PARTLY_MET,
    Status.UNKNOWN,
    Status.CHECK_AGAIN,
    Status.MET,
    Status.NOT_NEEDED,
)


def analyse(case: Case) -> Analysis:
    """Give the decision for one learner on one day, with every reason.

    Ready means that every deciding requirement holds. One that is not met makes it "not ready"; else one that is not
    known makes it "cannot tell yet".

    Args:
        case: one learner, one standard, one policy and the day asked about.
    """
    about_pieces = [finding for rule in PIECE_RULES for finding in rule(case)]
    counted = tally(case, about_pieces)
    about_statements = [finding for rule in COMPETENCY_RULES for finding in rule(case, counted)]
    pieces = _piece_verdicts(case, about_pieces, counted)
    competencies = _competency_verdicts(case, about_statements, counted)
    statuses = {verdict.code: verdict.status for verdict in competencies}
    worth = {verdict.id: verdict.status for verdict in pieces}
    judged = list(requirement_findings(case, statuses, worth))
    requirements = tuple(_requirement_verdict(requirement, found, competencies) for requirement, found in judged)
    decision, reason = _decide(case, requirements)
    return Analysis(
        case=case,
        decision=decision,
        reason=reason,
        competencies=competencies,
        requirements=requirements,
        pieces=pieces,
        findings=(
            *about_pieces,
            *about_statements,
            *(finding for _, found in judged for finding in found),
            *(finding for rule in WARNING_RULES for finding in rule(case)),
        ),
        totals=_totals(competencies, requirements, pieces),
        next_steps=_next_steps(case, competencies, requirements),
    )


def _worst(statuses: Iterable[Status]) -> Status:
    return min(statuses, key=_ORDER.index, default=Status.MET)


def _by_subject(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        found.setdefault(finding.subject, []).append(finding)
    return found


def _piece_verdicts(case: Case, findings: Sequence[Finding], counted: Tally) -> tuple[PieceVerdict, ...]:
    by_subject = _by_subject(findings)
    counts_for: dict[str, list[str]] = {}
    for code, pieces in counted.counting.items():
        for piece in pieces:
            counts_for.setdefault(piece.id, []).append(code)
    order = {statement.code: index for index, statement in enumerate(case.standard.competencies)}
    verdicts = []
    for piece in case.portfolio.evidence:
        own = by_subject.get(piece.id, [])
        of_claims = [
            finding for made in case.claims_of.get(piece.id, ()) for finding in by_subject.get(made.subject, ())
        ]
        codes = tuple(sorted(counts_for.get(piece.id, ()), key=order.__getitem__))
        status = _worst(finding.status for finding in own)
        if status is Status.MET and of_claims and not codes:
            status = _worst(finding.status for finding in of_claims)
        reasons = tuple(dict.fromkeys(finding.reason for finding in (*own, *of_claims)))
        verdicts.append(PieceVerdict(piece.id, status, codes, reasons))
    return tuple(verdicts)


def _competency_verdicts(case: Case, findings: Sequence[Finding], counted: Tally) -> tuple[CompetencyVerdict, ...]:
    by_code = _by_subject(findings)
    verdicts = []
    for statement in case.standard.competencies:
        code = statement.code
        found = [finding for finding in by_code.get(code, ()) if finding.decides]
        warned = [finding for finding in by_code.get(code, ()) if not finding.decides]
        counting = counted.counting.get(code, ())
        reasons = [finding.reason for finding in (*found, *warned)]
        if not found:
            reasons.insert(0, _enough(counting))
        verdicts.append(
            CompetencyVerdict(
                code=code,
                status=_worst(finding.status for finding in found),
                is_desirable=statement.desirable,
                pieces=_ids(counting),
                on_the_way=_ids(counted.on_the_way.get(code, ())),
                to_check=_ids(counted.to_check.get(code, ())),
                reasons=tuple(reasons),
                remedies=tuple(finding.remedy for finding in found if finding.remedy),
            )
        )
    return tuple(verdicts)


def _ids(pieces: Iterable[Evidence]) -> tuple[str, ...]:
    return tuple(piece.id for piece in pieces)


def _enough(counting: tuple[Evidence, ...]) -> str:
    if not counting:
        return "Nothing more is needed."
    names = listed(_ids(counting))
    return f"{len(counting)} {'piece counts' if len(counting) == 1 else 'pieces count'}: {names}."


def _requirement_verdict(
    requirement: Requirement, found: Sequence[Finding], competencies: Sequence[CompetencyVerdict]
) -> RequirementVerdict:
    status = _worst(finding.status for finding in found)
    telling = [finding for finding in found if finding.status is status] if status.fails else list(found)
    remedies = [finding.remedy for finding in found if finding.remedy]
    if any(finding.rule == "every_statement" for finding in found):
        remedies = [
            remedy
            for verdict in competencies
            if not verdict.status.holds and not verdict.is_desirable
            for remedy in verdict.remedies
        ]
    return RequirementVerdict(
        id=requirement.id,
        title=requirement.title,
        status=status,
        is_desirable=requirement.desirable,
        reason=" ".join(finding.reason for finding in telling),
        inputs={
            f"{key} ({finding.inputs['by']})" if len(found) > 1 and "by" in finding.inputs else key: value
            for finding in found
            for key, value in finding.inputs.items()
        },  # fmt: skip
        remedies=tuple(remedies),
        source="; ".join(dict.fromkeys(finding.source for finding in found)),
    )


def _decide(case: Case, requirements: Sequence[RequirementVerdict]) -> tuple[Decision, str]:
    deciding = [verdict for verdict in requirements if not verdict.is_desirable]
    failing = [verdict.title for verdict in deciding if verdict.status.fails]
    open_ones = [verdict.title for verdict in deciding if not verdict.status.holds and not verdict.status.fails]
    day = in_words(case.on)
    if failing:
        return (
            Decision.NOT_READY,
            f"On {day} {len(failing)} of {len(deciding)} requirements are not met: {'; '.join(failing)}.",
        )
    if open_ones:
        return (
            Decision.CANNOT_TELL,
            f"On {day} nothing is found to be missing, but not everything is known: {'; '.join(open_ones)}.",
        )
    return (
        Decision.READY,
        f"On {day} all {len(deciding)} requirements are met or not needed, as far as the records tell.",
    )


def _totals(
    competencies: Sequence[CompetencyVerdict],
    requirements: Sequence[RequirementVerdict],
    pieces: Sequence[PieceVerdict],
) -> Totals:
    shown = [verdict.status for verdict in competencies if not verdict.is_desirable]
    asked = [verdict.status for verdict in requirements if not verdict.is_desirable]
    met = [sum(status.holds for status in statuses) for statuses in (shown, asked)]
    failing = [sum(status.fails for status in statuses) for statuses in (shown, asked)]
    return Totals(
        competencies=len(shown),
        competencies_met=met[0],
        competencies_not_met=failing[0],
        competencies_unknown=len(shown) - met[0] - failing[0],
        requirements=len(asked),
        requirements_met=met[1],
        requirements_not_met=failing[1],
        requirements_unknown=len(asked) - met[1] - failing[1],
        pieces=len(pieces),
        pieces_counting=sum(verdict.status is Status.MET for verdict in pieces),
    )


def _next_steps(
    case: Case, competencies: Sequence[CompetencyVerdict], requirements: Sequence[RequirementVerdict]
) -> tuple[Step, ...]:
    """Give the steps that help most, the lighter first among equals, waiting last."""
    helps: dict[tuple[Action, str], tuple[Remedy, list[str]]] = {}
    for code, remedy in _open_remedies(competencies, requirements):
        for subject in _subjects(case, remedy):
            helps.setdefault((remedy.action, subject), (remedy, []))[1].append(code)
    efforts = list(Effort)
    ranked = sorted(
        helps.items(),
        key=lambda item: (
            item[1][0].effort is Effort.WAIT,
            -len(item[1][1]),
            efforts.index(item[1][0].effort),
            natural_key(item[0][1]),
        ),
    )
    return tuple(
        Step(_single(case, remedy, subject), tuple(dict.fromkeys(codes)))
        for (_, subject), (remedy, codes) in ranked[:NEXT_STEPS]
    )


def _open_remedies(
    competencies: Sequence[CompetencyVerdict], requirements: Sequence[RequirementVerdict]
) -> Iterable[tuple[str, Remedy]]:
    for verdict in competencies:
        if not verdict.is_desirable and not verdict.status.holds:
            yield from ((verdict.code, remedy) for remedy in verdict.remedies)
    for requirement in requirements:
        if not requirement.is_desirable and not requirement.status.holds and requirement.inputs.get("of") is None:
            yield from ((requirement.id, remedy) for remedy in requirement.remedies)


def _subjects(case: Case, remedy: Remedy) -> list[str]:
    """Give what a step is about: each piece on its own, and a new piece for the two halves of a row of the standard."""
    if remedy.action is Action.ACCEPT_PIECE:
        return remedy.subject.split()
    if remedy.action is Action.ADD_PIECE:
        partner = case.standard.by_code[remedy.subject].pairs_with
        return [min(remedy.subject, partner)] if partner else [remedy.subject]
    return [remedy.subject]


def _single(case: Case, remedy: Remedy, subject: str) -> Remedy:
    """Give the remedy as a step about one subject says it."""
    if remedy.action is Action.ACCEPT_PIECE:
        piece = case.portfolio.by_id[subject]
        return Remedy(
            remedy.action,
            subject,
            f"Have {subject} accepted: {piece.title}.",
            remedy.owner,
            remedy.effort,
            remedy.details,
        )
    return remedy
