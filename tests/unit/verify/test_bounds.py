"""Hostile files in a process of their own: little memory, no network, nothing written, a clear failure."""

import gzip
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.waczs import complete, zipped
from tests.support.warcs import digest, fields, packed, record, whole

_MEASURED = """
import sys
sys.path.insert(0, sys.argv[2])
from archiver.cli.main import main
from tests.support.peak_memory import peak_mib
code = main(["verify", "--json", sys.argv[1]])
print(peak_mib(), file=sys.stderr)
sys.exit(code)
"""
_MOST_MIB = 512


def gzip_bomb(path: Path) -> None:
    head = record(fields("resource", 1, WARC_Block_Digest=digest(b"")), b"", length=10 << 30)[:-4]
    with path.open("wb") as out, gzip.GzipFile(fileobj=out, mode="wb", mtime=0) as file:
        file.write(head)
        for _ in range(600):
            file.write(bytes(1 << 20))


def zip_bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("archive/a.warc", "w") as file:
        for _ in range(600):
            file.write(bytes(1 << 20))


def many_files(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(110_000):
            archive.writestr(zipfile.ZipInfo(str(number)), b"")


def many_records(path: Path) -> None:
    bad = record(fields("response", 1, WARC_Date=None), b"")
    path.write_bytes(bad * 30_000)


def declared(path: Path) -> None:
    path.write_bytes(record(fields("resource", 1), b"x", length=10 << 30))


def deep(path: Path) -> None:
    path.write_bytes(zipped({**complete(), "datapackage.json": b"[" * 1_000_000}))


HOSTILE: dict[str, tuple[str, Callable[[Path], None], str]] = {
    "a gzip bomb": ("a.warc.gz", gzip_bomb, "a bomb"),
    "a ZIP bomb": ("a.wacz", zip_bomb, "a bomb"),
    "a hundred thousand files": ("a.wacz", many_files, "more than are read here"),
    "ten gigabytes declared": ("a.warc", declared, "the file is cut off"),
    "thirty thousand faults": ("a.warc", many_records, "more records like those above"),
    "deep JSON": ("a.wacz", deep, "nested too deep"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_fails_in_bounded_memory_and_writes_nothing(tmp_path: Path, name: str) -> None:
    file, make, told = HOSTILE[name]
    make(tmp_path / file)
    command = [sys.executable, "-c", _MEASURED, file, str(Path(__file__).parents[3])]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1, done.stderr[-2000:]
    assert told in done.stdout
    assert int(done.stderr.strip().splitlines()[-1]) < _MOST_MIB
    assert [path.name for path in tmp_path.iterdir()] == [file]


def test_files_of_others_are_verified_where_there_is_no_network_at_all(tmp_path: Path) -> None:
    cut_off = ["unshare", "--map-root-user", "--net"]
    if (
        shutil.which("unshare") is None
        or subprocess.run([*cut_off, "true"], capture_output=True, check=False).returncode
    ):
        pytest.skip("this machine does not let a process cut off its own network (unshare)")
    (tmp_path / "a.warc.gz").write_bytes(packed(whole()))
    (tmp_path / "a.wacz").write_bytes(zipped(complete()))
    command = [*cut_off, sys.executable, "-m", "archiver", "verify", "a.warc.gz", "a.wacz", "--trust-embedded"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
