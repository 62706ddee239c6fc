"""``pdfsig`` (poppler) and ``pyhanko`` judge the signature of a report; ``openssl`` made the authority behind its time.

LIMIT of these judges: pyhanko also made the signature; pdfsig shares no code with us.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from archiver.app.report import Wanted
from archiver.app.tsa import add_tsa
from archiver.seal import keys
from archiver.seal.pdf import Identity, sign_pdf
from tests.support.own_case import SECRET
from tests.support.report_case import ReportCase, make_report_case, report_on
from tests.support.tsa_server import TsaServer, serve_tsa

pytestmark = pytest.mark.browser
PDFSIG = shutil.which("pdfsig")
PDFDETACH = shutil.which("pdfdetach")
PYHANKO = Path(sys.executable).with_name("pyhanko")
needs_pdfsig = pytest.mark.skipif(PDFSIG is None, reason="no pdfsig on this machine: make test installs poppler-utils")
needs_pyhanko = pytest.mark.skipif(not PYHANKO.exists(), reason="no pyhanko command in this environment")


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A case with its signed report, and the authority that stamped it."""

    case: ReportCase
    pdf: Path
    level: str
    tsa: TsaServer

    @property
    def certificate(self) -> Path:
        return self.case.own.home.identity_certificate


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Signed]:
    folder = tmp_path_factory.mktemp("signed")
    with serve_tsa(folder / "tsa") as tsa:
        case = make_report_case(folder / "case", sources=2, longest_px=1900)
        roots = folder / "root.pem"
        roots.write_bytes(tsa.root_pem)
        add_tsa(case.own.workspace, name="test", url=tsa.url, roots=roots, home=case.own.home)
        made = report_on(case, folder / "out", Wanted(pdf=True, check=False))
        yield Signed(case=case, pdf=made.folder / "report.pdf", level=made.signed["report.pdf"].level, tsa=tsa)


def flipped(pdf: Path, folder: Path) -> Iterator[Path]:
    """Give copies with one byte changed: in the text, at the end of what is signed, in the signature itself."""
    raw = pdf.read_bytes()
    found = re.search(rb"/ByteRange ?\[ ?(\d+) (\d+) (\d+) (\d+)", raw)
    assert found is not None
    _, before, after, _ = map(int, found.groups())
    hex_digits = before + 1 + 400
    for name, place in (("begin", 20_000), ("middle", before // 2), ("signature", hex_digits)):
        changed = bytearray(raw)
        changed[place] = ord("0") if changed[place] != ord("0") else ord("1")
        assert place < before or before < place < after
        path = folder / f"{name}.pdf"
        path.write_bytes(bytes(changed))
        yield path


def run(*command: str | Path) -> tuple[int, str]:
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout + done.stderr


def judged_by_pyhanko(pdf: Path, *, certificate: Path, root: Path) -> tuple[int, str]:
    return run(
        PYHANKO,
        "sign",
        "validate",
        "--pretty-print",
        "--no-revocation-check",
        "--trust",
        certificate,
        "--trust",
        root,
        pdf,
    )


def test_the_report_has_a_timestamp_inside_its_signature(signed: Signed) -> None:
    assert signed.level == "B-T"
    assert b"/ETSI.CAdES.detached" in signed.pdf.read_bytes()


@needs_pdfsig
def test_pdfsig_accepts_the_report(signed: Signed) -> None:
    code, told = run(str(PDFSIG), signed.pdf)
    assert code == 0, told
    assert "Signature is Valid." in told
    assert "Total document signed" in told
    assert "ETSI.CAdES.detached" in told
    assert "Signer Certificate Common Name: Mina Karimi" in told


@needs_pyhanko
def test_pyhanko_accepts_the_report_and_its_time(signed: Signed, tmp_path: Path) -> None:
    root = tmp_path / "root.pem"
    root.write_bytes(signed.tsa.root_pem)
    code, told = judged_by_pyhanko(signed.pdf, certificate=signed.certificate, root=root)
    assert code == 0, told
    assert "The signature is judged VALID." in told
    assert "Signature timestamp token" in told or "timestamp" in told.lower()


@needs_pdfsig
@needs_pyhanko
def test_one_changed_byte_is_refused_by_both(signed: Signed, tmp_path: Path) -> None:
    root = tmp_path / "root.pem"
    root.write_bytes(signed.tsa.root_pem)
    changed = list(flipped(signed.pdf, tmp_path))
    assert len(changed) == 3
    for path in changed:
        _, told = run(str(PDFSIG), path)
        assert "Signature is Valid." not in told, path.name
        code, told = judged_by_pyhanko(path, certificate=signed.certificate, root=root)
        assert code != 0, path.name
        assert "judged VALID" not in told


@needs_pyhanko
def test_a_reader_who_was_not_given_the_certificate_does_not_trust_it(signed: Signed, tmp_path: Path) -> None:
    root = tmp_path / "root.pem"
    root.write_bytes(signed.tsa.root_pem)
    code, told = judged_by_pyhanko(signed.pdf, certificate=root, root=root)
    assert code != 0
    assert "judged VALID" not in told


@pytest.mark.skipif(PDFDETACH is None, reason="no pdfdetach on this machine (poppler-utils)")
def test_the_hash_list_and_the_checkpoint_are_attached_and_the_list_checks_the_workspace(
    signed: Signed, tmp_path: Path
) -> None:
    code, told = run(str(PDFDETACH), "-saveall", "-o", tmp_path, signed.pdf)
    assert code == 0, told
    case = signed.case
    root = case.own.workspace.root
    assert (tmp_path / "checkpoint.txt").read_bytes() == (case.own.root / "ledger" / "checkpoint").read_bytes()
    listed = tmp_path / "hashlist.sha256"
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", "--quiet", listed], cwd=root, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert len(listed.read_text().splitlines()) > 10


@needs_pdfsig
@pytest.mark.parametrize("mood", ["error", "garbage", "refuse", "replay", "other"])
def test_an_authority_that_fails_or_lies_leaves_a_valid_signature_without_time(
    signed: Signed, tmp_path: Path, mood: str
) -> None:
    signed.tsa.mood = mood
    try:
        made = report_on(signed.case, tmp_path / "out", Wanted(pdf=True, check=False, sources=("c01",)))
    finally:
        signed.tsa.mood = "ok"
    told = made.signed["report.pdf"]
    assert told.level == "B-B"
    assert told.problem.startswith("test: ")
    _, judged = run(str(PDFSIG), made.folder / "report.pdf")
    assert "Signature is Valid." in judged


def test_what_is_no_pdf_is_not_signed(signed: Signed) -> None:
    from archiver.model.errors import SealError  # noqa: PLC0415 - one test's own

    identity = Identity(
        key=keys.load_identity(signed.case.own.home.identity_key, SECRET),
        certificate=signed.certificate.read_bytes(),
    )
    with pytest.raises(SealError, match="could not be signed"):
        sign_pdf(b"no pdf at all", identity, attached={}, reason="r", stamp=None)
