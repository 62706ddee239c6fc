"""Somebody else's bundle is taken in verified, whole and apart, or not at all."""

from dataclasses import replace
from pathlib import Path

import pytest

from archiver.app.imported import Terms, import_bundle
from archiver.app.log import read_log
from archiver.formats import layout
from archiver.model.errors import FormatError, UsageError
from archiver.model.report import Level, Verdict
from archiver.store.source import FolderSource
from archiver.verify.policy import Trust, read_trust
from tests.support.bundles import MadeBundle, capture_source, copy_of, export_bundle
from tests.support.ledger_kit import CASE
from tests.support.own_case import OwnCase, new_own_case


@pytest.fixture
def own(tmp_path: Path) -> OwnCase:
    made = new_own_case(tmp_path / "own")
    capture_source(made, 1)
    return made


@pytest.fixture
def terms(made_bundle: MadeBundle) -> Terms:
    trust = read_trust(FolderSource(made_bundle.trust), origin="test")
    return Terms(trust=trust, required=Level.LEDGER, kept={}, by="A. Colleague")


def zip_of(made: MadeBundle, folder: Path) -> Path:
    return export_bundle(made.own, folder / "theirs.zip", citations=["c01"]).path


def archived(own: OwnCase) -> list[Path]:
    return sorted((own.workspace.root / "archive").rglob("*.zip"))


def test_a_bundle_that_passes_is_kept_whole_with_a_receipt(
    own: OwnCase, terms: Terms, made_bundle: MadeBundle, tmp_path: Path
) -> None:
    theirs = zip_of(made_bundle, tmp_path)
    done = import_bundle(own.open(), theirs, terms)
    assert done.report.verdict is Verdict.PASS
    assert (own.workspace.root / done.path).read_bytes() == theirs.read_bytes()
    assert read_log(own.workspace, CASE)[-1].about == "receipt of somebody's bundle"
    assert own.problems() == []
    [check] = [one for one in own.verify().checks if one.id == "imported-bundle"]
    assert check.verdict is Verdict.PASS
    assert len(own.open().book.manifests.list()) == 2, "nothing of it became a manifest of this case"
    assert list(own.home.scratch(own.open().origin).iterdir()) == []


def test_a_folder_is_kept_as_a_zip_of_the_same_files(own: OwnCase, terms: Terms, made_bundle: MadeBundle) -> None:
    done = import_bundle(own.open(), made_bundle.bundle, terms)
    assert done.report.verdict is Verdict.PASS
    again = import_bundle(own.open(), own.workspace.root / done.path, terms)
    assert again.path == done.path
    assert own.problems() == []


def test_what_fails_is_not_taken(own: OwnCase, terms: Terms, made_bundle: MadeBundle, tmp_path: Path) -> None:
    copy = copy_of(made_bundle, tmp_path)
    copy.write("data/exhibits/0001/text.txt", b"changed")
    done = import_bundle(own.open(), copy.root, terms)
    assert (done.report.verdict, done.recorded, done.path) == (Verdict.FAIL, None, "")
    assert archived(own) == []
    assert own.open().book.ledger.size() == 1


def test_without_trust_only_the_files_can_be_asked_for(own: OwnCase, terms: Terms, made_bundle: MadeBundle) -> None:
    untrusting = replace(terms, trust=Trust())
    assert import_bundle(own.open(), made_bundle.bundle, untrusting).report.verdict is Verdict.NOT_CHECKED
    assert archived(own) == []
    done = import_bundle(own.open(), made_bundle.bundle, replace(untrusting, required=Level.FILES))
    assert done.report.verdict is Verdict.PASS
    assert len(archived(own)) == 1


def test_nothing_and_what_is_no_bundle_is_told(own: OwnCase, terms: Terms, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file or folder"):
        import_bundle(own.open(), tmp_path / "nowhere", terms)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / ".hidden name").write_bytes(b"x")
    with pytest.raises(FormatError, match="no bundle"):
        import_bundle(own.open(), tmp_path / "folder", terms)
    (tmp_path / "folder" / ".hidden name").unlink()
    (tmp_path / "folder" / "link").symlink_to("/etc/passwd")
    with pytest.raises(FormatError, match="no bundle"):
        import_bundle(own.open(), tmp_path / "folder", terms)
    (tmp_path / "file").write_bytes(b"x")
    assert import_bundle(own.open(), tmp_path / "file", terms).report.verdict is Verdict.FAIL
    assert list(own.home.scratch(own.open().origin).iterdir()) == []


def test_a_received_bundle_that_was_changed_is_named_by_its_digest_and_by_itself(
    own: OwnCase, terms: Terms, made_bundle: MadeBundle
) -> None:
    import_bundle(own.open(), made_bundle.bundle, terms)
    [path] = archived(own)
    path.chmod(0o644)
    raw = path.read_bytes()
    at = raw.index(b"text.txt") + 40
    path.write_bytes(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :])
    named = [one.split(" ")[0] for one in own.problems()]
    assert named == ["archive-name", "imported-bundle"]
    path.write_bytes(b"PK")
    assert "imported-bundle" in [one.split(" ")[0] for one in own.problems()]


def test_a_later_export_does_not_hand_it_on(
    own: OwnCase, terms: Terms, made_bundle: MadeBundle, tmp_path: Path
) -> None:
    import_bundle(own.open(), made_bundle.bundle, terms)
    done = export_bundle(own, tmp_path / "b")
    assert {one.type.value for one in done.contents.events} == {"export"}
    assert done.contents.counts.withheld == 1
    assert not any(path.name == "bundle.zip" for path in (tmp_path / "b").rglob("*"))


def test_a_receipt_lies_among_the_events(own: OwnCase, terms: Terms, made_bundle: MadeBundle) -> None:
    done = import_bundle(own.open(), made_bundle.bundle, terms)
    assert done.recorded is not None
    assert (own.root / layout.EVENTS / f"{done.recorded.id}.dsse.json").exists()
