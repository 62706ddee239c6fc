"""Workers: dedicated, of a module, nested, from a blob, shared; each loads scripts, asks, and sends bytes."""

from typing import Final

from tests.support.site.reply import Origins, Part, fixed

_ASKS: Final = """
const end = () => (self.postMessage || self.answer)("done");
Promise.allSettled([
  fetch("/worker/by-{0}").then(a => a.text()),
  fetch("/worker/posted-{0}", {{method: "POST", body: new Uint8Array([0, 255, 128, 10])}}).then(a => a.text()),
  fetch("/worker/large-{0}").then(a => a.arrayBuffer()),
]).then(end);
"""
SCRIPT: Final = """
const works = worker => done.push(new Promise(ends => {
  const port = worker.port || worker;
  port.onmessage = ends;
  worker.onerror = ends;
}));
works(new Worker("/worker/dedicated.js"));
works(new Worker("/worker/module.js", {type: "module"}));
works(new Worker("/worker/nesting.js"));
works(new Worker(URL.createObjectURL(new Blob([`importScripts("${location.origin}/worker/of-blob.js")`]))));
works(new SharedWorker("/worker/shared.js"));
"""
LARGE: Final = bytes(range(256)) * (3 << 12)
_NAMES: Final = ["dedicated", "module", "nested", "blob", "shared", "frame"]


def part(_: Origins) -> Part:
    """Give the workers and what they ask for."""
    scripts = {
        "dedicated.js": "importScripts('/worker/imported.js');" + _ASKS.format("dedicated"),
        "imported.js": "self.imported = 1;",
        "module.js": "import '/worker/dependency.js';" + _ASKS.format("module"),
        "dependency.js": "self.depended = 1;",
        "nesting.js": "new Worker('/worker/nested.js').onmessage = event => self.postMessage(event.data);",
        "nested.js": _ASKS.format("nested"),
        "of-blob.js": _ASKS.replace('"/', 'self.location.origin + "/').format("blob"),
        "shared.js": "const opened = new Promise(open => { self.onconnect = event => open(event.ports[0]); });"
        "self.answer = text => opened.then(port => port.postMessage(text));" + _ASKS.format("shared"),
    }
    routes = {
        f"/worker/{name}": fixed("text/javascript", text, coding="gzip" if name.startswith("n") else "")
        for name, text in scripts.items()
    }
    for name in _NAMES:
        routes[f"/worker/by-{name}"] = fixed("text/plain", f"asked by {name}", coding="gzip")
        routes[f"/worker/posted-{name}"] = fixed("text/plain", f"received of {name}")
        routes[f"/worker/large-{name}"] = fixed("application/octet-stream", LARGE + name.encode())
    return Part(routes=routes, script=SCRIPT)
