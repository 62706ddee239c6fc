"""WACZ files of disclosed captures, as members of a bundle: the WARC's bytes are read from the archive when written.

A first walk over each WARC gives its index and checksum; so the size and every byte around the WARCs is known before.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from isal import isal_zlib

from archiver.export.member import Member, Stored
from archiver.formats import wacz_write, warc_index
from archiver.formats.wacz import DIGEST, PACKAGE, PAGES
from archiver.formats.wacz_write import Page, Told
from archiver.formats.warc_index import IndexedRecord
from archiver.formats.zip_write import Packed, directory, local_head
from archiver.model.evidence import Capture


@dataclass(frozen=True, slots=True, kw_only=True)
class WarcPart:
    """A WARC that goes into WACZ files under this name: bytes, checksum, index, and the page that it is about."""

    name: str
    stored: Stored
    crc: int
    index: bytes
    page: Page | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaczSigner:
    """Who signs: the public key in base64, and what signs a text."""

    public_key: str
    sign: Callable[[str], str]


def read_part(name: str, capture: Capture, stored: Stored) -> WarcPart:
    """Give a capture's WARC, walked once; raise FormatError if it cannot be indexed, Damaged if it cannot be read."""
    stream = _Summed(stored.blocks())
    records = tuple(warc_index.index(stream))
    stream.drain()
    lines = warc_index.cdxj(warc_index.cdxj_line(one, filename=name) for one in records)
    return WarcPart(name=name, stored=stored, crc=stream.crc, index=lines, page=_page(capture, records))


def wacz_member(path: str, parts: Sequence[WarcPart], told: Told, signer: WaczSigner) -> Member:
    """Give a WACZ of these WARCs, each under its own name, as a file of the bundle."""
    pages = tuple(part.page for part in parts if part.page is not None)
    small = {
        wacz_write.INDEX: parts[0].index if len(parts) == 1 else warc_index.merged(part.index for part in parts),
        PAGES: wacz_write.pages_file(pages),
    }
    resources = {name: (hashlib.sha256(content).hexdigest(), len(content)) for name, content in small.items()}
    for part in parts:
        resources[f"{wacz_write.ARCHIVE}/{part.name}"] = (part.stored.digest.hex, part.stored.size_bytes)
    package = wacz_write.package_file(told, resources, pages)
    signature = signer.sign(wacz_write.package_hash(package))
    small[PACKAGE] = package
    small[DIGEST] = wacz_write.digest_file(package, told, public_key=signer.public_key, signature=signature)
    return Member(path=path, parts=tuple(_zipped(parts, small)))


def _zipped(parts: Sequence[WarcPart], small: dict[str, bytes]) -> Iterator[bytes | Stored]:
    """Give the ZIP in pieces, its files sorted by path."""
    warcs = {f"{wacz_write.ARCHIVE}/{part.name}": part for part in parts}
    packed: list[Packed] = []
    at = 0
    for name in sorted({*warcs, *small}):
        part = warcs.get(name)
        content: bytes | Stored = part.stored if part is not None else small[name]
        size = part.stored.size_bytes if part is not None else len(small[name])
        crc = part.crc if part is not None else isal_zlib.crc32(small[name])
        packed.append(Packed(name=name, size_bytes=size, crc=crc, offset=at))
        head = local_head(packed[-1])
        yield head
        yield content
        at += len(head) + size
    yield directory(packed, start=at)


def _page(capture: Capture, records: Sequence[IndexedRecord]) -> Page | None:
    """Give where replay begins: the main document's record, else the first response of the target's address."""
    facts = capture.attempt.warc
    main = facts.main_record_id if facts else None
    found = next((one for one in records if main is not None and one.record_id == main), None)
    found = found or next((one for one in records if one.url == capture.attempt.target.url), None)
    if found is None:
        return None
    page = capture.attempt.page
    title = (page.title if page else None) or found.url
    return Page(id=capture.id, url=found.url, date=_seconds(found.date), title=title)


def _seconds(date: str) -> str:
    """Give a WARC's date to the second: indexes know no more, and a page is looked up by both."""
    return f"{date[:19]}Z"


class _Summed:
    """Blocks as a stream that is read in order, its CRC-32 counted."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._rest = b""
        self.crc = 0

    def read(self, size: int, /) -> bytes:
        """Give the next bytes."""
        if not self._rest:
            self._rest = next(self._blocks, b"")
            self.crc = isal_zlib.crc32(self._rest, self.crc)
        taken, self._rest = self._rest[:size], self._rest[size:]
        return taken

    def drain(self) -> None:
        """Read what is left, so that the checksum is of all of it."""
        while self.read(1 << 20):
            pass
