"""From a result to the terminal: text for people, JSON for programs, messages for whoever must mend something."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from ksbtrack.problems import KsbtrackError, quoted

if TYPE_CHECKING:
    from cyclopts import App, CycloptsError
    from rich.console import RenderableType


def print_part(part: RenderableType) -> None:
    """Print a view of the result."""
    from ksbtrack.terminal.characters import encodable
    from ksbtrack.terminal.marks import rendered

    _write(encodable(rendered(part, sys.stdout), sys.stdout.encoding))


def print_line(line: str) -> None:
    """Print one line; what could steer the terminal in it as its code."""
    from ksbtrack.terminal.characters import encodable, visible

    _write(encodable(visible(line) + "\n", sys.stdout.encoding))


def print_json(value: Any) -> None:
    """Print JSON; where the output cannot encode a letter, every such letter as its code, which means the same."""
    from ksbtrack.formats.analysis_json import as_json_text

    text = as_json_text(value)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(value, indent=2) + "\n"
    _write(text)


def _write(text: str) -> None:
    """Write to the standard output.

    Raises:
        BrokenPipeError: whoever read it has gone.
        KsbtrackError: `cannot-write`, such as a full disk.
    """
    from ksbtrack.files.writing import cannot_write

    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        silence(sys.stdout)
        raise cannot_write(Path("standard output"), error) from error


def silence(stream: TextIO) -> None:
    """Let what a stream still holds go nowhere: Python flushes once more as it ends, and would complain then."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def print_wrong_usage(app: App, error: CycloptsError) -> None:
    """Print, as an error, what is wrong with a command and how it is written."""
    from cyclopts import UnusedCliTokensError
    from cyclopts.help import format_usage

    chain = tuple(error.command_chain or ())
    words = str(error)
    if isinstance(error, UnusedCliTokensError):
        words = f"Not understood: {' '.join(map(quoted, error.unused_tokens or ()))}."
    usage = format_usage(app, chain).plain.strip()
    more = " ".join(("ksbtrack", *chain, "--help"))
    print_message(f"{words}\nUsage: {usage}\nMore: {more}\n")


def print_problems(error: KsbtrackError) -> None:
    """Print, as errors, all problems of all files, and how many there are."""
    count = len(error.problems)
    lines = [str(problem) for problem in error.problems]
    print_message("\n".join([*lines, f"{count} problem{'s' if count > 1 else ''}"]) + "\n")


def print_message(text: str) -> None:
    """Print text that is not what was asked for, but about it, beside the output: with the messages."""
    from ksbtrack.terminal.characters import encodable, visible

    sys.stderr.write(encodable(visible(text), sys.stderr.encoding))
    sys.stderr.flush()
