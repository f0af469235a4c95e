"""What the platform itself keeps in Harbor: the project of its own images, and the mirror through which base images come."""

from dataclasses import dataclass

import pulumi
import pulumiverse_harbor as harbor

PLATFORM = "platform"
MIRROR = "mirror"


@dataclass(frozen=True, kw_only=True)
class RegistryProjectsArgs:
    """prefix: what names in Harbor begin with. mirror_url, mirror_kind: the registry behind the mirror, and Harbor's word for its kind.
    delete_images, protect, deleted_with: as in WorkspaceArgs."""

    prefix: str
    mirror_url: str
    mirror_kind: str
    delete_images: bool
    protect: bool
    deleted_with: pulumi.Resource | None = None


class RegistryProjects(pulumi.ComponentResource):
    """Outputs: `platform` and `mirror`, the names of the two projects."""

    platform: pulumi.Output[str]
    mirror: pulumi.Output[str]

    def __init__(self, name: str, args: RegistryProjectsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("slipway:components:RegistryProjects", name, {}, opts)
        goes_along = pulumi.ResourceOptions(parent=self, deleted_with=args.deleted_with)
        self.platform = harbor.Project(
            PLATFORM,
            name=f"{args.prefix}{PLATFORM}",
            public=False,
            vulnerability_scanning=True,
            force_destroy=args.delete_images,
            opts=pulumi.ResourceOptions.merge(goes_along, pulumi.ResourceOptions(protect=args.protect)),
        ).name
        behind = harbor.Registry(
            MIRROR, name=f"{args.prefix}{MIRROR}", provider_name=args.mirror_kind, endpoint_url=args.mirror_url, opts=goes_along
        )
        self.mirror = harbor.Project(
            MIRROR,
            name=f"{args.prefix}{MIRROR}",
            public=True,  # builds hold no credential, and what is in it is public anyway
            registry_id=behind.registry_id,
            force_destroy=True,  # what it holds is a copy
            opts=goes_along,
        ).name
        self.register_outputs({})
