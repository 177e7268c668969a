"""Pages that stand for a file: a divider for one that travels beside or inside, and the drawing of all such pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ksbtrack.files.packed_names import packed_path
from ksbtrack.models.portfolio import AttachedFile, Evidence
from ksbtrack.showcase.parts import Form, PreparedFile

if TYPE_CHECKING:
    from markupsafe import Markup

_KILO = 1_000
_MARK_GROUP = 8

HEADINGS = {
    Form.BESIDE: "This file travels beside this document",
    Form.ATTACHED: "This file is attached to this document",
    Form.CARD: "This recording travels beside this document",
    Form.LEFT_OUT: "This file could not be opened",
}
_WHERE = {
    Form.BESIDE: "Open it from the folder of files that came with this document; the link below leads there.",
    Form.ATTACHED: "Open it from the list of attachments of your PDF reader, often a paper clip at the side.",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One line about a file: what, and its value."""

    name: str
    value: str


def divider(
    file: AttachedFile,
    piece: Evidence,
    number: int,
    form: Form,
    reasons: Sequence[str],
    *,
    evidence_pages: int = 0,
    held: Sequence[str] = (),
) -> PreparedFile:
    """Give the page that stands for a file whose own pages are not shown.

    Args:
        file: what loading found about it.
        piece: the piece that it belongs to.
        number: its place among the piece's files, from 1.
        form: where the file itself is: beside this document, attached to it, or left out.
        reasons: why it is not shown, as clauses such as `a font is not embedded in it`.
        evidence_pages: pages of the file that a claim can name.
        held: what the file itself can do besides being read, which of pages that are shown would be taken out.
    """
    warning = f"The file itself still has: {', '.join(held)}." if held else ""
    pages = (Fact("Pages", f"{evidence_pages:,}"),) if evidence_pages else ()
    pdf = draw(
        "file_card.html.j2",
        file=file,
        piece=piece,
        number=number,
        heading=HEADINGS[form],
        where="" if file.is_missing else _WHERE.get(form, ""),
        reasons=reasons,
        warning=warning,
        facts=facts_of(file, kind_words(file.name), *pages),
        address=packed_address(file.name) if form is Form.BESIDE and not file.is_missing else "",
        rows=(),
    )
    return PreparedFile(
        piece=piece.id,
        number=number,
        name=file.name,
        sha256=file.sha256,
        size=file.size,
        form=form,
        pdf=pdf,
        pages=1,
        evidence_pages=evidence_pages,
        notes=(*(f"Not shown as pages: {reason}." for reason in reasons), *filter(None, (warning,))),
    )


def draw(template: str, *, piece: Evidence, number: int, file: AttachedFile, **given: Any) -> bytes:
    """Give the PDF of one of the templates for files, with what all of them show.

    Args:
        template: its name in templates/showcase.
        piece: the piece that the file belongs to.
        number: the file's place in the piece, from 1.
        file: what loading found about it.
        given: what else the template takes.

    Raises:
        KsbtrackError: `missing-library`, `render-failed`.
    """
    from ksbtrack.report.html import page_environment
    from ksbtrack.report.pdf import html_to_pdf

    html = (
        page_environment("showcase")
        .get_template(template)
        .render(
            piece=piece,
            number=number,
            file=file,
            short_name=file.name.rpartition("/")[2],
            style=_style(),
            **given,
        )
    )
    return html_to_pdf(html)


def packed_address(name: str) -> str:
    """Give the address of a file that travels beside the showcase, from the showcase's own folder.

    Args:
        name: path inside the portfolio folder.
    """
    return quote(packed_path(name))


def kind_words(name: str) -> str:
    """Give what a name says a file is, such as `DOCX file`."""
    ending = PurePosixPath(name).suffix.removeprefix(".")
    return f"{ending.upper()} file" if ending.isalnum() else "file"


def size_words(size: int) -> str:
    """Give a number of bytes as people say it, with the exact number beside."""
    amount, unit = float(size), ""
    for larger in ("kB", "MB", "GB"):
        if amount < _KILO:
            break
        amount, unit = amount / _KILO, larger
    return f"{amount:.1f} {unit} ({size:,} bytes)" if unit else f"{size:,} bytes"


def facts_of(file: AttachedFile, kind: str, *more: Fact) -> tuple[Fact, ...]:
    """Give what a card says of a file: name, kind, size and fingerprint, and whatever else is known.

    Args:
        file: what loading found about it.
        kind: what it is, in words.
        more: facts that stand between kind and size.
    """
    known = (Fact("File", file.name), Fact("Kind", kind), *more)
    if file.is_missing:
        return known
    return (*known, Fact("Size", size_words(file.size)), Fact("Fingerprint (SHA-256)", grouped(file.sha256)))


def grouped(mark: str) -> str:
    """Give a fingerprint in groups that an eye can compare."""
    return " ".join(mark[begin : begin + _MARK_GROUP] for begin in range(0, len(mark), _MARK_GROUP))


@cache
def _style() -> Markup:
    from markupsafe import Markup

    from ksbtrack.report.html import paper_style

    return Markup(paper_style("showcase/file.css"))
