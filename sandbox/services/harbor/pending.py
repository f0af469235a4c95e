"""What was begun at the registry and must come to an end, also when this process is killed in between.

A row is written before the registry is asked, and removed in the transaction that notes the result.
"""

import json
from typing import Any

from sandbox.services.harbor import content
from sandbox.services.harbor.errors import ApiError
from sandbox.services.harbor.instance import Harbor
from sandbox.services.harbor.manifest import IMAGE_CONFIGS, Manifest, parse
from sandbox.services.harbor.store import Row

LARGEST_CONFIG = 8 << 20
PUSHING = "SELECT 1 FROM pending WHERE kind = 'push' AND repository = ? AND digest = ?"


def attributes(harbor: Harbor, repository: str, manifest: Manifest) -> dict[str, Any]:
    """Return what Harbor shows of an image from its configuration; nothing for other artifacts."""
    if manifest.config.get("mediaType") not in IMAGE_CONFIGS:
        return {}
    try:
        found = json.loads(harbor.registry.blob(repository, manifest.config["digest"], LARGEST_CONFIG))
    except ValueError:
        return {}
    names = ("architecture", "author", "config", "created", "os")
    return {name: found[name] for name in names if name in found} if isinstance(found, dict) else {}


def begin_push(harbor: Harbor, repository: str, manifest: Manifest, tag: str | None) -> int:
    """Note that a manifest is about to be put; return what `end_push` wants."""
    with harbor.settling:  # or a deletion of the same manifest could come after it
        return harbor.db.insert(
            "pending", kind="push", repository=repository, digest=manifest.digest, tag=tag, media_type=manifest.media_type,
            body=manifest.body,
        )  # fmt: skip


def end_push(harbor: Harbor, id: int) -> int | None:
    """Note the result of a push that the registry took; return the artifact's id, None if the project is gone meanwhile."""
    row = harbor.db.get("pending", id)
    manifest, project = parse(row["media_type"], row["body"]), harbor.project_of(row["repository"])
    details = attributes(harbor, row["repository"], manifest)
    with harbor.db.transaction():
        harbor.db.execute("DELETE FROM pending WHERE id = ?", id)
        return content.record(harbor, project["id"], row["repository"], manifest, details, row["tag"]) if project else None


def drop(harbor: Harbor, id: int) -> None:
    """Forget something pending."""
    harbor.db.execute("DELETE FROM pending WHERE id = ?", id)


def settle(harbor: Harbor) -> None:
    """Delete at the registry what is deleted here; what it does not answer to waits for the next time."""
    with harbor.settling:
        for row in harbor.db.all("SELECT * FROM pending WHERE kind = 'delete' ORDER BY id"):
            if harbor.db.one(PUSHING, row["repository"], row["digest"]):
                continue
            try:
                if content.find_artifact(harbor.db, row["repository"], row["digest"]) is None:  # or it was pushed again
                    harbor.registry.delete_manifest(row["repository"], row["digest"])
            except ApiError:
                return
            drop(harbor, row["id"])


def last(harbor: Harbor) -> int:
    """Return the id of the last thing pending: at the start, what is not newer was left by an earlier process."""
    return harbor.db.number("SELECT MAX(id) FROM pending")


def recover(harbor: Harbor, left: int) -> None:
    """Bring to an end what an earlier process left, up to the id `left`: pushes that the registry took are noted, others forgotten.

    Safe to repeat: where the registry does not answer, all stays as it is.
    """
    for row in harbor.db.all("SELECT * FROM pending WHERE kind = 'push' AND id <= ? ORDER BY id", left):
        try:
            _recover_push(harbor, row)
        except ApiError as error:
            if error.status >= 500:
                return
            drop(harbor, row["id"])
    settle(harbor)


def _recover_push(harbor: Harbor, row: Row) -> None:
    if harbor.registry.has_manifest(row["repository"], row["digest"]):
        end_push(harbor, row["id"])
    else:
        drop(harbor, row["id"])
