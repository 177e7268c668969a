"""Opening files without leaving the portfolio folder."""

from __future__ import annotations

import errno
import os
import stat
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Literal, overload

from ksbtrack.files.names import as_declared, colliding_names, collision, path_inside
from ksbtrack.models.values import natural_key
from ksbtrack.problems import KsbtrackError, Problem, Source, quoted
from ksbtrack.yamlfile import MAX_BYTES, too_large

EVIDENCE = "evidence"
"""The folder of the pieces and of the files that they name."""
MAX_ENTRIES = 10_000
"""Names looked at in one folder: 2,000 pieces with four files each, and room. More is not a portfolio's folder."""
MAX_PIECES = 2_000
"""Pieces of one portfolio: a piece for each working day of the longest apprenticeship, and half as many again."""

# Windows opens nothing relative to an open folder, and has no O_NOFOLLOW: there every part is looked at first.
_WALKS_DESCRIPTORS = os.open in os.supports_dir_fd and os.stat in os.supports_dir_fd and hasattr(os, "O_NOFOLLOW")
_COMMON = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_FILE = _COMMON | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
_FOLDER = _COMMON | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_DIRECTORY", 0)
# Windows: a symbolic link and a junction. Other reparse points are files kept in a cloud, which are files.
_LINK_TAGS = (0xA000000C, 0xA0000003)
_NO_SUCH = (errno.ENOENT, errno.ENOTDIR)


def open_inside(folder: Path, path: str, source: Source) -> BinaryIO | None:
    """Give a file of the portfolio opened for reading; None if there is no such file.

    Each part of the path is opened relative to the one before it, without following links, and what was opened is then
    looked at: nothing can be exchanged between check and use.

    Args:
        folder: the portfolio folder (it may itself be reached through a link).
        path: a path that `path_inside` gave.
        source: where the file is named.

    Raises:
        KsbtrackError: `symlink`, `not-a-file`, `not-a-folder`, `unreadable-file`, `name-collision`.
    """
    try:
        opened = _walk(folder, path, source) if _WALKS_DESCRIPTORS else _look_then_open(folder, path, source)
    except OSError as error:
        if error.errno in _NO_SUCH:
            return None
        raise unreadable(path, source, error) from error
    return _file_of(opened, path, source)


def _file_of(opened: int, path: str, source: Source) -> BinaryIO:
    try:
        refuse_other_than_file(os.fstat(opened).st_mode, path, source)
    except KsbtrackError:
        os.close(opened)
        raise
    return os.fdopen(opened, "rb")


def _walk(folder: Path, path: str, source: Source) -> int:
    *above, last = path.split("/")
    here = _open_root(folder)
    try:
        for part in above:
            inner = _step(here, part, path, source, _FOLDER)
            os.close(here)
            here = inner
        return _step(here, last, path, source, _FILE)
    finally:
        os.close(here)


def _step(here: int, part: str, path: str, source: Source, flags: int) -> int:
    try:
        return os.open(part, flags, dir_fd=here)
    except FileNotFoundError:
        return _step(here, _spelled_on_disk(here, part, source), path, source, flags)
    except OSError:
        # Systems differ in the error that a link or a socket gives; the status tells them apart.
        mode = os.stat(part, dir_fd=here, follow_symlinks=False).st_mode
        if stat.S_ISLNK(mode):
            raise _link(path, part, source) from None
        if flags == _FILE:
            refuse_other_than_file(mode, path, source)
        raise


def _open_root(folder: Path) -> int:
    try:
        return os.open(folder, _FOLDER & ~getattr(os, "O_NOFOLLOW", 0))
    except OSError as error:
        raise _no_folder(folder, error) from error


def _no_folder(folder: Path, error: OSError) -> KsbtrackError:
    if error.errno not in _NO_SUCH:
        return unreadable(folder.as_posix(), Source(folder.as_posix()), error)
    what = "a file" if error.errno == errno.ENOTDIR else "no such folder"
    return not_a_folder(folder.as_posix(), what)


def not_a_folder(shown: str, what: str) -> KsbtrackError:
    """Give the error of a path that should be a folder.

    Args:
        shown: the path for messages.
        what: what is there, as a noun with its article.
    """
    return KsbtrackError(
        Problem(
            "not-a-folder",
            Source(shown),
            what,
            "a portfolio is a folder with portfolio.yaml and the folder evidence in it",
            "Check the path, or begin a portfolio with `ksbtrack new`.",
        )
    )


