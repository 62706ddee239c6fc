"""Frozen dataclasses to JSON values and back, strictly.

Absent means None or empty: on write both are left out, on read ``null`` and ``[]`` are refused, and so
are unknown keys and any conversion between types. Texts and lists are bounded in both directions. So a
value has one form, and a field that a later version adds with an empty default changes no older form. Why
not a library: docs/decisions/0003.
"""

from collections.abc import Callable, KeysView
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache, partial
from types import UnionType
from typing import TypeVar, Union, get_args, get_origin, get_type_hints

from archiver.formats.canonical import JsonValue
from archiver.model.digest import Digest
from archiver.model.errors import FormatError
from archiver.model.instant import Instant

LONGEST_TEXT = 1 << 18
MOST_ITEMS = 20_000

Value = TypeVar("Value")
_Reader = Callable[[JsonValue], object]
_PARSERS: dict[type, Callable[[str], object]] = {Digest: Digest.parse, Instant: Instant.parse}


def to_json(value: object) -> JsonValue:
    """Give the JSON form of a frozen dataclass; TypeError for a type that none carries, FormatError beyond bounds."""
    match value:
        case Digest() | Instant():
            return str(value)
        case Enum():
            return str(value.value)
        case str():
            return _bounded(value)
        case bool() | int():
            return value
        case tuple():
            if len(value) > MOST_ITEMS:
                raise FormatError(f"a list: expected at most {MOST_ITEMS} items, found {len(value)}")
            return [to_json(one) for one in value]
        case _ if is_dataclass(value):
            found = ((one.name, getattr(value, one.name)) for one in fields(value))
            return {name: to_json(one) for name, one in found if one is not None and one != ()}
        case _:
            raise TypeError(f"{type(value).__name__}: no manifest carries this type")


def _bounded(text: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise FormatError(f"a text: expected at most {LONGEST_TEXT} characters, found {len(text)}")
    return text


class _WrongError(Exception):
    """Something that does not fit, and where: the path grows on the way up, so that what fits costs nothing."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.path: list[str] = []

    def below(self, step: str) -> "_WrongError":
        self.path.append(step)
        return self


def from_json(cls: type[Value], found: JsonValue, *, what: str) -> Value:
    """Give the value that this JSON form says; raise FormatError that names the wrong field."""
    kind: object = cls
    try:
        value = _reader(kind)(found)
    except _WrongError as error:
        raise FormatError(f"{what}{''.join(reversed(error.path))}: {error.problem}") from error
    assert isinstance(value, cls)
    return value


@cache
def _reader(kind: object) -> _Reader:
    """Give what reads values of a type; it raises _WrongError. Each type is looked at once."""
    origin = get_origin(kind)
    if origin is tuple:
        return partial(_tuple, _reader(get_args(kind)[0]))
    if origin in (Union, UnionType):
        inner = [one for one in get_args(kind) if one is not type(None)]
        assert len(inner) == 1, f"{kind}: a union has no one form"
        return _reader(inner[0])
    assert isinstance(kind, type), f"{kind}: not a type"
    if is_dataclass(kind) and kind not in _PARSERS:
        shape = fields_of(kind)
        fields = tuple(
            (name, _reader(one), required, () if get_origin(one) is tuple else None)
            for name, (one, required) in shape.items()
        )
        return partial(_object, kind, fields, shape.keys())
    if kind is str:
        return _text
    if kind in (int, bool):
        return partial(_plain, kind)
    return partial(_parsed, kind)


def _tuple(read: _Reader, found: JsonValue) -> tuple[object, ...]:
    if not isinstance(found, list) or not found:
        raise _WrongError(f"expected a list with something in it, found {_named(found)}")
    if len(found) > MOST_ITEMS:
        raise _WrongError(f"expected at most {MOST_ITEMS} items, found {len(found)}")
    given: list[object] = []
    try:
        for one in found:
            given.append(read(one))  # noqa: PERF401 - how many were read says where it went wrong
    except _WrongError as error:
        raise error.below(f"[{len(given)}]") from error.__cause__
    return tuple(given)


def _object(
    cls: type, fields: tuple[tuple[str, _Reader, bool, object], ...], names: KeysView[str], found: JsonValue
) -> object:
    if not isinstance(found, dict):
        raise _WrongError(f"expected an object, found {_named(found)}")
    if not found.keys() <= names:
        unknown = sorted(found.keys() - names)
        raise _WrongError(f"unknown field {', '.join(map(repr, unknown[:5]))}")
    given: dict[str, object] = {}
    name = ""
    try:
        for name, read, required, absent in fields:
            if name in found:
                given[name] = read(found[name])
            elif required:
                break
            else:
                given[name] = absent
        else:
            return cls(**given)
    except _WrongError as error:
        raise error.below(f".{name}") from error.__cause__
    raise _WrongError(f"required field {name!r} is missing")


@cache
def fields_of(cls: type) -> dict[str, tuple[object, bool]]:
    """Give each field's type, and whether it must be present: all but optional ones and tuples."""
    hints = get_type_hints(cls)
    return {
        one.name: (
            hints[one.name],
            get_origin(hints[one.name]) is not tuple and type(None) not in get_args(hints[one.name]),
        )
        for one in fields(cls)
    }


def _plain(kind: type, found: JsonValue) -> object:
    if type(found) is not kind:
        raise _WrongError(f"expected {kind.__name__}, found {_named(found)}")
    return found


def _text(found: JsonValue) -> str:
    if type(found) is not str:
        raise _WrongError(f"expected str, found {_named(found)}")
    if len(found) > LONGEST_TEXT:
        raise _WrongError(f"expected at most {LONGEST_TEXT} characters, found {len(found)}")
    return found


def _parsed(kind: type, found: JsonValue) -> object:
    """Read a text that stands for something else: a digest, a time, a word of a list."""
    text = _text(found)
    try:
        value: object = _PARSERS[kind](text) if kind in _PARSERS else kind(text)
    except FormatError as error:
        raise _WrongError(error.message) from error
    except ValueError as error:
        assert issubclass(kind, Enum)
        allowed = ", ".join(str(one.value) for one in kind)
        raise _WrongError(f"expected one of {allowed}, found {text[:60]!r}") from error
    if str(value) != text:
        raise _WrongError(f"expected the form {str(value)!r}, found {text[:60]!r}")
    return value


def _named(found: JsonValue) -> str:
    return "null" if found is None else "[]" if found == [] else type(found).__name__
