"""The pack that is handed in: a ZIP of documents and files with a manifest, the same bytes for the same content.

Nothing in it is compressed, since compressing differs between machines and PDFs and recordings hardly shrink. Entries
are sorted, all of one day and with the same permissions. A file of the portfolio goes through memory in pieces.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO, Any

from ksbtrack.files.opening import open_inside, unreadable
from ksbtrack.files.writing import replacing
from ksbtrack.formats.analysis_json import JsonObject, as_json_text
from ksbtrack.models.values import natural_key
from ksbtrack.problems import KsbtrackError, Problem, Source, quoted

MANIFEST_VERSION = "1.0"
"""The version of manifest.schema.json: a new key raises the second number, a changed one the first."""
MANIFEST = "manifest.json"
COMPONENTS = "components.csv"

_SCHEMA_FILE = Path(__file__).with_name("manifest.schema.json")
_CHUNK = 1024 * 1024
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)
_PERMISSIONS = 0o100644 << 16
_UNIX = 3
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Role(StrEnum):
    """What a file of a pack is for."""

    SHOWCASE = "showcase"
    READINESS_REPORT = "readiness_report"
    DECLARATIONS = "declarations"
    CERTIFICATE = "certificate"
    EVIDENCE = "evidence"
    COMPONENTS = "components"


@dataclass(frozen=True, slots=True)
class PackedFile:
    """One file of a pack.

    Attributes:
        name: its path from the pack's folder.
        role: what it is for.
        title: what it is, in words.
        size: its bytes.
        sha256: 64 hexadecimal digits.
        piece: id of the piece that it belongs to, if it belongs to one.
        content: its bytes, where they were made for the pack.
        path: inside the portfolio folder, where they come from there.
    """

    name: str
    role: Role
    title: str
    size: int
    sha256: str
    piece: str = ""
    content: bytes | None = None
    path: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """One file of the portfolio from which a pack was made: path inside the portfolio folder, bytes, SHA-256."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Pack:
    """Everything that goes into a pack.

    Attributes:
        folder: the one folder in which everything lies; empty for none.
        facts: what the manifest says of the whole, ready for JSON.
        files: in any order; `components.csv` and `manifest.json` are added.
        origins: the files of the portfolio from which it is made.
    """

    folder: str
    facts: JsonObject
    files: tuple[PackedFile, ...]
    origins: tuple[Origin, ...]

    @property
    def size(self) -> int:
        """Give the bytes of all files together."""
        return sum(file.size for file in self.files)


def made_file(name: str, role: Role, title: str, content: bytes) -> PackedFile:
    """Give a file that was made for the pack."""
    return PackedFile(name, role, title, len(content), hashlib.sha256(content).hexdigest(), content=content)


def manifest_schema() -> JsonObject:
    """Give the JSON Schema (draft 2020-12) that the manifest of a pack follows."""
    schema: JsonObject = json.loads(_SCHEMA_FILE.read_text(encoding="utf-8"))
    return schema


def write_pack(output: Path, portfolio: Path, pack: Pack) -> tuple[PackedFile, ...]:
    """Write a pack; an older file of that name is replaced once the new one is complete.

    Args:
        output: the ZIP file, in a folder that exists.
        portfolio: the portfolio folder.
        pack: what goes in; its names differ.

    Returns:
        All files in the order in which they lie in the pack, without the manifest.

    Raises:
        KsbtrackError: `cannot-write`, `changed-file`, or what opening a file inside the folder raises.
    """
    listed = _by_name(pack.files)
    components = made_file(COMPONENTS, Role.COMPONENTS, "This list", components_csv(listed))
    files = _by_name([*listed, components])
    manifest = as_json_text(manifest_as_dict(pack, files)).encode()
    entries = [*files, PackedFile(MANIFEST, Role.COMPONENTS, "", len(manifest), "", content=manifest)]
    with replacing(output) as target, zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for file in _by_name(entries):
            _write_entry(archive, f"{pack.folder}/{file.name}" if pack.folder else file.name, file, portfolio)
    return files


def manifest_as_dict(pack: Pack, files: Iterable[PackedFile]) -> JsonObject:
    """Give the manifest of a pack, in the order of the schema; names run from the folder that holds it.

    Args:
        pack: what goes in.
        files: all files but the manifest, in order.
    """
    return {
        "schema_version": MANIFEST_VERSION,
        "kind": "pack",
        **pack.facts,
        "files": [
            {
                "name": file.name,
                "role": file.role.value,
                "title": file.title,
                "piece": file.piece or None,
                "size": file.size,
                "sha256": file.sha256,
            }
            for file in files
        ],
        "sources": [
            {"path": origin.path, "size": origin.size, "sha256": origin.sha256}
            for origin in sorted(pack.origins, key=lambda origin: natural_key(origin.path))
        ],
    }


