"""The links that `up` prints, each probed first."""

import ssl
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from sandbox import harbor, hosts
from sandbox.errors import SandboxError
from sandbox.outside import GITLAB_GROUP, Outside, gitlab_token
from sandbox.progress import step
from sandbox.stack import Stack
from sandbox.tenants import PROJECT

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
    node = str(world.addresses.node(stack.place))
    # GitLab shows a sign-in page to strangers, whether a project exists or not.
    root = ("root", gitlab_token(stack.sandbox))
    wanted = [
        ("Sample application", f"http://{PROJECT}.{stack.name}.test/", node, None),
        ("Argo CD", f"http://argocd.{stack.name}.test/", node, None),
        ("Harbor (stand-in)", f"https://{harbor.host(stack.name)}/", node, None),
        *([("Jenkins (stand-in)", f"http://jenkins.{stack.name}.test/login", node, None)] if hosts.writable() else []),
        ("GitLab (stand-in)", f"{world.gitlab_url}/", str(world.addresses.gitlab), root),
        ("GitOps repository", f"{world.gitlab_url}/{GITLAB_GROUP}/{stack.name}/gitops", str(world.addresses.gitlab), root),
    ]
    with step("probing the links"):
        trusted = ssl.create_default_context(cafile=str(stack.ca_bundle))
        links = [Link(title, url, address, _status(url, address, auth, trusted)) for title, url, address, auth in wanted]
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
        named = [(urlsplit(link.url), link.address) for link in links if link.url.endswith(".test/")]
        resolved = sorted({f"--resolve {url.hostname}:{443 if url.scheme == 'https' else 80}:{address}" for url, address in named})
        lines.append("Only root may name these hosts on this machine. They are reached by: curl " + " ".join(resolved) + " URL")
    return "\n" + "\n".join(lines) + "\n"


def access(stack: Stack) -> str:
    """How to sign in, and how to go on by hand; no secret is shown."""
    jenkins = "  Jenkins: user admin, password by: pulumi stack output jenkinsPassword --show-secrets\n" if hosts.writable() else ""
    return (
        "  Argo CD: user admin, password by: pulumi stack output argocdAdminPassword --show-secrets\n"
        "  Harbor:  user admin, password by: pulumi stack output harborPassword --show-secrets\n"
        f"{jenkins}"
        f"  GitLab:  user root, password in {stack.sandbox.secret('gitlab-token')}\n"
        f'  By hand: eval "$({_slipway(stack)})", then pulumi, kubectl, helm and argocd\n'
    )


def _slipway(stack: Stack) -> str:
    name = "" if stack.sandbox.name == "dev" else f" --name {stack.sandbox.name}"
    chosen = "" if stack.name == stack.sandbox.name else f" --stack {stack.name}"
    return f".venv/bin/slipway sandbox env{name}{chosen}"


def _status(url: str, address: str, auth: tuple[str, str] | None, trusted: ssl.SSLContext) -> int:
    """The HTTP status at the URL, asking the address whatever its name resolves to; 0 where nothing answers."""
    host = urlsplit(url).hostname or ""
    deadline = time.monotonic() + PROBE_SECONDS
    status = 0
    while time.monotonic() < deadline:
        try:
            there = url.replace(host, address, 1)
            with httpx.Client(auth=auth, timeout=5, trust_env=False, verify=trusted) as client:
                status = client.get(there, headers={"Host": host}, extensions={"sni_hostname": host}).status_code
        except httpx.HTTPError:
            status = 0
        if status == 200:
            break
        time.sleep(0.2)
    return status
