"""The internal quality assurer's sample: everything that must be in it, why, and the same again for one seed."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ksbtrack.analysis import analyse
from ksbtrack.cohort.candidates import candidates_of
from ksbtrack.cohort.sampling import MANY_A_DAY, MANY_CLAIMS, MAX_COLUMNS, NEW_ASSESSOR_DAYS, draw_sample
from ksbtrack.models.analysis import Decision, Status
from ksbtrack.models.cohort import LearnerCase
from ksbtrack.models.portfolio import Acceptance, AcceptanceState
from ksbtrack.models.sampling import Aspect, Candidate, Part, Sample
from ksbtrack.problems import Source
from made_up import analysis, lantern_standard

ON = date(2026, 11, 22)
LONG_AGO = date(2024, 1, 8)
ASSESSORS = ("Ash Example", "Billie Example", "Cam Example", "Dee Example")
KINDS = ("work_product", "observation_record", "witness_testimony", "professional_discussion")
PLAIN = Candidate(
    learner="L1",
    name="Robin Example",
    standard="ST0148@1.0",
    piece="E01",
    title="A session",
    kind="work_product",
    assessor="Ash Example",
    decision="accepted",
    decided_on=LONG_AGO,
    status=Status.MET,
    statements={"K1": Status.MET},
    claims=1,
    alone_for=(),
    methods=("portfolio",),
    readiness=Decision.NOT_READY,
    fingerprint="f",
)


def cohort(learners: int = 30, pieces: int = 6, seed: int = 1) -> list[Candidate]:
    """Give invented decisions: one assessor is new, and some pieces carry a statement alone."""
    random = Random(seed)
    return [
        replace(
            PLAIN,
            learner=f"L{number}",
            piece=f"E{piece}",
            kind=random.choice(KINDS),
            assessor=(assessor := random.choice(ASSESSORS)),
            decided_on=(ON if assessor == "Dee Example" else LONG_AGO) - timedelta(days=random.randrange(90)),
            alone_for=(random.choice(("K1", "S2", "B3")),) if random.random() < 0.1 else (),
            methods=random.choice((("portfolio",), ("observation",), ())),
        )
        for number in range(1, learners + 1)
        for piece in range(1, pieces + 1)
    ]


def names(sample: Sample) -> list[tuple[str, str]]:
    return [(pick.candidate.learner, pick.candidate.piece) for pick in sample.picks]


def expected_parts(candidates: list[Candidate]) -> set[Part]:
    parts = {Part(Aspect.ASSESSOR, each.assessor) for each in candidates}
    parts |= {Part(Aspect.KIND, each.kind) for each in candidates}
    parts |= {Part(Aspect.METHOD, f"ST0148@1.0 {name}") for each in candidates for name in each.methods}
    parts |= {Part(Aspect.SINGLE_SOURCE, f"ST0148@1.0 {code}") for each in candidates for code in each.alone_for}
    return parts | {
        Part(Aspect.NEW_ASSESSOR, each.assessor, each.kind) for each in candidates if each.assessor == "Dee Example"
    }


# What a sample covers


def test_every_assessor_method_new_assessor_and_single_source_statement_is_covered() -> None:
    candidates = cohort()
    sample = draw_sample(candidates, 25, 7, ON)
    assert len(sample.picks) == len(set(names(sample))) == 25
    assert set(sample.covered) == expected_parts(candidates)
    assert sample.not_covered == ()
    for part, numbers in sample.covered.items():
        for number in numbers:
            each = sample.picks[number - 1].candidate
            assert part.name in (
                each.assessor, each.kind, *(f"ST0148@1.0 {name}" for name in (*each.methods, *each.alone_for))
            )  # fmt: skip


def test_every_part_is_some_picks_reason() -> None:
    sample = draw_sample(cohort(), 25, 7, ON)
    assert {part for pick in sample.picks for part in pick.covers} == set(sample.covered)
    for pick in sample.picks:
        assert pick.reason
        assert ("Drawn, weight" in pick.reason) == (not pick.covers)


def test_what_does_not_fit_is_said_and_the_most_important_is_in() -> None:
    candidates = cohort()
    sample = draw_sample(candidates, 4, 7, ON)
    assert len(sample.picks) == 4
    assert {pick.candidate.assessor for pick in sample.picks} == set(ASSESSORS)
    assert set(sample.covered) | set(sample.not_covered) == expected_parts(candidates)
    assert not set(sample.covered) & set(sample.not_covered)
    assert {part.aspect for part in sample.not_covered} <= {*Aspect} - {Aspect.ASSESSOR}
    assert sample.at_least is not None
    assert sample.at_least > 4


def test_the_smallest_size_that_covers_everything_is_found_and_proved() -> None:
    """One by one would take E1 first, which covers most, and then need two more."""
    pieces = {
        "E1": ("work_product", ("K1", "K2", "S1", "S2")),
        "E2": ("work_product", ("K1", "K2", "B1")),
        "E3": ("work_product", ("S1", "S2", "B2")),
    }
    candidates = [replace(PLAIN, piece=name, kind=kind, alone_for=codes) for name, (kind, codes) in pieces.items()]
    sample = draw_sample(candidates, 2, 1, ON)
    assert [pick.candidate.piece for pick in sample.picks] == ["E2", "E3"]
    assert sample.not_covered == ()
    assert sample.at_least == 2
    assert draw_sample(candidates, 1, 1, ON).at_least == 2


def test_learners_have_one_piece_each_before_any_has_a_second() -> None:
    sample = draw_sample(cohort(learners=30), 30, 3, ON)
    per_learner = Counter(learner for learner, _ in names(sample))
    drawn = [pick for pick in sample.picks if not pick.covers]
    assert all(per_learner[pick.candidate.learner] == 1 for pick in drawn)


def test_more_than_there_are_gives_all_of_them_and_none_gives_none() -> None:
    candidates = cohort(learners=2, pieces=3)
    assert len(draw_sample(candidates, 500, 1, ON).picks) == 6
    empty = draw_sample([], 10, 1, ON)
    assert (empty.picks, empty.population, empty.covered, empty.not_covered) == ((), 0, {}, ())
    nothing = draw_sample(candidates, 0, 1, ON)
    assert nothing.picks == ()
    assert set(nothing.not_covered) == expected_parts(candidates)


def test_a_decision_without_a_name_is_covered_as_one() -> None:
    sample = draw_sample([PLAIN, replace(PLAIN, piece="E02", assessor="", decided_on=None)], 2, 1, ON)
    unnamed = Part(Aspect.ASSESSOR, "")
    assert unnamed in sample.covered
    assert unnamed.words == "Assessor: no name on record"


# The same again


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 40), st.randoms(use_true_random=False))
def test_the_order_of_the_candidates_never_matters(seed: int, size: int, random: Random) -> None:
    candidates = cohort(learners=8)
    shuffled = candidates[:]
    random.shuffle(shuffled)
    assert draw_sample(shuffled, size, seed, ON) == draw_sample(candidates, size, seed, ON)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 60))
def test_a_sample_has_its_size_and_covers_as_much_as_can_be(seed: int, size: int) -> None:
    candidates = cohort(learners=8)
    sample = draw_sample(candidates, size, seed, ON)
    assert len(set(names(sample))) == min(size, len(candidates))
    assert set(sample.covered) | set(sample.not_covered) == expected_parts(candidates)
    if sample.not_covered:
        assert sample.at_least is None or sample.at_least > size


def test_another_seed_gives_another_sample_and_the_same_seed_these_very_pieces() -> None:
    candidates = cohort()
    assert names(draw_sample(candidates, 12, 7, ON)) != names(draw_sample(candidates, 12, 8, ON))
    # Written down: a new version of Python or of this program must not draw others.
    fixed = [replace(PLAIN, learner=f"L{number % 7}", piece=f"E{number}", claims=number) for number in range(20)]
    assert names(draw_sample(fixed, 5, 2026, ON)) == KEPT


KEPT = [("L1", "E1"), ("L2", "E16"), ("L3", "E17"), ("L5", "E19"), ("L6", "E13")]


def test_the_mark_changes_with_anything_about_any_candidate() -> None:
    candidates = cohort(learners=3)
    mark = draw_sample(candidates, 3, 1, ON).mark
    assert draw_sample(candidates, 9, 5, ON).mark == mark
    first, *others = candidates
    changed = (replace(first, status=Status.CHECK_AGAIN), replace(first, title="Another"), replace(first, claims=2))
    assert len({mark, *(draw_sample([each, *others], 3, 1, ON).mark for each in changed)}) == 4


# Risk


@pytest.mark.parametrize(
    ("change", "weight", "risk"),
    [
        ({}, 1, ""),
        ({"alone_for": ("K1", "S2")}, 3, "No other piece of this learner shows K1 and S2."),
        ({"readiness": Decision.READY}, 3, "The learner is found ready."),
        ({"status": Status.CHECK_AGAIN}, 3, "It changed after it was accepted."),
        ({"claims": MANY_CLAIMS}, 2, "It claims 10 statements."),
        ({"claims": MANY_CLAIMS - 1}, 1, ""),
        (
            {"assessor": "Dee Example", "decided_on": date(2026, 11, 20)},
            4,
            "The assessor is new, first decision here on 20 November 2026.",
        ),
    ],
)
def test_each_risk_has_its_weight_and_sentence(change: dict[str, object], weight: int, risk: str) -> None:
    (pick,) = draw_sample([replace(PLAIN, **change)], 1, 1, ON).picks  # type: ignore[arg-type]
    assert pick.weight == weight
    assert pick.risks == ((risk,) if risk else ())


def test_many_decisions_on_one_day_are_a_risk() -> None:
    that_day = [replace(PLAIN, piece=f"E{number}") for number in range(MANY_A_DAY)]
    few = draw_sample(that_day[:-1], 1, 1, ON).picks
    many = draw_sample(that_day, 1, 1, ON).picks
    assert few[0].weight == 1
    assert (many[0].weight, many[0].risks) == (2, ("The assessor made 10 decisions on that day.",))


def test_an_assessor_is_new_for_half_a_year_or_because_somebody_says_so() -> None:
    first = ON - timedelta(days=NEW_ASSESSOR_DAYS)
    old, new = replace(PLAIN, decided_on=first), replace(PLAIN, decided_on=first + timedelta(days=1))
    assert draw_sample([old], 1, 1, ON).picks[0].weight == 1
    assert draw_sample([new], 1, 1, ON).picks[0].weight == 4
    (named,) = draw_sample([old], 1, 1, ON, new_assessors=["Ash Example"]).picks
    assert named.risks == ("The assessor is new.",)
    assert Part(Aspect.NEW_ASSESSOR, "Ash Example", "work_product") in named.covers


def test_a_heavier_piece_is_drawn_more_often_in_proportion() -> None:
    """Of a heavy and three plain pieces that cover the same, the heavy one (weight 3 of 6) comes first in half."""
    candidates = [replace(PLAIN, piece=f"E{number}", learner=f"L{number}") for number in range(3)]
    candidates.append(replace(PLAIN, piece="E9", learner="L9", readiness=Decision.READY))
    heavy = sum(names(draw_sample(candidates, 1, seed, ON)) == [("L9", "E9")] for seed in range(2_000))
    assert 900 < heavy < 1_100


# Size


def test_a_large_cohort_takes_seconds() -> None:
    candidates = cohort(learners=2_000, pieces=10)
    sample = draw_sample(candidates, 60, 7, ON)
    assert len(sample.picks) == 60
    assert sample.not_covered == ()
    assert len(candidates) > MAX_COLUMNS


def test_one_assessor_whose_name_is_written_in_several_ways_is_one() -> None:
    one, two, three = cohort(3, 1)
    ways = [replace(one, assessor="Sam Example"), replace(two, assessor="sam  example"), replace(three, assessor="Kim")]
    sample = draw_sample(ways, 3, 1, ON, new_assessors=["SAM EXAMPLE"])
    assert {part.name for part in sample.covered if part.aspect is Aspect.ASSESSOR} == {"Sam Example", "Kim"}
    assert "Sam Example" in {part.name for part in sample.covered if part.aspect is Aspect.NEW_ASSESSOR}


def test_a_decision_that_came_later_is_not_in_the_sample_of_a_day() -> None:
    case = analysis(lantern_standard()).case
    first = next(piece for piece in case.portfolio.evidence if piece.claims)
    for on, is_in in ((ON, True), (ON + timedelta(days=1), False), (None, True)):
        decided = Acceptance(state=AcceptanceState.REFERRED, on=on)
        pieces = (first.model_copy(update={"acceptance": decided}),)
        changed = case.portfolio.model_copy(update={"evidence": pieces, "showcase": ()})
        learner = LearnerCase(
            "L1", replace(case, portfolio=changed, on=ON), Source("learners.csv", 2), "", "", "0" * 32
        )
        found = [each.piece for each in candidates_of(learner, analyse(learner.case))]
        assert found == ([first.id] if is_in else []), on
