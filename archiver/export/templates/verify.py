#!/usr/bin/env python3
r"""Verify an evidence bundle of archiver. One file: Python 3.8 or newer and the `openssl` program, nothing else.

    python3 verify.py BUNDLE [--trust DIR] [--require L0|L1|L2|L3] [--json]

BUNDLE is the folder or the ZIP file. DIR holds whom YOU trust, got from somewhere else than the bundle: keys/*.pem or
*.pub (investigators), logs/*.vkey (ledgers), policies/*.policy (their log lines), tsa/*.pem (roots of time-stamping
authorities), checkpoints/* (checkpoints of this ledger that you kept). Keys in the bundle are never trusted: without
DIR a signature that is valid under them is NOT CHECKED, and one that is not even that is FAIL.

Exit codes: 0 PASS, 1 FAIL, 7 NOT CHECKED, 2 usage, 4 unreadable. Opens no connection; writes to a temporary folder.
Written from docs/formats (bundle, ledger, manifest, warc) alone: it shares no line with archiver.

    L0 the bag      every file by SHA-256 and SHA-512, none missing, added or twice; the ZIP's structure
    L1 the records  the seal, each record's signature and form, the digests inside WARC files
    L2 the ledger   the signed root from all leaves, their chain, what the disclosed entries open to, proofs, counts
    L3 the time     the authorities' tokens, by `openssl ts -verify` under the roots in DIR
    NOT CHECKED     L4 (witnesses), L5 (content), renewed timestamps, signatures by keys that were revoked
"""

from __future__ import annotations

import argparse, base64, calendar, gzip, hashlib, json, os, re, shutil, stat, struct
import subprocess, sys, tempfile, time, zipfile, zlib
from pathlib import Path
from typing import Any, BinaryIO, Callable, Iterator, NoReturn, Sequence

setattr(zipfile, "ZIP64_LIMIT", 0xFFFFFFFE)  # as the format has it: zipfile's own heads turn long at 2 GiB already
PASS, FAIL, UNCHECKED, SMALL, BLOCK = "PASS", "FAIL", "NOT CHECKED", 8 << 20, 1 << 20
TAGS, PAYLOAD_TYPE, DSSE = "tagmanifest-sha256.txt", "application/vnd.in-toto+json", b"archiver-dsse"
MANIFESTS = (("manifest-sha256.txt", 64, True), ("manifest-sha512.txt", 128, True), (TAGS, 64, False))
SEAL, HEX = TAGS + ".sshsig", "([0-9a-f]{64})"
TYPES = "(session|capture|timestamp|renewal|witness|key-event|custody|annotation|export|observation)"
LEAF = re.compile(rf'{{"commit":"{HEX}","prev":"{HEX}","seq":(0|[1-9][0-9]{{0,15}}),"type":"{TYPES}","v":1}}\Z')
DIGEST = re.compile(f"sha256:{HEX}\\Z")
SAFE = re.compile(r"(?=.{1,200}\Z)[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*\Z", re.ASCII)
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z")
CHECKPOINT = re.compile(r"([!-*,-~]{1,256})\n(0|[1-9][0-9]{0,15})\n([A-Za-z0-9+/=]{44})\n\Z")
SPKI = bytes.fromhex("302a300506032b6570032100")  # what stands before the 32 bytes of an Ed25519 public key
OF_ENTRY = ("entry.leaf", "entry.tlog-proof", "record.dsse.json", "salt")
SSH_KEY, SK_KEY = b"\0\0\0\x0bssh-ed25519", b"\0\0\0\x1ask-ssh-ed25519@openssh.com"  # without, with a device
ABSENT = "the original is not in the bundle: a derivative lies in its place"
UNNAMED = "you named no key to compare it with (--trust)"
HANDED = "by a key to which one that you trust handed the ledger over: say if you trust it too"
EMBEDDED = "valid under the key that came with the bundle: --trust says if you trust it"
NOT_PROVEN = ("That the site sent these bytes: whoever held the key may have made up the page before it was sealed.",
              "That nothing else was captured, and what the withheld entries hold.")

class Problem(Exception):
    """What is wrong with the evidence, in words."""

class Open(Exception):
    """Why something cannot be checked."""

ODD = (Problem, OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError, EOFError, OverflowError,
       NotImplementedError, zlib.error, struct.error, zipfile.BadZipFile, subprocess.SubprocessError)

def need(good: object, why: str) -> None:
    if not good:
        raise Problem(why)

def leave_open(why: str) -> NoReturn:
    raise Open(why)

class Report:
    """All checks, in their order."""

    checks: list[dict[str, str]]

    def ask(self, name: str, level: int, subject: str, question: Callable[..., object], *about: object) -> bool:
        """Ask: PASS with what the question gives, FAIL if it raises Problem or stumbles, NOT CHECKED if Open."""
        try:
            verdict, reason = PASS, str(question(*about) or "")
        except Open as why:
            verdict, reason = UNCHECKED, str(why)
        except ODD as error:
            verdict, reason = FAIL, str(error) if isinstance(error, Problem) else f"{type(error).__name__}: {error}"
        told = {"id": name, "level": f"L{level}", "subject": shown(subject), "verdict": verdict}
        self.checks.append({**told, "reason": shown(reason)})
        return verdict == PASS

    def levels(self) -> dict[str, str]:
        """Give each level's verdict: the worst of its checks, NOT CHECKED without any."""
        of = {f"L{level}": {one["verdict"] for one in self.checks if one["level"] == f"L{level}"} for level in range(6)}
        return {level: FAIL if FAIL in found else PASS if found == {PASS} else UNCHECKED for level, found in of.items()}

def shown(text: str) -> str:
    """Give text with control, bidi and invisible characters written as escapes, and not too much of it."""
    return "".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in text[:1000])

# --- where the bytes lie: a folder, or a ZIP read strictly ---

