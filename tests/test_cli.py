"""The commands as a person or a script meets them: what they print, what they write, how they end."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import ksbtrack
from ksbtrack.cli import application, main
from ksbtrack.cli.advising import ADVISING_COMMANDS
from ksbtrack.cli.changes import CHANGES_COMMANDS
from ksbtrack.cli.cohort import COHORT_COMMANDS
from ksbtrack.cli.commands import COMMANDS, STANDARDS_COMMANDS
from ksbtrack.cli.crosswalks import CROSSWALK_COMMANDS
from ksbtrack.cli.exchange import EXCHANGE_COMMANDS
from ksbtrack.cli.exporting import EXPORT_COMMANDS
from ksbtrack.cli.fetching import FETCHING_COMMANDS
from ksbtrack.cli.linting import LINTING_COMMANDS
from ksbtrack.cli.matrix import MATRIX_COMMANDS
from ksbtrack.cli.packing import PACKING_COMMANDS
from ksbtrack.cli.planning import PLANNING_COMMANDS
from ksbtrack.cli.prompting import PROMPTING_COMMANDS
from ksbtrack.cli.sampling import SAMPLING_COMMANDS
from ksbtrack.cli.showcase import SHOWCASE_COMMANDS
from ksbtrack.cli.sign_off import SIGN_OFF_COMMANDS
from ksbtrack.cli.submissions import PROFILES_COMMANDS, SUBMISSION_COMMANDS
from ksbtrack.cli.versions import VERSION_COMMANDS, VERSION_STANDARDS_COMMANDS
from ksbtrack.formats.analysis_json import analysis_schema
from ksbtrack.models.analysis import Status
from ksbtrack.models.standard import EvidenceKind
from ksbtrack.terminal.characters import encodable, visible
from ksbtrack.terminal.check import check_view
from ksbtrack.terminal.marks import COLOURS, SHAPES, SIGNS, marks_for, rendered
from made_up import analysis, wharf_profile

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "docs/examples"
DAY = "2026-02-27"
EVERY_COMMAND = [
    *(
        [name]
        for name, _, _ in (
            *COMMANDS,
            *CHANGES_COMMANDS,
            *ADVISING_COMMANDS,
            *PROMPTING_COMMANDS,
            *PLANNING_COMMANDS,
            *SHOWCASE_COMMANDS,
            *SAMPLING_COMMANDS,
            *SUBMISSION_COMMANDS,
            *SIGN_OFF_COMMANDS,
            *PACKING_COMMANDS,
            *MATRIX_COMMANDS,
            *VERSION_COMMANDS,
        )
    ),
    ["cohort"],
    *(["cohort", name] for name, _, _ in COHORT_COMMANDS),
    *(["standards", name] for name, _, _ in STANDARDS_COMMANDS),
    *(["standards", name] for name, _, _ in VERSION_STANDARDS_COMMANDS),
    *(["standards", name] for name, _, _ in EXCHANGE_COMMANDS),
    *(["standards", name] for name, _, _ in FETCHING_COMMANDS),
    *(["standards", name] for name, _, _ in EXPORT_COMMANDS),
    *(["standards", name] for name, _, _ in LINTING_COMMANDS),
    *(["profiles", name] for name, _, _ in PROFILES_COMMANDS),
    *(["crosswalk", name] for name, _, _ in CROSSWALK_COMMANDS),
]


@pytest.fixture(autouse=True)
def eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every test see a plain terminal of 80 columns, whatever runs the tests."""
    for name in ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.chdir(ROOT)


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Give what runs a command in this process: its exit code, its output, its errors."""

    def run_it(*arguments: str) -> tuple[int, str, str]:
        code = main(arguments)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run_it


def process(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "ksbtrack", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": "src", **environment},
        capture_output=True,
        check=False,
    )


def small_portfolio(folder: Path, title: str = "Plan", name: str = "Wick Lumen") -> Path:
    """Give a portfolio with one piece, whose title and learner's name may be anything that YAML takes in quotes."""
    (folder / "evidence").mkdir(parents=True)
    (folder / "portfolio.yaml").write_text(
        f"learner: {{name: {json.dumps(name)}}}\nstandard: ST0148@1.0\ndates: {{start: 2023-09-04}}\n"
    )
    (folder / "evidence/E01.md").write_text(
        f"---\nid: E01\ntitle: {json.dumps(title)}\nkind: work_product\ndate: 2023-10-02\nclaims: [K1]\n---\nText.\n"
    )
    return folder


# What check and explain show


@pytest.mark.parametrize(
    ("kept", "arguments"),
    [
        ("check-typical", ("check", "docs/examples/typical", "--on", DAY)),
        ("check-ready", ("check", "docs/examples/ready", "--on", DAY)),
        ("check-dorset", ("check", "docs/examples/dorset", "--on", DAY)),
        ("explain-statement", ("explain", "docs/examples/typical", "K4", "--on", DAY)),
        ("explain-requirement", ("explain", "docs/examples/typical", "off_the_job", "--on", DAY)),
        ("explain-piece", ("explain", "docs/examples/typical", "E05", "--on", DAY)),
        ("standards-list", ("standards", "list")),
        ("standards-show", ("standards", "show", "ST0148")),
    ],
)
def test_the_output_at_80_columns(
    run: Run, golden: Callable[[str, str], None], kept: str, arguments: Sequence[str]
) -> None:
    _, output, errors = run(*arguments)
    assert errors == ""
    assert max(map(len, output.splitlines())) <= 80
    golden(f"{kept}.txt", output)


