"""A cohort as Parquet for programs: a row a learner, every column with its type; the same learners, the same bytes.

The same bytes as long as duckdb is the same: its version stands in the file.
"""

from __future__ import annotations

import errno
import json
import shutil
import tempfile
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from ksbtrack.models.cohort import LearnerVerdict

MEMORY_MEGABYTES = 256
"""Memory for writing: a row group of learners and their columns takes a tenth of it."""
ROW_GROUP = 10_000
"""Learners of a row group: what a reader decodes at once."""
ASSUMED_KEY = "assumptions"
"""The key of the file's metadata under which a JSON list has all that was assumed; missing where nothing was."""

_TEXTS = "map(varchar, varchar)"
_STEPS = "struct(text varchar, action varchar, subject varchar, owner varchar, effort varchar, helps varchar[])[]"


def write_cohort_parquet(
    file: BinaryIO, on: date, verdicts: Iterable[LearnerVerdict], assumed: Iterable[str] = ()
) -> None:
    """Write the verdicts as Parquet, in their order.

    Args:
        file: takes it.
        on: the day asked about, which every row has.
        verdicts: gone through once; they lie on the disk as text until all are there.
        assumed: what was taken for true of everyone whom it fits; the file says it of itself, even if it fits nobody.

    Raises:
        OSError: the disk is full or gone.
    """
    with tempfile.TemporaryDirectory(prefix="ksbtrack-") as place:
        lines, made = Path(place) / "rows.jsonl", Path(place) / "cohort.parquet"
        with lines.open("w", encoding="utf-8", newline="\n") as rows:
            for verdict in verdicts:
                values = {name: value(verdict, on) for name, (_, value) in PARQUET_COLUMNS.items()}
                rows.write(json.dumps(values, ensure_ascii=False, default=date.isoformat) + "\n")
        _convert(lines, made, tuple(assumed))
        with made.open("rb") as content:
            shutil.copyfileobj(content, file)


def _convert(lines: Path, made: Path, assumed: tuple[str, ...]) -> None:
    import duckdb

    settings: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "memory_limit": f"{MEMORY_MEGABYTES}MB",
        # More than one would write the row groups in the order in which they happen to be done.
        "threads": "1",
    }
    columns = ", ".join(f"{_literal(name)}: {_literal(kind)}" for name, (kind, _) in PARQUET_COLUMNS.items())
    said = json.dumps(assumed, ensure_ascii=False)
    about = f", kv_metadata {{{ASSUMED_KEY}: {_literal(said)}}}" if assumed else ""
    with duckdb.connect(config=settings) as connection:
        connection.execute(f"set allowed_directories = [{_literal(made.parent.as_posix() + '/')}]")
        connection.execute(f"set temp_directory = {_literal(made.parent.as_posix())}")
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        try:
            connection.execute(
                f"copy (select * from read_json({_literal(lines.as_posix())}, columns = {{{columns}}}, "
                "format = 'newline_delimited', auto_detect = false)) "
                f"to {_literal(made.as_posix())} (format parquet, compression zstd, row_group_size {ROW_GROUP}{about})"
            )
        except duckdb.IOException as error:
            raise OSError(errno.ENOSPC, "the disk is full or gone") from error


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


Column = tuple[str, Callable[[LearnerVerdict, date], Any]]

PARQUET_COLUMNS: dict[str, Column] = {
    "as_of": ("date", lambda _, on: on),
    "key": ("varchar", lambda verdict, _: verdict.key),
    "name": ("varchar", lambda verdict, _: verdict.name),
    "uln": ("varchar", lambda verdict, _: verdict.uln),
    "standard": ("varchar", lambda verdict, _: verdict.standard),
    "standard_title": ("varchar", lambda verdict, _: verdict.standard_title),
    "assessor": ("varchar", lambda verdict, _: verdict.assessor or None),
    "group": ("varchar", lambda verdict, _: verdict.group or None),
    "employer": ("varchar", lambda verdict, _: verdict.employer or None),
    "provider": ("varchar", lambda verdict, _: verdict.provider or None),
    "start": ("date", lambda verdict, _: verdict.start),
    "planned_gateway": ("date", lambda verdict, _: verdict.planned_gateway),
    "gateway": ("date", lambda verdict, _: verdict.gateway),
    "is_overdue": ("boolean", lambda verdict, _: verdict.is_overdue),
    "decision": ("varchar", lambda verdict, _: verdict.decision.value),
    "reason": ("varchar", lambda verdict, _: verdict.reason),
    "requirements": (_TEXTS, lambda verdict, _: {held.id: held.status.value for held in verdict.requirements}),
    "blocking": ("varchar[]", lambda verdict, _: list(verdict.blocking)),
    "found": ("varchar[]", lambda verdict, _: list(verdict.faults)),
    "statements": (_TEXTS, lambda verdict, _: {code: held.value for code, held in verdict.statements.items()}),
    "statements_of": ("integer", lambda verdict, _: verdict.statements_of),
    "statements_met": ("integer", lambda verdict, _: verdict.statements_met),
    "statements_not_met": ("integer", lambda verdict, _: verdict.statements_not_met),
    "statements_unknown": ("integer", lambda verdict, _: verdict.statements_unknown),
    "pieces": ("integer", lambda verdict, _: verdict.pieces),
    "pieces_counting": ("integer", lambda verdict, _: verdict.pieces_counting),
    "next_steps": (
        _STEPS,
        lambda verdict, _: [
            {
                "text": step.text,
                "action": step.action,
                "subject": step.subject,
                "owner": step.owner,
                "effort": step.effort,
                "helps": list(step.helps),
            }
            for step in verdict.next_steps
        ],
    ),
    "steps_left": ("integer", lambda verdict, _: verdict.steps_left),
    "pace": ("varchar", lambda verdict, _: verdict.pace.status.value),
    "pace_reason": ("varchar", lambda verdict, _: verdict.pace.reason),
    "expected": ("integer", lambda verdict, _: verdict.pace.expected),
    "days_learnt": ("integer", lambda verdict, _: verdict.pace.days_learnt),
    "days_planned": ("integer", lambda verdict, _: verdict.pace.days_planned),
    "latest_safe": ("date", lambda verdict, _: verdict.pace.latest_safe),
    "fingerprint": ("varchar", lambda verdict, _: verdict.fingerprint),
    "assumed": ("varchar[]", lambda verdict, _: list(verdict.assumed)),
}
"""Each column with its type and what stands in it; docs/cohort.md has the same list for people."""
