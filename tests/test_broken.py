"""Every problem code has a broken input, its exact message, and its page."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from broken_cases import BROKEN, BrokenCase, broken_cases, lay_out
from ksbtrack.files.attachments import MAX_ATTACHMENT_BYTES
from ksbtrack.files.images import MAX_FRAMES, MAX_PIXELS
from ksbtrack.files.opening import MAX_ENTRIES, MAX_PIECES
from ksbtrack.files.pdfs import MAX_PDF_PAGES
from ksbtrack.files.writing import replace_file
from ksbtrack.formats.additions import new_portfolio
from ksbtrack.load import load_case, load_policy, load_standard
from ksbtrack.load.folders import MAX_FOLDER_FILES
from ksbtrack.load.log import HOURS_IN_A_DAY, MAX_LOG_BYTES, MAX_LOG_ROWS
from ksbtrack.load.pieces import MAX_FILES, MAX_PIECE_BYTES
from ksbtrack.load.standards import MAX_LINEAGE
from ksbtrack.models.values import FIRST_YEAR, LAST_YEAR, MAX_LIST, MAX_NAME, MAX_TEXT
from ksbtrack.problems import KsbtrackError
from ksbtrack.report.pdf import html_to_pdf
from ksbtrack.yamlfile import MAX_BYTES, MAX_DEPTH, MAX_MARKS, MAX_NODES
from raw_files import flat_png, image, locked_pdf, pages_pdf

ROOT = Path(__file__).resolve().parent.parent
ON = date(2026, 11, 22)
CASES = broken_cases()
LARGE = 100_000_000
"""Bytes from which a file is not compared: it is mostly a hole."""

FRONT = """---
id: E01
title: {title}
kind: work_product
date: 2023-10-02
claims: [{claims}]
---
{account}
"""


def _piece(path: Path, title: str = "A session", claims: str = "K1", account: str = "We met.") -> None:
    path.write_text(FRONT.format(title=title, claims=claims, account=account), "utf-8")


def _link(path: Path, target: str) -> None:
    path.unlink(missing_ok=True)
    path.symlink_to(target)


def _named_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _three_gigabytes(path: Path) -> None:
    """Make a file with a hole: it takes no room on the disk."""
    with path.open("wb") as file:
        file.truncate(MAX_ATTACHMENT_BYTES + 1)


def _many_pieces(folder: Path) -> None:
    for number in range(MAX_PIECES + 1):
        (folder / f"P{number}.md").touch()


def _many_standards(folder: Path) -> None:
    for number in range(MAX_FOLDER_FILES + 1):
        (folder / f"{number}.txt").touch()


def _long_lineage(folder: Path) -> None:
    for number in range(100, 100 + MAX_LINEAGE + 1):
        (folder / f"EX{number:04}.yaml").write_text(
            f"reference: EX{number:04}\nversion: 1.0\ntitle: Grade\nkind: profile\nattribution: Free to use.\n"
            f"groups: []\nextends: EX{number + 1:04}@1.0\n"
        )


MAKERS: dict[str, Callable[[Path], object]] = {
    "heap_of_accents": lambda path: _piece(path, title="E" + "\u0301" * 31),
    "fifty_megabytes": lambda path: path.write_bytes(b"a" * 50_000_000),
    "long_line": lambda path: path.write_bytes(b"date,hours,activity,codes\n" + b"a" * 5_000_000),
    "many_claims": lambda path: _piece(path, claims=", ".join(["K1"] * 100_000)),
    "many_files": lambda path: _piece(path, claims="]\nfiles: [" + ", ".join(f"{n}.txt" for n in range(200))),
    "many_values": lambda path: path.write_text("also: [" + "x," * 60_000 + "]\n"),
    "too_many_claims": lambda path: _piece(path, claims=", ".join(["K1"] * 5_000)),
    "long_title": lambda path: _piece(path, title="mentoring " * 300),
    "long_account": lambda path: _piece(path, account="We met. " * 10_000),
    "long_cell": lambda path: path.write_text('date,hours,activity,codes\n2023-09-11,6,"' + "a" * 200_000 + '",K1\n'),
    "many_rows": lambda path: path.write_text(
        "date,hours,activity\n" + "2023-09-11,0.001,Reading\n" * (MAX_LOG_ROWS + 1)
    ),
    "many_pieces": _many_pieces,
    "many_standards": _many_standards,
    "long_lineage": _long_lineage,
    "link_to_passwords": lambda path: _link(path, "/etc/passwd"),
    "link_to_endless_device": lambda path: _link(path, "/dev/zero"),
    "link_to_itself": lambda path: _link(path, path.name),
    "named_pipe": _named_pipe,
    "three_gigabytes": _three_gigabytes,
    "half_a_picture": lambda path: path.write_bytes(image("PNG")[:-30]),
    "vast_picture": lambda path: path.write_bytes(flat_png(30_000, 30_000)),
    "locked_pdf": lambda path: path.write_bytes(locked_pdf("secret", "owner")),
    "six_thousand_pages": lambda path: path.write_bytes(pages_pdf(6_000)),
}
"""What makes the files that are no text, or too long to be read here."""


def _overlays() -> list[str]:
    return [name for name in ("overlay.yaml",) if Path(name).exists()]


def _ask_portfolio(day: str) -> object:
    policy = "policy.yaml" if Path("policy.yaml").exists() else None
    return load_case(
        "learner", date.fromisoformat(day or "2026-11-22"), folders=["standards"], overlays=_overlays(), policy=policy
    )


def _ask_new(folder: str) -> object:
    new_portfolio(Path(folder), load_standard("ST0148"), "Example Learner", ON)
    return folder


def _ask_pdf(body: str) -> object:
    return html_to_pdf(f'<html lang="en"><title>Page</title><body>{body}')


def _ask_old_weasyprint(version: str) -> object:
    _ask_pdf("<p>K1</p>")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("weasyprint.VERSION", version)
        return _ask_pdf("<p>K1</p>")


ASKED: dict[str, Callable[[str], object]] = {
    "portfolio": _ask_portfolio,
    "standard": lambda name: load_standard(name, folders=["standards"], overlays=_overlays()),
    "policy": load_policy,
    "report": lambda name: replace_file(Path(name), b"{}"),
    "new": _ask_new,
    "pdf": _ask_pdf,
    "weasyprint": _ask_old_weasyprint,
}
"""What a case can ask for; without a word of it, the portfolio `learner`."""


def problems_of(case: BrokenCase, folder: Path) -> KsbtrackError:
    """Give the error that a case ends with, asked from the folder in which it is laid out."""
    for name, maker in lay_out(case, folder).items():
        MAKERS[maker](folder / name)
    question, words = case.question
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder)
        with pytest.raises(KsbtrackError) as raised:
            ASKED[question](words)
    return raised.value


def contents(folder: Path) -> dict[str, bytes | None]:
    """Give everything below a folder by path; None for what is no ordinary file, and for the largest."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        if path.is_file() and not path.is_symlink() and path.stat().st_size < LARGE
        else None
        for path in sorted(folder.rglob("*"))
    }


