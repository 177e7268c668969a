"""docs/rules.md explains every rule, status and effort, and its examples are what the rules say."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import pytest

from case_text import CASES, case_from, read_cases
from ksbtrack.analysis import analyse
from ksbtrack.models.analysis import Decision, Effort, Status
from ksbtrack.models.standard import RequirementRule, Sufficiency
from ksbtrack.rules import COMPETENCY_RULES, PIECE_RULES, WARNING_RULES

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "rules.md").read_text(encoding="utf-8")
GROUPS = {
    "Rules about pieces": [rule.__name__ for rule in PIECE_RULES],
    "Rules about statements": [rule.__name__ for rule in COMPETENCY_RULES],
    "Rules about requirements": [
        name
        for rule in RequirementRule
        for name in ([rule, "changed_since_confirmation"] if rule is RequirementRule.CONFIRMATIONS else [rule])
    ],
    "Warnings": [rule.__name__ for rule in WARNING_RULES],
}
RULES = [name for names in GROUPS.values() for name in names]
PARTS = ["Status", "Decided by", "Source", "Remedy", "Example"]


def chapter(heading: str) -> str:
    """Give the text under a heading of the second level."""
    found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, heading
    return found.group(1)


def section(rule: str) -> str:
    """Give the text under a rule's heading."""
    found = re.search(rf"^### `{rule}`\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, rule
    return found.group(1)


@lru_cache
def reasons() -> dict[str, set[str]]:
    """Give every reason that a rule gives in any of the written cases, by rule."""
    found: dict[str, set[str]] = {}
    for path in CASES.glob("*.yaml"):
        for plain in read_cases(path):
            for finding in analyse(case_from(plain)).findings:
                found.setdefault(finding.rule, set()).add(finding.reason)
    return found


@pytest.mark.parametrize("heading", GROUPS)
def test_a_chapter_has_a_heading_for_each_of_its_rules_in_the_order_of_the_code(heading: str) -> None:
    assert re.findall(r"^### `(\w+)`$", chapter(heading), re.MULTILINE) == GROUPS[heading]


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_is_explained(rule: str) -> None:
    text = section(rule)
    assert re.findall(r"^- \*\*(.+?):\*\*", text, re.MULTILINE) == PARTS
    example = re.search(r'^- \*\*Example:\*\* "(.+)"$', text, re.MULTILINE)
    assert example, "an example is one sentence in quotation marks"
    assert example.group(1) in reasons()[rule]
    for status in Status:
        if status not in (Status.MET, Status.NOT_NEEDED):
            assert text.count(status.value) == 0, "the page says statuses in words"


def test_every_setting_that_a_rule_names_is_one() -> None:
    named = set(re.findall(r"the setting `(\w+)`", PAGE))
    assert named == set(Sufficiency.model_fields) - {"source"}


def test_the_statuses_and_decisions_are_those_of_the_outputs() -> None:
    table = re.findall(r"^\| (.+?) \| `(\w+)` \|", chapter("What the statuses mean"), re.MULTILINE)
    assert {value: words for words, value in table} == {status.value: status.words for status in Status}
    decisions = re.findall(r"^\| \*\*(.+?)\*\* \|", chapter("How the decision comes about"), re.MULTILINE)
    assert decisions == [decision.words for decision in Decision]


def test_the_words_for_effort_are_those_of_the_outputs() -> None:
    assert re.findall(r"^\| (\w+) \|", chapter("Effort"), re.MULTILINE)[1:] == [effort.value for effort in Effort]
