"""A bundle of a small case of a person's own, through the program's own writers, without a browser.

``python -m tests.support.bundles OUT`` makes one to look at: OUT/bundle, OUT/bundle.zip and OUT/trust.
"""

import hashlib
import json
import shutil
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from archiver.app.bundle import verify_folder
from archiver.app.cosigner import follow, new_witness, open_cosigner, sign_request
from archiver.app.export import Exported, Order, export
from archiver.app.home import Home
from archiver.app.prepared import describe, prepare, scratch
from archiver.app.recording import OpenCase, finish
from archiver.app.session import open_session
from archiver.app.stamp import stamp_case
from archiver.app.tsa import add_tsa
from archiver.app.witness import add_cosigned, make_request, name_witness
from archiver.export.select import Wanted
from archiver.formats import bag, bundle, canonical, layout
from archiver.formats.manifest import statement_of
from archiver.formats.warc import Head, WarcWriter
from archiver.model.evidence import Outcome, Piece, Reason, Role, State, WarcFacts
from archiver.model.instant import Instant
from archiver.model.provenance import Recorded, Signer
from archiver.model.report import Level, Report
from archiver.proof.signature import sign_file
from archiver.seal import keys
from archiver.store.source import FolderSource
from archiver.verify.policy import Trust, read_trust
from tests.support.ledger_kit import CASE, fixed_id, sample_capture
from tests.support.own_case import SECRET, OwnCase, new_own_case
from tests.support.tsa_server import TsaServer, serve_tsa

AUTHORITIES = ("first", "second")


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeBundle:
    """A bundle as a folder, the case that it is of, and the trust of an auditor who believes its maker."""

    own: OwnCase
    exported: Exported
    trust: Path

    @property
    def bundle(self) -> Path:
        """Give the bundle's folder."""
        return self.exported.path


def url_of(number: int) -> str:
    """Give the address of a source."""
    return f"https://example.org/source-{number:04d}/page.html"


def body_of(number: int) -> bytes:
    """Give the page of a source: enough words that its size is its own."""
    words = "كلمة " * (number + 3)
    return (
        '<!doctype html><html lang="ar" dir="rtl"><head><meta charset="utf-8">'
        f"<title>Source {number:04d}</title></head><body><h1>Source {number:04d}</h1><p>مرحبا {words}</p></body></html>"
    ).encode()


def picture_of(number: int) -> bytes:
    """Give a small picture of a source."""
    image = Image.new("RGB", (320, 200), (240, 240, 200 + number % 50))
    ImageDraw.Draw(image).text((20, 80), f"Source {number:04d}", fill=(10, 10, 10))
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def warc_of(number: int, *, extra: bytes = b"") -> tuple[bytes, WarcFacts]:
    """Give a WARC with a warcinfo, the page, its request, and its text; ``extra`` is one response more."""
    out = BytesIO()
    ids = iter(f"<urn:uuid:00000000-0000-4000-8000-{number:06d}{step:06d}>" for step in range(10))
    warc = WarcWriter(out, new_id=lambda: next(ids))
    at = Instant.parse("2026-11-24T10:00:00.000Z")
    warc.info({"software": "test"}, at=at, filename="capture.warc.gz")
    body, url = body_of(number), url_of(number)
    head = Head(start_line="HTTP/1.1 200 OK", headers=[("Content-Type", "text/html; charset=utf-8")])
    main = warc.response(url, head, at=at, body=BytesIO(body), size_bytes=len(body))
    request = Head(
        start_line="GET / HTTP/1.1", headers=[("Host", "example.org"), ("Cookie", f"session=secret-{number}")]
    )
    warc.request(url, request, at=at, body=b"", concurrent_to=main)
    picture = picture_of(number)
    warc.resource(f"urn:view:{url}", "image/png", BytesIO(picture), size_bytes=len(picture), at=at)
    small = BytesIO()
    Image.open(BytesIO(picture)).resize((640, 360)).save(small, "JPEG")
    warc.resource(f"urn:thumbnail:{url}", "image/jpeg", BytesIO(small.getvalue()), size_bytes=small.tell(), at=at)
    if extra:
        kind = Head(start_line="HTTP/1.1 200 OK", headers=[("Content-Type", "application/octet-stream")])
        warc.response(f"{url}.bin", kind, at=at, body=BytesIO(extra), size_bytes=len(extra))
    facts = WarcFacts(records=warc.count, exchanges=1, main_record_id=main, recorder="cdp", payload_form="decoded")
    return out.getvalue(), facts


def capture_source(
    own: OwnCase | OpenCase,
    number: int,
    *,
    session: str | None = None,
    failed: bool = False,
    extra: bytes = b"",
) -> Recorded:
    """Record a capture of a source with WARC, picture and text; a failed one has no file."""
    case = own.open() if isinstance(own, OwnCase) else own
    with scratch(case.scratch, fixed_id(number)) as folder:
        warc, facts = warc_of(number, extra=extra)
        files = [
            (Role.WARC, "capture.warc.gz", "application/warc", warc),
            (Role.SCREENSHOT_VIEWPORT, "viewport.png", "image/png", picture_of(number)),
            (Role.TEXT, "text.txt", "text/plain", f"Source {number:04d}\nمرحبا".encode()),
            (Role.DOM, "dom.html", "text/html", body_of(number)),
        ]
        pieces = []
        for role, name, media_type, content in files if not failed else ():
            path = folder / name
            path.write_bytes(content)
            pieces.append(Piece(role=role, name=name, media_type=media_type, path=path))
        capture = sample_capture(number, artifacts=tuple(describe(one) for one in pieces), url=url_of(number))
        outcome = (
            Outcome(state=State.FAILED, reason=Reason.GONE, rests_on="status 410")
            if failed
            else Outcome(state=State.OK)
        )
        attempt = replace(capture.attempt, warc=None if failed else facts, outcome=outcome)
        return finish(case, prepare(folder, statement_of(replace(capture, attempt=attempt, session=session))))


