import re
import uuid

from archiver.app.clock import SystemClock
from archiver.app.ids import new_id, new_nonce, new_record_id, new_salt
from archiver.formats.layout import check_id
from archiver.model.instant import Instant


class At:
    def __init__(self, epoch_us: int) -> None:
        self.epoch_us = epoch_us

    def now(self) -> Instant:
        return Instant(self.epoch_us)


def test_ids_are_uuid7_and_sort_by_the_time_they_were_made() -> None:
    made = [new_id(At(1_795_519_189_000_000 + step * 1000)) for step in range(50)]
    assert made == sorted(made)
    assert len(set(made)) == 50
    assert {uuid.UUID(check_id(one)).version for one in made} == {7}


def test_an_id_holds_the_millisecond_in_which_it_was_made() -> None:
    assert uuid.UUID(new_id(At(1_795_519_189_123_456))).int >> 80 == 1_795_519_189_123


def test_record_ids_are_urns_and_salts_are_long_and_never_equal() -> None:
    assert re.fullmatch(r"<urn:uuid:[0-9a-f-]{36}>", new_record_id())
    assert {len(new_salt()) for _ in range(3)} == {32}
    assert new_salt() != new_salt()
    assert new_nonce() != new_nonce()


def test_the_clock_gives_whole_milliseconds() -> None:
    now = SystemClock().now()
    assert now.epoch_us % 1000 == 0
    assert Instant.parse(str(now)) == now
