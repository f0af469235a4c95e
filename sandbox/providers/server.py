"""Serves a `Plugin` over the engine's own protocol.

It implements the raw service, because the SDK's provider framework (`pulumi.provider.experimental`, 3.255) hands no old inputs to
Diff, claims a detailed diff of the whole state always, and cannot return the state of a create that failed half-way.
"""
# ruff: noqa: N802 -- the methods have the protocol's names

from threading import Event
from typing import Any

import grpc
from google.protobuf.empty_pb2 import Empty
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import plugin_pb2, provider_pb2
from pulumi.runtime.proto.provider_pb2_grpc import ResourceProviderServicer

from sandbox.providers.differ import parse, without
from sandbox.providers.engine import Engine, EngineLog, invalid, reported
from sandbox.providers.plugin import Context, Diff, Failure, Plugin, Properties, Resource, State
from sandbox.providers.values import from_json, to_plain, to_struct

Rpc = grpc.ServicerContext

_KINDS = {
    ("add", False): provider_pb2.PropertyDiff.ADD,
    ("add", True): provider_pb2.PropertyDiff.ADD_REPLACE,
    ("delete", False): provider_pb2.PropertyDiff.DELETE,
    ("delete", True): provider_pb2.PropertyDiff.DELETE_REPLACE,
    ("update", False): provider_pb2.PropertyDiff.UPDATE,
    ("update", True): provider_pb2.PropertyDiff.UPDATE_REPLACE,
}


