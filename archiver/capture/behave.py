"""Gentle things done to a page after the untouched pictures, each one logged: nothing is rewritten or overridden.

Scrolling for lazy pictures, the banner's own refuse button, "show more" and the sensitive-media gate of the cited
post, each asked for by a selector that a rule or the banners' list names. Pointer events go through the browser's
input, as a person's would; what is looked up is looked up in an isolated world.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Any, Final

from playwright.async_api import CDPSession

from archiver.capture.consent import BANNERS
from archiver.capture.isolated import IsolatedWorld
from archiver.capture.platforms.item import Rules
from archiver.capture.screenshots import Box
from archiver.model.evidence import Intervention
from archiver.model.instant import Clock

_MOST_STEPS: Final = 60
_STEP_S: Final = 0.08
_AFTER_CLICK_S: Final = 0.15
_LONGEST_LABEL: Final = 80
_FIND_S: Final = 5.0
_GLANCE_S: Final = 0.06
_MOST_GLANCES: Final = 25
_SAME_PLACE_PX: Final = 2
Choice = tuple[str, str, Sequence[str]]  # what pressing it is called, what it must lie in (or nothing), its selectors

_LAZY: Final = """
  const lazy = 'img[loading="lazy" i], img[data-src], img[data-srcset], img[data-lazy-src], img.lazyload';
  const unseen = (one) => !one.complete || one.naturalWidth < 2 || one.dataset.src || one.dataset.srcset;
  const waiting = [...all(lazy).filter(unseen), ...all('iframe[loading="lazy" i]')];
  return {waiting: waiting.length, window: innerHeight, page: root ? root.scrollHeight : 0};
"""
_SCROLL: Final = "scrollTo({top: limit, behavior: 'instant'}); return true;"
# Every function and getter is the prototype's: a form's or a page's own elements can take the name of any other.
_LOOK: Final = """
  const got = (kind, name) => Object.getOwnPropertyDescriptor(kind.prototype, name).get;
  const parentOf = got(Node, 'parentNode'), shadowOf = got(Element, 'shadowRoot');
  const boxOf = (one) => Element.prototype.getBoundingClientRect.call(one);
  const query = (scope, selector) => {
    const kind = scope === document ? Document : scope instanceof ShadowRoot ? DocumentFragment : Element;
    return [...kind.prototype.querySelectorAll.call(scope, selector)];
  };
  const shadow = (one) => one instanceof Element ? shadowOf.call(one) : null;
  const rooms = (scope, depth) => {
    const hosts = depth > 3 ? [] : [scope, ...query(scope, '*').slice(0, 20000)].filter(shadow);
    return [scope, ...hosts.flatMap((host) => rooms(shadow(host), depth + 1))];
  };
  const every = (scopes, selector) => scopes.flatMap((scope) => query(scope, selector));
  const visible = (one) => {
    const box = boxOf(one);
    const shown = {opacityProperty: true, visibilityProperty: true};
    return box.width > 1 && box.height > 1 && Element.prototype.checkVisibility.call(one, shown);
  };
"""
# A button is pressed where a person would hit it and nothing else: not another element that lies on top, not the
# frame of another site, and no link that leads away from this page.
_FIND: Final = (
    _LOOK
    + """
  const frames = /^(iframe|frame|embed|object|fencedframe)$/;
  const leadsAway = (one) => one instanceof HTMLAnchorElement && one.hasAttribute('href')
    && one.protocol !== 'javascript:' && one.origin + one.pathname !== location.origin + location.pathname;
  const hit = (x, y) => {
    let top = Document.prototype.elementFromPoint.call(document, x, y);
    for (let deeper = top; deeper && shadow(deeper);) {
      deeper = ShadowRoot.prototype.elementFromPoint.call(shadow(deeper), x, y);
      if (!deeper || deeper === top) break;
      top = deeper;
    }
    return top;
  };
  const isHit = (found, x, y) => {
    let inside = false;
    const top = hit(x, y);
    if (!top || frames.test(top.localName)) return false;
    for (let one = top; one; one = parentOf.call(one) || (one instanceof ShadowRoot ? one.host : null)) {
      if (leadsAway(one)) return false;
      inside = inside || one === found;
    }
    return inside;
  };
  const page = rooms(document, 0);
  for (const [action, shown, buttons] of limit) {
    const banners = shown ? every(page, shown).slice(0, 20) : [];
    const scopes = shown ? banners.flatMap((one) => rooms(one, 1)) : page;
    for (const selector of buttons) {
      for (const found of every(scopes, selector).filter(visible).slice(0, 20)) {
        Element.prototype.scrollIntoView.call(found, {block: 'nearest', inline: 'nearest', behavior: 'instant'});
        const box = boxOf(found);
        const x = box.x + box.width / 2, y = box.y + box.height / 2;
        if (!isHit(found, x, y)) continue;
        const label = String(found.innerText || Element.prototype.getAttribute.call(found, 'aria-label') || '');
        return {action, selector, x, y, label: label.slice(0, 80).toWellFormed()};
      }
    }
  }
  return null;
