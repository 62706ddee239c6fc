from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.model.digest import Digest
from archiver.model.errors import FormatError, SealError
from archiver.proof import timestamp
from archiver.seal.tsa import ask
from tests.support.tsa_server import TsaServer, serve_tsa

DIGEST = Digest.of(b"checkpoint")


@pytest.fixture(scope="module")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TsaServer]:
    with serve_tsa(tmp_path_factory.mktemp("tsa")) as serving:
        yield serving


def test_the_exact_request_and_response_are_given(tsa: TsaServer) -> None:
    tsa.mood = "ok"
    answer = ask(tsa.url, DIGEST, nonce=7, timeout_s=10)
    assert timestamp.read_request(answer.request) == (DIGEST, 7)
    assert timestamp.verify(answer.response, digest=DIGEST, roots=[tsa.root_pem], nonce=7).nonce == 7


def test_an_error_a_silence_and_a_closed_door_are_told(tsa: TsaServer) -> None:
    tsa.mood = "error"
    with pytest.raises(SealError, match="expected HTTP status 200, found 503"):
        ask(tsa.url, DIGEST, nonce=7, timeout_s=10)
    tsa.mood = "slow"
    with pytest.raises(SealError, match="no answer: ReadTimeout"):
        ask(tsa.url, DIGEST, nonce=7, timeout_s=0.3)
    with pytest.raises(SealError, match="no answer: ConnectionError"):
        ask("http://127.0.0.1:1/", DIGEST, nonce=7, timeout_s=2)


@pytest.mark.parametrize("mood", ["garbage", "refuse", "replay", "other"])
def test_what_is_answered_is_accepted_by_nobody_unverified(tsa: TsaServer, mood: str) -> None:
    tsa.mood = mood
    answer = ask(tsa.url, DIGEST, nonce=7, timeout_s=10)
    with pytest.raises(FormatError):
        timestamp.verify(answer.response, digest=DIGEST, roots=[tsa.root_pem], nonce=7)


def test_a_flood_is_not_read(tsa: TsaServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tsa, "answer", lambda _: (200, b"x" * 100_000))
    with pytest.raises(SealError, match="at most 65536 bytes"):
        ask(tsa.url, DIGEST, nonce=7, timeout_s=10)


def test_only_the_digest_is_sent(tsa: TsaServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen: list[bytes] = []

    def keep(query: bytes) -> tuple[int, bytes]:
        seen.append(query)
        return 200, b""

    monkeypatch.setattr(tsa, "answer", keep)
    ask(tsa.url, DIGEST, nonce=7, timeout_s=10)
    assert seen == [timestamp.request(DIGEST, nonce=7)]
