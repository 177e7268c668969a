"""What YAML cannot read, in words that its author can mend it by."""

from __future__ import annotations

import re
from collections.abc import Sequence

import yaml

from ksbtrack.problems import Problem, Source, quoted

_FRIENDLY: tuple[tuple[str, str], ...] = (
    ("cannot start any token", "Put the text in quotes: YAML does not let it begin with that character."),
    ("alphabetic or numeric", "Put the text in quotes: YAML does not let it begin with that character."),
    ("mapping values are not allowed", "Put the text in quotes: a colon and a space inside it look like a new key."),
    ("did not find expected key", "Check the indentation and the quotes of this line and the one before it."),
    ("could not find expected ':'", "Write 'key: text', or indent the line as part of the text above it."),
    ("unexpected end of stream", "Close the quotes that are opened on this line."),
    ("expected ',' or", "Close the bracket that is opened on this line, and put commas between what is in it."),
    ("did not find expected", "Check the brackets, quotes and indentation of this line and the one before it."),
    ("escape", "Write the backslash twice, or use single quotes."),
)


def syntax_problem(error: yaml.YAMLError, file: str, first_line: int, rows: Sequence[str]) -> Problem:
    """Give the problem of a text that YAML cannot read, with the line to mend and how.

    Args:
        error: what the YAML reader raised.
        file: the path for messages.
        first_line: the line of the file on which the text begins.
        rows: the text, line by line.
    """
    reason = str(getattr(error, "problem", None) or error).split("\n")[0]
    mark = getattr(error, "problem_mark", None)
    start = getattr(error, "context_mark", None)
    if mark is None or (start is not None and ("end of stream" in reason or "expected ',' or" in reason)):
        # What was opened and never closed is found out at the end of the file, but mended where it begins.
        mark = start
    number = min(int(mark.line) if mark else 0, len(rows) - 1)
    while number and not rows[number].strip():
        number -= 1
    row = rows[number]
    if "\t" in row[: len(row) - len(row.lstrip())]:
        fix = "Indent with spaces: YAML does not allow tabs there."
    elif "mapping values" in reason and len(re.findall(r":(?: |$)", row.rstrip())) == 1:
        fix = "Let this line begin in the same column as the line that it belongs with."
    else:
        fix = next((advice for words, advice in _FRIENDLY if words in reason), "Check this line and the one before it.")
    return Problem(
        "bad-yaml", Source(file, number + first_line), quoted(row.strip()), f"YAML cannot read it ({reason})", fix
    )
