"""The structure of a page, as far as a judgement may rest on it: status, heads, markup, and JSON. Never its prose.

Everything read here was written by strangers: sizes, depths and counts are bounded, and nothing raises.
LIMIT: of a page nested deeper than libxml2 follows (256 elements), or larger than 10 MB, only the first part is seen.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

_MOST_DOM: Final = 10_000_000
_MOST_SCRIPT: Final = 4_000_000
_MOST_SCRIPTS: Final = 400
_MOST_OBJECTS: Final = 200_000
_MOST_TRIES: Final = 8
_NO_XML: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_WORD: Final = re.compile(r"[A-Za-z0-9_.#:-]{1,60}\Z")

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A JSON answer that the page itself asked for."""

    url: str
    status: int
    body: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """What a judgement may rest on. ``tree`` is the parsed DOM as it stood after settling, or None."""

    requested_url: str
    final_url: str
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    redirects: tuple[str, ...] = ()
    answers: tuple[Answer, ...] = ()
    text_characters: int | None = None
    tree: Any = field(default=None, repr=False, compare=False)

    def header(self, name: str) -> str | None:
        """Give a field of the main response's head, in any case of letters."""
        return next((value.strip() for key, value in self.headers if key.lower() == name), None)

    def select(self, xpath: str, **values: str) -> list[Any]:
        """Give what an XPath finds in the DOM; values are given as variables, never put into the expression."""
        if self.tree is None:
            return []
        try:
            found = self.tree.xpath(xpath, **values)
        except ValueError:  # a value that XML cannot hold
            return []
        return found if isinstance(found, list) else []

    def meta(self, name: str) -> str | None:
        """Give a ``meta`` field of the page by its ``property`` or ``name``."""
        found = self.select("//meta[@property=$name or @name=$name]/@content", name=name)
        return str(found[0]).strip() if found else None

    def link(self, relation: str) -> str | None:
        """Give a ``link`` of the page by its relation."""
        found = self.select("//link[@rel=$relation]/@href", relation=relation)
        return str(found[0]).strip() if found else None

    def state(self, script_id: str) -> object:
        """Give the JSON of a script by its id, or None."""
        found = self.select("//script[@id=$name]", name=script_id)
        return parsed(found[0].text or "") if found else None

    def embedded(self) -> Iterator[object]:
        """Give the value of each script of JSON in the page."""
        for script in self.select("//script[@type='application/json']")[:_MOST_SCRIPTS]:
            yield parsed(script.text or "")

    def inline_scripts(self) -> Iterator[str]:
        """Give the text of each script that stands in the page."""
        for script in self.select("//script[not(@src)]")[:_MOST_SCRIPTS]:
            yield str(script.text or "")[:_MOST_SCRIPT]

    def assigned(self, name: str) -> object:
        """Give the JSON object that an inline script assigns to a name (``var NAME = {…}``), or None."""
        begin = re.compile(re.escape(name) + r"[\"']?\]?\s*=\s*(?=\{)")
        for text in self.inline_scripts():
            for number, match in enumerate(begin.finditer(text)):
                if number >= _MOST_TRIES:
                    break
                try:
                    return json.JSONDecoder(strict=False).raw_decode(text, match.end())[0]
                except (ValueError, RecursionError):
                    continue
        return None

    def linked_data(self) -> Iterator[Json]:
        """Give every object of the page's JSON-LD, nested ones too, in the order of the page."""
        for script in self.select("//script[starts-with(@type, 'application/ld+json')]")[:_MOST_SCRIPTS]:
            yield from objects(parsed(script.text or ""))


def read_structure(
    *,
    requested_url: str,
    final_url: str,
    status: int | None = None,
    headers: tuple[tuple[str, str], ...] = (),
    redirects: tuple[str, ...] = (),
    dom: str = "",
    answers: tuple[Answer, ...] = (),
    text_characters: int | None = None,
) -> Structure:
    """Give the structure of a page: its DOM parsed, as far as it can be."""
    return Structure(
        requested_url=requested_url,
        final_url=final_url,
        status=status,
        headers=headers,
        redirects=redirects,
        answers=answers,
        text_characters=text_characters,
        tree=_tree(dom[:_MOST_DOM]),
    )


def parsed(text: str) -> object:
    """Give a JSON value, or None where the text is none, too large or too deep. Raw line breaks pass."""
    if len(text) > _MOST_SCRIPT:
        return None
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def objects(value: object) -> Iterator[Json]:
    """Give every JSON object in a value, outer ones first, up to a bound."""
    waiting = [value]
    seen = 0
    while waiting and seen < _MOST_OBJECTS:
        one = waiting.pop()
        seen += 1
        if isinstance(one, dict):
            yield one
            waiting.extend(reversed(one.values()))
        elif isinstance(one, list):
            waiting.extend(reversed(one))


def dig(value: object, *path: str | int) -> object:
    """Give what lies at a path in a JSON value, or None."""
    for step in path:
        if isinstance(step, str) and isinstance(value, dict):
            value = value.get(step)
        elif isinstance(step, int) and isinstance(value, list) and 0 <= step < len(value):
            value = value[step]
        else:
            return None
    return value


def listed(value: object, *path: str | int) -> list[Any]:
    """Give the list that lies at a path in a JSON value, or an empty one."""
    found = dig(value, *path)
    return found if isinstance(found, list) else []


def word_of(value: object) -> str:
    """Give a word of a page's JSON in a form that may stand in a judgement: ASCII, short, else a question mark."""
    return value if isinstance(value, str) and _WORD.match(value) else "?"


def printable(text: str | None, most: int) -> str:
    """Give a text of a head or an address as far as it can stand in a judgement: plain ASCII, bounded."""
    return "".join(one for one in (text or "")[:most] if one.isascii() and one.isprintable())


def _tree(dom: str) -> object:
    from lxml import etree, html  # noqa: PLC0415 - only for pages

    markup = _NO_XML.sub(" ", dom).encode("utf-8", "replace")
    if not markup.strip():
        return None
    parser = html.HTMLParser(huge_tree=False, remove_comments=True, recover=True, encoding="utf-8")
    try:
        return html.document_fromstring(markup, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None
