"""Image attachments: whether they are whole, how many pixels and frames they have. No picture is ever unpacked."""

from __future__ import annotations

import os
import struct
import warnings
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, BinaryIO

from ksbtrack.problems import KsbtrackError, Problem, Source, quoted

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

MAX_PIXELS = 120_000_000
"""Pixels of one frame: a 108-megapixel phone's photograph fits, and unpacked it takes 480 MB at most."""
MAX_FRAMES = 200
"""Frames or scanned pages of one image file: 20 seconds of animation; a longer one is a video, more pages a PDF."""

Frame = tuple[int, int]
"""Width and height in pixels."""
_CHUNK = 65_536
# What Pillow's readers raise on a bad file. Its own `Image.open` catches fewer and lets the rest through.
_BAD_HEADER = (
    OSError,
    SyntaxError,
    ValueError,
    LookupError,
    TypeError,
    ArithmeticError,
    AttributeError,
    AssertionError,
    struct.error,
)


def count_frames(stream: BinaryIO, format_name: str, path: str, source: Source) -> int | None:
    """Give the number of frames of a whole image; None for a format that is not looked into.

    Args:
        stream: the file, open for reading.
        format_name: what `sniff` calls its content.
        path: path for messages.
        source: where the file is named.

    Raises:
        KsbtrackError: `damaged-image`, `image-too-large`.
    """
    frames = FRAMES.get(format_name)
    if frames is None:
        return None
    count = 0
    stream.seek(0)
    try:
        with warnings.catch_warnings():
            # Pillow warns of odd notes of a camera; the picture is sound all the same.
            warnings.simplefilter("ignore")
            for width, height in frames(stream):
                count += 1
                _refuse_large(width, height, count, path, source)
    except _BAD_HEADER as error:
        raise _damaged(path, source) from error
    if not count:
        raise _damaged(path, source)
    return count


def _refuse_large(width: int, height: int, count: int, path: str, source: Source) -> None:
    if width * height <= MAX_PIXELS and count <= MAX_FRAMES:
        return
    many = f"which has more than {MAX_FRAMES} frames"
    raise KsbtrackError(
        Problem(
            "image-too-large",
            source,
            f"{quoted(path)}, {many if count > MAX_FRAMES else f'which has {width:,} × {height:,} pixels'}",
            f"an image may have at most {MAX_PIXELS:,} pixels and {MAX_FRAMES} frames",
            "Save it with fewer pixels; save a long animation as a video, and many scanned pages as a PDF.",
        )
    )


def _damaged(path: str, source: Source) -> KsbtrackError:
    return KsbtrackError(
        Problem(
            "damaged-image",
            source,
            f"{quoted(path)}, which breaks off or does not hold together",
            "an image must be whole",
            "Copy or export it again from the original.",
        )
    )


def _png(stream: BinaryIO) -> Iterator[Frame]:
    from PIL.PngImagePlugin import PngImageFile

    image = PngImageFile(stream)
    yield from _frames_at_once(image)
    # Every part is there with its check sum, down to the end mark; that one's own check sum is left to us.
    image.verify()
    _exactly(stream, 4)


def _frames_at_once(image: ImageFile) -> Iterator[Frame]:
    for _ in range(min(int(getattr(image, "n_frames", 1)), MAX_FRAMES + 1)):
        yield image.size


def _jpeg(stream: BinaryIO) -> Iterator[Frame]:
    from PIL.JpegImagePlugin import JpegImageFile

    image = JpegImageFile(stream)
    yield image.size
    if not image.tile:
        raise ValueError("no picture after the header")
    # Pillow stopped where the picture begins; programs add notes behind the end mark, so it may be anywhere after.
    last = b""
    while chunk := stream.read(_CHUNK):
        if b"\xff\xd9" in last + chunk:
            return
        last = chunk[-1:]
    raise ValueError("no end mark")


def _gif(stream: BinaryIO) -> Iterator[Frame]:
    """Walk through a GIF's blocks: Pillow would take the end of a broken file for the end of the picture."""
    _, canvas_width, canvas_height, flags, _ = struct.unpack("<6sHHBH", _exactly(stream, 13))
    _skip(stream, _colours(flags))
    while (kind := _exactly(stream, 1)) != b";":
        if kind == b"!":
            _exactly(stream, 1)
        elif kind == b",":
            left, top, width, height, flags = struct.unpack("<HHHHB", _exactly(stream, 9))
            yield max(canvas_width, left + width), max(canvas_height, top + height)
            _skip(stream, _colours(flags) + 1)
        else:
            raise ValueError("no such block")
        while length := _exactly(stream, 1)[0]:
            _skip(stream, length)


