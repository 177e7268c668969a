"""What differs between two runs over a cohort, and why."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from ksbtrack.analysis import analyse
from ksbtrack.cohort.changes import Judged, cohort_changes
from ksbtrack.cohort.judging import judged, opened_cohort
from ksbtrack.cohort.rule_book import rule_marks
from ksbtrack.formats.analysis_json import analysis_as_dict
from ksbtrack.formats.changes_json import changes_as_dict
from ksbtrack.load import load_case, load_policy
from ksbtrack.models.analysis import Decision, Status
from ksbtrack.models.changes import Cause, ChangeKind, CohortChanges, Difference, RuleMarks
from ksbtrack.models.cohort import CohortQuestion, LearnerVerdict, Pace, PaceStatus, RequirementStatus
from ksbtrack.problems import Source
from ksbtrack.terminal.changes import changes_view
from ksbtrack.terminal.marks import rendered

EXAMPLES = Path(__file__).resolve().parent.parent / "docs/examples"
POLICY = load_policy()
THEN, NOW = date(2026, 11, 15), date(2026, 11, 22)
MARKS = RuleMarks("0.1.0", "p", {"ST0148@1.0": "s"})
STATEMENTS = {"K1": Status.MET, "K2": Status.NOT_MET}


def requirements(minimum: Status = Status.MET, every: Status = Status.NOT_MET) -> tuple[RequirementStatus, ...]:
    return (
        RequirementStatus("minimum_duration", "Minimum duration", minimum),
        RequirementStatus("every_statement", "Every statement", every),
    )


VERDICT = LearnerVerdict(
    key="EX0001",
    name="Robin Example",
    uln=None,
    source=Source("learners.csv", 2),
    standard="ST0148@1.0",
    standard_title="Learning mentor",
    assessor="Sam Example",
    group="",
    employer="",
    provider="",
    start=date(2025, 1, 6),
    planned_gateway=None,
    gateway=None,
    is_overdue=False,
    decision=Decision.NOT_READY,
    reason="A reason.",
    requirements=requirements(),
    statements=STATEMENTS,
    desirable=(),
    blocking=("every_statement",),
    faults=(),
    statements_met=1,
    statements_not_met=1,
    statements_unknown=0,
    statements_of=2,
    pieces=14,
    pieces_counting=12,
    next_steps=(),
    steps_left=1,
    pace=Pace(PaceStatus.ON_TRACK, "A reason.", 1, 2),
    fingerprint="a" * 32,
)
READY = replace(
    VERDICT,
    decision=Decision.READY,
    requirements=requirements(every=Status.MET),
    statements={"K1": Status.MET, "K2": Status.MET},
    blocking=(),
    fingerprint="b" * 32,
    pieces=15,
    pieces_counting=13,
)


def changes(
    before: Sequence[LearnerVerdict],
    after: Sequence[LearnerVerdict],
    days: tuple[date, date] = (THEN, NOW),
    marks: tuple[RuleMarks | None, RuleMarks | None] = (MARKS, MARKS),
    without: Sequence[str] = (),
) -> CohortChanges:
    return cohort_changes(Judged(days[0], before, marks[0]), Judged(days[1], after, marks[1], without), POLICY)


def test_a_flip_by_new_records_names_decisions_requirements_statements_and_pieces() -> None:
    (change,) = changes([VERDICT], [READY]).changes
    assert (change.kind, change.before, change.after) == (ChangeKind.FLIPPED, Decision.NOT_READY, Decision.READY)
    assert (change.key, change.name) == ("EX0001", "Robin Example")
    assert change.causes == (Cause.RECORDS,)
    assert change.details == (
        "The records changed.",
        "14 pieces, of which 12 count, now 15 pieces, of which 13 count.",
    )
    assert change.requirements == (Difference("every_statement", Status.NOT_MET, Status.MET, "Every statement"),)
    assert change.statements == (Difference("K2", Status.NOT_MET, Status.MET),)
    assert change.requirements[0].words == "Every statement: Not met, now Met"


def test_pieces_that_count_now_or_not_any_more_are_named() -> None:
    before = replace(VERDICT, counting=("E1", "E2", "E10"))
    (change,) = changes([before], [replace(READY, counting=("E2", "E10", "E11", "E9"))]).changes
    assert change.details[2:] == ("Counting now: E9 and E11.", "Not counting any more: E1.")
    many = tuple(f"E{number}" for number in range(1, 12))
    (change,) = changes([VERDICT], [replace(READY, counting=many)]).changes
    assert change.details[-1] == "Counting now: E1, E2, E3, E4, E5, E6, E7, E8 and 3 more."


def test_nothing_changed_but_the_day() -> None:
    """The records are the same: their mark says so."""
    later = replace(VERDICT, decision=Decision.READY, requirements=requirements(every=Status.MET))
    (change,) = changes([VERDICT], [later]).changes
    assert change.causes == (Cause.TIME,)
    assert change.details == ("Nothing changed between 15 November 2026 and 22 November 2026 but the day.",)


def test_a_rule_of_which_another_value_holds_from_a_day_in_between() -> None:
    later = replace(VERDICT, decision=Decision.CANNOT_TELL)
    days = (date(2025, 2, 10), date(2025, 2, 11))
    (change,) = changes([VERDICT], [later], days).changes
    assert change.causes == (Cause.RULE_DATE,)
    assert change.details == (
        f"{POLICY.english_and_maths_optional_from_age.title}: another value holds since 11 February 2025.",
    )
    (change,) = changes([VERDICT], [later], (days[1], date(2025, 2, 12))).changes
    assert change.causes == (Cause.TIME,)


def test_a_rule_decided_by_the_gateway_day_is_not_passed_by_whoever_has_one_on_record() -> None:
    days = (date(2025, 2, 10), date(2025, 2, 11))
    before = replace(VERDICT, gateway=date(2025, 2, 7))
    (change,) = changes([before], [replace(before, decision=Decision.CANNOT_TELL)], days).changes
    assert change.causes == (Cause.TIME,)


def test_another_version_of_the_standard_explains_a_flip_by_itself() -> None:
    (change,) = changes([VERDICT], [replace(READY, standard="ST0148@1.1")]).changes
    assert change.causes == (Cause.STANDARD,)
    assert change.details[0] == "On ST0148@1.1, before on ST0148@1.0."


@pytest.mark.parametrize(
    ("marks", "said"),
    [
        (RuleMarks("0.1.0", "q", {"ST0148@1.0": "s"}), "another policy"),
        (RuleMarks("0.1.0", "p", {"ST0148@1.0": "t"}), "other words of ST0148@1.0"),
        (RuleMarks("0.2.0", "q", {"ST0148@1.0": "s"}), "another policy and version 0.2.0 of ksbtrack"),
    ],
)
def test_other_rules_are_told_from_other_records_as_far_as_marks_can(marks: RuleMarks, said: str) -> None:
    (change,) = changes([VERDICT], [READY], marks=(MARKS, marks)).changes
    assert change.causes == (Cause.RULE_BOOK,)
    assert change.details[0] == (
        f"Judged by {said}; if the records changed too, or the day alone did it, that cannot be told apart."
    )
    (change,) = changes([VERDICT], [READY], (NOW, NOW), marks=(MARKS, marks)).changes
    assert change.details[0] == f"Judged by {said}; if the records changed too, that cannot be told apart."


def test_an_assumption_or_another_standard_hides_no_other_rules() -> None:
    marks = MARKS, replace(MARKS, policy="q")
    assumed = replace(READY, assumed=("maths achieved 2024-10-01",))
    (change,) = changes([VERDICT], [assumed], (NOW, NOW), marks=marks).changes
    assert change.causes == (Cause.ASSUMPTION, Cause.RULE_BOOK)
    assert change.details[:2] == (
        "Assumed now: 'maths achieved 2024-10-01'; before: nothing. "
        "What it did and what the rules did cannot be told apart.",
        "Judged by another policy; if the records changed too, that cannot be told apart.",
    )
    (change,) = changes([VERDICT], [replace(assumed, standard="ST0148@1.1")], (NOW, NOW), marks=marks).changes
    assert change.causes == (Cause.STANDARD, Cause.ASSUMPTION, Cause.RULE_BOOK)
    (change,) = changes([VERDICT], [assumed], (NOW, NOW), marks=(MARKS, MARKS)).changes
    assert change.causes == (Cause.ASSUMPTION,)
    assert change.details[0].endswith("before: nothing. If the records changed too, that cannot be told apart.")


def test_a_run_that_did_not_note_its_rules_leaves_both_open() -> None:
    (change,) = changes([VERDICT], [READY], marks=(None, MARKS)).changes
    assert change.causes == (Cause.RECORDS,)
    assert change.details[0] == "The records or the rules changed."


def test_dates_that_moved_are_named() -> None:
    later = replace(READY, planned_gateway=date(2027, 1, 8), start=date(2025, 2, 3))
    (change,) = changes([VERDICT], [later]).changes
    assert change.details[0] == (
        "The records changed. Start: 6 January 2025, now 3 February 2025. Planned gateway: none, now 8 January 2027."
    )


def test_the_same_decision_with_another_requirement_is_a_change_and_only_another_statement_is_not() -> None:
    moved = replace(VERDICT, requirements=requirements(minimum=Status.UNKNOWN), fingerprint="c" * 32)
    (change,) = changes([VERDICT], [moved]).changes
    assert (change.kind, change.before, change.after) == (ChangeKind.MOVED, Decision.NOT_READY, Decision.NOT_READY)
    same = changes([VERDICT], [replace(VERDICT, statements={**STATEMENTS, "K2": Status.PARTLY_MET})])
    assert (same.changes, same.same) == ((), 1)


def test_requirements_that_came_or_went_with_a_version() -> None:
    other = (RequirementStatus("english", "English", Status.UNKNOWN), requirements()[0])
    (change,) = changes([VERDICT], [replace(VERDICT, standard="ST0148@1.1", requirements=other)]).changes
    assert [difference.words for difference in change.requirements] == [
        "English: Not asked for, now Not known",
        "every_statement: Not met, now Not asked for",
    ]


def test_learners_who_came_went_or_cannot_be_read() -> None:
    two, three = replace(VERDICT, key="EX0002"), replace(VERDICT, key="EX0003", name="Kim Example")
    found = changes([VERDICT, two], [three], without=["EX0002"])
    assert [(each.kind, each.key, each.before, each.after) for each in found.changes] == [
        (ChangeKind.APPEARED, "EX0003", None, Decision.NOT_READY),
        (ChangeKind.LOST, "EX0002", Decision.NOT_READY, None),
        (ChangeKind.LEFT, "EX0001", Decision.NOT_READY, None),
    ]
    assert all(not each.causes for each in found.changes)


def test_who_is_overdue_now_or_has_another_pace_is_told_though_nothing_else_differs() -> None:
    planned = date(2026, 11, 20)
    in_time = replace(VERDICT, planned_gateway=planned)
    late = replace(in_time, is_overdue=True, pace=Pace(PaceStatus.AT_RISK, "A reason.", 1, 2))
    slower = replace(in_time, key="EX0002", pace=Pace(PaceStatus.BEHIND, "A reason.", 1, 2))
    found = changes([in_time, replace(in_time, key="EX0002")], [late, slower])
    assert [(each.kind, each.key, each.causes) for each in found.changes] == [
        (ChangeKind.LATE, "EX0001", (Cause.TIME,)),
        (ChangeKind.PACE, "EX0002", (Cause.TIME,)),
    ]
    assert found.changes[0].details[1:] == (
        "Overdue now: the planned gateway, 20 November 2026, is past.",
        "Pace: On track, now At risk.",
    )
    assert changes([late], [late]).changes == ()
    ready = replace(READY, planned_gateway=planned, is_overdue=True)
    assert changes([replace(ready, is_overdue=False)], [ready]).changes == (), "who is found ready is not late"


def test_whoever_could_not_be_read_before_is_not_new() -> None:
    before = Judged(THEN, [], MARKS, ["EX0001"])
    found = cohort_changes(before, Judged(NOW, [VERDICT, replace(VERDICT, key="EX0002")], MARKS), POLICY)
    assert [(each.kind, each.key) for each in found.changes] == [
        (ChangeKind.FOUND, "EX0001"),
        (ChangeKind.APPEARED, "EX0002"),
    ]


def test_flips_come_first_and_keys_in_the_order_people_count() -> None:
    before = [replace(VERDICT, key=f"L{number}") for number in (10, 9, 2, 1)]
    after = [replace(READY, key=f"L{number}") for number in (1, 10, 9)]
    found = changes(before, [*after, replace(VERDICT, key="L0")])
    assert [each.key for each in found.changes] == ["L1", "L9", "L10", "L0", "L2"]
    assert changes(list(reversed(before)), [*reversed(after), replace(VERDICT, key="L0")]) == found


def test_the_same_run_twice_has_no_changes() -> None:
    everyone = [replace(VERDICT, key=f"L{number}") for number in range(50)]
    found = changes(everyone, everyone)
    assert (found.changes, found.same) == ((), 50)


# How it is shown


def test_what_is_printed_reads_at_80_columns() -> None:
    before = [replace(VERDICT, key=f"L{number}") for number in range(1, 30)]
    after = [replace(READY, key=f"L{number}", counting=("E1",)) for number in range(1, 29)]
    text = rendered(changes_view(changes(before, [*after, replace(VERDICT, key="M1")])), io.StringIO(), 80)
    assert text.startswith("\nSince 15 November 2026  0 learners as before\n\nAnother decision  28 learners\n")
    assert (
        "  L1, Robin Example: Not ready, now Ready\n"
        "    The records changed.\n"
        "    14 pieces, of which 12 count, now 15 pieces, of which 13 count.\n"
        "    Counting now: E1.\n"
        "    Every statement: Not met, now Met.\n"
        "    Statements that stand otherwise: K2.\n"
    ) in text
    assert "  and 8 learners more\n" in text
    assert "Not in the cohort any more  1 learner\n  L29, Robin Example: Not ready\n" in text
    assert "New in the cohort  1 learner\n  M1, Robin Example: Not ready\n" in text
    assert max(map(len, text.splitlines())) <= 80


def test_for_programs() -> None:
    said = changes_as_dict(changes([VERDICT], [READY]))
    assert json.loads(json.dumps(said)) == said
    assert said["totals"] == {kind.value: int(kind is ChangeKind.FLIPPED) for kind in ChangeKind} | {"same": 0}
    (change,) = said["changes"]
    assert (change["before"], change["after"], change["causes"]) == ("not_ready", "ready", ["records"])
    assert change["statements"] == [{"name": "K2", "title": None, "before": "not_met", "after": "met"}]


# Real verdicts


def run(source: Path, day: date) -> Judged:
    question = CohortQuestion(on=day)
    with opened_cohort(source, question) as cohort:
        found = [outcome for outcome in judged(cohort) if isinstance(outcome, LearnerVerdict)]
    return Judged(day, found, rule_marks(question, {verdict.standard for verdict in found}))


def test_the_examples_on_two_days() -> None:
    """Robin's portfolio became ready while time passed: nothing of it was edited in between."""
    found = cohort_changes(run(EXAMPLES, date(2024, 1, 8)), run(EXAMPLES, date(2024, 12, 9)), POLICY)
    flips = [change for change in found.changes if change.kind is ChangeKind.FLIPPED]
    assert [(change.key, change.before, change.after) for change in flips] == [
        ("ready", Decision.NOT_READY, Decision.READY)
    ]
    assert flips[0].causes == (Cause.TIME,)
    assert flips[0].details[-1].startswith("Counting now: E05, E06, E07")


