"""Builds and their queue: one at a time, stopping, cancelling, what is kept, and what a killed controller comes back with."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from sandbox.services.jenkins.model import Controller, Credential, Engine, Item, Library, Parameter, Scm, StepError
from sandbox.services.jenkins.record import Build
from sandbox.services.jenkins.store import Store
from tests.unit.sandbox.services.jenkins.kit import (
    ADMIN,
    BASE,
    BUILDER,
    ITEMS,
    JOB,
    PATH,
    PUSH,
    FakeEngine,
    FakeRunner,
    Kit,
    controller,
    folder,
    job,
    write_casc,
)

PLAIN = "acme/update/plain"


def start(kit: Kit, **parameters: str) -> int:
    """Start a build and return the queue item's id."""
    answer = kit.http.post(f"{PATH}/buildWithParameters", params=parameters, auth=kit.token(BUILDER))
    assert answer.status_code == 201, answer.text
    return int(answer.headers["Location"].rstrip("/").rpartition("/")[2])


def numbers(kit: Kit, path: str = JOB) -> list[int]:
    return [row["number"] for row in kit.builds(path)]


def test_one_at_a_time_and_the_same_only_once(tmp_path: Path) -> None:
    runner = FakeRunner(held=True)
    with controller(tmp_path, runner=runner) as kit:
        start(kit)
        runner.wait_started(1)
        waiting = start(kit)
        assert start(kit) == waiting
        other = start(kit, BRANCH="other")
        assert other != waiting
        items = kit.get("/queue/api/json")["items"]
        assert [each["id"] for each in items] == [other, waiting]
        assert items[0]["why"] == "Build #1 is already in progress (ETA: N/A)"
        assert items[0]["task"]["name"] == "alice-shop"
        assert kit.get(f"{PATH}/api/json?tree=inQueue,color") | {"_class": ""} == {"_class": "", "inQueue": True, "color": "notbuilt_anime"}
        runner.release(kit.engine)
        kit.idle()
        assert [json.loads(row["parameters"])["BRANCH"] for row in kit.builds()] == ["other", "main", "main"]
        assert kit.get(f"/queue/item/{other}/api/json")["executable"]["number"] == 3


def test_hooks_that_wait_become_one_build_with_both_causes(tmp_path: Path) -> None:
    runner = FakeRunner(held=True)
    with controller(tmp_path, runner=runner) as kit:
        kit.hook(PUSH)
        runner.wait_started(1)
        kit.hook(PUSH | {"after": "3" * 40})
        kit.hook(PUSH | {"after": "4" * 40, "user_name": "Bob"})
        start(kit)
        runner.release(kit.engine)
        kit.idle()
        causes = [[each["shortDescription"] for each in json.loads(row["causes"])] for row in reversed(kit.builds())]
        by = "Started by GitLab push by"
        assert causes == [[f"{by} Alice"], [f"{by} Alice", f"{by} Bob"], ["Started by user Builder"]]
        assert runner.records[1].environment["gitlabAfter"] == "3" * 40  # Jenkins takes the first cause


def test_jobs_that_may_run_side_by_side_do(tmp_path: Path) -> None:
    runner = FakeRunner(held=True)
    with controller(tmp_path, FakeEngine(items=[*ITEMS[:3], job(concurrent=True)]), runner) as kit:
        start(kit)
        start(kit)
        runner.wait_started(2)


def test_a_build_is_stopped_once(tmp_path: Path) -> None:
    runner = FakeRunner(held=True)
    with controller(tmp_path, runner=runner) as kit:
        start(kit)
        runner.wait_started(1)
        assert kit.http.post(f"{PATH}/1/stop", auth=kit.token(BUILDER)).status_code == 302
        assert kit.http.post(f"{PATH}/lastBuild/stop", auth=kit.token(BUILDER)).status_code == 302
        kit.idle()
        assert kit.http.post(f"{PATH}/1/stop", auth=kit.token(BUILDER)).status_code == 302
        assert kit.engine.stopped == [f"{JOB}#1"]
        assert kit.builds()[0]["result"] == "ABORTED"
        assert runner.records[0].stopping