def components_csv(files: Sequence[PackedFile]) -> bytes:
    """Give the list of components for a spreadsheet: UTF-8 with its mark, so that accents are read right.

    A text that a spreadsheet would take for a formula gets an apostrophe in front; numbers stay as they are.

    Args:
        files: in the order of the list.
    """
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(["number", "role", "name", "title", "piece", "bytes", "sha256"])
    for number, file in enumerate(files, 1):
        words = [file.role.value.replace("_", " "), file.name, file.title, file.piece]
        table.writerow([number, *map(_as_text, words), file.size, _as_text(file.sha256)])
    return text.getvalue().encode("utf-8-sig")


def _as_text(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _by_name(files: Iterable[PackedFile]) -> tuple[PackedFile, ...]:
    return tuple(sorted(files, key=lambda file: (natural_key(file.name), file.name)))


def _write_entry(archive: zipfile.ZipFile, name: str, file: PackedFile, portfolio: Path) -> None:
    entry = zipfile.ZipInfo(name, _FIRST_DAY)
    entry.external_attr = _PERMISSIONS
    entry.create_system = _UNIX
    # Known beforehand, so that only an entry that needs it gets the longer form.
    entry.file_size = file.size
    with archive.open(entry, "w", force_zip64=file.size >= zipfile.ZIP64_LIMIT) as target:
        if file.content is not None:
            target.write(file.content)
        else:
            _copy(portfolio, file, target)


def _copy(portfolio: Path, file: PackedFile, target: IO[bytes]) -> None:
    """Copy a file of the portfolio, and see that it still is what was looked at when the portfolio was loaded."""
    size, mark = 0, hashlib.sha256()
    for chunk in read_chunks(portfolio, file.path, file.size):
        size += len(chunk)
        mark.update(chunk)
        if size <= file.size:
            target.write(chunk)
    if (size, mark.hexdigest()) != (file.size, file.sha256):
        raise KsbtrackError(
            Problem(
                "changed-file",
                Source(file.path),
                f"{quoted(file.path)}, which is not as it was a moment ago",
                "the files of a portfolio stay as they are while a pack is made of them",
                "Let whatever writes it finish, then make the pack again.",
            )
        )


def read_chunks(folder: Path, path: str, size: int) -> Iterator[bytes]:
    """Yield the content of a file inside a folder in pieces; no more than a piece beyond the size that it should have.

    Nothing where there is no such file.

    Raises:
        KsbtrackError: what opening a file inside a folder raises.
    """
    source = Source(path)
    stream = open_inside(folder, path, source)
    if stream is None:
        return
    with stream:
        yield from chunks_of(stream, size, path, source)


def chunks_of(stream: IO[bytes], size: int, path: str, source: Source) -> Iterator[bytes]:
    """Yield what a stream holds in pieces, at most one byte more than a size.

    Raises:
        KsbtrackError: `unreadable-file`.
    """
    left = size + 1
    while left:
        try:
            chunk = stream.read(min(_CHUNK, left))
        except OSError as error:
            raise unreadable(path, source, error) from error
        if not chunk:
            return
        left -= len(chunk)
        yield chunk


def read_manifest(content: bytes, shown: str) -> dict[str, Any]:
    """Give the manifest of a pack.

    Args:
        content: the bytes of manifest.json.
        shown: how messages name the file.

    Raises:
        KsbtrackError: `bad-manifest`.
    """
    found = "a text that is no JSON"
    try:
        manifest = json.loads(content)
        found = _manifest_fault(manifest)
    except (ValueError, RecursionError):
        manifest = {}
    if found:
        raise KsbtrackError(
            Problem(
                "bad-manifest",
                Source(shown),
                found,
                "the manifest of a pack lists its files with size and SHA-256",
                "Ask for the pack again, from whoever made it.",
            )
        )
    checked: dict[str, Any] = manifest
    return checked


def _manifest_fault(manifest: object) -> str:
    if not isinstance(manifest, dict) or manifest.get("kind") != "pack":
        return "no manifest of a pack"
    if str(manifest.get("schema_version", "")).partition(".")[0] != MANIFEST_VERSION.partition(".")[0]:
        return f"a manifest of version {quoted(str(manifest.get('schema_version')))}"
    for key, name in (("files", "name"), ("sources", "path")):
        rows = manifest.get(key)
        if not isinstance(rows, list) or not all(_is_row(row, name) for row in rows):
            return f"a manifest whose {key} cannot be read"
        if len({row[name] for row in rows}) < len(rows):
            return f"a manifest that names one of its {key} twice"
    return ""


def _is_row(row: object, name: str) -> bool:
    return (
        isinstance(row, dict)
        and isinstance(row.get(name), str)
        and isinstance(row.get("size"), int)
        and row["size"] >= 0
        and isinstance(row.get("sha256"), str)
    )
