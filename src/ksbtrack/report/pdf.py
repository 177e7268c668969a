"""A finished HTML page as one PDF that is PDF/UA-1 and PDF/A-3a, with the same bytes on every machine.

This is the only module that imports WeasyPrint, and it does so when the first PDF is asked for: WeasyPrint
and its system libraries take longer to load than a whole check does.

While a PDF is made, two variables of the process's environment, the garbage collector's threshold and the
filter of warnings are changed, and set back afterwards: make one PDF at a time in one process.
"""

from __future__ import annotations

import atexit
import codecs
import contextlib
import ctypes.util
import gc
import io
import os
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from ksbtrack.files.writing import cannot_write
from ksbtrack.models.statuses import Status
from ksbtrack.problems import KsbtrackError, Problem, Source, quoted
from ksbtrack.report.conformance import Attachment, Objects, Rendering, characters_without_glyph, complete
from ksbtrack.report.glyphs import FACES, FONT_ADDRESS, cover, font_css
from ksbtrack.report.shapes import ICON_ADDRESS, icon

__all__ = [
    "Attachment",
    "Layout",
    "cover",
    "draw",
    "font_css",
    "html_to_pdf",
    "lay_out",
    "load_weasyprint",
    "make_ready",
]

OLDEST_WEASYPRINT = 70
"""The first major version that leaves every fetch to our fetcher (CVE-2026-55073)."""

SYSTEM_LIBRARIES = "sudo apt-get install --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
"""The command that gives Debian and Ubuntu what WeasyPrint loads."""

_VARIANT = "pdf/a-3a"
_POINTS = 0.75
"""Points in a pixel of CSS."""
_PAGES = Source("the report's pages")

_FONT_SETTINGS = Path(__file__).with_name("fonts.conf")

_CRASHES = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    MemoryError,
    NameError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What WeasyPrint was seen to raise on a page it cannot lay out: RecursionError is a RuntimeError."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the parts of a document lie on its pages.

    Attributes:
        pages: how many there are.
        places: of each element with an id, its page from 0, and the points between its top and the page's bottom.
    """

    pages: int
    places: Mapping[str, tuple[int, float]]


class _Fetcher(Protocol):
    """What is asked of our fetcher beyond fetching."""

    refused: list[str]


def html_to_pdf(html: str, *, attachments: Sequence[Attachment] = ()) -> bytes:
    """Give a finished HTML document as a PDF, valid as PDF/UA-1 and as PDF/A-3a.

    Title, language and dates come from the HTML (`title`, `html lang`, `meta name=dcterms.created`). Only the
    shipped fonts are used; characters that they lack are replaced as `cover` says. Nothing else is fetched.

    Args:
        html: the document, with its styles in it and attribute values in quotes.
        attachments: the files that travel in the PDF, each name once.

    Raises:
        KsbtrackError: `missing-library`, `refused-resource`, `render-failed`, or `cannot-write` (temporary folder).
    """
    return draw(html, attachments=attachments)[0]


def draw(html: str, *, attachments: Sequence[Attachment] = ()) -> tuple[bytes, Layout]:
    """Give the PDF that `html_to_pdf` gives, and where everything in it lies.

    Args:
        html: as for `html_to_pdf`.
        attachments: as for `html_to_pdf`.

    Raises:
        KsbtrackError: as `html_to_pdf`.
    """
    weasyprint = load_weasyprint()
    fetcher = _shipped_only(weasyprint)
    in_order = sorted(attachments, key=_place_in_name_tree)

    def finish(rendering: Rendering, pdf: Objects) -> None:
        _refuse(fetcher.refused)
        _check(rendering)
        complete(rendering, pdf, in_order)

    with _at_work(fetcher):
        embedded = [_embedded(weasyprint, fetcher, attachment) for attachment in in_order]
        document = _laid_out(weasyprint, html, fetcher)
        content: bytes = document.write_pdf(pdf_variant=_VARIANT, attachments=embedded, finisher=finish)
    return content, _layout_of(document)


def lay_out(html: str) -> Layout:
    """Give where everything in an HTML document comes to lie when `html_to_pdf` makes a PDF of it.

    Args:
        html: as for `html_to_pdf`.

    Raises:
        KsbtrackError: as `html_to_pdf`.
    """
    weasyprint = load_weasyprint()
    fetcher = _shipped_only(weasyprint)
    with _at_work(fetcher):
        document = _laid_out(weasyprint, html, fetcher)
    _refuse(fetcher.refused)
    return _layout_of(document)


def _layout_of(document: Any) -> Layout:
    places: dict[str, tuple[int, float]] = {}
    for number, page in enumerate(document.pages):
        for name, corners in page.anchors.items():
            # An element that goes on over several pages is on each of them.
            places.setdefault(name, (number, (page.height - corners[1]) * _POINTS))
    return Layout(len(document.pages), places)


def _laid_out(weasyprint: ModuleType, html: str, fetcher: _Fetcher) -> Any:
    """Give WeasyPrint's document, laid out with the shipped fonts."""
    covered, _ = cover(html)
    fonts, faces = _shipped_fonts()
    document = weasyprint.HTML(string=covered, base_url="ksb:", url_fetcher=fetcher)
    return document.render(font_config=fonts, stylesheets=[faces], pdf_variant=_VARIANT)


