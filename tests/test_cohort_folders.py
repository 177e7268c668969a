"""A folder of portfolio folders as a cohort: nobody vanishes without a word, and one name stops nobody else."""

from __future__ import annotations

import json
import os
import re
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ksbtrack.cli import main
from ksbtrack.cohort import folders
from ksbtrack.cohort.judging import judged, opened_cohort
from ksbtrack.models.cohort import CohortQuestion, Fault, LearnerVerdict
from ksbtrack.problems import KsbtrackError

ON = date(2024, 6, 1)
ROOT = Path(__file__).resolve().parent.parent
HEAD = "learner: {name: Example Learner}\nstandard: ST0148@1.0\ndates: {start: 2023-09-04}\n"


def learner(folder: Path, head: str = HEAD) -> None:
    """Write a learner's folder."""
    folder.mkdir(parents=True)
    (folder / "portfolio.yaml").write_text(head, "utf-8")


def outcomes(source: Path) -> tuple[list[str], list[tuple[str, str]]]:
    """Give the keys of who was judged, and learner and code of each fault."""
    found = everything(source)
    return (
        [each.key for each in found if isinstance(each, LearnerVerdict)],
        [(each.learner, each.problem.code) for each in found if isinstance(each, Fault)],
    )


def everything(source: Path) -> list[LearnerVerdict | Fault]:
    with opened_cohort(source, CohortQuestion(ON)) as cohort:
        return list(judged(cohort))


def test_a_name_that_is_no_text_stops_nobody_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in (b"plain", b"Zo\xeb", b"group/Zo\xeb/one"):
        learner(tmp_path / "cohort" / os.fsdecode(name))
    pipeline = ["--junit", str(tmp_path / "junit.xml"), "--sarif", str(tmp_path / "results.sarif")]
    asked = ["cohort", str(tmp_path / "cohort"), "-o", str(tmp_path / "out"), "--on", ON.isoformat(), "--jobs", "1"]
    assert main([*asked, *pipeline]) == 0
    said: dict[str, Any] = json.loads((tmp_path / "out/cohort.json").read_bytes())
    assert [each["key"] for each in said["learners"]] == ["plain"]
    assert [(each["learner"], each["code"]) for each in said["faults"]] == [
        ("Zo<U+DCEB>", "bad-name"),
        ("group/Zo<U+DCEB>/one", "bad-name"),
    ]
    assert "2  without a verdict" in capsys.readouterr().out
    assert main(["cohort", str(tmp_path / "cohort" / os.fsdecode(b"Zo\xeb")), "-o", str(tmp_path / "out")]) == 2


def test_a_file_with_such_a_name_is_a_fault_of_its_learner(tmp_path: Path) -> None:
    learner(tmp_path / "one")
    learner(tmp_path / "two")
    (tmp_path / "one/evidence").mkdir()
    (tmp_path / "one/evidence" / os.fsdecode(b"E\xeb.md")).touch()
    (fault, _) = everything(tmp_path)
    assert isinstance(fault, Fault)
    assert fault.problem.source.file == f"{tmp_path.as_posix()}/one/evidence/E<U+DCEB>.md"


def test_learners_in_groups_do_not_vanish(tmp_path: Path) -> None:
    learner(tmp_path / "autumn/sound")
    (tmp_path / "autumn/README.txt").touch()
    learner(tmp_path / "autumn/misnamed")
    (tmp_path / "autumn/misnamed/portfolio.yaml").rename(tmp_path / "autumn/misnamed/Portfolio.yml")
    (tmp_path / "autumn/misnamed/evidence").mkdir()
    (tmp_path / "autumn/misnamed/evidence/plan.txt").touch()
    (tmp_path / "autumn/pieces/evidence").mkdir(parents=True)
    (tmp_path / "autumn/pieces/evidence/plan.txt").touch()
    (tmp_path / "autumn/nothing").mkdir()
    (tmp_path / "a/b/c/d/e").mkdir(parents=True)
    judged_keys, faults = outcomes(tmp_path)
    assert judged_keys == ["autumn/sound"]
    assert faults == [
        ("a/b/c/d", "missing-file"),
        ("autumn/misnamed", "misnamed-file"),
        ("autumn/misnamed", "missing-file"),
        ("autumn/pieces", "missing-file"),
    ]


def test_links_are_told_and_not_followed(tmp_path: Path) -> None:
    learner(tmp_path / "elsewhere")
    learner(tmp_path / "cohort/spring/sound")
    (tmp_path / "cohort/linked").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "cohort/spring/again").symlink_to("sound")
    (tmp_path / "cohort/spring/gone").symlink_to("nowhere")
    (tmp_path / "cohort/loop").symlink_to("loop")
    (tmp_path / "cohort/.hidden").symlink_to("spring")
    (tmp_path / "cohort/list.txt").symlink_to(tmp_path / "elsewhere/portfolio.yaml")
    judged_keys, faults = outcomes(tmp_path / "cohort")
    assert judged_keys == ["spring/sound"]
    assert faults == [(name, "symlink") for name in ("linked", "loop", "spring/again", "spring/gone")]


