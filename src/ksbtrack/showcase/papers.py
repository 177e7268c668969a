"""PDF files of pieces: cleaned, and tagged where they are not; or behind a divider page where they cannot be valid."""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ksbtrack.files.showing import LONGEST_SIDE, MAX_SHOWN_PAGES, SHORTEST_SIDE, page_fault, settled_boxes
from ksbtrack.models.portfolio import AttachedFile, Evidence
from ksbtrack.problems import KsbtrackError, Problem, quoted
from ksbtrack.showcase.cards import divider
from ksbtrack.showcase.cleaning import TooMuchInsideError, as_held, clean, every_dictionary
from ksbtrack.showcase.conformity import LANGUAGE, faults, identify, saved
from ksbtrack.showcase.figures import wrap_pages
from ksbtrack.showcase.parts import Form, PreparedFile
from ksbtrack.showcase.tags import LooseTagsError, check_tags

if TYPE_CHECKING:
    import pikepdf

# What a viewer shows on a screen; the other reasons to switch a layer depend on the size, the language and who looks.
_ONLY_VIEW = frozenset({"/View", "/Print", "/Export"})

NO_TAGS = (
    "The file has no tags of its own, so each of its pages is one picture for assistive technology. "
    "Its text can be searched and copied."
)
TAGS_LOST = (
    "The tags of the file did not meet PDF/UA-1 and PDF/A-3a, so each of its pages is one picture for assistive "
    "technology. Its text can be searched and copied."
)
RESTRICTED = "Its owner restricted what may be done with it; it opens without a password."
MENDED = "The file was damaged; it was mended on opening, and something of it may be missing."

# What the judge's rules mean to the person who can export the file again: part of the rule's name, and the words.
_REASONS = (
    ("FONT-EMBED", "a font is not embedded in it"),
    ("FONT-PROGRAM", "a font is not embedded in it"),
    ("DEVICE-CMYK", "it has colours for a printing press (CMYK) without saying of which press"),
    ("UNICODE", "a font does not say which letters its signs are, so its text cannot be read out"),
    ("NOTDEF", "it shows characters that its font lacks"),
    ("FONT", "a font in it is not whole"),
    ("TRANSPAREN", "it uses transparency in a way that is not allowed for keeping"),
    ("ENCRYPT", "it is encrypted"),
)


def prepare_paper(content: bytes, file: AttachedFile, piece: Evidence, number: int) -> PreparedFile:
    """Give a PDF file's pages as they are, without what acts; tagged and valid, or else a divider page for it.

    Args:
        content: the whole file.
        file: what loading found about it.
        piece: the piece that it belongs to.
        number: its place among the piece's files, from 1.

    Raises:
        KsbtrackError: `damaged-pdf`, `encrypted-pdf`, `pdf-too-large`, `too-many-pages`, `bad-page-size`.
    """
    shown = paper_pages(content, file, piece, number)
    if isinstance(shown, PreparedFile):
        return shown
    return divider(
        file, piece, number, Form.ATTACHED, shown.reasons, evidence_pages=shown.pages, held=as_held(shown.removed)
    )


@dataclass(frozen=True, slots=True)
class NotShown:
    """Why the pages of a PDF cannot join, as clauses, how many there are, and what was taken out of the copy."""

    reasons: tuple[str, ...]
    pages: int
    removed: tuple[str, ...] = ()


def paper_pages(content: bytes, file: AttachedFile, piece: Evidence, number: int) -> PreparedFile | NotShown:
    """Give the pages of a PDF as they are, without what acts, tagged and valid; or why they cannot be.

    Args:
        content: the PDF: the file itself, or what was made of it.
        file: what loading found about it.
        piece: the piece that it belongs to.
        number: its place among the piece's files, from 1.

    Raises:
        KsbtrackError: as `prepare_paper` does.
    """
    import pikepdf

    try:
        # Before anything asks for its pages: then a page without a size would get one that somebody thought up.
        with pikepdf.open(io.BytesIO(content), inherit_page_attributes=False) as pdf:
            fault = page_fault(pdf)
        if fault:
            raise _bad_size(file, piece, f"whose {fault}")
        with pikepdf.open(io.BytesIO(content)) as pdf:
            return _prepared(pdf, file, piece, number)
    except pikepdf.PasswordError as error:
        raise KsbtrackError(
            Problem("encrypted-pdf", piece.source, _found(file, "which asks for a password"), *_OPEN)
        ) from error
    except TooMuchInsideError as error:
        raise KsbtrackError(
            Problem("pdf-too-large", piece.source, _found(file, f"which unpacks to more than {error}"), *_LIKELY)
        ) from error
    except (pikepdf.PikepdfError, ValueError, TypeError, AttributeError, LookupError, RuntimeError) as error:
        raise KsbtrackError(
            Problem("damaged-pdf", piece.source, _found(file, "whose inside does not hold together"), *_WHOLE)
        ) from error


