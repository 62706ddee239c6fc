"""The whole job as a person does it, in processes of their own: draft, cite, capture, stamp, verify."""

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.person import Person, new_person
from tests.support.source_site import SourceSite, closed_port, serve_sources
from tests.support.tsa_server import TsaServer, serve_tsa

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site() -> Iterator[SourceSite]:
    with serve_sources() as serving:
        yield serving


@pytest.fixture(scope="module")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TsaServer]:
    with serve_tsa(tmp_path_factory.mktemp("tsa")) as serving:
        yield serving


@pytest.fixture
def person(tmp_path: Path) -> Person:
    return new_person(tmp_path)


def write_draft(person: Person, site: SourceSite, *paths: str) -> None:
    lines = "\n\n".join(
        f"قال المتحدث [في بيان {n}]({site.url(path)}) إن «هذا ليس صحيحا».\n" for n, path in enumerate(paths)
    )
    (person.workspace / "draft.md").write_text(f"# مسودة\n\n{lines}", encoding="utf-8")
    cited = person.run("cite", "draft.md")
    assert cited.code == 0, cited.err


def use_tsa(person: Person, tsa: TsaServer) -> None:
    (person.folder / "root.pem").write_bytes(tsa.root_pem)
    added = person.run("tsa", "add", "test", tsa.url, "--roots", str(person.folder / "root.pem"))
    assert added.code == 0, added.err


def test_from_a_draft_to_verified_sources_with_a_timestamp(person: Person, site: SourceSite, tsa: TsaServer) -> None:
    tsa.mood = "ok"
    use_tsa(person, tsa)
    write_draft(person, site, "/story", "/old", "/statement.pdf", "/data.json")
    captured = person.run("capture", "--allow-private", "--json")
    assert captured.code == 0, captured.out + captured.err
    done = [one for one in captured.events if one["event"] == "done"]
    # Several run at once: which of them ends first is nobody's promise.
    assert sorted((one["citation"], one["state"]) for one in done) == [(f"c0{n}", "ok") for n in range(1, 5)]
    assert [one["state"] for one in captured.events if one["event"] == "stamp"] == ["stamped"]
    verified = person.run("verify", "--require", "L3", "--json")
    assert verified.code == 0, verified.out
    assert verified.json["levels"]["L3"] == "PASS"
    status = person.run("status", "--json")
    assert {one["stamp"] for one in status.json["standings"]} == {"stamped"}
    assert all((person.workspace / name).is_file() for one in status.json["standings"] for name in one["files"])


def test_an_authority_that_does_not_answer_leaves_the_stamp_pending_until_it_does(
    person: Person, site: SourceSite, tsa: TsaServer
) -> None:
    use_tsa(person, tsa)
    write_draft(person, site, "/story")
    tsa.mood = "error"
    captured = person.run("capture", "--allow-private", "--json")
    assert captured.code == 0
    assert [one["state"] for one in captured.events if one["event"] == "stamp"] == ["pending"]
    assert person.run("status", "--json").json["standings"][0]["stamp"] == "pending"
    assert person.run("verify", "--require", "L3").code == 7
    for mood in ("garbage", "refuse", "replay", "other", "error"):
        tsa.mood = mood
        again = person.run("stamp")
        assert again.code == 6, mood
        assert "PENDING" in again.out
    tsa.mood = "ok"
    assert person.run("stamp").code == 0
    assert person.run("stamp").out == "nothing is pending\n"
    assert person.run("verify", "--require", "L3").code == 0


FAILURES = {
    "/absent": "http_client_error",
    "/gone": "gone",
    "/broken": "http_server_error",
    "/members": "login_wall",
    "/empty": "empty_page",
    "/loop": "redirect_loop",
    "/silent": "connection",
    "/hanging": "timeout",
}


