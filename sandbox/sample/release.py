"""Puts the sample application's chart into the GitOps repository and waits until Argo CD has rolled it out."""

import json
import subprocess
from pathlib import Path
from typing import Any

import gitlab
import requests
import yaml
from gitlab.exceptions import GitlabCreateError, GitlabGetError
from gitlab.v4.objects import Project

from naming import App, application_name, namespace
from sandbox.errors import SandboxError
from sandbox.outside import GITLAB_GROUP, Outside, gitlab_token
from sandbox.progress import step
from sandbox.settings import PROJECT, USER, WORKSPACE
from sandbox.stack import Stack

CHART = Path(__file__).parent / "chart"
ROLLOUT_SECONDS = 180
BRANCH = "main"


def publish(stack: Stack, outside: Outside, repository: str, tag: str) -> str | None:
    """Commit the chart with this image and the stack's host; other values stay. Returns the commit, if one was needed."""
    project = gitops_project(stack, outside)
    present = _content(project, f"{App(workspace=WORKSPACE, user=USER, project=PROJECT).path}/values.yaml")
    values = yaml.safe_load(present or (CHART / "values.yaml").read_text())
    values |= {"host": f"{PROJECT}.{stack.name}.test", "image": {"repository": repository, "tag": tag}}
    files = {str(path.relative_to(CHART)): path.read_text() for path in sorted(CHART.rglob("*")) if path.is_file()}
    files["values.yaml"] = yaml.safe_dump(values, sort_keys=False)
    return commit_application(project, PROJECT, files, f"Release {PROJECT} {tag}")


def gitlab_client(stack: Stack, outside: Outside) -> gitlab.Gitlab:
    """A client of the sandbox's GitLab, as its administrator."""
    session = requests.Session()
    session.trust_env = False  # a proxy does not know the sandbox's addresses
    return gitlab.Gitlab(outside.gitlab_url, private_token=gitlab_token(stack.sandbox), retry_transient_errors=True, session=session)


def gitops_project(stack: Stack, outside: Outside) -> Project:
    """The stack's GitOps project."""
    return gitlab_client(stack, outside).projects.get(f"{GITLAB_GROUP}/{stack.name}/gitops")


def commit_application(project: Project, name: str, files: dict[str, str], message: str) -> str | None:
    """Write an application's folder in one commit, leaving unchanged files alone. Returns the commit, if one was needed."""
    actions = _changes(project, name, files)
    if not actions:
        return None
    try:
        return str(project.commits.create({"branch": BRANCH, "commit_message": message, "actions": actions}).id)
    except GitlabCreateError:
        if _changes(project, name, files):
            raise
        # The commit was made and its answer lost, so that the client made it again.
        return str(project.branches.get(BRANCH).commit["id"])


def _changes(project: Project, name: str, files: dict[str, str]) -> list[dict[str, Any]]:
    """What a commit has to do for an application's folder to hold these files."""
    folder = App(workspace=WORKSPACE, user=USER, project=name).path
    actions: list[dict[str, Any]] = []
    for path, content in files.items():
        present = _content(project, f"{folder}/{path}")
        if present != content:
            action = "create" if present is None else "update"
            actions.append({"action": action, "file_path": f"{folder}/{path}", "content": content})
    return actions


def _content(project: Project, path: str) -> str | None:
    try:
        return project.files.get(path, ref=BRANCH).decode().decode()
    except GitlabGetError as error:
        if error.response_code == 404:
            return None
        raise


def wait(stack: Stack, commit: str | None) -> None:
    """Wait until Argo CD reports the sample Synced and Healthy, at the commit if one is given: until then the state is the old one's.

    Raises SandboxError with what Argo CD reports instead.
    """
    name = application_name(App(workspace=WORKSPACE, user=USER, project=PROJECT))
    revision = [f"jsonpath={{.status.sync.revision}}={commit}"] if commit else []
    with step(f"waiting for Argo CD to roll out {name}"):
        resource = f"application.argoproj.io/{name}"
        for condition in ("create", *revision, "jsonpath={.status.sync.status}=Synced", "jsonpath={.status.health.status}=Healthy"):
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
        + _last_words(stack)
        + f'Next: `kubectl -n argocd describe application {name}` after `eval "$(slipway sandbox env)"`.'
    )


def _last_words(stack: Stack) -> str:
    """The last warnings in the sample's namespace, and what its newest pods printed last."""
    place = ("-n", namespace(USER))
    order = "--sort-by=.metadata.creationTimestamp"
    columns = "custom-columns=:.involvedObject.kind,:.involvedObject.name,:.reason,:.message"
    events = _kubectl(stack, *place, "get", "events", "--field-selector=type=Warning", order, "--no-headers", "-o", columns).stdout
    pods = _kubectl(stack, *place, "get", "pods", order, "-o", "name").stdout.split()
    logs = _kubectl(stack, *place, "logs", pods[-1], "--all-containers", "--tail=10").stdout if pods else ""
    parts = {"Last events": events.splitlines()[-3:], f"Last lines of {pods[-1] if pods else 'no pod'}": logs.splitlines()[-10:]}
    return "".join(f"  {title}:\n" + "".join(f"    {line}\n" for line in lines) for title, lines in parts.items() if lines)


def _kubectl(stack: Stack, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = stack.environ()
    return subprocess.run(["kubectl", "-n", "argocd", *arguments], env=environment, capture_output=True, text=True, check=False)
