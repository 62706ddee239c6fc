"""The report in a bundle: of what the bundle opens, listed and verified with it, and of nothing else."""

import re
from pathlib import Path

import pytest

from archiver.app.bundle import verify_folder
from archiver.app.export import Order, export
from archiver.app.export_report import Reporting, report_extras
from archiver.app.report import Wanted
from archiver.export.select import Wanted as Chosen
from archiver.formats.bundle import REPORT
from archiver.model.report import Level, Verdict
from archiver.store.source import FolderSource
from archiver.verify.policy import read_trust
from tests.support.bundles import make_case, url_of
from tests.support.ledger_kit import CASE
from tests.support.own_case import SECRET

SOURCES, SHOWN = 6, ("c02", "c05")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """Give a bundle of two of six sources with a report in two languages, and which of its checks failed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
        folder = tmp_path_factory.mktemp("export-report")
        own = make_case(folder, sources=SOURCES, failed=(5,))
        reporting = Reporting(
            wanted=Wanted(languages=("en", "fa"), certify=True),
            passphrase=lambda: SECRET,
            browser=None,
            tell=lambda _: None,
        )
        with report_extras(own.workspace, CASE, reporting, home=own.home) as extras:
            order = Order(wanted=Chosen(citations=frozenset(SHOWN)), out=folder / "bundle", extras=extras)
            export(own.open(), own.workspace, order, home=own.home)
        trust = read_trust(FolderSource(own.home.trust), origin="test")
        report = verify_folder(folder / "bundle", trust, Level.LEDGER, {})
    assert len(report.checks) > 50
    return folder / "bundle", [
        f"{one.id} {one.subject}: {one.reason}" for one in report.checks if one.verdict is Verdict.FAIL
    ]


def test_the_report_is_in_the_bag_and_the_bundle_verifies(made: tuple[Path, list[str]]) -> None:
    bundle, failures = made
    names = {path.name for path in (bundle / REPORT).iterdir()}
    assert {"report.html", "report-fa.html", "hashlist.sha256", "certification-902-13-en.docx"} <= names
    listed = (bundle / "manifest-sha256.txt").read_text(encoding="utf-8")
    assert all(f"  {REPORT}/{name}" in listed for name in names)
    assert failures == []


def test_the_report_shows_what_is_opened_and_nothing_of_the_withheld(made: tuple[Path, list[str]]) -> None:
    bundle, _ = made
    page = (bundle / REPORT / "report.html").read_text(encoding="utf-8")
    everything = b"".join(path.read_bytes() for path in (bundle / REPORT).iterdir()).decode("utf-8", "replace")
    for number in range(1, SOURCES + 1):
        shown = f"c{number:02d}" in SHOWN
        assert (url_of(number) in page) is shown
        if not shown:
            assert url_of(number) not in everything
            assert not re.search(rf"\bc{number:02d}\b", page)
