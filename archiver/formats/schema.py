"""JSON Schema (2020-12) of the values that manifests carry, made from the same annotations that `shape` reads by.

So the published page cannot say something else than what is accepted. JSON Schema cannot say all of it: canonical
form, and that ``subject`` lists the artifacts, stand in docs/formats/manifest.md.
"""

from dataclasses import is_dataclass
from enum import Enum
from types import UnionType
from typing import Union, get_args, get_origin

from archiver.formats import shape
from archiver.formats.canonical import JsonValue
from archiver.model.digest import Digest
from archiver.model.instant import Instant

_LARGEST = (1 << 53) - 1
_DIGEST: JsonValue = {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"}
_INSTANT: JsonValue = {
    "type": "string",
    "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z$",
}
_SUBJECT: JsonValue = {
    "type": "object",
    "additionalProperties": False,
    "required": ["digest", "name"],
    "properties": {
        "name": {"type": "string"},
        "digest": {
            "type": "object",
            "additionalProperties": False,
            "required": ["sha256"],
            "properties": {"sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"}},
        },
    },
}


def statement_schema(predicate: type, *, statement_type: str, predicate_type: str) -> JsonValue:
    """Give the schema of a whole statement with this predicate."""
    definitions: dict[str, JsonValue] = {}
    body = _schema(predicate, definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": predicate_type,
        "title": f"in-toto Statement v1 about a {predicate.__name__.lower()}",
        "type": "object",
        "additionalProperties": False,
        "required": ["_type", "predicate", "predicateType", "subject"],
        "properties": {
            "_type": {"const": statement_type},
            "predicateType": {"const": predicate_type},
            "subject": {"type": "array", "minItems": 1, "maxItems": shape.MOST_ITEMS, "items": _SUBJECT},
            "predicate": body,
        },
        "$defs": definitions,
    }


def _schema(kind: object, definitions: dict[str, JsonValue]) -> JsonValue:
    origin = get_origin(kind)
    if origin is tuple:
        items = _schema(get_args(kind)[0], definitions)
        return {"type": "array", "minItems": 1, "maxItems": shape.MOST_ITEMS, "items": items}
    if origin in (Union, UnionType):
        return _schema(next(one for one in get_args(kind) if one is not type(None)), definitions)
    assert isinstance(kind, type), f"{kind}: not a type"
    if is_dataclass(kind) and kind not in (Digest, Instant):
        definitions[kind.__name__] = _object(kind, definitions)
        return {"$ref": f"#/$defs/{kind.__name__}"}
    return _scalar(kind)


def _object(kind: type, definitions: dict[str, JsonValue]) -> JsonValue:
    fields = shape.fields_of(kind)
    required: list[JsonValue] = [name for name, (_, needed) in sorted(fields.items()) if needed]
    return {
        "type": "object",
        "description": (kind.__doc__ or "").split("\n", maxsplit=1)[0],
        "additionalProperties": False,
        "required": required,
        "properties": {name: _schema(inner, definitions) for name, (inner, _) in fields.items()},
    }


def _scalar(kind: type) -> JsonValue:
    if issubclass(kind, Enum):
        return {"enum": [str(one.value) for one in kind]}
    known: dict[type, JsonValue] = {
        Digest: _DIGEST,
        Instant: _INSTANT,
        bool: {"type": "boolean"},
        int: {"type": "integer", "minimum": -_LARGEST, "maximum": _LARGEST},
        str: {"type": "string", "maxLength": shape.LONGEST_TEXT},
    }
    return known[kind]
