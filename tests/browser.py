"""A real browser for tests of pages: headless Chromium, spoken to by its DevTools protocol over a pipe.

No driver and no port in between: a message is JSON and ends with a zero byte.
Source: Chrome DevTools Protocol, https://chromedevtools.github.io/devtools-protocol/.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

NEEDED = "KSBTRACK_CHROMIUM"
"""Set to `needed` where a missing Chromium must fail the tests, instead of skipping them."""
NAMES = ("chromium", "chromium-browser", "google-chrome")
SECONDS = 60
"""Seconds for an answer: a page with 30,000 learners takes some on a busy machine."""
_ABOVE = 20
"""Descriptors from here on do not get into the way of 3 and 4, where Chromium reads and writes."""
_OPTIONS = (
    "--headless=new",
    "--remote-debugging-pipe",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--mute-audio",
    "--window-size=1280,900",
    "--lang=en-GB",
)
_KEYS = {"Enter": 13, "Tab": 9, " ": 32}


class Page:
    """One page in the browser: what it shows, what was pressed, and everything that it fetched or complained about."""

    def __init__(self, browser: Browser, session: str) -> None:
        """Listen to everything that happens on it."""
        self._browser, self._session = browser, session
        self.complaints: list[str] = []
        self.fetched: list[str] = []
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")

    def ask(self, method: str, **parameters: Any) -> Any:
        """Give the answer to a command of the protocol."""
        return self._browser.ask(method, parameters, self._session, self)

    def open(self, path: Path) -> None:
        """Open a file, and wait until it is shown."""
        self.ask("Page.navigate", url=path.resolve().as_uri())
        self.wait_for("document.readyState === 'complete' && location.href !== 'about:blank'")

    def evaluate(self, expression: str) -> Any:
        """Give the value of an expression of JavaScript."""
        answer = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait_for(self, expression: str) -> None:
        """Wait until an expression is true."""
        until = time.monotonic() + SECONDS
        while not self.evaluate(expression):
            assert time.monotonic() < until, f"never true: {expression}"
            time.sleep(0.02)

    def press(self, key: str, shift: bool = False) -> None:
        """Press a key and let it go, as a person does."""
        text = {"Enter": "\r", " ": " "}.get(key, "")
        code = _KEYS[key]
        for kind in ("keyDown", "keyUp"):
            self.ask(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                code="Space" if key == " " else key,
                windowsVirtualKeyCode=code,
                modifiers=8 if shift else 0,
                **({"text": text} if text and kind == "keyDown" else {}),
            )

    def type(self, text: str) -> None:
        """Write text where the focus is."""
        self.ask("Input.insertText", text=text)

    def picture(self, path: Path) -> None:
        """Save what is in sight as PNG."""
        path.write_bytes(base64.b64decode(self.ask("Page.captureScreenshot", format="png")["data"]))

    def hear(self, event: dict[str, Any]) -> None:
        """Keep what tests ask about afterwards."""
        method, values = event["method"], event.get("params", {})
        if method == "Runtime.exceptionThrown":
            self.complaints.append(str(values["exceptionDetails"]))
        elif method == "Runtime.consoleAPICalled":
            self.complaints.append(str(values["args"]))
        elif method == "Log.entryAdded":
            self.complaints.append(values["entry"]["text"])
        elif method == "Network.requestWillBeSent":
            self.fetched.append(values["request"]["url"])


class Browser:
    """A running Chromium with a profile of its own."""

    def __init__(self, program: str, profile: Path) -> None:
        """Start it."""
        commands, self._commands = (_high(descriptor) for descriptor in os.pipe())
        self._answers, answers = (_high(descriptor) for descriptor in os.pipe())

        def join() -> None:
            os.dup2(commands, 3)
            os.dup2(answers, 4)

        # As root, which containers of pipelines are, its sandbox cannot be had; it opens nothing but our own pages.
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        self._process = subprocess.Popen(
            [program, *_OPTIONS, *sandbox, f"--user-data-dir={profile}", "about:blank"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(3, 4),
            preexec_fn=join,  # noqa: PLW1509 - two system calls and nothing of Python's
        )
        os.close(commands)
        os.close(answers)
        self._number = 0
        self._rest = b""

    def page(self) -> Page:
        """Give a new empty page."""
        target = self.ask("Target.createTarget", {"url": "about:blank"})["targetId"]
        return Page(self, self.ask("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"])

    def ask(self, method: str, parameters: dict[str, Any], session: str = "", page: Page | None = None) -> Any:
        """Give the answer to a command; what a page tells meanwhile goes to it."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, (method, answer["error"])
                return answer["result"]
            if page is not None and "method" in answer and answer.get("sessionId") == session:
                page.hear(answer)

    def _next(self) -> dict[str, Any]:
        until = time.monotonic() + SECONDS
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._answers], [], [], max(0, until - time.monotonic()))
            assert ready, f"Chromium gave no answer within {SECONDS} seconds"
            read = os.read(self._answers, 1 << 20)
            assert read, "Chromium ended"
            self._rest += read
        line, _, self._rest = self._rest.partition(b"\0")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        """End it."""
        with contextlib.suppress(AssertionError, OSError):
            self.ask("Browser.close", {})
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._commands)
        os.close(self._answers)


def _high(descriptor: int) -> int:
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _ABOVE)
    os.close(descriptor)
    return moved


@contextlib.contextmanager
def opened_browser(profile: Path) -> Iterator[Browser]:
    """Give a browser; where there is none the tests are skipped, unless one is needed."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        if os.environ.get(NEEDED) == "needed":
            pytest.fail(f"{NEEDED}=needed, and none of {', '.join(NAMES)} is there")
        pytest.skip(f"none of {', '.join(NAMES)} is there")
    browser = Browser(program, profile)
    try:
        yield browser
    finally:
        browser.close()
