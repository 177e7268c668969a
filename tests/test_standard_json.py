"""Our own JSON of a standard: the schema is kept and says what the models say; broken files are told."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator, FormatChecker
from pydantic import BaseModel

from exchanged import standards
from ksbtrack import KsbtrackError, load_standard
from ksbtrack.cli import main
from ksbtrack.formats.standard_json import SCHEMA_VERSION, read_json, standard_from_json, standard_json, standard_schema
from ksbtrack.formats.standards_exchange import format_of
from ksbtrack.models.importing import Given, Imported, NoteKind
from ksbtrack.models.standard import Standard
from ksbtrack.models.values import MAX_LIST, MAX_NAME, MAX_TEXT
from made_up import lantern_standard

SCHEMA = standard_schema()
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=FormatChecker())
SHIPPED = ("ST0148", "XS10a", "XS10b", "XS10c")
Plain = dict[str, Any]
NAMES = {
    "CompetencyKind": "competency_kind",
    "DutyRecord": "duty",
    "EvidenceKind": "evidence_kind",
    "Known": "trust",
    "RequirementRule": "requirement_rule",
    "StandardKind": "standard_kind",
}
"""Definitions of the schema that are called otherwise than the class in small letters."""


@pytest.mark.parametrize("reference", SHIPPED)
def test_a_shipped_standard_follows_the_schema(reference: str) -> None:
    VALIDATOR.validate(json.loads(json.dumps(standard_json(load_standard(reference)))))


@settings(max_examples=60, deadline=None)
@given(standards())
def test_a_drawn_standard_follows_the_schema(standard: Standard) -> None:
    plain = json.loads(json.dumps(standard_json(standard)))
    VALIDATOR.validate(plain)
    assert standard_from_json(plain) == standard


def test_the_schema_is_valid_itself() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["properties"]["schema_version"]["const"] == SCHEMA_VERSION


def models(model: type[BaseModel]) -> Iterator[tuple[str, Plain]]:
    """Yield the name and the JSON Schema of each class that a standard consists of, as pydantic sees it."""
    whole = model.model_json_schema(mode="serialization")
    yield model.__name__, whole
    yield from whole["$defs"].items()


@pytest.mark.parametrize(("name", "made"), list(models(Standard)), ids=[name for name, _ in models(Standard)])
def test_the_schema_says_what_the_models_say(name: str, made: Plain) -> None:
    kept = SCHEMA["$defs"][NAMES.get(name, name.casefold())]
    if "enum" in made:
        assert kept["enum"] == made["enum"]
    else:
        assert list(kept["properties"]) == list(made["properties"])
        assert kept["required"] == made.get("required", [])
        assert kept["additionalProperties"] is False


def test_the_limits_of_the_schema_are_ours() -> None:
    assert SCHEMA["$defs"]["line"]["maxLength"] == MAX_NAME
    assert SCHEMA["$defs"]["prose"]["maxLength"] == MAX_TEXT
    assert SCHEMA["$defs"]["standard"]["properties"]["groups"]["maxItems"] == MAX_LIST


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("schema_version",), "2.0"),
        (("format",), "another"),
        (("standard", "kind"), "course"),
        (("standard", "reference"), "ST 0148"),
        (("standard", "version"), 1.0),
        (("standard", "earliest_start"), "soon"),
        (("standard", "groups", 0, "statements", 0, "code"), "k1"),
        (("standard", "groups", 0, "statements", 0, "text"), ""),
        (("standard", "groups", 0, "colour"), "red"),
        (("standard", "minimum_hours"), 605),
    ],
)
def test_the_schema_and_the_reader_refuse_alike(path: tuple[str | int, ...], value: Any) -> None:
    plain = json.loads(json.dumps(standard_json(load_standard("ST0148"))))
    part = plain
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value
    assert not VALIDATOR.is_valid(plain)
    with pytest.raises(KsbtrackError) as caught:
        standard_from_json(plain)
    assert [problem.code for problem in caught.value.problems] == ["unknown-format"]


def test_what_a_writer_may_leave_out_is_filled_in(tmp_path: Path) -> None:
    plain = {
        "format": "ksbtrack standard",
        "schema_version": "1.7",
        "written_by": "somebody",
        "standard": {
            "reference": "XX01",
            "version": "1.0",
            "title": "Lanterns",
            "kind": "profile",
            "attribution": "Made up.",
            "groups": [{"prefix": "K", "kind": "knowledge", "title": "K", "statements": [{"code": "K1", "text": "a"}]}],
        },
    }
    imported = read(plain, tmp_path)
    assert imported.standard
    assert imported.standard.lineage == ("XX01@1.0",)
    assert imported.standard.competencies[0].origin == "XX01@1.0"
    assert [note.what for note in imported.notes] == ["The key 'written_by'."]


def read(plain: object, folder: Path) -> Imported:
    """Read a standard from a file."""
    file = folder / "standard.json"
    file.write_text(json.dumps(plain), encoding="utf-8")
    assert format_of(file) == "json"
    (imported,) = read_json(file, Given())
    return imported


def broken(folder: Path, **changes: Any) -> list[str]:
    """Give what is said of a standard with some parts changed, which is not taken."""
    plain = json.loads(json.dumps(standard_json(lantern_standard())))
    plain["standard"] |= {"lineage": []} | changes
    for group in plain["standard"]["groups"]:
        for statement in group["statements"]:
            statement["origin"] = "XX9001@1.2"
    imported = read(plain, folder)
    assert imported.standard is None
    return [note.what for note in imported.notes if note.kind is NoteKind.UNUSABLE]


def test_parts_that_do_not_fit_together_are_told(tmp_path: Path) -> None:
    statements = [{"code": "K1", "text": "a"}, {"code": "K1", "text": "b"}, {"code": "S1", "text": "c"}]
    group = {"prefix": "K", "kind": "knowledge", "title": "K", "statements": statements}
    found = broken(tmp_path, groups=[group], duties=[{"code": "D1", "text": "d", "competencies": ["K9"]}], methods=[])
    assert found == [
        "It cannot be used: found the code 'K1' twice in XX9001@1.2; each stands for one thing, also among those that "
        "are inherited.",
        "It cannot be used: found 'S1'; the codes of this group begin with K.",
        "It cannot be used: found 'K9'; XX9001 1.2 has K1 to S1.",
    ]


def test_a_value_of_another_kind_is_told_with_its_place(tmp_path: Path) -> None:
    assert broken(tmp_path, level="nine") == [
        "It cannot be used: 'nine'; a level is E1, E2, E3 (entry levels) or 1 to 8."
    ]


def test_more_than_a_file_of_ours_can_hold_is_told(tmp_path: Path) -> None:
    statements = [{"code": f"K{number}", "text": "y" * 19_000} for number in range(1, 100)]
    group = {"prefix": "K", "kind": "knowledge", "title": "K", "statements": statements}
    (found,) = broken(tmp_path, groups=[group], duties=[], methods=[])
    assert found.startswith("It cannot be used: found 1,8")
    assert found.endswith("such a file may have at most 1,048,576.")


def test_characters_that_cannot_be_seen_are_taken_out(tmp_path: Path) -> None:
    plain = json.loads(json.dumps(standard_json(load_standard("ST0148"))))
    plain["standard"]["groups"][0]["statements"][0]["text"] = "a\u202eb\u0000c\ud800"
    imported = read(plain, tmp_path)
    assert imported.standard
    assert imported.standard.by_code["K1"].text == "abc"
    assert [(note.where, note.what) for note in imported.notes] == [
        ("standard.groups[0].statements[0].text", "Characters that cannot be seen were taken out.")
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"format": "ksbtrack standard",\n "standard": {', "/s.json:2: bad-json: found the end of the file after 46"),
        ('{"format": "x", "schema_version": "1.0", "standard": {}}', '/s.json: unknown-format: found no \'"format": '),
        (
            '{"format": "ksbtrack standard", "schema_version": "2.1", "standard": {}}',
            "/s.json: unknown-format: found the schema_version '2.1'; this version of ksbtrack reads 1.0, and every",
        ),
        ("[" * 10_000, "/s.json:1: bad-json: found more than 40 levels of nesting"),
    ],
)
def test_a_file_that_is_no_standard_is_told(content: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "s.json"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(KsbtrackError) as caught:
        list(read_json(file, Given()))
    assert str(caught.value).replace(tmp_path.as_posix(), "").startswith(message)


def test_what_was_exported_can_be_imported_and_shown(tmp_path: Path) -> None:
    file = tmp_path / "profile.json"
    assert main(["standards", "export", "XS10b", "--format", "json", "-o", str(file)]) == 0
    assert main(["standards", "import", str(file), "-o", str(tmp_path / "in")]) == 0
    text = (tmp_path / "in" / "XS10b-2008-06.yaml").read_text(encoding="utf-8")
    assert "extends" not in text.partition("# Repaired")[0]
    assert len(re.findall(r"- {?code: ", text)) == len(load_standard("XS10b").competencies)
