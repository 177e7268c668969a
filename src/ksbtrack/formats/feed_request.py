"""One answer of the official feed over HTTPS, within limits of size, time and tries, from the host that was asked."""

from __future__ import annotations

import re
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import NoReturn
from urllib.parse import urljoin, urlsplit

import httpx

from ksbtrack.formats.json_records import MAX_RECORD_BYTES
from ksbtrack.problems import KsbtrackError, Problem, Source, quoted, several

MAX_REDIRECTS = 3
"""Redirects that are followed, all on the same host: from an old path to a new one, and its spelling."""

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_TRY_AGAIN = (429, 500, 502, 503, 504)
_MOVED = (301, 302, 303, 307, 308)
_GONE = (404, 410)
_OK, _NOT_MODIFIED = 200, 304
_FETCH_AGAIN = "Try again later, or save the record with a browser and use `ksbtrack standards import`."


@dataclass(frozen=True, slots=True)
class Patience:
    """How long fetching waits; all in seconds but `tries`.

    Attributes:
        connect: for the connection.
        read: for each part of the answer.
        total: for everything, with all tries and the waits between them.
        tries: requests at most.
        first_wait: before the second try; it doubles for each one after.
        longest_wait: the longest that a server can ask us to wait before the next try.
    """

    connect: float = 10
    read: float = 20
    total: float = 90
    tries: int = 4
    first_wait: float = 1
    longest_wait: float = 30


@dataclass(frozen=True, slots=True)
class Marks:
    """By what a server knows the copy that a cache has.

    Attributes:
        etag: the server's name of the content; empty if it gave none.
        last_modified: when it changed, as the server says it; empty if it does not.
        at: when the copy was fetched, or last found unchanged.
    """

    etag: str
    last_modified: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server sent.

    Attributes:
        content: unpacked.
        etag: see `Marks`.
        last_modified: see `Marks`.
    """

    content: bytes
    etag: str
    last_modified: str


def is_allowed_address(address: str) -> bool:
    """Say whether records may be fetched from an address: over HTTPS, or from this computer itself."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or parts.username is not None or parts.query or parts.fragment or not address.isprintable():
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)


