"""Two authorities, revocation lists, waits that grow, renewals, lower bounds: with real ones made by openssl."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.app.asking import ask_over
from archiver.app.config import TsaConfig
from archiver.app.pending import Pending, read_pending
from archiver.app.renew import renew_case
from archiver.app.session import open_session
from archiver.app.stamp import Stamped, stamp_case
from archiver.formats import layout
from archiver.formats.renewed import decode_list
from archiver.model.digest import Digest
from archiver.model.errors import FormatError, SealError
from archiver.model.evidence import Role
from archiver.model.instant import Instant
from archiver.model.report import Level, Report, Verdict
from archiver.store import durable
from tests.support.openssl_tsa import make_crl
from tests.support.own_case import OwnCase, new_own_case
from tests.support.tsa_server import TsaServer, serve_tsa

NOW = Instant.parse("2026-11-26T00:00:00.000Z")


@pytest.fixture
def own(tmp_path: Path) -> OwnCase:
    made = new_own_case(tmp_path)
    made.capture(1)
    return made


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TsaServer]:
    with serve_tsa(tmp_path_factory.mktemp("listed"), with_list=True) as tsa:
        yield tsa


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TsaServer]:
    with serve_tsa(tmp_path_factory.mktemp("plain"), name="Other") as tsa:
        yield tsa


@pytest.fixture(autouse=True)
def _well(listed: TsaServer, plain: TsaServer) -> None:
    listed.mood = plain.mood = "ok"
    listed.crl = make_crl(listed.tsa, revoked=False)


def name(own: OwnCase, tsa: TsaServer, called: str) -> TsaConfig:
    """Pin the authority's root, as ``archiver tsa add`` does."""
    durable.put_once(own.home.tsa_roots(called), tsa.root_pem)
    return TsaConfig(name=called, url=tsa.url)


def stamp(own: OwnCase, *authorities: TsaConfig, at_once: bool = True) -> tuple[Stamped, ...]:
    return stamp_case(own.open(), authorities, home=own.home, at_once=at_once)


def told(report: Report, check: str) -> list[tuple[Verdict, str]]:
    return [(one.verdict, one.reason) for one in report.checks if one.id == check]


def test_two_authorities_stamp_one_checkpoint_with_all_that_checking_needs(
    own: OwnCase, listed: TsaServer, plain: TsaServer
) -> None:
    done = stamp(own, name(own, listed, "one"), name(own, plain, "two"))
    assert [one.checkpoint_size for one in done] == [1, 1]
    roles = [[artifact.role for artifact in one.stamp.artifacts] for one in done if one.stamp]
    files = [Role.TIMESTAMP_REQUEST, Role.TIMESTAMP_RESPONSE, Role.TIMESTAMP_CHAIN]
    assert roles == [[*files, Role.TIMESTAMP_REVOCATION], files]
    assert all(one.stamp and abs(one.stamp.clock_difference_ms) < 60_000 for one in done)
    report = own.verify(required=Level.TIME)
    assert report.verdict is Verdict.PASS, own.problems()
    assert told(report, "timestamp-revocation")[0][0] is Verdict.PASS
    assert not any("one authority alone" in line for line in report.not_proven)
    assert stamp(own, name(own, listed, "one"), name(own, plain, "two")) == (), "nothing is pending"


def test_one_authority_alone_is_told_as_that(own: OwnCase, plain: TsaServer) -> None:
    stamp(own, name(own, plain, "two"))
    assert any("one authority alone" in line for line in own.verify(required=Level.TIME).not_proven)


def test_an_authority_whose_certificate_is_revoked_is_not_accepted(own: OwnCase, listed: TsaServer) -> None:
    listed.crl = make_crl(listed.tsa, revoked=True)
    (done,) = stamp(own, name(own, listed, "one"))
    assert done.stamp is None
    assert "was revoked at 2026-01-01" in done.problem
    assert own.open().book.ledger.size() == 1


