"""The best steps to take: the same as by trying all choices, and never worse with more to spend."""

from __future__ import annotations

from itertools import chain, combinations

from hypothesis import given, settings
from hypothesis import strategies as st

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
