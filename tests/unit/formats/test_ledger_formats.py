import base64
from dataclasses import replace

import pytest

from archiver.formats import canonical, checkpoint, entry, layout, note, proof, tiles
from archiver.model.digest import Digest
from archiver.model.errors import FormatError, UsageError
from archiver.model.provenance import (
    Checkpoint,
    Entry,
    EntryType,
    Note,
    NoteSignature,
    Opening,
    VerifierKey,
)
from archiver.proof.signature import sign_note
from tests.support.ledger_kit import LOG, ORIGIN, fixed_id

ENTRY = Entry(seq=3, type=EntryType.CAPTURE, prev=Digest("a" * 64), commit=Digest("b" * 64))
HEAD = Checkpoint(origin=ORIGIN, size=7, root=b"r" * 32)
NOTE = sign_note(checkpoint.encode(HEAD), ORIGIN, LOG)
PLAIN: dict[str, canonical.JsonValue] = {"commit": "b" * 64, "prev": "a" * 64, "seq": 3, "type": "capture", "v": 1}


# --- entries ---


def test_a_leaf_has_the_form_that_the_page_shows() -> None:
    assert entry.encode(ENTRY) == (
        b'{"commit":"' + b"b" * 64 + b'","prev":"' + b"a" * 64 + b'","seq":3,"type":"capture","v":1}'
    )
    assert entry.decode(entry.encode(ENTRY)) == ENTRY


@pytest.mark.parametrize(
    "change",
    [{"v": 2}, {"v": True}, {"seq": -1}, {"seq": True}, {"type": "rumour"}, {"prev": "A" * 64}, {"x": 1}, {"seq": "3"}],
)
def test_any_other_leaf_is_refused(change: dict[str, canonical.JsonValue]) -> None:
    with pytest.raises(FormatError):
        entry.decode(canonical.encode({**PLAIN, **change}))


def test_a_commitment_needs_its_whole_salt() -> None:
    found = entry.commitment(b"s" * 32, b"envelope")
    assert found != entry.commitment(b"t" * 32, b"envelope")
    assert found == Digest.of(b"evl1\x00" + b"s" * 32 + b"envelope")
    with pytest.raises(FormatError, match="expected 32 bytes, found 31"):
        entry.commitment(b"s" * 31, b"envelope")


def test_an_opening_comes_back_equal_and_any_other_form_is_refused() -> None:
    opening = Opening(seq=3, path="captures/x.dsse.json", salt=b"s" * 32)
    raw = entry.encode_opening(opening)
    assert entry.decode_opening(raw) == opening
    for wrong in (raw.replace(b'"v":1', b'"v":2'), raw.replace(b'"seq":3', b'"seq":-3'), raw.replace(b"path", b"pith")):
        with pytest.raises(FormatError):
            entry.decode_opening(wrong)


# --- notes and keys ---


def test_a_note_comes_back_equal() -> None:
    assert note.decode(note.encode(NOTE)) == NOTE


def test_a_text_with_an_empty_line_in_it_is_a_note_still() -> None:
    made = sign_note("a\n\nb\n", "x", LOG)
    assert note.decode(note.encode(made)) == made


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"a\n",
        b"a\n\n",
        b"\n\n\xe2\x80\x94 x AAAAAAA=\n",
        b"a\n\n- x AAAAAAAA\n",
        "a\n\n— x AAAA\n".encode(),
        "a\n\n— x AAAAAA==\n".encode(),
        "a\n\n— x AAAAAAAA".encode(),
        "a\n\n— x y AAAAAAAA\n".encode(),
        "a\n\n— x AAAAAAB=\n".encode(),
        "a\x07\n\n— x AAAAAAAA\n".encode(),
        b"\xff\n\n",
        "a\n\n— x AAA*AAAA\n".encode(),
        ("a\n\n" + "— x AAAAAAAA\n" * 17).encode(),
        b"a" * (65 << 10),
        "a\n\n— x AAAAA===\n".encode(),
    ],
)
def test_any_other_note_is_refused(raw: bytes) -> None:
    with pytest.raises(FormatError):
        note.decode(raw)


@pytest.mark.parametrize("text", ["", "no newline", "\x00\n"])
def test_a_text_that_cannot_be_signed_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        note.encode(Note(text=text, signatures=()))


def test_a_name_with_a_space_or_a_plus_is_refused() -> None:
    for name in ("a b", "a+b", "", "a\n"):
        with pytest.raises(FormatError):
            note.encode(Note(text="a\n", signatures=(NoteSignature(name=name, key_hash=b"1234", signature=b"x"),)))


