"""``citations.yaml``: what a draft cites, for people to read and to correct. Page: docs/formats/citations.md.

YAML 1.2 read with ruamel.yaml; no aliases, no tags, no duplicate keys, bounded size. Every mistake of a
file is told at once, with line, column, what was expected and what was found.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from io import StringIO
from typing import Any, TypeVar

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent

from archiver.model.citation import (
    Candidate,
    Citation,
    CitationList,
    Kind,
    Outlet,
    Quote,
    Relation,
    Span,
    Speaker,
    StatedDate,
)
from archiver.model.digest import Digest
from archiver.model.errors import FormatError

LIMIT_BYTES = 8 << 20
_VERSION = 1
_MOST_TOLD = 20
_URL = re.compile(r"https?://[^\s\x00-\x1f\x7f]{1,8000}\Z", re.IGNORECASE)
_ISO = re.compile(r"\d{4}(-\d\d(-\d\d)?)?\Z", re.ASCII)
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_HEADER = "# What the draft cites. Edit freely: add, correct, remove; `archiver capture` fetches each url.\n"

Word = TypeVar("Word", bound=StrEnum)
Value = TypeVar("Value")


class _DatesAsText(RoundTripConstructor):
    """Reads what looks like a date as the text that it is: a wrong one is then told with its place."""


_DatesAsText.add_constructor("tag:yaml.org,2002:timestamp", lambda self, node: self.construct_scalar(node))


class _Problems:
    """Collects what is wrong, each with its place."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def add(self, node: object, key: object, told: str) -> None:
        line, column = _place(node, key)
        self.found.append(f"line {line}, column {column}: {told}")


def decode(raw: bytes) -> CitationList:
    """Give the citations in a file; raise FormatError that tells every mistake with line and column."""
    document = _load(raw)
    problems = _Problems()
    found = _list(_Map(document, problems, at="file"), problems)
    if problems.found:
        more = len(problems.found) - _MOST_TOLD
        told = "\n".join(problems.found[:_MOST_TOLD]) + (f"\n… and {more} more" if more > 0 else "")
        raise FormatError(f"citations: {told}", hint="docs/formats/citations.md shows an example of each field")
    return found


def encode(found: CitationList) -> bytes:
    """Give the file: readable, Arabic unescaped, the same bytes for the same value."""
    document: dict[str, object] = {"version": _VERSION}
    draft = _without_none(
        name=found.draft_name,
        sha256=found.draft_digest.hex if found.draft_digest else None,
        characters=found.draft_characters,
    )
    if draft:
        document["draft"] = draft
    document["citations"] = [_plain(one) for one in found.citations]
    out = StringIO()
    yaml = YAML()
    yaml.allow_unicode = True
    yaml.width = 110
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.dump(document, out)
    return (_HEADER + out.getvalue()).encode()


# --- reading ----------------------------------------------------------------------------------------


def _load(raw: bytes) -> CommentedMap:
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


class _Map:
    """A mapping whose keys are taken one by one; what is left at the end was not expected."""

    def __init__(self, node: CommentedMap, problems: _Problems, *, at: str) -> None:
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

    def map(self, key: str) -> "_Map | None":
        """Give a field that is a mapping itself."""
        found = self.take(key)
        if found is None:
            return None
        if not isinstance(found, CommentedMap):
            self.wrong(key, f"expected a mapping, found {type(found).__name__}")
            return None
        return _Map(found, self._problems, at=f"{self._at}: {key}")

    def list(self, key: str, read: "Callable[[_Map], Value]") -> tuple[Value, ...]:
        """Give a field that is a list of mappings."""
        found = self.take(key)
        if found is None:
            return ()
        if not isinstance(found, CommentedSeq):
            self.wrong(key, f"expected a list (lines beginning with '-'), found {type(found).__name__}")
            return ()
        return tuple(self._items(found, key, read))

    def _items(self, found: CommentedSeq, key: str, read: "Callable[[_Map], Value]") -> "Iterator[Value]":
        for index, one in enumerate(found):
            at = f"{self._at}: {key} {index + 1}" if self._at != "file" else f"citation {index + 1}"
            if not isinstance(one, CommentedMap):
                self._problems.add(found, index, f"{at}: expected a mapping, found {type(one).__name__}")
                continue
            yield read(_Map(one, self._problems, at=at))

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


def _list(document: _Map, problems: _Problems) -> CitationList:
    version = document.number("version")
    if version != _VERSION:
        document.wrong("version", f"expected {_VERSION}, found {version}")
    draft = document.map("draft")
    name, digest, characters = None, None, None
    if draft is not None:
        name = draft.text("name")
        digest = draft.matching("sha256", _SHA256, "64 lowercase hex digits")
        characters = draft.number("characters")
        draft.done()
    if "citations" not in document.node:
        document.wrong("citations", "expected a list, found nothing")
    citations = document.list("citations", _citation)
    document.done()
    _check_ids(document, citations, problems)
    return CitationList(
        citations=citations,
        draft_name=name,
        draft_digest=Digest(digest) if digest else None,
        draft_characters=characters,
    )


