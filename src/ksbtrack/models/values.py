"""The kinds of value that a file of ours can hold, each read strictly from text.

Every message says what was found and what could stand there. `load` turns it into a problem with file and line.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic_core import PydanticCustomError

from ksbtrack.problems import did_you_mean, quoted, several

MAX_NAME = 200
"""Characters of a name, title or other single line: twice the longest title in the official feed."""
MAX_TEXT = 20_000
"""Characters of a statement or a written account: over ten pages; longer ones make a report unreadable and slow."""
MAX_LIST = 2_000
"""Entries of one list: ten times the claims, statements or files that any real piece or standard has."""
FIRST_YEAR = 1900
"""The first year that a date can have: no learner was born, and no rule or certificate made, before it."""
LAST_YEAR = 2199
"""The last year that a date can have. A later one is a slip, and adding to it can leave the calendar."""
MAX_COUNT = 1_000_000
"""The largest whole number: more than any standard's hours or the calendar's days; sums with it stay exact and fast."""
MAX_HOURS = 100_000
"""The largest number of hours: more than eleven years of days and nights."""
MAX_DAYS_OF_WORK = 1_000
"""Days of one step of a plan: more than a whole programme takes, and no date leaves the calendar."""
MAX_MONTHS = 1_200
"""The largest number of months, a hundred years: a date plus so many is still in the calendar."""

_CODE = re.compile(r"[A-Z]{1,4}[0-9]{1,3}(\.[0-9]{1,3})?")
_REFERENCE = re.compile(r"[A-Za-z][A-Za-z0-9]{1,11}")
_VERSION = re.compile(r"[0-9]{1,4}(?:[.-][0-9]{1,4}){0,2}|unknown")
_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")
_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_BRITISH_DAY = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})")
_NUMBER = re.compile(r"(0|[1-9][0-9]{0,8})(\.[0-9]{1,4})?")
_COUNT = re.compile(r"0|[1-9][0-9]{0,8}")


class Model(BaseModel):
    """A frozen noun; a key that it does not have is a problem, never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    filled_on_loading: ClassVar[frozenset[str]] = frozenset()
    """Fields that loading fills; a file that has one of these keys is mistaken."""

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Give a copy with some values changed; what was computed from the old values is forgotten.

        Pydantic's own copy keeps cached properties, with which a changed standard would still list its old statements.
        """
        copied = super().model_copy(update=update, deep=deep)
        for name in copied.__dict__.keys() - type(self).model_fields.keys():
            del copied.__dict__[name]
        return copied


class Known(StrEnum):
    """How sure a declared fact is; `not_stated` where its file does not say."""

    NOT_STATED = "not_stated"
    OFFICIAL = "official"
    RECONSTRUCTED = "reconstructed"
    OURS = "ours"

    @property
    def is_doubtful(self) -> bool:
        """Say whether readers should be told; of what its file does not mark, there is nothing to tell."""
        return self in (Known.RECONSTRUCTED, Known.OURS)


def refuse(code: str, found: Any, expected: str, fix: str) -> PydanticCustomError:
    """Give the error of a value that cannot be read; the arguments are those of a `Problem`, `found` as it stands."""
    shown = quoted(found) if isinstance(found, str) else _kind(found)
    return PydanticCustomError("ksbtrack", "{found}", {"code": code, "found": shown, "expected": expected, "fix": fix})


def _kind(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, list) else type(value).__name__


def word_of(value: Any, expected: str) -> str:
    """Give a value that is one text; anything else is refused.

    Args:
        value: what stands in the file.
        expected: what is wanted, as a clause.

    Raises:
        PydanticCustomError: `wrong-type`.
    """
    if not isinstance(value, str):
        fix = "Write one text after the colon." if value is not None else "Write it, or delete the key."
        raise refuse("wrong-type", value, expected, fix)
    return value


def _line(value: Any) -> str:
    return " ".join(_text(value, MAX_NAME).split())


def _prose(value: Any) -> str:
    return _text(value, MAX_TEXT)


def _text(value: Any, limit: int) -> str:
    text = word_of(value, "a text is wanted here").strip()
    if not text:
        raise refuse("wrong-type", None, "a text is wanted here", "Write it, or delete the key.")
    # Before anything else looks at it: composing accents takes the square of their number.
    if len(text) > limit:
        raise refuse("text-too-long", text, f"it has {len(text):,} characters, and {limit:,} fit here", "Shorten it.")
    return unicodedata.normalize("NFC", text)


def _day(value: Any) -> date:
    if isinstance(value, date):
        return _in_calendar(value, value.isoformat())
    text = word_of(value, "a date is wanted here")
    match = _DAY.fullmatch(text)
    if not match:
        raise refuse("bad-date", text, "a date is written year-month-day", _day_written(text))
    try:
        day = date(*(int(part) for part in match.groups()))
    except ValueError as error:
        raise refuse(
            "bad-date", text, "no such day is in the calendar", "Correct the date; it is written year-month-day."
        ) from error
    return _in_calendar(day, text)


def _in_calendar(day: date, text: str) -> date:
    if not has_likely_year(day):
        raise refuse("bad-date", text, f"a year here is between {FIRST_YEAR} and {LAST_YEAR}", "Correct the year.")
    return day


def has_likely_year(day: date) -> bool:
    """Say whether a day is in the years that a date can have; sums with it stay in the calendar then."""
    return FIRST_YEAR <= day.year <= LAST_YEAR


def _day_written(text: str) -> str:
    """Give the advice on a date in another form; one as it is written in Britain is named as it should stand."""
    match = _BRITISH_DAY.fullmatch(text.strip())
    if match:
        number, month, year = (int(part) for part in match.groups())
        try:
            return f"If {in_words(date(year, month, number))} is meant, write {date(year, month, number)}."
        except ValueError:
            pass
    return "Write it like 2026-11-22."


def _hours(value: Any) -> Decimal:
    if isinstance(value, Decimal):
        return value
    text = word_of(value, "a number is wanted here")
    if not _NUMBER.fullmatch(text):
        fix = "Write digits without noughts in front, with a point for decimals, like 37 or 7.5."
        raise refuse("bad-number", text, "a number of 0 or more is wanted here", fix)
    hours = Decimal(text)
    if hours > MAX_HOURS:
        raise refuse("bad-number", text, f"a number here is at most {MAX_HOURS:,}", "Correct the number.")
    return hours


def _count(value: Any) -> int:
    if isinstance(value, int):
        return value
    text = word_of(value, "a whole number is wanted here")
    if not _COUNT.fullmatch(text):
        fix = "Write digits without noughts in front, like 2."
        raise refuse("bad-number", text, "a whole number of 0 or more is wanted here", fix)
    if int(text) > MAX_COUNT:
        raise refuse("bad-number", text, f"a number here is at most {MAX_COUNT:,}", "Correct the number.")
    return int(text)


def _at_least_one(value: Any) -> int:
    return _one_or_more(value, "Write the number of pieces that is enough; none at all would be shown by nothing.")


def _some(value: Any) -> int:
    return _one_or_more(value, "Write a number of 1 or more, or leave the key out.")


def _one_or_more(value: Any, fix: str) -> int:
    number = _count(value)
    if not number:
        raise refuse("bad-number", str(value), "a whole number of 1 or more is wanted here", fix)
    return number


_SYNONYMS = {"mathematics": "maths", "math": "maths", "english_language": "english", "numeracy": "maths"}


def _subject(value: Any) -> str:
    """Give a subject as rules compare it: small letters, `_` for spaces and hyphens, one name for each subject."""
    text = re.sub(r"[\s-]+", "_", word_of(value, "a subject is wanted here").strip().casefold())
    if not _ID.fullmatch(text):
        raise refuse("bad-id", str(value), "a subject is a word", "Write it like maths or safeguarding.")
    return _SYNONYMS.get(text, text)


def _months(value: Any) -> int:
    return _at_most(value, MAX_MONTHS, "months")


def _days_of_work(value: Any) -> int:
    return _at_most(value, MAX_DAYS_OF_WORK, "days")


def _at_most(value: Any, most: int, unit: str) -> int:
    number = _count(value)
    if number > most:
        raise refuse("bad-number", str(value), f"there are at most {most:,} {unit} here", "Correct the number.")
    return number


def _some_hours(value: Any) -> Decimal:
    hours = _hours(value)
    if not hours:
        fix = "Write the hours, like 6, or leave the key out."
        raise refuse("bad-number", str(value), "a number above 0 is wanted here", fix)
    return hours


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    text = word_of(value, "yes or no is wanted here").casefold()
    if text not in ("yes", "no", "true", "false"):
        raise refuse("bad-choice", text, "yes or no is wanted here", "Write yes or no.")
    return text in ("yes", "true")


def _matching(pattern: re.Pattern[str], code: str, expected: str, fix: str) -> BeforeValidator:
    def read(value: Any) -> str:
        text = word_of(value, expected).strip()
        if not pattern.fullmatch(text):
            raise refuse(code, text, expected, fix)
        return text

    return BeforeValidator(read)


def choice(options: type[StrEnum]) -> BeforeValidator:
    """Give the reader of one word out of a list; capitals, spaces and hyphens do not matter."""

    def read(value: Any) -> StrEnum:
        if isinstance(value, options):
            return value
        words = ", ".join(options)
        text = word_of(value, f"one of {words} is wanted here")
        folded = re.sub(r"[\s-]+", "_", text.strip().casefold())
        if folded not in options.__members__.values():
            raise refuse(
                "bad-choice",
                text,
                f"one of {words} is wanted here",
                did_you_mean(folded, options) + "Write one of them.",
            )
        return options(folded)

    return BeforeValidator(read)


def _or_unknown(reader: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        return None if value is None or value == "unknown" else reader(value)

    return read


def _nothing_to_empty(value: Any) -> Any:
    if value is None:
        return ()
    if not isinstance(value, list | tuple):
        raise refuse("wrong-type", value, "a list is wanted here", "Write [one, two], or a line with '- ' for each.")
    if len(value) > MAX_LIST:
        raise PydanticCustomError(
            "ksbtrack",
            "{found}",
            {
                "code": "too-many",
                "found": several(len(value), "entry", "entries"),
                "expected": f"a list may have at most {MAX_LIST:,}",
                "fix": "Shorten it.",
            },
        )
    return value


Line = Annotated[str, BeforeValidator(_line)]
"""One line of text, at most `MAX_NAME` characters, white space folded."""
Prose = Annotated[str, BeforeValidator(_prose)]
"""Text of any lines, at most `MAX_TEXT` characters."""
Day = Annotated[date, BeforeValidator(_day)]
"""A calendar day, written 2026-11-22."""
Hours = Annotated[Decimal, BeforeValidator(_hours)]
"""A number of hours (or another decimal number that cannot be negative)."""
Count = Annotated[int, BeforeValidator(_count)]
"""A whole number, 0 or more, in digits only."""
AtLeastOne = Annotated[int, BeforeValidator(_at_least_one)]
"""A whole number, 1 or more, in digits only."""
Subject = Annotated[str, BeforeValidator(_subject)]
"""A qualification's subject, such as `maths`; capitals, spaces and hyphens do not matter."""
Months = Annotated[int, BeforeValidator(_months)]
"""A whole number of calendar months."""
Some = Annotated[int, BeforeValidator(_some)]
"""A whole number, 1 or more."""
DaysOfWork = Annotated[int, BeforeValidator(_days_of_work)]
"""Days that a piece of work takes."""
SomeHours = Annotated[Decimal, BeforeValidator(_some_hours)]
"""A number of hours above 0."""
Flag = Annotated[bool, BeforeValidator(_flag)]
"""yes or no."""
Code = Annotated[
    str,
    _matching(_CODE, "bad-code", "a code is capital letters and a number", "Write it like K1, TK2 or G7.1."),
]
"""A statement's code."""
Reference = Annotated[
    str, _matching(_REFERENCE, "bad-reference", "a reference is letters and digits", "Write it like ST0148.")
]
"""A standard's reference without its version."""
Version = Annotated[
    str,
    _matching(_VERSION, "bad-version", "a version is numbers with a point", "Write it like 1.0, in quotes or not."),
]
"""A standard's version, as text: 1.10 is not 1.1; `unknown` where its source does not say."""
VersionNamed = Annotated[
    str,
    _matching(
        re.compile(rf"(?:{_REFERENCE.pattern}@)?(?:{_VERSION.pattern})"),
        "bad-version",
        "a version of a standard is named here",
        "Write it like ST0148@1.0.",
    ),
]
"""A version with the standard's reference, or without it."""
Id = Annotated[
    str,
    _matching(
        _ID,
        "bad-id",
        "an id is a letter, then letters, digits, '-' or '_', 40 at most",
        "Write it like E01 or minimum_duration.",
    ),
]
"""The id of a piece, requirement, method or rule."""


