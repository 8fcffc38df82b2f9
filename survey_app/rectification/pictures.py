"""Pictures without metadata: the place and device a phone writes into a photo are gone, turned upright."""

from __future__ import annotations

import io
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from survey_app.core.errors import Fault, Invalid

FORMATS = {"jpeg": "JPEG", "png": "PNG"}
THUMBNAIL, REDUCED, PRINTED = 240, 1280, 560
MOST_PIXELS = 60_000_000


@dataclass(frozen=True)
class CleanPicture:
    """The picture as it is stored, a small one for lists, and one reduced for the members' page."""

    whole: bytes
    thumbnail: bytes
    reduced: bytes


def clean(content: bytes, kind: str, name: str) -> CleanPicture:
    """Draw the picture anew from its pixels: nothing but them survives. Invalid if it is none."""
    try:
        with Image.open(io.BytesIO(content), formats=(FORMATS[kind],)) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise Invalid([Fault("picture_too_many_pixels", {"name": name}, "files")])
            upright = ImageOps.exif_transpose(opened)
            bare = _pixels_only(upright)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as wrong:
        raise Invalid([Fault("picture_unreadable", {"name": name}, "files")]) from wrong
    return CleanPicture(
        _written(bare, FORMATS[kind]),
        _written(_smaller(bare, THUMBNAIL), "JPEG"),
        _written(_smaller(bare, REDUCED), "JPEG"),
    )


def for_paper(content: bytes) -> bytes:
    """A reduced picture made small enough to stand beside others on one sheet: 4 cm at 300 dots an inch."""
    with Image.open(io.BytesIO(content), formats=("JPEG",)) as opened:
        return _written(_smaller(opened, PRINTED), "JPEG")


def _pixels_only(picture: Image.Image) -> Image.Image:
    mode = "RGBA" if picture.mode in ("RGBA", "LA", "P", "PA") else "RGB"
    bare = Image.new(mode, picture.size)
    bare.paste(picture.convert(mode))
    return bare


def _smaller(picture: Image.Image, edge: int) -> Image.Image:
    copy = Image.new("RGB", picture.size, "white")
    copy.paste(picture, mask=picture.getchannel("A") if picture.mode == "RGBA" else None)
    copy.thumbnail((edge, edge))
    return copy


def _written(picture: Image.Image, form: str) -> bytes:
    target = io.BytesIO()
    if form == "JPEG":
        picture.convert("RGB").save(target, form, quality=85, optimize=True)
    else:
        picture.save(target, form, optimize=True)
    return target.getvalue()
