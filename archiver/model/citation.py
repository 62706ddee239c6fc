"""A draft and what it cites, as the draft has it.

``date_stated`` is what the draft says; ``date_found`` is what the source says: two fields, since
drafts are often a day off. Spans are code points into the draft's own text, end exclusive.
"""

from dataclasses import dataclass
from enum import StrEnum

from archiver.model.digest import Digest


class Kind(StrEnum):
    """What sort of source is cited. ``statement`` means that no carrier is named."""

    TWEET = "tweet"
    SOCIAL_POST = "social_post"
    AGENCY_STORY = "agency_story"
    PRESS_STORY = "press_story"
    BROADCAST = "broadcast"
    WEB_PAGE = "web_page"
    REPORT = "report"
    LETTER = "letter"
    STATEMENT = "statement"


class Relation(StrEnum):
    """How a candidate page relates to the cited source."""

    ORIGINAL = "original"
    REPUBLICATION = "republication"
    TRANSLATION = "translation"
    REPORT_ABOUT = "report_about"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of the draft's text in code points, end exclusive."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Words the draft puts in quotation marks, without the marks."""

    text: str
    span: Span | None = None
    marks: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """Who is cited."""

    name: str
    role: str | None = None
    span: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """Where it was published, by the outlet's usual English name."""

    name: str
    type: str | None = None
    span: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedDate:
    """A date with the words it was read from. ``iso`` may be a day, a month or a year."""

    iso: str
    precision: str
    how: str | None = None
    text: str | None = None
    span: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A page that may hold the cited source, and how it relates to it."""

    url: str
    relation: Relation
    note: str | None = None


class Decision(StrEnum):
    """What a person decided about a citation; none while it is only proposed. Erased: what was captured of it."""

    ACCEPTED = "accepted"
    FIXED = "fixed"
    DROPPED = "dropped"
    ERASED = "erased"


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchHints:
    """What to look for where a source is not linked: names in Latin letters, days around the date, a key phrase."""

    speaker: str | None = None
    outlet: str | None = None
    date_from: str | None = None
    date_to: str | None = None
    phrase: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Confidence:
    """How sure a reader is of each field that it found, in percent; None for a field that it did not find."""

    kind: int | None = None
    speaker: int | None = None
    outlet: int | None = None
    date: int | None = None
    quotes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """One cited source as the draft has it. ``url`` is what will be captured; None if not linked."""

    id: str
    kind: Kind
    url: str | None = None
    words: str | None = None
    spans: tuple[Span, ...] = ()
    quotes: tuple[Quote, ...] = ()
    term_quotes: tuple[Quote, ...] = ()
    speaker: Speaker | None = None
    outlet: Outlet | None = None
    date_stated: StatedDate | None = None
    date_found: StatedDate | None = None
    candidates: tuple[Candidate, ...] = ()
    search_hints: SearchHints | None = None
    confidence: Confidence | None = None
    language: str | None = None
    note: str | None = None
    decision: Decision | None = None
    as_proposed: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A draft as read: its text with every code point kept. The text never reaches a log or manifest."""

    name: str
    media_type: str
    digest: Digest
    text: str
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CitationList:
    """What ``citations.yaml`` holds: where the citations came from, and the citations in draft order."""

    citations: tuple[Citation, ...]
    draft_name: str | None = None
    draft_digest: Digest | None = None
    draft_characters: int | None = None
