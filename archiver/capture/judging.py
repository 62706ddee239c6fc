"""From a visit and its recording to what an outcome is judged by: put in order, and its structure read.

Pure, but that the visit's own scratch files are read.
"""

import json
from collections.abc import Iterator
from typing import Final

from archiver.capture.exchange import Exchange, Recording
from archiver.capture.guard import Refusal
from archiver.capture.judge import judge
from archiver.capture.outcome import Seen
from archiver.capture.platforms.item import Item
from archiver.capture.structure import Answer, Structure, read_structure
from archiver.capture.visit import Visit
from archiver.model.evidence import Role

_OWN_PAGE: Final = "chrome-error:"
_MOST_DOM: Final = 10 << 20
_MOST_ANSWER: Final = 4 << 20
_MOST_ANSWERS: Final = 60


def structure_of(requested_url: str, visit: Visit, recording: Recording, *, item: Item | None) -> Structure:
    """Give what a judgement of this page may rest on. JSON answers are read for a platform's posts only."""
    main = recording.main
    return read_structure(
        requested_url=requested_url,
        final_url=visit.url or (main.url if main else requested_url),
        status=main.status if main else None,
        headers=main.headers if main else (),
        redirects=tuple(one.url for one in recording.redirects),
        dom=_dom(visit),
        answers=tuple(_answers(recording)) if item is not None else (),
        text_characters=visit.claims.facts.text_characters if visit.claims else None,
    )


def seen_of(
    requested_url: str,
    visit: Visit,
    recording: Recording,
    *,
    refusal: Refusal | None,
    structure: Structure,
    item: Item | None,
    too_large: bool,
) -> Seen:
    """Give what the attempt saw, ready to be classified."""
    main, failure, claims = recording.main, recording.main_failure, visit.claims
    cut_off = ("main_document_body",) if main is not None and main.truncated else ()
    judgement = judge(structure, item) if main is not None else None
    return Seen(
        requested_url=requested_url,
        final_url=visit.url,
        refusal=refusal,
        judgement=(judgement.reason, judgement.rests_on) if judgement is not None else None,
        crashed=visit.life.crashed,
        committed=visit.committed,
        navigation_error=(failure.error if failure else None) or visit.navigation_error,
        broken=visit.broken,
        shows_own_page=visit.url is not None and visit.url.startswith(_OWN_PAGE),
        status=main.status if main is not None else None,
        has_password_input=claims is not None and claims.has_password_input,
        text_characters=claims.facts.text_characters if claims else None,
        pictures=claims.pictures if claims else None,
        timed_out=visit.timed_out,
        too_large=too_large or (main is not None and main.too_large),
        missing=(*visit.missing, *cut_off),
    )


def _dom(visit: Visit) -> str:
    found = next((piece for piece in visit.pieces if piece.role is Role.DOM), None)
    if found is None:
        return ""
    with found.path.open("rb") as file:
        return file.read(_MOST_DOM).decode("utf-8", "replace")


def _answers(recording: Recording) -> Iterator[Answer]:
    """Give the JSON that the page itself asked for, the first of it."""
    found = 0
    for exchange in recording.exchanges:
        if found >= _MOST_ANSWERS or not _is_json(exchange) or exchange.body is None:
            continue
        try:
            body = json.loads(exchange.body.read_bytes())
        except (ValueError, RecursionError):
            continue
        found += 1
        yield Answer(url=exchange.url, status=exchange.status, body=body)


def _is_json(exchange: Exchange) -> bool:
    kind = (exchange.header("content-type") or "").partition(";")[0].strip().lower()
    return (kind.endswith(("/json", "+json"))) and exchange.body_size_bytes <= _MOST_ANSWER
