"""A standard on its way from another format: parts in the source's own words, before they have codes of ours."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ksbtrack.models.importing import ImportNote
from ksbtrack.models.standard import CompetencyKind, StandardKind


class Role(StrEnum):
    """What an item of a source's tree is."""

    OF_PLACE = "of_place"
    """A heading where other items stand below it, else a statement."""
    HEADING = "heading"
    """A heading, whether anything stands below it or not."""
    DUTY = "duty"
    OPTION = "option"


@dataclass(frozen=True, slots=True)
class TreeItem:
    """One entry of a source that is a tree, such as a competency framework.

    Attributes:
        id: the name by which the source's links mean it; no two items of a source have the same.
        where: its place in the source.
        text: its words.
        parent: the id of the item that it stands below; empty where that is the whole.
        sequence: its place among its siblings; None where the source does not say.
        code: as the source has it.
        title: its words in short, for a heading; empty where there are none.
        kind: what it is about, or what is below it is about; None where the source does not say.
        prefix: with which the codes below a heading begin, where the source says so.
        note: a remark on a heading.
        guid: its identifier in the source, where that is official.
        aliases: other names of it.
        links: ids of the items that it goes with: the statements and options of a duty, the partner of a statement.
        role: what it is.
        is_core: whether a duty is everybody's.
    """

    id: str
    where: str
    text: str
    parent: str = ""
    sequence: float | None = None
    code: str = ""
    title: str = ""
    kind: CompetencyKind | None = None
    prefix: str = ""
    note: str = ""
    guid: str | None = None
    aliases: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    role: Role = Role.OF_PLACE
    is_core: bool = True


@dataclass(frozen=True, slots=True)
class DraftGroup:
    """Statements under their heading.

    Attributes:
        title: the heading; empty where the source has none.
        heading: the item that it is from; None where the statements stand below no item.
        statements: in their order.
    """

    title: str
    heading: TreeItem | None
    statements: tuple[TreeItem, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """One record of a source, taken apart.

    Attributes:
        title: as the source has it.
        items: its tree, in the order of the source.
        reference: empty where the source has none.
        version: empty where the source has none.
        kind: None where the source does not say.
        level: of the qualification, as text; empty where the source has none.
        lars_code: as digits; empty where the source has none.
        attribution: whom the words are from, and under which licence; empty where the source does not say.
        remarks: what else the source says of itself: what it is called, and the words.
        source: what was read, as a sentence.
        notes: what reading found so far.
    """

    title: str
    items: tuple[TreeItem, ...]
    reference: str = ""
    version: str = ""
    kind: StandardKind | None = None
    level: str = ""
    lars_code: str = ""
    attribution: str = ""
    remarks: tuple[tuple[str, str], ...] = ()
    source: str = ""
    notes: tuple[ImportNote, ...] = ()
