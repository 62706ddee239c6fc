"""Pages that say "not found" in their structure while the server says 200: by what makes sites, not by their words.

LIMIT: a "not found" page that shows itself only in its wording is taken for content.
"""

import re
from typing import Final

from archiver.capture.platforms.hosts import host_of, query_of
from archiver.capture.platforms.item import Judgement
from archiver.capture.platforms.news import read_news
from archiver.capture.structure import Structure, dig, objects, parsed
from archiver.model.evidence import Reason

_FIRST_ERROR: Final = 400
_NOT_FOUND: Final = frozenset({404, 410})
_MARKS: Final = (
    ("WordPress: body.error404", "//body[contains(concat(' ', @class, ' '), ' error404 ')]"),
    ("Joomla: body.error_site", "//body[contains(concat(' ', @class, ' '), ' error_site ')]"),
    ("Shopify: body.template-404", "//body[contains(concat(' ', @class, ' '), ' template-404 ')]"),
    ("Next.js: meta next-error not-found", "//meta[@name='next-error' and @content='not-found']"),
)
_DRUPAL: Final = "//script[@data-drupal-selector='drupal-settings-json']"
_FRONT_FILE: Final = re.compile(r"(?:index|default|home|main)(?:\.[a-z]{2,5})?\Z", re.IGNORECASE)
_LANGUAGE: Final = re.compile(r"[a-z]{2}(?:[-_][A-Za-z]{2})?\Z")
_LONG_NAME: Final = 20


def not_found(page: Structure) -> Judgement | None:
    """Give that the page is the site's "not found", or its front page, and not what was asked for."""
    if page.status is None or page.status >= _FIRST_ERROR:
        return None
    told = page.meta("prerender-status-code")
    if told in {"404", "410"}:
        return _soft(f"meta prerender-status-code = {told}", page)
    if _is_article(page):
        return None
    mark = next((name for name, xpath in _MARKS if page.select(xpath)), None) or _by_state(page)
    if mark is not None:
        return _soft(mark, page)
    return _sent_home(page) or _home_by_its_own_word(page)


def _by_state(page: Structure) -> str | None:
    """Give which framework's own state says that the page was not found."""
    route = dig(page.state("__NEXT_DATA__"), "page")
    if route in ("/404", "/_error"):
        return f"Next.js: route {route}"
    if _nuxt_status(page.state("__NUXT_DATA__")) in _NOT_FOUND:
        return "Nuxt: error statusCode 404"
    for error in objects(dig(page.assigned("__remixContext"), "state", "errors")):
        if error.get("__type") == "RouteErrorResponse" and error.get("status") in (404, 410):
            return "Remix: RouteErrorResponse 404"
    for script in page.select(_DRUPAL)[:1]:
        if dig(parsed(script.text or ""), "path", "currentPath") == "system/404":
            return "Drupal: currentPath system/404"
    return None


def _nuxt_status(payload: object) -> int | None:
    """Give the status of the error in a Nuxt payload: a flat list whose numbers point to other places of it."""
    for place in (payload if isinstance(payload, list) else [])[:20]:
        error = dig(payload, _number(dig(place, "error")))
        if isinstance(error, list):  # ["NuxtError", place]
            error = dig(payload, _number(dig(error, 1)))
        status = dig(payload, _number(dig(error, "statusCode")))
        if isinstance(status, int):
            return status
    return None


def _number(value: object) -> int:
    return value if isinstance(value, int) else -1


def _sent_home(page: Structure) -> Judgement | None:
    """Judge a page that was asked for deep in a site and led to the site's front page."""
    if page.redirects and _is_deep(page.requested_url) and _is_front_of(page.final_url, page.requested_url):
        return _soft("redirected from deep in the site to its front page", page)
    return None


def _home_by_its_own_word(page: Structure) -> Judgement | None:
    """Judge a page that calls itself the front page, twice, and asks not to be listed: what shells for "gone" do."""
    canonical, address = page.link("canonical") or "", page.meta("og:url") or ""
    fronts = _is_front_of(canonical, page.final_url) and _is_front_of(address, page.final_url)
    if fronts and _is_deep(page.final_url) and "noindex" in (page.meta("robots") or "").lower():
        return _soft("canonical and og:url are the front page, robots noindex", page)
    return None


def _is_article(page: Structure) -> bool:
    """Say whether the page claims to be an article: plugins that make pages of their own leave 404 marks on them."""
    return page.meta("og:type") == "article" or read_news(page) is not None


def _is_deep(url: str) -> bool:
    """Say whether an address names one thing of a site: not its front page, nor one of its sections."""
    segments = _segments(url)
    if len(segments) != 1:
        return bool(segments) or bool(query_of(url))
    only = segments[0]
    return bool(query_of(url)) or len(only) >= _LONG_NAME or any(one.isdigit() for one in only)


def _is_front_of(url: str, of_url: str) -> bool:
    segments = _segments(url)
    front = not segments or (len(segments) == 1 and _LANGUAGE.match(segments[0]) is not None)
    return front and "?" not in url and "#" not in url and bool(host_of(url)) and _site(url) == _site(of_url)


def _segments(url: str) -> list[str]:
    path = re.sub(r"[?#].*", "", url, flags=re.DOTALL).partition("://")[2].partition("/")[2]
    segments = [one for one in path.split("/") if one]
    return segments[:-1] if segments and _FRONT_FILE.match(segments[-1]) else segments


def _site(url: str) -> str:
    return re.sub(r"\A(?:www|m|mobile|amp)\.", "", host_of(url))


def _soft(what: str, page: Structure) -> Judgement:
    return Judgement(reason=Reason.SOFT_404, rests_on=f"{what}, HTTP status {page.status}")
