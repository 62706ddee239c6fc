"""Where each citation of a case stands: captured, failed, pending a stamp, and where its files are."""

from dataclasses import dataclass

from archiver.app.cite import citations_of
from archiver.app.reading import captures, stamps
from archiver.app.stamp import unstamped_from
from archiver.app.workspace import Workspace
from archiver.formats import layout
from archiver.model.citation import Citation, Decision
from archiver.model.evidence import Capture, State
from archiver.store.ledger import LedgerFolder
from archiver.store.manifests import ManifestFolder


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One citation (or one URL captured without a citation) and its latest recorded attempt."""

    id: str
    kind: str
    url: str | None
    state: str
    reason: str | None
    attempts: int
    last_at: str | None
    stamp: str
    files: tuple[str, ...]
    capture_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseStatus:
    """All citations of a case and the state of its ledger."""

    case: str
    standings: tuple[Standing, ...]
    entries: int
    stamps: int
    pending_from: int | None
    unfinished: bool


def status_of(workspace: Workspace, case: str) -> CaseStatus:
    """Give where each citation stands. Read without verification, writes nothing, needs no key."""
    root = workspace.case_root(case)
    manifests = ManifestFolder(root)
    ledger = LedgerFolder(root)
    recorded = captures(manifests)
    done = stamps(manifests)
    pending_from = unstamped_from(ledger, done)
    seqs = ledger.openings()
    by_citation: dict[str, list[Capture]] = {}
    for one in recorded:
        by_citation.setdefault(one.citation_id or one.attempt.target.url, []).append(one)
    cited = citations_of(manifests).citations
    standings = [
        _standing(one.id, one, by_citation.pop(one.id, []), seqs=seqs, pending_from=pending_from) for one in cited
    ]
    standings += [
        _standing(name, None, attempts, seqs=seqs, pending_from=pending_from) for name, attempts in by_citation.items()
    ]
    return CaseStatus(
        case=case,
        standings=tuple(standings),
        entries=ledger.size(),
        stamps=len(done),
        pending_from=pending_from,
        unfinished=ledger.read_staged() is not None,
    )


def _standing(
    name: str,
    citation: Citation | None,
    attempts: list[Capture],
    *,
    seqs: dict[str, int],
    pending_from: int | None,
) -> Standing:
    latest = attempts[-1] if attempts else None
    best = next((one for one in reversed(attempts) if one.attempt.outcome.state is not State.FAILED), latest)
    url = citation.url if citation else (best.attempt.target.url if best else None)
    return Standing(
        id=name if citation else "-",
        kind=citation.kind if citation else "url",
        url=url,
        state=_state(best, citation, url),
        reason=best.attempt.outcome.reason if best else None,
        attempts=len(attempts),
        last_at=str(latest.attempt.finished_at) if latest else None,
        stamp=_stamp(best, seqs=seqs, pending_from=pending_from),
        files=tuple(layout.archive_path(one.digest, one.extension) for one in best.artifacts) if best else (),
        capture_id=best.id if best else None,
    )


def _state(capture: Capture | None, citation: Citation | None, url: str | None) -> str:
    if capture is None and citation is not None and citation.decision is Decision.ERASED:
        return "erased"
    if capture is not None:
        return {State.OK: "captured", State.PARTIAL: "partial", State.FAILED: "failed"}[capture.attempt.outcome.state]
    return "not captured" if url else "no URL"


def _stamp(capture: Capture | None, *, seqs: dict[str, int], pending_from: int | None) -> str:
    if capture is None:
        return "-"
    seq = seqs.get(layout.capture_envelope(capture.id))
    if seq is None:
        return "not recorded"
    return "pending" if pending_from is not None and seq >= pending_from else "stamped"
