"""Build and sign manifests."""

from archiver.formats import envelope, layout, manifest
from archiver.model.provenance import Sealed, Signer, Statement
from archiver.proof.signature import sign_envelope


def seal(statement: Statement, *signers: Signer) -> Sealed:
    """Give the statement signed, in its envelope, with its place in the case; by several where all answer for it.

    Equal statements and keys give equal bytes (Ed25519 is deterministic), so sealing again after a
    crash is safe.
    """
    kind = manifest.entry_type(statement)
    signed = sign_envelope(manifest.encode(statement), *signers)
    return Sealed(
        id=statement.predicate.id,
        type=kind,
        path=layout.envelope_path(kind, statement.predicate.id),
        envelope=envelope.encode(signed),
    )
