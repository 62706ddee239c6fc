"""``openssl`` judges stored tokens: with a revocation list or OCSP answer, and after the certificate has ended."""

import subprocess
from pathlib import Path

import pytest

from archiver.model.digest import Digest
from archiver.model.errors import FormatError
from archiver.proof import certificates, ocsp, timestamp
from tests.support.openssl_tsa import OpensslTsa, answer_status, make_crl, make_tsa

DATA = b"a checkpoint"


@pytest.fixture(scope="module")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> OpensslTsa:
    return make_tsa(tmp_path_factory.mktemp("tokens"), days=1, crl_url="http://127.0.0.1/list.crl")


@pytest.fixture(scope="module")
def token(tsa: OpensslTsa) -> bytes:
    return tsa.answer(timestamp.request(Digest.of(DATA), nonce=7))


def judged(folder: Path, token: bytes, trusted: bytes, *options: str) -> subprocess.CompletedProcess[str]:
    (folder / "data").write_bytes(DATA)
    (folder / "token").write_bytes(token)
    (folder / "trusted.pem").write_bytes(trusted)
    command = ["openssl", "ts", "-verify", "-data", "data", "-in", "token", "-CAfile", "trusted.pem", *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=30)


def pem_of(folder: Path, crl: bytes) -> bytes:
    (folder / "crl.der").write_bytes(crl)
    command = ["openssl", "crl", "-inform", "DER", "-in", "crl.der", "-outform", "PEM"]
    return subprocess.run(command, cwd=folder, capture_output=True, check=True, timeout=30).stdout


def test_a_token_is_taken_with_a_list_that_does_not_revoke_it(tsa: OpensslTsa, token: bytes, tmp_path: Path) -> None:
    crl = make_crl(tsa, revoked=False)
    assert judged(tmp_path, token, tsa.root_pem + pem_of(tmp_path, crl), "-crl_check").returncode == 0
    assert certificates.check_revocation(token, crl, [tsa.root_pem]) == ""


def test_a_token_whose_authority_was_revoked_is_refused_by_both(tsa: OpensslTsa, token: bytes, tmp_path: Path) -> None:
    crl = make_crl(tsa, revoked=True)
    done = judged(tmp_path, token, tsa.root_pem + pem_of(tmp_path, crl), "-crl_check")
    assert done.returncode != 0
    assert "certificate revoked" in done.stdout + done.stderr
    assert "was revoked at" in certificates.check_revocation(token, crl, [tsa.root_pem])


def test_after_the_certificate_has_ended_a_token_is_taken_at_its_own_time(
    tsa: OpensslTsa, token: bytes, tmp_path: Path
) -> None:
    made = timestamp.read(token).gen_time
    later = (certificates.ends_at(token).epoch_us // 1_000_000) + 3600
    assert judged(tmp_path, token, tsa.root_pem, "-attime", str(later)).returncode != 0
    assert judged(tmp_path, token, tsa.root_pem, "-attime", str(made.epoch_us // 1_000_000)).returncode == 0
    assert timestamp.verify(token, digest=Digest.of(DATA), roots=[tsa.root_pem], nonce=7).gen_time == made


def test_openssl_takes_the_chain_that_we_store(tmp_path: Path) -> None:
    deep = make_tsa(tmp_path / "deep", with_chain=True)
    answer = deep.answer(timestamp.request(Digest.of(DATA), nonce=7))
    chain = certificates.chain_pem(answer, [deep.root_pem])
    assert chain.count(b"BEGIN CERTIFICATE") == 3
    (tmp_path / "chain.pem").write_bytes(chain)
    assert judged(tmp_path, answer, deep.root_pem, "-untrusted", "chain.pem").returncode == 0


def test_the_library_and_we_agree_on_a_bare_certificate_list(tsa: OpensslTsa, token: bytes) -> None:
    assert certificates.list_urls(token) == ("http://127.0.0.1/list.crl",)
    assert len(certificates.embedded(token)) == 1


def openssl_on_ocsp(tsa: OpensslTsa, answer: bytes) -> str:
    """Give what ``openssl ocsp`` says of an answer about the authority's certificate, its issuer the one to trust."""
    (tsa.folder / "stored.ocsp").write_bytes(answer)
    command = ["openssl", "ocsp", "-respin", "stored.ocsp", "-issuer", "root.pem", "-cert", "tsa.pem"]
    done = subprocess.run(
        [*command, "-CAfile", "root.pem", "-no_nonce"],
        cwd=tsa.folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize(("status", "word"), [("V", "good"), ("R", "revoked"), ("none", "unknown")])
def test_openssl_reads_an_ocsp_answer_to_our_request_as_we_do(
    tsa: OpensslTsa, token: bytes, status: str, word: str
) -> None:
    answer = answer_status(tsa, ocsp.request(token, [tsa.root_pem]), status=status, responder="responder")
    said = openssl_on_ocsp(tsa, answer)
    assert "Response verify OK" in said
    assert f"tsa.pem: {word}" in said
    if word == "unknown":
        with pytest.raises(FormatError, match="does not know"):
            ocsp.check(token, answer, [tsa.root_pem])
    else:
        assert bool(ocsp.check(token, answer, [tsa.root_pem])) == (word == "revoked")


def test_openssl_refuses_an_ocsp_answer_by_the_authority_itself_as_we_do(tsa: OpensslTsa, token: bytes) -> None:
    answer = answer_status(tsa, ocsp.request(token, [tsa.root_pem]), responder="tsa")
    assert "Response Verify Failure" in openssl_on_ocsp(tsa, answer)
    with pytest.raises(FormatError, match="not signed by the issuer"):
        ocsp.check(token, answer, [tsa.root_pem])
