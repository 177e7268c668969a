"""A folder of portfolio folders as a cohort: which there are, and the case of each."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from ksbtrack.cohort.cases import usual_assessor
from ksbtrack.cohort.hidden_values import without_personal_values
from ksbtrack.cohort.rule_book import program_mark, rule_book
from ksbtrack.files.names import bad_name, is_text
from ksbtrack.load import load_case
from ksbtrack.models.cohort import Chunk, CohortQuestion, Fault, LearnerCase
from ksbtrack.models.values import natural_key
from ksbtrack.problems import KsbtrackError, Problem, Source, visible

MAX_DEPTH = 4
"""Levels of folders between a cohort and a learner: year, centre, group and learner."""
MAX_FOLDERS = 200_000
"""Folders that are looked at: twice the learners of the largest cohort that this was made for."""
OUTPUT_MARK = "cohort.json"
"""What a folder with the results of a run holds; such a folder is no learner, unless it has evidence."""

_HEAD = "portfolio.yaml"
_PIECES = "evidence"
_OF_RESULTS = frozenset(("content", "made", "reports"))
"""Folders that a run writes among its results; no head is missed in them."""


class _Found(NamedTuple):
    """What is at and below a folder: learners' folders, links, which are not followed, and folders that lack a head."""

    learners: list[str]
    links: list[str]
    others: list[str]


def learner_folders(source: Path) -> list[str]:
    """Give the folders of a cohort's learners, relative to it, in natural order.

    A folder with a portfolio.yaml is a learner's, and nothing below it is looked at. What was meant to be something is
    given too, and `folder_cases` says what it lacks: a folder right below the cohort, or with files in it, with no
    portfolio.yaml anywhere below; a link; a name that is no text.

    Args:
        source: the folder of the cohort.

    Raises:
        KsbtrackError: `no-learners`, `too-many-files`, `not-a-folder`, `bad-name`.
    """
    if not is_text(source.as_posix()):
        raise KsbtrackError(bad_name(source.as_posix()))
    looked_at = [0]
    try:
        entries = _entries(source)
    except OSError as error:
        raise KsbtrackError(
            Problem(
                "not-a-folder",
                Source(source.as_posix()),
                "no such folder" if isinstance(error, FileNotFoundError) else "a folder that cannot be read",
                "a folder of portfolios or of tables is wanted",
                "Check the path; it is taken from the folder in which you are.",
            )
        ) from error
    learners, links, others = [], entries.links, []
    for name in entries.folders:
        found = _below(source, name, 1, looked_at)
        learners += found.learners
        links += found.links
        others += found.others
        if not any(found) and not _is_result(source / name):
            others.append(name)
    if not learners and not links:
        raise KsbtrackError(_no_learners(source))
    return sorted((*learners, *links, *others), key=natural_key)


def _below(source: Path, name: str, depth: int, looked_at: list[int]) -> _Found:
    """Give what is at and below a folder."""
    looked_at[0] += 1
    if looked_at[0] > MAX_FOLDERS:
        raise KsbtrackError(
            Problem(
                "too-many-files",
                Source(source.as_posix()),
                f"more than {MAX_FOLDERS:,} folders",
                "no cohort has so many",
                "Name the folder that holds the learners' folders only.",
            )
        )
    try:
        if (source / name / _HEAD).is_file():
            return _Found([name], [], [])
        entries = _entries(source / name)
        is_result = _is_result(source / name)
    except OSError:
        return _Found([], [], [name])
    found = _Found([], [f"{name}/{link}" for link in entries.links], [])
    for inner in entries.folders if depth < MAX_DEPTH else ():
        below = _below(source, f"{name}/{inner}", depth + 1, looked_at)
        if is_result and inner in _OF_RESULTS:
            below = _Found(below.learners, [], [])
        found = _Found(*(here + there for here, there in zip(found, below, strict=True)))
    is_deepest = depth == MAX_DEPTH and bool(set(entries.folders) - (_OF_RESULTS if is_result else set()))
    is_meant = is_deepest or (not is_result and (entries.has_files or _PIECES in entries.folders))
    if is_meant and not found.learners and not found.links:
        # The evidence of somebody whose head is missing is no learner of its own.
        return _Found([], [], [name])
    return found


