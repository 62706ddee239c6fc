"""Each kind of damage to a bundle gives the check that is named for it, also where its maker seals it anew."""

import zipfile
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest

from archiver.app.bundle import is_bundle_folder, read_kept, verify_folder, verify_zip
from archiver.app.key_events import Ring, rotate
from archiver.formats import bag, bundle, entry, envelope, manifest, note, proof
from archiver.formats import ssh as ssh_format
from archiver.formats.checkpoint import encode as encode_checkpoint
from archiver.model.errors import Damaged
from archiver.model.events import Export
from archiver.model.provenance import Checkpoint
from archiver.model.report import Level, Report, Verdict
from archiver.proof.merkle import EMPTY_ROOT
from archiver.proof.signature import Ed25519Signer, public_pem, sign_envelope, sign_note
from archiver.seal import keys
from archiver.store.source import FolderSource
from archiver.verify.bundle import Presented, verify_bundle
from archiver.verify.bundle_view import BundleView
from archiver.verify.policy import Trust, read_trust
from tests.support import waczs
from tests.support.bundles import Copy, MadeBundle, copy_of, export_bundle, make_case, opened_key
from tests.support.ledger_kit import CASE
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


def test_a_seal_by_a_stranger_is_told_from_one_by_the_bundles_own_key(copy: Copy) -> None:
    copy.seal(STRANGER)
    assert "bundle-seal tagmanifest-sha256.txt.sshsig" in failures(copy.verify())
    untrusting = {one.id: one for one in copy.verify(trusting=False).checks}
    assert untrusting["bundle-seal"].verdict is Verdict.FAIL
    assert "not even" in untrusting["bundle-seal"].reason


def test_a_seal_without_any_key_to_compare_it_with_fails(copy: Copy) -> None:
    (copy.root / "trust/investigator.pem").unlink()
    copy.list_anew()
    assert "bundle-seal tagmanifest-sha256.txt.sshsig" in failures(copy.verify(trusting=False))


def test_a_seal_in_another_namespace_is_none(copy: Copy) -> None:
    signer = keys.load(copy.made.own.home.investigator_key, SECRET)
    listed = (copy.root / bag.TAG_LIST).read_bytes()
    made = ssh_format.encode_signature(
        signer.public_key, signer.sign(ssh_format.signed_message(listed, namespace="file")), namespace="file"
    )
    copy.write(bag.SEAL, made)
    assert "bundle-seal tagmanifest-sha256.txt.sshsig" in failures(copy.verify())


def test_a_file_with_the_name_of_a_folder_is_told_and_the_rest_is_checked(copy: Copy) -> None:
    folder = copy.root / bundle.CONSISTENCY
    for one in folder.iterdir():
        one.unlink()
    folder.rmdir()
    folder.write_bytes(b"x")
    assert "ledger-consistency data/log/consistency" in failures(copy.verify())


def test_keys_beside_it_are_not_believed(copy: Copy) -> None:
    copy.write("trust/investigator.pem", public_pem(STRANGER.public_key))
    copy.list_anew()
    found = failures(copy.verify())
    assert "public-keys trust/investigator.pem" in found


def test_checkpoints_that_the_auditor_kept_are_compared(copy: Copy, tmp_path: Path) -> None:
    origin = copy.made.exported.contents.origin
    log = keys.load(copy.made.own.home.log_key(origin), SECRET)
    ledger = copy.made.own.open().book.ledger

    def signed(size: int, name: str = origin) -> bytes:
        return note.encode(sign_note(encode_checkpoint(Checkpoint(origin=name, size=size, root=EMPTY_ROOT)), name, log))

    kept = tmp_path / "kept" / "checkpoints"
    kept.mkdir(parents=True)
    for name, raw in {
        "a-real": ledger.checkpoint_bytes(5),
        "b-forked": signed(5),
        "c-newer": signed(99),
        "d-other": signed(5, "b.example/2"),
        "e-none": b"x",
    }.items():
        (kept / name).write_bytes(raw)
    report = copy.verify(kept=read_kept(FolderSource(tmp_path / "kept")))
    found = {one.subject: one.verdict for one in report.checks if one.id == "presented-checkpoint"}
    assert found == {
        "checkpoints/a-real": Verdict.PASS,
        "checkpoints/b-forked": Verdict.FAIL,
        "checkpoints/c-newer": Verdict.NOT_CHECKED,
        "checkpoints/e-none": Verdict.FAIL,
    }


