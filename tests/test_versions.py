"""What changed between two versions as people and programs meet it: terminal, JSON, page, and the file of pairs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from html_pages import read_page
from ksbtrack.cli import main
from ksbtrack.comparison.pairing import compare_standards
from ksbtrack.formats.comparison_json import comparison_as_dict, comparison_json, comparison_schema
from ksbtrack.formats.pairs_yaml import pairs_text
from ksbtrack.load.checked import checked
from ksbtrack.load.pairs import load_pairs
from ksbtrack.models.comparison import Change, Comparison, DecidedPairs, Verdict
from ksbtrack.problems import KsbtrackError
from ksbtrack.report.comparison import BASIS_WORDS, CHANGE_TITLES, SHOWN_ORDER, comparison_html
from ksbtrack.terminal.comparison import comparison_view
from ksbtrack.terminal.marks import rendered
from ksbtrack.yamlfile import parse_yaml
from two_versions import lantern_catalogue, of_catalogue, version, yaml_of

Run = Callable[..., tuple[int, str, str]]
OLD = {
    "K1": "How a lantern burns",
    "K2": "Which oil is safe on a pier",
    "K3": "Plan and deliver safe sessions for new keepers, and record what each of them learned on the pier",
    "S1": "Light the lantern before dusk",
    "S2": "Trim the wick of the lantern",
    "S3": "Clean the glass of the lantern with care each day",
    "B1": "Be calm",
}
NEW = {
    "K1": "Which oil is safe on a pier",
    "K2": "How a lantern burns",
    "K3": "Plan and deliver safe sessions for new keepers",
    "K4": "Record what each of them learned on the pier",
    "S1": "Light the lantern before dusk",
    "S2": "Clean the glass of the lantern with soft cloth each day",
    "S3": "Row",
    "B1": "Be calm",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder with both versions, and a plain terminal of 80 columns."""
    for name in ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "standards").mkdir()
    for number, statements, hours in (("1.0", OLD, "300"), ("1.1", NEW, "400")):
        text = yaml_of(version(number, statements, minimum_hours=hours))
        (tmp_path / f"standards/EX0499-{number}.yaml").write_text(text, "utf-8")
    return tmp_path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], folder: Path) -> Run:
    """Give what compares the two versions: its exit code, its output, its errors."""
    assert folder.is_dir()

    def run_it(*more: str, old: str = "EX0499@1.0", new: str = "EX0499@1.1") -> tuple[int, str, str]:
        code = main(["standards", "diff", old, new, "--standards", "standards", *more])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run_it


def lanterns() -> Comparison:
    return compare_standards(version("1.0", OLD, minimum_hours="300"), version("1.1", NEW, minimum_hours="400"))


def hostile() -> Comparison:
    """Give versions in which every text tries to be more than text."""
    evil = "<script>alert(1)</script> [bold]=HYPERLINK(1)[/bold] {{ 7*7 }} \x1b]0;owned\x07 &amp; </del>"
    old, new = {"K1": f"{evil} one two three four"}, {"K1": f"{evil} one two three five", "S1": evil}
    return compare_standards(version("1.0", old, title=evil[:40]), version("1.1", new, title=evil[:40]))


def test_the_terminal_shows_what_changed_in_80_columns(run: Run, golden: Callable[[str, str], None]) -> None:
    code, output, errors = run()
    assert (code, errors) == (1, "")
    assert all(len(line) <= 80 for line in output.splitlines())
    golden("standards-diff.txt", output)


def test_words_that_differ_show_without_colour(run: Run) -> None:
    _, output, _ = run()
    words = " ".join(output.split())
    assert "Clean the glass of the lantern with [-care-] {+soft cloth+} each day" in words
    assert "\x1b" not in output


def test_the_same_version_twice_ends_with_0(run: Run) -> None:
    code, output, _ = run(new="EX0499@1.0")
    assert code == 0
    assert "The same: no statement and no other fact differs." in output


def test_two_standards_are_compared_only_if_that_is_asked_for(run: Run) -> None:
    code, output, errors = run(new="ST0148@1.0")
    assert (code, output) == (2, "")
    assert "needs-crosswalk" in errors
    assert run("--anyway", new="ST0148@1.0")[0] == 1


@pytest.mark.parametrize("threshold", ["0", "101", "many", "-1", "٥٠"])
def test_a_threshold_is_a_per_cent(run: Run, threshold: str) -> None:
    code, output, errors = run("--threshold", threshold)
    assert (code, output) == (64, "")
    assert "from 1 to 100" in errors


