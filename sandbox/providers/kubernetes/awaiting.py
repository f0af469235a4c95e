"""Waiting until an object is ready or gone, with a word on what is missing."""

import time
from collections.abc import Mapping
from typing import Any, Final

from sandbox.providers.kubernetes.api import Api
from sandbox.providers.kubernetes.objects import SKIP_AWAIT, TIMEOUT_SECONDS, WAIT_FOR, annotation, is_set, metadata, title
from sandbox.providers.kubernetes.ready import CHECKS, Failed, Ready, Verdict
from sandbox.providers.kubernetes.ready.expressions import holds, parse
from sandbox.providers.kubernetes.ready.verdict import status
from sandbox.providers.kubernetes.related import related_to
from sandbox.providers.kubernetes.tail import log_tail
from sandbox.providers.plugin import Context, Log, Properties

DEFAULT_TIMEOUT: Final = 600.0
_LONGER: Final = "customTimeouts set a longer limit"


class NotReadyError(RuntimeError):
    """An object did not become ready; `item` is its last state."""

    def __init__(self, message: str, item: Properties) -> None:
        super().__init__(message)
        self.item = item


class Waiter:
    """Counts the seconds of one wait, and shows what is missing: when that changes, and every ten seconds."""

    def __init__(self, log: Log) -> None:
        self._log, self._start, self._shown = log, time.monotonic(), ("", -1)

    @property
    def waited(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self._start

    def show(self, what: str, missing: str) -> None:
        """Show what is waited for, and what is missing."""
        shown = (missing, int(self.waited) // 10)
        if shown != self._shown:
            self._shown = shown
            self._log.status(f"{what} ({self.waited:.0f} s)" + (f": {missing}" if missing else ""))


def time_limit(context: Context, inputs: Mapping[str, Any]) -> float:
    """Return for how many seconds to wait: `customTimeouts`, else the annotation, else ten minutes."""
    written = annotation(inputs, TIMEOUT_SECONDS)
    return context.timeout or (float(written) if written.isdigit() and int(written) else DEFAULT_TIMEOUT)


def until_ready(api: Api, context: Context, inputs: Properties, item: Properties) -> Properties:
    """Wait until an object is ready, and return it as it is then. Raises NotReadyError with the reason and the next step."""
    if is_set(inputs, SKIP_AWAIT) or (not annotation(inputs, WAIT_FOR) and _key(item) not in CHECKS):
        return item
    waiter = Waiter(context.log)
    limit = time_limit(context, inputs)
    while True:
        verdict = _verdict(api, inputs, item)
        if isinstance(verdict, Ready):
            return item
        reason = verdict.reason.rstrip(".")
        if isinstance(verdict, Failed):
            raise NotReadyError(f"{title(item)} failed: {reason}. {_next_step(item, reason)}{_printed(api, item)}", item)
        if waiter.waited >= limit or context.cancelled.is_set():
            raise NotReadyError(
                f"{title(item)} is not ready after {waiter.waited:.0f} s: {reason}. "
                f"{_next_step(item, reason)}; {_LONGER}{_printed(api, item)}",
                item,
            )
        waiter.show(f"waiting for {title(item)}", reason)
        api.await_change(item, 1)
        current = api.refreshed(item)
        if current is None:
            raise NotReadyError(
                f"{title(item)} was deleted by somebody else while it was waited for. Run `pulumi refresh`, then `pulumi up`", item
            )
        item = current


def until_gone(api: Api, context: Context, inputs: Mapping[str, Any], item: Properties) -> None:
    """Wait until an object that is being deleted is gone. Raises TimeoutError, naming what holds it."""
    waiter = Waiter(context.log)
    limit = time_limit(context, inputs)
    while current := api.refreshed(item):
        if waiter.waited >= limit or context.cancelled.is_set():
            raise TimeoutError(
                f"{title(item)} is still there {waiter.waited:.0f} s after its deletion: {held_by(current)}. {_next_step(item)}; {_LONGER}"
            )
        waiter.show(f"waiting for the deletion of {title(item)}", held_by(current))
        api.await_change(current, 1)


def held_by(item: Mapping[str, Any]) -> str:
    """Return what keeps a deleted object from going: its finalizers, and for a namespace what is left in it."""
    finalizers = [*(metadata(item).get("finalizers") or []), *((item.get("spec") or {}).get("finalizers") or [])]
    left = [
        str(entry.get("message"))
        for entry in status(item).get("conditions") or []
        if item.get("kind") == "Namespace" and entry.get("status") == "True" and entry.get("message")
    ]
    return "; ".join([f"held by the finalizers {', '.join(finalizers)}" if finalizers else "it is being shut down", *left])


def _verdict(api: Api, inputs: Properties, item: Properties) -> Verdict:
    if expressions := annotation(inputs, WAIT_FOR):
        return holds(item, parse(expressions))
    # The other objects cost requests, so a first look does without: most objects are ready at once.
    check = CHECKS[_key(item)]
    verdict = check(item, {})
    return verdict if isinstance(verdict, Ready) else check(item, related_to(api, item))


def _key(item: Mapping[str, Any]) -> tuple[str, str]:
    return str(item.get("apiVersion")), str(item.get("kind"))


def _printed(api: Api, item: Properties) -> str:
    tail = log_tail(api, item)
    return f"\n{tail.rstrip()}" if tail else ""


def _next_step(item: Mapping[str, Any], reason: str = "") -> str:
    found = metadata(item)
    place = f" -n {found['namespace']}" if found.get("namespace") else ""
    about = f"{str(item.get('kind')).lower()}/{found['name']}"
    logs = f"`kubectl{place} logs {about} --all-containers`" if "exit code" in reason or "probe" in reason else ""
    return f"See {logs or f'`kubectl{place} describe {about}`'}"
