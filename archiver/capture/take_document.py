"""Take a source that is no page (PDF, picture, JSON, feed, video file) through the direct client, byte for byte."""

import asyncio
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

from archiver.capture.attempted import Attempted
from archiver.capture.direct import DirectClient
from archiver.capture.document import document
from archiver.capture.exchange import Recording
from archiver.capture.outcome import Seen, classify
from archiver.capture.pdf import pages_of
from archiver.capture.settle import Deadline
from archiver.model.evidence import EngineFacts, Method, Piece

_PDF = "application/pdf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What the direct client got: everything of the attempt but its WARC."""

    found: Attempted
    page_url: str


async def take_document(
    url: str, *, seen: Recording, client: DirectClient, deadline: Deadline, scratch: Path
) -> Document:
    """Fetch the document, and give it with its own file; of a PDF also pictures of its first pages, and its text.

    ``seen`` is what the browser saw before it left the document to this client. Raises StoreError if the disk refuses.
    """
    fetched = await asyncio.to_thread(client.fetch, url, timeout_s=deadline.left())
    recording = replace(fetched.recording, unrecorded=(*seen.unrecorded, *fetched.recording.unrecorded))
    main = recording.main
    file = document(main, scratch=scratch, max_bytes=client.max_bytes) if main else None
    whole = file is not None and main is not None and not main.truncated
    outcome = classify(
        Seen(
            requested_url=url,
            final_url=main.url if main else None,
            refusal=fetched.refusal,
            committed=main is not None and fetched.error is None,
            navigation_error=fetched.error,
            status=main.status if main else None,
            timed_out=main is not None and main.truncated == "time",
            too_large=main is not None and main.truncated == "length",
            missing=() if whole or main is None else ("document",),
        )
    )
    pieces: list[Piece] = [file] if file else []
    limits = ["browser_asked_first"]
    if file is not None and file.media_type == _PDF:
        made = await asyncio.to_thread(pages_of, file.path, scratch=scratch, timeout_s=deadline.left(at_most=30))
        pieces.extend(made.pieces)
        limits.extend(made.limits)
    engine = EngineFacts(name="requests", version=version("requests"), user_agent=client.user_agent)
    found = Attempted(
        method=Method.DIRECT,
        engine=engine,
        outcome=outcome,
        recording=recording,
        pieces=tuple(pieces),
        limits=tuple(limits),
    )
    return Document(found=found, page_url=main.url if main else url)
