"""The commands that README-VERIFY.txt of a bundle gives, as they stand in it, run from an empty folder by bash."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from archiver.proof.signature import Ed25519Signer, public_pem
from tests.support.bundles import Copy, MadeBundle, copy_of

NEEDED = ("jq", "openssl", "sha256sum", "sha512sum", "basenc", "bash", "ssh-keygen", "diff")
NUMBERS = tuple(range(1, 9))


@dataclass(frozen=True, slots=True, kw_only=True)
class Auditor:
    """Somebody with a bundle, the maker's keys from elsewhere, and no program of ours."""

    copy: Copy
    trust: Path
    commands: dict[int, str]
    here: Path

    def run(self, number: int) -> subprocess.CompletedProcess[str]:
        """Run one block of the page, in an empty folder."""
        self.here.mkdir()
        try:
            return subprocess.run(
                ["bash", "-c", self.commands[number]],
                cwd=self.here,
                env={
                    "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
                    "BUNDLE": str(self.copy.root),
                    "TRUST": str(self.trust),
                },
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
        finally:
            shutil.rmtree(self.here)

    def refused(self, asked: set[int]) -> set[int]:
        """Give those of the blocks that do not end well."""
        return {number for number in asked if self.run(number).returncode}


def commands_of(readme: str) -> dict[int, str]:
    """Give each block of the page's last part by its number."""
    last = readme.rpartition("=" * 118)[2]
    blocks = re.split(r"^# \[(\d)\]", last, flags=re.MULTILINE)[1:]
    return {int(number): block for number, block in zip(blocks[::2], blocks[1::2], strict=True)}


@pytest.fixture
def auditor(made_bundle: MadeBundle, tmp_path: Path) -> Auditor:
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing:
        pytest.skip(f"an auditor's programs are not on this machine: {', '.join(missing)}")
    copy = copy_of(made_bundle, tmp_path)
    trust = tmp_path / "trust"
    trust.mkdir()
    keys = made_bundle.trust
    shutil.copy(next((keys / "keys").glob("*.pem")), trust / "investigator.pem")
    shutil.copy(next((keys / "logs").glob("*.vkey")), trust / "log.vkey")
    shutil.copy(copy.root / "trust/log.pem", trust / "log.pem")
    (trust / "tsa.pem").write_bytes(b"\n".join(one.read_bytes() for one in sorted((keys / "tsa").glob("*.pem"))))
    readme = (copy.root / "README-VERIFY.txt").read_text(encoding="utf-8")
    return Auditor(copy=copy, trust=trust, commands=commands_of(readme), here=tmp_path / "empty")


def test_the_page_has_its_eight_blocks(auditor: Auditor) -> None:
    assert tuple(auditor.commands) == NUMBERS


@pytest.mark.parametrize("number", NUMBERS)
def test_each_block_accepts_a_whole_bundle(auditor: Auditor, number: int) -> None:
    done = auditor.run(number)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "OK" in done.stdout


def flip(path: str, at: int = -1) -> Callable[[Auditor], None]:
    def change(auditor: Auditor) -> None:
        place = auditor.copy.root / path
        content = bytearray(place.read_bytes())
        content[len(content) // 2 if at < 0 else at] ^= 1
        place.write_bytes(bytes(content))

    return change


def add(auditor: Auditor) -> None:
    auditor.copy.write("data/exhibits/0001/added.txt", b"")


def drop(auditor: Auditor) -> None:
    (auditor.copy.root / "data/exhibits/0001/text.txt").unlink()


def seal_by_another(auditor: Auditor) -> None:
    auditor.copy.seal(Ed25519Signer.from_seed(b"x" * 32))


def believe_another(name: str) -> Callable[[Auditor], None]:
    def change(auditor: Auditor) -> None:
        (auditor.trust / name).write_bytes(public_pem(Ed25519Signer.from_seed(b"x" * 32).public_key))

    return change


def drop_a_leaf(auditor: Auditor) -> None:
    lines = (auditor.copy.root / "data/log/leaves.jsonl").read_bytes().splitlines(keepends=True)
    auditor.copy.write("data/log/leaves.jsonl", b"".join([lines[0], *lines[2:]]))


def count_otherwise(auditor: Auditor) -> None:
    auditor.copy.edit(lambda said: said["counts"]["by_type"].update(capture=5))


def swap_tokens(auditor: Auditor) -> None:
    first, second = (auditor.copy.root / f"data/events/{one}/response.tsr" for one in ("0002", "0006"))
    content = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(content)


REFUSED = {
    "a byte of a picture": (flip("data/exhibits/0001/viewport.png"), {1, 3}),
    "a byte of a WARC": (flip("data/exhibits/0001/capture.warc.gz"), {1, 3, 4}),
    "a byte of verify.py": (flip("verify.py"), {1}),
    "a file added": (add, {1}),
    "a file dropped": (drop, {1, 3}),
    "a byte of the tag manifest": (flip("tagmanifest-sha256.txt", 5), {1, 2}),
    "the seal of another": (seal_by_another, {2}),
    "a byte of a record": (flip("data/exhibits/0001/record.dsse.json"), {1, 3, 6}),
    "an investigator whom one does not trust": (believe_another("investigator.pem"), {2, 3}),
    "a byte of the head": (flip("data/log/checkpoint", 5), {1, 5}),
    "a ledger that one does not trust": (believe_another("log.pem"), {5}),
    "a byte of a leaf": (flip("data/exhibits/0001/entry.leaf"), {1, 6}),
    "a byte of a proof": (flip("data/exhibits/0001/entry.tlog-proof", 40), {1, 6}),
    "a byte of a salt": (flip("data/exhibits/0001/salt"), {1, 6}),
    "an entry left out": (drop_a_leaf, {1, 7}),
    "other counts": (count_otherwise, {1, 7}),
    "a token of another checkpoint": (swap_tokens, {1, 3, 8}),
    "a byte of a stamped checkpoint": (flip("data/log/checkpoints/7", 5), {1, 8}),
}


@pytest.mark.parametrize("name", REFUSED)
def test_the_blocks_refuse_what_was_changed(auditor: Auditor, name: str) -> None:
    change, expected = REFUSED[name]
    change(auditor)
    assert auditor.refused(expected) == expected


def test_the_page_has_three_languages_and_ends_in_a_newline(auditor: Auditor) -> None:
    raw = (auditor.copy.root / "README-VERIFY.txt").read_bytes()
    text = raw.decode("utf-8")
    assert text.endswith("\n")
    assert "{{" not in text
    assert all(word in text for word in ("ENGLISH", "العربية", "فارسی", "NOT proven"))
    assert max(map(len, text.splitlines())) < 260
