"""A report as one page for people: no script, nothing fetched, every word of others escaped and kept from reordering.

The page says first what is not proven. What the program says of a check in detail stays in its own words (English);
the question and what a failure means are told in the reader's language.
"""

import base64
import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path

from archiver import __version__
from archiver.app.words import Wording
from archiver.model.errors import UsageError
from archiver.model.examination import Examination, Examined
from archiver.model.instant import Instant
from archiver.model.report import Check, Level, Report, Verdict
from archiver.model.text import visible

_MOST_SHOWN = 200
_STYLE = """
:root{--ink:#1d2129;--soft:#5b6472;--line:#d9dde3;--ground:#fff;--good:#17663a;--bad:#a3141d;--open:#7a5200}
*{box-sizing:border-box}
body{margin:0 auto;max-width:62rem;padding:2rem 1.5rem;color:var(--ink);background:var(--ground);line-height:1.55;
 font-family:"Noto Sans","Noto Sans Arabic","Noto Naskh Arabic","Segoe UI",Tahoma,Arial,sans-serif;font-size:16px}
h1{font-size:1.7rem;margin:0 0 .3rem}h2{font-size:1.2rem;margin:2.2rem 0 .6rem}
h3{font-size:1.05rem;margin:1.6rem 0 .5rem}
p{margin:.4rem 0}.soft{color:var(--soft)}
.box{border:1px solid var(--line);border-radius:.5rem;padding:.9rem 1.1rem;margin:1rem 0}
.unproven{border-inline-start:.4rem solid var(--open)}.unproven h2{margin-top:0}
.embedded{border-color:var(--bad);color:var(--bad)}
ul{margin:.3rem 0;padding-inline-start:1.3rem}li{margin:.25rem 0}
table{border-collapse:collapse;width:100%;margin:.6rem 0}
th,td{text-align:start;vertical-align:top;padding:.45rem .6rem;border-block-end:1px solid var(--line)}
th{font-size:.85rem;color:var(--soft);font-weight:600}
.v{font-weight:700;white-space:nowrap}.PASS{color:var(--good)}.FAIL{color:var(--bad)}.NOT{color:var(--open)}
.big{font-size:1.35rem}
code,.detail{font-family:"Noto Sans Mono","DejaVu Sans Mono",Menlo,Consolas,monospace;font-size:.82rem}
code{overflow-wrap:anywhere}.word{white-space:nowrap;color:var(--soft)}
.where{text-align:left;margin-block-end:.6rem}.where code{display:block}
.detail{display:block;color:var(--soft);overflow-wrap:anywhere}
@media print{body{max-width:none;padding:0}.box{break-inside:avoid}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the page says besides what was found: whose trust, as of when, and when the page was made."""

    trust: str
    made_at: Instant
    at: Instant | None = None
    embedded: bool = False


def check_place(path: Path) -> None:
    """Raise UsageError where a report cannot be written: nothing that exists is overwritten."""
    if os.path.lexists(path):  # False also for a name that no file can have: writing it tells
        raise UsageError(f"--report {path}: it exists already", hint="a report replaces no file: choose another name")
    if not path.absolute().parent.is_dir():
        raise UsageError(f"--report {path}: no such folder")


