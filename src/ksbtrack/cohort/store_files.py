"""The files of a store of results: in a folder of this machine, or wherever fsspec reaches."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from ksbtrack.files.opening import unreadable
from ksbtrack.files.writing import cannot_write, replace_file, replacing
from ksbtrack.models.storing import Kept
from ksbtrack.problems import KsbtrackError, Problem, Source, quoted

_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://(.*)", re.DOTALL)
_PATTERN = re.compile(r"[*?\[\]]")
_OF_THIS_MACHINE = ("file", "local")
_NOTHING_THERE = (errno.ENOENT, errno.ENOTDIR)


class Files(Protocol):
    """The few things that a store needs of whatever keeps its files; what it refuses, it raises as KsbtrackError."""

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

    def remove(self, name: str) -> None:
        """Take a file away, if there is one."""

    def send(self, path: Path, name: str) -> None:
        """Write a file of this machine under a name, whole or not at all, a piece at a time."""

    def fetch(self, name: str, path: Path) -> bool:
        """Write a file into one of this machine, a piece at a time, and say whether there was one."""


def folder_at(place: str) -> Path | None:
    """Give the folder or file of this machine that a place names; None for an address such as `s3://bucket/cohort`."""
    address = _ADDRESS.fullmatch(place)
    if address is None:
        return Path(place)
    return Path(address[2]).expanduser() if address[1].casefold() in _OF_THIS_MACHINE else None


def files_at(place: str) -> Files:
    """Give the files of a place, as `open_store` opens it.

    Args:
        place: a folder or an address.

    Raises:
        KsbtrackError: `unknown-store`, `missing-library`, `cannot-write`.
    """
    if "::" in place and "://" in place:
        # One store through another one, such as a copy on this disk: then nothing is where others look for it.
        raise _unknown("an address behind another one")
    folder = folder_at(place)
    if folder is None and _PATTERN.search(place.partition("://")[2].rpartition("@")[2]):
        # fsspec would look for files that fit, and write beside the place.
        raise _unknown(quoted(without_password(place)))
    return _Remote(place) if folder is None else _Folder(folder)


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
        return content is not None and sha256_of(content) == kept.sha256

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

    def remove(self, name: str) -> None:
        try:
            (self.root / name).unlink(missing_ok=True)
        except OSError as error:
            if error.errno not in _NOTHING_THERE:
                raise cannot_write(self.root / name, error) from error

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
            with self._told(name, is_writing=False):
                content: bytes = self._system.cat_file(self._at(name))
        except FileNotFoundError:
            return None
        return content

    def holds(self, name: str, kept: Kept) -> bool:
        try:
            with self._told(name, is_writing=False):
                return int(self._system.size(self._at(name))) == kept.size
        except (FileNotFoundError, KsbtrackError):
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
        with self._told(name, is_writing=True):
            self._system.makedirs(above, exist_ok=True)
            try:
                yield beside
                self._system.mv(beside, target)
            except BaseException:
                with contextlib.suppress(Exception):
                    self._system.rm_file(beside)
                raise

    def names(self, folder: str) -> list[str]:
        with self._told(folder, is_writing=False):
            found = self._system.find(self._at(folder))
        relative = (path.removeprefix(self._root).lstrip("/") for path in found)
        return sorted(name for name in relative if not name.rpartition("/")[2].startswith("."))

    def remove(self, name: str) -> None:
        with contextlib.suppress(FileNotFoundError), self._told(name, is_writing=True):
            self._system.rm_file(self._at(name))

    def send(self, path: Path, name: str) -> None:
        with self._beside(name) as beside:
            self._system.put_file(str(path), beside)

    def fetch(self, name: str, path: Path) -> bool:
        try:
            with self._told(name, is_writing=False):
                self._system.get_file(self._at(name), str(path))
        except FileNotFoundError:
            return False
        return True

    @contextlib.contextmanager
    def _told(self, name: str, *, is_writing: bool) -> Iterator[None]:
        """Turn what the store refuses into a problem; that a file is not there is left as it is when reading."""
        try:
            yield
        except KsbtrackError:
            raise
        except FileNotFoundError as error:
            if is_writing and not isinstance(error, KsbtrackError):
                raise _refused(f"{self.shown}/{name}", error, is_writing=True) from error
            raise
        except Exception as error:
            # The package of each store has errors of its own: for want of a password, of a network, of a function.
            raise _refused(f"{self.shown}/{name}", error, is_writing=is_writing) from error

    def _at(self, name: str) -> str:
        return f"{self._root.rstrip('/')}/{name}"


def _refused(shown: str, error: Exception, *, is_writing: bool) -> KsbtrackError:
    number = error.errno if isinstance(error, OSError) else None
    found = errno.errorcode.get(number or 0, type(error).__name__)
    return KsbtrackError(
        Problem(
            "cannot-write" if is_writing else "unreadable-file",
            Source(shown),
            f"a store that refuses ({found})",
            "results lie where this machine may read, write, copy and delete",
            "See to the address, the password, the network and the rights there; the store's package says more.",
        )
    )


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
    except OSError as error:
        raise _refused(shown, error, is_writing=True) from error
    except Exception as error:
        # An address that the package of its store cannot make anything of.
        raise _unknown(quoted(shown)) from error
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
    """Give an address as messages may show it: without user, password and the options behind a question mark.

    A password may hold any sign, a slash too: with a colon before it, all up to the last `@` goes.
    """
    kind, _, rest = address.partition("://")
    before, at, after = rest.rpartition("@")
    if at and (":" in before or "/" not in before):
        rest = after
    return f"{kind}://{re.split('[?#]', rest, maxsplit=1)[0]}"


def sha256_of(content: bytes) -> str:
    """Give the SHA-256 of some bytes, as 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()
