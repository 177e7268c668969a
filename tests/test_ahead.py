"""The second process that draws a report: the same bytes and the same errors as in the first, whatever becomes of it.

Each case runs in a process of its own, since ours has threads and WeasyPrint in it, and draws by itself.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

PAGE = "<!doctype html><html lang='en'><head><title>T</title></head><body><h1>T</h1><p>Text</p></body></html>"
BEGINNING = f"""
import multiprocessing, os, signal, sys
from ksbtrack.problems import KsbtrackError
from ksbtrack.report.ahead import drawing_ahead
PAGE = {PAGE!r}
with drawing_ahead() as draw:
    others = multiprocessing.active_children()
"""
DRAWS_THE_SAME = """
    drawn = draw(PAGE)
    assert "weasyprint" not in sys.modules or not others
"""
IS_KILLED = """
    for other in others:
        os.kill(other.pid, signal.SIGKILL)
    drawn = draw(PAGE)
"""
RAISES = """
    try:
        draw(PAGE.replace("<title>T</title>", ""))
    except KsbtrackError as error:
        assert [problem.code for problem in error.problems] == ["render-failed"]
    else:
        raise AssertionError("a page without a title was drawn")
    drawn = draw(PAGE)
"""
IS_NOT_USED = """
    pass
from ksbtrack.report.pdf import html_to_pdf
drawn = html_to_pdf(PAGE)
"""
ENDING = """
assert not multiprocessing.active_children()
from ksbtrack.report.pdf import html_to_pdf
assert drawn == html_to_pdf(PAGE)
assert bool(others) == sys.platform.startswith("linux")
"""


@pytest.mark.parametrize("middle", [DRAWS_THE_SAME, IS_KILLED, RAISES, IS_NOT_USED])
def test_the_same_is_drawn_whatever_becomes_of_the_second_process(middle: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", BEGINNING + middle + ENDING], capture_output=True, text=True, timeout=60, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
