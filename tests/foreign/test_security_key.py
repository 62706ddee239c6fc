"""``ssh-keygen`` judges what a security key signed: manifests, files, windows and revocation lists."""

import base64
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from archiver.formats import envelope, layout, ssh
from archiver.model.instant import Instant
from archiver.proof.signature import Ed25519Signer, key_id, sign_envelope, sign_file, verifying_keys
from tests.foreign.test_bundle_by_hand import NEEDED, Auditor, commands_of
from tests.foreign.test_by_hand import PAGE
from tests.support.bundles import MadeBundle, copy_of
from tests.support.device_bundle import make_device_bundle
from tests.support.ledger_kit import CASE, fixed_id
from tests.support.security_key import TOUCHED, Device
from tests.support.ssh import accepts, keygen, need_ssh

MESSAGE = b"the text that a second person signs\n"
PAYLOAD = b'{"a":1}'
PLAIN = Ed25519Signer.from_seed(b"p" * 32)


@pytest.fixture
def signers(tmp_path: Path) -> Path:
    need_ssh()
    path = tmp_path / "signers"
    keys = (Device().public_key, PLAIN.public_key)
    path.write_bytes(ssh.allowed_signers([ssh.AllowedSigner(principal="investigator", public_key=one) for one in keys]))
    return path


def manifest_accepted(raw: bytes, signers: Path, folder: Path, *, namespace: str = "archiver-dsse") -> bool:
    """Ask as a person would who has the file alone: armor around ``sig``, and the bytes that DSSE signs."""
    found = json.loads(raw)
    payload, kind = base64.b64decode(found["payload"]), found["payloadType"]
    armored = f"-----BEGIN SSH SIGNATURE-----\n{found['signatures'][0]['sig']}\n-----END SSH SIGNATURE-----\n"
    (folder / "signature").write_text(armored)
    message = b"DSSEv1 %d %s %d " % (len(kind), kind.encode(), len(payload)) + payload
    verify = ("-Y", "verify", "-n", namespace, "-I", "investigator", "-f", signers, "-s", folder / "signature")
    return keygen(*verify, message=message).returncode == 0


def test_a_manifest_that_a_security_key_signed_is_taken_by_a_program_that_is_not_ours(
    signers: Path, tmp_path: Path
) -> None:
    for flags in (TOUCHED, 0x05):
        assert manifest_accepted(envelope.encode(sign_envelope(PAYLOAD, Device(flags=flags))), signers, tmp_path)


@pytest.mark.parametrize("device", [Device(application=b"ssh:other"), Device(seed=b"o" * 32)])
def test_a_manifest_by_another_device_or_application_is_not_taken(
    device: Device, signers: Path, tmp_path: Path
) -> None:
    assert not manifest_accepted(envelope.encode(sign_envelope(PAYLOAD, device)), signers, tmp_path)


def test_a_manifest_is_not_taken_over_other_bytes_and_not_as_a_file(signers: Path, tmp_path: Path) -> None:
    raw = envelope.encode(sign_envelope(PAYLOAD, Device()))
    other = raw.replace(base64.b64encode(PAYLOAD), base64.b64encode(b'{"a":2}'))
    assert not manifest_accepted(other, signers, tmp_path)
    assert not manifest_accepted(raw, signers, tmp_path, namespace="archiver")


def test_a_plain_key_is_not_allowed_to_sign_in_the_namespace_of_envelopes(signers: Path, tmp_path: Path) -> None:
    message = envelope.pae(envelope.PAYLOAD_TYPE, PAYLOAD)
    signature = PLAIN.sign(ssh.signed_message(message, namespace="archiver-dsse"))
    blob = ssh.signature_blob(PLAIN.public_key, signature, namespace="archiver-dsse")
    raw = json.loads(envelope.encode(sign_envelope(PAYLOAD, PLAIN)))
    raw["signatures"][0]["sig"] = base64.b64encode(blob).decode()
    assert not manifest_accepted(json.dumps(raw).encode(), signers, tmp_path)
    assert verifying_keys(envelope.decode(json.dumps(raw, separators=(",", ":")).encode()), [PLAIN.public_key]) == ()


def test_a_file_that_a_security_key_signed_is_taken_and_one_of_other_bytes_is_not(
    signers: Path, tmp_path: Path
) -> None:
    path = tmp_path / "signature"
    path.write_bytes(sign_file(MESSAGE, Device()))
    assert accepts(MESSAGE, path, signers)
    assert not accepts(MESSAGE + b"x", path, signers)


def test_a_revoked_security_key_is_not_taken(signers: Path, tmp_path: Path) -> None:
    revoked, path = tmp_path / "krl", tmp_path / "signature"
    at = Instant.parse("2026-01-01T00:00:00.000Z")
    revoked.write_bytes(ssh.revocation_list([Device().public_key], generated_at=at))
    path.write_bytes(sign_file(MESSAGE, Device()))
    assert not accepts(MESSAGE, path, signers, options=("-r", revoked))
    path.write_bytes(sign_file(MESSAGE, PLAIN))
    assert accepts(MESSAGE, path, signers, options=("-r", revoked))


