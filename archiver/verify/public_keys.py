"""Level L2: are the public files beside a ledger those of the keys that the auditor trusts.

====================  =====================================================================
public-keys           are the keys that lie beside the ledger the trusted ones?
====================  =====================================================================
"""

from collections.abc import Callable, Iterator

from archiver.formats import layout, note
from archiver.formats import policy as policies
from archiver.model.errors import Damaged, FormatError
from archiver.model.provenance import VerifierKey
from archiver.model.report import Check, Level
from archiver.proof.signature import public_file, read_public_file
from archiver.proof.windows import revoked_file, signers_file
from archiver.verify import log_keys
from archiver.verify.case import Case, failed, passed, unchecked
from archiver.verify.keys import KeyTimes
from archiver.verify.ledger import Ledger, vkey_inside
from archiver.verify.policy import Trust

_OTHER_FORM = "it is not in its one form: bytes were changed"


def check_public_keys(case: Case, ledger: Ledger, trust: Trust, times: KeyTimes) -> Iterator[Check]:
    """Say whether the public files beside the ledger agree with it and with the trust; they prove nothing alone."""
    inside = vkey_inside(case)
    subject = case.full(layout.LOG_VKEY)
    if inside is None:
        yield failed("public-keys", Level.LEDGER, subject, "no readable key of the ledger")
        return
    if ledger.checkpoint is not None and inside.name != ledger.checkpoint.origin:
        yield failed("public-keys", Level.LEDGER, subject, f"it is the key of {inside.name}, not of this ledger")
    elif case.read(layout.LOG_VKEY) != f"{note.encode_vkey(inside)}\n".encode():
        yield failed("public-keys", Level.LEDGER, subject, _OTHER_FORM)
    elif trust.logs and inside not in log_keys.in_force(trust.logs, trust.handovers, size=ledger.size):
        yield failed("public-keys", Level.LEDGER, subject, "it is not a key that you trust")
    elif not trust.logs:
        yield unchecked("public-keys", Level.LEDGER, subject, "you named no key to compare it with (--trust)")
    else:
        yield passed("public-keys", Level.LEDGER, subject)
    yield from _check_copies(case, inside, trust)
    if all(case.is_file(one) for one in layout.INVESTIGATOR_FILES):
        reason = f"a second key of the investigator, beside {layout.INVESTIGATOR_PEM}"
        yield failed("public-keys", Level.LEDGER, case.full(layout.INVESTIGATOR_PUB), reason)
    yield from _check_windows(case, times)


def _check_windows(case: Case, times: KeyTimes) -> Iterator[Check]:
    """Say whether the files for ``ssh-keygen`` are what the ledger's key events make them."""
    expected = {layout.ALLOWED_SIGNERS: signers_file(times.windows), layout.REVOKED: revoked_file(times.windows)}
    for path, content in expected.items():
        if not times.windows and path not in case.files:
            continue
        try:
            problem = "" if times.windows and case.read(path) == content else "it is not what the key events say"
        except (FormatError, Damaged) as error:
            problem = error.message
        if problem:
            yield failed("public-keys", Level.LEDGER, case.full(path), problem)
        else:
            yield passed("public-keys", Level.LEDGER, case.full(path))


def _check_copies(case: Case, inside: VerifierKey, trust: Trust) -> Iterator[Check]:
    """Say whether the same keys in other forms are the same: those are what an auditor's own programs read."""
    mine = case.investigator_file

    def is_trusted(raw: bytes) -> bool:
        key = _key(raw, mine)
        return not trust.investigator_keys or key in trust.investigator_keys

    def is_policy(raw: bytes) -> bool:
        found = policies.decode(raw)
        if policies.encode(found) != raw:
            raise FormatError(_OTHER_FORM)
        return found.logs == (inside,)

    copies: dict[str, Callable[[bytes], bool]] = {
        layout.LOG_PEM: lambda raw: _key(raw, layout.INVESTIGATOR_PEM) == inside.public_key,
        layout.POLICY: is_policy,
        mine: is_trusted,
    }
    for path, right in copies.items():
        try:
            problem = "" if right(case.read(path)) else "it is not the key that the other files say"
        except (FormatError, Damaged) as error:
            problem = error.message
        if problem:
            yield failed("public-keys", Level.LEDGER, case.full(path), problem)
        elif path == mine and not trust.investigator_keys:
            yield unchecked(
                "public-keys", Level.LEDGER, case.full(path), "you named no key to compare it with (--trust)"
            )
        else:
            yield passed("public-keys", Level.LEDGER, case.full(path))


def _key(raw: bytes, path: str) -> bytes:
    """Give the key in a file of its kind, as we write it; raise FormatError for another form of the same key."""
    key = read_public_file(raw)
    if public_file(key) != raw or layout.investigator_file(key) != path:
        raise FormatError(_OTHER_FORM)
    return key
