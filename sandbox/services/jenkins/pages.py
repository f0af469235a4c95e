"""Plain pages for a person, readable without scripts; only a running build's console follows its log by one."""

import json
from html import escape
from urllib.parse import quote

from starlette.responses import Response

from sandbox.services.database import Row
from sandbox.services.jenkins import build_entities, entities
from sandbox.services.jenkins.auth import CRUMB_FIELD
from sandbox.services.jenkins.call import Call
from sandbox.services.jenkins.configuration import JOB_BUILD, JOB_CANCEL
from sandbox.services.jenkins.model import Item, Parameter
from sandbox.services.jenkins.page_parts import FOLLOW, lasted, link, page, plain, table, when
from sandbox.services.jenkins.parameters import defaults
from sandbox.services.jenkins.record import job_path, text_of
from sandbox.services.jenkins.store import LOG

LAST = 1 << 20
"""Bytes at the end of a log that its page shows."""
MOST = 50
"""Builds on a job's page."""
BACK = "back-to-page"
"""Field of this form alone: a browser wants a page as answer, a client the queue item's address."""


def path(job: str) -> str:
    """Return the path of an item's page."""
    return f"/{quote(job_path(job))}/"


def root(call: Call) -> Response:
    """Show the items at the top."""
    message = call.jenkins.configuration.system_message
    return page("Jenkins", (f"<p>{escape(message)}" if message else "") + _items(call, ""))


def folder(call: Call, item: Item) -> Response:
    """Show a folder."""
    return page(item.path.rpartition("/")[2], f"<p>{escape(item.description)}{_items(call, item.path)}", crumbs=_above(item.path))


def _items(call: Call, where: str) -> str:
    def line(item: Item) -> list[str]:
        last = call.jenkins.store.newest(item.path) if item.kind != "folder" else None
        shown = f"{_link(last)} {_state(last)}" if last else ""
        return [link(path(item.path), item.path.rpartition("/")[2]), item.kind, shown, escape(item.description)]

    return table(["Name", "Kind", "Last build", "Description"], [line(item) for item in entities.children(call, where)])


def job(call: Call, item: Item) -> Response:
    """Show a job with its builds, and the form that starts one."""
    waiting = [row for row in call.jenkins.store.waiting() if row["job"] == item.path]
    queued = "".join(f"<p>Queued: {escape(call.jenkins.queue.why(row))}" for row in waiting)
    rows = [
        [
            _link(row),
            *(_state(row), when(row["started"]), lasted(row["duration"]) if row["result"] else "", escape(row["description"])),
        ]
        for row in call.jenkins.store.builds(item.path, MOST)
    ]
    history = table(["Build", "Result", "Started", "Took", "Description"], rows)
    body = f"<p>{escape(item.description)}{queued}<h2>Builds</h2>{history}{_start(call, item)}"
    return page(item.path.rpartition("/")[2], body, crumbs=_above(item.path))


def _start(call: Call, item: Item) -> str:
    if not call.caller.may(JOB_BUILD):
        return ""
    values = defaults(item)
    fields = "".join(f"<p><label>{escape(each.name)} {_field(each, text_of(values[each.name]))}</label>" for each in item.parameters)
    verb = "buildWithParameters" if item.parameters else "build"
    back = f'<input type="hidden" name="{BACK}" value="{escape(path(item.path))}">'
    return f"<h2>Build</h2>{_form(call, path(item.path) + verb, back + fields, 'Build')}"


def _field(parameter: Parameter, value: str) -> str:
    name = escape(parameter.name)
    if parameter.kind == "choice":
        return f'<select name="{name}">{"".join(f"<option>{escape(each)}</option>" for each in parameter.choices)}</select>'
    if parameter.kind == "boolean":
        other = "false" if value == "true" else "true"
        return f'<select name="{name}"><option>{value}</option><option>{other}</option></select>'
    if parameter.kind == "text":
        return f'<textarea name="{name}">{escape(value)}</textarea>'
    return f'<input name="{name}" value="{escape(value)}">'


def _form(call: Call, address: str, fields: str, label: str) -> str:
    crumb = call.door.sessions.crumb(call.caller) if call.caller.session else ""
    hidden = f'<input type="hidden" name="{CRUMB_FIELD}" value="{escape(crumb)}">'
    return f'<form method="post" action="{escape(address)}">{hidden}{fields}<p><button>{escape(label)}</button></form>'


def build(call: Call, item: Item, row: Row) -> Response:
    """Show a build."""
    causes = "".join(f"<li>{escape(each['shortDescription'])}" for each in json.loads(row["causes"]))
    values = json.loads(row["parameters"]).items()
    files = build_entities.artifacts(call.jenkins.store.folder(row["job"], row["number"]))
    stop = row["result"] is None and call.caller.may(JOB_CANCEL)
    body = (
        f"<p><b>{_state(row)}</b>, started {when(row['started'])}" + (f", took {lasted(row['duration'])}" if row["result"] else "")
        + f"<p>{escape(row['description'])}<ul>{causes}</ul>{link('console', 'Console output')}"
        + (_form(call, f"{path(item.path)}{row['number']}/stop", "", "Stop") if stop else "")
        + f"<h2>Parameters</h2>{table(['Name', 'Value'], [[escape(name), escape(text_of(value))] for name, value in values])}"
        + f"<h2>Artifacts</h2>{table(['File'], [[link(f'artifact/{quote(file)}', file)] for file in files])}"
    )  # fmt: skip
    return page(_title(row), body, crumbs=[*_above(item.path), (path(item.path), item.path.rpartition("/")[2])])


def console(call: Call, item: Item, row: Row) -> Response:
    """Show the log of a build; while it runs the page follows it, and without scripts it is loaded again."""
    data = (call.jenkins.store.folder(row["job"], row["number"]) / LOG).read_bytes()
    shown, running = data[-LAST:], row["result"] is None
    if running:
        shown = shown[: shown.rfind(b"\n") + 1]
    size = max(len(data) - LAST, 0) + len(shown)
    note = f"<p>The first {len(data) - LAST} bytes are left out: {link('consoleText', 'the whole log')}." if len(data) > LAST else ""
    head = '<noscript><meta http-equiv="refresh" content="3"></noscript>' if running else ""
    body = f"<p><b>{_state(row)}</b>{note}<pre>{plain(shown.decode('utf-8', 'replace'))}</pre>"
    script = FOLLOW.replace("SIZE", str(size)) if running else ""
    crumbs = [*_above(item.path), (path(item.path), item.path.rpartition("/")[2]), ("./", build_entities.build_title(row))]
    return page(f"{_title(row)} console", body, head=head, script=script, crumbs=crumbs)


def queue(call: Call) -> Response:
    """Show what waits."""
    rows = [row for row in call.jenkins.store.waiting() if call.sees_job(row["job"])]
    lines = [[str(row["id"]), link(path(row["job"]), row["job"]), when(row["since"]), escape(call.jenkins.queue.why(row))] for row in rows]
    return page("Queue", table(["Item", "Job", "Since", "Why"], lines))


def _above(job: str) -> list[tuple[str, str]]:
    names = job.split("/")[:-1]
    return [(path("/".join(names[: end + 1])), name) for end, name in enumerate(names)]


def _link(row: Row) -> str:
    return link(f"{path(row['job'])}{row['number']}/", build_entities.build_title(row))


def _title(row: Row) -> str:
    return f"{row['job'].rpartition('/')[2]} {build_entities.build_title(row)}"


def _state(row: Row) -> str:
    return escape(row["result"] or "running")
