"""A plan and its days: a gateway that is past, waiting that is too long, what is signed last, and hours a week."""

from __future__ import annotations

import dataclasses
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from case_text import case_from
from doing import done
from ksbtrack import analyse, assuming, load_case, make_plan
from ksbtrack.models.analysis import Action, Decision, Status
from ksbtrack.models.case import Case
from ksbtrack.models.planning import Plan, PlanStep
from ksbtrack.models.portfolio import AcceptanceState, Break, LoggedHours
from ksbtrack.models.standard import EvidenceKind

EXAMPLES = Path(__file__).resolve().parent.parent / "docs" / "examples"
ON = date(2026, 3, 13)


def typical(*, showcase: tuple[str, ...] | None = None, **dates: Any) -> Case:
    case = load_case(EXAMPLES / "typical", ON)
    portfolio = case.portfolio.model_copy(update={"dates": case.portfolio.dates.model_copy(update=dates)})
    if showcase is not None:
        portfolio = portfolio.model_copy(update={"showcase": showcase})
    return dataclasses.replace(case, portfolio=portfolio)


def step_of(plan: Plan, name: str) -> PlanStep:
    return next(step for step in plan.steps if step.name == name)


def decisions(case: Case, plan: Plan) -> list[Decision]:
    """Give the decision once each step is done, all of them on the day of the case."""
    found = []
    for step in plan.steps:
        for remedy in step.remedies:
            case = done(case, remedy)
        found.append(analyse(case).decision)
    return found


def test_where_gateway_is_past_a_later_one_is_agreed_first_and_the_plan_leads_to_ready() -> None:
    case = typical(gateway=date(2026, 3, 12))
    plan = make_plan(case)
    first = plan.steps[0]
    assert first.name == "gateway"
    assert first.text == (
        "Agree a gateway for a day after all that follows with your employer and provider, and record it: what is "
        "dated after the one on record, 12 March 2026, does not count for that one."
    )
    assert set(first.helps) >= {"K4", "K7", "maths", "off_the_job"}
    assert all(step.start_by is None for step in plan.steps)
    assert plan.decision is Decision.READY
    assert decisions(case, plan) == [step.decision for step in plan.steps]


def test_what_was_done_after_gateway_is_closed_by_a_later_one_alone() -> None:
    before = load_case(EXAMPLES / "ready", date(2024, 9, 20))
    case = case_from({"learner": {"gateway": "2024-10-01", "confirmations": {"employer": {"on": "2024-10-20"}}}})
    assert analyse(before).decision is Decision.READY
    plan = make_plan(case)
    assert {step.name: step.closes for step in plan.steps} == {
        "gateway": ("confirmations",),
        # Nothing is logged after the gateway on record, so a later one asks for that too.
        "active_learning": ("active_learning",),
    }
    assert {gap.subject: gap.is_closed for gap in plan.gaps} == {"confirmations": True, "active_learning": True}
    assert decisions(case, plan) == [Decision.NOT_READY, Decision.READY]


def test_records_that_are_put_right_need_no_later_gateway() -> None:
    case = case_from({"learner": {"gateway": "2024-10-01", "qualifications": {"maths": {"awarded": "none"}}}})
    plan = make_plan(case)
    assert [step.remedies[0].action for step in plan.steps] == [Action.RECORD_FACT]
    assert plan.analysis.case.portfolio.dates.gateway == date(2024, 10, 1)


def test_too_little_time_for_a_later_gateway_leaves_open_what_would_need_it() -> None:
    plan = make_plan(typical(gateway=date(2026, 3, 12)), by=ON + timedelta(days=6))
    assert plan.steps == ()
    assert {gap.open_because for gap in plan.gaps if gap.subject in ("K4", "K7")} == {
        "Gateway on 12 March 2026 is past: what is dated after it does not count."
    }


