"""The sample application's release, by the command that Jenkins will call."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import gitlab
import requests
import yaml
from gitlab.v4.objects import Project

from naming import App
from sandbox import hosts
from sandbox.cache import ROOT
from sandbox.containers import POOL
from sandbox.errors import SandboxError
from sandbox.outside import GITLAB_GROUP, Outside, gitlab_token
from sandbox.progress import step
from sandbox.stack import Stack
from sandbox.tenants import PROJECT, USER, WORKSPACE

SAMPLE = App(workspace=WORKSPACE, user=USER, project=PROJECT)
PORT = 8000
ROLLOUT_SECONDS = 180


def publish(stack: Stack, world: Outside, repository: str, tag: str, digest: str) -> None:
    """Release this image of the sample and wait until it runs. Raises SandboxError with what `slipway release` says."""
    image = ("--image", repository, "--tag", tag, "--digest", digest)
    told = (*image, "--host", f"{PROJECT}.{stack.name}.test", "--port", str(PORT), "--framework", "flask")
    with step(f"releasing {SAMPLE} {tag} and waiting for Argo CD to roll it out"):
        result = run(stack, world, "publish", str(SAMPLE), *told, "--wait", "--timeout", str(ROLLOUT_SECONDS))
    if result.returncode:
        raise SandboxError(result.stderr.strip() or f"`slipway release publish` ended with {result.returncode}.")


def run(stack: Stack, world: Outside, verb: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run `slipway release` on the stack."""
    environment = stack.environ() | variables(stack)
    if not hosts.writable():
        # The names do not resolve here, and the ingress takes requests for any of them.
        node = f"http://{world.addresses.node(stack.place)}"
        environment |= {"HTTP_PROXY": node, "http_proxy": node, "NO_PROXY": str(POOL), "no_proxy": str(POOL)}
    command = [str(Path(sys.executable).parent / "slipway"), "release", verb, *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)


def variables(stack: Stack) -> dict[str, str]:
    """What `slipway release` needs to know of the stack; secrets by the files that hold them."""
    settings: dict[str, Any] = yaml.safe_load(stack.config.read_text())["config"]
    jenkins = {
        "SLIPWAY_JENKINS_URL": f"http://jenkins.{settings['slipway:domain']}",
        "SLIPWAY_JENKINS_USER": "admin",
        "SLIPWAY_JENKINS_TOKEN_FILE": str(stack.jenkins_password),
    }
    return (jenkins if stack.jenkins_password.is_file() else {}) | {
        "SLIPWAY_GITLAB_URL": settings["slipway:gitlab"]["url"],
        "SLIPWAY_GITOPS_PROJECT": f"{GITLAB_GROUP}/{stack.name}/gitops",
        "SLIPWAY_GITLAB_TOKEN_FILE": str(stack.sandbox.secret("gitlab-token")),
        "SLIPWAY_ARGOCD_URL": f"http://argocd.{settings['slipway:domain']}",
        "SLIPWAY_ARGOCD_TOKEN_FILE": str(stack.argocd_token),
    }


def gitlab_client(stack: Stack, world: Outside) -> gitlab.Gitlab:
    """A client of the sandbox's GitLab, as its administrator."""
    session = requests.Session()
    session.trust_env = False  # a proxy does not know the sandbox's addresses
    return gitlab.Gitlab(world.gitlab_url, private_token=gitlab_token(stack.sandbox), retry_transient_errors=True, session=session)


def gitops_project(stack: Stack, world: Outside) -> Project:
    """The stack's GitOps project."""
    return gitlab_client(stack, world).projects.get(f"{GITLAB_GROUP}/{stack.name}/gitops")
