"""Broken inputs as text: each file tests/broken/<code>.txt holds cases with the exact messages that they give.

A case begins with a line `=== case` and its name. The lines after it change the sound folder tests/broken/sound:

    === change PATH     `- ` lines are taken out of the file, the `+ ` lines after them stand in their place;
                        `+ ` lines alone stand at its end
    === file PATH       the whole file, as it stands
    === bytes PATH      the whole file, as Python writes bytes, one b'...' a line
    === made PATH NAME  the whole file, made by the function NAME of `MAKERS`
    === delete PATH     no such file or folder
    === ask NAME TEXT   what is asked for in place of the portfolio: see `ASKED`
    === says            the messages, to the end of the case
"""

from __future__ import annotations

import ast
import os
import re
import shutil
import wave
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from ksbtrack.files.attachments import MAX_ATTACHMENT_BYTES
from ksbtrack.files.opening import MAX_PIECES
from ksbtrack.formats.sheet_cells import MAX_ROWS
from ksbtrack.load.folders import MAX_FOLDER_FILES
from ksbtrack.load.log import MAX_LOG_ROWS
from ksbtrack.load.standards import MAX_LINEAGE
from raw_files import CATALOGUE, PAGE, archive, flat_png, image, locked_pdf, pages_pdf, pdf, tree
from raw_workbooks import text_rows, workbook, worksheet

BROKEN = Path(__file__).resolve().parent / "broken"
SOUND = BROKEN / "sound"

_DIRECTIVE = re.compile(r"=== (case|change|file|bytes|made|delete|ask|says)(?: (.*))?")


@dataclass(frozen=True)
class Step:
    """One `===` line with the lines below it."""

    verb: str
    words: str
    lines: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class BrokenCase:
    """One case: the file it stands in gives the code."""

    code: str
    name: str
    steps: list[Step]

    @property
    def message(self) -> str:
        """Give what the case says, word for word."""
        return "\n".join(line for step in self.steps if step.verb == "says" for line in step.lines).rstrip("\n")

    @property
    def question(self) -> tuple[str, str]:
        """Give what is asked for, and of what."""
        asked = [step.words.split(" ", 1) for step in self.steps if step.verb == "ask"] or [["portfolio"]]
        return asked[0][0], asked[0][1] if len(asked[0]) > 1 else ""


def broken_cases() -> list[BrokenCase]:
    """Give all cases, by code."""
    return [case for path in sorted(BROKEN.glob("*.txt")) for case in _cases(path)]


def _cases(path: Path) -> list[BrokenCase]:
    cases: list[BrokenCase] = []
    for line in path.read_text("utf-8").removesuffix("\n").split("\n"):
        directive = _DIRECTIVE.fullmatch(line)
        if directive is None:
            cases[-1].steps[-1].lines.append(line)
        elif directive.group(1) == "case":
            cases.append(BrokenCase(path.stem, directive.group(2), []))
        else:
            cases[-1].steps.append(Step(directive.group(1), directive.group(2) or ""))
    return cases


def lay_out(case: BrokenCase, folder: Path) -> None:
    """Write the sound folder with the changes of a case."""
    shutil.copytree(SOUND, folder, dirs_exist_ok=True)
    for step in case.steps:
        path = folder / (step.words.split(" ")[0] if step.verb == "made" else step.words)
        if step.verb == "change":
            path.write_text(_changed(path.read_text("utf-8"), step.lines), "utf-8", newline="")
        elif step.verb == "file":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("".join(f"{line}\n" for line in step.lines), "utf-8", newline="")
        elif step.verb == "bytes":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"".join(ast.literal_eval(line) for line in step.lines if line))
        elif step.verb == "made":
            path.parent.mkdir(parents=True, exist_ok=True)
            MAKERS[step.words.split(" ")[1]](path)
        elif step.verb == "delete":
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _changed(text: str, lines: list[str]) -> str:
    """Give a text with a change block applied; each line to take out is in it exactly once."""
    rows = text.splitlines()
    place = len(rows)
    for line in filter(None, lines):
        sign, rest = line[0], line[2:]
        if sign == "-":
            assert rows.count(rest) == 1, f"{rest!r} is not one line of the sound file"
            place = rows.index(rest)
            del rows[place]
        else:
            assert sign == "+", f"neither '- ' nor '+ ' begins {line!r}"
            rows.insert(place, rest)
            place += 1
    return "".join(f"{row}\n" for row in rows)


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


