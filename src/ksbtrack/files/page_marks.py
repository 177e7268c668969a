"""The mark of each page of a PDF: what it shows, as a digest that saving the file again does not change."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pikepdf

_DRAWS = ("/XObject", "/Font", "/Pattern", "/Shading", "/ExtGState", "/ColorSpace")
_MAX_DEPTH = 12


def page_marks(pdf: pikepdf.Pdf) -> list[str]:
    """Give the SHA-256 of what each page shows: its content and all that the content draws with, as raw bytes.

    Links, bookmarks and tags are not in it. A program that packs the streams of a PDF anew changes the marks.

    Args:
        pdf: opened.
    """
    seen: dict[tuple[int, int], bytes] = {}
    return [_mark(page.obj, seen) for page in pdf.pages]


def _mark(page: pikepdf.Object, seen: dict[tuple[int, int], bytes]) -> str:
    digest = hashlib.sha256()
    for key in ("/MediaBox", "/CropBox", "/Rotate"):
        digest.update(key.encode() + _digest(page.get(key), seen, 0))
    digest.update(_digest(page.get("/Contents"), seen, 0))
    for key in _DRAWS:
        drawn_with = page.Resources.get(key) if "/Resources" in page else None
        digest.update(key.encode() + _digest(drawn_with, seen, 0))
    return digest.hexdigest()


def _digest(value: object, seen: dict[tuple[int, int], bytes], depth: int) -> bytes:
    """Give the digest of a value and all below it, each indirect object once."""
    import pikepdf

    if depth > _MAX_DEPTH:
        return b"deep"
    if not isinstance(value, (pikepdf.Dictionary, pikepdf.Array, pikepdf.Stream)):
        return hashlib.sha256(repr(value).encode()).digest()
    name = value.objgen if value.is_indirect else None
    if name and name in seen:
        return seen[name]
    if name:
        seen[name] = b"loop"
    digest = hashlib.sha256()
    if isinstance(value, pikepdf.Array):
        for item in value:
            digest.update(_digest(item, seen, depth + 1))
    else:
        for key in sorted(value.keys()):
            if key not in ("/Parent", "/P", "/StructParents", "/StructParent", "/Length"):
                digest.update(key.encode() + _digest(value[key], seen, depth + 1))
        if isinstance(value, pikepdf.Stream):
            digest.update(value.read_raw_bytes())
    if name:
        seen[name] = digest.digest()
    return digest.digest()
