"""What `tests.bench.fuzz` feeds: every parser of bytes that others may have written, and well-formed inputs."""

from collections.abc import Callable, Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from archiver.formats import (
    add_checkpoint,
    bag,
    base64text,
    bundle,
    canonical,
    checkpoint,
    citations,
    citations_edit,
    entity,
    entry,
    envelope,
    fields,
    fold,
    json_path,
    labelled,
    layers,
    layout,
    manifest,
    note,
    payload,
    policy,
    proof,
    renewed,
    security_key,
    ssh,
    surt,
    tiles,
    wacz,
    warc,
    warc_head,
    warc_index,
    warc_rules,
    warc_strip,
    warc_walk,
    wording,
    zipped,
)
from archiver.model.bundle import Contents, Counts, Exhibit, OpenedEvent
from archiver.model.citation import Citation, CitationList, Kind, Quote
from archiver.model.digest import Digest
from archiver.model.errors import FormatError, UsageError
from archiver.model.evidence import State
from archiver.model.instant import Instant
from archiver.model.provenance import EntryType, Opening, Policy, VerifierKey, Witness
from archiver.proof import certificates, ocsp, ots, signature, timestamp, wacz_signature
from tests.support import waczs, warcs
from tests.support.calendar_server import Calendar, header
from tests.support.ledger_kit import sealed_capture
from tests.support.openssl_tsa import answer_status, make_tsa
from tests.support.security_key import KEY, samples
from tests.vectors.regenerate import golden

_LIMIT_BYTES = 4 << 20


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _signature(raw: bytes) -> bytes:
    key, made, namespace = ssh.decode_signature(raw)
    return ssh.encode_signature(key, made, namespace=namespace)


def _openings(raw: bytes) -> bytes:
    return entry.encode_openings(entry.decode_openings(raw, first=0, last=9), first=0, last=9)


def _archive_path(raw: bytes) -> bytes:
    return layout.archive_path(*layout.parse_archive_path(_text(raw))).encode()


def _envelope_path(raw: bytes) -> bytes:
    layout.parse_envelope_path(_text(raw))
    return raw


def _openings_path(raw: bytes) -> bytes:
    span = layout.parse_openings(_text(raw))
    return raw if span is None else layout.openings(*span).encode()


def _case_name(raw: bytes) -> bytes:
    try:
        return layout.check_case_name(_text(raw)).encode()
    except UsageError:
        return raw


def _citations(raw: bytes) -> bytes:
    """People write citations in many forms: what is read comes back equal, and what nobody changed stays."""
    found = citations.decode(raw)
    again = citations.encode(found)
    assert citations.decode(again) == found, f"{again!r} says something else"
    assert citations_edit.revise(raw, found) == raw, "changed without a change"
    fewer = CitationList(citations=found.citations[1:], draft_name=found.draft_name)
    assert citations.decode(citations_edit.revise(raw, fewer)).citations == fewer.citations, "the last edit is lost"
    return raw


ROUND: dict[str, Callable[[bytes], bytes]] = {
    "security_key": lambda raw: security_key.encode_key(security_key.decode_key(raw)),
    "device_signature": lambda raw: security_key.encode_signature(security_key.decode_signature(raw)),
    "signature_blob": lambda raw: ssh.signature_blob(*(found := ssh.read_signature_blob(raw))[:2], namespace=found[2]),
    "canonical": lambda raw: canonical.encode(canonical.decode(raw, what="x")),
    "envelope": lambda raw: envelope.encode(envelope.decode(raw)),
    "manifest": lambda raw: manifest.encode(manifest.decode(raw)),
    "entry": lambda raw: entry.encode(entry.decode(raw)),
    "opening": lambda raw: entry.encode_opening(entry.decode_opening(raw)),
    "openings": _openings,
    "note": lambda raw: note.encode(note.decode(raw)),
    "checkpoint": lambda raw: checkpoint.encode(checkpoint.decode(_text(raw))).encode(),
    "vkey": lambda raw: note.encode_vkey(note.decode_vkey(_text(raw))).encode(),
    "proof": lambda raw: proof.encode(proof.decode(raw)),
    "add_checkpoint": lambda raw: add_checkpoint.encode(add_checkpoint.decode(raw)),
    "tile": lambda raw: tiles.encode_entries(tiles.decode_entries(raw, width=2)),
    "hashes": lambda raw: b"".join(tiles.decode_hashes(raw, width=2)),
    "renewed": lambda raw: renewed.encode_list(renewed.decode_list(raw)),
    "sshsig": _signature,
    "archive_path": _archive_path,
    "envelope_path": _envelope_path,
    "openings_path": _openings_path,
    "case_name": _case_name,
    "digest": lambda raw: str(Digest.parse(_text(raw))).encode(),
    "instant": lambda raw: str(Instant.parse(_text(raw))).encode(),
    "citations": _citations,
    "bag_list": lambda raw: bag.encode_list(bag.decode_list(raw, what="x", digits=64)),
    "bag_info": lambda raw: bag.encode_info(bag.decode_info(raw)),
    "bundle": lambda raw: bundle.encode(bundle.decode(raw)),
}
LOOSE = frozenset(("checkpoint", "vkey", "instant"))
"""Read from text that not every byte sequence is, or in several forms: no `!=` of bytes says anything."""


