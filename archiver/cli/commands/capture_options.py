"""The options of ``archiver capture``, each with its bounds and its help."""

from pathlib import Path
from typing import Annotated

import typer

What = Annotated[
    list[str] | None, typer.Argument(help="A case, or URLs to capture into the case; the default case else.")
]
Case = Annotated[str | None, typer.Option("--case", help="Case to record URLs in.")]
Again = Annotated[bool, typer.Option("--again", help="Capture everything anew, recorded, erased or neither.")]
Retry = Annotated[bool, typer.Option("--retry", help="Try again what was recorded as failed.")]
AllowPrivate = Annotated[
    bool, typer.Option("--allow-private", help="Let captures reach this machine and private networks; it is recorded.")
]
Timeout = Annotated[int | None, typer.Option("--timeout", min=5, max=3600, help="Seconds for one source, all in all.")]
MaxMib = Annotated[int | None, typer.Option("--max-mib", min=1, max=16384, help="What one source may send, in MiB.")]
Jobs = Annotated[
    int | None,
    typer.Option("--jobs", "-j", min=1, max=64, help="Sources at once; else by this machine's processors and memory."),
]
PerHost = Annotated[int | None, typer.Option("--per-host", min=1, max=64, help="Of these, at most so many of a host.")]
Retries = Annotated[
    int | None,
    typer.Option("--retries", min=0, max=5, help="Tries more of what failed for a passing reason; each is recorded."),
]
Viewport = Annotated[str | None, typer.Option("--viewport", metavar="WxH", help="Window, in CSS pixels: 1280x900.")]
Scale = Annotated[int | None, typer.Option("--scale", min=1, max=2, help="Device pixels for one CSS pixel.")]
Locale = Annotated[str | None, typer.Option("--locale", help="Language that pages are asked in: ar-IQ.")]
Timezone = Annotated[str | None, typer.Option("--timezone", help="Time zone that pages see: Asia/Baghdad.")]
Login = Annotated[
    Path | None,
    typer.Option(
        "--login", metavar="STATE", help="A Playwright storage state from outside the workspace; it is recorded."
    ),
]
Proxy = Annotated[
    str | None,
    typer.Option("--proxy", metavar="URL", help="Go through socks5://HOST:PORT or http://HOST:PORT; it is recorded."),
]
ServiceWorkers = Annotated[
    str | None,
    typer.Option("--service-workers", metavar="allow|block", help="Let pages start service workers; blocked else."),
]
IgnoreHttpsErrors = Annotated[
    bool, typer.Option("--ignore-https-errors", help="Pass over bad certificates; it is recorded as a limit.")
]
Untouched = Annotated[bool, typer.Option("--untouched", help="Do nothing to pages: no banner refused, no scrolling.")]
PageOnly = Annotated[bool, typer.Option("--page-only", help="Save nothing that a platform's rules name besides.")]
Video = Annotated[bool, typer.Option("--video", help="Save the page's media with yt-dlp (extra: archiver[video]).")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object a line: progress, then a summary.")]
