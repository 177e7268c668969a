"""Results in a folder, or in a store of another kind, that many may write to at once and any run may go on from.

    made/3f/3f0c….json      what was made of inputs with this mark: the sha256, size and suffix of a content
    content/a1/a1b2….pdf    contents by their own sha256
    reports/Example.pdf     contents under a name that people read, where somebody published them

A content is written under a name of its own and then moved; the line about it follows. So whoever reads never meets
half a file, two who write the same write the same bytes, and two who write different things never write the same file.
What was cut off leaves at most a content that nobody asks for. `made` and `content` may be deleted at any time: results
are made again.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from ksbtrack.files.opening import unreadable
from ksbtrack.files.writing import cannot_write, replace_file, replacing
from ksbtrack.models.storing import Kept
from ksbtrack.problems import KsbtrackError, Problem, Source, quoted

_MARK = re.compile(r"[0-9a-f]{64}")
_SUFFIX = re.compile(r"(\.[a-z0-9]{1,8}){0,2}")
_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://(.*)", re.DOTALL)
_OF_THIS_MACHINE = ("file", "local")
_NOTHING_THERE = (errno.ENOENT, errno.ENOTDIR)


class _Files(Protocol):
    """The few things that a store needs of whatever keeps its files."""

    shown: str

    def read(self, name: str) -> bytes | None:
        """Give a file's bytes, or None if there is no such file."""

    def holds(self, name: str, kept: Kept) -> bool:
        """Say whether a file is there and is a result, as far as that can be said without fetching it."""

    def write(self, name: str, content: bytes) -> None:
        """Write a file whole, or not at all."""

    def copy(self, name: str, to: str) -> None:
        """Let a file have another name too, whole or not at all."""

    def names(self, folder: str) -> list[str]:
        """Give the names of the files in a folder and in those in it, sorted."""

    def send(self, path: Path, name: str) -> None:
        """Write a file of this machine under a name, whole or not at all, a piece at a time."""

    def fetch(self, name: str, path: Path) -> bool:
        """Write a file into one of this machine, a piece at a time, and say whether there was one."""


class Store:
    """An opened place for results.

    Raises (all methods): KsbtrackError `cannot-write` or `unreadable-file`, whatever the place refuses.
    """

    def __init__(self, files: _Files) -> None:
        """Keep the files; `open_store` gives a store by its place."""
        self._files = files

    @property
    def shown(self) -> str:
        """Give the place for messages, without any password that stands in it."""
        return self._files.shown

    def find(self, mark: str) -> Kept | None:
        """Give what was made of inputs with a mark, if it is there whole.

        Its bytes are compared with their sha256 where they lie on this machine or a shared folder, elsewhere its size.
        """
        line = self._files.read(_made(mark))
        said = _read_line(mark, line) if line is not None else None
        return said if said is not None and self._files.holds(_content(said), said) else None

    def keep(self, mark: str, content: bytes, suffix: str = "") -> Kept:
        """Keep what was made of inputs with a mark.

        Args:
            mark: of everything that decides the content, as `mark_of` gives it.
            content: the bytes.
            suffix: of the file's name, such as `.pdf`.
        """
        _require(mark, suffix)
        kept = Kept(mark, _sha256(content), suffix, len(content), is_new=True)
        if not self._files.holds(_content(kept), kept):
            self._files.write(_content(kept), content)
        said = {"sha256": kept.sha256, "size": kept.size, "suffix": suffix}
        self._files.write(_made(mark), json.dumps(said).encode() + b"\n")
        return kept

    def read(self, kept: Kept) -> bytes:
        """Give the bytes of a result.

        Raises:
            KsbtrackError: `damaged-result`.
        """
        content = self._files.read(_content(kept))
        if content is None or _sha256(content) != kept.sha256:
            raise KsbtrackError(
                Problem(
                    "damaged-result",
                    Source(f"{self.shown}/{_content(kept)}"),
                    "no such file" if content is None else "other bytes than were written",
                    "the content of a store stays as it was written",
                    "Start again: what is missing or changed is made again.",
                )
            )
        return content

    def publish(self, kept: Kept, name: str) -> None:
        """Let a result have a name for people too, in place of whatever had that name.

        Args:
            kept: the result.
            name: in the store, such as `reports/Example.pdf`.

        Raises:
            KsbtrackError: `unsafe-path`.
        """
        _require_inside(name, self.shown)
        self._files.copy(_content(kept), name)

    def published(self, name: str) -> bytes | None:
        """Give the bytes that have a name for people, or None if nothing has it.

        Raises:
            KsbtrackError: `unsafe-path`.
        """
        _require_inside(name, self.shown)
        return self._files.read(name)

    def send(self, path: Path, name: str) -> None:
        """Give a file of this machine a name for people in the store, however large it is.

        Args:
            path: the file.
            name: in the store, such as `cohort.json`.

        Raises:
            KsbtrackError: `unsafe-path`.
        """
        _require_inside(name, self.shown)
        self._files.send(path, name)

    def fetch(self, name: str, path: Path) -> bool:
        """Write what has a name for people into a file of this machine, and say whether anything has it.

        Raises:
            KsbtrackError: `unsafe-path`.
        """
        _require_inside(name, self.shown)
        return self._files.fetch(name, path)

    def marks(self) -> list[str]:
        """Give the marks of everything that was made, sorted."""
        return sorted(name.rpartition("/")[2].removesuffix(".json") for name in self._files.names("made"))

    def contents(self) -> list[str]:
        """Give the names of all contents, sorted."""
        return self._files.names("content")


