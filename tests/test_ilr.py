"""Learner record returns: what is read of them, and that nothing else of them is ever seen again."""

from __future__ import annotations

import gc
import io
import traceback
import tracemalloc
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from ksbtrack.formats.ilr import _PATHS, MAX_RETURN_BYTES, read_return
from ksbtrack.models.ilr import Completion, ProgrammeAim, ReturnedLearner, breaks_between
from ksbtrack.problems import KsbtrackError, Problem
from returned_learners import OTHER_AIM, PERSONAL, aim, hours, learner, whole_return

ROOT = Path(__file__).resolve().parent.parent
REAL = ROOT.parent / "shared/data/ilr/ILR-1819-apprenticeship-standards-excerpt.xml"


def read(tmp_path: Path, *learners: str, namespace: str = "ESFA/ILR/2025-26", prefix: str = "") -> list[object]:
    file = tmp_path / "return.xml"
    file.write_text(whole_return(learners, namespace, prefix), "utf-8")
    return list(read_return(file))


def one(tmp_path: Path, *aims: str) -> ReturnedLearner:
    (found,) = read(tmp_path, learner(*aims))
    assert isinstance(found, ReturnedLearner), found
    return found


def fault(tmp_path: Path, *aims: str, uln: str = "9000000008", reference: str = "EX0001") -> str:
    """Give the message of the one fault of a learner, without the file's place."""
    (found,) = read(tmp_path, learner(*aims, uln=uln, reference=reference))
    assert isinstance(found, Problem), found
    assert found.source.file == (tmp_path / "return.xml").as_posix()
    assert found.source.line > 1
    return f"{found.code}: {found.found}; {found.expected}. {found.fix}"


# What is read


def test_dates_code_hours_and_states_of_a_programme_aim(tmp_path: Path) -> None:
    found = one(
        tmp_path,
        aim(
            "OrigLearnStartDate=2023-09-04",
            "LearnPlanEndDate=2025-09-30",
            "LearnActEndDate=2025-09-12",
            "EPAOrgID=EPA0032",
            "CompStatus=2",
            "Outcome=8",
            "PHours=480",
            "OTJActHours=502",
        ),
    )
    assert (found.uln, found.reference) == ("9000000008", "EX0001")
    assert found.aims == (
        ProgrammeAim(
            line=found.aims[0].line,
            start=date(2024, 9, 2),
            original_start=date(2023, 9, 4),
            planned_end=date(2025, 9, 30),
            actual_end=date(2025, 9, 12),
            lars_code=403,
            assessment_organisation="EPA0032",
            completion=Completion.COMPLETED,
            outcome=8,
            planned_hours=Decimal(480),
            actual_hours=Decimal(502),
        ),
    )
    text = (tmp_path / "return.xml").read_text("utf-8").splitlines()
    assert "ZPROG001" in text[found.aims[0].line - 1]
    assert "<Learner>" in text[found.source.line - 1]


def test_hours_come_from_their_records_from_2026_on(tmp_path: Path) -> None:
    (found,) = one(tmp_path, aim(hours(1, "400"), hours(3, "411.5"), hours(4, "20"), hours(2, "7"))).aims
    assert (found.planned_hours, found.actual_hours, found.prior_learning_hours) == (
        Decimal(400),
        Decimal("411.5"),
        Decimal(20),
    )


def test_the_same_hours_in_both_ways_of_saying_them_are_no_contradiction(tmp_path: Path) -> None:
    (found,) = one(tmp_path, aim("PHours=400", hours(1, "400.0"))).aims
    assert found.planned_hours == 400


@pytest.mark.parametrize(
    ("namespace", "prefix"),
    [("ESFA/ILR/2025-26", ""), ("ILR/2026-27", ""), ("", ""), ("ESFA/ILR/2018-19", "ilr"), ("SFA/ILR/2015-16", "a")],
)
def test_the_namespace_makes_no_difference(tmp_path: Path, namespace: str, prefix: str) -> None:
    (plain,) = read(tmp_path, learner(aim("CompStatus=1")))
    assert read(tmp_path, learner(aim("CompStatus=1")), namespace=namespace, prefix=prefix) == [plain]


