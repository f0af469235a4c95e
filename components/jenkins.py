"""Jenkins, installed by the platform: its controller is configured as code, its builds run in pods."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes
import pulumi_random as random

from components import jcasc
from components.chart import ChartReference
from components.jcasc import agents

NAME = "jenkins"
AGENTS = "jenkins-agents"
ADMINISTRATOR = "admin"
ADMIN, CONFIGURATION = "jenkins-admin", "jenkins-platform"
"""Names of Secrets: the administrator's login under the keys that the chart expects, and the part of the configuration that is secret."""
CONFIGURATION_LABEL = f"{NAME}-jenkins-config"
"""By this label, with the value `true`, the chart's sidecar finds what it puts before the controller."""

# https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
POD_SECURITY = {f"pod-security.kubernetes.io/{mode}": "baseline" for mode in ("enforce", "warn")}


@dataclass(frozen=True, kw_only=True)
class JenkinsArgs:
    """chart: where the chart comes from. host: Jenkins' DNS name. ingress_class: class of its Ingress.
    controller: image of the controller as registry, repository and tag. agent: image of agents (see jcasc/agents.py).
    environment: what the release tools on agents know of the platform. limit: agents at once.
    gitlab_url, gitlab_token: by which builds are reported. authorities: PEM text of who is trusted beside the public ones.
    size, storage_class: of the controller's volume. namespaces: where it goes. pull_secret: name of the Secret in both by which images are
    pulled."""

    chart: ChartReference
    namespaces: "JenkinsNamespaces"
    pull_secret: pulumi.Input[str]
    host: str
    ingress_class: pulumi.Input[str]
    controller: "ImageName"
    agent: pulumi.Input[str]
    environment: Mapping[str, pulumi.Input[str]]
    limit: int
    gitlab_url: str
    gitlab_token: pulumi.Input[str]
    authorities: pulumi.Input[str]
    size: str
    storage_class: str | None = None


@dataclass(frozen=True, kw_only=True)
class ImageName:
    """An image by the three parts that the chart asks for; known once it is in the registry."""

    registry: pulumi.Input[str]
    repository: pulumi.Input[str]
    tag: pulumi.Input[str]


class JenkinsNamespaces(pulumi.ComponentResource):
    """Outputs: `controller` and `agents`, the two namespaces. They are there before the images, whose credentials lie in them."""

    controller: pulumi.Output[str]
    agents: pulumi.Output[str]

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("slipway:components:JenkinsNamespaces", name, {}, opts)
        own = pulumi.ResourceOptions(parent=self)
        self.controller = kubernetes.core.v1.Namespace(NAME, metadata={"name": NAME}, opts=own).metadata.name
        self.agents = kubernetes.core.v1.Namespace(AGENTS, metadata={"name": AGENTS, "labels": POD_SECURITY}, opts=own).metadata.name
        self.register_outputs({})


class Jenkins(pulumi.ComponentResource):
    """Outputs: `url`, known once Jenkins runs; `username` and `password` (secret) of its administrator."""

    url: pulumi.Output[str]
    username: str
    password: pulumi.Output[str]

    def __init__(self, name: str, args: JenkinsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("slipway:components:Jenkins", name, {}, opts)
        self._namespace = args.namespaces.controller
        password = random.RandomPassword("jenkins-admin", length=32, special=False, opts=pulumi.ResourceOptions(parent=self))
        before = [
            self._secret(ADMIN, {"jenkins-admin-user": ADMINISTRATOR, "jenkins-admin-password": password.result}),
            self._secret(
                CONFIGURATION,
                {
                    f"{CONFIGURATION}.yaml": pulumi.Output.secret(args.gitlab_token).apply(
                        lambda token: jcasc.text(jcasc.platform(gitlab_url=args.gitlab_url, gitlab_token=token))
                    )
                },
                {CONFIGURATION_LABEL: "true"},
            ),
            kubernetes.core.v1.ConfigMap(
                agents.AUTHORITIES,
                metadata={"name": agents.AUTHORITIES, "namespace": args.namespaces.agents},
                data={"ca.crt": args.authorities},
                opts=pulumi.ResourceOptions(parent=self),
            ),
        ]
        release = kubernetes.helm.v3.Release(
            name,
            name=NAME,
            namespace=args.namespaces.controller,
            values=values(
                host=args.host,
                ingress_class=args.ingress_class,
                controller=args.controller,
                pull_secret=args.pull_secret,
                pods=pulumi.Output.all(agent=args.agent, environment=args.environment).apply(
                    lambda known: agents.templates(agent=known["agent"], environment=known["environment"])
                ),
                limit=args.limit,
                size=args.size,
                storage_class=args.storage_class,
            ),
            **args.chart.release_args(),
            opts=pulumi.ResourceOptions(parent=self, depends_on=before),
        )
        self.url = release.name.apply(lambda _: f"http://{args.host}")
        self.username = ADMINISTRATOR
        self.password = password.result
        self.register_outputs({})

    def _secret(
        self, name: str, data: Mapping[str, pulumi.Input[str]], labels: Mapping[str, str] | None = None
    ) -> kubernetes.core.v1.Secret:
        return kubernetes.core.v1.Secret(
            name,
            metadata={"name": name, "namespace": self._namespace, "labels": labels or {}},
            string_data=data,
            opts=pulumi.ResourceOptions(parent=self),
        )


def values(
    *,
    host: str,
    ingress_class: pulumi.Input[str],
    controller: ImageName,
    pull_secret: pulumi.Input[str],
    pods: pulumi.Input[Mapping[str, str]],
    limit: int,
    size: str,
    storage_class: str | None,
) -> dict[str, Any]:
    """Values of the jenkins chart. `pods`: name to template of agents. Secrets are named, not given."""
    return {
        "controller": {
            "image": {
                "registry": controller.registry,
                "repository": controller.repository,
                "tag": controller.tag,
                "pullPolicy": "IfNotPresent",  # the tag tells the content
            },
            "imagePullSecretName": pull_secret,
            "admin": {"createSecret": True, "existingSecret": ADMIN},
            "jenkinsUrl": f"http://{host}",
            "numExecutors": 0,  # what runs on the controller can read all that it holds
            "executorMode": "EXCLUSIVE",
            "installPlugins": False,  # they are in the image: nothing is downloaded at start
            "ingress": {"enabled": True, "ingressClassName": ingress_class, "hostName": host},
            "JCasC": {
                "defaultConfig": True,
                "securityRealm": jcasc.SECURITY_REALM,
                "authorizationStrategy": jcasc.AUTHORIZATION,
            },
            # What is secret comes as Secrets, jobs with their credentials too: a new tenant touches neither this release nor the pod.
            "sidecars": {"configAutoReload": {"enabled": True, "env": [{"name": "RESOURCE", "value": "both"}]}},
        },
        "agent": {
            "namespace": AGENTS,
            "disableDefaultAgent": True,
            "containerCap": limit,
            "podTemplates": pods,
            "websocket": True,  # agents reach the controller by the port that it has anyway
        },
        "persistence": {"size": size} | ({"storageClass": storage_class} if storage_class else {}),
        "rbac": {"readSecrets": True},  # the sidecar's: of this namespace, which holds nothing else
    }
