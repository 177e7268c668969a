"""Packages of CASE: exports keep every rule of 1.1; packages of others are read, with a note on whatever is odd."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator, FormatChecker

from exchanged import standards
from ksbtrack import KsbtrackError, load_standard
from ksbtrack.cli import main
from ksbtrack.formats.case_package import LAST_CHANGE, write_case
from ksbtrack.formats.case_reading import read_case
from ksbtrack.formats.entry_identifiers import NAMESPACE
from ksbtrack.formats.source_record import WORDS_NOT_TAKEN
from ksbtrack.formats.standards_exchange import format_of
from ksbtrack.formats.stated import A_PROFILE
from ksbtrack.models.importing import Given, Imported, NoteKind
from ksbtrack.models.standard import CompetencyKind, Standard
from ksbtrack.models.values import Known
from made_up import lantern_standard

ROOT = Path(__file__).resolve().parent.parent
REAL = ROOT.parent / "shared" / "data" / "case" / "opensalt-Ordering.json"
SCHEMA = json.loads((ROOT / "tests" / "case_1_1.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=FormatChecker())
SHIPPED = ("ST0148", "XS10a", "XS10b", "XS10c")

Plain = dict[str, Any]


def package_of(standard: Standard) -> Plain:
    """Give the package that an export writes."""
    package: Plain = json.loads(write_case(standard).content)
    return package


def faults(package: Plain) -> list[str]:
    """Give what breaks the rules of 1.1, also between the parts of a package."""
    found = [f"{error.json_path}: {error.message[:120]}" for error in VALIDATOR.iter_errors(package)]
    parts = [package["CFDocument"], *package["CFItems"], *package["CFAssociations"]]
    identifiers = [part["identifier"] for part in parts]
    found += [f"{name} twice" for name in set(identifiers) if identifiers.count(name) > 1]
    known = {part["identifier"]: part["uri"] for part in parts[: 1 + len(package["CFItems"])]}
    for association in package["CFAssociations"]:
        for end in ("originNodeURI", "destinationNodeURI"):
            node = association[end]
            if known.get(node["identifier"]) != node.get("uri", ""):
                found.append(f"{node['identifier']} is not in the package")
    children = [
        one["originNodeURI"]["identifier"] for one in package["CFAssociations"] if one["associationType"] == "isChildOf"
    ]
    found += [
        f"{item['identifier']} has no one parent"
        for item in package["CFItems"]
        if children.count(item["identifier"]) != 1
    ]
    return found


@pytest.mark.parametrize("reference", SHIPPED)
def test_an_export_keeps_every_rule(reference: str) -> None:
    assert faults(package_of(load_standard(reference))) == []


@settings(max_examples=60, deadline=None)
@given(standards())
def test_a_drawn_export_keeps_every_rule(standard: Standard) -> None:
    assert faults(package_of(standard)) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("CFDocument", "creator"), None),
        (("CFDocument", "CFPackageURI"), {"title": "t", "identifier": "i", "uri": "u:v"}),
        (("CFDocument", "caseVersion"), "1.0"),
        (("CFDocument", "title"), "two\nlines"),
        (("CFItems", 0, "identifier"), "K1"),
        (("CFItems", 0, "identifier"), "00000000-0000-0000-0000-000000000000"),
        (("CFItems", 0, "uri"), "nothing"),
        (("CFItems", 0, "lastChangeDateTime"), "2000-01-01"),
        (("CFItems", 0, "CFDocumentURI"), {}),
        (("CFItems", 0, "fullStatement"), ""),
        (("CFAssociations", 0, "associationType"), "isAbove"),
        (("CFAssociations", 0, "sequenceNumber"), "1"),
        (("CFAssociations", 0, "originNodeURI", "identifier"), "3d8cdec5-83d6-49b4-9300-91a824c59758"),
    ],
)
def test_the_rules_find_what_breaks_them(path: Sequence[str | int], value: object) -> None:
    package = package_of(load_standard("ST0148"))
    part: Any = package
    for step in path[:-1]:
        part = part[step]
    if value is None:
        del part[path[-1]]
    else:
        part[path[-1]] = value
    assert faults(package)


def test_a_real_export_of_others_breaks_the_rules() -> None:
    broken = small_package()
    assert [fault for fault in faults(broken) if "CFDocumentURI" in fault]


def test_identifiers_are_the_official_ones_or_made_by_a_rule() -> None:
    official = "2c1e3d4f-5a6b-4c7d-8e9f-0a1b2c3d4e5f"
    standard = lantern_standard(groups=[group("K", {"K1": official, "K2": None})], duties=[], methods=[])
    package = package_of(standard)
    by_code = {item.get("humanCodingScheme"): item["identifier"] for item in package["CFItems"]}
    assert by_code["K1"] == official
    assert by_code["K2"] == str(uuid.uuid5(NAMESPACE, "XX9001@1.2/statement/K2"))
    assert package["CFDocument"]["identifier"] == str(uuid.uuid5(NAMESPACE, "XX9001@1.2"))
    assert str(NAMESPACE) == str(uuid.uuid5(uuid.NAMESPACE_URL, "urn:ksbtrack:standards"))
    assert {item["lastChangeDateTime"] for item in package["CFItems"]} == {LAST_CHANGE}


@pytest.mark.parametrize("odd", ["2C1E3D4F-5A6B-4C7D-8E9F-0A1B2C3D4E5F", "17", "00000000-0000-0000-0000-000000000000"])
def test_an_identifier_that_case_does_not_take_is_said_to_be_lost(odd: str) -> None:
    standard = lantern_standard(groups=[group("K", {"K1": odd})], duties=[], methods=[])
    assert "1 official identifier: CASE takes UUIDs in small letters, each once." in write_case(standard).lost
    assert faults(package_of(standard)) == []


def test_an_identifier_that_is_there_twice_stands_once() -> None:
    official = "2c1e3d4f-5a6b-4c7d-8e9f-0a1b2c3d4e5f"
    standard = lantern_standard(groups=[group("K", {"K1": official, "K2": official})], duties=[], methods=[])
    assert faults(package_of(standard)) == []
    assert "1 official identifier: CASE takes UUIDs in small letters, each once." in write_case(standard).lost


def test_duties_are_related_to_their_statements_and_options() -> None:
    standard = lantern_standard(
        options=[{"id": "tall", "title": "Tall lanterns"}],
        duties=[{"code": "D1", "text": "light", "competencies": ["K1", "S1"], "core": "no", "options": ["tall"]}],
    )
    package = package_of(standard)
    related = [
        (one["originNodeURI"]["title"], one["destinationNodeURI"]["title"])
        for one in package["CFAssociations"]
        if one["associationType"] == "isRelatedTo"
    ]
    assert related == [("D1", "K1"), ("D1", "S1"), ("D1", "tall")]
    assert [item["CFItemType"] for item in package["CFItems"] if item.get("humanCodingScheme") in ("D1", "tall")] == [
        "Option",
        "Occupational duty of an option",
    ]


def group(prefix: str, guids: dict[str, str | None]) -> Plain:
    """Give a group with a statement for each code."""
    statements = [{"code": code, "text": f"about {code}", "guid": guid} for code, guid in guids.items()]
    return {"prefix": prefix, "kind": "knowledge", "title": "Knowledge", "statements": statements}


# Reading what others write. The package has the shape of a real export of 2017: CASE 1.0, no item types, codes of a
# scheme of its own, no sequence numbers, links to the document in each item.

DOCUMENT = "a33fc64e-0000-11e7-82c4-3d54268aa9ee"


def small_package(**document: Any) -> Plain:
    """Give an invented package in the shape of an OpenSALT export."""
    codes = ("T", "T.A", "T.A.1", "T.A.10", "T.A.2")
    parents = {"T": DOCUMENT, "T.A": identifier("T"), **{code: identifier("T.A") for code in codes[2:]}}
    return {
        "CFDocument": {
            "identifier": DOCUMENT,
            "uri": f"http://localhost:3000/ims/case/v1p0/CFDocuments/{DOCUMENT}",
            "creator": "Lantern Works",
            "title": "Keeping lanterns",
            "lastChangeDateTime": "2017-10-18T15:02:46+00:00",
            "description": "",
            **document,
        },
        "CFItems": [item(code) for code in codes],
        "CFAssociations": [below(code, parent) for code, parent in parents.items()],
        "CFDefinitions": {"CFConcepts": [], "CFSubjects": []},
    }


def identifier(code: str) -> str:
    """Give an identifier for a code."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, code))


