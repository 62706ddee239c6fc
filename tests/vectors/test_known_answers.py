"""Answers that others published: RFC 8032 (Ed25519), Go's signed note (C2SP), RFC 8785's own numbers and strings."""

import pytest

from archiver.formats import canonical, note
from archiver.model.errors import FormatError
from archiver.proof.signature import Ed25519Signer, verifies, verify_note

RFC_8032 = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]
# The example of golang.org/x/mod/sumdb/note, which C2SP signed-note took over.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = """\
If you think cryptography is the answer to your problem,
then you don't know what your problem is.

\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
""".encode()


@pytest.mark.parametrize(("seed", "public", "message", "signature"), RFC_8032)
def test_the_keys_of_rfc_8032_sign_as_it_says(seed: str, public: str, message: str, signature: str) -> None:
    signer = Ed25519Signer.from_seed(bytes.fromhex(seed))
    assert signer.public_key.hex() == public
    assert signer.sign(bytes.fromhex(message)).hex() == signature
    assert verifies(bytes.fromhex(public), bytes.fromhex(signature), bytes.fromhex(message))


def test_the_note_of_the_specification_verifies_and_comes_back() -> None:
    found, key = note.decode(GO_NOTE), note.decode_vkey(GO_KEY)
    assert verify_note(found, key)
    assert note.encode(found) == GO_NOTE
    assert note.encode_vkey(key) == GO_KEY
    assert not verify_note(note.decode(GO_NOTE.replace(b"answer", b"anzwer")), key)


def test_strings_and_keys_are_ordered_and_escaped_as_rfc_8785_says() -> None:
    """Section 3.2.3: by UTF-16 code units; section 3.2.2.2: the control characters with short escapes."""
    value: canonical.JsonValue = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }
    raw = canonical.encode(value).decode()
    order = ["\\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
    assert [raw.index(f'"{key}":') for key in order] == sorted(raw.index(f'"{key}":') for key in order)
    assert canonical.encode('\u20ac$\u000f\nA\'B"\\\\"/') == '"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'.encode()


@pytest.mark.parametrize("raw", [b"333333333.33333329", b"1E30", b"4.50", b"2e-3", b"0.000000000000000000000000001"])
def test_the_floats_of_rfc_8785_are_refused(raw: bytes) -> None:
    with pytest.raises(FormatError, match="integers only"):
        canonical.decode(raw, what="x")
