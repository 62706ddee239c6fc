"""Find what a draft cites: every linked source and every embedded post, each with the words around it.

Finders of unlinked citations (prose) are to join here: each gives citations, `_in_order` merges them.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from archiver.cite.kinds import kind_of, snowflake_ms, status_of
from archiver.cite.quotes import find_quotes
from archiver.cite.read import DraftText, Embed, Link
from archiver.model.citation import Citation, CitationList, Kind, Span, Speaker, StatedDate

_SENTENCE_END = re.compile(r"(?<=[.!?؟۔…])[\"”»)]?\s+|\n+")
_LONGEST_WORDS = 600


def find(read: DraftText) -> CitationList:
    """Give the citations in the order of the draft, named ``c01``, ``c02``, …; one for each URL."""
    text = read.draft.text
    found = [_from_embed(text, one) for one in read.embeds] + [_from_link(text, one) for one in read.links]
    return CitationList(
        citations=_in_order(found),
        draft_name=read.draft.name,
        draft_digest=read.draft.digest,
        draft_characters=len(text),
    )


def _from_link(text: str, link: Link) -> Citation:
    sentence = _sentence(text, link.span)
    return Citation(
        id="",
        kind=kind_of(link.url),
        url=link.url,
        words=text[sentence.start : sentence.end],
        spans=(sentence,),
        quotes=tuple(find_quotes(text, sentence.start, sentence.end)),
        date_found=_date_of(link.url),
    )


def _from_embed(text: str, embed: Embed) -> Citation:
    start, end = _trimmed(text, embed.span.start, embed.span.end)
    return Citation(
        id="",
        kind=Kind.TWEET,
        url=embed.url,
        words=text[start:end][:_LONGEST_WORDS],
        spans=(Span(start=start, end=end),),
        quotes=tuple(find_quotes(text, start, end)),
        speaker=Speaker(name=embed.author) if embed.author else None,
        date_found=_date_of(embed.url, anywhere=True),
    )


def _date_of(url: str, *, anywhere: bool = False) -> StatedDate | None:
    """Give the day that a status id carries: the source's own word, not the draft's."""
    status = status_of(url, anywhere=anywhere)
    milliseconds = snowflake_ms(status[1]) if status else None
    if milliseconds is None:
        return None
    try:
        day = datetime.fromtimestamp(milliseconds / 1000, tz=UTC).date()
    except (ValueError, OverflowError, OSError):
        return None
    return StatedDate(iso=day.isoformat(), precision="day", how="time that the post's id carries (UTC)")


def _sentence(text: str, span: Span) -> Span:
    """Give the sentence around a link: between line ends and sentence ends, bounded."""
    left = text.rfind("\n", 0, span.start) + 1
    right = text.find("\n", span.end)
    right = len(text) if right < 0 else right
    start, end = left, right
    for match in _SENTENCE_END.finditer(text, left, right):
        if match.end() <= span.start:
            start = match.end()
        elif match.start() >= span.end:
            end = match.start()
            break
    start = max(start, span.start - _LONGEST_WORDS)
    end = min(end, span.end + _LONGEST_WORDS)
    return Span(**dict(zip(("start", "end"), _trimmed(text, start, end), strict=True)))


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    end = min(end, len(text))
    while start < end - 1 and text[start].isspace():
        start += 1
    while end > start + 1 and text[end - 1].isspace():
        end -= 1
    return start, end


def _in_order(found: Iterable[Citation]) -> tuple[Citation, ...]:
    """Merge citations of the same URL, and name all in the order of their first span."""
    by_url: dict[str | None, Citation] = {}
    for one in sorted(found, key=lambda each: each.spans[0].start):
        first = by_url.get(one.url)
        by_url[one.url] = one if first is None else _merged(first, one)
    width = max(2, len(str(len(by_url))))
    return tuple(replace(one, id=f"c{number:0{width}d}") for number, one in enumerate(by_url.values(), 1))


def _merged(first: Citation, other: Citation) -> Citation:
    spans = first.spans if other.spans[0] in first.spans else (*first.spans, *other.spans)
    quotes = (*first.quotes, *(one for one in other.quotes if one not in first.quotes))
    return replace(first, spans=spans, quotes=quotes, speaker=first.speaker or other.speaker)
