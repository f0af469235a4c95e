"""The links that `up` prints, each probed first."""

import time
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from sandbox import hosts
from sandbox.errors import SandboxError
from sandbox.outside import GITLAB_GROUP, Outside
from sandbox.progress import step
from sandbox.settings import PROJECT
from sandbox.stack import Stack, places

PROBE_SECONDS = 60.0


@dataclass(frozen=True)
class Link:
    """A link for the user. `address` is where its host is; `status` the HTTP status of the last probe."""

    title: str
    url: str
    address: str
    status: int


def probe(stack: Stack, world: Outside) -> list[Link]:
    """Probe every link of the stack until it answers 200. Raises SandboxError with those that do not."""
    node = str(world.addresses.node(places(stack.sandbox).index(stack.name)))
    wanted = [
        ("Sample application", f"http://{PROJECT}.{stack.name}.test/", node),
        ("Argo CD", f"http://argocd.{stack.name}.test/", node),
        ("GitLab (stand-in)", f"{world.gitlab_url}/", str(world.addresses.gitlab)),
        ("GitOps repository", f"{world.gitlab_url}/{GITLAB_GROUP}/{stack.name}/gitops", str(world.addresses.gitlab)),
    ]
    with step("probing the links"):
        links = [Link(title, url, address, _status(url, address)) for title, url, address in wanted]
    if bad := [link for link in links if link.status != 200]:
        raise SandboxError(
            "\n".join(f"{link.url} answers {link.status or 'nothing'} after {PROBE_SECONDS:.0f} s, expected 200" for link in bad)
            + '\nNext: `kubectl get ingress,pods -A` after `eval "$(slipway sandbox env)"`.'
        )
    return links


def table(links: list[Link]) -> str:
    """The links for a terminal; where names do not resolve on this machine, with the command that reaches them."""
    width = max(len(link.title) for link in links)
    lines = [f"  {link.title:<{width}}  {link.status}  {link.url}" for link in links]
    if not hosts.writable():
        resolved = sorted({f"--resolve {urlsplit(link.url).hostname}:80:{link.address}" for link in links if link.url.endswith(".test/")})
        lines.append("Only root may name these hosts on this machine. They are reached by: curl " + " ".join(resolved) + " URL")
    return "\n" + "\n".join(lines) + "\n"


def _status(url: str, address: str) -> int:
    """The HTTP status at the URL, asking the address whatever its name resolves to; 0 where nothing answers."""
    host = urlsplit(url).hostname or ""
    deadline = time.monotonic() + PROBE_SECONDS
    status = 0
    while time.monotonic() < deadline:
        try:
            status = httpx.get(url.replace(host, address, 1), headers={"Host": host}, timeout=5, trust_env=False).status_code
        except httpx.HTTPError:
            status = 0
        if status == 200:
            break
        time.sleep(0.2)
    return status
