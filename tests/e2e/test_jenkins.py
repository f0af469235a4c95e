"""A push to an application's repository becomes an image; who may not start a build, or see a credential, cannot."""

import json
from typing import Any

import httpx
import pytest

from naming import App
from sandbox.jenkins import path
from tests.e2e.jenkins import AGENTS, Jenkins, Source, agents, inline, source
from tests.e2e.loop import Loop
from tests.e2e.registry import administrator
from tests.e2e.support import Platform, eventually

JOB, UPDATE, BLOG = "acme/build/alice-shop", "acme/update/alice-shop", "acme/build/bob-blog"
SLEEP = 'pipeline { agent { label "slipway-update" }\n stages { stage("wait") { steps { sh "sleep %s" } } } }'


@pytest.fixture(scope="module")
def jenkins(platform: Platform) -> Jenkins:
    return Jenkins(platform)


@pytest.fixture(scope="module")
def shop(platform: Platform) -> Source:
    return source(platform, "acme", "alice-shop")


def dockerfile(platform: Platform) -> str:
    lines = (
        f"FROM harbor.{platform.name}.test/mirror/library/python:3.11-slim",
        "WORKDIR /srv",
        "COPY index.html .",
        "RUN echo built > built",
        "USER 1000",
        'CMD ["python3", "-m", "http.server", "8080"]',
    )
    return "\n".join(lines) + "\n"


def parameters(build: dict[str, Any]) -> dict[str, str]:
    return {each["name"]: each["value"] for action in build["actions"] for each in action.get("parameters", [])}


def test_a_push_becomes_an_image_and_pods(platform: Platform, jenkins: Jenkins, shop: Source) -> None:
    before, released = len(jenkins.builds(JOB)), len(jenkins.builds(UPDATE))
    commit = shop.commit({"Dockerfile": dockerfile(platform), "Jenkinsfile": "error('a tenant has no say in this')"})
    (build, *_) = eventually(lambda: jenkins.builds(JOB)[: -before or None], 30, "the push starts a build")
    delivery = shop.deliveries()[0]
    assert delivery["response_status"] in (200, "200")
    assert parameters(build) == {
        "REPOSITORY_URL": f"{shop.project.http_url_to_repo}",
        "BRANCH": "main",
        "WORKSPACE_ID": "acme",
        "USER_ID": "alice",
        "PROJECT_NAME": "shop",
        "APP_PORT": "8080",
        "PLATFORM_DOMAIN": f"{platform.name}.test",
        "CUSTOM_DOMAIN": f"shop.{platform.name}.test",
    }
    ended = jenkins.finished(JOB, build["number"])
    log = jenkins.log(JOB, build["number"])
    assert ended["result"] == "SUCCESS", log
    assert administrator(platform).digest("acme", "alice/shop", f"sha-{commit}"), "the image is in the workspace's project"
    outputs = json.dumps(platform.stack.outputs()["registryPush"]["acme"])
    assert not [part for part in outputs.split('"') if len(part) > 20 and part in log], "the credential that pushes is masked"
    try:
        (update, *_) = eventually(lambda: jenkins.builds(UPDATE)[: -released or None], 60, "the build starts an update")
        ended, log = jenkins.finished(UPDATE, update["number"]), jenkins.log(UPDATE, update["number"])
        assert ended["result"] == "SUCCESS", log
        assert platform.get("shop", "/built").text == "built\n"
        (last, *_) = platform.gitops.commits.list(query_parameters={"path": "apps/acme/alice/shop"}, get_all=False)
        assert "slipway-release" in last.author_name, "the bot's commit, not a person's"
        assert f"Release-Source: {commit}" in last.message
        eventually(lambda: not agents(platform), 30, "the agents' pods go")
    finally:
        Loop(platform, App.parse("acme/alice/shop")).remove()


def hook_of(platform: Platform, name: str) -> tuple[str, str]:
    """URL and token of an application's hook, as the platform's owner can read them from the state."""
    state = json.loads(platform.stack.pulumi("stack", "export", "--show-secrets"))["deployment"]["resources"]
    (hook,) = [each for each in state if each["type"].endswith(":ProjectHook") and each["urn"].endswith(f"{name}-jenkins")]
    return str(hook["inputs"]["url"]), str(json.loads(hook["inputs"]["token"]["plaintext"]))


