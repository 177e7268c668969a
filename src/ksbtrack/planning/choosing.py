"""Which steps to take so that most gaps are closed, exactly, by HiGHS; nothing here knows what a step is.

A question has steps and gaps. A gap is closed when each of its demands is; a demand is fulfilled when enough of its
sources are; a source when all steps of one of its ways are taken. The answer is one and the same everywhere:

1. as many gaps closed as can be;
2. with as few steps as can be;
3. with as little effort as can be;
4. the first in order: it holds the first step if any such choice does, and so on.

HiGHS runs in one thread from a fixed seed, and is stopped by a count of nodes, never by a clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import highspy

MAX_NODES = 2_000
"""Nodes of one search. Questions made of 60 pieces, 150 statements and 300 steps took under 200."""
MAX_WEIGHT = 1e7
"""The largest sum of one goal: times the solver's tolerance it stays far below what tells two choices apart."""
AT_A_TIME = 15
"""Steps that are weighed together: the largest weight times the solver's tolerance stays far below one."""

_TWO = 2

Way = frozenset[int]
"""Steps that have to be taken together."""
Source = tuple[Way, ...]
"""Ways of which one is enough."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What has to be there: so many of these sources."""

    need: int
    sources: tuple[Source, ...]

    def is_fulfilled(self, taken: frozenset[int]) -> bool:
        """Say whether enough sources are there once some steps are taken."""
        return sum(any(way <= taken for way in source) for source in self.sources) >= self.need


