"""Tables of a made-up cohort of any size, for the benchmark and tests of scale; the same arguments, the same tables.

Made by SQL, since a hundred thousand learners have eighteen million claims. Learners are numbered, and nobody's.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

_KINDS = "['work_product', 'observation_record', 'project', 'feedback', 'case_study', 'assignment']"
_CODES = "['K1','K2','K3','K4','K5','K6','K7','K8','K9','K10','K11','S1','S2','S3','S4','S5','S6','S7','S8','S9','S10',"
_CODES += "'S11','B1','B2','B3','B4','B5']"
_START = "date '2023-09-04'"


def write_tables(folder: Path, learners: int, pieces: int = 60, claims: int = 3, suffix: str = ".parquet") -> Path:
    """Give the folder after writing a cohort of ST0148 into it, its rows in no order.

    Args:
        folder: made if it is not there.
        learners: how many; about half of them are good enough for gateway.
        pieces: of each learner.
        claims: of each piece.
        suffix: `.parquet` or `.csv`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    form = "format parquet" if suffix == ".parquet" else "format csv, header"
    tables = {
        "learners": f"select 'L' || i as learner, 'Example Learner ' || i as name, 'ST0148@1.0' as standard, "
        f"({_START} + (i % 60)::int)::varchar as start, ({_START} + 420 + (i % 60)::int)::varchar as planned_gateway, "
        "'37' as weekly_hours, 'Example Employer ' || (i % 300) as employer, "
        "'Example Assessor ' || (i % 40) as assessor, "
        f"'Group ' || (i % 120) as \"group\", 'E1, E2' as showcase, 'yes' as invented from range({learners}) t(i)",
        "evidence": f"select 'L' || (i // {pieces}) as learner, 'E' || (1 + i % {pieces}) as id, "
        f"'Session ' || (1 + i % {pieces}) || ': planning with a mentee' as title, "
        f"{_KINDS}[1 + (i * 7 % 6)::int] as kind, ({_START} + (67 + i % {pieces} * 5 % 340)::int)::varchar as date, "
        "case when i % 7 = 0 then 'submitted' else 'accepted' end as state, "
        "'Example Assessor ' || (i % 40) as accepted_by, 'assessor' as accepted_role, "
        f"({_START} + (73 + i % {pieces} * 5 % 340)::int)::varchar as accepted_on "
        f"from range({learners * pieces}) t(i) order by hash(i)",
        "claims": f"select 'L' || (i // {pieces * claims}) as learner, "
        f"'E' || (1 + i // {claims} % {pieces}) as evidence, {_CODES}[1 + (i % 27)::int] as code, "
        f"'p. ' || (1 + i % 2) as \"where\", 'It shows ' || {_CODES}[1 + (i % 27)::int] as why "
        f"from range({learners * pieces * claims}) t(i) order by hash(i)",
        "records": "select 'L' || i as learner, 'qualification' as record, subject, '2' as level, "
        "'GCSE' as title, '2019-08-22' as awarded "
        f"from range({learners}) t(i), (values ('english'), ('maths')) s(subject)",
    }
    with duckdb.connect() as connection:
        connection.execute("set threads = 2")
        connection.execute("set enable_progress_bar = false")
        connection.execute("set preserve_insertion_order = false" if learners > 20_000 else "set threads = 2")
        for name, statement in tables.items():
            target = str(folder / f"{name}{suffix}").replace("'", "''")
            connection.execute(f"copy ({statement}) to '{target}' ({form})")
    return folder
