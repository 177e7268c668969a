"""Safe reading of everything in a portfolio folder, and what each file really is.

A portfolio comes from other people: its file names and its files may be wrong, damaged or hostile. Nothing here follows
a link, leaves the folder, waits for a device, or unpacks more than stated limits.
"""

from ksbtrack.files.attachments import inspect_file
from ksbtrack.files.names import colliding_names, path_inside
from ksbtrack.files.opening import list_pieces, open_inside, read_text_file, read_whole_file

__all__ = [
    "colliding_names",
    "inspect_file",
    "list_pieces",
    "open_inside",
    "path_inside",
    "read_text_file",
    "read_whole_file",
]
