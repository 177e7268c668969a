"""Whether a showcase or a readiness report is still what it was, by what it carries inside."""

from __future__ import annotations

import difflib
import hashlib
import io
import json
import zlib
from collections.abc import Iterator
from typing import Any

import pikepdf

from ksbtrack.files.attachments import MAX_ATTACHMENT_BYTES
from ksbtrack.files.page_marks import bookmarks_of, document_marks, is_unseen_signature, page_marks
from ksbtrack.formats.analysis_json import SCHEMA_VERSION
from ksbtrack.formats.signatures import signature_changes
from ksbtrack.formats.verification import Change, Kind, Verification, What
from ksbtrack.problems import KsbtrackError, Problem, Source, quoted, visible

MANIFEST = "manifest.json"
ANALYSIS = "analysis.json"
_CHUNK = 1024 * 1024
# What ksbtrack writes, and what a signature adds.
_ROOT_KEYS = frozenset(
    {
        "/Type",
        "/Pages",
        "/AF",
        "/Lang",
        "/MarkInfo",
        "/Metadata",
        "/Names",
        "/Outlines",
        "/OutputIntents",
        "/PageLabels",
        "/PageMode",
        "/StructTreeRoot",
        "/ViewerPreferences",
        "/Version",
        "/Extensions",
        "/DSS",
        "/Perms",
    }
)
_NAMES_KEYS = frozenset({"/Dests", "/EmbeddedFiles"})
_FORM_KEYS = frozenset({"/Fields", "/SigFlags", "/DA", "/DR"})
_PARTS = {
    "bookmarks": "The bookmarks are",
    "page_labels": "The page labels are",
    "places": "The places that links lead to by name are",
    "settings": "The title, the language or another setting is",
}
_LEAD_TO_PAGES = ("bookmarks", "places")
_ACTIONS = {
    "/JavaScript": "runs a script (JavaScript)",
    "/Launch": "starts a program (Launch)",
    "/SubmitForm": "sends a form (SubmitForm)",
}
_LEADS = ("/URI", "/GoTo")
MAX_JSON_BYTES = 64 * 1024 * 1024
"""Bytes of the JSON inside a PDF: hundreds of times what the largest portfolio makes."""


SHOWCASE_NOTE = (
    "Compared with the manifest inside: pages, links, bookmarks, page labels, settings and attached files. "
    "Not compared: the tags for screen readers."
)
REPORT_NOTE = (
    "Looked at: whether the title names the learner of the analysis inside, attached files, and whether anything acts "
    "by itself. Not looked at: what the pages show, links, bookmarks and tags, since a readiness report carries no "
    "marks of them; the manifest of a pack has its SHA-256."
)


