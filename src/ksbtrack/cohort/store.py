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

import hashlib
import json
import re
import secrets
from pathlib import Path

from ksbtrack.cohort.store_files import Files, files_at, sha256_of
from ksbtrack.models.storing import Kept
from ksbtrack.problems import KsbtrackError, Problem, Source, quoted

_MARK = re.compile(r"[0-9a-f]{64}")
_SUFFIX = re.compile(r"(\.[a-z0-9]{1,8}){0,2}")


class Store:
    """An opened place for results.

    Raises (all methods): KsbtrackError `cannot-write` or `unreadable-file`, whatever the place refuses.
    """

    def __init__(self, files: Files) -> None:
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
        kept = Kept(mark, sha256_of(content), suffix, len(content), is_new=True)
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
        if content is None or sha256_of(content) != kept.sha256:
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

    def refuse_if_closed(self) -> None:
        """Write and delete a file, so that a place that takes nothing shows before the work of a night is done."""
        name = f".ksbtrack-{secrets.token_hex(8)}.part"
        self._files.write(name, b"")
        self._files.remove(name)

    def withdraw(self, name: str) -> None:
        """Take a name for people away, if anything has it; the content stays.

        Raises:
            KsbtrackError: `unsafe-path`.
        """
        _require_inside(name, self.shown)
        self._files.remove(name)

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


def open_store(place: str) -> Store:
    """Open a folder, or an address such as `s3://bucket/cohort` of a store that fsspec knows.

    Args:
        place: a folder is made if need be. An address may need a package of its own (s3fs, adlfs), which fsspec names.

    Raises:
        KsbtrackError: `unknown-store`, `missing-library`, `cannot-write`.
    """
    return Store(files_at(place))


def mark_of(*parts: str | bytes) -> str:
    """Give one mark of several texts in their order; no other texts have the same."""
    seen = hashlib.sha256()
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        seen.update(f"{len(raw)}:".encode() + raw)
    return seen.hexdigest()


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
