"""When two statements say the same, how much they have in common, and which words differ."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from ksbtrack.models.comparison import Passage, Word

_TYPOGRAPHIC = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′´`ʼ", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("‐‑‒–—―−﹘﹣－", "-"),
        **dict.fromkeys("•·‣▪●", "*"),
        # Marks without width: a soft hyphen, and what word processors leave between letters.
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", ""),
    }
)
_FIRST_LETTER = 0x10000
"""From here on there are a million letters in a row: more than any two versions have words."""
_DOUBT = 1e-9
"""What a fraction may be off by."""
_WORD = re.compile(r"[\w']+(?:-[\w']+)*")


def normalised(text: str) -> str:
    """Give a statement as two versions are compared: without capitals, with plain quotes, dashes and single spaces.

    Punctuation otherwise stays: it can change the meaning.
    """
    plain = unicodedata.normalize("NFKC", text.translate(_TYPOGRAPHIC)).translate(_TYPOGRAPHIC)
    return " ".join(plain.casefold().split())


def words_of(text: str) -> tuple[str, ...]:
    """Give the words of a statement as they are compared, in their order."""
    return tuple(_WORD.findall(normalised(text)))


def in_letters(texts: Iterable[str]) -> dict[str, str]:
    """Give each text with one letter for each of its words, the same one for the same word.

    Rows of letters are compared ten times as fast as rows of words.

    Args:
        texts: all that are to be compared with each other.
    """
    letters: dict[str, str] = {}
    return {
        text: "".join([letters.setdefault(word, chr(_FIRST_LETTER + len(letters))) for word in words_of(text)])
        for text in texts
    }


def common_words(one: Sequence[str], two: Sequence[str]) -> int:
    """Give how many words two statements have in common in the same order: the longest row of them, with gaps.

    Args:
        one: the words of one, or their letters.
        two: the words of the other, or their letters.
    """
    from rapidfuzz.distance import LCSseq

    return int(LCSseq.similarity(one, two))


def alike(one: Sequence[str], two: Sequence[str]) -> int:
    """Give how much of two statements is common, in per cent, rounded down; two without any word are not alike."""
    both = len(one) + len(two)
    return 200 * common_words(one, two) // both if both else 0


def alike_among(one: str, others: Sequence[str], threshold: int) -> list[tuple[int, int]]:
    """Give the places of the statements that are alike to one, in their order, each with the number of common words.

    Args:
        one: the letters of a statement's words.
        others: those of the statements to look through.
        threshold: per cent of words in common from which on two are alike, 1 to 100.
    """
    from rapidfuzz import process
    from rapidfuzz.distance import Indel

    # What is just below the threshold is let through by the fraction, and kept out by the whole numbers.
    near = process.extract(
        one,
        others,
        scorer=Indel.normalized_similarity,
        processor=None,
        score_cutoff=threshold / 100 - _DOUBT,
        limit=None,
    )
    found = [(place, common_words(one, others[place])) for _, _, place in near]
    return sorted(
        (place, common)
        for place, common in found
        if common and 200 * common >= threshold * (len(one) + len(others[place]))
    )


def word_changes(old: str, new: str) -> tuple[Passage, ...]:
    """Give the passages of which a change of wording consists, in the order in which a person reads them.

    Those that are the same or put in make the new text, those that are the same or taken out the old one; white space
    apart.

    Args:
        old: the text before.
        new: the text after.
    """
    from rapidfuzz.distance import Indel

    before, after = old.split(), new.split()
    passages: list[Passage] = []
    for step in Indel.opcodes(before, after):
        what = {"equal": Word.SAME, "delete": Word.TAKEN_OUT, "insert": Word.PUT_IN}[step.tag]
        words = (
            before[step.src_start : step.src_end] if what is not Word.PUT_IN else after[step.dest_start : step.dest_end]
        )
        passages.append(Passage(what, " ".join(words)))
    return tuple(_in_reading_order(passages))


def _in_reading_order(passages: Sequence[Passage]) -> Iterator[Passage]:
    """Yield passages with what was taken out before what was put in between the same two words, each in one."""
    for is_same, run in groupby(passages, key=lambda passage: passage.what is Word.SAME):
        if is_same:
            yield from run
            continue
        found = list(run)
        for what in (Word.TAKEN_OUT, Word.PUT_IN):
            words = [passage.text for passage in found if passage.what is what]
            if words:
                yield Passage(what, " ".join(words))
