"""WACZ files of other programs: py-wacz, Scoop, js-wacz, ArchiveWeb.page, authsign."""

from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from archiver.formats.wacz import DIGEST, PACKAGE, read_digest, read_package
from archiver.formats.zipped import Zipped
from archiver.model.instant import Instant
from archiver.model.report import Check, Verdict
from archiver.proof.wacz_signature import certificates
from archiver.verify.wacz import check_wacz
from archiver.verify.wacz_signed import WaczTrust, check_signature

# What is wrong or open with each, beside what --trust-embedded believes.
SAMPLES = {
    "warc/replayweb/example.wacz": "",
    "warc/replayweb/iframetest.wacz": "",
    "wacz/py-wacz/valid_signed_example_1.wacz": "",
    "wacz/py-wacz/invalid_signed_example_1.wacz": "",  # under its own staging root: see below
    "wacz/py-wacz/valid_example_1.wacz": "NOT CHECKED wacz-digest",
    "wacz/py-wacz/valid_example_2.wacz": "NOT CHECKED wacz-signature",
    "wacz/py-wacz/invalid_example_1.wacz": "FAIL wacz-layout",
    "wacz/scoop/example.com.wacz": "NOT CHECKED wacz-signature",
    "wacz/scoop/example.wacz": "FAIL wacz-layout",
    "wacz/scoop/noarchive.netlify.app.wacz": "NOT CHECKED wacz-signature",
    "wacz/warcbench/after.wacz": "NOT CHECKED wacz-signature",
    "wacz/warcbench/before.wacz": "NOT CHECKED wacz-signature",
    "wacz/warcbench/example.com.wacz": "NOT CHECKED wacz-signature",
    "wacz/warcbench/test-crawl.wacz": "NOT CHECKED wacz-signature",
}
EMBEDDED = WaczTrust(embedded=True)


def checked(path: Path, trust: WaczTrust = EMBEDDED) -> list[Check]:
    with path.open("rb") as file:
        return list(check_wacz(file, subject=path.name, trust=trust))


def bad(checks: list[Check]) -> set[str]:
    return {f"{one.verdict} {one.id}" for one in checks if one.verdict is not Verdict.PASS}


@pytest.mark.parametrize("name", SAMPLES)
def test_each_sample_has_the_verdict_that_the_page_lists(shared_testdata: Path, name: str) -> None:
    found = bad(checked(shared_testdata / name))
    assert SAMPLES[name] in found if SAMPLES[name] else not found, found
    if SAMPLES[name].startswith("NOT CHECKED"):
        assert not [one for one in found if one.startswith("FAIL")], found


def test_the_chunks_that_js_wacz_counts_twice_are_told_as_its_defect(shared_testdata: Path) -> None:
    names = [name for name in SAMPLES if "scoop" in name or "warcbench" in name]
    defects = [
        name for name in names if any("producer defect" in one.reason for one in checked(shared_testdata / name))
    ]
    assert len(defects) >= 5


def own_roots(path: Path) -> WaczTrust:
    """Give trust in the roots that one file brought."""
    with path.open("rb") as file:
        zipped = Zipped(file)
        entry = zipped.find(DIGEST)
        assert entry is not None
        signed = read_digest(zipped.read(entry, limit_bytes=1 << 20)).signed
    assert signed is not None
    domain, stamp = (certificates(one, what="x")[-1] for one in (signed.domain_cert, signed.timestamp_cert))
    return WaczTrust(roots=(domain.public_bytes(Encoding.PEM),), tsa_roots=(stamp.public_bytes(Encoding.PEM),))


def test_a_signature_by_a_domain_is_accepted_under_its_pinned_roots_and_by_a_staging_root_refused(
    shared_testdata: Path,
) -> None:
    folder = shared_testdata / "wacz" / "py-wacz"
    valid, invalid = folder / "valid_signed_example_1.wacz", folder / "invalid_signed_example_1.wacz"
    assert bad(checked(valid, own_roots(valid))) == set()
    assert bad(checked(valid, WaczTrust())) == {"NOT CHECKED wacz-signature"}
    assert bad(checked(invalid, own_roots(valid))) == {"FAIL wacz-signature"}
    assert bad(checked(valid, own_roots(invalid))) == {"FAIL wacz-signature"}


def test_a_timestamp_of_another_signature_or_another_hour_is_refused(shared_testdata: Path) -> None:
    path = shared_testdata / "wacz" / "py-wacz" / "valid_signed_example_1.wacz"
    with path.open("rb") as file:
        zipped = Zipped(file)
        entry, listed = zipped.find(DIGEST), zipped.find(PACKAGE)
        assert entry is not None
        assert listed is not None
        signed = read_digest(zipped.read(entry, limit_bytes=1 << 20)).signed
        package = read_package(zipped.read(listed, limit_bytes=1 << 20))
    assert signed is not None
    later = "2022-01-18T20:00:12Z"
    cases = {
        "expected within ten minutes": (replace(signed, created=later), replace(package, created=later)),
        "no TimeStampResp": (replace(signed, time_signature="AAAA"), package),
        "not base64": (replace(signed, time_signature="*"), package),
    }
    for told, (one, other) in cases.items():
        check = check_signature(one, other, one.hash, subject="x", trust=EMBEDDED)
        assert check.verdict is Verdict.FAIL
        assert told.replace("no Time", "Time") in check.reason, check.reason


def test_a_signature_by_a_domain_counts_as_of_a_time_in_which_its_timestamp_s_certificate_was_in_force(
    shared_testdata: Path,
) -> None:
    path = shared_testdata / "wacz" / "py-wacz" / "valid_signed_example_1.wacz"
    for at, expected in (
        ("2022-06-01T00:00:00Z", set()),
        ("2020-01-01T00:00:00Z", {"NOT CHECKED wacz-signature"}),
        ("2099-01-01T00:00:00Z", {"NOT CHECKED wacz-signature"}),
    ):
        assert bad(checked(path, replace(own_roots(path), at=Instant.parse(at)))) == expected
