"""A standard as JSON with all that it has, by the schema in standard.schema.json; docs/formats/json.md explains it.

The format in which nothing is lost: what a standard inherits stands in it too, each statement with the identity of the
standard that declares it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ksbtrack.formats.drafts import other_format
from ksbtrack.formats.json_records import json_records
from ksbtrack.formats.loading_back import loads_back
from ksbtrack.formats.losses import whole
from ksbtrack.models.importing import Exported, Given, Imported, ImportNote, NoteKind
from ksbtrack.models.standard import Standard
from ksbtrack.problems import quoted
from ksbtrack.yamlfile import without_forbidden

SCHEMA_VERSION = "1.0"
"""The version of standard.schema.json: a new key raises the second number, a changed one the first."""
FORMAT = "ksbtrack standard"
"""What the key `format` says, by which a file is known."""

_SCHEMA_FILE = Path(__file__).with_name("standard.schema.json")
_KEYS = frozenset(("format", "schema_version", "standard"))

JsonObject = dict[str, Any]


def standard_schema() -> JsonObject:
    """Give the JSON Schema (draft 2020-12) that the JSON of this version follows."""
    schema: JsonObject = json.loads(_SCHEMA_FILE.read_text(encoding="utf-8"))
    return schema


def standard_json(standard: Standard) -> JsonObject:
    """Give a standard as plain dicts, lists and words, in the order of the schema."""
    return {"format": FORMAT, "schema_version": SCHEMA_VERSION, "standard": standard.model_dump(mode="json")}


def write_json(standard: Standard) -> Exported:
    """Give a standard as JSON; nothing is lost.

    Args:
        standard: as it was loaded.
    """
    content = json.dumps(standard_json(standard), ensure_ascii=False, indent=2) + "\n"
    return Exported(content.encode())


def looks_like_our_json(keys: frozenset[str]) -> bool:
    """Say whether a JSON object with these keys is a standard as `write_json` writes it."""
    return keys >= _KEYS


def read_json(path: Path, given: Given) -> Iterator[Imported]:
    """Yield the standard of a file; one that extends another comes out whole, by itself.

    Args:
        path: the file.
        given: not needed: such a file says everything itself.

    Raises:
        KsbtrackError: `unknown-format`, `bad-json`, `not-utf-8`, `bad-character`, `record-too-large`, or that the
            file is not there.
    """
    del given
    for value in json_records(path):
        notes: list[ImportNote] = []
        standard = _standard(_document(value, path.as_posix(), notes), notes)
        if standard is None:
            yield Imported("the standard", None, tuple(notes))
            continue
        if standard.extends:
            what = f"It extends {standard.extends}; what it inherits is in the file, so it became one standard."
            notes.append(ImportNote(NoteKind.REPAIRED, "standard.extends", what))
        # Also where the file names itself alone: kind, origin and lineage are what loading gives, whatever it says.
        standard = whole(standard)
        yield loads_back(Imported(standard.identity, standard, tuple(notes)))


def standard_from_json(value: object, shown: str = "JSON") -> Standard:
    """Give the standard that JSON holds, the same that was written.

    Args:
        value: what `standard_json` gave, or a JSON reader made of a file.
        shown: where it is from, for messages.

    Raises:
        KsbtrackError: `unknown-format`.
    """
    notes: list[ImportNote] = []
    standard = _standard(_document(value, shown, notes), notes)
    if standard is None:
        raise other_format(shown, f"{notes[-1].where}: {notes[-1].what}", "the standard follows standard.schema.json")
    return standard


def _document(value: object, shown: str, notes: list[ImportNote]) -> JsonObject:
    """Give the object that holds the standard.

    Raises:
        KsbtrackError: `unknown-format`.
    """
    fields = value if isinstance(value, dict) else {}
    found = fields.get("standard")
    version = str(fields.get("schema_version", ""))
    if fields.get("format") != FORMAT or not isinstance(found, dict):
        what = f"no '\"format\": \"{FORMAT}\"' with an object 'standard'"
        raise other_format(shown, what, "our own JSON has both")
    if version.partition(".")[0] != SCHEMA_VERSION.partition(".")[0]:
        expected = f"this version of ksbtrack reads {SCHEMA_VERSION}, and every 1.x"
        raise other_format(shown, f"the schema_version {quoted(version)}", expected)
    notes += [
        ImportNote(NoteKind.UNREAD, "", f"The key {quoted(key)}.") for key in fields if key not in (*_KEYS, "$schema")
    ]
    return found


def _standard(found: JsonObject, notes: list[ImportNote]) -> Standard | None:
    texts = _Texts()
    plain = texts.cleaned(found, "standard")
    notes += [
        ImportNote(NoteKind.REPAIRED, where, "Characters that cannot be seen were taken out.")
        for where in texts.changed
    ]
    try:
        return Standard.model_validate(plain)
    except ValidationError as error:
        for fault in error.errors(include_url=False):
            context = fault.get("ctx", {})
            where = ".".join(str(part) for part in ("standard", *fault["loc"]))
            what = context.get("found", fault["msg"])
            expected = context.get("expected", "the schema has something else there")
            notes.append(ImportNote(NoteKind.UNUSABLE, where, f"It cannot be used: {what}; {expected}."))
        return None


class _Texts:
    """Texts of a JSON value without what no file of ours may hold, and where they had it."""

    def __init__(self) -> None:
        self.changed: list[str] = []

    def cleaned(self, value: Any, where: str) -> Any:
        if isinstance(value, dict):
            return {key: self.cleaned(part, f"{where}.{key}") for key, part in value.items()}
        if isinstance(value, list):
            return [self.cleaned(part, f"{where}[{index}]") for index, part in enumerate(value)]
        if isinstance(value, str) and (text := without_forbidden(value)) != value:
            self.changed.append(where)
            return text
        return value
