"""Frozen dataclasses to JSON values and back, strictly.

Absent means None or empty: on write both are left out, on read ``null`` and ``[]`` are refused, and so
are unknown keys and any conversion between types. Texts and lists are bounded in both directions. So a
value has one form, and a field that a later version adds with an empty default changes no older form. Why
not a library: docs/decisions/0003.
"""

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from types import UnionType
from typing import TypeVar, Union, get_args, get_origin, get_type_hints

from archiver.formats.canonical import JsonValue
from archiver.model.digest import Digest
from archiver.model.errors import FormatError
from archiver.model.instant import Instant

LONGEST_TEXT = 1 << 18
MOST_ITEMS = 20_000

Value = TypeVar("Value")
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
            _check_items(len(value), "a list")
            return [to_json(one) for one in value]
        case _ if is_dataclass(value):
            found = ((one.name, getattr(value, one.name)) for one in fields(value))
            return {name: to_json(one) for name, one in found if one is not None and one != ()}
        case _:
            raise TypeError(f"{type(value).__name__}: no manifest carries this type")


def _bounded(text: str, at: str = "a text") -> str:
    if len(text) > LONGEST_TEXT:
        raise FormatError(f"{at}: expected at most {LONGEST_TEXT} characters, found {len(text)}")
    return text


def _check_items(count: int, at: str) -> None:
    if count > MOST_ITEMS:
        raise FormatError(f"{at}: expected at most {MOST_ITEMS} items, found {count}")


def from_json(cls: type[Value], found: JsonValue, *, what: str) -> Value:
    """Give the value that this JSON form says; raise FormatError that names the wrong field."""
    value = _read(cls, found, what)
    assert isinstance(value, cls)
    return value


def _read(kind: object, found: JsonValue, at: str) -> object:
    origin = get_origin(kind)
    if origin is tuple:
        return _tuple(get_args(kind)[0], found, at)
    if origin in (Union, UnionType):
        inner = [one for one in get_args(kind) if one is not type(None)]
        assert len(inner) == 1, f"{kind}: a union has no one form"
        return _read(inner[0], found, at)
    assert isinstance(kind, type), f"{kind}: not a type"
    if is_dataclass(kind) and kind not in (Digest, Instant):
        return _object(kind, found, at)
    return _scalar(kind, found, at)


def _tuple(inner: object, found: JsonValue, at: str) -> tuple[object, ...]:
    if not isinstance(found, list) or not found:
        raise FormatError(f"{at}: expected a list with something in it, found {_named(found)}")
    _check_items(len(found), at)
    return tuple(_read(inner, one, f"{at}[{index}]") for index, one in enumerate(found))


def _object(cls: type, found: JsonValue, at: str) -> object:
    if not isinstance(found, dict):
        raise FormatError(f"{at}: expected an object, found {_named(found)}")
    shape = fields_of(cls)
    unknown = sorted(found.keys() - shape.keys())
    if unknown:
        raise FormatError(f"{at}: unknown field {', '.join(map(repr, unknown[:5]))}")
    given: dict[str, object] = {}
    for name, (kind, required) in shape.items():
        if name in found:
            given[name] = _read(kind, found[name], f"{at}.{name}")
        elif required:
            raise FormatError(f"{at}: required field {name!r} is missing")
        else:
            given[name] = () if get_origin(kind) is tuple else None
    return cls(**given)


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


def _scalar(kind: type, found: JsonValue, at: str) -> object:
    expected = kind if kind in (int, bool) else str
    if type(found) is not expected:
        raise FormatError(f"{at}: expected {expected.__name__}, found {_named(found)}")
    if not isinstance(found, str):
        return found
    _bounded(found, at)
    if kind is str:
        return found
    try:
        value: object = _PARSERS[kind](found) if kind in _PARSERS else kind(found)
    except FormatError as error:
        raise FormatError(f"{at}: {error.message}") from error
    except ValueError as error:
        assert issubclass(kind, Enum)
        allowed = ", ".join(str(one.value) for one in kind)
        raise FormatError(f"{at}: expected one of {allowed}, found {str(found)[:60]!r}") from error
    if str(value) != found:
        raise FormatError(f"{at}: expected the form {str(value)!r}, found {found[:60]!r}")
    return value


def _named(found: JsonValue) -> str:
    return "null" if found is None else "[]" if found == [] else type(found).__name__
