"""GitLab's hooks: `POST /project/<folder>/<job>`, answered as gitlab-plugin does. https://github.com/jenkinsci/gitlab-plugin"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from sandbox.services.jenkins import causes, hook_causes, parameters
from sandbox.services.jenkins.call import Call
from sandbox.services.jenkins.configuration import JOB_BUILD
from sandbox.services.jenkins.controller import Jenkins
from sandbox.services.jenkins.errors import HttpError, missing, not_found
from sandbox.services.jenkins.hook_filters import branch_allowed, labels_allowed
from sandbox.services.jenkins.hook_merge_requests import executable
from sandbox.services.jenkins.hook_payload import Payload, parse
from sandbox.services.jenkins.model import Item

PREFIX = "project"
LIMIT = 5 << 20  # bytes
PUSH, MERGE_REQUEST = "push", "merge_request"
EVENTS = {"Push Hook": PUSH, "Tag Push Hook": PUSH, "Merge Request Hook": MERGE_REQUEST, "Note Hook": "note", "Pipeline Hook": "pipeline"}
SYSTEM_EVENTS = {"push": PUSH, "tag_push": PUSH, "merge_request": MERGE_REQUEST}
NO_COMMIT = "0" * 40
CI_SKIP = "[ci-skip]"


def serve(call: Call) -> None:
    """Take a hook; returns for all that Jenkins answers with 200, built or not.

    Raises HttpError: 404 no such job, 401 wrong token, 403 the job has no token and the caller may not build it, 400 no hook of GitLab's.
    """
    item = _job(call.jenkins.items, call.path[1:])
    event = call.headers.get("x-gitlab-event", "")
    if call.method != "POST" or not event:
        return
    hook = parse(call.body)
    kind = EVENTS.get(event)
    if event == "System Hook":
        kind = SYSTEM_EVENTS.get((hook.text("object_kind") if hook else None) or "")
    if kind is None or (kind == PUSH and hook and hook.at("repository").given and hook.at("repository").text("url") is None):
        return
    trigger = item.gitlab_trigger
    if trigger is None:
        return
    _check(call, trigger)
    if hook is None:
        raise HttpError(400, "the body is no JSON object, expected a hook as GitLab sends it")
    if kind == PUSH:
        _push(call.jenkins, item, trigger, hook)
    elif kind == MERGE_REQUEST:
        _merge_request(call.jenkins, item, trigger, hook)


def _job(items: Mapping[str, Item], names: list[str]) -> Item:
    """Return the job that the beginning of a path names; what follows is not looked at."""
    for end in range(1, len(names) + 1):
        item = items.get("/".join(names[:end]))
        if item is None:
            break
        if item.kind != "folder":
            return item
    raise not_found()


def _check(call: Call, trigger: Mapping[str, Any]) -> None:
    secret = str(trigger.get("secretToken") or "")
    if not secret:
        if call.caller.configuration.authenticated_endpoint and not call.caller.may(JOB_BUILD):
            raise missing(call.caller.user or "anonymous", JOB_BUILD)
        return
    given = call.headers.get("x-gitlab-token")
    same = hmac.compare_digest(_hashed(given or ""), _hashed(secret))
    if given is None or not same:
        raise HttpError(401, "Invalid token")


def _hashed(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def _push(jenkins: Jenkins, item: Item, trigger: Mapping[str, Any], hook: Payload) -> None:
    after, branch = hook.text("after"), hook_causes.branch_of(hook)
    if not trigger.get("triggerOnPush", True):
        return
    if after in (None, NO_COMMIT) and not trigger.get("triggerToBranchDeleteRequest"):
        return
    commits = hook.each("commits")
    if trigger.get("ciSkip", True) and commits and CI_SKIP in (commits[-1].text("message") or ""):
        return
    if branch_allowed(trigger, branch, branch):
        _build(jenkins, item, hook_causes.of_push(hook))


def _merge_request(jenkins: Jenkins, item: Item, trigger: Mapping[str, Any], hook: Payload) -> None:
    request = hook.at("object_attributes")
    if not executable(trigger, hook, (json.loads(row["environment"]) for row in jenkins.store.builds(item.path))):
        return
    if not labels_allowed(trigger.get("mergeRequestLabelFilterConfig"), [each.text("title") or "" for each in hook.each("labels")]):
        return
    told = f"{request.text('description')}\n{request.at('last_commit').text('message')}"
    if trigger.get("ciSkip", True) and CI_SKIP in told:
        return
    source, target = request.text("source_branch"), request.text("target_branch")
    if branch_allowed(trigger, source, target):
        cause = hook_causes.of_merge_request(hook)
        if request.text("action") == "update":
            _cancel_older(jenkins, item, trigger, source)
        _build(jenkins, item, cause)


def _cancel_older(jenkins: Jenkins, item: Item, trigger: Mapping[str, Any], branch: str | None) -> None:
    def older(text: str) -> bool:
        variables = json.loads(text)
        return bool(variables.get("gitlabActionType") == "MERGE" and variables.get("gitlabSourceBranch") == branch)

    if trigger.get("cancelPendingBuildsOnUpdate"):
        for row in jenkins.store.waiting():
            if row["job"] == item.path and older(row["environment"]):
                jenkins.queue.cancel(row["id"])
    if trigger.get("cancelRunningBuildsOnUpdate"):
        for row in jenkins.store.running():
            if row["job"] == item.path and older(row["environment"]):
                jenkins.queue.stop(item.path, row["number"])


def _build(jenkins: Jenkins, item: Item, cause: hook_causes.HookCause) -> None:
    jenkins.queue.schedule(
        item.path, parameters.defaults(item), causes.by_gitlab(cause.text), environment=cause.variables, revision=cause.revision
    )
