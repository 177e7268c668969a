"""One writer at a time in a portfolio folder."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from ksbtrack.files.writing import cannot_write
from ksbtrack.problems import KsbtrackError, Problem, Source

LOCK = ".ksbtrack.lock"
"""The name of the file that a writer holds; it is empty, and gone when the writer is done."""
LONGEST_WAIT = 10.0
"""Seconds that a writer waits for another one: writing takes less than one."""


@contextmanager
def only_writer(folder: Path) -> Iterator[None]:
    """Keep other writers of ksbtrack out of a portfolio folder, on this computer and on shared drives that can lock.

    Args:
        folder: the portfolio's folder. Where there is none nobody is kept out: whoever reads it then says so.

    Raises:
        KsbtrackError: `portfolio-in-use`, `cannot-write`.
    """
    if not folder.is_dir():
        yield
        return
    lock = FileLock(folder / LOCK, timeout=LONGEST_WAIT)
    try:
        lock.acquire()
    except Timeout as error:
        raise KsbtrackError(in_use(folder.as_posix())) from error
    except OSError as error:
        raise cannot_write(folder / LOCK, error) from error
    try:
        yield
    finally:
        # While it is held: who waits for it sees that the file they opened has no name any more, and makes a new one.
        with contextlib.suppress(OSError):
            (folder / LOCK).unlink()
        lock.release()


def in_use(shown: str) -> Problem:
    """Give the problem of a portfolio into which somebody else writes.

    Args:
        shown: the path, for messages, of the folder or file.
    """
    return Problem(
        "portfolio-in-use",
        Source(shown),
        "somebody else writing into it",
        "one writes at a time; nothing was changed",
        "Try again in a moment.",
    )
