"""The JSON of an analysis follows its schema, says nothing private, and is the same for the same analysis."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker, ValidationError

from ksbtrack.analysis import analyse
from ksbtrack.formats.analysis_json import (
    SCHEMA_VERSION,
    analysis_as_dict,
    analysis_json,
    analysis_schema,
)
from ksbtrack.formats.explanation import (
    claim_status,
    claims_about,
    explanation_as_dict,
    findings_about,
    name_of,
    names_of,
    reasons_against,
    verdict_on,
)
from ksbtrack.load import load_case
from ksbtrack.models.analysis import Action, Analysis, Decision, Effort, Finding, Status
from ksbtrack.models.changes import Cause
from ksbtrack.models.portfolio import ClaimState
from ksbtrack.models.standard import CompetencyKind, EvidenceKind, StandardKind
from ksbtrack.models.values import Known
from made_up import analysis, wharf_profile

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = analysis_schema()
EXAMPLES = sorted(path.parent.name for path in (ROOT / "docs/examples").glob("*/portfolio.yaml"))


def validator(part: str = "") -> Draft202012Validator:
    """Give the validator of the schema, or of one of its definitions."""
    schema = {**SCHEMA, "$ref": f"#/$defs/{part}"} if part else SCHEMA
    if part:
        schema = {key: schema[key] for key in ("$schema", "$defs", "$ref")}
    return Draft202012Validator(schema, format_checker=FormatChecker())


def example(name: str) -> Analysis:
    """Give the analysis of an example portfolio."""
    return analyse(load_case(ROOT / "docs/examples" / name, date(2026, 2, 27)))


@pytest.mark.parametrize(
    "made",
    [
        analysis(),
        analysis(count=0),
        analysis(count=200),
        analysis(wharf_profile()),
        analysis(day=date(2023, 9, 4)),
        analysis(count=1, records={}),
    ],
    ids=["usual", "no pieces", "200 pieces", "profile", "first day", "no records"],
)
def test_every_analysis_follows_the_schema(made: Analysis) -> None:
    validator().validate(json.loads(analysis_json(made)))


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_examples_and_their_explanations_follow_the_schema(name: str) -> None:
    made = example(name)
    validator().validate(json.loads(analysis_json(made)))
    for word in names_of(made):
        verdict = verdict_on(made, word)
        assert verdict is not None
        validator("explanation").validate(json.loads(json.dumps(explanation_as_dict(made, verdict))))


def test_there_are_examples_to_check() -> None:
    assert set(EXAMPLES) >= {"dorset", "ready", "typical"}


def faulty(path: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    """Give the JSON of an analysis with one part put in or, for None, taken out."""
    whole = copy.deepcopy(analysis_as_dict(analysis()))
    part: Any = whole
    for step in path[:-1]:
        part = part[step]
    if value is None:
        del part[path[-1]]
    else:
        part[path[-1]] = value
    return whole


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("decision",), "almost_ready"),
        (("as_of",), None),
        (("as_of",), "27 February 2026"),
        (("extra",), "key"),
        (("learner", "uln"), "9000000008"),
        (("competencies", 0, "status"), "green"),
        (("competencies", 0, "kind"), None),
        (("findings", 0, "remedy", "effort"), "some"),
        (("pieces", 0, "files", 0, "sha256"), "0" * 63),
        (("totals", "requirements", "met"), -1),
        (("next_steps",), [{"remedy": {}, "helps": []}]),
        (("schema_version",), "2.0"),
    ],
)
def test_the_schema_refuses_what_is_not_an_analysis(path: tuple[str | int, ...], value: Any) -> None:
    with pytest.raises(ValidationError):
        validator().validate(faulty(path, value))


def test_the_schema_is_valid_itself() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["properties"]["schema_version"]["const"] == SCHEMA_VERSION


def parts_of(schema: dict[str, Any], name: str = "analysis") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every schema inside a schema with a name for messages."""
    yield name, schema
    for key, part in {**schema.get("properties", {}), **schema.get("$defs", {})}.items():
        yield from parts_of(part, f"{name}.{key}")
    if isinstance(schema.get("items"), dict):
        yield from parts_of(schema["items"], f"{name}[]")


