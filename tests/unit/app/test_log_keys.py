"""A ledger's own key is rotated: what both keys sign, what the verifier follows, what a stolen old key cannot do."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from archiver.app import key_events, keyring, log_keys
from archiver.app.cosigner import follow
from archiver.app.log import check_old, read_log
from archiver.app.witness import add_cosigned, make_request, name_witness
from archiver.formats import add_checkpoint, layout, note
from archiver.formats import policy as policies
from archiver.formats.checkpoint import encode as encode_checkpoint
from archiver.model.errors import Damaged, UsageError
from archiver.model.events import KeyAction, KeyRole
from archiver.model.provenance import Checkpoint, VerifierKey
from archiver.model.report import Check, Level, Verdict
from archiver.proof.signature import key_id, sign_note, verify_note
from archiver.seal import keys
from archiver.store import durable
from tests.support.ledger_kit import CASE
from tests.support.own_case import SECRET, OwnCase, new_own_case
from tests.support.second import Second, sign_by_file


@pytest.fixture
def own(tmp_path: Path) -> OwnCase:
    made = new_own_case(tmp_path)
    made.capture(1)
    return made


def origin(own: OwnCase) -> str:
    return own.workspace.origin(CASE)


def key_of(own: OwnCase) -> VerifierKey:
    return VerifierKey(name=origin(own), public_key=keys.load(own.home.log_key(origin(own)), SECRET).public_key)


def signed_by(own: OwnCase, size: int, *known: VerifierKey) -> list[bool]:
    found = note.decode((own.root / layout.checkpoint_of(size)).read_bytes())
    return [verify_note(found, key) for key in known]


def first_vkey(own: OwnCase) -> Path:
    return own.home.trust / "logs" / f"{origin(own).rsplit('/', 1)[-1]}.vkey"


def ledger_checks(own: OwnCase) -> dict[Verdict, list[Check]]:
    found: dict[Verdict, list[Check]] = {}
    for one in own.verify().checks:
        if one.level is Level.LEDGER:
            found.setdefault(one.verdict, []).append(one)
    return found


def failures(own: OwnCase) -> list[str]:
    return [f"{one.id}: {one.reason}" for one in ledger_checks(own).get(Verdict.FAIL, [])]


def test_both_keys_sign_the_handover_and_only_the_new_one_signs_on(own: OwnCase) -> None:
    old = key_of(own)
    done = key_events.rotate_log(own.ring(), CASE, reason="a yearly change")
    new = key_of(own)
    assert (done.key, done.successor, done.entries) == (key_id(old.public_key), key_id(new.public_key), {CASE: 1})
    own.capture(2)
    assert [signed_by(own, size, old, new) for size in (1, 2, 3)] == [[True, False], [True, True], [False, True]]
    assert own.problems() == []
    assert note.decode_vkey((own.root / layout.LOG_VKEY).read_text().strip()) == new
    assert policies.decode((own.root / layout.POLICY).read_bytes()).logs == (new,)
    assert "rotate log key" in read_log(own.workspace, CASE)[1].about
    assert not (own.root / layout.ALLOWED_SIGNERS).exists(), "the investigator's keys are as they were"


def test_the_old_key_is_destroyed_and_the_new_one_is_shown_with_its_vkey(own: OwnCase) -> None:
    old = key_of(own)
    key_events.rotate_log(own.ring(), CASE, reason=None)
    known = keyring.known_keys(own.home, SECRET)
    assert old.public_key not in {one.public_key for one in known}
    (found,) = [one for one in known if one.role == "log"]
    assert note.encode_vkey(key_of(own)) in keyring.show_key(found, own.home)


@pytest.mark.parametrize("trusted", ["old", "new", "both"])
def test_the_chain_is_followed_from_whichever_key_the_auditor_trusts(own: OwnCase, trusted: str) -> None:
    for number in (2, 3):
        key_events.rotate_log(own.ring(), CASE, reason=None)
        own.capture(number)
    newest = own.home.trusted_log(origin(own), key_id(key_of(own).public_key))
    for path in (own.home.trust / "logs").glob("*.vkey"):
        if (trusted == "old" and path != first_vkey(own)) or (trusted == "new" and path != newest):
            path.unlink()
    assert failures(own) == []
    assert ledger_checks(own).keys() == {Verdict.PASS}
    assert sum(one.id == "ledger-handover" for one in ledger_checks(own)[Verdict.PASS]) == 2


def test_without_trust_nothing_passes_and_nothing_fails_for_the_rotation(own: OwnCase) -> None:
    key_events.rotate_log(own.ring(), CASE, reason=None)
    own.capture(2)
    shutil.rmtree(own.home.trust)
    assert failures(own) == []
    told = {one.id for one in ledger_checks(own)[Verdict.NOT_CHECKED]}
    assert {"ledger-checkpoint", "ledger-history"} <= told


def test_a_stolen_old_key_cannot_go_on_with_a_ledger_that_was_handed_over(own: OwnCase) -> None:
    stolen = keys.load(own.home.log_key(origin(own)), SECRET)
    key_events.rotate_log(own.ring(), CASE, reason=None)
    own.capture(2)
    head = own.open().book.ledger.checkpoint()
    assert head is not None
    forged = note.encode(sign_note(encode_checkpoint(head), origin(own), stolen))
    for path in (layout.CHECKPOINT, layout.checkpoint_of(3)):
        durable.replace(own.root / path, forged)
    told = failures(own)
    assert len(told) == 2
    assert all("not signed by a key that you trust" in one and one.endswith("at this size any more") for one in told)


def test_a_writer_that_began_before_the_rotation_signs_nothing_with_the_old_key(own: OwnCase) -> None:
    before = own.open()
    key_events.rotate_log(own.ring(), CASE, reason=None)
    with pytest.raises(Damaged, match="not signed by this ledger's key") as caught:
        key_events._record(before, key_events._event(before, KeyAction.ADD, b"k" * 32, reason=None), ())
    assert "rotated while this ran" in caught.value.hint
    assert own.open().book.ledger.size() == 2


def test_the_new_key_signs_no_smaller_tree_than_the_old_one_did(own: OwnCase, tmp_path: Path) -> None:
    own.capture(2)
    shutil.copytree(own.workspace.root, tmp_path / "kept")
    own.capture(3)
    key_events.rotate_log(own.ring(), CASE, reason=None)
    shutil.rmtree(own.workspace.root)
    shutil.copytree(tmp_path / "kept", tmp_path / "workspace")
    with pytest.raises(Damaged):
        own.open()


def test_a_stolen_ledger_key_alone_hands_nothing_over(own: OwnCase) -> None:
    """The thief has the ledger's key and not the investigator's: whom he names is not followed."""
    stolen = keys.load(own.home.log_key(origin(own)), SECRET)
    theirs = keys.create(own.folder / "theirs.pem", SECRET)
    case = own.open()
    event = key_events._event(
        case,
        KeyAction.ROTATE,
        theirs.public_key,
        reason=None,
        predecessor=stolen.public_key,
        role=KeyRole.LOG,
    )
    key_events._record(case, event, (stolen, theirs))
    assert any("a ledger's key alone hands nothing over" in one for one in failures(own))


def test_a_policy_that_the_person_trusts_names_the_new_key(own: OwnCase, tmp_path: Path) -> None:
    second = Second(tmp_path / "second", own)
    name_witness(own.workspace, CASE, name="second", vkey=second.vkey, url=None, quorum=1, home=own.home)
    key_events.rotate_log(own.ring(), CASE, reason=None)
    for path in (own.root / layout.POLICY, own.home.trusted_policy(origin(own))):
        found = policies.decode(path.read_bytes())
        assert (found.logs, [one.name for one in found.witnesses]) == ((key_of(own),), ["second"])


def test_an_old_checkpoint_that_somebody_kept_is_known_across_a_rotation(own: OwnCase) -> None:
    kept = (own.root / layout.checkpoint_of(1)).read_bytes()
    key_events.rotate_log(own.ring(), CASE, reason=None)
    first_vkey(own).unlink()
    told = check_old(own.workspace, CASE, kept, subject="kept", home=own.home)
    assert (told.verdict, "by an unbroken handover" in told.reason) == (Verdict.PASS, True)


def test_a_witness_that_follows_the_new_key_instead_cosigns_nothing_by_the_old(own: OwnCase, tmp_path: Path) -> None:
    second = Second(tmp_path / "second", own)
    stolen = keys.load(own.home.log_key(origin(own)), SECRET)
    name_witness(own.workspace, CASE, name="second", vkey=second.vkey, url=None, quorum=1, home=own.home)
    add_cosigned(own.open(), own.workspace, by_file(own, second))
    key_events.rotate_log(own.ring(), CASE, reason=None)
    own.capture(2)
    with pytest.raises(UsageError, match="not signed by this ledger's key"):
        by_file(own, second)
    follow(second.home, note.encode_vkey(key_of(own)), instead=True)
    request = add_checkpoint.decode(make_request(own.workspace, CASE, "second"))
    forged = sign_note(request.checkpoint.text, origin(own), stolen)
    asked = add_checkpoint.encode(replace(request, checkpoint=forged))
    assert second.cosigner.add_checkpoint(asked).status == 403
    add_cosigned(own.open(), own.workspace, by_file(own, second))
    assert own.problems() == []


def by_file(own: OwnCase, second: Second) -> bytes:
    return sign_by_file(second, make_request(own.workspace, CASE, "second"), own.folder)


class _CutOffError(Exception):
    pass


@pytest.mark.parametrize("step", ["next_log_key", "_record", "_trust", "_publish", "replace", "remove"])
def test_a_rotation_that_is_cut_off_is_ended_by_the_next_start_or_the_next_try(
    own: OwnCase, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """After each step: the ledger goes on, verifies, and has one key in the end."""

    def cut(*_: object, **__: object) -> None:
        raise _CutOffError

    old = key_of(own)
    with monkeypatch.context() as patched:
        if step == "next_log_key":
            patched.setattr(key_events, "_record", cut)
        elif step == "_record":
            patched.setattr(key_events, "finish_rotation", cut)
        elif step in ("_trust", "_publish"):
            patched.setattr(log_keys, step, cut)
        else:
            patched.setattr(log_keys, "durable", _Cut(step))
        with pytest.raises(_CutOffError):
            key_events.rotate_log(own.ring(), CASE, reason=None)
    own.capture(2)
    assert own.problems() == []
    assert own.home.next_log_key(origin(own)).exists() == (step == "next_log_key")
    if step == "next_log_key":
        assert key_of(own) == old
        assert len(note.decode((own.root / layout.CHECKPOINT).read_bytes()).signatures) == 2, "both keys sign meanwhile"
        key_events.rotate_log(own.ring(), CASE, reason=None)
    assert key_of(own) != old
    own.capture(3)
    assert len(note.decode((own.root / layout.CHECKPOINT).read_bytes()).signatures) == 1
    assert own.problems() == []
    assert sum(one.type == "key-event" for one in read_log(own.workspace, CASE)) == 1


class _Cut:
    """The durable writes, cut off before the swap's own ``replace``, or before what ends it."""

    def __init__(self, step: str) -> None:
        self._step = step

    def replace(self, path: Path, content: bytes, *, mode: int = 0o644) -> None:
        if self._step == "replace" and path.name.startswith("log-"):
            raise _CutOffError
        durable.replace(path, content, mode=mode)

    def remove(self, _: Path) -> None:
        raise _CutOffError

    put_once = staticmethod(durable.put_once)


def test_a_checkpoint_that_was_kept_under_the_old_key_alone_is_taken_as_it_is(own: OwnCase) -> None:
    """A crash kept the checkpoint of an append; the rotation began before the next start: nothing is signed anew."""
    case = own.open()
    old = key_of(own)
    book = case.book
    head = book.ledger.checkpoint()
    assert head is not None
    keys.create(own.home.next_log_key(origin(own)), SECRET)
    again = own.open().book
    text = encode_checkpoint(Checkpoint(origin=head.origin, size=head.size, root=head.root))
    from archiver.record.append import _signed  # noqa: PLC0415 - the step itself

    assert again.successor is not None
    assert _signed(again, head) == note.encode(sign_note(text, origin(own), book.signer))
    assert verify_note(note.decode(_signed(again, head)), old)
