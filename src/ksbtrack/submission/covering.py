"""The smallest choice of columns that meets every row, exactly, by HiGHS; nothing here knows what a piece is.

The question is the set covering problem. Two steps make the answer one and the same everywhere:

1. the smallest number of columns;
2. among all choices of that number the first in order: it holds the first column if any such choice does, and so on.
   Columns are weighed by powers of two, some at a time, since a number of double precision holds no sixty of them.

HiGHS runs in one thread from a fixed seed, and is stopped by a count of nodes, never by a clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import highspy

MAX_NODES = 20_000
"""Nodes of one search. The hardest made-up questions of 60 columns and 150 rows took 2,000."""
MAX_PROOF_NODES = 5_000
"""Nodes of all searches together for rows that can be left out of a proof; those not tried by then stay in it."""
AT_A_TIME = 15
"""Columns that are weighed together: the largest weight times the solver's tolerance stays far below one."""

# Found by trying, on made-up questions of 60 columns and 150 rows: cuts and heuristics cost more than they save.
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
    "mip_heuristic_run_root_reduced_cost": False,
    "mip_heuristic_run_rins": False,
    "mip_heuristic_run_rens": False,
    "mip_heuristic_run_feasibility_jump": False,
    "mip_allow_restart": False,
    "mip_allow_cut_separation_at_nodes": False,
    "mip_pscost_minreliable": 0,
    "mip_pool_soft_limit": 1,
}


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
    solver = _solver([kept[index] for index in _binding_rows(kept)], len(columns))
    solver.run()
    if not solver.getSolution().value_valid:
        # Not one choice within the count of nodes: the one that takes the first column of each row is a choice too.
        return Cover(tuple(sorted({min(row) for row in rows})), 1, is_first=False)
    chosen = _solution(solver)
    at_least = len(chosen) if _is_done(solver) else _rounded_up(solver.getInfo().mip_dual_bound)
    is_first = at_least == len(chosen)
    if is_first:
        chosen, is_first = _first_of_its_size(solver, chosen, len(columns))
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
    solver = _solver([], 1 + max(column for row in rows for column in row))
    solver.changeRowBounds(0, 0, most)
    solver.setOptionValue("mip_max_improving_sols", 1)
    collected: list[int] = []
    while not _is_impossible(solver):
        chosen = _solution(solver)
        unmet = (place for place in rarest if place not in collected and rows[place].isdisjoint(chosen))
        added = next(unmet, None)
        if added is None:
            return tuple(sorted(collected)), False
        solver.addRow(1.0, float(most), len(rows[added]), sorted(rows[added]), [1.0] * len(rows[added]))
        collected.append(added)
    needed, is_proved, nodes = [], True, 0
    for place in sorted(collected, key=rarest.index, reverse=True):
        # The first row of the solver counts the columns; the others follow in the order of collecting.
        solver.changeRowBounds(1 + collected.index(place), 0, most)
        is_impossible = nodes < MAX_PROOF_NODES and _is_impossible(solver)
        nodes += solver.getInfo().mip_node_count
        if not is_impossible:
            is_proved = is_proved and nodes < MAX_PROOF_NODES and solver.getSolution().value_valid
            solver.changeRowBounds(1 + collected.index(place), 1, most)
            needed.append(place)
    return tuple(sorted(needed)), is_proved


def _is_impossible(solver: highspy.Highs) -> bool:
    """Search for a choice and say whether there is none; past the count of nodes there may be one."""
    solver.run()
    return bool(solver.getModelStatus() == _statuses().kInfeasible)


def _first_of_its_size(solver: highspy.Highs, chosen: list[int], count: int) -> tuple[list[int], bool]:
    """Give the first choice in order of the size of a smallest one, and whether that is proved."""
    solver.changeRowBounds(solver.getNumRow() - 1, len(chosen), len(chosen))
    for begin in range(0, count, AT_A_TIME):
        group = range(begin, min(begin + AT_A_TIME, count))
        for column in range(count):
            weight = 2 ** (group.stop - 1 - column) if column in group else 0
            solver.changeColCost(column, -float(weight))
        _start_from(solver, chosen, count)
        solver.run()
        if not _is_done(solver):
            return chosen, False
        chosen = _solution(solver)
        for column in group:
            solver.changeColBounds(column, float(column in chosen), float(column in chosen))
        if chosen[-1] < group.stop:
            break
    return chosen, True


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


def _solver(rows: Sequence[frozenset[int]], count: int) -> highspy.Highs:
    """Give the question as HiGHS takes it: each row at least once, as few columns as can be; the last row counts."""
    import highspy

    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    for name, value in _OPTIONS.items():
        solver.setOptionValue(name, value)
    for column in range(count):
        solver.addCol(1.0, 0.0, 1.0, 0, [], [])
        solver.changeColIntegrality(column, highspy.HighsVarType.kInteger)
    for row in rows:
        solver.addRow(1.0, float(count), len(row), sorted(row), [1.0] * len(row))
    solver.addRow(0.0, float(count), count, list(range(count)), [1.0] * count)
    return solver


def _start_from(solver: highspy.Highs, chosen: Iterable[int], count: int) -> None:
    import highspy

    known = highspy.HighsSolution()
    held = set(chosen)
    known.col_value = [float(column in held) for column in range(count)]
    solver.setSolution(known)


def _solution(solver: highspy.Highs) -> list[int]:
    """Give the choice that a search found; nothing where it found none within the count of nodes."""
    return [column for column, value in enumerate(solver.getSolution().col_value) if value > 0.5]  # noqa: PLR2004


def _is_done(solver: highspy.Highs) -> bool:
    return solver.getModelStatus() == _statuses().kOptimal


def _statuses() -> type[highspy.HighsModelStatus]:
    import highspy

    return highspy.HighsModelStatus


def _rounded_up(bound: float) -> int:
    """Give the whole number that a proved bound means: a choice has no half columns."""
    return max(1, int(bound + 1 - 1e-6)) if bound > 0 else 1
