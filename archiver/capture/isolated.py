"""Ask a page something in an isolated world: its scripts can neither hear the question nor answer it.

A world shares the page's document and none of its JavaScript, so a page that redefines ``innerText`` or
``querySelector`` changes nothing here.
"""

import asyncio
import json
from typing import Final

from playwright.async_api import CDPSession
from playwright.async_api import Error as PlaywrightError

from archiver.model.errors import FormatError

_WORLD: Final = "archiver"
_GONE: Final = ("Cannot find context", "uniqueContextId not found", "context was destroyed")
# Getters are taken from the prototype: an element named "body" or "title" would otherwise stand in their place.
_GETTERS: Final = """
  const of = (name) => Object.getOwnPropertyDescriptor(Document.prototype, name).get.call(document);
  const all = (selector) => [...Document.prototype.querySelectorAll.call(document, selector)];
  const body = of('body');
  const root = of('documentElement');
"""


class IsolatedWorld:
    """One page's isolated world: made at the first question, and anew where a navigation ended it."""

    def __init__(self, session: CDPSession) -> None:
        self._session = session
        self._context: int | None = None

    async def ask(self, body: str, limit: object, deadline_s: float) -> object:
        """Give what a function body returns; in it are ``limit`` (as JSON), ``of``, ``all``, ``body``, ``root``.

        Raises FormatError where the page cannot be read, TimeoutError, or Playwright's Error where it is gone.
        """
        expression = f"((limit) => {{{_GETTERS}{body}}})({json.dumps(limit)})"
        async with asyncio.timeout(deadline_s):
            try:
                answer = await self._evaluate(expression, deadline_s)
            except PlaywrightError as error:
                if not any(word in error.message for word in _GONE):
                    raise
                self._context = None
                answer = await self._evaluate(expression, deadline_s)
        if "exceptionDetails" in answer:
            raise FormatError("page: the browser could not read it")
        found = answer.get("result")
        return found.get("value") if isinstance(found, dict) else None

    async def _evaluate(self, expression: str, deadline_s: float) -> dict[str, object]:
        if self._context is None:
            tree = await self._session.send("Page.getFrameTree")
            world = await self._session.send(
                "Page.createIsolatedWorld", {"frameId": tree["frameTree"]["frame"]["id"], "worldName": _WORLD}
            )
            self._context = int(world["executionContextId"])
        return dict(
            await self._session.send(
                "Runtime.evaluate",
                {
                    "expression": expression,
                    "contextId": self._context,
                    "returnByValue": True,
                    "timeout": max(1, int(deadline_s * 1000)),
                },
            )
        )
