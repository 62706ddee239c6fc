"""Make a report of a case: read it, draw its pictures, write HTML and PDF, sign the PDF. Changes no evidence."""

import base64
import hashlib
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from archiver.app.asking import ask_over
from archiver.app.certify import certifications
from archiver.app.cite import citations_of
from archiver.app.clock import SystemClock
from archiver.app.home import Home
from archiver.app.tool import this_tool
from archiver.app.verify import verify_workspace
from archiver.app.workspace import Workspace
from archiver.export.report_drawings import Drawing, Paper, draw
from archiver.export.report_facts import CaseRecord, CaseReport, Checked, Filed, KeyFingerprints, LedgerHead, report_of
from archiver.export.report_lines import hash_list
from archiver.export.report_page import Layout, Volume, pictures_in, render, volumes_of, whole
from archiver.export.report_print import Printer, open_printer
from archiver.export.report_words import Words, words_in
from archiver.formats import entry, envelope, layout, manifest
from archiver.model.digest import Digest
from archiver.model.errors import ArchiverError, Damaged, FormatError, SealError, UsageError
from archiver.model.evidence import Artifact, Role
from archiver.model.provenance import Predicate
from archiver.model.report import Level, Verdict
from archiver.proof.signature import read_public_file
from archiver.seal import keys
from archiver.seal.pdf import Identity, SignedPdf, sign_pdf
from archiver.store import durable
from archiver.store.ledger import LedgerFolder
from archiver.store.manifests import ManifestFolder

PAGES_A_VOLUME = 110
_INLINE_BYTES = 24 << 20
_PICTURE_BYTES = 64 << 20

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What kind of report is asked for. ``disclosed`` are the entries that a bundle opens, where it is for one."""

    languages: tuple[str, ...] = ("en",)
    paper: Paper = Paper.A4
    sources: tuple[str, ...] = ()
    disclosed: frozenset[int] | None = None
    pdf: bool = False
    redacted: bool = False
    certify: bool = False
    check: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What was written: every path, and how each PDF was signed."""

    folder: Path
    files: tuple[Path, ...]
    signed: dict[str, SignedPdf] = field(default_factory=dict)
    exhibits: int = 0


def make_report(
    workspace: Workspace, case: str, out: Path, wanted: Wanted, *, home: Home,
    passphrase: Callable[[], bytes], browser: tuple[Path, bool] | None, tell: Tell,
) -> Made:  # fmt: skip
    """Write a report into ``out``, which must be new or empty.

    HTML for each language, PDF in volumes where asked for, drafts of certifications where asked for. ``browser`` is
    the one that prints and whether it can be sandboxed. Each file is put there whole; a run that is cut off leaves
    whole files and no half one. Raises UsageError where ``out`` holds something or no browser is there.
    """
    words = [words_in(one) for one in wanted.languages]
    _check_free(out)
    if wanted.pdf and browser is None:
        raise UsageError(
            "a PDF is printed by a browser, and none was found", hint="archiver doctor; or leave --pdf out"
        )
    record = read_case(workspace, case, home=home, check=wanted.check)
    report = report_of(record, wanted=wanted.sources, disclosed=wanted.disclosed, redacted=wanted.redacted)
    with tempfile.TemporaryDirectory(prefix="archiver-report-") as name:
        work = _Work(report=report, wanted=wanted, scratch=Path(name), out=out, tell=tell)
        work.draw(partial(read_artifact, workspace))
        for one in words:
            work.html(one)
        if wanted.pdf and browser is not None:
            with open_printer(browser[0], sandboxed=browser[1]) as printer:
                for one in words:
                    work.print(one, printer)
            # pyHanko runs an event loop of its own, so the browser is closed before anything is signed.
            work.sign(_Signer(workspace, home, passphrase, Path(name)))
        work.put("hashlist.sha256", hash_list(report).encode())
        if wanted.certify:
            for path, content in certifications(report, words):
                work.put(path, content)
    return Made(folder=out, files=tuple(work.files), signed=work.signed, exhibits=len(report.exhibits))