def test_check_says_decision_steps_statements_requirements_and_where_to_ask(run: Run) -> None:
    code, output, _ = run("check", "docs/examples/typical", "--on", DAY)
    lines = output.splitlines()
    assert code == 1
    assert lines[0].startswith("☒ Not ready  ")
    assert re.search(r"^Next\n  1  .*\n(.*\n)*  2  .*\n(.*\n)*  3  ", output, re.MULTILINE)
    assert re.search(r"^KSBs  \d+ of 27 met", output, re.MULTILINE)
    assert re.search(r"^  Knowledge +. K1 ", output, re.MULTILINE)
    assert re.search(r"^Requirements  \d+ of 10 met", output, re.MULTILINE)
    assert re.search(
        r"^Evidence  27 pieces, \d+ count\nWarnings  \d+, which never decide\n  +\d+  ", output, re.MULTILINE
    )
    assert re.search(rf"^Why: ksbtrack explain --on {DAY} docs/examples/typical K\d+$", output, re.MULTILINE)


def test_the_command_that_explains_works_as_it_is_shown(run: Run) -> None:
    _, output, _ = run("check", "docs/examples/typical", "--on", DAY)
    command = output.splitlines()[-1].removeprefix("Why: ksbtrack ").split()
    code, output, errors = run(*command)
    assert (code, errors) == (0, "")
    assert f"on {date.fromisoformat(DAY).day} February 2026" in output


def test_every_statement_and_requirement_is_shown_with_its_status(run: Run) -> None:
    _, output, _ = run("check", "docs/examples/typical", "--on", DAY)
    _, text, _ = run("check", "docs/examples/typical", "--on", DAY, "--json")
    found = json.loads(text)
    for verdict in found["competencies"]:
        assert re.search(rf"{re.escape(SHAPES[Status(verdict['status'])])} +{verdict['code']}\b", output)
    requirements = " ".join(output[output.index("\nRequirements") :].split())
    for verdict in found["requirements"]:
        status = Status(verdict["status"])
        assert f"{SHAPES[status]} {status.words} {verdict['title']}" in requirements


def test_check_shows_the_other_standards_a_portfolio_names(run: Run) -> None:
    _, output, _ = run("check", "docs/examples/dorset", "--on", DAY)
    named = json.loads(run("check", "docs/examples/dorset", "--on", DAY, "--json")[1])["standard"]
    _, listed, _ = run("explain", "docs/examples/dorset", "statements", "--on", DAY, "--json")
    assert json.loads(listed)["standard"] == named
    assert "\nAlso\n" in output


def test_another_standard_can_be_asked_about(run: Run) -> None:
    _, text, _ = run("check", "docs/examples/dorset", "--on", DAY, "--standard", "XS10a", "--json")
    assert json.loads(text)["standard"]["reference"] == "XS10a"


# How the commands end


def test_ready_ends_with_0(run: Run) -> None:
    code, output, _ = run("check", "docs/examples/ready", "--on", DAY)
    assert code == 0
    assert output.startswith("● Ready  ")


