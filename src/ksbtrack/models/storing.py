"""What a store of results says about one of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kept:
    """One result in a store.

    Attributes:
        mark: of everything that decides the result: 64 hexadecimal digits.
        sha256: of its content, which is the file's name: 64 hexadecimal digits.
        suffix: of the file's name, such as `.pdf`.
        size: bytes.
        is_new: it was made just now; False where it was there already.
    """

    mark: str
    sha256: str
    suffix: str
    size: int
    is_new: bool = False
