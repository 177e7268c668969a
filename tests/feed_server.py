"""A server on this computer that answers like the official feed, or like a bad one."""

from __future__ import annotations

import contextlib
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from pathlib import Path


@dataclass
class Request:
    """What was asked."""

    path: str
    headers: dict[str, str]


Reply = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Feed:
    """A running server with its address, what it answers next, and what it was asked."""

    address: str
    replies: list[Reply] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)

    def then(self, *replies: Reply) -> None:
        """Answer so, one after the other; the last one again and again."""
        self.replies[:] = replies


def reply(
    status: int = 200, body: bytes = b"", kind: str = "application/json", length: int | None = None, **headers: str
) -> Reply:
    """Give an answer as it stands.

    Args:
        status: of the answer.
        body: what is sent.
        kind: the content type.
        length: what the answer says of its length; the truth if left out, nothing if negative.
        headers: further ones, with `_` for `-`.
    """

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        said = len(body) if length is None else length
        if said >= 0 and status != 304:
            handler.send_header("Content-Length", str(said))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


@contextlib.contextmanager
def feed(certificate: Path | None = None) -> Iterator[Feed]:
    """Run a server on a free port of this computer.

    Args:
        certificate: file with a certificate and its key, with which the server speaks TLS.
    """
    running = Feed("")
    stopping = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        stop = stopping

        def do_GET(self) -> None:
            running.requests.append(Request(self.path, {name.lower(): value for name, value in self.headers.items()}))
            answer = running.replies.pop(0) if len(running.replies) > 1 else running.replies[0]
            self.close_connection = True
            with contextlib.suppress(ConnectionError):
                answer(self)

        def log_message(self, format: str, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            pass  # a client that goes away, or does not trust the certificate, is what is tested

    server = Server(("127.0.0.1", 0), Handler)
    if certificate:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate)
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    running.address = (
        f"http{'s' if certificate else ''}://127.0.0.1:{server.server_address[1]}/api/apprenticeshipstandards"
    )
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield running
    finally:
        stopping.set()
        server.shutdown()
        server.server_close()
        thread.join()


def self_signed(folder: Path) -> Path:
    """Give a file with a certificate for this computer that nobody but itself vouches for, and its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    path.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path
