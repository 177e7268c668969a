"""Standards in the formats of others: which there are, what reads and writes each, and how a file is told apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ksbtrack.models.importing import Exported, Imported
from ksbtrack.models.standard import Standard


@dataclass(frozen=True, slots=True)
class Given:
    """What the person who imports says beside the file, used where the file itself does not say it.

    Attributes:
        reference: of the standard; for a file that holds one.
        version: of the standard; for a file that holds one.
        title: of the standard; for a file that holds one.
    """

    reference: str | None = None
    version: str | None = None
    title: str | None = None


Reader = Callable[[Path, Given], Iterator[Imported]]
"""Yields each record of a file in its order, reading no more of the file at a time than a record.

Raises:
    KsbtrackError: with every problem of the file as a whole. A record that cannot be used is no error: it is yielded
        without a standard.
"""
Writer = Callable[[Standard], Exported]

READERS: dict[str, Reader] = {}
"""What reads each format."""
WRITERS: dict[str, Writer] = {}
"""What writes each format."""
