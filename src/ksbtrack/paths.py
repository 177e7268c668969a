"""Where the shipped standards and templates are: beside this file in a wheel, two levels up in a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def shipped_folder(name: str) -> Path:
    """Give the folder `standards` or `templates` that came with this installation.

    Args:
        name: the folder's name.

    Raises:
        FileNotFoundError: the installation is incomplete.
    """
    for parent in (_PACKAGE, _PACKAGE.parent.parent):
        if (parent / name).is_dir():
            return parent / name
    raise FileNotFoundError(f"this installation of ksbtrack lacks its folder {name!r}; install it again")
