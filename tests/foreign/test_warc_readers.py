"""Readers that know nothing of each other accept the WARCs of a site and of real pages, and find every body there."""

from collections import Counter
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType
from warcio.archiveiterator import ArchiveIterator as WarcioIterator
from warcio.checker import Checker

from archiver.formats.warc import read_records
from tests.foreign.conftest import Kept

pytestmark = pytest.mark.browser


def payloads(path: Path) -> list[tuple[str, int, bytes, bool]]:
    """Give URL, status, body (decoded) and whether it was cut off, of each response, as warcio reads them."""
    found = []
    with path.open("rb") as file:
        for record in WarcioIterator(file):
            if record.rec_type == "response":
                url = record.rec_headers.get_header("WARC-Target-URI")
                status = int(record.http_headers.get_statuscode())
                cut = record.rec_headers.get_header("WARC-Truncated") is not None
                found.append((url, status, record.content_stream().read(), cut))
    return found


def test_our_strict_reader_accepts_every_warc(kept: Kept) -> None:
    with kept.warc.open("rb") as file:
        records = list(read_records(file))
    assert {one.digest_problem for one in records} == {""}
    facts = kept.taken.attempt.warc
    assert facts is not None
    assert facts.records == len(records)
    kinds = Counter(one.type for one in records)
    assert kinds["response"] == kinds["request"] == facts.exchanges > 0


def test_warcio_check_accepts_every_warc(kept: Kept, capsys: pytest.CaptureFixture[str]) -> None:
    class Command:
        """What `warcio check --verbose FILE` passes on."""

        inputs = (str(kept.warc),)
        verbose = True

    checker = Checker(Command())
    checker.process_all()
    told = capsys.readouterr().out
    assert checker.exit_value == 0, told
    assert "digest pass" in told
    assert "failed" not in told


def test_fastwarc_accepts_every_warc(kept: Kept) -> None:
    facts = kept.taken.attempt.warc
    assert facts is not None
    with kept.warc.open("rb") as file:
        blocks = [one.verify_block_digest() for one in ArchiveIterator(file, parse_http=False, strict_mode=True)]
    assert blocks == [True] * facts.records
    with kept.warc.open("rb") as file:
        responses = ArchiveIterator(file, parse_http=True, record_types=WarcRecordType.response)
        assert [one.verify_payload_digest() for one in responses] == [True] * facts.exchanges


def test_every_body_is_in_the_warc_as_the_site_sent_it_and_none_is_empty(kept: Kept) -> None:
    found = payloads(kept.warc)
    of_site = [(url, status, body, cut) for url, status, body, cut in found if url in kept.sent]
    assert of_site == found, "the WARC holds exchanges with others"
    assert any(url == kept.url for url, _, _, _ in of_site)
    for url, status, body, cut in of_site:
        assert not cut or status // 100 == 3, url
        assert body == kept.sent[url], url
        assert body or not kept.sent[url], f"{url}: 0 bytes kept, {len(kept.sent[url])} sent"
