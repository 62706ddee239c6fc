"""Pages of their own kind: windows that a page opens, downloads, a service worker, and very many resources."""

from typing import Final

from tests.support.site.reply import Part, fixed, picture

_SW: Final = """
self.addEventListener("install", event => event.waitUntil((async () => {
  const cache = await caches.open("v1");
  await cache.addAll(["/sw/cached", "/sw/cached.svg"]);
  await self.skipWaiting();
})()));
self.addEventListener("activate", event => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", event => {
  const path = new URL(event.request.url).pathname;
  if (path === "/sw/made-up") { event.respondWith(new Response("made by the worker")); return; }
  if (path === "/sw/cached") { event.respondWith(caches.match("/sw/cached")); return; }
  if (path === "/sw/changed") { event.respondWith(fetch("/sw/instead")); return; }
  event.respondWith(fetch(event.request));
});
"""
_SW_PAGE: Final = """<!doctype html><meta charset="utf-8"><title>waits</title><p>a page with a service worker</p>
<script>
const ask = path => fetch(path).then(a => a.text());
(async () => {
  try {
    await navigator.serviceWorker.register("/sw/worker.js", {scope: "/sw/"});
    await navigator.serviceWorker.ready;
    if (!navigator.serviceWorker.controller) {
      await new Promise(on => navigator.serviceWorker.addEventListener("controllerchange", on, {once: true}));
    }
    await Promise.all(["/sw/through", "/sw/made-up", "/sw/cached", "/sw/changed"].map(ask));
    await fetch("/sw/posted", {method: "POST", body: new Uint8Array([0, 255, 200])});
    const frame = document.createElement("iframe");
    frame.src = "/sw/controlled";
    await new Promise(on => { frame.onload = on; document.body.append(frame); });
    document.title = "done";
  } catch (error) { document.title = "failed: " + error; }
})();
</script>"""
_POPUPS: Final = """<!doctype html><meta charset="utf-8"><title>waits</title><p>opens windows</p>
<a id="own" href="/window/by-link" target="_blank" rel="noopener">a window of its own</a>
<script>
window.open("/window/by-script");
document.getElementById("own").click();
addEventListener("message", () => { document.title = "done"; });
</script>"""
_WINDOW: Final = """<!doctype html><title>{0}</title><p>a window</p><img src="/window/{0}.svg">
<script>
fetch("/window/asked-{0}").then(a => a.text()).then(() => {{ if (opener) {{ opener.postMessage("done"); }} }});
</script>"""
_DOWNLOADS: Final = """<!doctype html><meta charset="utf-8"><title>a story with a file</title>
<p>the story</p><img src="/window/story.svg"><iframe src="/window/attachment"></iframe>
<a id="file" href="/window/saved" download="saved.bin">save</a>
<script>document.getElementById("file").click();</script>"""
_SAVE: Final = (("Content-Disposition", 'attachment; filename="report.bin"'),)
_HTML: Final = "text/html; charset=utf-8"
MANY: Final = 500


def part() -> Part:
    """Give the pages and all that they ask for."""
    routes = {
        "/popups": fixed(_HTML, _POPUPS),
        "/downloads": fixed(_HTML, _DOWNLOADS),
        "/sw/": fixed(_HTML, _SW_PAGE),
        "/sw/worker.js": fixed("text/javascript", _SW),
        "/sw/controlled": fixed(_HTML, '<p>controlled<img src="/sw/through.svg">'),
        "/sw/posted": fixed("text/plain", "received"),
        "/window/story.svg": picture("story"),
        "/window/attachment": fixed("application/octet-stream", bytes(range(256)), *_SAVE),
        "/window/saved": fixed("application/octet-stream", bytes(range(256)) * 2, *_SAVE),
    }
    for name in ("by-script", "by-link"):
        routes[f"/window/{name}"] = fixed(_HTML, _WINDOW.format(name))
        routes[f"/window/{name}.svg"] = picture(name)
        routes[f"/window/asked-{name}"] = fixed("text/plain", f"asked {name}")
    routes |= {f"/sw/{name}": fixed("text/plain", name) for name in ("through", "cached", "instead")}
    routes |= {f"/sw/{name}.svg": picture(name) for name in ("through", "cached")}
    return Part(routes=routes)


def many() -> Part:
    """Give a page of 500 small resources for the bench."""
    pictures = {f"/many/{at:03d}.svg": picture(f"many {at}") for at in range(MANY)}
    tags = "".join(f'<img src="{path}" width="9" height="9" alt="">' for path in pictures)
    page = f'<!doctype html><meta charset="utf-8"><title>many</title><h1>many</h1>{tags}'
    return Part(routes=pictures | {"/many": fixed(_HTML, page, coding="gzip")})
