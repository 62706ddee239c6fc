"""What a report says is what the ledger holds: exhibits, totals, clocks; leaving some out changes no number."""

from collections import Counter
from pathlib import Path

import pytest

from archiver.app.report import read_case
from archiver.export.report_drawings import Drawing
from archiver.export.report_facts import CaseRecord, SourceState, report_of
from archiver.export.report_lines import hash_lines, hash_list, ledger_lines
from archiver.export.report_page import volumes_of
from archiver.formats import entry
from archiver.model.errors import UsageError
from archiver.model.events import Observation, Presence
from archiver.model.evidence import Capture, State
from archiver.store.ledger import LedgerFolder
from tests.support.report_case import ReportCase, make_report_case


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> ReportCase:
    return make_report_case(tmp_path_factory.mktemp("facts"), sources=8, longest_px=1900)


@pytest.fixture(scope="module")
def record(made: ReportCase) -> CaseRecord:
    return read_case(made.own.workspace, "case-1", home=made.own.home, check=False)


def test_the_totals_are_those_of_the_ledger(made: ReportCase, record: CaseRecord) -> None:
    counts = report_of(record).counts
    leaves = [entry.decode(leaf) for leaf in LedgerFolder(made.own.root).leaves()]
    assert counts.entries == len(leaves)
    assert dict(counts.by_type) == dict(Counter(one.type for one in leaves))
    assert counts.attempts == len(made.captures) == 9
    last = {one.citation_id: one for one in made.captures}  # the one tried twice was got both times
    states = Counter(one.attempt.outcome.state for one in last.values())
    assert (counts.ok, counts.partial, counts.failed) == (states[State.OK], states[State.PARTIAL], states[State.FAILED])
    assert (counts.not_tried, counts.gone, counts.unopened) == (1, 1, 0)
    assert counts.sources == counts.ok + counts.partial + counts.failed + counts.not_tried == 9


def test_exhibits_are_numbered_in_the_drafts_order_and_a_dropped_citation_is_none(record: CaseRecord) -> None:
    exhibits = report_of(record).exhibits
    assert [one.number for one in exhibits] == list(range(1, 10))
    assert [one.citation.id for one in exhibits if one.citation] == [*(f"c{n:02d}" for n in range(1, 9)), "never"]


def test_leaving_sources_out_changes_no_number_and_no_total(record: CaseRecord) -> None:
    whole, part = report_of(record), report_of(record, wanted=["c03", "c05"])
    assert [one.number for one in part.exhibits] == [3, 5]
    assert part.counts == whole.counts
    assert not part.whole


def test_what_concerns_other_sources_is_not_told_beside_some(record: CaseRecord) -> None:
    told = {type(one.predicate) for one in report_of(record, wanted=["c03"]).events}
    assert Observation not in told
    beside = report_of(record, wanted=["c02"])
    assert Observation in {type(one.predicate) for one in beside.events}
    shown = [line for line in ledger_lines(report_of(record, wanted=["c03"])) if line.at is not None]
    assert len(shown) < record.head.size
    assert len(list(ledger_lines(beside))) == record.head.size


def test_the_sheet_shows_the_last_attempt_that_got_the_source(made: ReportCase, record: CaseRecord) -> None:
    first = report_of(record).exhibits[0]
    assert first.main is not None
    assert [one.capture.id for one in first.attempts] == [made.captures[0].id, made.captures[-1].id]
    assert first.main.capture.id == made.captures[-1].id
    assert [one.capture.id for one in first.others] == [made.captures[0].id]


def test_a_source_without_attempts_is_not_tried_and_one_gone_since_says_so(record: CaseRecord) -> None:
    exhibits = report_of(record).exhibits
    assert exhibits[-1].state is SourceState.NOT_TRIED
    assert exhibits[1].gone is not None
    assert exhibits[1].gone.predicate.presence is Presence.GONE
    assert exhibits[0].gone is None


def test_each_file_of_the_case_is_in_the_hash_list_once(made: ReportCase, record: CaseRecord) -> None:
    listed = hash_list(report_of(record)).splitlines()
    assert len(listed) == len(set(listed))
    paths = {line.partition("  ")[2] for line in listed}
    root = made.own.workspace.root
    on_disk = {path.relative_to(root).as_posix() for path in (root / "archive").rglob("*.*") if path.is_file()}
    on_disk |= {path.relative_to(root).as_posix() for path in made.own.root.rglob("*.dsse.json")}
    assert paths == on_disk


