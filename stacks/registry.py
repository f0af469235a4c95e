"""The registry of an environment: a Harbor that the platform installs, or one that runs already, and what the platform keeps in it."""

from dataclasses import dataclass
from urllib.parse import urlsplit

import pulumi
import pulumiverse_harbor as harbor

from components.authority import Authority
from components.chart import ChartReference
from components.harbor import Harbor, HarborArgs
from components.registry_projects import RegistryProjects, RegistryProjectsArgs
from components.robots import Lifetime
from stacks.health import when_healthy
from stacks.model import Settings

HEALTH = "/api/v2.0/health"
SERVER = "harbor"
"""Short name of Harbor's certificate, and the first label of its host."""


@dataclass(frozen=True, kw_only=True)
class Registry:
    """url, username, password: of Harbor's administrator. projects: the platform's own. provider: by which more is declared in it.
    deleted_with: the release in whose deletion all of its content goes; None where Harbor is not the platform's."""

    url: pulumi.Output[str]
    username: str
    password: pulumi.Output[str]
    provider: harbor.Provider
    projects: RegistryProjects
    lifetime: Lifetime
    deleted_with: pulumi.Resource | None

    @property
    def host(self) -> pulumi.Output[str]:
        """The registry's host, with a port where it has an unusual one, as image names begin with."""
        return self.url.apply(lambda url: urlsplit(url).netloc)


def host(domain: str) -> str:
    """The DNS name of an installed Harbor."""
    return f"{SERVER}.{domain}"


def registry(
    settings: Settings,
    *,
    chart: ChartReference,
    ingress_class: pulumi.Input[str],
    authority: Authority | None,
    bundle: pulumi.Input[str],
    on_cluster: pulumi.ResourceOptions,
) -> Registry:
    """Declare the registry. `authority` signs the certificate of an installed Harbor; `bundle` is PEM text of all who are trusted."""
    chosen = settings.harbor
    if chosen.external is not None:
        url: pulumi.Output[str] = pulumi.Output.from_input(chosen.external.url)
        username, password = chosen.external.username, pulumi.Output.secret(chosen.external.password.get_secret_value())
        release: pulumi.Resource | None = None
        insecure = False
    else:
        assert authority is not None  # made for it
        sizes = {"registry": chosen.storage.registry, "database": chosen.storage.database, "trivy": chosen.storage.trivy}
        installed = Harbor(
            "harbor",
            HarborArgs(
                chart=chart,
                host=host(settings.domain),
                ingress_class=ingress_class,
                certificate=authority.servers[SERVER],
                sizes=sizes,
                storage_class=chosen.storage.storage_class,
            ),
            on_cluster,
        )
        url, username, password, release = installed.url, installed.username, installed.password, installed.release
        # The provider knows no authority that is made in the same run. The certificate was checked just before, by `when_healthy`.
        insecure = not chosen.verify
    provider = harbor.Provider("harbor", url=when_healthy(url, HEALTH, bundle), username=username, password=password, insecure=insecure)
    projects = RegistryProjects(
        "registry",
        RegistryProjectsArgs(
            prefix=chosen.prefix,
            mirror_url=chosen.mirror.url,
            mirror_kind=chosen.mirror.kind,
            delete_images=chosen.delete_images,
            protect=settings.protect,
            deleted_with=release,
        ),
        pulumi.ResourceOptions(providers=[provider]),
    )
    return Registry(
        url=url,
        username=username,
        password=password,
        provider=provider,
        projects=projects,
        lifetime=Lifetime(days=chosen.robot_days, generation=settings.rotation.robots),
        deleted_with=release,
    )
