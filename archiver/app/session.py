"""Open a session: its record, made before anything is captured, is younger than what authorities say of its nonce."""

from collections.abc import Sequence

from archiver.app.asking import ask_over
from archiver.app.clock import SystemClock
from archiver.app.config import TsaConfig
from archiver.app.home import Home
from archiver.app.ids import new_id, new_salt
from archiver.app.prepared import describe, prepare, scratch
from archiver.app.recording import OpenCase, finish
from archiver.app.tool import this_tool
from archiver.formats.manifest import statement_of
from archiver.model.digest import Digest
from archiver.model.errors import FormatError, SealError
from archiver.model.events import Bound, Session
from archiver.model.evidence import Artifact
from archiver.model.provenance import Recorded


def open_session(case: OpenCase, authorities: Sequence[TsaConfig], *, home: Home) -> Recorded | None:
    """Record a session whose nonce the authorities stamped; None where none is configured.

    It shows that this record, and so every later entry, was not made before those times: nobody else knew the
    nonce, and the tokens are in the record. It shows nothing of when a page was made. An authority that does not
    answer bounds nothing, and the session is recorded without it.
    """
    if not authorities:
        return None
    clock = SystemClock()
    identity, nonce = new_id(clock), new_salt()
    with scratch(case.scratch, identity) as folder:
        bounds: list[Bound] = []
        artifacts: list[Artifact] = []
        for tsa in authorities:
            try:
                answered = ask_over(Digest.of(nonce), tsa, home=home, folder=folder, tries=1, prefix=f"{tsa.name}-")
            except (SealError, FormatError):
                continue
            token = answered.token
            bounds.append(Bound(tsa_name=tsa.name, tsa_url=tsa.url, gen_time=token.gen_time, serial=token.serial))
            artifacts.extend(describe(piece) for piece in answered.pieces)
        session = Session(
            id=identity,
            case=case.name,
            at=clock.now(),
            nonce=nonce.hex(),
            tool=this_tool(),
            bounds=tuple(bounds),
            artifacts=tuple(artifacts),
        )
        return finish(case, prepare(folder, statement_of(session)))
