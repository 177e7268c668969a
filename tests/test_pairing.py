"""Two versions of a standard: which statement became which, on what ground, and that no order of files matters."""

from __future__ import annotations

import itertools
import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksbtrack.cli.versions import DEFAULT_THRESHOLD as SHOWN_THRESHOLD
from ksbtrack.comparison.assignment import MAX_SEARCHED, best_matching
from ksbtrack.comparison.pairing import DEFAULT_THRESHOLD, compare_standards, pair_statements
from ksbtrack.comparison.wording import alike, normalised, word_changes, words_of
from ksbtrack.models.comparison import Basis, Change, Comparison, DecidedPairs, Fact, Word
from ksbtrack.models.standard import Standard
from ksbtrack.problems import KsbtrackError
from two_versions import lantern_catalogue, of_catalogue, version

CATALOGUE = Path(__file__).resolve().parents[2] / "shared/data/standards/ST0499-ksb-catalog-v1.1-v1.2-v1.3.json"
FIRST_HALF = "Plan and deliver safe sessions for new lantern keepers"
SECOND_HALF = "Record what each of them learned on the pier"
LONG = f"{FIRST_HALF}, and {SECOND_HALF.lower()}"


def compare(old: Any, new: Any, decided: dict[str, Any] | None = None, **more: Any) -> Comparison:
    """Give the comparison of two made-up versions, from the texts of their statements by code."""
    pairs = DecidedPairs.model_validate({"older": "1.0", "newer": "1.1", **decided}) if decided else None
    return compare_standards(version("1.0", old), version("1.1", new), pairs, **more)


def found(comparison: Comparison) -> list[tuple[str, str, Change]]:
    """Give each pair that is not unchanged, its codes joined by plus signs."""
    return [
        ("+".join(old), "+".join(new), pair.change)
        for pair in comparison.pairs
        for old, new in [pair.codes]
        if pair.change is not Change.UNCHANGED
    ]


def counts(comparison: Comparison) -> dict[str, int]:
    return {change.value: count for change, count in comparison.counts.items() if count}


def catalogues() -> list[Any]:
    real = pytest.mark.skipif(not CATALOGUE.is_file(), reason="the published catalogue is not part of the project")
    return [
        pytest.param(lantern_catalogue, id="made-up"),
        pytest.param(lambda: json.loads(CATALOGUE.read_text("utf-8")), id="published", marks=real),
    ]


@pytest.mark.parametrize("catalogue", catalogues())
def test_a_dropped_skill_recodes_all_after_it(catalogue: Any) -> None:
    read = catalogue()
    comparison = compare_standards(of_catalogue(read, "1.2"), of_catalogue(read, "1.3"))
    last = len([one for one in comparison.old.competencies if one.code.startswith("S")])
    total = len(comparison.new.competencies)
    assert counts(comparison) == {"removed": 1, "recoded": last - 9, "unchanged": total - (last - 9)}
    assert comparison.same_texts == total == len(comparison.old.competencies) - 1
    expected = [("S9", "", Change.REMOVED)]
    expected += [(f"S{number}", f"S{number - 1}", Change.RECODED) for number in range(10, last + 1)]
    assert found(comparison) == expected
    assert comparison.codes_with_other_meaning == tuple(f"S{number}" for number in range(9, last))
    removed = next(pair for pair in comparison.pairs if pair.change is Change.REMOVED)
    assert removed.nearest is not None
    assert removed.nearest.code == "S9"
    assert not comparison.proposed


@pytest.mark.skipif(not CATALOGUE.is_file(), reason="the published catalogue is not part of the project")
def test_the_published_change_of_codes_has_the_published_numbers() -> None:
    read = json.loads(CATALOGUE.read_text("utf-8"))
    comparison = compare_standards(of_catalogue(read, "1.2"), of_catalogue(read, "1.3"))
    assert counts(comparison) == {"removed": 1, "recoded": 17, "unchanged": 47}
    assert comparison.same_texts == 64
    assert len(comparison.codes_with_other_meaning) == 17


@pytest.mark.skipif(not CATALOGUE.is_file(), reason="the published catalogue is not part of the project")
def test_of_a_published_rewriting_only_what_is_alike_is_proposed() -> None:
    read = json.loads(CATALOGUE.read_text("utf-8"))
    comparison = compare_standards(of_catalogue(read, "1.1"), of_catalogue(read, "1.2"))
    assert counts(comparison) == {
        "recoded": 1,
        "reworded": 1,
        "recoded_and_reworded": 3,
        "removed": 24,
        "added": 60,
    }
    proposed = {(*pair.codes[0], *pair.codes[1], pair.alike) for pair in comparison.proposed}
    assert proposed == {("K1", "K9", 91), ("K10", "K2", 69), ("S8", "S8", 58), ("S12", "S22", 70)}