def test_volumes_hold_every_exhibit_and_every_line_once(record: CaseRecord) -> None:
    report = report_of(record)
    drawings = {one.number: Drawing(drawn=(), not_drawn=()) for one in report.exhibits}
    for pages, rows in ((4, 10), (7, 20), (10_000, 10), (4, 10_000)):
        volumes = volumes_of(report, drawings, pages=pages, rows=rows)
        assert [one.number for one in volumes] == list(range(1, len(volumes) + 1))
        assert {one.of for one in volumes} == {len(volumes)}
        assert tuple(exhibit for one in volumes for exhibit in one.exhibits) == report.exhibits
        assert [line for one in volumes for line in one.hashes] == list(hash_lines(report))
        assert [line for one in volumes for line in one.ledger] == list(ledger_lines(report))
        assert [one.closing for one in volumes] == [False] * (len(volumes) - 1) + [True]
        assert rows > 100 or all(len(one.hashes) + len(one.ledger) <= rows for one in volumes)


def test_of_what_a_bundle_withholds_nothing_is_told_but_number_and_type(made: ReportCase, record: CaseRecord) -> None:
    report = report_of(record, disclosed=frozenset({1, 3}))
    assert [(one.number, len(one.attempts)) for one in report.exhibits] == [(1, 1), (3, 1)]
    assert report.events == ()
    assert report.exhibits[0].attempts[0].clocks.session is None
    assert {line.seq for line in hash_lines(report)} == {1, 3}
    assert [line.seq for line in ledger_lines(report) if line.at or line.rows or line.exhibit] == [1, 3]
    assert report.counts == report_of(record).counts
    whole = report_of(record, disclosed=frozenset(range(record.head.size)))
    assert len(whole.exhibits) == 8, "a source that was not tried is in no bundle"


def test_a_source_that_the_case_has_not_is_refused(record: CaseRecord) -> None:
    with pytest.raises(UsageError, match="no source 'c99'"):
        report_of(record, wanted=["c99"])


def test_a_capture_can_be_named_by_its_id(made: ReportCase, record: CaseRecord) -> None:
    assert [one.number for one in report_of(record, wanted=[made.captures[3].id]).exhibits] == [4]


def test_a_capture_that_no_citation_names_any_more_is_an_exhibit_still(tmp_path: Path) -> None:
    made = make_report_case(tmp_path, sources=2, longest_px=1900)
    (made.own.root / "citations.yaml").write_text("version: 1\ncitations: []\n")
    found = report_of(read_case(made.own.workspace, "case-1", home=made.own.home, check=False))
    assert [(one.citation, one.state) for one in found.exhibits] == [(None, SourceState.OK), (None, SourceState.OK)]
    assert found.counts.attempts == 3


def test_every_hash_line_names_the_exhibit_of_its_capture(record: CaseRecord) -> None:
    report = report_of(record)
    by_seq = {tried.filed.seq: one.number for one in report.exhibits for tried in one.attempts}
    events = {look.seq: one.number for one in report.exhibits for look in one.observations}
    events |= {note.seq: one.number for one in report.exhibits for note in one.annotations}
    assert all(line.exhibit == (by_seq | events).get(line.seq) for line in hash_lines(report))
    assert {one.seq for one in record.filed if isinstance(one.predicate, Capture)} == by_seq.keys()


def test_an_event_about_one_exhibit_names_it_in_the_appendices(record: CaseRecord) -> None:
    report = report_of(record)
    look = next(one.seq for one in report.events if isinstance(one.predicate, Observation))
    assert {one.seq: one.exhibit for one in ledger_lines(report)}[look] == 2


def test_every_volume_knows_what_the_others_hold(record: CaseRecord) -> None:
    report = report_of(record)
    drawings = {one.number: Drawing(drawn=(), not_drawn=()) for one in report.exhibits}
    volumes = volumes_of(report, drawings, pages=9)
    assert len(volumes) > 1
    assert {one.holds for one in volumes} == {
        tuple((one.number, one.first, one.last) for one in volumes if one.exhibits)
    }
