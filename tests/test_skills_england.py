"""The official feed becomes standards: codes, links, options; what is dirty is repaired or left out, and told."""

from __future__ import annotations

import json
import time
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from feed_records import guid, record
from ksbtrack import load_standard
from ksbtrack.cli import main
from ksbtrack.formats.json_records import MAX_RECORD_BYTES, json_records
from ksbtrack.formats.json_text import parse_json
from ksbtrack.formats.skills_england import read_record, read_skills_england
from ksbtrack.formats.source_record import WORDS_NOT_TAKEN
from ksbtrack.formats.standard_yaml import standard_yaml
from ksbtrack.formats.standards_exchange import format_of
from ksbtrack.formats.standards_import import import_standards
from ksbtrack.load.options import of_option
from ksbtrack.models.importing import Given, Imported, NoteKind
from ksbtrack.models.standard import CompetencyKind, Standard
from ksbtrack.models.values import MAX_TEXT, Known
from ksbtrack.problems import KsbtrackError

FEED_OF_2020 = Path(__file__).resolve().parents[2] / "shared/data/standards/ifate-2020-with-ksbs.json"


def read(given: Given | None = None, **changed: Any) -> Imported:
    return read_record(record(**changed), given or Given(), "record 1")


def standard_of(found: Imported) -> Standard:
    assert found.standard is not None, found.notes
    return found.standard


def said(found: Imported, kind: NoteKind) -> list[str]:
    return [f"{note.where}: {note.what}" for note in found.notes if note.kind is kind]


def test_a_clean_record_is_the_standard_it_declares() -> None:
    found = read()
    standard = standard_of(found)

    assert standard.identity == "ST9001@1.2"
    assert [(item.code, item.text, item.guid) for item in standard.competencies] == [
        ("K1", "How examples are made", guid(1)),
        ("K2", "Where examples are kept", guid(2)),
        ("S1", "Make an example", guid(11)),
        ("S2", "Keep an example", guid(12)),
        ("B1", "Be exact", guid(21)),
    ]
    assert [(duty.code, duty.competencies, duty.core) for duty in standard.duties] == [
        ("D1", ("K1", "S1", "B1"), True),
        ("D2", ("K2", "S2"), True),
    ]
    assert (standard.level, standard.lars_code, standard.minimum_hours) == ("3", 9001, Decimal(605))
    assert (standard.earliest_start, standard.latest_start) == (date(2024, 1, 15), None)
    assert {entry.name: entry.value for entry in standard.overview} == {
        "Status": "Approved for delivery",
        "Route": "Examples",
        "Regulated by": "Example Regulator",
        "Typical duration": "18 months",
        "Length of the end-point assessment": "3 months",
        "Maximum funding": "6,000 pounds",
        "Approved for delivery": "2017-11-07",
        "Typical job titles": "Example maker; Maker of examples",
        "Keywords": "example; maker",
        "Qualification": "Certificate of examples, level 3",
        "Regulation": "Training provider, approved, https://example.org/",
        "Role": "Makes examples.",
        "Occupation": "It makes & mends.\n\nIt is invented.",
        "Assessment plan": "https://example.org/plan",
        "Page of the standard": "https://example.org/standard",
    }
    assert said(found, NoteKind.UNUSABLE) + said(found, NoteKind.UNREAD) + said(found, NoteKind.UNKNOWN) == []


def test_what_an_assessment_plan_asks_for_is_not_known_from_the_feed() -> None:
    rules = {requirement.id: requirement.rule.value for requirement in standard_of(read()).requirements}

    assert rules["assessment_plan"] == "assessment_plan"
    assert standard_of(read()).methods == ()


def test_codes_that_the_record_has_itself_are_kept_in_their_place() -> None:
    found = read(skills=[{"skillId": "S7", "detail": "Mend"}, {"skillId": "s 3", "detail": "Make"}], duties=[])

    assert [item.code for item in standard_of(found).groups[1].statements] == ["S7", "S3"]


