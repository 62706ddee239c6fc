"""Every kind of file in every way, and every attack by its name: what is told is compared whole, as text."""

import random
import re

import pytest

from archiver.model.report import Level, Verdict
from tests.tamper.attacks import ATTACKS, COSIGNATURES, witnessed
from tests.tamper.matrix import (
    GOLDEN,
    KINDS,
    OPERATIONS,
    Whole,
    attacks,
    cases,
    flip,
    golden,
    path_of,
    read_whole,
    transcript,
)

SEED = 20_261_126
FLIPS = 100
# Whoever holds the keys can take the newest entries away with all that they are about: only a later checkpoint that an
# auditor or witness kept tells. What is left is not proven in time, and the level asked for does not pass.
WITHOUT_TRACE = {"timestamp stripped with its entry, the ledger signed anew"}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """The untouched workspace in memory; that it is whole is asserted first."""
    made = read_whole(tmp_path_factory.mktemp("matrix") / "made")
    report = made.verify(made.files)
    assert report.verdict is Verdict.PASS, transcript(report, made.names)
    return made


@pytest.fixture(scope="module")
def cosigned(whole: Whole) -> Whole:
    made = witnessed(whole)
    report = made.verify(made.files)
    assert report.verdict_of(Level.INDEPENDENCE) is Verdict.PASS, transcript(report, made.names)
    assert report.verdict is Verdict.PASS
    return made


def shape(path: str) -> str:
    """Give what sort of file a path is: its ending in the archive, its place in a case without ids and numbers."""
    if path.startswith("archive/"):
        return path.split(".", 1)[1]
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9]+", "N", path)


def test_the_matrix_has_every_kind_of_file_of_a_workspace(whole: Whole) -> None:
    assert len(cases()) > 150
    no_evidence = {"manifests/case-N/citations.yaml", "manifests/case-N/ledger/lock"}
    assert {shape(path) for path in whole.files} - no_evidence == {shape(path_of(whole, one)) for one in KINDS.values()}


@pytest.mark.parametrize(("kind", "operation"), cases())
def test_every_damage_is_a_failure(whole: Whole, kind: str, operation: str) -> None:
    damaged = OPERATIONS[operation](whole, kind)
    assert damaged != dict(whole.files), "nothing was damaged"
    assert whole.verify(damaged).verdict is Verdict.FAIL


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_told_of_every_damage_is_as_it_was(whole: Whole, kind: str) -> None:
    assert golden(whole, kind) == (GOLDEN / f"{kind}.txt").read_text(encoding="utf-8"), "python -m tests.tamper.matrix"


@pytest.mark.parametrize("kind", KINDS)
def test_a_flipped_bit_at_a_hundred_random_places_is_always_a_failure(whole: Whole, kind: str) -> None:
    path = path_of(whole, KINDS[kind])
    content = whole.files[path]
    seed = f"{SEED} {kind}"
    rng = random.Random(seed)
    print(f"seed {seed!r}")  # noqa: T201 - to do it again
    for _ in range(FLIPS):
        at, bit = rng.randrange(len(content)), rng.randrange(8)
        report = whole.verify({**whole.files, path: flip(content, at, bit)})
        assert report.verdict is Verdict.FAIL, (seed, at, bit)


@pytest.mark.parametrize("name", ATTACKS)
def test_every_attack_is_a_failure(whole: Whole, name: str) -> None:
    made = ATTACKS[name](dict(whole.files))
    assert made != dict(whole.files), "nothing was done"
    expected = Verdict.NOT_CHECKED if name in WITHOUT_TRACE else Verdict.FAIL
    assert whole.verify(made).verdict is expected


@pytest.mark.parametrize("name", COSIGNATURES)
def test_no_attack_on_a_cosignature_leaves_independence_proven(cosigned: Whole, name: str) -> None:
    made = COSIGNATURES[name](dict(cosigned.files))
    assert made != dict(cosigned.files), "nothing was done"
    assert cosigned.verify(made).verdict_of(Level.INDEPENDENCE) is not Verdict.PASS


def test_what_is_told_of_every_attack_is_as_it_was(whole: Whole, cosigned: Whole) -> None:
    assert attacks(whole, ATTACKS) == (GOLDEN / "attacks.txt").read_text(encoding="utf-8")
    assert attacks(cosigned, COSIGNATURES) == (GOLDEN / "cosignatures.txt").read_text(encoding="utf-8")
