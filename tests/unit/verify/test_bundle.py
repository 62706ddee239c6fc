"""Each kind of damage to a bundle gives the check that is named for it, also where its maker seals it anew."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from archiver.app.bundle import verify_folder
from archiver.formats import bag, bundle, entry, envelope, manifest, note, proof
from archiver.formats.checkpoint import encode as encode_checkpoint
from archiver.model.events import Export
from archiver.model.provenance import Checkpoint
from archiver.model.report import Level, Report, Verdict
from archiver.proof.merkle import EMPTY_ROOT
from archiver.proof.signature import Ed25519Signer, sign_envelope, sign_note
from archiver.seal import keys
from archiver.verify.policy import Trust
from tests.support.bundles import Copy, MadeBundle, copy_of
from tests.support.own_case import SECRET

FIRST = "data/exhibits/0001"
SECOND = "data/exhibits/0002"
STRANGER = Ed25519Signer.from_seed(b"s" * 32)


@pytest.fixture
def copy(made_bundle: MadeBundle, tmp_path: Path) -> Copy:
    return copy_of(made_bundle, tmp_path)


def failures(report: Report) -> set[str]:
    return {f"{one.id} {one.subject}" for one in report.checks if one.verdict is Verdict.FAIL}


def flip(content: bytes, at: int = 40) -> bytes:
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


def export_folder(copy: Copy) -> str:
    contents = bundle.decode((copy.root / bundle.CONTENTS).read_bytes())
    number = next(one.number for one in contents.events if one.seq == contents.export_seq)
    return bundle.event_folder(number)


def restate(copy: Copy, change: Callable[[Export], Export]) -> None:
    """Have the export say something else, signed by its maker; the ledger knows nothing of it."""
    path = copy.root / export_folder(copy) / bundle.RECORD
    found = manifest.decode(envelope.decode(path.read_bytes()).payload).predicate
    assert isinstance(found, Export)
    signer = keys.load(copy.made.own.home.investigator_key, SECRET)
    payload = manifest.encode(manifest.statement_of(change(found)))
    path.write_bytes(envelope.encode(sign_envelope(payload, signer)))


def test_a_whole_bundle_passes_every_level_that_is_built(copy: Copy) -> None:
    report = copy.verify()
    assert failures(report) == set()
    verdicts = [report.verdict_of(level) for level in Level]
    assert verdicts == [Verdict.PASS] * 5 + [Verdict.NOT_CHECKED]
    assert report.verdict is Verdict.PASS
    assert not any("SPLIT VIEW" in line or "authority alone" in line for line in report.not_proven)


def test_without_trust_nothing_but_the_files_passes(copy: Copy) -> None:
    report = copy.verify(trusting=False)
    assert failures(report) == set()
    verdicts = [report.verdict_of(level) for level in Level]
    assert verdicts == [Verdict.PASS] + [Verdict.NOT_CHECKED] * 5
    assert any("SPLIT VIEW NOT EXCLUDED" in line for line in report.not_proven)
    assert any("no timestamp was verified" in line for line in report.not_proven)


def test_another_makers_trust_fails_it(copy: Copy) -> None:
    other = Trust(investigator_keys=(STRANGER.public_key,))
    report = verify_folder(copy.root, other, Level.LEDGER, {})
    assert "bundle-seal tagmanifest-sha256.txt.sshsig" in failures(report)
    assert f"manifest-signature {FIRST}/record.dsse.json" in failures(report)


def remove(path: str) -> Callable[[Copy], None]:
    return lambda copy: (copy.root / path).unlink()


def put(path: str, content: bytes) -> Callable[[Copy], None]:
    return lambda copy: copy.write(path, content)


def change(path: str, how: Callable[[bytes], bytes]) -> Callable[[Copy], None]:
    return lambda copy: copy.write(path, how((copy.root / path).read_bytes()))


def edit(how: Callable[[dict[str, object]], None]) -> Callable[[Copy], None]:
    return lambda copy: copy.edit(how)


def count(name: str, value: int) -> Callable[[Copy], None]:
    def how(contents: dict[str, object]) -> None:
        counts = contents["counts"]
        assert isinstance(counts, dict)
        counts[name] = value

    return edit(how)


def link(path: str, to: str) -> Callable[[Copy], None]:
    return lambda copy: (copy.root / path).symlink_to(to)


def swap_lists(copy: Copy) -> None:
    one, two = copy.root / bag.SHA256_LIST, copy.root / bag.SHA512_LIST
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)


UNSEALED: list[tuple[str, Callable[[Copy], None], str]] = [
    ("a flipped byte of an exhibit", change(f"{FIRST}/viewport.png", flip), f"bag-file {FIRST}/viewport.png"),
    ("a flipped byte of a tag file", change("trust/log.pem", flip), "bag-tag trust/log.pem"),
    ("a missing exhibit's file", remove(f"{FIRST}/text.txt"), "bag-complete tagmanifest-sha256.txt"),
    ("a missing tag file", remove("trust/log.pem"), "bag-tag trust/log.pem"),
    ("an added file", put("data/extra.txt", b"x"), "bag-file data/extra.txt"),
    ("an added tag file", put("extra.txt", b"x"), "bag-complete tagmanifest-sha256.txt"),
    ("a link", link("data/link", "/etc/passwd"), "bag-file data/link"),
    ("a list that is gone", remove(bag.SHA512_LIST), "bag-complete tagmanifest-sha256.txt"),
    ("a list of other digests", swap_lists, "bag-complete tagmanifest-sha256.txt"),
    ("a line too many", change(bag.SHA256_LIST, lambda raw: raw + raw[:80]), "bag-complete tagmanifest-sha256.txt"),
    ("another version of BagIt", put(bag.DECLARATION_FILE, b"BagIt-Version: 0.97\n"), "bag-declaration bagit.txt"),
    ("no declaration", remove(bag.DECLARATION_FILE), "bag-declaration bagit.txt"),
    ("a wrong total", change(bag.INFO, lambda raw: raw.replace(b"Oxum: ", b"Oxum: 1")), "bag-declaration bag-info.txt"),
    ("no seal", remove(bag.SEAL), "bundle-seal tagmanifest-sha256.txt.sshsig"),
    ("a broken seal", change(bag.TAG_LIST, lambda raw: raw.replace(b"a", b"b", 1)), "bundle-seal"),
    ("no bundle.json", remove(bundle.CONTENTS), "bundle-form data/bundle.json"),
]


@pytest.mark.parametrize(("damage", "expected"), [one[1:] for one in UNSEALED], ids=[one[0] for one in UNSEALED])
def test_damage_is_named(copy: Copy, damage: Callable[[Copy], None], expected: str) -> None:
    damage(copy)
    assert any(one.startswith(expected) for one in failures(copy.verify())), failures(copy.verify())


def _rename_exhibit(contents: dict[str, object]) -> None:
    exhibits = contents["exhibits"]
    assert isinstance(exhibits, list)
    exhibits[0]["citation_id"] = "c99"


def _export_is_another(contents: dict[str, object]) -> None:
    exhibits = contents["exhibits"]
    assert isinstance(exhibits, list)
    exhibits[0]["id"] = "00000009-0000-7000-8000-000000000000"


def _other_head(copy: Copy) -> None:
    log = keys.load(copy.made.own.home.log_key(copy.made.exported.contents.origin), SECRET)
    origin = copy.made.exported.contents.origin
    text = encode_checkpoint(Checkpoint(origin=origin, size=13, root=EMPTY_ROOT))
    copy.write(bundle.CHECKPOINT, note.encode(sign_note(text, origin, log)))


def _older_of(size: int, origin: str | None = None, *, name: int | None = None) -> Callable[[Copy], None]:
    def damage(copy: Copy) -> None:
        real = copy.made.exported.contents.origin
        log = keys.load(copy.made.own.home.log_key(real), SECRET)
        chosen = origin or real
        text = encode_checkpoint(Checkpoint(origin=chosen, size=size, root=EMPTY_ROOT))
        copy.write(bundle.checkpoint_of(name or size), note.encode(sign_note(text, chosen, log)))

    return damage


def _another_index(raw: bytes) -> bytes:
    found = proof.decode(raw)
    return proof.encode(replace(found, index=found.index + 1))


def _another_head(raw: bytes) -> bytes:
    found = proof.decode(raw)
    return proof.encode(replace(found, checkpoint=replace(found.checkpoint, text=found.checkpoint.text + "x\n")))


def _swapped_lines(raw: bytes) -> bytes:
    lines = raw.split(b"\n")
    lines[1], lines[3] = lines[3], lines[1]
    return b"\n".join(lines)


def _other_salt(raw: bytes) -> bytes:
    found = entry.decode_opening(raw)
    return entry.encode_opening(replace(found, salt=bytes(32)))


def _other_path(raw: bytes) -> bytes:
    found = entry.decode_opening(raw)
    return entry.encode_opening(replace(found, path="captures/00000009-0000-7000-8000-000000000000.dsse.json"))


def _stranger_signs(raw: bytes) -> bytes:
    return envelope.encode(sign_envelope(envelope.decode(raw).payload, STRANGER))


def _without_a_warc(copy: Copy) -> None:
    """Put a WACZ in the place of another's: whole, signed, and of no exhibit here."""
    raw = (copy.root / bundle.COLLECTION).read_bytes()
    copy.write(f"{FIRST}/{bundle.WACZ}", raw.replace(b"PK\x03\x04", b"PK\x03\x04", 1))
    copy.write(bundle.COLLECTION, b"PK no zip")


