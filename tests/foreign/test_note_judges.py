"""Programs that are not ours judge checkpoints, proofs, cosignatures: openssl, signify, minisign, Go, proofbundle."""

import base64
import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pymerkle
import pytest

from archiver.app.cosigner import open_cosigner
from archiver.app.home import Home
from archiver.app.log import prove, write_proof
from archiver.app.witness import add_cosigned, make_request, name_witness
from archiver.formats import add_checkpoint, layout, note, proof
from archiver.formats.checkpoint import decode as decode_checkpoint
from archiver.formats.checkpoint import encode as encode_checkpoint
from archiver.model.instant import Instant
from archiver.model.provenance import Checkpoint, Note, VerifierKey
from archiver.proof.merkle import consistency, inclusion, leaf_hash, root
from archiver.proof.signature import Ed25519Signer, cosign_note, public_pem, sign_note
from tests.support.ledger_kit import CASE, LOG, ORIGIN, CaseKit, new_case
from tests.support.own_case import SECRET, new_own_case
from tests.support.second import Second

SIZE = 300
GO = """\
package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type question struct {
	Vkey, Note, Leaf, Old, New      string
	Index, Size, OldSize            int64
	Inclusion, Consistency          []string
}

func hash(text string) tlog.Hash {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(raw) != tlog.HashSize {
		panic("no hash")
	}
	var h tlog.Hash
	copy(h[:], raw)
	return h
}

func main() {
	var q question
	if err := json.NewDecoder(os.Stdin).Decode(&q); err != nil {
		panic(err)
	}
	verifier, err := note.NewVerifier(q.Vkey)
	if err != nil {
		panic(err)
	}
	_, signed := note.Open([]byte(q.Note), note.VerifierList(verifier))
	var path tlog.RecordProof
	for _, one := range q.Inclusion {
		path = append(path, hash(one))
	}
	var tree tlog.TreeProof
	for _, one := range q.Consistency {
		tree = append(tree, hash(one))
	}
	leaf, _ := base64.StdEncoding.DecodeString(q.Leaf)
	included := tlog.CheckRecord(path, q.Size, hash(q.New), q.Index, tlog.RecordHash(leaf))
	consistent := tlog.CheckTree(tree, q.Size, hash(q.New), q.OldSize, hash(q.Old))
	fmt.Println(signed == nil, included == nil, consistent == nil)
}
"""


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> CaseKit:
    made = new_case(tmp_path_factory.mktemp("judges"))
    made.record_all(range(SIZE))
    return made


def need(program: str, package: str) -> str:
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not on this machine (apt-get install {package})")
    return found


def run(*command: str | Path, message: bytes = b"") -> int:
    return subprocess.run(command, input=message, capture_output=True, check=False, timeout=120).returncode


def head_of(kit: CaseKit) -> Note:
    head = kit.book.ledger.head()
    assert head is not None
    return head


# --- Go's sumdb --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def go(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = need("go", "golang-go")
    if not Path("/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog").is_dir():
        pytest.skip("golang.org/x/mod is not on this machine (apt-get install golang-golang-x-mod-dev)")
    folder = tmp_path_factory.mktemp("go")
    (folder / "main.go").write_text(GO)
    environment = {
        "GO111MODULE": "off",
        "GOPATH": "/usr/share/gocode",
        "GOCACHE": str(folder / "cache"),
        "HOME": str(folder),
        "PATH": "/usr/bin:/bin",
        "GOFLAGS": "-p=1",
    }
    subprocess.run(
        [compiler, "build", "-o", folder / "judge", folder / "main.go"],
        env=environment,
        check=True,
        capture_output=True,
        timeout=300,
    )
    return folder / "judge"