def test_an_edit_between_two_runs_on_one_day_is_the_records_cause(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLES / "ready", tmp_path / "ready")
    day = date(2024, 12, 9)
    before = run(tmp_path, day)
    piece = next((tmp_path / "ready/evidence").glob("E04*.md"))
    piece.write_text(piece.read_text("utf-8").replace("state: accepted", "state: referred"), "utf-8")
    (change,) = cohort_changes(before, run(tmp_path, day), POLICY).changes
    assert change.causes == (Cause.RECORDS,)
    assert "Not counting any more: E04." in change.details


def test_a_policy_of_ones_own_between_two_runs_is_the_rule_books_cause(tmp_path: Path) -> None:
    day = date(2024, 12, 9)
    policy = tmp_path / "policy.yaml"
    policy.write_text("title: Ours\nsufficiency: {pieces_per_competency: 3, source: Our handbook}\n")
    question = CohortQuestion(on=day, policy=str(policy))
    with opened_cohort(EXAMPLES, question) as cohort:
        after = [outcome for outcome in judged(cohort) if isinstance(outcome, LearnerVerdict)]
    marks = rule_marks(question, {verdict.standard for verdict in after})
    found = cohort_changes(run(EXAMPLES, day), Judged(day, after, marks), load_policy(policy))
    causes = {change.key: change.causes for change in found.changes}
    assert causes["ready"] == (Cause.RULE_BOOK,)
    assert found.changes[0].details[0].startswith("Judged by another policy; ")


