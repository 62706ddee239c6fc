"""Every damage of a bundle, told by every verifier: archiver verify, verify.py, verify.html in one browser."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from tests.support.bundle_damage import (
    KINDS,
    LISTS,
    everything_by_attacker,
    folder_cases,
    harmless_cases,
)
from tests.support.bundle_verifiers import (
    LEVELS,
    UNCHECKED,
    Said,
    VerifyPage,
    by_archiver,
    by_verify_py,
    open_page,
    packed,
)
from tests.support.bundle_zip_damage import zip_cases
from tests.support.bundles import MadeBundle, copy_of, make_bundle

FOLDERS = folder_cases()
ZIPS = zip_cases()
HARMLESS = harmless_cases()

# What archiver verify alone looks into, once it is listed and sealed anew: WACZ files (docs/formats/bundle.md), and the
# witnesses' keys in trust/policy. The others know the digests of these files.
_ALONE = ("capture.wacz", "collection.wacz", "trust/policy")
# Where the first level that fails is not the same one, and why.
OTHER_LEVEL = {
    "data/events/0002/record.dsse.json: a bit; listed anew by the maker": "the statement's schema is archiver's alone",
}


def only_archiver(name: str) -> bool:
    return name.endswith("listed anew by the maker") and any(one in name for one in _ALONE)


def first(said: Said) -> str:
    """Give the lowest level that fails."""
    return next((level for level in LEVELS if said.levels[level] == "FAIL"), "none")


def test_the_matrix_has_a_row_for_every_kind_of_file(made_bundle: MadeBundle) -> None:
    def kind(name: str) -> str:
        return re.sub(r"[0-9]+", "N", name.rsplit("/", 1)[-1].removeprefix("first-").removeprefix("second-"))

    there = {kind(one.name) for one in made_bundle.bundle.rglob("*") if one.is_file()}
    assert there - {"second.pem"} == {kind(one) for one in (*KINDS, *LISTS)}
    assert len(FOLDERS) > 200
    assert len(ZIPS) > 35


@pytest.mark.parametrize("name", FOLDERS)
def test_no_verifier_misses_a_damaged_file(made_bundle: MadeBundle, tmp_path: Path, name: str) -> None:
    copy = copy_of(made_bundle, tmp_path)
    FOLDERS[name](copy)
    ours, theirs = by_archiver(copy.root, made_bundle.trust), by_verify_py(copy.root, made_bundle.trust)
    assert ours.verdict == "FAIL"
    if only_archiver(name):
        assert theirs.verdict == "PASS"
        return
    assert theirs.verdict == "FAIL"
    if name not in OTHER_LEVEL:
        assert first(theirs) == first(ours), (ours, theirs)


@pytest.mark.parametrize("name", ZIPS)
def test_no_verifier_misses_a_damaged_zip(made_bundle: MadeBundle, tmp_path: Path, name: str) -> None:
    place = tmp_path / "bundle.zip"
    place.write_bytes(ZIPS[name](made_bundle.bundle))
    ours, theirs = by_archiver(place, made_bundle.trust), by_verify_py(place, made_bundle.trust)
    assert (ours.verdict, theirs.verdict) == ("FAIL", "FAIL")
    assert first(ours) == first(theirs) == "L0"


@pytest.mark.parametrize("name", HARMLESS)
def test_no_verifier_cries_wolf_over_what_a_maker_may_write(made_bundle: MadeBundle, tmp_path: Path, name: str) -> None:
    copy = copy_of(made_bundle, tmp_path)
    HARMLESS[name](copy)
    assert by_archiver(copy.root, made_bundle.trust).verdict == "PASS"
    assert by_verify_py(copy.root, made_bundle.trust).verdict == "PASS"


def test_a_bundle_made_by_an_attacker_is_never_more_than_not_checked(made_bundle: MadeBundle, tmp_path: Path) -> None:
    copy = copy_of(made_bundle, tmp_path)
    everything_by_attacker(copy)
    for said in (by_archiver(copy.root, None), by_verify_py(copy.root, None)):
        assert (said.levels["L1"], said.levels["L2"]) == (UNCHECKED, UNCHECKED)
        assert said.levels["L3"] == "FAIL", "no authority stamps an older checkpoint for an attacker"


def test_without_trust_a_whole_bundle_is_not_checked_and_a_damaged_one_fails(
    made_bundle: MadeBundle, tmp_path: Path
) -> None:
    copy = copy_of(made_bundle, tmp_path)
    for ask in (by_archiver, by_verify_py):
        assert ask(copy.root, None).verdict == UNCHECKED
    FOLDERS["a record signed by another; listed anew by the maker"](copy)
    for ask in (by_archiver, by_verify_py):
        said = ask(copy.root, None)
        assert said.levels["L1"] == "FAIL"
        assert "manifest-signature" in said.failed


# --- verify.html: one browser for all --------------------------------------------------------------------------------

OF_PAGE = [
    *(name for name in FOLDERS if name.endswith(": a bit") or "anew" in name or ":" not in name),
    *(f"{name} (ZIP)" for name in ZIPS),
]


@pytest.fixture(scope="module")
def page() -> Iterator[VerifyPage]:
    """Give the page; the browser is opened once."""
    with open_page() as found:
        yield found


@pytest.fixture(scope="module")
def page_said(
    made_bundle: MadeBundle, page: VerifyPage, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Said]:
    """Give what the page says of a case."""
    folder = tmp_path_factory.mktemp("page")

    def ask(name: str) -> Said:
        case = folder / str(len(list(folder.iterdir())))
        case.mkdir()
        place = case / "bundle.zip"
        if name.endswith(" (ZIP)"):
            place.write_bytes(ZIPS[name.removesuffix(" (ZIP)")](made_bundle.bundle))
        else:
            copy = copy_of(made_bundle, case)
            FOLDERS[name](copy)
            place.write_bytes(packed(copy.root))
        return page.ask(place, made_bundle.trust)

    return ask


_NOT_IN_A_ZIP = ("an empty folder added", "a link in place of a file")


@pytest.mark.browser
@pytest.mark.parametrize("name", [one for one in OF_PAGE if not one.startswith(_NOT_IN_A_ZIP)])
def test_the_page_misses_nothing(
    made_bundle: MadeBundle, tmp_path: Path, page_said: Callable[[str], Said], name: str
) -> None:
    said = page_said(name)
    if only_archiver(name):
        assert said.verdict == "PASS"
        return
    assert said.verdict == "FAIL"
    if name in FOLDERS and name not in OTHER_LEVEL:
        copy = copy_of(made_bundle, tmp_path)
        FOLDERS[name](copy)
        assert first(said) == first(by_verify_py(copy.root, made_bundle.trust))


# --- no false alarm --------------------------------------------------------------------------------------------------


@pytest.mark.browser
def test_no_verifier_finds_anything_wrong_with_clean_bundles_of_random_shapes(page: VerifyPage, tmp_path: Path) -> None:
    random = Random(20261126)
    for number in range(4):
        sources = random.randint(1, 9)
        numbers = range(1, sources + 1)
        chosen = random.sample(numbers, random.randint(1, sources))
        failed = random.sample(numbers, random.randint(0, sources))
        folder = tmp_path / str(number)
        folder.mkdir()
        made = make_bundle(folder, sources=sources, citations=[f"c{one:02d}" for one in sorted(chosen)], failed=failed)
        place = folder / "bundle.zip"
        place.write_bytes(packed(made.bundle))
        for said in (
            by_archiver(made.bundle, made.trust),
            by_archiver(place, made.trust),
            by_verify_py(made.bundle, made.trust),
            by_verify_py(place, made.trust),
        ):
            assert dict(said.levels) == dict.fromkeys(LEVELS, "PASS"), (sources, chosen, failed, said)
        on_page = page.ask(place, made.trust)
        assert on_page.failed == frozenset(), (sources, chosen, failed, on_page)
        assert replace(on_page, levels={**on_page.levels, "L3": "PASS"}).verdict == "PASS"
