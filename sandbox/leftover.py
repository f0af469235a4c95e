"""Objects whose creation nobody saw the end of: whether they exist, and under which id Pulumi takes them over."""

import json
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import click
import docker
from docker.errors import NotFound
from gitlab.exceptions import GitlabGetError

from ops.stack import plain
from sandbox.harbor import Administrator
from sandbox.outside import Outside
from sandbox.sample.release import gitlab_client
from sandbox.stack import Stack

Resource = dict[str, Any]
"""A resource as in Pulumi's state: urn, type and inputs."""


@dataclass(frozen=True)
class Leftover:
    """Looks for a stack's objects in the engine, GitLab and the cluster. `state` is the stack's exported state, with its secrets."""

    stack: Stack
    world: Outside
    client: docker.DockerClient
    state: dict[str, Any]

    def settle(self, resource: Resource) -> str | None:
        """The id to import, where the object exists. One that need not be kept is removed, to be made anew by `up`: None."""
        ways: dict[str, Callable[[Resource], str | None]] = {
            "docker:index/container:Container": self._container,
            "gitlab:index/group:Group": self._group,
            "gitlab:index/project:Project": self._project,
            "gitlab:index/branchProtection:BranchProtection": partial(self._in_project, "protectedbranches", "branch"),
            "gitlab:index/projectHook:ProjectHook": self._hook,
            "gitlab:index/tagProtection:TagProtection": partial(self._in_project, "protectedtags", "tag"),
            "gitlab:index/projectTag:ProjectTag": partial(self._in_project, "tags", "name"),
            "gitlab:index/projectDeployToken:ProjectDeployToken": partial(self._revoked, "deploytokens"),
            "gitlab:index/groupDeployToken:GroupDeployToken": partial(self._revoked, "deploytokens"),
            "gitlab:index/projectAccessToken:ProjectAccessToken": partial(self._revoked, "access_tokens"),
            "gitlab:index/groupAccessToken:GroupAccessToken": partial(self._revoked, "access_tokens"),
            "kubernetes:helm.sh/v3:Release": self._release,
            "harbor:index/project:Project": self._registry_project,
            "harbor:index/robotAccount:RobotAccount": partial(self._removed_from_harbor, "/robots"),
            "harbor:index/registry:Registry": partial(self._removed_from_harbor, "/registries"),
            "harbor:index/immutableTagRule:ImmutableTagRule": self._immutable_rules,
        }
        way = ways.get(resource["type"]) or (self._object if resource["type"].startswith("kubernetes:") else None)
        id = way(resource) if way else None
        if id:
            click.echo(f"  {resource['urn'].rpartition('::')[2]} was being created: it is there as {id}, and is taken over", err=True)
        return id

    def _container(self, resource: Resource) -> None:
        """A container holds nothing of its own, and a taken-over one could not be compared with what was asked for."""
        try:
            self.client.containers.get(resource["inputs"]["name"]).remove(force=True)
        except NotFound:
            return
        click.echo(f"  the container {resource['inputs']['name']} was being created: removed, its volumes stay", err=True)

    def _group(self, resource: Resource) -> str | None:
        return self._in_gitlab("groups", resource["inputs"]["parentId"], resource["inputs"]["path"])

    def _project(self, resource: Resource) -> str | None:
        return self._in_gitlab("projects", resource["inputs"]["namespaceId"], resource["inputs"]["path"])

    def _in_gitlab(self, kind: str, parent: int, path: str) -> str | None:
        gitlab = gitlab_client(self.stack, self.world)
        found = _if_there(lambda: getattr(gitlab, kind).get(f"{gitlab.groups.get(parent).full_path}/{path}"))
        return str(found.id) if found else None

    def _in_project(self, kind: str, key: str, resource: Resource) -> str | None:
        """What GitLab knows by a name within its project."""
        project, name = resource["inputs"]["project"], resource["inputs"][key]
        gitlab = gitlab_client(self.stack, self.world)
        found = _if_there(lambda: getattr(gitlab.projects.get(project, lazy=True), kind).get(name))
        return f"{project}:{name}" if found else None

    def _hook(self, resource: Resource) -> str | None:
        """Nothing but its URL tells a hook from others; those in the state are not the one."""
        for hook in self._unknown("hooks", resource):
            if hook.url == resource["inputs"]["url"]:
                return f"{resource['inputs']['project']}:{hook.id}"
        return None

    def _revoked(self, kind: str, resource: Resource) -> None:
        """What a token opens GitLab told nobody but the killed run: it goes, and another is made."""
        for token in self._unknown(kind, resource):
            if token.name == resource["inputs"]["name"]:
                token.delete()
                click.echo(f"  the token {token.name} was being created: revoked, another is made", err=True)

    def _unknown(self, kind: str, resource: Resource) -> list[Any]:
        """The objects of a project or group that are not in the state."""
        gitlab, inputs = gitlab_client(self.stack, self.world), resource["inputs"]
        owner = inputs.get("project") or inputs["group"]
        known = {each.get("id") for each in self.state["resources"] if each["type"] == resource["type"]}
        place = (gitlab.projects if "project" in inputs else gitlab.groups).get(owner, lazy=True)
        return [each for each in getattr(place, kind).list(get_all=True) if f"{owner}:{each.id}" not in known]

    def _harbor(self) -> Administrator:
        provider = next(each for each in self.state["resources"] if each["type"] == "pulumi:providers:harbor")
        authority = next(each for each in self.state["resources"] if "Authority$tls:index/selfSignedCert" in each["urn"])
        return Administrator(self.stack, self.world, plain(provider["inputs"]["password"]), plain(authority["outputs"]["certPem"]))

    def _registry_project(self, resource: Resource) -> str | None:
        found = self._harbor().call("GET", f"/projects/{resource['inputs']['name']}")
        return f"/projects/{found.json()['project_id']}" if found.is_success else None

    def _removed_from_harbor(self, collection: str, resource: Resource) -> None:
        """What holds nothing of its own is made anew."""
        harbor = self._harbor()
        for each in harbor.listed(collection):
            if each["name"].removeprefix("robot$") == resource["inputs"]["name"]:
                harbor.call("DELETE", f"{collection}/{each['id']}").raise_for_status()
                click.echo(f"  {each['name']} was being created in Harbor: removed, another is made", err=True)

    def _immutable_rules(self, resource: Resource) -> None:
        harbor, project = self._harbor(), resource["inputs"]["projectId"]
        for rule in harbor.listed(f"{project}/immutabletagrules"):
            harbor.call("DELETE", f"{project}/immutabletagrules/{rule['id']}").raise_for_status()

    def _object(self, resource: Resource) -> str | None:
        metadata = resource["inputs"]["metadata"]
        group, _, version = resource["inputs"]["apiVersion"].rpartition("/")
        kind = f"{resource['inputs']['kind']}.{version}.{group}" if group else resource["inputs"]["kind"]
        place = ["--namespace", metadata["namespace"]] if "namespace" in metadata else []
        printed = self._run(
            "kubectl", *place, "get", kind, metadata["name"], "--output=name", "--ignore-not-found", "--request-timeout=10s"
        )
        return "/".join([*place[1:], metadata["name"]]) if printed else None

    def _release(self, resource: Resource) -> str | None:
        """Only a deployed one: creating it again takes over one that was interrupted."""
        name, namespace = resource["inputs"]["name"], resource["inputs"]["namespace"]
        printed = self._run("helm", "status", name, "--namespace", namespace, "--output", "json")
        return f"{namespace}/{name}" if printed and json.loads(printed)["info"]["status"] == "deployed" else None

    def _run(self, *command: str) -> str:
        """What a command on the stack's cluster prints; nothing where it fails, as without a cluster."""
        provider = next(each for each in self.state["resources"] if each["type"] == "pulumi:providers:kubernetes")
        with tempfile.TemporaryDirectory() as folder:
            kubeconfig = Path(folder) / "kubeconfig"
            kubeconfig.touch(mode=0o600)
            kubeconfig.write_text(plain(provider["inputs"]["kubeconfig"]))
            environment = self.stack.environ() | {"KUBECONFIG": str(kubeconfig)}
            result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        return result.stdout.strip() if result.returncode == 0 else ""


def _if_there(get: Callable[[], Any]) -> Any:
    try:
        return get()
    except GitlabGetError as error:
        if error.response_code == 404:
            return None
        raise
