"""The shipped policy has every dated rule with its limits, deciding date and source, and so has its page."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from ksbtrack.models.policy import Dated, DatedValue, Policy
from ksbtrack.yamlfile import decode, parse_yaml

ROOT = Path(__file__).resolve().parent.parent
POLICY_FILE = ROOT / "standards" / "policy.yaml"


@pytest.fixture(scope="module")
def policy() -> Policy:
    text = parse_yaml(decode(POLICY_FILE.read_bytes(), "standards/policy.yaml"), "standards/policy.yaml")
    return Policy.model_validate(text.value)


def dated_rules(policy: Policy) -> dict[str, Dated[Any]]:
    return {name: value for name in Policy.model_fields if isinstance(value := getattr(policy, name), Dated)}


def on(policy: Policy, name: str, day: str) -> str | None:
    found: DatedValue[Any] | None = getattr(policy, name).on(date.fromisoformat(day))
    return None if found is None else str(found.value)


BOUNDARIES = [
    # name, the day before and its value, the day itself and its value
    ("minimum_duration_days", "2017-04-30", None, "2017-05-01", "372"),
    ("minimum_duration_days", "2025-07-31", "372", "2025-08-01", None),
    ("minimum_duration_months", "2017-04-30", None, "2017-05-01", "12"),
    ("minimum_duration_months", "2025-07-31", "12", "2025-08-01", "8"),
    ("part_time_below_weekly_hours", "2017-04-30", None, "2017-05-01", "30"),
    ("part_time_below_weekly_hours", "2025-07-31", "30", "2025-08-01", None),
    ("part_time_early_end", "2023-07-31", None, "2023-08-01", "True"),
    ("part_time_early_end", "2025-07-31", "True", "2025-08-01", None),
    ("off_the_job_percent", "2022-07-31", "20", "2022-08-01", None),
    ("off_the_job_percent_part_time", "2022-07-31", None, "2022-08-01", "20"),
    ("off_the_job_percent_part_time", "2025-07-31", "20", "2025-08-01", None),
    ("off_the_job_weekly_hours", "2022-07-31", None, "2022-08-01", "6"),
    ("off_the_job_weekly_hours", "2025-07-31", "6", "2025-08-01", None),
    ("off_the_job_full_time_from_weekly_hours", "2022-07-31", None, "2022-08-01", "30"),
    ("off_the_job_full_time_from_weekly_hours", "2025-07-31", "30", "2025-08-01", None),
    ("off_the_job_published_hours", "2025-07-31", None, "2025-08-01", "True"),
    ("off_the_job_floor_hours", "2025-07-31", None, "2025-08-01", "187"),
    ("active_learning_weeks", "2022-07-31", None, "2022-08-01", "4"),
    ("english_and_maths_level_at_level_2", "2022-07-31", None, "2022-08-01", "1"),
    ("english_and_maths_optional_from_age", "2025-02-10", None, "2025-02-11", "19"),
]


@pytest.mark.parametrize(("name", "before", "value_before", "day", "value"), BOUNDARIES)
def test_a_value_on_the_day_before_and_on_the_day_itself(  # noqa: PLR0917 - the columns of the table
    policy: Policy, name: str, before: str, value_before: str | None, day: str, value: str | None
) -> None:
    assert date.fromisoformat(day) - date.fromisoformat(before) == timedelta(days=1)
    assert on(policy, name, before) == value_before
    assert on(policy, name, day) == value


def test_every_limit_in_the_policy_is_among_the_boundary_days(policy: Policy) -> None:
    limits = set()
    for name, rule in dated_rules(policy).items():
        for row in rule.values:
            if row.since:
                limits.add((name, row.since.isoformat()))
            if row.until:
                limits.add((name, (row.until + timedelta(days=1)).isoformat()))

    assert limits == {(name, day) for name, _, _, day, _ in BOUNDARIES}


@pytest.mark.parametrize(
    ("name", "value"), [("english_and_maths_level", "2"), ("english_and_maths_adjusted_level", "E3")]
)
def test_standing_rules_hold_on_any_day(policy: Policy, name: str, value: str) -> None:
    assert [on(policy, name, day) for day in ("2012-01-01", "2020-02-29", "2030-12-31")] == [value] * 3


def test_which_date_decides(policy: Policy) -> None:
    decided = {name: rule.decided_by.value for name, rule in dated_rules(policy).items()}

    assert {name for name, by in decided.items() if by == "gateway"} == {"english_and_maths_optional_from_age"}
    assert {name for name, by in decided.items() if by == "day"} == {"active_learning_weeks"}
    assert set(decided.values()) == {"start", "gateway", "day"}


def test_every_policy_value_says_where_it_is_from_and_how_far_to_trust_it(policy: Policy) -> None:
    rows = [(name, row) for name, rule in dated_rules(policy).items() for row in rule.values]

    assert [(name, row.trust) for name, row in rows if row.trust not in (2, 3)] == []
    assert {name for name, row in rows if row.trust == 3} == {
        "off_the_job_published_hours",
        "off_the_job_floor_hours",
    }
    assert all(row.source for _, row in rows)
    assert all(rule.title and rule.unit and rule.applies_to for rule in dated_rules(policy).values())
    assert (policy.sufficiency.source or "").startswith("Settings of ours")


def test_the_values_of_one_rule_never_overlap(policy: Policy) -> None:
    for name, rule in dated_rules(policy).items():
        for earlier, later in zip(rule.values, rule.values[1:], strict=False):
            assert earlier.until is not None, name
            assert later.since is not None, name
            assert earlier.until < later.since, name


def test_how_much_is_enough_unless_someone_says_otherwise(policy: Policy) -> None:
    settings = policy.sufficiency

    assert (settings.pieces_per_competency, settings.kinds_per_competency, settings.days_per_competency) == (
        1,
        1,
        1,
    )
    assert settings.max_age_months == 0
    assert settings.acceptance_needed is True
    assert settings.confirmed_claims_needed is False
    assert settings.claims_per_piece_warning == 10
    assert settings.barred_kinds == ()


def test_facts_without_a_rule_have_a_source_or_say_that_none_is_known(policy: Policy) -> None:
    facts = {fact.title: fact for fact in policy.facts}

    assert len(facts) == len(policy.facts)
    assert {fact.trust for fact in policy.facts} == {2, None}
    assert {title for title, fact in facts.items() if fact.source is None} == {
        "Foundation apprenticeships",
        "Apprenticeship units",
        "Version of the standard",
        "Who decides at gateway",
        "Bodies",
        "Keeping records",
    }
    assert (
        facts["Transitional minimums of off-the-job hours"].since,
        facts["Planned hours under-delivered"].since,
    ) == (
        date(2025, 8, 1),
        date(2025, 8, 1),
    )
    assert facts["Transitional minimums of off-the-job hours"].until == date(2025, 12, 31)
    assert "six years" in facts["Keeping records"].text


# ---------------------------------------------------------------- the page about it


def sections(page: str) -> dict[str, str]:
    """Give the text of a page under each of its third-level headings, by the heading's words."""
    text = (ROOT / "docs" / page).read_text("utf-8")
    parts = re.split(r"(?m)^### +`?([^`\n]+?)`? *$", text)
    return {heading: re.split(r"(?m)^## ", body)[0] for heading, body in zip(parts[1::2], parts[2::2], strict=True)}


