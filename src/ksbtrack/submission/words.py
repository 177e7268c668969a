"""Each check in words: what it asks for, and what is said where it finds nothing."""

from __future__ import annotations

from typing import NamedTuple

from ksbtrack.models.standard import EvidenceKind
from ksbtrack.models.submission import Submission

TESTIMONY = EvidenceKind.WITNESS_TESTIMONY
OBSERVATION = EvidenceKind.OBSERVATION_RECORD
RECORDING = EvidenceKind.RECORDING


class CheckWords(NamedTuple):
    """A check in words.

    Attributes:
        title: what it asks for, as a heading.
        fine: the sentence where it finds nothing.
        kinds: the kinds of evidence that it is about; empty where it is about all.
    """

    title: str
    fine: str
    kinds: tuple[EvidenceKind, ...] = ()

    def is_about(self, submission: Submission) -> bool:
        """Say whether there is anything for the check to look at."""
        return (
            not self.kinds
            or any(piece.kind in self.kinds for piece in submission.pieces)
            or (RECORDING in self.kinds and any(map(submission.is_recorded, submission.pieces)))
        )


WORDS = {
    "nothing_selected": CheckWords("Pieces are chosen", "There are pieces to send."),
    "statement_not_shown": CheckWords(
        "A piece for each statement of the method", "A chosen piece counts for each statement that is asked for."
    ),
    "fewer_pieces_than_asked": CheckWords("Enough pieces", "Enough pieces are chosen."),
    "more_pieces_than_asked": CheckWords("Not too many pieces", "Not too many pieces are chosen."),
    "untypical_number_of_pieces": CheckWords("The typical number of pieces", "As many pieces as is typical."),
    "no_witness_or_observation": CheckWords("A witness or an observation", "Somebody else says what they saw."),
    "too_few_kinds_selected": CheckWords("A mix of kinds", "The chosen pieces are of several kinds."),
    "kind_not_taken": CheckWords("No barred kinds", "No chosen piece is of a kind that is not taken."),
    "not_yet_accepted": CheckWords("Accepted by an assessor", "Each chosen piece is accepted."),
    "referred_back": CheckWords("Not referred back", "No chosen piece is referred back."),
    "changed_since_acceptance": CheckWords(
        "Unchanged since acceptance", "No chosen piece has changed since its acceptance."
    ),
    "fingerprint_not_recorded": CheckWords(
        "A fingerprint of what was accepted", "Each accepted piece carries the fingerprint of what was seen."
    ),
    "dated_before_start": CheckWords("Made after the start", "No chosen piece was made before the start."),
    "dated_after_gateway": CheckWords("Made before gateway", "No chosen piece was made after the gateway on record."),
    "dated_in_the_future": CheckWords("Made by now", "No chosen piece is dated after the day asked about."),
    "not_made_by_apprentice": CheckWords("Made by the apprentice", "The apprentice made each chosen piece of work."),
    "maker_not_recorded": CheckWords("Who made it", "Each chosen piece says who made it."),
    "place_not_exact": CheckWords(
        "An exact page or time for each claim", "Each claim says where to look, where that is needed."
    ),
    "place_beyond_last_page": CheckWords(
        "Pages that exist, in one file", "Each page that a claim names is there, in one file."
    ),
    "pages_not_counted": CheckWords("Pages that can be counted", "Where a claim names a page, pages are counted."),
    "time_beyond_end": CheckWords(
        "Times that exist", "No claim names a time after the end of a recording.", (RECORDING,)
    ),
    "recording_without_times": CheckWords(
        "A time for each claim on a recording", "Each claim on a recording names its time.", (RECORDING,)
    ),
    "recording_too_long": CheckWords("Short extracts", "Each recording is short enough.", (RECORDING,)),
    "witness_incomplete": CheckWords(
        "Who the witness is", "Each witness has name, job role, relationship.", (TESTIMONY,)
    ),
    "witness_is_relative": CheckWords(
        "No relative as witness", "No relationship on record is that of a relative.", (TESTIMONY,)
    ),
    "not_written_by_witness": CheckWords(
        "Written by the witness", "Each testimony is by its witness, as recorded.", (TESTIMONY,)
    ),
    "observation_not_by_assessor": CheckWords(
        "Observed by an assessor", "Each observation is by an assessor, as recorded.", (OBSERVATION,)
    ),
    "observation_without_criteria": CheckWords(
        "Observations linked to criteria", "Each observation record is linked to statements.", (OBSERVATION,)
    ),
    "unsigned": CheckWords(
        "Dated signatures",
        "Testimonies and observations are signed and dated.",
        (TESTIMONY, OBSERVATION),
    ),
    "signature_undated": CheckWords("A day with every signature", "Every signature on record has its day."),
    "employer_statement_missing": CheckWords("The employer's statement", "The employer's statement is recorded."),
    "changed_since_confirmation": CheckWords(
        "Unchanged since it was confirmed", "Nothing that was confirmed has changed since."
    ),
    "certificate_not_attached": CheckWords("Certificates", "Each certificate that the standard asks for is there."),
    "requirement_open": CheckWords("Every component complete", "Each gateway requirement holds."),
    "ai_use_not_declared": CheckWords("Use of AI declared", "A declaration of the use of AI is recorded."),
    "personal_data_open": CheckWords("No personal data of others", "No open personal data of others, as recorded."),
    "file_missing": CheckWords("Files that are there", "Each file that is named is in the folder."),
    "nothing_to_see": CheckWords("Something to see", "Each chosen piece has an account or a file."),
    "duplicate_file": CheckWords("No file twice", "No two files have the same content."),
    "file_needs_password": CheckWords("Opens without a password", "No file asks for a password."),
    "restricted_file": CheckWords("Not protected", "No PDF is protected by its owner."),
    "unusual_format": CheckWords("Opens without special software", "Each file is in a usual format."),
    "content_unlike_name": CheckWords("Files are what their names say", "Each file is what its name promises."),
    "too_large_to_show": CheckWords("Files that can be shown", "No PDF or picture is too large to be shown."),
    "file_too_large": CheckWords("Each file small enough", "No file is too large."),
    "files_too_large_together": CheckWords("All files small enough", "The files are small enough together."),
    "pack_name_incomplete": CheckWords(
        "Names of folders and files", "All that the names of the pack need is recorded."
    ),
}
"""The words of each check, by its name."""
