"""Quotations by their marks: « » “ ” „ ‘ ’ and straight ones, verbatim, with what is wrong with the marks.

LIMIT: names of media and scare quotes stand in marks too; telling them from quotations is a later stage.
"""

import re
from collections.abc import Iterator

from archiver.model.citation import Quote, Span

_PAIRS = {"«": "»", "“": "”", "„": "“”", "‹": "›", '"': '"', "”": "“"}
_CLOSERS = "»”›"
_LONGEST = 4000
_LETTER = re.compile(r"\w")


def find_quotes(text: str, start: int, end: int) -> Iterator[Quote]:
    """Give the quotations in ``text[start:end]``, in order, without their marks, none inside another.

    ``marks`` is the pair found, or ``unclosed`` where a quotation runs to the end of the stretch.
    """
    at = start
    while at < end:
        opener = text[at]
        closers = _PAIRS.get(opener)
        if closers is None or not _opens(text, at, opener):
            at += 1
            continue
        close = _close(text, at + 1, min(end, at + 1 + _LONGEST), opener, closers)
        if close is None:
            quote = _quote(text, at + 1, end, "unclosed")
            if quote is not None and opener != '"':
                yield quote
            return
        quote = _quote(text, at + 1, close, opener + text[close])
        if quote is not None:
            yield quote
        at = close + 1


def _opens(text: str, at: int, mark: str) -> bool:
    """Say whether a mark that can also close one opens a quotation here: a word follows, none stands before."""
    if mark not in ('"', "”"):
        return True
    before = text[at - 1] if at else " "
    after = text[at + 1] if at + 1 < len(text) else " "
    return not _LETTER.match(before) and not after.isspace()


def _close(text: str, start: int, end: int, opener: str, closers: str) -> int | None:
    depth = 0
    for at in range(start, end):
        one = text[at]
        if one == opener and opener not in closers:
            depth += 1
        elif one in closers:
            if depth == 0:
                return at
            depth -= 1
    return None


def _quote(text: str, start: int, end: int, marks: str) -> Quote | None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in _CLOSERS):
        end -= 1
    if end <= start:
        return None
    return Quote(text=text[start:end], span=Span(start=start, end=end), marks=marks)
