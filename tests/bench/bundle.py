"""How long an export takes beside ``zip -0`` and ``sha256sum``: ``python -m tests.bench.bundle [EXHIBITS MIB FOLDER]``.

All are over the same files: those of the bundle. MIB is the size of all WARC files together; the bundle holds each
three times (by itself, in its WACZ, in the WACZ of all), and the folder needs room for about eight times as much.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from io import BytesIO
from pathlib import Path

from archiver.app.export import Order, export
from archiver.export.select import Wanted
from archiver.formats.manifest import statement_of
from archiver.formats.warc import Head, WarcWriter
from archiver.model.digest import Digest
from archiver.model.evidence import Artifact, Role, WarcFacts
from archiver.model.instant import Instant
from archiver.record.append import append_all
from archiver.seal.manifest import seal
from tests.support.ledger_kit import sample_capture
from tests.support.own_case import OwnCase, new_own_case
from tests.support.peak_memory import peak_mib

_RESPONSES = 8  # in each WARC


def main(exhibits: int = 100, mib: int = 500, folder: str | None = None) -> None:
    """Print how long each took, the ratio, and the peak of memory."""
    os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"
    with tempfile.TemporaryDirectory(dir=folder) as made:
        own = _case(Path(made), exhibits, (mib << 20) // exhibits)
        out = Path(made) / "bundle.zip"
        took = _export(own, out)
        print(f"export: {took:.1f} s, {out.stat().st_size >> 20} MiB of ZIP, peak {_peak(own, out)} MiB", flush=True)
        subprocess.run(["unzip", "-q", out, "-d", Path(made) / "files"], check=True)
        out.unlink()
        bare = _timed(lambda: subprocess.run(["zip", "-0", "-q", "-r", out, "files"], cwd=made, check=True))
        files = [path for path in (Path(made) / "files").rglob("*") if path.is_file()]
        sums = _timed(lambda: _sums(files))
        print(f"zip -0: {bare:.1f} s, sha256sum: {sums:.1f} s of {len(files)} files; ratio {took / (bare + sums):.2f}")


def _sums(files: list[Path]) -> None:
    for at in range(0, len(files), 1000):
        subprocess.run(["sha256sum", *files[at : at + 1000]], stdout=subprocess.DEVNULL, check=True)


def _timed(work: object) -> float:
    assert callable(work)
    os.sync()
    begun = time.perf_counter()
    work()
    os.sync()
    return time.perf_counter() - begun


def _export(own: OwnCase, out: Path) -> float:
    """Export in a process of its own, whose memory is its own; give the seconds of the export alone."""
    os.sync()
    code = f"from tests.bench.bundle import export_timed; export_timed({str(own.folder)!r}, {str(out)!r})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    took, peak = done.stdout.split()
    (own.folder / "peak").write_text(peak)
    return float(took)


def _peak(own: OwnCase, _: Path) -> str:
    return (own.folder / "peak").read_text()


def export_timed(folder: str, out: str) -> None:
    """Export all of a case; print seconds and MiB."""
    own = OwnCase(folder=Path(folder))
    case, order = own.open(), Order(wanted=Wanted(), out=Path(out))
    took = _timed(lambda: export(case, own.workspace, order, home=own.home))
    print(f"{took} {peak_mib()}")


def _case(folder: Path, exhibits: int, size: int) -> OwnCase:
    own = new_own_case(folder / "own")
    case = own.open()
    sealed = []
    for number in range(1, exhibits + 1):
        path = folder / "warc"
        facts = _write(path, number, size)
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        artifact = Artifact(
            role=Role.WARC,
            name="capture.warc.gz",
            media_type="application/warc",
            extension="warc.gz",
            size_bytes=path.stat().st_size,
            digest=Digest(content),
        )
        case.blobs.put_file(path, "warc.gz", expected=artifact.digest)
        capture = sample_capture(number, artifacts=(artifact,))
        capture = replace(capture, attempt=replace(capture.attempt, warc=facts))
        sealed.append(seal(statement_of(capture), case.investigator))
        path.unlink()
    append_all(case.book, sealed, new_salt=lambda: os.urandom(32))
    free = shutil.disk_usage(folder).free >> 30
    print(f"{exhibits} captures of {size >> 10} KiB made; {free} GiB are free", flush=True)
    return own


def _write(path: Path, number: int, size: int) -> WarcFacts:
    at = Instant.parse("2026-11-24T10:00:00.000Z")
    ids = iter(f"<urn:uuid:00000000-0000-4000-8000-{number:06d}{step:06d}>" for step in range(_RESPONSES + 1))
    head = Head(start_line="HTTP/1.1 200 OK", headers=[("Content-Type", "image/jpeg")])
    with path.open("wb") as file:
        warc = WarcWriter(file, new_id=lambda: next(ids))
        warc.info({"software": "bench"}, at=at, filename="capture.warc.gz")
        mains = []
        for step in range(_RESPONSES):
            body = os.urandom(size // _RESPONSES)
            url = "https://example.org/" if not step else f"https://example.org/{number}/{step}.jpg"
            mains.append(warc.response(url, head, at=at, body=BytesIO(body), size_bytes=len(body)))
    return WarcFacts(
        records=warc.count, exchanges=_RESPONSES, main_record_id=mains[0], recorder="cdp", payload_form="decoded"
    )


if __name__ == "__main__":
    given = sys.argv[1:]
    main(int(given[0]), int(given[1]), given[2] if given[2:] else None) if given[1:] else main()