@pytest.mark.parametrize(
    ("skills", "codes"),
    [
        ([("S2", "a"), (guid(1), "b")], ["S2", "S1"]),
        ([("S1", "a"), ("S1", "b")], ["S1", "S2"]),
        ([(guid(1), "a"), ("S1", "b")], ["S2", "S1"]),
        ([(guid(1), "a"), (guid(1), "b")], ["S1", "S2"]),
        ([(guid(1), ""), (guid(2), "b")], ["S1", "S2"]),
    ],
)
def test_every_statement_has_a_code_of_its_own(skills: list[tuple[str, str]], codes: list[str]) -> None:
    entries = [{"skillId": name, "detail": text} for name, text in skills]
    found = read(skills=entries, duties=[], knowledges=[], behaviours=[])

    assert [item.code for item in standard_of(found).competencies] == codes


def test_foundation_apprenticeships_and_units_have_families_of_their_own() -> None:
    foundation = read(
        referenceNumber="FA9001",
        knowledges=None,
        skills=None,
        behaviours=None,
        duties=[],
        technicalKnowledges=[{"id": guid(1), "detail": "Know"}],
        technicalSkills=[{"id": guid(2), "detail": "Do"}],
        employabilitySkillsAndBehaviours=[{"id": guid(3), "detail": "Be there"}],
    )
    unit = read(referenceNumber="AU9001", behaviours=None, learningAimClassCode="Z9001", duties=[])

    assert [(item.code, item.kind) for item in standard_of(foundation).competencies] == [
        ("TK1", CompetencyKind.KNOWLEDGE),
        ("TS1", CompetencyKind.SKILL),
        ("ESB1", CompetencyKind.EMPLOYABILITY),
    ]
    assert standard_of(unit).requirements == ()
    assert [group.prefix for group in standard_of(unit).groups] == ["K", "S"]


def test_an_option_keeps_the_codes_of_the_whole_list() -> None:
    duties = record()["duties"]
    duties[1] |= {"isThisACoreDuty": 0, "mappedOptions": [guid(51)]}
    options = [{"optionId": guid(51), "title": "Keeper"}, {"optionId": guid(52), "title": "Mender (1st)"}]
    standard = standard_of(read(coreAndOptions=True, options=options, duties=duties))

    assert [(option.id, option.title) for option in standard.options] == [
        ("keeper", "Keeper"),
        ("mender_1st", "Mender (1st)"),
    ]
    assert [(duty.core, duty.options) for duty in standard.duties] == [(True, ()), (False, ("keeper",))]


@pytest.mark.parametrize("mapped", [None, [], [guid(59)]])
def test_what_no_option_asks_for_is_asked_of_everybody_and_told(mapped: list[str] | None) -> None:
    options = [{"optionId": guid(51), "title": "Keeper"}]
    duties = record()["duties"]
    duties[1] |= {"isThisACoreDuty": 0, "mappedOptions": mapped}
    found = read(coreAndOptions=True, options=options, duties=duties)

    # Else nobody would be asked for K2 and S2, and a learner could be ready without them.
    standard = of_option(standard_of(found), "keeper")
    assert {"K2", "S2"} <= standard.by_code.keys()
    what = "A duty that is not core and in no option of this record: it is taken as everybody's."
    assert f"duties[1]: {what}" in said(found, NoteKind.REPAIRED)


@pytest.mark.parametrize("value", ["nope", {"K1": "x"}, 5, True])
def test_a_record_without_a_list_of_a_kind_is_refused(value: object) -> None:
    found = read(knowledges=value)
    assert found.standard is None
    assert said(found, NoteKind.UNUSABLE) == [
        "knowledges: Something else than a list of statements, so none was taken."
    ]


def test_that_a_duty_is_not_core_is_told_where_there_are_no_options() -> None:
    duties = record()["duties"]
    duties[1] |= {"isThisACoreDuty": 0}
    found = read(duties=duties)
    assert all(duty.core for duty in standard_of(found).duties)
    assert said(found, NoteKind.UNREAD) == [
        "duties[1].isThisACoreDuty: A duty that is not core, in a record without core and options: it is taken as "
        "everybody's."
    ]


