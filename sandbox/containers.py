"""Networks and containers of a sandbox, made so that a second call changes nothing."""

import io
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Any

import docker
from docker.errors import APIError, NotFound
from docker.models.containers import Container
from docker.models.networks import Network
from docker.types import EndpointConfig, IPAMConfig, IPAMPool

from sandbox.cache import digest
from sandbox.errors import SandboxError
from sandbox.instance import LABEL, Sandbox

POOL = IPv4Network("10.89.0.0/16")
"""Where a sandbox's /24 is taken from."""
_SPEC = "slipway.dev/spec"


@dataclass(frozen=True)
class Service:
    """A container of the sandbox. `files` maps a path in it to its content, put there before the start; `volumes` maps a name to a path."""

    name: str
    image: str
    address: IPv4Address
    command: tuple[str, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)
    volumes: Mapping[str, str] = field(default_factory=dict)
    dns: tuple[str, ...] = ()
    published: int = 0
    """A port that is also reachable on a free port of the engine's loopback address."""


def network(client: docker.DockerClient, sandbox: Sandbox) -> IPv4Network:
    """The sandbox's network, created on a free subnet when missing. Returns its subnet."""
    existing = client.networks.list(names=[f"^{sandbox.network}$"])
    if existing:
        return _subnets(existing[0])[0]
    for subnet in POOL.subnets(new_prefix=24):
        if any(subnet.overlaps(taken) for taken in (*_networks(client), *_routes())):
            continue
        pool = IPAMPool(subnet=str(subnet), gateway=str(subnet[1]))
        options = {"com.docker.network.driver.mtu": str(_mtu())}
        labels = {LABEL: sandbox.id}
        try:
            client.networks.create(
                sandbox.network, "bridge", options=options, ipam=IPAMConfig(pool_configs=[pool]), labels=labels, check_duplicate=True
            )
        except APIError as error:
            if "overlaps" in str(error.explanation):  # another sandbox's `up` was quicker
                continue
            raise
        return subnet
    raise SandboxError(f"Every /24 of {POOL} is taken by another network. Next: remove unused ones with `docker network prune`.")


def run(client: docker.DockerClient, sandbox: Sandbox, service: Service) -> Container:
    """The service's container, running: as it is, started, or made anew where its description changed."""
    name = sandbox.container(service.name)
    spec = digest([repr(service)])
    container: Container | None
    try:
        container = client.containers.get(name)
    except NotFound:
        container = None
    # One that was only created may lack its files: the run that made it was killed.
    if container is not None and (container.labels.get(_SPEC) != spec or container.status == "created"):
        container.remove(force=True)
        container = None
    if container is None:
        container = _create(client, sandbox, service, spec)
    if container.status != "running":
        container.start()
    container.reload()
    return container


def _create(client: docker.DockerClient, sandbox: Sandbox, service: Service, spec: str) -> Container:
    endpoint = EndpointConfig(client.api.api_version, ipv4_address=str(service.address))
    # Apart, because the stubs do not know that no port means a free one. https://docker-py.readthedocs.io/en/stable/containers.html
    options: dict[str, Any] = {"restart_policy": {"Name": "unless-stopped"}}
    if service.published:
        options["ports"] = {f"{service.published}/tcp": ("127.0.0.1", None)}
    container = client.containers.create(
        service.image,
        list(service.command),
        name=sandbox.container(service.name),
        hostname=service.name,
        labels={LABEL: sandbox.id, _SPEC: spec},
        network=sandbox.network,
        networking_config={sandbox.network: endpoint},
        volumes=[f"{sandbox.container(volume)}:{path}" for volume, path in service.volumes.items()],
        dns=list(service.dns),
        **options,
    )
    try:
        put(container, service.files)
    except APIError:
        container.remove(force=True)
        raise
    return container


def put(container: Container, files: Mapping[str, bytes]) -> None:
    """Write files into a container, running or not."""
    if not files:
        return
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path, content in files.items():
            entry = tarfile.TarInfo(path.lstrip("/"))
            entry.size, entry.mode = len(content), 0o644
            archive.addfile(entry, io.BytesIO(content))
    container.put_archive("/", buffer.getvalue())


def running(client: docker.DockerClient, id: str) -> bool:
    """Whether a container of the sandbox with this id runs."""
    return bool(client.containers.list(filters={"label": f"{LABEL}={id}"}))


def leftovers(client: docker.DockerClient, sandbox: Sandbox) -> dict[str, list[Any]]:
    """The containers, volumes and networks of this sandbox, by kind: those with its label, and those named after its network."""
    prefix = f"^/?{sandbox.network}(-|$)"
    found: dict[str, list[Any]] = {
        "container": client.containers.list(all=True, filters={"name": prefix}),
        "volume": client.volumes.list(filters={"name": prefix}),
        "network": client.networks.list(filters={"name": prefix}),
    }
    labelled: dict[str, str | list[str] | bool] = {"label": f"{LABEL}={sandbox.id}"}
    found["container"] += [each for each in client.containers.list(all=True, filters=labelled) if each not in found["container"]]
    return found


def _networks(client: docker.DockerClient) -> list[IPv4Network]:
    return [subnet for each in client.networks.list() for subnet in _subnets(each)]


def _subnets(network: Network) -> list[IPv4Network]:
    configured = (network.attrs["IPAM"] or {}).get("Config") or []
    return [IPv4Network(each["Subnet"]) for each in configured if "." in each.get("Subnet", "")]


def _routes() -> list[IPv4Network]:
    """The networks that this machine routes to; the default route is none of them."""
    pairs = [(bytes.fromhex(row[1])[::-1], bytes.fromhex(row[7])[::-1]) for row in _routing_table()]
    return [IPv4Network((int.from_bytes(net), bin(int.from_bytes(mask)).count("1"))) for net, mask in pairs if any(mask)]


def _mtu() -> int:
    """The MTU of the way out: a larger one on the bridge makes big packets vanish."""
    outward = next((row[0] for row in _routing_table() if row[1] == "00000000"), None)
    return int(Path(f"/sys/class/net/{outward}/mtu").read_text()) if outward else 1500


def _routing_table() -> list[list[str]]:
    """The kernel's IPv4 routes, a list of columns each: https://man7.org/linux/man-pages/man5/proc_pid_net.5.html"""
    table = Path("/proc/net/route")
    return [line.split() for line in table.read_text().splitlines()[1:]] if table.is_file() else []
