"""Addresses below `/job/`: folders, jobs and builds."""

import json
import mimetypes
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from starlette.responses import FileResponse, RedirectResponse, Response

from sandbox.services.database import Row
from sandbox.services.jenkins import build_entities, causes, entities, pages
from sandbox.services.jenkins.api import API, answer, refuse
from sandbox.services.jenkins.call import Call
from sandbox.services.jenkins.configuration import JOB_BUILD, JOB_CANCEL, JOB_CONFIGURE, RUN_DELETE
from sandbox.services.jenkins.errors import HttpError, missing, not_allowed, not_found
from sandbox.services.jenkins.model import Item
from sandbox.services.jenkins.parameters import values
from sandbox.services.jenkins.store import LOG

CHANGES = {"createItem", "doDelete", "doRename", "enable", "disable", "configSubmit", "doWipeOutWorkspace", "createView", "move"}
TEXT = "text/plain; charset=utf-8"


def serve(call: Call) -> Response:
    """Answer for a folder, a job or a build; raises HttpError."""
    names, rest = [], call.path
    while len(rest) >= 2 and rest[0] == "job":
        names.append(rest[1])
        rest = rest[2:]
    item = call.item("/".join(names))
    if rest[:1] == ["view"] and rest[1:2] == ["all"]:
        rest = rest[2:]
    if rest == API:
        return answer(call, entities.item(call, item))
    if not rest:
        return pages.folder(call, item) if item.kind == "folder" else pages.job(call, item)
    if rest == ["config.xml"] and call.method != "POST":
        return _config(call, item)
    if rest[0] in CHANGES or rest == ["config.xml"]:
        return refuse(call)
    if item.kind == "folder":
        raise not_found()
    if rest in (["build"], ["buildWithParameters"]):
        return _start(call, item, rest[0])
    return _build(call, item, _row(call, item, rest[0]), rest[1:])


def _row(call: Call, item: Item, name: str) -> Row:
    store = call.jenkins.store
    if name in entities.PERMALINKS:
        row = store.newest(item.path, *entities.PERMALINKS[name])
    else:
        row = store.build(item.path, int(name)) if name.isascii() and name.isdecimal() and len(name) < 10 else None
    if row is None:
        raise not_found()
    return row


def _config(call: Call, item: Item) -> Response:
    if not call.caller.may("Job/ExtendedRead") and not call.caller.may(JOB_CONFIGURE):
        raise missing(call.caller.user or "anonymous", "Job/ExtendedRead")
    tag = "com.cloudbees.hudson.plugins.folder.Folder" if item.kind == "folder" else "flow-definition"
    text = escape("".join(each for each in item.description if each.isprintable() or each in "\n\t"))
    xml = f"<?xml version='1.1' encoding='UTF-8'?>\n<{tag}>\n  <description>{text}</description>\n</{tag}>\n"
    return Response(xml, media_type="application/xml")


def _start(call: Call, item: Item, verb: str) -> Response:
    call.require(JOB_BUILD)
    call.require_post()
    given = _given(call, item, verb)
    try:
        chosen = values(item, given)
    except ValueError as error:
        raise HttpError(400, str(error)) from None
    cause = causes.by_user(call.caller.user, call.caller.name)
    id = call.jenkins.queue.schedule(item.path, chosen, cause)
    if pages.BACK in call.form:
        return RedirectResponse(pages.path(item.path), 303)
    return Response(status_code=201, headers={"Location": f"{call.base}/queue/item/{id}/"})


def _given(call: Call, item: Item, verb: str) -> dict[str, Any]:
    """Return the values in the request. `build` of a job with parameters takes the form that a browser sends, in its field `json`."""
    if verb == "build":
        return _submitted(call.parameter("json")) if item.parameters else {}
    if not item.parameters:
        raise HttpError(500, "This build is not parameterized!")
    given: dict[str, Any] = {}
    for each in item.parameters:
        several = [*call.query.getlist(each.name), *call.form.getlist(each.name)]
        if len(several) > 1:
            raise HttpError(400, f"Illegal number of parameter values for {each.name}: {len(several)}")
        given |= {each.name: several[0]} if several else {}
    return given


def _submitted(text: str) -> dict[str, Any]:
    if not text:
        raise HttpError(400, "Nothing is submitted: a job with parameters takes buildWithParameters")
    try:
        parameters = json.loads(text)["parameter"]
        listed = parameters if isinstance(parameters, list) else [parameters]
        return {str(each["name"]): each.get("value", "") for each in listed}
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise HttpError(400, 'json is wrong, expected {"parameter": [{"name": ..., "value": ...}]}') from None


def _build(call: Call, item: Item, row: Row, rest: list[str]) -> Response:
    if rest == API:
        return answer(call, build_entities.build(call, row))
    if not rest:
        return pages.build(call, item, row)
    if rest == ["consoleText"]:
        return Response(_log(call, row).read_bytes(), media_type=TEXT)
    if rest == ["console"]:
        return pages.console(call, item, row)
    if rest == ["logText", "progressiveText"]:
        return _progressive(call, row)
    if rest in (["stop"], ["term"], ["kill"]):
        return _stop(call, row)
    if rest == ["doDelete"]:
        return _delete(call, row)
    if rest[0] == "artifact":
        return _artifact(call, row, rest[1:])
    raise not_found()


def _log(call: Call, row: Row) -> Path:
    return call.jenkins.store.folder(row["job"], row["number"]) / LOG


def _progressive(call: Call, row: Row) -> Response:
    """Give the log from `start` on, whole lines while the build runs."""
    text = call.parameter("start", "0")
    start = int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else 0
    more = row["result"] is None  # as it was before the log is read: an end since then is told by the next call
    with _log(call, row).open("rb") as log:
        size = log.seek(0, 2)
        start = log.seek(start if start <= size else 0)
        data = log.read(size - start)
    if more:
        data = data[: data.rfind(b"\n") + 1]
    headers = {"X-Text-Size": str(start + len(data))} | ({"X-More-Data": "true"} if more else {})
    return Response(data, media_type=TEXT, headers=headers)


def _stop(call: Call, row: Row) -> Response:
    call.require(JOB_CANCEL)
    call.require_post()
    call.jenkins.queue.stop(row["job"], row["number"])
    return RedirectResponse(f"{pages.path(row['job'])}{row['number']}/", 302)


def _delete(call: Call, row: Row) -> Response:
    call.require(RUN_DELETE)
    call.require_post()
    if row["result"] is None:
        raise HttpError(400, f"Unable to delete {row['job']} #{row['number']}: it is still running; stop it first")
    call.jenkins.store.delete_build(row)
    return RedirectResponse(pages.path(row["job"]), 302)


def _artifact(call: Call, row: Row, parts: list[str]) -> Response:
    if call.method not in ("GET", "HEAD"):
        raise not_allowed("GET")
    archive = call.jenkins.store.folder(row["job"], row["number"]) / build_entities.ARCHIVE
    path = "/".join(parts)
    if path not in build_entities.artifacts(archive.parent):
        raise not_found()
    kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
    # Builds make these files: a page of theirs may run nothing here.
    return FileResponse(archive / path, media_type=kind, headers={"Content-Security-Policy": "sandbox; default-src 'none'"})
