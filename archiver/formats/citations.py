"""``citations.yaml``: what a draft cites, for people to read and to correct. Page: docs/formats/citations.md.

Every mistake of a file is told at once, with line, column, what was expected and what was found.
"""

import datetime as dt
import re
from collections.abc import Callable, Sequence
from io import StringIO
from typing import TypeVar

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedSeq

from archiver.formats.fields import Fields, Problems, load
from archiver.model.citation import (
    Candidate,
    Citation,
    CitationList,
    Confidence,
    Decision,
    Kind,
    Outlet,
    Quote,
    Relation,
    SearchHints,
    Span,
    Speaker,
    StatedDate,
)
from archiver.model.digest import Digest
from archiver.model.errors import FormatError

_VERSION = 1
_MOST_TOLD = 20
_WHOLE = 100
_SURE = ("kind", "speaker", "outlet", "date", "quotes")
_HINTS = ("speaker", "outlet", "date_from", "date_to", "phrase")
_URL = re.compile(r"https?://[^\s\x00-\x1f\x7f]{1,8000}\Z", re.IGNORECASE)
_ISO = re.compile(r"\d{4}(-\d\d(-\d\d)?)?\Z", re.ASCII)
_RANGE = re.compile(r"(\d{4}-\d\d-\d\d)/(\d{4}-\d\d-\d\d)\Z", re.ASCII)
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")
_PROPOSED = re.compile(r"[0-9a-f]{12}\Z")
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_HEADER = "# What the draft cites. Edit freely: add, correct, remove; `archiver capture` fetches each url.\n"

Value = TypeVar("Value")


def decode(raw: bytes) -> CitationList:
    """Give the citations in a file; raise FormatError that tells every mistake with line and column."""
    document = load(raw)
    problems = Problems()
    found = _list(Fields(document, problems, at="file"), problems)
    if problems.found:
        more = len(problems.found) - _MOST_TOLD
        told = "\n".join(problems.found[:_MOST_TOLD]) + (f"\n… and {more} more" if more > 0 else "")
        raise FormatError(f"citations: {told}", hint="docs/formats/citations.md shows an example of each field")
    return found


def encode(found: CitationList) -> bytes:
    """Give the file: readable, Arabic unescaped, the same bytes for the same value."""
    document: dict[str, object] = {"version": _VERSION}
    draft = plain_draft(found)
    if draft:
        document["draft"] = draft
    document["citations"] = [plain(one) for one in found.citations]
    return (_HEADER + dumped(document)).encode()


def dumped(document: object) -> str:
    """Give a document as YAML text, as this format writes it."""
    out = StringIO()
    yaml = YAML()
    yaml.allow_unicode = True
    yaml.width = 110
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.dump(document, out)
    return out.getvalue()


def plain_draft(found: CitationList) -> dict[str, object]:
    """Give what the file says of the draft."""
    return _without_none(
        name=found.draft_name,
        sha256=found.draft_digest.hex if found.draft_digest else None,
        characters=found.draft_characters,
    )


# --- reading ----------------------------------------------------------------------------------------


def _list(document: Fields, problems: Problems) -> CitationList:
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


def _check_ids(document: Fields, citations: Sequence[Citation], problems: Problems) -> None:
    seen: set[str] = set()
    for index, one in enumerate(citations):
        if one.id and one.id in seen:
            problems.add(document.node["citations"], index, f"citation {index + 1}: id {one.id!r} is used twice")
        seen.add(one.id)


def _citation(found: Fields) -> Citation:
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
        term_quotes=found.list("term_quotes", _quote),
        speaker=_maybe(found.map("speaker"), _speaker),
        outlet=_maybe(found.map("outlet"), _outlet),
        date_stated=_maybe(found.map("date_stated"), _date),
        date_found=_maybe(found.map("date_found"), _date),
        candidates=found.list("candidates", _candidate),
        search_hints=_maybe(found.map("search_hints"), _hints),
        confidence=_maybe(found.map("confidence"), _confidence),
        language=found.text("language"),
        note=found.text("note"),
        decision=found.word("decision", Decision, Decision.ACCEPTED) if "decision" in found.node else None,
        as_proposed=found.matching("as_proposed", _PROPOSED, "12 lowercase hex digits"),
    )
    found.done()
    return citation


