"""The best way to give each of some things at most one of others: a matching of the greatest total weight.

Weights are whole numbers, so that sums are exact, and the way of searching knows no chance: the same weights give the
same matching on every computer.
"""

from __future__ import annotations

from collections.abc import Mapping

MAX_SEARCHED = 300
"""Things on the larger side of one connected part up to which the best matching is searched for.

It takes the cube of that number in steps, some seconds here. In real versions a part has a handful. Beyond it the
heaviest links go first.
"""

Weights = Mapping[tuple[int, int], int]
"""The weight of each link that is allowed, by row and column; all above 0."""


def best_matching(weights: Weights) -> dict[int, int]:
    """Give the matching with the greatest total weight: for each row that is in it, its column.

    Where several are the best, which one comes out depends on the weights and numbers alone: whoever calls gives the
    numbers in an order that means something, and breaks ties by weight.

    Args:
        weights: see `Weights`.
    """
    found: dict[int, int] = {}
    for part in _parts(weights):
        rows = sorted({row for row, _ in part})
        columns = sorted({column for _, column in part})
        if max(len(rows), len(columns)) > MAX_SEARCHED:
            found |= _heaviest_first(part)
        else:
            found |= _searched(part, rows, columns)
    return found


def _parts(weights: Weights) -> list[dict[tuple[int, int], int]]:
    """Give the links in parts that share no row and no column: each is a question of its own."""
    part_of: dict[tuple[str, int], int] = {}
    members: dict[int, list[tuple[str, int]]] = {}
    for number, (row, column) in enumerate(sorted(weights)):
        ends = (("row", row), ("column", column))
        members[number] = []
        for end in ends:
            if end not in part_of:
                part_of[end] = number
                members[number].append(end)
            elif part_of[end] != number:
                # The smaller part is written over: that keeps the whole near the number of links.
                one, two = sorted((part_of[end], number), key=lambda name: len(members[name]))
                for other in members.pop(one):
                    part_of[other] = two
                    members[two].append(other)
                number = two  # noqa: PLW2901 - the part that both are in now
    parts: dict[int, dict[tuple[int, int], int]] = {}
    for (row, column), weight in sorted(weights.items()):
        parts.setdefault(part_of["row", row], {})[row, column] = weight
    return list(parts.values())


def _heaviest_first(part: Weights) -> dict[int, int]:
    found: dict[int, int] = {}
    taken: set[int] = set()
    for row, column in sorted(part, key=lambda link: (-part[link], link)):
        if row not in found and column not in taken:
            found[row] = column
            taken.add(column)
    return found


def _searched(part: Weights, rows: list[int], columns: list[int]) -> dict[int, int]:
    """Give the best matching of one part, by the Hungarian method with a column of no weight for each row besides.

    Each step brings one more row in along the cheapest path; `row_price` and `column_price` keep every reduced cost at
    0 or above. Number 0 stands for "none" in all lists.
    """
    width = len(columns) + len(rows)
    costs = [[-part.get((row, column), 0) for column in columns] + [0] * len(rows) for row in rows]
    row_price, column_price = [0] * (len(rows) + 1), [0] * (width + 1)
    row_of = [0] * (width + 1)
    # More than any reduced cost: no price leaves the sum of the heaviest links of all rows.
    endless = 1 + 4 * (len(rows) + 1) * max(part.values())
    for row in range(1, len(rows) + 1):
        row_of[0] = row
        came_from = _cheapest_path(costs, row_price, column_price, row_of, endless)
        column = came_from.pop()
        while column:
            row_of[column] = row_of[came_from[column]]
            column = came_from[column]
    return {
        rows[row_of[column] - 1]: columns[column - 1]
        for column in range(1, len(columns) + 1)
        if row_of[column] and (rows[row_of[column] - 1], columns[column - 1]) in part
    }


def _cheapest_path(
    costs: list[list[int]], row_price: list[int], column_price: list[int], row_of: list[int], endless: int
) -> list[int]:
    """Give from which column each one was reached, and at the end of the list the free one that was reached; 0 is none.

    The prices are changed so that the path costs nothing.
    """
    width = len(column_price) - 1
    least, came_from, is_done = [endless] * (width + 1), [0] * (width + 1), [False] * (width + 1)
    here = 0
    while row_of[here]:
        is_done[here] = True
        row, step, following = row_of[here], endless, 0
        for column in range(1, width + 1):
            if is_done[column]:
                continue
            cost = costs[row - 1][column - 1] - row_price[row] - column_price[column]
            if cost < least[column]:
                least[column], came_from[column] = cost, here
            if least[column] < step:
                step, following = least[column], column
        for column in range(width + 1):
            if is_done[column]:
                row_price[row_of[column]] += step
                column_price[column] -= step
            else:
                least[column] -= step
        here = following
    return [*came_from, here]
