"""A bundle is written once, in order, whole, and the same whatever its form."""

import zipfile
from functools import partial
from pathlib import Path

import pytest

from archiver.export.member import Member, Stored, small
from archiver.export.write import Bag, beside, write_folder, write_zip
from archiver.formats import bag
from archiver.model.digest import Digest
from archiver.model.errors import Conflict, Damaged, FormatError, StoreError
from archiver.store.durable import PREFIX

LARGE = bytes(range(256)) * 10_000


def made(folder: Path, *, digest: Digest | None = None) -> Bag:
    place = folder / "stored"
    place.write_bytes(LARGE)
    stored = Stored(path=place, size_bytes=len(LARGE), digest=digest or Digest.of(LARGE))
    return Bag(
        payload=[
            Member(path="data/z.wacz", parts=(b"head", stored, b"tail")),
            Member(path="data/a/large.bin", parts=(stored,)),
            small("data/bundle.json", b"{}"),
        ],
        tags=[small("verify.py", b"pass"), small("README-VERIFY.txt", b"read me")],
        software="test 1",
        day="2026-11-26",
        identifier="x",
        seal=lambda listed: b"sealed " + Digest.of(listed).hex.encode(),
    )


def silent(_: int, __: int) -> None:
    """Tell nobody."""


def files(root: Path) -> dict[str, bytes]:
    return {one.relative_to(root).as_posix(): one.read_bytes() for one in root.rglob("*") if one.is_file()}


def test_a_folder_and_a_zip_hold_the_same_files_and_equal_input_gives_equal_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_folder(tmp_path / name, made(tmp_path), tell=silent)
        write_zip(tmp_path / f"{name}.zip", made(tmp_path), top="case-1", tell=silent)
    assert files(tmp_path / "one") == files(tmp_path / "two")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as opened:
        inside = {one.removeprefix("case-1/"): opened.read(one) for one in opened.namelist()}
        assert opened.namelist() == sorted(opened.namelist())
    assert inside == files(tmp_path / "one")
    assert inside["data/z.wacz"] == b"head" + LARGE + b"tail"


def test_every_file_is_listed_and_the_seal_is_over_the_list_of_all(tmp_path: Path) -> None:
    write_folder(tmp_path / "b", made(tmp_path), tell=silent)
    found = files(tmp_path / "b")
    listed = bag.decode_list(found[bag.TAG_LIST], what="list", digits=64)
    payload = bag.decode_list(found[bag.SHA512_LIST], what="list", digits=128)
    assert {*listed, *payload, bag.TAG_LIST, bag.SEAL} == found.keys()
    assert all(Digest.of(found[path]).hex == digest for path, digest in listed.items())
    assert found[bag.SEAL] == b"sealed " + Digest.of(found[bag.TAG_LIST]).hex.encode()
    assert bag.decode_info(found[bag.INFO]).payload_bytes == sum(len(found[path]) for path in payload)


def test_progress_is_told_up_to_the_end(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    write_folder(tmp_path / "b", made(tmp_path), tell=lambda done, total: told.append((done, total)))
    total = 2 * len(LARGE) + len(b"headtail{}")
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1] == (total, total)


@pytest.mark.parametrize("write", ["folder", "zip"])
def test_a_stored_file_that_is_another_stops_it_and_nothing_is_left(tmp_path: Path, write: str) -> None:
    wrong = made(tmp_path, digest=Digest.of(b"another"))
    how = write_folder if write == "folder" else partial(write_zip, top="t")
    with pytest.raises(Damaged, match="other bytes than were recorded"):
        how(tmp_path / "b", wrong, tell=silent)
    assert [one.name for one in tmp_path.iterdir()] == ["stored"]


def test_a_name_that_somebody_takes_meanwhile_is_left_to_them(tmp_path: Path) -> None:
    def take(_: int, __: int) -> None:
        (tmp_path / "b").mkdir(exist_ok=True)
        (tmp_path / "b" / "theirs").write_bytes(b"x")

    with pytest.raises(Conflict, match="already there"):
        write_folder(tmp_path / "b", made(tmp_path), tell=take)
    assert files(tmp_path / "b") == {"theirs": b"x"}
    assert not list(tmp_path.glob(f"{PREFIX}*"))


def test_what_a_dead_process_left_is_removed_and_what_a_living_one_writes_is_not(tmp_path: Path) -> None:
    dead, living = tmp_path / f"{PREFIX}999999999-b", tmp_path / f"{PREFIX}1-b"
    dead.mkdir()
    (dead / "x").write_bytes(b"x")
    living.write_bytes(b"x")
    with beside(tmp_path / "b") as temporary:
        assert not temporary.exists()
    assert [one.name for one in tmp_path.iterdir()] == [living.name]


def test_an_error_of_the_disk_outside_the_files_is_told_as_one(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="could not be written"), beside(tmp_path / "b"):
        raise OSError(28, "No space left on device")


def test_a_member_has_a_path_that_a_bundle_can_have() -> None:
    with pytest.raises(FormatError, match="path in a bundle"):
        small("data/../x", b"")
