"""Runs the program's composition against Pulumi's mocks, and records the resource graph."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi.runtime.mocks import MockCallArgs, MockMonitor, MockResourceArgs, Mocks

SENTINEL = "sentinel-of-a-secret"
# By which the engine knows a secret on the wire.
MARK = "4dabf18193072939515e22adb298388d"

# What the official providers' schemas mark as secret.
SECRET_OUTPUTS = {
    "tls:index/privateKey:PrivateKey": ["privateKeyPem"],
    "random:index/randomPassword:RandomPassword": ["result", "bcryptHash"],
    "gitlab:index/projectDeployToken:ProjectDeployToken": ["token"],
}
PLAIN_OUTPUTS = {
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
    "tenants": json.dumps([{"workspace": "acme", "user": "alice"}]),
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


class Graph(list[Resource]):
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
    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        outputs = {**args.inputs, **PLAIN_OUTPUTS.get(args.typ, {})}
        outputs |= {name: pulumi.Output.secret(f"{SENTINEL}-{args.name}-{name}") for name in SECRET_OUTPUTS.get(args.typ, [])}
        return "7", outputs

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        assert args.token == "gitlab:index/getGroup:getGroup"
        return {"groupId": 1, "fullPath": args.args["fullPath"]}, []


class _Monitor(MockMonitor):
    def __init__(self) -> None:
        super().__init__(_Mocks())
        self.graph = Graph()

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802, the SDK's name
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
                )
            )
        return response


def build(config: dict[str, str], stack: str = "dev") -> Graph:
    """The graph of an environment with this configuration."""
    from stacks import platform, settings

    monitor = _Monitor()
    asyncio.set_event_loop(asyncio.new_event_loop())
    pulumi.runtime.set_mocks(_Mocks(), project="slipway", stack=stack, monitor=monitor)

    pulumi.runtime.test(lambda: platform.deploy(settings.parse(config), stack=stack) and None)()  # type: ignore[no-untyped-call]
    return monitor.graph


def leaks(value: Any, path: str = "") -> Iterator[str]:
    """Paths at which a sentinel is in clear."""
    if isinstance(value, dict):
        if MARK in value:
            return
        for key, item in value.items():
            yield from leaks(item, f"{path}.{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from leaks(item, f"{path}[{index}]")
    elif isinstance(value, str) and SENTINEL in value:
        yield path


def plain(value: Any) -> Any:
    """A value without the envelopes of its secrets."""
    if isinstance(value, dict):
        if MARK in value:
            return plain(value["value"])
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value
