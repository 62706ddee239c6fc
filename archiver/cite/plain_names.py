"""Names in scripts without capital letters (Arabic, Persian): by given names, titles, roles, and the article."""

from archiver.cite.people import (
    ANONYMOUS,
    DESCRIPTION,
    LONGEST_NAME,
    ORGANISATION,
    PERSON,
    PRONOUN,
    Marker,
    Mention,
    folded_key,
    mention_of,
)

_LONGEST_ANONYMOUS = 4
_LONGEST_ORGANISATION = 9
_LONGEST_ROLE = 16


def read(marker: Marker, first: int, limit: int) -> Mention | None:
    """Give who is named from a word on."""
    while first < limit and _passed_over(marker, first):
        first += _passed_over(marker, first)
    if first >= limit or marker.words[first].mark:
        return None
    pronoun = marker.size("pronouns", first)
    if pronoun:
        return mention_of(marker, first + pronoun, kind=PRONOUN, name=(first, first + pronoun))
    end = _phrase_end(marker, first, limit)
    if end <= first:
        return None
    for rule in (_known, _described, _role_first, _name_first, _outlet, _organisation, _anonymous, _surname):
        found = rule(marker, first, end, limit)
        if found is not None:
            return found
    return None


def _passed_over(marker: Marker, at: int) -> int:
    if marker.words[at].text == '"':
        return 1
    if marker.exact("given", at) and at + 1 < len(marker.words) and not marker.words[at + 1].mark:
        return 0
    return marker.size("auxiliaries", at) or marker.size("skip", at)


def _phrase_end(marker: Marker, first: int, limit: int) -> int:
    """Give where the noun phrase ends: at a mark, "that", a verb, an adverb, a preposition outside a role."""
    at = first
    while at < limit:
        word = marker.words[at]
        if word.mark or marker.exact("that", at) or (at > first and _ends_phrase(marker, first, at)):
            break
        at += 1
    return at


def _ends_phrase(marker: Marker, first: int, at: int) -> bool:
    cue = marker.language.cues.at(marker.words, at, exact=True)
    strong = cue is not None and cue[1] in ("say", "post", "participles", "according", "carry", "contrast")
    if strong and not marker.size("given", at) and not marker.size("roles", at):
        return True
    if marker.size("verbal_nouns", at) or marker.exact("skip", at) or marker.exact("auxiliaries", at):
        return True
    noun = marker.language.carrier_nouns.at(marker.words, at)
    if noun is not None and marker.language.carrier_nouns.at(marker.words, at, exact=True) is None:
        return True
    kinds = marker.language.dates.words.at(marker.words, at)
    if kinds is not None and {"weekdays", "today", "yesterday"} & set(kinds[1]) and not marker.size("given", at):
        return True
    if marker.exact("stops", at):
        return not (marker.exact("role_prepositions", at) and _goes_on(marker, first, at))
    return False


def _goes_on(marker: Marker, first: int, at: int) -> bool:
    """Say whether a preposition belongs to a role: one was named, no person yet, and a definite thing follows."""
    roles = any(marker.size("roles", one) or marker.size("org_nouns", one) for one in range(first, at))
    named = any(marker.exact("given", one) for one in range(first, at))
    following = at + 1 < len(marker.words) and not marker.words[at + 1].mark
    if not (roles and not named and following):
        return False
    return marker.definite(at + 1) or bool(marker.size("org_nouns", at + 1)) or bool(marker.size("roles", at + 1))


def _known(marker: Marker, first: int, end: int, _limit: int) -> Mention | None:
    """Read the family name alone of somebody who was named before, behind titles or not."""
    start = _after_titles(marker, first, end)
    if start >= end or marker.exact("given", start):
        return None
    for last in (start + 2, start + 1):
        key = folded_key(marker.words[start:last], marker.language) if last <= end else ()
        if key and marker.memory.knows(key[-1]) and marker.memory.full(key) is not None:
            return mention_of(marker, last, kind=PERSON, name=(start, last))
    return None


