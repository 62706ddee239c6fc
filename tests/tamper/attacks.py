"""What somebody does who knows the formats: each attack by its name, and the files that it leaves."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from archiver.formats import canonical, entry, envelope, note, tiles
from archiver.formats.checkpoint import encode as encode_checkpoint
from archiver.formats.manifest import encode as encode_manifest
from archiver.formats.manifest import statement_of
from archiver.formats.policy import encode as encode_policy
from archiver.model.digest import Digest
from archiver.model.events import Cosigned
from archiver.model.evidence import Artifact, Role
from archiver.model.instant import Instant
from archiver.model.provenance import (
    Checkpoint,
    Entry,
    EntryType,
    Opening,
    Policy,
    VerifierKey,
    Witness,
)
from archiver.proof.merkle import leaf_hash, root
from archiver.proof.signature import Ed25519Signer, cosign_note, public_pem, sign_envelope, sign_note
from tests.support.ledger_kit import CASE, INVESTIGATOR, LOG, ORIGIN, fixed_id, fixed_salt
from tests.support.sealed_workspace import STAMP_ID
from tests.tamper.matrix import Files, Whole

ATTACKER = Ed25519Signer.from_seed(b"x" * 32)
WITNESS = Ed25519Signer.from_seed(b"w" * 32)
WITNESS_KEY = VerifierKey(name="witness.example", public_key=WITNESS.public_key, algorithm=note.COSIGNATURE)
SEEN_AT = Instant.parse("2026-11-24T11:00:00Z")
_CASE = f"manifests/{CASE}"
_LEDGER = f"{_CASE}/ledger"
FIRST, SECOND = (f"{_CASE}/captures/{fixed_id(number)}.dsse.json" for number in (1, 2))
STAMP = f"{_CASE}/events/{STAMP_ID}.dsse.json"
COSIGNED = f"{_CASE}/events/{fixed_id(200)}.dsse.json"
Json = dict[str, Any]


def leaves(files: Files) -> list[bytes]:
    """Give the entries of the ledger."""
    (path,) = (one for one in files if one.startswith(f"{_LEDGER}/tile/entries/000.p/"))
    return list(tiles.decode_entries(files[path], width=int(path.rsplit("/", 1)[1])))


def rewritten(files: Files, found: list[bytes], *, signer: Ed25519Signer = LOG) -> Files:
    """Give the files with a ledger of these leaves, consistent in itself, signed by whoever holds this key."""
    old = (f"{_LEDGER}/tile/", f"{_LEDGER}/checkpoints/")
    made = {path: content for path, content in files.items() if not path.startswith(old)}
    hashes = [leaf_hash(one) for one in found]
    made[f"{_LEDGER}/tile/entries/000.p/{len(found)}"] = tiles.encode_entries(tuple(found))
    made[f"{_LEDGER}/tile/0/000.p/{len(found)}"] = b"".join(hashes)
    for size in range(1, len(found) + 1):
        head = Checkpoint(origin=ORIGIN, size=size, root=root(hashes[:size]))
        made[f"{_LEDGER}/checkpoints/{size}"] = note.encode(sign_note(encode_checkpoint(head), ORIGIN, signer))
    made[f"{_LEDGER}/checkpoint"] = made[f"{_LEDGER}/checkpoints/{len(found)}"]
    return made


def chained(files: Files, *, without: int | None = None, order: list[int] | None = None) -> list[bytes]:
    """Give the entries numbered and chained anew, one left out or in another order: what a careful forger does."""
    numbers = order or [one for one in range(len(leaves(files))) if one != without]
    prev, fresh = entry.FIRST_PREV, []
    for seq, number in enumerate(numbers):
        old = entry.decode(leaves(files)[number])
        fresh.append(entry.encode(Entry(seq=seq, type=old.type, prev=prev, commit=old.commit)))
        prev = Digest.of(fresh[-1])
    return fresh


def witnessed(whole: Whole) -> Whole:
    """Give the workspace with a cosignature as its newest entry, and a policy of the auditor's that asks for it."""
    files = dict(whole.files)
    kept = files[f"{_LEDGER}/checkpoints/4"]
    head = note.decode(kept)
    line = cosign_note(head.text, WITNESS_KEY.name, WITNESS, at=SEEN_AT)
    raw = note.encode(replace(head, signatures=(*head.signatures, line)))
    artifact = Artifact(
        role=Role.COSIGNED_CHECKPOINT,
        name="cosigned.txt",
        media_type="text/plain",
        extension="txt",
        size_bytes=len(raw),
        digest=Digest.of(raw),
    )
    predicate = Cosigned(
        id=fixed_id(200),
        case=CASE,
        at=SEEN_AT,
        checkpoint_size=4,
        checkpoint_digest=Digest.of(kept),
        witness="witness",
        cosigned_at=SEEN_AT,
        artifacts=(artifact,),
    )
    sealed = envelope.encode(sign_envelope(encode_manifest(statement_of(predicate)), INVESTIGATOR))
    found = leaves(files)
    commit = entry.commitment(fixed_salt(200), sealed)
    found.append(entry.encode(Entry(seq=4, type=EntryType.WITNESS, prev=Digest.of(found[-1]), commit=commit)))
    kept_heads = {path: raw for path, raw in files.items() if path.startswith(f"{_LEDGER}/checkpoints/")}
    files = {**rewritten(files, found), **kept_heads}
    files[COSIGNED] = sealed
    opening = Opening(seq=4, path=COSIGNED.removeprefix(f"{_CASE}/"), salt=fixed_salt(200))
    files[f"{_LEDGER}/salts/4"] = entry.encode_opening(opening)
    files[f"archive/sha256/{artifact.digest.hex[:2]}/{artifact.digest.hex}.txt"] = raw
    policy = Policy(logs=whole.trust.logs, witnesses=(Witness(name="witness", key=WITNESS_KEY),), quorum="witness")
    names = {**whole.names, artifact.digest.hex: "200 cosigned.txt"}
    return Whole(files=files, trust=replace(whole.trust, policies=(policy,)), names=names)


