"""Three hundred small resources: every kind of loader, every coding, every framing, sizes from 1 byte to 4 KB."""

from typing import Final

from tests.support.site.reply import PICTURE, Framing, Part, Reply, Route, always

COUNT: Final = 300
_CODINGS: Final = ("", "gzip", "deflate", "br", "zstd")
_FRAMINGS: Final = (Framing.LENGTH, Framing.CHUNKED, Framing.LENGTH, Framing.CHUNKED, Framing.LENGTH, Framing.CLOSE)
_LOADERS: Final = ("image", "script", "style", "fetch", "fetch", "xhr")
_TYPES: Final = {
    "image": "image/svg+xml",
    "script": "text/javascript; charset=utf-8",
    "style": "text/css",
    "fetch": "application/octet-stream",
    "xhr": "application/json",
}
_TAGS: Final = {
    "image": '<img src="{}" alt="">',
    "script": '<script src="{}" async></script>',
    "style": '<link rel="stylesheet" href="{}">',
}


def part(count: int = COUNT) -> Part:
    """Give the resources; ``count`` of them."""
    numbers = range(count)
    return Part(
        routes={_path(number): _route(number) for number in numbers},
        markup="\n".join(_TAGS[_loader(one)].format(_path(one)) for one in numbers if _loader(one) in _TAGS),
        script="\n".join(_call(one) for one in numbers if _loader(one) not in _TAGS),
    )


def _loader(number: int) -> str:
    return _LOADERS[number % len(_LOADERS)]


def _path(number: int) -> str:
    return f"/small/{number:03d}"


def _call(number: int) -> str:
    return f'{"xhr" if _loader(number) == "xhr" else "get"}("{_path(number)}");'


def _route(number: int) -> Route:
    framing = _FRAMINGS[number // 7 % len(_FRAMINGS)]
    return always(
        Reply(
            headers=(("Content-Type", _TYPES[_loader(number)]), ("Cache-Control", "no-store")),
            body=_content(number),
            coding=_CODINGS[number // 6 % len(_CODINGS)],
            framing=framing,
            piece_bytes=1 if number % 60 == 11 else 700,
        )
    )


def _content(number: int) -> bytes:
    wanted = 1 + number * 97 % 4000
    match _loader(number):
        case "image":
            return PICTURE.format(f"small {number} " + "i" * wanted).encode()
        case "script":
            return f"/* {'ش' * wanted} */ window.ran = (window.ran || 0) + {number};".encode()
        case "style":
            return f".s{number} {{ color: #036 }} /* {'s' * wanted} */".encode()
        case "xhr":
            return f'{{"number": {number}, "fill": "{"j" * wanted}"}}'.encode()
        case _:
            return bytes((number + at) % 256 for at in range(wanted))
