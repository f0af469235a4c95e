"""Who may do what: passwords, tokens, sessions, crumbs, the matrix."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.unit.sandbox.services.jenkins.kit import ADMIN, BASE, BUILDER, JOB, PATH, READER, Kit, controller, write_casc

START = f"{PATH}/buildWithParameters"
STRANGER = None


def status(kit: Kit, method: str, path: str, user: Any = None, **options: Any) -> int:
    return kit.http.request(method, path, auth=user, **options).status_code


def crumb(http: httpx.Client, user: Any) -> dict[str, str]:
    found = http.get("/crumbIssuer/api/json", auth=user).json()
    return {found["crumbRequestField"]: found["crumb"]}


@pytest.mark.parametrize("path", ["/", "/api/json", f"{PATH}/", f"{PATH}/api/json", "/queue/api/json", "/nothing", "/crumbIssuer/api/json"])
def test_strangers_are_sent_to_the_login(kit: Kit, path: str) -> None:
    answer = kit.http.get(path)
    assert answer.status_code == 403
    assert 'content="1;url=/login?from=%2F' in answer.text
    assert answer.headers["X-Jenkins"] == "2.568.2"


def test_what_strangers_may_ask(kit: Kit) -> None:
    assert kit.http.get("/login").status_code == 200
    who = kit.http.get("/whoAmI/api/json").json()
    assert (who["name"], who["anonymous"], who["authorities"]) == ("anonymous", True, [])


@pytest.mark.parametrize("user", [("admin", "wrong"), ("nobody", "admin-password"), ("admin", ""), ("", "")])
def test_wrong_logins_are_401(kit: Kit, user: tuple[str, str]) -> None:
    answer = kit.http.get("/api/json", auth=user)
    assert answer.status_code == 401
    assert "Basic" in answer.headers["WWW-Authenticate"]
    assert status(kit, "GET", "/api/json", headers={"Authorization": "Basic %%%"}) == 401


def test_the_matrix(kit: Kit) -> None:
    assert status(kit, "GET", f"{PATH}/api/json", READER) == 200
    assert status(kit, "GET", "/job/nobody/api/json", READER) == 404
    assert status(kit, "POST", START, kit.token(READER)) == 403
    assert status(kit, "POST", START, kit.token(BUILDER)) == 201
    kit.idle()
    assert status(kit, "POST", f"{PATH}/1/stop", kit.token(READER)) == 403
    assert status(kit, "POST", f"{PATH}/1/doDelete", kit.token(READER)) == 403
    assert status(kit, "GET", f"{PATH}/config.xml", READER) == 403
    assert status(kit, "GET", f"{PATH}/config.xml", ADMIN) == 200
    assert status(kit, "GET", "/pluginManager/api/json", READER) == 403


def test_what_one_may_not_read_is_not_there(tmp_path: Path) -> None:
    strategy = {
        "globalMatrix": {
            "entries": [
                {"group": {"name": "authenticated", "permissions": ["Overall/Read"]}},
                {"user": {"name": "reader", "permissions": ["Job/Discover"]}},
                {"user": {"name": "anonymous", "permissions": ["Overall/Read", "Job/Discover"]}},
            ]
        }
    }
    write_casc(tmp_path / "casc", BASE | {"jenkins": BASE["jenkins"] | {"authorizationStrategy": strategy}})
    with controller(tmp_path) as kit:
        assert status(kit, "GET", f"{PATH}/api/json") == 403
        assert kit.get("/api/json", BUILDER)["jobs"] == []
        # What anonymous has, everybody has.
        assert status(kit, "GET", f"{PATH}/api/json", BUILDER) == 403
    strategy["globalMatrix"]["entries"].pop()
    write_casc(tmp_path / "casc", BASE | {"jenkins": BASE["jenkins"] | {"authorizationStrategy": strategy}})
    with controller(tmp_path) as kit:
        assert status(kit, "GET", f"{PATH}/api/json", BUILDER) == 404
        assert status(kit, "GET", f"{PATH}/api/json", READER) == 403


def test_logged_in_users_can_do_anything(tmp_path: Path) -> None:
    strategy = {"loggedInUsersCanDoAnything": {"allowAnonymousRead": False}}
    write_casc(tmp_path / "casc", BASE | {"jenkins": BASE["jenkins"] | {"authorizationStrategy": strategy}})
    with controller(tmp_path) as kit:
        assert status(kit, "GET", "/api/json") == 403
        assert status(kit, "GET", "/pluginManager/api/json", READER) == 200


def test_a_password_needs_a_crumb_of_its_own_session(kit: Kit) -> None:
    assert status(kit, "POST", START, BUILDER) == 403
    assert status(kit, "POST", START, BUILDER, headers={"Jenkins-Crumb": "made-up"}) == 403
    given = crumb(kit.http, BUILDER)
    assert status(kit, "POST", START, BUILDER, headers=given) == 201
    assert status(kit, "POST", START, BUILDER, data=given) == 201
    kit.http.cookies.clear()
    assert status(kit, "POST", START, BUILDER, headers=given) == 403
    crumb(kit.http, BUILDER)
    assert status(kit, "POST", START, BUILDER, headers=given) == 403
    given = crumb(kit.http, READER)
    assert status(kit, "POST", START, BUILDER, headers=given) == 403


def test_a_token_needs_no_crumb_and_can_be_revoked(kit: Kit) -> None:
    tokens = "/me/descriptorByName/jenkins.security.ApiTokenProperty"
    assert status(kit, "POST", f"{tokens}/generateNewToken", BUILDER) == 403
    given = crumb(kit.http, BUILDER)
    answer = kit.http.post(f"{tokens}/generateNewToken", data={"newTokenName": "mine"}, headers=given, auth=BUILDER).json()
    assert (answer["status"], answer["data"]["tokenName"]) == ("ok", "mine")
    user = ("builder", answer["data"]["tokenValue"])
    assert kit.get("/me/api/json", user)["id"] == "builder"
    assert status(kit, "GET", "/me/api/json", ("reader", user[1])) == 401
    assert status(kit, "POST", START, user) == 201
    assert user[1] not in (kit.jenkins.options.home / "jenkins.sqlite").read_bytes().decode("latin-1")
    assert status(kit, "POST", f"/user/reader{tokens[3:]}/generateNewToken", user) == 404
    kit.http.post(f"{tokens}/revoke", data={"tokenUuid": answer["data"]["tokenUuid"]}, auth=user)
    assert status(kit, "GET", "/me/api/json", user) == 401


def login(kit: Kit, name: str, password: str, back: str = "/queue/") -> httpx.Response:
    return kit.http.post("/j_spring_security_check", data={"j_username": name, "j_password": password, "from": back})


def test_the_login_form(kit: Kit) -> None:
    assert login(kit, "builder", "wrong").headers["Location"] == "/loginError"
    assert kit.http.get("/loginError").status_code == 401
    assert kit.http.get("/").status_code == 403
    answer = login(kit, *BUILDER)
    assert answer.headers["Location"] == "/queue/"
    assert "HttpOnly" in answer.headers["Set-Cookie"]
    assert "SameSite=lax" in answer.headers["Set-Cookie"]
    assert kit.http.get("/whoAmI/api/json").json()["name"] == "builder"
    assert kit.http.get("/login").status_code == 200
    assert kit.http.post(START).status_code == 403
    assert kit.http.post(START, headers=crumb(kit.http, None)).status_code == 201
    assert kit.http.get("/logout").status_code == 302
    assert kit.http.get("/").status_code == 403


@pytest.mark.parametrize("back", ["//evil.test", "http://evil.test", "/\\evil.test", "", "\r\n/x", "/a\r\nSet-Cookie: a=b"])
def test_a_login_leads_nowhere_else(kit: Kit, back: str) -> None:
    assert login(kit, *BUILDER, back=back).headers["Location"] == "/"


def test_a_login_starts_a_new_session(kit: Kit) -> None:
    crumb(kit.http, READER)
    before = dict(kit.http.cookies)
    login(kit, *BUILDER)
    assert dict(kit.http.cookies) != before


@pytest.mark.parametrize(
    "path",
    ["/createItem?name=x", f"{PATH}/config.xml", f"{PATH}/doDelete", f"{PATH}/disable", "/script", "/scriptText", "/job/acme/createItem"],
)
def test_jobs_and_settings_are_left_to_configuration_as_code(kit: Kit, path: str) -> None:
    assert status(kit, "POST", path, kit.token(), content="<project/>") == 403
    assert JOB in kit.jenkins.items


def test_a_removed_user_is_out_at_once(kit: Kit) -> None:
    login(kit, *READER)
    assert kit.http.get("/").status_code == 200
    users = [each for each in BASE["jenkins"]["securityRealm"]["local"]["users"] if each["id"] != "reader"]
    write_casc(kit.casc, BASE | {"jenkins": BASE["jenkins"] | {"securityRealm": {"local": {"users": users}}}})
    kit.jenkins.reload()
    assert kit.http.get("/").status_code == 403
