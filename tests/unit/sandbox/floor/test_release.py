"""The sample's release against the stand-in for GitLab."""

from collections.abc import Iterator
from typing import Any

import gitlab
import pytest
import requests

from sandbox.sample.release import commit_application
from tests.unit.sandbox.providers.gitlab_server import ROOT_TOKEN, serving


class Forgetful(requests.Session):
    """Loses the answer to the first commit."""

    lost = 0

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        answer = super().request(method, url, *args, **kwargs)
        if str(method).lower() == "post" and str(url).endswith("/commits") and not self.lost:
            self.lost += 1
            raise requests.ConnectionError("cut")
        return answer


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("gitlab")) as url:
        yield url


def test_a_commit_whose_answer_was_lost_is_made_once(address: str) -> None:
    session = Forgetful()
    client = gitlab.Gitlab(address, private_token=ROOT_TOKEN, retry_transient_errors=True, session=session)
    project = client.projects.create({"name": "gitops", "namespace_id": client.groups.get("platform").id, "initialize_with_readme": True})
    files = {"values.yaml": "a: 1\n", "Chart.yaml": "name: sample\n"}
    commit = commit_application(client.projects.get(project.id), "sample", files, "Release")
    assert session.lost == 1
    commits = client.projects.get(project.id).commits.list(get_all=True)
    assert [each.title for each in commits] == ["Release", "Initial commit"]
    assert commit == commits[0].id
    assert commit_application(client.projects.get(project.id), "sample", files, "Release") is None
