"""`slipway sandbox up`: from nothing to a running platform with a released sample application."""

import time
from dataclasses import dataclass

import click
import docker

from sandbox import containers, disk, engine, hosts, links, outside, stack
from sandbox.cache import write
from sandbox.charts import generate
from sandbox.errors import SandboxError
from sandbox.images import build as images
from sandbox.images import registry
from sandbox.instance import Addresses, Sandbox, check_name
from sandbox.outside import Outside
from sandbox.progress import duration
from sandbox.recovery import recover
from sandbox.sample import image as sample_image
from sandbox.sample import pipeline, release
from sandbox.settings import settings
from sandbox.stack import Stack
from sandbox.tools import build as tools


def build() -> None:
    """Build the tools and images that are missing: the long part of a first `up`, without the rest. Raises SandboxError."""
    disk.check()
    client = engine.connect().client  # first: who lacks one hears so before the tools are built
    programs = tools.ensure()
    registry.ensure(client, images.ensure(client, programs))


@dataclass(frozen=True)
class Ready:
    """What `pulumi up` and the sample's release run with. `images` holds the images' tags by name."""

    client: docker.DockerClient
    images: dict[str, str]
    world: Outside
    stack: Stack


def up(sandbox: Sandbox, name: str) -> None:
    """Bring the stack `name` in the sandbox to what this checkout describes, release the sample, and print probed links.

    Every step may be killed and run again. Raises SandboxError.
    """
    began = time.monotonic()
    check_name(name, "stack")
    ready = prepare(sandbox, name)
    recover(ready.stack, ready.world, ready.client)
    ready.stack.show("up")
    outputs = ready.stack.outputs()
    write(ready.stack.kubeconfig, outputs["kubeconfig"])
    write(ready.stack.argocd_token, outputs["argocdReleaseToken"])
    write(ready.stack.ca_bundle, outputs["caBundle"])
    if "jenkinsPassword" in outputs:
        write(ready.stack.jenkins_password, outputs["jenkinsPassword"])
    if hosts.writable():
        pipeline.ensure(ready.stack, ready.world)
    else:  # there is no Jenkins: see sandbox/settings.py
        sample = sample_image.ensure(ready.client, ready.stack, ready.world, ready.images)
        release.publish(ready.stack, ready.world, sample.repository, sample.tag, sample.digest)
    click.echo(links.table(links.probe(ready.stack, ready.world)))
    click.echo(links.access(ready.stack))
    click.echo(f"Up after {duration(time.monotonic() - began)}.")


def prepare(sandbox: Sandbox, name: str) -> Ready:
    """Everything up to the point where `pulumi up` can run: engine, tools, images, the outside world, the stack's configuration."""
    disk.check()
    docker_engine = engine.of(sandbox)  # first: who lacks one hears so before the tools are built
    client = docker_engine.client
    programs = tools.ensure()
    tags = images.ensure(client, programs)
    served = tags | {"registry": registry.ensure(client, tags)}
    places = stack.register(sandbox, name)
    world = outside.ensure(client, sandbox, served, places)
    current = stack.prepare(sandbox, name, programs, docker_engine.address)
    charts = generate(programs["manifests"], sandbox.folder / "charts")
    address = world.addresses.node(places.index(name))
    stack.configure(current, settings(sandbox, name, world, tags, str(address), charts), outside.gitlab_token(sandbox))
    return Ready(client, tags, world, current)


def running(sandbox: Sandbox, name: str) -> tuple[Stack, Outside]:
    """A stack that is up, for commands that use it. Raises SandboxError where it is not."""
    found = engine.of(sandbox) if sandbox.folder.exists() and engine.find() else None
    if found is None or name not in stack.places(sandbox):
        raise SandboxError(f"The stack {name!r} of the sandbox {sandbox.name!r} is not up. Next: `make up NAME={sandbox.name}`.")
    current = stack.prepare(sandbox, name, tools.ensure(), found.address)
    addresses = Addresses(containers.network(found.client, sandbox))
    return current, Outside(addresses, outside.gitlab_url(sandbox, addresses), 0)
