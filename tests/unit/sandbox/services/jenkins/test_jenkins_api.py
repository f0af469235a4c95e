"""The JSON API as clients use it, and the pages."""

from typing import Any

import pytest

from sandbox.services.jenkins.errors import HttpError
from sandbox.services.jenkins.tree import Bean, parse, render
from tests.unit.sandbox.services.jenkins.kit import ADMIN, BUILDER, JOB, PATH, PUSH, READER, URL, Kit


def post(kit: Kit, path: str, user: tuple[str, str] = BUILDER, **options: Any) -> Any:
    return kit.http.post(path, auth=kit.token(user), **options)


def test_the_root(kit: Kit) -> None:
    found = kit.get("/api/json")
    assert found["_class"] == "hudson.model.Hudson"
    expected = {"_class": "com.cloudbees.hudson.plugins.folder.Folder", "name": "acme", "url": f"{URL}/job/acme/"}
    assert found["jobs"] == [expected]
    deeper = kit.get("/api/json?depth=1")["jobs"][0]
    assert [each["name"] for each in deeper["jobs"]] == ["build", "update"]
    assert kit.get("/view/all/api/json?tree=jobs[name]")["jobs"] == [{"_class": expected["_class"], "name": "acme"}]


def test_a_tree_with_ranges_and_depth(kit: Kit) -> None:
    for branch in "abc":
        assert post(kit, f"{PATH}/buildWithParameters", params={"BRANCH": branch}).status_code == 201
        kit.idle()
    tree = "builds[number,result,actions[parameters[name,value]]]{0,2},lastBuild[number],allBuilds[number]{2},nothing"
    found = kit.get(f"{PATH}/api/json?tree={tree}")
    assert [each["number"] for each in found["builds"]] == [3, 2]
    parameters = [each for action in found["builds"][0]["actions"] for each in action.get("parameters", [])]
    assert {each["name"]: each["value"] for each in parameters} == {"BRANCH": "c", "MODE": "fast", "DRY": True}
    assert found["lastBuild"]["number"] == 3
    assert [each["number"] for each in found["allBuilds"]] == [1]
    assert "nothing" not in found
    assert "allBuilds" not in kit.get(f"{PATH}/api/json")
    assert [each.get("result") for each in kit.get(f"{PATH}/api/json")["builds"]] == [None] * 3
    assert [each.get("result") for each in kit.get(f"{PATH}/api/json?depth=1")["builds"]] == ["SUCCESS"] * 3


@pytest.mark.parametrize("tree", ["a[", "a]", "a,,b", ",", "a{x}", "a[b]c", "[" * 9, "a[" * 200, "a b"])
def test_a_wrong_tree_is_refused(kit: Kit, tree: str) -> None:
    assert kit.http.get("/api/json", params={"tree": tree}, auth=ADMIN).status_code == 400
    with pytest.raises(HttpError):
        parse(tree)


def test_everything_of_a_bean() -> None:
    bean = Bean("kind", ("a",), {"a": lambda: 1, "b": lambda: [{"c": 2, "d": 3}]})
    assert render(bean, "*", "") == {"_class": "kind", "a": 1, "b": [{}]}
    assert render(bean, "b[*]", "") == {"_class": "kind", "b": [{"c": 2, "d": 3}]}


def test_a_build(kit: Kit) -> None:
    kit.hook(PUSH)
    kit.idle()
    found = kit.get(f"{PATH}/lastSuccessfulBuild/api/json")
    expected = {
        **{"number": 1, "id": "1", "result": "SUCCESS", "building": False, "inProgress": False, "displayName": "#1"},
        **{"url": f"{URL}{PATH}/1/", "fullDisplayName": "acme » build » alice-shop #1", "queueId": 1},
        "artifacts": [{"displayPath": "report.json", "fileName": "report.json", "relativePath": "sub/report.json"}],
    }
    assert {name: found[name] for name in expected} == expected
    assert found["actions"][1]["causes"][0]["shortDescription"] == "Started by GitLab push by Alice"
    assert found["duration"] > 0
    for name, status in (("lastBuild", 200), ("lastCompletedBuild", 200), ("lastStableBuild", 200), ("lastFailedBuild", 404), ("2", 404)):
        assert kit.http.get(f"{PATH}/{name}/api/json", auth=ADMIN).status_code == status
    assert kit.http.get(f"{PATH}/1/artifact/*zip*/archive.zip", auth=ADMIN).status_code == 404


