# ruff: noqa: E501 - one case a line
"""A WACZ file by itself: whole ones pass, and each kind of damage gives the check that is named for it."""

import json
import random
import stat
import struct
import subprocess
import sys
import zipfile
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from archiver.formats.wacz import Package, SignedData, read_json
from archiver.formats.zipped import Zipped
from archiver.model.digest import Digest
from archiver.model.errors import FormatError
from archiver.model.report import Check, Verdict
from archiver.proof import timestamp
from archiver.store.source import FolderSource
from archiver.verify import wacz
from archiver.verify.wacz_signed import WaczTrust, check_signature, read_wacz_trust
from tests.support.openssl_tsa import make_tsa
from tests.support.waczs import (
    CREATED,
    KEY,
    certificate,
    complete,
    digest_file,
    inner_files,
    package,
    pem,
    signed_data,
    spki,
    zipped,
)
from tests.support.warcs import digest, fields, record, whole

TRUST = WaczTrust(keys=frozenset((str(Digest.of(spki())),)))
OTHER = ec.derive_private_key(7, ec.SECP384R1())
P256 = ec.derive_private_key(7, ec.SECP256R1())


def checked(content: bytes, trust: WaczTrust = TRUST) -> list[Check]:
    return list(wacz.check_wacz(BytesIO(content), subject="a.wacz", trust=trust))


def bad(content: bytes, trust: WaczTrust = TRUST) -> list[str]:
    """Give every answer that is no pass, as text."""
    found = (one for one in checked(content, trust) if one.verdict is not Verdict.PASS)
    return [f"{one.verdict} {one.id} {one.subject}: {one.reason}" for one in found]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_whole_signed_file_passes(method: int) -> None:
    found = checked(zipped(complete(), method=method))
    assert {one.verdict for one in found} == {Verdict.PASS}
    assert {one.id for one in found} >= {
        "wacz-zip", "wacz-layout", "wacz-hash", "wacz-unlisted", "wacz-digest", "wacz-signature", "wacz-index",
        "warc-whole", "warc-form", "warc-digest", "warc-payload",
    }  # fmt: skip
    assert wacz.not_proven(tuple(found)) == wacz.NOT_PROVEN


Files = dict[str, bytes]


def resigned(files: Files, **changes: object) -> Files:
    """Give the files with a package and a signature that know of every change."""
    inner = {path: content for path, content in files.items() if not path.startswith("datapackage")}
    raw = package(inner, **changes)
    return {**inner, "datapackage.json": raw, "datapackage-digest.json": digest_file(raw)}


def without(files: Files, name: str) -> Files:
    return {path: content for path, content in files.items() if path != name}


def index(files: Files, change: Callable[[dict[str, object]], object]) -> Files:
    lines = files["indexes/index.cdx"].decode().splitlines()
    key, time, text = lines[0].split(" ", 2)
    told = json.loads(text)
    change(told)
    return {**files, "indexes/index.cdx": "\n".join([f"{key} {time} {json.dumps(told)}", *lines[1:]]).encode()}


def grafted(files: Files) -> Files:
    """Give the files with other pages, every hash right, and the signature of the package as it was."""
    old = json.loads(files["datapackage-digest.json"])["signedData"]
    changed = resigned({**files, "pages/pages.jsonl": b"{}\n"})
    raw = json.loads(changed["datapackage-digest.json"])
    return {**changed, "datapackage-digest.json": json.dumps({**raw, "signedData": old}).encode()}


def signed_with(files: Files, **changes: object) -> Files:
    return {**files, "datapackage-digest.json": digest_file(files["datapackage.json"], **changes)}  # type: ignore[arg-type] # a key or a text