RESEALED: list[tuple[str, Callable[[Copy], None], str]] = [
    ("another picture", change(f"{FIRST}/viewport.png", flip), f"artifact {FIRST}/viewport.png"),
    ("a picture that is gone", remove(f"{FIRST}/viewport.png"), f"artifact {FIRST}/viewport.png"),
    ("a file in an exhibit", put(f"{FIRST}/more.txt", b"x"), f"bundle-files {FIRST}"),
    ("a folder of its own", put("data/exhibits/0009/x", b"x"), "bundle-files data/exhibits/0009"),
    ("a leaf that is no line", change(f"{FIRST}/entry.leaf", flip), f"leaf-line {FIRST}/entry.leaf"),
    ("a leaf that is gone", remove(f"{FIRST}/entry.leaf"), f"leaf-line {FIRST}/entry.leaf"),
    ("a record that is no JSON", put(f"{FIRST}/record.dsse.json", b"{}"), "manifest-content"),
    ("a record that is gone", remove(f"{FIRST}/record.dsse.json"), f"bundle-files {FIRST}"),
    ("a record by a stranger", change(f"{FIRST}/record.dsse.json", _stranger_signs), "manifest-signature"),
    ("another citation", edit(_rename_exhibit), f"manifest-content {FIRST}/record.dsse.json"),
    ("another id", edit(_export_is_another), f"manifest-content {FIRST}/record.dsse.json"),
    ("a WARC cut off", change(f"{FIRST}/capture.warc.gz", lambda raw: raw[:-30]), "warc-records"),
    ("swapped entries", change(bundle.LEAVES, _swapped_lines), "ledger-chain data/log/leaves.jsonl"),
    ("fewer entries", change(bundle.LEAVES, lambda raw: raw[: raw[:-1].rindex(b"\n") + 1]), "ledger-chain"),
    ("a last line without end", change(bundle.LEAVES, lambda raw: raw[:-1]), "ledger-chain data/log/leaves.jsonl"),
    ("a line longer than an entry", change(bundle.LEAVES, lambda raw: b"x" * 70_000 + raw), "ledger-chain"),
    ("no entries", remove(bundle.LEAVES), "ledger-chain data/log/leaves.jsonl"),
    ("a malformed entry", change(bundle.LEAVES, lambda raw: raw.replace(b'"v":1', b'"v":2', 1)), "ledger-chain"),
    ("another head", _other_head, "ledger-root data/log/checkpoint"),
    ("no head", remove(bundle.CHECKPOINT), "ledger-checkpoint data/log/checkpoint"),
    ("a head of another size", edit(lambda one: one.update(size=14)), "ledger-checkpoint data/log/checkpoint"),
    ("an older head that is no prefix", _older_of(7), "ledger-history data/log/checkpoints/7"),
    ("an older head by another name", _older_of(6, name=7), "ledger-history data/log/checkpoints/7"),
    ("an older head of another ledger", _older_of(7, "a.example/1"), "ledger-history data/log/checkpoints/7"),
    ("an older head that is none", put("data/log/checkpoints/7", b"x"), "ledger-history data/log/checkpoints/7"),
    ("a proof between heads that is wrong", put("data/log/consistency/7-13", b""), "ledger-consistency"),
    ("a proof between heads that is none", put("data/log/consistency/7-13", b"\xff"), "ledger-consistency"),
    ("a proof between heads that is gone", remove("data/log/consistency/7-13"), "ledger-consistency"),
    ("a proof between unknown heads", put("data/log/consistency/3-13", b""), "ledger-consistency"),
    ("another salt", change(f"{FIRST}/salt", _other_salt), f"entry-opening {FIRST}/salt"),
    ("a salt of another entry", change(f"{FIRST}/salt", _other_path), f"entry-opening {FIRST}/salt"),
    ("a salt that is none", put(f"{FIRST}/salt", b"x"), f"entry-opening {FIRST}/salt"),
    ("a salt that is gone", remove(f"{FIRST}/salt"), f"entry-opening {FIRST}/salt"),
    ("a proof of another place", change(f"{FIRST}/entry.tlog-proof", _another_index), "entry-proof"),
    ("a proof against another head", change(f"{FIRST}/entry.tlog-proof", _another_head), "entry-proof"),
    ("a proof that is none", put(f"{FIRST}/entry.tlog-proof", b"x"), "entry-proof"),
    ("too many withheld", count("withheld", 9), "bundle-counts data/bundle.json"),
    ("failures kept quiet", count("failed_withheld", 0), "bundle-counts data/bundle.json"),
    ("erasures made up", count("erased", 1), "bundle-counts data/bundle.json"),
    ("another key of the ledger", put("trust/log.vkey", b"x"), "public-keys trust/log.vkey"),
    ("signers that are others", put("trust/allowed_signers", b""), "public-keys trust/allowed_signers"),
    ("no key of the investigator", remove("trust/investigator.pem"), "public-keys trust/allowed_signers"),
    ("a WACZ of other WARCs", _without_a_warc, "wacz-"),
    ("no collection", remove(bundle.COLLECTION), "wacz-warc data/collection.wacz"),
    ("a timestamp's answer that is gone", remove("data/events/0002/response.tsr"), "timestamp data/events/0002"),
    ("a cosignature that is none", put("data/events/0004/cosigned.note", b"x"), "witness data/events/0004"),
]


