"""What a WARC holds of each exchange, read without our own code: blocks are split here, byte by byte."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from warcio.archiveiterator import ArchiveIterator

from tests.support.site.http1 import parse_head
from tests.support.site.log import Headers


@dataclass(slots=True, kw_only=True)
class Kept:
    """One response record, with the request and the metadata that belong to it."""

    url: str
    record_id: str
    fields: Headers
    head: bytes
    payload: bytes = field(repr=False)
    request_head: bytes = b""
    request_body: bytes = field(default=b"", repr=False)
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def status(self) -> int:
        return int(self.head.split(None, 2)[1])

    @property
    def headers(self) -> Headers:
        """Give the fields of the head as the record has them: renamed where the payload is not the wire's."""
        return parse_head(self.head)[1]

    @property
    def wire_headers(self) -> Headers:
        """Give the fields as they were received: names given back, and the length of the stored payload left out."""
        if not self.facts.get("altered_fields"):
            return self.headers
        *received, own_length = self.headers
        assert own_length == ("Content-Length", str(len(self.payload)))
        return tuple((name.removeprefix("x-orig-"), value) for name, value in received)

    @property
    def wire_head(self) -> bytes:
        """Give the head as it was on the wire, by what the WARC says of it."""
        verbatim = self.facts.get("verbatim_head")
        return str(verbatim).encode() if verbatim else self.head

    @property
    def id(self) -> str:
        return self.header("x-exchange-id")

    @property
    def asked_again(self) -> bool:
        """Say whether another client asked for this after the browser had."""
        return str(self.facts.get("how", "")).startswith("requests:")

    @property
    def truncated(self) -> str:
        return next((value for name, value in self.fields if name == "WARC-Truncated"), "")

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name), "")


@dataclass(slots=True)
class Warc:
    """The exchanges of a WARC, and its resource records by their address."""

    exchanges: list[Kept] = field(default_factory=list)
    resources: dict[str, list[bytes]] = field(default_factory=dict)
    metadata: dict[str, list[bytes]] = field(default_factory=dict)

    def by_path(self, path: str) -> list[Kept]:
        """Give the exchanges whose URL has this path, with its query if it has one."""
        return [one for one in self.exchanges if "/" + one.url.split("/", 3)[3] == path]

    def resource(self, begins: str) -> list[bytes]:
        """Give the blocks of all resources whose address begins so."""
        return [block for uri, blocks in self.resources.items() if uri.startswith(begins) for block in blocks]


def read_warc(path: Path) -> Warc:
    """Read a WARC that `warcio check` has found whole."""
    warc = Warc()
    by_id: dict[str, Kept] = {}
    for kind, fields, block in _records(path):
        own = dict(fields)
        of = by_id.get(own.get("WARC-Concurrent-To", ""))
        match kind:
            case "response":
                head, payload = _split(block)
                kept = Kept(
                    url=own["WARC-Target-URI"],
                    record_id=own["WARC-Record-ID"],
                    fields=fields,
                    head=head,
                    payload=payload,
                )
                by_id[kept.record_id] = kept
                warc.exchanges.append(kept)
            case "request" if of is not None:
                of.request_head, of.request_body = _split(block)
            case "metadata" if of is not None:
                of.facts = json.loads(block)
            case "metadata":
                warc.metadata.setdefault(own["WARC-Target-URI"], []).append(block)
            case "resource":
                warc.resources.setdefault(own["WARC-Target-URI"], []).append(block)
            case _:
                pass
    return warc


def _records(path: Path) -> Iterator[tuple[str, Headers, bytes]]:
    with path.open("rb") as file:
        for record in ArchiveIterator(file, no_record_parse=True):
            yield str(record.rec_type), tuple(record.rec_headers.headers), record.raw_stream.read()


def _split(block: bytes) -> tuple[bytes, bytes]:
    head, ends, body = block.partition(b"\r\n\r\n")
    return head + ends, body
