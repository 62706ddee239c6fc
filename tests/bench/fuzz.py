"""Feed parsers bytes until they break: ``python -m tests.bench.fuzz PARSER SECONDS``; no PARSER lists them.

Needs ``atheris``, which is in no lock file: ``pip install atheris`` beside the environment. A parser gives a value
that is written back to the very bytes, or FormatError; anything else stops it with the bytes that did it.
"""

import contextlib
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from archiver.formats import entry
from archiver.model.errors import FormatError
from tests.bench import fuzzed


def one_input(name: str) -> Callable[[bytes], None]:
    """Give what is done with each input."""

    def check(raw: bytes) -> None:
        fuzzed.check(name, raw)
        if name == "entry":
            _readings_agree(raw)

    return check


def _readings_agree(raw: bytes) -> None:
    fast, slow = entry.fields(raw), None
    with contextlib.suppress(FormatError):
        slow = entry.decode(raw)
    if (fast is None) is not (slow is None):
        raise AssertionError(f"entry: the quick and the strict reading differ over {raw!r}")


def main(name: str, seconds: int) -> None:
    """Run one parser for this long."""
    import atheris  # noqa: PLC0415 - not of this environment

    atheris.instrument_all()
    with tempfile.TemporaryDirectory() as folder:
        for number, sample in enumerate(fuzzed.seeds()):
            (Path(folder) / f"{number}").write_bytes(sample)
        options = (f"-max_total_time={seconds}", "-max_len=8192", "-print_final_stats=1")
        atheris.Setup([sys.argv[0], *options, folder], one_input(name))
        atheris.Fuzz()


if __name__ == "__main__":
    if len(sys.argv) < 3:
        print("\n".join((*fuzzed.ROUND, *fuzzed.READ)))
    else:
        main(sys.argv[1], int(sys.argv[2]))