@pytest.mark.parametrize("crl", ["none", "garbage", "another's"])
def test_a_list_that_cannot_be_had_leaves_revocation_not_checked(own: OwnCase, listed: TsaServer, crl: str) -> None:
    listed.crl = {"none": b"", "garbage": b"<html>", "another's": make_crl(listed.tsa, revoked=True, key="tsa")}[crl]
    (done,) = stamp(own, name(own, listed, "one"))
    assert done.stamp is not None
    report = own.verify(required=Level.TIME)
    assert [one[0] for one in told(report, "timestamp-revocation")] == [Verdict.NOT_CHECKED]
    assert report.verdict is Verdict.NOT_CHECKED


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TsaServer]:
    with serve_tsa(tmp_path_factory.mktemp("asked"), with_list=True, with_ocsp=True, name="Asked") as tsa:
        yield tsa


def test_where_no_list_answers_the_issuer_is_asked_by_ocsp(own: OwnCase, asked: TsaServer) -> None:
    asked.crl, asked.ocsp = b"", "V"
    (done,) = stamp(own, name(own, asked, "asked"))
    assert done.stamp is not None
    (kept,) = [one for one in done.stamp.artifacts if one.role is Role.TIMESTAMP_REVOCATION]
    assert (kept.name, kept.extension) == ("revocation.ocsp", "ocsp")
    report = own.verify(required=Level.TIME)
    assert report.verdict is Verdict.PASS, own.problems()
    assert [one[0] for one in told(report, "timestamp-revocation")] == [Verdict.PASS]


def test_an_authority_that_ocsp_calls_revoked_is_not_accepted(own: OwnCase, asked: TsaServer) -> None:
    asked.crl, asked.ocsp = b"", "R"
    (done,) = stamp(own, name(own, asked, "asked"))
    assert done.stamp is None
    assert "was revoked at 2026-01-01" in done.problem


@pytest.mark.parametrize("answer", ["garbage", ""])
def test_an_ocsp_answer_that_cannot_be_had_leaves_revocation_not_checked(
    own: OwnCase, asked: TsaServer, answer: str
) -> None:
    asked.crl, asked.ocsp = b"", answer
    (done,) = stamp(own, name(own, asked, "asked"))
    assert done.stamp is not None
    assert [one[0] for one in told(own.verify(), "timestamp-revocation")] == [Verdict.NOT_CHECKED]


def test_an_authority_that_fails_is_asked_again_after_waits_that_grow(own: OwnCase, plain: TsaServer) -> None:
    authority = name(own, plain, "two")
    plain.mood = "garbage"
    (first,) = stamp(own, authority)
    asked = plain.asked
    (second,) = stamp(own, authority, at_once=False)
    assert (first.stamp, second.stamp, plain.asked) == (None, None, asked), "its wait is not over"
    assert "did not answer 1 times; it is asked again after" in second.problem
    assert stamp(own, authority)[0].stamp is None
    plain.mood = "ok"
    assert stamp(own, authority)[0].stamp is not None
    assert read_pending(own.home.pending(own.open().origin)).waits == {}


def test_waits_double_up_to_a_day_and_survive(tmp_path: Path) -> None:
    pending = Pending(tmp_path / "p.json")
    waits = [(pending.failed("a", NOW).epoch_us - NOW.epoch_us) // 60_000_000 for _ in range(14)]
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1440, 1440, 1440]
    again = read_pending(tmp_path / "p.json")
    assert again.waits == pending.waits
    assert not again.due("a", NOW)
    assert again.due("a", Instant(NOW.epoch_us + 1440 * 60_000_000))
    assert again.due("b", NOW)
    again.answered("b")
    again.answered("a")
    assert read_pending(tmp_path / "p.json").waits == {}
    for raw in (b"[]", b"x", b'{"a":{"next_at":"x","tries":1},"b":{"tries":1}}'):
        (tmp_path / "p.json").write_bytes(raw)
        assert read_pending(tmp_path / "p.json").waits == {}


