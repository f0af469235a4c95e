"""The platform's own images, in its own project of Harbor: Jenkins' controller with its plugins, and the agent with the release tools."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pulumi
import pulumi_docker as docker

from components.robots import PULL, PUSH, Credential, Lifetime, robot

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "components" / "images"
# What each image is made of, beside its base: a changed file gives another tag.
CONTROLLER = (IMAGES / "controller",)
AGENT = (IMAGES / "agent", ROOT / "gitops", ROOT / "naming.py")


@dataclass(frozen=True, kw_only=True)
class PlatformImagesArgs:
    """registry: host of Harbor. project: the platform's own project in it. prefix, lifetime, deleted_with: as in WorkspaceArgs.
    controller_base, agent_base: what the two images begin with. helm: image that holds Helm.
    network: Docker network of the builds; None for Docker's own choice."""

    registry: pulumi.Input[str]
    project: pulumi.Input[str]
    prefix: str
    lifetime: Lifetime
    deleted_with: pulumi.Resource | None
    controller_base: str
    agent_base: str
    helm: str
    network: str | None


@dataclass(frozen=True, kw_only=True)
class PlatformImage:
    """repository: path in the registry. tag: told by the content; known once the image is there."""

    repository: pulumi.Output[str]
    tag: pulumi.Output[str]


class PlatformImages(pulumi.ComponentResource):
    """Outputs: `controller` and `agent`; `pull`: the credential by which the cluster gets them."""

    controller: PlatformImage
    agent: PlatformImage
    pull: Credential

    def __init__(self, name: str, args: PlatformImagesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("slipway:components:PlatformImages", name, {}, opts)
        self._args = args
        self.pull = self._robot("pull", "Pulls the platform's images.", PULL)
        self._push = self._robot("push", "Pushes the platform's images.", PUSH)
        self.controller = self._image("jenkins", IMAGES / "controller", CONTROLLER, {"BASE": args.controller_base})
        self.agent = self._image("jenkins-agent", IMAGES / "agent", AGENT, {"BASE": args.agent_base, "HELM": args.helm})
        self.register_outputs({})

    def _robot(self, verb: str, description: str, rights: tuple[tuple[str, str], ...]) -> Credential:
        return robot(
            self,
            f"{verb}-platform",
            # Ids of users and workspaces have no `.`: no robot of theirs is called so.
            account=f"{self._args.prefix}{verb}.platform",
            description=description,
            rights=[(self._args.project, rights)],
            lifetime=self._args.lifetime,
            deleted_with=self._args.deleted_with,
        )

    def _image(self, name: str, folder: Path, content: tuple[Path, ...], arguments: Mapping[str, str]) -> PlatformImage:
        repository = pulumi.Output.concat(self._args.project, "/", name)
        tag = digest(content, arguments)
        built = docker.Image(
            name,
            image_name=pulumi.Output.concat(self._args.registry, "/", repository, ":", tag),
            build=docker.DockerBuildArgs(
                context=str(ROOT),
                dockerfile=str(folder / "Dockerfile"),
                args=dict(arguments),
                platform="linux/amd64",
                network=self._args.network,
            ),
            registry=docker.RegistryArgs(server=self._args.registry, username=self._push.username, password=self._push.password),
            opts=pulumi.ResourceOptions(parent=self),
        )
        return PlatformImage(repository=repository, tag=built.repo_digest.apply(lambda _: tag))


def digest(content: tuple[Path, ...], arguments: Mapping[str, str]) -> str:
    """Twelve hexadecimal digits for what an image is made of: files by path and bytes, and the images that its build is told."""
    found = hashlib.sha256(json.dumps(dict(arguments), sort_keys=True).encode())
    for path in sorted(_files(content)):
        data = path.read_bytes()
        found.update(f"\0{path.relative_to(ROOT).as_posix()}\0{len(data)}\0".encode())
        found.update(data)
    return found.hexdigest()[:12]


def _files(content: tuple[Path, ...]) -> Iterator[Path]:
    for path in content:
        yield from [path] if path.is_file() else (each for each in path.rglob("*") if each.is_file() and "__pycache__" not in each.parts)