def test_a_bundle_is_told_from_other_folders(copy: Copy, tmp_path: Path) -> None:
    assert is_bundle_folder(copy.root)
    (copy.root / bundle.CONTENTS).unlink()
    assert is_bundle_folder(copy.root)
    (copy.root / bag.TAG_LIST).unlink()
    assert not is_bundle_folder(copy.root)
    assert not is_bundle_folder(tmp_path / "nowhere")


def test_a_zip_that_cannot_be_read_fails(tmp_path: Path) -> None:
    report = verify_zip(BytesIO(b"PK\x03\x04 and nothing"), "b.zip", Trust(), Level.FILES, {})
    assert failures(report) == {"bundle-zip b.zip"}
    assert report.verdict is Verdict.FAIL


def test_a_folder_where_a_list_should_be_is_told(copy: Copy) -> None:
    (copy.root / bundle.CONTENTS).unlink()
    (copy.root / bundle.CONTENTS).mkdir()
    (copy.root / bundle.CONTENTS / "x").write_bytes(b"x")
    found = failures(copy.verify())
    assert "bundle-form data/bundle.json" in found


def test_a_seal_by_the_key_that_a_trusted_one_introduced_is_for_the_auditor_to_decide(
    rotated: MadeBundle, tmp_path: Path
) -> None:
    copy = copy_of(rotated, tmp_path)
    trust = read_trust(FolderSource(rotated.trust), origin="test")
    old = next(key for key in trust.investigator_keys if key != signer_of(copy))
    checks = verify_folder(copy.root, replace(trust, investigator_keys=(old,)), Level.LEDGER, {}).checks
    [seal] = [one for one in checks if one.id == "bundle-seal"]
    assert seal.verdict is Verdict.NOT_CHECKED
    assert "puts in the place" in seal.reason
    assert failures(verify_folder(copy.root, trust, Level.LEDGER, {})) == set()


def signer_of(copy: Copy) -> bytes:
    return ssh_format.decode_signature((copy.root / bag.SEAL).read_bytes())[0]


@pytest.fixture(scope="module")
def rotated(tmp_path_factory: pytest.TempPathFactory) -> MadeBundle:
    """Give a bundle of a case whose key was rotated; its maker believes both keys."""
    folder = tmp_path_factory.mktemp("rotated")
    own = make_case(folder, sources=1)
    rotate(Ring(workspace=own.workspace, home=own.home, passphrase=SECRET, waiting=lambda _: None), reason=None)
    return MadeBundle(own=own, exported=export_bundle(own, folder / "bundle"), trust=own.home.trust)


def test_the_key_windows_of_a_bundle_are_compared_with_its_key_events(rotated: MadeBundle, tmp_path: Path) -> None:
    copy = copy_of(rotated, tmp_path)
    assert failures(copy.verify()) == set()
    copy.write("trust/allowed_signers", b"")
    copy.list_anew()
    assert failures(copy.verify()) == {"public-keys trust/allowed_signers"}


