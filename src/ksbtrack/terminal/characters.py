"""What a terminal may be sent: nothing that steers it, and only what its encoding has."""

from __future__ import annotations

import unicodedata

_IN_ASCII = str.maketrans({"·": "-", "–": "-", "—": "-", "’": "'", "‘": "'", "“": '"', "”": '"', "…": "...", "×": "x"})
_HARMLESS = "\n\u200c\u200d\u00ad"
"""Line feeds are written by us or by whoever wrote a text of several lines; the others join or part letters."""


def visible(text: str) -> str:
    """Give text that cannot steer a terminal or change the direction of text: its line feeds stay, no more."""
    if text.isprintable():
        return text
    return "".join(_shown(character) for character in text)


def _shown(character: str) -> str:
    hidden = unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") and character not in _HARMLESS
    return f"<U+{ord(character):04X}>" if hidden else character


def encodable(text: str, encoding: str | None) -> str:
    """Give text that an encoding can write: what it lacks becomes the nearest sign of ASCII or a question mark."""
    encoding = encoding or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_IN_ASCII).encode(encoding, "replace").decode(encoding)
    return text
