"""Learners drawn by chance, each written as a portfolio folder and as rows of tables that say the same."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
from hypothesis import strategies as st

from ksbtrack.cohort.table_columns import COLUMNS, TableName

Plain = dict[str, Any]
Tables = dict[TableName, list[dict[str, str]]]

ON = date(2024, 11, 4)
"""The day asked about."""
STANDARDS = {"ST0148@1.0": ("K1", "K2", "K11", "S1", "S3", "B5"), "XS10a": ("D1", "D2", "KS1", "Q2")}
KINDS = ("work_product", "witness_testimony", "observation_record", "project", "Work Product", "self_assessment")
PRIVACY = ("contains_personal_data", "redacted", "consent")


def some(*values: Any) -> st.SearchStrategy[Any]:
    """Give one of the values, or nothing."""
    return st.sampled_from([None, None, *values])


def _day(first: date, least: int, most: int) -> st.SearchStrategy[str]:
    return st.integers(least, most).map(lambda days: str(first + timedelta(days=days)))


@st.composite
def drawn_pieces(draw: st.DrawFn, first: date, name: str, codes: Sequence[str]) -> Plain:
    """Draw the front matter of one piece; now and then one that no loading takes."""
    made = draw(_day(first, -5, 420))
    judged = str(date.fromisoformat(made) + timedelta(days=draw(st.sampled_from([0, 3, 30, 30, 90, -2]))))
    state = draw(st.sampled_from(["accepted", "accepted", "accepted", "submitted", "referred", None]))
    claims = [
        {
            "code": code,
            "where": draw(some("p. 2", "0:03:10")),
            "why": draw(some("It shows this", "'=1+1")),
            "state": draw(some("confirmed")),
            "made_against": draw(some("ST0000@0.1")),
        }
        for code in draw(st.lists(st.sampled_from(codes), max_size=4, unique=True))
    ]
    return {
        "id": name,
        "title": draw(st.sampled_from(["A plan", "Séance à deux", "One, two; three", "  Two  spaces "])),
        "kind": draw(st.sampled_from(KINDS)),
        "date": made,
        "made_by": draw(some("Example Author")),
        "claims": [{key: value for key, value in claim.items() if value} for claim in claims],
        "acceptance": state and {"state": state, "by": draw(some("Example Assessor")), "on": judged},
        "witness": draw(some({"name": "Example Witness", "role": "manager", "relationship": "colleague"})),
        "privacy": draw(some({"contains_personal_data": "yes"}, {"contains_personal_data": "yes", "redacted": "yes"})),
        "signatures": draw(some([{"by": "assessor", "on": judged}, {"by": "apprentice", "on": judged}])),
    }


@st.composite
def drawn_learners(draw: st.DrawFn, number: int) -> Plain:
    """Draw a portfolio: its head, its pieces and its log."""
    standard = draw(st.sampled_from(list(STANDARDS)))
    first = date(2023, 9, 4) + timedelta(days=draw(st.integers(0, 40)))
    names = [f"E{place:02}" for place in range(1, draw(st.integers(0, 5)) + 1)]
    pieces = [draw(drawn_pieces(first, name, STANDARDS[standard])) for name in names]
    away = date(2024, 2, 1) + timedelta(days=draw(st.integers(-200, 60)))
    confirmation = {"name": "Example Manager", "role": "manager", "on": draw(_day(first, 200, 420))}
    head: Plain = {
        "learner": {
            "name": f"Example Learner {number}",
            "born": draw(some("2001-03-02", "2015-03-02")),
            "weekly_hours": draw(some("37", "20.5")),
            "employer": draw(some("Example Employer")),
        },
        "standard": standard,
        "dates": {
            "start": str(first),
            "original_start": draw(some("2023-08-07")),
            "planned_gateway": draw(some("2024-10-01", "2024-12-20")),
            "gateway": draw(some("2024-10-20")),
            "breaks": draw(some([{"start": str(away), "end": str(away + timedelta(days=30))}], [{"start": str(away)}])),
        },
        "records": {
            "qualifications": draw(
                some(
                    [{"subject": "english", "level": "2", "awarded": "2019-08-22"}, {"subject": "maths", "level": "1"}],
                    [{"subject": "safeguarding", "title": "Safe", "state": "working_towards"}],
                )
            ),
            "adjustments": draw(some([{"subject": "maths", "evidence": "A letter", "on": "2024-01-03"}])),
            "opt_ins": draw(some([{"subject": "english"}])),
            "prior_learning_hours": draw(some("40")),
            "confirmations": draw(
                some(
                    [{"by": party, **confirmation} for party in ("employer", "provider", "apprentice")],
                    [{"by": "employer", **confirmation, "covers": names[:1]}],
                )
            ),
        },
        "showcase": draw(st.sampled_from([names[:2], names, [], ["E99"]])) if names else [],
    }
    log = [
        {"date": str(first + timedelta(days=7 * week)), "hours": "6.5", "activity": "Taught, and tried", "codes": codes}
        for week in range(draw(st.sampled_from([0, 3, 60])))
        for codes in ("", " ".join(STANDARDS[standard][:2]))[week % 2 : week % 2 + 1]
    ]
    return {"head": _known(head), "pieces": [_known(piece) for piece in pieces], "log": log}


def _known(value: Any) -> Any:
    """Give a value without what is nothing in it."""
    if isinstance(value, Mapping):
        return {key: _known(part) for key, part in value.items() if part not in (None, [], {})}
    return [_known(part) for part in value] if isinstance(value, list) else value


cohorts = st.integers(1, 3).flatmap(lambda count: st.tuples(*map(drawn_learners, range(1, count + 1))))
"""Draws some learners."""


def write_folders(folder: Path, learners: Iterable[Plain]) -> Path:
    """Give the folder after writing each learner's portfolio into it, named L1, L2 ..."""
    for number, learner in enumerate(learners, 1):
        own = folder / f"L{number}"
        (own / "evidence").mkdir(parents=True)
        # JSON is YAML: what is drawn needs no signs of either.
        (own / "portfolio.yaml").write_text(json.dumps(learner["head"], ensure_ascii=False), encoding="utf-8")
        for piece in learner["pieces"]:
            text = f"---\n{json.dumps(piece, ensure_ascii=False)}\n---\n"
            (own / "evidence" / f"{piece['id']}.md").write_text(text, encoding="utf-8")
        if learner["log"]:
            write_rows(own / "off-the-job.csv", ["date", "hours", "activity", "codes"], learner["log"])
    return folder