UnknownLine = Annotated[str | None, BeforeValidator(_or_unknown(_line))]
"""A `Line`, or the word `unknown`, which becomes None."""
UnknownProse = Annotated[str | None, BeforeValidator(_or_unknown(_prose))]
"""A `Prose`, or the word `unknown`, which becomes None."""
UnknownDay = Annotated[date | None, BeforeValidator(_or_unknown(_day))]
"""A `Day`, or the word `unknown`, which becomes None."""
UnknownHours = Annotated[Decimal | None, BeforeValidator(_or_unknown(_hours))]
"""An `Hours`, or the word `unknown`, which becomes None."""
UnknownCodes = Annotated[tuple[Code, ...] | None, BeforeValidator(lambda value: None if value == "unknown" else value)]
"""A list of codes, or the word `unknown`, which becomes None."""

SYNONYMS = BeforeValidator(lambda value: _SYNONYMS.get(value.casefold(), value) if isinstance(value, str) else value)
"""Marks a choice of subjects that may also be written by another common name."""
List = BeforeValidator(_nothing_to_empty)
"""Marks a tuple that is written as a list; an empty value is an empty list."""


def natural_key(code: str) -> tuple[str | int, ...]:
    """Give the key by which codes and ids sort as people count: K2 before K10, E9 before E10."""
    # The split gives text, digits, text ..., so that text is only ever compared with text.
    parts = re.split(r"([0-9]{1,18})", code)
    return tuple(int(part) if index % 2 else part for index, part in enumerate(parts))


_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def in_words(day: date) -> str:
    """Give a date as people write it, such as 22 November 2026, whatever the locale."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def listed(names: Iterable[str]) -> str:
    """Give names as a sentence lists them: "K1, K2 and S3"."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
