"""Runs the program's composition against Pulumi's mocks, and records the resource graph."""

import asyncio
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import pulumi
from pulumi.runtime.mocks import MockCallArgs, MockMonitor, MockResourceArgs, Mocks
from pydantic import BaseModel

from tests.haystack import Needles

SENTINEL = "sentinel-of-a-secret"
# By which the engine knows a secret on the wire.
MARK = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"

NEEDLES = Needles({"a secret": SENTINEL})

PLAIN_OUTPUTS: dict[str, dict[str, Any]] = {
    "docker:index/remoteImage:RemoteImage": {"imageId": "sha256:1"},
    "tls:index/privateKey:PrivateKey": {"publicKeyPem": "public key"},
    "tls:index/selfSignedCert:SelfSignedCert": {"certPem": "certificate"},
    "tls:index/locallySignedCert:LocallySignedCert": {"certPem": "certificate"},
    "tls:index/certRequest:CertRequest": {"certRequestPem": "request"},
    "gitlab:index/project:Project": {
        "httpUrlToRepo": "http://gitlab.dev.test/example/dev/gitops.git",
        "webUrl": "http://gitlab.dev.test/example/dev/gitops",
    },
    "gitlab:index/projectDeployToken:ProjectDeployToken": {"username": "gitlab+deploy-token-1"},
    "gitlab:index/groupDeployToken:GroupDeployToken": {"username": "gitlab+deploy-token-2"},
    "gitlab:index/projectAccessToken:ProjectAccessToken": {"userId": 5},
    "docker:index/image:Image": {"repoDigest": "harbor.dev.test/platform/jenkins@sha256:1"},
    "harbor:index/robotAccount:RobotAccount": {"fullName": "robot$alice", "robotId": "3"},
    "harbor:index/registry:Registry": {"registryId": 4},
}

NODE = {
    "domain": "dev.test",
    "cluster": json.dumps(
        {
            "node": {
                "image": "node:1",
                "network": "slipway-1",
                "address": "10.89.7.10",
                "dns": ["10.89.7.2"],
                "registryMirrors": {"docker.io": "http://10.89.7.3:5000", "quay.io": "http://10.89.7.3:5000"},
            }
        }
    ),
    "ingress": json.dumps({"serviceType": "ClusterIP", "hostPort": True}),
    "gitlab": json.dumps({"url": "http://gitlab.dev.test", "token": SENTINEL, "group": "example"}),
    "tenants": json.dumps([{"workspace": "acme", "user": "alice", "applications": [{"project": "sample", "hosts": ["sample.dev.test"]}]}]),
}


@dataclass(frozen=True)
class Resource:
    """One registration, as the engine would see it. Secrets in `inputs` are marked envelopes."""

    urn: str
    type: str
    name: str
    inputs: dict[str, Any]
    dependencies: frozenset[str]
    parent: str
    provider: str
    deleted_with: str
    protect: bool


class Graph(list[Resource]):
    """All registrations, in their order. `outputs` are those of components and of the stack, by the resource's name."""

    def __init__(self) -> None:
        super().__init__()
        self.outputs: dict[str, dict[str, Any]] = {}
        self.arguments: list[dict[str, Any]] = []

    def of_type(self, end: str) -> list[Resource]:
        """Resources whose type ends so."""
        return [resource for resource in self if resource.type.endswith(end)]

    def one(self, end: str, name: str) -> Resource:
        """The resource of a type with a logical name."""
        (found,) = [resource for resource in self.of_type(end) if resource.name == name]
        return found

    def needs(self, resource: Resource) -> set[str]:
        """URNs of all that must be there before a resource, and that outlives it."""
        by_urn = {each.urn: each for each in self}
        found: set[str] = set()
        todo = [resource]
        while todo:
            for urn in todo.pop().dependencies - found:
                found.add(urn)
                todo.append(by_urn[urn])
        return found


