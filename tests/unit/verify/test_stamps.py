"""Renewals, bounds and cosignatures that are well signed and wrong."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from archiver.app.prepared import describe
from archiver.formats import layout
from archiver.formats.renewed import encode_list
from archiver.model.digest import Digest
from archiver.model.events import Bound, Cosigned, Renewal, Session
from archiver.model.evidence import Artifact, Piece, Role
from archiver.model.instant import Instant
from archiver.model.report import Verdict
from archiver.proof import timestamp
from tests.support.ledger_kit import BEGIN, CASE, CaseKit, fixed_id, new_case, sample_capture
from tests.support.openssl_tsa import OpensslTsa
from tests.support.sealed_workspace import STAMP_ID, SealedWorkspace, make_sealed_workspace


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[SealedWorkspace, OpensslTsa]:
    folder = tmp_path_factory.mktemp("stamps")
    whole = make_sealed_workspace(folder / "whole")
    return whole, OpensslTsa(folder=folder / "tsa", root_pem=whole.tsa_root, intermediate_pem=b"")


@pytest.fixture
def whole(made: tuple[SealedWorkspace, OpensslTsa], tmp_path: Path) -> SealedWorkspace:
    return made[0].copy(tmp_path / "copy")


def stored(kit: CaseKit, name: str, content: bytes, role: Role) -> Artifact:
    path = kit.workspace.parent / name
    path.write_bytes(content)
    artifact = describe(Piece(role=role, name=name, media_type="application/octet-stream", path=path))
    kit.blobs.put_file(path, artifact.extension, expected=artifact.digest)
    return artifact


def renewal(kit: CaseKit, tsa: OpensslTsa, listed: bytes, *, of: str = STAMP_ID) -> Renewal:
    query = timestamp.request(Digest.of(listed), nonce=11)
    answer = tsa.answer(query)
    token = timestamp.read(answer)
    return Renewal(
        id=fixed_id(300),
        case=CASE,
        of=of,
        list_digest=Digest.of(listed),
        tsa_name="test",
        tsa_url="http://127.0.0.1/",
        gen_time=token.gen_time,
        serial=token.serial,
        received_at=token.gen_time,
        clock_difference_ms=0,
        artifacts=(
            stored(kit, "renewed.sha512", listed, Role.TIMESTAMP_LIST),
            stored(kit, "request.tsq", query, Role.TIMESTAMP_REQUEST),
            stored(kit, "response.tsr", answer, Role.TIMESTAMP_RESPONSE),
        ),
    )


def right_list(whole: SealedWorkspace) -> dict[str, str]:
    """Give the list of the files of the one timestamp."""
    paths = [whole.archived("tsq"), whole.archived("tsr"), whole.case_root / layout.checkpoint_of(3)]
    return {
        path.relative_to(whole.workspace).as_posix(): hashlib.sha512(path.read_bytes()).hexdigest() for path in paths
    }


def told(whole: SealedWorkspace, check: str, *, trust: Path | None = None) -> list[tuple[Verdict, str]]:
    return [(one.verdict, one.reason) for one in whole.verify(trust=trust).checks if one.id == check]


@pytest.mark.parametrize("wrong", ["", "a digest", "a file missing", "no list"])
def test_a_renewal_is_of_every_file_of_the_older_timestamp(
    made: tuple[SealedWorkspace, OpensslTsa], whole: SealedWorkspace, wrong: str
) -> None:
    listed = right_list(whole)
    if wrong == "a digest":
        listed |= dict.fromkeys(list(listed)[:1], "0" * 128)
    if wrong == "a file missing":
        listed.popitem()
    kit = new_case(whole.folder)
    raw = b"no list\n" if wrong == "no list" else encode_list(listed)
    kit.record_event(renewal(kit, made[1], raw))
    ((verdict, reason),) = told(whole, "renewal")
    expected = {
        "": (Verdict.PASS, "was whole at"),
        "a digest": (Verdict.FAIL, "is not what was renewed"),
        "a file missing": (Verdict.FAIL, "its list is not of the files of timestamp"),
        "no list": (Verdict.FAIL, "list of a renewal"),
    }[wrong]
    assert (verdict, expected[1] in reason) == (expected[0], True), reason


def test_a_renewal_of_a_renewal_lists_no_checkpoint(
    made: tuple[SealedWorkspace, OpensslTsa], whole: SealedWorkspace
) -> None:
    kit = new_case(whole.folder)
    first = renewal(kit, made[1], encode_list(right_list(whole)))
    kit.record_event(first)
    paths = [kit.workspace / layout.archive_path(one.digest, one.extension) for one in first.artifacts]
    listed = {
        path.relative_to(kit.workspace).as_posix(): hashlib.sha512(path.read_bytes()).hexdigest() for path in paths
    }
    second = renewal(kit, made[1], encode_list(listed), of=first.id)
    kit.record_event(replace(second, id=fixed_id(301)))
    assert [one[0] for one in told(whole, "renewal")] == [Verdict.PASS, Verdict.PASS]
    nobody = whole.folder / "nobody"
    nobody.mkdir()
    assert {one[0] for one in told(whole, "renewal", trust=nobody)} == {Verdict.NOT_CHECKED}


@pytest.mark.parametrize("nonce", ["ab" * 32, "no hex"])
def test_a_bound_over_another_nonce_is_none(
    made: tuple[SealedWorkspace, OpensslTsa], whole: SealedWorkspace, nonce: str
) -> None:
    kit = new_case(whole.folder)
    query = timestamp.request(Digest.of(b"the nonce"), nonce=11)
    answer = made[1].answer(query)
    token = timestamp.read(answer)
    kit.record_event(
        Session(
            id=fixed_id(300),
            case=CASE,
            at=BEGIN,
            nonce=nonce,
            tool=sample_capture(1).tool,
            bounds=(Bound(tsa_name="t", tsa_url="http://t/", gen_time=token.gen_time, serial=token.serial),),
            artifacts=(
                stored(kit, "t-request.tsq", query, Role.TIMESTAMP_REQUEST),
                stored(kit, "t-response.tsr", answer, Role.TIMESTAMP_RESPONSE),
            ),
        )
    )
    assert [one[0] for one in told(whole, "session-bound")] == [Verdict.FAIL]


def test_a_cosignature_without_its_note_is_told(whole: SealedWorkspace) -> None:
    kit = new_case(whole.folder)
    digest = Digest.of(kit.book.ledger.checkpoint_bytes(3))
    kit.record_event(
        Cosigned(
            id=fixed_id(300),
            case=CASE,
            at=BEGIN,
            checkpoint_size=3,
            checkpoint_digest=digest,
            witness="w",
            cosigned_at=Instant(0),
            artifacts=(stored(kit, "other.txt", b"x", Role.TEXT),),
        )
    )
    ((verdict, reason),) = told(whole, "witness")
    assert (verdict, "names no cosigned checkpoint" in reason) == (Verdict.FAIL, True)


def test_a_revocation_list_without_its_chain_is_told(
    made: tuple[SealedWorkspace, OpensslTsa], whole: SealedWorkspace
) -> None:
    kit = new_case(whole.folder)
    one = renewal(kit, made[1], encode_list(right_list(whole)))
    crl = stored(kit, "revocation.crl", b"x", Role.TIMESTAMP_REVOCATION)
    kit.record_event(replace(one, artifacts=(*one.artifacts, crl)))
    ((verdict, reason),) = told(whole, "timestamp-revocation")
    assert (verdict, "names no timestamp_chain" in reason) == (Verdict.FAIL, True)
