"""An export that is cut off, or for which the disk is too small, leaves no half bundle under its name."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pyrage
import pytest

from archiver.app.bundle import verify_folder, verify_zip
from archiver.app.export import Order, export
from archiver.export.select import Wanted
from archiver.model.errors import StoreError
from archiver.model.report import Level, Verdict
from archiver.store.source import FolderSource
from archiver.verify.policy import read_trust
from tests.support.bundles import capture_source, export_bundle
from tests.support.own_case import OwnCase, new_own_case

CHECKOUT = Path(__file__).parents[2]
LARGE = 24 << 20
KILLS = 6


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> OwnCase:
    """Give a case of three captures, each of many megabytes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
        made = new_own_case(tmp_path_factory.mktemp("large"))
        for number in (1, 2, 3):
            capture_source(made, number, extra=os.urandom(LARGE))
        return made


def whole(own: OwnCase, path: Path) -> bool:
    trust = read_trust(FolderSource(own.home.trust), origin="test")
    if path.is_dir():
        return verify_folder(path, trust, Level.LEDGER, {}).verdict is Verdict.PASS
    with path.open("rb") as file:
        return verify_zip(file, path.name, trust, Level.LEDGER, {}).verdict is Verdict.PASS


@pytest.mark.parametrize("name", ["b", "b.zip"])
def test_a_killed_export_leaves_no_half_bundle_and_the_next_one_tidies_up(
    own: OwnCase, tmp_path: Path, name: str
) -> None:
    left, finished = 0, 0
    for kill in range(KILLS):
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.export_once", str(own.folder), str(tmp_path / name)], cwd=CHECKOUT
        )
        begun = begins(tmp_path, process)
        time.sleep(0.03 * kill)
        process.kill()
        process.wait(timeout=30)
        if (tmp_path / name).exists():
            finished += 1
            assert whole(own, tmp_path / name)
            remove(tmp_path / name)
        left += begun and any(tmp_path.glob(".tmp-*"))
    assert left + finished == KILLS, "each was killed while it wrote, or after"
    assert left > 1
    export_bundle(own, tmp_path / name)
    assert [one.name for one in tmp_path.iterdir()] == [name]
    assert whole(own, tmp_path / name)


def begins(folder: Path, process: "subprocess.Popen[bytes]") -> bool:
    """Wait until this process writes; say whether it did before it ended."""
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        if any(folder.glob(f".tmp-{process.pid}-*")):
            return True
        time.sleep(0.005)
    return False


def remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Give a disk on which a third of the bundle has room."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root can make a small disk (mount -t tmpfs)")
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("this machine lets nobody mount a tmpfs")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=False)


@pytest.mark.parametrize("name", ["b", "b.zip", "b.zip.age"])
def test_a_full_disk_is_told_and_nothing_is_left_on_it(own: OwnCase, small_disk: Path, name: str) -> None:
    recipient = str(pyrage.x25519.Identity.generate().to_public())
    encrypt_to = (recipient,) if name.endswith(".age") else ()
    before = own.open().book.ledger.size()
    with pytest.raises(StoreError, match=r"could not be (written|encrypted).*removed") as told:
        export(
            own.open(),
            own.workspace,
            Order(wanted=Wanted(), out=small_disk / name, encrypt_to=encrypt_to),
            home=own.home,
        )
    assert "free space there" in told.value.hint
    assert list(small_disk.iterdir()) == []
    assert own.open().book.ledger.size() == before + 1, "the export's entry stays: a bundle was begun"
    assert list(own.home.scratch(own.open().origin).iterdir()) == []


def test_a_folder_that_may_not_be_written_is_told(own: OwnCase, small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    for name in ("b", "b.zip"):
        with pytest.raises(StoreError, match="could not be written"):
            export_bundle(own, small_disk / name)