def test_a_wrong_namespace_is_a_fault_and_everything_is_read_all_the_same(tmp_path: Path) -> None:
    problem, found = read(tmp_path, learner(aim()), namespace="urn:something:else")
    assert isinstance(problem, Problem)
    assert problem.code == "unknown-namespace"
    assert isinstance(found, ReturnedLearner)


def test_other_programmes_are_passed_over(tmp_path: Path) -> None:
    traineeship = aim().replace("<ProgType>25<", "<ProgType>24<")
    component = aim().replace("<AimType>1<", "<AimType>3<")
    assert read(tmp_path, learner(traineeship), learner(component), learner()) == []


def test_a_number_that_is_not_yet_known_names_nobody(tmp_path: Path) -> None:
    found = read(tmp_path, learner(aim(), uln="9999999999"), learner(aim(), uln="", reference="EX0002"))
    assert [(each.uln, each.reference) for each in found if isinstance(each, ReturnedLearner)] == [
        (None, "EX0001"),
        (None, "EX0002"),
    ]


# Restarts and breaks


def test_a_restart_after_a_break_is_two_aims_and_the_break_between_them(tmp_path: Path) -> None:
    found = one(
        tmp_path,
        aim("OrigLearnStartDate=2023-09-04", "CompStatus=1", start="2024-05-01"),
        aim("CompStatus=6", "LearnActEndDate=2024-01-31", start="2023-09-04"),
    )
    assert [each.start for each in found.aims] == [date(2023, 9, 4), date(2024, 5, 1)]
    (pause,) = breaks_between(found.aims)
    assert (pause.start, pause.end) == (date(2024, 2, 1), date(2024, 4, 30))


def test_a_break_without_a_restart_goes_on(tmp_path: Path) -> None:
    (pause,) = breaks_between(one(tmp_path, aim("CompStatus=6", "LearnActEndDate=2025-01-31")).aims)
    assert (pause.start, pause.end) == (date(2025, 2, 1), None)


def test_whoever_withdrew_or_came_back_the_next_day_had_no_break(tmp_path: Path) -> None:
    withdrawn = aim("CompStatus=3", "LearnActEndDate=2025-01-31")
    assert breaks_between(one(tmp_path, withdrawn, aim(start="2025-06-02")).aims) == ()
    moved_on = aim("CompStatus=6", "LearnActEndDate=2025-01-31")
    assert breaks_between(one(tmp_path, moved_on, aim(start="2025-02-01")).aims) == ()


def test_the_aims_on_one_standard_are_told_from_those_on_another(tmp_path: Path) -> None:
    found = one(tmp_path, aim(start="2021-09-06", code="122"), aim(start="2023-09-04"), aim(start="2024-05-01"))
    assert [each.start.year for each in found.aims_on(None)] == [2023, 2024]
    assert [each.start.year for each in found.aims_on(122)] == [2021]
    assert found.aims_on(7) == ()


# What is wrong in a return


FIX = "Correct the record in the program that makes the return."


