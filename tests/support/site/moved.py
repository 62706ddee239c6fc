"""Redirects of each status, with bodies in each framing, and answers from before: 304 and the cache."""

from typing import Final

from tests.support.site.reply import Asked, Framing, Origins, Part, Reply, Route, always, fixed, picture

_HOPS: Final = (
    (301, "Moved Permanently", Framing.LENGTH, ""),
    (302, "Found", Framing.CHUNKED, ""),
    (303, "See Other", Framing.LENGTH, "gzip"),
    (307, "Temporary Redirect", Framing.LENGTH, ""),
    (308, "Permanent Redirect", Framing.CLOSE, ""),
)
_ETAG: Final = '"v1"'
_DATE: Final = "Tue, 24 Nov 2026 10:00:00 GMT"
SCRIPT: Final = """
get("/moved/301");
get("/moved/away", {mode: "cors"});
get("/moved/empty");
get("/moved/cookie");
get("/moved/relative/here");
get("/moved/fragment#asked");
get("/moved/many?5");
get("/moved/307", {method: "POST", body: "kept by a 307"});
const twice = path => done.push(fetch(path).then(a => a.text()).then(() => fetch(path, {cache: "no-cache"}))
  .then(a => a.text()).then(text => { got[path + " again"] = text.length; }));
twice("/kept/etag");
twice("/kept/date");
twice("/kept/changing");
done.push(fetch("/kept/fresh").then(a => a.text()).then(() => fetch("/kept/fresh")).then(a => a.text()));
"""


def part(origins: Origins) -> Part:
    """Give the redirects and the revalidations."""
    after = [f"/moved/{status}" for status, *_ in _HOPS[1:]] + ["/moved/end"]
    hops = {f"/moved/{hop[0]}": _hop(*hop, to) for hop, to in zip(_HOPS, after, strict=True)}
    return Part(routes=hops | _odd(origins) | _kept(), markup='<img src="/moved/picture" alt="">', script=SCRIPT)


def _hop(status: int, reason: str, framing: Framing, coding: str, to: str) -> Route:
    return always(
        Reply(
            status=status,
            reason=reason,
            headers=(("Location", to), ("Content-Type", "text/html")),
            body=f"<a href={to}>elsewhere, says the {status}</a>".encode(),
            framing=framing,
            coding=coding,
        )
    )


def _found(to: str, *more: tuple[str, str], body: bytes = b"") -> Route:
    return always(Reply(status=302, reason="Found", headers=(("Location", to), *more), body=body))


def _odd(origins: Origins) -> dict[str, Route]:
    allowed = ("Access-Control-Allow-Origin", "*")
    return {
        "/moved/end": fixed("text/plain", "the end of a chain"),
        "/moved/away": _found(f"{origins.port}/moved/elsewhere", body=b"away"),
        "/moved/elsewhere": fixed("text/plain", "at another origin", allowed),
        "/moved/empty": _found("/moved/end?empty"),
        "/moved/cookie": _found("/moved/end?cookie", ("Set-Cookie", "hop=1; Path=/"), ("Set-Cookie", "hop2=2; Path=/")),
        "/moved/relative/here": _found("../end?relative"),
        "/moved/fragment": _found("/moved/end?fragment#found"),
        "/moved/many": _many,
        "/moved/picture": _found("/moved/picture.svg", body=b"a picture elsewhere"),
        "/moved/picture.svg": picture("moved"),
    }


def _many(asked: Asked) -> Reply:
    """Send to itself as often as the query says."""
    left = int(asked.query)
    to = f"/moved/many?{left - 1}" if left > 1 else "/moved/end?many"
    return Reply(status=302, reason="Found", headers=(("Location", to),), body=f"{left} to go".encode())


def _kept() -> dict[str, Route]:
    return {
        "/kept/etag": _by_etag,
        "/kept/date": _by_date,
        "/kept/changing": _changing,
        "/kept/fresh": fixed("text/plain", "fresh for an hour", ("Cache-Control", "max-age=3600")),
    }


def _by_etag(asked: Asked) -> Reply:
    own = (("ETag", _ETAG), ("Cache-Control", "max-age=60"))
    if asked.header("if-none-match") == _ETAG:
        return Reply(status=304, reason="Not Modified", headers=(*own, ("X-Again", "yes")), framing=Framing.NONE)
    return Reply(headers=(("Content-Type", "text/plain"), *own), body=b"kept by its tag", coding="gzip")


def _by_date(asked: Asked) -> Reply:
    own = (("Last-Modified", _DATE),)
    if asked.header("if-modified-since") == _DATE:
        return Reply(status=304, reason="Not Modified", headers=own, framing=Framing.NONE)
    return Reply(headers=(("Content-Type", "text/plain"), *own), body=b"kept by its date")


def _changing(asked: Asked) -> Reply:
    asked_again = bool(asked.header("if-none-match"))
    tag = '"v2"' if asked_again else _ETAG
    body = b"changed meanwhile" if asked_again else b"the first text"
    return Reply(headers=(("Content-Type", "text/plain"), ("ETag", tag)), body=body)
