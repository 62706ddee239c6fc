"""``archiver.toml``: what a workspace is set to do. Read with pydantic, refused with every mistake named."""

import re
import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from archiver.model.errors import UsageError

NAME = "archiver.toml"
_VIEWPORT = re.compile(r"(\d{3,4})x(\d{3,4})\Z", re.ASCII)

TEMPLATE = """\
# A workspace of archiver. Keys are not here: they lie in your own data folder.
case = "{case}"

[capture]
timeout_s = 60            # for one source, everything included
allow_private = false     # true lets captures reach this machine and private networks; it is recorded
browser = ""              # path of a Chromium or Chrome; empty: search for one
viewport = "1280x900"
locale = "en-US"
timezone = "UTC"

# Time-stamping authorities (RFC 3161). None is asked unless you name it:
# archiver tsa add NAME URL --roots FILE
"""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class CaptureConfig(_Strict):
    """How sources are captured."""

    timeout_s: int = Field(default=60, ge=5, le=3600)
    allow_private: bool = False
    browser: str = ""
    viewport: str = Field(default="1280x900", pattern=_VIEWPORT.pattern.replace(r"\Z", "$"))
    locale: str = Field(default="en-US", pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")
    timezone: str = Field(default="UTC", pattern=r"^[A-Za-z0-9_+/-]{1,64}$")

    @property
    def viewport_px(self) -> tuple[int, int]:
        """Give the viewport as width and height."""
        width, _, height = self.viewport.partition("x")
        return int(width), int(height)


class CaseConfig(_Strict):
    """One case: the public name of its ledger."""

    origin: str = Field(pattern=r"^[a-z0-9.-]+/[0-9a-f]{32}$")


class TsaConfig(_Strict):
    """One time-stamping authority. Its pinned roots lie in the trust folder under the same name."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
    url: Annotated[str, Field(pattern=r"^https?://[^\s]+$", max_length=2000)]


class Config(_Strict):
    """All of ``archiver.toml``."""

    case: str
    capture: CaptureConfig = CaptureConfig()
    cases: dict[str, CaseConfig] = {}
    tsa: list[TsaConfig] = []


def read_config(path: Path) -> Config:
    """Give the configuration; raise UsageError that names each mistake and its place."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UsageError(f"{path}: no such file", hint="archiver init DIR makes a workspace") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: not valid TOML: {error}") from error
    try:
        return Config.model_validate(found)
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, item['loc']))}: {item['msg']}, found {str(item['input'])[:80]!r}"
            for item in error.errors()
        )
        raise UsageError(f"{path}: {wrong}", hint="docs/formats/workspace.md lists every setting") from error


def case_section(case: str, origin: str) -> str:
    """Give the TOML text that adds a case."""
    return f'\n[cases."{case}"]\norigin = "{origin}"\n'


def tsa_section(name: str, url: str) -> str:
    """Give the TOML text that adds a time-stamping authority; raise UsageError if either is malformed."""
    try:
        TsaConfig(name=name, url=url)
    except ValidationError as error:
        wrong = "; ".join(f"{item['loc'][0]}: {item['msg']}" for item in error.errors())
        raise UsageError(f"time-stamping authority: {wrong}") from error
    if '"' in url or "\\" in url:
        raise UsageError(f"time-stamping authority: url must hold no quotation mark or backslash, found {url!r}")
    return f'\n[[tsa]]\nname = "{name}"\nurl = "{url}"\n'