def write_page(path: Path, page: str) -> None:
    """Write the page into a new file; raise UsageError where that cannot be."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(page)
    except OSError as error:
        raise UsageError(f"--report {path}: cannot be written: {error.strerror or error}") from error


def report_page(found: Examination, words: Wording, told: Told) -> str:
    """Give the whole page."""
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    title = words.texts["title"] + (f" \u2014 {words.texts['embedded']}" if told.embedded else "")
    body = "\n".join(_body(found, words, told))
    return (
        f'<!DOCTYPE html>\n<html lang="{words.code}" dir="{words.direction}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="referrer" content="no-referrer">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _body(found: Examination, words: Wording, told: Told) -> Iterator[str]:
    texts = words.texts
    yield f"<h1>{escape(texts['title'])}</h1>"
    if told.embedded:
        yield f'<div class="box embedded"><strong>{escape(texts["embedded"])}.</strong>'
        yield f"<p>{_own(texts['embedded_more'])}</p></div>"
    yield f'<section class="box unproven"><h2>{escape(texts["not_proven"])}</h2><ul>'
    for line in found.not_proven:
        mine = words.unproven(line)
        yield f"<li>{_own(mine)}</li>" if mine is not None else f'<li lang="en" dir="ltr">{_own(visible(line))}</li>'
    yield "</ul></section>"
    yield f'<p class="big">{escape(texts["verdict"])}: {_verdict(found.verdict, words)}</p>'
    yield f"<p>{escape(words.verdict_means[found.verdict.value])}.</p>"
    yield f'<p class="soft">{" · ".join(_facts(texts, told))}</p>'
    for one in found.examined:
        yield from _examined(one, words)


def _facts(texts: Mapping[str, str], told: Told) -> Iterator[str]:
    trust = _own(texts["nobody"]) if told.trust == "nobody" else _code(told.trust)
    yield f"{escape(texts['trust'])} {trust}"
    if told.at is not None:
        yield f"{escape(texts['at'])} {_code(str(told.at))}"
    yield f"{escape(texts['made'])} {_code(str(told.made_at))} {escape(texts['by'])} {_code(f'archiver {__version__}')}"


def _examined(one: Examined, words: Wording) -> Iterator[str]:
    kind = f" ({escape(words.kinds[one.kind.value])})" if one.kind else ""
    yield f"<h2>{_code(visible(one.name))}{kind}</h2>"
    if one.report is None:
        yield f"<p><strong>{escape(words.texts['unreadable'])}.</strong> {_detail(one.unreadable)}</p>"
        return
    required = f"{escape(words.texts['required'])} {_code(f'L{one.report.required.value}')}"
    yield f"<p>{escape(words.texts['verdict'])}: {_verdict(one.verdict, words)} ({required})</p>"
    yield from _levels(one.report, words)
    yield from _checks(one.report, words)


def _levels(report: Report, words: Wording) -> Iterator[str]:
    texts = words.texts
    yield f"<h3>{escape(texts['levels'])}</h3><table><thead><tr>"
    yield "".join(f"<th>{escape(one)}</th>" for one in ("", texts["verdict"], texts["means"], texts["means_not"]))
    yield "</tr></thead><tbody>"
    for level in Level:
        name = f"{_word(f'L{level.value}')} {_own(words.level(level, 'name'))}"
        cells = (name, _verdict(report.verdict_of(level), words), _own(words.level(level, "means")))
        yield "<tr>" + "".join(f"<td>{one}</td>" for one in (*cells, _own(words.level(level, "not")))) + "</tr>"
    yield "</tbody></table>"


def _checks(report: Report, words: Wording) -> Iterator[str]:
    bad = [one for one in report.checks if one.verdict is not Verdict.PASS]
    if bad:
        yield f"<h3>{escape(words.texts['checks'])}</h3>"
        yield from _table(bad, words)
    good = Counter((one.level, one.id) for one in report.checks if one.verdict is Verdict.PASS)
    if good:
        yield f"<h3>{escape(words.texts['passed'])}</h3><table><tbody>"
        for (level, name), count in sorted(good.items()):
            times = f"{count} {escape(words.texts['times'])}" if count > 1 else ""
            question = f"{_own(words.asks(name))} {_word(name)}"
            yield f"<tr><td>{_word(f'L{level.value}')}</td><td>{question}</td><td>{times}</td>"
            yield f"<td>{_verdict(Verdict.PASS, words)}</td></tr>"
        yield "</tbody></table>"


def _table(checks: Iterable[Check], words: Wording) -> Iterator[str]:
    """Give a row for each question that did not pass: what failed first, and in it where, and why."""
    texts = words.texts
    asked: dict[tuple[bool, int, str, Verdict], list[Check]] = {}
    for one in checks:
        asked.setdefault((one.verdict is not Verdict.FAIL, one.level.value, one.id, one.verdict), []).append(one)
    yield "<table><thead><tr>"
    yield "".join(f"<th>{escape(one)}</th>" for one in (texts["answer"], texts["question"], texts["about"]))
    yield "</tr></thead><tbody>"
    for (_, level, name, verdict), many in sorted(asked.items(), key=lambda item: item[0][:3]):
        answer = f"<p>{_own(words.answers(name, verdict))}</p>" if verdict is Verdict.FAIL else ""
        question = f"{_own(words.asks(name))} {_word(f'L{level} {name}')}"
        about = "".join(_where(many[:_MOST_SHOWN]))
        more = f"<p>{len(many) - _MOST_SHOWN} {_own(texts['more'])}</p>" if len(many) > _MOST_SHOWN else ""
        yield f"<tr><td>{_verdict(verdict, words)}</td><td>{question}{answer}</td><td>{about}{more}</td></tr>"
    yield "</tbody></table>"


def _where(checks: Iterable[Check]) -> Iterator[str]:
    """Give the subjects with the reason that they share."""
    by_reason: dict[str, list[str]] = {}
    for one in checks:
        by_reason.setdefault(one.reason, []).append(one.subject)
    for reason, subjects in by_reason.items():
        yield f'<div class="where" dir="ltr">{"".join(f"<code>{_foreign(one)}</code>" for one in subjects)}'
        yield f'<span class="detail" lang="en">{_foreign(reason)}</span></div>'


def _verdict(verdict: Verdict, words: Wording) -> str:
    return f'<span class="v {verdict.value.split(" ", maxsplit=1)[0]}">{escape(words.verdict(verdict))}</span>'


def _own(text: str) -> str:
    return f"<bdi>{escape(text)}</bdi>"


def _foreign(text: str) -> str:
    return escape(visible(text))


def _code(text: str) -> str:
    return f'<code dir="ltr">{_foreign(text)}</code>'


def _word(text: str) -> str:
    return f'<code class="word" dir="ltr">{_foreign(text)}</code>'


def _detail(text: str) -> str:
    return f'<span class="detail" lang="en" dir="ltr">{_foreign(text)}</span>'
