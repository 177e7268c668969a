"""The best steps to take: the same as by trying all choices, and never worse with more to spend."""

from __future__ import annotations

from itertools import chain, combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ksbtrack.planning import choosing
from ksbtrack.planning.choosing import Choice, Demand, Question, best_choice, closed_by

THOROUGH = settings(max_examples=300, deadline=None)


def by_trying(question: Question) -> Choice:
    """Give the best choice by trying all of them."""
    count = len(question.efforts)
    every = chain.from_iterable(combinations(range(count), size) for size in range(count + 1))
    fitting = (
        taken
        for taken in every
        if question.most is None or sum(step in question.limited for step in taken) <= question.most
    )
    taken = min(
        fitting,
        key=lambda taken: (
            -len(closed_by(question, taken)),
            len(taken),
            sum(question.efforts[step] for step in taken),
            taken,
        ),
    )
    return Choice(taken, closed_by(question, taken))


@st.composite
def questions(draw: st.DrawFn, most_steps: int = 9) -> Question:
    """Draw a question with demands of every shape."""
    count = draw(st.integers(1, most_steps))
    step = st.integers(0, count - 1)
    way = st.frozensets(step, min_size=1, max_size=3) | st.builds(lambda one: frozenset({one}), step)
    source = st.lists(way, min_size=1, max_size=3).map(tuple)
    demand = st.builds(Demand, st.integers(1, 3), st.lists(source, max_size=6).map(tuple))
    gap = st.lists(demand, min_size=1, max_size=2).map(tuple)
    return Question(
        tuple(draw(st.lists(st.sampled_from([1, 1, 12, 48]), min_size=count, max_size=count))),
        tuple(draw(st.lists(gap, min_size=1, max_size=8))),
        draw(st.frozensets(step)),
        draw(st.none() | st.integers(0, 4)),
    )


@THOROUGH
@given(questions())
def test_the_choice_is_the_best_of_all(question: Question) -> None:
    assert best_choice(question) == by_trying(question)


@settings(max_examples=8, deadline=None)
@given(questions(most_steps=15))
def test_the_choice_is_the_best_of_all_with_fifteen_steps(question: Question) -> None:
    assert best_choice(question) == by_trying(question)


@THOROUGH
@given(questions(most_steps=14), st.integers(0, 6))
def test_more_to_spend_never_closes_fewer(question: Question, most: int) -> None:
    less, more = (
        best_choice(Question(question.efforts, question.gaps, question.limited, allowed))
        for allowed in (most, most + 1)
    )
    every = best_choice(Question(question.efforts, question.gaps, question.limited))
    assert len(less.closed) <= len(more.closed) <= len(every.closed)


@st.composite
def dense_questions(draw: st.DrawFn) -> Question:
    """Draw a question as plans ask it: each gap needs some of many pieces, of which some are good for the same."""
    count = draw(st.integers(8, 12))
    steps = st.lists(st.integers(0, count - 1), min_size=2, max_size=8)
    needs = draw(st.integers(1, 4))
    gaps = []
    for helping in draw(st.lists(steps, min_size=4, max_size=12)):
        # Each step now and then twice, as copies of a new piece are: the next step is good for the same.
        sources = sorted({step for one in helping for step in (one, min(count - 1, one + one % 2))})
        gaps.append((Demand(needs, tuple((frozenset({step}),) for step in sources)),))
    efforts = draw(st.lists(st.sampled_from([4, 4, 8]), min_size=count, max_size=count))
    return Question(tuple(efforts), tuple(gaps), frozenset(range(count)), draw(st.integers(1, 7)))


@settings(max_examples=100, deadline=None)
@given(dense_questions())
def test_the_choice_is_the_best_of_all_where_each_gap_needs_several_of_many(question: Question) -> None:
    assert best_choice(question) == by_trying(question)


@st.composite
def plain_questions(draw: st.DrawFn) -> Question:
    """Draw a question in which most sources are one step, so that gaps share steps and some steps are forced."""
    count = draw(st.integers(2, 8))
    step = st.integers(0, count - 1)
    source = st.builds(lambda one: (frozenset({one}),), step)
    demand = st.builds(Demand, st.integers(1, 2), st.lists(source, min_size=1, max_size=3).map(tuple))
    gaps = draw(st.lists(st.lists(demand, min_size=1, max_size=3).map(tuple), min_size=1, max_size=5))
    efforts = draw(st.lists(st.sampled_from([1, 4]), min_size=count, max_size=count))
    return Question(tuple(efforts), tuple(gaps), draw(st.frozensets(step)), draw(st.none() | st.integers(0, 3)))


@settings(max_examples=600, deadline=None)
@given(plain_questions())
def test_the_choice_is_the_best_of_all_where_gaps_share_few_steps(question: Question) -> None:
    assert best_choice(question) == by_trying(question)


def test_a_step_that_is_needed_anyway_draws_no_other_one_after_it() -> None:
    """Step 0 would do in the place of 1 for what 1 leaves open, but 1 is needed for another gap."""

    def needs(*steps: int) -> Demand:
        return Demand(1, tuple((frozenset({step}),) for step in steps))

    question = Question((4, 4, 4, 4), ((needs(1),), (needs(0, 1), needs(2, 3))))
    assert best_choice(question).taken == (1, 2)


def test_of_equal_choices_the_first_in_order_is_taken() -> None:
    """One of 1 and 2 and one of 3 and 4 close both gaps; 0 closes none."""
    gaps = tuple((Demand(1, tuple((frozenset({step}),) for step in steps)),) for steps in ((1, 2), (3, 4)))
    assert best_choice(Question((4,) * 5, gaps, frozenset(range(5)), 2)).taken == (1, 3)
    # With more effort for 3, no longer.
    assert best_choice(Question((4, 4, 4, 8, 4), gaps, frozenset(range(5)), 2)).taken == (1, 4)
    # A gap that 2 and 4 close together makes both better than what comes before.
    third = (Demand(2, ((frozenset({2}),), (frozenset({4}),))),)
    assert best_choice(Question((4,) * 5, (*gaps, third), frozenset(range(5)), 2)).taken == (2, 4)


def test_a_search_that_is_stopped_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    triples = tuple((Demand(2, tuple((frozenset({step}),) for step in steps)),) for steps in combinations(range(7), 3))
    question = Question((4,) * 7, triples, frozenset(range(7)), 3)
    assert best_choice(question) == by_trying(question)
    monkeypatch.setitem(choosing._OPTIONS, "limits/totalnodes", 0)
    assert not best_choice(question).is_proved
