"""Builds and queue items as the JSON API shows them."""

import json
import os
from pathlib import Path
from typing import Any

from sandbox.services.database import Row
from sandbox.services.jenkins.call import Call
from sandbox.services.jenkins.parameters import value_class
from sandbox.services.jenkins.record import job_path, text_of
from sandbox.services.jenkins.store import CANCELLED, WAITING, now
from sandbox.services.jenkins.tree import Bean

ARCHIVE = "archive"


def build_url(call: Call, row: Row) -> str:
    """Return the address of a build."""
    return f"{call.jenkins.url}/{job_path(row['job'])}/{row['number']}/"


def build_title(row: Row) -> str:
    """Return the name of a build."""
    return row["display_name"] or f"#{row['number']}"


def build(call: Call, row: Row) -> Bean:
    """Return a build."""
    store, running = call.jenkins.store, row["result"] is None

    def neighbour(sql: str) -> Bean | None:
        found = store.db.one(f"SELECT * FROM builds WHERE job = ? AND number {sql} LIMIT 1", row["job"], row["number"])
        return build(call, found) if found else None

    return Bean(
        "org.jenkinsci.plugins.workflow.job.WorkflowRun",
        ("number", "url"),
        {
            "actions": lambda: actions(row),
            "artifacts": lambda: [_artifact(path) for path in artifacts(store.folder(row["job"], row["number"]))],
            "building": lambda: running,
            "description": lambda: row["description"] or None,
            "displayName": lambda: build_title(row),
            "duration": lambda: 0 if running else row["duration"],
            "estimatedDuration": lambda: -1,
            "executor": lambda: {"_class": "hudson.model.OneOffExecutor"} if running else None,
            "fullDisplayName": lambda: f"{row['job'].replace('/', ' » ')} {build_title(row)}",
            "id": lambda: str(row["number"]),
            "inProgress": lambda: running,
            "keepLog": lambda: False,
            "number": lambda: row["number"],
            "queueId": lambda: row["queue_id"],
            "result": lambda: row["result"],
            "timestamp": lambda: row["started"],
            "url": lambda: build_url(call, row),
            "changeSets": list,
            "culprits": list,
            "nextBuild": lambda: neighbour("> ? ORDER BY number"),
            "previousBuild": lambda: neighbour("< ? ORDER BY number DESC"),
        },
    )


def actions(row: Row) -> list[dict[str, Any]]:
    """Return the causes and parameters of a build or queue item."""
    causes = [{name: value for name, value in cause.items() if name != "gitlab"} for cause in json.loads(row["causes"])]
    found: list[dict[str, Any]] = [{"_class": "hudson.model.CauseAction", "causes": causes}]
    given = json.loads(row["parameters"])
    if given:
        shown = [{"_class": value_class(value), "name": name, "value": value} for name, value in given.items()]
        found.insert(0, {"_class": "hudson.model.ParametersAction", "parameters": shown})
    return found


def artifacts(folder: Path) -> list[str]:
    """Return the paths of a build's artifacts, in alphabetical order; links are left out."""
    archive = folder / ARCHIVE
    found = [Path(path, name) for path, _, names in os.walk(archive) for name in names]
    return sorted(each.relative_to(archive).as_posix() for each in found if not each.is_symlink() and each.is_file())


def _artifact(path: str) -> dict[str, Any]:
    name = path.rpartition("/")[2]
    return {"displayPath": name, "fileName": name, "relativePath": path}


def queued(call: Call, row: Row) -> Bean:
    """Return a queue item, waiting or gone."""
    waiting = row["state"] == WAITING
    name = row["job"].rpartition("/")[2]
    task = {"_class": "org.jenkinsci.plugins.workflow.job.WorkflowJob", "name": name, "url": f"{call.jenkins.url}/{job_path(row['job'])}/"}
    parameters = "".join(f"\n{key}={text_of(value)}" for key, value in json.loads(row["parameters"]).items())
    properties: dict[str, Any] = {
        "actions": lambda: actions(row),
        "blocked": lambda: waiting,
        "buildable": lambda: False,
        "id": lambda: row["id"],
        "inQueueSince": lambda: row["since"],
        "params": lambda: parameters,
        "stuck": lambda: False,
        "task": lambda: task,
        "url": lambda: f"queue/item/{row['id']}/",
        "why": lambda: call.jenkins.queue.why(row) if waiting else None,
    }
    if waiting:
        more: dict[str, Any] = {"buildableStartMilliseconds": now}
        return Bean("hudson.model.Queue$BlockedItem", ("id", "url"), properties | more)
    return Bean(
        "hudson.model.Queue$LeftItem",
        ("id", "url"),
        properties | {"cancelled": lambda: row["state"] == CANCELLED, "executable": lambda: _executable(call, row)},
    )


def _executable(call: Call, row: Row) -> dict[str, Any] | None:
    if not row["number"]:
        return None
    url = f"{call.jenkins.url}/{job_path(row['job'])}/{row['number']}/"
    return {"_class": "org.jenkinsci.plugins.workflow.job.WorkflowRun", "number": row["number"], "url": url}
