"""The pods in which jobs run, as templates of Jenkins' Kubernetes plugin."""

from collections.abc import Mapping, Sequence
from typing import Any

from components.jcasc import BUILD, UPDATE, text

HOME = "/home/jenkins/agent"
AUTHORITIES, AUTHORITIES_FOLDER = "authorities", "/authorities"
"""Name of the ConfigMap with the authorities that builds trust beside the public ones, and where it is mounted."""
LAYERS, LARGEST = "layers", "20Gi"
"""Name of the volume of what an image build unpacks, and how large it may be: a build that fills more ends, and not the node."""
LONGEST_SECONDS = 2 * 3600
"""A pod that is older was forgotten."""


def templates(*, agent: str, environment: Mapping[str, str]) -> dict[str, str]:
    """The chart's `agent.podTemplates`: name to YAML text.

    `agent`: image. `environment`: what the release tools need to know, no secrets. Tenants' code runs in the container `build`, which holds
    no credential, not even one for the cluster; the release tools run in `jnlp`, with what a step hands to them.
    """
    tools = _tools(agent, environment)
    return {"build": _template(BUILD, [tools, _builder(agent, environment)], [LAYERS]), "update": _template(UPDATE, [tools])}


def _template(label: str, containers: list[dict[str, Any]], volumes: Sequence[str] = ()) -> str:
    template = {
        "name": label,
        "label": label,
        "nodeUsageMode": "EXCLUSIVE",
        "podRetention": "never",
        "idleMinutes": 0,
        "activeDeadlineSeconds": LONGEST_SECONDS,
        "showRawYaml": False,
        "yamlMergeStrategy": "override",
        "yaml": text(_pod(containers, volumes)),
    }
    return text([template])


def _pod(containers: list[dict[str, Any]], volumes: Sequence[str]) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "spec": {
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "terminationGracePeriodSeconds": 5,
            "containers": containers,
            "volumes": [
                {"name": AUTHORITIES, "configMap": {"name": AUTHORITIES}},
                *({"name": volume, "emptyDir": {"sizeLimit": LARGEST}} for volume in volumes),
            ],
        },
    }


def _tools(image: str, environment: Mapping[str, str]) -> dict[str, Any]:
    return {
        "name": "jnlp",
        "image": image,
        "env": [{"name": name, "value": value} for name, value in {**_trust(), **environment}.items()],
        "resources": {"requests": {"cpu": "50m", "memory": "128Mi"}, "limits": {"memory": "1Gi"}},
        "securityContext": {"runAsUser": 1000, "runAsGroup": 1000, "allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
        "volumeMounts": [_authorities()],
    }


def _builder(image: str, environment: Mapping[str, str]) -> dict[str, Any]:
    """Builds without a daemon and without privileges: as root of the container, with what capabilities every container has."""
    builds = {"STORAGE_DRIVER": "vfs", "BUILDAH_ISOLATION": "chroot"}
    return {
        "name": "build",
        "image": image,
        # As process 1 `sleep` alone takes no signal, and every build would end with the grace period.
        "command": ["sh", "-c"],
        "args": ["trap : TERM; sleep infinity & wait"],
        "env": [{"name": name, "value": value} for name, value in {**_trust(), **builds, **environment}.items()],
        "resources": {"requests": {"cpu": "100m", "memory": "256Mi"}, "limits": {"memory": "4Gi"}},
        "securityContext": {"runAsUser": 0, "privileged": False},
        "volumeMounts": [_authorities(), {"name": LAYERS, "mountPath": "/var/lib/containers"}],
    }


def _trust() -> dict[str, str]:
    """Programs in Go read every folder that is named, beside the system's own bundle: https://pkg.go.dev/crypto/x509#SystemCertPool"""
    return {"SSL_CERT_DIR": f"/etc/ssl/certs:{AUTHORITIES_FOLDER}"}


def _authorities() -> dict[str, Any]:
    return {"name": AUTHORITIES, "mountPath": AUTHORITIES_FOLDER, "readOnly": True}
