"""Ask one time-stamping authority over a digest, and keep all that a reader needs to check its answer later."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from archiver.app.clock import SystemClock
from archiver.app.config import TsaConfig
from archiver.app.home import Home
from archiver.app.ids import new_nonce
from archiver.model.digest import Digest
from archiver.model.errors import FormatError, SealError
from archiver.model.evidence import Piece, Role
from archiver.model.instant import Instant
from archiver.proof import certificates, ocsp, timestamp
from archiver.proof.timestamp import TimestampToken
from archiver.seal import tsa as authority

_TIMEOUT_S = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A verified answer: what it says, when it came by this machine's clock, and its files in scratch space."""

    token: TimestampToken
    received_at: Instant
    ends_at: Instant
    pieces: tuple[Piece, ...]

    @property
    def clock_difference_ms(self) -> int:
        """Give how far the authority's clock is ahead of this machine's, at most."""
        return (self.token.gen_time.epoch_us - self.received_at.epoch_us) // 1000


def ask_over(digest: Digest, tsa: TsaConfig, *, home: Home, folder: Path, tries: int, prefix: str = "") -> Answered:
    """Ask, verify, and only then accept: chain to the pinned roots, imprint, nonce, and no revocation known.

    Kept are the exact request and answer, the chain up to the pinned roots, and the revocation list of the
    authority's issuer, or else its OCSP answer, where the certificate names one that answers.
    Raises SealError, FormatError.
    """
    roots = _roots(tsa, home)
    nonce = new_nonce()
    answer = Retrying(
        stop=stop_after_attempt(tries),
        wait=wait_exponential(multiplier=0.5, max=4),
        retry=retry_if_exception_type(SealError),
        reraise=True,
    )(authority.ask, tsa.url, digest, nonce=nonce, timeout_s=_TIMEOUT_S)
    received = SystemClock().now()
    token = timestamp.verify(answer.response, digest=digest, roots=roots, nonce=nonce)
    chain = certificates.chain_pem(answer.response, roots)
    files = [
        (Role.TIMESTAMP_REQUEST, "request.tsq", "application/timestamp-query", answer.request),
        (Role.TIMESTAMP_RESPONSE, "response.tsr", "application/timestamp-reply", answer.response),
        (Role.TIMESTAMP_CHAIN, "chain.pem", "application/pem-certificate-chain", chain),
        *_revocation(answer.response, chain, tsa),
    ]
    pieces = []
    for role, name, media_type, content in files:
        path = folder / f"{prefix}{name}"
        path.write_bytes(content)
        pieces.append(Piece(role=role, name=path.name, media_type=media_type, path=path))
    ends = certificates.ends_at(answer.response)
    return Answered(token=token, received_at=received, ends_at=ends, pieces=tuple(pieces))


def _revocation(response: bytes, chain: bytes, tsa: TsaConfig) -> list[tuple[Role, str, str, bytes]]:
    """Give the first list, else OCSP answer, that clears the authority's certificate; raise SealError if it is revoked.

    LIMIT: where neither can be had the timestamp is accepted, and its revocation stays not checked.
    """
    for name, media_type, fetch, check in _ways(response, chain):
        try:
            content = fetch()
            problem = check(response, content, [chain])
        except (SealError, FormatError):
            continue
        if problem:
            raise SealError(f"{tsa.name}: {problem}: its answer is not accepted")
        return [(Role.TIMESTAMP_REVOCATION, name, media_type, content)]
    return []


def _ways(
    response: bytes, chain: bytes
) -> Iterator[tuple[str, str, Callable[[], bytes], Callable[[bytes, bytes, Sequence[bytes]], str]]]:
    """Give each way to learn of a revocation that the authority's own certificate names: lists, then responders."""
    for url in certificates.list_urls(response):
        fetch = partial(authority.fetch_list, url, timeout_s=_TIMEOUT_S)
        yield "revocation.crl", "application/pkix-crl", fetch, certificates.check_revocation
    for url in ocsp.responder_urls(response):
        ask = partial(_ask_status, url, response, chain)
        yield "revocation.ocsp", "application/ocsp-response", ask, ocsp.check


def _ask_status(url: str, response: bytes, chain: bytes) -> bytes:
    return authority.ask_status(url, ocsp.request(response, [chain]), timeout_s=_TIMEOUT_S)


def _roots(tsa: TsaConfig, home: Home) -> tuple[bytes, ...]:
    path = home.tsa_roots(tsa.name)
    try:
        return (path.read_bytes(),)
    except OSError as error:
        raise SealError(
            f"no pinned roots for {tsa.name!r}: {path}: {error.strerror}",
            hint=f"archiver tsa add {tsa.name} {tsa.url} --roots FILE",
        ) from error
