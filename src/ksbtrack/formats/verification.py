"""Whether a pack, a portfolio or a PDF of ours is still what it was, and what changed.

What is looked at may come from anybody: nothing is unpacked to disk, nothing is read beyond the size that the manifest
gives, and a name that would lead out of the folder is refused.
"""

from __future__ import annotations

import hashlib
import os
import stat
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import IO, Any

from ksbtrack.files.names import path_inside
from ksbtrack.files.opening import list_pieces, open_inside, read_whole_file, unreadable
from ksbtrack.formats.archive_gaps import gaps
from ksbtrack.formats.pack import MANIFEST, chunks_of, read_manifest
from ksbtrack.formats.sign_off_log import LOG, read_log, stale_records, unmatched_records
from ksbtrack.load.checked import kept
from ksbtrack.load.portfolios import load_portfolio
from ksbtrack.models.portfolio import AcceptanceState, Portfolio
from ksbtrack.models.sign_off import LogEntry
from ksbtrack.models.values import listed, natural_key
from ksbtrack.problems import KsbtrackError, Problem, Source, quoted, several, visible

MAX_ENTRIES = 20_000
"""Entries of a pack: every file of 2,000 pieces, and room."""
MAX_MANIFEST_BYTES = 16 * 1024 * 1024
"""Bytes of a manifest: that of 20,000 files with long names."""
MAX_READ_BYTES = 64 * 1024**3
"""Bytes that are read of one pack at most: thirty-two recordings of the largest size that any platform takes."""

_ENCRYPTED = 1
# What a Mac puts into every folder that somebody looks into.
_OF_THE_SYSTEM = (".DS_Store",)


class Kind(StrEnum):
    """What was looked at."""

    PACK = "pack"
    PORTFOLIO = "portfolio"
    SHOWCASE = "showcase"
    READINESS_REPORT = "readiness_report"

    @property
    def words(self) -> str:
        """Give it as a sentence says it."""
        return self.value.replace("_", " ")


