"""verify.html: its own SHA-2, its policy, three languages, pictures, and that nothing is asked of anybody."""

import base64
import hashlib
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

from tests.support.bundle_verifiers import TEMPLATES, UNCHECKED, VerifyPage, open_page, packed
from tests.support.bundles import MadeBundle, copy_of

PATH = TEMPLATES / "verify.html"
TEXT = PATH.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page() -> Iterator[VerifyPage]:
    with open_page() as found:
        yield found


@pytest.fixture(scope="module")
def bundle(made_bundle: MadeBundle, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("zip") / "bundle.zip"
    place.write_bytes(packed(made_bundle.bundle))
    return place


def hash_of(tag: str) -> str:
    """Give the policy's word for the one script or style of the page."""
    (content,) = re.findall(rf"<{tag}>(.*?)</{tag}>", TEXT, re.DOTALL)
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()


def test_its_policy_allows_its_own_script_and_style_and_nothing_else() -> None:
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', TEXT)
    assert policy.split("; ") == [
        "default-src 'none'",
        f"script-src '{hash_of('script')}'",
        f"style-src '{hash_of('style')}'",
        "img-src blob:",
        "worker-src blob:",
        "base-uri 'none'",
        "form-action 'none'",
    ]


def test_it_names_no_address_and_holds_no_inline_handler() -> None:
    body = TEXT.replace("https://in-toto.io/Statement/v1", "").replace("https:\\/\\/archiver\\.invalid\\/", "")
    assert re.findall(r"https?://|//[a-z0-9-]+\.[a-z]{2,}", body) == []
    assert re.findall(r"\son[a-z]+=|\sstyle=|innerHTML|document\.write|\beval\(|new Function", body) == []


def test_every_word_is_there_in_each_language() -> None:
    parts = re.findall(r"^(en|ar|fa): \{\n(.*?)^\}", TEXT, re.DOTALL | re.MULTILINE)
    keys = {language: re.findall(r'"([A-Za-z0-9_ -]+)": "', words) for language, words in parts}
    assert set(keys) == {"en", "ar", "fa"}
    assert len(keys["en"]) > 140
    assert keys["ar"] == keys["en"] == keys["fa"]
    asked = set(re.findall(r'new (?:Problem|Unchecked)\("([a-z0-9-]+)"|need\([^;]*?, "([a-z0-9-]+)"[,)]', TEXT))
    assert {f"why-{one or other}" for one, other in asked} <= set(keys["en"])


@pytest.mark.parametrize("language", ["en", "ar", "fa"])
def test_a_verdict_is_the_same_word_on_this_page_in_a_report_and_in_what_verify_prints(language: str) -> None:
    package = TEMPLATES.parents[1]
    printed = json.loads((package / f"app/words/{language}.json").read_text("utf-8"))["verdicts"]
    report = tomllib.loads((package / f"export/texts/{language}.toml").read_text("utf-8"))["text"]["verdict"]
    ((words,),) = [re.findall(rf"^{language}: \{{\n(.*?)^\}}", TEXT, re.DOTALL | re.MULTILINE)]
    page = {one: re.findall(rf'"verdict-{one}": "([^"]+)"', words)[0] for one in printed}
    assert page == printed == report
    assert len(set(page.values())) == 3


VECTORS = [0, 1, 3, 55, 56, 63, 64, 65, 111, 112, 119, 127, 128, 129, 1000, 65_537]


@pytest.mark.browser
def test_its_own_sha_2_gives_what_hashlib_gives(page: VerifyPage) -> None:
    ask = """async ([sizes, piece]) => {
      const worker = new Worker(URL.createObjectURL(new Blob([ENGINE], { type: "text/javascript" })));
      const found = [];
      for (const size of sizes) {
        const bytes = Uint8Array.from({ length: size }, (_, i) => (i * 7 + size) % 251);
        worker.postMessage({ id: 1, hash: bytes, piece });
        found.push(await new Promise((done) => { worker.onmessage = ({ data }) => done(data.hashes); }));
      }
      worker.terminate();
      return found;
    }"""
    for piece in (1, 63, 64, 100, 1 << 20):
        sizes = [one for one in VECTORS if one < 2000 or piece > 1]
        for size, (short, long) in zip(sizes, page.page.evaluate(ask, [sizes, piece]), strict=True):
            content = bytes((i * 7 + size) % 251 for i in range(size))
            assert short == hashlib.sha256(content).hexdigest(), (size, piece)
            assert long == hashlib.sha512(content).hexdigest(), (size, piece)


@pytest.mark.browser
def test_large_files_are_hashed_as_they_are_read(made_bundle: MadeBundle, tmp_path: Path, page: VerifyPage) -> None:
    """40 MiB are more than the page gives to WebCrypto whole."""
    copy = copy_of(made_bundle, tmp_path)
    copy.write("data/large.bin", hashlib.sha256(b"large").digest() * (40 << 15))
    copy.list_anew()
    place = tmp_path / "bundle.zip"
    place.write_bytes(packed(copy.root))
    assert page.ask(place, made_bundle.trust).verdict == "PASS"
    raw = bytearray(place.read_bytes())
    raw[raw.index(hashlib.sha256(b"large").digest()) + (20 << 20)] ^= 1
    place.write_bytes(bytes(raw))
    assert "bag-file" in page.ask(place, made_bundle.trust).failed


@pytest.mark.browser
def test_a_whole_bundle_passes_with_the_auditors_keys_and_is_not_checked_without(
    made_bundle: MadeBundle, bundle: Path, page: VerifyPage
) -> None:
    said = page.ask(bundle, made_bundle.trust)
    assert (said.verdict, said.levels["L3"]) == ("PASS", UNCHECKED)
    assert page.ask(bundle, None).verdict == UNCHECKED


@pytest.mark.browser
def test_deflated_members_are_read(made_bundle: MadeBundle, tmp_path: Path, page: VerifyPage) -> None:
    import zipfile  # noqa: PLC0415 - a ZIP by another program is the point of this one

    place = tmp_path / "bundle.zip"
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as out:
        for one in sorted(path for path in made_bundle.bundle.rglob("*") if path.is_file()):
            out.write(one, f"top/{one.relative_to(made_bundle.bundle).as_posix()}")
    said = page.ask(place, made_bundle.trust)
    assert (said.levels["L0"], said.levels["L2"]) == ("PASS", "PASS")
    assert said.failed == frozenset()


@pytest.mark.browser
@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("ar", "rtl"), ("fa", "rtl")])
def test_each_language_turns_the_page_and_isolates_what_is_latin(
    made_bundle: MadeBundle, bundle: Path, page: VerifyPage, language: str, direction: str
) -> None:
    page.ask(bundle, made_bundle.trust)
    page.page.click(f"#languages button[lang={language}]")
    assert page.page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == [language, direction]
    url = page.page.locator("article bdi", has_text="https://example.org/source-0002").first
    assert url.get_attribute("dir") == "ltr"
    words = page.page.inner_text("main")
    assert all(word not in words for word in ("why-", "ask-", "head-", "undefined", "%"))


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "ar", "fa"])
def test_on_a_telephone_nothing_lies_outside_the_window(
    made_bundle: MadeBundle, bundle: Path, page: VerifyPage, language: str
) -> None:
    """A reason that nobody scrolls to is a reason that nobody reads: findings W6 and W7."""
    outside = """() => [...document.querySelectorAll("main *, nav *")].filter((one) => {
      const box = one.getBoundingClientRect();
      return box.width && (box.left < -1 || box.right > innerWidth + 1);
    }).map((one) => `${one.tagName} ${one.id} ${one.textContent.slice(0, 60)}`)"""
    page.page.set_viewport_size({"width": 390, "height": 900})
    try:
        for trust in (None, made_bundle.trust):
            page.ask(bundle, trust)
            page.page.click(f"#languages button[lang={language}]")
            page.page.evaluate("document.querySelector('details').open = true")
            assert page.page.locator("#bad td[data-head]").count() > 9
            assert page.page.evaluate(outside) == []
            assert page.page.evaluate("document.documentElement.scrollWidth") <= 390
    finally:
        page.page.set_viewport_size({"width": 1280, "height": 900})


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "ar", "fa"])
def test_the_box_of_a_pass_names_the_levels_that_were_not_checked(
    made_bundle: MadeBundle, bundle: Path, page: VerifyPage, language: str
) -> None:
    said = page.ask(bundle, made_bundle.trust)
    page.page.click(f"#languages button[lang={language}]")
    assert said.verdict == "PASS"
    words = json.loads(page.page.evaluate(f"JSON.stringify(WORDS.{language})"))
    told = page.page.inner_text("#verdict [data-levels='NOT CHECKED']")
    assert words["verdict-NOT CHECKED"] in told
    assert [f"L{one} {words[f'level-L{one}']}" in told for one in range(6)] == [False] * 3 + [True] * 3
    passed = page.page.inner_text("#verdict [data-levels=PASS]")
    assert [f"L{one}" in passed for one in range(6)] == [True] * 3 + [False] * 3
    assert words["levels-open"] in page.page.inner_text("#verdict")
    assert "L3, L4, L5" in page.page.inner_text("#status")


