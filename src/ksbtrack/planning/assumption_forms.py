"""The forms in which something can be assumed, and what each does to a case."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from ksbtrack.models.case import AssumedPart, Case
from ksbtrack.models.levels import Level
from ksbtrack.models.portfolio import (
    Acceptance,
    AcceptanceState,
    Break,
    ClaimState,
    Evidence,
    LoggedHours,
    Qualification,
    QualificationState,
)
from ksbtrack.models.standard import RequirementRule
from ksbtrack.models.values import has_likely_year, in_words, listed
from ksbtrack.problems import KsbtrackError, Problem, Source, did_you_mean, quoted
from ksbtrack.rules.acceptance import state_on
from ksbtrack.rules.period import DAYS_IN_WEEK, is_in_break
from ksbtrack.rules.progression import subjects_of
from ksbtrack.rules.qualifications import subject_words
from ksbtrack.rules.words import counted, plain, sentence

MOST_WORDS = 200
"""Characters of one assumption."""
MOST_WEEKLY_HOURS = Decimal(60)
"""Off-the-job hours that a week can be assumed to have: beside sleep there is hardly room for more."""
ASKED = Source("--assume")
FORMS = (
    "accept E12",
    "confirm E12",
    "hours +6/week",
    "english achieved 2026-12-01",
    "gateway 2026-12-18",
    "break 2026-08-01 to 2026-08-31",
)
"""Everything that can be assumed, each as an example."""


class Assumed(NamedTuple):
    """An assumption that was understood, whomever it is about.

    Attributes:
        words: as it was asked.
        about: what it is about; two about the same contradict each other unless they say the same.
        says: what it says of that.
        part: of the records that it is about.
        subject: as `Assumption.subject` has it, with capitals as they were asked.
        change: gives a case with it, and what it means there; raises KsbtrackError where it does not fit.
        hours_a_week: off-the-job hours in each week to come.
    """

    words: str
    about: str
    says: object
    part: AssumedPart
    subject: str
    change: Callable[[Case], tuple[Case, str]]
    hours_a_week: Decimal | None = None


def may_say_the_same(one: Assumed, other: Assumed) -> bool:
    """Say whether only a case tells if two assumptions about the same say the same.

    One qualification on one day, where one of them names a level and the other means the one asked for.
    """
    if not (isinstance(one.says, tuple) and isinstance(other.says, tuple)):
        return False
    return one.says[0] == other.says[0] and None in (one.says[1], other.says[1])


def understood(said: str) -> Assumed:
    """Give what some words mean before it is known whom they are about.

    Args:
        said: such as `accept E12`, with single spaces.

    Raises:
        KsbtrackError: `bad-assumption`, `bad-date`, `bad-number`, `dates-reversed`.
    """
    if len(said) <= MOST_WORDS:
        for pattern, read in _READING:
            match = pattern.fullmatch(said)
            if match:
                return read(match)
    raise KsbtrackError(
        Problem(
            "bad-assumption",
            ASKED,
            quoted(said),
            f"what can be assumed is written like {listed(quoted(form) for form in FORMS)}",
            "Write it in one of these ways, each with an --assume of its own.",
        )
    )


def _accept(match: re.Match[str]) -> Assumed:
    written = match["piece"]

    def change(case: Case) -> tuple[Case, str]:
        name = _piece(case, written)
        piece = case.portfolio.by_id[name]
        if _is_accepted(case, piece):
            return case, f"{name} is accepted already: this changes nothing."
        accepted = Acceptance(
            state=AcceptanceState.ACCEPTED, on=_latest(case, piece.date), fingerprint=piece.fingerprint or None
        )
        day = in_words(accepted.on or case.on)
        return _with_piece(case, name, acceptance=accepted), f"An assessor accepted {name} as it is now, on {day}."

    return Assumed(match.string, f"acceptance of {written.casefold()}", "accepted", AssumedPart.PIECE, written, change)


def _is_accepted(case: Case, piece: Evidence) -> bool:
    """Say whether a piece is on record as accepted by the last day that can count, and was not changed since."""
    acceptance = piece.acceptance
    is_accepted = state_on(acceptance, case.last_day) is AcceptanceState.ACCEPTED
    return is_accepted and acceptance.fingerprint in (None, piece.fingerprint)


def _latest(case: Case, made: date) -> date:
    """Give the last day that can count, and not one before the piece was made."""
    return max(case.last_day, made)


def _confirm(match: re.Match[str]) -> Assumed:
    written = match["piece"]

    def change(case: Case) -> tuple[Case, str]:
        name = _piece(case, written)
        claims = tuple(
            claim.model_copy(update={"state": ClaimState.CONFIRMED}) for claim in case.portfolio.by_id[name].claims
        )
        return _with_piece(case, name, claims=claims), f"An assessor confirmed every claim of {name}."

    return Assumed(match.string, f"claims of {written.casefold()}", "confirmed", AssumedPart.PIECE, written, change)


def _piece(case: Case, written: str) -> str:
    by_folded = {piece.id.casefold(): piece.id for piece in case.portfolio.evidence}
    if written.casefold() in by_folded:
        return by_folded[written.casefold()]
    fix = did_you_mean(written, by_folded.values()) + "Name a piece of the portfolio."
    raise KsbtrackError(Problem("unknown-id", ASKED, quoted(written), "no piece in evidence/ has that id", fix))


def _with_piece(case: Case, name: str, **changes: Any) -> Case:
    evidence = tuple(
        piece.model_copy(update=changes) if piece.id == name else piece for piece in case.portfolio.evidence
    )
    return _with(case, evidence=evidence)


def _with(case: Case, **changes: Any) -> Case:
    return replace(case, portfolio=case.portfolio.model_copy(update=changes))


def _hours(match: re.Match[str]) -> Assumed:
    try:
        hours = Decimal(match["hours"])
    except InvalidOperation:
        hours = Decimal(0)
    if not 0 < hours <= MOST_WEEKLY_HOURS:
        expected = f"hours of a week are more than 0 and at most {plain(MOST_WEEKLY_HOURS)}"
        fix = "Correct the hours, or leave the assumption out."
        raise KsbtrackError(Problem("bad-number", ASKED, quoted(match.string), expected, fix))

    def change(case: Case) -> tuple[Case, str]:
        if not case.standard.is_apprenticeship:
            raise _pointless(match, "a role profile asks for no hours")
        if case.portfolio.off_the_job is None:
            raise _pointless(match, "there is no off-the-job log (off-the-job.csv), so the hours so far are not known")
        return _with_hours(case, hours)

    return Assumed(match.string, "hours a week", hours, AssumedPart.HOURS, "", change, hours)


def _pointless(match: re.Match[str], why: str) -> KsbtrackError:
    return KsbtrackError(Problem("bad-assumption", ASKED, quoted(match.string), why, "Leave the assumption out."))


def _with_hours(case: Case, hours: Decimal) -> tuple[Case, str]:
    """Give the case with so many hours in each full week of learning from the last entry of the log to the day."""
    log = case.portfolio.off_the_job or ()
    first = case.portfolio.dates.first - timedelta(days=1)
    begin = max([first, *(row.date for row in log if row.date <= case.last_day)])
    rows, learnt = [], 0
    for back in range(1, (case.last_day - begin).days + 1):
        day = begin + timedelta(days=back)
        learnt += not is_in_break(case, day)
        if learnt == DAYS_IN_WEEK:
            rows.append(LoggedHours(date=day, hours=hours, activity="Assumed"))
            learnt = 0
    weekly = f"{plain(hours)} {'hour is' if hours == 1 else 'hours are'} logged"
    if not rows:
        until = f"no full week of learning lies between the log's last entry and {in_words(case.last_day)}"
        means = f"{weekly} in each week to come; {until}, so it changes the forecast alone."
        return case, means
    means = (
        f"{weekly} in each of {counted(len(rows), 'week')} after {in_words(begin)}, up to {in_words(case.last_day)}."
    )
    return _with(case, off_the_job=tuple(sorted([*log, *rows], key=lambda row: row.date))), means


def _achieved(match: re.Match[str]) -> Assumed:
    subject = match["subject"].casefold().replace(" ", "_").replace("mathematics", "maths")
    day, named = _day(match["day"]), _level(match)

    def change(case: Case) -> tuple[Case, str]:
        known = _subjects(case)
        if subject not in known:
            expected = f"the qualifications asked for or on record are in {', '.join(sorted(known)) or 'nothing'}"
            fix = did_you_mean(subject, sorted(known)) + "Correct the subject."
            raise KsbtrackError(Problem("unknown-id", ASKED, quoted(match["subject"]), expected, fix))
        level = named or known[subject]
        held = Qualification(subject=subject, level=level, state=QualificationState.ACHIEVED, awarded=day)
        records = case.portfolio.records
        others = tuple(record for record in records.qualifications if not _is_replaced(record, held, case.last_day))
        made = records.model_copy(update={"qualifications": (*others, held)})
        at = f" at {level.words}" if level else ""
        means = f"{sentence(subject_words(subject))}{at} is awarded on {in_words(day)}."
        if day > case.last_day:
            means = f"{means.rstrip('.')}, which is after {in_words(case.last_day)}: it changes nothing yet."
        return _with(case, records=made), means

    says = (day, named)
    return Assumed(match.string, f"qualification in {subject}", says, AssumedPart.QUALIFICATION, subject, change)


def _is_replaced(record: Qualification, held: Qualification, last: date) -> bool:
    """Say whether an assumed qualification is what a record says is being worked towards.

    One that is awarded after the last day that can count is still worked towards by then, and so is one at a higher
    level: either can be what a rule asks for.
    """
    if record.subject != held.subject or record.state is not QualificationState.WORKING_TOWARDS:
        return False
    reaches = record.level is None or (held.level is not None and held.level.reaches(record.level))
    return reaches and held.awarded is not None and held.awarded <= last


def _level(match: re.Match[str]) -> Level | None:
    written = match["level"]
    if written is None:
        return None
    try:
        return Level(written.upper())
    except ValueError:
        expected = f"a level is one of {', '.join(Level)}"
        raise KsbtrackError(
            Problem("bad-assumption", ASKED, quoted(match.string), expected, "Correct the level, or leave it out.")
        ) from None


def _subjects(case: Case) -> dict[str, Level | None]:
    """Give the subjects of the qualifications that the standard asks for or the portfolio has, with their level.

    The level is the one asked for; where the rules decide it, the level 2 that is enough for all of them.
    """
    known: dict[str, Level | None] = {}
    for requirement in case.standard.requirements:
        if requirement.subject:
            level = requirement.level
            if requirement.rule is RequirementRule.ENGLISH_AND_MATHS:
                level = level or Level.L2
            known[requirement.subject] = Level(level.value) if level else None
        if requirement.condition is not None:
            known |= {subject: known.get(subject) for subject in subjects_of(requirement.condition)}
    for record in case.portfolio.records.qualifications:
        known.setdefault(record.subject, Level(record.level.value) if record.level else None)
    return known


def _gateway(match: re.Match[str]) -> Assumed:
    day = _day(match["day"])

    def change(case: Case) -> tuple[Case, str]:
        dates = case.portfolio.dates
        if not case.standard.is_apprenticeship:
            raise _pointless(match, "a role profile has no gateway")
        if day <= dates.first:
            raise _reversed(f"gateway on {day.isoformat()}, and learning from {dates.first.isoformat()}")
        return _with(case, dates=dates.model_copy(update={"gateway": day})), f"Gateway is agreed for {in_words(day)}."

    return Assumed(match.string, "gateway", day, AssumedPart.GATEWAY, "", change)


def _break(match: re.Match[str]) -> Assumed:
    start, end = _day(match["start"]), _day(match["end"])
    if end < start:
        raise _reversed(f"a break from {start.isoformat()} to {end.isoformat()}")

    def change(case: Case) -> tuple[Case, str]:
        dates = case.portfolio.dates
        if start < dates.first:
            raise _reversed(f"a break from {start.isoformat()}, and learning from {dates.first.isoformat()}")
        made = dates.model_copy(update={"breaks": (*dates.breaks, Break(start=start, end=end))})
        return _with(case, dates=made), f"Learning is broken from {in_words(start)} to {in_words(end)}."

    return Assumed(match.string, f"break {start.isoformat()} {end.isoformat()}", "break", AssumedPart.BREAK, "", change)


def _reversed(found: str) -> KsbtrackError:
    return KsbtrackError(
        Problem(
            "dates-reversed",
            ASKED,
            found,
            "learning begins, a break begins and ends, and gateway comes after",
            "Correct the dates.",
        )
    )


def _day(written: str) -> date:
    try:
        day = date.fromisoformat(written)
    except ValueError:
        expected = "a date is a day in the calendar, written 2026-11-22"
        raise KsbtrackError(Problem("bad-date", ASKED, quoted(written), expected, "Correct the date.")) from None
    if not has_likely_year(day):
        expected = "no apprenticeship is so early or so late"
        raise KsbtrackError(Problem("bad-date", ASKED, quoted(written), expected, "Correct the year."))
    return day


_DAY = r"(?P<{}>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})"
_READING: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Assumed]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), read)
    for pattern, read in (
        (r"accept (?P<piece>[^\s,]+)", _accept),
        (r"confirm (?P<piece>[^\s,]+)", _confirm),
        (r"hours ?\+ ?(?P<hours>[0-9]{1,6}(?:\.[0-9]{1,2})?) ?(?:/|a|per) ?week", _hours),
        (
            r"(?P<subject>[a-z][a-z_ ]*?)(?: (?:at )?level (?P<level>[a-z]?[0-9]))? achieved(?: on)? "
            + _DAY.format("day"),
            _achieved,
        ),
        (r"gateway(?: on)? " + _DAY.format("day"), _gateway),
        (r"break(?: from)? " + _DAY.format("start") + r" to " + _DAY.format("end"), _break),
    )
)
"""How each assumption is written, and what reads it."""
