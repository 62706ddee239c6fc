"""Build and sign manifests."""

from archiver.formats import envelope, layout, manifest
from archiver.model.errors import FormatError
from archiver.model.provenance import Sealed, Signer, Statement
from archiver.proof.signature import sign_envelope, verifying_keys


def seal(statement: Statement, *signers: Signer) -> Sealed:
    """Give the statement signed, in its envelope, with its place in the case; by several where all answer for it.

    Equal statements and keys give equal bytes (Ed25519 is deterministic), so sealing again after a crash is safe. A
    security key counts its signatures and so never gives the same ones: look for what it sealed with `sealed_before`.
    """
    return _sealed(statement, envelope.encode(sign_envelope(manifest.encode(statement), *signers)))


def sealed_before(statement: Statement, raw: bytes, *, public_key: bytes) -> Sealed | None:
    """Give the statement as these bytes have it sealed, if they are an envelope of it that this key signed."""
    try:
        found = envelope.decode(raw)
    except FormatError:
        return None
    same = found.payload == manifest.encode(statement) and verifying_keys(found, [public_key])
    return _sealed(statement, raw) if same else None


def path_of(statement: Statement) -> str:
    """Give where the sealed statement lies in its case."""
    return layout.envelope_path(manifest.entry_type(statement), statement.predicate.id)


def _sealed(statement: Statement, raw: bytes) -> Sealed:
    kind = manifest.entry_type(statement)
    return Sealed(id=statement.predicate.id, type=kind, path=path_of(statement), envelope=raw)
