"""Pictures of pieces, each on a page of its own: upright, small enough to send, with nothing else in them."""

from __future__ import annotations

import contextlib
import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ksbtrack.files.attachments import sniff
from ksbtrack.files.images import MAX_PIXELS as MOST_JPEG_PIXELS
from ksbtrack.files.images import count_frames
from ksbtrack.files.showing import MAX_SHOWN_FRAMES, MAX_SHOWN_PIXELS, NEEDED_PIXELS
from ksbtrack.models.portfolio import AttachedFile, Evidence
from ksbtrack.problems import KsbtrackError, Problem, quoted
from ksbtrack.showcase.conformity import LANGUAGE, identify, saved
from ksbtrack.showcase.figures import tag_figures
from ksbtrack.showcase.parts import Form, PreparedFile

if TYPE_CHECKING:
    import pikepdf
    from PIL.Image import Image

RESOLUTION = 200
"""Pixels an inch of a picture on its page: handwriting in a photograph of a page stays readable, and a page takes
about half a megabyte."""
LEAST_RESOLUTION = 96
"""Pixels an inch at least: a small picture is not blown up until it blurs."""
JPEG_QUALITY = 85
"""Of 100: the loss cannot be seen at this size, and the file is a quarter of one at 95."""
MAX_COLOURS = 256
"""Colours up to which a picture is kept as a drawing, with a palette and without loss."""

SHORT_SIDE, LONG_SIDE = 595.28, 841.89
"""Sides of A4 in points."""
MARGIN, BAND = 42.5, 56.7
"""Points left free at each side (15 mm), and at top and foot (20 mm), where the showcase stamps its line."""

_POINTS_AN_INCH = 72
_MANY_PAGES = ("TIFF",)
_LOSSY = ("JPEG", "MPO", "HEIF", "AVIF")
_BAD_PICTURE = (
    OSError,
    SyntaxError,
    ValueError,
    LookupError,
    TypeError,
    ArithmeticError,
    AttributeError,
    AssertionError,
    EOFError,
    struct.error,
    zlib.error,
)


@dataclass(frozen=True, slots=True)
class _Packed:
    """A picture as a PDF takes it: its bytes, and the entries that say how to read them."""

    content: bytes
    size: tuple[int, int]
    colours: int
    bits: int
    filter: str
    palette: bytes = b""


def prepare_image(content: bytes, file: AttachedFile, piece: Evidence, number: int) -> PreparedFile:
    """Give a page for each page of a picture file: TIFF has several, any other format one.

    Each is turned upright, set on white, and brought to `RESOLUTION` at the size at which it is printed.
    What the camera noted (place, time, device) is not taken over.

    Args:
        content: the whole file.
        file: what loading found about it.
        piece: the piece that it belongs to.
        number: its place among the piece's files, from 1.

    Raises:
        KsbtrackError: `damaged-image`, `image-too-large`.
    """
    import pikepdf

    # Pillow shows half a picture where the other half is missing; this looks at all of it, and unpacks none.
    count_frames(io.BytesIO(content), sniff(content[:1024]), file.name, piece.source)
    alternatives: list[str] = []
    try:
        with warnings.catch_warnings(), _opened(content) as image, pikepdf.new() as pdf:
            # Pillow warns of odd notes of a camera; the picture is sound all the same.
            warnings.simplefilter("ignore")
            frames = int(getattr(image, "n_frames", 1))
            shown = frames if image.format in _MANY_PAGES else 1
            if shown > MAX_SHOWN_FRAMES:
                raise _too_large(file, piece, f"which has {frames:,} pages")
            for index in range(shown):
                if shown > 1:
                    image.seek(index)
                _refuse_large(image, file, piece)
                _add_page(pdf, _packed(image))
                alternatives.append(_words(file, piece, index + 1, shown))
            notes = _notes(image, frames, shown)
            tag_figures(pdf, alternatives)
            identify(pdf, file.name.rpartition("/")[2], LANGUAGE)
            made = saved(pdf)
    except _BAD_PICTURE as error:
        raise _damaged(file, piece) from error
    return PreparedFile(
        piece=piece.id,
        number=number,
        name=file.name,
        sha256=file.sha256,
        size=file.size,
        form=Form.PAGES,
        pdf=made,
        pages=shown,
        evidence_pages=shown,
        notes=notes,
    )