def test_a_waiting_item_is_cancelled(tmp_path: Path) -> None:
    runner = FakeRunner(held=True)
    with controller(tmp_path, runner=runner) as kit:
        start(kit)
        runner.wait_started(1)
        waiting = start(kit)
        assert kit.http.post(f"/queue/cancelItem?id={waiting}", auth=kit.token(("reader", ""))).status_code == 422
        assert kit.http.post(f"/queue/cancelItem?id={waiting}", auth=kit.token(BUILDER)).status_code == 204
        assert kit.http.post(f"/queue/cancelItem?id={waiting}", auth=kit.token(BUILDER)).status_code == 404
        assert kit.get(f"/queue/item/{waiting}/api/json")["cancelled"] is True
        assert kit.jenkins.outcome(waiting) == (0, "ABORTED")
        runner.release(kit.engine)
        kit.idle()
        assert numbers(kit) == [1]


def kill(tmp_path: Path) -> None:
    """Leave a home as a killed controller does: one build runs, another waits."""
    with controller(tmp_path) as kit:
        start(kit)
        kit.idle()
    store = Store(tmp_path / "home")
    for branch in ("main", "other"):
        store.enqueue(JOB, branch, {"BRANCH": branch}, {}, {"shortDescription": "Started by user Builder"})
    row = store.start(store.waiting()[0])
    (store.folder(JOB, row["number"]) / "log").write_text("half a li")
    store.db.close()


def test_a_killed_controller_comes_back(tmp_path: Path) -> None:
    kill(tmp_path)
    write_casc(tmp_path / "casc")
    with controller(tmp_path) as kit:
        kit.idle()
        assert [(row["number"], row["result"]) for row in kit.builds()] == [(3, "SUCCESS"), (2, "ABORTED"), (1, "SUCCESS")]
        log = kit.http.get(f"{PATH}/2/consoleText", auth=ADMIN).text
        assert log.startswith("half a li")
        assert log.endswith("Finished: ABORTED\n")
        assert "hello\n" in kit.http.get(f"{PATH}/1/consoleText", auth=ADMIN).text
        assert kit.http.get(f"{PATH}/1/artifact/sub/report.json", auth=ADMIN).json() == {}
        assert json.loads(kit.builds()[0]["parameters"])["BRANCH"] == "other"
        assert kit.get(f"{PATH}/api/json")["nextBuildNumber"] == 4


def test_a_controller_that_ends_stops_its_builds(tmp_path: Path) -> None:
    runner = FakeRunner(held=True)
    with controller(tmp_path, runner=runner) as kit:
        start(kit)
        runner.wait_started(1)
        start(kit)
        kit.jenkins.queue.close(20)
        assert kit.builds()[0]["result"] == "ABORTED"
        assert len(kit.jenkins.store.waiting()) == 1
    with controller(tmp_path) as kit:
        kit.idle()
        assert [row["result"] for row in kit.builds()] == ["SUCCESS", "ABORTED"]


def test_old_builds_go_with_their_folders(tmp_path: Path) -> None:
    engine = FakeEngine(items=[*ITEMS[:3], job(builds_to_keep=2)])
    with controller(tmp_path, engine) as kit:
        for result in ("SUCCESS", "FAILURE", "FAILURE", "FAILURE"):
            kit.runner.result = result
            start(kit)
            kit.idle()
        assert numbers(kit) == [4, 3, 1]  # the last stable build stays
        folders = kit.jenkins.store.folder(JOB, 1).parent
        assert sorted(each.name for each in folders.iterdir()) == ["1", "3", "4"]
        assert kit.http.get(f"{PATH}/2/api/json", auth=ADMIN).status_code == 404


