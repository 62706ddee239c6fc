"""How a source is captured: the vantage a page sees, and the bounds that always end a capture."""

from dataclasses import dataclass
from pathlib import Path

from archiver.capture.outward import shown
from archiver.model.evidence import SettingsFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureSettings:
    """Everything that a page could answer to, and how long and how large a capture may become.

    ``timeout_s`` bounds one source, everything included but writing what was got; ``quiet_ms`` is how long
    the network must rest before the page counts as settled, ``settle_s`` the longest that is waited for it.
    ``max_bytes`` bounds what one source may send. ``login`` is a Playwright storage state (cookies, local
    storage) from outside the workspace; ``proxy`` a URL that everything goes through. ``behave`` allows the
    gentle interventions after the untouched pictures; ``extras`` what a platform's rules would save besides;
    ``video`` the media that yt-dlp finds. ``jobs``, ``per_host`` and ``retries`` are those of the run, for the record.
    """

    timeout_s: int = 60
    viewport_width_px: int = 1280
    viewport_height_px: int = 900
    device_scale_percent: int = 100
    locale: str = "en-US"
    timezone: str = "UTC"
    allow_private: bool = False
    max_bytes: int = 512 * 1024 * 1024
    quiet_ms: int = 500
    settle_s: int = 8
    service_workers: str = "block"
    ignore_https_errors: bool = False
    login: Path | None = None
    proxy: str = ""
    behave: bool = True
    extras: bool = True
    video: bool = False
    jobs: int | None = None
    per_host: int | None = None
    retries: int | None = None

    def facts(self) -> SettingsFacts:
        """Give what a manifest says of these settings."""
        return SettingsFacts(
            viewport_width_px=self.viewport_width_px,
            viewport_height_px=self.viewport_height_px,
            device_scale_percent=self.device_scale_percent,
            locale=self.locale,
            timezone=self.timezone,
            private_addresses_allowed=self.allow_private,
            timeout_ms=self.timeout_s * 1000,
            profile="login" if self.login else "fresh",
            service_workers=self.service_workers,
            https_errors_ignored=self.ignore_https_errors,
            proxy=shown(self.proxy),
            max_bytes=self.max_bytes,
            behave=self.behave,
            extras=self.extras,
            video=self.video,
            jobs=self.jobs,
            per_host=self.per_host,
            retries=self.retries,
        )
