"""Crosswalks: what the shipped one says, how any is found and read from both sides, and what the command shows."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from ksbtrack.cli import main
from ksbtrack.comparison.crosswalk import left_out, linked_statement, linked_statements
from ksbtrack.formats.crosswalk_json import SCHEMA_VERSION, crosswalk_as_dict, crosswalk_schema
from ksbtrack.load import find_standards, load_standard
from ksbtrack.load.crosswalks import find_crosswalks, load_crosswalk
from ksbtrack.models.crosswalk import (
    RELATION_WORDS,
    Confidence,
    Crosswalk,
    CrosswalkRecord,
    CrosswalkRow,
    Link,
    LinkedStatement,
    Relation,
    in_scope,
)
from ksbtrack.models.standard import CompetencyKind
from ksbtrack.models.values import Known
from ksbtrack.problems import KsbtrackError
from ksbtrack.terminal.crosswalk import WHOSE
from ksbtrack.yamlfile import Plain, decode, parse_yaml
from test_layers import MODULES, imports_of

ROOT = Path(__file__).resolve().parent.parent
SHIPPED = ROOT / "standards/crosswalks/XS10-ST0148.yaml"
PAGE = ROOT / "docs/crosswalk.md"
SOUND = ROOT / "tests/broken/sound/standards"
GRADES = ("XS10a", "XS10b", "XS10c")
DUTIES = {"XS10a": 27, "XS10b": 38, "XS10c": 52}


def plain(path: Path) -> Plain:
    return parse_yaml(decode(path.read_bytes(), path.name), path.name).value


def codes_in(path: str, *prefixes: str) -> list[str]:
    """Give the codes of some groups of a standard's file, read without the loader."""
    groups = [group for group in plain(ROOT / "standards" / path)["groups"] if group["prefix"] in prefixes]
    return [statement["code"] for group in groups for statement in group["statements"]]


def rows() -> list[tuple[str, dict[str, str]]]:
    """Give every row of the shipped file with its code, read without the loader."""
    whole = plain(SHIPPED)
    found = [(code, row) for code, listed in whole["rows"].items() for row in listed]
    return [*found, *whole["unreached"].items()]


@pytest.fixture(scope="module")
def shipped() -> Crosswalk:
    return load_crosswalk("XS10c", "ST0148")


# ---------------------------------------------------------------- the shipped file


def test_the_shipped_file_has_a_row_for_each_of_the_52_duties_and_27_statements() -> None:
    duties = [
        *codes_in("dorset/XS10a.yaml", "D"),
        *codes_in("dorset/XS10b.yaml", "G7"),
        *codes_in("dorset/XS10c.yaml", "G9"),
    ]
    statements = codes_in("ST0148-1.0.yaml", "K", "S", "B")
    whole = plain(SHIPPED)
    reached = {row["to"] for _, row in rows() if "to" in row}

    assert (len(duties), len(statements)) == (52, 27)
    assert list(whole["rows"]) == duties
    assert all(whole["rows"].values())
    assert sorted([*reached, *whole["unreached"]]) == sorted(statements)


def test_the_shipped_file_is_our_judgement_and_nothing_in_it_is_equal() -> None:
    whole = plain(SHIPPED)
    relations = Counter(row["relation"] for _, row in rows())

    assert (whole["crosswalk"], whole["to"]) == ("XS10c@2008-06", "ST0148@1.0")
    assert whole["trust"] == "ours"
    assert "nobody's official mapping" in whole["about"]
    assert "school pupils" in whole["about"]
    assert "learners at work" in whole["about"]
    assert set(relations) == {"subset", "intersects", "none"}
    assert [(code, row["to"]) for code, row in rows() if row["relation"] == "subset"] == [
        ("D12", "S2"),
        ("D13", "S2"),
        ("D20", "B2"),
    ]
    assert [code for code, row in rows() if row["relation"] == "none"] == ["D26", "G9.8", "G9.12", "K4", "K11", "S11"]


