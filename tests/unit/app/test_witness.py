"""A second person cosigns: by file and over HTTP; what she must not sign she does not; the auditor's quorum decides."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from archiver.app.clock import SystemClock
from archiver.app.cosigner import follow, make_server, new_witness, open_cosigner, sign_request
from archiver.app.home import Home
from archiver.app.witness import add_cosigned, ask_witnesses, last_cosigned, make_request, name_witness
from archiver.formats import add_checkpoint, layout, note
from archiver.formats.checkpoint import encode as encode_checkpoint
from archiver.model.errors import Conflict, StoreError, UsageError
from archiver.model.provenance import Checkpoint, Note, NoteSignature
from archiver.model.report import Level, Report, Verdict
from archiver.proof.merkle import consistency, leaf_hash, root
from archiver.proof.signature import Ed25519Signer, cosigned_at, sign_note
from archiver.seal import keys
from archiver.seal.cosign import Cosigner
from archiver.store.witness_state import WitnessState
from tests.support.ledger_kit import CASE
from tests.support.own_case import SECRET, OwnCase, new_own_case
from tests.support.second import NAME, Second, sign_by_file


@pytest.fixture
def own(tmp_path: Path) -> OwnCase:
    made = new_own_case(tmp_path)
    for number in (1, 2):
        made.capture(number)
    return made


def named(own: OwnCase, second: Second, *, called: str = "second", url: str | None = None, quorum: int = 1) -> None:
    name_witness(own.workspace, CASE, name=called, vkey=second.vkey, url=url, quorum=quorum, home=own.home)


def verdicts(report: Report) -> dict[str, list[Verdict]]:
    found: dict[str, list[Verdict]] = {}
    for one in report.checks:
        if one.level is Level.INDEPENDENCE:
            found.setdefault(one.id, []).append(one.verdict)
    return found


def by_file(own: OwnCase, second: Second, folder: Path, *, called: str = "second") -> bytes:
    return sign_by_file(second, make_request(own.workspace, CASE, called), folder)


def test_a_checkpoint_is_cosigned_by_file_and_the_quorum_is_reached(own: OwnCase, tmp_path: Path) -> None:
    second = Second(tmp_path / "second", own)
    named(own, second)
    assert verdicts(own.verify()) == {"witness-quorum": [Verdict.NOT_CHECKED]}
    assert any("SPLIT VIEW NOT EXCLUDED" in line for line in own.verify().not_proven)
    cosigned = by_file(own, second, tmp_path)
    assert add_cosigned(own.open(), own.workspace, cosigned).seq == 2
    report = own.verify()
    assert own.problems() == []
    assert verdicts(report) == {"witness": [Verdict.PASS], "witness-quorum": [Verdict.PASS]}
    assert not any("SPLIT VIEW" in line for line in report.not_proven)
    own.capture(3)
    assert verdicts(own.verify())["witness-quorum"] == [Verdict.NOT_CHECKED], "a new entry nobody has seen"
    assert last_cosigned(own.workspace, CASE, "second") == 2
    again = by_file(own, second, tmp_path)
    assert add_checkpoint.decode((tmp_path / "request").read_bytes()).old_size == 2
    add_cosigned(own.open(), own.workspace, again)
    assert verdicts(own.verify())["witness-quorum"] == [Verdict.PASS]


def test_two_of_two_witnesses_are_needed_where_the_policy_says_so(own: OwnCase, tmp_path: Path) -> None:
    first, second = Second(tmp_path / "a", own), Second(tmp_path / "b", own, name="example.org/w2")
    named(own, first, called="first")
    named(own, second, called="second", quorum=2)
    add_cosigned(own.open(), own.workspace, by_file(own, first, tmp_path, called="first"))
    assert verdicts(own.verify())["witness-quorum"] == [Verdict.NOT_CHECKED]
    add_cosigned(own.open(), own.workspace, by_file(own, second, tmp_path, called="second"))
    assert verdicts(own.verify())["witness-quorum"] == [Verdict.PASS]


def test_a_witness_whom_the_auditor_does_not_name_counts_for_nothing(own: OwnCase, tmp_path: Path) -> None:
    second = Second(tmp_path / "second", own)
    named(own, second)
    add_cosigned(own.open(), own.workspace, by_file(own, second, tmp_path))
    own.home.trusted_policy(own.workspace.origin(CASE)).unlink()
    report = own.verify()
    assert verdicts(report) == {"witness": [Verdict.NOT_CHECKED], "witness-quorum": [Verdict.NOT_CHECKED]}


@pytest.mark.parametrize("damage", ["missing", "other", "no note"])
def test_a_cosigned_note_that_was_changed_is_named(own: OwnCase, tmp_path: Path, damage: str) -> None:
    second = Second(tmp_path / "second", own)
    named(own, second)
    add_cosigned(own.open(), own.workspace, by_file(own, second, tmp_path))
    (path,) = (own.workspace.root / "archive").rglob("*.note")
    raw = path.read_text()
    path.chmod(0o644)
    if damage == "missing":
        path.unlink()
    else:
        path.write_text(raw.replace("\n2\n", "\n1\n") if damage == "other" else "x")
    assert verdicts(own.verify())["witness"] == [Verdict.FAIL]


# --- what she must not sign --------------------------------------------------------------------------


def signed(own: OwnCase, leaves: list[bytes], *, signer: Ed25519Signer | None = None) -> Note:
    origin = own.workspace.origin(CASE)
    log = signer or keys.load(own.home.log_key(origin), SECRET)
    head = Checkpoint(origin=origin, size=len(leaves), root=root([leaf_hash(one) for one in leaves]))
    return sign_note(encode_checkpoint(head), origin, log)


def asked(cosigner: Cosigner, old: int, proof: tuple[bytes, ...], head: Note) -> tuple[int, bytes]:
    raw = add_checkpoint.encode(add_checkpoint.AddCheckpoint(old_size=old, proof=proof, checkpoint=head))
    answer = cosigner.add_checkpoint(raw)
    return answer.status, answer.body


def test_a_witness_answers_each_case_of_the_specification(own: OwnCase, tmp_path: Path) -> None:
    cosigner = Second(tmp_path / "second", own).cosigner
    leaves = [b"%d" % number for number in range(7)]
    hashes = [leaf_hash(one) for one in leaves]
    assert cosigner.add_checkpoint(b"nothing").status == 400
    assert asked(cosigner, 9, (), signed(own, leaves))[0] == 400, "old larger than the checkpoint"
    assert asked(cosigner, 0, (), signed(own, leaves, signer=Ed25519Signer.from_seed(b"x" * 32)))[0] == 403
    other = encode_checkpoint(Checkpoint(origin="other.org/log", size=1, root=b"r" * 32))
    assert asked(cosigner, 0, (), sign_note(other, "other.org/log", Ed25519Signer.from_seed(b"x" * 32)))[0] == 404
    assert asked(cosigner, 3, (), signed(own, leaves)) == (409, b"0\n")
    assert asked(cosigner, 0, (b"h" * 32,), signed(own, leaves[:4]))[0] == 422, "no proof belongs to size zero"
    assert asked(cosigner, 0, (), signed(own, leaves[:4]))[0] == 200
    assert asked(cosigner, 4, consistency(hashes, 4), signed(own, leaves))[0] == 200
    assert asked(cosigner, 7, (), signed(own, leaves))[0] == 200, "the same again"


def test_a_witness_signs_no_rolled_back_forked_or_inconsistent_tree(own: OwnCase, tmp_path: Path) -> None:
    cosigner = Second(tmp_path / "second", own).cosigner
    leaves = [b"%d" % number for number in range(7)]
    hashes = [leaf_hash(one) for one in leaves]
    forged = [*leaves[:3], b"forged", *leaves[4:]]
    assert asked(cosigner, 0, (), signed(own, leaves[:5]))[0] == 200
    assert asked(cosigner, 3, consistency(hashes[:5], 3), signed(own, leaves[:5])) == (409, b"5\n")
    assert asked(cosigner, 3, (), signed(own, leaves[:3])) == (409, b"5\n"), "rolled back"
    assert asked(cosigner, 5, (), signed(own, forged[:5])) == (409, b"5\n"), "two checkpoints of one size"
    wrong = consistency([leaf_hash(one) for one in forged], 5)
    assert asked(cosigner, 5, wrong, signed(own, forged))[0] == 422, "another history"
    assert asked(cosigner, 5, consistency(hashes, 5), signed(own, leaves))[0] == 200


def test_of_many_requests_at_once_no_two_trees_are_cosigned(own: OwnCase, tmp_path: Path) -> None:
    second = Second(tmp_path / "second", own)
    heads = [signed(own, [b"%d" % number, *[b"x"] * size]) for number in range(4) for size in range(4)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda head: asked(second.cosigner, 0, (), head)[0], heads))
    assert answers.count(200) == 1
    assert set(answers) == {200, 409}


def test_what_a_witness_signs_is_durable_before_it_is_signed(own: OwnCase, tmp_path: Path) -> None:
    second = Second(tmp_path / "second", own)

    class Broken(Ed25519Signer):
        def sign(self, message: bytes) -> bytes:  # noqa: ARG002 - it fails whatever it is
            raise KeyboardInterrupt

    broken = Broken(keys.load(second.home.witness_key, SECRET)._key)
    cosigner = Cosigner(name=NAME, signer=broken, state=WitnessState(second.home.witness_state), clock=SystemClock())
    head = signed(own, [b"1", b"2"])
    with pytest.raises(KeyboardInterrupt):
        asked(cosigner, 0, (), head)
    assert asked(second.cosigner, 0, (), signed(own, [b"other"])) == (409, b"2\n")
    assert asked(second.cosigner, 2, (), head)[0] == 200


def test_a_witness_whose_state_is_damaged_signs_nothing(own: OwnCase, tmp_path: Path) -> None:
    second = Second(tmp_path / "second", own)
    second.home.witness_state.write_bytes(b"not a database, but long enough to be read as one" * 100)
    with pytest.raises(StoreError, match="the witness's state"):
        asked(second.cosigner, 0, (), signed(own, [b"1"]))


# --- what is not taken back --------------------------------------------------------------------------


def test_what_is_no_cosignature_of_a_witness_of_this_case_is_not_recorded(own: OwnCase, tmp_path: Path) -> None:
    second, stranger = Second(tmp_path / "a", own), Second(tmp_path / "b", own, name="stranger.org/w")
    named(own, second)
    case = own.open()
    request = tmp_path / "request"
    request.write_bytes(make_request(own.workspace, CASE, "second"))
    with pytest.raises(UsageError, match="no valid cosignature by a witness"):
        add_cosigned(case, own.workspace, sign_request(stranger.cosigner, request))
    with pytest.raises(UsageError, match="not this ledger's checkpoint of 7"):
        add_cosigned(case, own.workspace, note.encode(signed(own, [b"%d" % number for number in range(7)])))
    with pytest.raises(UsageError, match="not this ledger's checkpoint of 2"):
        add_cosigned(case, own.workspace, note.encode(signed(own, [b"1", b"2"])))
    with pytest.raises(UsageError, match="no cosigned checkpoint"):
        add_cosigned(case, own.workspace, b"x")
    assert case.book.ledger.size() == 2


def test_a_cosignature_over_other_text_or_at_no_time_is_none(own: OwnCase, tmp_path: Path) -> None:
    second = Second(tmp_path / "second", own)
    found = note.decode(by_file(own, second, tmp_path, called="any"))
    key = note.decode_vkey(second.vkey, algorithm=note.COSIGNATURE)
    assert cosigned_at(found, key) is not None
    assert cosigned_at(Note(text=found.text.replace("\n2\n", "\n1\n"), signatures=found.signatures), key) is None
    line = found.signatures[-1]
    for signature in (b"\xff" * 8 + line.signature[8:], line.signature[:7], b"\0" * 8 + line.signature[8:]):
        other = NoteSignature(name=line.name, key_hash=line.key_hash, signature=signature)
        assert cosigned_at(Note(text=found.text, signatures=(other,)), key) is None


def test_names_and_keys_that_cannot_be_are_refused(own: OwnCase, tmp_path: Path) -> None:
    second = Second(tmp_path / "second", own)
    named(own, second)
    with pytest.raises(UsageError, match="this key stands in a line above"):
        named(own, second, called="again")
    with pytest.raises(UsageError, match="vkey"):
        name_witness(own.workspace, CASE, name="x", vkey="x", url=None, quorum=None, home=own.home)
    with pytest.raises(UsageError, match="key name"):
        new_witness(Home(root=tmp_path / "third"), SECRET, name="two words")
    with pytest.raises(Conflict):
        new_witness(second.home, SECRET, name="another")
    with pytest.raises(UsageError, match="ledger's key"):
        follow(second.home, second.vkey)
    with pytest.raises(UsageError, match="no witness yet"):
        open_cosigner(Home(root=tmp_path / "nobody"), SECRET)
    with pytest.raises(UsageError, match="cannot be read"):
        sign_request(second.cosigner, tmp_path / "absent")
    with pytest.raises(UsageError, match="the witness knows a tree of 9 entries"):
        make_request(own.workspace, CASE, "second", old_size=9)
    assert len(WitnessState(second.home.witness_state).followed()) == 1


def test_nothing_is_asked_about_a_ledger_without_entries(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="has no entry yet"):
        make_request(new_own_case(tmp_path).workspace, CASE, "second")


# --- over HTTP ---------------------------------------------------------------------------------------


@contextmanager
def serving(second: Second, told: list[str]) -> Iterator[str]:
    with make_server(second.cosigner, host="127.0.0.1", port=0, tell=told.append) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_witness_is_asked_over_http_and_its_answer_recorded(own: OwnCase, tmp_path: Path) -> None:
    second, told = Second(tmp_path / "second", own), list[str]()
    with serving(second, told) as url:
        named(own, second, url=f"{url}/")
        (done,) = ask_witnesses(own.open(), own.workspace)
        assert done.recorded is not None, done.problem
        assert ask_witnesses(own.open(), own.workspace) == (), "nothing that they have not seen"
        own.capture(3)
        assert ask_witnesses(own.open(), own.workspace)[0].size == 4
        # A ledger that forgot what the witness knows learns it from the answer.
        for path in (own.root / layout.EVENTS).iterdir():
            path.rename(tmp_path / path.name)
        raw = make_request(own.workspace, CASE, "second")
        assert add_checkpoint.decode(raw).old_size == 0
        answer = requests.post(f"{url}/add-checkpoint", data=raw, timeout=10)
        assert (answer.status_code, answer.text, answer.headers["Content-Type"]) == (409, "4\n", "text/x.tlog.size")
        for path in tmp_path.glob("*.dsse.json"):
            path.rename(own.root / layout.EVENTS / path.name)
        assert requests.post(f"{url}/other", data=raw, timeout=10).status_code == 404
        assert requests.post(f"{url}/add-checkpoint", data=b"x" * (200 << 10), timeout=10).status_code == 413
        second.home.witness_state.write_bytes(b"damaged " * 1000)
        assert requests.post(f"{url}/add-checkpoint", data=raw, timeout=10).status_code == 500
    assert any(line.startswith("200: ") for line in told)
    with pytest.raises(UsageError, match="--listen"):
        make_server(second.cosigner, host="127.0.0.1", port=99_999, tell=told.append)


def test_a_witness_that_does_not_answer_is_pending(own: OwnCase, tmp_path: Path) -> None:
    second = Second(tmp_path / "second", own)
    named(own, second, url="http://127.0.0.1:1")
    (done,) = ask_witnesses(own.open(), own.workspace)
    assert done.recorded is None
    assert "no answer" in done.problem
    assert own.open().book.ledger.size() == 2
