"""Every way of tampering with a pack, a portfolio or a PDF is found, and nothing hostile is opened."""

from __future__ import annotations

import io
import json
import shutil
import tracemalloc
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from pyhanko.pdf_utils.generic import NumberObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from ksbtrack.cli import main
from ksbtrack.files.page_marks import page_marks
from ksbtrack.formats.pack import Origin, Pack, write_pack
from ksbtrack.formats.pdf_verification import verify_pdf
from ksbtrack.formats.signatures import signature_changes
from ksbtrack.formats.verification import (
    Verification,
    verify_pack,
    verify_portfolio,
    verify_unpacked,
)
from ksbtrack.load.portfolios import load_portfolio
from ksbtrack.problems import KsbtrackError
from ksbtrack.report.outputs import pdf_report
from ksbtrack.showcase.signing import sign_pdf
from ksbtrack.terminal.verification import verification_lines
from made_up import analysis
from synthetic import GATEWAY
from test_pack import FACTS, laid_out, sha256
from test_signing import key_file
from test_skip_broken import portfolio_of

__all__ = ["key_file"]

FILM = b"a film of the night watch"
EXAMPLES = Path(__file__).resolve().parent.parent / "docs" / "examples"
Entries = list[tuple[str, bytes]]


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """Give a pack with a showcase, a recording, the list of components and the manifest."""
    output = tmp_path / "pack.zip"
    write_pack(output, tmp_path / "learner", laid_out(tmp_path / "learner", FILM))
    return output


def entries_of(path: Path) -> Entries:
    """Give the entries of an archive."""
    with zipfile.ZipFile(path) as archive:
        return [(entry.filename, archive.read(entry)) for entry in archive.infolist()]


def rewritten(path: Path, change: Callable[[Entries], Entries], packing: int = zipfile.ZIP_STORED) -> Path:
    """Write an archive anew with changed entries."""
    entries = change(entries_of(path))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with zipfile.ZipFile(path, "w", packing) as archive:
            for name, content in entries:
                archive.writestr(name, content)
    return path


def found(verification: Verification) -> list[tuple[str, str]]:
    """Give what is not as it was: the last part of the name, and what is the matter."""
    return [(change.name.rpartition("/")[2], change.what.value) for change in verification.changes]


def test_a_pack_as_it_was_made_is_unchanged(pack: Path) -> None:
    verification = verify_pack(pack)
    assert (verification.kind.value, verification.checked, verification.changes) == ("pack", 3, ())


def test_a_pack_that_was_packed_anew_by_another_program_is_unchanged(pack: Path) -> None:
    assert verify_pack(rewritten(pack, lambda entries: entries[::-1], zipfile.ZIP_DEFLATED)).is_unchanged


@pytest.mark.parametrize("content", [b"another film", FILM[:-1], FILM + b" ", FILM.upper(), b""])
def test_a_changed_file_is_found(pack: Path, content: bytes) -> None:
    def change(entries: Entries) -> Entries:
        return [(name, content if name.endswith("film.mp4") else old) for name, old in entries]

    assert found(verify_pack(rewritten(pack, change))) == [("film.mp4", "changed")]


def test_a_missing_file_is_found(pack: Path) -> None:
    changed = rewritten(pack, lambda entries: [entry for entry in entries if not entry[0].endswith("film.mp4")])
    assert found(verify_pack(changed)) == [("film.mp4", "missing")]


def test_a_renamed_file_is_missing_and_extra(pack: Path) -> None:
    changed = rewritten(pack, lambda entries: [(name.replace("film", "movie"), old) for name, old in entries])
    assert found(verify_pack(changed)) == [("film.mp4", "missing"), ("movie.mp4", "extra")]


def test_an_extra_file_is_found(pack: Path) -> None:
    changed = rewritten(pack, lambda entries: [*entries, ("Lumen_Wick/extra.pdf", b"x")])
    assert found(verify_pack(changed)) == [("extra.pdf", "extra")]


@pytest.mark.parametrize("again", ["Lumen_Wick/showcase.pdf", "Lumen_Wick/Showcase.PDF"])
def test_an_entry_that_is_there_twice_is_found(pack: Path, again: str) -> None:
    changed = verify_pack(rewritten(pack, lambda entries: [*entries, (again, b"another")]))
    assert (again.rpartition("/")[2], "twice") in found(changed)


