"""Preflight against a small HTTP server that answers as GitLab documents."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from components.versions import CHARTS
from stacks import preflight, settings
from stacks.problems import Problems
from tests.unit.graph import NODE

TOKEN = "a-good-token"
READER = "a-token-that-only-reads"


class Gitlab(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.headers["PRIVATE-TOKEN"] not in (TOKEN, READER):
            return self._answer(401, {"message": "401 Unauthorized"})
        if self.path == "/api/v4/user":
            return self._answer(200, {"username": "bot"})
        if self.path == "/api/v4/personal_access_tokens/self":
            return self._answer(200, {"scopes": ["api"] if self.headers["PRIVATE-TOKEN"] == TOKEN else ["read_api", "read_user"]})
        if self.path.startswith("/api/v4/groups/example%2Fplatform?"):
            return self._answer(200, {"id": 1})
        return self._answer(404, {"message": "404 Group Not Found"})

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@pytest.fixture
def gitlab() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Gitlab) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def configuration(url: str, *, token: str = TOKEN, group: str = "example/platform", **changes: Any) -> dict[str, str]:
    config = {**NODE, "gitlab": json.dumps({"url": url, "token": token, "group": group})}
    return config | {key: json.dumps(value) for key, value in changes.items()}


def problems(url: str, **changes: Any) -> tuple[str, ...]:
    """What preflight finds wrong."""
    with pytest.raises(Problems) as caught:
        preflight.check(settings.parse(configuration(url, **changes)))
    assert TOKEN not in str(caught.value)
    return caught.value.problems


def test_a_refused_token_is_named_but_not_shown(gitlab: str) -> None:
    (problem,) = problems(gitlab, token="a-bad-token")
    assert problem == (
        f"GitLab {gitlab} refuses the token (HTTP 401); it needs the scope api and must not have expired: "
        "pulumi config set --secret --path gitlab.token"
    )
    assert "a-bad-token" not in problem


def test_a_token_without_the_scope_api(gitlab: str) -> None:
    (problem,) = problems(gitlab, token=READER)
    assert problem == (
        f"the token for GitLab {gitlab} has the scopes read_api, read_user, expected api; "
        "make another in GitLab, then: pulumi config set --secret --path gitlab.token"
    )


def test_a_group_that_is_not_there(gitlab: str) -> None:
    (problem,) = problems(gitlab, group="nobody")
    assert problem.startswith("GitLab group 'nobody' does not exist or the token cannot see it;")


def test_an_unreachable_gitlab() -> None:
    (problem,) = problems("http://127.0.0.1:9")
    assert problem.startswith("GitLab http://127.0.0.1:9 cannot be reached (")
    assert problem.endswith("check slipway:gitlab.url and the network")


def test_all_that_is_wrong_is_said_at_once(gitlab: str, tmp_path: Path) -> None:
    kubeconfig = {"kubeconfig": {"path": str(tmp_path / "none"), "context": "dev"}}
    found = problems(gitlab, group="nobody", charts={"source": str(tmp_path)}, cluster=kubeconfig)
    assert [problem.split()[0] for problem in found] == ["chart", "chart", "GitLab", "kubeconfig"]


def test_a_good_environment_passes(gitlab: str, tmp_path: Path) -> None:
    for pin in CHARTS:
        (tmp_path / pin.name).mkdir()
        (tmp_path / pin.name / "Chart.yaml").touch()
    preflight.check(settings.parse(configuration(gitlab, charts={"source": str(tmp_path)})))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("contexts: [{name: prod}]", "has no context 'dev', only: prod; set slipway:cluster.kubeconfig.context"),
        ("contexts: []", "has no context 'dev', only: none; set slipway:cluster.kubeconfig.context"),
        ("{not yaml", "is not one (no list of contexts); set slipway:cluster.kubeconfig.path"),
        ("just text", "is not one (no list of contexts); set slipway:cluster.kubeconfig.path"),
    ],
)
def test_a_kubeconfig_without_the_context(gitlab: str, tmp_path: Path, content: str, expected: str) -> None:
    file = tmp_path / "config"
    file.write_text(content)
    (problem,) = problems(gitlab, cluster={"kubeconfig": {"path": str(file), "context": "dev"}})
    assert problem == f"kubeconfig {file} {expected}"