def _described(marker: Marker, first: int, end: int, limit: int) -> Mention | None:
    """Read «the military official»: nobody's name, but somebody who was named before."""
    size = marker.size("descriptions", first)
    if not size or _name_start(marker, first + size, end) is not None or _appositive(marker, end, limit) is not None:
        return None
    last = end if marker.language.article else min(end, first + size + 1)
    return mention_of(marker, last, kind=DESCRIPTION, name=(first, last), role=(first, last))


def _role_first(marker: Marker, first: int, end: int, limit: int) -> Mention | None:
    """Read a role and then the name: «وزير الخارجية العراقي فؤاد حسين», «الأمين العام لحركة كذا، قيس الخزعلي،»."""
    start = _after_titles(marker, first, end)
    if start == end or not marker.size("roles", start) or (start > first and _given(marker, start)):
        return None
    if _given(marker, start) and not marker.bare_definite(start) and _is_name_shape(marker, start, end):
        return None
    at = _name_start(marker, start + marker.size("roles", start), min(end, start + _LONGEST_ROLE))
    if at is not None:
        begin = _after_titles(marker, at, end)
        last = _name_end(marker, begin, end)
        if last > begin:
            return mention_of(marker, last, kind=PERSON, name=(begin, last), role=(first, at))
    behind = _appositive(marker, end, limit)
    if behind is not None:
        return mention_of(marker, behind[1], kind=PERSON, name=behind, role=(first, end))
    if marker.size("anonymous", first) and not marker.bare_definite(first):
        return _anonymous(marker, first, end, limit)
    end = next((step for step in range(start + 1, end) if marker.exact("not_names", step)), end)
    return mention_of(marker, end, kind=DESCRIPTION, name=(first, end), role=(first, end))


def _is_name_shape(marker: Marker, first: int, end: int) -> bool:
    """Say whether a word that is both a given name and a role begins a name here: another name follows it."""
    return (
        first + 1 < end
        and (marker.exact("given", first + 1) or marker.bare_definite(first + 1))
        and (first + 2 >= end or bool(marker.size("roles", first + 2)))
    )


def _name_start(marker: Marker, first: int, end: int) -> int | None:
    """Give where a name begins behind a role: at a title or a given name, else at the seam behind a definite word."""
    joins = 0
    end = next((at for at in range(first, end) if marker.exact("not_names", at)), end)
    for at in range(first, end):
        joined = marker.exact("role_prepositions", at)
        if joined and not joins and at + 1 < end and (marker.definite(at + 1) or marker.size("org_nouns", at + 1)):
            joins += 1
            continue
        behind = at > first or not joined
        titled = marker.exact("titles", at) and at + 1 < end and not marker.size("roles", at + 1)
        if behind and titled and not marker.bare_definite(at + 1) and not marker.size("places", at + 1):
            return at
        if behind and marker.exact("given", at) and not _inside_role(marker, at, end):
            return at
        if at > first and marker.exact("joins_next", at) and at + 1 < end and not marker.exact("roles", at):
            return at
    return _seam(marker, first, end) if marker.language.article else None


def _inside_role(marker: Marker, at: int, end: int) -> bool:
    """Say whether a given name is an ordinary word here: the second half of a phrase of a role or an organisation."""
    if not (marker.exact("org_nouns", at) or marker.exact("roles", at)):
        return False
    named = at + 1 < end and (
        marker.exact("given", at + 1) or (marker.definite(at - 1) and marker.bare_definite(at + 1))
    )
    return not named


def _seam(marker: Marker, first: int, end: int) -> int | None:
    for at in range(first + 1, end):
        if not marker.definite(at - 1) or marker.definite(at) or not _may_begin_name(marker, at):
            continue
        if end - at <= LONGEST_NAME:
            return at
        return None
    return None


