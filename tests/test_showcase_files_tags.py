"""A PDF's own tags join only if they hold together among other files; what does not becomes described pages."""

from __future__ import annotations

import base64
import io
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, String
from PIL import Image

from evidence_files import (
    changed,
    mark,
    marks_on_first_page,
    piece_with,
    prepared,
    tagged_pdf,
    untagged_pdf,
    with_marks,
)
from ksbtrack.problems import KsbtrackError
from ksbtrack.showcase import tags, workers
from ksbtrack.showcase.conformity import UNJUDGED, faults
from ksbtrack.showcase.files import prepare_files
from ksbtrack.showcase.papers import NO_TAGS, TAGS_LOST
from ksbtrack.showcase.parts import Form
from ksbtrack.showcase.tags import LooseTagsError, check_tags
from test_showcase_files import pictures, words
from validators import page_validation_failures

TWO_PAGES = (
    '<h1 id="a">Plan</h1><p>First <a href="https://example.org/1">one</a>'
    '<p style="break-before:page">Second <a href="https://example.org/2">two</a>'
)


def content_of(pdf: Pdf, number: int = 0) -> bytes:
    contents = pdf.pages[number].obj.Contents
    return b"\n".join(one.read_bytes() for one in (contents if isinstance(contents, Array) else [contents]))


def before_and_after(before: bytes = b"", after: bytes = b"") -> Callable[[Pdf], None]:
    """Give what puts operators around the content of the first page."""

    def surround(pdf: Pdf) -> None:
        pdf.pages[0].obj.Contents = pdf.make_stream(before + content_of(pdf) + after)

    return surround


def numbered(number: object) -> Callable[[Pdf], None]:
    """Give what lets the first page name its tags by another number, and its tags have that number if one can."""

    def renumber(pdf: Pdf) -> None:
        pdf.pages[0].obj.StructParents = number
        if isinstance(number, int):
            pdf.Root.StructTreeRoot.ParentTree.Nums[0] = number

    return renumber


def without_number(pdf: Pdf) -> None:
    del pdf.pages[0].obj.StructParents


def without_entry(pdf: Pdf) -> None:
    pdf.pages[0].obj.StructParents = 900


def same_number(pdf: Pdf) -> None:
    pdf.pages[1].obj.StructParents = pdf.pages[0].obj.StructParents


def same_content(pdf: Pdf) -> None:
    pdf.pages[1].obj.Contents = pdf.pages[0].obj.Contents


def same_annotations(pdf: Pdf) -> None:
    pdf.pages[1].obj.Annots = pdf.pages[0].obj.Annots


def same_page(pdf: Pdf) -> None:
    pdf.pages.append(pdf.pages[0])


def tree_without_elements(pdf: Pdf) -> None:
    pdf.Root.StructTreeRoot.K = 5


def tree_in_itself(pdf: Pdf) -> None:
    pdf.Root.StructTreeRoot.K = Array([pdf.Root.StructTreeRoot])


def numbers_in_themselves(pdf: Pdf) -> None:
    tree = pdf.make_indirect(Dictionary(Kids=Array([])))
    tree.Kids.append(tree)
    pdf.Root.StructTreeRoot.ParentTree = tree


def deep_tree(pdf: Pdf) -> None:
    root = pdf.Root.StructTreeRoot
    element = root.K[0]
    for _ in range(3000):
        element = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Sect, K=element))
    root.K = element


