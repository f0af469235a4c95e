"""Harbor's configuration: names, defaults and kinds."""

import json
from typing import Any

from sandbox.services.harbor.store import Database, encode

DEFAULTS: dict[str, Any] = {
    "auth_mode": "db_auth",
    "primary_auth_mode": False,
    "project_creation_restriction": "everyone",
    "read_only": False,
    "self_registration": False,
    "token_expiration": 30,
    "robot_token_duration": 30,
    "robot_name_prefix": "robot$",
    "notification_enable": True,
    "quota_per_project_enable": True,
    "storage_per_project": -1,
    "audit_log_forward_endpoint": "",
    "skip_audit_log_database": False,
    "scanner_skip_update_pulltime": False,
    "session_timeout": 60,
    "banner_message": "",
    "disabled_audit_log_event_types": "",
}


def value(db: Database, name: str) -> Any:
    """Return the value of the setting `name`."""
    row = db.one("SELECT value FROM configurations WHERE name = ?", name)
    return DEFAULTS[name] if row is None else json.loads(row["value"])


def change(db: Database, name: str, new: Any) -> None:
    """Give the setting `name` the value `new`."""
    db.execute("INSERT OR REPLACE INTO configurations(name, value) VALUES (?, ?)", name, encode(new))
