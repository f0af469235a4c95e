"""What Argo CD says of an application, and where it is not well: the first failing object, its last event, the end of its log."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import click

from gitops.release.argocd import ArgoCd
from gitops.release.errors import UnhealthyError, UnreachableError

WAIT_SECONDS = 300.0
EVERY_SECONDS = 1.0
TELL_SECONDS = 5.0
# Health lags behind a sync: what is degraded for a moment only is the old version's.
GRACE_SECONDS = 5.0
PULL_SECRET = "FailedToRetrieveImagePullSecret"  # noqa: S105 (the reason of an event)
# A child tells more than its parents: the pod says why the Deployment does not come.
DEPTH = ("Pod", "ReplicaSet", "Deployment")


@dataclass(frozen=True, kw_only=True)
class Status:
    """sync: Synced, OutOfSync or Unknown. health: Healthy, Progressing, Degraded, Missing ... revision: commit that was compared with.
    images: that run. problems: Argo CD's own conditions. operation: phase of the last sync, with its message."""

    application: str
    sync: str
    health: str
    revision: str
    images: tuple[str, ...]
    operation: str
    problems: tuple[str, ...]

    @property
    def is_well(self) -> bool:
        """Whether the cluster is as Git says, and works."""
        return self.sync == "Synced" and self.health == "Healthy"


@dataclass(frozen=True, kw_only=True)
class Failing:
    """The first failing object: kind/name, why, its last event, and the last lines that it printed."""

    object: str
    reason: str
    event: str | None
    log: tuple[str, ...]

    def __str__(self) -> str:
        lines = [f"  {self.object}: {self.reason}"]
        lines += [f"  Last event: {self.event}"] if self.event else []
        lines += ["  Last lines that it printed:", *(f"    {line}" for line in self.log)] if self.log else []
        return "\n".join(lines)


def status(argocd: ArgoCd) -> Status | None:
    """The application's state as Argo CD knows it; None where it has no such Application."""
    found = argocd.application()
    return _status(argocd.name, found) if found else None


def last_synced(argocd: ArgoCd) -> str | None:
    """The revision of the last sync that succeeded; None where there was none yet."""
    history = (argocd.application() or {}).get("status", {}).get("history") or [{}]
    revision = history[-1].get("revision")
    return str(revision) if revision else None


def wait(argocd: ArgoCd, contains: Callable[[str], bool] | None = None, seconds: float = WAIT_SECONDS) -> Status:
    """Wait until the application is Synced and Healthy at a revision that `contains` takes. A sync of an earlier one is ended: Argo CD
    would finish it first.

    Raises UnhealthyError with what is failing, at once where Argo CD has given up, or after so many seconds.
    """
    began = told = time.monotonic()
    fresh, ended = True, ""
    degraded: float | None = None
    current: Status | None = None
    while time.monotonic() - began < seconds:
        found = argocd.application(refresh=fresh)
        fresh = False
        if found is not None:
            current = _status(argocd.name, found)
            arrived = contains is None or _revision_is(contains, current.revision)
            if arrived and current.is_well:
                return current
            over = not _is_running(found) and (contains is None or _revision_is(contains, _synced(found)))
            degraded = (degraded or time.monotonic()) if over and current.health == "Degraded" else None
            if degraded and time.monotonic() - degraded > GRACE_SECONDS:
                break
            if contains is not None and (old := _old_sync(found, contains)) and old != ended:
                argocd.terminate()
                ended, fresh = old, True
            elif not arrived and not _is_running(found):
                fresh = True
        if time.monotonic() - told >= TELL_SECONDS:
            told = time.monotonic()
            state = f"sync {current.sync}, health {current.health}" if current else "no Application yet"
            click.echo(f"  waiting for {argocd.name}: {state}, {told - began:.0f} s so far", err=True)
        time.sleep(EVERY_SECONDS)
    raise _unhealthy(argocd, current, time.monotonic() - began)


def _unhealthy(argocd: ArgoCd, current: Status | None, waited: float) -> UnhealthyError:
    failing = first_failing(argocd) if current else None
    state = f"{current.sync} and {current.health}" if current else "not there"
    told = f"; {failing.object}: {failing.log[-1] if failing.log else failing.reason}" if failing else ""
    return UnhealthyError(_report(argocd, current, waited, failing), f"{argocd.name} is {state} after {waited:.0f} s{told}")


