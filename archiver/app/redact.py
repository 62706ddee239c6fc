"""Make a redacted copy of a capture's file and record it: an annotation whose artifact is the copy."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from archiver.app.clock import SystemClock
from archiver.app.ids import new_id
from archiver.app.prepared import describe, prepare, scratch
from archiver.app.reading import captures
from archiver.app.recording import OpenCase, finish
from archiver.app.report import read_artifact
from archiver.app.workspace import Workspace
from archiver.export.redaction import redact_picture, redact_text
from archiver.formats import layout
from archiver.formats.manifest import statement_of
from archiver.model.digest import Digest
from archiver.model.errors import UsageError
from archiver.model.events import Annotation, Redaction, Region, Stretch
from archiver.model.evidence import Artifact, Capture, Piece, Role
from archiver.model.provenance import Recorded

_PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")


@dataclass(frozen=True, slots=True, kw_only=True)
class ToRedact:
    """What is to be taken out of which file, by whom, why. Regions for a picture, stretches for a text."""

    capture: str
    artifact: str
    reason: str
    by: str | None = None
    regions: tuple[Region, ...] = ()
    stretches: tuple[Stretch, ...] = ()


def redact(workspace: Workspace, open_it: Callable[[], OpenCase], asked: ToRedact) -> tuple[Recorded, Artifact]:
    """Record a redacted copy; give its place in the ledger and the copy.

    The original and its digest stay as they are. Raises UsageError for a capture, file, region or stretch that is
    not there, Damaged or FormatError where the original's bytes are not those that were recorded.
    """
    if not asked.reason.strip():
        raise UsageError("a redaction says why")
    if bool(asked.regions) is bool(asked.stretches):
        raise UsageError("expected --region for a picture or --span for a text, one of the two")
    case = open_it()
    seq, original = _original(case, asked)
    content = read_artifact(workspace, original)
    clock = SystemClock()
    at = clock.now()
    if original.media_type in _PICTURES and asked.regions:
        made = redact_picture(content, asked.regions, by=asked.by, reason=asked.reason, at=at)
        name, media_type = f"redacted-{original.name.rpartition('.')[0] or original.name}.png", "image/png"
    elif original.media_type == "text/plain" and asked.stretches:
        made = redact_text(content, asked.stretches, by=asked.by, reason=asked.reason, at=at)
        name, media_type = f"redacted-{original.name}", "text/plain"
    else:
        raise UsageError(
            f"{original.name}: a region is of a picture and a span of plain text; it is {original.media_type}"
        )
    identity = new_id(clock)
    with scratch(case.scratch, identity) as folder:
        path = folder / name
        path.write_bytes(made)
        copy = describe(Piece(role=Role.REDACTED, name=name, media_type=media_type, path=path, made_from=original.name))
        note = Annotation(
            id=identity, case=case.name, at=at, entries=(seq,), text=asked.reason, by=asked.by,
            redaction=Redaction(
                of=asked.capture, artifact=original.name, original=Digest.of(content),
                regions=asked.regions, stretches=asked.stretches,
            ),
            artifacts=(copy,),
        )  # fmt: skip
        return finish(case, prepare(folder, statement_of(note))), copy


def _original(case: OpenCase, asked: ToRedact) -> tuple[int, Artifact]:
    """Give the capture's entry and the file; raise UsageError if there is none."""
    found = next((one for one in captures(case.book.manifests) if one.id == asked.capture), None)
    seq = case.book.ledger.openings().get(layout.capture_envelope(asked.capture)) if found else None
    if found is None or seq is None:
        raise UsageError(f"no capture {asked.capture[:80]!r} in this case", hint="archiver status --files names them")
    return seq, _file(found, asked.artifact)


def _file(capture: Capture, name: str) -> Artifact:
    named = {one.name: one for one in capture.artifacts}
    if name not in named:
        raise UsageError(f"{capture.id} has no file {name[:80]!r}; it has: {', '.join(named)}")
    return named[name]


def parse_pairs(texts: Sequence[str], *, count: int, flag: str, marks: str) -> tuple[tuple[int, ...], ...]:
    """Give whole numbers written as ``left,top,width,height`` or ``start-end``; raise UsageError else."""
    return tuple(map(partial(_numbers, count=count, flag=flag, marks=marks), texts))


def _numbers(text: str, *, count: int, flag: str, marks: str) -> tuple[int, ...]:
    parts = text.split(marks)
    if len(parts) != count or not all(one.isascii() and one.isdecimal() and len(one) < 10 for one in parts):  # noqa: PLR2004 - no picture or text is longer
        raise UsageError(f"{flag}: expected {count} whole numbers joined by {marks!r}, found {text[:60]!r}")
    return tuple(map(int, parts))