def test_a_build_is_deleted(kit: Kit) -> None:
    start(kit)
    kit.idle()
    assert kit.http.post(f"{PATH}/1/doDelete", auth=kit.token(BUILDER)).status_code == 302
    assert numbers(kit) == []
    assert not kit.jenkins.store.folder(JOB, 1).exists()
    start(kit)
    kit.idle()
    assert numbers(kit) == [2]


def test_a_job_that_is_deleted_takes_its_builds_along(tmp_path: Path) -> None:
    runner = FakeRunner(held=True)
    with controller(tmp_path, runner=runner) as kit:
        start(kit)
        runner.wait_started(1)
        start(kit)
        kit.engine.items, kit.engine.deleted = [], ["acme/build"]
        kit.jenkins.reload()
        kit.idle()
        assert kit.engine.stopped == [f"{JOB}#1"]
        assert kit.http.get(f"{PATH}/api/json", auth=ADMIN).status_code == 404
        assert not kit.jenkins.store.item_folder(JOB).exists()
        kit.engine.items, kit.engine.deleted, runner.held = list(ITEMS), [], False
        kit.engine.stopped.clear()
        kit.jenkins.reload()
        start(kit)
        kit.idle()
        assert numbers(kit) == [1]


def test_a_runner_that_breaks_fails_the_build_and_tells_no_secret(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    secret = "secret-of-the-runner"

    def run(*_: Any) -> str:
        raise RuntimeError(secret)

    with controller(tmp_path, runner=run) as kit:
        start(kit)
        kit.idle()
        assert kit.builds()[0]["result"] == "FAILURE"
        log = kit.http.get(f"{PATH}/1/consoleText", auth=ADMIN).text
    assert "FATAL: RuntimeError" in log
    assert secret not in log + caplog.text


def test_a_build_describes_itself(kit: Kit) -> None:
    start(kit)
    kit.idle()
    kit.runner.records[0].describe(display_name="v1.2.3", description="released")
    shown = kit.get(f"{PATH}/1/api/json")
    assert (shown["displayName"], shown["description"]) == ("v1.2.3", "released")
    assert shown["fullDisplayName"] == "acme » build » alice-shop v1.2.3"


def test_the_log_is_followed(tmp_path: Path) -> None:
    runner = FakeRunner(held=True, text="one\ntwo\nhal")
    with controller(tmp_path, runner=runner) as kit:
        start(kit)
        runner.wait_started(1)
        first = kit.http.get(f"{PATH}/1/logText/progressiveText", auth=ADMIN)
        assert first.headers["X-More-Data"] == "true"
        assert first.text.endswith("one\ntwo\n")
        runner.records[0].write("f\n")
        second = kit.http.get(f"{PATH}/1/logText/progressiveText?start={first.headers['X-Text-Size']}", auth=ADMIN)
        assert second.text == "half\n"
        runner.release(kit.engine)
        kit.idle()
        third = kit.http.get(f"{PATH}/1/logText/progressiveText?start={second.headers['X-Text-Size']}", auth=ADMIN)
        assert third.text == "Finished: SUCCESS\n"
        assert "X-More-Data" not in third.headers
        whole = kit.http.get(f"{PATH}/1/consoleText", auth=ADMIN)
        assert first.text + second.text + third.text == whole.text
        assert kit.http.get(f"{PATH}/1/logText/progressiveText?start=999999", auth=ADMIN).text == whole.text


def test_a_build_starts_another(kit: Kit) -> None:
    id = kit.jenkins.schedule(f"/{JOB}", {"MODE": "full", "DRY": False}, "acme/build/up #7")
    kit.idle()
    assert kit.jenkins.outcome(id) == (1, "SUCCESS")
    assert kit.runner.records[0].parameters == {"BRANCH": "main", "MODE": "full", "DRY": False}
    assert json.loads(kit.builds()[0]["causes"])[0]["shortDescription"] == 'Started by upstream project "acme/build/up" build number 7'
    for path, parameters, told in (
        ("acme/nobody", {}, "No item named acme/nobody found"),
        ("acme", {}, "No item named acme found"),
        (JOB, {"OTHER": "x"}, "has no parameter OTHER"),
        (JOB, {"MODE": "slow"}, "Illegal choice for parameter MODE: slow"),
    ):
        with pytest.raises(StepError, match=told):
            kit.jenkins.schedule(path, parameters, "cause")


def login(id: str, value: str, scope: str = "GLOBAL") -> Credential:
    return Credential(id=id, kind="usernamePassword", username="u", secret=value, scope=scope)


def test_a_job_sees_the_credentials_above_it(tmp_path: Path) -> None:
    listed = [
        {"usernamePassword": {"id": id, "username": "u", "password": f"global-{id}", "scope": scope}}
        for id, scope in (("pipeline", "GLOBAL"), ("both", "GLOBAL"), ("own", "SYSTEM"))
    ]
    write_casc(tmp_path / "casc", {"credentials": {"system": {"domainCredentials": [{"credentials": listed}]}}, "jobs": [{"script": "x"}]})
    items: list[Item] = [
        *(folder("acme", login("both", "of-acme")), folder("acme/build", login("source", "of-build"))),
        *(folder("acme/update", login("gitops", "of-update")), job()),
    ]
    with controller(tmp_path, FakeEngine(items=items)) as kit:
        found = {id: kit.jenkins.credential(id, JOB) for id in ("source", "both", "pipeline", "gitops", "own")}
        secrets = {id: each.secret if each else None for id, each in found.items()}
        assert secrets == {"source": "of-build", "both": "of-acme", "pipeline": "global-pipeline", "gitops": None, "own": None}
        assert "of-build" not in repr(kit.jenkins.items)


def library(name: str, url: str) -> Library:
    return Library(name=name, scm=Scm(url=url, revision="main"))


def test_a_job_sees_the_libraries_of_its_folders(tmp_path: Path) -> None:
    seen: list[list[tuple[str, str]]] = []

    def run(record: Build, controller: Controller, engine: Engine) -> str:
        seen.append([(each.name, each.scm.url) for each in controller.libraries(record.job)])
        return "SUCCESS"

    listed = [{"name": name, "retriever": {"modernSCM": {"scm": {"git": {"remote": "global"}}}}} for name in ("shared", "common")]
    write_casc(tmp_path / "casc", BASE | {"unclassified": {"globalLibraries": {"libraries": listed}}})
    items: list[Item] = [
        Item(path="acme", kind="folder", libraries=(library("shared", "acme"), library("own", "acme"))),
        *(Item(path="acme/build", kind="folder", libraries=(library("own", "build"),)), folder("acme/update"), job()),
        job("acme/update/plain"),
    ]
    with controller(tmp_path, FakeEngine(items=items), run) as kit:
        for path in (JOB, "acme/update/plain"):
            kit.jenkins.schedule(path, {}, "cause")
            kit.idle()
    assert seen == [
        [("shared", "acme"), ("common", "global"), ("own", "build")],
        [("shared", "acme"), ("common", "global"), ("own", "acme")],
    ]
    with controller(tmp_path, FakeEngine(items=[])) as kit:
        assert kit.jenkins.items["acme"].libraries == items[0].libraries


def test_many_at_once_get_numbers_of_their_own(tmp_path: Path) -> None:
    items = [*ITEMS[:3], job(concurrent=True, parameters=(Parameter(name="N"),))]
    with controller(tmp_path, FakeEngine(items=items)) as kit:
        threads = [threading.Thread(target=kit.jenkins.schedule, args=(JOB, {"N": str(n)}, "cause")) for n in range(20)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        kit.idle()
        assert numbers(kit) == list(range(20, 0, -1))
        assert {json.loads(row["parameters"])["N"] for row in kit.builds()} == {str(n) for n in range(20)}