@pytest.mark.parametrize(
    "name",
    ["../out.txt", "Lumen_Wick/../../out.txt", "/etc/passwd", "..\\out.txt", "C:/out.txt", "Lumen_Wick/a\nb.txt"],
)
def test_a_name_that_leads_out_is_refused_and_nothing_is_written(pack: Path, name: str, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    verification = verify_pack(rewritten(pack, lambda entries: [*entries, (name, b"x")]))
    assert [change.what.value for change in verification.changes] == ["refused"]
    assert sorted(tmp_path.rglob("*")) == before


def test_a_link_in_the_archive_is_refused(pack: Path) -> None:
    with zipfile.ZipFile(pack, "a") as archive:
        link = zipfile.ZipInfo("Lumen_Wick/link")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    assert found(verify_pack(pack)) == [("link", "refused")]


def test_a_manifest_that_names_a_file_outside_finds_nothing_there(pack: Path) -> None:
    def change(entries: Entries) -> Entries:
        return [
            (name, old.replace(b'"showcase.pdf"', b'"../../showcase.pdf"') if name.endswith("manifest.json") else old)
            for name, old in entries
        ]

    assert ("showcase.pdf", "missing") in found(verify_pack(rewritten(pack, change)))


def test_a_bomb_is_not_unpacked(pack: Path) -> None:
    """200 MB of noughts in 200 kB: neither extra nor in the place of a listed file is more read than was promised."""
    bomb = bytes(200_000_000)

    def change(entries: Entries) -> Entries:
        swapped = [(name, bomb if name.endswith("film.mp4") else old) for name, old in entries]
        return [*swapped, ("Lumen_Wick/bomb", bomb)]

    rewritten(pack, change, zipfile.ZIP_DEFLATED)
    assert pack.stat().st_size < 1_000_000
    tracemalloc.start()
    verification = verify_pack(pack)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found(verification) == [("bomb", "extra"), ("film.mp4", "changed")]
    assert most < 20_000_000


def test_a_manifest_that_unpacks_to_too_much_is_refused(pack: Path) -> None:
    def change(entries: Entries) -> Entries:
        return [(name, bytes(20_000_000) if name.endswith("manifest.json") else old) for name, old in entries]

    assert code(lambda: verify_pack(rewritten(pack, change, zipfile.ZIP_DEFLATED))) == "damaged-pack"


def code(work: Callable[[], object]) -> str:
    """Give the code of the one problem that work ends with."""
    with pytest.raises(KsbtrackError) as caught:
        work()
    (problem,) = caught.value.problems
    return problem.code


@pytest.mark.parametrize("keep", [0, 10, 500, -1, -30])
def test_an_archive_that_breaks_off_is_refused(pack: Path, keep: int) -> None:
    pack.write_bytes(pack.read_bytes()[:keep])
    assert code(lambda: verify_pack(pack)) == "damaged-pack"


def test_a_damaged_entry_is_found(pack: Path) -> None:
    content = pack.read_bytes()
    pack.write_bytes(content.replace(FILM, FILM.swapcase()))
    assert found(verify_pack(pack)) == [("film.mp4", "changed")]


@pytest.mark.parametrize(
    "manifest",
    [
        b"no JSON",
        b"[]",
        b"[" * 100_000,
        b'{"kind": "showcase"}',
        b'{"kind": "pack", "schema_version": "2.0"}',
        b'{"kind": "pack", "schema_version": "1.0", "files": [{"name": "a"}], "sources": []}',
        b'{"kind": "pack", "schema_version": "1.0", "files": [{"name": "a", "size": -1, "sha256": ""}], "sources": []}',
    ],
)
def test_a_manifest_that_is_none_is_refused(pack: Path, manifest: bytes) -> None:
    def change(entries: Entries) -> Entries:
        return [(name, manifest if name.endswith("manifest.json") else old) for name, old in entries]

    assert code(lambda: verify_pack(rewritten(pack, change))) == "bad-manifest"


def test_an_archive_without_manifest_is_refused(pack: Path) -> None:
    changed = rewritten(pack, lambda entries: [entry for entry in entries if "manifest" not in entry[0]])
    assert code(lambda: verify_pack(changed)) == "damaged-pack"


def test_an_unpacked_pack(pack: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(pack) as archive:
        archive.extractall(tmp_path / "out")
    folder = tmp_path / "out" / "Lumen_Wick"
    assert verify_unpacked(folder).is_unchanged
    (folder / "showcase.pdf").write_bytes(b"another")
    (folder / "files" / "evidence" / "film.mp4").unlink()
    (folder / "new.txt").touch()
    assert found(verify_unpacked(folder)) == [
        ("film.mp4", "missing"),
        ("new.txt", "extra"),
        ("showcase.pdf", "changed"),
    ]


def test_what_hides_in_an_unpacked_pack_is_found(pack: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(pack) as archive:
        archive.extractall(tmp_path / "out")
    folder = tmp_path / "out" / "Lumen_Wick"
    (folder / ".DS_Store").write_bytes(b"as a Mac leaves it")
    assert verify_unpacked(folder).is_unchanged
    (folder / ".evil.exe").write_bytes(b"MZ")
    (folder / ".hidden").mkdir()
    (folder / ".hidden" / "evil.exe").write_bytes(b"MZ")
    (folder / "elsewhere").symlink_to(tmp_path, target_is_directory=True)
    assert [(change.name, change.what.value) for change in verify_unpacked(folder).changes] == [
        (".evil.exe", "extra"),
        (".hidden/evil.exe", "extra"),
        ("elsewhere", "refused"),
    ]


def test_a_folder_in_an_archive_holds_nothing_itself(pack: Path) -> None:
    assert verify_pack(rewritten(pack, lambda entries: [*entries, ("Lumen_Wick/empty/", b"")])).is_unchanged
    changed = verify_pack(rewritten(pack, lambda entries: [*entries, ("Lumen_Wick/evil/", b"MZ")]))
    (change,) = changed.changes
    assert (change.name, change.what.value) == ("Lumen_Wick/evil/", "refused")
    assert change.reason == "'Lumen_Wick/evil/' is a folder and has content; it was not opened."


@pytest.fixture
def ready(tmp_path: Path) -> Path:
    """Give a copy of an example, with sign-offs and their log."""
    return Path(shutil.copytree(EXAMPLES / "ready", tmp_path / "ready"))


def manifest_of(folder: Path, output: Path) -> Path:
    """Write the pack of a portfolio without documents: every file of the portfolio is in its manifest."""
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    contents = {name: (folder / name).read_bytes() for name in names}
    origins = tuple(Origin(name, len(content), sha256(content)) for name, content in contents.items())
    write_pack(output, folder, Pack("Lumen_Wick", FACTS, (), origins))
    return output


def edited(file: Path, old: str, new: str) -> None:
    """Change words of a file."""
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_portfolio_against_the_pack_that_was_made_of_it(ready: Path, tmp_path: Path) -> None:
    pack = manifest_of(ready, tmp_path / "ready.zip")
    assert verify_portfolio(ready, pack).is_unchanged
    (ready / "evidence" / "E99.md").touch()
    (ready / "off-the-job.csv").write_bytes(b"another")
    (ready / "portfolio.yaml").unlink()
    verification = verify_portfolio(ready, pack)
    assert found(verification) == [
        ("E99.md", "extra"),
        ("off-the-job.csv", "changed"),
        ("portfolio.yaml", "missing"),
    ]
    assert verification.notes[-1].startswith("The sign-offs were not looked at: the portfolio does not load.")


def test_a_portfolio_whose_log_was_tampered_with(ready: Path) -> None:
    (ready / "sign-off.log").write_text("E1 accepted\n")
    verification = verify_portfolio(ready, None)
    assert found(verification) == [("sign-off.log:1", "changed")]
    assert verification.notes == (
        "Without the manifest of a pack (--manifest) only the sign-offs and their log were looked at.",
    )


def test_an_edited_piece_makes_its_acceptance_and_the_confirmations_stale(
    ready: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither the log nor the record was touched: the piece itself is not what was accepted."""
    piece = next((ready / "evidence").glob("E02*.md"))
    piece.write_bytes(piece.read_bytes() + b"\nOne sentence more.\n")
    verification = verify_portfolio(ready, None)
    assert {change.what.value for change in verification.changes} == {"stale"}
    first, *others = verification.changes
    assert (first.name, first.reason) == ("E02", "E02 was changed after it was accepted.")
    assert others
    for change in others:
        assert change.name == "portfolio.yaml"
        assert change.reason.endswith(" covers was changed since: E02 was edited.")
    assert main(["verify", str(ready)]) == 1
    assert "  stale: E02 was changed after it was accepted.\n" in capsys.readouterr().out


def test_a_record_that_was_made_to_fit_an_edited_piece_is_found_by_the_log(ready: Path) -> None:
    piece = next((ready / "evidence").glob("E02*.md"))
    before = load_portfolio(ready).by_id["E02"].fingerprint
    piece.write_bytes(piece.read_bytes() + b"\nOne sentence more.\n")
    edited(piece, before, load_portfolio(ready).by_id["E02"].fingerprint)
    changes = verify_portfolio(ready, None).changes
    assert not any(change.name == "E02" for change in changes)
    assert [
        change.reason
        for change in changes
        if change.name == "sign-off.log" and "its file says otherwise" in change.reason
    ]


@pytest.mark.parametrize("content", [None, b""])
def test_a_log_that_was_deleted_or_emptied_is_found(ready: Path, content: bytes | None) -> None:
    assert verify_portfolio(ready, None).is_unchanged
    if content is None:
        (ready / "sign-off.log").unlink()
    else:
        (ready / "sign-off.log").write_bytes(content)
    (change,) = verify_portfolio(ready, None).changes
    assert (change.name, change.what.value) == ("sign-off.log", "changed")
    assert change.reason == (
        "sign-off.log is not there or empty, though 23 sign-offs with the fingerprint of what was seen are on record: "
        "the log was deleted or emptied, or they were written by hand."
    )


def test_two_confirmations_of_one_person_are_told_apart(ready: Path) -> None:
    piece = next((ready / "evidence").glob("E02*.md"))
    piece.write_bytes(piece.read_bytes() + b"\nOne sentence more.\n")
    said = [change.reason for change in verify_portfolio(ready, None).changes]
    assert len(said) == len(set(said)) == 5


def test_what_has_no_fingerprint_is_named(ready: Path) -> None:
    piece = next((ready / "evidence").glob("E02*.md"))
    edited(piece, f", fingerprint: {load_portfolio(ready).by_id['E02'].fingerprint}", "")
    (ready / "sign-off.log").unlink()
    assert verify_portfolio(ready, None).notes[-1] == (
        "Accepted without a fingerprint, so that nobody can tell whether it changed: E02."
    )


def test_problems_in_the_files_of_a_portfolio_are_no_answer(ready: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edited(ready / "portfolio.yaml", "standard:", "standart:")
    assert main(["verify", str(ready)]) == 2
    assert "unchanged" not in capsys.readouterr().out


@pytest.fixture(scope="module")
def showcase(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Give the showcase of one piece of an example."""
    output = tmp_path_factory.mktemp("showcase") / "showcase.pdf"
    assert main(["showcase", str(EXAMPLES / "ready"), "--on", "2024-09-20", "--select", "E02", "-o", str(output)]) == 0
    return output.read_bytes()


def saved(content: bytes, change: Callable[[pikepdf.Pdf], object]) -> bytes:
    """Give a PDF after a change."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        change(pdf)
        output = io.BytesIO()
        pdf.save(output)
        return output.getvalue()


def test_a_showcase_as_it_was_made_is_unchanged_and_saved_again_too(showcase: bytes) -> None:
    assert verify_pdf(showcase, "showcase.pdf").is_unchanged
    assert verify_pdf(saved(showcase, lambda pdf: None), "showcase.pdf").is_unchanged


def nested(inside: bytes, depth: int) -> bytes:
    """Give a PDF of one page that draws a form in a form, so many deep."""
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page()
        form = pdf.make_stream(inside, Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form, BBox=[0, 0, 600, 850])
        for _ in range(depth):
            own = pikepdf.Dictionary(XObject=pikepdf.Dictionary(X=form))
            form = pdf.make_stream(b"/X Do", Subtype=pikepdf.Name.Form, BBox=[0, 0, 600, 850], Resources=own)
        page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(X=form))
        page.obj.Contents = pdf.make_stream(b"/X Do")
        output = io.BytesIO()
        pdf.save(output)
        return output.getvalue()


@pytest.mark.parametrize("depth", [0, 3, 40])
def test_a_change_in_a_drawing_within_drawings_is_found(depth: int) -> None:
    red, blue = (nested(inside, depth) for inside in (b"1 0 0 rg 0 0 9 9 re f", b"0 0 1 rg 0 0 9 9 re f"))
    marks = []
    for content in (red, red, blue):
        with pikepdf.open(io.BytesIO(content)) as pdf:
            marks.append(page_marks(pdf))
    assert marks[0] == marks[1] != marks[2]


def empty_page(contents: bytes | None) -> bytes:
    """Give a PDF whose only page draws nothing, with an empty content or none."""
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page()
        if contents is None:
            del page.obj.Contents
        else:
            page.obj.Contents = pdf.make_stream(contents)
        output = io.BytesIO()
        pdf.save(output)
        return output.getvalue()


@pytest.mark.parametrize("contents", [b"", None])
def test_a_showcase_with_an_empty_page_is_unchanged(tmp_path: Path, contents: bytes | None) -> None:
    folder = portfolio_of(tmp_path / "mine", {"E01": {"empty.pdf": empty_page(contents)}})
    output = tmp_path / "showcase.pdf"
    assert main(["showcase", str(folder), "--on", str(GATEWAY), "-o", str(output)]) == 0
    assert verify_pdf(output.read_bytes(), "showcase.pdf").changes == ()


def test_each_change_of_a_showcase_is_found(showcase: bytes) -> None:
    def drawn_over(pdf: pikepdf.Pdf) -> None:
        pdf.pages[1].contents_add(b"q 0 0 100 100 re f Q")

    def turned(pdf: pikepdf.Pdf) -> None:
        pdf.pages[0].rotate(90, relative=True)

    def shorter(pdf: pikepdf.Pdf) -> None:
        del pdf.pages[-1]

    def with_a_file(pdf: pikepdf.Pdf) -> None:
        pdf.attachments["more.txt"] = b"x"

    for change, expected in (
        (drawn_over, [("page 2", "changed")]),
        (turned, [("page 1", "changed")]),
        (with_a_file, [("more.txt", "extra")]),
    ):
        assert found(verify_pdf(saved(showcase, change), "showcase.pdf")) == expected
    last = len(pikepdf.open(io.BytesIO(showcase)).pages)
    assert found(verify_pdf(saved(showcase, shorter), "showcase.pdf")) == [
        ("pages", "changed"),
        (f"page {last}", "missing"),
    ]


def test_a_page_that_went_or_came_is_named_and_no_other(showcase: bytes) -> None:
    def without_third(pdf: pikepdf.Pdf) -> None:
        del pdf.pages[2]

    def with_another(pdf: pikepdf.Pdf) -> None:
        pdf.add_blank_page(page_size=(200, 200))
        pdf.pages.insert(2, pdf.pages[-1])
        del pdf.pages[-1]

    one, other = verify_pdf(saved(showcase, without_third), "showcase.pdf").changes
    assert one.reason.endswith("Links and bookmarks, which lead to pages by their numbers, were not compared.")
    assert (other.what.value, other.reason) == ("missing", "Page 3 is missing.")
    reasons = [change.reason for change in verify_pdf(saved(showcase, with_another), "showcase.pdf").changes]
    assert reasons[1:] == ["What is page 3 now was not there."]


def test_a_file_that_no_viewer_lists_is_found(showcase: bytes) -> None:
    def hang(pdf: pikepdf.Pdf) -> None:
        stream = pikepdf.Dictionary(F=pdf.make_stream(b"MZ"))
        name = pikepdf.String("evil.exe")
        file = pikepdf.Dictionary(Type=pikepdf.Name.Filespec, F=name, UF=name, EF=stream)
        pdf.Root.AF.append(pdf.make_indirect(file))

    (change,) = verify_pdf(saved(showcase, hang), "showcase.pdf").changes
    assert (change.name, change.what.value) == ("evil.exe", "extra")


def first_link(pdf: pikepdf.Pdf) -> tuple[int, pikepdf.Object]:
    """Give the first link of a PDF and the number of its page."""
    return next((number, page.obj.Annots[0]) for number, page in enumerate(pdf.pages, 1) if "/Annots" in page)


def elsewhere(pdf: pikepdf.Pdf) -> None:
    first_link(pdf)[1].Dest[0] = pdf.pages[-2].obj


def renamed(pdf: pikepdf.Pdf) -> None:
    first_link(pdf)[1].Contents = pikepdf.String("Page 1")


def moved(pdf: pikepdf.Pdf) -> None:
    first_link(pdf)[1].Rect = pikepdf.Array([0, 0, 500, 500])


def to_the_web(pdf: pikepdf.Pdf) -> None:
    link = first_link(pdf)[1]
    del link["/Dest"]
    link.A = pikepdf.Dictionary(S=pikepdf.Name.URI, URI=pikepdf.String("https://example.com/"))


def one_more(pdf: pikepdf.Pdf) -> None:
    number, link = first_link(pdf)
    pdf.pages[number - 1].obj.Annots.append(pdf.make_indirect(pikepdf.Dictionary(dict(link.items()))))


def none_left(pdf: pikepdf.Pdf) -> None:
    del pdf.pages[first_link(pdf)[0] - 1].obj["/Annots"]


def with_a_visible_signature_field(pdf: pikepdf.Pdf) -> None:
    """A field that would cover the page with what it likes."""
    number, _ = first_link(pdf)
    widget = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, FT=pikepdf.Name.Sig, Rect=pikepdf.Array([0, 0, 500, 500])
    )
    field = pdf.make_indirect(widget)
    pdf.pages[number - 1].obj.Annots.append(field)
    pdf.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([field]), SigFlags=3)


@pytest.mark.parametrize(
    "change", [elsewhere, renamed, moved, to_the_web, one_more, none_left, with_a_visible_signature_field]
)
def test_a_changed_link_is_found(showcase: bytes, change: Callable[[pikepdf.Pdf], None]) -> None:
    with pikepdf.open(io.BytesIO(showcase)) as pdf:
        number = first_link(pdf)[0]
    first, *others = (one.reason for one in verify_pdf(saved(showcase, change), "showcase.pdf").changes)
    assert first == f"The links or actions of page {number} are not what they were."
    forms = [
        "The document has a form (AcroForm), which was not there.",
        f"Page {number} has a field of a form, which was not there.",
    ]
    assert others == (forms if change is with_a_visible_signature_field else [])


def titled(pdf: pikepdf.Pdf) -> None:
    pdf.Root.Outlines.First.Title = pikepdf.String("Something else")


def leading_elsewhere(pdf: pikepdf.Pdf) -> None:
    pdf.Root.Outlines.First.Dest[0] = pdf.pages[-1].obj


def cut_off(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.Outlines.First["/Next"]


def below_changed(pdf: pikepdf.Pdf) -> None:
    bookmark = pdf.Root.Outlines.First
    while "/First" not in bookmark:
        bookmark = bookmark.Next
    bookmark.First.Title = pikepdf.String("another.pdf")


def endless(pdf: pikepdf.Pdf) -> None:
    pdf.Root.Outlines.First.Next = pdf.Root.Outlines.First


@pytest.mark.parametrize("change", [titled, leading_elsewhere, cut_off, below_changed, endless])
def test_a_changed_bookmark_is_found(showcase: bytes, change: Callable[[pikepdf.Pdf], None]) -> None:
    (found_change,) = verify_pdf(saved(showcase, change), "showcase.pdf").changes
    assert found_change.reason == "The bookmarks are not what they were."


def test_changed_labels_places_and_titles_are_found(showcase: bytes) -> None:
    def labelled(pdf: pikepdf.Pdf) -> None:
        pdf.Root.PageLabels.Nums[1].St = 7

    def named(pdf: pikepdf.Pdf) -> None:
        pdf.Root.Names.Dests.Names[1][0] = pdf.pages[-1].obj

    def entitled(pdf: pikepdf.Pdf) -> None:
        with pdf.open_metadata() as metadata:
            metadata["dc:title"] = "Showcase of somebody else"

    for change, name in ((labelled, "page labels"), (named, "places"), (entitled, "settings")):
        assert found(verify_pdf(saved(showcase, change), "showcase.pdf")) == [(name, "changed")]


SCRIPT = {"/S": pikepdf.Name.JavaScript, "/JS": pikepdf.String("app.alert(1)")}


def opening_script(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = pikepdf.Dictionary(SCRIPT)


def opening_elsewhere(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = pikepdf.Array([pdf.pages[1].obj, pikepdf.Name.Fit])


def named_script(pdf: pikepdf.Pdf) -> None:
    scripts = pikepdf.Array([pikepdf.String("a"), pikepdf.Dictionary(SCRIPT)])
    pdf.Root.Names.JavaScript = pikepdf.Dictionary(Names=scripts)


def acting(pdf: pikepdf.Pdf) -> None:
    pdf.Root.AA = pikepdf.Dictionary(WC=pikepdf.Dictionary(SCRIPT))


def with_a_form(pdf: pikepdf.Pdf) -> None:
    pdf.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array(), XFA=pikepdf.String("<xdp/>"))


def page_script(pdf: pikepdf.Pdf) -> None:
    pdf.pages[1].obj.AA = pikepdf.Dictionary(O=pikepdf.Dictionary(SCRIPT))


def link_launch(pdf: pikepdf.Pdf) -> None:
    first_link(pdf)[1].A = pikepdf.Dictionary(S=pikepdf.Name.Launch, F=pikepdf.String("run.exe"))


def bookmark_script(pdf: pikepdf.Pdf) -> None:
    pdf.Root.Outlines.First.A = pikepdf.Dictionary(SCRIPT)


def chained_script(pdf: pikepdf.Pdf) -> None:
    target = pikepdf.Array([pdf.pages[0].obj, pikepdf.Name.Fit])
    first_link(pdf)[1].A = pikepdf.Dictionary(S=pikepdf.Name.GoTo, D=target, Next=pikepdf.Dictionary(SCRIPT))


def with_layers(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OCProperties = pikepdf.Dictionary(OCGs=pikepdf.Array())


@pytest.mark.parametrize("of", ["showcase", "report"])
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (opening_script, "The document, when it is opened, runs a script (JavaScript), which was not so."),
        (opening_elsewhere, "The document, when it is opened, acts (GoTo), which was not so."),
        (named_script, "The document runs a script when it is opened (JavaScript), which was not there."),
        (acting, "The document acts by itself (AA), which was not there."),
        (with_a_form, "The document has a form (AcroForm), which was not there."),
        (page_script, "Page 2 acts by itself (AA), which was not so."),
        (link_launch, " starts a program (Launch), which was not so."),
        (bookmark_script, " runs a script (JavaScript), which was not so."),
        (chained_script, " leads somewhere and then acts on, which was not so."),
        (with_layers, "The document has OCProperties in its catalogue, which was not there."),
    ],
)
def test_what_acts_by_itself_is_named_in_words(
    showcase: bytes, of: str, change: Callable[[pikepdf.Pdf], None], words: str
) -> None:
    content = showcase if of == "showcase" else pdf_report(analysis())
    reasons = [one.reason for one in verify_pdf(saved(content, change), "x.pdf").changes]
    assert any(reason.endswith(words) for reason in reasons), reasons


def test_bytes_before_and_after_a_pdf_are_found(showcase: bytes) -> None:
    assert found(verify_pdf(b"\n" + showcase, "x.pdf")) == [("beginning", "extra")]
    assert found(verify_pdf(showcase + b"PK\3\4 a hidden file", "x.pdf")) == [("end", "extra")]


def test_bytes_of_a_pack_that_belong_to_no_file_are_found(pack: Path) -> None:
    content = pack.read_bytes()
    table = content.index(b"PK\1\2")
    end = content.rindex(b"PK\5\6")
    where = int.from_bytes(content[end + 16 : end + 20], "little") + 6
    before_table = (
        content[:table] + b"hidden" + content[table:end] + content[end : end + 16] + where.to_bytes(4, "little")
    ) + content[end + 20 :]
    for changed, place in (
        (content + b"hidden", "after its end"),
        (content + b"\0\0", "after its end"),
        (b"hidden" + content, "before its start"),
        (before_table, "before its table of contents"),
    ):
        pack.write_bytes(changed)
        (change,) = verify_pack(pack).changes
        assert (change.what.value, change.reason) == (
            "extra",
            f"The archive holds bytes {place} that belong to no file.",
        )
    pack.write_bytes(content[:-2] + b"\2\0hi")
    assert [change.reason for change in verify_pack(pack).changes] == [
        "The archive has a comment, which was not there."
    ]


def test_an_archive_that_was_written_without_going_back_is_unchanged(pack: Path) -> None:
    """Such an entry has its size after its content."""
    entries = entries_of(pack)

    class OneWay(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *_: int) -> int:
            raise io.UnsupportedOperation

        def tell(self) -> int:
            raise io.UnsupportedOperation

    output = OneWay()
    with zipfile.ZipFile(output, "w") as archive:
        for name, content in entries:
            archive.writestr(name, content)
    pack.write_bytes(output.getvalue())
    assert verify_pack(pack).is_unchanged


def test_a_report_and_its_figures() -> None:
    report = pdf_report(analysis())
    verification = verify_pdf(report, "report.pdf")
    assert (verification.kind.value, verification.changes) == ("readiness_report", ())
    assert "Not looked at: what the pages show, links, bookmarks and tags" in verification.notes[0]

    def of_another(pdf: pikepdf.Pdf) -> None:
        figures = json.loads(pdf.attachments["analysis.json"].get_file().read_bytes())
        figures["learner"]["name"] = "Somebody Else"
        pdf.attachments["analysis.json"] = json.dumps(figures).encode()

    assert found(verify_pdf(saved(report, of_another), "report.pdf")) == [("analysis.json", "changed")]
    assert verification_lines(verification, "report.pdf")[0] == (
        "report.pdf: no change found. Readiness report, 1 analysis compared; what its pages show was not."
    )


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7\n", b"<html>", b"%PDF-1.7\n" + bytes(100)])
def test_what_is_no_pdf_of_ours_is_named(content: bytes) -> None:
    assert code(lambda: verify_pdf(content, "x.pdf")) == "not-ours"


def test_another_pdf_is_named() -> None:
    pdf = pikepdf.new()
    pdf.add_blank_page()
    output = io.BytesIO()
    pdf.save(output)
    assert code(lambda: verify_pdf(output.getvalue(), "x.pdf")) == "not-ours"


def test_a_signature_holds_until_something_is_changed_or_added(
    showcase: bytes, key_file: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    signed = sign_pdf(showcase, key_file, b"open")
    verification = verify_pdf(signed, "showcase.pdf")
    assert verification.is_unchanged
    assert verification.notes[-1] == (
        "Signed by Example Signer, and not changed since. Whether it is who it says was not checked."
    )
    # A bit of the header's mark that no reader looks at.
    tampered = bytearray(signed)
    tampered[tampered.index(b"\n", 0) + 2] ^= 1
    (change,) = signature_changes(bytes(tampered))[1]
    assert change.reason == "What Example Signer signed was changed."
    writer = IncrementalPdfFileWriter(io.BytesIO(signed))
    writer.root["/Later"] = NumberObject(1)  # type: ignore[no-untyped-call]
    writer.update_root()  # type: ignore[no-untyped-call]
    added = io.BytesIO()
    writer.write(added)  # type: ignore[no-untyped-call]
    (change,) = signature_changes(added.getvalue())[1]
    assert change.reason == "The document was changed after Example Signer signed it."
    assert not any("not signed" in note for note in verify_pdf(added.getvalue(), "showcase.pdf").notes)
    (change,) = signature_changes(signed[:-400])[1]
    assert change.reason == "The signature cannot be read (PdfReadError)."
    assert capfd.readouterr().err == ""


def test_without_a_signature_nothing_is_said_of_one() -> None:
    assert signature_changes(b"%PDF-1.7") == ((), ())


def test_the_command_says_what_changed(pack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(pack)]) == 0
    assert capsys.readouterr().out == f"{pack.as_posix()}: unchanged. Pack, 3 files compared.\n"
    rewritten(pack, lambda entries: [entry for entry in entries if not entry[0].endswith("film.mp4")])
    assert main(["verify", str(pack)]) == 1
    assert capsys.readouterr().out == (
        f"{pack.as_posix()}: changed. 1 difference in this pack:\n"
        "  missing: 'Lumen_Wick/files/evidence/film.mp4' is not there.\n"
    )
    assert main(["verify", str(pack), "--json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert (answer["kind"], answer["unchanged"], answer["checked"]) == ("pack", False, 3)
    assert [change["what"] for change in answer["changes"]] == ["missing"]
    pack.write_bytes(b"no archive")
    assert main(["verify", str(pack)]) == 2


def test_the_command_on_folders(pack: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = shutil.copytree(EXAMPLES / "ready", tmp_path / "ready")
    assert main(["verify", str(copy)]) == 0
    assert "0 files compared" in capsys.readouterr().out
    assert main(["verify", str(copy), "--manifest", str(pack)]) == 1
    assert main(["verify", str(pack), "--manifest", str(pack)]) == 64