def item(code: str, **more: Any) -> Plain:
    """Give an item as OpenSALT writes it."""
    own = identifier(code)
    return {
        "identifier": own,
        "uri": f"http://localhost:3000/ims/case/v1p0/CFItems/{own}",
        "CFDocumentURI": {"title": "Keeping lanterns", "identifier": DOCUMENT, "uri": "http://localhost:3000/d"},
        "humanCodingScheme": code,
        "fullStatement": f"statement {code}",
        "lastChangeDateTime": "2017-10-18T15:02:46+00:00",
        **more,
    }


def below(code: str, parent: str, kind: str = "isChildOf", **more: Any) -> Plain:
    """Give an association of an item with another one."""
    return {
        "identifier": identifier(f"{code} {parent}"),
        "associationType": kind,
        "originNodeURI": {"title": code, "identifier": identifier(code)},
        "destinationNodeURI": {"title": "?", "identifier": parent},
        **more,
    }


def read(package: Any, folder: Path, given: Given | None = None) -> Imported:
    """Read a package from a file."""
    file = folder / "package.json"
    file.write_text(json.dumps(package), encoding="utf-8")
    assert format_of(file) == "case"
    (imported,) = read_case(file, given or Given("XX01", "1.0"))
    return imported


def said(imported: Imported, *kinds: NoteKind) -> list[str]:
    """Give what the notes of some kinds say."""
    return [note.what for note in imported.notes if note.kind in kinds]


