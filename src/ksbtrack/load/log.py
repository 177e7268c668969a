"""The log of off-the-job training, off-the-job.csv."""

from __future__ import annotations

import csv
import io
import pathlib
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

from ksbtrack.files.opening import read_text_file
from ksbtrack.load.checked import checked, kept
from ksbtrack.load.claims import Named, resolve_code
from ksbtrack.models.portfolio import LoggedHours
from ksbtrack.models.standard import Standard
from ksbtrack.models.values import Day, Hours, Line, Model
from ksbtrack.problems import KsbtrackError, Problem, Source, quoted, several
from ksbtrack.yamlfile import YamlText, decode, empty_file

MAX_LOG_BYTES = 4_194_304
"""Bytes of off-the-job.csv: 20,000 rows of 200 characters."""
MAX_LOG_ROWS = 20_000
"""Rows of off-the-job.csv: ten a day for the longest apprenticeship."""
HOURS_IN_A_DAY = 24
"""The most hours that one day can hold."""

_COLUMNS = ("date", "hours", "activity", "codes")
Row = tuple[int, list[str]]
"""The line on which a row begins, and its cells."""


class LogRow(Model):
    """The text of one row, read strictly."""

    date: Day
    hours: Hours
    activity: Line


def read_log(root: pathlib.Path, shown: str, standards: Mapping[str, Standard]) -> tuple[LoggedHours, ...] | None:
    """Give the logged hours by date; None if there is no log.

    Args:
        root: the portfolio's folder.
        shown: the log's path for messages.
        standards: those of the portfolio by identity, its own first; if empty, codes are not looked up.

    Raises:
        KsbtrackError: with every fault of every row: `bad-csv`, `bad-date`, `bad-number`, `wrong-type`,
            `text-too-long`, `unknown-code`, `missing-cell`, `too-many-rows`, and those of reading.
    """
    raw = read_text_file(root, "off-the-job.csv", shown, MAX_LOG_BYTES, is_optional=True)
    return None if raw is None else logged_hours(raw, shown, standards)


def logged_hours(raw: bytes, shown: str, standards: Mapping[str, Standard]) -> tuple[LoggedHours, ...]:
    """Give the logged hours by date that the bytes of a log hold.

    Args:
        raw: all of the log.
        shown: see `read_log`.
        standards: see `read_log`.

    Raises:
        KsbtrackError: see `read_log`.
    """
    problems: list[Problem] = []
    text = decode(raw, shown)
    lines = _cells(text, shown, problems)
    if not _has_columns(next(lines, (1, []))[1]):
        raise KsbtrackError(*problems, _other_columns(text, shown))
    rows: list[tuple[LoggedHours, Source]] = []
    for count, (line, cells) in enumerate(lines, start=1):
        if count > MAX_LOG_ROWS:
            problems.append(
                Problem(
                    "too-many-rows",
                    Source(shown, line),
                    f"more than {MAX_LOG_ROWS:,} rows",
                    "no apprenticeship's log has so many",
                    "Put one learner's hours into one log.",
                )
            )
            break
        source = Source(shown, line)
        row = kept(problems, logged_row, cells, source, standards)
        if row is not None:
            rows.append((row, source))
    problems += long_days(rows)
    if problems:
        raise KsbtrackError(*problems)
    return tuple(sorted((row for row, _ in rows), key=lambda row: row.date))


def _has_columns(header: list[str]) -> bool:
    names = [name.strip().casefold() for name in header]
    return names[:3] == list(_COLUMNS[:3]) and names[3:] in ([], ["codes"])


def _other_columns(text: str, shown: str) -> Problem:
    if not text.strip():
        return empty_file(Source(shown, 1))
    return Problem(
        "bad-csv",
        Source(shown, 1),
        quoted(text.split("\n", 1)[0]),
        "the first line names the columns date,hours,activity,codes",
        "Make that the first line.",
    )