class Folder:
    """The files of a folder. Links are told and never followed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.sizes: dict[str, int] = {}
        self.problems: list[str] = []
        for here, folders, files in os.walk(str(root)):
            for path in [os.path.join(here, one) for one in (*folders, *files)] or [here]:
                name, found = os.path.relpath(path, str(root)).replace(os.sep, "/"), os.lstat(path)
                if stat.S_ISREG(found.st_mode):
                    self.sizes[name] = found.st_size
                elif path == here or not stat.S_ISDIR(found.st_mode):
                    self.problems.append(f"{name}: a link, a device or an empty folder, not a file")

    def blocks(self, name: str) -> Iterator[bytes]:
        with open(os.open(str(self.root / name), os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)), "rb") as file:
            yield from iter(lambda: file.read(BLOCK), b"")

class Zip:
    """The files of a ZIP as archiver writes it, in one folder at its top: the files one after another from the first
    byte, each head as the directory says it, then the directory, and nothing else. Nothing is extracted."""

    def __init__(self, path: Path) -> None:
        self.file, end = path.open("rb"), 0
        self.sizes: dict[str, int] = {}
        self.problems: list[str] = []
        self.found: dict[str, tuple[zipfile.ZipInfo, int]] = {}
        archive = zipfile.ZipFile(self.file)
        members, size = archive.infolist(), self.file.seek(0, 2)
        need(len(members) <= 100_000 and sum(one.file_size for one in members) <= 64 << 30, "ZIP: too much in it")
        names = [one.orig_filename.partition("/") for one in members]
        if len({one[:2] for one in names}) != 1 or len({one[2].lower() for one in names}) != len(names):
            self.problems.append("expected one folder that holds everything, and no name twice")
        for one, (_, _, name) in zip(members, names):
            one.extra = b""  # of extra fields there is that of large files alone, which the head brings itself
            head = one.FileHeader()
            good = one.header_offset == end and self.at(end, len(head)) == head and one.compress_type in (0, 8)
            good = good and one.flag_bits in (0, 0x800) and stat.S_IFMT(one.external_attr >> 16) in (0, stat.S_IFREG)
            if not good or one.file_size > max(256 << 20, 200 * one.compress_size):
                self.problems.append(f"{name}: head and directory differ, stray bytes, a link, encrypted, or a bomb")
            self.found[name], self.sizes[name] = (one, end + len(head) if good else -1), one.file_size
            end = one.header_offset + len(head) + one.compress_size
        counted = self.at(size - 22, 12) == b"PK\5\6\0\0\0\0" + min(len(members), 0xFFFF).to_bytes(2, "little") * 2
        if end != getattr(archive, "start_dir", end) or not counted:
            self.problems.append("stray bytes before or after the directory, or it counts other files than it has")

    def at(self, offset: int, size: int) -> bytes:
        self.file.seek(max(0, offset))
        return self.file.read(size)

    def blocks(self, name: str) -> Iterator[bytes]:
        one, start = self.found[name]
        inflate, size, crc, end = zlib.decompressobj(-15), 0, 0, start + one.compress_size
        for at in range(start, end, 1 << 16):  # 64 KiB deflated are 66 MiB at most
            raw = self.at(at, min(1 << 16, end - at))
            block = inflate.decompress(raw) if one.compress_type else raw
            size, crc = size + len(block), zlib.crc32(block, crc)
            need(size <= one.file_size, "more bytes than the ZIP says")
            yield block
        whole = not one.compress_type or (inflate.eof and not inflate.unused_data)
        need(whole and (size, crc) == (one.file_size, one.CRC), "not of the size and checksum that the ZIP says")

class Bag:
    """The files of a bundle. What is parsed is compared with what was hashed."""

    def __init__(self, source: Folder | Zip) -> None:
        self.source, self.sizes = source, source.sizes
        self.hashes: dict[str, tuple[str, str]] = {}

    def digests(self, name: str, into: BinaryIO | None = None) -> tuple[str, str]:
        """Give SHA-256 and SHA-512 in hex, the same as the first time; copy the bytes, if asked."""
        if into or name not in self.hashes:
            short, long = hashlib.sha256(), hashlib.sha512()
            for block in self.source.blocks(name):
                short.update(block)
                long.update(block)
                into and into.write(block)
            found = (short.hexdigest(), long.hexdigest())
            need(self.hashes.setdefault(name, found) == found, f"{name} changed while it was read")
        return self.hashes[name]

    def read(self, name: str, limit: int = SMALL) -> bytes:
        need(self.sizes.get(name, 0) <= limit, f"{name}: more than {limit} bytes")
        raw = b"".join(self.source.blocks(name))
        need(hashlib.sha256(raw).hexdigest() == self.digests(name)[0], f"{name} changed while it was read")
        return raw

    def listed(self, name: str, digits: int, payload: bool) -> dict[str, str]:
        """Give the digests in a manifest by path (RFC 8493 section 2.1.3)."""
        text = self.read(name, 64 << 20).decode("utf-8")
        found = {line[digits + 2 :]: line[:digits] for line in text.split("\n")[:-1]}
        need(found and text == "".join(f"{found[path]}  {path}\n" for path in sorted(found)), "not sorted, or twice")
        for path, digest in found.items():
            good = SAFE.match(path) and path.startswith("data/") == payload and re.match(r"[0-9a-f]+\Z", digest)
            need(good and len(digest) == digits, f"a path that does not belong here, or no digest: {path}")
        return found

# --- strict JSON, base64, keys, and signatures by openssl ---

def canonical(raw: bytes, fields: str, loose: bool = False) -> Any:
    """Give the value of RFC 8785 bytes with exactly these fields. Refuse another spelling of it, and null or []."""

    def ordered(value: Any) -> Any:
        need((loose or value not in (None, [])) and not isinstance(value, float), "a field that is null, [] or a float")
        if isinstance(value, dict):
            return {key: ordered(value[key]) for key in sorted(value, key=lambda one: one.encode("utf-16-be"))}
        return [ordered(one) for one in value] if isinstance(value, list) else value

    value = json.loads(raw.decode("utf-8"))
    same = json.dumps(ordered(value), ensure_ascii=False, separators=(",", ":")).encode() == raw
    need(same and sorted(value) == fields.split(), f"not canonical JSON (RFC 8785) with exactly {fields}")
    return value

def unbase64(text: str) -> bytes:
    raw = base64.b64decode(text.encode("ascii"), validate=True)
    need(base64.b64encode(raw).decode() == text, "base64 with stray bits")
    return raw

def pem(key: bytes) -> bytes:
    return b"-----BEGIN PUBLIC KEY-----\n" + base64.b64encode(SPKI + key) + b"\n-----END PUBLIC KEY-----\n"

def key_of(raw: bytes) -> bytes:
    """Give an Ed25519 key out of PEM or of OpenSSH's one line: of a security key (PROTOCOL.u2f) the whole blob."""
    blob = base64.b64decode(b"".join(raw.strip().split(b"\n")[1:-1]) or raw.split()[1])
    key = blob if blob.startswith(SK_KEY) else blob[-32:]
    good = len(key) == 32 or (key[30:34] == b"\0\0\0 " and key[66:] == sized(key[70:]) and key[70:74] == b"ssh:")
    line = b"\n" not in raw.strip() and raw.split()[:2] == line_of(key).split()
    need(good and (line or raw.strip() == pem(key).strip()), "not an Ed25519 public key in PEM, nor in OpenSSH's line")
    return key