def test_a_package_of_others_gets_codes_of_ours(tmp_path: Path) -> None:
    imported = read(small_package(), tmp_path)
    standard = imported.standard
    assert standard
    assert [(one.code, one.text, one.aliases) for one in standard.competencies] == [
        ("KS1", "statement T.A.1", ("T.A.1",)),
        ("KS2", "statement T.A.2", ("T.A.2",)),
        ("KS3", "statement T.A.10", ("T.A.10",)),
    ]
    assert [(one.title, one.codes_trust) for one in standard.groups] == [("statement T › statement T.A", Known.OURS)]
    assert standard.competencies[0].guid == identifier("T.A.1")
    assert standard.attribution == "Creator: Lantern Works."
    assert said(imported, NoteKind.REPAIRED) == [
        "2 items with others below them are headings, not statements.",
        "The source has no codes such as K1: these are ours, by position; its own names are aliases.",
    ]
    assert said(imported, NoteKind.UNKNOWN) == [
        A_PROFILE,
        "The source does not say what its statements are about; they count as knowledge and skill together.",
    ]
    assert said(imported, NoteKind.UNREAD, NoteKind.UNUSABLE) == []


def test_a_package_inside_an_object_and_several_in_a_list_are_read(tmp_path: Path) -> None:
    wrapped = read({"CFPackage": small_package()}, tmp_path)
    assert wrapped.standard == read(small_package(), tmp_path).standard
    file = tmp_path / "list.json"
    file.write_text(json.dumps([small_package(), small_package(title="Another")]), encoding="utf-8")
    names = [found.standard.title for found in read_case(file, Given("XX01")) if found.standard]
    assert names == ["Keeping lanterns", "Another"]


def test_without_a_reference_it_is_no_standard(tmp_path: Path) -> None:
    imported = read(small_package(), tmp_path, Given())
    assert imported.standard is None
    assert said(imported, NoteKind.UNUSABLE) == ["Nothing says which standard it is: give it with --reference."]


def test_sequence_numbers_come_before_codes(tmp_path: Path) -> None:
    package = small_package()
    for place, association in zip((3, 1, 2), package["CFAssociations"][2:], strict=True):
        association["sequenceNumber"] = place
    standard = read(package, tmp_path).standard
    assert standard
    assert [one.aliases[0] for one in standard.competencies] == ["T.A.10", "T.A.2", "T.A.1"]


