"""Pictures made fit for print: a long page is cut into sheets of full width, overlaps marked beside the picture.

What is printed is a copy (JPEG); the evidence is the archived file. No pixel of the source is painted over: the bars
that mark repeated rows stand in margins that are added left and right.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image, UnidentifiedImageError

from archiver.model.errors import FormatError

OVERLAP_PX = 60
MOST_SHEETS = 60
_WIDEST_PX = 1600
_MARGIN_SHARE = 80
_SMALLEST_PERCENT, _SMALLEST_WHOLE_PERCENT = 85, 76
_MOST_PIXELS = 400_000_000
_QUALITY = 80
_BAR = (150, 40, 40)
_THUMBNAIL = (480, 300)
_FORMATS = ("PNG", "JPEG", "GIF", "WEBP")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One printed piece of a picture: rows ``top`` to ``bottom`` (exclusive) of the original, and the copy's bytes.

    ``scale_percent`` is how wide it is drawn, of the width that other sheets have.
    """

    number: int
    of: int
    top: int
    bottom: int
    height: int
    overlap: int
    jpeg: bytes
    left_out: int = 0
    scale_percent: int = 100


def sheets_of(content: bytes, *, height_per_width_percent: int, whole: bool = False) -> Iterator[Sheet]:
    """Give the sheets of a picture, top first; each at most so many percent of its width high.

    The whole width is kept on each. A picture a little too high is drawn narrower instead of cut, down to 85 % of its
    width, with ``whole`` (a page of a document) to 76 %: two sheets half empty show no more than one. At most
    `MOST_SHEETS`; the last says how many rows are left out. Raises FormatError for what is no picture, or too large to
    unpack.
    """
    with _opened(content) as picture:
        most = picture.width * height_per_width_percent // 100
        scale = _scale_percent(picture, height_per_width_percent)
        is_whole = scale >= (_SMALLEST_WHOLE_PERCENT if whole else _SMALLEST_PERCENT)
        spans = [(0, picture.height)] if is_whole else _spans(picture.height, most)
        kept = spans[:MOST_SHEETS]
        for number, (top, bottom) in enumerate(kept, 1):
            overlap = kept[number - 2][1] - top if number > 1 else 0
            below = spans[number][0] if number < len(spans) else bottom
            yield Sheet(
                number=number,
                of=len(kept),
                top=top,
                bottom=bottom,
                height=picture.height,
                overlap=overlap,
                jpeg=_jpeg(
                    picture.crop((0, top, picture.width, bottom)), overlap, bottom - below, height_per_width_percent
                ),
                left_out=picture.height - bottom if number == len(kept) else 0,
                scale_percent=scale if is_whole else 100,
            )


def thumbnail_of(content: bytes) -> bytes:
    """Give the upper part of a picture as a small JPEG; raise FormatError for what is no picture."""
    with _opened(content) as picture:
        width, height = _THUMBNAIL
        top = picture.crop((0, 0, picture.width, min(picture.height, max(1, picture.width * height // width))))
        top.thumbnail(_THUMBNAIL)
        return _encoded(top.convert("RGB"))


def unpacked(content: bytes) -> Image.Image:
    """Give a picture without transparency; raise FormatError for what is none, or too large to unpack."""
    with _opened(content) as picture:
        return picture.copy()


def _opened(content: bytes) -> Image.Image:
    try:
        picture = Image.open(io.BytesIO(content), formats=_FORMATS)
        if picture.width * picture.height > _MOST_PIXELS:
            raise FormatError(f"picture: {picture.width} x {picture.height} pixels are more than are unpacked here")
        return _flat(picture)
    except UnidentifiedImageError as error:  # its own words hold an address of memory
        raise FormatError("picture: no PNG, JPEG, GIF or WebP, by its bytes") from error
    except (Image.DecompressionBombError, OSError, SyntaxError, ValueError) as error:
        raise FormatError(f"picture: {type(error).__name__}: {str(error)[:200]}") from error


def _flat(picture: Image.Image) -> Image.Image:
    if picture.mode == "RGB":
        picture.load()
        return picture
    with_alpha = picture.convert("RGBA")
    flat = Image.new("RGB", with_alpha.size, "white")
    flat.paste(with_alpha, mask=with_alpha.getchannel("A"))
    return flat


def _spans(height: int, most: int) -> list[tuple[int, int]]:
    """Give rows from and to of each sheet; the next one begins `OVERLAP_PX` rows before the last one's end."""
    most = max(most, 4 * OVERLAP_PX)
    spans = [(0, min(height, most))]
    while spans[-1][1] < height:
        top = spans[-1][1] - OVERLAP_PX
        spans.append((top, min(height, top + most)))
    return spans


def _margin(width: int) -> int:
    """Give the columns left free on each side of a picture that is drawn at its full width."""
    return max(6, width // _MARGIN_SHARE)


def _scale_percent(picture: Image.Image, height_per_width_percent: int) -> int:
    """Give how wide a picture stands if it is to be seen whole, of the width that it would have if cut."""
    widest = picture.width + 2 * _margin(picture.width)
    return widest * 100 // max(widest, -(-picture.height * 100 // height_per_width_percent))


def _jpeg(piece: Image.Image, above: int, below: int, percent: int) -> bytes:
    """Give a sheet as JPEG, with a white margin left and right and bars in it beside rows that stand twice."""
    margin = max(_margin(piece.width), (piece.height * 100 // percent - piece.width) // 2)
    sheet = Image.new("RGB", (piece.width + 2 * margin, piece.height), "white")
    sheet.paste(piece, (margin, 0))
    for rows, top in ((above, 0), (below, piece.height - below)):
        if rows > 0:
            bar = Image.new("RGB", (margin // 2, rows), _BAR)
            sheet.paste(bar, (margin // 4, top))
            sheet.paste(bar, (sheet.width - margin // 4 - margin // 2, top))
    if sheet.width > _WIDEST_PX:
        sheet = sheet.resize((_WIDEST_PX, max(1, sheet.height * _WIDEST_PX // sheet.width)), Image.Resampling.LANCZOS)
    return _encoded(sheet)


def _encoded(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return out.getvalue()
