"""The request of the tlog-witness page, and each way not to be one."""

import pytest

from archiver.formats import add_checkpoint
from archiver.model.errors import FormatError

EXAMPLE = """\
old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

\u2014 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
\u2014 example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=
""".encode()  # noqa: E501 - the example as the page has it


def test_the_example_of_the_specification_is_read_and_written_to_the_same_bytes() -> None:
    found = add_checkpoint.decode(EXAMPLE)
    assert (found.old_size, len(found.proof), len(found.checkpoint.signatures)) == (20852014, 4, 2)
    assert add_checkpoint.encode(found) == EXAMPLE


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        EXAMPLE.replace(b"\n\n", b"\n"),
        EXAMPLE.replace(b"old 2", b"old 02"),
        EXAMPLE.replace(b"old", b"new"),
        EXAMPLE.replace(b"Pl", "é".encode(), 1),
        EXAMPLE.replace(b"PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=", b"AAAA"),
        EXAMPLE.replace(b"PlRN", b"P!RN"),
        EXAMPLE.replace(b"\n/6W", b"\n" + b"/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=\n" * 60 + b"/6W"),
        EXAMPLE + b"x" * (200 << 10),
    ],
)
def test_another_request_is_refused(raw: bytes) -> None:
    with pytest.raises(FormatError):
        add_checkpoint.decode(raw)
