"""What a fault of a portfolio folder does not show of a learner, in files that more people read than the portfolio.

Tables say by column what must not be shown; of a folder it is told by the kind of the fault and the line it is on.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from ksbtrack.cohort.cells import HIDDEN_WORDS
from ksbtrack.models.portfolio import Portfolio
from ksbtrack.problems import Problem

_FREE_TEXT = frozenset(
    ("bad-csv", "bad-yaml", "contradiction", "hidden-comment", "no-front-matter", "text-too-long", "wrong-type")
)
"""Codes of problems that quote a line or a text, whatever it is about."""
_PERSONAL = frozenset(("uln", "born", "age_at_start"))
_KEY = re.compile(r"([^\s{}\[\],:]+)\s*:")
_FIRST_KEY = re.compile(r"[\s{-]*[^\s{}\[\],:]+\s*:")
_LINE_END = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
"""What ends a line in YAML."""
_HEAD = "portfolio.yaml"
"""The file with what is personal; evidence and the log have no key for it."""


def without_personal_values(problem: Problem, file: Path) -> Problem:
    """Give a problem without the ULN, the day of birth, the age, or free text that it would show.

    Args:
        problem: of a file of a portfolio.
        file: that file.
    """
    if problem.code in HIDDEN_WORDS and file.name == _HEAD and not _is_of_others(_line(file, problem.source.line)):
        expected, fix = HIDDEN_WORDS[problem.code]
        return replace(problem, found="a value that is not shown here", expected=expected, fix=fix)
    if problem.code == "bad-uln":
        return replace(problem, found="a value that is not shown here")
    if problem.code in _FREE_TEXT and "'" in problem.found:
        return replace(problem, found="text that is not shown here")
    return problem


def _is_of_others(line: str) -> bool:
    """Say whether a line is certain to hold nothing personal: it begins with a key, and all its keys are plain others.

    A key can be written with escapes, on a line before its value or behind a question mark; none of that is certain.
    """
    keys = [key.strip("\"'") for key in _KEY.findall(line)]
    return bool(_FIRST_KEY.match(line)) and all(key in _other_keys() for key in keys)


@lru_cache(maxsize=1)
def _other_keys() -> frozenset[str]:
    """Give every key of a portfolio but those of what is personal."""
    schema = Portfolio.model_json_schema()
    parts = (schema, *schema["$defs"].values())
    return frozenset(key for part in parts for key in part.get("properties", ())) - _PERSONAL


def _line(file: Path, number: int) -> str:
    """Give a line of a file; nothing where there is none or it cannot be read."""
    try:
        lines = _LINE_END.split(file.read_text("utf-8", errors="replace"))
    except OSError:
        return ""
    return lines[number - 1] if 0 < number <= len(lines) else ""
