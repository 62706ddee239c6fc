import pytest

from archiver.cite.find import find
from archiver.cite.read import read_draft
from archiver.model.citation import Citation, Kind

SIGNED = "A word of mine to all. https://t.co/abc\n— Jane Smith (@jsmith) December 21, 2020\n"


def cited(text: str, name: str = "d.txt") -> tuple[Citation, ...]:
    return find(read_draft(name, text.encode())).citations


def test_a_post_whose_embedding_was_flattened_to_text_is_found_with_user_and_day() -> None:
    post = next(one for one in cited(SIGNED) if one.kind is Kind.TWEET)
    assert post.speaker is not None
    assert post.date_stated is not None
    assert (post.speaker.name, post.speaker.role) == ("Jane Smith", "@jsmith")
    assert post.date_stated.iso == "2020-12-21"
    assert SIGNED[post.spans[0].start : post.spans[0].end].startswith("A word of mine")


def embed(day: str, before: str = "") -> str:
    return (
        f"<article><p>{before}</p><blockquote class='twitter-tweet'><p>A word of mine.</p>— Jane Smith (@jsmith) "
        f"<a href='https://twitter.com/jsmith/status/1340858764184285189'>{day}</a></blockquote></article>"
    )


def test_the_time_that_the_id_carries_stands_beside_the_day_that_is_shown() -> None:
    (post,) = cited(embed("December 21, 2020"), "d.html")
    assert post.date_stated is not None
    assert post.date_found is not None
    assert (post.date_stated.iso, post.date_found.iso, post.note) == ("2020-12-21", "2020-12-21", None)
    assert "03:16:55 UTC" in (post.date_found.how or "")


def test_a_day_that_is_not_the_posts_own_is_told() -> None:
    (post,) = cited(embed("December 25, 2020"), "d.html")
    assert post.note == "The draft says 2020-12-25; the time that the post's id carries is 2020-12-21 (UTC)."


def test_the_sentence_that_says_who_posted_and_the_post_are_one_source() -> None:
    (post,) = cited(embed("December 21, 2020", before="Jane Smith tweeted that she would tell all:"), "d.html")
    assert post.url is not None
    assert len(post.spans) == 2


@pytest.mark.parametrize(
    ("words", "note"),
    [
        ("في 21 ديسمبر 2020", None),
        ("في 25 ديسمبر 2020", "The draft says 2020-12-25; the time that the post's id carries"),
    ],
)
def test_a_linked_post_is_compared_with_the_date_that_the_draft_states(words: str, note: str | None) -> None:
    url = "https://twitter.com/jsmith/status/1340858764184285189"
    (post,) = cited(f"{words}، قال سمير الحداد [على تويتر]({url}) إن العمل انتهى.", "d.md")
    assert (post.kind, post.url) == (Kind.TWEET, url)
    assert (post.note or "").startswith(note) if note else post.note is None
