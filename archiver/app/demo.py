"""The whole job on a site of our own: draft, cite, capture, verify, then damage a copy and show it found."""

import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from archiver.app.capture import Captured, capture_all, plan
from archiver.app.cite import citations_of, read_citations, write_citations
from archiver.app.config import CaptureConfig
from archiver.app.demo_site.server import DemoSite, serve_demo
from archiver.app.home import Home
from archiver.app.init import initialise
from archiver.app.recording import OpenCase, open_case
from archiver.app.verify import verify_workspace
from archiver.app.workspace import Workspace, open_workspace
from archiver.formats import layout
from archiver.model.errors import UsageError
from archiver.model.evidence import Artifact, Role
from archiver.model.report import Check, Level, Report, Verdict
from archiver.store import durable

CASE = "demo"
_NOTICE = "This is a demonstration: the site runs on this machine, its people and events are invented."

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Demonstrated:
    """What the demonstration did: captures, report, and what the verifier said of the damaged copy."""

    captures: tuple[Captured, ...]
    report: Report
    damaged_file: str
    damage_found: tuple[Check, ...]
    kept: Path | None

    @property
    def as_expected(self) -> bool:
        """Say whether each step gave what it had to: one source gone, all verified, the damage named."""
        failed = [one for one in self.captures if not one.succeeded]
        named = any(self.damaged_file in check.subject for check in self.damage_found)
        return bool(self.captures) and len(failed) == 1 and self.report.verdict is Verdict.PASS and named

    @property
    def exit_code(self) -> int:
        """Give 0 if all was as expected, 1 else."""
        return 0 if self.as_expected else 1

    @property
    def last_words(self) -> str:
        """Say where things are left."""
        if self.kept is None:
            return f"{_NOTICE} Nothing was kept (--keep DIR keeps the workspace)."
        return (
            f"{_NOTICE} The workspace is kept in {self.kept}: cd {self.kept} && archiver verify\n"
            "Its private keys are thrown away; their public halves were added to your trust folder."
        )

    def as_json(self, report_json: Callable[[Report], dict[str, object]]) -> dict[str, object]:
        """Give all of it for programs."""
        return {
            "notice": _NOTICE,
            "as_expected": self.as_expected,
            "kept": str(self.kept) if self.kept else None,
            "captures": [_capture_json(one) for one in self.captures],
            "verify": report_json(self.report),
            "damage": {
                "file": self.damaged_file,
                "found": [{"id": one.id, "subject": one.subject, "reason": one.reason} for one in self.damage_found],
            },
        }


def run_demo(*, keep: Path | None, trust_home: Home, tell: Tell) -> Demonstrated:
    """Run the demonstration in a temporary workspace, or in ``keep``, which must be new or empty.

    The keys are made for this run and thrown away after it. With ``keep`` their public halves go into
    the person's trust folder, so that ``archiver verify`` answers there.
    """
    if keep is not None and keep.exists() and any(keep.iterdir()):
        raise UsageError(f"--keep {keep}: expected a new or an empty folder, found files in it")
    tell(_NOTICE)
    with tempfile.TemporaryDirectory(prefix="archiver-demo-") as name, serve_demo() as site:
        temporary = Path(name)
        home = Home(root=temporary / "home")
        root = keep.absolute() if keep is not None else temporary / "workspace"
        workspace, case = _workspace(root, home)
        captures = _capture(case, site=site, folder=temporary, tell=tell)
        tell("verify: every check, offline")
        report = verify_workspace(workspace, case=CASE, trust=None, home=home, required=Level.LEDGER)
        damaged, found = _damage(workspace, captures, home=home, copy=temporary / "damaged")
        if keep is not None:
            _hand_over_trust(home, trust_home)
    return Demonstrated(
        captures=captures,
        report=report,
        damaged_file=damaged,
        damage_found=found,
        kept=root if keep is not None else None,
    )


def _workspace(root: Path, home: Home) -> tuple[Workspace, OpenCase]:
    secret = secrets.token_hex(16).encode()
    initialise(root, case=CASE, home=home, passphrase=secret)
    workspace = open_workspace(root)
    return workspace, open_case(workspace, CASE, home=home, passphrase=lambda: secret, waiting=lambda _: None)


def _capture(case: OpenCase, *, site: DemoSite, folder: Path, tell: Tell) -> tuple[Captured, ...]:
    tell(f"site: {site.base_url} (loopback)")
    draft = site.write_draft(folder)
    found = read_citations(draft)
    write_citations(case.book.manifests, found, replaced=False)
    tell(f"cite: {len(found.citations)} sources found in {draft.name}")
    work = plan(citations_of(case.book.manifests), (), again=False, retry=False)
    return capture_all(
        case,
        work.targets,
        config=CaptureConfig(allow_private=True),
        starting=lambda target, number, total: tell(f"capture [{number}/{total}] {target.citation_id}  {target.url}"),
        finished=lambda done: tell(_ended(done)),
    )


def _ended(done: Captured) -> str:
    outcome = done.capture.attempt.outcome
    said = outcome.state.value + (f" ({outcome.reason}: {outcome.rests_on})" if outcome.reason else "")
    files = len(done.capture.artifacts)
    return f"        {done.capture.citation_id}  {said}; {files} files, ledger entry {done.recorded.seq}"


def _damage(
    workspace: Workspace, captures: tuple[Captured, ...], *, home: Home, copy: Path
) -> tuple[str, tuple[Check, ...]]:
    artifact = _first_screenshot(captures)
    name = layout.archive_path(artifact.digest, artifact.extension)
    shutil.copytree(workspace.root, copy)
    with _writable(copy / name) as path:
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(bytes(content))
    damaged = Workspace(root=copy, config=workspace.config)
    report = verify_workspace(damaged, case=CASE, trust=None, home=home, required=Level.LEDGER)
    return name, tuple(check for check in report.checks if check.verdict is Verdict.FAIL)


def _first_screenshot(captures: tuple[Captured, ...]) -> Artifact:
    return next(
        artifact for one in captures for artifact in one.capture.artifacts if artifact.role is Role.SCREENSHOT_VIEWPORT
    )


@contextmanager
def _writable(path: Path) -> Iterator[Path]:
    path.chmod(0o644)
    yield path


def _hand_over_trust(home: Home, trust_home: Home) -> None:
    for path in sorted(item for item in home.trust.rglob("*") if item.is_file()):
        durable.put_once(trust_home.trust / path.relative_to(home.trust), path.read_bytes())


def _capture_json(one: Captured) -> dict[str, object]:
    attempt = one.capture.attempt
    return {
        "citation": one.capture.citation_id,
        "url": attempt.target.url,
        "state": attempt.outcome.state,
        "reason": attempt.outcome.reason,
        "entry": one.recorded.seq,
        "files": [layout.archive_path(each.digest, each.extension) for each in one.capture.artifacts],
    }