def test_results_of_earlier_runs_are_no_learners(tmp_path: Path) -> None:
    learner(tmp_path / "autumn/sound")
    for place in ("results", "autumn/results"):
        (tmp_path / place / "reports").mkdir(parents=True)
        (tmp_path / place / "cohort.json").touch()
        (tmp_path / place / "reports/sound.pdf").touch()
    assert outcomes(tmp_path) == (["autumn/sound"], [])


def test_nobody_vanishes_behind_a_file_that_results_have_too(tmp_path: Path) -> None:
    learner(tmp_path / "autumn/sound")
    learner(tmp_path / "elsewhere/other")
    for place in ("headless", "autumn/headless", "spring"):
        (tmp_path / place).mkdir()
        (tmp_path / place / "cohort.json").write_text("{}", "utf-8")
    for place in ("headless", "autumn/headless", "spring/one"):
        (tmp_path / place / "evidence").mkdir(parents=True)
        (tmp_path / place / "evidence/E01.md").touch()
    (tmp_path / "spring/linked").symlink_to(tmp_path / "elsewhere/other")
    (tmp_path / "spring/reports").mkdir()
    (tmp_path / "spring/reports/one.pdf").touch()
    judged_keys, faults = outcomes(tmp_path)
    assert judged_keys == ["autumn/sound", "elsewhere/other"]
    assert [(name, code) for name, code in faults if code in ("missing-file", "symlink")] == [
        ("autumn/headless", "missing-file"),
        ("headless", "missing-file"),
        ("spring/linked", "symlink"),
        ("spring/one", "missing-file"),
    ]


def test_a_group_that_cannot_be_looked_into_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    learner(tmp_path / "sound")
    (tmp_path / "closed/inside").mkdir(parents=True)
    scandir = os.scandir

    def refusing(folder: Path) -> object:
        if Path(folder).name == "closed":
            raise PermissionError(13, "Permission denied")
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", refusing)
    assert folders.learner_folders(tmp_path) == ["closed", "sound"]


