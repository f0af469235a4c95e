"""Real clients of a stack's Harbor: skopeo in a container on the sandbox's network, pods, and the configuration that tests change."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import yaml

from sandbox import harbor
from sandbox.images.build import ensure
from sandbox.skopeo import Answer, Skopeo
from sandbox.tools import build as tools
from tests.e2e.support import Platform

Login = dict[str, Any]
"""A credential in the form of Docker's configuration file."""


def skopeo(platform: Platform, login: Login, verb: str, *arguments: str) -> Answer:
    """Run skopeo with a credential and the platform's authority."""
    image = ensure(platform.docker, tools.ensure())["skopeo"]
    client = Skopeo(platform.docker, platform.stack, platform.world, image, str(platform.stack.outputs()["caBundle"]))
    return client.run(json.dumps(login), verb, *arguments)


def pull_login(platform: Platform, user: str) -> Login:
    """The credential by which a user's pods pull, as it lies in their namespace."""
    data = platform.object("secret", "registry", f"user-{user}")["data"][".dockerconfigjson"]
    return dict(json.loads(base64.b64decode(data)))


def push_login(platform: Platform, workspace: str) -> Login:
    """The credential that pushes a workspace's images."""
    found = platform.stack.outputs()["registryPush"][workspace]
    return dict(json.loads(found) if isinstance(found, str) else found)


def image(platform: Platform, below: str, stack: str | None = None) -> str:
    """An image of a stack's Harbor as skopeo writes it: `below` is workspace, user, project and tag."""
    return f"docker://{harbor.host(stack or platform.name)}/{below}"


def administrator(platform: Platform) -> harbor.Administrator:
    """The administrator of the platform's Harbor."""
    return harbor.administrator(platform.stack, platform.world)


def pulled(platform: Platform, namespace: str, name: str, reference: str) -> str:
    """Run a pod with an image that is asked for anew; returns `pulled`, or the kubelet's reason against it. The pod goes again."""
    security = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}, "runAsNonRoot": True, "runAsUser": 1000}
    container = {"name": "app", "image": reference, "imagePullPolicy": "Always", "securityContext": security}
    spec = {
        "containers": [container],
        "securityContext": {"seccompProfile": {"type": "RuntimeDefault"}},
        "terminationGracePeriodSeconds": 0,
    }
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": namespace}, "spec": spec}
    platform.kubectl("apply", "-f", "-", text=json.dumps(pod))
    try:
        # Both ends are events: the pull's success, and its failure with the registry's answer.
        return platform.until_pulled(namespace, name)
    finally:
        platform.kubectl("-n", namespace, "delete", "pod", name, "--wait=true", "--timeout=60s")


@contextmanager
def configured(platform: Platform, **changes: Any) -> Iterator[None]:
    """The stack's configuration with these keys set, or merged where they are objects; as before at the end. Nothing is run."""
    before = platform.stack.config.read_text()
    content: dict[str, Any] = yaml.safe_load(before)
    for key, value in changes.items():
        there = content["config"].get(f"slipway:{key}")
        content["config"][f"slipway:{key}"] = {**there, **value} if isinstance(there, dict) else value
    platform.stack.config.write_text(yaml.safe_dump(content, sort_keys=False))
    try:
        yield
    finally:
        platform.stack.config.write_text(before)