_OPEN = ("evidence must open without one", "Save a copy without a password, and name that.")
_WHOLE = (
    "a PDF must be whole, so that every assessor's program can open it",
    "Export or print it to PDF again from the original.",
)
_LIKELY = (
    "what a PDF shows must be of a likely size",
    "Print the pages that are needed to a new PDF.",
)


def _prepared(pdf: pikepdf.Pdf, file: AttachedFile, piece: Evidence, number: int) -> PreparedFile | NotShown:
    _refuse_many(pdf, file, piece)
    notes = [RESTRICTED] if pdf.is_encrypted else []
    if file.problem is not None or pdf.get_warnings():
        notes.append(MENDED)
        # A trailer that was made up lacks it, and would be written without: then no reader takes the copy.
        pdf.trailer.Size = len(pdf.objects) + 1
    for index, page in enumerate(pdf.pages, 1):
        _settle_boxes(page, index, file, piece)
    title, language = _title(pdf) or file.name.rpartition("/")[2], _language(pdf)
    if reason := _hidden_layers(pdf):
        return NotShown((reason,), len(pdf.pages), clean(pdf))
    removed = clean(pdf)
    made, lacking = _made_valid(pdf, title, language, _words_of_pages(len(pdf.pages), file, piece), notes)
    if lacking:
        reasons = tuple(dict.fromkeys(_in_words(rule, message) for rule, message in lacking))
        return NotShown(reasons, len(pdf.pages), removed)
    return PreparedFile(
        piece=piece.id,
        number=number,
        name=file.name,
        sha256=file.sha256,
        size=file.size,
        form=Form.PAGES,
        pdf=made,
        pages=len(pdf.pages),
        evidence_pages=len(pdf.pages),
        notes=tuple(notes),
        removed=removed,
    )


def _made_valid(
    pdf: pikepdf.Pdf, title: str, language: str, alternatives: list[str], notes: list[str]
) -> tuple[bytes, tuple[tuple[str, str], ...]]:
    """Give a PDF with its own tags if they are valid, else as figures, and what even that one lacks."""
    from pikepdf import Dictionary

    said = pdf.Root.get("/MarkInfo")
    is_tagged = "/StructTreeRoot" in pdf.Root and isinstance(said, Dictionary) and bool(said.get("/Marked"))
    identify(pdf, title, language)
    if is_tagged:
        with contextlib.suppress(LooseTagsError):
            check_tags(pdf)
            made = saved(pdf)
            if not faults(made):
                return made, ()
    notes.append(TAGS_LOST if is_tagged else NO_TAGS)
    wrap_pages(pdf, alternatives)
    made = saved(pdf)
    return made, faults(made)


def _refuse_many(pdf: pikepdf.Pdf, file: AttachedFile, piece: Evidence) -> None:
    count = len(pdf.pages)
    if not count:
        raise KsbtrackError(Problem("damaged-pdf", piece.source, _found(file, "which has no pages"), *_WHOLE))
    if count > MAX_SHOWN_PAGES:
        raise KsbtrackError(
            Problem(
                "too-many-pages",
                piece.source,
                _found(file, f"which has {count:,} pages"),
                f"one file may bring at most {MAX_SHOWN_PAGES} pages into a showcase",
                "Print the pages that the claims name to a new PDF, and name that.",
            )
        )


