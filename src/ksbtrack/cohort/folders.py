"""A folder of portfolio folders as a cohort: which there are, and the case of each."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ksbtrack.cohort.cases import usual_assessor
from ksbtrack.cohort.rule_book import program_mark, rule_book
from ksbtrack.load import load_case
from ksbtrack.models.cohort import Chunk, CohortQuestion, Fault, LearnerCase
from ksbtrack.models.values import natural_key
from ksbtrack.problems import KsbtrackError, Problem, Source

MAX_DEPTH = 4
"""Levels of folders between a cohort and a learner: year, centre, group and learner."""
MAX_FOLDERS = 200_000
"""Folders that are looked at: twice the learners of the largest cohort that this was made for."""
OUTPUT_MARK = "cohort.json"
"""What a folder with the results of a run holds; such a folder is no learner."""

_HEAD = "portfolio.yaml"


def learner_folders(source: Path) -> list[str]:
    """Give the folders of a cohort's learners, relative to it, in natural order.

    A folder with a portfolio.yaml is a learner's, and nothing below it is looked at. A folder right below the cohort in
    which there is no such file anywhere is given too: it was meant to be something, and loading says what it lacks.

    Args:
        source: the folder of the cohort.

    Raises:
        KsbtrackError: `no-learners`, `too-many-files`, `not-a-folder`.
    """
    found: list[str] = []
    looked_at = [0]
    try:
        names = sorted(_folders_in(source))
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
    for name in names:
        below = list(_below(source, name, 1, looked_at))
        if below or not (source / name / OUTPUT_MARK).exists():
            found += below or [name]
    if not any((source / name / _HEAD).exists() for name in found):
        raise KsbtrackError(_no_learners(source))
    return sorted(found, key=natural_key)


def _below(source: Path, name: str, depth: int, looked_at: list[int]) -> Iterator[str]:
    """Yield the learners' folders at and below a folder."""
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
    if (source / name / _HEAD).is_file():
        yield name
    elif depth < MAX_DEPTH:
        try:
            names = sorted(_folders_in(source / name))
        except OSError:
            return
        for inner in names:
            yield from _below(source, f"{name}/{inner}", depth + 1, looked_at)


def _folders_in(folder: Path) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False) and not entry.name.startswith("."):
                yield entry.name


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
        try:
            yield _folder_case(Path(chunk.place), chunk.shown, name, chunk.question)
        except KsbtrackError as error:
            yield from (Fault(_as_named(problem, chunk), name) for problem in error.problems)


def _as_named(problem: Problem, chunk: Chunk) -> Problem:
    """Give a problem with its file as the user named the cohort: the same on every machine."""
    source = problem.source
    if not source.file.startswith(f"{chunk.place}/"):
        return problem
    return replace(problem, source=replace(source, file=chunk.shown + source.file.removeprefix(chunk.place)))


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
