"""A GitOps repository on the stand-in for GitLab alone, without a platform: what releases do to Git."""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gitlab
from gitlab.v4.objects import Project

from gitops import tenants
from sandbox.cache import ROOT
from tests.e2e.support import files_below, text_of
from tests.unit.sandbox.providers.gitlab_server import ROOT_TOKEN

FACTS = ("--image", "registry.example.com/acme/shop", "--host", "shop.example.com", "--port", "8080")


@dataclass(frozen=True)
class Repository:
    """The repository, and the command that releases into it."""

    project: Project
    environment: Mapping[str, str]

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """Start `slipway release` and let it run."""
        command = [str(Path(sys.executable).parent / "slipway"), "release", *arguments]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True)

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run `slipway release`."""
        with self.start(*arguments) as run:
            out, err = run.communicate()
        return subprocess.CompletedProcess(arguments, run.returncode, out, err)

    def publish(self, app: str, tag: str, *further: str) -> dict[str, Any]:
        """Release a version; returns what is printed. Raises AssertionError where it fails."""
        return dict(self.must("publish", app, *FACTS, "--tag", tag, *further))

    def must(self, verb: str, *arguments: str) -> Any:
        """Run a verb that must succeed; returns the JSON that it prints."""
        done = self.run(verb, *arguments, "--output", "json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def refused(self, *arguments: str) -> str:
        """Run what must be refused, and see that nothing was written; returns the message."""
        before = self.head()
        done = self.run(*arguments)
        assert done.returncode == 3, (done.returncode, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr
        assert self.head() == before
        return done.stderr

    def head(self) -> str:
        """The branch's commit."""
        return str(self.project.branches.get("main").commit["id"])

    def read(self, path: str) -> str:
        """A file's text."""
        return text_of(self.project, path)

    def files(self, folder: str) -> set[str]:
        """What lies below a folder; empty where there is none."""
        return {path.removeprefix(f"{folder}/") for path in files_below(self.project, folder)}

    def write(self, files: Mapping[str, str]) -> None:
        """Commit files by hand."""
        actions = [
            {"action": "update" if self._has(path) else "create", "file_path": path, "content": text} for path, text in files.items()
        ]
        self.project.commits.create({"branch": "main", "commit_message": "By hand", "actions": actions})

    def _has(self, path: str) -> bool:
        try:
            self.project.files.head(path, ref="main")
        except gitlab.exceptions.GitlabError:
            return False
        return True


def repository(url: str, folder: Path, helm: Path, users: Mapping[str, str]) -> Repository:
    """A new repository in the stand-in at the URL, with these tenants (user to workspace). The folder is for the token."""
    client = gitlab.Gitlab(url, private_token=ROOT_TOKEN)
    name = f"gitops-{secrets.token_hex(4)}"
    made = client.projects.create({"name": name, "namespace_id": client.groups.get("platform").id, "initialize_with_readme": True})
    token = folder / "token"
    token.write_text(f"{ROOT_TOKEN}\n")
    environment = os.environ | {
        "PATH": f"{helm.parent}{os.pathsep}{os.environ['PATH']}",
        "SLIPWAY_GITLAB_URL": url,
        "SLIPWAY_GITOPS_PROJECT": f"platform/{name}",
        "SLIPWAY_GITLAB_TOKEN_FILE": str(token),
    }
    found = Repository(client.projects.get(made.id), environment)
    found.write({tenants.path(user): tenants.render(workspace=workspace, user=user) for user, workspace in users.items()})
    return found