def test_the_sound_folder_is_sound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So each message is the fault of its case alone."""
    lay_out(BrokenCase("", "", []), tmp_path)
    monkeypatch.chdir(tmp_path)
    for question, words in (("portfolio", ""), ("standard", "EX0001@1.0"), ("policy", "policy.yaml")):
        ASKED[question](words)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.code}: {case.name}")
def test_a_broken_input_gives_its_exact_message_and_changes_nothing(case: BrokenCase, tmp_path: Path) -> None:
    error = problems_of(case, tmp_path)
    before = contents(tmp_path)

    assert str(error) == case.message
    assert case.code in [problem.code for problem in error.problems]
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(tmp_path)
        with pytest.raises(KsbtrackError) as again:
            ASKED[case.question[0]](case.question[1])
    assert again.value.problems == error.problems
    assert contents(tmp_path) == before


def test_no_message_shows_a_character_that_cannot_be_seen() -> None:
    assert all(line.isprintable() for case in CASES for line in case.message.splitlines())


def written_codes() -> Iterator[tuple[str, str]]:
    """Yield each problem code in the sources with the place that has it."""
    for path in sorted((ROOT / "src").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            for code in _codes_in(node):
                yield code, f"{path.relative_to(ROOT).as_posix()}:{getattr(node, 'lineno', 0)}"


def _codes_in(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        found = [value for key, value in pairs if isinstance(key, ast.Constant) and key.value == "code"]
    elif isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        place = PLACE_OF_CODE.get(name)
        named = [keyword.value for keyword in node.keywords if keyword.arg == "code" and name == "Problem"]
        found = named or ([] if place is None or len(node.args) <= place else [node.args[place]])
    else:
        return
    for value in found:
        if isinstance(value, ast.Subscript):
            continue
        for part in ast.walk(value):
            if isinstance(part, ast.Constant) and isinstance(part.value, str) and re.fullmatch(CODE, part.value):
                yield part.value


PLACE_OF_CODE = {"Problem": 0, "_refuse": 0, "note": 0, "stop": 0, "_matching": 1}
"""The functions that are given a problem code, and which of their arguments it is."""
CODE = r"[a-z]+(-[a-z0-9]+)*"


def test_every_code_in_the_sources_has_a_broken_input() -> None:
    codes = dict(written_codes())
    assert len(codes) > 50
    assert set(codes) == {path.stem for path in BROKEN.glob("*.txt")}


def test_every_problem_is_made_with_a_code_that_can_be_found() -> None:
    """A code that is put together at run time would have neither page nor broken input."""
    hidden = []
    for path in sorted((ROOT / "src").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or getattr(node.func, "id", "") != "Problem":
                continue
            if not list(_codes_in(node)):
                hidden.append(f"{path.name}: {ast.unparse(node.args[0])}")

    # The values' readers and the YAML builder pass on the codes that `PLACE_OF_CODE` finds.
    assert hidden == ["checked.py: context['code']", "yamlfile.py: code"]


def documented() -> dict[str, str]:
    """Give the text of each problem's section in docs/problems.md by its code."""
    _, *sections = re.split(r"^### `([a-z0-9-]+)`\n", DOCS.read_text("utf-8"), flags=re.MULTILINE)
    return dict(zip(sections[::2], sections[1::2], strict=True))


