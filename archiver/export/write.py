"""Write a bundle, as a folder or as a ZIP: beside its place first, flushed, then under its name (rule B15).

The lists of ``data/`` are made while its files are written. What the tag manifest lists besides is small and known
before; the seal comes last.
"""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from isal import isal_zlib

from archiver.export.member import Member, small
from archiver.formats import bag
from archiver.formats.bundle import DATA, check_path
from archiver.formats.zip_write import Packed, directory, local_head
from archiver.model.errors import Damaged, StoreError
from archiver.store import durable
from archiver.store.source import EvidenceSource

_BLOCK = 1 << 20
_POOL = ThreadPoolExecutor(max_workers=1)
Tell = Callable[[int, int], None]
"""Told how many bytes of ``data/`` are written, and of how many."""


Encrypt = Callable[[Path, Path], None]
"""Writes the first file encrypted to the second place."""


class Sink(Protocol):
    """Where the files of a bundle go, one after another in the order of their paths."""

    def add(self, path: str, size_bytes: int, blocks: Iterable[bytes]) -> None:
        """Write one file; raise StoreError if the disk refuses."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Bag:
    """A bundle that is to be written: the files under ``data/``, all others, and who seals the list of all."""

    payload: Sequence[Member]
    tags: Sequence[Member]
    software: str
    day: str
    identifier: str
    seal: Callable[[bytes], bytes]


class FolderSink:
    """A folder, each file flushed."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._folders: set[Path] = set()

    def add(self, path: str, size_bytes: int, blocks: Iterable[bytes]) -> None:  # noqa: ARG002 - a ZIP needs it
        """Write and flush one file."""
        place = self._root / path
        try:
            if place.parent not in self._folders:
                place.parent.mkdir(parents=True, exist_ok=True)
                self._folders.update(one for one in place.parents if one.is_relative_to(self._root))
            with place.open("xb") as file:
                for block in blocks:
                    file.write(block)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise _refused(place, error) from error

    def finish(self) -> None:
        """Flush the names of all files."""
        for folder in sorted(self._folders, reverse=True):
            durable.REAL_DISK.flush_folder(folder)


class ZipSink:
    """A ZIP of stored files in one folder. Checksums are written into the heads once the bytes have passed."""

    def __init__(self, file: BinaryIO, *, top: str) -> None:
        self._file = file
        self._top = top
        self._packed: list[Packed] = []

    def add(self, path: str, size_bytes: int, blocks: Iterable[bytes]) -> None:
        """Write one file, which must have this size."""
        at, crc = self._file.tell(), 0
        name = f"{self._top}/{path}"
        try:
            self._file.write(local_head(Packed(name=name, size_bytes=size_bytes, crc=0, offset=at)))
            for block in blocks:
                crc = isal_zlib.crc32(block, crc)
                self._file.write(block)
            end = self._file.tell()
            self._packed.append(Packed(name=name, size_bytes=size_bytes, crc=crc, offset=at))
            self._file.seek(at)
            self._file.write(local_head(self._packed[-1]))
            self._file.seek(end)
        except OSError as error:
            raise _refused(Path(path), error) from error

    def finish(self) -> None:
        """Write the directory and flush all of it."""
        self._file.write(directory(self._packed, start=self._file.tell()))
        self._file.flush()
        os.fsync(self._file.fileno())


def write_zip(target: Path, made: Bag, *, top: str, tell: Tell) -> None:
    """Write the bundle as a ZIP of this name, all in one folder ``top``. Raises as `write_folder` does."""
    with beside(target) as temporary:
        with temporary.open("xb") as file:
            sink = ZipSink(file, top=top)
            write_bag(sink, made, tell=tell)
            sink.finish()
        durable.publish_new(temporary, target)


def write_encrypted(target: Path, made: Bag, *, top: str, plain: Path, encrypt: Encrypt, tell: Tell) -> None:
    """Write the bundle as a ZIP to ``plain``, in scratch space, and encrypted to ``target``. Raises as `write_folder`.

    LIMIT: the plain ZIP is removed, not overwritten: a disk may keep what it held.
    """
    with beside(target) as temporary:
        try:
            write_zip(plain, made, top=top, tell=tell)
            encrypt(plain, temporary)
        finally:
            plain.unlink(missing_ok=True)
        durable.publish_new(temporary, target)


