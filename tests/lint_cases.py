"""Cases for the checks on standards as text: each file tests/linting/<check>.txt holds cases with their exact remarks.

A case begins with a line `=== case` and its name. The lines after it change the standard tests/linting/sound.yaml:

    === change          `- ` lines are taken out, the `+ ` lines after them stand in their place; `+ ` lines alone stand
                        at the end
    === also NAME       one more file, the sound standard with these changes to it
    === file NAME       one more file, as it stands
    === says            the remarks, to the end of the case; none where nothing follows
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from broken_cases import _changed as with_changes

LINTING = Path(__file__).resolve().parent / "linting"
SOUND = (LINTING / "sound.yaml").read_text("utf-8")

_DIRECTIVE = re.compile(r"=== (case|change|also|file|says)(?: (.*))?")


@dataclass(frozen=True)
class LintCase:
    """One case: the file it stands in gives the check."""

    check: str
    name: str
    files: dict[str, str] = field(default_factory=dict)
    says: list[str] = field(default_factory=list)

    def lay_out(self, folder: Path) -> None:
        """Write the standards of the case."""
        for name, text in self.files.items():
            (folder / name).write_text(text, "utf-8")


def lint_cases() -> list[LintCase]:
    """Give all cases, by check."""
    return [case for path in sorted(LINTING.glob("*.txt")) for case in _cases(path)]


def _cases(path: Path) -> list[LintCase]:
    cases = []
    for block in re.split(r"(?m)^(?==== case )", path.read_text("utf-8"))[1:]:
        steps: list[tuple[str, str, list[str]]] = []
        for line in block.rstrip("\n").split("\n"):
            directive = _DIRECTIVE.fullmatch(line)
            if directive:
                steps.append((directive[1], directive[2] or "", []))
            else:
                steps[-1][2].append(line)
        (_, name, _), *rest = steps
        files = {"standard.yaml": SOUND}
        says: list[str] = []
        for verb, words, lines in rest:
            if verb == "says":
                says = lines
            elif verb == "file":
                files[words] = "".join(f"{line}\n" for line in lines)
            else:
                target = words or "standard.yaml"
                files[target] = with_changes(SOUND, lines)
        cases.append(LintCase(path.stem, name, files, says))
    return cases
