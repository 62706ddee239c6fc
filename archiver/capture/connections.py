"""What is known of the TLS connections with each origin, as one JSON document an origin for the WARC."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from archiver.capture.exchange import Exchange, Recording, Sct, Security
from archiver.model.digest import Digest

Told = dict[str, object]


def connections(recording: Recording) -> Iterator[tuple[str, Told]]:
    """Give each https origin (``https://host:port``) with what its connections told, in the order of first use.

    Several connections with one origin may differ (another address, another version): each different one is told
    once. The chain is that of the latest, by digests; the certificates themselves stand beside it.
    """
    chains = dict(recording.chains)
    found: dict[str, dict[tuple[object, ...], Told]] = {}
    for one in recording.exchanges:
        if one.security is None:
            continue
        origin = _origin(one.url)
        key = (one.protocol, one.remote_ip, one.security)
        found.setdefault(origin, {}).setdefault(key, _connection(one, one.security))
    for origin, told in found.items():
        chain = [str(Digest.of(der)) for der in chains.get(origin, ())]
        yield origin, {"origin": origin, "connections": list(told.values()), "chain": chain}


def _connection(one: Exchange, security: Security) -> Told:
    told: Told = {
        "version": security.protocol,
        "cipher": security.cipher,
        "group": security.key_exchange_group,
        "protocol": one.protocol,
        "remote_ip": one.remote_ip,
        "remote_port": one.remote_port,
        "subject": security.subject,
        "issuer": security.issuer,
        "valid_from": str(security.valid_from) if security.valid_from else None,
        "valid_to": str(security.valid_to) if security.valid_to else None,
        "scts": [_sct(each) for each in security.scts],
    }
    return {name: value for name, value in told.items() if value is not None}


def _sct(one: Sct) -> Told:
    return {
        "status": one.status,
        "source": one.source,
        "log_name": one.log_name,
        "log_id": one.log_id,
        "timestamp_claimed": str(one.timestamp) if one.timestamp else None,
        "signature_algorithm": one.signature_algorithm,
        "signature": one.signature,
    }


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme.replace('wss', 'https')}://{parts.netloc.rpartition('@')[2]}"
