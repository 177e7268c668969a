"""What makes a PDF claim PDF/UA-1 and PDF/A-3a (title, language, identifiers, colours), and whether it is right to."""

from __future__ import annotations

import io
from functools import cache
from html import escape
from typing import TYPE_CHECKING

from ksbtrack.paths import shipped_folder
from ksbtrack.report.conformance import UA_IDENTIFIER

if TYPE_CHECKING:
    import pikepdf

LANGUAGE = "en-GB"
"""The language of everything that ksbtrack writes itself."""

FLAVOURS = ("ua1", "3a")
"""What every prepared file must be at once: PDF/UA-1 and PDF/A-3a."""

UNJUDGED = "NOT-JUDGED"
"""The fault of a PDF on which the judge gives up, where others have the name of a rule."""

_FALSE_ALARMS = ("METADATA-FILTER", "STREAM-LENGTH", "TYPE1-SUBSET-CHARSET")
# METADATA-FILTER and TYPE1-SUBSET-CHARSET are rules of PDF/A-1 alone. STREAM-LENGTH fires when a compressed stream
# happens to end with the byte 0x0D, which is taken for the line end before `endstream`.

_OF_ONE_WRITING = ("/Info", "/ID", "/DocChecksum", "/AdditionalStreams")
# What programs note about the one time at which they wrote a file; it differs from time to time.

_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">\
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title></rdf:Description>\
<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" pdfaid:part="3" \
pdfaid:conformance="A"/>{ua}</rdf:RDF></x:xmpmeta><?xpacket end="r"?>"""


def identify(pdf: pikepdf.Pdf, title: str, language: str) -> None:
    """Write into a PDF what it is: title, language, PDF/UA-1, PDF/A-3a, and that its plain colours are sRGB.

    Whatever metadata it had go: they name people and programs that are nobody's business.

    Args:
        pdf: changed in place.
        title: of the file, not empty.
        language: a language tag such as `en-GB`.
    """
    from pikepdf import Array, Dictionary, Name, String

    xmp = _XMP.format(title=escape(title), ua=UA_IDENTIFIER.decode("ascii")).encode("utf-8")
    root = pdf.Root
    root.Metadata = pdf.make_stream(xmp, Type=Name.Metadata, Subtype=Name.XML)
    root.Lang = String(language)
    root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
    profile = pdf.make_stream(_srgb(), N=3)
    intent = Dictionary(
        Type=Name.OutputIntent,
        S=Name.GTS_PDFA1,
        OutputConditionIdentifier=String("sRGB2014"),
        DestOutputProfile=profile,
    )
    root.OutputIntents = Array([pdf.make_indirect(intent)])
    for key in _OF_ONE_WRITING:
        if key in pdf.trailer:
            del pdf.trailer[key]


def saved(pdf: pikepdf.Pdf) -> bytes:
    """Give a PDF's bytes: the same for the same content, packed, and in no way that PDF/A refuses."""
    from pikepdf import ObjectStreamMode

    out = io.BytesIO()
    pdf.save(
        out,
        force_version="1.7",
        encryption=False,
        deterministic_id=True,
        compress_streams=True,
        object_stream_mode=ObjectStreamMode.generate,
    )
    return out.getvalue()


def faults(content: bytes) -> tuple[tuple[str, str], ...]:
    """Give what a PDF lacks to be PDF/UA-1 and PDF/A-3a: the rule and its message, each rule once.

    Args:
        content: the whole PDF.
    """
    import page

    found: dict[str, str] = {}
    for flavour in FLAVOURS:
        try:
            failures = page.validate_pdf_bytes(content, profile=flavour).failures
        except page.PageError:
            # It gives up on what is nested too deeply or leads back into itself; its errors cannot leave their process.
            found.setdefault(UNJUDGED, "its inside is nested so deeply or so oddly that nothing can judge it")
            continue
        for failure in failures:
            if not any(alarm in failure.rule_id for alarm in _FALSE_ALARMS):
                found.setdefault(str(failure.rule_id), str(failure.message))
    return tuple(found.items())


@cache
def _srgb() -> bytes:
    return (shipped_folder("templates") / "colour" / "sRGB2014.icc").read_bytes()