def read_case(workspace: Workspace, case: str, *, home: Home, check: bool) -> CaseRecord:
    """Give all that a case holds. With ``check``, `archiver verify` says what it finds, with the person's own trust.

    Raises UsageError for a ledger without entries; what cannot be read is left out here and told by the check.
    """
    root = workspace.case_root(case)
    ledger, manifests = LedgerFolder(root), ManifestFolder(root)
    found = ledger.checkpoint()
    if found is None:
        raise UsageError(f"case {case!r} has no entries yet: there is nothing to report", hint="archiver capture")
    raw = ledger.checkpoint_bytes(found.size)
    return CaseRecord(
        case=case,
        head=LedgerHead(
            origin=found.origin, size=found.size, root=found.root.hex(), digest=Digest.of(raw), note=raw.decode()
        ),
        types=tuple(entry.decode(leaf).type for leaf in ledger.leaves()),
        filed=tuple(_filed(ledger, manifests)),
        citations=citations_of(manifests),
        keys=_fingerprints(root, home),
        made_at=SystemClock().now(),
        tool=this_tool(),
        collector=workspace.config.collected_by(),
        checked=_checked(workspace, case, home) if check else None,
    )


def _filed(ledger: LedgerFolder, manifests: ManifestFolder) -> list[Filed[Predicate]]:
    found = []
    for path, seq in sorted(ledger.openings().items(), key=lambda pair: pair[1]):
        try:
            raw = manifests.read(path)
            predicate = manifest.decode(envelope.decode(raw).payload).predicate
        except ArchiverError:
            continue
        found.append(Filed(seq=seq, path=path, digest=Digest.of(raw), predicate=predicate))
    return found


def _checked(workspace: Workspace, case: str, home: Home) -> Checked:
    report = verify_workspace(workspace, case=case, trust=None, home=home, required=Level.LEDGER)
    return Checked(
        levels={level: report.verdict_of(level) for level in Level},
        failed=sum(one.verdict is Verdict.FAIL for one in report.checks),
        checks=len(report.checks),
    )


def _fingerprints(root: Path, home: Home) -> KeyFingerprints:
    return KeyFingerprints(
        investigator=next(filter(None, (_key_digest(root / one) for one in layout.INVESTIGATOR_FILES)), None),
        log=_key_digest(root / layout.LOG_PEM),
        identity=certificate_digest(home.identity_certificate),
    )


def _key_digest(path: Path) -> Digest | None:
    try:
        return Digest.of(read_public_file(path.read_bytes()))
    except (OSError, FormatError):
        return None


def certificate_digest(path: Path) -> Digest | None:
    """Give the digest of a certificate's DER bytes, or None where there is none."""
    from asn1crypto import pem  # noqa: PLC0415 - only where a report is made

    try:
        _, _, der = pem.unarmor(path.read_bytes())
    except (OSError, ValueError):
        return None
    return Digest.of(der)


def read_artifact(workspace: Workspace, artifact: Artifact) -> bytes:
    """Give an archived file's bytes; raise Damaged where it is missing, FormatError where it has changed."""
    path = workspace.archive_root / layout.archive_path(artifact.digest, artifact.extension)
    try:
        with path.open("rb") as file:
            content = file.read(_PICTURE_BYTES + 1)
    except OSError as error:
        raise Damaged(f"{path}: {error.strerror or error}") from error
    if hashlib.sha256(content).hexdigest() != artifact.digest.hex:
        raise FormatError(f"{path}: not the bytes that were recorded, or more than {_PICTURE_BYTES}")
    return content


