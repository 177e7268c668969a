"""Files that cannot be opened: every command names them, and with --skip-broken the rest is built."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pypdf
import pytest

from evidence_files import tagged_pdf
from ksbtrack.analysis import analyse
from ksbtrack.cli import main
from ksbtrack.load import load_case
from ksbtrack.models.analysis import Status
from ksbtrack.problems import KsbtrackError
from ksbtrack.showcase.build import build_showcase
from ksbtrack.showcase.papers import MENDED
from ksbtrack.showcase.parts import Form
from raw_files import archive, flat_png, locked_pdf, pages_pdf
from synthetic import GATEWAY
from validators import page_validation_failures, verapdf_failures, verapdf_is_here

Run = Callable[..., tuple[int, str, str]]
DOCX = archive({"word/document.xml": b"<document/>"})
BROKEN = {
    "locked.pdf": (locked_pdf("secret", "secret"), "encrypted-pdf", "which asks for a password"),
    "cut.pdf": (tagged_pdf()[:200], "damaged-pdf", "which does not open without repair"),
    "page.pdf": (b"<!DOCTYPE html><html><p>Sign in", "wrong-file-type", "whose content is an HTML page"),
    "plan.docx": (DOCX[: len(DOCX) - 30], "damaged-archive", "which breaks off before its table of contents"),
    "wall.png": (flat_png(30_000, 30_000), "image-too-large", "which has 30,000 × 30,000 pixels"),
    "nothing.txt": (b"", "empty-attachment", "which is empty"),
}


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Give what runs a command in this process: its exit code, its output, its errors."""

    def run_it(*arguments: str) -> tuple[int, str, str]:
        code = main(arguments)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run_it


def portfolio_of(folder: Path, pieces: dict[str, dict[str, bytes]]) -> Path:
    """Give a portfolio whose pieces have files of the given contents and are accepted."""
    (folder / "evidence").mkdir(parents=True)
    (folder / "portfolio.yaml").write_text(
        "learner: {name: Wick Lumen, born: 2001-03-02}\nstandard: ST0148@1.0\ninvented: yes\n"
        f"dates: {{start: 2023-09-04, gateway: {GATEWAY}}}\nshowcase: [{', '.join(pieces)}]\n"
    )
    for name, files in pieces.items():
        (folder / f"evidence/{name}.md").write_text(
            f"---\nid: {name}\ntitle: Night watch\nkind: work_product\ndate: 2023-10-02\n"
            f"files: [{', '.join(files)}]\nclaims: [{{code: K1, where: p. 1}}]\n"
            "acceptance: {state: accepted, by: Example Assessor, role: assessor, on: 2023-10-09}\n---\nI kept watch.\n"
        )
        for file, content in files.items():
            (folder / "evidence" / file).write_bytes(content)
    return folder


@pytest.fixture
def portfolio(tmp_path: Path) -> Path:
    """Give a portfolio with a piece that has every kind of broken file, and one whose file is good."""
    broken = {name: content for name, (content, _, _) in BROKEN.items()}
    return portfolio_of(tmp_path / "mine", {"E01": broken, "E02": {"good.pdf": tagged_pdf()}})


def words_of(pdf: bytes) -> str:
    """Give all the words of a PDF with single spaces; lines that were broken anywhere are one."""
    return " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages).split())


def without_spaces(text: str) -> str:
    """Give a text without what a broken line can put in or take out."""
    return re.sub(r"[\s\u200b\u00ad]", "", text)


@pytest.mark.parametrize("command", ["showcase", "pack"])
def test_without_the_option_nothing_is_built_and_every_file_is_named(
    run: Run, portfolio: Path, tmp_path: Path, command: str
) -> None:
    output = tmp_path / ("out.pdf" if command == "showcase" else "out.zip")
    more = ["--profile", "common"] if command == "pack" else []
    code, printed, errors = run(command, str(portfolio), "-o", str(output), "--on", str(GATEWAY), *more)
    assert (code, printed, output.exists()) == (2, "", False)
    for name, (_, problem, words) in BROKEN.items():
        assert f"{problem}: found 'evidence/{name}', {words}" in errors


