"""Moving a portfolio to another version: nothing is lost, nothing else changes, nothing holds for other words."""

from __future__ import annotations

import difflib
import errno
import json
import shutil
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from ksbtrack.cli import main
from ksbtrack.comparison.migration import plan_migration
from ksbtrack.comparison.pairing import compare_standards
from ksbtrack.files.locking import only_writer
from ksbtrack.formats.migration import BACK_UPS, Migration, migrate_portfolio
from ksbtrack.formats.migration_json import migration_as_dict, migration_schema
from ksbtrack.formats.portfolio_folder import save_portfolio
from ksbtrack.formats.sign_off import accept_piece, confirm
from ksbtrack.formats.sign_off_log import check_log, read_log, stale_records, unmatched_records
from ksbtrack.load import load_policy, load_portfolio
from ksbtrack.load.pieces import piece_fingerprint
from ksbtrack.models.case import Case
from ksbtrack.models.migration import MigrationPlan, Outcome
from ksbtrack.models.portfolio import Claim, ClaimState, Portfolio
from ksbtrack.models.sign_off import Signed
from ksbtrack.models.standard import Standard
from ksbtrack.problems import KsbtrackError
from ksbtrack.rules.acceptance import changed_since_acceptance
from ksbtrack.rules.claims import mapped_to_another_version
from two_versions import version, yaml_of

DAY = date(2026, 11, 22)
OLD = {
    "K1": "How a lantern burns",
    "K2": "Which oil is safe on a pier",
    "S1": "Light the lantern before dusk",
    "S2": "Trim the wick of the lantern",
    "S3": "Carry the lantern along the pier",
    "S4": "Clean the glass of the lantern with care each day",
    "S5": "Write down the hours of each watch",
    "B1": "Be calm",
}
NEW = {
    "K1": "Which oil is safe on a pier",
    "K2": "How a lantern burns",
    "S1": "Light the lantern before dusk",
    "S2": "Carry the lantern along the pier",
    "S3": "Clean the glass of the lantern with soft cloth each day",
    "S4": "Write down the hours of each watch",
    "B1": "Be calm",
}
"""K1 and K2 changed places; S2 went, so that S3 to S5 moved up; what was S4 has other words too."""
HEAD = """\
# The learner's own remarks stay where they are.
learner: {name: Example Learner}
standard: EX0499@1.0   # since the spring
dates:
  start: 2025-02-03
showcase: [E01]
invented: yes
"""
E01 = """\
---
id: E01
title: "Dusk"   # the first one
kind: work_product
date: 2025-05-02
claims:
  # both were hard
  - K1   # how it burns
  - {code: S3, where: p. 2, why: I walked to the end}
  - code: S5
    where: p. 3   # the list
    state: confirmed
  - S1
acceptance: {state: submitted, on: 2025-05-05}
---
S3 and K1 show here.
"""
E02 = """\
---
id: E02
title: Wick and glass
kind: work_product
date: 2025-06-02
claims: [S2, S4, B1]
acceptance: {state: submitted, on: 2025-06-05}
---
Glass.
"""
LOG = (
    "date;hours;activity;codes\r\n2025-03-03;6;Wicks;S2 K1\r\n"
    '2025-03-04;5;"Tea; talk";\r\n2025-03-05;7;Walk;S3, EX0499:S5\r\n'
)


