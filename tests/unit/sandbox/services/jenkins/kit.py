"""A controller with a fake engine and a fake runner, and a client for it."""

import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import uvicorn
import yaml
from starlette.applications import Starlette

from sandbox.services.jenkins.app import create_app
from sandbox.services.jenkins.auth import Door, Sessions
from sandbox.services.jenkins.casc import Sources
from sandbox.services.jenkins.controller import Jenkins, Options, Runner
from sandbox.services.jenkins.model import SUCCESS, Controller, Credential, DslError, Engine, Item, Parameter, Steps
from sandbox.services.jenkins.record import Build, build_name

URL = "http://jenkins.dev.test"
TOKEN, RELOAD = "hook-token-of-shop", "reload-token"
ADMIN, READER, BUILDER = ("admin", "admin-password"), ("reader", "reader-password"), ("builder", "builder-password")
JOB, HOOK = "acme/build/alice-shop", "/project/acme/build/alice-shop"
PATH = "/job/acme/job/build/job/alice-shop"
BASE: dict[str, Any] = {
    "jenkins": {
        "securityRealm": {
            "local": {"users": [{"id": id, "name": id.title(), "password": password} for id, password in (ADMIN, READER, BUILDER)]}
        },
        "authorizationStrategy": {
            "globalMatrix": {
                "entries": [
                    {"user": {"name": "admin", "permissions": ["Overall/Administer"]}},
                    {"user": {"name": "builder", "permissions": ["Job/Build", "Job/Cancel", "Run/Delete"]}},
                    {"group": {"name": "authenticated", "permissions": ["Overall/Read", "Job/Read"]}},
                ]
            }
        },
    },
    "unclassified": {"location": {"url": f"{URL}/"}},
    "jobs": [{"providedEnv": {"DATA": "${data}"}}, {"script": "declare"}],
}
TRIGGER: dict[str, Any] = {
    **{"triggerOnPush": True, "triggerOnMergeRequest": False, "secretToken": TOKEN},
    **{"branchFilterType": "NameBasedFilter", "includeBranchesSpec": "main"},
}


def folder(path: str, *credentials: Credential) -> Item:
    """A folder."""
    return Item(path=path, kind="folder", description=f"slipway: {path}", credentials=credentials)


def job(path: str = JOB, **changed: Any) -> Item:
    """The job that hooks build."""
    values: dict[str, Any] = {
        "parameters": (
            Parameter(name="BRANCH", default="main", description="what to build"),
            Parameter(name="MODE", kind="choice", choices=("fast", "full")),
            Parameter(name="DRY", kind="boolean", default="true"),
        ),
        "concurrent": False,
        "gitlab_trigger": TRIGGER,
    }
    return Item(path=path, kind="job", **(values | changed))


ITEMS = (folder("acme"), folder("acme/build"), folder("acme/update"), job(), job("acme/update/plain", parameters=(), gitlab_trigger=None))


@dataclass
class FakeEngine:
    """Declares `items` whatever the scripts say; `refuse` makes scripts fail."""

    items: list[Item] = field(default_factory=lambda: list(ITEMS))
    deleted: list[str] = field(default_factory=list)
    refuse: str = ""
    scripts: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    stops: threading.Condition = field(default_factory=threading.Condition)

    def run(
        self, build: str, script: str, *, libraries: Mapping[str, Path], implicit: Sequence[str], parameters: Mapping[str, Any],
        environment: Mapping[str, str], steps: Steps,
    ) -> str:  # fmt: skip
        """Not used: the runner is fake too."""
        raise NotImplementedError

    def stop(self, build: str) -> None:
        """Note it."""
        with self.stops:
            self.stopped.append(build)
            self.stops.notify_all()

    def declare(self, scripts: Sequence[tuple[str, Mapping[str, str]]], items: Sequence[str]) -> tuple[list[Item], list[str]]:
        """Note the scripts and declare."""
        self.scripts, self.known = [(text, dict(environment)) for text, environment in scripts], list(items)
        if self.refuse:
            raise DslError(self.refuse)
        return list(self.items), list(self.deleted)


@dataclass
class FakeRunner:
    """Runs builds as the test says: at once, or held until `release` or a stop."""

    held: bool = False
    result: str = SUCCESS
    text: str = "hello\n"
    records: list[Build] = field(default_factory=list)
    gate: threading.Condition = field(default_factory=threading.Condition)

    def __call__(self, record: Build, controller: Controller, engine: Engine) -> str:
        """Run a build."""
        assert isinstance(engine, FakeEngine)
        name = build_name(record.job, record.number)
        record.write(self.text)
        (record.folder / "archive/sub").mkdir(parents=True)
        (record.folder / "archive/sub/report.json").write_text("{}")
        with self.gate:
            self.records.append(record)
            self.gate.notify_all()
        with engine.stops:
            engine.stops.wait_for(lambda: not self.held or name in engine.stopped, 20)
            return "ABORTED" if name in engine.stopped else self.result

    def release(self, engine: FakeEngine) -> None:
        """Let all held builds end."""
        with engine.stops:
            self.held = False
            engine.stops.notify_all()

    def wait_started(self, count: int) -> None:
        """Wait until so many builds have started."""
        with self.gate:
            assert self.gate.wait_for(lambda: len(self.records) >= count, 20)