def push_event(project: Any, ref: str = "refs/heads/main", **changed: Any) -> dict[str, Any]:
    head = project.branches.get("main").commit["id"]
    there = {"url": project.http_url_to_repo, "git_http_url": project.http_url_to_repo, "name": project.name, "homepage": project.web_url}
    return {
        **{"object_kind": "push", "ref": ref, "before": head, "after": head, "project_id": project.id, "user_name": "M", "commits": []},
        **{"project": {"path_with_namespace": project.path_with_namespace, "web_url": project.web_url}, "repository": there},
        **changed,
    }


def sent(platform: Platform, url: str, event: dict[str, Any], token: str | None, kind: str = "Push Hook") -> int:
    headers = {"Host": httpx.URL(url).host, "X-Gitlab-Event": kind} | ({"X-Gitlab-Token": token} if token is not None else {})
    there = f"http://{platform.node}{httpx.URL(url).path}"
    return httpx.post(there, json=event, headers=headers, trust_env=False, timeout=10).status_code


def test_who_does_not_know_the_token_starts_nothing(platform: Platform, jenkins: Jenkins, shop: Source) -> None:
    blog = source(platform, "acme", "bob-blog")
    url, token = hook_of(platform, "acme-alice-shop")
    other, foreign = hook_of(platform, "acme-bob-blog")
    before = (len(jenkins.builds(JOB)), len(jenkins.builds(BLOG)))
    event = push_event(shop.project)
    assert sent(platform, url, event, None) in (401, 403)
    assert sent(platform, url, event, "wrong") == 401
    assert sent(platform, url, event, "") in (401, 403)
    assert sent(platform, url, event, foreign) == 401, "a token is for one project"
    assert sent(platform, other, event, token) == 401, "a delivery that is replayed for another project"
    assert sent(platform, other, push_event(blog.project), token) == 401
    assert sent(platform, url.replace("alice-shop", "no-such"), event, token) == 404
    assert sent(platform, url, push_event(shop.project, "refs/heads/feature"), token) == 200, "taken, and filtered out"
    assert sent(platform, url, push_event(shop.project, after="0" * 40), token) == 200, "a deleted branch"
    attributes = {"action": "open", "state": "opened", "source_project_id": 999, "target_project_id": shop.project.id, "iid": 1, "id": 1}
    branches = {"source_branch": "evil", "target_branch": "main", "last_commit": {"id": event["after"]}}
    merge = {"object_kind": "merge_request", "object_attributes": attributes | branches}
    assert sent(platform, url, merge, token, "Merge Request Hook") == 200, "merge requests, also those from forks, start nothing"
    assert (len(jenkins.builds(JOB)), len(jenkins.builds(BLOG))) == before
    assert not jenkins.get("/queue/api/json").json()["items"]


def test_a_push_to_a_branch_that_is_not_protected_starts_nothing(jenkins: Jenkins, shop: Source) -> None:
    before = len(jenkins.builds(JOB)), len(shop.deliveries())
    shop.commit({"index.html": "feature"}, branch=f"feature-{before[1]}", start="main")
    eventually(lambda: len(shop.deliveries()) > before[1], 20, "GitLab has told of the push")
    assert shop.deliveries()[0]["response_status"] in (200, "200")
    assert len(jenkins.builds(JOB)) == before[0]


WANTS = """
pipeline { agent { label "slipway-update" }
  stages { stage("take") { steps {
    withCredentials([usernamePassword(credentialsId: "%s", usernameVariable: "U", passwordVariable: "P")]) { sh "echo got it" }
  } } } }
"""


def test_the_build_job_cannot_obtain_the_gitops_token(jenkins: Jenkins) -> None:
    """Whatever the pipeline of a build job says: the folder that it lies in does not hold it."""
    wanted = {"acme/build/probe-gitops": "gitops", "acme/build/probe-argocd": "argocd", "acme/build/probe-gitlab": "slipway"}
    wanted |= {"acme/build/probe-registry": "registry", "acme/update/probe-gitops": "gitops", "acme/update/probe-registry": "registry"}
    jenkins.apply(*(inline(job, WANTS % id) for job, id in wanted.items()))
    for job in wanted:
        jenkins.start(job)
    results = {job: jenkins.finished(job, 1)["result"] for job in wanted}
    # The update job's account at the registry is another one: it has images scanned, and pushes none.
    allowed = {"acme/build/probe-registry", "acme/update/probe-gitops", "acme/update/probe-registry"}
    assert {job for job, result in results.items() if result == "SUCCESS"} == allowed
    assert "Could not find credentials entry with ID 'gitops'" in jenkins.log("acme/build/probe-gitops", 1)


