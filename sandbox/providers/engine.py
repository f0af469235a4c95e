"""What a plugin tells the engine: messages beside a resource, and failures of its operations."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NoReturn

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, provider_pb2, status_pb2

from sandbox.providers.plugin import Log, PartialError
from sandbox.providers.values import to_struct

MESSAGE_OPTIONS = [("grpc.max_receive_message_length", 400 << 20)]
"""The engine's own limit: https://github.com/pulumi/pulumi/blob/v3.255.0/sdk/go/common/util/rpcutil/serve.go"""


class Engine:
    """A connection to the engine's log, made with the first message."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._stub: Any = None

    def log(self, severity: "engine_pb2.LogSeverity.ValueType", message: str, urn: str, *, ephemeral: bool = False) -> None:
        """Show a message beside the resource. An engine that is gone is no error: the operation goes on."""
        if not self.address:
            return
        if self._stub is None:
            self._stub = engine_pb2_grpc.EngineStub(grpc.insecure_channel(self.address, options=MESSAGE_OPTIONS))
        request = engine_pb2.LogRequest(severity=severity, message=message, urn=urn, ephemeral=ephemeral)
        try:
            self._stub.Log(request, timeout=10)
        except grpc.RpcError:
            return


class EngineLog(Log):
    """The messages of one resource's operation."""

    def __init__(self, engine: Engine, urn: str) -> None:
        self._engine, self._urn, self._status = engine, urn, ""

    def status(self, message: str) -> None:
        """Show what the operation is waiting for; the same message again is not sent."""
        if message != self._status:
            self._status = message
            self._engine.log(engine_pb2.INFO, message, self._urn, ephemeral=True)

    def info(self, message: str) -> None:
        """Show a lasting message."""
        self._engine.log(engine_pb2.INFO, message, self._urn)

    def warning(self, message: str) -> None:
        """Show a lasting warning."""
        self._engine.log(engine_pb2.WARNING, message, self._urn)


@dataclass(frozen=True)
class _Status(grpc.Status):
    code: grpc.StatusCode
    details: str
    trailing_metadata: tuple[tuple[str, bytes], ...]


@contextmanager
def reported(rpc: grpc.ServicerContext, inputs: Struct | None = None) -> Iterator[None]:
    """Turn exceptions into failures that the engine understands; `inputs` are kept with the state of a PartialError."""
    try:
        yield
    except PartialError as error:
        _abort_partial(rpc, error, inputs)
    except Exception as error:
        rpc.abort(grpc.StatusCode.UNKNOWN, describe(error))


def describe(error: Exception) -> str:
    """Return the message of an error, with its type where the message alone says little (`KeyError: 'x'`)."""
    expected = isinstance(error, (RuntimeError, TimeoutError, ValueError)) and str(error)
    return str(error) if expected else f"{type(error).__name__}: {error}"


def _abort_partial(rpc: grpc.ServicerContext, error: PartialError, inputs: Struct | None) -> NoReturn:
    detail = AnyMessage()
    detail.Pack(
        provider_pb2.ErrorResourceInitFailed(
            id=error.state.id,
            properties=to_struct(error.state.outputs),
            inputs=inputs if error.state.inputs is None else to_struct(error.state.inputs),
            reasons=[str(error)],
        )
    )
    code, number = grpc.StatusCode.UNKNOWN.value[0], grpc.StatusCode.UNKNOWN
    status = status_pb2.Status(code=code, message=str(error), details=[detail])
    rpc.abort_with_status(_Status(number, str(error), (("grpc-status-details-bin", status.SerializeToString()),)))
    raise AssertionError("abort_with_status raises")


def invalid(failures: list[Any]) -> list[provider_pb2.CheckFailure]:
    """Return refused inputs in the protocol's form."""
    return [provider_pb2.CheckFailure(property=failure.property, reason=failure.reason) for failure in failures]
