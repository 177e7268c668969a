"""New files and folders that are there as a whole or not at all, and never in place of others."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ksbtrack.files.attachments import MAX_ATTACHMENT_BYTES
from ksbtrack.files.writing import cannot_write
from ksbtrack.problems import KsbtrackError, Problem, Source, quoted

_CHUNK = 1024 * 1024


@contextmanager
def workshop(folder: Path, shown: Path) -> Iterator[Path]:
    """Give a hidden folder in which files are made ready; it is gone afterwards, whatever happens.

    Args:
        folder: the folder to make it in; it exists.
        shown: what messages name if it cannot be made.

    Raises:
        KsbtrackError: `cannot-write`, for any failure of disk or permission inside too.
    """
    inside = folder / f".ksbtrack-{secrets.token_hex(8)}.part"
    try:
        inside.mkdir()
        try:
            yield inside
        finally:
            shutil.rmtree(inside, ignore_errors=True)
    except OSError as error:
        raise cannot_write(shown, error) from error


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """Give a folder to fill, which takes the name of `folder` once it is complete.

    Raises:
        KsbtrackError: `folder-not-empty`, `cannot-write`.
    """
    is_there = os.path.lexists(folder)
    if is_there:
        _refuse_full(folder)
    with workshop(folder if is_there else folder.parent, folder) as inside:
        yield inside
        if is_there:
            move_in((part, folder / part.name) for part in sorted(inside.iterdir()))
        else:
            # The hidden folder's own name is the only thing that changes, so nobody sees half a portfolio.
            inside.rename(folder)


def _refuse_full(folder: Path) -> None:
    try:
        first = next(folder.iterdir(), None)
    except NotADirectoryError:
        first = folder
    except OSError as error:
        raise cannot_write(folder, error) from error
    if first is not None:
        raise KsbtrackError(
            Problem(
                "folder-not-empty",
                Source(folder.as_posix()),
                "a file of that name" if first == folder else f"{quoted(first.name)} in it",
                "a new portfolio gets a folder of its own",
                "Choose another name, or move away what is there.",
            )
        )


def move_in(moves: Iterable[tuple[Path, Path]]) -> None:
    """Give each finished file or folder its name; if one fails, take those away that have it already.

    Args:
        moves: from where, to where; nothing is replaced.

    Raises:
        OSError: a name is taken, or the disk refuses.
    """
    moved: list[Path] = []
    try:
        for made, target in moves:
            # Whoever else wants the name at this moment fails here, instead of losing a file.
            if not made.is_dir():
                os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
            elif os.path.lexists(target):
                raise FileExistsError(errno.EEXIST, "taken", str(target))
            moved.append(target)
            made.replace(target)
    except BaseException:
        for target in reversed(moved):
            if target.is_dir():
                shutil.rmtree(target, ignore_errors=True)
            else:
                with contextlib.suppress(OSError):
                    target.unlink()
        raise


def write_new(path: Path, content: bytes) -> None:
    """Write a file onto the disk, with the folders above it.

    Raises:
        OSError: there is such a file, or the disk refuses.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def copy_new(stream: BinaryIO, path: Path) -> None:
    """Copy what is left of an open file to a new one, with the folders above it; an endless file is cut.

    Raises:
        OSError: there is such a file, or a disk refuses.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    left = MAX_ATTACHMENT_BYTES + 1
    with path.open("xb") as file:
        while left > 0 and (chunk := stream.read(min(_CHUNK, left))):
            file.write(chunk)
            left -= len(chunk)
        file.flush()
        os.fsync(file.fileno())
