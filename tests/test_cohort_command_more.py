"""The command `ksbtrack cohort` with a learner record return, an earlier run, or a cluster."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from ksbtrack.cli import main
from ksbtrack.formats.cohort_json import cohort_schema
from ksbtrack.formats.cohort_reading import read_run
from ksbtrack.problems import KsbtrackError
from local_cluster import local_cluster
from returned_learners import PERSONAL, aim, hours, learner, whole_return

DAY = "2026-11-22"
LEARNERS = (
    "learner,uln,name,standard,start,Ethnicity,NI number,Address\n"
    "EX0001,9000000008,Robin Example,,,Ethnicity-31,LJ000000A,18 Invented Row\n"
    "EX0002,,Kim Example,ST0148@1.0,2023-09-04,Ethnicity-31,LJ000000A,18 Invented Row\n"
    "EX0003,,Jo Example,ST0148@1.0,31/12/24,Ethnicity-31,LJ000000A,18 Invented Row\n"
)


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    folder = tmp_path / "tables"
    folder.mkdir()
    (folder / "learners.csv").write_text(LEARNERS)
    (folder / "evidence.csv").write_text(
        "learner,id,title,kind,date,state,accepted_by,accepted_on\n"
        "EX0001,E01,Plan,work product,2024-06-03,accepted,Sam Example,2024-06-10\n"
        "EX0002,E01,Plan,work product,2023-10-02,accepted,Sam Example,2023-10-09\n"
    )
    (folder / "claims.csv").write_text("learner,evidence,code\nEX0001,E01,K1\nEX0002,E01,K1\n")
    return folder


@pytest.fixture
def back(tmp_path: Path) -> Path:
    file = tmp_path / "return.xml"
    file.write_text(
        whole_return(
            [
                learner(
                    aim("CompStatus=6", "LearnActEndDate=2024-01-31", start="2023-09-04"),
                    aim("CompStatus=1", hours(4, "20"), start="2024-05-01"),
                ),
                learner(aim(start="2023-09-11"), uln="", reference="EX0002"),
                learner(aim("LearnPlanEndDate=LJ000000A"), uln="", reference="EX0009"),
                learner(aim(), uln="", reference="EX0010"),
            ]
        ),
        "utf-8",
    )
    return file


def run(tables: Path, out: Path, *arguments: str, day: str = DAY) -> int:
    return main(["cohort", str(tables), "-o", str(out), "--on", day, "--jobs", "1", *arguments])


def result(out: Path) -> dict[str, Any]:
    said: dict[str, Any] = json.loads((out / "cohort.json").read_bytes())
    Draft202012Validator(cohort_schema()).validate(said)
    return said


def test_a_return_fills_what_the_tables_leave_empty_and_its_faults_are_reported(
    tables: Path, back: Path, tmp_path: Path
) -> None:
    assert run(tables, tmp_path / "without") == 0
    assert [each["key"] for each in result(tmp_path / "without")["learners"]] == ["EX0002"]
    assert run(tables, tmp_path / "with", "--ilr", str(back)) == 0
    said = result(tmp_path / "with")
    assert [(each["key"], each["dates"]["start"]) for each in said["learners"]] == [
        ("EX0001", "2023-09-04"),
        ("EX0002", "2023-09-04"),
    ]
    codes = sorted(fault["code"] for fault in said["faults"])
    assert codes == ["bad-date", "bad-date", "return-differs"]
    assert f"{back.as_posix()} has 1 apprentice who is not in the cohort." in said["notes"]
    assert run(tables, tmp_path / "strict", "--ilr", str(back), "--strict") == 2


def test_no_personal_value_of_tables_or_return_is_in_any_file_or_message(
    tables: Path, back: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for arguments in ([], ["--json"]):
        run(tables, tmp_path / "out", "--ilr", str(back), *arguments)
    main(["sample", str(tables), "--size", "2", "--seed", "1", "--ilr", str(back), "-o", str(tmp_path / "out/s.json")])
    written = b"".join(path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file())
    out, err = capfd.readouterr()
    assert b"EX0001" in written
    told = out + err + written.decode("utf-8", "replace")
    assert not [value for value in PERSONAL if value in told]


def test_a_broken_return_stops_before_anything_is_written(
    tables: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "return.xml").write_text("<Message><Learner>Robin-Given")
    assert run(tables, tmp_path / "out", "--ilr", str(tmp_path / "return.xml")) == 2
    assert "bad-xml" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_since_an_earlier_run_in_the_same_folder_says_what_changed_and_why(
    tables: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    run(tables, out, day="2026-11-15")
    assert result(out)["changes"] is None
    assert result(out)["rules"]["standards"].keys() == {"ST0148@1.0"}
    (tables / "learners.csv").write_text(
        LEARNERS.replace("31/12/24", "2024-12-31").replace("EX0002,,Kim Example,ST0148@1.0,2023-09-04",
                                                           "EX0002,,Kim Example,ST0148@1.0,2026-10-05")
    )  # fmt: skip
    capsys.readouterr()
    assert run(tables, out, "--since", str(out)) == 0
    printed = capsys.readouterr().out
    changes = result(out)["changes"]
    assert (changes["before"], changes["after"]) == ("2026-11-15", DAY)
    kinds = {change["learner"]: change["kind"] for change in changes["changes"]}
    assert kinds == {"EX0002": "moved", "EX0003": "found"}
    (moved,) = (change for change in changes["changes"] if change["kind"] == "moved")
    assert moved["causes"] == ["records"]
    assert moved["details"][0] == "The records changed. Start: 4 September 2023, now 5 October 2026."
    assert "EX0002, Kim Example: Not ready\n    The records changed." in printed
    assert "\nSince 15 November 2026  0 learners as before\n" in printed


def test_an_earlier_run_is_read_as_it_was_written(tables: Path, back: Path, tmp_path: Path) -> None:
    run(tables, tmp_path / "out", "--ilr", str(back))
    said = result(tmp_path / "out")
    earlier = read_run(tmp_path / "out/cohort.json")
    assert earlier == read_run(tmp_path / "out")
    assert earlier.on.isoformat() == DAY
    assert [verdict.key for verdict in earlier.verdicts] == ["EX0001", "EX0002"]
    assert earlier.marks is not None
    assert earlier.marks.policy == said["rules"]["policy"]
    one, written = earlier.verdicts[0], said["learners"][0]
    assert dict(zip(one.codes, one.shown, strict=True)) == written["statements"]
    assert dict(zip(one.requirements, one.required, strict=True)) == written["requirements"]
    assert list(one.counting) == written["counting"] == ["E01"]


@pytest.mark.parametrize(
    "harm",
    [
        lambda said: said["learners"][0].pop("dates"),
        lambda said: said["learners"][0].update(decision="perhaps"),
        lambda said: said["learners"][0].update(statements=["K1"]),
        lambda said: said.update(as_of="soon"),
        lambda said: said.update(rules={"program": "1"}),
        lambda said: said.pop("learners"),
        lambda said: said.update(schema_version="2.0"),
    ],
)
def test_an_earlier_run_that_somebody_changed_is_refused(
    tables: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], harm: Any
) -> None:
    run(tables, tmp_path / "out")
    said = result(tmp_path / "out")
    harm(said)
    (tmp_path / "out/cohort.json").write_text(json.dumps(said))
    assert run(tables, tmp_path / "again", "--since", str(tmp_path / "out")) == 2
    assert "not-a-run" in capsys.readouterr().err
    assert not (tmp_path / "again").exists()


def test_a_cluster_writes_the_same_bytes(tables: Path, tmp_path: Path) -> None:
    rows = "".join(f"L{number},,Example,ST0148@1.0,2023-09-04,,,\n" for number in range(250))
    (tables / "learners.csv").write_text(LEARNERS + rows)
    run(tables, tmp_path / "here")
    folder = tmp_path / "cluster"
    folder.mkdir()
    with local_cluster(folder, workers=2) as cluster:
        code = main(["cohort", str(tables), "-o", str(tmp_path / "there"), "--on", DAY, "--scheduler", cluster.address])
    assert code == 0
    assert len(result(tmp_path / "here")["learners"]) == 251
    for name in ("cohort.json", "failures.csv"):
        assert (tmp_path / "here" / name).read_bytes() == (tmp_path / "there" / name).read_bytes()


def test_a_scheduler_that_is_none_writes_nothing(
    tables: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tables, tmp_path / "out", "--scheduler", "host:8786") == 2
    assert "no-scheduler" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("rows", "not_ready", "overdue"),
    [
        ("EX0001,,Robin Example,,,,,\n", 1, 1),  # nobody has a verdict: nothing is known to be in time
        ("EX0001,,Robin Example,,,,,\nEX0002,,Kim Example,ST0148@1.0,2023-09-04,,,\n", 1, 0),
    ],
)
def test_a_pipeline_fails_where_verdicts_are_missing(
    tables: Path, tmp_path: Path, rows: str, not_ready: int, overdue: int
) -> None:
    (tables / "learners.csv").write_text(LEARNERS.partition("\n")[0] + "\n" + rows)
    (tables / "evidence.csv").unlink()
    (tables / "claims.csv").unlink()
    assert run(tables, tmp_path / "out") == 0
    assert run(tables, tmp_path / "out", "--fail-on", "not_ready") == not_ready
    assert run(tables, tmp_path / "out", "--fail-on", "overdue") == overdue


def test_an_earlier_run_whose_values_lie_deep_in_each_other_costs_nothing(tmp_path: Path) -> None:
    file = tmp_path / "cohort.json"
    for opening, closing in (("[", "]"), ('{"a":', "}")):
        deep = opening * 200_000 + "1" + closing * 200_000
        file.write_text(f'{{"schema_version": "1.0", "as_of": "2026-01-01", "learners": [{deep}]}}')
        begin = time.perf_counter()
        with pytest.raises(KsbtrackError, match="not-a-run"):
            read_run(file)
        assert time.perf_counter() - begin < 5
