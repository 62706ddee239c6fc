"""What carries the words in a sentence: an outlet or platform, a post, a letter, a report, an official site."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archiver.cite.outlets import MEDIA, Lexicon
from archiver.cite.people import Marker

if TYPE_CHECKING:
    from archiver.cite.sentence import Cue

_LONGEST_NAME = 4
_CARRYING = ("agency", "television", "radio", "newspaper", "site")
_OFFICIAL_REACH = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletWords:
    """An outlet as a sentence names it: its usual English name (its own words if it is in no lexicon), and where."""

    name: str
    kind: str
    start: int
    end: int
    sure: float = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """What sort of source a word of the sentence tells of: tweet, letter, report, …, and where it stands."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """The words of a sentence between which its source is told, what was said left out."""

    marker: Marker
    lexicon: Lexicon
    first: int
    last: int


def outlet_in(zone: Zone, *, first: bool = False) -> OutletWords | None:
    """Give the first outlet named in a zone; ``first`` where one must be named there («نقلت وكالة …»)."""
    site = _official_site(zone)
    if site is not None:
        return site
    for at in range(zone.first, zone.last):
        if zone.marker.words[at].mark:
            continue
        found = outlet_at(zone, at, sure=first and at <= zone.first + 1)
        if found is not None:
            longer = outlet_at(zone, at + 1) if at + 1 < zone.last and not zone.marker.words[at + 1].mark else None
            return longer if longer is not None and longer.end > found.end else found
    for at in range(zone.first, zone.last):
        unknown = _unknown(zone, at)
        if unknown is not None:
            return unknown
    return None


def outlet_at(zone: Zone, at: int, *, sure: bool = False) -> OutletWords | None:
    """Give the outlet of the lexicon whose name begins at a word."""
    words = zone.marker.words
    named = zone.lexicon.at(words, at, zone.marker.language, sure=sure)
    if named is None or named.entry.type not in MEDIA or named.last > zone.last:
        return None
    if named.entry.type == "platform" and not _on_platform(zone, at):
        return None
    if _holds_office(zone, at):
        return None
    return OutletWords(
        name=named.entry.name, kind=named.entry.type, start=words[named.first].start, end=words[named.last - 1].end
    )


def _on_platform(zone: Zone, at: int) -> bool:
    """Say whether something was posted there: "on Twitter", «في تغريدة على تويتر», «عبر حسابه في …»."""
    words, nouns = zone.marker.words, zone.marker.language.carrier_nouns
    if len(words[at].forms) > 1 and words[at].text != words[at].forms[-1]:
        return True
    for back in range(max(0, at - 3), at):
        found = nouns.at(words, back)
        if found is not None and (found[1] in ("platform", "site")):
            return True
        if zone.marker.language.carriers.at(words, back) is not None:
            return True
    return False


def _holds_office(zone: Zone, at: int) -> bool:
    """Say whether an outlet is only where somebody works: "the Telegraph's correspondent", «مدير قناة …»."""
    back = at - 1
    while back >= zone.first and back >= at - 2:
        if (
            zone.marker.exact("roles", back)
            and not zone.marker.exact("given", back)
            and not zone.marker.language.capitals
        ):
            return True
        back -= 1
    return False


def _unknown(zone: Zone, at: int) -> OutletWords | None:
    """Give an outlet that is in no lexicon: the words behind "newspaper", "channel", "agency", in marks or capitals."""
    words, language = zone.marker.words, zone.marker.language
    noun = language.carrier_nouns.at(words, at)
    if noun is None or noun[1] not in _CARRYING or words[at].mark:
        return None
    first = at + noun[0]
    if first < zone.last and words[first].text == '"':
        last = next((step for step in range(first + 1, min(zone.last, first + 8)) if words[step].text == '"'), None)
        return _verbatim(zone, first + 1, last, noun[1]) if last is not None and last > first + 1 else None
    last = first
    while last < zone.last and last - first < _LONGEST_NAME and _names(zone, last, first):
        last += 1
    return (
        _verbatim(zone, first, last, noun[1]) if last > first and not zone.marker.size("outlet_anaphors", at) else None
    )


def _names(zone: Zone, at: int, first: int) -> bool:
    words, marker = zone.marker.words, zone.marker
    if words[at].mark or marker.exact("stops", at) or marker.exact("that", at) or marker.exact("roles", at):
        return False
    if marker.exact("skip", at) or marker.language.cues.at(words, at, exact=True) is not None:
        return False
    if marker.language.capitals:
        return words[at].capital
    return at == first or marker.bare_definite(at) or not marker.language.article


def _verbatim(zone: Zone, first: int, last: int, kind: str) -> OutletWords:
    words = zone.marker.words
    start, end = words[first].start, words[last - 1].end
    return OutletWords(name=zone.marker.original[start:end], kind=kind, start=start, end=end, sure=0.5)


def _official_site(zone: Zone) -> OutletWords | None:
    """Give an organisation's own site: «الموقع الرسمي لعصائب أهل الحق»."""
    words, language = zone.marker.words, zone.marker.language
    for at in range(zone.first, zone.last):
        found = language.carriers.at(words, at)
        if found is None or found[1] != "web_page":
            continue
        for behind in range(at + found[0], min(len(words), at + found[0] + _OFFICIAL_REACH)):
            named = zone.lexicon.at(words, behind, language)
            if named is not None and named.entry.type not in MEDIA:
                return OutletWords(
                    name=f"{named.entry.name} official website",
                    kind="site",
                    start=words[at].start,
                    end=words[named.last - 1].end,
                )
    return None


def carrier_in(zone: Zone, cue: "Cue") -> Carrier | None:
    """Give what carries the words: of several the one that tells most."""
    words, language = zone.marker.words, zone.marker.language
    found: list[Carrier] = []
    if cue.kind == "post":
        found.append(Carrier(kind="tweet", start=words[cue.at].start, end=words[cue.end - 1].end))
    for at in range(max(0, zone.first), zone.last):
        hit = None if words[at].mark else language.carriers.at(words, at)
        if hit is None or (hit[1] == "letter" and language.is_in("not_letter").has(words, at)):
            continue
        found.append(Carrier(kind=hit[1], start=words[at].start, end=words[at + hit[0] - 1].end))
    order = ("tweet", "letter", "report", "broadcast", "web_page", "social_post", "statement")
    return min(found, key=lambda one: order.index(one.kind), default=None)


def body_in(zone: Zone) -> tuple[int, int] | None:
    """Give the words that name a body of the lexicon (no medium) in a zone."""
    for at in range(zone.first, min(zone.last, len(zone.marker.words))):
        named = None if zone.marker.words[at].mark else zone.lexicon.at(zone.marker.words, at, zone.marker.language)
        if named is not None and named.entry.type not in MEDIA:
            return named.first, named.last
    return None