def test_not_ready_and_cannot_tell_end_with_1(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("check", "docs/examples/typical", "--on", DAY)[0] == 1
    cannot_tell = json.loads(run("check", "docs/examples/typical", "--on", DAY, "--json")[1])
    assert cannot_tell["decision"] == "not_ready"
    from dataclasses import replace

    from ksbtrack import analysis as module
    from ksbtrack.models.analysis import Decision

    real = module.analyse
    monkeypatch.setattr(module, "analyse", lambda case: replace(real(case), decision=Decision.CANNOT_TELL))
    code, output, _ = run("check", "docs/examples/typical", "--on", DAY)
    assert code == 1
    assert output.startswith("◆? Cannot tell yet  ")


def test_problems_in_files_end_with_2_and_are_all_said_at_once(run: Run, tmp_path: Path) -> None:
    folder = small_portfolio(tmp_path / "p")
    (folder / "portfolio.yaml").write_text("learner: {nmae: X}\nstandard: ST0148@1.0\ndates: {start: 04/09/2023}\n")
    (folder / "evidence/E02.md").write_text("---\nid: E02\ntitle: T\nkind: photo\ndate: 2024-01-01\n---\n")
    for arguments in (("check",), ("explain",), ("report", "-o", "x.pdf")):
        rest = ["K1"] if arguments[0] == "explain" else []
        code, output, errors = run(arguments[0], str(folder), *rest, *arguments[1:])
        assert (code, output) == (2, "")
        found = re.findall(r"^\S+?([^/]+:\d+): ([a-z-]+): found ", errors, re.MULTILINE)
        assert found == [
            ("E02.md:4", "bad-choice"),
            ("portfolio.yaml:1", "missing-key"),
            ("portfolio.yaml:1", "unknown-key"),
            ("portfolio.yaml:3", "bad-date"),
        ]
        assert errors.splitlines()[-1] == "4 problems"


def test_one_problem_is_one_problem(run: Run) -> None:
    code, _, errors = run("check", "no-such-folder")
    assert code == 2
    assert errors.startswith("no-such-folder: not-a-folder: found no such folder; ")
    assert errors.endswith("\n1 problem\n")


@pytest.mark.parametrize(
    ("arguments", "message", "usage"),
    [
        (("chek",), 'Unknown command "chek". Did you mean "check"?', "ksbtrack COMMAND"),
        (("check",), "PORTFOLIO", "ksbtrack check [OPTIONS] PORTFOLIO"),
        (("check", "p", "q"), "Not understood: 'q'.", "ksbtrack check [OPTIONS] PORTFOLIO"),
        (("check", "p", "--onn", DAY), "Unknown option: --onn. Did you mean --on?", "ksbtrack check "),
        (("check", "p", "--on", "20260227"), "'20260227' is no date; write year-month-day", "ksbtrack check "),
        (("check", "p", "--on", "27/02/2026"), "'27/02/2026' is no date; write year-month-day", "ksbtrack check "),
        (("check", "p", "--on", "2026-2-7"), "'2026-2-7' is no date; write year-month-day", "ksbtrack check "),
        (("check", "p", "--on", "2026-W09-5"), "is no date; write year-month-day", "ksbtrack check "),
        (("check", "p", "--on", "２０２６-02-27"), "is no date; write year-month-day", "ksbtrack check "),
        (("check", "p", "--on", "2026-02-29"), "'2026-02-29' is no day in the calendar", "ksbtrack check "),
        (("check", "p", "--on", ""), "'' is no date", "ksbtrack check "),
        (("check", "p", "--on", DAY, "--on", DAY), "--on specified multiple times", "ksbtrack check "),
        (("report", "docs/examples/ready"), "parameter -o requires an argument", "ksbtrack report -o FILE"),
        (("report", "p", "-o", "x.docx"), "'x.docx' does not end in .pdf or .html or .json.", "ksbtrack report "),
        (("explain", "p"), "SUBJECT", "ksbtrack explain "),
        (
            ("add", "p", "--title", "T", "--kind", "photo", "--date", DAY),
            "'photo' is no kind of evidence.",
            "ksbtrack add ",
        ),
        (
            ("new", "p", "--standard", "ST0148", "--learner", "X", "--start", "today"),
            "'today' is no date",
            "ksbtrack new ",
        ),
        (("standards", "shwo"), "shwo", "ksbtrack standards COMMAND"),
    ],
)
def test_wrong_usage_ends_with_64_and_says_how_it_is_written(
    run: Run, arguments: tuple[str, ...], message: str, usage: str
) -> None:
    code, output, errors = run(*arguments)
    assert (code, output) == (64, "")
    first, usage_line, more = errors.splitlines()
    assert message in first
    assert usage_line.startswith(f"Usage: {usage}")
    assert re.fullmatch(r"More: ksbtrack( \w+)* --help", more)


@pytest.mark.parametrize(
    ("subject", "advice"),
    [
        ("K44", "Did you mean K4?"),
        ("maths_", "Did you mean maths?"),
        ("maths at levl 2", "Did you mean Maths at level 2?"),
        ("observations", "Did you mean observation?"),
        ("E13:K9", "E13 claims S1, S3."),
        ("qqqqqqq", "'qqqqqqq'."),
        ("piece:K4", "'piece:K4'."),
    ],
)
def test_an_unknown_subject_is_wrong_usage_with_a_suggestion(run: Run, subject: str, advice: str) -> None:
    code, output, errors = run("explain", "docs/examples/typical", subject, "--on", DAY)
    assert (code, output) == (64, "")
    assert errors.startswith(f"Neither ST0148@1.0 nor the portfolio has a subject '{subject}'.")
    assert errors.splitlines()[0].endswith(advice)


def test_an_unknown_subject_lists_what_can_be_asked_about_and_all_of_it_can(run: Run) -> None:
    _, _, errors = run("explain", "docs/examples/typical", "qqqqqqq", "--on", DAY)
    _, *listed = errors[: errors.index("Usage: ")].splitlines()
    assert listed == [
        "You can ask about:",
        "  statements    K1 to K11, S1 to S11 and B1 to B5",
        "  requirements  statements, minimum_duration, off_the_job, active_learning,",
        "                english, maths, ict, safeguarding, showcase, confirmations",
        "  pieces        E01 to E27",
        "  claims        piece and code, such as E01:K1",
        "  methods       observation, professional_discussion",
    ]
    for subject in ("K11", "B5", "active_learning", "confirmations", "E27", "E01:K1", "professional_discussion"):
        assert run("explain", "docs/examples/typical", subject, "--on", DAY)[0] == 0, subject


@pytest.mark.parametrize(
    ("subject", "title", "words"),
    [
        ("e13:s3", "E13:S3 · claim · ST0148 1.0", "Does not count on 27 February 2026"),
        ("MATHS AT LEVEL 2", "maths · requirement", "Not met on 27 February 2026"),
        ("Professional  discussion", "professional_discussion · assessment method · ST0148 1.0", "60 minutes"),
        ("method:observation", "observation · assessment method · ST0148 1.0", "120 minutes"),
    ],
)
def test_a_claim_a_title_and_a_method_can_be_asked_about(run: Run, subject: str, title: str, words: str) -> None:
    code, output, errors = run("explain", "docs/examples/typical", subject, "--on", DAY)
    assert (code, errors) == (0, "")
    assert output.splitlines()[0] == title
    assert words in output


def test_explain_shows_how_a_missing_qualification_is_written(run: Run, tmp_path: Path) -> None:
    folder = small_portfolio(tmp_path / "p")
    _, output, _ = run("explain", str(folder), "grade_7_qualification", "--standard", "XS10b", "--on", DAY)
    _, shown, _ = run("standards", "show", "XS10b")
    for subject in ("childrens_workforce", "supporting_teaching_and_learning", "specialist"):
        line = f"    - {{subject: {subject}, level: 3, awarded: YYYY-MM-DD}}"
        assert line in output.splitlines()
        assert line in shown.splitlines()


@pytest.mark.parametrize("arguments", [(), ("--help",), ("standards",), ("check", "--help")])
def test_help_is_no_error(run: Run, arguments: tuple[str, ...]) -> None:
    code, output, errors = run(*arguments)
    assert (code, errors) == (0, "")
    assert output.startswith("Usage: ksbtrack")


def test_the_version_is_the_packages(run: Run) -> None:
    from importlib.metadata import version

    assert run("--version") == (0, version("ksbtrack") + "\n", "")


def test_an_interrupt_ends_quietly_with_130(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("ksbtrack.load.load_case", interrupted)
    assert run("check", "docs/examples/ready") == (130, "", "")


def test_a_reader_that_goes_away_makes_no_noise() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "ksbtrack", "standards", "show", "ST0148"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": "src"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        assert running.stdout is not None
        running.stdout.close()
        assert running.stderr is not None
        errors = running.stderr.read()
    assert (running.returncode, errors) == (141, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_a_full_disk_under_the_output_is_said_once() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "ksbtrack", "standards", "list"],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": "src"},
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr.decode().splitlines()[::2] == [
        "standard output: cannot-write: found a full disk; the output is a file, in a folder that takes it; "
        "nothing was changed.",
        "1 problem",
    ]


# JSON


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "PORTFOLIO"),
        ("explain", "PORTFOLIO", "K1"),
        ("standards", "list", "--standards", "no-such-folder"),
        ("standards", "show", "ST9999"),
    ],
)
def test_problems_as_json_follow_the_schema_and_end_with_2(
    run: Run, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    folder = small_portfolio(tmp_path / "p")
    (folder / "portfolio.yaml").write_text("learner: {nmae: X}\nstandard: ST0148@1.0\ndates: {start: 04/09/2023}\n")
    (folder / "evidence/E02.md").write_bytes(b"\x00")
    words = [str(folder) if word == "PORTFOLIO" else word for word in arguments]
    code, output, errors = run(*words, "--json")
    found = json.loads(output)
    schema = {key: analysis_schema()[key] for key in ("$schema", "$defs")} | {"$ref": "#/$defs/problems"}
    Draft202012Validator(schema).validate(found)
    assert code == 2
    assert errors == run(*words)[2], "people read the same as without --json"
    said = [
        f"{fault['file']}{':' + str(fault['line']) if fault['line'] else ''}: {fault['code']}: "
        f"found {fault['found']}; {fault['expected']}.\n  {fault['fix']}\n"
        for fault in found["problems"]
    ]
    assert errors.startswith("".join(said))
    if arguments[0] in ("check", "explain"):
        assert [fault["code"] for fault in found["problems"]][-3:] == ["missing-key", "unknown-key", "bad-date"]


def test_the_json_of_check_has_the_other_standards_with_their_decisions(run: Run) -> None:
    found = json.loads(run("check", "docs/examples/dorset", "--on", DAY, "--json")[1])["also"]
    other = json.loads(run("check", "docs/examples/dorset", "--on", DAY, "--json", "--standard", "XS10b")[1])
    assert found == [{"standard": "XS10b@2008-06", "decision": other["decision"], "reason": other["reason"]}]
    assert [one["standard"] for one in other["also"]] == ["XS10c@2008-06"]
    assert json.loads(run("check", "docs/examples/ready", "--on", DAY, "--json")[1])["also"] == []


def test_json_follows_the_schema_and_ends_as_the_text_does(run: Run) -> None:
    for name, expected in (("ready", 0), ("typical", 1), ("dorset", 1)):
        code, output, errors = run("check", f"docs/examples/{name}", "--on", DAY, "--json")
        assert (code, errors) == (expected, "")
        Draft202012Validator(analysis_schema()).validate(json.loads(output))


def test_an_explanation_as_json_follows_the_schema(run: Run) -> None:
    schema = {key: analysis_schema()[key] for key in ("$schema", "$defs")} | {"$ref": "#/$defs/explanation"}
    for subject in ("k4", "maths", "E05"):
        code, output, _ = run("explain", "docs/examples/typical", subject, "--on", DAY, "--json")
        assert code == 0
        Draft202012Validator(schema).validate(json.loads(output))
        assert json.loads(output)["subject"].casefold() == subject.casefold()


def test_standards_as_json(run: Run) -> None:
    listed = json.loads(run("standards", "list", "--json")[1])
    assert [one["reference"] for one in listed] == ["ST0148", "XS10a", "XS10b", "XS10c"]
    shown = json.loads(run("standards", "show", "st0148", "--json")[1])
    assert sum(len(group["statements"]) for group in shown["groups"]) == 27


def test_json_stays_json_where_the_output_has_few_letters() -> None:
    plain, full = (
        process("explain", "docs/examples/typical", "K4", "--on", DAY, "--json", PYTHONIOENCODING=encoding).stdout
        for encoding in ("ascii", "utf-8")
    )
    assert json.loads(plain) == json.loads(full.decode())


# Reports


@pytest.mark.parametrize("ending", [".pdf", ".html", ".json", ".PDF"])
def test_a_report_is_written_whatever_the_verdict(run: Run, tmp_path: Path, ending: str) -> None:
    target = tmp_path / f"report{ending}"
    code, output, errors = run("report", "docs/examples/typical", "-o", str(target), "--on", DAY)
    assert (code, errors) == (0, "")
    assert output.startswith(f"{target}: Not ready. On 27 February 2026 ")
    start = {".pdf": b"%PDF-", ".html": b"<!DOCTYPE html>", ".json": b'{\n  "schema_version"'}[ending.lower()]
    assert target.read_bytes()[:15].lower().startswith(start[:15].lower())


def test_the_report_as_json_is_what_check_prints(run: Run, tmp_path: Path) -> None:
    for name in ("typical", "dorset"):
        run("report", f"docs/examples/{name}", "-o", str(tmp_path / "a.json"), "--on", DAY)
        printed = run("check", f"docs/examples/{name}", "--on", DAY, "--json")[1]
        assert (tmp_path / "a.json").read_text(encoding="utf-8") == printed


def test_a_report_that_cannot_be_written_ends_with_2_and_leaves_nothing(run: Run, tmp_path: Path) -> None:
    code, output, errors = run("report", "docs/examples/ready", "-o", str(tmp_path / "no/a.json"), "--on", DAY)
    assert (code, output) == (2, "")
    assert errors.startswith(f"{tmp_path}/no/a.json: cannot-write: found no such folder; ")
    assert list(tmp_path.iterdir()) == []


# Text from files


def test_text_from_files_is_never_markup(run: Run, tmp_path: Path) -> None:
    folder = small_portfolio(tmp_path / "p", "[bold]Plan[/bold] :smile: [link=x]y", "[red]Wick[/red] [/]")
    assert "[red]Wick[/red] [/] on 1 January 2024" in run("check", str(folder), "--on", "2024-01-01")[1]
    assert "[bold]Plan[/bold] :smile: [link=x]y" in run("explain", str(folder), "E01")[1]


def test_control_characters_never_reach_the_terminal(run: Run, tmp_path: Path) -> None:
    folder = small_portfolio(tmp_path / "p\x1b[31m\u202e")
    outputs = [
        run("check", str(folder))[1],
        run("check", f"{folder}\x07")[2],
        run("check", "p", "q\x1b[2J")[2],
        run("report", str(folder), "-o", str(tmp_path / "r\x1b.json"))[1],
        run("explain", str(folder), "K\x9b4")[2],
        run("new", str(tmp_path / "n\x1b"), "--standard", "ST0148", "--learner", "X", "--start", DAY)[1],
    ]
    for output in outputs:
        # Long paths break at the edge of the terminal, which depends on where the tests run.
        assert re.search(r"<U\+(001B|0007|009B)>", "".join(output.split()))
        assert all(character.isprintable() or character == "\n" for character in output)


def test_bytes_that_are_no_text_in_an_argument_are_shown_as_codes() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ksbtrack", "check", b"\xff\xfe"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": "src", "PYTHONIOENCODING": "utf-8", "LC_ALL": "C.UTF-8"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.decode().startswith("<U+DCFF><U+DCFE>: not-a-folder: ")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("a\x1b[31mb", "a<U+001B>[31mb"),
        ("a\r\tb\nc", "a<U+000D><U+0009>b\nc"),
        ("a\u202eb\u2028c", "a<U+202E>b<U+2028>c"),
        ("क्\u200dष", "क्\u200dष"),
        ("a\u00a0b", "a\u00a0b"),
        ("\udcff", "<U+DCFF>"),
    ],
)
def test_what_could_steer_a_terminal_is_shown_as_a_code(text: str, shown: str) -> None:
    assert visible(text) == shown


