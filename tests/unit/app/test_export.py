"""What a bundle opens, what it keeps back, and what becomes of an export that cannot be."""

import base64
import gzip
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pyrage
import pytest

from archiver.app import events
from archiver.app.bundle import verify_folder, verify_zip
from archiver.app.config import TsaConfig
from archiver.app.export import Order, export
from archiver.app.export_report import Reporting, report_extras
from archiver.app.key_events import Ring, rotate
from archiver.app.report import Wanted as Reported
from archiver.export.member import small
from archiver.export.select import Wanted
from archiver.formats import bundle, envelope, layout, manifest
from archiver.model.digest import Digest
from archiver.model.errors import ArchiverError, Conflict, Damaged, UsageError
from archiver.model.events import CustodyAction, Export
from archiver.model.evidence import Artifact, Role
from archiver.model.instant import Instant
from archiver.model.report import Level, Report, Verdict
from archiver.store.source import FolderSource
from archiver.verify.policy import read_trust
from tests.support.bundles import capture_source, export_bundle, make_case, url_of
from tests.support.ledger_kit import CASE, fixed_id
from tests.support.own_case import SECRET, OwnCase

SOURCES = 300
DISCLOSED = (7, 70, 133, 200, 299)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnCase]:
    """Give a case of six sources; the fifth failed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
        yield make_case(tmp_path_factory.mktemp("export"), sources=6, failed=(5,))


def verified(own: OwnCase, path: Path) -> Report:
    trust = read_trust(FolderSource(own.home.trust), origin="test")
    if path.is_dir():
        return verify_folder(path, trust, Level.LEDGER, {})
    with path.open("rb") as file:
        return verify_zip(file, path.name, trust, Level.LEDGER, {})


def failures(report: Report) -> list[str]:
    return [f"{one.id} {one.subject}: {one.reason}" for one in report.checks if one.verdict is Verdict.FAIL]


def texts(root: Path) -> dict[str, bytes]:
    """Give everything that is in a bundle, and everything that is packed into it once more."""
    found: dict[str, bytes] = {}
    for path in sorted(root.rglob("*")):
        if not path.is_file():
            continue
        content = path.read_bytes()
        name = path.relative_to(root).as_posix()
        found[name] = content
        if name.endswith(".gz"):
            found[f"{name} unpacked"] = gzip.decompress(content)
        if name.endswith((".wacz", ".docx")):
            with zipfile.ZipFile(path) as opened:
                for one in opened.namelist():
                    inside = opened.read(one)
                    found[f"{name}: {one}"] = gzip.decompress(inside) if one.endswith(".gz") else inside
        if name.endswith(".dsse.json"):
            found[f"{name} opened"] = base64.b64decode(json.loads(content)["payload"])
    assert len(found) > 100, "the search does not see the bundle"
    return found


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> tuple[OwnCase, Path]:
    """Give a case of three hundred sources, five of which are in a bundle."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
        folder = tmp_path_factory.mktemp("many")
        made = make_case(folder, sources=SOURCES, failed=(11, 70))
        events.annotate(made.open(), [3, 7], text="the source's real name is Ann Example", by="R. K.")
        events.record_custody(made.open(), CustodyAction.ACCESS, [4], events.Handling(reason="looked at source 4"))
        events.record_custody(made.open(), CustodyAction.TRANSFER, [6], events.Handling(to="court"))
        events.erase(made.open(), [20, 21], events.Handling(reason="Ann Example asked for it"))
        reporting = Reporting(
            wanted=Reported(languages=("en", "fa"), certify=True),
            passphrase=lambda: SECRET,
            browser=None,
            tell=lambda _: None,
        )
        wanted = Wanted(citations=frozenset(f"c{number:02d}" for number in DISCLOSED))
        with report_extras(made.workspace, CASE, reporting, home=made.home) as extras:
            order = Order(wanted=wanted, out=folder / "bundle", extras=extras)
            export(made.open(), made.workspace, order, home=made.home)
        return made, folder / "bundle"


