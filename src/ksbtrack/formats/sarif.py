"""What the checks on standards say, as SARIF 2.1.0, which code hosts and editors show beside the lines.

Source: OASIS, Static Analysis Results Interchange Format (SARIF) version 2.1.0.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from ksbtrack.formats.analysis_json import JsonObject
from ksbtrack.linting import ACROSS_CHECKS, CHECKS
from ksbtrack.models.linting import Lint, Remark, Severity

SARIF_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
SARIF_VERSION = "2.1.0"
ROOT = "SRCROOT"
"""The name under which the paths of files are relative."""


def lint_as_sarif(lint: Lint, root: Path, version: str) -> JsonObject:
    """Give the remarks as one run of SARIF, in the order of file and line.

    Args:
        lint: what `lint_standards` returned.
        root: the folder to which the paths of files are relative: the one from which the files were named.
        version: that of ksbtrack.
    """
    rules = _rules(lint.remarks)
    places = {rule["id"]: index for index, rule in enumerate(rules)}
    driver = {"name": "ksbtrack", "version": version, "language": "en-GB", "rules": rules}
    return {
        "$schema": SARIF_SCHEMA,
        "version": SARIF_VERSION,
        "runs": [
            {
                "tool": {"driver": driver},
                "language": "en-GB",
                "columnKind": "unicodeCodePoints",
                # Without its address, which would be that of one computer.
                "originalUriBaseIds": {ROOT: {"description": {"text": "The folder in which the command ran."}}},
                "results": [_result(remark, places[remark.check], root) for remark in lint.remarks],
            }
        ],
    }


def _rules(remarks: Sequence[Remark]) -> list[JsonObject]:
    """Give every check, and after them the problems that keep some file from loading."""
    checks = [_rule(check.name, check.severity, check.title, check.why) for check in CHECKS]
    checks += [_rule(check.name, check.severity, check.title, check.why) for check in ACROSS_CHECKS]
    known = {rule["id"] for rule in checks}
    codes = sorted({remark.check for remark in remarks} - known)
    return checks + [
        _rule(
            code,
            Severity.ERROR,
            f"The file does not load: {code}",
            f"A standard that does not load can be named by no portfolio. docs/problems.md explains {code}.",
        )
        for code in codes
    ]


def _rule(name: str, severity: Severity, title: str, why: str) -> JsonObject:
    page = f"docs/lint.md#{name}" if "_" in name else f"docs/problems.md#{name}"
    return {
        "id": name,
        "name": "".join(word.capitalize() for word in re.split(r"[_-]", name)),
        "shortDescription": {"text": f"{title}."},
        "fullDescription": {"text": why},
        "help": {"text": f"{title}. {why} More: {page}", "markdown": f"**{title}.** {why}\n\nMore: `{page}`"},
        "defaultConfiguration": {"level": severity.value},
    }


def _result(remark: Remark, rule: int, root: Path) -> JsonObject:
    place: JsonObject = {"artifactLocation": {"uri": relative_uri(remark.source.file, root), "uriBaseId": ROOT}}
    if remark.source.line:
        place["region"] = {"startLine": remark.source.line}
    location: JsonObject = {"physicalLocation": place}
    name = "/".join(filter(None, (remark.standard, remark.subject)))
    if name:
        location["logicalLocations"] = [{"name": remark.subject or remark.standard, "fullyQualifiedName": name}]
    return {
        "ruleId": remark.check,
        "ruleIndex": rule,
        "level": remark.severity.value,
        "message": {"text": _plain(f"{remark.what} {remark.fix}")},
        "locations": [location],
        "partialFingerprints": {"remark/v1": _fingerprint(remark, root)},
    }


def relative_uri(file: str, root: Path) -> str:
    """Give the path of a file, relative to a folder, as a URI.

    Args:
        file: as messages show it: relative to the folder already, or absolute.
        root: the folder.
    """
    path = Path(file)
    if path.is_absolute():
        try:
            path = Path(os.path.relpath(path, root))
        except ValueError:
            # Another drive of Windows: no way leads there from here.
            path = Path(path.name)
    return quote(path.as_posix(), safe="/")


def _plain(text: str) -> str:
    """Give text in which nothing reads as a link of SARIF, `[words](1)`."""
    return text.replace("](", "] (")


def _fingerprint(remark: Remark, root: Path) -> str:
    """Give the mark by which the same remark is known again once other lines have moved it."""
    parts = (remark.check, relative_uri(remark.source.file, root), remark.standard, remark.subject, remark.what)
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]
