"""Pages that stand for a file: a divider for one that travels beside or inside, and the drawing of all such pages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ksbtrack.models.portfolio import AttachedFile, Evidence
from ksbtrack.paths import shipped_folder
from ksbtrack.report.words import printable
from ksbtrack.showcase.parts import Form, PreparedFile

if TYPE_CHECKING:
    from jinja2 import Environment

_REMOVED_GLOBALS = ("lipsum", "cycler", "joiner", "namespace")
_VARIABLE = re.compile(r"var\(--(?P<name>[a-z_-]+)\)")
_KILO = 1_000
_MARK_GROUP = 8

HEADINGS = {
    Form.BESIDE: "This file travels beside this document",
    Form.ATTACHED: "This file is attached to this document",
    Form.CARD: "This recording travels beside this document",
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
) -> PreparedFile:
    """Give the page that stands for a file whose own pages are not shown.

    Args:
        file: what loading found about it.
        piece: the piece that it belongs to.
        number: its place among the piece's files, from 1.
        form: where the file itself is: beside this document, or attached to it.
        reasons: why it is not shown, as clauses such as `a font is not embedded in it`.
        evidence_pages: pages of the file that a claim can name.
    """
    facts = [Fact("Kind", kind_words(file.name)), Fact("Size", size_words(file.size))]
    if evidence_pages:
        facts.append(Fact("Pages", f"{evidence_pages:,}"))
    pdf = draw(
        "file_card.html.j2",
        file=file,
        piece=piece,
        number=number,
        heading=HEADINGS[form],
        where=_WHERE[form],
        reasons=reasons,
        facts=facts,
        address=packed_address(file.name) if form is Form.BESIDE else "",
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
        notes=tuple(f"Not shown as pages: {reason}." for reason in reasons),
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
    from ksbtrack.report.pdf import html_to_pdf

    html = (
        _environment()
        .get_template(template)
        .render(
            piece=piece,
            number=number,
            file=file,
            short_name=file.name.rpartition("/")[2],
            mark=grouped(file.sha256),
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
    return "files/" + quote(name)


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


def grouped(mark: str) -> str:
    """Give a fingerprint in groups that an eye can compare."""
    return " ".join(mark[begin : begin + _MARK_GROUP] for begin in range(0, len(mark), _MARK_GROUP))


@cache
def _environment() -> Environment:
    """Give a Jinja environment in which values are only ever text, and a missing one is an error."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(shipped_folder("templates") / "showcase"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    for name in _REMOVED_GLOBALS:
        del environment.globals[name]
    return environment


def _shown(value: object) -> object:
    """Give what a template prints: safe markup as it is, any other text without characters that cannot be shown."""
    from markupsafe import Markup

    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def _style() -> str:
    """Give the style sheet of the pages of files, with the report's colours in it."""
    from markupsafe import Markup

    from ksbtrack.report.shapes import COLOURS

    rules = (shipped_folder("templates") / "showcase" / "file.css").read_text(encoding="utf-8")
    return Markup(_VARIABLE.sub(lambda found: COLOURS[found["name"]], rules))
