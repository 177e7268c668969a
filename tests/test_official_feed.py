"""One record is fetched within limits, kept in a cache, and asked for again only if it has changed."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from feed_records import record
from feed_server import Feed, feed, reply, self_signed
from ksbtrack import load_standard
from ksbtrack.cli import main
from ksbtrack.cli.fetching import user_cache
from ksbtrack.formats.feed_request import Patience, is_allowed_address
from ksbtrack.formats.json_records import MAX_RECORD_BYTES
from ksbtrack.formats.official_feed import Fetched, FetchedFrom, cached_record, fetch_record, import_fetched
from ksbtrack.problems import KsbtrackError

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
LATER = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
RECORD = json.dumps(record()).encode()
QUICK = Patience(connect=2, read=0.4, total=5, tries=3, first_wait=1, longest_wait=30)


@pytest.fixture
def server() -> Iterator[Feed]:
    with feed() as running:
        yield running


class Asker:
    """Fetches from a server into a cache, and remembers how long it would have waited."""

    def __init__(self, server: Feed, cache: Path) -> None:
        self.server = server
        self.cache = cache
        self.waits: list[float] = []

    def fetch(self, now: datetime = NOW, patience: Patience = QUICK) -> Fetched:
        return fetch_record(
            "ST9001", self.cache, now, address=self.server.address, patience=patience, sleep=self.waits.append
        )

    def problem(self, patience: Patience = QUICK) -> str:
        with pytest.raises(KsbtrackError) as raised:
            self.fetch(patience=patience)
        (problem,) = raised.value.problems
        assert not [path for path in self.cache.rglob("*") if path.name == "ST9001.json"], "nothing may be kept"
        return str(problem).replace(self.server.address, "ADDRESS")


@pytest.fixture
def asker(server: Feed, tmp_path: Path) -> Asker:
    return Asker(server, tmp_path / "cache")


def test_a_record_is_fetched_and_becomes_a_standard(server: Feed, asker: Asker, tmp_path: Path) -> None:
    server.then(reply(body=RECORD, ETag='"v1"'))
    fetched = asker.fetch()
    result = import_fetched(fetched, "1.2", tmp_path / "standards")

    assert (fetched.came_from, fetched.at, fetched.path.read_bytes()) == (FetchedFrom.FEED, NOW, RECORD)
    assert [request.path for request in server.requests] == ["/api/apprenticeshipstandards/ST9001"]
    assert [one.file for one in result.records] == ["ST9001-1.2.yaml"]
    assert load_standard("ST9001", folders=[tmp_path / "standards"]).identity == "ST9001@1.2"
    text = (tmp_path / "standards/ST9001-1.2.yaml").read_text("utf-8")
    assert f"Read from {server.address}/ST9001." in text
    assert "2026" not in text, "the day of fetching would make two files of one record differ"


def test_a_packed_record_is_the_same(server: Feed, asker: Asker) -> None:
    server.then(reply(body=gzip.compress(RECORD), Content_Encoding="gzip"))
    assert asker.fetch().path.read_bytes() == RECORD


def test_an_unchanged_record_is_not_sent_again(server: Feed, asker: Asker) -> None:
    changed = "Wed, 19 Nov 2025 08:00:00 GMT"
    server.then(reply(body=RECORD, ETag='W/"v1"', Last_Modified=changed), reply(304))
    asker.fetch()
    again = asker.fetch(LATER)

    assert (again.came_from, again.at, again.path.read_bytes()) == (FetchedFrom.UNCHANGED, LATER, RECORD)
    first, second = (request.headers for request in server.requests)
    assert "if-none-match" not in first
    assert (second["if-none-match"], second["if-modified-since"]) == ('W/"v1"', changed)
    assert cached_record("ST9001", asker.cache, address=server.address).at == LATER


def test_a_changed_record_takes_the_place_of_the_old_one(server: Feed, asker: Asker) -> None:
    changed = json.dumps(record(version="1.3")).encode()
    server.then(reply(body=RECORD, ETag='"v1"'), reply(body=changed, ETag='"v2"'), reply(304))
    asker.fetch()

    assert asker.fetch().path.read_bytes() == changed
    assert asker.fetch().path.read_bytes() == changed
    assert server.requests[2].headers["if-none-match"] == '"v2"'


@pytest.mark.parametrize("damage", [b"{}", b"", RECORD[:-1], b"\xff\xfe"])
def test_a_damaged_cache_is_asked_anew(server: Feed, asker: Asker, damage: bytes) -> None:
    server.then(reply(body=RECORD, ETag='"v1"'))
    asker.fetch().path.write_bytes(damage)

    assert asker.fetch().path.read_bytes() == RECORD
    assert "if-none-match" not in server.requests[1].headers


def test_facts_of_a_cache_that_somebody_wrote_cannot_steer_a_request(server: Feed, asker: Asker) -> None:
    server.then(reply(body=RECORD, ETag='"v1"'))
    path = asker.fetch().path
    facts = path.with_name("ST9001.fetched.json")
    known = json.loads(facts.read_bytes())
    facts.write_text(json.dumps(known | {"etag": '"v1"\r\nX-Bad: 1'}), "utf-8")
    asker.fetch()

    assert "x-bad" not in server.requests[1].headers
    assert "if-none-match" not in server.requests[1].headers


def test_each_address_has_a_cache_of_its_own(server: Feed, asker: Asker, tmp_path: Path) -> None:
    server.then(reply(body=RECORD))
    asker.fetch()
    with pytest.raises(KsbtrackError, match="not-in-cache"):
        cached_record("ST9001", asker.cache, address=server.address.replace("127.0.0.1", "localhost"))


def test_what_is_not_in_the_cache_is_said(tmp_path: Path) -> None:
    with pytest.raises(KsbtrackError) as raised:
        cached_record("ST9001", tmp_path, address="https://example.org/api")
    assert str(raised.value) == (
        "https://example.org/api/ST9001: not-in-cache: found no copy of it in the cache; without the network only what "
        "was fetched before can be had.\n  Fetch it once without --offline."
    )


def test_a_record_that_is_not_there(server: Feed, asker: Asker) -> None:
    server.then(reply(404, b"<h1>Not found</h1>", "text/html"))
    assert asker.problem() == (
        "ADDRESS/ST9001: unknown-standard: found 'ST9001'; the feed has no record of it.\n"
        "  Correct it; a reference is like ST0499, FA0001 or AU0001."
    )
    assert len(server.requests) == 1


def test_a_server_in_trouble_is_asked_again_after_longer_and_longer(server: Feed, asker: Asker) -> None:
    server.then(reply(500), reply(503), reply(body=RECORD))
    assert asker.fetch().path.read_bytes() == RECORD
    assert asker.waits == [1, 2]


def test_a_server_that_stays_in_trouble(server: Feed, asker: Asker) -> None:
    server.then(reply(502))
    assert asker.problem() == (
        "ADDRESS/ST9001: fetch-failed: found the answer 502, 3 times; the record was not sent.\n"
        "  Try again later, or save the record with a browser and use `ksbtrack standards import`."
    )
    assert len(server.requests) == 3


def test_a_failure_names_the_copy_that_there_is(server: Feed, asker: Asker) -> None:
    server.then(reply(body=RECORD), reply(403))
    asker.fetch()
    with pytest.raises(KsbtrackError) as raised:
        asker.fetch()
    assert "found the answer 403; the record was not sent" in str(raised.value)
    assert "use the copy of 2026-11-22 with --offline" in str(raised.value)
    assert cached_record("ST9001", asker.cache, address=server.address).path.read_bytes() == RECORD


@pytest.mark.parametrize(
    ("asked", "waits"),
    [("7", [7]), ("0", [1]), ("Sun, 22 Nov 2026 09:00:12 GMT", [12]), ("soon", [1]), ("-5", [1])],
)
def test_a_server_says_how_long_to_wait(server: Feed, asker: Asker, asked: str, waits: list[float]) -> None:
    def busy(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response_only(429)
        handler.send_header("Date", "Sun, 22 Nov 2026 09:00:00 GMT")
        handler.send_header("Retry-After", asked)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    server.then(busy, reply(body=RECORD))
    asker.fetch(patience=Patience(total=60))
    assert asker.waits == waits


def test_a_server_that_wants_an_hour_is_not_waited_for(server: Feed, asker: Asker) -> None:
    server.then(reply(429, Retry_After="3600"))
    assert "found the answer 429, with the wish to be asked again after 3,600 seconds;" in asker.problem()
    assert (asker.waits, len(server.requests)) == ([], 1)


def test_waits_have_an_end_too(server: Feed, asker: Asker) -> None:
    server.then(reply(429, Retry_After="20"))
    assert "found the answer 429, for 5 seconds;" in asker.problem()


def test_a_body_without_end(server: Feed, asker: Asker) -> None:
    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.end_headers()
        while not handler.stop.is_set():  # type: ignore[attr-defined]  # of our own handler
            handler.wfile.write(b" " * 65_536)

    server.then(endless)
    assert f"strange-answer: found more than {MAX_RECORD_BYTES:,} bytes; no record is so large" in asker.problem()


def test_a_packed_body_that_unpacks_to_far_more(server: Feed, asker: Asker) -> None:
    bomb = gzip.compress(bytes(300 * 1024 * 1024), compresslevel=9)
    server.then(reply(body=bomb, Content_Encoding="gzip"))
    assert f"found more than {MAX_RECORD_BYTES:,} bytes;" in asker.problem()


@pytest.mark.parametrize(
    ("body", "words"),
    [(gzip.compress(RECORD)[:-40], "packed bytes that end too early"), (b"no gzip", "packed bytes that cannot be un")],
)
def test_a_packed_body_that_is_damaged(server: Feed, asker: Asker, body: bytes, words: str) -> None:
    server.then(reply(body=body, Content_Encoding="gzip"))
    assert f"strange-answer: found {words}" in asker.problem()


def test_a_body_packed_in_another_way(server: Feed, asker: Asker) -> None:
    server.then(reply(body=RECORD, Content_Encoding="br"))
    assert "found the content encoding 'br'; only gzip was asked for; nothing was kept." in asker.problem()


def slowly(head: bytes, rest: bytes, pause: float) -> Any:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(head)
        for letter in rest:
            if handler.stop.wait(pause):  # type: ignore[attr-defined]  # of our own handler
                return
            handler.wfile.write(bytes([letter]))
            handler.wfile.flush()

    return answer


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(RECORD)


@pytest.mark.parametrize(("head", "rest"), [(HEAD, RECORD), (b"HTTP/1.1 200 OK\r\n", b"X-Slow: " + b"x" * 10_000)])
def test_an_answer_letter_by_letter_has_an_end(server: Feed, asker: Asker, head: bytes, rest: bytes) -> None:
    server.then(slowly(head, rest, 0.1))
    assert "found an answer that is not finished after 1 seconds;" in asker.problem(Patience(read=0.5, total=1))


def test_no_answer_at_all(server: Feed, asker: Asker) -> None:
    server.then(slowly(b"", b"x", 3))
    assert "found no answer within 0.4 seconds, 2 times;" in asker.problem(Patience(read=0.4, total=9, tries=2))


def test_a_body_that_breaks_off(server: Feed, asker: Asker) -> None:
    server.then(reply(body=RECORD[:-100], length=len(RECORD)))
    assert "fetch-failed: found an answer that was cut off, 3 times;" in asker.problem()


def test_a_body_that_breaks_off_without_saying_so(server: Feed, asker: Asker) -> None:
    server.then(reply(body=RECORD[:-100], length=-1))
    assert "ADDRESS/ST9001:1: bad-json: found the end of the file after" in asker.problem()


def test_nobody_there(asker: Asker, server: Feed) -> None:
    server.address = "http://127.0.0.1:1/api"
    assert "ADDRESS/ST9001: fetch-failed: found no connection, 3 times;" in asker.problem()


def test_a_certificate_that_nobody_vouches_for(asker: Asker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    with feed(self_signed(tmp_path)) as secret:
        secret.then(reply(body=RECORD))
        asker.server = secret
        assert "fetch-failed: found a certificate that cannot be trusted; the record was not sent." in asker.problem()
        assert secret.requests == []


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "application/octet-stream", "application/jsonp", ""])
def test_another_kind_of_content(server: Feed, asker: Asker, kind: str) -> None:
    server.then(reply(body=RECORD, kind=kind))
    said = kind.partition(";")[0]
    assert f"strange-answer: found the content type '{said}'; a record is application/json;" in asker.problem()


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b"{}", "JSON without a key 'referenceNumber'"),
        (b"[]", "JSON without a key 'referenceNumber'"),
        (b"7", "JSON without a key 'referenceNumber'"),
        (json.dumps([record(), 3]).encode(), "JSON without a key 'referenceNumber'"),
        (json.dumps(record(referenceNumber="ST9002")).encode(), "the record 'ST9002'"),
    ],
)
def test_another_record_than_was_asked_for(server: Feed, asker: Asker, body: bytes, found: str) -> None:
    server.then(reply(body=body))
    assert f"strange-answer: found {found};" in asker.problem()


@pytest.mark.parametrize(
    "location", ["http://localhost:9/x", "https://127.0.0.1/x", "//example.org/ST9001", "http://[bad", "file:///etc/x"]
)
def test_a_redirect_to_another_host_is_not_followed(server: Feed, asker: Asker, location: str) -> None:
    server.then(reply(302, Location=location))
    problem = asker.problem()
    assert "strange-answer: found a redirect to" in problem
    assert "only the host that was asked is trusted" in problem
    assert len(server.requests) == 1


def test_a_redirect_on_the_same_host_is_followed(server: Feed, asker: Asker) -> None:
    server.then(reply(301, Location="/api/v2/ST9001"), reply(body=RECORD))
    assert asker.fetch().path.read_bytes() == RECORD
    assert server.requests[1].path == "/api/v2/ST9001"


def test_redirects_have_an_end(server: Feed, asker: Asker) -> None:
    server.then(reply(302, Location="/api/v2/ST9001"))
    assert "found more than 3 redirects;" in asker.problem()


@pytest.mark.parametrize(
    ("address", "is_allowed"),
    [
        ("https://example.org/api", True),
        ("http://127.0.0.1:8000/api", True),
        ("http://localhost/api", True),
        ("http://[::1]:80/api", True),
        ("http://example.org/api", False),
        ("http://127.0.0.1.example.org/api", False),
        ("http://127.0.0.1@example.org/api", False),
        ("https://name:word@example.org/api", False),
        ("https://example.org/api?key=1", False),
        ("https://example.org:port/api", False),
        ("ftp://example.org/api", False),
        ("https:///api", False),
        ("https://exam\nple.org/api", False),
        ("", False),
    ],
)
def test_which_addresses_may_be_asked(address: str, is_allowed: bool) -> None:
    assert is_allowed_address(address) is is_allowed


def test_a_version_that_the_record_does_not_have(server: Feed, asker: Asker, tmp_path: Path) -> None:
    server.then(reply(body=RECORD))
    fetched = asker.fetch()
    with pytest.raises(KsbtrackError) as raised:
        import_fetched(fetched, "1.1", tmp_path / "standards")
    assert str(raised.value).replace(server.address, "ADDRESS") == (
        "ADDRESS/ST9001: unknown-version: found '1.1'; the record there has 1.2.\n"
        "  Leave the version out to get that one; a saved copy of the whole feed has the older ones."
    )
    assert not (tmp_path / "standards").exists()


def test_of_several_versions_one_has_to_be_named(server: Feed, asker: Asker, tmp_path: Path) -> None:
    server.then(reply(body=json.dumps([record(), record(version="1.3")]).encode()))
    fetched = asker.fetch()
    with pytest.raises(KsbtrackError) as raised:
        import_fetched(fetched, None, tmp_path / "standards")
    assert "missing-version: found no version; the record there has 1.2 and 1.3." in str(raised.value)
    result = import_fetched(fetched, "1.3", tmp_path / "standards")
    assert [one.file for one in result.records] == ["ST9001-1.3.yaml"]


def run(server: Feed, tmp_path: Path, *more: str) -> int:
    return main(
        [
            *("standards", "fetch", "st9001@1.2", "-o", str(tmp_path / "standards")),
            *("--cache", str(tmp_path / "cache"), "--address", server.address, *more),
        ]
    )


def test_the_command_says_where_the_record_came_from(
    server: Feed, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.then(reply(body=RECORD, ETag='"v1"'), reply(304))
    said = []
    for more in ([], [], ["--offline"]):
        assert run(server, tmp_path, *more) == 0
        said.append(capsys.readouterr().out.splitlines()[-1].partition(", as of ")[0])

    assert said == [
        "From the official feed",
        "From the cache, which the official feed says is up to date",
        "From the cache",
    ]
    assert len(server.requests) == 2


def test_the_command_gives_json(server: Feed, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    server.then(reply(body=RECORD))
    assert run(server, tmp_path, "--json", "--report", str(tmp_path / "report.json")) == 0
    printed = json.loads(capsys.readouterr().out)

    assert printed["fetched"]["address"] == f"{server.address}/ST9001"
    assert printed["fetched"]["from"] == "feed"
    assert datetime.fromisoformat(printed["fetched"]["at"]).tzinfo is not None
    del printed["fetched"]
    assert json.loads((tmp_path / "report.json").read_text("utf-8")) == printed
    assert printed["totals"]["imported"] == 1


def test_the_command_takes_address_and_cache_from_the_environment(
    server: Feed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.then(reply(body=RECORD))
    monkeypatch.setenv("KSBTRACK_FEED", server.address)
    monkeypatch.setenv("KSBTRACK_CACHE", str(tmp_path / "cache"))
    assert main(["standards", "fetch", "ST9001", "-o", str(tmp_path / "standards")]) == 0
    assert [path.name for path in (tmp_path / "standards").iterdir()] == ["ST9001-1.2.yaml"]
    assert len(list((tmp_path / "cache").rglob("ST9001.json"))) == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["ST9001", "--address", "http://example.org/api"], "'http://example.org/api' is no address"),
        (["../../etc"], "'../../etc' names no record of the feed; write it like ST0499, or ST0499@1.3."),
        (["ST9001@new"], "'ST9001@new' names no record of the feed"),
        (["ST900"], "'ST900' names no record of the feed"),
    ],
)
def test_wrong_usage(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["standards", "fetch", *arguments]) == 64
    assert words in " ".join(capsys.readouterr().err.split())


def test_an_unusable_record_ends_with_1(server: Feed, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    server.then(reply(body=json.dumps(record(knowledges=[], skills=[], behaviours=[])).encode()))
    assert run(server, tmp_path) == 1
    assert "Records that became no standard" in capsys.readouterr().out
    assert not (tmp_path / "standards").exists()


def test_a_file_that_differs_stays_unless_it_may_be_replaced(
    server: Feed, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.then(reply(body=RECORD))
    (tmp_path / "standards").mkdir()
    own = tmp_path / "standards/ST9001-1.2.yaml"
    own.write_text("# mine\n", "utf-8")

    assert run(server, tmp_path) == 2
    assert own.read_text("utf-8") == "# mine\n"
    assert run(server, tmp_path, "--replace") == 0
    assert own.read_text("utf-8").startswith("# ST9001")
    capsys.readouterr()


@pytest.mark.parametrize(
    ("environment", "platform", "folder"),
    [
        ({}, "linux", "/home/me/.cache/ksbtrack"),
        ({"XDG_CACHE_HOME": "/var/cache/me"}, "linux", "/var/cache/me/ksbtrack"),
        ({"XDG_CACHE_HOME": "cache"}, "linux", "/home/me/.cache/ksbtrack"),
        ({}, "darwin", "/home/me/Library/Caches/ksbtrack"),
        ({"LOCALAPPDATA": "/local"}, "win32", "/local/ksbtrack/cache"),
        ({}, "win32", "/home/me/AppData/Local/ksbtrack/cache"),
    ],
)
def test_where_a_user_has_the_cache(environment: dict[str, str], platform: str, folder: str) -> None:
    assert user_cache(environment, platform, Path("/home/me")).as_posix() == folder
