"""Two reports on one learner, and what holds for every difference between them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from ksbtrack.comparison.causes import Passed, assumed_words, only_time_words
from ksbtrack.models.case import AssumedPart, Assumption
from ksbtrack.models.changes import Cause, Traced
from ksbtrack.models.reported import Reported, ReportedRequirement
from ksbtrack.models.values import in_words, listed
from ksbtrack.rules.qualifications import subject_words

NO_MARKS = "the earlier report keeps no marks that would tell"
_DAY = re.compile(r"\b[0-9]{1,2} [A-Z][a-z]+ [0-9]{4}\b|\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b")
"""A day as sentences have it, and as inputs have it."""
_MONTHS = {in_words(date(2000, number, 1)).split()[1]: number for number in range(1, 13)}
_OF_TIME = ("break", "hours", "entries", "gaps")
"""Parts of the names of inputs that a break in learning or a log changes."""
_OF_GATEWAY = ("gateway", "duration")
"""Parts of the names of inputs of rules that look at gateway itself."""


@dataclass(frozen=True, slots=True)
class Sides:
    """Two reports.

    Attributes:
        rules: what differs between the rules of both, as nouns.
        passed: rules of which another value holds now.
        assumed: what only one of them assumes.
    """

    before: Reported
    after: Reported
    rules: tuple[str, ...]
    passed: tuple[Passed, ...]
    assumed: tuple[Assumption, ...]

    @property
    def is_other_standard(self) -> bool:
        """Say whether they are against two standards or versions."""
        return self.before.standard != self.after.standard

    @property
    def is_later(self) -> bool:
        """Say whether they ask about two days."""
        return self.before.on != self.after.on

    @property
    def only_program(self) -> bool:
        """Say whether nothing of the rules differs but the program that judged."""
        return len(self.rules) == 1 and self.rules[0].startswith("version ")

    @property
    def also_rules(self) -> str:
        """Give the sentence on other rules, where the day explains a difference; nothing where they are the same."""
        return f" Judged by {listed(self.rules)}, which may have a part in it." if self.rules else ""

    def is_unchanged(self, *parts: str) -> bool:
        """Say whether both reports have marks, and those of some records are the same."""
        old, new = self.before.marks, self.after.marks
        return bool(old and new) and all(getattr(old, part) == getattr(new, part) for part in parts)

    def days_between(self, texts: Iterable[str]) -> Iterator[date]:
        """Yield each day in some texts that came after the earlier report, up to the later one."""
        for text in texts:
            for found in _DAY.findall(text):
                day = _as_day(found)
                if day and self.before.on < day <= self.after.on:
                    yield day

    @property
    def is_cut_short(self) -> bool:
        """Say whether gateway came before the day of a report, so that records after it do not count."""
        return any(side.gateway < side.on for side in (self.before, self.after))

    def day_is_enough(self, texts: Iterable[str], *, of_gateway: bool = False) -> bool:
        """Say whether days in some texts came in between, also without what only one side assumes of gateway.

        The gateway on record is known from a side that assumes none. Where both do, or the earlier report was already
        bound by its gateway, nothing is said.

        Args:
            texts: sentences or inputs.
            of_gateway: whether gateway is judged by them, so that a gateway on record decides and not the day.
        """
        known = [side.dates.get("gateway", "") for side in (self.before, self.after) if not assumes_gateway(side)]
        if not known or (of_gateway and any(known)) or self.before.gateway < self.before.on:
            return False
        last = min([self.after.gateway, *(date.fromisoformat(day) for day in known if day)])
        days = list(self.days_between(texts))
        return bool(days) and max(days) <= last

    def touched_pieces(self) -> list[str]:
        """Give the pieces of which anything on record changed, or that are on one side only."""
        old, new = self.before.pieces, self.after.pieces
        marks = [{name: (piece.fingerprint, piece.mark) for name, piece in side.items()} for side in (old, new)]
        return [name for name in dict.fromkeys((*new, *old)) if marks[0].get(name) != marks[1].get(name)]


def differently_assumed(before: Reported, after: Reported) -> tuple[Assumption, ...]:
    """Give what only one of two reports assumes, however each writes it."""
    return tuple(
        found
        for side, other in ((before, after), (after, before))
        for found in side.assumptions
        if not any(_says_the_same(found, one) for one in other.assumptions)
    )


def _says_the_same(one: Assumption, other: Assumption) -> bool:
    """Say whether two assumptions say the same by their words, or did the same to the records of the learner."""
    told = [(found.part, found.subject.casefold(), found.means) for found in (one, other)]
    return told[0] == told[1] or one.meaning == other.meaning


def of_piece(sides: Sides, name: str) -> list[Assumption]:
    """Give what only one side assumes of a piece."""
    return [found for found in sides.assumed if found.subject.casefold() == name.casefold()]


def assumes_gateway(side: Reported) -> bool:
    """Say whether a report assumes a gateway: then its dates do not tell the one on record."""
    return any(found.part is AssumedPart.GATEWAY for found in side.assumptions)


def of_requirement(sides: Sides, was: ReportedRequirement, now: ReportedRequirement) -> list[Assumption]:
    """Give what only one side assumes, as far as a requirement can hang on it."""
    names = " ".join((*was.inputs, *now.inputs))
    said = " ".join((now.id, now.title, *was.inputs.values(), *now.inputs.values())).casefold()

    def concerns(found: Assumption) -> bool:
        if found.part is AssumedPart.GATEWAY:
            return sides.is_cut_short or any(part in names for part in _OF_GATEWAY)
        if found.part in (AssumedPart.HOURS, AssumedPart.BREAK):
            return any(part in names for part in _OF_TIME)
        subject = subject_words(found.subject) if found.part is AssumedPart.QUALIFICATION else found.subject
        return not subject or bool(re.search(rf"\b{re.escape(subject.casefold())}\b", said))

    return [found for found in sides.assumed if concerns(found)]


def assumed_cause(sides: Sides, found: Iterable[Assumption], subject: str, *, is_same_record: bool) -> Traced:
    """Give the cause that lies in what is assumed.

    Args:
        sides: the two reports.
        found: what only one of them assumes.
        subject: what it is about.
        is_same_record: whether nothing on record is known to have changed besides.
    """
    held = list(found)
    before, after = (
        [each.words for each in held if each.words in {one.words for one in side.assumptions}]
        for side in (sides.before, sides.after)
    )
    also = "" if is_same_record else " The records changed too, which may have a part in it."
    later = " The day is another one too." if is_same_record and sides.is_later else ""
    return Traced(Cause.ASSUMPTION, subject, f"{assumed_words(before, after)}{also}{later}")


def other_standard(sides: Sides) -> Traced:
    """Give the cause that lies in another standard or version."""
    return Traced(
        Cause.STANDARD, sides.after.standard, f"On {sides.after.standard}, before on {sides.before.standard}."
    )


def unexplained(sides: Sides, *parts: str) -> Traced:
    """Give the cause of what neither a piece nor a wording explains.

    Args:
        sides: the two reports.
        parts: the records that it could hang on; those of the learner, if none is named.
    """
    is_unchanged = sides.is_unchanged(*(parts or ("learner",))) and not sides.touched_pieces()
    if sides.rules:
        words = f"Judged by {listed(sides.rules)}; if the records changed too, that cannot be told apart."
        if is_unchanged:
            day = "; the day is another one too" if sides.is_later else ""
            words = f"Judged by {listed(sides.rules)}; nothing on record changed{day}."
        return Traced(Cause.RULE_BOOK, sides.after.standard, words)
    if sides.assumed and is_unchanged:
        return assumed_cause(sides, sides.assumed, "", is_same_record=True)
    if sides.is_later and sides.is_unchanged(*(parts or ("learner",))):
        return Traced(Cause.TIME, "", only_time_words(sides.before.on, sides.after.on))
    if sides.before.marks and sides.after.marks:
        return Traced(Cause.RECORDS, "", "The records changed.")
    return Traced(Cause.RECORDS, "", f"The records or the rules changed, or the day alone: {NO_MARKS}.")


def _as_day(text: str) -> date | None:
    day, _, rest = text.partition(" ")
    month, _, year = rest.partition(" ")
    try:
        return date(int(year), _MONTHS[month], int(day)) if rest else date.fromisoformat(text)
    except (KeyError, ValueError):
        return None
