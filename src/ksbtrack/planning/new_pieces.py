"""New pieces that a plan can ask for: each for the statements that one occasion of the job can show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ksbtrack.models.analysis import Action, Effort, Remedy
from ksbtrack.models.case import Case
from ksbtrack.models.crosswalk import Confidence, Relation
from ksbtrack.models.job import DutyLink, Job
from ksbtrack.models.planning import PlanSettings
from ksbtrack.models.standard import EvidenceKind
from ksbtrack.models.values import listed
from ksbtrack.planning.choosing import Question, closed_by
from ksbtrack.planning.layout import Draft, Layout, Shown, demands_of
from ksbtrack.rules.words import ASSESSOR, YOU, shortened, with_article

DUTY_LENGTH = 90
"""Characters of a duty that a step quotes."""
KINDS = (
    EvidenceKind.WORK_PRODUCT,
    EvidenceKind.PROJECT,
    EvidenceKind.CASE_STUDY,
    EvidenceKind.PRESENTATION,
    EvidenceKind.RECORDING,
    EvidenceKind.FEEDBACK,
    EvidenceKind.PERFORMANCE_REVIEW,
    EvidenceKind.PROFESSIONAL_DISCUSSION,
    EvidenceKind.ASSIGNMENT,
    EvidenceKind.REFLECTIVE_ACCOUNT,
    EvidenceKind.CPD_RECORD,
    EvidenceKind.SELF_ASSESSMENT,
    EvidenceKind.OBSERVATION_RECORD,
    EvidenceKind.WITNESS_TESTIMONY,
)
"""The kinds of a new piece, the likeliest first, what somebody else writes last; certificates are left out."""
_WITNESS = "the witness"
_SIGNERS = {
    EvidenceKind.OBSERVATION_RECORD: f"{ASSESSOR} and {YOU}",
    EvidenceKind.WITNESS_TESTIMONY: _WITNESS,
}
"""Who has to sign what somebody else writes, as `rules.pieces.unsigned` asks."""
_RELATIONS = (Relation.EQUAL, Relation.SUBSET, Relation.SUPERSET, Relation.INTERSECTS)
_CONFIDENCES = (Confidence.HIGH, Confidence.MEDIUM)
"""A link of low confidence shows where to look; it is too little to plan a piece on."""


def job_of(case: Case) -> Job | None:
    """Give the learner's job where it leads to the statements of the case."""
    job = case.portfolio.work
    return job if job is not None and job.standard == case.standard.identity else None


def add_new_pieces(layout: Layout, shown: Sequence[Shown], *, is_limited: bool) -> dict[str, list[int]]:
    """Give the steps of new pieces by statement: for what the pieces that are there cannot show.

    Args:
        layout: takes the steps.
        shown: what is missing.
        is_limited: only so many pieces may be made or mended, so that a new one may do more than one that is there.
    """
    lacking = {found.code for found in shown if not _is_closed_without(layout, found)}
    wanted = [found for found in shown if is_limited or found.code in lacking]
    steps: dict[str, list[int]] = {found.code: [] for found in wanted}
    for duty, text, codes in _occasions(layout.case, [found.code for found in wanted], layout.settings):
        if len(codes) == 1 and codes[0] not in lacking:
            # Mending a piece that is there does as much for one statement as a new piece, and is less work.
            continue
        kind = next(_kinds(layout.case, codes), None)
        copies = max(max(found.missing) for found in wanted if found.code in codes)
        for copy in range(copies if kind else 0):
            step = _add(layout, duty, text, codes, copy)
            for code in codes:
                steps[code].append(step)
    return steps


def _is_closed_without(layout: Layout, found: Shown) -> bool:
    """Say whether the pieces that are there can show a statement, in the time that is left."""
    steps = range(len(layout.drafts))
    question = Question((1,) * len(steps), (layout.within_time(demands_of(layout, found, ())),))
    return bool(closed_by(question, steps))


