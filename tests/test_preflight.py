"""Every check before sending: what it finds and what not, as cases in text (see preflight_cases.py)."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import lru_cache

import pytest

from case_text import Plain
from ksbtrack.models.analysis import Status
from ksbtrack.models.profile import Checks
from ksbtrack.models.submission import Preflight, Verdict
from ksbtrack.submission.checks import CHECKS, preflight
from ksbtrack.submission.records import pack_folder
from ksbtrack.submission.words import WORDS
from preflight_cases import FOLDER, SOURCE, fired, read_checks, result_of, shipped_profiles, submission_from

NAMES = [check.__name__ for check in CHECKS]
EXPECT_KEYS = {"finds", "as", "reason", "remedy", "verdict"}


@dataclass(frozen=True)
class Told:
    """One case of one check's file."""

    check: str
    plain: Plain

    def __str__(self) -> str:
        return f"{self.check}: {self.plain['name']}"


TOLD = [Told(path.stem, plain) for path in sorted(FOLDER.glob("*.yaml")) for plain in read_checks(path)]


@lru_cache
def asked(place: int) -> Preflight:
    return result_of(TOLD[place].check, TOLD[place].plain)


@pytest.mark.parametrize("place", range(len(TOLD)), ids=[str(told) for told in TOLD])
def test_a_case(place: int) -> None:
    told, result = TOLD[place], asked(place)
    expect: Plain = told.plain["expect"]
    assert expect.keys() <= EXPECT_KEYS
    wanted = expect["finds"]
    wanted = [] if wanted == "nothing" else [wanted] if isinstance(wanted, str) else wanted
    found = fired(result, told.check)
    assert [finding.subject for finding in found] == wanted, [finding.reason for finding in found]
    if "as" in expect:
        is_warning = expect["as"] == "warning"
        statuses = {finding.status.value for finding in found}
        assert statuses == {"met" if is_warning else expect["as"]}
        assert not is_warning or not any(finding.decides for finding in found)
    about = found or [finding for finding in result.findings if finding.rule == told.check]
    if "reason" in expect:
        assert about[0].reason == expect["reason"]
    if "remedy" in expect:
        assert about[0].remedy
        assert about[0].remedy.text == expect["remedy"]
    if "verdict" in expect:
        assert result.verdict.value == expect["verdict"], result.reason


@pytest.mark.parametrize("place", range(len(TOLD)), ids=[str(told) for told in TOLD])
def test_whatever_is_found_has_a_source_and_whatever_is_wrong_a_remedy(place: int) -> None:
    result = asked(place)
    assert {finding.source for finding in result.findings} == {"A rule book; looked at on 5 January 2026"}
    for finding in result.findings:
        assert finding.remedy or finding.status.holds or finding.rule == "requirement_open"
        assert finding.reason.endswith((".", "?"))
        assert not finding.reason[:1].islower() or finding.inputs.get("file")


@pytest.mark.parametrize("check", NAMES)
def test_a_check_has_a_case_in_which_it_finds_something_and_one_in_which_it_does_not(check: str) -> None:
    finds = [told.plain["expect"]["finds"] != "nothing" for told in TOLD if told.check == check]
    assert set(finds) == {True, False}


@pytest.mark.parametrize("check", NAMES)
def test_a_check_is_in_a_shipped_profile(check: str) -> None:
    assert any(profile.checks.of(check) for profile in shipped_profiles())


def test_checks_settings_words_and_cases_have_the_same_names() -> None:
    assert list(Checks.model_fields) == NAMES
    assert list(WORDS) == NAMES
    assert sorted(path.stem for path in FOLDER.glob("*.yaml")) == sorted(NAMES)


def test_the_verdict_is_faults_before_cannot_tell_before_clear() -> None:
    seen = {asked(place).verdict for place in range(len(TOLD))}
    assert seen == set(Verdict)
    for place in range(len(TOLD)):
        result = asked(place)
        deciding = {finding.status for finding in result.findings if finding.decides}
        if result.verdict is Verdict.FAULTS:
            assert deciding & {Status.NOT_MET, Status.PARTLY_MET}
            assert result.faults
        elif result.verdict is Verdict.CANNOT_TELL:
            assert not result.faults
            assert deciding & {Status.UNKNOWN, Status.CHECK_AGAIN}
        else:
            assert all(finding.status.holds for finding in result.findings if finding.decides)


def test_every_finding_is_in_exactly_one_group() -> None:
    for place in range(len(TOLD)):
        result = asked(place)
        groups = (result.faults, result.unknown, result.warnings, result.fine)
        assert sum(map(len, groups)) == len(result.findings)
        assert {id(finding) for group in groups for finding in group} == {id(finding) for finding in result.findings}


def test_a_check_that_is_not_asked_for_finds_nothing() -> None:
    whole = {told.check: told for told in TOLD if told.plain["expect"]["finds"] != "nothing"}
    for check, told in whole.items():
        submission = submission_from(check, told.plain)
        nothing = submission.profile.model_copy(update={"checks": Checks()})
        result = preflight(replace(submission, profile=nothing))
        assert result.findings == ()
        assert list(result.not_asked) == NAMES


def test_the_words_of_a_source_name_the_day_or_say_that_it_is_not_known() -> None:
    profile = submission_from("nothing_selected", {}).profile
    assert profile.sources[0].words == "A rule book; looked at on 5 January 2026"
    undated = profile.sources[0].model_copy(update={"looked_at": None})
    assert undated.words == "A rule book; the day it was looked at is not known"
    assert json.loads(json.dumps(SOURCE))["looked_at"] == "2026-01-05"


def test_the_folder_of_the_pack_is_named_by_the_pattern_or_not_at_all() -> None:
    def folder(pattern: str, name: str = "Example van Learner") -> str | None:
        told: Plain = {"names": {"folder": pattern}, "learner": {"name": name}}
        return pack_folder(submission_from("pack_name_incomplete", told))

    assert folder("{surname}_{forename}") == "Learner_Example van"
    assert folder("{standard}/{name}") == "ST0148/Example van Learner"
    assert folder("{name}", "Either/Or") == "Either-Or"
    assert folder("{surname}_{forename}_{uln}") is None
    assert folder("{surname}_{forename}", "Learner") is None
    assert pack_folder(submission_from("pack_name_incomplete", {})) is None
