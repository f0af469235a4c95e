"""What follows when refs have moved, by Git or by the API alike: default branch, its protection, webhooks, merge requests.

Git's own reference-transaction hook writes every moved ref into a file under `spool`, whose name carries project and user. The file goes
last, so what a killed run left is made up for at the next start: a receiver may see a push twice, as with GitLab itself.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from sandbox.services.gitlab.deliveries import enqueue
from sandbox.services.gitlab.git import ZERO
from sandbox.services.gitlab.instance import Instance
from sandbox.services.gitlab.mr_pushes import follow
from sandbox.services.gitlab.payloads import push_payload
from sandbox.services.gitlab.protection import protect_default_branch
from sandbox.services.gitlab.store import Row, now

EVENT_LIMIT = 3  # GitLab's push_event_hooks_limit: a push of more branches or tags fires no hook


@dataclass(frozen=True)
class RefUpdate:
    """`ref` moved from `before` to `after`; ZERO stands for "was not there" and "is gone"."""

    before: str
    after: str
    ref: str


@contextmanager
def recording(gitlab: Instance, project: Row, user_id: int) -> Iterator[dict[str, str]]:
    """Yield the environment in which git notes the refs it moves, and act on these when the block is left."""
    file = gitlab.spool / f"{project['id']}-{user_id}-{uuid4().hex}"
    try:
        yield {"GITLAB_SPOOL": str(file)}
    finally:
        process(gitlab, file)


def process(gitlab: Instance, file: Path) -> None:
    """Act on the refs noted in `file`, once or, after a kill, again; then remove it."""
    if not file.exists():
        return
    project_id, user_id, _ = file.name.split("-")
    project = gitlab.db.one("SELECT * FROM projects WHERE id = ?", project_id)
    user = gitlab.db.one("SELECT * FROM users WHERE id = ?", user_id)
    if project and user:
        _settle(gitlab, project, user, _read(file))
    file.unlink()
    gitlab.wake()


def process_left_over(gitlab: Instance) -> None:
    """Act on what an interrupted run noted but did not get to."""
    for file in sorted(gitlab.spool.iterdir()):
        process(gitlab, file)


def _read(file: Path) -> list[RefUpdate]:
    updates = [RefUpdate(*line.split(" ", 2)) for line in file.read_text().splitlines() if line.count(" ") >= 2]
    moved = [update for update in updates if update.before != update.after]
    return [update for update in moved if update.ref.startswith(("refs/heads/", "refs/tags/"))]


def _settle(gitlab: Instance, project: Row, user: Row, updates: list[RefUpdate]) -> None:
    project = _choose_default_branch(gitlab, project, updates)
    created = {update.ref for update in updates if update.before == ZERO}
    few = [update for prefix in ("refs/heads/", "refs/tags/") for update in _at_most(updates, prefix)]
    payloads = [push_payload(gitlab, project, user, update.before, update.after, update.ref) for update in few]
    with gitlab.db.transaction():
        gitlab.db.update("projects", project["id"], last_activity_at=now())
        if f"refs/heads/{project['default_branch']}" in created:
            protect_default_branch(gitlab, project)
        for payload in payloads:
            enqueue(gitlab, project, payload)
    heads = [update.ref for update in updates if update.ref.startswith("refs/heads/")]
    follow(gitlab, project, user, [ref.removeprefix("refs/heads/") for ref in heads])


def _at_most(updates: list[RefUpdate], prefix: str) -> list[RefUpdate]:
    found = [update for update in updates if update.ref.startswith(prefix)]
    return found if len(found) <= EVENT_LIMIT else []


def _choose_default_branch(gitlab: Instance, project: Row, updates: list[RefUpdate]) -> Row:
    """Make the first branch of an empty repository the default one, if the one that was expected did not come."""
    repository = gitlab.repository(project)
    heads = [update.ref.removeprefix("refs/heads/") for update in updates if update.ref.startswith("refs/heads/")]
    if not heads or repository.branch_tip(project["default_branch"]):
        return project
    present = [head for head in heads if repository.branch_tip(head)]
    if not present:
        return project
    repository.run("symbolic-ref", "HEAD", f"refs/heads/{present[0]}")
    gitlab.db.update("projects", project["id"], default_branch=present[0])
    return gitlab.db.get("projects", project["id"])
