"""The text of a payload as people read it, with a map from every place of it back to the payload.

A layer undoes one way of writing (HTML, or the escapes of JSON and JavaScript) and knows for each place of its text
where it stands below. Layers lie on one another: HTML inside JSON is two. Linear in the length of the text; nothing is
executed, and what cannot be understood stays as it is.
"""

import html
import re
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator

_ESCAPE = re.compile(
    r"\\(?:u\{(?P<code>[0-9A-Fa-f]{1,6})\}"
    r"|u(?P<high>[dD][89abAB][0-9A-Fa-f]{2})\\u(?P<low>[dD][c-fC-F][0-9A-Fa-f]{2})"
    r"|u(?P<four>[0-9A-Fa-f]{4})|x(?P<two>[0-9A-Fa-f]{2})|(?P<one>[^ux]))",
    re.DOTALL,
)
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});?")
_TAG = re.compile(r"/?([A-Za-z][A-Za-z0-9:-]*)")
_LETTERS = {"n": "\n", "r": "\r", "t": "\t", "b": " ", "f": " ", "v": " ", "0": " ", "\n": "", "\r": ""}
_HIDDEN = frozenset(("script", "style", "template"))
_INLINE = frozenset(
    ("a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins",
     "kbd", "mark", "nobr", "q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strike", "strong", "sub", "sup",
     "time", "tt", "u", "var", "wbr")
)  # fmt: skip
_LONGEST_TAG = 1 << 16
_HIGH, _LOW, _LAST_LOW = 0xD800, 0xDC00, 0xDFFF
_LAST = 0x10FFFF

Piece = tuple[int, int, str]
"""A stretch of the text below (start, end), and what it stands for."""


class Layer:
    """A text, and for each place of it where it stands in the text below."""

    def __init__(self, pieces: Iterable[Piece]) -> None:
        self._begins, self._starts, self._ends = array("Q"), array("Q"), array("Q")
        texts: list[str] = []
        at = 0
        for start, end, text in pieces:
            if text:
                self._begins.append(at)
                self._starts.append(start)
                self._ends.append(end)
                texts.append(text)
                at += len(text)
        self.text = "".join(texts)

    def below(self, start: int, end: int) -> tuple[int, int]:
        """Give the stretch below that ``start:end`` of the text, which is not empty, came from."""
        return self._place(start)[0], self._place(end - 1)[1]

    def _place(self, at: int) -> tuple[int, int]:
        index = bisect_right(self._begins, at) - 1
        start, end = self._starts[index], self._ends[index]
        stop = self._begins[index + 1] if index + 1 < len(self._begins) else len(self.text)
        if stop - self._begins[index] != end - start:  # written in another way: it stands for the whole stretch
            return start, end
        return start + at - self._begins[index], start + at - self._begins[index] + 1


def unescaped(text: str) -> Iterator[Piece]:
    """Give the text with the escapes of JSON and JavaScript strings undone, wherever they stand."""
    at = 0
    for match in _ESCAPE.finditer(text):
        yield at, match.start(), text[at : match.start()]
        at = match.end()
        yield match.start(), at, _meant(match)
    yield at, len(text), text[at:]


def _meant(match: re.Match[str]) -> str:
    one, high = match["one"], match["high"]
    if one is not None:
        return _LETTERS.get(one, one)
    if high is not None:
        return chr(0x10000 + ((int(high, 16) - _HIGH) << 10) + int(match["low"], 16) - _LOW)
    code = int(match["code"] or match["four"] or match["two"], 16)
    return "\ufffd" if code > _LAST or _HIGH <= code <= _LAST_LOW else chr(code)


def without_tags(text: str, *, scripts: bool = False) -> Iterator[Piece]:
    """Give the text of HTML or XML: no tags, comments or scripts, entities undone, a line end for each block.

    With ``scripts`` what stands in scripts, styles and templates stays.
    """
    at, hidden = 0, ""
    while at < len(text):
        begin = text.find("<", at)
        if not hidden:
            yield from entities(text, at, begin if begin >= 0 else len(text))
        if begin < 0:
            return
        end, name, closes = _tag(text, begin)
        if name == "":  # no tag: the sign itself
            if not hidden:
                yield begin, begin + 1, "<"
        elif hidden:
            hidden = "" if closes and name == hidden else hidden
        elif name not in _INLINE:
            hidden = name if name in _HIDDEN and not closes and not scripts else ""
            yield begin, end, "\n"
        at = _after_raw(text, end, hidden) if hidden in ("script", "style") else end


def _tag(text: str, begin: int) -> tuple[int, str, bool]:
    """Give where the tag ends that begins here, its name in lowercase ("" if it is none), and whether it closes."""
    if text.startswith("<!--", begin):
        end = text.find("-->", begin + 4)
        return (end + 3 if end >= 0 else len(text)), "!", False
    if text.startswith("<![CDATA[", begin):
        return begin + len("<![CDATA["), "!", False
    if text.startswith(("<!", "<?"), begin):
        end = text.find(">", begin)
        return (end + 1 if end >= 0 else len(text)), "!", False
    match = _TAG.match(text, begin + 1)
    if not match:
        return begin + 1, "", False
    return _tag_end(text, match.end()), match[1].lower(), text.startswith("/", begin + 1)


def _tag_end(text: str, at: int) -> int:
    """Give where the tag ends: at the first ``>`` outside of quotation marks, or, where none is near, at the first."""
    mark, stop = "", min(len(text), at + _LONGEST_TAG)
    for match in _IN_TAG.finditer(text, at, stop):
        found = match[0]
        if mark:
            mark = "" if found == mark else mark
        elif found == ">":
            return match.end()
        else:
            mark = found
    end = text.find(">", at, stop)
    return end + 1 if end >= 0 else stop


_IN_TAG = re.compile("[\"'>]")


def _after_raw(text: str, at: int, name: str) -> int:
    """Give where the text goes on after what is no markup up to its own closing tag."""
    found = re.compile(f"</{re.escape(name)}", re.IGNORECASE).search(text, at)
    return found.start() if found else len(text)


def entities(text: str, start: int = 0, end: int | None = None) -> Iterator[Piece]:
    """Give the text with its character references undone."""
    stop = len(text) if end is None else end
    at = start
    if text.find("&", start, stop) >= 0:
        for match in _ENTITY.finditer(text, start, stop):
            found = html.unescape(match[0])
            if found != match[0]:
                yield at, match.start(), text[at : match.start()]
                yield match.start(), match.end(), found
                at = match.end()
    yield at, stop, text[at:stop]
