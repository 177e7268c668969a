"""Files of pieces made for tests: the piece around them, and PDFs that do more than be read."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pikepdf
import pypdf
from pikepdf import Array, Dictionary, Name, String

from ksbtrack.files.attachments import inspect_file
from ksbtrack.models.portfolio import Claim, Evidence
from ksbtrack.models.standard import EvidenceKind
from ksbtrack.problems import Source
from ksbtrack.report.pdf import html_to_pdf
from ksbtrack.showcase.files import prepare_file
from ksbtrack.showcase.parts import PreparedFile


def piece_with(folder: Path, files: Mapping[str, bytes], claims: Sequence[Claim] = (), id_: str = "E07") -> Evidence:
    """Give a piece whose files were written into a folder and looked at as loading does."""
    (folder / "evidence").mkdir(exist_ok=True)
    source = Source(f"{id_}.md", 2)
    for name, content in files.items():
        (folder / "evidence" / name).write_bytes(content)
    return Evidence(
        id=id_,
        title="Plan for a group",
        kind=next(iter(EvidenceKind)),
        date=date(2026, 3, 2),
        files=tuple(files),
        claims=tuple(claims),
        attached=tuple(inspect_file(folder, name, source, "evidence") for name in files),
        source=source,
    )


def prepared(folder: Path, name: str, content: bytes, claims: Sequence[Claim] = ()) -> PreparedFile:
    """Give one file made ready, in this process."""
    piece = piece_with(folder, {name: content}, claims)
    return prepare_file(content, piece.attached[0], piece, 1)


def tagged_pdf(body: str = "<h1>Plan</h1><p>What I planned.") -> bytes:
    """Give a PDF with tags that are valid."""
    return html_to_pdf(f'<html lang="en-GB"><title>My plan</title><body>{body}')


def changed(content: bytes, change: Callable[[pikepdf.Pdf], object]) -> bytes:
    """Give a PDF after a change."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        change(pdf)
        pdf.save(out, static_id=True)
    return out.getvalue()


def untagged_pdf(body: str = "<h1>Plan</h1><p>What I planned.") -> bytes:
    """Give a PDF as most programs write it: whole, with its fonts, without tags."""

    def forget(pdf: pikepdf.Pdf) -> None:
        for key in ("/StructTreeRoot", "/MarkInfo", "/Metadata", "/OutputIntents"):
            del pdf.Root[key]

    return changed(tagged_pdf(body), forget)


def mark(subtype: str, **entries: Any) -> Dictionary:
    """Give an annotation."""
    return Dictionary(Type=Name.Annot, Subtype=Name("/" + subtype), Rect=Array([50, 50, 150, 90]), **entries)


def with_marks(content: bytes, *marks: Dictionary) -> bytes:
    """Give a PDF with annotations on its first page."""

    def add(pdf: pikepdf.Pdf) -> None:
        pdf.pages[0].obj.Annots = Array([pdf.make_indirect(one) for one in marks])

    return changed(content, add)


def script(words: str = "app.alert(1)") -> Dictionary:
    """Give an action that runs JavaScript."""
    return Dictionary(S=Name.JavaScript, JS=String(words))


def busy_pdf(*, is_tagged: bool = False) -> bytes:
    """Give a PDF with a form, a signature field, attached files, scripts, actions, a film and a comment."""

    def add(pdf: pikepdf.Pdf) -> None:
        look = pdf.make_stream(b"0 0 100 40 re S", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 100, 40]))
        shown = Dictionary(N=look)
        field = pdf.make_indirect(mark("Widget", FT=Name.Tx, T=String("name"), V=String("Alex"), AP=shown, F=4))
        field.AA = Dictionary(K=script())
        signed = pdf.make_indirect(mark("Widget", FT=Name.Sig, T=String("signature"), AP=shown, F=4))
        pdf.Root.AcroForm = Dictionary(Fields=Array([field, signed]), XFA=String("<xdp/>"))
        program = Dictionary(S=Name.Launch, F=String("calc.exe"))
        disk = Dictionary(S=Name.URI, URI=String("file:///etc/passwd"))
        web = Dictionary(S=Name.URI, URI=String("https://example.org/plan"), Next=script())
        send = Dictionary(S=Name.SubmitForm, F=String("https://example.org/"))
        attached = Dictionary(Type=Name.Filespec, F=String("a.exe"), EF=Dictionary(F=pdf.make_stream(b"MZ")))
        marks = [
            field,
            signed,
            mark("Link", A=program),
            mark("Link", A=disk),
            mark("Link", A=web),
            mark("Link", A=send),
            mark("Link", Dest=Array([pdf.pages[0].obj, Name.Fit])),
            mark("FileAttachment", FS=attached),
            mark("RichMedia", AP=shown),
            mark("Text", Contents=String("Well done"), AP=shown),
        ]
        pdf.pages[0].obj.Annots = Array([one if one.is_indirect else pdf.make_indirect(one) for one in marks])
        pdf.pages[0].obj.AA = Dictionary(O=script())
        pdf.Root.OpenAction = script()
        pdf.attachments["virus.exe"] = b"MZ"
        pdf.Root.Names.JavaScript = Dictionary(Names=Array([String("a"), script()]))

    return changed(tagged_pdf() if is_tagged else untagged_pdf(), add)


def marks_on_first_page(content: bytes) -> list[Any]:
    """Give the annotations on the first page of a PDF, as a second library reads them."""
    page = pypdf.PdfReader(io.BytesIO(content)).pages[0]
    return [one.get_object() for one in page.get("/Annots", [])]
