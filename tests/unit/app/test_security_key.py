"""A person whose key is a security key: made, shown, used, rotated to and from, lost; each case verified as a whole."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from archiver.app import key_events, keyring
from archiver.app.next_key import next_key
from archiver.formats import layout, manifest, ssh
from archiver.formats.envelope import decode
from archiver.model.errors import FormatError, SealError, UsageError
from archiver.model.instant import Instant
from archiver.model.report import Verdict
from archiver.proof.signature import key_id, public_file, public_from_pem, read_public_file, verifying_keys
from archiver.store import durable
from archiver.store.source import FolderSource
from archiver.verify.policy import read_trust
from tests.support.ledger_kit import CASE, fixed_id
from tests.support.own_case import SECRET, OwnCase, new_own_case
from tests.support.security_key import PERSON_VERIFIED, TOUCHED, Device, device_agent
from tests.unit.app.test_key_events import current, signature_of

LONG_AGO = Instant.parse("2001-01-01T00:00:00.000Z")


@contextmanager
def plugged(folder: Path, monkeypatch: pytest.MonkeyPatch, *devices: Device) -> Iterator[None]:
    """An agent holds these devices; OwnCase finds it as any program does."""
    with device_agent(folder, *devices) as place:
        monkeypatch.setenv("SSH_AUTH_SOCK", str(place))
        yield


@pytest.fixture
def device() -> Device:
    return Device()


@pytest.fixture
def other() -> Device:
    return Device(seed=b"o" * 32)


@pytest.fixture
def own(tmp_path: Path, device: Device, other: Device, monkeypatch: pytest.MonkeyPatch) -> Iterator[OwnCase]:
    """A case whose investigator's key is a security key, with one capture."""
    made = OwnCase(folder=tmp_path)
    with plugged(tmp_path / "agent", monkeypatch, device, other):
        known = keyring.new_investigator(made.home, b"", from_agent="device-0")
        assert (known.id, known.state) == (key_id(device.public_key), "on a security key")
        new_own_case(tmp_path)
        made.capture(1)
        yield made


def test_what_a_security_key_sealed_passes_and_the_report_says_how_it_was_touched(own: OwnCase, device: Device) -> None:
    device.flags = TOUCHED | PERSON_VERIFIED
    own.capture(2)
    assert own.problems() == []
    assert (own.verify().verdict, len(device.signed)) == (Verdict.PASS, 2)
    first, second = (signature_of(own, layout.capture_envelope(fixed_id(one))).reason for one in (1, 2))
    assert first.endswith("which you trust (security key, touched, its counter says 1)")
    assert second.endswith("which you trust (security key, touched, PIN or finger checked, its counter says 2)")
    assert (own.root / layout.INVESTIGATOR_PUB).read_bytes() == public_file(device.public_key)
    assert not (own.root / layout.INVESTIGATOR_PEM).exists()


def test_keys_are_listed_shown_exported_and_sign_a_file(own: OwnCase, device: Device, tmp_path: Path) -> None:
    known = keyring.find_key(own.home, SECRET, key_id(device.public_key)[:20])
    assert (known.role, known.state) == ("investigator", "on a security key")
    assert keyring.show_key(known, own.home) == ssh.public_line(device.public_key)
    out = tmp_path / "for-the-auditor"
    assert {one.suffix for one in keyring.export_public(own.home, out)} == {".pub", ".vkey"}
    assert read_trust(FolderSource(out), origin="x").investigator_keys == (device.public_key,)
    told: list[str] = []
    (tmp_path / "m").write_bytes(b"message")
    made = keyring.sign(own.home, SECRET, tmp_path / "m", tell=told.append)
    assert ssh.decode_signature(made.read_bytes())[0] == device.public_key
    assert told == ["touch your security key: it is to sign"]
    with pytest.raises(UsageError, match="there is an investigator's key already"):
        keyring.new_investigator(own.home, SECRET, from_agent="device-1")