def test_a_day_after_gateway_is_planned_with_a_later_one_where_that_closes_more() -> None:
    """E14 takes 28 days, and 14 are left until gateway."""
    case = typical(gateway=date(2026, 3, 27))
    plan = make_plan(case, by=date(2026, 6, 26))
    assert plan.steps[0].text.startswith("Agree a gateway for 26 June 2026 or later")
    assert "K4" in {gap.subject for gap in plan.closed}
    assert plan.analysis.case.gateway == date(2026, 6, 26)
    alone = make_plan(case, by=date(2026, 3, 27))
    (k4,) = (gap for gap in alone.gaps if gap.subject == "K4")
    assert k4.open_because == (
        "There is no time for it: 14 days of learning are left until 27 March 2026, and whoever confirms signs at the "
        "end."
    )


def test_gateway_cannot_be_waited_for_beyond_the_day_by_which_all_is_to_be_done() -> None:
    case = load_case(EXAMPLES / "ready", date(2024, 9, 1))
    portfolio = case.portfolio.model_copy(
        update={"dates": case.portfolio.dates.model_copy(update={"gateway": None, "planned_gateway": None})}
    )
    case = dataclasses.replace(case, portfolio=portfolio)
    plan = make_plan(case, by=date(2024, 9, 8))
    assert plan.decision is Decision.NOT_READY
    assert [(gap.subject, gap.open_because) for gap in plan.left] == [
        ("minimum_duration", "It is not possible before 10 September 2024.")
    ]
    assert not any(remedy.action is Action.WAIT_UNTIL for step in plan.steps for remedy in step.remedies)
    later = make_plan(case, by=date(2024, 9, 10) + timedelta(days=7))
    assert later.decision is Decision.READY


def early_gateway(on: date) -> Case:
    """Give an example whose gateway on record is before the end of the minimum duration on 10 September 2024."""
    case = load_case(EXAMPLES / "ready", on)
    dates = case.portfolio.dates.model_copy(update={"gateway": date(2024, 6, 20), "planned_gateway": date(2024, 6, 20)})
    return dataclasses.replace(case, portfolio=case.portfolio.model_copy(update={"dates": dates}))


def test_a_gateway_on_record_that_is_not_possible_yet_is_agreed_for_a_later_day_first() -> None:
    case = early_gateway(date(2024, 6, 1))
    plan = make_plan(case)
    assert [step.name for step in plan.steps[:2]] == ["gateway", "minimum_duration"]
    assert plan.steps[0].text == (
        "Agree a gateway for 10 September 2024 or later with your employer and provider, and record it: the one on "
        "record, 20 June 2024, is too early."
    )
    assert plan.steps[0].helps[0] == "minimum_duration"
    assert plan.steps[0].closes == ()
    assert decisions(case, plan)[-1] is plan.decision is Decision.READY
    signed = [step for step in plan.steps if step.remedies[0].action is Action.GET_CONFIRMATION]
    assert {step.start_by for step in signed} == {date(2024, 9, 3)}


def test_too_little_time_to_agree_a_gateway_that_is_possible_leaves_the_one_on_record() -> None:
    case = early_gateway(date(2024, 6, 19))
    dates = case.portfolio.dates.model_copy(update={"gateway": date(2024, 9, 8)})
    case = dataclasses.replace(case, on=date(2024, 9, 5), portfolio=case.portfolio.model_copy(update={"dates": dates}))
    late = make_plan(case, by=date(2024, 9, 11))
    assert not {"gateway", "minimum_duration"} & {step.name for step in late.steps}
    (left,) = (gap for gap in late.left if gap.subject == "minimum_duration")
    assert left.open_because == "It is not possible before 10 September 2024."
    assert make_plan(case, by=date(2024, 9, 12)).steps[0].name == "gateway"


