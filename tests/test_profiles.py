"""Submission profiles: what is shipped says what its sources say, and a user's own takes over what it extends."""

from __future__ import annotations

from pathlib import Path

import pytest

import ksbtrack
from ksbtrack.load.profiles import find_profiles, load_profile
from ksbtrack.models.profile import Asked, Asking, Checks
from ksbtrack.models.standard import EvidenceKind
from ksbtrack.problems import KsbtrackError
from preflight_cases import shipped_profiles

OWN = """id: own
title: A profile of our own
extends: cmi
without: [untypical_number_of_pieces]
sources:
  - id: letter
    title: A letter of the assessor
    says: Recordings of at most two minutes.
    looked_at: 2026-01-05
    trust: unknown
checks:
  recording_too_long: {source: letter, minutes: 2}
"""
BARRED = ["reflective_account", "self_assessment"]
NUMBERS = {
    ("ace360", "file_too_large"): {"megabytes": 2000},
    ("ace360", "files_too_large_together"): {"megabytes": 2000},
    ("bcs", "untypical_number_of_pieces"): {"pieces": 10},
    ("cilip", "fewer_pieces_than_asked"): {"pieces": 10},
    ("cilip", "more_pieces_than_asked"): {"pieces": 15},
    ("city-and-guilds", "too_few_kinds_selected"): {"different_kinds": 2},
    ("cmi", "untypical_number_of_pieces"): {"pieces": 18},
    ("cmi", "kind_not_taken"): {"kinds": BARRED},
    ("cmi", "recording_too_long"): {"minutes": 5},
    ("ecordia", "file_too_large"): {"megabytes": 250},
    ("ecordia", "files_too_large_together"): {"megabytes": 250},
    ("level-3-it", "fewer_pieces_than_asked"): {"pieces": 5},
    ("level-3-it", "more_pieces_than_asked"): {"pieces": 10},
    ("plan-template", "kind_not_taken"): {"kinds": BARRED},
}
"""Every number and list of kinds that a source names; a profile that has another one invents it."""
ASKS_FOR_EACH_STATEMENT = {"bcs", "cilip", "cmi"}


def numbers(asked: Asked) -> dict[str, object]:
    plain = asked.model_dump(mode="json", exclude={"source", "asked", "note"})
    return {name: value for name, value in plain.items() if value}


def test_the_profiles_that_were_asked_for_are_shipped() -> None:
    names = set(find_profiles())
    assert names >= {"plan-template", "cmi", "cilip", "tquk", "bcs", "ace360", "ecordia"}
    assert names == {profile.id for profile in shipped_profiles()}


def test_every_number_is_that_of_its_source() -> None:
    found = {
        (profile.id, code): numbers(asked)
        for profile in shipped_profiles()
        for code, asked in profile.checks.asked()
        if numbers(asked)
    }
    assert found == NUMBERS
    each = {profile.id for profile in shipped_profiles() if profile.checks.statement_not_shown}
    assert each == ASKS_FOR_EACH_STATEMENT


def test_what_no_source_is_certain_of_is_marked() -> None:
    doubtful = {
        (profile.id, code)
        for profile in shipped_profiles()
        for code, asked in profile.checks.asked()
        if asked.asked is Asking.UNKNOWN and code != "ai_use_not_declared"
    }
    assert doubtful == {("ace360", "files_too_large_together"), ("ecordia", "files_too_large_together")}
    for profile in shipped_profiles():
        assert profile.checks.ai_use_not_declared
        assert profile.checks.ai_use_not_declared.asked is Asking.UNKNOWN


@pytest.mark.parametrize("profile", shipped_profiles(), ids=lambda profile: profile.id)
def test_every_check_has_its_source_and_every_source_a_check(profile: ksbtrack.SubmissionProfile) -> None:
    used = {profile.source_of(asked).id for _, asked in profile.checks.asked()}
    assert used <= {source.id for source in profile.sources}
    own = load_own_sources(profile.id)
    assert own <= used
    assert all(source.looked_at is None for source in profile.sources), "no day is on record for any of them"


def load_own_sources(name: str) -> set[str]:
    taken = {source.id for source in load_profile("common").sources} if name != "common" else set()
    return {source.id for source in load_profile(name).sources} - taken


def test_all_profiles_take_over_common_practice() -> None:
    common = load_profile("common").checks
    for profile in shipped_profiles():
        for code, _ in common.asked():
            assert profile.checks.of(code), (profile.id, code)


def test_an_own_profile_takes_over_changes_and_leaves_out(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(OWN, "utf-8")
    own, cmi = load_profile(tmp_path / "own.yaml"), load_profile("cmi")

    assert own.checks.recording_too_long
    assert own.checks.recording_too_long.minutes == 2
    assert own.checks.untypical_number_of_pieces is None
    assert cmi.checks.untypical_number_of_pieces
    same = set(Checks.model_fields) - {"recording_too_long", "untypical_number_of_pieces"}
    assert all(own.checks.of(code) == cmi.checks.of(code) for code in same)
    assert own.source_of(own.checks.recording_too_long).words == "A letter of the assessor; looked at on 5 January 2026"
    assert own.barred_kinds == (EvidenceKind.REFLECTIVE_ACCOUNT, EvidenceKind.SELF_ASSESSMENT)


def test_a_folder_of_own_profiles_goes_before_the_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(OWN, "utf-8")
    hiding = OWN.replace("id: own", "id: cmi").replace("extends: cmi", "extends: common").replace("letter", "note")
    (tmp_path / "cmi.yaml").write_text(hiding, "utf-8")
    assert find_profiles([tmp_path])["cmi"] == tmp_path / "cmi.yaml"
    assert load_profile("CMI", folders=[tmp_path]).title == "A profile of our own"
    assert load_profile("own", folders=[tmp_path]).checks.kind_not_taken is None
    assert load_profile("cmi").title != "A profile of our own"


def test_an_own_profile_can_extend_one_beside_it(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(OWN, "utf-8")
    second = OWN.replace("id: own", "id: second").replace("extends: cmi", "extends: own").replace("letter", "note")
    (tmp_path / "second.yaml").write_text(second.replace("minutes: 2", "minutes: 1"), "utf-8")
    found = load_profile(str(tmp_path / "second.yaml"))
    assert found.checks.recording_too_long
    assert found.checks.recording_too_long.minutes == 1
    assert found.checks.untypical_number_of_pieces is None


def test_profiles_that_extend_each_other_are_refused(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text(OWN.replace("extends: cmi", "extends: two"), "utf-8")
    (tmp_path / "two.yaml").write_text(OWN.replace("extends: cmi", "extends: one"), "utf-8")
    with pytest.raises(KsbtrackError) as raised:
        load_profile(tmp_path / "one.yaml")
    assert [problem.code for problem in raised.value.problems] == ["extends-cycle"]


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(KsbtrackError) as raised:
        find_profiles([tmp_path / "none"])
    (problem,) = raised.value.problems
    assert (problem.code, problem.expected) == ("not-a-folder", "a folder of submission profiles is wanted")


def test_the_numbers_that_a_selection_needs() -> None:
    cilip = load_profile("cilip")
    assert (cilip.fewest_pieces, cilip.most_pieces, cilip.barred_kinds) == (10, 15, ())
    assert (load_profile("bcs").fewest_pieces, load_profile("bcs").most_pieces) == (None, None)
    assert load_profile("college-guide").names.placeholders == {"surname", "forename", "uln"}
