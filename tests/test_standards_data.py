"""The shipped standards say what their sources say, and nothing else.

The files are read here without the loader, so that a fault in the data and one in loading cannot hide each
other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from ksbtrack.models.levels import Level
from ksbtrack.models.standard import (
    Competency,
    CompetencyKind,
    Condition,
    Group,
    Method,
    Requirement,
    RequirementRule,
    Standard,
    StandardKind,
)
from ksbtrack.models.values import Known
from ksbtrack.yamlfile import Plain, YamlText, decode, parse_yaml

ROOT = Path(__file__).resolve().parent.parent
STANDARDS = ROOT / "standards"

ST0148_OFFICIAL = {"K1", "S1", "S2", "S3", "S4", "S5", "B1", "B2", "B3", "B4", "B5"}
ST0148_RECONSTRUCTED = {f"K{number}" for number in range(2, 12)} | {f"S{number}" for number in range(6, 12)}


def parsed(path: Path) -> YamlText:
    shown = path.relative_to(ROOT).as_posix()
    return parse_yaml(decode(path.read_bytes(), shown), shown)


def texts_of(value: Plain) -> Iterator[str]:
    """Give every text of a plain value."""
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from texts_of(part)
    elif value is not None:
        yield value


def standard_files() -> list[Path]:
    return sorted(path for path in STANDARDS.rglob("*.yaml") if re.search(r"(?m)^reference:", path.read_text("utf-8")))


def read_standard(name: str) -> Standard:
    return Standard.model_validate(parsed(STANDARDS / f"{name}.yaml").value)


def own_statements(standard: Standard) -> dict[str, Competency]:
    return {statement.code: statement for statement in standard.competencies}


def requirement(standard: Standard, wanted: str) -> Requirement:
    return next(found for found in standard.requirements if found.id == wanted)


def method(standard: Standard, wanted: str) -> Method:
    return next(found for found in standard.methods if found.id == wanted)


def figure(standard: Standard, of: str, name: str) -> tuple[str | None, Known]:
    found = next(figure for figure in method(standard, of).figures if figure.name == name)
    return found.value, found.trust


def overview(standard: Standard, name: str) -> tuple[str | None, Known]:
    found = next(entry for entry in standard.overview if entry.name == name)
    return found.value, found.trust


@pytest.fixture(scope="module")
def st0148() -> Standard:
    return read_standard("ST0148-1.0")


@pytest.fixture(scope="module")
def dorset() -> dict[str, Standard]:
    return {name: read_standard(f"dorset/{name}") for name in ("XS10a", "XS10b", "XS10c")}


# ---------------------------------------------------------------- the folder


@pytest.mark.parametrize("path", standard_files(), ids=lambda path: path.stem)
def test_every_standard_in_the_folder_is_valid_and_named_for_what_it_holds(path: Path) -> None:
    standard = Standard.model_validate(parsed(path).value)

    assert path.stem in (standard.reference, f"{standard.reference}-{standard.version}")
    assert standard.attribution
    assert standard.sources
    assert standard.competencies


def test_the_folder_holds_the_four_standards() -> None:
    identities = {Standard.model_validate(parsed(path).value).identity for path in standard_files()}

    assert {"ST0148@1.0", "XS10a@2008-06", "XS10b@2008-06", "XS10c@2008-06"} <= identities


@pytest.mark.parametrize("path", sorted(STANDARDS.rglob("*.yaml")), ids=lambda path: path.stem)
def test_every_file_is_plain_yaml_whose_comments_have_lines_of_their_own(path: Path) -> None:
    """So no text can have lost its end to a '#' in the middle of a line."""
    text = parsed(path)
    mixed = [
        f"{text.file}:{number}"
        for number, row in enumerate(path.read_text("utf-8").splitlines(), 1)
        if re.search(r"\S\s+#", row)
    ]

    assert mixed == []
    assert all(value.strip() == value for value in texts_of(text.value) if "\n" not in value)


@pytest.mark.parametrize("path", standard_files(), ids=lambda path: path.stem)
def test_codes_are_unique_and_begin_with_the_prefix_of_their_group(path: Path) -> None:
    standard = Standard.model_validate(parsed(path).value)
    codes = [statement.code for statement in standard.competencies]

    assert len(codes) == len(set(codes))
    for group in standard.groups:
        pattern = re.compile(re.escape(group.prefix) + r"\.?[0-9]+")
        assert [found.code for found in group.statements if not pattern.fullmatch(found.code)] == []


@pytest.mark.parametrize("path", standard_files(), ids=lambda path: path.stem)
def test_every_requirement_has_what_its_rule_needs(path: Path) -> None:
    needed = {
        RequirementRule.ENGLISH_AND_MATHS: ("subject", "level"),
        RequirementRule.QUALIFICATION: ("subject", "level"),
        RequirementRule.CONFIRMATIONS: ("by",),
        RequirementRule.PROGRESSION: ("condition",),
    }
    found = Standard.model_validate(parsed(path).value).requirements

    assert [entry.id for entry in found if any(not getattr(entry, key) for key in needed.get(entry.rule, ()))] == []
    assert all(entry.source for entry in found)


# ---------------------------------------------------------------- ST0148


def test_st0148_has_eleven_of_knowledge_eleven_skills_and_five_behaviours(st0148: Standard) -> None:
    assert [(group.prefix, group.kind, group.title, len(group.statements)) for group in st0148.groups] == [
        ("K", CompetencyKind.KNOWLEDGE, "Procedures for effective mentoring", 11),
        ("S", CompetencyKind.SKILL, "Provide mentoring support", 11),
        ("B", CompetencyKind.BEHAVIOUR, "Behaviours", 5),
    ]
    assert len(st0148.competencies) == 27


def test_st0148_states_its_facts(st0148: Standard) -> None:
    assert st0148.identity == "ST0148@1.0"
    assert st0148.kind is StandardKind.APPRENTICESHIP
    assert (st0148.title, st0148.level, st0148.plan) == ("Learning mentor", Level.L3, "ST0148/AP01")
    assert st0148.regime == "end_point_assessment"
    assert st0148.lars_code == 403
    assert (st0148.minimum_hours, st0148.earliest_start, st0148.latest_start) == (None, None, None)
    assert "Crown copyright" in st0148.attribution
    assert "Open Government Licence v3.0" in st0148.attribution
    assert st0148.duties == ()
    for name, value, trust in (
        ("Full name", "Learning mentor (LM)", Known.OFFICIAL),
        ("Route", "Education and early years", Known.OFFICIAL),
        ("Year of the assessment plan", "2018", Known.OFFICIAL),
        ("Minimum duration", "12 months", Known.OFFICIAL),
        ("Maximum funding", "5,000 pounds", Known.OFFICIAL),
        ("Status", "retired", Known.OFFICIAL),
        (
            "Successor",
            "ST1379 Learning and skills mentor, level 4, LARS 694; approved on 2023-03-01",
            Known.OFFICIAL,
        ),
    ):
        assert overview(st0148, name) == (value, trust)
    assert overview(st0148, "What the successor is")[1] is Known.OURS
    assert overview(st0148, "Subject specialist")[1] is Known.OURS


def test_what_no_source_says_of_st0148_is_unknown(st0148: Standard) -> None:
    assert {entry.name for entry in st0148.overview if entry.value is None} == {
        "Date of retirement",
        "Size of the showcase",
        "Time allowed for the assessment after gateway",
        "Resits and retakes",
        "How the overall grade follows from the methods",
    }
    assert {(of.id, entry.name) for of in st0148.methods for entry in of.figures if entry.value is None} == {
        ("professional_discussion", name) for name in ("Fail", "Pass", "Distinction")
    }
    assert [of.assesses for of in st0148.methods] == [None, None]


def test_each_statement_of_st0148_keeps_its_mark(st0148: Standard) -> None:
    marks: dict[Known, set[str]] = {}
    for statement in st0148.competencies:
        marks.setdefault(statement.trust, set()).add(statement.code)

    assert marks == {Known.OFFICIAL: ST0148_OFFICIAL, Known.RECONSTRUCTED: ST0148_RECONSTRUCTED}
    assert {code: found.trust_note for code, found in own_statements(st0148).items() if found.trust_note} == {
        "K2": 'Official up to "active-listening"; the words after it are reconstructed.',
        "K3": "The weakest of the reconstructed wordings.",
        "S6": "The start is official; the rest is reconstructed.",
    }


def test_knowledge_and_skills_of_one_row_name_each_other(st0148: Standard) -> None:
    pairs = {code: found.pairs_with for code, found in own_statements(st0148).items() if found.pairs_with}

    assert pairs == {
        **{f"K{row}": f"S{row}" for row in range(1, 12)},
        **{f"S{row}": f"K{row}" for row in range(1, 12)},
    }


def test_behaviours_answer_to_the_letters_of_the_draft_and_to_bare_numbers(st0148: Standard) -> None:
    assert st0148.code_of_alias == {
        **dict(zip("abcde", ("B1", "B2", "B3", "B4", "B5"), strict=True)),
        **dict(zip("12345", ("B1", "B2", "B3", "B4", "B5"), strict=True)),
    }
    assert [group.codes_trust for group in st0148.groups] == [Known.OFFICIAL, Known.OFFICIAL, Known.OURS]


def test_the_gateway_requirements_of_st0148_in_their_order(st0148: Standard) -> None:
    assert [(entry.id, entry.rule.value) for entry in st0148.requirements] == [
        ("statements", "every_statement"),
        ("minimum_duration", "minimum_duration"),
        ("off_the_job", "off_the_job"),
        ("active_learning", "active_learning"),
        ("english", "english_and_maths"),
        ("maths", "english_and_maths"),
        ("ict", "qualification"),
        ("safeguarding", "qualification"),
        ("showcase", "showcase"),
        ("confirmations", "confirmations"),
    ]
    assert not any(entry.desirable for entry in st0148.requirements)


@pytest.mark.parametrize(
    ("wanted", "level", "is_mandated"),
    [
        ("english", Level.L2, False),
        ("maths", Level.L2, False),
        ("ict", Level.L2, True),
        ("safeguarding", Level.L1, True),
    ],
)
def test_qualifications_at_gateway(st0148: Standard, wanted: str, level: Level, is_mandated: bool) -> None:
    """English and maths are not among the mandated ones: the dated rules exempt people from them."""
    found = requirement(st0148, wanted)

    assert (found.subject, found.level, found.mandated_by_standard) == (wanted, level, is_mandated)
    assert found.trust is Known.OFFICIAL


def test_the_ict_dispensation_ended_on_a_known_day_and_began_on_an_unknown_one(st0148: Standard) -> None:
    dispensation = requirement(st0148, "ict").dispensation

    assert dispensation is not None
    assert (dispensation.since, dispensation.until) == (None, date(2024, 7, 28))
    assert "or sooner if all learners have completed" in dispensation.source
    assert [entry.id for entry in st0148.requirements if entry.dispensation] == ["ict"]


def test_all_three_confirm(st0148: Standard) -> None:
    assert requirement(st0148, "confirmations").by == ("employer", "provider", "apprentice")


def test_both_methods_with_their_figures(st0148: Standard) -> None:
    assert [of.id for of in st0148.methods] == ["observation", "professional_discussion"]
    official = {
        ("observation", "Sessions"): "2",
        ("observation", "Different learners"): "at least 2",
        ("observation", "Time in all"): "120",
        ("observation", "Time for each session"): "60",
        ("observation", "Tolerance of the time"): "plus or minus 10",
        ("observation", "Questions afterwards"): "up to 12 minutes (10 %)",
        ("observation", "Points"): "32",
        ("observation", "Weight"): "2",
        ("observation", "Weighted points"): "64",
        ("observation", "Fail"): "any criterion at 0",
        ("observation", "Pass"): "every criterion at least 1, at least 11 at 2, weighted score at least 54",
        (
            "observation",
            "Distinction",
        ): "every criterion at least 1, at least 14 at 2, weighted score at least 60",
        ("professional_discussion", "Time in all"): "60",
        ("professional_discussion", "Tolerance of the time"): "plus or minus 10",
        ("professional_discussion", "Points"): "36",
    }
    inferred = {
        ("observation", "Criteria"): "16",
        ("observation", "Scores for each criterion"): "0, 1 or 2",
        ("professional_discussion", "Criteria"): "18",
    }
    for (of, name), value in official.items():
        assert figure(st0148, of, name) == (value, Known.OFFICIAL)
    for (of, name), value in inferred.items():
        assert figure(st0148, of, name) == (value, Known.OURS)
    assert sum(len(of.figures) for of in st0148.methods) == len(official) + len(inferred) + 3


# ---------------------------------------------------------------- Dorset


def test_the_grades_extend_each_other_and_write_no_duty_twice(dorset: dict[str, Standard]) -> None:
    duties = {
        name: [
            statement.code
            for group in standard.groups
            if group.kind is CompetencyKind.DUTY
            for statement in group.statements
        ]
        for name, standard in dorset.items()
    }

    assert {name: len(codes) for name, codes in duties.items()} == {"XS10a": 27, "XS10b": 11, "XS10c": 14}
    assert len(set().union(*duties.values())) == 27 + 11 + 14
    assert {name: standard.extends for name, standard in dorset.items()} == {
        "XS10a": None,
        "XS10b": "XS10a@2008-06",
        "XS10c": "XS10b@2008-06",
    }
    assert all(standard.kind is StandardKind.PROFILE for standard in dorset.values())
    assert not any(standard.methods or standard.regime or standard.level for standard in dorset.values())


def test_the_headings_of_the_profile(dorset: dict[str, Standard]) -> None:
    assert [
        (group.prefix, group.kind.value, group.title, len(group.statements))
        for name in ("XS10a", "XS10b", "XS10c")
        for group in dorset[name].groups
    ] == [
        ("D", "duty", "Support for pupils", 13),
        ("D", "duty", "Support for the teacher", 4),
        ("D", "duty", "Support for the curriculum", 2),
        ("D", "duty", "Support for the school", 8),
        ("X", "experience", "Experience", 2),
        ("Q", "qualification", "Qualifications", 2),
        ("KS", "knowledge_and_skill", "Knowledge and skills", 6),
        ("G7", "duty", "Further duties, Senior Level", 11),
        ("G9", "duty", "Further duties, Principal Level", 14),
    ]


def test_only_the_national_training_is_desirable(dorset: dict[str, Standard]) -> None:
    assert [
        statement.code for standard in dorset.values() for statement in standard.competencies if statement.desirable
    ] == ["Q2"]


def test_the_rule_for_statements_is_declared_once(dorset: dict[str, Standard]) -> None:
    assert {name: [entry.id for entry in standard.requirements] for name, standard in dorset.items()} == {
        "XS10a": ["statements"],
        "XS10b": ["grade_7_qualification"],
        "XS10c": ["grade_9_qualification", "grade_9_leadership"],
    }


def choices(condition: Condition | None) -> set[tuple[str | None, Level | None, bool]]:
    assert condition is not None
    return {(part.subject, part.level, part.working_towards_is_enough) for part in condition.any_of}


def test_grade_7_needs_any_one_of_three_qualifications_achieved(dorset: dict[str, Standard]) -> None:
    found = requirement(dorset["XS10b"], "grade_7_qualification")

    assert choices(found.condition) == {
        ("childrens_workforce", Level.L3, False),
        ("supporting_teaching_and_learning", Level.L3, False),
        ("specialist", Level.L3, False),
    }
    assert not found.desirable
    assert found.trust is Known.OFFICIAL


def test_grade_9_needs_a_level_4_qualification_achieved_or_worked_towards(
    dorset: dict[str, Standard],
) -> None:
    found = requirement(dorset["XS10c"], "grade_9_qualification")

    assert choices(found.condition) == {
        ("childrens_workforce", Level.L4, True),
        ("specialist", Level.L4, True),
    }
    assert not found.desirable
    assert found.trust is Known.OURS
    assert found.note is not None
    assert "damaged" in found.note


def test_the_leadership_programme_never_blocks(dorset: dict[str, Standard]) -> None:
    found = requirement(dorset["XS10c"], "grade_9_leadership")

    assert found.desirable
    assert found.condition is not None
    assert found.condition.subject == "specialist_leader_behaviour_attendance"
    assert found.condition.working_towards_is_enough


# ---------------------------------------------------------------- the page about them


def test_each_key_of_a_standard_is_explained() -> None:
    page = (ROOT / "docs" / "standards.md").read_text("utf-8")
    models = (Standard, Group, Method, Requirement, Competency, Condition)
    keys = {name for model in models for name in model.model_fields if name not in model.filled_on_loading}

    assert {key for key in keys if f"`{key}`" not in page} == set()


def test_the_example_standard_of_the_page_is_valid() -> None:
    page = (ROOT / "docs" / "standards.md").read_text("utf-8")
    example = next(block for block in re.findall(r"(?s)```yaml\n(.*?)```", page) if block.startswith("reference:"))
    standard = Standard.model_validate(parse_yaml(example, "docs/standards.md").value)

    assert [statement.code for statement in standard.competencies] == ["K1", "S1", "B1"]
