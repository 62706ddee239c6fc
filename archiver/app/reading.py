"""What a case holds, read for people: statements without verification. `verify` is what checks."""

from collections.abc import Iterator

from archiver.formats import envelope, manifest
from archiver.model.errors import FormatError
from archiver.model.evidence import Capture
from archiver.model.provenance import Stamp, Statement
from archiver.store.manifests import ManifestFolder


def statements(manifests: ManifestFolder) -> Iterator[Statement]:
    """Give every statement of a case, captures first, each group in the order of its ids.

    An unreadable envelope is left out: telling of it is the verifier's work, and status must not stop.
    """
    for path in manifests.list():
        try:
            yield manifest.decode(envelope.decode(manifests.read(path)).payload)
        except FormatError:
            continue


def captures(manifests: ManifestFolder) -> tuple[Capture, ...]:
    """Give every recorded attempt of a case, oldest first."""
    return tuple(one.predicate for one in statements(manifests) if isinstance(one.predicate, Capture))


def stamps(manifests: ManifestFolder) -> tuple[Stamp, ...]:
    """Give every recorded timestamp of a case, oldest first."""
    return tuple(one.predicate for one in statements(manifests) if isinstance(one.predicate, Stamp))