def test_the_latest_safe_day_leaves_time_for_what_is_signed_afterwards() -> None:
    """E12 takes 21 days, and those who confirm sign in the week after it is done."""
    gateway = date(2026, 9, 25)
    plan = make_plan(typical(showcase=("E06", "E12"), planned_gateway=gateway))
    piece, signed = step_of(plan, "E12"), [step for step in plan.steps if step.remedies[0].action == "get_confirmation"]
    assert (piece.work.days, {step.work.days for step in signed}) == (21, {7})
    assert {step.start_by for step in signed} == {gateway - timedelta(days=7)}
    assert piece.start_by == gateway - timedelta(days=28) == date(2026, 8, 28)
    maths = step_of(plan, "maths")
    assert maths.start_by == gateway - timedelta(days=maths.work.days)


@pytest.mark.parametrize(("on", "by"), [(date(2025, 6, 1), date(2025, 8, 15)), (ON, date(2026, 10, 30))])
def test_with_a_day_to_be_done_by_the_latest_safe_day_leads_to_that_one(on: date, by: date) -> None:
    """Gateway is planned for 27 March 2026: after the one day, and before the other."""
    plan = make_plan(load_case(EXAMPLES / "typical", on), by=by)
    maths = step_of(plan, "maths")
    assert maths.start_by == by - timedelta(days=56)
    assert all(on <= step.start_by <= by for step in plan.steps if step.start_by)


def test_a_gateway_on_record_before_the_day_to_be_done_by_is_what_the_safe_day_leads_to() -> None:
    gateway = date(2026, 6, 26)
    alone = make_plan(typical(gateway=gateway), by=gateway)
    beyond = make_plan(typical(gateway=gateway), by=date(2026, 7, 3))
    assert {step.name for step in beyond.steps} == {step.name for step in alone.steps}
    assert step_of(beyond, "maths").start_by == step_of(alone, "maths").start_by == gateway - timedelta(days=56)


def test_where_gateway_is_waited_for_the_latest_safe_day_leads_to_the_first_possible_one() -> None:
    case = load_case(EXAMPLES / "ready", date(2024, 6, 1))
    dates = case.portfolio.dates.model_copy(update={"gateway": None, "planned_gateway": date(2024, 6, 20)})
    plan = make_plan(dataclasses.replace(case, portfolio=case.portfolio.model_copy(update={"dates": dates})))
    signed = [step for step in plan.steps if step.remedies[0].action is Action.GET_CONFIRMATION]
    assert {step.start_by for step in signed} == {date(2024, 9, 10) - timedelta(days=7)}


@pytest.mark.parametrize(("days", "is_closed"), [(27, False), (28, True)])
def test_a_piece_and_the_signatures_after_it_have_to_fit_into_the_time_together(days: int, is_closed: bool) -> None:
    plan = make_plan(typical(showcase=("E06", "E12")), by=ON + timedelta(days=days))
    assert ("S8" in {gap.subject for gap in plan.closed}) is is_closed


def test_hours_say_where_the_pace_is_too_slow_for_them() -> None:
    case = typical()
    step = step_of(make_plan(case), "off_the_job")
    assert step.note == (
        "At 3.6 hours a week they are never enough, since a later gateway asks for more; by 27 March 2026 it takes "
        "69.5 hours a week, more than the 35 of a working week."
    )
    assert [other.note for other in make_plan(case).steps if other.name != "off_the_job"] == [""] * 8
    assert is_met_after(case, Decimal("69.5"), date(2026, 3, 27))
    assert not is_met_after(case, Decimal("69.0"), date(2026, 3, 27))


def test_hours_that_are_enough_later_than_planned_say_when() -> None:
    case = assuming(typical(), ["hours +20/week"])
    step = step_of(make_plan(case), "off_the_job")
    assert step.work.days == 45
    assert step.note.startswith(
        "At 20 hours a week they are enough on 22 May 2026 only, since a later gateway asks for more; by 27 March 2026"
    )
    assert is_met_after(typical(), Decimal(20), date(2026, 5, 22))
    assert not is_met_after(typical(), Decimal(20), date(2026, 5, 15))
    at_ease = assuming(typical(planned_gateway=date(2026, 5, 22)), ["hours +20/week"])
    assert step_of(make_plan(at_ease), "off_the_job").note == ""
    open_day = assuming(typical(planned_gateway=None), ["hours +20/week"])
    assert step_of(make_plan(open_day), "off_the_job").note == (
        "At 20 hours a week they are enough on 22 May 2026 only, since a later gateway asks for more."
    )


