"""Whether a PDF's own tags hold together so well that its pages can be copied, numbered anew and drawn over.

A validator judges a file by itself. Among other files, its numbers move behind theirs, and a page number is drawn after
the content of each page: what is out of range, belongs to two pages at once, or is left open does harm only then.

Sources: ISO 32000-1 clauses 8.4.2 (q and Q in pairs), 9.4.1 (text objects), 14.6.1 (marked content in pairs), 14.7.4
(what ties content to elements).
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ksbtrack.showcase.cleaning import every_dictionary

if TYPE_CHECKING:
    import pikepdf

MAX_NUMBER = 1_000_000
"""A number by which a page or a link names its tags is smaller: 500 pages have some thousands. PDF readers take numbers
up to 2,147,483,647, which those of several files must not reach together."""
MAX_DEPTH = 200
"""Levels of a structure tree or of its list of numbers: real ones have under 30."""
MAX_CONTENT_BYTES = 32 * 1024**2
"""Bytes of the contents of all pages that are looked through, in some seconds: 500 pages of text have 5 MB."""
MAX_PAIRS = 500_000
"""Pairs of operators that open and close, on all pages together: half a page of text has 100. A million of them take 3
seconds and 300 MB to look through."""

_OPENING = {"q": "Q", "BT": "ET", "BDC": "EMC", "BMC": "EMC"}
_OPERATORS = "q Q BT ET BDC BMC EMC"
_END = b"ksbtrackEnd"
_LIKE_OPERATORS = re.compile(rb"(?<![A-Za-z])(?:q|Q|BT|ET|BDC|BMC|EMC)(?![A-Za-z])")

_Id = tuple[int, int]
"""The number of an object in its file, and its generation."""


class LooseTagsError(Exception):
    """Tags that do not hold together; the words say where."""


def check_tags(pdf: pikepdf.Pdf) -> None:
    """Check that each page's content and its tags name each other, and that nothing of a page is another's too.

    Args:
        pdf: cleaned; its tags need not be valid otherwise.

    Raises:
        LooseTagsError: they do not.
    """
    import pikepdf

    root = pdf.Root.get("/StructTreeRoot")
    if not isinstance(root, pikepdf.Dictionary):
        raise LooseTagsError("there is no structure tree")
    entries = _entries(root.get("/ParentTree"))
    _check_numbers(pdf, entries)
    try:
        _check_contents(pdf, entries, _elements(root))
    except pikepdf.PikepdfError as error:
        raise LooseTagsError("a page's content cannot be read") from error


def _entries(tree: Any) -> dict[int, Any]:
    """Give what each number of a structure's parent tree names."""
    from pikepdf import Array, Dictionary

    key: Any
    entries: dict[int, Any] = {}
    for node in _each_once(tree, "/Kids"):
        numbers = node.get("/Nums", Array())
        if not isinstance(numbers, Array) or len(numbers) % 2:
            raise LooseTagsError("the parent tree is no list of numbers and elements")
        listed = list(numbers)
        for key, value in zip(listed[::2], listed[1::2], strict=True):
            if not _is_number(key) or key in entries or not isinstance(value, (Array, Dictionary)):
                raise LooseTagsError("the parent tree has an entry out of order")
            entries[key] = value
    return entries


def _elements(root: pikepdf.Object) -> set[_Id]:
    """Give all elements that a structure tree leads to from its root."""
    return {element.objgen for element in _each_once(root, "/K") if element.is_indirect}


def _each_once(root: Any, below: str) -> Iterator[pikepdf.Object]:
    """Yield the dictionaries of a tree.

    Raises:
        LooseTagsError: one comes twice, or lies too deep: then it is no tree.
    """
    from pikepdf import Array, Dictionary

    to_see: list[tuple[Any, int]] = [(root, 0)]
    seen: set[_Id] = set()
    while to_see:
        node, depth = to_see.pop()
        if not isinstance(node, Dictionary):
            continue
        if depth > MAX_DEPTH or (node.is_indirect and node.objgen in seen):
            raise LooseTagsError("a tree of the structure is deep beyond reason, or leads back into itself")
        if node.is_indirect:
            seen.add(node.objgen)
        yield node
        kids = node.get(below)
        to_see += [(kid, depth + 1) for kid in (kids if isinstance(kids, Array) else [kids])]


