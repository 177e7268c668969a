"""What if: each assumption becomes a change of the case. Nothing is ever written; every output says what is assumed."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from ksbtrack.models.case import Assumption, Case
from ksbtrack.models.levels import Level
from ksbtrack.models.portfolio import (
    Acceptance,
    AcceptanceState,
    Break,
    ClaimState,
    LoggedHours,
    Qualification,
    QualificationState,
)
from ksbtrack.models.standard import RequirementRule
from ksbtrack.models.values import has_likely_year, in_words, listed
from ksbtrack.problems import KsbtrackError, Problem, Source, did_you_mean, quoted
from ksbtrack.rules.period import DAYS_IN_WEEK, is_in_break
from ksbtrack.rules.progression import subjects_of
from ksbtrack.rules.qualifications import subject_words
from ksbtrack.rules.words import counted, plain, sentence

MOST_ASSUMPTIONS = 50
"""More than anybody keeps in mind; each is printed wherever the result is."""
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
        about: what it is about; two about the same contradict each other.
        change: gives a case with it, and what it means there; raises KsbtrackError where it does not fit.
        hours_a_week: off-the-job hours in each week to come.
    """

    words: str
    about: str
    change: Callable[[Case], tuple[Case, str]]
    hours_a_week: Decimal | None = None


def assuming(case: Case, words: Sequence[str]) -> Case:
    """Give the case in which some things are taken for true that the records do not say.

    Hours come last, whatever the order in which they are named: they are logged up to a gateway and not in a break, be
    these assumed or not. An assumption that is named twice is made once.

    Args:
        case: the question.
        words: such as `accept E12`; docs/what-if.md has all.

    Raises:
        KsbtrackError: `bad-assumption`, `contradiction`, `unknown-id`, `bad-date`, `bad-number`, `dates-reversed`,
            `too-many`; all of them at once.
    """
    problems: list[Problem] = []
    for found in _read(words, problems):
        try:
            case = _taken(case, found)
        except KsbtrackError as error:
            problems += error.problems
    if problems:
        raise KsbtrackError(*problems)
    return case


def read_assumptions(words: Sequence[str]) -> tuple[Assumed, ...]:
    """Give what some words mean before it is known whom they are about, in the order in which it is to be taken.

    Args:
        words: as for `assuming`.

    Raises:
        KsbtrackError: as `assuming`, but for what depends on a case.
    """
    problems: list[Problem] = []
    found = _read(words, problems)
    if problems:
        raise KsbtrackError(*problems)
    return found


def assuming_what_fits(case: Case, assumed: Iterable[Assumed]) -> Case:
    """Give the case with those assumptions that fit it; `Case.assumptions` says which these are.

    One that names a piece that the learner does not have, say, is left out: what is assumed of a whole cohort need not
    concern everyone.

    Args:
        case: the question.
        assumed: as `read_assumptions` gives them.
    """
    for found in assumed:
        with contextlib.suppress(KsbtrackError):
            case = _taken(case, found)
    return case


def _taken(case: Case, found: Assumed) -> Case:
    changed, means = found.change(case)
    return replace(changed, assumptions=(*case.assumptions, Assumption(found.words, means, found.hours_a_week)))


def _read(words: Sequence[str], problems: list[Problem]) -> tuple[Assumed, ...]:
    """Give what was understood, hours last, and add what was not to the problems."""
    if len(words) > MOST_ASSUMPTIONS:
        most = f"at most {MOST_ASSUMPTIONS} can be made at once"
        problems.append(Problem("too-many", ASKED, f"{len(words)} assumptions", most, "Leave some of them out."))
        return ()
    understood: dict[str, Assumed] = {}
    for said in dict.fromkeys(" ".join(text.split()) for text in words):
        try:
            found = _understood(said)
        except KsbtrackError as error:
            problems += error.problems
            continue
        earlier = understood.setdefault(found.about, found)
        if earlier is not found:
            problems.append(_contradiction(earlier.words, said))
    return tuple(sorted(understood.values(), key=lambda found: found.hours_a_week is not None))


def _contradiction(one: str, two: str) -> Problem:
    return Problem(
        "contradiction",
        ASKED,
        f"{quoted(one)} and {quoted(two)}",
        "two assumptions about the same cannot both hold",
        "Leave one of them out.",
    )


def _understood(said: str) -> Assumed:
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
        accepted = Acceptance(
            state=AcceptanceState.ACCEPTED, on=_latest(case, piece.date), fingerprint=piece.fingerprint or None
        )
        day = in_words(accepted.on or case.on)
        return _with_piece(case, name, acceptance=accepted), f"An assessor accepted {name} as it is now, on {day}."

    return Assumed(match.string, f"acceptance of {written.casefold()}", change)


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

    return Assumed(match.string, f"claims of {written.casefold()}", change)


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

    return Assumed(match.string, "hours a week", change, hours)


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
        others = tuple(record for record in records.qualifications if not _is_replaced(record, held))
        made = records.model_copy(update={"qualifications": (*others, held)})
        at = f" at {level.words}" if level else ""
        means = f"{sentence(subject_words(subject))}{at} is awarded on {in_words(day)}."
        if day > case.last_day:
            means = f"{means.rstrip('.')}, which is after {in_words(case.last_day)}: it changes nothing yet."
        return _with(case, records=made), means

    return Assumed(match.string, f"qualification in {subject}", change)


def _is_replaced(record: Qualification, held: Qualification) -> bool:
    """Say whether an assumed qualification is what a record says is being worked towards."""
    return record.subject == held.subject and record.state is QualificationState.WORKING_TOWARDS


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

    return Assumed(match.string, "gateway", change)


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

    return Assumed(match.string, f"break {start.isoformat()} {end.isoformat()}", change)


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
