"""When builds start: at once, or after the running one of a job that allows one at a time."""

import json
import logging
import threading
import traceback
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.services.database import Row
from sandbox.services.jenkins.model import ABORTED, FAILURE, NOT_BUILT, SUCCESS, UNSTABLE, Engine, Item
from sandbox.services.jenkins.record import Build, build_environment, build_name
from sandbox.services.jenkins.store import LOG as LOG_FILE
from sandbox.services.jenkins.store import Store

LOG = logging.getLogger(__name__)
RESULTS = {ABORTED, FAILURE, NOT_BUILT, SUCCESS, UNSTABLE}
KILLED = "Build was running when Jenkins stopped: it does not go on.\nFinished: ABORTED\n"
Run = Callable[[Build], str]


class Queue:
    """Waiting and running builds. `run` does a build in its own thread and returns its result; `items` and `url` tell the present state."""

    def __init__(self, store: Store, engine: Engine, run: Run, items: Callable[[], Mapping[str, Item]], url: Callable[[], str]) -> None:
        self._store, self._engine, self._run, self._items, self._url = store, engine, run, items, url
        self._changed = threading.Condition(threading.RLock())
        self._running: dict[int, Build] = {}
        self._open = False

    def resume(self) -> None:
        """End as aborted what ran when the controller was killed, and start what was waiting."""
        for row in self._store.running():
            with (self._store.folder(row["job"], row["number"]) / LOG_FILE).open("a", encoding="utf-8") as log:
                log.write(KILLED)
            self._store.finish(row, ABORTED)
            self._discard_old(row["job"])
        with self._changed:
            self._open = True
            self._advance()

    def schedule(
        self, job: str, parameters: Mapping[str, Any], cause: Mapping[str, Any], *, environment: Mapping[str, str] | None = None,
        revision: str = "",
    ) -> int:  # fmt: skip
        """Queue a build and return the queue item's id: that of a waiting one if it is for the same job, parameters and `revision`."""
        identity = json.dumps([parameters, revision], sort_keys=True)
        with self._changed:
            same = next((row for row in self._store.waiting() if (row["job"], row["identity"]) == (job, identity)), None)
            if same is not None:
                self._store.add_cause(same, cause)
                return int(same["id"])
            id = self._store.enqueue(job, identity, parameters, environment or {}, cause)
            self._advance()
        return id

    def cancel(self, id: int) -> bool:
        """Take an item out of the queue; tells whether it was waiting."""
        with self._changed:
            return self._store.cancel(id)

    def stop(self, job: str, number: int) -> None:
        """Stop a running build; nothing happens if it does not run, or is stopping."""
        with self._changed:
            record = self.record(job, number)
            if record is None or record.stopping:
                return
            record.stopping = True
        self._engine.stop(build_name(job, number))

    def record(self, job: str, number: int) -> Build | None:
        """Return a running build, or None."""
        with self._changed:
            return next((each for each in self._running.values() if (each.job, each.number) == (job, number)), None)

    def running(self, job: str) -> list[int]:
        """Return the numbers of the running builds of a job, and of the jobs below a folder."""
        with self._changed:
            return sorted(each.number for each in self._running.values() if each.job == job)

    def drop(self, path: str) -> None:
        """Stop the builds of an item that is being deleted, and of those below it."""
        with self._changed:
            below = [(each.job, each.number) for each in self._running.values() if f"{each.job}/".startswith(f"{path}/")]
        for job, number in below:
            self.stop(job, number)

    def why(self, row: Row) -> str:
        """Return what a waiting item waits for."""
        numbers = self.running(row["job"])
        return f"Build #{numbers[-1]} is already in progress (ETA: N/A)" if numbers else "Waiting for next available executor"

    def wait_idle(self, timeout: float) -> bool:
        """Wait until nothing runs or waits; tells whether that came before `timeout` seconds were over."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._running and not self._store.waiting(), timeout)

    def close(self, timeout: float) -> None:
        """Stop all builds and wait up to `timeout` seconds for their ends; nothing starts any more."""
        with self._changed:
            self._open = False
            left = list(self._running.values())
        for record in left:
            self.stop(record.job, record.number)
        with self._changed:
            self._changed.wait_for(lambda: not self._running, timeout)

    def _advance(self) -> None:
        """Start what can start. The lock is held."""
        for row in self._store.waiting() if self._open else ():
            item = self._items().get(row["job"])
            if item is None:
                self._store.cancel(row["id"])
            elif item.concurrent or not self.running(row["job"]):
                self._start(row, item)

    def _start(self, queued: Row, item: Item) -> None:
        row = self._store.start(queued)
        record = Build(self._store, row, item, build_environment(self._url(), self._store.home, row, item))
        self._running[row["id"]] = record
        threading.Thread(target=self._work, args=(record,), name=build_name(record.job, record.number), daemon=True).start()

    def _work(self, record: Build) -> None:
        try:
            result = self._result(record)
            record.write(f"Finished: {result}\n")
            record.close()
            self._store.finish(record.row, result)
            self._discard_old(record.job)
        finally:
            with self._changed:
                del self._running[record.row["id"]]
                if self._store.build(record.job, record.number) is None:
                    self._store.clear(record.job) if record.job not in self._items() else None
                self._advance()
                self._changed.notify_all()

    def _result(self, record: Build) -> str:
        causes = json.loads(record.row["causes"])
        record.write("".join(f"{cause['shortDescription']}\n" for cause in causes))
        hook = next((cause["shortDescription"] for cause in causes if cause.get("gitlab")), "")
        if hook and (record.item.gitlab_trigger or {}).get("setBuildDescription", True):
            record.describe(description=hook)
        try:
            result = self._run(record)
        except Exception as error:
            # Without its message, which may hold a secret.
            record.write(f"FATAL: {type(error).__name__}\n")
            LOG.error("%s failed: %s\n%s", build_name(record.job, record.number), type(error).__name__, _frames(error))
            return FAILURE
        return result if result in RESULTS else FAILURE

    def _discard_old(self, job: str) -> None:
        item = self._items().get(job)
        if item is not None and item.builds_to_keep is not None and item.builds_to_keep > 0:
            self._store.discard_old(job, item.builds_to_keep)


def _frames(error: Exception) -> str:
    return "".join(traceback.format_tb(error.__traceback__))
