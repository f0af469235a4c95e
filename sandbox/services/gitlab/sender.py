"""Sends queued webhook deliveries, at once and, where that fails, a few times more."""

import asyncio
import json
import ssl
import time
from contextlib import suppress
from functools import cache

import httpx

from sandbox.services.gitlab.hook_health import note_result
from sandbox.services.gitlab.instance import Instance
from sandbox.services.gitlab.store import Row, encode

RETRY_AFTER = (1.0, 5.0, 30.0)  # seconds after the first, second and third failed attempt; then it is given up
TIMEOUT = 10.0  # GitLab's own limit for a receiver
BODY_LIMIT = 8192


class Sender:
    """The loop that sends what is due."""

    def __init__(self, gitlab: Instance, due: asyncio.Event) -> None:
        self._gitlab = gitlab
        self._due = due
        self._running: dict[int, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Send until cancelled. Deliveries run side by side: a slow receiver holds nobody up."""
        try:
            while True:
                self._due.clear()
                self._start_due()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._due.wait(), timeout=self._seconds_to_next())
        finally:
            for task in self._running.values():
                task.cancel()

    def _start_due(self) -> None:
        rows = self._gitlab.db.all("SELECT id FROM deliveries WHERE due_at <= ? ORDER BY id", time.time())
        for delivery_id in (row["id"] for row in rows if row["id"] not in self._running):
            task = asyncio.create_task(self._attempt(delivery_id))
            self._running[delivery_id] = task
            task.add_done_callback(lambda _, id=delivery_id: self._finished(id))  # type: ignore[misc]

    async def _attempt(self, delivery_id: int) -> None:
        with suppress(LookupError):  # the hook was deleted meanwhile, and its deliveries with it
            await send(self._gitlab, delivery_id)

    def _finished(self, delivery_id: int) -> None:
        del self._running[delivery_id]
        self._due.set()

    def _seconds_to_next(self) -> float | None:
        busy = set(self._running)
        rows = self._gitlab.db.all("SELECT id, due_at FROM deliveries WHERE due_at IS NOT NULL")
        times = [row["due_at"] for row in rows if row["id"] not in busy]
        return max(0.0, min(times) - time.time()) if times else None


@cache
def _trusted() -> ssl.SSLContext:
    return ssl.create_default_context()  # kept, because reading the certificates takes longer than a delivery


async def send(gitlab: Instance, delivery_id: int) -> Row:
    """Make one attempt at the delivery and return its row with the result; plans the next attempt if it is still queued."""
    delivery = gitlab.db.get("deliveries", delivery_id)
    hook = gitlab.db.get("hooks", delivery["hook_id"])
    headers = json.loads(delivery["headers"]) | ({"X-Gitlab-Token": hook["token"]} if hook["token"] else {})
    attributes = json.loads(hook["attributes"])
    headers |= attributes.get("custom_headers", {})
    verify = _trusted() if attributes["enable_ssl_verification"] else False
    started = time.monotonic()
    try:
        async with httpx.AsyncClient(verify=verify, timeout=TIMEOUT, trust_env=False) as client:
            response = await client.post(address(hook), content=delivery["payload"], headers=headers)
        status, answer, answer_headers = str(response.status_code), response.text[:BODY_LIMIT], dict(response.headers)
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        status, answer, answer_headers = "internal error", f"{type(error).__name__}: {error}", {}
        for secret in attributes.get("url_variables", {}).values():
            answer = answer.replace(secret, "[REDACTED]")
    attempts = delivery["attempts"] + 1
    failed = not status.isdigit() or int(status) >= 500
    again = delivery["due_at"] is not None and failed and attempts <= len(RETRY_AFTER)
    gitlab.db.update(
        "deliveries", delivery_id, attempts=attempts, status=status, response_body=answer, response_headers=encode(answer_headers),
        duration=time.monotonic() - started, due_at=time.time() + RETRY_AFTER[attempts - 1] if again else None,
    )  # fmt: skip
    if not again:
        note_result(gitlab, hook["id"], status)
    return gitlab.db.get("deliveries", delivery_id)


def address(hook: Row) -> str:
    """Return the URL of `hook` with its variables filled in."""
    url = str(hook["url"])
    for name, value in json.loads(hook["attributes"]).get("url_variables", {}).items():
        url = url.replace(f"{{{name}}}", value)
    return url