def verify_pdf(content: bytes, shown: str) -> Verification:
    """Say whether a showcase or readiness report is as it was made.

    Of a showcase each page with its links, the bookmarks and each attached file is compared with the manifest inside.
    A readiness report has no marks of its pages: its title is compared with the analysis inside. In both, whatever acts
    by itself or that we never write is a change. Whoever changes a page and its mark is found out only by a signature
    or by the manifest of the pack; a note says so.

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
                notes = [SHOWCASE_NOTE]
            elif "decision" in analysis:
                kind, checked = Kind.READINESS_REPORT, 1
                changes = list(_report_changes(pdf, analysis))
                notes = [REPORT_NOTE]
            else:
                raise _not_ours(shown, "a PDF without the figures that ksbtrack puts into its own")
            changes += [*_foreign(pdf), *_bytes_beside(content)]
    except (pikepdf.PdfError, zlib.error, ValueError, AttributeError, TypeError, KeyError, RecursionError) as error:
        raise _not_ours(shown, "a PDF that cannot be read") from error
    signed, more = signature_changes(content)
    if not signed and not more:
        notes.append(
            "It is not signed: whoever changed it and its manifest alike is found out by the pack's manifest only."
        )
    return Verification(kind, checked, (*changes, *more), (*notes, *signed))


def _showcase_changes(pdf: pikepdf.Pdf, manifest: dict[str, Any]) -> Iterator[Change]:
    marks = manifest.get("pages")
    listed = marks if isinstance(marks, list) else []
    found = page_marks(pdf)
    is_of_one_length = len(found) == len(listed)
    if is_of_one_length:
        for number, (now, then) in enumerate(zip(found, listed, strict=True), 1):
            if now != then:
                yield Change(f"page {number}", What.CHANGED, f"Page {number} is not what it was.")
    else:
        reason = (
            f"The document has {len(found)} pages; it was made with {len(listed)}. Links and bookmarks, which lead to "
            "pages by their numbers, were not compared."
        )
        yield Change("pages", What.CHANGED, reason)
        yield from _page_changes(found, listed)
    yield from _document_changes(pdf, manifest.get("document"), has_all_pages=is_of_one_length)
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


def _page_changes(found: list[str], listed: list[str]) -> Iterator[Change]:
    """Yield which pages came in and went out, of a document with more or fewer of them; each by its mark."""
    matcher = difflib.SequenceMatcher(None, [str(mark) for mark in listed], found, autojunk=False)
    for what, begin, end, now, until in matcher.get_opcodes():
        both = min(end - begin, until - now) if what == "replace" else 0
        for number in range(begin + 1, begin + both + 1):
            yield Change(f"page {number}", What.CHANGED, f"Page {number} is not what it was.")
        if what != "equal":
            for number in range(begin + both + 1, end + 1):
                yield Change(f"page {number}", What.MISSING, f"Page {number} is missing.")
            for number in range(now + both + 1, until + 1):
                yield Change(f"page {number}", What.EXTRA, f"What is page {number} now was not there.")


def _document_changes(pdf: pikepdf.Pdf, listed: object, *, has_all_pages: bool) -> Iterator[Change]:
    """Yield what leads somewhere else than it did, or is called something else."""
    then = listed if isinstance(listed, dict) else {}
    now = document_marks(pdf)
    links, links_then = now["links"], then.get("links")
    if not isinstance(links_then, list):
        yield Change(MANIFEST, What.MISSING, "The manifest inside has no marks of the links.")
        links_then = []
    for number, (one, old) in enumerate(zip(links, links_then, strict=False), 1) if has_all_pages else ():
        if one != old:
            yield Change(
                f"page {number}", What.CHANGED, f"The links or actions of page {number} are not what they were."
            )
    for part, words in _PARTS.items():
        if part in _LEAD_TO_PAGES and not has_all_pages:
            continue
        if now[part] != then.get(part):
            was = "it was" if words.endswith("is") else "they were"
            yield Change(part.replace("_", " "), What.CHANGED, f"{words} not what {was}.")


def _foreign(pdf: pikepdf.Pdf) -> Iterator[Change]:
    """Yield what acts by itself, and what no document of ours has, of a showcase and of a report alike."""
    root = pdf.Root
    for key in sorted(root.keys() - _ROOT_KEYS):
        if key == "/OpenAction":
            yield _acting("The document, when it is opened,", root[key])
        elif key == "/AcroForm":
            if not _is_signature_only(root[key]):
                yield Change(key[1:], What.EXTRA, "The document has a form (AcroForm), which was not there.")
        else:
            words = "acts by itself (AA)" if key == "/AA" else f"has {key[1:]} in its catalogue"
            yield Change(key[1:], What.EXTRA, f"The document {words}, which was not there.")
    for key in sorted(root.get("/Names", pikepdf.Dictionary()).keys() - _NAMES_KEYS):
        words = "runs a script when it is opened (JavaScript)" if key == "/JavaScript" else f"has names of {key[1:]}"
        yield Change(key[1:], What.EXTRA, f"The document {words}, which was not there.")
    yield from _associated(pdf)
    for number, page in enumerate(pdf.pages, 1):
        yield from _actions(page.obj, f"Page {number}")
        for annotation in page.obj.get("/Annots", ()):
            if str(annotation.get("/Subtype")) == "/Widget" and not is_unseen_signature(annotation):
                yield Change("form", What.EXTRA, f"Page {number} has a field of a form, which was not there.")
            yield from _actions(annotation, f"A link of page {number}")
    for _, bookmark in bookmarks_of(pdf):
        yield from _actions(bookmark, f"The bookmark {quoted(str(bookmark.get('/Title', '')))}")


def _associated(pdf: pikepdf.Pdf) -> Iterator[Change]:
    """Yield each file that hangs on the document and is not in its list of attached files, which viewers show."""
    names = pdf.Root.get("/Names", pikepdf.Dictionary()).get("/EmbeddedFiles")
    listed = {file.objgen for _, file in pikepdf.NameTree(names).items()} if names is not None else set()
    for file in pdf.Root.get("/AF", ()):
        if not file.is_indirect or file.objgen not in listed:
            name = visible(str(file.get("/UF", file.get("/F", "without a name"))))
            yield Change(name, What.EXTRA, f"The file {name} hangs on the document unlisted, which was not there.")


def _actions(place: pikepdf.Object, words: str) -> Iterator[Change]:
    """Yield what a page, a link or a bookmark does besides leading somewhere."""
    if "/AA" in place:
        yield Change("AA", What.EXTRA, f"{words} acts by itself (AA), which was not so.")
    action = place.get("/A")
    if action is not None and (str(action.get("/S")) not in _LEADS or "/Next" in action):
        yield _acting(words, action)


def _acting(words: str, action: pikepdf.Object) -> Change:
    # Where a document opens may be a place alone, without an action.
    kind = str(action.get("/S")) if isinstance(action, pikepdf.Dictionary) else "/GoTo"
    goes_on = isinstance(action, pikepdf.Dictionary) and "/Next" in action
    does = "leads somewhere and then acts on" if kind in _LEADS and goes_on else f"acts ({kind[1:]})"
    return Change(kind[1:], What.EXTRA, f"{words} {_ACTIONS.get(kind, does)}, which was not so.")


def _is_signature_only(form: pikepdf.Object) -> bool:
    return not form.keys() - _FORM_KEYS and all(is_unseen_signature(field) for field in form.get("/Fields", ()))


def _bytes_beside(content: bytes) -> Iterator[Change]:
    """Yield what stands before the document or after its end, which no viewer shows."""
    if not content.startswith(b"%PDF-"):
        yield Change("beginning", What.EXTRA, "Something stands before the document, which was not there.")
    if not content.rstrip(b"\r\n").endswith(b"%%EOF"):
        yield Change("end", What.EXTRA, "Something stands after the end of the document, which was not there.")


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
    for name in sorted(set(pdf.attachments) - {ANALYSIS}):
        yield Change(name, What.EXTRA, f"The attached file {name} was not there.")


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