@pytest.mark.parametrize(
    ("elements", "message"),
    [
        (
            ["LearnPlanEndDate=30/09/2026"],
            "bad-date: '30/09/2026' in LearnPlanEndDate; a date in a return is written year-month-day, "
            f"like 2026-11-22. {FIX}",
        ),
        (
            ["LearnPlanEndDate=2026-02-30"],
            "bad-date: '2026-02-30' in LearnPlanEndDate; a date in a return is written year-month-day, "
            f"like 2026-11-22. {FIX}",
        ),
        (
            ["OrigLearnStartDate=1900-01-00"],
            "bad-date: '1900-01-00' in OrigLearnStartDate; a date in a return is written year-month-day, "
            f"like 2026-11-22. {FIX}",
        ),
        (
            ["OrigLearnStartDate=1900-01-01"],
            "bad-date: '1900-01-01' in OrigLearnStartDate; a date in a return is written year-month-day, "
            f"like 2026-11-22. {FIX}",
        ),
        (
            ["LearnPlanEndDate=2023-01-01"],
            "contradiction: LearnStartDate 2024-09-02 after LearnPlanEndDate 2023-01-01; LearnStartDate is on that day "
            f"or before it. {FIX}",
        ),
        (
            ["LearnActEndDate=2024-09-01"],
            "contradiction: LearnStartDate 2024-09-02 after LearnActEndDate 2024-09-01; LearnStartDate is on that day "
            f"or before it. {FIX}",
        ),
        (
            ["OrigLearnStartDate=2025-01-01"],
            "contradiction: OrigLearnStartDate 2025-01-01 after LearnStartDate 2024-09-02; OrigLearnStartDate is on "
            f"that day or before it. {FIX}",
        ),
        (
            ["LearnStartDate=2024-09-03"],
            f"contradiction: LearnStartDate 2 times; a record has it once. {FIX}",
        ),
        (
            ["PHours=400", hours(1, "380")],
            f"contradiction: HRSAmount of HRSCode 1 380 and PHours 400; the same hours are said once. {FIX}",
        ),
        (["PHours=-3"], f"bad-number: '-3' in PHours; hours are a number from 0 to 100,000. {FIX}"),
        ([hours(3, "1e9")], f"bad-number: something that is not shown here in HRSAmount; "
         f"hours are a number from 0 to 100,000. {FIX}"),
        (["Outcome=LJ000000A"], f"bad-number: something that is not shown here in Outcome; "
         f"a whole number is wanted here. {FIX}"),
        (["CompStatus=4"], "bad-choice: '4' in CompStatus; it is one of 1 (continuing), 2 (completed), 3 (withdrawn), "
         f"6 (on a break in learning). {FIX}"),
        (["EPAOrgID=18 Invented Row"], "bad-id: something that is not shown here in EPAOrgID; an assessment "
         f"organisation is like EPA0001. {FIX}"),
    ],
)  # fmt: skip
def test_a_learner_with_a_fault_is_left_out_and_the_fault_says_where(
    tmp_path: Path, elements: Sequence[str], message: str
) -> None:
    assert fault(tmp_path, aim(*elements)) == message


def test_a_fault_in_one_aim_leaves_out_the_learner_and_nobody_else(tmp_path: Path) -> None:
    broken = learner(aim(start="2024-13-01"), aim())
    problem, other = read(tmp_path, broken, learner(aim(), uln="", reference="EX0002"))
    assert isinstance(problem, Problem)
    assert problem.code == "bad-date"
    assert isinstance(other, ReturnedLearner)
    assert other.reference == "EX0002"


def test_what_names_a_learner_must_be_sound(tmp_path: Path) -> None:
    assert fault(tmp_path, aim(), uln="9000000009") == (
        "bad-uln: a ULN that is none; a unique learner number has ten digits, of which the last is a check digit. "
        "Compare it with the learner's record."
    )
    assert fault(tmp_path, aim(), uln="", reference="") == (
        f"missing-key: a learner with neither ULN nor LearnRefNumber; one of them says whose record it is. {FIX}"
    )
    assert fault(tmp_path, aim(), reference="Robin-Given " * 20) == (
        "bad-id: something that is not shown here in LearnRefNumber; a learner reference is up to 40 letters, "
        f"figures and common signs. {FIX}"
    )
    assert fault(tmp_path, aim(start="")) == (
        f"missing-key: a programme aim without LearnStartDate; the start decides which rules hold. {FIX}"
    )


def test_a_date_with_a_zone_is_the_day_that_it_names(tmp_path: Path) -> None:
    assert one(tmp_path, aim(start="2024-09-02Z")).aims[0].start == date(2024, 9, 2)
    assert one(tmp_path, aim(start="2024-09-02+01:00")).aims[0].start == date(2024, 9, 2)