def _check_numbers(pdf: pikepdf.Pdf, entries: dict[int, Any]) -> None:
    """Check that what names its tags by a number does so with one that is its own and leads somewhere."""
    taken: set[int] = set()
    for item in every_dictionary(pdf.Root):
        for name in ("/StructParents", "/StructParent"):
            if name not in item:
                continue
            number: Any = item[name]
            if not _is_number(number) or number not in entries or number in taken:
                raise LooseTagsError(f"{name} is out of range, leads nowhere or is another's")
            taken.add(number)


def _is_number(number: object) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and 0 <= number < MAX_NUMBER


def _check_contents(pdf: pikepdf.Pdf, entries: dict[int, Any], elements: set[_Id]) -> None:
    import pikepdf

    page_of: dict[_Id, int] = {}
    left, pairs_left = MAX_CONTENT_BYTES, MAX_PAIRS * 2
    for index, page in enumerate(pdf.pages):
        contents = []
        for stream in _streams(page.obj):
            content = stream.read_bytes()
            left -= len(content)
            pairs_left -= sum(1 for _ in _LIKE_OPERATORS.finditer(content)) if left >= 0 else 0
            if left < 0 or pairs_left < 0:
                raise LooseTagsError("the pages have too much content to be looked through")
            if page_of.setdefault(stream.objgen, index) != index and b"BDC" in content:
                raise LooseTagsError("two pages share content with marks")
            contents.append(content)
        instructions = _instructions(pdf, b"\n".join(contents))
        _check_pairs([str(one.operator) for one in instructions])
        own: Any = page.obj.get("/StructParents")
        named = entries.get(own)
        listed = list(named) if isinstance(named, pikepdf.Array) else []
        for number in _marked_numbers(page.obj, instructions):
            element = listed[number] if _is_number(number) and number < len(listed) else None
            if not isinstance(element, pikepdf.Dictionary) or element.objgen not in elements:
                raise LooseTagsError("a page marks content for which there is no element")


def _streams(page: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """Yield the streams of a page's content."""
    from pikepdf import Array, Stream

    contents = page.get("/Contents")
    for stream in contents if isinstance(contents, Array) else [contents]:
        if isinstance(stream, Stream):
            yield stream


def _instructions(pdf: pikepdf.Pdf, content: bytes) -> list[Any]:
    """Give what in a page's content opens and closes, if it can be read to its end, and what is drawn after it too."""
    import pikepdf

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        found = list(
            pikepdf.parse_content_stream(pdf.make_stream(content + b"\n" + _END), f"{_OPERATORS} {_END.decode()}")
        )
    # A text or a list that is never closed swallows all behind it.
    if not found or str(found[-1].operator) != _END.decode() or len(found[-1].operands):
        raise LooseTagsError("a page's content cannot be read to its end")
    return found[:-1]


def _check_pairs(operators: list[str]) -> None:
    """Check that all that a page opens is closed on it, and nothing else."""
    still_open = dict.fromkeys(_OPENING.values(), 0)
    for operator in operators:
        if operator in _OPENING:
            still_open[_OPENING[operator]] += 1
            continue
        still_open[operator] -= 1
        if still_open[operator] < 0:
            raise LooseTagsError(f"a page's content closes with {operator} what it did not open")
    if any(still_open.values()):
        raise LooseTagsError("a page's content leaves something open")


def _marked_numbers(page: pikepdf.Object, instructions: Any) -> Iterator[Any]:
    """Yield the numbers by which a page's content is marked as an element's."""
    from pikepdf import Dictionary, Name

    resources = page.get("/Resources")
    lists = resources.get("/Properties") if isinstance(resources, Dictionary) else None
    for instruction in instructions:
        operands = list(instruction.operands)
        if str(instruction.operator) != "BDC" or not operands:
            continue
        properties = operands[-1]
        if isinstance(properties, Name) and isinstance(lists, Dictionary):
            properties = lists.get(str(properties))
        if isinstance(properties, Dictionary) and "/MCID" in properties:
            yield properties["/MCID"]