def is_met_after(case: Case, hours: Decimal, day: date) -> bool:
    """Say whether the hours are enough on a day with so many in each week up to it."""
    rows = [
        LoggedHours(date=ON + timedelta(days=back), hours=hours, activity="Training")
        for back in range(7, (day - ON).days + 1, 7)
    ]
    log = (*(case.portfolio.off_the_job or ()), *rows)
    later = dataclasses.replace(case, on=day, portfolio=case.portfolio.model_copy(update={"off_the_job": log}))
    (found,) = (verdict for verdict in analyse(later).requirements if verdict.id == "off_the_job")
    return found.status is Status.MET


def test_assumed_hours_are_there_on_the_day_for_which_the_plan_is_made() -> None:
    case, day = assuming(typical(), ["hours +20/week"]), date(2026, 6, 26)
    plan = make_plan(case, by=day)
    asked_then = assuming(load_case(EXAMPLES / "typical", day), ["hours +20/week"])
    assert plan.analysis.case.portfolio.off_the_job == asked_then.portfolio.off_the_job
    assert plan.analysis.case.assumptions == asked_then.assumptions
    assert "off_the_job" not in {gap.subject for gap in plan.gaps}
    assert plan.decision is Decision.READY
    (left,) = make_plan(typical(), by=day).left
    assert (left.subject, left.open_because) == (
        "off_the_job",
        "There is no time for it: 105 days of learning are left until 26 June 2026. At 3.6 hours a week they are never "
        "enough, since a later gateway asks for more; by 26 June 2026 it takes 14.5 hours a week.",
    )
    assert is_met_after(typical(), Decimal("14.5"), day)
    assert not is_met_after(typical(), Decimal("14.4"), day)


def with_more_hours(assumed: str) -> Case:
    """Give the typical example with 147 more hours, which are enough on the day, and fewer assumed than it takes."""
    case = typical()
    rows = [LoggedHours(date=date(2026, 2, day), hours=Decimal(7), activity="Training") for day in range(1, 22)]
    log = (*(case.portfolio.off_the_job or ()), *rows)
    portfolio = case.portfolio.model_copy(update={"off_the_job": log})
    return assuming(dataclasses.replace(case, portfolio=portfolio), [assumed])


def test_no_more_hours_are_planned_in_weeks_whose_hours_are_assumed() -> None:
    day = date(2026, 5, 15)
    plan = make_plan(with_more_hours("hours +2/week"), by=day)
    assert "off_the_job" not in {step.name for step in plan.steps}
    assert [(gap.subject, gap.open_because) for gap in plan.left] == [
        (
            "off_the_job",
            "There is no time for it: 63 days of learning are left until 15 May 2026. At 2 hours a week they are "
            "enough on 20 March 2026 and no longer on 15 May 2026, since a later gateway asks for more; by 15 May 2026 "
            "it takes 3.8 hours a week.",
        )
    ]
    assert make_plan(with_more_hours("hours +3.8/week"), by=day).decision is Decision.READY
    assert make_plan(with_more_hours("hours +3.7/week"), by=day).decision is Decision.NOT_READY


def test_hours_that_were_enough_once_say_so_where_a_later_day_asks_for_more() -> None:
    (left,) = make_plan(with_more_hours("hours +2/week"), by=date(2026, 6, 27)).left
    assert left.open_because == (
        "There is no time for it: 106 days of learning are left until 27 June 2026. At 2 hours a week they are enough "
        "on 20 March 2026 and no longer on 27 June 2026, since a later gateway asks for more; by 27 June 2026 it takes "
        "4.8 hours a week."
    )
    assert not make_plan(with_more_hours("hours +4.8/week"), by=date(2026, 6, 27)).left
    assert make_plan(with_more_hours("hours +4.7/week"), by=date(2026, 6, 27)).left


