"""Change ``citations.yaml`` and leave the rest of it as people wrote it: their comments, their order, their fields."""

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from archiver.formats.citations import decode, dumped, encode, plain, plain_draft
from archiver.formats.fields import load
from archiver.model.citation import CitationList

_SPACED = "version"


def revise(raw: bytes, found: CitationList) -> bytes:
    """Give the file with these citations in it, each by its id; comments and the order of fields stay.

    The citations come in the order of ``found``. Raises FormatError where the file cannot be read.
    """
    present = decode(raw)
    if present == found:
        return raw
    document = load(raw)
    _set(document, "draft", plain_draft(found), before="citations")
    nodes = document.get("citations")
    if not isinstance(nodes, CommentedSeq):
        return encode(found)
    by_id = {str(node.get("id")): node for node in nodes}
    wanted: list[object] = []
    for one in found.citations:
        node = by_id.get(one.id)
        if node is None:
            wanted.append(plain(one))
            continue
        _update(node, plain(one))
        wanted.append(node)
    _replace(nodes, wanted)
    return dumped(document).encode()


def _set(document: CommentedMap, key: str, value: dict[str, object], *, before: str) -> None:
    if not value:
        return
    if isinstance(document.get(key), CommentedMap):
        _update(document[key], value)
    else:
        document.insert(list(document).index(before), key, value)


def _update(node: CommentedMap, wanted: dict[str, object]) -> None:
    """Set the fields that differ, drop those that are gone, put new ones at the end."""
    for key in [one for one in node if one not in wanted]:
        del node[key]
    for key, value in wanted.items():
        have = node.get(key)
        if isinstance(have, CommentedMap) and isinstance(value, dict):
            _update(have, value)
        elif key not in node or have != value:
            node[key] = value


def _replace(nodes: CommentedSeq, wanted: list[object]) -> None:
    """Put the items in; a comment that stands before an item stays with it as far as ruamel ties it to the item."""
    if len(nodes) == len(wanted) and all(have is one for have, one in zip(nodes, wanted, strict=True)):
        return
    comments = {id(node): nodes.ca.items.get(at) for at, node in enumerate(nodes)}
    nodes.ca.items.clear()
    del nodes[:]
    nodes.extend(wanted)
    for at, node in enumerate(wanted):
        comment = comments.get(id(node))
        if comment is not None:
            nodes.ca.items[at] = comment