TAMPERED: dict[str, tuple[Callable[[Files], Files], str]] = {
    "a page changed": (lambda f: {**f, "pages/pages.jsonl": b"{}\n"}, "FAIL wacz-hash a.wacz: pages/pages.jsonl: the package says 61 bytes"),
    "a byte of a page changed": (lambda f: {**f, "pages/pages.jsonl": b" " * 61}, "FAIL wacz-hash a.wacz: pages/pages.jsonl: the package says sha256"),
    "a file removed": (lambda f: without(f, "pages/pages.jsonl"), "FAIL wacz-hash a.wacz: pages/pages.jsonl: the package lists it, and it is missing"),
    "a file added": (lambda f: {**f, "x": b""}, "FAIL wacz-unlisted a.wacz: x: the package does not list this file"),
    "the package removed": (lambda f: without(f, "datapackage.json"), "FAIL wacz-layout a.wacz: datapackage.json is missing"),
    "the package changed": (lambda f: {**f, "datapackage.json": package(inner_files(), title="x")}, "FAIL wacz-digest"),
    "the package is no JSON": (lambda f: {**f, "datapackage.json": b"{"}, "not JSON"),
    "the package is no object": (lambda f: {**f, "datapackage.json": b"[]"}, "expected an object"),
    "the package lists nothing": (lambda f: {**f, "datapackage.json": package({})}, "expected a list of resources"),
    "the package has a key twice": (lambda f: {**f, "datapackage.json": b'{"a":1,"a":2}'}, "the same key twice"),
    "the package has NaN": (lambda f: {**f, "datapackage.json": b'{"a":NaN}'}, "NaN is no JSON"),
    "the package is deep": (lambda f: {**f, "datapackage.json": b"[" * 100_000}, "nested too deep"),
    "the package is overlong UTF-8": (lambda f: {**f, "datapackage.json": b'{"\xc0\xaf":1}'}, "not UTF-8"),
    "the package is huge": (lambda f: {**f, "datapackage.json": b" " * (33 << 20)}, "expected at most"),
    "a resource is none": (lambda f: resigned(f, resources=[{"path": "a", "hash": "sha1:x"}]), "resource 1: expected a path and a hash"),
    "a resource is listed twice": (lambda f: resigned(f, resources=json.loads(f["datapackage.json"])["resources"] * 2), "the package lists it twice"),
    "a resource of WACZ 1.0.0": (lambda f: resigned(f, resources=[{"path": "a", "hashing": "sha256", "stats": {"hash": "0" * 64}}]), "a.wacz: a: the package lists it, and it is missing"),
    "another profile": (lambda f: resigned(f, profile="x"), "expected profile 'data-package'"),
    "a version of another kind": (lambda f: resigned(f, wacz_version="9"), "version '9'"),
    "the digest removed": (lambda f: without(f, "datapackage-digest.json"), "NOT CHECKED wacz-digest"),
    "the digest of another": (lambda f: {**f, "datapackage-digest.json": b'{"path":"x","hash":"y"}'}, "expected the path datapackage.json"),
    "the signature stripped": (lambda f: signed_with(f, key=None), "NOT CHECKED wacz-signature a.wacz: datapackage-digest.json: not signed"),
    "the signature grafted": (grafted, "FAIL wacz-signature a.wacz: datapackage-digest.json: it is of another package"),
    "a hash of zeros": (lambda f: signed_with(f, hash="sha256:" + "0" * 64), "it is of another package"),
    "another time of making": (lambda f: signed_with(f, created="2026-11-24T10:00:01Z"), "another time of making"),
    "another key": (lambda f: signed_with(f, key=OTHER), "which is none that you trust"),
    "a key of P-256": (lambda f: signed_with(f, key=P256), "expected an ECDSA key of P-384"),
    "a key that is none": (lambda f: signed_with(f, publicKey="AAAA"), "publicKey: no SPKI"),
    "a key that is no base64": (lambda f: signed_with(f, publicKey="*"), "publicKey: not base64"),
    "a signature in DER": (lambda f: signed_with(f, signature="MEQ="), "expected 96 bytes"),
    "another's signature": (lambda f: signed_with(f, signature=signed_data("x")["signature"]), "not made by this key"),
    "a field that is no text": (lambda f: signed_with(f, software=1), "expected texts only"),
    "a field of neither shape": (lambda f: signed_with(f, timeSignature="x"), "timeSignature is unknown"),
    "an index to another record": (lambda f: resigned(index(f, lambda t: t.update(offset=0))), "is of another address"),
    "an index to no record": (lambda f: resigned(index(f, lambda t: t.update(offset=5))), "no record begins at byte 5"),
    "an index of another length": (lambda f: resigned(index(f, lambda t: t.update(length=9))), "the index says 9"),
    "an index of another address": (lambda f: resigned(index(f, lambda t: t.update(url="https://b/"))), "of another address than https://b/"),
    "an index to no file": (lambda f: resigned(index(f, lambda t: t.update(filename="b"))), "which is no WARC file here"),
    "an index without offset": (lambda f: resigned(index(f, lambda t: t.pop("offset"))), "expected url, filename and offset"),
    "an index that is none": (lambda f: resigned({**f, "indexes/index.cdx": b"x\n"}), "expected '<key> <time> <JSON>'"),
    "an index without a line": (lambda f: resigned({**f, "indexes/index.cdx": b"\n"}), "an index without a line"),
    "an index that is no text": (lambda f: resigned({**f, "indexes/index.cdx": b"\xff\n"}), "not UTF-8"),
    "an index with an endless line": (lambda f: resigned({**f, "indexes/index.cdx": b"x" * (5 << 20)}), "a line longer than"),
    "no WARC": (lambda f: resigned(without(f, "archive/data.warc.gz")), "archive/ holds no WARC"),
    "no index": (lambda f: resigned(without(f, "indexes/index.cdx")), "indexes/ holds no index"),
    "no pages": (lambda f: resigned(without(f, "pages/pages.jsonl")), "pages/pages.jsonl is missing"),
    "a WARC that is none": (lambda f: resigned({**f, "archive/data.warc.gz": b"x"}), "FAIL warc-whole"),
}  # fmt: skip


