"""Pictures from strangers, decoded under limits and drawn again, so that nothing but pixels survives."""

from base64 import b64encode
from collections.abc import Sequence
from io import BytesIO

from django.utils.translation import gettext as _
from PIL import Image, ImageOps
from thumbhash import rgba_to_thumb_hash

from .errors import RuleBroken, TooLarge, WrongKind

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF")
MOST_PIXELS = 50_000_000
MOST_BYTES = 25 * 1024 * 1024
CONTENT_TYPE = "image/webp"
WIDTHS = (200, 400, 800)
HASHED = 48  # pixels on the longer side: the hash keeps seven waves of them
TALLEST = 3  # heights for one width; WebP ends at 16,383 pixels


def render(content: bytes, widths: Sequence[int] = WIDTHS) -> dict[int, bytes]:
    """The picture as WebP in each width (never enlarged), upright, without metadata.

    Raises TooLarge (bytes or pixels), WrongKind for what is no picture of ours, RuleBroken for a broken one.
    """
    if len(content) > MOST_BYTES:
        raise TooLarge(_("A picture may have at most 25 MB."), code="image.too_large")
    picture = _decoded(content, max(widths))
    return {width: _drawn(picture, width) for width in widths}


def render_square(content: bytes, sides: Sequence[int]) -> dict[int, bytes]:
    """The middle of the picture as square WebP in each side (never enlarged). Raises as `render`."""
    if len(content) > MOST_BYTES:
        raise TooLarge(_("A picture may have at most 25 MB."), code="image.too_large")
    picture = _decoded(content, max(sides))
    side = min(picture.size)
    middle = ImageOps.fit(picture, (side, side))
    return {each: _drawn(middle, each) for each in sides}


def placeholder(webp: bytes) -> str:
    """A picture of ours in some 25 bytes, a ThumbHash in base64: shown until the picture is there."""
    with Image.open(BytesIO(webp), formats=["WEBP"]) as picture:
        small = picture.convert("RGBA")
        small.thumbnail((HASHED, HASHED), Image.Resampling.BOX)
        hashed = rgba_to_thumb_hash(small.width, small.height, list(small.tobytes()))
    return b64encode(bytes(hashed)).decode()


def _decoded(content: bytes, widest: int) -> Image.Image:
    try:
        picture: Image.Image = Image.open(BytesIO(content), formats=FORMATS)
    except Image.DecompressionBombError:
        raise _too_many_pixels() from None
    except Exception as error:  # decoders raise whatever they stumble over
        message = _("Choose a JPEG, PNG, WebP, AVIF or GIF picture.")
        raise WrongKind(message, code="image.wrong_kind") from error
    if picture.width * picture.height > MOST_PIXELS:
        raise _too_many_pixels()
    try:
        picture.draft("RGB", (widest * 2, widest * 2 * TALLEST))
        picture.load()
        upright = ImageOps.exif_transpose(picture)
        plain = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    except Exception as error:  # a truncated or broken file; decoders raise whatever they stumble over
        message = _("The picture is broken or incomplete: upload it again.")
        raise RuleBroken.at("file", message, "image.broken") from error
    plain.info.clear()
    return plain


def _drawn(picture: Image.Image, width: int) -> bytes:
    smaller = picture.copy()
    smaller.thumbnail((width, width * TALLEST), Image.Resampling.LANCZOS, reducing_gap=2.0)
    target = BytesIO()
    smaller.save(target, "WEBP", quality=82, method=4)
    return target.getvalue()


def _too_many_pixels() -> TooLarge:
    return TooLarge(_("A picture may have at most 50 megapixels."), code="image.too_many_pixels")