sized: Callable[[bytes], bytes] = lambda raw: struct.pack(">I", len(raw)) + raw  # RFC 4251, section 5

def line_of(key: bytes) -> bytes:
    blob = key if len(key) > 32 else SSH_KEY + sized(key)
    return blob[4 : 4 + blob[3]] + b" " + base64.b64encode(blob) + b"\n"

def log_of_vkey(raw: bytes) -> tuple[str, bytes]:
    name, hint, blob = raw.decode().strip("\n").split("+", 2)
    key = unbase64(blob)
    same = hashlib.sha256(name.encode() + b"\n" + key).hexdigest()[:8] == hint
    need(same and len(key) == 33 and key[0] == 1, "vkey: not an Ed25519 key of a log, or not the hash of name and key")
    return name, key[1:]

class Openssl:
    """The program. It is tried first: one that cannot tell a good signature from a bad one checks nothing."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.problem = folder, ""
        self.known: dict[tuple[bytes, bytes, bytes], bool] = {}
        key = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")  # RFC 8032, 7.1, test 2
        good = unbase64("kqAJqfDUyrhyDoILX2QlQKKye1QWUD+Ps3YiI+vbadoIWsHkPhWZbkWPNhPQ8R2MOHsurrQwKu6wDSkWErsMAA==")
        said = self.run("version")[1] if shutil.which("openssl") else ""
        if not said or not self.ed25519(key, b"\x72", good) or self.ed25519(key, b"\x73", good):
            self.problem = f"no openssl that verifies Ed25519 (OpenSSL 3.0 or newer does): {said[:80]}"

    def file(self, name: str, content: bytes) -> str:
        (self.folder / name).write_bytes(content)
        return str(self.folder / name)

    def run(self, *arguments: str) -> tuple[int, str]:
        self.problem and leave_open(self.problem)
        done = subprocess.run(("openssl", *arguments), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
        return done.returncode, done.stdout.decode("utf-8", "replace")

    def ed25519(self, key: bytes, message: bytes, signature: bytes) -> bool:
        """Say whether a signature is valid."""
        wanted = (key, hashlib.sha256(message).digest(), signature)
        if wanted not in self.known:
            files = ("-inkey", self.file("key", pem(key)), "-in", self.file("message", message), "-sigfile")
            code, said = self.run("pkeyutl", "-verify", "-pubin", "-rawin", *files, self.file("sig", signature))
            self.known[wanted] = code == 0 and "Verified Successfully" in said
        return self.known[wanted]

    def token(self, response: bytes, roots: bytes, *more: str) -> None:
        """Raise Problem unless a root stands behind an RFC 3161 response, and it is about what ``more`` says."""
        code, said = self.run("ts", "-verify", *more, "-in", self.file("r", response), "-CAfile", self.file("c", roots))
        need(code == 0 and "Verification: OK" in said, f"openssl ts -verify: {' '.join(said.split())[-300:]}")

class Trust:
    """Whom the auditor trusts, out of the auditor's own folder."""

    def __init__(self, folder: str | None) -> None:
        need(not folder or Path(folder).is_dir(), f"{folder}: no such folder")
        self.folder = folder
        self.keys = [key_of(raw) for kind in ("pem", "pub") for _, raw in self.files(f"keys/*.{kind}")]
        lines = [line.split() for _, raw in self.files("policies/*.policy") for line in raw.split(b"\n")]
        vkeys = [raw for _, raw in self.files("logs/*.vkey")] + [line[1] for line in lines if line[:1] == [b"log"]]
        self.logs = [log_of_vkey(one) for one in vkeys]
        self.roots = b"\n".join(raw for _, raw in self.files("tsa/*.pem"))

    def files(self, pattern: str) -> list[tuple[str, bytes]]:
        return [(one.name, one.read_bytes()) for one in sorted(Path(self.folder).glob(pattern))] if self.folder else []

# --- values: a record, a checkpoint, the leaves, a seal, the records of a WARC ---

