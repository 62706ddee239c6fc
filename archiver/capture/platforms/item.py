"""What a platform's rules know of one cited post: from its URL alone, and how to find it on its page."""

from dataclasses import dataclass

from archiver.model.evidence import Reason
from archiver.model.instant import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Extra:
    """One more thing to save for an item, fetched by the direct client after the page."""

    url: str
    name: str
    accept: str = "*/*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One cited post as its URL names it. ``claimed_at`` is the time that the id itself carries.

    A short link names a platform and no post: its ``item_id`` is None.
    """

    platform: str
    canonical_url: str | None = None
    item_id: str | None = None
    author: str | None = None
    claimed_at: Instant | None = None
    claimed_by: str | None = None
    extras: tuple[Extra, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """CSS selectors for one post: itself, its "show more", its sensitive-media gate, closing the login overlay.

    Each is one that ``document.querySelector`` takes, the item's id already in it, best first.
    """

    post: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    sensitive: tuple[str, ...] = ()
    login_overlay: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """Why a page is not the cited source, and what of its structure that rests on."""

    reason: Reason
    rests_on: str