def test_of_a_made_up_rewriting_only_what_is_alike_is_proposed() -> None:
    read = lantern_catalogue()
    comparison = compare_standards(of_catalogue(read, "1.1"), of_catalogue(read, "1.2"))
    kept = [pair for pair in comparison.pairs if pair.old and pair.new]
    assert [(pair.codes, pair.change, pair.basis) for pair in kept] == [
        ((("S2",), ("S5",)), Change.RECODED, Basis.TEXT),
        ((("S3",), ("S27",)), Change.RECODED_AND_REWORDED, Basis.SIMILARITY),
    ]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"K1": "Light."}, {"K1": "Light."}, []),
        ({"K1": "Light.", "K2": "Oil."}, {"K1": "Oil.", "K2": "Light."}, ["K1 K2 recoded", "K2 K1 recoded"]),
        ({"K1": "Light."}, {"K1": "Oil and wicks."}, ["K1  removed", " K1 added"]),
        ({"K1": "Light the lantern"}, {"K1": "Light each lantern"}, ["K1 K1 reworded"]),
        ({"K1": "Light the lantern"}, {"K2": "Light each lantern"}, ["K1 K2 recoded_and_reworded"]),
        ({"K1": "Light."}, {"S1": "Light."}, ["K1 S1 recoded"]),
        ({"K1": "Light the lantern"}, {"S1": "Light each lantern"}, ["K1  removed", " S1 added"]),
        ({"K1": "Oil", "K2": "Oil"}, {"K1": "Oil", "K2": "Oil"}, []),
        ({"K1": "Oil", "K2": "Oil"}, {"K2": "Oil"}, ["K1+K2 K2 merged"]),
        ({"K2": "Oil"}, {"K1": "Oil", "K2": "Oil"}, [" K1 added"]),
        ({"K1": "Oil", "K2": "Oil"}, {"K3": "Oil", "K4": "Oil"}, ["K1 K3 recoded", "K2 K4 recoded"]),
        (
            {"K1": LONG},
            {"K1": FIRST_HALF, "K2": SECOND_HALF},
            ["K1 K1+K2 split"],
        ),
        (
            {"K1": FIRST_HALF, "K2": SECOND_HALF},
            {"K1": LONG},
            ["K1+K2 K1 merged"],
        ),
    ],
)
def test_what_became_of_each_statement(old: dict[str, str], new: dict[str, str], expected: list[str]) -> None:
    assert [f"{one} {other} {change}" for one, other, change in found(compare(old, new))] == expected


def test_two_texts_are_the_same_but_for_space_capitals_quotes_and_dashes() -> None:
    one = "The keeper’s lantern – its\nwick and “oil”…"
    assert normalised(one) == normalised('the KEEPER\'S lantern - its  wick and "oil"...')
    assert normalised("Light the lamp.") != normalised("Light the lamp")
    (pair,) = compare({"K1": one}, {"K1": one.upper().replace("’", "'").replace("…", "...")}).pairs
    assert (pair.change, pair.basis, pair.alike) == (Change.UNCHANGED, Basis.TEXT, 100)


def test_an_official_identifier_goes_before_the_words() -> None:
    old = {"K1": {"text": "Light", "guid": "a"}, "K2": {"text": "Oil", "guid": "b"}}
    new = {"K1": {"text": "Oil", "guid": "A"}, "K2": {"text": "Wicks of every kind", "guid": "B"}}
    comparison = compare(old, new)
    assert [(pair.codes, pair.change, pair.basis) for pair in comparison.pairs] == [
        ((("K1",), ("K1",)), Change.REWORDED, Basis.GUID),
        ((("K2",), ("K2",)), Change.REWORDED, Basis.GUID),
    ]
    assert not comparison.proposed


def test_an_identifier_that_stands_twice_says_nothing() -> None:
    old = {"K1": {"text": "Light", "guid": "a"}, "K2": {"text": "Oil", "guid": "a"}}
    assert found(compare(old, {"K1": {"text": "Oil", "guid": "a"}})) == [
        ("K1", "", Change.REMOVED),
        ("K2", "K1", Change.RECODED),
    ]


def test_the_best_pairs_as_a_whole_are_proposed_not_the_first_ones() -> None:
    """K1 is alike to both new ones, K2 to one of them only: taking the nearest for K1 first would leave K2 alone."""
    old = {"K1": "Keep the brass lamp clean and dry", "K2": "Keep the brass lamp clean and bright always here"}
    new = {"K3": "Keep the brass lamp clean and bright", "K4": "Keep the old lamp warm and dry"}
    assert found(compare(old, new)) == [
        ("K1", "K4", Change.RECODED_AND_REWORDED),
        ("K2", "K3", Change.RECODED_AND_REWORDED),
    ]


