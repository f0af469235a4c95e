"""What GitLab must be and allow, against the stand-in."""

import socket
import threading
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

import pytest

from stacks import patience
from tests.unit.stacks.conftest import STACK, World

NEXT = "make another in GitLab, then: pulumi config set --secret --path gitlab.token"


def user(world: World, level: int, scopes: list[str], expires: date | None = None) -> str:
    """A new user's token; the user has this access level in the group `platform` (0: none)."""
    name = f"u{uuid4().hex[:8]}"
    made = world.root.users.create({"username": name, "name": name, "email": f"{name}@example.com", "force_random_password": True})
    if level:
        world.root.groups.get("platform").members.create({"user_id": made.id, "access_level": level})
    when = {"expires_at": expires.isoformat()} if expires else {}
    return str(made.personal_access_tokens.create({"name": "t", "scopes": scopes, **when}).token)


def test_a_good_one_passes(world: World) -> None:
    assert world.problems() == ()


def test_a_token_that_is_none(world: World) -> None:
    world.config["gitlab"]["token"] = "not-a-token"
    [problem] = world.problems()
    assert problem.startswith(f"GitLab {world.gitlab} refuses the token (HTTP 401); ")
    assert problem.endswith("it needs the scope api and must not have expired: pulumi config set --secret --path gitlab.token")


def test_an_expired_token(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.config["gitlab"]["token"] = user(world, 50, ["api"], date.today() + timedelta(days=1))
    monkeypatch.setattr("sandbox.services.gitlab.auth.expired", lambda expires_at: expires_at is not None)
    [problem] = world.problems()
    assert problem.startswith(f"GitLab {world.gitlab} refuses the token (HTTP 401); ")


def test_a_token_that_only_reads(world: World) -> None:
    world.config["gitlab"]["token"] = user(world, 50, ["read_api"])
    assert world.problems() == (f"the token for GitLab {world.gitlab} has the scopes read_api, expected api; {NEXT}",)


@pytest.mark.parametrize("level", [30, 20])
def test_a_user_who_may_not_make_projects(world: World, level: int) -> None:
    world.config["gitlab"]["token"] = user(world, level, ["api"])
    [problem] = world.problems()
    assert f"has access level {level} in the group 'platform', expected at least 40 (Maintainer)" in problem
    assert problem.endswith("let an owner of the group raise it, or use another token")


def test_a_stranger_does_not_see_the_group(world: World) -> None:
    world.config["gitlab"]["token"] = user(world, 0, ["api"])
    [problem] = world.problems()
    assert problem.startswith("GitLab group 'platform' does not exist or the token cannot see it;")


def test_a_group_that_is_not_there(world: World) -> None:
    world.config["gitlab"]["group"] = "nobody"
    assert world.problems() == (
        "GitLab group 'nobody' does not exist or the token cannot see it; make it in GitLab, or set slipway:gitlab.group",
    )


def test_a_name_that_is_taken_and_one_that_is_our_own(world: World) -> None:
    path = f"taken-{uuid4().hex[:8]}"
    world.config["gitlab"]["subgroup"] = path
    assert world.problems() == ()
    parent = world.root.groups.get("platform")
    taken = world.root.groups.create({"name": path, "path": path, "parent_id": parent.id})
    says = f"Managed by slipway, stack {STACK}."
    assert world.problems() == (
        f"GitLab group 'platform/{path}' is there already, and not of this stack (its description does not say {says!r}); "
        "set slipway:gitlab.subgroup to a free name, or give it that description where it is the stack's own",
    )
    taken.description = says
    taken.save()
    assert world.problems() == ()


def test_an_unreachable_one(world: World) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        world.config["gitlab"]["url"] = url = f"http://127.0.0.1:{unused.getsockname()[1]}"
    [problem] = world.problems()
    assert problem.startswith(f"GitLab {url} cannot be reached (")
    assert problem.endswith("check slipway:gitlab.url and the network")


def test_a_host_that_does_not_exist(world: World) -> None:
    world.config["gitlab"]["url"] = "http://gitlab.invalid"
    [problem] = world.problems()
    assert problem.startswith("GitLab http://gitlab.invalid cannot be reached (")


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, b"<html>Welcome", "answers, but not as GitLab's API does; set slipway:gitlab.url to GitLab's own address, without a path"),
        (200, b"[]", "answers, but not as GitLab's API does; set slipway:gitlab.url to GitLab's own address, without a path"),
        (404, b"", "answers HTTP 404 to /api/v4/user; expected 200; try again later"),
        (503, b"", "answers HTTP 503 to /api/v4/user; expected 200; try again later"),
        (429, b"", "answers HTTP 429 to /api/v4/user; expected 200; try again later"),
    ],
)
def test_something_else_or_an_unwell_one(world: World, monkeypatch: pytest.MonkeyPatch, status: int, body: bytes, expected: str) -> None:
    monkeypatch.setattr(patience, "PAUSES", (0.0,))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        world.config["gitlab"]["url"] = f"http://127.0.0.1:{server.server_port}"
        [problem] = world.problems()
        server.shutdown()
    assert problem.endswith(expected)
