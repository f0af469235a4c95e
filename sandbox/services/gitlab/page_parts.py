"""Parts of the pages: merge requests, commit statuses, environments. Everything that came from outside is escaped here."""

import json
from html import escape

from sandbox.services.gitlab import mr_entities, statuses
from sandbox.services.gitlab.access import REPORTER, project_level
from sandbox.services.gitlab.auth import Caller
from sandbox.services.gitlab.git import Commit
from sandbox.services.gitlab.instance import Instance
from sandbox.services.gitlab.merge_requests import versions
from sandbox.services.gitlab.mergeability import detailed_status
from sandbox.services.gitlab.repo_entities import base, diffs
from sandbox.services.gitlab.store import Row

LIMIT = 20


def items(lines: list[str]) -> str:
    """Return a list of `lines`, which are HTML; nothing for no lines."""
    return f"<ul>{''.join(f'<li>{line}' for line in lines)}</ul>" if lines else ""


def commit_line(gitlab: Instance, project: Row, commit: Commit) -> str:
    """Return one commit with what its statuses mean together."""
    state = statuses.combined([row["status"] for row in statuses.latest(statuses.of_commit(gitlab, project, commit.id))])
    link = f'<a href="/{escape(project["full_path"])}/-/commit/{commit.id}"><code>{commit.id[:8]}</code></a>'
    text = f"{link} {commit.committed} {escape(commit.title)} ({escape(commit.author_name)})"
    return f"{text} <b>{escape(state)}</b>" if state else text


def merge_request_list(gitlab: Instance, project: Row) -> str:
    """Return the newest merge requests."""
    rows = gitlab.db.all("SELECT * FROM merge_requests WHERE project_id = ? ORDER BY iid DESC LIMIT ?", project["id"], LIMIT)
    address = f"/{escape(project['full_path'])}/-/merge_requests"
    lines = [
        f'<a href="{address}/{row["iid"]}">!{row["iid"]}</a> {escape(row["title"])}: {row["state"]},'
        f" {escape(row['source_branch'])} into {escape(row['target_branch'])}"
        for row in rows
    ]
    return f"<h2>Merge requests</h2>{items(lines)}" if lines else ""


def environment_list(gitlab: Instance, project: Row) -> str:
    """Return the environments."""
    rows = gitlab.db.all("SELECT * FROM environments WHERE project_id = ? ORDER BY name", project["id"])
    lines = [f"{escape(row['name'])}: {row['state']} {_link(json.loads(row['attributes'])['external_url'])}" for row in rows]
    return f"<h2>Environments</h2>{items(lines)}" if lines else ""


def merge_request(gitlab: Instance, caller: Caller | None, project: Row, row: Row) -> str:
    """Return one merge request with its notes, statuses and differences."""
    version = versions(gitlab, row)[0]
    sees_all = project_level(gitlab, caller, project) >= REPORTER
    rows = gitlab.db.all("SELECT * FROM notes WHERE merge_request_id = ? ORDER BY id", row["id"])
    notes = [mr_entities.note(gitlab, row, each) for each in rows if sees_all or not each["internal"]]
    lines = [
        f"{note['created_at']} <b>{escape((note['author'] or {}).get('name', '?'))}</b> <pre>{escape(note['body'])}</pre>" for note in notes
    ]
    head = (
        f"<p>{row['state']} ({detailed_status(gitlab, row)}): {escape(row['source_branch'])} into {escape(row['target_branch'])}"
        f"<pre>{escape(row['description'] or '')}</pre>"
    )
    found = mr_entities.diffs(gitlab, row, version)
    return head + status_list(gitlab, project, version["head"]) + f"<h2>Notes</h2>{items(lines)}" + _differences(found)


def commit(gitlab: Instance, project: Row, found: Commit) -> str:
    """Return one commit with its statuses and differences."""
    head = f"<p>{found.committed} {escape(found.author_name)}<pre>{escape(found.message)}</pre>"
    return head + status_list(gitlab, project, found.id) + _differences(diffs(gitlab.repository(project), base(found), found.id))


def status_list(gitlab: Instance, project: Row, sha: str) -> str:
    """Return the newest statuses of a commit."""
    lines = [
        f"{escape(row['name'])} ({escape(row['ref'])}): <b>{row['status']}</b> {escape(row['description'] or '')}"
        f" {_link(row['target_url'])}"
        for row in statuses.latest(statuses.of_commit(gitlab, project, sha))
    ]
    return f"<h2>Commit statuses</h2>{items(lines)}" if lines else ""


def _link(url: str | None) -> str:
    # Only http and https come in; a link with another scheme would run a script at a click.
    shown = escape(url or "")
    return f'<a href="{shown}" rel="noreferrer">{shown}</a>' if shown.lower().startswith(("http://", "https://")) else shown


def _differences(found: list[dict[str, object]]) -> str:
    files = [f"<h3>{escape(str(each['new_path']))}</h3><pre>{escape(str(each['diff']))}</pre>" for each in found]
    return f"<h2>Changes</h2>{''.join(files)}"
