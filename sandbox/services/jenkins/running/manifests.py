"""The pods of agents: a template, and what every agent has besides."""

import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sandbox.services.jenkins.model import Cloud, StepError
from sandbox.services.jenkins.running import templates
from sandbox.services.jenkins.running.ports import Manifest

BUILD_LABEL: Final = "slipway.test/build"
IMAGE: Final = "jenkins/inbound-agent:latest"
LETTERS: Final = "bcdfghjklmnpqrstvwxz0123456789"


@dataclass(frozen=True)
class Owner:
    """The build that a pod is for. `label`: under which it asked for an agent; may be empty."""

    job: str
    number: int
    url: str
    label: str


@dataclass(frozen=True)
class Maker:
    """Makes pods. `image` of the container `jnlp` where no template names one; `home`: where workspaces are in every container."""

    image: str
    home: str

    def pod(self, owner: Owner, template: Mapping[str, Any], cloud: Cloud, url: str) -> Manifest:
        """Return the pod of a template; `url` is the controller's. Raises StepError for a template that makes none."""
        pod = templates.merged(cloud.templates, template)
        spec, metadata = dict(pod.get("spec") or {}), pod.get("metadata") or {}
        containers = [each for each in spec.get("containers") or [] if each.get("name")]
        if not any(each["name"] == templates.AGENT for each in containers):
            containers.append({"name": templates.AGENT})
        name = pod_name(owner.job, owner.number)
        label = re.sub(r"[^A-Za-z0-9_.-]", "_", owner.label or name)[:63].strip("_.-")
        volumes = [each for each in spec.get("volumes") or [] if each["name"] != templates.WORKSPACE]
        marks = {"jenkins": "slave", "jenkins/label": label, BUILD_LABEL: digest(owner.job, owner.number)}
        return {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": name,
                "namespace": cloud.namespace,
                "labels": {**(metadata.get("labels") or {}), **marks},
                "annotations": {**(metadata.get("annotations") or {}), "buildUrl": owner.url},
            },
            "spec": {
                "restartPolicy": "Never",
                **spec,
                "containers": [self._container(each, name, url) for each in containers],
                "volumes": [*volumes, {"name": templates.WORKSPACE, "emptyDir": {}}],
            },
        }

    def _container(self, given: Manifest, name: str, url: str) -> Manifest:
        mounts = [each for each in given.get("volumeMounts") or [] if each.get("mountPath") != self.home]
        mount = {"name": templates.WORKSPACE, "mountPath": self.home, "readOnly": False}
        container = {"workingDir": self.home, **given, "volumeMounts": [*mounts, mount]}
        if given["name"] == templates.AGENT:
            own = {each["name"] for each in given.get("env") or []}
            usual = {
                **{"JENKINS_URL": f"{url}/", "JENKINS_SECRET": "", "JENKINS_WEB_SOCKET": "true"},
                **{"JENKINS_AGENT_NAME": name, "JENKINS_NAME": name, "JENKINS_AGENT_WORKDIR": self.home},
            }
            added = [{"name": key, "value": value} for key, value in usual.items() if key not in own]
            return {"image": self.image, **container, "env": [*(given.get("env") or []), *added]}
        if not given.get("image"):
            raise StepError(f"container {given['name']} of the pod has no image: name one in its YAML")
        return container


def digest(job: str, number: int) -> str:
    """Return the value of the label by which the pods of a build are found."""
    return hashlib.sha256(f"{job}#{number}".encode()).hexdigest()[:32]


def pod_name(job: str, number: int) -> str:
    """Return a new name for a pod of a build: at most 63 of the characters that host names have."""
    end = f"-{number}-" + "".join(secrets.choice(LETTERS) for _ in range(5))
    start = re.sub(r"[^a-z0-9]+", "-", job.lower()).strip("-")[: 63 - len(end)].rstrip("-")
    return f"{start or 'job'}{end}"
