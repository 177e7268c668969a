"""Finding standards: every folder is searched for files that begin with a reference and a version."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from ksbtrack.files.opening import read_whole_file
from ksbtrack.models.values import natural_key
from ksbtrack.paths import shipped_folder
from ksbtrack.problems import KsbtrackError, Problem, Source, did_you_mean, quoted
from ksbtrack.yamlfile import MAX_BYTES, YamlText, decode, parse_yaml

MAX_FOLDER_FILES = 20_000
"""Files that a folder of standards may hold with all below it: ten times all published records."""
HEAD_BYTES = 4_096
"""Bytes of a file in which `reference:` and `version:`, or `crosswalk:` and `to:`, are looked for, with comments."""

_HEAD = re.compile(rb"(?m)^(reference|version):[ \t]*[\"']?([A-Za-z0-9.-]+)")
_CROSSWALK_HEAD = re.compile(rb"(?m)^(crosswalk|to):[ \t]*[\"']?([A-Za-z0-9.@-]*)")
_NAMED_AT_MOST = 3


class CrosswalkFile(NamedTuple):
    """A file that begins with the key `crosswalk`, by what its first lines say.

    Attributes:
        path: the file.
        one: the standard that the key `crosswalk` names.
        other: the standard that the key `to` names; empty if it is not among the first lines.
        folder: the place of its folder among those searched, from 0.
    """

    path: Path
    one: str
    other: str
    folder: int


class StandardFiles(NamedTuple):
    """The files of the standards in some folders.

    Attributes:
        by_identity: files that declare it, by identity, in natural order; several if one folder has it twice.
        nameless: files in a user's folders that begin without reference and version, and are no crosswalks.
        crosswalks: files that begin with `crosswalk`, in the order of their folders.
    """

    by_identity: dict[str, tuple[Path, ...]]
    nameless: tuple[Path, ...]
    crosswalks: tuple[CrosswalkFile, ...] = ()


def find_standards(folders: Sequence[str | Path] = ()) -> dict[str, Path]:
    """Give the file of every standard by identity, in natural order; an earlier folder hides a later one.

    A file that cannot be read is passed over here; it is a problem for whoever asks for it.

    Args:
        folders: folders of standards to search before the shipped one.

    Raises:
        KsbtrackError: `not-a-folder`, `too-many-files`.
    """
    return {identity: paths[0] for identity, paths in standard_files(folders).by_identity.items()}


def standard_files(folders: Sequence[str | Path]) -> StandardFiles:
    """Give the files of all standards; see `find_standards`."""
    found: dict[str, tuple[Path, ...]] = {}
    nameless: list[Path] = []
    crosswalks: list[CrosswalkFile] = []
    shipped = shipped_folder("standards")
    for place, folder in enumerate((*(Path(folder) for folder in folders), shipped)):
        here: dict[str, tuple[Path, ...]] = {}
        for path in _yaml_files(folder):
            head = _head(path)
            identity = _identity(head)
            between = None if identity else _crosswalk(head)
            if identity:
                here[identity] = (*here.get(identity, ()), path)
            elif between:
                crosswalks.append(CrosswalkFile(path, *between, place))
            elif folder != shipped:
                nameless.append(path)
        found = here | found
    ordered = sorted(found.items(), key=lambda item: natural_key(item[0]))
    return StandardFiles(dict(ordered), tuple(dict.fromkeys(nameless)), tuple(crosswalks))


def _yaml_files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise KsbtrackError(
            Problem(
                "not-a-folder",
                Source(folder.as_posix()),
                "a file" if folder.exists() else "no such folder",
                "a folder of standards is wanted",
                "Check the path; it is taken from the folder in which you are.",
            )
        )
    found = []
    for count, path in enumerate(_files_below(folder)):
        if count >= MAX_FOLDER_FILES:
            raise KsbtrackError(
                Problem(
                    "too-many-files",
                    Source(folder.as_posix()),
                    f"more than {MAX_FOLDER_FILES:,} files",
                    "no folder of standards has so many",
                    "Name the folder that holds the standards only.",
                )
            )
        if path.suffix in (".yaml", ".yml") and path.is_file():
            found.append(path)
    return sorted(found)


def _files_below(folder: Path) -> Iterator[Path]:
    """Yield the files and, so that the walk is bounded, the folders below a folder; hidden ones are passed over."""
    for parent, names, files in os.walk(folder):
        names[:] = [name for name in names if not name.startswith(".")]
        yield from (Path(parent, name) for name in (*names, *files) if not name.startswith("."))


def _head(path: Path) -> bytes:
    """Give the first lines of a file; nothing of one that cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(HEAD_BYTES).removeprefix(b"\xef\xbb\xbf")
    except OSError:
        return b""


