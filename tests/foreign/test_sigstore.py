"""npm's ``@sigstore/verify`` reads our envelopes, checkpoints and proofs, and refuses each if it is changed."""

import base64
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from archiver.formats import envelope, note
from archiver.model.provenance import VerifierKey
from archiver.proof.merkle import inclusion, leaf_hash
from archiver.proof.signature import public_pem
from tests.support.ledger_kit import INVESTIGATOR, LOG, ORIGIN, CaseKit, new_case

ROOT = Path(__file__).parents[2]
INSTALLED = ROOT / ".node-judges"
PROGRAM = Path(__file__).parent / "judges" / "node" / "sigstore.js"
SIZE, INDEX = 21, 7
WRONG_PROOF = "TLOG_INCLUSION_PROOF_ERROR"


@pytest.fixture(scope="module")
def question(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    if shutil.which("node") is None:
        pytest.skip("no node on this machine")
    if not (INSTALLED / "node_modules" / "@sigstore" / "verify").is_dir():
        pytest.skip("@sigstore/verify is not installed: make test installs it where npm is")
    kit = new_case(tmp_path_factory.mktemp("sigstore"))
    for number in range(SIZE):
        kit.record(number)
    return asked(kit)


def asked(kit: CaseKit) -> dict[str, object]:
    head, leaves = kit.book.ledger.head(), kit.book.ledger.leaves()
    assert head is not None
    return {
        "envelope": plain(kit.book.manifests.read(kit.book.manifests.list()[INDEX])),
        "key": public_pem(INVESTIGATOR.public_key).decode(),
        "log": note.encode_vkey(VerifierKey(name=ORIGIN, public_key=LOG.public_key)),
        "checkpoint": plain(note.encode(head)),
        "leaf": plain(leaves[INDEX]),
        "index": INDEX,
        "size": SIZE,
        "hashes": [plain(one) for one in inclusion([leaf_hash(one) for one in leaves], INDEX)],
    }


def plain(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def changed(text: object, old: bytes, new: bytes) -> str:
    raw = base64.b64decode(str(text))
    assert old in raw
    return plain(raw.replace(old, new))


def answer(question: dict[str, object], **changes: object) -> list[str]:
    """Give what it says of envelope, checkpoint and inclusion."""
    done = subprocess.run(
        ["node", PROGRAM, INSTALLED],
        input=json.dumps({**question, **changes}),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout.split()


def test_it_verifies_what_is_whole(question: dict[str, object]) -> None:
    assert answer(question) == ["yes", "yes", "yes"]


def test_it_refuses_an_envelope_whose_payload_was_changed(question: dict[str, object]) -> None:
    found = envelope.decode(base64.b64decode(str(question["envelope"])))
    assert b"example.org" in found.payload
    old, new = plain(found.payload), plain(found.payload.replace(b"example.org", b"example.com"))
    forged = changed(question["envelope"], old.encode(), new.encode())
    assert answer(question, envelope=forged) == ["SIGNATURE_ERROR", "yes", "yes"]


def test_it_refuses_an_envelope_by_another_key(question: dict[str, object]) -> None:
    assert answer(question, key=public_pem(LOG.public_key).decode()) == ["SIGNATURE_ERROR", "yes", "yes"]


def test_it_refuses_a_checkpoint_of_another_size_and_one_of_another_log(question: dict[str, object]) -> None:
    other = changed(question["checkpoint"], b"\n21\n", b"\n22\n")
    assert answer(question, checkpoint=other) == ["yes", WRONG_PROOF, "yes"]
    stranger = note.encode_vkey(VerifierKey(name=ORIGIN, public_key=INVESTIGATOR.public_key))
    assert answer(question, log=stranger) == ["yes", WRONG_PROOF, "yes"]


def test_it_refuses_an_entry_that_is_not_the_one_proven(question: dict[str, object]) -> None:
    forged = changed(question["leaf"], b'"seq":7', b'"seq":8')
    assert answer(question, leaf=forged) == ["yes", "yes", WRONG_PROOF]
