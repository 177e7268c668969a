"""A cohort as SARIF 2.1.0: who is late or not ready, and what could not be read, each at its row or folder.

Learners are named by their keys alone, as in JUnit XML, and for the same reason.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from pathlib import Path

from ksbtrack.formats.analysis_json import JsonObject
from ksbtrack.formats.junit import words_of, words_of_fault
from ksbtrack.formats.sarif import ROOT, SARIF_SCHEMA, SARIF_VERSION, relative_uri
from ksbtrack.models.cohort import CohortRun, Condition, Fault, LearnerVerdict
from ksbtrack.problems import Source, quoted

_SHEET = re.compile(r"(.+\.xlsx)/([^/]+)", re.IGNORECASE)
"""A sheet as messages name it: the workbook, which is the file, and the name."""
_RULES = {
    "overdue": (
        "error",
        "The planned gateway is past, and the learner is not found ready",
        "No gateway day is on record, and something is missing or not known.",
    ),
    "not_ready": (
        "warning",
        "The learner is not ready for gateway",
        "At least one requirement is not met.",
    ),
    "cannot_tell": (
        "note",
        "It cannot be told whether the learner is ready",
        "Nothing is found missing, but something is not known; what is unknown never counts as met.",
    ),
    "not_read": (
        "error",
        "Something could not be read",
        "Where it belongs to a learner, they have no verdict; failures.csv has the same.",
    ),
}


def cohort_sarif(
    run: CohortRun,
    verdicts: Iterable[LearnerVerdict],
    faults: Iterable[Fault],
    root: Path,
    condition: Condition = Condition.NOT_READY,
) -> Iterator[bytes]:
    """Yield one run of SARIF in pieces: a result for each learner for whom the condition holds, and for each fault.

    Args:
        run: the counts.
        verdicts: gone through once.
        faults: gone through once.
        root: the folder to which the paths of files are relative.
        condition: which learners have a result.
    """
    rules = [_rule(name, *words) for name, words in _RULES.items()]
    driver = {"name": "ksbtrack", "version": version("ksbtrack"), "language": "en-GB", "rules": rules}
    head = {
        "$schema": SARIF_SCHEMA,
        "version": SARIF_VERSION,
        "runs": [
            {
                "tool": {"driver": driver},
                "language": "en-GB",
                "columnKind": "unicodeCodePoints",
                # Without its address, which would be that of one computer.
                "originalUriBaseIds": {ROOT: {"description": {"text": "The folder in which the command ran."}}},
                "properties": {"as_of": run.on.isoformat(), "assumptions": list(run.assumed)},
                "results": [],
            }
        ],
    }
    text = json.dumps(head, ensure_ascii=False)
    yield text.removesuffix("]}]}").encode()
    mark = "\n"
    for verdict in verdicts:
        if condition.holds(verdict):
            kind, words = words_of(verdict, run.on)
            told = f"Learner {quoted(verdict.key)}: {words}"
            yield (mark + _line(kind, told, verdict.source, (verdict.key,), root)).encode()
            mark = ",\n"
    for fault, told_apart in _told_apart(faults):
        told = " ".join(words_of_fault(fault))
        yield (mark + _line("not_read", told, fault.problem.source, told_apart, root)).encode()
        mark = ",\n"
    yield b"\n]}]}\n"


def _rule(name: str, level: str, title: str, why: str) -> JsonObject:
    return {
        "id": name,
        "name": "".join(word.capitalize() for word in name.split("_")),
        "shortDescription": {"text": f"{title}."},
        "fullDescription": {"text": why},
        "help": {
            "text": f"{title}. {why} More: docs/cohort.md",
            "markdown": f"**{title}.** {why}\n\nMore: `docs/cohort.md`",
        },
        "defaultConfiguration": {"level": level},
    }


def _told_apart(faults: Iterable[Fault]) -> Iterator[tuple[Fault, tuple[str, ...]]]:
    """Yield each fault with what tells it from all others of its file: hosts take two with the same mark for one."""
    row: tuple[str, Source] | None = None
    seen: Counter[tuple[str, ...]] = Counter()
    for fault in faults:
        source = fault.problem.source
        if row != (fault.learner, source):
            row = fault.learner, source
            seen.clear()
        mark = (fault.learner, fault.problem.code, str(source.line), fault.column)
        seen[mark] += 1
        yield fault, (*mark, str(seen[mark]))


def _line(rule: str, words: str, source: Source, subject: tuple[str, ...], root: Path) -> str:
    in_workbook = _SHEET.fullmatch(source.file)
    uri = relative_uri(in_workbook[1] if in_workbook else source.file, root)
    physical: JsonObject = {"artifactLocation": {"uri": uri, "uriBaseId": ROOT}}
    if source.line:
        physical["region"] = {"startLine": source.line}
    place: JsonObject = {"physicalLocation": physical}
    if in_workbook:
        place["logicalLocations"] = [{"name": in_workbook[2]}]
        words = f"Sheet {quoted(in_workbook[2])}: {words}"
        subject = (in_workbook[2], *subject)
    mark = hashlib.sha256("\x1f".join((rule, uri, *subject)).encode()).hexdigest()[:32]
    result = {
        "ruleId": rule,
        "ruleIndex": list(_RULES).index(rule),
        "level": _RULES[rule][0],
        # Nothing in it may read as a link of SARIF, `[words](1)`.
        "message": {"text": words.replace("](", "] (")},
        "locations": [place],
        "partialFingerprints": {"learner/v1": mark},
    }
    return json.dumps(result, ensure_ascii=False)
