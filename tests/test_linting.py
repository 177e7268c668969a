"""The checks on standards themselves: what each says, to the word, and how it is handed on."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from broken_cases import BrokenCase, broken_cases, lay_out
from ksbtrack.cli import main
from ksbtrack.formats.lint_json import SCHEMA_VERSION, lint_as_dict, lint_schema
from ksbtrack.formats.sarif import lint_as_sarif, relative_uri
from ksbtrack.linting import ACROSS_CHECKS, CHECKS
from ksbtrack.linting.facts import HOURS_PUBLISHED_FROM
from ksbtrack.linting.folders import lint_standards
from ksbtrack.load import load_policy
from ksbtrack.models.linting import Lint, Severity
from ksbtrack.problems import KsbtrackError
from lint_cases import LINTING, SOUND, LintCase, lint_cases

ROOT = Path(__file__).resolve().parent.parent
CASES = lint_cases()
SARIF_PARTS = json.loads((LINTING / "sarif-parts.schema.json").read_text("utf-8"))
NAMES = {check.name: check.severity for check in CHECKS} | {check.name: check.severity for check in ACROSS_CHECKS}
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Give what runs `ksbtrack standards lint` in 80 columns: its exit code, its output, its errors."""
    monkeypatch.setenv("COLUMNS", "80")

    def run_it(*arguments: str) -> tuple[int, str, str]:
        code = main(["standards", "lint", *arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run_it


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an empty folder, which is the one that commands run in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(folder: Path, name: str = "standard.yaml", *changes: tuple[str, str]) -> Path:
    """Write the sound standard with some changes."""
    text = SOUND
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def said(lint: Lint) -> list[str]:
    """Give the remarks in the words of the cases."""
    return [
        line
        for remark in lint.remarks
        for line in (
            f"{remark.source}: {remark.severity.value}: {remark.check}: {remark.subject or remark.standard}: "
            f"{remark.what}",
            f"  {remark.fix}",
        )
    ]


def checks_of(lint: Lint) -> list[str]:
    return [remark.check for remark in lint.remarks]


# What each check says


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.check}: {case.name}")
def test_the_remarks_of_a_case_are_these_and_no_others(case: LintCase, here: Path) -> None:
    case.lay_out(here)
    assert said(lint_standards(".")) == case.says


def test_each_check_has_a_case_in_which_it_speaks_and_one_in_which_it_does_not() -> None:
    assert {case.check for case in CASES} == set(NAMES)
    for name in NAMES:
        mark = f": {NAMES[name].value}: {name}: "
        speaks = [any(mark in line for line in case.says) for case in CASES if case.check == name]
        assert any(speaks), name
        assert not all(speaks), name


def test_remarks_have_whole_sentences() -> None:
    lines = [line for case in CASES for line in case.says]
    for remark, fix in zip(lines[::2], lines[1::2], strict=True):
        what = remark.split(": ", 4)[4]
        assert re.match(r"['A-Z0-9a]", what)
        assert what.endswith(".")
        assert re.match(r"  [A-Z].*\.$", fix)


def test_the_first_start_with_published_hours_is_that_of_the_policy() -> None:
    published = load_policy().off_the_job_published_hours
    first = published.on(HOURS_PUBLISHED_FROM)
    before = published.on(HOURS_PUBLISHED_FROM - timedelta(days=1))
    assert first is not None
    assert first.value
    assert before is None or not before.value


# Which standards are looked at


def test_the_shipped_standards_have_no_errors_and_only_these_remarks() -> None:
    lint = lint_standards()
    assert lint.standards == ("ST0148@1.0", "XS10a@2008-06", "XS10b@2008-06", "XS10c@2008-06")
    assert [(remark.standard, remark.check, remark.subject) for remark in lint.remarks] == [
        ("ST0148@1.0", "start_dates_missing", "earliest_start"),
        ("ST0148@1.0", "mapping_not_known", "observation"),
        ("ST0148@1.0", "mapping_not_known", "professional_discussion"),
    ]
    assert lint.passed_over == ()


def test_what_an_overlay_adds_is_not_missed(here: Path) -> None:
    (here / "plan.yaml").write_text(
        "overlay: ST0148@1.0\nsource: A copy of the plan\nmethods:\n  observation: {assesses: [S1]}\n"
    )
    lint = lint_standards("ST0148", overlays=["plan.yaml"])
    assert [remark.subject for remark in lint.remarks] == ["earliest_start", "professional_discussion"]


def test_what_an_overlay_says_of_the_plan_counts_as_read(here: Path) -> None:
    plan = "  - {id: plan, title: The plan, rule: assessment_plan, source: The plan}\n"
    (here / "standard.yaml").write_text(SOUND + plan)
    (here / "plan.yaml").write_text("overlay: ST9901@1.0\nsource: The plan\nrequirements: []\n")
    assert checks_of(lint_standards("standard.yaml")) == ["plan_not_read"]
    read = lint_standards("ST9901", folders=["."], overlays=["plan.yaml"])
    assert (read.standards, read.remarks) == (("ST9901@1.0",), ())


def test_an_overlay_that_does_not_fit_is_told(here: Path) -> None:
    (here / "plan.yaml").write_text(
        "overlay: ST0148@1.0\nsource: A copy of the plan\nmethods:\n  observation: {assesses: [S99]}\n"
    )
    lint = lint_standards("ST0148", overlays=["plan.yaml"])
    (found,) = [remark for remark in lint.remarks if remark.severity is Severity.ERROR]
    assert (found.check, str(found.source)) == ("unknown-code", "plan.yaml:4")


def test_a_reference_means_all_its_versions_and_one_with_a_version_that_one(here: Path) -> None:
    written(here / "own", "old.yaml")
    written(here / "own", "new.yaml", ("version: 1.0", "version: 1.2"))
    both = lint_standards("st9901", folders=["own"])
    assert both.standards == ("ST9901@1.0", "ST9901@1.2")
    assert checks_of(both) == ["version_gap", "start_dates_apart", "two_versions_approved"]
    one = lint_standards("ST9901@1.2", folders=["own"])
    assert (one.standards, one.remarks) == (("ST9901@1.2",), ())


def test_a_folder_means_the_standards_in_it_and_no_others(here: Path) -> None:
    written(here / "own")
    written(here / "others", "other.yaml", ("reference: ST9901", "reference: ST9902"))
    assert lint_standards("own", folders=["others"]).standards == ("ST9901@1.0",)


def test_a_file_may_extend_one_beside_it(here: Path) -> None:
    written(here / "own")
    (here / "own/senior.yaml").write_text(
        "reference: Senior\nversion: 1.0\ntitle: Senior\nkind: profile\nextends: ST9901\n"
        "attribution: Free to use.\nsources: [Here]\ngroups: []\n"
    )
    assert lint_standards("own/senior.yaml").remarks == ()


def test_a_file_is_looked_at_also_if_its_head_names_no_standard(here: Path) -> None:
    written(here, "standard.yaml", ("reference: ST9901", "refrence: ST9901"))
    assert checks_of(lint_standards("standard.yaml")) == ["missing-key", "unknown-key"]
    folder = lint_standards(".")
    assert (folder.remarks, folder.passed_over) == ((), ("standard.yaml",))


def test_one_standard_in_two_files_is_told(here: Path) -> None:
    written(here, "a.yaml")
    written(here, "b.yaml")
    (remark,) = lint_standards(".").remarks
    assert (remark.check, str(remark.source)) == ("duplicate-standard", "b.yaml:1")
    assert remark.what == "ST9901@1.0 in a.yaml and in b.yaml: a folder holds each version of a standard once."


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("no-such.yaml", "missing-file"),
        ("ST9999", "unknown-standard"),
        ("ST0148@2.0", "unknown-version"),
        ("no/such/folder", "unknown-standard"),
    ],
)
def test_what_is_not_there_is_a_problem(here: Path, target: str, code: str) -> None:
    with pytest.raises(KsbtrackError) as raised:
        lint_standards(target)
    assert [problem.code for problem in raised.value.problems] == [code]


