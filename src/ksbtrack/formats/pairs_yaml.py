"""A file of pairs to begin with: what likeness proposes, for people to confirm or reject."""

from __future__ import annotations

import errno
import textwrap
from collections.abc import Iterator
from pathlib import Path

from ksbtrack.files.writing import cannot_write
from ksbtrack.formats.new_files import write_new
from ksbtrack.formats.yaml_text import LINE_LENGTH, in_quotes, scalar
from ksbtrack.models.comparison import Comparison, DecidedPair, DecidedPairs, Verdict
from ksbtrack.models.standard import Standard
from ksbtrack.problems import KsbtrackError, Problem, Source

_HEAD = """\
# Which statement of {old} became which of {new}, where only a person can say.
#
# Read both texts of each pair, and write as its verdict
#   confirmed   the new statement took the place of the old one: claims move to it, to be checked again
#   rejected    it did not
# Add pairs that nobody proposed: several codes under `new` where one was split, under `old` where some were merged.
# `by`, `on` and `note` say who decided, when and why.

older: {old}
newer: {new}
"""


def pairs_text(comparison: Comparison, decided: DecidedPairs | None = None) -> str:
    """Give a file of pairs: what people decided already, then what is proposed besides.

    Args:
        comparison: what `compare_standards` returned.
        decided: what it was given.
    """
    known = decided.pairs if decided else ()
    proposed = [DecidedPair(old=old, new=new) for old, new in (pair.codes for pair in comparison.proposed)]
    alike = {pair.codes: pair.alike for pair in comparison.proposed}
    entries = [pair for pair in known if pair.verdict is not Verdict.UNDECIDED] + proposed
    lines = [_HEAD.format(old=comparison.old.identity, new=comparison.new.identity)]
    lines += ["pairs:"] if entries else ["pairs: []  # nothing is proposed"]
    for entry in entries:
        lines.append("")
        if (entry.old, entry.new) in alike and entry.verdict is Verdict.UNDECIDED:
            lines.append(f"  # {alike[entry.old, entry.new]} % of the words are the same.")
        lines += _texts(comparison.old, entry.old)
        lines += _texts(comparison.new, entry.new)
        lines += _entry(entry)
    return "\n".join(lines) + "\n"


def write_pairs(path: Path, comparison: Comparison, decided: DecidedPairs | None = None) -> None:
    """Write a new file of pairs; one that is there already stays, since people may have decided in it.

    Args:
        path: the file to make.
        comparison: see `pairs_text`.
        decided: see `pairs_text`.

    Raises:
        KsbtrackError: `cannot-write`.
    """
    if not path.parent.is_dir():
        raise cannot_write(path, FileNotFoundError(errno.ENOENT, "no such folder"))
    try:
        write_new(path, pairs_text(comparison, decided).encode())
    except FileExistsError as error:
        raise KsbtrackError(
            Problem(
                "cannot-write",
                Source(path.as_posix()),
                "a file of that name",
                "what people decided in it would be lost; nothing was changed",
                "Choose another name; with --pairs the new file has the old decisions too.",
            )
        ) from error
    except OSError as error:
        raise cannot_write(path, error) from error


def _texts(standard: Standard, codes: tuple[str, ...]) -> Iterator[str]:
    for code in codes:
        text = " ".join(standard.by_code[code].text.split())
        yield from textwrap.wrap(
            f"{standard.version} {code}: {text}",
            LINE_LENGTH,
            initial_indent="  # ",
            subsequent_indent="  #   ",
            break_on_hyphens=False,
        )


def _entry(entry: DecidedPair) -> Iterator[str]:
    yield f"  - old: [{', '.join(entry.old)}]"
    yield f"    new: [{', '.join(entry.new)}]"
    yield f"    verdict: {entry.verdict.value}"
    if entry.by:
        yield f"    by: {scalar(entry.by)}"
    if entry.on:
        yield f"    on: {entry.on.isoformat()}"
    if entry.note:
        yield f"    note: {in_quotes(entry.note)}"
