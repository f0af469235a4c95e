"""The verb by which a job tells GitLab how a commit fares: statuses, and a comment on its scan."""

import os
from pathlib import Path
from typing import Any

import click
import gitlab
import requests
from gitlab.exceptions import GitlabError
from gitlab.v4.objects import ProjectCommit

from gitops.release.comment import MARK, scan_comment
from gitops.release.errors import RefusedError, UnreachableError
from gitops.release.facts import COMMIT
from gitops.release.options import ca_option, options
from gitops.release.parameters import Parameters
from gitops.release.parameters import read as read_parameters
from gitops.release.reports import Step, read, save
from gitops.release.statuses import ORDER, Status, statuses, table


@click.command()
@click.option(
    "--result", envvar="RESULT", show_envvar=True, default="", help="How the build ended, in Jenkins' words; empty while it runs."
)
@options(ca_option)
def report(result: str, ca_bundle: str | None) -> None:
    """Set the statuses at the commit SOURCE, by the token in SLIPWAY_STATUS_TOKEN, and print what each step took."""
    folder = Path(os.environ.get("SLIPWAY_REPORTS") or "reports")
    reports = read(folder, ORDER) if folder.is_dir() else {}
    if result and reports:
        click.echo(table(reports), nl=False)
        save(folder, "steps.txt", table(reports))
    try:
        _tell(reports, result, ca_bundle)
    except (UnreachableError, RefusedError) as error:
        if result:
            raise
        click.echo(f"slipway: {error.message}", err=True)


def _tell(reports: dict[str, Step], result: str, ca: str | None) -> None:
    source, token = _commit(reports), os.environ.get("SLIPWAY_STATUS_TOKEN", "").strip()
    if not source or not token:
        click.echo(f"No status is set: {'no commit is known' if token else 'SLIPWAY_STATUS_TOKEN is not given'}.", err=True)
        return
    known = read_parameters(os.environ)
    kind = os.environ.get("JOB_NAME", "").split("/")[-2]
    url = os.environ.get("SLIPWAY_GITLAB_URL", "")
    # How it ended is worth waiting for a GitLab that is away; that it has begun is not.
    client = gitlab.Gitlab(url, private_token=token, ssl_verify=ca or True, retry_transient_errors=bool(result), timeout=30)
    try:
        commit = client.projects.get(known.source, lazy=True).commits.get(source, lazy=True)
        _set(commit, list(statuses(kind, reports, result)))
        if "scan" in reports and "findings" in reports["scan"].details and result:
            _comment(commit, reports["scan"])
    except GitlabError as error:
        raise UnreachableError(_explained(known, url, error)) from None
    except requests.RequestException as error:
        raise UnreachableError(
            f"GitLab at {url} does not answer ({type(error).__name__}); {source[:12]} has no status. Next: see the build's log."
        ) from None


def _commit(reports: dict[str, Step]) -> str:
    """The commit that the job is about: the job's, or that of the version which was rolled back to."""
    given = os.environ.get("SOURCE", "")
    outcome: Any = reports["update"].details.get("outcome") if "update" in reports else None
    found = given or (str(outcome.get("source") or "") if isinstance(outcome, dict) else "")
    return found if COMMIT.fullmatch(found) else ""


def _set(commit: ProjectCommit, wanted: list[Status]) -> None:
    """Set what is not so already: GitLab refuses a status that changes nothing."""
    newest = {each.name: each for each in sorted(commit.statuses.list(get_all=True), key=lambda each: int(each.id))}
    target = os.environ.get("RUN_DISPLAY_URL") or os.environ.get("BUILD_URL", "")
    for each in wanted:
        there = newest.get(each.name)
        if there and (there.status, there.description or "", there.target_url) == (each.state, each.description, target):
            continue
        data = {"state": each.state, "name": each.name, "description": each.description, "target_url": target}
        branch = os.environ.get("BRANCH")
        commit.statuses.create(data | ({"ref": branch} if branch else {}))


def _comment(commit: ProjectCommit, scan: Step) -> None:
    text = scan_comment(scan, os.environ.get("BUILD_URL", ""))
    said = [str(each.note) for each in commit.comments.list(get_all=True) if MARK in str(each.note)]
    if not any(_without_link(each) == _without_link(text) for each in said):
        commit.comments.create({"note": text})


def _without_link(text: str) -> str:
    """A comment without its last line, which names the build."""
    return text.rpartition("\n")[0]


def _explained(known: Parameters, url: str, error: GitlabError) -> str:
    hint = {
        401: "the token has expired; raise slipway:rotation.tokens and run `pulumi up`",
        403: "the token needs the scope api, and the role Developer",
        404: "see that the project and the commit are there",
    }.get(error.response_code or 0, "see whether GitLab is well")
    return f"GitLab at {url} answered {error.response_code} for the statuses of {known.source}: {error.error_message}. Next: {hint}."
