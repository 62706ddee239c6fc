"""The report that travels in a bundle: of what the bundle opens, and of nothing else."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from archiver.app.home import Home
from archiver.app.report import Tell, Wanted, make_report
from archiver.app.workspace import Workspace
from archiver.export.assemble import Assembled, Extras
from archiver.export.member import Member, Stored
from archiver.formats import bundle
from archiver.model.digest import Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporting:
    """How the report is made; ``browser`` prints PDFs."""

    wanted: Wanted
    passphrase: Callable[[], bytes]
    browser: tuple[Path, bool] | None
    tell: Tell


@contextmanager
def report_extras(workspace: Workspace, case: str, reporting: Reporting, *, home: Home) -> Iterator[Extras]:
    """Give what makes the report of a bundle once it is known what the bundle opens; use it within this context.

    Withheld entries are in it by their number and types alone, as in the bundle itself: not their sources, and not
    citations without a disclosed attempt. Raises what `make_report` raises; the export is recorded by then.
    """
    with TemporaryDirectory(prefix="archiver-report-") as name:
        folder = Path(name)

        def extras(found: Assembled) -> Iterable[Member]:
            opened = {one.seq for one in found.contents.exhibits} | {one.seq for one in found.contents.events}
            made = make_report(
                workspace,
                case,
                folder,
                replace(reporting.wanted, disclosed=frozenset(opened)),
                home=home,
                passphrase=reporting.passphrase,
                browser=reporting.browser,
                tell=reporting.tell,
            )
            return tuple(_members(made.files, folder))

        yield extras


def _members(files: Iterable[Path], folder: Path) -> Iterator[Member]:
    for path in sorted(files):
        with path.open("rb") as file:
            digest = Digest(hashlib.file_digest(file, "sha256").hexdigest())
        part = Stored(path=path, size_bytes=path.stat().st_size, digest=digest)
        yield Member(path=f"{bundle.REPORT}/{path.relative_to(folder).as_posix()}", parts=(part,))
