"""Flags over archiver.toml: what is given counts, what is not stays, and what no capture could use is refused."""

import zoneinfo
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from archiver.app.capture import _settings
from archiver.app.config import NAME, CaptureConfig, read_config, settled
from archiver.capture.settings import CaptureSettings
from archiver.model.errors import UsageError
from archiver.model.evidence import SettingsFacts

CHANGES: dict[str, Any] = {
    "timeout_s": 7,
    "allow_private": True,
    "viewport": "1920x1080",
    "locale": "ar-IQ",
    "timezone": "Asia/Baghdad",
    "max_mib": 3,
    "jobs": 5,
    "per_host": 4,
    "retries": 3,
    "device_scale": 2,
    "service_workers": True,
    "ignore_https_errors": True,
    "proxy": "socks5://127.0.0.1:9050",
    "behave": False,
    "extras": False,
    "video": True,
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_flag_changes_its_setting_and_no_other(name: str) -> None:
    before = CaptureConfig()
    after = settled(before, dict.fromkeys(CHANGES) | {name: CHANGES[name]})

    assert getattr(after, name) == CHANGES[name] != getattr(before, name)
    assert after.model_copy(update={name: getattr(before, name)}) == before


def test_every_setting_but_the_browsers_path_can_be_changed_by_a_flag() -> None:
    assert set(CHANGES) == set(CaptureConfig.model_fields) - {"browser"}


def test_what_no_flag_changes_is_as_the_file_says(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text(
        'case = "a"\n[capture]\nretries = 4\nlocale = "fa-IR"\ntimezone = "Asia/Tehran"\nbehave = false\n'
    )
    config = settled(read_config(tmp_path / NAME).capture, {"locale": "ar-IQ", "behave": None, "retries": 0})

    assert (config.retries, config.locale, config.timezone, config.behave) == (0, "ar-IQ", "Asia/Tehran", False)


def test_every_setting_reaches_the_capture_and_its_manifest() -> None:
    config = settled(CaptureConfig(), CHANGES)
    chosen = _settings(config, login=Path("/elsewhere/state.json"), jobs=5)
    usual, facts = CaptureSettings(), chosen.facts()

    unchanged = {one.name for one in fields(chosen) if getattr(chosen, one.name) == getattr(usual, one.name)}
    assert unchanged == {"quiet_ms", "settle_s"}, "these have no flag"
    assert facts == SettingsFacts(
        viewport_width_px=1920,
        viewport_height_px=1080,
        device_scale_percent=200,
        locale="ar-IQ",
        timezone="Asia/Baghdad",
        private_addresses_allowed=True,
        profile="login",
        timeout_ms=7_000,
        service_workers="allow",
        https_errors_ignored=True,
        proxy="socks5://127.0.0.1:9050",
        max_bytes=3 << 20,
        behave=False,
        extras=False,
        video=True,
        jobs=5,
        per_host=4,
        retries=3,
    )


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"viewport": "huge"}, "--viewport: "),
        ({"viewport": "1280x"}, "--viewport: "),
        ({"viewport": "1280x900\n"}, "--viewport: "),
        ({"viewport": "000x000"}, "--viewport: "),
        ({"viewport": "١٢٨٠x٩٠٠"}, "--viewport: "),
        ({"viewport": "12800x900"}, "--viewport: "),
        ({"locale": "Arabic (Iraq)"}, "--locale: "),
        ({"timezone": "Mars/Phobos"}, "--timezone: "),
        ({"timezone": "../../etc/passwd"}, "--timezone: "),
        ({"timezone": ""}, "--timezone: "),
        ({"timeout_s": 1}, "--timeout: "),
        ({"device_scale": 3}, "--scale: "),
        ({"max_mib": 0}, "--max-mib: "),
        ({"per_host": 0}, "--per-host: "),
        ({"jobs": "4"}, "--jobs: "),
        ({"behave": "no"}, "--untouched: "),
        ({"extras": 1}, "--page-only: "),
    ],
)
def test_a_value_that_no_capture_could_use_is_told_by_its_flag(changes: dict[str, object], told: str) -> None:
    with pytest.raises(UsageError) as caught:
        settled(CaptureConfig(), changes)

    assert caught.value.message.startswith(told)
    assert caught.value.exit_code == 2
    assert caught.value.hint


def test_every_mistake_is_told_at_once() -> None:
    with pytest.raises(UsageError, match=r"--viewport: .*; --locale: .*; --retries: "):
        settled(CaptureConfig(), {"viewport": "x", "locale": "?", "retries": 99})


def test_what_was_found_is_told_as_it_was_given_not_with_its_underscores_changed() -> None:
    with pytest.raises(UsageError, match="found 'ar_IQ'"):
        settled(CaptureConfig(), {"locale": "ar_IQ"})


@pytest.mark.parametrize("name", ["asia/baghdad", "localtime", "Factory", "Mars/Phobos", "GMT+3"])
def test_a_time_zone_that_a_browser_refuses_is_refused_before_any_source_fails_by_it(tmp_path: Path, name: str) -> None:
    (tmp_path / NAME).write_text(f'case = "a"\n[capture]\ntimezone = "{name}"\n')

    with pytest.raises(UsageError, match=r"capture\.timezone: .*IANA time zone such as Asia/Baghdad"):
        read_config(tmp_path / NAME)


@pytest.mark.parametrize("name", ["UTC", "Asia/Baghdad", "Asia/Tehran", "Europe/Kyiv", "America/Argentina/Ushuaia"])
def test_time_zones_of_the_world_are_taken(name: str) -> None:
    assert settled(CaptureConfig(), {"timezone": name}).timezone == name


def test_without_zone_files_any_name_is_left_to_the_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zoneinfo, "available_timezones", set)

    assert settled(CaptureConfig(), {"timezone": "Asia/Baghdad"}).timezone == "Asia/Baghdad"


def test_a_bad_proxy_of_the_file_is_told_although_no_flag_names_it(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text('case = "a"\n[capture]\nproxy = "tor"\n')

    with pytest.raises(UsageError, match="proxy: expected socks5://HOST:PORT"):
        settled(read_config(tmp_path / NAME).capture, {})


def test_a_proxys_password_is_not_repeated_where_the_proxy_is_refused() -> None:
    with pytest.raises(UsageError) as caught:
        settled(CaptureConfig(), {"proxy": "socks6://me:open-sesame@proxy.example:1080"})

    assert "open-sesame" not in caught.value.message + caught.value.hint