LOOSE: dict[str, Callable[[Pdf], None]] = {
    "a number beyond reason": numbered(10**9),
    "a negative number": numbered(-5),
    "a number that is none": numbered(String("0")),
    "no number": without_number,
    "a number without tags": without_entry,
    "the number of another page": same_number,
    "the content of another page": same_content,
    "the annotations of another page": same_annotations,
    "a page twice": same_page,
    "a mark never closed": before_and_after(after=b"\n/P <</MCID 99>> BDC"),
    "a mark without an element": before_and_after(after=b"\n/P <</MCID 99>> BDC EMC"),
    "a mark closed twice": before_and_after(after=b"\nEMC"),
    "states never restored": before_and_after(after=b"\nq q 5 0 0 5 0 0 cm 1 Tr"),
    "states restored too often": before_and_after(after=b"\nQ Q Q"),
    "states restored before they are saved": before_and_after(before=b"Q Q ", after=b" q q"),
    "a text never closed": before_and_after(after=b"\nBT"),
    "a text that swallows what is behind it": before_and_after(after=b"\n(never closed"),
    "a list that swallows what is behind it": before_and_after(after=b"\n[ 1 2"),
    "a picture that swallows what is behind it": before_and_after(after=b"\nBI /W 9 /H 9 /BPC 8 /CS /G ID x"),
    "operands left over": before_and_after(after=b"\n1 2 3"),
    "a tree without elements": tree_without_elements,
    "a tree in itself": tree_in_itself,
    "numbers in themselves": numbers_in_themselves,
    "a tree of 3,000 levels": deep_tree,
}


@pytest.mark.parametrize("name", LOOSE)
def test_loose_tags_give_way_to_described_pages(name: str, tmp_path: Path) -> None:
    content = changed(tagged_pdf(TWO_PAGES), LOOSE[name])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        file = prepared(tmp_path, "plan.pdf", content)

    assert (file.form, file.notes) == (Form.PAGES, (TAGS_LOST,))
    assert "First one" in words(file)
    assert page_validation_failures(file.pdf) == []
    with pikepdf.open(io.BytesIO(file.pdf)) as pdf:
        for page in pdf.pages:
            assert page.obj.Contents.read_bytes() == b"/Figure <</MCID 0>> BDC q /Evidence Do Q EMC"
        check_tags(pdf)


def test_the_same_pages_keep_tags_that_hold(tmp_path: Path) -> None:
    def share(pdf: Pdf) -> None:
        """Do what programs do that draw over all pages: put a pair of streams around the content of each."""
        before, after = pdf.make_stream(b"q"), pdf.make_stream(b"Q")
        for page in pdf.pages:
            contents = page.obj.Contents
            page.obj.Contents = Array([before, *(contents if isinstance(contents, Array) else [contents]), after])

    file = prepared(tmp_path, "plan.pdf", changed(tagged_pdf(TWO_PAGES), share))
    assert (file.form, file.notes) == (Form.PAGES, ())


def test_what_is_loose_is_said() -> None:
    said = {}
    # Cleaning has given each page annotations of its own before the tags are looked at.
    for name, change in ((name, change) for name, change in LOOSE.items() if change is not same_annotations):
        with pikepdf.open(io.BytesIO(tagged_pdf(TWO_PAGES))) as pdf:
            change(pdf)
            with pytest.raises(LooseTagsError) as raised:
                check_tags(pdf)
            said[name] = str(raised.value)
    assert said["a mark without an element"] == "a page marks content for which there is no element"
    assert said["states restored too often"] == "a page's content closes with Q what it did not open"
    assert said["a text never closed"] == "a page's content leaves something open"
    assert said["the content of another page"] == "two pages share content with marks"


