"""Output files, replaced as a whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from ksbtrack.problems import KsbtrackError, Problem, Source

_FOUND_AND_FIX = {
    errno.ENOENT: ("no such folder", "Create the folder first, or choose another place."),
    errno.ENOTDIR: ("a file where a folder should be", "Choose another place."),
    errno.EISDIR: ("a folder", "Give the name of a file in it."),
    errno.EEXIST: ("a file of that name", "Choose another name."),
    errno.EACCES: ("a place where you may not write", "Choose another place, or ask for the right to write there."),
    errno.EPERM: ("a place where you may not write", "Choose another place, or ask for the right to write there."),
    errno.EROFS: ("a disk that can only be read", "Choose a place on another disk."),
    errno.ENOSPC: ("a full disk", "Free some space, or choose a place on another disk."),
    errno.EDQUOT: ("your share of the disk used up", "Free some space, or choose a place on another disk."),
    errno.EFBIG: ("a limit on the size of files", "Choose a place on another disk."),
    errno.ENAMETOOLONG: ("a name that is too long", "Choose a shorter name."),
    errno.ELOOP: ("a link that leads back to itself", "Choose another place."),
}
"""What an error of the system means to the person who named the file, and what to do about it."""


def replace_file(path: Path, content: bytes) -> None:
    """Write a file as a whole, so that a reader never meets half of it and a failure leaves the old one.

    The bytes go to a new file in the same folder, onto the disk, and then take the name. A link is followed.
    An existing file keeps its permissions.

    Args:
        path: the file, in a folder that exists.
        content: all of its bytes.

    Raises:
        KsbtrackError: `cannot-write`.
    """
    replace_files([(path, content)])


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Give a file to write bit by bit, which takes the name once all is written; a failure leaves the old one.

    Args:
        path: the file, in a folder that exists.

    Yields:
        A new file in the same folder, which can be read, written and wound back.

    Raises:
        KsbtrackError: `cannot-write`, whatever the system refuses while it is open.
    """
    target = Path(os.path.realpath(path))
    try:
        with _opened_beside(target, _mode_of(target)) as (file, beside):
            yield file
        try:
            beside.replace(target)
        except BaseException:
            beside.unlink()
            raise
    except OSError as error:
        raise cannot_write(path, error) from error
    _settle(target.parent)


def replace_files(contents: Sequence[tuple[Path, bytes]]) -> None:
    """Write several files, each as `replace_file` does: all of them or, where one cannot be written, none.

    Only a system that stops between two names leaves some of them new and some old: the first ones are the new ones.

    Args:
        contents: each file with all of its bytes, in the order in which they take their names.

    Raises:
        KsbtrackError: `cannot-write`.
    """
    made: list[tuple[Path, Path]] = []
    replaced: list[tuple[Path, bytes | None]] = []
    path = Path()
    try:
        for path, content in contents:
            target = Path(os.path.realpath(path))
            made.append((_write_beside(target, content, _mode_of(target)), target))
        for beside, target in made:
            old = target.read_bytes() if len(made) > 1 and target.exists() else None
            beside.replace(target)
            replaced.append((target, old))
    except BaseException as error:
        _undo(made, replaced)
        if isinstance(error, OSError):
            raise cannot_write(path, error) from error
        raise
    for folder in {target.parent for _, target in made}:
        _settle(folder)


def _undo(made: Sequence[tuple[Path, Path]], replaced: Sequence[tuple[Path, bytes | None]]) -> None:
    """Take away what was made beside the files, and give back the files that were replaced already."""
    for beside, _ in made:
        with contextlib.suppress(OSError):
            beside.unlink()
    for target, old in replaced:
        with contextlib.suppress(OSError):
            if old is None:
                target.unlink()
            else:
                _write_beside(target, old, _mode_of(target)).replace(target)


def cannot_write(path: Path, error: OSError) -> KsbtrackError:
    """Give the error for a file that could not be written.

    Args:
        path: the file, as the user named it.
        error: what the system said.
    """
    number = error.errno or 0
    found, fix = _FOUND_AND_FIX.get(
        number, (f"the system's error {errno.errorcode.get(number, number)}", "Choose another place.")
    )
    return KsbtrackError(
        Problem(
            code="cannot-write",
            source=Source(path.as_posix()),
            found=found,
            expected="the output is a file, in a folder that takes it; nothing was changed",
            fix=fix,
        )
    )


def _mode_of(target: Path) -> int | None:
    """Give the permissions of the file to be replaced, or nothing if there is none.

    Raises:
        OSError: there is something that must not be replaced: a folder, a device, a write-protected file.
    """
    try:
        status = target.stat()
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, "is a folder")
    if not stat.S_ISREG(status.st_mode) or not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, "is a device or write-protected")
    return stat.S_IMODE(status.st_mode)


def _write_beside(target: Path, content: bytes, mode: int | None) -> Path:
    """Write a new file in the target's folder, onto the disk, and give its path; on failure take it away."""
    with _opened_beside(target, mode) as (file, beside):
        file.write(content)
    return beside


@contextlib.contextmanager
def _opened_beside(target: Path, mode: int | None) -> Iterator[tuple[BinaryIO, Path]]:
    """Give a new file in the target's folder with its path, and put it onto the disk; on failure take it away."""
    beside = target.with_name(f".ksbtrack-{secrets.token_hex(8)}.part")
    descriptor = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            yield file, beside
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            beside.chmod(mode)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise


def _settle(folder: Path) -> None:
    """Have the folder's new entry put on the disk, where the system lets folders be opened for that."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
