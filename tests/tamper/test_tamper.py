"""One damage a case; what the verifier says of it, as text."""

import base64
import gzip
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from archiver.formats import entry, envelope, note, tiles
from archiver.formats.checkpoint import encode as encode_checkpoint
from archiver.model.provenance import Checkpoint, VerifierKey
from archiver.model.report import Level, Verdict
from archiver.proof.merkle import leaf_hash, root
from archiver.proof.signature import Ed25519Signer, public_pem, sign_envelope, sign_note
from tests.support.ledger_kit import CASE, LOG, ORIGIN, fixed_id, make_trust
from tests.support.sealed_workspace import STAMP_ID, SealedWorkspace, failures

ATTACKER = Ed25519Signer.from_seed(b"x" * 32)
FIRST = f"captures/{fixed_id(1)}.dsse.json"
STAMP = f"events/{STAMP_ID}.dsse.json"


def flip(path: Path, at: int = -20) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(bytes(content))


def seen(workspace: SealedWorkspace) -> set[str]:
    """Give the names of the checks that failed."""
    report = workspace.verify()
    assert report.verdict is Verdict.FAIL
    return {one.split(" ")[0] for one in failures(report)}


# --- one byte flipped, in each kind of file ----------------------------------------------------------

IN_ARCHIVE = ["warc.gz", "png", "txt", "tsq", "tsr"]


@pytest.mark.parametrize("suffix", IN_ARCHIVE)
def test_a_flipped_byte_in_an_archived_file_is_named(damaged: SealedWorkspace, suffix: str) -> None:
    path = damaged.archived(suffix)
    flip(path, at=len(path.read_bytes()) // 2)
    assert f"archive-name {path.parent.name}/{path.name}" in failures(damaged.verify())


IN_CASE = {
    FIRST: {"manifest-content", "manifest-signature", "entry-opening"},
    STAMP: {"manifest-content", "manifest-signature", "entry-opening"},
    "ledger/checkpoint": {"ledger-checkpoint"},
    "ledger/checkpoints/2": {"ledger-history"},
    "ledger/tile/0/000.p/4": {"ledger-tiles"},
    "ledger/tile/entries/000.p/4": {"ledger-tiles", "ledger-root"},
    "ledger/salts/1": {"entry-opening"},
    "keys/log.vkey": {"public-keys"},
}


@pytest.mark.parametrize("name", IN_CASE)
def test_a_flipped_byte_in_a_file_of_the_case_is_named(damaged: SealedWorkspace, name: str) -> None:
    flip(damaged.case_root / name)
    assert IN_CASE[name] & seen(damaged)


@pytest.mark.parametrize("name", ["keys/log.pem", "keys/investigator.pem", "ledger/policy"])
def test_a_flipped_byte_in_a_public_file_beside_the_ledger_is_named(damaged: SealedWorkspace, name: str) -> None:
    flip(damaged.case_root / name)
    assert seen(damaged) == {"public-keys"}


# --- removed -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", IN_ARCHIVE)
def test_a_removed_archived_file_is_named_by_its_capture(damaged: SealedWorkspace, suffix: str) -> None:
    damaged.archived(suffix).unlink()
    assert "artifact" in seen(damaged)


REMOVED = {
    FIRST: {"entry-opening"},
    STAMP: {"entry-opening"},
    "ledger/checkpoint": {"ledger-checkpoint"},
    "ledger/checkpoints/2": {"ledger-history"},
    "ledger/tile/0/000.p/4": {"ledger-tiles"},
    "ledger/tile/entries/000.p/4": {"ledger-tiles"},
    "ledger/salts/1": {"entry-opening", "manifest-recorded"},
    "ledger/policy": {"public-keys"},
    "keys/log.vkey": {"public-keys"},
    "keys/log.pem": {"public-keys"},
    "keys/investigator.pem": {"public-keys"},
}


@pytest.mark.parametrize("name", REMOVED)
def test_a_removed_file_of_the_case_is_named(damaged: SealedWorkspace, name: str) -> None:
    (damaged.case_root / name).unlink()
    assert REMOVED[name] <= seen(damaged)


# --- added -------------------------------------------------------------------------------------------

ADDED = {
    "archive/sha256/ab/notes.txt": "archive-name",
    f"archive/sha256/e3/{'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'}.txt": "archive-unlisted",
    "archive/extra": "archive-name",
    "manifests/case-1/extra": "case-files",
    "manifests/case-1/captures/x.json": "case-files",
    "manifests/case-1/ledger/tile/0/001.p/4": "ledger-tiles",
    "manifests/case-1/ledger/checkpoints/9": "ledger-history",
    "manifests/case-1/ledger/salts/9": "entry-opening",
    "manifests/case-1/keys/other.pem": "case-files",
}


@pytest.mark.parametrize("name", ADDED)
def test_an_added_file_is_named_wherever_it_lies(damaged: SealedWorkspace, name: str) -> None:
    path = damaged.workspace / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"")
    assert ADDED[name] in seen(damaged)
    assert any(path.name in one for one in failures(damaged.verify()))


