"""Long pages are cut at full width; every row of the original is on some sheet, overlaps are marked beside it."""

import io
from dataclasses import replace
from itertools import pairwise

import pytest
from PIL import Image

from archiver.export import report_pictures
from archiver.export.report_drawings import DrawnSheet
from archiver.export.report_lines import caption_of
from archiver.export.report_pictures import OVERLAP_PX, Sheet, sheets_of, thumbnail_of
from archiver.export.report_words import words_in
from archiver.model.digest import Digest
from archiver.model.errors import FormatError
from archiver.model.evidence import Artifact, Role
from tests.support.report_case import picture


def sheets(content: bytes) -> list[Sheet]:
    return list(sheets_of(content, height_per_width_percent=133))


def test_every_row_of_a_long_page_is_on_a_sheet_and_neighbours_overlap() -> None:
    found = sheets(picture(1, 1280, 9000))
    assert len(found) == 6
    assert (found[0].top, found[-1].bottom) == (0, 9000)
    for before, after in pairwise(found):
        assert before.bottom - after.top == OVERLAP_PX == after.overlap
    assert {(one.of, one.height) for one in found} == {(6, 9000)}
    assert found[-1].left_out == 0


def test_no_sheet_is_scaled_to_nothing_whatever_its_height() -> None:
    for height in (10, 900, 1702, 2060, 25_000):
        for one in sheets(picture(1, 1280, height)):
            drawn = Image.open(io.BytesIO(one.jpeg))
            assert drawn.width == 1280 + 2 * (1280 // 80)
            assert drawn.height == one.bottom - one.top <= 1280 * 133 // 100


def test_a_page_of_a_document_a_little_too_high_stays_whole_and_fits_the_paper() -> None:
    for height in (1703, 2246):
        (found,) = sheets_of(picture(1, 1280, height), height_per_width_percent=133, whole=True)
        drawn = Image.open(io.BytesIO(found.jpeg))
        assert (found.top, found.bottom) == (0, height)
        assert drawn.height * 100 // drawn.width <= 133


def test_a_picture_a_little_too_high_stands_on_one_sheet_and_says_its_scale() -> None:
    """Finding R7: a page of 1,800 px took two sheets, both half empty."""
    for height, scale in ((1702, 100), (1744, 100), (1800, 96), (2050, 85)):
        (found,) = sheets(picture(1, 1280, height))
        drawn = Image.open(io.BytesIO(found.jpeg))
        assert (found.top, found.bottom, found.scale_percent) == (0, height, scale)
        assert drawn.height * 100 <= drawn.width * 134
        assert (1280 + 2 * 16) * 100 // drawn.width - scale in (0, 1)
    assert [one.scale_percent for one in sheets(picture(1, 1280, 2060))] == [100, 100]


@pytest.mark.parametrize("language", ["en", "ar", "fa"])
def test_a_caption_has_one_kind_of_digits_and_says_the_scale(language: str) -> None:
    """Finding F4: Persian captions had some rows in Latin digits, some in Persian ones."""
    artifact = Artifact(
        role=Role.SCREENSHOT_FULL, name="full.png", media_type="image/png", extension="png", size_bytes=1,
        digest=Digest.of(b"full"),
    )  # fmt: skip
    words = words_in(language)
    for content, key in ((picture(1, 1280, 1900), "sheet_scale"), (picture(1, 1280, 3000), "sheet_overlap")):
        last = replace(sheets(content)[-1], jpeg=b"")
        told = caption_of(words, 12, DrawnSheet(artifact=artifact, sheet=last, file="e1.jpg")).striptags()
        told = told.replace(artifact.digest.hex, "").replace("SHA-256", "").replace("full.png", "")
        found = {one for one in told if one.isdigit()}
        assert found <= set(words.number(1234567890)), told
        assert words.say(key, rows=last.overlap, percent=last.scale_percent).striptags() in told
        assert words.number(last.height) in told


def test_rows_that_stand_twice_have_bars_in_the_margin_and_no_pixel_is_covered() -> None:
    first, second, *_ = sheets(picture(1, 1280, 3000))
    margin = 1280 // 80
    for sheet, row in ((first, first.bottom - 10), (second, second.top + 10)):
        drawn = Image.open(io.BytesIO(sheet.jpeg)).convert("RGB")
        red, green, _ = drawn.getpixel((margin // 2, row - sheet.top))  # type: ignore[misc] # a triple of an RGB picture
        assert red > green + 60
        middle = drawn.getpixel((margin + 640, (sheet.bottom - sheet.top) // 2 // 100 * 100 + 10))
        assert min(middle) > 180  # type: ignore[arg-type] # same


def test_a_picture_too_long_for_all_sheets_says_how_much_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_pictures, "MOST_SHEETS", 2)
    found = sheets(picture(1, 1280, 9000))
    assert len(found) == 2
    assert found[-1].left_out == 9000 - found[-1].bottom > 0


def test_a_wide_picture_is_drawn_at_print_width() -> None:
    (found,) = sheets(picture(1, 3000, 900))
    assert Image.open(io.BytesIO(found.jpeg)).width == 1600


def test_transparency_becomes_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (300, 300), (0, 0, 0, 0)).save(out, "PNG")
    (found,) = sheets(out.getvalue())
    assert Image.open(io.BytesIO(found.jpeg)).getpixel((150, 150)) == (255, 255, 255)


def test_a_thumbnail_is_small_and_of_the_upper_part() -> None:
    drawn = Image.open(io.BytesIO(thumbnail_of(picture(1, 1280, 9000))))
    assert drawn.width == 480
    assert drawn.height <= 300


@pytest.mark.parametrize("content", [b"", b"no picture", picture(1, 1280, 900)[:400]])
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(FormatError, match="picture") as told:
        sheets(content)
    assert "0x" not in told.value.message, "no address of memory"


def test_a_picture_with_more_pixels_than_are_unpacked_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_pictures, "_MOST_PIXELS", 1000)
    with pytest.raises(FormatError, match="1280 x 900 pixels"):
        sheets(picture(1, 1280, 900))
