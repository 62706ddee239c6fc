import pytest

from archiver.formats.renewed import decode_list, encode_list
from archiver.model.errors import FormatError

ONE = {"archive/a.tsr": "a" * 128, "manifests/case-1/ledger/checkpoints/3": "b" * 128}


def test_a_list_comes_back_and_is_what_sha512sum_reads() -> None:
    assert decode_list(encode_list(ONE)) == ONE
    assert encode_list(ONE).startswith(b"a" * 128 + b"  archive/a.tsr\n")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\n",
        encode_list(ONE)[:-1],
        encode_list(ONE)[150:] + encode_list(ONE)[:150],
        b"a" * 128 + b" *x\n",
        b"a" * 128 + b"  ../x\n",
        "é\n".encode(),
        encode_list({f"a{number}": "a" * 128 for number in range(600)}),
    ],
)
def test_another_list_is_refused(raw: bytes) -> None:
    with pytest.raises(FormatError, match="list of a renewal"):
        decode_list(raw)
