"""Pages and answers for the tests of the rules: written after each platform's documented structure, never copied."""

import json
from typing import Any
from urllib.parse import quote

from archiver.capture.platforms import read_item
from archiver.capture.platforms.item import Item
from archiver.capture.structure import Answer, Structure, read_structure


def item_of(url: str) -> Item:
    """Give the item of a URL that must have one."""
    item = read_item(url)
    assert item is not None, url
    return item


def page(url: str, dom: str = "<p>.</p>", *answers: Answer, **seen: Any) -> Structure:  # noqa: ANN401 - its fields
    """Give the structure of a page that was asked for and stayed where it was."""
    given: dict[str, Any] = {"requested_url": url, "final_url": url, "status": 200, "dom": dom, "answers": answers}
    return read_structure(**{**given, **seen})


def script(script_id: str, value: object) -> str:
    """Give a script of JSON as a framework leaves it in a page."""
    return f'<script id="{script_id}" type="application/json">{json.dumps(value)}</script>'


def linked(*values: object) -> str:
    """Give JSON-LD, one script a value."""
    return "".join(f'<script type="application/ld+json">{json.dumps(value)}</script>' for value in values)


def assigned(name: str, value: object) -> str:
    """Give a script that assigns JSON to a name."""
    return f"<script>if(!window.{name}){{}} var {name} = {json.dumps(value)};var after = {{}};</script>"


def graphql(operation: str, variables: dict[str, object], body: object, status: int = 200) -> Answer:
    """Give an answer of X's API as its page asks for it."""
    asked = quote(json.dumps(variables))
    return Answer(url=f"https://api.x.com/graphql/abc/{operation}?variables={asked}", status=status, body=body)
