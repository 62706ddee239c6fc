"""Any bytes: a value or a FormatError, never anything else; and what is read is written back to the same bytes."""

import contextlib
from collections.abc import Callable
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archiver.formats import canonical, checkpoint, citations, entry, envelope, manifest, note, proof, tiles, warc
from archiver.model.digest import Digest
from archiver.model.errors import FormatError
from archiver.model.instant import Instant
from archiver.model.provenance import Opening
from archiver.proof import timestamp
from archiver.proof.merkle import (
    consistency,
    inclusion,
    leaf_hash,
    root,
    verify_consistency,
    verify_inclusion,
)
from tests.property.strategies import damaged
from tests.support.ledger_kit import sealed_capture

MODERATE = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

SAMPLES = [
    sealed_capture(1).envelope,
    envelope.decode(sealed_capture(1).envelope).payload,
    entry.encode_opening(Opening(seq=1, path="captures/x", salt=b"s" * 32)),
    b'{"commit":"' + b"b" * 64 + b'","prev":"' + b"a" * 64 + b'","seq":3,"type":"capture","v":1}',
    b"origin\n1\n" + b"A" * 43 + b"=\n\n\xe2\x80\x94 origin AAAAAAAAAAAA\n",
    b"c2sp.org/tlog-proof@v1\nindex 1\n\norigin\n1\nAA==\n\n\xe2\x80\x94 origin AAAAAAAAAAAA\n",
    b"version: 1\ncitations:\n- id: a\n  kind: tweet\n  url: https://a.org\n",
    b"\x30\x05\x30\x03\x02\x01\x00",
]


PARSERS: dict[str, Callable[[bytes], object]] = {
    "canonical": lambda raw: canonical.decode(raw, what="x"),
    "envelope": envelope.decode,
    "manifest": manifest.decode,
    "entry": entry.decode,
    "opening": entry.decode_opening,
    "note": note.decode,
    "checkpoint": lambda raw: checkpoint.decode(raw.decode("utf-8", "replace")),
    "vkey": lambda raw: note.decode_vkey(raw.decode("utf-8", "replace")),
    "proof": proof.decode,
    "entries": lambda raw: tiles.decode_entries(raw, width=2),
    "citations": citations.decode,
    "warc": lambda raw: list(warc.read_records(BytesIO(raw))),
    "timestamp": timestamp.read,
    "timestamp request": timestamp.read_request,
    "digest": lambda raw: Digest.parse(raw.decode("utf-8", "replace")),
    "instant": lambda raw: Instant.parse(raw.decode("utf-8", "replace")),
}


@pytest.mark.parametrize("name", PARSERS)
@MODERATE
@given(raw=st.one_of(st.binary(max_size=200), damaged(SAMPLES)))
def test_a_parser_gives_a_value_or_a_format_error(name: str, raw: bytes) -> None:
    with contextlib.suppress(FormatError):
        PARSERS[name](raw)


ROUND: dict[str, Callable[[bytes], bytes]] = {
    "canonical": lambda raw: canonical.encode(canonical.decode(raw, what="x")),
    "envelope": lambda raw: envelope.encode(envelope.decode(raw)),
    "manifest": lambda raw: manifest.encode(manifest.decode(raw)),
    "entry": lambda raw: entry.encode(entry.decode(raw)),
    "opening": lambda raw: entry.encode_opening(entry.decode_opening(raw)),
    "note": lambda raw: note.encode(note.decode(raw)),
    "proof": lambda raw: proof.encode(proof.decode(raw)),
}


@pytest.mark.parametrize("name", ROUND)
@MODERATE
@given(raw=damaged(SAMPLES))
def test_what_is_read_is_written_back_to_the_very_bytes(name: str, raw: bytes) -> None:
    try:
        again = ROUND[name](raw)
    except FormatError:
        return
    assert again == raw


def test_the_samples_are_accepted_by_some_parser() -> None:
    accepted = set()
    for number, raw in enumerate(SAMPLES):
        for parse in PARSERS.values():
            with contextlib.suppress(FormatError):
                parse(raw)
                accepted.add(number)
    assert len(accepted) >= 6


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)


@MODERATE
@given(value=JSON)
def test_any_json_of_ours_comes_back_equal(value: canonical.JsonValue) -> None:
    assert canonical.decode(canonical.encode(value), what="x") == value


@MODERATE
@given(micros=st.integers(0, 4_000_000_000_000_000))
def test_a_time_in_milliseconds_comes_back_equal(micros: int) -> None:
    whole = Instant(micros - micros % 1000)
    assert Instant.parse(str(whole)) == whole
    assert Instant.parse(Instant(micros).warc()) == Instant(micros)


@MODERATE
@given(size=st.integers(1, 60), data=st.data())
def test_a_proof_with_one_bit_flipped_proves_nothing(size: int, data: st.DataObject) -> None:
    leaves = [leaf_hash(b"%d" % number) for number in range(size)]
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    path = inclusion(leaves, index)
    assert verify_inclusion(leaves[index], index, size, path, root(leaves))
    flipped = _flip(data, path)
    assert not path or not verify_inclusion(leaves[index], index, size, flipped, root(leaves))
    kept = consistency(leaves, old)
    assert verify_consistency(old, root(leaves[:old]), size, root(leaves), kept)
    assert not kept or not verify_consistency(old, root(leaves[:old]), size, root(leaves), _flip(data, kept))


def _flip(data: st.DataObject, path: tuple[bytes, ...]) -> tuple[bytes, ...]:
    if not path:
        return path
    at = data.draw(st.integers(0, len(path) - 1))
    bit = data.draw(st.integers(0, 255))
    changed = bytearray(path[at])
    changed[bit // 8] ^= 1 << (bit % 8)
    return (*path[:at], bytes(changed), *path[at + 1 :])


@MODERATE
@given(text=st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40))
def test_a_citation_comes_back_code_point_for_code_point(text: str) -> None:
    from archiver.model.citation import Citation, CitationList, Kind, Quote  # noqa: PLC0415 - only here

    made = CitationList(citations=(Citation(id="a", kind=Kind.TWEET, words=text, quotes=(Quote(text=text),)),))
    assert citations.decode(citations.encode(made)) == made