def test_every_row_has_one_sentence_of_its_own_and_a_confidence() -> None:
    reasons = [(row.get("to"), row["why"]) for _, row in rows()]

    assert [why for _, why in reasons if not re.fullmatch(r"[A-Z][^.]{40,}(\([A-Z0-9.]+\)[^.]*)?\.", why)] == []
    assert [pair for pair, count in Counter(reasons).items() if count > 1] == []
    assert {row["confidence"] for _, row in rows()} == {"high", "medium", "low"}


def test_what_nothing_reaches_says_what_it_needs() -> None:
    unreached = plain(SHIPPED)["unreached"]

    assert list(unreached) == ["K4", "K11", "S11"]
    assert all("needs a project, shadowing or a visit" in row["why"] for row in unreached.values())


# ---------------------------------------------------------------- reading it from both sides


@pytest.mark.parametrize("grade", GRADES)
def test_every_duty_of_a_grade_and_every_statement_appears_once(grade: str) -> None:
    crosswalk = load_crosswalk(grade, "ST0148")
    duties, statements = linked_statements(crosswalk), linked_statements(crosswalk.reversed)

    in_standard = [found.code for found in crosswalk.one.competencies if found.kind is CompetencyKind.DUTY]
    assert [linked.statement.code for linked in duties] == in_standard
    assert len(duties) == DUTIES[grade]
    assert [linked.statement for linked in statements] == list(crosswalk.other.competencies)
    assert all(linked.links or linked.beyond or linked.none for linked in (*duties, *statements))
    assert not any(linked.none and (linked.links or linked.beyond) for linked in (*duties, *statements))


def test_the_view_of_a_higher_grade_contains_that_of_the_lower_one() -> None:
    views = [linked_statements(load_crosswalk(grade, "ST0148")) for grade in GRADES]
    for lower, higher in pairwise(views):
        assert higher[: len(lower)] == lower
        assert len(higher) > len(lower)


def test_what_a_lower_grade_lacks_is_beyond_it() -> None:
    by_grade = [linked_statements(load_crosswalk("ST0148", grade)) for grade in GRADES]
    for of_one_statement in zip(*by_grade, strict=True):
        whole = of_one_statement[-1]
        assert whole.beyond == ()
        assert all((*linked.links, *linked.beyond) == whole.links for linked in of_one_statement)

    k3 = linked_statement(load_crosswalk("ST0148", "XS10a"), "K3")
    assert k3 is not None
    assert [link.other for link in k3.links] == ["D5", "D18"]
    assert [link.other for link in k3.beyond] == ["G7.4"]


@pytest.mark.parametrize("grade", GRADES)
def test_the_order_of_asking_only_turns_it_around(grade: str) -> None:
    forth, back = load_crosswalk(grade, "ST0148@1.0"), load_crosswalk("st0148", f"{grade}@2008-06")

    assert forth.reversed == back
    assert back.reversed == forth
    superset = linked_statement(back, "B2")
    assert superset is not None
    assert [(link.other, link.relation) for link in superset.links] == [
        ("D11", Relation.INTERSECTS),
        ("D20", Relation.SUPERSET),
    ]


def test_a_relation_turned_around_twice_is_itself() -> None:
    assert {relation: relation.reversed for relation in Relation} == {
        Relation.EQUAL: Relation.EQUAL,
        Relation.SUBSET: Relation.SUPERSET,
        Relation.SUPERSET: Relation.SUBSET,
        Relation.INTERSECTS: Relation.INTERSECTS,
        Relation.NONE: Relation.NONE,
    }


def test_what_it_is_not_about_is_named(shipped: Crosswalk) -> None:
    assert [statement.code for statement in left_out(shipped)] == [
        *("X1", "X2", "Q1", "Q2"),
        *(f"KS{number}" for number in range(1, 7)),
    ]
    assert left_out(shipped.reversed) == ()
    assert linked_statement(shipped, "KS1") is None