class _Work:
    """One report under way: its drawings in scratch space, and the files written so far."""

    def __init__(self, *, report: CaseReport, wanted: Wanted, scratch: Path, out: Path, tell: Tell) -> None:
        self._report = report
        self._wanted = wanted
        self._scratch = scratch
        self._out = out
        self._tell = tell
        self._drawings: dict[int, Drawing] = {}
        self._printed: list[tuple[str, str]] = []
        self.files: list[Path] = []
        self.signed: dict[str, SignedPdf] = {}

    def draw(self, read: Callable[[Artifact], bytes]) -> None:
        """Draw every exhibit's pictures into scratch space."""
        shown = self._report.exhibits
        for done, one in enumerate(shown, 1):
            self._drawings[one.number] = draw(
                one, read=read, keep=self._keep, paper=self._wanted.paper, redacted=self._wanted.redacted
            )
            if done % 25 == 0 or done == len(shown):
                self._tell(f"pictures: {done} of {len(shown)} exhibits")

    def html(self, words: Words) -> None:
        """Write the page of one language: pictures in it, or beside it where they are many."""
        names = pictures_in(tuple(self._drawings.values()))
        beside = sum((self._scratch / name).stat().st_size for name in names) > _INLINE_BYTES
        source = (lambda name: f"report-files/{name}") if beside else self._inline
        how = replace(self._layout(words), source_of=source, pictures_beside=beside)
        for name in names if beside else ():
            if self._out / "report-files" / name not in self.files:
                self.put(f"report-files/{name}", (self._scratch / name).read_bytes())
        name = self._name(words, "html")
        self._put_page(name, render(self._report, words, whole(self._report), how))
        self._tell(f"{name}: {len(self._report.exhibits)} exhibits")

    def print(self, words: Words, printer: Printer) -> None:
        """Print each volume of one language into scratch space."""
        how = self._layout(words)
        page = self._scratch / f"volume-{words.language}.html"
        for volume in volumes_of(self._report, self._drawings, pages=PAGES_A_VOLUME):
            with page.open("w", encoding="utf-8") as file:
                name = self._name(words, "pdf", volume)
                file.writelines(render(self._report, words, volume, replace(how, pdf_name=name)))
            (self._scratch / name).write_bytes(printer.pdf(page))
            self._printed.append((name, words.texts["report_title"]))
            self._tell(f"{name}: printed, volume {volume.number} of {volume.of}")

    def sign(self, signer: "_Signer") -> None:
        """Sign and write what was printed, with the hash list and the checkpoint attached."""
        attached = {
            "hashlist.sha256": hash_list(self._report).encode(),
            "checkpoint.txt": self._report.record.head.note.encode(),
        }
        for name, reason in self._printed:
            signed = signer.sign((self._scratch / name).read_bytes(), attached, reason=reason)
            self.put(name, signed.content)
            self.signed[name] = replace(signed, content=b"")
            self._tell(f"{name}: {signed.level or 'NOT SIGNED'}")

    def put(self, name: str, content: bytes) -> None:
        """Write one file of the report, whole or not at all."""
        path = self._out / name
        durable.replace(path, content)
        self.files.append(path)

    def _put_page(self, name: str, pieces: Iterable[str]) -> None:
        """Write a page that may be long: by way of scratch space, never whole in memory."""
        draft = self._scratch / name
        with draft.open("w", encoding="utf-8") as file:
            file.writelines(pieces)
        with draft.open("rb") as source:
            durable.put_once_from(self._out / name, source, mode=0o644)
        self.files.append(self._out / name)

    def _keep(self, name: str, content: bytes) -> None:
        (self._scratch / name).write_bytes(content)

    def _inline(self, name: str) -> str:
        return "data:image/jpeg;base64," + base64.b64encode((self._scratch / name).read_bytes()).decode()

    def _layout(self, words: Words) -> Layout:
        return Layout(
            paper=self._wanted.paper, drawings=self._drawings, source_of=str, pictures_beside=True,
            pdf_name=self._name(words, "pdf"),
        )  # fmt: skip

    def _name(self, words: Words, suffix: str, volume: Volume | None = None) -> str:
        language = "" if words.language == self._wanted.languages[0] else f"-{words.language}"
        part = f"-volume{volume.number:02d}" if volume is not None and volume.number > 1 else ""
        return f"report{language}{part}.{suffix}"


class _Signer:
    """Signs PDFs with the person's identity certificate, where there is one; opens its key once."""

    def __init__(self, workspace: Workspace, home: Home, passphrase: Callable[[], bytes], scratch: Path) -> None:
        self._authorities = workspace.config.tsa
        self._home = home
        self._scratch = scratch
        self._identity: Identity | None = None
        if home.identity_key.exists():
            self._identity = Identity(
                key=keys.load_identity(home.identity_key, passphrase()),
                certificate=home.identity_certificate.read_bytes(),
            )

    def sign(self, content: bytes, attached: dict[str, bytes], *, reason: str) -> SignedPdf:
        """Give the signed PDF; unsigned, and told so, where this person has no identity certificate."""
        if self._identity is None:
            return SignedPdf(content=content, level="", problem="there is no identity certificate (archiver key new)")
        stamp = self._stamp if self._authorities else None
        return sign_pdf(content, self._identity, attached=attached, reason=reason, stamp=stamp)

    def _stamp(self, digest: bytes) -> bytes:
        """Give the first authority's verified answer over a digest; raise SealError if none answers."""
        problems = []
        for tsa in self._authorities:
            try:
                answered = ask_over(Digest(digest.hex()), tsa, home=self._home, folder=self._scratch, tries=2)
            except (SealError, FormatError) as error:
                problems.append(f"{tsa.name}: {error.message}")
                continue
            found: Sequence[Path] = [one.path for one in answered.pieces if one.role is Role.TIMESTAMP_RESPONSE]
            return found[0].read_bytes()
        raise SealError("; ".join(problems))


def _check_free(out: Path) -> None:
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"{out}: expected a new or empty folder, found something in it; nothing was written")
