"""Digital signatures of a PDF: whether what was signed is still there."""

from __future__ import annotations

import io

from ksbtrack.formats.verification import Change, What


def signature_changes(content: bytes) -> tuple[tuple[str, ...], tuple[Change, ...]]:
    """Give what is to be said of the signatures of a PDF, and what they show to have changed; nothing where none is.

    Whether the signer is who they say cannot be told without a list of trusted certificates, and is not asked.

    Args:
        content: the PDF.
    """
    if b"/ByteRange" not in content:
        return (), ()
    try:
        from pyhanko.pdf_utils.misc import PdfError
        from pyhanko.pdf_utils.reader import PdfFileReader
        from pyhanko.sign.validation import validate_pdf_signature
        from pyhanko_certvalidator import ValidationContext
    except ImportError:
        return ("It is signed; to check the signature, install ksbtrack[sign].",), ()
    notes, changes = [], []
    try:
        for signature in PdfFileReader(io.BytesIO(content), strict=False).embedded_signatures:
            name = f"signature {signature.field_name}"
            status = validate_pdf_signature(signature, ValidationContext(allow_fetching=False))
            who = signature.signer_cert.subject.human_friendly
            if not (status.intact and status.valid):
                changes.append(Change(name, What.CHANGED, f"What {who} signed was changed."))
            elif (
                not status.bottom_line and status.modification_level is not None and status.modification_level.value > 1
            ):
                changes.append(Change(name, What.CHANGED, f"The document was changed after {who} signed it."))
            else:
                notes.append(f"Signed by {who}, and not changed since; whether that is who it says was not checked.")
    except (PdfError, ValueError) as error:
        changes.append(Change("signature", What.CHANGED, f"The signature cannot be read: {type(error).__name__}."))
    return tuple(notes), tuple(changes)
