"""The editor's walk over proposals: what to show of one, and what a decision makes of it. Who shows it is the cli."""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from archiver.model.citation import Citation, Decision, Kind, Outlet, Span, Speaker, StatedDate
from archiver.model.errors import UsageError

FIELDS = ("kind", "speaker", "outlet", "date", "note")
_URL = re.compile(r"https?://[^\s]{1,8000}\Z", re.IGNORECASE)
_ISO = re.compile(r"\d{4}(-\d\d(-\d\d)?)?\Z", re.ASCII)
_RIGHT_TO_LEFT = frozenset(("ar", "fa", "he", "ur", "ckb", "ps"))
_FEW = 1200


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of the draft's words as it is shown: the field that it proves, None for the words between."""

    text: str
    field: str | None = None


def pieces_of(citation: Citation, text: str | None) -> list[list[Piece]]:
    """Give the words of each span in pieces, those that prove a field told apart; else the citation's own words."""
    if text is None:
        return [[Piece(text=citation.words or "")]]
    return [list(_cut(citation, text, span)) for span in citation.spans if span.end <= len(text)]


def _cut(citation: Citation, text: str, span: Span) -> Iterator[Piece]:
    end = min(span.end, span.start + _FEW)
    at = span.start
    for start, last, field in sorted(_evidence(citation)):
        if start < at or last > end:
            continue
        if start > at:
            yield Piece(text=text[at:start])
        yield Piece(text=text[start:last], field=field)
        at = last
    if at < end:
        yield Piece(text=text[at:end] + ("…" if end < span.end else ""))


def _evidence(citation: Citation) -> Iterator[tuple[int, int, str]]:
    found = [
        ("speaker", citation.speaker.span if citation.speaker else None),
        ("outlet", citation.outlet.span if citation.outlet else None),
        ("date", citation.date_stated.span if citation.date_stated else None),
        *(("quote", quote.span) for quote in citation.quotes),
    ]
    for field, span in found:
        if span is not None:
            yield span.start, span.end, field


def is_right_to_left(citation: Citation) -> bool:
    """Say whether the citation's words run from right to left."""
    return citation.language in _RIGHT_TO_LEFT


def undecided(citations: tuple[Citation, ...]) -> tuple[Citation, ...]:
    """Give the citations that nobody has decided about yet."""
    return tuple(one for one in citations if one.decision is None)


def accepted(citation: Citation) -> Citation:
    """Give the citation as accepted."""
    return replace(citation, decision=Decision.ACCEPTED)


def dropped(citation: Citation) -> Citation:
    """Give the citation as dropped: it stays in the file, so that it is not proposed again, and is not captured."""
    return replace(citation, decision=Decision.DROPPED)


def with_url(citation: Citation, url: str) -> Citation:
    """Give the citation with the URL that a person found; raise UsageError for what is none."""
    if not _URL.match(url.strip()):
        raise UsageError(f"expected an http or https URL without spaces, found {url[:100]!r}")
    return replace(citation, url=url.strip(), decision=Decision.FIXED)


def fixed(citation: Citation, field: str, value: str) -> Citation:
    """Give the citation with one field set by a person (``-`` clears it); raise UsageError for what it cannot be."""
    cleared = value.strip() in ("-", "")
    text = value.strip()
    if field == "kind":
        return replace(citation, kind=_kind(text), decision=Decision.FIXED)
    if field == "note":
        return replace(citation, note=None if cleared else text, decision=Decision.FIXED)
    if field == "speaker":
        role = citation.speaker.role if citation.speaker else None
        return replace(citation, speaker=None if cleared else Speaker(name=text, role=role), decision=Decision.FIXED)
    if field == "outlet":
        return replace(citation, outlet=None if cleared else Outlet(name=text), decision=Decision.FIXED)
    if field == "date":
        return replace(citation, date_stated=None if cleared else _date(text), decision=Decision.FIXED)
    raise UsageError(f"expected one of {', '.join(FIELDS)}, found {field[:40]!r}")


def _kind(text: str) -> Kind:
    try:
        return Kind(text)
    except ValueError as error:
        raise UsageError(f"kind: expected one of {', '.join(Kind)}; found {text[:40]!r}") from error


def _date(text: str) -> StatedDate:
    if not _ISO.match(text):
        raise UsageError(f"date: expected a date like 2021-04-03, 2021-04 or 2021, found {text[:40]!r}")
    try:
        dt.date.fromisoformat(text + "-01-01"[len(text) - 4 :])
    except ValueError as error:
        raise UsageError(f"date: no such day: {text}") from error
    precision = {4: "year", 7: "month"}.get(len(text), "day")
    return StatedDate(iso=text, precision=precision, how="set by a person")