Gap = tuple[Demand, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """Steps, by their place, and the gaps that they close.

    Attributes:
        efforts: of each step, in quarters of an hour.
        gaps: the demands of each gap.
        limited: the steps of which only so many may be taken.
        most: how many of them; None for as many as are needed.
    """

    efforts: tuple[int, ...]
    gaps: tuple[Gap, ...]
    limited: frozenset[int] = frozenset()
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """The answer.

    Attributes:
        taken: the steps, in order.
        closed: the gaps that they close, in order.
        is_proved: no choice is better; False only where the search was stopped.
    """

    taken: tuple[int, ...]
    closed: tuple[int, ...]
    is_proved: bool = True


def closed_by(question: Question, taken: Iterable[int]) -> tuple[int, ...]:
    """Give the gaps that are closed once some steps are taken, in order.

    Args:
        question: steps and gaps.
        taken: the steps.
    """
    held = frozenset(taken)
    return tuple(place for place, gap in enumerate(question.gaps) if all(demand.is_fulfilled(held) for demand in gap))


def best_choice(question: Question) -> Choice:
    """Give the steps to take.

    Args:
        question: steps and gaps.
    """
    within = [step for step in range(len(question.efforts)) if question.most != 0 or step not in question.limited]
    closable = closed_by(question, within)
    forced = _forced(question, closable, frozenset(within))
    rest = [gap for gap in closable if gap not in closed_by(question, forced)]
    if not rest:
        return Choice(tuple(sorted(forced)), closed_by(question, forced))
    search = _Search(question, rest, within, forced)
    taken, is_proved = _searched(search)
    return Choice(taken, closed_by(question, taken), is_proved)


def _forced(question: Question, closable: Sequence[int], within: frozenset[int]) -> frozenset[int]:
    """Give the steps without which a gap that all choices close stays open.

    They cost nothing of what is limited, so each choice that closes most gaps takes them.
    """
    found: set[int] = set()
    free = within - question.limited if question.most is not None else within
    for place in closable:
        needed: set[int] = set()
        for demand in question.gaps[place]:
            possible = [[way for way in source if way <= within] for source in demand.sources]
            possible = [ways for ways in possible if ways]
            if len(possible) == demand.need:
                for ways in possible:
                    needed |= frozenset.intersection(*ways)
        # A gap that needs anything limited may have to stay open, and then none of its steps is of use.
        if question.most is None or _closes_freely(question.gaps[place], free):
            found |= needed & free
    return frozenset(found)


def _closes_freely(gap: Gap, free: frozenset[int]) -> bool:
    return all(demand.is_fulfilled(free) for demand in gap)


@dataclass(slots=True)
class _Search:
    """The question as HiGHS takes it: columns for steps, for gaps, and for ways and sources with several parts."""

    question: Question
    gaps: Sequence[int]
    steps: Sequence[int]
    forced: frozenset[int]
    column_of: dict[int, int] = field(default_factory=dict)
    gap_columns: list[int] = field(default_factory=list)
    way_columns: dict[Way, int] = field(default_factory=dict)

    def solver(self) -> highspy.Highs:
        import highspy

        solver = highspy.Highs()  # type: ignore[no-untyped-call]
        for name, value in _OPTIONS.items():
            solver.setOptionValue(name, value)
        used = {step for gap in self.gaps for demand in self.question.gaps[gap] for step in _steps_of(demand)}
        for step in self.steps:
            if step in used or step in self.forced:
                least = 1.0 if step in self.forced else 0.0
                self.column_of[step] = self._column(solver, least, is_whole=True)
        for gap in self.gaps:
            column = self._column(solver, 1.0 if self.question.most is None else 0.0, is_whole=True)
            self.gap_columns.append(column)
            for demand in self.question.gaps[gap]:
                self._add_demand(solver, demand, column)
        for one, other in _alike(self.question, self.gaps):
            if one in self.column_of and other in self.column_of:
                # Either would do, so the first in order is taken first.
                pair = [self.column_of[one], self.column_of[other]]
                solver.addRow(0.0, _infinity(), 2, pair, [1.0, -1.0])
        if self.question.most is not None:
            limited = [column for step, column in self.column_of.items() if step in self.question.limited]
            if limited:
                solver.addRow(0.0, float(self.question.most), len(limited), limited, [1.0] * len(limited))
        return solver

    def _column(self, solver: highspy.Highs, least: float = 0.0, *, is_whole: bool = False) -> int:
        import highspy

        place = int(solver.getNumCol())
        solver.addCol(0.0, least, 1.0, 0, [], [])
        if is_whole:
            solver.changeColIntegrality(place, highspy.HighsVarType.kInteger)
        return place

    def _add_demand(self, solver: highspy.Highs, demand: Demand, gap: int) -> None:
        """Add a row: a closed gap has as many sources as the demand needs."""
        columns = [self._source(solver, source) for source in demand.sources]
        # Sources that are one and the same step count each for themselves.
        counts: dict[int, float] = {}
        for column in columns:
            if column is not None:
                counts[column] = counts.get(column, 0.0) + 1.0
        names = sorted(counts)
        weights = [counts[name] for name in names]
        solver.addRow(0.0, _infinity(), len(names) + 1, [*names, gap], [*weights, -float(demand.need)])
        if demand.need == _TWO and set(weights) == {1.0} and self.question.most is not None:
            # Without any one source there must be another: says the same of whole numbers, and far more of halves.
            for left_out in names:
                rest = [name for name in names if name != left_out]
                solver.addRow(0.0, _infinity(), len(names), [*rest, gap], [1.0] * len(rest) + [-1.0])

    def _source(self, solver: highspy.Highs, source: Source) -> int | None:
        """Give the column of a source; None where no way of it is open."""
        ways = [way for way in dict.fromkeys(source) if all(step in self.column_of for step in way)]
        if not ways:
            return None
        columns = [self._way(solver, way) for way in ways]
        if len(columns) == 1:
            return columns[0]
        either = self._column(solver)
        solver.addRow(0.0, _infinity(), len(columns) + 1, [*columns, either], [1.0] * len(columns) + [-1.0])
        return either

    def _way(self, solver: highspy.Highs, way: Way) -> int:
        if len(way) == 1:
            return self.column_of[next(iter(way))]
        if way not in self.way_columns:
            together = self._column(solver)
            for step in sorted(way):
                solver.addRow(0.0, _infinity(), 2, [self.column_of[step], together], [1.0, -1.0])
            self.way_columns[way] = together
        return self.way_columns[way]


def _highest(search: _Search, goal: dict[int, float]) -> float:
    """Give a number that no choice goes beyond in a goal: only so many of the limited steps are taken."""
    limited = {column for step, column in search.column_of.items() if step in search.question.limited}
    most = search.question.most
    free = sum(abs(value) for column, value in goal.items() if most is None or column not in limited)
    spent = sorted((value for column, value in goal.items() if column in limited), reverse=True)
    return free + (sum(spent[:most]) if most is not None else 0.0)


def _together(goals: list[dict[int, float]], highest: list[float]) -> list[dict[int, float]]:
    """Give goals of which each counts for more than all after it as one, where the numbers stay small enough.

    To prove one best choice takes a third of the time of proving three.
    """
    whole: dict[int, float] = {}
    weight = 1.0
    for goal, most in zip(reversed(goals), reversed(highest), strict=True):
        for column, value in goal.items():
            whole[column] = whole.get(column, 0.0) + weight * value
        weight *= 1.0 + most
    return [whole] if weight <= MAX_WEIGHT else goals


def _alike(question: Question, gaps: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield steps that are good for the same and as much effort, each with the next one like it."""
    places: dict[int, list[tuple[int, int, bool]]] = {}
    for gap in gaps:
        for place, demand in enumerate(question.gaps[gap]):
            for source in demand.sources:
                is_plain = len(source) == 1 and len(source[0]) == 1
                for way in source:
                    for step in way:
                        places.setdefault(step, []).append((gap, place, is_plain))
    last: dict[tuple[object, ...], int] = {}
    for step in sorted(places):
        if all(is_plain for _, _, is_plain in places[step]):
            kind = (tuple(sorted(places[step])), question.efforts[step], step in question.limited)
            if kind in last:
                yield last[kind], step
            last[kind] = step


def _searched(search: _Search) -> tuple[tuple[int, ...], bool]:
    """Give the steps of the best choice, and whether it is proved that none is better."""
    solver = search.solver()
    columns = search.column_of
    taken: list[int] = []
    is_proved = True
    goals: list[dict[int, float]] = []
    if search.question.most is not None:
        goals.append(dict.fromkeys(search.gap_columns, -1.0))
    goals.append(dict.fromkeys(columns.values(), 1.0))
    goals.append({column: float(search.question.efforts[step]) for step, column in columns.items()})
    goals = _together(goals, [_highest(search, goal) for goal in goals])
    for goal in goals:
        is_proved = _minimise(solver, goal) and is_proved
        if not solver.getSolution().value_valid:
            return _pruned(search), False
        taken = _taken(solver, columns)
        value = sum(weight * round(solver.getSolution().col_value[column]) for column, weight in goal.items())
        if not is_proved:
            return tuple(taken), False
        solver.addRow(-_infinity(), value, len(goal), list(goal), list(goal.values()))
    return _first_in_order(solver, columns, taken)


def _pruned(search: _Search) -> tuple[int, ...]:
    """Give steps of which each is needed, found without a search: all of them, less what is not needed, the last first.

    Where only so many may be taken, those that are needed anyway are all.
    """
    if search.question.most is not None:
        return tuple(sorted(search.forced))
    taken = set(search.column_of)
    for step in sorted(taken, reverse=True):
        rest = taken - {step}
        if closed_by(search.question, rest) == closed_by(search.question, taken):
            taken = rest
    return tuple(sorted(taken))


def _first_in_order(solver: highspy.Highs, columns: dict[int, int], taken: list[int]) -> tuple[tuple[int, ...], bool]:
    """Give the first in order of the choices that are as good as one."""
    steps = sorted(columns)
    for begin in range(0, len(steps), AT_A_TIME):
        group = steps[begin : begin + AT_A_TIME]
        if all(step not in columns for step in group):
            continue
        goal = {columns[step]: -float(2 ** (len(group) - 1 - place)) for place, step in enumerate(group)}
        if not _minimise(solver, goal):
            return tuple(taken), False
        taken = _taken(solver, columns)
        for step in group:
            solver.changeColBounds(columns[step], float(step in taken), float(step in taken))
        if not taken or taken[-1] <= group[-1]:
            break
    return tuple(taken), True


def _minimise(solver: highspy.Highs, goal: dict[int, float]) -> bool:
    """Search for the least value of a goal and say whether it was proved to be the least."""
    import highspy

    known = solver.getSolution()
    for column in range(solver.getNumCol()):
        solver.changeColCost(column, goal.get(column, 0.0))
    if known.value_valid:
        # What is best by the goals before is a choice to begin with.
        solver.setSolution(known)
    solver.run()
    return bool(solver.getModelStatus() == highspy.HighsModelStatus.kOptimal)


def _taken(solver: highspy.Highs, columns: dict[int, int]) -> list[int]:
    values = solver.getSolution().col_value
    return sorted(step for step, column in columns.items() if values[column] > 0.5)  # noqa: PLR2004


def _steps_of(demand: Demand) -> Iterable[int]:
    return (step for source in demand.sources for way in source for step in way)


def _infinity() -> float:
    import highspy

    return float(highspy.kHighsInf)


_OPTIONS: dict[str, bool | int | float | str] = {
    "output_flag": False,
    "threads": 1,
    "parallel": "off",
    "random_seed": 0,
    "mip_max_nodes": MAX_NODES,
    "mip_rel_gap": 0.0,
    "mip_abs_gap": 0.99,
    "presolve": "off",
    "mip_heuristic_effort": 0.0,
    "mip_allow_restart": False,
    "mip_allow_cut_separation_at_nodes": False,
    "mip_pscost_minreliable": 0,
    "mip_pool_soft_limit": 1,
}
# Found by trying on made-up questions: presolve, cuts and heuristics cost more than they save.