DOCS = ROOT / "docs" / "problems.md"


def test_every_code_has_its_section_with_a_message_that_a_broken_input_gives() -> None:
    sections = documented()
    assert set(sections) == set(dict(written_codes()))
    for code, text in sections.items():
        (example,) = re.findall(r"^```\n(.*?)\n```$", text, flags=re.MULTILINE | re.DOTALL)
        messages = "\n".join(case.message for case in CASES if case.code == code)
        assert f" {code}: found " in example
        assert example in messages, f"docs/problems.md shows a message of {code} that nothing gives"
        before, after = text.split("```\n" + example + "\n```")
        assert len(before.split()) > 3
        assert "**To mend it:** " in after


def test_the_limits_on_the_page_are_those_of_the_code() -> None:
    sections = documented()
    for code, limits in {
        "file-too-large": ("1 MiB", "256 KiB", "4 MiB"),
        "yaml-too-deep": (f"{MAX_DEPTH} levels",),
        "yaml-too-many": (f"{MAX_NODES:,} keys",),
        "too-many-accents": (f"{MAX_MARKS} accents",),
        "text-too-long": (f"{MAX_NAME} characters", f"{MAX_TEXT:,}"),
        "too-many": (f"{MAX_LIST:,} entries", f"{MAX_FILES} files"),
        "bad-date": (f"before {FIRST_YEAR} or after {LAST_YEAR}",),
        "too-many-rows": (f"{MAX_LOG_ROWS:,} rows",),
        "too-many-files": (f"{MAX_PIECES:,} pieces", f"{MAX_ENTRIES:,} files", f"{MAX_FOLDER_FILES:,}"),
        "pdf-too-large": (f"{MAX_PDF_PAGES:,} pages",),
        "image-too-large": (f"{MAX_PIXELS // 1_000_000} million pixels", f"{MAX_FRAMES} frames"),
        "attachment-too-large": (f"{MAX_ATTACHMENT_BYTES // 1024**3} GiB",),
        "extends-too-long": (f"{MAX_LINEAGE} standards",),
        "contradiction": (f"{HOURS_IN_A_DAY} hours",),
    }.items():
        text = " ".join(sections[code].split())
        assert all(limit in text for limit in limits), code
    assert (MAX_BYTES, MAX_PIECE_BYTES, MAX_LOG_BYTES) == (1024**2, 256 * 1024, 4 * 1024**2)
