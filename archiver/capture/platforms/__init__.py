"""Being written: rules per site, pure."""

from archiver.capture.platforms.item import Extra, Item, Rules
from archiver.capture.structure import Structure


def read_item(url: str) -> Item | None:
    """Give the item."""
    del url
    return None


def rules_for(item: Item) -> Rules:
    """Give the rules."""
    del item
    return Rules()


def more_extras(item: Item, structure: Structure) -> tuple[Extra, ...]:
    """Give more."""
    del item, structure
    return ()
