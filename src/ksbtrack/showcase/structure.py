"""Structure trees of several PDFs under one root, so that the joined document stays tagged.

No library does it: qpdf copies pages without their tags. A page names its tags by a number into the document's
parent tree, so the numbers of each joined file move behind those of the files before it.

Sources: ISO 32000-1 clauses 14.7.2 (structure hierarchy) and 14.7.4.4 (finding elements from content).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf, String

MAX_DEPTH = 200
"""Levels of a structure tree: real ones have under 30, and a loop must end."""


class StructureTree:
    """The structure tree of a document that grows file by file."""

    def __init__(self, document: Pdf) -> None:
        """Take over the tree of a document that has one; its Document element becomes the first part."""
        self.document = document
        root = document.Root.StructTreeRoot
        self._parents: list[tuple[int, Object]] = sorted(_entries(root.ParentTree), key=lambda entry: entry[0])
        self._next = 1 + max((key for key, _ in self._parents), default=-1)
        self._roles: dict[str, Object] = dict(root.get("/RoleMap", Dictionary()).items())
        self._root = root
        self.top = document.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Document, P=root, K=Array()))
        self._adopt(root.K, None)
        root.K = Array([self.top])

    def join(self, tree: Object, pages: list[Object], title: str, prefix: str, language: str | None) -> Object:
        """Add a file's tree, whose pages are in the document already, and give the element that holds it.

        Args:
            tree: its root, copied into the document.
            pages: its pages in the document.
            title: what the part is called.
            prefix: makes the ids of its table cells its own.
            language: the file's language, where it names one.
        """
        numbers: dict[int, int] = {}
        for key, value in _entries(tree.get("/ParentTree", Dictionary())):
            # Numbered anew without gaps: a file may have chosen numbers at the end of what a PDF can hold.
            numbers[key] = self.number_for(value)
        for holder, name in _numbered(pages):
            moved = numbers.get(int(holder[name]))
            if moved is None:
                del holder[name]
            else:
                holder[name] = moved
        roles = self._join_roles(tree.get("/RoleMap", Dictionary()), prefix)
        if (kids := tree.get("/K")) is not None:
            _rename(kids, prefix, roles)
        part = self._adopt(kids, title)
        if language:
            part.Lang = String(language)
        return part

    def place_on_pages(self, part: Object, elements: Sequence[tuple[Object, Object]], pages: Sequence[Object]) -> None:
        """Put elements among those of a part where the reading comes to their pages.

        Args:
            part: of `join`.
            elements: each with its page, in the order of the pages.
            pages: of the part, in order.
        """
        order = {page.objgen: place for place, page in enumerate(pages)}
        waiting = list(reversed(elements))
        kids = Array()
        for kid in part.K:
            page = _first_page(kid)
            while waiting and page is not None and order.get(page.objgen, -1) >= order[waiting[-1][1].objgen]:
                kids.append(waiting.pop()[0])
            kids.append(kid)
        for element, _ in reversed(waiting):
            kids.append(element)
        part.K = kids

    def number_for(self, element: Object) -> int:
        """Give a new number by which a page or an annotation names its element or elements."""
        number = self._next
        self._next += 1
        self._parents.append((number, element))
        return number

    def finish(self) -> None:
        """Write the joined parent tree and role map into the document."""
        numbers = Array()
        for key, value in self._parents:
            numbers.append(key)
            numbers.append(value)
        self._root.ParentTree = self.document.make_indirect(Dictionary(Nums=numbers))
        self._root.ParentTreeNextKey = self._next
        if self._roles:
            self._root.RoleMap = Dictionary(self._roles)
        for name in ("/IDTree", "/ClassMap"):
            # Ids were renamed, and no reader needs the tree to find them; classes of several files would collide.
            if name in self._root:
                del self._root[name]

    def _adopt(self, kids: Object | None, title: str | None) -> Object:
        """Put elements under the top as one part."""
        part = self.document.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Part, P=self.top, K=Array()))
        if title is not None:
            part.T = String(title)
        for kid in _listed(kids):
            if not isinstance(kid, Dictionary):
                continue
            of_document = _listed(kid.get("/K")) if kid.get("/S") == Name.Document else [kid]
            for element in of_document:
                if isinstance(element, Dictionary):
                    element.P = part
                    part.K.append(element)
        self.top.K.append(part)
        return part

    def _join_roles(self, roles: Object, prefix: str) -> dict[str, Name]:
        """Take over what a file's own element types stand for, and give new names for those that others have too."""
        renamed: dict[str, Name] = {}
        for key, standard in roles.items():
            if self._roles.get(key, standard) == standard:
                self._roles[key] = standard
            else:
                renamed[key] = Name(f"/{prefix}{key[1:]}")
                self._roles[str(renamed[key])] = standard
        return renamed


