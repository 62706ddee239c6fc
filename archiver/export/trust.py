"""The files under ``trust/``: what the maker says of keys. Shown and compared, never believed (rule B13)."""

from collections.abc import Iterator, Mapping, Sequence

from archiver.export.member import Member, small
from archiver.export.select import Held
from archiver.formats import bundle, layout
from archiver.formats.ssh import AllowedSigner, allowed_signers
from archiver.model.evidence import Role
from archiver.model.provenance import Stamp
from archiver.proof.signature import read_public_file
from archiver.proof.windows import PRINCIPAL


def trust_members(public: Mapping[str, bytes], chains: Mapping[str, bytes]) -> Iterator[Member]:
    """Give the files: ``public`` are those beside the ledger by their name, ``chains`` certificates by authority."""
    files = {path.rsplit("/", 1)[-1]: content for path, content in public.items()}
    if "allowed_signers" not in files:
        key = investigator_in(files)
        files["allowed_signers"] = allowed_signers([AllowedSigner(principal=PRINCIPAL, public_key=key)])
    for name, content in sorted(files.items()):
        yield small(f"{bundle.TRUST}/{name}", content)
    for name, content in sorted(chains.items()):
        yield small(f"{bundle.TRUST}/tsa/{name}.pem", content)


def investigator_in(files: Mapping[str, bytes]) -> bytes:
    """Give the investigator's key out of files under ``trust/`` by their name: of the one of the two that is there."""
    names = (path.rsplit("/", 1)[-1] for path in layout.INVESTIGATOR_FILES)
    return read_public_file(next(files[name] for name in names if name in files))


def newest_stamps(held: Sequence[Held]) -> dict[str, Held]:
    """Give the newest disclosed timestamp with a chain of each authority."""
    found: dict[str, Held] = {}
    for one in held:
        if isinstance(one.predicate, Stamp) and any(
            artifact.role is Role.TIMESTAMP_CHAIN for artifact in one.predicate.artifacts
        ):
            found[one.predicate.tsa_name] = one
    return found
