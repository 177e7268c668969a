"""Page numbers and the headers of evidence, drawn over finished pages of any size and rotation.

They are drawn as artifacts, which no screen reader reads out, in the shipped font, with a thin white edge: readable
on whatever is below, and hiding next to nothing of it.
"""

from __future__ import annotations

import io
import re
import string
from dataclasses import dataclass

from pikepdf import Array, Dictionary, Object, Pdf

from ksbtrack.report.pdf import html_to_pdf

SIZE = 7.5
"""Points of the stamped text: the size of a footnote."""
EDGE = 17.0
"""Points between the paper's edge and the text: what every printer can still print."""
SIDE = 34.0
"""Points between the paper's sides and the text."""

_CHARACTERS = string.ascii_letters + string.digits + "-_.,:·"
_SPACE = 280
"""Thousandths of the size between two words: a subset font has no space of its own."""
_FONT = "/KsbtrackStamp"
_SHEET = (
    '<!doctype html><html lang="en-GB"><head><title>Stamps</title><style>body{{font:8pt Inter;'
    'font-feature-settings:"calt" 0,"liga" 0,"kern" 0,"tnum" 1}}</style></head><body><h1>{}</h1></body></html>'
)
_UNICODE = re.compile(rb"<([0-9a-fA-F]{4})>\s*<([0-9a-fA-F]{4})>")


@dataclass(frozen=True, slots=True)
class StampFont:
    """The font of the stamps.

    Attributes:
        font: in the document that is stamped.
        codes: the two bytes that draw each character.
        widths: of each character, in thousandths of the size.
    """

    font: Object
    codes: dict[str, bytes]
    widths: dict[str, float]

    def width(self, text: str) -> float:
        """Give the width of a text at the stamps' size. Unit: points."""
        return sum(self.widths.get(character, _SPACE) for character in text) * SIZE / 1000

    def drawn(self, text: str) -> bytes:
        """Give the operands and operator that show a text in this font, a gap for each space."""
        words = [
            b"<" + b"".join(self.codes[character].hex().encode() for character in word) + b">"
            for word in text.split(" ")
        ]
        return b"[" + f" -{_SPACE} ".encode().join(words) + b"] TJ"


def stamp_font(document: Pdf) -> StampFont:
    """Give the font of the stamps, after putting it into a document.

    It comes from a page that shows each character once, so it is subset and embedded as on any other page.
    """
    with Pdf.open(io.BytesIO(html_to_pdf(_SHEET.format(_CHARACTERS)))) as sheet:
        (font,) = sheet.pages[0].obj.Resources.Font.values()
        codes = {
            chr(int(character, 16)): bytes.fromhex(code.decode())
            for code, character in _UNICODE.findall(font.ToUnicode.read_bytes())
        }
        by_code = _widths(font.DescendantFonts[0].W)
        widths = {character: by_code.get(int.from_bytes(code, "big"), 1000.0) for character, code in codes.items()}
        return StampFont(document.copy_foreign(font), codes, widths)


def _widths(array: Object) -> dict[int, float]:
    """Give the width of each glyph from a font's list: runs of a first glyph and the widths from it on."""
    entries = list(array)
    return {
        int(first) + offset: float(width)
        for first, run in zip(entries[::2], entries[1::2], strict=True)
        for offset, width in enumerate(run)
    }


