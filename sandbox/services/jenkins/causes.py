"""Why a build started, as the API tells it."""

from typing import Any


def by_user(id: str | None, name: str) -> dict[str, Any]:
    """Return the cause of a build that somebody started."""
    text = f"Started by user {name}"
    return {"_class": "hudson.model.Cause$UserIdCause", "shortDescription": text, "userId": id, "userName": name}


def by_build(caller: str) -> dict[str, Any]:
    """Return the cause of a build that another started: `caller` is its job and number, as `acme/build/shop #3`."""
    job, mark, number = caller.rpartition(" #")
    cause: dict[str, Any] = {"_class": "org.jenkinsci.plugins.workflow.support.steps.build.BuildUpstreamCause"}
    if not mark or not number.isdecimal():
        return cause | {"shortDescription": caller}
    text = f'Started by upstream project "{job}" build number {number}'
    return cause | {"shortDescription": text, "upstreamProject": job, "upstreamBuild": int(number)}


def by_gitlab(text: str) -> dict[str, Any]:
    """Return the cause of a build that a hook started."""
    return {"_class": "com.dabsquared.gitlabjenkins.cause.GitLabWebHookCause", "shortDescription": text, "gitlab": True}
