"""The marks of a PDF: what each page shows and where it leads, as digests that saving it again does not change."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pikepdf

_DRAWS = ("/XObject", "/Font", "/Pattern", "/Shading", "/ExtGState", "/ColorSpace")
_SHOWS = ("/MediaBox", "/CropBox", "/Rotate")
# Where a page hangs, and what has marks of its own.
_NOT_OF_LINKS = ("/Type", "/Parent", "/StructParents", "/Tabs", "/Contents", "/Resources", "/Annots", *_SHOWS)
_NOT_OF_BOOKMARK = ("/Parent", "/Prev", "/Next", "/First", "/Last", "/Count", "/SE")
_SETTINGS = ("/Lang", "/PageMode", "/ViewerPreferences", "/OutputIntents")
_HANGS_ON = ("/Parent", "/P", "/StructParents", "/StructParent", "/Length")
_MAX_DEPTH = 200
"""Levels that are looked into, two or three for each drawing inside a drawing: readers give up before. A loop ends by
itself, and each level takes one call of the thousand that Python allows."""
_MAX_BOOKMARKS = 100_000


def page_marks(pdf: pikepdf.Pdf) -> list[str]:
    """Give the SHA-256 of what each page shows: its content and all that the content draws with, as raw bytes.

    Where it leads is not in it: see `document_marks`. Tags have no mark. A program that packs the streams of a PDF anew
    changes the marks.

    Args:
        pdf: opened.
    """
    seen: dict[tuple[int, int], bytes] = {}
    return [_mark(page.obj, seen) for page in pdf.pages]


def document_marks(pdf: pikepdf.Pdf) -> dict[str, str | list[str]]:
    """Give the SHA-256 of what leads somewhere in a PDF, and of what it says of itself.

    `links` has one mark for each page: its annotations and actions, with the number of each page they lead to.
    `bookmarks`, `page_labels`, `places` (those that have a name) and `settings` (title, language, how it opens) are of
    the whole document. A signature that shows nothing on a page is not in them.

    Args:
        pdf: opened.
    """
    import pikepdf

    # A link leads to a page by its number: the object that holds a page gets another name whenever a file is saved.
    seen = {page.obj.objgen: b"page %d" % number for number, page in enumerate(pdf.pages, 1)}
    bookmarks = hashlib.sha256()
    for depth, bookmark in bookmarks_of(pdf):
        bookmarks.update(b"%d" % depth + _without(bookmark, _NOT_OF_BOOKMARK, seen))
    settings = hashlib.sha256()
    for key in _SETTINGS:
        settings.update(key.encode() + _digest(pdf.Root.get(key), seen, 0))
    # Saving writes the rest of the metadata anew, and a signature names its program in it.
    settings.update(_digest(pdf.trailer.get("/Info", pikepdf.Dictionary()).get("/Title"), seen, 0))
    settings.update(str(pdf.open_metadata().get("dc:title", "")).encode())
    return {
        "links": [_links_mark(page.obj, seen) for page in pdf.pages],
        "bookmarks": bookmarks.hexdigest(),
        "page_labels": _digest(pdf.Root.get("/PageLabels"), seen, 0).hex(),
        "places": _digest(pdf.Root.get("/Names", pikepdf.Dictionary()).get("/Dests"), seen, 0).hex(),
        "settings": settings.hexdigest(),
    }


def bookmarks_of(pdf: pikepdf.Pdf) -> Iterator[tuple[int, pikepdf.Object]]:
    """Yield each bookmark and how deep it lies, in reading order; one that is reached twice only once.

    Args:
        pdf: opened.
    """
    outlines = pdf.Root.get("/Outlines")
    waiting = [(0, outlines.get("/First"))] if outlines is not None else []
    visited: set[tuple[int, int]] = set()
    while waiting and len(visited) < _MAX_BOOKMARKS:
        depth, bookmark = waiting.pop()
        if bookmark is None or bookmark.objgen in visited:
            continue
        visited.add(bookmark.objgen)
        yield depth, bookmark
        waiting += [(depth, bookmark.get("/Next")), (depth + 1, bookmark.get("/First"))]


def is_unseen_signature(annotation: pikepdf.Object) -> bool:
    """Say whether an annotation is the field of a signature that covers nothing of the page and does nothing."""
    if str(annotation.get("/FT")) != "/Sig" or "/A" in annotation or "/AA" in annotation or "/Kids" in annotation:
        return False
    left, bottom, right, top = (float(value) for value in annotation.get("/Rect", (0, 0, 0, 0)))
    return left == right or bottom == top


def _links_mark(page: pikepdf.Object, seen: dict[tuple[int, int], bytes]) -> str:
    digest = hashlib.sha256(_without(page, _NOT_OF_LINKS, seen))
    for annotation in page.get("/Annots", ()):
        if not is_unseen_signature(annotation):
            digest.update(_without(annotation, (), seen))
    return digest.hexdigest()


def _without(value: pikepdf.Object, keys: tuple[str, ...], seen: dict[tuple[int, int], bytes]) -> bytes:
    """Give the digest of a dictionary without some of its keys, whatever else in the file leads to it."""
    digest = hashlib.sha256()
    for key in sorted(value.keys()):
        if key not in keys and key not in _HANGS_ON:
            digest.update(key.encode() + _digest(value[key], seen, 1))
    return digest.digest()


def _mark(page: pikepdf.Object, seen: dict[tuple[int, int], bytes]) -> str:
    digest = hashlib.sha256()
    for key in _SHOWS:
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
        return hashlib.sha256(_scalar(value)).digest()
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
            if key not in _HANGS_ON:
                digest.update(key.encode() + _digest(value[key], seen, depth + 1))
        if isinstance(value, pikepdf.Stream):
            digest.update(value.read_raw_bytes())
    if name:
        seen[name] = digest.digest()
    return digest.digest()


def _scalar(value: object) -> bytes:
    import pikepdf

    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return str(Decimal(value).normalize()).encode()  # a program may write 32.0 as 32
    return bytes(value) if isinstance(value, pikepdf.String) else repr(value).encode()
