"""A proof of one entry by itself: the auditor's log, the leaf beside it, the auditor's quorum."""

from dataclasses import replace

import pytest

from archiver.formats import entry, proof
from archiver.formats.checkpoint import encode as encode_checkpoint
from archiver.formats.proof import TlogProof
from archiver.model.digest import Digest
from archiver.model.instant import Instant
from archiver.model.provenance import Checkpoint, Entry, EntryType, Group, Policy, VerifierKey, Witness
from archiver.model.report import Verdict
from archiver.proof.merkle import inclusion, leaf_hash, root
from archiver.proof.signature import Ed25519Signer, cosign_note, sign_note
from archiver.verify.policy import Trust
from archiver.verify.proof_file import check_proof
from tests.support.ledger_kit import BEGIN, LOG, ORIGIN

W1, W2 = Ed25519Signer.from_seed(b"1" * 32), Ed25519Signer.from_seed(b"2" * 32)
LOG_KEY = VerifierKey(name=ORIGIN, public_key=LOG.public_key)
LEAVES = [
    entry.encode(Entry(seq=seq, type=EntryType.CAPTURE, prev=Digest("0" * 64), commit=Digest("1" * 64)))
    for seq in range(5)
]
AT = Instant.parse("2026-11-24T12:00:00Z")


def witness(name: str, signer: Ed25519Signer) -> Witness:
    return Witness(name=name, key=VerifierKey(name=name, public_key=signer.public_key, algorithm=4))


POLICY = Policy(
    logs=(LOG_KEY,),
    witnesses=(witness("one", W1), witness("two", W2)),
    groups=(Group(name="both", threshold=2, members=("one", "two")),),
    quorum="both",
)


def made(*, index: int = 2, signer: Ed25519Signer = LOG, witnesses: bool = True, leaves: list[bytes] = LEAVES) -> bytes:
    hashes = [leaf_hash(one) for one in leaves]
    head = Checkpoint(origin=ORIGIN, size=len(leaves), root=root(hashes))
    note = sign_note(encode_checkpoint(head), ORIGIN, signer)
    if witnesses:
        lines = [cosign_note(note.text, name, one, at=AT) for name, one in (("one", W1), ("two", W2))]
        note = replace(note, signatures=(*note.signatures, *lines))
    return proof.encode(TlogProof(index=index, hashes=inclusion(hashes, index), checkpoint=note))


def verdicts(raw: bytes, leaf: bytes | None, trust: Trust) -> dict[str, Verdict]:
    checks = check_proof(raw, leaf=leaf, subject="e.tlog-proof", leaf_name="e.leaf", trust=trust)
    return {one.id: one.verdict for one in checks}


TRUST = Trust(logs=(LOG_KEY,), policies=(POLICY,))
GOOD = dict.fromkeys(("proof", "proof-checkpoint", "proof-inclusion", "proof-quorum"), Verdict.PASS)


def test_a_proof_passes_under_the_auditors_own_log_and_quorum() -> None:
    assert verdicts(made(), LEAVES[2], TRUST) == GOOD


@pytest.mark.parametrize(
    ("change", "name", "verdict"),
    [
        ({"leaf": LEAVES[1]}, "proof-inclusion", Verdict.FAIL),
        ({"leaf": b"not an entry"}, "proof-inclusion", Verdict.FAIL),
        ({"leaf": None}, "proof-inclusion", Verdict.NOT_CHECKED),
        ({"raw": made(signer=W1)}, "proof-checkpoint", Verdict.FAIL),
        ({"raw": made(witnesses=False)}, "proof-quorum", Verdict.NOT_CHECKED),
        ({"trust": replace(TRUST, at=BEGIN)}, "proof-quorum", Verdict.NOT_CHECKED),
        ({"trust": Trust(logs=(LOG_KEY,))}, "proof-quorum", Verdict.NOT_CHECKED),
    ],
)
def test_each_part_that_is_missing_or_wrong_is_told_by_its_own_check(
    change: dict[str, object], name: str, verdict: Verdict
) -> None:
    given = {"raw": made(), "leaf": LEAVES[2], "trust": TRUST, **change}
    assert verdicts(**given) == {**GOOD, name: verdict}  # type: ignore[arg-type] # by its case


def test_without_a_log_of_the_auditors_nothing_is_signed_by_anybody() -> None:
    found = verdicts(made(), LEAVES[2], Trust())
    assert found["proof-checkpoint"] is found["proof-quorum"] is Verdict.NOT_CHECKED


def test_a_leaf_of_another_kind_of_log_is_proven_and_told_as_that() -> None:
    leaves = [b"a", b"b", b"c"]
    assert verdicts(made(leaves=leaves), b"c", TRUST) == GOOD


def test_an_entry_at_another_index_than_it_says_is_told() -> None:
    swapped = [LEAVES[1], LEAVES[0]]
    assert verdicts(made(leaves=swapped, index=0), LEAVES[1], TRUST)["proof-inclusion"] is Verdict.FAIL


def test_what_is_no_proof_is_told_and_nothing_else_asked() -> None:
    assert verdicts(b"x", None, TRUST) == {"proof": Verdict.FAIL}
