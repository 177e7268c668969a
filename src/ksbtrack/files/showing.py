"""What of a PDF or a picture is beyond what a showcase can show: limits, and a look at a file before one is made."""

from __future__ import annotations

import math
import struct
import zlib
from typing import TYPE_CHECKING, BinaryIO

from ksbtrack.files.images import FRAMES
from ksbtrack.files.pdfs import qpdf_limits

if TYPE_CHECKING:
    import pikepdf

MAX_SHOWN_PAGES = 500
"""Pages of one PDF in a showcase. The plans seen ask for 5 to 18 pieces: no assessor reads 500 pages of one."""
LONGEST_SIDE = 14_400
"""Points of a page's longer side, 5.08 m: the most that PDF readers take (ISO 32000-1, annex C.2)."""
SHORTEST_SIDE = 3
"""Points of a page's shorter side, 1 mm: the least that PDF readers take (ISO 32000-1, annex C.2)."""
MAX_SHOWN_PIXELS = 50_000_000
"""Pixels of a picture that are unpacked: a phone's 48-megapixel photograph fits, and takes 200 MB for a moment."""
MAX_SHOWN_FRAMES = 100
"""Pages of one TIFF file that are shown: more scanned pages belong into a PDF."""
NEEDED_PIXELS = 2_338
"""Pixels of the longer side of a picture on its page: A4 at 200 pixels an inch."""

_EDGES = 4
_JPEG_SCALES = (8, 4, 2)

Box = tuple[float, ...]
"""Left, bottom, right and top, in points."""


def beyond_showing(stream: BinaryIO, size: int, content: str, pages: int | None) -> str:
    """Give why a showcase could not show a PDF or a picture, as a clause; nothing where it can, or nobody can tell.

    Pictures in HEIC and AVIF are not looked into.

    Args:
        stream: the file, open for reading; loading found it to be whole.
        size: its bytes.
        content: what `sniff` calls its content.
        pages: its pages or frames, as loading counted them.
    """
    if content == "pdf":
        if (pages or 0) > MAX_SHOWN_PAGES:
            return f"has {pages:,} pages"
        return _pdf_fault(stream, size)
    if content == "tiff" and (pages or 0) > MAX_SHOWN_FRAMES:
        return f"has {pages:,} pages"
    return _picture_fault(stream, content) if content in FRAMES else ""


def _pdf_fault(stream: BinaryIO, size: int) -> str:
    import pikepdf

    stream.seek(0)
    try:
        with (
            qpdf_limits(size),
            pikepdf.open(stream, inherit_page_attributes=False, access_mode=pikepdf.AccessMode.stream) as pdf,
        ):
            return page_fault(pdf)
    except (pikepdf.PikepdfError, ValueError, TypeError, AttributeError, LookupError, RuntimeError):
        return ""


def _picture_fault(stream: BinaryIO, content: str) -> str:
    stream.seek(0)
    try:
        for width, height in FRAMES[content](stream):
            scale = _jpeg_scale(width, height) if content == "jpeg" else 1
            if math.ceil(width / scale) * math.ceil(height / scale) > MAX_SHOWN_PIXELS:
                return f"has {width:,} × {height:,} pixels"
            if content != "tiff":
                break
    except (OSError, SyntaxError, ValueError, LookupError, TypeError, ArithmeticError, struct.error, zlib.error):
        return ""
    return ""


def _jpeg_scale(width: int, height: int) -> int:
    """Give by how much a JPEG is made smaller as it is unpacked, so that it is still large enough for its page."""
    most = min(width // NEEDED_PIXELS, height // NEEDED_PIXELS)
    return next((scale for scale in _JPEG_SCALES if most >= scale), 1)


def page_fault(pdf: pikepdf.Pdf) -> str:
    """Give what is wrong with the size of the first page that cannot be shown, as a clause; nothing if all can be.

    Args:
        pdf: opened so that its pages have what they inherit only where it stands: else one gets a size made up.
    """
    from pikepdf import Array, Dictionary

    to_see: list[tuple[object, object, object]] = [(pdf.Root.get("/Pages"), None, None)]
    seen: set[tuple[int, int]] = set()
    number = 0
    while to_see and number <= MAX_SHOWN_PAGES:
        node, sheet, shown = to_see.pop()
        if not isinstance(node, Dictionary) or (node.is_indirect and node.objgen in seen):
            continue
        seen.add(node.objgen)
        sheet, shown = node.get("/MediaBox", sheet), node.get("/CropBox", shown)
        kids = node.get("/Kids")
        if isinstance(kids, Array):
            to_see += [(kid, sheet, shown) for kid in reversed(list(kids)[: MAX_SHOWN_PAGES + 1])]
            continue
        number += 1
        found = settled_boxes(sheet, shown)
        if isinstance(found, str):
            return f"page {number} {found}"
    return ""


def settled_boxes(media: object, crop: object) -> tuple[Box, Box | None] | str:
    """Give the sheet of a page and what is shown of it; or what is wrong with them, as a clause.

    Args:
        media: the page's MediaBox, whatever it is.
        crop: its CropBox; what lies outside the sheet is cut off, and one that leaves nothing is passed over.
    """
    sheet = read_box(media)
    if sheet is None:
        return "has no size"
    shown = read_box(crop)
    if shown is not None:
        lower = (max(a, b) for a, b in zip(shown[:2], sheet[:2], strict=True))
        upper = (min(a, b) for a, b in zip(shown[2:], sheet[2:], strict=True))
        shown = (*lower, *upper)
        if min(_sides(shown)) < SHORTEST_SIDE:
            shown = None
    for box in (sheet, shown or sheet):
        width, height = _sides(box)
        if min(width, height) < SHORTEST_SIDE or max(width, height) > LONGEST_SIDE:
            return f"measures {width:,.0f} × {height:,.0f} points"
    return sheet, shown


def _sides(box: Box) -> tuple[float, float]:
    return box[2] - box[0], box[3] - box[1]


def read_box(box: object) -> Box | None:
    """Give a box with its lower left corner first; None for what is none."""
    from pikepdf import Array

    if not isinstance(box, Array) or len(box) != _EDGES:
        return None
    try:
        left, bottom, right, top = (float(edge) for edge in box)
    except (TypeError, ValueError):
        return None
    if not all(math.isfinite(edge) for edge in (left, bottom, right, top)):
        return None
    return min(left, right), min(bottom, top), max(left, right), max(bottom, top)
