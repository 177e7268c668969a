"""The fonts that travel with ksbtrack, and text made to fit what they can show.

A character that no shipped font has would print as an empty box, or in whatever font the machine has; both
break PDF/A and PDF/UA. So it is replaced, before rendering, by its name or code in square brackets.
"""

from __future__ import annotations

import html as markup
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path

from ksbtrack.paths import shipped_folder

FONT_ADDRESS = "ksb:fonts/"
"""Where the PDF's own style sheet finds the fonts; only the report's fetcher knows this scheme."""

MOST_SHOWN = 8
"""Characters of one run that a stand-in lists; a paragraph in another script stays one short bracket."""


@dataclass(frozen=True, slots=True)
class Face:
    """One shipped font file and the CSS descriptors it answers to.

    Attributes:
        file: the name of the file in templates/fonts.
        family: the CSS font family.
        weight: the CSS font weight, 100 to 900.
        style: the CSS font style.
    """

    file: str
    family: str
    weight: int
    style: str

    @property
    def path(self) -> Path:
        """Where the file is in this installation."""
        return shipped_folder("templates") / "fonts" / self.file


FACES = (
    Face("Inter-Regular.otf", "Inter", 400, "normal"),
    Face("Inter-Italic.otf", "Inter", 400, "italic"),
    Face("Inter-SemiBold.otf", "Inter", 600, "normal"),
    Face("DejaVuSans.ttf", "DejaVu Sans", 400, "normal"),
    Face("DejaVuSans-Bold.ttf", "DejaVu Sans", 700, "normal"),
)
"""All fonts there are; DejaVu has the scripts and symbols that Inter lacks."""

_WIDEST_FACES = ("Inter-Regular.otf", "DejaVuSans.ttf")
"""The widest face of each family, asked in this order; the others show no more."""

_PLAIN = frozenset(map(chr, range(0x20, 0x7F))) | {"\n", "\t"}
_REFERENCE = re.compile(r"&(?:#\d+|#[xX][0-9a-fA-F]+|[a-zA-Z][a-zA-Z0-9]*);?")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
_AS_LINE_END = dict.fromkeys(map(ord, "\r\x0b\x0c\x85\u2028\u2029"), "\n")
_ANNOTATION_MARKS = "\ufff9\ufffa\ufffb"
_JOINER = "\u200d"


def font_css() -> str:
    """Give the @font-face rules of the shipped fonts, for the PDF."""
    return "".join(
        f'@font-face{{font-family:"{face.family}";src:url({FONT_ADDRESS}{face.file});'
        f"font-weight:{face.weight};font-style:{face.style}}}\n"
        for face in FACES
    )


def cover(html: str) -> tuple[str, tuple[str, ...]]:
    """Give the HTML with a stand-in for every run of characters that no shipped font can show.

    Symbols are named (`[grinning face]`), other characters given by code (`[U+4F60, U+597D]`); control
    characters, variation selectors and invisible characters without a glyph are dropped. Character references
    are looked at too. Covering twice changes nothing more.

    Args:
        html: the finished document, attribute values in quotes.

    Returns:
        The HTML, and each replaced character in the order of the text, as often as it stood there.
    """
    dropped, missing = _sorted_out(set(html).union(*_references(html)) - _PLAIN)
    if not dropped and not missing:
        return html, ()
    if "&" in html:
        html = _REFERENCE.sub(lambda match: _resolved(match[0], dropped | missing), html)
    html = html.replace("\r\n", "\n").translate(dict.fromkeys(map(ord, dropped)) | _AS_LINE_END)
    replaced: list[str] = []
    if missing:
        unfit = missing | {_JOINER}
        html = _BEYOND_ASCII.sub(lambda match: _fitted(match[0], unfit, replaced), html)
    return html, tuple(replaced)


def _fitted(text: str, unfit: frozenset[str], replaced: list[str]) -> str:
    """Give text with stand-ins for its runs of unfit characters, and note these at the end of `replaced`.

    A joiner (U+200D) belongs to the run around it; alone it shapes Arabic, and stays.
    """
    pieces = []
    for is_unfit, group in groupby(text, key=unfit.__contains__):
        run = "".join(group)
        missing = run.replace(_JOINER, "") if is_unfit else ""
        replaced.extend(missing)
        pieces.append(_stand_in(missing) if missing else run)
    return "".join(pieces)


def _references(html: str) -> set[str]:
    """Give what the character references in the HTML stand for."""
    return {_unescaped(reference) for reference in set(_REFERENCE.findall(html))}


def _unescaped(reference: str) -> str:
    """Give what a character reference stands for; for a control character or none at all, U+0000."""
    return markup.unescape(reference) or "\0"


def _resolved(reference: str, unfit: frozenset[str]) -> str:
    """Give a reference's text if that cannot stay, else the reference as it was."""
    text = _unescaped(reference)
    return markup.escape(text) if unfit.intersection(text) else reference


def _sorted_out(characters: Iterable[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Tell apart, among characters, those to drop and those to replace; the others can be shown."""
    dropped: set[str] = set()
    missing: set[str] = set()
    for character in characters:
        category = unicodedata.category(character)
        if category in ("Cc", "Zl", "Zp") or character in _ANNOTATION_MARKS or _only_varies(character):
            dropped.add(character)
        elif category in ("Co", "Cs") or not _has_glyph(character):
            # A font's private-use glyph means nothing to a reader elsewhere, and PDF/A refuses it.
            (dropped if category == "Cf" else missing).add(character)
    return frozenset(dropped), frozenset(missing)


def _only_varies(character: str) -> bool:
    """Whether a character only picks a colour or skin tone of the one before: our fonts have none."""
    return (
        "\ufe00" <= character <= "\ufe0f"
        or "\U000e0100" <= character <= "\U000e01ef"
        or "\U0001f3fb" <= character <= "\U0001f3ff"
    )


def _has_glyph(character: str) -> bool:
    return any(ord(character) in _code_points(file) for file in _WIDEST_FACES)


@cache
def _code_points(file: str) -> frozenset[int]:
    """Give the code points that a shipped font maps to a glyph."""
    from fontTools.ttLib import TTFont

    with TTFont(_path_of(file), lazy=True) as font:
        return frozenset(font.getBestCmap())


def characters_by_glyph(file: str) -> dict[int, str]:
    """Give the character that a shipped font has each glyph for: the lowest, and none of private use.

    Args:
        file: the name of one of the `FACES`.
    """
    from fontTools.ttLib import TTFont

    with TTFont(_path_of(file), lazy=True) as font:
        by_name = {name: chr(min(codes)) for name, codes in font["cmap"].buildReversed().items()}
        return {font.getGlyphID(name): c for name, c in by_name.items() if unicodedata.category(c) != "Co"}


def _path_of(file: str) -> Path:
    return next(face.path for face in FACES if face.file == file)


def _stand_in(run: str) -> str:
    """Give the text that stands for a run of characters without glyphs."""
    shown = ", ".join(_spoken(character) for character in run[:MOST_SHOWN])
    more = f" and {len(run) - MOST_SHOWN} more" if len(run) > MOST_SHOWN else ""
    return f"[{shown}{more}]"


def _spoken(character: str) -> str:
    """Give a symbol's name, or the code of a character whose name says nothing to most readers."""
    name = unicodedata.name(character, "") if unicodedata.category(character) == "So" else ""
    return name.lower() or f"U+{ord(character):04X}"
