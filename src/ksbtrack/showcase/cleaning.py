"""What a PDF can do besides being read is taken out of it, and said: scripts, actions, forms, files inside it."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from copy import copy
from typing import TYPE_CHECKING, Any

from ksbtrack.problems import several

if TYPE_CHECKING:
    import pikepdf

MAX_STREAM_BYTES = 256 * 1024**2
"""Bytes that one stream of a PDF may unpack to: a page scanned in colour at 600 dpi has 105 MB."""
MAX_UNPACKED_BYTES = 1024**3
"""Bytes that all streams of one PDF may unpack to: 500 pages scanned in grey at 150 dpi."""

_CHUNK = 1024 * 1024

_ROOT_KEPT = ("/Type", "/Pages", "/StructTreeRoot", "/MarkInfo", "/Lang", "/Version")
_PAGE_KEPT = (
    "/Type",
    "/Parent",
    "/Resources",
    "/MediaBox",
    "/CropBox",
    "/Contents",
    "/Rotate",
    "/Group",
    "/Annots",
    "/StructParents",
    "/Tabs",
    "/UserUnit",
)
_LINK_KEPT = ("/Type", "/Subtype", "/Rect", "/QuadPoints", "/Contents", "/StructParent", "/Border", "/BS", "/C")
_ANYWHERE_DROPPED = ("/AA", "/AF", "/EF", "/JS", "/PieceInfo", "/OPI", "/Alternates", "/Ref", "/PS", "/CIDSet")
_WEB = ("http:", "https:", "mailto:")

# For each kind of action: what a list of removed things calls one, and many.
_ACTIONS = {
    "/JavaScript": ("script (JavaScript)", "scripts (JavaScript)"),
    "/Launch": ("action that starts a program", "actions that start a program"),
    "/SubmitForm": ("action that sends a form", "actions that send a form"),
    "/ImportData": ("action that reads data in", "actions that read data in"),
    "/ResetForm": ("action that empties a form", "actions that empty a form"),
    "/GoToR": ("link into another file", "links into another file"),
    "/GoToE": ("link into an embedded file", "links into embedded files"),
    "/Rendition": ("action that plays media", "actions that play media"),
    "/Movie": ("action that plays media", "actions that play media"),
    "/Sound": ("action that plays media", "actions that play media"),
    "/RichMediaExecute": ("action that plays media", "actions that play media"),
    "/GoTo3DView": ("action that turns a 3D scene", "actions that turn a 3D scene"),
    "/Hide": ("action that hides something", "actions that hide something"),
    "/SetOCGState": ("action that switches layers", "actions that switch layers"),
}
_MARKS = {
    "/FileAttachment": ("attached file", "attached files"),
    "/Movie": ("film", "films"),
    "/Sound": ("sound", "sounds"),
    "/Screen": ("film or sound", "films or sounds"),
    "/RichMedia": ("film, sound or scene", "films, sounds or scenes"),
    "/3D": ("3D scene", "3D scenes"),
}
_LINK_GONE = ("link to a place that is no web page", "links to places that are no web pages")
_EMBEDDED = ("embedded file", "embedded files")
_FIELD = ("form field, of which the look stays", "form fields, of which the look stays")
_SIGNATURE = (
    "field for a digital signature, of which the look stays: a copy cannot hold it",
    "fields for digital signatures, of which the look stays: a copy cannot hold them",
)
_COMMENT = ("comment, of which the mark stays", "comments, of which the marks stay")
_FIELD_UNSEEN = ("form field, hidden or without a look", "form fields, hidden or without a look")
_SIGNATURE_UNSEEN = (
    "field for a digital signature, hidden or without a look: a copy cannot hold it",
    "fields for digital signatures, hidden or without a look: a copy cannot hold them",
)
_COMMENT_UNSEEN = ("comment, hidden or without a mark of its own", "comments, hidden or without marks of their own")

_NOWHERE, _NOT_ON_SCREEN = 0b10, 0b10_0000
_HIDDEN = 0b1 | _NOWHERE | _NOT_ON_SCREEN
"""The flags of a mark that no screen shows: invisible, hidden, and for paper only (ISO 32000-1, table 165)."""

_OF_A_COPY = re.compile(r", of which the (?:look stays|marks? stays?)|: a copy cannot hold (?:it|them)$")

Removed = Counter[tuple[str, str]]
"""How often each thing was taken out, by its name for one and for many."""


class TooMuchInsideError(Exception):
    """A PDF that unpacks to more than the stated limits."""


def clean(pdf: pikepdf.Pdf) -> tuple[str, ...]:
    """Take out of a PDF all that acts, asks, plays or hides, and give what that was, in words.

    What a form field or a comment shows becomes part of its page. Links to the web and within the file stay.

    Args:
        pdf: changed in place.

    Raises:
        TooMuchInsideError: a stream, or all together, unpack to more than the limits.
    """
    removed: Removed = Counter()
    _settle_marks(pdf)
    _look_through(pdf, removed)
    targets = _named_places(pdf)
    _flatten(pdf, removed)
    _keep_only(pdf.Root, _ROOT_KEPT)
    gone = set()
    numbers = {page.obj.objgen for page in pdf.pages}
    for page in pdf.pages:
        _keep_only(page.obj, _PAGE_KEPT)
        gone |= _keep_links(page.obj, targets, numbers, removed)
    _mend_roles(pdf)
    for item in every_dictionary(pdf.Root):
        _mend(item, gone)
    return tuple(several(count, *names) for names, count in removed.items())


def as_held(removed: Sequence[str]) -> tuple[str, ...]:
    """Give what `clean` took out of a copy as what the file itself still has.

    Args:
        removed: what `clean` gave.
    """
    return tuple(_OF_A_COPY.sub("", words) for words in removed)


def every_dictionary(root: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """Yield each dictionary and stream that can be reached from one, each once; it may be changed when it comes."""
    from pikepdf import Array, Dictionary, Stream

    kinds = (Array, Dictionary, Stream)
    to_see: list[Any] = [root]
    seen: set[tuple[int, int]] = set()
    while to_see:
        item = to_see.pop()
        if item.is_indirect:
            if item.objgen in seen:
                continue
            seen.add(item.objgen)
        if isinstance(item, Array):
            to_see += [inner for inner in item if isinstance(inner, kinds)]
            continue
        yield item
        to_see += [inner for _, inner in item.items() if isinstance(inner, kinds)]


def _settle_marks(pdf: pikepdf.Pdf) -> None:
    """Give each page annotations of its own: those of two pages are copied, what is none is dropped."""
    from pikepdf import Array, Dictionary

    seen: set[tuple[int, int]] = set()
    for page in pdf.pages:
        if "/Annots" not in page.obj:
            continue
        marks, own = page.obj.Annots, Array()
        for mark in marks if isinstance(marks, Array) else []:
            if not isinstance(mark, Dictionary):
                continue
            if mark.is_indirect and mark.objgen in seen:
                mark = pdf.make_indirect(copy(mark))  # noqa: PLW2901 - the copy stands in its place
                if "/StructParent" in mark:
                    del mark["/StructParent"]  # the tags know of the first one only
            elif not mark.is_indirect:
                mark = pdf.make_indirect(mark)  # noqa: PLW2901 - as tags and flattening want it
            seen.add(mark.objgen)
            own.append(mark)
        page.obj.Annots = own


def _look_through(pdf: pikepdf.Pdf, removed: Removed) -> None:
    """Count what will go, and refuse a PDF that unpacks to too much."""
    from pikepdf import Stream

    unpacked = 0
    embedded: set[tuple[int, int]] = set()
    for item in every_dictionary(pdf.Root):
        if isinstance(item, Stream):
            unpacked += _unpacked_size(item)
            if unpacked > MAX_UNPACKED_BYTES:
                raise TooMuchInsideError(f"{MAX_UNPACKED_BYTES:,} bytes in all")
        action = str(item.get("/S", ""))
        if action in _ACTIONS and "/P" not in item and "/K" not in item:
            removed[_ACTIONS[action]] += 1
        embedded |= _enclosed(item)
    form = pdf.Root.get("/AcroForm")
    if form is not None and "/XFA" in form:
        removed["form in a format of its own (XFA)", "forms in a format of their own (XFA)"] += 1
    looks_are_made = form is not None and bool(form.get("/NeedAppearances"))
    for page in pdf.pages:
        for mark in page.obj.get("/Annots", []):
            _count_mark(mark, removed, looks_are_made=looks_are_made)
            if mark.get("/Subtype") == "/FileAttachment":
                embedded -= _enclosed(mark.get("/FS"))  # it counts as an attached file
    if embedded:
        removed[_EMBEDDED] += len(embedded)


def _enclosed(file: Any) -> set[tuple[int, int]]:
    """Give the stream of an embedded file, which a PDF may name under several keys; nothing for what has none."""
    from pikepdf import Dictionary, Stream

    streams = file.get("/EF") if isinstance(file, Dictionary) else None
    named = [one for _, one in streams.items() if isinstance(one, Stream)] if isinstance(streams, Dictionary) else []
    return {one.objgen for one in named[:1]}


def _count_mark(mark: pikepdf.Object, removed: Removed, *, looks_are_made: bool) -> None:
    kind = str(mark.get("/Subtype", ""))
    if kind == "/Widget":
        parent = mark.get("/Parent")
        field = mark.get("/FT") or (parent.get("/FT") if parent is not None else None)
        is_drawn = _is_drawn(mark, has_look=looks_are_made or "/AP" in mark)
        if field == "/Sig":
            removed[_SIGNATURE if is_drawn else _SIGNATURE_UNSEEN] += 1
        else:
            removed[_FIELD if is_drawn else _FIELD_UNSEEN] += 1
    elif kind in _MARKS:
        removed[_MARKS[kind]] += 1
    elif kind not in ("", "/Link", "/Popup"):
        removed[_COMMENT if _is_drawn(mark, has_look="/AP" in mark) else _COMMENT_UNSEEN] += 1


def _is_drawn(mark: pikepdf.Object, *, has_look: bool) -> bool:
    """Say whether flattening draws a mark: one that has a look and is not hidden."""
    flags: Any = mark.get("/F", 0)
    return has_look and not (isinstance(flags, int) and flags & _HIDDEN)


def _unpacked_size(stream: pikepdf.Object) -> int:
    """Give how many bytes a stream's Flate filters unpack to, without ever holding them.

    Raises:
        TooMuchInsideError: more than the limit.
    """
    from pikepdf import Array

    filters = stream.get("/Filter", Array())
    names = [str(name) for name in filters] if isinstance(filters, Array) else [str(filters)]
    depth = 0
    while depth < len(names) and names[depth] in ("/FlateDecode", "/Fl"):
        depth += 1
    raw = stream.get_raw_stream_buffer()
    if not depth:
        return memoryview(raw).nbytes
    size = 0
    for piece in _unpacked(memoryview(raw), depth):
        size += len(piece)
        if size > MAX_STREAM_BYTES:
            raise TooMuchInsideError(f"{MAX_STREAM_BYTES:,} bytes in one stream")
    return size


def _unpacked(packed: memoryview, depth: int) -> Iterator[bytes]:
    """Yield the pieces of what was packed `depth` times; nothing more after a fault, as readers do."""
    pieces: Iterator[bytes | memoryview] = (packed[begin : begin + _CHUNK] for begin in range(0, packed.nbytes, _CHUNK))
    for _ in range(depth - 1):
        pieces = _inflated(pieces)
    yield from _inflated(pieces)


def _inflated(pieces: Iterator[bytes | memoryview]) -> Iterator[bytes]:
    unpacker = zlib.decompressobj()
    try:
        for piece in pieces:
            rest: bytes | memoryview = piece
            while rest and not unpacker.eof:
                yield unpacker.decompress(rest, _CHUNK)
                rest = unpacker.unconsumed_tail
    except zlib.error:
        return


def _flatten(pdf: pikepdf.Pdf, removed: Removed) -> None:
    """Draw what fields and comments show onto their pages; links stay as they are."""
    if not any(names != _LINK_GONE for names in removed) and "/AcroForm" not in pdf.Root:
        return
    form = pdf.Root.get("/AcroForm")
    if form is not None and form.get("/NeedAppearances"):
        pdf.generate_appearance_streams()
    for page in pdf.pages:
        for mark in page.obj.get("/Annots", []):
            flags: Any = mark.get("/F", 0)
            if isinstance(flags, int) and flags & _NOT_ON_SCREEN:
                mark.F = flags | _NOWHERE  # else what is for paper only would be drawn onto the page
    pdf.flatten_annotations("all")


def _named_places(pdf: pikepdf.Pdf) -> dict[str, pikepdf.Object]:
    """Give the destinations of a file by name, from the old list and the new."""
    import pikepdf

    places: dict[str, pikepdf.Object] = {}
    old = pdf.Root.get("/Dests")
    if isinstance(old, pikepdf.Dictionary):
        places.update({key.removeprefix("/"): value for key, value in old.items()})
    names = pdf.Root.get("/Names")
    if isinstance(names, pikepdf.Dictionary) and isinstance(names.get("/Dests"), pikepdf.Dictionary):
        places.update((str(name), place) for name, place in pikepdf.NameTree(names.Dests).items())
    return places


def _keep_links(
    page: pikepdf.Object,
    targets: dict[str, pikepdf.Object],
    pages: set[tuple[int, int]],
    removed: Removed,
) -> set[tuple[int, int]]:
    """Keep of a page's annotations the links to the web and within the file; give the numbers of those that went."""
    from pikepdf import Array, Dictionary, String

    kept, gone = Array(), set()
    for mark in page.get("/Annots", []):
        if not isinstance(mark, Dictionary):
            continue
        action: Any = mark.get("/A")
        place = _place(mark.get("/Dest", action.get("/D") if _is(action, "/GoTo") else None), targets, pages)
        address = str(action.get("/URI", "")).strip() if _is(action, "/URI") else ""
        is_link = mark.get("/Subtype") == "/Link"
        if is_link and (place is not None or address.casefold().startswith(_WEB)):
            _keep_only(mark, _LINK_KEPT)
            if place is not None:
                mark.Dest = place
            else:
                mark.A = Dictionary(S=action.S, URI=String(address))
            mark.F = 4  # it prints: PDF/A wants every mark to show alike on paper
            if not str(mark.get("/Contents", "")).strip():
                mark.Contents = String(address or "Another place in this file")
            kept.append(mark)
            continue
        if is_link and str(action.get("/S", "") if isinstance(action, Dictionary) else "") not in _ACTIONS:
            removed[_LINK_GONE] += 1
        if mark.is_indirect:
            gone.add(mark.objgen)
        _keep_only(mark, ())
    if len(kept):
        page.Annots = kept
    elif "/Annots" in page:
        del page.Annots
    return gone


