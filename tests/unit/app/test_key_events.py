"""Rotation, retirement, compromise: what the ledger says, what the verifier makes of it, what ssh-keygen says."""

from pathlib import Path
from typing import Any

import pytest

from archiver.app import key_events, keyring
from archiver.app.log import read_log
from archiver.formats import layout
from archiver.model.errors import SealError, UsageError
from archiver.model.instant import Instant
from archiver.model.report import Check, Verdict
from archiver.proof.signature import key_id, public_pem
from archiver.seal import keys
from archiver.store import durable
from tests.support.ledger_kit import CASE, fixed_id
from tests.support.own_case import SECRET, OwnCase, new_own_case
from tests.support.ssh import agent, need_ssh

LONG_AGO = Instant.parse("2001-01-01T00:00:00.000Z")


@pytest.fixture
def own(tmp_path: Path) -> OwnCase:
    made = new_own_case(tmp_path)
    made.capture(1)
    return made


def current(own: OwnCase) -> str:
    return key_id(keyring.open_investigator(own.home, SECRET).public_key)


def signature_of(own: OwnCase, path: str) -> Check:
    return next(one for one in own.verify().checks if one.id == "manifest-signature" and one.subject.endswith(path))


def test_after_a_rotation_old_and_new_manifests_count_and_the_ledger_says_who_took_over(own: OwnCase) -> None:
    old = current(own)
    done = key_events.rotate(own.ring(), reason="a new laptop")
    assert (done.key, done.successor, done.entries) == (old, current(own), {CASE: 1})
    own.capture(2)
    assert own.problems() == []
    assert "recorded before entry 1 ended the key" in signature_of(own, layout.capture_envelope(fixed_id(1))).reason
    assert [one.state for one in keyring.known_keys(own.home, SECRET) if one.role == "investigator"] == [
        "retired",
        "current",
    ]
    signers = (own.root / layout.ALLOWED_SIGNERS).read_text().splitlines()
    assert ["valid-before" in line for line in signers] == [True, False]
    assert (own.root / layout.INVESTIGATOR_PEM).read_bytes() == public_pem(
        keyring.open_investigator(own.home, SECRET).public_key
    )
    assert "rotate investigator key" in read_log(own.workspace, CASE)[1].about


def test_what_a_retired_key_signs_later_does_not_count(own: OwnCase) -> None:
    retired = keyring.open_investigator(own.home, SECRET)
    key_events.rotate(own.ring(), reason=None)
    path = own.home.retired_key(key_id(retired.public_key))
    durable.replace(own.home.investigator_key, path.read_bytes(), mode=0o600)
    own.capture(2)
    told = signature_of(own, layout.capture_envelope(fixed_id(2)))
    assert (told.verdict, "entry 1 ended this key before" in told.reason) == (Verdict.FAIL, True)


def test_an_auditor_who_knows_the_old_key_only_is_told_of_the_new_and_trusts_it_not(own: OwnCase) -> None:
    key_events.rotate(own.ring(), reason=None)
    own.capture(2)
    own.home.trusted_key(current(own)).unlink()
    told = signature_of(own, layout.capture_envelope(fixed_id(2)))
    assert told.verdict is Verdict.NOT_CHECKED
    assert "which entry 1 puts in the place of a key that you trust" in told.reason
    assert signature_of(own, layout.capture_envelope(fixed_id(1))).verdict is Verdict.PASS


def test_after_a_revocation_nothing_counts_that_no_timestamp_proves_to_be_older(own: OwnCase) -> None:
    stolen = current(own)
    done = key_events.revoke(own.ring(), stolen[:15], since=LONG_AGO, reason="a lost laptop")
    assert (done.key, done.entries) == (stolen, {CASE: 2})
    assert current(own) == done.successor != stolen
    told = signature_of(own, layout.capture_envelope(fixed_id(1)))
    assert told.verdict is Verdict.FAIL
    assert f"entry 2 revokes this key from {LONG_AGO} on, and no timestamp proves that it is older" in told.reason
    own.capture(2)
    assert signature_of(own, layout.capture_envelope(fixed_id(2))).verdict is Verdict.PASS
    assert (own.root / layout.REVOKED).read_bytes()[:8] == b"SSHKRL\n\0"
    again = key_events.revoke(own.ring(), stolen, since=LONG_AGO, reason="again")
    assert again.entries == {CASE: 2}, "the same revocation is not recorded twice"


def test_an_auditor_who_knows_the_revoked_key_only_learns_of_it(own: OwnCase) -> None:
    stolen = current(own)
    done = key_events.revoke(own.ring(), stolen, since=LONG_AGO, reason=None)
    own.home.trusted_key(done.successor or "").unlink()
    assert signature_of(own, layout.capture_envelope(fixed_id(1))).verdict is Verdict.FAIL
    events = [one for one in own.verify().checks if one.id == "manifest-signature" and "events/" in one.subject]
    assert {one.verdict for one in events} == {Verdict.FAIL, Verdict.NOT_CHECKED}


def test_a_retired_key_without_a_successor_makes_way_for_a_new_one(own: OwnCase) -> None:
    old = current(own)
    assert key_events.retire(own.ring(), reason="I left").successor is None
    with pytest.raises(SealError, match="no key to sign with"):
        own.open()
    assert own.problems() == []
    made = keyring.new_investigator(own.home, SECRET, from_agent=None)
    assert made.id == current(own) != old
    own.capture(2)
    assert own.problems() == []
    with pytest.raises(UsageError, match="there is an investigator's key already"):
        keyring.new_investigator(own.home, SECRET, from_agent=None)