@contextlib.contextmanager
def _opened(content: bytes) -> Iterator[Image]:
    """Open a picture without unpacking it."""
    import pi_heif
    from PIL import Image as Pictures

    pi_heif.register_heif_opener()
    # Our own limits hold, before anything is unpacked.
    Pictures.MAX_IMAGE_PIXELS = None
    with Pictures.open(io.BytesIO(content)) as image:
        yield image


def _refuse_large(image: Image, file: AttachedFile, piece: Evidence) -> None:
    """Refuse a picture with too many pixels; a JPEG is first asked for a smaller version of itself."""
    from PIL.JpegImagePlugin import JpegImageFile

    width, height = image.size
    if isinstance(image, JpegImageFile) and width * height <= MOST_JPEG_PIXELS:
        image.draft(None, (NEEDED_PIXELS, NEEDED_PIXELS))
        width, height = image.size
    if width * height > MAX_SHOWN_PIXELS:
        raise _too_large(file, piece, f"which has {width:,} × {height:,} pixels")


def _packed(image: Image) -> _Packed:
    """Give a picture upright, on white, at the resolution of its page, packed in the smaller of two ways."""
    from PIL import Image as Pictures
    from PIL import ImageOps

    is_lossy = image.format in _LOSSY
    upright = ImageOps.exif_transpose(_eight_bit(image))
    plain = _in_srgb(_on_white(upright), image.info.get("icc_profile"))
    width, height = _placed(plain.size)[2:]
    most = (_pixels(width), _pixels(height))
    is_drawing = not is_lossy and plain.getcolors(MAX_COLOURS) is not None
    if plain.width > most[0]:
        plain = plain.resize(most, Pictures.Resampling.LANCZOS, reducing_gap=3.0)
    if is_drawing and plain.mode == "RGB" and plain.getcolors(MAX_COLOURS) is not None:
        return _lossless(plain.convert("P", palette=Pictures.Palette.ADAPTIVE, colors=MAX_COLOURS))
    if is_lossy:
        return _jpeg(plain)
    return min(_lossless(plain), _jpeg(plain), key=lambda packed: len(packed.content))


def _eight_bit(image: Image) -> Image:
    """Give a picture of 8 bits a colour: one of 16 bits in grey would be cut off at white, not scaled."""
    if image.mode.startswith("I;16") or image.mode == "I":
        return image.point(lambda level: level / 256).convert("L")
    return image


def _on_white(image: Image) -> Image:
    """Give a picture in grey or colour without transparency."""
    from PIL import Image as Pictures

    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        layer = image.convert("RGBA")
        white = Pictures.new("RGB", layer.size, (255, 255, 255))
        white.paste(layer, mask=layer.getchannel("A"))
        return white
    if image.mode in ("1", "L"):
        return image.convert("L")
    return image.convert("RGB") if image.mode != "CMYK" else image


def _in_srgb(image: Image, profile: bytes | None) -> Image:
    """Give a picture in the colours of sRGB, as the page says it is; a profile that makes no sense is passed over."""
    from PIL import ImageCms

    if profile and image.mode in ("RGB", "CMYK"):
        with contextlib.suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
            own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            changed = ImageCms.profileToProfile(image, own, ImageCms.createProfile("sRGB"), outputMode="RGB")
            if changed is not None:
                return changed
    return image.convert("RGB") if image.mode == "CMYK" else image


def _jpeg(image: Image) -> _Packed:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=JPEG_QUALITY, optimize=True)
    return _Packed(out.getvalue(), image.size, 1 if image.mode == "L" else 3, 8, "/DCTDecode")