def _maybe(found: Fields | None, read: Callable[[Fields], Value]) -> Value | None:
    return read(found) if found is not None else None


def _url(found: Fields) -> str | None:
    url = found.text("url")
    if url is not None and not _URL.match(url):
        hint = " (write https:// before it)" if re.match(r"[\w-]+(\.[\w-]+)+(/|\Z)", url) else ""
        found.wrong("url", f"expected an http or https URL without spaces, found {url[:100]!r}{hint}")
        return None
    return url


def _quote(found: Fields) -> Quote:
    quote = Quote(text=found.needed("text"), span=found.span("span"), marks=found.text("marks"))
    found.done()
    return quote


def _speaker(found: Fields) -> Speaker:
    speaker = Speaker(name=found.needed("name"), role=found.text("role"), span=found.span("span"))
    found.done()
    return speaker


def _outlet(found: Fields) -> Outlet:
    outlet = Outlet(name=found.needed("name"), type=found.text("type"), span=found.span("span"))
    found.done()
    return outlet


def _date(found: Fields) -> StatedDate:
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
    between = _RANGE.match(iso)
    if between:
        return between[1] <= between[2] and _is_date(between[1]) and _is_date(between[2])
    if not _ISO.match(iso):
        return False
    try:
        dt.date.fromisoformat(iso + "-01-01"[len(iso) - 4 :])
    except ValueError:
        return False
    return True


def _hints(found: Fields) -> SearchHints:
    hints = SearchHints(
        speaker=found.text("speaker"),
        outlet=found.text("outlet"),
        date_from=found.matching("date_from", _ISO, "a date like 2021-04-03"),
        date_to=found.matching("date_to", _ISO, "a date like 2021-04-03"),
        phrase=found.text("phrase"),
    )
    found.done()
    return hints


def _confidence(found: Fields) -> Confidence:
    """Read percents: whole numbers from 0 to 100."""
    values = {name: found.number(name) for name in _SURE}
    for name, value in values.items():
        if value is not None and value > _WHOLE:
            found.wrong(name, f"expected a whole number from 0 to {_WHOLE}, found {value}")
    found.done()
    return Confidence(**values)


def _candidate(found: Fields) -> Candidate:
    url = _url(found)
    if url is None and found.node.get("url") is None:
        found.wrong("url", "expected a URL, found nothing")
    candidate = Candidate(
        url=url or "", relation=found.word("relation", Relation, Relation.REPORT_ABOUT), note=found.text("note")
    )
    found.done()
    return candidate


# --- writing ----------------------------------------------------------------------------------------


def _without_none(**fields: object) -> dict[str, object]:
    return {key: value for key, value in fields.items() if value is not None and value != []}


def plain(one: Citation) -> dict[str, object]:
    """Give one citation as the mapping that the file holds."""
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
        quotes=[_plain_quote(each) for each in one.quotes],
        term_quotes=[_plain_quote(each) for each in one.term_quotes],
        candidates=[
            _without_none(url=each.url, relation=each.relation.value, note=each.note) for each in one.candidates
        ],
        search_hints=_plain_fields(one.search_hints, _HINTS),
        confidence=_plain_fields(one.confidence, _SURE),
        language=one.language,
        note=one.note,
        decision=one.decision.value if one.decision else None,
        as_proposed=one.as_proposed,
    )


def _plain_quote(quote: Quote) -> dict[str, object]:
    return _without_none(text=quote.text, span=_flat(quote.span), marks=quote.marks)


def _plain_fields(value: object, names: tuple[str, ...]) -> dict[str, object] | None:
    """Give the named fields of a value that are set, None where there are none."""
    return (_without_none(**{name: getattr(value, name) for name in names}) or None) if value is not None else None


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
