"""Public time-stamping authorities that a person can name by a word, and their roots out of this machine's own list.

What is shipped is data: who, where, and the SHA-256 of the root. Nobody is asked, and no root is trusted but the one
whose digest stands in the file: a list of roots says whom browsers believe, not whom this person does.
"""

import hashlib
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from archiver.model.errors import UsageError

_DATA = Path(__file__).with_name("authorities.toml")
_LARGEST = 16 << 20
_SYSTEM = (
    Path("/etc/ssl/certs/ca-certificates.crt"),
    Path("/etc/pki/tls/certs/ca-bundle.crt"),
    Path("/etc/ssl/cert.pem"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """One public authority: who runs it, where it answers, its root's name and SHA-256, and who says so."""

    name: str
    operator: str
    url: str
    root: str
    sha256: str
    source: str


def known_authorities() -> tuple[Authority, ...]:
    """Give the authorities that the program knows by name."""
    found = tomllib.loads(_DATA.read_text(encoding="utf-8"))
    return tuple(Authority(name=name, **fields) for name, fields in sorted(found.items()))


def find_authority(name: str) -> Authority:
    """Give the known authority of this name; raise UsageError if there is none."""
    known = {one.name: one for one in known_authorities()}
    if name not in known:
        raise UsageError(
            f"time-stamping authority {name!r} is none that is known by name ({', '.join(known)})",
            hint="archiver tsa add NAME URL --roots FILE",
        )
    return known[name]


def root_of(authority: Authority, *, places: Sequence[Path] | None = None) -> bytes:
    """Give the authority's root (PEM) out of the first list on this machine that holds it, by its SHA-256.

    Raises UsageError where none does: then its file has to be given.
    """
    from asn1crypto import pem  # noqa: PLC0415 - only this verb reads lists of roots

    for place in _lists() if places is None else places:
        for der in _certificates(place):
            if hashlib.sha256(der).hexdigest() == authority.sha256:
                return bytes(pem.armor("CERTIFICATE", der))
    raise UsageError(
        f"{authority.name}: no list of roots here holds {authority.root!r} (SHA-256 {authority.sha256})",
        hint=f"archiver tsa add {authority.name} {authority.url} --roots FILE",
    )


def _lists() -> tuple[Path, ...]:
    import certifi  # noqa: PLC0415 - same

    return (*_SYSTEM, Path(certifi.where()))


def _certificates(place: Path) -> Iterator[bytes]:
    """Give each certificate of a list as DER; nothing for a list that is not there or is none."""
    from asn1crypto import pem  # noqa: PLC0415 - same

    try:
        with place.open("rb") as file:
            raw = file.read(_LARGEST)
        yield from (der for kind, _, der in pem.unarmor(raw, multiple=True) if kind == "CERTIFICATE")
    except (OSError, ValueError):
        return
