"""Connections that stay: event streams that end and that do not, WebSockets, requests that get no answer."""

from typing import Final

from tests.support.site.reply import Asked, End, Framing, Origins, Part, Reply, always

EVENTS: Final = b"retry: 20\n\n" + b"".join(
    f"id: {at}\nevent: tick\ndata: tick {at} \u2014 \u0633\n\n".encode() for at in range(5)
)
SCRIPT: Final = """
done.push(new Promise(ends => {
  const events = new EventSource("/stream/events");
  events.onerror = () => { if (events.readyState === EventSource.CLOSED) { ends(); } };
}));
const talk = url => done.push(new Promise(ends => {
  const socket = new WebSocket(url);
  let heard = 0;
  socket.binaryType = "arraybuffer";
  socket.onerror = socket.onclose = ends;
  socket.onopen = () => {
    socket.send("from the page: \\u0633\\u0644\\u0627\\u0645");
    socket.send(Uint8Array.from({length: 300}, (_, at) => at));
    socket.send("x".repeat(70000));
  };
  socket.onmessage = () => { if (++heard === 6) { socket.close(1000, "enough"); } };
}));
talk(location.origin.replace("http", "ws") + "/stream/socket");
talk("%(cross)s".replace("http", "ws") + "/stream/socket?cross");
done.push(fetch("/stream/slow").then(a => a.text()));
"""
RESTLESS: Final = """
addEventListener("load", () => {
  fetch("/stream/silent");
  new EventSource("/stream/endless");
  fetch("/stream/half").then(a => a.arrayBuffer());
  new Image().src = "/stream/silent-picture";
});
"""
HELD: Final = """
const stop = new AbortController();
fetch("/stream/held", {signal: stop.signal}).then(answer => answer.body.getReader().read())
  .then(() => stop.abort()).then(() => { document.title = "left"; });
"""


def part(origins: Origins) -> Part:
    """Give the streams that come to an end."""
    return Part(
        routes={
            "/stream/events": _events,
            "/stream/slow": always(
                Reply(headers=(("Content-Type", "text/plain"),), body=EVENTS, framing=Framing.CHUNKED, piece_bytes=1)
            ),
        },
        script=SCRIPT % {"cross": origins.cross},
    )


def restless() -> Part:
    """Give what never ends."""
    stream = (("Content-Type", "text/event-stream"),)
    plain = (("Content-Type", "application/octet-stream"),)
    routes = {
        "/stream/silent": always(Reply(silent=True)),
        "/stream/silent-picture": always(Reply(silent=True)),
        "/stream/endless": always(Reply(headers=stream, body=EVENTS, framing=Framing.CHUNKED, end=End.HELD)),
        "/stream/half": always(
            Reply(headers=plain, body=EVENTS * 9, framing=Framing.CHUNKED, cut_at=len(EVENTS) * 8, end=End.HELD)
        ),
    }
    return Part(routes=routes, script=RESTLESS)


def held() -> Part:
    """Give a body of a stated length that stops half-way, and a page that leaves it then."""
    plain = (("Content-Type", "application/octet-stream"),)
    body = EVENTS * 9_000
    routes = {"/stream/held": always(Reply(headers=plain, body=body, cut_at=len(EVENTS) * 4_000, end=End.HELD))}
    return Part(routes=routes, script=HELD)


def slow() -> Part:
    """Give a small document that comes slowly while the page fetches much else."""
    document = Reply(
        headers=(("Content-Type", "text/html"),),
        body=b"<p>" + bytes(range(32, 127)) * 20,
        coding="gzip",
        piece_bytes=8,
        pace_s=0.1,
    )
    routes = {"/slow/document": always(document)}
    return Part(routes=routes, markup='<iframe src="/slow/document"></iframe>', script='get("/size/26mb");')


def slow_picture() -> Part:
    """Give a small picture of stated length that takes longer than a recorder waits before it lets a page go on."""
    drawn = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'
    picture = Reply(headers=(("Content-Type", "image/svg+xml"),), body=drawn, piece_bytes=5, pace_s=0.25)
    shown = """<img src="/slow/picture.svg" onload="document.title = 'shown'">"""
    return Part(routes={"/slow/picture.svg": always(picture)}, markup=shown, script="")


def _events(asked: Asked) -> Reply:
    """Give five events; a page that comes again is told that there are no more."""
    if asked.header("last-event-id"):
        return Reply(status=204, reason="No Content", framing=Framing.NONE)
    return Reply(headers=(("Content-Type", "text/event-stream"),), body=EVENTS, framing=Framing.CHUNKED, piece_bytes=20)