@pytest.mark.parametrize("limit", ["MAX_CONTENT_BYTES", "MAX_PAIRS"])
def test_content_made_to_cost_time_is_not_looked_through(limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pikepdf.open(io.BytesIO(tagged_pdf(TWO_PAGES))) as pdf:
        check_tags(pdf)
        monkeypatch.setattr(tags, limit, 8)
        with pytest.raises(LooseTagsError, match="too much content to be looked through"):
            check_tags(pdf)


def test_tags_on_which_the_judge_gives_up_are_a_fault() -> None:
    assert [rule for rule, _ in faults(changed(tagged_pdf(), tree_in_itself))] == [UNJUDGED]


def test_annotations_of_two_pages_are_copied(tmp_path: Path) -> None:
    file = prepared(tmp_path, "plan.pdf", changed(untagged_pdf(TWO_PAGES), same_page))

    assert (file.pages, file.notes) == (3, (NO_TAGS,))
    with pikepdf.open(io.BytesIO(file.pdf)) as pdf:
        links = [link for page in pdf.pages for link in page.obj.Annots]
        assert len({link.objgen for link in links}) == len({link.StructParent for link in links}) == 3
    assert page_validation_failures(file.pdf) == []


def test_each_page_s_links_are_read_after_it(tmp_path: Path) -> None:
    file = prepared(tmp_path, "plan.pdf", untagged_pdf(TWO_PAGES))

    with pikepdf.open(io.BytesIO(file.pdf)) as pdf:
        pages = [page.obj.objgen for page in pdf.pages]
        read = [(str(one.S), pages.index(one.Pg.objgen)) for one in pdf.Root.StructTreeRoot.K[0].K]
    assert read == [("/Figure", 0), ("/Link", 0), ("/Figure", 1), ("/Link", 1)]
    assert page_validation_failures(file.pdf) == []


def test_what_is_no_annotation_is_dropped(tmp_path: Path) -> None:
    def add(pdf: Pdf) -> None:
        web = mark("Link", A=Dictionary(S=Name.URI, URI=String("https://example.org/")))
        pdf.pages[0].obj.Annots = Array([5, String("x"), Array([]), Dictionary(), web])

    file = prepared(tmp_path, "plan.pdf", changed(untagged_pdf(), add))
    assert (file.form, file.removed) == (Form.PAGES, ())
    (link,) = marks_on_first_page(file.pdf)
    assert link["/A"]["/URI"] == "https://example.org/"


def test_annotations_that_are_no_list_are_dropped(tmp_path: Path) -> None:
    def add(pdf: Pdf) -> None:
        pdf.pages[0].obj.Annots = Dictionary(A=5)

    file = prepared(tmp_path, "plan.pdf", changed(untagged_pdf(), add))
    assert (file.form, marks_on_first_page(file.pdf)) == (Form.PAGES, [])


def test_a_file_pinned_to_a_page_counts_once(tmp_path: Path) -> None:
    def add(pdf: Pdf) -> None:
        inside = pdf.make_stream(b"MZ")
        pinned = pdf.make_indirect(Dictionary(Type=Name.Filespec, F=String("a"), EF=Dictionary(F=inside, UF=inside)))
        pdf.pages[0].obj.Annots = Array([pdf.make_indirect(mark("FileAttachment", FS=pinned))])
        pdf.Root.Names = Dictionary(EmbeddedFiles=Dictionary(Names=Array([String("a"), pinned])))

    assert prepared(tmp_path, "plan.pdf", changed(untagged_pdf(), add)).removed == ("1 attached file",)


@pytest.mark.parametrize(
    ("subtype", "entries", "removed"),
    [
        ("FreeText", {"F": 2}, "1 comment, hidden or without a mark of its own"),
        ("FreeText", {"F": 4}, "1 comment, of which the mark stays"),
        ("FreeText", {}, "1 comment, of which the mark stays"),
        ("Widget", {"F": 2, "FT": Name.Tx}, "1 form field, hidden or without a look"),
        (
            "Widget",
            {"F": 2, "FT": Name.Sig},
            "1 field for a digital signature, hidden or without a look: a copy cannot hold it",
        ),
    ],
)
def test_what_is_said_to_stay_is_what_is_drawn(
    subtype: str, entries: dict[str, Any], removed: str, tmp_path: Path
) -> None:
    def add(pdf: Pdf) -> None:
        look = pdf.make_stream(b"7 7 70 30 re f", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 100, 40]))
        one = pdf.make_indirect(mark(subtype, AP=Dictionary(N=look), **entries))
        pdf.pages[0].obj.Annots = Array([one])
        if subtype == "Widget":
            pdf.Root.AcroForm = Dictionary(Fields=Array([one]))

    file = prepared(tmp_path, "plan.pdf", changed(untagged_pdf(), add))
    assert file.removed == (removed,)
    with pikepdf.open(io.BytesIO(file.pdf)) as pdf:
        drawings = [one.read_bytes() for one in pdf.objects if isinstance(one, pikepdf.Stream)]
    assert any(b"7 7 70 30 re f" in drawing for drawing in drawings) is ("stays" in removed)


def test_a_comment_without_a_look_is_not_said_to_stay(tmp_path: Path) -> None:
    file = prepared(tmp_path, "plan.pdf", with_marks(untagged_pdf(), mark("Text", Contents=String("Well done"))))
    assert file.removed == ("1 comment, hidden or without a mark of its own",)