def test_a_copied_manifest_under_another_id_is_named(damaged: SealedWorkspace) -> None:
    copy = damaged.case_root / f"captures/{fixed_id(9)}.dsse.json"
    copy.write_bytes((damaged.case_root / FIRST).read_bytes())
    assert {"manifest-content", "manifest-recorded"} <= seen(damaged)


def test_a_symbolic_link_in_place_of_a_file_is_refused(damaged: SealedWorkspace, tmp_path: Path) -> None:
    path = damaged.archived("png")
    elsewhere = tmp_path / "elsewhere.png"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)
    assert {"archive-name", "artifact"} <= seen(damaged)


def test_a_renamed_archived_file_is_named(damaged: SealedWorkspace) -> None:
    path = damaged.archived("png")
    path.rename(path.with_suffix(".jpg"))
    assert {"archive-unlisted", "artifact"} <= seen(damaged)


# --- the ledger --------------------------------------------------------------------------------------


def leaves(workspace: SealedWorkspace) -> list[bytes]:
    raw = (workspace.case_root / "ledger/tile/entries/000.p/4").read_bytes()
    return list(tiles.decode_entries(raw, width=4))


def rewrite(workspace: SealedWorkspace, found: list[bytes], *, signer: Ed25519Signer, origin: str = ORIGIN) -> None:
    """Write a ledger with these leaves, consistent in itself, signed by whoever holds this key."""
    ledger = workspace.case_root / "ledger"
    for old in (*(ledger / "tile").rglob("4"), *(ledger / "checkpoints").iterdir()):
        old.unlink()
    hashes = [leaf_hash(one) for one in found]
    for kind, content in (("entries", tiles.encode_entries(tuple(found))), ("0", b"".join(hashes))):
        path = ledger / f"tile/{kind}/000.p/{len(found)}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    for size in range(1, len(found) + 1):
        head = Checkpoint(origin=origin, size=size, root=root(hashes[:size]))
        content = note.encode(sign_note(encode_checkpoint(head), origin, signer))
        (ledger / f"checkpoints/{size}").write_bytes(content)
    (ledger / "checkpoint").write_bytes(content)


def test_a_dropped_entry_breaks_the_chain_even_under_the_right_key(damaged: SealedWorkspace) -> None:
    found = leaves(damaged)
    rewrite(damaged, [found[0], *found[2:]], signer=LOG)
    assert "ledger-chain" in seen(damaged)


def test_two_swapped_entries_break_the_chain_even_under_the_right_key(damaged: SealedWorkspace) -> None:
    found = leaves(damaged)
    rewrite(damaged, [found[0], found[2], found[1], found[3]], signer=LOG)
    assert "ledger-chain" in seen(damaged)


def test_a_tail_cut_off_and_signed_anew_is_known_by_what_is_left(damaged: SealedWorkspace) -> None:
    rewrite(damaged, leaves(damaged)[:2], signer=LOG)
    assert {"manifest-recorded", "entry-opening"} <= seen(damaged)


def test_a_checkpoint_rolled_back_to_an_older_one_is_known_by_the_later_ones(damaged: SealedWorkspace) -> None:
    ledger = damaged.case_root / "ledger"
    (ledger / "checkpoint").write_bytes((ledger / "checkpoints/2").read_bytes())
    assert {"ledger-history", "ledger-tiles", "manifest-recorded"} <= seen(damaged)


