"""Level L5: do picture, text, traffic and draft agree: what the records of a capture's WARC say beside their digests.

====================  =====================================================================
quote-wire            do the quoted words stand in a payload that was recorded from the network?
quote-text            do they stand in the text that the page showed?
quotes                was there any quotation to look for?
views                 are pictures and text the same bytes in the archive and in the WARC of the same session?
tls-chain             did the connection of the main document have a certificate for its host, in force, errors heeded?
====================  =====================================================================

PASS of ``quote-wire`` says: the words are in bytes that the sealed WARC holds as a payload, at the place named, by the
rule named. It does not say that the site sent them (the WARC is the capturer's), that a person saw them, or who wrote
them.

LIMIT: words in pictures, PDF files and payloads in Brotli or Zstandard coding are not looked for: NOT CHECKED.
LIMIT: words that scripts put together from pieces are in no payload as they stand: FAIL, though nobody edited.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from archiver.formats import payload
from archiver.formats.json_path import path_at
from archiver.formats.layers import Layer, entities, unescaped, without_tags
from archiver.formats.payload import Payload
from archiver.formats.warc_head import RecordHead
from archiver.formats.warc_walk import WalkedRecord
from archiver.formats.wording import Folded, Found, Words
from archiver.model.digest import Digest
from archiver.model.errors import FormatError
from archiver.model.evidence import Capture

KEEP_BYTES = payload.LIMIT_BYTES
_WEBSOCKET = "urn:websocket:"
_CERTIFICATES = "urn:certificates:"
_JSON = "application/json"
_LONGEST_SHOWN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where quoted words stand on the wire, for people and for programs that want to cut them out again."""

    record_id: str
    target_uri: str
    digest: Digest
    where: str
    form: str
    exact: bool
    words: str


@dataclass(slots=True, kw_only=True)
class Wire:
    """What a walk over one capture's WARC finds; `keep` and `take` are handed to it."""

    capture: Capture
    wanted: dict[str, Words]
    places: dict[str, Place] = field(default_factory=dict)
    views: list[tuple[str, str]] = field(default_factory=list)
    certificates: dict[str, str] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)
    texts: int = 0

    def keep(self, head: RecordHead, begins: bytes) -> bool:
        """Say whether the words of this record are to be looked at."""
        if len(self.places) == len(self.wanted):
            return False
        kind, target = head.get("warc-type"), head.get("warc-target-uri") or ""
        if kind == "resource":
            return target.startswith(_WEBSOCKET)
        return kind == "response" and _may_be_text(begins)

    def take(self, record: WalkedRecord) -> None:
        """Take a record that was walked over."""
        target = record.target_uri or ""
        if record.type == "resource" and target.startswith("urn:") and record.block and not record.block.problem:
            self.views.append((target.split(":", 2)[1], record.block.stated))
        elif record.type == "metadata" and target.startswith(_CERTIFICATES) and record.block:
            self.certificates[target.removeprefix(_CERTIFICATES)] = record.block.stated
        if record.content is None:
            if record.type == "response" and record.size_bytes > KEEP_BYTES and self.wanted:
                self.unread.append(f"{target[:_LONGEST_SHOWN]}: larger than {KEEP_BYTES} bytes")
            return
        try:
            found = _payload(record)
        except FormatError as error:
            self.unread.append(f"{target[:_LONGEST_SHOWN]}: {error.message}")
            return
        if found.is_text:
            self.texts += 1
            self._look(record, found)

    def _look(self, record: WalkedRecord, found: Payload) -> None:
        text, codec = found.text()
        for form, layers in _forms(text, found.media_type):
            if len(self.places) == len(self.wanted):
                return
            top = Folded(layers[-1].text if layers else text)
            for quote, words in self.wanted.items():
                hit = words.find(top) if quote not in self.places else None
                if hit is not None:
                    start, end = _down(layers, hit)
                    self.places[quote] = Place(
                        record_id=record.record_id,
                        target_uri=record.target_uri or "",
                        digest=Digest.of(found.content),
                        where=_where(text, codec, start, end, found),
                        form=form,
                        exact=hit.exact,
                        words=top.original[hit.start : hit.end],
                    )


def _may_be_text(begins: bytes) -> bool:
    """Say whether a response's head names a media type that people's words can be looked for in."""
    for line in begins[: 64 << 10].split(b"\r\n\r\n", 1)[0].split(b"\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-type":
            return payload.is_text(value.strip().decode("latin-1"))
    return False


def _payload(record: WalkedRecord) -> Payload:
    content = record.content or b""
    if record.type == "resource":
        return Payload(status=0, media_type=_JSON, charset="utf-8", content=content)
    return payload.read_payload(content)


def _forms(text: str, media_type: str) -> Iterator[tuple[str, tuple[Layer, ...]]]:
    """Give the ways in which a payload may write words: each a name and the layers to look through."""
    if "html" in media_type or "xml" in media_type:
        yield "text of the page", (Layer(without_tags(text)),)
        yield "source of the page", (Layer(entities(text)),)
    else:
        yield "as it stands", ()
    if "\\" in text:
        plain = Layer(unescaped(text))
        yield "strings of JSON or JavaScript", (plain, Layer(entities(plain.text)))
        yield "HTML within JSON or JavaScript", (plain, Layer(without_tags(plain.text, scripts=True)))
    elif "json" in media_type or "javascript" in media_type:
        yield "HTML within JSON or JavaScript", (Layer(without_tags(text, scripts=True)),)


def _down(layers: tuple[Layer, ...], hit: Found) -> tuple[int, int]:
    start, end = hit.start, hit.end
    for layer in reversed(layers):
        start, end = layer.below(start, end)
    return start, end


def _where(text: str, codec: str, start: int, end: int, found: Payload) -> str:
    """Give the bytes of the payload, or its characters where its codec gives none of their own; and the JSON path."""
    path = path_at(text, start) if "json" in found.media_type else ""
    told = f" ({path})" if path else ""
    first = len(text[:start].encode(codec))
    last = first + len(text[start:end].encode(codec))
    if found.content[first:last] == text[start:end].encode(codec):
        return f"bytes {first} to {last}{told}"
    return f"characters {start} to {end} in {codec}{told}"