def test_the_name_of_a_security_key_is_the_fingerprint_that_ssh_keygen_prints(tmp_path: Path) -> None:
    need_ssh()
    (tmp_path / "key.pub").write_text(f"{ssh.public_line(Device().public_key)}\n")
    printed = keygen("-l", "-f", tmp_path / "key.pub").stdout.decode().split()[1].removeprefix("SHA256:")
    assert f"sha256:{base64.b64decode(printed + '=').hex()}" == key_id(Device().public_key)


def test_ssh_keygen_alone_takes_what_was_signed_untouched_and_we_do_not(signers: Path, tmp_path: Path) -> None:
    """The limit that THREAT_MODEL tells: by hand nobody asks whether the device was touched."""
    made = sign_envelope(PAYLOAD, Device(flags=0))
    assert manifest_accepted(envelope.encode(made), signers, tmp_path)
    assert verifying_keys(made, [Device().public_key]) == ()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> MadeBundle:
    need_ssh()
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing:
        pytest.skip(f"an auditor's programs are not on this machine: {', '.join(missing)}")
    return make_device_bundle(tmp_path_factory.mktemp("device"), rotated=True)


@pytest.fixture
def auditor(made: MadeBundle, tmp_path: Path) -> Auditor:
    """Somebody who trusts the key in a file, which came first, and the security key, which took its place."""
    copy, trust = copy_of(made, tmp_path), tmp_path / "trust"
    trust.mkdir()
    shutil.copy(next((made.trust / "keys").glob("*.pem")), trust / "investigator.pem")
    (trust / "investigator-2.pub").write_text(f"{ssh.public_line(Device().public_key)} by telephone\n")
    shutil.copy(next((made.trust / "logs").glob("*.vkey")), trust / "log.vkey")
    shutil.copy(copy.root / "trust/log.pem", trust / "log.pem")
    readme = (copy.root / "README-VERIFY.txt").read_text(encoding="utf-8")
    return Auditor(copy=copy, trust=trust, commands=commands_of(readme), here=tmp_path / "empty")


def test_each_block_of_the_bundles_page_accepts_what_both_kinds_of_keys_signed(auditor: Auditor) -> None:
    for number in range(1, 8):
        done = auditor.run(number)
        assert done.returncode == 0, (number, done.stdout + done.stderr)
        assert "OK" in done.stdout


def believe_no_device(auditor: Auditor) -> None:
    (auditor.trust / "investigator-2.pub").unlink()


def believe_another_application(auditor: Auditor) -> None:
    other = ssh.public_line(Device(application=b"ssh:other").public_key)
    (auditor.trust / "investigator-2.pub").write_text(f"{other}\n")


def believe_the_device_alone(auditor: Auditor) -> None:
    (auditor.trust / "investigator.pem").unlink()


def seal_untouched(auditor: Auditor) -> None:
    auditor.copy.seal(Device(flags=0))


def sign_untouched(auditor: Auditor) -> None:
    place = auditor.copy.root / "data/exhibits/0002/record.dsse.json"
    payload = envelope.decode(place.read_bytes()).payload
    place.write_bytes(envelope.encode(sign_envelope(payload, Device(flags=0))))


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        (believe_no_device, {2, 3}),
        (believe_another_application, {2, 3}),
        (believe_the_device_alone, {3}),
        (seal_untouched, {2}),
        (sign_untouched, {3}),
    ],
)
def test_the_blocks_refuse_what_no_touched_and_trusted_device_signed(
    auditor: Auditor, change: Callable[[Auditor], None], refused: set[int]
) -> None:
    change(auditor)
    assert auditor.refused({2, 3}) == refused


def test_the_command_of_the_page_takes_a_capture_that_a_security_key_sealed(made: MadeBundle, tmp_path: Path) -> None:
    (command,) = re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "investigator.pub").write_text(f"{ssh.public_line(Device().public_key)}\n")

    def run(number: int, device: Device | None = None) -> str:
        place = made.own.root / layout.capture_envelope(fixed_id(number))
        folder = tmp_path / made.own.root.parent.name / CASE / "captures"
        folder.mkdir(parents=True, exist_ok=True)
        raw = place.read_bytes()
        signed = envelope.encode(sign_envelope(envelope.decode(raw).payload, device)) if device else raw
        (folder / place.name).write_bytes(signed)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command],
            cwd=tmp_path,
            env={**os.environ, "CASE": CASE, "ID": fixed_id(number), "TRUST": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert ("touched" in done.stdout) is (done.returncode == 0)
        return done.stdout

    assert "Good" in run(2)
    assert "touched" in run(2)
    assert "Good" not in run(1), "a key in a file signed the first"
    assert "Good" not in run(2, Device(seed=b"o" * 32))
    untouched = run(2, Device(flags=0))
    assert ("Good" in untouched, "touched" in untouched) == (True, False)
