"""The tree of a competency framework as groups of statements: what is a heading, what a statement, in which order."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence

from ksbtrack.models.drafting import DraftGroup, Role, TreeItem
from ksbtrack.models.importing import ImportNote, NoteKind
from ksbtrack.models.values import natural_key
from ksbtrack.problems import several

BETWEEN_HEADINGS = " \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} "
"""What stands between headings that stand below each other, in the title of the group at the end."""
MOST_HEADINGS = 8
"""Headings that one title names, from the bottom up; the deepest published frameworks have six levels."""
_BESIDE = "Further words of an item, such as a short form or a remark: a standard has no place for them."


def grouped(items: Sequence[TreeItem], notes: list[ImportNote]) -> Iterator[DraftGroup]:
    """Yield the groups of a tree in its order: for each item with statements right below it, those statements.

    An item below which others stand is a heading; one at the end is a statement. Siblings go by their sequence
    number, else by their codes as people count, else as they stand in the source.

    Args:
        items: the tree. Whose parent is not among them, or stands below itself, stands below the whole.
        notes: takes what had to be repaired.
    """
    parents = _sound_parents(items, notes)
    children = _children(items, parents)
    by_id = {item.id: item for item in items}
    headings = [item for item in items if item.id in children and item.role is Role.OF_PLACE and not item.prefix]
    if headings:
        words = several(
            len(headings), "item with others below it is a heading", "items with others below them are headings"
        )
        notes.append(
            ImportNote(
                NoteKind.REPAIRED,
                headings[0].where,
                f"{words}, not {'a statement' if len(headings) == 1 else 'statements'}.",
                len(headings),
            )
        )
    used = set()
    for parent in _in_order(children):
        statements = tuple(item for item in children[parent] if item.id not in children and item.role is Role.OF_PLACE)
        if statements:
            used.add(parent)
            notes += [
                ImportNote(NoteKind.UNREAD, item.where, _BESIDE) for item in statements if item.note or item.title
            ]
            yield DraftGroup(_title(parent, by_id, parents), by_id.get(parent), statements)
    for item in items:
        if item.role is Role.HEADING and item.id not in children:
            notes.append(ImportNote(NoteKind.UNUSABLE, item.where, "A heading with nothing below it was not taken."))
    for item in headings:
        if item.id not in used and item.note:
            notes.append(ImportNote(NoteKind.UNREAD, item.where, _BESIDE))


def of_role(items: Sequence[TreeItem], role: Role) -> list[TreeItem]:
    """Give the items of one role in their order."""
    found = [item for item in items if item.role is role]
    return sorted(found, key=lambda item: float("inf") if item.sequence is None else item.sequence)


def _children(items: Sequence[TreeItem], parents: Mapping[str, str]) -> dict[str, list[TreeItem]]:
    """Give the items below each, in their order; those of the whole stand under the empty id."""
    children: dict[str, list[TreeItem]] = {"": []}
    for item in items:
        children.setdefault(parents[item.id], []).append(item)
    return {parent: _sorted(below) for parent, below in children.items()}


def _sound_parents(items: Sequence[TreeItem], notes: list[ImportNote]) -> dict[str, str]:
    """Give the parent of each item, so that every way upwards ends at the whole."""
    parents = {item.id: item.parent for item in items}
    for item in items:
        if item.parent and item.parent not in parents:
            notes.append(
                ImportNote(
                    NoteKind.REPAIRED, item.where, "It stands below an item that is not there; it has no heading."
                )
            )
            parents[item.id] = ""
    is_sound: set[str] = {""}
    for item in items:
        path, here = [], item.id
        seen: set[str] = set()
        while here not in is_sound:
            if here in seen:
                notes.append(
                    ImportNote(NoteKind.REPAIRED, item.where, "It stands below itself, by a circle; it has no heading.")
                )
                parents[here] = ""
                break
            seen.add(here)
            path.append(here)
            here = parents[here]
        is_sound.update(path)
    return parents


def _sorted(siblings: Sequence[TreeItem]) -> list[TreeItem]:
    if any(item.sequence is not None for item in siblings):
        return sorted(siblings, key=lambda item: float("inf") if item.sequence is None else item.sequence)
    if all(item.code for item in siblings):
        return sorted(siblings, key=lambda item: natural_key(item.code))
    return list(siblings)


def _in_order(children: Mapping[str, Sequence[TreeItem]]) -> Iterator[str]:
    """Yield each id with something below it, as a reader comes upon it from top to bottom."""
    waiting = deque([""])
    while waiting:
        here = waiting.popleft()
        yield here
        waiting.extendleft(item.id for item in reversed(children[here]) if item.id in children)


def _title(parent: str, by_id: Mapping[str, TreeItem], parents: Mapping[str, str]) -> str:
    """Give the headings from the top down to an item, as one line."""
    titles: deque[str] = deque()
    while parent and len(titles) < MOST_HEADINGS:
        titles.appendleft(by_id[parent].title or by_id[parent].text)
        parent = parents[parent]
    return BETWEEN_HEADINGS.join(title for title in titles if title)
