"""The checks before sending as cases in text: tests/preflight/<check>.yaml, one file a check.

A case is written like one in tests/cases (its README says how), and may also say:

    settings   the settings of the check; those of the first shipped profile that asks for it if left out
    also       names of other checks that the profile asks for
    names      the profile's patterns for folders and files
    select     ids of the chosen pieces; the showcase if left out
    facts      what was found in the files, by name

Under `expect` stand `finds` (the subjects at which the check finds a fault, warns or cannot tell, or `nothing`), `as`
(the status of what it finds, or `warning`), `reason` (the whole sentence of the first, or of the only finding),
`remedy` and `verdict`.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from case_text import CASE_KEYS, Plain, case_from
from ksbtrack.analysis import analyse
from ksbtrack.load.profiles import find_profiles, load_profile
from ksbtrack.models.analysis import Finding
from ksbtrack.models.profile import SubmissionProfile
from ksbtrack.models.submission import FileFacts, Preflight, Submission
from ksbtrack.submission.checks import preflight
from ksbtrack.yamlfile import decode, parse_yaml

FOLDER = Path(__file__).resolve().parent / "preflight"
OWN_KEYS = {"settings", "also", "names", "select", "facts"}
SOURCE = {"id": "test", "title": "A rule book", "says": "What it says.", "looked_at": "2026-01-05", "trust": "2"}
_FLAGS = {"yes": True, "no": False, "unknown": None}


@lru_cache
def shipped_profiles() -> tuple[SubmissionProfile, ...]:
    """Give all profiles that are shipped, read once."""
    return tuple(load_profile(name) for name in find_profiles())


def read_checks(path: Path) -> list[Plain]:
    """Give the cases of one file; an unknown key is an error."""
    plain: Plain = parse_yaml(decode(path.read_bytes(), path.name), path.name).value
    assert plain.keys() == {"about", "cases"}, path.name
    for case in plain["cases"]:
        assert case.keys() <= CASE_KEYS | OWN_KEYS, f"{path.name}: {case.get('name')}: {sorted(case)}"
    cases: list[Plain] = plain["cases"]
    return cases


def shipped_settings(check: str) -> Plain:
    """Give the settings with which the first shipped profile that is certain of a check asks for it."""
    asked = [found for profile in shipped_profiles() if (found := profile.checks.of(check))]
    first = min(asked, key=lambda found: found.asked.value == "unknown")
    return first.model_dump(mode="json", exclude={"source", "note"})


def profile_from(check: str, plain: Plain) -> SubmissionProfile:
    """Give a profile that asks for one check and those named besides."""
    settings = plain.get("settings", shipped_settings(check))
    checks: Plain = {check: {"source": "test"} | settings}
    checks |= {other: {"source": "test"} | shipped_settings(other) for other in plain.get("also", [])}
    told = {"id": "own", "title": "A profile of our own", "sources": [SOURCE], "checks": checks}
    return SubmissionProfile.model_validate(told | {"names": plain.get("names", {})})


def submission_from(check: str, plain: Plain) -> Submission:
    """Give the submission that a case is about."""
    case = case_from({key: value for key, value in plain.items() if key in CASE_KEYS})
    chosen = plain.get("select", case.portfolio.showcase)
    files = {name: _facts(told) for name, told in plain.get("facts", {}).items()}
    pieces = tuple(case.portfolio.by_id[name] for name in chosen)
    return Submission(analyse(case), profile_from(check, plain), pieces, files)


def _facts(told: Plain) -> FileFacts:
    values: dict[str, Any] = {key: _FLAGS.get(value, value) for key, value in told.items()}
    if values.get("seconds") is not None:
        from decimal import Decimal

        values["seconds"] = Decimal(values["seconds"])
    return FileFacts(**values)


def result_of(check: str, plain: Plain) -> Preflight:
    """Give what the checks find in the submission that a case is about."""
    return preflight(submission_from(check, plain))


def fired(result: Preflight, check: str) -> list[Finding]:
    """Give where a check finds a fault, warns, or cannot tell."""
    return [
        finding
        for finding in result.findings
        if finding.rule == check and not (finding.status.holds and finding.decides)
    ]
