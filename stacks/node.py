"""A cluster made from the settings of a node: certificates, what its image expects, then the container."""

import re

import pulumi

from components.cluster import STACK_LABEL, Cluster, ClusterArgs
from components.cluster_pki import ClusterPki, ClusterPkiArgs
from naming import LABEL
from stacks.model.cluster import Node
from stacks.node_layout import LAYOUTS, SECONDS_TO_READY, SERVICE_ADDRESS
from stacks.problems import Problems


def node_name(node: Node, stack: str) -> str:
    """The name of the node and its container: network and stack are in it, so that stacks coexist."""
    return f"{node.network}-{stack}"


def node_cluster(node: Node, stack: str, authorities: pulumi.Input[str]) -> Cluster:
    """Declare the cluster, whose node trusts the `authorities` (PEM text).

    Its Docker objects carry network and stack in their names, so that stacks coexist.
    """
    name = node_name(node, stack)
    if not re.fullmatch(LABEL, name):
        problem = (
            f"network {node.network!r} and stack {stack!r} make the node's name {name!r}; expected a DNS label (a-z, 0-9, -) of at most 63"
        )
        raise Problems("The node cannot be named:", [f"{problem}; next: name the stack or the Docker network otherwise"])
    address = str(node.address)
    pki = ClusterPki("pki", ClusterPkiArgs(node_name=name, node_address=address, service_address=SERVICE_ADDRESS))
    layout = LAYOUTS[node.kind](
        pki,
        node,
        name=name,
        authorities=authorities,
    )
    return Cluster(
        "cluster",
        ClusterArgs(
            name=name,
            image=node.image,
            network=node.network,
            address=address,
            dns=[str(server) for server in node.dns],
            privileged=node.privileged,
            files=layout.files,
            environment=layout.environment,
            volumes=layout.volumes,
            command=layout.command,
            health_check=layout.health_check,
            seconds_to_ready=SECONDS_TO_READY,
            labels={STACK_LABEL: stack},
            ca_certificate=pki.ca.certificate,
            admin_certificate=pki.certificates["admin"].certificate,
            admin_key=pki.certificates["admin"].key,
        ),
    )
