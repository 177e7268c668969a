"""Text as every output can show it; apart from all other words, since what draws needs this alone."""

from __future__ import annotations

import unicodedata

_UNSEEN = frozenset({"Cc", "Cs", "Co", "Cn"})


def printable(text: str) -> str:
    """Give a text without characters that no font can show; U+FFFD stands for each, so that none vanishes.

    A control character or a code point without a meaning would make the PDF invalid.
    """
    if text.isprintable():
        return text
    return "".join(c if c in "\n\t" or unicodedata.category(c) not in _UNSEEN else "\ufffd" for c in text)
