"""OpenTimestamps proofs and Bitcoin headers as bytes: known answers, and what is none."""

import pytest
from opentimestamps.core.notary import BitcoinBlockHeaderAttestation
from opentimestamps.core.op import OpSHA1
from opentimestamps.core.serialize import BytesSerializationContext
from opentimestamps.core.timestamp import DetachedTimestampFile, Timestamp

from archiver.model.digest import Digest
from archiver.model.errors import FormatError
from archiver.proof import ots
from tests.support.calendar_server import Calendar

DIGEST = Digest.of(b"checkpoint")
NONCE = b"n" * 16
GENESIS = (
    "0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e"
    "67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c"
)


@pytest.fixture
def calendar() -> Calendar:
    made = Calendar()
    made.url = "https://calendar.example"
    return made


def test_the_first_block_of_bitcoin_is_read_as_everybody_reads_it() -> None:
    found = ots.read_header(bytes.fromhex(GENESIS))
    assert str(found.mined_at) == "2009-01-03T18:15:05.000Z"
    assert found.root[::-1].hex() == "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b"
    assert ots.read_header(GENESIS.encode() + b"\n") == found


@pytest.mark.parametrize("raw", [b"", b"00" * 79, b"x" * 160, b"\xff" * 81, bytes.fromhex(GENESIS)[:-1] + b"\x7d"])
def test_what_is_no_header_is_told(raw: bytes) -> None:
    with pytest.raises(FormatError, match="Bitcoin header"):
        ots.read_header(raw)


def test_a_proof_goes_from_promise_to_block(calendar: Calendar) -> None:
    asked = ots.commitment(DIGEST, NONCE)
    assert asked != bytes.fromhex(DIGEST.hex)
    proof = ots.assemble(DIGEST, NONCE, [calendar.promise(asked)])
    found = ots.read(proof)
    assert (found.digest, found.blocks, [one.calendar for one in found.promises]) == (DIGEST, (), [calendar.url])
    header = calendar.mine(height=7, seconds=1_700_000_000)
    (promise,) = found.promises
    answer = calendar.known(promise.commitment)
    assert answer is not None
    assert ots.join(proof, {b"another": b"nonsense"}) == proof
    better = ots.read(ots.join(proof, {promise.commitment: answer}))
    assert [(one.height, one.root) for one in better.blocks] == [(7, ots.read_header(header).root)]
    assert better.promises == found.promises


def test_no_answer_of_a_calendar_breaks_anything(calendar: Calendar) -> None:
    good = calendar.promise(ots.commitment(DIGEST, NONCE))
    for bad in (b"", b"\x00", b"<html>", good[:-1], good + b"x", b"\xff" * 9000, b"\x08" * 400):
        with pytest.raises(FormatError):
            ots.assemble(DIGEST, NONCE, [bad])
    with pytest.raises(FormatError):
        ots.assemble(DIGEST, NONCE, [])


def proof_of(timestamp: Timestamp, operation: object) -> bytes:
    context = BytesSerializationContext()
    DetachedTimestampFile(operation, timestamp).serialize(context)
    return bytes(context.getbytes())


def test_a_proof_over_another_hash_or_an_impossible_block_is_refused() -> None:
    short = Timestamp(b"d" * 20)
    short.attestations.add(BitcoinBlockHeaderAttestation(7))
    with pytest.raises(FormatError, match="SHA-256"):
        ots.read(proof_of(short, OpSHA1()))
    for height in (10**9, 10**40):
        far = ots.assemble(DIGEST, NONCE, [_block(height)])
        with pytest.raises(FormatError, match="no possible height"):
            ots.read(far)
    with pytest.raises(FormatError, match="at most"):
        ots.read(b"x" * 70_000)


def _block(height: int) -> bytes:
    found = Timestamp(ots.commitment(DIGEST, NONCE))
    found.attestations.add(BitcoinBlockHeaderAttestation(height))
    context = BytesSerializationContext()
    found.serialize(context)
    return bytes(context.getbytes())