def test_the_duration_of_a_unit_is_in_hours() -> None:
    def durations(**changed: Any) -> list[str]:
        overview = standard_of(read(**changed)).overview
        return [str(fact.value) for fact in overview if fact.name == "Typical duration"]

    assert durations(referenceNumber="AU0001", typicalDuration=30) == ["30 hours"]
    assert durations(referenceNumber="FA0001", typicalDuration=8) == ["8 months"]


def test_that_an_occupation_is_regulated_stays_also_where_nobody_says_by_whom() -> None:
    found = read(regulatedBody="", regulationDetail=[])
    assert "Regulated" in [fact.name for fact in standard_of(found).overview]


def test_dirt_is_repaired_and_told() -> None:
    found = read(
        referenceNumber="ST9001 ",
        title=" Example maker ",
        knowledges=[
            {"knowledgeId": guid(1), "detail": "How\r\nexamples are\u00a0made "},
            {"knowledgeId": guid(2), "detail": "&amp;lt;p&amp;gt;Where <b>examples</b> are kept"},
        ],
        earliestStartDate="2024-01-15T00:00:00 +00:00",
    )
    standard = standard_of(found)

    assert [item.text for item in standard.groups[0].statements] == ["How examples are made", "Where examples are kept"]
    assert (standard.reference, standard.title) == ("ST9001", "Example maker")
    assert standard.earliest_start == date(2024, 1, 15)
    repaired = said(found, NoteKind.REPAIRED)
    assert "referenceNumber and 2 other places: White space at the ends was taken off." in repaired
    assert "knowledges[0]: Line breaks became spaces." in repaired
    assert "knowledges[0]: Non-breaking spaces became spaces." in repaired
    assert any(line.endswith("HTML became plain text.") for line in repaired)


@pytest.mark.parametrize(
    ("changed", "note"),
    [
        ({"earliestStartDate": "soon"}, "earliestStartDate: 'soon' is no date at midnight."),
        ({"earliestStartDate": "2024-02-30"}, "earliestStartDate: '2024-02-30' is no day in the calendar."),
        (
            {"earliestStartDate": "2023-07-31T23:00:00Z"},
            "earliestStartDate: '2023-07-31T23:00:00Z' is no date at midnight.",
        ),
        ({"minimumHoursForCompliance": "many"}, "minimumHoursForCompliance: No number: 'many'."),
        ({"larsCode": -4}, "larsCode: No number: '-4'."),
        ({"title": {"en": "x"}}, "title: Something else than a text or a number."),
        ({"keywords": "example"}, "keywords: Something else than a list."),
        ({"behaviours": [{"behaviourId": "B1"}]}, "behaviours[0]: B1 has no words."),
        ({"behaviours": ["Be exact"]}, "behaviours[0]: B1 has no words."),
        (
            {"behaviours": [{"behaviourId": "B1", "detail": "x" * (MAX_TEXT + 1)}]},
            f"behaviours[0]: B1 has {MAX_TEXT + 1:,} characters; {MAX_TEXT:,} fit.",
        ),
    ],
)
def test_what_cannot_be_used_is_told_and_the_rest_is_taken(changed: dict[str, Any], note: str) -> None:
    found = read(**changed)

    assert note in said(found, NoteKind.UNUSABLE)
    assert len(standard_of(found).competencies) >= 4


@pytest.mark.parametrize("text", ["", "x" * (MAX_TEXT + 1)])
def test_a_statement_whose_words_cannot_be_taken_is_still_asked_for(text: str) -> None:
    """Left out, it would be asked of nobody, and a learner could be ready without it."""
    found = read(skills=[{"skillId": guid(11), "detail": text}, {"skillId": guid(12), "detail": "Keep an example"}])
    lost = standard_of(found).by_code["S1"]

    assert (lost.text, lost.guid, lost.trust) == (WORDS_NOT_TAKEN, guid(11), Known.OURS)
    assert standard_of(found).duties[0].competencies == ("K1", "S1", "B1")


