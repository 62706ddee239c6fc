"""What markup alone loads: hints, lazy pictures, fonts, imports of sheets and modules, media by ranges."""

import re
import struct
from typing import Final

from tests.support.site.reply import Asked, Part, Reply, Route, fixed, picture

HEAD: Final = """
<link rel="icon" href="/load/icon.svg">
<link rel="manifest" href="/load/app.webmanifest">
<link rel="preload" href="/load/preloaded.js" as="script">
<link rel="preload" href="/load/preloaded.woff2" as="font" crossorigin>
<link rel="prefetch" href="/load/prefetched.js">
<link rel="modulepreload" href="/load/module-preloaded.js">
<link rel="stylesheet" href="/load/sheet.css">
"""
MARKUP: Final = """
<p style="font-family: own">written in its own font</p>
<img src="/load/first.svg" srcset="/load/narrow.svg 100w, /load/wide.svg 2000w" sizes="50px" alt="">
<picture><source srcset="/load/chosen.svg" type="image/svg+xml"><img src="/load/never.svg" alt=""></picture>
<img src="/load/near.svg" loading="lazy" width="9" height="9" alt="">
<svg><use href="/load/symbols.svg#one"></use><image href="/load/inner.svg" width="9" height="9"></image></svg>
<audio id="sound" src="/load/sound.wav" preload="auto"><track src="/load/words.vtt" default></audio>
<video poster="/load/poster.svg"></video>
<input type="image" src="/load/button.svg" alt="">
<script type="module" src="/load/module.js"></script>
<p style="margin-top: 3000px"><img src="/load/far.svg" loading="lazy" width="9" height="9" alt=""></p>
"""
SCRIPT: Final = """
done.push(import("/load/dynamic.js"));
done.push(new Promise(heard => {
  const sound = document.getElementById("sound");
  sound.addEventListener("error", heard);
  const seek = () => {
    sound.addEventListener("seeked", heard, {once: true});
    sound.currentTime = sound.duration - 0.5;
  };
  if (sound.readyState) { seek(); } else { sound.addEventListener("loadedmetadata", seek, {once: true}); }
}));
"""
_DRAWN: Final = [
    "icon",
    "first",
    "narrow",
    "wide",
    "chosen",
    "never",
    "near",
    "far",
    "inner",
    "poster",
    "button",
    "sheet",
    "imported",
    "cursor",
]
_FONT: Final = b"wOF2 no font at all"
_RANGE: Final = re.compile(r"bytes=(\d+)-(\d*)")


def part() -> Part:
    """Give the page's own loads."""
    routes = {f"/load/{name}.svg": picture(name) for name in _DRAWN}
    scripts = {
        "preloaded.js": "1;",
        "prefetched.js": "2;",
        "module-preloaded.js": "export const own = 3;",
        "module.js": "import {own} from './module-preloaded.js'; import './deeper.js'; own;",
        "deeper.js": "export {};",
        "dynamic.js": "import './deeper.js'; export {};",
    }
    routes |= {f"/load/{name}": fixed("text/javascript", text) for name, text in scripts.items()}
    sheet = "@import url(/load/imported.css); body { background: url(/load/sheet.svg) }"
    font = "@font-face { font-family: own; src: url(/load/own.woff2) }"
    routes |= {
        "/load/sheet.css": fixed("text/css", sheet, coding="gzip"),
        "/load/imported.css": fixed("text/css", font + "p { background: url(/load/imported.svg) }"),
        "/load/own.woff2": fixed("font/woff2", _FONT),
        "/load/preloaded.woff2": fixed("font/woff2", _FONT + b" either"),
        "/load/app.webmanifest": fixed("application/manifest+json", '{"name": "a page"}'),
        "/load/words.vtt": fixed("text/vtt", "WEBVTT\n\n00:00.000 --> 00:01.000\nسلام\n"),
        "/load/symbols.svg": fixed("image/svg+xml", "<svg xmlns='http://www.w3.org/2000/svg'><g id='one'/></svg>"),
        "/load/sound.wav": ranged("audio/wav", _wav(40)),
    }
    return Part(routes=routes, markup=MARKUP, script=SCRIPT)


def ranged(kind: str, content: bytes) -> Route:
    """Give a route that answers with the part that was asked for."""

    def answer(asked: Asked) -> Reply:
        own = (("Content-Type", kind), ("Accept-Ranges", "bytes"), ("ETag", '"whole"'))
        found = _RANGE.fullmatch(asked.header("range"))
        if found is None:
            return Reply(headers=own, body=content)
        first, last = int(found[1]), int(found[2] or len(content) - 1)
        where = ("Content-Range", f"bytes {first}-{last}/{len(content)}")
        return Reply(status=206, reason="Partial Content", headers=(*own, where), body=content[first : last + 1])

    return answer


def _wav(seconds: int) -> bytes:
    """Give a sound that Chromium plays: 16 bit, mono, 48 kHz, a saw tooth."""
    rate = 48_000
    samples = b"".join(struct.pack("<h", at * 311 % 20_000 - 10_000) for at in range(rate)) * seconds
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, rate, rate * 2, 2, 16)
    return (
        b"RIFF"
        + struct.pack("<I", 36 + len(samples))
        + b"WAVE"
        + form
        + b"data"
        + struct.pack("<I", len(samples))
        + samples
    )
