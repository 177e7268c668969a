"""A digital signature under a finished showcase: the last step, since any later change would break it.

pyHanko is an extra (`pip install 'ksbtrack[sign]'`): few people have a key, and it brings much with it.
"""

from __future__ import annotations

import io
from pathlib import Path

from ksbtrack.problems import KsbtrackError, Problem, Source, quoted

FIELD = "Showcase"
"""Name of the field that holds the signature."""


def sign_pdf(content: bytes, key_file: Path, password: bytes | None) -> bytes:
    """Give a PDF with a signature (PAdES) by the key of a file; whatever was signed stays as it was.

    The moment of signing is in it, and with some keys chance too, so two signatures of one document differ.

    Args:
        content: the finished PDF.
        key_file: a key with its certificate, as a PKCS #12 file (.p12, .pfx).
        password: of the key file; None if it has none.

    Raises:
        KsbtrackError: `missing-library`, `bad-key-file`.
    """
    try:
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
        from pyhanko.sign import fields, signers
    except ImportError as error:
        raise KsbtrackError(
            Problem(
                "missing-library",
                Source("this machine"),
                "pyHanko not installed",
                "a signature needs the extra sign",
                "Install it: pip install 'ksbtrack[sign]'",
            )
        ) from error
    try:
        key = key_file.read_bytes()
    except OSError as error:
        raise _bad_key(key_file, "a file that cannot be read") from error
    try:
        signer = signers.SimpleSigner.load_pkcs12_data(key, other_certs=[], passphrase=password)
    except ValueError as error:
        raise _bad_key(key_file, "a file that does not open with this password") from error
    if signer is None:
        raise _bad_key(key_file, "a file that holds no key with its certificate")
    metadata = signers.PdfSignatureMetadata(
        field_name=FIELD, md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES
    )
    signed: io.BytesIO = signers.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(content)), metadata, signer=signer)
    return signed.getvalue()


def _bad_key(key_file: Path, found: str) -> KsbtrackError:
    return KsbtrackError(
        Problem(
            "bad-key-file",
            Source(key_file.as_posix()),
            f"{quoted(key_file.name)}, {found}",
            "a key to sign with is a PKCS #12 file (.p12, .pfx) and its password",
            "Check the file, and give its password in the environment variable KSBTRACK_KEY_PASSWORD.",
        )
    )
