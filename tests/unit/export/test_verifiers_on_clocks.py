"""Bundles whose authority tells of its revocation, or whose ledger's key was rotated: what all three verifiers say."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.app.key_events import rotate_log
from archiver.proof import certificates
from tests.support.bundle_verifiers import UNCHECKED, VerifyPage, by_archiver, by_verify_py, open_page, packed
from tests.support.bundles import capture_source, export_bundle, make_case
from tests.support.ledger_kit import CASE
from tests.support.openssl_tsa import make_crl
from tests.support.own_case import OwnCase
from tests.support.tsa_server import serve_tsa


@pytest.fixture(scope="module")
def page() -> Iterator[VerifyPage]:
    with open_page() as found:
        yield found


def on_page(page: VerifyPage, bundle: Path, trust: Path) -> dict[str, str]:
    place = bundle.parent / f"{bundle.name}.zip"
    place.write_bytes(packed(bundle))
    return dict(page.ask(place, trust).levels)


def exported(folder: Path, *, answer: str) -> tuple[OwnCase, Path]:
    """Give a case stamped by an authority whose revocation is asked by a list, by OCSP, or answered by nobody."""
    with serve_tsa(folder / "tsa", with_list=True, with_ocsp=True, name="Asked") as tsa:
        tsa.crl = make_crl(tsa.tsa, revoked=answer == "revoked") if answer in ("list", "revoked") else b""
        tsa.ocsp = "V" if answer == "OCSP" else ""
        own = make_case(folder / "own", sources=2, authorities=[tsa])
        export_bundle(own, folder / "b")
    return own, folder / "b"


@pytest.mark.browser
@pytest.mark.parametrize(("answer", "of_archiver", "of_verify_py"), [
    ("list", "PASS", "PASS"),
    ("OCSP", "PASS", UNCHECKED),
    ("none", UNCHECKED, UNCHECKED),
])  # fmt: skip
def test_what_an_issuer_said_of_revocation_is_checked_or_left_open_and_never_a_false_alarm(
    tmp_path: Path, page: VerifyPage, answer: str, of_archiver: str, of_verify_py: str
) -> None:
    own, bundle = exported(tmp_path, answer=answer)
    ours, theirs = by_archiver(bundle, own.home.trust), by_verify_py(bundle, own.home.trust)
    assert (ours.failed, theirs.failed) == (frozenset(), frozenset())
    assert (ours.levels["L3"], theirs.levels["L3"]) == (of_archiver, of_verify_py)
    assert ("timestamp-revocation" in ours.unchecked) is (of_archiver == UNCHECKED)
    assert ("timestamp-revocation" in theirs.unchecked) is (of_verify_py == UNCHECKED)
    assert on_page(page, bundle, own.home.trust)["L3"] == UNCHECKED


def test_a_list_that_revokes_the_authority_is_refused_by_both_that_look_at_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as dishonest:  # a maker who does not look keeps the list all the same
        dishonest.setattr(certificates, "check_revocation", lambda *_: "")
        own, bundle = exported(tmp_path, answer="revoked")
    for said in (by_archiver(bundle, own.home.trust), by_verify_py(bundle, own.home.trust)):
        assert said.failed == {"timestamp-revocation"}
        assert said.levels["L3"] == "FAIL"


@pytest.mark.browser
@pytest.mark.parametrize("turns", [1, 2])
def test_a_ledgers_key_that_was_rotated_is_followed_by_archiver_and_left_open_by_the_others(
    tmp_path: Path, page: VerifyPage, turns: int
) -> None:
    own = make_case(tmp_path / "own", sources=2)
    before = shutil.copytree(own.home.trust, tmp_path / "before")
    for turn in range(turns):
        rotate_log(own.ring(), CASE, reason=None)
        capture_source(own.open(), 10 + turn, session=None, failed=False)
    export_bundle(own, tmp_path / "b")
    for trust, expected in ((own.home.trust, "PASS"), (before, UNCHECKED)):
        ours, theirs = by_archiver(tmp_path / "b", trust), by_verify_py(tmp_path / "b", trust)
        assert (ours.failed, theirs.failed) == (frozenset(), frozenset())
        assert (ours.levels["L2"], theirs.levels["L2"]) == ("PASS", expected)
        assert on_page(page, tmp_path / "b", trust)["L2"] == expected
