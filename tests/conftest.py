"""For every test: a home of its own, no network but loopback, and an honest word where a browser is missing."""

import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.bundles import MadeBundle

_REAL_CONNECT = socket.socket.connect


class OfflineError(RuntimeError):
    """A test tried to leave this machine."""


def _loopback_only(self: socket.socket, address: object) -> None:
    host = address[0] if isinstance(address, tuple) else "unix"
    if self.family in (socket.AF_INET, socket.AF_INET6) and not str(host).startswith(("127.", "::1")):
        raise OfflineError(f"tests open no connection to {address}")
    _REAL_CONNECT(self, address)  # type: ignore[arg-type] # passed on as it came


@pytest.fixture(autouse=True)
def _alone(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket.socket, "connect", _loopback_only)
    monkeypatch.setenv("ARCHIVER_HOME", str(tmp_path_factory.mktemp("home")))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.delenv("ARCHIVER_PASSPHRASE_FILE", raising=False)


@pytest.fixture(scope="session")
def shared_testdata() -> Path:
    """Give the folder of real test data, or skip: people outside do not have it."""
    folder = Path(__file__).parents[2] / "shared" / "testdata"
    if not folder.is_dir():
        pytest.skip("../shared/testdata is not on this machine")
    return folder


@pytest.fixture(scope="session")
def made_bundle(tmp_path_factory: pytest.TempPathFactory) -> "MadeBundle":
    """Give one bundle for all tests that only read it, or damage a copy."""
    from tests.support.bundles import make_bundle  # noqa: PLC0415 - pillow and more, only for tests of bundles

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
        return make_bundle(tmp_path_factory.mktemp("bundle"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip browser tests where there is no browser, but never in CI: there a missing one is a failure."""
    marked = [item for item in items if item.get_closest_marker("browser")]
    if not marked or os.environ.get("CI"):
        return
    from archiver.capture.browser import find_browser  # noqa: PLC0415 - playwright, only where browser tests run

    if find_browser() is None:
        for item in marked:
            item.add_marker(pytest.mark.skip(reason="no Chromium on this machine: make setup installs one"))
