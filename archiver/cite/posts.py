"""Posts that a draft shows: embedded ones, and those whose embedding was flattened to text.

The flattened form is what Twitter's own embedding leaves behind: ``— Name (@handle) December 21, 2020``.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from archiver.cite.dates import FoundDate, find_dates
from archiver.cite.kinds import snowflake_ms, status_of
from archiver.cite.language import Language, languages
from archiver.cite.quotes import find_quotes
from archiver.cite.read import Embed
from archiver.cite.resolve import Reference
from archiver.cite.shadow import Shadow
from archiver.cite.words import words_of
from archiver.model.citation import Citation, Confidence, Kind, Outlet, Span, Speaker, StatedDate

_SIGNED = re.compile(r"[—–―-]{1,2} *(?P<name>[^\n(]{1,100}?) *\((?P<handle>@\w{1,15})\)[ \t]*(?P<when>[^\n]{0,60})")
_LONGEST_WORDS = 600
_SHOWN = re.compile(r"[^\n]+")


def from_embed(text: str, embed: Embed, language: Language) -> Citation:
    """Give the citation of an embedded post: its author as shown, the day as shown and the one that its id carries."""
    start, end = trimmed(text, embed.span.start, embed.span.end)
    signed = _last_signature(text, start, end)
    found = Citation(
        id="",
        kind=Kind.TWEET,
        url=embed.url,
        words=text[start:end][:_LONGEST_WORDS],
        spans=(Span(start=start, end=end),),
        quotes=tuple(find_quotes(text, start, end)),
        speaker=Speaker(name=embed.author) if embed.author else None,
        date_found=date_of(embed.url, anywhere=True),
        confidence=Confidence(kind=99),
    )
    return compared(_signed(text, found, signed, language) if signed else found)


def flattened(text: str, language: Language, *, leave_out: tuple[Span, ...] = ()) -> Iterator[Citation]:
    """Give the posts that stand in plain text with the signature of an embedding, the line before as their words."""
    skipped = sorted((one.start, one.end) for one in leave_out)
    for match in _SIGNED.finditer(text):
        index = bisect_right(skipped, (match.start(), len(text) + 1)) - 1
        if index >= 0 and match.start() < skipped[index][1]:
            continue
        dated = _date(text, match, language)
        if dated is None:
            continue
        start, end = trimmed(text, _words_before(text, match.start()), match.end())
        found = Citation(
            id="", kind=Kind.TWEET, words=text[start:end][:_LONGEST_WORDS], spans=(Span(start=start, end=end),)
        )
        yield _signed(text, replace(found, spans=(Span(start=start, end=max(dated.end, start + 1)),)), match, language)


def compared(citation: Citation) -> Citation:
    """Give the citation with a note where the day that the draft states is not the one that the post's id carries."""
    stated, found = citation.date_stated, citation.date_found
    if stated is None or found is None or found.iso.startswith(stated.iso) or "/" in stated.iso:
        return citation
    told = f"The draft says {stated.iso}; the time that the post's id carries is {found.iso} (UTC)."
    return replace(citation, note=f"{citation.note} {told}" if citation.note else told)


def date_of(url: str, *, anywhere: bool = False) -> StatedDate | None:
    """Give the day that a status id carries: the source's own word, not the draft's."""
    status = status_of(url, anywhere=anywhere)
    milliseconds = snowflake_ms(status[1]) if status else None
    if milliseconds is None:
        return None
    try:
        when = datetime.fromtimestamp(milliseconds / 1000, tz=UTC)
    except (ValueError, OverflowError, OSError):
        return None
    clock = when.strftime("%H:%M:%S")
    return StatedDate(iso=when.date().isoformat(), precision="day", how=f"time that the post's id carries: {clock} UTC")


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Give a stretch without the space around it, one character at least."""
    end = min(end, len(text))
    while start < end - 1 and text[start].isspace():
        start += 1
    while end > start + 1 and text[end - 1].isspace():
        end -= 1
    return start, end


def _last_signature(text: str, start: int, end: int) -> re.Match[str] | None:
    found = None
    for match in _SIGNED.finditer(text, start, end):
        found = match
    return found


def _words_before(text: str, at: int) -> int:
    """Give where the post's words begin: its own line where there are words, else the line before."""
    line = text.rfind("\n", 0, at) + 1
    if text[line:at].strip():
        return line
    before = text.rfind("\n", 0, max(0, line - 1)) if line else -1
    previous = text[before + 1 : line]
    return before + 1 if previous.strip() else line


def _signed(text: str, found: Citation, match: re.Match[str], language: Language) -> Citation:
    name = Span(start=match.start("name"), end=match.end("name"))
    handle = Span(start=match.start("handle"), end=match.end("handle"))
    dated = _date(text, match, language)
    stated = None
    if dated is not None and dated.iso is not None:
        place = Span(start=dated.start, end=dated.end)
        stated = StatedDate(
            iso=dated.iso,
            precision=dated.precision,
            how="shown with the post",
            text=text[dated.start : dated.end],
            span=place,
        )
    return replace(
        found,
        speaker=Speaker(name=text[name.start : name.end], role=match["handle"], span=name),
        outlet=Outlet(name="Twitter", type="platform", span=handle),
        date_stated=stated,
        confidence=Confidence(kind=99, speaker=95, outlet=90, date=95 if stated else None),
    )


def _date(text: str, match: re.Match[str], language: Language) -> FoundDate | None:
    """Read the day behind a signature in the draft's language, else in English."""
    start, end = match.span("when")
    shadow = Shadow(text[start:end])
    for one in (language, languages()["en"]):
        words = words_of(shadow, 0, len(shadow.text), clitics=one.clitics, article=one.article)
        dated = find_dates(words, one, Reference())
        if dated and dated[0].iso is not None:
            return replace(dated[0], start=dated[0].start + start, end=dated[0].end + start)
    return None
