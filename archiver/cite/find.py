"""Find what a draft cites: in its prose, its links and its embedded posts, each with the words that prove it.

What prose says of a source and the link that stands in its sentence are one citation; a source whose sentences hold
several links is one citation for each.
"""

import datetime as dt
import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from archiver.cite.hints import with_hints
from archiver.cite.kinds import kind_of
from archiver.cite.language import Language, languages
from archiver.cite.outlets import Lexicon, lexicon
from archiver.cite.posts import compared, date_of, flattened, from_embed, trimmed
from archiver.cite.prose import find_in_prose
from archiver.cite.quotes import find_quotes
from archiver.cite.read import DraftText, Link
from archiver.formats.fold import fold
from archiver.model.citation import Citation, CitationList, Confidence, Kind, Span
from archiver.model.errors import FormatError

_SENTENCE_END = re.compile(r"(?<=[.!?؟۔…])[\"”»)]?\s+|\n+")
_LONGEST_WORDS = 600


def find(
    read: DraftText,
    *,
    published: dt.date | None = None,
    language: str | None = None,
    outlets: Lexicon | None = None,
    known: Mapping[str, Language] | None = None,
) -> CitationList:
    """Give the citations in the order of the draft, named ``c01``, ``c02``, ….

    ``published`` anchors relative dates; else the day that a page says it was published on. ``language`` overrides
    what the text looks like; raises FormatError for one that is not known.
    """
    text = read.draft.text
    reader = _language(language or read.draft.language, known or languages(), asked=language is not None)
    terms = outlets or lexicon()
    posts = [from_embed(text, one, reader) for one in read.embeds]
    inside = tuple(one.span for one in read.embeds)
    posts.extend(flattened(text, reader, leave_out=inside))
    prose = find_in_prose(
        text,
        reader,
        terms,
        published=published or read.published_claimed,
        prose=read.prose or text,
        leave_out=[span for one in posts for span in one.spans],
    )
    found = _with_links(text, _with_posts(text, prose, posts), read.links)
    return CitationList(
        citations=tuple(with_hints(one, terms) for one in _in_order(found)),
        draft_name=read.draft.name,
        draft_digest=read.draft.digest,
        draft_characters=len(text),
    )


def _language(code: str | None, known: Mapping[str, Language], *, asked: bool) -> Language:
    found = known.get(code or "")
    if found is None and asked:
        raise FormatError(f"language {code!r}: expected one of {', '.join(sorted(known))}")
    return found or known.get("en") or next(iter(known.values()))


# --- embedded posts ---------------------------------------------------------------------------------


def _with_posts(text: str, prose: list[Citation], posts: list[Citation]) -> list[Citation]:
    """Merge a post with the sentence right before it that says who posted: both are one source."""
    rest: list[Citation] = list(prose)
    ends = {one.spans[-1].end: at for at, one in enumerate(prose)}
    for post in posts:
        place = ends.get(_end_before(text, post))
        lead = rest[place] if place is not None and _leads_to(text, rest[place], post) else None
        if lead is None or place is None:
            rest.append(post)
            continue
        rest[place] = compared(
            replace(
                lead,
                url=post.url,
                kind=Kind.TWEET,
                spans=(*lead.spans, *post.spans),
                quotes=(*lead.quotes, *post.quotes),
                outlet=lead.outlet or post.outlet,
                date_stated=lead.date_stated or post.date_stated,
                date_found=post.date_found,
            )
        )
    return rest


def _end_before(text: str, post: Citation) -> int:
    """Give where the text before a post ends, the space between left aside."""
    at = post.spans[0].start
    while at > 0 and text[at - 1].isspace():
        at -= 1
    return at


def _leads_to(text: str, one: Citation, post: Citation) -> bool:
    if one.url or one.kind is not Kind.TWEET or one.speaker is None or post.speaker is None:
        return False
    between = text[one.spans[-1].end : post.spans[0].start]
    same = set(fold(one.speaker.name).split()) & set(fold(post.speaker.name).split())
    return bool(same) and one.spans[-1].end <= post.spans[0].start and not between.strip()


# --- links ------------------------------------------------------------------------------------------