def stamp(document: Pdf, page: Object, font: StampFont, footer: str, header: str = "") -> Array | None:
    """Draw a page's number at its foot, and a header at its head.

    Args:
        document: that the page is in.
        page: changed in place.
        font: of `stamp_font`.
        footer: at the right of the foot.
        header: at the left of the head; nothing if empty.

    Returns:
        The rectangle of the header in the page's coordinates, for a link; None without a header.
    """
    left, bottom, right, top = _box(page)
    turned = int(page.get("/Rotate", 0)) % 360
    width, height = (right - left, top - bottom) if turned in (0, 180) else (top - bottom, right - left)
    # The way from the page as it is seen to its own coordinates.
    matrix = {
        90: (0.0, 1.0, -1.0, 0.0, right, bottom),
        180: (-1.0, 0.0, 0.0, -1.0, right, top),
        270: (0.0, -1.0, 1.0, 0.0, left, top),
    }.get(turned, (1.0, 0.0, 0.0, 1.0, left, bottom))
    name, has_others = _put_on(page, font)
    drawn = _text(font, name, footer, max(0.0, width - SIDE - font.width(footer)), EDGE, b"Footer")
    # A page of an older showcase has a header of its own at the left.
    x, y = (width - font.width(header)) / 2 if has_others else min(SIDE, width / 4), height - EDGE - SIZE
    if header:
        drawn += _text(font, name, header, x, y, b"Header")
    numbers = " ".join(f"{value:g}" for value in matrix).encode()
    _draw_over(document, page, b"q " + numbers + b" cm\n" + drawn + b"Q")
    if not header:
        return None
    corners = [_moved(matrix, x - 2, y - 3), _moved(matrix, x + font.width(header) + 2, y + SIZE + 1)]
    (x0, x1), (y0, y1) = sorted(corner[0] for corner in corners), sorted(corner[1] for corner in corners)
    return Array([round(x0, 2), round(y0, 2), round(x1, 2), round(y1, 2)])


def _put_on(page: Object, font: StampFont) -> tuple[str, bool]:
    """Give the name under which a page has the font of the stamps, and whether it has a font of older stamps."""
    if "/Resources" not in page:
        page.Resources = Dictionary()
    if "/Font" not in page.Resources:
        page.Resources.Font = Dictionary()
    fonts = page.Resources.Font
    others = 0
    # Pages may share their fonts, so that another page has put it there already.
    while (name := f"{_FONT}{others or ''}") in fonts and fonts[name].objgen != font.font.objgen:
        others += 1
    fonts[name] = font.font
    return name, others > 0


def _box(page: Object) -> tuple[float, float, float, float]:
    """Give the visible part of a page: its crop box within its media box."""
    media = [float(value) for value in page.MediaBox]
    crop = [float(value) for value in page.get("/CropBox", page.MediaBox)]
    media = [min(media[0], media[2]), min(media[1], media[3]), max(media[0], media[2]), max(media[1], media[3])]
    crop = [min(crop[0], crop[2]), min(crop[1], crop[3]), max(crop[0], crop[2]), max(crop[1], crop[3])]
    left, bottom = max(media[0], crop[0]), max(media[1], crop[1])
    right, top = min(media[2], crop[2]), min(media[3], crop[3])
    return (left, bottom, right, top) if left < right and bottom < top else (media[0], media[1], media[2], media[3])


def _moved(matrix: tuple[float, ...], x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def _text(font: StampFont, name: str, text: str, x: float, y: float, kind: bytes) -> bytes:  # noqa: PLR0917
    """Give the operators that draw a text, its white edge first, as an artifact."""
    show = font.drawn(text)
    place = f"1 0 0 1 {x:.2f} {y:.2f} Tm".encode()
    return (
        b"/Artifact <</Type /Pagination /Subtype /" + kind + b">> BDC\n"
        b"BT " + f"{name} {SIZE:g} Tf ".encode() + place + b" 1 Tr 1 1 1 RG 2.4 w 1 J 1 j " + show + b" ET\n"
        b"BT " + f"{name} {SIZE:g} Tf ".encode() + place + b" 0 Tr 0.2 0.2 0.2 rg " + show + b" ET\nEMC\n"
    )


def _draw_over(document: Pdf, page: Object, drawn: bytes) -> None:
    """Put operators behind a page's content, which is kept from changing how they draw."""
    old = page.get("/Contents", Array())
    contents = list(old) if isinstance(old, Array) else [old]
    page.Contents = Array([document.make_stream(b"q\n"), *contents, document.make_stream(b"\nQ\n" + drawn)])
