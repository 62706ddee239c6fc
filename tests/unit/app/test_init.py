import stat
from pathlib import Path

import pytest

from archiver.app.config import NAME, read_config
from archiver.app.home import Home, find_home
from archiver.app.init import initialise
from archiver.app.workspace import open_workspace
from archiver.formats import note
from archiver.model.errors import SealError, UsageError

SECRET = b"correct horse"


def test_init_makes_a_workspace_that_opens(tmp_path: Path) -> None:
    made = initialise(tmp_path / "w", case="kut", home=Home(root=tmp_path / "h"), passphrase=SECRET)
    workspace = open_workspace(tmp_path / "w" / "manifests" / "kut")
    assert workspace.root == tmp_path / "w"
    assert workspace.origin("kut") == made.origin
    assert workspace.choose_case(None) == "kut"
    assert all(path.is_file() for path in (*made.back_up, *made.public))


def test_private_keys_lie_outside_the_workspace_encrypted_and_for_the_owner_alone(tmp_path: Path) -> None:
    made = initialise(tmp_path / "w", case="kut", home=Home(root=tmp_path / "h"), passphrase=SECRET)
    for path in made.back_up:
        assert not path.is_relative_to(tmp_path / "w")
        assert path.read_bytes().startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    inside = [path.read_bytes() for path in (tmp_path / "w").rglob("*") if path.is_file()]
    assert inside
    assert not any(b"PRIVATE" in content for content in inside)


def test_the_ledgers_name_says_nothing_of_the_case(tmp_path: Path) -> None:
    made = initialise(tmp_path / "w", case="kut", home=Home(root=tmp_path / "h"), passphrase=SECRET)
    vkey = note.decode_vkey((tmp_path / "w/manifests/kut/keys/log.vkey").read_text())
    assert vkey.name == made.origin
    assert "kut" not in made.origin


def test_a_second_case_keeps_the_first_and_its_settings(tmp_path: Path) -> None:
    home = Home(root=tmp_path / "h")
    first = initialise(tmp_path / "w", case="kut", home=home, passphrase=SECRET)
    settings = tmp_path / "w" / NAME
    settings.write_text(settings.read_text().replace("timeout_s = 60", "timeout_s = 90"))
    second = initialise(tmp_path / "w", case="basra", home=home, passphrase=SECRET)
    config = read_config(settings)
    assert {name: one.origin for name, one in config.cases.items()} == {"kut": first.origin, "basra": second.origin}
    assert config.capture.timeout_s == 90
    assert config.case == "kut"
    assert not second.made_investigator_key


def test_a_case_that_is_there_is_not_touched(tmp_path: Path) -> None:
    home = Home(root=tmp_path / "h")
    initialise(tmp_path / "w", case="kut", home=home, passphrase=SECRET)
    before = (tmp_path / "w" / NAME).read_bytes()
    with pytest.raises(UsageError, match="already has a ledger"):
        initialise(tmp_path / "w", case="kut", home=home, passphrase=SECRET)
    assert (tmp_path / "w" / NAME).read_bytes() == before


def test_a_wrong_passphrase_for_the_keys_at_hand_makes_nothing(tmp_path: Path) -> None:
    home = Home(root=tmp_path / "h")
    initialise(tmp_path / "w", case="kut", home=home, passphrase=SECRET)
    with pytest.raises(SealError, match="passphrase"):
        initialise(tmp_path / "other", case="kut", home=home, passphrase=b"something else")
    assert not (tmp_path / "other" / NAME).exists()


@pytest.mark.parametrize("name", ["", "Kut", "../x", "a/b", "-a", "a" * 65, "كوت", "a..b"])
def test_a_name_that_cannot_be_a_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="case name"):
        initialise(tmp_path / "w", case=name, home=Home(root=tmp_path / "h"), passphrase=SECRET)


def test_an_unknown_case_is_told_with_the_known_ones(tmp_path: Path) -> None:
    initialise(tmp_path / "w", case="kut", home=Home(root=tmp_path / "h"), passphrase=SECRET)
    with pytest.raises(UsageError, match="found: kut"):
        open_workspace(tmp_path / "w").choose_case("basra")
    with pytest.raises(UsageError, match="cases with one: kut"):
        open_workspace(tmp_path / "w").origin("basra")


def test_the_home_is_where_the_environment_says(tmp_path: Path) -> None:
    assert find_home({"ARCHIVER_HOME": str(tmp_path)}).root == tmp_path
    assert find_home({}).root.name == "archiver"