class Record:
    """One folder of the bundle: a signed statement, what opens its entry, and its files (manifest.md)."""

    def __init__(self, bag: Bag, program: Openssl, kind: str, said: dict[str, Any]) -> None:
        self.kind, self.folder, self.said, self.seq = kind, f"data/{kind}/{said['number']:04d}", said, said["seq"]
        self.program, self.raw, self.payload, self.type, self.problem, self.opens = program, b"", b"", "", "", False
        self.signatures: list[bytes] = []
        self.predicate: dict[str, Any] = {}
        self.files: list[dict[str, Any]] = []
        try:
            self.raw = bag.read(f"{self.folder}/record.dsse.json")
            found = canonical(self.raw, "payload payloadType signatures")
            self.payload = unbase64(found["payload"])
            self.signatures = [unbase64(one["sig"]) for one in found["signatures"]]
            formed = all(sorted(one) == ["keyid", "sig"] for one in found["signatures"]) and len(self.signatures) <= 16
            need(formed and found["payloadType"] == PAYLOAD_TYPE, f"expected {PAYLOAD_TYPE}, signed by keyid and sig")
            self.statement(canonical(self.payload, "_type predicate predicateType subject"))
        except ODD as error:
            self.problem = f"{type(error).__name__}: {error}"

    def statement(self, found: dict[str, Any]) -> None:
        said, kind = found["predicate"], found["predicateType"][25:-3]
        need(re.match(rf"https://archiver\.invalid/{TYPES}/v1\Z", found["predicateType"]), "no type that is known here")
        need(found["_type"] == "https://in-toto.io/Statement/v1" and UUID.match(said["id"]), "no statement with an id")
        files, capture = said.get("artifacts", []), kind == "capture"
        subjects = [{"digest": {"sha256": one["digest"][7:]}, "name": one["name"]} for one in files]
        if not files:
            digest = hashlib.sha256((said["attempt"]["target"]["url"] if capture else said["id"]).encode()).hexdigest()
            subjects = [{"digest": {"sha256": digest}, "name": "attempt" if capture else "event"}]
        need(found["subject"] == subjects, "its subject and its files differ")
        names = {one["name"] for one in files if SAFE.match(one["name"]) and DIGEST.match(one["digest"])}
        need(len(names) == len(files) and "/" not in "".join(names), "a file without digest or name, or one twice")
        self.type, self.predicate, self.files = kind, said, files
        told = {"id": said["id"], "citation_id": said.get("citation_id"), "type": kind}
        told["state"] = self.state = said["attempt"]["outcome"]["state"] if capture else None
        same = all(told[key] == value for key, value in self.said.items() if key in told)
        need(same and (self.kind == "exhibits") == capture, "another record than bundle.json says")

    def signers(self, keys: Sequence[bytes]) -> list[bytes]:
        """Give those of the keys that signed: DSSE covers type and payload, each after its length."""
        said = f"DSSEv1 {len(PAYLOAD_TYPE)} {PAYLOAD_TYPE} {len(self.payload)} ".encode() + self.payload
        return [key for key in keys if any(signed(self.program, key, said, one, DSSE) for one in self.signatures)]

    def file(self, role: str, prefix: str = "") -> str:
        """Give the path of the first file in a role, "" without one."""
        names = (one["name"] for one in self.files if one["role"] == role and one["name"].startswith(prefix))
        return next((f"{self.folder}/{name}" for name in names), "")

class Checkpoint:
    """A C2SP checkpoint in a signed note (ledger.md L8, L15, L16)."""

    def __init__(self, raw: bytes) -> None:
        text, _, lines = raw.decode("utf-8").rpartition("\n\n")
        self.text, match = text + "\n", CHECKPOINT.match(text + "\n")
        found = re.findall(r"— ([^ \n]+) ([A-Za-z0-9+/=]+)\n", lines)
        need(match and 0 < len(found) <= 16 and len(raw) <= 64 << 10, "not three lines and 1 to 16 signatures")
        need("".join(f"— {name} {blob}\n" for name, blob in found) == lines, "lines that are no signatures")
        self.origin, size, root = match.groups() if match else ("", "0", "")
        self.size, self.root = int(size), unbase64(root)
        self.lines = [(name, unbase64(blob)) for name, blob in found]

    def signed(self, program: Openssl, log: tuple[str, bytes]) -> bool:
        hint = hashlib.sha256(f"{log[0]}\n\x01".encode() + log[1]).digest()[:4]
        lines = [raw[4:] for name, raw in self.lines if name == log[0] == self.origin and raw[:4] == hint]
        return any(program.ed25519(log[1], self.text.encode(), one) for one in lines)

class Tree:
    """All leaves, each as its hash, type and commitment, and what RFC 6962 section 2.1 makes of them."""

    def __init__(self, bag: Bag) -> None:
        self.leaves: list[tuple[bytes, str, str]] = []
        self.known: dict[tuple[int, int], bytes] = {}
        self.problem, prev, rest = "", "0" * 64, b""
        for block in bag.source.blocks("data/log/leaves.jsonl"):
            *lines, rest = (rest + block).split(b"\n")
            for line in lines:
                match = LEAF.match(line.decode("ascii", "replace"))
                good = match and (int(match[3]), match[2]) == (len(self.leaves), prev)
                self.problem = self.problem or ("" if good else f"entry {len(self.leaves)}: malformed, or out of order")
                kind, commit = match.group(4, 1) if match else ("", "")
                self.leaves.append((hashlib.sha256(b"\0" + line).digest(), kind, commit))
                prev = hashlib.sha256(line).hexdigest()
        need(self.leaves and not rest, "leaves.jsonl: no line, or its last one does not end")

    def root(self, start: int, end: int) -> bytes:
        """Give the hash over a range of leaves."""
        if end - start == 1:
            return self.leaves[start][0]
        if (start, end) not in self.known:
            half = split(start, end)
            self.known[start, end] = hashlib.sha256(b"\1" + self.root(start, half) + self.root(half, end)).digest()
        return self.known[start, end]

    def proof(self, at: int, start: int, end: int, leaf: bool) -> bytes:
        """Give the audit path of a leaf (section 2.1.1), or the consistency proof of the first so many (2.1.2)."""
        half = split(start, end)
        if (end - start == 1) if leaf else (at == end):
            return b"" if leaf or not start else base64.b64encode(self.root(start, end)) + b"\n"
        left = at < half + (not leaf)
        inner = self.proof(at, start, half, leaf) if left else self.proof(at, half, end, leaf)
        return inner + base64.b64encode(self.root(half, end) if left else self.root(start, half)) + b"\n"

def split(start: int, end: int) -> int:
    """Give where a range of leaves is halved: after the largest power of two below its size."""
    return start + (1 << max(0, (end - start - 1).bit_length() - 1))