def write_folder(target: Path, made: Bag, *, tell: Tell) -> None:
    """Write the bundle as a folder of this name.

    Raises Conflict if something has the name, StoreError if the disk refuses, Damaged if a stored file is not what was
    recorded; then nothing of it is left.
    """
    with beside(target) as temporary:
        temporary.mkdir()
        sink = FolderSink(temporary)
        write_bag(sink, made, tell=tell)
        sink.finish()
        durable.publish_new(temporary, target)


def zip_folder(source: EvidenceSource, file: BinaryIO) -> None:
    """Write a bundle that is a folder as a ZIP, its files as they are; raise FormatError for a name that none has."""
    sink = ZipSink(file, top="bundle")
    for path in source.list():
        with source.open(path) as found:
            sink.add(check_path(path), source.size(path), iter(lambda: found.read(_BLOCK), b""))
    sink.finish()


@contextmanager
def beside(target: Path) -> Iterator[Path]:
    """Give a name beside the target's to write under; whatever is left there at the end is removed.

    What a killed export of the same target left is removed too.
    """
    temporary = durable.temporary_of(target)
    for left in target.parent.glob(f"{durable.PREFIX}*-{target.name}"):
        if durable.abandoned(left.name):
            _discard(left)
    try:
        yield temporary
    except OSError as error:
        raise _refused(target, error) from error
    finally:
        _discard(temporary)


def write_bag(sink: Sink, made: Bag, *, tell: Tell) -> None:
    """Write every file of the bundle into a sink, in the order of their paths, and the seal."""
    lists: dict[str, dict[str, str]] = {bag.SHA256_LIST: {}, bag.SHA512_LIST: {}}
    total = sum(one.size_bytes for one in made.payload)
    info = bag.BagInfo(
        software=made.software,
        day=made.day,
        identifier=made.identifier,
        payload_bytes=total,
        payload_files=len(made.payload),
    )
    tags = [
        *made.tags,
        small(bag.DECLARATION_FILE, bag.DECLARATION),
        small(bag.INFO, bag.encode_info(info)),
    ]
    tagged = {one.path: hashlib.sha256(b"".join(one.blocks())).hexdigest() for one in tags}
    done = 0
    for one in sorted((*made.payload, *tags, *_LATER), key=lambda each: each.path):
        if one.path in lists:
            tagged[one.path] = _put(sink, small(one.path, bag.encode_list(lists[one.path])))[0]
        elif one.path == bag.TAG_LIST:
            _put(sink, small(one.path, bag.encode_list(tagged)))
        elif one.path == bag.SEAL:
            _put(sink, small(one.path, made.seal(bag.encode_list(tagged))))
        elif one.path.startswith(f"{DATA}/"):
            found = _put(sink, one)
            lists[bag.SHA256_LIST][one.path], lists[bag.SHA512_LIST][one.path] = found
            done += one.size_bytes
            tell(done, total)
        else:
            _put(sink, one)


_LATER = tuple(small(path, b"") for path in (bag.SHA256_LIST, bag.SHA512_LIST, bag.TAG_LIST, bag.SEAL))
"""Where in the order of paths the lists come: all of ``data/`` is written by then."""


def _put(sink: Sink, member: Member) -> tuple[str, str]:
    """Write one file; give its SHA-256 and, for those under ``data/``, its SHA-512."""
    short, long = hashlib.sha256(), hashlib.sha512()

    def blocks() -> Iterator[bytes]:
        for block in member.blocks():
            # Two digests of one block at once: hashlib lets go of the interpreter while it works.
            beside = _POOL.submit(long.update, block) if len(block) == _BLOCK else None
            short.update(block)
            yield block
            if beside is None:
                long.update(block)
            else:
                beside.result()

    sink.add(member.path, member.size_bytes, blocks())
    if member.digest is not None and member.digest.hex != short.hexdigest():
        raise Damaged(
            f"{member.path}: the archived file has other bytes than were recorded ({member.digest})",
            hint="archiver verify says what differs; nothing was exported",
        )
    return short.hexdigest(), long.hexdigest()


def _refused(place: Path, error: OSError) -> StoreError:
    return StoreError(
        f"{place}: could not be written: {error.strerror or error}; what was begun is removed",
        hint="free space there, or choose another place with -o",
    )


def _discard(temporary: Path) -> None:
    if temporary.is_dir() and not temporary.is_symlink():
        shutil.rmtree(temporary, ignore_errors=True)
        return
    with suppress(OSError):  # nothing can be removed where nothing could be written
        temporary.unlink(missing_ok=True)
