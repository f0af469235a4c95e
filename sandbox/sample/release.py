"""Puts the sample application's chart into the GitOps repository and waits until Argo CD has rolled it out."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import gitlab
import yaml
from gitlab.exceptions import GitlabGetError
from gitlab.v4.objects import Project

from naming import App, application_name
from sandbox.errors import SandboxError
from sandbox.outside import GITLAB_GROUP, Outside, gitlab_token
from sandbox.progress import step
from sandbox.settings import PROJECT, USER, WORKSPACE
from sandbox.stack import Stack

CHART = Path(__file__).parent / "chart"
ROLLOUT_SECONDS = 180


def publish(stack: Stack, outside: Outside, repository: str, tag: str) -> bool:
    """Commit the chart with this image and the stack's host, in one commit; other values stay. Returns whether anything changed."""
    project = gitops_project(stack, outside)
    present = _content(project, f"{App(workspace=WORKSPACE, user=USER, project=PROJECT).path}/values.yaml")
    values = yaml.safe_load(present or (CHART / "values.yaml").read_text())
    values |= {"host": f"{PROJECT}.{stack.name}.test", "image": {"repository": repository, "tag": tag}}
    files = {str(path.relative_to(CHART)): path.read_text() for path in sorted(CHART.rglob("*")) if path.is_file()}
    files["values.yaml"] = yaml.safe_dump(values, sort_keys=False)
    return commit_application(project, PROJECT, files, f"Release {PROJECT} {tag}")


def gitlab_client(stack: Stack, outside: Outside) -> gitlab.Gitlab:
    """A client of the sandbox's GitLab, as its administrator."""
    return gitlab.Gitlab(outside.gitlab_url, private_token=gitlab_token(stack.sandbox), retry_transient_errors=True)


def gitops_project(stack: Stack, outside: Outside) -> Project:
    """The stack's GitOps project."""
    return gitlab_client(stack, outside).projects.get(f"{GITLAB_GROUP}/{stack.name}/gitops")


def commit_application(project: Project, name: str, files: dict[str, str], message: str) -> bool:
    """Write an application's folder in one commit, leaving unchanged files alone. Returns whether there was anything to commit."""
    folder = App(workspace=WORKSPACE, user=USER, project=name).path
    actions: list[dict[str, Any]] = []
    for path, content in files.items():
        present = _content(project, f"{folder}/{path}")
        if present != content:
            action = "create" if present is None else "update"
            actions.append({"action": action, "file_path": f"{folder}/{path}", "content": content})
    if actions:
        project.commits.create({"branch": "main", "commit_message": message, "actions": actions})
    return bool(actions)


def _content(project: Project, path: str) -> str | None:
    try:
        return project.files.get(path, ref="main").decode().decode()
    except GitlabGetError as error:
        if error.response_code == 404:
            return None
        raise


def wait(stack: Stack, project: str = PROJECT) -> None:
    """Wait until Argo CD reports the application Synced and Healthy. Raises SandboxError with what it reports instead."""
    name = application_name(App(workspace=WORKSPACE, user=USER, project=project))
    with step(f"waiting for Argo CD to roll out {name}"):
        resource = f"application.argoproj.io/{name}"
        for condition in ("create", "jsonpath={.status.sync.status}=Synced", "jsonpath={.status.health.status}=Healthy"):
            result = _kubectl(stack, "wait", resource, f"--for={condition}", f"--timeout={ROLLOUT_SECONDS}s")
            if result.returncode:
                raise SandboxError(_report(stack, resource, name))


def _report(stack: Stack, resource: str, name: str) -> str:
    printed = _kubectl(stack, "get", resource, "-o", "json").stdout
    status = json.loads(printed).get("status", {}) if printed else {}
    problems = [condition["message"] for condition in status.get("conditions", [])]
    problems += [
        f"{each['kind']} {each['name']}: {each['health'].get('message', each['health']['status'])}"
        for each in status.get("resources", [])
        if each.get("health", {}).get("status") not in (None, "Healthy")
    ]
    return (
        f"Argo CD did not bring {name} to Synced and Healthy within {ROLLOUT_SECONDS} s: "
        f"sync {status.get('sync', {}).get('status', 'not there')}, health {status.get('health', {}).get('status', 'not there')}.\n"
        + "".join(f"  {problem}\n" for problem in problems)
        + f'Next: `kubectl -n argocd describe application {name}` after `eval "$(slipway sandbox env)"`.'
    )


def _kubectl(stack: Stack, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | stack.variables()
    return subprocess.run(["kubectl", "-n", "argocd", *arguments], env=environment, capture_output=True, text=True, check=False)
