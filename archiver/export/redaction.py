"""Copies with something taken out, which say so on their face: what, by whom, why, and of which original.

The pixels of a region are painted over and the picture is written anew, so nothing of them is left in the file; a
stretch of text gives way to a mark of one length, whatever it held. The original is not touched.
LIMIT: only what is named is taken out: a name may still stand elsewhere in the picture, the text, the WARC.
"""

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import TYPE_CHECKING

from archiver.export.report_pictures import unpacked
from archiver.model.digest import Digest
from archiver.model.errors import UsageError
from archiver.model.events import Region, Stretch
from archiver.model.instant import Instant
from archiver.model.text import visible

if TYPE_CHECKING:
    from PIL.Image import Image as Picture
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

MARK = "█████"
# What a copy says on its face stands in three languages: nobody knows in which one it will be read.
_TITLE = ("REDACTED COPY", "نسخة محجوبة جزئيا", "رونوشت پوشانده‌شده")
_PAINTED = (
    "Removed: painted black, regions: {count}",
    "المحجوب: طلي بالأسود، عدد المناطق: {count}",
    "پوشانده: سیاه شده، شمار ناحیه‌ها: {count}",
)
_CUT_OUT = (
    "Removed: stretches of text: {count}, each now {mark}",
    "المحجوب: مقاطع من النص، عددها: {count}، وفي مكان كل منها {mark}",
    "پوشانده: تکه‌هایی از متن، شمار: {count}، به جای هر یک {mark}",
)
# The Latin word stands beside the value: digits after an Arabic one would be drawn into its run.
_BY, _REASON, _AT = "حجبها · پوشاننده · By", "السبب · دلیل · Reason", "في · زمان · At"
_ORIGINAL = "بصمة الأصل · چکیدهٔ اصل · SHA-256 of the original"
_NOBODY = "(nobody named · لم يذكر أحد · نام کسی نیامده)"
_LETTERS = "\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufeff\u200c"
_ARABIC = re.compile(f"[{_LETTERS}]")
_LATIN = "A-Za-z\u00c0-\u00ff"
_RUNS = re.compile(f"[{_LETTERS}](?:[^{_LATIN}]*[{_LETTERS}0-9]»?)?|[^{_LETTERS}]+")
_PIECES = re.compile(f"[{_LETTERS}]+|[0-9](?:[0-9.,:/-]*[0-9])?|.")
_MIRRORED = str.maketrans("()[]{}<>«»", ")(][}{><»«")
_LONGEST = 300
_SMALLEST_PT, _LARGEST_PT = 11, 28
_NARROWEST_PX = 480


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a copy says of itself."""

    by: str | None
    reason: str
    at: Instant
    original: Digest
    removed: tuple[str, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """Give it in lines, bounded and escaped."""
        by = visible(self.by, longest=_LONGEST) if self.by else _NOBODY
        return (
            " · ".join(_TITLE),
            *self.removed,
            f"{_BY}: {by}",
            f"{_REASON}: {visible(self.reason, longest=_LONGEST)}",
            f"{_AT}: {self.at}",
            f"{_ORIGINAL}:",
            self.original.hex,
        )


def redact_picture(content: bytes, regions: Sequence[Region], *, by: str | None, reason: str, at: Instant) -> bytes:
    """Give a PNG with the regions painted over and a band beneath that says so.

    Raises UsageError for no region or one that is not inside the picture, FormatError for what is no picture.
    """
    from PIL import Image, ImageDraw  # noqa: PLC0415 - only where something is redacted

    picture = unpacked(content)
    _check_regions(regions, picture.width, picture.height)
    pen = ImageDraw.Draw(picture)
    for one in regions:
        corner = (one.left_px + one.width_px - 1, one.top_px + one.height_px - 1)
        pen.rectangle(((one.left_px, one.top_px), corner), fill="black")
    removed = tuple(one.format(count=len(regions)) for one in _PAINTED)
    told = Told(by=by, reason=reason, at=at, original=Digest.of(content), removed=removed)
    band = _band(told.lines, max(picture.width, _NARROWEST_PX))
    whole = Image.new("RGB", (band.width, picture.height + band.height), "white")
    whole.paste(picture, (0, 0))
    whole.paste(band, (0, picture.height))
    out = io.BytesIO()
    whole.save(out, "PNG", optimize=True)
    return out.getvalue()


def redact_text(content: bytes, stretches: Sequence[Stretch], *, by: str | None, reason: str, at: Instant) -> bytes:
    """Give the text with a mark in place of each stretch, beneath lines that say so.

    Raises UsageError for no stretch, for overlapping ones, or one that is not inside the text.
    """
    text = content.decode("utf-8", "surrogateescape")
    ordered = sorted(stretches, key=lambda one: one.start)
    if not ordered:
        raise UsageError("a redaction takes out at least one stretch of text")
    for one in ordered:
        if not 0 <= one.start < one.end <= len(text):
            raise UsageError(f"span {one.start}-{one.end}: the text has {len(text)} characters")
    for before, after in pairwise(ordered):
        if after.start < before.end:
            raise UsageError(f"spans {before.start}-{before.end} and {after.start}-{after.end} overlap")
    pieces, at_character = [], 0
    for one in ordered:
        pieces += [text[at_character : one.start], MARK]
        at_character = one.end
    removed = tuple(one.format(count=len(ordered), mark=MARK) for one in _CUT_OUT)
    told = Told(by=by, reason=reason, at=at, original=Digest.of(content), removed=removed)
    body = "".join(pieces) + text[at_character:]
    head = "".join(f"[{line}]\n" for line in told.lines)
    return (head + "\n" + body).encode("utf-8", "surrogateescape")


def _check_regions(regions: Sequence[Region], width: int, height: int) -> None:
    if not regions:
        raise UsageError("a redaction takes out at least one region of the picture")
    for one in regions:
        inside = one.left_px >= 0 and one.top_px >= 0 and one.width_px > 0 and one.height_px > 0
        if not inside or one.left_px + one.width_px > width or one.top_px + one.height_px > height:
            raise UsageError(
                f"region {one.left_px},{one.top_px},{one.width_px},{one.height_px}: the picture is {width} x {height}"
            )


def _band(lines: Sequence[str], width: int) -> "Picture":
    """Give a white band with these lines in black, in letters that fit the longest."""
    from PIL import Image, ImageDraw  # noqa: PLC0415 - only where something is redacted

    room = width - 24
    lines = ["".join(map(_drawable, line)) for line in lines]
    size = next(
        (size for size in range(_LARGEST_PT, _SMALLEST_PT, -1) if all(_width(one, size) <= room for one in lines)),
        _SMALLEST_PT,
    )
    folded = [part for line in lines for part in _folded(line, size, room)]
    step = size * 17 // 10
    band = Image.new("RGB", (width, step * len(folded) + 20), "white")
    pen = ImageDraw.Draw(band)
    pen.rectangle(((0, 0), (width - 1, band.height - 1)), outline="black", width=3)
    for number, line in enumerate(folded):
        _write(pen, line, (12, 10 + number * step), size)
    return band


def _folded(line: str, size: int, room: int) -> list[str]:
    """Give a line in parts that fit."""
    parts = [""]
    for one in line:
        if parts[-1] and _width(parts[-1] + one, size) > room:
            parts.append("")
        parts[-1] += one
    return parts


def _drawable(one: str) -> str:
    """Give a character, or its number where neither font has it: an empty box says nothing."""
    known = _ARABIC.match(one) or ord(one) < 0x100 or 0x2010 <= ord(one) <= 0x2027  # noqa: PLR2004 - Unicode blocks
    return one if known else f"\\u{ord(one):04x}"


def _placed(line: str) -> Iterator[tuple[str, bool]]:
    """Give a line's pieces from left to right, and whether each is Arabic: such a run is turned, its digits are not.

    What stands between Arabic words belongs to their run, and is drawn in the other font: the Arabic one has no space.
    """
    for run in _RUNS.findall(line):
        if not _ARABIC.match(run):
            yield run, False
            continue
        for piece in reversed(_PIECES.findall(run)):
            yield (piece, True) if _ARABIC.match(piece) else (piece.translate(_MIRRORED), False)


def _width(line: str, size: int) -> float:
    return sum(_font(arabic, size).getlength(piece) for piece, arabic in _placed(line))


def _write(pen: "ImageDraw", line: str, place: tuple[int, int], size: int) -> None:
    """Write a line from the left, Arabic in its own font and direction."""
    left: float = place[0]
    for piece, arabic in _placed(line):
        font = _font(arabic, size)
        pen.text((left, place[1]), piece, font=font, fill="black")
        left += font.getlength(piece)


@cache
def _font(arabic: bool, size: int) -> "FreeTypeFont":  # noqa: FBT001 - one of two fonts
    from PIL import ImageFont  # noqa: PLC0415 - only where something is redacted

    name = "noto-naskh-arabic-arabic-400-normal" if arabic else "noto-sans-latin-400-normal"
    with (files("archiver.export") / "fonts" / f"{name}.woff2").open("rb") as file:
        return ImageFont.truetype(io.BytesIO(file.read()), size)
