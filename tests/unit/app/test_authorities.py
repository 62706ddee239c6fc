"""Authorities that are known by name: their roots are in lists of roots, by the digest alone; nobody is asked."""

import hashlib
import json
from pathlib import Path

import certifi
import pytest
from asn1crypto import pem

from archiver.app import authorities
from archiver.app.authorities import find_authority, known_authorities, root_of
from archiver.cli.main import main
from archiver.model.errors import UsageError
from tests.support.own_case import OwnCase, new_own_case

DEBIAN = Path("/etc/ssl/certs/ca-certificates.crt")


@pytest.mark.parametrize("place", [Path(certifi.where()), DEBIAN], ids=["certifi", "the system"])
def test_the_root_of_each_is_in_the_list_under_the_digest_that_is_shipped(place: Path) -> None:
    if not place.exists():
        pytest.skip(f"{place} is not on this machine")
    known = known_authorities()
    assert len({one.operator for one in known}) >= 2
    for one in known:
        _, _, der = pem.unarmor(root_of(one, places=[place]))
        assert hashlib.sha256(der).hexdigest() == one.sha256


def test_a_list_without_that_very_root_gives_none(tmp_path: Path) -> None:
    authority = find_authority("digicert")
    for name, content in {
        "empty": b"",
        "garbage": b"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n",
        "another": root_of(find_authority("globalsign")),
        "a key": pem.armor("PUBLIC KEY", b"x"),
    }.items():
        (tmp_path / name).write_bytes(content)
    places = [*sorted(tmp_path.iterdir()), tmp_path / "absent"]
    with pytest.raises(UsageError, match="no list of roots here holds 'DigiCert Trusted Root G4'"):
        root_of(authority, places=places)


@pytest.fixture
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OwnCase:
    own = new_own_case(tmp_path)
    monkeypatch.setenv("ARCHIVER_HOME", str(own.home.root))
    monkeypatch.chdir(own.workspace.root)
    return own


def test_one_is_added_by_its_name_and_its_root_alone_is_pinned(
    inside: OwnCase, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["tsa", "add", "digicert"]) == 0
    assert find_authority("digicert").sha256 in capsys.readouterr().out
    (_, _, der), *rest = list(pem.unarmor(inside.home.tsa_roots("digicert").read_bytes(), multiple=True))
    assert (hashlib.sha256(der).hexdigest(), rest) == (find_authority("digicert").sha256, [])
    assert [one.url for one in inside.workspace.config.tsa] == ["http://timestamp.digicert.com"]
    assert main(["tsa", "add", "digicert"]) == 2
    assert "already named" in capsys.readouterr().err


def test_a_name_that_is_not_known_and_half_an_authority_are_refused(
    inside: OwnCase, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["tsa", "add", "nobody"]) == 2
    assert "is none that is known by name (digicert, globalsign)" in capsys.readouterr().err
    assert main(["tsa", "add", "own", "https://tsa.example/"]) == 2
    assert inside.workspace.config.tsa == []


def test_the_known_are_listed(inside: OwnCase, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tsa", "known"]) == 0
    assert "timestamp.digicert.com" in capsys.readouterr().out
    assert main(["tsa", "known", "--json"]) == 0
    assert [one["name"] for one in json.loads(capsys.readouterr().out)] == ["digicert", "globalsign"]
    assert inside.workspace.config.tsa == []
    assert authorities._DATA.suffix == ".toml"
