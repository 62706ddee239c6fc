"""Records that others wrote: each one's place, and every way in which it can be wrong."""

import gzip
import random
from collections.abc import Callable
from io import BytesIO

import pytest

from archiver.formats import members as members_module
from archiver.formats.members import Members
from archiver.formats.warc_walk import LONGEST_HEAD, WalkedRecord, walk
from archiver.model.errors import FormatError
from tests.support.warcs import digest, fields, identity, packed, record, response, whole


def walked(content: bytes) -> list[WalkedRecord]:
    return list(walk(BytesIO(content)))


def only(content: bytes) -> WalkedRecord:
    (found,) = walked(content)
    return found


def until_broken(content: bytes) -> tuple[list[WalkedRecord], str]:
    found: list[WalkedRecord] = []
    try:
        for one in walk(BytesIO(content)):
            found.append(one)  # noqa: PERF402 - what came before it broke is kept
    except FormatError as error:
        return found, error.message
    return found, ""


@pytest.mark.parametrize("pack", [packed, b"".join], ids=["gzip", "plain"])
def test_a_whole_file_is_walked_from_the_first_byte_to_the_last(pack: object) -> None:
    assert callable(pack)
    content = pack(whole())
    found = walked(content)
    assert [one.type for one in found] == ["warcinfo", "response", "response", "response"]
    assert [one.problems + one.remarks for one in found] == [()] * 4
    assert [one.offset for one in found] == [0, *(one.end for one in found[:-1])]
    assert found[-1].end == len(content)
    assert all(one.addressable for one in found)
    assert {one.payload.by for one in found if one.payload} == {"the payload as stored"}
    assert all(one.block and not one.block.problem for one in found)


PROBLEMS: dict[str, tuple[bytes, str]] = {
    "another version": (record(fields("warcinfo", 1), b"", version="2.0"), "version 2.0 is none"),
    "no id": (record(fields("warcinfo", 1, WARC_Record_ID=None), b""), "warc-record-id is missing"),
    "no date": (record(fields("warcinfo", 1, WARC_Date=None), b""), "warc-date is missing"),
    "no type": (record(fields("warcinfo", 1, WARC_Type=None), b""), "warc-type is missing"),
    "no target": (record(fields("response", 1, WARC_Target_URI=None), b""), "a response record has it"),
    "no profile": (record(fields("revisit", 1, WARC_Profile=None), b""), "warc-profile is missing"),
    "no origin": (record(fields("continuation", 1, WARC_Segment_Origin_ID=None), b""), "segment-origin-id is missing"),
    "a target of a warcinfo": (record(fields("warcinfo", 1, WARC_Target_URI="a:b"), b""), "does not belong into"),
    "a file name of a response": (record(fields("response", 1, WARC_Filename="a"), b""), "does not belong into"),
    "an address of a conversion": (record(fields("conversion", 1, WARC_IP_Address="::1"), b""), "does not belong"),
    "a reference of a request": (record(fields("request", 1, WARC_Refers_To=identity(9)), b""), "does not belong"),
    "segment one of a continuation": (record(fields("continuation", 1, WARC_Segment_Number="1"), b""), "expected 2"),
    "segment two of a response": (record(fields("response", 1, WARC_Segment_Number="2"), b""), "expected 1 in the"),
    "an id that is none": (record(fields("warcinfo", 1, WARC_Record_ID="urn:uuid:1"), b""), "warc-record-id: not of"),
    "an id in it that is none": (record(fields("request", 1, WARC_Concurrent_To="x"), b""), "warc-concurrent-to: not"),
    "a date of no calendar": (record(fields("warcinfo", 1, WARC_Date="2026-02-30T00:00:00Z"), b""), "warc-date: not"),
    "a date without zone": (record(fields("warcinfo", 1, WARC_Date="2026-02-20T00:00:00"), b""), "warc-date: not"),
    "a 61st second": (record(fields("warcinfo", 1, WARC_Date="2026-02-20T00:00:61Z"), b""), "warc-date: not"),
    "an address that is none": (record(fields("response", 1, WARC_IP_Address="a.b"), b""), "warc-ip-address: not"),
    "a media type that is none": (record(fields("response", 1, Content_Type="gif"), b""), "content-type: not of its"),
    "a target that is no URI": (record(fields("response", 1, WARC_Target_URI="a b"), b""), "no URI"),
    "an empty field": (record(fields("response", 1, WARC_Truncated=""), b""), "warc-truncated is empty"),
    "a field twice": (record([*fields("warcinfo", 1), ("warc-DATE", "2026")], b""), "warc-date stands there twice"),
    "a field without colon": (record(fields("warcinfo", 1), b"").replace(b"Date:", b"Date"), "no named field"),
    "a name with a space": (record([*fields("warcinfo", 1), ("a b", "c")], b""), "no named field"),
    "a control character": (record([*fields("warcinfo", 1), ("a", "\x1b[1m")], b""), "control character"),
    "a lone CR": (record([*fields("warcinfo", 1), ("a", "b\rc")], b""), "control character"),
    "no UTF-8": (record([*fields("warcinfo", 1), ("a", "b")], b"").replace(b"a: b", b"a: \xc0\xaf"), "not UTF-8"),
    "LF alone": (record(fields("warcinfo", 1), b"").replace(b"\r\n", b"\n", 3), "ends in LF alone"),
    "a digest of no form": (record(fields("warcinfo", 1, WARC_Block_Digest="abc"), b""), "expected algorithm:value"),
}  # fmt: skip


