"""The statements with which duckdb sorts a cohort's tables: learners numbered, everything else in their order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ksbtrack.cohort.cells import CENTURIES, NAMED_DAY
from ksbtrack.cohort.table_columns import COLUMN_OF, COLUMNS, CellKind, TableName
from ksbtrack.models.cohort import Fault
from ksbtrack.problems import Problem, Source, quoted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

BAD_ROWS = "bad_rows.csv"
"""The name of the file that takes rows which could not be read at all."""
NO_ULN = "9999999999"
"""Stands for a ULN that is not known yet; many learners share it."""
CELL_END = "\x1f"
"""Stands between the cells of a row that is one text: the sign that was made for it, which no cell may hold."""
ROW_END = "\x1e"
"""Stands between the rows of a learner that are one text."""
FETCHED = 2_000
"""Rows fetched at a time where all of them are gone through."""

_BLANKS = "' ' || chr(9) || chr(10) || chr(13) || chr(160)"
_TWO_WAYS = r"^[\s\x{a0}]*(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})[\s\x{a0}]*$"
_YEAR_FIRST = r"^[\s\x{a0}]*(\d{4})[/.-](\d{1,2})[/.-](\d{1,2})[\s\x{a0}]*$"
_ISO_DAY = r"^\d{4}-\d{2}-\d{2}$"
_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?"
_ISO_MOMENT = rf"^[\s\x{{a0}}]*(\d{{4}}-\d{{2}}-\d{{2}})(?:[T ]{_TIME})?[\s\x{{a0}}]*$"


def clean_days(connection: DuckDBPyConnection, table: TableName, columns: Sequence[str]) -> None:
    """Write days of the other forms that are certain as year-month-day; what is not certain stays as it is.

    A day before month and year is certain where it is above 12, where both are the same number, or where the column
    has such days and none with the month first. So is one that begins with the year, and one whose month is a word.
    A moment without a time zone gives its day.

    Args:
        connection: to the file with the table `raw_<name>`.
        table: which.
        columns: its documented columns.
    """
    name = f"raw_{table.value}"
    for named in columns:
        if COLUMN_OF[table][named].kind is not CellKind.DAY:
            continue
        column = f'"{named}"'  # "on" and "end" are words of SQL
        is_other = f"{column} is not null and not regexp_full_match({column}, '{_ISO_DAY}')"
        with_slashes = f"regexp_replace({column}, '{_TWO_WAYS}', '\\1/\\2/\\3')"
        two_ways = f"regexp_matches({column}, '{_TWO_WAYS}')"
        day_first = f"case when {two_ways} then try_strptime({with_slashes}, '%d/%m/%Y') end"
        # What is no day in either order, such as 99/01/2023, shows nothing about the order of the others.
        found = connection.execute(
            "select count(*), count(*) filter (where day(day_first) > 12), "
            f"count(*) filter (where day_first is null and try_strptime(with_slashes, '%m/%d/%Y') is not null) from "
            f"(select {day_first} as day_first, case when {two_ways} then {with_slashes} end as with_slashes "
            f'from "{name}" where {is_other})'
        ).fetchone()
        others, days_first, months_first = found or (0, 0, 0)
        if not others:
            continue
        is_certain = f"coalesce(day({day_first}) > 12 or day({day_first}) = month({day_first}), true)"
        year_first = (
            f"case when regexp_matches({column}, '{_YEAR_FIRST}') then "
            f"try_strptime(regexp_replace({column}, '{_YEAR_FIRST}', '\\1-\\2-\\3'), '%Y-%m-%d') end"
        )
        connection.execute(
            f'update "{name}" set {column} = case '
            f"when regexp_matches({column}, '{_ISO_MOMENT}') then regexp_extract({column}, '{_ISO_MOMENT}', 1) "
            f"when {'true' if days_first and not months_first else is_certain} then "
            f"coalesce(strftime(coalesce({day_first}, {year_first}, {_named_day(column)}), '%Y-%m-%d'), {column}) "
            f"else {column} end where {is_other}"
        )


def _named_day(column: str) -> str:
    """Give the expression of a day whose month is a word, null where there is none or its century is not certain."""
    day, month, year = (f"regexp_extract({column}, '{NAMED_DAY}', {group})" for group in (1, 2, 3))
    number = f"(position(lower(left({month}, 3)) in 'janfebmaraprmayjunjulaugsepoctnovdec') + 2) // 3"
    centuries = " ".join(
        f"when {year} between '{low}' and '{high}' then '{century}' || {year}"
        for century, (low, high) in CENTURIES.items()
    )
    whole = f"case when length({year}) = 4 then {year} {centuries} end"
    return (
        f"case when regexp_matches({column}, '{NAMED_DAY}') "
        f"then try_strptime({whole} || '-' || {number} || '-' || {day}, '%Y-%m-%d') end"
    )


def fill_learners(connection: DuckDBPyConnection, columns: Sequence[str]) -> None:
    """Make the table `learners`, numbered in the order of its file, and `keys`, which finds the number of a name.

    Args:
        connection: to the file with the table `raw_learners`.
        columns: its documented columns.
    """
    reference, uln = (_cleaned(name) if name in columns else "cast(null as varchar)" for name in ("learner", "uln"))
    separate_signs(connection, TableName.LEARNERS, columns)
    # A name is a name as a reference and as a ULN: other tables do not say which of the two they mean.
    connection.execute(
        "create temp table named_learners as with named as ("
        f"select row, {reference} as learner, {uln} as uln, {_joined(TableName.LEARNERS, columns)} as text "
        "from raw_learners) "
        "select cast(row_number() over (order by row) - 1 as integer) as seq, *, "
        f"case when uln <> '{NO_ULN}' then uln end as own_uln, coalesce(learner, own_uln) as key from named"
    )
    connection.execute(
        "create temp table names as select key as name, seq, row, 0 as rank from named_learners where key is not null "
        "union all select own_uln, seq, row, 1 from named_learners where own_uln is not null and own_uln <> key"
    )
    connection.execute(
        "create table keys as select name as key, arg_min(seq, rank * 4000000000 + seq) as seq from names group by name"
    )
    connection.execute(
        "create temp table twins as select name, min(row) as first, max(row) as last from names group by name "
        "having count(*) > 1"
    )
    connection.execute(
        "create table learners as select seq, "
        "case when by_key.first <> row then by_key.first else by_key.last end as twin_by_key, "
        "case when by_uln.first <> row then by_uln.first else by_uln.last end as twin_by_uln, "
        "row, learner, uln, text, key from named_learners "
        "left join twins by_key on by_key.name = key left join twins by_uln on by_uln.name = own_uln order by seq"
    )
    for table in ("twins", "names", "named_learners"):
        connection.execute(f"drop table {table}")
    connection.execute("drop table raw_learners")


def fill_rows(connection: DuckDBPyConnection, table: TableName, columns: Sequence[str]) -> None:
    """Make one of the other tables, in the order of the learners; rows of nobody we know come last.

    Args:
        connection: to the file with the table `raw_<name>`, where there is one.
        table: which.
        columns: its documented columns; empty where there is no such table.
    """
    name = table.value
    if not columns:
        connection.execute(f"create table {name} (seq integer, row bigint, learner varchar, text varchar)")
        return
    separate_signs(connection, table, columns)
    connection.execute(
        f"create table {name} as select keys.seq, raw.row, "
        "case when keys.seq is null then raw.name end as learner, raw.text "
        f"from (select row, {_cleaned('learner')} as name, {_joined(table, columns)} as text from raw_{name}) raw "
        "left join keys on raw.name = keys.key order by keys.seq nulls last, raw.row"
    )
    connection.execute(f"drop table raw_{name}")


def _cleaned(column: str) -> str:
    return f"nullif(trim({column}, {_BLANKS}), '')"


def _joined(table: TableName, columns: Sequence[str]) -> str:
    """Give the expression that joins all documented cells of a row to one text: few texts are fetched fast."""
    wanted = [column.name for column in COLUMNS[table]][0 if table is TableName.LEARNERS else 1 :]
    cells = [f"coalesce(\"{name}\", '')" if name in columns else "''" for name in wanted]
    return f" || chr({ord(CELL_END)}) || ".join(cells)


def separate_signs(connection: DuckDBPyConnection, table: TableName, columns: Sequence[str]) -> None:
    """Put another sign in the place of those that part cells and rows, where a cell holds one: it is refused later.

    Args:
        connection: to the file with the table `raw_<name>`.
        table: which.
        columns: its documented columns.
    """
    signs = f"[{CELL_END}{ROW_END}]"
    found = " or ".join(f"regexp_matches(\"{name}\", '{signs}')" for name in columns)
    (count,) = connection.execute(f"select count(*) from raw_{table.value} where {found}").fetchone() or (0,)
    if count:
        replaced = ", ".join(f"\"{name}\" = regexp_replace(\"{name}\", '{signs}', chr(26), 'g')" for name in columns)
        connection.execute(f"update raw_{table.value} set {replaced}")


def set_aside(connection: DuckDBPyConnection, written: Path) -> None:
    """Make the table `bad_rows` of the rows that could not be read, with the number of the learner each names.

    Args:
        connection: to the file with the table `keys`.
        written: the file with these rows, if there is one.
    """
    names = ("table_name", "row", "learner", "uln", "file", "found", "expected", "fix")
    connection.execute(
        "create table bad_rows ("
        + ", ".join(f"{name} {'bigint' if name == 'row' else 'varchar'}" for name in names)
        + ")"
    )
    if written.exists():
        columns = ", ".join(f"'{name}': '{'BIGINT' if name == 'row' else 'VARCHAR'}'" for name in names)
        connection.execute(
            f"insert into bad_rows select * from read_csv(?, header = false, columns = {{{columns}}}, "
            "auto_detect = false, delim = ',', quote = '\"', escape = '\"')",
            [str(written.resolve())],
        )
    connection.execute(
        "create table blocked as select distinct keys.seq, bad_rows.row, bad_rows.file from bad_rows "
        "join keys on keys.key in (bad_rows.learner, bad_rows.uln)"
    )


def bad_rows(connection: DuckDBPyConnection) -> Iterator[Fault]:
    """Yield each row that could not be read at all, with the learner it names, if it names one."""
    rows = connection.execute(
        "select bad_rows.*, coalesce(learners.key, case when bad_rows.table_name = 'learners' "
        "then coalesce(bad_rows.learner, bad_rows.uln) end) from bad_rows "
        "left join blocked on blocked.file = bad_rows.file and blocked.row = bad_rows.row "
        "left join learners on learners.seq = blocked.seq order by bad_rows.file, bad_rows.row"
    )
    while some := rows.fetchmany(FETCHED):
        for _, row, _, _, file, found, expected, fix, key in some:
            yield Fault(Problem("bad-csv", Source(file, row), found, expected, fix), key or "")


def orphans(connection: DuckDBPyConnection, files: Mapping[str, str]) -> Iterator[Fault]:
    """Yield each row of the other tables that names no learner, or one who is not in the table of learners.

    Args:
        connection: to the sorted tables.
        files: the tables that are there, each as messages name it.
    """
    for table in TableName:
        if table is TableName.LEARNERS or table.value not in files:
            continue
        # Who is in a row of learners that could not be read is told there, once.
        rows = connection.execute(
            f"select row, learner from {table.value} where seq is null and not exists (select 1 from bad_rows "
            f"where bad_rows.table_name = 'learners' and {table.value}.learner in (bad_rows.learner, bad_rows.uln)) "
            "order by row"
        )
        while some := rows.fetchmany(FETCHED):
            for row, learner in some:
                yield Fault(_orphan(Source(files[table.value], row), learner), column="learner")


def _orphan(source: Source, learner: str | None) -> Problem:
    if learner is None:
        return Problem(
            "missing-cell",
            source,
            "no learner",
            "each row names the learner it belongs to",
            "Fill in the column learner, or delete the row.",
        )
    return Problem(
        "unknown-learner",
        source,
        f"{quoted(learner)} in the column learner",
        "no row of the table learners has that reference or ULN",
        "Correct it, or add the learner.",
    )
