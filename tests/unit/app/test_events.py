"""Remarks, custody, erasure: each is an entry; an erasure breaks no proof and is told from a loss."""

from pathlib import Path

import pytest

from archiver.app import events
from archiver.app.capture import plan
from archiver.app.cite import citations_of
from archiver.app.log import prove, read_log
from archiver.app.reading import captures
from archiver.app.status import status_of
from archiver.formats import citations as form
from archiver.formats import layout, proof
from archiver.formats.checkpoint import decode as decode_checkpoint
from archiver.model.citation import Citation, CitationList, Decision, Kind
from archiver.model.errors import Damaged, UsageError
from archiver.model.events import Annotation, CustodyAction, Export, KeyAction, KeyEvent, KeyRole, Observation, Presence
from archiver.model.events import Session as SessionEvent
from archiver.model.report import Level, Verdict
from archiver.proof.merkle import leaf_hash, verify_inclusion
from tests.support.ledger_kit import CASE, fixed_id, sample_capture
from tests.support.own_case import OwnCase, new_own_case

HOW = events.Handling(by="R.", reason="a source must be forgotten")


@pytest.fixture
def own(tmp_path: Path) -> OwnCase:
    made = new_own_case(tmp_path)
    for number in (1, 2, 3):
        made.capture(number)
    return made


def test_what_happens_to_evidence_is_an_entry_of_its_own_type(own: OwnCase) -> None:
    case = own.open()
    assert events.annotate(case, [2, 0, 2], text="ترجمة مؤكدة", by=None).seq == 3
    handed = events.Handling(to="the court", reason="ordered")
    assert events.record_custody(case, CustodyAction.TRANSFER, [], handed).seq == 4
    tool = sample_capture(1).tool
    events.record_event(case, lambda name, at: SessionEvent(id=name, case=CASE, at=at, nonce="00", tool=tool))
    events.record_event(
        case,
        lambda name, at: KeyEvent(
            id=name, case=CASE, at=at, action=KeyAction.ADD, role=KeyRole.LOG, public_key="aa" * 32, effective_at=at
        ),
    )
    events.record_event(
        case,
        lambda name, at: Export(
            id=name,
            case=CASE,
            at=at,
            bundle_name="b.zip",
            checkpoint_size=3,
            withheld=2,
            erased=0,
            failed_withheld=0,
            disclosed=(0,),
        ),
    )
    events.record_event(
        case,
        lambda name, at: Observation(
            id=name, case=CASE, at=at, of=fixed_id(1), url="https://example.org/", presence=Presence.GONE
        ),
    )
    lines = read_log(own.workspace, CASE)
    assert [one.type for one in lines[3:]] == ["annotation", "custody", "session", "key-event", "export", "observation"]
    about = " | ".join(one.about for one in lines)
    for words in ("on 0, 2: ترجمة", "transfer of the whole case: ordered", "0 lower bounds", "add log key aa"):
        assert words in about
    assert "gone: https://example.org/" in about
    assert "1 entries disclosed, 2 withheld" in about
    assert own.problems() == []


def test_entries_that_are_not_there_are_not_spoken_of(own: OwnCase) -> None:
    with pytest.raises(UsageError, match="the ledger has entries 0 to 2, found 3"):
        events.annotate(own.open(), [3], text="x", by=None)
    assert own.open().book.ledger.size() == 3


def test_an_erased_source_is_gone_and_every_proof_of_every_entry_stays_valid(own: OwnCase) -> None:
    before = [prove(own.workspace, CASE, str(seq)) for seq in range(3)]
    envelope = own.root / layout.capture_envelope(fixed_id(2))
    archived = {path.read_text(): path for path in (own.workspace.root / "archive").rglob("*.txt")}
    assert events.erase(own.open(), [1], HOW).seq == 3
    assert not envelope.exists()
    assert not (own.root / layout.opening(1)).exists()
    assert [text for text, path in archived.items() if not path.exists()] == ["text 2"]
    for old in before:
        found = proof.decode(old.proof)
        head = decode_checkpoint(found.checkpoint.text)
        assert verify_inclusion(leaf_hash(old.leaf), old.seq, head.size, found.hashes, head.root)
        assert prove(own.workspace, CASE, str(old.seq)).leaf == old.leaf
    report = own.verify(required=Level.LEDGER)
    assert report.verdict is Verdict.PASS, own.problems()
    erased = [one for one in report.checks if one.id == "entry-erased"]
    assert [(one.verdict, one.subject.rsplit("/", 1)[-1]) for one in erased] == [(Verdict.PASS, "1")]
    assert "erased by entry 3" in erased[0].reason
    assert any("1 erased entries" in line for line in report.not_proven)
    assert "no salt here" in read_log(own.workspace, CASE)[1].about
    assert prove(own.workspace, CASE, fixed_id(3)).seq == 2