def _look_then_open(folder: Path, path: str, source: Source) -> int:
    """Open a file where folders have no descriptors: look at each part, then check that the same file was opened."""
    if not folder.is_dir():
        raise _no_folder(folder, OSError(errno.ENOTDIR if folder.exists() else errno.ENOENT, ""))
    here = folder
    for part in path.split("/"):
        try:
            status = os.lstat(here / part)
        except FileNotFoundError:
            part = _spelled_on_disk(here, part, source)  # noqa: PLW2901 - the same part as the disk spells it
            status = os.lstat(here / part)
        if _is_link(status):
            raise _link(path, part, source)
        here /= part
    if not here.resolve().is_relative_to(folder.resolve()):
        raise _link(path, here.name, source)
    refuse_other_than_file(status.st_mode, path, source)
    opened = os.open(here, _FILE)
    if not os.path.samestat(os.fstat(opened), status):
        os.close(opened)
        raise OSError(errno.ESTALE, "exchanged while it was opened")
    return opened


def _is_link(status: os.stat_result) -> bool:
    return stat.S_ISLNK(status.st_mode) or getattr(status, "st_reparse_tag", 0) in _LINK_TAGS


def _spelled_on_disk(here: int | Path, part: str, source: Source) -> str:
    """Give the one name in a folder that reads like `part`, but has its accents or spaces coded otherwise."""
    with os.scandir(here) as entries:
        alike = sorted(entry.name for entry in islice(entries, MAX_ENTRIES) if as_declared(entry.name) == part)
    if not alike:
        raise FileNotFoundError(errno.ENOENT, "no such file", part)
    if len(alike) > 1:
        raise KsbtrackError(collision(alike[1], source, alike[0], source))
    return alike[0]


def refuse_other_than_file(mode: int, path: str, source: Source) -> None:
    """Refuse what is no ordinary file.

    Raises:
        KsbtrackError: `not-a-file`.
    """
    if stat.S_ISREG(mode):
        return
    kinds = {
        stat.S_IFDIR: "a folder",
        stat.S_IFIFO: "a named pipe",
        stat.S_IFSOCK: "a socket",
        stat.S_IFCHR: "a device",
        stat.S_IFBLK: "a device",
    }
    raise KsbtrackError(
        Problem(
            "not-a-file",
            source,
            f"{quoted(path)}, which is {kinds.get(stat.S_IFMT(mode), 'something special')}",
            "only ordinary files can be read",
            "Name a file; of a folder, name the files in it one by one.",
        )
    )


def _link(path: str, part: str, source: Source) -> KsbtrackError:
    return KsbtrackError(
        Problem(
            "symlink",
            source,
            f"{quoted(path)}, in which {quoted(part)} is a link to another place",
            "a portfolio holds its files itself, so that it can be copied as a whole",
            "Put a copy of the file there in place of the link.",
        )
    )


def unreadable(path: str, source: Source, error: OSError) -> KsbtrackError:
    """Give the error of a file that the system does not let us read, in words that no system language changes."""
    no_permission = error.errno in (errno.EACCES, errno.EPERM)
    code = errno.errorcode.get(error.errno or 0, "unknown")
    reason = "for want of permission" if no_permission else f"since disk or network failed ({code})"
    return KsbtrackError(
        Problem(
            "unreadable-file",
            source,
            f"{quoted(path)}, which cannot be read {reason}",
            "every named file must be readable",
            "Open it with its own program, see to its permissions, or copy it there again.",
        )
    )


@overload
def read_text_file(folder: Path, name: str, shown: str, limit: int = MAX_BYTES) -> bytes: ...
@overload
def read_text_file(
    folder: Path, name: str, shown: str, limit: int = MAX_BYTES, *, is_optional: Literal[True]
) -> bytes | None: ...
def read_text_file(
    folder: Path, name: str, shown: str, limit: int = MAX_BYTES, *, is_optional: bool = False
) -> bytes | None:
    """Give the bytes of one of the portfolio's own texts: portfolio.yaml, a piece, the log.

    Args:
        folder: the portfolio folder.
        name: path from the portfolio folder.
        shown: the path for messages.
        limit: most bytes that such a file may have.
        is_optional: gives None for a file that is not there, instead of a problem.

    Raises:
        KsbtrackError: `missing-file`, `file-too-large`, or what `open_inside` raises.
    """
    source = Source(shown)
    stream = open_inside(folder, path_inside(name, "", source), source)
    if stream is None:
        if is_optional:
            return None
        raise _missing(shown)
    return _whole(stream, shown, limit)


def read_whole_file(path: Path, shown: str, limit: int) -> bytes:
    """Give the bytes of a file that the user named: a standard, a policy, an overlay; links are followed.

    Args:
        path: the file.
        shown: the path for messages.
        limit: most bytes that such a file may have.

    Raises:
        KsbtrackError: `missing-file`, `not-a-file`, `file-too-large`, `unreadable-file`.
    """
    return _whole(open_named_file(path, shown), shown, limit)