@pytest.mark.parametrize(
    ("words", "kind", "code"),
    [
        ("Knowledge", CompetencyKind.KNOWLEDGE, "K1"),
        ("skills", CompetencyKind.SKILL, "S1"),
        ("Behavior", CompetencyKind.BEHAVIOUR, "B1"),
        ("Standard", CompetencyKind.KNOWLEDGE_AND_SKILL, "KS1"),
    ],
)
def test_the_type_of_an_item_is_the_kind(words: str, kind: CompetencyKind, code: str, tmp_path: Path) -> None:
    package = small_package()
    for one in package["CFItems"]:
        one["CFItemType"] = words
    standard = read(package, tmp_path).standard
    assert standard
    assert (standard.competencies[0].kind, standard.competencies[0].code) == (kind, code)


def test_codes_that_read_like_ours_are_kept(tmp_path: Path) -> None:
    package = small_package()
    for one, code in zip(package["CFItems"], ("x", "y", "k 1", "K3", "K3"), strict=True):
        one["humanCodingScheme"] = code
        one["CFItemType"] = "Knowledge"
    imported = read(package, tmp_path)
    assert imported.standard
    codes = {one.text: (one.code, one.aliases) for one in imported.standard.competencies}
    assert codes == {
        "statement T.A.1": ("K1", ("k 1",)),
        "statement T.A.10": ("K3", ()),
        "statement T.A.2": ("K2", ()),
    }
    assert "A code that another statement has already; this one got a new code." in said(imported, NoteKind.REPAIRED)
    assert "A code was written in another form; that form is an alias." in said(imported, NoteKind.REPAIRED)


def test_a_circle_and_a_missing_parent_are_repaired(tmp_path: Path) -> None:
    package = small_package()
    package["CFAssociations"] = [
        below("T", identifier("T.A")),
        below("T.A", identifier("T")),
        below("T.A.1", identifier("T.A")),
        below("T.A.2", "nowhere"),
        below("T.A.10", identifier("T.A.10")),
    ]
    imported = read(package, tmp_path)
    assert imported.standard
    assert {one.text for one in imported.standard.competencies} == {
        "statement T.A.1",
        "statement T.A.2",
        "statement T.A.10",
    }
    assert "It stands below itself, by a circle; it has no heading." in said(imported, NoteKind.REPAIRED)
    assert "It stands below an item that is not there; it has no heading." in said(imported, NoteKind.REPAIRED)


def test_missing_and_repeated_identifiers_are_told(tmp_path: Path) -> None:
    package = small_package()
    del package["CFItems"][2]["identifier"]
    package["CFItems"][3]["identifier"] = identifier("T.A.2")
    imported = read(package, tmp_path)
    assert imported.standard
    assert len(imported.standard.competencies) == 3
    assert {"An item without an identifier.", "An identifier that another item has already."} <= set(
        said(imported, NoteKind.REPAIRED)
    )


def test_what_a_standard_has_no_place_for_is_counted(tmp_path: Path) -> None:
    package = small_package()
    package["CFItems"][2] |= {"educationLevel": ["03"], "notes": "Beside it.", "subject": []}
    package["CFRubrics"] = [{"identifier": "r"}]
    package["CFAssociations"] += [
        below("T.A.1", identifier("T.A.2"), "precedes"),
        below("T.A.1", identifier("T.A.2"), "isRelatedTo"),
        below("T.A.1", "http://example.org/elsewhere", "exactMatchOf"),
        below("T.A.1", identifier("T"), "isChildOf"),
    ]
    imported = read(package, tmp_path)
    assert imported.standard
    assert set(said(imported, NoteKind.UNREAD)) == {
        "The property 'CFRubrics'.",
        "The property 'educationLevel'.",
        "Further words of an item, such as a short form or a remark: a standard has no place for them.",
        "Relations of a statement to others: a standard has only partners, which CASE calls peers.",
        "1 association 'precedes': a standard has no place for it.",
        "An item below several others: the first one counts.",
    }
    assert said(imported, NoteKind.UNUSABLE) == ["An association of items that are not in the package."]


