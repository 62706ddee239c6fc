"""A key that an SSH agent holds signs like one in a file; what the agent says is checked."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from archiver.formats import ssh
from archiver.model.errors import SealError
from archiver.proof.signature import Ed25519Signer, sign_envelope, verifies, verifying_keys
from archiver.seal.agent import AgentSigner, keys_of
from tests.support.ssh import agent, need_ssh

KEY = Ed25519Signer.from_seed(b"k" * 32)


def test_a_real_agent_signs_and_the_signature_is_ed25519(tmp_path: Path) -> None:
    need_ssh()
    with agent(tmp_path) as place:
        ((public_key, comment),) = keys_of(place)
        assert comment == "held"
        signer = AgentSigner(place, public_key)
        assert verifies(public_key, signer.sign(b"message"), b"message")
        assert verifying_keys(sign_envelope(b"{}", signer, KEY), [public_key, KEY.public_key]) == (
            public_key,
            KEY.public_key,
        )
        with pytest.raises(SealError, match="refused to sign"):
            AgentSigner(place, KEY.public_key).sign(b"message")


def test_a_key_of_another_kind_is_not_offered(tmp_path: Path) -> None:
    need_ssh()
    with agent(tmp_path, kind="ecdsa") as place:
        assert keys_of(place) == ()


@contextmanager
def false_agent(folder: Path, answer: bytes) -> Iterator[Path]:
    place = folder / "false"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(str(place))
        server.listen()

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(1 << 16)
                connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield place
        thread.join(timeout=5)


def answered(body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + body


OTHER = KEY.sign(b"another message")
SIGNED = b"\x0e" + answered(answered(b"ssh-ed25519") + answered(OTHER))


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (answered(SIGNED), "not one of the key over this message"),
        (answered(b"\x05"), "refused to sign"),
        (b"", "hung up"),
        (answered(b"\x0e")[:3], "hung up"),
        ((1 << 30).to_bytes(4, "big"), "expected an answer of at most"),
    ],
)
def test_an_agent_that_lies_or_fails_is_told(tmp_path: Path, answer: bytes, told: str) -> None:
    with false_agent(tmp_path, answer) as place, pytest.raises(SealError, match=told):
        AgentSigner(place, KEY.public_key).sign(b"message")


def test_an_agent_that_is_not_there_or_tells_nothing_is_told(tmp_path: Path) -> None:
    with pytest.raises(SealError, match="no SSH agent answers"):
        keys_of(tmp_path / "nowhere")
    with false_agent(tmp_path, answered(b"\x05")) as place, pytest.raises(SealError, match="does not tell its keys"):
        keys_of(place)
    assert ssh.identities_request() == b"\0\0\0\1\x0b"
