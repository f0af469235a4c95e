"""Whether a merge request's hook starts a build: the plugin's TriggerConfigChain, and what it asks beside."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from sandbox.services.jenkins.hook_payload import Payload

ACTIONS = {"open", "update", "approved", "merge", "close", "reopen"}
STATES = {"opened", "reopened", "updated", "closed", "merged", "locked"}
ALWAYS_BUILT = {"open", "approved", "merge"}
DRAFT = re.compile(r"\s*(Draft:|\[Draft\]|\(Draft\)).*")


def executable(trigger: Mapping[str, Any], hook: Payload, built: Iterable[Mapping[str, str]]) -> bool:
    """Tell whether the trigger takes the hook. `built`: variables of the job's builds, newest first."""
    request = hook.at("object_attributes")
    if not _by_config(trigger, _known(request, "state", STATES), _known(request, "action", ACTIONS)):
        return False
    if trigger.get("skipWorkInProgressMergeRequest") and request.flag("work_in_progress"):
        return False
    if _forced(trigger, hook):
        return True
    return not _already_built(request, built) and (_new_commit(trigger, request) or _no_draft_any_more(hook))


def _known(request: Payload, name: str, known: set[str]) -> str | None:
    value = request.text(name)
    return value if value in known else None


def _by_config(trigger: Mapping[str, Any], state: str | None, action: str | None) -> bool:
    """What the plugin does not know fits every rule."""

    def fits(states: set[str] | None, actions: set[str] | None) -> bool:
        return (states is None or state is None or state in states) and (actions is None or action is None or action in actions)

    on_push = trigger.get("triggerOpenMergeRequestOnPush")  # unset is not "never" to the plugin
    approved, closed = bool(trigger.get("triggerOnApprovedMergeRequest")), bool(trigger.get("triggerOnClosedMergeRequest"))
    if (on_push == "never" and fits({"opened", "updated"}, {"update"})) or (not approved and fits(None, {"approved"})):
        return False
    return (
        (on_push != "never" and fits({"updated"}, {"update"}))
        or (on_push not in ("never", None) and fits({"opened"}, {"update"}))
        or (approved and fits(None, {"approved"}))
        or (bool(trigger.get("triggerOnMergeRequest", True)) and fits({"opened", "reopened"}, None))
        or (bool(trigger.get("triggerOnAcceptedMergeRequest")) and fits(None, {"merge"}))
        or (closed and (fits(None, {"close"}) or fits({"closed"}, None)))
    )


def _forced(trigger: Mapping[str, Any], hook: Payload) -> bool:
    wanted = {each for each in str(trigger.get("labelsThatForcesBuildIfAdded") or "").strip().split(",") if each}
    labels = hook.at("changes", "labels")
    before = {each.text("id") for each in labels.each("previous")}
    return any(each.text("title") in wanted for each in labels.each("current") if each.text("id") not in before)


def _already_built(request: Payload, built: Iterable[Mapping[str, str]]) -> bool:
    commit = request.at("last_commit").text("id")
    if request.text("action") in ALWAYS_BUILT or commit is None:
        return False
    build = next((each for each in built if each.get("gitlabMergeRequestLastCommit") == commit), None)
    if build is None or build.get("gitlabMergeRequestState", "") != request.text("state"):
        return False
    return build.get("gitlabTargetBranch") == request.text("target_branch")


def _new_commit(trigger: Mapping[str, Any], request: Payload) -> bool:
    if trigger.get("triggerOnlyIfNewCommitsPushed") and request.text("action") == "update":
        return request.text("oldrev") is not None
    return True


def _no_draft_any_more(hook: Payload) -> bool:
    title = hook.at("changes", "title")
    now, before = title.text("current") or "", title.text("previous") or ""
    was_draft = bool(DRAFT.fullmatch(before)) and not DRAFT.fullmatch(now)
    return was_draft or ("WIP" in before and "WIP" not in now)
