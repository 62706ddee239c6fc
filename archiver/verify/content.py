"""What a capture's pictures, text, certificates and quotations say together: the checks of level L5.

The questions are told in `archiver/verify/wire.py`, which walks over the traffic.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from archiver.formats import citations, layout
from archiver.formats.payload import is_text
from archiver.formats.wording import RULE, Folded, Words, script
from archiver.model.errors import Damaged, FormatError
from archiver.model.evidence import Artifact, Capture, Role, State
from archiver.model.report import Check, Level
from archiver.store.source import EvidenceSource
from archiver.verify.case import Case, failed, passed, unchecked
from archiver.verify.chain import check_chain
from archiver.verify.wire import Wire

_TEXT_BYTES = 48 << 20
_CITATIONS_BYTES = 512 << 10
_MOST_SHOWN = 80
_PICTURES = (Role.SCREENSHOT_VIEWPORT, Role.SCREENSHOT_FULL, Role.SCREENSHOT_ELEMENT, Role.SCREENSHOT_AFTER, Role.TEXT)
_VIEWS = ("view", "fullPage", "element", "text")
_SHORT = "it is too short to tell anything"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Looked:
    """What came of one quotation in one capture. ``problem`` says why not finding it there tells nothing."""

    subject: str
    citation_id: str | None
    quote: str
    is_signed: bool
    wire: str
    text: str
    has_text: bool
    problem: str


class Content:
    """Takes what the walk over each capture's WARC finds; gives the checks of one case."""

    def __init__(self, source: EvidenceSource, case: Case) -> None:
        self._source = source
        self._case = case
        self._looked: dict[str, list[_Looked]] = {}
        self._cited = _cited(case) if case.is_file(layout.CITATIONS) else {}

    def wire(self, capture: Capture) -> Wire:
        """Give what is to be handed to the walk over this capture's WARC."""
        signed = capture.attempt.target.quotes
        wanted = {quote: Words(quote) for quote in (*signed, *self._cited.get(capture.citation_id or "", ()))}
        return Wire(capture=capture, wanted=wanted)

    def check(self, wire: Wire, path: str) -> Iterator[Check]:
        """Give the checks of one capture whose WARC was walked over; its quotations are told in the end."""
        subject = self._case.full(path)
        yield from check_views(wire, subject)
        yield check_chain(self._source, wire, subject)
        if wire.wanted:
            self._looked[path] = list(self._quotes(wire, subject))

    def _quotes(self, wire: Wire, subject: str) -> Iterator[_Looked]:
        texts = [Folded(text) for text in self._texts(wire.capture)]
        problem = _problem(wire)
        for quote, words in wire.wanted.items():
            place = wire.places.get(quote)
            hits = [hit for hit in map(words.find, texts) if hit is not None]
            told = ""
            if place is not None:
                how = "to the letter" if place.exact else f"written {place.words[:_MOST_SHOWN]!r} ({RULE})"
                told = f"{place.where} of the payload {place.digest} of {place.record_id}, {place.form}, {how}"
            other = [script(quote), *{script(text.original) for text in texts}]
            yield _Looked(
                subject=f"{subject}: \u201c{quote[:_MOST_SHOWN]}\u201d",
                citation_id=wire.capture.citation_id,
                quote=quote,
                is_signed=quote in wire.capture.attempt.target.quotes,
                wire=told,
                text=f"characters {hits[0].start} to {hits[0].end}" if hits else "",
                has_text=bool(texts),
                problem=problem or (_SHORT if not words.telling else _translated(other)),
            )

    def _texts(self, capture: Capture) -> Iterator[str]:
        for one in capture.artifacts:
            if one.role is Role.TEXT:
                try:
                    path = layout.archive_path(one.digest, one.extension)
                    yield self._source.read(path, limit_bytes=_TEXT_BYTES).decode("utf-8", "replace")
                except (FormatError, Damaged):  # told by the checks of its file
                    continue

    def checks(self) -> Iterator[Check]:
        """Give what came of each quotation, by citation: what one capture lacks another may hold."""
        looked = [one for path in sorted(self._looked) for one in self._looked[path]]
        held = {(one.citation_id, one.quote) for one in looked if one.wire}
        for one in looked:
            elsewhere = (one.citation_id, one.quote) in held
            yield _check_wire(one, elsewhere=elsewhere)
            if one.has_text:
                yield _check_text(one, elsewhere=elsewhere)
        if not looked:
            yield unchecked("quotes", Level.CONTENT, self._case.full(""), "no capture was made with a quotation")


