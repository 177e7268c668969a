"""The plan: what it closes is closed once its steps are done, in real and in drawn portfolios."""

from __future__ import annotations

import dataclasses
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from case_text import CASES, Plain, case_from, read_cases
from doing import done
from drawn_cases import told_cases
from ksbtrack.analysis import analyse
from ksbtrack.load import load_case
from ksbtrack.models.analysis import Action, Analysis, Decision, Effort
from ksbtrack.models.case import Case
from ksbtrack.models.planning import Plan, Work
from ksbtrack.planning.plans import make_plan
from ksbtrack.planning.work import settings_of, unit_of

EXAMPLES = Path(__file__).resolve().parent.parent / "docs" / "examples"
THOROUGH = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
WRITTEN = [
    pytest.param(plain, id=f"{path.stem}: {plain['name']}")
    for path in sorted(CASES.glob("*.yaml"))
    for plain in read_cases(path)
]


def after(case: Case, plan: Plan) -> Case:
    """Give the case once all steps of a plan are done, on the day for which it is made."""
    case = dataclasses.replace(case, on=plan.analysis.case.on) if plan.by else case
    for step in plan.steps:
        for remedy in step.remedies:
            case = done(case, remedy)
    return case


def open_subjects(analysis: Analysis) -> set[str]:
    """Give what decides and does not hold."""
    left = {verdict.code for verdict in analysis.competencies if not verdict.is_desirable and not verdict.status.holds}
    for asked, verdict in zip(analysis.case.standard.requirements, analysis.requirements, strict=True):
        if not verdict.is_desirable and not verdict.status.holds and asked.rule != "every_statement":
            left.add(verdict.id)
    return left


def test_the_plan_of_the_typical_example_done_step_by_step_ends_in_ready() -> None:
    case = load_case(EXAMPLES / "typical", date(2026, 3, 13))
    plan = make_plan(case)
    assert plan.decision is Decision.READY
    left = open_subjects(analyse(case))
    for step in plan.steps:
        for remedy in step.remedies:
            case = done(case, remedy)
        analysis = analyse(case)
        assert left - open_subjects(analysis) == set(step.closes), step
        assert analysis.decision is step.decision, step
        left = open_subjects(analysis)
    assert analyse(case).decision is Decision.READY


def with_facts_recorded(case: Case) -> Case:
    """Give the case once all is recorded that a plan asks to record: what that brings to light is planned anew."""
    for _ in range(6):
        unsure = [step for step in make_plan(case).steps if not step.is_sure]
        if not unsure:
            break
        for step in unsure:
            for remedy in step.remedies:
                case = done(case, remedy)
    return case


def proves_itself(plain: Plain) -> None:
    """Look that doing a full plan closes what it says, and nothing else opens."""
    case = with_facts_recorded(case_from(plain))
    plan = make_plan(case)
    assert all(step.is_sure for step in plan.steps)
    analysis = analyse(after(case, plan))
    assert open_subjects(analysis) == {gap.subject for gap in plan.left}, plan
    assert analysis.decision is plan.decision


@pytest.mark.parametrize("plain", WRITTEN)
def test_doing_a_full_plan_closes_what_it_says_in_every_written_case(plain: Plain) -> None:
    proves_itself(plain)


@THOROUGH
@given(told_cases())
def test_doing_a_full_plan_closes_what_it_says_in_every_drawn_case(plain: Plain) -> None:
    proves_itself(plain)


@THOROUGH
@given(told_cases(), st.sampled_from([0, 7, 20, 28, 40, 100]))
def test_doing_a_plan_by_a_day_closes_what_it_says(plain: Plain, days: int) -> None:
    """All is done on the day, or on that of gateway where this comes first; what has no time may be closed besides."""
    case = with_facts_recorded(case_from(plain))
    plan = make_plan(case, by=case.on + timedelta(days=days))
    assert plan.by is not None
    assume(all(step.is_sure for step in plan.steps))
    last = plan.analysis.case.last_day
    then = dataclasses.replace(case, on=last if last >= case.on else plan.by)
    for step in plan.steps:
        for remedy in step.remedies:
            then = done(then, remedy)
    analysis = analyse(dataclasses.replace(then, on=max(then.on, plan.by)))
    assert open_subjects(analysis) <= {gap.subject for gap in plan.left}, plan


@THOROUGH
@given(told_cases(), st.integers(0, 4))
def test_more_pieces_never_close_fewer(plain: Plain, most: int) -> None:
    case = case_from(plain)
    less, more, every = (make_plan(case, most_pieces=count) for count in (most, most + 1, None))
    assert len(less.closed) <= len(more.closed) <= len(every.closed)
    assert sum(step.is_piece for step in less.steps) <= most


