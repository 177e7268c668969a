"""Work that a cluster's workers can import: it takes its time, and leaves its result in a store."""

from __future__ import annotations

import os
import time
from pathlib import Path

from ksbtrack.cohort.store import mark_of, open_store


def make(task: tuple[str, str, int, float]) -> tuple[int, bool]:
    """Make the result of one number, unless it is there; and say whether it was made just now.

    Args:
        task: address of the store, file that gets a line when something was made, the number, seconds that it takes.
    """
    place, log, number, seconds = task
    store = open_store(place)
    mark = mark_of("work", str(number))
    if store.find(mark):
        return number, False
    time.sleep(seconds)
    store.keep(mark, f"result {number}\n".encode() * 1_000, ".txt")
    append(Path(log), f"{number}\n")
    return number, True


def append(log: Path, line: str) -> None:
    """Put a line behind a file's end, whoever else does the same."""
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, line.encode())
    finally:
        os.close(descriptor)


def fail(number: int) -> int:
    """Fail for one number."""
    if number == 3:
        raise ValueError("number three")
    return number


def die(number: int) -> int:
    """End the process in the middle, for one number."""
    if number == 3:
        os._exit(1)
    return number


def write_again_and_again(task: tuple[str, int]) -> int:
    """Keep the same fifty results, and one of its own each time; give how many it read back whole."""
    place, writer = task
    store = open_store(place)
    whole = 0
    for number in range(50):
        shared, own = mark_of("shared", str(number)), mark_of("own", str(writer), str(number))
        store.keep(shared, f"shared {number}\n".encode() * 5_000, ".txt")
        store.keep(own, f"of {writer}: {number}\n".encode() * 5_000, ".txt")
        kept = store.find(shared)
        whole += kept is not None and store.read(kept).count(b"\n") == 5_000
    return whole
