"""Harbor, installed by the platform: the registry of its images, behind the ingress with TLS."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes
import pulumi_random as random

from components.certificates import KeyPair, self_signed
from components.chart import ChartReference

NAME = "harbor"
ADMINISTRATOR = "admin"

# Names of Secrets, and their keys as the chart expects them. Each holds what the chart would make up anew in every upgrade.
ADMIN, SECRET_KEY, CORE, XSRF, JOBSERVICE, REGISTRY, REGISTRY_LOGIN, TLS, TOKEN = (
    "harbor-admin",
    "harbor-secret-key",
    "harbor-core-secret",
    "harbor-xsrf",
    "harbor-jobservice-secret",
    "harbor-registry-http",
    "harbor-registry-login",
    "harbor-tls",
    "harbor-token",
)
REGISTRY_USER = "harbor_registry_user"


@dataclass(frozen=True, kw_only=True)
class HarborArgs:
    """chart: where the chart comes from. host: Harbor's DNS name. ingress_class: class of its Ingress.
    certificate: of the host.
    sizes: volume (`registry`, `database`, `trivy`) to its size, as 20Gi. storage_class: None for the cluster's own."""

    chart: ChartReference
    host: str
    ingress_class: pulumi.Input[str]
    certificate: KeyPair
    sizes: Mapping[str, str]
    storage_class: str | None = None


class Harbor(pulumi.ComponentResource):
    """Outputs: `url`, known once Harbor runs; `username` and `password` (secret) of its administrator; `release`: what all of its content
    goes with."""

    url: pulumi.Output[str]
    username: str
    password: pulumi.Output[str]
    release: kubernetes.helm.v3.Release

    def __init__(self, name: str, args: HarborArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("slipway:components:Harbor", name, {}, opts)
        self._namespace = kubernetes.core.v1.Namespace(name, metadata={"name": NAME}, opts=pulumi.ResourceOptions(parent=self))
        admin = self._password("harbor-admin", 32)
        registry = self._password("harbor-registry", 32)
        database = self._password("harbor-database", 32)
        secrets = [
            self._secret(ADMIN, {"HARBOR_ADMIN_PASSWORD": admin.result}),
            self._secret(SECRET_KEY, {"secretKey": self._password("harbor-secret-key", 16).result}),
            self._secret(CORE, {"secret": self._password("harbor-core", 16).result}),
            self._secret(XSRF, {"CSRF_KEY": self._password("harbor-xsrf", 32).result}),
            self._secret(JOBSERVICE, {"JOBSERVICE_SECRET": self._password("harbor-jobservice", 16).result}),
            self._secret(REGISTRY, {"REGISTRY_HTTP_SECRET": self._password("harbor-registry-http", 16).result}),
            self._secret(
                REGISTRY_LOGIN,
                {
                    "REGISTRY_PASSWD": registry.result,
                    "REGISTRY_HTPASSWD": pulumi.Output.concat(REGISTRY_USER, ":", registry.bcrypt_hash),
                },
            ),
            self._secret(TLS, _pair(args.certificate), kind="kubernetes.io/tls"),
            # By this key Harbor signs, and the registry verifies, who may pull and push.
            self._secret(TOKEN, _pair(self_signed(self, "harbor-token", common_name="harbor-token-issuer")), kind="kubernetes.io/tls"),
        ]
        self.release = kubernetes.helm.v3.Release(
            name,
            name=NAME,
            namespace=self._namespace.metadata.name,
            values=values(
                host=args.host,
                ingress_class=args.ingress_class,
                sizes=args.sizes,
                storage_class=args.storage_class,
                database_password=database.result,
            ),
            **args.chart.release_args(),
            opts=pulumi.ResourceOptions(parent=self, depends_on=secrets),
        )
        self.url = self.release.name.apply(lambda _: f"https://{args.host}")
        self.username = ADMINISTRATOR
        self.password = admin.result
        self.register_outputs({})

    def _password(self, name: str, length: int) -> random.RandomPassword:
        return random.RandomPassword(
            name, length=length, special=False, min_lower=1, min_upper=1, min_numeric=1, opts=pulumi.ResourceOptions(parent=self)
        )

    def _secret(self, name: str, data: Mapping[str, pulumi.Input[str]], kind: str = "Opaque") -> kubernetes.core.v1.Secret:
        return kubernetes.core.v1.Secret(
            name,
            metadata={"name": name, "namespace": self._namespace.metadata.name},
            type=kind,
            string_data=data,
            opts=pulumi.ResourceOptions(parent=self),
        )


def _pair(pair: KeyPair) -> dict[str, pulumi.Input[str]]:
    return {"tls.crt": pair.certificate, "tls.key": pair.key}


def values(
    *,
    host: str,
    ingress_class: pulumi.Input[str],
    sizes: Mapping[str, str],
    storage_class: str | None,
    database_password: pulumi.Input[str],
) -> dict[str, Any]:
    """Values of the harbor chart. Secrets are named, not given, but for the internal database's password, which the chart takes in no
    other way (docs/decisions.md)."""
    return {
        "expose": {
            "type": "ingress",
            "tls": {"enabled": True, "certSource": "secret", "secret": {"secretName": TLS}},
            "ingress": {"hosts": {"core": host}, "className": ingress_class},
        },
        "externalURL": f"https://{host}",
        "existingSecretAdminPassword": ADMIN,
        "existingSecretSecretKey": SECRET_KEY,
        "core": {"existingSecret": CORE, "existingXsrfSecret": XSRF, "secretName": TOKEN},
        "jobservice": {"existingSecret": JOBSERVICE},
        "registry": {"existingSecret": REGISTRY, "credentials": {"username": REGISTRY_USER, "existingSecret": REGISTRY_LOGIN}},
        "database": {"internal": {"password": database_password}},
        "persistence": {
            # The volumes go with the namespace: an uninstalled platform leaves nothing behind.
            "resourcePolicy": "",
            "persistentVolumeClaim": {
                volume: {"size": size} | ({"storageClass": storage_class} if storage_class else {}) for volume, size in sizes.items()
            },
        },
        # One volume cannot be mounted by the old pod and the new one on two nodes.
        "updateStrategy": {"type": "Recreate"},
        "trivy": {"enabled": True},
    }