def edited(files: Files, path: str, change: Callable[[Json], None]) -> Files:
    """Give the files with one envelope's JSON changed and not signed anew."""
    found = json.loads(files[path])
    change(found)
    return {**files, path: json.dumps(found, separators=(",", ":"), sort_keys=True).encode()}


def restated(files: Files, path: str, change: Callable[[Json], None], *, signer: Ed25519Signer = INVESTIGATOR) -> Files:
    """Give the files with one statement changed and signed anew; the ledger still commits to the old one."""
    statement = json.loads(envelope.decode(files[path]).payload)
    change(statement)
    return {**files, path: envelope.encode(sign_envelope(canonical.encode(statement), signer))}


def recorded(files: Files, path: str, seq: int, change: Callable[[Json], None]) -> Files:
    """Give the files with one statement changed, signed, and signed into the ledger, all with the right keys."""
    made = restated(files, path, change)
    found = leaves(made)
    opening = entry.decode_opening(made[f"{_LEDGER}/salts/{seq}"])
    old = entry.decode(found[seq])
    found[seq] = entry.encode(replace(old, commit=entry.commitment(opening.salt, made[path])))
    for number in range(seq + 1, len(found)):
        found[number] = entry.encode(replace(entry.decode(found[number]), prev=Digest.of(found[number - 1])))
    return rewritten(made, found)


def _unsigned_note(raw: bytes) -> bytes:
    return raw.split(b"\n\n", maxsplit=1)[0] + b"\n\n"


