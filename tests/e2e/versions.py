"""Versions of applications that tests release: images in the sandbox's registry, and the command that releases them."""

import json
import secrets
import subprocess
from dataclasses import dataclass
from typing import Any

from naming import App, application_name, release_name
from sandbox.images.build import ensure
from sandbox.images.registry import push
from sandbox.sample import image as sample_image
from sandbox.sample import release
from sandbox.tenants import USER, WORKSPACE
from sandbox.tools import build as tools
from tests.e2e.support import Platform, files_below, text_of

NAMESPACE = f"user-{USER}"
REPOSITORY = "samples/flask"
"""In the sandbox's registry, which asks for no credential: these tests are about releases."""
BREAK = ["python3", "-c", "import sys; print('no database at db.example.com', flush=True); sys.exit(1)"]


@dataclass(frozen=True)
class Released:
    """An application of the test's own on a platform; the image is the sample's, which tells its tag."""

    platform: Platform
    app: App

    @property
    def image(self) -> str:
        """The image of every version, without its tag."""
        return f"{self.platform.world.registry}/{REPOSITORY}"

    @property
    def host(self) -> str:
        """Its name in the ingress, without the stack's domain."""
        return self.app.project

    def publish(self, tag: str, *further: str, wait: bool = True) -> dict[str, Any]:
        """Release a version; returns what the command says. Raises AssertionError where it fails."""
        told = ("--image", self.image, "--tag", tag, "--host", f"{self.host}.{self.platform.name}.test", "--port", "8000")
        return dict(self.must("publish", *told, *further, *(["--wait"] if wait else [])))

    def must(self, verb: str, *arguments: str) -> Any:
        """Run a verb on the application, which must succeed; returns the JSON that it prints."""
        done = self.run(verb, *arguments)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def run(self, verb: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run a verb of `slipway release` on the application."""
        return release.run(self.platform.stack, self.platform.world, verb, str(self.app), *arguments, "--output", "json")

    def values(self) -> str:
        """Its values.yaml as it is in Git."""
        return text_of(self.platform.gitops, f"{self.app.path}/values.yaml")

    def edit(self, text: str) -> None:
        """Commit another values.yaml, as a person would."""
        data = {"branch": "main", "content": text, "commit_message": f"Test: edit {self.app.project}"}
        self.platform.gitops.files.update(f"{self.app.path}/values.yaml", data)

    def version(self) -> str:
        """The version that answers through the ingress; empty while none does."""
        return str(self.platform.answer(self.host).get("version", ""))

    def deployments(self) -> list[str]:
        """The Deployments that it has in the cluster."""
        names = [each["metadata"]["name"] for each in self.platform.objects("deployments", NAMESPACE)]
        return [name for name in names if name == release_name(self.app) or name.startswith(f"{release_name(self.app)}-c")]

    def remove(self) -> None:
        """Take its folder out of Git, and wait until Argo CD has taken it away."""
        actions = [{"action": "delete", "file_path": path} for path in files_below(self.platform.gitops, self.app.path)]
        self.platform.gitops.commits.create({"branch": "main", "commit_message": f"Test: remove {self.app.project}", "actions": actions})
        self.platform.kubectl("-n", "argocd", "wait", f"application/{application_name(self.app)}", "--for=delete", "--timeout=240s")


def application(platform: Platform, name: str) -> Released:
    """An application that is not there yet."""
    return Released(platform, App(workspace=WORKSPACE, user=USER, project=f"{name}-{secrets.token_hex(2)}"))


def images(platform: Platform) -> dict[str, str]:
    """Tags in the sandbox's registry by what they are: two good versions and one that ends at once."""
    [registry] = platform.docker.containers.list(filters={"name": platform.sandbox.container("registry")})
    [published, *_] = registry.ports["5000/tcp"] or [{}]
    port = published["HostPort"]
    source = sample_image.built(platform.docker, ensure(platform.docker, tools.ensure()))
    target = f"127.0.0.1:{port}/{REPOSITORY}"
    tags = {"first": "v1.0.0", "second": "v1.1.0", "broken": "v1.2.0"}
    for tag in (tags["first"], tags["second"]):
        push(platform.docker, source, f"{target}:{tag}")
    container = platform.docker.containers.create(source, BREAK)
    try:
        broken = container.commit(changes=f"CMD {json.dumps(BREAK)}")
    finally:
        container.remove()
    push(platform.docker, str(broken.id), f"{target}:{tags['broken']}")  # which leaves the engine without it
    return tags