def make_case(
    folder: Path, *, sources: int, failed: Sequence[int] = (), authorities: Sequence[TsaServer] = ()
) -> OwnCase:
    """Make a case with a session, so many sources, a timestamp by each authority, and a witness's cosignature."""
    own = new_own_case(folder)
    for name, tsa in zip(AUTHORITIES, authorities, strict=False):
        roots = folder / f"{name}.pem"
        roots.write_bytes(tsa.tsa.root_pem)
        add_tsa(own.workspace, name=name, url=tsa.url, roots=roots, home=own.home)
    case = own.open()
    session = open_session(case, own.workspace.config.tsa, home=own.home)
    for number in range(1, sources + 1):
        capture_source(case, number, session=session.id if session else None, failed=number in failed)
    stamp_case(case, own.workspace.config.tsa, home=own.home)
    cosign(own, folder / "witness")
    return own


def cosign(own: OwnCase, folder: Path, *, name: str = "witness.example/w1") -> None:
    """Have a witness cosign the newest checkpoint, by file, and record it."""
    home = Home(root=folder)
    vkey = new_witness(home, SECRET, name=name)
    follow(home, (own.root / layout.LOG_VKEY).read_text())
    name_witness(own.workspace, CASE, name="colleague", vkey=vkey, url=None, quorum=1, home=own.home)
    request = folder / "request"
    request.write_bytes(make_request(own.workspace, CASE, "colleague"))
    add_cosigned(own.open(), own.workspace, sign_request(open_cosigner(home, SECRET), request))


def make_bundle(
    folder: Path, *, sources: int = 6, citations: Sequence[str] = ("c02", "c04"), failed: Sequence[int] = (4, 5)
) -> MadeBundle:
    """Make a case stamped by two authorities and cosigned by a witness, and a bundle of some of its citations."""
    with ExitStack() as closing:
        servers = [closing.enter_context(serve_tsa(folder / f"tsa-{name}", name=name)) for name in AUTHORITIES]
        own = make_case(folder, sources=sources, failed=failed, authorities=servers)
        exported = export_bundle(own, folder / "bundle", citations=citations)
    trust = folder / "trust"
    shutil.copytree(own.home.trust, trust)
    return MadeBundle(own=own, exported=exported, trust=trust)


def export_bundle(own: OwnCase, out: Path, *, citations: Sequence[str] = ()) -> Exported:
    """Export a bundle of these citations, or of all."""
    order = Order(wanted=Wanted(citations=frozenset(citations)), out=out)
    return export(own.open(), own.workspace, order, home=own.home)


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A copy of a bundle to damage, which can be listed and sealed anew as its maker would."""

    root: Path
    made: MadeBundle

    def verify(self, *, trusting: bool = True, kept: dict[str, bytes] | None = None) -> Report:
        """Verify as an auditor who trusts its maker, or nobody."""
        trust = read_trust(FolderSource(self.made.trust), origin="test") if trusting else Trust()
        return verify_folder(self.root, trust, Level.LEDGER, kept or {})

    def write(self, path: str, content: bytes) -> None:
        """Put other bytes in a file's place, or a new file."""
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)

    def edit(self, change: Callable[[dict[str, Any]], None]) -> None:
        """Change ``bundle.json``, kept canonical."""
        path = self.root / bundle.CONTENTS
        contents = json.loads(path.read_bytes())
        change(contents)
        path.write_bytes(canonical.encode(contents))

    def list_anew(self) -> None:
        """Make the lists of files fit what is there now, the seal too: with the maker's own key."""
        files = {
            one.relative_to(self.root).as_posix(): one.read_bytes() for one in self.root.rglob("*") if one.is_file()
        }
        data = {path: content for path, content in files.items() if path.startswith("data/")}
        info = bag.decode_info(files[bag.INFO])
        size = sum(map(len, data.values()))
        self.write(bag.INFO, bag.encode_info(replace(info, payload_bytes=size, payload_files=len(data))))
        for name, kind in ((bag.SHA256_LIST, hashlib.sha256), (bag.SHA512_LIST, hashlib.sha512)):
            self.write(name, bag.encode_list({path: kind(content).hexdigest() for path, content in data.items()}))
        tags = [path for path in files if not path.startswith("data/") and path not in (bag.TAG_LIST, bag.SEAL)]
        listed = {path: hashlib.sha256((self.root / path).read_bytes()).hexdigest() for path in tags}
        self.write(bag.TAG_LIST, bag.encode_list(listed))
        self.seal(opened_key(self.made.own.home.investigator_key))

    def seal(self, signer: Signer) -> None:
        """Seal the tag manifest by a key."""
        self.write(bag.SEAL, sign_file((self.root / bag.TAG_LIST).read_bytes(), signer))


@cache
def opened_key(path: Path) -> Signer:
    """Give a key, opened once: that takes its time on purpose."""
    return keys.load(path, SECRET)


def copy_of(made: MadeBundle, folder: Path) -> Copy:
    """Give a copy to damage."""
    shutil.copytree(made.bundle, folder / "copy")
    return Copy(root=folder / "copy", made=made)


if __name__ == "__main__":
    made = make_bundle(Path(sys.argv[1]))
    sys.stdout.write(f"{made.bundle}\n{made.trust}\n")
