"""Being written: judges a page by its structure."""

from dataclasses import dataclass

from archiver.capture.platforms.item import Item
from archiver.capture.structure import Structure
from archiver.model.evidence import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """Why a page is not the source."""

    reason: Reason
    rests_on: str


def judge(structure: Structure, item: Item | None) -> Judgement | None:
    """Give why not, or None."""
    del structure, item
    return None
