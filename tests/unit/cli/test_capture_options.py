"""Every option of ``archiver capture`` reaches the capture and stands in its manifest; what none can use is refused."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archiver.app.home import Home
from archiver.app.init import initialise
from archiver.app.reading import captures
from archiver.cli.main import main
from archiver.model.evidence import Attempt, Capture
from archiver.store.manifests import ManifestFolder
from tests.support.pages import Pages, serve_pages
from tests.support.proxies import serve_proxy
from tests.support.source_site import SourceSite, closed_port, serve_sources

SECRET = "correct horse battery"
STATE = {
    "cookies": [
        {"name": "session", "value": "s3cr3t", "domain": "127.0.0.1", "path": "/", "expires": -1, "httpOnly": False,
         "secure": False, "sameSite": "Lax"}
    ],
    "origins": [],
}  # fmt: skip
TOLD = """<!doctype html><meta charset=utf-8><title>t</title><p id=seen></p><script>
seen.textContent = JSON.stringify([innerWidth, innerHeight, devicePixelRatio, navigator.language,
  Intl.DateTimeFormat().resolvedOptions().timeZone, document.cookie, 'serviceWorker' in navigator]);</script>"""


@pytest.fixture(scope="module")
def pages() -> Iterator[Pages]:
    with serve_pages({"/": TOLD, "/big": ("application/pdf", b"%PDF-1.4\n" + bytes(3 << 20))}) as serving:
        yield serving


@pytest.fixture(scope="module")
def site() -> Iterator[SourceSite]:
    with serve_sources() as serving:
        yield serving


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "workspace"
    initialise(folder, case="kut", home=Home(root=tmp_path / "home"), passphrase=SECRET.encode())
    (tmp_path / "passphrase").write_text(SECRET + "\n")
    monkeypatch.setenv("ARCHIVER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ARCHIVER_PASSPHRASE_FILE", str(tmp_path / "passphrase"))
    monkeypatch.chdir(folder)
    return folder


def recorded(workspace: Path) -> list[Capture]:
    return list(captures(ManifestFolder(workspace / "manifests/kut")))


def attempt(workspace: Path) -> Attempt:
    (one,) = recorded(workspace)
    return one.attempt


def text_of(workspace: Path) -> str:
    (one,) = recorded(workspace)
    artifact = next(piece for piece in one.artifacts if piece.name == "text.txt")
    return (workspace / f"archive/sha256/{artifact.digest.hex[:2]}/{artifact.digest.hex}.txt").read_text("utf-8")


@pytest.mark.browser
def test_every_option_reaches_the_capture_and_is_in_the_manifest(
    workspace: Path, tmp_path: Path, pages: Pages, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "state.json").write_text(json.dumps(STATE))
    code = main(
        [
            "capture", pages.url("/"), "--allow-private", "--timeout", "41", "--max-mib", "7", "--jobs", "3",
            "--per-host", "1", "--retries", "4", "--viewport", "1024x700", "--scale", "2", "--locale", "ar-IQ",
            "--timezone", "Asia/Baghdad", "--login", str(tmp_path / "state.json"), "--service-workers", "allow",
            "--ignore-https-errors", "--untouched", "--page-only",
        ]
    )  # fmt: skip
    told = capsys.readouterr()
    assert code == 0, told.out + told.err
    settings = attempt(workspace).settings
    assert (settings.viewport_width_px, settings.viewport_height_px, settings.device_scale_percent) == (1024, 700, 200)
    assert (settings.locale, settings.timezone, settings.profile) == ("ar-IQ", "Asia/Baghdad", "login")
    assert (settings.timeout_ms, settings.max_bytes) == (41_000, 7 << 20)
    assert (settings.jobs, settings.per_host, settings.retries) == (1, 1, 4), "one source needs one job"
    assert (settings.private_addresses_allowed, settings.https_errors_ignored) == (True, True)
    assert (settings.service_workers, settings.behave, settings.extras, settings.video) == (
        "allow",
        False,
        False,
        False,
    )
    assert {"logged_in_session", "service_workers_allowed", "tls_errors_ignored"} <= set(attempt(workspace).limits)
    seen = json.loads(text_of(workspace))
    assert seen == [1024, 700, 2, "ar-IQ", "Asia/Baghdad", "session=s3cr3t", True]
    assert "s3cr3t" not in json.dumps([str(one) for one in recorded(workspace)]), "no manifest holds the login"


@pytest.mark.browser
def test_without_options_the_workspaces_own_settings_are_used(workspace: Path, pages: Pages) -> None:
    path = workspace / "archiver.toml"
    text = path.read_text().replace("allow_private = false", "allow_private = true")
    path.write_text(text.replace('locale = "en-US"', 'locale = "fa-IR"').replace("retries = 1", "retries = 2"))

    assert main(["capture", pages.url("/"), "--timezone", "Asia/Tehran"]) == 0
    settings = attempt(workspace).settings
    assert (settings.locale, settings.timezone, settings.retries) == ("fa-IR", "Asia/Tehran", 2)
    assert (settings.behave, settings.extras, settings.service_workers) == (True, True, "block")
    assert settings.proxy is None


@pytest.mark.browser
def test_a_proxy_of_the_command_line_is_used_and_its_password_is_nowhere(
    workspace: Path, site: SourceSite, capsys: pytest.CaptureFixture[str]
) -> None:
    place = ("127.0.0.1", int(site.root.rpartition(":")[2]))
    with serve_proxy("socks5", leads_to=place, secret=True) as proxy:
        code = main(["capture", "http://news.example/story", "--proxy", proxy.url, "--json"])
        told = capsys.readouterr()
        assert code == 0, told.out + told.err
        assert attempt(workspace).settings.proxy == f"socks5://127.0.0.1:{proxy.port}"
    assert proxy.forms
    kept = [path.read_bytes() for path in workspace.rglob("*") if path.is_file()]
    assert not any(b"sesame" in one or b"reporter" in one for one in (*kept, told.out.encode(), told.err.encode()))


@pytest.mark.browser
def test_the_bound_of_bytes_cuts_what_is_larger_and_says_so(workspace: Path, pages: Pages) -> None:
    main(["capture", pages.url("/big"), "--allow-private", "--max-mib", "1"])
    outcome = attempt(workspace).outcome

    assert (outcome.state, outcome.reason) == ("partial", "too_large")


@pytest.mark.browser
def test_the_video_option_is_recorded_and_what_it_did_not_get_is_a_limit(workspace: Path, pages: Pages) -> None:
    assert main(["capture", pages.url("/"), "--allow-private", "--video"]) == 0

    assert attempt(workspace).settings.video is True
    assert any(one.startswith("video_not_got") for one in attempt(workspace).limits)


@pytest.mark.browser
def test_events_for_programs_tell_each_start_each_end_and_the_sum(
    workspace: Path, site: SourceSite, capsys: pytest.CaptureFixture[str]
) -> None:
    urls = [site.url("/story"), site.url("/gone"), site.url("/data.json")]
    assert main(["capture", *urls, "--allow-private", "--jobs", "2", "--json"]) == 3
    events: list[dict[str, Any]] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    starts = [one for one in events if one["event"] == "start"]
    ends = {one["url"]: one for one in events if one["event"] == "done"}
    assert [(one["url"], one["number"], one["of"]) for one in starts] == [(url, n, 3) for n, url in enumerate(urls, 1)]
    assert [ends[url]["state"] for url in urls] == ["ok", "failed", "ok"]
    assert ends[urls[1]]["reason"] == "gone"
    assert {one["entry"] for one in ends.values()} == {0, 1, 2}
    assert all(one["files"] for one in ends.values())
    assert events[-1] == {
        "event": "summary", "case": "kut", "attempted": 3, "captured": 2, "failed": 1, "pending_stamps": 0,
        "recorded_before": 0, "failed_before": 0, "erased_before": 0, "without_url": 0,
    }  # fmt: skip


@pytest.mark.browser
def test_each_try_is_recorded_and_told_and_the_last_one_counts(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    began = time.monotonic()
    with closed_port() as port:
        code = main(["capture", f"http://no-such-name.invalid:{port}/", "--retries", "1", "--json"])
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    assert code == 3
    assert [one["reason"] for one in events if one["event"] == "done"] == ["dns", "dns"]
    assert [(one["attempted"], one["failed"]) for one in events if one["event"] == "summary"] == [(2, 1)]
    assert len(recorded(workspace)) == 2
    assert time.monotonic() - began >= 2


@pytest.mark.browser
def test_people_are_told_in_lines_and_what_a_page_says_moves_no_cursor(
    workspace: Path, site: SourceSite, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["capture", site.url("/story?\u202e\u001b[2J"), site.url("/wall"), "--allow-private"]) == 3
    out = capsys.readouterr().out

    assert "[1/2] -" in out
    assert "1 captured, 1 failed; 2 attempts recorded in kut" in out
    assert "failed (login_wall)" in out
    assert "timestamps: none asked" in out
    assert "\u202e" not in out
    assert "\x1b" not in out


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--jobs", "0"], "'--jobs'"),
        (["--jobs", "many"], "'--jobs'"),
        (["--per-host", "0"], "'--per-host'"),
        (["--retries", "9"], "'--retries'"),
        (["--timeout", "1"], "'--timeout'"),
        (["--max-mib", "0"], "'--max-mib'"),
        (["--scale", "3"], "'--scale'"),
        (["--viewport", "wide"], "--viewport: "),
        (["--viewport", "000x000"], "--viewport: "),
        (["--locale", "ar_IQ"], "found 'ar_IQ'"),
        (["--timezone", "Mars/Phobos"], "--timezone: "),
        (["--proxy", "tor"], "proxy: expected socks5://HOST:PORT"),
        (["--proxy", "socks5://me:open-sesame@127.0.0.1"], "proxy: expected socks5://HOST:PORT"),
        (["--service-workers", "maybe"], "--service-workers: expected allow or block, found 'maybe'"),
        (["--login", "../absent.json"], "absent.json: No such file"),
        (["--login", "archiver.toml"], "must not lie inside the workspace"),
        (["--no-such-option"], "--no-such-option"),
    ],
)
def test_a_value_that_no_capture_could_use_is_told_and_nothing_is_recorded(
    workspace: Path, capsys: pytest.CaptureFixture[str], options: list[str], told: str
) -> None:
    assert main(["capture", "https://news.example/", *options]) == 2
    said = capsys.readouterr().err

    assert told in said
    assert "hint: " in said
    assert "open-sesame" not in said
    assert recorded(workspace) == []


def test_a_wrong_option_is_told_to_programs_as_one_object(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["capture", "https://news.example/", "--timezone", "Mars/Phobos", "--json"]) == 2
    error = json.loads(capsys.readouterr().out)["error"]

    assert error["exit_code"] == 2
    assert "Asia/Baghdad" in error["message"]
