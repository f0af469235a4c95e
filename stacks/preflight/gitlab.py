"""Whether GitLab is there, the token may do what the platform needs, and the names to be made are free."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

import httpx
import pulumi

from components.gitlab_repository import managed_by
from stacks.model import Gitlab
from stacks.patience import PatientTransport

TIMEOUT_SECONDS = 10.0
MAINTAINER = 40
"""Who may make sub-groups and projects in a group, unless its owner allows less: https://docs.gitlab.com/user/permissions/"""
EXPIRES_SOON = timedelta(days=14)
NEW_TOKEN = "make another in GitLab, then: pulumi config set --secret --path gitlab.token"  # noqa: S105 (a text)


def problems(gitlab: Gitlab, stack: str) -> Iterator[str]:
    """A line for each thing that keeps the platform from using GitLab. Warns of a token that expires soon."""
    headers = {"PRIVATE-TOKEN": gitlab.token.get_secret_value()}
    try:
        with httpx.Client(
            base_url=f"{gitlab.url}/api/v4", headers=headers, timeout=TIMEOUT_SECONDS, transport=PatientTransport()
        ) as client:
            yield from _answers(gitlab, stack, client)
    except httpx.HTTPError as error:
        yield f"GitLab {gitlab.url} cannot be reached ({error}); check slipway:gitlab.url and the network"
    except (ValueError, TypeError, KeyError, AttributeError):  # JSON of another kind, or none
        yield f"{gitlab.url} answers, but not as GitLab's API does; set slipway:gitlab.url to GitLab's own address, without a path"


def _answers(gitlab: Gitlab, stack: str, client: httpx.Client) -> Iterator[str]:
    answer = client.get("/user")
    if answer.status_code in {401, 403}:
        yield _refused(gitlab, answer)
        return
    if answer.is_error:
        yield f"GitLab {gitlab.url} answers HTTP {answer.status_code} to /api/v4/user; expected 200; try again later"
        return
    user = answer.json()
    assert user["username"]
    yield from _token(gitlab, client.get("/personal_access_tokens/self"))  # 404 where GitLab is too old to tell
    yield from _group(gitlab, stack, client, user)


def _refused(gitlab: Gitlab, answer: httpx.Response) -> str:
    said = str(answer.json().get("error_description") or "") if "json" in answer.headers.get("content-type", "") else ""
    reason = f"{said.rstrip('.')}; " if said else ""
    return (
        f"GitLab {gitlab.url} refuses the token (HTTP {answer.status_code}); {reason}it needs the scope api and must not have expired: "
        "pulumi config set --secret --path gitlab.token"
    )


def _token(gitlab: Gitlab, answer: httpx.Response) -> Iterator[str]:
    if not answer.is_success:
        return
    token = answer.json()
    if "api" not in token["scopes"]:
        yield (f"the token for GitLab {gitlab.url} has the scopes {', '.join(token['scopes']) or 'none'}, expected api; {NEW_TOKEN}")
    if token.get("expires_at") and date.fromisoformat(token["expires_at"]) - date.today() < EXPIRES_SOON:
        pulumi.log.warn(f"the token for GitLab {gitlab.url} expires on {token['expires_at']}; {NEW_TOKEN}")


def _group(gitlab: Gitlab, stack: str, client: httpx.Client, user: dict[str, Any]) -> Iterator[str]:
    answer = client.get(f"/groups/{quote(gitlab.group, safe='')}", params={"with_projects": "false"})
    if answer.status_code == 404:
        yield f"GitLab group {gitlab.group!r} does not exist or the token cannot see it; make it in GitLab, or set slipway:gitlab.group"
        return
    if answer.is_error:
        yield f"GitLab {gitlab.url} answers HTTP {answer.status_code} for group {gitlab.group!r}; expected 200; try again later"
        return
    group = answer.json()
    if group.get("marked_for_deletion_on"):
        when = group["marked_for_deletion_on"]
        yield f"GitLab group {gitlab.group!r} is scheduled for deletion on {when}; restore it, or set slipway:gitlab.group"
    if not user.get("is_admin"):
        yield from _role(gitlab, client, user)
    yield from _free(gitlab, stack, client)


def _role(gitlab: Gitlab, client: httpx.Client, user: dict[str, Any]) -> Iterator[str]:
    member = client.get(f"/groups/{quote(gitlab.group, safe='')}/members/all/{user['id']}")
    level = member.json().get("access_level", 0) if member.is_success else 0
    if (member.is_success and level < MAINTAINER) or member.status_code == 404:
        yield (
            f"GitLab user {user['username']} has access level {level} in the group {gitlab.group!r}, expected at least {MAINTAINER} "
            "(Maintainer); let an owner of the group raise it, or use another token"
        )


def _free(gitlab: Gitlab, stack: str, client: httpx.Client) -> Iterator[str]:
    path = f"{gitlab.group}/{gitlab.subgroup or stack}"
    answer = client.get(f"/groups/{quote(path, safe='')}", params={"with_projects": "false"})
    if not answer.is_success:
        return
    found = answer.json()
    if found.get("marked_for_deletion_on"):
        yield (
            f"GitLab group {path!r} is scheduled for deletion on {found['marked_for_deletion_on']} and holds its path until then; "
            "delete it for good or restore it in GitLab, or set slipway:gitlab.subgroup"
        )
    elif managed_by(stack) not in (found.get("description") or ""):
        yield (
            f"GitLab group {path!r} is there already, and not of this stack (its description does not say {managed_by(stack)!r}); "
            "set slipway:gitlab.subgroup to a free name, or give it that description where it is the stack's own"
        )