@THOROUGH
@given(told_cases(), st.integers(0, 120), st.integers(0, 60))
def test_more_time_never_asks_for_a_step_that_does_not_fit(plain: Plain, days: int, more: int) -> None:
    case = case_from(plain)
    for length in (days, days + more):
        plan = make_plan(case, by=case.on + timedelta(days=length))
        assert all(step.work.days <= length for step in plan.steps)
        assert all(gap.open_because for gap in plan.left)


@THOROUGH
@given(told_cases())
def test_no_step_is_needless_and_no_kind_is_barred(plain: Plain) -> None:
    case = case_from(plain)
    plan = make_plan(case)
    for step in plan.steps:
        assert step.helps, step
        for remedy in step.remedies:
            if remedy.action is Action.ADD_PIECE:
                barred = {
                    kind for code in remedy.details["codes"].split() for kind in case.settings[code].barred_kinds or ()
                }
                assert remedy.details["kind"] not in barred


def test_a_provider_says_how_much_work_a_plan_is(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(
        "title: Example Provider\nplanning:\n  minutes:\n    hours: 2\n    days: 10\n  statements_per_piece: 1\n"
    )
    case = load_case(EXAMPLES / "typical", date(2026, 3, 13))
    usual = make_plan(case)
    slow = make_plan(load_case(EXAMPLES / "typical", date(2026, 3, 13), policy=own))
    assert slow.decision is usual.decision is Decision.READY
    quick = {step.name: step.work for step in usual.steps if step.effort is Effort.MINUTES and len(step.remedies) == 1}
    ours = {step.name: step.work for step in slow.steps if step.name in quick}
    assert quick
    assert set(quick.values()) == {Work(Decimal("0.25"), 7)}
    assert set(ours.values()) == {Work(Decimal(2), 10)}
    assert slow.analysis.competencies == usual.analysis.competencies


@pytest.mark.parametrize(("minutes", "unit"), [("0.1", "0.1"), ("0.25", "0.25"), ("0.333", "0.02"), ("0", "1")])
def test_effort_is_counted_in_what_all_estimates_are_whole_numbers_of(minutes: str, unit: str) -> None:
    usual = settings_of(load_case(EXAMPLES / "typical", date(2026, 3, 13)).policy)
    assert unit_of(usual) == Decimal("0.25")
    own = {**usual.work, Effort.MINUTES: Work(Decimal(minutes), 7)}
    assert unit_of(dataclasses.replace(usual, work=own)) == Decimal(unit)


def test_a_provider_s_small_estimates_decide_which_steps_are_taken() -> None:
    """Either of two pieces shows K7: one has to be signed, the other accepted; the one signed comes first in order."""
    case = load_case(EXAMPLES / "typical", date(2026, 3, 13))
    e21 = case.portfolio.by_id["E21"]
    e12 = case.portfolio.by_id["E12"]
    accepted = e12.acceptance.model_copy(update={"fingerprint": None})
    unsigned = e12.model_copy(update={"id": "E20B", "claims": e21.claims, "acceptance": accepted})
    others = [piece for piece in case.portfolio.evidence if piece.id != "E12"]
    portfolio = case.portfolio.model_copy(update={"evidence": (unsigned, *others), "showcase": ()})
    case = dataclasses.replace(case, portfolio=portfolio)
    usual = settings_of(case.policy)
    for signing, accepting, taken in (("0.2", "0.1", "E21"), ("0.1", "0.2", "E20B")):
        work = {**usual.work, Effort.MINUTES: Work(Decimal(signing), 7), Effort.HOURS: Work(Decimal(accepting), 7)}
        plan = make_plan(case, settings=dataclasses.replace(usual, work=work))
        assert {step.name for step in plan.steps} & {"E21", "E20B"} == {taken}


def test_a_new_piece_is_planned_for_no_more_statements_than_the_settings_say() -> None:
    case = load_case(EXAMPLES / "typical", date(2026, 3, 13))
    empty = case.portfolio.model_copy(update={"evidence": (), "showcase": ()})
    for most in (1, 3):
        own = case.policy.planning.model_copy(update={"statements_per_piece": most})
        policy = case.policy.model_copy(update={"planning": own})
        plan = make_plan(dataclasses.replace(case, portfolio=empty, policy=policy))
        codes = case.standard.by_code
        made = [sum(name in codes for name in step.helps) for step in plan.steps if step.is_piece]
        assert max(made) == most
