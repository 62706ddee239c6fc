"""Which fields a WARC record must, may and must not have, by its type: ISO 28500:2017 sections 5 and 6.

A `problem` breaks a "shall" of the standard. A `remark` goes against a "should", or is a habit of well-known writers
against a "shall" that leaves no doubt about any byte: named, and no failure. docs/formats/foreign.md lists them.
"""

import ipaddress
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import lru_cache

from archiver.formats.warc_head import DRAFTS, RecordHead

TYPES = ("warcinfo", "response", "resource", "request", "metadata", "revisit", "conversion", "continuation")
MANDATORY = ("warc-type", "warc-record-id", "warc-date", "content-length")
_WITH_TARGET = frozenset(("response", "resource", "request", "revisit", "conversion", "continuation"))
_FORBIDDEN = {
    "warc-concurrent-to": frozenset(("warcinfo", "conversion", "continuation")),
    "warc-ip-address": frozenset(("warcinfo", "conversion", "continuation")),
    "warc-refers-to": frozenset(("warcinfo", "response", "resource", "request", "continuation")),
    "warc-target-uri": frozenset(("warcinfo",)),
    "warc-filename": frozenset(TYPES) - {"warcinfo"},
    "warc-segment-origin-id": frozenset(TYPES) - {"continuation"},
    "warc-segment-total-length": frozenset(TYPES) - {"continuation"},
}
_HABITS = {
    "warc-refers-to-target-uri": frozenset(TYPES) - {"revisit"},
    "warc-refers-to-date": frozenset(TYPES) - {"revisit"},
    "warc-warcinfo-id": frozenset(("warcinfo",)),
    "warc-payload-digest": frozenset(("warcinfo", "metadata")),
}
_ID = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*:[^\s<>]+>\Z")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>]+\Z")
_BRACKETED = re.compile(r"<(.*)>\Z", re.DOTALL)
_NUMBER = re.compile(r"\d{1,18}\Z", re.ASCII)
_MEDIA_TYPE = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+/[!#$%&'*+.^_`|~0-9A-Za-z-]+\s*(?:;.*)?\Z", re.DOTALL)
_DATE = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(\.\d{1,9})?)?Z)?)?)?\Z", re.ASCII | re.IGNORECASE
)
_USUAL_DATE = re.compile(
    r"(?!0000)\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?Z\Z",
    re.ASCII,
)
_MOST_NAMES = 64
_SECONDS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z", re.ASCII | re.IGNORECASE)
_MEMBERS = "application/warc-fields"
_IDENTICAL = "/revisit/identical-payload-digest"


def problems(head: RecordHead) -> Iterator[str]:
    """Give each breach of a "shall"."""
    yield from head.problems
    fields = head.fields
    kind = (fields.get("warc-type") or "").lower()
    yield from _of_names(kind, tuple(fields)) if len(fields) < _MOST_NAMES else _by_names(kind, tuple(fields))
    yield from _segments(head, kind)
    for name, value in fields.items():
        check = _FORMS.get(name)
        if check is not None and value and not check(value):
            yield f"{name}: not of its form: {value[:80]!r}"
    yield from (f"warc-concurrent-to: not of its form: {one[:80]!r}" for one in head.concurrent_to if not _is_id(one))
    target = fields.get("warc-target-uri")
    if target and not _URI.match(target) and not _URI.match(target_of(head) or ""):
        yield f"warc-target-uri: no URI: {target[:80]!r}"