def test_a_person_who_does_not_touch_it_loses_nothing(own: OwnCase, device: Device, other: Device) -> None:
    device.flags = 0
    with pytest.raises(SealError, match="without being touched"):
        own.capture(2)
    assert own.problems() == []
    device.flags = TOUCHED
    own.open()
    assert "its counter says 3" in signature_of(own, layout.capture_envelope(fixed_id(2))).reason
    assert own.problems() == []


def test_a_capture_that_was_sealed_before_a_crash_is_not_sealed_a_second_time(
    own: OwnCase, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A security key counts, so the same statement sealed anew would be other bytes under a name that is taken."""
    from archiver.store.ledger import LedgerFolder  # noqa: PLC0415 - only here

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(LedgerFolder, "write_staged", stop)
    with pytest.raises(KeyboardInterrupt):
        own.capture(2)
    monkeypatch.undo()
    monkeypatch.setenv("SSH_AUTH_SOCK", str(own.folder / "agent" / "agent"))
    sealed = (own.root / layout.capture_envelope(fixed_id(2))).read_bytes()
    assert own.open().book.ledger.places([layout.capture_envelope(fixed_id(2))]) == {
        layout.capture_envelope(fixed_id(2)): 1
    }
    assert (own.root / layout.capture_envelope(fixed_id(2))).read_bytes() == sealed
    assert len(device.signed) == 2
    assert own.problems() == []


def rotated(own: OwnCase, *, to: str | None) -> key_events.Changed:
    return key_events.rotate(own.ring(), reason=None, from_agent=to)


def test_a_rotation_goes_from_a_file_to_a_security_key_and_on_to_another_and_back(
    tmp_path: Path, device: Device, other: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = new_own_case(tmp_path)
    own.capture(1)
    with plugged(tmp_path / "agent", monkeypatch, device, other):
        for number, to in ((2, "device-0"), (3, "device-1"), (4, None)):
            done = rotated(own, to=to)
            assert done.successor == current(own)
            own.capture(number)
            assert own.problems() == []
            there = [one for one in layout.INVESTIGATOR_FILES if (own.root / one).exists()]
            assert there == [layout.INVESTIGATOR_PUB if to else layout.INVESTIGATOR_PEM]
        assert "recorded before entry" in signature_of(own, layout.capture_envelope(fixed_id(2))).reason
        states = [one.state for one in keyring.known_keys(own.home, SECRET) if one.role == "investigator"]
        assert sorted(states) == ["current", "retired", "retired, on a security key", "retired, on a security key"]
        lines = (own.root / layout.ALLOWED_SIGNERS).read_text().splitlines()
        assert [line.count("archiver-dsse") for line in lines] == [0, 1, 1, 0]
        with pytest.raises(UsageError, match="was your key before, and has ended"):
            rotated(own, to="device-0")
        assert (own.verify().verdict, own.problems()) == (Verdict.PASS, [])


def test_both_keys_of_a_rotation_sign_it(own: OwnCase, device: Device, other: Device) -> None:
    rotated(own, to="device-1")
    (path,) = (own.root / layout.EVENTS).iterdir()
    both = (device.public_key, other.public_key)
    assert verifying_keys(decode(path.read_bytes()), both) == both


CUTS = {
    "the file of the next key": lambda own: own.home.next_agent,
    "the file of the key before": lambda own: own.home.investigator_key,
    "the public file of the key before": lambda own: own.root / layout.INVESTIGATOR_PEM,
}


def cut_at(path: Path) -> Callable[..., None]:
    """Give `durable.remove` as it is where the power fails before this one file is gone."""
    real = durable.remove

    def remove(place: Path, **more: Any) -> None:  # noqa: ANN401 - passed on as it came
        if place == path:
            raise KeyboardInterrupt
        real(place, **more)

    return remove


@pytest.mark.parametrize("cut", CUTS)
def test_a_rotation_to_a_security_key_that_is_cut_off_goes_on_where_it_ended(
    tmp_path: Path, device: Device, other: Device, cut: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = new_own_case(tmp_path)
    own.capture(1)
    with plugged(tmp_path / "agent", monkeypatch, device, other):
        with monkeypatch.context() as patched:
            patched.setattr(durable, "remove", cut_at(CUTS[cut](own)))
            with pytest.raises(KeyboardInterrupt):
                rotated(own, to="device-0")
        swapped = "public" not in cut
        assert (current(own) == key_id(device.public_key)) is swapped
        if swapped:
            assert [one.state for one in keyring.known_keys(own.home, SECRET)].count("on a security key") == 1
            own.capture(2)
            rotated(own, to="device-1")
        else:
            with pytest.raises(UsageError, match="has to be ended first"):
                rotated(own, to="device-1")
            assert rotated(own, to="device-0").successor == key_id(device.public_key)
        assert not own.home.next_agent.exists()
        assert not own.home.investigator_key.exists()
        own.capture(3)
        assert own.problems() == []


def test_the_key_that_is_there_is_no_next_one(own: OwnCase, device: Device) -> None:
    with pytest.raises(UsageError, match="is your key already"):
        rotated(own, to="device-0")
    assert not own.home.next_agent.exists()


def test_a_retired_security_key_is_let_go_and_never_taken_again(own: OwnCase, device: Device) -> None:
    key_events.retire(own.ring(), reason=None)
    assert not own.home.investigator_agent.exists()
    with pytest.raises(SealError, match="no key to sign with"):
        own.open()
    with pytest.raises(UsageError, match="was your key before"):
        keyring.new_investigator(own.home, SECRET, from_agent="device-0")
    keyring.new_investigator(own.home, SECRET, from_agent="device-1")
    own.capture(2)
    assert own.problems() == []


def test_a_retirement_after_a_swap_that_was_cut_off_leaves_no_key(
    tmp_path: Path, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = new_own_case(tmp_path)
    with plugged(tmp_path / "agent", monkeypatch, device):
        with monkeypatch.context() as patched:
            patched.setattr(durable, "remove", cut_at(own.home.investigator_key))
            with pytest.raises(KeyboardInterrupt):
                rotated(own, to="device-0")
        key_events.retire(own.ring(), reason=None)
        left = (own.home.investigator_agent, own.home.investigator_key, own.home.next_agent)
        assert [one.exists() for one in left] == [False, False, False]


def test_a_security_key_that_was_replaced_is_revoked_by_itself_too_while_the_agent_holds_it(
    own: OwnCase, device: Device, other: Device
) -> None:
    rotated(own, to="device-1")
    signed = len(device.signed)
    key_events.revoke(own.ring(), key_id(device.public_key), since=LONG_AGO, reason="stolen")
    assert len(device.signed) == signed + 1
    assert [one.rpartition(": ")[2][:7] for one in own.problems()][:1] == ["entry 2"]
    assert len((own.root / layout.REVOKED).read_bytes()) > len(device.public_key)


def test_a_security_key_that_is_gone_is_revoked_by_the_present_one_alone(
    own: OwnCase, device: Device, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rotated(own, to=None)
    signed = len(device.signed)
    with plugged(tmp_path / "empty", monkeypatch):
        key_events.revoke(own.ring(), key_id(device.public_key), since=LONG_AGO, reason="stolen")
    monkeypatch.delenv("SSH_AUTH_SOCK")
    key_events.revoke(own.ring(), key_id(device.public_key), since=Instant(1), reason="stolen earlier")
    assert len(device.signed) == signed


def test_a_rotation_that_began_with_a_key_in_a_file_goes_on_with_it(own: OwnCase, device: Device) -> None:
    old = own.ring().investigator()
    begun = next_key(own.home, SECRET, old, from_agent=None, tell=print)
    assert next_key(own.home, SECRET, old, from_agent=None, tell=print).public_key == begun.public_key
    with pytest.raises(UsageError, match="has to be ended first"):
        rotated(own, to="device-1")
    assert rotated(own, to=None).successor == key_id(begun.public_key)


def test_a_trust_folder_says_by_name_what_a_key_is(own: OwnCase, device: Device, other: Device, tmp_path: Path) -> None:
    keys = tmp_path / "trust" / "keys"
    keys.mkdir(parents=True)
    source = FolderSource(tmp_path / "trust")
    (keys / "a.pub").write_text(f"{ssh.public_line(device.public_key)} by the phone\n")
    (keys / "b.pub").write_bytes(public_file(device.public_key))
    assert read_trust(source, origin="x").investigator_keys == (device.public_key,)
    (keys / "c.pem").write_bytes(public_file(device.public_key))
    with pytest.raises(FormatError, match="not a PEM public key"):
        read_trust(source, origin="x")
    (keys / "c.pem").unlink()
    (keys / "c.pub").write_text("ssh-rsa AAAAB3NzaC1yc2EAAAAA\n")
    with pytest.raises(FormatError, match="expected one line with an Ed25519 key"):
        read_trust(source, origin="x")


def test_a_security_key_that_nobody_trusts_does_not_pass(own: OwnCase, other: Device) -> None:
    (trusted,) = (own.home.trust / "keys").iterdir()
    mine = trusted.read_bytes()
    trusted.write_bytes(public_file(other.public_key))
    assert signature_of(own, layout.capture_envelope(fixed_id(1))).reason == "not signed by any key that you trust"
    assert any(one.startswith("public-keys") for one in own.problems())
    trusted.unlink()
    unknown = signature_of(own, layout.capture_envelope(fixed_id(1)))
    assert (unknown.verdict, unknown.reason[:11]) == (Verdict.NOT_CHECKED, "valid under")
    trusted.write_bytes(mine)
    assert own.problems() == []


def test_the_files_beside_the_ledger_have_one_form_and_one_of_them_is_there(own: OwnCase, other: Device) -> None:
    place = own.root / layout.INVESTIGATOR_PUB
    right = place.read_bytes()
    for wrong in (right[:-1], right + b"x\n", public_file(other.public_key), b"", b"sk-ssh-ed25519@openssh.com AAAA"):
        place.write_bytes(wrong)
        assert [one.split(" ")[0] for one in own.problems()] == ["public-keys"], wrong
    place.write_bytes(right)
    second = own.root / layout.INVESTIGATOR_PEM
    second.write_bytes((own.root / layout.LOG_PEM).read_bytes())
    assert any("a second key of the investigator" in one for one in own.problems())
    second.write_bytes(right)
    place.unlink()
    assert any("not in its one form" in one for one in own.problems())


def test_a_key_event_names_a_security_key_whole_and_only_as_an_investigators(own: OwnCase, device: Device) -> None:
    rotated(own, to=None)
    (path,) = (own.root / layout.EVENTS).iterdir()
    payload = decode(path.read_bytes()).payload
    key = device.public_key.hex().encode()
    assert manifest.encode(manifest.decode(payload)) == payload
    assert payload.count(key) == 1
    for damaged in (key[:-2], key + b"00", key.upper(), key.replace(b"7373683a", b"7373683b"), b"00" * 33):
        with pytest.raises(FormatError):
            manifest.decode(payload.replace(key, damaged))
    with pytest.raises(FormatError):
        manifest.decode(payload.replace(b'"role":"investigator"', b'"role":"log"'))


def test_keys_of_a_case_are_read_by_their_kind(own: OwnCase, tmp_path: Path) -> None:
    assert key_id(read_public_file((own.root / layout.INVESTIGATOR_PUB).read_bytes())) == current(own)
    plain = new_own_case(tmp_path / "plain")
    assert key_id(public_from_pem((plain.root / layout.INVESTIGATOR_PEM).read_bytes())) == current(plain)
    assert plain.root.name == CASE