def _cells(text: str, shown: str, problems: list[Problem]) -> Iterator[Row]:
    """Yield each row that is not blank; a row that cannot be read goes to the problems."""
    first = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text), delimiter=max(",;\t", key=first.count), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            problems.append(_unreadable_row(Source(shown, line), str(error)))
            continue
        if any(cell.strip() for cell in cells):
            yield line, cells


def _unreadable_row(source: Source, reason: str) -> Problem:
    """Give the problem of a row that the CSV reader refuses, by the words it has for that."""
    expected = "quotes stand around a whole cell, and twice where one is meant inside it"
    if "end of data" in reason:
        return Problem(
            "bad-csv", source, "a quote that is never closed", expected, "Close the quote that is opened on this line."
        )
    if "field limit" in reason:
        found = f"a cell of more than {csv.field_size_limit():,} characters"
        return Problem("bad-csv", source, found, "no activity is so long", "Look for a quote that is never closed.")
    return Problem(
        "bad-csv", source, "a closing quote with text after it", expected, "Correct the quotes on this line."
    )


def logged_row(cells: list[str], source: Source, standards: Mapping[str, Standard]) -> LoggedHours:
    """Give the hours that one row logs.

    Args:
        cells: date, hours, activity and codes.
        source: the row.
        standards: those of the portfolio by identity, its own first; if empty, codes are not looked up.

    Raises:
        KsbtrackError: with every fault of the row; see `read_log`.
    """
    cells = cells + [""] * (len(_COLUMNS) - len(cells))
    if any(cell.strip() for cell in cells[len(_COLUMNS) :]):
        raise KsbtrackError(
            Problem(
                "bad-csv",
                source,
                several(len(cells), "cell"),
                "a row has date, hours, activity and codes",
                "Put an activity that holds a comma in double quotes; separate codes with spaces.",
            )
        )
    problems: list[Problem] = []
    plain = {name: cell.strip() for name, cell in zip(_COLUMNS[:3], cells, strict=False)}
    problems += _missing_cells(plain, source)
    text = YamlText(source.file, plain, {(): source.line})
    row = kept(problems, checked, LogRow, text) if all(plain.values()) else None
    if row is not None and not 0 < row.hours <= HOURS_IN_A_DAY:
        problems.append(
            Problem(
                "bad-number",
                source,
                quoted(cells[1].strip()),
                f"a day has more than 0 and at most {HOURS_IN_A_DAY} hours",
                "Correct the hours.",
            )
        )
    codes = [code for code in re.split(r"[\s;,]+", cells[3]) if code] if standards else []
    named = [kept(problems, resolve_code, code, standards, source, "code") for code in codes]
    if row is None or problems:
        raise KsbtrackError(*problems)
    known = dict.fromkeys(_as_named(found, standards) for found in named if found is not None)
    return LoggedHours(date=row.date, hours=row.hours, activity=row.activity, codes=tuple(known))


def _as_named(found: Named, standards: Mapping[str, Standard]) -> str:
    """Give a code as the log can have it again: with its standard, unless it is one of the portfolio's own."""
    identity, code = found
    own = next(iter(standards.values())).by_code.get(code)
    return code if own is not None and own.origin == identity else f"{identity}:{code}"


def _missing_cells(plain: Mapping[str, str], source: Source) -> Iterator[Problem]:
    for name, cell in plain.items():
        if not cell:
            yield Problem(
                "missing-cell", source, f"no {name}", "a row has date, hours and activity", "Fill in the empty cell."
            )


def long_days(rows: list[tuple[LoggedHours, Source]]) -> Iterator[Problem]:
    """Find each day whose rows make more hours than a day has, at the row with which they do."""
    hours: dict[str, Decimal] = {}
    for row, source in rows:
        day = row.date.isoformat()
        before = hours.get(day, Decimal(0))
        hours[day] = before + row.hours
        if before <= HOURS_IN_A_DAY < hours[day]:
            yield Problem(
                "contradiction",
                source,
                f"{hours[day]} hours on {day} in several rows",
                f"a day has {HOURS_IN_A_DAY}",
                "Look for a row that is there twice.",
            )
