"""Scans, one after the other, in a thread of their own. What a killed process left is scanned at the next start."""

import logging
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import uuid4

from sandbox.services.harbor import cache
from sandbox.services.harbor.content import find_artifact
from sandbox.services.harbor.errors import ApiError
from sandbox.services.harbor.instance import Harbor
from sandbox.services.harbor.manifest import Manifest, parse
from sandbox.services.harbor.scan import advisories, report
from sandbox.services.harbor.scan.packages import Layer, Package, packages
from sandbox.services.harbor.store import Database, Row, encode, now

WAITING = ("Pending", "Running")


def due(db: Database, artifact_id: int) -> None:
    """Note that an artifact is to be scanned."""
    time = now()
    db.execute(
        "INSERT OR REPLACE INTO reports(artifact_id, report_id, status, start_time, end_time, report, log) "
        "SELECT id, ?, 'Pending', ?, ?, '{}', '' FROM artifacts WHERE id = ?", str(uuid4()), time, time, artifact_id,
    )  # fmt: skip


class Worker:
    """Scans what is due."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="scan")

    def start(self, harbor: Harbor, artifact_id: int) -> None:
        """Scan an artifact some time soon."""
        due(harbor.db, artifact_id)
        self._pool.submit(scan, harbor, artifact_id)

    def resume(self, harbor: Harbor) -> None:
        """Scan what is still due."""
        for row in harbor.db.all("SELECT artifact_id FROM reports WHERE status IN (?, ?)", *WAITING):
            self._pool.submit(scan, harbor, row["artifact_id"])

    def stop(self) -> None:
        """Let the scan that runs end, and no other begin."""
        self._pool.shutdown(cancel_futures=True)


def scan(harbor: Harbor, artifact_id: int) -> None:
    """Scan an artifact and keep the report, or the reason why there is none."""
    artifact = harbor.db.find("artifacts", artifact_id)
    if artifact is None:
        return
    _note(harbor, artifact_id, status="Running", start_time=now(), end_time=now())
    try:
        repository = harbor.db.get("repositories", artifact["repository_id"])
        found = _packages(harbor, repository, artifact)
        made = report.make(found, advisories.read(harbor.advisories), artifact["digest"])
        log = f"{len(found)} packages, {len(made['vulnerabilities'])} vulnerabilities (advisories: {harbor.advisories.name}, a stand-in)"
        _note(harbor, artifact_id, status="Success", end_time=now(), report=encode(made), log=log)
    except (ApiError, ValueError, OSError, LookupError) as error:
        _note(harbor, artifact_id, status="Error", end_time=now(), log=str(error))
    except Exception as error:
        logging.getLogger(__name__).exception("scan of %s", artifact["digest"])
        _note(harbor, artifact_id, status="Error", end_time=now(), log=repr(error))


def _packages(harbor: Harbor, repository: Row, artifact: Row) -> set[Package]:
    manifest, name = parse(artifact["manifest_media_type"], artifact["body"]), repository["name"]
    if manifest.is_list:
        children = [find_artifact(harbor.db, name, each["digest"]) for each in manifest.children]
        return {package for child in children if child for package in _packages(harbor, repository, child)}
    return packages(partial(_open, harbor, name, layer["digest"]) for layer in _layers(manifest))


def _layers(manifest: Manifest) -> list[dict[str, str]]:
    return [each for each in manifest.layers if "tar" in each.get("mediaType", "tar")]


def _open(harbor: Harbor, repository: str, digest: str) -> Layer:
    project = harbor.project_of(repository)
    if project and project["registry_id"]:
        cache.keep_blob(harbor, project, repository, digest)
    return harbor.registry.stream(repository, digest)


def _note(harbor: Harbor, artifact_id: int, **values: str) -> None:
    names = ", ".join(f"{name} = ?" for name in values)
    harbor.db.execute(f"UPDATE reports SET {names} WHERE artifact_id = ?", *values.values(), artifact_id)
