"""Read a draft: its text with every code point kept, and where in it the links and embedded posts stand.

Offsets are code points of `DraftText.draft.text`: of Markdown and plain text the file's own text, of HTML
the text that the walk in `page` makes.
"""

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import PurePath

from archiver.model.citation import Draft, Span
from archiver.model.digest import Digest
from archiver.model.errors import FormatError

LIMIT_BYTES = 20 << 20
HTML, MARKDOWN, PLAIN = "text/html", "text/markdown", "text/plain"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_BY_SUFFIX = {
    ".html": HTML, ".htm": HTML, ".xhtml": HTML, ".md": MARKDOWN, ".markdown": MARKDOWN, ".txt": PLAIN, "": PLAIN,
}  # fmt: skip


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
class PageText:
    """What a page or document holds: its text, links and embedded posts with places in it, the day it claims."""

    text: str
    links: tuple[Link, ...] = ()
    embeds: tuple[Embed, ...] = ()
    published: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftText:
    """A draft with what it links and embeds, in the order of the text.

    ``prose`` is the text to read: as long as the draft's own, with the marks of Markdown and the URLs blanked.
    """

    draft: Draft
    links: tuple[Link, ...]
    embeds: tuple[Embed, ...]
    prose: str = ""
    published_claimed: dt.date | None = None


def read_draft(name: str, content: bytes, *, media_type: str | None = None) -> DraftText:
    """Give the draft in a file, its kind told by name and content unless it is given.

    Raises FormatError for what is not UTF-8 text, is too large, or of a kind that is not read.
    """
    if len(content) > LIMIT_BYTES:
        raise FormatError(f"{name}: expected at most {LIMIT_BYTES >> 20} MiB, found {len(content)} bytes")
    kind, page = _page(name, content, media_type)
    draft = Draft(
        name=name, media_type=kind, digest=Digest.of(content), text=page.text, language=language_of(page.text)
    )
    prose = blanked(page.text) if kind != MARKDOWN else markdown_blanked(page.text)
    return DraftText(draft=draft, links=page.links, embeds=page.embeds, prose=prose, published_claimed=page.published)


def _page(name: str, content: bytes, media_type: str | None) -> tuple[str, PageText]:
    if media_type == DOCX or (media_type is None and is_docx(content)):
        from archiver.cite.docx import read_docx  # noqa: PLC0415 - only for DOCX

        return DOCX, read_docx(content, name=name)
    text = _decoded(name, content)
    kind = media_type or _kind(name, text)
    if kind == HTML:
        from archiver.cite.page import read_page  # noqa: PLC0415 - lxml, only for HTML

        return kind, read_page(text, name=name)
    if kind == MARKDOWN:
        from archiver.cite.markdown import markdown_links  # noqa: PLC0415 - only for Markdown

        return kind, PageText(text=text, links=markdown_links(text))
    return kind, PageText(text=text, links=bare_links(text))


def is_docx(content: bytes) -> bool:
    """Say whether a file is a ZIP that holds a word-processing document."""
    return content[:4] == b"PK\x03\x04" and b"word/document.xml" in content


_MARKDOWN_MARKS = re.compile(
    r"!?\[|\](?:\([^()\s]{0,2000}(?:\s+\"[^\"\n]{0,200}\")?\)|\[[^\[\]\n]{0,200}\])?|[*`~]+|^[#>]+|^\s*[-+] ",
    re.MULTILINE,
)


def blanked(text: str) -> str:
    """Give a text of the same length whose URLs are spaces: they are read as links, not as prose."""
    return _URL.sub(lambda match: " " * len(match[0]), text)


def markdown_blanked(text: str) -> str:
    """Give a Markdown text of the same length without its marks and URLs."""
    return blanked(_MARKDOWN_MARKS.sub(lambda match: " " * len(match[0]), text))


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
    """Give the code of the language that a text is written in, None where it has no letters."""
    from archiver.cite.language import choose  # noqa: PLC0415 - reads the files of languages

    return choose(text)


def _decoded(name: str, content: bytes) -> str:
    if content[:4] in (b"PK\x03\x04", b"%PDF"):
        raise FormatError(
            f"{name}: expected HTML, Markdown, DOCX or plain text, found {'a ZIP' if content[:1] == b'P' else 'PDF'}",
            hint="save the draft as DOCX, HTML or text",
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
        raise FormatError(f"{name}: expected .html, .md, .docx or .txt", hint="rename the file after what it holds")
    looks_like_html = re.match(r"\s*<(!doctype html|html|\?xml)", text[:200], re.IGNORECASE)
    return HTML if found == PLAIN and looks_like_html else found