@pytest.mark.parametrize("path", ["../log", "sub/../../log", "%2e%2e/log", "..%2flog", "sub", "", "link"])
def test_artifacts_lead_nowhere_else(kit: Kit, path: str) -> None:
    kit.hook(PUSH)
    kit.idle()
    (kit.jenkins.store.folder(JOB, 1) / "archive/link").symlink_to("/etc/passwd")
    assert kit.http.get(f"{PATH}/1/artifact/{path}", auth=ADMIN).status_code == 404


def test_starting_builds(kit: Kit) -> None:
    plain = "/job/acme/job/update/job/plain"
    answer = post(kit, f"{plain}/build")
    assert answer.status_code == 201
    kit.idle()
    item = kit.get(f"{answer.headers['Location'].removeprefix(str(kit.http.base_url).rstrip('/'))}api/json")
    assert (item["executable"]["number"], item["cancelled"]) == (1, False)
    assert kit.http.get(f"{plain}/build", auth=BUILDER).status_code == 405
    assert post(kit, f"{plain}/buildWithParameters").status_code == 500  # as Jenkins: not parameterized
    assert post(kit, f"{PATH}/build").status_code == 400
    assert post(kit, f"{PATH}/build", data={"json": '{"parameter": [{"name": "BRANCH", "value": "x"}]}'}).status_code == 201
    assert post(kit, f"{PATH}/build", data={"json": "[1]"}).status_code == 400
    assert post(kit, f"{PATH}/buildWithParameters", params={"MODE": "slow"}).status_code == 400
    assert post(kit, f"{PATH}/buildWithParameters", params={"BRANCH": ["a", "b"]}).status_code == 400
    kit.idle()
    answer = post(kit, f"{PATH}/buildWithParameters", params={"BRANCH": "q", "UNKNOWN": "x"}, data={"DRY": "false"})
    kit.idle()
    assert kit.runner.records[-1].parameters == {"BRANCH": "q", "MODE": "fast", "DRY": False}
    assert "UNKNOWN" not in kit.runner.records[-1].environment


def test_who_am_i_plugins_and_nodes(kit: Kit) -> None:
    kit.jenkins.options.plugins.write_text("# comment\ngit:5.10.1\n\njob-dsl:1:extra # why\n")
    plugins = kit.get("/pluginManager/api/json?depth=1")["plugins"]
    assert [(each["shortName"], each["version"], each["active"], each["enabled"]) for each in plugins] == [
        ("git", "5.10.1", True, True),
        ("job-dsl", "1", True, True),
    ]
    assert kit.get("/whoAmI/api/json", READER)["authorities"] == ["authenticated"]
    assert kit.get("/computer/api/json")["computer"][0]["numExecutors"] == 0
    assert "<description></description>" in kit.http.get(f"{PATH}/config.xml", auth=ADMIN).text


@pytest.mark.parametrize(
    "path", ["/nothing", f"{PATH}/1/nothing", f"{PATH}/x/api/json", "/queue/item/x/api/json", "/queue/item/9/api/json"]
)
def test_what_is_not_there(kit: Kit, path: str) -> None:
    assert kit.http.get(path, auth=ADMIN).status_code == 404


def test_pages_escape_what_builds_say(kit: Kit) -> None:
    kit.runner.text = "\x1b[31mred\x1b[0m <script>alert(1)</script>\n"
    kit.hook(PUSH | {"user_name": "<b>Eve</b>"})
    kit.idle()
    pages = {
        path: kit.http.get(path, auth=READER) for path in ("/", "/job/acme/", f"{PATH}/", f"{PATH}/1/", f"{PATH}/1/console", "/queue/")
    }
    for path, page in pages.items():
        assert page.status_code == 200, path
        assert "<script>" not in page.text
        assert "<b>Eve" not in page.text
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "red &lt;script&gt;alert(1)&lt;/script&gt;" in pages[f"{PATH}/1/console"].text
    assert ">#1</a></td><td>SUCCESS" in pages[f"{PATH}/"].text
    assert "BRANCH" in pages[f"{PATH}/1/"].text
    assert "sub/report.json" in pages[f"{PATH}/1/"].text


def test_a_browser_starts_a_build_by_the_form(kit: Kit) -> None:
    kit.http.post("/j_spring_security_check", data={"j_username": BUILDER[0], "j_password": BUILDER[1]})
    page = kit.http.get(f"{PATH}/").text
    crumb = page.partition('name="Jenkins-Crumb" value="')[2].partition('"')[0]
    form = {"Jenkins-Crumb": crumb, "back-to-page": "x", "BRANCH": "main", "MODE": "full", "DRY": "false"}
    answer = kit.http.post(f"{PATH}/buildWithParameters", data=form)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{PATH}/")
    kit.idle()
    assert kit.runner.records[0].parameters == {"BRANCH": "main", "MODE": "full", "DRY": False}