class What(StrEnum):
    """What is not as it was."""

    MISSING = "missing"
    EXTRA = "extra"
    CHANGED = "changed"
    TWICE = "twice"
    REFUSED = "refused"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is not as it was: its name, what is the matter, and the same as a sentence."""

    name: str
    what: What
    reason: str


@dataclass(frozen=True, slots=True)
class Verification:
    """The answer about one file or folder.

    Attributes:
        kind: what it is.
        checked: how many files, pages or entries were compared.
        changes: what is not as it was, sorted by name as people count.
        notes: what was not compared, and what else to know, as sentences.
    """

    kind: Kind
    checked: int
    changes: tuple[Change, ...]
    notes: tuple[str, ...] = ()

    @property
    def is_unchanged(self) -> bool:
        """Say whether all that was compared is as it was."""
        return not self.changes


def verify_pack(path: Path) -> Verification:
    """Say whether every file of a pack is as its manifest says, and nothing else is in it.

    Args:
        path: the ZIP file.

    Raises:
        KsbtrackError: `damaged-pack`, `bad-manifest`, `missing-file`, `unreadable-file`.
    """
    shown = path.as_posix()
    try:
        with zipfile.ZipFile(path) as archive:
            verification = _verify_archive(archive, shown)
            beside = [Change(path.name, What.EXTRA, sentence) for sentence in gaps(archive)]
            return replace(verification, changes=(*verification.changes, *beside))
    except FileNotFoundError as error:
        read_whole_file(path, shown, 0)
        raise unreadable(shown, Source(shown), error) from error
    except OSError as error:
        raise unreadable(shown, Source(shown), error) from error
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError) as error:
        raise _damaged(shown, "a ZIP archive that breaks off or contradicts itself") from error


def verify_unpacked(folder: Path) -> Verification:
    """Say whether a folder into which a pack was unpacked holds what its manifest says.

    Args:
        folder: the folder with manifest.json.

    Raises:
        KsbtrackError: `bad-manifest`, or what opening a file inside the folder raises.
    """
    manifest = _manifest_of(folder / MANIFEST)
    listed = {row["name"]: row for row in manifest["files"]}
    changes = list(_compared(listed, _opener(folder)))
    found = set()
    for base, folders, names in os.walk(folder):
        paths = {name: (Path(base) / name).relative_to(folder).as_posix() for name in (*folders, *names)}
        links = [name for name in sorted(folders) if (Path(base) / name).is_symlink()]
        changes += [_refused(paths[name], "is a link") for name in links]
        folders[:] = sorted(set(folders) - set(links))
        found |= {paths[name] for name in names if name not in _OF_THE_SYSTEM}
    changes += [_extra(name) for name in found - listed.keys() - {MANIFEST}]
    return Verification(Kind.PACK, len(listed), _sorted(changes))


def verify_portfolio(
    folder: Path, manifest: Path | None, *, folders: Sequence[Path] = (), overlays: Sequence[Path] = ()
) -> Verification:
    """Say whether what was signed off is as it was, the log is whole, and the files are those that a pack was made of.

    Args:
        folder: the portfolio folder.
        manifest: manifest.json of a pack, or the pack itself; without it only the sign-offs are looked at.
        folders: see `load_portfolio`.
        overlays: see `load_portfolio`.

    Raises:
        KsbtrackError: `bad-manifest`, what opening a file inside the folder raises, or every problem of the portfolio.
            Where its files are not those of the manifest, that is the answer, and a note says that it does not load.
    """
    changes: list[Change] = []
    notes = []
    checked = 0
    if manifest is None:
        notes.append("Without the manifest of a pack (--manifest) only the sign-offs and their log were looked at.")
    else:
        rows = {row["path"]: row for row in _manifest_of(manifest)["sources"]}
        checked = len(rows)
        changes += _compared(rows, _opener(folder))
        pieces = list_pieces(folder, folder.as_posix())
        changes += [_extra(name) for name in pieces if name not in rows]
    problems: list[Problem] = []
    entries = kept(problems, read_log, folder)
    changes += [Change(str(one.source), What.CHANGED, f"{one.source}: found {one.found}.") for one in problems]
    log_faults = len(problems)
    portfolio = kept(problems, load_portfolio, folder, folders=folders, overlays=overlays)
    if portfolio is None:
        if len(changes) == log_faults:
            raise KsbtrackError(*problems)
        notes.append("The sign-offs were not looked at: the portfolio does not load. ksbtrack check says why.")
    else:
        changes += _sign_off_changes(portfolio, entries)
        notes += _without_mark(portfolio)
    return Verification(Kind.PORTFOLIO, checked, _sorted(changes), tuple(notes))


def _sign_off_changes(portfolio: Portfolio, entries: Sequence[LogEntry] | None) -> Iterator[Change]:
    """Yield each sign-off whose subject was changed since, and each that the log and the files tell differently.

    Of a log that is broken, without entries, only the first is known.
    """
    for sentence in stale_records(portfolio, entries or ()):
        # A sentence on a piece begins with its id; the others are on confirmations, which stand in portfolio.yaml.
        subject = sentence.partition(" ")[0]
        yield Change(subject if subject in portfolio.by_id else "portfolio.yaml", What.STALE, sentence)
    for sentence in unmatched_records(portfolio, entries) if entries is not None else ():
        yield Change(LOG, What.CHANGED, sentence)


def _without_mark(portfolio: Portfolio) -> Iterator[str]:
    """Yield what cannot be told, since the record has no fingerprint of what was seen."""
    pieces = [
        piece.id
        for piece in portfolio.evidence
        if piece.acceptance.state is AcceptanceState.ACCEPTED and not piece.acceptance.fingerprint
    ]
    if pieces:
        yield f"Accepted without a fingerprint, so that nobody can tell whether it changed: {listed(pieces)}."
    names = [
        f"the {record.by}'s of {record.of}" for record in portfolio.records.confirmations if not record.fingerprint
    ]
    if names:
        yield f"Confirmed without a fingerprint, so that nobody can tell whether it changed: {listed(names)}."


def _verify_archive(archive: zipfile.ZipFile, shown: str) -> Verification:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > MAX_ENTRIES:
        raise _damaged(shown, several(len(entries), "entry", "entries"))
    refused = [_refused(entry.filename, fault) for entry in archive.infolist() if (fault := _fault(entry))]
    sound = [entry for entry in entries if not _fault(entry)]
    by_name: dict[str, zipfile.ZipInfo] = {}
    twice = []
    for entry in sound:
        if by_name.setdefault(entry.filename.casefold(), entry) is not entry:
            twice.append(Change(entry.filename, What.TWICE, f"{quoted(entry.filename)} is in the pack twice."))
    places = [entry for entry in sound if entry.filename.rpartition("/")[2] == MANIFEST]
    top = min(places, key=lambda entry: entry.filename.count("/"), default=None)
    if top is None:
        raise _damaged(shown, f"no {MANIFEST}")
    manifest = read_manifest(_entry_bytes(archive, top, shown), f"{shown}/{visible(top.filename)}")
    base = top.filename.removesuffix(MANIFEST)
    listed = {base + row["name"]: row for row in manifest["files"]}
    _refuse_too_much(listed.values(), shown)
    named = {entry.filename: entry for entry in sound}

    def opened(name: str) -> IO[bytes] | None:
        return archive.open(named[name]) if name in named else None

    changes = [*refused, *twice, *_compared(listed, opened, {name: entry.file_size for name, entry in named.items()})]
    changes += [_extra(name) for name in named if name not in listed and name != top.filename]
    return Verification(Kind.PACK, len(listed), _sorted(changes))


def _fault(entry: zipfile.ZipInfo) -> str:
    """Give why an entry is not opened; nothing where it is."""
    # What stood in the archive: the library shortens a name at a nought and turns backslashes on some systems.
    name = entry.orig_filename
    parts = name.replace("\\", "/").split("/")
    faults = (
        ("leads out of its folder", ".." in parts or name.startswith(("/", "\\")) or ":" in parts[0]),
        ("has a character that cannot be seen", not name.isprintable()),
        ("has a backslash", "\\" in name),
        ("needs a password", bool(entry.flag_bits & _ENCRYPTED)),
        ("is a folder and has content", entry.is_dir() and bool(entry.file_size or _is_stored(entry, 1))),
        ("is a link", stat.S_ISLNK(entry.external_attr >> 16)),
        (
            "is packed in a way that we do not write",
            entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED),
        ),
    )
    return next((words for words, is_so in faults if is_so), "")


def _is_stored(entry: zipfile.ZipInfo, least: int) -> bool:
    """Say whether an entry that is not packed takes at least so many bytes, whatever size it claims."""
    return entry.compress_type == zipfile.ZIP_STORED and entry.compress_size >= least


def _refused(name: str, fault: str) -> Change:
    return Change(name, What.REFUSED, f"{quoted(name)} {fault}; it was not opened.")


def _compared(
    listed: Mapping[str, Mapping[str, Any]],
    opened: Callable[[str], IO[bytes] | None],
    sizes: Mapping[str, int] | None = None,
) -> Iterator[Change]:
    """Yield what is the matter with each file that a manifest lists.

    Args:
        listed: size and SHA-256 by name.
        opened: gives a file by its name; None where there is none.
        sizes: what is known of the sizes beforehand: a file of another size need not be read.
    """
    for name, row in listed.items():
        stream = opened(name)
        if stream is None:
            yield Change(name, What.MISSING, f"{quoted(name)} is not there.")
            continue
        with stream:
            known = (sizes or {}).get(name, row["size"])
            if known == row["size"] and _is_as_listed(stream, name, row):
                continue
        yield Change(name, What.CHANGED, f"{quoted(name)} is not what it was.")


def _is_as_listed(stream: IO[bytes], name: str, row: Mapping[str, Any]) -> bool:
    size, mark = 0, hashlib.sha256()
    try:
        for chunk in chunks_of(stream, row["size"], name, Source(name)):
            size += len(chunk)
            mark.update(chunk)
    except (zipfile.BadZipFile, EOFError, ValueError):
        return False
    return bool(size == row["size"] and mark.hexdigest() == row["sha256"])


def _opener(folder: Path) -> Callable[[str], IO[bytes] | None]:
    """Give what opens a file of a folder by its name, never through a link and never outside the folder."""

    def opened(name: str) -> IO[bytes] | None:
        return open_inside(folder, path_inside(name, "", Source(MANIFEST)), Source(name))

    return opened


def _manifest_of(path: Path) -> dict[str, Any]:
    """Give the manifest in a file: manifest.json, or the pack that holds one.

    Raises:
        KsbtrackError: `bad-manifest`, `damaged-pack`, or that the file cannot be read.
    """
    shown = path.as_posix()
    if path.suffix.casefold() != ".zip":
        return read_manifest(read_whole_file(path, shown, MAX_MANIFEST_BYTES), shown)
    try:
        with zipfile.ZipFile(path) as archive:
            places = [name for name in archive.namelist() if name.rpartition("/")[2] == MANIFEST]
            if not places:
                raise _damaged(shown, f"no {MANIFEST}")
            top = archive.getinfo(min(places, key=lambda name: name.count("/")))
            return read_manifest(_entry_bytes(archive, top, shown), f"{shown}/{visible(top.filename)}")
    except OSError as error:
        raise unreadable(shown, Source(shown), error) from error
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, RuntimeError) as error:
        raise _damaged(shown, "a ZIP archive that breaks off or contradicts itself") from error


def _entry_bytes(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, shown: str) -> bytes:
    with archive.open(entry) as stream:
        content = stream.read(MAX_MANIFEST_BYTES + 1)
    if len(content) > MAX_MANIFEST_BYTES:
        raise _damaged(shown, f"a {MANIFEST} of more than {MAX_MANIFEST_BYTES:,} bytes")
    return content


def _refuse_too_much(rows: Iterable[Mapping[str, Any]], shown: str) -> None:
    total = sum(row["size"] for row in rows)
    if total > MAX_READ_BYTES:
        raise _damaged(shown, f"files of {total:,} bytes in all")


def _extra(name: str) -> Change:
    return Change(name, What.EXTRA, f"{quoted(name)} was not there.")


def _sorted(changes: Iterable[Change]) -> tuple[Change, ...]:
    return tuple(sorted(changes, key=lambda change: (natural_key(change.name), change.name, change.what)))


def _damaged(shown: str, found: str) -> KsbtrackError:
    return KsbtrackError(
        Problem(
            "damaged-pack",
            Source(shown),
            found,
            f"a pack is a ZIP archive with {MANIFEST}, at most {MAX_ENTRIES:,} entries and a whole table of contents",
            "Copy or download it again; if that does not help, ask whoever made it.",
        )
    )