def _lossless(image: Image) -> _Packed:
    """Give a picture as PNG packs it: a PDF reads those very bytes."""
    out = io.BytesIO()
    image.save(out, "PNG")
    bits, content, palette = 8, [], b""
    view, place = out.getvalue(), 8
    while place < len(view):
        length, name = struct.unpack_from(">I4s", view, place)
        piece = view[place + 8 : place + 8 + length]
        place += length + 12
        if name == b"IHDR":
            bits = piece[8]
        elif name == b"PLTE":
            palette = piece
        elif name == b"IDAT":
            content.append(piece)
    return _Packed(b"".join(content), image.size, 3 if image.mode == "RGB" else 1, bits, "/FlateDecode", palette)


def _add_page(pdf: pikepdf.Pdf, packed: _Packed) -> None:
    """Add a page of A4, upright or across as the picture is, with the picture in the middle of what is free."""
    from pikepdf import Array, Dictionary, Name

    left, bottom, width, height = _placed(packed.size)
    sheet = _sheet(packed.size)
    colours = Name.DeviceRGB if packed.colours == 3 else Name.DeviceGray  # noqa: PLR2004 - red, green and blue
    space: pikepdf.Object | Name = colours
    if packed.palette:
        space = Array([Name.Indexed, Name.DeviceRGB, len(packed.palette) // 3 - 1, packed.palette])
    picture = pdf.make_stream(
        packed.content,
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=packed.size[0],
        Height=packed.size[1],
        ColorSpace=space,
        BitsPerComponent=packed.bits,
        Filter=Name(packed.filter),
    )
    if packed.filter == "/FlateDecode":
        picture.DecodeParms = Dictionary(
            Predictor=15, Colors=packed.colours, BitsPerComponent=packed.bits, Columns=packed.size[0]
        )
    page = pdf.add_blank_page(page_size=sheet)
    page.obj.Resources = Dictionary(XObject=Dictionary(Picture=picture))
    drawn = f"/Figure <</MCID 0>> BDC q {width:.2f} 0 0 {height:.2f} {left:.2f} {bottom:.2f} cm /Picture Do Q EMC"
    page.obj.Contents = pdf.make_stream(drawn.encode("ascii"))


def _sheet(size: tuple[int, int]) -> tuple[float, float]:
    return (LONG_SIDE, SHORT_SIDE) if size[0] > size[1] else (SHORT_SIDE, LONG_SIDE)


def _placed(size: tuple[int, int]) -> tuple[float, float, float, float]:
    """Give where a picture of so many pixels stands on its page: left, bottom, width and height in points."""
    sheet = _sheet(size)
    room = sheet[0] - 2 * MARGIN, sheet[1] - 2 * BAND
    scale = min(room[0] / size[0], room[1] / size[1], _POINTS_AN_INCH / LEAST_RESOLUTION)
    width, height = size[0] * scale, size[1] * scale
    return (sheet[0] - width) / 2, (sheet[1] - height) / 2, width, height


def _pixels(points: float) -> int:
    return max(1, round(points / _POINTS_AN_INCH * RESOLUTION))


def _words(file: AttachedFile, piece: Evidence, page: int, pages: int) -> str:
    """Give what a screen reader says in place of a picture."""
    which = f"Page {page} of {pages} of a" if pages > 1 else "A"
    return (
        f"{which} picture handed in as evidence {piece.id}: {piece.title}. "
        f"File {file.name.rpartition('/')[2]}. What it shows is described in the account of the piece."
    )


def _notes(image: Image, frames: int, shown: int) -> tuple[str, ...]:
    if frames > shown:
        return (f"A moving picture: the first of its {frames} frames is shown.",)
    return ()


def _too_large(file: AttachedFile, piece: Evidence, what: str) -> KsbtrackError:
    return KsbtrackError(
        Problem(
            "image-too-large",
            piece.source,
            f"{quoted(file.name)}, {what}",
            f"a picture in a showcase may have at most {MAX_SHOWN_PIXELS:,} pixels and {MAX_SHOWN_FRAMES} pages",
            "Save it with fewer pixels, and many scanned pages as a PDF.",
        )
    )


def _damaged(file: AttachedFile, piece: Evidence) -> KsbtrackError:
    return KsbtrackError(
        Problem(
            "damaged-image",
            piece.source,
            f"{quoted(file.name)}, which breaks off or does not hold together",
            "an image must be whole",
            "Copy or export it again from the original.",
        )
    )
