"""What this machine lacks for the whole job, and the command that mends each. Contacts nobody."""

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from archiver.app.home import Home
from archiver.app.prepared import damaged
from archiver.app.workspace import Workspace
from archiver.capture.browser import find_browser, version_of
from archiver.model.errors import ArchiverError
from archiver.store import durable

OK, WARN, MISSING = "ok", "warn", "missing"
_LEAST_FREE_BYTES = 2 << 30
_OLDEST_PYTHON = (3, 11)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at: how it stands, what was found, and the command that mends it (empty if none is needed)."""

    id: str
    state: str
    found: str
    mend: str = ""


def examine(workspace: Workspace | None, *, home: Home) -> tuple[Finding, ...]:
    """Give the findings in a fixed order. ``missing`` means that a part of the job cannot be done."""
    where = workspace.root if workspace else Path.cwd()
    return (
        _python(),
        _browser(workspace.config.capture.browser if workspace else ""),
        _fonts(),
        _disk(where),
        _writing(where),
        *_keys(workspace, home),
        *_authorities(workspace, home),
        Finding(id="clock", state=WARN, found="NOT CHECKED: no clock source is asked; a timestamp's difference tells"),
    )


def _python() -> Finding:
    version = platform.python_version()
    if sys.version_info[:2] < _OLDEST_PYTHON:
        return Finding(
            id="python",
            state=MISSING,
            found=version,
            mend=_by_system("apt-get install python3.11", "brew install python"),
        )
    return Finding(id="python", state=OK, found=version)


def _browser(configured: str) -> Finding:
    binary = find_browser(configured)
    mend = _by_system("apt-get install chromium", f"{sys.executable} -m playwright install chromium")
    if binary is None:
        found = f"no browser at {configured}" if configured else "no Chromium or Chrome"
        return Finding(id="browser", state=MISSING, found=found, mend=mend)
    version = version_of(binary)
    if version is None:
        return Finding(id="browser", state=MISSING, found=f"{binary.path} does not start", mend=mend)
    if os.geteuid() == 0:
        found = f"{version}; runs without its sandbox because you are root (recorded in every capture)"
        return Finding(id="browser", state=WARN, found=found, mend="run archiver as an ordinary user")
    return Finding(id="browser", state=OK, found=f"{version} ({binary.path})")


def _fonts() -> Finding:
    """Say whether Arabic can be drawn: without a font a screenshot shows boxes, and nobody can read it later."""
    if sys.platform == "darwin":
        return Finding(id="arabic-fonts", state=OK, found="macOS has them")
    listing = shutil.which("fc-list")
    if listing is None:
        return Finding(
            id="arabic-fonts", state=WARN, found="NOT CHECKED: no fc-list here", mend="apt-get install fontconfig"
        )
    done = subprocess.run([listing, ":lang=ar", "family"], capture_output=True, timeout=30, check=False)  # noqa: S603 - fontconfig's own program
    families = sorted(
        {line.split(",")[0].strip() for line in done.stdout.decode("utf-8", "replace").splitlines() if line}
    )
    if not families:
        return Finding(id="arabic-fonts", state=MISSING, found="none", mend="apt-get install fonts-noto-core")
    if not any("Noto" in name or "Amiri" in name or "Kacst" in name for name in families):
        found = f"only {', '.join(families[:3])}"
        return Finding(id="arabic-fonts", state=WARN, found=found, mend="apt-get install fonts-noto-core")
    return Finding(id="arabic-fonts", state=OK, found=f"{len(families)} families, {families[0]} among them")


def _disk(where: Path) -> Finding:
    free = shutil.disk_usage(where).free
    state = OK if free >= _LEAST_FREE_BYTES else WARN
    return Finding(
        id="disk", state=state, found=f"{free >> 30} GiB free at {where}", mend="" if state is OK else "make room"
    )


def _writing(where: Path) -> Finding:
    """Try what durable writing needs: hard links and flushing. Some network and FAT file systems have neither."""
    try:
        with tempfile.TemporaryDirectory(prefix=".archiver-doctor-", dir=where) as name:
            durable.put_once(Path(name) / "probe", b"probe")
    except (ArchiverError, OSError) as error:
        return Finding(
            id="file-system", state=MISSING, found=f"{where}: {error}", mend="put the workspace on a local disk"
        )
    return Finding(id="file-system", state=OK, found="hard links and flushing work")


def _keys(workspace: Workspace | None, home: Home) -> Iterator[Finding]:
    if workspace is None:
        yield Finding(id="workspace", state=WARN, found="none here", mend="archiver init DIR")
        return
    mend = "restore it from your backup"
    if home.investigator_agent.exists():
        yield _held(home)
    elif not home.investigator_key.exists():
        mend = f"archiver init {workspace.root} --case NAME, or restore it from your backup"
        state = MISSING if workspace.config.cases else WARN  # a workspace without a ledger needs none yet
        yield Finding(id="key", state=state, found=f"no investigator key at {home.investigator_key}", mend=mend)
    for case, one in workspace.config.cases.items():
        for folder in damaged(home.scratch(one.origin)):
            found = f"case {case}: a prepared capture cannot be read: {folder}"
            yield Finding(id="scratch", state=WARN, found=found, mend=f"keep a copy, then move {folder} away")
        path = home.log_key(one.origin)
        if path.exists():
            yield Finding(id="key", state=OK, found=f"case {case}: ledger key at {path}")
        else:
            yield Finding(id="key", state=MISSING, found=f"case {case}: no ledger key at {path}", mend=mend)


def _held(home: Home) -> Finding:
    """Say whether the agent holds the investigator's key now."""
    from archiver.app.keyring import held_state  # noqa: PLC0415 - only where an agent has the key

    state, is_there = held_state(home)
    if is_there:
        return Finding(id="key", state=OK, found=f"the investigator's key is {state}, and the agent holds it")
    found = f"the investigator's key is {state}, and no agent holds it now"
    return Finding(id="key", state=WARN, found=found, mend="plug it in where it is a device, then ssh-add the key")


def _authorities(workspace: Workspace | None, home: Home) -> Iterator[Finding]:
    named = workspace.config.tsa if workspace else []
    if not named:
        found = "no time-stamping authority: times rest on this machine's clock"
        yield Finding(id="timestamps", state=WARN, found=found, mend="archiver tsa add NAME URL --roots FILE")
    for one in named:
        path = home.tsa_roots(one.name)
        if path.exists():
            yield Finding(id="timestamps", state=OK, found=f"{one.name}: roots pinned at {path}")
        else:
            mend = f"archiver tsa add {one.name} {one.url} --roots FILE"
            yield Finding(id="timestamps", state=MISSING, found=f"{one.name}: no pinned roots at {path}", mend=mend)


def _by_system(debian: str, otherwise: str) -> str:
    if shutil.which("apt-get"):
        return debian if os.geteuid() == 0 else f"sudo {debian}"
    return otherwise
