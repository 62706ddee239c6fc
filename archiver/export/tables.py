"""The tables of a bundle: custody, digests, a load file for a review platform. They repeat the records (rule B16)."""

from collections.abc import Iterator, Sequence

from archiver.export.member import Member, Stored, small
from archiver.export.select import Held
from archiver.formats import bundle, table
from archiver.model.bundle import Exhibit
from archiver.model.events import Cosigned, Custody, Event, Export, KeyEvent, Observation, Renewal
from archiver.model.evidence import Capture
from archiver.model.instant import Instant
from archiver.model.provenance import Stamp

_CUSTODY = ("ENTRY", "TIME_UTC", "EVENT", "DETAIL", "BY", "TO", "REASON", "MANIFEST_ID", "FILE")
_HASHES = ("FILE", "BYTES", "SHA256", "EXHIBIT", "ROLE", "MEDIA_TYPE")
_LOAD = (
    "BEGDOC", "ENDDOC", "EXHIBIT", "ENTRY", "CITATION", "STATE", "REASON", "URL", "FINAL_URL", "TITLE_CLAIMED",
    "PUBLISHED_CLAIMED", "CAPTURE_BEGAN_UTC", "CAPTURE_ENDED_UTC", "HTTP_STATUS", "REMOTE_IP", "CUSTODIAN",
    "CAPTURE_ID", "NATIVE_FILE", "NATIVE_SHA256", "IMAGE_FILE", "TEXT_FILE",
)  # fmt: skip


def table_members(
    exhibits: Sequence[tuple[Exhibit, Held]], events: Sequence[tuple[str, Held]], files: Sequence[Member]
) -> Iterator[Member]:
    """Give the three tables. ``events`` are folders with what lies in them, ``files`` those of the exhibits."""
    yield small(bundle.CUSTODY_TABLE, table.encode(_CUSTODY, _custody(exhibits, events)))
    yield small(bundle.HASH_TABLE, table.encode(_HASHES, _hashes(exhibits, files)))
    yield small(bundle.LOAD_TABLE, table.encode(_LOAD, (_load(exhibit, held) for exhibit, held in exhibits)))


def _custody(
    exhibits: Sequence[tuple[Exhibit, Held]], events: Sequence[tuple[str, Held]]
) -> Iterator[tuple[str | int | None, ...]]:
    folders = [(bundle.exhibit_folder(one.number), held) for one, held in exhibits]
    for folder, held in sorted((*folders, *events), key=lambda each: each[1].seq):
        found = held.predicate
        at, event, detail = _told(held)
        by = found.by if isinstance(found, Custody) else _collector(held)
        to = found.to if isinstance(found, Custody) else found.recipient if isinstance(found, Export) else None
        reason = found.reason if isinstance(found, Custody) else None
        yield held.seq, str(at), event, detail, by, to, reason, found.id, f"{folder}/{bundle.RECORD}"


def _collector(held: Held) -> str | None:
    found = held.predicate
    return found.collector.name if isinstance(found, Capture) and found.collector else None


def _told(held: Held) -> tuple[Instant, str, str]:
    match held.predicate:
        case Capture() as found:
            outcome = found.attempt.outcome
            return found.attempt.finished_at, "capture", f"{outcome.state}: {found.attempt.target.url}"
        case Stamp() as found:
            return found.gen_time, "timestamp", f"{found.tsa_name} over {found.checkpoint_size} entries"
        case Renewal() as found:
            return found.gen_time, "renewal", f"{found.tsa_name} over timestamp {found.of}"
        case Cosigned() as found:
            return found.cosigned_at, "cosignature", f"{found.witness} over {found.checkpoint_size} entries"
        case found:
            return found.at, *_event(found)


def _event(found: Event) -> tuple[str, str]:
    match found:
        case Custody():
            return found.action.value, ", ".join(map(str, found.entries)) or "the whole case"
        case KeyEvent():
            return "key event", f"{found.action} {found.role} key {found.short_key}"
        case Export():
            return "export", f"{found.bundle_name}: {len(found.disclosed)} entries of {found.checkpoint_size} opened"
        case Observation():
            return "observation", f"{found.presence}: {found.url}"
        case _:
            return type(found).__name__.lower(), ""


def _hashes(
    exhibits: Sequence[tuple[Exhibit, Held]], files: Sequence[Member]
) -> Iterator[tuple[str | int | None, ...]]:
    by_path = {one.path: one for one in files}
    for exhibit, held in exhibits:
        for artifact in held.predicate.artifacts:
            path = f"{bundle.exhibit_folder(exhibit.number)}/{artifact.name}"
            stored = by_path[path].parts[0]
            assert isinstance(stored, Stored), "an artifact is one stored file"
            yield (
                path,
                stored.size_bytes,
                stored.digest.hex,
                exhibit.number,
                artifact.role.value,
                artifact.media_type,
            )


def _load(exhibit: Exhibit, held: Held) -> tuple[str | int | None, ...]:
    found = held.predicate
    assert isinstance(found, Capture), "an exhibit is a capture"
    attempt, folder = found.attempt, bundle.exhibit_folder(exhibit.number)
    response, page = attempt.response, attempt.page
    number = f"EX{exhibit.number:04d}"
    first = {artifact.role.value.partition("_")[0]: artifact for artifact in reversed(found.artifacts)}
    native = first.get("warc") or first.get("document")

    def path(role: str) -> str | None:
        return f"{folder}/{first[role].name}" if role in first else None

    return (
        number,
        number,
        exhibit.number,
        held.seq,
        found.citation_id,
        attempt.outcome.state.value,
        attempt.outcome.reason,
        attempt.target.url,
        response.final_url if response else None,
        page.title if page else None,
        page.published_claimed if page else None,
        str(attempt.started_at),
        str(attempt.finished_at),
        response.status if response else None,
        response.remote_ip if response else None,
        _collector(held),
        found.id,
        f"{folder}/{native.name}" if native else None,
        native.digest.hex if native else None,
        path("screenshot"),
        path("text"),
    )
