"""Results in a folder or another store: whole or not there, whoever else writes, and there again for the next run."""

from __future__ import annotations

import errno
import hashlib
import json
import multiprocessing
import os
import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import fsspec
import pytest

from cluster_work import write_again_and_again
from ksbtrack.cohort.store import Store, mark_of, open_store
from ksbtrack.cohort.store_files import _Remote, without_password
from ksbtrack.models.storing import Kept
from ksbtrack.problems import KsbtrackError

MARK = mark_of("ST0148@1.0", "EX0001")
CONTENT = b"%PDF-1.7 a report\n"


@pytest.fixture(params=["folder", "file address", "memory", "files of fsspec"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Store]]:
    """Give what opens one place, each time anew; the last goes the way of Amazon's and Azure's, to this disk."""
    memory = f"memory://cohort-{secrets.token_hex(4)}"
    ways: dict[str, Callable[[], Store]] = {
        "folder": lambda: open_store(str(tmp_path / "out")),
        "file address": lambda: open_store(f"file://{tmp_path}/out"),
        "memory": lambda: open_store(memory),
        "files of fsspec": lambda: Store(_Remote(f"file://{tmp_path}/out")),
    }
    yield ways[request.param]
    if request.param == "memory":
        fsspec.filesystem("memory").rm(memory, recursive=True)


def test_what_was_kept_is_found_and_read_again(opened: Callable[[], Store]) -> None:
    store = opened()
    assert store.find(MARK) is None
    kept = store.keep(MARK, CONTENT, ".pdf")
    assert kept.is_new

    again = opened()
    found = again.find(MARK)
    assert found == Kept(MARK, hashlib.sha256(CONTENT).hexdigest(), ".pdf", len(CONTENT))
    assert again.read(found) == CONTENT
    assert again.marks() == [MARK]
    assert again.contents() == [f"content/{found.sha256[:2]}/{found.sha256}.pdf"]


def test_the_same_content_of_two_inputs_lies_there_once(opened: Callable[[], Store]) -> None:
    store = opened()
    other = mark_of("another")
    store.keep(MARK, CONTENT, ".pdf")
    store.keep(other, CONTENT, ".pdf")
    assert store.marks() == sorted([MARK, other])
    assert len(store.contents()) == 1


def test_a_result_gets_a_name_for_people_in_place_of_an_older_one(opened: Callable[[], Store]) -> None:
    store = opened()
    old, new = store.keep(MARK, b"old", ".pdf"), store.keep(mark_of("new"), CONTENT, ".pdf")
    for kept, content in ((old, b"old"), (new, CONTENT), (new, CONTENT)):
        store.publish(kept, "reports/Robin Example.pdf")
        assert store.published("reports/Robin Example.pdf") == content
    assert store.read(old) == b"old"


@pytest.mark.parametrize("name", ["../x.pdf", "/etc/x", "a//b", "a/./b", "a\\b", "", "reports/\n.pdf"])
def test_a_name_never_leads_outside(tmp_path: Path, name: str) -> None:
    store = open_store(str(tmp_path / "out"))
    kept = store.keep(MARK, CONTENT)
    with pytest.raises(KsbtrackError, match="unsafe-path"):
        store.publish(kept, name)


def test_only_marks_and_suffixes_of_our_own_become_names(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "out"))
    for mark, suffix in (("../" + MARK[3:], ".pdf"), (MARK, "/../x"), (MARK.upper(), "")):
        with pytest.raises(ValueError, match="may come from anywhere"):
            store.keep(mark, CONTENT, suffix)


def test_marks_tell_parts_apart() -> None:
    assert len({mark_of("ab", "c"), mark_of("a", "bc"), mark_of("abc"), mark_of("abc", ""), mark_of(b"2:ab", "c")}) == 5
    assert mark_of("é") == mark_of("é".encode())


# What can go wrong


def the_content(folder: Path) -> Path:
    (found,) = (path for path in (folder / "content").rglob("*") if path.is_file())
    return found


@pytest.mark.parametrize("harm", ["cut off", "changed", "gone"])
def test_what_is_not_whole_any_more_is_made_again(tmp_path: Path, harm: str) -> None:
    store = open_store(str(tmp_path))
    kept = store.keep(MARK, CONTENT, ".pdf")
    file = the_content(tmp_path)
    if harm == "gone":
        file.unlink()
    else:
        file.write_bytes(CONTENT[:5] if harm == "cut off" else CONTENT.replace(b"report", b"letter"))
    assert store.find(MARK) is None
    with pytest.raises(KsbtrackError) as raised:
        store.read(kept)
    found = "no such file" if harm == "gone" else "other bytes than were written"
    assert str(raised.value) == (
        f"{file.as_posix()}: damaged-result: found {found}; the content of a store stays as it was written.\n"
        "  Start again: what is missing or changed is made again."
    )
    assert store.read(store.keep(MARK, CONTENT, ".pdf")) == CONTENT
    assert store.find(MARK)


@pytest.mark.parametrize(
    "line", [b"", b"{", b"[]", b'{"sha256": "../../x", "size": 1, "suffix": ""}', b'{"sha256": 1}', b"\xff"]
)
def test_a_line_that_we_did_not_write_says_nothing(tmp_path: Path, line: bytes) -> None:
    store = open_store(str(tmp_path))
    store.keep(MARK, CONTENT)
    (tmp_path / f"made/{MARK[:2]}/{MARK}.json").write_bytes(line)
    assert store.find(MARK) is None


