"""Whether something changed, as lines for the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from ksbtrack.formats.verification import Kind, Verification
from ksbtrack.problems import several

_COUNTED = {
    Kind.PACK: "file",
    Kind.PORTFOLIO: "file",
    Kind.SHOWCASE: "page",
    Kind.READINESS_REPORT: "analysis",
}


def verification_lines(verification: Verification, shown: str) -> list[str]:
    """Give the answer, each change, and what was not compared.

    Args:
        verification: the answer.
        shown: the file or folder, as the user named it.
    """
    return list(_lines(verification, shown))


def _lines(verification: Verification, shown: str) -> Iterator[str]:
    kind, changes = verification.kind, verification.changes
    if changes:
        yield f"{shown}: changed. {several(len(changes), 'difference')} in this {kind.words}:"
        yield from (f"  {change.what.value}: {change.reason}" for change in changes)
    elif kind is Kind.READINESS_REPORT:
        what = several(verification.checked, _COUNTED[kind], "analyses")
        yield f"{shown}: no change found. {kind.words.capitalize()}, {what} compared; what its pages show was not."
    else:
        what = several(verification.checked, _COUNTED[kind])
        yield f"{shown}: unchanged. {kind.words.capitalize()}, {what} compared."
    yield from verification.notes
