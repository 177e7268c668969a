"""The project's own files agree: bounds with locks, packages with reasons, licences with fonts."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.txt", "requirements-build.txt", "requirements-dev.txt")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
RUNTIME = [Requirement(text) for text in PYPROJECT["project"]["dependencies"]]
BUILD = [Requirement(text) for text in PYPROJECT["dependency-groups"]["build"]]
CHECKS = [Requirement(text) for text in PYPROJECT["dependency-groups"]["dev"] if isinstance(text, str)]


PIN = re.compile(r"^([\w.-]+)==([^\s;]+)", re.MULTILINE)


def read(name: str) -> str:
    """Give the text of one of the project's files."""
    return (ROOT / name).read_text(encoding="utf-8")


def pins_of(lock: str) -> dict[str, str]:
    """Give the version that a lock file pins for each package; the newest where it differs between Pythons."""
    return dict(PIN.findall(read(lock)))


@pytest.mark.parametrize(
    ("lock", "bounds"),
    [
        ("requirements.txt", RUNTIME),
        ("requirements-build.txt", BUILD),
        ("requirements-dev.txt", RUNTIME + BUILD + CHECKS),
    ],
)
def test_a_lock_keeps_the_declared_bounds(lock: str, bounds: list[Requirement]) -> None:
    pins = pins_of(lock)
    outside = {str(b) for b in bounds if not b.specifier.contains(pins.get(canonicalize_name(b.name), "0"))}
    assert not outside, "the lock is behind pyproject.toml: run `make lock`"


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-build.txt"])
def test_the_checks_run_on_the_versions_that_users_get(lock: str) -> None:
    assert pins_of(lock).items() <= pins_of("requirements-dev.txt").items()


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_a_hash_and_no_address(lock: str) -> None:
    entries = re.split(r"^(?=[\w-])", read(lock), flags=re.MULTILINE)[1:]
    assert len(entries) == len(PIN.findall(read(lock)))
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in read(lock)


@pytest.mark.parametrize("requirement", RUNTIME + BUILD + CHECKS, ids=lambda requirement: str(requirement.name))
def test_every_dependency_has_its_reason_on_paper(requirement: Requirement) -> None:
    rows = [line for line in read("docs/dependencies.md").splitlines() if line.startswith(f"| {requirement.name} |")]
    assert len(rows) == 1, f"docs/dependencies.md needs one row for {requirement.name}"
    assert all(cell.strip() for cell in rows[0].strip("|").split("|"))


@pytest.mark.parametrize(
    ("beside_the_font", "among_the_licences"),
    [("LICENSE-Inter.txt", "OFL-1.1-Inter.txt"), ("LICENSE-DejaVu.txt", "Bitstream-Vera-DejaVu.txt")],
)
def test_a_fonts_licence_says_the_same_in_both_places(beside_the_font: str, among_the_licences: str) -> None:
    assert read(f"templates/fonts/{beside_the_font}") == read(f"LICENSES/{among_the_licences}")


def test_notice_gives_the_attribution_of_the_statements() -> None:
    statement = "Contains public sector information licensed under the Open Government Licence v3.0."
    assert statement in read("NOTICE")
    assert statement in read("LICENSES/OGL-UK-3.0.txt")


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_every_make_target_named_on_paper_exists(name: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", read("Makefile"), flags=re.MULTILINE))
    named = set(re.findall(r"`make ([a-z]+)", read(name))) | set(
        re.findall(r"^ *make ([a-z]+)", read(name), re.MULTILINE)
    )
    assert {"demo", "test"} <= named
    assert named <= targets