def test_only_an_investigators_key_is_revoked_and_not_in_the_future(own: OwnCase) -> None:
    log = next(one for one in keyring.known_keys(own.home, SECRET) if one.role == "log")
    with pytest.raises(UsageError, match="is a log key"):
        key_events.revoke(own.ring(), log.id, since=LONG_AGO, reason=None)
    with pytest.raises(UsageError, match="in the future"):
        key_events.revoke(own.ring(), current(own), since=Instant.parse("9999-01-01T00:00:00.000Z"), reason=None)
    with pytest.raises(UsageError, match="expected one, found 0"):
        key_events.revoke(own.ring(), "ffffffffffffffffffff", since=LONG_AGO, reason=None)


@pytest.mark.parametrize("cut", ["before the entry", "after the entry", "after the swap"])
def test_a_rotation_that_is_cut_off_goes_on_where_it_ended(
    own: OwnCase, cut: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    if cut == "after the swap":
        real = durable.remove

        def remove(path: Path, **more: Any) -> None:  # noqa: ANN401 - passed on as it came
            stop() if path.name == "next.pem" else real(path, **more)

        monkeypatch.setattr(durable, "remove", remove)
    else:
        monkeypatch.setattr(key_events, "_record" if cut == "before the entry" else "swap", stop)
    with pytest.raises(KeyboardInterrupt):
        key_events.rotate(own.ring(), reason=None)
    monkeypatch.undo()
    swapped = current(own)
    done = key_events.rotate(own.ring(), reason=None)
    assert done.successor == current(own)
    assert not own.home.next_key.exists()
    assert len(read_log(own.workspace, CASE)) == (3 if cut == "after the swap" else 2)
    assert (done.key == swapped) is True
    own.capture(2)
    assert own.problems() == []


def test_files_that_a_crash_left_behind_the_entries_are_made_anew_by_the_next_start(own: OwnCase) -> None:
    key_events.rotate(own.ring(), reason=None)
    for name in (layout.ALLOWED_SIGNERS, layout.REVOKED):
        (own.root / name).unlink()
    assert len(own.problems()) == 2
    own.open()
    assert own.problems() == []
    (own.root / layout.ALLOWED_SIGNERS).write_text("investigator ssh-ed25519 AAAA\n")
    assert any("not what the key events say" in one for one in own.problems())


def test_files_of_keys_without_any_key_event_were_added(own: OwnCase) -> None:
    (own.root / layout.REVOKED).write_bytes(b"x")
    assert [one.split(" ")[0] for one in own.problems()] == ["public-keys"]


def test_a_key_in_an_agent_is_the_investigators(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    need_ssh()
    own = OwnCase(folder=tmp_path)
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    with pytest.raises(SealError, match="SSH_AUTH_SOCK names no SSH agent"):
        keyring.new_investigator(own.home, b"", from_agent="held")
    with agent(tmp_path / "agent") as place:
        monkeypatch.setenv("SSH_AUTH_SOCK", str(place))
        with pytest.raises(SealError, match="it holds: held"):
            keyring.new_investigator(own.home, b"", from_agent="other")
        made = keyring.new_investigator(own.home, b"", from_agent="held")
        new_own_case(tmp_path)
        own.capture(1)
        assert own.problems() == []
        assert [one.state for one in keyring.known_keys(own.home, SECRET)] == ["in the SSH agent", "current"]
        key_events.rotate(own.ring(), reason="from the token to a file")
        assert not own.home.investigator_agent.exists()
        assert current(own) != made.id
        own.capture(2)
        assert own.problems() == []
    own.home.investigator_agent.write_text("ssh-rsa AAAAB3NzaC1yc2EAAAAA\n")
    with pytest.raises(SealError, match="expected an Ed25519 key"):
        keyring.open_investigator(own.home, SECRET)


def test_a_retired_key_of_an_agent_is_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    need_ssh()
    with agent(tmp_path / "agent") as place:
        monkeypatch.setenv("SSH_AUTH_SOCK", str(place))
        own = OwnCase(folder=tmp_path)
        keyring.new_investigator(own.home, b"", from_agent="held")
        new_own_case(tmp_path)
        key_events.retire(own.ring(), reason=None)
    assert not own.home.investigator_agent.exists()


def test_keys_are_shown_exported_and_given_another_passphrase(own: OwnCase, tmp_path: Path) -> None:
    log = next(one for one in keyring.known_keys(own.home, SECRET) if one.role == "log")
    shown = keyring.show_key(log, own.home)
    assert "BEGIN PUBLIC KEY" in shown
    assert shown.splitlines()[-1].startswith("archiver.invalid/")
    assert {path.suffix for path in keyring.export_public(own.home, tmp_path / "for-the-auditor")} == {".pem", ".vkey"}
    keyring.new_identity(own.home, SECRET, name="R. K.")
    assert "identity" in {one.role for one in keyring.known_keys(own.home, SECRET)}
    assert len(keyring.change_passphrases(own.home, SECRET, b"another passphrase")) == 3
    assert keyring.change_passphrases(own.home, SECRET, b"another passphrase") == ()
    assert any("cannot be opened" in one.state for one in keyring.known_keys(own.home, SECRET))
    assert len(keys.load(own.home.investigator_key, b"another passphrase").public_key) == 32
    with pytest.raises(UsageError, match="nothing to export"):
        keyring.export_public(OwnCase(folder=tmp_path / "nobody").home, tmp_path / "x")
    with pytest.raises(UsageError, match="cannot be read"):
        keyring.sign(own.home, b"another passphrase", tmp_path / "absent")