# What others made

OFFICIAL = ROOT.parent / "shared/data/standards/ifate-2020-with-ksbs.json"


@pytest.mark.skipif(not OFFICIAL.exists(), reason="the official records are not part of the project")
def test_records_of_the_official_feed_have_only_remarks_that_hold(here: Path) -> None:
    assert main(["standards", "import", str(OFFICIAL), "-o", "imported"]) == 0
    lint = lint_standards("imported")
    assert len(lint.standards) == 54
    of_every_record = ("hours_missing", "odd_reference", "plan_not_read", "regime_missing", "start_dates_missing")
    found = Counter(checks_of(lint))
    assert {name: found.pop(name) for name in (*of_every_record, "version_not_known")} == dict.fromkeys(
        (*of_every_record, "version_not_known"), 54
    )
    # Compared by hand with the file: the texts are twice in it, and no duty has the ids.
    assert found == {"statement_without_duty": 13, "same_text": 7}
    fixes = {remark.fix for remark in lint.remarks if remark.check == "odd_reference"}
    assert fixes == {"Look the reference up by the LARS code, and write it in its place."}


# Files that do not load


def test_faults_and_remarks_of_a_file_are_told_together(here: Path) -> None:
    written(
        here,
        "standard.yaml",
        ("competencies: [K2]", "competencies: [K2, K7]"),
        ("text: Melt the wax", "text: ."),
        ("pairs_with: K1", "pairs_with: K9"),
    )
    assert checks_of(lint_standards(".")) == [
        "pairs_not_mutual",
        "unknown-code",
        "pairs_not_mutual",
        "unknown-code",
        "duty_without_words",
    ]


