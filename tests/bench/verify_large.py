"""Time and memory that verify.py and verify.html take for a ZIP of a bundle with one large file in it.

``python -m tests.bench.verify_large [MIB]`` makes one of so many MiB (2048 if none is said) and asks both.
"""

import hashlib
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from dataclasses import replace
from pathlib import Path

from archiver.formats import bag
from archiver.formats.zip_write import Packed, directory, local_head
from tests.support.bundle_verifiers import TEMPLATES, open_page
from tests.support.bundles import Copy, copy_of, make_bundle, opened_key

_BLOCK = 8 << 20
_LARGE = "data/large.bin"


def add_large(copy: Copy, size: int) -> None:
    """Add a file of this size, and list and seal the bundle anew, without holding it in memory."""
    copy.list_anew()
    block = os.urandom(_BLOCK)
    short, long = hashlib.sha256(), hashlib.sha512()
    with (copy.root / _LARGE).open("wb") as file:
        for _ in range(size // _BLOCK):
            file.write(block)
            short.update(block)
            long.update(block)
    for name, digits, digest in (
        (bag.SHA256_LIST, bag.SHA256_DIGITS, short.hexdigest()),
        (bag.SHA512_LIST, bag.SHA512_DIGITS, long.hexdigest()),
    ):
        listed = bag.decode_list((copy.root / name).read_bytes(), what=name, digits=digits)
        copy.write(name, bag.encode_list({**listed, _LARGE: digest}))
    info = bag.decode_info((copy.root / bag.INFO).read_bytes())
    told = replace(info, payload_bytes=info.payload_bytes + size, payload_files=info.payload_files + 1)
    copy.write(bag.INFO, bag.encode_info(told))
    tags = bag.decode_list((copy.root / bag.TAG_LIST).read_bytes(), what=bag.TAG_LIST, digits=bag.SHA256_DIGITS)
    anew = {name: hashlib.sha256((copy.root / name).read_bytes()).hexdigest() for name in tags}
    copy.write(bag.TAG_LIST, bag.encode_list(anew))
    copy.seal(opened_key(copy.made.own.home.investigator_key))


def pack(root: Path, target: Path) -> None:
    """Write the bundle as a ZIP, file by file."""
    heads = []
    with target.open("wb") as out:
        for path in sorted(one for one in root.rglob("*") if one.is_file()):
            crc, size = 0, path.stat().st_size
            with path.open("rb") as file:
                while block := file.read(_BLOCK):
                    crc = zlib.crc32(block, crc)
            name = f"large/{path.relative_to(root).as_posix()}"
            heads.append(Packed(name=name, size_bytes=size, crc=crc, offset=out.tell()))
            out.write(local_head(heads[-1]))
            with path.open("rb") as file:
                shutil.copyfileobj(file, out, _BLOCK)
        out.write(directory(heads, start=out.tell()))


class Watch(threading.Thread):
    """Looks at the memory of all renderers of browsers on this machine, ten times a second."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak_kib = 0
        self.done = threading.Event()

    def run(self) -> None:
        while not self.done.wait(0.1):
            for place in Path("/proc").glob("[0-9]*"):
                try:
                    if b"--type=renderer" not in (place / "cmdline").read_bytes():
                        continue
                    said = (place / "status").read_text()
                except OSError:
                    continue
                resident = next((line.split()[1] for line in said.splitlines() if line.startswith("VmRSS")), "0")
                self.peak_kib = max(self.peak_kib, int(resident))


def main(mib: int) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        made = make_bundle(Path(scratch) / "made")
        copy = copy_of(made, Path(scratch))
        add_large(copy, mib << 20)
        place = Path(scratch) / "large.zip"
        pack(copy.root, place)
        print(f"ZIP: {place.stat().st_size / (1 << 20):.0f} MiB")
        begin = time.monotonic()
        program = [sys.executable, str(TEMPLATES / "verify.py"), str(place), "--trust", str(made.trust)]
        code = subprocess.run(program, stdout=subprocess.DEVNULL, check=False).returncode
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        print(f"verify.py:   exit {code}, {time.monotonic() - begin:.0f} s, {peak / 1024:.0f} MiB at most")
        watch = Watch()
        with open_page() as page:
            watch.start()
            page.page.wait_for_timeout(1000)
            idle = watch.peak_kib
            begin = time.monotonic()
            said = page.ask(place, made.trust, timeout_s=3600)
            watch.done.set()
        took = time.monotonic() - begin
        memory = f"{watch.peak_kib / 1024:.0f} MiB at most, {idle / 1024:.0f} when idle"
        print(f"verify.html: {said.verdict}, {took:.0f} s, {memory}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2048)
