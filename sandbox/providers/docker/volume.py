"""A named volume."""

from typing import Any, ClassVar

from sandbox.providers.declared import Declared
from sandbox.providers.docker.client import Client, explain
from sandbox.providers.docker.spec import labels, listed_labels
from sandbox.providers.plugin import UNKNOWN, Context, Properties, State
from sandbox.providers.waiting import until

_RELEASE_SECONDS = 30.0  # a container that was just removed may hold its volumes for a moment


class Volume(Declared):
    """A volume; its id is its name. One that exists already is taken over, as the daemon itself does it."""

    covered: ClassVar = frozenset({"name", "driver", "driverOpts", "labels"})
    nested: ClassVar = {"labels": frozenset({"label", "value"})}
    auto_named: ClassVar = True

    def __init__(self, client: Client) -> None:
        self._client = client

    def create(self, context: Context, inputs: Properties) -> State:
        """Create it."""
        if context.preview:
            return State("", self.outputs(inputs, driver=inputs.get("driver", UNKNOWN), mountpoint=UNKNOWN))
        created = self._client.api.create_volume(
            inputs["name"], inputs.get("driver"), inputs.get("driverOpts"), labels(inputs.get("labels"))
        )
        return self._state(inputs, created)

    def read(self, context: Context, state: State) -> State | None:
        """Look it up."""
        found = self._find(state.id)
        if found is None:
            return None
        inputs = state.inputs or {"name": state.id, "labels": listed_labels(found.get("Labels"))}
        return State(state.id, self._state(inputs, found).outputs, inputs)

    def delete(self, context: Context, state: State) -> None:
        """Remove it and its data. Raises RuntimeError, naming the containers that still use it."""
        from docker.errors import APIError, NotFound

        def removed() -> bool:
            try:
                self._client.api.remove_volume(state.id)
            except NotFound:
                return True
            except APIError as error:
                if error.status_code != 409:
                    raise RuntimeError(f"cannot remove volume {state.id}: {explain(error)}") from None
            return self._find(state.id) is None

        try:
            until(context, removed, _RELEASE_SECONDS, f"volume {state.id} to be released")
        except TimeoutError:
            users = self._client.api.containers(all=True, filters={"volume": state.id})
            names = ", ".join(name.lstrip("/") for user in users for name in user["Names"])
            raise RuntimeError(f"volume {state.id} is still used by: {names}; remove these and run again") from None

    def _find(self, name: str) -> Any:
        from docker.errors import NotFound

        try:
            return self._client.api.inspect_volume(name)
        except NotFound:
            return None

    def _state(self, inputs: Properties, volume: Any) -> State:
        return State(volume["Name"], self.outputs(inputs, driver=volume["Driver"], mountpoint=volume["Mountpoint"]))
