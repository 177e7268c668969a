"""Drawing an internal quality assurer's sample: first what must be covered, then by risk; one seed, one sample."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from ksbtrack.models.analysis import Decision, Status
from ksbtrack.models.sampling import Aspect, Candidate, Part, Pick, Sample
from ksbtrack.models.values import in_words, listed, natural_key
from ksbtrack.problems import several
from ksbtrack.submission.covering import smallest_cover

NEW_ASSESSOR_DAYS = 182
"""Days in which an assessor is new, from their first decision in the cohort on: half a year. No rule has a number."""
MANY_CLAIMS = 10
"""Statements claimed by one piece from which on it is a risk: over a third of ST0148."""
MANY_A_DAY = 10
"""Decisions of one assessor on one day from which on each is a risk."""
MAX_COLUMNS = 120
"""Different pieces among which the smallest choice is looked for exactly; among more, one by one."""

WEIGHTS = {"new_assessor": 3, "alone": 2, "ready": 2, "check_again": 2, "many_claims": 1, "many_a_day": 1}
"""What each risk adds to the weight 1 of every piece; docs/sample.md has the same table."""


def draw_sample(
    candidates: Iterable[Candidate], size: int, seed: int, on: date, new_assessors: Iterable[str] = ()
) -> Sample:
    """Give a sample that covers every part, as far as its size lets it, and is filled up by risk.

    Args:
        candidates: in any order; each piece of a learner once.
        size: pieces to choose.
        seed: of the draw.
        on: the day as of which everything about the candidates holds.
        new_assessors: assessors who are new, besides those whose first decision shows it.
    """
    ordered = sorted(candidates, key=lambda each: (natural_key(each.learner), each.learner, natural_key(each.piece)))
    # One person, in capitals or with a blank too many: the way in which the name is written first stands for all.
    written: dict[str, str] = {}
    ordered = [replace(each, assessor=_one_name(each.assessor, written)) for each in ordered]
    named_new = [_one_name(name, written) for name in new_assessors]
    new: dict[str, date | None] = dict.fromkeys(named_new) | _new_assessors(ordered, on)
    risks = _risks(ordered, new)
    random = Random(seed)
    # The largest of such numbers fall on heavier pieces in proportion to their weight (Efraimidis and Spirakis, 2006).
    drawn = [random.random() ** (1 / weight) for weight, _ in risks]
    rank = sorted(range(len(ordered)), key=lambda place: (-drawn[place], place))
    parts = [_parts_of(each, new) for each in ordered]
    cover = _covering(parts, rank, size)
    places = sorted([*cover.chosen, *_filled_up(ordered, rank, cover.chosen, size)])
    covered = _parts_with_picks(parts, places)
    return Sample(
        on=on,
        seed=seed,
        size=size,
        population=len(ordered),
        mark=_mark(ordered),
        picks=tuple(
            Pick(ordered[place], cover.chosen_for.get(place, ()), risks[place][1], risks[place][0]) for place in places
        ),
        covered={part: numbers for part, numbers in covered.items() if numbers},
        not_covered=tuple(part for part, numbers in covered.items() if not numbers),
        at_least=cover.at_least,
    )


@dataclass(frozen=True, slots=True)
class _Cover:
    """Places of the pieces chosen, what each was chosen for, and how many are needed at least, where that is known."""

    chosen: list[int]
    chosen_for: dict[int, tuple[Part, ...]]
    at_least: int | None


def _one_name(name: str, written: dict[str, str]) -> str:
    return written.setdefault(" ".join(name.split()).casefold(), name)


def _new_assessors(ordered: Sequence[Candidate], on: date) -> dict[str, date]:
    """Give the assessors whose first decision is recent, with its day."""
    first: dict[str, date] = {}
    for each in ordered:
        if each.assessor and each.decided_on:
            first[each.assessor] = min(each.decided_on, first.get(each.assessor, each.decided_on))
    since = on - timedelta(days=NEW_ASSESSOR_DAYS)
    return {name: day for name, day in first.items() if day > since}


def _parts_of(each: Candidate, new: dict[str, date | None]) -> tuple[Part, ...]:
    """Give what a piece covers, in the order of importance."""
    parts = [Part(Aspect.ASSESSOR, each.assessor)]
    if each.assessor in new:
        parts.append(Part(Aspect.NEW_ASSESSOR, each.assessor, each.kind))
    parts += [Part(Aspect.SINGLE_SOURCE, f"{each.standard} {code}") for code in each.alone_for]
    parts += [Part(Aspect.METHOD, f"{each.standard} {method}") for method in each.methods]
    return (*parts, Part(Aspect.KIND, each.kind))


def _risks(ordered: Sequence[Candidate], new: dict[str, date | None]) -> list[tuple[int, tuple[str, ...]]]:
    """Give the weight of each piece, and a sentence for everything that makes it heavier."""
    on_one_day = Counter((each.assessor, each.decided_on) for each in ordered)
    named = (bool(each.assessor and each.decided_on) for each in ordered)
    return [
        _risk(each, new, on_one_day[each.assessor, each.decided_on] if is_named else 0)
        for each, is_named in zip(ordered, named, strict=True)
    ]


def _risk(each: Candidate, new: dict[str, date | None], that_day: int) -> tuple[int, tuple[str, ...]]:
    found: list[tuple[str, str]] = []
    if each.assessor in new:
        first = new[each.assessor]
        since = f", first decision here on {in_words(first)}" if first else ""
        found.append(("new_assessor", f"The assessor is new{since}."))
    if each.alone_for:
        found.append(("alone", f"No other piece of this learner shows {listed(each.alone_for)}."))
    if each.readiness is Decision.READY:
        found.append(("ready", "The learner is found ready."))
    if each.status is Status.CHECK_AGAIN:
        found.append(("check_again", "It changed after it was accepted."))
    if each.claims >= MANY_CLAIMS:
        found.append(("many_claims", f"It claims {several(each.claims, 'statement')}."))
    if that_day >= MANY_A_DAY:
        found.append(("many_a_day", f"The assessor made {several(that_day, 'decision')} on that day."))
    return 1 + sum(WEIGHTS[risk] for risk, _ in found), tuple(words for _, words in found)


def _covering(parts: Sequence[tuple[Part, ...]], rank: Sequence[int], size: int) -> _Cover:
    """Choose pieces that cover every part; where the size does not allow that, the most important parts."""
    every = sorted({part for covered in parts for part in covered}, key=_order)
    bit = {part: 1 << place for place, part in enumerate(every)}
    # Of pieces that cover the same, only the one drawn first can be chosen for that.
    first: dict[int, int] = {}
    for place in rank:
        first.setdefault(sum(bit[part] for part in set(parts[place])), place)
    columns = _largest(first)
    everything = (1 << len(every)) - 1
    chosen = _one_by_one(columns, everything, len(every), lambda new: (new.bit_count(),))
    at_least = None
    if len(chosen) > size and len(columns) <= MAX_COLUMNS:
        rows = [frozenset(n for n, (mask, _) in enumerate(columns) if mask & bit[part]) for part in every]
        smallest = smallest_cover(rows)
        chosen, at_least = [columns[number][1] for number in smallest.chosen], smallest.at_least
    if len(chosen) > size:
        aspects = [sum(bit[part] for part in every if part.aspect is aspect) for aspect in Aspect]
        chosen = _one_by_one(columns, everything, size, lambda new: tuple((new & all_).bit_count() for all_ in aspects))
    return _Cover(chosen, _chosen_for(chosen, parts), at_least)


def _largest(first: dict[int, int]) -> list[tuple[int, int]]:
    """Give what pieces cover with their places, in the order of the draw, without those that another one can replace.

    Comparing each with each would take too long for very many; then all of them stay, which costs only time later.
    """
    columns = list(first.items())
    if len(columns) > MAX_COLUMNS * 20:
        return columns
    return [(mask, place) for mask, place in columns if not any(mask != m and mask | m == m for m, _ in columns)]


def _one_by_one(
    columns: Sequence[tuple[int, int]], everything: int, most: int, worth: Callable[[int], tuple[int, ...]]
) -> list[int]:
    """Choose pieces one at a time, each the one that covers most of what is left; of equals the one drawn first."""
    chosen: list[int] = []
    left = everything
    while left and len(chosen) < most:
        mask, place = max(columns, key=lambda column: worth(column[0] & left))
        if not mask & left:
            break
        chosen.append(place)
        left &= ~mask
    return chosen


def _chosen_for(chosen: Sequence[int], parts: Sequence[tuple[Part, ...]]) -> dict[int, tuple[Part, ...]]:
    """Give for each piece chosen the parts that it alone covers, and of those that several cover its first share."""
    times = Counter(part for place in chosen for part in set(parts[place]))
    given: set[Part] = set()
    result: dict[int, tuple[Part, ...]] = {}
    for place in chosen:
        own = tuple(part for part in dict.fromkeys(parts[place]) if times[part] == 1 or part not in given)
        given.update(own)
        result[place] = own or parts[place][:1]
    return result


def _filled_up(ordered: Sequence[Candidate], rank: Sequence[int], chosen: Sequence[int], size: int) -> list[int]:
    """Give the pieces that fill the sample, as they were drawn: first of learners who have none in it yet."""
    taken, learners = set(chosen), {ordered[place].learner for place in chosen}
    added: list[int] = []
    for is_new_learner in (True, False):
        for place in rank:
            if len(chosen) + len(added) >= size:
                return added
            learner = ordered[place].learner
            if place not in taken and (learner not in learners or not is_new_learner):
                added.append(place)
                taken.add(place)
                learners.add(learner)
    return added


def _parts_with_picks(parts: Sequence[tuple[Part, ...]], places: Sequence[int]) -> dict[Part, tuple[int, ...]]:
    """Give every part in order, with the numbers of the picks that cover it."""
    covered: dict[Part, tuple[int, ...]] = dict.fromkeys(sorted({p for each in parts for p in each}, key=_order), ())
    for number, place in enumerate(places, 1):
        for part in dict.fromkeys(parts[place]):
            covered[part] = (*covered[part], number)
    return covered


_ASPECTS = list(Aspect)


def _order(part: Part) -> tuple[int, tuple[str | int, ...], str, str]:
    return _ASPECTS.index(part.aspect), natural_key(part.name), part.name, part.detail


def _mark(ordered: Sequence[Candidate]) -> str:
    """Give one mark over everything that the draw depends on."""
    seen = hashlib.sha256()
    for each in ordered:
        seen.update(repr(each).encode())
    return seen.hexdigest()
