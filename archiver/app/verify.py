"""Check a workspace as an auditor would: read-only, offline, with the auditor's own trust."""

from dataclasses import replace
from pathlib import Path

from archiver.app.bundle import read_kept
from archiver.app.home import Home
from archiver.app.workspace import Workspace
from archiver.model.errors import Damaged, FormatError, UsageError
from archiver.model.instant import Instant
from archiver.model.report import Level, Report
from archiver.store.source import FolderSource
from archiver.verify.policy import Trust, read_trust
from archiver.verify.run import verify
from archiver.verify.wacz_signed import WaczTrust, read_wacz_trust

_POLICY_BYTES = 64 << 10


def verify_workspace(
    workspace: Workspace, *, case: str | None, trust: Path | None, home: Home, required: Level
) -> Report:
    """Give the report over one case, or over all of them. Writes nothing and opens no socket.

    ``trust`` is the auditor's folder of keys and roots; without it, the person's own. Keys that lie in
    the workspace are never trusted.
    """
    cases = (case,) if case is not None else tuple(sorted({*workspace.config.cases, *workspace.cases_on_disk()}))
    return verify(FolderSource(workspace.root), cases=cases, trust=choose_trust(trust, home=home), required=required)


def choose_trust(trust: Path | None, *, home: Home) -> Trust:
    """Give the trust in the folder asked for, or in the person's own; raise UsageError if it is not there."""
    if trust is not None and not trust.is_dir():
        raise UsageError(
            f"--trust {trust}: no such folder",
            hint="a trust folder holds keys/*.pem or *.pub, logs/*.vkey and tsa/*.pem",
        )
    folder = trust if trust is not None else home.trust
    if not folder.is_dir():
        return Trust()
    return read_trust(FolderSource(folder), origin=str(folder))


def choose_kept(trust: Path | None, *, home: Home) -> dict[str, bytes]:
    """Give the checkpoints that the auditor keeps in the folder that `choose_trust` takes."""
    folder = trust if trust is not None else home.trust
    return read_kept(FolderSource(folder)) if folder.is_dir() else {}


def with_policy(trust: Trust, path: Path | None) -> Trust:
    """Give the trust with the policy in this file, which counts before every other; raise UsageError if it is none."""
    if path is None:
        return trust
    try:
        return trust.with_policy(FolderSource(path.absolute().parent).read(path.name, limit_bytes=_POLICY_BYTES))
    except (FormatError, Damaged) as error:
        raise UsageError(
            f"--policy {path}: {error.message}", hint="a file in the form of c2sp.org/tlog-policy"
        ) from error


def choose_wacz_trust(trust: Path | None, *, home: Home, embedded: bool, at: Instant | None = None) -> WaczTrust:
    """Give whom the auditor believes of makers of WACZ files: from the folder that `choose_trust` takes."""
    folder = trust if trust is not None else home.trust
    if not folder.is_dir():
        return WaczTrust(embedded=embedded, at=at)
    return replace(read_wacz_trust(FolderSource(folder), embedded=embedded), at=at)