def test_with_it_the_rest_is_built_and_a_page_names_each(run: Run, portfolio: Path, tmp_path: Path) -> None:
    output = tmp_path / "showcase.pdf"
    code, printed, errors = run("showcase", str(portfolio), "-o", str(output), "--on", str(GATEWAY), "--skip-broken")
    assert code == 0, errors
    assert "2 pieces, 7 files" in printed and "6 could not be opened and are named in it." in printed
    content = output.read_bytes()
    shown = without_spaces(words_of(content))
    for name, (_, problem, words) in BROKEN.items():
        assert f"{problem}: found 'evidence/{name}', {words}" in errors
        assert without_spaces(f"it could not be opened: 'evidence/{name}', {words}") in shown
    assert "What I planned." in words_of(content)
    assert page_validation_failures(content) == []
    if verapdf_is_here():
        assert verapdf_failures(output) == []


def test_a_pack_is_built_around_them_too_and_is_what_its_manifest_says(
    run: Run, portfolio: Path, tmp_path: Path
) -> None:
    output = tmp_path / "pack.zip"
    code, _, errors = run(
        "pack", str(portfolio), "-o", str(output), "--on", str(GATEWAY), "--profile", "common", "--skip-broken"
    )
    assert code == 0, errors
    with zipfile.ZipFile(output) as packed:
        manifest = next(name for name in packed.namelist() if name.endswith("manifest.json"))
        missing = json.loads(packed.read(manifest))["missing"]
    for name, (_, _, words) in BROKEN.items():
        assert any(f"'evidence/{name}', {words}" in said for said in missing)
        assert f"'evidence/{name}', {words}" in errors
    assert run("verify", str(output))[0] == 0


def test_what_is_left_out_is_not_in_the_pack_and_nothing_leads_to_it(run: Run, portfolio: Path, tmp_path: Path) -> None:
    output = tmp_path / "pack.zip"
    run("pack", str(portfolio), "-o", str(output), "--on", str(GATEWAY), "--profile", "common", "--skip-broken")
    with zipfile.ZipFile(output) as packed:
        assert not [name for name in packed.namelist() if any(name.endswith(broken) for broken in BROKEN)]
        (shown,) = [name for name in packed.namelist() if name.endswith("showcase.pdf")]
        reader = pypdf.PdfReader(io.BytesIO(packed.read(shown)))
    notes = [note.get_object() for page in reader.pages for note in page.get("/Annots") or ()]
    assert not [note for note in notes if str(note.get("/A", {}).get("/URI", "")).startswith("files/")]
    assert (
        "must be sent beside"
        not in run("showcase", str(portfolio), "-o", str(tmp_path / "s.pdf"), "--on", str(GATEWAY), "--skip-broken")[1]
    )


def with_certificate(folder: Path, content: bytes) -> None:
    """Give a portfolio a certificate with some content."""
    head = folder / "portfolio.yaml"
    head.write_text(
        head.read_text() + "records:\n  qualifications:\n"
        "    - {subject: english, level: '2', awarded: 2019-08-22, certificate: english.pdf}\n"
    )
    (folder / "english.pdf").write_bytes(content)


def test_a_certificate_that_does_not_open_is_as_good_as_missing(run: Run, tmp_path: Path) -> None:
    folder = portfolio_of(tmp_path / "mine", {"E01": {"good.pdf": tagged_pdf()}})
    with_certificate(folder, tagged_pdf()[:200])
    output = tmp_path / "pack.zip"
    arguments = ("pack", str(folder), "-o", str(output), "--on", str(GATEWAY), "--profile", "common")
    code, _, errors = run(*arguments)
    assert (code, output.exists()) == (2, False)
    assert "damaged-pdf: found 'english.pdf'" in errors
    code, _, errors = run(*arguments, "--skip-broken")
    assert code == 0, errors
    assert (
        "Not in the pack: The certificate of english cannot be opened: 'english.pdf', which does not open without "
        "repair.\n"
    ) in errors
    with zipfile.ZipFile(output) as packed:
        assert not [name for name in packed.namelist() if "english" in name]
    held = load_case(folder, GATEWAY, keep_broken_files=True).portfolio.records.qualifications[0].file
    assert held is not None and held.is_missing


