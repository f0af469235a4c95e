"""How long Git takes to become pods: a commit of a new version, and a push of a new application."""

import base64
import os
import secrets
import statistics
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import yaml

from naming import App, application_name
from sandbox.outside import gitlab_token
from sandbox.tenants import PROJECT, USER, WORKSPACE
from tests.e2e.support import Platform, eventually

ROUNDS = 5
LIMIT_SECONDS = 120.0


def measure(platform: Platform) -> dict[str, float]:
    """Medians, from the start of `git push`: until a pod of the new version runs, until it answers through the ingress, and until a
    new folder has its Application."""
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder, "gitops")
        access = login(gitlab_token(platform.sandbox))
        git(Path(folder), access, "clone", "--quiet", str(platform.gitops.http_url_to_repo), str(clone))
        times = [_release(platform, clone, access) for _ in range(ROUNDS)]
        applications = [_application(platform, clone, access, f"bench-{number}") for number in range(ROUNDS)]
    running, answering = (statistics.median(column) for column in zip(*times, strict=True))
    return {
        "push of a new version until its pod runs, s": running,
        "push of a new version until it answers, s": answering,
        "push of a new folder until its Application is there, s": statistics.median(applications),
    }


def _release(platform: Platform, clone: Path, access: Mapping[str, str]) -> tuple[float, float]:
    values = clone / App(workspace=WORKSPACE, user=USER, project=PROJECT).path / "values.yaml"
    version = f"3.0.0-{secrets.token_hex(4)}"
    values.write_text(yaml.safe_dump(yaml.safe_load(values.read_text()) | {"env": {"APP_VERSION": version}}))
    before = {pod["metadata"]["name"] for pod in platform.objects("pods", f"user-{USER}")}
    began = time.monotonic()
    _push(clone, access, version)

    def runs() -> bool:
        pods = [pod for pod in platform.objects("pods", f"user-{USER}") if pod["metadata"]["name"] not in before]
        return any(pod["status"]["phase"] == "Running" for pod in pods)

    eventually(runs, LIMIT_SECONDS, "a new pod runs")
    running = time.monotonic() - began
    eventually(lambda: platform.answer(PROJECT).get("version") == version, LIMIT_SECONDS, "the new version answers")
    return running, time.monotonic() - began


def _application(platform: Platform, clone: Path, access: Mapping[str, str], project: str) -> float:
    app = App(workspace=WORKSPACE, user=USER, project=project)
    folder = clone / app.path
    folder.mkdir(parents=True)
    (folder / "config.yaml").write_text(f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {project}\n")
    began = time.monotonic()
    _push(clone, access, project)
    eventually(lambda: bool(platform.object("application", application_name(app))), LIMIT_SECONDS, f"{project} is an Application")
    return time.monotonic() - began


def _push(clone: Path, access: Mapping[str, str], subject: str) -> None:
    git(clone, access, "add", "--all")
    author = ("-c", "user.name=bench", "-c", "user.email=bench@example.com")
    git(clone, access, *author, "commit", "--quiet", "--message", f"Bench: {subject}")
    git(clone, access, "push", "--quiet")


def login(token: str) -> dict[str, str]:
    """Git's configuration by environment: a token has no place in arguments."""
    header = f"Authorization: Basic {base64.b64encode(f'root:{token}'.encode()).decode()}"
    return {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "http.extraHeader", "GIT_CONFIG_VALUE_0": header}


def git(folder: Path, access: Mapping[str, str], *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, env=os.environ | access, check=True)
