"""The set-up asks for system packages in a way that a person can act on, and takes them where it may."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

SETUP = Path(__file__).resolve().parent.parent / ".ci" / "setup.sh"


def run_setup(programs: dict[str, str], folder: Path, stage: str) -> subprocess.CompletedProcess[str]:
    """Run a stage of the set-up on a machine that has these programs, each a shell script, and no other."""
    for name, script in programs.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        (folder / name).chmod(0o755)
    for name in ("dirname", "env"):
        (folder / name).symlink_to(shutil.which(name) or name)
    return subprocess.run(
        ["/bin/sh", SETUP, stage], env={"PATH": str(folder)}, capture_output=True, text=True, check=False
    )


def test_who_may_not_install_is_told_the_command(tmp_path: Path) -> None:
    done = run_setup({"id": "echo 1000", "apt-get": "exit 9", "sudo": "exit 1"}, tmp_path, "java")
    assert done.returncode == 1
    assert (
        "sudo apt-get update && sudo apt-get install --yes --no-install-recommends default-jre-headless" in done.stderr
    )


def test_root_installs_at_once(tmp_path: Path) -> None:
    done = run_setup({"id": "echo 0", "apt-get": 'echo "$@"', "apt-cache": "exit 0"}, tmp_path, "java")
    assert done.returncode == 0, done.stderr
    assert "install --yes -qq --no-install-recommends -o DPkg::Lock::Timeout=300 default-jre-headless" in done.stderr


def test_a_sudo_that_asks_for_nothing_is_used(tmp_path: Path) -> None:
    sudo = 'shift; [ "$1" = true ] || "$@"'
    done = run_setup({"id": "echo 7", "sudo": sudo, "apt-get": 'echo "$@"', "apt-cache": "exit 0"}, tmp_path, "java")
    assert done.returncode == 0, done.stderr
    assert "default-jre-headless" in done.stderr


def test_a_failing_install_stops_the_set_up(tmp_path: Path) -> None:
    done = run_setup({"id": "echo 0", "apt-get": "exit 100", "apt-cache": "exit 0"}, tmp_path, "java")
    assert done.returncode == 1
    assert "setup: veraPDF: apt-get could not install default-jre-headless" in done.stderr


def test_a_machine_without_apt_is_told_what_to_look_for(tmp_path: Path) -> None:
    done = run_setup({}, tmp_path, "java")
    assert done.returncode == 1
    assert "setup: veraPDF needs what Debian and Ubuntu call: default-jre-headless" in done.stderr


@pytest.mark.parametrize("stage", ["", "everything"])
def test_an_unknown_stage_is_refused(tmp_path: Path, stage: str) -> None:
    done = run_setup({}, tmp_path, stage)
    assert (done.returncode, done.stderr) == (1, "setup: usage: .ci/setup.sh run|test|java|browser\n")


def test_a_browser_is_installed_where_none_is(tmp_path: Path) -> None:
    done = run_setup({"id": "echo 0", "apt-get": 'echo "$@"', "apt-cache": "exit 0"}, tmp_path, "browser")
    assert done.returncode == 0, done.stderr
    assert done.stderr.rstrip().endswith("DPkg::Lock::Timeout=300 chromium")


def test_a_browser_of_another_name_will_do(tmp_path: Path) -> None:
    done = run_setup({"google-chrome": "exit 0"}, tmp_path, "browser")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
