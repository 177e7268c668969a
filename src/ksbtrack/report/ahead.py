"""A second process that loads WeasyPrint while this one still reads the portfolio, and then draws its report.

WeasyPrint takes as long to load as everything before it together, and needs nothing of it. Only a command, which owns
its process, does this; the library's functions draw where they are called.
"""

from __future__ import annotations

import contextlib
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

# Nothing else of ours up here: the earlier the second process begins, the more it has loaded when it is needed.

Draw = Callable[..., bytes]
"""Something with the arguments, the result and the errors of `html_to_pdf`."""


@contextlib.contextmanager
def drawing_ahead() -> Iterator[Draw]:
    """Give something that draws as `html_to_pdf` does, and is already being loaded in a process of its own.

    Where that process cannot be had, or ends without a result, this one draws, and raises what there is to raise.
    """
    # A copy of a process with threads would have their locks; only Linux lets a copied process use every library.
    if not sys.platform.startswith("linux") or "weasyprint" in sys.modules or threading.active_count() > 1:
        yield _draw_here
        return
    context = get_context("fork")
    here, there = context.Pipe()
    with tempfile.TemporaryDirectory(prefix="ksbtrack-") as place:
        process = context.Process(target=_draw_once, args=(there, here, place), daemon=True)
        try:
            process.start()
        except OSError:
            yield _draw_here
            return
        there.close()
        try:
            yield _drawn_there(here)
        finally:
            here.close()
            # It has nothing left to do, and what it wrote is in a folder that goes now.
            process.kill()
            process.join()


def _drawn_there(here: Connection) -> Draw:

    def draw(html: str, **options: object) -> bytes:
        with contextlib.suppress(EOFError, OSError):
            here.send((html, options))
            content: bytes = here.recv()
            return content
        return _draw_here(html, **options)

    return draw


def _draw_here(html: str, **options: Any) -> bytes:
    from ksbtrack.report.pdf import html_to_pdf

    return html_to_pdf(html, **options)


def _draw_once(link: Connection, other_end: Connection, place: str) -> None:
    # Ctrl+C reaches both processes; the first one ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    tempfile.tempdir = place
    other_end.close()
    # Whatever goes wrong here is met again, and told, by the first process.
    with contextlib.suppress(Exception):
        from ksbtrack.report.pdf import make_ready

        make_ready()
        html, options = link.recv()
        link.send(_draw_here(html, **options))
