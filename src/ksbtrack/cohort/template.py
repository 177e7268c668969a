"""Tables to begin with: every documented column, and rows of an invented learner that show how each is filled in."""

from __future__ import annotations

from pathlib import Path

from ksbtrack.cohort.table_columns import COLUMNS, TableName
from ksbtrack.files.writing import cannot_write, replace_files
from ksbtrack.formats.sheet_writing import Table, TableColumn, csv_bytes, xlsx_bytes
from ksbtrack.problems import KsbtrackError, Problem, Source

_LEARNER = {"learner": "EXAMPLE-1"}
ROWS: dict[TableName, tuple[dict[str, str], ...]] = {
    TableName.LEARNERS: (
        {
            **_LEARNER,
            "uln": "9000000008",
            "name": "Example Learner",
            "standard": "ST0148",
            "standard_version": "1.0",
            "start": "2023-09-04",
            "planned_gateway": "2024-12-20",
            "born": "2001-03-02",
            "weekly_hours": "37",
            "employer": "Example Employer",
            "provider": "Example Provider",
            "role": "Team member",
            "assessor": "Example Assessor",
            "group": "September 2023",
            "prior_learning_hours": "0",
            "showcase": "E01",
            "invented": "yes",
        },
    ),
    TableName.EVIDENCE: (
        {
            **_LEARNER,
            "id": "E01",
            "title": "Planning a first session",
            "kind": "work_product",
            "date": "2023-11-06",
            "state": "accepted",
            "accepted_by": "Example Assessor",
            "accepted_role": "assessor",
            "accepted_on": "2023-11-20",
            "contains_personal_data": "no",
        },
        {
            **_LEARNER,
            "id": "E02",
            "title": "Seen while mentoring",
            "kind": "witness_testimony",
            "date": "2024-02-12",
            "state": "submitted",
            "witness_name": "Example Manager",
            "witness_role": "line manager",
            "witness_relationship": "manager of the learner",
            "witness_signed": "2024-02-13",
        },
    ),
    TableName.CLAIMS: (
        {**_LEARNER, "evidence": "E01", "code": "K1", "where": "p. 1-2", "state": "confirmed"},
        {**_LEARNER, "evidence": "E01", "code": "S3", "where": "p. 2", "why": "The plan was agreed with the mentee"},
        {**_LEARNER, "evidence": "E02", "code": "B1"},
    ),
    TableName.RECORDS: (
        {
            **_LEARNER,
            "record": "qualification",
            "subject": "english",
            "level": "2",
            "title": "GCSE English",
            "awarded": "2019-08-22",
        },
        {**_LEARNER, "record": "break", "start": "2024-03-04", "end": "2024-03-31"},
        {
            **_LEARNER,
            "record": "confirmation",
            "by": "employer",
            "name": "Example Manager",
            "role": "line manager",
            "of": "competence",
            "on": "2024-12-02",
        },
    ),
    TableName.HOURS: (
        {**_LEARNER, "date": "2023-09-11", "hours": "6", "activity": "Induction", "codes": "K1 K2"},
        {**_LEARNER, "date": "2023-09-18", "hours": "3.5", "activity": "Taught session", "codes": "S3"},
    ),
}
"""The rows of the template, by column; columns that are left out are empty."""


def write_template(target: Path) -> tuple[Path, ...]:
    """Write the tables of a cohort with their columns and the rows of an invented learner; give the files.

    Args:
        target: a workbook to write where its name ends in .xlsx, else a folder that takes a CSV file for each table.

    Raises:
        KsbtrackError: `cannot-write`; `folder-not-empty` where a file of that name is there.
    """
    tables = [_table(name) for name in TableName]
    if target.suffix.casefold() == ".xlsx":
        contents = [(target, xlsx_bytes(tables, "Tables of a cohort", "Template of ksbtrack"))]
    else:
        contents = [(target / f"{table.name}.csv", csv_bytes(table)) for table in tables]
    there = [path for path, _ in contents if path.exists()]
    if there:
        raise KsbtrackError(
            Problem(
                "folder-not-empty",
                Source(there[0].as_posix()),
                "a file of that name",
                "a template never replaces a table",
                "Choose another folder or name.",
            )
        )
    if target.suffix.casefold() != ".xlsx":
        try:
            target.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise cannot_write(target, error) from error
    replace_files(contents)
    return tuple(path for path, _ in contents)


def _table(name: TableName) -> Table:
    columns = COLUMNS[name]
    return Table(
        name=name.value,
        columns=tuple(TableColumn(column.name, max(len(column.name) + 2, 12)) for column in columns),
        rows=tuple(tuple(row.get(column.name, "") for column in columns) for row in ROWS[name]),
        fixed=1,
    )
