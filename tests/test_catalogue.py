"""Lists of statements in JSON, as people make them, become a standard for each version that they speak of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from feed_records import guid
from ksbtrack import load_standard
from ksbtrack.formats.catalogue_json import MOST_ENTRIES, read_catalogue
from ksbtrack.formats.source_record import WORDS_NOT_TAKEN
from ksbtrack.formats.standards_exchange import format_of
from ksbtrack.formats.standards_import import import_standards
from ksbtrack.models.importing import Given, Imported, NoteKind
from ksbtrack.models.standard import Standard
from ksbtrack.models.values import MAX_TEXT
from ksbtrack.problems import KsbtrackError
from source_files import CODES, DUTIES, STATEMENTS, catalogue, version

REAL = Path(__file__).resolve().parents[2] / "shared/data/standards/ST0499-ksb-catalog-v1.1-v1.2-v1.3.json"
GIVEN = Given("ST9001", "1.0", "Example maker")


def read(value: Any, folder: Path, given: Given | None = None) -> list[Imported]:
    path = folder / "list.json"
    path.write_bytes(value if isinstance(value, bytes) else json.dumps(value).encode())
    return list(read_catalogue(path, given or Given()))


def one(value: Any, folder: Path, given: Given | None = None) -> Imported:
    (found,) = read(value, folder, given)
    return found


def standard_of(found: Imported) -> Standard:
    assert found.standard is not None, found.notes
    return found.standard


def said(found: Imported, kind: NoteKind) -> list[str]:
    return [f"{note.where}: {note.what}" for note in found.notes if note.kind is kind]


def texts(found: Imported) -> dict[str, str]:
    return {item.code: item.text for item in standard_of(found).competencies}


def test_a_version_is_the_standard_it_declares(tmp_path: Path) -> None:
    found = one(catalogue(version()), tmp_path)
    standard = standard_of(found)

    assert standard.identity == "ST9001@1.2"
    assert texts(found) == STATEMENTS
    assert [item.code for item in standard.competencies] == CODES
    assert {group.trust for group in standard.groups} == {"not_stated"}, "somebody's list is no official wording"
    assert standard.sources == (
        "A list of statements in JSON",
        "Pages that were made up",
        "https://example.org/ST9001",
    )
    assert {entry.name: entry.value for entry in standard.overview} == {
        "Occupation code": "OCC9001",
        "Version of the occupation": "1.2",
        "Status": "approved",
        "Typical duration": "18 months",
        "Maximum funding": "6,000 pounds",
        "Notes of the list": "Made up.",
    }
    assert said(found, NoteKind.UNUSABLE) + said(found, NoteKind.UNREAD) == []
    assert said(found, NoteKind.REPAIRED) == [
        "list: Codes stood in another order, such as K10 before K2; they are sorted as people count."
    ]


def test_what_is_written_loads_back_the_same(tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    path.write_bytes(catalogue(version(), version(apprenticeshipVersions=["1.3"])))

    assert format_of(path) == "catalogue"
    import_standards(path, tmp_path / "standards")
    for found in read_catalogue(path, Given()):
        assert load_standard(found.name, folders=[tmp_path / "standards"]) == found.standard


def test_one_list_that_serves_two_versions_becomes_both(tmp_path: Path) -> None:
    """Whoever is on the older one needs it under that name; that both share the words is told."""
    found = read(catalogue(version(apprenticeshipVersions=["1.0", "1.1"])), tmp_path)

    assert [one.name for one in found] == ["ST9001@1.0", "ST9001@1.1"]
    assert texts(found[0]) == texts(found[1]) == STATEMENTS
    assert said(found[0], NoteKind.REPAIRED)[0] == (
        "apprenticeshipVersions: One list of statements, version 1.2 of the occupation, serves 1.0 and 1.1; "
        "each became a standard."
    )


@pytest.mark.parametrize(
    ("changed", "identity"),
    [
        ({"apprenticeshipVersions": None}, "ST9001@1.2"),
        ({"apprenticeshipVersions": None, "version": "v1.4"}, "ST9001@1.4"),
        ({"apprenticeshipVersions": None, "occupationVersion": None}, "ST9001@unknown"),
        ({"apprenticeshipVersions": [1.1]}, "ST9001@1.1"),
        ({"standardCode": None}, "OCC9001@1.2"),
        ({"standardCode": None, "referenceNumber": "st9002"}, "ST9002@1.2"),
    ],
)
def test_which_standard_and_version_a_list_is_of(tmp_path: Path, changed: dict[str, Any], identity: str) -> None:
    assert standard_of(one(catalogue(version(**changed)), tmp_path)).identity == identity


def test_without_a_reference_nothing_is_guessed(tmp_path: Path) -> None:
    found = one(catalogue(version(standardCode=None, occupationCode=None)), tmp_path)

    assert found.standard is None
    assert "reference: Nothing says which standard it is: give it with --reference." in said(found, NoteKind.UNUSABLE)


@pytest.mark.parametrize(
    "value",
    [
        [{"code": code, "text": text} for code, text in STATEMENTS.items()],
        [{"id": code, "detail": text} for code, text in STATEMENTS.items()],
        [{"ksb": code.lower(), "description": text, "uuid": guid(1)} for code, text in STATEMENTS.items()],
        [f"{code}: {text}" for code, text in STATEMENTS.items()],
        [{"text": f"{code} - {text}"} for code, text in STATEMENTS.items()],
        {"ksbs": [{"ref": f" {code[0]} {code[1:]}", "statement": text} for code, text in STATEMENTS.items()]},
        {"statements": STATEMENTS},
        {
            "knowledge": [f"{code} {text}" for code, text in STATEMENTS.items() if code[0] == "K"],
            "skills": [{"code": code, "text": text} for code, text in STATEMENTS.items() if code[0] == "S"],
            "behaviours": {code: text for code, text in STATEMENTS.items() if code[0] == "B"},
        },
        [{"version": "1.0", "items": [{"code": code, "text": text} for code, text in STATEMENTS.items()]}],
    ],
)
def test_the_shapes_that_people_make(tmp_path: Path, value: Any) -> None:
    found = one(value, tmp_path, GIVEN)

    assert standard_of(found).identity == "ST9001@1.0"
    assert texts(found) == STATEMENTS


def test_statements_without_codes_go_by_their_kind_and_position(tmp_path: Path) -> None:
    value = [{"id": guid(1), "type": "Skill", "text": "Make"}, {"kind": "knowledge", "text": "How"}]
    found = one(value, tmp_path, GIVEN)

    assert [(item.code, item.text, item.guid) for item in standard_of(found).competencies] == [
        ("K1", "How", None),
        ("S1", "Make", guid(1)),
    ]


def test_numbers_within_a_kind_become_codes(tmp_path: Path) -> None:
    value = [{"code": 2, "kind": "skills", "text": "Keep"}, {"code": "1", "kind": "skills", "text": "Make"}]
    assert texts(one(value, tmp_path, GIVEN)) == {"S1": "Make", "S2": "Keep"}


def test_duties_beside_the_statements_and_among_them(tmp_path: Path) -> None:
    beside = version(
        duties=[{"code": name, "text": text, "ksbs": list(codes)} for name, (text, codes) in DUTIES.items()]
    )
    among = version()
    among["ksbs"] += [
        {"code": name, "kind": "duty", "text": text, "ksbs": list(codes)} for name, (text, codes) in DUTIES.items()
    ]
    for value in (beside, among):
        standard = standard_of(one(catalogue(value), tmp_path))
        assert {duty.code: (duty.text, duty.competencies) for duty in standard.duties} == DUTIES


def test_one_code_twice(tmp_path: Path) -> None:
    value = [
        {"code": "K1", "text": "How"},
        {"code": "K1", "text": "How "},
        {"code": "k 1", "text": "Why"},
        {"code": "S1", "text": "Make"},
    ]
    found = one(value, tmp_path, GIVEN)

    assert texts(found) == {"K1": "How", "S1": "Make"}
    assert said(found, NoteKind.REPAIRED) == ["list.ksbs[1]: K1 again with the same words; once is enough."]
    assert said(found, NoteKind.UNUSABLE) == [
        "list.ksbs[2]: K1 again with other words: 'Why'. Those of list.ksbs[0] were taken."
    ]


def test_counts_that_do_not_fit_are_told(tmp_path: Path) -> None:
    found = one(catalogue(version(counts={"knowledge": 4, "skills": 2, "behaviours": 1, "others": 9})), tmp_path)
    assert said(found, NoteKind.UNUSABLE) == ["counts: It counts 4 statements as knowledge and has 3."]


def test_codes_and_kinds_that_are_none(tmp_path: Path) -> None:
    value = [
        {"code": "K1", "text": "How"},
        {"code": "X1", "text": "Odd"},
        {"code": "first", "text": "Odd"},
        {"text": "Odd"},
        {"code": "S1", "kind": "knowledge", "text": "Make"},
        {"code": "B1", "text": ""},
        None,
        7,
    ]
    found = one(value, tmp_path, GIVEN)

    assert texts(found) == {"K1": "How", "S1": "Make", "B1": WORDS_NOT_TAKEN}
    assert said(found, NoteKind.REPAIRED) == ["list.ksbs[4]: S1 is called 'knowledge'; its code was believed."]
    assert [text.partition(";")[0] for text in said(found, NoteKind.UNUSABLE)] == [
        "list.ksbs[1]: X1 is of no kind that we know",
        "list.ksbs[2]: 'first' is no code",
        "list.ksbs[3]: It has no code, and nothing says what kind it is",
        "list.ksbs[6] and 1 other place: Neither a text nor an object with one.",
        "list.ksbs[5]: B1 has no words.",
    ]


def test_html_and_long_texts(tmp_path: Path) -> None:
    value = [
        {"code": "K1", "text": "<script>x()</script>&lt;b&gt;How&lt;/b&gt; it &amp;amp; they"},
        {"code": "K2", "text": "x" * 100_000},
    ]
    found = one(value, tmp_path, GIVEN)

    assert texts(found) == {"K1": "How it & they", "K2": WORDS_NOT_TAKEN}
    assert said(found, NoteKind.UNUSABLE) == [f"list.ksbs[1]: K2 has 100,000 characters; {MAX_TEXT:,} fit."]


def test_more_statements_than_there_are_codes_for(tmp_path: Path) -> None:
    found = one([{"kind": "skill", "text": f"Make {number}"} for number in range(10_000)], tmp_path, GIVEN)
    assert found.standard is None
    assert "more than 999 statements of the kind S" in said(found, NoteKind.UNUSABLE)[-1]


def test_a_list_without_end_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KsbtrackError) as raised:
        read(["K1 x"] * (MOST_ENTRIES + 1), tmp_path, GIVEN)
    assert "list.json: too-many: found more than 20,000 entries; no standard has so many statements." in str(
        raised.value
    )


@pytest.mark.parametrize("value", [[], {}, 3, "K", {"versions": []}, {"versions": {}}, [1, 2], [{"name": "x"}]])
def test_a_file_without_statements_is_refused(tmp_path: Path, value: Any) -> None:
    with pytest.raises(KsbtrackError, match="not-a-standard: found JSON without statements"):
        read(value, tmp_path, GIVEN)


@pytest.mark.parametrize(
    "changed",
    [
        {"ksbs": "K1"},
        {"ksbs": {"K1": 3}},
        {"ksbs": [[], {}, {"code": [], "statement": {}}]},
        {"apprenticeshipVersions": "1.2", "sources": {"a": 1}, "notes": [1], "counts": [2], "duties": "D1"},
        {"standardCode": ["ST9001"], "status": {}, "fundingBandGbp": "much", "typicalDurationMonths": True},
        {"fundingBandGbp": 10**30},
    ],
)
def test_no_shape_stops_the_reading(tmp_path: Path, changed: dict[str, Any]) -> None:
    for found in read(catalogue(version(**changed)), tmp_path):
        assert found.standard is not None or said(found, NoteKind.UNUSABLE)


def test_a_version_that_is_no_object_does_not_stop_the_others(tmp_path: Path) -> None:
    found = read({"versions": [3, version()]}, tmp_path)
    assert [(one.name, one.standard is None) for one in found] == [("versions[0]", True), ("ST9001@1.2", False)]


@pytest.mark.skipif(not REAL.exists(), reason="the real list is not here")
def test_the_real_list_of_one_standard_in_its_versions() -> None:
    found = {one.name: one for one in read_catalogue(REAL, Given(title="Autocare technician"))}

    assert list(found) == ["ST0499@1.0", "ST0499@1.1", "ST0499@1.2", "ST0499@1.3"]
    counts = [len(standard_of(one).competencies) for one in found.values()]
    assert counts == [29, 29, 65, 64]
    for one in found.values():
        assert said(one, NoteKind.UNUSABLE) + said(one, NoteKind.UNREAD) == []
        assert standard_of(one).title == "Autocare technician"
    old, new = (standard_of(found[f"ST0499@1.{number}"]) for number in (2, 3))
    assert {item.text for item in new.competencies} <= {item.text for item in old.competencies}
    raw = json.loads(REAL.read_bytes())["versions"][1]["ksbs"]
    assert {item.code: item.text for item in old.competencies} == {entry["code"]: entry["statement"] for entry in raw}


def test_a_standard_whose_file_would_be_too_long_to_load_is_not_taken(tmp_path: Path) -> None:
    found = one([{"code": f"K{number}", "text": "x" * MAX_TEXT} for number in range(1, 101)], tmp_path, GIVEN)

    assert found.standard is None
    assert "It cannot be used: found" in said(found, NoteKind.UNUSABLE)[-1]