"""
)
_BOX: Final = (
    _LOOK
    + """
  for (const selector of limit) {
    for (const one of all(selector)) {
      const box = boxOf(one);
      const {left, top, right, bottom} = box;
      if (box.width >= 2 && box.height >= 2) return {selector, left, top, right, bottom};
    }
  }
  return null;
"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Where the cited post stands on the page, and by which selector."""

    selector: str
    box: Box


class Behaviours:
    """What may be done to one page. Methods raise TimeoutError, FormatError or Playwright's Error."""

    def __init__(self, session: CDPSession, *, world: IsolatedWorld, clock: Clock) -> None:
        self._session = session
        self._world = world
        self._clock = clock
        self.done: list[Intervention] = []

    async def find(self, selectors: Sequence[str], deadline_s: float) -> Found | None:
        """Give where the first of these selectors is shown, or None."""
        if not selectors:
            return None
        found = await self._world.ask(_BOX, list(selectors), deadline_s)
        if not isinstance(found, dict):
            return None
        async with asyncio.timeout(deadline_s):
            # Where the window stands on the page is asked of the browser: scrollX of a page from the right is below 0.
            window = (await self._session.send("Page.getLayoutMetrics"))["cssLayoutViewport"]
        left, top = int(window["pageX"]), int(window["pageY"])
        x, y = max(0, left + floor(found["left"])), max(0, top + floor(found["top"]))
        width, height = left + ceil(found["right"]) - x, top + ceil(found["bottom"]) - y
        if width < 1 or height < 1:
            return None
        return Found(selector=str(found["selector"]), box=Box(x=x, y=y, width=width, height=height))

    async def refuse_consent(self, deadline_s: float) -> bool:
        """Refuse or close the first consent banner that is shown; say whether there was one."""
        async with asyncio.timeout(deadline_s):
            return await self._press([(f"consent_refused:{one.maker}", one.shown, one.refuse) for one in BANNERS])

    async def open_post(self, rules: Rules, deadline_s: float) -> bool:
        """Close the login overlay, press the cited post's gate and its "show more"; say whether any was there."""
        async with asyncio.timeout(deadline_s):
            opened = await self._press([("login_overlay_closed", "", rules.login_overlay)])
            opened = await self._press([("sensitive_media_shown", "", rules.sensitive)]) or opened
            return await self._press([("post_expanded", "", rules.more)]) or opened

    async def load_lazy(self, deadline_s: float) -> bool:
        """Scroll down and back where pictures wait to be seen; say whether that was needed."""
        async with asyncio.timeout(deadline_s):
            found = await self._world.ask(_LAZY, None, deadline_s)
            if not isinstance(found, dict) or not found.get("waiting"):
                return False
            window, page = max(100, int(found["window"])), int(found["page"])
            steps = min(_MOST_STEPS, -(-page // window))
            for number in range(1, steps + 1):
                await self._world.ask(_SCROLL, number * window, deadline_s)
                await asyncio.sleep(_STEP_S)
            await self._world.ask(_SCROLL, 0, deadline_s)
        self._log(f"scrolled_for_lazy_pictures:{steps}", None, None)
        return True

    async def _press(self, choices: Sequence[Choice]) -> bool:
        """Press the first button of these that is there, rests in its place and stays what it is under the pointer."""
        found = await self._resting(choices)
        if found is None:
            return False
        await self._point("mouseMoved", found)
        if not _is_same(await self._find(choices), found):
            return False
        await self._point("mousePressed", found)
        await self._point("mouseReleased", found)
        self._log(str(found["action"]), str(found["selector"]), str(found["label"]) or None)
        await asyncio.sleep(_AFTER_CLICK_S)
        return True

    async def _resting(self, choices: Sequence[Choice]) -> dict[str, Any] | None:
        """Give a button once it is in the same place twice; None where there is none, or none comes to rest."""
        before = await self._find(choices)
        for _ in range(_MOST_GLANCES):
            if before is None:
                return None
            await asyncio.sleep(_GLANCE_S)
            found = await self._find(choices)
            if _is_same(found, before):
                return found
            before = found
        return None

    async def _find(self, choices: Sequence[Choice]) -> dict[str, Any] | None:
        asked = [[action, shown, list(buttons)] for action, shown, buttons in choices if buttons]
        found = await self._world.ask(_FIND, asked, _FIND_S) if asked else None
        return found if isinstance(found, dict) else None

    async def _point(self, kind: str, found: dict[str, Any]) -> None:
        pointer = {"type": kind, "x": found["x"], "y": found["y"], "button": "left", "clickCount": 1}
        await self._session.send("Input.dispatchMouseEvent", pointer)

    def _log(self, action: str, selector: str | None, label: str | None) -> None:
        self.done.append(
            Intervention(
                at=self._clock.now(),
                action=action,
                selector=selector,
                label=" ".join(label.split())[:_LONGEST_LABEL] if label else None,
            )
        )


def _is_same(found: dict[str, Any] | None, before: dict[str, Any] | None) -> bool:
    """Say whether two looks gave the same button in the same place."""
    if found is None or before is None:
        return False
    moved: float = max(abs(found["x"] - before["x"]), abs(found["y"] - before["y"]))
    return str(found["selector"]) == before["selector"] and moved <= _SAME_PLACE_PX