@lru_cache(maxsize=1)
def _shipped_fonts() -> tuple[Any, Any]:
    """Give the shipped fonts as WeasyPrint takes them, loaded once in a process.

    The system's libraries never give back all that a set of fonts takes: a process that made 500 reports with a set for
    each had 0.4 GB more at its end.
    """
    weasyprint = load_weasyprint()
    fonts = weasyprint.text.fonts.FontConfiguration()
    fetcher = _shipped_only(weasyprint)
    # Let go while WeasyPrint is still whole: as the process ends, its parts go in any order.
    atexit.register(_shipped_fonts.cache_clear)
    return fonts, weasyprint.CSS(string=font_css(), base_url="ksb:", url_fetcher=fetcher, font_config=fonts)


def make_ready() -> None:
    """Load WeasyPrint and the shipped fonts, for whoever has the time before there is a page to draw.

    Raises:
        KsbtrackError: `missing-library`, `cannot-write` (temporary folder).
    """
    load_weasyprint()
    with _same_surroundings(), _rare_collections(), warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        try:
            _shipped_fonts()
        except OSError as error:
            # The fonts pass through a temporary folder, the only thing that is written on the way.
            raise cannot_write(Path(tempfile.gettempdir()), error) from error


@contextlib.contextmanager
def _at_work(fetcher: _Fetcher) -> Iterator[None]:
    """Give WeasyPrint the same surroundings everywhere, and turn its crashes into problems."""
    with _same_surroundings(), _rare_collections(), warnings.catch_warnings():
        # WeasyPrint leaves the closing of its colour profile to the garbage collector.
        warnings.simplefilter("ignore", ResourceWarning)
        try:
            yield
        except _CRASHES as error:
            _refuse(fetcher.refused)
            if isinstance(error, OSError):
                # The fonts pass through a temporary folder, the only thing that is written on the way.
                raise cannot_write(Path(tempfile.gettempdir()), error) from error
            raise _failed(f"{type(error).__name__} from WeasyPrint") from error


def _check(rendering: Rendering) -> None:
    """Refuse pages that would claim a conformance they do not have."""
    if not (rendering.metadata.title or "").strip():
        raise _failed("a page without a title")
    if not (rendering.metadata.lang or "").strip():
        raise _failed("a page that does not name its language")
    if lacking := characters_without_glyph(rendering):
        raise _failed(f"characters that the report's fonts lack, in its styles: {quoted(''.join(lacking))}")


def _embedded(weasyprint: ModuleType, fetcher: _Fetcher, attachment: Attachment) -> object:
    """Give an attachment as WeasyPrint takes it.

    Without dates it would write the present time; the day that stands in for them is taken out again.
    """
    return weasyprint.Attachment(
        file_obj=io.BytesIO(attachment.content),
        name=attachment.name,
        description=attachment.description,
        created=_midnight(attachment.created),
        modified=_midnight(attachment.modified),
        relationship=attachment.relationship,
        url_fetcher=fetcher,
    )


def _place_in_name_tree(attachment: Attachment) -> bytes:
    """Give an attachment's name as a PDF stores it, which is the order that the tree of names must have."""
    name = attachment.name
    return name.encode("ascii") if name.isascii() else codecs.BOM_UTF16_BE + name.encode("utf-16-be")


def _midnight(day: date | None) -> datetime:
    """Give the first moment of a day as a PDF date has it, without a time zone."""
    day = day or date.min
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 (WeasyPrint writes it as it stands)


