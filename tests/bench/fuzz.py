"""Feed parsers bytes until they break: ``python -m tests.bench.fuzz PARSER SECONDS``; no PARSER lists them.

Needs ``atheris``, which is in no lock file: ``pip install atheris`` beside the environment. A parser gives a value
that is written back to the very bytes, or FormatError; anything else stops it with the bytes that did it.
"""

import contextlib
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from archiver.formats import (
    add_checkpoint,
    canonical,
    checkpoint,
    entry,
    envelope,
    manifest,
    note,
    policy,
    proof,
    renewed,
    ssh,
    tiles,
)
from archiver.model.errors import FormatError
from archiver.model.provenance import Opening, Policy, VerifierKey, Witness
from archiver.proof import certificates, timestamp
from tests.vectors.regenerate import golden


def _signature(raw: bytes) -> bytes:
    key, signature, namespace = ssh.decode_signature(raw)
    return ssh.encode_signature(key, signature, namespace=namespace)


def _openings(raw: bytes) -> bytes:
    return entry.encode_openings(entry.decode_openings(raw, first=0, last=9), first=0, last=9)


ROUND: dict[str, Callable[[bytes], bytes]] = {
    "canonical": lambda raw: canonical.encode(canonical.decode(raw, what="x")),
    "envelope": lambda raw: envelope.encode(envelope.decode(raw)),
    "manifest": lambda raw: manifest.encode(manifest.decode(raw)),
    "entry": lambda raw: entry.encode(entry.decode(raw)),
    "opening": lambda raw: entry.encode_opening(entry.decode_opening(raw)),
    "openings": _openings,
    "note": lambda raw: note.encode(note.decode(raw)),
    "checkpoint": lambda raw: checkpoint.encode(checkpoint.decode(raw.decode("utf-8", "replace"))).encode(),
    "proof": lambda raw: proof.encode(proof.decode(raw)),
    "add_checkpoint": lambda raw: add_checkpoint.encode(add_checkpoint.decode(raw)),
    "tile": lambda raw: tiles.encode_entries(tiles.decode_entries(raw, width=2)),
    "renewed": lambda raw: renewed.encode_list(renewed.decode_list(raw)),
    "sshsig": _signature,
}
READ: dict[str, Callable[[bytes], object]] = {
    "policy": policy.decode,
    "timestamp": timestamp.read,
    "certificates": certificates.embedded,
    "agent": ssh.read_identities,
}


def one_input(name: str) -> Callable[[bytes], None]:
    """Give what is done with each input."""

    def check(raw: bytes) -> None:
        with contextlib.suppress(FormatError):
            if name in READ:
                READ[name](raw)
            elif (again := ROUND[name](raw)) != raw and name != "checkpoint":
                raise AssertionError(f"{name}: {raw!r} came back as {again!r}")
        fast, slow = entry.fields(raw), None
        with contextlib.suppress(FormatError):
            slow = entry.decode(raw)
        if (fast is None) is not (slow is None):
            raise AssertionError(f"entry: the quick and the strict reading differ over {raw!r}")

    return check


def main(name: str, seconds: int) -> None:
    """Run one parser for this long."""
    import atheris  # noqa: PLC0415 - not of this environment

    atheris.instrument_all()
    with tempfile.TemporaryDirectory() as folder:
        for number, sample in enumerate(seeds()):
            (Path(folder) / f"{number}").write_bytes(sample)
        options = (f"-max_total_time={seconds}", "-max_len=8192", "-print_final_stats=1")
        atheris.Setup([sys.argv[0], *options, folder], one_input(name))
        atheris.Fuzz()


def seeds() -> Iterator[bytes]:
    """Give well-formed inputs of each kind, to begin from."""
    yield from golden().values()
    openings = [Opening(seq=seq, path="captures/x", salt=b"s" * 32) for seq in (1, 4)]
    yield entry.encode_openings(openings, first=0, last=9)
    head = note.decode(golden()["checkpoint"])
    yield proof.encode(proof.TlogProof(index=0, hashes=(b"h" * 32,), checkpoint=head))
    yield add_checkpoint.encode(add_checkpoint.AddCheckpoint(old_size=3, proof=(b"h" * 32,), checkpoint=head))
    yield tiles.encode_entries((b"one", b"another"))
    yield renewed.encode_list({"archive/a": "a" * 128, "archive/b": "b" * 128})
    yield ssh.encode_signature(b"k" * 32, b"s" * 64)
    key = VerifierKey(name="w", public_key=b"w" * 32, algorithm=4)
    yield policy.encode(Policy(witnesses=(Witness(name="a", key=key),), quorum="a"))


if __name__ == "__main__":
    if len(sys.argv) < 3:
        print("\n".join((*ROUND, *READ)))
    else:
        main(sys.argv[1], int(sys.argv[2]))
