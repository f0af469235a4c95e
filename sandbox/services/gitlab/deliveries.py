"""The queue of webhook deliveries; it is also their log."""

import json
import time
from typing import Any
from uuid import uuid4

from sandbox.services.gitlab.access import ancestors
from sandbox.services.gitlab.hook_health import executable
from sandbox.services.gitlab.instance import VERSION, Instance
from sandbox.services.gitlab.protection import matches
from sandbox.services.gitlab.store import Row, encode, now

TRIGGERS = {
    "push": ("push_events", "Push Hook"), "tag_push": ("tag_push_events", "Tag Push Hook"),
    "merge_request": ("merge_requests_events", "Merge Request Hook"), "note": ("note_events", "Note Hook"),
}  # fmt: skip


def enqueue(gitlab: Instance, project: Row, payload: dict[str, Any]) -> None:
    """Queue `payload` for every hook of `project`, or of a group above, that is on and wants this event. Call inside a transaction."""
    flag, _ = TRIGGERS[payload["object_kind"]]
    for hook in _hooks(gitlab, project):
        if executable(hook) and json.loads(hook["attributes"])[flag] and _wants_branch(hook, payload.get("ref", "")):
            add_delivery(gitlab, hook, payload, due_at=time.time())


def add_delivery(gitlab: Instance, hook: Row, payload: dict[str, Any], due_at: float | None) -> int:
    """Add one delivery and return its id. `due_at` (Unix time) None keeps it from the queue: the caller sends it."""
    _, event = TRIGGERS[payload["object_kind"]]
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"GitLab/{VERSION}",
        "X-Gitlab-Event": event,
        "X-Gitlab-Instance": gitlab.url,
        "X-Gitlab-Webhook-UUID": hook["uuid"],
        "X-Gitlab-Event-UUID": str(uuid4()),
        "Idempotency-Key": str(uuid4()),
    }
    values = {"headers": encode(headers), "payload": encode(payload), "created_at": now()}
    return gitlab.db.insert("deliveries", hook_id=hook["id"], event=payload["object_kind"], due_at=due_at, **values)


def _hooks(gitlab: Instance, project: Row) -> list[Row]:
    """Return the hooks of `project` and of the groups above it."""
    groups = ancestors(gitlab, project["namespace_id"])
    marks = ", ".join("?" * len(groups))
    return gitlab.db.all(f"SELECT * FROM hooks WHERE project_id = ? OR group_id IN ({marks}) ORDER BY id", project["id"], *groups)


def _wants_branch(hook: Row, ref: str) -> bool:
    attributes = json.loads(hook["attributes"])
    pattern = attributes["push_events_branch_filter"]
    if not pattern or attributes["branch_filter_strategy"] == "all_branches" or not ref.startswith("refs/heads/"):
        return True
    return matches(pattern, ref.removeprefix("refs/heads/"))