def test_a_file_that_yaml_cannot_read_does_not_hide_the_others(here: Path) -> None:
    written(here, "a.yaml", ("duties:", "duties"))
    written(here, "b.yaml", ("lars_code: 991", "lars_code: 0"))
    lint = lint_standards(".")
    assert checks_of(lint) == ["bad-yaml", "lars_code_missing"]
    assert lint.standards == ("ST9901@1.0",)


def test_a_file_that_cannot_be_opened_is_told_and_ends_with_2(here: Path, run: Run) -> None:
    written(here, "a.yaml")
    (here / "b.yaml").write_text(SOUND + "#" * 1_048_576)
    lint = lint_standards(".")
    assert checks_of(lint) == ["file-too-large"]
    assert lint.unopened == ("b.yaml",)
    assert run(".")[0] == 2


@pytest.mark.parametrize("case", broken_cases(), ids=lambda case: f"{case.code}: {case.name}")
def test_nothing_that_is_broken_stops_the_checks(case: BrokenCase, here: Path) -> None:
    lay_out(case, here)
    try:
        lint = lint_standards("standards")
    except KsbtrackError as error:
        assert {problem.code for problem in error.problems} <= {"not-a-folder", "too-many-files", "unknown-standard"}
    else:
        assert lint.standards or lint.remarks or lint.passed_over


# Hostile text

HOSTILE = (
    "<script>alert(1)</script> &lt;b&gt; [x](http://example.org) {0} %s ${HOME} =1+1 \u200b\u00ad \U0001f600 "
    "'; DROP TABLE -- \\x1b[31m"
)
FIELDS = [
    ("title: Example beekeeper", "title: {}"),
    ("attribution: Invented for this test; free to use.", "attribution: {}"),
    ("  - This file", "  - {}"),
    ("    value: Approved for delivery", "    value: {}"),
    ("    title: Honey", "    title: {}"),
    ("    guid: 00000000-0000-4000-8000-000000000001", "    guid: {}"),
    ("    title: Knowledge", "    title: {}"),
    ("        text: how honey is kept", "        text: {}"),
    ("        guid: 00000000-0000-4000-8000-000000000011", "        guid: {}"),
    ("    text: Melt the wax", "    text: {}"),
    ("    form: At a hive.", "    form: {}"),
    ("    source: The plan", "    source: {}"),
    ("reference: ST9901", "reference: {}"),
    ("version: 1.0", "version: {}"),
    ("lars_code: 991", "lars_code: {}"),
    ("    competencies: [K2]", "    competencies: [{}]"),
    ("    options: [wax]", "    options: [{}]"),
    ("    rule: every_statement", "    rule: {}"),
]


@pytest.mark.parametrize(("old", "new"), FIELDS, ids=[old.strip() for old, _ in FIELDS])
def test_hostile_text_in_any_field_is_text(here: Path, run: Run, old: str, new: str) -> None:
    written(here, "standard.yaml", (old, new.replace("{}", json.dumps(HOSTILE))))
    code, output, errors = run("standard.yaml")
    assert code in (0, 1)
    assert errors == ""
    assert all(line.isprintable() for line in output.splitlines())
    lint = lint_standards("standard.yaml")
    Draft202012Validator(lint_schema()).validate(lint_as_dict(lint))
    sarif = lint_as_sarif(lint, here, "1")
    Draft202012Validator(SARIF_PARTS).validate(sarif)
    for result in sarif["runs"][0]["results"]:
        assert "](" not in result["message"]["text"]


# JSON and SARIF


