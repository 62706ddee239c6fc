"""Read a draft: its text with every code point kept, and where in it the links and embedded posts stand.

Offsets are code points of `DraftText.draft.text`: of Markdown and plain text the file's own text, of HTML
the text that the walk in `page` makes.
"""

import re
from dataclasses import dataclass
from pathlib import PurePath

from archiver.model.citation import Draft, Span
from archiver.model.digest import Digest
from archiver.model.errors import FormatError

LIMIT_BYTES = 20 << 20
HTML, MARKDOWN, PLAIN = "text/html", "text/markdown", "text/plain"
_BY_SUFFIX = {
    ".html": HTML, ".htm": HTML, ".xhtml": HTML, ".md": MARKDOWN, ".markdown": MARKDOWN, ".txt": PLAIN, "": PLAIN,
}  # fmt: skip
_ARABIC = re.compile(r"[\u0600-\u06ff]")
_PERSIAN = re.compile(r"[\u067e\u0686\u0698\u06af\u06a9\u06cc]")
_LETTERS = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link in the draft: where its words stand, and the URL as written there."""

    url: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Embed:
    """An embedded post: the URL of its own page, where its text stands, and whose it is as far as it says."""

    url: str
    span: Span
    author: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftText:
    """A draft with what it links and embeds, in the order of the text."""

    draft: Draft
    links: tuple[Link, ...]
    embeds: tuple[Embed, ...]


def read_draft(name: str, content: bytes, *, media_type: str | None = None) -> DraftText:
    """Give the draft in a file, its kind told by name and content unless it is given.

    Raises FormatError for what is not UTF-8 text, is too large, or of a kind that is not read.
    """
    if len(content) > LIMIT_BYTES:
        raise FormatError(f"{name}: expected at most {LIMIT_BYTES >> 20} MiB, found {len(content)} bytes")
    text = _decoded(name, content)
    kind = media_type or _kind(name, text)
    links: tuple[Link, ...] = ()
    embeds: tuple[Embed, ...] = ()
    if kind == HTML:
        from archiver.cite.page import read_page  # noqa: PLC0415 - lxml, only for HTML

        text, links, embeds = read_page(text, name=name)
    elif kind == MARKDOWN:
        from archiver.cite.markdown import markdown_links  # noqa: PLC0415 - only for Markdown

        links = markdown_links(text)
    else:
        links = bare_links(text)
    draft = Draft(name=name, media_type=kind, digest=Digest.of(content), text=text, language=language_of(text))
    return DraftText(draft=draft, links=links, embeds=embeds)


_URL = re.compile(r"https?://[^\s<>\"«»“”{}|\\^`\u200e\u200f\u202a-\u202e\u2066-\u2069]+", re.IGNORECASE)
_TRAILING = ".,;:!?،؛؟…'’*_)]}»”"


def bare_links(text: str, *, start: int = 0) -> tuple[Link, ...]:
    """Give the URLs that stand in plain text; punctuation after one is not part of it."""
    found = []
    for match in _URL.finditer(text):
        url = _trimmed(match[0])
        if "." in url.partition("://")[2] or "localhost" in url or url.count(":") > 1:
            span = Span(start=start + match.start(), end=start + match.start() + len(url))
            found.append(Link(url=url, span=span))
    return tuple(found)


def _trimmed(url: str) -> str:
    """Cut what closes the sentence; a bracket that the URL opened itself stays."""
    while url and url[-1] in _TRAILING:
        opener = {")": "(", "]": "[", "}": "{"}.get(url[-1])
        if opener and url.count(opener) >= url.count(url[-1]):
            break
        url = url[:-1]
    return url


def language_of(text: str) -> str | None:
    """Give ``ar``, ``fa`` or ``en`` by the letters of the text, None where there are none."""
    letters = len(_LETTERS.findall(text[:20_000]))
    arabic = len(_ARABIC.findall(text[:20_000]))
    if not letters:
        return None
    if arabic * 2 < letters:
        return "en"
    return "fa" if len(_PERSIAN.findall(text[:20_000])) * 12 > arabic else "ar"


def _decoded(name: str, content: bytes) -> str:
    if content[:4] in (b"PK\x03\x04", b"%PDF"):
        raise FormatError(
            f"{name}: expected HTML, Markdown or plain text, found {'DOCX or ZIP' if content[:1] == b'P' else 'PDF'}",
            hint="save the draft as HTML or as text",
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(
            f"{name}: expected UTF-8 text, found byte 0x{content[error.start]:02x} at {error.start}"
        ) from error
    if "\x00" in text:
        raise FormatError(f"{name}: expected text, found a NUL at character {text.index(chr(0))}")
    return text


def _kind(name: str, text: str) -> str:
    found = _BY_SUFFIX.get(PurePath(name).suffix.lower())
    if found is None:
        raise FormatError(f"{name}: expected .html, .md or .txt", hint="rename the file after what it holds")
    looks_like_html = re.match(r"\s*<(!doctype html|html|\?xml)", text[:200], re.IGNORECASE)
    return HTML if found == PLAIN and looks_like_html else found