def _colours(flags: int) -> int:
    return 3 * 2 ** (flags % 8 + 1) if flags & 0x80 else 0


def _webp(stream: BinaryIO) -> Iterator[Frame]:
    """Walk through a WebP's chunks: Pillow's reader takes memory for the whole canvas twice when it opens one."""
    _, length, _ = struct.unpack("<4sI4s", _exactly(stream, 12))
    end = length + 8
    canvas = (1, 1)
    while stream.tell() < end:
        name, size = struct.unpack("<4sI", _exactly(stream, 8))
        begin = stream.tell()
        if name == b"VP8X":
            head = _exactly(stream, 10)
            canvas = _three_bytes(head[4:7]) + 1, _three_bytes(head[7:10]) + 1
        elif name == b"VP8L":
            bits = int.from_bytes(_exactly(stream, 5)[1:], "little")
            yield max(canvas[0], bits % 16_384 + 1), max(canvas[1], (bits >> 14) % 16_384 + 1)
        elif name == b"VP8 ":
            width, height = struct.unpack("<6x2H", _exactly(stream, 10))
            yield max(canvas[0], width % 16_384), max(canvas[1], height % 16_384)
        elif name == b"ANMF":
            yield canvas
        stream.seek(begin)
        _skip(stream, size + size % 2)


def _three_bytes(number: bytes) -> int:
    return int.from_bytes(number, "little")


def _tiff(stream: BinaryIO) -> Iterator[Frame]:
    from PIL.TiffImagePlugin import TiffImageFile

    image = TiffImageFile(stream)
    size = _size(stream)
    for frame in range(MAX_FRAMES + 1):
        try:
            image.seek(frame)
        except EOFError:
            return
        yield image.size
        begins = image.tag_v2.get(273) or image.tag_v2.get(324) or ()
        lengths = image.tag_v2.get(279) or image.tag_v2.get(325) or ()
        if not begins or max(map(sum, zip(begins, lengths, strict=False)), default=0) > size:
            raise ValueError("a strip lies behind the end of the file")


def _bmp(stream: BinaryIO) -> Iterator[Frame]:
    from PIL.BmpImagePlugin import BmpImageFile

    image = BmpImageFile(stream)
    yield image.size
    codec, _, offset, arguments = image.tile[0]
    if codec == "raw" and isinstance(arguments, tuple) and offset + arguments[1] * image.size[1] > _size(stream):
        raise ValueError("rows are missing")


def _boxes(stream: BinaryIO) -> Iterator[Frame]:
    """Walk through the outer boxes of a HEIC or AVIF file; its picture is not looked at, so one pixel stands for it."""
    end = _size(stream)
    stream.seek(0)
    while stream.tell() < end:
        begin = stream.tell()
        length, name = struct.unpack(">I4s", _exactly(stream, 8))
        if length == 1:
            (length,) = struct.unpack(">Q", _exactly(stream, 8))
        elif length == 0:
            length = end - begin
        if length < 8:  # noqa: PLR2004 - a box counts its own head
            raise ValueError("a box without room for its own head")
        stream.seek(begin)
        _skip(stream, length)
        if name in (b"mdat", b"idat"):
            yield 1, 1


FRAMES: dict[str, Callable[[BinaryIO], Iterator[Frame]]] = {
    "png": _png,
    "jpeg": _jpeg,
    "gif": _gif,
    "webp": _webp,
    "tiff": _tiff,
    "bmp": _bmp,
    "heif": _boxes,
    "avif": _boxes,
}
"""For each format of images, the function that yields its frames and raises if the file is not whole."""


def _exactly(stream: BinaryIO, count: int) -> bytes:
    piece = stream.read(count)
    if len(piece) != count:
        raise ValueError("the file breaks off")
    return piece


def _skip(stream: BinaryIO, count: int) -> None:
    """Go forward, and make sure that the file reaches so far."""
    if count:
        stream.seek(count - 1, os.SEEK_CUR)
        _exactly(stream, 1)


def _size(stream: BinaryIO) -> int:
    return stream.seek(0, os.SEEK_END)