def test_a_vkey_comes_back_equal_and_is_that_of_the_specification() -> None:
    key = VerifierKey(
        name="PeterNeumann", public_key=base64.b64decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")[1:]
    )
    text = note.encode_vkey(key)
    assert text == "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    assert note.decode_vkey(text + "\n") == key


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "x+00000000+AAAA",
        "x+00000000+*",
        "a b+00000000+" + "AQ" * 22,
        "PeterNeumann+c74f20a3+Ahpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ],
)
def test_any_other_vkey_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        note.decode_vkey(text)


# --- checkpoints ---


def test_a_checkpoint_is_three_lines() -> None:
    assert checkpoint.encode(HEAD) == f"{ORIGIN}\n7\n{base64.b64encode(b'r' * 32).decode()}\n"
    assert checkpoint.decode(checkpoint.encode(HEAD)) == HEAD


ROOT = base64.b64encode(b"r" * 32).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a\n7\n",
        f"a\n7\n{ROOT}",
        f"a\n7\n{ROOT}\nextension\n",
        f"a\n007\n{ROOT}\n",
        f"a\n-7\n{ROOT}\n",
        f"a\n7 \n{ROOT}\n",
        f"a b\n7\n{ROOT}\n",
        f"\n7\n{ROOT}\n",
        "a\n7\nAAAA\n",
        "a\n7\n*\n",
        f"a\n7\n{ROOT[:-2]}t=\n",
        f"a+b\n7\n{ROOT}\n",
    ],
)
def test_any_other_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        checkpoint.decode(text)


def test_a_negative_size_is_not_written() -> None:
    with pytest.raises(FormatError, match="from 0 up"):
        checkpoint.encode(Checkpoint(origin="a", size=-1, root=b"r" * 32))


# --- tiles ---


@pytest.mark.parametrize(
    ("size", "paths"),
    [
        (0, []),
        (1, ["entries/000.p/1", "0/000.p/1"]),
        (256, ["entries/000", "0/000", "1/000.p/1"]),
        (257, ["entries/000", "entries/001.p/1", "0/000", "0/001.p/1", "1/000.p/1"]),
    ],
)
def test_the_tiles_of_a_size_are_those_of_the_specification(size: int, paths: list[str]) -> None:
    assert [one.path for one in tiles.tiles_for(size)] == [f"ledger/tile/{path}" for path in paths]


def test_a_large_index_is_written_in_groups_of_three() -> None:
    assert tiles.Tile(level=0, index=1_234_067, width=256).path == "ledger/tile/0/x001/x234/067"


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 512, 65_536, 65_537])
def test_what_one_more_entry_touches_is_what_differs(size: int) -> None:
    before = {one.path for one in tiles.tiles_for(size - 1)}
    after = {one.path for one in tiles.tiles_for(size)}
    assert {one.path for one in tiles.tiles_touched(size - 1, size)} == after - before


def test_entry_tiles_come_back_equal_and_cut_or_longer_ones_are_refused() -> None:
    raw = tiles.encode_entries((b"a", b"", b"c" * 300))
    assert tiles.decode_entries(raw, width=3) == (b"a", b"", b"c" * 300)
    for wrong, width in ((raw, 2), (raw, 4), (raw[:-1], 3), (raw + b"\x00", 3), (raw + b"\x00\x00", 3)):
        with pytest.raises(FormatError):
            tiles.decode_entries(wrong, width=width)
    with pytest.raises(FormatError, match="at most 65535"):
        tiles.encode_entries((b"x" * 65_536,))
    with pytest.raises(FormatError, match="expected 64 bytes, found 63"):
        tiles.decode_hashes(b"x" * 63, width=2)


# --- proofs ---

PROOF = proof.TlogProof(index=2, hashes=(b"a" * 32, b"b" * 32), checkpoint=NOTE)


def test_a_proof_comes_back_equal() -> None:
    raw = proof.encode(PROOF)
    assert raw.startswith(b"c2sp.org/tlog-proof@v1\nindex 2\n")
    assert proof.decode(raw) == PROOF


def test_any_other_proof_is_refused() -> None:
    raw = proof.encode(PROOF)
    for wrong in (
        b"",
        raw.replace(b"@v1", b"@v2"),
        raw.replace(b"index 2", b"index 02"),
        raw.replace(b"index 2\n", b""),
        raw.replace(b"\n\n", b"\n", 1),
        raw.replace(base64.b64encode(b"a" * 32), b"*"),
        raw.replace(base64.b64encode(b"a" * 32), base64.b64encode(b"a" * 31)),
        raw.replace(
            b"index 2\n",
            b"index 2\n" + base64.b64encode(b"a" * 32) + b"\n" + (base64.b64encode(b"a" * 32) + b"\n") * 62,
        ),
        b"\xff" + raw,
        raw + b" " * (128 << 10),
        raw.replace(base64.b64encode(b"a" * 32), base64.b64encode(b"a" * 32)[:-2] + b"F="),
    ):
        with pytest.raises(FormatError):
            proof.decode(wrong)


