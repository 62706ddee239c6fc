"""From a draft to a bundle in somebody else's hands: exported, unzipped, checked with what came in it, taken in."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.person import Person, Told, new_person
from tests.support.source_site import SourceSite, serve_sources
from tests.support.tsa_server import TsaServer, serve_tsa

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site() -> Iterator[SourceSite]:
    with serve_sources() as serving:
        yield serving


@pytest.fixture(scope="module")
def authorities(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[TsaServer]]:
    folder = tmp_path_factory.mktemp("tsa")
    with serve_tsa(folder / "first", name="First") as first, serve_tsa(folder / "second", name="Second") as second:
        yield [first, second]


@pytest.fixture(scope="module")
def person(tmp_path_factory: pytest.TempPathFactory, site: SourceSite, authorities: list[TsaServer]) -> Person:
    """Give a person who captured four sources; one is gone."""
    made = new_person(tmp_path_factory.mktemp("person"))
    for number, tsa in enumerate(authorities):
        (made.folder / f"root{number}.pem").write_bytes(tsa.root_pem)
        done(made.run("tsa", "add", f"tsa{number}", tsa.url, "--roots", str(made.folder / f"root{number}.pem")))
    links = [
        f"[source {n}]({site.url(path)}) says so.\n" for n, path in enumerate(("/story", "/old", "/statement.pdf"))
    ]
    (made.workspace / "draft.md").write_text("# Draft\n\n" + "\n\n".join(links), encoding="utf-8")
    done(made.run("cite", "draft.md"))
    done(made.run("capture", "--allow-private", "--json"))
    return made


def done(told: Told) -> Told:
    assert told.code == 0, told.out + told.err
    return told


def test_a_lawyer_gets_two_of_three_sources_and_checks_them_without_archiver(person: Person, tmp_path: Path) -> None:
    out = tmp_path / "for-the-court.zip"
    told = done(person.run("export", "-o", str(out), "--citation", "c01", "--citation", "c03", "--json")).events[-1]
    assert (told["exhibits"], told["withheld"]) == (2, 1)
    trust = tmp_path / "trust"
    done(person.run("key", "export-public", str(trust)))
    # The lawyer's own machine: a ZIP, a folder of keys that came another way, and Python.
    with zipfile.ZipFile(out) as opened:
        opened.extractall(tmp_path)
    bundle = tmp_path / told["name"]
    for given in (bundle, out):
        alone = subprocess.run(
            [sys.executable, "-I", bundle / "verify.py", given, "--trust", trust, "--require", "L3", "--json"],
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )
        assert alone.returncode == 0, alone.stdout + alone.stderr
        assert json.loads(alone.stdout)["levels"]["L3"] == "PASS"
    ours = done(person.run("verify", str(out), "--trust", str(trust), "--require", "L3", "--json")).json
    assert ours["levels"]["L3"] == "PASS"
    assert {one["verdict"] for one in ours["checks"] if one["level"] in ("L0", "L1", "L2", "L3")} == {"PASS"}
    assert (bundle / "README-VERIFY.txt").exists()
    assert sorted(one.name for one in (bundle / "data/exhibits").iterdir()) == ["0001", "0002"]


def test_a_colleague_takes_it_in_and_their_own_ledger_says_so(person: Person, tmp_path: Path) -> None:
    out, trust = tmp_path / "b.zip", tmp_path / "trust"
    done(person.run("export", "-o", str(out)))
    done(person.run("key", "export-public", str(trust)))
    (tmp_path / "colleague").mkdir()
    colleague = new_person(tmp_path / "colleague", case="theirs")
    told = done(
        colleague.run("import", str(out), "--trust", str(trust), "--require", "L3", "--by", "R. K.", "--json")
    ).json
    assert (told["verdict"], told["entry"]) == ("PASS", 0)
    assert (colleague.workspace / told["path"]).read_bytes() == out.read_bytes()
    assert "receipt of somebody's bundle" in done(colleague.run("log")).out
