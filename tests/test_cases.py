"""Every rule, as cases in text that a provider can read: what it finds, and what not (tests/cases/README.md)."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pytest

from case_text import CASES, Plain, case_from, read_cases
from ksbtrack.analysis import analyse
from ksbtrack.models.analysis import Analysis, Finding
from ksbtrack.models.standard import RequirementRule
from ksbtrack.rules import COMPETENCY_RULES, PIECE_RULES, WARNING_RULES

RULES = [rule.__name__ for rule in (*PIECE_RULES, *COMPETENCY_RULES, *WARNING_RULES)]
RULES += [*RequirementRule, "changed_since_confirmation"]
CLUMSY = re.compile(
    r"  |\ba [aeio]|\ban [^aeio]|\.\.|\bNone\b|(?<![0-9.])1 (pieces|months|hours|days|kinds)\b|E[0-9]+ (are|do)\b"
)
"""What no sentence of ours should hold: a wrong article, a wrong plural, a wrong verb after a single piece."""
UNREADABLE = re.compile(r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b|\.\.|\. \(")
"""What no sentence and no source should hold: a day as a file writes it, two full stops, one before a bracket."""
EXPECT_KEYS = {
    "decision",
    "decision_reason",
    "finds",
    "as",
    "reason",
    "words",
    "remedy",
    "source",
    "inputs",
    "status",
    "not_found",
    "next",
}


@dataclass(frozen=True)
class Told:
    """One case of one rule's file."""

    rule: str
    plain: Plain

    def __str__(self) -> str:
        return f"{self.rule}: {self.plain['name']}"


TOLD = [Told(path.stem, plain) for path in sorted(CASES.glob("*.yaml")) for plain in read_cases(path)]


def faults(analysis: Analysis, rule: str) -> list[Finding]:
    """Give where a rule fires: a warning, or a status that does not hold."""
    return [
        finding
        for finding in analysis.findings
        if finding.rule == rule and (not finding.decides or not finding.status.holds)
    ]


@lru_cache
def analysed(place: int) -> Analysis:
    return analyse(case_from(TOLD[place].plain))


def by_subject(told: Any, subjects: list[str]) -> dict[str, str]:
    """Give what is told of each subject; one text is about the first."""
    if isinstance(told, dict):
        return told
    return {subjects[0]: told}


@pytest.mark.parametrize("place", range(len(TOLD)), ids=[str(told) for told in TOLD])
def test_a_case(place: int) -> None:
    told, analysis = TOLD[place], analysed(place)
    expect: Plain = told.plain["expect"]
    assert expect.keys() <= EXPECT_KEYS
    assert expect.keys() & {"finds", "decision", "status"}, "a case that expects nothing proves nothing"
    fired = faults(analysis, told.rule)
    about = fired or [finding for finding in analysis.findings if finding.rule == told.rule]
    subjects = list(dict.fromkeys(finding.subject for finding in about))
    if "finds" in expect:
        wanted = expect["finds"]
        wanted = [] if wanted == "nothing" else [wanted] if isinstance(wanted, str) else wanted
        assert [finding.subject for finding in fired] == wanted, [finding.reason for finding in fired]
    if "as" in expect:
        assert {finding.status for finding in fired} == {expect["as"]}
    for subject, text in by_subject(expect.get("reason", {}), subjects).items():
        assert text in [finding.reason for finding in about if finding.subject == subject]
    for subject, text in by_subject(expect.get("words", {}), subjects).items():
        assert any(text in finding.reason for finding in about if finding.subject == subject), about[0].reason
    for subject, text in by_subject(expect.get("remedy", {}), subjects).items():
        remedies = [
            finding.remedy.text if finding.remedy else "none" for finding in about if finding.subject == subject
        ]
        assert text in remedies
    for subject, text in by_subject(expect.get("source", {}), subjects).items():
        assert any(text in finding.source for finding in about if finding.subject == subject), about[0].source
    for key, value in expect.get("inputs", {}).items():
        assert about[0].inputs[key] == value
    _check_verdicts(analysis, expect)


def _check_verdicts(analysis: Analysis, expect: Plain) -> None:
    statuses = {verdict.id: verdict.status.value for verdict in analysis.requirements}
    statuses |= {verdict.id: verdict.status.value for verdict in analysis.pieces}
    statuses |= {verdict.code: verdict.status.value for verdict in analysis.competencies}
    for name, status in expect.get("status", {}).items():
        assert statuses[name] == status, name
    if "decision" in expect:
        assert analysis.decision == expect["decision"], analysis.reason
    if "decision_reason" in expect:
        assert analysis.reason == expect["decision_reason"]
    if "next" in expect:
        assert [step.remedy.text for step in analysis.next_steps][: len(expect["next"])] == expect["next"]
    found = {finding.rule for finding in analysis.findings if not finding.decides or not finding.status.holds}
    assert not found & set(expect.get("not_found", []))


def test_every_rule_has_its_file_and_every_file_its_rule() -> None:
    assert sorted(path.stem for path in CASES.glob("*.yaml")) == sorted(RULES)


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_has_a_case_in_which_it_fires_and_one_in_which_it_does_not(rule: str) -> None:
    places = [place for place, told in enumerate(TOLD) if told.rule == rule]
    fires = [bool(faults(analysed(place), rule)) for place in places]
    assert any(fires)
    assert not all(fires)


def test_every_finding_of_every_case_has_what_a_finding_must_have() -> None:
    for place, told in enumerate(TOLD):
        for finding in analysed(place).findings:
            assert finding.rule in RULES, told
            assert finding.source.strip(), told
            assert finding.reason[0].isupper() or finding.reason[0].isdigit(), (told, finding.reason)
            assert finding.reason.endswith((".", "!", "?")), (told, finding.reason)
            assert finding.inputs, (told, finding.rule)
            for text in (finding.reason, finding.remedy.text if finding.remedy else ""):
                assert not CLUMSY.search(text), (told, text)


def test_no_sentence_has_a_day_as_a_file_writes_it_or_two_full_stops() -> None:
    for place, told in enumerate(TOLD):
        analysis = analysed(place)
        for finding in analysis.findings:
            for text in (finding.reason, finding.remedy.text if finding.remedy else "", finding.source):
                assert not UNREADABLE.search(text), (told, text)
        for text in (analysis.reason, *(step.remedy.text for step in analysis.next_steps)):
            assert not UNREADABLE.search(text), (told, text)


def test_a_complete_learner_is_ready_and_nothing_is_found_but_what_the_standard_leaves_open() -> None:
    analysis = analyse(case_from({}))
    found = {finding.rule for finding in analysis.findings if not finding.decides or not finding.status.holds}
    assert analysis.decision == "ready"
    assert found == {"reconstructed_wording", "unknown_method_mapping"}


def test_a_number_of_pieces_that_nobody_set_is_not_known() -> None:
    case = case_from({})
    unset = case.policy.sufficiency.model_copy(update={"pieces_per_competency": None})
    policy = case.policy.model_copy(update={"sufficiency": unset})
    analysis = analyse(dataclasses.replace(case, policy=policy))
    fired = faults(analysis, "too_few_pieces")
    assert {finding.status for finding in fired} == {"unknown"}
    assert fired[0].reason == "How many pieces are needed is not known."
    assert fired[0].source == "Setting pieces_per_competency: no layer sets it"
    assert (len(fired), analysis.decision) == (27, "cannot_tell")
