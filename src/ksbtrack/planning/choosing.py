"""Which steps to take so that most gaps are closed, exactly, by SCIP; nothing here knows what a step is.

A question has steps and gaps. A gap is closed when each of its demands is; a demand is fulfilled when enough of its
sources are; a source when all steps of one of its ways are taken. The answer is one and the same everywhere:

1. as many gaps closed as can be;
2. with as few steps as can be;
3. with as little effort as can be;
4. the first in order: it holds the first step if any such choice does, and so on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING

from ksbtrack.submission.solver import Options, first_in_order, new_model

if TYPE_CHECKING:
    import pyscipopt

MAX_NODES = 6_000
"""Nodes of one search. Questions made of 60 pieces, 150 statements and 400 steps took 2,400."""
MAX_WEIGHT = 1e7
"""The largest sum of one goal: times the solver's tolerance it stays far below what tells two choices apart."""
MOST_LEFT_OUT = 2
"""Sources left out of a demand together to say how many others there must be; more of them are too many rows."""
_OPTIONS: Options = {"limits/totalnodes": MAX_NODES, "numerics/feastol": 1e-9}

Way = frozenset[int]
"""Steps that have to be taken together."""
Source = tuple[Way, ...]
"""Ways of which one is enough."""
Goal = dict[int, float]
"""Columns with their weights; the less their sum is, the better."""


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
        efforts: of each step, as whole numbers of one unit.
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
        if question.most is None or all(demand.is_fulfilled(free) for demand in question.gaps[place]):
            found |= needed & free
    return frozenset(found)


@dataclass(slots=True)
class _Search:
    """The question as SCIP takes it: columns for steps, for gaps, and for ways and sources with several parts.

    Attributes:
        is_done: the last search came to its end: there is no better choice, or none at all.
        value: what its choice is worth by the goal.
    """

    question: Question
    gaps: Sequence[int]
    steps: Sequence[int]
    forced: frozenset[int]
    model: pyscipopt.Model = field(init=False)
    columns: list[pyscipopt.Variable] = field(default_factory=list)
    column_of: dict[int, int] = field(default_factory=dict)
    gap_columns: list[int] = field(default_factory=list)
    way_columns: dict[Way, int] = field(default_factory=dict)
    goal: Goal = field(default_factory=dict)
    is_done: bool = False
    value: float = 0.0

    def __post_init__(self) -> None:
        """Lay out the question, without a goal yet."""
        self.model = new_model(_OPTIONS)
        self._lay_out()

    def _lay_out(self) -> None:
        demands = (demand for gap in self.gaps for demand in self.question.gaps[gap])
        used = {step for demand in demands for source in demand.sources for way in source for step in way}
        for step in self.steps:
            if step in used or step in self.forced:
                self.column_of[step] = self._column("B", 1.0 if step in self.forced else 0.0)
        before: dict[int, set[int]] = {}
        for one, other in _replaceable(self.question, self.gaps):
            # One that is forced closes gaps that are not looked at any more: the first may be no good for these.
            if one in self.column_of and other in self.column_of and other not in self.forced:
                before.setdefault(self.column_of[other], set()).add(self.column_of[one])
                # The first would do in the place of the other, so it is taken first.
                self.add({self.column_of[one]: 1.0, self.column_of[other]: -1.0})
        for gap in self.gaps:
            self._add_gap(self.question.gaps[gap], before)
        if self.question.most is not None:
            limited = [column for step, column in self.column_of.items() if step in self.question.limited]
            self.add(dict.fromkeys(limited, -1.0), -self.question.most)

    def add(self, weights: Mapping[int, float], least: float = 0.0) -> pyscipopt.Constraint:
        """Add a row: the sum of columns times weights is at least a number."""
        from pyscipopt import quicksum

        return self.model.addCons(
            quicksum(weight * self.columns[column] for column, weight in weights.items()) >= least
        )

    def _column(self, kind: str, least: float = 0.0) -> int:
        self.columns.append(self.model.addVar(vtype=kind, lb=least, ub=1.0))
        return len(self.columns) - 1

    def _add_gap(self, gap: Gap, before: Mapping[int, Set[int]]) -> None:
        """Add rows: a closed gap has as many sources as each demand needs."""
        demands = []
        for demand in gap:
            # Sources that are one and the same step count each for themselves.
            columns = (self._source(source) for source in demand.sources)
            demands.append((demand.need, Counter(column for column in columns if column is not None)))
        # To branch on a gap is of no use where whole steps leave nothing between open and closed ("M", for implied).
        kind = "M" if all(_is_tight(need, counts) for need, counts in demands) else "B"
        closed = self._column(kind, 1.0 if self.question.most is None else 0.0)
        self.gap_columns.append(closed)
        for need, counts in demands:
            self.add({**counts, closed: -float(need)})
            if need > 1 and self.question.most is not None and _is_tight(need, counts):
                # Without any one of two sources there must be another: says the same of whole steps, and far more of
                # halves. To leave out the other of a pair says no more than to leave out the first of it.
                for left_out in combinations(counts, need - 1):
                    if all(before.get(column, set()) <= set(left_out) for column in left_out):
                        self.add({column: 1.0 for column in counts if column not in left_out} | {closed: -1.0})

    def _source(self, source: Source) -> int | None:
        """Give the column of a source; None where no way of it is open."""
        ways = [way for way in dict.fromkeys(source) if all(step in self.column_of for step in way)]
        if not ways:
            return None
        columns = [self._way(way) for way in ways]
        if len(columns) == 1:
            return columns[0]
        either = self._column("C")
        self.add({**dict.fromkeys(columns, 1.0), either: -1.0})
        return either

    def _way(self, way: Way) -> int:
        if len(way) == 1:
            return self.column_of[next(iter(way))]
        if way not in self.way_columns:
            together = self._column("C")
            for step in sorted(way):
                self.add({self.column_of[step]: 1.0, together: -1.0})
            self.way_columns[way] = together
        return self.way_columns[way]

    def aim_at(self, goal: Goal) -> None:
        """Search for the least value of a goal from now on."""
        from pyscipopt import quicksum

        self.goal = goal
        self.model.setObjective(quicksum(weight * self.columns[column] for column, weight in goal.items()))

    def run(self) -> tuple[int, ...] | None:
        """Give the steps of the choice that is found; None where there is none or the search was stopped before one."""
        self.model.optimize()
        self.is_done = self.model.getStatus() in ("optimal", "infeasible", "sollimit")
        best = self.model.getBestSol() if self.model.getNSols() else None
        taken = None
        if best is not None:
            taken = tuple(step for step in sorted(self.column_of) if round(best[self.columns[self.column_of[step]]]))
            self.value = sum(weight * round(best[self.columns[column]]) for column, weight in self.goal.items())
        # Only so can the question be changed.
        self.model.freeTransform()
        return taken