def _with_links(text: str, found: list[Citation], links: Sequence[Link]) -> list[Citation]:
    """Give each link to the source in whose sentences it stands; a link elsewhere is a source of its own."""
    held: dict[int, list[Citation]] = {}
    alone: list[Citation] = []
    spans = sorted((span.start, span.end, at) for at, one in enumerate(found) if one.url is None for span in one.spans)
    for link in links:
        cited = _from_link(text, link)
        index = bisect_right(spans, (link.span.start, len(text) + 1, 0)) - 1
        holder = spans[index][2] if index >= 0 and link.span.end <= spans[index][1] else None
        if holder is None:
            alone.append(cited)
        else:
            held.setdefault(holder, []).append(cited)
    merged: list[Citation] = []
    for at, one in enumerate(found):
        merged.extend(_linked(one, held.get(at, [])))
    return [*merged, *alone]


def _linked(source: Citation, cited: list[Citation]) -> list[Citation]:
    if not cited:
        return [source]
    urls = {one.url for one in cited}
    if len(urls) == 1:
        first = cited[0]
        specific = first.kind is not Kind.WEB_PAGE or source.kind is Kind.STATEMENT
        kind = first.kind if specific else source.kind
        return [compared(replace(source, url=first.url, kind=kind, date_found=first.date_found))]
    told = [replace(one, speaker=source.speaker, outlet=source.outlet, date_stated=source.date_stated) for one in cited]
    left = tuple(span for span in source.spans if not any(_meets(span, each) for one in cited for each in one.spans))
    if not left:
        return told
    quotes = tuple(
        one for one in source.quotes if one.span and any(span.start <= one.span.start < span.end for span in left)
    )
    return [replace(source, spans=left, quotes=quotes), *told]


def _meets(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def _from_link(text: str, link: Link) -> Citation:
    sentence = _sentence(text, link.span)
    return Citation(
        id="",
        kind=kind_of(link.url),
        url=link.url,
        words=text[sentence.start : sentence.end],
        spans=(sentence,),
        quotes=tuple(find_quotes(text, sentence.start, sentence.end)),
        date_found=date_of(link.url),
        confidence=Confidence(kind=70 if kind_of(link.url) is Kind.WEB_PAGE else 95),
    )


def _sentence(text: str, span: Span) -> Span:
    """Give the sentence around a link: between line ends and sentence ends, bounded."""
    left = max(text.rfind("\n", 0, span.start) + 1, span.start - _LONGEST_WORDS * 2)
    right = text.find("\n", span.end)
    right = min(len(text) if right < 0 else right, span.end + _LONGEST_WORDS * 2)
    start, end = left, right
    for match in _SENTENCE_END.finditer(text, left, right):
        if match.end() <= span.start:
            start = match.end()
        elif match.start() >= span.end:
            end = match.start()
            break
    start = max(start, span.start - _LONGEST_WORDS)
    end = min(end, span.end + _LONGEST_WORDS)
    first, last = trimmed(text, start, end)
    return Span(start=first, end=last)


# --- order ------------------------------------------------------------------------------------------


def _in_order(found: Iterable[Citation]) -> tuple[Citation, ...]:
    """Merge citations of the same URL, and name all in the order of their first span."""
    kept: list[Citation] = []
    by_url: dict[str, int] = {}
    for one in sorted(found, key=lambda each: (each.spans[0].start, each.spans[0].end)):
        if one.url is not None and one.url in by_url:
            kept[by_url[one.url]] = _merged(kept[by_url[one.url]], one)
            continue
        if one.url is not None:
            by_url[one.url] = len(kept)
        kept.append(one)
    width = max(2, len(str(len(kept))))
    return tuple(replace(one, id=f"c{number:0{width}d}") for number, one in enumerate(kept, 1))


def _merged(first: Citation, other: Citation) -> Citation:
    spans = (*first.spans, *(one for one in other.spans if one not in first.spans))
    quotes = (*first.quotes, *(one for one in other.quotes if one not in first.quotes))
    return replace(
        first,
        spans=spans,
        quotes=quotes,
        speaker=first.speaker or other.speaker,
        outlet=first.outlet or other.outlet,
        date_stated=first.date_stated or other.date_stated,
    )
