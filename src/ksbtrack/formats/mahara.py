"""Mahara's SmartEvidence frameworks, files that end in `.matrix`, written and read.

Mahara refuses names that are too long, joins a statement to its heading only where `standardid` has the same JSON type
in both lists, takes a parent only from before its child, and compares ids as PHP does, to which "1.0" and "1" are one.

Source: the framework module of Mahara and the pages of its manual on importing frameworks.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ksbtrack.formats.drafts import other_format, standard_of
from ksbtrack.formats.framework_names import full_title, group_names, kind_and_prefix, parts_of_title
from ksbtrack.formats.html_text import MAX_HTML, html_of, shortened, text_of, with_name
from ksbtrack.formats.json_records import json_records
from ksbtrack.formats.losses import Part, lost_parts, whole
from ksbtrack.models.drafting import Draft, Role, TreeItem
from ksbtrack.models.importing import Exported, Given, Imported, ImportNote, NoteKind
from ksbtrack.models.standard import Standard
from ksbtrack.problems import quoted

LONGEST_SHORT_NAME = 100
LONGEST_NAME = 255
"""Characters of a short name and of a name; Mahara refuses the whole file where one has more."""
EVIDENCE_STATUSES = (
    {"begun": "Ready for assessment"},
    {"incomplete": "Does not meet the statement"},
    {"partialcomplete": "Partially meets the statement"},
    {"completed": "Meets the statement"},
)
HELD = frozenset((Part.ATTRIBUTION, Part.GROUP_NOTES))
"""What a framework can hold beside headings, codes and texts."""

_READ_OF_FRAMEWORK = frozenset(
    ("name", "description", "standards", "standardelements", "institution", "selfassess", "evidencestatuses")
)
_READ_OF_STANDARD = frozenset(("shortname", "name", "description", "standardid", "standardelement", "priority"))
_READ_OF_ELEMENT = frozenset(
    ("shortname", "name", "description", "standardid", "elementid", "parentelementid", "parentid", "priority", "parent")
)

Plain = Mapping[str, Any]


def write_mahara(standard: Standard) -> Exported:
    """Give a standard as a SmartEvidence framework: headings are its standards, statements their elements.

    Duties are left out: in the matrix each would be one more thing to show evidence for.

    Args:
        standard: as it was loaded.
    """
    own = whole(standard)
    standards, elements = [], []
    groups = [(group, name) for group, name in zip(own.groups, group_names(own), strict=True) if group.statements]
    for number, (group, name) in enumerate(groups, 1):
        note = f"<p>{html_of(group.note)}</p>" if group.note else ""
        standards.append({"shortname": name, "name": group.title, "description": note, "standardid": number})
        elements += [
            {
                "shortname": statement.code,
                "name": shortened(statement.text, LONGEST_NAME),
                "description": f"<p>{html_of(statement.text)}</p>",
                "standardid": number,
                "elementid": statement.code,
            }
            for statement in group.statements
        ]
    framework = {
        "institution": "all",
        "name": full_title(own),
        "description": f"<p>{html_of(own.attribution)}</p>",
        "selfassess": False,
        "evidencestatuses": list(EVIDENCE_STATUSES),
        "standards": standards,
        "standardelements": elements,
    }
    content = json.dumps({"framework": framework}, ensure_ascii=False, indent=2) + "\n"
    return Exported(content.encode(), lost_parts(standard, HELD))


def looks_like_mahara(keys: frozenset[str]) -> bool:
    """Say whether a JSON object with these keys is a SmartEvidence framework."""
    return "framework" in keys


def read_mahara(path: Path, given: Given) -> Iterator[Imported]:
    """Yield the framework of a file, of the newer form or of the older one with elements inside their standards.

    Args:
        path: the file.
        given: what the framework's name, such as `Learning mentor (ST0148 1.0)`, does not say.

    Raises:
        KsbtrackError: `unknown-format`, `bad-json`, `not-utf-8`, `bad-character`, `record-too-large`, or that the
            file is not there.
    """
    for value in json_records(path):
        framework = _object(_object(value).get("framework"))
        if not framework:
            found = "no object 'framework'"
            raise other_format(
                path.as_posix(), found, "a SmartEvidence framework of Mahara has one, with its standards"
            )
        yield standard_of(_draft(framework), given)


def _draft(framework: Plain) -> Draft:
    notes: list[ImportNote] = []
    _unread(framework, _READ_OF_FRAMEWORK, "framework", notes)
    title, reference, version = parts_of_title(_text(framework.get("name")))
    description = _markup(framework, "framework", notes)
    standards = [_object(entry) for entry in _list(framework.get("standards"))]
    elements = [_object(entry) for entry in _list(framework.get("standardelements"))]
    items = [*_headings(standards, notes), *_elements(elements, standards, "standardelements", notes)]
    for index, entry in enumerate(standards):
        inner = [{**_object(one), "standardid": index} for one in _list(entry.get("standardelement"))]
        items += _older(inner, index, notes)
    return Draft(
        title=title,
        items=tuple(items),
        reference=reference,
        version=version,
        attribution=description if reference else "",
        remarks=() if reference else (("Description", description),),
        source=f"Mahara SmartEvidence framework {quoted(_text(framework.get('name')))}",
        notes=tuple(notes),
    )


def _headings(standards: Sequence[Plain], notes: list[ImportNote]) -> Iterator[TreeItem]:
    for index, fields in enumerate(standards):
        where = f"framework.standards[{index}]"
        _unread(fields, _READ_OF_STANDARD, where, notes)
        short, name = _text(fields.get("shortname")), _text(fields.get("name"))
        kind, prefix = kind_and_prefix(short)
        yield TreeItem(
            id=f"standard {index}",
            where=where,
            text=name or short,
            sequence=index,
            role=Role.HEADING,
            kind=kind,
            prefix=prefix,
            note=_markup(fields, where, notes),
        )


def _elements(
    elements: Sequence[Plain], standards: Sequence[Plain], key: str, notes: list[ImportNote]
) -> Iterator[TreeItem]:
    of_standard: dict[str, int] = {}
    for index, fields in enumerate(standards):
        of_standard.setdefault(_text(fields.get("standardid")), index)
    above: list[str] = []
    names: dict[str, str] = {}
    for index, fields in enumerate(elements):
        where = f"framework.{key}[{index}]"
        own, parent = _text(fields.get("elementid")), _text(fields.get("parentelementid", fields.get("parentid")))
        standard = of_standard.get(_text(fields.get("standardid")))
        for is_odd, what in (
            (standard is None, "An element of no standard in the file; it has no heading."),
            (own and own in names, "An elementid that another element has already."),
            (parent and parent not in names, "A parent that does not stand before its child."),
        ):
            if is_odd:
                notes.append(ImportNote(NoteKind.REPAIRED, where, what))
        above.append(names.get(parent, "" if standard is None else f"standard {standard}"))
        if own:
            names.setdefault(own, f"element {index}")
    parents = set(above)
    for index, fields in enumerate(elements):
        where, name = f"framework.{key}[{index}]", f"element {index}"
        yield _element(fields, where, name, parent=above[index], is_heading=name in parents, notes=notes)


def _older(elements: Sequence[Plain], standard: int, notes: list[ImportNote]) -> Iterator[TreeItem]:
    """Yield the elements that stand inside their standard, where `parent` says that one stands below the one before."""
    above = ""
    for index, fields in enumerate(elements):
        where = f"framework.standards[{standard}].standardelement[{index}]"
        name = f"standard {standard} element {index}"
        is_below = fields.get("parent") is True and bool(above)
        following = elements[index + 1] if index + 1 < len(elements) else {}
        has_below = not is_below and following.get("parent") is True
        parent = above if is_below else f"standard {standard}"
        yield _element(fields, where, name, parent=parent, is_heading=has_below, notes=notes)
        if not is_below:
            above = name


def _element(
    fields: Plain, where: str, name: str, *, parent: str, is_heading: bool, notes: list[ImportNote]
) -> TreeItem:
    _unread(fields, _READ_OF_ELEMENT, where, notes)
    short, words = _text(fields.get("shortname")), _text(fields.get("name"))
    description = _markup(fields, where, notes)
    place = int(name.rpartition(" ")[2])
    if is_heading:
        return TreeItem(id=name, where=where, text=words or short, parent=parent, sequence=place, note=description)
    return TreeItem(
        id=name,
        where=where,
        text=with_name(words or short, description),
        parent=parent,
        sequence=place,
        code=short if short != words else _text(fields.get("elementid")),
    )


def _markup(fields: Plain, where: str, notes: list[ImportNote]) -> str:
    markup = _text(fields.get("description"))
    if len(markup) > MAX_HTML:
        what = f"A description of {len(markup):,} characters was not taken; {MAX_HTML:,} fit."
        notes.append(ImportNote(NoteKind.UNUSABLE, where, what))
        return ""
    text, has_more = text_of(markup)
    if has_more:
        notes.append(ImportNote(NoteKind.REPAIRED, where, "HTML became plain text."))
    return text


def _unread(fields: Plain, known: frozenset[str], where: str, notes: list[ImportNote]) -> None:
    for key in fields:
        if key not in known and fields[key] not in (None, "", [], {}):
            notes.append(ImportNote(NoteKind.UNREAD, where, f"The key {quoted(key)}."))


def _object(value: object) -> Plain:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value.strip() if isinstance(value, str) else ""
