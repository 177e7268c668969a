"""The whole showcase: pieces checked, their files prepared, pages laid out, everything joined into one PDF."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ksbtrack.files.opening import open_inside
from ksbtrack.files.page_marks import document_marks
from ksbtrack.models.analysis import Analysis
from ksbtrack.models.portfolio import Evidence
from ksbtrack.problems import KsbtrackError, Problem, Source, quoted, several
from ksbtrack.report.pdf import draw, lay_out
from ksbtrack.showcase.assembly import Assembly, Bookmark, Enclosed, Pages, number_places
from ksbtrack.showcase.conformity import UNJUDGED, faults
from ksbtrack.showcase.files import prepare_files
from ksbtrack.showcase.pages import back_html, front_html
from ksbtrack.showcase.parts import Form, PreparedFile
from ksbtrack.showcase.targets import place_problem
from ksbtrack.showcase.view import ShowcaseView, showcase_view

MANIFEST_VERSION = "1.0"
"""Version of the manifest inside a showcase; docs/showcase.md describes it."""
MAX_PASSES = 3
"""Times the pages are drawn until they stay where they are. A number has room of its own, so once is enough."""


@dataclass(frozen=True, slots=True)
class Showcase:
    """A finished showcase.

    Attributes:
        pdf: the document.
        pieces: those in it, in order.
        files: their files as they went in.
        pages: how many it has.
        left_out: the problems of files that could not be put in.
    """

    pdf: bytes
    pieces: tuple[Evidence, ...]
    files: tuple[PreparedFile, ...]
    pages: int
    left_out: tuple[Problem, ...] = ()


def build_showcase(
    folder: Path,
    analysis: Analysis,
    pieces: Sequence[Evidence],
    *,
    with_uln: bool = False,
    private_reason: str | None = None,
    skip_broken: bool = False,
) -> Showcase:
    """Give the showcase portfolio of some pieces: one PDF, PDF/UA-1 and PDF/A-3a, the files of the pieces in it.

    Args:
        folder: the portfolio folder.
        analysis: what `analyse` returned for it.
        pieces: the selected ones, in the order in which they are shown; at least one.
        with_uln: print the learner's number on the cover.
        private_reason: why pieces with unredacted personal data of others may be shown; the redaction log prints it.
        skip_broken: build the rest where a file cannot be opened; a page says what is missing.

    Raises:
        KsbtrackError: `nothing-selected`, `personal-data`, `place-beyond-end`, `ambiguous-place`,
            `not-conforming`, or what `prepare_files` and `html_to_pdf` raise.
    """
    refused = [*_nothing_selected(folder, pieces), *_private(pieces, private_reason), *_beyond_end(analysis, pieces)]
    if refused:
        raise KsbtrackError(*refused)
    files, left_out = prepare_files(folder, pieces, skip_broken=skip_broken)
    if misplaced := list(_misplaced(analysis, pieces, files)):
        raise KsbtrackError(*misplaced)
    view = showcase_view(analysis, pieces, files, with_uln=with_uln, private_reason=private_reason, left_out=left_out)
    front, back = _own_pages(view, files)
    assembly = Assembly(front, files, back)
    assembly.link()
    assembly.stamp()
    assembly.outline(list(_bookmarks(assembly, pieces)))
    manifest = _manifest(analysis, pieces, assembly, left_out)
    assembly.enclose([manifest, *_attached(folder, files)])
    pages = len(assembly.pages)
    content = assembly.content()
    if refused := list(_not_valid(content)):
        raise KsbtrackError(*refused)
    return Showcase(content, tuple(pieces), tuple(files), pages, tuple(left_out))


def _own_pages(view: ShowcaseView, files: Sequence[PreparedFile]) -> tuple[Pages, Pages]:
    """Give the pages before and after the files, with the final numbers in them.

    They are laid out first without numbers, to learn where everything lies, and then drawn with them.
    """
    layouts = [lay_out(front_html(view, {})), lay_out(back_html(view, {}))]
    for _ in range(MAX_PASSES):
        numbers = number_places(layouts[0], files, layouts[1])
        (front, front_layout), (back, back_layout) = draw(front_html(view, numbers)), draw(back_html(view, numbers))
        drawn = [front_layout, back_layout]
        if number_places(front_layout, files, back_layout) == numbers:
            return Pages(front, front_layout), Pages(back, back_layout)
        layouts = drawn
    raise RuntimeError("the pages move with their numbers: a number has no room of its own in a template")


def _nothing_selected(folder: Path, pieces: Sequence[Evidence]) -> Iterator[Problem]:
    if not pieces:
        yield Problem(
            "nothing-selected",
            Source((folder / "portfolio.yaml").as_posix()),
            "no piece for the showcase",
            "a showcase shows at least one piece of evidence",
            "List the ids of pieces under showcase in portfolio.yaml, or name them with --select.",
        )


def _private(pieces: Sequence[Evidence], reason: str | None) -> Iterator[Problem]:
    """Yield the problem of each piece that would show personal data of others."""
    if reason is not None and reason.strip():
        return
    for piece in pieces:
        if piece.privacy.is_open:
            yield Problem(
                "personal-data",
                piece.source,
                f"{piece.id}, which holds personal data of others that are not redacted",
                "assessment organisations take no personal data of others",
                "Redact it and write so under privacy, choose another piece, or give a reason with --allow-private.",
            )


def _beyond_end(analysis: Analysis, pieces: Sequence[Evidence]) -> Iterator[Problem]:
    """Yield the problem of each claim on a page that no file of its piece has."""
    selected = {piece.id for piece in pieces}
    sources = {piece.id: piece.source for piece in pieces}
    for finding in analysis.findings:
        piece_id = finding.subject.partition(":")[0]
        # What can be in several files is told by the files as they go in.
        is_beyond = finding.rule == "place_beyond_last_page" and "between" not in finding.inputs
        if is_beyond and piece_id in selected:
            yield Problem(
                "place-beyond-end",
                sources[piece_id],
                "a place that is not there: " + finding.reason.rstrip("."),
                "each place is a page or a time that the file has",
                finding.remedy.text if finding.remedy else "Correct the place.",
            )


def _not_valid(content: bytes) -> Iterator[Problem]:
    """Yield the problem of a document that is not what it says it is; each part of it was valid by itself.

    A document of thousands of pages is beyond what the judge looks at: then the parts have to do.
    """
    found = [(rule, message) for rule, message in faults(content) if rule != UNJUDGED]
    if found:
        rule, message = found[0]
        yield Problem(
            "not-conforming",
            Source("the showcase"),
            f"pages that break {several(len(found), 'rule')} of PDF/UA-1 and PDF/A-3a: {rule}, {quoted(message)}",
            "whoever reads a showcase with a screen reader, or keeps it for years, relies on both",
            "Build it with fewer pieces to find the file, print that to PDF again, and send it with a bug report.",
        )


def _misplaced(analysis: Analysis, pieces: Sequence[Evidence], files: Sequence[PreparedFile]) -> Iterator[Problem]:
    """Yield the problem of each claim whose place is not in the files as they go in, or can be in several."""
    for piece in pieces:
        own = [file for file in files if file.piece == piece.id]
        for made in analysis.case.claims_of.get(piece.id, ()):
            if problem := place_problem(made.claim, piece, own):
                yield problem


def _bookmarks(assembly: Assembly, pieces: Sequence[Evidence]) -> Iterator[Bookmark]:
    """Yield the outline: the parts before the pieces, each piece with its files, the parts after them."""
    own = {
        "contents": "Contents",
        "about": "About me and my role",
        "how": "How to use this portfolio",
        "annex-a": "Annex A: from statement to evidence",
        "annex-b": "Annex B: from evidence to statement",
        "declarations": "Declarations",
        "redactions": "Redaction log",
        "manifest": "Manifest",
    }
    before = ("contents", "about", "how")
    yield from (Bookmark(own[place], place) for place in before if place in assembly.numbers)
    for piece in pieces:
        below = tuple(
            Bookmark(PurePosixPath(file.name).name, f"file-{file.piece}-{file.number}")
            for file in assembly.files
            if file.piece == piece.id
        )
        yield Bookmark(f"{piece.id} {piece.title}", f"piece-{piece.id}", below)
    yield from (
        Bookmark(title, place) for place, title in own.items() if place not in before and place in assembly.numbers
    )


def _attached(folder: Path, files: Sequence[PreparedFile]) -> Iterator[Enclosed]:
    """Yield the files that travel as they are, since their pages cannot join; of two with one name, both."""
    for file in files:
        if file.form is not Form.ATTACHED:
            continue
        stream = open_inside(folder, file.name, Source(file.name))
        if stream is None:
            continue
        with stream:
            content = stream.read()
        name = f"{file.piece}-{file.number}-{PurePosixPath(file.name).name}"
        yield Enclosed(name, content, f"{file.piece}, file {file.number}, as it was handed in", "application/pdf")


def _manifest(
    analysis: Analysis, pieces: Sequence[Evidence], assembly: Assembly, left_out: Sequence[Problem]
) -> Enclosed:
    """Give what is in the document, for programs: pieces with their marks, files, and the mark of each page."""
    portfolio = analysis.case.portfolio
    by_piece = {piece.id: [file for file in assembly.files if file.piece == piece.id] for piece in pieces}
    content = {
        "schema_version": MANIFEST_VERSION,
        "kind": "showcase",
        "standard": analysis.case.standard.identity,
        "as_of": analysis.case.on.isoformat(),
        "learner": portfolio.learner.name,
        "pieces": [
            {
                "id": piece.id,
                "title": piece.title,
                "fingerprint": piece.fingerprint,
                "page": assembly.numbers[f"piece-{piece.id}"],
                "files": [
                    {
                        "name": file.name,
                        "sha256": file.sha256,
                        "size": file.size,
                        "form": file.form.value,
                        "page": assembly.numbers[f"file-{file.piece}-{file.number}"],
                        "pages": file.pages,
                    }
                    for file in by_piece[piece.id]
                ],
            }
            for piece in pieces
        ],
        "left_out": [problem.found for problem in left_out],
        "pages": assembly.marks(),
        "document": document_marks(assembly.document),
    }
    text = json.dumps(content, ensure_ascii=False, indent=2) + "\n"
    return Enclosed("manifest.json", text.encode(), "What is in this document", "application/json", "/Data")
