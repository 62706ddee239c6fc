"""The document of a direct fetch is a file by itself: decoded where it was encoded, bounded, never guessed."""

import gzip
import zlib
from pathlib import Path

import pytest

from archiver.capture.document import document
from archiver.capture.exchange import Exchange, Headers
from archiver.model.errors import StoreError
from archiver.model.instant import Instant


def exchange(body: Path | None, *headers: tuple[str, str]) -> Exchange:
    fields: Headers = headers
    return Exchange(
        url="https://news.example/file",
        method="GET",
        request_headers=(),
        status=200,
        status_text="OK",
        headers=fields,
        started_at=Instant(0),
        resource_type="Document",
        body=body,
        body_form="wire",
        how="requests",
    )


@pytest.fixture
def body(tmp_path: Path) -> Path:
    return tmp_path / "direct-00"


@pytest.mark.parametrize(
    ("media_type", "name"),
    [
        ("application/pdf", "document.pdf"),
        ("Image/JPEG; q=1", "document.jpg"),
        ("application/x-unheard-of", "document.bin"),
        ("", "document.bin"),
    ],
)
def test_its_name_follows_from_the_media_type(body: Path, tmp_path: Path, media_type: str, name: str) -> None:
    body.write_bytes(b"content")
    found = document(exchange(body, ("Content-Type", media_type)), scratch=tmp_path, max_bytes=100)

    assert found is not None
    assert (found.name, found.path.read_bytes()) == (name, b"content")


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [("gzip", gzip.compress(b"plain" * 9)), ("deflate", zlib.compress(b"plain" * 9)), ("identity", b"plain" * 9)],
)
def test_its_encoding_is_undone(body: Path, tmp_path: Path, encoding: str, packed: bytes) -> None:
    body.write_bytes(packed)
    found = document(exchange(body, ("content-encoding", encoding)), scratch=tmp_path, max_bytes=100)

    assert found is not None
    assert found.path.read_bytes() == b"plain" * 9


@pytest.mark.parametrize(
    ("encoding", "content"),
    [
        ("br", b"anything"),
        ("gzip", b"no gzip at all"),
        ("gzip", gzip.compress(bytes(10_000_000))),
        ("identity", bytes(101)),
    ],
)
def test_what_cannot_be_decoded_or_is_too_large_is_left_to_the_warc(
    body: Path, tmp_path: Path, encoding: str, content: bytes
) -> None:
    body.write_bytes(content)
    assert document(exchange(body, ("content-encoding", encoding)), scratch=tmp_path, max_bytes=100) is None


def test_without_a_body_there_is_no_document(tmp_path: Path) -> None:
    assert document(exchange(None), scratch=tmp_path, max_bytes=100) is None


def test_a_disk_that_refuses_is_a_store_error(body: Path, tmp_path: Path) -> None:
    body.write_bytes(b"content")
    (tmp_path / "document.bin").mkdir()

    with pytest.raises(StoreError, match=r"document\.bin: could not be written"):
        document(exchange(body), scratch=tmp_path, max_bytes=100)