def test_one_near_pair_is_not_given_up_for_two_far_ones() -> None:
    old = {"K1": "a b c d e f g h i j", "K2": "a b c d e u v w x y"}
    new = {"K1": "a b c d e f g h i z", "K2": "f g h i j m n o p q"}
    assert (("K1",), ("K1",)) in [pair.codes for pair in compare(old, new, threshold=40).pairs]


def test_a_person_confirms_rejects_and_adds_pairs() -> None:
    old = {"K1": "Light the lantern", "K2": "Fill it with oil", "K3": "Something else entirely"}
    new = {"K1": "Light each lantern", "K2": "Fill each with oil", "K3": "Words that nobody would pair"}
    decided = {
        "pairs": [
            {"old": ["K1"], "new": ["K1"], "verdict": "confirmed"},
            {"old": ["K2"], "new": ["K2"], "verdict": "rejected"},
            {"old": ["K3"], "new": ["K2", "K3"], "verdict": "confirmed"},
        ]
    }
    comparison = compare(old, new, decided)
    assert [(pair.codes, pair.change, pair.basis) for pair in comparison.pairs] == [
        ((("K1",), ("K1",)), Change.REWORDED, Basis.PERSON),
        ((("K2",), ()), Change.REMOVED, None),
        ((("K3",), ("K2", "K3")), Change.SPLIT, Basis.PERSON),
    ]
    assert len(compare(old, new).proposed) == 2


def test_a_rejected_pair_of_the_same_words_is_no_pair() -> None:
    decided = {"pairs": [{"old": ["K1"], "new": ["K1"], "verdict": "rejected"}]}
    assert found(compare({"K1": "Oil"}, {"K1": "Oil"}, decided)) == [
        ("K1", "", Change.REMOVED),
        ("", "K1", Change.ADDED),
    ]


def test_the_threshold_decides_what_is_proposed() -> None:
    old, new = {"K1": "one two three four"}, {"K1": "one two five six"}
    assert alike(words_of("one two three four"), words_of("one two five six")) == 50
    assert found(compare(old, new, threshold=50)) == [("K1", "K1", Change.REWORDED)]
    assert found(compare(old, new, threshold=51)) == [("K1", "", Change.REMOVED), ("", "K1", Change.ADDED)]
    assert SHOWN_THRESHOLD == DEFAULT_THRESHOLD


def test_two_standards_need_a_crosswalk() -> None:
    other = version("1.0", {"K1": "Oil"}, reference="EX0500")
    with pytest.raises(KsbtrackError) as raised:
        compare_standards(version("1.0", {"K1": "Oil"}), other)
    assert str(raised.value) == (
        "EX0499@1.0 EX0500@1.0: needs-crosswalk: found two standards, EX0499 and EX0500; versions of one standard can "
        "be compared statement by statement.\n"
        "  What one standard's statements are worth in another is a judgement: a crosswalk records it "
        "(standards/crosswalks). `ksbtrack standards diff --anyway` compares the words alone."
    )
    assert compare_standards(version("1.0", {"K1": "Oil"}), other, anyway=True).counts[Change.UNCHANGED] == 1


def test_what_else_differs_is_listed_and_mere_new_codes_are_not() -> None:
    method = {"id": "talk", "title": "Talk", "form": "By the fire.", "assesses": ["K1"]}
    old = version(
        "1.0",
        {"K1": "Oil", "K2": "Wicks"},
        minimum_hours="300",
        earliest_start="2024-01-01",
        duties=[
            {"code": "D1", "text": "Light it", "competencies": ["K1"]},
            {"code": "D2", "text": "Watch it", "competencies": ["K2"]},
        ],
        methods=[method, method | {"id": "watch", "title": "Watch", "assesses": "unknown"}],
    )
    new = version(
        "1.1",
        {"K1": "Wicks", "K2": "Oil"},
        minimum_hours="400",
        earliest_start="2024-01-01",
        latest_start="2026-01-01",
        duties=[
            {"code": "D1", "text": "Watch it", "competencies": ["K1"]},
            {"code": "D2", "text": "Light it", "competencies": ["K1", "K2"]},
            {"code": "D3", "text": "Put it out"},
        ],
        methods=[method | {"assesses": ["K2"], "form": "By the sea."}],
    )
    assert compare_standards(old, new).facts == (
        Fact("standard", "minimum hours", "300", "400"),
        Fact("standard", "latest start", None, "2026-01-01"),
        Fact("duty D1", "code", "D1", "D2"),
        Fact("duty D1", "statements", "K1", "K1, K2"),
        Fact("duty D2", "code", "D2", "D1"),
        Fact("duty D3", "text", None, "Put it out"),
        Fact("method talk", "form", "By the fire.", "By the sea."),
        Fact("method watch", "title", "Watch", None),
    )


