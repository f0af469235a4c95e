"""The outside world of a sandbox: its network with the resolver, the registry and GitLab, running and ready."""

import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import docker
import httpx
from docker.models.containers import Container

from sandbox import containers, hosts
from sandbox.cache import write
from sandbox.containers import Service
from sandbox.errors import SandboxError
from sandbox.instance import Addresses, Sandbox
from sandbox.progress import step
from sandbox.tenants import PROJECTS

GITLAB_GROUP = "platform"
READY_SECONDS = 60.0


@dataclass(frozen=True)
class Outside:
    """Where the outside world is."""

    addresses: Addresses
    gitlab_url: str
    registry_port: int
    """The registry's port on the engine's loopback address, where images are pushed; 0 where nobody asked for it."""

    @property
    def registry(self) -> str:
        """The registry's address, as nodes and pods use it."""
        return f"{self.addresses.registry}:5000"


def ensure(client: docker.DockerClient, sandbox: Sandbox, images: Mapping[str, str], stacks: Sequence[str]) -> Outside:
    """Start what is not running. `images` holds the images' tags, `stacks` the stacks by their places; each stack's zone leads to its node.

    Raises SandboxError when a service does not become ready.
    """
    with step("starting the resolver, the registry and GitLab"):
        addresses = Addresses(containers.network(client, sandbox))
        nodes = _nodes(addresses, stacks)
        name(client, sandbox, stacks)
        url = gitlab_url(sandbox, addresses)
        resolver = (str(addresses.dns),)
        corefile = _corefile(sandbox, addresses, nodes).encode()
        command = ("-conf", "/etc/coredns/Corefile")
        dns = Service("dns", images["coredns"], addresses.dns, command, {"/etc/coredns/Corefile": corefile})
        registry = Service("registry", images["registry"], addresses.registry, published=5000)
        gitlab = Service(
            "gitlab",
            images["gitlab"],
            addresses.gitlab,
            ("--data", "/data", "--url", url, "--root-token-file", "/run/root-token", "--group", GITLAB_GROUP),
            {"/run/root-token": gitlab_token(sandbox).encode()},
            {"gitlab": "/data"},
            resolver,
        )
        needed = [dns, registry, gitlab]
        if not hosts.writable():
            # Pulumi's provider for Harbor takes no address in place of a name.
            needed.append(Service("proxy", images["proxy"], addresses.proxy, dns=resolver))
            write(sandbox.proxy, f"http://{addresses.proxy}:8888")
        running = {service.name: containers.run(client, sandbox, service) for service in needed}
        [published, *_] = running["registry"].ports["5000/tcp"] or [{}]
        port = int(published["HostPort"])
        until_ready(f"{url}/-/readiness", running["gitlab"])
        until_ready(f"http://127.0.0.1:{port}/v2/", running["registry"])
        return Outside(addresses, url, port)


def gitlab_url(sandbox: Sandbox, addresses: Addresses) -> str:
    """GitLab's one URL. Where this user cannot name it in /etc/hosts, its address is its name, for containers and pods too."""
    return f"http://gitlab.{sandbox.zone}" if hosts.writable() else f"http://{addresses.gitlab}"


def resume(client: docker.DockerClient, sandbox: Sandbox, stacks: Sequence[str]) -> Outside:
    """Start the services that are there and stopped, as after a restart of the engine: `destroy` needs GitLab and the cluster."""
    addresses = Addresses(containers.network(client, sandbox))
    name(client, sandbox, stacks)
    for container in containers.leftovers(client, sandbox)["container"]:
        if container.status != "running":
            container.start()
        if container.name == sandbox.container("gitlab"):
            until_ready(f"{gitlab_url(sandbox, addresses)}/-/readiness", container)
    return Outside(addresses, gitlab_url(sandbox, addresses), 0)


def name(client: docker.DockerClient, sandbox: Sandbox, stacks: Sequence[str]) -> None:
    """Make the names of these stacks resolve on this machine, and no others of the sandbox, where this user may."""
    if hosts.writable():
        addresses = Addresses(containers.network(client, sandbox))
        nodes = _nodes(addresses, stacks).items()
        services = ("argocd", "applicationset", "harbor", "jenkins", *PROJECTS)
        names = {f"{service}.{stack}.test": address for stack, address in nodes for service in services}
        names[f"gitlab.{sandbox.zone}"] = str(addresses.gitlab)
        hosts.write(sandbox, names, alive=partial(containers.running, client))


def gitlab_token(sandbox: Sandbox) -> str:
    """The administrator's access token at the sandbox's GitLab, made at the first call."""
    file = sandbox.secret("gitlab-token")
    if not file.exists():
        write(file, f"glpat-{secrets.token_urlsafe(24)}")
    return file.read_text()


def _nodes(addresses: Addresses, stacks: Sequence[str]) -> dict[str, str]:
    return {stack: str(addresses.node(place)) for place, stack in enumerate(stacks) if stack}


def _corefile(sandbox: Sandbox, addresses: Addresses, nodes: Mapping[str, str]) -> str:
    """GitLab by its name, every other name in a stack's zone to that stack's node, and all else to the engine's resolver."""
    zones = {f"gitlab.{sandbox.zone}": str(addresses.gitlab)} | {f"{stack}.test": address for stack, address in nodes.items()}
    return "".join(map(_zone, zones, zones.values())) + ". {\n  forward . /etc/resolv.conf\n  cache 30\n}\n"


def _zone(zone: str, address: str) -> str:
    """A zone in which every name has this one address. The second template answers other types: the name is there, without IPv6."""
    answer = f'template IN A {{\n    answer "{{{{ .Name }}}} 60 IN A {address}"\n  }}'
    return f"{zone} {{\n  {answer}\n  template IN ANY {{\n    rcode NOERROR\n  }}\n}}\n"


def until_ready(url: str, container: Container, status: int = 200) -> None:
    """Wait until a container's service answers with this status. Raises SandboxError with its last lines."""
    deadline = time.monotonic() + READY_SECONDS
    problem, restarts = "", False
    before = container.attrs["RestartCount"]
    while time.monotonic() < deadline and not restarts:
        try:
            response = httpx.get(url, timeout=5, trust_env=False)
            if response.status_code == status:
                return
            problem = f"HTTP status {response.status_code}"
        except httpx.HTTPError as error:
            problem = str(error)
        time.sleep(0.1)
        container.reload()
        restarts = container.attrs["RestartCount"] > before
    raise SandboxError(
        f"{container.name} did not become ready at {url} ({problem}{', it ends and restarts' if restarts else ''}). Its last lines:\n"
        f"{container.logs(tail=8).decode(errors='replace')}Next: look at `docker logs {container.name}`."
    )
