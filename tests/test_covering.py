"""The smallest cover of dense questions: the first of all choices of its size, as trying all of them finds it."""

from __future__ import annotations

import random
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ksbtrack.submission import covering
from ksbtrack.submission.covering import smallest_cover

Rows = list[frozenset[int]]


def drawn_rows(seed: int, share: float, columns: int, rows: int) -> Rows:
    """Give rows of which each has some share of the columns, at least one."""
    chance = random.Random(seed)
    return [
        frozenset(column for column in range(columns) if chance.random() < share)
        or frozenset({chance.randrange(columns)})
        for _ in range(rows)
    ]


def first_by_trying(rows: Rows, columns: int) -> tuple[int, ...]:
    """Give the first of the smallest choices, by trying all of them in order."""
    masks = [sum(1 << place for place, row in enumerate(rows) if column in row) for column in range(columns)]
    every = (1 << len(rows)) - 1
    for size in range(columns + 1):
        for chosen in combinations(range(columns), size):
            met = 0
            for column in chosen:
                met |= masks[column]
            if met == every:
                return chosen
    raise AssertionError("no choice meets every row")


@given(st.integers(0, 10**6), st.sampled_from([0.15, 0.3, 0.5]), st.integers(12, 18))
@settings(deadline=None, max_examples=60)
def test_dense_questions_have_the_first_smallest_choice_of_all(seed: int, share: float, columns: int) -> None:
    rows = drawn_rows(seed, share, columns, 40)
    found = smallest_cover(rows)
    assert found.chosen == first_by_trying(rows, columns)
    assert found.is_smallest
    assert found.is_first


@pytest.mark.parametrize(("share", "seed"), [(0.3, 3), (0.4, 1), (0.4, 2), (0.4, 10)])
def test_the_densest_questions_of_sixty_columns_have_the_first_smallest_choice(share: float, seed: int) -> None:
    """Every choice before the one found, in order, leaves a row unmet: five columns of sixty can still be tried."""
    rows = drawn_rows(seed, share, 60, 150)
    found = smallest_cover(rows)
    assert found.is_smallest
    assert found.is_first
    assert all(not row.isdisjoint(found.chosen) for row in rows)
    if len(found.chosen) <= 5:
        assert found.chosen == first_by_trying(rows, 60)


def test_of_many_smallest_choices_the_first_is_taken_to_the_last_column() -> None:
    """Thirty pairs of columns that are as good as each other: of each the first, whatever comes after."""
    pairs = [frozenset({column, 59 - column}) for column in range(30)]
    assert smallest_cover(pairs).chosen == tuple(range(30))
    # Each pair has a row of its own with a third column, so that neither of it can be left out beforehand.
    thirds = [frozenset({59 - column, 60 + column}) for column in range(30)]
    assert smallest_cover([*pairs, *thirds]).chosen == tuple(range(30, 60))


def test_a_search_that_is_stopped_does_not_say_that_its_choice_is_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = drawn_rows(1, 0.3, 60, 150)
    monkeypatch.setitem(covering._OPTIONS, "limits/totalnodes", 300)
    found = smallest_cover(rows)
    assert all(not row.isdisjoint(found.chosen) for row in rows)
    assert not found.is_first
    monkeypatch.setitem(covering._OPTIONS, "limits/totalnodes", covering.MAX_NODES)
    best = smallest_cover(rows)
    assert best.is_first
    assert found.at_least <= len(best.chosen) <= len(found.chosen)
