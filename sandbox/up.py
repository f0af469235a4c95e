"""`slipway sandbox up`: from nothing to a running platform with a released sample application."""

import time

import click
import docker

from sandbox import engine, links, outside, stack
from sandbox.charts import generate
from sandbox.images import build as images
from sandbox.images import registry
from sandbox.instance import Sandbox
from sandbox.outside import Outside
from sandbox.progress import duration
from sandbox.recovery import recover
from sandbox.sample import image as sample_image
from sandbox.sample import release
from sandbox.settings import settings
from sandbox.stack import Stack
from sandbox.tools import build as tools


def up(sandbox: Sandbox, name: str) -> None:
    """Bring the stack `name` in the sandbox to what this checkout describes, release the sample, and print probed links.

    Every step may be killed and run again. Raises SandboxError.
    """
    began = time.monotonic()
    world, current, tags, client = platform(sandbox, name)
    repository, tag = sample_image.ensure(client, world, tags["python"])
    release.publish(current, world, repository, tag)
    release.wait(current)
    click.echo(links.table(links.probe(current, world)))
    click.echo(links.access(current))
    click.echo(f"Up after {duration(time.monotonic() - began)}.")


def platform(sandbox: Sandbox, name: str) -> tuple[Outside, Stack, dict[str, str], docker.DockerClient]:
    """All of `up` but the sample: the outside world, and the platform by `pulumi up`. Returns what the release needs."""
    world, current, tags, client = ready(sandbox, name)
    recover(current, world, client)
    current.show("up")
    write_kubeconfig(current)
    return world, current, tags, client


def ready(sandbox: Sandbox, name: str) -> tuple[Outside, Stack, dict[str, str], docker.DockerClient]:
    """Everything up to the point where `pulumi up` can run: tools, engine, images, the outside world, the stack's configuration."""
    programs = tools.ensure()
    client = engine.connect()
    tags = images.ensure(client, programs)
    served = tags | {"registry": registry.ensure(client, tags)}
    places = stack.register(sandbox, name)
    world = outside.ensure(client, sandbox, served, places)
    current = stack.prepare(sandbox, name, programs, engine.address(client))
    charts = generate(programs["manifests"], sandbox.folder / "charts")
    address = world.addresses.node(places.index(name))
    stack.configure(current, settings(sandbox, name, world, tags["node"], str(address), charts), outside.gitlab_token(sandbox))
    return world, current, tags, client


def write_kubeconfig(current: Stack) -> None:
    """Keep the cluster's kubeconfig in a file for commands run by hand."""
    part = current.kubeconfig.with_suffix(".part")
    part.touch(mode=0o600)
    part.write_text(current.outputs()["kubeconfig"])
    part.replace(current.kubeconfig)