@pytest.mark.parametrize("name", PROBLEMS)
def test_a_breach_of_the_standard_is_named(name: str) -> None:
    content, told = PROBLEMS[name]
    found = only(content)
    told_of = (*found.problems, found.block.problem if found.block else "")
    assert any(told in one for one in told_of), told_of
    assert not found.lost


REMARKS: dict[str, tuple[bytes, str]] = {
    "a draft": (record(fields("warcinfo", 1), b"", version="0.18"), "draft of the standard"),
    "a type of its own": (record(fields("unknown", 1), b""), "none of the standard's"),
    "no media type": (record(fields("response", 1, Content_Type=None), b"x"), "no Content-Type"),
    "a warcinfo of another type": (record(fields("warcinfo", 1, Content_Type="text/plain"), b"x"), "should be appl"),
    "brackets": (record(fields("response", 1, WARC_Target_URI="<a:b>"), b""), "angle brackets"),
    "a fraction in 1.0": (record(fields("warcinfo", 1, WARC_Date="2026"), b"", version="1.0"), "another precision"),
    "a payload digest of metadata": (
        record(fields("metadata", 1, WARC_Payload_Digest=digest(b"x")), b"x"),
        "warc-payload-digest does not belong into a metadata record",
    ),
    "a revisit with a block": (
        record(fields("revisit", 1, WARC_Profile="http://n/warc/1.1/revisit/identical-payload-digest"), b"x"),
        "without WARC-Truncated",
    ),
    "a revisit without digest": (
        record(fields("revisit", 1, WARC_Profile="http://n/warc/1.1/revisit/identical-payload-digest"), b""),
        "states none",
    ),
}


@pytest.mark.parametrize("name", REMARKS)
def test_a_habit_against_the_standard_is_named_and_is_no_breach(name: str) -> None:
    content, told = REMARKS[name]
    found = only(content)
    assert any(told in one for one in found.remarks), found.remarks
    assert found.problems == ()


@pytest.mark.parametrize(
    "date", ["2026", "2026-11", "2026-11-24", "2026-11-24T10:00Z", "2026-11-24T10:00:00.123456789Z"]
)
def test_every_precision_of_a_date_is_taken(date: str) -> None:
    assert only(record(fields("warcinfo", 1, WARC_Date=date), b"")).problems == ()


def test_a_field_that_goes_on_over_lines_is_read_whole() -> None:
    content = record(fields("warcinfo", 1), b"").replace(b"WARC-Date: ", b"WARC-Date:\r\n \t")
    found = only(content)
    assert (found.problems, found.date) == ((), "2026-11-24T10:00:00Z")
    assert "no named field" in only(content.replace(b"WARC-Type", b" WARC-Type")).problems[0]


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha224", "sha256", "sha384", "sha512", "blake2b"])
@pytest.mark.parametrize("base", [16, 32, 64])
def test_a_digest_by_each_algorithm_in_each_base_is_recomputed(algorithm: str, base: int) -> None:
    stated = digest(b"x", algorithm, base)
    good = only(record(fields("resource", 1, WARC_Block_Digest=stated), b"x"))
    assert good.block is not None
    assert (good.block.problem, good.block.unchecked) == ("", "")
    bad = only(record(fields("resource", 1, WARC_Block_Digest=stated), b"y"))
    assert bad.block is not None
    assert "the bytes give" in bad.block.problem


