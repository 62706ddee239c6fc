"""Threads: posts of Instagram's accounts, under ids made the same way."""

from typing import Final

from archiver.capture.platforms.hosts import Place, host_of, is_of, query_of
from archiver.capture.platforms.ids import instagram
from archiver.capture.platforms.instagram import CODE, USER
from archiver.capture.platforms.item import Extra, Item, Judgement, Rules
from archiver.capture.structure import Structure
from archiver.model.evidence import Reason

NAME: Final = "threads"


def read(place: Place) -> Item | None:
    """Give the post of ``/@<user>/post/<code>`` or ``/t/<code>``."""
    if not is_of(place.host, "threads.net", "threads.com"):
        return None
    path = place.path
    if len(path) > 2 and path[0].startswith("@") and USER.match(path[0][1:]) and path[1] == "post":  # noqa: PLR2004
        user, code = path[0][1:], path[2]
    elif len(path) > 1 and path[0] == "t":
        user, code = None, path[1]
    else:
        return None
    if not CODE.match(code):
        return None
    time = instagram(code)
    post = f"https://www.threads.com/@{user}/post/{code}" if user else f"https://www.threads.com/t/{code}"
    embed = (Extra(url=f"{post}/embed", name="embed.html"),) if user else ()
    return Item(
        platform=NAME,
        canonical_url=post,
        item_id=code,
        author=user,
        claimed_at=time,
        claimed_by="instagram_shortcode" if time else None,
        extras=embed,
    )


def rules(item: Item) -> Rules:
    """Give where the post stands: the container whose time links to it."""
    return Rules(
        post=(
            f"[data-pressable-container='true']:has(a[href$='/post/{item.item_id}'] time)",
            f"[data-pressable-container='true']:has(a[href*='/post/{item.item_id}'])",
        ),
        login_overlay=("[role='dialog'] [aria-label='Close'][role='button']", "[role='dialog'] [aria-label='Close']"),
    )


def more(item: Item, page: Structure) -> tuple[Extra, ...]:
    """Give nothing more: addresses of media are signed for the browser that was given them."""
    del item, page
    return ()


def judge(item: Item, page: Structure) -> Judgement | None:
    """Give why the post is not there: Threads leads from a post that it does not show to its front page."""
    del item
    led_to = page.final_url
    if is_of(host_of(led_to), "threads.net", "threads.com") and query_of(led_to).get("error") == "invalid_post":
        return Judgement(reason=Reason.GONE, rests_on="threads: led to ?error=invalid_post")
    return None
