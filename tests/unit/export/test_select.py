"""What the proofs of chosen captures need besides them, and nothing else."""

from dataclasses import replace

import pytest

from archiver.export.select import Held, Wanted, choose, supporting
from archiver.model.digest import Digest
from archiver.model.errors import UsageError
from archiver.model.events import (
    Annotation,
    Cosigned,
    Custody,
    CustodyAction,
    KeyAction,
    KeyEvent,
    KeyRole,
    Observation,
    Presence,
    Renewal,
    Session,
)
from archiver.model.provenance import Opening, Predicate, Stamp
from tests.support.ledger_kit import BEGIN, CASE, fixed_id, sample_capture

DIGEST = Digest.of(b"x")


def held(seq: int, predicate: Predicate) -> Held:
    return Held(seq=seq, opening=Opening(seq=seq, path="x", salt=bytes(32)), raw=b"", predicate=predicate)


def stamp(seq: int, tsa: str, size: int) -> Held:
    return held(
        seq,
        Stamp(
            id=f"stamp-{seq}",
            case=CASE,
            checkpoint_size=size,
            checkpoint_digest=DIGEST,
            tsa_name=tsa,
            tsa_url="http://x/",
            gen_time=BEGIN,
            serial="1",
            received_at=BEGIN,
            clock_difference_ms=0,
            artifacts=(),
        ),
    )


def renewal(seq: int, of: str) -> Held:
    return held(
        seq,
        Renewal(
            id=f"renewal-{seq}",
            case=CASE,
            of=of,
            list_digest=DIGEST,
            tsa_name="a",
            tsa_url="http://x/",
            gen_time=BEGIN,
            serial="1",
            received_at=BEGIN,
            clock_difference_ms=0,
        ),
    )


def cosigned(seq: int, witness: str, size: int) -> Held:
    return held(
        seq,
        Cosigned(
            id=f"cosigned-{seq}",
            case=CASE,
            at=BEGIN,
            checkpoint_size=size,
            checkpoint_digest=DIGEST,
            witness=witness,
            cosigned_at=BEGIN,
        ),
    )


def custody(seq: int, entries: tuple[int, ...], action: CustodyAction = CustodyAction.ACCESS) -> Held:
    return held(seq, Custody(id=f"custody-{seq}", case=CASE, at=BEGIN, action=action, entries=entries))


CAPTURES = [held(seq, replace(sample_capture(seq), session="s1" if seq == 1 else "s2")) for seq in (1, 2, 3)]


def opened(others: list[Held], *, chosen: int = 1) -> list[int]:
    return [one.seq for one in supporting([*CAPTURES, *others], [CAPTURES[chosen - 1]])]


def test_the_earliest_timestamp_of_each_authority_that_covers_it_goes_with_a_capture() -> None:
    others = [stamp(10, "a", 1), stamp(11, "a", 5), stamp(12, "b", 5), stamp(13, "a", 9), stamp(14, "b", 9)]
    assert opened(others) == [11, 12]


def test_renewals_of_what_is_opened_follow_one_another_and_no_others() -> None:
    others = [stamp(10, "a", 5), stamp(11, "a", 9), renewal(12, "stamp-10"), renewal(13, "renewal-12")]
    assert opened([*others, renewal(14, "stamp-11")]) == [10, 12, 13]


def test_the_earliest_cosignature_of_each_witness_goes_with_it() -> None:
    assert opened([cosigned(10, "w", 1), cosigned(11, "w", 5), cosigned(12, "w", 9), cosigned(13, "v", 9)]) == [11, 13]


def test_its_session_goes_with_it_and_no_other() -> None:
    tool = sample_capture(1).tool
    sessions = [held(seq, Session(id=f"s{seq - 9}", case=CASE, at=BEGIN, nonce="00", tool=tool)) for seq in (10, 11)]
    assert opened(sessions) == [10]
    assert opened(sessions, chosen=2) == [11]


def test_every_key_event_goes_with_it() -> None:
    event = KeyEvent(
        id="k",
        case=CASE,
        at=BEGIN,
        action=KeyAction.RETIRE,
        role=KeyRole.INVESTIGATOR,
        public_key="aa" * 32,
        effective_at=BEGIN,
    )
    assert opened([held(10, event)]) == [10]


def test_custody_goes_with_it_where_it_names_no_withheld_entry() -> None:
    erasure = custody(14, (3,), CustodyAction.ERASURE)
    receipt = custody(15, (), CustodyAction.RECEIPT)
    assert opened([custody(10, (1,)), custody(11, (1, 2)), custody(12, (2,)), custody(13, ()), erasure, receipt]) == [
        10,
        13,
    ]


def test_observations_go_with_their_capture_and_remarks_with_none() -> None:
    look = Observation(id="o", case=CASE, at=BEGIN, of=fixed_id(1), url="https://a/", presence=Presence.GONE)
    other = replace(look, id="p", of=fixed_id(2))
    remark = Annotation(id="q", case=CASE, at=BEGIN, entries=(1,), text="x")
    assert opened([held(10, look), held(11, other), held(12, remark)]) == [10]


def test_captures_are_chosen_by_citation_and_time_failed_ones_too() -> None:
    assert [one.seq for one in choose(CAPTURES, Wanted(citations=frozenset({"c01", "c03"})))] == [1, 3]
    assert [one.seq for one in choose([*CAPTURES, custody(9, ())], Wanted())] == [1, 2, 3]
    with pytest.raises(UsageError, match="no capture of citation c09"):
        choose(CAPTURES, Wanted(citations=frozenset({"c01", "c09"})))
    with pytest.raises(UsageError, match="nothing to export"):
        choose([custody(9, ())], Wanted())
