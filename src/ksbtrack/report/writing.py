"""Writing of outputs, as `ksbtrack.files.writing` does it."""

from ksbtrack.files.writing import cannot_write, replace_file

__all__ = ["cannot_write", "replace_file"]
