"""A build while it runs."""

import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sandbox.services.database import Row
from sandbox.services.jenkins.model import Item
from sandbox.services.jenkins.store import LOG, Store


class Build:
    """Implements BuildRecord. `row`: the build's row in the store."""

    def __init__(self, store: Store, row: Row, item: Item, environment: Mapping[str, str]) -> None:
        self._store, self.row = store, row
        self.job: str = row["job"]
        self.number: int = row["number"]
        self.folder: Path = store.folder(self.job, self.number)
        self.parameters: Mapping[str, Any] = json.loads(row["parameters"])
        self.environment = environment
        self.item = item
        self.stopping = False
        self._lock = threading.Lock()
        # Unbuffered, so that a killed controller has every line; kept open, as the job may be deleted meanwhile.
        self._log = (self.folder / LOG).open("ab", buffering=0)

    def write(self, text: str) -> None:
        """Append to the console log."""
        with self._lock:
            if not self._log.closed:
                self._log.write(text.encode("utf-8", "replace"))

    def describe(self, *, display_name: str | None = None, description: str | None = None) -> None:
        """Change how it is shown; None leaves as it is."""
        changed = {"display_name": display_name, "description": description}
        given = {name: value for name, value in changed.items() if value is not None}
        if given:
            self._store.db.update("builds", self.row["id"], **given)

    def close(self) -> None:
        """Close the log; what is written later is dropped."""
        with self._lock:
            self._log.close()


def build_name(job: str, number: int) -> str:
    """Return the name by which the engine knows a build."""
    return f"{job}#{number}"


def build_environment(url: str, home: Path, row: Row, item: Item) -> dict[str, str]:
    """Return what a build knows from its start: Jenkins' own variables, the job's, the hook's and the parameters', the later ones win."""
    job, number = row["job"], str(row["number"])
    job_url = f"{url}/{job_path(job)}/"
    own = {
        "CI": "true",
        **{"JENKINS_URL": f"{url}/", "HUDSON_URL": f"{url}/", "JENKINS_HOME": str(home)},
        **{"JOB_NAME": job, "JOB_BASE_NAME": job.rpartition("/")[2], "JOB_URL": job_url},
        **{"BUILD_NUMBER": number, "BUILD_ID": number, "BUILD_DISPLAY_NAME": f"#{number}", "BUILD_URL": f"{job_url}{number}/"},
        "BUILD_TAG": f"jenkins-{job.replace('/', '-')}-{number}",
        **{"RUN_DISPLAY_URL": f"{job_url}{number}/display/redirect", "JOB_DISPLAY_URL": f"{job_url}display/redirect"},
    }
    parameters = {name: text_of(value) for name, value in json.loads(row["parameters"]).items()}
    hook: dict[str, str] = json.loads(row["environment"])
    return own | dict(item.environment) | hook | parameters


def text_of(value: Any) -> str:
    """Return a parameter's value as a variable holds it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def job_path(job: str) -> str:
    """Return the path of an item's pages, without slashes at its ends."""
    return "/".join(f"job/{name}" for name in job.split("/"))
