"""The answer: one pure function from the case to the whole result."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

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
from ksbtrack.models.standard import Requirement, RequirementRule
from ksbtrack.models.values import in_words, listed, natural_key
from ksbtrack.rules import (
    COMPETENCY_RULES,
    PIECE_RULES,
    WARNING_RULES,
    Tally,
    requirement_findings,
    tally,
    without_deciding,
)
from ksbtrack.rules.words import ended

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
"""The worst first."""
_RANK = {status: place for place, status in enumerate(_ORDER)}


def analyse(case: Case, *, warnings: bool = True) -> Analysis:
    """Give the decision for one learner on one day, with every reason.

    Ready means that every deciding requirement holds. One that is not met makes it "not ready"; else one that is not
    known makes it "cannot tell yet".

    Args:
        case: one learner, one standard, one policy and the day asked about.
        warnings: whether to look for what deserves a look and never decides; it takes up to a third of the time, which
            whoever asks for thousands of decisions can save.
    """
    about_pieces = [finding for rule in PIECE_RULES for finding in rule(case)]
    counted = tally(case, about_pieces)
    about_statements = _about_statements(case, counted)
    pieces = _piece_verdicts(case, counted)
    competencies = _competency_verdicts(case, about_statements, counted)
    statuses = {verdict.code: verdict.status for verdict in competencies}
    worth = {verdict.id: verdict.status for verdict in pieces}
    judged = list(requirement_findings(case, statuses, worth))
    found_out = [_requirement_verdict(requirement, found) for requirement, found in judged]
    steps = _steps(case, competencies, found_out)
    requirements = tuple(_with_steps(case, found_out, steps))
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
            *(finding for rule in (WARNING_RULES if warnings else ()) for finding in rule(case)),
        ),
        totals=_totals(competencies, requirements, pieces),
        next_steps=steps[:NEXT_STEPS],
    )


def _about_statements(case: Case, counted: Tally) -> list[Finding]:
    """Give what the rules find about statements; on a desirable one nothing decides."""
    found = [finding for rule in COMPETENCY_RULES for finding in rule(case, counted)]
    desirable = {statement.code for statement in case.standard.competencies if statement.desirable}
    if not desirable:
        return found
    return [finding if finding.subject not in desirable else without_deciding([finding])[0] for finding in found]


def _worst(statuses: Iterable[Status], default: Status) -> Status:
    return min(statuses, key=_RANK.__getitem__, default=default)


def _piece_verdicts(case: Case, counted: Tally) -> tuple[PieceVerdict, ...]:
    """Give what each piece is worth; it counts if it counts for anything."""
    counts_for: dict[str, list[str]] = {}
    for statement in case.standard.competencies:
        for piece in counted.counting.get(statement.code, ()):
            counts_for.setdefault(piece.id, []).append(statement.code)
    faulty = {subject.partition(":")[0] for subject in counted.faults}
    verdicts = []
    for piece in case.portfolio.evidence:
        codes = tuple(counts_for.get(piece.id, ()))
        if piece.id in faulty or not codes:
            verdicts.append(_fault_verdict(case, counted, piece, codes))
        else:
            verdicts.append(PieceVerdict(piece.id, Status.MET, codes, ()))
    return tuple(verdicts)


def _fault_verdict(case: Case, counted: Tally, piece: Evidence, codes: tuple[str, ...]) -> PieceVerdict:
    """Give the verdict of a piece with faults or without claims here."""
    found = counted.faults.get(piece.id, ())
    status = _worst([finding.status for finding in found], Status.MET)
    claims = case.claims_of.get(piece.id, ())
    of_claims = [finding for made in claims for finding in counted.faults.get(made.subject, ())]
    reasons = [finding.reason for finding in (*found, *of_claims)]
    if not claims and status is Status.MET:
        status = Status.NOT_NEEDED
        reasons = [f"{piece.id} claims no statement of {case.standard.identity}."]
    elif not codes and status is Status.MET:
        status = _best_of_claims(case, counted, piece)
    return PieceVerdict(piece.id, status, codes, tuple(dict.fromkeys(reasons)))


def _best_of_claims(case: Case, counted: Tally, piece: Evidence) -> Status:
    """Give what the best claim of a piece is worth of which no claim counts."""
    each = [
        _worst((finding.status for finding in counted.faults.get(made.subject, ())), Status.MET)
        for made in case.claims_of[piece.id]
    ]
    return max(each, key=_RANK.__getitem__)


def _competency_verdicts(case: Case, findings: Sequence[Finding], counted: Tally) -> tuple[CompetencyVerdict, ...]:
    by_code: dict[str, tuple[list[Finding], list[Finding]]] = {}
    for finding in findings:
        by_code.setdefault(finding.subject, ([], []))[finding.status.holds].append(finding)
    verdicts = []
    for statement in case.standard.competencies:
        code = statement.code
        faults, remarks = by_code.get(code, ([], []))
        counting = _ids(counted.counting.get(code, ()))
        reasons = [finding.reason for finding in (*faults, *remarks)]
        if not faults:
            reasons.insert(0, _enough(counting))
        verdicts.append(
            CompetencyVerdict(
                code=code,
                status=_worst((finding.status for finding in faults), Status.MET) if faults else Status.MET,
                is_desirable=statement.desirable,
                pieces=counting,
                on_the_way=_ids(counted.on_the_way.get(code, ())),
                to_check=_ids(counted.to_check.get(code, ())),
                reasons=tuple(reasons),
                remedies=tuple(finding.remedy for finding in faults if finding.remedy),
            )
        )
    return tuple(verdicts)


def _ids(pieces: Sequence[Evidence]) -> tuple[str, ...]:
    return tuple([piece.id for piece in pieces]) if pieces else ()


def _enough(counting: tuple[str, ...]) -> str:
    if not counting:
        return "Nothing more is needed."
    if len(counting) == 1:
        return f"1 piece counts: {counting[0]}."
    return f"{len(counting)} pieces count: {listed(counting)}."


def _requirement_verdict(requirement: Requirement, found: Sequence[Finding]) -> RequirementVerdict:
    """Give the verdict of one requirement; one on which its rule finds nothing to say is not known."""
    status = _worst((finding.status for finding in found), Status.UNKNOWN)
    told = (status, Status.CHECK_AGAIN)
    telling = [finding for finding in found if finding.status in told] if status.fails else list(found)
    return RequirementVerdict(
        id=requirement.id,
        title=requirement.title,
        status=status,
        is_desirable=requirement.desirable,
        reason=" ".join(finding.reason for finding in telling) or "The standard does not say what is asked for here.",
        inputs=_inputs(found),
        remedies=tuple(finding.remedy for finding in found if finding.remedy),
        source="; ".join(dict.fromkeys(finding.source for finding in found)) or requirement.source,
    )


def _inputs(found: Sequence[Finding]) -> dict[str, str]:
    """Give what all findings on a requirement looked at, each named by its party or by what it wants."""
    if len(found) == 1:
        return dict(found[0].inputs)
    return {
        f"{key} ({finding.inputs.get('by') or finding.inputs.get('wanted')})": value
        for finding in found
        for key, value in finding.inputs.items()
    }


def _decide(case: Case, requirements: Sequence[RequirementVerdict]) -> tuple[Decision, str]:
    deciding = [verdict for verdict in requirements if not verdict.is_desirable]
    failing = [verdict.title for verdict in deciding if verdict.status.fails]
    open_ones = [verdict.title for verdict in deciding if not verdict.status.holds and not verdict.status.fails]
    day = f"On {in_words(case.on)}"
    if case.gateway != case.on:
        day += f", for gateway on {in_words(case.gateway)},"
    if not deciding:
        return Decision.CANNOT_TELL, f"{case.standard.identity} names no requirement, so there is nothing to decide by."
    of_all = f"{len(deciding)} {'requirement' if len(deciding) == 1 else 'requirements'}"
    if failing:
        are = "is" if len(failing) == 1 else "are"
        return Decision.NOT_READY, f"{day} {len(failing)} of {of_all} {are} not met: {_named(failing)}."
    if open_ones:
        return (
            Decision.CANNOT_TELL,
            f"{day} nothing is found to be missing, but not everything is known: {_named(open_ones)}.",
        )
    all_are = "the only requirement is" if len(deciding) == 1 else f"all {of_all} are"
    return Decision.READY, f"{day} {all_are} met or not needed, as far as the records tell."


def _named(titles: Iterable[str]) -> str:
    """Give titles of requirements in quotation marks, so that none of them reads as a fact about the learner."""
    return listed(f'"{title}"' for title in titles)


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


def _steps(
    case: Case, competencies: Sequence[CompetencyVerdict], requirements: Sequence[RequirementVerdict]
) -> tuple[Step, ...]:
    """Give everything that can be done about the decision, each thing once, what has to start first in front.

    What takes weeks comes first, since it decides on which day all can be done; then what helps most; among equals
    what takes longer. Waiting comes last: there is nothing to start.
    """
    helps: dict[tuple[Action, str], tuple[Remedy, list[str]]] = {}
    for name, remedy in _open_remedies(case, competencies, requirements):
        for subject in _subjects(case, remedy):
            helps.setdefault((remedy.action, subject), (remedy, []))[1].append(name)
    efforts = list(Effort)
    ranked = sorted(
        helps.items(),
        key=lambda item: (
            _URGENCY.get(item[1][0].effort, 1),
            -len(set(item[1][1])),
            -efforts.index(item[1][0].effort),
            natural_key(item[0][1]),
        ),
    )
    return tuple(
        Step(_single(case, remedy, subject), tuple(dict.fromkeys(names))) for (_, subject), (remedy, names) in ranked
    )


_URGENCY = {Effort.WEEKS: 0, Effort.WAIT: 2}
"""What goes before and behind everything else, whatever it helps."""


def _with_steps(
    case: Case, verdicts: Sequence[RequirementVerdict], steps: Sequence[Step]
) -> Iterator[RequirementVerdict]:
    """Yield each requirement with its remedies in the order of the steps; every statement has the steps themselves."""
    places = {(step.remedy.action, step.remedy.subject): place for place, step in enumerate(steps)}
    codes = case.standard.by_code.keys()
    for verdict, asked in zip(verdicts, case.standard.requirements, strict=True):
        if asked.rule is RequirementRule.EVERY_STATEMENT:
            remedies = [step.remedy for step in steps if not codes.isdisjoint(step.helps)]
        else:
            remedies = sorted(verdict.remedies, key=lambda found: places.get((found.action, found.subject), len(steps)))
        yield replace(verdict, remedies=tuple(remedies)) if remedies else verdict


def _open_remedies(
    case: Case, competencies: Sequence[CompetencyVerdict], requirements: Sequence[RequirementVerdict]
) -> Iterator[tuple[str, Remedy]]:
    """Yield each remedy that can change the decision, with the statement or requirement that it helps."""
    for verdict in competencies:
        if not verdict.is_desirable and not verdict.status.holds:
            yield from ((verdict.code, remedy) for remedy in verdict.remedies)
    for requirement, asked in zip(requirements, case.standard.requirements, strict=True):
        through_statements = asked.rule is RequirementRule.EVERY_STATEMENT
        if not through_statements and not requirement.is_desirable and not requirement.status.holds:
            yield from ((requirement.id, remedy) for remedy in requirement.remedies)


_ON_PIECES = (Action.ACCEPT_PIECE, Action.CONFIRM_CLAIM, Action.REVIEW_CLAIM)


def _subjects(case: Case, remedy: Remedy) -> list[str]:
    """Give what a step is about: each piece on its own, and a new piece for the two halves of a row of the standard."""
    if remedy.action in _ON_PIECES:
        return list(dict.fromkeys(subject.partition(":")[0] for subject in remedy.subject.split()))
    if remedy.action is Action.ADD_PIECE:
        partner = case.standard.by_code[remedy.subject].pairs_with
        return [min(remedy.subject, partner)] if partner else [remedy.subject]
    return [remedy.subject]


def _single(case: Case, remedy: Remedy, subject: str) -> Remedy:
    """Give the remedy as a step about one piece says it, where it is about several pieces or single claims."""
    if remedy.action not in _ON_PIECES or remedy.subject == subject:
        return remedy
    verb = {
        Action.ACCEPT_PIECE: f"Have {subject} accepted",
        Action.CONFIRM_CLAIM: f"Have the claims of {subject} confirmed",
        Action.REVIEW_CLAIM: f"Have {subject} checked again, and record the answer",
    }[remedy.action]
    title = case.portfolio.by_id[subject].title
    return replace(remedy, subject=subject, text=f"{verb}: {ended(title)}")
