"""The commands that docs/verify-by-hand.md gives to auditors, word for word, judge what we wrote."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from archiver.formats import entry, note, tiles
from archiver.formats.checkpoint import encode as encode_checkpoint
from archiver.model.digest import Digest
from archiver.model.provenance import Checkpoint, Entry, EntryType, Opening
from archiver.proof.merkle import leaf_hash, root
from archiver.proof.signature import Ed25519Signer, public_pem, sign_note
from tests.support.ledger_kit import CASE, INVESTIGATOR, LOG, ORIGIN, fixed_id, fixed_salt, sealed_capture
from tests.support.sealed_workspace import SealedWorkspace, make_sealed_workspace

PAGE = Path(__file__).parents[2] / "docs" / "verify-by-hand.md"
COMMANDS = re.findall(r"```bash\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
NEEDED = ("jq", "openssl", "sha256sum", "basenc", "bash")


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> SealedWorkspace:
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing:
        pytest.skip(f"an auditor's programs are not on this machine: {', '.join(missing)}")
    made = make_sealed_workspace(tmp_path_factory.mktemp("by-hand") / "whole")
    trust = made.folder / "by-hand"
    trust.mkdir()
    (trust / "investigator.pem").write_bytes(public_pem(INVESTIGATOR.public_key))
    (trust / "log.pem").write_bytes(public_pem(LOG.public_key))
    (trust / "tsa.pem").write_bytes(made.tsa_root)
    return made


def run(sealed: SealedWorkspace, command: str, *, number: int = 1) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "CASE": CASE,
        "ID": fixed_id(number),
        "SIZE": "3",
        "TRUST": str(sealed.folder / "by-hand"),
        "TOKEN": str(sealed.archived("tsr")),
        "QUERY": str(sealed.archived("tsq")),
    }
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=sealed.workspace,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_page_has_its_commands() -> None:
    assert len(COMMANDS) == 8


TOLD = [
    "OK",
    "Signature Verified Successfully",
    "OK",
    "",
    "Signature Verified Successfully",
    '"commit"',
    "OK",
    "Time stamp",
]


@pytest.mark.parametrize("number", range(len(COMMANDS)))
def test_a_command_of_the_page_accepts_what_is_whole(sealed: SealedWorkspace, number: int) -> None:
    if number in (2, 3):
        assert run(sealed, COMMANDS[1]).returncode == 0
    done = run(sealed, COMMANDS[number])
    assert done.returncode == 0, done.stdout + done.stderr
    assert TOLD[number] in done.stdout + done.stderr
    assert "FAILED" not in done.stdout


BROKEN = {
    0: "png",
    2: "png",
    3: "warc.gz",
    1: f"manifests/{CASE}/captures/{fixed_id(1)}.dsse.json",
    4: f"manifests/{CASE}/ledger/checkpoints/3",
    5: f"manifests/{CASE}/ledger/salts/0",
    6: f"manifests/{CASE}/ledger/tile/entries/000.p/4",
    7: f"manifests/{CASE}/ledger/checkpoints/3",
}


@pytest.mark.parametrize("number", range(len(COMMANDS)))
def test_the_same_command_refuses_what_was_changed(sealed: SealedWorkspace, tmp_path: Path, number: int) -> None:
    copy = sealed.copy(tmp_path / "copy")
    if number in (2, 3):
        assert run(copy, COMMANDS[1]).returncode == 0
    name = BROKEN[number]
    paths = [copy.workspace / name] if "/" in name else list((copy.workspace / "archive").rglob(f"*.{name}"))
    assert paths
    for path in paths:
        content = bytearray(path.read_bytes())
        # A checkpoint's signature line holds a name that no signature covers: damage the text above it.
        content[5 if "checkpoints" in name else len(content) // 2] ^= 1
        path.write_bytes(bytes(content))
    assert run(copy, COMMANDS[number]).returncode != 0


def forge_a_late_capture(copy: SealedWorkspace) -> None:
    """Do what an investigator does who wants a capture of today under a timestamp of yesterday.

    The signed and stamped checkpoint stays; tile and newest checkpoint are made anew around the late manifest.
    """
    late = sealed_capture(9)
    (copy.case_root / late.path).write_bytes(late.envelope)
    path = copy.case_root / "ledger/tile/entries/000.p/4"
    first, _, *others = tiles.decode_entries(path.read_bytes(), width=4)
    commit = entry.commitment(fixed_salt(9), late.envelope)
    forged = Entry(seq=1, type=EntryType.CAPTURE, prev=Digest.of(first), commit=commit)
    found = (first, entry.encode(forged), *others)
    path.write_bytes(tiles.encode_entries(found))
    opening = entry.encode_opening(Opening(seq=1, path=late.path, salt=fixed_salt(9)))
    (copy.case_root / "ledger/salts/1").write_bytes(opening)
    head = Checkpoint(origin=ORIGIN, size=4, root=root([leaf_hash(one) for one in found]))
    content = note.encode(sign_note(encode_checkpoint(head), ORIGIN, Ed25519Signer.from_seed(b"x" * 32)))
    (copy.case_root / "ledger/checkpoint").write_bytes(content)


def test_a_manifest_slipped_under_an_older_timestamp_is_refused(sealed: SealedWorkspace, tmp_path: Path) -> None:
    copy = sealed.copy(tmp_path / "copy")
    forge_a_late_capture(copy)
    done = {number: run(copy, COMMANDS[number], number=9).returncode for number in (1, 4, 5, 6, 7)}
    assert [number for number, code in done.items() if code] == [6]


def test_an_added_file_whose_name_is_no_digest_is_refused(sealed: SealedWorkspace, tmp_path: Path) -> None:
    copy = sealed.copy(tmp_path / "copy")
    (copy.workspace / "archive/sha256/notes.txt").write_bytes(b"x")
    assert run(copy, COMMANDS[0]).returncode != 0


def test_an_entry_after_the_checkpoint_is_not_shown_to_be_in_it(sealed: SealedWorkspace, tmp_path: Path) -> None:
    copy = sealed.copy(tmp_path / "copy")
    late = sealed_capture(9)
    (copy.case_root / late.path).write_bytes(late.envelope)
    opening = entry.encode_opening(Opening(seq=3, path=late.path, salt=fixed_salt(9)))
    (copy.case_root / "ledger/salts/3").write_bytes(opening)
    assert run(copy, COMMANDS[6], number=9).returncode != 0
