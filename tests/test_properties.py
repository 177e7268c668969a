"""What holds for every learner, whatever the records: partitions, order, monotony, and that remedies help."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from case_text import CASES, Plain, case_from, read_cases
from doing import do, with_new_piece
from drawn_cases import told_cases
from ksbtrack.analysis import analyse
from ksbtrack.models.analysis import Action, Analysis, Decision, Finding, Status
from ksbtrack.models.case import Case
from ksbtrack.models.standard import EvidenceKind, RequirementRule
from ksbtrack.rules import COMPETENCY_RULES, PIECE_RULES, WARNING_RULES
from ksbtrack.rules.period import eligible_hours, is_eligible

RULES = {rule.__name__ for rule in (*PIECE_RULES, *COMPETENCY_RULES, *WARNING_RULES)}
RULES |= {*RequirementRule, "changed_since_confirmation"}
WORST_FIRST = (
    Status.NOT_MET,
    Status.PARTLY_MET,
    Status.UNKNOWN,
    Status.CHECK_AGAIN,
    Status.MET,
    Status.NOT_NEEDED,
)
DECISIONS = (Decision.NOT_READY, Decision.CANNOT_TELL, Decision.READY)

THOROUGH = settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow])
"""More examples than elsewhere, since a wrong "ready" costs a learner months; the first one loads the standards."""

TOLD = [plain for path in sorted(CASES.glob("*.yaml")) for plain in read_cases(path)]
WRITTEN = [case_from(plain) for plain in TOLD]


def rank(status: Status) -> int:
    """Give how good a status is: 0 fails, 1 is open, 2 holds."""
    return 2 if status.holds else 0 if status.fails else 1


def identity(finding: Finding) -> tuple[str, ...]:
    """Give what a finding is about: some rules say one thing of each party, or of each qualification wanted."""
    about = {"confirmations": "by", "english_and_maths": "wanted"}.get(finding.rule, "")
    return finding.rule, finding.subject, finding.inputs.get(about, "")


def is_fault(finding: Finding) -> bool:
    """Say whether a finding is a fault or a warning, not good news."""
    return not finding.decides or not finding.status.holds


@THOROUGH
@given(told_cases())
def test_met_and_gaps_partition_the_statements_and_the_totals_add_up(plain: Plain) -> None:
    case = case_from(plain)
    analysis = analyse(case)
    totals = analysis.totals
    deciding = [verdict for verdict in analysis.competencies if not verdict.is_desirable]
    ranks = Counter(rank(verdict.status) for verdict in deciding)
    assert [verdict.code for verdict in analysis.competencies] == list(case.standard.by_code)
    assert (totals.competencies_met, totals.competencies_not_met, totals.competencies_unknown) == (
        ranks[2],
        ranks[0],
        ranks[1],
    )
    assert sum(ranks.values()) == totals.competencies == len(deciding)
    asked = Counter(rank(verdict.status) for verdict in analysis.requirements if not verdict.is_desirable)
    assert (totals.requirements_met, totals.requirements_not_met, totals.requirements_unknown) == (
        asked[2],
        asked[0],
        asked[1],
    )
    assert analysis.decision == DECISIONS[0 if asked[0] else 1 if asked[1] or not asked else 2]


@THOROUGH
@given(told_cases())
def test_pieces_and_statements_tell_the_same(plain: Plain) -> None:
    case = case_from(plain)
    analysis = analyse(case)
    from_pieces = {(piece.id, code) for piece in analysis.pieces for code in piece.counts_for}
    from_statements = {(piece, verdict.code) for verdict in analysis.competencies for piece in verdict.pieces}
    assert from_pieces == from_statements
    for verdict in analysis.competencies:
        piles = (*verdict.pieces, *verdict.on_the_way, *verdict.to_check)
        assert len(piles) == len(set(piles)), "a piece is in one pile"
        assert verdict.reasons
        assert verdict.remedies or verdict.status.holds, "a gap says how to close it"
    for piece in analysis.pieces:
        assert bool(piece.counts_for) == (piece.status is Status.MET)
        assert piece.reasons or piece.status is Status.MET


@THOROUGH
@given(told_cases())
def test_the_hours_that_count_are_the_eligible_rows(plain: Plain) -> None:
    case = case_from(plain)
    rows = case.portfolio.off_the_job or ()
    assert eligible_hours(case) == [row for row in rows if is_eligible(case, row)]
    assert all(case.portfolio.dates.first <= row.date <= case.last_day for row in eligible_hours(case))


@THOROUGH
@given(told_cases())
def test_all_hours_that_do_not_count_are_explained(plain: Plain) -> None:
    case = case_from(plain)
    left_out = case.portfolio.logged_hours - sum(row.hours for row in eligible_hours(case))
    said = [finding.reason for finding in analyse(case).findings if finding.rule == "ineligible_hours"]
    if not case.standard.is_apprenticeship or not left_out:
        assert not said
        return
    total, *parts = re.findall(r"([0-9.]+) (?:logged|before|after|in a break)", said[0])
    assert Decimal(total) == sum(map(Decimal, parts)) == left_out


def order_free(analysis: Analysis) -> Any:
    """Give what must not depend on the order of the pieces."""
    return (
        analysis.decision,
        analysis.reason,
        analysis.totals,
        [(verdict.code, verdict.status, set(verdict.pieces)) for verdict in analysis.competencies],
        [(verdict.id, verdict.status) for verdict in analysis.requirements],
        {(piece.id, piece.status, piece.counts_for) for piece in analysis.pieces},
        Counter((finding.rule, finding.subject, finding.status) for finding in analysis.findings),
    )


@THOROUGH
@given(told_cases(), st.randoms(use_true_random=False))
def test_the_order_of_pieces_and_records_never_matters(plain: Plain, random: Any) -> None:
    case = case_from(plain)
    portfolio = case.portfolio
    evidence, held = list(portfolio.evidence), list(portfolio.records.qualifications)
    random.shuffle(evidence)
    random.shuffle(held)
    records = portfolio.records.model_copy(update={"qualifications": tuple(held)})
    shuffled = portfolio.model_copy(update={"evidence": tuple(evidence), "records": records})
    assert order_free(analyse(dataclasses.replace(case, portfolio=shuffled))) == order_free(analyse(case))


@THOROUGH
@given(told_cases(), st.data())
def test_one_more_accepted_piece_never_worsens_a_verdict(plain: Plain, data: st.DataObject) -> None:
    case = case_from(plain)
    first = case.portfolio.dates.first
    day = first + timedelta(days=data.draw(st.integers(0, (case.last_day - first).days)))
    code = data.draw(st.sampled_from(list(case.standard.by_code)))
    kind = data.draw(st.sampled_from(list(EvidenceKind)))
    before, after = analyse(case), analyse(with_new_piece(case, code, kind, day))
    for old, new in zip(before.competencies, after.competencies, strict=True):
        assert WORST_FIRST.index(new.status) >= WORST_FIRST.index(old.status), new.code
    for one, two in zip(before.requirements, after.requirements, strict=True):
        assert WORST_FIRST.index(two.status) >= WORST_FIRST.index(one.status), two.id
    assert DECISIONS.index(after.decision) >= DECISIONS.index(before.decision)


def without(case: Case, what: str) -> Case:
    """Give the case without a record."""
    portfolio = case.portfolio
    if what == "off_the_job":
        return dataclasses.replace(case, portfolio=portfolio.model_copy(update={"off_the_job": None}))
    if what == "awarded":
        held = tuple(found.model_copy(update={"awarded": None}) for found in portfolio.records.qualifications)
        records = portfolio.records.model_copy(update={"qualifications": held})
        return dataclasses.replace(case, portfolio=portfolio.model_copy(update={"records": records}))
    learner = portfolio.learner.model_copy(update=dict.fromkeys(what.split()))
    return dataclasses.replace(case, portfolio=portfolio.model_copy(update={"learner": learner}))


@THOROUGH
@given(told_cases(), st.sampled_from(["weekly_hours", "born age_at_start", "off_the_job", "awarded"]))
def test_an_added_unknown_makes_things_unknown_and_never_ready(plain: Plain, what: str) -> None:
    case = case_from(plain)
    before, after = analyse(case), analyse(without(case, what))
    for old, new in zip(before.requirements, after.requirements, strict=True):
        assert rank(new.status) in (rank(old.status), 1), new.id
    assert after.decision is not Decision.READY or before.decision is Decision.READY


def prove(case: Case, finding: Finding) -> None:
    """Do the remedy of a finding and look that it helped.

    The same finding must be gone, or be better than before. Recording a fact settles a question, either way: then the
    finding must not be unknown any more.
    """
    assert finding.remedy is not None
    after = analyse(do(case, finding.remedy, finding))
    left = [found for found in after.findings if identity(found) == identity(finding)]
    if finding.remedy.action is Action.RECORD_FACT and finding.decides:
        assert all(found.status is not Status.UNKNOWN for found in left), (finding, left)
        return
    worse = [found for found in left if WORST_FIRST.index(found.status) <= WORST_FIRST.index(finding.status)]
    assert not worse, (finding, worse)


def test_doing_all_that_is_advised_for_several_qualifications_leaves_nothing_to_do() -> None:
    name = "all of two conditions, one is missing and the day of the other award as well"
    case = next(case for case, plain in zip(WRITTEN, TOLD, strict=True) if plain["name"] == name)
    finding = next(found for found in analyse(case).findings if found.rule == "progression")
    assert finding.remedy is not None
    after = analyse(do(case, finding.remedy, finding))
    assert [found.status for found in after.findings if found.rule == "progression"] == [Status.MET]


def one_each(findings: tuple[Finding, ...]) -> list[Finding]:
    """Give a finding with a remedy for each rule, status and action: more of one kind prove nothing new."""
    chosen: dict[tuple[str, str, str], Finding] = {}
    for finding in findings:
        if finding.remedy and is_fault(finding):
            chosen.setdefault((finding.rule, finding.status, finding.remedy.action), finding)
    return list(chosen.values())


@pytest.mark.parametrize("place", range(len(TOLD)), ids=[plain["name"] for plain in TOLD])
def test_doing_what_is_advised_helps_in_every_written_case(place: int) -> None:
    case = WRITTEN[place]
    for finding in one_each(analyse(case).findings):
        prove(case, finding)


@THOROUGH
@given(told_cases())
def test_doing_what_is_advised_helps_in_every_drawn_case(plain: Plain) -> None:
    case = case_from(plain)
    for finding in one_each(analyse(case).findings):
        prove(case, finding)


def has_remedies(analysis: Analysis) -> None:
    """Look that whatever fails says what to do about it."""
    for finding in analysis.findings:
        if finding.decides and finding.status.fails:
            assert finding.remedy or finding.rule == "every_statement", finding
    for verdict in analysis.requirements:
        assert verdict.remedies or not verdict.status.fails, verdict
    assert analysis.next_steps or analysis.decision is not Decision.NOT_READY


@THOROUGH
@given(told_cases())
def test_what_fails_has_a_remedy(plain: Plain) -> None:
    has_remedies(analyse(case_from(plain)))


def test_what_fails_in_a_written_case_has_a_remedy() -> None:
    for case in WRITTEN:
        has_remedies(analyse(case))


@THOROUGH
@given(told_cases())
def test_the_same_case_has_the_same_result(plain: Plain) -> None:
    one, two = case_from(plain), case_from(plain)
    assert one is not two
    assert analyse(one) == analyse(two)


def test_the_written_cases_reach_every_rule_and_every_action() -> None:
    rules: set[str] = set()
    actions: set[Action] = set()
    for case in WRITTEN:
        for finding in filter(is_fault, analyse(case).findings):
            rules.add(finding.rule)
            actions |= {finding.remedy.action} if finding.remedy else set()
    assert rules == RULES, RULES - rules
    assert actions == set(Action)


def test_the_drawn_cases_reach_every_decision_and_nearly_every_rule() -> None:
    rules: set[str] = set()
    decisions: set[Decision] = set()

    @given(told_cases())
    @settings(THOROUGH, max_examples=400)
    def draw(plain: Plain) -> None:
        analysis = analyse(case_from(plain))
        decisions.add(analysis.decision)
        rules.update(finding.rule for finding in analysis.findings if is_fault(finding))

    draw()
    assert decisions == set(Decision)
    assert rules >= set(RequirementRule)
    assert len(RULES - rules) <= 3, "the drawn cases have grown too narrow"