@pytest.mark.parametrize("name", TAMPERED)
def test_each_change_gives_the_check_that_is_named_for_it(name: str) -> None:
    change, told = TAMPERED[name]
    before = complete()
    assert bad(zipped(before)) == []
    after = change(before)
    assert after != before
    found = bad(zipped(after))
    assert any(told in one for one in found), found


def test_a_defect_of_a_producer_is_told_as_one_and_not_as_tampering() -> None:
    files = inner_files(
        [*whole(), record(fields("resource", 9, WARC_Block_Digest=digest(b"x" * 200_000)), b"x" * 200_000)]
    )
    content = files["pages/pages.jsonl"] = b'{"a":1}\n' * 20_000
    doubled = b"".join(content[at : at + 65_536] * 2 for at in range(0, len(content), 65_536))
    raw = json.loads(package(files))
    from tests.support.waczs import sha256  # noqa: PLC0415 - only here

    raw["resources"][2]["hash"] = sha256(doubled)
    told = json.dumps(raw).encode()
    found = checked(zipped({**files, "datapackage.json": told, "datapackage-digest.json": digest_file(told)}))
    assert {one.verdict for one in found} == {Verdict.PASS}
    assert sum("producer defect, bytes consistent" in one.reason for one in found) == 1


def test_a_key_that_came_with_the_file_is_shown_and_never_trusted() -> None:
    (found,) = bad(zipped(complete()), WaczTrust())
    assert found.startswith("NOT CHECKED wacz-signature")
    assert "a key that came with the file" in found
    believed = checked(zipped(complete()), WaczTrust(embedded=True))
    assert any("--trust-embedded" in one.reason for one in believed)
    assert {one.verdict for one in believed} == {Verdict.PASS}


