"""The pieces of a cohort on which assessors decided: what an internal quality assurer can look at."""

from __future__ import annotations

from collections.abc import Iterator

from ksbtrack.analysis import analyse
from ksbtrack.cohort.judging import cases_in
from ksbtrack.models.analysis import Analysis
from ksbtrack.models.cohort import Chunk, Fault, LearnerCase
from ksbtrack.models.portfolio import AcceptanceState
from ksbtrack.models.sampling import Candidate

DECIDED = (AcceptanceState.ACCEPTED, AcceptanceState.REFERRED)


def candidates_in(chunk: Chunk) -> list[Candidate | Fault]:
    """Give every decided piece of the learners of a chunk, and what could not be read, in their order.

    Args:
        chunk: of learners; this function is at the top of a module, so that other processes find it.
    """
    found: list[Candidate | Fault] = []
    for learner in cases_in(chunk):
        if isinstance(learner, Fault):
            found.append(learner)
        else:
            found += candidates_of(learner, analyse(learner.case))
    return found


def candidates_of(learner: LearnerCase, analysis: Analysis) -> Iterator[Candidate]:
    """Yield each piece of one learner on which somebody decided, in the order of the portfolio.

    A piece that claims nothing of the standard in question is passed over: there is nothing to assure. So is one on
    which the decision came after the day asked about.

    Args:
        learner: who, and who assesses them.
        analysis: what `analyse` gave for their case.
    """
    case = analysis.case
    statuses = {verdict.code: verdict.status for verdict in analysis.competencies}
    alone: dict[str, list[str]] = {}
    for statement in analysis.competencies:
        if len(statement.pieces) == 1:
            alone.setdefault(statement.pieces[0], []).append(statement.code)
    for verdict in analysis.pieces:
        piece = case.portfolio.by_id[verdict.id]
        claims = case.claims_of.get(piece.id, ())
        decision = piece.acceptance
        if decision.state not in DECIDED or not claims or (decision.on is not None and decision.on > case.on):
            continue
        methods = (method.id for code in verdict.counts_for for method in case.standard.methods_of(code))
        yield Candidate(
            learner=learner.key,
            name=case.portfolio.learner.name,
            standard=case.standard.identity,
            piece=piece.id,
            title=piece.title,
            kind=piece.kind.value,
            assessor=piece.acceptance.by or learner.assessor,
            decision=piece.acceptance.state.value,
            decided_on=piece.acceptance.on,
            status=verdict.status,
            statements={code: statuses[code] for code in verdict.counts_for},
            claims=len({made.competency.code for made in claims}),
            alone_for=tuple(alone.get(piece.id, ())),
            methods=tuple(dict.fromkeys(methods)),
            readiness=analysis.decision,
            fingerprint=piece.acceptance.fingerprint or piece.fingerprint,
        )