def _settle_boxes(page: pikepdf.Page, index: int, file: AttachedFile, piece: Evidence) -> None:
    """Give a page boxes in order: the lower left corner first, what is shown within the sheet, quarter turns.

    Raises:
        KsbtrackError: `bad-page-size`.
    """
    from pikepdf import Array

    boxes = settled_boxes(page.obj.get("/MediaBox"), page.obj.get("/CropBox"))
    if isinstance(boxes, str):
        raise _bad_size(file, piece, f"whose page {index} {boxes}")
    sheet, shown = boxes
    page.obj.MediaBox = Array(list(sheet))
    if shown is not None and shown != sheet:
        page.obj.CropBox = Array(list(shown))
    elif "/CropBox" in page.obj:
        del page.obj.CropBox
    turn: Any = page.obj.get("/Rotate")
    if turn is not None and (not isinstance(turn, int) or turn % 90):
        del page.obj.Rotate
    elif turn is not None:
        page.obj.Rotate = turn % 360


def _bad_size(file: AttachedFile, piece: Evidence, what: str) -> KsbtrackError:
    return KsbtrackError(
        Problem(
            "bad-page-size",
            piece.source,
            _found(file, what),
            f"a side of a page has {SHORTEST_SIDE} to {LONGEST_SIDE:,} points (5 m)",
            "Print it to PDF again on a paper of a usual size.",
        )
    )


def _hidden_layers(pdf: pikepdf.Pdf) -> str:
    """Give the reason why a file with layers that are not always shown cannot be: a copy would show them all."""
    layers = pdf.Root.get("/OCProperties")
    if layers is None:
        return ""
    usual = layers.get("/D")
    is_off = usual is not None and (len(usual.get("/OFF", [])) or usual.get("/BaseState", "/ON") != "/ON")
    if is_off or (usual is not None and any(map(_switches_off, usual.get("/AS", [])))):
        return "it has layers that are switched off, which a copy of its pages would show"
    if any(map(_is_shown_for_others, every_dictionary(pdf.Root))):
        return "it shows things or not as its layers are switched, and a copy of its pages would show them all"
    return ""


def _switches_off(usage: pikepdf.Object) -> bool:
    """Say whether a rule by which viewers switch layers by themselves hides one, or may."""
    from pikepdf import Dictionary

    if usage.get("/Event") != "/View":
        return False
    kinds = {str(kind) for kind in usage.get("/Category", [])}
    views = [layer.get("/Usage", Dictionary()).get("/View", Dictionary()) for layer in usage.get("/OCGs", [])]
    return bool(kinds - _ONLY_VIEW) or any(view.get("/ViewState") == "/OFF" for view in views)


def _is_shown_for_others(item: pikepdf.Object) -> bool:
    """Say whether a dictionary is that of a layer which is shown while others are not, or by a formula."""
    return item.get("/Type") == "/OCMD" and ("/VE" in item or item.get("/P") in ("/AllOff", "/AnyOff"))


def _title(pdf: pikepdf.Pdf) -> str:
    """Give the title that a file has of its own, if any."""
    title = " ".join(str(pdf.docinfo.get("/Title", "")).split())
    return "".join(character for character in title if character.isprintable())[:200]


def _language(pdf: pikepdf.Pdf) -> str:
    """Give the language that a file says it is in, or else ours."""
    language = str(pdf.Root.get("/Lang", ""))
    is_tag = all(part.isascii() and part.isalnum() and len(part) <= 8 for part in language.split("-"))  # noqa: PLR2004 - RFC 5646
    return language if is_tag and language[:2].isalpha() else LANGUAGE


def _words_of_pages(count: int, file: AttachedFile, piece: Evidence) -> list[str]:
    """Give for each page the words that stand for it when it is one figure."""
    return [
        f"Page {index} of {count} of the file {file.name.rpartition('/')[2]}, evidence {piece.id}: {piece.title}. "
        "This is an untagged copy of the page."
        for index in range(1, count + 1)
    ]


def _in_words(rule: str, message: str) -> str:
    return next((words for part, words in _REASONS if part in rule), message)


def _found(file: AttachedFile, what: str) -> str:
    return f"{quoted(file.name)}, {what}"
