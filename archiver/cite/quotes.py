"""Quotations by their marks: « » “ ” „ ‹ › and straight ones, verbatim, with repair of marks that lack a partner.

One pass with a stack, so that a text of nothing but marks costs no more than any other.
LIMIT: single marks (‘ ’) are read as apostrophes and terms, never as quotations.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from archiver.model.citation import Quote, Span

_OPENERS = "«“„‟〝"
_CLOSERS = "»”〞"
_EITHER = '"＂'
_FAMILY = {"«": "«", "»": "«"}
_MARK = re.compile(f"[{_OPENERS}{_CLOSERS}{_EITHER}]")
_SPACE = " \t\r\n\u00a0\u200e\u200f\u200b\u202a\u202b\u202c\u2066\u2067\u2068\u2069\ufeff"
_BEFORE_OPENING = "([{:،,؛;-–—/ـ\u200c"
LONGEST = 6000
_DEEPEST = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A quotation as its marks show it: where they stand and where its words do, and what marks there are."""

    outer: tuple[int, int]
    inner: tuple[int, int]
    marks: str


Repair = Callable[[int, int], int]


def _unrepaired_end(_start: int, end: int) -> int:
    return end


def _unrepaired_start(start: int, _end: int) -> int:
    return start


def find_stretches(
    text: str, start: int, end: int, *, ends: Repair = _unrepaired_end, starts: Repair = _unrepaired_start
) -> list[Stretch]:
    """Give the quotations in ``text[start:end]`` (one paragraph), in order, none inside another.

    ``ends(from, limit)`` says where a quotation ends whose closing mark is missing; ``starts(limit, to)`` where one
    begins whose opening mark is missing. ``marks`` is the pair found, or ``unclosed`` or ``unopened``.
    """
    pairs, unclosed, unopened = _paired(text, start, end)
    found = [_whole(text, one, other) for one, other in _outermost(pairs)]
    taken = sorted(one.outer for one in found)
    found.extend(_unclosed(text, unclosed, taken, end, ends))
    taken = sorted(one.outer for one in found)
    found.extend(_unopened(text, unopened, taken, start, starts))
    kept = sorted((one for one in found if one.inner[1] > one.inner[0]), key=lambda one: one.outer)
    return [one for index, one in enumerate(kept) if index == 0 or one.outer[0] >= kept[index - 1].outer[1]]


def find_quotes(text: str, start: int, end: int) -> Iterator[Quote]:
    """Give the quotations of a stretch as values, in order."""
    for one in find_stretches(text, start, end):
        yield quote_of(text, one)


def quote_of(text: str, one: Stretch) -> Quote:
    """Give the value of one quotation."""
    return Quote(text=text[slice(*one.inner)], span=Span(start=one.inner[0], end=one.inner[1]), marks=one.marks)


def _paired(text: str, start: int, end: int) -> tuple[list[tuple[int, int]], list[int], list[int]]:
    """Give the pairs of marks, and the places of those that open or close nothing."""
    stack: list[int] = []
    pairs: list[tuple[int, int]] = []
    unclosed: list[int] = []
    unopened: list[int] = []
    for match in _MARK.finditer(text, start, end):
        at = match.start()
        if _opens(text, at, start, end, stack):
            stack.append(at)
            continue
        partner = _partner(text, at, stack)
        if partner is None:
            if not _is_inches(text, at):
                unopened.append(at)
            continue
        unclosed.extend(stack[partner + 1 :])
        pairs.append((stack[partner], at))
        del stack[partner:]
    return pairs, unclosed + stack, unopened


def _opens(text: str, at: int, start: int, end: int, stack: Sequence[int]) -> bool:
    """Say whether a mark opens a quotation: by its shape, and by what stands around it where that is clear."""
    mark = text[at]
    before = text[at - 1] if at > start else " "
    after = text[at + 1] if at + 1 < end else " "
    opening = (before in _SPACE or before in _BEFORE_OPENING) and after not in _SPACE
    closing = before not in _SPACE and (after in _SPACE or not after.isalnum())
    if mark in _EITHER:
        inside = any(text[one] in _EITHER for one in stack[-_DEEPEST:])
        return not inside and not closing if opening == closing else opening and not (inside and closing)
    if mark in _OPENERS:
        return not (closing and not opening and any(_related(text[one], mark) for one in stack[-_DEEPEST:]))
    return opening and not closing and not any(_related(text[one], mark) for one in stack[-_DEEPEST:])


def _partner(text: str, at: int, stack: Sequence[int]) -> int | None:
    """Give the index in the stack of the mark that this one closes; one a few marks deeper too."""
    for index in range(len(stack) - 1, max(-1, len(stack) - 1 - _DEEPEST), -1):
        if _related(text[stack[index]], text[at]):
            return index if at - stack[index] <= LONGEST else None
    return None


def _related(one: str, other: str) -> bool:
    return _FAMILY.get(one, '"') == _FAMILY.get(other, '"')


def _is_inches(text: str, at: int) -> bool:
    return text[at] in _EITHER and at > 0 and text[at - 1].isdigit()


def _outermost(pairs: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    reached = -1
    for one in sorted(pairs):
        if one[0] > reached:
            reached = one[1]
            yield one


def _whole(text: str, start: int, end: int) -> Stretch:
    return Stretch(outer=(start, end + 1), inner=_trimmed(text, start + 1, end), marks=text[start] + text[end])


def _unclosed(text: str, places: list[int], taken: list[tuple[int, int]], end: int, ends: Repair) -> Iterator[Stretch]:
    """Repair openings without an end: up to what the reader says, at most to the next quotation or end."""
    reached, index = -1, 0
    for at in sorted(places):
        while index < len(taken) and taken[index][0] <= at:
            reached = max(reached, taken[index][1])
            index += 1
        if at < reached:
            continue
        limit = min(end, at + LONGEST, taken[index][0] if index < len(taken) else end)
        stop = ends(at + 1, limit)
        yield Stretch(outer=(at, stop), inner=_trimmed(text, at + 1, stop), marks="unclosed")
        reached = stop


def _unopened(
    text: str, places: list[int], taken: list[tuple[int, int]], start: int, starts: Repair
) -> Iterator[Stretch]:
    """Repair ends without an opening: from what the reader says, at the earliest after the quotation before."""
    previous, index = start, 0
    for at in sorted(places):
        while index < len(taken) and taken[index][0] < at:
            previous = max(previous, taken[index][1])
            index += 1
        if at <= previous:
            continue
        begin = starts(max(previous, at - LONGEST), at)
        if begin < at:
            yield Stretch(outer=(begin, at + 1), inner=_trimmed(text, begin, at), marks="unopened")
        previous = at + 1


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start] in _SPACE:
        start += 1
    while end > start and text[end - 1] in _SPACE:
        end -= 1
    return start, end
