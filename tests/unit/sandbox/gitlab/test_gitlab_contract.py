"""The stand-in against GitLab's own API description."""

from base64 import b64encode
from typing import Any

import pytest

from tests.unit.sandbox.gitlab import contract

CONTRACT = contract.load(contract.FILE)
KEY = "ssh-ed25519 " + b64encode(b"\0\0\0\x0bssh-ed25519" + bytes(32)).decode()

# GitLab has these, but its document (or the part for Swagger 2.0) leaves them out.
UNDOCUMENTED = {
    *(f"{method} /api/v4/{kind}/{{id}}/access_tokens{rest}" for kind in ("projects", "groups")
      for method, rest in (("GET", ""), ("POST", ""), ("GET", "/{token_id}"), ("DELETE", "/{token_id}"), ("POST", "/{token_id}/rotate"))),
    "GET /api/v4/user", "GET /api/v4/users", "POST /api/v4/users", "GET /api/v4/users/{id}", "DELETE /api/v4/users/{id}",
    "POST /api/v4/users/{user_id}/personal_access_tokens", "PUT /api/v4/users/{id}",
    *(f"POST /api/v4/users/{{id}}/{verb}" for verb in ("block", "unblock", "deactivate", "activate")),
    *(f"{method} /api/v4/groups/{{id}}/hooks{rest}" for method, rest in (
        ("GET", ""), ("POST", ""), ("GET", "/{hook_id}"), ("PUT", "/{hook_id}"), ("DELETE", "/{hook_id}"), ("GET", "/{hook_id}/events"),
        ("POST", "/{hook_id}/events/{hook_log_id}/resend"), ("POST", "/{hook_id}/test/{trigger}"),
        *((verb, f"/{{hook_id}}/{kind}/{{key}}") for verb in ("PUT", "DELETE") for kind in ("custom_headers", "url_variables")),
    )),
    *(f"{method} /api/v4/projects/{{id}}/merge_requests/{{merge_request_iid}}/notes{rest}"
      for method, rest in (("GET", ""), ("POST", ""), ("GET", "/{note_id}"), ("PUT", "/{note_id}"), ("DELETE", "/{note_id}"))),
}  # fmt: skip


def test_the_extract_is_what_the_document_says() -> None:
    if not contract.WHOLE.exists():
        pytest.skip("GitLab's whole document is not beside the repository")
    whole = contract.extract(contract.load(contract.WHOLE))
    assert {"operations": CONTRACT["operations"], "definitions": CONTRACT["definitions"]} == whole


def test_every_route_is_one_of_gitlabs() -> None:
    served = {f"{method} {path}" for method, path in contract.served()}
    assert served - set(CONTRACT["operations"]) == UNDOCUMENTED
    assert set(CONTRACT["operations"]) <= served


