import contextlib
import gzip
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest

from archiver.formats.warc import Head, WarcWriter, json_bytes, read_records
from archiver.model.errors import FormatError
from archiver.model.instant import Instant

AT = Instant.parse("2026-11-24T10:00:00.123456Z")
URL = "https://example.org/a?b"


def ids() -> Iterator[str]:
    yield from (f"<urn:uuid:00000000-0000-4000-8000-{number:012d}>" for number in range(100))


def made(*, body: bytes = b"hello") -> bytes:
    out = BytesIO()
    numbers = ids()
    warc = WarcWriter(out, new_id=lambda: next(numbers))
    warc.info({"software": "test"}, at=AT, filename="x.warc.gz")
    head = Head(start_line="HTTP/1.1 200 OK", headers=[("Set-Cookie", "a"), ("Set-Cookie", "b")])
    main = warc.response(
        URL, head, at=AT, body=BytesIO(body), size_bytes=len(body), extra=[("WARC-IP-Address", "192.0.2.1")]
    )
    request = Head(start_line="POST /a?b HTTP/1.1", headers=[("Host", "example.org")])
    warc.request(URL, request, at=AT, body=b"\x00\xff", concurrent_to=main)
    warc.metadata(URL, "application/json", json_bytes({"a": "ب"}), at=AT, concurrent_to=main)
    warc.metadata(URL, "application/json", b"{}", at=AT)
    warc.resource(f"urn:view:{URL}", "image/png", BytesIO(b"png"), size_bytes=3, at=AT)
    assert warc.count == 6
    return out.getvalue()


def test_each_record_is_a_gzip_member_with_version_date_and_digests() -> None:
    text = gzip.decompress(made())
    assert text.count(b"WARC/1.1\r\n") == 6
    assert text.count(b"WARC-Date: 2026-11-24T10:00:00.123456Z\r\n") == 6
    assert text.count(b"WARC-Block-Digest: sha256:") == 6
    assert text.count(b"WARC-Payload-Digest: sha256:") == 3  # response, request, resource; never metadata
    assert b"Set-Cookie: a\r\nSet-Cookie: b\r\n" in text
    assert b"POST /a?b HTTP/1.1\r\nHost: example.org\r\n\r\n\x00\xff" in text
    assert made().count(b"\x1f\x8b\x08") >= 6


@pytest.mark.parametrize(
    ("media_type", "stored"),
    [
        ("image/png", True),
        ("IMAGE/JPEG; q=1", True),
        ("font/woff2", True),
        ("application/zip", True),
        ("image/svg+xml", False),
        ("image/pngx", False),
        ("text/html", False),
        (None, False),
    ],
)
def test_what_is_compressed_by_its_own_format_is_stored_and_all_else_compressed(
    media_type: str | None, *, stored: bool
) -> None:
    out, body = BytesIO(), b"a line that could be pressed together. " * 500
    warc = WarcWriter(out, new_id=lambda: "<urn:uuid:00000000-0000-4000-8000-000000000001>")
    headers = [("Content-Type", media_type)] if media_type else []
    head = Head(start_line="HTTP/1.1 200 OK", headers=headers)
    warc.response(URL, head, at=AT, body=BytesIO(body), size_bytes=len(body))
    assert (body in out.getvalue()) is stored
    assert gzip.decompress(out.getvalue()).endswith(body + b"\r\n\r\n")
    assert [one.digest_problem for one in read_records(BytesIO(out.getvalue()))] == [""]


def test_a_screenshot_is_stored_as_it_is() -> None:
    assert b"\r\n\r\npng\r\n\r\n" in made()


def test_equal_records_give_equal_bytes() -> None:
    assert made() == made()


def test_what_is_written_is_read_with_every_digest_in_order() -> None:
    found = list(read_records(BytesIO(made())))
    assert [one.type for one in found] == ["warcinfo", "response", "request", "metadata", "metadata", "resource"]
    assert {one.digest_problem for one in found} == {""}
    assert found[0].target_uri is None
    assert found[1].target_uri == URL
    assert [one.offset for one in found] == sorted({one.offset for one in found})