def open_named_file(path: Path, shown: str) -> BinaryIO:
    """Give a file that the user named, to be read bit by bit; links are followed.

    Args:
        path: the file.
        shown: the path for messages.

    Raises:
        KsbtrackError: `missing-file`, `not-a-file`, `unreadable-file`.
    """
    source = Source(shown)
    try:
        opened = os.open(path, _FILE & ~getattr(os, "O_NOFOLLOW", 0))
    except OSError as error:
        if error.errno in _NO_SUCH:
            raise _missing(shown) from error
        raise unreadable(shown, source, error) from error
    return _file_of(opened, shown, source)


def _whole(stream: BinaryIO, shown: str, limit: int) -> bytes:
    with stream:
        size = os.fstat(stream.fileno()).st_size
        if size > limit:
            raise KsbtrackError(too_large(shown, size, limit))
        try:
            # One byte more than allowed: a file that grows while it is read is found out.
            raw = stream.read(limit + 1)
        except OSError as error:
            raise unreadable(shown, Source(shown), error) from error
    if len(raw) > limit:
        raise KsbtrackError(too_large(shown, len(raw), limit))
    return raw


def _missing(shown: str) -> KsbtrackError:
    return KsbtrackError(
        Problem(
            "missing-file",
            Source(shown),
            "no such file",
            "this file must be there",
            "Check the path, or put the file there.",
        )
    )


def list_pieces(folder: Path, shown: str) -> list[str]:
    """Give the paths of the pieces, evidence/*.md, from the portfolio folder, sorted as people count.

    Names that begin with a dot are passed over: systems leave such files beside the real ones.

    Args:
        folder: the portfolio folder.
        shown: its path for messages.

    Returns:
        Like `evidence/E01-plan.md`; nothing where there is no folder evidence.

    Raises:
        KsbtrackError: `too-many-files`, `unsafe-path`, `name-collision`, `symlink`, `not-a-folder`, `unreadable-file`.
    """
    source = Source(f"{shown}/{EVIDENCE}")
    names = _names_in(folder, source)
    pieces = [name for name in names if name.casefold().endswith(".md") and not name.startswith(".")]
    if len(names) > MAX_ENTRIES or len(pieces) > MAX_PIECES:
        count, what = (MAX_PIECES, "pieces") if len(pieces) > MAX_PIECES else (MAX_ENTRIES, "files")
        raise KsbtrackError(
            Problem(
                "too-many-files",
                source,
                f"more than {count:,} {what}",
                f"this folder may have at most {MAX_PIECES:,} pieces among {MAX_ENTRIES:,} files",
                "Check that it is a portfolio's folder, and move out what does not belong to it.",
            )
        )
    places = [(f"{EVIDENCE}/{name}", Source(f"{source.file}/{name}")) for name in sorted(pieces, key=_natural)]
    problems = colliding_names(places)
    for path, place in places:
        try:
            path_inside(path, "", place)
        except KsbtrackError as error:
            problems += error.problems
    if problems:
        raise KsbtrackError(*problems)
    return [path for path, _ in places]


def _natural(name: str) -> tuple[tuple[str | int, ...], str]:
    # The name itself decides between E1 and E01, which count alike: never the order that the disk gives.
    return natural_key(name), name


def _names_in(folder: Path, source: Source) -> list[str]:
    """Give the names in the folder evidence, one more than `MAX_ENTRIES` at most."""
    try:
        if not _WALKS_DESCRIPTORS:
            return _names_by_looking(folder, source)
        root = _open_root(folder)
        try:
            inner = _step(root, EVIDENCE, EVIDENCE, source, _FOLDER)
        finally:
            os.close(root)
        try:
            with os.scandir(inner) as entries:
                return [entry.name for entry in islice(entries, MAX_ENTRIES + 1)]
        finally:
            os.close(inner)
    except FileNotFoundError:
        return []
    except NotADirectoryError as error:
        raise not_a_folder(source.file, "a file") from error
    except OSError as error:
        raise unreadable(EVIDENCE, source, error) from error


def _names_by_looking(folder: Path, source: Source) -> list[str]:
    if not folder.is_dir():
        raise _no_folder(folder, OSError(errno.ENOTDIR if folder.exists() else errno.ENOENT, ""))
    if _is_link(os.lstat(folder / EVIDENCE)):
        raise _link(EVIDENCE, EVIDENCE, source)
    with os.scandir(folder / EVIDENCE) as entries:
        return [entry.name for entry in islice(entries, MAX_ENTRIES + 1)]