def test_estimates_for_plans_between_two_runs_are_no_cause(tmp_path: Path) -> None:
    """They decide nothing, so what differs on a later day is the day's."""
    then, day = date(2026, 2, 27), date(2026, 3, 20)
    policy = tmp_path / "policy.yaml"
    policy.write_text("title: Ours\nplanning: {statements_per_piece: 3, source: Our handbook}\n")
    question = CohortQuestion(on=day, policy=str(policy))
    with opened_cohort(EXAMPLES, question) as cohort:
        after = [outcome for outcome in judged(cohort) if isinstance(outcome, LearnerVerdict)]
    marks = rule_marks(question, {verdict.standard for verdict in after})
    case = load_case(EXAMPLES / "typical", day, policy=policy)
    assert analysis_as_dict(analyse(case))["marks"]["policy"] == marks.policy
    found = cohort_changes(run(EXAMPLES, then), Judged(day, after, marks), load_policy(policy))
    assert {change.key: change.causes for change in found.changes} == {"typical": (Cause.TIME,)}


def test_the_page_has_every_kind_and_every_cause() -> None:
    page = (EXAMPLES.parent / "cohort-changes.md").read_text("utf-8")
    assert [name for name in (*ChangeKind, *Cause) if f"| `{name}` |" not in page] == []