def _payload(change: Callable[[Json], None]) -> Callable[[Json], None]:
    def apply(found: Json) -> None:
        statement = json.loads(base64.b64decode(found["payload"]))
        change(statement)
        raw = json.dumps(statement, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()
        found["payload"] = base64.b64encode(raw).decode()

    return apply


def _everything_anew(files: Files) -> Files:
    prev, fresh, made = entry.FIRST_PREV, [], dict(files)
    for number, leaf in enumerate(leaves(files)):
        opening = entry.decode_opening(files[f"{_LEDGER}/salts/{number}"])
        path = f"{_CASE}/{opening.path}"
        made[path] = envelope.encode(sign_envelope(envelope.decode(files[path]).payload, ATTACKER))
        commit = entry.commitment(opening.salt, made[path])
        fresh.append(entry.encode(replace(entry.decode(leaf), prev=prev, commit=commit)))
        prev = Digest.of(fresh[-1])
    vkey = VerifierKey(name=ORIGIN, public_key=ATTACKER.public_key)
    made = rewritten(made, fresh, signer=ATTACKER)
    made[f"{_CASE}/keys/log.vkey"] = f"{note.encode_vkey(vkey)}\n".encode()
    made[f"{_CASE}/keys/log.pem"] = made[f"{_CASE}/keys/investigator.pem"] = public_pem(ATTACKER.public_key)
    made[f"{_LEDGER}/policy"] = encode_policy(Policy(logs=(vkey,)))
    return made


def _stripped_timestamp(files: Files) -> Files:
    """Take away all that the timestamp left, and cut the ledger back to before it, signed anew with the right key."""
    gone = (STAMP, f"{_LEDGER}/salts/3")
    made = {path: raw for path, raw in files.items() if path not in gone and not path.endswith((".tsq", ".tsr"))}
    return rewritten(made, leaves(files)[:3])


def _other_type(leaf: bytes) -> bytes:
    return leaf.replace(b'"capture"', b'"custody"')


def _fork(files: Files) -> Files:
    """Sign another tree of the newest size with the right key, and leave everything else."""
    found = leaves(files)
    head = Checkpoint(origin=ORIGIN, size=len(found), root=root([leaf_hash(b"x"), *map(leaf_hash, found[1:])]))
    return {**files, f"{_LEDGER}/checkpoint": note.encode(sign_note(encode_checkpoint(head), ORIGIN, LOG))}


def _set(**values: object) -> Callable[[Json], None]:
    return lambda statement: statement["predicate"].update(values)


def _claims(time: str) -> Callable[[Json], None]:
    return lambda statement: statement["predicate"]["attempt"].update(finished_at=time)


def _signature_of(other: str) -> Callable[[Files], Files]:
    return lambda files: edited(
        files, FIRST, lambda found: found.update(signatures=json.loads(files[other])["signatures"])
    )


ATTACKS: dict[str, Callable[[Files], Files]] = {
    "signature of a capture stripped": lambda files: edited(files, FIRST, lambda one: one.update(signatures=[])),
    "signature of a timestamp's manifest stripped": lambda files: edited(
        files, STAMP, lambda one: one.update(signatures=[])
    ),
    "signature of the newest checkpoint stripped": lambda files: {
        **files, f"{_LEDGER}/checkpoint": _unsigned_note(files[f"{_LEDGER}/checkpoint"])
    },
    "signature of an old checkpoint stripped": lambda files: {
        **files, f"{_LEDGER}/checkpoints/2": _unsigned_note(files[f"{_LEDGER}/checkpoints/2"])
    },
    "signature grafted from another capture": _signature_of(SECOND),
    "signature grafted from a timestamp's manifest": _signature_of(STAMP),
    "signature of the newest checkpoint grafted from an old one": lambda files: {
        **files,
        f"{_LEDGER}/checkpoint": _unsigned_note(files[f"{_LEDGER}/checkpoint"])
        + files[f"{_LEDGER}/checkpoints/2"].split(b"\n\n", maxsplit=1)[1],
    },
    "whole envelope grafted from another capture": lambda files: {**files, FIRST: files[SECOND]},
    "timestamp stripped with its entry, the ledger signed anew": _stripped_timestamp,
    "timestamp pointed at another checkpoint": lambda files: restated(files, STAMP, _set(checkpoint_size=2)),
    "timestamp said to be of another time": lambda files: restated(
        files, STAMP, _set(gen_time="2020-01-01T00:00:00.000Z")
    ),
    "capture claims a time after its timestamp, recorded with the right keys": lambda files: recorded(
        files, FIRST, 0, _claims("2099-01-01T00:00:00.000Z")
    ),
    "key of the ledger swapped": lambda files: rewritten(files, leaves(files), signer=ATTACKER),
    "key of a capture swapped": lambda files: restated(files, FIRST, lambda _: None, signer=ATTACKER),
    "everything signed anew by an attacker": _everything_anew,
    "predicate's version downgraded": lambda files: edited(
        files, FIRST, _payload(lambda one: one.update(predicateType="https://archiver.invalid/capture/v0"))
    ),
    "payload type changed": lambda files: edited(files, FIRST, lambda one: one.update(payloadType="text/plain")),
    "entry's version downgraded": lambda files: rewritten(
        files, [one.replace(b'"v":1}', b'"v":0}') if at == 1 else one for at, one in enumerate(leaves(files))]
    ),
    "entry's type changed": lambda files: rewritten(
        files, [_other_type(one) if not at else one for at, one in enumerate(leaves(files))]
    ),
    "entry dropped": lambda files: rewritten(files, [one for at, one in enumerate(leaves(files)) if at != 1]),
    "entry dropped, the rest chained anew": lambda files: rewritten(files, chained(files, without=1)),
    "entry added twice": lambda files: rewritten(files, [*leaves(files)[:2], *leaves(files)[1:]]),
    "entries reordered": lambda files: rewritten(files, [leaves(files)[one] for one in (0, 2, 1, 3)]),
    "entries reordered and chained anew": lambda files: rewritten(files, chained(files, order=[0, 2, 1, 3])),
    "ledger rolled back to an older checkpoint": lambda files: {
        **files, f"{_LEDGER}/checkpoint": files[f"{_LEDGER}/checkpoints/2"]
    },
    "ledger cut back and signed anew": lambda files: rewritten(files, leaves(files)[:2]),
    "ledger forked": _fork,
    "archived file added": lambda files: {
        **files, f"archive/sha256/e3/{Digest.of(b'').hex}.txt": b""
    },
    "file with no name of the archive added": lambda files: {**files, "archive/notes.txt": b"x"},
    "file of no case added": lambda files: {**files, "manifests/stray": b"x"},
    "salt replaced": lambda files: {
        **files,
        f"{_LEDGER}/salts/1": entry.encode_opening(
            replace(entry.decode_opening(files[f"{_LEDGER}/salts/1"]), salt=bytes(32))
        ),
    },
    "number of records changed": lambda files: restated(
        files, FIRST, lambda one: one["predicate"]["attempt"]["warc"].update(records=99)
    ),
}  # fmt: skip


def _cosigned(files: Files, change: Callable[[bytes], bytes], *, named: bool = True) -> Files:
    """Give the files with the cosigned note changed; ``named`` says whether a new manifest names its new digest."""
    (path,) = (one for one in files if one.startswith("archive/") and b"witness.example" in files[one])
    raw = change(files[path])
    if not named:
        return {**files, path: raw}
    made = {one: content for one, content in files.items() if one != path}
    digest = Digest.of(raw)
    made[f"archive/sha256/{digest.hex[:2]}/{digest.hex}.txt"] = raw

    def point(statement: Json) -> None:
        statement["predicate"]["artifacts"][0].update(digest=str(digest), size_bytes=len(raw))
        statement["subject"][0]["digest"]["sha256"] = digest.hex

    return recorded(made, COSIGNED, 4, point)


def _without_witness(raw: bytes) -> bytes:
    return b"".join(line for line in raw.splitlines(keepends=True) if b"witness.example" not in line)


def _other_text(raw: bytes) -> bytes:
    found = note.decode(raw)
    head = Checkpoint(origin=ORIGIN, size=4, root=bytes(32))
    signed = sign_note(encode_checkpoint(head), ORIGIN, LOG)
    return note.encode(replace(signed, signatures=(*signed.signatures, found.signatures[-1])))


def _by_attacker(raw: bytes) -> bytes:
    found = note.decode(raw)
    line = cosign_note(found.text, WITNESS_KEY.name, ATTACKER, at=SEEN_AT)
    return note.encode(replace(found, signatures=(found.signatures[0], line)))


COSIGNATURES: dict[str, Callable[[Files], Files]] = {
    "cosignature stripped": lambda files: _cosigned(files, _without_witness, named=False),
    "cosignature stripped, recorded with the right keys": lambda files: _cosigned(files, _without_witness),
    "cosignature grafted onto another checkpoint": lambda files: _cosigned(files, _other_text),
    "cosignature by somebody else": lambda files: _cosigned(files, _by_attacker),
    "cosignature dropped": lambda files: {one: raw for one, raw in files.items() if one != COSIGNED},
    "cosignature said to be of another time": lambda files: recorded(
        files, COSIGNED, 4, _set(cosigned_at="2026-11-24T10:59:00.000Z")
    ),
}