def written(*citations: Citation) -> bytes:
    return b"# mine\n" + form.encode(CitationList(citations=citations))


def test_capture_after_an_erasure_fetches_the_erased_source_again(own: OwnCase) -> None:
    """The defect: the citation still stood in citations.yaml, unmarked, and the next run captured what was erased."""
    cited = [Citation(id=f"c0{number}", kind=Kind.WEB_PAGE, url="https://example.org/") for number in (1, 2, 3)]
    moved = Citation(id="c03", kind=Kind.WEB_PAGE, url="https://example.org/elsewhere")
    own.open().book.manifests.write_citations(written(*cited[:2], moved))
    events.erase(own.open(), [1, 2], HOW)
    manifests = own.open().book.manifests
    found = citations_of(manifests)
    assert [one.decision for one in found.citations] == [None, Decision.ERASED, None]
    assert (manifests.read_citations() or b"").startswith(b"# mine\n")
    work = plan(found, captures(manifests), again=False, retry=True)
    assert ([one.citation_id for one in work.targets], work.recorded, work.erased) == (["c03"], ("c01",), ("c02",))
    assert [one.state for one in status_of(own.workspace, CASE).standings] == ["captured", "erased", "not captured"]


def test_citations_that_cannot_be_read_do_not_hold_up_an_erasure(own: OwnCase) -> None:
    own.open().book.manifests.write_citations(b"- broken")
    events.erase(own.open(), [1], HOW)
    assert not (own.root / layout.capture_envelope(fixed_id(2))).exists()
    assert own.open().book.manifests.read_citations() == b"- broken"


def test_what_is_missing_without_an_erasure_is_no_erasure(own: OwnCase) -> None:
    events.erase(own.open(), [1], HOW)
    (own.root / layout.opening(2)).unlink()
    (own.root / layout.capture_envelope(fixed_id(3))).unlink()
    assert [one for one in own.problems() if one.startswith("entry-opening") and "no recorded erasure" in one]
    (own.root / layout.opening(0)).chmod(0o644)
    (own.root / layout.capture_envelope(fixed_id(1))).unlink()
    assert any("no later entry says that it was erased" in one for one in own.problems())


def test_a_file_that_another_source_holds_too_is_not_destroyed(tmp_path: Path) -> None:
    own = new_own_case(tmp_path)
    own.capture(1, text="the same")
    own.capture(2, text="the same")
    events.erase(own.open(), [0], HOW)
    assert len(list((own.workspace.root / "archive").rglob("*.txt"))) == 1
    assert own.problems() == []


def test_what_other_evidence_rests_on_is_not_erased(own: OwnCase) -> None:
    case = own.open()
    erasure = events.erase(case, [0], HOW)
    with pytest.raises(UsageError, match="entry 3 is a custody: other evidence rests on it"):
        events.erase(case, [erasure.seq], HOW)
    with pytest.raises(UsageError, match="entry 0 has no salt here"):
        events.erase(own.open(), [0], HOW)
    with pytest.raises(UsageError, match="at least one entry"):
        events.erase(case, [], HOW)
    with pytest.raises(UsageError, match="its reason"):
        events.erase(case, [1], events.Handling())
    assert case.book.ledger.size() == 4


def test_nothing_is_destroyed_where_a_manifest_cannot_be_read(own: OwnCase) -> None:
    damaged = own.root / layout.capture_envelope(fixed_id(1))
    case = own.open()
    damaged.chmod(0o644)
    damaged.write_bytes(b"{}")
    with pytest.raises(Damaged, match="so nothing is erased"):
        events.erase(case, [1], HOW)
    assert len(list((own.workspace.root / "archive").rglob("*.txt"))) == 3


def test_the_log_tells_of_each_entry_that_it_cannot_read(own: OwnCase) -> None:
    damaged = own.root / layout.capture_envelope(fixed_id(1))
    damaged.chmod(0o644)
    damaged.write_bytes(b"{}")
    tile = own.root / "ledger/tile/entries/000.p/3"
    raw = tile.read_bytes()
    tile.chmod(0o644)
    tile.write_bytes(raw.replace(b'"seq":2', b'"seq":X'))
    lines = read_log(own.workspace, CASE)
    assert "expected exactly payload" in lines[0].about
    assert (lines[2].type, lines[1].about) == ("malformed", "ok: https://example.org/")


def test_an_annotation_is_read_back_with_its_text(own: OwnCase) -> None:
    made: list[Annotation] = []

    def make(name: str, at: object) -> Annotation:
        assert isinstance(at, type(sample_capture(1).attempt.started_at))
        made.append(Annotation(id=name, case=CASE, at=at, entries=(0,), text="a\u202eb"))
        return made[0]

    events.record_event(own.open(), make)
    assert read_log(own.workspace, CASE)[3].about == "on 0: a\\u202eb"
