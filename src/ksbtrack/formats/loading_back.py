"""That a standard of another format can be kept: the file that an import writes gives the same standard again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ksbtrack.formats.standard_yaml import standard_yaml
from ksbtrack.load.checked import checked
from ksbtrack.load.standards import as_loaded, standard_problems
from ksbtrack.models.importing import Imported, ImportNote, NoteKind
from ksbtrack.models.standard import Standard
from ksbtrack.problems import KsbtrackError, Problem
from ksbtrack.yamlfile import parse_yaml

MOST_FAULTS = 20
"""Faults of one record that are named: who mends it begins with these."""


def loads_back(imported: Imported) -> Imported:
    """Give what was read, without its standard where that could not be loaded from the file that an import writes.

    Args:
        imported: one record, with or without a standard.
    """
    if imported.standard is None:
        return imported
    faults = list(_faults(imported.standard, imported.name))
    if not faults:
        return imported
    shown = [
        ImportNote(NoteKind.UNUSABLE, "", f"It cannot be used: found {fault.found}; {fault.expected}.")
        for fault in faults[:MOST_FAULTS]
    ]
    if len(faults) > MOST_FAULTS:
        more = len(faults) - MOST_FAULTS
        shown.append(ImportNote(NoteKind.UNUSABLE, "", f"It has {more:,} more faults.", more))
    return replace(imported, standard=None, notes=(*imported.notes, *shown))


def _faults(standard: Standard, name: str) -> Iterator[Problem]:
    try:
        text = parse_yaml(standard_yaml(standard), name)
        own = as_loaded(checked(Standard, text))
    except KsbtrackError as error:
        yield from error.problems
        return
    yield from standard_problems(own, own, text)
