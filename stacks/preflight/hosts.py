"""Whether the platform's hosts resolve: GitLab calls them, nodes pull from one, and people open them."""

import socket
from collections.abc import Iterator
from urllib.request import getproxies

from stacks.model import Settings

RECEIVER = "for GitLab too, or pushes reach Argo CD only by its poll every three minutes"
REGISTRY = "for the nodes too, or no image can be pulled and this run cannot set Harbor up"
BUILDER = "for GitLab too, or no push starts a build"
HOSTS = {"argocd": RECEIVER, "applicationset": RECEIVER, "harbor": REGISTRY, "jenkins": BUILDER}


def unresolved(settings: Settings) -> Iterator[str]:
    """A line for each host that this machine cannot resolve. Others may, and on a first run the address may not be known yet."""
    for name, why in HOSTS.items():
        host = f"{name}.{settings.domain}"
        if name == "harbor" and (settings.harbor.external is not None or "https" in getproxies()):  # a proxy resolves it
            continue
        if name == "jenkins" and (settings.jenkins.external is not None or not settings.jenkins.enabled):
            continue
        try:
            socket.getaddrinfo(host, 80)
        except OSError:
            yield f"{host} does not resolve on this machine: it must lead to the ingress, {why}; next: point it at the ingress in your DNS"