def _identity(head: bytes) -> str | None:
    named = {key.decode(): value.decode() for key, value in reversed(_HEAD.findall(head))}
    return f"{named['reference']}@{named['version']}" if len(named) == len(("reference", "version")) else None


def _crosswalk(head: bytes) -> tuple[str, str] | None:
    """Give the two standards that the first lines of a crosswalk name; None for a file that is none."""
    named = {key.decode(): value.decode() for key, value in reversed(_CROSSWALK_HEAD.findall(head))}
    return (named["crosswalk"], named.get("to", "")) if "crosswalk" in named else None


def resolved(name: str, files: StandardFiles, source: Source) -> str:
    """Give the identity of a standard named with or without its version.

    Args:
        name: as a person wrote it.
        files: where to look.
        source: where they wrote it.

    Raises:
        KsbtrackError: `unknown-standard`, `unknown-version`, `missing-version`.
    """
    wanted = name.strip().casefold()
    same = [identity for identity in files.by_identity if identity.casefold() == wanted]
    if same:
        return same[0]
    reference, at, _ = wanted.partition("@")
    versions = [identity for identity in files.by_identity if identity.casefold().partition("@")[0] == reference]
    if len(versions) == 1 and not at:
        return versions[0]
    if not versions:
        raise KsbtrackError(_unknown(name, files, source))
    raise KsbtrackError(
        Problem(
            "unknown-version" if at else "missing-version",
            source,
            quoted(name),
            f"{'' if at else 'no version is named, and '}the versions here are {', '.join(versions)}",
            f"Write {versions[-1]}{', or another of these' if len(versions) > 1 else ''}.",
        )
    )


def _unknown(name: str, files: StandardFiles, source: Source) -> Problem:
    references = dict.fromkeys(identity.partition("@")[0] for identity in files.by_identity)
    advice = did_you_mean(name, files.by_identity if "@" in name else references)
    advice += "Correct it, or name the folder that holds it with --standards."
    if files.nameless:
        named = ", ".join(path.as_posix() for path in files.nameless[:_NAMED_AT_MOST])
        more = ", ..." if len(files.nameless) > _NAMED_AT_MOST else ""
        advice += f" Without a reference and a version among their first lines: {named}{more}."
    return Problem(
        "unknown-standard",
        source,
        quoted(name),
        f"none of the {len(files.by_identity)} standards here has that reference",
        advice,
    )


def file_of(identity: str, files: StandardFiles, source: Source) -> Path:
    """Give the file of a standard.

    Raises:
        KsbtrackError: `duplicate-standard`.
    """
    path, *others = files.by_identity[identity]
    if others:
        raise KsbtrackError(
            Problem(
                "duplicate-standard",
                source,
                f"{identity} in " + " and in ".join(map(shown_path, (path, *others))),
                "a folder holds each version of a standard once",
                "Delete one of the files, or correct its version.",
            )
        )
    return path


def shown_path(path: Path) -> str:
    """Give a path for messages: shipped files by their place in the product, others as they were given."""
    try:
        return "standards/" + path.relative_to(shipped_folder("standards")).as_posix()
    except ValueError:
        return path.as_posix()


def read_yaml(path: Path) -> YamlText:
    """Give a file that the user named, or that was found in a folder of theirs, as plain text with lines.

    Raises:
        KsbtrackError: any fault of reading or of YAML.
    """
    shown = shown_path(path)
    return parse_yaml(decode(read_whole_file(path, shown, MAX_BYTES), shown), shown)