@pytest.mark.browser
def test_a_failed_exhibit_has_an_end_of_its_attempt_and_no_time_of_capture(
    made_bundle: MadeBundle, bundle: Path, page: VerifyPage
) -> None:
    page.ask(bundle, made_bundle.trust)
    page.page.click("#languages button[lang=en]")
    told = {"Captured at": 0, "Attempt ended at": 0}
    for one in page.page.locator("article").all():
        words = one.inner_text()
        ended, other = ("Attempt ended at", "Captured at") if "failed" in words else ("Captured at", "Attempt ended at")
        assert ended in words
        assert other not in words
        told[ended] += 1
    assert all(told.values())


@pytest.mark.browser
def test_a_picture_is_shown_only_if_its_bytes_are_those_that_were_signed(
    made_bundle: MadeBundle, bundle: Path, tmp_path: Path, page: VerifyPage
) -> None:
    page.ask(bundle, made_bundle.trust)
    page.page.locator("article img").first.scroll_into_view_if_needed()
    page.wait_for("document.querySelector('article img').naturalWidth === 320")
    copy = copy_of(made_bundle, tmp_path)
    copy.write("data/exhibits/0001/viewport.png", (copy.root / "data/exhibits/0001/viewport.png").read_bytes() + b"\n")
    copy.list_anew()
    place = tmp_path / "bundle.zip"
    place.write_bytes(packed(copy.root))
    assert page.ask(place, made_bundle.trust).verdict == "FAIL"
    assert page.page.locator("article img").count() == 0
    assert page.page.locator("article figcaption").count() == 1


