"""What is exported comes back by an import, but for what the export says is lost; the same standard, the same bytes."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from exchanged import HOSTILE, kept, standards
from ksbtrack import load_standard
from ksbtrack.cli import main
from ksbtrack.cli.exporting import _FORMATS
from ksbtrack.formats import case_package, mahara, moodle
from ksbtrack.formats.html_text import shortened
from ksbtrack.formats.losses import Part, lost_parts, whole
from ksbtrack.formats.standard_json import standard_from_json
from ksbtrack.formats.standard_yaml import standard_yaml
from ksbtrack.formats.standards_exchange import READERS, WRITERS, format_of
from ksbtrack.formats.stated import A_PROFILE
from ksbtrack.load.checked import checked
from ksbtrack.load.standards import as_loaded
from ksbtrack.models.importing import Given, Imported
from ksbtrack.models.standard import Standard
from ksbtrack.models.values import MAX_TEXT
from ksbtrack.yamlfile import parse_yaml
from made_up import lantern_standard

SHIPPED = ("ST0148", "XS10a", "XS10b", "XS10c")
HELD: dict[str, Collection[Part]] = {"case": case_package.HELD, "moodle": moodle.HELD, "mahara": mahara.HELD}


def come_back(standard: Standard, name: str, folder: Path) -> Imported:
    """Export a standard, and import what was written."""
    file = folder / "exported"
    file.write_bytes(WRITERS[name](standard).content)
    assert format_of(file) == name
    (imported,) = READERS[name](file, Given())
    return imported


def without_sources(standard: Standard | None) -> Standard:
    """Give a standard without what an import says of its source."""
    assert standard
    return standard.model_copy(update={"sources": ()})


def loaded_from_yaml(standard: Standard | None) -> Standard:
    """Give what loading the file that an import writes gives."""
    assert standard
    return as_loaded(checked(Standard, parse_yaml(standard_yaml(standard), "standard.yaml")))


def with_short_titles(standard: Standard) -> Standard:
    """Give a standard as names of at most 100 characters leave its titles."""

    def short(title: str) -> str:
        return html.unescape(shortened(title, moodle.LONGEST_NAME, escape=True))

    groups = tuple(group.model_copy(update={"title": short(group.title)}) for group in standard.groups)
    return standard.model_copy(update={"title": short(standard.title), "groups": groups})


@pytest.mark.parametrize("name", HELD)
@pytest.mark.parametrize("reference", SHIPPED)
def test_a_shipped_standard_comes_back(reference: str, name: str, tmp_path: Path) -> None:
    standard = load_standard(reference)
    imported = come_back(standard, name, tmp_path)
    says_kind = name == "case" or standard.is_apprenticeship
    assert [note.what for note in imported.notes] == ([] if says_kind else [A_PROFILE])
    assert without_sources(imported.standard) == kept(standard, HELD[name])


@pytest.mark.parametrize("name", HELD)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(standard=standards())
def test_a_drawn_standard_comes_back(name: str, tmp_path: Path, standard: Standard) -> None:
    imported = come_back(standard, name, tmp_path)
    expected = kept(standard, HELD[name])
    if name == "moodle":
        expected = with_short_titles(expected)
    assert without_sources(imported.standard) == expected
    assert loaded_from_yaml(imported.standard) == imported.standard
    expected_notes = {"The source does not say its version; give it with --standard-version.", A_PROFILE}
    assert {note.what for note in imported.notes} <= expected_notes


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(standard=standards())
def test_our_json_loses_nothing(tmp_path: Path, standard: Standard) -> None:
    imported = come_back(standard, "json", tmp_path)
    assert imported.standard == standard
    assert imported.notes == ()
    assert WRITERS["json"](standard).lost == ()


@pytest.mark.parametrize("reference", SHIPPED)
def test_our_json_holds_a_standard_that_extends_another(reference: str, tmp_path: Path) -> None:
    standard = load_standard(reference)
    exported = WRITERS["json"](standard)
    assert standard_from_json(json.loads(exported.content)) == standard
    imported = come_back(standard, "json", tmp_path)
    assert imported.standard == whole(standard)


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("reference", SHIPPED)
def test_the_same_standard_gives_the_same_bytes(reference: str, name: str) -> None:
    write = WRITERS[name]
    assert write(load_standard(reference)) == write(load_standard(reference))


@pytest.mark.parametrize("name", [name for name in WRITERS if name != "json"])
def test_what_is_lost_is_said(name: str) -> None:
    lost = WRITERS[name](load_standard("XS10b")).lost
    assert "That it extends XS10a@2008-06: all of it is written as one standard, with what it inherits." in lost
    assert "The overview, 8 facts." in lost
    assert "That 1 statement is desirable only." in lost


def test_each_part_that_a_standard_has_is_said_to_be_lost() -> None:
    facts: dict[str, Any] = {
        "lars_code": 7,
        "minimum_hours": "605",
        "earliest_start": "2024-01-02",
        "latest_start": "2025-03-04",
        "options": [{"id": "tall", "title": "Tall lanterns", "guid": "G"}],
        "sufficiency": {"pieces_per_competency": 2},
    }
    assert lost_parts(lantern_standard(**facts), ()) == (
        "The level 3.",
        "The LARS code 7.",
        "The assessment plan's number, XX9001/P1.",
        "The assessment regime, end point assessment.",
        "The minimum of 605 hours off the job.",
        "The first day of a start, 2024-01-02 and the last day of a start, 2025-03-04.",
        "The attribution: whose words these are, and under which licence.",
        "The list of 1 source.",
        "The notes of 1 heading.",
        "That the codes under 1 heading are ours.",
        "How sure the wording is (official, reconstructed, ours), of 4 statements.",
        "The partners of 12 statements.",
        "The official identifiers of 1 entry.",
        "The 1 option, and what belongs to each.",
        "The 1 duty of the occupation.",
        "The 2 links between duties and statements.",
        "The 2 assessment methods, with what each assesses.",
        "The 7 requirements: an import sets those that hold everywhere.",
        "How much evidence is enough, in 1 setting.",
    )
    assert lost_parts(lantern_standard(**facts), tuple(Part)) == ()


@pytest.mark.parametrize("name", WRITERS)
def test_hostile_words_break_no_writer(name: str) -> None:
    group = {
        "prefix": "K",
        "kind": "knowledge",
        "title": HOSTILE[0],
        "statements": [{"code": f"K{number}", "text": words} for number, words in enumerate(HOSTILE, 1)],
    }
    standard = lantern_standard(title=HOSTILE[2], groups=[group], duties=[], methods=[])
    assert WRITERS[name](standard).content


def test_the_command_writes_the_file_and_says_what_is_lost(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "profile.json"
    assert main(["standards", "export", "XS10a", "--format", "case", "-o", str(file)]) == 0
    assert file.read_bytes() == WRITERS["case"](load_standard("XS10a")).content
    said = capsys.readouterr().out
    assert "XS10a@2008-06 written as case, 37 statements" in said
    assert "Not in the file, since the format has no place for it" in said
    assert "The overview, 8 facts." in said


def test_the_command_gives_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "standard.json"
    assert main(["standards", "export", "ST0148", "--format", "json", "-o", str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "standard": "ST0148@1.0",
        "format": "json",
        "file": file.as_posix(),
        "statements": 27,
        "lost": [],
    }


def test_the_command_knows_the_formats(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ", ".join(WRITERS) == _FORMATS
    assert main(["standards", "export", "ST0148", "--format", "mood", "-o", str(tmp_path / "x")]) == 64
    assert "'mood' is no format. Did you mean moodle? There are case, moodle," in capsys.readouterr().err
    assert not (tmp_path / "x").exists()


def test_the_command_does_not_write_over_the_yaml_of_a_standard(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "ST0148-1.0.yaml"
    assert main(["standards", "export", "ST0148", "--format", "json", "-o", str(file)]) == 64
    assert (
        "'ST0148-1.0.yaml' is named like the file of a standard of ours; choose another name."
        in capsys.readouterr().err
    )
    assert not file.exists()


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    assert main(["standards", "export", "ST0148", "--format", "csv", "-o", str(tmp_path / "folder")]) == 2
    assert (tmp_path / "folder").is_dir()
    assert list(tmp_path.iterdir()) == [tmp_path / "folder"]


def test_the_longest_statement_fits_every_format(tmp_path: Path) -> None:
    statement = {"code": "K1", "text": "<" * MAX_TEXT}
    group = {"prefix": "K", "kind": "knowledge", "title": "K", "statements": [statement]}
    standard = as_loaded(lantern_standard(groups=[group], duties=[], methods=[]))
    for name in ("csv", "xlsx", "openbadges"):
        assert WRITERS[name](standard).content
    for name in ("case", "moodle", "mahara", "json"):
        imported = come_back(standard, name, tmp_path)
        assert imported.standard and imported.standard.by_code["K1"].text == "<" * MAX_TEXT


def test_every_format_has_its_row_and_its_page() -> None:
    folder = Path(__file__).resolve().parent.parent / "docs" / "formats"
    table = (folder / "README.md").read_text(encoding="utf-8")
    for name in {**READERS, **WRITERS}:
        assert f"`{name}`" in table, name
    for page in re.findall(r"\]\(([a-z-]+\.md)\)", table):
        assert (folder / page).exists(), page