def is_address(place: str) -> bool:
    """Say whether a place for results is an address, such as `s3://bucket/cohort`, and not a folder of this machine."""
    address = _ADDRESS.fullmatch(place)
    return address is not None and address[1].casefold() not in _OF_THIS_MACHINE


def open_store(place: str) -> Store:
    """Open a folder, or an address such as `s3://bucket/cohort` of a store that fsspec knows.

    Args:
        place: a folder is made if need be. An address may need a package of its own (s3fs, adlfs), which fsspec names.

    Raises:
        KsbtrackError: `unknown-store`, `missing-library`, `cannot-write`.
    """
    address = _ADDRESS.fullmatch(place)
    if "::" in place and "://" in place:
        # One store through another one, such as a copy on this disk: then nothing is where others look for it.
        raise _unknown("an address behind another one")
    if address is None:
        return Store(_Folder(Path(place)))
    if address[1].casefold() in _OF_THIS_MACHINE:
        return Store(_Folder(Path(address[2])))
    return Store(_Remote(place))


def mark_of(*parts: str | bytes) -> str:
    """Give one mark of several texts in their order; no other texts have the same."""
    seen = hashlib.sha256()
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        seen.update(f"{len(raw)}:".encode() + raw)
    return seen.hexdigest()


class _Folder:
    """Files in a folder of this machine, or of a server that it reaches as a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.shown = root.as_posix()

    def read(self, name: str) -> bytes | None:
        try:
            return (self.root / name).read_bytes()
        except OSError as error:
            if error.errno in _NOTHING_THERE:
                return None
            raise unreadable(f"{self.shown}/{name}", Source(self.shown), error) from error

    def holds(self, name: str, kept: Kept) -> bool:
        content = self.read(name)
        return content is not None and _sha256(content) == kept.sha256

    def write(self, name: str, content: bytes) -> None:
        target = self.root / name
        self._make_folder(target)
        replace_file(target, content)

    def copy(self, name: str, to: str) -> None:
        target, whole = self.root / to, self.root / name
        self._make_folder(target)
        beside = target.with_name(f".ksbtrack-{secrets.token_hex(8)}.part")
        with contextlib.suppress(OSError):
            if target.samefile(whole):
                return
        try:
            os.link(whole, beside)
        except OSError:
            # A disk without links, or another disk: the bytes again.
            content = self.read(name)
            replace_file(target, b"" if content is None else content)
            return
        try:
            beside.replace(target)
        except OSError as error:
            with contextlib.suppress(OSError):
                beside.unlink()
            raise cannot_write(target, error) from error

    def names(self, folder: str) -> list[str]:
        below = (self.root / folder).rglob("*")
        return sorted(
            path.relative_to(self.root).as_posix() for path in below if not path.name.startswith(".") and path.is_file()
        )

    def send(self, path: Path, name: str) -> None:
        target = self.root / name
        self._make_folder(target)
        with path.open("rb") as whole, replacing(target) as file:
            shutil.copyfileobj(whole, file)

    def fetch(self, name: str, path: Path) -> bool:
        try:
            shutil.copyfile(self.root / name, path)
        except OSError as error:
            if error.errno in _NOTHING_THERE:
                return False
            raise unreadable(f"{self.shown}/{name}", Source(self.shown), error) from error
        return True

    def _make_folder(self, target: Path) -> None:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise cannot_write(target.parent, error) from error


class _Remote:
    """Files of a store that fsspec reaches."""

    def __init__(self, address: str) -> None:
        self.shown = without_password(address)
        self._system, self._root = _system_of(address, self.shown)

    def read(self, name: str) -> bytes | None:
        try:
            content: bytes = self._system.cat_file(self._at(name))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise unreadable(f"{self.shown}/{name}", Source(self.shown), error) from error
        return content

    def holds(self, name: str, kept: Kept) -> bool:
        try:
            return int(self._system.size(self._at(name))) == kept.size
        except OSError:
            return False

    def write(self, name: str, content: bytes) -> None:
        with self._beside(name) as beside:
            self._system.pipe_file(beside, content)

    def copy(self, name: str, to: str) -> None:
        with self._beside(to) as beside:
            self._system.cp_file(self._at(name), beside)

    @contextlib.contextmanager
    def _beside(self, name: str) -> Iterator[str]:
        """Give another name to write to, and then move what is there to the name meant."""
        target = self._at(name)
        above, _, last = target.rpartition("/")
        beside = f"{above}/.ksbtrack-{secrets.token_hex(8)}-{last[:8]}.part"
        try:
            self._system.makedirs(above, exist_ok=True)
            try:
                yield beside
                self._system.mv(beside, target)
            except BaseException:
                with contextlib.suppress(OSError):
                    self._system.rm_file(beside)
                raise
        except OSError as error:
            raise cannot_write(Path(self.shown) / name, error) from error

    def names(self, folder: str) -> list[str]:
        try:
            found = self._system.find(self._at(folder))
        except OSError as error:
            raise unreadable(f"{self.shown}/{folder}", Source(self.shown), error) from error
        relative = (path.removeprefix(self._root).lstrip("/") for path in found)
        return sorted(name for name in relative if not name.rpartition("/")[2].startswith("."))

    def send(self, path: Path, name: str) -> None:
        with self._beside(name) as beside:
            self._system.put_file(str(path), beside)

    def fetch(self, name: str, path: Path) -> bool:
        try:
            self._system.get_file(self._at(name), str(path))
        except FileNotFoundError:
            return False
        except OSError as error:
            raise unreadable(f"{self.shown}/{name}", Source(self.shown), error) from error
        return True

    def _at(self, name: str) -> str:
        return f"{self._root.rstrip('/')}/{name}"


def _system_of(address: str, shown: str) -> tuple[Any, str]:
    """Give fsspec's view of a store, and the folder in it.

    Raises:
        KsbtrackError: `unknown-store`, `missing-library`, `cannot-write`.
    """
    import fsspec

    try:
        system, root = fsspec.core.url_to_fs(address)
    except ImportError as error:
        raise KsbtrackError(
            Problem(
                "missing-library",
                Source("this machine"),
                f"no package for {quoted(shown)}",
                "a store of this kind needs a package of its own",
                str(error).rstrip(".") + ".",
            )
        ) from error
    except ValueError as error:
        raise _unknown(quoted(shown)) from error
    except OSError as error:
        raise cannot_write(Path(shown), error) from error
    return system, str(root)


def _unknown(found: str) -> KsbtrackError:
    return KsbtrackError(
        Problem(
            "unknown-store",
            Source("the command"),
            found,
            "results go to a folder, or to an address like s3://bucket/folder or abfs://container/folder",
            "Correct the address.",
        )
    )


def without_password(address: str) -> str:
    """Give an address as messages may show it: without user, password and the options behind a question mark."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _read_line(mark: str, line: bytes) -> Kept | None:
    """Give what a line about a result says; None if it says nothing that we would write."""
    try:
        said = json.loads(line)
        kept = Kept(mark, str(said["sha256"]), str(said["suffix"]), int(said["size"]))
    except (ValueError, KeyError, TypeError):
        return None
    return kept if _MARK.fullmatch(kept.sha256) and _SUFFIX.fullmatch(kept.suffix) else None


def _require(mark: str, suffix: str) -> None:
    if not _MARK.fullmatch(mark) or not _SUFFIX.fullmatch(suffix):
        raise ValueError(f"neither {mark!r} nor {suffix!r} may come from anywhere but this program")


def _require_inside(name: str, shown: str) -> None:
    if name.startswith("/") or "\\" in name or not name.isprintable() or {"", ".", ".."} & set(name.split("/")):
        raise KsbtrackError(
            Problem(
                "unsafe-path",
                Source(shown),
                quoted(name),
                "a result's name is a path inside the place for results",
                "Choose another name.",
            )
        )


def _made(mark: str) -> str:
    return f"made/{mark[:2]}/{mark}.json"


def _content(kept: Kept) -> str:
    return f"content/{kept.sha256[:2]}/{kept.sha256}{kept.suffix}"


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
