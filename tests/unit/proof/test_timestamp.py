from pathlib import Path

import pytest
from asn1crypto import cms, tsp

from archiver.model.digest import Digest
from archiver.model.errors import FormatError
from archiver.proof import timestamp
from tests.support.openssl_tsa import OpensslTsa, make_tsa

DIGEST = Digest.of(b"checkpoint")
NONCE = 12_345_678_901


@pytest.fixture(scope="module")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> OpensslTsa:
    return make_tsa(tmp_path_factory.mktemp("tsa"))


@pytest.fixture(scope="module")
def chained(tmp_path_factory: pytest.TempPathFactory) -> OpensslTsa:
    return make_tsa(tmp_path_factory.mktemp("chained"), name="Chained", with_chain=True)


@pytest.fixture(scope="module")
def answer(tsa: OpensslTsa) -> bytes:
    return tsa.answer(timestamp.request(DIGEST, nonce=NONCE))


def test_a_request_says_what_is_asked(tsa: OpensslTsa) -> None:
    assert timestamp.read_request(timestamp.request(DIGEST, nonce=NONCE)) == (DIGEST, NONCE)


def test_an_answer_is_accepted_under_the_pinned_root(tsa: OpensslTsa, answer: bytes) -> None:
    token = timestamp.verify(answer, digest=DIGEST, roots=[tsa.root_pem], nonce=NONCE)
    assert token == timestamp.read(answer)
    assert (token.imprint, token.nonce, token.policy) == (DIGEST, NONCE, "1.2.3.4.1")
    assert timestamp.verify(answer, digest=DIGEST, roots=[tsa.root_pem], nonce=None) == token


def test_a_chain_whose_certificates_are_not_in_der_order_is_accepted(chained: OpensslTsa) -> None:
    raw = chained.answer(timestamp.request(DIGEST, nonce=NONCE))
    found = tsp.TimeStampResp.load(raw)["time_stamp_token"]["content"]["certificates"]
    dumped = [one.dump() for one in found]
    assert dumped != sorted(dumped), "the precondition: openssl sends them unsorted"
    assert timestamp.verify(raw, digest=DIGEST, roots=[chained.root_pem], nonce=NONCE).imprint == DIGEST


def test_an_intermediate_that_is_not_in_the_token_can_be_given(chained: OpensslTsa, tmp_path: Path) -> None:
    bare = (chained.folder / "tsa.cnf").read_text().replace(f"certs = {chained.folder}/chain.pem", "")
    kept = (chained.folder / "tsa.cnf").read_text()
    (chained.folder / "tsa.cnf").write_text(bare)
    raw = chained.answer(timestamp.request(DIGEST, nonce=NONCE))
    (chained.folder / "tsa.cnf").write_text(kept)
    with pytest.raises(FormatError, match="not backed"):
        timestamp.verify(raw, digest=DIGEST, roots=[chained.root_pem], nonce=NONCE)
    middle = [chained.intermediate_pem]
    token = timestamp.verify(raw, digest=DIGEST, roots=[chained.root_pem], intermediates=middle, nonce=NONCE)
    assert token.imprint == DIGEST


def test_evil_tsa_that_embeds_its_own_root_is_not_trusted(tsa: OpensslTsa, tmp_path: Path) -> None:
    """rfc3161-client up to 1.0.8 took a root out of the token for a trusted one (evidence.md, finding 1)."""
    evil = make_tsa(tmp_path / "evil", name="Test", with_chain=True)
    raw = evil.answer(timestamp.request(DIGEST, nonce=NONCE))
    embedded = tsp.TimeStampResp.load(raw)["time_stamp_token"]["content"]["certificates"]
    own = [one for one in embedded if isinstance(one.chosen, cms.Certificate) or one.name == "certificate"]
    assert any(one.chosen.self_signed in ("yes", "maybe") for one in own), "the precondition: its root is in the token"
    with pytest.raises(FormatError, match="not backed by a pinned root"):
        timestamp.verify(raw, digest=DIGEST, roots=[tsa.root_pem], nonce=NONCE)


def test_an_answer_about_something_else_is_refused(tsa: OpensslTsa, answer: bytes) -> None:
    with pytest.raises(FormatError, match="expected an imprint of"):
        timestamp.verify(answer, digest=Digest.of(b"other"), roots=[tsa.root_pem], nonce=NONCE)
    with pytest.raises(FormatError, match="nonce"):
        timestamp.verify(answer, digest=DIGEST, roots=[tsa.root_pem], nonce=NONCE + 1)


def test_without_a_root_nothing_is_accepted(answer: bytes) -> None:
    with pytest.raises(FormatError, match="no pinned root"):
        timestamp.verify(answer, digest=DIGEST, roots=[], nonce=NONCE)
    with pytest.raises(FormatError, match="not a PEM certificate"):
        timestamp.verify(answer, digest=DIGEST, roots=[b"nothing"], nonce=NONCE)


@pytest.mark.parametrize("at", [-10, -60, 80, 200, 400])
def test_a_flipped_bit_is_refused(tsa: OpensslTsa, answer: bytes, at: int) -> None:
    raw = bytearray(answer)
    raw[at] ^= 1
    with pytest.raises(FormatError):
        timestamp.verify(bytes(raw), digest=DIGEST, roots=[tsa.root_pem], nonce=NONCE)


@pytest.mark.parametrize(
    "raw", [b"", b"<html>", b"\x30\x03\x02\x01\x00", bytes.fromhex("30053003020102"), b"\x30" * 100]
)
def test_what_is_no_answer_is_refused_with_a_reason(raw: bytes) -> None:
    with pytest.raises(FormatError, match="timestamp response"):
        timestamp.read(raw)


def test_sizes_are_bounded_and_requests_strict() -> None:
    for read in (timestamp.read, timestamp.read_request):
        with pytest.raises(FormatError, match="at most"):
            read(b"x" * (65 << 10))
    with pytest.raises(FormatError, match="not a TimeStampReq"):
        timestamp.read_request(b"\x30\x00")


def test_an_imprint_by_another_hash_is_refused(tsa: OpensslTsa, answer: bytes) -> None:
    other = answer.replace(bytes.fromhex("608648016503040201"), bytes.fromhex("608648016503040202"))
    assert other != answer
    with pytest.raises(FormatError, match="by sha256, found sha384"):
        timestamp.read(other)


def test_an_answer_without_certificates_needs_the_signers_given(tsa: OpensslTsa) -> None:
    query = tsp.TimeStampReq.load(timestamp.request(DIGEST, nonce=NONCE))
    query["cert_req"] = False
    raw = tsa.answer(query.dump(force=True))
    with pytest.raises(FormatError, match="not backed"):
        timestamp.verify(raw, digest=DIGEST, roots=[tsa.root_pem], nonce=NONCE)
