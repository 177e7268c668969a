"""Which statement of one version is which of another: by a person's word, identifier, text and likeness, in this order.

What likeness pairs is a proposal. The best pairs as a whole are looked for, not one after the other; of equally good
ones the same come out whatever the order of the files.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ksbtrack.comparison.assignment import MAX_SEARCHED, best_matching
from ksbtrack.comparison.facts import differing_facts
from ksbtrack.comparison.parts import joined_parts
from ksbtrack.comparison.wording import alike, alike_among, in_letters, normalised
from ksbtrack.models.comparison import Basis, Change, Comparison, DecidedPairs, Near, Pair, Verdict
from ksbtrack.models.standard import Competency, Standard
from ksbtrack.models.values import natural_key
from ksbtrack.problems import KsbtrackError, Problem, Source

DEFAULT_THRESHOLD = 50
"""Per cent of words that two statements have in common, from which on a pair is proposed.

Found by reading: in the real rewriting of one standard every pair above it is what a person would pair, and the first
wrong one stands at 40.
"""
_SCALE = 1_000_000
"""Parts into which the likeness of two statements is divided to weigh a pair."""


def compare_standards(
    old: Standard,
    new: Standard,
    decided: DecidedPairs | None = None,
    *,
    threshold: int = DEFAULT_THRESHOLD,
    anyway: bool = False,
) -> Comparison:
    """Give everything that differs between two versions of a standard.

    Args:
        old: the older version.
        new: the newer version.
        decided: what people said of pairs; what does not fit the two is passed over (`load_pairs` refuses it).
        threshold: per cent of words from which on likeness proposes a pair, 1 to 100.
        anyway: compares two standards with different references as well.

    Raises:
        KsbtrackError: `needs-crosswalk`.
    """
    if not anyway and not is_same_reference(old, new):
        raise KsbtrackError(needs_crosswalk(old, new))
    pairs = pair_statements(old.competencies, new.competencies, decided, threshold=threshold)
    return Comparison(old, new, pairs, differing_facts(old, new, pairs), threshold)


def is_same_reference(old: Standard, new: Standard) -> bool:
    """Say whether two standards are versions of one."""
    return old.reference.casefold() == new.reference.casefold()


def needs_crosswalk(old: Standard, new: Standard) -> Problem:
    """Give the problem of two standards that are no versions of one."""
    return Problem(
        "needs-crosswalk",
        Source(f"{old.identity} {new.identity}"),
        f"two standards, {old.reference} and {new.reference}",
        "versions of one standard can be compared statement by statement",
        "What one standard's statements are worth in another is a judgement: a crosswalk records it "
        "(standards/crosswalks). `ksbtrack standards diff --anyway` compares the words alone.",
    )


@dataclass
class _Open:
    """What is not paired yet, and the pairs so far; statements by code as people count: no file's order matters.

    `words` has a letter for each word of each text.
    """

    old: dict[str, Competency]
    new: dict[str, Competency]
    refused: set[tuple[tuple[str, ...], tuple[str, ...]]]
    words: dict[str, str]
    pairs: list[Pair] = field(default_factory=list)

    def join(self, old: Sequence[Competency], new: Sequence[Competency], basis: Basis) -> None:
        """Note a pair, and that its statements are taken."""
        self.pairs.append(self._paired(tuple(old), tuple(new), basis))
        for one in old:
            self.old.pop(one.code, None)
        for one in new:
            self.new.pop(one.code, None)

    def _paired(self, old: tuple[Competency, ...], new: tuple[Competency, ...], basis: Basis) -> Pair:
        is_same_text = len({normalised(one.text) for one in (*old, *new)}) == 1
        before, after = ("".join(self.words[one.text] for one in side) for side in (old, new))
        likeness = 100 if is_same_text else min(alike(before, after), 99)
        return Pair(old, new, _change(old, new, is_same_text=is_same_text), basis, likeness, is_same_text)

    def has(self, old: Sequence[str], new: Sequence[str]) -> bool:
        """Say whether statements with these codes are there and not paired yet."""
        return all(code in self.old for code in old) and all(code in self.new for code in new)

    def may_join(self, old: Iterable[Competency], new: Iterable[Competency]) -> bool:
        """Say whether nobody rejected this pair."""
        return (_codes(old), _codes(new)) not in self.refused


def pair_statements(
    old: Sequence[Competency],
    new: Sequence[Competency],
    decided: DecidedPairs | None = None,
    *,
    threshold: int = DEFAULT_THRESHOLD,
) -> tuple[Pair, ...]:
    """Give each statement of two versions in exactly one pair.

    Args:
        old: those of the older version; no code twice.
        new: those of the newer version; no code twice.
        decided: what people said of pairs.
        threshold: see `compare_standards`.

    Returns:
        In the order of the older version; then what was added, in that of the newer one.
    """
    rejected = decided.with_verdict(Verdict.REJECTED) if decided else ()
    left = _Open(
        _by_code(old),
        _by_code(new),
        {(tuple(sorted(pair.old, key=natural_key)), tuple(sorted(pair.new, key=natural_key))) for pair in rejected},
        in_letters(one.text for one in (*old, *new)),
    )
    for confirmed in decided.with_verdict(Verdict.CONFIRMED) if decided else ():
        if confirmed.old and confirmed.new and left.has(confirmed.old, confirmed.new):
            one, other = [left.old[code] for code in confirmed.old], [left.new[code] for code in confirmed.new]
            left.join(one, other, Basis.PERSON)
    _by_guid(left)
    _by_text(left, lambda statement: (statement.kind, normalised(statement.text)))
    _by_text(left, lambda statement: normalised(statement.text))
    _by_likeness(left, threshold)
    _by_parts(left, threshold)
    return _in_order(left, old, new, threshold)


def _by_code(statements: Iterable[Competency]) -> dict[str, Competency]:
    return {statement.code: statement for statement in sorted(statements, key=lambda one: natural_key(one.code))}


def _codes(statements: Iterable[Competency]) -> tuple[str, ...]:
    return tuple(sorted((one.code for one in statements), key=natural_key))


def _by_guid(left: _Open) -> None:
    """Pair what has one identifier on both sides, and nowhere else."""
    sides = []
    for side in (left.old, left.new):
        counts = Counter(one.guid.casefold() for one in side.values() if one.guid)
        sides.append(
            {one.guid.casefold(): one for one in side.values() if one.guid and counts[one.guid.casefold()] == 1}
        )
    for guid, one in sides[0].items():
        other = sides[1].get(guid)
        if other is not None and left.may_join([one], [other]):
            left.join([one], [other], Basis.GUID)


def _by_text(left: _Open, key: Callable[[Competency], object]) -> None:
    """Pair what says the same: first under one code, then in the order of the codes.

    Where a text stood several times and stands less often now, the ones that are left over are merged into the first.
    """
    olds, news = _grouped(left.old, key), _grouped(left.new, key)
    for text, before in olds.items():
        after = news.get(text, [])
        codes = {one.code for one in before} & {one.code for one in after}
        same = [([one], [other]) for one in before for other in after if one.code == other.code]
        rest = [one for one in before if one.code not in codes], [one for one in after if one.code not in codes]
        joined = [*same, *(([one], [other]) for one, other in zip(*rest, strict=False))]
        joined = [(one, other) for one, other in joined if left.may_join(one, other)]
        spare = rest[0][len(rest[1]) :]
        if joined and spare and left.may_join([*joined[0][0], *spare], joined[0][1]):
            joined[0][0].extend(spare)
        for one, other in joined:
            left.join(one, other, Basis.TEXT)


def _grouped(side: dict[str, Competency], key: Callable[[Competency], object]) -> dict[object, list[Competency]]:
    groups: dict[object, list[Competency]] = defaultdict(list)
    for statement in side.values():
        groups[key(statement)].append(statement)
    return groups


def _by_likeness(left: _Open, threshold: int) -> None:
    """Pair what shares most words, among statements of one kind: the best pairs as a whole.

    The cube of the likeness is weighed, so that one near pair is not given up for two far ones. Where that leaves a
    choice, equal codes go first, then codes that are near to each other in their order.
    """
    olds, news = list(left.old.values()), list(left.new.values())
    most = max(len(olds), len(news), 1)
    letters = [left.words[other.text] for other in news]
    weights: dict[tuple[int, int], int] = {}
    for row, one in enumerate(olds):
        found = alike_among(left.words[one.text], letters, threshold)
        if len(found) > MAX_SEARCHED:
            found = sorted(found, key=lambda link: (-link[1], link[0]))[:MAX_SEARCHED]
        for column, common in found:
            other = news[column]
            if one.kind is other.kind and left.may_join([one], [other]):
                near = (one.code == other.code) * most + most - abs(row - column)
                share = 2 * common * _SCALE // (len(left.words[one.text]) + len(letters[column]))
                weights[row, column] = share**3 * 4 * most * most + near
    for row, column in sorted(best_matching(weights).items()):
        left.join([olds[row]], [news[column]], Basis.SIMILARITY)


def _by_parts(left: _Open, threshold: int) -> None:
    """Pair a statement with the several that it was split into, and several with the one that they were merged into."""
    loose = {id(pair) for pair in left.pairs if pair.basis in (Basis.GUID, Basis.SIMILARITY) and not pair.is_same_text}
    single = [pair for pair in left.pairs if id(pair) in loose]
    wholes = [(pair.old[0], pair.new[0]) for pair in single] + [(one, None) for one in left.old.values()]
    for whole, parts in joined_parts(wholes, list(left.new.values()), left.words, threshold):
        if left.may_join([whole], parts):
            left.pairs = [pair for pair in left.pairs if whole not in pair.old]
            left.join([whole], parts, Basis.SIMILARITY)
    single = [pair for pair in left.pairs if id(pair) in loose]
    wholes = [(pair.new[0], pair.old[0]) for pair in single] + [(one, None) for one in left.new.values()]
    for whole, parts in joined_parts(wholes, list(left.old.values()), left.words, threshold):
        if left.may_join(parts, [whole]):
            left.pairs = [pair for pair in left.pairs if whole not in pair.new]
            left.join(parts, [whole], Basis.SIMILARITY)


def _change(old: Sequence[Competency], new: Sequence[Competency], *, is_same_text: bool) -> Change:
    if len(new) > 1:
        return Change.SPLIT
    if len(old) > 1:
        return Change.MERGED
    if old[0].code == new[0].code:
        return Change.UNCHANGED if is_same_text else Change.REWORDED
    return Change.RECODED if is_same_text else Change.RECODED_AND_REWORDED


def _in_order(left: _Open, old: Sequence[Competency], new: Sequence[Competency], threshold: int) -> tuple[Pair, ...]:
    places = {one.code: place for place, one in enumerate(old)}
    after = {one.code: place for place, one in enumerate(new)}
    olds, news = (list(_by_code(side).values()) for side in (old, new))
    removed = [
        Pair((one,), (), Change.REMOVED, nearest=_nearest(one, news, left.words, threshold))
        for one in left.old.values()
    ]
    found = [*left.pairs, *removed]
    ordered = [replace(pair, old=_sorted(pair.old, places), new=_sorted(pair.new, after)) for pair in found]
    ordered.sort(key=lambda pair: places[pair.old[0].code])
    added = sorted(left.new.values(), key=lambda one: after[one.code])
    return (
        *ordered,
        *(Pair((), (one,), Change.ADDED, nearest=_nearest(one, olds, left.words, threshold)) for one in added),
    )


def _nearest(alone: Competency, others: Sequence[Competency], words: Mapping[str, str], threshold: int) -> Near | None:
    """Give the statement that is most like one without a partner, if any is as near as a pair; of several the first."""
    own = words[alone.text]
    letters = [words[other.text] for other in others]
    near = [
        (200 * common // (len(own) + len(letters[place])), -place)
        for place, common in alike_among(own, letters, threshold)
        if others[place].kind is alone.kind
    ]
    if not near:
        return None
    likeness, place = max(near)
    return Near(others[-place].code, likeness)


def _sorted(statements: Iterable[Competency], places: Mapping[str, int]) -> tuple[Competency, ...]:
    return tuple(sorted(statements, key=lambda one: places[one.code]))