def test_a_timestamp_has_to_be_of_this_signature_and_of_its_hour(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    leaf = certificate(key).public_bytes(Encoding.PEM).decode()
    tsa = make_tsa(tmp_path / "tsa")
    stated = "sha256:" + "a" * 64
    texts = [b64encode(key.sign(stated.encode(), ec.ECDSA(hashes.SHA256()))).decode() for _ in range(2)]
    answers = [
        tsa.answer(timestamp.request(Digest.of(text.encode()), nonce=number)) for number, text in enumerate(texts, 1)
    ]
    made = str(timestamp.read(answers[0]).gen_time)
    package = Package(profile="data-package", version="1.1.1", software="x", created=made, resources=())
    signed = SignedData(
        hash=stated, created=made, software="x", signature=texts[0], domain="a.org", domain_cert=leaf,
        time_signature=b64encode(answers[0]).decode(), timestamp_cert=(tsa.folder / "tsa.pem").read_text() + tsa.root_pem.decode(),
    )  # fmt: skip
    early = "2020-01-01T00:00:00Z"
    cases = {
        "you pinned no root": (signed, package, WaczTrust()),
        "no trusted root stands behind it": (signed, package, WaczTrust(embedded=True, tsa_roots=(tsa.root_pem,))),
        "the timestamp is of another signature": (
            replace(signed, time_signature=b64encode(answers[1]).decode()),
            package,
            WaczTrust(),
        ),
        "expected within ten minutes": (replace(signed, created=early), replace(package, created=early), WaczTrust()),
    }
    for told, (one, other, trust) in cases.items():
        assert told in check_signature(one, other, stated, subject="x", trust=trust).reason


def test_json_of_others_is_bounded() -> None:
    with pytest.raises(FormatError, match="at most"):
        read_json(b" " * (33 << 20), what="x")


def test_trust_is_read_from_the_auditor_s_folder(tmp_path: Path) -> None:
    (tmp_path / "wacz").mkdir()
    (tmp_path / "wacz" / "maker.pem").write_bytes(pem(KEY))
    (tmp_path / "wacz" / "readme.txt").write_bytes(b"")
    trust = read_wacz_trust(FolderSource(tmp_path), embedded=False)
    assert trust.keys == TRUST.keys
    (tmp_path / "wacz" / "none.pem").write_bytes(b"none")
    with pytest.raises(FormatError, match="not a PEM public key"):
        read_wacz_trust(FolderSource(tmp_path), embedded=False)


def patched(content: bytes, old: bytes, new: bytes, *, last: bool = False) -> bytes:
    assert len(old) == len(new)
    at = content.rfind(old) if last else content.find(old)
    assert at >= 0
    return content[:at] + new + content[at + len(old) :]


def with_entry(name: str, content: bytes = b"x", mode: int = 0) -> bytes:
    out = BytesIO(zipped(complete()))
    with zipfile.ZipFile(out, "a") as archive:
        entry = zipfile.ZipInfo("N" * len(name.encode()))
        entry.create_system = 3
        entry.external_attr = mode << 16
        archive.writestr(entry, content)
    raw = name.encode()
    return out.getvalue().replace(b"N" * len(raw), raw)


def bomb(size: int) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("archive/a.warc", "w") as file:
        for _ in range(size >> 20):
            file.write(bytes(1 << 20))
    return out.getvalue()


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "no ZIP": (lambda: b"PK", "does not end with its directory"),
    "bytes after the end": (lambda: zipped(complete()) + b"x", "does not end with its directory"),
    "bytes before the start": (lambda: b"x" + zipped(complete()), "does not end where it must"),
    "cut": (lambda: zipped(complete())[:-30], "does not end with its directory"),
    "a name twice": (lambda: with_entry("archive/data.warc.gz"), "two files have this name"),
    "a name twice but for its case": (lambda: with_entry("ARCHIVE/data.warc.gz"), "two files have this name"),
    "a name that leaves": (lambda: with_entry("../../etc/passwd"), "a name that leaves the folder"),
    "an absolute name": (lambda: with_entry("/etc/passwd"), "a name that leaves the folder"),
    "a name with backslashes": (lambda: with_entry("a\\b"), "a name that leaves the folder"),
    "a name on a drive": (lambda: with_entry("C:x"), "a name that leaves the folder"),
    "a name that turns": (lambda: with_entry("a\x1b[2Jb"), "control, bidi or invisible"),
    "a link": (lambda: with_entry("link", b"/etc/passwd", stat.S_IFLNK | 0o777), "a link or a device"),
    "a nested ZIP": (lambda: with_entry("archive/a.zip", zipped({"b": b"c"})), "does not list this file"),
    "a bomb": (lambda: bomb(300 << 20), "a bomb"),
    "more files than are read": (lambda: patched(zipped({}), b"PK\x05\x06" + bytes(8), b"PK\x05\x06" + bytes(4) + b"\xfe\xff" * 2), "cannot be read"),
    "another method": (lambda: zipped(complete(), method=zipfile.ZIP_BZIP2), "compression method 12"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_zip_is_a_clear_failure(name: str) -> None:
    make, told = HOSTILE[name]
    content = make()
    found = bad(content)
    assert any(told in one for one in found), found
    assert all(one.isprintable() for one in found)


def test_a_hidden_gap_and_a_head_that_says_otherwise_are_told() -> None:
    content = zipped(complete())
    renamed = patched(content, b"pages/pages.jsonl", b"pages/pages.jsonx")
    assert any("its own head says otherwise" in one for one in bad(renamed))
    checksum = patched(content, content[14:18], b"abcd")
    assert any("another size or checksum" in one for one in bad(checksum))
    end = content.rfind(b"PK\x05\x06")
    count, size, start = struct.unpack("<HLL", content[end + 10 : end + 20])
    assert count == 5
    hidden = content[:start] + b"hidden" + content[start:end]
    hidden += content[end : end + 12] + struct.pack("<LL", size, start + 6) + b"\x00\x00"
    assert any("6 bytes at byte" in one and "belong to no file" in one for one in bad(hidden))


def test_ten_gigabytes_that_are_only_declared_are_not_read() -> None:
    content = zipped({"a": b"x"})
    claimed = content.replace(struct.pack("<LL", 1, 1), struct.pack("<LL", 1, 4_000_000_000))
    assert any("a bomb" in one or "two sizes" in one for one in bad(claimed))


def test_what_is_read_of_a_zip_is_what_python_reads() -> None:
    seed = 20_261_127
    rng = random.Random(seed)
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        files = {f"f{n}": rng.randbytes(rng.choice((0, 1, 70_000, 2_500_000))) * rng.choice((1, 2)) for n in range(8)}
        found = Zipped(BytesIO(zipped(files, method=method)))
        assert list(found.problems()) == []
        assert {one.name: found.read(one, limit_bytes=1 << 30) for one in found.files} == files, seed


def test_a_hundred_flipped_bytes_are_all_told_or_change_no_content() -> None:
    seed = 20_261_128
    print(f"seed {seed}")  # noqa: T201 - shown where it fails
    rng = random.Random(seed)
    files = complete()
    content = zipped(files)
    missed = 0
    for _ in range(100):
        at = rng.randrange(len(content))
        damaged = content[:at] + bytes([content[at] ^ 1 << rng.randrange(8)]) + content[at + 1 :]
        if not bad(damaged):
            with zipfile.ZipFile(BytesIO(damaged)) as archive:
                assert {one: archive.read(one) for one in archive.namelist()} == files, (seed, at)
            missed += 1
    assert missed < 20, "more than times and attributes of the ZIP went by"


def test_of_more_records_than_are_kept_no_index_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wacz, "_MOST_RECORDS", 1)
    assert bad(zipped(complete())) == ["NOT CHECKED wacz-index a.wacz: indexes/index.cdx: more than 1 records"]


def test_a_report_about_a_thousand_faults_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wacz, "_MOST_TOLD", 1)
    found = checked(zipped(resigned({**inner_files(), "indexes/index.cdx": b"x\ny\n", "..": b"", "a/..": b""})))
    assert [one.id for one in found if one.verdict is Verdict.FAIL] == ["wacz-zip", "wacz-index"]


def test_python_runs_the_verifier_over_it_without_writing(tmp_path: Path) -> None:
    (tmp_path / "a.wacz").write_bytes(zipped(complete()))
    command = [sys.executable, "-m", "archiver", "verify", "a.wacz", "--trust-embedded"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("TRUSTING WHAT CAME WITH THE EVIDENCE")
    assert [path.name for path in tmp_path.iterdir()] == ["a.wacz"]
    assert CREATED