def test_five_of_three_hundred_sources_prove_their_place_in_the_one_ledger(many: tuple[OwnCase, Path]) -> None:
    own, root = many
    report = verified(own, root)
    assert failures(report) == []
    assert [report.verdict_of(level) for level in (Level.FILES, Level.RECORDS, Level.LEDGER)] == [Verdict.PASS] * 3
    contents = bundle.decode((root / bundle.CONTENTS).read_bytes())
    assert [one.id for one in contents.exhibits] == [fixed_id(number) for number in DISCLOSED]
    counts = contents.counts
    assert counts.entries == SOURCES + 6  # a cosignature, a remark, two of custody, an erasure, the export
    assert counts.by_type["capture"] == SOURCES  # type: ignore[index] # a word of the enumeration
    assert (counts.failed_disclosed, counts.failed_withheld, counts.erased) == (1, 1, 2)
    assert counts.disclosed == len(DISCLOSED) + 3  # the cosignature, the custody of a disclosed one, the export
    assert counts.withheld == counts.entries - counts.disclosed - counts.erased


def test_nothing_of_the_withheld_is_in_the_bundle_but_that_they_are(many: tuple[OwnCase, Path]) -> None:
    own, root = many
    everything = texts(root)
    opened = {fixed_id(number) for number in DISCLOSED}
    withheld = [
        manifest.decode(envelope.decode(path.read_bytes()).payload).predicate
        for path in (own.root / layout.CAPTURES).glob("*.json")
        if path.name.partition(".")[0] not in opened
    ]
    assert len(withheld) == SOURCES - len(DISCLOSED) - 2
    words: set[str] = {"Ann Example", "looked at source", "R. K."}
    numbers: set[int] = set()
    for one in withheld:
        number = int(one.id[:8], 16)
        words |= {one.id, f"source-{number:04d}", f"Source {number:04d}", f"secret-{number}\r"}
        words |= {artifact.digest.hex for artifact in one.artifacts}
        words.add(
            base64.b64encode(bytes.fromhex(one.artifacts[0].digest.hex)).decode()[:40] if one.artifacts else one.id
        )
        numbers |= {artifact.size_bytes for artifact in one.artifacts if artifact.role is Role.WARC}
    disclosed_numbers = {number for content in everything.values() for number in _numbers(content)}
    known = {artifact.size_bytes for one in _opened(own, opened) for artifact in one}
    leaked = {f"{word} in {name}" for name, content in everything.items() for word in words if word.encode() in content}
    assert leaked == set()
    assert (numbers - known) & disclosed_numbers == set()


def _numbers(content: bytes) -> Iterator[int]:
    for found in re.findall(rb'"(?:size_bytes|bytes|contentSize)":"?(\d+)', content):
        yield int(found)


def _opened(own: OwnCase, ids: set[str]) -> Iterator[list[Artifact]]:
    for identity in ids:
        raw = (own.root / layout.capture_envelope(identity)).read_bytes()
        yield list(manifest.decode(envelope.decode(raw).payload).predicate.artifacts)


def test_the_search_finds_what_is_disclosed(many: tuple[OwnCase, Path]) -> None:
    found = b"".join(texts(many[1]).values())
    for number in DISCLOSED:
        assert fixed_id(number).encode() in found
    assert b"Source 0007" in found
    assert b"Source 0008" not in found


def test_the_export_itself_is_an_entry_that_names_what_it_opens(own: OwnCase, tmp_path: Path) -> None:
    done = export_bundle(own, tmp_path / "b", citations=["c01"])
    places = own.open().book.ledger.openings()
    path = next(path for path, seq in places.items() if seq == done.contents.export_seq)
    found = manifest.decode(envelope.decode((own.root / path).read_bytes()).payload).predicate
    assert isinstance(found, Export)
    assert 0 in found.disclosed
    assert found.bundle_name == done.name
    assert found.checkpoint_size == done.contents.export_seq


@pytest.mark.parametrize("name", ["b", "b.zip"])
def test_a_folder_and_a_zip_verify_alike(own: OwnCase, tmp_path: Path, name: str) -> None:
    export_bundle(own, tmp_path / name)
    report = verified(own, tmp_path / name)
    assert failures(report) == []
    assert report.verdict is Verdict.PASS


