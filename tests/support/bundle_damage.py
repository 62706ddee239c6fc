"""Every way in which the tests damage a bundle: in its files, and by whoever holds a key. The ZIP is apart."""

import base64
import hashlib
import json
import re
from collections.abc import Callable

from archiver.formats import entry, envelope, note
from archiver.formats.checkpoint import encode as encode_checkpoint
from archiver.model.provenance import Checkpoint, VerifierKey
from archiver.proof.merkle import consistency, inclusion, leaf_hash, root
from archiver.proof.signature import Ed25519Signer, public_pem, sign_envelope, sign_note
from tests.support.bundles import Copy

Damage = Callable[[Copy], None]
ATTACKER = Ed25519Signer.from_seed(b"x" * 32)

# One file of each kind that a bundle holds. The second entry: what a maker may write there as they like, so that it is
# no lie if it is listed and sealed anew.
KINDS = {
    "README-VERIFY.txt": True,
    "verify.py": True,
    "verify.html": True,
    "bagit.txt": False,
    "bag-info.txt": True,
    "ro-crate-metadata.json": True,
    "trust/allowed_signers": False,
    "trust/investigator.pem": False,
    "trust/log.pem": False,
    "trust/log.vkey": False,
    "trust/policy": False,
    "trust/tsa/first.pem": True,
    "data/bundle.json": False,
    "data/custody.csv": True,
    "data/hashlist.csv": True,
    "data/loadfile.csv": True,
    "data/collection.wacz": False,
    "data/exhibits/0001/capture.wacz": False,
    "data/exhibits/0001/capture.warc.gz": False,
    "data/exhibits/0001/dom.html": False,
    "data/exhibits/0001/entry.leaf": False,
    "data/exhibits/0001/entry.tlog-proof": False,
    "data/exhibits/0001/record.dsse.json": False,
    "data/exhibits/0001/salt": False,
    "data/exhibits/0001/text.txt": False,
    "data/exhibits/0001/viewport.png": False,
    "data/events/0001/first-request.tsq": False,
    "data/events/0002/chain.pem": False,
    "data/events/0002/record.dsse.json": False,
    "data/events/0002/request.tsq": False,
    "data/events/0002/response.tsr": False,
    "data/events/0004/cosigned.note": False,
    "data/events/0005/record.dsse.json": False,
    "data/log/checkpoint": False,
    "data/log/checkpoints/7": False,
    "data/log/consistency/7-13": False,
    "data/log/leaves.jsonl": False,
}
LISTS = ("manifest-sha256.txt", "manifest-sha512.txt", "tagmanifest-sha256.txt", "tagmanifest-sha256.txt.sshsig")


