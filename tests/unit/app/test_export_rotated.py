"""A bundle of a ledger whose own key was rotated: no false alarm, by the old key or by the new."""

import shutil
from pathlib import Path

import pytest

from archiver.app import key_events
from archiver.app.bundle import verify_folder
from archiver.app.key_events import Ring
from archiver.model.report import Level, Verdict
from archiver.store.source import FolderSource
from archiver.verify.policy import read_trust
from tests.support.bundles import capture_source, export_bundle, make_case
from tests.support.ledger_kit import CASE
from tests.support.own_case import SECRET


def test_a_bundle_after_a_rotation_of_the_ledgers_key_is_whole_under_either_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    own = make_case(tmp_path, sources=2)
    before = shutil.copytree(own.home.trust, tmp_path / "before")
    ring = Ring(workspace=own.workspace, home=own.home, passphrase=SECRET, waiting=lambda _: None)
    key_events.rotate_log(ring, CASE, reason="a yearly change")
    capture_source(own.open(), 7, session=None, failed=False)
    export_bundle(own, tmp_path / "bundle")

    for folder in (before, own.home.trust):
        trust = read_trust(FolderSource(folder), origin="test")
        report = verify_folder(tmp_path / "bundle", trust, Level.LEDGER, {})
        assert [f"{one.id} {one.subject}: {one.reason}" for one in report.checks if one.verdict is Verdict.FAIL] == []
        assert report.verdict is Verdict.PASS