def test_a_pipeline_cannot_leave_its_sandbox(jenkins: Jenkins) -> None:
    ways = ['new File("/etc/passwd").text', "System.getenv()", '"id".execute()', "jenkins.model.Jenkins.get()"]
    jobs = {f"acme/build/escape-{number}": way for number, way in enumerate(ways)}
    jenkins.apply(*(inline(job, f'node("slipway-update") {{ echo "" + {way} }}') for job, way in jobs.items()))
    for job in jobs:
        jenkins.start(job)
    for job in jobs:
        assert jenkins.finished(job, 1)["result"] == "FAILURE"
        assert "not permitted" in jenkins.log(job, 1), jenkins.log(job, 1)


def test_nothing_runs_on_the_controller(jenkins: Jenkins) -> None:
    jenkins.apply(inline("acme/build/anywhere", 'pipeline { agent any\n stages { stage("a") { steps { sh "id" } } } }'))
    jenkins.start("acme/build/anywhere")
    eventually(
        lambda: "label" in jenkins.log("acme/build/anywhere", 1) or "executor" in jenkins.log("acme/build/anywhere", 1), 30, "it waits"
    )
    assert jenkins.post(f"{path('acme/build/anywhere')}/1/stop").status_code in (200, 302)
    assert jenkins.finished("acme/build/anywhere", 1)["result"] == "ABORTED"


def test_ten_builds_share_the_agents_and_two_of_one_job_follow_each_other(platform: Platform, jenkins: Jenkins) -> None:
    jobs = [f"acme/update/load-{number}" for number in range(10)]
    jenkins.apply(*(inline(job, SLEEP % 4, concurrent=False) for job in jobs))
    for job in jobs:
        jenkins.start(job)
    most = 0

    def done() -> bool:
        nonlocal most
        most = max(most, len(agents(platform)))
        return all(build["result"] for job in jobs for build in jenkins.builds(job) or [{"result": None}])

    eventually(done, 240, "all ten have ended", every=0.3)
    assert [jenkins.builds(job)[0]["result"] for job in jobs] == ["SUCCESS"] * 10
    assert 2 <= most <= 4, "at once, and no more than slipway:jenkins.agents"

    serial = "acme/update/load-0"
    jenkins.start(serial)
    eventually(lambda: jenkins.builds(serial)[0]["building"], 30, "the first one runs")
    jenkins.start(serial)
    third = jenkins.finished(serial, 3)
    second = jenkins.finished(serial, 2)
    assert third["timestamp"] >= second["timestamp"] + second["duration"]


def test_a_stopped_build_leaves_no_pod(platform: Platform, jenkins: Jenkins) -> None:
    job = "acme/update/stopped"
    jenkins.apply(inline(job, SLEEP % 600))
    jenkins.start(job)
    eventually(lambda: "sleep 600" in jenkins.log(job, 1), 90, "its shell runs", every=0.5)
    assert agents(platform)
    assert jenkins.post(f"{path(job)}/1/stop").status_code in (200, 302)
    assert jenkins.finished(job, 1, 60)["result"] == "ABORTED"
    eventually(lambda: not agents(platform), 30, "its pod goes")


def test_a_killed_controller_comes_back_with_its_history(platform: Platform, jenkins: Jenkins) -> None:
    known, log, number = jenkins.builds(JOB), jenkins.log(JOB, 1), len(jenkins.builds(BLOG)) + 1
    source(platform, "acme", "bob-blog").commit({"Dockerfile": f"{dockerfile(platform)}RUN sleep 600\n"})
    eventually(lambda: jenkins.builds(BLOG)[number - 1 :] and "RUN sleep 600" in jenkins.log(BLOG, number), 120, "it builds", every=0.5)
    uid = platform.object("pod", "jenkins-0", "jenkins")["metadata"]["uid"]
    platform.kubectl("-n", "jenkins", "delete", "pod", "jenkins-0", "--grace-period=0", "--force", "--wait=false")

    def back() -> bool:
        pod = platform.object("pod", "jenkins-0", "jenkins")
        return pod.get("metadata", {}).get("uid") not in (uid, None) and jenkins.get(f"{path(JOB)}/api/json").status_code == 200

    eventually(back, 120, "another controller answers", every=0.5)
    assert (jenkins.builds(JOB), jenkins.log(JOB, 1)) == (known, log)
    eventually(lambda: not agents(platform), 60, f"no pod in {AGENTS} outlives the build that it was for")
    assert jenkins.finished(BLOG, number, 30)["result"] in ("ABORTED", "FAILURE")