def test_a_full_disk_leaves_nothing_half_and_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(str(tmp_path))
    store.keep(MARK, CONTENT)

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(KsbtrackError, match="cannot-write: found a full disk"):
            store.keep(mark_of("next"), b"next")
    assert store.marks() == [MARK]
    assert not list(tmp_path.rglob("*.part"))
    assert store.find(MARK)


def test_a_store_that_stops_in_the_middle_leaves_nothing_half(monkeypatch: pytest.MonkeyPatch) -> None:
    place = f"memory://cohort-{secrets.token_hex(4)}"
    store = open_store(place)
    store.keep(MARK, CONTENT)

    def gone(self: object, one: str, two: str, **_: object) -> None:
        raise OSError(errno.EIO, "gone")

    with monkeypatch.context() as patched:
        patched.setattr(type(fsspec.filesystem("memory")), "mv", gone)
        with pytest.raises(KsbtrackError, match="cannot-write"):
            store.keep(mark_of("next"), b"next")
    assert store.marks() == [MARK]
    assert len(store.contents()) == 1
    assert not [name for name in fsspec.filesystem("memory").find(place) if name.endswith(".part")]


def test_two_processes_that_write_the_same_and_their_own_lose_nothing(tmp_path: Path) -> None:
    place = str(tmp_path / "shared")
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        whole = list(pool.map(write_again_and_again, [(place, 1), (place, 2)]))
    assert whole == [50, 50]
    store = open_store(place)
    assert len(store.marks()) == 150
    assert len(store.contents()) == 150
    assert all(store.find(mark) for mark in store.marks())
    assert not list((tmp_path / "shared").rglob("*.part"))


# Addresses


def test_an_address_of_no_known_kind() -> None:
    with pytest.raises(KsbtrackError) as raised:
        open_store("nowhere://me:secret@host/cohort?key=secret")
    assert str(raised.value) == (
        "the command: unknown-store: found 'nowhere://host/cohort'; results go to a folder, or to an address like "
        "s3://bucket/folder or abfs://container/folder.\n  Correct the address."
    )
    with pytest.raises(KsbtrackError, match="unknown-store"):
        open_store("simplecache::memory://x")


def test_a_store_whose_package_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(address: str) -> None:
        raise ImportError("Install s3fs to access S3")

    monkeypatch.setattr(fsspec.core, "url_to_fs", missing)
    with pytest.raises(KsbtrackError) as raised:
        open_store("s3://bucket/cohort")
    assert str(raised.value) == (
        "this machine: missing-library: found no package for 's3://bucket/cohort'; a store of this kind needs a "
        "package of its own.\n  Install s3fs to access S3."
    )


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("s3://key:secret@bucket/a/b?token=secret#secret", "s3://bucket/a/b"),
        ("s3://KEY:sec/ret@bucket/x", "s3://bucket/x"),
        ("ftp://user:se?cr#et@host/x", "ftp://host/x"),
        ("ftp://user@host/x", "ftp://host/x"),
        ("s3://bucket/a@b", "s3://bucket/a@b"),
        ("s3://[x/y", "s3://[x/y"),
    ],
)
def test_no_password_is_ever_shown(address: str, shown: str) -> None:
    assert without_password(address) == shown


@pytest.mark.parametrize(
    "address", ["memory://a/b*c", "memory://a/[2026]", "memory://a?", "reference://x", "s3://[x/y"]
)
def test_an_address_of_which_nothing_can_be_made_is_refused(address: str) -> None:
    with pytest.raises(KsbtrackError, match=r"unknown-store|missing-library"):
        open_store(address)


def test_whatever_a_store_raises_becomes_a_problem(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class NoPasswordError(Exception):
        """As the packages of stores have their own."""

    def refuse(*_: object, **__: object) -> None:
        raise NoPasswordError("secret")

    store = open_store(f"memory://cohort-{secrets.token_hex(4)}")
    for name in ("pipe_file", "put_file", "cat_file", "get_file", "find", "rm_file", "mv"):
        monkeypatch.setattr(type(fsspec.filesystem("memory")), name, refuse)
    (tmp_path / "x").write_bytes(b"x")
    for ask in (
        lambda: store.keep(MARK, CONTENT, ".pdf"),
        lambda: store.send(tmp_path / "x", "cohort.json"),
        store.refuse_if_closed,
        store.marks,
        lambda: store.published("x"),
        lambda: store.fetch("x", tmp_path / "y"),
    ):
        with pytest.raises(KsbtrackError, match="NoPasswordError") as raised:
            ask()
        assert "secret" not in str(raised.value)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(KsbtrackError, match="cannot-write: found a file where a folder should be"):
        open_store(str(tmp_path / "file/out")).keep(MARK, CONTENT)


def test_the_line_about_a_result_is_as_documented(tmp_path: Path) -> None:
    kept = open_store(str(tmp_path)).keep(MARK, CONTENT, ".pdf")
    line = json.loads((tmp_path / f"made/{MARK[:2]}/{MARK}.json").read_bytes())
    assert line == {"sha256": kept.sha256, "size": len(CONTENT), "suffix": ".pdf"}
