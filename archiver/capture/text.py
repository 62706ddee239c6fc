"""What a page says: its visible text, its DOM and what it claims of itself.

Read in an isolated world of the browser, so that scripts of the page cannot put words into it by redefining
``innerText`` or ``querySelector``; and bounded there, before anything crosses to this process.
Text keeps every code point: zero-width non-joiners, no-break spaces and bidi marks are part of a quote.

LIMIT: the main frame only; text inside iframes and closed shadow roots is in the WARC and the pictures, not here.
LIMIT: lone surrogates cannot be written as UTF-8 and become U+FFFD.
"""

from dataclasses import dataclass, replace
from typing import Any, Final

from archiver.capture.isolated import IsolatedWorld
from archiver.model.digest import Digest
from archiver.model.errors import FormatError
from archiver.model.evidence import PageFacts

MOST_TEXT_CHARACTERS: Final = 10_000_000
MOST_DOM_CHARACTERS: Final = 50_000_000
_MOST_FACT_CHARACTERS: Final = 2_000
_READ_TEXT: Final = """
  const text = body ? body.innerText : '';
  return {cut: text.length > limit, text: text.slice(0, limit).toWellFormed()};
"""
_READ_DOM: Final = """
  const type = of('doctype') ? new XMLSerializer().serializeToString(of('doctype')) : '';
  const html = type + (root ? root.outerHTML : '');
  return html.length > limit ? null : html.toWellFormed();
"""
_READ_CLAIMS: Final = """
  const cut = (value) => value ? String(value).slice(0, limit).toWellFormed() : null;
  const first = (selector, name) => {
    const found = all(selector)[0];
    return found ? cut(found.getAttribute(name)) : null;
  };
  const inside = (value, depth) => {
    if (depth > 6 || value === null || typeof value !== 'object') return null;
    if (!Array.isArray(value) && typeof value.datePublished === 'string') return value.datePublished;
    for (const part of Object.values(value).slice(0, 200)) {
      const found = inside(part, depth + 1);
      if (found) return found;
    }
    return null;
  };
  const linked = () => {
    for (const script of all('script[type="application/ld+json"]').slice(0, 20)) {
      if (script.textContent.length > 1000000) continue;
      try {
        const found = inside(JSON.parse(script.textContent), 0);
        if (found) return cut(found);
      } catch (error) { continue; }
    }
    return null;
  };
  return {
    title: cut(of('title')),
    language: root ? cut(root.getAttribute('lang')) : null,
    direction: root ? cut(root.getAttribute('dir') || (body && body.getAttribute('dir'))) : null,
    canonical_url: first('link[rel~="canonical" i]', 'href'),
    site_name: first('meta[property="og:site_name" i]', 'content'),
    published_claimed: first('meta[property="article:published_time" i]', 'content') || linked()
      || first('[itemprop="datePublished"]', 'content') || first('[itemprop="datePublished"]', 'datetime')
      || first('article time[datetime]', 'datetime'),
    password: all('input[type="password" i]').length > 0,
    pictures: all('img').filter((image) => image.naturalWidth > 1).length
      + all('svg, canvas, video, audio, iframe, frame, object, embed').length,
    url: cut(of('URL')),
  };
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageClaims:
    """What the page says of itself, and two facts that tell a wall from a source."""

    facts: PageFacts
    url: str | None
    has_password_input: bool
    pictures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VisibleText:
    """The rendered text of the main frame. ``cut`` where it was longer than what is kept."""

    text: str
    cut: bool


class PageReader:
    """Reads one page from its isolated world."""

    def __init__(self, world: IsolatedWorld) -> None:
        self._world = world

    async def claims(self, deadline_s: float) -> PageClaims:
        """Give what the page claims of itself. Raises FormatError, TimeoutError or Playwright's Error."""
        found = _mapping(await self._world.ask(_READ_CLAIMS, _MOST_FACT_CHARACTERS, deadline_s))
        facts = PageFacts(
            title=_text(found, "title"),
            language=_text(found, "language"),
            direction=_text(found, "direction"),
            canonical_url=_text(found, "canonical_url"),
            site_name=_text(found, "site_name"),
            published_claimed=_text(found, "published_claimed"),
        )
        pictures = found.get("pictures")
        return PageClaims(
            facts=facts,
            url=_text(found, "url"),
            has_password_input=found.get("password") is True,
            pictures=pictures if isinstance(pictures, int) else 0,
        )

    async def visible_text(self, deadline_s: float) -> VisibleText:
        """Give the text as rendered, every code point kept. Raises as `claims` does."""
        found = _mapping(await self._world.ask(_READ_TEXT, MOST_TEXT_CHARACTERS, deadline_s))
        text = found.get("text")
        if not isinstance(text, str):
            raise FormatError(f"page text: expected a string, found {type(text).__name__}")
        return VisibleText(text=text, cut=found.get("cut") is True)

    async def dom(self, deadline_s: float) -> str | None:
        """Give the document as it stands, serialised; None where it is too large. Raises as `claims` does."""
        found = await self._world.ask(_READ_DOM, MOST_DOM_CHARACTERS, deadline_s)
        return found if isinstance(found, str) else None


def with_text(claims: PageClaims, text: VisibleText, encoded: bytes) -> PageClaims:
    """Give the claims with the length and digest of the text file that was written."""
    facts = replace(claims.facts, text_characters=len(text.text), text_digest=Digest.of(encoded))
    return replace(claims, facts=facts)


def _mapping(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise FormatError(f"page: expected an object, found {type(value).__name__}")
    return value


def _text(found: dict[str, Any], name: str) -> str | None:
    value = found.get(name)
    return value if isinstance(value, str) and value else None
