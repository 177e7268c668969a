"""A standard as the YAML file that a person would write: in sections, with its source and what was repaired."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from ksbtrack.formats.yaml_text import model_lines
from ksbtrack.models.importing import ImportNote, NoteKind
from ksbtrack.models.standard import Standard, StandardKind
from ksbtrack.models.values import Known
from ksbtrack.problems import visible

WIDTH = 118
"""Characters of a line of comment, with its sign."""
MAX_NOTES = 200
"""Notes that the file itself lists; more are nothing that anybody reads there, and `--report` has them all."""

_SECTIONS = ("attribution", "sources", "overview", "options", "groups", "duties", "methods", "requirements")
"""Keys before which a blank line helps the eye."""
_HEADINGS = {
    NoteKind.REPAIRED: "Repaired, so that it could be taken",
    NoteKind.UNUSABLE: "Not taken",
    NoteKind.UNKNOWN: "Not known from this source",
    NoteKind.UNREAD: "Not read",
}


def standard_yaml(standard: Standard, notes: Sequence[ImportNote] = (), origin: str = "") -> str:
    """Give the text of a standard's file; loading it gives the same standard.

    Args:
        standard: as `as_loaded` gives it; what it inherits is not written twice, so one that extends another cannot
            be written.
        notes: what reading its source did not take as it stood.
        origin: where the standard was read from, for the head of the file.
    """
    lines = [*_head(standard, origin), ""]
    for line in model_lines(_as_declared(standard)):
        key = line.partition(":")[0]
        if key in _SECTIONS and lines[-1]:
            lines.append("")
        lines.append(line)
    lines += list(_listed(notes))
    return "\n".join(lines) + "\n"


def _as_declared(standard: Standard) -> Standard:
    """Give a standard whose statements do not repeat the mark that their group has already."""
    groups = tuple(
        group.model_copy(
            update={
                "statements": tuple(
                    statement.model_copy(update={"trust": Known.NOT_STATED})
                    if statement.trust is group.trust
                    else statement
                    for statement in group.statements
                )
            }
        )
        for group in standard.groups
    )
    return standard.model_copy(update={"groups": groups})


def _head(standard: Standard, origin: str) -> Iterator[str]:
    kind = "an apprenticeship standard" if standard.kind is StandardKind.APPRENTICESHIP else "a role profile"
    level = f", level {standard.level}" if standard.level else ""
    yield from _comment(f"{standard.reference} {standard.title}{level}, version {standard.version}: {kind}.")
    if origin:
        yield from _comment(f"Read from {origin}. What that source does not say is written unknown, never guessed.")
    yield "#"
    yield from _comment("Every key is explained in docs/standards.md.")


def _listed(notes: Sequence[ImportNote]) -> Iterator[str]:
    """Yield the notes as comments at the end, under a heading for each kind."""
    shown = notes[:MAX_NOTES]
    for kind, heading in _HEADINGS.items():
        of_kind = [note for note in shown if note.kind is kind]
        if of_kind:
            yield from ("", f"# {heading}:")
            for note in of_kind:
                yield from _comment(f"{note.where}: {note.what}" if note.where else note.what, "#   ")
    if len(notes) > MAX_NOTES:
        yield from ("", f"# And {len(notes) - MAX_NOTES:,} more.")


def _comment(text: str, sign: str = "# ") -> Iterable[str]:
    # A line break, or a sign that an editor takes for one, would end the comment: what follows would be YAML.
    return textwrap.wrap(
        visible(" ".join(text.split())), WIDTH, initial_indent=sign, subsequent_indent=sign, break_on_hyphens=False
    )
