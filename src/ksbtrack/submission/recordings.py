"""How long a recording is.

MediaInfo reads files of over a hundred formats that come from strangers. It does so in a process of its own, with
limits on time and memory, which gets the opened file and nothing else: whatever goes wrong there, the length is not
known.
"""

from __future__ import annotations

import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO, NamedTuple

SECONDS = 20
"""Seconds that the process may take for one file: of a film of 2 GB it reads the head, which takes under one."""
MEMORY = 1024 * 1024 * 1024
"""Bytes of memory that it may ask for."""
CHUNK = 1024 * 1024
"""Bytes that are read at once."""
_MAX_ANSWER = 100


class Recorded(NamedTuple):
    """What a recording is.

    Attributes:
        tracks: tracks of sound or pictures.
        seconds: its length; None where the file does not say.
        format: what holds the tracks, in MediaInfo's words, such as Wave or MPEG-4; empty where it does not know.
    """

    tracks: int
    seconds: Decimal | None
    format: str = ""


def measured(stream: BinaryIO) -> Recorded | None:
    """Give what a recording is; None where nobody can tell: it is damaged, takes too long, or the library is not there.

    Args:
        stream: the file, open for reading; a real one, since it is handed to another process.
    """
    package = Path(__file__).resolve().parents[2]
    paths = os.pathsep.join(filter(None, (str(package), os.environ.get("PYTHONPATH"))))
    stream.seek(0)
    try:
        done = subprocess.run(
            [sys.executable, "-m", __name__],
            stdin=stream,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": paths},
            timeout=SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    words = done.stdout[:_MAX_ANSWER].decode("ascii", "replace").split(maxsplit=2)
    if done.returncode or len(words) < len(("tracks", "milliseconds")) or not all(map(str.isdigit, words[:2])):
        return None
    tracks, milliseconds = map(int, words[:2])
    seconds = Decimal(milliseconds) / 1000 if milliseconds else None
    return Recorded(tracks, seconds, "".join(words[2:]).strip())


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:
        return  # Windows: there the limit on time must do
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _answer() -> int:
    """Write tracks, length and format of the file on the standard input."""
    from pymediainfo import MediaInfo

    _limit_memory()
    found = MediaInfo.parse(sys.stdin.buffer, buffer_size=CHUNK)
    tracks = [track for track in found.tracks if track.track_type in ("Audio", "Video")]
    lengths = [float(track.duration) for track in tracks if track.duration]
    formats = [str(track.format or "") for track in found.tracks if track.track_type == "General"]
    name = "".join(sign for sign in "".join(formats[:1]) if sign.isascii() and sign.isprintable())
    sys.stdout.write(f"{len(tracks)} {round(max(lengths, default=0))} {name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(_answer())
