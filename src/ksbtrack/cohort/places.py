"""Where the results of a run go, and where those of an earlier one are: a folder, or an address of a store."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ksbtrack.cohort.store import Store, open_store
from ksbtrack.cohort.store_files import folder_at
from ksbtrack.formats.cohort_reading import FILE_NAME
from ksbtrack.problems import KsbtrackError, Problem, Source


@dataclass(frozen=True, slots=True)
class ResultPlace:
    """An opened place for results.

    Attributes:
        folder: takes the files of a run; a temporary one where they go to a store.
        address: of the store of the reports: the folder, or the address.
        store: takes what is written into the folder; None where the folder is the place.
    """

    folder: Path
    address: str
    store: Store | None = None

    def send(self, written: tuple[Path, ...]) -> tuple[str, ...]:
        """Have files in the folder where they are to be, and give their names there.

        Each arrives whole or not at all. In a store one comes after the other, since stores know no more than that.

        Args:
            written: files in the folder.

        Raises:
            KsbtrackError: `cannot-write`.
        """
        if self.store is None:
            return tuple(path.as_posix() for path in written)
        for path in written:
            self.store.send(path, path.name)
        return tuple(f"{self.store.shown}/{path.name}" for path in written)

    def named(self, name: str) -> str:
        """Give a name in the place for messages."""
        return f"{self.store.shown}/{name}" if self.store else (self.folder / name).as_posix()


@contextmanager
def opened_place(place: str) -> Iterator[ResultPlace]:
    """Give a place for results.

    Args:
        place: a folder, or an address such as `s3://bucket/folder`.

    Raises:
        KsbtrackError: as `open_store`.
    """
    folder = folder_at(place)
    if folder is not None:
        yield ResultPlace(folder, str(folder))
        return
    store = open_store(place)
    store.refuse_if_closed()
    with tempfile.TemporaryDirectory(prefix="ksbtrack-") as folder_name:
        yield ResultPlace(Path(folder_name), place, store)


@contextmanager
def earlier_results(place: str) -> Iterator[Path]:
    """Give the results of an earlier run as a path of this machine.

    Args:
        place: a folder of results or its cohort.json, or the address of one of them.

    Raises:
        KsbtrackError: `missing-file`, and as `open_store`.
    """
    here = folder_at(place)
    if here is not None:
        yield here
        return
    above, _, last = place.rstrip("/").rpartition("/")
    is_file = last.endswith(".json")
    store = open_store(above if is_file else place.rstrip("/"))
    name = last if is_file else FILE_NAME
    with tempfile.TemporaryDirectory(prefix="ksbtrack-") as folder:
        path = Path(folder) / FILE_NAME
        if not store.fetch(name, path):
            raise KsbtrackError(
                Problem(
                    "missing-file",
                    Source(f"{store.shown}/{name}"),
                    "no such file",
                    "an earlier run is a folder of results, or its cohort.json",
                    "Correct the address.",
                )
            )
        yield path