def rows_of(learners: Iterable[Plain]) -> Tables:
    """Give the same learners as rows of the tables of a cohort."""
    tables: Tables = {table: [] for table in TableName}
    for number, learner in enumerate(learners, 1):
        key = {"learner": f"L{number}"}
        head, records = learner["head"], learner["head"].get("records", {})
        dates = dict(head["dates"])
        breaks = dates.pop("breaks", [])
        prior = {"prior_learning_hours": records["prior_learning_hours"]} if "prior_learning_hours" in records else {}
        showcase = {"showcase": "; ".join(head.get("showcase", []))}
        tables[TableName.LEARNERS].append(
            {**key, **head["learner"], "standard": head["standard"], **dates, **prior, **showcase}
        )
        for piece in learner["pieces"]:
            _add_piece(tables, key, piece)
        for kind, name in (
            ("qualification", "qualifications"),
            ("adjustment", "adjustments"),
            ("opt_in", "opt_ins"),
            ("confirmation", "confirmations"),
        ):
            for record in records.get(name, []):
                covers = {"covers": " ".join(record["covers"])} if "covers" in record else {}
                tables[TableName.RECORDS].append({**key, "record": kind, **record, **covers})
        tables[TableName.RECORDS] += [{**key, "record": "break", **pause} for pause in breaks]
        tables[TableName.HOURS] += [{**key, **row} for row in learner["log"]]
    return tables


def _add_piece(tables: Tables, key: Plain, piece: Plain) -> None:
    plain: dict[str, str] = {name: piece[name] for name in ("id", "title", "kind", "date", "made_by") if name in piece}
    acceptance = piece.get("acceptance", {})
    accepted = {f"accepted_{name}": value for name, value in acceptance.items() if name != "state"}
    state = {"state": acceptance["state"]} if acceptance else {}
    witness = {f"witness_{name}": value for name, value in piece.get("witness", {}).items()}
    tables[TableName.EVIDENCE].append({**key, **plain, **state, **accepted, **witness, **piece.get("privacy", {})})
    tables[TableName.CLAIMS] += [{**key, "evidence": piece["id"], **claim} for claim in piece.get("claims", [])]
    tables[TableName.RECORDS] += [
        {**key, "record": "signature", "piece": piece["id"], **signature} for signature in piece.get("signatures", [])
    ]


def write_cohort(folder: Path, tables: Tables, suffix: str = ".csv") -> Path:
    """Give the folder after writing the tables into it, the rows of the last learner first."""
    folder.mkdir(parents=True)
    for table, rows in tables.items():
        names = [column.name for column in COLUMNS[table]]
        target = folder / f"{table.value}.csv"
        learners = table is TableName.LEARNERS
        write_rows(target, names, rows if learners else sorted(rows, key=lambda row: row["learner"], reverse=True))
        if suffix == ".parquet":
            parquet = str(target.with_suffix(suffix))
            with duckdb.connect() as connection:
                connection.execute(
                    f"copy (select * from read_csv('{target}', all_varchar = true, header = true)) "
                    f"to '{parquet}' (format parquet)"
                )
            target.unlink()
    return folder


def write_rows(path: Path, names: Sequence[str], rows: Iterable[Mapping[str, str]]) -> None:
    """Write rows as CSV under these headings."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
