"""Other people's programs, given our files, agree with us: about what is whole and about what is forged."""

import base64
import shutil
import subprocess
import sys
from pathlib import Path

import pymerkle
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from securesystemslib.dsse import Envelope as ForeignEnvelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer._key import SSlibKey

from archiver.formats import envelope as ours
from archiver.formats import note, proof
from archiver.model.provenance import VerifierKey
from archiver.proof.merkle import inclusion, leaf_hash, root
from archiver.proof.signature import key_id, public_pem
from tests.support.ledger_kit import INVESTIGATOR, LOG, ORIGIN, CaseKit, new_case

SIZE = 21


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> CaseKit:
    made = new_case(tmp_path_factory.mktemp("foreign"))
    for number in range(SIZE):
        made.record(number)
    return made


def foreign_envelope(raw: bytes) -> ForeignEnvelope:
    found = ours.decode(raw)
    return ForeignEnvelope.from_dict(
        {
            "payload": base64.b64encode(found.payload).decode(),
            "payloadType": found.payload_type,
            "signatures": [
                {"keyid": one.key_id, "sig": base64.b64encode(one.signature).decode()} for one in found.signatures
            ],
        }
    )


def foreign_key(raw: bytes) -> SSlibKey:
    return SSlibKey.from_crypto(load_pem_public_key(public_pem(raw)), key_id(raw))


def test_securesystemslib_verifies_our_envelopes_and_refuses_another_key(kit: CaseKit) -> None:
    paths = kit.book.manifests.list()
    assert len(paths) == SIZE
    for path in paths[:5]:
        found = foreign_envelope(kit.book.manifests.read(path))
        assert found.verify([foreign_key(INVESTIGATOR.public_key)], 1)
        with pytest.raises(VerificationError):
            found.verify([foreign_key(LOG.public_key)], 1)


def test_pymerkle_gives_the_same_root(kit: CaseKit) -> None:
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    leaves = kit.book.ledger.leaves()
    for leaf in leaves:
        tree.append_entry(leaf)
    checkpoint = kit.book.ledger.checkpoint()
    assert checkpoint is not None
    assert tree.get_root() == checkpoint.root == root([leaf_hash(one) for one in leaves])


def proofbundle(kit: CaseKit, folder: Path, *, leaf: bytes, index: int) -> int:
    program = Path(sys.executable).parent / "proofbundle"
    assert shutil.which(str(program)), "proofbundle is a development dependency"
    head = kit.book.ledger.head()
    assert head is not None
    hashes = [leaf_hash(one) for one in kit.book.ledger.leaves()]
    made = proof.TlogProof(index=index, hashes=inclusion(hashes, index), checkpoint=head)
    (folder / "entry.tlog-proof").write_bytes(proof.encode(made))
    (folder / "entry.leaf").write_bytes(leaf)
    vkey = note.encode_vkey(VerifierKey(name=ORIGIN, public_key=LOG.public_key))
    done = subprocess.run(
        [
            program,
            "verify-proof",
            folder / "entry.tlog-proof",
            "--payload-file",
            folder / "entry.leaf",
            "--log-vkey",
            vkey,
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode


def test_proofbundle_verifies_our_inclusion_proofs_and_refuses_a_forged_entry(kit: CaseKit, tmp_path: Path) -> None:
    leaves = kit.book.ledger.leaves()
    for index in (0, 7, SIZE - 1):
        assert proofbundle(kit, tmp_path, leaf=leaves[index], index=index) == 0
    assert proofbundle(kit, tmp_path, leaf=leaves[3].replace(b'"seq":3', b'"seq":4'), index=3) != 0


def test_the_verifier_runs_where_there_is_no_network_at_all(tmp_path: Path) -> None:
    from tests.support.sealed_workspace import make_sealed_workspace  # noqa: PLC0415 - only here

    cut_off = ["unshare", "--map-root-user", "--net"]
    if (
        shutil.which("unshare") is None
        or subprocess.run([*cut_off, "true"], capture_output=True, check=False).returncode
    ):
        pytest.skip("this machine does not let a process cut off its own network (unshare)")
    made = make_sealed_workspace(tmp_path / "whole")
    (made.workspace / "archiver.toml").write_text(f'case = "case-1"\n[cases.case-1]\norigin = "{ORIGIN}"\n')
    done = subprocess.run(
        [*cut_off, sys.executable, "-m", "archiver", "verify", "--trust", made.trust, "--require", "L3"],
        cwd=made.workspace,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "PASS  (required: L3)" in done.stdout