def test_an_algorithm_that_nobody_knows_is_not_checked() -> None:
    found = only(record(fields("resource", 1, WARC_Block_Digest="xxh3:abc", WARC_Payload_Digest="xxh3:abc"), b"x"))
    assert found.block is not None
    assert found.payload is not None
    assert "not known here" in found.block.unchecked
    assert "not known here" in found.payload.unchecked


@pytest.mark.parametrize(
    "stated", ["sha1:", "sha1", "sha1:abc", "sha1:" + "1" * 32, "sha1:" + "z" * 40, "sha1:" + "*" * 27]
)
def test_a_digest_that_is_no_digest_is_a_problem(stated: str) -> None:
    found = only(record(fields("resource", 1, WARC_Block_Digest=stated or "x"), b"x"))
    assert found.block is not None
    assert found.block.problem


CHUNKS = b"5;a=b\r\nhello\r\n6 \r\n world\r\n0\r\nTrailer: x\r\n\r\n"


def test_a_payload_digest_may_be_of_the_chunks_or_of_what_they_carry() -> None:
    for body, by in ((CHUNKS, "as stored"), (b"hello world", "without its chunked coding")):
        found = only(response(CHUNKS, chunked=True, WARC_Payload_Digest=digest(body)))
        assert found.payload is not None
        assert by in found.payload.by
    wrong = only(response(CHUNKS, chunked=True, WARC_Payload_Digest=digest(b"other")))
    assert wrong.payload is not None
    assert "no form of the payload" in wrong.payload.problem


@pytest.mark.parametrize("body", [b"zz\r\nhello", b"5\r\nhel", b"1" * 9000 + b"\n", b"5", b"f" * 5000])
def test_chunks_that_are_none_have_no_other_form(body: bytes) -> None:
    found = only(response(body, chunked=True, WARC_Payload_Digest=digest(b"hello")))
    assert found.payload is not None
    assert found.payload.problem


def test_chunks_that_come_in_pieces_are_joined() -> None:
    chunks = b"".join(b"%x\r\n" % 700_001 + b"x" * 700_001 + b"\r\n" for _ in range(4)) + b"0\r\n\r\n"
    found = only(packed([response(chunks, chunked=True, WARC_Payload_Digest=digest(b"x" * 700_001 * 4))]))
    assert found.payload is not None
    assert found.payload.by == "the payload without its chunked coding"


