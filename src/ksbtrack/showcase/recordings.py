"""Sound and film of pieces: a card that says what it is, how long, and what to listen for when."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, BinaryIO

from ksbtrack.files.opening import open_inside
from ksbtrack.models.meant import Outcome, named_place
from ksbtrack.models.portfolio import AttachedFile, Evidence, FileKind
from ksbtrack.problems import KsbtrackError
from ksbtrack.showcase.cards import HEADINGS, Fact, draw, facts_of, packed_address
from ksbtrack.showcase.parts import Form, PreparedFile
from ksbtrack.showcase.targets import clock

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

SOUNDS = (".mp3", ".m4a", ".wav", ".ogg", ".oga", ".opus", ".flac", ".aac", ".wma", ".amr")
FILMS = (".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".wmv", ".3gp", ".mpg", ".mpeg", ".ogv")
RECORDINGS = frozenset(SOUNDS + FILMS)
"""Endings of the files that are recordings."""

NOT_KNOWN = "length not known"

_MILLISECONDS = 1_000
_MOST_SECONDS = 10 * 24 * 3600
_BESIDE = "Play it from the folder of files that came with this document; the link below leads there."


@dataclass(frozen=True, slots=True)
class Heard:
    """One statement that a recording shows, and when."""

    code: str
    place: str
    why: str


def prepare_recording(
    stream: BinaryIO, file: AttachedFile, piece: Evidence, number: int, others: Mapping[str, float | None] | None = None
) -> PreparedFile:
    """Give the card of a recording: name, kind, length, size, fingerprint, and the moments that claims name.

    Args:
        stream: the file, open for reading; only what says its length is looked at.
        file: what loading found about it.
        piece: the piece that it belongs to.
        number: its place among the piece's files, from 1.
        others: what `other_lengths` found.

    Raises:
        KsbtrackError: `missing-library`, `render-failed`.
    """
    seconds, has_pictures = played(stream)
    ending = PurePosixPath(file.name).suffix.casefold()
    spoken = NOT_KNOWN if seconds is None else f"{clock(round(seconds))} (hours, minutes, seconds)"
    kind = f"{'Film' if ending in FILMS and has_pictures else 'Sound'} ({ending.removeprefix('.').upper()})"
    pdf = draw(
        "file_card.html.j2",
        piece=piece,
        number=number,
        file=file,
        heading=HEADINGS[Form.CARD],
        where=_BESIDE,
        reasons=(),
        warning="",
        facts=facts_of(file, kind, Fact("Length", spoken)),
        address=packed_address(file.name),
        rows=tuple(_heard(piece, number, seconds, others or {})),
    )
    return PreparedFile(
        piece=piece.id,
        number=number,
        name=file.name,
        sha256=file.sha256,
        size=file.size,
        form=Form.CARD,
        pdf=pdf,
        pages=1,
        seconds=seconds,
        notes=("Its length is not known.",) if seconds is None else (),
    )


def played(stream: BinaryIO) -> tuple[float | None, bool]:
    """Give the seconds that a recording lasts, None where it does not say, and whether it may have moving pictures.

    Args:
        stream: the file, open for reading.
    """
    from pymediainfo import MediaInfo

    stream.seek(0)
    try:
        found = MediaInfo.parse(stream)
        tracks = [track for track in found.tracks if track.track_type in ("General", "Audio", "Video")]
        lengths = [float(track.duration) / _MILLISECONDS for track in tracks if track.duration is not None]
    except (OSError, ValueError, TypeError, RuntimeError, SyntaxError):
        # What it reads may be anything; without a length the card says so.
        return None, True
    kinds = {track.track_type for track in tracks}
    likely = [seconds for seconds in lengths if math.isfinite(seconds) and 0 < seconds < _MOST_SECONDS]
    return round(max(likely), 3) if likely else None, "Video" in kinds or "Audio" not in kinds


def other_lengths(folder: Path, file: AttachedFile, piece: Evidence) -> dict[str, float | None]:
    """Give the seconds of a piece's other recordings, where a time that names no file could be of any of them.

    Args:
        folder: the portfolio folder.
        file: the recording whose card is made.
        piece: the piece that it belongs to.

    Returns:
        By name; None where a length is not known, such as that of a file that cannot be opened.
    """
    names = [other.name for other in piece.attached]
    if all(named_place(claim.place, names).named for claim in piece.claims if claim.place.times):
        return {}
    found: dict[str, float | None] = {}
    for other in piece.attached:
        is_recording = PurePosixPath(other.name).suffix.casefold() in RECORDINGS and other.kind is FileKind.OTHER
        if other == file or not is_recording:
            continue
        found[other.name] = None
        if other.problem:
            continue
        try:
            stream = open_inside(folder, other.name, piece.source)
        except KsbtrackError:
            # Its own task says so.
            continue
        if stream:
            with stream:
                found[other.name], _ = played(stream)
    return found


def _heard(piece: Evidence, number: int, seconds: float | None, others: Mapping[str, float | None]) -> Iterator[Heard]:
    """Yield the claims that name a moment of this recording and of no other, in the order of the moments."""
    names = [other.name for other in piece.attached]
    lengths = [seconds if place == number else others.get(name, 0) for place, name in enumerate(names, 1)]
    own = []
    for claim in piece.claims:
        named = named_place(claim.place, names)
        meant = named.of_times(lengths)
        is_here = meant.file == number - 1 and not meant.between
        if named.place.times and is_here and meant.outcome in (Outcome.THERE, Outcome.UNKNOWN):
            own.append((named.place.times, claim))
    for _, claim in sorted(own, key=lambda pair: pair[0]):
        yield Heard(claim.code, claim.place.text, claim.why or "")
