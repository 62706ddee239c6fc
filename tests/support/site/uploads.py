"""What pages send: every method, every kind of body, preflights, beacons, and posts that are sent elsewhere."""

from typing import Final

from tests.support.site.log import digest
from tests.support.site.reply import Asked, Framing, Origins, Part, Reply, Route, always

SCRIPT: Final = """
const bytes = Uint8Array.from({length: 256}, (_, at) => at);
const two = new Uint8Array(2 << 20);
for (let at = 0; at < two.length; at++) { two[at] = (at * 31 + (at >> 8)) & 255; }
const send = (path, body, more) => get(path, Object.assign({method: "POST", body}, more));
send("/up/json", '{"a": "ب", "n": 1}', {headers: {"content-type": "application/json"}});
send("/up/text", "سلام é 😀");
send("/up/binary", bytes);
send("/up/buffer", bytes.buffer.slice(100, 200));
send("/up/blob", new Blob([bytes, "text", bytes], {type: "application/x-thing"}));
send("/up/params", new URLSearchParams({q: "é&=", "ب": "1"}));
send("/up/empty", null);
send("/up/nothing", "");
send("/up/zeros", new Uint8Array([0, 0, 0, 13, 10, 13, 10, 255, 254]));
send("/up/2mb", two);
const form = new FormData();
form.append("word", "كلمة");
form.append("file", new File([bytes, bytes], "picture é.bin", {type: "application/octet-stream"}));
form.append("second", new File(["line\\r\\nline"], "notes.txt", {type: "text/plain"}));
send("/up/multipart", form);
get("/up/put", {method: "PUT", body: bytes});
get("/up/delete", {method: "DELETE"});
get("/up/delete-body", {method: "DELETE", body: "why"});
get("/up/patch", {method: "PATCH", body: "patched"});
get("/up/head", {method: "HEAD"});
get("/up/odd", {method: "REPORTING", body: "any word is a method"});
get("%(port)s/up/preflighted", {method: "PUT", body: bytes, headers: {"x-own": "1"}});
get("%(cross)s/up/preflighted?cross", {method: "POST", body: "{}", headers: {"content-type": "application/json"}});
get("%(port)s/up/simple", {method: "POST", body: "no preflight"});
get("%(port)s/up/forbidden", {method: "GET"});
get("%(port)s/up/refused", {method: "PUT", body: "never sent"});
send("/up/again-307", bytes);
send("/up/again-308", "text of a 308");
send("/up/get-302", "becomes a GET");
get("/up/keepalive", {method: "POST", body: "kept alive", keepalive: true});
navigator.sendBeacon("/up/beacon", "seen");
navigator.sendBeacon("/up/beacon-blob", new Blob([bytes], {type: "application/x-thing"}));
navigator.sendBeacon("%(cross)s/up/beacon-cross", "seen from elsewhere");
done.push(new Promise(sent => {
  const asked = new XMLHttpRequest();
  asked.open("POST", "/up/xhr");
  asked.onloadend = sent;
  asked.send(bytes);
}));
const frame = document.createElement("iframe");
frame.name = "posted";
document.body.append(frame);
const sheet = document.getElementById("sheet");
sheet.elements.text.value = "a form's text: é";
done.push(new Promise(sent => { frame.onload = sent; }));
sheet.submit();
"""
MARKUP: Final = """<form id="sheet" action="/up/form" method="post" enctype="multipart/form-data" target="posted">
<input name="text"></form>"""
_SAME: Final = [
    "json",
    "text",
    "binary",
    "buffer",
    "blob",
    "params",
    "empty",
    "nothing",
    "zeros",
    "2mb",
    "multipart",
    "put",
    "delete",
    "delete-body",
    "patch",
    "odd",
    "again",
    "get",
    "keepalive",
    "xhr",
]
_ALLOWED: Final = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Allow-Methods", "GET, POST, PUT"),
    ("Access-Control-Allow-Headers", "x-own, content-type"),
)


def part(origins: Origins) -> Part:
    """Give the requests with bodies, and routes that answer with the digest of what came."""
    routes: dict[str, Route] = {f"/up/{name}": _receipt for name in _SAME}
    routes |= {f"/up/{name}": _allowing for name in ("preflighted", "simple")}
    routes |= {f"/up/{name}": always(Reply(body=b"no permission")) for name in ("forbidden", "refused")}
    routes |= {f"/up/{name}": _no_content for name in ("beacon", "beacon-blob", "beacon-cross")}
    routes |= {
        "/up/form": _form,
        "/up/head": always(Reply(headers=(("Content-Type", "text/plain"),), body=b"a body that HEAD has not" * 9)),
        "/up/again-307": _sent_on(307, "Temporary Redirect", "/up/again"),
        "/up/again-308": _sent_on(308, "Permanent Redirect", "/up/again?308"),
        "/up/get-302": _sent_on(302, "Found", "/up/get"),
    }
    names = {"port": origins.port, "cross": origins.cross}
    return Part(routes=routes, markup=MARKUP, script=SCRIPT % names)


def _receipt(asked: Asked) -> Reply:
    text = f"{asked.method} {len(asked.body)} {digest(asked.body)}"
    return Reply(headers=(("Content-Type", "text/plain"),), body=text.encode())


def _allowing(asked: Asked) -> Reply:
    if asked.method == "OPTIONS":
        headers = (*_ALLOWED, ("Access-Control-Max-Age", "0"))
        return Reply(status=204, reason="No Content", headers=headers, framing=Framing.NONE)
    return Reply(headers=_ALLOWED, body=_receipt(asked).body)


def _no_content(_: Asked) -> Reply:
    return Reply(status=204, reason="No Content", framing=Framing.NONE)


def _form(asked: Asked) -> Reply:
    return Reply(headers=(("Content-Type", "text/html"),), body=b"<p>" + _receipt(asked).body)


def _sent_on(status: int, reason: str, to: str) -> Route:
    return always(Reply(status=status, reason=reason, headers=(("Location", to),), body=b"ask there"))