def _shipped_only(weasyprint: ModuleType) -> _Fetcher:
    """Give a fetcher that reads our fonts and icons, refuses everything else, and keeps what it refused."""
    fonts = {FONT_ADDRESS + face.file: face.path.read_bytes for face in FACES}
    icons = {f"{ICON_ADDRESS}{status}.svg": icon(status).encode for status in Status}
    shipped: dict[str, Callable[[], bytes]] = fonts | icons

    class ShippedOnly(weasyprint.urls.URLFetcher):  # type: ignore[misc, name-defined]  # untyped
        def __init__(self) -> None:
            super().__init__(allowed_protocols=(), allow_redirects=False)
            self.refused: list[str] = []

        def fetch(self, url: str, headers: object = None) -> object:
            if url not in shipped:
                self.refused.append(url)
                raise ValueError("not among what the report ships")
            kind = {"Content-Type": "image/svg+xml" if url in icons else "application/octet-stream"}
            return weasyprint.urls.URLFetcherResponse(url, shipped[url](), kind)

    fetcher: _Fetcher = ShippedOnly()
    return fetcher


def _refuse(refused: Sequence[str]) -> None:
    """Fail if a page asked for anything but what is shipped: what it shows would have a hole."""
    problems = [
        Problem(
            code="refused-resource",
            source=_PAGES,
            found=quoted(address),
            expected="a report's pages load nothing but its own fonts and icons",
            fix="Take the image, style sheet, link or url() that loads it out of the template.",
        )
        for address in dict.fromkeys(refused)
    ]
    if problems:
        raise KsbtrackError(*problems)


def _failed(found: str) -> KsbtrackError:
    """Give the error for pages of which no valid PDF can be made."""
    return KsbtrackError(
        Problem(
            code="render-failed",
            source=_PAGES,
            found=found,
            expected="every page can be laid out as an accessible PDF",
            fix="Write the report as .html, which needs no layout, and send that file with a bug report.",
        )
    )


def load_weasyprint() -> ModuleType:
    """Import WeasyPrint, without its hints on standard output, and twice as fast.

    Raises:
        KsbtrackError: `missing-library`.
    """
    if "weasyprint" not in sys.modules:
        with _same_surroundings(), _rare_collections(), _libraries_by_name(), warnings.catch_warnings():
            # It warns about fonts of this machine and about HarfBuzz-Subset: neither changes a report.
            warnings.simplefilter("ignore")
            try:
                with contextlib.redirect_stdout(io.StringIO()):
                    import weasyprint
            except (OSError, ImportError) as error:
                raise _missing(_first_line(error), f"Install them: {SYSTEM_LIBRARIES}") from error
    import weasyprint

    if int(weasyprint.VERSION.split(".")[0]) < OLDEST_WEASYPRINT:
        raise _missing(f"WeasyPrint {weasyprint.VERSION}", "Install it: pip install 'weasyprint>=70.0'")
    loaded: ModuleType = weasyprint
    return loaded


def _first_line(error: Exception) -> str:
    """Give what an import error says, up to its first full stop or line end."""
    return quoted(str(error).splitlines()[0].split(".  ")[0]) if str(error) else type(error).__name__


def _missing(found: str, fix: str) -> KsbtrackError:
    return KsbtrackError(
        Problem(
            code="missing-library",
            source=Source("this machine"),
            found=found,
            expected="a PDF needs WeasyPrint 70 or later and the libraries it loads (Pango, HarfBuzz)",
            fix=fix,
        )
    )


@contextlib.contextmanager
def _libraries_by_name() -> Iterator[None]:
    """Let cffi open libraries by their full names only, while WeasyPrint is imported on Linux.

    WeasyPrint tries the names of other systems first, and for each of them `find_library` starts a compiler
    and a linker: 0.15 s. The Linux names at the end of its lists open without.
    """
    if not sys.platform.startswith("linux"):
        yield
        return
    original = ctypes.util.find_library
    ctypes.util.find_library = lambda name: None
    try:
        yield
    finally:
        ctypes.util.find_library = original


@contextlib.contextmanager
def _same_surroundings() -> Iterator[None]:
    """Hide from WeasyPrint what differs between machines and moments.

    FONTCONFIG_FILE: none of this machine's fonts and font rules. SOURCE_DATE_EPOCH: without HarfBuzz-Subset,
    fontTools would write the present time into each font.
    """
    fixed = {"FONTCONFIG_FILE": str(_FONT_SETTINGS), "SOURCE_DATE_EPOCH": "0"}
    before = {name: os.environ.get(name) for name in fixed}
    os.environ.update(fixed)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextlib.contextmanager
def _rare_collections() -> Iterator[None]:
    """Let the garbage collector run seldom: a layout makes many objects and keeps nearly all of them."""
    before = gc.get_threshold()
    gc.set_threshold(1_000_000, 50, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)
