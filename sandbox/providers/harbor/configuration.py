"""Harbor's own configuration."""

import json
from typing import Any, ClassVar, Final

from sandbox.providers.harbor.projects import GIB
from sandbox.providers.harbor.rest import Rest
from sandbox.providers.plugin import Context, Properties, State

_PATH: Final = "/configurations"
_IDENTITY: Final = "configuration/system"
_SENT: Final = {
    "projectCreationRestriction": "project_creation_restriction",
    "readOnly": "read_only",
    "robotTokenExpiration": "robot_token_duration",
    "robotNamePrefix": "robot_name_prefix",
    "scannerSkipUpdatePulltime": "scanner_skip_update_pulltime",
    "auditLogForwardEndpoint": "audit_log_forward_endpoint",
    "skipAuditLogDatabase": "skip_audit_log_database",
}
_BANNER: Final = {"closable": "closable", "message": "message", "type": "type", "fromDate": "fromDate", "toDate": "toDate"}


class ConfigSystem(Rest):
    """The settings of the system, of which there is one: it is changed when created, and left alone when deleted."""

    form: ClassVar = _IDENTITY
    in_place: ClassVar = frozenset({*_SENT, "storagePerProject", "bannerMessage"})
    covered: ClassVar = in_place
    nested: ClassVar = {"bannerMessage": frozenset(_BANNER)}
    defaults: ClassVar = {
        **{"projectCreationRestriction": "adminonly", "readOnly": False, "robotTokenExpiration": 30, "robotNamePrefix": "robot$"},
        **{"scannerSkipUpdatePulltime": False, "storagePerProject": -1, "auditLogForwardEndpoint": "", "skipAuditLogDatabase": False},
    }

    def create(self, context: Context, inputs: Properties) -> State:
        """Set the configuration."""
        if context.preview:
            return State("", self.outputs(inputs))
        return State(_IDENTITY, self.update(context, State(_IDENTITY, {}), inputs).outputs)

    def fetch(self, context: Context, identity: str) -> Any:
        """Return the configuration."""
        return self.client.call("get", _PATH, context=context)

    def change(self, context: Context, old: State, inputs: Properties) -> None:
        """Send all settings."""
        self.client.call("put", _PATH, self.body(inputs), context=context)

    def delete(self, context: Context, state: State) -> None:
        """Forget it: the official provider leaves the settings too."""

    def body(self, inputs: Properties) -> Properties:
        """Return the inputs as Harbor's attributes."""
        storage, banner = inputs["storagePerProject"], inputs.get("bannerMessage")
        said = {"closable": False, "message": "", "type": "info", "fromDate": "", "toDate": "", **(banner or {})}
        return {
            **{attribute: inputs[name] for name, attribute in _SENT.items()},
            "quota_per_project_enable": True,
            "storage_per_project": storage * GIB if storage > 0 else storage,
            "banner_message": json.dumps(said) if banner else "",
        }

    def shown(self, context: Context, found: Any, inputs: Properties) -> Properties:
        """Return Harbor's description as inputs and outputs."""
        values = {name: each.get("value") for name, each in found.items() if isinstance(each, dict)}
        storage, banner = values.get("storage_per_project") or 0, values.get("banner_message")
        return {
            **{name: values.get(attribute) for name, attribute in _SENT.items()},
            "storagePerProject": storage // GIB if storage > 0 else storage,
            **({"bannerMessage": _banner(json.loads(banner), inputs.get("bannerMessage") or {})} if banner else {}),
        }


def _banner(found: Properties, given: Properties) -> Properties:
    """Return the banner, without the defaults that were not given."""
    return {name: found[name] for name in _BANNER if name in given or found.get(name) not in (None, "", False, "info")}
