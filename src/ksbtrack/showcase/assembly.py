"""The showcase's own pages and the files of its pieces as one document, tagged throughout, with links and numbers.

Method: pages are copied file by file, their structure trees join under one root, links of the showcase's own pages
get the pages they name, and every page gets its number.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pikepdf import Array, Dictionary, Name, Object, ObjectStreamMode, OutlineItem, Pdf, Stream, String

from ksbtrack.files.page_marks import page_marks
from ksbtrack.report.pdf import Layout
from ksbtrack.showcase.parts import Form, PreparedFile
from ksbtrack.showcase.stamps import stamp, stamp_font
from ksbtrack.showcase.structure import StructureTree
from ksbtrack.showcase.targets import LINK


@dataclass(frozen=True, slots=True)
class Pages:
    """The showcase's own pages as a PDF, and where everything in them lies."""

    pdf: bytes
    layout: Layout


@dataclass(frozen=True, slots=True)
class Bookmark:
    """One line of the document's outline: words, the place they lead to, and what is below it."""

    title: str
    place: str
    below: tuple[Bookmark, ...] = ()


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A file that travels inside the document."""

    name: str
    content: bytes
    description: str
    media_type: str
    relationship: str = "/Supplement"


class Assembly:
    """A showcase in the making: opened on its first pages, closed by `content`."""

    def __init__(self, front: Pages, files: Sequence[PreparedFile], back: Pages) -> None:
        """Copy all pages into one document and join their structure.

        Args:
            front: the pages before the files.
            files: the files of the pieces, in order.
            back: the pages after them.
        """
        self.front, self.files, self.back = front, files, back
        self.document = Pdf.open(io.BytesIO(front.pdf))
        self._tree = StructureTree(self.document)
        self._sources: list[Pdf] = []  # they give their bytes only when the document is written
        self._parts: list[Object] = []
        for file in files:
            self._join(file.pdf, f"{file.piece}, file {file.number}: {file.name}", f"{file.piece}-{file.number}-")
        self._join(back.pdf, "Annexes", "back-")
        self.pages = [page.obj for page in self.document.pages]
        self.numbers = number_places(front.layout, files, back.layout)
        self._heights = {**front.layout.places, **back.layout.places}

    def _join(self, content: bytes, title: str, prefix: str) -> None:
        source = Pdf.open(io.BytesIO(content))
        self._sources.append(source)
        before = len(self.document.pages)
        self.document.add_pages_from(source)
        after = len(self.document.pages)
        pages: list[Object] = [self.document.pages[number].obj for number in range(before, after)]
        tree = self.document.copy_foreign(source.Root.StructTreeRoot)
        language = source.Root.get("/Lang")
        part = self._tree.join(tree, pages, title, prefix, str(language) if language is not None else None)
        self._parts.append(part)

    def link(self) -> None:
        """Turn each link to a place of the showcase into one to its page.

        Raises:
            KeyError: a link names no place: a fault in a template.
        """
        own = [*self.pages[: self.front.layout.pages], *self.pages[len(self.pages) - self.back.layout.pages :]]
        for page in own:
            for annotation in page.get("/Annots", Array()):
                address = str(annotation.get("/A", Dictionary()).get("/URI", ""))
                if address.startswith(LINK):
                    place = address.removeprefix(LINK)
                    del annotation["/A"]
                    annotation.Dest = self._destination(place)
                    annotation.Contents = String(f"Page {self.numbers[place]}")

    def _destination(self, place: str) -> Array:
        page = self.pages[self.numbers[place] - 1]
        if place in self._heights:
            return Array([page, Name.FitH, round(self._heights[place][1] + 6, 2)])
        return Array([page, Name.Fit])

    def stamp(self) -> None:
        """Draw its number on every page, and on every page of a file what it is, linked to the piece in Annex B."""
        font = stamp_font(self.document)
        total = len(self.pages)
        own = dict.fromkeys(range(total), "")
        last_of = {file.piece: file.number for file in self.files}
        number = self.front.layout.pages
        for file, part in zip(self.files, self._parts, strict=False):
            of_several = f" of {last_of[file.piece]}" if last_of[file.piece] > 1 else ""
            pages = self.pages[number : number + file.pages]
            links: list[tuple[Object, Object]] = []
            for page in range(1, file.pages + 1):
                of_file = f" · page {page} of {file.pages}" if file.pages > 1 else ""
                header = f"{file.piece} · file {file.number}{of_several}{of_file}"
                area = stamp(self.document, self.pages[number], font, f"Page {number + 1} of {total}", header)
                links += self._link_back(self.pages[number], part, file.piece, area)
                del own[number]
                number += 1
            self._tree.place_on_pages(part, links, pages)
        for number in own:
            stamp(self.document, self.pages[number], font, f"Page {number + 1} of {total}")

    def _link_back(self, page: Object, part: Object, piece: str, area: Array | None) -> Iterator[tuple[Object, Object]]:
        """Let the header of a page of evidence lead to its piece in Annex B; yield the link's element and its page."""
        place = f"annex-b-{piece}"
        if area is None or place not in self.numbers:
            return
        element = self.document.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Link, P=part, Pg=page, K=Array()))
        words = String(f"To {piece} in Annex B, page {self.numbers[place]}")
        annotation = self.document.make_indirect(
            Dictionary(
                Type=Name.Annot,
                Subtype=Name.Link,
                Rect=area,
                Border=Array([0, 0, 0]),
                F=4,
                Contents=words,
                Dest=self._destination(place),
                StructParent=self._tree.number_for(element),
            )
        )
        element.K.append(Dictionary(Type=Name.OBJR, Obj=annotation, Pg=page))
        if "/Annots" not in page:
            page.Annots = Array()
        page.Annots.append(annotation)
        page.Tabs = Name.S
        yield element, page

    def outline(self, bookmarks: Sequence[Bookmark]) -> None:
        """Write the outline, and labels that number the pages as they are stamped."""
        with self.document.open_outline() as outline:
            outline.root.clear()
            outline.root.extend(self._item(bookmark) for bookmark in bookmarks)
        self.document.Root.PageMode = Name.UseOutlines
        self.document.Root.PageLabels = Dictionary(Nums=Array([0, Dictionary(S=Name.D, St=1)]))

    def _item(self, bookmark: Bookmark) -> OutlineItem:
        item = OutlineItem(bookmark.title, self._destination(bookmark.place))
        item.is_closed = True
        item.children.extend(self._item(below) for below in bookmark.below)
        return item

    def enclose(self, files: Sequence[Enclosed]) -> None:
        """Let files travel inside the document, associated with it as PDF/A-3 asks, in the order of their names."""
        names, associated = Array(), Array()
        for file in sorted(files, key=lambda one: one.name.encode("utf-16-be")):
            stream = self.document.make_stream(
                file.content,
                Type=Name.EmbeddedFile,
                Subtype=Name("/" + file.media_type),
                Params=Dictionary(Size=len(file.content)),
            )
            specification = self.document.make_indirect(
                Dictionary(
                    Type=Name.Filespec,
                    F=String(file.name),
                    UF=String(file.name),
                    Desc=String(file.description),
                    AFRelationship=Name(file.relationship),
                    EF=Dictionary(F=stream, UF=stream),
                )
            )
            names.append(String(file.name))
            names.append(specification)
            associated.append(specification)
        if "/Names" not in self.document.Root:
            self.document.Root.Names = Dictionary()
        self.document.Root.Names.EmbeddedFiles = Dictionary(Names=names)
        self.document.Root.AF = associated

    def marks(self) -> list[str]:
        """Give the mark of each page as it will be written."""
        # Saving packs what is not packed yet, and a mark is of the packed bytes. It also takes the packing from a
        # stream that says to be packed and has not one byte, such as the content of an empty page.
        for item in self.document.objects:
            if not isinstance(item, Stream) or item.get("/Type") == Name.Metadata:
                continue
            raw = item.read_raw_bytes()
            if "/Filter" not in item or not raw:
                item.write(zlib.compress(raw), filter=Name.FlateDecode)
        return page_marks(self.document)

    def content(self) -> bytes:
        """Give the document's bytes, and close it."""
        self._tree.finish()
        output = io.BytesIO()
        self.document.save(output, deterministic_id=True, object_stream_mode=ObjectStreamMode.generate)
        for source in (*self._sources, self.document):
            source.close()
        return output.getvalue()


def number_places(front: Layout, files: Sequence[PreparedFile], back: Layout) -> Mapping[str, int]:
    """Give the final page of each place: of the elements with an id, of each file, and of each of its pages.

    Args:
        front: the pages before the files.
        files: the files, in order.
        back: the pages after them.
    """
    numbers = {name: page + 1 for name, (page, _) in front.places.items()}
    page = front.pages
    for file in files:
        numbers[f"file-{file.piece}-{file.number}"] = page + 1
        if file.form is Form.PAGES:
            numbers |= {f"page-{file.piece}-{file.number}-{own}": page + own for own in range(1, file.pages + 1)}
        page += file.pages
    return numbers | {name: page + own + 1 for name, (own, _) in back.places.items()}
