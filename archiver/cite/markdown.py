"""Links of a Markdown draft, with offsets into the Markdown text itself.

markdown-it-py says which links there are (so that code blocks and escapes are respected) and in which
lines; the place inside the lines is then found in the source.
"""

from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

from archiver.cite.read import Link
from archiver.model.citation import Span


def markdown_links(text: str) -> tuple[Link, ...]:
    """Give the links in the order of the text. The span covers the link's words, or the URL itself."""
    lines = _line_starts(text)
    found: list[Link] = []
    for block in MarkdownIt("commonmark", {"linkify": False}).parse(text.replace("\r\n", " \n")):
        if block.type == "inline" and block.map is not None:
            start, end = lines[block.map[0]], lines[min(block.map[1], len(lines) - 1)]
            found.extend(_in_block(text, start, end, block.children or []))
    return tuple(sorted(found, key=lambda link: link.span.start))


def _line_starts(text: str) -> list[int]:
    starts = [0]
    for at, one in enumerate(text):
        if one == "\n":
            starts.append(at + 1)
    return [*starts, len(text)]


def _in_block(text: str, start: int, end: int, tokens: list[Token]) -> Iterator[Link]:
    at = start
    for index, token in enumerate(tokens):
        if token.type == "link_open":
            url = str(token.attrs.get("href", ""))
            words = _words(tokens, index)
            span = _find(text, at, end, words)
            if span is not None and url.startswith(("http://", "https://")):
                yield Link(url=_as_written(text, span, end, url), span=span)
                at = span.end
        elif token.type == "text":
            yield from _bare(text, start, end, token.content)


def _words(tokens: list[Token], index: int) -> str:
    depth = 0
    words: list[str] = []
    for token in tokens[index:]:
        depth += {"link_open": 1, "link_close": -1}.get(token.type, 0)
        if depth == 0:
            break
        words.append(token.content)
    return "".join(words)


def _find(text: str, start: int, end: int, words: str) -> Span | None:
    """Give where the link's words stand; the first of them if markup stands between."""
    for wanted in (words, words.split("\n", 1)[0].strip(), words[:20]):
        place = text.find(wanted, start, end) if wanted else -1
        if place >= 0:
            return Span(start=place, end=min(place + max(len(words), 1), end))
    return None


def _as_written(text: str, span: Span, end: int, url: str) -> str:
    """Give the URL as it stands in the source where it is found there: the parser percent-encodes it."""
    from urllib.parse import unquote  # noqa: PLC0415 - one function of it

    plain = unquote(url)
    return plain if plain != url and text.find(url, span.start, end) < 0 <= text.find(plain, span.start, end) else url


def _bare(text: str, start: int, end: int, content: str) -> Iterator[Link]:
    from archiver.cite.read import bare_links  # noqa: PLC0415 - `read` imports this module

    at = start
    for link in bare_links(content):
        place = text.find(link.url, at, end)
        if place >= 0:
            at = place + len(link.url)
            yield Link(url=link.url, span=Span(start=place, end=at))
