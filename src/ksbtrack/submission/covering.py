"""The smallest choice of columns that meets every row, exactly, by SCIP; nothing here knows what a piece is.

The question is the set covering problem. Two steps make the answer one and the same everywhere:

1. the smallest number of columns;
2. among all choices of that number the first in order: it holds the first column if any such choice does, and so on.
   A known choice answers for its own columns; whether a choice can hold any of the others before them is searched.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ksbtrack.submission.solver import Options, first_in_order, new_model

if TYPE_CHECKING:
    import pyscipopt

MAX_NODES = 20_000
"""Nodes of one search. The hardest made-up questions of 60 columns and 150 rows took 4,000."""
MAX_PROOF_NODES = 10_000
"""Nodes of all searches together for rows that can be left out of a proof; those not tried by then stay in it."""

_OPTIONS: Options = {"limits/totalnodes": MAX_NODES}


@dataclass(frozen=True, slots=True)
class Cover:
    """A choice of columns that meets every row.

    Attributes:
        chosen: the columns, in order.
        at_least: no choice has fewer.
        is_first: among the choices of its size it is the first in order.
    """

    chosen: tuple[int, ...]
    at_least: int
    is_first: bool

    @property
    def is_smallest(self) -> bool:
        """Say whether it is proved that no choice is smaller."""
        return self.at_least >= len(self.chosen)


def smallest_cover(rows: Sequence[frozenset[int]]) -> Cover:
    """Give the smallest choice of columns of which each row has at least one; of several, the first in order.

    Args:
        rows: the columns that meet each row, none empty.
    """
    columns = _undominated_columns(rows)
    if not columns:
        return Cover((), 0, is_first=True)
    place = {column: index for index, column in enumerate(columns)}
    kept = [frozenset(place[column] for column in row if column in place) for row in rows]
    search = _Search(len(columns), (kept[index] for index in _binding_rows(kept)))
    chosen = search.run()
    if chosen is None:
        # Not one choice within the count of nodes: the one that takes the first column of each row is a choice too.
        return Cover(tuple(sorted({min(row) for row in rows})), 1, is_first=False)
    at_least = len(chosen) if search.is_done else _rounded_up(search.bound)
    is_first = at_least == len(chosen)
    if is_first:
        chosen, is_first = _first_of_its_size(search, chosen)
    return Cover(tuple(columns[index] for index in chosen), at_least, is_first)


def unmeetable_rows(rows: Sequence[frozenset[int]], most: int) -> tuple[tuple[int, ...], bool]:
    """Give rows that no choice of a number of columns can meet, and of which none can be left out.

    They are collected one by one, those that few columns meet first: as long as a choice meets all that were collected,
    one that it does not meet is added. Then each is tried without, those that many columns meet first.

    Args:
        rows: the columns that meet each row, none empty; together they need more than `most` columns.
        most: columns that may be chosen, at least one.

    Returns:
        The places of the rows, in order, and whether it is proved that none of them can be left out.
    """
    rarest = sorted(_binding_rows(rows), key=lambda place: (len(rows[place]), place))
    search = _Search(1 + max(column for row in rows for column in row), ())
    search.take_any_of(most)
    collected: dict[int, pyscipopt.Constraint] = {}
    while (chosen := search.run()) is not None or not search.is_done:
        unmet = (place for place in rarest if place not in collected and rows[place].isdisjoint(chosen or ()))
        added = next(unmet, None)
        if added is None:
            return tuple(sorted(collected)), False
        collected[added] = search.add(rows[added])
    needed, is_proved, nodes = [], True, 0
    for place in sorted(collected, key=rarest.index, reverse=True):
        is_left = nodes < MAX_PROOF_NODES
        search.model.chgLhs(collected[place], 0.0)
        chosen = search.run() if is_left else None
        nodes += search.nodes
        if chosen is not None or not (is_left and search.is_done):
            is_proved = is_proved and chosen is not None
            search.model.chgLhs(collected[place], 1.0)
            needed.append(place)
    return tuple(sorted(needed)), is_proved


class _Search:
    """The question as SCIP takes it: each row at least once, as few columns as can be.

    Attributes:
        is_done: the search came to its end: there is no better choice, or none at all.
        nodes: how many it took.
        bound: no choice has fewer columns.
    """

    def __init__(self, count: int, rows: Iterable[Iterable[int]]) -> None:
        from pyscipopt import quicksum

        self.model = new_model(_OPTIONS)
        self.columns = [self.model.addVar(vtype="B", obj=1.0) for _ in range(count)]
        self.size = self.model.addCons(quicksum(self.columns) <= count)
        for row in rows:
            self.add(row)

    def add(self, row: Iterable[int]) -> pyscipopt.Constraint:
        """Add a row: one of these columns at least."""
        from pyscipopt import quicksum

        return self.model.addCons(quicksum(self.columns[column] for column in sorted(row)) >= 1)

    def take_any_of(self, size: int) -> None:
        """Search from now on for any choice of at most so many columns, not for the smallest."""
        self.model.chgRhs(self.size, size)
        self.model.setParam("limits/solutions", 1)

    def run(self) -> tuple[int, ...] | None:
        """Give the choice that is found; None where there is none or the search was stopped before one."""
        self.model.optimize()
        self.is_done = self.model.getStatus() in ("optimal", "infeasible", "sollimit")
        self.nodes = self.model.getNTotalNodes()
        self.bound = self.model.getDualbound()
        values = self.model.getBestSol() if self.model.getNSols() else None
        chosen = None
        if values is not None:
            chosen = tuple(place for place, column in enumerate(self.columns) if round(values[column]))
        # Only so can the question be changed.
        self.model.freeTransform()
        return chosen


def _first_of_its_size(search: _Search, chosen: tuple[int, ...]) -> tuple[tuple[int, ...], bool]:
    """Give the first choice in order of the size of a smallest one, and whether that is proved."""
    search.take_any_of(len(chosen))
    return first_in_order(search, dict(enumerate(search.columns)), chosen)


def _undominated_columns(rows: Sequence[frozenset[int]]) -> list[int]:
    """Give the columns that a first smallest choice can hold: not those of which an earlier one meets every row.

    A choice that held such a column would be as small with the earlier one in its place, and come before.
    """
    met: dict[int, int] = {}
    for place, row in enumerate(rows):
        for column in row:
            met[column] = met.get(column, 0) | 1 << place
    kept: list[int] = []
    for column in sorted(met):
        if not any(met[column] | met[earlier] == met[earlier] for earlier in kept):
            kept.append(column)
    return kept


def _binding_rows(rows: Sequence[frozenset[int]]) -> list[int]:
    """Give the places of the rows that are not met of themselves once another one is."""
    kept: list[int] = []
    for place in sorted(range(len(rows)), key=lambda place: (len(rows[place]), place)):
        if not any(rows[other] <= rows[place] for other in kept):
            kept.append(place)
    return sorted(kept)


def _rounded_up(bound: float) -> int:
    """Give the whole number that a proved bound means: a choice has no half columns."""
    return max(1, int(bound + 1 - 1e-6)) if bound > 0 else 1
