"""A WARC file by itself: what is checked, what is told, and what is left open."""

from io import BytesIO

import pytest

from archiver.model.report import Check, Level, Verdict
from archiver.verify import warc
from tests.support.warcs import digest, fields, packed, record, response, whole
from tests.support.wire_kit import Response, make_warc


def checked(content: bytes, *, covered: bool = False) -> list[Check]:
    return list(warc.check_warc(BytesIO(content), subject="a.warc", covered=covered))


def told(checks: list[Check]) -> list[str]:
    """Give the whole report as text."""
    return [f"{one.verdict} L{one.level.value} {one.id} {one.subject}: {one.reason}" for one in checks]


def test_a_whole_file_passes_record_by_record_with_offsets() -> None:
    records = whole(1)
    assert told(checked(b"".join(records))) == [
        "PASS L1 warc-form a.warc: record 1 at byte 0 (warcinfo): ",
        "PASS L1 warc-digest a.warc: record 1 at byte 0 (warcinfo): ",
        f"PASS L1 warc-form a.warc: record 2 at byte {len(records[0])} (response): ",
        f"PASS L1 warc-digest a.warc: record 2 at byte {len(records[0])} (response): ",
        f"PASS L1 warc-payload a.warc: record 2 at byte {len(records[0])} (response): of the payload as stored",
        "PASS L0 warc-whole a.warc: 2 records, 72 bytes of blocks",
    ]


def test_what_we_write_ourselves_passes() -> None:
    content, facts = make_warc(1, (Response(body=b"<p>x"),), views={})
    checks = checked(content)
    assert {one.verdict for one in checks} == {Verdict.PASS}
    assert sum(one.id == "warc-digest" for one in checks) == facts.records


def test_a_record_without_digest_is_an_open_question_unless_the_file_is_covered() -> None:
    bare = record(fields("response", 1), b"x")
    only_payload = record(fields("resource", 2, WARC_Payload_Digest=digest(b"x")), b"x")
    verdicts = [one.verdict for one in checked(bare + only_payload) if one.id == "warc-digest"]
    assert verdicts == [Verdict.NOT_CHECKED] * 2
    assert not [one for one in checked(bare + only_payload, covered=True) if one.id == "warc-digest"]


def test_a_revisit_s_payload_is_found_in_a_record_before() -> None:
    first = response(b"x", 1)
    again = record(fields("revisit", 2, WARC_Payload_Digest=digest(b"x"), WARC_Block_Digest=digest(b"")), b"")
    found = [one for one in checked(first + again) if one.id == "warc-payload"]
    assert [one.verdict for one in found] == [Verdict.PASS] * 2
    assert found[1].reason == "of the payload of a record before"
    alone = [one for one in checked(again) if one.id == "warc-payload"]
    assert [one.verdict for one in alone] == [Verdict.NOT_CHECKED]
    assert not [one for one in checked(again, covered=True) if one.id == "warc-payload"]


def test_a_wrong_digest_fails_with_what_it_states_and_what_the_bytes_give() -> None:
    content = response(b"hello").replace(b"hello", b"jello")
    failed = [one for one in checked(content) if one.verdict is Verdict.FAIL]
    assert [one.id for one in failed] == ["warc-digest", "warc-payload"]
    assert "it states sha256:" in failed[0].reason
    assert "the bytes give sha256:" in failed[0].reason


def test_a_weak_digest_passes_and_is_told_as_not_proven() -> None:
    weak = record(fields("resource", 1, WARC_Block_Digest=digest(b"x", "sha1", 32)), b"x")
    checks = checked(weak)
    assert "weak" in next(one.reason for one in checks if one.id == "warc-digest")
    assert warc.WEAK_DIGESTS in warc.not_proven(tuple(checks))
    assert warc.WEAK_DIGESTS not in warc.not_proven(tuple(checked(b"".join(whole()))))


def test_a_file_that_cannot_be_followed_fails_and_what_was_read_is_told() -> None:
    checks = checked(packed(whole())[:-5])
    assert sum(one.id == "warc-form" for one in checks) == 4
    last = checks[-1]
    assert (last.id, last.verdict, last.level) == ("warc-whole", Verdict.FAIL, Level.FILES)
    assert "cut off" in last.reason


def test_a_file_of_many_faults_makes_a_report_of_bounded_length(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warc, "MOST_TOLD", 2)
    monkeypatch.setattr(warc, "_MOST_PASSED", 3)
    bad = record(fields("response", 1, WARC_Date=None), b"")
    checks = checked(bad * 6 + b"".join(whole(5)))
    forms = [one for one in checks if one.id == "warc-form"]
    assert [one.verdict for one in forms].count(Verdict.FAIL) == 2 + 1
    assert [one.reason for one in forms if "more records" in one.reason] == [
        "5 more records like those above",
        "2 more records like those above",
    ]


def test_hostile_text_in_a_record_is_shown_escaped() -> None:
    content = record(fields("response", 1, WARC_Target_URI="a b\u202e\x1b"), b"")
    reason = next(one.reason for one in checked(content) if one.verdict is Verdict.FAIL)
    assert "\u202e" not in reason
    assert "\x1b" not in reason