def test_a_return_that_breaks_off_is_refused_though_its_first_learners_were_read(tmp_path: Path) -> None:
    file = tmp_path / "return.xml"
    whole = whole_return([learner(aim()) for _ in range(200)])
    file.write_text(whole[: len(whole) // 2], "utf-8")
    with pytest.raises(KsbtrackError) as raised:
        list(read_return(file))
    assert [problem.code for problem in raised.value.problems] == ["bad-xml"]


def test_a_return_that_is_too_large_is_not_begun(tmp_path: Path) -> None:
    file = tmp_path / "return.xml"
    with file.open("wb") as hole:
        hole.truncate(MAX_RETURN_BYTES + 1)
    with pytest.raises(KsbtrackError, match="file-too-large: found 2,147,483,649 bytes"):
        next(read_return(file))


# Personal values


def everything_reachable(start: object) -> set[str]:
    """Give every text that can be reached from an object, however deep."""
    seen: dict[int, object] = {}
    left = [start]
    while left:
        here = left.pop()
        if id(here) in seen or isinstance(here, type) or type(here).__name__ in ("module", "function"):
            continue
        seen[id(here)] = here
        left.extend(gc.get_referents(here))
    texts = {each for each in seen.values() if isinstance(each, str)}
    return texts | {each.decode("latin-1") for each in seen.values() if isinstance(each, bytes | bytearray)}


def test_the_search_for_texts_finds_what_is_deep_inside() -> None:
    hidden = ReturnedLearner("1", "LJ000000A", (), Problem("c", "s", "f", "e", "x"))  # type: ignore[arg-type]
    assert "LJ000000A" in everything_reachable([{"x": (hidden,)}])


def test_every_personal_value_stands_in_the_return_that_is_read() -> None:
    text = whole_return([learner(aim())])
    assert [value for value in PERSONAL if value not in text] == []
    assert "LJ000000A" in OTHER_AIM


FAULTY = (
    ["LearnPlanEndDate=LJ000000A"],
    ["CompStatus=Ethnicity-31"],
    ["PHours=07855555555x"],
    ["EPAOrgID=LLDD-1"],
    ["<LearnActEndDate><Ethnicity>Ethnicity-31</Ethnicity></LearnActEndDate>"],
)


def test_no_personal_value_is_in_anything_that_reading_gives(tmp_path: Path) -> None:
    learners = [learner(aim("CompStatus=1")), *(learner(aim(*elements)) for elements in FAULTY)]
    found = read(tmp_path, *learners)
    assert any(isinstance(each, ReturnedLearner) for each in found)
    assert any(isinstance(each, Problem) for each in found)
    texts = everything_reachable(found) | {repr(found), *map(str, found)}
    assert not [(value, text) for value in PERSONAL for text in texts if value in text]


@pytest.mark.parametrize("cut", range(200, 1600, 37))
def test_no_personal_value_is_in_the_message_about_a_broken_return(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], cut: int
) -> None:
    """Cut anywhere, with the traceback that a program would print."""
    file = tmp_path / "return.xml"
    file.write_text(whole_return([learner(aim())])[:cut] + "<&", "utf-8")
    with pytest.raises(KsbtrackError) as raised:
        list(read_return(file))
    printed = io.StringIO()
    traceback.print_exception(raised.value, file=printed)
    told = printed.getvalue() + str(raised.value) + "".join(capsys.readouterr())
    assert "bad-xml" in told
    assert not [value for value in PERSONAL if value in told]


def test_only_documented_elements_are_read() -> None:
    """The page for providers lists the elements; what it does not list is not read."""
    page = (ROOT / "docs/cohort-ilr.md").read_text("utf-8")
    assert [path for path in sorted(_PATHS) if f"`{path.rpartition('/')[2]}`" not in page] == []
    wanted = {path.rpartition("/")[2] for path in _PATHS}
    assert wanted.isdisjoint({"NINumber", "Ethnicity", "LLDDHealthProb", "Postcode", "DateOfBirth", "FamilyName"})


# Size


def test_memory_does_not_grow_with_the_return(tmp_path: Path) -> None:
    file = tmp_path / "return.xml"
    body = learner(aim("CompStatus=1"))
    with file.open("w", encoding="utf-8") as stream:
        stream.write("<Message>")
        for _ in range(6_000):
            stream.write(body)
        stream.write("</Message>")
    assert file.stat().st_size > 9_000_000
    tracemalloc.start()
    count = sum(isinstance(found, ReturnedLearner) for found in read_return(file))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 6_000
    assert most < 3_000_000


@pytest.mark.skipif(not REAL.exists(), reason="the government's example is not in this checkout")
def test_the_example_of_the_government() -> None:
    found = [each for each in read_return(REAL) if isinstance(each, ReturnedLearner)]
    assert [(each.reference, each.aims[0].start.isoformat(), each.aims[0].lars_code) for each in found] == [
        ("0DOB37", "2014-08-01", 1),
        ("0DOB40", "2016-07-31", 1),
        ("5FM06", "2017-10-14", 1),
        ("BFM08", "2017-04-30", 1),
    ]
    assert found[1].aims[0].completion is Completion.COMPLETED
