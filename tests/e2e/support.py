"""What the end-to-end tests share: the command as users run it, and the parts of a running stack."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, TypeVar

import gitlab
import httpx
import pytest
from gitlab.exceptions import GitlabGetError
from gitlab.v4.objects import Project

from sandbox import engine, outside, stack
from sandbox.cache import ROOT
from sandbox.containers import network
from sandbox.instance import Addresses, Sandbox, checkout
from sandbox.outside import Outside
from sandbox.sample import release
from sandbox.stack import Stack
from sandbox.tools import build as tools

NAME = f"e2e{checkout()}"
"""The sandbox of the tests, with host names that no other checkout's tests use."""
T = TypeVar("T")


def slipway(*arguments: str) -> str:
    """Run the `slipway` command as a user does, showing its output; returns what it printed on standard output."""
    command = [str(Path(sys.executable).parent / "slipway"), *arguments]
    result = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    sys.stdout.write(result.stdout + result.stderr)
    last = f"{result.stdout[-3000:]}{result.stderr[-3000:]}"
    assert result.returncode == 0, f"`slipway {' '.join(arguments)}` ended with {result.returncode}:\n{last}"
    return result.stdout


def start(*arguments: str, output: IO[str]) -> "subprocess.Popen[bytes]":
    """Start the `slipway` command in a process group of its own, and let it run. What it prints goes to the file `output`."""
    command = [str(Path(sys.executable).parent / "slipway"), *arguments]
    null = subprocess.DEVNULL
    return subprocess.Popen(command, cwd=ROOT, stdin=null, stdout=output, stderr=output, start_new_session=True)


def work_tree() -> str:
    """What Git says of the checkout: changed and new files."""
    return subprocess.run(["git", "status", "--porcelain"], cwd=ROOT, capture_output=True, text=True, check=True).stdout


def eventually(condition: Callable[[], T], seconds: float, what: str, every: float = 0.1) -> T:
    """Wait until the condition gives something true, and return that; fail with the last problem after the given seconds."""
    deadline = time.monotonic() + seconds
    problem: object = "it was never true"
    while time.monotonic() < deadline:
        try:
            if result := condition():
                return result
        except (httpx.HTTPError, RuntimeError, KeyError) as error:
            problem = error
        time.sleep(every)
    pytest.fail(f"{what}: not within {seconds:.0f} s; last: {problem}")


def files_below(project: Project, folder: str) -> list[str]:
    """Paths of the files below a folder of a repository's main branch; none where there is no such folder."""
    try:
        tree: list[dict[str, Any]] = list(project.repository_tree(folder, recursive=True, iterator=True))
    except GitlabGetError:
        return []
    return [each["path"] for each in tree if each["type"] == "blob"]


def text_of(project: Project, path: str) -> str:
    """The text of a file on a repository's main branch."""
    return str(project.files.get(path, ref="main").decode().decode())


class Platform:
    """A stack of the shared sandbox, with clients of its parts."""

    def __init__(self, name: str, tree_before: str = "") -> None:
        found = engine.connect()
        sandbox = Sandbox(NAME)
        addresses = Addresses(network(found.client, sandbox))
        self.name = name
        self.tree_before = tree_before
        self.docker = found.client
        self.sandbox = sandbox
        self.stack: Stack = stack.prepare(sandbox, name, tools.ensure(), found.address)
        self.world = Outside(addresses, outside.gitlab_url(sandbox, addresses), 0)
        self.node = str(addresses.node(self.stack.place))

    @property
    def gitlab(self) -> gitlab.Gitlab:
        """A client of the sandbox's GitLab."""
        return release.gitlab_client(self.stack, self.world)

    @property
    def gitops(self) -> Project:
        """The GitOps project."""
        return release.gitops_project(self.stack, self.world)

    def get(self, application: str, path: str = "/") -> httpx.Response:
        """Ask an application through the ingress, as a browser on this machine would."""
        host = f"{application}.{self.name}.test"
        return httpx.get(f"http://{self.node}{path}", headers={"Host": host}, timeout=5, trust_env=False)

    def pulumi(self, *arguments: str) -> str:
        """Run pulumi by hand, as after `eval "$(slipway sandbox env)"`."""
        return self.stack.pulumi(*arguments)

    def slipway(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run the product's own command by hand, as after `eval "$(slipway sandbox env)"`."""
        command = [str(Path(sys.executable).parent / "slipway"), *arguments]
        environment = self.stack.environ()
        return subprocess.run(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)

    def answer(self, application: str) -> dict[str, Any]:
        """What the sample application says of itself; empty while it does not answer."""
        response = self.get(application)
        return dict(response.json()) if response.status_code == 200 else {}

    def kubectl(self, *arguments: str, text: str | None = None) -> str:
        """Run kubectl by hand on the stack's cluster, with a text on its standard input. Raises RuntimeError with its message."""
        return self._run("kubectl", *arguments, text=text)

    def helm(self, *arguments: str) -> str:
        """Run helm by hand on the stack's cluster. Raises RuntimeError with its message."""
        return self._run("helm", *arguments)

    def _run(self, *command: str, text: str | None = None) -> str:
        environment = self.stack.environ()
        result = subprocess.run(command, env=environment, input=text, capture_output=True, text=True, check=False)
        if result.returncode:
            raise RuntimeError(f"`{' '.join(command)}`: {result.stderr}")
        return result.stdout

    def object(self, kind: str, name: str, namespace: str = "argocd") -> dict[str, Any]:
        """An object of the cluster; empty where there is none."""
        printed = self.kubectl("-n", namespace, "get", kind, name, "-o", "json", "--ignore-not-found")
        return json.loads(printed) if printed else {}

    def objects(self, kind: str, namespace: str = "argocd") -> list[dict[str, Any]]:
        """All objects of a kind in a namespace."""
        return list(json.loads(self.kubectl("-n", namespace, "get", kind, "-o", "json"))["items"])

    def until_pulled(self, namespace: str, pod: str) -> str:
        """`pulled` once the pod's image is, or what the registry said against it."""

        def told() -> str:
            events = self.events_of(namespace, pod)
            if any(each["reason"] == "Pulled" for each in events):
                return "pulled"
            return next((str(each["message"]) for each in events if each["reason"] == "Failed" and "pull" in each["message"]), "")

        return eventually(told, 90, f"the image of {namespace}/{pod} is pulled or refused")

    def events_of(self, namespace: str, pod: str) -> list[dict[str, Any]]:
        """The events of a pod."""
        return [each for each in self.objects("events", namespace) if each["involvedObject"]["name"] == pod]

    def tag_of_sample(self) -> str:
        """The tag of the sample's image, as it is released."""
        (deployment,) = [each for each in self.objects("deployments", "user-alice") if each["metadata"]["name"] == "alice-sample"]
        return str(deployment["spec"]["template"]["spec"]["containers"][0]["image"]).partition("@")[0].rpartition(":")[2]