# --- paths ---


def test_paths_come_back_and_others_are_refused() -> None:
    path = layout.archive_path(Digest("ab" * 32), "warc.gz")
    assert path == f"archive/sha256/ab/{'ab' * 32}.warc.gz"
    assert layout.parse_archive_path(path) == (Digest("ab" * 32), "warc.gz")
    for wrong in (path.replace("/ab/", "/cd/"), path.upper(), path + "/x", "archive/x", path.replace(".warc.gz", "")):
        with pytest.raises(FormatError):
            layout.parse_archive_path(wrong)
    for extension in ("", "../x", "PNG", "a.b.c", "toolongextension"):
        with pytest.raises(FormatError):
            layout.archive_path(Digest("ab" * 32), extension)


def test_envelopes_lie_by_their_type_and_id() -> None:
    assert layout.envelope_path(EntryType.CAPTURE, fixed_id(1)) == f"captures/{fixed_id(1)}.dsse.json"
    assert layout.envelope_path(EntryType.TIMESTAMP, fixed_id(1)) == f"events/{fixed_id(1)}.dsse.json"
    assert layout.parse_envelope_path(f"events/{fixed_id(1)}.dsse.json") == fixed_id(1)
    for wrong in (f"other/{fixed_id(1)}.dsse.json", "captures/x.dsse.json", f"captures/{fixed_id(1)}.json"):
        with pytest.raises(FormatError):
            layout.parse_envelope_path(wrong)
    with pytest.raises(UsageError):
        layout.case_folder("..")


def test_an_entry_is_written_as_canonical_json_and_a_long_ledger_reads_it_the_same() -> None:
    for kind in EntryType:
        one = replace(ENTRY, type=kind, seq=2**53 - 1)
        raw = entry.encode(one)
        assert canonical.encode(canonical.decode(raw, what="x")) == raw
        assert entry.fields(raw) == (b"b" * 64, b"a" * 64, one.seq, kind)
        assert entry.decode(raw) == one
    for seq in (-1, 2**53):
        with pytest.raises(FormatError, match="seq from 0"):
            entry.encode(replace(ENTRY, seq=seq))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"v":1', b'"v":2'),
        (b"capture", b"captures"),
        (b'"seq":3', b'"seq":9007199254740993'),
        (b"{", b" {"),
        (b"}", b"}\n"),
    ],
)
def test_what_decoding_refuses_the_quick_reading_refuses_too(old: bytes, new: bytes) -> None:
    raw = entry.encode(ENTRY).replace(old, new)
    assert entry.fields(raw) is None
    with pytest.raises(FormatError):
        entry.decode(raw)


def test_openings_of_one_append_come_back_and_others_are_refused() -> None:
    three = tuple(Opening(seq=seq, path=f"captures/{seq}", salt=b"s" * 32) for seq in (4, 5, 6))
    raw = entry.encode_openings(three, first=4, last=6)
    assert entry.decode_openings(raw, first=4, last=6) == three
    assert entry.decode_openings(b"", first=4, last=6) == ()
    left = entry.encode_openings(three[1:2], first=4, last=6)
    assert entry.decode_openings(left, first=4, last=6) == three[1:2]
    for first, last in ((5, 6), (4, 5), (4, 4)):
        with pytest.raises(FormatError):
            entry.decode_openings(raw, first=first, last=last)
    for damaged in (raw[:-1], raw + raw, b"\n", raw * 2000):
        with pytest.raises(FormatError):
            entry.decode_openings(damaged, first=4, last=6)


@pytest.mark.parametrize(
    ("path", "span"),
    [
        ("ledger/salts/0", (0, 0)),
        ("ledger/salts/3-7", (3, 7)),
        ("ledger/salts/7-3", None),
        ("ledger/salts/3-3", None),
        ("ledger/salts/03", None),
        ("ledger/salts/-3", None),
        ("ledger/checkpoints/3", None),
    ],
)
def test_a_file_of_salts_says_whose_they_are(path: str, span: tuple[int, int] | None) -> None:
    assert layout.parse_openings(path) == span


def test_hashes_stand_a_line_each_and_any_other_form_is_refused() -> None:
    hashes = (bytes(32), b"\xff" * 32)
    raw = proof.encode_hashes(hashes)
    assert proof.decode_hashes(raw) == hashes
    assert proof.decode_hashes(b"") == ()
    for other in (raw[:-1], raw + b"x\n", b"\xff", raw.replace(b"\n", b"\r\n"), b"AAAA\n", raw * 70_000):
        with pytest.raises(FormatError):
            proof.decode_hashes(other)
