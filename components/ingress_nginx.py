"""ingress-nginx: how requests from outside reach a Service."""

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.chart import ChartReference

CLASS_NAME = "nginx"


@dataclass(frozen=True, kw_only=True)
class IngressNginxArgs:
    """chart: where the chart comes from. service_type: of the controller's Service.
    host_port: the controller answers on ports 80 and 443 of every node."""

    chart: ChartReference
    service_type: str
    host_port: bool


class IngressNginx(pulumi.ComponentResource):
    """Output: `class_name` of the IngressClass, known once the controller runs."""

    class_name: pulumi.Output[str]

    def __init__(self, name: str, args: IngressNginxArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("slipway:components:IngressNginx", name, {}, opts)
        namespace = kubernetes.core.v1.Namespace(name, metadata={"name": "ingress-nginx"}, opts=pulumi.ResourceOptions(parent=self))
        release = kubernetes.helm.v3.Release(
            name,
            name="ingress-nginx",
            namespace=namespace.metadata.name,
            values=values(service_type=args.service_type, host_port=args.host_port),
            **args.chart.release_args(),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.class_name = release.name.apply(lambda _: CLASS_NAME)
        self.register_outputs({})


def values(*, service_type: str, host_port: bool) -> dict[str, Any]:
    """Values of the ingress-nginx chart."""
    # An Ingress stays Progressing in Argo CD until status.loadBalancer is filled. Without a load balancer in front,
    # the node's own address is the one to report.
    behind_load_balancer = service_type == "LoadBalancer"
    return {
        "controller": {
            "kind": "DaemonSet" if host_port else "Deployment",
            "hostPort": {"enabled": host_port},
            "service": {"type": service_type},
            "publishService": {"enabled": behind_load_balancer},
            "extraArgs": {} if behind_load_balancer else {"report-node-internal-ip-address": "true"},
            "watchIngressWithoutClass": False,
            "ingressClassResource": {"name": CLASS_NAME, "default": True},
            # The webhook turns an unready controller into a cluster that refuses every Ingress; Argo CD reports a
            # broken Ingress anyway.
            "admissionWebhooks": {"enabled": False},
        }
    }
