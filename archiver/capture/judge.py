"""Tell a page that is not the cited source by its structure: challenges, walls, gates, and what is gone.

The rules of the page's platform are asked first, then those which hold for any site. A wrong judgement about a good
page is worse than none: where the structure does not say it outright, nothing is said. Prose is never read: an article
about deleted accounts is an article.
"""

from collections.abc import Callable
from typing import Final

from archiver.capture.platforms import judge_item
from archiver.capture.platforms.challenges import challenge
from archiver.capture.platforms.item import Item, Judgement
from archiver.capture.platforms.not_found import not_found
from archiver.capture.platforms.walls import wall
from archiver.capture.structure import Structure, printable
from archiver.model.evidence import Reason

__all__ = ["Judgement", "judge"]

_LONGEST_WAIT: Final = 40


def judge(structure: Structure, item: Item | None) -> Judgement | None:
    """Give why the page is not the source, or None where its structure says nothing against it."""
    if item is not None:
        judged = judge_item(item, structure)
        if judged is not None:
            return judged
    rules: tuple[Callable[[Structure], Judgement | None], ...] = (challenge, wall, _status, not_found)
    return next((judged for judged in (rule(structure) for rule in rules) if judged is not None), None)


def _status(page: Structure) -> Judgement | None:
    """Judge statuses that mean more than their hundred. Of the others, the status itself is the judgement."""
    wait = printable(page.header("retry-after"), _LONGEST_WAIT)
    after = f", retry-after {wait}" if wait else ""
    if page.status == 429:  # noqa: PLR2004 - RFC 6585
        return Judgement(reason=Reason.RATE_LIMITED, rests_on=f"HTTP status 429{after}")
    if page.status == 451:  # noqa: PLR2004 - RFC 7725
        return Judgement(reason=Reason.GEO_BLOCK, rests_on="HTTP status 451, unavailable for legal reasons")
    if page.status == 401 and page.header("www-authenticate") is not None:  # noqa: PLR2004 - RFC 9110
        return Judgement(reason=Reason.LOGIN_WALL, rests_on="HTTP status 401, www-authenticate")
    if page.status == 503 and wait:  # noqa: PLR2004 - RFC 9110
        return Judgement(reason=Reason.HTTP_SERVER_ERROR, rests_on=f"HTTP status 503{after}")
    return None
