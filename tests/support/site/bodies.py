"""Bodies and heads that are out of the ordinary: old charsets, none at all, large, cut off, odd fields."""

from typing import Final

from tests.support.site.reply import End, Framing, Part, Reply, Route, always, fixed, picture

LARGE: Final = b"0123456789abcdef" * (26 << 16)
PERSIAN: Final = "متن فارسی و عربی. "
_HTML: Final = "<!doctype html><meta charset={0}><title>é</title><p>{1}"
_TEXTS: Final = {
    "latin1": ("iso-8859-1", "déjà vu ÿ".encode("latin-1")),
    "utf16": ("utf-16", "سلام 😀".encode("utf-16")),
    "sjis": ("shift_jis", "日本語のテキスト".encode("shift_jis")),
    "cp1256": ("windows-1256", "سلام".encode("cp1256")),
    "invalid": ("utf-8", b"valid \xff\xfe\xc3\x28 \xed\xa0\x80 and not \xf0\x9f"),
    "bom": ("utf-8", b"\xef\xbb\xbfwith a mark"),
    "nul": ("utf-8", b"a\x00b\x00\r\n\n\r"),
}
_KINDS: Final = {"txt": "text/plain", "html": "text/html", "js": "text/javascript", "css": "text/css"}
_STATUSES: Final = {
    203: "Non-Authoritative Information",
    299: "Own",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    410: "Gone",
    418: "I'm a teapot",
    429: "Too Many Requests",
    451: "Unavailable For Legal Reasons",
    500: "Internal Server Error",
    503: "",
}


def part() -> Part:
    """Give the odd bodies, heads and statuses; all are fetched, and texts are loaded as documents too."""
    texts = {f"/text/{name}.{end}": _text(name, end) for name in _TEXTS for end in _KINDS}
    sizes = _sizes()
    heads = _heads()
    statuses = {f"/status/{one}": _status(one, reason) for one, reason in _STATUSES.items()}
    loaded = {path: _tag(path) for path in texts if not path.endswith(".txt")}
    fetched = [path for path in (*texts, *sizes, *heads, *statuses) if path not in loaded]
    return Part(
        routes=texts | sizes | heads | statuses,
        markup="\n".join(loaded.values()),
        script="\n".join(f'get("{path}");' for path in fetched),
    )


def _tag(path: str) -> str:
    if path.endswith("html"):
        return f'<iframe src="{path}"></iframe>'
    return f'<script src="{path}"></script>' if path.endswith("js") else f'<link rel="stylesheet" href="{path}">'


def _text(name: str, end: str) -> Route:
    charset, content = _TEXTS[name]
    around = {"txt": (b"", b""), "html": (b"<!doctype html><p>", b"</p>"), "js": (b"'", b"';"), "css": (b"/*", b"*/")}
    before, after = around[end]
    if name == "utf16":
        before, after = (one.decode().encode("utf-16-le") for one in (before, after))
        content = content[:2] + before + content[2:] + after
        before, after = b"", b""
    return fixed(f"{_KINDS[end]}; charset={charset}", before + content + after, coding="gzip" if end == "css" else "")


def _sizes() -> dict[str, Route]:
    plain = (("Content-Type", "application/octet-stream"), ("Cache-Control", "no-store"))

    def sized(body: bytes, framing: Framing = Framing.LENGTH, coding: str = "", piece_bytes: int = 1 << 16) -> Route:
        return always(Reply(headers=plain, body=body, framing=framing, coding=coding, piece_bytes=piece_bytes))

    text = (PERSIAN * 90_000).encode()
    return {
        "/size/zero": sized(b""),
        "/size/zero-chunked": sized(b"", Framing.CHUNKED),
        "/size/zero-gzip": sized(b"", coding="gzip"),
        "/size/zero-close": sized(b"", Framing.CLOSE),
        "/size/one": sized(b"1"),
        "/size/single-bytes": sized(bytes(range(256)) * 2, Framing.CHUNKED, piece_bytes=1),
        "/size/single-bytes-length": sized(b"slowly" * 40, piece_bytes=1),
        "/size/3mb-gzip": sized(text, coding="gzip"),
        "/size/3mb-gzip-chunked": sized(text, Framing.CHUNKED, "gzip"),
        "/size/5mb-chunked": sized(LARGE[: 5 << 20], Framing.CHUNKED),
        "/size/5mb-close": sized(LARGE[: 5 << 20], Framing.CLOSE),
        "/size/3mb": sized(LARGE[: 3 << 20]),
        "/size/26mb": sized(LARGE),
        "/size/bomb": sized(b"\0" * (6 << 20), coding="gzip"),
    }


