"""The configuration that makes the product run in the sandbox: nothing but endpoints, sources and images."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sandbox import hosts, trust
from sandbox.images.catalog import REDIS
from sandbox.instance import Sandbox
from sandbox.outside import GITLAB_GROUP, Outside
from sandbox.tenants import TENANTS
from sandbox.tools.catalog import ARGOCD

MIRRORED = ("docker.io", "quay.io", "registry.k8s.io", "ghcr.io", "public.ecr.aws", "ecr-public.aws.com")


def _trust() -> dict[str, str]:
    """Where this user may give the Docker engine trust in Harbor."""
    return {"dockerCertificates": str(trust.FOLDER)} if os.geteuid() == 0 else {}


def settings(sandbox: Sandbox, stack: str, outside: Outside, images: Mapping[str, str], node_address: str, charts: Path) -> dict[str, Any]:
    """The stack's settings, without the secret GitLab token. `images` holds the images' tags in the engine by name."""
    registry = f"http://{outside.registry}"
    return {
        "domain": f"{stack}.test",
        "cluster": {
            "node": {
                "image": images["node"],
                "network": sandbox.network,
                "address": node_address,
                "dns": [str(outside.addresses.dns)],
                "registryMirrors": dict.fromkeys((*MIRRORED, outside.registry), registry),
            }
        },
        "charts": {"source": str(charts)},
        # Argo CD as it can be built here; the chart's own default is newer.
        "images": {
            "argocd": {"repository": "quay.io/argoproj/argocd", "tag": f"v{ARGOCD}"},
            "redis": {"repository": "docker.io/library/redis", "tag": REDIS},
        },
        "ingress": {"serviceType": "ClusterIP", "hostPort": True},
        "gitlab": {"url": outside.gitlab_url, "group": GITLAB_GROUP, "deletePermanently": True},
        "harbor": {
            "storage": {"registry": "4Gi", "database": "1Gi", "trivy": "1Gi"},
            "mirror": {"url": registry, "kind": "docker-registry"},
            "deleteImages": True,
        },
        "jenkins": {
            # The engine pushes Jenkins' images to Harbor, whose name and authority only root can give it.
            "enabled": hosts.writable(),
            "agents": 4,
            "storage": {"size": "1Gi"},
            # The engine has them under these tags; it could not pull the publishers' own.
            "images": {"controller": images["jenkins"], "agent": images["inbound-agent"], "helm": images["helm"], "network": "host"}
            | _trust(),
        },
        # `slipway sandbox down` is asked for by name, and what it removes is the sandbox's own.
        "protect": False,
        "tenants": [
            {
                "workspace": workspace,
                "user": user,
                "applications": [
                    {"project": project, "port": port, "hosts": [f"{project}.{stack}.test"]} for project, port in applications.items()
                ],
            }
            for workspace, user, applications in TENANTS
        ],
    }
