"""A container: created, filled, started and watched until it runs or is healthy."""

from collections.abc import Mapping
from typing import Any, ClassVar

from sandbox.providers.declared import Declared
from sandbox.providers.docker.client import Client, explain
from sandbox.providers.docker.outputs import computed, expected
from sandbox.providers.docker.spec import NESTED, PLAIN, body, connection
from sandbox.providers.docker.uploads import archive
from sandbox.providers.plugin import Context, PartialError, Properties, State
from sandbox.providers.waiting import until

_LOG_LINES = 10
_REMOVAL_SECONDS = 60.0
_UPDATABLE = frozenset({"restart", "maxRetryCount", "memory", "memorySwap", "memoryReservation", "cpuShares", "cpuSet"})
_OPTIONS = frozenset({"mustRun", "start", "wait", "waitTimeout", "destroyGraceSeconds", "removeVolumes"})
_MEBIBYTE = 1 << 20


class Container(Declared):
    """A container. What it runs cannot be changed in place; limits, restarts and how it is watched can."""

    covered: ClassVar = PLAIN | NESTED.keys() | _OPTIONS | _UPDATABLE | {"name", "logDriver", "logOpts"}
    nested: ClassVar = NESTED
    in_place: ClassVar = _UPDATABLE | _OPTIONS
    auto_named: ClassVar = True
    defaults: ClassVar[Mapping[str, Any]] = {
        **dict.fromkeys(("mustRun", "start", "removeVolumes"), True),
        **dict.fromkeys(("attach", "logs", "readOnly", "rm", "stdinOpen", "tty", "wait"), False),
        **{"networkMode": "bridge", "restart": "no", "waitTimeout": 60},
    }

    def __init__(self, client: Client) -> None:
        self._client = client

    def create(self, context: Context, inputs: Properties) -> State:
        """Create and start it. Raises PartialError where it does not keep running or becomes healthy."""
        if context.preview:
            return State("", self.outputs(inputs, **expected(inputs)))
        identity = self._create(context, inputs)
        self._watch(context, identity, inputs)
        return self._state(inputs, identity)

    def read(self, context: Context, state: State) -> State | None:
        """Look it up. One that has stopped although it must run counts as changed: the next update starts it."""
        found = self._find(state.id)
        if found is None:
            return None
        inputs = state.inputs or {"name": found["Name"].lstrip("/"), "image": found["Config"]["Image"]}
        if _setting(inputs, "mustRun") and _setting(inputs, "start") and not found["State"]["Running"]:
            inputs = {**inputs, "mustRun": False}
        return State(found["Id"], self._state(inputs, found["Id"]).outputs, inputs)

    def update(self, context: Context, old: State, inputs: Properties) -> State:
        """Set the limits and start it where it must run. Raises PartialError as `create` does."""
        if context.preview:
            return State(old.id, {**old.outputs, **self.outputs(inputs)})
        from docker.errors import APIError

        try:
            if any((old.inputs or {}).get(name) != inputs.get(name) for name in _UPDATABLE):
                self._client.api.update_container(old.id, **_limits(inputs))
            if _setting(inputs, "mustRun") and _setting(inputs, "start"):
                self._client.api.start(old.id)  # no error on a running one
        except APIError as error:
            raise RuntimeError(f"cannot change container {inputs['name']}: {explain(error)}; `pulumi refresh` looks what is left") from None
        self._watch(context, old.id, inputs)
        return self._state(inputs, old.id)

    def delete(self, context: Context, state: State) -> None:
        """Stop it, gently where there is a time for it, and remove it with its anonymous volumes."""
        from docker.errors import APIError, NotFound

        grace = state.outputs.get("destroyGraceSeconds")
        try:
            if grace:
                self._client.api.stop(state.id, timeout=grace)
            self._client.api.remove_container(state.id, v=_setting(state.outputs, "removeVolumes"), force=True)
        except NotFound:
            return
        except APIError as error:
            if error.status_code != 409:  # "removal is already in progress"
                raise RuntimeError(f"cannot remove container {state.outputs.get('name', state.id)}: {explain(error)}") from None
        until(
            context,
            lambda: self._find(state.id) is None,
            _REMOVAL_SECONDS,
            f"container {state.outputs.get('name', state.id)} to go",
        )

    def _create(self, context: Context, inputs: Properties) -> str:
        """Create, fill and start the container; where that fails, nothing is left of it."""
        from docker.errors import APIError

        name = inputs["name"]
        self._client.pull(context, inputs["image"], inputs.get("platform"))
        try:
            identity: str = self._client.api.create_container_from_config(body(inputs), name)["Id"]
        except APIError as error:
            taken = f"; import it (pulumi import docker:index/container:Container {name} ID) or remove it"
            hint = taken if error.status_code == 409 else ""
            raise RuntimeError(f"cannot create container {name}: {explain(error)}{hint}") from None
        try:
            for network in (inputs.get("networksAdvanced") or [])[1:]:
                self._client.api.connect_container_to_network(identity, network["name"], **connection(network))
            if inputs.get("uploads"):
                self._client.api.put_archive(identity, "/", archive(inputs["uploads"]))
            if _setting(inputs, "start"):
                self._client.api.start(identity)
        except BaseException as error:
            self._client.api.remove_container(identity, v=True, force=True)
            if isinstance(error, APIError):
                raise RuntimeError(f"cannot start container {name}: {explain(error)}") from None
            raise
        return identity

    def _watch(self, context: Context, identity: str, inputs: Properties) -> None:
        """Wait until it is what it should be. Raises PartialError, which keeps the state."""
        if not _setting(inputs, "start"):
            return
        name = inputs["name"]

        def settled() -> str | None:
            status = self._client.api.inspect_container(identity)["State"]
            if _setting(inputs, "mustRun") and not status["Running"] and not status.get("Restarting"):
                raise RuntimeError(f"container {name} stopped with exit code {status['ExitCode']}: `docker logs {name}` may tell why")
            if not inputs.get("wait"):
                return "started"
            if "Health" not in status:
                raise RuntimeError(f"container {name} is waited for, but has no healthcheck: give it one, or leave `wait` out")
            return "healthy" if status["Health"]["Status"] == "healthy" else None

        try:
            until(context, settled, _setting(inputs, "waitTimeout"), f"container {name} to be healthy")
        except (TimeoutError, RuntimeError) as error:
            raise PartialError(f"{error}{self._last_words(identity)}", self._state(inputs, identity)) from None

    def _last_words(self, identity: str) -> str:
        found = self._find(identity)
        if found is None:
            return ""
        entries = (found.get("State", {}).get("Health") or {}).get("Log") or []
        said = f"; its last healthcheck said: {entries[-1]['Output'].strip()}" if entries else ""
        lines = self._client.api.logs(identity, tail=_LOG_LINES).decode(errors="replace").splitlines()
        return said + ("\nIts last lines:\n" + "\n".join(f"    {line}" for line in lines) if lines else "")

    def _find(self, identity: str) -> Any:
        from docker.errors import NotFound

        try:
            return self._client.api.inspect_container(identity)
        except NotFound:
            return None

    def _state(self, inputs: Properties, identity: str) -> State:
        found = self._find(identity)
        if found is None:  # with `rm` a short-lived container may be gone already
            return State(identity, self.outputs(inputs, networkDatas=[], bridge="", exitCode=0))
        return State(identity, self.outputs(inputs, **computed(inputs, found)))


def _setting(inputs: Properties, name: str) -> Any:
    value = inputs.get(name)
    return Container.defaults[name] if value is None else value


def _limits(inputs: Properties) -> Properties:
    sizes = {"memory": "mem_limit", "memorySwap": "memswap_limit", "memoryReservation": "mem_reservation"}
    return {
        "restart_policy": {"Name": _setting(inputs, "restart"), "MaximumRetryCount": inputs.get("maxRetryCount") or 0},
        **{argument: inputs[name] * _MEBIBYTE for name, argument in sizes.items() if inputs.get(name)},
        **{argument: inputs[name] for name, argument in (("cpuShares", "cpu_shares"), ("cpuSet", "cpuset_cpus")) if inputs.get(name)},
    }
