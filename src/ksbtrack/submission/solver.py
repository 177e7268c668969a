"""What the exact searches share: how SCIP is set, and how the first of several equally good choices is found.

SCIP runs in one thread from a fixed seed, and is stopped by a count of nodes, never by a clock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import pyscipopt

FIRST_ASKED = 2
"""Columns asked for together at first; twice as many once there is no choice with them, since then it is rare."""

Options = dict[str, bool | int | float]

# Found by trying, on made-up questions: cuts, heuristics and trying a branch before taking it cost more than they save.
_OPTIONS: Options = {
    "misc/catchctrlc": False,
    "branching/pscost/priority": 1_000_000,
    "conflict/enable": False,
    "propagating/rootredcost/freq": 1,
}


class Search(Protocol):
    """A question that can be asked again with more rows.

    Attributes:
        model: the question as SCIP holds it.
        is_done: the last search came to its end, and was not stopped.
    """

    model: pyscipopt.Model
    is_done: bool

    def run(self) -> Sequence[int] | None:
        """Give the choice that is found, in order; None where there is none or the search was stopped before one."""


def new_model(options: Options) -> pyscipopt.Model:
    """Give an empty question.

    Args:
        options: of this kind of question, such as `limits/totalnodes`, by the names that SCIP has for them.
    """
    from pyscipopt import Model
    from pyscipopt.scip import PY_SCIP_PARAMSETTING as EMPHASIS

    model = Model()
    model.hideOutput()
    model.setHeuristics(EMPHASIS.OFF)
    model.setSeparating(EMPHASIS.OFF)
    model.setPresolve(EMPHASIS.FAST)
    for name, value in (_OPTIONS | options).items():
        model.setParam(name, value)
    return model


def first_in_order(
    search: Search, columns: Mapping[int, pyscipopt.Variable], chosen: Sequence[int]
) -> tuple[tuple[int, ...], bool]:
    """Give the first in order of the choices that are as good as one, and whether that is proved.

    What a known choice holds needs no search; of the rest some at a time are asked for, more and more.

    Args:
        search: bounded to choices that are as good.
        columns: of everything that can be chosen, in order.
        chosen: one such choice, in order.
    """
    from pyscipopt import quicksum

    model, order = search.model, list(columns)
    model.setParam("limits/solutions", 1)
    begin, size = 0, FIRST_ASKED
    while chosen and begin < len(order) and order[begin] <= chosen[-1]:
        if order[begin] in chosen:
            model.chgVarLb(columns[order[begin]], 1.0)
            begin, size = begin + 1, FIRST_ASKED
            continue
        held = next(place for place in range(begin, len(order)) if order[place] in chosen)
        asked = [columns[one] for one in order[begin : min(held, begin + size)]]
        row = model.addCons(quicksum(asked) >= 1)
        earlier = search.run()
        model.delCons(row)
        if earlier is not None:
            chosen, size = earlier, FIRST_ASKED
            continue
        if not search.is_done:
            return tuple(chosen), False
        for column in asked:
            model.chgVarUb(column, 0.0)
        begin, size = begin + len(asked), 2 * size
    return tuple(chosen), True
