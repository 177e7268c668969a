"""Names of files: which paths are safe, which name one file twice."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from ksbtrack.problems import KsbtrackError, Problem, Source, quoted, visible

MAX_PATH = 255
"""Characters of a path, and bytes of one part of it: what Windows and every usual file system can hold."""

_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028-\u2029\u202a-\u202e\u2066-\u2069]")


def path_inside(name: str, base: str, source: Source) -> str:
    """Give a named file's path from the portfolio folder.

    A name with a slash is a path from the portfolio folder; a name without one lies in the folder `base`. So
    `minutes.pdf` in a piece is evidence/minutes.pdf, and `records/english.pdf` is what it says.

    Args:
        name: as it was written.
        base: `evidence` for the files of a piece; empty for the portfolio folder itself.
        source: where the name is written.

    Raises:
        KsbtrackError: `unsafe-path`.
    """
    path = f"{base}/{name}" if base and "/" not in name else name
    fault = _fault(name, path)
    if fault:
        raise KsbtrackError(
            Problem(
                "unsafe-path",
                source,
                f"{quoted(name)}, which {fault}",
                "a path runs from the portfolio folder downwards, with '/' between its parts, and works on any system",
                "Copy the file into the portfolio folder, rename it if need be, and write it like records/english.pdf.",
            )
        )
    return path


def _fault(name: str, path: str) -> str:
    parts = path.split("/")
    faults = (
        ("is empty", not name),
        ("has a character that cannot be seen", _UNSEEN.search(path)),
        ("has a backslash", "\\" in path),
        ("has a colon", ":" in path),
        ("begins with '/'", path.startswith("/")),
        ("has '..' in it", ".." in parts),
        ("has '.' as a part", "." in parts),
        ("has an empty part", "" in parts),
        ("has a space at the beginning or end of a part", any(part != part.strip() for part in parts)),
        (f"is longer than {MAX_PATH} characters", len(path) > MAX_PATH or max(map(_size, parts)) > MAX_PATH),
    )
    return next((words for words, is_so in faults if is_so), "")


def _size(part: str) -> int:
    # A lone surrogate is refused in its own words; it must not make the question itself fail.
    return len(part.encode("utf-8", "surrogatepass"))


def as_declared(name: str) -> str:
    """Give a name on disk as a text of the portfolio can have it: composed accents, plain single spaces.

    macOS writes accents apart and a narrow space into the names of its screenshots; a text in YAML loses both.
    """
    return " ".join(unicodedata.normalize("NFC", name).split())


def is_text(name: str) -> bool:
    """Say whether a name on disk is text: some systems take any bytes for a name."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def bad_name(path: str) -> Problem:
    """Give the problem of a path of which a part is no text."""
    return Problem(
        "bad-name",
        Source(visible(path)),
        quoted(next(part for part in path.split("/") if not is_text(part))),
        "the name of a file or folder is text in UTF-8, so that results can name it",
        "Rename it.",
    )


def colliding_names(named: Iterable[tuple[str, Source]]) -> list[Problem]:
    """Give the problem of each path that differs from an earlier one in capitals or the coding of accents only.

    Args:
        named: paths from the portfolio folder, with the place that names each; the same path twice is no collision.

    Returns:
        In the order of `named`; each path is compared with the first one like it.
    """
    first: dict[str, tuple[str, Source]] = {}
    problems = []
    for path, source in named:
        other, place = first.setdefault(_folded(path), (path, source))
        if other != path:
            problems.append(collision(path, source, other, place))
    return problems


def collision(path: str, source: Source, other: str, place: Source) -> Problem:
    """Give the problem of two paths that a system can take for one."""
    return Problem(
        "name-collision",
        source,
        f"{quoted(path)} beside {quoted(other)} ({place})",
        "names that differ only in capitals, or in how accents and spaces are coded, are one name on some systems",
        "Rename one of the two.",
    )


def _folded(path: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())