def _short_talk(path: Path) -> None:
    with wave.open(str(path), "wb") as talk:
        talk.setnchannels(1)
        talk.setsampwidth(1)
        talk.setframerate(100)
        talk.writeframes(bytes([128]) * 65 * 100)


def _link(path: Path, target: str) -> None:
    path.unlink(missing_ok=True)
    path.symlink_to(target)


def _folder_with_a_name_in_bytes(path: Path) -> None:
    """Make a learner's folder with a name as an old system of western Europe wrote it."""
    folder = Path(os.fsdecode(os.fsencode(path / "Zo") + b"\xeb"))
    folder.mkdir(parents=True)
    (folder / "portfolio.yaml").touch()


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


def _days_as_numbers(path: Path) -> None:
    with duckdb.connect() as connection:
        row = "'L1' as learner, 'Example Learner' as name, 'ST0148' as standard, 45173 as start"
        connection.execute(f"copy (select {row}) to '{path}' (format parquet)")


def _long_lineage(folder: Path) -> None:
    for number in range(100, 100 + MAX_LINEAGE + 1):
        (folder / f"EX{number:04}.yaml").write_text(
            f"reference: EX{number:04}\nversion: 1.0\ntitle: Grade\nkind: profile\nattribution: Free to use.\n"
            f"groups: []\nextends: EX{number + 1:04}@1.0\n"
        )


ENTITIES = b'<!DOCTYPE x [<!ENTITY some "some"><!ENTITY many "&some;&some;&some;">]>'
VAST_PAGE = PAGE.replace(b"9 9", b"1000000000 1000000000")

MAKERS: dict[str, Callable[[Path], object]] = {
    "nine_megabytes": lambda path: path.write_bytes(b'{"title": "' + b"x" * 9_000_000 + b'"}'),
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
    "link_to_the_learner": lambda path: _link(path, "../learner"),
    "link_to_itself": lambda path: _link(path, path.name),
    "named_pipe": _named_pipe,
    "folder_with_a_name_in_bytes": _folder_with_a_name_in_bytes,
    "three_gigabytes": _three_gigabytes,
    "days_as_numbers": _days_as_numbers,
    "half_a_picture": lambda path: path.write_bytes(image("PNG")[:-30]),
    "vast_picture": lambda path: path.write_bytes(flat_png(30_000, 30_000)),
    "locked_pdf": lambda path: path.write_bytes(locked_pdf("secret", "owner")),
    "two_pages": lambda path: path.write_bytes(pages_pdf(2)),
    "short_talk": _short_talk,
    "six_hundred_pages": lambda path: path.write_bytes(pages_pdf(600)),
    "vast_page": lambda path: path.write_bytes(pdf({1: CATALOGUE, 2: tree(b"3 0 R", 1), 3: VAST_PAGE})),
    "endless_mark": lambda path: path.write_bytes(b"<Message " + b"a" * 3_000_000),
    "swollen_document": lambda path: path.write_bytes(archive({"word/document.xml": b" " * 50_000_001})),
    "swollen_workbook": lambda path: path.write_bytes(workbook(worksheet(" " * 50_000_000))),
    "half_a_workbook": lambda path: path.write_bytes(workbook(worksheet(""))[:-60]),
    "workbook_with_entities": lambda path: path.write_bytes(workbook(ENTITIES + worksheet(text_rows(("&many;",))))),
    "text_document": lambda path: path.write_bytes(archive({"word/document.xml": b"<document/>"})),
    "table_of_many_rows": lambda path: path.write_text("Code,Evidence\n" + "K1,E01\n" * MAX_ROWS),
    "table_of_a_long_cell": lambda path: path.write_text(f"Code,Evidence\nK1,{'a' * 100_000}\n"),
    "workbook_of_no_text": lambda path: path.write_bytes(workbook(worksheet('<row><c t="s"><v>3</v></c></row>'))),
    "six_thousand_pages": lambda path: path.write_bytes(pages_pdf(6_000)),
}
"""What makes the files that are no text, or too long to be read here."""