def _may_begin_name(marker: Marker, at: int) -> bool:
    names = ("roles", "org_nouns", "role_prepositions", "stops", "that", "anonymous", "places", "skip", "not_names")
    if any(marker.size(one, at) for one in names):
        return False
    if marker.language.carrier_nouns.at(marker.words, at, exact=True) is not None:
        return False
    return not _stopped(marker, at) and not marker.words[at].text[0].isdigit()


def _stopped(marker: Marker, at: int) -> bool:
    return marker.words[at].text.startswith(marker.language.stop_prefixes) and not marker.exact("given", at)


def _after_titles(marker: Marker, first: int, end: int) -> int:
    while first < end and marker.exact("titles", first):
        size = marker.size("titles", first)
        if first + size >= end or (marker.exact("given", first) and not marker.bare_definite(first)):
            break
        if marker.size("roles", first) and marker.definite(first + size) and not marker.exact("given", first + size):
            break
        first += size
    return first


def _name_end(marker: Marker, first: int, end: int) -> int:
    """Give where a name ends: a given name and a family name, further words only where they look like parts of it."""
    at, count = first, 0
    while at < end and count < LONGEST_NAME:
        if at > first and _breaks_name(marker, at, end, count):
            break
        size = marker.size("names_join", at) if marker.exact("names_join", at) else 0
        at += max(1, size)
        if size == 1 and at < end and not marker.exact("roles", at) and marker.size("joins_next", at - 1):
            at += 1
        count += 0 if size and not marker.exact("given", at - 1) and count else 1
    return min(at, end)


def _breaks_name(marker: Marker, at: int, end: int, count: int) -> bool:
    part = marker.exact("given", at) or marker.exact("names_join", at)
    if marker.exact("roles", at) and not (count == 1 and (part or not _begins_role(marker, at, end))):
        return True
    if marker.size("org_nouns", at) and not part and count > 1:
        return True
    if _stopped(marker, at) or marker.exact("not_names", at):
        return True
    return count > 1 and not (part or marker.bare_definite(at) or _short_of_end(marker, at, end))


def _begins_role(marker: Marker, at: int, end: int) -> bool:
    """Say whether the noun of a role begins one here: what it is the head, spokesman, director of follows it."""
    if marker.bare_definite(at) or not marker.language.article:
        return True
    following = at + 1
    return following < end and (
        marker.definite(following)
        or bool(marker.size("org_nouns", following))
        or bool(marker.size("roles", following))
        or marker.words[following].text in ("عام", "سابق")
    )


def _short_of_end(marker: Marker, at: int, end: int) -> bool:
    """Say whether a third word stands right before the end of the phrase: then it is the name's last part."""
    return (end - at == 1 or bool(marker.exact("roles", at + 1))) and not marker.definite(at)


def _name_first(marker: Marker, first: int, end: int, limit: int) -> Mention | None:
    """Read a name and then the role: «محمد محيي المتحدث الرسمي», «أحمد ساير داودزي، القائم بأعمال السفارة،»."""
    start = _after_titles(marker, first, end)
    titled = start > first
    if start >= end or not (titled or _given(marker, start)):
        return None
    last = _name_end(marker, start, end)
    role: tuple[int, int] | None = None
    if last < end and marker.size("roles", last):
        role = (last, end)
    elif last == end and end < limit and marker.words[end].text == ",":
        behind = _phrase_end(marker, end + 1, limit)
        if end + 1 < behind and marker.size("roles", end + 1):
            role = (end + 1, behind)
    if role is None and titled:
        role = (first, start)
    return mention_of(marker, role[1] if role and role[0] >= last else last, kind=PERSON, name=(start, last), role=role)


def _given(marker: Marker, at: int) -> bool:
    return bool(marker.exact("given", at)) or (
        bool(marker.exact("names_join", at)) and not marker.size("org_nouns", at)
    )


