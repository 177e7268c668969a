"""Faults in files, for the people who wrote them: what was found, what was expected, how to mend it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

SHOWN_LENGTH = 60
"""Characters of a found value that a message shows; a longer one is cut, so that one line stays one line."""
LONGEST_WORD = 60
"""Characters of a word that are compared with what it could mean; the longest key or name of ours has 46."""


@dataclass(frozen=True, slots=True, order=True)
class Source:
    """Where something is declared.

    Attributes:
        file: the path as the user gave it, with forward slashes.
        line: counted from 1; 0 stands for the file as a whole.
    """

    file: str
    line: int = 0

    def __str__(self) -> str:
        """Give `file:line`, or the file alone where no line says more."""
        return f"{visible(self.file)}:{self.line}" if self.line else visible(self.file)


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in a file, for its author; it stops the run.

    Attributes:
        code: the fault's name in docs/problems.md.
        source: file and line.
        found: what stands there, quoted where it is the author's own text.
        expected: what could stand there instead, as a clause.
        fix: what to do, as sentences.
    """

    code: str
    source: Source
    found: str
    expected: str
    fix: str

    def __str__(self) -> str:
        """Give the whole message, in two lines."""
        return f"{self.source}: {self.code}: found {self.found}; {self.expected}.\n  {self.fix}"


class KsbtrackError(Exception):
    """Every error this library raises on purpose: one problem or more, in the order of file and line."""

    def __init__(self, *problems: Problem) -> None:
        """Keep the problems, sorted by place, each once."""
        unique = dict.fromkeys(problems)
        self.problems: tuple[Problem, ...] = tuple(sorted(unique, key=_place))
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type[KsbtrackError], tuple[Problem, ...]]:
        """Travel between processes as the problems."""
        return type(self), self.problems


def _place(problem: Problem) -> tuple[list[str | int], str, int, str, str]:
    # E2 before E10; a name splits into text, digits, text ..., so that text is only ever compared with text.
    parts = re.split(r"([0-9]{1,18})", problem.source.file)
    counted = [int(part) if index % 2 else part for index, part in enumerate(parts)]
    return counted, problem.source.file, problem.source.line, problem.code, problem.found


def quoted(text: str) -> str:
    """Give text as a message shows it: in quotes, on one line, cut after `SHOWN_LENGTH` characters.

    Characters that cannot be seen are written as their code, so that a message cannot hide or forge anything.
    """
    shown = text if len(text) <= SHOWN_LENGTH else text[: SHOWN_LENGTH - 1] + "…"
    return f"'{visible(shown)}'"


def visible(text: str) -> str:
    """Give text with the code of each character that cannot be seen in its place."""
    return text if text.isprintable() else "".join(c if c.isprintable() else f"<U+{ord(c):04X}>" for c in text)


def several(count: int, noun: str, plural: str = "") -> str:
    """Give a number with its noun, such as "1 file" or "2,000 files"."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """Give the sentence "Did you mean X? " with a space after it, or nothing if no choice is near.

    Capitals do not matter. Only the first characters of a word are looked at: comparing takes the square of the length.
    A word that is a whole part of one choice alone, as `witness` is of `witness_testimony`, means that one.
    """
    by_folded = {choice.casefold(): choice for choice in choices}
    folded = word[:LONGEST_WORD].casefold()
    near = get_close_matches(folded, list(by_folded), n=1, cutoff=0.6)
    parts = [choice for choice in by_folded if folded in re.split(r"[_\s]", choice)] if folded else []
    if not near and len(parts) == 1:
        near = parts
    return f"Did you mean {by_folded[near[0]]}? " if near else ""