def test_the_threshold_is_heard(run: Run) -> None:
    _, output, _ = run("--json", "--threshold", "100%")
    found = json.loads(output)
    assert (found["threshold"], found["totals"]["proposed_pairs"]) == (100, 0)


@pytest.mark.parametrize("comparison", [lanterns, hostile])
def test_the_json_follows_its_schema(comparison: Callable[[], Comparison]) -> None:
    Draft202012Validator.check_schema(comparison_schema())
    found = json.loads(comparison_json(comparison()))
    Draft202012Validator(comparison_schema()).validate(found)
    assert found == comparison_as_dict(comparison())


def test_the_schema_names_every_word_that_can_come() -> None:
    pair = comparison_schema()["$defs"]["pair"]["properties"]
    assert pair["change"]["enum"] == list(Change)
    assert set(pair["basis"]["enum"]) == {*BASIS_WORDS, None}
    assert set(SHOWN_ORDER) == set(CHANGE_TITLES) == set(Change)
    assert set(comparison_schema()["properties"]["totals"]["required"]) > set(Change)


def test_the_command_writes_the_json_that_it_prints(run: Run, folder: Path) -> None:
    _, printed, _ = run("--json")
    code, said, _ = run("-o", "out.json")
    assert code == 1
    assert (folder / "out.json").read_text("utf-8") == printed
    assert said.startswith("out.json: written. 1 removed, ")
    assert json.loads(printed)["facts"] == [
        {"subject": "standard", "what": "minimum hours", "old": "300", "new": "400"}
    ]


def test_an_ending_that_means_nothing_is_wrong_usage(run: Run, folder: Path) -> None:
    code, _, errors = run("-o", "out.pdf")
    assert code == 64
    assert "'out.pdf' does not end in .html or .json or .yaml." in errors
    assert not (folder / "out.pdf").exists()


def test_the_page_stands_alone_and_says_everything() -> None:
    page = comparison_html(lanterns())
    root = read_page(page)
    assert not re.search(r"(?:src|href)=\"(?!#)", page)
    (html,) = root.all("html")
    assert html.attributes["lang"] == "en-GB"
    assert [heading.text for heading in root.all("h1")] == ["Lantern technician"]
    headings = [heading.text for heading in root.all("h2")]
    assert headings == [
        "Removed 1",
        "Added 1",
        "Split 1",
        "Recoded and reworded 1",
        "Recoded 2",
        "Unchanged 2",
        "What else differs 1",
    ]
    names = {element.attributes["id"] for element in root.all() if "id" in element.attributes}
    targets = {link.attributes["href"].removeprefix("#") for link in root.all("a")}
    assert targets <= names
    assert [element.text for element in root.by_id("recoded_and_reworded").all("del", "ins")] == [
        "[taken out: care]",
        "[put in: soft cloth]",
    ]
    for text in (*OLD.values(), *NEW.values()):
        assert set(text.split()) <= set(root.text.replace("[", " ").replace("]", " ").split())


def test_what_a_file_says_is_text_everywhere() -> None:
    comparison = hostile()
    page = comparison_html(comparison)
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "\x1b" not in page
    assert "{{ 7*7 }}" in page
    shown = rendered(comparison_view(comparison, "ksbtrack"), StringIO())
    assert "\x1b" not in shown
    assert "[bold]" in shown


def test_the_same_versions_give_the_same_bytes() -> None:
    assert comparison_html(lanterns()) == comparison_html(lanterns())
    assert comparison_json(lanterns()) == comparison_json(lanterns())


# The file of pairs


def decided(path: Path) -> DecidedPairs:
    return load_pairs(path, version("1.0", OLD), version("1.1", NEW))


def test_a_file_of_pairs_is_written_decided_and_heard(run: Run, folder: Path) -> None:
    assert run("-o", "pairs.yaml")[0] == 1
    text = (folder / "pairs.yaml").read_text("utf-8")
    pairs = decided(folder / "pairs.yaml").pairs
    assert [(pair.old, pair.new, pair.verdict) for pair in pairs] == [
        (("K3",), ("K3", "K4"), Verdict.UNDECIDED),
        (("S3",), ("S2",), Verdict.UNDECIDED),
    ]
    for words in (OLD["S3"], NEW["S2"]):
        assert words in " ".join(text.replace("#", " ").split())
    before = json.loads(run("--json", "--pairs", "pairs.yaml")[1])
    assert before["totals"]["proposed_pairs"] == 2
    (folder / "pairs.yaml").write_text(text.replace("undecided", "confirmed"), "utf-8")
    after = json.loads(run("--json", "--pairs", "pairs.yaml")[1])
    assert after["totals"] == before["totals"] | {"proposed_pairs": 0}
    assert {pair["basis"] for pair in after["pairs"] if pair["change"] == "split"} == {"person"}