def test_missing_hours_have_no_day_to_begin_where_a_plan_that_waits_counts_those_assumed() -> None:
    early = load_case(EXAMPLES / "typical", date(2025, 12, 1))
    step = step_of(make_plan(assuming(early, ["hours +2/week"])), "off_the_job")
    assert step.start_by is None
    assert step.note.endswith("by 27 March 2026 it takes 11.5 hours a week.")


def test_hours_begin_on_no_day_before_learning_began() -> None:
    """At 3.6 hours a week, 367 hours take longer than from the start on 3 March 2025 to gateway."""
    plan = make_plan(assuming(typical(), ["gateway 2026-12-18"]))
    assert step_of(plan, "off_the_job").start_by is None
    assert step_of(plan, "maths").start_by == date(2026, 12, 18) - timedelta(days=56)


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        ("6.5", "At 6.5 hours a week they are not enough within three years of learning, since"),
        ("5", "At 5 hours a week they are never enough, since"),
        ("10", "At 10 hours a week they are enough on 23 October 2026 only, since"),
    ],
)
def test_never_is_said_only_where_no_time_is_long_enough(hours: str, said: str) -> None:
    """For a start before August 2025 each week of the period asks for 6 hours, so 6.5 hours a week get there late."""
    case = assuming(typical(), [f"hours +{hours}/week"])
    assert step_of(make_plan(case), "off_the_job").note.startswith(said)
    assert is_met_after(typical(), Decimal(10), date(2026, 10, 23))
    assert not is_met_after(typical(), Decimal(10), date(2026, 10, 16))


def test_learning_to_come_is_gone_on_with_and_learning_that_took_place_is_logged() -> None:
    """The log ends on 11 March 2026, and nothing is in it from 16 July to 10 September 2025."""
    looked_up = step_of(make_plan(typical()), "active_learning")
    both = step_of(make_plan(typical(), by=date(2026, 6, 26)), "active_learning")
    assert both.text == f"{looked_up.text} Go on learning until 26 June 2026, and log it at least every 4 weeks."
    early = make_plan(load_case(EXAMPLES / "typical", date(2025, 6, 1)), by=date(2025, 8, 15))
    to_come = step_of(early, "active_learning")
    assert to_come.text == "Go on learning until 15 August 2025, and log it at least every 4 weeks."
    assert (looked_up.start_by, both.start_by, to_come.start_by) == (date(2026, 3, 13), None, None)


def test_a_gap_that_is_too_long_already_is_logged_up_to_the_day_asked_about() -> None:
    plan = make_plan(load_case(EXAMPLES / "typical", date(2025, 8, 20)), by=date(2025, 9, 9))
    assert step_of(plan, "active_learning").text == (
        "Log the learning that took place between 16 July 2025 and 20 August 2025, or record a break in learning if "
        "there was none. Go on learning until 9 September 2025, and log it at least every 4 weeks."
    )


def test_a_break_without_an_end_is_where_hours_end() -> None:
    case = typical(breaks=(Break(start=date(2026, 4, 1)),))
    assert step_of(make_plan(case), "off_the_job").note.startswith(
        "At 3.6 hours a week they are not enough before the break in learning from 1 April 2026 on, which has no end "
        "yet, since a later gateway asks for more; by 27 March 2026 it takes"
    )


def test_assumed_hours_go_on_where_the_plan_waits_for_gateway() -> None:
    early = load_case(EXAMPLES / "typical", date(2025, 12, 1))
    plan = make_plan(assuming(early, ["hours +20/week"]))
    asked_then = assuming(dataclasses.replace(early, on=plan.analysis.case.on), ["hours +20/week"])
    assert plan.analysis.case.on > early.on
    assert plan.analysis.case.portfolio.off_the_job == asked_then.portfolio.off_the_job