@pytest.mark.browser
def test_what_a_hostile_bundle_says_is_shown_as_text_and_runs_nothing(
    made_bundle: MadeBundle, tmp_path: Path, page: VerifyPage
) -> None:
    copy = copy_of(made_bundle, tmp_path)
    hostile = '<img src=x onerror="document.title=1">\u202e'
    copy.edit(lambda said: said["exhibits"][0].update(citation_id=hostile))
    copy.list_anew()
    place = tmp_path / "bundle.zip"
    place.write_bytes(packed(copy.root, files=None))
    assert page.ask(place, made_bundle.trust).verdict == "FAIL"
    assert page.page.title() != "1"
    assert "\u202e" not in page.page.inner_text("main")
    assert page.page.locator("main img[src=x]").count() == 0


@pytest.mark.browser
def test_keys_can_be_typed_and_a_wrong_one_is_told(made_bundle: MadeBundle, bundle: Path, page: VerifyPage) -> None:
    page.ask(bundle, None)
    page.page.fill("#keys", "nonsense")
    page.page.click("#again")
    page.page.wait_for_selector("body[data-state=stopped]")
    assert "Ed25519" in page.page.inner_text("#status")
    page.page.fill("#keys", next((made_bundle.trust / "keys").glob("*.pem")).read_text())
    page.page.fill("#logs", next((made_bundle.trust / "logs").glob("*.vkey")).read_text())
    page.page.click("#again")
    page.page.wait_for_selector("body[data-state=done]")
    assert page.page.evaluate("verdict()") == "PASS"


@pytest.mark.browser
def test_it_can_be_used_by_keyboard_and_says_what_happens(
    made_bundle: MadeBundle, bundle: Path, page: VerifyPage
) -> None:
    page.ask(bundle, made_bundle.trust)
    assert page.page.evaluate("document.activeElement.id") == "verdict"
    assert page.page.get_attribute("#status", "aria-live") == "polite"
    page.page.evaluate("document.activeElement.blur(); document.body.focus()")
    reached = []
    for _ in range(9):
        page.page.keyboard.press("Tab")
        reached.append(page.page.evaluate("document.activeElement.id || document.activeElement.lang"))
    assert {"en", "ar", "fa", "keys", "logs", "trust-files", "file"} <= set(reached)
    unlabelled = "[...document.querySelectorAll('input,textarea')].filter((one) => !one.labels.length).length"
    assert page.page.evaluate(unlabelled) == 0


@pytest.mark.browser
def test_its_colours_have_enough_contrast(page: VerifyPage) -> None:
    """WCAG 2.2 AA asks for 4.5 to 1; the page's own colours, light and dark, on both of its grounds."""
    ask = """() => {
      const linear = (v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
      const light = (c) => c.match(/\\d+/g).slice(0, 3).map((v) => linear(v / 255))
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
      const probe = document.createElement("span");
      document.body.append(probe);
      const of = (name) => {
        probe.style.setProperty("color", `var(${name})`);
        return light(getComputedStyle(probe).color);
      };
      const found = [];
      const inks = ["--ink", "--good", "--bad", "--open", "--link"];
      for (const ink of inks) for (const ground of ["--paper", "--soft"]) {
        const [a, b] = [of(ink), of(ground)].sort((x, y) => y - x);
        found.push([ink, ground, (a + 0.05) / (b + 0.05)]);
      }
      probe.remove();
      return found;
    }"""
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for scheme in schemes:
        page.page.emulate_media(color_scheme=scheme)
        assert [one for one in page.page.evaluate(ask) if one[2] < 4.5] == []
