"""The gaps of an analysis and the steps that can close them, as the question that `choosing` answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import ceil

from ksbtrack.models.analysis import Action, Analysis, Remedy, Status
from ksbtrack.models.case import Case
from ksbtrack.models.planning import PlanSettings, Work
from ksbtrack.models.portfolio import Evidence
from ksbtrack.planning.choosing import Demand, Gap, Question, Source, Way
from ksbtrack.planning.judged_day import DATED, JudgedDay, is_over
from ksbtrack.planning.mending import edited, in_order, is_edited, mends, to_be_renewed, waiting_pieces
from ksbtrack.planning.safe_days import gateway_day
from ksbtrack.planning.work import unit_of, work_of
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

    @property
    def logs_hours(self) -> bool:
        """Say whether hours of training are done and logged, which takes as long as their pace makes it."""
        return any(remedy.action is Action.LOG_HOURS for remedy in self.remedies)

    @property
    def stage(self) -> int:
        """Give when it is done: who confirms vouches for what they see, and that is chosen among pieces that count.

        Nothing waits for what is done at no stage (0), such as a qualification.
        """
        return max(_STAGES.get(remedy.action, int(self.is_piece)) for remedy in self.remedies)


SIGNED = 3
"""The last stage: whoever confirms has signed."""
_STAGES = {Action.CHOOSE_SHOWCASE: 2, Action.GET_CONFIRMATION: SIGNED}
"""After the pieces, which are the first."""


@dataclass(frozen=True, slots=True)
class DraftGap:
    """A statement or requirement that does not hold, with what has to be there; no demands: nothing can be done.

    `open_because` says why nothing can, where that is known.
    """

    subject: str
    title: str
    status: Status
    is_statement: bool
    demands: Gap
    open_because: str = ""


@dataclass(slots=True)
class Layout:
    """All steps and all gaps, while they are collected.

    Attributes:
        day: for which the plan is made.
        settings: what the plan takes for granted.
        by: the day by which all is to be done.
        drafts: the steps, by their place.
        gaps: the gaps, statements first.
        places: of the steps, by what they do.
        mended: the way in which each piece would count that does not.
        signing: days that it takes to sign what is not confirmed, whatever pieces are made or mended.
    """

    day: JudgedDay
    settings: PlanSettings
    by: date | None
    drafts: list[Draft] = field(default_factory=list)
    gaps: list[DraftGap] = field(default_factory=list)
    places: dict[Key, int] = field(default_factory=dict)
    mended: dict[str, Way] = field(default_factory=dict)
    signing: int = field(init=False)

    def __post_init__(self) -> None:
        """Count the days that it takes to sign what is not confirmed whatever the plan does."""
        asked = [
            finding.remedy
            for finding in self.analysis.findings
            if finding.decides and finding.remedy and finding.remedy.action is Action.GET_CONFIRMATION
        ]
        self.signing = max((self.work((remedy,)).days for remedy in asked), default=0)

    @property
    def asked(self) -> Case:
        """Give the question on the day on which it was asked."""
        return self.day.asked

    @property
    def analysis(self) -> Analysis:
        """Give the analysis of the day for which the plan is made."""
        return self.day.analysis

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

    @property
    def last_day(self) -> date | None:
        """Give the day by which all is to be done, or gateway where that comes first; None without such a day."""
        if self.by is None or is_over(self.asked):
            return self.by
        return min(self.by, self.case.gateway)

    @property
    def target(self) -> date | None:
        """Give the day for which the steps are begun: the last one, else gateway, or the first day that is possible.

        None where no gateway is on record or planned, and where a later one is still to be agreed on any day.
        """
        if self.last_day is not None:
            return self.last_day
        if self.day.agreed:
            return self.case.on if self.case.on > self.asked.on else None
        day = gateway_day(self.asked)
        return max(day, self.case.on) if day else None

    def days_left(self) -> int | None:
        """Give the days of learning that are left until then; None without such a day."""
        return None if self.last_day is None else days_between(self.asked.on, self.last_day, self.asked.breaks)

    def leaves_time_to_agree(self) -> bool:
        """Say whether a later gateway can be agreed in time, where one is to be."""
        left = self.days_left()
        return self.day.agreed is None or left is None or self.work((self.day.agreed,)).days <= left

    def are_hours_counted(self, draft: Draft) -> bool:
        """Say whether a step logs hours beside those that are assumed for each week up to the day of the plan.

        The assumed ones are there by then: what is missing still comes at no pace in the same weeks.
        """
        is_assumed = any(made.hours_a_week is not None for made in self.asked.assumptions)
        return is_assumed and draft.logs_hours and self.case.on > self.asked.on

    def is_in_time(self, way: Way) -> bool:
        """Say whether steps can be done by then, one stage after the other."""
        drafts = [self.drafts[step] for step in way]
        if self.by is not None and any(map(self.are_hours_counted, drafts)):
            return False
        if is_over(self.asked) and any(remedy.action in DATED for draft in drafts for remedy in draft.remedies):
            return False
        left = self.days_left()
        return left is None or self._days_of(drafts) <= left

    def _days_of(self, drafts: Sequence[Draft]) -> int:
        """Give the days that steps take, with those of what is signed in any case once pieces and showcase stand."""
        stages: dict[int, int] = {}
        for draft in drafts:
            stages[draft.stage] = max(stages.get(draft.stage, 0), draft.work.days)
        beside, signed = stages.pop(0, 0), stages.pop(SIGNED, 0)
        if stages:
            signed = max(signed, self.signing)
        return max(beside, sum(stages.values()) + signed)

    def within_time(self, gap: Gap) -> Gap:
        """Give the demands of a gap with the ways alone for which there is time."""
        if self.by is None and not is_over(self.asked):
            return gap
        return tuple(_within(demand, self.is_in_time) for demand in gap)

    def question(self, most: int | None, *, in_time: bool = True) -> Question:
        """Give the question, with or without the ways for which there is no time left."""
        unit = unit_of(self.settings)
        return Question(
            efforts=tuple(ceil(draft.work.hours / unit) for draft in self.drafts),
            gaps=tuple(
                (self.within_time(gap.demands) if in_time else gap.demands) if gap.demands else _CLOSED_BY_NOTHING
                for gap in self.gaps
            ),
            limited=frozenset(step for step, draft in enumerate(self.drafts) if draft.is_piece),
            most=most,
        )


_CLOSED_BY_NOTHING: Gap = (Demand(1, ()),)


def _within(demand: Demand, is_possible: Callable[[Way], bool]) -> Demand:
    """Give a demand with the ways alone that are possible."""
    sources = (tuple(way for way in source if is_possible(way)) for source in demand.sources)
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
