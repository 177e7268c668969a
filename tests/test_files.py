"""Names and opening: nothing outside the folder is ever read, and no device is ever waited for."""

from __future__ import annotations

import errno
import hashlib
import os
import socket
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from ksbtrack.files import opening
from ksbtrack.files.attachments import inspect_file
from ksbtrack.files.names import colliding_names, path_inside
from ksbtrack.files.opening import list_pieces, open_inside, read_text_file, read_whole_file
from ksbtrack.problems import KsbtrackError, Problem, Source

HERE = Source("mine/evidence/E01.md", 6)
NOTE = b"Seen on Monday.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a portfolio folder, with a secret beside it that must never be reached."""
    made = tmp_path / "mine"
    (made / "evidence").mkdir(parents=True)
    (made / "records").mkdir()
    (made / "evidence" / "note.txt").write_bytes(NOTE)
    (made / "records" / "english.txt").write_bytes(b"Grade 5\n")
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "note.txt").write_text("secret")
    return made


@pytest.fixture(params=["openat", "portable"], autouse=True)
def _both_ways(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run each test with folder descriptors, and as on a system that has none."""
    if request.param == "portable":
        monkeypatch.setattr(opening, "_WALKS_DESCRIPTORS", False)


def only_problem(raised: pytest.ExceptionInfo[KsbtrackError]) -> Problem:
    assert len(raised.value.problems) == 1
    return raised.value.problems[0]


def refused(folder: Path, name: str, base: str = "evidence") -> Problem:
    with pytest.raises(KsbtrackError) as raised:
        inspect_file(folder, name, HERE, base)
    return only_problem(raised)


def test_a_file_without_a_slash_lies_in_the_base_folder_and_one_with_a_slash_where_it_says(folder: Path) -> None:
    assert inspect_file(folder, "note.txt", HERE, "evidence").name == "evidence/note.txt"
    assert inspect_file(folder, "evidence/note.txt", HERE, "evidence").sha256 == hashlib.sha256(NOTE).hexdigest()
    assert inspect_file(folder, "records/english.txt", HERE, "evidence").size == 8
    assert inspect_file(folder, "english.txt", HERE, "").is_missing


def test_a_file_that_is_not_there_is_no_problem_but_a_fact(folder: Path) -> None:
    for name in ("gone.pdf", "nowhere/gone.pdf", "evidence/note.txt/gone.pdf"):
        found = inspect_file(folder, name, HERE, "evidence")
        assert found.is_missing
        assert (found.size, found.sha256, found.pages) == (0, "", None)


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("", "'', which is empty"),
        ("../secret/note.txt", "'../secret/note.txt', which has '..' in it"),
        ("records/../../secret/note.txt", "'records/../../secret/note.txt', which has '..' in it"),
        ("..", "'..', which has '..' in it"),
        (".", "'.', which has '.' as a part"),
        ("./note.txt", "'./note.txt', which has '.' as a part"),
        ("/etc/passwd", "'/etc/passwd', which begins with '/'"),
        ("..\\secret\\note.txt", "'..\\secret\\note.txt', which has a backslash"),
        ("C:\\note.txt", "'C:\\note.txt', which has a backslash"),
        ("C:/note.txt", "'C:/note.txt', which has a colon"),
        ("note.txt:hidden", "'note.txt:hidden', which has a colon"),
        ("note\0.txt", "'note<U+0000>.txt', which has a character that cannot be seen"),
        ("note\n.txt", "'note<U+000A>.txt', which has a character that cannot be seen"),
        ("gpj.\u202efdp.exe", "'gpj.<U+202E>fdp.exe', which has a character that cannot be seen"),
        ("\ud800.txt", "'<U+D800>.txt', which has a character that cannot be seen"),
        ("records//english.txt", "'records//english.txt', which has an empty part"),
        ("records/", "'records/', which has an empty part"),
        ("note.txt ", "'note.txt ', which has a space at the beginning or end of a part"),
        (" records/english.txt", "' records/english.txt', which has a space at the beginning or end of a part"),
        ("é" * 130, f"'{'é' * 59}…', which is longer than 255 characters"),
        ("a/" * 150 + "b", f"'{'a/' * 29}a…', which is longer than 255 characters"),
    ],
)
def test_an_unsafe_path_is_refused_before_anything_is_opened(
    folder: Path, name: str, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "open", lambda *_: pytest.fail("something was opened"))
    assert str(refused(folder, name)) == (
        f"mine/evidence/E01.md:6: unsafe-path: found {fault}; a path runs from the portfolio folder downwards, "
        "with '/' between its parts, and works on any system.\n"
        "  Copy the file into the portfolio folder, rename it if need be, and write it like records/english.pdf."
    )


@pytest.mark.parametrize(
    ("link", "target", "name", "part"),
    [
        ("evidence/note2.txt", "../../secret/note.txt", "note2.txt", "note2.txt"),
        ("evidence/inner.txt", "note.txt", "inner.txt", "inner.txt"),
        ("evidence/loop.txt", "loop.txt", "loop.txt", "loop.txt"),
        ("evidence/gone.txt", "nowhere", "gone.txt", "gone.txt"),
        ("evidence/passwords.txt", "/etc/passwd", "passwords.txt", "passwords.txt"),
        ("evidence/zero.bin", "/dev/zero", "zero.bin", "zero.bin"),
        ("others", "../secret", "others/note.txt", "others"),
    ],
)
def test_a_link_is_refused_wherever_it_stands_and_wherever_it_leads(
    folder: Path, link: str, target: str, name: str, part: str
) -> None:
    (folder / link).symlink_to(target)
    path = name if "/" in name else f"evidence/{name}"
    assert str(refused(folder, name)) == (
        f"mine/evidence/E01.md:6: symlink: found '{path}', in which '{part}' is a link to another place; "
        "a portfolio holds its files itself, so that it can be copied as a whole.\n"
        "  Put a copy of the file there in place of the link."
    )


def test_the_portfolio_folder_itself_may_be_reached_through_a_link(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "shortcut").symlink_to(folder)
    assert inspect_file(tmp_path / "shortcut", "note.txt", HERE, "evidence").size == len(NOTE)


def test_a_folder_exchanged_for_a_link_while_a_path_is_walked_leads_nowhere(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The race of check and use: the link appears after the check of its parent and before the file is opened."""
    true_open, opened = os.open, []

    def exchanging_open(path: str | Path, *rest: int, **named: int) -> int:
        opened.append(path)
        if str(path).endswith("note.txt") and not (folder / "evidence").is_symlink():
            (folder / "evidence").rename(folder / "away")
            (folder / "evidence").symlink_to(tmp_path / "secret")
        return true_open(path, *rest, **named)

    is_portable = not opening._WALKS_DESCRIPTORS
    monkeypatch.setattr(os, "open", exchanging_open)
    if is_portable:
        assert refused(folder, "note.txt").code == "unreadable-file"
    else:
        stream = open_inside(folder, "evidence/note.txt", HERE)
        assert stream is not None
        with stream:
            assert stream.read() == NOTE
    assert opened


def test_what_is_no_ordinary_file_is_refused_at_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(folder / "evidence" / "pipe")
    (folder / "evidence" / "photos").mkdir()
    # A socket's path may be at most about 100 characters long, so it is made by its name alone.
    monkeypatch.chdir(folder / "evidence")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
        for name, what in (("pipe", "a named pipe"), ("photos", "a folder"), ("socket", "a socket")):
            assert str(refused(folder, name)) == (
                f"mine/evidence/E01.md:6: not-a-file: found 'evidence/{name}', which is {what}; "
                "only ordinary files can be read.\n"
                "  Name a file; of a folder, name the files in it one by one."
            )


def test_a_device_is_refused() -> None:
    with pytest.raises(KsbtrackError) as raised:
        open_inside(Path("/dev"), "zero", HERE)
    assert only_problem(raised).found == "'zero', which is a device"


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (errno.EACCES, "for want of permission"),
        (errno.EPERM, "for want of permission"),
        (errno.EIO, "since disk or network failed (EIO)"),
    ],
)
def test_a_file_that_the_system_withholds_is_named(
    folder: Path, number: int, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    true_open = os.open

    def refusing_open(path: str | Path, *rest: int, **named: int) -> int:
        if str(path).endswith("note.txt"):
            raise OSError(number, "in the words of the system")
        return true_open(path, *rest, **named)

    monkeypatch.setattr(os, "open", refusing_open)
    assert str(refused(folder, "note.txt")) == (
        f"mine/evidence/E01.md:6: unreadable-file: found 'evidence/note.txt', which cannot be read {reason}; "
        "every named file must be readable.\n"
        "  Open it with its own program, see to its permissions, or copy it there again."
    )


def test_no_descriptor_stays_open(folder: Path) -> None:
    (folder / "evidence" / "link").symlink_to("note.txt")
    (folder / "evidence" / "photos").mkdir()
    # Descriptors are given lowest first: if none was lost, the next one is the same as before.
    before = os.dup(0)
    os.close(before)
    for name in ("link", "photos"):
        refused(folder, name)
    inspect_file(folder, "note.txt", HERE, "evidence")
    inspect_file(folder, "gone.txt", HERE, "evidence")
    list_pieces(folder, "mine")
    with pytest.raises(KsbtrackError):
        read_whole_file(folder / "evidence", "evidence", 10)
    after = os.dup(0)
    os.close(after)
    assert after == before


# Names that the disk spells otherwise


@pytest.mark.parametrize(
    "on_disk",
    [unicodedata.normalize("NFD", "Übung é.txt"), "Übung\u202fé.txt", "Übung  é.txt"],
    ids=["apart", "narrow", "double"],
)
def test_accents_and_spaces_as_macos_codes_them_are_found(folder: Path, on_disk: str) -> None:
    (folder / "evidence" / on_disk).write_bytes(NOTE)
    found = inspect_file(folder, "Übung é.txt", HERE, "evidence")
    assert (found.name, found.size) == ("evidence/Übung é.txt", len(NOTE))


def test_a_link_is_refused_too_when_the_disk_spells_it_otherwise(folder: Path) -> None:
    (folder / "evidence" / unicodedata.normalize("NFD", "é.txt")).symlink_to("note.txt")
    assert refused(folder, "é.txt").code == "symlink"


def test_two_files_on_disk_that_could_both_be_meant_are_a_collision(folder: Path) -> None:
    for name in ("a\u202fb.txt", "a  b.txt"):
        (folder / "evidence" / name).write_bytes(NOTE)
    problem = refused(folder, "a b.txt")
    assert (problem.code, problem.found) == (
        "name-collision",
        "'a<U+202F>b.txt' beside 'a  b.txt' (mine/evidence/E01.md:6)",
    )


def test_names_alike_but_for_capitals_or_accents_collide() -> None:
    one, two, three = (Source("p/evidence/E.md", line) for line in (1, 2, 3))
    apart = unicodedata.normalize("NFD", "evidence/é.pdf")
    assert colliding_names([("evidence/a.pdf", one), ("evidence/a.pdf", two), ("evidence/b.pdf", three)]) == []
    found = colliding_names([("evidence/a.pdf", one), ("evidence/A.PDF", two), ("evidence/é.pdf", one), (apart, three)])
    assert [(problem.code, problem.source) for problem in found] == [("name-collision", two), ("name-collision", three)]
    assert str(found[0]) == (
        "p/evidence/E.md:2: name-collision: found 'evidence/A.PDF' beside 'evidence/a.pdf' (p/evidence/E.md:1); "
        "names that differ only in capitals, or in how accents and spaces are coded, are one name on some systems.\n"
        "  Rename one of the two."
    )


# The portfolio's own texts


def test_a_text_is_read_as_it_is(folder: Path) -> None:
    assert read_text_file(folder, "evidence/note.txt", "mine/evidence/note.txt", 16) == NOTE
    assert read_whole_file(folder / "evidence" / "note.txt", "note.txt", 16) == NOTE


def test_a_text_over_its_limit_is_refused(folder: Path) -> None:
    message = (
        "shown: file-too-large: found 16 bytes; such a file may have at most 15.\n"
        "  Split it, or take out what does not belong in it."
    )
    with pytest.raises(KsbtrackError) as raised:
        read_text_file(folder, "evidence/note.txt", "shown", 15)
    assert str(raised.value) == message
    with pytest.raises(KsbtrackError) as raised:
        read_whole_file(folder / "evidence" / "note.txt", "shown", 15)
    assert str(raised.value) == message


def test_a_text_that_grows_after_it_was_measured_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    status = (folder / "evidence" / "note.txt").stat()
    monkeypatch.setattr(os, "fstat", lambda _: os.stat_result((*status[:6], 1, *status[7:])))
    with pytest.raises(KsbtrackError) as raised:
        read_whole_file(folder / "evidence" / "note.txt", "shown", 15)
    assert only_problem(raised).found == "16 bytes"


def test_a_missing_text_is_a_problem_unless_it_may_be_missing(folder: Path) -> None:
    expected = (
        "mine/x.yaml: missing-file: found no such file; this file must be there.\n"
        "  Check the path, or put the file there."
    )
    with pytest.raises(KsbtrackError) as raised:
        read_text_file(folder, "x.yaml", "mine/x.yaml")
    assert str(raised.value) == expected
    with pytest.raises(KsbtrackError) as raised:
        read_whole_file(folder / "x.yaml", "mine/x.yaml", 10)
    assert str(raised.value) == expected
    assert read_text_file(folder, "off-the-job.csv", "mine/off-the-job.csv", is_optional=True) is None


def test_a_text_is_never_read_through_a_link_or_from_a_pipe(folder: Path) -> None:
    (folder / "portfolio.yaml").symlink_to("../secret/note.txt")
    os.mkfifo(folder / "off-the-job.csv")
    for name, code in (("portfolio.yaml", "symlink"), ("off-the-job.csv", "not-a-file")):
        with pytest.raises(KsbtrackError) as raised:
            read_text_file(folder, name, f"mine/{name}")
        assert only_problem(raised).code == code
        assert only_problem(raised).source == Source(f"mine/{name}")


def test_a_file_that_the_user_names_may_be_a_link_but_no_pipe_or_folder(folder: Path) -> None:
    (folder / "standard.yaml").symlink_to("evidence/note.txt")
    os.mkfifo(folder / "pipe")
    assert read_whole_file(folder / "standard.yaml", "standard.yaml", 100) == NOTE
    for name in ("pipe", "evidence"):
        with pytest.raises(KsbtrackError) as raised:
            read_whole_file(folder / name, name, 100)
        assert only_problem(raised).code == "not-a-file"


@pytest.mark.parametrize(("name", "what"), [("nowhere", "no such folder"), ("file", "a file")])
def test_a_portfolio_that_is_no_folder_is_one_problem_however_often_it_is_met(
    tmp_path: Path, name: str, what: str
) -> None:
    (tmp_path / "file").write_bytes(NOTE)
    met: list[Problem] = []
    for read in (
        lambda: read_text_file(tmp_path / name, "portfolio.yaml", "x/portfolio.yaml"),
        lambda: list_pieces(tmp_path / name, "x"),
        lambda: inspect_file(tmp_path / name, "a.pdf", HERE),
    ):
        with pytest.raises(KsbtrackError) as raised:
            read()
        met += raised.value.problems
    assert str(KsbtrackError(*met)) == (
        f"{tmp_path / name}: not-a-folder: found {what}; "
        "a portfolio is a folder with portfolio.yaml and the folder evidence in it.\n"
        "  Check the path, or begin a portfolio with `ksbtrack new`."
    )


# The pieces


def test_pieces_come_in_the_order_in_which_people_count(folder: Path) -> None:
    names = ["E10.md", "E2.md", "E02.md", "E1-plan.MD", "²x.md", "notes.txt", ".E3.md", "._E4.md", "E5.md~"]
    for name in names:
        (folder / "evidence" / name).write_bytes(b"")
    listed = ["E1-plan.MD", "E02.md", "E2.md", "E10.md", "²x.md"]
    assert list_pieces(folder, "mine") == [f"evidence/{name}" for name in listed]


def test_a_portfolio_without_the_folder_evidence_has_no_pieces(tmp_path: Path) -> None:
    assert list_pieces(tmp_path, "mine") == []


def test_an_evidence_folder_that_is_a_link_or_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "evidence").symlink_to("other")
    with pytest.raises(KsbtrackError) as raised:
        list_pieces(tmp_path, "mine")
    assert (only_problem(raised).code, only_problem(raised).source) == ("symlink", Source("mine/evidence"))
    (tmp_path / "evidence").unlink()
    (tmp_path / "evidence").write_bytes(b"")
    with pytest.raises(KsbtrackError) as raised:
        list_pieces(tmp_path, "mine")
    assert (only_problem(raised).code, only_problem(raised).source) == ("not-a-folder", Source("mine/evidence"))


