"""Read a bundle, as a folder or as a ZIP, and verify it: read-only and offline."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from archiver.model.errors import FormatError
from archiver.model.report import Level, Report
from archiver.store.source import EvidenceSource, FolderSource
from archiver.store.zip_source import ZipSource
from archiver.verify.bundle import Presented, is_bundle, unreadable_zip, verify_bundle
from archiver.verify.policy import Trust

_KEPT = "checkpoints"
_LIMIT_BYTES = 64 << 10


def is_bundle_folder(place: Path) -> bool:
    """Say whether a folder looks like a bundle."""
    return is_bundle(FolderSource(place))


def is_bundle_zip(file: BinaryIO, name: str) -> bool:
    """Say whether a ZIP looks like a bundle, or is called as one and cannot be read."""
    try:
        return is_bundle(ZipSource(file))
    except FormatError:
        return name.lower().endswith(".zip")
    finally:
        file.seek(0)


def verify_folder(place: Path, trust: Trust, required: Level, kept: Mapping[str, bytes]) -> Report:
    """Give the report over a bundle in a folder."""
    presented = Presented(name=place.name, kept=kept, empty=tuple(_empty_folders(place)))
    return verify_bundle(FolderSource(place), trust=trust, required=required, presented=presented)


def _empty_folders(place: Path) -> Iterator[str]:
    """Give each folder without anything in it: no list of files can name one (rule B2)."""
    for folder, folders, names in os.walk(place):
        if not folders and not names:
            yield Path(folder).relative_to(place).as_posix()


def verify_zip(file: BinaryIO, name: str, trust: Trust, required: Level, kept: Mapping[str, bytes]) -> Report:
    """Give the report over a bundle in a ZIP; one that cannot be read fails."""
    try:
        source = ZipSource(file)
    except FormatError as error:
        return unreadable_zip(error.message, name=name, required=required)
    presented = Presented(name=name, zip_problems=source.problems(), kept=kept)
    return verify_bundle(source, trust=trust, required=required, presented=presented)


def read_kept(folder: EvidenceSource) -> dict[str, bytes]:
    """Give the checkpoints that an auditor keeps in a trust folder, under ``checkpoints/``."""
    return {path: folder.read(path, limit_bytes=_LIMIT_BYTES) for path in folder.list(_KEPT)}
