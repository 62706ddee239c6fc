"""Write the golden files of our own formats: ``python -m tests.vectors.regenerate``. Equal code gives equal bytes."""

import sys
from pathlib import Path

from archiver.formats import entry, envelope, note
from archiver.formats.checkpoint import encode as encode_checkpoint
from archiver.model.digest import Digest
from archiver.model.provenance import Checkpoint, Entry, EntryType, Opening
from archiver.proof.merkle import leaf_hash, root
from archiver.proof.signature import sign_note
from tests.support.ledger_kit import LOG, ORIGIN, fixed_id, fixed_salt, sealed_capture

FOLDER = Path(__file__).parent / "golden"


def golden() -> dict[str, bytes]:
    """Give each golden file by its name: fixed keys, ids, salts and times."""
    sealed = sealed_capture(1)
    leaf = entry.encode(
        Entry(
            seq=0,
            type=EntryType.CAPTURE,
            prev=entry.FIRST_PREV,
            commit=entry.commitment(fixed_salt(1), sealed.envelope),
        )
    )
    head = Checkpoint(origin=ORIGIN, size=1, root=root([leaf_hash(leaf)]))
    return {
        "capture.dsse.json": sealed.envelope,
        "capture.statement.json": envelope.decode(sealed.envelope).payload,
        "entry.leaf": leaf,
        "opening.json": entry.encode_opening(
            Opening(seq=0, path=f"captures/{fixed_id(1)}.dsse.json", salt=fixed_salt(1))
        ),
        "checkpoint": note.encode(sign_note(encode_checkpoint(head), ORIGIN, LOG)),
        "leaf.sha256": f"{Digest.of(leaf).hex}\n".encode(),
    }


def main() -> None:
    """Write them all."""
    FOLDER.mkdir(exist_ok=True)
    for name, content in golden().items():
        (FOLDER / name).write_bytes(content)
        sys.stdout.write(f"{name}: {len(content)} bytes\n")


if __name__ == "__main__":
    main()
