from dataclasses import replace

from archiver.capture.facts import bounded, listed
from archiver.formats import manifest
from archiver.model.evidence import Intervention, Unrecorded
from archiver.model.instant import Instant
from archiver.model.provenance import Statement
from tests.support.ledger_kit import sample_capture


def test_a_page_with_thousands_of_failures_makes_a_manifest_that_can_be_read_back() -> None:
    flood = tuple(Unrecorded(url=f"https://a.org/{n}/" + "x" * 2000, reason="failed: no") for n in range(2500))
    capture = sample_capture(1)
    capture = replace(capture, attempt=replace(capture.attempt, seen_not_recorded=listed(flood)))
    statement = Statement(subjects=manifest.subjects_of(capture), predicate=capture)
    assert manifest.decode(manifest.encode(statement)) == statement
    assert len(capture.attempt.seen_not_recorded) == 501
    assert "2000 more" in capture.attempt.seen_not_recorded[-1].reason


def test_few_are_listed_as_they_are() -> None:
    few = (Unrecorded(url="https://a.org/", reason="failed: no"),)
    assert listed(few) == few
    assert listed(()) == ()


def test_a_flood_of_dialogs_keeps_the_first_and_the_last() -> None:
    many = tuple(Intervention(at=Instant(n), action="dialog dismissed") for n in range(1000))
    kept = bounded(many)
    assert (len(kept), kept[0], kept[-1]) == (200, many[0], many[-1])
    assert bounded(many[:3]) == many[:3]
