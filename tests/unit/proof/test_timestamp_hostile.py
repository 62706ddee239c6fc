"""Answers by somebody who wants the verifier to hang, to crash, or to read one thing and verify another."""

import re
import subprocess
import sys
import warnings
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.x509 import load_pem_x509_certificates

from archiver.model.digest import Digest
from archiver.model.errors import FormatError
from archiver.model.instant import Instant
from archiver.proof import timestamp
from tests.support.openssl_tsa import OpensslTsa, make_tsa

DIGEST = Digest.of(b"checkpoint")
NONCE = 12_345_678_901
# One changed byte in the signer's certificate made the first version of the verifier run for ever.
SLOWEST_S = 60
FLIP_EVERY_BYTE = """
import sys, warnings
from pathlib import Path
from archiver.model.digest import Digest
from archiver.model.errors import FormatError
from archiver.proof import timestamp
warnings.simplefilter("ignore")
raw, root = Path(sys.argv[1]).read_bytes(), Path(sys.argv[2]).read_bytes()
for at in range(len(raw)):
    for mask in (0x01, 0x20, 0x80):
        changed = raw[:at] + bytes([raw[at] ^ mask]) + raw[at + 1 :]
        try:
            timestamp.verify(changed, digest=Digest.of(b"checkpoint"), roots=[root], nonce=12_345_678_901)
        except FormatError:
            pass
"""


@pytest.fixture(scope="module", params=[False, True], ids=["no chain", "chain"])
def tsa(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> OpensslTsa:
    return make_tsa(tmp_path_factory.mktemp("tsa"), with_chain=request.param)


@pytest.fixture(scope="module")
def answer(tsa: OpensslTsa) -> bytes:
    return tsa.answer(timestamp.request(DIGEST, nonce=NONCE))


def test_no_flipped_bit_hangs_the_verifier_or_is_anything_but_a_format_error(
    tsa: OpensslTsa, answer: bytes, tmp_path: Path
) -> None:
    (tmp_path / "answer").write_bytes(answer)
    (tmp_path / "root").write_bytes(tsa.root_pem)
    done = subprocess.run(
        [sys.executable, "-c", FLIP_EVERY_BYTE, tmp_path / "answer", tmp_path / "root"],
        capture_output=True,
        text=True,
        timeout=SLOWEST_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_an_answer_that_is_cut_off_anywhere_is_refused(tsa: OpensslTsa, answer: bytes) -> None:
    for end in range(0, len(answer), 7):
        with pytest.raises(FormatError):
            timestamp.verify(answer[:end], digest=DIGEST, roots=[tsa.root_pem], nonce=NONCE)


def test_elements_nested_without_end_are_refused() -> None:
    for raw in (b"\x30\x80" * 30_000, b"\x24\x80" * 30_000, b"\xa0\x80" * 30_000):
        with pytest.raises(FormatError, match="timestamp response"):
            timestamp.read(raw)


def test_the_thousandths_of_a_second_are_kept(tsa: OpensslTsa) -> None:
    config = tsa.folder / "tsa.cnf"
    plain = config.read_text()
    config.write_text(plain.replace("[config]\n", "[config]\nclock_precision_digits = 3\n"))
    tokens = []
    for _ in range(3):  # one of them falls on a whole second once in a thousand times
        raw = tsa.answer(timestamp.request(DIGEST, nonce=NONCE))
        tokens.append(timestamp.verify(raw, digest=DIGEST, roots=[tsa.root_pem], nonce=NONCE))
    config.write_text(plain)
    assert any(one.gen_time.epoch_us % 1_000_000 for one in tokens)
    assert all(one.gen_time.epoch_us % 1_000 == 0 for one in tokens)


def test_an_evil_root_is_not_let_in_as_an_intermediate(tsa: OpensslTsa, tmp_path: Path) -> None:
    evil = make_tsa(tmp_path / "evil", name="Evil")
    raw = evil.answer(timestamp.request(DIGEST, nonce=NONCE))
    with pytest.raises(FormatError, match="its own issuer"):
        timestamp.verify(raw, digest=DIGEST, roots=[tsa.root_pem], intermediates=[evil.root_pem], nonce=NONCE)


def test_what_was_verified_must_be_what_was_read(tsa: OpensslTsa, answer: bytes) -> None:
    read = timestamp.read(answer)
    roots = load_pem_x509_certificates(tsa.root_pem)
    timestamp._check_chain(answer, read, roots=roots, intermediates=[])
    for other in (
        replace(read, gen_time=Instant(read.gen_time.epoch_us + 1_000_000)),
        replace(read, serial=read.serial + "0"),
        replace(read, nonce=NONCE + 1),
    ):
        with pytest.raises(FormatError, match="not what was read"):
            timestamp._check_chain(answer, other, roots=roots, intermediates=[])


def test_a_certificate_of_no_version_is_refused(tsa: OpensslTsa, answer: bytes) -> None:
    version = b"\xa0\x03\x02\x01\x02"
    places = [at for at in range(len(answer)) if answer.startswith(version, at)]
    assert places
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for at in places:
            changed = answer[: at + 4] + b"\x07" + answer[at + 5 :]
            with pytest.raises(FormatError):
                timestamp.verify(changed, digest=DIGEST, roots=[tsa.root_pem], nonce=NONCE)


@pytest.mark.parametrize("nonce", [0, 1, 127, 128, 2**63, 2**128 - 1])
def test_a_request_comes_back_and_openssl_reads_it(nonce: int, tmp_path: Path) -> None:
    raw = timestamp.request(DIGEST, nonce=nonce)
    assert timestamp.read_request(raw) == (DIGEST, nonce)
    (tmp_path / "q.tsq").write_bytes(raw)
    told = subprocess.run(
        ["openssl", "ts", "-query", "-in", "q.tsq", "-text"], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout
    assert "Certificate required: yes" in told
    said = re.search(r"Nonce: (0x[0-9A-F]+)", told)
    assert said is not None
    assert int(said[1], 16) == nonce


def test_a_request_in_any_other_form_is_refused() -> None:
    raw = timestamp.request(DIGEST, nonce=NONCE)
    for at in [*range(24), *range(56, len(raw))]:
        changed = raw[:at] + bytes([raw[at] ^ 0x80]) + raw[at + 1 :]
        try:
            found = timestamp.read_request(changed)
        except FormatError:
            continue
        assert found[0] == DIGEST, "only the nonce's own bytes may change and be read"
        assert timestamp.request(DIGEST, nonce=found[1]) == changed
    with pytest.raises(FormatError, match="not a TimeStampReq of ours"):
        timestamp.read_request(raw.replace(bytes.fromhex("608648016503040201"), bytes.fromhex("608648016503040208")))
    padded = raw.replace(b"\x02\x05\x02\xdf", b"\x02\x06\x00\x02\xdf")
    assert padded != raw
    with pytest.raises(FormatError):
        timestamp.read_request(padded[:1] + bytes([padded[1] + 1]) + padded[2:])
