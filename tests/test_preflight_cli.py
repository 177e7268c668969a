"""The checks before sending as a mentor in a hurry meets them: examples, folders that are broken, and JSON."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker, ValidationError

from ksbtrack.cli import main
from ksbtrack.formats.preflight_json import SCHEMA_VERSION, preflight_schema
from ksbtrack.models.analysis import Action, Effort, Status
from ksbtrack.models.submission import Verdict
from ksbtrack.submission.words import WORDS
from ksbtrack.terminal.marks import SHAPES
from raw_files import archive, locked_pdf
from test_preflight_files import EXCEL, sound

ROOT = Path(__file__).resolve().parent.parent
DAYS = {"ready": "2024-09-20", "typical": "2026-03-13", "dorset": "2026-06-26"}
SCHEMA = preflight_schema()
# What comes with every edit of a piece that was accepted with its fingerprint.
CHANGED = {("changed_since_acceptance", "check_again"), ("changed_since_confirmation", "check_again")}
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.chdir(ROOT)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def run_it(*arguments: str) -> tuple[int, str, str]:
        code = main(arguments)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run_it


def as_json(run: Run, folder: Path | str, profile: str, day: str, *more: str) -> dict[str, Any]:
    code, output, errors = run("preflight", str(folder), "--profile", profile, "--on", day, "--json", *more)
    assert errors == ""
    found: dict[str, Any] = json.loads(output)
    Draft202012Validator(SCHEMA, format_checker=FormatChecker()).validate(found)
    assert code == (0 if found["verdict"] == "clear" else 1)
    return found


def faults(found: dict[str, Any]) -> set[tuple[str, str]]:
    """Give check and subject of what was found wrong or is not known, as far as it decides."""
    return {
        (finding["check"], finding["status"])
        for finding in found["findings"]
        if finding["decides"] and finding["status"] not in ("met", "not_needed")
    }


# The examples


@pytest.mark.parametrize(
    ("kept", "arguments"),
    [
        ("preflight-ready", ("preflight", "docs/examples/ready", "--profile", "cmi", "--on", DAYS["ready"])),
        ("preflight-typical", ("preflight", "docs/examples/typical", "--profile", "ace360", "--on", DAYS["typical"])),
        ("preflight-dorset", ("preflight", "docs/examples/dorset", "--profile", "common", "--on", DAYS["dorset"])),
        ("profiles-list", ("profiles", "list")),
        ("profiles-show", ("profiles", "show", "cmi")),
    ],
)
def test_the_output_at_80_columns(
    run: Run, golden: Callable[[str, str], None], kept: str, arguments: tuple[str, ...]
) -> None:
    _, output, errors = run(*arguments)
    assert errors == ""
    assert max(map(len, output.splitlines())) <= 80
    golden(f"{kept}.txt", output)


@pytest.mark.parametrize(
    ("example", "profile", "verdict"),
    [
        ("ready", "common", "clear"),
        ("ready", "tquk", "clear"),
        ("ready", "ace360", "clear"),
        ("ready", "ecordia", "clear"),
        ("ready", "city-and-guilds", "clear"),
        ("ready", "cmi", "clear"),
        ("ready", "plan-template", "clear"),
        ("typical", "common", "cannot_tell"),
        ("typical", "plan-template", "faults"),
        ("typical", "cilip", "faults"),
        ("typical", "ace360", "faults"),
        ("dorset", "common", "clear"),
        ("dorset", "plan-template", "clear"),
        ("dorset", "college-guide", "faults"),
    ],
)
def test_the_examples(run: Run, example: str, profile: str, verdict: str) -> None:
    assert as_json(run, f"docs/examples/{example}", profile, DAYS[example])["verdict"] == verdict


def test_what_would_bounce_comes_first_then_what_is_not_known_then_what_is_fine(run: Run) -> None:
    _, output, _ = run("preflight", "docs/examples/typical", "--profile", "ace360", "--on", DAYS["typical"])
    headings = ["Would bounce", "Not known", "Worth a look", "Checked and fine", "Not asked for here", "Sources"]
    places = [re.search(rf"^{heading}\b", output, re.MULTILINE) for heading in headings]
    starts = [found.start() for found in places if found]
    assert len(starts) == len(headings)
    assert starts == sorted(starts)
    assert output.startswith(SHAPES[Status.NOT_MET])


def test_every_check_is_shown_once_with_its_source(run: Run) -> None:
    _, output, _ = run("preflight", "docs/examples/typical", "--profile", "cmi", "--on", DAYS["typical"])
    found = as_json(run, "docs/examples/typical", "cmi", DAYS["typical"])
    text = " ".join(output.split())
    for finding in found["findings"]:
        said = finding["title"] if finding["status"] != "met" or not finding["decides"] else finding["reason"]
        assert said in text, finding
    for source in found["profile"]["sources"]:
        assert f"[{source['id']}] {source['title']}" in text
    for name in found["not_asked"]:
        assert WORDS[name].title in text


# Folders that are broken


@pytest.fixture
def ready(tmp_path: Path) -> Path:
    """Give a copy of the ready example."""
    return Path(shutil.copytree(ROOT / "docs/examples/ready", tmp_path / "ready"))


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_a_page_that_is_not_there(run: Run, ready: Path) -> None:
    change(ready / "evidence/E04-observation-one-to-one.md", "where: p. 2,", "where: p. 22,")
    assert faults(as_json(run, ready, "common", DAYS["ready"])) == {("place_beyond_last_page", "not_met"), *CHANGED}


def test_a_signature_without_its_day(run: Run, ready: Path) -> None:
    change(
        ready / "evidence/E04-observation-one-to-one.md", "name: Robin Example, on: 2023-12-06", "name: Robin Example"
    )
    found = as_json(run, ready, "common", DAYS["ready"])
    assert faults(found) == {("unsigned", "not_met")}


def test_a_certificate_that_was_not_copied(run: Run, ready: Path) -> None:
    (ready / "records/maths-level-2.pdf").unlink()
    found = faults(as_json(run, ready, "common", DAYS["ready"]))
    assert ("certificate_not_attached", "not_met") in found


def test_a_file_that_was_not_copied(run: Run, ready: Path) -> None:
    (ready / "evidence/E07-action-plan.pdf").unlink()
    assert ("file_missing", "not_met") in faults(as_json(run, ready, "common", DAYS["ready"]))


def test_a_workbook_that_is_called_a_document(run: Run, ready: Path) -> None:
    (ready / "evidence/plan.docx").write_bytes(archive(EXCEL))
    change(ready / "evidence/E02-first-session.md", "files: [", "files: [plan.docx, ")
    found = as_json(run, ready, "common", DAYS["ready"])
    # Of a document nobody can count the pages, which leaves the claims on pages open.
    assert faults(found) == {("content_unlike_name", "not_met"), ("pages_not_counted", "unknown"), *CHANGED}
    assert [file["content"] for file in found["files"] if file["piece"] == "E02"][:1] == ["an Excel workbook"]


def test_a_recording_that_is_too_long_and_a_time_after_its_end(run: Run, ready: Path) -> None:
    (ready / "evidence/E08-session.wav").write_bytes(sound(301))
    change(ready / "evidence/E08-recorded-session.md", "0:04:12", "0:05:12")
    found = as_json(run, ready, "cmi", DAYS["ready"], "--select", "E08")
    assert {("recording_too_long", "not_met"), ("time_beyond_end", "not_met")} <= faults(found)
    reasons = [finding["reason"] for finding in found["findings"] if finding["check"] == "recording_too_long"]
    assert reasons == ["evidence/E08-session.wav (E08) lasts 5:01; an extract has at most 5 minutes."]
    assert [file["seconds"] for file in found["files"]] == ["301", None]


def test_a_piece_that_changed_after_it_was_accepted(run: Run, ready: Path) -> None:
    change(ready / "evidence/E02-first-session.md", "the silence after them brought", "the silence brought")
    assert faults(as_json(run, ready, "common", DAYS["ready"])) == CHANGED


def test_a_password_is_a_problem_before_any_check(run: Run, ready: Path) -> None:
    (ready / "evidence/E02-session-plan.pdf").write_bytes(locked_pdf("secret", "owner"))
    code, output, errors = run("preflight", str(ready), "--profile", "cmi", "--on", DAYS["ready"])
    assert (code, output) == (2, "")
    assert "encrypted-pdf" in errors


def test_a_password_of_a_piece_that_is_not_sent_is_said_and_stops_nothing(run: Run, ready: Path) -> None:
    (ready / "evidence/E09-review-minutes.pdf").write_bytes(locked_pdf("secret", "owner"))
    code, output, errors = run("preflight", str(ready), "--profile", "cmi", "--on", DAYS["ready"], "--select", "E02")
    assert (code, output != "") == (1, True)
    assert errors == (
        "E09 is not chosen, and cannot be opened: 'evidence/E09-review-minutes.pdf', which asks for a password.\n"
    )


def test_an_own_profile_is_a_file(run: Run, ready: Path, tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(
        "id: own\ntitle: Ours\nsources: [{id: us, title: Us, says: Small., looked_at: unknown, trust: unknown}]\n"
        "checks: {more_pieces_than_asked: {source: us, pieces: 9}}\n"
    )
    found = as_json(run, ready, str(tmp_path / "own.yaml"), DAYS["ready"])
    assert faults(found) == {("more_pieces_than_asked", "not_met")}
    assert len(found["not_asked"]) == len(WORDS) - 1
    listed = json.loads(run("profiles", "list", "--json", "--profiles", str(tmp_path))[1])
    assert "own" in [profile["id"] for profile in listed]
    shown = run("profiles", "show", "own", "--profiles", str(tmp_path))[1]
    assert "more_pieces_than_asked  Not too many pieces (pieces: 9)" in shown


# How it ends


def test_problems_of_the_profile_and_of_the_portfolio_are_said_at_once(run: Run, ready: Path) -> None:
    change(ready / "evidence/E02-first-session.md", "code: K1,", "code: K12,")
    code, _, errors = run("preflight", str(ready), "--profile", "cmmi", "--on", DAYS["ready"])
    assert code == 2
    assert errors.count("unknown-profile") == errors.count("unknown-code") == 1
    assert errors.endswith("2 problems\n")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--profile", "cmi", "--select", "E1"), "The portfolio has no piece 'E1'. Did you mean E1"),
        (("--profile", "cmi", "--select", ","), "No piece is named."),
        ((), "--profile"),
    ],
)
def test_wrong_usage_ends_with_64(run: Run, arguments: tuple[str, ...], words: str) -> None:
    code, output, errors = run("preflight", "docs/examples/ready", "--on", DAYS["ready"], *arguments)
    assert (code, output) == (64, "")
    assert words in errors
    assert "Usage: ksbtrack preflight" in errors


def test_pieces_that_are_named_stand_in_for_the_showcase(run: Run) -> None:
    found = as_json(run, "docs/examples/ready", "common", DAYS["ready"], "--select", "e04, E01")
    assert found["pieces"] == ["E04", "E01"]


# JSON


def test_the_schema_is_sound_and_has_the_words_of_the_code() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["properties"]["schema_version"]["const"] == SCHEMA_VERSION
    assert SCHEMA["properties"]["verdict"]["enum"] == list(Verdict)
    assert set(SCHEMA["$defs"]["status"]["enum"]) == set(Status)
    assert SCHEMA["$defs"]["remedy"]["properties"]["action"]["enum"] == list(Action)
    assert SCHEMA["$defs"]["remedy"]["properties"]["effort"]["enum"] == list(Effort)


def every_object(schema: Any) -> list[dict[str, Any]]:
    found = [schema] if isinstance(schema, dict) and "properties" in schema else []
    inner = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else []
    return found + [part for value in inner for part in every_object(value)]


def test_the_list_of_profiles_follows_the_schema(run: Run) -> None:
    part = {
        "$schema": SCHEMA["$schema"],
        "$defs": SCHEMA["$defs"],
        "type": "array",
        "items": {"$ref": "#/$defs/profile"},
    }
    listed = json.loads(run("profiles", "list", "--json")[1])
    Draft202012Validator(part, format_checker=FormatChecker()).validate(listed)
    shown = json.loads(run("profiles", "show", "cmi", "--json")[1])
    assert shown["checks"]["recording_too_long"] == {"source": "cmi-plan", "asked": "yes", "note": None, "minutes": 5}
    assert [profile["title"] for profile in listed if profile["id"] == "cmi"] == [shown["title"]]


def test_text_from_a_profile_is_never_markup_and_steers_no_terminal(run: Run, ready: Path, tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(
        'id: own\ntitle: "[red]Ours[/red] \\u200b"\nchecks: {nothing_selected: {source: us}}\n'
        'sources: [{id: us, title: "[b]Us[/b]", says: "[link]", looked_at: unknown, trust: unknown}]\n'
    )
    for arguments in (("preflight", str(ready), "--profile"), ("profiles", "show")):
        output = run(*arguments, str(tmp_path / "own.yaml"))[1]
        assert "[red]Ours[/red]" in output
        assert "[b]Us[/b]" in output
        assert "\u200b" not in output
        assert "\x1b" not in output


def test_every_key_is_always_there_and_described() -> None:
    for part in every_object(SCHEMA):
        assert part["additionalProperties"] is False
        assert sorted(part["required"]) == sorted(part["properties"])
        assert all({"description", "$ref"} & set(value) for value in part["properties"].values())


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("verdict",), "almost"),
        (("as_of",), "20 September 2024"),
        (("uln",), "9000000008"),
        (("findings", 0, "status"), "green"),
        (("findings", 0, "source"), None),
        (("files", 0, "sha256"), "0" * 63),
        (("totals", "faults"), -1),
    ],
)
def test_the_schema_refuses_what_is_no_preflight(run: Run, path: tuple[str | int, ...], value: Any) -> None:
    found = as_json(run, "docs/examples/ready", "cmi", DAYS["ready"])
    part: Any = found
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value
    with pytest.raises(ValidationError):
        Draft202012Validator(SCHEMA, format_checker=FormatChecker()).validate(found)


def test_the_totals_add_up_and_nothing_private_is_in_it(run: Run) -> None:
    found = as_json(run, "docs/examples/ready", "college-guide", DAYS["ready"])
    assert sum(found["totals"].values()) == len(found["findings"])
    text = json.dumps(found)
    assert "9000000008" not in text
    assert "1994-06-14" not in text
    assert str(ROOT) not in text


def test_the_same_submission_gives_the_same_bytes(run: Run) -> None:
    arguments = ("preflight", "docs/examples/typical", "--profile", "cmi", "--on", DAYS["typical"], "--json")
    assert run(*arguments)[1] == run(*arguments)[1]
