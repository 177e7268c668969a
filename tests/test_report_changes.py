"""What changed between two reports on a learner, and what made it so."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from html_pages import read_page
from ksbtrack.analysis import analyse
from ksbtrack.cli import main
from ksbtrack.comparison.analyses import analysis_changes
from ksbtrack.comparison.sides import NO_MARKS
from ksbtrack.formats.analysis_json import analysis_as_dict, analysis_schema
from ksbtrack.formats.analysis_reading import KNOWN_VERSIONS, read_reported, reported, reported_of
from ksbtrack.formats.report_changes_json import report_changes_as_dict
from ksbtrack.load import load_case, load_policy
from ksbtrack.models.analysis import Analysis
from ksbtrack.models.case import AssumedPart, Assumption, Case
from ksbtrack.models.changes import AnalysisChanges, Cause
from ksbtrack.models.policy import Dated
from ksbtrack.models.portfolio import Acceptance, AcceptanceState, Portfolio, QualificationState
from ksbtrack.models.reported import Reported
from ksbtrack.models.standard import Standard
from ksbtrack.models.statuses import Status
from ksbtrack.planning.assumptions import assuming
from ksbtrack.report.html import SECTIONS, render_html

ROOT = Path(__file__).resolve().parent.parent
TYPICAL = ROOT / "docs/examples/typical"
THEN, NOW = date(2026, 2, 27), date(2026, 3, 20)
POLICY = load_policy()
CASE = load_case(TYPICAL, THEN)
PAGE = (ROOT / "docs/changes.md").read_text("utf-8")


def changed(case: Case, before: Case = CASE) -> AnalysisChanges:
    """Give what differs between the example as it is and another question."""
    return analysis_changes(reported(analyse(before)), reported(analyse(case)), POLICY)


def with_piece(name: str, **changes: Any) -> Portfolio:
    """Give the example with one piece changed."""
    portfolio = CASE.portfolio
    pieces = [piece.model_copy(update=changes) if piece.id == name else piece for piece in portfolio.evidence]
    return portfolio.model_copy(update={"evidence": tuple(pieces)})


def causes_of(changes: AnalysisChanges, name: str) -> list[tuple[Cause, str]]:
    """Give cause and subject of what became of a requirement or statement."""
    found = [one for one in (*changes.requirements, *changes.statements) if one.difference.name == name]
    return [(cause.cause, cause.subject) for one in found for cause in one.causes]


ACCEPTED = Acceptance(state=AcceptanceState.ACCEPTED, by="Nat Example", role="Assessor", on=date(2026, 2, 20))


def test_the_same_report_has_no_changes_and_no_causes() -> None:
    changes = changed(CASE)
    assert changes.is_same
    assert (changes.causes, changes.requirements, changes.statements, changes.pieces) == ((), (), (), ())


def test_a_piece_that_was_accepted_is_named_as_the_cause() -> None:
    changes = changed(replace(CASE, portfolio=with_piece("E21", acceptance=ACCEPTED)))
    assert causes_of(changes, "K7") == [(Cause.RECORDS, "E21")]
    (piece,) = changes.pieces
    assert (piece.before, piece.after, piece.gained) == (Status.PARTLY_MET, Status.MET, ("K7",))
    assert piece.cause.text == "E21: another decision, signature or confirmation is on record."
    assert {found.cause for found in changes.causes} == {Cause.RECORDS}


def test_an_edited_piece_is_told_from_one_that_was_decided_on() -> None:
    edited = with_piece("E03", fingerprint="0" * 32, acceptance=Acceptance())
    changes = changed(replace(CASE, portfolio=edited))
    (piece,) = changes.pieces
    assert (piece.cause.cause, piece.cause.subject) == (Cause.RECORDS, "E03")
    assert piece.cause.text.startswith("E03 was changed: its facts, account, files or claims. ")
    assert piece.lost == ("K3", "S3")


def test_new_and_removed_pieces() -> None:
    portfolio = CASE.portfolio
    new = portfolio.by_id["E21"].model_copy(update={"id": "E99", "acceptance": ACCEPTED})
    gone = [piece for piece in portfolio.evidence if piece.id != "E02"]
    changes = changed(replace(CASE, portfolio=portfolio.model_copy(update={"evidence": (*gone, new)})))
    told = {piece.id: (piece.before, piece.after, piece.cause.text) for piece in changes.pieces}
    assert told["E99"] == (None, Status.MET, "E99 is new.")
    assert told["E02"] == (Status.MET, None, "E02 is not in the portfolio any more.")
    assert (Cause.RECORDS, "E99") in causes_of(changes, "K7")


def test_only_time_passed() -> None:
    changes = changed(replace(CASE, on=NOW))
    assert {found.cause for found in changes.causes} == {Cause.TIME}
    (minimum,) = changes.requirements
    assert minimum.difference.words == "Minimum duration: Not met, now Met"
    assert minimum.causes[0].text == (
        "Nothing changed between 27 February 2026 and 20 March 2026 but the day. Earliest gateway: 10 March 2026."
    )
    (statement,) = changes.statements
    assert causes_of(changes, "K10") == [(Cause.TIME, "E27")]
    assert statement.causes[0].text == (
        "E27: nothing on record changed, but the day. Before: E27 was judged on 6 March 2026, after 27 February 2026."
    )


def test_a_date_of_a_rule_that_passed_is_named() -> None:
    """From 11 February 2025 on, who was 19 or older at the start need not achieve English and maths for gateway."""
    dates = CASE.portfolio.dates.model_copy(update={"start": date(2024, 3, 4), "gateway": None})
    learner = CASE.portfolio.learner.model_copy(update={"born": date(1990, 1, 1)})
    before = replace(CASE, portfolio=CASE.portfolio.model_copy(update={"dates": dates, "learner": learner}))
    changes = changed(replace(before, on=date(2025, 3, 1)), replace(before, on=date(2025, 2, 1)))
    found = {one.difference.name: one for one in changes.requirements}
    (cause,) = [cause for cause in found["maths"].causes if cause.cause is Cause.RULE_DATE]
    assert "11 February 2025" in cause.text


def test_without_the_policy_another_source_still_tells_that_a_date_passed() -> None:
    dates = CASE.portfolio.dates.model_copy(update={"start": date(2024, 3, 4), "gateway": None})
    learner = CASE.portfolio.learner.model_copy(update={"born": date(1990, 1, 1)})
    case = replace(CASE, portfolio=CASE.portfolio.model_copy(update={"dates": dates, "learner": learner}))
    sides = [reported(analyse(replace(case, on=day))) for day in (date(2025, 2, 1), date(2025, 3, 1))]
    changes = analysis_changes(sides[0], sides[1])
    assert Cause.RULE_DATE in [cause for cause, _ in causes_of(changes, "maths")]


def test_a_record_behind_a_requirement_is_shown_with_both_values() -> None:
    log = CASE.portfolio.off_the_job or ()
    more = log[5].model_copy(update={"hours": log[5].hours + 200})
    case = replace(CASE, portfolio=CASE.portfolio.model_copy(update={"off_the_job": (*log[:5], more, *log[6:])}))
    (found,) = [one for one in changed(case).requirements if one.difference.name == "off_the_job"]
    assert found.causes[0].cause is Cause.RECORDS
    assert "ligible hours: 184.5, now 384.5" in found.causes[0].text


def test_a_date_of_the_learner_that_moved_is_said() -> None:
    dates = CASE.portfolio.dates.model_copy(update={"start": date(2024, 9, 2)})
    changes = changed(replace(CASE, portfolio=CASE.portfolio.model_copy(update={"dates": dates})))
    (found,) = [one for one in changes.requirements if one.difference.name == "minimum_duration"]
    assert found.causes[0].text.startswith("Start on record: 3 March 2025, now 2 September 2024; ")


def other_words(standard: Standard, code: str) -> Standard:
    """Give a standard in which one statement has other words."""
    groups = [
        group.model_copy(
            update={
                "statements": tuple(
                    one.model_copy(update={"text": f"{one.text}, in writing"}) if one.code == code else one
                    for one in group.statements
                )
            }
        )
        for group in standard.groups
    ]
    return standard.model_copy(update={"groups": tuple(groups)})


def test_another_version_and_its_wording_are_the_cause() -> None:
    standard = other_words(CASE.standard, "K4").model_copy(update={"version": "2.0"})
    case = replace(CASE, standard=standard, portfolio=with_piece("E14", acceptance=ACCEPTED))
    changes = changed(case)
    assert (changes.standard_before, changes.standard_after) == ("ST0148@1.0", "ST0148@2.0")
    (found,) = [one for one in changes.statements if one.difference.name == "K4"]
    assert [(cause.cause, cause.text) for cause in found.causes][:2] == [
        (Cause.STANDARD, "On ST0148@2.0, before on ST0148@1.0."),
        (Cause.STANDARD, "K4 has other words now."),
    ]


def test_a_statement_that_is_new_is_asked_for_by_the_rule_book() -> None:
    groups = [
        group.model_copy(update={"statements": tuple(one for one in group.statements if one.code != "B5")})
        for group in CASE.standard.groups
    ]
    less = CASE.standard.model_copy(update={"groups": tuple(groups)})
    changes = changed(CASE, replace(CASE, standard=less))
    (found,) = [one for one in changes.statements if one.difference.name == "B5"]
    assert (found.difference.before, found.difference.after) == (None, Status.MET)
    assert found.causes[0].text == "ST0148@1.0 asks for B5."


def test_another_policy_is_the_rule_book() -> None:
    strict = POLICY.model_copy(
        update={"version": "mine", "sufficiency": POLICY.sufficiency.model_copy(update={"pieces_per_competency": 3})}
    )
    changes = changed(replace(CASE, policy=strict))
    assert {found.cause for found in changes.causes} == {Cause.RULE_BOOK}
    assert all("another policy" in found.text for found in changes.causes)


def as_older(value: dict[str, Any]) -> dict[str, Any]:
    """Give the JSON as schema 1.1 had it: without marks."""
    older = {key: part for key, part in value.items() if key not in {"marks", "changes", "assumptions"}}
    older["pieces"] = [{key: part for key, part in one.items() if key != "mark"} for one in value["pieces"]]
    return older | {"schema_version": "1.1"}


def test_a_report_without_marks_says_that_it_cannot_tell() -> None:
    before = reported_of(as_older(analysis_as_dict(analyse(CASE))), "old.json")
    after = reported(analyse(replace(CASE, portfolio=with_piece("E21", acceptance=ACCEPTED))))
    changes = analysis_changes(before, after, POLICY)
    assert NO_MARKS in changes.pieces[0].cause.text
    assert KNOWN_VERSIONS[0] == "1.1"


def test_every_difference_has_a_cause_whatever_the_days() -> None:
    made = {day: reported(analyse(replace(CASE, on=day))) for day in days_of_the_example()}
    pairs = [(made[one], made[two]) for one in made for two in made if one <= two]
    for before, after in pairs:
        changes = analysis_changes(before, after, POLICY)
        assert all(one.causes for one in (*changes.requirements, *changes.statements))
        assert changes.is_same is not bool(changes.causes)
        causes = {found.cause for found in changes.causes}
        assert causes <= {Cause.TIME, Cause.RULE_DATE}


def days_of_the_example() -> list[date]:
    return [THEN + timedelta(days=40 * number) for number in range(-6, 7)]


@given(st.lists(st.sampled_from([piece.id for piece in CASE.portfolio.evidence]), unique=True, max_size=4))
def test_the_pieces_that_differ_are_those_that_were_touched(names: list[str]) -> None:
    pieces = [
        piece.model_copy(update={"acceptance": Acceptance()}) if piece.id in names else piece
        for piece in CASE.portfolio.evidence
    ]
    portfolio = CASE.portfolio.model_copy(update={"evidence": tuple(pieces)})
    changes = changed(replace(CASE, portfolio=portfolio))
    assert {piece.id for piece in changes.pieces} <= set(names)
    subjects = {cause.subject for one in changes.statements for cause in one.causes}
    assert subjects <= set(names)


def test_assumptions_are_said() -> None:
    accepted = Assumption("accept E12", "It is accepted.", AssumedPart.PIECE, "E12")
    after = replace(reported(analyse(replace(CASE, on=NOW))), assumptions=(accepted,))
    changes = analysis_changes(reported(analyse(CASE)), after, POLICY)
    assert report_changes_as_dict(changes)["after"]["assumptions"] == ["accept E12"]
    made = replace(analyse(replace(CASE, on=NOW)), changes=changes)
    assert "The later report only assumes: accept E12." in read_page(render_html(made)).text


def test_what_was_only_assumed_is_told_as_that() -> None:
    words = ["accept e21", "maths achieved 2026-02-20"]
    changes = changed(assuming(CASE, words))
    assert {found.cause for found in changes.causes} == {Cause.ASSUMPTION}
    assert causes_of(changes, "K7") == [(Cause.ASSUMPTION, "E21")]
    (piece,) = changes.pieces
    assert piece.cause.text == "Assumed now: 'accept e21'; before: nothing."
    (maths,) = [one for one in changes.requirements if one.difference.name == "maths"]
    (cause,) = maths.causes
    assert (cause.cause, cause.subject) == (Cause.ASSUMPTION, "maths")
    assert cause.text.startswith("Assumed now: 'maths achieved 2026-02-20'; before: nothing. Recorded: ")
    made = replace(analyse(CASE), changes=changes)
    Draft202012Validator(analysis_schema()).validate(json.loads(json.dumps(analysis_as_dict(made))))


def test_what_is_assumed_on_both_sides_is_no_cause_and_no_change_of_records() -> None:
    words = ["accept E21", "hours +6/week"]
    changes = changed(assuming(replace(CASE, on=NOW), words), assuming(CASE, words))
    assert changes.requirements
    assert {found.cause for found in changes.causes} == {Cause.TIME}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("accept E21", "ACCEPT e21"),
        ("hours + 6 a week", "hours +6/week"),
        ("gateway 2026-03-27", "gateway on 2026-03-27"),
        ("maths achieved 2026-02-20", "mathematics level 2 achieved on 2026-02-20"),
    ],
)
def test_another_writing_of_an_assumption_is_no_other_assumption(one: str, other: str) -> None:
    for before in (CASE, replace(CASE, on=NOW)):
        changes = changed(assuming(replace(CASE, on=NOW), [other]), assuming(before, [one]))
        assert Cause.ASSUMPTION not in {found.cause for found in changes.causes}
        assert changes.is_same is (before.on == NOW)
        text = read_page(render_html(replace(analyse(CASE), changes=changes))).text
        assert f"Both reports only assume: {other}." in text
        assert "can come from that alone" not in text
    assert not changed(assuming(CASE, [other]), CASE).is_assumed_alike


def test_records_that_changed_besides_an_assumption_are_told() -> None:
    edited = replace(CASE, portfolio=with_piece("E03", fingerprint="0" * 32, acceptance=Acceptance()))
    changes = changed(assuming(edited, ["accept E21"]))
    assert {piece.id: piece.cause.cause for piece in changes.pieces} == {
        "E03": Cause.RECORDS,
        "E21": Cause.ASSUMPTION,
    }
    changes = changed(assuming(edited, ["accept E03"]), replace(CASE, portfolio=with_piece("E03", claims=())))
    assert changes.pieces[0].cause.text == (
        "Assumed now: 'accept E03'; before: nothing. The records changed too, which may have a part in it."
    )


def test_an_assumed_gateway_is_the_cause_of_what_is_judged_by_it() -> None:
    dates = CASE.portfolio.dates.model_copy(update={"gateway": None})
    case = replace(CASE, on=NOW, portfolio=CASE.portfolio.model_copy(update={"dates": dates}))
    changes = changed(assuming(case, ["gateway 2026-03-05"]), case)
    assert {found.cause for found in changes.causes} == {Cause.ASSUMPTION}
    assert causes_of(changes, "K10") == [(Cause.ASSUMPTION, "E27")]
    assert (Cause.ASSUMPTION, "minimum_duration") in causes_of(changes, "minimum_duration")


def told(changes: AnalysisChanges) -> dict[str, tuple[Cause, ...]]:
    """Give the kinds of causes by requirement, statement or piece."""
    found = {one.difference.name: tuple(cause.cause for cause in one.causes) for one in changes.requirements}
    found |= {one.difference.name: tuple(cause.cause for cause in one.causes) for one in changes.statements}
    return found | {piece.id: (piece.cause.cause,) for piece in changes.pieces}


@pytest.mark.parametrize("side", ["before", "after"])
def test_what_the_day_alone_does_is_not_blamed_on_an_assumed_gateway(side: str) -> None:
    """Gateway on 27 March is after both days, so whatever was judged in between counts only because of the day."""
    cases = {"before": replace(CASE, on=date(2026, 2, 13)), "after": replace(CASE, on=date(2026, 3, 13))}
    plain = told(changed(cases["after"], cases["before"]))
    assert {"minimum_duration", "E24", "E25", "E27", "K10"} == plain.keys()
    cases[side] = assuming(cases[side], ["gateway 2026-03-27"])
    assumed = told(changed(cases["after"], cases["before"]))
    # From 13 February on gateway in March is late enough, so nothing stands otherwise there.
    assert assumed == {key: found for key, found in plain.items() if side == "after" or key != "minimum_duration"}
    assert {cause for found in assumed.values() for cause in found} == {Cause.TIME}


def test_a_gateway_assumed_in_place_of_an_earlier_one_on_record_is_the_cause() -> None:
    """What was judged after the gateway on record would not count by the day alone."""
    dates = CASE.portfolio.dates.model_copy(update={"gateway": date(2026, 2, 20)})
    portfolio = CASE.portfolio.model_copy(update={"dates": dates})
    before = replace(CASE, on=date(2026, 2, 13), portfolio=portfolio)
    changes = told(changed(assuming(replace(before, on=date(2026, 3, 13)), ["gateway 2026-03-27"]), before))
    assert changes["E27"] == changes["minimum_duration"] == (Cause.ASSUMPTION,)
    assert changes["E24"] == (Cause.TIME,)


GATEWAY_DAYS = st.dates(date(2026, 1, 20), date(2026, 4, 10))


@settings(deadline=None, max_examples=60)
@given(
    st.none() | GATEWAY_DAYS,
    st.tuples(GATEWAY_DAYS, GATEWAY_DAYS).map(sorted),
    st.lists(GATEWAY_DAYS, max_size=1),
    st.lists(GATEWAY_DAYS, max_size=1),
)
def test_what_is_said_of_the_day_alone_is_so_without_the_assumption(
    recorded: date | None, days: list[date], before: list[date], after: list[date]
) -> None:
    dates = CASE.portfolio.dates.model_copy(update={"gateway": recorded})
    portfolio = CASE.portfolio.model_copy(update={"dates": dates})
    was, now = (replace(CASE, on=day, portfolio=portfolio) for day in days)
    assumed = [[f"gateway {day}" for day in side] for side in (before, after)]
    changes = changed(assuming(now, assumed[1]), assuming(was, assumed[0]))
    named = told(changes)
    if before != after:
        by_day = {name for name, causes in named.items() if causes == (Cause.TIME,)}
        # What adds up statements hangs on all of them.
        assert by_day - {"statements"} <= told(changed(now, was)).keys()
    assert Cause.RECORDS not in {cause for causes in named.values() for cause in causes}


def test_a_record_beside_an_assumed_gateway_is_the_cause_of_what_it_changes() -> None:
    case = replace(CASE, on=date(2026, 3, 13))
    records = case.portfolio.records
    held = tuple(
        one.model_copy(update={"state": QualificationState.ACHIEVED, "awarded": date(2026, 3, 10)})
        if one.subject == "maths"
        else one
        for one in records.qualifications
    )
    made = records.model_copy(update={"qualifications": held})
    after = replace(case, portfolio=case.portfolio.model_copy(update={"records": made}))
    changes = changed(assuming(after, ["gateway 2026-03-27"]), case)
    (maths,) = [one for one in changes.requirements if one.difference.name == "maths"]
    (cause,) = maths.causes
    assert (cause.cause, cause.subject) == (Cause.RECORDS, "maths")
    assert cause.text.startswith("Recorded: Functional Skills mathematics, level 2, being worked towards, now ")
    assert cause.text.endswith(" Another gateway is assumed too, which may have a part in it.")


ASSUMABLE = (
    "accept E21",
    "accept E22",
    "confirm E14",
    "hours +6/week",
    "hours +40/week",
    "maths achieved 2026-02-20",
    "english level 1 achieved 2024-01-01",
    "gateway 2026-02-20",
    "gateway 2025-03-20",
    "gateway 2026-06-01",
    "break 2025-06-02 to 2025-11-28",
)


def agreeing(words: list[str]) -> list[str]:
    """Give assumptions without those that contradict an earlier one."""
    return list({word.partition(" ")[0] if word[0] in "hg" else word: word for word in words}.values())


@settings(deadline=None, max_examples=40)
@given(*(st.lists(st.sampled_from(ASSUMABLE), unique=True, max_size=3).map(agreeing) for _ in range(2)))
def test_of_the_same_records_on_the_same_day_only_assumptions_differ(before: list[str], after: list[str]) -> None:
    """Or a rule of which another value holds by the gateway day that was assumed."""
    case = replace(CASE, on=NOW)
    changes = changed(assuming(case, after), assuming(case, before))
    assert all(one.causes for one in (*changes.requirements, *changes.statements))
    assert {found.cause for found in changes.causes} <= {Cause.ASSUMPTION, Cause.RULE_DATE}


def with_rules(value: Reported, **changes: Any) -> Reported:
    """Give a report that was judged by another program or policy."""
    assert value.marks is not None
    return replace(value, marks=replace(value.marks, rules=replace(value.marks.rules, **changes)))


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ({"program": "99.0"}, "Judged by version 99.0 of ksbtrack, which may have a part in it."),
        ({"policy": "another"}, "Judged by another policy, which may have a part in it."),
    ],
)
def test_where_the_day_explains_it_other_rules_are_a_possibility_and_not_the_cause(
    rules: dict[str, str], said: str
) -> None:
    later = with_rules(reported(analyse(replace(CASE, on=NOW))), **rules)
    changes = analysis_changes(reported(analyse(CASE)), later, POLICY)
    assert {found.cause for found in changes.causes} == {Cause.TIME}
    assert len(changes.causes) == 2
    assert all(found.text.endswith(f" {said}") for found in changes.causes)


def test_where_no_day_explains_it_other_rules_are_the_cause() -> None:
    moved = reported(analyse(replace(CASE, on=NOW)))
    statement = replace(moved.statements["K1"], status=Status.NOT_MET)
    later = with_rules(replace(moved, statements={**moved.statements, "K1": statement}), program="99.0")
    changes = analysis_changes(reported(analyse(CASE)), later, POLICY)
    (found,) = [one for one in changes.statements if one.difference.name == "K1"]
    assert [(cause.cause, cause.text) for cause in found.causes] == [
        (
            Cause.RULE_BOOK,
            "Judged by version 99.0 of ksbtrack; nothing on record changed; the day is another one too.",
        )
    ]


def test_what_decides_nothing_in_a_policy_is_not_in_its_mark() -> None:
    """Titles, facts, notes and estimates for plans; each value that decides is."""
    before = analysis_as_dict(analyse(CASE))["marks"]["policy"]
    rule = POLICY.off_the_job_percent
    noted = rule.values[0].model_copy(update={"note": "Looked up again."})
    same = POLICY.model_copy(
        update={
            "title": "Ours",
            "version": "2",
            "facts": (),
            "planning": POLICY.planning.model_copy(update={"statements_per_piece": 4}),
            "off_the_job_percent": rule.model_copy(update={"title": "Training", "values": (noted, *rule.values[1:])}),
        }
    )
    assert same != POLICY
    assert analysis_as_dict(analyse(replace(CASE, policy=same)))["marks"]["policy"] == before
    other = [
        POLICY.model_copy(update={"sufficiency": POLICY.sufficiency.model_copy(update={"pieces_per_competency": 3})})
    ]
    for name in type(POLICY).model_fields:
        dated = getattr(POLICY, name)
        if isinstance(dated, Dated):
            moved = dated.values[0].model_copy(update={"until": date(2030, 1, 1)})
            values = {"values": (moved, *dated.values[1:])}
            other.append(POLICY.model_copy(update={name: dated.model_copy(update=values)}))
    marks = [analysis_as_dict(analyse(replace(CASE, policy=policy)))["marks"]["policy"] for policy in other]
    assert len({before, *marks}) == len(other) + 1


def test_what_a_rule_did_not_look_at_any_more_is_no_change_of_records() -> None:
    """Whoever holds the qualification is not asked for the age at the start."""
    records = CASE.portfolio.records
    held = tuple(
        one.model_copy(update={"state": QualificationState.ACHIEVED, "awarded": date(2026, 2, 20)})
        if one.subject == "maths"
        else one
        for one in records.qualifications
    )
    portfolio = CASE.portfolio.model_copy(update={"records": records.model_copy(update={"qualifications": held})})
    (found,) = changed(replace(CASE, portfolio=portfolio)).requirements
    (cause,) = found.causes
    assert cause.cause is Cause.RECORDS
    assert cause.text.startswith("Recorded: ")
    assert "age at start" not in cause.text
    assert "gateway" not in cause.text


# The report and the commands


def with_changes(day: date = NOW) -> Analysis:
    case = replace(CASE, on=day)
    return replace(analyse(case), changes=changed(case))


def test_the_report_has_the_section_only_where_an_earlier_one_is_given() -> None:
    names = [section.name for section in SECTIONS]
    assert names.index("hours") < names.index("changes") < names.index("signoffs")
    plain = read_page(render_html(analyse(CASE)))
    assert "Changes since the last report" not in plain.text
    section = read_page(render_html(with_changes())).by_id("changes")
    assert section.all("h2")[0].text == "7. Changes since the last report"
    assert "Minimum duration" in section.text
    assert "Only time passed." in section.text
    assert [table.all("th")[0].text for table in section.all("table")] == ["Requirement", "Code", "Piece"]


def test_the_section_says_that_nothing_differs() -> None:
    section = read_page(render_html(with_changes(THEN))).by_id("changes")
    assert "Nothing stands otherwise. The decision is still: Not ready." in section.text
    assert section.all("table") == []


def test_the_json_follows_the_schema() -> None:
    made = json.loads(json.dumps(analysis_as_dict(with_changes())))
    Draft202012Validator(analysis_schema()).validate(made)
    assert made["changes"]["causes"][0]["cause"] == "time"
    assert analysis_as_dict(analyse(CASE))["changes"] is None


@pytest.fixture
def reports(tmp_path: Path) -> Callable[[str, str], Path]:
    def write(name: str, day: str, *more: str) -> Path:
        path = tmp_path / name
        assert main(["report", str(TYPICAL), "--on", day, "-o", str(path), *more]) == 0
        return path

    return write


def test_the_commands(reports: Any, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = reports("old.json", "2026-02-27"), reports("new.json", "2026-03-20")
    assert main(["changes", str(old), str(old)]) == 0
    assert "Nothing stands otherwise." in capsys.readouterr().out
    assert main(["changes", str(old), str(new)]) == 1
    out = capsys.readouterr().out
    assert "20 March 2026" in out
    assert "E27 now counts for K10." in out
    assert main(["changes", str(old), str(new), "--json"]) == 1
    printed = json.loads(capsys.readouterr().out)
    with_since = reports("since.json", "2026-03-20", "--since", str(old))
    assert json.loads(with_since.read_text())["changes"] == printed["changes"]
    assert main(["changes", str(new), str(old)]) == 2
    assert "reports-reversed" in capsys.readouterr().err
    assert read_reported(with_since) == read_reported(new)


def test_two_runs_over_a_cohort(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number, day in enumerate(("2026-02-27", "2026-03-20")):
        assert main(["cohort", str(ROOT / "docs/examples"), "--on", day, "-o", str(tmp_path / f"run{number}")]) == 0
    capsys.readouterr()
    runs = [str(tmp_path / "run0"), str(tmp_path / "run1" / "cohort.json")]
    assert main(["changes", *runs]) == 1
    assert "Jamie Example" in capsys.readouterr().out
    assert main(["changes", runs[0], runs[0], "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["changes"] == []
    report = tmp_path / "one.json"
    assert main(["report", str(TYPICAL), "--on", "2026-02-27", "-o", str(report)]) == 0
    assert main(["changes", str(report), runs[1]]) == 64
    assert "name two of a kind" in capsys.readouterr().err


def test_files_that_are_no_reports(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = str(tmp_path / "none.json")
    assert main(["changes", missing, missing]) == 2
    assert "missing-file" in capsys.readouterr().err
    cut = tmp_path / "cut.json"
    cut.write_text('{"schema_version": "1.2", "decision": "rea')
    assert main(["changes", str(cut), str(cut)]) == 2
    assert "bad-json" in capsys.readouterr().err
    deep = tmp_path / "deep.json"
    deep.write_text("[" * 10_000)
    assert main(["changes", str(deep), str(deep)]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_no_private_fact_gets_into_the_marks() -> None:
    """The learner number decides nothing; of the day of birth only the age at the start decides."""
    learner = CASE.portfolio.learner
    marks = []
    for changes in ({}, {"uln": "1234567890"}, {"born": learner.born + timedelta(days=1) if learner.born else None}):
        portfolio = CASE.portfolio.model_copy(update={"learner": learner.model_copy(update=changes)})
        marks.append(analysis_as_dict(analyse(replace(CASE, portfolio=portfolio)))["marks"])
    assert marks[0] == marks[1] == marks[2]


def test_the_page_names_every_cause() -> None:
    assert re.findall(r"^\| ([A-Z][a-z' ]+) \|", PAGE, re.MULTILINE) == [cause.words for cause in Cause]
