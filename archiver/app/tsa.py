"""Name a time-stamping authority: its URL in the workspace, its pinned roots in the person's trust folder."""

from pathlib import Path

from archiver.app.authorities import Authority, find_authority, root_of
from archiver.app.config import NAME, tsa_section
from archiver.app.home import Home
from archiver.app.workspace import Workspace
from archiver.model.errors import FormatError, UsageError
from archiver.store import durable

_LARGEST = 1 << 20


def add_tsa(workspace: Workspace, *, name: str, url: str, roots: Path, home: Home) -> Path:
    """Add an authority to ``archiver.toml`` and pin its roots; give the path of the pinned copy.

    Raises UsageError if the name is taken or the roots are no PEM certificates. Asks nobody.
    """
    from cryptography import x509  # noqa: PLC0415 - only this verb reads certificates

    section = _section(workspace, name=name, url=url)
    try:
        pem = roots.read_bytes()[: _LARGEST + 1]
        found = x509.load_pem_x509_certificates(pem)
    except OSError as error:
        raise UsageError(f"{roots}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise UsageError(f"{roots}: expected PEM certificates of the authority's root, found none: {error}") from error
    if len(pem) > _LARGEST or not found:
        raise FormatError(f"{roots}: expected at most {_LARGEST} bytes with at least one certificate")
    return _pin(workspace, section, name=name, pem=pem, home=home)


def add_known(workspace: Workspace, *, name: str, home: Home) -> tuple[Authority, Path]:
    """Add an authority that is known by name, its root taken from this machine's own list and compared by digest.

    Raises UsageError if it is not known, its root is in no list here, or the name is taken. Asks nobody.
    """
    found = find_authority(name)
    section = _section(workspace, name=name, url=found.url)
    return found, _pin(workspace, section, name=name, pem=root_of(found), home=home)


def _section(workspace: Workspace, *, name: str, url: str) -> str:
    section = tsa_section(name, url)
    if any(known.name == name for known in workspace.config.tsa):
        raise UsageError(f"time-stamping authority {name!r} is already named in {workspace.root / NAME}")
    return section


def _pin(workspace: Workspace, section: str, *, name: str, pem: bytes, home: Home) -> Path:
    pinned = home.tsa_roots(name)
    durable.put_once(pinned, pem)
    settings = workspace.root / NAME
    durable.replace(settings, settings.read_bytes() + section.encode())
    return pinned