def _appositive(marker: Marker, end: int, limit: int) -> tuple[int, int] | None:
    """Give a name set off by commas behind a role."""
    if end >= limit or marker.words[end].text != ",":
        return None
    begin = _after_titles(marker, end + 1, limit)
    last = _phrase_end(marker, begin, limit)
    if begin < last <= begin + LONGEST_NAME and _given(marker, begin):
        return begin, _name_end(marker, begin, last)
    return _set_off(marker, begin, limit)


def _set_off(marker: Marker, begin: int, limit: int) -> tuple[int, int] | None:
    """Give two or three words between commas, the last with the article: a name whose first word is a common one."""
    last = begin
    while last < min(limit, begin + LONGEST_NAME) and not marker.words[last].mark and not marker.exact("that", last):
        last += 1
    closed = last < len(marker.words) and (marker.words[last].text in (",", ":") or marker.exact("that", last))
    plain = closed and 2 <= last - begin <= 3 and not marker.definite(begin)  # noqa: PLR2004
    if not plain or marker.exact("stops", last - 1):
        return None
    named = marker.bare_definite(last - 1) or marker.exact("names_join", last - 1)
    introduced = marker.words[last].text != "," and all(_may_begin_name(marker, at) for at in range(begin, last))
    return (begin, last) if named or introduced else None


def _outlet(marker: Marker, first: int, end: int, _limit: int) -> Mention | None:
    """Read an outlet by the noun before its name: «صحيفة كذا», «خبرگزاری …»."""
    noun = marker.language.carrier_nouns.at(marker.words, first, exact=True)
    if noun is None or noun[1] == "platform" or first + noun[0] >= end:
        return None
    return mention_of(marker, end, kind=ORGANISATION, name=(first, end))


def _organisation(marker: Marker, first: int, end: int, _limit: int) -> Mention | None:
    """Read an organisation: up to where a definite word is followed by one that is not."""
    if not marker.size("org_nouns", first) and not marker.size("places", first):
        return None
    at = first + max(1, marker.size("org_nouns", first))
    while at < end and at - first < _LONGEST_ORGANISATION:
        before = marker.definite(at - 1) and (not marker.exact("org_nouns", at - 1) or marker.exact("places", at - 1))
        if marker.exact("not_names", at) or (before and not marker.definite(at) and not _belongs(marker, at, end)):
            break
        if _stopped(marker, at) and not _joined_definite(marker, at):
            break
        at += 1
    return mention_of(marker, at, kind=ORGANISATION, name=(first, at))


def _belongs(marker: Marker, at: int, end: int) -> bool:
    """Say whether «لحقوق الإنسان» goes on with the name: joined to its front, and the next word is definite."""
    word = marker.words[at]
    return len(word.forms) > 1 and at + 1 < end and marker.bare_definite(at + 1) and word.text[0] == "ل"


def _joined_definite(marker: Marker, at: int) -> bool:
    return marker.words[at].text.startswith(("وال", "لل"))


def _anonymous(marker: Marker, first: int, end: int, _limit: int) -> Mention | None:
    size = marker.size("anonymous", first)
    if not size:
        return None
    if marker.bare_definite(first):
        return mention_of(marker, end, kind=DESCRIPTION, name=(first, end), role=(first, end))
    last = min(end, first + max(size, _LONGEST_ANONYMOUS))
    for at in range(first + size, last):
        if marker.exact("not_names", at) or _stopped(marker, at):
            last = at
            break
    return mention_of(marker, last, kind=ANONYMOUS, name=(first, last))


def _surname(marker: Marker, first: int, end: int, _limit: int) -> Mention | None:
    """Read a family name alone: few words that are no other thing, right before the end of the phrase."""
    if not _may_begin_name(marker, first) or end - first > 3:  # noqa: PLR2004
        return None
    found = mention_of(marker, end, kind=PERSON, name=(first, end))
    from dataclasses import replace  # noqa: PLC0415 - one use

    return replace(found, sure=0.4)
