"""verify.py as the program that it is: its exit codes, what it says, and what it does without a fit openssl."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.bundle_verifiers import TEMPLATES, by_verify_py, packed
from tests.support.bundles import MadeBundle, copy_of

PROGRAM = TEMPLATES / "verify.py"


def run(
    *arguments: str | Path, path: str | None = None, python: str = sys.executable
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [python, str(PROGRAM), *map(str, arguments)],
        env={**os.environ, **({"PATH": path} if path is not None else {})},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_whole_bundle_passes_under_the_auditors_keys(made_bundle: MadeBundle) -> None:
    done = run(made_bundle.bundle, "--trust", made_bundle.trust, "--require", "L3")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("PASS  (required: L3)\n")
    assert done.stdout.startswith("NOT PROVEN by any check below:\n")


def test_the_copy_in_the_bundle_is_this_one_and_is_listed(made_bundle: MadeBundle) -> None:
    assert (made_bundle.bundle / "verify.py").read_bytes() == PROGRAM.read_bytes()
    assert "  verify.py\n" in (made_bundle.bundle / "tagmanifest-sha256.txt").read_text()


def test_a_zip_passes_too(made_bundle: MadeBundle, tmp_path: Path) -> None:
    place = tmp_path / "bundle.zip"
    place.write_bytes(packed(made_bundle.bundle))
    assert run(place, "--trust", made_bundle.trust).returncode == 0


def test_without_trust_it_is_not_checked(made_bundle: MadeBundle) -> None:
    assert run(made_bundle.bundle).returncode == 7
    assert run(made_bundle.bundle, "--require", "L0").returncode == 0


def test_a_damaged_bundle_fails(made_bundle: MadeBundle, tmp_path: Path) -> None:
    copy = copy_of(made_bundle, tmp_path)
    copy.write("data/exhibits/0001/text.txt", b"other")
    done = run(copy.root, "--trust", made_bundle.trust, "--json")
    assert done.returncode == 1
    found = json.loads(done.stdout)
    assert found["version"] == 1
    assert found["verdict"] == "FAIL"
    assert found["levels"]["L0"] == "FAIL"
    assert {"id", "level", "subject", "verdict", "reason"} == set(found["checks"][0])


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([], 2),
        (["--nonsense"], 2),
        (["BUNDLE", "--require", "L4"], 2),
        (["nowhere"], 4),
        (["BUNDLE", "--trust", "nowhere"], 4),
        ([PROGRAM], 4),
    ],
)
def test_each_mistake_has_its_exit_code(made_bundle: MadeBundle, arguments: list[str | Path], code: int) -> None:
    given = [made_bundle.bundle if one == "BUNDLE" else one for one in arguments]
    assert run(*given).returncode == code


def test_a_trusted_key_that_is_none_is_refused_and_never_passed_over(made_bundle: MadeBundle, tmp_path: Path) -> None:
    trust = tmp_path / "trust"
    shutil.copytree(made_bundle.trust, trust)
    (trust / "keys/other.pem").write_text("not a key")
    done = run(made_bundle.bundle, "--trust", trust)
    assert done.returncode == 4
    assert "cannot be read" in done.stderr


STUBS = {
    "none": None,
    "one that says yes to everything": "#!/bin/sh\necho Signature Verified Successfully\necho Verification: OK\n",
    "LibreSSL, which does not know -rawin": '#!/bin/sh\n[ "$1" = version ] && { echo LibreSSL 3.3.6; exit 0; }\n'
    "echo 'pkeyutl: unknown option -rawin' >&2; exit 1\n",
}


@pytest.mark.parametrize("name", STUBS)
def test_an_openssl_that_cannot_tell_leads_to_not_checked_and_never_to_pass(
    made_bundle: MadeBundle, tmp_path: Path, name: str
) -> None:
    script = STUBS[name]
    if script is not None:
        (tmp_path / "openssl").write_text(script)
        (tmp_path / "openssl").chmod(0o755)
    done = run(made_bundle.bundle, "--trust", made_bundle.trust, "--json", path=str(tmp_path))
    assert done.returncode == 7, done.stderr
    found = json.loads(done.stdout)
    assert found["levels"] == {**dict.fromkeys(("L1", "L2", "L3", "L4", "L5"), "NOT CHECKED"), "L0": "PASS"}
    reasons = {one["reason"] for one in found["checks"] if one["id"] == "manifest-signature"}
    assert all("no openssl that verifies Ed25519" in one for one in reasons)


def pythons() -> list[str]:
    """Give other Pythons on this machine, the oldest that it must run with first."""
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = [str(one) for one in sorted(root.glob("3.*/bin/python3"), key=lambda one: int(one.parts[-3].split(".")[1]))]
    return [one for one in found if any(f"/3.{minor}." in one for minor in (8, 9, 12, 13))]


def test_it_runs_with_the_oldest_python_that_it_promises_and_the_newest(made_bundle: MadeBundle) -> None:
    others = pythons()
    if not others:
        pytest.skip("no other Python on this machine than the one that runs this")
    for python in dict.fromkeys((others[0], others[-1])):
        done = run(made_bundle.bundle, "--trust", made_bundle.trust, "--require", "L3", python=python)
        assert done.returncode == 0, python + done.stdout + done.stderr


def test_a_checkpoint_that_the_auditor_kept_is_asked_about(made_bundle: MadeBundle, tmp_path: Path) -> None:
    trust = tmp_path / "trust"
    shutil.copytree(made_bundle.trust, trust)
    (trust / "checkpoints").mkdir()
    kept = (made_bundle.bundle / "data/log/checkpoints/7").read_bytes()
    (trust / "checkpoints/mine").write_bytes(kept)
    said = by_verify_py(made_bundle.bundle, trust)
    assert said.verdict == "PASS"
    size, root = kept.split(b"\n")[1:3]
    (trust / "checkpoints/mine").write_bytes(kept.replace(b"\n" + size + b"\n", b"\n8\n", 1))
    assert "presented-checkpoint" in by_verify_py(made_bundle.bundle, trust).failed
    (trust / "checkpoints/mine").write_bytes(kept.replace(b"\n" + size + b"\n", b"\n99\n", 1))
    assert "presented-checkpoint" in by_verify_py(made_bundle.bundle, trust).unchecked
    (trust / "checkpoints/mine").write_bytes(kept.replace(b"archiver.invalid/", b"another.invalid/"))
    assert by_verify_py(made_bundle.bundle, trust).verdict == "PASS"
    assert root


def test_what_it_shows_holds_no_control_or_bidi_character(made_bundle: MadeBundle, tmp_path: Path) -> None:
    copy = copy_of(made_bundle, tmp_path)
    copy.write("data/exhibits/0001/x\u202e\x1b[31m.txt", b"")
    for arguments in ([copy.root], [copy.root, "--json"]):
        said = run(*arguments).stdout
        assert "\u202e" not in said
        assert "\x1b" not in said
        assert "\\u202e" in said.replace("\\\\", "\\")


def test_a_zip_with_a_file_of_more_than_2_gib_is_read_as_it_is_written(tmp_path: Path) -> None:
    """A file's head is long from 4 GiB on, as archiver writes it; Python's own zipfile begins at 2 GiB."""
    from archiver.formats.zip_write import Packed, directory, local_head  # noqa: PLC0415 - of this one test
    from tests.support.bundle_verifiers import verify_py  # noqa: PLC0415 - same

    for size in ((2 << 30) + 5, (4 << 30) + 5):
        place = tmp_path / "large.zip"
        head = Packed(name="top/large", size_bytes=size, crc=0, offset=0)
        with place.open("wb") as file:
            file.write(local_head(head))
            file.seek(size, 1)  # a hole: nothing is written, and nothing of it is read here
            file.write(directory([head], start=file.tell()))
        found = verify_py().Zip(place)
        assert (found.problems, found.sizes) == ([], {"large": size})
        found.file.close()
        place.unlink()
