"""Untouched first, then the gentle things: what a whole capture of a page with a banner and lazy pictures keeps."""

from collections.abc import Iterator

import pytest
from PIL import Image

from archiver.model.evidence import Piece, Role, State, Taken
from tests.support.consent_pages import BANNERS, page
from tests.support.pages import Pages, serve_pages
from tests.support.source_site import PNG
from tests.unit.capture.conftest import Take

pytestmark = pytest.mark.browser

LAZY = """<style>#story{height:4000px} .veil{position:fixed;inset:0;background:rgb(200,0,0);z-index:10}</style>
<img src=/eager.png width=20 height=20 srcset="/one.png 1x, /two.png 2x">
<img loading=lazy src=/lazy.png width=20 height=20>
<img class=lazyload data-src=/scripted.png width=20 height=20>
<img loading=lazy width=300 height=20 sizes=300px srcset="/small.png 300w, /large.png 600w">
<iframe loading=lazy src=/frame width=300 height=60></iframe>
<script>new IntersectionObserver((seen, self) => { for (const one of seen) if (one.isIntersecting) {
  one.target.src = one.target.dataset.src; delete one.target.dataset.src; self.unobserve(one.target);
} }).observe(document.querySelector('.lazyload'));</script>"""
VEIL = (
    f"<div class=veil></div>{BANNERS['OneTrust']}"
    """<script>
document.querySelector('#onetrust-reject-all-handler').onclick = () => {
  fetch('/refused'); document.querySelector('.veil').remove();
  document.querySelector('#onetrust-banner-sdk').remove(); document.title = 'after';
};
document.querySelector('#onetrust-accept-btn-handler').onclick = () => fetch('/accepted');</script>"""
)


@pytest.fixture(scope="module")
def pages() -> Iterator[Pages]:
    pictures = dict.fromkeys(
        ("/eager.png", "/one.png", "/two.png", "/lazy.png", "/scripted.png", "/small.png", "/large.png"), PNG
    )
    with serve_pages(
        {
            "/": page(LAZY + VEIL),
            "/plain": page("<p>nothing to do"),
            "/frame": page("<p>framed"),
            "/refused": ("text/plain", b"ok"),
            **pictures,
        }
    ) as serving:
        yield serving


def one(taken: Taken, name: str) -> Piece:
    return next(piece for piece in taken.pieces if piece.name == name)


def reds(piece: Piece) -> int:
    with Image.open(piece.path) as image:
        return sum(1 for x in range(0, 1280, 40) if image.convert("RGB").getpixel((x, 300)) == (200, 0, 0))


async def test_untouched_pictures_come_first_and_every_intervention_is_logged_with_what_followed(
    taking: Take, pages: Pages
) -> None:
    pages.asked.clear()
    taken = await taking(pages.url())
    attempt = taken.attempt

    assert attempt.outcome.state is State.OK
    assert [(done.action, done.selector, done.label) for done in attempt.interventions] == [
        ("consent_refused:OneTrust", "#onetrust-reject-all-handler", "Reject All"),
        ("scrolled_for_lazy_pictures:5", None, None),
    ]
    assert "/refused" in pages.asked
    assert "/accepted" not in pages.asked
    assert [piece.name for piece in taken.pieces] == [
        "capture.warc.gz", "viewport.png", "dom.html", "text.txt", "full.png",
        "after.png", "dom-after.html", "text-after.txt",
    ]  # fmt: skip
    assert reds(one(taken, "viewport.png")) == reds(one(taken, "full.png")) == 32, "the banner is on the untouched ones"
    assert reds(one(taken, "after.png")) == 0
    assert one(taken, "after.png").role is Role.SCREENSHOT_AFTER
    assert "onetrust-banner-sdk" in one(taken, "dom.html").path.read_text("utf-8")
    assert 'id="onetrust-banner-sdk"' not in one(taken, "dom-after.html").path.read_text("utf-8")
    assert attempt.page is not None
    assert attempt.page.title == "t", "what the page says of itself is read before it is touched"


async def test_lazy_pictures_are_loaded_and_pictures_of_the_width_that_is_shown(taking: Take, pages: Pages) -> None:
    pages.asked.clear()
    await taking(pages.url())

    assert {"/one.png", "/lazy.png", "/scripted.png", "/small.png", "/frame"} <= set(pages.asked)
    assert not {"/two.png", "/large.png"} & set(pages.asked), "what this screen does not show is not asked for"


async def test_at_two_device_pixels_the_pictures_of_that_density_are_loaded(taking: Take, pages: Pages) -> None:
    pages.asked.clear()
    taken = await taking(pages.url(), device_scale_percent=200)

    assert {"/two.png", "/large.png"} <= set(pages.asked)
    viewport = one(taken, "viewport.png")
    assert (viewport.width_px, viewport.height_px) == (2560, 1800)
    assert taken.attempt.settings.device_scale_percent == 200


async def test_a_capture_that_may_not_touch_the_page_does_nothing_to_it(taking: Take, pages: Pages) -> None:
    pages.asked.clear()
    taken = await taking(pages.url(), behave=False)

    assert taken.attempt.interventions == ()
    assert not {"/refused", "/accepted", "/lazy.png", "/scripted.png"} & set(pages.asked)
    assert [piece.name for piece in taken.pieces] == [
        "capture.warc.gz", "viewport.png", "dom.html", "text.txt", "full.png"
    ]  # fmt: skip
    assert taken.attempt.settings.behave is False


async def test_a_page_that_needs_nothing_is_not_touched_and_gets_no_second_pictures(taking: Take, pages: Pages) -> None:
    taken = await taking(pages.url("/plain"))

    assert taken.attempt.interventions == ()
    assert not any("after" in piece.name for piece in taken.pieces)
    assert taken.attempt.settings.behave is True
