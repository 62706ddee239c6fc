"""Cite a draft again: what a person decided stays, what the draft now says is put beside it, what changed is told."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from archiver.formats.citations import plain
from archiver.model.citation import Citation, CitationList, Decision

_OVERLAP = 0.3
_ALIKE = 0.5
_LEFT_ASIDE = ("id", "spans", "words", "decision", "as_proposed", "search_hints", "confidence", "date_found", "note")


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One field in which a draft now says something else than what a person decided."""

    id: str
    field: str
    kept: str
    proposed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """The citations after a draft was cited again, and what changed: ids that are new, moved on, or gone."""

    found: CitationList
    added: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()

    @property
    def changed(self) -> bool:
        """Say whether there is anything to tell."""
        return bool(self.added or self.updated or self.removed or self.missing or self.differences)


def marked(found: CitationList) -> CitationList:
    """Give the citations with the mark by which a later run sees whether a person edited them."""
    return replace(found, citations=tuple(replace(one, as_proposed=mark_of(one)) for one in found.citations))


def mark_of(one: Citation) -> str:
    """Give the digest of a citation's fields, places and what follows from others left aside."""
    fields = {key: value for key, value in plain(one).items() if key not in _LEFT_ASIDE}
    return hashlib.sha256(json.dumps(fields, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:12]


def is_decided(one: Citation) -> bool:
    """Say whether a person decided about a citation: said so, edited it, or wrote it."""
    return one.decision is not None or one.as_proposed is None or one.as_proposed != mark_of(one)


def revised(present: CitationList, found: CitationList) -> Revision:
    """Give what a case cites after its draft was read again."""
    unedited = present.draft_digest is not None and present.draft_digest == found.draft_digest
    pairs = _paired(present.citations, found.citations, same_draft=unedited)
    kept: list[Citation] = []
    told: dict[str, list[str]] = {"updated": [], "removed": [], "missing": []}
    differences: list[Difference] = []
    for one in present.citations:
        now = pairs.get(one.id)
        if now is None:
            gone = not is_decided(one) and one.url is None
            told["removed" if gone else "missing"].append(one.id)
            kept.extend(() if gone else (one,))
        elif is_decided(one):
            kept.append(_placed(one, now))
            differences.extend(_differences(one, now))
        else:
            updated = replace(now, id=one.id, as_proposed=mark_of(now), candidates=one.candidates)
            kept.append(updated)
            told["updated"].extend([one.id] if mark_of(updated) != one.as_proposed else [])
    added = list(_named([one for one in found.citations if one not in pairs.values()], present.citations))
    whole = _in_order(kept, added)
    return Revision(
        found=replace(found, citations=whole, draft_name=found.draft_name or present.draft_name),
        added=tuple(one.id for one in added),
        updated=tuple(told["updated"]),
        removed=tuple(told["removed"]),
        missing=tuple(told["missing"]),
        differences=tuple(differences),
    )


def _paired(present: Sequence[Citation], found: Sequence[Citation], *, same_draft: bool) -> dict[str, Citation]:
    """Give for each citation the one of the new reading that is the same source: by URL, words, quotations, place."""
    left = list(found)
    pairs: dict[str, Citation] = {}
    places = (_overlaps,) if same_draft else ()
    for test in (_same_url, *places, _same_words, _shares_quotation, _same_place):
        for one in present:
            if one.id in pairs:
                continue
            match = next((each for each in left if test(one, each)), None)
            if match is not None:
                pairs[one.id] = match
                left.remove(match)
    return pairs


def _same_url(one: Citation, other: Citation) -> bool:
    return one.url is not None and one.url == other.url


def _overlaps(one: Citation, other: Citation) -> bool:
    """Say whether both stand in the same sentences of an unedited draft."""
    mine = {at for span in one.spans for at in range(span.start, span.end)}
    theirs = {at for span in other.spans for at in range(span.start, span.end)}
    return len(mine & theirs) >= _OVERLAP * max(1, len(mine | theirs))


def _same_words(one: Citation, other: Citation) -> bool:
    return bool(one.words) and one.words == other.words


def _shares_quotation(one: Citation, other: Citation) -> bool:
    mine, theirs = {quote.text for quote in one.quotes}, {quote.text for quote in other.quotes}
    return bool(mine & theirs) and len(mine & theirs) >= _ALIKE * min(len(mine), len(theirs))


def _same_place(one: Citation, other: Citation) -> bool:
    """Say whether both stand in the same words: most words of one are words of the other, and nobody else speaks."""
    mine, theirs = set((one.words or "").split()), set((other.words or "").split())
    alike = bool(mine) and len(mine & theirs) >= _ALIKE * max(len(mine), len(theirs))
    names = (one.speaker and one.speaker.name, other.speaker and other.speaker.name)
    return alike and (names[0] == names[1] or None in names)


def _placed(one: Citation, now: Citation) -> Citation:
    """Give a decided citation with the places that it has in the draft now, where its words are still there."""
    places = {quote.text: quote.span for quote in now.quotes}
    quotes = tuple(replace(quote, span=places.get(quote.text, quote.span)) for quote in one.quotes)
    speaker = one.speaker
    if speaker is not None and now.speaker is not None and speaker.name == now.speaker.name:
        speaker = replace(speaker, span=now.speaker.span)
    outlet = one.outlet
    if outlet is not None and now.outlet is not None and outlet.name == now.outlet.name:
        outlet = replace(outlet, span=now.outlet.span)
    date = one.date_stated
    if date is not None and now.date_stated is not None and date.iso == now.date_stated.iso:
        date = replace(date, text=now.date_stated.text, span=now.date_stated.span)
    return replace(
        one, spans=now.spans, words=now.words, quotes=quotes, speaker=speaker, outlet=outlet, date_stated=date
    )


def _differences(one: Citation, now: Citation) -> Iterator[Difference]:
    if one.decision is Decision.DROPPED:
        return
    for name, kept, proposed in (
        ("kind", one.kind.value, now.kind.value),
        ("speaker", one.speaker and one.speaker.name, now.speaker and now.speaker.name),
        ("outlet", one.outlet and one.outlet.name, now.outlet and now.outlet.name),
        ("date", one.date_stated and one.date_stated.iso, now.date_stated and now.date_stated.iso),
        ("url", one.url, now.url),
    ):
        if proposed is not None and kept != proposed and not (name == "url" and kept):
            yield Difference(id=one.id, field=name, kept=str(kept or "-"), proposed=str(proposed))


def _named(found: Sequence[Citation], present: Sequence[Citation]) -> Iterator[Citation]:
    taken = {one.id for one in present}
    free = (name for number in range(1, len(present) + len(found) + 2) if (name := f"c{number:02d}") not in taken)
    for one in found:
        yield replace(one, id=next(free), as_proposed=mark_of(one))


def _in_order(kept: Sequence[Citation], added: Sequence[Citation]) -> tuple[Citation, ...]:
    """Give what was there in its order, each new one behind the last that stands before it in the draft."""
    whole = list(kept)
    for one in added:
        start = one.spans[0].start if one.spans else 0
        places = [at for at, other in enumerate(whole) if other.spans and other.spans[0].start <= start]
        whole.insert(places[-1] + 1 if places else len(whole) if not one.spans else 0, one)
    return tuple(whole)