# Encodings and colour


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1", "cp437"])
def test_an_output_without_the_shapes_gets_signs(encoding: str) -> None:
    done = process("check", "docs/examples/typical", "--on", DAY, PYTHONIOENCODING=encoding)
    assert (done.returncode, done.stderr) == (1, b"")
    text = done.stdout.decode(encoding)
    assert text.startswith("X Not ready  ")
    assert re.search(r"^  \+ Met +X Not met$|^  \+ Met   X Not met", text, re.MULTILINE)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_no_name_is_too_foreign_for_an_output(encoding: str, tmp_path: Path) -> None:
    folder = small_portfolio(tmp_path / "p", name="Zoë Łukasz 李 — “x”")
    for arguments in (("check", str(folder)), ("explain", str(folder), "K4")):
        done = process(*arguments, PYTHONIOENCODING=encoding)
        assert done.stderr == b""
        done.stdout.decode(encoding)
    failed = process("check", f"{tmp_path}/李", PYTHONIOENCODING=encoding)
    assert failed.returncode == 2
    failed.stderr.decode(encoding)


def test_shapes_where_they_can_be_written_and_signs_elsewhere() -> None:
    assert marks_for("utf-8") == marks_for(None) == SHAPES
    assert marks_for("cp1252") == marks_for("ascii") == marks_for("no-such-encoding") == SIGNS
    assert SHAPES.keys() == SIGNS.keys() == COLOURS.keys() == set(Status)
    assert len(set(SIGNS.values())) == len(set(SHAPES.values())) == len(Status)
    assert all(sign.isascii() for sign in SIGNS.values())


