"""An index points at each record that replayers look up, and refuses a WARC whose records no index can point at."""

import gzip
import json
from io import BytesIO

import pytest

from archiver.formats.warc_index import cdxj, cdxj_line, index, merged
from archiver.model.errors import FormatError
from tests.support.warcs import digest, fields, packed, record, response, whole


def test_each_record_is_where_the_index_says() -> None:
    raw = packed([*whole(2), record(fields("request", 9), b"GET / HTTP/1.1\r\n\r\n")])
    found = list(index(BytesIO(raw)))
    assert len(found) == 2
    for one in found:
        content = gzip.decompress(raw[one.offset : one.offset + one.length])
        assert content.startswith(b"WARC/1.1\r\n")
        assert b"WARC-Type: response" in content
        assert one.record_id.encode() in content
    assert {(one.url, one.status, one.media_type) for one in found} == {("https://example.org/", 200, "text/html")}


def test_a_line_has_key_time_and_the_fields_that_replayers_read() -> None:
    [one] = index(BytesIO(packed([response(b"hello")])))
    key, time, rest = cdxj_line(one, filename="a.warc.gz").split(" ", 2)
    assert (key, time) == ("org,example)/", "20261124100000")
    assert json.loads(rest) == {
        "url": "https://example.org/",
        "digest": digest(b"hello"),
        "mime": "text/html",
        "offset": 0,
        "length": one.length,
        "status": 200,
        "filename": "a.warc.gz",
    }


@pytest.mark.parametrize(
    ("given", "block", "expected"),
    [
        (fields("resource", 2, Content_Type="image/png"), b"x", ("image/png", 200)),
        (fields("metadata", 2, Content_Type="application/json"), b"{}", ("application/json", 200)),
        (fields("metadata", 2, Content_Type="application/warc-fields"), b"", None),
        (fields("revisit", 2), b"HTTP/1.1 304 Not Modified\r\n\r\n", ("warc/revisit", 304)),
        (fields("response", 2), b"no head", ("", 200)),
        (fields("response", 2), b"HTTP/2 404\r\ncontent-type: Text/HTML; charset=x\r\n\r\n", ("text/html", 404)),
    ],
)
def test_what_is_indexed(given: list[tuple[str, str]], block: bytes, expected: tuple[str, int] | None) -> None:
    found = [(one.media_type, one.status) for one in index(BytesIO(packed([record(given, block)])))]
    assert found == ([expected] if expected else [])


def test_a_record_of_more_than_one_block_is_followed() -> None:
    large = response(b"x" * 300_000, 2)
    assert len(list(index(BytesIO(packed([large, response(b"y", 3)]))))) == 2


def test_lines_are_sorted_and_indexes_merged() -> None:
    assert cdxj(["b 2\n", "a 1\n"]) == b"a 1\nb 2\n"
    assert merged([b"a 1\nc 3\n", b"b 2\n"]) == b"a 1\nb 2\nc 3\n"


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(gzip.compress(b"".join(whole(2))), id="records that share a member"),
        pytest.param(b"".join(whole(2)), id="no gzip"),
        pytest.param(gzip.compress(response(b"x") + b"more"), id="bytes after a record"),
        pytest.param(
            packed([record(fields("response", 2, Content_Length="x"), b"").replace(b"Content-Length: 0\r\n", b"")]),
            id="no size",
        ),
    ],
)
def test_what_no_index_can_point_into_is_refused(raw: bytes) -> None:
    with pytest.raises(FormatError):
        list(index(BytesIO(raw)))