def test_captures_since_a_day_are_chosen_by_when_they_ended(own: OwnCase, tmp_path: Path) -> None:
    since = Instant.parse("2026-11-24T10:04:05.000Z")
    order = Order(wanted=Wanted(since=since), out=tmp_path / "b")
    done = export(own.open(), own.workspace, order, home=own.home)
    assert [one.citation_id for one in done.contents.exhibits] == ["c04", "c05", "c06"]


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        (Wanted(citations=frozenset({"c01", "zz"})), "no capture of citation zz"),
        (Wanted(since=Instant.parse("2030-01-01T00:00:00.000Z")), "nothing to export"),
    ],
)
def test_an_unknown_or_empty_choice_is_told_and_nothing_recorded(
    own: OwnCase, tmp_path: Path, wanted: Wanted, told: str
) -> None:
    before = own.open().book.ledger.size()
    with pytest.raises(UsageError, match=told):
        export(own.open(), own.workspace, Order(wanted=wanted, out=tmp_path / "b"), home=own.home)
    assert own.open().book.ledger.size() == before
    assert list(tmp_path.iterdir()) == []


def test_what_has_the_name_already_stays_as_it_is(own: OwnCase, tmp_path: Path) -> None:
    (tmp_path / "b").write_bytes(b"mine")
    before = own.open().book.ledger.size()
    with pytest.raises(Conflict, match="already there"):
        export_bundle(own, tmp_path / "b")
    with pytest.raises(UsageError, match="is not there"):
        export_bundle(own, tmp_path / "nowhere" / "b")
    for place in (own.root / "b", own.workspace.root / "archive" / "b.zip"):
        with pytest.raises(UsageError, match="among the evidence"):
            export_bundle(own, place)
    assert (tmp_path / "b").read_bytes() == b"mine"
    assert own.open().book.ledger.size() == before


def test_an_archived_file_that_was_changed_is_told_and_no_bundle_left(tmp_path: Path) -> None:
    own = make_case(tmp_path / "own", sources=1)
    picture = next((own.workspace.root / "archive").rglob("*.png"))
    picture.chmod(0o644)
    picture.write_bytes(picture.read_bytes()[:-1] + b"x")
    for name in ("b", "b.zip"):
        with pytest.raises(Damaged, match="other bytes than were recorded"):
            export_bundle(own, tmp_path / name)
    picture.write_bytes(b"short")
    with pytest.raises(Damaged, match="expected"):
        export_bundle(own, tmp_path / "b")
    picture.unlink()
    with pytest.raises(Damaged, match="cannot be read"):
        export_bundle(own, tmp_path / "b")
    assert [one.name for one in tmp_path.iterdir()] == ["own"]


def test_a_missing_salt_or_manifest_stops_it(tmp_path: Path) -> None:
    own = make_case(tmp_path / "own", sources=2)
    path = own.root / layout.capture_envelope(fixed_id(1))
    raw = path.read_bytes()
    path.unlink()
    with pytest.raises(Damaged, match="entry 0 does not open"):
        export_bundle(own, tmp_path / "b")
    path.write_bytes(b"{}")
    with pytest.raises(ArchiverError):
        export_bundle(own, tmp_path / "b")
    path.write_bytes(raw)
    export_bundle(own, tmp_path / "b")


def test_what_no_authority_stamps_is_told_as_pending_and_the_bundle_is_made(own: OwnCase, tmp_path: Path) -> None:
    dead = own.workspace
    config = dead.config
    object.__setattr__(config, "tsa", (TsaConfig(name="dead", url="http://127.0.0.1:9/"),))
    done = export(own.open(), dead, Order(wanted=Wanted(), out=tmp_path / "b"), home=own.home)
    assert [one.stamp for one in done.stamped] == [None]
    assert failures(verified(own, tmp_path / "b")) == []


def test_credentials_are_taken_out_and_the_bundle_says_so(own: OwnCase, tmp_path: Path) -> None:
    order = Order(wanted=Wanted(citations=frozenset({"c01", "c05"})), out=tmp_path / "b", strip_credentials=True)
    export(own.open(), own.workspace, order, home=own.home)
    everything = texts_of(tmp_path / "b")
    assert not any(b"secret-1" in content for content in everything.values())
    assert b"derivative for publication of sha256:" in everything["data/exhibits/0001/capture.warc.gz unpacked"]
    report = verified(own, tmp_path / "b")
    assert failures(report) == []
    told = {one.id: one for one in report.checks if one.verdict is Verdict.NOT_CHECKED and one.level < Level.TIME}
    assert set(told) == {"artifact", "warc-records"}
    assert "removed: cookie" in told["artifact"].reason
    changed = tmp_path / "b" / "data/exhibits/0001/capture.warc.gz"
    changed.write_bytes(changed.read_bytes()[:-1] + b"x")
    assert any(one.startswith("artifact") and "derivative" in one for one in failures(verified(own, tmp_path / "b")))