def signed(program: Openssl, key: bytes, message: bytes, blob: bytes, name: bytes) -> bool:
    """Say whether this SSHSIG (PROTOCOL.sshsig) is by this key; a security key's, if it was touched (PROTOCOL.u2f).
    Without a device envelopes are signed as they are."""
    if len(key) == 32 and name == DSSE:
        return program.ed25519(key, message, blob)
    public, kind, size = (key, SK_KEY, 69) if len(key) > 32 else (SSH_KEY + sized(key), SSH_KEY, 64)
    head, made = sized(name) + sized(b"") + sized(b"sha512"), blob[-size:]
    whole = b"SSHSIG\0\0\0\1" + sized(public) + head + sized(kind + b"\0\0\0@" + made)
    said = b"SSHSIG" + head + sized(hashlib.sha512(message).digest())
    if size == 69:  # a device signs digests of application and message, flags of which 1 is the touch, a counter
        said = hashlib.sha256(key[70:]).digest() + made[64:] + hashlib.sha256(said).digest()
    return blob == whole and (size == 64 or made[64] & 1 == 1) and program.ed25519(key[34:66] or key, said, made[:64])

def warc_records(file: BinaryIO) -> Iterator[tuple[str, str]]:
    """Give type and id of each record; raise Problem unless each is whole and of its digest (ISO 28500, gzip)."""
    raw, total = gzip.GzipFile(fileobj=file), 0
    for line in iter(lambda: raw.readline(64), b""):
        need(line == b"WARC/1.1\r\n", "no record begins where one must")
        fields: dict[str, str] = {}
        for field in iter(lambda: raw.readline(BLOCK), b"\r\n"):
            need(field.endswith(b"\n") and len(fields) < 1000, "a head that does not end")
            name, _, value = field.decode("utf-8", "replace").partition(":")
            fields.setdefault(name.lower(), value.strip())
        left, hasher = int(fields["content-length"]), hashlib.sha256()
        total += max(0, left)
        while left:
            block = raw.read(min(left, BLOCK))
            need(block and 0 < left and total <= 8 << 30, "a record is cut off, or a bomb")
            hasher.update(block)
            left -= len(block)
        need(raw.read(4) == b"\r\n\r\n", "a record does not end where its head says")
        identity, digest = fields.get("warc-record-id", ""), f"sha256:{hasher.hexdigest()}"
        need(fields.get("warc-block-digest") == digest, f"record {identity}: its bytes give {digest}")
        yield fields.get("warc-type", ""), identity

# --- the checks ---

