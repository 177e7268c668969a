"""When all may be met, by the learner's own pace: figures with their range, or why none can be given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ksbtrack.models.case import Case


@dataclass(frozen=True, slots=True)
class Ahead:
    """Where a running total may stand on a day to come: in one of ten futures it is lower, in one higher.

    `wanted` is the total that is enough for gateway on that day.
    """

    day: date
    low: Decimal
    middle: Decimal
    high: Decimal
    wanted: Decimal


@dataclass(frozen=True, slots=True)
class Progress:
    """Something that grows until it is enough: statements met, or off-the-job hours that count.

    Attributes:
        unit: what is counted, in the plural.
        history: day and running total, each day on which it grew, oldest first.
        actual: the total on the day asked about.
        wanted: the total that is enough by gateway; None where nobody can say.
        expected: the total that an even pace would have by the day asked about; None where no gateway day is on record.
        pace: how much came in a week of learning so far, on average; None where learning has not lasted a week.
        early: in one of ten futures all is met by this day.
        middle: in half of them.
        late: in nine of ten; None in each where it is later than can be told.
        ahead: the totals to come, a week of learning apart.
        why_not: why no dates can be given, as a sentence; empty where they are given.
    """

    unit: str
    history: tuple[tuple[date, Decimal], ...]
    actual: Decimal
    wanted: Decimal | None
    expected: Decimal | None
    pace: Decimal | None
    early: date | None
    middle: date | None
    late: date | None
    ahead: tuple[Ahead, ...]
    why_not: str

    @property
    def is_enough(self) -> bool:
        """Say whether as much is there as is wanted."""
        return self.wanted is not None and self.actual >= self.wanted


@dataclass(frozen=True, slots=True)
class Forecast:
    """When all statements and all hours may be there.

    Attributes:
        case: the question.
        target: the gateway day, agreed or planned; None where neither is on record.
        statements: those that decide.
        hours: off-the-job hours; None where the standard asks for none.
    """

    case: Case
    target: date | None
    statements: Progress
    hours: Progress | None