@pytest.fixture(scope="module")
def answers(server: Any) -> dict[str, Any]:
    """One object for each definition, as the stand-in answers it."""
    root = server.client()
    parent = root.groups.get("platform").id

    def call(verb: str, path: str, /, **data: Any) -> Any:
        method = {"GET": root.http_get, "POST": root.http_post}[verb]
        return method(path, **({"post_data": data} if verb == "POST" else {}))

    group = call("POST", "/groups", name="contract", path="contract", parent_id=parent)
    at = f"/projects/{call('POST', '/projects', name='all', namespace_id=group['id'], initialize_with_readme=True)['id']}"
    action = {"action": "create", "file_path": "x", "content": "x"}
    commit = call("POST", f"{at}/repository/commits", branch="main", commit_message="x", actions=[action])
    deploy_token = call("POST", f"{at}/deploy_tokens", name="d", scopes=["read_repository"])
    call("POST", f"{at}/repository/branches", branch="side", ref="main")
    call("POST", f"{at}/repository/commits", branch="side", commit_message="y", actions=[action | {"file_path": "y"}])
    merge_request = call("POST", f"{at}/merge_requests", source_branch="side", target_branch="main", title="y")
    versions = call("GET", f"{at}/merge_requests/1/versions")
    return {
        "API_Entities_MergeRequest": merge_request,
        "API_Entities_MergeRequestBasic": call("GET", f"{at}/merge_requests")[0],
        "API_Entities_MergeRequestChanges": call("GET", f"{at}/merge_requests/1/changes"),
        "API_Entities_MergeRequestDiff": versions[0],
        "API_Entities_MergeRequestDiffFull": call("GET", f"{at}/merge_requests/1/versions/{versions[0]['id']}"),
        "API_Entities_UserBasic": merge_request["author"],
        "API_Entities_Metadata": call("GET", "/version"),
        "API_Entities_Group": group,
        "API_Entities_GroupDetail": call("GET", f"/groups/{group['id']}"),
        "API_Entities_ProjectWithAccess": call("GET", at),
        "API_Entities_Namespace": call("GET", f"/namespaces/{group['id']}"),
        "API_Entities_CommitDetail": commit,
        "API_Entities_Commit": call("GET", f"{at}/repository/branches/main")["commit"],
        "API_Entities_Branch": call("GET", f"{at}/repository/branches/main"),
        "API_Entities_Tag": call("POST", f"{at}/repository/tags", tag_name="v1", ref="main"),
        "API_Entities_TreeObject": call("GET", f"{at}/repository/tree")[0],
        "API_Entities_Diff": call("GET", f"{at}/repository/commits/{commit['id']}/diff")[0],
        "API_Entities_Compare": root.http_get(f"{at}/repository/compare", query_data={"from": "main", "to": "v1"}),
        "API_Entities_ProtectedBranch": call("GET", f"{at}/protected_branches/main"),
        "API_Entities_ProtectedTag": call("POST", f"{at}/protected_tags", name="v*"),
        "API_Entities_DeployKeysProject": call("POST", f"{at}/deploy_keys", title="k", key=KEY),
        "API_Entities_ProjectHook": call("POST", f"{at}/hooks", url="http://example.com"),
        "API_Entities_DeployTokenWithToken": deploy_token,
        "API_Entities_DeployToken": call("GET", f"{at}/deploy_tokens/{deploy_token['id']}"),
        "API_Entities_CommitStatus": call("POST", f"{at}/statuses/{commit['id']}", state="success"),
        "API_Entities_DeploymentExtended": call(
            "POST", f"{at}/deployments", environment="live", sha=commit["id"], ref="main", tag=False, status="success"
        ),
        "API_Entities_Deployment": call("GET", f"{at}/deployments")[0],
        "API_Entities_CommitNote": call("POST", f"{at}/repository/commits/main/comments", note="x"),
        "API_Entities_Environment": call("POST", f"{at}/environments", name="production"),
        "API_Entities_Ci_Variable": call("POST", f"{at}/variables", key="K", value="v"),
        "API_Entities_Member": call("GET", f"/groups/{parent}/members")[0],
        "API_Entities_PersonalAccessTokenWithLastUsedIps": call("GET", "/personal_access_tokens/self"),
    }


def test_answers_have_the_documented_fields(answers: dict[str, Any]) -> None:
    for name, answer in answers.items():
        documented = set(CONTRACT["definitions"][name])
        assert set(answer) <= documented, f"fields of {name} that GitLab does not have"
        assert documented - set(answer) == set(CONTRACT["omitted"].get(name, [])), f"fields of {name} that GitLab has"


def test_answers_have_the_documented_types(answers: dict[str, Any]) -> None:
    # The document says "string" of many numbers and flags, so only the other types are to be trusted.
    trusted = {"integer": int, "boolean": bool, "array": list}
    for name, answer in answers.items():
        for field, kind in CONTRACT["definitions"][name].items():
            if kind in trusted and answer.get(field) is not None:
                assert isinstance(answer[field], trusted[kind]), f"{name}.{field} is {answer[field]!r}, documented as {kind}"
