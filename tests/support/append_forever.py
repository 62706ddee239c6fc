"""Appends captures to a case until it is killed: ``python -m tests.support.append_forever FOLDER START``."""

import sys
from pathlib import Path

from archiver.record.recover import recover
from tests.support.ledger_kit import fixed_salt, new_case


def main(folder: Path, start: int) -> None:
    kit = new_case(folder)
    recover(kit.book, new_salt=lambda: fixed_salt(77))
    for number in range(start, start + 100_000):
        kit.record(number)
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