def _occasions(case: Case, codes: Sequence[str], settings: PlanSettings) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield duty, its text, and the statements that one piece from it is planned for; at last each row on its own.

    Of the duties those with links come first in the job's order; statements that only such a duty can show, and those
    that none can, may need another place, so that each has a piece of its own to be planned as well.
    """
    limits = [case.settings[code].claims_per_piece_warning or settings.most_codes for code in codes]
    most = min([settings.most_codes, *limits])
    job = job_of(case)
    duties: list[tuple[str, str, list[str]]] = []
    if job is not None:
        duties += [(duty.code, duty.text, _believable(duty.links, codes)) for duty in job.duties]
    else:
        duties += [
            (duty.code, duty.text, [code for code in codes if code in duty.competencies])
            for duty in case.standard.duties
        ]
    for name, text, reached in duties:
        for begin in range(0, len(reached), most):
            yield name, text, tuple(sorted(reached[begin : begin + most], key=codes.index))
    done: set[str] = set()
    for code in codes:
        pair = case.standard.by_code[code].pairs_with
        if code not in done:
            row = tuple(other for other in codes if other == code or (other == pair and most > 1))
            done.update(row)
            yield "", "", row


def _believable(links: Sequence[DutyLink], codes: Sequence[str]) -> list[str]:
    """Give the statements that a duty can be planned to show, those that it shows best first."""
    good = [link for link in links if link.code in codes and link.confidence in _CONFIDENCES]
    good.sort(
        key=lambda link: (
            _CONFIDENCES.index(link.confidence),
            _RELATIONS.index(link.relation),
            codes.index(link.code),
        )
    )
    return [link.code for link in good]


def _kinds(case: Case, codes: Sequence[str]) -> Iterator[EvidenceKind]:
    """Yield the kinds that count for all of some statements."""
    barred = {kind for code in codes for kind in case.settings[code].barred_kinds or ()}
    return (kind for kind in KINDS if kind not in barred)


def _add(layout: Layout, duty: str, text: str, codes: tuple[str, ...], copy: int) -> int:
    name = f"new {duty or codes[0]}"
    if duty and any(draft.name == name for draft in layout.drafts):
        name += f" {'+'.join(codes)}"
    if copy:
        name += f" ({copy + 1})"
    remedy = Remedy(
        Action.ADD_PIECE,
        codes[0],
        shortened(text, DUTY_LENGTH),
        f"{YOU}, then {ASSESSOR}",
        Effort.DAYS,
        {"count": "1", "codes": " ".join(codes)},
    )
    draft = Draft(name, (remedy,), is_piece=True, work=layout.work((remedy,)), codes=codes, duty=duty)
    return layout.add(("new", name), draft)


def written_up(layout: Layout, drafts: Sequence[Draft], shown: Sequence[Shown]) -> dict[str, Remedy]:
    """Give what is done for each new piece of a plan, by the step's name, with a kind that helps.

    Where a statement asks for several kinds or days, the new pieces are of other kinds than those that count or are
    mended, and from other days.

    Args:
        layout: the steps.
        drafts: those that are taken.
        shown: what is missing.
    """
    by_code = {found.code: found for found in shown}
    evidence = layout.case.portfolio.by_id
    mended = [evidence[draft.name] for draft in drafts if draft.name in evidence and draft.is_piece]
    used = {
        code: set(found.kinds) | {piece.kind.value for piece in mended if piece.id in found.ways}
        for code, found in by_code.items()
    }
    written = {}
    for draft in (draft for draft in drafts if draft.codes):
        several = [code for code in draft.codes if by_code[code].missing[1]]
        kinds = list(_kinds(layout.case, draft.codes))
        fresh = [kind for kind in kinds if not any(kind.value in used[code] for code in several)]
        kind = (fresh or kinds)[0]
        for code in draft.codes:
            used[code].add(kind.value)
        days = {day.isoformat() for code in draft.codes if by_code[code].missing[2] for day in by_code[code].days}
        written[draft.name] = _worded(draft, kind, sorted(days))
    return written


def _worded(draft: Draft, kind: EvidenceKind, days: list[str]) -> Remedy:
    remedy = draft.remedies[0]
    codes, piece, owner = listed(draft.codes), with_article(kind.words), remedy.owner
    details = {**remedy.details, "kind": kind.value}
    if kind in _SIGNERS:
        piece += f", signed and dated by {_SIGNERS[kind]},"
        owner = f"{YOU} and {_WITNESS}, then {ASSESSOR}" if _SIGNERS[kind] == _WITNESS else owner
    other_day = ", made on another day than the pieces that count" if days else ""
    if draft.duty:
        again = " once more" if draft.name.endswith(")") else ""
        text = f"Write up {draft.duty}{again} as {piece} for {codes}{other_day}, and have it accepted"
        text += f': "{remedy.text}"'
    else:
        text = f"Add {piece} that shows {codes}{other_day}, and have it accepted."
    if days:
        details["not_days"] = " ".join(days)
    return Remedy(remedy.action, remedy.subject, text, owner, remedy.effort, details)