def test_a_link_to_nothing_is_told_with_how_many_there_are() -> None:
    duties = record()["duties"]
    duties[0]["mappedKnowledge"] = [guid(1), guid(98), guid(99)]
    duties[1]["mappedSkills"] = [guid(12), guid(12)]
    found = read(duties=duties)

    assert standard_of(found).duties[0].competencies == ("K1", "S1", "B1")
    unusable = [note for note in found.notes if note.what == "A link to no statement of this record."]
    assert [(note.where, note.count) for note in unusable] == [("duties[0] and 1 other place", 2)]
    assert "duties[1]: A link to the same statement twice became one." in said(found, NoteKind.REPAIRED)


def test_a_placeholder_of_a_duty_and_unread_fields_are_told() -> None:
    duties = record()["duties"]
    duties[0] |= {"dutyDetail": ".", "criteriaForMeasuringPerformance": "Well made"}
    found = read(duties=duties, somethingNew=[1])

    assert 'duties[0]: The text of the duty is a placeholder, ".".' in said(found, NoteKind.UNKNOWN)
    assert said(found, NoteKind.UNREAD) == [
        "somethingNew: A standard has no place for 'somethingNew'.",
        "duties[0].criteriaForMeasuringPerformance: A standard has no place for 'criteriaForMeasuringPerformance'.",
    ]


def test_a_record_of_2020_has_neither_reference_nor_version_and_none_is_made_up() -> None:
    found = read(referenceNumber=None, version=None, versionNumber=None)
    named = read(Given("ST9001", "1.0"), referenceNumber=None, version=None, versionNumber=None)

    assert standard_of(found).identity == "LARS9001@unknown"
    assert said(found, NoteKind.UNKNOWN) == [
        "referenceNumber: It has no reference; LARS and its code stand in.",
        "version: The record does not say which version it is.",
    ]
    assert standard_of(named).identity == "ST9001@1.0"


@pytest.mark.parametrize(
    "changed",
    [
        {"referenceNumber": None, "larsCode": 0},
        {"knowledges": [], "skills": [], "behaviours": []},
        {"referenceNumber": "../../etc"},
        {"version": "1.0; rm"},
        {"skills": [{"skillId": guid(number), "detail": f"Skill {number}"} for number in range(10_000)]},
    ],
)
def test_a_record_that_is_unusable_as_a_whole_says_why(changed: dict[str, Any]) -> None:
    found = read(**changed)

    assert found.standard is None
    assert said(found, NoteKind.UNUSABLE)


def write(path: Path, value: object) -> Path:
    path.write_text(json.dumps(value), "utf-8")
    return path


def test_a_feed_is_written_as_files_that_load_back_equal(tmp_path: Path) -> None:
    feed = write(tmp_path / "feed.json", [record(), record(version="1.3"), record(referenceNumber="ST9002 ")])
    result = import_standards(feed, tmp_path / "out")

    assert [item.file for item in result.records] == ["ST9001-1.2.yaml", "ST9001-1.3.yaml", "ST9002-1.2.yaml"]
    for found in read_skills_england(feed, Given()):
        standard = standard_of(found)
        assert load_standard(standard.identity, folders=[tmp_path / "out"]) == standard


def test_hostile_text_stays_text_in_the_file(tmp_path: Path) -> None:
    nasty = "a\n# b: c\u2028d: [e] {{ f }} *g &h !i '\"| > \u202e \U0001f600 \x07"
    feed = write(tmp_path / "feed.json", record(title=nasty, skills=[{"skillId": nasty, "detail": nasty}], duties=[]))
    (found,) = read_skills_england(feed, Given())
    import_standards(feed, tmp_path / "out")

    assert load_standard("ST9001@1.2", folders=[tmp_path / "out"]) == standard_of(found)
    assert standard_of(found).title == "a # b: c d: [e] {{ f }} *g &h !i '\"| > \U0001f600"


def test_the_second_of_two_records_of_one_version_is_not_taken_silently(tmp_path: Path) -> None:
    feed = write(tmp_path / "feed.json", [record(), record(), record(title="Another")])
    result = import_standards(feed, tmp_path / "out")

    assert [item.file for item in result.records] == ["ST9001-1.2.yaml", "ST9001-1.2.yaml", None]
    assert [item.notes[-1].what for item in result.records[1:]] == [
        "The record of ST9001@1.2 again, the same.",
        "Another record of ST9001@1.2, which differs from the first one; the first one was taken.",
    ]
    assert load_standard("ST9001@1.2", folders=[tmp_path / "out"]).title == "Example maker"


