"""No input of a few kilobytes costs more than 2 seconds or 500 MB, to load, to analyse or to report on."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from broken_cases import SOUND

SECONDS = 2.0
MEGABYTES = 500
FEW_KILOBYTES = 16_384

HEAD = (SOUND / "learner/portfolio.yaml").read_text("utf-8")
PIECE = (SOUND / "learner/evidence/E01.md").read_text("utf-8")
STANDARD = (SOUND / "standards/EX0001-1.0.yaml").read_text("utf-8")
LOG = "date,hours,activity,codes\n"

Files = dict[str, str]


def head(old: str, new: str, more: str = "") -> Files:
    assert HEAD.count(old) == 1
    return {"learner/portfolio.yaml": HEAD.replace(old, new) + more}


def piece(old: str, new: str) -> Files:
    assert PIECE.count(old) == 1
    return {"learner/evidence/E01.md": PIECE.replace(old, new)}


def comment(text: str) -> Files:
    words = f"state: referred, comment: {json.dumps(text, ensure_ascii=False)}"
    return piece("state: accepted", words)


def inner_condition(depth: int, width: int) -> str:
    if not depth:
        return "{subject: x}"
    return "{any_of: [" + ", ".join([inner_condition(depth - 1, width)] * width) + "]}"


def since_1900(breaks: list[str], more: str = "") -> Files:
    old = head("start: 2023-09-04", "start: 1900-01-01")["learner/portfolio.yaml"].replace("  born: 2001-03-02\n", "")
    old = old.replace("gateway: 2024-09-20", "gateway: 2199-12-31")
    return {"learner/portfolio.yaml": old.replace("breaks: []", f"breaks: [{', '.join(breaks)}]"), **logged(more)}


def logged(rows: str) -> Files:
    return {"learner/off-the-job.csv": LOG + rows}


YEARS = [f"{{start: {year}-01-02, end: {year}-12-30}}" for year in range(1900, 2150)]
MONTHLY_BREAKS = [f"{{start: {y}-{m:02}-02, end: {y}-{m:02}-27}}" for y in range(1900, 1930) for m in range(1, 13)]

LOADED: dict[str, Files] = {
    "two thousand other standards": head("also: []", f"also: [{','.join(f'x{n}' for n in range(2_000))}]"),
    "one standard a thousand times": head("also: []", f"also: [{','.join(['XS10c'] * 1_500)}]"),
    "a showcase of pieces that are not there": head(
        "showcase: [E01]", f"showcase: [{','.join(f'X{n}' for n in range(2_000))}]"
    ),
    "a thousand unknown keys": head("invented: yes", "\n".join(f"key{n}: 1" for n in range(1_000))),
    "long unknown keys": head("invented: yes", "\n".join(f"{'k' * 120}{n}: 1" for n in range(100))),
    "a thousand unknown codes": piece("[K1, S1]", f"[{','.join(f'Q{n}' for n in range(2_000))}]"),
    "a thousand unknown words": piece("[K1, S1]", f"[{','.join(f'abcdefgh{n}' for n in range(1_000))}]"),
    "hundreds of claims on one statement": piece(
        "[K1, S1]", "[" + ", ".join(f"{{code: K1, where: p. {n}}}" for n in range(500)) + "]"
    ),
    "files that are not there": piece("[plan.txt]", f"[{','.join(f'f{n}' for n in range(2_000))}]"),
    "a break every month": since_1900(MONTHLY_BREAKS),
    "a break every year and hours in each": since_1900(YEARS, "".join(f"{y}-12-31,1,a\n" for y in range(1900, 2199))),
    "hours through three centuries": logged("".join(f"{y}-{m:02}-06,1,a\n" for y in range(1950, 2000) for m in (1, 7))),
    "a row with thousands of codes": logged(f"2023-09-11,6,x,{' '.join(f'Q{n}' for n in range(2_500))}\n"),
    "rows of nonsense": logged("a,b,c\n" * 2_000),
    "rows of quotes": logged('"a"b\n' * 2_000),
    "a week of one hour": head("weekly_hours: 37", "weekly_hours: 1.0001"),
    "brackets": {"learner/portfolio.yaml": "[" * 10_000},
    "braces": {"learner/portfolio.yaml": "{a: " * 4_000},
    "dashes": {"learner/portfolio.yaml": "- " * 8_000},
    "question marks": {"learner/portfolio.yaml": "? " * 8_000},
    "tag directives": {"learner/portfolio.yaml": "".join(f"%TAG !a{n}! x\n" for n in range(900)) + "---\na: 1\n"},
    "anchors": {"learner/portfolio.yaml": "".join(f"a{n}: &a{n} x\n" for n in range(1_000))},
    "aliases of aliases": {
        "learner/portfolio.yaml": "a0: &a0 x\n" + "".join(f"a{n}: &a{n} [{f'*a{n - 1},' * 9}]\n" for n in range(1, 200))
    },
    "one long key": {"learner/portfolio.yaml": "k" * 16_000 + ": 1\n"},
    "a number of 5,000 digits": head("weekly_hours: 37", f"weekly_hours: {'9' * 5_000}"),
    "a count of 5,000 digits": head("born: 2001-03-02", f"age_at_start: {'9' * 5_000}"),
    "accents on one letter": head("Example Learner", "e" + "\u0315\u0316" * 3_900),
    "accents in quotes": head("Example Learner", '"e' + "\\u0315\\u0316" * 1_200 + '"'),
    "conditions in conditions": {
        "standards/EX0001-1.0.yaml": STANDARD.replace(
            "rule: every_statement", f"rule: progression\n    condition: {inner_condition(4, 5)}"
        ),
        **head("ST0148@1.0", "EX0001"),
        **piece("[K1, S1]", "[K1]"),
    },
    "facts that never end": {"learner/evidence/E01.md": "---\n" + "--- \n---x\n" * 1_500},
}

REPORTED: dict[str, Files] = {
    "sound": {},
    "joiners": comment("\u200d" * 5_000),
    "angle brackets": comment("<" * 16_000),
    "square brackets": comment("[" * 16_000),
    "emphasis": comment("_a__b_" * 2_600),
    "one-word paragraphs": comment("a\n\n" * 3_000),
    "lists in lists": comment("".join("  " * level + "- a\n" for level in range(100))),
    "thirty accents on each letter": comment(("e" + "\u0301" * 30) * 250),
    "Chinese": comment("漢" * 5_000),
    "one word": comment("w" * 16_000),
    "missing files": piece("[plan.txt]", f"[{','.join(f'f{n}' for n in range(100))}]"),
    "hundreds of claims on one statement": LOADED["hundreds of claims on one statement"],
    "a break every year and hours in each": LOADED["a break every year and hours in each"],
}

PROGRAM = """
import json, os, pathlib, resource, sys, time
from datetime import date
from ksbtrack.analysis import analyse
from ksbtrack.load import load_case
from ksbtrack.problems import KsbtrackError
from ksbtrack.report.outputs import pdf_report

