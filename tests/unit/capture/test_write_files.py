"""What a capture leaves: the WARC first, each picture and text in it under a name of its own, the certificates last."""

from itertools import count
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from archiver.capture.exchange import Exchange, Recording, Security
from archiver.capture.write_files import write_files
from archiver.formats.warc import read_records
from archiver.model.errors import StoreError
from archiver.model.evidence import Piece, Role, WarcFacts
from archiver.model.instant import Instant
from tests.support.source_site import PNG, _self_signed

URL = "https://news.example/a"
KINDS = {
    "viewport.png": Role.SCREENSHOT_VIEWPORT,
    "full-01.png": Role.SCREENSHOT_FULL,
    "full-02.png": Role.SCREENSHOT_FULL,
    "element.png": Role.SCREENSHOT_ELEMENT,
    "after-01.png": Role.SCREENSHOT_AFTER,
    "after-02.png": Role.SCREENSHOT_AFTER,
    "element-after.png": Role.SCREENSHOT_ELEMENT,
    "text.txt": Role.TEXT,
    "text-after.txt": Role.TEXT,
    "dom.html": Role.DOM,
    "extra-post.json": Role.EXTRA,
}


def recording(folder: Path, chain: tuple[bytes, ...] = ()) -> Recording:
    body = folder / "body"
    body.write_bytes(b"<p>text")
    security = Security(protocol="TLS 1.3", cipher="AES_128_GCM") if chain else None
    main = Exchange(
        url=URL,
        method="GET",
        request_headers=(),
        status=200,
        status_text="OK",
        headers=(("Content-Type", "text/html"),),
        started_at=Instant(0),
        resource_type="Document",
        body_form="decoded",
        how="Fetch",
        body=body,
        body_size_bytes=7,
        is_main_document=True,
        security=security,
    )
    return Recording(exchanges=(main,), chains=(("https://news.example", chain),) if chain else ())


def pieces(folder: Path) -> list[Piece]:
    found = []
    for name, role in KINDS.items():
        (folder / name).write_bytes(PNG if name.endswith(".png") else name.encode())
        media_type = "image/png" if name.endswith(".png") else "text/plain"
        found.append(Piece(role=role, name=name, media_type=media_type, path=folder / name))
    return found


def written(folder: Path, what: Recording, files: list[Piece]) -> tuple[tuple[Piece, ...], WarcFacts]:
    numbers = count(1)
    return write_files(
        what,
        files,
        scratch=folder,
        page_url=URL,
        at=Instant(0),
        recorder="test",
        user_agent="Agent/1",
        new_id=lambda: f"<urn:uuid:00000000-0000-4000-8000-{next(numbers):012d}>",
    )


def test_every_picture_and_text_is_in_the_warc_under_a_name_of_its_own(tmp_path: Path) -> None:
    files = pieces(tmp_path)
    given, facts = written(tmp_path, recording(tmp_path), files)
    with given[0].path.open("rb") as file:
        records = list(read_records(file))
    views = [str(one.target_uri) for one in records if one.type == "resource"]

    assert given == (given[0], *files)
    assert (given[0].role, given[0].name, given[0].media_type) == (Role.WARC, "capture.warc.gz", "application/warc")
    assert len(views) == len(set(views)), "two of one name: a reader would be given one of them"
    kinds = {one.split(":")[1] for one in views}
    assert {"view", "fullPage", "element", "fullPageFinal", "elementFinal", "text", "textFinal"} <= kinds
    assert len([one for one in kinds if one.startswith("fullPage")]) == 4
    assert not {"dom", "extra"} & kinds
    assert facts.records == len(records)
    assert facts.main_record_id in {one.record_id for one in records}


def test_the_certificates_are_a_file_that_other_programs_read(tmp_path: Path) -> None:
    der = x509.load_pem_x509_certificate(_self_signed(tmp_path).read_bytes()).public_bytes(Encoding.DER)
    given, _ = written(tmp_path, recording(tmp_path, (der, der)), [])

    assert [(one.role, one.name) for one in given] == [
        (Role.WARC, "capture.warc.gz"),
        (Role.TLS_CHAIN, "tls-chain.pem"),
    ]
    loaded = x509.load_pem_x509_certificates(given[1].path.read_bytes())
    assert [one.public_bytes(Encoding.DER) for one in loaded] == [der, der]


def test_without_tls_there_are_no_certificates(tmp_path: Path) -> None:
    given, _ = written(tmp_path, recording(tmp_path), [])

    assert [one.role for one in given] == [Role.WARC]
    assert not (tmp_path / "tls-chain.pem").exists()


def test_a_disk_that_refuses_is_a_store_error(tmp_path: Path) -> None:
    what = recording(tmp_path)
    (tmp_path / "capture.warc.gz").mkdir()

    with pytest.raises(StoreError, match="could not be written to scratch space"):
        written(tmp_path, what, [])