def test_decisions_are_never_written_over_and_go_into_a_new_file(run: Run, folder: Path) -> None:
    run("-o", "pairs.yaml")
    text = (folder / "pairs.yaml").read_text("utf-8").replace("undecided", "rejected", 1)
    (folder / "pairs.yaml").write_text(text, "utf-8")
    code, _, errors = run("-o", "pairs.yaml", "--pairs", "pairs.yaml")
    assert (code, (folder / "pairs.yaml").read_text("utf-8")) == (2, text)
    assert errors.startswith(
        "pairs.yaml: cannot-write: found a file of that name; what people decided in it would be lost; nothing was "
        "changed.\n  Choose another name; with --pairs the new file has the old decisions too.\n"
    )
    run("-o", "again.yaml", "--pairs", "pairs.yaml")
    assert [(pair.old, pair.verdict) for pair in decided(folder / "again.yaml").pairs][:1] == [
        (("K3",), Verdict.REJECTED)
    ]


def test_what_a_person_wrote_comes_back_as_it_was() -> None:
    entry = {"old": ["K1"], "new": ["K2"], "verdict": "confirmed", "by": "O'Neill: yes", "on": "2026-11-22"}
    given = DecidedPairs.model_validate(
        {"older": "1.0", "newer": "1.1", "pairs": [entry | {"note": 'Two\nlines, "quoted" #1'}]}
    )
    text = pairs_text(compare_standards(version("1.0", OLD), version("1.1", NEW), given), given)
    assert checked(DecidedPairs, parse_yaml(text, "pairs.yaml")).pairs[0] == given.pairs[0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "older: EX0499@0.9\nnewer: '1.1'\n",
            "pairs.yaml:1: contradiction: found pairs of EX0499@0.9; EX0499@1.0 is compared.\n"
            "  Name the file of pairs that belongs to these two versions.",
        ),
        (
            "older: '1.0'\nnewer: '1.1'\npairs:\n  - {old: [K9], new: [K1]}\n",
            "pairs.yaml:4: unknown-code: found 'K9'; EX0499 1.0 has K1 to K3.\n"
            "  Did you mean K3? Correct the code or delete the code.",
        ),
        (
            "older: '1.0'\nnewer: '1.1'\npairs:\n  - {old: [K1], new: [], verdict: confirmed}\n",
            "pairs.yaml:4: contradiction: found a confirmed pair without codes on one side; one statement becomes one "
            "or several, or several become one.\n  Write the codes of both sides, or confirm several pairs.",
        ),
        (
            "older: '1.0'\nnewer: '1.1'\npairs:\n  - {old: [K1, K2], new: [K1, K2], verdict: confirmed}\n",
            "pairs.yaml:4: contradiction: found several statements on both sides of a pair; one statement becomes one "
            "or several, or several become one.\n  Write the codes of both sides, or confirm several pairs.",
        ),
        (
            "older: '1.0'\nnewer: '1.1'\npairs:\n  - {old: [K1], new: [K1], verdict: confirmed}\n"
            "  - {old: [K1], new: [K2], verdict: confirmed}\n",
            "pairs.yaml:5: contradiction: found K1 again; each statement is confirmed in one pair.\n"
            "  Reject one of the two, or make one pair of both.",
        ),
    ],
)
def test_a_file_of_pairs_that_does_not_fit_is_refused(folder: Path, text: str, message: str) -> None:
    (folder / "pairs.yaml").write_text(text, "utf-8")
    with pytest.raises(KsbtrackError) as raised:
        decided(Path("pairs.yaml"))
    assert str(raised.value) == message


def test_the_catalogue_of_lanterns_has_the_shape_of_the_published_one() -> None:
    catalogue: dict[str, Any] = lantern_catalogue()
    numbers = {entry["occupationVersion"]: len(entry["ksbs"]) for entry in catalogue["versions"]}
    assert numbers["1.2"] == numbers["1.3"] + 1
    near, repaired = (of_catalogue(catalogue, "1.2").by_code[code].text for code in ("S9", "S10"))
    assert repaired == near.replace("Trim and replace", "Trim, repair and replace")
