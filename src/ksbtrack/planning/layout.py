"""The gaps of an analysis and the steps that can close them, as the question that `choosing` answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from ksbtrack.models.analysis import Action, Analysis, Finding, Remedy, Status
from ksbtrack.models.case import Case
from ksbtrack.models.planning import PlanSettings, Work
from ksbtrack.models.portfolio import Evidence
from ksbtrack.models.standard import RequirementRule
from ksbtrack.planning.choosing import Demand, Gap, Question, Source, Way
from ksbtrack.planning.mending import ConfirmedBy, edited, in_order, is_edited, mends, to_be_renewed, waiting_pieces
from ksbtrack.planning.work import QUARTERS, work_of
from ksbtrack.rules import PIECE_RULES
from ksbtrack.rules.durations import hours_needed
from ksbtrack.rules.period import days_between
from ksbtrack.rules.tally import Tally, tally

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """A step that can be taken.

    Attributes:
        name: what it is done to.
        remedies: what is done, in order.
        is_piece: a piece is made or mended.
        codes: the statements that a new piece shows; empty for all else.
        duty: code of the duty that a new piece is written up from.
        work: how much work it is.
        is_sure: doing it closes what it is for; a fact that is recorded may not be the one that is wished for.
    """

    name: str
    remedies: tuple[Remedy, ...]
    is_piece: bool
    work: Work
    codes: tuple[str, ...] = ()
    duty: str = ""
    is_sure: bool = True


@dataclass(frozen=True, slots=True)
class DraftGap:
    """A statement or requirement that does not hold, with what has to be there; no demands: nothing can be done."""

    subject: str
    title: str
    status: Status
    is_statement: bool
    demands: Gap


@dataclass(slots=True)
class Layout:
    """All steps and all gaps, while they are collected.

    Attributes:
        asked: the question as it was asked.
        analysis: of the day for which the plan is made.
        settings: what the plan takes for granted.
        by: the day by which all is to be done.
        drafts: the steps, by their place.
        gaps: the gaps, statements first.
        places: of the steps, by what they do.
        mended: the way in which each piece would count that does not.
    """

    asked: Case
    analysis: Analysis
    settings: PlanSettings
    by: date | None
    drafts: list[Draft] = field(default_factory=list)
    gaps: list[DraftGap] = field(default_factory=list)
    places: dict[Key, int] = field(default_factory=dict)
    mended: dict[str, Way] = field(default_factory=dict)

    @property
    def case(self) -> Case:
        """Give the question on the day for which the plan is made."""
        return self.analysis.case

    def add(self, key: Key, draft: Draft) -> int:
        """Give the place of a step; the same key is the same step."""
        if key not in self.places:
            self.places[key] = len(self.drafts)
            self.drafts.append(draft)
        return self.places[key]

    def add_remedy(self, remedy: Remedy) -> int:
        """Give the place of the step of a remedy that is done to no piece."""
        details = tuple(sorted(remedy.details.items()))
        key = (remedy.action.value, remedy.subject, *(f"{name}={value}" for name, value in details))
        if remedy.action is Action.GET_CONFIRMATION:
            key = (remedy.action.value, remedy.details["by"], remedy.details["of"])
        is_sure = not (remedy.action is Action.RECORD_FACT or self._leaves_hours_open(remedy))
        draft = Draft(remedy.subject, (remedy,), is_piece=False, work=self.work((remedy,)), is_sure=is_sure)
        return self.add(key, draft)

    def _leaves_hours_open(self, remedy: Remedy) -> bool:
        """Say whether hours are logged of which nobody knows whether they are enough."""
        return remedy.action is Action.LOG_HOURS and hours_needed(self.case).needed is None

    def work(self, remedies: Iterable[Remedy]) -> Work:
        """Give how much work remedies are."""
        return work_of(self.asked, remedies, self.settings)

    def days_left(self) -> int | None:
        """Give the days of learning that are left until the day by which all is to be done; None without such a day."""
        if self.by is None:
            return None
        return days_between(self.asked.on, self.by, self.asked.breaks)

    def is_in_time(self, step: int) -> bool:
        """Say whether a step can be done by the day by which all is to be done."""
        left = self.days_left()
        return left is None or self.drafts[step].work.days <= left

    def question(self, most: int | None, *, in_time: bool = True) -> Question:
        """Give the question, with or without the steps for which there is no time left."""
        open_steps = frozenset(step for step in range(len(self.drafts)) if not in_time or self.is_in_time(step))
        return Question(
            efforts=tuple(int(draft.work.hours * QUARTERS) for draft in self.drafts),
            gaps=tuple(
                tuple(_within(demand, open_steps) for demand in gap.demands) if gap.demands else _CLOSED_BY_NOTHING
                for gap in self.gaps
            ),
            limited=frozenset(step for step, draft in enumerate(self.drafts) if draft.is_piece),
            most=most,
        )


_CLOSED_BY_NOTHING: Gap = (Demand(1, ()),)


def _within(demand: Demand, steps: frozenset[int]) -> Demand:
    """Give a demand with the ways alone that consist of some steps."""
    sources = (tuple(way for way in source if way <= steps) for source in demand.sources)
    return Demand(demand.need, tuple(source for source in sources if source))


@dataclass(slots=True)
class Shown:
    """What is behind a statement that is not shown, and what is missing.

    Attributes:
        code: the statement.
        missing: pieces, kinds and days that are missing; kinds and days only where several are asked for.
        kinds: of the pieces that count.
        days: on which they were made.
        ways: the way in which each waiting piece would count.
        first: steps that are needed whatever pieces there are.
    """

    code: str
    missing: tuple[int, int, int]
    kinds: frozenset[str]
    days: frozenset[date]
    ways: dict[str, Way] = field(default_factory=dict)
    first: tuple[int, ...] = ()


def laid_out_statements(layout: Layout) -> tuple[list[Shown], Tally]:
    """Give what is missing for each statement that pieces can show, with the steps on the pieces that are there.

    Args:
        layout: takes the steps.
    """
    case = layout.case
    counted = tally(case, [finding for rule in PIECE_RULES for finding in rule(case)])
    verdicts = {verdict.code: verdict for verdict in layout.analysis.competencies}
    shown = []
    for statement in case.standard.shown_by_evidence:
        verdict = verdicts[statement.code]
        if not verdict.is_desirable and not verdict.status.holds:
            shown.append(_what_is_missing(layout, counted, statement.code))
    _add_mended_pieces(layout, counted, shown)
    return shown, counted


def _what_is_missing(layout: Layout, counted: Tally, code: str) -> Shown:
    settings = layout.case.settings[code]
    counting = counted.counting.get(code, ())
    kinds = frozenset(piece.kind.value for piece in counting)
    days = frozenset(piece.date for piece in counting)
    # A number that no layer sets is taken for one, once somebody has set it.
    pieces = 1 if settings.pieces_per_competency is None else settings.pieces_per_competency
    missing = (
        max(0, pieces - len(counting)),
        _several(settings.kinds_per_competency, len(kinds)),
        _several(settings.days_per_competency, len(days)),
    )
    first = tuple(
        layout.add_remedy(remedy)
        for verdict in layout.analysis.competencies
        if verdict.code == code
        for remedy in verdict.remedies
        if remedy.action is Action.RECORD_FACT
    )
    return Shown(code, missing, kinds, days, first=first)


def _several(needed: int | None, held: int) -> int:
    """Give how many different values are missing where more than one is asked for: one is there with any piece."""
    return max(0, needed - held) if needed and needed > 1 else 0


def _add_mended_pieces(layout: Layout, counted: Tally, shown: Sequence[Shown]) -> None:
    """Add a step for each piece that can be made to count for anything that is not shown, with all that it needs."""
    wanted: dict[str, dict[str, tuple[Remedy, ...]]] = {}
    for found in shown:
        for piece in waiting_pieces(counted, found.code):
            remedies = mends(counted, piece, found.code)
            if remedies:
                wanted.setdefault(piece.id, {})[found.code] = remedies
    for name in layout.case.portfolio.showcase:
        for_showcase = _for_showcase(layout, counted, name)
        if for_showcase:
            wanted.setdefault(name, {}).setdefault("", for_showcase)
    by_code = {found.code: found for found in shown}
    for piece in layout.case.portfolio.evidence:
        if piece.id not in wanted:
            continue
        together = in_order(piece, (remedy for remedies in wanted[piece.id].values() for remedy in remedies))
        draft = Draft(piece.id, together, is_piece=True, work=layout.work(together))
        step = layout.add(("piece", piece.id), draft)
        layout.mended[piece.id] = frozenset({step, *_renewals(layout, counted, piece, together)})
        for code in wanted[piece.id].keys() & by_code.keys():
            by_code[code].ways[piece.id] = layout.mended[piece.id]


def _for_showcase(layout: Layout, counted: Tally, name: str) -> tuple[Remedy, ...]:
    """Give what makes a piece of the showcase count for at least one statement; nothing if it does, or cannot."""
    verdict = next(verdict for verdict in layout.analysis.pieces if verdict.id == name)
    if verdict.status.holds:
        return ()
    claims = layout.case.claims_of.get(name, ())
    possible = [
        remedies
        for code in dict.fromkeys(claim.competency.code for claim in claims)
        if (remedies := mends(counted, layout.case.portfolio.by_id[name], code)) is not None
    ]
    return min(possible, key=len, default=())


def _renewals(layout: Layout, counted: Tally, piece: Evidence, remedies: Iterable[Remedy]) -> list[int]:
    """Give the steps by which confirmations are renewed that no longer hold once a piece is edited."""
    if not is_edited(remedies):
        return []
    lost = to_be_renewed(layout.case, edited(layout.case, piece.id), counted)
    return [layout.add_remedy(remedy) for remedy in lost.values()]


def demands_of(layout: Layout, found: Shown, new_pieces: Sequence[int]) -> Gap:
    """Give what a statement asks for: pieces, and kinds and days of them, from what is there and from new pieces.

    A new piece is planned to be of a kind and from a day that no other piece for the statement has.

    Args:
        layout: the steps.
        found: what is missing.
        new_pieces: the steps of new pieces that show it.
    """
    evidence = layout.case.portfolio.by_id
    new: list[Source] = [(frozenset({step}),) for step in new_pieces]
    pieces, kinds, days = found.missing
    demands = [Demand(1, ((frozenset({step}),),)) for step in found.first]
    if pieces:
        demands.append(Demand(pieces, (*((way,) for way in found.ways.values()), *new)))
    by_kind: dict[object, list[Way]] = {}
    by_day: dict[object, list[Way]] = {}
    for name, way in found.ways.items():
        if evidence[name].kind.value not in found.kinds:
            by_kind.setdefault(evidence[name].kind, []).append(way)
        if evidence[name].date not in found.days:
            by_day.setdefault(evidence[name].date, []).append(way)
    for need, groups in ((kinds, by_kind), (days, by_day)):
        if need:
            demands.append(Demand(need, (*map(tuple, groups.values()), *new)))
    return tuple(demands)


def requirement_gaps(layout: Layout, counted: Tally) -> list[DraftGap]:
    """Give each requirement that decides and does not hold, that about all statements apart, with its steps.

    Args:
        layout: takes the steps.
        counted: the pieces behind each statement.
    """
    gaps = []
    asked = {requirement.id: requirement for requirement in layout.case.standard.requirements}
    for verdict in layout.analysis.requirements:
        rule = asked[verdict.id].rule
        if verdict.is_desirable or verdict.status.holds or rule is RequirementRule.EVERY_STATEMENT:
            continue
        findings = [
            finding
            for finding in layout.analysis.findings
            if finding.subject == verdict.id and finding.decides and not finding.status.holds
        ]
        demands: Gap = tuple(_demand(layout, counted, finding) for finding in findings)
        gaps.append(DraftGap(verdict.id, verdict.title, verdict.status, is_statement=False, demands=demands))
    return gaps


def _demand(layout: Layout, counted: Tally, finding: Finding) -> Demand:
    if finding.remedy is None:
        return Demand(1, ())
    step = layout.add_remedy(finding.remedy)
    if finding.remedy.action is not Action.CHOOSE_SHOWCASE:
        return Demand(1, ((frozenset({step}),),))
    return Demand(1, (tuple(_showcase_ways(layout, counted, finding, step)),))


def _showcase_ways(layout: Layout, counted: Tally, finding: Finding, choose: int) -> Iterator[Way]:
    """Yield the ways to a showcase that counts: mend what is in it, or choose other pieces.

    Where no piece counts yet, there has to be one before it can be chosen.
    """
    names = finding.inputs["not_counting"]
    failing = [] if names == "none" else names.split(", ")
    if failing and all(name in layout.mended for name in failing):
        yield frozenset(step for name in failing for step in layout.mended[name])
    remedy = finding.remedy
    chosen = remedy.details["pieces"].split() if remedy else []
    way = frozenset({choose, *_renewed_by_choice(layout, counted, chosen)})
    if chosen:
        yield way
        return
    for step, draft in enumerate(layout.drafts):
        if draft.is_piece:
            yield way | layout.mended.get(draft.name, frozenset({step}))


def _renewed_by_choice(layout: Layout, counted: Tally, chosen: Sequence[str]) -> list[int]:
    """Give the steps that renew the confirmations of a showcase once other pieces are chosen.

    Pieces that are not made yet are younger than all that was confirmed.
    """
    case = layout.case
    change: dict[str, object] = {"showcase": tuple(chosen)}
    if not chosen:
        change["records"] = case.portfolio.records.model_copy(update={"confirmations": ()})
    changed = replace(case, portfolio=case.portfolio.model_copy(update=change))
    lost: dict[ConfirmedBy, Remedy] = to_be_renewed(case, changed, counted)
    return [layout.add_remedy(found) for found in lost.values()]


def verified_gaps(layout: Layout) -> list[DraftGap]:
    """Give each statement that the employer has not verified, with the step of having all of them verified.

    Args:
        layout: takes the step.
    """
    verdicts = {verdict.code: verdict for verdict in layout.analysis.competencies}
    gaps = []
    for statement in layout.case.standard.verified_by_employer:
        verdict = verdicts[statement.code]
        if not verdict.is_desirable and not verdict.status.holds:
            demands = tuple(Demand(1, ((frozenset({layout.add_remedy(remedy)}),),)) for remedy in verdict.remedies)
            gaps.append(DraftGap(statement.code, "", verdict.status, is_statement=True, demands=demands))
    return gaps
