"""What was fetched besides a page tells of its post too: the platform's rules read it as they read the page.

Pure, but that the scratch files of what was fetched are read.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from archiver.capture.exchange import Exchange
from archiver.capture.platforms import judge_item
from archiver.capture.platforms.hosts import query_of
from archiver.capture.platforms.item import Item
from archiver.capture.structure import Answer, Structure, read_structure
from archiver.model.evidence import Reason

_MOST_BYTES: Final = 4 << 20
_GONE: Final = frozenset({404, 410})
# Those whose hosts are their own. A site that only looks like Mastodon has no API there, and answers 404 to it.
_BELIEVED: Final = frozenset({"x", "bluesky", "telegram"})


def with_besides(item: Item, page: Structure, besides: Sequence[Exchange]) -> Structure:
    """Give the page's structure with the answers that were asked besides it.

    Telegram's embed page is the one that holds the post: it stands in the page's place.
    """
    extras = [one for one in besides if one.resource_type == "Extra" and not one.is_redirect]
    if item.platform == "telegram":
        embed = next((one for one in extras if "embed" in query_of(one.url)), None)
        if embed is not None:
            dom = _body(embed).decode("utf-8", "replace")
            return read_structure(requested_url=embed.url, final_url=embed.url, status=embed.status, dom=dom)
    return replace(page, answers=(*page.answers, *_answers(extras)))


def judged_besides(item: Item, told: Structure) -> tuple[Reason, str] | None:
    """Give why the post is not there where what was asked besides its page says so, and the page itself does not."""
    judgement = judge_item(item, told) if item.platform in _BELIEVED else None
    return (judgement.reason, f"{judgement.rests_on}, asked besides the page") if judgement is not None else None


def _answers(extras: Sequence[Exchange]) -> Iterator[Answer]:
    """Give what is JSON, and that something was not found whatever its form."""
    for one in extras:
        kind = (one.header("content-type") or "").partition(";")[0].strip().lower()
        body: object = None
        if kind.endswith(("/json", "+json")):
            try:
                body = json.loads(_body(one))
            except (ValueError, RecursionError):
                continue
        elif one.status not in _GONE:
            continue
        yield Answer(url=one.url, status=one.status, body=body)


def _body(exchange: Exchange) -> bytes:
    """Give the body as far as it is read; sent without a content coding, as it was asked for."""
    if exchange.body is None:
        return b""
    with exchange.body.open("rb") as file:
        return file.read(_MOST_BYTES)