def test_a_payload_is_what_stands_after_the_http_head_however_it_ends() -> None:
    for head in (b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\na: b\n\n", b"HTTP/1.1 200 OK\r\na: b\n\r\n"):
        found = only(record(fields("response", 1, WARC_Payload_Digest=digest(b"\r\n\r\nx")), head + b"\r\n\r\nx"))
        assert found.payload is not None
        assert found.payload.by == "the payload as stored", head
    endless = only(record(fields("response", 1, WARC_Payload_Digest=digest(b"")), b"HTTP/1.1 200 OK\r\n"))
    assert endless.payload is not None
    assert endless.payload.by == "the payload as stored"


def test_an_http_head_longer_than_a_mebibyte_is_given_up() -> None:
    block = b"a" * (1 << 20) + b"rest"
    found = only(record(fields("response", 1, WARC_Payload_Digest=digest(b"rest")), block))
    assert found.payload is not None
    assert found.payload.problem == ""


def test_a_response_without_media_type_is_http_if_its_target_is() -> None:
    block = b"HTTP/1.1 200 OK\r\n\r\nx"
    for target, payload in (("http://a.org/", b"x"), ("dns:a.org", block)):
        given = fields("response", 1, WARC_Target_URI=target, Content_Type=None, WARC_Payload_Digest=digest(payload))
        found = only(record(given, block))
        assert found.payload is not None
        assert found.payload.problem == ""


def test_a_payload_that_is_the_block_may_have_a_digest_of_its_own() -> None:
    for stated in (digest(b"x"), digest(b"x", "sha1", 32), digest(b"y")):
        found = only(record(fields("resource", 1, WARC_Block_Digest=digest(b"x"), WARC_Payload_Digest=stated), b"x"))
        assert found.payload is not None
        assert bool(found.payload.problem) == (stated == digest(b"y"))


def test_a_payload_that_is_elsewhere_or_cut_is_not_checked() -> None:
    for change in ({"WARC_Segment_Number": "1"}, {"WARC_Truncated": "length"}):
        found = only(record(fields("resource", 1, WARC_Payload_Digest=digest(b"y"), **change), b"x"))
        assert found.payload is not None
        assert found.payload.unchecked
    found = only(record(fields("revisit", 1, WARC_Payload_Digest=digest(b"y")), b""))
    assert found.payload is not None
    assert found.payload.unchecked == "its payload is in another record"


def test_two_records_with_one_id_are_told() -> None:
    first, second = walked(record(fields("warcinfo", 1), b"") + record(fields("response", 1), b""))
    assert first.problems == ()
    assert "ids are unique" in second.problems[0]


def test_after_two_million_ids_no_further_one_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archiver.formats.warc_walk._MOST_IDS", 1)
    again = [record(fields("warcinfo", number), b"") for number in (1, 2, 2)]
    assert [one.problems for one in walked(b"".join(again))] == [(), (), ()]


def test_a_record_that_is_cut_off_is_told_and_ends_the_file() -> None:
    for cut in (5, 20):
        found, told = until_broken(b"".join(whole())[:-cut])
        assert len(found) == 4
        assert "the file is cut off" in found[-1].problems[0]
        assert found[-1].block is None
        assert told == ""
    found, told = until_broken(b"".join(whole())[:-2])
    assert "expected CR LF CR LF" in found[-1].problems[0]
    assert told


def test_ten_gigabytes_that_are_only_declared_cost_nothing() -> None:
    found = only(record(fields("resource", 1, WARC_Block_Digest=digest(b"x")), b"x", length=10 << 30))
    assert "content-length says 10737418240 bytes, found 5" in found.problems[0]


def test_what_follows_a_lost_record_of_a_plain_file_is_not_guessed() -> None:
    for broken in (record(fields("warcinfo", 1), b"x", length=0), b"junk\r\n\r\n", b"\r\n\r\n", b"junk"):
        found, told = until_broken(broken + b"".join(whole()))
        assert found[-1].lost
        assert "nothing can be told of what follows" in told


def test_a_gzip_file_is_followed_past_a_lost_record_from_the_next_member_on() -> None:
    broken = [b"junk\r\n\r\n", record(fields("warcinfo", 9), b"x" * 3_000_000, length=0), b"WARC/1.1\r\n\r\n", b"junk"]
    found = walked(packed([*broken, *whole()]))
    assert [one.lost for one in found] == [True] * 4 + [False] * 4
    assert [one.problems for one in found[4:]] == [()] * 4


def test_records_that_share_or_cross_gzip_members_are_told() -> None:
    records = whole()
    shared = walked(packed([b"".join(records)]))
    assert [bool(one.remarks) for one in shared] == [False, True, True, True]
    assert [(one.addressable, one.end) for one in shared[1:]] == [(False, 0)] * 3
    half = len(records[1]) // 2
    crossing = walked(packed([records[0], records[1][:half], records[1][half:], *records[2:]]))
    assert [one.remarks for one in crossing] == [(), ("it lies in more than one gzip member",), (), ()]
    in_head = walked(packed([records[0], records[1][:30], records[1][30:]]))
    assert in_head[1].remarks == ("it lies in more than one gzip member",)
    assert in_head[1].problems == ()


def test_a_member_with_nothing_in_it_is_passed_over() -> None:
    found = walked(packed([b"", whole()[0], b"", b"", whole()[1], b""]))
    assert [one.problems for one in found] == [(), ()]


DAMAGED: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "cut": (lambda raw: raw[:-5], "the last gzip member is cut off"),
    "bytes after the end": (lambda raw: raw + b"xx", "bytes after the last gzip member"),
    "many bytes after the end": (lambda raw: raw + bytes(40), "bytes after the last gzip member"),
    "its checksum": (lambda raw: raw[:-6] + bytes([raw[-6] ^ 1]) + raw[-5:], "damaged gzip member"),
    "its length": (lambda raw: raw[:-3] + bytes([raw[-3] ^ 1]) + raw[-2:], "damaged gzip member"),
    "its content": (lambda raw: raw[:60] + bytes([raw[60] ^ 1]) + raw[61:], "damaged gzip member"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_gzip_file_is_told_with_the_place(name: str) -> None:
    damage, told = DAMAGED[name]
    _, message = until_broken(damage(packed(whole())))
    assert told in message
    assert "at byte" in message


def test_an_empty_file_is_no_warc() -> None:
    for content in (b"", gzip.compress(b"")):
        with pytest.raises(FormatError, match="the file is empty"):
            walked(content)


def test_a_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = gzip.compress(record(fields("resource", 1), b"\x00" * 30_000_000))
    with pytest.raises(FormatError, match="more than 1000000 bytes when decompressed"):
        list(walk(BytesIO(bomb), limit_bytes=1_000_000))
    monkeypatch.setattr(members_module, "_FREE_BYTES", 1 << 20)
    with pytest.raises(FormatError, match="a bomb"):
        walked(bomb)


def test_a_head_without_end_is_given_up() -> None:
    for content in (b"WARC/1.1\r\nA: " + b"a" * (5 << 20), b"WARC/1.1\r\n" + b"a: b\r\n" * (1 << 20) + b"\r\n"):
        found, told = until_broken(content)
        assert f"a head longer than {LONGEST_HEAD} bytes" in found[0].problems[0]
        assert told
    found, _ = until_broken(b"WARC/1.1\r\n" + b"a: b\r\n" * 20_000 + b"\r\n")
    assert "more than 10000 lines" in found[0].problems[0]


def test_random_sizes_and_block_edges_change_nothing() -> None:
    seed = 20_261_126
    rng = random.Random(seed)
    for _ in range(10):
        sizes = [rng.choice((0, 1, 100, 16_384, 70_000, 1_048_576, 1_500_000)) for _ in range(6)]
        records = [response(rng.randbytes(size), number) for number, size in enumerate(sizes, 1)]
        for content in (b"".join(records), packed(records)):
            found = walked(content)
            assert [one.problems for one in found] == [()] * 6, seed
            assert all(one.block and not one.block.problem for one in found), seed
            assert all(one.payload and not one.payload.problem for one in found), seed


def test_a_members_reader_tells_how_far_it_is() -> None:
    plain = Members(BytesIO(b"abcdef"))
    assert (plain.offset, plain.take(2), plain.offset, plain.at_end_of_member()) == (0, b"ab", 2, False)
    packed_twice = Members(BytesIO(packed([b"ab", b"c"])))
    assert (packed_twice.offset, packed_twice.take(1), packed_twice.offset) == (0, b"a", 0)
    assert (packed_twice.starts_member, packed_twice.take(1), packed_twice.at_end_of_member()) == (False, b"b", True)
    assert packed_twice.starts_member
    assert packed_twice.offset == len(packed([b"ab"]))
    assert packed_twice.take(9) == b"c"
    assert not packed_twice.more()


def test_a_head_that_is_cut_off_is_read_as_far_as_it_goes() -> None:
    found, told = until_broken(b"WARC/0.16\r\nWARC-Type: resource\r\nwarc-da")
    assert found[0].type == "resource"
    assert any("version 0.16" in one for one in found[0].problems)
    assert any("no empty line ends it" in one for one in found[0].problems)
    assert told
    found, _ = until_broken(b"WARC/1.1\r\nWARC-Type: resource")
    assert found[0].type == "resource"


def test_fields_that_the_standard_does_not_name_may_be_repeated() -> None:
    protocols = [("WARC-Protocol", "h2"), ("warc-protocol", "tls/1.3"), ("WARC-Concurrent-To", identity(8))]
    found = only(record([*fields("response", 1), *protocols, ("WARC-Concurrent-To", identity(9))], b""))
    assert (found.problems, found.remarks) == ((), ())


def test_a_revisit_that_keeps_the_standard_has_no_remark() -> None:
    given = {
        "WARC_Profile": "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest",
        "WARC_Payload_Digest": digest(b"x"),
        "WARC_Truncated": "length",
    }
    for block in (b"", b"HTTP/1.1 200 OK\r\n\r\n"):
        found = only(record(fields("revisit", 1, **given), block))
        assert (found.problems, found.remarks) == ((), ())