@dataclass
class Kit:
    """A controller, and a client that follows no redirects."""

    jenkins: Jenkins
    engine: FakeEngine
    runner: FakeRunner
    http: httpx.Client
    casc: Path

    def idle(self) -> None:
        """Wait until nothing runs or waits."""
        assert self.jenkins.queue.wait_idle(20)

    def hook(self, payload: Any, event: str = "Push Hook", token: str | None = TOKEN, address: str = HOOK, **options: Any) -> int:
        """Send a hook and return the status of the answer."""
        headers = {"X-Gitlab-Event": event} | ({"X-Gitlab-Token": token} if token is not None else {})
        return self.http.post(address, json=payload, headers=headers, **options).status_code

    def builds(self, path: str = JOB) -> list[dict[str, Any]]:
        """The builds of a job, newest first."""
        return [dict(row) for row in self.jenkins.store.builds(path)]

    def get(self, path: str, user: tuple[str, str] | None = ADMIN, **options: Any) -> Any:
        """GET JSON."""
        answer = self.http.get(path, auth=user, **options)
        assert answer.status_code == 200, (answer.status_code, answer.text)
        return answer.json()

    def token(self, user: tuple[str, str] = ADMIN) -> tuple[str, str]:
        """A new API token of `user`, as it goes into Basic authentication."""
        return user[0], Door(self.jenkins.store, Sessions()).new_token(user[0], "test")[2]


def write_casc(casc: Path, configuration: Mapping[str, Any] | None = None, name: str = "jenkins.yaml") -> None:
    """Write a configuration file."""
    casc.mkdir(parents=True, exist_ok=True)
    (casc / name).write_text(yaml.safe_dump(BASE if configuration is None else dict(configuration)))


@contextmanager
def controller(place: Path, engine: FakeEngine | None = None, runner: Runner | None = None, **environment: str) -> Iterator[Kit]:
    """Run a controller on `place`/home with the files in `place`/casc."""
    engine, fake = engine or FakeEngine(), runner if isinstance(runner, FakeRunner) else FakeRunner()
    if not (place / "casc").exists():
        write_casc(place / "casc")
    found = Sources([str(place / "casc")], place / "secrets", {"data": '{"password": "folder-secret"}', **environment})
    jenkins = Jenkins(Options(place / "home", found, RELOAD, place / "plugins.txt"), engine, runner or fake)
    jenkins.open()
    with served(create_app(jenkins)) as address, httpx.Client(base_url=address, trust_env=False, timeout=20) as http:
        try:
            yield Kit(jenkins, engine, fake, http, place / "casc")
        finally:
            fake.release(engine)


@contextmanager
def served(app: Starlette) -> Iterator[str]:
    """Serve an application in a thread; gives its address. Who connects before it is ready waits."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", access_log=False))
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


PUSH: dict[str, Any] = {
    **{"object_kind": "push", "before": "1" * 40, "after": "2" * 40, "ref": "refs/heads/main", "project_id": 7},
    **{"user_name": "Alice", "user_username": "alice", "user_email": "alice@dev.test"},
    "commits": [{"id": "2" * 40, "message": "Fix", "author": {"name": "Alice"}}],
    "project": {"namespace": "acme", "web_url": "http://gitlab.dev.test/acme/shop"},
    "repository": {
        **{"name": "shop", "url": "git@gitlab.dev.test:acme/shop.git", "homepage": "http://gitlab.dev.test/acme/shop"},
        **{"git_ssh_url": "git@gitlab.dev.test:acme/shop.git", "git_http_url": "http://gitlab.dev.test/acme/shop.git"},
    },
}
_SIDE = {
    **{"name": "shop", "namespace": "acme", "ssh_url": "git@gitlab.dev.test:acme/shop.git"},
    **{"http_url": "http://gitlab.dev.test/acme/shop.git", "web_url": "http://gitlab.dev.test/acme/shop"},
}
MERGE_REQUEST: dict[str, Any] = {
    "object_kind": "merge_request",
    "user": {"username": "alice"},
    "labels": [{"id": 1, "title": "ready"}],
    "object_attributes": {
        **{"id": 90, "iid": 3, "action": "open", "state": "opened", "title": "Add", "description": "Text"},
        **{"source_branch": "feature", "target_branch": "main", "source_project_id": 7, "target_project_id": 7},
        **{"source": _SIDE, "target": _SIDE, "merge_commit_sha": None, "work_in_progress": False},
        "last_commit": {"id": "3" * 40, "message": "Add", "author": {"name": "Alice", "email": "alice@dev.test"}},
    },
}
