"""What survives a kill."""

import signal
import sqlite3
from typing import Any

from tests.unit.sandbox.harbor.conftest import PASSWORD
from tests.unit.sandbox.harbor.images import MANIFEST, image
from tests.unit.sandbox.processes import free_port, wait_until


def test_a_kill_loses_nothing(own_server: Any) -> None:
    project = own_server.project(metadata={"public": "true"}, storage_limit=1 << 20)
    robot = own_server.robot(project, "repository:pull", "repository:push", "repository:list")
    client = own_server.client(robot)
    assert client.push(f"{project}/web", "v1", image()).status_code == 201
    before = own_server.call("GET", f"/projects/{project}/repositories/web/artifacts/v1").json()
    own_server.stop(signal.SIGKILL)
    own_server.start()
    assert own_server.call("GET", f"/projects/{project}/repositories/web/artifacts/v1").json() == before
    assert client.manifest(f"{project}/web", "v1").status_code == 200, "a token outlives the process that made it"
    assert own_server.client(robot).push(f"{project}/web", "v2", image("two")).status_code == 201
    assert own_server.call("DELETE", "/projects/library").status_code == 200
    own_server.stop(signal.SIGKILL)
    own_server.start()
    assert own_server.call("GET", "/projects/library").status_code == 404, "a deleted project does not come back"


def test_what_was_begun_at_the_registry_is_brought_to_an_end(own_server: Any) -> None:
    project, pushed = own_server.project(), image()
    client = own_server.client()
    assert client.push(f"{project}/web", "v1", pushed).status_code == 201
    own_server.stop(signal.SIGKILL)
    data = own_server.directory / "data/harbor.sqlite"
    with sqlite3.connect(data) as database:
        # As if killed between the registry's answer and the note of it, and before one that the registry never heard of.
        database.execute("PRAGMA foreign_keys = ON")
        database.execute("DELETE FROM repositories")
        columns = "INSERT INTO pending(kind, repository, digest, tag, media_type, body) VALUES ('push', ?, ?, ?, ?, ?)"
        for name, content in (("v1", pushed), ("lost", image("lost"))):
            database.execute(columns, [f"{project}/web", content.digest, name, MANIFEST, content.manifest])
    database.close()
    own_server.start()
    listed = own_server.call("GET", f"/projects/{project}/repositories/web/artifacts").json()
    assert [(each["digest"], each["tags"][0]["name"]) for each in listed] == [(pushed.digest, "v1")]
    assert own_server.client().manifest(f"{project}/web", "lost").status_code == 404


def test_a_deletion_waits_for_the_registry(own_server: Any) -> None:
    project, pushed = own_server.project(), image()
    client = own_server.client()
    client.push(f"{project}/web", "v1", pushed)
    own_server.registry.kill()
    own_server.registry.wait()
    own_server.registry = None
    assert own_server.call("DELETE", f"/projects/{project}/repositories/web").status_code == 200
    health = own_server.call("GET", "/health").json()
    assert health["status"] == "unhealthy"
    assert client.manifest(f"{project}/web", "v1").status_code in (404, 502)
    own_server.stop(signal.SIGKILL)
    own_server.start()
    with sqlite3.connect(own_server.directory / "data/harbor.sqlite") as database:
        assert database.execute("SELECT COUNT(*) FROM pending").fetchone() == (0,)
    database.close()


def test_what_waits_for_the_registry_goes_on_when_it_is_back(own_server: Any) -> None:
    project, pushed = own_server.project(), image()
    assert own_server.client().push(f"{project}/web", "v1", pushed).status_code == 201
    own_server.stop(signal.SIGKILL)
    with sqlite3.connect(own_server.directory / "data/harbor.sqlite") as database:
        # As if killed during a scan, and after the registry took one more push.
        database.execute("INSERT INTO reports VALUES (1, 'r', 'Running', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z', '{}', '')")
        columns = "INSERT INTO pending(kind, repository, digest, tag, media_type, body) VALUES ('push', ?, ?, 'v2', ?, ?)"
        database.execute(columns, [f"{project}/web", pushed.digest, MANIFEST, pushed.manifest])
    database.close()
    own_server.start(registry=False)
    at = f"/projects/{project}/repositories/web/artifacts/v1?with_scan_overview=true"
    assert [tag["name"] for tag in own_server.call("GET", at).json()["tags"]] == ["v1"]
    own_server.start_registry()

    def done() -> bool:
        found = own_server.call("GET", at).json()
        status = [each["scan_status"] for each in found["scan_overview"].values()]
        return status == ["Success"] and [tag["name"] for tag in found["tags"]] == ["v1", "v2"]

    wait_until(done, "the scan and the push are noted")


def test_core_serves_its_api_without_a_registry(own_server: Any) -> None:
    own_server.stop()
    own_server.registry, own_server.registry_port = None, free_port()
    own_server.start(registry=False)
    assert own_server.project()
    assert own_server.client().http.get("/v2/", auth=("admin", PASSWORD)).status_code == 502


def test_a_changed_password_counts_at_the_next_start(own_server: Any) -> None:
    own_server.stop()
    own_server.environment = {"HARBOR_ADMIN_PASSWORD": "ignored"}
    own_server.start()
    assert own_server.call("GET", "/users/current").json()["username"] == "admin"
    assert own_server.call("GET", "/users/current", auth=("admin", "ignored")).status_code == 401
