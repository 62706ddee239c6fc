"""A person's own case, opened for writing, without a browser: what `archiver init` made, and captures into it."""

from dataclasses import dataclass
from pathlib import Path

from archiver.app.home import Home
from archiver.app.init import initialise
from archiver.app.key_events import Ring
from archiver.app.prepared import describe, prepare, scratch
from archiver.app.recording import OpenCase, finish, open_case
from archiver.app.verify import verify_workspace
from archiver.app.workspace import Workspace, open_workspace
from archiver.formats.manifest import statement_of
from archiver.model.evidence import Piece, Role
from archiver.model.provenance import Recorded
from archiver.model.report import Level, Report, Verdict
from tests.support.ledger_kit import CASE, fixed_id, sample_capture

SECRET = b"correct horse"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCase:
    """A folder with a home and a workspace in it."""

    folder: Path

    @property
    def home(self) -> Home:
        return Home(root=self.folder / "home")

    @property
    def workspace(self) -> Workspace:
        return open_workspace(self.folder / "workspace")

    @property
    def root(self) -> Path:
        return self.workspace.case_root(CASE)

    def ring(self) -> Ring:
        """Give its keys, as every verb that changes keys takes them."""
        return Ring(workspace=self.workspace, home=self.home, passphrase=SECRET, waiting=lambda _: None)

    def open(self) -> OpenCase:
        """Open it for writing, as every verb does."""
        return open_case(self.workspace, CASE, home=self.home, passphrase=lambda: SECRET, waiting=lambda _: None)

    def capture(self, number: int, *, text: str = "") -> Recorded:
        """Record a capture with one file."""
        case = self.open()
        with scratch(case.scratch, fixed_id(number)) as folder:
            path = folder / "text.txt"
            path.write_text(text or f"text {number}")
            piece = Piece(role=Role.TEXT, name="text.txt", media_type="text/plain", path=path)
            capture = sample_capture(number, artifacts=(describe(piece),))
            return finish(case, prepare(folder, statement_of(capture)))

    def verify(self, *, required: Level = Level.LEDGER) -> Report:
        """Verify with the person's own trust."""
        return verify_workspace(self.workspace, case=None, trust=None, home=self.home, required=required)

    def problems(self) -> list[str]:
        """Give each check that failed."""
        return [f"{one.id} {one.subject}: {one.reason}" for one in self.verify().checks if one.verdict is Verdict.FAIL]


def new_own_case(folder: Path) -> OwnCase:
    """Make keys, workspace and case."""
    initialise(folder / "workspace", case=CASE, home=Home(root=folder / "home"), passphrase=SECRET)
    return OwnCase(folder=folder)