def flip(path: str) -> Damage:
    """Change a bit in the middle of a file."""

    def change(copy: Copy) -> None:
        content = bytearray((copy.root / path).read_bytes())
        content[len(content) // 2] ^= 1
        copy.write(path, bytes(content))

    return change


def drop(path: str) -> Damage:
    return lambda copy: (copy.root / path).unlink()


def cut(path: str) -> Damage:
    def change(copy: Copy) -> None:
        content = (copy.root / path).read_bytes()
        copy.write(path, content[: len(content) // 2])

    return change


def lengthen(path: str) -> Damage:
    return lambda copy: copy.write(path, (copy.root / path).read_bytes() + b"\n")


def swap(first: str, second: str) -> Damage:
    def change(copy: Copy) -> None:
        one, two = (copy.root / first).read_bytes(), (copy.root / second).read_bytes()
        copy.write(first, two)
        copy.write(second, one)

    return change


def put(path: str, content: bytes = b"") -> Damage:
    return lambda copy: copy.write(path, content)


def rename(path: str, other: str) -> Damage:
    def change(copy: Copy) -> None:
        (copy.root / other).parent.mkdir(parents=True, exist_ok=True)
        (copy.root / path).rename(copy.root / other)

    return change


def edit_lines(path: str, change: Callable[[list[bytes]], list[bytes]]) -> Damage:
    def run(copy: Copy) -> None:
        lines = (copy.root / path).read_bytes().splitlines(keepends=True)
        copy.write(path, b"".join(change(lines)))

    return run


def link(path: str) -> Damage:
    def change(copy: Copy) -> None:
        place = copy.root / path
        elsewhere = copy.root.parent / "elsewhere"
        place.rename(elsewhere)
        place.symlink_to(elsewhere)

    return change


def then(*steps: Damage) -> Damage:
    def change(copy: Copy) -> None:
        for step in steps:
            step(copy)

    return change


def anew(copy: Copy) -> None:
    """List and seal it anew, as its maker can."""
    copy.list_anew()


def seal_by_attacker(copy: Copy) -> None:
    """List it anew, and seal it by another key."""
    copy.list_anew()
    copy.seal(ATTACKER)


def sign_record(copy: Copy, folder: str) -> None:
    """Sign a record anew, by another key."""
    path = f"data/{folder}/record.dsse.json"
    payload = envelope.decode((copy.root / path).read_bytes()).payload
    copy.write(path, envelope.encode(sign_envelope(payload, ATTACKER)))


def count(key: str, value: object) -> Damage:
    return lambda copy: copy.edit(lambda said: said["counts"].update({key: value}))


def graft(copy: Copy) -> None:
    """Put one exhibit's record, salt, leaf and proof in the place of another's."""
    for name in ("record.dsse.json", "salt", "entry.leaf", "entry.tlog-proof"):
        copy.write(f"data/exhibits/0002/{name}", (copy.root / f"data/exhibits/0001/{name}").read_bytes())


def leave_out(kind: str, number: int) -> Damage:
    """Take a whole exhibit or event out, and number and count the others anew."""

    def change(copy: Copy) -> None:
        folder = copy.root / f"data/{kind}"
        for one in (folder / f"{number:04d}").iterdir():
            one.unlink()
        (folder / f"{number:04d}").rmdir()
        said = json.loads((copy.root / "data/bundle.json").read_bytes())
        for later in range(number + 1, len(said[kind]) + 1):
            (folder / f"{later:04d}").rename(folder / f"{later - 1:04d}")
        copy.edit(lambda found: _leave_out(found, kind, number))

    return change


def _leave_out(said: dict[str, object], kind: str, number: int) -> None:
    found, counts = said[kind], said["counts"]
    assert isinstance(found, list)
    assert isinstance(counts, dict)
    found.pop(number - 1)
    for index, one in enumerate(found, 1):
        one["number"] = index
    counts["disclosed"] -= 1
    counts["withheld"] += 1


def rewrite_ledger(change: Callable[[list[bytes]], list[bytes]], *, signer: Ed25519Signer = ATTACKER) -> Damage:
    """Make leaves, head, older checkpoints and proofs anew around other leaves, signed by whoever holds this key."""

    def run(copy: Copy) -> None:
        log = copy.root / "data/log"
        leaves = change((log / "leaves.jsonl").read_bytes().splitlines())
        copy.write("data/log/leaves.jsonl", b"".join(one + b"\n" for one in leaves))
        hashes = [leaf_hash(one) for one in leaves]
        origin = (log / "checkpoint").read_text().split("\n")[0]

        def head(size: int) -> bytes:
            text = encode_checkpoint(Checkpoint(origin=origin, size=size, root=root(hashes[:size])))
            return note.encode(sign_note(text, origin, signer))

        copy.write("data/log/checkpoint", head(len(leaves)))
        for one in (log / "checkpoints").iterdir():
            copy.write(f"data/log/checkpoints/{one.name}", head(int(one.name)))
        for one in (log / "consistency").iterdir():
            proof = consistency(hashes, int(one.name.split("-")[0]))
            copy.write(f"data/log/consistency/{one.name}", b"".join(base64.b64encode(each) + b"\n" for each in proof))
        for place in sorted(copy.root.glob("data/e*/*/entry.leaf")):
            seq = json.loads((place.parent / "salt").read_bytes())["seq"]
            path = "".join(f"{base64.b64encode(each).decode()}\n" for each in inclusion(hashes, seq))
            place.write_bytes(leaves[seq])
            proof_text = f"c2sp.org/tlog-proof@v1\nindex {seq}\n{path}\n".encode()
            (place.parent / "entry.tlog-proof").write_bytes(proof_text + head(len(leaves)))

    return run


def chained(leaves: list[bytes]) -> list[bytes]:
    """Give the leaves with numbers and links made to fit."""
    found: list[bytes] = []
    prev = "0" * 64
    for seq, leaf in enumerate(leaves):
        said = {**json.loads(leaf), "seq": seq, "prev": prev}
        found.append(json.dumps(said, separators=(",", ":"), sort_keys=True).encode())
        prev = hashlib.sha256(found[-1]).hexdigest()
    return found


def recommitted(copy: Copy) -> list[bytes]:
    """Give leaves that commit to the records as they are now."""
    leaves = (copy.root / "data/log/leaves.jsonl").read_bytes().splitlines()
    for place in copy.root.glob("data/e*/*/salt"):
        opening = entry.decode_opening(place.read_bytes())
        raw = (place.parent / "record.dsse.json").read_bytes()
        said = {**json.loads(leaves[opening.seq]), "commit": entry.commitment(opening.salt, raw).hex}
        leaves[opening.seq] = json.dumps(said, separators=(",", ":"), sort_keys=True).encode()
    return chained(leaves)


def everything_by_attacker(copy: Copy) -> None:
    """Sign all of it anew by other keys, put these beside, list and seal: consistent in itself."""
    for place in sorted(copy.root.glob("data/e*/*/record.dsse.json")):
        sign_record(copy, place.parent.relative_to(copy.root / "data").as_posix())
    rewrite_ledger(lambda _: recommitted(copy))(copy)
    origin = (copy.root / "data/log/checkpoint").read_text().split("\n")[0]
    vkey = note.encode_vkey(VerifierKey(name=origin, public_key=ATTACKER.public_key))
    blob = base64.b64encode(b"\0\0\0\x0bssh-ed25519\0\0\0 " + ATTACKER.public_key).decode()
    for path, content in {
        "trust/log.vkey": f"{vkey}\n".encode(),
        "trust/log.pem": public_pem(ATTACKER.public_key),
        "trust/investigator.pem": public_pem(ATTACKER.public_key),
        "trust/policy": f"log {vkey}\nquorum none\n".encode(),
        "trust/allowed_signers": f'investigator namespaces="archiver" ssh-ed25519 {blob}\n'.encode(),
    }.items():
        copy.write(path, content)
    seal_by_attacker(copy)


SHAPES: dict[str, Damage] = {
    "added to data": put("data/exhibits/0001/added.txt"),
    "added beside": put("added.txt"),
    "added in a folder of its own": put("data/exhibits/0009/record.dsse.json"),
    "added under the name of another, in capitals": put("data/exhibits/0001/TEXT.txt", b"x"),
    "added with a leading dot": put("data/.hidden"),
    "an empty folder added": lambda copy: (copy.root / "data/empty").mkdir(),
    "a link in place of a file": link("data/exhibits/0001/viewport.png"),
    "renamed": rename("data/exhibits/0001/viewport.png", "data/exhibits/0001/viewport.jpg"),
    "moved to another exhibit": rename("data/exhibits/0001/text.txt", "data/exhibits/0002/text.txt"),
    "two files of one exhibit swapped": swap("data/exhibits/0001/text.txt", "data/exhibits/0001/dom.html"),
    "two records swapped": swap("data/exhibits/0001/record.dsse.json", "data/exhibits/0002/record.dsse.json"),
    "two salts swapped": swap("data/exhibits/0001/salt", "data/exhibits/0002/salt"),
    "two leaves swapped": swap("data/exhibits/0001/entry.leaf", "data/exhibits/0002/entry.leaf"),
    "two proofs swapped": swap("data/exhibits/0001/entry.tlog-proof", "data/exhibits/0002/entry.tlog-proof"),
    "two tokens swapped": swap("data/events/0002/response.tsr", "data/events/0006/response.tsr"),
    "two checkpoints swapped": swap("data/log/checkpoints/7", "data/log/checkpoints/9"),
    "two consistency proofs swapped": swap("data/log/consistency/7-13", "data/log/consistency/9-13"),
    "the record of another exhibit grafted": graft,
    "a line of a list twice": edit_lines("manifest-sha256.txt", lambda lines: [lines[0], *lines]),
    "a line of a list left out": edit_lines("manifest-sha256.txt", lambda lines: lines[1:]),
    "two lines of a list in another order": edit_lines(
        "manifest-sha512.txt", lambda lines: [lines[1], lines[0], *lines[2:]]
    ),
    "a list with capitals in a digest": edit_lines("manifest-sha256.txt", lambda lines: [lines[0].upper(), *lines[1:]]),
    "the seal of nobody": put("tagmanifest-sha256.txt.sshsig"),
    "the last leaf dropped": edit_lines("data/log/leaves.jsonl", lambda lines: lines[:-1]),
    "the first leaf dropped": edit_lines("data/log/leaves.jsonl", lambda lines: lines[1:]),
    "two leaves in another order": edit_lines("data/log/leaves.jsonl", lambda lines: [lines[1], lines[0], *lines[2:]]),
    "a leaf twice": edit_lines("data/log/leaves.jsonl", lambda lines: [*lines, lines[-1]]),
    "a leaf spelt otherwise": edit_lines(
        "data/log/leaves.jsonl", lambda lines: [lines[0].replace(b":", b": ", 1), *lines[1:]]
    ),
    "rolled back to an older head": lambda copy: copy.write(
        "data/log/checkpoint", (copy.root / "data/log/checkpoints/9").read_bytes()
    ),
    "a head without its signature": edit_lines("data/log/checkpoint", lambda lines: lines[:4]),
    "a cosignature stripped of its note": edit_lines("data/events/0004/cosigned.note", lambda lines: lines[:-1]),
    "a count of entries": count("entries", 14),
    "a count of the withheld": count("withheld", 3),
    "a count of the erased": count("erased", 1),
    "a count of failures": count("failed_disclosed", 0),
    "a count of failures among the withheld": count("failed_withheld", 0),
    "a count by type": count("by_type", {"capture": 5, "export": 1, "session": 1, "timestamp": 5, "witness": 1}),
    "a count by a type that is none": count("by_type", {"nonsense": 13}),
    "another size": lambda copy: copy.edit(lambda said: said.update(size=12)),
    "another origin": lambda copy: copy.edit(lambda said: said.update(origin="archiver.invalid/" + "0" * 32)),
    "another export": lambda copy: copy.edit(lambda said: said.update(export_seq=3)),
    "another state": lambda copy: copy.edit(lambda said: said["exhibits"][1].update(state="ok")),
    "another citation": lambda copy: copy.edit(lambda said: said["exhibits"][0].update(citation_id="c99")),
    "another id": lambda copy: copy.edit(lambda said: said["exhibits"][0].update(id=said["exhibits"][1]["id"])),
    "another place": lambda copy: copy.edit(lambda said: said["exhibits"][0].update(seq=0)),
    "a field too many": lambda copy: copy.edit(lambda said: said.update(more=1)),
    "exhibits in another order": lambda copy: copy.edit(lambda said: said["exhibits"].reverse()),
    "no exhibits": lambda copy: copy.edit(lambda said: said.update(exhibits=[])),
    "bundle.json spelt otherwise": lambda copy: copy.write(
        "data/bundle.json", json.dumps(json.loads((copy.root / "data/bundle.json").read_bytes())).encode()
    ),
    "an exhibit left out": leave_out("exhibits", 2),
    "a timestamp left out": leave_out("events", 2),
    "the session left out": leave_out("events", 1),
    "a record signed by another": lambda copy: sign_record(copy, "exhibits/0001"),
    "the export signed by another": lambda copy: sign_record(copy, "events/0005"),
    "the ledger signed by another": rewrite_ledger(lambda leaves: leaves),
    "an entry dropped, the ledger made anew": rewrite_ledger(
        lambda leaves: chained([*leaves[:3], *leaves[4:], leaves[-1]])
    ),
    "two entries swapped, the ledger made anew": rewrite_ledger(
        lambda leaves: chained([leaves[0], leaves[3], leaves[2], leaves[1], *leaves[4:]])
    ),
    "an entry of another type, the ledger made anew": rewrite_ledger(
        lambda leaves: chained([re.sub(rb'"type":"capture"', b'"type":"custody"', one) for one in leaves])
    ),
}  # fmt: skip


_WAYS: dict[str, Callable[[str], Damage]] = {"a bit": flip, "dropped": drop, "cut": cut, "a byte more": lengthen}
_EVERY_WAY = (*LISTS, "bagit.txt", "data/bundle.json", "data/log/leaves.jsonl", "data/log/checkpoint")
# Damage that listing the bundle anew undoes, or that its maker may do.
_UNDONE = (
    *LISTS,
    "bag-info.txt",
    "added beside",
    "a line of a list",
    "two lines of a list",
    "a list with",
    "the seal of",
)


def folder_cases() -> dict[str, Damage]:
    """Give every damage of the files: as it is, listed and sealed anew by the maker, and by an attacker."""
    cases: dict[str, Damage] = {}
    for path in (*KINDS, *LISTS):
        ways = _WAYS if path in _EVERY_WAY else {"a bit": flip, "dropped": drop}
        cases.update({f"{path}: {name}": how(path) for name, how in ways.items()})
    cases.update(SHAPES)
    for name, damage in {**cases}.items():
        path, _, way = name.partition(": ")
        if not name.startswith(_UNDONE) and not KINDS.get(path) and way in ("", "a bit"):
            cases[f"{name}; listed anew by the maker"] = then(damage, anew)
    for name in ("data/exhibits/0001/viewport.png: a bit", "data/log/leaves.jsonl: a bit", "verify.py: a bit"):
        cases[f"{name}; listed anew by an attacker"] = then(cases[name], seal_by_attacker)
    cases["all signed anew by an attacker"] = everything_by_attacker
    cases["sealed by an attacker"] = seal_by_attacker
    return cases


def harmless_cases() -> dict[str, Damage]:
    """Give what the maker may write as they like: listed and sealed anew it is a bundle like any other."""
    free = (path for path, may in KINDS.items() if may and path != "bag-info.txt")
    return {f"{path}; listed anew by the maker": then(flip(path), anew) for path in free}