def test_every_key_is_needed_and_described_and_no_other_allowed() -> None:
    for name, part in parts_of(SCHEMA):
        if "properties" in part:
            assert part["additionalProperties"] is False, name
            assert part["required"] == list(part["properties"]), name
        assert part.get("description") or "$ref" in part, name


@pytest.mark.parametrize(
    ("words", "place"),
    [
        (Status, ("status",)),
        (Decision, ("decision",)),
        (Effort, ("remedy", "effort")),
        (Action, ("remedy", "action")),
        (StandardKind, ("standard", "kind")),
        (CompetencyKind, ("competency", "kind")),
        (Known, ("competency", "trust")),
        (EvidenceKind, ("piece", "kind")),
        (ClaimState, ("claim", "state")),
        (Cause, ("traced", "cause")),
    ],
)
def test_the_schema_has_the_words_of_the_models(words: type[StrEnum], place: tuple[str, ...]) -> None:
    part = SCHEMA["properties"]["decision"] if place == ("decision",) else SCHEMA["$defs"][place[0]]
    for key in place[1:]:
        part = part["properties"][key]
    assert part["enum"] == [word.value for word in words]


def test_the_page_about_the_json_names_every_key() -> None:
    page = (ROOT / "docs/json.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z0-9_]+)`", page))
    keys = {key for _, part in parts_of(SCHEMA) for key in part.get("properties", {})}
    assert not keys - named


def test_nothing_private_and_no_path_of_the_machine_gets_out(tmp_path: Path) -> None:
    home = tmp_path / "home of somebody"
    (home / "evidence").mkdir(parents=True)
    (home / "portfolio.yaml").write_text(
        "learner: {name: Wick Lumen, uln: 9000000008, born: 2001-03-02, weekly_hours: 37}\n"
        "standard: ST0148@1.0\n"
        "dates: {start: 2023-09-04}\n"
        "records: {opt_ins: [{subject: english, on: 2024-01-01}]}\n"
    )
    (home / "evidence/E1.md").write_text(
        "---\nid: E1\ntitle: Plan\nkind: work_product\ndate: 2024-01-02\nfiles: [away.pdf]\nclaims: [K1]\n---\n"
    )
    made = analyse(load_case(home, date(2024, 9, 20)))
    texts = [analysis_json(made)]
    texts += [
        json.dumps(explanation_as_dict(made, verdict)) for w in names_of(made) if (verdict := verdict_on(made, w))
    ]
    for text in texts:
        assert "9000000008" not in text
        assert "2001-03-02" not in text
        assert "2 March 2001" not in text
        assert str(tmp_path) not in text


def test_the_same_analysis_gives_the_same_text() -> None:
    assert analysis_json(analysis()) == analysis_json(analysis())


def test_the_order_of_the_findings_does_not_matter() -> None:
    made = analysis(count=30)
    turned = replace(made, findings=tuple(reversed(made.findings)))
    assert turned.findings != made.findings
    assert analysis_json(turned) == analysis_json(made)


def test_findings_are_sorted_as_people_count_and_warnings_come_last() -> None:
    def finding(subject: str, decides: bool = True) -> Finding:
        return Finding("rule", subject, Status.NOT_MET, "Reason.", {}, None, "Source", decides)

    made = replace(analysis(), findings=(finding("K10"), finding("K2", False), finding("K2"), finding("E3:K1")))
    listed = [(found["subject"], found["decides"]) for found in analysis_as_dict(made)["findings"]]
    assert listed == [("E3:K1", True), ("K2", True), ("K2", False), ("K10", True)]


def test_letters_stand_as_themselves_and_the_text_ends_with_a_line_feed() -> None:
    text = analysis_json(analysis(learner={"name": "Zoë Łukasz 李"}))
    assert '"name": "Zoë Łukasz 李"' in text
    assert text.endswith("}\n")


