"""Moving a portfolio to another version of its standard: all files at once, with a back-up of those that change."""

from __future__ import annotations

import contextlib
import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from ksbtrack.comparison.migration import plan_migration
from ksbtrack.comparison.pairing import DEFAULT_THRESHOLD, compare_standards, is_same_reference
from ksbtrack.files.locking import only_writer
from ksbtrack.files.writing import cannot_write, replace_files
from ksbtrack.formats.migrated_texts import migrated_head, migrated_log, migrated_piece
from ksbtrack.formats.sign_off_log import LOG, log_bytes, with_entry
from ksbtrack.load.options import ASKED_OPTION, further_with_options, needs_option, with_option
from ksbtrack.load.pairs import load_pairs
from ksbtrack.load.portfolios import load_with_standards
from ksbtrack.load.standards import load_standard
from ksbtrack.models.migration import MigrationPlan
from ksbtrack.models.portfolio import Portfolio
from ksbtrack.models.sign_off import Signed
from ksbtrack.models.standard import Standard
from ksbtrack.problems import KsbtrackError, Problem, Source
from ksbtrack.rules.confirmed import confirmation_fingerprint

BACK_UPS = "back-up"
"""The folder in a portfolio's folder that holds what its files were; nothing in it is ever read as evidence."""
NOBODY = "not recorded"
"""Who moved the portfolio, where nobody is named."""
_WHEN = (1980, 1, 1, 0, 0, 0)
"""The time of every file in a back-up: the earliest that a ZIP can hold, so that the same files give the same bytes."""


class Migration(NamedTuple):
    """What a migration did, or would do.

    Attributes:
        plan: what becomes of each claim; None where the portfolio names that version already.
        standard: the version that the portfolio names now.
        files: the paths of the files that change, from the portfolio's folder.
        back_up: the ZIP with these files as they were; None where nothing was written.
    """

    plan: MigrationPlan | None
    standard: Standard
    files: tuple[str, ...]
    back_up: Path | None


def migrate_portfolio(
    folder: str | Path,
    to: str,
    *,
    pairs: str | Path | None = None,
    by: str = NOBODY,
    on: date,
    dry_run: bool = False,
    threshold: int = DEFAULT_THRESHOLD,
    folders: Sequence[str | Path] = (),
    overlays: Sequence[str | Path] = (),
    option: str | None = None,
) -> Migration:
    """Move a portfolio to another version of its standard, or of one that it names besides; all files or none.

    What is not changed stays as its author wrote it, remarks and all. A portfolio that names that version already is
    left alone.

    Args:
        folder: the portfolio's folder.
        to: the newer version, such as `ST0499@1.3`.
        pairs: a file in which people confirm and reject pairs of the two versions.
        by: who does it, for the log of the sign-offs.
        on: the day, for that log.
        dry_run: says what would be done, and writes nothing.
        threshold: see `compare_standards`.
        folders: see `load_portfolio`.
        overlays: see `load_portfolio`.
        option: the learner's option in the newer version; the same as before if left out.

    Raises:
        KsbtrackError: `needs-crosswalk`, `missing-option`, `unknown-id`, `contradiction`, `layout-not-kept`,
            `portfolio-in-use`, `log-broken`, `cannot-write`, or any problem of the portfolio, of the standards or of
            the file of pairs.
    """
    root = Path(folder)
    with contextlib.nullcontext() if dry_run else only_writer(root):
        new = load_standard(to, folders=folders, overlays=overlays)
        portfolio, standards = load_with_standards(root, folders, overlays)
        if new.identity in standards:
            _refuse_two_versions(standards, new, f"{portfolio.folder}/portfolio.yaml")
            return Migration(None, new, (), None)
        old = _version_before(standards, new)
        new = _as_learned(new, portfolio, option, is_own=old.identity == portfolio.standard)
        comparison = compare_standards(old, new, load_pairs(pairs, old, new) if pairs else None, threshold=threshold)
        plan = plan_migration(portfolio, comparison)
        contents = _contents(root, plan, standards, by, on)
        if dry_run:
            return Migration(plan, new, tuple(contents), None)
        return Migration(plan, new, tuple(contents), _write(root, plan, contents))