def _warc_head(raw: bytes) -> object:
    head = warc_head.read_head(raw)
    return [
        *warc_rules.problems(head),
        *warc_rules.remarks(head),
        warc_rules.target_of(head),
        warc_rules.length_of(head),
    ]


def _walk(raw: bytes) -> object:
    found = list(warc_walk.walk(BytesIO(raw), limit_bytes=_LIMIT_BYTES))
    ends = [one.end for one in found if one.end]
    assert ends == sorted(ends), f"records that run backwards: {ends}"
    assert all(end <= len(raw) for end in ends), f"a record past the end: {ends}"
    return found


def _zipped(raw: bytes) -> object:
    archive = zipped.Zipped(BytesIO(raw))
    told = list(archive.problems())
    for one in archive.files[:20]:
        content = archive.read(one, limit_bytes=_LIMIT_BYTES)
        assert len(content) == one.size_bytes, f"{one}: {len(content)} bytes"
    return told


def _chunked(raw: bytes) -> object:
    """The payload in one block and in many must be the same."""
    stated = labelled.parse(f"sha256:{raw[:32].ljust(32, b'x').hex()}")
    whole, parts = entity.Entity(stated), entity.Entity(stated)
    whole.take(raw)
    for at in range(0, len(raw), 7):
        parts.take(raw[at : at + 7])
    assert whole.agrees() == parts.agrees(), "blocks decide"
    return whole


def _labelled(raw: bytes) -> object:
    found = labelled.parse(_text(raw))
    return found.hasher().digest() if found.known else None


def _anonymous(raw: bytes) -> object:
    key, _, rest = _text(raw).partition("\n")
    made, _, text = rest.partition("\n")
    return wacz_signature.check_anonymous(key, made, text)


def _ots(raw: bytes) -> object:
    found = ots.read(raw)
    assert ots.read(ots.join(raw, {})) == found, "written anew, it says something else"
    return found


def _ocsp(raw: bytes) -> object:
    """The answer is the attacker's; token and chain are real ones."""
    response, root, _ = _token()
    return ocsp.check(response, raw, [root])


def _payload(raw: bytes) -> object:
    found = payload.read_payload(raw)
    text, codec = found.text()
    assert len(text.encode(codec)) == len(found.content), f"{codec}: bytes were lost"
    return found


def _words(raw: bytes) -> object:
    quote, _, page = _text(raw).partition("\n")
    found = wording.Words(quote).find(wording.Folded(page))
    assert found is None or 0 <= found.start < found.end <= len(page), f"{found}: beyond the text"
    return fold.fold(quote), wording.script(page)


def _layers(raw: bytes) -> object:
    text = _text(raw)
    undone = [list(one(text)) for one in (layers.unescaped, layers.without_tags, layers.entities)]
    for pieces in undone:
        ends = [end for _, end, _ in pieces]
        assert ends == sorted(ends), f"pieces that run backwards: {ends}"
        assert all(0 <= start <= end <= len(text) for start, end, _ in pieces), "a piece beyond the text"
    return undone


def _stripped(raw: bytes) -> object:
    head, gone = warc_strip.strip_head(raw)
    assert warc_strip.strip_head(head) == (head, frozenset()), "a second look finds more"
    return gone, warc_strip.strip_exchange(raw)


