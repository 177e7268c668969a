"""What all tests share: golden files, and the option that writes them anew."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

# A busy machine is no wrong answer; what a test costs is for the benchmark to say. The same cases on every run.
settings.register_profile("ksbtrack", deadline=None, derandomize=True)
settings.load_profile("ksbtrack")

GOLDEN = Path(__file__).resolve().parent / "golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew; look at the diff")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Give the check that a text is the one in tests/golden; with --update-golden it becomes that."""

    def check(name: str, text: str) -> None:
        path = GOLDEN / name
        if request.config.getoption("--update-golden"):
            path.write_text(text, encoding="utf-8")
        assert path.is_file(), f"no tests/golden/{name}; write it with pytest --update-golden and look at it"
        assert text == path.read_text(encoding="utf-8"), f"{name} differs; if it should, pytest --update-golden"

    return check
