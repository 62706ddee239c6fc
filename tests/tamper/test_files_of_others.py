"""WARC files by themselves: random shapes raise no alarm; a flipped byte is told wherever anything covers it."""

import random
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archiver.model.report import Check, Verdict
from archiver.verify.warc import check_warc
from tests.support.warcs import digest, fields, packed, record, response, whole

SEEDS = (1, 2, 3)


def bad(content: bytes) -> list[Check]:
    return [one for one in check_warc(BytesIO(content), subject="a") if one.verdict is not Verdict.PASS]


def flipped(content: bytes, at: int, bit: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 1 << bit]) + content[at + 1 :]


def in_gzip_head(content: bytes, at: int) -> bool:
    """Say whether a byte is one of the seven of a gzip member's head that say nothing about its content."""
    begins = content.rfind(b"\x1f\x8b\x08", 0, at + 1)
    return begins >= 0 and 3 <= at - begins <= 9


@pytest.mark.parametrize("seed", SEEDS)
def test_a_hundred_flipped_bytes_of_a_gzip_warc_are_all_told_but_for_times_in_gzip_s_own_heads(seed: int) -> None:
    content = packed(whole(4))
    assert bad(content) == []
    rng = random.Random(seed)
    for _ in range(100):
        at, bit = rng.randrange(len(content)), rng.randrange(8)
        if not in_gzip_head(content, at):
            assert bad(flipped(content, at, bit)), (seed, at, bit)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_hundred_flipped_bytes_of_a_plain_warc_are_all_told_but_for_words_of_heads(seed: int) -> None:
    records = whole(4)
    content = b"".join(records)
    rng = random.Random(seed)
    blocks = [at for at in range(len(content)) if _in_block(records, at)]
    for _ in range(100):
        at, bit = rng.choice(blocks), rng.randrange(8)
        assert bad(flipped(content, at, bit)), (seed, at, bit)


def _in_block(records: list[bytes], at: int) -> bool:
    """Say whether a byte lies in a record's block or in what ends it: what digests and form cover."""
    for one in records:
        if at < len(one):
            return at >= one.index(b"\r\n\r\n") + 2
        at -= len(one)
    raise AssertionError("beyond the end")


@st.composite
def clean(draw: st.DrawFn) -> bytes:
    """Give a file of any shape that keeps the standard."""
    records = []
    for number in range(1, draw(st.integers(1, 8)) + 1):
        body = draw(st.binary(max_size=300)) * draw(st.sampled_from((1, 1, 1, 500)))
        kind = draw(st.sampled_from(("response", "resource", "metadata", "request", "conversion")))
        base, algorithm = (
            draw(st.sampled_from((16, 32, 64))),
            draw(st.sampled_from(("sha1", "sha256", "sha512", "md5"))),
        )
        if kind == "response":
            records.append(response(body, number))
        else:
            given_fields = fields(
                kind, number, Content_Type="text/plain", WARC_Block_Digest=digest(body, algorithm, base)
            )
            records.append(record(given_fields, body, version=draw(st.sampled_from(("1.0", "1.1")))))
    return draw(st.sampled_from((packed, b"".join)))(records)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(clean())
def test_two_hundred_clean_files_of_random_shapes_raise_no_alarm(content: bytes) -> None:
    assert bad(content) == []
