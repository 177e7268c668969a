"""What is taken for true although the records do not say it, as lines for the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from ksbtrack.models.case import Case
from ksbtrack.terminal.characters import visible


def assumed_lines(case: Case) -> Iterator[Text]:
    """Yield a warning and each assumption; nothing where the records alone are asked.

    Args:
        case: the question.
    """
    if not case.assumptions:
        return
    yield Text("\nWHAT IF: this is not what the records say. Assumed:", style="bold yellow")
    for assumed in case.assumptions:
        yield Text(f"  {visible(assumed.words)}: {visible(assumed.means)}", style="yellow")