@pytest.fixture
def learner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a portfolio of the older version, in a folder beside both versions."""
    (tmp_path / "standards").mkdir()
    for number, statements in (("1.0", OLD), ("1.1", NEW)):
        (tmp_path / f"standards/EX0499-{number}.yaml").write_text(yaml_of(version(number, statements)), "utf-8")
    files = {"portfolio.yaml": HEAD, "evidence/E01.md": E01, "evidence/E02.md": E02, "off-the-job.csv": LOG}
    for name, text in files.items():
        path = tmp_path / "learner" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8", newline="")
    monkeypatch.chdir(tmp_path)
    return Path("learner")


def migrate(learner: Path, to: str = "EX0499@1.1", **changes: Any) -> Migration:
    given: dict[str, Any] = {"on": DAY, "folders": ["standards"]}
    return migrate_portfolio(learner, to, **(given | changes))


def plan_of(done: Migration) -> MigrationPlan:
    assert done.plan is not None
    return done.plan


def loaded(learner: Path) -> Portfolio:
    return load_portfolio(learner, folders=["standards"])


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def changed_lines(before: bytes, after: bytes) -> list[str]:
    lines = difflib.ndiff(before.decode().splitlines(), after.decode().splitlines())
    return [line for line in lines if line[0] in "+-"]


def ways(plan: MigrationPlan) -> list[tuple[str, str, str, list[str]]]:
    return [(m.piece, m.claim.code, m.outcome.value, [target.code for target in m.targets]) for m in plan.moves]


def marks(*codes: str) -> tuple[str, ...]:
    return tuple(version("1.1", NEW).by_code[code].fingerprint for code in codes)


def sign(learner: Path) -> None:
    """Have both pieces accepted, and competence confirmed on the first."""
    for piece in ("E01", "E02"):
        accept_piece(learner, piece, by="Ann Example", role="assessor", on=date(2025, 7, 1), folders=["standards"])
    confirm(
        learner,
        by="Example Manager",
        role="employer",
        job_role="Line manager",
        on=date(2025, 7, 2),
        folders=["standards"],
    )


# Each kind of change


def test_every_claim_goes_where_its_words_went(learner: Path) -> None:
    done = migrate(learner)
    assert ways(plan_of(done)) == [
        ("E01", "K1", "carried", ["K2"]),
        ("E01", "S3", "carried", ["S2"]),
        ("E01", "S5", "carried", ["S4"]),
        ("E01", "S1", "carried", ["S1"]),
        ("E02", "S2", "orphaned", []),
        ("E02", "S4", "check_again", ["S3"]),
        ("E02", "B1", "carried", ["B1"]),
    ]
    after = loaded(learner)
    assert after.standard == "EX0499@1.1"
    assert [(claim.code, claim.where, claim.why) for claim in after.by_id["E01"].claims] == [
        ("K2", None, None),
        ("S2", "p. 2", "I walked to the end"),
        ("S4", "p. 3", None),
        ("S1", None, None),
    ]
    assert after.by_id["E01"].claims[2].state is ClaimState.CONFIRMED
    (orphan,) = after.by_id["E02"].orphaned_claims
    old = version("1.0", OLD).by_code
    assert orphan == Claim(
        code="S2", made_against="EX0499@1.0", fingerprint=old["S2"].fingerprint, orphaned_in="EX0499@1.1"
    )


def test_only_what_moves_changes_in_each_file(learner: Path) -> None:
    before = contents(learner)
    done = migrate(learner)
    after = contents(learner)
    k2, s2, s4 = marks("K2", "S2", "S4")
    old = version("1.0", OLD).by_code
    assert changed_lines(before["evidence/E01.md"], after["evidence/E01.md"]) == [
        "-   - K1   # how it burns",
        "-   - {code: S3, where: p. 2, why: I walked to the end}",
        f"+   - {{code: K2, made_against: EX0499@1.1, fingerprint: {k2}}}   # how it burns",
        f"+   - {{code: S2, where: p. 2, why: I walked to the end, made_against: EX0499@1.1, fingerprint: {s2}}}",
        "-   - code: S5",
        "+   - code: S4",
        "+     made_against: EX0499@1.1",
        f"+     fingerprint: {s4}",
    ]
    assert changed_lines(before["evidence/E02.md"], after["evidence/E02.md"]) == [
        "- claims: [S2, S4, B1]",
        f"+ claims: [{{code: S2, made_against: EX0499@1.0, fingerprint: {old['S2'].fingerprint}, "
        "orphaned_in: EX0499@1.1}, "
        f"{{code: S3, made_against: EX0499@1.0, fingerprint: {old['S4'].fingerprint}}}, B1]",
    ]
    assert changed_lines(before["portfolio.yaml"], after["portfolio.yaml"]) == [
        "- standard: EX0499@1.0   # since the spring",
        "+ standard: EX0499@1.1   # since the spring",
    ]
    assert after["off-the-job.csv"].decode() == (
        "date;hours;activity;codes\r\n2025-03-03;6;Wicks (S2 of EX0499@1.0);K2\r\n"
        '2025-03-04;5;"Tea; talk";\r\n2025-03-05;7;Walk;S2 S4\r\n'
    )
    assert done.files == ("evidence/E01.md", "evidence/E02.md", "off-the-job.csv", "portfolio.yaml")


def without_lines(portfolio: Portfolio) -> Portfolio:
    """Give a portfolio without the lines on which accounts begin: where claims grow, accounts move down."""
    pieces = tuple(piece.model_copy(update={"account_line": 0}) for piece in portfolio.evidence)
    return portfolio.model_copy(update={"evidence": pieces})


def test_the_folder_loads_to_exactly_what_was_planned(learner: Path) -> None:
    planned = plan_of(migrate(learner)).after
    assert without_lines(loaded(learner)) == without_lines(planned)


def test_a_carried_claim_holds_and_another_is_to_be_checked_again(learner: Path) -> None:
    sign(learner)
    migrate(learner)
    case = Case(version("1.1", NEW), loaded(learner), load_policy(), DAY)
    assert [finding.subject for finding in mapped_to_another_version(case)] == ["E02:S3"]
    assert "S2" not in [made.competency.code for made in case.claims if made.piece.id == "E02"]


def test_the_back_up_gives_every_file_back(learner: Path) -> None:
    sign(learner)
    before = contents(learner)
    done = migrate(learner)
    assert done.back_up == learner / BACK_UPS / "EX0499-1.0-to-1.1.zip"
    with zipfile.ZipFile(done.back_up) as archive:
        assert sorted(archive.namelist()) == sorted(done.files)
        archive.extractall(learner)
    done.back_up.unlink()
    assert contents(learner) == before


def test_a_second_back_up_leaves_the_first(learner: Path) -> None:
    first = migrate(learner)
    assert first.back_up is not None
    content = first.back_up.read_bytes()
    shutil.copytree(learner, "again")
    with zipfile.ZipFile(first.back_up) as archive:
        archive.extractall(learner)
    second = migrate(learner)
    assert second.back_up == learner / BACK_UPS / "EX0499-1.0-to-1.1-2.zip"
    assert (first.back_up.read_bytes(), second.back_up.read_bytes()) == (content, content)
    assert contents(learner)["portfolio.yaml"] == contents(Path("again"))["portfolio.yaml"]


def test_a_back_up_is_no_evidence(learner: Path) -> None:
    migrate(learner)
    assert [piece.id for piece in loaded(learner).evidence] == ["E01", "E02"]


def test_migrating_twice_changes_nothing(learner: Path) -> None:
    migrate(learner)
    before = contents(learner)
    assert migrate(learner) == Migration(None, migrate(learner).standard, (), None)
    assert contents(learner) == before


def test_there_and_back_again_names_the_same_statements(learner: Path) -> None:
    """What was carried comes back; what was to be checked again holds again, since its own words are back."""
    before = loaded(learner)
    migrate(learner)
    back = plan_of(migrate(learner, "EX0499@1.0"))
    assert [move.outcome for move in back.moves] == [Outcome.CARRIED] * 6
    after = loaded(learner)
    for piece in before.evidence:
        kept = {claim.code for claim in piece.claims} - {"S2"}
        assert {claim.code for claim in after.by_id[piece.id].claims} == kept
    assert len(after.by_id["E02"].orphaned_claims) == 1


def test_a_portfolio_written_anew_keeps_its_orphans(learner: Path) -> None:
    migrate(learner)
    before = loaded(learner)
    save_portfolio(before, "copy")
    assert (
        load_portfolio("copy", folders=["standards"]).evidence[1].orphaned_claims == before.evidence[1].orphaned_claims
    )


def test_an_entry_of_the_log_that_is_too_long_loses_its_code_and_says_so(learner: Path) -> None:
    long = "Wicks " * 32
    log = LOG.replace("6;Wicks;", f"6;{long};")
    (learner / "off-the-job.csv").write_text(log, "utf-8", newline="")
    plan = plan_of(migrate(learner))
    rows = loaded(learner).off_the_job
    assert rows is not None
    assert (rows[0].activity, rows[0].codes) == (long.strip(), ("K2",))
    assert (
        "The entry of 3 March 2025 in off-the-job.csv loses S2: its words leave no room for it. The back-up has it."
    ) in plan.notes


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('date,hours,activity,codes\n2025-03-03,6,"a, b",S3\n', 'date,hours,activity,codes\n2025-03-03,6,"a, b",S2\n'),
        ("date\thours\tactivity\tcodes\n\n2025-03-03\t6\ta\tS3\n", None),
        ('date,hours,activity,codes\n2025-03-03,6,"two\nlines",S2\n2025-03-04,1,=1+1,K1\n', None),
        ("date,hours,activity\n2025-03-03,6,a\n", "date,hours,activity\n2025-03-03,6,a\n"),
        ("date,hours,activity,codes\n2025-03-03,6,a,S3", "date,hours,activity,codes\n2025-03-03,6,a,S2"),
        (
            "date,hours,activity,codes\n2025-03-03,6,a,K1 S1 K2\n",
            "date,hours,activity,codes\n2025-03-03,6,a,K2 S1 K1\n",
        ),
    ],
)
def test_a_log_of_any_layout_moves(learner: Path, before: str, after: str | None) -> None:
    (learner / "off-the-job.csv").write_text(before, "utf-8", newline="")
    planned = plan_of(migrate(learner)).after.off_the_job
    assert loaded(learner).off_the_job == planned
    if after is not None:
        assert (learner / "off-the-job.csv").read_bytes().decode() == after


# Sign-offs


def test_sign_offs_on_the_same_words_hold_and_others_are_stale(learner: Path) -> None:
    sign(learner)
    plan = plan_of(migrate(learner, by="Example Tutor"))
    assert [(move.what, move.holds, move.reason) for move in plan.sign_offs] == [
        ("E01", True, "E01 is still accepted: only version and codes changed."),
        ("E02", False, "E02 is to be looked at again by the assessor, for S2 and S4."),
        (
            "the employer's confirmation of 2 July 2025 by Example Manager",
            False,
            "The employer's confirmation of 2 July 2025 by Example Manager is to be given again.",
        ),
    ]
    after = loaded(learner)
    case = Case(version("1.1", NEW), after, load_policy(), DAY)
    assert [finding.subject for finding in changed_since_acceptance(case)] == ["E02"]
    log = read_log(learner)
    assert [entry.what for entry in log] == [Signed.ACCEPTED, Signed.ACCEPTED, Signed.CONFIRMED, Signed.MIGRATED]
    assert (log[-1].who, log[-1].day, log[-1].comment) == ("Example Tutor", DAY, "EX0499@1.0 to EX0499@1.1")
    assert check_log(learner) is None
    assert list(unmatched_records(after, log)) == []
    assert list(stale_records(after, log)) == [
        "E02 was changed after it was accepted.",
        "What the employer's confirmation of 2 July 2025 by Example Manager (competence) covers was changed since: "
        "the standard has another version, which asks for something else.",
    ]


def test_a_confirmation_holds_where_the_new_version_asks_for_nothing_else(learner: Path) -> None:
    """The newer version only drops S2 and moves the codes: what was confirmed is all that it asks for."""
    text = yaml_of(version("1.1", NEW | {"S3": OLD["S4"]}))
    Path("standards/EX0499-1.1.yaml").write_text(text, "utf-8")
    sign(learner)
    plan = plan_of(migrate(learner))
    assert [move.holds for move in plan.sign_offs] == [True, False, True]
    after = loaded(learner)
    assert list(unmatched_records(after, read_log(learner))) == []
    assert list(stale_records(after, read_log(learner))) == ["E02 was changed after it was accepted."]


def test_a_sign_off_that_was_stale_stays_stale(learner: Path) -> None:
    sign(learner)
    path = learner / "evidence/E01.md"
    path.write_text(path.read_text("utf-8").replace("show here", "show here, and there"), "utf-8")
    migrate(learner)
    case = Case(version("1.1", NEW), loaded(learner), load_policy(), DAY)
    assert [finding.subject for finding in changed_since_acceptance(case)] == ["E01", "E02"]


def test_a_portfolio_without_a_log_gets_none(learner: Path) -> None:
    migrate(learner)
    assert not (learner / "sign-off.log").exists()


def test_a_broken_log_stops_it(learner: Path) -> None:
    sign(learner)
    path = learner / "sign-off.log"
    path.write_text(path.read_text("utf-8").replace("Ann", "Bob", 1), "utf-8")
    before = contents(learner)
    with pytest.raises(KsbtrackError, match="log-broken"):
        migrate(learner)
    assert contents(learner) == before


# Pairs, splits, merges


def pairs_file(*entries: str) -> str:
    text = "older: EX0499@1.0\nnewer: EX0499@1.1\npairs:\n" + "".join(f"  - {entry}\n" for entry in entries)
    Path("pairs.yaml").write_text(text, "utf-8")
    return "pairs.yaml"


def test_a_rejected_pair_makes_orphans(learner: Path) -> None:
    pairs = pairs_file("{old: [S4], new: [S3], verdict: rejected}")
    plan = plan_of(migrate(learner, pairs=pairs))
    assert [way for way in ways(plan) if way[1] == "S4"] == [("E02", "S4", "orphaned", [])]


def test_a_confirmed_pair_still_has_its_claims_checked_again(learner: Path) -> None:
    plan = plan_of(migrate(learner, pairs=pairs_file("{old: [S4], new: [S3], verdict: confirmed}")))
    (move,) = [move for move in plan.moves if move.claim.code == "S4"]
    assert move.outcome is Outcome.CHECK_AGAIN
    assert move.reason == "It has other words and is S3 now, 85 % alike."


def test_a_split_claim_goes_to_each_part(learner: Path) -> None:
    plan = plan_of(migrate(learner, pairs=pairs_file("{old: [S3], new: [S2, S3], verdict: confirmed}")))
    assert [way for way in ways(plan) if way[1] == "S3"] == [("E01", "S3", "check_again", ["S2", "S3"])]
    after = loaded(learner)
    claims = [claim for claim in after.by_id["E01"].claims if claim.code in ("S2", "S3")]
    assert [(claim.code, claim.where, claim.why) for claim in claims] == [
        ("S2", "p. 2", "I walked to the end"),
        ("S3", "p. 2", "I walked to the end"),
    ]
    case = Case(version("1.1", NEW), after, load_policy(), DAY)
    assert {finding.subject for finding in mapped_to_another_version(case)} >= {"E01:S2", "E01:S3"}


def test_two_claims_that_become_one_leave_the_other_as_an_orphan(learner: Path) -> None:
    path = learner / "evidence/E02.md"
    path.write_text(path.read_text("utf-8").replace("[S2, S4, B1]", "[S2, S4, {code: S5, where: p. 9}]"), "utf-8")
    plan = plan_of(migrate(learner, pairs=pairs_file("{old: [S2, S4, S5], new: [S4], verdict: confirmed}")))
    assert [way for way in ways(plan) if way[0] == "E02"] == [
        ("E02", "S2", "check_again", ["S4"]),
        ("E02", "S4", "orphaned", []),
        ("E02", "S5", "check_again", ["S4"]),
    ]
    assert plan.moves[5].reason == "Another claim of E02 is on S4 at the same place already."
    assert [claim.where for claim in loaded(learner).by_id["E02"].claims] == [None, "p. 9"]


def test_an_assessors_word_on_other_words_is_taken_back_and_said(learner: Path) -> None:
    path = learner / "evidence/E02.md"
    path.write_text(path.read_text("utf-8").replace("S4,", "{code: S4, state: confirmed},"), "utf-8")
    plan = plan_of(migrate(learner))
    assert loaded(learner).by_id["E02"].claims[0].state is ClaimState.CLAIMED
    assert "An assessor had confirmed E02:S4 for other words; that is to be confirmed again." in plan.notes


def test_notes_name_codes_in_words(learner: Path) -> None:
    assert plan_of(migrate(learner)).notes == (
        "The words of E01 name S3 and K1 of EX0499@1.0, and stay as they are; in EX0499@1.1 they are S2 and K2.",
    )


# Claims that were made against something else


@pytest.mark.parametrize(
    ("written", "way"),
    [
        ("{code: S3, made_against: EX0499@0.9}", ("check_again", ["S2"])),
        ("{code: S3, fingerprint: 0123456789abcdef}", ("check_again", ["S2"])),
        ("{code: S2, made_against: EX0499@0.9}", ("orphaned", [])),
        ("{code: S2, made_against: EX0499@1.1}", ("carried", ["S2"])),
        (f"{{code: K1, fingerprint: {marks('S4')[0]}}}", ("carried", ["S4"])),
        ("EX0499:S3", ("carried", ["S2"])),
        ("EX0499@1.0:S3", ("carried", ["S2"])),
    ],
)
def test_a_claim_is_about_what_its_own_marks_say(learner: Path, written: str, way: tuple[str, list[str]]) -> None:
    path = learner / "evidence/E02.md"
    path.write_text(path.read_text("utf-8").replace("[S2, S4, B1]", f"[{written}]"), "utf-8")
    (found,) = [(outcome, codes) for piece, _, outcome, codes in ways(plan_of(migrate(learner))) if piece == "E02"]
    assert found == way
    case = Case(version("1.1", NEW), loaded(learner), load_policy(), DAY)
    unsure = [finding.subject for finding in mapped_to_another_version(case) if finding.subject.startswith("E02")]
    assert bool(unsure) == (way[0] == "check_again")


def test_a_standard_that_is_named_besides_moves_too(learner: Path) -> None:
    for number, statements in (("1.0", {"K1": "Ropes"}), ("1.1", {"K1": "Sails", "K2": "Ropes"})):
        text = yaml_of(version(number, statements, reference="EX0600"))
        Path(f"standards/EX0600-{number}.yaml").write_text(text, "utf-8")
    head = (learner / "portfolio.yaml").read_text("utf-8")
    (learner / "portfolio.yaml").write_text(head + "also: [EX0600@1.0]  # the boat\n", "utf-8")
    path = learner / "evidence/E02.md"
    path.write_text(
        path.read_text("utf-8").replace("B1]", "B1, 'EX0600:K1', EX0600@1.0:K1]").replace(", EX0600@1.0:K1", "")
    )
    done = migrate(learner, "EX0600@1.1")
    assert ways(plan_of(done)) == [("E02", "K1", "carried", ["K2"])]
    after = loaded(learner)
    assert (after.standard, after.also) == ("EX0499@1.0", ("EX0600@1.1",))
    assert [claim.code for claim in after.by_id["E02"].claims] == ["S2", "S4", "B1", "K2"]
    assert "also: [EX0600@1.1]  # the boat" in (learner / "portfolio.yaml").read_text("utf-8")


def test_another_standard_is_refused_with_a_pointer(learner: Path) -> None:
    before = contents(learner)
    with pytest.raises(KsbtrackError) as raised:
        migrate(learner, "ST0148@1.0")
    assert str(raised.value) == (
        "--to: needs-crosswalk: found ST0148@1.0; this portfolio is about EX0499@1.0, and only versions of one "
        "standard can take each other's place.\n"
        "  What a claim on EX0499 is worth in ST0148 is a judgement: a crosswalk records it (`ksbtrack crosswalk "
        "show`). Claim the other standard's statements anew, with 'also' in portfolio.yaml."
    )
    assert contents(learner) == before


def test_two_versions_in_one_portfolio_are_refused(learner: Path) -> None:
    head = (learner / "portfolio.yaml").read_text("utf-8")
    (learner / "portfolio.yaml").write_text(head + "also: [EX0499@1.1]\n", "utf-8")
    with pytest.raises(KsbtrackError) as raised:
        migrate(learner)
    assert str(raised.value) == (
        "learner/portfolio.yaml: contradiction: found two versions, EX0499@1.0 and EX0499@1.1; a portfolio is moved "
        "from one version to another.\n  Take the one out that it is not about."
    )


# Writing


def test_a_dry_run_writes_nothing_and_plans_the_same(learner: Path) -> None:
    before = contents(learner)
    dry = migrate(learner, dry_run=True)
    assert contents(learner) == before
    done = migrate(learner)
    assert (plan_of(dry).moves, dry.files, dry.back_up) == (plan_of(done).moves, done.files, None)


@pytest.mark.parametrize("stop_at", range(1, 6))
def test_a_failure_while_writing_leaves_every_file_as_it_was(
    learner: Path, stop_at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign(learner)
    before = contents(learner)
    count, replace = [0], Path.replace

    def failing(path: Path, target: Path) -> Path:
        count[0] += 1
        if count[0] == stop_at:
            raise OSError(errno.ENOSPC, "full")
        return replace(path, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", failing)
        with pytest.raises(KsbtrackError, match="cannot-write"):
            migrate(learner)
    assert contents(learner) == before
    assert not (learner / BACK_UPS).exists()


@pytest.mark.parametrize("written", range(7))
def test_a_computer_that_stops_between_two_names_leaves_nothing_that_holds_wrongly(learner: Path, written: int) -> None:
    """Whatever was written by then, moving again ends where it would have ended, and no claim holds for other words."""
    sign(learner)
    before = contents(learner)
    done = migrate(learner)
    after = contents(learner)
    for name in done.files[written:]:
        (learner / name).write_bytes(before[name])
    if written < len(done.files):
        halfway = Case(version("1.0", OLD), loaded(learner), load_policy(), DAY)
        unsure = {finding.subject for finding in mapped_to_another_version(halfway)}
        old = version("1.0", OLD).by_code
        for made in halfway.claims:
            told = made.claim.fingerprint
            assert made.subject in unsure or told in (None, old[made.competency.code].fingerprint)
    migrate(learner)
    now = contents(learner)
    assert {name: now[name] for name in ("evidence/E01.md", "evidence/E02.md", "portfolio.yaml")} == {
        name: after[name] for name in ("evidence/E01.md", "evidence/E02.md", "portfolio.yaml")
    }
    assert list(unmatched_records(loaded(learner), read_log(learner))) == []


def test_somebody_else_who_writes_is_waited_for_and_then_named(learner: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ksbtrack.files.locking.LONGEST_WAIT", 0.1)
    with only_writer(learner), pytest.raises(KsbtrackError, match="portfolio-in-use"):
        migrate(learner)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_marks_stay(learner: Path, end: str, mark: str) -> None:
    for name in ("portfolio.yaml", "evidence/E01.md", "evidence/E02.md", "off-the-job.csv"):
        text = (learner / name).read_text("utf-8").replace("\n", end)
        (learner / name).write_text(mark + text, "utf-8", newline="")
    migrate(learner)
    for name in ("portfolio.yaml", "evidence/E01.md", "evidence/E02.md", "off-the-job.csv"):
        raw = (learner / name).read_bytes().decode()
        assert raw.startswith(mark or raw[0])
        assert raw.count("\r\n") == (raw.count("\n") if end == "\r\n" else 0)


def test_the_same_input_gives_the_same_bytes(learner: Path) -> None:
    sign(learner)
    shutil.copytree(learner, "other")
    migrate(learner)
    migrate(Path("other"))
    assert contents(learner) == contents(Path("other"))


# The command


def test_the_command_shows_writes_and_ends_with_0(learner: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["migrate", "learner", "--to", "EX0499@1.1", "--standards", "standards", "--on", "2026-11-22"]
    assert main([*command, "--dry-run"]) == 0
    shown = capsys.readouterr().out
    assert "7 claims: 1 orphaned, 1 check again, 5 carried." in shown
    assert "Nothing was written. Files that would change: evidence/E01.md, evidence/E02.md" in shown
    assert main([*command, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    Draft202012Validator(migration_schema()).validate(told)
    assert (told["is_written"], told["back_up"]) == (True, "back-up/EX0499-1.0-to-1.1.zip")
    assert told["totals"] == {"claims": 7, "carried": 5, "check_again": 1, "orphaned": 1}
    assert main(command) == 0
    assert capsys.readouterr().out == "learner: on EX0499@1.1 already; nothing to do.\n"
    Draft202012Validator(migration_schema()).validate(migration_as_dict(migrate(learner)))


def test_what_is_kept_apart_is_warned_of(learner: Path, capsys: pytest.CaptureFixture[str]) -> None:
    migrate(learner)
    main(["check", "learner", "--standards", "standards", "--on", "2026-11-22", "--json"])
    told = json.loads(capsys.readouterr().out)
    warned = [finding for finding in told["findings"] if finding["rule"] == "orphaned_claim"]
    assert [(finding["subject"], finding["decides"]) for finding in warned] == [("E02", False)]


# What holds for any portfolio and any two versions

WORDS = st.sampled_from(["oil", "wick", "lamp", "light", "clean", "store", "pier", "each day"])
TEXT = st.lists(WORDS, min_size=1, max_size=5).map(" ".join)
CODES = [f"S{number}" for number in range(1, 7)]
STATEMENTS = st.dictionaries(st.sampled_from(CODES), TEXT, min_size=1, max_size=6)
CLAIM = st.fixed_dictionaries(
    {"code": st.sampled_from(CODES)},
    optional={
        "where": st.sampled_from(["p. 1", "p. 2"]),
        "why": st.sampled_from(["because", "it shows"]),
        "state": st.just("confirmed"),
        "made_against": st.sampled_from(["EX0499@1.0", "EX0499@0.9", "1.0", "EX0499@1.1"]),
        "fingerprint": st.just("0123456789abcdef"),
    },
)


def made_up_portfolio(standard: Standard, claims: list[list[dict[str, Any]]]) -> Portfolio:
    """Give a portfolio with a piece for each list of claims that the standard knows; none names a place twice."""
    pieces = []
    for number, listed in enumerate(claims, 1):
        known = {
            (claim["code"], claim.get("where")): claim | {"standard": standard.identity}
            for claim in listed
            if claim["code"] in standard.by_code
        }
        pieces.append(
            {
                "id": f"E{number}",
                "title": "A watch",
                "kind": "work_product",
                "date": "2025-05-02",
                "claims": list(known.values()),
            }
        )
    portfolio = Portfolio.model_validate(
        {
            "learner": {"name": "Example Learner"},
            "standard": standard.identity,
            "dates": {"start": "2025-02-03"},
            "evidence": pieces,
            "invented": "yes",
        }
    )
    evidence = tuple(piece.model_copy(update={"fingerprint": piece_fingerprint(piece)}) for piece in portfolio.evidence)
    accepted = tuple(
        piece.model_copy(update={"acceptance": piece.acceptance.model_copy(update={"fingerprint": piece.fingerprint})})
        for piece in evidence
    )
    return portfolio.model_copy(update={"evidence": accepted})


@given(STATEMENTS, STATEMENTS, st.lists(st.lists(CLAIM, max_size=6), max_size=3))
def test_every_claim_is_carried_to_be_checked_again_or_orphaned(
    old: dict[str, str], new: dict[str, str], claims: list[list[dict[str, Any]]]
) -> None:
    before, after = version("1.0", old), version("1.1", new)
    portfolio = made_up_portfolio(before, claims)
    plan = plan_migration(portfolio, compare_standards(before, after))
    counts = plan.counts
    assert sum(counts.values()) == sum(len(piece.claims) for piece in portfolio.evidence)
    moved = plan.after.evidence
    assert sum(len(piece.orphaned_claims) for piece in moved) == counts[Outcome.ORPHANED]
    extra = sum(len(move.targets) - 1 for move in plan.moves if move.targets)
    kept = counts[Outcome.CARRIED] + counts[Outcome.CHECK_AGAIN] + extra
    assert sum(len(piece.claims) for piece in moved) == kept
    for move in plan.moves:
        for claim in (*move.targets, *((move.kept,) if move.kept else ())):
            assert (claim.where, claim.why) == (move.claim.where, move.claim.why)
    for piece in moved:
        keys = [(claim.standard, claim.code, claim.where) for claim in piece.claims]
        assert len(set(keys)) == len(keys)


@given(STATEMENTS, STATEMENTS, st.lists(st.lists(CLAIM, max_size=6), max_size=3))
def test_a_claim_holds_afterwards_only_if_it_was_carried(
    old: dict[str, str], new: dict[str, str], claims: list[list[dict[str, Any]]]
) -> None:
    before, after = version("1.0", old), version("1.1", new)
    portfolio = made_up_portfolio(before, claims)
    plan = plan_migration(portfolio, compare_standards(before, after))
    case = Case(after, plan.after, load_policy(), DAY)
    unsure = {
        (finding.subject.split(":")[0], finding.subject.split(":")[1]) for finding in mapped_to_another_version(case)
    }
    for move in plan.moves:
        for target in move.targets:
            alone = [claim for claim in plan.after.by_id[move.piece].claims if claim.code == target.code] == [target]
            if alone:
                assert ((move.piece, target.code) in unsure) == (move.outcome is Outcome.CHECK_AGAIN)


@given(STATEMENTS, STATEMENTS, st.lists(st.lists(CLAIM, max_size=6), max_size=3))
def test_an_acceptance_holds_only_where_every_claim_was_carried(
    old: dict[str, str], new: dict[str, str], claims: list[list[dict[str, Any]]]
) -> None:
    before, after = version("1.0", old), version("1.1", new)
    portfolio = made_up_portfolio(before, claims)
    plan = plan_migration(portfolio, compare_standards(before, after))
    for piece in plan.after.evidence:
        carried = all(move.outcome is Outcome.CARRIED for move in plan.moves if move.piece == piece.id)
        assert piece.fingerprint == piece_fingerprint(piece)
        assert (piece.acceptance.fingerprint == piece.fingerprint) == carried


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(STATEMENTS, STATEMENTS, st.lists(st.lists(CLAIM, max_size=4), min_size=1, max_size=2))
def test_what_is_written_loads_to_what_was_planned(
    tmp_path: Path, old: dict[str, str], new: dict[str, str], claims: list[list[dict[str, Any]]]
) -> None:
    folder = tmp_path / f"{len(list(tmp_path.iterdir()))}"
    (folder / "standards").mkdir(parents=True)
    for number, statements in (("1.0", old), ("1.1", new)):
        path = folder / f"standards/EX0499-{number}.yaml"
        path.write_text(yaml_of(version(number, statements)), "utf-8")
    save_portfolio(made_up_portfolio(version("1.0", old), claims), folder / "learner")
    done = migrate(folder / "learner", folders=[folder / "standards"])
    after = load_portfolio(folder / "learner", folders=[folder / "standards"])
    assert without_lines(after) == without_lines(plan_of(done).after)
    again = migrate(folder / "learner", folders=[folder / "standards"])
    assert again.plan is None