def test_an_output_in_memory_is_taken_too() -> None:
    for arguments in (("standards", "list"), ("standards", "list", "--json")):
        with redirect_stdout(StringIO()) as output:
            assert main(arguments) == 0
        assert "ST0148" in output.getvalue()


def test_the_nearest_sign_stands_for_what_an_encoding_lacks() -> None:
    assert encodable("a · b – “c” … 李", "ascii") == 'a - b - "c" ... ?'
    assert encodable("a · b – “c” … 李", "utf-8") == "a · b – “c” … 李"


class Terminal(StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "environment", "is_coloured"),
    [
        (Terminal(), {}, True),
        (StringIO(), {}, False),
        (Terminal(), {"NO_COLOR": "1"}, False),
        (Terminal(), {"TERM": "dumb"}, False),
    ],
    ids=["terminal", "file", "NO_COLOR", "dumb terminal"],
)
def test_colour_only_on_a_terminal_that_wants_it(
    monkeypatch: pytest.MonkeyPatch, stream: StringIO, environment: dict[str, str], is_coloured: bool
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    made = analysis()
    text = rendered(check_view(made, "ksbtrack explain p", SHAPES), stream)
    assert bool(re.search(r"\x1b\[[0-9;]*3[0-9]", text)) == is_coloured
    plain = [re.sub(r"\x1b\[[0-9;]*m", "", line).rstrip() for line in text.splitlines()]
    assert "\n".join(plain) + "\n" == rendered(check_view(made, "ksbtrack explain p", SHAPES), StringIO())


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_no_line_is_wider_than_the_terminal_and_none_is_lost(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    for made in (analysis(), analysis(wharf_profile()), analysis(count=200), analysis(count=0)):
        text = rendered(check_view(made, "ksbtrack explain p", SHAPES), StringIO())
        assert max(map(len, text.splitlines())) <= min(columns, 100)
        for verdict in made.competencies:
            assert re.search(rf"\b{re.escape(verdict.code)}\b", text)


# New and add


def test_a_new_portfolio_can_be_checked_at_once(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "my portfolio"
    code, output, errors = run(
        "new", str(folder), "--standard", "st0148", "--learner", "Wick Lumen", "--start", "2023-09-04"
    )
    assert (code, errors) == (0, "")
    assert output.splitlines()[0] == f"{folder}: portfolio of ST0148@1.0 made."
    assert output.splitlines()[1].endswith(f"ksbtrack check '{folder}'")
    assert run("check", str(folder), "--on", "2023-10-01")[0] == 1


def test_the_next_command_after_new_has_the_same_options_and_works(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own rules").mkdir()
    text = (ROOT / "standards/ST0148-1.0.yaml").read_text(encoding="utf-8")
    (tmp_path / "own rules/ST0148-9.yaml").write_text(text.replace("version: 1.0", "version: 9.0"), encoding="utf-8")
    begin = ("--standard", "ST0148@9.0", "--learner", "Wick Lumen", "--start", "2023-09-04")
    code, output, errors = run("new", "p", *begin, "--standards", "own rules")
    assert (code, errors) == (0, "")
    command = output.splitlines()[1].partition("then: ksbtrack ")[2]
    assert command == "check --standards 'own rules' p"
    assert run(*shlex.split(command), "--on", DAY)[0] == 1
    assert run("check", "p", "--on", DAY)[0] == 2


def test_every_remark_about_pieces_can_be_used_before_there_are_any(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "p"
    run("new", str(folder), "--standard", "ST0148", "--learner", "Wick Lumen", "--start", "2023-09-04")
    written = folder / "portfolio.yaml"
    written.write_text(written.read_text(encoding="utf-8").replace("# showcase", "showcase"), encoding="utf-8")
    assert "\nshowcase" in written.read_text(encoding="utf-8")
    code, _, errors = run("add", str(folder), "--title", "T", "--kind", "project", "--date", DAY)
    assert (code, errors) == (0, "")


def test_new_in_a_folder_that_is_not_there_says_which_and_makes_nothing(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, output, errors = run("new", "a/b/c", "--standard", "ST0148", "--learner", "X", "--start", DAY)
    assert (code, output) == (2, "")
    assert errors == (
        "a/b/c: cannot-write: found no folder 'a/b'; a new portfolio is made in a folder that is there; "
        "nothing was changed.\n  Make the folder 'a/b' first, or choose another place.\n1 problem\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_new_does_not_touch_a_folder_with_something_in_it(run: Run, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    code, output, errors = run("new", str(tmp_path), "--standard", "ST0148", "--learner", "X", "--start", DAY)
    assert (code, output) == (2, "")
    assert "folder-not-empty: found 'letter.txt' in it" in errors
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_add_writes_a_piece_and_says_where(run: Run, tmp_path: Path) -> None:
    folder = small_portfolio(tmp_path / "p")
    (tmp_path / "notes.txt").write_text("Notes")
    facts = ("--title", "Review", "--kind", "Work product", "--date", "2023-11-06")
    code, output, errors = run(
        "add", str(folder), *facts, "--claims", "K1, S3", "--claims", "B1", "--file", str(tmp_path / "notes.txt")
    )
    assert (code, errors) == (0, "")
    assert output.splitlines() == [
        f"{folder}/evidence/notes.txt: written.",
        f"{folder}/evidence/E02-review.md: written.",
        f"Next: write your account below the facts in {folder}/evidence/E02-review.md",
    ]
    piece = ksbtrack.load_portfolio(folder).by_id["E02"]
    assert [claim.code for claim in piece.claims] == ["K1", "S3", "B1"]


def test_add_says_where_a_copy_has_another_name(run: Run, tmp_path: Path) -> None:
    folder = small_portfolio(tmp_path / "p")
    (tmp_path / "my notes.txt").write_text("Notes")
    facts = ("--title", "Review", "--kind", "work product", "--date", "2023-11-06", "--claims", "k1")
    _, output, _ = run("add", str(folder), *facts, "--file", str(tmp_path / "my notes.txt"))
    assert output.splitlines()[0] == (
        f"{folder}/evidence/my-notes.txt: written, a copy of 'my notes.txt' under another name."
    )
    assert [claim.code for claim in ksbtrack.load_portfolio(folder).by_id["E02"].claims] == ["K1"]


def test_a_kind_that_is_part_of_one_names_it(run: Run) -> None:
    _, _, errors = run("add", "p", "--title", "T", "--kind", "witness", "--date", DAY)
    assert errors.startswith("'witness' is no kind of evidence. Did you mean witness_testimony? The kinds are ")


def test_add_with_an_unknown_code_writes_nothing(run: Run, tmp_path: Path) -> None:
    folder = small_portfolio(tmp_path / "p")
    before = sorted(folder.rglob("*"))
    code, output, errors = run(
        "add", str(folder), "--title", "T", "--kind", "project", "--date", DAY, "--claims", "K12"
    )
    assert (code, output) == (2, "")
    assert errors.startswith("--claims: unknown-code: found 'K12'; ST0148 1.0 has K1 to K11.\n  Did you mean K11? ")
    assert sorted(folder.rglob("*")) == before


# Options that change the rules


def test_a_folder_of_standards_an_overlay_and_a_policy_are_taken(run: Run, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    text = (ROOT / "standards/ST0148-1.0.yaml").read_text(encoding="utf-8")
    (tmp_path / "own/ST0148-9.yaml").write_text(text.replace("version: 1.0", "version: 9.0"), encoding="utf-8")
    listed = run("standards", "list", "--standards", str(tmp_path / "own"))[1]
    assert "ST0148@9.0" in listed
    (tmp_path / "policy.yaml").write_text("title: Strict College\nsufficiency: {pieces_per_competency: 3}\n")
    found = run("check", "docs/examples/ready", "--on", DAY, "--json", "--policy", str(tmp_path / "policy.yaml"))
    assert found[0] == 1
    assert "Strict College" in json.loads(found[1])["policy"]["title"]
    (tmp_path / "overlay.yaml").write_text("overlay: ST0148@1.0\nsource: S\nsufficiency: {pieces_per_competency: 4}\n")
    code, output, _ = run("check", "docs/examples/ready", "--on", DAY, "--overlay", str(tmp_path / "overlay.yaml"))
    assert code == 1
    # Long paths break at the edge of the terminal, which depends on where the tests run.
    assert f"--overlay{tmp_path}/overlay.yaml" in "".join(output.split())


def test_today_is_the_day_where_none_is_given(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    class Calendar(date):
        @classmethod
        def today(cls) -> Calendar:
            return cls(2026, 2, 27)

    monkeypatch.setattr("ksbtrack.cli.commands.date", Calendar)
    assert json.loads(run("check", "docs/examples/typical", "--json")[1])["as_of"] == DAY


def test_nothing_but_the_command_line_asks_for_todays_date() -> None:
    asking = re.compile(r"\b(today|now|utcnow|time|localtime|gmtime|monotonic|perf_counter)\(\)")
    sources = sorted((ROOT / "src").rglob("*.py"))
    found = [path.relative_to(ROOT / "src/ksbtrack").as_posix() for path in sources if asking.search(path.read_text())]
    assert "cli/commands.py" in found
    assert [name for name in found if not name.startswith("cli/")] == []


# Help and its page


def help_of(words: Sequence[str]) -> str:
    """Give the help of a command as 80 columns show it, without colour."""
    from rich.console import Console

    text = StringIO()
    application().help_print([*words], console=Console(file=text, width=80, color_system=None))
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines()).strip()


def commands_page() -> str:
    """Give docs/commands.md: what stands in its head, then the help of every command."""
    page = (ROOT / "docs/commands.md").read_text(encoding="utf-8")
    head = page.split("## ksbtrack\n")[0]
    parts = [
        f"## {' '.join(['ksbtrack', *words])}\n\n```text\n{help_of(words)}\n```\n" for words in [[], *EVERY_COMMAND]
    ]
    return head + "\n".join(parts)


@pytest.mark.parametrize("words", [[], ["standards"], ["profiles"], ["crosswalk"]])
def test_the_page_of_the_commands_leaves_none_out(words: list[str]) -> None:
    listed = re.findall(r"^│ ([a-z][a-z-]*)  ", help_of(words), re.MULTILINE)
    assert listed
    assert set(listed) == {
        known[len(words)] for known in EVERY_COMMAND if known[: len(words)] == words and len(known) > len(words)
    }


def test_the_page_of_the_commands_is_their_help(golden: Callable[[str, str], None]) -> None:
    golden("../../docs/commands.md", commands_page())


@pytest.mark.parametrize("words", EVERY_COMMAND)
def test_every_help_says_what_the_command_does_and_gives_an_example(words: list[str]) -> None:
    text = help_of(words)
    assert text.startswith(f"Usage: ksbtrack {' '.join(words)}")
    assert re.search(rf"^Example: ksbtrack {' '.join(words)}", text, re.MULTILINE)
    options = re.findall(r"^│ [* ]* ?(--\S+|-o|[A-Z]+).*│$", text, re.MULTILINE)
    assert options


def test_the_help_of_add_names_every_kind() -> None:
    text = re.sub(r"[\s│]+", " ", help_of(["add"]))
    assert ", ".join(kind.value for kind in EvidenceKind) in text


# Cost


def test_check_loads_nothing_that_it_does_not_use() -> None:
    program = (
        "import sys; from ksbtrack.cli import main; "
        f"main(['check', 'docs/examples/ready', '--on', '{DAY}']); print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": "src"},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {name.split(".")[0] for name in done.stdout.splitlines()[-1].split()}
    assert "ksbtrack" in loaded
    assert not {"weasyprint", "jinja2", "markdown_it", "nh3", "docstring_parser", "jsonschema"} & loaded


def test_no_report_replaces_a_file_of_the_portfolio(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "mine"
    shutil.copytree(Path(__file__).parents[1] / "docs/examples/typical", folder)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    for name in (
        "evidence/E02-risk-notes.pdf",
        "records/english-level-2.pdf",
        "evidence/../evidence/E02-risk-notes.pdf",
    ):
        assert main(["report", str(folder), "-o", str(folder / name), "--on", "2026-03-13"]) == 64
        assert "is a file of the portfolio itself" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_the_help_of_add_names_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["add", "--help"]) == 0
    shown = capsys.readouterr().out
    assert all(option in shown for option in ("--title", "--kind", "--date", "--claims", "--file"))


# The public names


def test_every_public_name_is_there_and_has_its_words() -> None:
    for name in ksbtrack.__all__:
        value: Any = getattr(ksbtrack, name)
        assert value.__doc__, name
        assert value.__module__.startswith("ksbtrack."), name
    assert sorted(ksbtrack.__all__) == dir(ksbtrack)


def test_type_checkers_see_the_same_public_names() -> None:
    text = Path(ksbtrack.__file__).read_text(encoding="utf-8")
    typed = text[text.index("if TYPE_CHECKING:") : text.index("__all__")]
    names = set(re.findall(r"\b[A-Za-z_]+\b", re.sub(r"from \S+ import|if TYPE_CHECKING", "", typed)))
    assert names == set(ksbtrack.__all__)


def test_a_name_that_is_not_public_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'ksbtrack' has no attribute 'analyze'"):
        _ = ksbtrack.analyze
