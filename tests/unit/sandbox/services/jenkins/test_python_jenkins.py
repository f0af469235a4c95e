"""The stand-in answers a client that was made for Jenkins: https://python-jenkins.readthedocs.io"""

from pathlib import Path

import jenkins
import pytest

from tests.unit.sandbox.services.jenkins.kit import BUILDER, JOB, READER, FakeRunner, Kit, controller


def client(kit: Kit, user: tuple[str, str]) -> jenkins.Jenkins:
    return jenkins.Jenkins(str(kit.http.base_url), username=user[0], password=user[1], timeout=20)


def test_jobs_and_builds(kit: Kit) -> None:
    server = client(kit, BUILDER)
    assert server.get_whoami()["id"] == "builder"
    assert server.get_version() == "2.568.2"
    assert {each["fullname"] for each in server.get_all_jobs()} >= {"acme", "acme/build", JOB}
    assert server.job_exists(JOB)
    assert not server.job_exists("acme/build/nobody")
    item = server.build_job(JOB, {"BRANCH": "other"})  # by password: with a crumb
    kit.idle()
    assert server.get_queue_item(item)["executable"]["number"] == 1
    info = server.get_build_info(JOB, 1)
    assert (info["result"], info["building"]) == ("SUCCESS", False)
    assert "hello" in server.get_build_console_output(JOB, 1)
    assert server.get_build_artifact(JOB, 1, "sub/report.json") == {}
    assert server.get_job_info(JOB)["lastSuccessfulBuild"]["number"] == 1
    server.delete_build(JOB, 1)
    assert server.get_job_info(JOB)["builds"] == []


def test_the_queue_and_stopping(tmp_path: Path) -> None:
    runner = FakeRunner(held=True)
    with controller(tmp_path, runner=runner) as kit:
        server = client(kit, kit.token(BUILDER))
        server.build_job(JOB, {"BRANCH": "a"})
        runner.wait_started(1)
        waiting = server.build_job(JOB, {"BRANCH": "b"})
        assert [each["id"] for each in server.get_queue_info()] == [waiting]
        server.cancel_queue(waiting)
        assert server.get_queue_info() == []
        server.stop_build(JOB, 1)
        kit.idle()
        assert server.get_build_info(JOB, 1)["result"] == "ABORTED"


def test_what_is_refused(kit: Kit) -> None:
    server = client(kit, READER)
    with pytest.raises(jenkins.JenkinsException, match="403"):
        server.build_job(JOB, {"BRANCH": "a"})
    with pytest.raises(jenkins.JenkinsException):
        server.create_job("acme/new", jenkins.EMPTY_CONFIG_XML)
    with pytest.raises(jenkins.JenkinsException, match="403"):
        server.run_script("println(1)")
    with pytest.raises(jenkins.JenkinsException, match="401"):
        client(kit, ("reader", "wrong")).get_whoami()