def test_a_feed_that_breaks_off_writes_nothing(tmp_path: Path) -> None:
    text = json.dumps([record(version=f"1.{number}") for number in range(30)])
    (tmp_path / "feed.json").write_text(text[: len(text) // 2], "utf-8")
    with pytest.raises(KsbtrackError) as raised:
        import_standards(tmp_path / "feed.json", tmp_path / "out", format_name="skills-england")

    assert [problem.code for problem in raised.value.problems] == ["bad-json"]
    assert not (tmp_path / "out").exists()


def long_feed(path: Path, records: int, *, is_whole: bool = True) -> Path:
    with path.open("w", encoding="utf-8") as file:
        file.write("[\n")
        for number in range(records):
            filling = "x" * 100_000
            file.write(
                json.dumps(record(version=f"1.{number}", filling=filling)) + (",\n" if number < records - 1 else "")
            )
        file.write("]" if is_whole else "")
    return path


def test_a_long_feed_is_read_record_by_record(tmp_path: Path) -> None:
    feed = long_feed(tmp_path / "feed.json", 100)

    assert feed.stat().st_size > MAX_RECORD_BYTES
    assert [standard_of(found).version for found in read_skills_england(feed, Given())] == [
        f"1.{n}" for n in range(100)
    ]


def test_a_long_feed_that_breaks_off_is_told_with_its_line(tmp_path: Path) -> None:
    feed = long_feed(tmp_path / "feed.json", 100, is_whole=False)
    with pytest.raises(KsbtrackError) as raised:
        import_standards(feed, tmp_path / "out")

    (problem,) = raised.value.problems
    assert (problem.code, problem.source.line, problem.found) == ("bad-json", 101, "the end of the file in the middle")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("begin", ['[{"title": "', '{"title": "'])
def test_a_record_of_any_length_is_refused_before_it_is_held(begin: str, tmp_path: Path) -> None:
    feed = tmp_path / "feed.json"
    with feed.open("w") as file:
        file.write(begin)
        for _ in range(79):
            file.write("x" * 1_000_000)
    with pytest.raises(KsbtrackError) as raised:
        list(json_records(feed))

    assert [problem.code for problem in raised.value.problems] == ["record-too-large"]


@pytest.mark.parametrize(
    "first",
    [
        None,
        {"referenceNumber": "ST9000", "title": "Proposed"},
        {"referenceNumber": "FA9000", "title": "T", "foundation": {"technicalKnowledges": []}},
    ],
)
def test_a_feed_is_known_whatever_record_is_its_first(first: object, tmp_path: Path) -> None:
    assert format_of(write(tmp_path / "feed.json", [first, record()])) == "skills-england"


def test_a_foundation_apprenticeship_by_itself_is_known(tmp_path: Path) -> None:
    alone = {"referenceNumber": "FA9000", "title": "T", "foundation": {"technicalKnowledges": []}}
    assert format_of(write(tmp_path / "one.json", alone)) == "skills-england"


def test_the_format_is_told_from_the_content(tmp_path: Path) -> None:
    assert format_of(write(tmp_path / "statements.csv", [record()])) == "skills-england"
    assert format_of(write(tmp_path / "one", record(referenceNumber=None))) == "skills-england"


@pytest.mark.parametrize("records", [1, 90])
def test_a_version_that_is_a_number_keeps_its_digits(records: int, tmp_path: Path) -> None:
    """In a file that is read whole as in one that is read record by record."""
    feed = [record(version="@", versionNumber=None, filling="x" * 100_000) for _ in range(records)]
    (tmp_path / "feed.json").write_text(json.dumps(feed).replace('"@"', "1.10"), "utf-8")

    assert ((tmp_path / "feed.json").stat().st_size > MAX_RECORD_BYTES) is (records > 1)
    assert {standard_of(found).version for found in read_skills_england(tmp_path / "feed.json", Given())} == {"1.10"}


def test_a_name_twice_in_one_object_is_refused(tmp_path: Path) -> None:
    """The last one would win, and with it a whole list of statements could go."""
    text = json.dumps(record()).replace('"level": 3', '"level": 3, "level": 4')
    (tmp_path / "feed.json").write_text(text, "utf-8")
    with pytest.raises(KsbtrackError) as raised:
        list(read_skills_england(tmp_path / "feed.json", Given()))

    assert [(problem.code, problem.found) for problem in raised.value.problems] == [
        ("bad-json", "'level' twice in one object")
    ]


def test_the_command_writes_prints_and_reports(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    feed = write(tmp_path / "feed.json", [record(title=" Example maker"), record(version="x")])
    arguments = ["standards", "import", str(feed), "-o", str(tmp_path / "out"), "--report", str(tmp_path / "r.json")]

    assert main(arguments) == 1
    out = capsys.readouterr().out
    assert "2 records read as skills-england, 1 standard in" in out
    assert "ST9001@x: It cannot be used: " in out
    report = json.loads((tmp_path / "r.json").read_text("utf-8"))
    assert report["totals"]["imported"] == 1
    assert [item["file"] for item in report["records"]] == ["ST9001-1.2.yaml", None]
    assert main([*arguments, "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == report
    assert main([*arguments, "--format", "skils-england"]) == 64


def test_a_file_that_somebody_changed_is_replaced_only_on_request(tmp_path: Path) -> None:
    feed = write(tmp_path / "feed.json", record())
    import_standards(feed, tmp_path)
    changed = tmp_path / "ST9001-1.2.yaml"
    before = changed.read_text("utf-8")
    changed.write_text(before + "# my own note\n", "utf-8")
    with pytest.raises(KsbtrackError):
        import_standards(feed, tmp_path)

    assert changed.read_text("utf-8").endswith("# my own note\n")
    import_standards(feed, tmp_path, replace=True)
    assert changed.read_text("utf-8") == before


@pytest.mark.skipif(not FEED_OF_2020.exists(), reason="no feed of 2020 beside the checkout")
def test_all_standards_of_2020_are_all_there(tmp_path: Path) -> None:
    result = import_standards(FEED_OF_2020, tmp_path)
    found = list(read_skills_england(FEED_OF_2020, Given()))
    standards = [standard_of(item) for item in found]
    kinds = Counter(item.kind for standard in standards for item in standard.competencies)
    duties = [duty for standard in standards for duty in standard.duties]

    assert (len(result.records), result.unusable) == (54, ())
    assert [kinds[kind] for kind in (CompetencyKind.KNOWLEDGE, CompetencyKind.SKILL, CompetencyKind.BEHAVIOUR)] == [
        1527,
        1429,
        396,
    ]
    assert (len(duties), sum(len(duty.competencies) for duty in duties)) == (771, 11655)
    for standard, item in zip(standards, found, strict=True):
        assert load_standard(standard.identity, folders=[tmp_path]) == standard
        assert standard_yaml(standard, item.notes, FEED_OF_2020.name) == (
            tmp_path / f"{standard.reference}-{standard.version}.yaml"
        ).read_text("utf-8")


def test_a_long_feed_whose_values_lie_deep_in_each_other_is_refused_at_once(tmp_path: Path) -> None:
    feed = tmp_path / "feed.json"
    deep = "[" * 3_000_000
    feed.write_text(f'[{{"notes": "{" " * MAX_RECORD_BYTES}"}}, {deep}')
    begin = time.perf_counter()
    with pytest.raises(KsbtrackError, match="levels of nesting"):
        list(json_records(feed))
    assert time.perf_counter() - begin < 5


def test_quotes_that_are_never_closed_cost_no_square_of_the_time() -> None:
    begin = time.perf_counter()
    with pytest.raises(KsbtrackError, match="bad-json"):
        parse_json(b'["' + b'\\"' * 500_000, "feed.json")
    assert time.perf_counter() - begin < 2


def test_a_number_beyond_all_numbers_is_none() -> None:
    with pytest.raises(KsbtrackError, match="JSON has no such number"):
        parse_json(b"[" + b"9" * 400 + b"]", "feed.json")
