"""Between the engine's protobuf Structs and plain Python values.

The sentinel and signatures are part of the engine's protocol:
https://github.com/pulumi/pulumi/blob/v3.255.0/sdk/go/common/resource/properties.go
Assets and archives stay dictionaries with their signature, as they arrive.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from google.protobuf.struct_pb2 import ListValue, NullValue, Struct, Value

from sandbox.providers.plugin import UNKNOWN, Properties, Secret

_UNKNOWN_SENTINEL: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 -- a mark, no secret
_OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
_REFERENCE: Final = "5cf8f73096256a8f31e491e813e4eb8e"


def to_plain(struct: Struct) -> Properties:
    """Return the Struct as plain values: secrets unwrapped, what is not known yet as UNKNOWN, whole numbers as int."""
    return {name: _plain(value) for name, value in struct.fields.items()}


def to_struct(properties: Mapping[str, Any]) -> Struct:
    """Return plain values as a Struct: the inverse of `to_plain`, with `Secret` in the engine's envelope.

    Raises TypeError, naming the property's path, on a value that has no counterpart in the protocol.
    """
    return Struct(fields={name: _value(value, name) for name, value in properties.items()})


def from_json(properties: Properties, names: Iterable[str]) -> Properties:
    """Return the properties with those of these names parsed where they are JSON text.

    The SDK sends every configuration value of a provider that is not a string as JSON: only the provider knows which these are.
    """
    return {name: json.loads(value) if name in names and isinstance(value, str) and value else value for name, value in properties.items()}


def _plain(value: Value) -> Any:
    match value.WhichOneof("kind"):
        case "string_value":
            return UNKNOWN if value.string_value == _UNKNOWN_SENTINEL else value.string_value
        case "number_value":
            number = value.number_value
            return int(number) if number.is_integer() else number
        case "bool_value":
            return value.bool_value
        case "list_value":
            return [_plain(item) for item in value.list_value.values]
        case "struct_value":
            return _unwrapped(to_plain(value.struct_value))
        case _:
            return None


def _unwrapped(properties: Properties) -> Any:
    match properties.get(_SIGNATURE):
        case signature if signature == _SECRET:
            return properties.get("value")
        case signature if signature == _OUTPUT:
            return properties.get("value", UNKNOWN)
        case signature if signature == _REFERENCE:
            return properties.get("id", properties.get("urn"))
        case _:
            return properties


def _value(value: Any, path: str) -> Value:
    match value:
        case None:
            return Value(null_value=NullValue.NULL_VALUE)
        case bool():
            return Value(bool_value=value)
        case int() | float():
            return Value(number_value=value)
        case str():
            return Value(string_value=value)
        case Secret():
            return _value({_SIGNATURE: _SECRET, "value": value.value}, path)
        case Mapping():
            return Value(struct_value=Struct(fields={str(key): _value(item, f"{path}.{key}") for key, item in value.items()}))
        case list() | tuple():
            return Value(list_value=ListValue(values=[_value(item, f"{path}[{index}]") for index, item in enumerate(value)]))
    if value is UNKNOWN:
        return Value(string_value=_UNKNOWN_SENTINEL)
    raise TypeError(f"{path} is a {type(value).__name__}: expected None, bool, int, float, str, list, dict, UNKNOWN or Secret")