@pytest.mark.parametrize("mood", ["garbage", "error", "replay", "other", "refuse"])
def test_nothing_that_a_bad_authority_answers_is_accepted(own: OwnCase, plain: TsaServer, mood: str) -> None:
    authority = name(own, plain, "two")
    plain.mood = mood
    folder = own.folder / "scratch"
    folder.mkdir()
    with pytest.raises((SealError, FormatError)):
        ask_over(Digest.of(b"x"), authority, home=own.home, folder=folder, tries=1)
    assert list(folder.iterdir()) == []


def test_an_authority_without_pinned_roots_is_not_asked(own: OwnCase, plain: TsaServer) -> None:
    before = plain.asked
    (done,) = stamp(own, TsaConfig(name="unpinned", url=plain.url))
    assert "no pinned roots" in done.problem
    assert plain.asked == before


def test_a_timestamp_is_renewed_before_its_certificate_ends(own: OwnCase, plain: TsaServer, tmp_path: Path) -> None:
    with serve_tsa(tmp_path / "short", days=30, name="Short") as short:
        soon, later = name(own, short, "short"), name(own, plain, "two")
        stamp(own, soon)
        case = own.open()
        (refused,) = renew_case(case, [soon], home=own.home, now=NOW)
        assert "no later than the one to be renewed" in refused.problem
        (none,) = renew_case(case, [], home=own.home, now=NOW)
        assert none.problem == "no time-stamping authority is configured"
        (done,) = renew_case(case, [later], home=own.home, now=NOW)
        assert done.renewal is not None
        assert renew_case(case, [later], home=own.home, now=NOW) == ()
    report = own.verify(required=Level.TIME)
    assert report.verdict is Verdict.PASS, own.problems()
    assert [one[0] for one in told(report, "renewal")] == [Verdict.PASS]
    artifact = next(one for one in done.renewal.artifacts if one.role is Role.TIMESTAMP_LIST)
    listed = decode_list((own.workspace.root / layout.archive_path(artifact.digest, artifact.extension)).read_bytes())
    assert any(path.endswith("ledger/checkpoints/1") for path in listed)
    assert len(listed) == 4
    far = Instant(NOW.epoch_us + 6 * 365 * 86_400 * 1_000_000)
    (again,) = renew_case(own.open(), [later], home=own.home, now=far)
    assert (again.of, "no later" in again.problem) == (done.renewal.id, True)


def test_a_renewal_of_something_else_is_none(own: OwnCase, plain: TsaServer, tmp_path: Path) -> None:
    with serve_tsa(tmp_path / "short", days=30, name="Short") as short:
        stamp(own, name(own, short, "short"))
        (done,) = renew_case(own.open(), [name(own, plain, "two")], home=own.home, now=NOW)
    assert done.renewal is not None
    (own.root / f"events/{done.of}.dsse.json").unlink()
    assert any("which is no timestamp here" in one for one in own.problems())


def test_a_session_opens_with_a_bound_from_below_of_each_authority_that_answers(
    own: OwnCase, plain: TsaServer, listed: TsaServer
) -> None:
    assert open_session(own.open(), [], home=own.home) is None
    authorities = [name(own, plain, "two"), name(own, listed, "one")]
    recorded = open_session(own.open(), authorities, home=own.home)
    assert recorded is not None
    plain.mood = "error"
    assert open_session(own.open(), authorities[:1], home=own.home) is not None
    plain.mood = "ok"
    stamp(own, *authorities)
    report = own.verify(required=Level.TIME)
    assert report.verdict is Verdict.PASS, own.problems()
    bounds = told(report, "session-bound")
    assert [one[0] for one in bounds] == [Verdict.PASS, Verdict.PASS]
    assert "all later entries were made after" in bounds[0][1]
    own.home.tsa_roots("one").unlink()
    own.home.tsa_roots("two").unlink()
    report = own.verify(required=Level.TIME)
    for check in ("session-bound", "timestamp"):
        assert {one[0] for one in told(report, check)} == {Verdict.NOT_CHECKED}
