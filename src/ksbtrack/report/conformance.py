"""What WeasyPrint leaves out of a tagged PDF/A-3a, so that the same file is PDF/UA-1 as well.

All of it is done on the finished objects, right before they are written: nothing here imports WeasyPrint.
Sources: ISO 14289-1 (PDF/UA-1) clauses 5 and 7.6; ISO 19005-3 (PDF/A-3) clauses 6.6.2 and 6.8;
ISO 32000-1 tables 347 (ListNumbering) and 349 (Scope).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, Protocol

from ksbtrack.report.unicode_maps import mend_unicode_maps

UA_IDENTIFIER = b"""\
<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1"/>\
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" \
xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">\
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">\
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>\
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>\
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>\
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">\
<pdfaProperty:name>part</pdfaProperty:name>\
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>\
<pdfaProperty:category>internal</pdfaProperty:category>\
<pdfaProperty:description>PDF/UA version identifier</pdfaProperty:description>\
</rdf:li></rdf:Seq></pdfaSchema:property>\
</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>"""
"""The PDF/UA identifier, and its description, without which PDF/A refuses it."""

_NUMBERING = {
    "none": "/None",
    "circle": "/Circle",
    "square": "/Square",
    "decimal": "/Decimal",
    "decimal-leading-zero": "/Decimal",
    "lower-roman": "/LowerRoman",
    "upper-roman": "/UpperRoman",
    "lower-alpha": "/LowerAlpha",
    "lower-latin": "/LowerAlpha",
    "upper-alpha": "/UpperAlpha",
    "upper-latin": "/UpperAlpha",
}
"""The PDF's word for a CSS list style; any other bullet is a disc, the plainest mark there is."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that travels inside the PDF.

    Attributes:
        name: its file name, no two alike in one PDF.
        content: its bytes.
        description: what it is, in words, for the reader's list of attachments.
        media_type: for example `application/json`.
        created: the day it was made; without it the PDF gives none.
        modified: the day it was last changed; without it the PDF gives none.
        relationship: `Data` if the pages show this data, `Source` if they were made from this file,
            `Supplement` if it adds to them.
    """

    name: str
    content: bytes
    description: str
    media_type: str
    created: date | None = None
    modified: date | None = None
    relationship: Literal["Data", "Source", "Supplement"] = "Data"


class Rendering(Protocol):
    """What is asked of WeasyPrint's document, which publishes no types."""

    pages: Sequence[object]
    fonts: dict[str, Any]
    metadata: Any


class Objects(Protocol):
    """What is asked of a PDF before it is written (`pydyf.PDF`), which publishes no types."""

    objects: list[Any]
    catalog: dict[str, Any]


def complete(rendering: Rendering, pdf: Objects, attachments: Sequence[Attachment]) -> None:
    """Write into a PDF what PDF/UA-1 and PDF/A-3a ask for and WeasyPrint leaves out.

    Args:
        rendering: the pages, laid out and drawn.
        pdf: their objects, complete but not yet written.
        attachments: the files in the PDF, in the order in which they were given to WeasyPrint.
    """
    _identify_as_accessible(pdf)
    _say_what_headers_head(pdf)
    _number_lists(rendering.pages, pdf)
    mend_unicode_maps(rendering, pdf)
    _describe_attachments(pdf, attachments)


def characters_without_glyph(rendering: Rendering) -> tuple[str, ...]:
    """Give the characters that were drawn as an empty box, in code order.

    Args:
        rendering: the pages, laid out and drawn.
    """
    return tuple(sorted({chr(code) for font in rendering.fonts.values() for code in font.missing}))


def _identify_as_accessible(pdf: Objects) -> None:
    """Add the PDF/UA-1 identifier to the metadata and leave these uncompressed, for simple readers."""
    (metadata,) = (o for o in pdf.objects if _extra(o).get("Type") == "/Metadata")
    before, end, after = b"".join(metadata.stream).rpartition(b"</rdf:RDF>")
    metadata.stream = [before + UA_IDENTIFIER + end + after]
    metadata.compress = False


def _say_what_headers_head(pdf: Objects) -> None:
    """Give each table header its Scope: a row if a cell beside it names it as header, else a column."""
    cells = [o for o in pdf.objects if isinstance(o, dict) and o.get("S") in ("/TH", "/TD")]
    heads_own_row = {
        (id(header), cell["P"]) for cell in cells if cell["S"] == "/TD" for header in cell["A"].get("Headers", ())
    }
    for cell in cells:
        if cell["S"] == "/TH":
            of_row = (id(cell.get("ID")), cell["P"]) in heads_own_row
            cell["A"]["Scope"] = "/Row" if of_row else "/Column"


def _number_lists(pages: Sequence[object], pdf: Objects) -> None:
    """Give each list its ListNumbering.

    The tags do not say what the marks are, but they come in the order of the boxes, which do.
    """
    lists = [o for o in pdf.objects if isinstance(o, dict) and o.get("S") == "/L"]
    if not lists:
        return
    styles = [style for page in pages for style in _list_styles(page)]
    if len(styles) != len(lists):
        styles = ["/Disc"] * len(lists)
    for element, style in zip(lists, styles, strict=True):
        element["A"] = type(element)({"O": "/List", "ListNumbering": style})


def _list_styles(page: object) -> Iterator[str]:
    """Yield the numbering of each list on a page, in the order in which WeasyPrint tags them.

    WeasyPrint has no public way to a page's boxes. Should this one end, every list counts as bulleted.
    """
    stack: list[Any] = [getattr(page, "_page_box", None)]
    while stack:
        box = stack.pop()
        box = getattr(box, "_box", box)
        is_tagged = type(box).__name__ not in ("LineBox", "TextBox")
        if is_tagged and getattr(box, "element_tag", None) in ("ul", "ol", "dl"):
            mark = "none" if box.element_tag == "dl" else box.style["list_style_type"]
            yield _NUMBERING.get(mark, "/Disc") if isinstance(mark, str) else "/Disc"
        stack.extend(reversed(getattr(box, "children", ())))


def _describe_attachments(pdf: Objects, attachments: Sequence[Attachment]) -> None:
    """Set names and media types, take out the dates nobody gave, and name each file once as associated."""
    for specification in pdf.objects:
        if isinstance(specification, dict) and specification.get("Type") == "/Filespec":
            # WeasyPrint writes the bytes of UTF-8 here, and into the name tree, which shares this object.
            specification["F"].string = specification["UF"].string
    embedded = [o for o in pdf.objects if _extra(o).get("Type") == "/EmbeddedFile"]
    for stream, attachment in zip(embedded, attachments, strict=True):
        stream.extra["Subtype"] = "/" + attachment.media_type.replace("/", "#2f")
        for key, day in (("CreationDate", attachment.created), ("ModDate", attachment.modified)):
            if day is None:
                del stream.extra["Params"][key]
    if associated := pdf.catalog.get("AF"):
        associated[:] = dict.fromkeys(associated)


def _extra(pdf_object: object) -> dict[str, Any]:
    """Give a stream's dictionary; other objects have none."""
    extra: dict[str, Any] = getattr(pdf_object, "extra", {})
    return extra
