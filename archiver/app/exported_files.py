"""The bytes that go into a bundle: archived files, or publishable copies of them made for this export alone."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from archiver.app.clock import SystemClock
from archiver.app.tool import this_tool
from archiver.app.workspace import Workspace
from archiver.export.member import Stored
from archiver.export.select import Held
from archiver.export.strip import Stripped, strip_warc
from archiver.formats import layout
from archiver.model.events import Derived
from archiver.model.evidence import Artifact, Role

Stripping = Mapping[tuple[int, str], tuple[Artifact, Stripped]]
"""The originals and their copies, by entry and name of the file."""


def software() -> str:
    """Give how this program calls itself in files that it makes."""
    return f"archiver {this_tool().version}"


def stored(workspace: Workspace, artifact: Artifact) -> Stored:
    """Give an archived file."""
    path = workspace.archive_root / layout.archive_path(artifact.digest, artifact.extension)
    return Stored(path=path, size_bytes=artifact.size_bytes, digest=artifact.digest)


def strip_all(workspace: Workspace, chosen: Sequence[Held], folder: Path) -> Stripping:
    """Make copies without credentials of those WARC files of these captures that hold any."""
    found: dict[tuple[int, str], tuple[Artifact, Stripped]] = {}
    for one in chosen:
        for artifact in one.predicate.artifacts:
            if artifact.role is Role.WARC:
                place = folder / f"{one.seq}-{len(found)}.warc.gz"
                made = strip_warc(stored(workspace, artifact), place, software=software(), at=SystemClock().now())
                if made is not None:
                    found[one.seq, artifact.name] = (artifact, made)
    return found


def derivatives(found: Stripping) -> tuple[Derived, ...]:
    """Give what the export's entry says of the copies."""
    return tuple(
        Derived(
            seq=seq,
            name=name,
            original=artifact.digest,
            digest=made.stored.digest,
            size_bytes=made.stored.size_bytes,
            removed=made.removed,
        )
        for (seq, name), (artifact, made) in sorted(found.items())
    )


def find_bytes(workspace: Workspace, found: Stripping, held: Held, artifact: Artifact) -> Stored:
    """Give the copy of a file of an entry where there is one, else the archived file."""
    copy = found.get((held.seq, artifact.name))
    return copy[1].stored if copy is not None else stored(workspace, artifact)
