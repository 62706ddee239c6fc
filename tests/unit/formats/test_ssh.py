"""OpenSSH's formats: one form, and what is not one is refused. That OpenSSH agrees is tests/foreign."""

import contextlib
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.formats import ssh
from archiver.model.errors import FormatError
from archiver.model.instant import Instant

KEY, SIGNATURE = b"k" * 32, b"s" * 64


def text(content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + content


def test_a_key_comes_back_and_another_kind_is_none() -> None:
    assert ssh.read_blob(ssh.public_blob(KEY)) == KEY
    assert ssh.public_line(KEY).startswith("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI")
    assert ssh.read_blob(text(b"ssh-rsa") + text(b"x")) is None


@pytest.mark.parametrize(
    "blob", [b"", b"\0\0\0\x0bssh", text(b"ssh-ed25519") + text(b"short"), ssh.public_blob(KEY) + b"x"]
)
def test_a_blob_that_is_no_key_is_refused(blob: bytes) -> None:
    with pytest.raises(FormatError, match="SSH"):
        ssh.read_blob(blob)


def test_signers_have_their_windows_in_utc() -> None:
    one = ssh.AllowedSigner(
        principal="investigator",
        public_key=KEY,
        valid_after=Instant.parse("2026-11-24T10:00:00.999Z"),
        valid_before=Instant.parse("2026-11-25T00:00:00.000Z"),
    )
    line = ssh.allowed_signers([one]).decode()
    assert line.startswith(
        'investigator namespaces="archiver",valid-after="20261124100000Z",valid-before="20261125000000Z" ssh-ed25519 '
    )
    assert ssh.allowed_signers([ssh.AllowedSigner(principal="a", public_key=KEY)]).count(b"valid") == 0


def test_a_signature_comes_back() -> None:
    made = ssh.encode_signature(KEY, SIGNATURE, namespace="file")
    assert ssh.decode_signature(made) == (KEY, SIGNATURE, "file")
    assert max(map(len, made.split(b"\n"))) == 70


@given(at=st.integers(0, 400), change=st.integers(1, 255))
def test_a_changed_signature_is_another_one_or_refused(at: int, change: int) -> None:
    raw = bytearray(ssh.encode_signature(KEY, SIGNATURE))
    at %= len(raw)
    raw[at] ^= change
    try:
        found = ssh.decode_signature(bytes(raw))
    except FormatError:
        return
    assert ssh.encode_signature(found[0], found[1], namespace=found[2]) == bytes(raw)


@given(raw=st.binary(max_size=300))
def test_any_bytes_are_a_value_or_a_format_error(raw: bytes) -> None:
    signed = partial(ssh.read_signed, public_key=KEY)
    for read in (ssh.decode_signature, ssh.read_blob, ssh.read_identities, signed):
        for one in (raw, b"\x0c" + raw, b"\x0e" + raw):
            found: object = b""
            with contextlib.suppress(FormatError):
                found = read(one)
            assert isinstance(found, bytes | tuple)


@pytest.mark.parametrize("damage", [b"x" * (300 << 10), "é".encode()])
def test_a_signature_that_cannot_be_one_is_refused(damage: bytes) -> None:
    with pytest.raises(FormatError, match="SSH signature"):
        ssh.decode_signature(damage)


def test_a_signature_by_another_kind_of_key_or_over_no_text_is_refused() -> None:
    made = ssh.encode_signature(KEY, SIGNATURE, namespace="abcd").decode()
    import base64  # noqa: PLC0415 - only here

    lines = made.split("\n")
    blob = base64.b64decode("".join(lines[1:-2]))
    for damaged in (blob.replace(b"abcd", b"\xff\xff\xff\xff"), blob.replace(b"ssh-ed25519", b"ssh-ed25518")):
        armored = "\n".join((lines[0], base64.b64encode(damaged).decode(), *lines[-2:]))
        with pytest.raises(FormatError):
            ssh.decode_signature(armored.encode())


def test_an_agents_answers_are_read_strictly() -> None:
    listed = b"\x0c" + (2).to_bytes(4, "big") + text(ssh.public_blob(KEY)) + text(b"mine")
    listed += text(text(b"ssh-rsa") + text(b"x")) + text(b"other")
    assert ssh.read_identities(listed) == ((KEY, "mine"),)
    assert ssh.read_signed(b"\x0e" + text(text(b"ssh-ed25519") + text(SIGNATURE)), public_key=KEY) == SIGNATURE
    for answer in (b"\x05", b"\x0e" + text(text(b"ssh-rsa") + text(SIGNATURE)), b"\x0e" + text(text(b"ssh-ed25519"))):
        with pytest.raises(FormatError):
            ssh.read_signed(answer, public_key=KEY)
    with pytest.raises(FormatError, match="does not tell"):
        ssh.read_identities(b"\x05")