class Server(ResourceProviderServicer):
    """One plugin in the engine's eyes. Operations arrive on many threads at a time."""

    def __init__(self, plugin: Plugin, engine_address: str = "") -> None:
        self._plugin = plugin
        self._engine = Engine(engine_address)
        self._cancelled = Event()

    def GetPluginInfo(self, request: Empty, context: Rpc) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=self._plugin.version)

    def Handshake(self, request: provider_pb2.ProviderHandshakeRequest, context: Rpc) -> provider_pb2.ProviderHandshakeResponse:
        self._engine = Engine(request.engine_address)
        return provider_pb2.ProviderHandshakeResponse()  # neither secrets, resources nor outputs are accepted

    def Attach(self, request: plugin_pb2.PluginAttach, context: Rpc) -> Empty:
        self._engine = Engine(request.address)
        return Empty()

    def Cancel(self, request: Empty, context: Rpc) -> Empty:
        self._cancelled.set()
        return Empty()

    def CheckConfig(self, request: provider_pb2.CheckRequest, context: Rpc) -> provider_pb2.CheckResponse:
        with reported(context):
            failures = self._plugin.check_config(self._config(request.news))
            return provider_pb2.CheckResponse(inputs=request.news, failures=invalid(failures))

    def DiffConfig(self, request: provider_pb2.DiffRequest, context: Rpc) -> provider_pb2.DiffResponse:
        with reported(context):
            diff = self._plugin.diff_config(self._config(request.old_inputs), self._config(request.news))
            return _diff_response(without(diff, request.ignoreChanges))

    def Configure(self, request: provider_pb2.ConfigureRequest, context: Rpc) -> provider_pb2.ConfigureResponse:
        with reported(context):
            self._plugin.configure(self._config(request.args))
            return provider_pb2.ConfigureResponse(supportsPreview=True)

    def Invoke(self, request: provider_pb2.InvokeRequest, context: Rpc) -> provider_pb2.InvokeResponse:
        with reported(context):
            result = self._plugin.invoke(request.tok, to_plain(request.args))
            if result is None:
                raise ValueError(self._uncovered(request.tok))
            response = provider_pb2.InvokeResponse()
            getattr(response, "return").CopyFrom(to_struct(result))  # the field is a Python keyword
            return response

    def Check(self, request: provider_pb2.CheckRequest, context: Rpc) -> provider_pb2.CheckResponse:
        with reported(context):
            resource = self._plugin.resource(_type(request.urn))
            if resource is None:
                failure = Failure("", self._uncovered(_type(request.urn)))
                return provider_pb2.CheckResponse(inputs=request.news, failures=invalid([failure]))
            old = to_plain(request.olds) if request.olds.fields else None
            inputs, failures = resource.check(self._context(request), old, to_plain(request.news))
            return provider_pb2.CheckResponse(inputs=to_struct(inputs), failures=invalid(failures))

    def Diff(self, request: provider_pb2.DiffRequest, context: Rpc) -> provider_pb2.DiffResponse:
        with reported(context):
            old = State(request.id, to_plain(request.olds), to_plain(request.old_inputs))
            diff = self._resource(request.urn).diff(self._context(request), old, to_plain(request.news))
            return _diff_response(without(diff, request.ignoreChanges))

    def Create(self, request: provider_pb2.CreateRequest, context: Rpc) -> provider_pb2.CreateResponse:
        with reported(context, request.properties):
            state = self._resource(request.urn).create(self._context(request), to_plain(request.properties))
            return provider_pb2.CreateResponse(id="" if request.preview else state.id, properties=to_struct(state.outputs))

    def Update(self, request: provider_pb2.UpdateRequest, context: Rpc) -> provider_pb2.UpdateResponse:
        with reported(context, request.news):
            old = State(request.id, to_plain(request.olds), to_plain(request.old_inputs))
            state = self._resource(request.urn).update(self._context(request), old, to_plain(request.news))
            return provider_pb2.UpdateResponse(properties=to_struct(state.outputs))

    def Read(self, request: provider_pb2.ReadRequest, context: Rpc) -> provider_pb2.ReadResponse:
        imported = not request.HasField("inputs")
        with reported(context, None if imported else request.inputs):
            old = State(request.id, to_plain(request.properties), None if imported else to_plain(request.inputs))
            state = self._resource(request.urn).read(self._context(request), old)
            if state is None:
                return provider_pb2.ReadResponse()  # an empty id means that there is nothing
            inputs = request.inputs if state.inputs is None else to_struct(state.inputs)
            return provider_pb2.ReadResponse(id=state.id, properties=to_struct(state.outputs), inputs=inputs)

    def Delete(self, request: provider_pb2.DeleteRequest, context: Rpc) -> Empty:
        with reported(context):
            state = State(request.id, to_plain(request.properties), to_plain(request.old_inputs))
            self._resource(request.urn).delete(self._context(request), state)
            return Empty()

    def _resource(self, urn: str) -> Resource:
        resource = self._plugin.resource(_type(urn))
        if resource is None:
            raise ValueError(self._uncovered(_type(urn)))
        return resource

    def _uncovered(self, token: str) -> str:
        return f"{token} is not covered by the sandbox's {self._plugin.name} provider; install the official one: {self._plugin.official}"

    def _config(self, struct: Struct) -> Properties:
        return from_json(to_plain(struct), self._plugin.json_config)

    def _context(self, request: Any) -> Context:
        return Context(
            urn=request.urn,
            timeout=getattr(request, "timeout", 0.0),
            preview=getattr(request, "preview", False),
            ignore_changes=tuple(getattr(request, "ignoreChanges", ())),
            log=EngineLog(self._engine, request.urn),
            cancelled=self._cancelled,
        )


def _type(urn: str) -> str:
    """Return the type token in a URN: `urn:pulumi:<stack>::<project>::<parent types>$<type>::<name>`."""
    return urn.split("::")[2].rpartition("$")[2]


def _diff_response(diff: Diff) -> provider_pb2.DiffResponse:
    detailed = {
        path: provider_pb2.PropertyDiff(kind=_KINDS[kind, path in diff.replaces], inputDiff=True) for path, kind in diff.changes.items()
    }
    return provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_SOME if diff.changes else provider_pb2.DiffResponse.DIFF_NONE,
        diffs=_top_level(diff.changes),
        replaces=_top_level(diff.replaces),
        deleteBeforeReplace=diff.delete_before_replace,
        hasDetailedDiff=bool(diff.changes),
        detailedDiff=detailed,
    )


def _top_level(paths: Any) -> list[str]:
    return sorted({str(parse(path)[0]) for path in paths})
