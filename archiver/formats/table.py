"""Tables for people: CSV (RFC 4180) in UTF-8 with a byte order mark, safe to open in a spreadsheet.

A cell that a spreadsheet would run as a formula begins with an apostrophe: what a page is called comes from that page.
"""

import csv
import io
from collections.abc import Iterable, Sequence

from archiver.model.text import visible

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_LONGEST = 4000
_BOM = "\ufeff"


def encode(header: Sequence[str], rows: Iterable[Sequence[str | int | None]]) -> bytes:
    """Give the table's bytes: every cell but numbers made safe, control and bidi characters written out."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([_cell(one) for one in row] for row in rows)
    return (_BOM + out.getvalue()).encode("utf-8", "backslashreplace")


def _cell(value: str | int | None) -> str:
    if value is None:
        return ""
    if isinstance(value, int):
        return str(value)
    text = visible(value, longest=_LONGEST)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text
