"""A login for captures: a Playwright storage state, kept by the person outside the workspace, checked before use."""

import json
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ValidationError

from archiver.model.errors import UsageError

_LARGEST_BYTES: Final = 8 << 20
_HINT: Final = "python -m playwright open --save-storage=STATE URL, log in there, close the window"


class _Cookie(BaseModel):
    name: str
    value: str
    domain: str
    path: str


class _Item(BaseModel):
    name: str
    value: str


class _Origin(BaseModel):
    origin: str
    localStorage: list[_Item] = []  # noqa: N815 - Playwright's own word


class _State(BaseModel):
    cookies: list[_Cookie]
    origins: list[_Origin] = []


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
        _State.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}", hint=_HINT) from error
    except ValidationError as error:
        # What stands in the file is secret: where it is wrong is told, never what was found there.
        where = ".".join(map(str, error.errors()[0]["loc"])) or "the whole"
        raise UsageError(
            f"{path}: expected a Playwright storage state with cookies; wrong: {where}", hint=_HINT
        ) from None
    except (ValueError, RecursionError):
        raise UsageError(f"{path}: expected a Playwright storage state, found no JSON", hint=_HINT) from None
    return path
