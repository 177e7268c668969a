"""Shapes, signs and colours of the terminal, and the way to it: no text is interpreted as markup.

Shapes stand beside words, and colour only repeats them. Where the output's encoding has no such shapes,
signs of ASCII take their place.
"""

from __future__ import annotations

from collections.abc import Iterable
from io import StringIO
from typing import TextIO

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ksbtrack.models.analysis import Status
from ksbtrack.terminal.characters import visible

Marks = dict[Status, str]

MAX_WIDTH = 100
"""Columns that are used at most: longer lines are hard to read."""

SHAPES = {
    Status.MET: "●",
    Status.PARTLY_MET: "◐",
    Status.NOT_MET: "☒",
    Status.UNKNOWN: "◆?",
    Status.NOT_NEEDED: "–",
    Status.CHECK_AGAIN: "▲!",
}
"""The report's shapes, as near as text comes; none of them is drawn as a picture by any terminal."""
SIGNS = {
    Status.MET: "+",
    Status.PARTLY_MET: "/",
    Status.NOT_MET: "X",
    Status.UNKNOWN: "?",
    Status.NOT_NEEDED: "-",
    Status.CHECK_AGAIN: "!",
}
"""The same in ASCII."""
COLOURS = {
    Status.MET: "green",
    Status.PARTLY_MET: "yellow",
    Status.NOT_MET: "red",
    Status.UNKNOWN: "default",
    Status.NOT_NEEDED: "dim",
    Status.CHECK_AGAIN: "yellow",
}


def marks_for(encoding: str | None) -> Marks:
    """Give the shapes where an encoding has them all (as none at all has), and signs of ASCII where it has not."""
    try:
        "".join(SHAPES.values()).encode(encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return SIGNS
    return SHAPES


def of_one_width(marks: Marks, found: Iterable[Status]) -> Marks:
    """Give the marks, each filled up to the widest of those that a view needs, so that words stand below each other."""
    width = max((len(marks[status]) for status in found), default=1)
    return {status: f"{mark:<{width}}" for status, mark in marks.items()}


def rendered(part: RenderableType, stream: TextIO, width: int | None = None) -> str:
    """Give a part as the text that a stream should get: in colour on a terminal only.

    Args:
        part: what to show.
        stream: where it goes.
        width: columns; those of the terminal, up to `MAX_WIDTH`, if left out.
    """
    text = StringIO()
    console = Console(
        file=text,
        force_terminal=stream.isatty() or None,
        highlight=False,
        markup=False,
        emoji=False,
        soft_wrap=False,
        width=width,
    )
    console.print(part, width=min(console.width, MAX_WIDTH))
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines()) + "\n"


def plain(words: str, style: str = "") -> Text:
    """Give words as they are, whatever signs they hold."""
    return Text(visible(words), style=style)


def marked(status: Status, marks: Marks, words: str = "") -> Text:
    """Give the shape of a status with its word, or with other words."""
    return Text(f"{marks[status]} {words or status.words}", style=COLOURS[status])


def indented(part: RenderableType, by: int = 2) -> Padding:
    """Give a part further to the right."""
    return Padding(part, (0, 0, 0, by))


def heading(title: str, rest: str = "") -> Text:
    """Give a title after an empty line, with what follows it on its line."""
    return Text.assemble("\n", (visible(title), "bold"), ("  " + visible(rest) if rest else ""))


def grid(*ratios: int | None) -> Table:
    """Give a table without lines; a column with a ratio takes what the others leave, and wraps."""
    table = Table.grid(padding=(0, 2), expand=any(ratios))
    for ratio in ratios:
        table.add_column(ratio=ratio, no_wrap=ratio is None, overflow="fold")
    return table
