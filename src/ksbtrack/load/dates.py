"""Dates of one learner that do not fit together."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ksbtrack.models.portfolio import Dates, Learner
from ksbtrack.problems import Problem, Source
from ksbtrack.yamlfile import YamlText

AGES = (10, 100)
"""The lowest and highest age at the start that is no slip of the pen; whether it is allowed is another question."""


def date_problems(dates: Dates, text: YamlText) -> Iterator[Problem]:
    """Yield a problem for each date that lies before one that it follows."""
    for key, early_name, early, late_name, late in (
        ("original_start", "the original start", dates.original_start, "the start", dates.start),
        ("planned_gateway", "the start", dates.start, "the planned gateway", dates.planned_gateway),
        ("gateway", "the start", dates.start, "the gateway", dates.gateway),
    ):
        if early and late and early > late:
            yield _reversed(text.source(("dates", key)), early_name, early, late_name, late)
    for index, pause in enumerate(dates.breaks):
        source = text.source(("dates", "breaks", index))
        if dates.first > pause.start:
            yield _reversed(source, "the start", dates.first, "the first day of a break", pause.start)
        if pause.end and pause.start > pause.end:
            yield _reversed(source, "its first day", pause.start, "the last day of a break", pause.end)
    for index, (before, after) in enumerate(zip(dates.breaks, dates.breaks[1:], strict=False), start=1):
        if before.end is None or before.end >= after.start:
            yield Problem(
                "contradiction",
                text.source(("dates", "breaks", index)),
                f"a break from {after.start}",
                f"the one before it lasts until {before.end}" if before.end else "the one before it has no end",
                "Put the breaks in the order of their days, each with its end; join those that overlap.",
            )


def _reversed(source: Source, early_name: str, early: date, late_name: str, late: date) -> Problem:
    return Problem(
        "contradiction",
        source,
        f"{late_name} on {late}",
        f"{early_name} is {early}, which is later",
        "Correct one of the two dates.",
    )


def age_problems(learner: Learner, dates: Dates, text: YamlText) -> Iterator[Problem]:
    """Yield a problem where the age at the start cannot be, or is not the one that the birth date gives."""
    least, most = AGES
    by_birth = age_on(learner.born, dates.first) if learner.born else None
    for key, age in (("born", by_birth), ("age_at_start", learner.age_at_start)):
        if age is not None and not least <= age <= most:
            yield Problem(
                "contradiction",
                text.source(("learner", key)),
                f"an age of {age} years on {dates.first}",
                f"nobody younger than {least} or older than {most} starts",
                "Correct the year of birth, the age or the start.",
            )
    if by_birth is not None and learner.age_at_start not in (None, by_birth):
        yield Problem(
            "contradiction",
            text.source(("learner", "age_at_start")),
            f"{learner.age_at_start} years at the start",
            f"someone born on {learner.born} was {by_birth} on {dates.first}",
            "Correct one of the two, or delete the age.",
        )


def age_on(born: date, day: date) -> int:
    """Give a person's age in full years; one born on 29 February has the birthday on 1 March in other years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