def test_every_kind_of_failed_source_is_recorded_with_its_evidence_and_verifies(
    person: Person, site: SourceSite
) -> None:
    write_draft(person, site, *FAILURES, "/story")
    found = person.workspace / "manifests/kut/citations.yaml"
    with closed_port() as port, serve_sources(person.folder) as tls:
        more = {
            f"http://127.0.0.1:{port}/": "refused",
            "http://no-such-name.invalid/": "dns",
            tls.url("/story"): "tls" if tls.url("/").startswith("https") else "",
        }
        text = found.read_text(encoding="utf-8")
        for number, url in enumerate(more):
            text += f"  - id: x{number}\n    kind: web_page\n    url: {url}\n"
        found.write_text(text, encoding="utf-8")
        captured = person.run("capture", "--allow-private", "--timeout", "8", "--json")
    assert captured.code == 3
    done = {one["citation"]: one for one in captured.events if one["event"] == "done"}
    expected = [*FAILURES.values(), None, *more.values()]
    assert len(done) == len(expected)
    ended = [one["reason"] if one["state"] == "failed" else None for _, one in sorted(done.items())]
    assert ended == [one or None for one in expected]
    assert all(one["rests_on"] for one in done.values() if one["state"] == "failed")
    assert {"warc", "screenshot_viewport"} <= {each["role"] for each in done["c02"]["files"]}
    assert person.run("verify").code == 0
    assert person.run("capture", "--allow-private", "--json").events[-1]["attempted"] == 0


def test_a_private_address_is_not_fetched_unless_it_is_allowed(person: Person, site: SourceSite) -> None:
    before = len(site.asked)
    write_draft(person, site, "/story")
    captured = person.run("capture", "--json")
    assert captured.code == 3
    (done,) = [one for one in captured.events if one["event"] == "done"]
    assert (done["state"], done["reason"], done["files"]) == ("failed", "forbidden_address", [])
    assert person.run("verify").code == 0
    assert before == len(site.asked)


def test_urls_without_a_citation_are_captured_too(person: Person, site: SourceSite) -> None:
    captured = person.run("capture", site.url("/story"), "--allow-private", "--json")
    assert captured.code == 0, captured.err
    assert person.run("verify").code == 0
    assert person.run("status", "--json").json["standings"][0]["url"] == site.url("/story")


@pytest.mark.slow
def test_a_run_that_is_killed_goes_on_where_it_was_and_loses_nothing(person: Person, site: SourceSite) -> None:
    write_draft(person, site, "/story", "/old", "/tall", "/dialogs", "/statement.pdf")
    recorded: set[str] = set()
    for wait in (0.2, 0.7, 1.3, 2.1, 3.0):
        process = person.start("capture", "--allow-private", "--json")
        assert process.stdout is not None
        first = process.stdout.readline()
        assert json.loads(first)["event"] == "plan"
        time.sleep(wait)
        os.killpg(process.pid, signal.SIGKILL)
        out, _ = process.communicate(timeout=30)
        for line in out.splitlines():
            if line.startswith("{") and line.endswith("}"):
                event = json.loads(line)
                if event.get("event") == "done":
                    assert event["citation"] not in recorded, "captured twice"
                    recorded.add(event["citation"])
    last = person.run("capture", "--allow-private", "--json")
    assert last.code == 0, last.err
    plan = last.events[0]
    assert recorded <= set(plan["recorded"])
    status = person.run("status", "--json").json
    assert [one["state"] for one in status["standings"]] == ["captured"] * 5
    assert len(status["standings"]) == 5
    verified = person.run("verify", "--json")
    assert verified.code == 0, [one for one in verified.json["checks"] if one["verdict"] != "PASS"]
    assert list((person.folder / "home/scratch").rglob("*.png")) == []


def test_the_demonstration_does_what_it_says(tmp_path: Path) -> None:
    person = Person(folder=tmp_path)
    done = person.run("demo", "--keep", str(tmp_path / "workspace"), "--json")
    assert done.code == 0, done.err
    told = done.json
    assert told["as_expected"] is True
    assert [one["state"] for one in told["captures"]] == ["ok", "ok", "ok", "failed"]
    assert told["captures"][3]["reason"] == "gone"
    assert told["verify"]["verdict"] == "PASS"
    assert [one["id"] for one in told["damage"]["found"]] == ["archive-name"]
    assert told["damage"]["found"][0]["subject"] == told["damage"]["file"]
    assert person.run("verify", "demo").code == 0
    assert person.run("demo", "--keep", str(tmp_path / "workspace")).code == 2
