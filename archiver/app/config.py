"""``archiver.toml``: what a workspace is set to do. Read with pydantic, refused with every mistake named."""

import tomllib
import zoneinfo
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from archiver.capture.outward import read_proxy
from archiver.model.errors import UsageError
from archiver.model.evidence import Collector

NAME = "archiver.toml"
_VIEWPORT = r"^[1-9][0-9]{2,3}x[1-9][0-9]{2,3}$"
_NO_ZONES = frozenset({"Factory", "localtime"})  # names that zone files have and browsers refuse
_FLAGS: Final = {"timeout_s": "timeout", "device_scale": "scale", "behave": "untouched", "extras": "page-only"}

TEMPLATE = """\
# A workspace of archiver. Keys are not here: they lie in your own data folder.
case = "{case}"

[capture]
timeout_s = 60            # for one source, everything included
max_mib = 512             # what one source may send
jobs = 0                  # sources at once; 0: by this machine's processors and memory
per_host = 2              # of these, at most so many of one host
retries = 1               # of sources that failed for a passing reason; each try is recorded
allow_private = false     # true lets captures reach this machine and private networks; it is recorded
browser = ""              # path of a Chromium or Chrome; empty: search for one
viewport = "1280x900"
locale = "en-US"
timezone = "UTC"
behave = true             # after the untouched pictures: refuse consent banners, scroll for lazy pictures; logged
extras = true             # save what the rules of a platform name besides the page
device_scale = 1          # 1 or 2 device pixels for one CSS pixel
service_workers = false   # true lets pages start service workers
ignore_https_errors = false  # true passes over bad certificates; it is recorded
proxy = ""                # socks5://HOST:PORT or http://HOST:PORT; empty: straight to the source
video = false             # true saves media with yt-dlp: archiver[video]

# Time-stamping authorities (RFC 3161). None is asked unless you name it:
# archiver tsa add NAME URL --roots FILE
#
# Calendars of OpenTimestamps, for the extra archiver[ots]. None is asked unless you name it:
# [ots]
# calendars = ["https://calendar.example"]
"""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class CaptureConfig(_Strict):
    """How sources are captured."""

    timeout_s: int = Field(default=60, ge=5, le=3600)
    allow_private: bool = False
    browser: str = ""
    viewport: str = Field(default="1280x900", pattern=_VIEWPORT)
    locale: str = Field(default="en-US", pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")
    timezone: str = Field(default="UTC", pattern=r"^[A-Za-z0-9_+/-]{1,64}$")
    max_mib: int = Field(default=512, ge=1, le=16384)
    jobs: int = Field(default=0, ge=0, le=64)
    per_host: int = Field(default=2, ge=1, le=64)
    retries: int = Field(default=1, ge=0, le=5)
    device_scale: int = Field(default=1, ge=1, le=2)
    service_workers: bool = False
    ignore_https_errors: bool = False
    proxy: str = ""
    behave: bool = True
    extras: bool = True
    video: bool = False

    @field_validator("timezone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        """Refuse what a browser would refuse once for every source. Unchecked where this machine has no zone files."""
        known = zoneinfo.available_timezones() - _NO_ZONES if name != "UTC" else frozenset()
        if known and name not in known:
            raise ValueError("expected an IANA time zone such as Asia/Baghdad")
        return name

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


class OtsConfig(_Strict):
    """OpenTimestamps calendars that anchor checkpoints; none unless the person names one."""

    calendars: list[Annotated[str, Field(pattern=r"^https?://[A-Za-z0-9._:/-]+$", max_length=1000)]] = []


class CollectorConfig(_Strict):
    """Who captures, as it is to stand in every manifest; nobody unless the person writes it."""

    name: str | None = Field(default=None, max_length=200)
    role: str | None = Field(default=None, max_length=200)
    organisation: str | None = Field(default=None, max_length=200)
    authority: str | None = Field(default=None, max_length=1000)


class Config(_Strict):
    """All of ``archiver.toml``."""

    case: str
    collector: CollectorConfig | None = None
    capture: CaptureConfig = CaptureConfig()
    cases: dict[str, CaseConfig] = {}
    tsa: list[TsaConfig] = []
    ots: OtsConfig = OtsConfig()

    def collected_by(self) -> Collector | None:
        """Give who captures, if the person wrote it."""
        return Collector(**self.collector.model_dump()) if self.collector else None


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


def settled(config: CaptureConfig, changes: Mapping[str, object]) -> CaptureConfig:
    """Give the settings with what the flags change; None changes nothing. Raises UsageError that names each mistake."""
    found = config.model_dump() | {name: value for name, value in changes.items() if value is not None}
    try:
        settled = CaptureConfig.model_validate(found)
    except ValidationError as error:
        wrong = "; ".join(
            f"--{_flag(str(item['loc'][0]))}: {item['msg']}, found {str(item['input'])[:80]!r}"
            for item in error.errors()
        )
        raise UsageError(wrong, hint="archiver capture --help") from error
    if settled.proxy:
        read_proxy(settled.proxy)
    return settled


def _flag(name: str) -> str:
    return _FLAGS.get(name, name.replace("_", "-"))


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
