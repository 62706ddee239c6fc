"""Names in scripts with capital letters: runs of capitalised words, what stands before them, what follows them."""

from archiver.cite.people import (
    ANONYMOUS,
    DESCRIPTION,
    LONGEST_NAME,
    ORGANISATION,
    PERSON,
    PRONOUN,
    Marker,
    Mention,
    mention_of,
)

_ARTICLES = frozenset(("the", "a", "an", "le", "la", "les", "un", "une", "l"))


def read(marker: Marker, first: int, limit: int) -> Mention | None:
    """Give who is named from a word on."""
    while first < limit and not marker.words[first].mark and marker.exact("skip", first):
        first += marker.size("skip", first)
    if first >= limit or marker.words[first].mark:
        return None
    pronoun = marker.size("pronouns", first)
    if pronoun and not marker.words[first].text[0].isdigit():
        return mention_of(marker, first + pronoun, kind=PRONOUN, name=(first, first + pronoun))
    end = _phrase_end(marker, first, limit)
    if end <= first:
        return None
    described = marker.size("descriptions", first)
    if described and _best_run(marker, first + described, end) is None:
        return mention_of(marker, end, kind=DESCRIPTION, name=(first, end), role=(first, end))
    return _read_phrase(marker, first, end, limit)


def _read_phrase(marker: Marker, first: int, end: int, limit: int) -> Mention | None:
    run = _best_run(marker, first, end)
    behind = _behind_comma(marker, end, limit)
    if run is None:
        return _without_name(marker, first, end, behind)
    if _is_organisation(marker, run, end):
        last = _organisation_end(marker, run, end)
        start = run[0]
        return mention_of(marker, end, kind=ORGANISATION, name=(start, last))
    role = (first, run[0]) if run[0] > first and _tells_role(marker, first, run[0]) else None
    if role is None and behind is not None and _tells_role(marker, *behind):
        role = behind
    return mention_of(marker, max(end, behind[1] if role == behind and behind else 0), kind=PERSON, name=run, role=role)


def _without_name(marker: Marker, first: int, end: int, behind: tuple[int, int] | None) -> Mention | None:
    """Read a role alone, or one whose holder is named behind a comma; else an unnamed source."""
    if behind is not None and _tells_role(marker, first, end):
        run = _best_run(marker, *behind)
        if run is not None and run[0] - behind[0] <= 1:
            return mention_of(marker, behind[1], kind=PERSON, name=run, role=(first, end))
    start = first + 1 if marker.words[first].text in _ARTICLES else first
    plural = any(marker.size("anonymous", at) for at in range(start, min(end, start + 4)))
    told = _tells_role(marker, first, end)
    if plural or (told and marker.words[first].text in ("a", "an", "one")):
        return mention_of(marker, end, kind=ANONYMOUS, name=(start, end), role=(start, end))
    if told:
        return mention_of(marker, end, kind=DESCRIPTION, name=(first, end), role=(first, end))
    if any(marker.size("org_nouns", at) for at in range(start, end)):
        return mention_of(marker, end, kind=ORGANISATION, name=(start, end))
    return None


def _phrase_end(marker: Marker, first: int, limit: int) -> int:
    at = first
    while at < limit:
        word = marker.words[at]
        if word.mark and word.text not in (".", "(", ")"):
            break
        if word.text == "." and not _abbreviated(marker, at):
            break
        if at > first and not word.capital and (marker.size("that", at) or marker.exact("auxiliaries", at)):
            break
        cue = marker.language.cues.at(marker.words, at, exact=True) if at > first and not word.capital else None
        if cue is not None and cue[1] in ("say", "post", "participles", "according"):
            break
        if at > first and marker.exact("stops", at) and not word.capital and not _goes_on(marker, first, at):
            break
        at += 1
    return at


def _abbreviated(marker: Marker, at: int) -> bool:
    return at > 0 and (
        marker.words[at - 1].text in marker.language.abbreviations or len(marker.words[at - 1].text) == 1
    )


def _goes_on(marker: Marker, first: int, at: int) -> bool:
    """Say whether a preposition goes on with the phrase: behind a role or an organisation, or before a capital."""
    if not marker.exact("role_prepositions", at) or at + 1 >= len(marker.words) or marker.words[at + 1].mark:
        return False
    if marker.language.dates.words.at(marker.words, at + 1) is not None and not marker.size("places", at + 1):
        return False
    return any(_is_role(marker, one) or marker.size("org_nouns", one) for one in range(first, at))


def _is_role(marker: Marker, at: int) -> bool:
    return bool(marker.size("roles", at) or marker.size("titles", at))


