"""Which part of a page is its article: the element that holds most of the page's prose, furniture left out."""

import datetime as dt
import re

from lxml import html

FURNITURE = frozenset(("nav", "header", "footer", "aside", "form"))
_FURNITURE_ROLES = frozenset(("navigation", "banner", "contentinfo", "complementary", "search", "menu"))
_FURNITURE_NAMES = re.compile(
    r"(?:\b|_)(?:nav|navbar|menu|breadcrumbs?|share|sharing|social-?(?:links|icons|share)|related|sidebar|widget|tags?|"
    r"footer|newsletter|subscribe|promo|advert\w*|cookie|recommend\w*|most-?read|trending)(?:\b|_)"
)
_NEVER_PROSE = re.compile(r"(?:\b|_)(?:comments?|respond|disqus)(?:\b|_)")
EMBEDS = frozenset(("twitter-tweet", "twitter-video"))
_PARAGRAPH = 140
_LEAST_PROSE = 400
_MOST = 0.7
_LITTLE_MORE = 4
_PROSE = ("p", "blockquote")
_WHOLE_PAGE = 0.4
_PUBLISHED = (
    "//meta[@property='article:published_time']/@content",
    "//meta[@itemprop='datePublished']/@content",
    "//*[@itemprop='datePublished']/@datetime",
    "//meta[@name='pubdate' or @name='date' or @name='publish-date' or @name='DC.date.issued']/@content",
)
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_JSON_PUBLISHED = re.compile(r'"datePublished"\s*:\s*"(\d{4}-\d\d-\d\d)')


def main_element(document: html.HtmlElement) -> tuple[html.HtmlElement, bool]:
    """Give the element that holds the article, and whether the page itself says so (one article or main)."""
    body = next(iter(document.xpath("//body")), document)
    paragraphs = len(body.xpath(".//p"))
    for path in ("//article", "//main", "//*[@role='main']"):
        found = document.xpath(path)
        if len(found) == 1 and len(found[0].xpath(".//p")) * 3 >= paragraphs:
            return found[0], True
    return _densest(body), False


def published(document: html.HtmlElement, content: str) -> dt.date | None:
    """Give the day on which the page says that it was published, None where it says none."""
    told = [str(one) for path in _PUBLISHED for one in document.xpath(path)[:1]]
    told.extend(match[1] for match in [_JSON_PUBLISHED.search(content)] if match)
    for one in told:
        match = _ISO.search(one)
        if match:
            try:
                return dt.date(int(match[1]), int(match[2]), int(match[3]))
            except ValueError:
                continue
    return None


def is_furniture(element: html.HtmlElement, tag: str, characters: int) -> bool:
    """Say whether an element is navigation, sharing, related stories and the like, and no part of the article.

    A frame around most of the page, around long paragraphs or an embedded post may be called anything: it is none.
    """
    if tag in FURNITURE and len(element.text_content()) < characters * _WHOLE_PAGE:
        return True
    if element.get("role", "") in _FURNITURE_ROLES or element.get("hidden") is not None:
        return True
    if tag not in ("div", "section", "ul", "p", "span"):
        return False
    names = f"{element.get('class', '')} {element.get('id', '')}".lower()
    if len(element.text_content()) >= characters * _WHOLE_PAGE:
        return False
    if _NEVER_PROSE.search(names):
        return True
    return bool(_FURNITURE_NAMES.search(names)) and not _holds_prose(element)


def _holds_prose(element: html.HtmlElement) -> bool:
    if any(EMBEDS & set((one.get("class") or "").split()) for one in element.iter("blockquote")):
        return True
    return any(_own_text(one) >= _PARAGRAPH for one in element.iter("p"))


def _own_text(paragraph: html.HtmlElement) -> int:
    """Give how much of a paragraph is its own words and no link's."""
    linked = sum(len(one.text_content()) for one in paragraph.iter("a"))
    return len(paragraph.text_content().strip()) - linked


def _densest(body: html.HtmlElement) -> html.HtmlElement:
    """Give the deepest element that holds most of the prose; the body where there is little prose at all."""
    weights: dict[html.HtmlElement, int] = {}
    for paragraph in body.iter("p", "blockquote"):
        size = _own_text(paragraph)
        if size < 40 or _in_furniture(paragraph):  # noqa: PLR2004 - a caption, a label
            continue
        for one in (paragraph, *paragraph.iterancestors()):
            weights[one] = weights.get(one, 0) + size
    total = weights.get(body, 0)
    if total < _LEAST_PROSE:
        return body
    at = body
    while True:
        inner = next((one for one in at if weights.get(one, 0) >= total * _MOST and one.tag not in _PROSE), None)
        if inner is None:
            return _with_lead(at, weights)
        at = inner


def _with_lead(element: html.HtmlElement, weights: dict[html.HtmlElement, int]) -> html.HtmlElement:
    """Give the element around, where a lead stands right before the text and not much else is there."""
    around = element.getparent()
    led = any(weights.get(one, 0) for one in element.itersiblings(preceding=True))
    if around is None or not led:
        return element
    return around if len(around.text_content()) <= len(element.text_content()) * _LITTLE_MORE else element


def _in_furniture(paragraph: html.HtmlElement) -> bool:
    for one in paragraph.iterancestors():
        names = f"{one.get('class', '')} {one.get('id', '')}".lower()
        if one.tag in FURNITURE or _NEVER_PROSE.search(names):
            return True
    return False
