"""The values of one learner of a return: each read strictly, none shown that is not made of figures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from ksbtrack.load.portfolios import is_uln
from ksbtrack.models.ilr import Completion, ProgrammeAim, ReturnedLearner
from ksbtrack.models.values import MAX_COUNT, MAX_HOURS, has_likely_year
from ksbtrack.problems import Problem, Source, quoted

NOT_YET_KNOWN = "9999999999"
"""Stands for a unique learner number that is not yet known, for any number of learners."""
_PLANNED, _ACTUAL, _PRIOR_LEARNING = "1", "3", "4"
_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:Z|[+-][0-9]{2}:[0-9]{2})?")
_HOURS = re.compile(r"[0-9]{1,6}(\.[0-9]{1,2})?")
_REFERENCE = re.compile(r"[!-~]([ -~]{0,38}[!-~])?")
_FIX = "Correct the record in the program that makes the return."
_HARMLESS = re.compile(r"[0-9./:+-]{0,10}")


@dataclass(slots=True)
class Written:
    """The wanted values of one element as they stand, while its record is read.

    Attributes:
        source: where the element begins.
        values: texts by element name; more than one where the element was repeated.
        aims: of a learner, its deliveries.
        hours: of a delivery, its hours records.
    """

    source: Source
    values: dict[str, list[str]] = field(default_factory=dict)
    aims: list[Written] = field(default_factory=list)
    hours: list[Written] = field(default_factory=list)


class _Fault(Exception):  # noqa: N818 - caught where it is turned into what it holds
    """Carries what is wrong with one value to where the whole learner is read."""

    def __init__(self, problem: Problem) -> None:
        super().__init__()
        self.problem = problem


def learner_of(written: Written) -> Iterator[ReturnedLearner | Problem]:
    """Yield a learner; or each fault of theirs; or nothing, where there is no apprenticeship programme."""
    faults: list[Problem] = []
    aims: list[ProgrammeAim] = []
    programmes = [aim for aim in written.aims if _is_apprenticeship(aim)]
    for aim in programmes:
        try:
            aims.append(_aim(aim))
        except _Fault as fault:
            faults.append(fault.problem)
    if not programmes:
        return
    uln = reference = None
    try:
        uln, reference = _uln(written), _reference(written)
    except _Fault as fault:
        faults.append(fault.problem)
    if not faults and not uln and not reference:
        faults.append(
            Problem(
                "missing-key",
                written.source,
                "a learner with neither ULN nor LearnRefNumber",
                "one of them says whose record it is",
                _FIX,
            )
        )
    if faults:
        yield from faults
    else:
        ordered = sorted(aims, key=lambda aim: (aim.start, aim.line))
        yield ReturnedLearner(uln, reference, tuple(ordered), written.source)


def _is_apprenticeship(aim: Written) -> bool:
    wanted = {"AimType": "1", "LearnAimRef": "ZPROG001", "ProgType": "25"}
    return all(aim.values.get(name, [""])[0] == value for name, value in wanted.items())


def _aim(aim: Written) -> ProgrammeAim:
    start = _date(aim, "LearnStartDate")
    if start is None:
        raise _Fault(
            Problem(
                "missing-key",
                aim.source,
                "a programme aim without LearnStartDate",
                "the start decides which rules hold",
                _FIX,
            )
        )
    completion = _number(aim, "CompStatus")
    if completion is not None and completion not in {known.value for known in Completion}:
        meanings = ", ".join(f"{known.value} ({known.words})" for known in Completion)
        found = _shown(str(completion), "CompStatus")
        raise _Fault(Problem("bad-choice", aim.source, found, f"it is one of {meanings}", _FIX))
    read = ProgrammeAim(
        line=aim.source.line,
        start=start,
        original_start=_date(aim, "OrigLearnStartDate"),
        planned_end=_date(aim, "LearnPlanEndDate"),
        actual_end=_date(aim, "LearnActEndDate"),
        lars_code=_number(aim, "StdCode"),
        assessment_organisation=_organisation(aim),
        completion=None if completion is None else Completion(completion),
        outcome=_number(aim, "Outcome"),
        planned_hours=_hours(aim, _PLANNED, "PHours"),
        actual_hours=_hours(aim, _ACTUAL, "OTJActHours"),
        prior_learning_hours=_hours(aim, _PRIOR_LEARNING, None),
    )
    _refuse_wrong_order(aim, read)
    return read


def _refuse_wrong_order(aim: Written, read: ProgrammeAim) -> None:
    for earlier, first, later, last in (
        ("OrigLearnStartDate", read.original_start, "LearnStartDate", read.start),
        ("LearnStartDate", read.start, "LearnPlanEndDate", read.planned_end),
        ("LearnStartDate", read.start, "LearnActEndDate", read.actual_end),
    ):
        if first is not None and last is not None and first > last:
            raise _Fault(
                Problem(
                    "contradiction",
                    aim.source,
                    f"{earlier} {first} after {later} {last}",
                    f"{earlier} is on that day or before it",
                    _FIX,
                )
            )


def _uln(written: Written) -> str | None:
    text = _single(written, "ULN")
    if not text or text == NOT_YET_KNOWN:
        return None
    if not is_uln(text):
        raise _Fault(
            Problem(
                "bad-uln",
                written.source,
                "a ULN that is none",
                "a unique learner number has ten digits, of which the last is a check digit",
                "Compare it with the learner's record.",
            )
        )
    return text


def _reference(written: Written) -> str | None:
    text = _single(written, "LearnRefNumber")
    if text and not _REFERENCE.fullmatch(text):
        expected = "a learner reference is up to 40 letters, figures and common signs"
        raise _Fault(Problem("bad-id", written.source, _shown(text, "LearnRefNumber"), expected, _FIX))
    return text


def _organisation(aim: Written) -> str | None:
    text = _single(aim, "EPAOrgID")
    if text and not re.fullmatch(r"EPA[0-9]{4}", text):
        found = _shown(text, "EPAOrgID")
        raise _Fault(Problem("bad-id", aim.source, found, "an assessment organisation is like EPA0001", _FIX))
    return text or None


def _single(written: Written, name: str) -> str | None:
    """Give the text of an element; None where it is missing or empty."""
    texts = written.values.get(name, [])
    if len(texts) > 1:
        raise _Fault(
            Problem(
                "contradiction",
                written.source,
                f"{name} {len(texts)} times",
                "a record has it once",
                _FIX,
            )
        )
    return texts[0] or None if texts else None


def _date(aim: Written, name: str) -> date | None:
    text = _single(aim, name)
    if text is None:
        return None
    written = _DATE.fullmatch(text)
    try:
        day = date.fromisoformat(written[1]) if written else None
    except ValueError:
        day = None
    if day is None or not has_likely_year(day) or day.year == 1900:  # noqa: PLR2004 - what spreadsheets make of 0
        expected = "a date in a return is written year-month-day, like 2026-11-22"
        raise _Fault(Problem("bad-date", aim.source, _shown(text, name), expected, _FIX))
    return day


def _number(aim: Written, name: str) -> int | None:
    text = _single(aim, name)
    if text is None:
        return None
    if not re.fullmatch("[0-9]{1,7}", text) or int(text) > MAX_COUNT:
        raise _Fault(Problem("bad-number", aim.source, _shown(text, name), "a whole number is wanted here", _FIX))
    return int(text)


def _hours(aim: Written, code: str, old_name: str | None) -> Decimal | None:
    """Give hours by their record (from 2026/27), or by the element that had them before; both must agree."""
    said: dict[Decimal, str] = {}
    for record in aim.hours:
        if _single(record, "HRSType") in (None, "HRS") and _single(record, "HRSCode") == code:
            text = _single(record, "HRSAmount")
            if text is not None:
                said[_amount(record, "HRSAmount", text)] = f"HRSAmount of HRSCode {code}"
    text = _single(aim, old_name) if old_name else None
    if old_name and text is not None:
        said[_amount(aim, old_name, text)] = old_name
    if len(said) > 1:
        found = " and ".join(f"{name} {hours}" for hours, name in said.items())
        raise _Fault(
            Problem(
                "contradiction",
                aim.source,
                found,
                "the same hours are said once",
                _FIX,
            )
        )
    return next(iter(said), None)


def _amount(written: Written, name: str, text: str) -> Decimal:
    if not _HOURS.fullmatch(text) or Decimal(text) > MAX_HOURS:
        expected = f"hours are a number from 0 to {MAX_HOURS:,}"
        raise _Fault(Problem("bad-number", written.source, _shown(text, name), expected, _FIX))
    return Decimal(text)


def _shown(text: str, name: str) -> str:
    """Give a value with its element's name; one that is not made of figures could be personal, and is not repeated."""
    return f"{quoted(text)} in {name}" if _HARMLESS.fullmatch(text) else f"something that is not shown here in {name}"
