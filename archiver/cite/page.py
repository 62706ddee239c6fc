"""The text of an HTML draft by our own walk, and its links and embedded posts with offsets into it.

Only ASCII whitespace is collapsed: ZWNJ, NBSP, bidi marks and tashkeel stay as they are. What is furniture
of a saved page (navigation, header, footer, sharing, related stories) gives neither text nor links.
"""

import re
from dataclasses import dataclass, field
from urllib.parse import urldefrag, urljoin, urlsplit

from lxml import etree, html

from archiver.cite.kinds import status_of
from archiver.cite.main_text import EMBEDS, is_furniture, main_element, published
from archiver.cite.read import Embed, Link, PageText
from archiver.model.citation import Span
from archiver.model.errors import FormatError

_BLOCKS = frozenset(
    (
        "address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "fieldset", "figcaption", "figure",
        "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre",
        "section", "table", "td", "th", "tr", "ul",
    )
)  # fmt: skip
_SILENT = frozenset(
    (
        "script",
        "style",
        "noscript",
        "template",
        "head",
        "svg",
        "math",
        "object",
        "iframe",
        "select",
        "button",
        "textarea",
    )
)
_SPACES = re.compile(r"[ \t\n\r\f]+")
_SHARING = re.compile(
    r"//(?:www\.)?(?:facebook\.com/shar|twitter\.com/(?:intent|share|home)|x\.com/(?:intent|share)|t\.me/share|"
    r"api\.whatsapp\.com/|wa\.me/|linkedin\.com/share|pinterest\.\w+/pin/create|telegram\.me/share)"
)
_DEEPEST = 400
_FEWEST_WORDS = 2


@dataclass(slots=True)
class _Walk:
    base: str
    own: str
    characters: int
    prose_only: bool
    parts: list[str] = field(default_factory=list)
    length: int = 0
    links: list[Link] = field(default_factory=list)
    embeds: list[Embed] = field(default_factory=list)

    def text(self, content: str | None) -> None:
        """Add text: ASCII whitespace collapsed, none at the beginning of a line."""
        if not content:
            return
        collapsed = _SPACES.sub(" ", content)
        if self.length == 0 or self.parts[-1].endswith(("\n", " ")):
            collapsed = collapsed.lstrip(" ")
        if collapsed:
            self.parts.append(collapsed)
            self.length += len(collapsed)

    def line(self) -> None:
        """End the line if one was begun."""
        if self.length and not self.parts[-1].endswith("\n"):
            self.parts.append("\n")
            self.length += 1


def read_page(content: str, *, name: str) -> PageText:
    """Give the text of the page's article, its links, its embedded posts, and when it says that it was published."""
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        document = html.document_fromstring(content.encode("utf-8"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError) as error:
        raise FormatError(f"{name}: not HTML: {str(error)[:200]}") from error
    day = published(document, content)
    etree.strip_elements(document, "script", "style", "noscript", "template", with_tail=False)
    body, marked = main_element(document)
    walk = _Walk(base=_base(document), own=_own(document), characters=len(body.text_content()), prose_only=not marked)
    _walk(walk, body, depth=0)
    text = "".join(walk.parts)
    links = [one for one in walk.links if text[one.span.start : one.span.end].strip()]
    return PageText(
        text=text,
        links=tuple(one for one in links if not walk.prose_only or _in_prose(text, one)),
        embeds=tuple(walk.embeds),
        published=day,
    )


def _in_prose(text: str, link: Link) -> bool:
    """Say whether a line holds more than the link: where a page marks no article, bare links are its navigation."""
    start, end = text.rfind("\n", 0, link.span.start) + 1, text.find("\n", link.span.end)
    outside = text[start : link.span.start] + text[link.span.end : end if end >= 0 else len(text)]
    return len(outside.split()) >= _FEWEST_WORDS


def _base(document: html.HtmlElement) -> str:
    for path in ("//base/@href", "//link[@rel='canonical']/@href", "//meta[@property='og:url']/@content"):
        found = [one for one in document.xpath(path) if str(one).startswith(("http://", "https://"))]
        if found:
            return str(found[0])
    return ""


def _own(document: html.HtmlElement) -> str:
    """Give the page's own URL without fragment, where it says one: a link to itself cites nothing."""
    found = document.xpath("//link[@rel='canonical']/@href") or document.xpath("//meta[@property='og:url']/@content")
    return urldefrag(str(found[0]).strip())[0] if found else ""


def _walk(walk: _Walk, element: html.HtmlElement, *, depth: int) -> None:
    tag = element.tag if isinstance(element.tag, str) else ""
    if depth > _DEEPEST or tag in _SILENT or (depth and is_furniture(element, tag, walk.characters)):
        return
    if tag in _BLOCKS:
        walk.line()
    start = walk.length
    walk.text(element.text)
    links_before = len(walk.links)
    for child in element:
        _walk(walk, child, depth=depth + 1)
        walk.text(child.tail)
    if tag == "a":
        _link(walk, element, start)
    elif tag == "blockquote" and EMBEDS & set((element.get("class") or "").split()):
        _embed(walk, element, start, links_before)
    if tag in _BLOCKS:
        walk.line()


def _link(walk: _Walk, element: html.HtmlElement, start: int) -> None:
    """Keep a link that leads somewhere else and has words: a picture's link cites nothing that can be shown."""
    if walk.length == start:
        return
    written = (element.get("href") or "").strip()
    url = written if written.startswith(("http://", "https://")) else _joined(walk.base, written)
    if not url or _SHARING.search(url) or "tag" in (element.get("rel") or "").split():
        return
    if urldefrag(url)[0] == walk.own or not urlsplit(url).hostname:
        return
    walk.links.append(Link(url=url, span=Span(start=start, end=walk.length)))


def _joined(base: str, written: str) -> str:
    """Give the absolute URL of a relative link, empty where it leads nowhere: fragments, mail, scripts."""
    if not base or not written or written.startswith("#") or re.match(r"[a-zA-Z][\w+.-]*:", written):
        return ""
    try:
        return urljoin(base, written)
    except ValueError:
        return ""


def _embed(walk: _Walk, element: html.HtmlElement, start: int, links_before: int) -> None:
    """Make one embedded post of a blockquote: its last status link is its own page; the links inside are its own."""
    inside = walk.links[links_before:]
    own = next((link for link in reversed(inside) if status_of(link.url, anywhere=True)), None)
    cited = element.get("cite") or element.get("data-cite")
    url = own.url if own else cited if cited and status_of(cited, anywhere=True) else None
    if url is None:
        return
    del walk.links[links_before:]
    text = "".join(walk.parts)[start : walk.length]
    match = re.search(r"[—–-] *([^\n(]{1,100}?) *\(@\w{1,15}\)", text)
    author = match[1] if match else None
    walk.embeds.append(Embed(url=url, span=Span(start=start, end=max(walk.length, start + 1)), author=author))
