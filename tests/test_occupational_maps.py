"""An occupation of the Occupational Maps API becomes a standard, with its own codes and the official identifiers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from feed_records import guid
from ksbtrack import load_standard
from ksbtrack.formats.occupational_maps import looks_like_occupational_maps, read_occupation, read_occupational_maps
from ksbtrack.formats.skills_england import read_skills_england
from ksbtrack.formats.standards_exchange import format_of
from ksbtrack.formats.standards_import import import_standards
from ksbtrack.models.importing import Given, Imported, NoteKind
from ksbtrack.models.standard import Standard
from ksbtrack.models.values import MAX_TEXT
from ksbtrack.problems import KsbtrackError
from source_files import CODES, DUTIES, STATEMENTS, occupation

FEED_OF_2020 = Path(__file__).resolve().parents[2] / "shared/data/standards/ifate-2020-with-ksbs.json"


def read(given: Given | None = None, **changed: Any) -> Imported:
    return read_occupation(occupation(**changed), given or Given())


def standard_of(found: Imported) -> Standard:
    assert found.standard is not None, found.notes
    return found.standard


def said(found: Imported, kind: NoteKind) -> list[str]:
    return [f"{note.where}: {note.what}" for note in found.notes if note.kind is kind]


def with_duty(**changed: Any) -> list[dict[str, Any]]:
    duties: list[dict[str, Any]] = occupation()["duties"]
    return [{key: value for key, value in (duties[0] | changed).items() if value is not None}, duties[1]]


def test_an_occupation_is_the_standard_it_declares() -> None:
    found = read()
    standard = standard_of(found)

    assert standard.identity == "ST9001@1.2"
    assert {item.code: item.text for item in standard.competencies} == STATEMENTS
    assert [item.guid for item in standard.competencies] == [guid(number) for number in range(len(CODES))]
    assert {duty.code: (duty.text, duty.competencies) for duty in standard.duties} == DUTIES
    assert [(duty.guid, duty.core) for duty in standard.duties] == [(guid(100), True), (guid(101), True)]
    assert (standard.title, standard.level, standard.lars_code) == ("Example maker", "3", None)
    assert {entry.name: entry.value for entry in standard.overview} == {
        "Occupation code": "OCC9001",
        "Status": "Approved occupation",
        "Route": "Examples",
        "Pathway": "Making",
        "Cluster": "Makers",
        "Typical job titles": "Example maker; Maker of examples",
        "Role": "Makes examples.",
        "Occupation": "It makes & mends.",
    }
    assert said(found, NoteKind.UNUSABLE) + said(found, NoteKind.UNREAD) == []
    assert said(found, NoteKind.UNKNOWN)[0] == (
        "versionNo: The version is that of the occupation OCC9001; that of the apprenticeship can be another."
    )


@pytest.mark.parametrize(
    "shape", [lambda one: one, lambda one: [one], lambda one: {"results": [one], "pageNumber": 1, "totalResults": 1}]
)
def test_one_a_list_or_an_answer_to_a_search(tmp_path: Path, shape: Any) -> None:
    path = tmp_path / "answer.json"
    path.write_text(json.dumps(shape(occupation())), "utf-8")

    assert format_of(path) == "occupational-maps"
    import_standards(path, tmp_path / "standards")
    (found,) = read_occupational_maps(path, Given())
    assert load_standard("ST9001@1.2", folders=[tmp_path / "standards"]) == found.standard


def test_the_official_feed_is_not_taken_for_it() -> None:
    assert not looks_like_occupational_maps(frozenset(("referenceNumber", "title", "knowledges", "duties")))
    assert looks_like_occupational_maps(frozenset(occupation()))


@pytest.mark.parametrize(
    ("products", "given", "identity"),
    [
        ([{"productCode": " st9001 "}], None, "ST9001@1.2"),
        ([{"productCode": "ST9001"}, {"productCode": "ST9001"}], None, "ST9001@1.2"),
        ([{"productCode": "ST9001"}, {"productCode": "FA9001"}], None, "OCC9001@1.2"),
        ([{"productCode": "ST9001"}, {"productCode": "FA9001"}], "FA9001", "FA9001@1.2"),
        ([{"productCode": "6000001"}], None, "OCC9001@1.2"),
        (None, "ST9002", "ST9002@1.2"),
        ("ST9001", None, "OCC9001@1.2"),
    ],
)
def test_which_standard_an_occupation_is_of(products: Any, given: str | None, identity: str) -> None:
    assert standard_of(read(Given(reference=given), products=products)).identity == identity


def test_several_standards_of_an_occupation_are_told() -> None:
    found = read(products=[{"productCode": "ST9001"}, {"productCode": "FA9001"}])
    assert said(found, NoteKind.UNKNOWN)[0] == (
        "products: The occupation has several standards, ST9001 and FA9001; "
        "give the one that is meant with --reference."
    )


def test_links_by_identifiers_alone_and_by_codes_alone() -> None:
    by_ids = read(duties=with_duty(mappedKnowledge=None, mappedSkills=None, mappedBehaviour=None))
    by_codes = read(duties=with_duty(mappedKnowledgeIds=None, mappedSkillsIds=None, mappedBehaviourIds=None))

    assert standard_of(by_ids).duties == standard_of(by_codes).duties == standard_of(read()).duties


def test_codes_and_identifiers_that_differ_are_both_taken_and_told() -> None:
    found = read(duties=with_duty(mappedKnowledgeIds=[guid(1)]))

    assert standard_of(found).duties[0].competencies == ("K1", "K2", "S1", "B1")
    assert "duties[0]: 'mappedKnowledge' and 'mappedKnowledgeIds' do not say the same; both were taken." in said(
        found, NoteKind.REPAIRED
    )


def test_links_to_nothing_are_told() -> None:
    found = read(duties=with_duty(mappedKnowledge=["K7"], mappedKnowledgeIds=["no-such"], mappedSkills="S1"))

    assert standard_of(found).duties[0].competencies == ("S1", "B1")
    assert said(found, NoteKind.UNUSABLE) == [
        "duties[0].mappedSkills: Something else than a list.",
        "duties[0] and 1 other place: A link to no statement of this record.",
    ]


def test_a_duty_that_is_not_core() -> None:
    found = read(duties=with_duty(isThisACoreDuty=False))

    assert [duty.core for duty in standard_of(found).duties] == [False, True]
    assert "duties[0]: A duty that is not core belongs to options, which the source does not name." in said(
        found, NoteKind.UNKNOWN
    )


def test_codes_with_spaces_and_small_letters() -> None:
    skills = [{"skillId": "s 1", "id": guid(3), "detail": "Make"}, {"skillId": " S.2", "id": guid(4), "detail": "Keep"}]
    standard = standard_of(read(skills=skills))

    assert [item.code for item in standard.competencies if item.kind == "skill"] == ["S1", "S2"]
    assert standard.duties[1].competencies == ("K2", "K10", "S2")


def test_without_codes_they_go_by_position() -> None:
    skills = [{"id": guid(3), "detail": "Make"}, {"id": guid(4), "detail": "Keep"}]
    found = read(skills=skills, duties=with_duty(mappedSkills=None))

    assert [(item.code, item.guid) for item in standard_of(found).competencies if item.kind == "skill"] == [
        ("S1", guid(3)),
        ("S2", guid(4)),
    ]
    assert standard_of(found).duties[0].competencies == ("K1", "S1", "B1")
    assert "by position" in " ".join(said(found, NoteKind.REPAIRED))


@pytest.mark.parametrize(
    "changed",
    [
        {"skills": None},
        {"skills": {}},
        {"skills": [None, 3, "text", []]},
        {"duties": [None, 3, {}]},
        {"mapHierarchy": [], "typicalJobTitles": [None, {}], "overview": 3, "name": ["x"]},
        {"level": "three", "versionNo": {}, "status": None},
        {"products": [None, {}, {"productCode": None}]},
    ],
)
def test_no_shape_stops_the_reading(changed: dict[str, Any]) -> None:
    found = read(**changed)
    assert {item.code for item in standard_of(found).competencies} >= {"K1", "K2", "K10", "B1"}


def test_what_has_no_place_is_named() -> None:
    found = read(soc={"soc2020Code": 1234}, involvedEmployers="Somebody", links=[])
    assert said(found, NoteKind.UNREAD) == [
        "involvedEmployers: A standard has no place for 'involvedEmployers'.",
        "soc: A standard has no place for 'soc'.",
    ]


def test_html_and_long_texts() -> None:
    knowledges = [
        {"knowledgeId": "K1", "id": guid(0), "detail": "<script>x()</script>&lt;b&gt;How&lt;/b&gt; it &amp;amp; they"},
        {"knowledgeId": "K2", "id": guid(1), "detail": "x" * 100_000},
        {"knowledgeId": "K10", "id": guid(2), "detail": " "},
    ]
    found = read(knowledges=knowledges)

    assert standard_of(found).by_code["K1"].text == "How it & they"
    assert said(found, NoteKind.UNUSABLE)[:2] == [
        f"knowledges[1]: K2 has 100,000 characters; {MAX_TEXT:,} fit.",
        "knowledges[2]: K10 has no words.",
    ]


def test_an_occupation_without_statements_is_unusable(tmp_path: Path) -> None:
    found = read(knowledges=None, skills=None, behaviours=None, duties=None)
    assert found.standard is None
    assert "It has no statement" in " ".join(said(found, NoteKind.UNUSABLE))


def test_records_of_something_else_do_not_stop_the_others(tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    path.write_text(json.dumps([occupation(), {"name": "x"}, 3]), "utf-8")
    found = list(read_occupational_maps(path, Given()))

    assert [one.name for one in found] == ["ST9001@1.2", "record 2", "record 3"]
    assert [one.standard is None for one in found] == [False, True, True]


def test_a_file_that_was_cut_off_is_located(tmp_path: Path) -> None:
    path = tmp_path / "cut.json"
    text = json.dumps(occupation(), indent=1)
    path.write_text(text[: len(text) // 2], "utf-8")
    with pytest.raises(KsbtrackError, match=r"cut\.json:\d+: bad-json: found the end of the file after"):
        list(read_occupational_maps(path, Given()))


@pytest.mark.skipif(not FEED_OF_2020.exists(), reason="the real records are not here")
def test_the_real_statements_of_54_standards_come_back_in_this_shape() -> None:
    """Real words in the shape of the API: codes and identifiers on both sides, every link."""
    links = 0
    for found in read_skills_england(FEED_OF_2020, Given()):
        standard = standard_of(found)
        by_code = standard.by_code
        record = occupation(
            products=None,
            **{
                key: [
                    {id_key: item.code, "id": item.guid, "detail": item.text}
                    for item in standard.competencies
                    if item.code.startswith(prefix)
                ]
                for prefix, key, id_key in (
                    ("K", "knowledges", "knowledgeId"),
                    ("S", "skills", "skillId"),
                    ("B", "behaviours", "behaviourId"),
                )
            },
            duties=[
                {
                    "dutyId": duty.code,
                    "id": duty.guid,
                    "dutyDetail": duty.text,
                    "isThisACoreDuty": duty.core,
                    **{
                        f"mapped{name}Ids": [by_code[code].guid for code in duty.competencies if code[0] == prefix]
                        for prefix, name in (("K", "Knowledge"), ("S", "Skills"), ("B", "Behaviour"))
                    },
                }
                for duty in standard.duties
            ],
        )
        again = standard_of(read_occupation(record, Given(standard.reference)))
        assert [(item.code, item.text, item.guid) for item in again.competencies] == [
            (item.code, item.text, item.guid) for item in standard.competencies
        ]
        assert [(duty.code, duty.text, duty.guid, set(duty.competencies)) for duty in again.duties] == [
            (duty.code, duty.text, duty.guid, set(duty.competencies)) for duty in standard.duties
        ]
        links += sum(len(duty.competencies) for duty in again.duties)
    assert links == 11_655
