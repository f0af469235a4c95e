"""The report of a teardown: every system that the stack had objects in, asked again."""

from collections.abc import Mapping
from typing import Any

import click
from pulumi import automation

from ops.left import Resources, Section, cluster, docker, gitlab, harbor

SHOWN = 20


def sections(stack: automation.Stack, before: Mapping[str, Any], *, stays: frozenset[str], cluster: bool) -> list[Section]:
    """What is left of a stack whose exported deployment was `before`. `cluster`: whether it is there to be asked."""
    resources: Resources = before.get("resources") or []
    looks = {"GitLab": gitlab.look, "Harbor": harbor.look, "Docker": docker.look}
    found = [_state(stack, before, stays), _in_cluster(resources, stays, cluster)]
    for system, look in looks.items():
        click.echo(f"Looking into {system} ...", err=True)
        found.append(look(resources, stays))
    return [each for each in found if each is not None]


def _state(stack: automation.Stack, before: Mapping[str, Any], stays: frozenset[str]) -> Section:
    resources = [each for each in before.get("resources") or [] if each["type"] != "pulumi:pulumi:Stack"]
    now = [each for each in (stack.export_stack().deployment or {}).get("resources") or [] if each["type"] != "pulumi:pulumi:Stack"]
    left = [f"{each['type']} {each['urn'].rpartition('::')[2]}" for each in now if each["urn"] not in stays]
    more = [f"and {len(left) - SHOWN} more"] if len(left) > SHOWN else []
    # Whoever made it did not live to see it: nobody knows whether it is there.
    unknown = [
        f"{each['resource']['type']} {each['resource']['urn'].rpartition('::')[2]}: an earlier run ended while {each['type']} it"
        for each in before.get("pending_operations") or []
    ]
    kept = [f"{each['type']} {each['urn'].rpartition('::')[2]}" for each in now if each["urn"] in stays]
    return Section(system="state", looked_for=len(resources), left=[*left[:SHOWN], *more, *unknown], kept=kept)


def _in_cluster(resources: Resources, stays: frozenset[str], is_there: bool) -> Section | None:
    if is_there and docker.has_node(resources) is not False:
        click.echo("Looking into the cluster ...", err=True)
        return cluster.look(resources, stays)
    return None  # it went with its node, which the Docker engine is asked about
