"""A security key's public key and signature: one form, and what is not one is refused. The judge is tests/foreign."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.formats import security_key, ssh
from archiver.formats.security_key import DeviceSignature, SecurityKey
from archiver.model.errors import FormatError
from tests.support.security_key import KIND, TOUCHED, Device, string

RAW, PLAIN = b"k" * 32, b"p" * 32
KEY = string(KIND) + string(RAW) + string(b"ssh:")
SIGNATURE = b"s" * 64 + b"\x01\0\0\0\x07"


def test_a_security_key_comes_back_whole_and_is_never_a_key_without_a_device() -> None:
    assert security_key.decode_key(KEY) == SecurityKey(raw=RAW, application="ssh:")
    assert security_key.encode_key(security_key.decode_key(KEY)) == KEY == ssh.read_blob(KEY) == ssh.public_blob(KEY)
    assert (security_key.is_security_key(KEY), security_key.is_security_key(RAW)) == (True, False)
    assert Device().public_key != Device(application=b"ssh:other").public_key


@pytest.mark.parametrize(
    ("blob", "told"),
    [
        (b"", "cut short"),
        (KEY[:-1], "cut short"),
        (KEY + b"\0", "32 bytes of Ed25519 and an application"),
        (string(KIND) + string(RAW[1:]) + string(b"ssh:"), "32 bytes of Ed25519 and an application"),
        (string(b"ssh-ed25519") + string(RAW) + string(b"ssh:"), "expected sk-ssh-ed25519"),
        (string(KIND) + string(RAW) + string(b"bank.example"), "an application like 'ssh:', found 'bank.example'"),
        (string(KIND) + string(RAW) + string(b"ssh:\n"), "an application like"),
        (string(KIND) + string(RAW) + string(b"ssh:" + b"x" * 252), "an application like"),
    ],
)
def test_what_is_no_security_key_is_refused(blob: bytes, told: str) -> None:
    with pytest.raises(FormatError, match=told):
        security_key.decode_key(blob)


def test_a_signature_says_whether_it_was_touched_and_how_often_the_device_signed() -> None:
    found = security_key.decode_signature(SIGNATURE)
    assert found == DeviceSignature(signature=b"s" * 64, flags=TOUCHED, counter=7)
    assert security_key.encode_signature(found) == SIGNATURE
    assert (found.is_touched, found.is_person_verified) == (True, False)
    verified = security_key.decode_signature(b"s" * 64 + b"\x04\0\0\0\0")
    assert (verified.is_touched, verified.is_person_verified) == (False, True)
    for odd in (SIGNATURE[:-1], SIGNATURE + b"\0", b"s" * 64):
        with pytest.raises(FormatError, match="expected a signature of 69 bytes"):
            security_key.decode_signature(odd)


def test_a_public_line_comes_back_with_a_comment_and_without() -> None:
    for key in (KEY, PLAIN):
        line = ssh.public_line(key).encode()
        for raw in (line, line + b"\n", line + b" a comment of words\n"):
            assert ssh.read_public_line(raw) == key
    assert ssh.public_line(KEY).startswith("sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29t")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"ssh-ed25519",
        b"ssh-ed25519 ",
        b"ssh-ed25519 ****",
        b"ssh-ed25519 \xff\xfe",
        b"ssh-ed25519 " + base64.b64encode(KEY),
        b"sk-ssh-ed25519@openssh.com " + base64.b64encode(string(b"ssh-ed25519") + string(PLAIN)),
        b"ssh-rsa " + base64.b64encode(string(b"ssh-rsa") + string(b"x")),
        ssh.public_line(KEY).encode() + b"\n" + ssh.public_line(KEY).encode(),
        b"ssh-ed25519 " + b"A" * (300 << 10),
    ],
)
def test_a_line_that_is_no_key_is_refused(raw: bytes) -> None:
    with pytest.raises(FormatError, match="SSH"):
        ssh.read_public_line(raw)


def test_allowed_signers_let_a_security_key_sign_files_and_envelopes_and_a_plain_one_files_alone() -> None:
    lines = ssh.allowed_signers([ssh.AllowedSigner(principal="investigator", public_key=one) for one in (KEY, PLAIN)])
    first, second = lines.decode().splitlines()
    assert first == f'investigator namespaces="archiver,archiver-dsse" {ssh.public_line(KEY)}'
    assert second == f'investigator namespaces="archiver" {ssh.public_line(PLAIN)}'


def test_a_signature_by_a_security_key_comes_back_in_armor_and_without() -> None:
    assert ssh.decode_signature(ssh.encode_signature(KEY, SIGNATURE)) == (KEY, SIGNATURE, "archiver")
    blob = ssh.signature_blob(KEY, SIGNATURE, namespace="archiver-dsse")
    assert ssh.read_signature_blob(blob) == (KEY, SIGNATURE, "archiver-dsse")


GOOD = ssh.signature_blob(KEY, SIGNATURE)
BAD = [
    GOOD[:-1],
    GOOD + b"\0",
    b"",
    GOOD.replace(b"sha512", b"sha256"),
    GOOD.replace(b"\0\0\0\x01", b"\0\0\0\x02", 1),
    ssh.signature_blob(KEY, SIGNATURE[:-5]),
    ssh.signature_blob(KEY, SIGNATURE + b"\0"),
    ssh.signature_blob(PLAIN, SIGNATURE),
    # a signature of the one kind under a key of the other
    ssh.signature_blob(PLAIN, b"s" * 64).replace(string(string(b"ssh-ed25519") + string(PLAIN)), string(KEY)),
    GOOD.replace(string(KEY), string(string(b"ssh-ed25519") + string(RAW))),
    GOOD.replace(string(KEY), string(string(b"ssh-rsa") + string(RAW))),
]


@pytest.mark.parametrize("blob", BAD)
def test_a_signature_that_is_cut_or_longer_or_of_another_kind_is_refused(blob: bytes) -> None:
    assert len(set(BAD)) == len(BAD)
    with pytest.raises(FormatError, match=r"SSH|security key"):
        ssh.read_signature_blob(blob)


APPLICATIONS = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=40).map(lambda one: f"ssh:{one}")


@given(raw=st.binary(min_size=32, max_size=32), application=APPLICATIONS)
def test_any_security_key_comes_back(raw: bytes, application: str) -> None:
    one = SecurityKey(raw=raw, application=application)
    assert security_key.decode_key(security_key.encode_key(one)) == one
    assert ssh.read_public_line(ssh.public_line(security_key.encode_key(one)).encode()) == security_key.encode_key(one)


@given(at=st.integers(0, 300), change=st.integers(1, 255), cut=st.integers(0, 40))
def test_a_changed_blob_is_another_signature_or_refused(at: int, change: int, cut: int) -> None:
    raw = bytearray(GOOD[: len(GOOD) - cut])
    raw[at % len(raw)] ^= change
    try:
        public, signature, namespace = ssh.read_signature_blob(bytes(raw))
    except FormatError:
        return
    assert ssh.signature_blob(public, signature, namespace=namespace) == bytes(raw) != GOOD


@given(raw=st.binary(max_size=300), before=st.sampled_from([b"", string(KIND), GOOD[:10], GOOD[:90], b"ssh-ed25519 "]))
def test_any_bytes_are_a_key_a_signature_or_a_format_error(raw: bytes, before: bytes) -> None:
    for read in (
        security_key.decode_key,
        security_key.decode_signature,
        ssh.read_signature_blob,
        ssh.read_public_line,
        lambda one: ssh.read_signed(one, public_key=KEY),
        lambda one: ssh.read_signed(b"\x0e" + string(one), public_key=KEY),
    ):
        try:
            found = read(before + raw)
        except FormatError:
            continue
        assert isinstance(found, bytes | tuple | SecurityKey | DeviceSignature)


def test_an_agent_tells_its_security_keys_and_one_made_for_a_web_site_hides_no_other() -> None:
    web = string(KIND) + string(RAW) + string(b"bank.example")
    listed = b"\x0c\0\0\0\x02" + string(web) + string(b"web") + string(KEY) + string(b"mine")
    assert ssh.read_identities(listed) == ((KEY, "mine"),)
    signed = string(KIND) + string(SIGNATURE[:64]) + SIGNATURE[64:]
    assert ssh.read_signed(b"\x0e" + string(signed), public_key=KEY) == SIGNATURE
    for answer in (string(signed) + b"x", string(signed[:-1]), string(string(b"ssh-ed25519") + string(b"s" * 64))):
        with pytest.raises(FormatError, match="SSH agent"):
            ssh.read_signed(b"\x0e" + answer, public_key=KEY)