READ: dict[str, Callable[[bytes], object]] = {
    "policy": policy.decode,
    "fields": fields.load,
    "labelled": _labelled,
    "payload": _payload,
    "words": _words,
    "json_path": lambda raw: json_path.path_at(_text(raw), len(raw) // 2),
    "layers": _layers,
    "surt": lambda raw: surt.surt(_text(raw)),
    "warc_index": lambda raw: warc_index.cdxj(
        warc_index.cdxj_line(one, filename="x.warc.gz") for one in warc_index.index(BytesIO(raw))
    ),
    "stripped": _stripped,
    "base64": lambda raw: base64text.decode(_text(raw), what="x"),
    "extension": lambda raw: layout.check_extension(_text(raw)),
    "loose_json": lambda raw: canonical.decode_loose(raw, what="x"),
    "entity": _chunked,
    "warc": lambda raw: list(warc.read_records(BytesIO(raw), limit_bytes=_LIMIT_BYTES)),
    "warc_head": _warc_head,
    "warc_walk": _walk,
    "zipped": _zipped,
    "package": wacz.read_package,
    "package_digest": wacz.read_digest,
    "index_line": lambda raw: wacz.read_index_line(_text(raw)),
    "lines": lambda raw: list(wacz.lines(iter([raw[:9], raw[9:]]))),
    "anonymous": _anonymous,
    "certificate_chain": lambda raw: wacz_signature.certificates(_text(raw), what="x"),
    "timestamp": timestamp.read,
    "timestamp_request": timestamp.read_request,
    "timestamp_root": timestamp.check_root,
    "certificates": certificates.embedded,
    "list_urls": certificates.list_urls,
    "ocsp": _ocsp,
    "ots": _ots,
    "bitcoin_header": ots.read_header,
    "public_pem": signature.public_from_pem,
    "agent": ssh.read_identities,
    "agent_signed": lambda raw: ssh.read_signed(raw, public_key=b"k" * 32),
    "agent_device_signed": lambda raw: ssh.read_signed(raw, public_key=KEY),
    "public_file": signature.read_public_file,
    "ssh_blob": ssh.read_blob,
}


def check(name: str, raw: bytes) -> None:
    """Raise unless this parser gives a value or FormatError, and the value writes the very bytes again."""
    try:
        if name in READ:
            READ[name](raw)
            return
        again = ROUND[name](raw)
    except FormatError:
        return
    assert name in LOOSE or again == raw, f"{name}: {raw!r} came back as {again!r}"


def seeds() -> Iterator[bytes]:
    """Give well-formed inputs of each kind, to begin from."""
    yield from golden().values()
    yield sealed_capture(1).envelope
    yield envelope.decode(sealed_capture(1).envelope).payload
    yield b"origin\n1\n" + b"A" * 43 + b"=\n\n\xe2\x80\x94 origin AAAAAAAAAAAA\n"
    yield b"c2sp.org/tlog-proof@v1\nindex 1\n\norigin\n1\nAA==\n\n\xe2\x80\x94 origin AAAAAAAAAAAA\n"
    yield b"version: 1\ncitations:\n- id: a\n  kind: tweet\n  url: https://a.org\n"
    yield b"\x30\x05\x30\x03\x02\x01\x00"
    yield from _ledger()
    yield from _of_others()
    made = Citation(id="a", kind=Kind.TWEET, words="said", url="https://a.org", quotes=(Quote(text="«سلام»"),))
    yield citations.encode(CitationList(citations=(made,), draft_name="draft.md"))
    yield b"version: 1\n# a remark\ncitations:\n- id: b\n  kind: web_page\n  date_stated: 2024-01-02\n"
    yield from (b"2026-11-26T10:00:00.000Z", b"sha256:" + b"a" * 64, b"archive/sha256/aa/" + b"a" * 64 + b".warc.gz")
    yield from (
        b"captures/01a20d63-0000-7000-8000-000000000000.dsse.json",
        b"ledger/salts/5-9",
        b"a-case",
        b"warc.gz",
        b"AAAA",
    )
    yield bag.encode_list({"data/bundle.json": "a" * 64, "data/log/checkpoint": "b" * 64})
    yield bag.encode_info(
        bag.BagInfo(software="x", day="2026-11-26", identifier="id", payload_bytes=12, payload_files=2)
    )
    yield bundle.encode(_contents())
    yield b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nSet-Cookie: a=b\r\n\r\n<p>\xd8\xb3&amp;</p>"
    yield b'{"a": [{"t": "\\u0633\\u0644\\u0627\\u0645 \\"x\\""}], "verbatim_head": "GET / HTTP/1.1\\r\\nCookie: a"}'
    yield "the words that are quoted\nhere the “words  that are quoted” stand".encode()


def _contents() -> Contents:
    name = "01a20d63-0000-7000-8000-00000000000"
    exhibit = Exhibit(number=1, seq=0, id=f"{name}0", citation_id="c01", state=State.OK, files=("a", "salt"))
    event = OpenedEvent(number=1, seq=1, id=f"{name}1", type=EntryType.EXPORT, files=("salt",))
    counts = Counts(
        entries=2,
        by_type={EntryType.CAPTURE: 1, EntryType.EXPORT: 1},
        disclosed=2,
        withheld=0,
        erased=0,
        failed_disclosed=0,
        failed_withheld=0,
    )
    return Contents(
        origin="archiver.invalid/" + "0" * 32, size=2, export_seq=1, exhibits=(exhibit,), events=(event,), counts=counts
    )


def _ledger() -> Iterator[bytes]:
    openings = [Opening(seq=seq, path="captures/x", salt=b"s" * 32) for seq in (1, 4)]
    yield entry.encode_openings(openings, first=0, last=9)
    head = note.decode(golden()["checkpoint"])
    yield head.text.encode()
    yield b"h" * 64
    yield proof.encode(proof.TlogProof(index=0, hashes=(b"h" * 32,), checkpoint=head))
    yield add_checkpoint.encode(add_checkpoint.AddCheckpoint(old_size=3, proof=(b"h" * 32,), checkpoint=head))
    yield tiles.encode_entries((b"one", b"another"))
    yield renewed.encode_list({"archive/a": "a" * 128, "archive/b": "b" * 128})
    yield ssh.encode_signature(b"k" * 32, b"s" * 64)
    yield from _of_an_agent()
    key = VerifierKey(name="w", public_key=b"w" * 32, algorithm=4)
    yield policy.encode(Policy(witnesses=(Witness(name="a", key=key),), quorum="a"))
    yield note.encode_vkey(VerifierKey(name="log", public_key=b"l" * 32)).encode()
    yield signature.public_pem(bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"))
    yield timestamp.request(Digest("a" * 64), nonce=1 << 60)


def _of_an_agent() -> Iterator[bytes]:
    blob = ssh.public_blob(b"k" * 32)
    yield blob
    yield b"\x0c" + (1).to_bytes(4, "big") + _sized(blob) + _sized(b"a key")
    yield b"\x0e" + _sized(_sized(b"ssh-ed25519") + _sized(b"s" * 64))
    yield from samples()


def _sized(content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + content


@cache
def _token() -> tuple[bytes, bytes, bytes]:
    """Give a response of a time-stamping authority made for this, its root, and an OCSP answer that clears it."""
    with TemporaryDirectory() as folder:
        tsa = make_tsa(Path(folder))
        response = tsa.answer(timestamp.request(Digest("a" * 64), nonce=1 << 60))
        return response, tsa.root_pem, answer_status(tsa, ocsp.request(response, [tsa.root_pem]))


def _of_others() -> Iterator[bytes]:
    yield from warcs.whole(2)
    yield warcs.packed(warcs.whole(1))
    yield warcs.response(b"5\r\nhello\r\n0\r\n\r\n", chunked=True)
    yield b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\n\r\n"
    for text in ("sha1:" + "A" * 32, "sha-256:" + "0" * 64, "blake2s:" + "A" * 43 + "="):
        yield text.encode()
    files = waczs.complete()
    yield from files.values()
    yield files["indexes/index.cdx"].partition(b"\n")[0]
    yield from (waczs.zipped({"a": b"one", "b/c": b"two" * 50}, method=method) for method in (0, 8))
    signed = waczs.signed_data("sha256:" + "a" * 64)
    yield f"{signed['publicKey']}\n{signed['signature']}\nsha256:{'a' * 64}".encode()
    yield waczs.pem()
    yield from _token()
    calendar = Calendar()
    calendar.url = "https://calendar.example"
    digest = Digest("a" * 64)
    yield ots.assemble(digest, b"n" * 16, [calendar.promise(ots.commitment(digest, b"n" * 16))])
    yield header(b"r" * 32, seconds=1_700_000_000)