def test_a_broken_file_of_a_piece_that_is_not_chosen_stops_nothing(run: Run, portfolio: Path, tmp_path: Path) -> None:
    output = tmp_path / "showcase.pdf"
    arguments = ("showcase", str(portfolio), "-o", str(output), "--on", str(GATEWAY))
    code, _, errors = run(*arguments, "--select", "E02")
    assert (code, errors.count("E01 is not chosen, and cannot be opened: ")) == (0, len(BROKEN))
    assert run(*arguments, "--select", "E01")[0] == 2


def test_a_piece_with_such_a_file_does_not_count(portfolio: Path) -> None:
    with pytest.raises(KsbtrackError) as raised:
        load_case(portfolio, GATEWAY)
    assert {problem.code for problem in raised.value.problems} == {code for _, code, _ in BROKEN.values()}
    analysis = analyse(load_case(portfolio, GATEWAY, keep_broken_files=True))
    assert {verdict.id: verdict.status for verdict in analysis.pieces} == {"E01": Status.NOT_MET, "E02": Status.MET}
    found = next(finding for finding in analysis.findings if finding.rule == "file_broken")
    assert found.subject == "E01" and "'evidence/locked.pdf', which asks for a password" in found.reason


def test_the_problem_of_a_file_is_in_no_dump(portfolio: Path) -> None:
    piece = load_case(portfolio, GATEWAY, keep_broken_files=True).portfolio.by_id["E01"]
    assert [file.problem.code for file in piece.attached if file.problem] == [code for _, code, _ in BROKEN.values()]
    assert [file.size for file in piece.attached] == [len(content) for content, _, _ in BROKEN.values()]
    assert all(file.sha256 for file in piece.attached)
    assert all("problem" not in file for file in piece.model_dump()["attached"])


def test_what_is_no_fault_of_the_content_stops_the_build_all_the_same(tmp_path: Path) -> None:
    folder = portfolio_of(tmp_path / "mine", {"E01": {"good.txt": b"Watch"}})
    piece = folder / "evidence/E01.md"
    piece.write_text(piece.read_text().replace("good.txt", "../secret.txt"))
    with pytest.raises(KsbtrackError, match="unsafe-path"):
        load_case(folder, GATEWAY, keep_broken_files=True)


def _without_references(content: bytes) -> bytes:
    """Give a PDF whose table of references is lost; its objects are all there."""
    return content[: content.rindex(b"startxref")] + b"startxref\n7\n%%EOF\n"


def _without_trailer(content: bytes) -> bytes:
    """Give a PDF that breaks off in its table of references."""
    return content[: content.rindex(b"xref\n0 ") + 30]


@pytest.mark.parametrize("torn", [_without_references, _without_trailer])
def test_a_damaged_pdf_that_can_be_mended_is_shown_with_a_note(
    run: Run, tmp_path: Path, torn: Callable[[bytes], bytes]
) -> None:
    folder = portfolio_of(tmp_path / "mine", {"E01": {"torn.pdf": torn(pages_pdf(3))}})
    output = tmp_path / "showcase.pdf"
    assert run("showcase", str(folder), "-o", str(output), "--on", str(GATEWAY))[0] == 2
    code, printed, errors = run("showcase", str(folder), "-o", str(output), "--on", str(GATEWAY), "--skip-broken")
    assert (code, errors) == (0, "")
    assert "Damaged and shown mended: evidence/torn.pdf." in printed
    analysis = analyse(load_case(folder, GATEWAY, keep_broken_files=True))
    pieces = analysis.case.portfolio.evidence
    built = build_showcase(folder, analysis, pieces, skip_broken=True)
    assert [(file.form, file.pages) for file in built.files] == [(Form.PAGES, 3)]
    assert MENDED in built.files[0].notes
    assert without_spaces(MENDED) in without_spaces(words_of(output.read_bytes()))
    assert page_validation_failures(built.pdf) == []
    assert analysis.pieces[0].status is Status.NOT_MET
    with pytest.raises(KsbtrackError, match="damaged-pdf"):
        build_showcase(folder, analysis, pieces)