class _Mocks(Mocks):
    """Answers as the engine with the official providers does: what the SDK names as a secret output is one."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self.registration = threading.local()  # registrations come on several threads
        """`secret_outputs` of the one that this thread is at."""

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        outputs: dict[str, Any] = {**args.inputs, **PLAIN_OUTPUTS.get(args.typ, {})}
        generated = [] if args.typ.startswith("kubernetes:") else self.registration.secret_outputs
        outputs |= {name: pulumi.Output.secret(f"{SENTINEL}-{args.name}-{name}") for name in generated if name not in args.inputs}
        return "7", outputs

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        assert args.token == "gitlab:index/getGroup:getGroup"
        self._graph.arguments.append(args.args)
        return {"groupId": 1, "fullPath": args.args["fullPath"]}, []


class _Monitor(MockMonitor):
    def __init__(self) -> None:
        self.graph = Graph()
        super().__init__(_Mocks(self.graph))

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802, the SDK's name
        assert isinstance(self.mocks, _Mocks)
        self.mocks.registration.secret_outputs = list(request.additionalSecretOutputs)
        response = super().RegisterResource(request)  # type: ignore[no-untyped-call]
        if request.type != "pulumi:pulumi:Stack":
            self.graph.append(
                Resource(
                    urn=response.urn,
                    type=request.type,
                    name=request.name,
                    inputs=pulumi.runtime.rpc.deserialize_properties(request.object),
                    dependencies=frozenset(request.dependencies),
                    parent=request.parent,
                    provider=request.provider,
                    deleted_with=request.deletedWith,
                    protect=request.protect,
                )
            )
        return response

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802, the SDK's name
        self.graph.outputs[request.urn.rpartition("::")[2]] = pulumi.runtime.rpc.deserialize_properties(request.outputs)
        return super().RegisterResourceOutputs(request)  # type: ignore[no-untyped-call]


class _Outputs(pulumi.ComponentResource):
    """Registers the stack's outputs, as the engine would get them: there is no stack in these tests."""

    def __init__(self, exports: dict[str, pulumi.Input[str]]) -> None:
        super().__init__("test:index:Outputs", "exports", {})
        self.register_outputs(exports)


def build(config: dict[str, str], stack: str = "dev") -> Graph:
    """The graph of an environment with this configuration, in which every secret setting is a sentinel."""
    from stacks import health, platform, settings

    monitor = _Monitor()
    asyncio.set_event_loop(asyncio.new_event_loop())
    pulumi.runtime.set_mocks(monitor.mocks, project="slipway", stack=stack, monitor=monitor)

    def program() -> None:
        _Outputs(platform.deploy(settings.parse(planted(config)), stack=stack).exports())

    with patch.object(health, "_wait", _at_once):
        pulumi.runtime.test(program)()  # type: ignore[no-untyped-call]
    monitor.graph[:] = [resource for resource in monitor.graph if resource.type != "test:index:Outputs"]
    return monitor.graph


async def _at_once(url: str, path: str, bundle: str, *_: Any) -> str:
    """No service answers here."""
    return url


def planted(config: dict[str, str]) -> dict[str, str]:
    """The configuration with a sentinel in each secret setting of the objects that are there."""
    full = {key: json.loads(text) if text.startswith(("{", "[")) else text for key, text in config.items()}
    for path in secret_settings():
        parent: Any = full
        for part in path[:-1]:
            parent = parent.get(part) if isinstance(parent, dict) else None
        if isinstance(parent, dict):
            parent[path[-1]] = f"{SENTINEL}-{'-'.join(path)}"
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in full.items()}


def secret_settings(model: type[BaseModel] | None = None) -> Iterator[tuple[str, ...]]:
    """The paths of all secret settings."""
    from stacks import settings
    from stacks.model import Settings

    for name, setting in (model or Settings).model_fields.items():
        key = setting.alias or name
        if settings.is_secret(setting):
            yield (key,)
        elif inner := settings.model_of(setting):
            yield from ((key, *rest) for rest in secret_settings(inner))


def leaks(value: Any, path: str = "") -> Iterator[str]:
    """Paths at which a sentinel is in clear, in any form."""
    if isinstance(value, dict):
        if value.get(MARK) == SECRET:
            return
        for key, item in value.items():
            yield from leaks(item, f"{path}.{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from leaks(item, f"{path}[{index}]")
    elif NEEDLES.found(str(value)):
        yield path


def plain(value: Any) -> Any:
    """A value without the envelopes of its secrets."""
    if isinstance(value, dict):
        if MARK in value:
            return plain(value["value"])
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value
