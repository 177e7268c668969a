"""Files made byte by byte: sound, broken and hostile ones, in a few kilobytes each."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence

import pikepdf
from PIL import Image

PAGE = b"<</Type/Page/Parent 2 0 R/Resources<<>>/MediaBox[0 0 9 9]>>"
CATALOGUE = b"<</Type/Catalog/Pages 2 0 R>>"
MEBIBYTE = 1024 * 1024


def tree(kids: bytes, count: int) -> bytes:
    """Give the root of a page tree."""
    return b"<</Type/Pages/Count %d/Kids[%s]>>" % (count, kids)


def pdf(objects: Mapping[int, bytes], trailer: bytes = b"") -> bytes:
    """Give a PDF with a classic table of references, in which object 1 is the catalogue."""
    out, places = bytearray(b"%PDF-1.7\n"), {}
    for number, body in sorted(objects.items()):
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    size, begin = max(objects) + 1, len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % size
    for number in range(1, size):
        out += b"%010d 00000 n \n" % places[number] if number in places else b"0000000000 65535 f \n"
    out += b"trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (size, trailer, begin)
    return bytes(out)


def pages_pdf(count: int = 1) -> bytes:
    """Give a PDF of empty pages in one flat list."""
    kids = b" ".join(b"%d 0 R" % (number + 3) for number in range(count))
    return pdf({1: CATALOGUE, 2: tree(kids, count), **dict.fromkeys(range(3, count + 3), PAGE)})


def chain_pdf(depth: int) -> bytes:
    """Give a PDF whose page tree is one long chain of nodes with one kid each."""
    nodes = {number: tree(b"%d 0 R" % (number + 1), 1) for number in range(2, depth + 2)}
    return pdf({1: CATALOGUE, **nodes, depth + 2: PAGE})


def packed(data: bytes, times: int = 1, spaces: int = 0) -> bytes:
    """Give data and then many spaces, packed with Flate, without ever holding them unpacked."""
    packer = zlib.compressobj(9)
    parts = [packer.compress(data)]
    parts += [packer.compress(b" " * MEBIBYTE) for _ in range(spaces // MEBIBYTE)]
    packed_once = b"".join((*parts, packer.flush()))
    for _ in range(times - 1):
        packed_once = zlib.compress(packed_once, 9)
    return packed_once


def _stream(entries: bytes, data: bytes) -> bytes:
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (entries, len(data), data)


def object_stream_pdf(streams: Sequence[Sequence[bytes]], times: int = 1, spaces: int = 0) -> bytes:
    """Give a PDF whose pages lie in object streams.

    Args:
        streams: for each object stream its objects; the first object of each is a page.
        times: how often a stream is packed with Flate.
        spaces: bytes of white space at the end of each stream.
    """
    first_free = 3 + len(streams)
    out, places = bytearray(b"%PDF-1.7\n"), {0: (0, 0, 65535)}
    kids = b" ".join(b"%d 0 R" % (first_free + 100 * index) for index in range(len(streams)))
    bodies = {1: CATALOGUE, 2: tree(kids, len(streams))}
    for index, objects in enumerate(streams):
        offsets, content = [], b""
        for order, body in enumerate(objects):
            number = first_free + 100 * index + order
            places[number] = (2, 3 + index, order)
            offsets.append(b"%d %d " % (number, len(content)))
            content += body + b" "
        head = b"".join(offsets)
        entries = b"/Type/ObjStm/N %d/First %d/Filter[%s]" % (len(objects), len(head), b"/FlateDecode" * times)
        bodies[3 + index] = _stream(entries, packed(head + content, times, spaces))
    for number, body in bodies.items():
        places[number] = (1, len(out), 0)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    begin, last = len(out), max(places) + 1
    places[last] = (1, begin, 0)
    table = b"".join(struct.pack(">BIH", *places.get(number, (0, 0, 0))) for number in range(last + 1))
    entries = b"/Type/XRef/Size %d/W[1 4 2]/Root 1 0 R/Filter/FlateDecode" % (last + 1)
    out += b"%d 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (last, _stream(entries, zlib.compress(table)), begin)
    return bytes(out)


def reference_stream_bomb(times: int, spaces: int) -> bytes:
    """Give a PDF whose table of references is a stream that unpacks to far more than it needs."""
    bodies = [CATALOGUE, tree(b"3 0 R", 1), PAGE]
    out, table = bytearray(b"%PDF-1.7\n"), struct.pack(">BIH", 0, 0, 65535)
    for number, body in enumerate(bodies, 1):
        table += struct.pack(">BIH", 1, len(out), 0)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    begin = len(out)
    table += struct.pack(">BIH", 1, begin, 0)
    entries = b"/Type/XRef/Size 5/W[1 4 2]/Root 1 0 R/Filter[%s]" % (b"/FlateDecode" * times)
    out += b"4 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (_stream(entries, packed(table, times, spaces)), begin)
    return bytes(out)


def locked_pdf(user: str, owner: str) -> bytes:
    """Give a PDF of two pages, encrypted."""
    out = io.BytesIO()
    with pikepdf.new() as made:
        made.add_blank_page()
        made.add_blank_page()
        made.save(out, encryption=pikepdf.Encryption(user=user, owner=owner))
    return out.getvalue()


def image(format_name: str, size: tuple[int, int] = (40, 30), frames: int = 1, mode: str = "RGB") -> bytes:
    """Give an image that Pillow wrote, with a pattern that does not pack to nothing."""
    pictures = [Image.effect_noise(size, 50 + index % 7).convert(mode) for index in range(frames)]
    out = io.BytesIO()
    rest = {"save_all": True, "append_images": pictures[1:]} if frames > 1 else {}
    pictures[0].save(out, format_name, **rest)
    return out.getvalue()


def flat_png(width: int, height: int) -> bytes:
    """Give a real, whole PNG of one colour, however many pixels it has."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    packer = zlib.compressobj(9)
    row = bytes(1 + (width + 7) // 8)
    rows = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def tiny_gif(frames: int) -> bytes:
    """Give an animated GIF of one pixel."""
    frame = b",\0\0\0\0\1\0\1\0\0\2\2D\1\0"
    return b"GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff" + frame * frames + b";"


def archive(members: Mapping[str, bytes]) -> bytes:
    """Give a ZIP archive, as every newer Office file is one."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as made:
        for name, content in members.items():
            made.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()
