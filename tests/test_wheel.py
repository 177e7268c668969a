"""The wheel alone, beside its locked packages and nothing else, does the main job."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "docs" / "examples" / "typical"
ON = "2026-03-13"


def locked_requirements(lock: Path) -> list[Requirement]:
    """Give the pinned requirements of a lock file that apply to this Python and system, in its order."""
    lines = (line.rstrip(" \\") for line in lock.read_text(encoding="utf-8").splitlines())
    pins = [Requirement(line) for line in lines if line[:1].isalnum()]
    return [pin for pin in pins if pin.marker is None or pin.marker.evaluate()]


def share_package(name: str, folder: Path) -> None:
    """Link what an installed package put into the checks' environment into another one."""
    for file in metadata.files(name) or ():
        top = file.parts[0]
        if top != ".." and not (folder / top).exists():
            (folder / top).symlink_to(Path(str(metadata.distribution(name).locate_file(top))))


def run(command: list[str | Path], folder: Path, accepted: tuple[int, ...] = (0,)) -> str:
    """Give what a command prints, run with an environment of almost nothing."""
    surroundings = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "LANG": "C.UTF-8"}
    done = subprocess.run(command, cwd=folder, env=surroundings, capture_output=True, text=True, check=False)
    assert done.returncode in accepted, f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
    return done.stdout


def build_wheel(folder: Path) -> Path:
    """Build the wheel into a folder and give its path."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this checkout."""
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def alone(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel and its locked packages."""
    folder = tmp_path_factory.mktemp("alone")
    venv.create(folder / "env", symlinks=True)
    (site_packages,) = folder.glob("env/lib/python*/site-packages")
    for pin in locked_requirements(ROOT / "requirements.txt"):
        share_package(pin.name, site_packages)
    install: list[str | Path] = [sys.executable, "-m", "pip", "--python", folder / "env", "install"]
    run([*install, "--quiet", "--no-index", "--no-deps", "--disable-pip-version-check", wheel], folder)
    return folder


def test_the_wheel_holds_every_standard_and_template(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        f"ksbtrack/{path.relative_to(ROOT)}"
        for folder in ("standards", "templates")
        for path in (ROOT / folder).rglob("*")
        if path.is_file()
    }
    assert "ksbtrack/standards/ST0148-1.0.yaml" in wanted
    assert wanted <= names
    assert {"ksbtrack/py.typed", "ksbtrack/formats/analysis.schema.json"} <= names


def test_the_wheel_holds_every_licence(wheel: Path) -> None:
    names = {name.partition(".dist-info/licenses/")[2] for name in zipfile.ZipFile(wheel).namelist()}
    licences = {path.relative_to(ROOT).as_posix() for path in (ROOT / "LICENSES").iterdir()}
    assert len(licences) >= 3
    assert names >= {"LICENSE", "NOTICE"} | licences


def test_the_wheel_is_the_same_each_time(wheel: Path, tmp_path: Path) -> None:
    assert build_wheel(tmp_path).read_bytes() == wheel.read_bytes()


def test_the_program_that_runs_is_the_wheels(alone: Path) -> None:
    where = run([alone / "env/bin/python", "-c", "import ksbtrack; print(ksbtrack.__file__)"], alone)
    assert Path(where.strip()).is_relative_to(alone / "env" / "lib")


def test_the_packages_of_the_checks_are_out_of_its_reach(alone: Path) -> None:
    program = "import importlib.util; print(importlib.util.find_spec('pytest'))"
    assert run([alone / "env/bin/python", "-c", program], alone).strip() == "None"


def test_the_wheel_lists_the_shipped_standards(alone: Path) -> None:
    listed = run([alone / "env/bin/ksbtrack", "standards", "list"], alone)
    assert "ST0148" in listed
    assert "XS10b" in listed


def test_the_wheel_checks_a_portfolio_as_the_checkout_does(alone: Path) -> None:
    arguments: list[str | Path] = ["check", EXAMPLE, "--on", ON, "--json"]
    ours = run([alone / "env/bin/ksbtrack", *arguments], alone, accepted=(1,))
    assert json.loads(ours)["decision"] == "not_ready"
    assert ours == run([Path(sys.executable).with_name("ksbtrack"), *arguments], ROOT, accepted=(1,))


def test_the_wheel_writes_the_readiness_report_as_the_checkout_does(alone: Path) -> None:
    arguments: list[str | Path] = ["report", EXAMPLE, "--on", ON, "-o"]
    run([alone / "env/bin/ksbtrack", *arguments, alone / "wheel.pdf"], alone)
    run([Path(sys.executable).with_name("ksbtrack"), *arguments, alone / "checkout.pdf"], ROOT)
    assert (alone / "wheel.pdf").read_bytes() == (alone / "checkout.pdf").read_bytes()
    assert (alone / "wheel.pdf").read_bytes().startswith(b"%PDF-1.")
