"""Gentle things done to a page after the untouched pictures, each one logged: nothing is rewritten or overridden.

Scrolling for lazy pictures, the banner's own refuse button, "show more" and the sensitive-media gate of the cited
post, each asked for by a selector that a rule or the banners' list names. Pointer events go through the browser's
input, as a person's would; what is looked up is looked up in an isolated world.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

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

_LAZY: Final = """
  const lazy = 'img[loading="lazy" i], img[data-src], img[data-srcset], img[data-lazy-src], img.lazyload';
  const unseen = (one) => !one.complete || one.naturalWidth < 2 || one.dataset.src || one.dataset.srcset;
  const waiting = [...all(lazy).filter(unseen), ...all('iframe[loading="lazy" i]')];
  return {waiting: waiting.length, window: innerHeight, page: root ? root.scrollHeight : 0};
"""
_SCROLL: Final = "scrollTo({top: limit, behavior: 'instant'}); return true;"
_FIND: Final = """
  const [shown, buttons] = limit;
  const visible = (one) => {
    if (!one) return false;
    const box = one.getBoundingClientRect();
    const style = getComputedStyle(one);
    return box.width > 1 && box.height > 1 && style.visibility === 'visible' && style.display !== 'none';
  };
  const inside = (scope, selector, depth) => {
    for (const one of scope.querySelectorAll(selector)) if (visible(one)) return one;
    if (depth > 3) return null;
    for (const host of [...scope.querySelectorAll('*')].slice(0, 20000)) {
      if (!host.shadowRoot) continue;
      const found = inside(host.shadowRoot, selector, depth + 1);
      if (found) return found;
    }
    return null;
  };
  if (shown && !all(shown).some((one) => visible(one) || one.shadowRoot || one.children.length)) return null;
  for (const selector of buttons) {
    const found = inside(document, selector, 0);
    if (!found) continue;
    found.scrollIntoView({block: 'nearest', inline: 'nearest', behavior: 'instant'});
    const box = found.getBoundingClientRect();
    const x = box.x + box.width / 2, y = box.y + box.height / 2;
    let top = document.elementFromPoint(x, y);
    while (top && top.shadowRoot) {
      const deeper = top.shadowRoot.elementFromPoint(x, y);
      if (!deeper || deeper === top) break;
      top = deeper;
    }
    if (!top || !(found === top || found.contains(top) || top.contains(found))) continue;
    const label = (found.innerText || found.getAttribute('aria-label') || '').slice(0, 80).toWellFormed();
    return {selector, x, y, label};
  }
  return null;
"""
_BOX: Final = """
  for (const selector of limit) {
    for (const one of all(selector)) {
      const box = one.getBoundingClientRect();
      if (box.width < 2 || box.height < 2) continue;
      return {selector, x: box.x + scrollX, y: box.y + scrollY, width: box.width, height: box.height};
    }
  }
  return null;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Where the cited post stands on the page, and by which selector."""

    selector: str
    box: Box


class Behaviours:
    """What may be done to one page. Methods raise TimeoutError, FormatError or Playwright's Error."""

    def __init__(self, session: CDPSession, *, clock: Clock) -> None:
        self._session = session
        self._world = IsolatedWorld(session)
        self._clock = clock
        self.done: list[Intervention] = []

    async def find(self, selectors: Sequence[str], deadline_s: float) -> Found | None:
        """Give where the first of these selectors is shown, or None."""
        if not selectors:
            return None
        found = await self._world.ask(_BOX, list(selectors), deadline_s)
        if not isinstance(found, dict):
            return None
        sides = {name: max(0, int(found.get(name, 0))) for name in ("x", "y", "width", "height")}
        return Found(selector=str(found.get("selector")), box=Box(**sides))

    async def refuse_consent(self, deadline_s: float) -> bool:
        """Refuse or close the first consent banner that is shown; say whether there was one."""
        async with asyncio.timeout(deadline_s):
            for banner in BANNERS:
                if await self._press(banner.shown, banner.refuse, f"consent_refused:{banner.maker}"):
                    return True
        return False

    async def open_post(self, rules: Rules, deadline_s: float) -> bool:
        """Press "show more" and the sensitive-media gate of the cited post; say whether any was there."""
        async with asyncio.timeout(deadline_s):
            opened = await self._press("", rules.sensitive, "sensitive_media_shown")
            return await self._press("", rules.more, "post_expanded") or opened

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

    async def _press(self, shown: str, buttons: Sequence[str], action: str) -> bool:
        if not buttons:
            return False
        found = await self._world.ask(_FIND, [shown, list(buttons)], 5)
        if not isinstance(found, dict):
            return False
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            pointer = {"type": kind, "x": found["x"], "y": found["y"], "button": "left", "clickCount": 1}
            await self._session.send("Input.dispatchMouseEvent", pointer)
        self._log(action, str(found.get("selector")), str(found.get("label") or "") or None)
        await asyncio.sleep(_AFTER_CLICK_S)
        return True

    def _log(self, action: str, selector: str | None, label: str | None) -> None:
        self.done.append(
            Intervention(
                at=self._clock.now(),
                action=action,
                selector=selector,
                label=" ".join(label.split())[:_LONGEST_LABEL] if label else None,
            )
        )
