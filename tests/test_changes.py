"""What differs between two runs over a cohort, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from ksbtrack.cohort.changes import Judged, cohort_changes
from ksbtrack.load import load_policy
from ksbtrack.models.analysis import Decision, Status
from ksbtrack.models.changes import Cause, ChangeKind, CohortChanges, Difference, RuleMarks
from ksbtrack.models.cohort import LearnerVerdict, Pace, PaceStatus, RequirementStatus
from ksbtrack.problems import Source

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
    assert change.details == ("The records changed. 14 pieces, of which 12 count, now 15 pieces, of which 13 count.",)
    assert change.requirements == (Difference("every_statement", Status.NOT_MET, Status.MET, "Every statement"),)
    assert change.statements == (Difference("K2", Status.NOT_MET, Status.MET),)
    assert change.requirements[0].words == "Every statement: Not met, now Met"


def test_pieces_that_count_now_or_not_any_more_are_named() -> None:
    before = replace(VERDICT, counting=("E1", "E2", "E10"))
    (change,) = changes([before], [replace(READY, counting=("E2", "E10", "E11", "E9"))]).changes
    assert change.details[0].endswith(" Counting now: E9 and E11. Not counting any more: E1.")
    many = tuple(f"E{number}" for number in range(1, 12))
    (change,) = changes([VERDICT], [replace(READY, counting=many)]).changes
    assert change.details[0].endswith(" Counting now: E1, E2, E3, E4, E5, E6, E7, E8 and 3 more.")


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
    assert change.details == ("On ST0148@1.1, before on ST0148@1.0.",)


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
    assert change.details == (f"Judged by {said}; if the records changed too, that cannot be told apart.",)


def test_a_run_that_did_not_note_its_rules_leaves_both_open() -> None:
    (change,) = changes([VERDICT], [READY], marks=(None, MARKS)).changes
    assert change.causes == (Cause.RECORDS,)
    assert change.details[0].startswith("The records or the rules changed. ")


def test_dates_that_moved_are_named() -> None:
    later = replace(READY, planned_gateway=date(2027, 1, 8), start=date(2025, 2, 3))
    (change,) = changes([VERDICT], [later]).changes
    assert change.details[0].startswith(
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