def _keep_only(item: pikepdf.Object, keys: Sequence[str]) -> None:
    for key in list(item.keys()):
        if key not in keys:
            del item[key]


def _is(action: Any, kind: str) -> bool:
    from pikepdf import Dictionary

    return isinstance(action, Dictionary) and action.get("/S") == kind


def _place(place: Any, targets: dict[str, pikepdf.Object], pages: set[tuple[int, int]]) -> pikepdf.Object | None:
    """Give a destination as a page and a position on it; None where it leads nowhere."""
    from pikepdf import Array, Dictionary, Name, String

    if isinstance(place, String):
        place = targets.get(str(place))
    elif isinstance(place, Name):
        place = targets.get(str(place).removeprefix("/"))
    if isinstance(place, Dictionary):
        place = place.get("/D")
    if isinstance(place, Array) and len(place) > 1 and isinstance(place[0], Dictionary) and place[0].objgen in pages:
        return place
    return None


def _mend_roles(pdf: pikepdf.Pdf) -> None:
    """Take out of a structure's list of roles those that stand for themselves, as LibreOffice writes them."""
    from pikepdf import Dictionary

    root = pdf.Root.get("/StructTreeRoot")
    roles = root.get("/RoleMap") if isinstance(root, Dictionary) else None
    if isinstance(roles, Dictionary):
        for role in [role for role, meaning in roles.items() if role == meaning]:
            del roles[role]


def _mend(item: pikepdf.Object, gone: set[tuple[int, int]]) -> None:
    """Take out of a dictionary what has no place in a plain copy, and what PDF/A refuses though nothing needs it."""
    from pikepdf import Array, Dictionary

    for key in _ANYWHERE_DROPPED:
        if key in item:
            del item[key]
    subtype = item.get("/Subtype")
    if subtype == "/Image" and item.get("/Interpolate"):
        del item.Interpolate  # only smooths what a viewer enlarges
    if "/Metadata" in item and item.get("/Type") != "/Catalog":
        del item.Metadata
    if item.get("/Type") == "/ExtGState":
        for key in ("/TR", "/TR2", "/HTP"):
            if key in item:
                del item[key]
    kids = item.get("/K")
    if gone and isinstance(kids, (Array, Dictionary)):
        item.K = Array([kid for kid in (kids if isinstance(kids, Array) else [kids]) if not _leads_to(kid, gone)])


def _leads_to(kid: Any, gone: set[tuple[int, int]]) -> bool:
    from pikepdf import Dictionary

    return isinstance(kid, Dictionary) and "/Obj" in kid and kid.Obj.is_indirect and kid.Obj.objgen in gone
