"""What a stack has made in GitLab, Docker and its cluster, by names that are the same for every stack."""

import json

import pytest
from gitlab.exceptions import GitlabGetError

from sandbox import hosts, trust
from sandbox.harbor import administrator, host
from sandbox.outside import GITLAB_GROUP
from tests.e2e.support import Platform

KINDS = (
    "deployments,statefulsets,services,ingresses,configmaps,secrets,serviceaccounts,roles,rolebindings,"
    "applications,applicationsets,appprojects"
)
VOLUMES = ("containerd", "etcd", "kubelet")


def inventory(platform: Platform) -> dict[str, list[str]]:
    """The objects of the stack, sorted, each as often as it is there."""
    found = {
        "docker": _docker(platform, platform.name),
        "cluster": _cluster(platform),
        "gitlab": _gitlab(platform),
        "harbor": _harbor(platform),
    }
    return {place: sorted(each.replace(platform.name, "STACK") for each in several) for place, several in found.items()}


def _docker(platform: Platform, stack: str) -> list[str]:
    """The containers and volumes of a stack, by their whole names: that of one may begin another's."""
    own = f"{platform.sandbox.network}-{stack}"
    containers = [str(each.name) for each in platform.docker.containers.list(all=True)]
    volumes = [str(each.name) for each in platform.docker.volumes.list()]
    return [name for name in containers + volumes if name == own or name.removeprefix(f"{own}-") in VOLUMES]


def _cluster(platform: Platform) -> list[str]:
    releases = json.loads(platform.helm("list", "--all-namespaces", "--all", "--output", "json"))
    namespaces = platform.kubectl("get", "namespaces", "--output=name").split()
    listed = json.loads(platform.kubectl("get", KINDS, "--all-namespaces", "--output=json"))["items"]
    objects = [f"{each['metadata']['namespace']} {each['kind']} {each['metadata']['name']}" for each in listed]
    # Helm keeps a Secret for each revision; an interrupted installation may have needed two.
    return [
        *(f"release {each['name']} {each['status']}" for each in releases),
        *namespaces,
        *(each for each in objects if "sh.helm.release" not in each),
    ]


def _gitlab(platform: Platform) -> list[str]:
    gitlab = platform.gitlab
    group = gitlab.groups.get(f"{GITLAB_GROUP}/{platform.name}")
    found = [f"group {each.full_path}" for each in [group, *group.subgroups.list(iterator=True)]]
    for listed in group.projects.list(iterator=True):
        project = gitlab.projects.get(listed.id)
        found.append(f"project {project.path}")
        found += [f"{project.path} hook {each.url}" for each in project.hooks.list(iterator=True)]
        found += [f"{project.path} deploy token {each.name}" for each in project.deploytokens.list(iterator=True)]
        found += [f"{project.path} protected {each.name}" for each in project.protectedbranches.list(iterator=True)]
        found += [f"{project.path} file {each['path']}" for each in project.repository_tree(recursive=True, iterator=True)]
    return found


def _harbor(platform: Platform) -> list[str]:
    harbor = administrator(platform.stack, platform.world)
    projects = [each["name"] for each in harbor.listed("/projects")]
    rules = [
        f"{project} keeps {rule['tag_selectors']}"
        for project in projects
        for rule in harbor.listed(f"/projects/{project}/immutabletagrules")
    ]
    robots = [f"robot {each['name']} {each['permissions']}" for each in harbor.listed("/robots")]
    return [*projects, *rules, *robots, *(f"registry {each['name']}" for each in harbor.listed("/registries"))]


def assert_nothing_left(platform: Platform, stack: str) -> None:
    """No container, volume, GitLab group, state, configuration or host name of the stack is there; `platform` is another of the sandbox."""
    assert _docker(platform, stack) == []
    with pytest.raises(GitlabGetError, match="404"):
        platform.gitlab.groups.get(f"{GITLAB_GROUP}/{stack}")
    assert f".{stack}.test" not in hosts.FILE.read_text()
    assert stack not in platform.stack.known()
    assert not platform.stack.config.with_name(f"Pulumi.{stack}.yaml").exists()
    assert not platform.stack.kubeconfig.with_name(f"{stack}.kubeconfig").exists()
    assert not (trust.FOLDER / host(stack)).exists()
