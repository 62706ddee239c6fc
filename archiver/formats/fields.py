"""A YAML file whose fields are taken one by one, so that every mistake is told at once, with its place.

YAML 1.2 read with ruamel.yaml: no aliases, no tags, no duplicate keys, bounded size.
"""

import re
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Any, TypeVar

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent

from archiver.model.citation import Span
from archiver.model.errors import FormatError

LIMIT_BYTES = 8 << 20

Word = TypeVar("Word", bound=StrEnum)
Value = TypeVar("Value")


class _DatesAsText(RoundTripConstructor):
    """Reads what looks like a date as the text that it is: a wrong one is then told with its place."""


_DatesAsText.add_constructor("tag:yaml.org,2002:timestamp", lambda self, node: self.construct_scalar(node))


class Problems:
    """Collects what is wrong, each with its place."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def add(self, node: object, key: object, told: str) -> None:
        """Keep one mistake, at the line and column of this key of this node."""
        line, column = _place(node, key)
        self.found.append(f"line {line}, column {column}: {told}")


def load(raw: bytes) -> CommentedMap:
    """Give the mapping that a file holds, each part knowing its line; raise FormatError for anything else."""
    if len(raw) > LIMIT_BYTES:
        raise FormatError(f"citations: expected at most {LIMIT_BYTES} bytes, found {len(raw)}")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(f"citations: not UTF-8 at byte {error.start}") from error
    try:
        if any(isinstance(event, AliasEvent) for event in YAML().parse(text)):
            raise FormatError("citations: aliases (*name) are not read: write the value out")
        yaml = YAML(typ="rt")
        yaml.Constructor = _DatesAsText
        yaml.allow_duplicate_keys = False
        document = yaml.load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise FormatError(f"citations: {place}not YAML: {error.problem or error.context}") from error
    except (YAMLError, ValueError, RecursionError) as error:
        raise FormatError(f"citations: not YAML: {type(error).__name__}: {str(error)[:200]}") from error
    if not isinstance(document, CommentedMap):
        raise FormatError("citations: line 1, column 1: expected 'version: 1' and 'citations:', found no mapping")
    return document


class Fields:
    """A mapping whose keys are taken one by one; what is left at the end was not expected."""

    def __init__(self, node: CommentedMap, problems: Problems, *, at: str) -> None:
        self.node = node
        self._problems = problems
        self._at = at
        self._left = list(node)

    def wrong(self, key: str, told: str) -> None:
        """Tell that a field is wrong."""
        self._problems.add(self.node, key, f"{self._at}: {key}: {told}")

    def take(self, key: str) -> object:
        """Give a field's value, None if it is absent."""
        if key in self._left:
            self._left.remove(key)
        return self.node.get(key)

    def text(self, key: str) -> str | None:
        """Give a text field."""
        found = self.take(key)
        if found is None:
            return None
        if not isinstance(found, str):
            self.wrong(key, f"expected text, found {found!r} (put it in quotation marks)")
            return None
        if any(ord(one) < 0x20 and one not in "\n\t" for one in found):  # noqa: PLR2004 - control characters
            self.wrong(key, "expected text without control characters")
            return None
        return str(found)

    def needed(self, key: str) -> str:
        """Give a text field that must be there."""
        found = self.text(key)
        if found is None and (key not in self.node or self.node[key] is None):
            self.wrong(key, "expected a text, found nothing")
        return found or ""

    def matching(self, key: str, pattern: re.Pattern[str], expected: str) -> str | None:
        """Give a text field of a certain form."""
        found = self.text(key)
        if found is not None and not pattern.match(found):
            self.wrong(key, f"expected {expected}, found {found[:100]!r}")
            return None
        return found

    def word(self, key: str, kind: type[Word], default: Word) -> Word:
        """Give one of a closed set of words."""
        found = self.needed(key)
        try:
            return kind(found)
        except ValueError:
            if found:
                self.wrong(key, f"expected one of {', '.join(kind)}, found {found[:60]!r}")
            return default

    def number(self, key: str) -> int | None:
        """Give a whole number from 0 up."""
        found = self.take(key)
        if found is None:
            return None
        if isinstance(found, bool) or not isinstance(found, int) or found < 0:
            self.wrong(key, f"expected a whole number from 0 up, found {found!r}")
            return None
        return int(found)

    def map(self, key: str) -> "Fields | None":
        """Give a field that is a mapping itself."""
        found = self.take(key)
        if found is None:
            return None
        if not isinstance(found, CommentedMap):
            self.wrong(key, f"expected a mapping, found {type(found).__name__}")
            return None
        return Fields(found, self._problems, at=f"{self._at}: {key}")

    def list(self, key: str, read: "Callable[[Fields], Value]") -> tuple[Value, ...]:
        """Give a field that is a list of mappings."""
        found = self.take(key)
        if found is None:
            return ()
        if not isinstance(found, CommentedSeq):
            self.wrong(key, f"expected a list (lines beginning with '-'), found {type(found).__name__}")
            return ()
        return tuple(self._items(found, key, read))

    def _items(self, found: CommentedSeq, key: str, read: "Callable[[Fields], Value]") -> "Iterator[Value]":
        for index, one in enumerate(found):
            at = f"{self._at}: {key} {index + 1}" if self._at != "file" else f"citation {index + 1}"
            if not isinstance(one, CommentedMap):
                self._problems.add(found, index, f"{at}: expected a mapping, found {type(one).__name__}")
                continue
            yield read(Fields(one, self._problems, at=at))

    def spans(self, key: str) -> tuple[Span, ...]:
        """Give a list of [start, end]."""
        found = self.take(key)
        if found is None:
            return ()
        if not isinstance(found, CommentedSeq):
            self.wrong(key, "expected a list of [start, end]")
            return ()
        spans = tuple(_pair(one) for one in found)
        if None in spans:
            self.wrong(key, "expected pairs [start, end] of whole numbers, start before end")
        return tuple(one for one in spans if one is not None)

    def span(self, key: str) -> Span | None:
        """Give one [start, end]."""
        found = self.take(key)
        if found is None:
            return None
        span = _pair(found)
        if span is None:
            self.wrong(key, f"expected [start, end] of whole numbers, start before end, found {found!r}")
        return span

    def done(self) -> None:
        """Tell what was not expected."""
        for key in self._left:
            self._problems.add(self.node, key, f"{self._at}: unknown field {str(key)[:60]!r}")


def _pair(found: object) -> Span | None:
    if not isinstance(found, CommentedSeq) or len(found) != 2:  # noqa: PLR2004 - start and end
        return None
    start, end = found
    if any(isinstance(one, bool) or not isinstance(one, int) for one in (start, end)) or not 0 <= start < end:
        return None
    return Span(start=int(start), end=int(end))


def _place(node: object, key: object) -> tuple[int, int]:
    """Give line and column, counted from 1, of a key or an item; of the node itself where the key is absent."""
    where: Any = getattr(node, "lc", None)
    try:
        line, column = where.key(key) if isinstance(node, CommentedMap) else where.item(key)
    except (KeyError, AttributeError, TypeError, IndexError):
        line, column = getattr(where, "line", 0) or 0, getattr(where, "col", 0) or 0
    return line + 1, column + 1
