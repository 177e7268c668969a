"""Standards of another format as YAML files in a folder: all of them or, where something stops it, none."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ksbtrack.files.writing import cannot_write, replace_files
from ksbtrack.formats.standard_yaml import standard_yaml
from ksbtrack.formats.standards_exchange import READERS, format_of
from ksbtrack.models.importing import Given, Imported, ImportNote, NoteKind
from ksbtrack.problems import KsbtrackError, Problem, Source

REPORT_VERSION = "1.0"


@dataclass(frozen=True, slots=True)
class ImportedRecord:
    """What became of one record.

    Attributes:
        name: the record as messages name it.
        file: the name of its file; None if it was not usable.
        notes: what was repaired, not taken, not known or not read.
    """

    name: str
    file: str | None
    notes: tuple[ImportNote, ...]


@dataclass(frozen=True, slots=True)
class Import:
    """What reading a whole source gave.

    Attributes:
        source: the name of the file that was read.
        format: which format it was.
        records: in the order of the source.
    """

    source: str
    format: str
    records: tuple[ImportedRecord, ...]

    @property
    def unusable(self) -> tuple[ImportedRecord, ...]:
        """Give the records that became no standard."""
        return tuple(record for record in self.records if record.file is None)

    def counted(self) -> Counter[NoteKind]:
        """Give how many things were repaired, not taken, not known and not read."""
        counts: Counter[NoteKind] = Counter()
        for record in self.records:
            for note in record.notes:
                counts[note.kind] += note.count
        return counts


def import_standards(
    path: Path, folder: Path, *, format_name: str | None = None, given: Given | None = None, replace: bool = False
) -> Import:
    """Read standards from a file of another format and write each as a YAML file.

    Args:
        path: the file.
        folder: takes the files; it is made if it is not there.
        format_name: a key of `READERS`; told from the content if left out.
        given: what the file does not say itself.
        replace: whether a file of the folder may be replaced by one that differs from it.

    Raises:
        KsbtrackError: `unknown-format`, `standard-exists`, `cannot-write`, or any fault of the file as a whole;
            nothing was written then.
    """
    chosen = format_name or format_of(path)
    found = READERS[chosen](path, given or Given())
    return import_found(found, folder, source=path.name, format_name=chosen, replace=replace)


def import_found(
    found: Iterable[Imported], folder: Path, *, source: str, format_name: str, replace: bool = False
) -> Import:
    """Write the standards that a reader found, each as a YAML file.

    Args:
        found: what reading gave.
        folder: takes the files; it is made if it is not there.
        source: what was read, as the head of each file names it.
        format_name: which format it was.
        replace: whether a file of the folder may be replaced by one that differs from it.

    Raises:
        KsbtrackError: `standard-exists`, `cannot-write`, or any fault of the reader; nothing was written then.
    """
    contents: dict[str, str] = {}
    records = [_record(one, contents, source) for one in found]
    _write(folder, contents, is_replacing=replace)
    return Import(source, format_name, tuple(records))


def _record(found: Imported, contents: dict[str, str], origin: str) -> ImportedRecord:
    """Give what becomes of a record, and keep the text of its file; the first of one version counts."""
    standard = found.standard
    if standard is None:
        return ImportedRecord(found.name, None, found.notes)
    name = f"{standard.reference}-{standard.version}.yaml"
    text = standard_yaml(standard, found.notes, origin)
    if name in contents:
        if contents[name] == text:
            note = ImportNote(NoteKind.REPAIRED, "", f"The record of {standard.identity} again, the same.")
            return ImportedRecord(found.name, name, (*found.notes, note))
        what = f"Another record of {standard.identity}, which differs from the first one; the first one was taken."
        return ImportedRecord(found.name, None, (*found.notes, ImportNote(NoteKind.UNUSABLE, "", what)))
    contents[name] = text
    return ImportedRecord(found.name, name, found.notes)


def _write(folder: Path, contents: Mapping[str, str], *, is_replacing: bool) -> None:
    new = {}
    in_the_way = []
    for name, text in contents.items():
        target, content = folder / name, text.encode()
        if not target.exists():
            new[target] = content
        elif not target.is_file() or target.read_bytes() != content:
            new[target] = content
            in_the_way.append(target)
    if in_the_way and not is_replacing:
        raise KsbtrackError(*(_exists(target) for target in in_the_way))
    if new:
        made = [part for part in (folder, *folder.parents) if not part.exists()]
        _make(folder)
        try:
            replace_files(list(new.items()))
        except KsbtrackError:
            for part in made:
                part.rmdir()
            raise


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(folder, error) from error


def _exists(target: Path) -> Problem:
    return Problem(
        "standard-exists",
        Source(target.as_posix()),
        "a file of that name with another content",
        "an import changes no file that is there, since somebody may have worked on it; nothing was written",
        "Compare the two, then import with --replace, or into another folder.",
    )


def import_as_dict(result: Import) -> dict[str, Any]:
    """Give an import as plain values for JSON: the file that `--report` writes."""
    counts = result.counted()
    return {
        "schema_version": REPORT_VERSION,
        "source": result.source,
        "format": result.format,
        "totals": {
            "records": len(result.records),
            "imported": len(result.records) - len(result.unusable),
            **{kind.value: counts[kind] for kind in NoteKind},
        },
        "records": [
            {
                "name": record.name,
                "file": record.file,
                "notes": [
                    {"kind": note.kind.value, "where": note.where, "what": note.what, "count": note.count}
                    for note in record.notes
                ],
            }
            for record in result.records
        ],
    }


def import_report(result: Import) -> bytes:
    """Give the bytes of the file that `--report` writes."""
    return (json.dumps(import_as_dict(result), indent=2, ensure_ascii=False) + "\n").encode()


def merged_counts(result: Import) -> Iterator[tuple[NoteKind, str, int]]:
    """Yield each thing that notes say, with how often all records together say it, most often first."""
    counts: Counter[tuple[NoteKind, str]] = Counter()
    for record in result.records:
        for note in record.notes:
            counts[note.kind, note.what] += note.count
    for (kind, what), count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        yield kind, what, count
