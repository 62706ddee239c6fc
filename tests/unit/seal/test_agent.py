"""A key that an SSH agent holds signs like one in a file; what the agent says is checked."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from archiver.formats import ssh
from archiver.formats.manifest import statement_of
from archiver.model.errors import SealError
from archiver.proof.signature import Ed25519Signer, sign_envelope, verifies, verifying_keys
from archiver.seal.agent import AgentSigner, keys_of
from archiver.seal.manifest import seal, sealed_before
from tests.support.ledger_kit import sample_capture
from tests.support.security_key import PERSON_VERIFIED, Device, device_agent
from tests.support.ssh import agent, need_ssh

KEY = Ed25519Signer.from_seed(b"k" * 32)


def test_a_real_agent_signs_and_the_signature_is_ed25519(tmp_path: Path) -> None:
    need_ssh()
    with agent(tmp_path) as place:
        ((public_key, comment),) = keys_of(place)
        assert comment == "held"
        signer = AgentSigner(place, public_key, tell=print)
        assert verifies(public_key, signer.sign(b"message"), b"message")
        assert verifying_keys(sign_envelope(b"{}", signer, KEY), [public_key, KEY.public_key]) == (
            public_key,
            KEY.public_key,
        )
        with pytest.raises(SealError, match="refused to sign"):
            AgentSigner(place, KEY.public_key, tell=print).sign(b"message")


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
        AgentSigner(place, KEY.public_key, tell=print).sign(b"message")


def test_an_agent_that_is_not_there_or_tells_nothing_is_told(tmp_path: Path) -> None:
    with pytest.raises(SealError, match="no SSH agent answers"):
        keys_of(tmp_path / "nowhere")
    with false_agent(tmp_path, answered(b"\x05")) as place, pytest.raises(SealError, match="does not tell its keys"):
        keys_of(place)
    assert ssh.identities_request() == b"\0\0\0\1\x0b"


def test_a_security_key_behind_an_agent_signs_when_it_is_touched_and_the_person_is_told_to(tmp_path: Path) -> None:
    device, told = Device(), list[str]()
    with device_agent(tmp_path, Device(seed=b"o" * 32), device) as place:
        assert keys_of(place)[1] == (device.public_key, "device-1")
        signer = AgentSigner(place, device.public_key, tell=told.append)
        assert verifying_keys(sign_envelope(b"{}", signer), [device.public_key]) == (device.public_key,)
        assert told == ["touch your security key: it is to sign"]
        with pytest.raises(SealError, match="refused to sign") as refused:
            AgentSigner(place, Device(seed=b"x" * 32).public_key, tell=told.append).sign(b"message")
        assert "touch it when it blinks" in refused.value.hint


def test_what_a_security_key_signs_untouched_is_not_used(tmp_path: Path) -> None:
    device = Device(flags=PERSON_VERIFIED)
    with device_agent(tmp_path, device) as place, pytest.raises(SealError, match="without being touched"):
        AgentSigner(place, device.public_key, tell=print).sign(b"message")


@pytest.mark.parametrize(
    "made",
    [
        Device(seed=b"o" * 32).sign(b"message"),
        Device().sign(b"another message"),
        Device(application=b"ssh:x").sign(b"m"),
    ],
)
def test_a_signature_that_is_not_the_security_keys_is_not_used(tmp_path: Path, made: bytes) -> None:
    kind = answered(b"sk-ssh-ed25519@openssh.com")
    answer = answered(b"\x0e" + answered(kind + answered(made[:64]) + made[64:]))
    with false_agent(tmp_path, answer) as place, pytest.raises(SealError, match="not one of the key over this message"):
        AgentSigner(place, Device().public_key, tell=print).sign(b"message")


def test_what_was_sealed_before_is_taken_only_as_this_statement_by_this_key() -> None:
    """A security key counts, so it cannot seal the same again: a start after a crash takes what is there."""
    first, other = (statement_of(sample_capture(number)) for number in (1, 2))
    made = seal(first, Device())
    assert sealed_before(first, made.envelope, public_key=Device().public_key) == made
    assert seal(first, Device(counter=1)).envelope != made.envelope
    assert sealed_before(other, made.envelope, public_key=Device().public_key) is None
    assert sealed_before(first, made.envelope, public_key=KEY.public_key) is None
    assert sealed_before(first, made.envelope[:-1], public_key=Device().public_key) is None
