"""Joining PDFs: their tags, numbers and stamps live side by side whatever the files chose."""

from __future__ import annotations

import io
from collections.abc import Callable

import pikepdf
import pypdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf

from ksbtrack.report.pdf import draw
from ksbtrack.showcase.assembly import Assembly, Pages
from ksbtrack.showcase.parts import Form, PreparedFile
from validators import page_validation_failures

OWN = (
    '<!doctype html><html lang="en-GB"><head><title>Showcase</title><style>body{{font-family:Inter}}</style></head>'
    '<body><h1 id="{place}">{title}</h1><p><a href="ksb:to/{to}">There</a></p></body></html>'
)
FILE = (
    '<!doctype html><html lang="en-GB"><head><title>Plan</title><style>body{font-family:Inter} h2{break-before:page}'
    "</style></head><body><h1>Plan</h1><p>First page</p><table><tr><th>Day</th></tr><tr><td>Monday</td></tr></table>"
    "<h2>More</h2><p>Second page</p></body></html>"
)


def changed(content: bytes, change: Callable[[Pdf], None]) -> bytes:
    """Give a PDF after a change."""
    with Pdf.open(io.BytesIO(content)) as pdf:
        change(pdf)
        out = io.BytesIO()
        pdf.save(out)
    return out.getvalue()


def joined(*files: bytes) -> bytes:
    """Give the document of two own pages around some files of one piece."""
    front = Pages(*draw(OWN.format(place="piece-E01", title="E01", to="annex-b-E01")))
    back = Pages(*draw(OWN.format(place="annex-b-E01", title="Annex B", to="page-E01-1-2")))
    prepared = [
        PreparedFile("E01", number, f"evidence/{number}.pdf", "0" * 64, len(content), Form.PAGES, content, 2, 2)
        for number, content in enumerate(files, 1)
    ]
    assembly = Assembly(front, prepared, back)
    assembly.link()
    assembly.stamp()
    assembly.outline([])
    return assembly.content()


def with_numbers(pdf: Pdf, first: int) -> None:
    """Number a file's pages from `first` on, in its parent tree too."""
    tree = Array()
    for place, page in enumerate(pdf.pages):
        old = list(pdf.Root.StructTreeRoot.ParentTree.Nums)
        entries = dict(zip(map(int, old[::2]), old[1::2], strict=True))
        tree.append(first + place)
        tree.append(entries[int(page.obj.StructParents)])
    for place, page in enumerate(pdf.pages):
        page.obj.StructParents = first + place
    pdf.Root.StructTreeRoot.ParentTree = pdf.make_indirect(Dictionary(Nums=tree))


def with_role(pdf: Pdf, stands_for: Name) -> None:
    """Give a file's table a type of its own that stands for another."""
    pdf.Root.StructTreeRoot.RoleMap = Dictionary({"/Own": stands_for})
    for element in pdf.objects:
        if isinstance(element, Dictionary) and element.get("/S") == stands_for:
            element.S = Name("/Own")


@pytest.mark.parametrize("first", [0, 7, 999_999, 2**31 - 10])
def test_a_files_numbers_are_its_own_affair(first: int) -> None:
    plain = draw(FILE)[0]
    content = joined(changed(plain, lambda pdf: with_numbers(pdf, first)), plain)
    assert page_validation_failures(content) == []
    with Pdf.open(io.BytesIO(content)) as pdf:
        keys = [int(key) for key in list(pdf.Root.StructTreeRoot.ParentTree.Nums)[::2]]
    assert keys == sorted(set(keys))
    assert max(keys) < 100


def test_two_files_may_mean_different_things_by_one_word() -> None:
    plain = draw(FILE)[0]
    one = changed(plain, lambda pdf: with_role(pdf, Name.P))
    other = changed(plain, lambda pdf: with_role(pdf, Name.H1))
    content = joined(one, other)
    assert page_validation_failures(content) == []
    with Pdf.open(io.BytesIO(content)) as pdf:
        roles = {str(key): str(value) for key, value in pdf.Root.StructTreeRoot.RoleMap.items()}
    assert sorted(roles.values()) == ["/H1", "/P"]


def test_the_way_back_is_read_on_its_page() -> None:
    with Pdf.open(io.BytesIO(joined(draw(FILE)[0]))) as pdf:
        (part,) = [part for part in pdf.Root.StructTreeRoot.K[0].K if str(part.get("/T", "")).startswith("E01")]
        kinds = [(str(kid.S), pdf.pages.index(pikepdf.Page(kid.Pg))) for kid in part.K if "/Pg" in kid]
    links = [(kind, page) for kind, page in kinds if kind == "/Link"]
    assert links == [("/Link", 1), ("/Link", 2)]
    assert [page for _, page in kinds] == sorted(page for _, page in kinds)


def test_a_font_of_the_stamps_name_stays_what_it_is() -> None:
    def renamed(pdf: Pdf) -> None:
        for page in pdf.pages:
            fonts = page.obj.Resources.Font
            ((name, font),) = list(fonts.items())[:1]
            fonts["/KsbtrackStamp"] = font
            old = page.obj.Contents.read_bytes()
            page.obj.Contents = pdf.make_stream(old.replace(str(name).encode() + b" ", b"/KsbtrackStamp "))

    content = joined(changed(draw(FILE)[0], renamed))
    texts = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages]
    assert "Plan" in texts[1]
    assert "E01 · file 1 · page 1 of 2" in texts[1]
    assert "Page 2 of 4" in texts[1]
    assert page_validation_failures(content) == []


def test_a_showcase_in_a_showcase_has_both_headers_side_by_side() -> None:
    inner = joined(draw(FILE)[0])
    four = PreparedFile("E01", 1, "evidence/old.pdf", "0" * 64, len(inner), Form.PAGES, inner, 4, 4)
    front = Pages(*draw(OWN.format(place="piece-E01", title="E01", to="annex-b-E01")))
    back = Pages(*draw(OWN.format(place="annex-b-E01", title="Annex B", to="page-E01-1-2")))
    assembly = Assembly(front, [four], back)
    assembly.link()
    assembly.stamp()
    text = pypdf.PdfReader(io.BytesIO(assembly.content())).pages[2].extract_text()
    assert "E01 · file 1 · page 1 of 2" in text
    assert "E01 · file 1 · page 2 of 4" in text


def turned(pdf: Pdf, angle: int) -> None:
    """Turn all pages and cut them, as a scanner does."""
    for page in pdf.pages:
        page.obj.Rotate = angle
        page.obj.CropBox = Array([50, 60, 450, 700])


@pytest.mark.parametrize("angle", [0, 90, 180, 270, -90, 450])
def test_stamps_lie_within_the_visible_part_of_a_turned_page(angle: int) -> None:
    content = joined(changed(draw(FILE)[0], lambda pdf: turned(pdf, angle)))
    page = pypdf.PdfReader(io.BytesIO(content)).pages[1]
    (link,) = [annotation.get_object() for annotation in page["/Annots"]]  # type: ignore[attr-defined]
    left, bottom, right, top = map(float, link["/Rect"])
    assert 50 <= left < right <= 450
    assert 60 <= bottom < top <= 700
    # The head of the page as it is seen.
    edge = {0: 700 - top, 90: left - 50, 180: bottom - 60, 270: 450 - right}[angle % 360]
    assert edge < 20
