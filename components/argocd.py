"""Argo CD: it reads the GitOps repository and makes the cluster match."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import jwt
import pulumi
import pulumi_kubernetes as kubernetes
import pulumi_random as random

from components.chart import ChartReference
from gitops import argocd_account

# Part of the names of Argo CD's objects, and the namespace. Names such as argocd-secret are fixed by Argo CD itself.
NAME = "argocd"
WEBHOOK_PATH = "/api/webhook"

# Sessions that began before this moment are refused. A constant, because a clock would be a change on every run.
SESSIONS_VALID_FROM = "2026-01-01T00:00:00Z"


@dataclass(frozen=True, kw_only=True)
class ArgoCdArgs:
    """chart: where the chart comes from. domain: parent of the hosts `argocd.` and `applicationset.`.
    ingress_class: class of the Ingress objects. images: chart values key (`global`, `redis`) to repository and tag."""

    chart: ChartReference
    domain: str
    ingress_class: pulumi.Input[str]
    images: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


class ArgoCd(pulumi.ComponentResource):
    """Outputs: `namespace`, `url`, `webhook_urls` (by receiver), known once Argo CD runs; the secrets
    `admin_password`, `webhook_secret` and `release_token` (of the account `release_account`, see gitops/argocd_account.py)."""

    namespace: pulumi.Output[str]
    url: pulumi.Output[str]
    webhook_urls: dict[str, pulumi.Output[str]]
    admin_password: pulumi.Output[str]
    webhook_secret: pulumi.Output[str]
    release_token: pulumi.Output[str]
    release_account: str = argocd_account.ACCOUNT

    def __init__(self, name: str, args: ArgoCdArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("slipway:components:ArgoCd", name, {}, opts)
        namespace = kubernetes.core.v1.Namespace(name, metadata={"name": NAME}, opts=pulumi.ResourceOptions(parent=self))
        admin = self._password("admin-password")
        webhook = self._password("webhook-secret")
        key = self._password("server-key")
        secrets = [
            self._secret(
                "argocd-secret",
                namespace,
                {
                    "admin.password": admin.bcrypt_hash,
                    "admin.passwordMtime": SESSIONS_VALID_FROM,
                    "server.secretkey": key.result,
                    "webhook.gitlab.secret": webhook.result,
                    f"accounts.{argocd_account.ACCOUNT}.tokens": argocd_account.listed(),
                },
            ),
            self._secret("argocd-redis", namespace, {"auth": self._password("redis-password").result}),
        ]
        release = kubernetes.helm.v3.Release(
            name,
            name=NAME,
            namespace=namespace.metadata.name,
            values=values(domain=args.domain, ingress_class=args.ingress_class, images=args.images),
            **args.chart.release_args(),
            opts=pulumi.ResourceOptions(parent=self, depends_on=secrets),
        )
        # Outputs derive from the release, so that whatever uses them waits for it, and is destroyed before it.
        self.namespace = release.name.apply(lambda _: NAME)
        self.url = release.name.apply(lambda _: f"http://{server_host(args.domain)}")
        self.webhook_urls = {
            "server": release.name.apply(lambda _: f"http://{server_host(args.domain)}{WEBHOOK_PATH}"),
            "applicationset": release.name.apply(lambda _: f"http://{applicationset_host(args.domain)}{WEBHOOK_PATH}"),
        }
        self.admin_password = admin.result
        self.webhook_secret = webhook.result
        self.release_token = key.result.apply(lambda secret: jwt.encode(argocd_account.claims(), secret, algorithm="HS256"))
        self.register_outputs({})

    def _password(self, name: str) -> random.RandomPassword:
        return random.RandomPassword(name, length=32, special=False, opts=pulumi.ResourceOptions(parent=self))

    def _secret(
        self, name: str, namespace: kubernetes.core.v1.Namespace, data: Mapping[str, pulumi.Input[str]]
    ) -> kubernetes.core.v1.Secret:
        # Argo CD writes further keys into argocd-secret; server-side apply leaves those alone.
        return kubernetes.core.v1.Secret(
            name,
            metadata={
                "name": name,
                "namespace": namespace.metadata.name,
                "labels": {"app.kubernetes.io/part-of": NAME},
            },
            string_data=data,
            opts=pulumi.ResourceOptions(parent=self),
        )


def server_host(domain: str) -> str:
    """Host of Argo CD's web page, API and first webhook receiver."""
    return f"argocd.{domain}"


def applicationset_host(domain: str) -> str:
    """Host of the second webhook receiver: without it a new application waits for the next poll.

    https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/Generators-Git/#webhook-configuration
    """
    return f"applicationset.{domain}"


def values(*, domain: str, ingress_class: pulumi.Input[str], images: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """Values of the argo-cd chart. Secrets are not among them: the chart finds them under their fixed names."""
    chart_values: dict[str, Any] = {
        "global": {"domain": server_host(domain)},
        "configs": {
            "cm": {
                "url": f"http://{server_host(domain)}",  # the chart takes HTTPS for granted
                f"accounts.{argocd_account.ACCOUNT}": "apiKey",
            },
            "rbac": {"policy.csv": argocd_account.policy()},
            "params": {"server.insecure": True},
            "secret": {"createSecret": False},
        },
        "server": {
            "ingress": {"enabled": True, "ingressClassName": ingress_class, "hostname": server_host(domain)},
        },
        "applicationSet": {
            "ingress": {"enabled": True, "ingressClassName": ingress_class, "hostname": applicationset_host(domain)},
        },
        "redisSecretInit": {"enabled": False},
        "dex": {"enabled": False},
        "notifications": {"enabled": False},
        # An uninstalled platform leaves nothing behind; by then its Applications are gone.
        "crds": {"keep": False},
    }
    for key, image in images.items():
        chart_values.setdefault(key, {})["image"] = dict(image)
    return chart_values
