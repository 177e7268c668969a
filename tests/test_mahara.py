"""Mahara's SmartEvidence frameworks: what Mahara would make of our file, and what we make of others' files."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from exchanged import standards
from ksbtrack import KsbtrackError, load_standard
from ksbtrack.formats.mahara import read_mahara, write_mahara
from ksbtrack.formats.standards_exchange import format_of
from ksbtrack.models.importing import Given, Imported, NoteKind
from ksbtrack.models.standard import Standard
from made_up import lantern_standard

SHIPPED = ("ST0148", "XS10a", "XS10b", "XS10c")
Plain = dict[str, Any]


def framework_of(standard: Standard) -> Plain:
    """Give the framework that an export writes."""
    framework: Plain = json.loads(write_mahara(standard).content)["framework"]
    return framework


def faults(framework: Plain) -> list[str]:
    """Give what Mahara would refuse, cut or misread."""
    found = [] if framework["institution"] == "all" and framework["name"] else ["the head"]
    statuses = [next(iter(status)) for status in framework["evidencestatuses"]]
    found += [] if statuses == ["begun", "incomplete", "partialcomplete", "completed"] else ["the statuses"]
    found += [] if framework["selfassess"] in (True, False) else ["selfassess"]
    known = [one["standardid"] for one in framework["standards"]]
    found += ["a standardid twice"] if len(set(known)) != len(known) else []
    found += ["a standardid that is no number"] if {type(name) for name in known} - {int} else []
    above: list[str] = []
    for one in (*framework["standards"], *framework["standardelements"]):
        found += [f"short name: {one['shortname']}"] if not 0 < len(one["shortname"]) <= 100 else []
        found += [f"name: {one['name']}"] if not 0 < len(one["name"]) <= 255 else []
        found += (
            [f"HTML: {one['description']}"]
            if not re.fullmatch(r"(?:<p>([^<>]|<br />)*</p>)?", one["description"])
            else []
        )
    for element in framework["standardelements"]:
        # As PHP compares with ===: 1 is not "1".
        found += [f"{element['elementid']} of no standard"] if not _same(element["standardid"], known) else []
        found += [f"{element['elementid']} twice"] if element["elementid"] in above else []
        found += (
            [f"{element['elementid']} is a number to PHP"] if re.fullmatch(r"[0-9.eE+-]+", element["elementid"]) else []
        )
        parent = element.get("parentelementid")
        found += [f"{element['elementid']} before its parent"] if parent and parent not in above else []
        above.append(element["elementid"])
    return found


def _same(name: object, known: list[Any]) -> bool:
    return any(name == other and type(name) is type(other) for other in known)


@pytest.mark.parametrize("reference", SHIPPED)
def test_mahara_takes_an_export(reference: str) -> None:
    assert faults(framework_of(load_standard(reference))) == []


@settings(max_examples=60, deadline=None)
@given(standards())
def test_mahara_takes_a_drawn_export(standard: Standard) -> None:
    assert faults(framework_of(standard)) == []


def test_what_mahara_would_refuse_is_found() -> None:
    framework = framework_of(lantern_standard())
    framework["standardelements"][0]["standardid"] = "1"
    framework["standardelements"][1]["shortname"] = "x" * 101
    framework["standardelements"][2]["parentelementid"] = "S1"
    assert faults(framework) == ["short name: " + "x" * 101, "K1 of no standard", "K3 before its parent"]


def test_duties_are_left_out_and_told() -> None:
    exported = write_mahara(lantern_standard())
    assert "The 1 duty of the occupation." in exported.lost
    assert b"light the lantern at dusk" not in exported.content


def test_long_statements_have_a_short_name_and_the_whole_text() -> None:
    text = "a lantern & its <wick> " * 20
    group = {"prefix": "K", "kind": "knowledge", "title": "K", "statements": [{"code": "K1", "text": text}]}
    element = framework_of(lantern_standard(groups=[group], duties=[], methods=[]))["standardelements"][0]
    assert len(element["name"]) <= 255
    assert element["name"].endswith("…")
    assert element["description"].count("&lt;wick&gt;") == 20


def read(framework: object, folder: Path, given: Given | None = None) -> Imported:
    """Read a framework from a file."""
    file = folder / "framework.matrix"
    file.write_text(json.dumps({"framework": framework}), encoding="utf-8")
    assert format_of(file) == "mahara"
    (imported,) = read_mahara(file, given or Given("XX01", "1.0"))
    return imported


def said(imported: Imported, *kinds: NoteKind) -> list[str]:
    """Give what the notes of some kinds say."""
    return [note.what for note in imported.notes if note.kind in kinds]


def invented(**changes: Any) -> Plain:
    """Give a framework in the shape of those that come with Mahara."""
    return {
        "institution": "all",
        "name": "Lantern criteria",
        "description": '<p>What counts. <a href="http://example.org">Source</a></p>',
        "selfassess": False,
        "evidencestatuses": [{"begun": "Begun"}],
        "standards": [
            {"shortname": "Light", "name": "Light", "description": "All about light.", "standardid": 1},
            {"shortname": "Care", "name": "Care", "description": "", "standardid": "2"},
        ],
        "standardelements": [
            {
                "shortname": "1",
                "name": "1. Trim",
                "description": "<ol><li>the wick</li></ol>",
                "standardid": 1,
                "elementid": "1.0",
            },
            {
                "shortname": "Clean",
                "name": "Clean",
                "description": "Clean the glass.",
                "standardid": "1",
                "elementid": "2.0",
            },
            {"shortname": "2", "name": "Oil", "description": "", "standardid": 2, "elementid": "3.0", "parentid": ""},
            {
                "shortname": "2a",
                "name": "Fill",
                "description": "",
                "standardid": 2,
                "elementid": "3.1",
                "parentid": "3.0",
            },
        ],
        **changes,
    }


def test_a_framework_of_others_is_read(tmp_path: Path) -> None:
    imported = read(invented(), tmp_path)
    standard = imported.standard
    assert standard
    assert [(one.title, [item.text for item in one.statements]) for one in standard.groups] == [
        ("Light", ["1. Trim\n• the wick", "Clean the glass."]),
        ("Care › Oil", ["Fill"]),
    ]
    assert [one.aliases for one in standard.competencies] == [("1",), ("2.0",), ("2a",)]
    assert standard.overview[0].value == "What counts. Source"
    assert "HTML became plain text." in said(imported, NoteKind.REPAIRED)
    assert said(imported, NoteKind.UNUSABLE) == []


def test_the_older_form_with_elements_inside_is_read(tmp_path: Path) -> None:
    elements = [
        {"shortname": "1.1", "name": "one", "description": "", "priority": 1, "parent": False},
        {"shortname": "1.2", "name": "two", "description": "", "priority": 2, "parent": False},
        {"shortname": "1.2.1", "name": "below two", "description": "", "priority": 3, "parent": True},
    ]
    older = [
        {"shortname": "P1.", "name": "First", "description": "", "priority": 1, "standardelement": elements},
        {"shortname": "P2.", "name": "Will be filled later", "description": "", "priority": 2},
    ]
    framework = invented(standards=older)
    del framework["standardelements"]
    imported = read(framework, tmp_path)
    assert imported.standard
    assert [(one.title, [item.text for item in one.statements]) for one in imported.standard.groups] == [
        ("First", ["one"]),
        ("First › two", ["below two"]),
    ]
    assert said(imported, NoteKind.UNUSABLE) == ["A heading with nothing below it was not taken."]


def test_odd_elements_are_told(tmp_path: Path) -> None:
    elements = [
        {"shortname": "a", "name": "no standard", "standardid": 9, "elementid": "x"},
        {"shortname": "b", "name": "the same id", "standardid": 1, "elementid": "x"},
        {"shortname": "c", "name": "before its parent", "standardid": 1, "elementid": "c", "parentelementid": "d"},
        {"shortname": "d", "name": "the parent", "standardid": 1, "elementid": "d", "colour": "red"},
        {"shortname": "e", "name": "", "standardid": 1},
        {"shortname": "f", "name": "too long", "description": "x" * 100_001, "standardid": 1},
        7,
    ]
    imported = read(invented(standardelements=elements), tmp_path)
    assert imported.standard
    assert {one.text for one in imported.standard.competencies} == {
        "no standard",
        "the same id",
        "before its parent",
        "the parent",
        "e",
        "too long",
    }
    assert {
        "An element of no standard in the file; it has no heading.",
        "An elementid that another element has already.",
        "A parent that does not stand before its child.",
    } <= set(said(imported, NoteKind.REPAIRED))
    assert "The key 'colour'." in said(imported, NoteKind.UNREAD)
    assert "A description of 100,001 characters was not taken; 100,000 fit." in said(imported, NoteKind.UNUSABLE)


def test_ten_thousand_elements_are_read(tmp_path: Path) -> None:
    elements = [
        {"shortname": str(n), "name": "n", "standardid": 1, "elementid": f"e{n}", "parentelementid": f"e{n - 1}"}
        for n in range(10_000)
    ]
    imported = read(invented(standardelements=elements), tmp_path)
    assert imported.standard
    assert len(imported.standard.competencies) == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"framework": {"name": ', "/f.matrix:1: bad-json: found the end of the file after 22 characters"),
        (
            '{"framework": [1]}',
            "/f.matrix: unknown-format: found no object 'framework'; a SmartEvidence framework of Mahara",
        ),
        ("[[[", "/f.matrix:1: bad-json: found the end of the file"),
    ],
)
def test_a_file_that_is_no_framework_is_told(content: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "f.matrix"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(KsbtrackError) as caught:
        list(read_mahara(file, Given("XX01")))
    assert str(caught.value).replace(tmp_path.as_posix(), "").startswith(message)
