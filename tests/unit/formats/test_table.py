"""A table opens in a spreadsheet without running anything that a page is called."""

import csv
import io

import pytest

from archiver.formats.table import encode


def rows(raw: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x")', " =1", "\uff1d1", "\t=1", "\r=1", "\n=1"]
)
def test_no_cell_is_a_formula(text: str) -> None:
    [_, [cell]] = rows(encode(["A"], [[text]]))
    assert cell[:1] in ("'", "\\"), cell


def test_the_bytes_are_those_that_spreadsheets_read() -> None:
    raw = encode(["A", "B"], [['مرحبا, "x"', 7], [None, "plain"]])
    assert raw.startswith(b"\xef\xbb\xbfA,B\r\n")
    assert rows(raw) == [["A", "B"], ['مرحبا, "x"', "7"], ["", "plain"]]


def test_control_and_bidi_characters_are_written_out_and_long_cells_cut() -> None:
    [_, [first, second]] = rows(encode(["A", "B"], [["a\u202eb\x00", "x" * 5000]]))
    assert first == "a\\u202eb\\u0000"
    assert len(second) == 4001
