"""The examples of the format pages are the golden files, byte for byte; what the pages say of them holds."""

import hashlib
import json
from pathlib import Path

from archiver.formats import checkpoint, entry, note
from archiver.model.provenance import VerifierKey
from archiver.proof.merkle import leaf_hash, root
from archiver.proof.signature import verify_note
from tests.support.ledger_kit import LOG, ORIGIN
from tests.vectors.regenerate import FOLDER

PAGE = (Path(__file__).parents[2] / "docs" / "formats" / "ledger.md").read_text(encoding="utf-8")


def test_the_page_of_the_ledger_shows_the_golden_files() -> None:
    for name in ("checkpoint", "entry.leaf", "opening.json"):
        assert f"\n{(FOLDER / name).read_text(encoding='utf-8').rstrip()}\n```" in PAGE, name


def test_the_golden_files_fit_together_by_hashes_alone() -> None:
    leaf = (FOLDER / "entry.leaf").read_bytes()
    salt = bytes.fromhex(json.loads((FOLDER / "opening.json").read_bytes())["salt"])
    envelope = (FOLDER / "capture.dsse.json").read_bytes()
    assert json.loads(leaf)["commit"] == hashlib.sha256(b"evl1\0" + salt + envelope).hexdigest()
    head = note.decode((FOLDER / "checkpoint").read_bytes())
    assert verify_note(head, VerifierKey(name=ORIGIN, public_key=LOG.public_key))
    found = checkpoint.decode(head.text)
    assert (found.size, found.root) == (1, root([leaf_hash(leaf)])) == (1, hashlib.sha256(b"\0" + leaf).digest())
    assert entry.decode(leaf).prev == entry.FIRST_PREV
