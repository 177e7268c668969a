"""Digital signatures of a PDF: whether what was signed is still there."""

from __future__ import annotations

import io
import logging
from typing import TYPE_CHECKING

from ksbtrack.formats.verification import Change, What

if TYPE_CHECKING:
    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

MARK = b"/ByteRange"
"""What every signed PDF holds, never packed: the stretch of bytes that the signature is of."""


def signature_changes(content: bytes) -> tuple[tuple[str, ...], tuple[Change, ...]]:
    """Give what is to be said of the signatures of a PDF, and what they show to have changed; nothing where none is.

    Whether the signer is who they say cannot be told without a list of trusted certificates, and is not asked.

    Args:
        content: the PDF.
    """
    if MARK not in content:
        return (), ()
    try:
        from pyhanko.pdf_utils.misc import PdfError
        from pyhanko.pdf_utils.reader import PdfFileReader
        from pyhanko.sign.validation.errors import SignatureValidationError
    except ImportError:
        return ("It is signed. To have the signature checked, install ksbtrack[sign].",), ()
    _keep_silent()
    notes: list[str] = []
    changes: list[Change] = []
    try:
        for signature in PdfFileReader(io.BytesIO(content), strict=False).embedded_signatures:
            who = str(signature.signer_cert.subject.native.get("common_name", "somebody without a name"))
            fault = _fault(signature, who)
            if fault:
                changes.append(Change(f"signature of {who}", What.CHANGED, fault))
            else:
                notes.append(f"Signed by {who}, and not changed since. Whether it is who it says was not checked.")
    except (PdfError, SignatureValidationError, ValueError, TypeError, KeyError) as error:
        changes.append(Change("signature", What.CHANGED, f"The signature cannot be read ({type(error).__name__})."))
    if not notes and not changes:
        changes.append(Change("signature", What.MISSING, "The signature is not where it was."))
    return tuple(notes), tuple(changes)


def _fault(signature: EmbeddedPdfSignature, who: str) -> str:
    """Give what is wrong with a signature, as a sentence; nothing where it holds."""
    from pyhanko.sign.diff_analysis import ModificationLevel
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    status = validate_pdf_signature(signature, ValidationContext(trust_roots=[], allow_fetching=False))
    if not (status.intact and status.valid):
        return f"What {who} signed was changed."
    level = status.modification_level
    if level is None or level.value > ModificationLevel.LTA_UPDATES.value:
        return f"The document was changed after {who} signed it."
    return ""


def _keep_silent() -> None:
    """Let the library's own messages go nowhere: what matters of them is in the answer."""
    for name in ("pyhanko", "pyhanko_certvalidator"):
        logger = logging.getLogger(name)
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())
