"""Appends captures to a case, twenty at a time: ``python -m tests.support.append_some FOLDER FIRST COUNT``."""

import sys
from pathlib import Path

from tests.support.ledger_kit import new_case

_TOGETHER = 20


def main(folder: Path, first: int, count: int) -> None:
    kit = new_case(folder)
    for number in range(first, first + count, _TOGETHER):
        kit.record_all(range(number, min(number + _TOGETHER, first + count)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
