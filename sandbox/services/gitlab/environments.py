"""Environments: names, slugs and tiers, as https://docs.gitlab.com/ci/environments/ describes them."""

import json
import re
from hashlib import sha256
from typing import Any

from sandbox.services.gitlab import entities
from sandbox.services.gitlab.instance import Instance
from sandbox.services.gitlab.store import Row, encode, now

NAME = re.compile(r"(?!/)[A-Za-z0-9_./${} -]{1,255}(?<!/)")
NAME_RULE = "can contain only letters, digits, '-', '_', '/', '$', '{', '}', '.', and spaces, but it cannot start or end with '/'"
TIERS = ("production", "staging", "testing", "development", "other")
WORDS = (
    ("development", r"dev|review|trunk"), ("testing", r"test|qc|qa"), ("staging", r"stag|stg|pre-?prod|model|demo|non-?prod"),
    ("production", r"prod|prd|live"),
)  # fmt: skip
SLUG_LENGTH = 24
TEXTS = ("external_url", "description", "kubernetes_namespace", "flux_resource_path")
PROJECT_FIELDS = (
    "id", "description", "name", "name_with_namespace", "path", "path_with_namespace", "created_at", "default_branch", "tag_list",
    "topics", "ssh_url_to_repo", "http_url_to_repo", "web_url", "readme_url", "forks_count", "avatar_url", "star_count",
    "last_activity_at", "visibility", "namespace",
)  # fmt: skip


def slug_of(name: str) -> str:
    """Return the name for host names: at most 24 letters, digits and `-`, with a checksum where the name itself does not fit."""
    slug = re.sub(r"-+", "-", re.sub(r"[^a-z0-9]", "-", name.lower()))
    slug = slug if slug[:1].isalpha() else f"env-{slug}".replace("--", "-")
    if slug == name and len(slug) <= SLUG_LENGTH and not slug.endswith("-"):
        return slug
    return f"{slug[: SLUG_LENGTH - 7].rstrip('-')}-{sha256(name.encode()).hexdigest()[:6]}"


def tier_of(name: str) -> str:
    """Return the tier that `name` suggests."""
    return next((tier for tier, words in WORDS if re.search(words, name.lower())), "other")


def shown(gitlab: Instance, project: Row, row: Row) -> dict[str, Any]:
    """Return the form of an environment."""
    whole = entities.project(gitlab, project)
    attributes: dict[str, Any] = json.loads(row["attributes"])
    names = ("id", "name", "slug", "state", "created_at", "updated_at")
    return attributes | {name: row[name] for name in names} | {
        "project": {name: whole[name] for name in PROJECT_FIELDS}, "last_deployment": _last_deployment(gitlab, row), "auto_stop_at": None,
        "cluster_agent": None,
    }  # fmt: skip


def basic(row: Row) -> dict[str, Any]:
    """Return the short form of an environment."""
    names = ("id", "name", "slug", "created_at", "updated_at")
    return {name: row[name] for name in names} | {"external_url": json.loads(row["attributes"])["external_url"]}


def deployment(gitlab: Instance, row: Row) -> dict[str, Any]:
    """Return the form of a deployment."""
    user = gitlab.db.one("SELECT * FROM users WHERE id = ?", row["user_id"])
    names = ("id", "iid", "ref", "sha", "created_at", "updated_at", "status")
    return {name: row[name] for name in names} | {
        "user": entities.user(gitlab, user) if user else None, "environment": basic(gitlab.db.get("environments", row["environment_id"])),
        "deployable": None,
    }  # fmt: skip


def _last_deployment(gitlab: Instance, environment: Row) -> dict[str, Any] | None:
    sql = "SELECT * FROM deployments WHERE environment_id = ? AND status = 'success' ORDER BY id DESC"
    row = gitlab.db.one(sql, environment["id"])
    return deployment(gitlab, row) if row else None


def add(gitlab: Instance, project: Row, name: str, attributes: dict[str, Any]) -> Row:
    """Insert the environment `name` and return its row. Inside a transaction."""
    values = {"slug": slug_of(name), "state": "available", "attributes": encode(attributes), "created_at": now(), "updated_at": now()}
    return gitlab.db.get("environments", gitlab.db.insert("environments", project_id=project["id"], name=name, **values))


def defaults(name: str) -> dict[str, Any]:
    """Return the attributes of a new environment `name`."""
    return dict.fromkeys(TEXTS) | {"tier": tier_of(name), "auto_stop_setting": "always"}
