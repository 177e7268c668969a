"""Submission profiles from their YAML files: what they take over from another, and the checks inside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from ksbtrack.load.checked import checked
from ksbtrack.load.folders import read_yaml
from ksbtrack.models.profile import SubmissionProfile
from ksbtrack.models.values import listed, natural_key
from ksbtrack.paths import shipped_folder
from ksbtrack.problems import KsbtrackError, Problem, Source, did_you_mean, quoted
from ksbtrack.yamlfile import YamlText

ENDINGS = (".yaml", ".yml")
"""How the name of a profile's file ends."""


def find_profiles(folders: Sequence[str | Path] = ()) -> dict[str, Path]:
    """Give the file of every submission profile by its name, in natural order; an earlier folder hides a later one.

    The name is that of the file without its ending. Folders in the folders are not searched.

    Args:
        folders: folders of profiles to search before the shipped one.

    Raises:
        KsbtrackError: `not-a-folder`.
    """
    found: dict[str, Path] = {}
    for folder in (*map(Path, folders), shipped_folder("standards") / "profiles"):
        if not folder.is_dir():
            raise KsbtrackError(_no_folder(folder))
        here = {path.stem: path for path in sorted(folder.iterdir()) if path.suffix in ENDINGS and path.is_file()}
        found = here | found
    return dict(sorted(found.items(), key=lambda item: natural_key(item[0])))


def _no_folder(folder: Path) -> Problem:
    return Problem(
        "not-a-folder",
        Source(folder.as_posix()),
        "a file" if folder.exists() else "no such folder",
        "a folder of submission profiles is wanted",
        "Check the path; it is taken from the folder in which you are.",
    )


def load_profile(name_or_path: str | Path, *, folders: Sequence[str | Path] = ()) -> SubmissionProfile:
    """Give a submission profile with everything that it takes over from another.

    Args:
        name_or_path: a profile's name, such as `cmi`, or a file; a file has a '/' in its path or ends in .yaml.
        folders: folders of profiles to search before the shipped one.

    Raises:
        KsbtrackError: `unknown-profile`, `extends-cycle`, `unknown-id`, `duplicate-id`, `contradiction`, or any fault
            of the files.
    """
    path = Path(name_or_path)
    if path.suffix in ENDINGS or len(path.parts) > 1 or isinstance(name_or_path, Path):
        return _loaded(path, (path.parent, *map(Path, folders)), ())
    return _loaded(_file_of(str(name_or_path), folders, Source("--profile")), folders, ())


def _file_of(name: str, folders: Sequence[str | Path], source: Source) -> Path:
    files = find_profiles(folders)
    by_folded = {known.casefold(): path for known, path in files.items()}
    wanted = name.strip().casefold()
    if wanted not in by_folded:
        raise KsbtrackError(
            Problem(
                "unknown-profile",
                source,
                quoted(name),
                f"the submission profiles here are {listed(files)}",
                did_you_mean(wanted, files) + "Write one of them, or the path of your own file that ends in .yaml.",
            )
        )
    return by_folded[wanted]


def _loaded(path: Path, folders: Sequence[str | Path], below: tuple[Path, ...]) -> SubmissionProfile:
    text = read_yaml(path)
    if path.resolve() in below:
        raise KsbtrackError(_endless(text))
    own = checked(SubmissionProfile, text)
    parent = None
    if own.extends:
        file = _file_of(own.extends, folders, text.source(("extends",)))
        parent = _loaded(file, folders, (*below, path.resolve()))
    profile = _joined(parent, own) if parent else own
    problems = tuple(_problems(own, profile, text))
    if problems:
        raise KsbtrackError(*problems)
    return profile


def _endless(text: YamlText) -> Problem:
    return Problem(
        "extends-cycle",
        text.source(("extends",)),
        quoted(str(text.at(("extends",)))),
        "a profile cannot extend itself, nor one that extends it",
        "Correct the key 'extends' in one of them.",
    )


def _joined(parent: SubmissionProfile, own: SubmissionProfile) -> SubmissionProfile:
    """Give a profile with the checks, sources and names that it takes over."""
    taken = {code: asked for code, asked in parent.checks.asked() if code not in own.without}
    names = {name: value for name in ("folder", "file") if (value := getattr(own.names, name))}
    return own.model_copy(
        update={
            "sources": (*own.sources, *parent.sources),
            "checks": own.checks.model_copy(update=taken | dict(own.checks.asked())),
            "names": parent.names.model_copy(update=names),
        }
    )


def _problems(own: SubmissionProfile, profile: SubmissionProfile, text: YamlText) -> Iterator[Problem]:
    names = [source.id for source in profile.sources]
    for number, source in enumerate(own.sources):
        if Counter(names)[source.id] > 1:
            yield Problem(
                "duplicate-id",
                text.source(("sources", number, "id")),
                f"{quoted(source.id)} for two sources",
                "each source of a profile, and of those that it extends, has an id of its own",
                "Give one of them another id.",
            )
    for code, asked in own.checks.asked():
        if asked.source not in names:
            yield Problem(
                "unknown-id",
                text.source(("checks", code, "source")),
                quoted(asked.source),
                f"the sources of {profile.id} are {listed(names)}" if names else f"{profile.id} names no sources",
                did_you_mean(asked.source, names) + "Correct the id, or add the source.",
            )
    fewest, most = profile.fewest_pieces, profile.most_pieces
    if fewest and most and fewest > most:
        code = "fewer_pieces_than_asked" if own.checks.fewer_pieces_than_asked else "more_pieces_than_asked"
        yield Problem(
            "contradiction",
            text.source(("checks", code, "pieces")),
            f"at least {fewest} pieces and at most {most}",
            "no selection has both",
            "Correct one of the two numbers.",
        )
