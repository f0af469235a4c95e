"""The controller: configuration, items, builds. It is what a running build may ask (model.Controller)."""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from sandbox.services.jenkins import causes
from sandbox.services.jenkins.casc import Sources, Text
from sandbox.services.jenkins.casc_values import CascError
from sandbox.services.jenkins.configuration import Configuration
from sandbox.services.jenkins.model import ABORTED, Cloud, Controller, Credential, DslError, Engine, Item, Library, StepError
from sandbox.services.jenkins.parameters import values
from sandbox.services.jenkins.queue import Queue
from sandbox.services.jenkins.record import Build
from sandbox.services.jenkins.redact import redacted
from sandbox.services.jenkins.store import Store

Runner = Callable[[Build, Controller, Engine], str]
"""`running.run` with its pods already given."""


@dataclass(frozen=True)
class Options:
    """home: directory of all data. sources: where the configuration is. reload_token: allows a reload; empty for none.
    plugins: file with a line `id:version` for each plugin. address: where it answers if the configuration names no URL."""

    home: Path
    sources: Sources
    reload_token: str = ""
    plugins: Path = Path("/usr/share/jenkins/ref/plugins.txt")
    address: str = "http://localhost:8080"


class Jenkins:
    """One controller; `open` before anything else. `url`: the address under which everybody reaches it, without a slash at its end."""

    def __init__(self, options: Options, engine: Engine, run: Runner) -> None:
        self.options, self._engine = options, engine
        self.store = Store(options.home)
        self.configuration = Configuration()
        self.url = options.address
        self._applying = threading.Lock()
        self.items: Mapping[str, Item] = {}
        self.queue = Queue(self.store, engine, lambda record: run(record, self, engine), lambda: self.items, lambda: self.url)

    def open(self) -> None:
        """Apply the configuration; raises CascError with what is wrong with it. Nothing is built before `queue.resume`."""
        self.items = self.store.items()
        self.reload()

    def close(self, timeout: float = 10) -> None:
        """Stop all builds, wait for them up to `timeout` seconds, and close the store."""
        self.queue.close(timeout)
        self.store.db.close()

    # Configuration

    def reload(self) -> None:
        """Read the configuration's files again and apply them; raises CascError, and nothing has changed then."""
        with self._applying:
            self._apply(self.options.sources.read())

    def apply(self, texts: Iterable[Text]) -> None:
        """Apply a configuration given as text: what it does not speak of stays. Raises CascError, and nothing has changed then."""
        new, silent = self.options.sources.apply(texts), Configuration()
        told = {each.name: getattr(new, each.name) for each in fields(new) if getattr(new, each.name) != getattr(silent, each.name)}
        with self._applying:
            self._apply(replace(self.configuration, **{"scripts": (), **told}))

    def _apply(self, new: Configuration) -> None:
        known = [f"{item.path} {item.kind} {item.description}" for item in self.items.values()]
        try:
            declared, deleted = self._engine.declare(new.scripts, known) if new.scripts else ([], [])
            items = _changed(self.items, declared, deleted)
        except (DslError, CascError) as error:
            raise CascError(redacted(f"jobs: {error}", new)) from None
        gone = [path for path in self.items if path not in items]
        with self.store.db.transaction():
            for path in gone:
                self.store.forget(path)
            for path, item in items.items():
                if self.items.get(path) != item:
                    self.store.save(item)
        self.items, self.configuration, self.url = items, new, new.url or self.options.address
        for path in gone:
            self.queue.drop(path)
            self.store.clear(path)

    # What a build may ask

    def credential(self, id: str, job: str) -> Credential | None:
        """Return the credential that the job may use: of its folders, from the nearest up, then the global ones; None for none."""
        for folder in reversed(_above(job)):
            item = self.items.get(folder)
            for each in item.credentials if item else ():
                if each.id == id:
                    return each
        return next((each for each in self.configuration.credentials if each.id == id and each.scope == "GLOBAL"), None)

    def cloud(self) -> Cloud | None:
        """Return the Kubernetes cloud, or None."""
        return self.configuration.cloud

    def libraries(self, job: str) -> Sequence[Library]:
        """Return the libraries that a job may use: a folder's goes before one above it, and that before a global one of its name."""
        found = {each.name: each for each in self.configuration.libraries}
        for folder in _above(job):
            item = self.items.get(folder)
            found |= {each.name: each for each in item.libraries} if item else {}
        return list(found.values())

    def previous(self, job: str, number: int) -> tuple[int, str] | None:
        """Return number and result of the last build before this one that has ended; None for none."""
        rows = (row for row in self.store.builds(job) if row["number"] < number and row["result"])
        return next(((int(row["number"]), str(row["result"])) for row in rows), None)

    def gitlab(self, connection: str) -> tuple[str, str] | None:
        """Return URL and API token of a GitLab connection; None if there is none, or its credential is not there."""
        known = self.configuration.connections.get(connection)
        if known is None:
            return None
        kinds = ("gitLabApiTokenImpl", "string")
        tokens = [each.secret for each in self.configuration.credentials if each.id == known.credential and each.kind in kinds]
        return (known.url, tokens[0]) if tokens else None

    def schedule(self, job: str, parameters: Mapping[str, Any], cause: str) -> int:
        """Queue a build of another job and return the queue item's id. Raises StepError: no such job, or a parameter that it has not."""
        item = self.items.get(job.strip("/"))
        if item is None or item.kind == "folder":
            raise StepError(f"No item named {job} found")
        unknown = set(parameters) - {each.name for each in item.parameters}
        if unknown:
            raise StepError(f"{item.path} has no parameter {', '.join(sorted(unknown))}; expected those that the job defines")
        try:
            given = values(item, parameters)
        except ValueError as error:
            raise StepError(str(error)) from None
        return self.queue.schedule(item.path, given, causes.by_build(cause))

    def outcome(self, queue_id: int) -> tuple[int, str | None]:
        """Return the number of the build that came of a queue item (0: still waiting, or it was cancelled) and its result."""
        row = self.store.queued(queue_id)
        if row is None:  # the job was deleted
            return 0, ABORTED
        return int(row["number"]), row["result"]


def _above(job: str) -> list[str]:
    """The paths of the folders that an item lies in, from the top down."""
    names = job.split("/")[:-1]
    return ["/".join(names[: end + 1]) for end in range(len(names))]


def _changed(items: Mapping[str, Item], declared: Sequence[Item], deleted: Sequence[str]) -> dict[str, Item]:
    """Return the items after scripts ran. What they neither declared nor deleted stays. Raises CascError for an item without its folder."""
    new = dict(items) | {item.path: item for item in declared}
    for path in deleted:
        for each in [each for each in new if f"{each}/".startswith(f"{path}/")]:
            del new[each]
    for path, item in new.items():
        folder = path.rpartition("/")[0]
        if folder and (folder not in new or new[folder].kind != "folder"):
            raise CascError(f"{path} cannot be made: there is no folder {folder!r}; declare it first")
        before = items.get(path)
        if before is not None and before.kind != item.kind:
            raise CascError(f"{path} is a {before.kind} and cannot become a {item.kind}; delete it first")
    return dict(sorted(new.items()))
