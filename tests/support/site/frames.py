"""Frames within frames: of the same origin, of the same site, of another site, nested, and without any address."""

from typing import Final

from tests.support.site.reply import Origins, Part, Reply, always, fixed, picture

MARKUP: Final = """
<iframe src="/frame/same"></iframe>
<iframe src="{port}/frame/port"></iframe>
<iframe src="{cross}/frame/cross"></iframe>
<iframe src="/frame/sandboxed" sandbox="allow-scripts"></iframe>
<iframe src="/frame/moved"></iframe>
<iframe srcdoc="&lt;p&gt;inside&lt;img src=/frame/in-srcdoc.svg&gt;
&lt;script&gt;fetch('/frame/by-srcdoc')&lt;/script&gt;"></iframe>
<iframe src="data:text/html,&lt;img src='{main}/frame/in-data.svg'&gt;"></iframe>
<object data="/frame/object"></object>
<embed src="/frame/embed" type="text/html">
"""
SCRIPT: Final = """
const blank = document.createElement("iframe");
document.body.append(blank);
blank.contentDocument.body.innerHTML = "<img src=/frame/in-blank.svg>";
const made = document.createElement("iframe");
made.src = URL.createObjectURL(new Blob(["<img src=" + location.origin + "/frame/in-blob.svg>"], {type: "text/html"}));
document.body.append(made);
"""
_DRAWN: Final = [
    "in-srcdoc",
    "in-data",
    "in-blank",
    "in-blob",
    "same",
    "port",
    "cross",
    "nested",
    "deepest",
    "sandboxed",
    "moved",
    "object",
]


def part(origins: Origins) -> Part:
    """Give the frames; each draws one picture and asks once by script."""
    documents = {
        "/frame/same": _document("same"),
        "/frame/port": _document("port"),
        "/frame/cross": _document("cross", f'<iframe src="{origins.port}/frame/nested"></iframe>'),
        "/frame/nested": _document("nested", f'<iframe src="{origins.cross}/frame/deepest"></iframe>'),
        "/frame/deepest": _document("deepest"),
        "/frame/sandboxed": _document("sandboxed"),
        "/frame/arrived": _document("moved"),
        "/frame/object": _document("object"),
    }
    routes = {path: fixed("text/html; charset=utf-8", text, coding="gzip") for path, text in documents.items()}
    routes |= {f"/frame/{name}.svg": picture(name) for name in _DRAWN}
    routes |= {f"/frame/by-{name}": fixed("text/plain", f"asked by {name}", _ANY) for name in (*_DRAWN, "srcdoc")}
    routes["/frame/embed"] = fixed("text/html", "<p>embedded")
    routes["/frame/moved"] = always(Reply(status=302, reason="Found", headers=(("Location", "/frame/arrived"),)))
    names = {"main": origins.main, "port": origins.port, "cross": origins.cross}
    return Part(routes=routes, markup=MARKUP.format(**names), script=SCRIPT)


def _document(name: str, more: str = "") -> str:
    asks = f"fetch('/frame/by-{name}', {{method: 'POST', body: new Uint8Array([255, 0, 254])}}).catch(() => {{}})"
    return f"<!doctype html><p>{name}</p><img src=/frame/{name}.svg>{more}<script>{asks}</script>"


_ANY: Final = ("Access-Control-Allow-Origin", "*")
