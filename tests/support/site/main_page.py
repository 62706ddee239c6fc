"""The page of everything: all parts in one document, and a last request that tells what the page itself got."""

from collections.abc import Iterable
from typing import Final

from tests.support.site import bodies, frames, loaded, moved, small, streams, uploads, windows, workers
from tests.support.site.reply import Framing, Origins, Part, Reply, Route, always, fixed

PATH: Final = "/page"
_PRELUDE: Final = """
const done = [];
const got = {};
const hex = sum => Array.from(new Uint8Array(sum), one => one.toString(16).padStart(2, "0")).join("");
const note = async (key, answer) => {
  const body = await answer.arrayBuffer();
  got[key] = [answer.status, body.byteLength, hex(await crypto.subtle.digest("SHA-256", body))];
};
const get = (path, init) => {
  const key = ((init || {}).method || "GET") + " " + path;
  done.push(fetch(path, init).then(answer => note(key, answer)).catch(error => { got[key] = String(error); }));
};
const xhr = path => done.push(new Promise(ends => {
  const asked = new XMLHttpRequest();
  asked.open("GET", path);
  asked.onloadend = ends;
  asked.send();
}));
"""
_EPILOGUE: Final = """
if (done.length) {
  Promise.allSettled(done).then(() => fetch("/got", {method: "POST", body: JSON.stringify(got)}))
    .then(() => { document.title = "done"; });
}
"""
_PAGE: Final = """<!doctype html><html lang="fa" dir="rtl"><head><meta charset="utf-8"><title>waits</title>
{head}</head><body><h1>همه چیز</h1>
{markup}
<script src="{script}"></script></body></html>"""


def routes(origins: Origins) -> dict[str, Route]:
    """Give everything that the site answers to."""
    parts = [
        small.part(),
        moved.part(origins),
        uploads.part(origins),
        bodies.part(),
        bodies.cut(),
        frames.part(origins),
        workers.part(origins),
        loaded.part(),
        streams.part(origins),
    ]
    found: dict[str, Route] = {
        "/": always(
            Reply(status=302, reason="Found", headers=(("Location", f"{PATH}?arrived"),), body=b"the page is there")
        ),
        PATH: _document(parts),
        "/page.js": fixed("text/javascript; charset=utf-8", _script(parts), coding="br"),
        "/got": always(Reply(status=204, reason="No Content", framing=Framing.NONE)),
        "/favicon.ico": fixed("image/x-icon", b"no icon"),
    }
    own = {
        "restless": streams.restless(),
        "held": streams.held(),
        "slow": streams.slow(),
        "slow-picture": streams.slow_picture(),
        "cuts": bodies.cuts(),
    }
    for name, one in own.items():
        found[f"/{name}"] = fixed("text/html; charset=utf-8", _page(f"<p>{name}</p>{one.markup}", f"/{name}.js"))
        found |= dict(one.routes) | {f"/{name}.js": fixed("text/javascript", _script([one]))}
    for one in (*parts, windows.part(), windows.many()):
        found |= one.routes
    return found


def _document(parts: Iterable[Part]) -> Route:
    markup = "\n".join(one.markup for one in parts)
    return always(
        Reply(
            headers=(
                ("Content-Type", "text/html; charset=utf-8"),
                ("Set-Cookie", "visit=1; Path=/"),
                ("Set-Cookie", "second=2; Path=/; HttpOnly"),
            ),
            body=_page(markup, "/page.js", head=loaded.HEAD).encode(),
            coding="gzip",
            framing=Framing.CHUNKED,
            piece_bytes=1000,
        )
    )


def _page(markup: str, script: str, head: str = "") -> str:
    return _PAGE.format(head=head, markup=markup, script=script)


def _script(parts: Iterable[Part]) -> str:
    tried = [
        f'try {{\n{one.script}\n}} catch (error) {{ got["part {at}"] = String(error); }}'
        for at, one in enumerate(parts)
    ]
    return _PRELUDE + "\n".join(tried) + _EPILOGUE
