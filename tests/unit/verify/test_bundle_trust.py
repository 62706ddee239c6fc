"""Whose keys count for a bundle, what came with it, and ways to hand it over that are odd and no damage."""

import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest

from archiver.app.bundle import is_bundle_folder, read_kept, verify_folder, verify_zip
from archiver.app.key_events import Ring, rotate
from archiver.formats import bag, bundle, entry, envelope, note
from archiver.formats import ssh as ssh_format
from archiver.formats.checkpoint import encode as encode_checkpoint
from archiver.model.errors import Damaged
from archiver.model.instant import Instant
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
STRANGER = Ed25519Signer.from_seed(b"s" * 32)


@pytest.fixture
def copy(made_bundle: MadeBundle, tmp_path: Path) -> Copy:
    return copy_of(made_bundle, tmp_path)


def failures(report: Report) -> set[str]:
    return {f"{one.id} {one.subject}" for one in report.checks if one.verdict is Verdict.FAIL}


def export_folder(copy: Copy) -> str:
    contents = bundle.decode((copy.root / bundle.CONTENTS).read_bytes())
    number = next(one.number for one in contents.events if one.seq == contents.export_seq)
    return bundle.event_folder(number)


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
    open_questions = {
        one.id for one in report.checks if one.verdict is Verdict.NOT_CHECKED and one.level < Level.CONTENT
    }
    # What is packed twice is not read from a place inside: told, and never a pass.
    assert open_questions == (set() if how == zipfile.ZIP_STORED else {"wacz-warc"})


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


def test_as_of_a_time_before_it_was_made_nothing_of_a_bundle_counts(copy: Copy) -> None:
    trust = read_trust(FolderSource(copy.made.trust), origin="test")
    early = replace(trust, at=Instant.parse("2026-11-24T12:00:00.000Z"))
    report = verify_folder(copy.root, early, Level.LEDGER, {})
    assert failures(report) == set()
    told = {one.subject for one in report.checks if one.id == "as-of"}
    assert f"{export_folder(copy)}/{bundle.RECORD}" in told
    assert [report.verdict_of(level) for level in (Level.RECORDS, Level.TIME, Level.INDEPENDENCE)] == [
        Verdict.NOT_CHECKED
    ] * 3
    late = verify_folder(copy.root, replace(trust, at=Instant.parse("2027-01-01T00:00:00.000Z")), Level.TIME, {})
    assert late.verdict is Verdict.PASS