def _is_tight(need: int, counts: Mapping[int, int]) -> bool:
    """Say whether the rows of a demand leave a gap wholly open or wholly closed once the steps are whole."""
    return need == 1 or (need <= MOST_LEFT_OUT + 1 and all(count == 1 for count in counts.values()))


def _highest(search: _Search, goal: Goal) -> float:
    """Give a number that no choice goes beyond in a goal: only so many of the limited steps are taken."""
    limited = {column for step, column in search.column_of.items() if step in search.question.limited}
    most = search.question.most
    free = sum(abs(value) for column, value in goal.items() if most is None or column not in limited)
    spent = sorted((value for column, value in goal.items() if column in limited), reverse=True)
    return free + (sum(spent[:most]) if most is not None else 0.0)


def _together(goals: list[Goal], highest: list[float]) -> list[Goal]:
    """Give goals of which each counts for more than all after it as one, where the numbers stay small enough.

    To prove one best choice takes a third of the time of proving three.
    """
    whole: Goal = {}
    weight = 1.0
    for goal, most in zip(reversed(goals), reversed(highest), strict=True):
        for column, value in goal.items():
            whole[column] = whole.get(column, 0.0) + weight * value
        weight *= 1.0 + most
    return [whole] if weight <= MAX_WEIGHT else goals


def _replaceable(question: Question, gaps: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield pairs of steps of which the first in order is good for all that the other is, with no more effort.

    A choice that takes the other of a pair without the first is no better with it than with the first in its place, and
    comes later. Pairs that follow from two others are left out.
    """
    good_for: dict[int, set[tuple[int, int, int]]] = {}
    tied: set[int] = set()
    for gap in gaps:
        for place, demand in enumerate(question.gaps[gap]):
            for number, source in enumerate(demand.sources):
                for step in {step for way in source for step in way}:
                    good_for.setdefault(step, set())
                    if len(source) > 1 or len(source[0]) > 1:
                        tied.add(step)
                    else:
                        # A step that is a source twice counts twice.
                        times = sum(other == source for other in demand.sources[:number])
                        good_for[step].add((gap, place, times))
    steps = sorted(good_for)
    before: dict[int, list[int]] = {}
    for other in (step for step in steps if step not in tied):
        before[other] = [
            step
            for step in steps
            if step < other
            and good_for[other] <= good_for[step]
            and question.efforts[step] <= question.efforts[other]
            and (step in question.limited) == (other in question.limited)
        ]
        implied = {earlier for step in before[other] for earlier in before.get(step, ())}
        yield from ((step, other) for step in before[other] if step not in implied)


def _searched(search: _Search) -> tuple[tuple[int, ...], bool]:
    """Give the steps of the best choice, and whether it is proved that none is better."""
    columns = search.column_of
    goals: list[Goal] = []
    if search.question.most is not None:
        goals.append(dict.fromkeys(search.gap_columns, -1.0))
    goals.append(dict.fromkeys(columns.values(), 1.0))
    goals.append({column: float(search.question.efforts[step]) for step, column in columns.items()})
    taken: tuple[int, ...] = ()
    for goal in _together(goals, [_highest(search, goal) for goal in goals]):
        search.aim_at(goal)
        found = search.run()
        if found is None:
            return _pruned(search), False
        taken = found
        if not search.is_done:
            return taken, False
        search.add({column: -weight for column, weight in goal.items()}, -search.value)
    every = {step: search.columns[column] for step, column in sorted(columns.items())}
    return first_in_order(search, every, taken)


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
