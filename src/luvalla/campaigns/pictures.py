"""Pictures of letters: taken in at a sensible size, without what the camera wrote beside them."""

from __future__ import annotations

import warnings
from io import BytesIO
from typing import IO, Final

from PIL import Image, ImageOps, UnidentifiedImageError

from luvalla.campaigns.errors import BadFile, BadPicture, FileFault, PictureFault

MOST_BYTES: Final = 10 * 1024 * 1024
MOST_PIXELS: Final = 40_000_000
LONGEST_SIDE: Final = 2400
"""Twice the widest a letter shows, so nothing more is kept."""
FORMATS: Final = ("JPEG", "MPO", "PNG", "WEBP", "GIF")
"""By what a file is. MPO is what many phones write: a JPEG with further pictures behind it, which are left out."""
DEEP: Final = ("I;16", "I;16B", "I;16L", "I;16N", "I")
"""Modes of greyscale with more than eight bits."""
TAKEN: Final = ("jpg", "jpeg", "png", "webp", "gif")
"""File name endings that are taken."""
QUALITY: Final = 86


def prepare_picture(file: IO[bytes]) -> tuple[bytes, str]:
    """Re-encode a picture and give its bytes with the new file's ending, jpg or png.

    It is turned upright, made at most 2400 pixels long, and loses everything but its pixels (EXIF, GPS, profiles,
    comments, further frames). Raises BadPicture when it is too large, in another format, or no picture at all; the
    number of its pixels is read from its head, before anything is unpacked.
    """
    data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise BadPicture(PictureFault.TOO_MANY_BYTES)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # measured here, and more strictly
        return _encode(_load(data))


def _load(data: bytes) -> Image.Image:
    try:
        image = Image.open(BytesIO(data))
    except Image.DecompressionBombError:
        raise BadPicture(PictureFault.TOO_MANY_PIXELS) from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        raise BadPicture(PictureFault.NOT_A_PICTURE) from None
    if image.format not in FORMATS:
        raise BadPicture(PictureFault.FORMAT)
    if image.width * image.height > MOST_PIXELS:
        raise BadPicture(PictureFault.TOO_MANY_PIXELS)
    try:
        image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)  # before anything copies it whole
        image.load()
        return ImageOps.exif_transpose(_shallow(image))
    except (OSError, ValueError, SyntaxError, MemoryError, Image.DecompressionBombError):
        raise BadPicture(PictureFault.BROKEN) from None


def _shallow(image: Image.Image) -> Image.Image:
    """Give deep greyscale, such as a scanner's, with eight bits."""
    return image.convert("I").point(lambda value: value / 256).convert("L") if image.mode in DEEP else image


def _encode(image: Image.Image) -> tuple[bytes, str]:
    target = BytesIO()
    if _is_drawing(image):
        plain = image.convert("RGBA" if image.has_transparency_data else "RGB")
        _bare(plain).save(target, "PNG", optimize=True)
        return target.getvalue(), "png"
    _bare(image.convert("RGB")).save(target, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return target.getvalue(), "jpg"


def _is_drawing(image: Image.Image) -> bool:
    """Tell a drawing or a transparent picture, which stays exact, from a photograph."""
    return image.has_transparency_data or image.mode in {"1", "P", "PA"} or image.getcolors(maxcolors=4096) is not None


def _bare(image: Image.Image) -> Image.Image:
    """Give the same pixels without anything written beside them."""
    bare = Image.new(image.mode, image.size)
    bare.paste(image)
    return bare


def no_pictures(name: str, line: int) -> int:
    """Take in no picture: for letters written where there are no files."""
    raise BadFile(FileFault.NO_PICTURE, line, name)
