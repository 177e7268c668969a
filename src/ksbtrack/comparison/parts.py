"""Statements that were split into several, or merged from several, as far as their words show it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from ksbtrack.comparison.wording import alike, common_words
from ksbtrack.models.standard import Competency

PART = 80
"""Per cent of a part's words that the whole has in the same order: the rest is what makes a clause a sentence."""
SHORTEST_PART = 3
"""Words of a part: what is shorter stands in too many statements by chance."""
GAIN = 10
"""Per cent by which the parts together must be more like the whole than its one counterpart alone is."""

Whole = tuple[Competency, Competency | None]
"""A statement, and the one that it is paired with already, if any."""


def joined_parts(
    wholes: Sequence[Whole], loose: Sequence[Competency], words: Mapping[str, str], threshold: int
) -> Iterator[tuple[Competency, list[Competency]]]:
    """Yield each statement that several others make up, with these in the order in which they stand in it.

    Args:
        wholes: statements of one version, none twice.
        loose: statements of the other version that nothing is paired with, none twice.
        words: a letter for each word of each text, as `in_letters` gives them.
        threshold: per cent of words that whole and parts together have in common.
    """
    parts: dict[int, list[Competency]] = defaultdict(list)
    for part in loose:
        best = _whole_of(part, wholes, words)
        if best is not None:
            parts[best].append(part)
    for place, found in sorted(parts.items()):
        whole, counterpart = wholes[place]
        every = [*([counterpart] if counterpart else []), *found]
        own = words[whole.text]
        every.sort(key=lambda part: _begin(own, words[part.text]))
        together = alike(own, "".join(words[part.text] for part in every))
        alone = alike(own, words[counterpart.text]) if counterpart else 0
        if len(every) > 1 and together >= max(threshold, alone + GAIN):
            yield whole, every


def _whole_of(part: Competency, wholes: Sequence[Whole], words: Mapping[str, str]) -> int | None:
    """Give the place of the whole that has most words of a part, if it has enough of them; of several the first."""
    own = words[part.text]
    best, most = None, 0
    for place, (whole, _) in enumerate(wholes):
        if len(own) < SHORTEST_PART or whole.kind is not part.kind or len(words[whole.text]) <= len(own):
            continue
        common = common_words(own, words[whole.text])
        if 100 * common >= PART * len(own) and common > most:
            best, most = place, common
    return best


def _begin(whole: str, part: str) -> int:
    """Give the word of the whole at which a part begins."""
    from rapidfuzz.distance import Indel

    return next((step.src_start for step in Indel.opcodes(whole, part) if step.tag == "equal"), len(whole))
