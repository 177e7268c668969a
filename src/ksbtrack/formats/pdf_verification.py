"""Whether a showcase or a readiness report is still what it was, by what it carries inside."""

from __future__ import annotations

import hashlib
import io
import json
import zlib
from collections.abc import Iterator
from typing import Any

import pikepdf

from ksbtrack.files.attachments import MAX_ATTACHMENT_BYTES
from ksbtrack.files.page_marks import page_marks
from ksbtrack.formats.analysis_json import SCHEMA_VERSION
from ksbtrack.formats.signatures import signature_changes
from ksbtrack.formats.verification import Change, Kind, Verification, What
from ksbtrack.problems import KsbtrackError, Problem, Source

MANIFEST = "manifest.json"
ANALYSIS = "analysis.json"
_CHUNK = 1024 * 1024
MAX_JSON_BYTES = 64 * 1024 * 1024
"""Bytes of the JSON inside a PDF: hundreds of times what the largest portfolio makes."""


def verify_pdf(content: bytes, shown: str) -> Verification:
    """Say whether a showcase or readiness report is as it was made.

    Of a showcase each page and each attached file is compared with the manifest inside. A readiness report has no marks
    of its pages: what it says of itself is compared with the analysis inside. Whoever changes a page and its mark is
    found out only by a signature or by the manifest of the pack; a note says so.

    Args:
        content: the PDF.
        shown: how messages name it.

    Raises:
        KsbtrackError: `not-ours`.
    """
    try:
        with pikepdf.open(io.BytesIO(content)) as pdf:
            manifest, analysis = _json(pdf, MANIFEST), _json(pdf, ANALYSIS)
            if manifest.get("kind") == "showcase":
                kind, checked = Kind.SHOWCASE, len(pdf.pages)
                changes = list(_showcase_changes(pdf, manifest))
                notes = ["Pages and attached files were compared with the manifest inside."]
            elif "decision" in analysis:
                kind, checked = Kind.READINESS_REPORT, 1
                changes = list(_report_changes(pdf, analysis))
                notes = [
                    "The pages of a readiness report carry no marks: only its title and its figures were looked at."
                ]
            else:
                raise _not_ours(shown, "a PDF without the figures that ksbtrack puts into its own")
    except (pikepdf.PdfError, zlib.error, ValueError, AttributeError, TypeError, KeyError, RecursionError) as error:
        raise _not_ours(shown, "a PDF that cannot be read") from error
    signed, more = signature_changes(content)
    if not signed:
        notes.append(
            "It is not signed: whoever changed it and its manifest alike is found out by the pack's manifest only."
        )
    return Verification(kind, checked, (*changes, *more), (*notes, *signed))


def _showcase_changes(pdf: pikepdf.Pdf, manifest: dict[str, Any]) -> Iterator[Change]:
    marks = manifest.get("pages")
    listed = marks if isinstance(marks, list) else []
    found = page_marks(pdf)
    if len(found) != len(listed):
        reason = f"The document has {len(found)} pages; it was made with {len(listed)}."
        yield Change("pages", What.CHANGED, reason)
    for number, (now, then) in enumerate(zip(found, listed, strict=False), 1):
        if now != then:
            yield Change(f"page {number}", What.CHANGED, f"Page {number} is not what it was.")
    named = {MANIFEST: ""}
    for piece in manifest.get("pieces", []):
        for number, file in enumerate(piece.get("files", []), 1):
            if file.get("form") == "attached":
                named[f"{piece['id']}-{number}-{str(file['name']).rpartition('/')[2]}"] = file["sha256"]
    attached = set(pdf.attachments)
    for name, mark in named.items():
        if name not in attached:
            yield Change(name, What.MISSING, f"The attached file {name} is not there.")
        elif mark and _mark(pdf, name) != mark:
            yield Change(name, What.CHANGED, f"The attached file {name} is not what it was.")
    for name in sorted(attached - named.keys()):
        yield Change(name, What.EXTRA, f"The attached file {name} was not there.")


def _report_changes(pdf: pikepdf.Pdf, analysis: dict[str, Any]) -> Iterator[Change]:
    version = str(analysis.get("schema_version", ""))
    if version.partition(".")[0] != SCHEMA_VERSION.partition(".")[0]:
        yield Change(ANALYSIS, What.CHANGED, f"The analysis inside is of version {version}, which is not known here.")
    title = str(pdf.docinfo.get("/Title", "")) if pdf.trailer.get("/Info") is not None else ""
    learner = analysis.get("learner")
    name = learner.get("name", "") if isinstance(learner, dict) else ""
    if not name or name not in title:
        yield Change(
            ANALYSIS, What.CHANGED, "The analysis inside is of another learner than the title of the document."
        )


def _mark(pdf: pikepdf.Pdf, name: str) -> str:
    """Give the SHA-256 of a file inside a PDF; of one that unpacks to too much, of its beginning."""
    mark, left = hashlib.sha256(), MAX_ATTACHMENT_BYTES
    for chunk in _chunks(pdf, name):
        mark.update(chunk)
        left -= len(chunk)
        if left < 0:
            break
    return mark.hexdigest()


def _json(pdf: pikepdf.Pdf, name: str) -> dict[str, Any]:
    """Give the JSON inside a PDF by the name of its file; an empty one where there is none that can be read."""
    if name not in pdf.attachments:
        return {}
    content = bytearray()
    for chunk in _chunks(pdf, name):
        content += chunk
        if len(content) > MAX_JSON_BYTES:
            return {}
    try:
        value = json.loads(content)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _chunks(pdf: pikepdf.Pdf, name: str) -> Iterator[bytes]:
    """Yield a file inside a PDF in pieces, so that a small one cannot unpack to all the memory there is."""
    stream = pdf.attachments[name].obj.EF.F
    raw = stream.read_raw_bytes()
    packing = stream.get("/Filter")
    if packing is None:
        yield bytes(raw)
    elif packing in (pikepdf.Name.FlateDecode, pikepdf.Array([pikepdf.Name.FlateDecode])):
        unpacking = zlib.decompressobj()
        waiting = bytes(raw)
        while waiting and not unpacking.eof:
            chunk = unpacking.decompress(waiting, _CHUNK)
            if not chunk and unpacking.unconsumed_tail == waiting:
                return
            yield chunk
            waiting = unpacking.unconsumed_tail


def _not_ours(shown: str, found: str) -> KsbtrackError:
    return KsbtrackError(
        Problem(
            "not-ours",
            Source(shown),
            found,
            "a showcase or readiness report carries manifest.json or analysis.json inside",
            "Name a showcase, a readiness report, a pack or a portfolio folder.",
        )
    )