@pytest.mark.parametrize("how", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_others_may_zip_it_again(copy: Copy, tmp_path: Path, how: int) -> None:
    path = tmp_path / "again.zip"
    with zipfile.ZipFile(path, "w", how) as made:
        for one in sorted(copy.root.rglob("*")):
            if one.is_file():
                made.write(one, f"again/{one.relative_to(copy.root).as_posix()}")
    trust = read_trust(FolderSource(copy.made.trust), origin="test")
    with path.open("rb") as file:
        report = verify_zip(file, path.name, trust, Level.LEDGER, {})
    assert failures(report) == set()
    open_questions = {one.id for one in report.checks if one.verdict is Verdict.NOT_CHECKED}
    # What is packed twice is not read from a place inside: told, and never a pass.
    assert open_questions == ({"quotes"} if how == zipfile.ZIP_STORED else {"quotes", "wacz-warc"})


def test_a_wacz_of_other_warcs_is_told_though_it_is_whole(copy: Copy) -> None:
    copy.write(bundle.COLLECTION, waczs.zipped(waczs.complete()))
    copy.list_anew()
    assert "wacz-warc data/collection.wacz" in failures(copy.verify())
    copy.write(bundle.COLLECTION, waczs.zipped({"x": b""}))
    copy.list_anew()
    assert "wacz-warc data/collection.wacz" in failures(copy.verify())


def test_two_older_heads_under_one_name_are_told_once_each(copy: Copy) -> None:
    copy.write("data/log/checkpoints/07", b"x")
    copy.list_anew()
    assert "ledger-history data/log/checkpoints/07" in failures(copy.verify())


def test_an_artifact_whose_ending_no_archive_knows_is_told(copy: Copy) -> None:
    path = copy.root / FIRST / bundle.RECORD
    raw = envelope.decode(path.read_bytes()).payload
    changed = raw.replace(b'"extension":"png"', b'"extension":"P/G"')
    signer = opened_key(copy.made.own.home.investigator_key)
    path.write_bytes(envelope.encode(sign_envelope(changed, signer)))
    copy.list_anew()
    assert f"entry-opening {FIRST}/salt" in failures(copy.verify())


def test_a_record_of_another_type_in_an_exhibits_place_is_told(copy: Copy) -> None:
    raw = (copy.root / export_folder(copy) / bundle.RECORD).read_bytes()
    copy.write(f"{FIRST}/{bundle.RECORD}", raw)
    opening = entry.decode_opening((copy.root / FIRST / bundle.SALT).read_bytes())
    leaves = (copy.root / bundle.LEAVES).read_bytes().splitlines()
    changed = replace(entry.decode(leaves[2]), commit=entry.commitment(opening.salt, raw))
    leaves[2] = entry.encode(changed)
    copy.write(bundle.LEAVES, b"".join(leaf + b"\n" for leaf in leaves))
    copy.write(f"{FIRST}/{bundle.LEAF}", leaves[2])
    copy.list_anew()
    report = copy.verify()
    assert f"manifest-content {FIRST}/record.dsse.json" in failures(report)
    assert any("another type than its record" in one.reason for one in report.checks)


def test_a_file_that_bundle_json_lists_and_no_manifest_names_is_told(copy: Copy) -> None:
    def add(contents: dict[str, object]) -> None:
        exhibits = contents["exhibits"]
        assert isinstance(exhibits, list)
        exhibits[0]["files"] = sorted([*exhibits[0]["files"], "more.txt"])

    copy.write(f"{FIRST}/more.txt", b"x")
    copy.edit(add)
    copy.list_anew()
    assert f"bundle-files {FIRST}" in failures(copy.verify())


def test_a_folder_that_cannot_be_listed_fails_and_the_rest_is_checked(copy: Copy) -> None:
    class Unlistable(FolderSource):
        def list(self, prefix: str = "") -> tuple[str, ...]:
            if prefix == bundle.CONSISTENCY:
                raise Damaged("this folder cannot be listed")
            return super().list(prefix)

    report = verify_bundle(
        Unlistable(copy.root), trust=Trust(), required=Level.FILES, presented=Presented(zip_problems=("two folders",))
    )
    assert {"unreadable data", "bundle-zip bundle"} <= failures(report)
    assert any(one.id == "bundle-counts" for one in report.checks)


def test_a_bundle_is_seen_as_the_workspace_that_it_came_from(copy: Copy) -> None:
    contents = bundle.decode((copy.root / bundle.CONTENTS).read_bytes())
    view = BundleView(FolderSource(copy.root), contents)
    path = f"manifests/{CASE}/keys/log.vkey"
    assert view.real(path) == "trust/log.vkey"
    assert view.size(path) == (copy.root / "trust/log.vkey").stat().st_size
    [tile] = view.list(f"manifests/{CASE}/ledger/tile")
    assert view.size(tile) == len(view.read(tile, limit_bytes=1 << 20))
    with view.open(tile) as file:
        assert file.read() == view.read(tile, limit_bytes=1 << 20)
    with pytest.raises(Damaged, match="holds nothing of this name"):
        view.open("archive/sha256/00/x.txt")
