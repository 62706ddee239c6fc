"""OpenTimestamps from promise to block, with a calendar of our own; what verification makes of each step."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.app.anchor import Anchored, anchor_case, anchors
from archiver.app.examine import Terms, examine
from archiver.app.log import read_log
from archiver.app.verify import choose_trust
from archiver.cli.main import main
from archiver.formats import layout
from archiver.model.errors import FormatError
from archiver.model.report import Level, Verdict
from archiver.proof import ots
from tests.support.calendar_server import Calendar, header, serve_calendar
from tests.support.ledger_kit import CASE
from tests.support.own_case import SECRET, OwnCase, new_own_case

HEIGHT, SECONDS = 920_000, 1_795_600_000  # in November 2026


@pytest.fixture
def calendar() -> Iterator[Calendar]:
    with serve_calendar() as made:
        yield made


@pytest.fixture
def own(tmp_path: Path) -> OwnCase:
    made = new_own_case(tmp_path)
    made.capture(1)
    return made


def anchor(own: OwnCase, *calendars: Calendar, at_once: bool = True) -> tuple[Anchored, ...]:
    return anchor_case(own.open(), [one.url for one in calendars], home=own.home, at_once=at_once)


def trust_header(own: OwnCase, raw: bytes, *, height: int = HEIGHT) -> Path:
    path = own.home.trust / "bitcoin" / f"{height}.header"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(raw)
    return path


def told(own: OwnCase) -> list[tuple[Verdict, str]]:
    return [(one.verdict, one.reason) for one in own.verify().checks if one.id == "anchor"]


def proof_file(own: OwnCase) -> Path:
    return max((own.workspace.root / "archive").rglob("*.ots"), key=lambda path: path.stat().st_size)


def test_without_a_calendar_nobody_is_asked(own: OwnCase) -> None:
    assert anchor(own) == ()
    assert own.open().book.ledger.size() == 1


def test_a_promise_is_recorded_and_proves_nothing(own: OwnCase, calendar: Calendar) -> None:
    (done,) = anchor(own, calendar)
    assert done.anchor is not None
    assert (done.anchor.calendars, done.anchor.blocks) == ((calendar.url,), ())
    assert "OpenTimestamps over 1 entries: promised" in read_log(own.workspace, CASE)[1].about
    assert told(own) == [(Verdict.NOT_CHECKED, f"promised by {calendar.url}: no block yet, so nothing is proven")]
    assert own.problems() == []
    (again,) = anchor(own, calendar)
    assert (again.anchor, "no calendar has it in a block yet" in again.problem) == (None, True)
    assert len(anchors(own.open())) == 1, "what a calendar promised once is not promised again"


def test_a_block_counts_only_by_a_header_that_the_auditor_supplies(own: OwnCase, calendar: Calendar) -> None:
    anchor(own, calendar)
    raw = calendar.mine(height=HEIGHT, seconds=SECONDS)
    (done,) = anchor(own, calendar)
    assert done.anchor is not None
    assert done.anchor.blocks == (HEIGHT,)
    assert anchor(own, calendar) == ()
    assert "Bitcoin block 920000" in read_log(own.workspace, CASE)[2].about
    ((verdict, reason),) = told(own)
    assert (verdict, "you supplied no header" in reason) == (Verdict.NOT_CHECKED, True)
    assert any("no timestamp was verified" in line for line in own.verify().not_proven)
    trust_header(own, raw.hex().encode())
    ((verdict, reason),) = told(own)
    assert (verdict, reason.startswith("1 entries existed before 2026-11-")) == (Verdict.PASS, True)
    report = own.verify(required=Level.TIME)
    assert report.verdict is Verdict.PASS, own.problems()
    assert any("one authority alone" in line for line in report.not_proven)
    own.capture(2)
    assert own.verify(required=Level.TIME).verdict is Verdict.NOT_CHECKED, "a new entry nobody has anchored"


def test_a_header_of_another_block_contradicts_the_proof(own: OwnCase, calendar: Calendar) -> None:
    anchor(own, calendar)
    calendar.mine(height=HEIGHT, seconds=SECONDS)
    anchor(own, calendar)
    trust_header(own, header(b"r" * 32, seconds=SECONDS))
    assert told(own) == [(Verdict.FAIL, "block 920000, by the header that you supplied, does not hold it")]


def test_a_header_that_was_changed_or_misnamed_is_no_trust(own: OwnCase) -> None:
    raw = header(b"r" * 32, seconds=SECONDS)
    changed = (raw[:at] + bytes([raw[at] ^ 0xFF]) + raw[at + 1 :] for at in range(4, 70))
    path = trust_header(own, next(one for one in changed if not works(one)))
    with pytest.raises(FormatError, match="proof of work does not hold"):
        choose_trust(None, home=own.home)
    path.rename(path.with_name("tip.header"))
    with pytest.raises(FormatError, match=r"expected bitcoin/<height>\.header"):
        choose_trust(None, home=own.home)


def works(raw: bytes) -> bool:
    return hashlib.sha256(hashlib.sha256(raw).digest()).digest()[-1] < 0x7F


def test_of_two_calendars_one_that_fails_is_told_and_waited_for(own: OwnCase, calendar: Calendar) -> None:
    with serve_calendar() as other:
        other.mood = "error"
        (done,) = anchor(own, calendar, other)
        assert done.anchor is not None
        assert done.anchor.calendars == (calendar.url,)
        assert "found 503" in done.problem
        own.capture(2)
        asked = len(other.asked)
        calendar.mood = "error"
        upgrade, second = anchor(own, calendar, other, at_once=False)
        assert (upgrade.anchor, second.anchor, len(other.asked)) == (None, None, asked)
        assert "it is asked again after" in second.problem
        later = anchor(own, calendar, other, at_once=False)
        assert "asked again after" in later[0].problem


@pytest.mark.parametrize("mood", ["garbage", "error"])
def test_a_calendar_that_answers_nonsense_anchors_nothing(own: OwnCase, calendar: Calendar, mood: str) -> None:
    calendar.mood = mood
    (done,) = anchor(own, calendar)
    assert done.anchor is None
    assert own.open().book.ledger.size() == 1
    calendar.mood = "ok"
    anchor(own, calendar)
    calendar.mood = mood
    (done,) = anchor(own, calendar)
    assert done.anchor is None
    assert own.open().book.ledger.size() == 2


def test_a_calendar_that_is_not_configured_any_more_is_not_asked(own: OwnCase, calendar: Calendar) -> None:
    anchor(own, calendar)
    asked = len(calendar.asked)
    with serve_calendar() as other:
        (done,) = anchor(own, other)
    assert (done.anchor, len(calendar.asked)) == (None, asked)


def test_without_the_extra_stamping_says_so_and_verification_checks_nothing(
    own: OwnCase, calendar: Calendar, monkeypatch: pytest.MonkeyPatch
) -> None:
    anchor(own, calendar)
    path = proof_file(own)
    monkeypatch.setattr(ots, "available", lambda: False)
    own.capture(2)
    (done,) = anchor(own, calendar)
    assert "archiver[ots] is not installed" in done.problem
    ((verdict, reason),) = told(own)
    assert (verdict, "archiver[ots]" in reason) == (Verdict.NOT_CHECKED, True)
    with pytest.raises(FormatError, match="is not installed"):
        ots.read(path.read_bytes())
    assert by_itself(own, path) == [("ots", Verdict.NOT_CHECKED)]


@pytest.mark.parametrize("damage", ["missing", "other bytes", "another checkpoint"])
def test_an_anchor_that_was_changed_is_named(own: OwnCase, calendar: Calendar, damage: str) -> None:
    anchor(own, calendar)
    path = proof_file(own)
    path.chmod(0o644)
    if damage == "missing":
        path.unlink()
    elif damage == "other bytes":
        path.write_bytes(path.read_bytes() + b"x")
    else:
        (own.root / layout.checkpoint_of(1)).chmod(0o644)
        (own.root / layout.checkpoint_of(1)).write_bytes((own.root / layout.checkpoint_of(2)).read_bytes())
    assert [one[0] for one in told(own)] == [Verdict.FAIL]


def by_itself(own: OwnCase, path: Path) -> list[tuple[str, Verdict]]:
    terms = Terms(trust=choose_trust(None, home=own.home), required=None)
    (found,) = examine([str(path)], here=own.folder, terms=terms).examined
    assert found.report is not None, found.unreadable
    return [(one.id, one.verdict) for one in found.report.checks]


def test_a_proof_file_is_examined_by_itself(own: OwnCase, calendar: Calendar, tmp_path: Path) -> None:
    anchor(own, calendar)
    raw = calendar.mine(height=HEIGHT, seconds=SECONDS)
    anchor(own, calendar)
    path = tmp_path / "checkpoint.ots"
    path.write_bytes(proof_file(own).read_bytes())
    assert by_itself(own, path) == [("ots", Verdict.NOT_CHECKED), ("ots-data", Verdict.NOT_CHECKED)]
    trust_header(own, raw)
    data = tmp_path / "checkpoint"
    data.write_bytes((own.root / layout.checkpoint_of(1)).read_bytes())
    assert by_itself(own, path) == [("ots", Verdict.PASS), ("ots-data", Verdict.PASS)]
    data.write_bytes(b"other")
    assert by_itself(own, path)[1] == ("ots-data", Verdict.FAIL)
    path.write_bytes(b"nothing")
    assert by_itself(own, path) == [("ots", Verdict.FAIL)]
    other = tmp_path / "renamed"
    other.write_bytes(proof_file(own).read_bytes())
    assert by_itself(own, other) == [("ots", Verdict.PASS), ("ots-data", Verdict.NOT_CHECKED)]


def test_archiver_stamp_asks_the_calendars_of_the_workspace(
    own: OwnCase,
    calendar: Calendar,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "passphrase").write_bytes(SECRET)
    monkeypatch.setenv("ARCHIVER_HOME", str(own.home.root))
    monkeypatch.setenv("ARCHIVER_PASSPHRASE_FILE", str(tmp_path / "passphrase"))
    monkeypatch.chdir(own.workspace.root)
    settings = own.workspace.root / "archiver.toml"
    settings.write_text(settings.read_text() + f'\n[ots]\ncalendars = ["{calendar.url}"]\n')
    assert main(["stamp"]) == 0
    assert f"OpenTimestamps: 1 entries promised by {calendar.url}" in capsys.readouterr().out
    assert main(["stamp"]) == 0
    assert "OpenTimestamps: 1 entries PENDING" in capsys.readouterr().out
    calendar.mine(height=HEIGHT, seconds=SECONDS)
    assert main(["stamp", "--json"]) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[0])
    assert (found["event"], found["state"], found["blocks"]) == ("anchor", "anchored", [HEIGHT])
