"""The JSON API and what changes something, below the root: the queue, users, crumbs, plugins, nodes."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from starlette.responses import JSONResponse, Response

from sandbox.services.jenkins import build_entities, entities
from sandbox.services.jenkins.auth import CRUMB_FIELD, Caller
from sandbox.services.jenkins.call import Call
from sandbox.services.jenkins.configuration import ADMINISTER, AUTHENTICATED, JOB_CANCEL
from sandbox.services.jenkins.errors import HttpError, missing, not_found
from sandbox.services.jenkins.tree import Bean, render

API = ["api", "json"]
TOKENS = ["descriptorByName", "jenkins.security.ApiTokenProperty"]
OWNED = "jobs and settings are configuration as code here: change that instead"


def answer(call: Call, bean: Bean) -> Response:
    """Return a bean as JSON, as far as the query asks for it."""
    return JSONResponse(render(bean, call.parameter("tree"), call.parameter("depth")))


def refuse(call: Call) -> Response:
    """Refuse what would change jobs or settings, whoever asks."""
    raise HttpError(403, f"{'/'.join(call.path)[:200]}: {OWNED}")


def who_am_i(call: Call) -> Response:
    """Tell who calls."""
    caller = call.caller
    known = caller.user is not None
    return answer(
        call,
        _plain(
            "hudson.security.WhoAmI",
            anonymous=not known,
            authenticated=True,
            authorities=[AUTHENTICATED] if known else [],
            name=caller.user or "anonymous",
        ),
    )


def me(call: Call) -> Response:
    """Show the caller's user, and make and revoke its API tokens."""
    caller, rest = call.caller, call.path[1:] if call.path[0] == "me" else call.path[2:]
    named = call.path[1] if call.path[0] == "user" and len(call.path) > 1 else caller.user
    if caller.user is None:
        raise missing("anonymous", "Overall/Read")
    if rest == API:
        user = caller.configuration.users.get(named or "")
        if user is None:
            raise not_found()
        url = f"{call.jenkins.url}/user/{user.id}"
        return answer(call, _plain("hudson.model.User", absoluteUrl=url, description=None, fullName=user.name, id=user.id, property=[]))
    if rest[:2] == TOKENS and len(rest) == 3 and named == caller.user:
        call.require_post()
        return _tokens(call, caller.user, rest[2])
    raise not_found()


def _tokens(call: Call, user: str, verb: str) -> Response:
    if verb == "generateNewToken":
        name, uuid, value = call.door.new_token(user, call.parameter("newTokenName"))
        return JSONResponse({"status": "ok", "data": {"tokenName": name, "tokenUuid": uuid, "tokenValue": value}})
    if verb == "revoke":
        call.door.revoke(user, call.parameter("tokenUuid"))
        return JSONResponse({"status": "ok"})
    raise not_found()


def crumb(call: Call) -> Response:
    """Give the crumb of the caller's session, which is started if there is none."""
    caller = call.caller
    if not caller.session:
        session = call.door.sessions.start(None)
        caller = Caller(caller.configuration, caller.user, caller.name, caller.by_token, session)
        call.session = session
    value = call.door.sessions.crumb(caller)
    return answer(call, _plain("hudson.security.csrf.DefaultCrumbIssuer", crumb=value, crumbRequestField=CRUMB_FIELD))


def queue(call: Call) -> Response:
    """Show the queue or an item of it, or cancel one."""
    store, rest = call.jenkins.store, call.path[1:]
    if rest == API:
        rows = [row for row in store.waiting() if call.sees_job(row["job"])]
        shown = [replace(build_entities.queued(call, row), inline=True) for row in reversed(rows)]
        return answer(call, Bean("hudson.model.Queue", (), {"discoverableItems": list, "items": lambda: shown}))
    if rest[:1] == ["item"] and rest[2:] == API and rest[1].isdecimal():
        row = store.queued(int(rest[1][:18]))
        if row is None or not call.sees_job(row["job"]):
            raise not_found()
        return answer(call, build_entities.queued(call, row))
    if rest == ["cancelItem"]:
        return _cancel(call)
    raise not_found()


def _cancel(call: Call) -> Response:
    call.require_post()
    text = call.parameter("id")
    row = call.jenkins.store.queued(int(text[:18])) if text.isdecimal() else None
    if row is None or not call.sees_job(row["job"]):
        raise not_found()
    if not call.caller.may(JOB_CANCEL):
        raise HttpError(422, f"Item for id ({row['id']}) is not cancellable")
    if not call.jenkins.queue.cancel(row["id"]):
        raise not_found()
    return Response(status_code=204)


def computers(call: Call) -> Response:
    """Show the controller, which builds nothing; agents are pods, and come and go."""
    if call.path[1:] != API:
        raise not_found()
    node = {
        "_class": "hudson.model.Hudson$MasterComputer",
        **{"displayName": "Built-In Node", "executors": [], "idle": True, "jnlpAgent": False, "numExecutors": 0},
        **{"offline": False, "temporarilyOffline": False, "offlineCauseReason": ""},
    }
    return answer(call, _plain("hudson.model.ComputerSet", busyExecutors=0, computer=[node], displayName="Nodes", totalExecutors=0))


def plugins(call: Call) -> Response:
    """Show the plugins that the image lists."""
    call.require(ADMINISTER)
    if call.path[1:] != API:
        raise not_found()
    try:
        lines = call.jenkins.options.plugins.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        lines = []
    pairs = [line.split("#")[0].strip().partition(":") for line in lines]
    shown = [_plugin(name, version.partition(":")[0]) for name, _, version in pairs if name]
    return answer(call, Bean("hudson.LocalPluginManager", (), {"plugins": lambda: shown}))


def _plugin(name: str, version: str) -> Bean:
    return _plain(
        "hudson.PluginWrapper", shortName=name, longName=name, version=version, active=True, enabled=True, deleted=False, hasUpdate=False,
        pinned=False, bundled=False, dependencies=[], url=None,
    )  # fmt: skip


def root(call: Call) -> Response:
    """Show the controller."""
    return answer(call, entities.root(call))


def _plain(kind: str, **values: Any) -> Bean:
    def constant(value: Any) -> Callable[[], Any]:
        return lambda: value

    return Bean(kind, (), {name: constant(value) for name, value in values.items()})