def report(argocd: ArgoCd, current: Status | None, waited: float) -> str:
    """Why an application is not well, for a person."""
    return _report(argocd, current, waited, first_failing(argocd) if current else None)


def _report(argocd: ArgoCd, current: Status | None, waited: float, failing: Failing | None) -> str:
    after = f" after {waited:.0f} s" if waited else ""
    if current is None:
        return (
            f"Argo CD has no Application {argocd.name}{after}.\n"
            "Next: see that the ApplicationSet `user-projects` has no error, and that its webhook is delivered."
        )
    text = f"{argocd.name} is {current.sync} and {current.health}{after}.\n"
    text += "".join(f"  {problem}\n" for problem in current.problems)
    text += f"  Last sync: {current.operation}\n" if current.operation and not current.operation.startswith("Succeeded") else ""
    text += f"{failing}\n" if failing else ""
    return text + f"Next: mend that and release again, or `slipway release rollback {argocd.app} --steps 1`."


def first_failing(argocd: ArgoCd) -> Failing | None:
    """The failing object that tells most; None where all are well, or cannot be looked at."""
    try:
        nodes = [node for node in argocd.objects() if _health(node) not in {"", "Healthy", "Suspended"}]
    except UnreachableError:
        return None
    if not nodes:
        return None
    newest = sorted(nodes, key=lambda node: str(node.get("createdAt", "")), reverse=True)
    chosen = min(newest, key=lambda node: (_health(node) != "Degraded", DEPTH.index(node["kind"]) if node["kind"] in DEPTH else len(DEPTH)))
    events = argocd.events(chosen)
    # A missing pull secret is told of every pod that has one named, also where the image needs none.
    warnings = [each for each in events if each.get("type") == "Warning" and each.get("reason") != PULL_SECRET] or events
    log: tuple[str, ...] = ()
    if chosen["kind"] == "Pod":
        log = tuple(argocd.log(chosen["name"], previous=False) or argocd.log(chosen["name"], previous=True))
    return Failing(
        object=f"{chosen['kind']}/{chosen['name']}",
        reason=str(chosen.get("health", {}).get("message") or _health(chosen)),
        event=f"{warnings[-1].get('reason')}: {warnings[-1].get('message')}" if warnings else None,
        log=log,
    )


def _status(name: str, found: Mapping[str, Any]) -> Status:
    state = found.get("status", {})
    operation = state.get("operationState", {})
    return Status(
        application=name,
        sync=state.get("sync", {}).get("status", "Unknown"),
        health=state.get("health", {}).get("status", "Unknown"),
        revision=state.get("sync", {}).get("revision", ""),
        images=tuple(state.get("summary", {}).get("images", ())),
        operation=": ".join(filter(None, [operation.get("phase"), operation.get("message")])),
        problems=tuple(f"{each['type']}: {each['message']}" for each in state.get("conditions", [])),
    )


def _is_running(found: Mapping[str, Any]) -> bool:
    return bool(found.get("operation")) or found.get("status", {}).get("operationState", {}).get("phase") in {"Running", "Terminating"}


def _old_sync(found: Mapping[str, Any], contains: Callable[[str], bool]) -> str:
    """What tells a running sync of an earlier revision from others; empty where there is none."""
    state = found.get("status", {}).get("operationState", {})
    revision = _synced(found)
    if state.get("phase") != "Running" or not revision or _revision_is(contains, revision):
        return ""
    return f"{revision} {state.get('startedAt')}"


def _synced(found: Mapping[str, Any]) -> str:
    """The revision of the last sync, or of the one that runs."""
    state = found.get("status", {}).get("operationState", {})
    return str(state.get("syncResult", {}).get("revision") or state.get("operation", {}).get("sync", {}).get("revision") or "")


def _revision_is(contains: Callable[[str], bool], revision: str) -> bool:
    return bool(revision) and contains(revision)


def _health(node: Mapping[str, Any]) -> str:
    return str(node.get("health", {}).get("status", ""))