def test_each_dated_rule_has_its_section_with_all_its_values(policy: Policy) -> None:
    page = sections("policy.md")

    assert [name for name in page if name in dated_rules(policy)] == list(dated_rules(policy))
    for name, rule in dated_rules(policy).items():
        text = " ".join(page[name].split())
        assert f"Unit: {rule.unit}." in text, name
        assert f"Decided by: {rule.decided_by.value}" in text, name
        written = re.findall(r"\| ([0-9-]*|any) \| ([0-9-]*|any) \| (\S+) \| ([23]) \|", page[name])
        assert written == [
            (str(row.since or "any"), str(row.until or "any"), shown(row.value), str(row.trust)) for row in rule.values
        ], name


def shown(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(getattr(value, "value", value))


def test_each_sufficiency_setting_has_its_section_with_the_shipped_value(policy: Policy) -> None:
    page = sections("policy.md")
    settings = {name: value for name, value in policy.sufficiency if name != "source"}

    assert set(page) - set(dated_rules(policy)) == set(settings)
    for name, value in settings.items():
        expected = "[]" if value == () else shown(value)
        assert f"Shipped value: {expected}." in page[name], name


def test_each_fact_has_its_row(policy: Policy) -> None:
    page = (ROOT / "docs" / "policy.md").read_text("utf-8")
    rows = [
        f"| {fact.title} | {fact.text} | {fact.since or 'any'} | {fact.until or 'any'} | {fact.trust or 'none'} |"
        for fact in policy.facts
    ]

    assert [row for row in rows if row not in page] == []
    assert len(rows) == 17
