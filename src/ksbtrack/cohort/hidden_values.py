"""What a fault of a portfolio folder does not show of a learner, in files that more people read than the portfolio.

Tables say by column what must not be shown; of a folder it is told by the kind of the fault and the line it is on.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from ksbtrack.cohort.cells import HIDDEN_WORDS
from ksbtrack.problems import Problem

_FREE_TEXT = frozenset(
    ("bad-csv", "bad-yaml", "contradiction", "hidden-comment", "no-front-matter", "text-too-long", "wrong-type")
)
"""Codes of problems that quote a line or a text, whatever it is about."""
_PERSONAL = re.compile(r"""(?:^|[\s{,"'-])(?:uln|born|age_at_start)["']?\s*:""")
_LINE_END = re.compile(r"\r\n|\r|\n")


def without_personal_values(problem: Problem, file: Path) -> Problem:
    """Give a problem without the ULN, the day of birth, the age, or free text that it would show.

    Args:
        problem: of a file of a portfolio.
        file: that file.
    """
    if problem.code in HIDDEN_WORDS and _PERSONAL.search(_line(file, problem.source.line)):
        expected, fix = HIDDEN_WORDS[problem.code]
        return replace(problem, found="a value that is not shown here", expected=expected, fix=fix)
    if problem.code == "bad-uln":
        return replace(problem, found="a value that is not shown here")
    if problem.code in _FREE_TEXT and "'" in problem.found:
        return replace(problem, found="text that is not shown here")
    return problem


def _line(file: Path, number: int) -> str:
    """Give a line of a file; what cannot be read is taken for a personal one."""
    try:
        lines = _LINE_END.split(file.read_text("utf-8", errors="replace"))
    except OSError:
        return "born:"
    return lines[number - 1] if 0 < number <= len(lines) else ""