# What holds for any two versions

WORDS = st.sampled_from(["oil", "wick", "lamp", "light", "clean", "store", "the", "a", "of", "pier"])
TEXT = st.lists(WORDS, min_size=1, max_size=9).map(" ".join)
CODES = [f"{prefix}{number}" for prefix in "KS" for number in range(1, 8)]
STATEMENTS = st.dictionaries(st.sampled_from(CODES), TEXT, min_size=1, max_size=9)


def shuffled(standard: Standard, seed: int) -> Standard:
    """Give a standard with its statements in another order."""
    chance = random.Random(seed)
    groups = []
    for group in standard.groups:
        statements = list(group.statements)
        chance.shuffle(statements)
        groups.append(group.model_copy(update={"statements": tuple(statements)}))
    chance.shuffle(groups)
    return standard.model_copy(update={"groups": tuple(groups)})


@given(STATEMENTS, STATEMENTS)
def test_each_statement_of_both_is_in_exactly_one_pair(old: dict[str, str], new: dict[str, str]) -> None:
    comparison = compare(old, new)
    assert sorted(code for pair in comparison.pairs for code in pair.codes[0]) == sorted(old)
    assert sorted(code for pair in comparison.pairs for code in pair.codes[1]) == sorted(new)
    assert sum(comparison.counts.values()) == len(old) + comparison.counts[Change.ADDED]


@given(STATEMENTS, STATEMENTS, st.integers(0, 9))
def test_the_order_of_the_files_changes_nothing(old: dict[str, str], new: dict[str, str], seed: int) -> None:
    one, other = version("1.0", old), version("1.1", new)

    def pairs(first: Standard, second: Standard) -> set[Any]:
        found = compare_standards(first, second).pairs
        return {(*(frozenset(side) for side in pair.codes), pair.change, pair.basis, pair.alike) for pair in found}

    assert pairs(one, other) == pairs(shuffled(one, seed), shuffled(other, seed + 1))


@given(STATEMENTS)
def test_a_version_is_the_same_as_itself(statements: dict[str, str]) -> None:
    assert compare(statements, statements).is_same


@given(STATEMENTS, STATEMENTS)
def test_words_that_stand_in_both_are_never_lost(old: dict[str, str], new: dict[str, str]) -> None:
    """A text of the old version that the new one has too, of one kind, is never called removed or reworded."""
    comparison = compare(old, new)
    for pair in comparison.pairs:
        for one in pair.old:
            if any(one.kind is other.kind and one.text == other.text for other in comparison.new.competencies):
                assert pair.is_same_text
                assert pair.change in (Change.UNCHANGED, Change.RECODED, Change.MERGED)


@given(TEXT, TEXT)
def test_the_passages_make_both_texts(old: str, new: str) -> None:
    passages = word_changes(old, new)
    assert " ".join(text for what, text in passages if what is not Word.PUT_IN) == old
    assert " ".join(text for what, text in passages if what is not Word.TAKEN_OUT) == new


@given(st.dictionaries(st.tuples(st.integers(0, 3), st.integers(0, 3)), st.integers(1, 50), min_size=1, max_size=12))
def test_no_matching_is_heavier_than_the_one_that_is_found(weights: dict[tuple[int, int], int]) -> None:
    matching = best_matching(weights)
    assert len(set(matching.values())) == len(matching)
    heaviest = 0
    for columns in itertools.permutations([0, 1, 2, 3, None, None, None, None], 4):
        links = [(row, column) for row, column in enumerate(columns) if (row, column) in weights]
        heaviest = max(heaviest, sum(weights[row, column] for row, column in links if column is not None))
    assert sum(weights[link] for link in matching.items()) == heaviest


def test_a_matching_too_large_to_be_searched_takes_the_heaviest_links() -> None:
    size = MAX_SEARCHED + 1
    weights = {(row, column): 1 + (row == column) for row in range(size) for column in (row, (row + 1) % size)}
    assert best_matching(weights) == {row: row for row in range(size)}


def test_versions_of_hundreds_of_statements_alike_are_paired_in_seconds() -> None:
    texts = {f"K{number}": f"Keep lantern number {number} clean, dry and lit." for number in range(1, 201)}
    moved = {code: text.replace("clean", "clean and bright") for code, text in texts.items()}
    pairs = pair_statements(version("1.0", texts).competencies, version("1.1", moved).competencies)
    assert all(pair.change is Change.REWORDED for pair in pairs)
