"""What a reader gets when it takes the text out of a PDF: the map from each font's glyphs to characters.

WeasyPrint maps the glyphs of a letter with combining marks together: all of the text on the last of them, and
nothing on the others. A map to nothing is malformed, and the next plain letter drawn with such a glyph would be
lost to a screen reader. So each of these glyphs gets the character that its font has it for.
"""

from __future__ import annotations

import unicodedata
from typing import Any, Protocol

from ksbtrack.report.glyphs import FACES, characters_by_glyph

NOTHING_TO_READ = "\u200b"
"""What a glyph without a character of its own maps to when the text is on another one: a space of no width."""

_PANGO_UPRIGHT = 0


class Fonts(Protocol):
    """What is asked of WeasyPrint's document, which publishes no types."""

    fonts: dict[str, Any]


class Objects(Protocol):
    """What is asked of a PDF before it is written (`pydyf.PDF`), which publishes no types."""

    objects: list[Any]


def mend_unicode_maps(rendering: Fonts, pdf: Objects) -> None:
    """Map every glyph that WeasyPrint left without text, or with its neighbours' text, to its own character.

    Args:
        rendering: the pages, laid out and drawn.
        pdf: their objects, complete but not yet written.
    """
    dictionaries = [o for o in pdf.objects if isinstance(o, dict) and "ToUnicode" in o]
    for font, dictionary in zip(rendering.fonts.values(), dictionaries, strict=True):
        wrong = {glyph: text for glyph, text in font.to_unicode.items() if not text or _is_marked(text)}
        if wrong:
            right = _own_readings(wrong, _own_characters(font))
            lines = {_line(glyph, wrong[glyph]): _line(glyph, text) for glyph, text in right.items()}
            stream = pdf.objects[int(dictionary["ToUnicode"].split()[0])].stream
            stream[:] = [lines.get(line, line) for line in stream]


def _own_readings(wrong: dict[int, str], own: dict[int, str]) -> dict[int, str]:
    """Give what each glyph should be read as.

    Args:
        wrong: glyph to what WeasyPrint would have it read as: nothing, or a letter with its marks.
        own: glyph to the character that the font has it for.
    """
    # A joined Arabic letter has a compatibility character for its shape; the reader wants the letter.
    letters = {
        glyph: unicodedata.normalize("NFKC", own.get(glyph, "")) or NOTHING_TO_READ
        for glyph, text in wrong.items()
        if not text
    }
    if NOTHING_TO_READ in letters.values():
        # Some letter has no character of its own, so the text on its mark must stay whole.
        return letters
    return letters | {glyph: own[glyph] for glyph, text in wrong.items() if text and own.get(glyph, "/") in text}


def _is_marked(text: str) -> bool:
    """Whether text is more than one character and has a combining mark among them."""
    return len(text) > 1 and any(unicodedata.category(character).startswith("M") for character in text)


def _own_characters(font: Any) -> dict[int, str]:
    """Give the characters of the shipped face that a font of WeasyPrint's is; none if it is none of ours."""
    style = "normal" if font.style == _PANGO_UPRIGHT else "italic"
    for face in FACES:
        if (face.family, face.weight, face.style) == (font.family, font.weight, style):
            return characters_by_glyph(face.file)
    return {}


def _line(glyph: int, text: str) -> bytes:
    """Give the line of a ToUnicode map as WeasyPrint writes it."""
    return f"<{glyph:04x}> <{text.encode('utf-16-be').hex()}>".encode()
