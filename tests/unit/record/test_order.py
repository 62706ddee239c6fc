"""The order of an append is its security: each step finds the ones before it done, and none after it."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from archiver.formats import layout
from archiver.formats.checkpoint import decode as decode_checkpoint
from archiver.formats.tiles import Tile
from tests.support.ledger_kit import LOG, CaseKit, fixed_id, new_case


@dataclass
class WatchingSigner:
    """Signs as the log's key does, and looks at what is on the disk at that moment."""

    kit: CaseKit
    seen: int = 0

    @property
    def public_key(self) -> bytes:
        return LOG.public_key

    def sign(self, message: bytes) -> bytes:
        wanted = decode_checkpoint(message.decode())
        book, case = self.kit.book, self.kit.case_root
        assert book.state.read() == (wanted.size, wanted.root), "what is about to be signed is kept beside the key"
        assert (case / layout.capture_envelope(fixed_id(wanted.size - 1))).is_file()
        assert (case / layout.opening(wanted.size - 1)).is_file()
        assert (case / Tile(level=None, index=0, width=wanted.size).path).is_file()
        assert (case / Tile(level=0, index=0, width=wanted.size).path).is_file()
        assert book.ledger.read_staged() is not None
        assert not book.ledger.has_checkpoint(wanted.size)
        assert book.ledger.size() == wanted.size - 1, "no reader sees the entry yet"
        self.seen += 1
        return LOG.sign(message)


def test_when_the_log_signs_all_that_it_signs_is_on_the_disk_and_nothing_is_published(tmp_path: Path) -> None:
    kit = new_case(tmp_path)
    watching = WatchingSigner(kit)
    watched = replace(kit, book=replace(kit.book, signer=watching))
    for number in range(3):
        watched.record(number)
    assert watching.seen == 3


def test_a_signer_that_fails_leaves_an_entry_that_the_next_start_finishes(tmp_path: Path) -> None:
    class BrokenSigner(WatchingSigner):
        def sign(self, message: bytes) -> bytes:
            raise ConnectionError(f"no token for {len(message)} bytes")

    kit = new_case(tmp_path)
    kit.record(0)
    broken = replace(kit, book=replace(kit.book, signer=BrokenSigner(kit)))
    with pytest.raises(ConnectionError):
        broken.record(1)
    assert kit.book.ledger.size() == 1
    assert kit.record(1).seq == 1
    assert kit.book.ledger.size() == 2