def _first_page(element: Object) -> Object | None:
    """Give the page on which the reading of an element begins; None where it does not say."""
    for _ in range(MAX_DEPTH):
        if not isinstance(element, Dictionary):
            return None
        if "/Pg" in element:
            return element.Pg
        kids = _listed(element.get("/K"))
        if not kids:
            return None
        element = kids[0]
    return None


def _listed(kids: Object | None) -> list[Object]:
    """Give the kids of an element, which may be a single one, as a list."""
    if kids is None:
        return []
    return list(kids) if isinstance(kids, Array) else [kids]


def _entries(node: Object, depth: int = 0) -> Iterator[tuple[int, Object]]:
    """Yield the entries of a number tree."""
    numbers = node.get("/Nums", Array())
    for place in range(0, len(numbers) - 1, 2):
        yield int(numbers[place]), numbers[place + 1]
    if depth < MAX_DEPTH:
        for kid in node.get("/Kids", Array()):
            yield from _entries(kid, depth + 1)


def _numbered(pages: list[Object]) -> Iterator[tuple[Object, str]]:
    """Yield all that names elements by number: pages, annotations, and drawings and images with tags of their own."""
    seen: set[tuple[int, int]] = set()
    for page in pages:
        if "/StructParents" in page:
            yield page, "/StructParents"
        for annotation in page.get("/Annots", Array()):
            if annotation.is_indirect and annotation.objgen in seen:
                continue
            if annotation.is_indirect:
                seen.add(annotation.objgen)
            if "/StructParent" in annotation:
                yield annotation, "/StructParent"
        yield from _numbered_drawings(page.get("/Resources", Dictionary()), seen, 0)


def _numbered_drawings(resources: Object, seen: set[tuple[int, int]], depth: int) -> Iterator[tuple[Object, str]]:
    for drawing in resources.get("/XObject", Dictionary()).values():
        if not isinstance(drawing, pikepdf.Stream) or drawing.objgen in seen or depth > MAX_DEPTH:
            continue
        seen.add(drawing.objgen)
        for key in ("/StructParents", "/StructParent"):
            if key in drawing:
                yield drawing, key
        yield from _numbered_drawings(drawing.get("/Resources", Dictionary()), seen, depth + 1)


def _rename(kids: Object, prefix: str, roles: dict[str, Name]) -> None:
    """Make ids and colliding types a file's own, below the given elements."""
    seen: set[tuple[int, int]] = set()
    to_see = _listed(kids)
    while to_see:
        element = to_see.pop()
        if not isinstance(element, Dictionary) or element.get("/Type") in (Name.MCR, Name.OBJR):
            continue
        if element.is_indirect:
            if element.objgen in seen:
                continue
            seen.add(element.objgen)
        _rename_one(element, prefix, roles)
        to_see.extend(_listed(element.get("/K")))


def _rename_one(element: Object, prefix: str, roles: dict[str, Name]) -> None:
    if "/ID" in element:
        element.ID = String(prefix + str(element.ID))
    kind = str(element.get("/S", ""))
    if kind in roles:
        element.S = roles[kind]
    elif kind == "/H":
        # One document has numbered headings or unnumbered ones, never both.
        element.S = Name.H1
    for attributes in _listed(element.get("/A")):
        if isinstance(attributes, Dictionary) and "/Headers" in attributes:
            attributes.Headers = Array([String(prefix + str(header)) for header in attributes.Headers])