def mixed(folder: Path) -> Lint:
    """Give remarks of all severities, of a check and of a fault, with a line and without one."""
    written(
        folder,
        "a b.yaml",
        ("    assesses: [K1, K2]", "    assesses: unknown"),
        ("lars_code: 991", "lars_code: 0"),
        ("    text: Melt the wax", "    text: ."),
        ("version: 1.0", "version: 1"),
    )
    written(folder, "broken.yaml", ("kind: apprenticeship", "kind: aprenticeship"))
    (folder / "large.yaml").write_text(SOUND + "#" * 1_048_576)
    return lint_standards(".")


def test_the_json_follows_its_schema_and_has_every_remark(here: Path) -> None:
    lint = mixed(here)
    found = lint_as_dict(lint)
    schema = lint_schema()
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(found)
    assert schema["properties"]["schema_version"]["const"] == SCHEMA_VERSION
    assert [entry["check"] for entry in found["remarks"]] == checks_of(lint)
    assert found["totals"] == {"errors": 3, "warnings": 2, "notes": 1}
    assert found["not_opened"] == ["large.yaml"]
    assert {entry["line"] is None for entry in found["remarks"]} == {True, False}


def test_the_schema_has_the_words_of_the_code() -> None:
    remark = lint_schema()["$defs"]["remark"]["properties"]
    assert remark["severity"]["enum"] == [severity.value for severity in Severity]
    assert all(re.fullmatch(remark["check"]["pattern"], name) for name in NAMES)


def test_the_sarif_is_valid_and_has_every_remark_with_its_rule(here: Path) -> None:
    lint = mixed(here)
    sarif = lint_as_sarif(lint, here, "0.1.0")
    Draft202012Validator(SARIF_PARTS, format_checker=FormatChecker()).validate(sarif)
    (found,) = sarif["runs"]
    rules = found["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [*NAMES, "bad-choice", "file-too-large"]
    assert len(found["results"]) == len(lint.remarks)
    for result, remark in zip(found["results"], lint.remarks, strict=True):
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == remark.check
        assert result["level"] == remark.severity.value == rules[result["ruleIndex"]]["defaultConfiguration"]["level"]
        assert result["message"]["text"] == f"{remark.what} {remark.fix}"
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"].replace("%20", " ") == remark.source.file
        assert place.get("region", {}).get("startLine", 0) == remark.source.line
    marks = [result["partialFingerprints"]["remark/v1"] for result in found["results"]]
    assert len(set(marks)) == len(marks)


def test_paths_in_sarif_are_relative_wherever_the_files_are_named_from(here: Path) -> None:
    assert relative_uri("own/a b#é.yaml", here) == "own/a%20b%23%C3%A9.yaml"
    assert relative_uri(f"{here}/own/a.yaml", here) == "own/a.yaml"
    assert relative_uri(f"{here}/a.yaml", here / "own") == "../a.yaml"
    written(here / "own", "a.yaml", ("lars_code: 991", "lars_code: 0"))
    named = [lint_as_sarif(lint_standards(name), here, "1") for name in ("own", str(here / "own"))]
    assert named[0] == named[1]


def test_a_remark_keeps_its_mark_when_lines_before_it_change(here: Path) -> None:
    change = ("lars_code: 991", "lars_code: 0")
    written(here, "a.yaml", change)
    before = lint_as_sarif(lint_standards("a.yaml"), here, "1")["runs"][0]["results"]
    written(here, "a.yaml", change, ("title: Example beekeeper", "# One more line.\ntitle: Example beekeeper"))
    after = lint_as_sarif(lint_standards("a.yaml"), here, "1")["runs"][0]["results"]
    assert before[0]["locations"] != after[0]["locations"]
    assert before[0]["partialFingerprints"] == after[0]["partialFingerprints"]


def test_every_rule_of_sarif_has_help_that_names_its_page(here: Path) -> None:
    for rule in lint_as_sarif(mixed(here), here, "1")["runs"][0]["tool"]["driver"]["rules"]:
        page, _, section = rule["help"]["text"].rpartition("More: ")[2].partition("#")
        assert re.search(rf"(?m)^### `{section}`$", (ROOT / page).read_text("utf-8")), section


def test_remarks_stand_in_the_order_of_files_and_lines_as_people_count(here: Path) -> None:
    for number, name in enumerate(("b.yaml", "a10.yaml", "a2.yaml"), 1):
        changes = (("reference: ST9901", f"reference: ST990{number}"), ("lars_code: 991", "lars_code: 0"))
        written(here, name, *changes, ("    text: Melt the wax", "    text: ."))
    places = [str(remark.source) for remark in lint_standards(".").remarks]
    assert places == ["a2.yaml:8", "a2.yaml:61", "a10.yaml:8", "a10.yaml:61", "b.yaml:8", "b.yaml:61"]


# The command


def test_the_command_shows_each_remark_at_its_place_and_how_many(here: Path, run: Run) -> None:
    written(here, "standard.yaml", ("lars_code: 991", "lars_code: 0"))
    code, output, errors = run(".")
    assert (code, errors) == (1, "")
    assert output == (
        "standard.yaml:8: warning: lars_code_missing\n"
        "  No LARS code is given; learner records name the standard by it.\n"
        "  → Add a line 'lars_code: ...' from the official record.\n"
        "\n"
        "1 standard: 1 warning.\n"
    )


def test_many_remarks_alike_on_one_file_are_told_once(here: Path, run: Run) -> None:
    text = SOUND.replace("[K1, S1, B1]", "[B1]").replace("[K2]", "[B1]").replace("[S1]\n    core", "[B1]\n    core")
    rows = "".join(f"      - code: K{n}\n        text: about bees {n}\n" for n in range(3, 20))
    (here / "standard.yaml").write_text(text.replace("  - prefix: S\n", f"{rows}  - prefix: S\n", 1))
    _, output, _ = run(".")
    assert max(map(len, output.splitlines())) <= 80
    words = " ".join(output.split())
    assert output.count("statement_without_duty") == 1
    assert "20 times, at K1, K2, K3, K4, K5, K6, K7, K8, K9, K10, K11, K12 and 8 more. The first: No duty" in words


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("title: Example beekeeper", "title: Beekeeper"), 0),
        (("        trust: official\n", ""), 0),
        (("lars_code: 991", "lars_code: 0"), 1),
        (("version: 1.0", "version: 1"), 1),
        (("kind: apprenticeship", "kind: aprenticeship"), 1),
    ],
    ids=["nothing", "a note", "a warning", "an error", "a fault"],
)
def test_the_exit_code_says_whether_there_is_anything_above_a_note(
    here: Path, run: Run, change: tuple[str, str], code: int
) -> None:
    written(here, "standard.yaml", change)
    for more in ((), ("--json",), ("--sarif",), ("-o", "out.sarif"), ("-o", "out.json"), ("-o", "out.txt")):
        assert run("standard.yaml", *more)[0] == code