def test_warcio_check_accepts_it(tmp_path: Path) -> None:
    path = tmp_path / "x.warc.gz"
    path.write_bytes(made(body=b"x" * 3_000_000))
    program = Path(sys.executable).parent / "warcio"
    done = subprocess.run([program, "check", "-v", path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("digest pass") == 6


def plain(raw: bytes, *changes: tuple[bytes, bytes]) -> BytesIO:
    """Give the file with something changed inside and packed again: gzip's own checksum does not tell."""
    text = gzip.decompress(raw)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    records = [b"WARC/1.1\r\n" + one for one in text.split(b"WARC/1.1\r\n")[1:]]
    return BytesIO(b"".join(gzip.compress(one, mtime=0) for one in records))


CHANGED = {
    "a payload": ((b"hello", b"jello"), "its bytes give"),
    "a digest left out": ((b"WARC-Block-Digest", b"WARC-Block-Digits"), "has no WARC-Block-Digest"),
    "a length and nothing else": ((b"Content-Length: 16\r\n", b"Content-Length: 016\r\n"), "Content-Length says 016"),
}


@pytest.mark.parametrize("name", CHANGED)
def test_a_changed_record_is_told(name: str) -> None:
    change, told = CHANGED[name]
    problems = [one.digest_problem for one in read_records(plain(made(), change))]
    assert any(told in one for one in problems)


def test_a_length_that_is_not_that_of_the_block_is_told() -> None:
    text = gzip.decompress(made()).replace(b"hello\r\n\r\n", b"hello")
    with pytest.raises(FormatError):
        list(read_records(BytesIO(gzip.compress(text[:-10], mtime=0))))


BROKEN: dict[str, Callable[[bytes], bytes]] = {
    "cut": lambda raw: raw[:-5],
    "cut to the first bytes": lambda raw: raw[:3],
    "bytes after the end": lambda raw: raw + b"xx",
    "a flipped byte": lambda raw: raw[:120] + bytes([raw[120] ^ 1]) + raw[121:],
    "no gzip": gzip.decompress,
    "no WARC": lambda _: gzip.compress(b"hello", mtime=0),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_is_not_whole_is_refused(name: str) -> None:
    with pytest.raises(FormatError):
        list(read_records(BytesIO(BROKEN[name](made()))))


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = gzip.compress(b"\x00" * 30_000_000)
    assert len(bomb) < 100_000
    with pytest.raises(FormatError, match="more than 1000000 bytes"):
        list(read_records(BytesIO(bomb), limit_bytes=1_000_000))


def test_an_empty_file_has_no_records() -> None:
    assert list(read_records(BytesIO(b""))) == []


def test_a_record_larger_than_what_is_read_at_once_is_read_whole() -> None:
    body = bytes(random.Random(1).randbytes(3_000_000))
    found = list(read_records(BytesIO(made(body=body))))
    assert {one.digest_problem for one in found} == {""}
    assert found[1].size_bytes > 3_000_000


HEAD = b"WARC/1.1\r\nWARC-Type: resource\r\n"
UNFIT = {
    "a line without end": (HEAD + b"A" * (5 << 20), "head is longer than"),
    "a head without end": (HEAD + b"A: b\r\n" * (1 << 20), "head is longer than"),
    "no head": (b"\r\n\r\n" + HEAD + b"\r\n", "does not begin with the head"),
    "nothing": (b"", "does not begin with the head"),
    "half a head": (HEAD, "does not begin with the head"),
}


@pytest.mark.parametrize("name", UNFIT)
def test_a_member_that_is_no_record_is_refused_before_it_is_held_in_memory(name: str) -> None:
    content, told = UNFIT[name]
    with pytest.raises(FormatError, match=told):
        list(read_records(BytesIO(gzip.compress(content))))


def test_the_reader_itself_prints_nothing_about_a_damaged_record(capfd: pytest.CaptureFixture[str]) -> None:
    damaged = plain(made(), (b"hello", b"hello, longer than it says"))
    with contextlib.suppress(FormatError):
        list(read_records(damaged))
    shown = capfd.readouterr()
    assert (shown.out, shown.err) == ("", "")
