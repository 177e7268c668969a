"""Files of a portfolio that would be passed over without a word, since they have another name than they should."""

from __future__ import annotations

import os
import pathlib
import re
from collections.abc import Collection, Iterator
from itertools import islice

from ksbtrack.files.opening import open_inside
from ksbtrack.problems import KsbtrackError, Problem, Source, quoted

MAX_LOOKED_AT = 10_000
"""Names looked at in one folder."""

_SHEETS = ("", ".csv", ".csv.txt", ".tsv", ".txt", ".xls", ".xlsx", ".ods")
_EXPECTED = {
    "portfolio.yaml": ("", ".yaml", ".yml", ".yaml.txt", ".yml.txt", ".txt", ".md", ".json"),
    "evidence": ("",),
    "off-the-job.csv": _SHEETS,
}
"""What the portfolio folder itself holds, each with the endings that a file meant to be it may have."""
_OTHER_TEXTS = (".txt", ".markdown", ".mdown", ".mkd")
_FIRST_LINES = (b"---\n", b"---\r", b"--- ")
_MARK = b"\xef\xbb\xbf"


def misnamed_files(root: pathlib.Path, shown: str) -> Iterator[Problem]:
    """Yield a problem for each file or folder that is meant to be one of the three that a portfolio has.

    Args:
        root: the portfolio's folder; it exists.
        shown: its path for messages.
    """
    names = [name for name, _ in _entries(root)]
    for wanted, endings in _EXPECTED.items():
        stem = _letters(wanted.partition(".")[0])
        for name in names:
            head, dot, tail = name.casefold().partition(".")
            is_like = wanted not in names and _letters(head) == stem and dot + tail in endings
            if name != wanted and (is_like or name.casefold() == wanted):
                yield Problem(
                    "misnamed-file",
                    Source(f"{shown}/{name}"),
                    quoted(name),
                    f"what a portfolio has is called {wanted}, and this would be passed over",
                    f"Save or rename it as {wanted}, or move it into another folder if it is something else.",
                )


def misplaced_pieces(root: pathlib.Path, shown: str, named: Collection[str]) -> Iterator[Problem]:
    """Yield a problem for each text below evidence/ that begins like a piece but is not read as one.

    Args:
        root: the portfolio's folder.
        shown: its path for messages.
        named: paths from the portfolio folder that pieces name as their files.
    """
    for path in _texts_below(root):
        if path not in named and _begins_like_a_piece(root, path, Source(f"{shown}/{path}")):
            yield Problem(
                "misnamed-file",
                Source(f"{shown}/{path}"),
                "the beginning of a piece",
                "a piece lies in evidence/ itself and its name ends in .md, so this would be passed over",
                f"Move or rename it to evidence/{_piece_name(path)}.",
            )


def _texts_below(root: pathlib.Path) -> Iterator[str]:
    """Yield the paths of texts in evidence/ and in the folders in it, without those that are pieces."""
    for name, is_folder in _entries(root / "evidence"):
        if is_folder:
            for inner, _ in _entries(root / "evidence" / name):
                if inner.casefold().endswith((".md", *_OTHER_TEXTS)):
                    yield f"evidence/{name}/{inner}"
        elif name.casefold().endswith(_OTHER_TEXTS):
            yield f"evidence/{name}"


def _entries(folder: pathlib.Path) -> list[tuple[str, bool]]:
    """Give the names that people can see in a folder, and whether each is a folder; nothing where there is none."""
    try:
        with os.scandir(folder) as entries:
            seen = (entry for entry in islice(entries, MAX_LOOKED_AT) if not entry.name.startswith("."))
            return sorted((entry.name, entry.is_dir(follow_symlinks=False)) for entry in seen)
    except OSError:
        return []


def _begins_like_a_piece(root: pathlib.Path, path: str, source: Source) -> bool:
    try:
        stream = open_inside(root, path, source)
    except KsbtrackError:
        return False
    if stream is None:
        return False
    with stream:
        return stream.read(len(_MARK) + 4).removeprefix(_MARK)[:4] in _FIRST_LINES


def _letters(text: str) -> str:
    return re.sub(r"[^a-z]", "", text)


def _piece_name(path: str) -> str:
    name = path.rpartition("/")[2]
    return re.sub(r"(\.md)?(\.[A-Za-z]+)?$", "", name) + ".md"
