"""RFC 8785 canonical JSON, strict in both directions: one value, one sequence of bytes.

No floats, no integers beyond 2^53 - 1, no duplicate keys, no lone surrogates, bounded size and depth.
What is verified is the bytes themselves: nothing is ever re-canonicalised to make it verify.
"""

import json
import re
from collections.abc import Sequence
from itertools import accumulate
from typing import NoReturn

import rfc8785

from archiver.model.errors import FormatError

JsonValue = dict[str, "JsonValue"] | list["JsonValue"] | str | int | bool | None

LIMIT_BYTES = 4 << 20
_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPED_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
_BRACKET = re.compile(rb"[\[{\]}]")
_BEYOND_BMP = re.compile("[\ue000-\U0010ffff]")
_DEEPEST = 32
_LARGEST_INT = (1 << 53) - 1


def encode(value: JsonValue) -> bytes:
    """Give the canonical bytes (RFC 8785); raise FormatError for what they cannot carry."""
    _check(value, depth=0, what="value")
    return rfc8785.dumps(value)


def decode(raw: bytes, *, what: str, limit_bytes: int = LIMIT_BYTES) -> JsonValue:
    """Give the value of canonical bytes; raise FormatError for anything else, also for equal JSON in another form."""
    value = decode_loose(raw, what=what, limit_bytes=limit_bytes)
    if _quickly(value) != raw and encode(value) != raw:
        raise FormatError(f"{what}: not in canonical form (RFC 8785)")
    return value


def _quickly(value: JsonValue) -> bytes:
    """Give what the standard library writes: for a value that `_check` took, what RFC 8785 asks for, and quicker.

    It orders keys by code points, the RFC by UTF-16: the same where no character lies beyond U+DFFF. Else nothing.
    """
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode() if _BEYOND_BMP.search(text) is None else b""


def decode_loose(raw: bytes, *, what: str, limit_bytes: int = LIMIT_BYTES) -> JsonValue:
    """Give the value of JSON bytes in any form; raise FormatError where `decode` would, but for the form."""
    if len(raw) > limit_bytes:
        raise FormatError(f"{what}: expected at most {limit_bytes} bytes, found {len(raw)}")
    _check_depth(raw, what=what)
    try:
        value: JsonValue = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_object,
            parse_float=_no_float,
            parse_int=_int,
            parse_constant=_no_float,
        )
    except UnicodeDecodeError as error:
        raise FormatError(f"{what}: not UTF-8 at byte {error.start}") from error
    except json.JSONDecodeError as error:
        raise FormatError(f"{what}: not JSON at character {error.pos}: {error.msg}") from error
    except _RefusedError as error:
        raise FormatError(f"{what}: {error}") from error
    # Its types and integers were looked at as they were read: only texts are left, and no other way leads to these.
    if _ESCAPED_SURROGATE.search(raw):
        _check(value, depth=0, what=what)
    return value


class _RefusedError(ValueError):
    """JSON that is well formed and not allowed."""


def _object(pairs: Sequence[tuple[str, JsonValue]]) -> JsonValue:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _RefusedError("an object holds the same key twice")
    return found


def _no_float(text: str) -> NoReturn:
    raise _RefusedError(f"expected integers only, found {text[:40]!r}")


def _int(text: str) -> int:
    if len(text) > len(str(_LARGEST_INT)) + 1:
        raise _RefusedError(f"integer of {len(text)} digits is beyond 2^53 - 1")
    found = int(text)
    if abs(found) > _LARGEST_INT:
        raise _RefusedError("integer beyond 2^53 - 1")
    return found


def _check_depth(raw: bytes, *, what: str) -> None:
    """Bound nesting before the parser recurses."""
    if raw.count(b"[") + raw.count(b"{") <= _DEEPEST:
        return
    brackets = _BRACKET.findall(_STRING.sub(b"", raw))
    if max(accumulate(1 if one in b"[{" else -1 for one in brackets), default=0) > _DEEPEST:
        raise FormatError(f"{what}: nested deeper than {_DEEPEST}")


def _check(value: JsonValue, *, depth: int, what: str) -> None:
    if depth > _DEEPEST:
        raise FormatError(f"{what}: nested deeper than {_DEEPEST}")
    if isinstance(value, dict):
        for key in value:
            _check_text(key, what=what)
    if isinstance(value, (dict, list)):
        for one in value.values() if isinstance(value, dict) else value:
            _check(one, depth=depth + 1, what=what)
    else:
        _check_scalar(value, what=what)


def _check_scalar(value: object, *, what: str) -> None:
    if isinstance(value, str):
        _check_text(value, what=what)
    elif value is not None and not isinstance(value, int):
        raise FormatError(f"{what}: expected text, integers, lists and objects, found {type(value).__name__}")
    elif isinstance(value, int) and abs(value) > _LARGEST_INT:
        raise FormatError(f"{what}: integer beyond 2^53 - 1")


def _check_text(text: object, *, what: str) -> None:
    if not isinstance(text, str):
        raise FormatError(f"{what}: expected a text as key, found {type(text).__name__}")
    if _SURROGATE.search(text):
        raise FormatError(f"{what}: text with a lone surrogate")
