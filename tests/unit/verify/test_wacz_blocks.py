"""The second index of a WACZ file: each line has to point at the block that it names."""

import gzip
import json
import zipfile
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archiver.model.report import Verdict
from archiver.verify.wacz import check_wacz
from archiver.verify.wacz_signed import WaczTrust
from tests.support.waczs import complete, inner_files, sha256, zipped
from tests.support.warcs import digest, fields, record, response, whole

LINES = [f"org,example)/{number:02d} 20261124100000 {{}}\n" for number in range(6)]


def second(blocks: list[bytes], *, meta: bool = True, **changes: object) -> bytes:
    """Give the second index over these blocks; changes are of its last line's JSON, None leaves a field out."""
    offset, lines = 0, ['!meta 0 {"format": "cdxj-gzip-1.0", "filename": "index.cdx.gz"}'] if meta else []
    for number, block in enumerate(blocks):
        told: dict[str, object] = {"offset": offset, "length": len(block), "digest": sha256(block)}
        if number == len(blocks) - 1:
            told = {key: value for key, value in {**told, **changes}.items() if value is not None}
        key = " ".join(LINES[number * 3].split(" ")[:2])
        lines.append(f"{key} {json.dumps(told)}")
        offset += len(block)
    return "".join(f"{line}\n" for line in lines).encode()


BLOCKS = [gzip.compress("".join(LINES[at : at + 3]).encode(), mtime=0) for at in (0, 3)]


def told(idx: bytes, cdx: bytes | None = None) -> list[str]:
    """Give what is told of the second index in a WACZ file that is whole besides."""
    files = {**inner_files(), "indexes/index.idx": idx}
    if cdx is not None:
        files["indexes/index.cdx.gz"] = cdx
    checks = check_wacz(BytesIO(zipped(complete(files))), subject="a", trust=WaczTrust())
    return [
        one.reason for one in checks if one.id == "wacz-index" and ".idx" in one.subject and one.verdict is Verdict.FAIL
    ]


def test_lines_that_point_at_their_blocks_pass_with_and_without_digests() -> None:
    assert told(second(BLOCKS), b"".join(BLOCKS)) == []
    assert told(second(BLOCKS, digest=None), b"".join(BLOCKS)) == []
    named = second(BLOCKS[:1], filename="index.cdx.gz", meta=False)
    assert told(named, BLOCKS[0]) == []


@pytest.mark.parametrize(
    ("idx", "why"),
    [
        (second(BLOCKS, offset=0, length=len(BLOCKS[0]), digest=None), "begins with"),
        (second(BLOCKS, offset=5, digest=None), "no block begins at byte 5"),
        (second(BLOCKS, offset=-1, digest=None), "no "),
        (second(BLOCKS, offset=10_000), "no "),
        (second(BLOCKS, length=5, digest=None), "is not 5 bytes long"),
        (second(BLOCKS, length=0), "with offset and length"),
        (second(BLOCKS, length=None), "with offset and length"),
        (second(BLOCKS, digest=sha256(b"x")), "has the digest"),
        (second(BLOCKS, filename="other.cdx.gz"), "which is not there"),
        (second(BLOCKS, meta=False), "which is not there"),
        (b"!meta 0 []\norg,example)/ 20261124100000 [1]\n", "not JSON"),
        (b"no JSON at all\n", "not JSON"),
        (b"", "without a line"),
        (b"\xff\n", "not UTF-8"),
    ],
)
def test_a_line_that_points_elsewhere_is_told(idx: bytes, why: str) -> None:
    found = told(idx, b"".join(BLOCKS))
    assert any(why in one for one in found), found


def test_two_blocks_under_one_line_are_told() -> None:
    assert any("bytes long" in one for one in told(second([b"".join(BLOCKS)], digest=None), b"".join(BLOCKS)))


def test_a_long_block_is_followed_to_its_end() -> None:
    block = gzip.compress("".join(LINES).encode() + b"x" * (3 << 20), mtime=0)
    assert told(second([block]), block) == []


def test_a_second_index_that_is_damaged_in_the_zip_is_told() -> None:
    files = complete({**inner_files(), "indexes/index.idx": second(BLOCKS), "indexes/index.cdx.gz": b"".join(BLOCKS)})
    content = zipped(files, method=zipfile.ZIP_DEFLATED)
    begin = content.index(b"indexes/index.idx") + len("indexes/index.idx")
    damaged = content[:begin] + bytes(20) + content[begin + 20 :]
    checks = list(check_wacz(BytesIO(damaged), subject="a", trust=WaczTrust()))
    assert any(one.id == "wacz-index" and ".idx" in one.subject and one.verdict is Verdict.FAIL for one in checks)


@st.composite
def clean(draw: st.DrawFn) -> dict[str, bytes]:
    """Give the files of a WACZ of any shape that keeps the standard."""
    records = whole(1)[:1]
    for number in range(2, draw(st.integers(3, 7))):
        body = draw(st.binary(max_size=200))
        kind = draw(st.sampled_from(("response", "resource")))
        given_fields = fields(kind, number, Content_Type="x/y", WARC_Block_Digest=digest(body))
        records.append(response(body, number) if kind == "response" else record(given_fields, body))
    files = inner_files(records)
    for number in range(draw(st.integers(0, 3))):
        files[f"logs/{number}-{draw(st.sampled_from(('a', 'ب', 'x y')))}.log"] = draw(st.binary(max_size=50))
    return files


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(clean(), st.booleans(), st.sampled_from((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)))
def test_whole_wacz_files_of_random_shapes_raise_no_alarm_and_a_changed_file_always_does(
    files: dict[str, bytes],
    signed: bool,  # noqa: FBT001 - drawn by hypothesis
    method: int,
) -> None:
    made = complete(files)
    if not signed:
        made.pop("datapackage-digest.json")
    checks = list(check_wacz(BytesIO(zipped(made, method=method)), subject="a", trust=WaczTrust(embedded=True)))
    assert [one for one in checks if one.verdict is Verdict.FAIL] == []
    for path, content in files.items():
        changed = {**made, path: content + b"\n"}
        found = check_wacz(BytesIO(zipped(changed, method=method)), subject="a", trust=WaczTrust(embedded=True))
        assert any(one.id == "wacz-hash" and one.verdict is Verdict.FAIL for one in found), path