def test_pieces_whose_names_collide_or_are_unsafe_are_all_named(folder: Path) -> None:
    for name in ("E1.md", "e1.md", "a:b.md", "two\nlines.md"):
        (folder / "evidence" / name).write_bytes(b"")
    with pytest.raises(KsbtrackError) as raised:
        list_pieces(folder, "mine")
    assert [(problem.code, problem.source.file) for problem in raised.value.problems] == [
        ("unsafe-path", "mine/evidence/a:b.md"),
        ("name-collision", "mine/evidence/e1.md"),
        ("unsafe-path", "mine/evidence/two\nlines.md"),
    ]


def test_a_folder_with_too_many_files_or_pieces_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        (folder / "evidence" / f"E{number}.md").write_bytes(b"")
    monkeypatch.setattr(opening, "MAX_PIECES", 3)
    with pytest.raises(KsbtrackError) as raised:
        list_pieces(folder, "mine")
    assert str(raised.value) == (
        "mine/evidence: too-many-files: found more than 3 pieces; "
        "this folder may have at most 3 pieces among 10,000 files.\n"
        "  Check that it is a portfolio's folder, and move out what does not belong to it."
    )
    monkeypatch.setattr(opening, "MAX_PIECES", 5)
    monkeypatch.setattr(opening, "MAX_ENTRIES", 4)
    with pytest.raises(KsbtrackError) as raised:
        list_pieces(folder, "mine")
    assert only_problem(raised).found == "more than 4 files"
    (folder / "evidence" / "note.txt").unlink()
    assert len(list_pieces(folder, "mine")) == 4


def test_path_inside_gives_what_is_opened() -> None:
    assert path_inside("a.pdf", "evidence", HERE) == "evidence/a.pdf"
    assert path_inside("records/a.pdf", "evidence", HERE) == "records/a.pdf"
    assert path_inside("a.pdf", "", HERE) == "a.pdf"


def test_importing_the_module_imports_neither_pikepdf_nor_pillow() -> None:
    program = "import sys, ksbtrack.files; sys.exit(bool({'pikepdf', 'PIL'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
