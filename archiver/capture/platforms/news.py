"""What a news page claims of itself by JSON-LD: claims of the publisher, not findings of ours."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from archiver.capture.structure import Json, Structure, dig

NAME: Final = "news"
_KINDS: Final = frozenset(
    {
        "Article",
        "NewsArticle",
        "ReportageNewsArticle",
        "AnalysisNewsArticle",
        "OpinionNewsArticle",
        "BackgroundNewsArticle",
        "ReviewNewsArticle",
        "LiveBlogPosting",
        "BlogPosting",
        "SocialMediaPosting",
        "Report",
        "SatiricalArticle",
        "TechArticle",
        "ClaimReview",
    }
)
_LONGEST: Final = 500
_MOST_AUTHORS: Final = 20
_MOST_OBJECTS: Final = 5_000
# Marks of direction and joiners stay: the words are the publisher's. Only what would break a line goes.
_BREAKS: Final = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")
_FREE: Final = {"true": True, "false": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsClaims:
    """An article as its publisher describes it. ``free`` is False where it says that one must pay."""

    kind: str
    headline: str | None = None
    authors: tuple[str, ...] = ()
    publisher: str | None = None
    published_claimed: str | None = None
    modified_claimed: str | None = None
    url: str | None = None
    free: bool | None = None


def read_news(page: Structure) -> NewsClaims | None:
    """Give what the page's JSON-LD says of its article: the first one with a headline; None where there is none."""
    known: dict[str, Json] = {}
    articles: list[tuple[str, Json]] = []
    for number, one in enumerate(page.linked_data()):
        if number >= _MOST_OBJECTS:
            break
        kind = next((kind for kind in map(_name_of, _several(one.get("@type"))) if kind in _KINDS), None)
        if kind is not None and _headline(one) is not None:
            articles.append((kind, one))
        name = one.get("@id")
        if isinstance(name, str) and len(one) > 1:
            known.setdefault(name, one)
    return _claims(*articles[0], known, page) if articles else None


def _claims(kind: str, article: Json, known: dict[str, Json], page: Structure) -> NewsClaims:
    authors = dict.fromkeys((*_names(article.get("author"), known), *_names(article.get("creator"), known)))
    return NewsClaims(
        kind=kind,
        headline=_headline(article),
        authors=tuple(authors)[:_MOST_AUTHORS],
        publisher=next(_names(article.get("publisher"), known), None),
        published_claimed=_text(article.get("datePublished")),
        modified_claimed=_text(article.get("dateModified")),
        url=_url(page.link("canonical")) or _url(article.get("url")) or _url(_page(article)),
        free=_is_free(article.get("isAccessibleForFree")),
    )


def _is_free(value: object) -> bool | None:
    if isinstance(value, str):
        return _FREE.get(value.lower().rpartition("/")[2])
    return value if isinstance(value, bool) else None


def _headline(article: Json) -> str | None:
    """Give the headline, also under the misspelling that some agencies' pages share."""
    return next(
        (text for text in (_text(article.get(name)) for name in ("headline", "headLine", "name")) if text), None
    )


def _page(article: Json) -> object:
    page = article.get("mainEntityOfPage")
    return page if isinstance(page, str) else dig(page, "@id") or article.get("@id")


def _names(value: object, known: dict[str, Json]) -> Iterator[str]:
    """Give names of people or houses: told by themselves, or by reference to another object of the page.

    ``byline`` is what some agencies write for a person's name.
    """
    for one in _several(value):
        name = (_text(dig(one, "name")) or _text(dig(one, "byline"))) if isinstance(one, dict) else _text(one)
        reference = dig(one, "@id")
        if name is None and isinstance(reference, str):
            name = _text(dig(known.get(reference), "name"))
        if name is not None:
            yield name


def _several(value: object) -> list[object]:
    return value[:_MOST_AUTHORS] if isinstance(value, list) else [value]


def _name_of(kind: object) -> str:
    """Give the name of a type that may be written as an address of schema.org."""
    return kind.rpartition("/")[2].rpartition(":")[2] if isinstance(kind, str) else ""


def _text(value: object) -> str | None:
    """Give a text that a manifest can hold: one line, no lone surrogates, bounded."""
    if not isinstance(value, str):
        return None
    whole = value[: _LONGEST * 4].encode("utf-8", "replace").decode("utf-8")
    return _BREAKS.sub(" ", whole).strip()[:_LONGEST] or None


def _url(value: object) -> str | None:
    text = _text(value)
    return text if text is not None and text.startswith(("https://", "http://")) else None