class NeedsTwoError(BaseException):
    """An error that can be packed but not unpacked again: that calls it with one argument."""

    def __init__(self, first: int, second: int) -> None:
        super().__init__(first + second)


class UnpackedError(ValueError):
    """An error that cannot be packed."""

    def __reduce__(self) -> tuple[Any, ...]:
        raise AttributeError("no way to pack this")


def _fail(kind: str) -> str:
    if kind == "two":
        raise NeedsTwoError(1, 2)
    if kind == "unpacked":
        raise UnpackedError(kind)
    return kind


def test_an_error_that_nobody_foresaw_stops_no_other_task() -> None:
    assert list(workers.in_workers(_fail, ["a", "two", "unpacked", "b"])) == [
        "a",
        workers.Costly("which could not be opened: NeedsTwoError", is_failure=True),
        workers.Costly("which could not be opened: UnpackedError", is_failure=True),
        "b",
    ]


def test_a_file_that_fails_is_named_without_blaming_its_cost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = workers.Costly("which could not be opened: OddError", is_failure=True)
    monkeypatch.setattr("ksbtrack.showcase.files.in_workers", lambda _, tasks: [failed for _ in tasks])
    with pytest.raises(KsbtrackError) as raised:
        prepare_files(tmp_path, [piece_with(tmp_path, {"a.txt": b"a"})])
    (problem,) = raised.value.problems
    assert (problem.code, problem.found, problem.expected) == (
        "file-too-costly",
        "'evidence/a.txt', which could not be opened: OddError",
        "a file can be opened by the program for its kind",
    )


def test_an_odd_structure_tree_stops_no_other_file(tmp_path: Path) -> None:
    odd = changed(tagged_pdf(), tree_in_itself)
    files, problems = prepare_files(tmp_path, [piece_with(tmp_path, {"odd.pdf": odd, "good.txt": b"Good"})])
    assert problems == []
    assert [(file.form, file.notes) for file in files] == [(Form.PAGES, (TAGS_LOST,)), (Form.PAGES, ())]


GRADIENT = """
AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAX1tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAA
ACJpbG9jAAAAAERAAAEAAQAAAAABoQABAAAAAAAAAHAAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRt
AAAAAAABAAAA/WlwcnAAAADdaXBjbwAAAHZodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMA
AAMAHroCQGEAAQAqQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbq5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFzwIkAAAATY29scm5j
bHgAAQANAAaAAAAAFGlzcGUAAAAAAAAAQAAAAEAAAAAoY2xhcAAAAEAAAAABAAAAMAAAAAEAAAAAAAAAAv////AAAAACAAAAEHBp
eGkAAAAAAwgICAAAABhpcG1hAAAAAAAAAAEAAQWBAgMFhAAAAHhtZGF0AAAAbCgBrxOA9UU941XBs/sF0d+nYIrAATa5H37rfOZs
SIFsIYPw8uPwNdP/knXIXjewbNVdwL6Q5Z0GR316Aw5neEsr/NnVps+5WGiq5xJiOnIw58ne7ULDjGRiDZQjI4Edv1ci5/0de2kg
FE93gA==
"""
"""A HEIC picture of 64 × 48 pixels, red growing to the right and green downwards.

Made with pillow-heif 1.8.1, which can write the format and is not among the requirements: pixel (x, y) is
(4x, 5y, 128), saved with quality 50.
"""


def test_a_telephone_s_picture_is_shown_as_a_page(tmp_path: Path) -> None:
    content = base64.b64decode(GRADIENT)
    assert content[4:12] == b"ftypheic"
    file = prepared(tmp_path, "photo.heic", content)

    assert (file.form, file.pages, file.evidence_pages) == (Form.PAGES, 1, 1)
    assert page_validation_failures(file.pdf) == []
    (picture,) = pictures(file)
    shown = picture.convert("RGB").resize((64, 48), Image.Resampling.BOX)
    for x, y in ((8, 6), (56, 6), (8, 42), (56, 42)):
        red, green, blue = shown.getpixel((x, y))  # type: ignore[misc]
        assert max(abs(red - 4 * x), abs(green - 5 * y), abs(blue - 128)) < 16