def _check_ids(document: _Map, citations: Sequence[Citation], problems: _Problems) -> None:
    seen: set[str] = set()
    for index, one in enumerate(citations):
        if one.id and one.id in seen:
            problems.add(document.node["citations"], index, f"citation {index + 1}: id {one.id!r} is used twice")
        seen.add(one.id)


def _citation(found: _Map) -> Citation:
    identity = found.needed("id")
    if identity and not _ID.match(identity):
        found.wrong("id", f"expected 1 to 64 of A-Z a-z 0-9 . _ -, found {identity[:80]!r}")
    citation = Citation(
        id=identity,
        kind=found.word("kind", Kind, Kind.WEB_PAGE),
        url=_url(found),
        words=found.text("words"),
        spans=found.spans("spans"),
        quotes=found.list("quotes", _quote),
        speaker=_maybe(found.map("speaker"), _speaker),
        outlet=_maybe(found.map("outlet"), _outlet),
        date_stated=_maybe(found.map("date_stated"), _date),
        date_found=_maybe(found.map("date_found"), _date),
        candidates=found.list("candidates", _candidate),
        language=found.text("language"),
        note=found.text("note"),
    )
    found.done()
    return citation


def _maybe(found: _Map | None, read: Callable[[_Map], Value]) -> Value | None:
    return read(found) if found is not None else None


def _url(found: _Map) -> str | None:
    url = found.text("url")
    if url is not None and not _URL.match(url):
        hint = " (write https:// before it)" if re.match(r"[\w-]+(\.[\w-]+)+(/|\Z)", url) else ""
        found.wrong("url", f"expected an http or https URL without spaces, found {url[:100]!r}{hint}")
        return None
    return url


def _quote(found: _Map) -> Quote:
    quote = Quote(text=found.needed("text"), span=found.span("span"), marks=found.text("marks"))
    found.done()
    return quote


def _speaker(found: _Map) -> Speaker:
    speaker = Speaker(name=found.needed("name"), role=found.text("role"), span=found.span("span"))
    found.done()
    return speaker


def _outlet(found: _Map) -> Outlet:
    outlet = Outlet(name=found.needed("name"), type=found.text("type"), span=found.span("span"))
    found.done()
    return outlet


def _date(found: _Map) -> StatedDate:
    iso = found.needed("iso")
    if iso and not _is_date(iso):
        found.wrong("iso", f"expected a date like 2021-04-03, 2021-04 or 2021, found {iso[:40]!r}")
    expected = {4: "year", 7: "month"}.get(len(iso), "day")
    precision = found.text("precision") or expected
    if iso and _is_date(iso) and precision != expected:
        found.wrong("precision", f"expected {expected} for {iso}, found {precision[:40]!r}")
    date = StatedDate(
        iso=iso, precision=precision, how=found.text("how"), text=found.text("text"), span=found.span("span")
    )
    found.done()
    return date


def _is_date(iso: str) -> bool:
    if not _ISO.match(iso):
        return False
    try:
        dt.date.fromisoformat(iso + "-01-01"[len(iso) - 4 :])
    except ValueError:
        return False
    return True


def _candidate(found: _Map) -> Candidate:
    url = _url(found)
    if url is None and found.node.get("url") is None:
        found.wrong("url", "expected a URL, found nothing")
    candidate = Candidate(
        url=url or "", relation=found.word("relation", Relation, Relation.REPORT_ABOUT), note=found.text("note")
    )
    found.done()
    return candidate


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


# --- writing ----------------------------------------------------------------------------------------


def _without_none(**fields: object) -> dict[str, object]:
    return {key: value for key, value in fields.items() if value is not None and value != []}


def _plain(one: Citation) -> dict[str, object]:
    return _without_none(
        id=one.id,
        kind=one.kind.value,
        url=one.url,
        speaker=_without_none(name=one.speaker.name, role=one.speaker.role, span=_flat(one.speaker.span))
        if one.speaker
        else None,
        outlet=_without_none(name=one.outlet.name, type=one.outlet.type, span=_flat(one.outlet.span))
        if one.outlet
        else None,
        date_stated=_plain_date(one.date_stated),
        date_found=_plain_date(one.date_found),
        words=one.words,
        spans=[_flat(span) for span in one.spans],
        quotes=[_without_none(text=each.text, span=_flat(each.span), marks=each.marks) for each in one.quotes],
        candidates=[
            _without_none(url=each.url, relation=each.relation.value, note=each.note) for each in one.candidates
        ],
        language=one.language,
        note=one.note,
    )


def _plain_date(date: StatedDate | None) -> dict[str, object] | None:
    if date is None:
        return None
    return _without_none(iso=date.iso, precision=date.precision, how=date.how, text=date.text, span=_flat(date.span))


def _flat(span: Span | None) -> CommentedSeq | None:
    if span is None:
        return None
    found = CommentedSeq([span.start, span.end])
    found.fa.set_flow_style()
    return found
