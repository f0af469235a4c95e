"""GitLab for releases: the connection, and what its errors mean to a user."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import gitlab
import requests
from gitlab.exceptions import GitlabAuthenticationError, GitlabError, GitlabHttpError
from gitlab.v4.objects import Project

from gitops.release.errors import ReleaseError, UnreachableError

ANSWER_LIMIT = 2 * 2**20
"""Bytes of an answer that we are ready to read: a file of 1 MiB in base64, with room to spare."""


@dataclass(frozen=True, kw_only=True)
class GitlabAccess:
    """url: of GitLab. project: full path or number of the GitOps project. token: may write its branch. ca: PEM file of authorities; None
    for the usual ones."""

    url: str
    project: str
    token: str = field(repr=False)
    ca: str | None = None

    def connect(self) -> Project:
        """The GitOps project; nothing is asked yet. Transient faults and rate limits are borne with, by waiting."""
        client = gitlab.Gitlab(self.url, private_token=self.token, ssl_verify=self.ca or True, retry_transient_errors=True, timeout=30)
        return client.projects.get(self.project, lazy=True)


class TooLargeError(Exception):
    """An answer was larger than ANSWER_LIMIT."""


def get_limited(project: Project, path: str, **query: str) -> dict[str, Any] | None:
    """The JSON object at a path below the project; None where there is none. Raises TooLargeError without reading the rest."""
    place = f"/projects/{quote(str(project.encoded_id), safe='%')}{path}"
    try:
        answer = project.manager.gitlab.http_request("get", place, query_data=query, streamed=True)
    except GitlabHttpError as error:
        if error.response_code == 404:
            return None
        raise
    with answer:
        content = bytearray()
        for part in answer.iter_content(2**16):
            content += part
            if len(content) > ANSWER_LIMIT:
                raise TooLargeError
    return dict(json.loads(content))


@contextmanager
def explained(access: GitlabAccess) -> Iterator[None]:
    """Turn what GitLab refuses, and what keeps us from it, into UnreachableError; the token is not in its text."""
    try:
        yield
    except ReleaseError:
        raise
    except GitlabAuthenticationError:
        raise UnreachableError(
            f"GitLab at {access.url} refuses the token (HTTP 401). "
            "Next: give one that is valid in SLIPWAY_GITLAB_TOKEN or SLIPWAY_GITLAB_TOKEN_FILE."
        ) from None
    except GitlabError as error:
        hint = {
            403: "the token needs the scope api, and the right to push to the branch",
            404: "see that the project is spelt so, and that the token's user is a member of it",
        }.get(error.response_code or 0, "see whether GitLab is well, then run this again")
        raise UnreachableError(
            f"GitLab at {access.url} answered {error.response_code} for the project {access.project}: {error.error_message}. Next: {hint}."
        ) from None
    except requests.RequestException as error:
        raise UnreachableError(
            f"GitLab at {access.url} does not answer ({type(error).__name__}). Next: see whether it is well and can be reached from here."
        ) from None