def texts_of(root: Path) -> dict[str, bytes]:
    found = {one.relative_to(root).as_posix(): one.read_bytes() for one in root.rglob("*") if one.is_file()}
    return {
        **found,
        **{f"{name} unpacked": gzip.decompress(raw) for name, raw in found.items() if name.endswith(".gz")},
    }


def test_an_encrypted_bundle_is_opened_by_its_recipient_alone(own: OwnCase, tmp_path: Path) -> None:
    identity, other = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
    out = tmp_path / "b.zip.age"
    order = Order(wanted=Wanted(), out=out, encrypt_to=(str(identity.to_public()),))
    export(own.open(), own.workspace, order, home=own.home)
    assert [one.name for one in tmp_path.iterdir()] == ["b.zip.age"]
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(out.read_bytes(), [other])
    (tmp_path / "b.zip").write_bytes(pyrage.decrypt(out.read_bytes(), [identity]))
    assert verified(own, tmp_path / "b.zip").verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("out", "encrypt_to", "told"),
    [
        ("b.zip", ("age1",), "named .age"),
        ("b.age", (), "named .age"),
        ("b.age", ("age1xyz",), "expected age1"),
        ("b.age", ("nobody",), "SSH public key"),
    ],
)
def test_a_recipient_or_a_name_that_is_none_is_refused_before_anything(
    own: OwnCase, tmp_path: Path, out: str, encrypt_to: tuple[str, ...], told: str
) -> None:
    before = own.open().book.ledger.size()
    order = Order(wanted=Wanted(), out=tmp_path / out, encrypt_to=encrypt_to)
    with pytest.raises(UsageError, match=told):
        export(own.open(), own.workspace, order, home=own.home)
    assert own.open().book.ledger.size() == before


def test_without_pyrage_it_is_told_what_to_install(
    own: OwnCase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyrage", None)
    with pytest.raises(UsageError, match="needs pyrage"):
        export(
            own.open(),
            own.workspace,
            Order(wanted=Wanted(), out=tmp_path / "b.age", encrypt_to=("age1",)),
            home=own.home,
        )


def test_further_files_are_sealed_with_the_rest(own: OwnCase, tmp_path: Path) -> None:
    order = Order(
        wanted=Wanted(),
        out=tmp_path / "b",
        extras=lambda found: [small("data/report.html", f"{len(found.exhibits)} exhibits".encode())],
    )
    export(own.open(), own.workspace, order, home=own.home)
    assert (tmp_path / "b" / "data/report.html").read_bytes() == b"6 exhibits"
    assert failures(verified(own, tmp_path / "b")) == []


def test_a_key_that_was_rotated_before_still_counts_for_what_it_signed(tmp_path: Path) -> None:
    own = make_case(tmp_path / "own", sources=1)
    ring = Ring(workspace=own.workspace, home=own.home, passphrase=SECRET, waiting=lambda _: None)
    rotate(ring, reason=None)
    capture_source(own, 2)
    export_bundle(own, tmp_path / "b")
    report = verified(own, tmp_path / "b")
    assert failures(report) == []
    assert report.verdict is Verdict.PASS
    assert (tmp_path / "b/trust/krl").exists()


def test_the_page_of_a_source_is_where_replay_begins(own: OwnCase, tmp_path: Path) -> None:
    export_bundle(own, tmp_path / "b", citations=["c02"])
    with zipfile.ZipFile(tmp_path / "b/data/exhibits/0001/capture.wacz") as opened:
        pages = [json.loads(line) for line in opened.read("pages/pages.jsonl").splitlines()]
        package = json.loads(opened.read("datapackage.json"))
    assert pages[1]["url"] == url_of(2)
    assert pages[1]["ts"] == "2026-11-24T10:00:00Z"
    assert package["mainPageUrl"] == url_of(2)
    assert CASE in package["title"]
    assert str(Digest.parse(package["resources"][0]["hash"])) == package["resources"][0]["hash"]