def test_a_folder_without_any_learner_is_no_cohort(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos/one.jpg").touch()
    with pytest.raises(KsbtrackError) as stopped:
        folders.learner_folders(tmp_path)
    assert [problem.code for problem in stopped.value.problems] == ["no-learners"]


def test_many_folders_are_still_found_in_order(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "docs/examples/ready", tmp_path / "ready")
    for number in (10, 2, 1):
        learner(tmp_path / f"group {number}/L{number}")
    assert folders.learner_folders(tmp_path) == ["group 1/L1", "group 2/L2", "group 10/L10", "ready"]


FRONT = "---\nid: E01\ntitle: A session\nkind: project\ndate: 2023-10-02\n{more}---\n{account}\n"
SECRETS = (
    "31/02/2007",
    "31 February",
    "15/01/2007",
    "15 January",
    "2007-01-15",
    "9000000017",
    "Robin Hidden",
    "29 years",
)


def test_no_fault_shows_what_is_personal_in_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cohort = tmp_path / "cohort"
    dates = "standard: ST0148@1.0\ndates: {start: 2023-09-04}\n"
    learner(cohort / "born", f"learner:\n  name: Example Learner\n  born: 31/02/2007\n{dates}")
    learner(cohort / "british", f"learner: {{name: Example Learner, born: 15/01/2007, uln: '9000000017'}}\n{dates}")
    learner(cohort / "age", f"learner: {{name: A, born: 2007-01-15,\n  age_at_start: '29'}}\n{dates}")
    learner(cohort / "yaml", f"learner:\n  name: Robin Hidden: apprentice\n{dates}")
    learner(cohort / "text", f"learner: Robin Hidden\n{dates}")
    learner(cohort / "long", f"learner: {{name: {'Robin Hidden ' * 40}}}\n{dates}")
    learner(cohort / "own", f"learner: {{name: Robin Hidden}}\n{dates}")
    learner(cohort / "start", HEAD.replace("2023-09-04", "15/01/2007"))
    learner(cohort / "code", HEAD.replace("ST0148@1.0", "ST9999"))
    for name, more in (
        ("own", "acceptance: {state: accepted, by: Robin Hidden, role: assessor, on: 2023-10-03}\n"),
        ("code", "witness: Robin Hidden\n"),
    ):
        (cohort / name / "evidence").mkdir()
        (cohort / name / "evidence/E01.md").write_text(FRONT.format(more=more, account="We met."))
    (cohort / "own/evidence/notes.md").write_text("Robin Hidden and I\n")
    (cohort / "code/off-the-job.csv").write_text("2023-09-11,6,Robin Hidden,K1\n")
    asked = ["cohort", str(cohort), "-o", str(tmp_path / "out"), "--on", ON.isoformat(), "--jobs", "1"]
    assert main([*asked, "--junit", str(tmp_path / "junit.xml"), "--sarif", str(tmp_path / "run.sarif")]) == 0
    said: dict[str, Any] = json.loads((tmp_path / "out/cohort.json").read_bytes())
    assert {each["learner"] for each in said["faults"]} == {path.name for path in cohort.iterdir()}
    shown = {(each["learner"], each["code"]): each["found"] for each in said["faults"]}
    assert shown[("born", "bad-date")] == "a value that is not shown here"
    # What is no secret is still shown to whoever mends it.
    assert shown[("code", "unknown-standard")] == "'ST9999'"
    out, err = capsys.readouterr()
    start = shown.pop(("start", "bad-date"))
    assert start == "'15/01/2007'"
    failures = (tmp_path / "out/failures.csv").read_text("utf-8-sig").splitlines()
    told = out + err + str(shown) + "".join(line for line in failures if not line.startswith("start,"))
    told += "".join((tmp_path / name).read_text("utf-8") for name in ("junit.xml", "run.sarif"))
    assert "born" in told
    for secret in SECRETS:
        assert secret not in told, secret


def test_a_day_of_birth_is_hidden_however_its_key_is_written(tmp_path: Path) -> None:
    dates = "standard: ST0148@1.0\ndates: {start: 2023-09-04}\n"
    for number, (born, day) in enumerate(
        (
            ('  "b\\x6frn": {}', "1994-06-77"),
            ("  ? born\n  : {}", "1994-06-77"),
            ("  born:\n    {}", "1994-06-77"),
            ('  "b\\x6frn": {}', "2022-01-15"),
            ("  weekly_hours: 30\n  'born' : {}", "1994-06-77"),
            ('  employer: Example\n  "age_at_st\\x61rt": {}', "1994-06"),
        )
    ):
        learner(tmp_path / f"{number}", f"learner:\n  name: Example Learner\n{born.format(day)}\n{dates}")
    learner(tmp_path / "flow", f'learner: {{weekly_hours: 30, name: A, "b\\x6frn": 1994-06-77}}\n{dates}')
    learner(tmp_path / "gateway", f"{HEAD}records:\n  qualifications:\n    - {{subject: maths, awarded: 1994-06-77}}\n")
    found = {each.learner: each.problem for each in everything(tmp_path) if isinstance(each, Fault)}
    assert found.keys() == {*map(str, range(6)), "flow", "gateway"}
    assert found.pop("gateway").found == "'1994-06-77'"
    for problem in found.values():
        assert problem.found == "a value that is not shown here"
        assert not {"1994", "2022", "2023"} & set(re.findall("[0-9]{4}", problem.expected))


def test_faults_name_files_as_the_cohort_was_named_and_pipelines_learn_no_value(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(place: Path) -> dict[str, str]:
        pieces = place / "cohort/one/evidence"
        learner(place / "cohort/one", f"{HEAD}showcase: [Zebra-8]\n")
        pieces.mkdir()
        claims = "claims: [K2 Quokka, 'ST9998:K1', {K77: Walrus}]\n"
        for name, piece, more in (("E01", "Zebra-7", ""), ("E02", "Zebra-7", ""), ("E03", "E03", claims)):
            text = FRONT.format(more=more, account="We met.").replace("E01", piece)
            (pieces / f"{name}.md").write_text(text.replace("project", "projekt") if name == "E02" else text, "utf-8")
        again = FRONT.format(more="", account="We met.").replace("E01", "Zebra-7")
        (pieces / "E04.md").write_text(again, "utf-8")
        monkeypatch.chdir(place)
        files = ["--junit", "junit.xml", "--sarif", "run.sarif"]
        assert main(["cohort", "cohort", "-o", "out", "--on", ON.isoformat(), "--jobs", "1", *files]) == 0
        return {
            name: (place / name).read_text("utf-8")
            for name in ("junit.xml", "run.sarif", "out/failures.csv", "out/cohort.json")
        }

    first, second = run(tmp_path / "here"), run(tmp_path / "there")
    assert first == second
    assert "cohort/one/evidence/E01.md:2 has the id Zebra-7 already" in first["out/failures.csv"]
    for text in first.values():
        assert tmp_path.as_posix() not in text
    for name in ("junit.xml", "run.sarif"):
        for code in ("duplicate-id", "unknown-id", "unknown-code", "bad-choice"):
            assert code in first[name]
        for value in ("Zebra", "Quokka", "Walrus", "K77", "ST9998", "projekt", "Did you mean"):
            assert value not in first[name], value