def question(kit: CaseKit, *, index: int, old: int) -> dict[str, object]:
    leaves = kit.book.ledger.leaves()
    hashes = [leaf_hash(leaf) for leaf in leaves]

    def text(raw: bytes) -> str:
        return base64.b64encode(raw).decode()

    return {
        "Vkey": note.encode_vkey(VerifierKey(name=ORIGIN, public_key=LOG.public_key)),
        "Note": note.encode(head_of(kit)).decode(),
        "Leaf": text(leaves[index]),
        "Index": index,
        "Size": SIZE,
        "New": text(root(hashes)),
        "Inclusion": [text(one) for one in inclusion(hashes, index)],
        "OldSize": old,
        "Old": text(root(hashes[:old])),
        "Consistency": [text(one) for one in consistency(hashes, old)],
    }


def judged(go: Path, asked: dict[str, object]) -> list[str]:
    done = subprocess.run([go], input=json.dumps(asked), capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.split()


@pytest.mark.parametrize(("index", "old"), [(0, 1), (7, 255), (255, 256), (299, 299), (128, 300)])
def test_go_verifies_signature_inclusion_and_consistency(kit: CaseKit, go: Path, index: int, old: int) -> None:
    assert judged(go, question(kit, index=index, old=old)) == ["true", "true", "true"]


def test_go_refuses_a_forged_note_leaf_and_old_root(kit: CaseKit, go: Path) -> None:
    asked = question(kit, index=7, old=100)
    forged = sign_note(head_of(kit).text, ORIGIN, Ed25519Signer.from_seed(b"x" * 32))
    other = base64.b64encode(b"another leaf").decode()
    asked |= {"Note": note.encode(forged).decode(), "Leaf": other, "Old": base64.b64encode(b"r" * 32).decode()}
    assert judged(go, asked) == ["false", "false", "false"]


# --- one signature, three programs -------------------------------------------------------------------


def signed_text(kit: CaseKit, folder: Path) -> tuple[Path, bytes]:
    head = head_of(kit)
    (folder / "body").write_text(head.text)
    return folder / "body", head.signatures[0].signature


def test_openssl_verifies_the_checkpoint_and_refuses_another(kit: CaseKit, tmp_path: Path) -> None:
    body, signature = signed_text(kit, tmp_path)
    (tmp_path / "sig").write_bytes(signature)
    (tmp_path / "log.pem").write_bytes(public_pem(LOG.public_key))
    command = ("openssl", "pkeyutl", "-verify", "-pubin", "-inkey", tmp_path / "log.pem", "-rawin", "-sigfile")
    assert run(*command, tmp_path / "sig", "-in", body) == 0
    body.write_text(body.read_text().replace("\n300\n", "\n301\n"))
    assert run(*command, tmp_path / "sig", "-in", body) != 0


def test_signify_verifies_the_checkpoint_by_the_same_key_and_signature(kit: CaseKit, tmp_path: Path) -> None:
    program = need("signify-openbsd", "signify-openbsd")
    body, signature = signed_text(kit, tmp_path)
    number = b"archiver"
    for name, content in (("log.pub", LOG.public_key), ("body.sig", signature)):
        text = base64.b64encode(b"Ed" + number + content).decode()
        (tmp_path / name).write_text(f"untrusted comment: archiver\n{text}\n")
    command = (program, "-V", "-p", tmp_path / "log.pub", "-x", tmp_path / "body.sig", "-m", body)
    assert run(*command) == 0
    body.write_text(body.read_text() + "x")
    assert run(*command) != 0


def test_minisign_verifies_the_checkpoint_by_the_same_key_and_signature(kit: CaseKit, tmp_path: Path) -> None:
    program = need("minisign", "minisign")
    body, signature = signed_text(kit, tmp_path)
    number, remark = b"archiver", "size 300"
    public = base64.b64encode(b"Ed" + number + LOG.public_key).decode()
    over = LOG.sign(signature + remark.encode())
    lines = ["untrusted comment: archiver", base64.b64encode(b"Ed" + number + signature).decode()]
    lines += [f"trusted comment: {remark}", base64.b64encode(over).decode()]
    (tmp_path / "body.minisig").write_text("\n".join(lines) + "\n")
    command = (program, "-V", "-P", public, "-x", tmp_path / "body.minisig", "-m", body)
    assert run(*command) == 0
    body.write_text(body.read_text() + "x")
    assert run(*command) != 0


# --- a proof with a witness's quorum -----------------------------------------------------------------


def test_proofbundle_counts_our_cosignatures_and_misses_them_where_there_are_none(kit: CaseKit, tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("proofbundle")
    witness = Ed25519Signer.from_seed(b"w" * 32)
    name = "example.org/w1"
    leaves = kit.book.ledger.leaves()
    hashes = [leaf_hash(leaf) for leaf in leaves]
    head = head_of(kit)
    line = cosign_note(head.text, name, witness, at=Instant.parse("2026-11-26T08:00:00.000Z"))
    vkeys = [
        note.encode_vkey(VerifierKey(name=ORIGIN, public_key=LOG.public_key)),
        note.encode_vkey(VerifierKey(name=name, public_key=witness.public_key, algorithm=note.COSIGNATURE)),
    ]
    (tmp_path / "leaf").write_bytes(leaves[7])
    codes = []
    for lines in ((*head.signatures, line), head.signatures):
        made = proof.TlogProof(
            index=7, hashes=inclusion(hashes, 7), checkpoint=type(head)(text=head.text, signatures=lines)
        )
        (tmp_path / "proof").write_bytes(proof.encode(made))
        command = ("verify-proof", tmp_path / "proof", "--payload-file", tmp_path / "leaf", "--log-vkey", vkeys[0])
        codes.append(run(program, *command, "--witness-vkey", vkeys[1], "--threshold", "1"))
    assert codes[0] == 0
    assert codes[1] != 0


def test_proofbundle_counts_two_witnesses_in_a_proof_that_log_prove_wrote(tmp_path: Path) -> None:
    own = new_own_case(tmp_path / "own")
    for number in (1, 2, 3):
        own.capture(number)
    vkeys = []
    for called in ("first", "second"):
        witness = Second(tmp_path / called, own, name=f"example.org/{called}")
        vkeys.append(witness.vkey)
        name_witness(own.workspace, CASE, name=called, vkey=witness.vkey, url=None, quorum=1, home=own.home)
    # Both over one checkpoint: the second is asked before the first one's answer is an entry.
    requests = [make_request(own.workspace, CASE, called) for called in ("first", "second")]
    for called, request in zip(("first", "second"), requests, strict=True):
        cosigner = open_cosigner(Home(root=tmp_path / called), SECRET)
        answer = cosigner.add_checkpoint(request)
        signed = note.encode(add_checkpoint.decode(request).checkpoint) + answer.body
        add_cosigned(own.open(), own.workspace, signed)
    found = prove(own.workspace, CASE, "1")
    leaf, made = write_proof(found, tmp_path)
    log = (own.root / layout.LOG_VKEY).read_text().strip()
    program = Path(sys.executable).with_name("proofbundle")
    command: list[str | Path] = [program, "verify-proof", made, "--payload-file", leaf, "--log-vkey", log]
    for vkey in vkeys:
        command += ["--witness-vkey", vkey]
    assert run(*command, "--threshold", "2") == 0
    assert run(*command[:-2], "--threshold", "2") != 0, "one witness is no two"
    assert run(*command, "--threshold", "3") != 0
    leaf.write_bytes(leaf.read_bytes().replace(b'"seq":1', b'"seq":2'))
    assert run(*command, "--threshold", "2") != 0


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 1000, 3000])
def test_pymerkle_gives_the_same_roots(size: int) -> None:
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    leaves = [hashlib.sha256(b"%d" % number).digest() for number in range(size)]
    for leaf in leaves:
        tree.append_entry(leaf)
    assert tree.get_root() == root([leaf_hash(leaf) for leaf in leaves])


def test_a_checkpoint_that_go_would_write_is_ours(kit: CaseKit) -> None:
    found = decode_checkpoint(head_of(kit).text)
    assert encode_checkpoint(Checkpoint(origin=found.origin, size=found.size, root=found.root)) == head_of(kit).text
