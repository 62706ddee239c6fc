"""The citations in a draft's prose: each source that somebody is said to have spoken or published in, with evidence."""

import datetime as dt
from collections.abc import Sequence

from archiver.cite.assemble import Source, sources_of
from archiver.cite.carriers import OutletWords
from archiver.cite.language import Language
from archiver.cite.outlets import Lexicon
from archiver.cite.people import ORGANISATION, Mention
from archiver.cite.quotes import quote_of
from archiver.cite.units import Reading
from archiver.model.citation import Citation, Confidence, Kind, Outlet, Span, Speaker, StatedDate

_OUTLET_KINDS = {
    "agency": Kind.AGENCY_STORY,
    "television": Kind.BROADCAST,
    "radio": Kind.BROADCAST,
    "newspaper": Kind.PRESS_STORY,
    "site": Kind.PRESS_STORY,
}
_TWITTER = ("Twitter", "X")
_MOST_WORDS = 600


def find_in_prose(
    text: str,
    language: Language,
    lexicon: Lexicon,
    *,
    published: dt.date | None = None,
    prose: str | None = None,
    leave_out: Sequence[Span] = (),
) -> list[Citation]:
    """Give the citations of a text in its order, without ids. Every span points into the text.

    ``prose`` is what to read of it, of the same length, with blanks where it is no prose; ``leave_out`` are stretches
    that are read otherwise (embedded posts).
    """
    reading = Reading(text if prose is None else prose, language, leave_out=leave_out)
    return [_citation(reading, lexicon, one, text) for one in sources_of(reading, lexicon, published)]


def _citation(reading: Reading, lexicon: Lexicon, source: Source, original: str) -> Citation:
    """Give the value of a source; its words are the draft's own, as ``original`` has them."""
    kind = _kind(source)
    speaker, outlet = source.speaker, source.outlet
    if outlet is None and kind is Kind.REPORT and speaker is not None and speaker.kind == ORGANISATION:
        outlet = _own_report(reading, lexicon, speaker)
    if kind is Kind.TWEET and (outlet is None or outlet.kind != "platform"):
        outlet = _platform_of(source)
    first = source.spans[0]
    return Citation(
        id="",
        kind=kind,
        words=original[first[0] : first[1]][:_MOST_WORDS],
        spans=tuple(Span(start=start, end=end) for start, end in source.spans),
        quotes=tuple(quote_of(original, one) for one in source.quotations),
        term_quotes=tuple(quote_of(original, one) for one in source.terms),
        speaker=_speaker(original, speaker),
        outlet=_outlet(outlet),
        date_stated=_date(original, source),
        confidence=_confidence(source, outlet),
        language=reading.language.code,
        note=source.date.contradiction if source.date else None,
    )


def _confidence(source: Source, outlet: OutletWords | None) -> Confidence:
    """Give how sure each field is, in percent."""
    repaired = any(one.marks in ("unclosed", "unopened") for one in source.quotations)
    return Confidence(
        kind=_percent(source.sure),
        speaker=_percent(source.speaker.sure) if source.speaker is not None and source.speaker.name else None,
        outlet=_percent(outlet.sure) if outlet is not None else None,
        date=_percent(source.date.sure) if source.date is not None and source.date.iso else None,
        quotes=(60 if repaired else 90) if source.quotations else None,
    )


def _percent(sure: float) -> int:
    return max(0, min(100, round(sure * 100)))


def _kind(source: Source) -> Kind:
    """Give the kind by precedence: tweet, letter, report, what the outlet is, official site, post, statement."""
    outlet = source.outlet
    if source.has("tweet") or (outlet is not None and outlet.kind == "platform" and outlet.name in _TWITTER):
        return Kind.TWEET
    if source.has("letter") and outlet is None:
        return Kind.LETTER
    if source.has("report") and (outlet is None or outlet.kind not in _OUTLET_KINDS):
        return Kind.REPORT
    if outlet is not None and outlet.name.endswith("official website"):
        return Kind.WEB_PAGE
    if outlet is not None and outlet.kind in _OUTLET_KINDS:
        return _OUTLET_KINDS[outlet.kind]
    if source.has("web_page"):
        return Kind.WEB_PAGE
    if source.has("social_post") or (outlet is not None and outlet.kind == "platform"):
        return Kind.SOCIAL_POST
    return Kind.BROADCAST if source.has("broadcast") else Kind.STATEMENT


def _own_report(reading: Reading, lexicon: Lexicon, speaker: Mention) -> OutletWords | None:
    """Give the body that issued a report as its publisher too, by its English name where the lexicon has it."""
    if speaker.name is None:
        return None
    words = reading.words(*speaker.name)
    named = lexicon.at(words, 0, reading.language, sure=True) if words else None
    name = named.entry.name if named else reading.text[slice(*speaker.name)]
    return OutletWords(
        name=name, kind=named.entry.type if named else "organisation", start=speaker.name[0], end=speaker.name[1]
    )


def _platform_of(source: Source) -> OutletWords | None:
    told = next((one for one in source.carriers if one.kind == "tweet"), None)
    return OutletWords(name="Twitter", kind="platform", start=told.start, end=told.end, sure=0.6) if told else None


def _speaker(text: str, mention: Mention | None) -> Speaker | None:
    if mention is None or mention.name is None:
        return None
    role = text[slice(*mention.role)] if mention.role and mention.role != mention.name else None
    return Speaker(
        name=text[slice(*mention.name)],
        role=role,
        span=Span(start=mention.name[0], end=mention.name[1]),
    )


def _outlet(outlet: OutletWords | None) -> Outlet | None:
    if outlet is None:
        return None
    return Outlet(name=outlet.name, type=outlet.kind, span=Span(start=outlet.start, end=outlet.end))


def _date(text: str, source: Source) -> StatedDate | None:
    date = source.date
    if date is None or date.iso is None:
        return None
    return StatedDate(
        iso=date.iso,
        precision=date.precision,
        how=date.how if date.contradiction is None else f"{date.how}; {date.contradiction}",
        text=text[date.start : date.end],
        span=Span(start=date.start, end=date.end),
    )