def test_what_is_not_there_ends_with_2_and_both_formats_at_once_with_64(here: Path, run: Run) -> None:
    code, output, errors = run("no-such.yaml")
    assert (code, output) == (2, "")
    assert errors.startswith("no-such.yaml: missing-file: ")
    assert run("ST0148", "--json", "--sarif")[0] == 64


def test_a_file_gets_what_would_be_printed(here: Path, run: Run) -> None:
    written(here, "standard.yaml", ("lars_code: 991", "lars_code: 0"))
    for name, option in (("out.json", "--json"), ("out.sarif", "--sarif"), ("plain.txt", "--sarif"), ("x", "--json")):
        code, output, _ = run(".", option)
        assert run(".", "-o", name, *(() if name[3:4] == "." else (option,)))[1] == f"{name}: 1 standard: 1 warning.\n"
        assert (here / name).read_text("utf-8") == output
        assert code == 1
    (here / "out.json").unlink()


def test_the_text_in_a_file_does_not_hang_on_the_terminal(
    here: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(here, "standard.yaml", ("regime: end_point_assessment\n", ""))
    texts = []
    for width in ("40", "200"):
        monkeypatch.setenv("COLUMNS", width)
        run(".", "-o", "out.txt")
        texts.append((here / "out.txt").read_text("utf-8"))
    assert texts[0] == texts[1]
    assert "regime_missing" in texts[0]


# The page


def test_every_check_has_its_section_with_its_severity_and_title() -> None:
    page = (ROOT / "docs/lint.md").read_text("utf-8")
    _, *sections = re.split(r"(?m)^### `([a-z_]+)`\n", page)
    found = dict(zip(sections[::2], sections[1::2], strict=True))
    assert list(found) == list(NAMES)
    checks = [(check.name, check.severity, check.title, check.why) for check in CHECKS]
    checks += [(check.name, check.severity, check.title, check.why) for check in ACROSS_CHECKS]
    for name, severity, title, why in checks:
        words = " ".join(found[name].split())
        assert words.startswith(f"**{severity.value.capitalize()}.** {title}.")
        assert why in words
