"""Levels of qualifications in England."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import BeforeValidator

from ksbtrack.models.values import refuse, word_of


class Level(StrEnum):
    """The level of a qualification in England, from entry level 1 up."""

    E1 = "E1"
    E2 = "E2"
    E3 = "E3"
    L1 = "1"
    L2 = "2"
    L3 = "3"
    L4 = "4"
    L5 = "5"
    L6 = "6"
    L7 = "7"
    L8 = "8"

    def reaches(self, wanted: Level) -> bool:
        """Say whether this level is `wanted` or higher."""
        order = list(Level)
        return order.index(self) >= order.index(wanted)

    @property
    def words(self) -> str:
        """Give the level as a sentence says it."""
        return f"entry level {self.value[1]}" if self.value.startswith("E") else f"level {self.value}"


def _level(value: Any) -> Level:
    if isinstance(value, Level):
        return value
    text = word_of(value, "a level is wanted here").strip().upper().removeprefix("LEVEL ").replace("ENTRY ", "E")
    try:
        return Level(text)
    except ValueError as error:
        raise refuse(
            "bad-choice", value, "a level is E1, E2, E3 (entry levels) or 1 to 8", "Write the number only."
        ) from error


QualificationLevel = Annotated[Level, BeforeValidator(_level)]
"""A level of a qualification, written E1 to E3 or 1 to 8."""