class Verifier(Report):
    """Asks every question of one bundle, in the words of docs/formats/bundle.md."""

    def __init__(self, bag: Bag, trust: Trust, folder: Path) -> None:
        self.checks, self.bag, self.trust, self.folder, self.openssl = [], bag, trust, folder, Openssl(folder)
        self.records: list[Record] = []
        self.investigator = "trust/investigator." + ("pub" if "trust/investigator.pub" in bag.sizes else "pem")
        self.existed: list[tuple[int, str]] = []  # so many entries existed before then
        self.ended: dict[bytes, tuple[int, str]] = {}  # by which entry a key ended, or took a trusted one's place

    def run(self) -> Verifier:
        self.files()
        if self.ask("bundle-form", 0, "data/bundle.json", self.contents):
            for part in (self.folders, self.ledger, self.entries, self.keys, self.time, self.signatures):
                try:
                    part()
                except ODD as error:
                    self.ask("unreadable", 0, part.__name__, need, False, f"{type(error).__name__}: {error}")
        for name, level in (("witness-quorum", 4), ("quotes", 5)):
            self.ask(name, level, "-", leave_open, "this is for archiver verify")
        return self

    # L0

    def files(self) -> None:
        bag, zipped = self.bag, isinstance(self.bag.source, Zip)
        lists: dict[str, dict[str, str]] = {}
        for problem in bag.source.problems or [""]:
            self.ask("bundle-zip" if zipped else "bag-complete", 0, "-", need, not problem, problem)
        for one in MANIFESTS:
            self.ask("bag-complete", 0, one[0], lambda one: lists.update({one[0]: bag.listed(*one)}), one)
        by256, by512, tags = (lists.get(name, {}) for name, _, _ in MANIFESTS)
        there, wanted = {*bag.sizes, SEAL}, {*by256, *by512, *tags, TAGS, SEAL}  # the seal is asked for at L1

        def complete() -> None:
            same = by256.keys() == by512.keys() and len({one.lower() for one in there}) == len(there)
            need(by256 and same, "the two lists differ or are empty, or two names differ in case alone")
            need(there == wanted, f"added or missing: {sorted(there ^ wanted)[:9]}")

        def declared() -> None:
            need(bag.read("bagit.txt") == b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n", "not BagIt 1.0")
            oxum = f"Payload-Oxum: {sum(bag.sizes.get(one, 0) for one in by256)}.{len(by256)}"
            need(oxum in bag.read("bag-info.txt").decode().split("\n"), f"bag-info.txt: expected {oxum}")

        self.ask("bag-complete", 0, "-", complete)
        self.ask("bag-declaration", 0, "bagit.txt", declared)
        for name in sorted(there & {*by256, *tags}):
            said = (tags[name],) if name in tags else (by256[name], by512.get(name))
            same = lambda name, said: need(bag.digests(name)[: len(said)] == said, "its bytes give another digest")
            self.ask("bag-tag" if name in tags else "bag-file", 0, name, same, name, said)

    def contents(self) -> None:
        raw = self.bag.read("data/bundle.json", 64 << 20)
        found = canonical(raw, "counts events exhibits export_seq origin size v", loose=True)
        for kind, more in ("exhibits", "citation_id files id number seq state"), ("events", "files id number seq type"):
            seqs = [one["seq"] for one in found[kind]]
            need(seqs == sorted({*seqs}) and all(0 <= one < found["size"] for one in seqs), f"{kind} out of order")
            for number, one in enumerate(found[kind], 1):
                need(sorted(one) == more.split() and one["number"] == number, f"{kind} {number}: expected {more}")
                self.records.append(Record(self.bag, self.openssl, kind, one))
        self.said, by_seq = found, {one.seq: one for one in self.records}
        once = len(by_seq) == len(self.records) and found["v"] == 1 and found["exhibits"]
        need(once, "not version 1, no exhibit, or an entry is opened twice")
        need(all(re.match(f"{TYPES}\\Z", one) for one in found["counts"]["by_type"]), "counts of unknown types")
        need(by_seq[found["export_seq"]].said.get("type") == "export", "the export is not among the events")
        self.export = by_seq[found["export_seq"]].predicate
        self.derived = {(one["seq"], one["name"]): one for one in self.export.get("derived", [])}

    def folders(self) -> None:
        names = [one for one in self.bag.sizes if re.match("data/(exhibits|events)/", one)]
        for one in sorted({"/".join(each.split("/")[:3]) for each in names} - {one.folder for one in self.records}):
            self.ask("bundle-files", 0, one, need, False, "bundle.json does not name it")
        for record in self.records:
            there = sorted(one[len(record.folder) + 1 :] for one in names if one.startswith(record.folder + "/"))
            must = [*OF_ENTRY, *(one["name"] for one in record.files), *["capture.wacz"][: bool(record.file("warc"))]]
            good = there == record.said["files"] and (there == sorted(must) or not record.type)
            self.ask("bundle-files", 0, record.folder, need, good, "it holds other files than it must")
            for each in record.files:
                self.ask("artifact", 0, f"{record.folder}/{each['name']}", self.artifact, record, each)

    def artifact(self, record: Record, one: dict[str, Any]) -> None:
        name, instead = f"{record.folder}/{one['name']}", self.derived.get((record.seq, one["name"]))
        found, said = ("sha256:" + self.bag.digests(name)[0], self.bag.sizes[name]), instead or one
        need(found == (said["digest"], said["size_bytes"]), "not the bytes that were signed")
        need(not instead or instead["original"] == one["digest"], "the export says that it is of another original")
        return leave_open(ABSENT) if instead else None

    # L2

    def note(self, raw: bytes, size: str = "", head: bool = False) -> str:
        """Judge a checkpoint by the leaves and by the trusted logs."""
        found, count = Checkpoint(raw), len(self.tree.leaves)
        need(found.origin == self.said["origin"] and size in ("", str(found.size)), "of another ledger or size")
        need(head or 0 < found.size <= count, "it counts more entries than there are: the ledger was cut back")
        need(head or found.root == self.tree.root(0, found.size), "it signs other entries: history was rewritten")
        logs = self.trust.logs or [log_of_vkey(self.bag.read("trust/log.vkey"))]
        signed = any(found.signed(self.openssl, one) for one in logs)
        need(signed or any(found.signed(self.openssl, one) for one in self.handed()), "not signed by a log you trust")
        return f"{found.size} entries" if signed and self.trust.logs else leave_open(EMBEDDED if signed else HANDED)

    def handed(self) -> list[tuple[str, bytes]]:
        """Give the keys that entries put in the place of trusted ones of this log; both signed that (ledger.md L28)."""
        found: list[tuple[str, bytes]] = []
        for one in self.records:
            if one.type == "key-event" and one.predicate["role"] == "log":
                old, new = (bytes.fromhex(one.predicate.get(key, "")) for key in ("predecessor", "public_key"))
                known = (self.said["origin"], old) in [*self.trust.logs, *found]
                found += [(self.said["origin"], new)] * (known and len(one.signers([old, new])) == 2)
        return found

    def ledger(self) -> None:
        bag, place, size = self.bag, "data/log/checkpoint", self.said["size"]
        self.tree = tree = Tree(bag)
        self.head = bag.read(place) if place in bag.sizes else b""
        self.ask("ledger-checkpoint", 2, place, self.note, self.head, "", True)
        self.ask("ledger-chain", 2, "data/log/leaves.jsonl", need, not tree.problem, tree.problem)

        def rooted() -> None:
            found = Checkpoint(self.head)
            need(found.size == size == len(tree.leaves) and found.root == tree.root(0, size), "not that root")

        self.rooted = self.ask("ledger-root", 2, place, rooted)
        kept = [one[len(place) + 2 :] for one in sorted(bag.sizes) if one.startswith(place + "s/")]
        for one in kept:
            self.ask("ledger-history", 2, f"{place}s/{one}", lambda of: self.note(bag.read(f"{place}s/{of}"), of), one)
        folder = "data/log/consistency/"
        wanted = {f"{folder}{one}-{size}": int(one) for one in kept if one != str(size)}
        proved = lambda one: need(bag.read(one) == tree.proof(wanted[one], 0, size, leaf=False), "it is not the proof")
        for one in sorted({*wanted} | {each for each in bag.sizes if each.startswith(folder)}):
            self.ask("ledger-consistency", 2, one, proved, one)
        asked = lambda raw: leave_open("it is newer than the bundle") if Checkpoint(raw).size > size else self.note(raw)
        for name, content in self.trust.files("checkpoints/*"):
            if content.startswith(f"{self.said['origin']}\n".encode()):  # another ledger's are not about this bundle
                self.ask("presented-checkpoint", 2, name, asked, content)

    def entries(self) -> None:
        for one in self.records:
            self.ask("leaf-line", 0, f"{one.folder}/entry.leaf", self.leaf, one)
            one.opens = self.ask("entry-opening", 2, one.folder, self.opening, one)
            self.ask("entry-proof", 2, one.folder, self.proved, one)
        self.ask("bundle-counts", 2, "data/bundle.json", self.counted)
        self.ask("public-keys", 2, "trust/log.vkey", self.public_log)
        self.ask("public-keys", 2, self.investigator, self.public_key)

    def leaf(self, one: Record) -> None:
        found = hashlib.sha256(b"\0" + self.bag.read(f"{one.folder}/entry.leaf")).digest()
        need(found == self.tree.leaves[one.seq][0], "not that line of the leaves")

    def opening(self, one: Record) -> None:
        found = canonical(self.bag.read(f"{one.folder}/salt"), "path salt seq v")
        path = f"{'captures' if one.kind == 'exhibits' else 'events'}/{one.said['id']}.dsse.json"
        same = (found["path"], found["seq"], found["v"]) == (path, one.seq, 1) and re.match(HEX + r"\Z", found["salt"])
        need(same, "it opens another entry, or has no salt of 32 bytes in hex")
        commit = hashlib.sha256(b"evl1\0" + bytes.fromhex(found["salt"]) + one.raw).hexdigest()
        _, kind, committed = self.tree.leaves[one.seq]
        need(commit == committed, "record or salt is not what was recorded")
        need(one.type in ("", kind), "the entry is of another type")

    def proved(self, one: Record) -> None:
        path = self.tree.proof(one.seq, 0, len(self.tree.leaves), leaf=True)
        proof = b"c2sp.org/tlog-proof@v1\nindex %d\n%s\n%s" % (one.seq, path, self.head)
        need(self.rooted and self.bag.read(f"{one.folder}/entry.tlog-proof") == proof, "no proof to the checkpoint")

    def counted(self) -> None:
        said, export, size, gone = self.said, self.export, len(self.tree.leaves), self.export["erased"]
        types = [kind for _, kind, _ in self.tree.leaves]
        told = {"by_type": {one: types.count(one) for one in {*types}}, "disclosed": len(self.records), "entries": size}
        told["failed_disclosed"] = sum(one.type == "capture" and one.state == "failed" for one in self.records)
        told.update(erased=gone, failed_withheld=export["failed_withheld"], withheld=size - len(self.records) - gone)
        need(said["counts"] == told, "bundle.json counts otherwise than leaves, records and export")
        before = export["checkpoint_size"]
        opened = sorted(one.seq for one in self.records if one.seq < before)
        need(before == said["export_seq"] and opened == export.get("disclosed", []), "the export names other entries")
        need(len(opened) + export["withheld"] + gone == before, "the export's counts do not add up")

    def public_log(self) -> None:
        raw, theirs = self.bag.read("trust/log.vkey").strip(), self.trust.logs
        good = log_of_vkey(raw) == (self.said["origin"], key_of(self.bag.read("trust/log.pem")))
        policy = re.match(rb"log (\S+)\n((witness|group|quorum) [^\n]+\n)+\Z", self.bag.read("trust/policy"))
        need(good and policy and policy[1] == raw, "log.pem or policy is another key")
        return need(log_of_vkey(raw) in theirs + self.handed(), "not your key") if theirs else leave_open(UNNAMED)

    def public_key(self) -> None:
        key, theirs = key_of(self.bag.read(self.investigator)), self.trust.keys
        line = b'investigator namespaces="archiver%s" ' % (b",archiver-dsse" * (len(key) > 32)) + line_of(key)
        ruled = any(one.type == "key-event" for one in self.records) or self.bag.read("trust/allowed_signers") == line
        need(ruled and sum(one[:19] == "trust/investigator." for one in self.bag.sizes) == 1, "another key, or more")
        return need(key in theirs, "not a key that you trust") if theirs else leave_open(UNNAMED)

    # L3

    def token(self, one: Record, data: bytes, said: dict[str, Any], prefix: str = "") -> None:
        """Raise Problem unless a pinned authority answered the stored request about these bytes, at the time told."""
        self.trust.roots or leave_open(f"it says {said['gen_time']}; you gave no root of an authority")
        query, response = self.part(one, "request", prefix), self.part(one, "response", prefix)
        about = ("-attime", str(calendar.timegm(day(said["gen_time"]))))
        self.openssl.token(response, self.trust.roots, "-queryfile", self.openssl.file("q", query), *about)
        self.openssl.token(response, self.trust.roots, "-data", self.openssl.file("data", data), *about)
        text, at = self.openssl.run("ts", "-reply", "-in", str(self.folder / "r"), "-text")[1], day(said["gen_time"])
        wanted = time.strftime(rf"Time stamp: %b +{at.tm_mday} %H:%M:%S(\.\d+)? %Y GMT", at)
        same = re.search(wanted, text) and re.search(f"number: 0x0*{said['serial']}\\s", text.lower())
        need(same, "the record says another time or serial than the token")

    def part(self, one: Record, role: str, prefix: str = "") -> bytes:
        """Give a file of a timestamp, of the digest that its record names; nothing where it names none."""
        raw = self.bag.read(name) if (name := one.file(f"timestamp_{role}", prefix)) else b""
        said = {f"{one.folder}/{each['name']}": each["digest"] for each in one.files}
        need(not name or said[name] == f"sha256:{hashlib.sha256(raw).hexdigest()}", f"{name}: not what was signed")
        return raw

    def stamp(self, one: Record) -> str:
        said, data = one.predicate, self.bag.read(f"data/log/checkpoints/{one.predicate['checkpoint_size']}")
        need(said["checkpoint_digest"] == f"sha256:{hashlib.sha256(data).hexdigest()}", "of another checkpoint")
        self.token(one, data, said)
        self.existed.append((said["checkpoint_size"], said["gen_time"]))
        return f"{said['checkpoint_size']} entries existed before {said['gen_time']}, says {said['tsa_name']}"

    def revocation(self, one: Record) -> None:
        query, response, chain, crl = (self.part(one, role) for role in ("request", "response", "chain", "revocation"))
        one.file("timestamp_revocation").endswith(".crl") or leave_open("no list: OCSP is for archiver verify")
        said = self.openssl.run("crl", "-inform", "DER", "-in", self.openssl.file("crl", crl), "-nextupdate")[1]
        ends = time.strptime(said.split("\n")[0], "nextUpdate=%b %d %H:%M:%S %Y GMT")
        need(day(one.predicate["gen_time"]) < ends, "the list had ended before the timestamp")
        about = ("-queryfile", self.openssl.file("q", query), "-crl_check", "-partial_chain", "-no_check_time")
        self.openssl.token(response, b"\n".join((self.trust.roots, chain, said.partition("\n")[2].encode())), *about)

    def time(self) -> None:
        for one in self.records:
            if one.type == "timestamp":
                self.ask("timestamp", 3, one.folder, self.stamp, one)
                said = self.bag.read(one.file("timestamp_response"))
                # Names in a certificate: its revocation list (2.5.29.31), who answers by OCSP (1.3.6.1.5.5.7.48.1).
                if one.file("timestamp_revocation") or b"\x55\x1d\x1f" in said or b"\x2b\6\1\5\5\7\x30\1" in said:
                    self.ask("timestamp-revocation", 3, one.folder, self.revocation, one)
            one.type == "renewal" and self.ask("renewal", 3, one.folder, leave_open, "renewals are for archiver verify")
            for each in one.predicate.get("bounds", []) if one.type == "session" else []:
                about = (one, bytes.fromhex(one.predicate["nonce"]), each, each["tsa_name"] + "-")
                self.ask("session-bound", 3, one.folder, self.token, *about)
        for one in self.records[: len(self.said["exhibits"])]:
            first = min((at for size, at in self.existed if size > one.seq), default="")
            why = f"it existed before {first}" if first else "no verified timestamp covers it"
            self.ask("timestamp-cover", 3, one.folder, str if first else leave_open, why)
            if first and not one.problem:
                late = calendar.timegm(day(one.predicate["attempt"]["finished_at"])) > calendar.timegm(day(first)) + 300
                self.ask("clock", 3, one.folder, need, not late, f"it says that it ended later than {first}")

    # L1

    def keys(self) -> None:
        """Take by which entries keys ended (ledger.md L21), and which ones took the place of trusted ones."""
        for one in sorted([] if self.openssl.problem else self.records, key=lambda record: record.seq):
            said, ends = one.predicate, one.type == "key-event" and one.predicate["action"] != "add"
            if ends and one.opens and said["role"] == "investigator":
                key, before = bytes.fromhex(said["public_key"]), bytes.fromhex(said.get("predecessor", ""))
                if one.signers([*self.trust.keys, before or key]):
                    self.ended.update({key: (one.seq, "begin")} if before in self.trust.keys else {})
                    if said["action"] == "revoke" or self.ended.get(before or key, (0, "begin"))[1] == "begin":
                        self.ended[before or key] = (one.seq, said["action"])

    def signed(self, seq: int, signers: Callable[[Sequence[bytes]], list[bytes]]) -> str:
        found = signers(self.trust.keys)
        for key in found:
            by, how = self.ended.get(key, (seq, ""))
            if how == "begin" or (how != "revoke" and seq <= by):
                return f"by sha256:{hashlib.sha256(key).hexdigest()}, which you trust"
        if any(self.ended[key][1] == "revoke" for key in found):
            leave_open("by a key that an entry revokes: whether this is older is for archiver verify")
        need(not found, "an entry ended this key before")
        if signers([key for key, (_, how) in self.ended.items() if how == "begin"]):
            leave_open("by a key that an entry puts in the place of one that you trust: say if you trust it too")
        need(not self.trust.keys, "not signed by any key that you trust")
        need(signers([key_of(self.bag.read(self.investigator))]), "no signature of it is valid")
        return leave_open(EMBEDDED)

    def signatures(self) -> None:
        for one in self.records:
            self.ask("manifest-content", 1, one.folder, need, not one.problem, one.problem)
            self.ask("manifest-signature", 1, one.folder, self.signed, one.seq, one.signers)
            if one.type == "capture" and (one.file("warc") or "warc" in one.predicate["attempt"]):
                self.ask("warc-records", 1, one.file("warc") or one.folder, self.warc, one)
        self.ask("bundle-seal", 1, SEAL, self.sealed)

    def sealed(self) -> str:
        armored = re.match(rb"-----BEGIN (SSH SIGNATURE)-----\n([^-]+)-----END \1-----\n\Z", self.bag.read(SEAL))
        blob = unbase64(armored[2].replace(b"\n", b"").decode()) if armored else b""
        by = lambda keys: [one for one in keys if signed(self.openssl, one, self.bag.read(TAGS), blob, b"archiver")]
        return self.signed(self.said["export_seq"], by)

    def warc(self, one: Record) -> str:
        facts, name = one.predicate["attempt"]["warc"], one.file("warc")
        (one.seq, name.rsplit("/", 1)[-1]) in self.derived and leave_open(ABSENT)
        with (self.folder / "warc").open("w+b") as file:
            self.bag.digests(name, file)
            file.seek(0)
            found = list(warc_records(file))
        need(facts["records"] == len(found), f"the manifest says {facts['records']} records, there are {len(found)}")
        main = ("response", facts.get("main_record_id", ""))
        need(found.count(main) == ("main_record_id" in facts), "the main record is not in it once, as a response")
        return f"{len(found)} records"

def day(at: str) -> time.struct_time:
    return time.strptime(at[:19], "%Y-%m-%dT%H:%M:%S")

def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description="Verify an evidence bundle of archiver.")
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--trust", metavar="DIR", help="keys/*.pem, logs/*.vkey, tsa/*.pem, got from elsewhere")
    parser.add_argument("--require", default="L2", choices=("L0", "L1", "L2", "L3"))
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(arguments)
    try:
        bag, trust = Bag(Folder(asked.bundle) if asked.bundle.is_dir() else Zip(asked.bundle)), Trust(asked.trust)
    except ODD as error:
        print(f"verify.py: cannot be read: {error}", file=sys.stderr)
        return 4
    with tempfile.TemporaryDirectory() as folder:
        report = Verifier(bag, trust, Path(folder)).run()
    levels = report.levels()
    must = {found for one, found in levels.items() if one <= asked.require}
    verdict = FAIL if FAIL in levels.values() else PASS if must == {PASS} else UNCHECKED
    if asked.json:
        told = {"version": 1, "verdict": verdict, "required": asked.require, "levels": levels}
        print(json.dumps({**told, "not_proven": NOT_PROVEN, "checks": report.checks}, indent=1))
    else:
        print("NOT PROVEN by any check below:", *NOT_PROVEN, sep="\n  - ")
        said = [one for one in report.checks if one["verdict"] != PASS or one["id"] not in ("bag-file", "bag-tag")]
        print(*("{verdict:<11} {level} {id:<20} {subject}  {reason}".format(**one) for one in said), sep="\n")
        print(*(f"{one} {found}" for one, found in levels.items()), f"{verdict}  (required: {asked.require})", sep="\n")
    return {PASS: 0, FAIL: 1, UNCHECKED: 7}[verdict]

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
