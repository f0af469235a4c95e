"""Which artifacts a retention policy keeps.

https://goharbor.io/docs/2.14.0/working-with-projects/working-with-images/create-tag-retention-rules/

Policies run when they are told to; nothing runs them by their schedule.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.services.harbor import content, removal
from sandbox.services.harbor.errors import ApiError
from sandbox.services.harbor.instance import Harbor
from sandbox.services.harbor.selectors import all_select
from sandbox.services.harbor.store import Row, moment, now

Keep = Callable[[list[Row], int], list[Row]]


def _latest(*columns: str) -> Keep:
    return lambda rows, count: sorted(rows, key=lambda row: max(row[column] for column in columns), reverse=True)[:count]


def _within(*columns: str) -> Keep:
    def keep(rows: list[Row], days: int) -> list[Row]:
        start = datetime.now(UTC) - timedelta(days=days)
        return [row for row in rows if max(moment(row[column]) for column in columns) > start]

    return keep


TEMPLATES: dict[str, Keep] = {
    "latestPushedK": _latest("push_time"),
    "latestPulledN": _latest("pull_time"),
    "latestActiveK": _latest("push_time", "pull_time"),
    "nDaysSinceLastPush": _within("push_time"),
    "nDaysSinceLastPull": _within("pull_time"),
    "always": lambda rows, _: rows,
}


def run(harbor: Harbor, policy_id: int, dry_run: bool) -> int:
    """Run a policy and return its execution's id: what no rule keeps is deleted, in the repositories that a rule speaks of.

    Artifacts with an immutable tag stay, and so do those that a list of manifests names.
    """
    policy = harbor.db.get("retentions", policy_id)
    rules = [rule for rule in json.loads(policy["policy"])["rules"] if not rule["disabled"]]
    start = now()
    id = harbor.db.insert("executions", policy_id=policy_id, dry_run=dry_run, status="Running", start_time=start, end_time=start)
    for repository in harbor.db.all("SELECT * FROM repositories WHERE project_id = ? ORDER BY name", policy["project_id"]):
        name = repository["name"].partition("/")[2]
        fitting = [rule for rule in rules if all_select(rule["scope_selectors"]["repository"], name)]
        if fitting:
            _clean(harbor, id, repository, fitting, dry_run)
    harbor.db.update("executions", id, status="Succeed", end_time=now())
    return id


def _clean(harbor: Harbor, execution_id: int, repository: Row, rules: list[dict[str, Any]], dry_run: bool) -> None:
    start, rows = now(), harbor.db.all("SELECT * FROM artifacts WHERE repository_id = ? ORDER BY id", repository["id"])
    rows = [row for row in rows if content.tags_of(harbor.db, row["id"]) or not removal.referrers(harbor.db, row)]
    kept = {row["id"] for rule in rules for row in _keep(harbor, rule, rows)}
    lines, retained = [], 0
    for row in rows:
        done = "RETAIN" if row["id"] in kept else "DEL"
        if done == "DEL" and not dry_run:
            try:
                removal.remove(harbor, repository["name"], row)
            except ApiError as error:
                done = f"ERR {error.message}"
        retained += done != "DEL"
        lines.append(f"{row['digest']} {done}")
    harbor.db.insert(
        "tasks", execution_id=execution_id, repository=repository["name"], total=len(rows), retained=retained, start_time=start,
        end_time=now(), log="\n".join(lines),
    )  # fmt: skip


def _keep(harbor: Harbor, rule: dict[str, Any], rows: list[Row]) -> list[Row]:
    chosen = [row for row in rows if _tagged(harbor, rule["tag_selectors"], row)]
    return TEMPLATES[rule["template"]](chosen, int(rule["params"].get(rule["template"], 0)))


def _tagged(harbor: Harbor, selectors: list[dict[str, Any]], row: Row) -> bool:
    tags = content.tags_of(harbor.db, row["id"])
    if not tags:  # taken unless the selector says otherwise
        return all(json.loads(each.get("extras") or '{"untagged": true}').get("untagged", False) for each in selectors)
    return any(all_select(selectors, tag["name"]) for tag in tags)
