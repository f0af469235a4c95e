"""A network."""

from collections.abc import Mapping
from typing import Any, ClassVar

from sandbox.providers.declared import Declared
from sandbox.providers.docker.client import Client, explain
from sandbox.providers.docker.spec import labels, listed_labels
from sandbox.providers.plugin import UNKNOWN, Context, Properties, State
from sandbox.providers.waiting import until

_RELEASE_SECONDS = 30.0  # a container that was just removed may hold its endpoint for a moment
_IPAM = {"subnet": "Subnet", "gateway": "Gateway", "ipRange": "IPRange", "auxAddress": "AuxiliaryAddresses"}


class Network(Declared):
    """A network; its id is the daemon's."""

    covered: ClassVar = frozenset(
        {"name", "driver", "options", "internal", "attachable", "ingress", "ipv6", "labels"} | {"ipamDriver", "ipamOptions", "ipamConfigs"}
    )
    nested: ClassVar = {"ipamConfigs": frozenset(_IPAM), "labels": frozenset({"label", "value"})}
    defaults: ClassVar[Mapping[str, Any]] = {"driver": "bridge", "internal": False, "ipamDriver": "default"}
    auto_named: ClassVar = True

    def __init__(self, client: Client) -> None:
        self._client = client

    def create(self, context: Context, inputs: Properties) -> State:
        """Create it. Raises RuntimeError on a name or a subnet that is taken."""
        from docker.errors import APIError

        if context.preview:
            computed = {name: inputs.get(name, UNKNOWN) for name in ("ipamConfigs", "options")}
            return State("", self.outputs(inputs, scope=UNKNOWN, **computed))
        settings = self.outputs(inputs)
        try:
            created = self._client.api.create_network(
                settings["name"],
                driver=settings["driver"],
                options=settings.get("options"),
                ipam=_ipam(settings),
                check_duplicate=True,
                internal=settings["internal"],
                labels=labels(settings.get("labels")),
                enable_ipv6=settings.get("ipv6", False),
                attachable=settings.get("attachable"),
                ingress=settings.get("ingress"),
            )
        except APIError as error:
            raise RuntimeError(
                f"cannot create network {settings['name']}: {explain(error)}; `docker network ls` shows the others"
            ) from None
        return self._state(inputs, self._client.api.inspect_network(created["Id"]))

    def read(self, context: Context, state: State) -> State | None:
        """Look it up."""
        found = self._find(state.id)
        if found is None:
            return None
        inputs = state.inputs or _inputs(found)
        return State(found["Id"], self._state(inputs, found).outputs, inputs)

    def delete(self, context: Context, state: State) -> None:
        """Remove it. Raises RuntimeError, naming the containers that are still attached."""
        from docker.errors import APIError, NotFound

        def removed() -> bool:
            try:
                self._client.api.remove_network(state.id)
            except NotFound:
                return True
            except APIError as error:
                if error.status_code not in (403, 409):  # "has active endpoints"
                    raise RuntimeError(f"cannot remove network {state.outputs['name']}: {explain(error)}") from None
            return self._find(state.id) is None

        try:
            until(context, removed, _RELEASE_SECONDS, f"network {state.outputs['name']} to be released")
        except TimeoutError:
            attached = (self._find(state.id) or {}).get("Containers") or {}
            names = ", ".join(sorted(container["Name"] for container in attached.values()))
            raise RuntimeError(f"network {state.outputs['name']} still has these containers: {names}; remove them and run again") from None

    def _find(self, identity: str) -> Any:
        from docker.errors import NotFound

        try:
            return self._client.api.inspect_network(identity)
        except NotFound:
            return None

    def _state(self, inputs: Properties, network: Any) -> State:
        computed = {
            "driver": network["Driver"],
            "internal": network["Internal"],
            "scope": network["Scope"],
            "options": network.get("Options") or {},
            "ipamConfigs": _ipam_configs(network),
        }
        return State(network["Id"], self.outputs(inputs, **computed))


def _ipam(settings: Properties) -> Properties:
    configs = [{api: config[name] for name, api in _IPAM.items() if config.get(name)} for config in settings.get("ipamConfigs") or []]
    return {"Driver": settings["ipamDriver"], "Options": settings.get("ipamOptions"), "Config": configs}


def _ipam_configs(network: Any) -> list[Properties]:
    configs = (network.get("IPAM") or {}).get("Config") or []
    return [{name: config[api] for name, api in _IPAM.items() if config.get(api)} for config in configs]


def _inputs(network: Any) -> Properties:
    """Return the inputs of a network that is imported."""
    read = {
        "name": network["Name"],
        "driver": network["Driver"],
        "ipamConfigs": _ipam_configs(network),
        "labels": listed_labels(network.get("Labels")),
        "options": network.get("Options"),
    }
    return {name: value for name, value in read.items() if value}
