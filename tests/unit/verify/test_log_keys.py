"""Handovers between a ledger's keys: in which sizes each counts, and which events hand nothing over."""

from pathlib import Path

import pytest

from archiver.formats import layout
from archiver.formats.manifest import statement_of
from archiver.model.events import KeyAction, KeyEvent, KeyRole
from archiver.model.instant import Instant
from archiver.model.provenance import Signer, VerifierKey
from archiver.model.report import Check, Level, Verdict
from archiver.proof.signature import Ed25519Signer
from archiver.record.append import append
from archiver.seal.manifest import seal
from archiver.store.source import FolderSource
from archiver.verify.log_keys import in_force
from archiver.verify.policy import Handover, Trust, read_trust
from archiver.verify.run import verify
from tests.support.ledger_kit import CASE, INVESTIGATOR, LOG, CaseKit, fixed_id, fixed_salt, make_trust, new_case

A, B, C, D = (bytes([letter]) * 32 for letter in b"abcd")
NEXT = Ed25519Signer.from_seed(b"n" * 32)


def keys(*raw: bytes) -> tuple[VerifierKey, ...]:
    return tuple(VerifierKey(name="log", public_key=one) for one in raw)


def chain(*joined: tuple[int, bytes, bytes]) -> list[Handover]:
    return [Handover(seq=seq, old=old, new=new) for seq, old, new in joined]


@pytest.mark.parametrize(
    ("trusted", "size", "expected"),
    [
        ((A,), 3, (A,)),
        ((A,), 5, (A, B)),
        ((A,), 6, (B,)),
        ((A,), 10, (B, C)),
        ((A,), 99, (C,)),
        ((C,), 3, (A,)),
        ((C,), 99, (C,)),
        ((B,), 99, (C,)),
        ((D,), 99, (D,)),
        ((), 99, ()),
    ],
)
def test_each_key_of_a_chain_counts_in_its_own_sizes(
    trusted: tuple[bytes, ...], size: int, expected: tuple[bytes, ...]
) -> None:
    handovers = chain((4, A, B), (9, B, C))
    found = in_force(keys(*trusted), handovers, size=size)
    assert set(found) == set(keys(*expected))


def test_a_key_hands_over_once_and_never_back() -> None:
    for later in ((9, A, C), (9, C, B), (9, B, A)):
        handovers = chain((4, A, B), later)
        assert in_force(keys(A), handovers, size=99) == keys(B)


def test_a_key_of_another_ledger_is_not_followed() -> None:
    assert in_force(keys(A), chain((4, A, B)), size=99, origin="another") == ()


@pytest.fixture
def kit(tmp_path: Path) -> CaseKit:
    made = new_case(tmp_path)
    made.record(1)
    return made


def handover(kit: CaseKit, *signers: Signer, action: KeyAction = KeyAction.ROTATE) -> str:
    """Record an event about the ledger's key, signed by these."""
    at = Instant.parse("2026-11-25T10:00:00.000Z")
    event = KeyEvent(
        id=fixed_id(2),
        case=CASE,
        at=at,
        action=action,
        role=KeyRole.LOG,
        public_key=NEXT.public_key.hex(),
        effective_at=at,
        predecessor=LOG.public_key.hex() if action is KeyAction.ROTATE else None,
    )
    sealed = seal(statement_of(event), *signers)
    append(kit.book, sealed, salt=fixed_salt(2))
    return sealed.path


def told(kit: CaseKit, trust: Trust) -> list[Check]:
    report = verify(FolderSource(kit.workspace), cases=(CASE,), trust=trust, required=Level.LEDGER)
    return [one for one in report.checks if one.id == "ledger-handover"]


@pytest.fixture
def trust(kit: CaseKit) -> Trust:
    folder = make_trust(kit.workspace.parent / "trust")
    return read_trust(FolderSource(folder), origin="test")


def test_a_handover_that_both_keys_and_the_investigator_signed_is_told(kit: CaseKit, trust: Trust) -> None:
    handover(kit, INVESTIGATOR, LOG, NEXT)
    (check,) = told(kit, trust)
    assert (check.verdict, "entry 1 hands the ledger over" in check.reason) == (Verdict.PASS, True)


def test_one_that_a_key_did_not_sign_fails(kit: CaseKit, trust: Trust) -> None:
    handover(kit, INVESTIGATOR, LOG)
    assert [one.verdict for one in told(kit, trust)] == [Verdict.FAIL]


def test_without_the_investigator_it_fails_unless_the_auditor_named_none(kit: CaseKit, trust: Trust) -> None:
    handover(kit, LOG, NEXT)
    assert [one.verdict for one in told(kit, trust)] == [Verdict.FAIL]
    assert [one.verdict for one in told(kit, Trust(logs=trust.logs))] == [Verdict.PASS]


@pytest.mark.parametrize("action", [KeyAction.REVOKE, KeyAction.RETIRE])
def test_what_is_no_rotation_changes_nothing_and_is_told(kit: CaseKit, trust: Trust, action: KeyAction) -> None:
    handover(kit, INVESTIGATOR, NEXT, action=action)
    assert [one.verdict for one in told(kit, trust)] == [Verdict.NOT_CHECKED]


def test_the_announcement_of_a_key_changes_nothing(kit: CaseKit, trust: Trust) -> None:
    handover(kit, INVESTIGATOR, NEXT, action=KeyAction.ADD)
    assert told(kit, trust) == []


def test_one_whose_entry_is_about_another_manifest_fails(kit: CaseKit, trust: Trust) -> None:
    path = kit.case_root / handover(kit, INVESTIGATOR, LOG, NEXT)
    other = seal(statement_of(_read(path)), INVESTIGATOR, NEXT, LOG)
    path.chmod(0o644)
    path.write_bytes(other.envelope)
    assert "its entry is not about this manifest" in told(kit, trust)[0].reason
    path.unlink()
    assert told(kit, trust) == []
    assert (kit.case_root / layout.CHECKPOINT).exists()


def _read(path: Path) -> KeyEvent:
    from archiver.formats import envelope, manifest  # noqa: PLC0415 - only here

    found = manifest.decode(envelope.decode(path.read_bytes()).payload).predicate
    assert isinstance(found, KeyEvent)
    return found
