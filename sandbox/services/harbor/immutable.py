"""Tags that may be set once and then neither moved nor deleted."""

import json

from sandbox.services.harbor.selectors import all_select
from sandbox.services.harbor.store import Database


def immutable(db: Database, repository: str, tag: str) -> bool:
    """Tell whether a rule of its project makes `tag` of the repository, named in full, immutable."""
    project, _, name = repository.partition("/")
    rules = db.all("SELECT r.rule FROM immutable_rules r JOIN projects p ON p.id = r.project_id WHERE p.name = ?", project)
    for row in rules:
        rule = json.loads(row["rule"])
        if rule["disabled"] or not all_select(rule["tag_selectors"], tag):
            continue
        if all_select(rule["scope_selectors"].get("repository", []), name):
            return True
    return False
