"""A plugin in the engine's eyes: its answers over the real protocol."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import provider_pb2, status_pb2
from pulumi.runtime.proto.provider_pb2_grpc import ResourceProviderStub, add_ResourceProviderServicer_to_server

from sandbox.providers.differ import compare
from sandbox.providers.plugin import UNKNOWN, Context, Diff, Failure, PartialError, Plugin, Properties, Resource, Secret, State
from sandbox.providers.server import Server
from sandbox.providers.values import to_plain, to_struct

URN = "urn:pulumi:dev::test::pkg:index/outer:Outer$pkg:index/thing:Thing::it"


class Thing(Resource):
    def check(self, context: Context, old: Properties | None, new: Properties) -> tuple[Properties, list[Failure]]:
        return {**new, "had": old}, [Failure("size", "is too big")] if new.get("size") == 9 else []

    def diff(self, context: Context, old: State, new: Properties) -> Diff:
        return compare(old.inputs or {}, new, {"name"}, delete_before_replace=True)

    def create(self, context: Context, inputs: Properties) -> State:
        if context.preview:
            return State("", {**inputs, "token": UNKNOWN})
        if inputs.get("wait"):
            raise RuntimeError("interrupted" if context.cancelled.wait(30) else "not interrupted")
        if inputs.get("broken"):
            raise PartialError("pod is crashing", State("id-1", {"half": True}))
        return State("id-1", {**inputs, "token": Secret("s3cret")})

    def read(self, context: Context, state: State) -> State | None:
        return None if state.id == "gone" else State(state.id, {"seen": state.inputs is None}, {"name": "read"})

    def delete(self, context: Context, state: State) -> None:
        raise KeyError("x")


class Things(Plugin):
    name, version, official = "pkg", "1.2.3", "pulumi plugin install resource pkg"
    json_config = frozenset({"flag"})

    def __init__(self) -> None:
        self.config: Properties = {}

    def configure(self, config: Properties) -> None:
        self.config = config

    def resource(self, token: str) -> Resource | None:
        return {"pkg:index/thing:Thing": Thing()}.get(token)

    def invoke(self, token: str, arguments: Properties) -> Properties | None:
        return {"pkg:index/echo:echo": {"echo": arguments}}.get(token)


@pytest.fixture
def plugin() -> Things:
    return Things()


@pytest.fixture
def engine(plugin: Things) -> Iterator[Any]:
    server = grpc.server(ThreadPoolExecutor(4))
    add_ResourceProviderServicer_to_server(Server(plugin), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield ResourceProviderStub(channel)
    server.stop(None)


def create(engine: Any, preview: bool = False, **inputs: Any) -> Any:
    return engine.Create(provider_pb2.CreateRequest(urn=URN, properties=to_struct(inputs), preview=preview))


def test_checked_inputs_and_failures_are_returned(engine: Any) -> None:
    answer = engine.Check(provider_pb2.CheckRequest(urn=URN, olds=to_struct({"a": 1}), news=to_struct({"size": 9})))
    assert to_plain(answer.inputs) == {"size": 9, "had": {"a": 1}}
    assert [(failure.property, failure.reason) for failure in answer.failures] == [("size", "is too big")]


def test_a_type_that_is_not_covered_names_itself_and_the_official_plugin(engine: Any) -> None:
    answer = engine.Check(provider_pb2.CheckRequest(urn=URN.replace("Thing", "Other"), news=to_struct({})))
    assert "pkg:index/thing:Other is not covered" in answer.failures[0].reason
    assert "pulumi plugin install resource pkg" in answer.failures[0].reason


def test_a_diff_lists_only_what_changed(engine: Any) -> None:
    old, new = {"name": "a", "spec": {"x": 1, "y": [1]}}, {"name": "b", "spec": {"x": 1, "y": [2]}}
    answer = engine.Diff(provider_pb2.DiffRequest(id="1", urn=URN, old_inputs=to_struct(old), news=to_struct(new)))
    kinds = {path: change.kind for path, change in answer.detailedDiff.items()}
    assert kinds == {"name": provider_pb2.PropertyDiff.UPDATE_REPLACE, "spec.y[0]": provider_pb2.PropertyDiff.UPDATE}
    assert (list(answer.diffs), list(answer.replaces), answer.deleteBeforeReplace) == (["name", "spec"], ["name"], True)


def test_ignored_changes_are_no_changes(engine: Any) -> None:
    request = provider_pb2.DiffRequest(
        id="1", urn=URN, old_inputs=to_struct({"name": "a"}), news=to_struct({"name": "b"}), ignoreChanges=["name"]
    )
    answer = engine.Diff(request)
    assert (answer.changes, list(answer.replaces)) == (provider_pb2.DiffResponse.DIFF_NONE, [])


def test_a_preview_has_no_id_and_tells_what_is_unknown(engine: Any) -> None:
    answer = create(engine, preview=True, name="a")
    assert (answer.id, to_plain(answer.properties)) == ("", {"name": "a", "token": UNKNOWN})


def test_a_secret_output_is_in_the_envelope(engine: Any) -> None:
    answer = create(engine, name="a")
    assert answer.properties.fields["token"].struct_value.fields["value"].string_value == "s3cret"


def test_a_partial_failure_keeps_the_state(engine: Any) -> None:
    with pytest.raises(grpc.RpcError) as failed:
        create(engine, broken=True)
    metadata: dict[str, Any] = dict(failed.value.trailing_metadata())  # type: ignore[arg-type]
    status = status_pb2.Status.FromString(metadata["grpc-status-details-bin"])
    detail = provider_pb2.ErrorResourceInitFailed()
    assert status.details[0].Unpack(detail)
    assert (detail.id, list(detail.reasons)) == ("id-1", ["pod is crashing"])
    assert (to_plain(detail.properties), to_plain(detail.inputs)) == ({"half": True}, {"broken": True})


def test_an_interrupt_ends_a_wait(engine: Any) -> None:
    waiting = engine.Create.future(provider_pb2.CreateRequest(urn=URN, properties=to_struct({"wait": True})))
    engine.Cancel(Empty())
    assert waiting.exception(timeout=10).details() == "interrupted"


def test_what_is_gone_has_no_id(engine: Any) -> None:
    assert engine.Read(provider_pb2.ReadRequest(id="gone", urn=URN)).id == ""


def test_an_import_has_no_inputs_and_a_refresh_has(engine: Any) -> None:
    imported = engine.Read(provider_pb2.ReadRequest(id="1", urn=URN))
    refreshed = engine.Read(provider_pb2.ReadRequest(id="1", urn=URN, inputs=to_struct({})))
    assert [to_plain(answer.properties)["seen"] for answer in (imported, refreshed)] == [True, False]
    assert to_plain(imported.inputs) == {"name": "read"}


def test_an_unexpected_error_says_its_type(engine: Any) -> None:
    with pytest.raises(grpc.RpcError) as failed:
        engine.Delete(provider_pb2.DeleteRequest(id="1", urn=URN))
    assert failed.value.details() == "KeyError: 'x'"


def test_configuration_arrives_parsed_and_without_envelopes(engine: Any, plugin: Things) -> None:
    answer = engine.Configure(provider_pb2.ConfigureRequest(args=to_struct({"flag": "true", "token": Secret("t")})))
    assert plugin.config == {"flag": True, "token": "t"}
    assert (answer.supportsPreview, answer.acceptSecrets) == (True, False)


def test_functions_are_called_and_others_refused(engine: Any) -> None:
    answer = engine.Invoke(provider_pb2.InvokeRequest(tok="pkg:index/echo:echo", args=to_struct({"a": 1})))
    assert to_plain(getattr(answer, "return")) == {"echo": {"a": 1}}
    with pytest.raises(grpc.RpcError, match="pkg:index/none:none is not covered"):
        engine.Invoke(provider_pb2.InvokeRequest(tok="pkg:index/none:none"))
