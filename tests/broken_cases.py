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
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

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


def lay_out(case: BrokenCase, folder: Path) -> dict[str, str]:
    """Write the sound folder with the changes of a case, and give the files that a function has to make, by path."""
    shutil.copytree(SOUND, folder, dirs_exist_ok=True)
    to_make: dict[str, str] = {}
    for step in case.steps:
        path = folder / step.words.split(" ")[0]
        if step.verb == "change":
            path.write_text(_changed(path.read_text("utf-8"), step.lines), "utf-8", newline="")
        elif step.verb == "file":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("".join(f"{line}\n" for line in step.lines), "utf-8", newline="")
        elif step.verb == "bytes":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"".join(ast.literal_eval(line) for line in step.lines if line))
        elif step.verb == "made":
            name, maker = step.words.split(" ")
            to_make[name] = maker
        elif step.verb == "delete":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    return to_make


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
