"""Whether the platform's hosts resolve: GitLab calls them, and people open them."""

import socket
from collections.abc import Iterator

HOSTS = ("argocd", "applicationset")


def unresolved(domain: str) -> Iterator[str]:
    """A line for each host that this machine cannot resolve. GitLab may, and on a first run the address may not be known yet."""
    for host in (f"{name}.{domain}" for name in HOSTS):
        try:
            socket.getaddrinfo(host, 80)
        except OSError:
            yield (
                f"{host} does not resolve on this machine: it must lead to the ingress, for GitLab too, or pushes reach Argo CD only by "
                "its poll every three minutes; next: point it at the ingress in your DNS"
            )