def _by_names(kind: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """Give the breaches that the names of a head's fields alone tell."""
    missing = (f"{name} is missing: every record has it" for name in MANDATORY if name not in names)
    forbidden = (
        f"{name} does not belong into a {kind} record"
        for name, types in _FORBIDDEN.items()
        if kind in types and name in names
    )
    return (*missing, *forbidden, *_mandatory(kind, names))


_of_names = lru_cache(maxsize=1024)(_by_names)
"""The same: most records of a file have the same names."""


def remarks(head: RecordHead) -> Iterator[str]:
    """Give what goes against a "should", and habits that leave no doubt about any byte."""
    fields = head.fields
    kind = (fields.get("warc-type") or "").lower()
    if head.version in DRAFTS:
        yield f"version {head.version} is a draft of the standard"
    if kind and kind not in TYPES:
        yield f"type {kind[:40]!r} is none of the standard's: readers pass over it"
    if "content-type" not in fields and kind != "continuation" and fields.get("content-length") not in (None, "0"):
        yield "no Content-Type: there should be one"
    for name, types in _HABITS.items():
        if name in fields and kind in types:
            yield f"{name} does not belong into a {kind} record"
    if kind == "warcinfo" and (head.get("content-type") or _MEMBERS).lower() != _MEMBERS:
        yield f"a warcinfo record should be {_MEMBERS}"
    yield from _of_the_other_version(head)
    yield from _revisit(head, kind)


def _of_the_other_version(head: RecordHead) -> Iterator[str]:
    if head.version == "1.1" and _BRACKETED.match(head.get("warc-target-uri") or ""):
        yield "WARC-Target-URI in angle brackets, as WARC/1.0 had it"
    date = head.get("warc-date")
    if head.version == "1.0" and date and not _SECONDS.match(date):
        yield "WARC-Date with another precision than the second, as WARC/1.1 has it"


def _revisit(head: RecordHead, kind: str) -> Iterator[str]:
    if kind == "revisit" and _IDENTICAL in (head.get("warc-profile") or ""):
        if head.get("content-length") != "0" and head.get("warc-truncated") != "length":
            yield "a revisit record with a block and without WARC-Truncated: length"
        if "warc-payload-digest" not in head.fields:
            yield "a revisit record by payload digest that states none"


def target_of(head: RecordHead) -> str | None:
    """Give the target URI without the brackets that WARC/1.0's grammar had."""
    target = head.fields.get("warc-target-uri")
    match = _BRACKETED.match(target) if target and target[0] == "<" else None
    return match[1] if match else target


def length_of(head: RecordHead) -> int | None:
    """Give the block's length as the head states it, None if it states none."""
    length = head.get("content-length")
    return int(length) if length and _NUMBER.match(length) else None


def _mandatory(kind: str, names: tuple[str, ...]) -> Iterator[str]:
    if kind in _WITH_TARGET and "warc-target-uri" not in names:
        yield f"warc-target-uri is missing: a {kind} record has it"
    if kind == "revisit" and "warc-profile" not in names:
        yield "warc-profile is missing: a revisit record has it"
    if kind == "continuation" and "warc-segment-origin-id" not in names:
        yield "warc-segment-origin-id is missing: a continuation record has it"


def _segments(head: RecordHead, kind: str) -> Iterator[str]:
    number = head.get("warc-segment-number")
    if kind == "continuation" and (number is None or number in ("0", "1")):
        yield f"warc-segment-number: expected 2 or more in a continuation record, found {number}"
    if kind != "continuation" and number not in (None, "1"):
        yield f"warc-segment-number: expected 1 in the first of a series, found {number[:20]!r}"


def _is_id(value: str) -> bool:
    return bool(_ID.match(value))


def _is_number(value: str) -> bool:
    return bool(_NUMBER.match(value))


def _is_date(value: str) -> bool:
    if _USUAL_DATE.match(value):
        return True
    match = _DATE.match(value)
    if not match:
        return False
    year, month, day, hour, minute, second = (int(part) if part else None for part in match.groups()[:6])
    try:
        datetime(year or 0, month or 1, day or 1, hour or 0, minute or 0, min(second or 0, 59))  # noqa: DTZ001 - a check of the calendar
    except ValueError:
        return False
    return (second or 0) <= 60  # noqa: PLR2004 - a leap second


@lru_cache(maxsize=1024)
def _is_address(value: str) -> bool:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=1024)
def _is_media_type(value: str) -> bool:
    return bool(_MEDIA_TYPE.match(value))


_FORMS: dict[str, Callable[[str], object]] = {
    "warc-record-id": _is_id,
    "content-length": _is_number,
    "warc-date": _is_date,
    "content-type": _is_media_type,
    "warc-ip-address": _is_address,
    "warc-refers-to": _is_id,
    "warc-refers-to-date": _is_date,
    "warc-warcinfo-id": _is_id,
    "warc-profile": _URI.match,
    "warc-identified-payload-type": _is_media_type,
    "warc-segment-number": _is_number,
    "warc-segment-origin-id": _is_id,
    "warc-segment-total-length": _is_number,
}
