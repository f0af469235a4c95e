"""`slipway sandbox down`: everything that `up` made goes, through Pulumi first; what is left is listed."""

import shutil
from collections.abc import Sequence

import click
import docker
from docker.errors import APIError

from sandbox import containers, engine, hosts, outside, stack, trust
from sandbox.engine import Engine
from sandbox.errors import SandboxError, plainly
from sandbox.instance import Sandbox
from sandbox.progress import step
from sandbox.recovery import recover
from sandbox.stack import Stack
from sandbox.tools import build as tools

CLUSTER_GOES = {"PULUMI_K8S_DELETE_UNREACHABLE": "true"}
"""For the kubernetes provider: where the cluster is gone already, its objects are."""


def down(sandbox: Sandbox, only: str | None = None) -> None:
    """Destroy every stack of the sandbox, stop what was started, and list what is left. Raises SandboxError if anything is.

    With `only`, destroy that stack and leave the rest. The engine, if it is our own, stops unless other sandboxes use it; tools and
    images stay in the cache.
    """
    # An engine that is not running may still hold a sandbox's containers and volumes.
    found = engine.of(sandbox) if sandbox.folder.exists() else engine.find()
    if only:
        _destroy_one(found, sandbox, only)
        return
    names = [name for name in stack.places(sandbox) if name]
    failures = [] if found is None else _destroy_all(found, sandbox, names)
    if found is not None and not failures:
        with step("removing the resolver, the registry and GitLab"):
            _remove(found.client, sandbox)
    if not failures:
        for name in names:  # also where no engine was there to destroy them in
            trust.remove(name)
    if not failures and sandbox.folder.exists():
        shutil.rmtree(sandbox.folder)
    if hosts.writable():
        hosts.remove(sandbox)
    left = failures + _left(found, sandbox)
    engine.stop_own()
    if left:
        raise SandboxError("Left behind:\n" + "".join(f"  {each}\n" for each in left) + "Next: mend that and run `make down` again.")
    if found is None:
        click.echo(f"The sandbox {sandbox.name} has no state here. No Docker engine answers, so none was asked for its containers.")
    else:
        click.echo(f"Nothing is left of the sandbox {sandbox.name}: no container, volume, network, GitLab project, state or host name.")


def _destroy_one(found: Engine | None, sandbox: Sandbox, name: str) -> None:
    if found is None or name not in stack.places(sandbox):
        click.echo(f"The sandbox {sandbox.name} has no stack {name}: nothing to do.")
        return
    if failures := _destroy_all(found, sandbox, [name]):
        raise SandboxError(failures[0])
    outside.name(found.client, sandbox, stack.places(sandbox))
    click.echo(f"The stack {name} is gone.")


def _destroy_all(found: Engine, sandbox: Sandbox, names: Sequence[str]) -> list[str]:
    """Destroy the stacks through Pulumi and forget them. Returns what could not be destroyed, a line each: that stays, to be run again."""
    failures = []
    programs = tools.ensure() if names else {}
    for name in names:
        current = stack.prepare(sandbox, name, programs, found.address)
        try:
            with plainly():
                _destroy(found, current)
        except SandboxError as error:
            failures.append(f"stack {name}: {' '.join(error.message.splitlines())}")
            continue
        current.config.unlink(missing_ok=True)
        current.kubeconfig.unlink(missing_ok=True)
        current.argocd_token.unlink(missing_ok=True)
        current.ca_bundle.unlink(missing_ok=True)
        current.jenkins_password.unlink(missing_ok=True)
        trust.remove(name)
        stack.forget(sandbox, name)
    return failures


def _destroy(found: Engine, current: Stack) -> None:
    if not current.exists():
        return
    world = outside.resume(found.client, current.sandbox, stack.places(current.sandbox))
    recover(current, world, found.client, CLUSTER_GOES)
    current.show("destroy", **CLUSTER_GOES)
    current.pulumi("stack", "rm", current.name, "--yes", "--preserve-config")


def _remove(client: docker.DockerClient, sandbox: Sandbox) -> None:
    found = containers.leftovers(client, sandbox)
    for container in found["container"]:
        container.remove(force=True, v=True)
    for kind in ("volume", "network"):
        for each in found[kind]:
            try:
                each.remove()
            except APIError as error:
                raise SandboxError(f"The {kind} {each.name} cannot be removed: {error.explanation}") from error


def _left(found: Engine | None, sandbox: Sandbox) -> list[str]:
    objects = containers.leftovers(found.client, sandbox) if found else {}
    left = [f"{kind} {each.name}" for kind, several in objects.items() for each in several]
    if hosts.present(sandbox):
        left.append(f"block of {sandbox.id} in {hosts.FILE}, which only root may change")
    if sandbox.folder.exists():
        left.append(f"state in {sandbox.folder}")
    return left