def _as_learned(new: Standard, portfolio: Portfolio, option: str | None, *, is_own: bool) -> Standard:
    """Give the newer version as the learner will have it: of their option, where it has options.

    Raises:
        KsbtrackError: `missing-option`, `unknown-id`.
    """
    if not is_own and new.options and (option or needs_option(new)):
        raise KsbtrackError(further_with_options(new, Source("--to")))
    is_there = is_own and any(one.id == portfolio.option for one in new.options)
    return with_option(new, option or (portfolio.option if is_there else None), ASKED_OPTION, ASKED_OPTION)


def _version_before(standards: Mapping[str, Standard], new: Standard) -> Standard:
    """Give the version of a standard that the portfolio names now.

    Raises:
        KsbtrackError: `needs-crosswalk`: it names none.
    """
    own = next(iter(standards.values()))
    old = next((one for one in standards.values() if is_same_reference(one, new)), None)
    if old is None:
        named = f"this portfolio is about {', '.join(standards)}"
        raise KsbtrackError(
            Problem(
                "needs-crosswalk",
                Source("--to"),
                new.identity,
                f"{named}, and only versions of one standard can take each other's place",
                f"What a claim on {own.reference} is worth in {new.reference} is a judgement: a crosswalk records it "
                "(`ksbtrack crosswalk show`). Claim the other standard's statements anew, with 'also' in "
                "portfolio.yaml.",
            )
        )
    return old


def _refuse_two_versions(standards: Mapping[str, Standard], new: Standard, shown: str) -> None:
    """Refuse a portfolio that names two versions of a standard: which of them is meant nobody can tell.

    Raises:
        KsbtrackError: `contradiction`.
    """
    both = [identity for identity, one in standards.items() if is_same_reference(one, new)]
    if len(both) > 1:
        raise KsbtrackError(
            Problem(
                "contradiction",
                Source(shown),
                f"two versions, {' and '.join(both)}",
                "a portfolio is moved from one version to another",
                "Take the one out that it is not about.",
            )
        )


def _contents(
    root: Path, plan: MigrationPlan, standards: Mapping[str, Standard], by: str, on: date
) -> dict[str, bytes]:
    """Give the new bytes of each file that changes, by name, in the order in which they take their names.

    The log of the sign-offs is first, since no record may be new while its entry is missing. The head is last: while it
    names the older version, a claim that was moved already is only to be checked again, whatever stops the rest.
    """
    old, new = plan.comparison.old.identity, plan.comparison.new
    afterwards = {new.identity if name == old else name: new if name == old else one for name, one in standards.items()}
    contents: dict[str, bytes] = {}
    log = log_bytes(root)
    if log:
        shown = f"{plan.before.folder}/{LOG}"
        contents[LOG], _ = with_entry(
            log,
            shown,
            what=Signed.MIGRATED,
            day=on,
            who=by,
            comment=f"{old} to {new.identity}",
            pieces={piece.id: piece.fingerprint for piece in plan.after.evidence},
            fingerprint=confirmation_fingerprint(plan.after.evidence),
            marks=dict(plan.marks),
        )
    found = [migrated_piece(root, piece, plan, afterwards) for piece in plan.before.evidence]
    found += [migrated_log(root, plan, standards, afterwards), migrated_head(root, plan)]
    contents |= dict(entry for entry in found if entry is not None)
    return contents


def _write(root: Path, plan: MigrationPlan, contents: Mapping[str, bytes]) -> Path:
    """Write the back-up and all files, or none of them, and give the path of the back-up."""
    folder = root / BACK_UPS
    comparison = plan.comparison
    name = f"{comparison.old.reference}-{comparison.old.version}-to-{comparison.new.version}.zip"
    is_new = not folder.exists()
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise cannot_write(folder, error) from error
    path = _free_path(folder / name)
    try:
        back_up = _zipped({name: (root / name).read_bytes() for name in contents})
        replace_files([(path, back_up), *((root / name, content) for name, content in contents.items())])
    except BaseException:
        if is_new:
            with contextlib.suppress(OSError):
                folder.rmdir()
        raise
    return path


def _zipped(contents: Mapping[str, bytes]) -> bytes:
    """Give files as a ZIP; the same files give the same bytes.

    Args:
        contents: the bytes of each file by its path.
    """
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            entry = zipfile.ZipInfo(name, _WHEN)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return whole.getvalue()


def _free_path(path: Path) -> Path:
    """Give the path, with a number before its ending where there is such a file already."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return free
