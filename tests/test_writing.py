"""Output files: the whole new one, or the old one untouched."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from ksbtrack.files.writing import replace_file
from ksbtrack.problems import KsbtrackError

OLD = b"the report of last week"
NEW = b"the report of today" * 1000


def message(path: Path) -> str:
    """Give the message of the error that writing to a path raises."""
    with pytest.raises(KsbtrackError) as caught:
        replace_file(path, NEW)
    (problem,) = caught.value.problems
    assert problem.code == "cannot-write"
    assert problem.source.file == path.as_posix()
    return str(caught.value).removeprefix(f"{path.as_posix()}: cannot-write: found ")


def test_a_new_file_has_the_bytes_and_the_usual_permissions(tmp_path: Path) -> None:
    replace_file(tmp_path / "report.pdf", NEW)
    (tmp_path / "plain").touch()
    assert (tmp_path / "report.pdf").read_bytes() == NEW
    assert (tmp_path / "report.pdf").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_an_old_file_is_replaced_and_keeps_its_permissions(tmp_path: Path) -> None:
    report = tmp_path / "report.pdf"
    report.write_bytes(OLD)
    report.chmod(0o640)
    before = report.stat()
    replace_file(report, NEW)
    assert report.read_bytes() == NEW
    assert stat.S_IMODE(report.stat().st_mode) == 0o640
    assert report.stat().st_ino != before.st_ino, "written in place: a reader could meet half a file"
    assert list(tmp_path.iterdir()) == [report]


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "report.pdf").write_bytes(OLD)
    link = tmp_path / "report.pdf"
    link.symlink_to("shared/report.pdf")
    replace_file(link, NEW)
    assert link.is_symlink()
    assert (tmp_path / "shared" / "report.pdf").read_bytes() == NEW


def test_a_missing_folder_is_named_and_not_made(tmp_path: Path) -> None:
    assert message(tmp_path / "out" / "report.pdf") == (
        "no such folder; the output is a file, in a folder that takes it; nothing was changed.\n"
        "  Create the folder first, or choose another place."
    )
    assert not list(tmp_path.iterdir())


def test_a_folder_is_not_replaced(tmp_path: Path) -> None:
    assert message(tmp_path) == (
        "a folder; the output is a file, in a folder that takes it; nothing was changed.\n"
        "  Give the name of a file in it."
    )


def test_a_file_in_the_place_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "out").write_bytes(OLD)
    assert message(tmp_path / "out" / "report.pdf").startswith("a file where a folder should be;")
    assert (tmp_path / "out").read_bytes() == OLD


def test_a_pipe_or_device_is_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert message(tmp_path / "pipe").startswith("a place where you may not write;")
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


def test_a_write_protected_file_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = tmp_path / "report.pdf"
    report.write_bytes(OLD)
    # The superuser may write everything, so that the bits alone would not stop the one who runs this test.
    monkeypatch.setattr(os, "access", lambda path, mode: not (Path(path) == report and mode == os.W_OK))
    assert message(report).startswith("a place where you may not write;")
    assert report.read_bytes() == OLD


def test_a_link_to_itself(tmp_path: Path) -> None:
    (tmp_path / "report.pdf").symlink_to("report.pdf")
    assert message(tmp_path / "report.pdf").startswith("a link that leads back to itself;")


def test_a_name_that_is_too_long(tmp_path: Path) -> None:
    assert message(tmp_path / ("r" * 300)).startswith("a name that is too long;")


def test_a_long_name_that_is_just_short_enough(tmp_path: Path) -> None:
    replace_file(tmp_path / ("r" * 255), NEW)
    assert (tmp_path / ("r" * 255)).read_bytes() == NEW


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (errno.ENOSPC, "a full disk; the output is a file, in a folder that takes it; nothing was changed.\n"
                       "  Free some space, or choose a place on another disk."),
        (errno.EIO, "the system's error EIO; the output is a file, in a folder that takes it; nothing was changed.\n"
                    "  Choose another place."),
    ],
)  # fmt: skip
def test_a_failing_disk_leaves_the_old_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, expected: str
) -> None:
    (tmp_path / "report.pdf").write_bytes(OLD)

    def fail(descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    assert message(tmp_path / "report.pdf") == expected
    assert (tmp_path / "report.pdf").read_bytes() == OLD
    assert list(tmp_path.iterdir()) == [tmp_path / "report.pdf"]


@pytest.mark.skipif(sys.platform == "win32", reason="no limits on the size of files there")
def test_the_system_stops_the_write_half_way(tmp_path: Path) -> None:
    program = (
        "import resource, sys; from pathlib import Path\n"
        "from ksbtrack.files.writing import replace_file\n"
        "from ksbtrack.problems import KsbtrackError\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "try:\n    replace_file(Path(sys.argv[1]), bytes(100_000))\n"
        "except KsbtrackError as error:\n    print(error.problems[0].found)"
    )
    (tmp_path / "report.pdf").write_bytes(OLD)
    command = [sys.executable, "-c", program, str(tmp_path / "report.pdf")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "a limit on the size of files\n"
    assert (tmp_path / "report.pdf").read_bytes() == OLD
    assert list(tmp_path.iterdir()) == [tmp_path / "report.pdf"]


def test_an_interrupted_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(descriptor: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        replace_file(tmp_path / "report.pdf", NEW)
    assert not list(tmp_path.iterdir())