def _tells_role(marker: Marker, first: int, end: int) -> bool:
    return any(_is_role(marker, at) for at in range(first, end))


def _runs(marker: Marker, first: int, end: int) -> list[tuple[int, int]]:
    """Give the runs of capitalised words; "al", "of", "de" and the like inside one belong to it."""
    runs: list[tuple[int, int]] = []
    at = first
    while at < end:
        if not _capital(marker, at):
            at += 1
            continue
        last = at + 1
        while last < end:
            number = marker.words[last].text.isdigit() and not marker.words[last - 1].mark
            if _capital(marker, last) or number or (marker.words[last].text == "." and _abbreviated(marker, last)):
                last += 1
            elif marker.size("names_join", last) and last + 1 < end and _capital(marker, last + 1):
                last += 2
            else:
                break
            if marker.words[last - 1].text.endswith("'s"):
                break
        runs.append((at, last))
        at = last
    return runs


def _capital(marker: Marker, at: int) -> bool:
    word = marker.words[at]
    if word.mark or not word.capital or (word.text in _ARTICLES):
        return False
    return not _is_date(marker, at)


def _is_date(marker: Marker, at: int) -> bool:
    kinds = marker.language.dates.words.at(marker.words, at)
    return kinds is not None and ("weekdays" in kinds[1] or ("months" in kinds[1] and not _before_name(marker, at)))


def _before_name(marker: Marker, at: int) -> bool:
    """Say whether a month's name is a given name here: "April Jones", "May said"."""
    following = marker.words[at + 1] if at + 1 < len(marker.words) else None
    return following is not None and following.capital and not following.mark


def _best_run(marker: Marker, first: int, end: int) -> tuple[int, int] | None:
    """Give the run that names the one spoken of: behind the last role, else the first one that is no modifier."""
    found: list[tuple[int, int]] = []
    for start, last in _runs(marker, first, end):
        begin = start
        for at in range(start, last):
            if _is_role(marker, at) and at + 1 <= last:
                begin = at + 1
        while begin < last and marker.words[begin].mark:
            begin += 1
        if begin >= last or marker.words[last - 1].text.endswith("'s"):
            continue
        if _only_modifies(marker, begin, last, end):
            continue
        found.append((begin, last))
    if not found:
        return None
    roles = [at for at in range(first, end) if _is_role(marker, at) or _is_common_noun(marker, at)]
    after_role = [
        run
        for run in found
        if roles and run[0] == max((at for at in roles if at < run[0]), default=-9) + 1 + _dots(marker, run[0])
    ]
    named = [run for run in after_role if not marker.size("org_nouns", run[1] - 1)]
    chosen = (named or after_role or found)[0]
    return chosen if chosen[1] - chosen[0] <= LONGEST_NAME + 4 else None


def _is_common_noun(marker: Marker, at: int) -> bool:
    return bool(marker.size("org_nouns", at)) and not marker.words[at].capital


def _dots(marker: Marker, at: int) -> int:
    return 1 if at > 0 and marker.words[at - 1].text == "." else 0


def _only_modifies(marker: Marker, first: int, last: int, end: int) -> bool:
    """Say whether a run stands for a place or an organisation before a role: "CAAN spokesperson", "US officials"."""
    if all(marker.size("places", at) for at in range(first, last)):
        return True
    return (
        last < end
        and not marker.words[last].mark
        and (_is_role(marker, last) or _is_role(marker, min(last + 1, end - 1)))
        and (not marker.exact("stops", last) and not marker.words[last].capital)
    )


def _is_organisation(marker: Marker, run: tuple[int, int], end: int) -> bool:
    first, last = run
    if any(marker.size("org_nouns", at) for at in range(first, last)):
        return True
    if last < end and marker.words[last].text in ("of", "for") and last > first:
        return False
    single = last - first == 1
    text = marker.words[first]
    return single and len(text.text) > 1 and text.end - text.start <= 6 and _all_capitals(marker, first)  # noqa: PLR2004


def _all_capitals(marker: Marker, at: int) -> bool:
    return marker.original[marker.words[at].start : marker.words[at].end].isupper()


def _organisation_end(marker: Marker, run: tuple[int, int], end: int) -> int:
    at = run[1]
    while at + 1 < end and marker.words[at].text in ("of", "for", "and", "the") and _capital(marker, at + 1):
        at += 1
        while at < end and _capital(marker, at):
            at += 1
    return at


def _behind_comma(marker: Marker, end: int, limit: int) -> tuple[int, int] | None:
    if end >= limit or marker.words[end].text != ",":
        return None
    last = _phrase_end(marker, end + 1, limit)
    return (end + 1, last) if last > end + 1 else None
