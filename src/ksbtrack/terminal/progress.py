"""A bar of work that takes hours: how much is done, how fast, how long it will take; only where people look."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

_MINUTE = 60


class _Rate(ProgressColumn):
    """How many are done in a minute."""

    def render(self, task: Task) -> Text:
        """Give the rate; nothing before the first is done."""
        speed = task.finished_speed or task.speed
        return Text(f"{speed * _MINUTE:,.0f} a minute" if speed else "")


@contextmanager
def progress_bar(words: str, total: int, stream: TextIO) -> Iterator[Callable[[], None]]:
    """Give what is called as each is done; it draws a bar where the stream is a terminal, and nothing elsewhere.

    Args:
        words: what is done.
        total: how many there are.
        stream: where it is shown; not the output itself, which may go to a file.
    """
    if not stream.isatty():
        yield lambda: None
        return
    progress = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeRemainingColumn(),
        TextColumn("left"),
        console=Console(file=stream, highlight=False, markup=False, emoji=False),
        speed_estimate_period=10 * _MINUTE,
        transient=True,
    )
    with progress:
        bar = progress.add_task(words, total=total)
        yield lambda: progress.advance(bar)