def _check_wire(one: _Looked, *, elsewhere: bool) -> Check:
    name = "quote-wire"
    if one.wire:
        return passed(name, Level.CONTENT, one.subject, one.wire)
    if elsewhere:
        reason = "this capture does not hold it; another capture of the same citation does"
        return unchecked(name, Level.CONTENT, one.subject, reason)
    if one.problem:
        return unchecked(name, Level.CONTENT, one.subject, f"not found, and that tells nothing: {one.problem}")
    if not one.is_signed:
        reason = "not found; the capture was not made with it, and citations.yaml is no evidence"
        return unchecked(name, Level.CONTENT, one.subject, reason)
    if one.text:
        reason = "the page's text has it, and no recorded payload does: nothing shows that it came over the network"
        return failed(name, Level.CONTENT, one.subject, reason)
    return failed(name, Level.CONTENT, one.subject, "no recorded payload has it, nor has the page's text")


def _check_text(one: _Looked, *, elsewhere: bool) -> Check:
    name = "quote-text"
    if one.text:
        return passed(name, Level.CONTENT, one.subject, one.text)
    if one.wire or elsewhere:
        return unchecked(name, Level.CONTENT, one.subject, "it was sent, and the main frame's text does not show it")
    reason = one.problem or ("" if one.is_signed else "the capture was not made with it")
    if reason:
        return unchecked(name, Level.CONTENT, one.subject, f"not found, and that tells nothing: {reason}")
    return failed(name, Level.CONTENT, one.subject, "the page's text does not have it")


def _problem(wire: Wire) -> str:
    """Give why not finding words in this capture tells nothing, or ""."""
    attempt = wire.capture.attempt
    if attempt.outcome.state is State.FAILED:
        return f"the attempt failed ({attempt.outcome.reason}): what it holds is not the source"
    main = (attempt.response.media_type if attempt.response else None) or ""
    if main and not is_text(main):
        return f"the main document is {main}, whose words are not read here"
    if wire.unread:
        return f"a payload could not be read: {wire.unread[0]}"
    if attempt.seen_not_recorded:
        return f"the capture says that it lacks {len(attempt.seen_not_recorded)} exchanges which the browser saw"
    return "" if wire.texts else "its WARC holds no payload of text"


def _translated(scripts: list[str]) -> str:
    quoted, *pages = scripts
    if quoted and pages and quoted not in pages:
        return f"the words are in {quoted} letters, the page in {pages[0] or 'no'}: a translation cannot be matched"
    return ""


def check_views(wire: Wire, subject: str) -> Iterator[Check]:
    """Say whether pictures and text are the same bytes in the archive and in the WARC."""
    mine = {str(one.digest): one for one in wire.capture.artifacts if one.role in _PICTURES}
    found = [(kind, digest) for kind, digest in wire.views if kind.startswith(_VIEWS)]
    strange = [kind for kind, digest in found if digest not in mine]
    missing = [one.name for one in _once(mine, found)]
    if strange:
        reason = (
            f"urn:{strange[0]} in the WARC is none of the files that this capture names: picture and traffic differ"
        )
        yield failed("views", Level.CONTENT, subject, reason)
    elif missing:
        reason = f"{missing[0]} is not in the WARC: nothing but the manifest ties it to the traffic"
        yield unchecked("views", Level.CONTENT, subject, reason)
    elif mine:
        yield passed("views", Level.CONTENT, subject, f"{len(mine)} files, the same bytes in both")


def _once(mine: dict[str, Artifact], found: list[tuple[str, str]]) -> list[Artifact]:
    seen = {digest for _, digest in found}
    return [one for digest, one in mine.items() if digest not in seen]


def _cited(case: Case) -> dict[str, tuple[str, ...]]:
    """Give the quotations of the citations as people have them now, by citation; nothing where they cannot be read."""
    try:
        raw = case.source.read(case.full(layout.CITATIONS), limit_bytes=_CITATIONS_BYTES)
        found = citations.decode(raw)
    except (FormatError, Damaged):  # they are no evidence, and the report says so
        return {}
    return {one.id: tuple(quote.text for quote in one.quotes) for one in found.citations}