def test_the_totals_add_up() -> None:
    totals = analysis_as_dict(analysis())["totals"]
    for part in (totals["competencies"], totals["requirements"]):
        assert part["met"] + part["not_met"] + part["unknown"] == part["all"]
    assert totals["competencies"]["all"] == 15


def test_a_subject_is_found_whatever_its_capitals_and_by_its_other_names() -> None:
    made = analysis()
    found = [verdict_on(made, word) for word in ("k3", " K3 ", "statement:K3", "e2", "piece:E2", "MATHS")]
    assert [name_of(verdict) for verdict in found if verdict] == ["K3", "K3", "K3", "E2", "E2", "maths"]
    assert verdict_on(made, "K33") is None
    assert verdict_on(made, "piece:K3") is None
    assert verdict_on(made, "") is None


def test_the_titles_of_requirements_and_methods_name_them_where_nothing_has_that_id() -> None:
    made = analysis()
    titles = (("Maths at  LEVEL 2", "maths"), ("observation", "watch"), ("method: Observation", "watch"))
    for title, name in titles:
        verdict = verdict_on(made, title)
        assert verdict is not None
        assert name_of(verdict) == name
    assert verdict_on(made, "piece:Maths at level 2") is None


def test_a_claim_can_be_asked_about_with_what_is_said_of_its_piece() -> None:
    made = analysis()
    for claim in made.case.claims:
        verdict = verdict_on(made, claim.subject.lower())
        assert verdict == claim
        assert claims_about(made, verdict) == (claim,)
        validator("explanation").validate(json.loads(json.dumps(explanation_as_dict(made, verdict))))
        about = {finding.subject for finding in findings_about(made, verdict)}
        assert about <= {claim.subject, claim.piece.id}
        decisive = {finding.subject for finding in made.findings if finding.decides}
        assert {claim.subject, claim.piece.id} & decisive <= about


def test_other_standards_are_named_with_the_way_to_ask_unless_the_analysis_has_them() -> None:
    made = example("dorset")
    (unasked,) = analysis_as_dict(made)["also"]
    assert unasked == {
        "standard": "XS10b@2008-06",
        "decision": None,
        "reason": "Not checked here; run with --standard XS10b@2008-06.",
    }
    other = analyse(load_case(ROOT / "docs/examples/dorset", date(2026, 2, 27), standard="XS10b"))
    (asked,) = analysis_as_dict(replace(made, others=(other,)))["also"]
    assert asked == {"standard": "XS10b@2008-06", "decision": other.decision.value, "reason": other.reason}


def test_a_piece_with_the_name_of_a_statement_can_be_asked_for() -> None:
    made = analysis()
    pieces = tuple(replace(piece, id="K1") if piece.id == "E1" else piece for piece in made.pieces)
    made = replace(made, pieces=pieces)
    assert verdict_on(made, "K1") is made.competencies[0]
    assert verdict_on(made, "piece:K1") is pieces[0]


def test_the_claims_on_a_statement_say_why_they_do_not_count() -> None:
    made = analysis()
    for verdict in made.competencies:
        for claim in claims_about(made, verdict):
            counts = claim.piece.id in verdict.pieces
            assert (claim_status(made, claim) is Status.MET) == counts
            assert bool(reasons_against(made, claim)) != counts


def test_a_piece_on_its_way_is_told_apart_from_one_that_does_not_count() -> None:
    made = analysis()
    found = {claim_status(made, claim) for verdict in made.pieces for claim in claims_about(made, verdict)}
    assert {Status.MET, Status.PARTLY_MET, Status.NOT_MET} <= found


def test_findings_about_a_subject_leave_none_out_and_take_no_others() -> None:
    made = analysis(count=30)
    asked = {name: verdict for name in names_of(made) if (verdict := verdict_on(made, name))}
    seen = {finding for verdict in asked.values() for finding in map(id, findings_about(made, verdict))}
    about_something = {id(found) for found in made.findings if found.subject.split(":")[0] in asked}
    assert about_something <= seen
    for name, verdict in asked.items():
        assert all(name in finding.subject.split(":") for finding in findings_about(made, verdict))