def test_a_changed_salt_no_longer_opens_the_entry(damaged: SealedWorkspace) -> None:
    path = damaged.case_root / "ledger/salts/1"
    opening = json.loads(path.read_bytes())
    opening["salt"] = "00" * 32
    path.write_bytes(json.dumps(opening, separators=(",", ":"), sort_keys=True).encode())
    assert seen(damaged) == {"entry-opening"}


def test_an_entry_of_another_type_than_its_manifest_is_named(damaged: SealedWorkspace) -> None:
    found = leaves(damaged)
    found[0] = found[0].replace(b'"capture"', b'"custody"')
    assert entry.decode(found[0]).type == "custody"
    rewrite(damaged, found, signer=LOG)
    assert "entry-opening" in seen(damaged)


# --- signatures --------------------------------------------------------------------------------------


def test_a_stripped_signature_is_no_shorter_report_but_a_failure(damaged: SealedWorkspace) -> None:
    path = damaged.case_root / FIRST
    found = json.loads(path.read_bytes())
    found["signatures"] = []
    path.write_bytes(json.dumps(found, separators=(",", ":"), sort_keys=True).encode())
    assert {"manifest-signature", "manifest-content"} <= seen(damaged)


def test_a_stripped_checkpoint_signature_is_a_failure(damaged: SealedWorkspace) -> None:
    path = damaged.case_root / "ledger/checkpoint"
    path.write_bytes(path.read_bytes().split(b"\n\n")[0] + b"\n\n")
    assert "ledger-checkpoint" in seen(damaged)


def test_a_signature_of_another_manifest_does_not_fit(damaged: SealedWorkspace) -> None:
    first, second = damaged.case_root / FIRST, damaged.case_root / f"captures/{fixed_id(2)}.dsse.json"
    found, other = json.loads(first.read_bytes()), json.loads(second.read_bytes())
    found["signatures"] = other["signatures"]
    first.write_bytes(json.dumps(found, separators=(",", ":"), sort_keys=True).encode())
    assert "manifest-signature" in seen(damaged)


def resign_everything(damaged: SealedWorkspace) -> None:
    """Do what an attacker does who holds the folder but not the keys: sign all of it anew, and put own keys beside."""
    case = damaged.case_root
    found = leaves(damaged)
    prev = entry.FIRST_PREV
    fresh: list[bytes] = []
    for number, leaf in enumerate(found):
        opening = entry.decode_opening((case / f"ledger/salts/{number}").read_bytes())
        path = case / opening.path
        path.write_bytes(envelope.encode(sign_envelope(envelope.decode(path.read_bytes()).payload, ATTACKER)))
        old = entry.decode(leaf)
        commit = entry.commitment(opening.salt, path.read_bytes())
        new = type(old)(seq=old.seq, type=old.type, prev=prev, commit=commit)
        fresh.append(entry.encode(new))
        prev = type(prev).of(fresh[-1])
    rewrite(damaged, fresh, signer=ATTACKER)
    vkey = note.encode_vkey(VerifierKey(name=ORIGIN, public_key=ATTACKER.public_key))
    (case / "keys/log.vkey").write_text(f"{vkey}\n")
    (case / "keys/log.pem").write_bytes(public_pem(ATTACKER.public_key))
    (case / "keys/investigator.pem").write_bytes(public_pem(ATTACKER.public_key))
    (case / "ledger/policy").write_text(f"log {vkey}\nquorum none\n")


def test_everything_signed_anew_by_an_attacker_fails_under_the_auditors_keys(damaged: SealedWorkspace) -> None:
    resign_everything(damaged)
    assert {"manifest-signature", "ledger-checkpoint", "ledger-history", "public-keys", "timestamp"} <= seen(damaged)


def test_keys_that_came_with_the_evidence_are_never_trusted(damaged: SealedWorkspace, tmp_path: Path) -> None:
    resign_everything(damaged)
    empty = tmp_path / "empty"
    empty.mkdir()
    report = damaged.verify(trust=empty, required=Level.LEDGER)
    signed = [one for one in report.checks if one.id in ("manifest-signature", "ledger-checkpoint")]
    assert {one.verdict for one in signed} == {Verdict.NOT_CHECKED}
    assert report.verdict is not Verdict.PASS


# --- time --------------------------------------------------------------------------------------------


