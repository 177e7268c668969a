"""The example portfolios: complete, invented, without anyone's data, and with the decisions that they tell of."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import wave
import zipfile
from collections import Counter
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path

import pikepdf
import pytest
from PIL import Image, ImageChops

from ksbtrack.analysis import analyse
from ksbtrack.cli import main
from ksbtrack.formats.sign_off_log import read_log, stale_records, unmatched_records
from ksbtrack.load import load_case, load_portfolio, load_standard
from ksbtrack.models.analysis import Analysis
from ksbtrack.models.portfolio import AcceptanceState, Portfolio

EXAMPLES = Path(__file__).resolve().parent.parent / "docs" / "examples"
DAYS = {"ready": date(2024, 9, 20), "typical": date(2026, 3, 13), "dorset": date(2026, 6, 26)}
STANDARDS = ("ST0148@1.0", "XS10c@2008-06")
MISSING_ON_PURPOSE = {"typical": ["evidence/E20-slides.pdf"], "ready": [], "dorset": []}
RECORDING = "files/evidence/E08-session.wav"
MADE = (".pdf", ".png", ".wav")
each_example = pytest.mark.parametrize("name", DAYS)


@lru_cache
def portfolio(name: str) -> Portfolio:
    return load_portfolio(EXAMPLES / name)


@lru_cache
def analysis(name: str) -> Analysis:
    return analyse(load_case(EXAMPLES / name, DAYS[name]))


def unmet(name: str) -> list[str]:
    return [verdict.id for verdict in analysis(name).requirements if verdict.status.value == "not_met"]


def not_evidenced(name: str) -> list[str]:
    return [verdict.code for verdict in analysis(name).competencies if verdict.status.value == "not_met"]


def people(example: Portfolio) -> Iterator[str | None]:
    """Give everyone who is named in the structured parts of a portfolio."""
    yield example.learner.name
    for confirmation in example.records.confirmations:
        yield confirmation.name
    for piece in example.evidence:
        if piece.witness:
            yield piece.witness.name
        yield from (signature.name for signature in piece.signatures)
        if piece.acceptance.by:
            yield piece.acceptance.by


def texts() -> Iterator[tuple[str, str]]:
    """Give every text file of the examples, with the sources of the attachments."""
    for path in sorted(EXAMPLES.rglob("*")):
        if path.suffix in (".md", ".yaml", ".csv", ".txt"):
            yield path.relative_to(EXAMPLES).as_posix(), path.read_text("utf-8")


def sentences(text: str) -> list[str]:
    return [" ".join(part.split()) for part in re.split(r"(?<=[.?!])\s+", text) if len(part.split()) >= 6]


@pytest.fixture(scope="module")
def made_again(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("attachments")
    subprocess.run([sys.executable, "-B", str(EXAMPLES / "make_attachments.py"), str(folder)], check=True, timeout=120)
    return folder


# ---------------------------------------------------------------- what they tell of


def test_the_ready_example_is_ready_with_every_statement_met_by_more_than_one_piece() -> None:
    assert analysis("ready").decision.value == "ready"
    assert unmet("ready") == []
    counting = Counter(code for verdict in analysis("ready").pieces for code in verdict.counts_for)
    assert {code for code, pieces in counting.items() if pieces >= 2} == {
        statement.code for statement in load_standard("ST0148@1.0").competencies
    }


def test_the_ready_example_is_not_ready_a_fortnight_before_the_minimum_duration() -> None:
    early = analyse(load_case(EXAMPLES / "ready", date(2024, 8, 27)))
    assert early.decision.value == "not_ready"


def test_the_typical_example_is_not_ready_for_the_reasons_its_readme_gives() -> None:
    assert analysis("typical").decision.value == "not_ready"
    assert not_evidenced("typical") == ["K4", "K7", "K11", "S8", "S10", "S11"]
    assert sorted(unmet("typical")) == ["active_learning", "confirmations", "maths", "off_the_job", "statements"]
    faults = {(finding.rule, finding.subject) for finding in analysis("typical").findings}
    assert faults >= {
        ("unsigned", "E12"),
        ("place_beyond_last_page", "E13:S3"),
        ("referred_back", "E14"),
        ("file_missing", "E20"),
        ("not_yet_accepted", "E21"),
        ("not_yet_accepted", "E23"),
        ("not_yet_accepted", "E26"),
    }
    warned = {(finding.rule, finding.subject) for finding in analysis("typical").warnings}
    assert warned >= {
        ("over_mapped", "E17"),
        ("personal_data_open", "E15"),
        ("single_source", "K8"),
        ("single_source", "K10"),
        ("single_source", "S4"),
    }


def test_the_dorset_example_is_ready_for_the_present_grade_and_not_for_the_next() -> None:
    assert analysis("dorset").decision.value == "not_ready"
    blocking = [code for code in not_evidenced("dorset") if code != "Q2"]
    assert blocking == ["G9.7", "G9.9", "G9.10", "G9.13"]
    present = analyse(load_case(EXAMPLES / "dorset", DAYS["dorset"], standard="XS10b"))
    assert present.decision.value == "ready"


def test_each_example_has_as_many_pieces_as_its_readme_says() -> None:
    readme = (EXAMPLES / "README.md").read_text("utf-8")
    for name, day in DAYS.items():
        row = next(line for line in readme.splitlines() if line.startswith(f"| [{name}]"))
        assert f"{len(portfolio(name).evidence)} pieces" in row
        assert day.isoformat() in row
    assert len(portfolio("typical").evidence) == 27


@each_example
def test_pieces_are_of_many_kinds_and_have_real_files(name: str) -> None:
    pieces = portfolio(name).evidence
    assert len({piece.kind for piece in pieces}) >= 8
    endings = {Path(file).suffix for piece in pieces for file in piece.files}
    assert endings >= {".pdf", ".png", ".csv", ".txt"}


# ---------------------------------------------------------------- ready to be sent


# What each ends with: 1 where something is found, which is the story of the example.
ENDS_WITH_1 = {("check", "typical"), ("preflight", "typical"), ("check", "dorset")}


def test_every_command_of_the_readme_does_what_its_story_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    block = re.findall(r"```sh\n(.*?)```", (EXAMPLES / "README.md").read_text("utf-8"), re.DOTALL)[0]
    commands = [shlex.split(line)[1:] for line in block.splitlines()]
    assert {"report", "select", "preflight", "showcase", "pack", "verify"} < {command[0] for command in commands}
    (tmp_path / "docs").symlink_to(EXAMPLES.parent)
    monkeypatch.chdir(tmp_path)
    for command in commands:
        about = (command[0], Path(command[1]).name)
        expected = 1 if about in ENDS_WITH_1 and "XS10b" not in command else 0
        assert (command, main(command), capsys.readouterr().err) == (command, expected, "")
    with zipfile.ZipFile("pack.zip") as pack:
        assert {"showcase.pdf", "readiness-report.pdf", "declarations.pdf", RECORDING} <= set(pack.namelist())
        assert len([name for name in pack.namelist() if name.startswith("certificates/")]) == 4


@pytest.mark.parametrize("name", ["typical", "dorset"])
def test_a_pack_of_the_other_examples_is_whole_and_unchanged(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pack, folder = str(tmp_path / "pack.zip"), str(EXAMPLES / name)
    assert main(["pack", folder, "--profile", "common", "--on", DAYS[name].isoformat(), "-o", pack]) == 0
    for arguments in ([pack], [folder, "--manifest", pack]):
        assert main(["verify", *arguments]) == 0
    assert capsys.readouterr().err == ""


def test_the_showcase_of_the_ready_example_shows_every_statement_and_each_kind_of_page() -> None:
    shown = set(portfolio("ready").showcase)
    counting = {code for verdict in analysis("ready").pieces if verdict.id in shown for code in verdict.counts_for}
    assert counting == {statement.code for statement in load_standard("ST0148@1.0").competencies}
    endings = {Path(file).suffix for piece in shown for file in portfolio("ready").by_id[piece].files}
    assert endings == {".pdf", ".png", ".csv", ".txt", ".wav"}


@pytest.mark.parametrize(
    ("name", "without"),
    [("ready", []), ("typical", [*(f"E{number:02}" for number in range(1, 12)), "E20"]), ("dorset", [])],
)
def test_what_was_accepted_and_confirmed_is_in_a_log_that_fits(name: str, without: list[str]) -> None:
    example, entries = portfolio(name), read_log(EXAMPLES / name)
    accepted = [piece for piece in example.evidence if piece.acceptance.state is AcceptanceState.ACCEPTED]
    assert [piece.id for piece in accepted if piece.acceptance.fingerprint is None] == without
    assert len(entries) == len(accepted) - len(without) + len(example.records.confirmations)
    assert not list(stale_records(example, entries))
    assert not list(unmatched_records(example, entries))
    assert [entry.day for entry in entries] == sorted(entry.day for entry in entries)


def test_the_recording_lasts_as_long_as_its_transcript_says() -> None:
    with wave.open(str(EXAMPLES / "ready/evidence/E08-session.wav")) as sound:
        seconds = sound.getnframes() // sound.getframerate()
    times = re.findall(r"^0:(\d\d):(\d\d)", (EXAMPLES / "ready/evidence/E08-transcript.txt").read_text(), re.MULTILINE)
    assert (f"{seconds // 60:02}", f"{seconds % 60:02}") == times[-1]


# ---------------------------------------------------------------- invented, and nobody's data


@each_example
def test_everyone_is_marked_as_invented(name: str) -> None:
    example = portfolio(name)
    assert example.invented
    for person in people(example):
        assert person is not None and re.search(r"\bExample\b", person), person
    for place in (example.learner.employer, example.learner.provider):
        assert place is None or (place.startswith("Example ") and place.endswith("(invented)"))


@each_example
def test_a_learner_number_is_valid_but_plainly_fictional(name: str) -> None:
    uln = portfolio(name).learner.uln
    assert uln is None or uln.startswith("90000000")


def test_no_address_of_any_kind_is_in_a_text() -> None:
    licence = "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"
    for name, whole in texts():
        text = whole.replace(licence, "")
        found = re.findall(r"\S*@(?!1\.0|2008-06|,)\S+|https?:|www\.|\b0\d{3,4} ?\d{5,6}\b|\+44", text)
        assert not found, (name, found)
        # A line feed is the only control character.
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", text), name


def test_whoever_signs_an_attachment_is_marked_as_invented() -> None:
    signed = [
        (path.name, name)
        for path in (EXAMPLES / "attachments").rglob("*.md")
        for name in re.findall(r"\*([A-Z][a-z]+(?: [A-Z][a-z]+)+)\*", path.read_text("utf-8"))
    ]
    assert len(signed) >= 40
    assert [entry for entry in signed if not entry[1].endswith(" Example")] == []


def test_statements_are_paraphrased_and_never_pasted() -> None:
    wordings = [
        statement.text.rstrip(".").casefold()
        for identity in STANDARDS
        for statement in load_standard(identity).competencies
        if len(statement.text.split()) > 4
    ]
    assert len(wordings) > 80
    for name, text in texts():
        flat = " ".join(text.split()).casefold()
        assert [wording for wording in wordings if wording in flat] == [], name


# ---------------------------------------------------------------- accounts that people wrote


@each_example
def test_every_account_is_of_a_length_that_says_something(name: str) -> None:
    words = {piece.id: len(piece.account.split()) for piece in portfolio(name).evidence}
    assert {piece: count for piece, count in words.items() if not 80 <= count <= 300} == {}


def test_no_sentence_stands_in_two_accounts() -> None:
    seen = Counter(
        sentence for name in DAYS for piece in portfolio(name).evidence for sentence in set(sentences(piece.account))
    )
    assert len(seen) > 500
    assert [sentence for sentence, times in seen.items() if times > 1] == []


@each_example
def test_dates_are_working_days_in_a_plausible_order(name: str) -> None:
    example = portfolio(name)
    for piece in example.evidence:
        days = [piece.date, piece.acceptance.on, *(signature.on for signature in piece.signatures)]
        for day in days:
            assert day is None or (example.dates.start <= day <= DAYS[name] and day.weekday() < 5), piece.id
        if piece.acceptance.state is AcceptanceState.ACCEPTED:
            assert piece.acceptance.on is not None and piece.acceptance.on >= piece.date
    log = example.off_the_job or ()
    assert all(row.date.weekday() < 5 and 0 < row.hours <= 8 for row in log)


# ---------------------------------------------------------------- files


@each_example
def test_every_named_file_is_there_but_the_one_that_is_missing_on_purpose(name: str) -> None:
    files = [file for piece in portfolio(name).evidence for file in piece.attached]
    files += [held.file for held in portfolio(name).records.qualifications if held.file]
    assert [file.name for file in files if file.is_missing] == MISSING_ON_PURPOSE[name]
    assert all(file.size > 0 for file in files if not file.is_missing)


@each_example
def test_every_file_in_the_folder_is_named_by_something(name: str) -> None:
    root = EXAMPLES / name
    named = {file.name for piece in portfolio(name).evidence for file in piece.attached}
    named |= {held.certificate for held in portfolio(name).records.qualifications if held.certificate}
    there = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    there -= {"portfolio.yaml", "off-the-job.csv", "sign-off.log"}
    pieces = {path for path in there if path.startswith("evidence/") and path.endswith(".md")}
    assert there - pieces == named - set(MISSING_ON_PURPOSE[name])
    assert len(pieces) == len(portfolio(name).evidence)


@each_example
def test_certificates_say_that_they_are_invented(name: str) -> None:
    for held in portfolio(name).records.qualifications:
        if held.certificate:
            with pikepdf.open(EXAMPLES / name / held.certificate) as pdf:
                assert b"Example certificate - invented" in pdf.pages[0].Contents.read_bytes()


def test_attachments_are_sound_and_small() -> None:
    for path in EXAMPLES.rglob("*.pdf"):
        with pikepdf.open(path) as pdf:
            assert pdf.check_pdf_syntax() == [], path.name
            assert 1 <= len(pdf.pages) <= 4
            for page in pdf.pages:
                assert b"Invented example" in page.Contents.read_bytes()
    shipped = [path for folder in (*DAYS, "attachments") for path in (EXAMPLES / folder).rglob("*")]
    assert sum(path.stat().st_size for path in shipped if path.is_file()) < 2_000_000


def test_make_attachments_gives_exactly_the_committed_files(made_again: Path) -> None:
    committed = sorted(path.relative_to(EXAMPLES) for path in EXAMPLES.rglob("*") if path.suffix in MADE)
    again = sorted(path.relative_to(made_again) for path in made_again.rglob("*") if path.is_file())
    assert again == committed
    for path in again:
        if path.suffix == ".png":
            # Pixel by pixel: the compressor that is built into Pillow may differ between processors.
            with Image.open(EXAMPLES / path) as ours, Image.open(made_again / path) as theirs:
                difference = ImageChops.difference(ours.convert("RGB"), theirs.convert("RGB"))
                assert ours.size == theirs.size and difference.getbbox() is None, path
        else:
            assert (EXAMPLES / path).read_bytes() == (made_again / path).read_bytes(), path