@pytest.mark.parametrize(("damage", "expected"), [one[1:] for one in RESEALED], ids=[one[0] for one in RESEALED])
def test_damage_that_its_maker_lists_and_seals_is_named_all_the_same(
    copy: Copy, damage: Callable[[Copy], None], expected: str
) -> None:
    damage(copy)
    copy.list_anew()
    found = failures(copy.verify())
    assert any(one.startswith(expected) for one in found), found


def test_what_the_export_says_must_be_what_is_there(copy: Copy) -> None:
    restate(copy, lambda found: replace(found, disclosed=found.disclosed[1:], withheld=found.withheld + 9))
    copy.list_anew()
    told = [one.reason for one in copy.verify().checks if one.id == "bundle-counts"]
    assert any("list of entries" in one for one in told)
    assert any("the export's counts" in one for one in told)


def test_an_export_that_counts_entries_after_itself_is_told(copy: Copy) -> None:
    restate(copy, lambda found: replace(found, checkpoint_size=12, withheld=found.withheld + 2))
    copy.list_anew()
    assert any("more entries than there were" in one.reason for one in copy.verify().checks)


def test_an_export_that_cannot_be_read_leaves_the_counts_unproven(copy: Copy) -> None:
    copy.write(f"{export_folder(copy)}/{bundle.RECORD}", b"{}")
    copy.list_anew()
    assert "bundle-counts data/bundle.json" in failures(copy.verify())


def test_a_case_that_none_can_be_called_is_no_path(copy: Copy) -> None:
    restate(copy, lambda found: replace(found, case="../x"))
    copy.list_anew()
    assert any(one.startswith("manifest-content") for one in failures(copy.verify()))
