"""Pages without tags, each tagged as one figure with words in its place: the honest way in for a copy."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ksbtrack.showcase.conformity import LANGUAGE

if TYPE_CHECKING:
    import pikepdf

_MARKED = (b"BDC", b"BMC")


def wrap_pages(pdf: pikepdf.Pdf, alternatives: Sequence[str]) -> None:
    """Make each page one figure: its content becomes a drawing, shown inside one mark.

    Args:
        pdf: changed in place; whatever structure it had goes.
        alternatives: for each page, the words that stand for it.
    """
    from pikepdf import Array, Dictionary, Name

    for page in pdf.pages:
        # The bytes are read before the contents are replaced: a drawing made of the page itself would draw itself.
        content = _without_marks(pdf, page.obj.get("/Contents"))
        drawing = pdf.make_stream(
            content,
            Type=Name.XObject,
            Subtype=Name.Form,
            BBox=Array(list(page.mediabox)),
            Resources=page.obj.get("/Resources", Dictionary()),
        )
        if "/Group" in page.obj:
            drawing.Group = page.obj.Group
        page.obj.Resources = Dictionary(XObject=Dictionary(Evidence=drawing))
        page.obj.Contents = pdf.make_stream(b"/Figure <</MCID 0>> BDC q /Evidence Do Q EMC")
    _clean_drawings(pdf)
    tag_figures(pdf, alternatives)


def tag_figures(pdf: pikepdf.Pdf, alternatives: Sequence[str]) -> None:
    """Write the structure of a PDF each of whose pages marks one figure with the number 0.

    Links that stand on a page become links in the structure as well, read right after its figure.

    Args:
        pdf: changed in place.
        alternatives: for each page, the words that stand for its figure.
    """
    from pikepdf import Array, Dictionary, Name, String

    root = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
    document = pdf.make_indirect(
        Dictionary(Type=Name.StructElem, S=Name.Document, P=root, K=Array(), Lang=String(LANGUAGE))
    )
    numbers: list[Any] = []
    numbers_of_links: list[Any] = []
    following = len(pdf.pages)
    for index, (page, words) in enumerate(zip(pdf.pages, alternatives, strict=True)):
        box = [float(edge) for edge in page.cropbox]
        figure = pdf.make_indirect(
            Dictionary(
                Type=Name.StructElem,
                S=Name.Figure,
                P=document,
                Pg=page.obj,
                K=0,
                Alt=String(words),
                A=Dictionary(O=Name.Layout, BBox=Array(box), Placement=Name.Block),
            )
        )
        document.K.append(figure)
        page.obj.StructParents = index
        page.obj.Tabs = Name.S
        numbers.extend([index, pdf.make_indirect(Array([figure]))])
        for link in page.obj.get("/Annots", []):
            element = _link_element(pdf, document, page.obj, link)
            document.K.append(element)
            link.StructParent = following
            numbers_of_links.extend([following, element])
            following += 1
    root.K = Array([document])
    root.ParentTree = pdf.make_indirect(Dictionary(Nums=Array(numbers + numbers_of_links)))
    root.ParentTreeNextKey = following
    pdf.Root.StructTreeRoot = root
    pdf.Root.MarkInfo = Dictionary(Marked=True)


def _link_element(
    pdf: pikepdf.Pdf, document: pikepdf.Object, page: pikepdf.Object, link: pikepdf.Object
) -> pikepdf.Object:
    from pikepdf import Dictionary, Name

    return pdf.make_indirect(
        Dictionary(
            Type=Name.StructElem,
            S=Name.Link,
            P=document,
            Pg=page,
            K=Dictionary(Type=Name.OBJR, Obj=link, Pg=page),
        )
    )


def _without_marks(pdf: pikepdf.Pdf, contents: pikepdf.Object | None) -> bytes:
    """Give a page's content without marks of a structure that goes; those that switch layers stay."""
    from pikepdf import Array, Stream

    streams = [contents] if isinstance(contents, Stream) else list(contents) if isinstance(contents, Array) else []
    content = b"\n".join(stream.read_bytes() for stream in streams if isinstance(stream, Stream))
    if any(mark in content for mark in _MARKED):
        return _unmarked(pdf.make_stream(content))
    return content


def _clean_drawings(pdf: pikepdf.Pdf) -> None:
    """Take the marks out of the drawings that pages show, and the numbers that tied them to the old structure."""
    from pikepdf import Name, Stream

    for item in pdf.objects:
        if isinstance(item, Stream) and item.get("/Subtype") == Name.Form:
            for key in ("/StructParents", "/StructParent"):
                if key in item:
                    del item[key]
            content = item.read_bytes()
            if any(mark in content for mark in _MARKED):
                item.write(_unmarked(item))
        elif isinstance(item, Stream) and "/StructParent" in item:
            del item["/StructParent"]


def _unmarked(stream: pikepdf.Object) -> bytes:
    """Give a content stream without marked content, apart from the marks that make it optional."""
    import pikepdf

    kept: list[pikepdf.ContentStreamInstruction | pikepdf.ContentStreamInlineImage] = []
    open_marks: list[bool] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that it ends in the midst of something: readers show it too
        instructions = pikepdf.parse_content_stream(stream)
    for instruction in instructions:
        name = str(instruction.operator)
        if name in ("BDC", "BMC"):
            open_marks.append(bool(instruction.operands) and instruction.operands[0] == pikepdf.Name.OC)
            if not open_marks[-1]:
                continue
        elif (name == "EMC" and not (open_marks.pop() if open_marks else False)) or name in ("MP", "DP"):
            continue
        kept.append(instruction)
    return pikepdf.unparse_content_stream(kept)
