"""Reading what an earlier run over a cohort wrote, as far as a comparison needs it."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from ksbtrack.files.opening import open_named_file
from ksbtrack.formats.cohort_json import SCHEMA_VERSION
from ksbtrack.formats.json_text import shallow_events
from ksbtrack.models.analysis import Decision, Status
from ksbtrack.models.changes import RuleMarks, ShortVerdict
from ksbtrack.models.cohort import PaceStatus
from ksbtrack.problems import KsbtrackError, Problem, Source
from ksbtrack.yamlfile import too_large

FILE_NAME = "cohort.json"
"""What it is called in the folder of a run's results."""
MAX_LEVELS = 12
"""Levels of nesting. What we write has seven."""
MAX_RUN_BYTES = 2 * 1024**3
"""Bytes of such a file: 200,000 learners, at most ten kilobytes each."""


@dataclass(frozen=True, slots=True)
class EarlierRun:
    """An earlier run.

    Attributes:
        on: the day that it asked about.
        verdicts: in short.
        marks: by what rules it judged; None where it did not note them.
        without: keys of learners who had no verdict, since something about them could not be read.
    """

    on: date
    verdicts: tuple[ShortVerdict, ...]
    marks: RuleMarks | None
    without: frozenset[str] = frozenset()


def read_run(path: Path) -> EarlierRun:
    """Give an earlier run.

    Args:
        path: its cohort.json, or the folder of its results; read a learner at a time.

    Raises:
        KsbtrackError: `not-a-run`, `file-too-large`, `missing-file`, `not-a-file`, `unreadable-file`.
    """
    import ijson

    file = path / FILE_NAME if path.is_dir() else path
    shown = file.as_posix()
    with open_named_file(file, shown) as stream:
        size = os.fstat(stream.fileno()).st_size
        if size > MAX_RUN_BYTES:
            raise KsbtrackError(too_large(shown, size, MAX_RUN_BYTES))
        shared: dict[tuple[str, ...], tuple[str, ...]] = {}
        try:
            deque(shallow_events(stream, MAX_LEVELS), maxlen=0)
            stream.seek(0)
            head = _head(stream)
            stream.seek(0)
            learners = ijson.items(stream, "learners.item", use_float=True)
            verdicts = tuple(_short(learner, shared) for learner in learners)
            stream.seek(0)
            without = frozenset(str(key) for key in ijson.items(stream, "faults.item.learner") if key)
            return EarlierRun(date.fromisoformat(head["as_of"]), verdicts, _marks(head.get("rules")), without)
        except (ijson.JSONError, UnicodeDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise KsbtrackError(
                Problem(
                    "not-a-run",
                    Source(shown),
                    "a file that is not the cohort.json of a run, or not all of it",
                    "what is compared is what `ksbtrack cohort` wrote",
                    "Name the folder of the results of an earlier run, or its cohort.json.",
                )
            ) from error


def _head(stream: BinaryIO) -> dict[str, Any]:
    """Give what stands before the learners.

    Raises:
        KeyError: there are no learners.
        ValueError: by another schema than ours.
    """
    import ijson

    found: dict[str, Any] = {}
    builder: Any = None
    for prefix, event, value in ijson.parse(stream, use_float=True):
        if prefix == "learners":
            return found
        if prefix == "as_of":
            found["as_of"] = value
        elif prefix == "schema_version" and str(value).partition(".")[0] != SCHEMA_VERSION.partition(".")[0]:
            raise ValueError("what another version of the schema means is not known here")
        elif prefix == "rules" or prefix.startswith("rules."):
            builder = builder or ijson.ObjectBuilder()
            builder.event(event, value)
            found["rules"] = builder.value
    raise KeyError("learners")


def _marks(rules: Mapping[str, Any] | None) -> RuleMarks | None:
    if rules is None:
        return None
    return RuleMarks(
        str(rules["program"]), str(rules["policy"]), {str(name): str(mark) for name, mark in rules["standards"].items()}
    )


def _short(learner: Mapping[str, Any], shared: dict[tuple[str, ...], tuple[str, ...]]) -> ShortVerdict:
    """Give what a comparison needs of a learner.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: nothing that we wrote.
    """

    def once(names: Iterable[str]) -> tuple[str, ...]:
        return shared.setdefault(kept := tuple(map(str, names)), kept)

    dates, totals = learner["dates"], learner["totals"]
    return ShortVerdict(
        key=str(learner["key"]),
        name=str(learner["name"]),
        standard=str(learner["standard"]),
        decision=Decision(learner["decision"]),
        start=date.fromisoformat(dates["start"]),
        planned_gateway=_day(dates["planned_gateway"]),
        gateway=_day(dates["gateway"]),
        requirements=once(learner["requirements"]),
        titles=(),
        required=tuple(map(Status, learner["requirements"].values())),
        codes=once(learner["statements"]),
        shown=tuple(map(Status, learner["statements"].values())),
        pieces=int(totals["pieces"]),
        counted=int(totals["pieces_counting"]),
        counting=once(learner.get("counting", ())),
        fingerprint=str(learner["fingerprint"]),
        assumed=once(learner.get("assumed", ())),
        is_late=bool(dates["is_overdue"]) and Decision(learner["decision"]) is not Decision.READY,
        pace=PaceStatus(learner["pace"]["status"]).value,
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
