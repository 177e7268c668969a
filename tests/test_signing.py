"""A signed showcase: intact, valid, and broken by any change."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from ksbtrack.problems import KsbtrackError
from ksbtrack.report.pdf import html_to_pdf
from ksbtrack.showcase.signing import FIELD, sign_pdf
from validators import verapdf_failures, verapdf_is_here

PAGE = (
    '<!doctype html><html lang="en-GB"><head><title>Page</title><style>body{font-family:Inter}</style></head>'
    "<body><h1>One page</h1></body></html>"
)


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Example Signer")])
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(5)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2040, 1, 1, tzinfo=UTC))
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "key.p12"
    locked = serialization.BestAvailableEncryption(b"open")
    path.write_bytes(pkcs12.serialize_key_and_certificates(b"key", key, certificate, None, locked))
    return path


def is_intact(content: bytes) -> bool:
    (signature,) = PdfFileReader(io.BytesIO(content)).embedded_signatures
    assert signature.field_name == FIELD
    return bool(validate_pdf_signature(signature, ValidationContext(trust_roots=[])).intact)


def test_a_signature_holds_until_a_byte_is_changed(key_file: Path) -> None:
    original = html_to_pdf(PAGE)
    signed = sign_pdf(original, key_file, b"open")
    assert signed.startswith(original)
    assert is_intact(signed)
    place = signed.index(b"/MediaBox")
    changed = signed[:place] + b"/MediaBax" + signed[place + 9 :]
    assert not is_intact(changed)


@pytest.mark.skipif(not verapdf_is_here(), reason="veraPDF needs Java and libjaxb-java; .ci/run has them")
def test_a_signed_file_stays_valid(key_file: Path, tmp_path: Path) -> None:
    (tmp_path / "signed.pdf").write_bytes(sign_pdf(html_to_pdf(PAGE), key_file, b"open"))
    assert verapdf_failures(tmp_path / "signed.pdf") == []


@pytest.mark.parametrize("password", [None, b"wrong"])
def test_a_key_that_does_not_open_is_named(key_file: Path, password: bytes | None) -> None:
    with pytest.raises(KsbtrackError) as caught:
        sign_pdf(html_to_pdf(PAGE), key_file, password)
    (problem,) = caught.value.problems
    assert (problem.code, problem.found) == ("bad-key-file", "'key.p12', a file that does not open with this password")


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    with pytest.raises(KsbtrackError) as caught:
        sign_pdf(b"", tmp_path / "no.p12", None)
    assert caught.value.problems[0].found == "'no.p12', a file that cannot be read"
