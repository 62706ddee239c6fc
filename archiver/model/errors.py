"""The one error tree: families are told apart by who must act.

::

    ArchiverError            exit code   who must act
    |- UsageError            2           the person at the keyboard
    |- SourceError           3           the outside world: a source could not be captured
    |- FormatError           4           these bytes are not what they claim to be
    |- StoreError            5           this disk or this workspace
    |   |- Conflict                      a write-once name already holds other bytes
    |   |- Locked                        another process is writing
    |   `- Damaged                       what was recorded is no longer there, or has changed
    `- SealError             6           a signer or a time-stamping authority

A failed *check* is no exception: ``verify`` returns a report. A failed *capture* is no exception
either: it is an `Attempt` whose outcome says so.
"""

from typing import ClassVar


class ArchiverError(Exception):
    """A failure that a person can act on: what, where, expected, found, and a hint what to do."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(ArchiverError):
    """The command or its input was wrong; nothing was done."""

    exit_code = 2


class SourceError(ArchiverError):
    """A source could not be captured for a reason that lies outside this machine."""

    exit_code = 3


class FormatError(ArchiverError):
    """Bytes are not what they claim to be. Parsers raise this and nothing else."""

    exit_code = 4


class StoreError(ArchiverError):
    """The disk or the workspace refuses."""

    exit_code = 5


class Conflict(StoreError):
    """A write-once name already holds different bytes. Nothing was overwritten."""


class Locked(StoreError):
    """Another process holds the writer's lock."""


class Damaged(StoreError):
    """Something recorded is missing or has changed."""


class SealError(ArchiverError):
    """A key could not be opened, or a signer or TSA gave no usable answer."""

    exit_code = 6
