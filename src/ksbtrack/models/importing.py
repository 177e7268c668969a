"""What reading a standard from a source of another kind gives, and what writing one to it cannot keep."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

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


class NoteKind(StrEnum):
    """What reading did with something that it could not take as it stood.

    Nothing is dropped silently: whatever does not stand in the standard as its source has it has a note.
    """

    REPAIRED = "repaired"
    """Taken, in another form: spaces, entities, a date, a code by position."""
    UNKNOWN = "unknown"
    """The source does not say what a standard has; its value is `unknown`."""
    UNUSABLE = "unusable"
    """Not taken, with the reason: a link to nothing, a statement without words."""
    UNREAD = "unread"
    """A field that we know no meaning of, or have no place for."""


@dataclass(frozen=True, slots=True)
class ImportNote:
    """One thing that reading a source did not take as it stood.

    Attributes:
        kind: what was done with it.
        where: the place in its source, such as `skills[3].detail`, `sheet KSBs, row 4` or `line 12`.
        what: a sentence for the person who looks after the standard.
        count: how many things the sentence is about.
    """

    kind: NoteKind
    where: str
    what: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Imported:
    """One record of a source.

    Attributes:
        name: the record as messages name it: its identity, or its title and place where it has none.
        standard: as loading its YAML file gives it; None if it is unusable as a whole, which a note explains.
        notes: in the order of the source.
    """

    name: str
    standard: Standard | None
    notes: tuple[ImportNote, ...] = ()


@dataclass(frozen=True, slots=True)
class Exported:
    """A standard in another format.

    Attributes:
        content: the bytes of the file.
        lost: what the format cannot hold, a sentence each.
    """

    content: bytes
    lost: tuple[str, ...] = ()
