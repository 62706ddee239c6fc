"""The witness's side: a person who cosigns other people's ledgers, by file or over HTTP."""

from collections.abc import Callable
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from archiver.app.clock import SystemClock
from archiver.app.home import Home
from archiver.formats import add_checkpoint, note
from archiver.model.errors import ArchiverError, FormatError, UsageError
from archiver.model.provenance import VerifierKey
from archiver.seal import keys
from archiver.seal.cosign import Cosigner, WitnessAnswer
from archiver.store import durable
from archiver.store.witness_state import WitnessState

_TIMEOUT_S = 30
_OK = 200


def new_witness(home: Home, passphrase: bytes, *, name: str) -> str:
    """Make this person's witness key under a name; give its vkey, which ledgers and auditors need.

    Raises UsageError for a name that none can be, Conflict where a key is there already.
    """
    try:
        note.encode_vkey(VerifierKey(name=name, public_key=bytes(32), algorithm=note.COSIGNATURE))
    except FormatError as error:
        raise UsageError(f"witness: {error.message}") from error
    signer = keys.create(home.witness_key, passphrase)
    durable.put_once(home.witness_name, name.encode())
    return note.encode_vkey(VerifierKey(name=name, public_key=signer.public_key, algorithm=note.COSIGNATURE))


def open_cosigner(home: Home, passphrase: bytes) -> Cosigner:
    """Give this person's witness with its key opened; raise UsageError where there is none."""
    try:
        name = home.witness_name.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError("you are no witness yet", hint="archiver witness new NAME") from error
    state = WitnessState(home.witness_state)
    return Cosigner(name=name, signer=keys.load(home.witness_key, passphrase), state=state, clock=SystemClock())


def follow(home: Home, vkey: str, *, instead: bool = False) -> str:
    """Cosign a ledger from now on; give its origin. Raises UsageError for what is no vkey of a ledger.

    ``instead`` puts this key in the place of those of the same ledger, as after a rotation: whoever stole the old one
    could have his own growth cosigned, and the real ledger's refused.
    """
    try:
        key = note.decode_vkey(vkey)
    except FormatError as error:
        raise UsageError(f"ledger's key: {error.message}") from error
    WitnessState(home.witness_state).follow(vkey, key.name, instead=instead)
    return key.name


def sign_request(cosigner: Cosigner, path: Path) -> bytes:
    """Give the cosigned checkpoint for a request that came as a file; raise UsageError that says why not."""
    try:
        with path.open("rb") as file:
            raw = file.read(add_checkpoint.LIMIT_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    answer = cosigner.add_checkpoint(raw)
    if answer.status != _OK:
        text = answer.body.decode("utf-8", "replace").strip()
        hint = f"they make another: archiver witness request NAME --old {text}" if text.isdecimal() else ""
        raise UsageError(f"{path}: not cosigned ({answer.status}): {text}", hint=hint)
    return note.encode(add_checkpoint.decode(raw).checkpoint) + answer.body


def make_server(cosigner: Cosigner, *, host: str, port: int, tell: Callable[[str], None]) -> ThreadingHTTPServer:
    """Give a server that answers ``POST /add-checkpoint`` and nothing else; `serve_forever` runs it.

    LIMIT: it speaks plain HTTP and knows no visitor from another: put it behind a reverse proxy, or on a private
    network. Whoever reaches it can have checkpoints cosigned that a followed ledger signed, and nothing else.
    """
    try:
        return ThreadingHTTPServer((host, port), partial(_Handler, cosigner, tell))
    except (OSError, OverflowError) as error:
        raise UsageError(f"--listen {host}:{port}: {error}") from error


class _Handler(BaseHTTPRequestHandler):
    timeout = _TIMEOUT_S  # type: ignore[mutable-override] # the base class takes any number
    server_version, sys_version = "archiver-witness", ""

    def __init__(self, cosigner: Cosigner, tell: Callable[[str], None], *given: Any) -> None:  # noqa: ANN401 - the server's own three
        self._cosigner = cosigner
        self._tell = tell
        super().__init__(*given)

    def do_POST(self) -> None:
        """Answer one request."""
        size = self.headers.get("Content-Length", "")
        if self.path != "/add-checkpoint" or not size.isascii() or not size.isdecimal():
            self._answer(WitnessAnswer(status=404, body=b"POST /add-checkpoint with a Content-Length\n"))
        elif int(size[:12]) > add_checkpoint.LIMIT_BYTES:
            self.close_connection = True
            self._answer(WitnessAnswer(status=413, body=b"too large\n"))
        else:
            self._answer(self._cosign(self.rfile.read(int(size))))

    def _cosign(self, raw: bytes) -> WitnessAnswer:
        try:
            answer = self._cosigner.add_checkpoint(raw)
        except ArchiverError as error:
            self._tell(error.message)
            return WitnessAnswer(status=500, body=b"this witness cannot answer now\n")
        self._tell(f"{answer.status}: {answer.body[:200].decode('utf-8', 'replace').strip()}")
        return answer

    def _answer(self, answer: WitnessAnswer) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.media_type)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, *_: object) -> None:
        """Say nothing: `tell` does."""