def _heads() -> dict[str, Route]:
    def headed(*headers: tuple[str, str], reason: str = "OK", **more: str) -> Route:
        own = (("Content-Type", "text/plain"), *headers)
        return always(Reply(headers=own, body=b"its head is odd", reason=reason, **more))  # type: ignore[arg-type] # texts only

    return {
        "/head/cookies": headed(
            ("Set-Cookie", "a=1; Path=/"),
            ("X-Between", "1"),
            ("set-cookie", "b=2; HttpOnly; Path=/"),
            ("Set-Cookie", 'c="3, 4"; Path=/; Expires=Wed, 21 Oct 2099 07:28:00 GMT'),
        ),
        "/head/doubled": headed(("X-Double", "one"), ("Vary", "A"), ("x-double", "two"), ("X-Double", "one")),
        "/head/latin1": headed(("X-Name", "caf\xe9"), ("X-After", "still there")),
        "/head/utf8": headed(("X-Name", "سلام".encode().decode("latin-1")), ("X-After", "still there")),
        "/head/empty-value": headed(("X-Empty", ""), ("X-After", "1")),
        "/head/spaces": headed(("X-Spaces", "   inside  and around \t "), ("X-Tab", "a\tb")),
        "/head/case": headed(("x-lower", "1"), ("X-UPPER", "2"), ("x-MiXeD", "3")),
        "/head/long": headed(("X-Long", "l" * 8192)),
        "/head/many": headed(*((f"X-Field-{at}", str(at)) for at in range(100))),
        "/head/colon": headed(("X-Colon", "a: b: c"), ("Link", '</a>; rel="x", </b>; rel="y"')),
        "/head/reason": headed(reason="Very Well: \xe9"),
        "/head/no-reason": headed(reason=""),
        "/head/old": always(
            Reply(
                version="HTTP/1.0",
                headers=(("Content-Type", "text/plain"),),
                body=b"until I close",
                framing=Framing.CLOSE,
            )
        ),
        "/head/none": always(Reply(body=b"no media type", headers=(("X-Content-Type-Options", "nosniff"),))),
        "/head/hints": always(
            Reply(
                headers=(("Content-Type", "text/plain"),),
                body=b"after a hint",
                hints=(("Link", "</hints/hinted.svg>; rel=preload; as=image"),),
            )
        ),
        "/head/hinted.svg": picture("hinted"),
    }


def _status(status: int, reason: str) -> Route:
    body = f"the body of a {status}".encode()
    return always(Reply(status=status, reason=reason, headers=(("Content-Type", "text/plain"),), body=body))


def cut() -> Part:
    """Give what ends too early, or is left by the page."""
    plain = (("Content-Type", "application/octet-stream"),)
    content = LARGE[:100_000]
    routes: dict[str, Route] = {
        "/cut/length": always(Reply(headers=plain, body=content, cut_at=40_000, end=End.CLOSED)),
        "/cut/chunked": always(
            Reply(headers=plain, body=content, framing=Framing.CHUNKED, cut_at=40_000, end=End.CLOSED)
        ),
        "/cut/gzip": always(Reply(headers=plain, body=content, coding="gzip", cut_at=200, end=End.CLOSED)),
        "/cut/picture.svg": always(
            Reply(headers=(("Content-Type", "image/svg+xml"),), body=content, cut_at=900, end=End.CLOSED)
        ),
        "/cut/aborted": always(
            Reply(headers=plain, body=content, framing=Framing.CHUNKED, cut_at=40_000, end=End.HELD)
        ),
        "/cut/aborted-early": always(Reply(silent=True)),
        "/cut/204": always(Reply(status=204, reason="No Content", framing=Framing.NONE)),
        "/cut/205": always(Reply(status=205, reason="Reset Content", framing=Framing.NONE)),
    }
    return Part(routes=routes, markup='<img src="/cut/picture.svg" alt="">', script=_CUT_SCRIPT)


def cuts() -> Part:
    """Give many bodies that end at once in a reset: their end is told before anybody could have asked for them."""
    plain = (("Content-Type", "application/octet-stream"),)
    reply = Reply(headers=plain, body=LARGE[:60_000], framing=Framing.CHUNKED, cut_at=40_000, end=End.CLOSED)
    paths = [f"/cuts/{number}" for number in range(30)]
    asks = "".join(f'get("{path}");' for path in paths)
    return Part(routes={path: always(reply) for path in paths}, script=asks)


_CUT_SCRIPT: Final = """
for (const name of ["length", "chunked", "gzip", "204", "205"]) { get("/cut/" + name); }
const stop = new AbortController();
done.push(fetch("/cut/aborted", {signal: stop.signal}).then(a => a.body.getReader().read())
  .then(() => stop.abort()).catch(() => {}));
done.push((() => {
  const stop = new AbortController();
  const asked = fetch("/cut/aborted-early", {signal: stop.signal}).catch(() => {});
  setTimeout(() => stop.abort(), 150);
  return asked;
})());
"""