resource.setrlimit(resource.RLIMIT_CPU, (240, 240))
wants_report, *folders = sys.argv[1:]
spent = []
for folder in folders:
    os.chdir(folder)
    begin = time.process_time()
    try:
        analysis = analyse(load_case("learner", date(2026, 11, 22), folders=["standards"], policy="policy.yaml"))
        if wants_report == "yes":
            pdf_report(analysis)
        outcome = "done"
    except KsbtrackError as error:
        outcome = str(len(str(error)))
    spent.append((time.process_time() - begin, outcome))
# The system's own account begins with the memory of the process that started this one, which may be large.
status = pathlib.Path("/proc/self/status")
lines = status.read_text().splitlines() if status.exists() else []
own = [int(line.split()[1]) for line in lines if line.startswith("VmHWM:")]
most = own[0] if own else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"spent": spent, "kilobytes": most}))
"""


def costs(inputs: dict[str, Files], folder: Path, wants_report: str) -> tuple[dict[str, float], set[str]]:
    """Give the processor seconds that each input takes, all in one process, and the names of the sound ones."""
    for name, files in inputs.items():
        shutil.copytree(SOUND, folder / name)
        for path, text in files.items():
            (folder / name / path).write_text(text, "utf-8")
            assert len(text.encode()) <= FEW_KILOBYTES
    arguments = [sys.executable, "-c", PROGRAM, wants_report, *(str(folder / name) for name in inputs)]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["kilobytes"] <= MEGABYTES * 1_024
    return (
        {name: seconds for name, (seconds, _) in zip(inputs, found["spent"], strict=True)},
        {name for name, (_, outcome) in zip(inputs, found["spent"], strict=True) if outcome == "done"},
    )


def test_loading_and_analysing_a_small_hostile_input_costs_little(tmp_path: Path) -> None:
    spent, sound = costs(LOADED, tmp_path, "no")
    assert {name: seconds for name, seconds in spent.items() if seconds > SECONDS} == {}
    assert "hundreds of claims on one statement" in sound
    assert "conditions in conditions" in sound


def test_a_report_on_a_small_hostile_input_costs_little_more_than_on_a_sound_one(tmp_path: Path) -> None:
    spent, sound = costs(REPORTED, tmp_path, "yes")
    assert {name: seconds for name, seconds in spent.items() if seconds > spent["sound"] + SECONDS} == {}
    assert sound == set(REPORTED)