def ask_feed(
    url: str,
    reference: str,
    cached: Marks | None,
    patience: Patience | None = None,
    *,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Answer | None:
    """Give the answer to a request for one record; None if the copy in the cache is up to date.

    Args:
        url: of the record, at an address that `is_allowed_address`.
        reference: of the standard, for messages.
        cached: the marks of the copy in the cache, if there is one.
        patience: how long to wait; the usual times if left out.
        sleep: what waits a number of seconds.
        clock: seconds since any moment, to see how many have passed.

    Raises:
        KsbtrackError: `unknown-standard`, `fetch-failed`, `strange-answer`.
    """
    asking = _Asking(url, reference, cached, patience or Patience(), sleep=sleep, clock=clock)
    return _within(asking.patience.total, asking.answer, asking.late)


def _within(seconds: float, function: Callable[[], Answer | None], late: Callable[[], KsbtrackError]) -> Answer | None:
    """Give what a function returns or raises, if it does so in time.

    A server that sends the head of its answer letter by letter keeps to every other limit. What is late goes on by
    itself until the process ends, and nobody waits for it.
    """
    results: list[Answer | None] = []
    faults: list[BaseException] = []

    def run() -> None:
        try:
            results.append(function())
        except BaseException as error:
            faults.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if faults:
        raise faults[0]
    if not results:
        raise late()
    return results[0]


def strange_answer(url: str, found: str, expected: str) -> Problem:
    """Give the problem of an answer that came and is no record."""
    return Problem("strange-answer", Source(url), found, f"{expected}; nothing was kept", _FETCH_AGAIN)


class _Asking:
    """One record being asked for: the tries so far and the time they took."""

    def __init__(
        self,
        url: str,
        reference: str,
        cached: Marks | None,
        patience: Patience,
        *,
        sleep: Callable[[float], None],
        clock: Callable[[], float],
    ) -> None:
        self.url = url
        self.reference = reference
        self.cached = cached
        self.patience = patience
        self.sleep = sleep
        self.clock = clock
        self.began = clock()
        self.wait_asked: float | None = None

    def answer(self) -> Answer | None:
        """Give the bytes of a record with the headers of the answer; None if the cache is up to date."""
        timeout = httpx.Timeout(self.patience.read, connect=self.patience.connect)
        with self.client(timeout) as client:
            fault = ""
            for attempt in range(self.patience.tries):
                if attempt:
                    self.wait(attempt, fault)
                try:
                    found = self.ask(client, self.url)
                except httpx.TimeoutException:
                    fault = f"no answer within {self.patience.read:g} seconds"
                    continue
                except httpx.TransportError as error:
                    if "CERTIFICATE_VERIFY_FAILED" in str(error):
                        raise self.failed("a certificate that cannot be trusted") from error
                    fault = _said(error)
                    continue
                if not isinstance(found, str):
                    return found
                fault = found
        raise self.failed(f"{fault}, {several(self.patience.tries, 'time')}")

    def client(self, timeout: httpx.Timeout) -> httpx.Client:
        # Proxies are for the way out; what is asked of this computer itself stays on it.
        is_remote = urlsplit(self.url).scheme == "https"
        try:
            return httpx.Client(timeout=timeout, follow_redirects=False, trust_env=is_remote)
        except (ImportError, ValueError, httpx.InvalidURL) as error:
            raise self.failed("a proxy that cannot be used, in HTTPS_PROXY or ALL_PROXY") from error

    def ask(self, client: httpx.Client, url: str) -> Answer | str | None:
        """Ask once, and give the answer, None for an unchanged record, or the fault after which to try again."""
        for _ in range(MAX_REDIRECTS + 1):
            with client.stream("GET", url, headers=self.headers()) as response:
                status = response.status_code
                if status in _MOVED:
                    url = self.next_url(url, response.headers.get("location", ""))
                    continue
                if status == _NOT_MODIFIED and self.cached is not None:
                    return None
                if status in _TRY_AGAIN:
                    self.wait_asked = _retry_after(response.headers)
                    return f"the answer {status}"
                if status in _GONE:
                    raise self.unknown()
                if status != _OK:
                    raise self.failed(f"the answer {status}")
                self.refuse_other_than_json(response.headers)
                content = b"".join(self.bounded(response))
                etag, changed = (response.headers.get(name, "") for name in ("etag", "last-modified"))
                return Answer(content, etag, changed)
        self.strange(f"more than {MAX_REDIRECTS} redirects", "a record has one address")

    def headers(self) -> dict[str, str]:
        asked = {"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "ksbtrack"}
        if self.cached and self.cached.etag:
            asked["If-None-Match"] = self.cached.etag
        if self.cached and self.cached.last_modified:
            asked["If-Modified-Since"] = self.cached.last_modified
        return asked

    def next_url(self, url: str, location: str) -> str:
        """Give the address that a redirect names, which is on the same host."""
        try:
            there = urljoin(url, location)
            here, new = urlsplit(url), urlsplit(there)
            is_same = (here.scheme, here.hostname, here.port) == (new.scheme, new.hostname, new.port)
        except ValueError:
            is_same, there = False, location
        if not is_same or not location:
            self.strange(f"a redirect to {quoted(there)}", "only the host that was asked is trusted")
        return there

    def refuse_other_than_json(self, headers: httpx.Headers) -> None:
        kind = headers.get("content-type", "").partition(";")[0].strip().casefold()
        if not re.fullmatch(r"(application|text)/([a-z0-9.-]+\+)?json", kind):
            self.strange(f"the content type {quoted(kind)}", "a record is application/json")

    def bounded(self, response: httpx.Response) -> Iterator[bytes]:
        """Yield the parts of an answer, unpacked, as long as size and time are within their limits."""
        size = 0
        for part in self.unpacked(response):
            size += len(part)
            if size > MAX_RECORD_BYTES:
                self.strange(f"more than {MAX_RECORD_BYTES:,} bytes", "no record is so large")
            if self.clock() - self.began > self.patience.total:
                raise self.late()
            yield part

    def unpacked(self, response: httpx.Response) -> Iterator[bytes]:
        """Yield the parts of an answer; of a packed one never more at a time than a record may have."""
        coding = response.headers.get("content-encoding", "identity").strip().casefold()
        if coding == "identity":
            yield from response.iter_raw()
            return
        if coding != "gzip":
            self.strange(f"the content encoding {quoted(coding)}", "only gzip was asked for")
        unpacking = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        try:
            for packed in response.iter_raw():
                part = unpacking.decompress(packed, MAX_RECORD_BYTES + 1)
                yield part
        except zlib.error:
            self.strange("packed bytes that cannot be unpacked", "a record is whole")
        if not unpacking.eof:
            self.strange("packed bytes that end too early", "a record is whole")

    def wait(self, attempt: int, fault: str) -> None:
        """Wait before the next try, as long as the server asks, or longer each time."""
        usual = self.patience.first_wait * 2 ** (attempt - 1)
        seconds, self.wait_asked = max(self.wait_asked or 0, usual), None
        if seconds > self.patience.longest_wait:
            raise self.failed(f"{fault}, with the wish to be asked again after {seconds:,.0f} seconds")
        if self.clock() - self.began + seconds > self.patience.total:
            raise self.failed(f"{fault}, for {self.patience.total:g} seconds")
        self.sleep(seconds)

    def failed(self, found: str) -> KsbtrackError:
        fix = _FETCH_AGAIN
        if self.cached:
            fix = f"Try again later, or use the copy of {self.cached.at:%Y-%m-%d} with --offline."
        return KsbtrackError(Problem("fetch-failed", Source(self.url), found, "the record was not sent", fix))

    def late(self) -> KsbtrackError:
        return self.failed(f"an answer that is not finished after {self.patience.total:g} seconds")

    def strange(self, found: str, expected: str) -> NoReturn:
        raise KsbtrackError(strange_answer(self.url, found, expected))

    def unknown(self) -> KsbtrackError:
        return KsbtrackError(
            Problem(
                "unknown-standard",
                Source(self.url),
                quoted(self.reference),
                "the feed has no record of it",
                "Correct it; a reference is like ST0499, FA0001 or AU0001.",
            )
        )


def _said(error: httpx.TransportError) -> str:
    """Give what went wrong on the way in words that no system language changes."""
    if isinstance(error, httpx.RemoteProtocolError):
        return "an answer that was cut off"
    return "no connection" if isinstance(error, httpx.ConnectError | httpx.ProxyError) else "a broken connection"


def _retry_after(headers: httpx.Headers) -> float | None:
    """Give the seconds after which a server wants to be asked again; None if it does not say.

    A day is counted from the server's own clock, which may be another than ours.
    """
    asked = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", asked):
        return float(asked)
    try:
        wanted, sent = (parsedate_to_datetime(text) for text in (asked, headers.get("date", "")))
        return max(0.0, (wanted - sent).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None
