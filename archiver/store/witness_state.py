"""What a witness remembers: which ledgers it follows, and of each the largest tree that it cosigned. SQLite.

Comparing with the last tree and keeping the new one is one transaction, durable before it ends: of two requests
at the same time the second sees what the first left.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from archiver.model.errors import StoreError
from archiver.store import durable

_TABLES = """
CREATE TABLE IF NOT EXISTS logs (vkey TEXT PRIMARY KEY, origin TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS trees (origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL);
"""
_TIMEOUT_S = 30


@dataclass(slots=True, kw_only=True)
class Turn:
    """One request's turn at a ledger: the largest tree cosigned before it, and the one to keep if any."""

    size: int
    root: bytes
    advanced: tuple[int, bytes] | None = None


class WitnessState:
    """The state of one witness in one file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        durable.make_folders(path.parent)

    def follow(self, vkey: str, origin: str, *, instead: bool = False) -> None:
        """Cosign this ledger from now on; ``instead`` forgets its other keys. The last tree cosigned stays known."""
        with self._open() as database:
            if instead:
                database.execute("DELETE FROM logs WHERE origin = ?", (origin,))
            database.execute("INSERT OR IGNORE INTO logs VALUES (?, ?)", (vkey, origin))

    def followed(self) -> tuple[str, ...]:
        """Give the vkeys of all ledgers that are followed."""
        with self._open() as database:
            return tuple(str(row[0]) for row in database.execute("SELECT vkey FROM logs ORDER BY vkey"))

    def keys_of(self, origin: str) -> tuple[str, ...]:
        """Give the vkeys under which a ledger is followed."""
        with self._open() as database:
            rows = database.execute("SELECT vkey FROM logs WHERE origin = ? ORDER BY vkey", (origin,))
            return tuple(str(row[0]) for row in rows)

    @contextmanager
    def turn(self, origin: str, empty_root: bytes) -> Iterator[Turn]:
        """Hold the ledger's turn; what it advanced to is durable when the block ends, and nothing if it raises."""
        with self._open() as database:
            row = database.execute("SELECT size, root FROM trees WHERE origin = ?", (origin,)).fetchone()
            turn = Turn(size=row[0], root=bytes(row[1])) if row else Turn(size=0, root=empty_root)
            yield turn
            if turn.advanced is not None:
                database.execute("INSERT OR REPLACE INTO trees VALUES (?, ?, ?)", (origin, *turn.advanced))

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self._path, timeout=_TIMEOUT_S, isolation_level=None)) as database:
                database.executescript(f"PRAGMA synchronous = EXTRA; {_TABLES}")
                database.execute("BEGIN IMMEDIATE")
                yield database
                database.execute("COMMIT")
        except sqlite3.Error as error:
            raise StoreError(f"{self._path}: the witness's state: {error}") from error
