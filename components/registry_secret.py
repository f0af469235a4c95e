"""How a namespace's pods pull images: a Secret with a credential for the registry, which the default ServiceAccount brings along."""

import base64
import json
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

from components.robots import Credential

NAME = "registry"
"""The Secret's fixed name: the application chart's ServiceAccount refers to it."""


@dataclass(frozen=True, kw_only=True)
class RegistrySecretArgs:
    """namespace: where. registry: host of the registry. credential: who pulls."""

    namespace: pulumi.Input[str]
    registry: pulumi.Input[str]
    credential: Credential


class RegistrySecret(pulumi.ComponentResource):
    """Output: `name` of the Secret, known once the default ServiceAccount refers to it."""

    name: pulumi.Output[str]

    def __init__(self, name: str, args: RegistrySecretArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("slipway:components:RegistrySecret", name, {}, opts)
        secret = kubernetes.core.v1.Secret(
            f"{name}-{NAME}",
            metadata={"name": NAME, "namespace": args.namespace},
            type="kubernetes.io/dockerconfigjson",
            string_data={".dockerconfigjson": docker_config(args.registry, args.credential)},
            opts=pulumi.ResourceOptions(parent=self),
        )
        # Kubernetes makes this ServiceAccount with the namespace: one field is added to it.
        account = kubernetes.core.v1.ServiceAccountPatch(
            f"{name}-default",
            metadata={"name": "default", "namespace": args.namespace},
            image_pull_secrets=[{"name": secret.metadata.name}],
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.name = account.metadata.apply(lambda _: NAME)
        self.register_outputs({})


def docker_config(registry: pulumi.Input[str], credential: Credential) -> pulumi.Output[str]:
    """A credential in the form of Docker's configuration file (secret): https://docs.docker.com/reference/cli/docker/login/"""

    def text(known: list[str]) -> str:
        host, username, password = known
        auth = base64.b64encode(f"{username}:{password}".encode()).decode()
        return json.dumps({"auths": {host: {"username": username, "password": password, "auth": auth}}}, sort_keys=True)

    return pulumi.Output.secret(pulumi.Output.all(registry, credential.username, credential.password).apply(text))
