"""Standards read one by one and looked at: a reference, a file, a folder, or all there are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ksbtrack.files.opening import read_whole_file
from ksbtrack.linting import as_remark, remarks_across, remarks_on
from ksbtrack.linting.versions import release_of
from ksbtrack.load.checked import kept
from ksbtrack.load.folders import StandardFiles, resolved, shown_path, standard_files
from ksbtrack.load.overlays import ReadOverlay, overlaid, read_overlays
from ksbtrack.load.standards import WrittenStandard, read_standard
from ksbtrack.models.linting import Lint, Release, Remark, by_place
from ksbtrack.models.values import natural_key
from ksbtrack.problems import Problem, Source
from ksbtrack.yamlfile import MAX_BYTES

_NOT_OPENED = ("missing-file", "not-a-file", "unreadable-file", "file-too-large")


def lint_standards(
    target: str | Path | None = None,
    *,
    folders: Sequence[str | Path] = (),
    overlays: Sequence[str | Path] = (),
) -> Lint:
    """Give what the checks say about standards, and what keeps their files from loading.

    Args:
        target: a reference (all its versions here), a reference with its version, a file or a folder; all standards
            that are shipped or in `folders` if left out. What is both a reference and a path is the reference.
        folders: folders of standards to search before the shipped one.
        overlays: files that add what standards leave unknown.

    Raises:
        KsbtrackError: `unknown-standard`, `unknown-version`, `missing-file`, `not-a-folder`, `too-many-files`, or any
            fault of the overlay files.
    """
    files = standard_files(folders)
    path = Path(target) if target is not None else None
    passed_over: Iterable[Path] = ()
    if target is None or path is None:
        paths = [path for found in files.by_identity.values() for path in found]
        passed_over = files.nameless
    elif wanted := _of_reference(str(target), files):
        paths = wanted
    elif path.is_dir():
        files = standard_files((path, *folders))
        here = standard_files((path,))
        paths = [found for identity in here.by_identity.values() for found in identity if path in found.parents]
        passed_over = here.nameless
    elif path.exists() or path.suffix in (".yaml", ".yml"):
        paths, files = [path], _with_neighbours(path, files)
    else:
        # Neither a path nor a reference here: the message names the references that are near.
        paths = list(files.by_identity[resolved(str(target), files, Source("standards lint"))])
    return _lint(paths, files, read_overlays(overlays, files), passed_over)


def _of_reference(name: str, files: StandardFiles) -> list[Path]:
    """Give the files of a standard named with or without its version; none if it is not here."""
    wanted = name.strip().casefold()
    return [
        path
        for identity, paths in files.by_identity.items()
        if wanted in (identity.casefold(), identity.casefold().partition("@")[0])
        for path in paths
    ]


def _with_neighbours(path: Path, files: StandardFiles) -> StandardFiles:
    """Give the standards that a file may extend: those of its own folder too, if it extends one at all.

    Raises:
        KsbtrackError: the file cannot be opened.
    """
    raw = read_whole_file(path, shown_path(path), MAX_BYTES)
    if not re.search(rb"(?m)^extends:", raw):
        return files
    beside = standard_files((path.parent,))
    return StandardFiles(beside.by_identity | files.by_identity, files.nameless)


def _lint(
    paths: Sequence[Path], files: StandardFiles, overlays: Sequence[ReadOverlay], passed_over: Iterable[Path]
) -> Lint:
    remarks: list[Remark] = []
    releases: list[Release] = []
    first: dict[str, Path] = {}
    for path in paths:
        problems: list[Problem] = []
        # One at a time: two thousand with the lines of all their parts would take gigabytes.
        written = kept(problems, read_standard, path, files)
        identity = ""
        if written is not None:
            identity = written.own.identity
            problems += _twice(identity, first.setdefault(identity, path), path)
            releases.append(release_of(written))
            remarks += remarks_on(_with_overlays(written, overlays, problems))
        remarks += [as_remark(problem, identity) for problem in problems]
    remarks += remarks_across(releases)
    named = [*passed_over]
    remarks += _unreadable(named)
    unopened = {remark.source.file for remark in remarks if remark.check in _NOT_OPENED}
    return Lint(
        tuple(sorted((release.identity for release in releases), key=natural_key)),
        tuple(sorted(dict.fromkeys(remarks), key=by_place)),
        tuple(shown for path in named if (shown := shown_path(path)) not in unopened),
        tuple(sorted(unopened, key=natural_key)),
    )


def _unreadable(paths: Iterable[Path]) -> Iterator[Remark]:
    """Yield a remark for each file that may be a standard, for all that can be told: it cannot be opened."""
    problems: list[Problem] = []
    for path in paths:
        kept(problems, read_whole_file, path, shown_path(path), MAX_BYTES)
    return (as_remark(problem) for problem in problems if problem.code == "unreadable-file")


def _twice(identity: str, first: Path, path: Path) -> list[Problem]:
    if first == path:
        return []
    return [
        Problem(
            "duplicate-standard",
            Source(shown_path(path), 1),
            f"{identity} in {shown_path(first)} and in {shown_path(path)}",
            "a folder holds each version of a standard once",
            "Delete one of the files, or correct its version.",
        )
    ]


def _with_overlays(
    written: WrittenStandard, overlays: Sequence[ReadOverlay], problems: list[Problem]
) -> WrittenStandard:
    if written.problems:
        return written
    standard = kept(problems, overlaid, written.standard, overlays)
    return written if standard is None else written._replace(standard=standard)