def test_hostile_items_are_data(tmp_path: Path) -> None:
    package = small_package(title="<script>alert(1)</script>\u202e")
    hostile = ["<img onerror=alert(1)>", "=1+1", "a\u0007b\ud800", "x" * 100_000, "e" + "\u0301" * 500]
    for one, words in zip(package["CFItems"], ["", "", *hostile], strict=False):
        one["fullStatement"] = words or "heading"
    package["CFItems"] += [item("T.A.3", fullStatement=words) for words in hostile[3:]]
    package["CFItems"] += [item("T.A.4", fullStatement={"a": 1}), 7, None, []]
    imported = read(package, tmp_path)
    assert imported.standard
    assert imported.standard.title == "<script>alert(1)</script>"
    texts = {one.text for one in imported.standard.competencies}
    assert {"<img onerror=alert(1)>", "=1+1", "ab"} <= texts
    assert max(map(len, texts - {WORDS_NOT_TAKEN})) <= 32
    assert "A statement of 100,000 characters was not taken; 20,000 fit." in said(imported, NoteKind.UNUSABLE)


@pytest.mark.parametrize("shape", ["flat", "chain", "circle"])
def test_ten_thousand_items_are_read(shape: str, tmp_path: Path) -> None:
    names = [str(number) for number in range(10_000)]
    parents = {
        "flat": [],
        "chain": zip(names[1:], names, strict=False),
        "circle": zip(names, [*names[1:], "0"], strict=True),
    }
    package = {
        "CFDocument": {"title": "Many"},
        "CFItems": [{"identifier": name, "fullStatement": f"statement {name}"} for name in names],
        "CFAssociations": [
            {
                "associationType": "isChildOf",
                "originNodeURI": {"identifier": one},
                "destinationNodeURI": {"identifier": other},
            }
            for one, other in parents[shape]
        ],
    }
    imported = read(package, tmp_path)
    if shape == "flat":
        assert imported.standard is None
        words = "It has 10,000 statements; a standard has at most 999. Import its parts one by one."
        assert words in said(imported, NoteKind.UNUSABLE)
    else:
        assert imported.standard
        assert len(imported.standard.competencies) == 1


def problems(content: bytes, folder: Path) -> Iterator[str]:
    """Yield what is wrong with a file as a whole."""
    file = folder / "package.json"
    file.write_bytes(content)
    with pytest.raises(KsbtrackError) as caught:
        list(read_case(file, Given("XX01")))
    for problem in caught.value.problems:
        yield str(problem).replace(folder.as_posix(), "")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            b'{"CFDocument":\n{"title": "cut o',
            "/package.json:2: bad-json: found the end of the file after 31 characters",
        ),
        (b'{"CFDocument": {"title": "caf\xe9"}}', "/package.json:1: not-utf-8: found the byte 0xE9"),
        (b"[" * 5_000, "/package.json:1: bad-json: found more than 40 levels of nesting"),
        (b'{"items": []}', "/package.json: unknown-format: found no object 'CFDocument'"),
        (b"[1]", "/package.json: unknown-format: found no object 'CFDocument'"),
    ],
)
def test_a_file_that_is_no_package_is_told(content: bytes, message: str, tmp_path: Path) -> None:
    (found,) = problems(content, tmp_path)
    assert found.startswith(message)


def test_the_words_of_another_format_are_exact(tmp_path: Path) -> None:
    assert list(problems(b"{}", tmp_path)) == [
        "/package.json: unknown-format: found no object 'CFDocument'; a package of CASE has one, with its CFItems and "
        "CFAssociations.\n  Check that it is the right file, or name its format with --format."
    ]


@pytest.mark.skipif(not REAL.exists(), reason="the file of the project's data is not here")
def test_a_real_package_becomes_a_standard(tmp_path: Path) -> None:
    (imported,) = read_case(REAL, Given("XX01"))
    assert imported.standard
    aliases = [one.aliases[0] for one in imported.standard.competencies]
    assert len(aliases) == 24
    assert [re.sub(r".*\.", "", name) for name in aliases] == [str(number) for number in range(1, 25)]
    assert main(["standards", "import", str(REAL), "--reference", "XX01", "-o", str(tmp_path)]) == 0
    assert load_standard("XX01", folders=[tmp_path]) == imported.standard
    assert faults(package_of(imported.standard)) == []
