"""Three readers that know nothing of each other accept the WARC: warcio's own check, FastWARC, and ours."""

from collections import Counter

import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType
from warcio.checker import Checker

from archiver.formats.warc import read_records
from tests.unit.capture.wire.conftest import Captured

pytestmark = pytest.mark.browser


def test_our_strict_reader_accepts_the_warc(everything: Captured) -> None:
    with everything.path.open("rb") as file:
        records = list(read_records(file))
    assert {one.digest_problem for one in records} == {""}
    facts = everything.taken.attempt.warc
    assert facts is not None
    assert facts.records == len(records)
    kinds = Counter(one.type for one in records)
    assert kinds["response"] == kinds["request"] == facts.exchanges == len(everything.warc.exchanges)


def test_warcio_finds_no_fault_in_the_warc(everything: Captured, capsys: pytest.CaptureFixture[str]) -> None:
    class Command:
        """What `warcio check --verbose FILE` passes on."""

        inputs = (str(everything.path),)
        verbose = True

    checker = Checker(Command())
    checker.process_all()
    told = capsys.readouterr().out
    assert checker.exit_value == 0, told
    assert "digest pass" in told
    assert "failed" not in told


def test_fastwarc_finds_every_record_and_every_digest_right(everything: Captured) -> None:
    kinds: Counter[int] = Counter()
    with everything.path.open("rb") as file:
        for record in ArchiveIterator(file, parse_http=False, strict_mode=True):
            kinds[int(record.record_type)] += 1
            assert record.verify_block_digest(), record.headers
    assert kinds[int(WarcRecordType.response)] == len(everything.warc.exchanges)
    facts = everything.taken.attempt.warc
    assert facts is not None
    assert kinds.total() == facts.records


def test_fastwarc_finds_every_payload_digest_right(everything: Captured) -> None:
    with everything.path.open("rb") as file:
        for record in ArchiveIterator(file, parse_http=True, record_types=WarcRecordType.response):
            assert record.http_headers is not None
            assert record.verify_payload_digest(), record.headers