def test_with_one_piece_to_make_a_new_one_is_weighed_too() -> None:
    """Each of four drafts is for one statement; a new piece from the job is for several of them."""
    case = typical()
    piece = case.portfolio.by_id["E21"]
    codes = ("K1", "K2", "K3", "S1")
    alone = [
        piece.model_copy(
            update={
                "id": f"P{code}",
                "claims": (piece.claims[0].model_copy(update={"code": code}),),
                "acceptance": piece.acceptance.model_copy(update={"state": AcceptanceState.DRAFT}),
            }
        )
        for code in codes
    ]
    rest = [
        other.model_copy(update={"claims": tuple(claim for claim in other.claims if claim.code not in codes)})
        for other in case.portfolio.evidence
    ]
    case = dataclasses.replace(case, portfolio=case.portfolio.model_copy(update={"evidence": (*rest, *alone)}))
    plan = make_plan(case, most_pieces=1)
    (made,) = (step for step in plan.steps if step.is_piece)
    assert made.duty
    assert len(set(made.helps) & set(codes)) > 1
    assert not any(step.duty and set(step.helps) & set(codes) for step in make_plan(case).steps)


def test_a_gap_that_others_were_preferred_to_does_not_ask_for_more_pieces() -> None:
    plan = make_plan(typical(), most_pieces=1)
    said = {gap.open_because for gap in plan.left if gap.is_statement}
    assert said == {"The 1 piece that may be made or mended goes to other gaps, or it needs more."}
    none = make_plan(typical(), most_pieces=0)
    assert {gap.open_because for gap in none.left if gap.is_statement} == {"No piece may be made or mended."}


@pytest.mark.parametrize(
    ("kind", "signed"),
    [
        ("observation_record", "an observation record, signed and dated by your assessor and you,"),
        ("witness_testimony", "a witness testimony, signed and dated by the witness,"),
    ],
)
def test_where_all_other_kinds_are_barred_somebody_else_writes_the_new_piece(kind: str, signed: str) -> None:
    barred = [other.value for other in EvidenceKind if other.value != kind]
    case = case_from({"policy": {"barred_kinds": barred}, "learner": {"showcase": []}})
    plan = make_plan(case)
    (step,) = (step for step in plan.steps if "K1" in step.helps)
    assert signed in step.text
    assert not [gap for gap in plan.left if gap.is_statement]
    assert "K1" not in open_after(case, plan)


def open_after(case: Case, plan: Plan) -> set[str]:
    for step in plan.steps:
        for remedy in step.remedies:
            case = done(case, remedy)
    return {verdict.code for verdict in analyse(case).competencies if not verdict.status.holds}


def test_the_note_about_the_job_fits_what_is_on_record() -> None:
    case = typical()
    assert not [note for note in make_plan(case).notes if "job" in note]
    named = dataclasses.replace(case, portfolio=case.portfolio.model_copy(update={"work": None}))
    assert f"No crosswalk leads from XS10a to {case.standard.identity}." in make_plan(named).notes
    assert case.portfolio.work is not None
    work = case.portfolio.work.model_copy(update={"standard": "ST0148@0.9"})
    other = dataclasses.replace(case, portfolio=case.portfolio.model_copy(update={"work": work}))
    assert "The job on record leads to ST0148@0.9, not to ST0148@1.0." in make_plan(other).notes
    unnamed = dataclasses.replace(case, portfolio=case.portfolio.model_copy(update={"work": None, "job": None}))
    assert [note for note in make_plan(unnamed).notes if note.startswith("No job leads to this standard: name it")]
    ready = make_plan(load_case(EXAMPLES / "ready", date(2024, 9, 20)))
    assert ready.notes == ()