def test_a_stripped_timestamp_is_missed_because_the_ledger_names_it(damaged: SealedWorkspace) -> None:
    (damaged.case_root / STAMP).unlink()
    damaged.archived("tsr").unlink()
    damaged.archived("tsq").unlink()
    assert "entry-opening" in seen(damaged)


def test_a_timestamp_of_an_authority_that_is_not_pinned_fails(damaged: SealedWorkspace, tmp_path: Path) -> None:
    from tests.support.openssl_tsa import make_tsa  # noqa: PLC0415 - only here

    other = make_trust(tmp_path / "other", tsa_roots=make_tsa(tmp_path / "evil", name="Evil").root_pem)
    report = damaged.verify(trust=other)
    assert {one.id for one in report.checks if one.verdict is Verdict.FAIL} == {"timestamp"}


def test_without_pinned_roots_time_is_not_checked_and_never_passes(damaged: SealedWorkspace, tmp_path: Path) -> None:
    report = damaged.verify(trust=make_trust(tmp_path / "no-tsa"))
    assert report.verdict_of(Level.TIME) is Verdict.NOT_CHECKED
    assert report.verdict is Verdict.NOT_CHECKED


def test_a_changed_checkpoint_file_is_no_longer_what_was_stamped(damaged: SealedWorkspace) -> None:
    flip(damaged.case_root / "ledger/checkpoints/3", at=-8)
    assert "timestamp" in seen(damaged)


# --- what is no evidence -----------------------------------------------------------------------------


def test_the_citations_may_be_edited_and_the_report_says_that_they_are_no_evidence(damaged: SealedWorkspace) -> None:
    (damaged.case_root / "citations.yaml").write_text("anything")
    report = damaged.verify()
    assert report.verdict is Verdict.PASS
    assert any("citations.yaml" in line for line in report.not_proven)


@pytest.mark.parametrize("name", ["ledger/staged", "captures/.tmp-1-x", "../../archive/sha256/ab/.tmp-1-x"])
def test_what_a_crash_left_is_not_called_tampering_and_does_not_pass(damaged: SealedWorkspace, name: str) -> None:
    path = damaged.case_root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"half")
    report = damaged.verify()
    assert failures(report) == []
    assert report.verdict_of(Level.FILES) is Verdict.NOT_CHECKED


def test_an_empty_case_fails(damaged: SealedWorkspace) -> None:
    import shutil  # noqa: PLC0415 - only here

    shutil.rmtree(damaged.workspace / "manifests")
    assert "nothing-to-verify" in seen(damaged)


DAMAGE: dict[str, Callable[[dict[str, object]], None]] = {
    "a larger number of records": lambda found: found.update(records=99),
    "another main record": lambda found: found.update(main_record_id="<urn:uuid:0>"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_manifest_that_says_other_things_of_its_warc_is_caught_without_the_signature(
    damaged: SealedWorkspace, name: str
) -> None:
    path = damaged.case_root / FIRST
    found = json.loads(path.read_bytes())
    statement = json.loads(base64.b64decode(found["payload"]))
    DAMAGE[name](statement["predicate"]["attempt"]["warc"])
    payload = json.dumps(statement, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()
    found["payload"] = base64.b64encode(payload).decode()
    path.write_bytes(json.dumps(found, separators=(",", ":"), sort_keys=True).encode())
    assert "warc-records" in seen(damaged)


def test_what_a_hostile_record_says_never_reaches_the_terminal(damaged: SealedWorkspace) -> None:
    path = damaged.archived("warc.gz")
    records = gzip.decompress(path.read_bytes()).split(b"WARC/1.1\r\n")[1:]
    hostile = [one.replace(b"https://example.org/", b"https://x/ \x1b[2J\x1b]0;owned\x07") for one in records]
    assert hostile != records
    path.write_bytes(b"".join(gzip.compress(b"WARC/1.1\r\n" + one) for one in hostile))
    (damaged.workspace / "archiver.toml").write_text(f'case = "{CASE}"\n[cases.{CASE}]\norigin = "{ORIGIN}"\n')
    done = subprocess.run(
        [sys.executable, "-m", "archiver", "verify", "--trust", damaged.trust],
        cwd=damaged.workspace,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert b"\x1b" not in done.stdout + done.stderr
    assert done.stderr == b""
