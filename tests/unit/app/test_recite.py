from dataclasses import replace
from pathlib import Path

import pytest

from archiver.app.cite import citations_of, decide, write_citations
from archiver.app.recite import is_decided, marked, revised
from archiver.app.review import accepted, dropped, fixed, with_url
from archiver.cite.find import find
from archiver.cite.read import read_draft
from archiver.formats import citations as form
from archiver.model.citation import CitationList, Decision, Kind
from archiver.model.errors import UsageError
from archiver.store.manifests import ManifestFolder

FIRST = "قال الوزير سمير الحداد إن العمل انتهى في الميناء كله.\n"
SECOND = "نقلت وكالة رويترز عن ليلى الكعبي قولها: «سيبدأ العمل في الجسر غدا».\n"
THIRD = "وأعلنت شركة النقل الوطنية أن القطار متوقف منذ شهور طويلة.\n"


def cited(*paragraphs: str) -> CitationList:
    return find(read_draft("d.txt", "\n".join(paragraphs).encode()))


@pytest.fixture
def manifests(tmp_path: Path) -> ManifestFolder:
    return ManifestFolder(tmp_path)


def test_citing_an_unedited_draft_again_changes_nothing(manifests: ManifestFolder) -> None:
    write_citations(manifests, cited(FIRST, SECOND), replaced=False)
    before = manifests.citations_path.read_bytes()
    again = write_citations(manifests, cited(FIRST, SECOND), replaced=False)
    assert not again.revision.changed
    assert manifests.citations_path.read_bytes() == before


def test_what_a_person_decided_stays_and_what_changed_is_told(manifests: ManifestFolder) -> None:
    written = write_citations(manifests, cited(FIRST, SECOND), replaced=False)
    minister, agency = written.found.citations
    decide(manifests, fixed(minister, "speaker", "Samir Haddad"))
    decide(manifests, with_url(agency, "https://a.org/1"))
    again = write_citations(manifests, cited(THIRD, "مقدمة طويلة.\n", FIRST, SECOND), replaced=False)
    assert (len(again.revision.added), again.revision.removed, again.revision.missing) == (1, (), ())
    first, second, third = again.found.citations
    assert (first.id, second.id, third.id) == ("c03", "c01", "c02")
    assert second.speaker is not None
    assert (second.speaker.name, third.url) == ("Samir Haddad", "https://a.org/1")
    assert second.spans[0].start > minister.spans[0].start
    told = [(one.id, one.field, one.kept, one.proposed) for one in again.revision.differences]
    assert told == [("c01", "speaker", "Samir Haddad", "سمير الحداد")]


def test_a_proposal_that_nobody_decided_goes_with_its_sentence_and_a_decided_one_stays(
    manifests: ManifestFolder,
) -> None:
    written = write_citations(manifests, cited(FIRST, SECOND, THIRD), replaced=False)
    decide(manifests, accepted(written.found.citations[2]))
    again = write_citations(manifests, cited(SECOND), replaced=False)
    assert (again.revision.removed, again.revision.missing) == (("c01",), ("c03",))
    assert [one.id for one in again.found.citations] == ["c02", "c03"]


def test_a_dropped_citation_is_not_proposed_again_and_not_captured(manifests: ManifestFolder) -> None:
    written = write_citations(manifests, cited(FIRST, SECOND), replaced=False)
    decide(manifests, dropped(written.found.citations[0]))
    again = write_citations(manifests, cited(FIRST, SECOND), replaced=False)
    assert again.revision.added == ()
    assert [one.id for one in citations_of(manifests).citations] == ["c02"]


def test_a_field_that_was_edited_by_hand_without_a_word_stays_and_comments_too(manifests: ManifestFolder) -> None:
    write_citations(manifests, cited(FIRST, SECOND), replaced=False)
    text = manifests.citations_path.read_text(encoding="utf-8")
    edited = text.replace("    kind: statement\n", "    kind: broadcast  # seen on television\n", 1)
    edited = edited.replace("  - id: c02\n", "  # the agency's own words\n  - id: c02\n", 1)
    assert edited.count("#") == text.count("#") + 2
    manifests.citations_path.write_text(edited, encoding="utf-8")
    again = write_citations(manifests, cited(THIRD, FIRST, SECOND), replaced=False)
    now = manifests.citations_path.read_text(encoding="utf-8")
    assert "kind: broadcast  # seen on television" in now
    assert "# the agency's own words" in now
    assert again.found.citations[1].kind == "broadcast"


def test_a_list_written_by_hand_is_kept_beside_what_a_draft_gives(manifests: ManifestFolder) -> None:
    manifests.write_citations(b"version: 1\ncitations:\n- {id: mine, kind: letter, note: from the archive}\n")
    known = form.decode(manifests.citations_path.read_bytes())
    assert is_decided(known.citations[0])
    revision = revised(known, cited(FIRST))
    assert [one.id for one in revision.found.citations] == ["c01", "mine"]
    assert revision.missing == ("mine",)


def test_another_draft_is_refused_and_nothing_is_changed(manifests: ManifestFolder) -> None:
    write_citations(manifests, cited(FIRST), replaced=False)
    before = manifests.citations_path.read_bytes()
    other = replace(cited(SECOND), draft_name="other.txt")
    with pytest.raises(UsageError, match="of another draft"):
        write_citations(manifests, other, replaced=False)
    assert manifests.citations_path.read_bytes() == before
    assert write_citations(manifests, other, replaced=True).found.draft_name == "other.txt"


def test_an_unedited_proposal_is_told_from_an_edited_one() -> None:
    (one,) = marked(cited(FIRST)).citations
    assert not is_decided(one)
    assert is_decided(replace(one, outlet=None, kind=Kind.BROADCAST))
    assert is_decided(replace(one, decision=Decision.ACCEPTED))


def test_a_decision_needs_a_file_to_stand_in(manifests: ManifestFolder) -> None:
    (one,) = cited(FIRST).citations
    with pytest.raises(UsageError, match="not there"):
        decide(manifests, one)
