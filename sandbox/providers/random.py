"""The `random` provider: values that are made once and kept in Pulumi's state.

What the inputs mean: https://www.pulumi.com/registry/packages/random/api-docs/
"""

import secrets
import string
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import uuid4

from sandbox.providers.declared import Declared
from sandbox.providers.plugin import UNKNOWN, Context, Failure, Plugin, Properties, Resource, State

_SPECIAL = "!@#$%&*()-_=+[]{}<>:?"
_BCRYPT_COST, _BCRYPT_BYTES = 10, 72  # the official provider's: Go's default cost; bcrypt reads no more bytes


class RandomString(Declared):
    """Random characters of chosen classes."""

    covered: ClassVar = frozenset(
        {"keepers", "length", "lower", "upper", "numeric", "number", "special", "overrideSpecial"}
        | {"minLower", "minUpper", "minNumeric", "minSpecial"}
    )
    defaults: ClassVar[Mapping[str, Any]] = {
        **dict.fromkeys(("lower", "upper", "numeric", "number", "special"), True),
        **dict.fromkeys(("minLower", "minUpper", "minNumeric", "minSpecial"), 0),
    }

    def check(self, context: Context, old: Properties | None, new: Properties) -> tuple[Properties, list[Failure]]:
        """Refuse lengths and classes that no string can satisfy."""
        inputs, failures = super().check(context, old, new)
        return inputs, failures if UNKNOWN in inputs.values() else failures + _impossible(inputs)

    def create(self, context: Context, inputs: Properties) -> State:
        """Draw the characters."""
        result = UNKNOWN if context.preview else _draw(inputs)
        return self.state(inputs, result)

    def read(self, context: Context, state: State) -> State:
        """Return it as it is; an imported one's id is its value."""
        if state.outputs:
            return state
        inputs = {"length": len(state.id)}
        made = self.state(inputs, state.id)
        return State(made.id, made.outputs, inputs)

    def state(self, inputs: Properties, result: Any) -> State:
        """Return the state of a drawn value."""
        return State(str(result), self.outputs(inputs, result=result))


class RandomPassword(RandomString):
    """A RandomString that is secret: the SDK's class marks `result` and `bcryptHash`."""

    def state(self, inputs: Properties, result: Any) -> State:
        """Return the state of a drawn password, with its hash. The id is in clear, so it says nothing."""
        hashed = result if result is UNKNOWN else _bcrypt(result)
        return State("none", self.outputs(inputs, result=result, bcryptHash=hashed))


class RandomId(Declared):
    """Random bytes in several notations."""

    covered: ClassVar = frozenset({"byteLength", "keepers", "prefix"})
    _notations: ClassVar = ("b64Std", "b64Url", "dec", "hex")

    def create(self, context: Context, inputs: Properties) -> State:
        """Draw the bytes."""
        if context.preview:
            return State("", self.outputs(inputs, **dict.fromkeys(self._notations, UNKNOWN)))
        return self._state(inputs, secrets.token_bytes(inputs["byteLength"]))

    def read(self, context: Context, state: State) -> State:
        """Return it as it is; an imported one's id is `[prefix,]<URL-safe base64>`."""
        if state.outputs:
            return state
        prefix, _, encoded = state.id.rpartition(",")
        drawn = urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
        inputs = {"byteLength": len(drawn)} | ({"prefix": prefix} if prefix else {})
        made = self._state(inputs, drawn)
        return State(made.id, made.outputs, inputs)

    def _state(self, inputs: Properties, drawn: bytes) -> State:
        prefix = inputs.get("prefix", "")
        url = urlsafe_b64encode(drawn).rstrip(b"=").decode()
        texts = (b64encode(drawn).decode(), url, str(int.from_bytes(drawn)), drawn.hex())
        return State(
            url,
            self.outputs(inputs, **{name: prefix + text for name, text in zip(self._notations, texts, strict=True)}),
        )


class RandomUuid(Declared):
    """A UUID of version 4."""

    covered: ClassVar = frozenset({"keepers"})

    def create(self, context: Context, inputs: Properties) -> State:
        """Draw it."""
        result = UNKNOWN if context.preview else str(uuid4())
        return State(str(result), self.outputs(inputs, result=result))

    def read(self, context: Context, state: State) -> State:
        """Return it as it is; an imported one's id is its value."""
        return state if state.outputs else State(state.id, {"result": state.id}, {})


class Random(Plugin):
    """The provider, which has no configuration."""

    name = "random"
    version = "4.21.4"
    official = "pulumi plugin install resource random v4.21.4"
    _resources: ClassVar[Mapping[str, Resource]] = {
        "random:index/randomString:RandomString": RandomString(),
        "random:index/randomPassword:RandomPassword": RandomPassword(),
        "random:index/randomId:RandomId": RandomId(),
        "random:index/randomUuid:RandomUuid": RandomUuid(),
    }

    def resource(self, token: str) -> Resource | None:
        """Return the implementation of a type."""
        return self._resources.get(token)


def plugin() -> Plugin:
    """Return the provider."""
    return Random()


def _classes(inputs: Properties) -> dict[str, str]:
    """Return the enabled classes of characters by name."""
    classes = {
        "Lower": string.ascii_lowercase,
        "Upper": string.ascii_uppercase,
        "Numeric": string.digits,
        "Special": inputs.get("overrideSpecial") or _SPECIAL,
    }
    enabled = {**inputs, "numeric": inputs.get("numeric", inputs.get("number", True))}
    return {name: characters for name, characters in classes.items() if enabled.get(name.lower(), True)}


def _impossible(inputs: Properties) -> list[Failure]:
    classes = _classes(inputs)
    minimum = sum(inputs.get(f"min{name}", 0) for name in ("Lower", "Upper", "Numeric", "Special"))
    if not classes:
        return [Failure("lower", "at least one of lower, upper, numeric and special must be true")]
    if inputs.get("length", 0) < max(1, minimum):
        return [Failure("length", f"is {inputs.get('length')}: expected at least {max(1, minimum)}, the sum of the minimums")]
    return []


def _draw(inputs: Properties) -> str:
    classes = _classes(inputs)
    drawn = [secrets.choice(classes[name]) for name in classes for _ in range(inputs.get(f"min{name}", 0))]
    every = "".join(classes.values())
    drawn += [secrets.choice(every) for _ in range(inputs["length"] - len(drawn))]
    secrets.SystemRandom().shuffle(drawn)
    return "".join(drawn)


def _bcrypt(password: str) -> str:
    import bcrypt  # needed by one type only

    return bcrypt.hashpw(password.encode()[:_BCRYPT_BYTES], bcrypt.gensalt(_BCRYPT_COST)).decode()
