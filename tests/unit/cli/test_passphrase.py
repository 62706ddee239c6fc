"""The passphrase comes from the file that is named, from the keyring, from a person: in this order, never empty."""

import io
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import PasswordSetError

from archiver.app.passphrase import from_environment, from_keyring, keep_in_keyring
from archiver.cli.passphrase import new_passphrase, passphrase
from archiver.model.errors import SealError, UsageError


class MemoryKeyring(KeyringBackend):
    """A keyring in memory, which may be locked."""

    priority = 1

    def __init__(self, *, locked: bool = False) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # keyring leaves it unannotated
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = locked

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise keyring.errors.KeyringLocked
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.locked:
            raise PasswordSetError("locked")
        self.kept[service, username] = password


@pytest.fixture
def ring() -> Iterator[MemoryKeyring]:
    before = keyring.get_keyring()
    made = MemoryKeyring()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


@pytest.fixture
def named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "passphrase"
    path.write_bytes("كلمة سر طويلة\nsecond line\n".encode())
    monkeypatch.setenv("ARCHIVER_PASSPHRASE_FILE", str(path))
    return path


class Terminal(io.StringIO):
    """Standard input that claims to be a terminal."""

    def isatty(self) -> bool:
        return True


def answers(monkeypatch: pytest.MonkeyPatch, *given: str) -> None:
    """Let a person answer each question at a terminal."""
    left = iter(given)
    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("getpass.getpass", lambda _: next(left))


def test_the_file_counts_first_and_only_its_first_line(named: Path, ring: MemoryKeyring) -> None:
    ring.kept["archiver", "keys"] = "other"
    assert passphrase() == "كلمة سر طويلة".encode()
    assert new_passphrase(keep=False) == "كلمة سر طويلة".encode()


@pytest.mark.parametrize("content", [b"", b"\n", b"\r\nlater"])
def test_an_empty_first_line_is_refused(named: Path, content: bytes) -> None:
    named.write_bytes(content)
    with pytest.raises(UsageError, match="is empty"):
        from_environment()


def test_a_file_that_is_not_there_is_told(named: Path) -> None:
    named.unlink()
    with pytest.raises(UsageError, match="cannot read"):
        from_environment()


def test_a_kept_passphrase_is_given_back(ring: MemoryKeyring) -> None:
    assert from_keyring() is None
    keep_in_keyring(b"correct horse")
    assert passphrase() == b"correct horse"


def test_a_locked_keyring_gives_nothing_and_takes_nothing(ring: MemoryKeyring) -> None:
    ring.locked = True
    assert from_keyring() is None
    with pytest.raises(SealError, match="did not take"):
        keep_in_keyring(b"correct horse")


def test_a_passphrase_that_is_no_text_cannot_be_kept(ring: MemoryKeyring) -> None:
    with pytest.raises(SealError, match="did not take"):
        keep_in_keyring(b"\xff\xfe correct")


def test_a_person_is_asked_once_for_a_known_passphrase_and_twice_for_a_new_one(
    ring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers(monkeypatch, "correct horse")
    assert passphrase() == b"correct horse"
    answers(monkeypatch, "correct horse", "correct horse")
    assert new_passphrase(keep=True) == b"correct horse"
    assert ring.kept == {("archiver", "keys"): "correct horse"}


def test_two_answers_that_differ_make_nothing(ring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, "correct horse", "correct house")
    with pytest.raises(UsageError, match="differ"):
        new_passphrase(keep=True)
    assert ring.kept == {}


def test_a_short_new_passphrase_is_refused(ring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, "horse", "horse")
    with pytest.raises(UsageError, match="at least 8 bytes, found 5"):
        new_passphrase(keep=False)


def test_without_a_terminal_nobody_is_asked(ring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    for ask in (passphrase, lambda: new_passphrase(keep=False)):
        with pytest.raises(UsageError, match="no terminal") as caught:
            ask()
        assert "ARCHIVER_PASSPHRASE_FILE" in caught.value.hint