@st.composite
def drawn_crosswalks(draw: st.DrawFn) -> Crosswalk:
    """Give any links between a grade and ST0148, those beyond the grade too."""
    whole, other = load_standard("XS10c"), load_standard("ST0148")
    grade = load_standard(draw(st.sampled_from(GRADES)))
    pairs = st.tuples(
        st.sampled_from([statement.code for statement in in_scope(whole, (CompetencyKind.DUTY,))]),
        st.sampled_from(list(other.by_code)),
    )
    relations = st.sampled_from([relation for relation in Relation if relation is not Relation.NONE])
    links = [
        Link(one=one, other=to, relation=draw(relations), confidence=Confidence.LOW, why="Drawn.", author="A test")
        for one, to in draw(st.lists(pairs, unique=True, max_size=20))
    ]
    return Crosswalk(
        title="Drawn",
        author="A test",
        trust=Known.OURS,
        about=None,
        sources=(),
        one=grade,
        other=other,
        one_made_for=whole,
        other_made_for=other,
        one_kinds=(CompetencyKind.DUTY,),
        other_kinds=(),
        links=tuple(links),
    )


@given(drawn_crosswalks())
def test_both_sides_show_the_same_links(crosswalk: Crosswalk) -> None:
    def shown(linked: tuple[LinkedStatement, ...]) -> Counter[tuple[str | None, str | None, Relation]]:
        return Counter((link.one, link.other, link.relation) for found in linked for link in found.links)

    forth = shown(linked_statements(crosswalk))
    back = shown(linked_statements(crosswalk.reversed))
    beyond = sum(len(linked.beyond) for linked in linked_statements(crosswalk.reversed))

    assert back == Counter({(to, one, relation.reversed): count for (one, to, relation), count in forth.items()})
    assert forth.total() + beyond == len(crosswalk.links)
    assert crosswalk.reversed.reversed == crosswalk


# ---------------------------------------------------------------- finding one


