"""A proof to give away carries what witnesses signed, wherever one has cosigned a checkpoint that counts the entry."""

from pathlib import Path

import pytest

from archiver.app.log import Proven, prove
from archiver.app.witness import add_cosigned, make_request, name_witness
from archiver.formats import layout, note, proof
from archiver.formats.checkpoint import decode as decode_checkpoint
from archiver.model.provenance import Note, VerifierKey
from archiver.proof.merkle import leaf_hash, verify_inclusion
from archiver.proof.signature import cosigned_at, verify_note
from tests.support.ledger_kit import CASE
from tests.support.own_case import OwnCase, new_own_case
from tests.support.second import Second, sign_by_file


@pytest.fixture
def own(tmp_path: Path) -> OwnCase:
    made = new_own_case(tmp_path)
    made.capture(1)
    made.capture(2)
    return made


def cosign(own: OwnCase, second: Second, folder: Path, *, called: str) -> None:
    name_witness(own.workspace, CASE, name=called, vkey=second.vkey, url=None, quorum=1, home=own.home)
    request = make_request(own.workspace, CASE, called)
    add_cosigned(own.open(), own.workspace, sign_by_file(second, request, folder))


def opened(own: OwnCase, found: Proven) -> Note:
    """Give the proof's note if it proves the entry and the ledger signed it."""
    made = proof.decode(found.proof)
    head = decode_checkpoint(made.checkpoint.text)
    log = note.decode_vkey((own.root / layout.LOG_VKEY).read_text().strip())
    assert verify_note(made.checkpoint, VerifierKey(name=log.name, public_key=log.public_key))
    assert head.size == found.size
    assert verify_inclusion(leaf_hash(found.leaf), made.index, head.size, made.hashes, head.root)
    return made.checkpoint


def test_a_proof_is_against_the_checkpoint_that_a_witness_cosigned(own: OwnCase, tmp_path: Path) -> None:
    second = Second(tmp_path / "second", own)
    assert prove(own.workspace, CASE, "0").witnesses == ()
    cosign(own, second, tmp_path, called="second")
    own.capture(3)
    found = prove(own.workspace, CASE, "1")
    assert (found.size, found.witnesses) == (2, ("second",))
    key = note.decode_vkey(second.vkey, algorithm=note.COSIGNATURE)
    assert cosigned_at(opened(own, found), key) is not None
    later = prove(own.workspace, CASE, "3")
    assert (later.size, later.witnesses) == (4, ()), "nobody has cosigned what counts the newest entry"
    assert len(opened(own, later).signatures) == 1
    assert prove(own.workspace, CASE, "1", newest=True).size == 4


def test_of_two_cosigned_checkpoints_the_one_with_more_witnesses_is_taken(own: OwnCase, tmp_path: Path) -> None:
    first, second = Second(tmp_path / "a", own), Second(tmp_path / "b", own, name="example.org/w2")
    cosign(own, first, tmp_path, called="first")
    own.capture(3)
    cosign(own, second, tmp_path, called="second")
    assert prove(own.workspace, CASE, "0").witnesses == ("second",), "of equal ones the newest"
    name = make_request(own.workspace, CASE, "first")
    add_cosigned(own.open(), own.workspace, sign_by_file(first, name, tmp_path))
    request = make_request(own.workspace, CASE, "second")
    add_cosigned(own.open(), own.workspace, sign_by_file(second, request, tmp_path))
    found = prove(own.workspace, CASE, "0")
    assert found.witnesses == ("second",)
    assert len(opened(own, found).signatures) == 2


def test_a_witness_who_is_not_in_the_policy_is_not_in_a_proof(own: OwnCase, tmp_path: Path) -> None:
    cosign(own, Second(tmp_path / "second", own), tmp_path, called="second")
    policy = own.root / layout.POLICY
    policy.write_text("".join(line for line in policy.read_text().splitlines(keepends=True) if line.startswith("log")))
    policy.write_text(policy.read_text() + "quorum none\n")
    assert prove(own.workspace, CASE, "0").witnesses == ()


@pytest.mark.parametrize("damage", ["missing note", "no note", "another text", "missing checkpoint"])
def test_a_cosignature_that_cannot_be_read_is_left_out_of_a_proof(own: OwnCase, tmp_path: Path, damage: str) -> None:
    cosign(own, Second(tmp_path / "second", own), tmp_path, called="second")
    (path,) = (own.workspace.root / "archive").rglob("*.note")
    path.chmod(0o644)
    if damage == "missing note":
        path.unlink()
    elif damage == "no note":
        path.write_text("nothing")
    elif damage == "another text":
        path.write_text(path.read_text().replace("\n2\n", "\n1\n"))
    else:
        (own.root / layout.checkpoint_of(2)).unlink()
    assert prove(own.workspace, CASE, "0").witnesses == ()
