"""The files of pieces, each made ready to join the showcase: opened in a process of its own, never trusted."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from ksbtrack.files.attachments import sniff
from ksbtrack.files.opening import open_inside
from ksbtrack.models.portfolio import AttachedFile, Evidence, FileKind
from ksbtrack.problems import KsbtrackError, Problem, quoted
from ksbtrack.showcase.cards import divider, kind_words
from ksbtrack.showcase.images import prepare_image
from ksbtrack.showcase.office import OFFICE_ENDINGS, prepare_office
from ksbtrack.showcase.papers import prepare_paper
from ksbtrack.showcase.parts import Form, PreparedFile
from ksbtrack.showcase.recordings import RECORDINGS, other_lengths, prepare_recording
from ksbtrack.showcase.texts import prepare_text
from ksbtrack.showcase.workers import Costly, in_workers

MAX_SHOWN_BYTES = 250 * 1000**2
"""Bytes of a file that is opened to be shown: the most that any portal takes for a whole document but one.

Source: file size at most 250 MB (Ecordia).
"""

_HEAD = 1024
_NOT_SHOWN_TEXTS = (".html", ".htm", ".xhtml", ".svg")


@dataclass(frozen=True, slots=True)
class _Task:
    """What a process needs to prepare one file; with a problem, it only draws the page that says so."""

    folder: Path
    piece: Evidence
    number: int
    problem: Problem | None = None

    @property
    def file(self) -> AttachedFile:
        return self.piece.attached[self.number - 1]


def prepare_files(
    folder: Path, pieces: Sequence[Evidence], *, skip_broken: bool = False
) -> tuple[list[PreparedFile], list[Problem]]:
    """Give all files of pieces ready to join the showcase, in the order of the pieces and of their files.

    Args:
        folder: the portfolio folder.
        pieces: as they were loaded.
        skip_broken: puts a page that says why in the place of a file that cannot be opened.

    Returns:
        The files, and the problems of those that could not be opened: none without `skip_broken`.

    Raises:
        KsbtrackError: all problems of all files, without `skip_broken`: `missing-file`, `changed-file`,
            `file-too-costly`, `damaged-pdf`, `encrypted-pdf`, `pdf-too-large`, `too-many-pages`, `bad-page-size`,
            `damaged-image`, `image-too-large`, `archive-too-large`, or what `open_inside` raises; with it,
            `missing-library` alone.
    """
    tasks = [_Task(folder, piece, number) for piece in pieces for number in range(1, len(piece.attached) + 1)]
    outcomes = list(_outcomes(tasks))
    # Without `skip_broken` none is shown mended either.
    problems = [] if skip_broken else [task.file.problem for task in tasks if task.file.problem]
    problems += [problem for outcome in outcomes if not isinstance(outcome, PreparedFile) for problem in outcome]
    if problems and not skip_broken:
        raise KsbtrackError(*problems)
    if problems:
        broken = [
            _Task(task.folder, task.piece, task.number, outcome[0])
            for task, outcome in zip(tasks, outcomes, strict=True)
            if not isinstance(outcome, PreparedFile)
        ]
        pages = iter(list(_outcomes(broken)))
        outcomes = [outcome if isinstance(outcome, PreparedFile) else next(pages) for outcome in outcomes]
    if fatal := [problem for outcome in outcomes if not isinstance(outcome, PreparedFile) for problem in outcome]:
        raise KsbtrackError(*fatal)
    return [outcome for outcome in outcomes if isinstance(outcome, PreparedFile)], problems


def prepare_file(content: bytes, file: AttachedFile, piece: Evidence, number: int) -> PreparedFile:
    """Give one file ready to join the showcase, in this process: pages where it has them, else a page about it.

    Args:
        content: the whole file.
        file: what loading found about it.
        piece: the piece that it belongs to.
        number: its place among the piece's files, from 1.

    Raises:
        KsbtrackError: as `prepare_files` does for a file.
    """
    return _preparer(file, content[:_HEAD])(content, file, piece, number)


def _outcomes(tasks: Sequence[_Task]) -> Iterator[PreparedFile | tuple[Problem, ...]]:
    for task, outcome in zip(tasks, in_workers(_prepared, tasks), strict=True):
        yield (_too_costly(task, outcome),) if isinstance(outcome, Costly) else outcome


def _prepared(task: _Task) -> PreparedFile | tuple[Problem, ...]:
    """Do one task, in a process of its own; problems are given, since an error would not travel back whole."""
    file, piece, number = task.file, task.piece, task.number
    try:
        if task.problem is not None:
            reason = f"it could not be opened: {task.problem.found}; {task.problem.expected}"
            return divider(file, piece, number, Form.LEFT_OUT, (reason,))
        if file.problem is not None and file.problem.code != "damaged-pdf":
            raise KsbtrackError(file.problem)
        stream = None if file.is_missing else open_inside(task.folder, file.name, piece.source)
        if stream is None:
            raise _missing(file, piece)
        with stream:
            prepared = _read(stream, file, piece, number, task.folder)
        if file.problem is not None and prepared.form is not Form.PAGES:
            raise KsbtrackError(file.problem)
        return prepared
    except KsbtrackError as error:
        # A damaged PDF was tried all the same, since it can be mended at times; else the first words about it stand.
        return (file.problem,) if file.problem is not None and task.problem is None else error.problems


def _read(stream: BinaryIO, file: AttachedFile, piece: Evidence, number: int, folder: Path) -> PreparedFile:
    """Prepare an open file; one that is not shown is not read as a whole."""
    if os.fstat(stream.fileno()).st_size != file.size:
        raise _changed(file, piece)
    prepare = _preparer(file, stream.read(_HEAD))
    if prepare is _recording:
        return prepare_recording(stream, file, piece, number, other_lengths(folder, file, piece))
    if prepare is _beside:
        return _beside(b"", file, piece, number)
    if file.size > MAX_SHOWN_BYTES:
        reason = f"it has more than {MAX_SHOWN_BYTES // 1000**2} MB"
        return divider(file, piece, number, Form.BESIDE, (reason,))
    stream.seek(0)
    content = stream.read(file.size + 1)
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise _changed(file, piece)
    return prepare(content, file, piece, number)


def _preparer(file: AttachedFile, head: bytes) -> Callable[[bytes, AttachedFile, Evidence, int], PreparedFile]:
    """Give the function that prepares files of such a kind."""
    ending = PurePosixPath(file.name).suffix.casefold()
    if file.kind is FileKind.PDF:
        return prepare_paper
    if file.kind is FileKind.IMAGE:
        return prepare_image
    if file.kind is FileKind.TEXT and ending not in _NOT_SHOWN_TEXTS and sniff(head) not in ("html", "svg"):
        return prepare_text
    if file.kind is FileKind.OTHER and ending in OFFICE_ENDINGS:
        return prepare_office
    if file.kind is FileKind.OTHER and ending in RECORDINGS:
        return _recording
    return _beside


def _recording(content: bytes, file: AttachedFile, piece: Evidence, number: int) -> PreparedFile:
    return prepare_recording(io.BytesIO(content), file, piece, number)


def _beside(content: bytes, file: AttachedFile, piece: Evidence, number: int) -> PreparedFile:
    reason = f"nothing here can make pages of a {kind_words(file.name)}"
    return divider(file, piece, number, Form.BESIDE, (reason,))


def _missing(file: AttachedFile, piece: Evidence) -> KsbtrackError:
    return KsbtrackError(
        Problem(
            "missing-file",
            piece.source,
            f"{quoted(file.name)}, which is not there",
            "a piece that is shown has all of its files",
            "Put the file there, or take its name out of the piece.",
        )
    )


def _changed(file: AttachedFile, piece: Evidence) -> KsbtrackError:
    return KsbtrackError(
        Problem(
            "changed-file",
            piece.source,
            f"{quoted(file.name)}, which changed while the showcase was made",
            "a showcase says the fingerprint of each file",
            "Wait until nobody works on the portfolio, and make the showcase again.",
        )
    )


def _too_costly(task: _Task, why: Costly) -> Problem:
    return Problem(
        "file-too-costly",
        task.piece.source,
        f"{quoted(task.file.name)}, {why.words}",
        "a file can be opened by the program for its kind"
        if why.is_failure
        else "opening a file takes a limited time and memory, so that no file can stop the others",
        "Export it again in a simpler form, or hand in a PDF of the pages that are needed.",
    )
