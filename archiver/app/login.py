"""A login for captures: a Playwright storage state, kept by the person outside the workspace, checked before use."""

import json
from pathlib import Path
from typing import Final

from archiver.model.errors import UsageError

_LARGEST_BYTES: Final = 8 << 20
_HINT: Final = "python -m playwright open --save-storage=STATE URL, log in there, close the window"


def storage_state(path: Path, *, outside: Path) -> Path:
    """Give the path of a storage state that a browser can take.

    Raises UsageError where it is none, or where it lies inside the workspace: what lies there is published or
    handed over one day, and whoever has the file is logged in.
    """
    if path.resolve().is_relative_to(outside.resolve()):
        raise UsageError(f"{path}: a login must not lie inside the workspace", hint="move it to your own data folder")
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise UsageError(f"{path}: expected a storage state of at most {_LARGEST_BYTES >> 20} MiB", hint=_HINT)
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}", hint=_HINT) from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path}: expected a Playwright storage state, found no JSON", hint=_HINT) from error
    if not isinstance(found, dict) or not isinstance(found.get("cookies"), list):
        raise UsageError(f"{path}: expected a Playwright storage state with cookies", hint=_HINT)
    return path