def own_folder(folder: Path, *names: str) -> Path:
    """Give a folder with the sound crosswalk of the broken cases and its standard; more names are copies of it."""
    for name in ("EX0001-1.0.yaml", "crosswalks/EX0001-ST0148.yaml"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes((SOUND / name).read_bytes())
    for name in names:
        (folder / name).write_bytes((SOUND / "crosswalks/EX0001-ST0148.yaml").read_bytes())
    return folder


def test_the_shipped_crosswalk_and_ones_own_are_found_by_their_standards(tmp_path: Path) -> None:
    own = own_folder(tmp_path)

    assert find_crosswalks() == {("XS10c@2008-06", "ST0148@1.0"): SHIPPED}
    assert list(find_crosswalks([own]).items()) == [
        (("EX0001@1.0", "ST0148@1.0"), own / "crosswalks/EX0001-ST0148.yaml"),
        (("XS10c@2008-06", "ST0148@1.0"), SHIPPED),
    ]


def test_a_crosswalk_is_taken_for_no_standard_and_for_no_nameless_file(tmp_path: Path) -> None:
    own = own_folder(tmp_path)
    (own / "notes.yaml").write_text("about: nothing\n")

    assert set(find_standards([own])) == {*find_standards(), "EX0001@1.0"}
    with pytest.raises(KsbtrackError) as raised:
        load_standard("EX9999", folders=[own])
    assert "notes.yaml" in str(raised.value)
    assert "crosswalks" not in str(raised.value)


def test_an_own_crosswalk_hides_the_shipped_one(tmp_path: Path) -> None:
    changed = SHIPPED.read_text("utf-8").replace("author: The ksbtrack project", "author: Example Provider")
    (tmp_path / "ours.yaml").write_text(changed, "utf-8")

    own = load_crosswalk("XS10a", "ST0148", folders=[tmp_path])
    assert {link.author for link in own.links} == {"Example Provider"}
    assert {link.author for link in load_crosswalk("XS10a", "ST0148").links} == {"The ksbtrack project"}


GRADE_CROSSWALK = """crosswalk: {grade}@2008-06
to: ST0148@1.0
title: Made for {grade}
author: Example Provider
trust: ours
kinds: [experience]
to_kinds: [behaviour]
rows:
  X1: [{{to: B1, relation: equal, confidence: low, why: A test.}}]
  X2: [{{relation: none, confidence: low, why: A test., author: Example Tutor}}]
unreached:
  B2: {{relation: none, confidence: low, why: A test.}}
  B3: {{relation: none, confidence: low, why: A test.}}
  B4: {{relation: none, confidence: low, why: A test.}}
  B5: {{relation: none, confidence: low, why: A test.}}
"""


def test_the_crosswalk_for_the_nearest_grade_is_taken_and_an_earlier_folder_first(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder, grades in ((first, ("XS10c", "XS10b")), (second, ("XS10a",))):
        folder.mkdir()
        for grade in grades:
            (folder / f"{grade}.yaml").write_text(GRADE_CROSSWALK.format(grade=grade))

    taken = [load_crosswalk(grade, "ST0148", folders=[first, second]).title for grade in GRADES]
    assert taken == ["Made for XS10b", "Made for XS10b", "Made for XS10c"]
    assert load_crosswalk("XS10a", "ST0148", folders=[second, first]).title == "Made for XS10a"


def test_a_row_can_have_an_author_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(GRADE_CROSSWALK.format(grade="XS10a"))
    crosswalk = load_crosswalk("XS10a", "ST0148", folders=[tmp_path])

    assert [(link.one, link.author) for link in crosswalk.links if link.one] == [
        ("X1", "Example Provider"),
        ("X2", "Example Tutor"),
    ]


def test_a_standard_with_faults_that_a_crosswalk_names_is_reported_too(tmp_path: Path) -> None:
    own = own_folder(tmp_path)
    standard = own / "EX0001-1.0.yaml"
    standard.write_text(standard.read_text().replace("kind: knowledge", "kind: wisdom"))

    with pytest.raises(KsbtrackError) as raised:
        load_crosswalk("XS10a", "XS10c", folders=[own])
    assert [problem.code for problem in raised.value.problems] == ["bad-choice", "unknown-crosswalk"]
    assert load_crosswalk("XS10a", "ST0148", folders=[own]).one.reference == "XS10a"


def test_no_rule_no_verdict_and_no_check_before_sending_looks_at_a_crosswalk() -> None:
    """So none can make a claim count."""
    lookers = {name for name in MODULES if any("crosswalk" in imported for imported in imports_of(name))}

    assert "ksbtrack.cli.crosswalks" in lookers
    assert not {name for name in lookers if name.split(".")[1:2] in (["rules"], ["analysis"], ["submission"])}


# ---------------------------------------------------------------- what the command shows

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Give what runs a command at 80 columns: its exit code, its output, its errors."""
    for name in ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(ROOT)

    def run_it(*arguments: str) -> tuple[int, str, str]:
        code = main(arguments)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run_it


def test_the_output_at_80_columns(run: Run, golden: Callable[[str, str], None]) -> None:
    code, output, errors = run("crosswalk", "show", "XS10b", "ST0148")

    assert (code, errors) == (0, "")
    assert max(map(len, output.splitlines())) <= 80
    golden("crosswalk-show.txt", output)


@pytest.mark.parametrize("grade", GRADES)
def test_text_and_json_have_every_duty_and_every_statement_in_either_order(run: Run, grade: str) -> None:
    duties = [linked.statement.code for linked in linked_statements(load_crosswalk(grade, "ST0148"))]
    statements = codes_in("ST0148-1.0.yaml", "K", "S", "B")
    for names, first, second in (
        ((grade, "ST0148"), duties, statements),
        (("ST0148", grade), statements, duties),
    ):
        code, output, _ = run("crosswalk", "show", *names)
        forth, back = output.split("\nFrom ")[1:]
        assert code == 0
        assert re.findall(r"^  ([A-Z]+[0-9.]+) ", forth, re.MULTILINE) == first
        assert re.findall(r"^  ([A-Z]+[0-9.]+) ", back, re.MULTILINE) == second

        shown = json.loads(run("crosswalk", "show", *names, "--json")[1])
        assert [statement["code"] for statement in shown["one"]["statements"]] == first
        assert [statement["code"] for statement in shown["other"]["statements"]] == second


def test_the_text_says_whose_judgement_it_is_and_that_nothing_counts_by_it(run: Run) -> None:
    _, output, _ = run("crosswalk", "show", "ST0148", "XS10a")

    assert "Author: The ksbtrack project\nA judgement, and nobody's official mapping (trust: ours).\n" in output
    assert "It never makes a claim count." in output
    assert "It is made for XS10c@2008-06, which extends XS10a@2008-06.\n" in output
    assert "Not compared of XS10a: X1, X2, Q1, Q2 and KS1 to KS6.\n" in output
    assert "Beyond XS10a: G9.14 (XS10c)" not in output
    assert "Beyond XS10a: G7.11 (XS10b), G9.14 (XS10c)\n" in output
    assert "From ST0148 to XS10a  27 statements, 3 without a counterpart\n" in output
    assert "From XS10a to ST0148  27 statements, 1 without a counterpart\n" in output
    assert "Crown copyright" in " ".join(output.split())


def test_a_statement_that_only_a_higher_grade_reaches_says_so(run: Run, tmp_path: Path) -> None:
    text = SHIPPED.read_text("utf-8")
    start, end = text.index("  D12:\n"), text.index("  D13:\n")
    kept_d12 = "  D12:\n    - {relation: none, confidence: low, why: A test., author: Example Tutor}\n"
    text = text[:start] + kept_d12 + text[end:]
    text = re.sub(r"    - to: K5\n(      .*\n)+", "", text, count=1)
    (tmp_path / "own.yaml").write_text(text, "utf-8")

    _, output, _ = run("crosswalk", "show", "ST0148", "XS10a", "--standards", tmp_path.as_posix())
    assert re.search(r"^  K5 .*\n.*\n +none  nothing in XS10a\n +Beyond XS10a: G7.8 \(XS10b\)$", output, re.MULTILINE)
    assert "none  low confidence, by Example Tutor\n" in output
    assert "From ST0148 to XS10a  27 statements, 4 without a counterpart\n" in output


def test_what_a_file_says_is_shown_as_it_stands(run: Run, tmp_path: Path) -> None:
    words = "[red]Bold[/red] =SUM(A1) <b>and</b> {braces}."
    changed = SHIPPED.read_text("utf-8").replace("author: The ksbtrack project", f'author: "{words}"')
    (tmp_path / "own.yaml").write_text(changed, "utf-8")

    _, output, _ = run("crosswalk", "show", "XS10a", "ST0148", "--standards", tmp_path.as_posix())
    assert f"Author: {words}\n" in output


def test_the_same_question_gives_the_same_bytes(run: Run) -> None:
    for more in ((), ("--json",)):
        first, again = (run("crosswalk", "show", "XS10c", "ST0148", *more) for _ in range(2))
        assert first == again


def test_wrong_names_and_wrong_usage_end_as_they_should(run: Run) -> None:
    code, output, errors = run("crosswalk", "show", "XS10d", "ST0148")
    assert (code, output) == (2, "")
    assert errors.startswith("crosswalk: unknown-standard: found 'XS10d'; ")
    code, output, _ = run("crosswalk", "show", "XS10a", "XS10c", "--json")
    assert (code, json.loads(output)["problems"][0]["code"]) == (2, "unknown-crosswalk")
    assert run("crosswalk", "show", "XS10a")[0] == 64


# ---------------------------------------------------------------- JSON


def every_object(schema: Any) -> list[dict[str, Any]]:
    found = [schema] if isinstance(schema, dict) and "properties" in schema else []
    inner = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else []
    return [*found, *(deeper for part in inner for deeper in every_object(part))]


def test_the_schema_is_sound_and_has_the_words_of_the_code() -> None:
    schema = crosswalk_schema()
    Draft202012Validator.check_schema(schema)

    assert schema["properties"]["schema_version"]["const"] == SCHEMA_VERSION
    assert schema["$defs"]["link"]["properties"]["relation"]["enum"] == [
        relation.value for relation in Relation if relation is not Relation.NONE
    ]
    assert schema["$defs"]["confidence"]["enum"] == list(Confidence)
    assert schema["properties"]["trust"]["enum"] == list(Known)
    assert schema["$defs"]["statement"]["properties"]["kind"]["enum"] == list(CompetencyKind)
    assert len(every_object(schema)) == 6
    for part in every_object(schema):
        assert part["additionalProperties"] is False
        assert part["required"] == list(part["properties"])


@pytest.mark.parametrize("names", [("XS10a", "ST0148"), ("ST0148", "XS10c"), ("EX0001", "ST0148")])
def test_the_json_follows_its_schema(names: tuple[str, str], tmp_path: Path) -> None:
    shown = crosswalk_as_dict(load_crosswalk(*names, folders=[own_folder(tmp_path)]))

    assert list(Draft202012Validator(crosswalk_schema()).iter_errors(shown)) == []
    assert shown["one"]["standard"]["reference"] == names[0]


def test_the_json_turns_relations_around_and_names_the_grade(shipped: Crosswalk) -> None:
    shown = crosswalk_as_dict(load_crosswalk("XS10b", "ST0148"))
    sides = {name: {found["code"]: found for found in shown[name]["statements"]} for name in ("one", "other")}

    assert (shown["trust"], shown["one"]["made_for"]) == ("ours", "XS10c@2008-06")
    assert [(link["to"], link["relation"]) for link in sides["one"]["D13"]["links"]][-2:] == [
        ("S2", "subset"),
        ("S8", "intersects"),
    ]
    assert ("D13", "superset") in [(link["to"], link["relation"]) for link in sides["other"]["S2"]["links"]]
    assert sides["other"]["K11"]["none"]["why"] == next(link.why for link in shipped.links if link.other == "K11")
    assert [link["declared_by"] for link in sides["other"]["K1"]["beyond"]] == ["XS10c@2008-06"]
    assert sides["one"]["G7.4"]["declared_by"] == "XS10b@2008-06"


# ---------------------------------------------------------------- the page


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page.read_text("utf-8"), re.DOTALL)


def test_the_example_of_the_page_loads(tmp_path: Path) -> None:
    (tmp_path / "EX0001-1.0.yaml").write_text(blocks(ROOT / "docs/standards.md", "yaml")[0])
    (tmp_path / "own.yaml").write_text(blocks(PAGE, "yaml")[0])
    crosswalk = load_crosswalk("ST0148", "EX0001", folders=[tmp_path])

    assert [linked.statement.code for linked in linked_statements(crosswalk)] == ["B1", "B2", "B3", "B4", "B5"]
    assert [(link.one, link.relation) for link in crosswalk.links if link.other == "B1"] == [("B4", Relation.SUPERSET)]


def test_the_example_in_python_runs_as_it_stands(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = blocks(PAGE, "python")
    exec(compile(code, "docs/crosswalk.md", "exec"), {})
    lines = capsys.readouterr().out.splitlines()

    assert len(lines) == 27
    assert lines[2] == "K3 D5 (intersects, low), D18 (intersects, low), G7.4 (intersects, medium)"
    assert lines[3].startswith("K4 No duty deals with assessment")


def test_the_page_names_every_key_and_every_word() -> None:
    page = PAGE.read_text("utf-8")
    keys = {*CrosswalkRecord.model_fields, *CrosswalkRow.model_fields}
    json_keys = {key for part in every_object(crosswalk_schema()) for key in part["properties"]}
    of_a_standard = set(crosswalk_schema()["$defs"]["standard"]["properties"]) - {"attribution"}

    assert [key for key in keys | (json_keys - of_a_standard) if f"`{key}`" not in page] == []
    for relation, words in RELATION_WORDS.items():
        assert f"| `{relation.value}` | {words}" in page
        assert f"| `{relation.reversed.value}` |\n" in page
    assert all(f"| `{confidence.value}` |" in page for confidence in Confidence)
    assert set(WHOSE) == set(Known)
