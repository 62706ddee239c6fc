"""Bundles that are whole and not the usual ones: what archiver verify and verify.py say of them, and the page."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.app.export import Order, export
from archiver.app.key_events import revoke, rotate
from archiver.export.select import Wanted
from archiver.model.instant import Instant
from archiver.proof.signature import key_id, public_from_pem
from tests.support.bundle_verifiers import UNCHECKED, VerifyPage, by_archiver, by_verify_py, open_page, packed
from tests.support.bundles import capture_source, export_bundle, make_case


@pytest.fixture(scope="module")
def page() -> Iterator[VerifyPage]:
    with open_page() as found:
        yield found


def on_page(page: VerifyPage, bundle: Path, trust: Path) -> dict[str, str]:
    place = bundle.parent / "bundle.zip"
    place.write_bytes(packed(bundle))
    return dict(page.ask(place, trust).levels)


@pytest.mark.browser
def test_of_a_derivative_each_says_that_the_original_is_not_there(tmp_path: Path, page: VerifyPage) -> None:
    own = make_case(tmp_path / "own", sources=2)
    order = Order(wanted=Wanted(), out=tmp_path / "b", strip_credentials=True)
    export(own.open(), own.workspace, order, home=own.home)
    for said in (by_archiver(tmp_path / "b", own.home.trust), by_verify_py(tmp_path / "b", own.home.trust)):
        assert said.failed == frozenset()
        assert (said.levels["L0"], said.levels["L1"], said.levels["L2"]) == (UNCHECKED, UNCHECKED, "PASS")
        assert {"artifact", "warc-records"} <= said.unchecked
    levels = on_page(page, tmp_path / "b", own.home.trust)
    assert (levels["L0"], levels["L1"], levels["L2"]) == (UNCHECKED, UNCHECKED, "PASS")


@pytest.mark.browser
def test_a_key_that_was_rotated_counts_for_what_it_signed_and_the_new_one_must_be_trusted(
    tmp_path: Path, page: VerifyPage
) -> None:
    own = make_case(tmp_path / "own", sources=1)
    old = {one.name: one.read_bytes() for one in (own.home.trust / "keys").glob("*.pem")}
    rotate(own.ring(), reason=None)
    capture_source(own.open(), 2)
    export_bundle(own, tmp_path / "b")
    both, before = tmp_path / "both", tmp_path / "before"
    shutil.copytree(own.home.trust, both)
    for name, content in old.items():
        (both / "keys" / f"old-{name}").write_bytes(content)
    shutil.copytree(both, before)
    olds = {public_from_pem(content) for content in old.values()}
    for one in (before / "keys").glob("*.pem"):
        if public_from_pem(one.read_bytes()) not in olds:
            one.unlink()
    for trust, expected in ((both, "PASS"), (before, UNCHECKED)):
        for said in (by_archiver(tmp_path / "b", trust), by_verify_py(tmp_path / "b", trust)):
            assert "manifest-signature" not in said.failed
            assert said.levels["L1"] == expected, (trust.name, said)
        assert on_page(page, tmp_path / "b", trust)["L1"] == expected


@pytest.mark.browser
def test_a_key_that_was_revoked_is_left_to_archiver_and_never_passes(tmp_path: Path, page: VerifyPage) -> None:
    own = make_case(tmp_path / "own", sources=1)
    (key,) = [public_from_pem(one.read_bytes()) for one in (own.home.trust / "keys").glob("*.pem")]
    rotate(own.ring(), reason=None)
    revoke(own.ring(), key_id(key), since=Instant.parse("2026-11-24T10:00:00.000Z"), reason="stolen")
    export_bundle(own, tmp_path / "b")
    assert by_archiver(tmp_path / "b", own.home.trust).levels["L1"] == "FAIL", "no timestamp is older"
    assert by_verify_py(tmp_path / "b", own.home.trust).levels["L1"] == UNCHECKED
    assert on_page(page, tmp_path / "b", own.home.trust)["L1"] == UNCHECKED