def _is_result(folder: Path) -> bool:
    """Say whether a folder holds the results of a run; with evidence it is somebody's, whatever else lies in it."""
    return (folder / OUTPUT_MARK).is_file() and not (folder / _PIECES).is_dir()


class _Entries(NamedTuple):
    """What is in a folder, names in order; those that begin with a dot are passed over."""

    folders: list[str]
    links: list[str]
    has_files: bool


def _entries(folder: Path) -> _Entries:
    folders, links, has_files = [], [], False
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.name)
            elif entry.is_symlink() and not Path(entry.path).is_file():
                links.append(entry.name)
            else:
                has_files = True
    return _Entries(sorted(folders), sorted(links), has_files)


def _no_learners(source: Path) -> Problem:
    is_one = (source / _HEAD).exists()
    return Problem(
        "no-learners",
        Source(source.as_posix()),
        "the folder of one learner" if is_one else "no folder with a portfolio.yaml, and no table of learners",
        "a cohort is a folder of portfolio folders, a folder of tables, or a workbook",
        "Name the folder above it, or use ksbtrack check."
        if is_one
        else "Check the path; ksbtrack cohort template writes tables to begin with.",
    )


def folder_cases(chunk: Chunk) -> Iterator[LearnerCase | Fault]:
    """Yield the case of each portfolio folder of a chunk, or what is wrong with it.

    Args:
        chunk: with the names of the folders.
    """
    for name in chunk.folders:
        if chunk.only is not None and name not in chunk.only:
            continue
        fault = _not_read(chunk, name)
        if fault is not None:
            yield fault
            continue
        try:
            yield _folder_case(Path(chunk.place), chunk.shown, name, chunk.question)
        except KsbtrackError as error:
            yield from (Fault(_as_named(problem, chunk), name) for problem in error.problems)


def _not_read(chunk: Chunk, name: str) -> Fault | None:
    """Give the fault of a folder that is not looked into: its name is no text, or it is a link."""
    if not is_text(name):
        return Fault(bad_name(f"{chunk.shown}/{name}"), visible(name))
    if (Path(chunk.place) / name).is_symlink():
        return Fault(
            Problem(
                "symlink",
                Source(f"{chunk.shown}/{name}"),
                "a link",
                "links are not followed: they can lead anywhere, or to the same learner twice",
                "Put the folder there in place of the link, or delete the link.",
            ),
            name,
        )
    return None


def _as_named(problem: Problem, chunk: Chunk) -> Problem:
    """Give a problem with its file as the user named the cohort, and nothing in it that must not be shown."""
    file = problem.source.file
    if file.startswith(f"{chunk.place}/"):
        problem = without_personal_values(problem, Path(file))
        file = chunk.shown + file.removeprefix(chunk.place)
    # Words name files too, such as the other one with an id; another folder whose path ends like this one is no match.
    whole = re.compile(rf"(?<![\w./-]){re.escape(chunk.place)}/")

    def named(words: str) -> str:
        words = whole.sub(lambda _: f"{chunk.shown}/", words)
        return words if is_text(words) else visible(words)

    return replace(
        problem,
        source=replace(problem.source, file=file if is_text(file) else visible(file)),
        found=named(problem.found),
        expected=named(problem.expected),
        fix=named(problem.fix),
    )


def _folder_case(place: Path, shown: str, name: str, question: CohortQuestion) -> LearnerCase:
    case = load_case(
        place / name,
        question.on,
        standard=question.standard,
        folders=question.folders,
        overlays=question.overlays,
        policy=question.policy,
    )
    book = rule_book(question)
    seen = [case.portfolio.model_dump_json(), book.mark(case.standard), book.policy_mark, program_mark()]
    return LearnerCase(
        key=name,
        case=case,
        source=Source(f"{shown}/{name}"),
        assessor=usual_assessor(case.portfolio.evidence),
        group=name.rpartition("/")[0],
        fingerprint=hashlib.sha256("\n".join(seen).encode()).hexdigest()[:32],
    )
